//! git, by asking the `git` command: revisions, the index, what is tracked, submodules, and what changed.
//! What people type as a revision is resolved once, behind `--end-of-options`; from then on there are only object ids.
//! Nothing is fetched, nothing is written, and nothing that a repository's own configuration names is run (`command`).

mod changes;
mod command;
mod listing;
mod objects;
mod tracked;

use std::fmt;
use std::path::PathBuf;
use std::process::Command;

pub use self::changes::{Change, ChangeKind, Changes};
pub(crate) use self::command::folders;
use self::command::{Owner, command, output, run};
pub use self::objects::ObjectTree;
pub(super) use self::tracked::{Tracked, TrackedFile, TrackedFiles};
use super::FilePath;
use super::path::native;

/// Why git could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitError {
    /// A sentence without its full stop.
    pub message: String,
    /// Something of the history is not in this clone: what was asked for could not be read.
    pub is_missing: bool,
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GitError {}

/// The id of an object, in hexadecimal: 40 digits (SHA-1) or 64 (SHA-256).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

impl ObjectId {
    /// All digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// As people are shown it.
    pub fn short(&self) -> &str {
        self.0.get(..12).unwrap_or(&self.0)
    }
}

/// A repository, at the root of its working tree.
#[derive(Debug, Clone)]
pub struct Git {
    root: PathBuf,
}

/// What a revision is compared with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Side {
    /// The files on disk, with those that git does not know and `.gitignore` does not hide.
    WorkingTree,
    /// What would be committed.
    Index,
    /// A commit.
    Revision(ObjectId),
}

impl Git {
    /// The repository whose working tree is `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// git for commands that look at objects, names and the index only, whoever owns the repository.
    fn objects(&self) -> Command {
        command(&self.root, Owner::Anybody)
    }

    /// The same with the index of the commit in progress: `git commit FILE` has one of its own and tells hooks its name.
    #[allow(clippy::disallowed_methods, reason = "git tells its hooks by this variable which index will be committed")]
    fn with_index(&self, mut command: Command) -> Command {
        let named = std::env::var_os("GIT_INDEX_FILE").and_then(|name| std::path::absolute(name).ok());
        let own = || {
            let mut asked = self.objects();
            asked.args(["rev-parse", "--absolute-git-dir"]);
            output(asked).ok().map(|text| native(text.trim_ascii_end()))
        };
        if let Some(index) = named
            && own().is_some_and(|folder| {
                index.parent().and_then(|parent| parent.canonicalize().ok()) == folder.canonicalize().ok()
            })
        {
            command.env("GIT_INDEX_FILE", index);
        }
        command
    }

    /// The commit a revision stands for.
    ///
    /// # Errors
    /// It stands for none or may stand for several, or `git` cannot be run.
    pub fn resolve(&self, revision: &str) -> Result<ObjectId, GitError> {
        let meanings = self.meanings(revision)?;
        if meanings.len() > 1 {
            return Err(GitError::refused(format!(
                "{revision:?} may be {}; write the one that is meant in full, or the id of a commit",
                meanings.join(" or ")
            )));
        }
        let mut command = self.objects();
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]).arg(format!("{revision}^{{commit}}"));
        let done = run(command)?;
        let last = done.stdout.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        if done.status.success()
            && let Some(id) = ObjectId::of(last)
        {
            return Ok(id);
        }
        let said = command::own_words(&String::from_utf8_lossy(&done.stderr));
        let why = said.map_or_else(String::new, |said| format!(": {said}"));
        Err(GitError::refused(format!("there is no revision {revision:?} in this clone{why}{}", self.shallow_hint())))
    }

    /// Everything that the name at the beginning of a revision stands for (gitrevisions(7)): git takes the first of these,
    /// so that whoever may push a tag `origin/main` decides what `origin/main` is.
    fn meanings(&self, revision: &str) -> Result<Vec<String>, GitError> {
        let end = revision.find(['^', '~', ':']).unwrap_or(revision.len());
        let name = revision.get(..end).unwrap_or_default();
        let name = name.split_once("@{").map_or(name, |(name, _)| name);
        let is_hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
        let is_whole_id = matches!(name.len(), 40 | 64) && is_hex(name);
        // Names of references have none of these characters; `HEAD` is what git says it is.
        if matches!(name, "" | "@" | "HEAD") || is_whole_id || name.contains(['*', '?', '[', '\\', ' ']) {
            return Ok(Vec::new());
        }
        let candidates = ["refs/", "refs/tags/", "refs/heads/", "refs/remotes/"].map(|space| format!("{space}{name}"));
        let head = format!("refs/remotes/{name}/HEAD");
        let mut command = self.objects();
        command.args(["for-each-ref", "--format=%(refname)", "--"]).args(&candidates).arg(&head);
        let found = output(command)?;
        let found = String::from_utf8_lossy(&found);
        let mut meanings: Vec<String> = found
            .lines()
            .filter(|line| **line == *head || candidates.iter().any(|candidate| candidate == line))
            .map(str::to_owned)
            .collect();
        // The beginning of an id, or what `git describe` prints.
        let digits = name.rsplit_once("-g").map_or(name, |(_, digits)| digits);
        if !meanings.is_empty() && digits.len() >= 4 && is_hex(digits) {
            meanings.extend(self.commits_beginning(digits)?.iter().map(|id| format!("the commit {}", id.short())));
        }
        Ok(meanings)
    }

    fn commits_beginning(&self, digits: &str) -> Result<Vec<ObjectId>, GitError> {
        let mut command = self.objects();
        command.arg("rev-parse").arg(format!("--disambiguate={digits}"));
        let all: Vec<ObjectId> = output(command)?.split(|byte| *byte == b'\n').filter_map(ObjectId::of).collect();
        let is_commit = |id: &ObjectId| {
            let mut command = self.objects();
            command.args(["cat-file", "-t", id.as_str()]);
            output(command).is_ok_and(|kind| kind.trim_ascii() == b"commit")
        };
        Ok(all.into_iter().filter(is_commit).collect())
    }

    /// The tree without files, which every repository knows.
    ///
    /// # Errors
    /// git cannot be run.
    pub fn empty_tree(&self) -> Result<ObjectId, GitError> {
        let mut command = self.objects();
        command.args(["hash-object", "-t", "tree", "--stdin"]);
        ObjectId::of(&output(command)?).ok_or_else(|| GitError::refused("git knows no empty tree"))
    }

    /// The commits at which two lines of history parted; several where they had met before.
    ///
    /// # Errors
    /// There is none, which in a shallow clone only means that it was not fetched.
    pub fn merge_bases(&self, one: &ObjectId, other: &ObjectId) -> Result<Vec<ObjectId>, GitError> {
        let mut command = self.objects();
        command.args(["merge-base", "--all", one.as_str(), other.as_str()]);
        let done = run(command)?;
        let found: Vec<ObjectId> = done.stdout.split(|byte| *byte == b'\n').filter_map(ObjectId::of).collect();
        if done.status.success() && !found.is_empty() {
            return Ok(found);
        }
        Err(GitError::refused(format!(
            "{} and {} have no common ancestor in this clone{}",
            one.short(),
            other.short(),
            self.shallow_hint()
        )))
    }

    /// What to do about a history that was cut off, where it was.
    fn shallow_hint(&self) -> &'static str {
        let mut command = self.objects();
        command.args(["rev-parse", "--is-shallow-repository"]);
        match output(command) {
            Ok(answer) if answer.trim_ascii() == b"true" => {
                "; the clone is shallow: fetch more of the history (`git fetch --unshallow`, or `fetch-depth: 0` of actions/checkout)"
            }
            _ => "",
        }
    }

    /// Of each line that a file has in the commit at HEAD: its bytes, and when it was last changed, in seconds since 1970.
    /// The file on disk is not looked at: git would run filters over it.
    ///
    /// # Errors
    /// The file is not in the history, or the repository is somebody else's.
    pub fn line_times(&self, path: &FilePath) -> Result<Vec<LineTime>, GitError> {
        let mut command = command(&self.root, Owner::Trusted);
        command.args(["blame", "--no-textconv", "--line-porcelain", "HEAD", "--"]).arg(path.native());
        Ok(line_times(&output(command)?))
    }
}

/// A line of a file in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTime {
    /// Its bytes, without the line feed.
    pub line: Vec<u8>,
    /// When it was written, in seconds since 1970.
    pub time: Option<i64>,
}

/// `git blame --line-porcelain`: headers of the commit, then the line behind a tab. For the fuzzer, too.
#[doc(hidden)]
pub fn line_times(blame: &[u8]) -> Vec<LineTime> {
    let mut lines = Vec::new();
    let mut time = None;
    for line in blame.split(|byte| *byte == b'\n') {
        if let Some(content) = line.strip_prefix(b"\t") {
            lines.push(LineTime { line: content.to_vec(), time });
        } else if let Some(seconds) = line.strip_prefix(b"author-time ") {
            time = std::str::from_utf8(seconds).ok().and_then(|seconds| seconds.parse().ok());
        }
    }
    lines
}

/// Records that end with NUL.
fn records(listing: &[u8]) -> impl Iterator<Item = &[u8]> {
    listing.split(|byte| *byte == 0).filter(|record| !record.is_empty())
}
