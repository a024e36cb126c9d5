//! What git tracks of a working tree: files, links, submodules that are not there, folders it cannot list.
//! Asked once, when a walk begins or a sibling is not on disk; whoever owns the repository, and nothing of it is run.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use super::super::Content;
use super::super::path::native;
use super::listing::{Kind, LEADS_OUT};
use super::objects::{Entries, Objects};
use super::{Git, GitError, ObjectId};

/// Submodules within submodules that are listed.
const MOST_SUBMODULES: usize = 8;

/// What git says of a directory.
pub(in crate::source) enum TrackedFiles {
    /// It is in a repository.
    Known(Tracked),
    /// It is in none.
    NoRepository,
    /// git does not answer.
    Unknown(String),
}

/// What git tracks in and below a directory; paths are relative to it.
#[derive(Default)]
pub(in crate::source) struct Tracked {
    /// Files and links, those of submodules that are there, too.
    pub(in crate::source) files: Vec<TrackedFile>,
    /// Submodules that are not there.
    pub(in crate::source) absent: Vec<PathBuf>,
    /// Folders that git cannot list, and why.
    pub(in crate::source) missing: Vec<(PathBuf, String)>,
    repositories: Vec<(PathBuf, Objects)>,
    /// The paths of the files, made when one is first looked up.
    by_path: OnceLock<HashSet<PathBuf>>,
}

/// A file or a link that git tracks.
pub(in crate::source) struct TrackedFile {
    pub(in crate::source) path: PathBuf,
    pub(in crate::source) is_link: bool,
    /// git does not expect it on disk (skip-worktree, or a folder of a sparse index).
    pub(in crate::source) skipped: bool,
    repository: usize,
    id: ObjectId,
}

impl TrackedFiles {
    /// Asks git about a directory.
    pub(in crate::source) fn of(root: &Path) -> Self {
        if !root.ancestors().any(|part| part.join(".git").exists()) {
            return Self::NoRepository;
        }
        let mut tracked = Tracked::default();
        match tracked.list(root, Path::new(""), MOST_SUBMODULES) {
            Ok(()) => Self::Known(tracked),
            Err(error) => Self::Unknown(error.message),
        }
    }
}

impl Tracked {
    /// Whether a file is among them.
    pub(in crate::source) fn has(&self, path: &Path) -> bool {
        self.by_path.get_or_init(|| self.files.iter().map(|file| file.path.clone()).collect()).contains(path)
    }

    fn list(&mut self, root: &Path, below: &Path, depth: usize) -> Result<(), GitError> {
        let git = Git::new(root.join(below));
        let Entries { listed, missing } = git.entries(false, &[])?;
        let repository = self.repositories.len();
        self.repositories.push((below.to_path_buf(), Objects::new(git)));
        self.missing.extend(missing.into_iter().map(|(path, error)| (below.join(path), error.message)));
        for entry in listed {
            let path = below.join(&entry.path);
            if !entry.stays() {
                self.missing.push((path, LEADS_OUT.to_owned()));
                continue;
            }
            match entry.kind {
                Kind::File | Kind::Link => self.files.push(TrackedFile {
                    path,
                    is_link: entry.kind == Kind::Link,
                    skipped: entry.skipped,
                    repository,
                    id: entry.id,
                }),
                Kind::Submodule if depth > 0 && is_own_repository(root, &path) => {
                    // One that cannot be asked is walked all the same.
                    let _ = self.list(root, &path, depth - 1);
                }
                Kind::Submodule | Kind::Folder => self.absent.push(path),
            }
        }
        Ok(())
    }

    /// Reads a file as git has it, into an empty buffer.
    pub(in crate::source) fn read(&self, file: &TrackedFile, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        let missing = || io::Error::new(io::ErrorKind::NotFound, "no such repository");
        self.repositories.get(file.repository).ok_or_else(missing)?.1.read(&file.id, limit, buffer)
    }

    /// Files that git writes to disk in an encoding other than UTF-8, by their attribute `working-tree-encoding`, with what
    /// it is called. `may` tells whether a path may hold such attributes and have the word in it.
    pub(in crate::source) fn recoded(&self, has_word: &dyn Fn(&Path) -> bool) -> Vec<(usize, String)> {
        let is_attributes = |file: &&TrackedFile| file.path.file_name().is_some_and(|name| name == ".gitattributes");
        let mut found = Vec::new();
        for (repository, (below, objects)) in self.repositories.iter().enumerate() {
            let of_it = || self.files.iter().enumerate().filter(move |(_, file)| file.repository == repository);
            let attributes = of_it().map(|(_, file)| file).filter(is_attributes);
            let mut attributes = attributes.map(|file| file.path.clone());
            let own = objects.git().info_attributes();
            if !attributes.any(|path| has_word(&path)) && !own.is_some_and(|path| has_word(&path)) {
                continue;
            }
            let relative = |path: &Path| path.strip_prefix(below).unwrap_or(path).to_path_buf();
            let paths: Vec<(usize, PathBuf)> = of_it().map(|(number, file)| (number, relative(&file.path))).collect();
            found.extend(objects.git().encodings(&paths).unwrap_or_default());
        }
        found
    }
}

/// Whether a submodule has a repository of its own, and stands in the tree: without one git would answer with the one around it.
fn is_own_repository(root: &Path, path: &Path) -> bool {
    let full = root.join(path);
    full.join(".git").exists() && full.canonicalize().is_ok_and(|real| real.starts_with(root))
}

impl Git {
    /// Attributes that are not of the tree.
    fn info_attributes(&self) -> Option<PathBuf> {
        super::folders(&self.root).pop().map(|folder| folder.join("info/attributes"))
    }

    /// The values of `working-tree-encoding`, where it has one.
    fn encodings(&self, paths: &[(usize, PathBuf)]) -> Result<Vec<(usize, String)>, GitError> {
        let mut command = self.objects();
        command.args(["check-attr", "-z", "--stdin", "working-tree-encoding"]);
        let asked: Vec<u8> =
            paths.iter().flat_map(|(_, path)| path.as_os_str().as_encoded_bytes().iter().copied().chain([0])).collect();
        // path NUL attribute NUL value NUL
        let answers = super::command::answer(command, asked)?;
        let mut words = answers.split(|byte| *byte == 0);
        let mut found = Vec::new();
        for (number, path) in paths {
            let (Some(name), Some(_), Some(value)) = (words.next(), words.next(), words.next()) else { break };
            let value = String::from_utf8_lossy(value).into_owned();
            if native(name) == *path && !matches!(value.as_str(), "unspecified" | "unset" | "set" | "") {
                found.push((*number, value));
            }
        }
        Ok(found)
    }
}
