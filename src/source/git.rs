//! git, by asking the `git` command: revisions, the index, submodules, and what changed.
//! What people type as a revision is resolved once, behind `--end-of-options`; from then on there are only object ids.
//! Nothing is fetched and nothing is written; of a repository's own configuration nothing is run but its `filter` drivers,
//! and those only where git itself compares the working tree.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::path::native;
use super::tree::excluded_at_any_level;
use super::{Content, FilePath, Listing, Tree, WalkNotice, WalkOptions};

/// Links that are followed one after the other.
const MOST_LINKS: usize = 8;

/// Why git could not tell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitError(pub String);

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for GitError {}

/// The id of an object, in hexadecimal: 40 digits (SHA-1) or 64 (SHA-256).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ObjectId(String);

impl ObjectId {
    fn of(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim();
        let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| Self(text.to_owned()))
    }

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

    /// git in this repository. Hooks are run with variables that name another repository, index or working tree than
    /// the one at hand; objects that are quarantined until a push is accepted are still to be seen.
    fn command(&self) -> Command {
        let mut command = Command::new("git");
        command
            .arg("-C")
            .arg(&self.root)
            .args(["-c", "core.fsmonitor=false", "-c", "core.quotepath=false"])
            .env_remove("GIT_DIR")
            .env_remove("GIT_WORK_TREE")
            .env_remove("GIT_INDEX_FILE")
            .env_remove("GIT_PREFIX")
            .env_remove("GIT_EXTERNAL_DIFF")
            .env_remove("GIT_DIFF_OPTS")
            // A partial clone must not make csrlint open a connection; nor may anything ask or write.
            .env("GIT_NO_LAZY_FETCH", "1")
            .env("GIT_NO_REPLACE_OBJECTS", "1")
            .env("GIT_OPTIONAL_LOCKS", "0")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("LC_ALL", "C")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .stdout(Stdio::piped());
        command
    }

    /// The same for commands that look at objects and names only, whoever owns the repository: containers of CI systems
    /// often run as somebody else.
    fn objects(&self) -> Command {
        let mut command = self.command();
        command.args(["-c", "safe.directory=*"]);
        command
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
    /// It stands for none, or `git` cannot be run.
    pub fn resolve(&self, revision: &str) -> Result<ObjectId, GitError> {
        let mut command = self.objects();
        command.args(["rev-parse", "--verify", "--quiet", "--end-of-options"]).arg(format!("{revision}^{{commit}}"));
        let done = run(command)?;
        let last = done.stdout.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
        if done.status.success()
            && let Some(id) = ObjectId::of(last)
        {
            return Ok(id);
        }
        let said = String::from_utf8_lossy(&done.stderr).trim().to_owned();
        let why = if said.is_empty() { String::new() } else { format!(": {said}") };
        Err(GitError(format!("there is no revision {revision:?} in this clone{why}{}", self.shallow_hint())))
    }

    /// The tree without files, which every repository knows.
    ///
    /// # Errors
    /// git cannot be run.
    pub fn empty_tree(&self) -> Result<ObjectId, GitError> {
        let mut command = self.objects();
        command.args(["hash-object", "-t", "tree", "--stdin"]);
        ObjectId::of(&output(command)?).ok_or_else(|| GitError("git knows no empty tree".to_owned()))
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
        Err(GitError(format!(
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

    /// The files of a commit.
    ///
    /// # Errors
    /// They cannot be listed.
    pub fn tree(&self, commit: &ObjectId) -> Result<ObjectTree, GitError> {
        let mut command = self.objects();
        command.args(["ls-tree", "-r", "-z", "--full-tree", commit.as_str()]);
        Ok(ObjectTree::of_commit(self.clone(), &output(command)?))
    }

    /// The files as they would be committed. Of files in conflict, the ones of this side.
    ///
    /// # Errors
    /// They cannot be listed.
    pub fn index(&self) -> Result<ObjectTree, GitError> {
        let mut command = self.with_index(self.objects());
        command.args(["ls-files", "-z", "--stage", "--full-name"]);
        Ok(ObjectTree::of_index(self.clone(), &output(command)?))
    }

    /// What changed from a commit to something later; renames are followed.
    ///
    /// # Errors
    /// git cannot compare them.
    pub fn changes(&self, from: &ObjectId, to: &Side) -> Result<Changes, GitError> {
        const ARGUMENTS: [&str; 8] =
            ["diff", "--raw", "-z", "--no-abbrev", "--find-renames", "--no-ext-diff", "--no-textconv", "--no-relative"];
        let mut command = match to {
            Side::Revision(_) => self.objects(),
            Side::Index => self.with_index(self.objects()),
            // git runs filters of the repository's configuration here; whose repository that is, it must know itself.
            Side::WorkingTree => self.command(),
        };
        command.args(ARGUMENTS).arg("--ignore-submodules=dirty");
        match to {
            Side::Revision(commit) => command.args([from.as_str(), commit.as_str()]),
            Side::Index => command.args(["--cached", from.as_str()]),
            Side::WorkingTree => command.arg(from.as_str()),
        };
        command.arg("--");
        let mut changes = Changes::parse(&output(command)?);
        if *to == Side::WorkingTree {
            let mut command = self.command();
            command.args(["ls-files", "-z", "--others", "--exclude-per-directory=.gitignore", "--full-name"]);
            for path in records(&output(command)?) {
                changes.files.insert(FilePath::new(native(path)), Change { kind: ChangeKind::Added, submodule: false });
            }
        }
        Ok(changes)
    }

    /// Of each line of a file, when it was last changed: seconds since 1970; nothing for lines that are not committed.
    ///
    /// # Errors
    /// The file is not in the history.
    pub fn line_times(&self, path: &FilePath) -> Result<Vec<Option<i64>>, GitError> {
        let mut command = self.command();
        command.args(["blame", "--line-porcelain", "--"]).arg(path.native());
        Ok(line_times(&output(command)?))
    }
}

/// `git blame --line-porcelain`: headers of the commit, then the line behind a tab. For the fuzzer, too.
#[doc(hidden)]
pub fn line_times(blame: &[u8]) -> Vec<Option<i64>> {
    let mut times = Vec::new();
    let (mut time, mut committed) = (None, true);
    for line in blame.split(|byte| *byte == b'\n') {
        if line.first() == Some(&b'\t') {
            times.push(time.filter(|_| committed));
        } else if let Some(seconds) = line.strip_prefix(b"author-time ") {
            time = std::str::from_utf8(seconds).ok().and_then(|seconds| seconds.parse().ok());
        } else if let Some(id) = line.split(|byte| *byte == b' ').next().and_then(ObjectId::of) {
            committed = id.as_str().bytes().any(|byte| byte != b'0');
        }
    }
    times
}

fn run(mut command: Command) -> Result<std::process::Output, GitError> {
    command.output().map_err(|error| GitError(format!("git cannot be run: {error}")))
}

fn output(command: Command) -> Result<Vec<u8>, GitError> {
    let done = run(command)?;
    if done.status.success() {
        return Ok(done.stdout);
    }
    Err(GitError(format!("git does not answer: {}", String::from_utf8_lossy(&done.stderr).trim())))
}

fn records(listing: &[u8]) -> impl Iterator<Item = &[u8]> {
    listing.split(|byte| *byte == 0).filter(|record| !record.is_empty())
}

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|byte| *byte == at)?;
    Some((bytes.get(..place)?, bytes.get(place + 1..)?))
}

/// What became of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChangeKind {
    /// It was not there.
    Added,
    /// It has another content, or another type.
    Modified,
    /// It is not there any more.
    Deleted,
    /// It stood elsewhere, and may have another content.
    Renamed {
        /// Where.
        from: FilePath,
    },
}

/// A file that changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// How.
    pub kind: ChangeKind,
    /// It is a submodule: everything below it may have changed.
    pub submodule: bool,
}

/// What changed between two states of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// By path, as it is now; files that are gone by the path they had.
    pub files: BTreeMap<FilePath, Change>,
    /// Their folders as reports write them, made when first asked for: the root of the tree has two native names.
    folders: OnceLock<HashSet<String>>,
}

impl From<BTreeMap<FilePath, Change>> for Changes {
    fn from(files: BTreeMap<FilePath, Change>) -> Self {
        Self { files, folders: OnceLock::new() }
    }
}

impl Changes {
    /// `git diff --raw -z`: `:mode mode id id status NUL path NUL`, with a second path for what was renamed.
    /// For the fuzzer, too.
    #[doc(hidden)]
    pub fn parse(listing: &[u8]) -> Self {
        let mut files = BTreeMap::new();
        let mut records = records(listing);
        while let Some(head) = records.next() {
            let mut words = head.split(|byte| *byte == b' ');
            let (before, after) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
            let status = words.nth(2).and_then(|status| status.first().copied()).unwrap_or(b'M');
            let Some(first) = records.next().map(|path| FilePath::new(native(path))) else { break };
            let submodule = before.ends_with(b"160000") || after == b"160000";
            let (path, kind) = match status {
                b'A' => (first, ChangeKind::Added),
                b'D' => (first, ChangeKind::Deleted),
                b'R' | b'C' => {
                    let Some(second) = records.next().map(|path| FilePath::new(native(path))) else { break };
                    (second, ChangeKind::Renamed { from: first })
                }
                _ => (first, ChangeKind::Modified),
            };
            files.insert(path, Change { kind, submodule });
        }
        Self::from(files)
    }

    /// Whether a file is among them, or in a submodule that is.
    pub fn touch(&self, path: &FilePath) -> bool {
        if self.files.get(path).is_some_and(|change| change.kind != ChangeKind::Deleted) {
            return true;
        }
        path.native().ancestors().skip(1).any(|above| {
            !above.as_os_str().is_empty()
                && self.files.get(&FilePath::new(above)).is_some_and(|change| change.submodule)
        })
    }

    /// Whether a file is among them, gone ones included, or a folder has one of them in it; also what lies behind a link
    /// that is another one now.
    pub fn touch_around(&self, path: &FilePath) -> bool {
        self.touch(path)
            || self.folders().contains(path.as_str())
            || path.native().ancestors().any(|above| self.files.contains_key(&FilePath::new(above)))
    }

    /// The folders that have a changed file in them.
    fn folders(&self) -> &HashSet<String> {
        self.folders.get_or_init(|| self.files.keys().map(folder_of).collect())
    }

    /// What changed since any of several states.
    pub fn merged(all: impl IntoIterator<Item = Self>) -> Self {
        let mut merged = Self::default();
        for changes in all {
            for (path, change) in changes.files {
                merged.files.entry(path).or_insert(change);
            }
        }
        merged
    }

    /// Where a file of now was before; nothing for one that was not there.
    pub fn before(&self, path: &FilePath) -> Option<FilePath> {
        match self.files.get(path).map(|change| &change.kind) {
            Some(ChangeKind::Added) => None,
            Some(ChangeKind::Renamed { from }) => Some(from.clone()),
            Some(ChangeKind::Modified | ChangeKind::Deleted) | None => Some(path.clone()),
        }
    }

    /// The new paths of files that were renamed, by the old ones.
    pub fn renames(&self) -> BTreeMap<FilePath, FilePath> {
        self.files
            .iter()
            .filter_map(|(path, change)| match &change.kind {
                ChangeKind::Renamed { from } => Some((from.clone(), path.clone())),
                _ => None,
            })
            .collect()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    File,
    Link,
    Submodule,
}

impl Kind {
    fn of(mode: &[u8]) -> Option<Self> {
        match mode {
            b"120000" => Some(Self::Link),
            b"160000" => Some(Self::Submodule),
            mode if mode.starts_with(b"100") => Some(Self::File),
            _ => None,
        }
    }
}

#[derive(Debug, Clone)]
struct Entry {
    kind: Kind,
    id: ObjectId,
}

/// The files of a commit, or of the index. A submodule is seen where its own clone has the commit.
pub struct ObjectTree {
    git: Git,
    entries: BTreeMap<FilePath, Entry>,
    readers: Mutex<Vec<Batch>>,
    submodules: Mutex<HashMap<FilePath, Option<Arc<Self>>>>,
    /// Its files by folder, made when a folder is first asked for.
    folders: OnceLock<HashMap<String, Vec<FilePath>>>,
}

impl ObjectTree {
    /// Objects may have been made by hand: no name leads out of the tree, where a submodule would be looked for on disk.
    /// git checks none of them out.
    fn new(git: Git, mut entries: BTreeMap<FilePath, Entry>) -> Self {
        entries.retain(|path, _| {
            let mut parts = path.native().components().peekable();
            parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
        });
        Self { git, entries, readers: Mutex::default(), submodules: Mutex::default(), folders: OnceLock::new() }
    }

    /// `git ls-tree -r -z`: `mode SP type SP id TAB path`. For the fuzzer, too.
    #[doc(hidden)]
    pub fn of_commit(git: Git, listing: &[u8]) -> Self {
        let entries = records(listing).filter_map(|record| {
            let (head, path) = split_once(record, b'\t')?;
            let mut words = head.split(|byte| *byte == b' ');
            let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
            Some((FilePath::new(native(path)), Entry { kind: Kind::of(mode)?, id: ObjectId::of(id)? }))
        });
        Self::new(git, entries.collect())
    }

    /// `git ls-files -z --stage`: `mode SP id SP stage TAB path`. For the fuzzer, too.
    #[doc(hidden)]
    pub fn of_index(git: Git, listing: &[u8]) -> Self {
        let entries = records(listing).filter_map(|record| {
            let (head, path) = split_once(record, b'\t')?;
            let mut words = head.split(|byte| *byte == b' ');
            let (mode, id, stage) = (words.next()?, words.next()?, words.next()?);
            let kept = matches!(stage, b"0" | b"2");
            kept.then_some(())?;
            Some((FilePath::new(native(path)), Entry { kind: Kind::of(mode)?, id: ObjectId::of(id)? }))
        });
        Self::new(git, entries.collect())
    }

    /// Whether there is a file, or something below a folder, of this name.
    pub fn has(&self, path: &FilePath) -> bool {
        path.as_str() == "."
            || self.entries.contains_key(path)
            || self.entries.keys().any(|entry| entry.native().starts_with(path.native()))
            || self.inside_submodule(path).is_some_and(|(tree, rest)| tree.has(&rest))
    }

    /// The files, in order, without those of submodules.
    pub fn paths(&self) -> impl Iterator<Item = &FilePath> {
        self.entries.iter().filter(|(_, entry)| entry.kind == Kind::File).map(|(path, _)| path)
    }

    /// The submodule a path lies in, and the path in it.
    fn inside_submodule(&self, path: &FilePath) -> Option<(Arc<Self>, FilePath)> {
        let (above, entry) = path.native().ancestors().skip(1).find_map(|above| {
            let above = FilePath::new(above);
            let entry = self.entries.get(&above).filter(|entry| entry.kind == Kind::Submodule)?;
            Some((above, entry.clone()))
        })?;
        let rest = FilePath::new(path.native().strip_prefix(above.native()).ok()?);
        Some((self.submodule(&above, &entry)?, rest))
    }

    fn submodule(&self, path: &FilePath, entry: &Entry) -> Option<Arc<Self>> {
        let mut known = self.submodules.lock().ok()?;
        known
            .entry(path.clone())
            .or_insert_with(|| {
                let root = self.git.root.join(path.native());
                // Without a repository of its own git would answer with the one around it.
                let git = Git::new(root.join(".git").exists().then_some(root)?);
                let commit = git.resolve(entry.id.as_str()).ok()?;
                Some(Arc::new(git.tree(&commit).ok()?))
            })
            .clone()
    }

    /// The path without links: each part of it may be one. Links lead nowhere but into the tree.
    fn without_links(&self, path: &FilePath) -> io::Result<FilePath> {
        let mut path = path.clone();
        'again: for _ in 0..MOST_LINKS {
            let mut above: Vec<&Path> = path.native().ancestors().filter(|part| !part.as_os_str().is_empty()).collect();
            above.reverse();
            for part in above {
                let link = FilePath::new(part);
                let Some(entry) = self.entries.get(&link).filter(|entry| entry.kind == Kind::Link) else { continue };
                let mut target = Vec::new();
                let Content::Whole = self.blob(&entry.id, 4096, &mut target)? else { return Err(led_out()) };
                let rest = path.native().strip_prefix(part).unwrap_or(Path::new("")).to_path_buf();
                path = FilePath::new(linked(&link, &native(&target))?.native().join(rest));
                continue 'again;
            }
            return Ok(path);
        }
        Err(io::Error::new(io::ErrorKind::InvalidInput, "symbolic links lead in a circle"))
    }

    /// The file a path leads to.
    fn file(&self, path: &FilePath) -> io::Result<Found> {
        let path = self.without_links(path)?;
        match self.entries.get(&path) {
            Some(entry) if entry.kind == Kind::Submodule => {
                Err(io::Error::new(io::ErrorKind::IsADirectory, "is a submodule"))
            }
            Some(entry) => Ok(Found::Blob(entry.id.clone())),
            None => match self.inside_submodule(&path) {
                Some((tree, rest)) => Ok(Found::Inside(tree, rest)),
                None => Err(io::Error::new(io::ErrorKind::NotFound, "no such file in this revision")),
            },
        }
    }

    fn blob(&self, id: &ObjectId, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        let idle = self.readers.lock().ok().and_then(|mut readers| readers.pop());
        let mut batch = match idle {
            Some(batch) => batch,
            None => Batch::start(&self.git)?,
        };
        let size = batch.size(id)?;
        if size > limit {
            // What is not read would stand in the way of the next answer.
            drop(batch);
            return Ok(Content::TooLarge { len: size, reader: Box::new(Stream::start(&self.git, id)?) });
        }
        batch.content(size, buffer)?;
        if let Ok(mut readers) = self.readers.lock() {
            readers.push(batch);
        }
        Ok(Content::Whole)
    }
}

enum Found {
    Blob(ObjectId),
    Inside(Arc<ObjectTree>, FilePath),
}

/// The folder of a file as reports write it: `.` for the root.
fn folder_of(path: &FilePath) -> String {
    FilePath::new(path.native().parent().unwrap_or(Path::new(""))).as_str().to_owned()
}

fn led_out() -> io::Error {
    io::Error::new(io::ErrorKind::PermissionDenied, "symbolic link that leads out of the tree")
}

/// Where a link leads, from the folder it stands in.
fn linked(link: &FilePath, target: &Path) -> io::Result<FilePath> {
    let mut path = link.native().parent().unwrap_or(Path::new("")).to_path_buf();
    for part in target.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => path.push(name),
            Component::ParentDir if path.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return Err(led_out()),
        }
    }
    Ok(FilePath::new(path))
}

impl Tree for ObjectTree {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        let wanted = |path: &FilePath| {
            roots.iter().any(|root| root.as_str() == "." || path.native().starts_with(root.native()))
                && !excluded_at_any_level(path, options)
        };
        self.entries.par_iter().for_each(|(path, entry)| match entry.kind {
            Kind::File if wanted(path) => visit(Listing::File(path.clone())),
            Kind::File | Kind::Link => {}
            Kind::Submodule => {
                // A root may lie inside of it.
                let inside = roots.iter().any(|root| root.native().starts_with(path.native()));
                if !inside && !wanted(path) {
                    return;
                }
                let Some(tree) = self.submodule(path, entry) else {
                    visit(Listing::Notice(WalkNotice::SubmoduleUnavailable(path.clone())));
                    return;
                };
                for file in tree.paths() {
                    let file = FilePath::new(path.native().join(file.native()));
                    if wanted(&file) {
                        visit(Listing::File(file));
                    }
                }
            }
        });
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        buffer.clear();
        match self.file(path)? {
            Found::Blob(id) => self.blob(&id, limit, buffer),
            Found::Inside(tree, rest) => tree.read(&rest, limit, buffer),
        }
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.without_links(path).unwrap_or_else(|_| path.clone())
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        let by_folder = self.folders.get_or_init(|| {
            let mut by_folder: HashMap<String, Vec<FilePath>> = HashMap::new();
            for path in self.paths() {
                by_folder.entry(folder_of(path)).or_default().push(path.clone());
            }
            by_folder
        });
        let real = self.resolve(folder);
        let found = by_folder.get(real.as_str()).cloned().unwrap_or_default();
        if real.as_str() == folder.as_str() {
            return found;
        }
        // As they are called where they were asked for.
        let named = found.iter().filter_map(|path| path.native().file_name());
        named.map(|name| FilePath::new(folder.native().join(name))).collect()
    }
}

/// A `git cat-file --batch` that answers one question after the other.
struct Batch {
    child: Child,
    ask: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Batch {
    fn start(git: &Git) -> io::Result<Self> {
        let mut command = git.objects();
        command.args(["cat-file", "--batch"]).stdin(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let (Some(ask), Some(answer)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(io::Error::other("git has no pipes"));
        };
        Ok(Self { child, ask, answer: BufReader::new(answer) })
    }

    /// Asks for an object; its content stands behind the answer.
    fn size(&mut self, id: &ObjectId) -> io::Result<u64> {
        writeln!(self.ask, "{}", id.as_str())?;
        self.ask.flush()?;
        let mut head = String::new();
        self.answer.read_line(&mut head)?;
        let size = head.trim_end().rsplit(' ').next().and_then(|size| size.parse().ok());
        size.ok_or_else(|| {
            io::Error::new(io::ErrorKind::NotFound, format!("this clone does not have the object {}", id.short()))
        })
    }

    fn content(&mut self, size: u64, buffer: &mut Vec<u8>) -> io::Result<()> {
        buffer.reserve(usize::try_from(size).unwrap_or(0).saturating_add(1));
        (&mut self.answer).take(size + 1).read_to_end(buffer)?;
        // A line feed ends it.
        match buffer.pop() {
            Some(b'\n') if buffer.len() as u64 == size => Ok(()),
            _ => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "git ended in the middle of an object")),
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An object that is too large for the memory.
struct Stream {
    child: Child,
    content: ChildStdout,
}

impl Stream {
    fn start(git: &Git, id: &ObjectId) -> io::Result<Self> {
        let mut command = git.objects();
        command.args(["cat-file", "blob", id.as_str()]).stderr(Stdio::null());
        let mut child = command.spawn()?;
        let content = child.stdout.take().ok_or_else(|| io::Error::other("git has no pipe"))?;
        Ok(Self { child, content })
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.content.read(buffer)
    }
}

impl Drop for Stream {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_differences_are_read() {
        let listing = b":100644 100644 a b M\0a b.csr\0:000000 100644 0 b A\0new\0:100644 100644 a a R100\0old\0moved\0:160000 160000 a b M\0sub\0:100644 000000 a 0 D\0gone\0";
        let changes = Changes::parse(listing);
        let path = |text: &str| FilePath::new(text);
        assert!(changes.touch(&path("a b.csr")) && changes.touch(&path("moved")) && changes.touch(&path("sub/x/y")));
        assert!(!changes.touch(&path("gone")) && !changes.touch(&path("old")) && !changes.touch(&path("new/x")));
        assert_eq!(changes.before(&path("moved")), Some(path("old")));
        assert_eq!(changes.before(&path("new")), None);
        assert_eq!(changes.renames().len(), 1);
    }

    #[test]
    fn names_stay_in_the_tree() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        let listing: String =
            ["a/b", "", "..", "../x", "/x", "a/../../x"].map(|path| format!("160000 commit {id}\t{path}\0")).concat();
        let tree = ObjectTree::of_commit(Git::new("."), listing.as_bytes());
        assert_eq!(tree.entries.keys().map(FilePath::as_str).collect::<Vec<_>>(), ["a/b"]);
    }

    #[test]
    fn links_stay_in_the_tree() {
        let link = FilePath::new("a/b/link");
        assert_eq!(linked(&link, Path::new("../c.yaml")).expect("a path").as_str(), "a/c.yaml");
        assert!(linked(&link, Path::new("../../../c")).is_err());
        assert!(linked(&link, Path::new("/etc/passwd")).is_err());
    }
}
