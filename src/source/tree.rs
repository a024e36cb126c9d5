//! The Tree: where files are listed and read. On disk, or in memory for tests, servers and editors.
//! A Tree lists and reads; what is a request is decided elsewhere.
//! On disk, files git tracks are always listed, whatever `.gitignore` says; symbolic links are never followed out.

use std::collections::{BTreeMap, HashSet};
use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use super::FilePath;

/// What [`Tree::read`] found.
pub enum Content {
    /// The whole file is in the buffer.
    Whole,
    /// The file is larger than the limit; it is to be scanned as a stream.
    TooLarge {
        /// Size in bytes.
        len: u64,
        /// From the first byte on.
        reader: Box<dyn Read + Send>,
    },
}

/// One thing a walk met.
#[derive(Debug)]
pub enum Listing {
    /// A file to look at.
    File(FilePath),
    /// Something that could not be listed.
    Unreadable {
        /// Where.
        path: FilePath,
        /// Why.
        reason: String,
    },
    /// Something the user should know, about the walk itself.
    Notice(WalkNotice),
}

/// What a walk has to say for itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WalkNotice {
    /// `git` did not answer, so nothing could be left out on the word of `.gitignore`.
    GitUnavailable(String),
    /// A submodule whose commit is not in this clone, so that nothing of it was looked at.
    SubmoduleUnavailable(FilePath),
}

/// How to walk.
pub struct WalkOptions<'a> {
    /// Worker threads, at least 1.
    pub threads: usize,
    /// Files and directories to leave out, by path in the tree.
    pub excluded: &'a (dyn Fn(&FilePath) -> bool + Sync),
    /// Whether files that git ignores are left out.
    pub heed_gitignore: bool,
}

/// Lists and reads files. All paths are relative to the tree's root.
pub trait Tree: Send + Sync {
    /// Lists every file under `roots`, in no order, possibly from several threads at once.
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync));

    /// Reads a file into `buffer` (cleared first) unless it is larger than `limit` bytes.
    ///
    /// # Errors
    /// Whatever the file system says; a symbolic link that leads out of the tree is `PermissionDenied`.
    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content>;

    /// Where a file really stands, links followed; the path itself where the tree has none, or where it leads nowhere.
    fn resolve(&self, path: &FilePath) -> FilePath {
        path.clone()
    }

    /// The files that stand in a folder, without those below it, in order; none where the tree cannot tell.
    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        let _ = folder;
        Vec::new()
    }
}

/// Submodules within submodules that are listed.
const MOST_SUBMODULES: usize = 8;

/// A directory on disk.
#[derive(Debug)]
pub struct DiskTree {
    root: PathBuf,
}

impl DiskTree {
    /// `root` should be canonical: links are held against it.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    fn path_of(&self, native: &Path) -> FilePath {
        // Below the root of the file system paths stay absolute.
        let below = self.root.parent().and_then(|_| native.strip_prefix(&self.root).ok());
        FilePath::new(below.unwrap_or(native))
    }

    /// Walks directories, leaving out files that are `listed` already.
    fn walk_directories(
        &self,
        roots: &[PathBuf],
        mut listed: HashSet<FilePath>,
        options: &WalkOptions<'_>,
        visit: &(dyn Fn(Listing) + Sync),
    ) {
        let Some((first, others)) = roots.split_first() else { return };
        let tracked = if options.heed_gitignore { TrackedFiles::of(&self.root) } else { TrackedFiles::NoRepository };
        if let TrackedFiles::Known { files, absent } = &tracked {
            // Whatever `.gitignore` hides: git and this walk may read it differently, and the change may have written it.
            let wanted: Vec<(PathBuf, FilePath)> = files
                .par_iter()
                .map(|path| (self.root.join(path), FilePath::new(path)))
                .filter(|(native, path)| {
                    roots.iter().any(|root| native.starts_with(root))
                        && !listed.contains(path)
                        && !excluded_at_any_level(path, options)
                        && native.symlink_metadata().is_ok_and(|metadata| metadata.is_file())
                })
                .collect();
            // A directory on the way may have become a link out of the tree; each is asked for once.
            let folders: HashSet<&Path> = wanted.iter().filter_map(|(native, _)| native.parent()).collect();
            let outside: HashSet<&Path> = folders
                .into_par_iter()
                .filter(|folder| !folder.canonicalize().is_ok_and(|real| real.starts_with(&self.root)))
                .collect();
            let inside: Vec<&FilePath> = wanted
                .iter()
                .filter(|(native, _)| native.parent().is_none_or(|folder| !outside.contains(folder)))
                .map(|(_, path)| path)
                .collect();
            listed.extend(inside.iter().map(|path| (*path).clone()));
            inside.into_par_iter().for_each(|path| visit(Listing::File(path.clone())));
            for path in absent {
                let below = roots.iter().any(|root| self.root.join(path).starts_with(root));
                if below && !excluded_at_any_level(&FilePath::new(path), options) {
                    visit(Listing::Notice(WalkNotice::SubmoduleUnavailable(FilePath::new(path))));
                }
            }
        }
        let mut builder = WalkBuilder::new(first);
        for other in others {
            builder.add(other);
        }
        builder
            .standard_filters(false)
            .git_ignore(matches!(tracked, TrackedFiles::Known { .. }))
            .parents(true)
            .follow_links(false)
            .threads(options.threads.max(1));
        builder.build_parallel().run(|| {
            Box::new(|entry| {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        visit(self.unreadable(&error));
                        return WalkState::Continue;
                    }
                };
                if entry.depth() > 0 && entry.file_name() == OsStr::new(".git") {
                    return WalkState::Skip;
                }
                let Some(kind) = entry.file_type() else { return WalkState::Continue };
                if !kind.is_file() && !kind.is_dir() {
                    return WalkState::Continue;
                }
                let path = self.path_of(entry.path());
                if (options.excluded)(&path) {
                    return WalkState::Skip;
                }
                if kind.is_file() && !listed.contains(&path) {
                    visit(Listing::File(path));
                }
                WalkState::Continue
            })
        });
        if let TrackedFiles::Unknown(reason) = tracked {
            visit(Listing::Notice(WalkNotice::GitUnavailable(reason)));
        }
    }

    fn unreadable(&self, error: &ignore::Error) -> Listing {
        fn place(error: &ignore::Error) -> Option<&Path> {
            match error {
                ignore::Error::WithPath { path, .. } => Some(path),
                ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => place(err),
                _ => None,
            }
        }
        let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
        Listing::Unreadable { path: self.path_of(place(error).unwrap_or(&self.root)), reason }
    }

    /// Opens a regular file; anything else is looked at before, since opening a named pipe waits for its other end.
    fn open(&self, path: &FilePath) -> io::Result<File> {
        let native = self.root.join(path.native());
        let mut metadata = std::fs::symlink_metadata(&native)?;
        if metadata.is_symlink() {
            let target = native.canonicalize()?;
            let parent = native.parent().map(Path::canonicalize).transpose()?;
            if !target.starts_with(&self.root) && !parent.is_some_and(|parent| target.starts_with(parent)) {
                return Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "symbolic link that leads out of the tree",
                ));
            }
            metadata = std::fs::metadata(&target)?;
        }
        if metadata.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a directory"));
        }
        if !metadata.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
        }
        File::open(native)
    }
}

pub(super) fn excluded_at_any_level(path: &FilePath, options: &WalkOptions<'_>) -> bool {
    path.native()
        .ancestors()
        .filter(|part| !part.as_os_str().is_empty())
        .any(|part| (options.excluded)(&FilePath::new(part)))
}

impl Tree for DiskTree {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        let (directories, files): (Vec<_>, Vec<_>) = roots.iter().partition(|path| {
            let native = self.root.join(path.native());
            native.is_dir() && !native.is_symlink()
        });
        // A named file is looked at whatever .gitignore says, but not against the policy's own `exclude`.
        let files: HashSet<FilePath> =
            files.into_iter().filter(|path| !excluded_at_any_level(path, options)).cloned().collect();
        files.par_iter().for_each(|path| visit(Listing::File(path.clone())));
        let mut directories: Vec<PathBuf> = directories
            .into_iter()
            .map(|path| if path.as_str() == "." { self.root.clone() } else { self.root.join(path.native()) })
            .collect();
        // A directory inside another one is walked with it.
        directories.sort();
        directories.dedup_by(|inner, outer| inner.starts_with(outer));
        self.walk_directories(&directories, files, options, visit);
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        buffer.clear();
        let mut file = self.open(path)?;
        let metadata = file.metadata()?;
        if metadata.len() > limit {
            return Ok(Content::TooLarge { len: metadata.len(), reader: Box::new(file) });
        }
        buffer.reserve(usize::try_from(metadata.len()).unwrap_or(0).saturating_add(1));
        // The file may grow while it is read; the limit holds all the same.
        Read::by_ref(&mut file).take(limit + 1).read_to_end(buffer)?;
        if buffer.len() as u64 > limit {
            return Ok(Content::TooLarge {
                len: limit + 1,
                reader: Box::new(io::Cursor::new(std::mem::take(buffer)).chain(file)),
            });
        }
        Ok(Content::Whole)
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.root.join(path.native()).canonicalize().map_or_else(|_| path.clone(), |real| self.path_of(&real))
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        let native = self.root.join(folder.native());
        if !native.canonicalize().is_ok_and(|real| real.starts_with(&self.root)) {
            return Vec::new();
        }
        let entries = std::fs::read_dir(&native).into_iter().flatten().filter_map(Result::ok);
        let files = entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_file()));
        let mut files: Vec<FilePath> = files.map(|entry| self.path_of(&entry.path())).collect();
        files.sort();
        files
    }
}

/// Files that git tracks.
enum TrackedFiles {
    Known {
        /// Those of submodules that are there, too.
        files: Vec<PathBuf>,
        /// Submodules that are not there.
        absent: Vec<PathBuf>,
    },
    NoRepository,
    Unknown(String),
}

impl TrackedFiles {
    /// Asks git; nothing of the repository's own configuration is run (`core.fsmonitor` is a command).
    fn of(root: &Path) -> Self {
        if !root.ancestors().any(|part| part.join(".git").exists()) {
            return Self::NoRepository;
        }
        let (mut files, mut absent) = (Vec::new(), Vec::new());
        match Self::list(root, Path::new(""), MOST_SUBMODULES, &mut files, &mut absent) {
            Ok(()) => Self::Known { files, absent },
            Err(reason) => Self::Unknown(reason),
        }
    }

    fn list(
        root: &Path,
        below: &Path,
        depth: usize,
        files: &mut Vec<PathBuf>,
        absent: &mut Vec<PathBuf>,
    ) -> Result<(), String> {
        let output = Command::new("git")
            .arg("-C")
            .arg(root.join(below))
            .args(["-c", "core.fsmonitor=false", "-c", "safe.directory=*"])
            .args(["ls-files", "-z", "--cached", "--stage"])
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        if !output.status.success() {
            return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
        }
        for record in output.stdout.split(|byte| *byte == 0).filter(|record| !record.is_empty()) {
            // mode SP id SP stage TAB path
            let Some(tab) = record.iter().position(|byte| *byte == b'\t') else { continue };
            let path = below.join(super::path::native(record.get(tab + 1..).unwrap_or_default()));
            if !record.starts_with(b"160000 ") {
                files.push(path);
            } else if depth > 0 && root.join(&path).join(".git").exists() {
                // One that cannot be asked is walked all the same.
                let _ = Self::list(root, &path, depth - 1, files, absent);
            } else {
                absent.push(path);
            }
        }
        Ok(())
    }
}

/// Files in memory.
#[derive(Debug, Default)]
pub struct MemoryTree {
    files: BTreeMap<FilePath, Vec<u8>>,
}

impl MemoryTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds or replaces a file.
    #[must_use]
    pub fn with(self, path: &str, bytes: impl Into<Vec<u8>>) -> Self {
        self.with_file(FilePath::new(path), bytes)
    }

    /// The same for a path that need not be UTF-8.
    #[must_use]
    pub fn with_file(mut self, path: FilePath, bytes: impl Into<Vec<u8>>) -> Self {
        self.files.insert(path, bytes.into());
        self
    }
}

impl Tree for MemoryTree {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        self.files
            .par_iter()
            .filter(|(path, _)| {
                roots.iter().any(|root| root.as_str() == "." || path.native().starts_with(root.native()))
            })
            .filter(|(path, _)| !excluded_at_any_level(path, options))
            .for_each(|(path, _)| visit(Listing::File(path.clone())));
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        buffer.clear();
        let bytes =
            self.files.get(path).ok_or_else(|| io::Error::new(io::ErrorKind::NotFound, "no such file in this tree"))?;
        if bytes.len() as u64 > limit {
            return Ok(Content::TooLarge { len: bytes.len() as u64, reader: Box::new(io::Cursor::new(bytes.clone())) });
        }
        buffer.extend_from_slice(bytes);
        Ok(Content::Whole)
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        let folder = if folder.as_str() == "." { Path::new("") } else { folder.native() };
        self.files.keys().filter(|path| path.native().parent() == Some(folder)).cloned().collect()
    }
}

/// A tree in which some files have another content: what a repair would leave.
pub struct OverlayTree<'t> {
    below: &'t dyn Tree,
    files: BTreeMap<FilePath, Vec<u8>>,
}

impl<'t> OverlayTree<'t> {
    /// The same tree so far.
    pub fn new(below: &'t dyn Tree) -> Self {
        Self { below, files: BTreeMap::new() }
    }

    /// Gives a file of the tree another content.
    pub fn replace(&mut self, path: FilePath, bytes: Vec<u8>) {
        self.files.insert(path, bytes);
    }

    /// The files that have another content.
    pub fn files(&self) -> &BTreeMap<FilePath, Vec<u8>> {
        &self.files
    }
}

impl Tree for OverlayTree<'_> {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        self.below.walk(roots, options, visit);
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        match self.files.get(path) {
            Some(bytes) => {
                buffer.clear();
                buffer.extend_from_slice(bytes);
                Ok(Content::Whole)
            }
            None => self.below.read(path, limit, buffer),
        }
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        self.below.list(folder)
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.below.resolve(path)
    }
}
