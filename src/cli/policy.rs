//! Where the files of a policy come from: the disk, or a revision that a change which is being judged has no say in.
//! With `--policy-rev` everything of the repository that a policy is made of is of that revision: layers, rules, lists, baseline.
//! What the command line names outside of the repository is the command line's: it is read from the disk.

use std::io::{self, Read as _};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::policy::{OpenList, PolicyFile, PolicyFiles};
use crate::source::{Content, DiskTree, FilePath, ObjectId, ObjectTree, Tree as _, door};

/// Names of a policy, in the order they are looked for in each directory.
const NAMES: [&str; 3] = ["csrlint.yaml", ".csrlint.yaml", ".github/csrlint.yaml"];
/// A policy, rule or baseline larger than this is refused (16 MiB).
const LIMIT: u64 = 16 << 20;
/// A list of keys of a revision larger than this is refused (512 MiB); it is read into memory.
const LIST_LIMIT: u64 = 512 << 20;

/// The revision a policy is taken from.
pub(super) struct PolicyRevision {
    /// As it was typed.
    pub(super) name: String,
    /// The commit.
    pub(super) commit: ObjectId,
    /// Its files.
    pub(super) tree: Arc<ObjectTree>,
}

/// Reads the files of a policy.
pub(super) struct Files<'a> {
    /// The root of the tree that paths are relative to.
    pub(super) root: &'a Path,
    pub(super) repository: Option<&'a Path>,
    pub(super) revision: Option<&'a PolicyRevision>,
    /// The policy itself, and the directory that patterns of rule files in it are relative to.
    pub(super) main: Option<(String, PathBuf)>,
}

impl Files<'_> {
    /// A path as reports have it.
    pub(super) fn shown(&self, path: &Path) -> String {
        FilePath::new(path.strip_prefix(self.root).unwrap_or(path)).as_str().to_owned()
    }

    /// The path of the revision that a native path stands for, if files of it come from there.
    fn in_revision<'p>(&'p self, path: &Path) -> Option<(&'p PolicyRevision, FilePath)> {
        let relative = path.strip_prefix(self.repository?).ok()?;
        Some((self.revision?, FilePath::new(plain(relative)?)))
    }

    /// The bytes of a file.
    pub(super) fn read(&self, path: &Path) -> Result<PolicyFile, String> {
        let bytes = match self.in_revision(path) {
            Some((revision, file)) => revision.read(&file, LIMIT)?,
            None => read_disk(path, LIMIT)?,
        };
        Ok(PolicyFile { path: self.shown(path), bytes })
    }

    /// The same of a file that a file of the tree names. What it is may be shown in an error, so it is entered as a file that
    /// a template names: nothing outside, nothing of git's, nothing that `.gitignore` hides.
    fn read_contained(&self, path: &Path, folder: &Path) -> Result<PolicyFile, String> {
        if self.in_revision(path).is_some() {
            return self.read(path);
        }
        let mut bytes = Vec::new();
        let (tree, file) = self.tree_around(path, folder);
        match tree.read_sibling(&file, LIMIT, &mut bytes) {
            Ok(Content::Whole) => Ok(PolicyFile { path: self.shown(path), bytes }),
            Ok(Content::TooLarge { .. }) => Err(format!("larger than {LIMIT} bytes")),
            Err(error) => Err(told(&error)),
        }
    }

    /// The repository, or the checkout that the folder of a layer lies in, and a path in it.
    fn tree_around(&self, path: &Path, folder: &Path) -> (DiskTree, FilePath) {
        let top = match self.repository.filter(|repository| folder.starts_with(repository)) {
            Some(repository) => repository,
            // A checkout of the organisation's policy, or a folder with it.
            None => folder.ancestors().find(|part| part.join(".git").exists()).unwrap_or(folder),
        };
        let top = top.canonicalize().unwrap_or_else(|_| top.to_path_buf());
        (DiskTree::new(top), FilePath::new(path))
    }

    /// Opens a list of keys that the command line names.
    pub(super) fn open(&self, path: &Path) -> Result<OpenList, String> {
        let Some((revision, file)) = self.in_revision(path) else {
            let open = |path: &Path| door::open_named(path).map(|(file, _)| file);
            return open_list(path, &open);
        };
        let told = |problem| format!("the list cannot be read: {problem}");
        let data = revision.read(&file, LIST_LIMIT).map_err(told)?;
        let beside = FilePath::new(file.native().with_file_name("badkeysdata.json"));
        let metadata = revision.read(&beside, LIMIT).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        Ok(OpenList { data: Box::new(data), metadata })
    }

    /// The first policy from a directory up to the repository's root, and the directory its patterns are relative to.
    pub(super) fn find(&self, directory: &Path) -> Option<(PathBuf, PathBuf)> {
        let top = self.repository.unwrap_or(directory);
        directory.ancestors().take_while(|part| part.starts_with(top)).find_map(|part| {
            let path = NAMES.iter().map(|name| part.join(name)).find(|path| match self.in_revision(path) {
                Some((revision, file)) => revision.has(&file),
                // What is there and cannot be read is an error, not a policy that is not there.
                None => path.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()),
            })?;
            Some((path, part.to_path_buf()))
        })
    }

    /// The bytes of the policy that was found. As a link it leads to nothing that a policy could not name.
    pub(super) fn read_found(&self, path: &Path, base: &Path) -> Result<PolicyFile, String> {
        if path.is_symlink() { self.read_contained(path, base) } else { self.read(path) }
    }

    fn native(&self, layer: &str) -> PathBuf {
        self.root.join(FilePath::from_shown(layer).native())
    }

    fn folder(&self, layer: &str) -> PathBuf {
        self.native(layer).parent().map(Path::to_path_buf).unwrap_or_default()
    }

    /// A file that a layer names. A policy of a repository must not name files outside of it: an error shows lines of them.
    fn named(&self, layer: &str, name: &str) -> Result<PathBuf, String> {
        if Path::new(name).is_absolute() || name.contains("://") {
            return Err("a policy names files by their path relative to its own".to_owned());
        }
        plain(&self.folder(layer).join(name)).ok_or_else(|| OUTSIDE.to_owned())
    }
}

const OUTSIDE: &str = "leads out of the repository; --extends of the command line may name such a file";

impl PolicyRevision {
    /// Whether there is a file, or a link to one.
    fn has(&self, file: &FilePath) -> bool {
        self.tree.read(file, LIMIT, &mut Vec::new()).is_ok()
    }

    pub(super) fn read(&self, file: &FilePath, limit: u64) -> Result<Vec<u8>, String> {
        let mut bytes = Vec::new();
        match self.tree.read(file, limit, &mut bytes) {
            Ok(Content::Whole) => Ok(bytes),
            Ok(Content::TooLarge { .. }) => Err(format!("larger than {limit} bytes")),
            Err(error) => Err(format!("{error}, which is {}", self.name)),
        }
    }
}

impl PolicyFiles for Files<'_> {
    fn file(&self, layer: &str, name: &str) -> Result<PolicyFile, String> {
        self.read_contained(&self.named(layer, name)?, &self.folder(layer))
    }

    fn matching(&self, layer: &str, pattern: &str) -> Result<Vec<PolicyFile>, String> {
        // Patterns are relative to where the policy holds, which for `.github/csrlint.yaml` is the folder above.
        let base = match &self.main {
            Some((path, base)) if path == layer => base.clone(),
            _ => self.folder(layer),
        };
        let full = format!("{}/{pattern}", glob::Pattern::escape(&base.to_string_lossy()));
        let options = glob::MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        // The disk is not searched for what may not be read.
        if plain(&base.join(pattern)).is_none_or(|path| !path.starts_with(self.repository.unwrap_or(&base))) {
            return Err(format!("{pattern}: {OUTSIDE}"));
        }
        let told = |error: &glob::PatternError| format!("{pattern:?} is no path pattern: {}", error.msg);
        let paths: Vec<PathBuf> = match (self.in_revision(&base), self.repository) {
            (Some((revision, _)), Some(repository)) => {
                let compiled = glob::Pattern::new(&full).map_err(|error| told(&error))?;
                let all = revision.tree.paths().map(|path| repository.join(path.native()));
                all.filter(|path| compiled.matches_path_with(path, options)).collect()
            }
            _ => {
                let found = glob::glob_with(&full, options).map_err(|error| told(&error))?;
                found.collect::<Result<_, _>>().map_err(|error| error.to_string())?
            }
        };
        let read =
            |path: &PathBuf| self.read_contained(path, &base).map_err(|error| format!("{}: {error}", self.shown(path)));
        paths.iter().map(read).collect()
    }

    fn list(&self, layer: &str, name: &str) -> Result<OpenList, String> {
        let path = self.named(layer, name)?;
        if self.in_revision(&path).is_some() {
            return self.open(&path);
        }
        let open = |path: &Path| {
            let (tree, file) = self.tree_around(path, &self.folder(layer));
            tree.open_sibling(&file).map_err(|error| io::Error::new(error.kind(), told(&error)))
        };
        open_list(&path, &open)
    }
}

/// A path without `.` and `..`; nothing where those lead above its beginning.
pub(super) fn plain(path: &Path) -> Option<PathBuf> {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => out.pop().then_some(())?,
            other => out.push(other),
        }
    }
    Some(out)
}

/// Why a file that a policy names was not read. That it is not there is told as it is.
fn told(error: &io::Error) -> String {
    let message = error.to_string();
    if message.contains("leads out of the tree") { OUTSIDE.to_owned() } else { message }
}

fn read_disk(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let (file, metadata) = door::open_named(path).map_err(|error| error.to_string())?;
    read_whole(file, metadata.len(), limit)
}

fn read_whole(file: std::fs::File, len: u64, limit: u64) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(usize::try_from(len.min(limit)).unwrap_or(0));
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| error.to_string())?;
    if bytes.len() as u64 > limit { Err(format!("larger than {limit} bytes")) } else { Ok(bytes) }
}

/// A file that people write, from the disk.
pub(super) fn read_file(path: &Path, shown: String) -> Result<PolicyFile, String> {
    Ok(PolicyFile { path: shown, bytes: read_disk(path, LIMIT)? })
}

/// A list of keys, and the text beside it that names badkeys' lists.
fn open_list(path: &Path, open: &dyn Fn(&Path) -> io::Result<std::fs::File>) -> Result<OpenList, String> {
    let file = open(path).map_err(|error| format!("the list cannot be read: {error}"))?;
    let beside = open(&path.with_file_name("badkeysdata.json")).ok();
    let beside = beside.and_then(|file| read_whole(file, 0, LIMIT).ok());
    Ok(OpenList { data: Box::new(file), metadata: beside.and_then(|bytes| String::from_utf8(bytes).ok()) })
}
