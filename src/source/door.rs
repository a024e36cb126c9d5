//! The one door through which files on disk are read for the tree's sake: regular files only, inside the tree by their real
//! path, nothing of git's own. A tree comes from strangers, and links, pipes and names in it lead wherever they like.
//! One race is left: whoever runs on the machine at the same time may exchange a folder for a link between the look and the
//! opening. The last component is safe from that: a link is not opened, and what was opened is asked what it is.

use std::collections::HashMap;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Component, Path, PathBuf};
use std::sync::RwLock;

use super::git;

/// Enters the folders of a tree.
#[derive(Debug)]
pub(crate) struct Door {
    /// Folders that may be entered, with all below them; canonical.
    tops: Vec<PathBuf>,
    /// Where git keeps the repositories around the tops; canonical.
    of_git: Vec<PathBuf>,
    /// Folders by the path they were asked for: where they really are.
    folders: RwLock<HashMap<PathBuf, PathBuf>>,
}

impl Door {
    /// For folders that stand by themselves; what does not exist cannot be entered.
    pub(crate) fn new<'a>(tops: impl IntoIterator<Item = &'a Path>) -> Self {
        let tops: Vec<PathBuf> = tops.into_iter().filter_map(|top| top.canonicalize().ok()).collect();
        let mut of_git: Vec<PathBuf> = tops.iter().flat_map(|top| git::folders(top)).collect();
        of_git.sort();
        of_git.dedup();
        Self { tops, of_git, folders: RwLock::default() }
    }

    /// The real path of a file or folder, and what stands there.
    ///
    /// # Errors
    /// It does not exist, leads out of the tree, or is of git's own (`PermissionDenied`).
    pub(crate) fn enter(&self, path: &Path) -> io::Result<(PathBuf, Metadata)> {
        let parent = path.parent().filter(|_| !self.tops.iter().any(|top| top == path));
        let (Some(parent), Some(name)) = (parent, path.file_name()) else {
            let real = self.folder(path)?;
            let metadata = real.symlink_metadata()?;
            return Ok((real, metadata));
        };
        let mut real = self.folder(parent)?.join(name);
        let mut metadata = real.symlink_metadata()?;
        if metadata.is_symlink() {
            real = real.canonicalize()?;
            self.check(&real)?;
            metadata = real.symlink_metadata()?;
        } else if is_git_name(name.as_encoded_bytes()) || self.of_git.contains(&real) {
            return Err(of_git());
        }
        Ok((real, metadata))
    }

    /// Opens a regular file. Nothing that would wait, or do something when it is opened, is opened.
    ///
    /// # Errors
    /// Those of [`Self::enter`]; it is a folder, a pipe or a device; whatever the system says.
    pub(crate) fn open(&self, path: &Path) -> io::Result<(File, Metadata)> {
        let (real, metadata) = self.enter(path)?;
        must_be_file(&metadata)?;
        open_regular(&real)
    }

    /// The real path of a folder; each is looked at once.
    ///
    /// # Errors
    /// Those of [`Self::enter`].
    pub(crate) fn folder(&self, path: &Path) -> io::Result<PathBuf> {
        if let Some(real) = self.folders.read().ok().and_then(|folders| folders.get(path).cloned()) {
            return Ok(real);
        }
        let real = path.canonicalize()?;
        self.check(&real)?;
        if let Ok(mut folders) = self.folders.write() {
            folders.insert(path.to_path_buf(), real.clone());
        }
        Ok(real)
    }

    /// Whether a canonical path may be entered.
    fn check(&self, real: &Path) -> io::Result<()> {
        let below =
            self.tops.iter().filter_map(|top| real.strip_prefix(top).ok()).min_by_key(|rest| rest.as_os_str().len());
        let Some(below) = below else {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, "symbolic link that leads out of the tree"));
        };
        let named = below.components().any(|part| is_git_name(part.as_os_str().as_encoded_bytes()));
        if named || self.of_git.iter().any(|folder| real.starts_with(folder)) {
            return Err(of_git());
        }
        Ok(())
    }

    /// Whether this is a folder in which git keeps the repository.
    pub(crate) fn is_of_git(&self, real: &Path) -> bool {
        self.of_git.iter().any(|folder| folder == real)
    }

    /// Whether a canonical path lies in a folder that looks like a repository of git's: one that stands in the tree under
    /// another name (`git init --separate-git-dir`), or a bare one. gitrepository-layout(5).
    pub(crate) fn looks_like_git(&self, real: &Path) -> bool {
        let inside = |folder: &&Path| self.tops.iter().any(|top| folder.starts_with(top));
        let is_repository = |folder: &Path| {
            folder.join("HEAD").symlink_metadata().is_ok()
                && folder.join("objects").is_dir()
                && folder.join("refs").is_dir()
        };
        real.ancestors().skip(1).take_while(inside).any(is_repository)
    }
}

fn of_git() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "a file of git's own, which may hold credentials")
}

fn must_be_file(metadata: &Metadata) -> io::Result<()> {
    match () {
        () if metadata.is_file() => Ok(()),
        () if metadata.is_dir() => Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory")),
        () => Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file")),
    }
}

/// Opens a file that is no link and has to be a regular one.
fn open_regular(path: &Path) -> io::Result<(File, Metadata)> {
    let mut options = OpenOptions::new();
    options.read(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        // A pipe that took its place meanwhile would keep the opening waiting.
        options.custom_flags(libc::O_NOFOLLOW | libc::O_NONBLOCK | libc::O_NOCTTY);
    }
    let file = options.open(path)?;
    let metadata = file.metadata()?;
    must_be_file(&metadata)?;
    Ok((file, metadata))
}

/// Opens a file that the command line names: wherever it is, whatever links lead there; it has to be a regular one.
///
/// # Errors
/// It is a folder, a pipe or a device; whatever the system says.
pub(crate) fn open_named(path: &Path) -> io::Result<(File, Metadata)> {
    let real = path.canonicalize()?;
    must_be_file(&real.symlink_metadata()?)?;
    open_regular(&real)
}

/// Whether a component of a path is git's folder on some system, as git itself refuses to track it: in any case, with
/// characters that HFS+ passes over, as NTFS and its short names have it. (git: `is_hfs_dotgit`, `is_ntfs_dotgit`.)
pub(crate) fn is_git_name(name: &[u8]) -> bool {
    let text = String::from_utf8_lossy(name);
    let seen: String = text.chars().filter(|character| !is_passed_over(*character)).collect();
    if seen.eq_ignore_ascii_case(".git") {
        return true;
    }
    // An alternate stream stands behind a colon; blanks and full stops at the end are dropped.
    let plain = text.split([':', '\\']).next().unwrap_or_default().trim_end_matches([' ', '.']);
    plain.eq_ignore_ascii_case(".git") || plain.eq_ignore_ascii_case("git~1")
}

/// Characters that HFS+ does not see in names.
fn is_passed_over(character: char) -> bool {
    matches!(character,
        '\u{200C}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{206A}'..='\u{206F}' | '\u{FEFF}')
}

/// Whether a path has a component that is git's.
pub(crate) fn has_git_name(path: &Path) -> bool {
    path.components().any(|part| matches!(part, Component::Normal(name) if is_git_name(name.as_encoded_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_gits_folder() {
        for name in [".git", ".GIT", ".Git", ".git ", ".git.", ".git. .", "git~1", "GIT~1", ".git::$INDEX_ALLOCATION"] {
            assert!(is_git_name(name.as_bytes()), "{name}");
        }
        for name in [".g\u{200C}it", "\u{FEFF}.git", ".gi\u{202E}t"] {
            assert!(is_git_name(name.as_bytes()), "{name:?}");
        }
        for name in [".gitignore", ".github", "git", "git~10", "x.git", ".gi", ".git-x", "..git"] {
            assert!(!is_git_name(name.as_bytes()), "{name}");
        }
    }
}
