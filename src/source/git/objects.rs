//! The files of a commit or of the index, as a Tree, and the objects that they are.
//! An object that is not in this clone is an error of its path: nothing is fetched.
//! Links are followed within the tree and nowhere else.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::io::{self, BufRead as _, BufReader, Read, Write as _};
use std::path::{Component, Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::{Arc, Mutex, OnceLock};

use rayon::prelude::*;

use super::super::path::native;
use super::super::tree::excluded_at_any_level;
use super::super::{Content, FilePath, Listing, Tree, WalkNotice, WalkOptions};
use super::command::output;
use super::listing::{self, Kind, LEADS_OUT, Listed};
use super::{Git, GitError, ObjectId};

/// Links that are followed one after the other.
const MOST_LINKS: usize = 8;
/// Files that are looked at behind one link.
const MOST_BEHIND_LINKS: usize = 100_000;

/// What is in an index.
pub(super) struct Entries {
    pub(super) listed: Vec<Listed>,
    /// Folders of a sparse index whose trees are not in this clone, and why.
    pub(super) missing: Vec<(PathBuf, GitError)>,
}

impl Git {
    /// The files of a commit.
    ///
    /// # Errors
    /// They cannot be listed.
    pub fn tree(&self, commit: &ObjectId) -> Result<ObjectTree, GitError> {
        Ok(ObjectTree::of_commit(self.clone(), &self.list_tree(commit, &["--full-tree"])?))
    }

    /// The files as they would be committed. Of files in conflict, the ones of this side.
    ///
    /// # Errors
    /// They cannot be listed.
    pub fn index(&self) -> Result<ObjectTree, GitError> {
        let Entries { listed, missing } = self.entries(true, &["--full-name"])?;
        Ok(ObjectTree::new(self.clone(), listed.into_iter().filter(Listed::is_ours), missing))
    }

    /// The entries of the index. Those of a folder whose tree is missing git itself would leave out without a word.
    pub(super) fn entries(&self, of_commit: bool, arguments: &[&str]) -> Result<Entries, GitError> {
        let list = |sparse: &[&str]| {
            let mut command = if of_commit { self.with_index(self.objects()) } else { self.objects() };
            command.args(["ls-files", "-z", "--cached", "--stage", "-v"]).args(sparse).args(arguments);
            super::command::run(command)
        };
        let mut done = list(&["--sparse"])?;
        // 129: a git that does not know the option. Its index is never sparse, or it expands it.
        if done.status.code() == Some(129) {
            done = list(&[])?;
        }
        if !done.status.success() {
            return Err(GitError::of(&done));
        }
        let (folders, mut entries): (Vec<Listed>, Vec<Listed>) =
            listing::of_index(&done.stdout).partition(|entry| entry.kind == Kind::Folder);
        let mut missing = Vec::new();
        for folder in folders {
            match self.list_tree(&folder.id, &[]) {
                Ok(listing) => entries.extend(listing::of_tree(&listing).map(|entry| Listed {
                    path: folder.path.join(&entry.path),
                    skipped: true,
                    ..entry
                })),
                Err(error) => missing.push((folder.path, error)),
            }
        }
        Ok(Entries { listed: entries, missing })
    }

    fn list_tree(&self, id: &ObjectId, arguments: &[&str]) -> Result<Vec<u8>, GitError> {
        let mut command = self.objects();
        command.args(["ls-tree", "-r", "-z"]).args(arguments).arg(id.as_str());
        output(command)
    }
}

#[derive(Debug, Clone)]
struct Entry {
    kind: Kind,
    id: ObjectId,
}

/// The files of a commit, or of the index. A submodule is seen where its own clone has the commit.
pub struct ObjectTree {
    objects: Objects,
    entries: BTreeMap<FilePath, Entry>,
    /// Folders that cannot be listed, and why.
    missing: Vec<(FilePath, String)>,
    submodules: Mutex<HashMap<FilePath, Option<Arc<Self>>>>,
    /// Its files by folder, made when a folder is first asked for.
    folders: OnceLock<HashMap<String, Vec<FilePath>>>,
}

impl ObjectTree {
    fn new(git: Git, entries: impl IntoIterator<Item = Listed>, missing: Vec<(PathBuf, GitError)>) -> Self {
        let entry = |listed: Listed| (FilePath::new(listed.path), Entry { kind: listed.kind, id: listed.id });
        let (entries, odd): (Vec<Listed>, Vec<Listed>) = entries.into_iter().partition(Listed::stays);
        let missing = missing.into_iter().map(|(path, error)| (path, error.message));
        let odd = odd.into_iter().map(|listed| (listed.path, LEADS_OUT.to_owned()));
        Self {
            objects: Objects::new(git),
            entries: entries.into_iter().map(entry).collect(),
            missing: missing.chain(odd).map(|(path, reason)| (FilePath::new(path), reason)).collect(),
            submodules: Mutex::default(),
            folders: OnceLock::new(),
        }
    }

    /// Of `git ls-tree -r -z`. For the fuzzer, too.
    #[doc(hidden)]
    pub fn of_commit(git: Git, listing: &[u8]) -> Self {
        Self::new(git, listing::of_tree(listing), Vec::new())
    }

    /// Of `git ls-files -z --stage -v`. For the fuzzer.
    #[doc(hidden)]
    pub fn of_index(git: Git, listing: &[u8]) -> Self {
        Self::new(git, listing::of_index(listing).filter(Listed::is_ours), Vec::new())
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
                let root = self.objects.git.root.join(path.native());
                // Without a repository of its own git would answer with the one around it; and it stands in the tree.
                let stands =
                    root.join(".git").exists() && root.canonicalize().ok()?.starts_with(&self.objects.git.root);
                let git = Git::new(stands.then_some(root)?);
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
                let Content::Whole = self.objects.read(&entry.id, 4096, &mut target)? else { return Err(led_out()) };
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

    /// The files that a link makes appear at its place, with where they stand; nothing where it leads nowhere. Links among them
    /// are followed, too, and so are submodules.
    fn behind(&self, link: &FilePath) -> Vec<(FilePath, FilePath)> {
        let mut found = Vec::new();
        // Links among them may lead in a circle.
        let mut seen = HashSet::new();
        let mut left = vec![(link.clone(), link.clone())];
        while let Some((here, link)) = left.pop() {
            let Ok(target) = self.without_links(&link) else { continue };
            if !seen.insert(target.clone()) || found.len() > MOST_BEHIND_LINKS {
                continue;
            }
            let placed = |path: &FilePath| {
                let rest = path.native().strip_prefix(target.native()).unwrap_or(Path::new(""));
                FilePath::new(if rest.as_os_str().is_empty() {
                    here.native().to_path_buf()
                } else {
                    here.native().join(rest)
                })
            };
            if let Some((tree, rest)) = self.inside_submodule(&target) {
                let under = |path: &&FilePath| path.native().starts_with(rest.native());
                let full = |path: &FilePath| {
                    let above = target.native().ancestors().nth(rest.native().components().count());
                    FilePath::new(above.unwrap_or(Path::new("")).join(path.native()))
                };
                found.extend(tree.paths().filter(under).map(|path| (placed(&full(path)), full(path))));
            }
            for (path, entry) in self.entries.iter().filter(|(path, _)| path.native().starts_with(target.native())) {
                match entry.kind {
                    Kind::File => found.push((placed(path), path.clone())),
                    Kind::Link => left.push((placed(path), path.clone())),
                    Kind::Submodule => {
                        let inside = self.submodule(path, entry);
                        let full = |file: &FilePath| FilePath::new(path.native().join(file.native()));
                        let files = inside.iter().flat_map(|tree| tree.paths().map(full).collect::<Vec<_>>());
                        found.extend(files.map(|file| (placed(&file), file)));
                    }
                    Kind::Folder => {}
                }
            }
        }
        found
    }
}

enum Found {
    Blob(ObjectId),
    Inside(Arc<ObjectTree>, FilePath),
}

/// The folder of a file as reports write it: `.` for the root.
pub(super) fn folder_of(path: &FilePath) -> String {
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
        // A root may be a link, or lie behind one.
        let real: Vec<FilePath> = roots.iter().map(|root| self.resolve(root)).collect();
        let under = |path: &FilePath| {
            let mut roots = roots.iter().chain(&real);
            roots.any(|root| root.as_str() == "." || path.native().starts_with(root.native()))
        };
        let leads = |path: &FilePath| under(path) || roots.iter().any(|root| root.native().starts_with(path.native()));
        let wanted = |path: &FilePath| under(path) && !excluded_at_any_level(path, options);
        for (path, reason) in self.missing.iter().filter(|(path, _)| wanted(path)) {
            visit(Listing::Unreadable { path: path.clone(), reason: reason.clone() });
        }
        self.entries.par_iter().for_each(|(path, entry)| match entry.kind {
            Kind::File if wanted(path) => visit(Listing::File(path.clone())),
            Kind::Link if leads(path) && !excluded_at_any_level(path, options) => {
                // What is judged where it stands is not judged again; what is left out there stands here, too.
                for (here, there) in self.behind(path) {
                    if !under(&here) || excluded_at_any_level(&here, options) {
                        continue;
                    }
                    if excluded_at_any_level(&there, options) {
                        visit(Listing::File(here));
                    } else if (options.apart)(&here, &there) {
                        visit(Listing::Linked(here));
                    }
                }
            }
            Kind::File | Kind::Link | Kind::Folder => {}
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
            Found::Blob(id) => self.objects.read(&id, limit, buffer),
            Found::Inside(tree, rest) => tree.read(&rest, limit, buffer),
        }
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.without_links(path).unwrap_or_else(|_| path.clone())
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        let by_folder = self.folders.get_or_init(|| {
            let mut by_folder: HashMap<String, Vec<FilePath>> = HashMap::new();
            let is_file = |path: &FilePath, entry: &Entry| match entry.kind {
                Kind::File => true,
                Kind::Link => matches!(self.file(path), Ok(Found::Blob(_) | Found::Inside(..))),
                Kind::Submodule | Kind::Folder => false,
            };
            for (path, _) in self.entries.iter().filter(|(path, entry)| is_file(path, entry)) {
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

/// The objects of a repository.
pub(super) struct Objects {
    git: Git,
    readers: Mutex<Vec<Batch>>,
}

impl Objects {
    pub(super) fn new(git: Git) -> Self {
        Self { git, readers: Mutex::default() }
    }

    pub(super) fn git(&self) -> &Git {
        &self.git
    }

    /// Reads an object into an empty buffer, unless it is larger than `limit` bytes.
    pub(super) fn read(&self, id: &ObjectId, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
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
