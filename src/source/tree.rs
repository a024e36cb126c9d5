//! The Tree: where files are listed and read. On disk, of a revision, or in memory for tests, servers and editors.
//! A Tree lists and reads; what is a request is decided elsewhere.

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::Path;

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
    /// A link to a file that is listed where it stands, and is judged otherwise here.
    Linked(FilePath),
    /// A file that is on disk in an encoding that is not read; the tree reads it as git has it.
    Recoded {
        /// Where.
        path: FilePath,
        /// The encoding, as the attribute has it.
        encoding: String,
    },
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
    /// Whether a file is judged otherwise at the first of two places than at the second, by what is said of paths.
    pub apart: &'a (dyn Fn(&FilePath, &FilePath) -> bool + Sync),
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

    /// The same for a file that another file of the tree names: only what a walk would list is read for its sake.
    ///
    /// # Errors
    /// `NotFound` where there is none; `PermissionDenied` where nobody who means well would name it; anything else where there
    /// is one, or may be, and it is not read.
    fn read_sibling(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        self.read(path, limit, buffer)
    }

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

pub(super) fn excluded_at_any_level(path: &FilePath, options: &WalkOptions<'_>) -> bool {
    path.native()
        .ancestors()
        .filter(|part| !part.as_os_str().is_empty())
        .any(|part| (options.excluded)(&FilePath::new(part)))
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

    fn read_sibling(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        if self.files.contains_key(path) {
            self.read(path, limit, buffer)
        } else {
            self.below.read_sibling(path, limit, buffer)
        }
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        self.below.list(folder)
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.below.resolve(path)
    }
}
