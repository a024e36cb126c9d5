//! What changed between two states of a repository.
//! Where files on disk are compared git does it, with every filter of the configuration switched off; in a repository that git
//! does not trust it may not, and the bytes of tracked files are held against their objects here.

use std::collections::{BTreeMap, HashSet};
use std::sync::OnceLock;

use super::super::path::native;
use super::super::{Content, DiskTree, FilePath, Listing, Tree as _, WalkOptions};
use super::command::{answer, comparing, output};
use super::listing::{Kind, Listed};
use super::objects::folder_of;
use super::{Git, GitError, ObjectId, Owner, Side, command, records};

/// How differences are asked for: as they are, without a program of the configuration.
const ARGUMENTS: [&str; 9] = [
    "diff",
    "--raw",
    "-z",
    "--no-abbrev",
    "--find-renames",
    "--no-ext-diff",
    "--no-textconv",
    "--no-relative",
    "--ignore-submodules=dirty",
];
/// Files larger than this are taken for changed where git does not compare them (64 MiB).
const LARGEST_COMPARED: u64 = 64 << 20;

impl Git {
    /// What changed from a commit to something later; renames are followed.
    ///
    /// # Errors
    /// git cannot compare them.
    pub fn changes(&self, from: &ObjectId, to: &Side) -> Result<Changes, GitError> {
        let mut command = match to {
            Side::WorkingTree => return self.changes_on_disk(from),
            Side::Revision(_) => self.objects(),
            Side::Index => self.with_index(self.objects()),
        };
        command.args(ARGUMENTS);
        match to {
            Side::Revision(commit) => command.args([from.as_str(), commit.as_str()]),
            Side::Index | Side::WorkingTree => command.args(["--cached", from.as_str()]),
        };
        command.arg("--");
        Ok(Changes::parse(&output(command)?))
    }

    fn changes_on_disk(&self, from: &ObjectId) -> Result<Changes, GitError> {
        match self.compared_by_git(from) {
            Err(error) if error.is_foreign() => self.compared_by_content(from),
            compared => compared,
        }
    }

    fn compared_by_git(&self, from: &ObjectId) -> Result<Changes, GitError> {
        let mut compare = comparing(&self.root)?;
        compare.args(ARGUMENTS).args([from.as_str(), "--"]);
        let listing = output(compare)?;
        let unsure = unsure(&listing);
        let mut changes = Changes::parse(&listing);
        for path in self.same(&unsure)? {
            changes.files.remove(&path);
        }
        for path in self.unseen()? {
            let change = Change { kind: ChangeKind::Modified, submodule: false };
            changes.files.entry(path).or_insert(change);
        }
        let mut others = command(&self.root, Owner::Trusted);
        others.args(["ls-files", "-z", "--others", "--exclude-per-directory=.gitignore", "--full-name"]);
        for path in records(&output(others)?) {
            changes.add(FilePath::new(native(path)));
        }
        Ok(changes)
    }

    /// Files that are on disk, that git is told not to look at there, and that are not what the index has.
    fn unseen(&self) -> Result<Vec<FilePath>, GitError> {
        let entries = self.entries(false, &["--full-name"])?.listed.into_iter();
        let flagged = entries.filter(|entry| entry.kind == Kind::File && (entry.skipped || entry.assumed));
        let on_disk =
            |entry: &Listed| self.root.join(&entry.path).symlink_metadata().is_ok_and(|there| there.is_file());
        let all: Vec<(FilePath, ObjectId)> =
            flagged.filter(on_disk).map(|entry| (FilePath::new(entry.path), entry.id)).collect();
        let (asked, odd): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|(path, _)| is_one_line(path.native().as_os_str().as_encoded_bytes()));
        let same: HashSet<FilePath> = self.same(&asked)?.into_iter().collect();
        Ok(asked.into_iter().chain(odd).map(|(path, _)| path).filter(|path| !same.contains(path)).collect())
    }

    /// Of files that git took for changed without looking at them: those that are what they were, by the object that git
    /// would make of them now, ends of lines and encodings converted.
    fn same(&self, unsure: &[(FilePath, ObjectId)]) -> Result<Vec<FilePath>, GitError> {
        if unsure.is_empty() {
            return Ok(Vec::new());
        }
        let mut hash = comparing(&self.root)?;
        hash.args(["hash-object", "--stdin-paths"]);
        let asked: Vec<u8> = unsure
            .iter()
            .flat_map(|(path, _)| [path.native().as_os_str().as_encoded_bytes(), b"\n"].concat())
            .collect();
        let answers = answer(hash, asked)?;
        let answers = answers.split(|byte| *byte == b'\n').map(ObjectId::of);
        let same = unsure.iter().zip(answers).filter(|((_, before), now)| now.as_ref() == Some(before));
        Ok(same.map(|((path, _), _)| path.clone()).collect())
    }

    /// The same where git leaves files on disk alone: the index by git, and the bytes of files here. What git would convert
    /// (ends of lines, encodings) counts as changed.
    fn compared_by_content(&self, from: &ObjectId) -> Result<Changes, GitError> {
        let mut changes = self.changes(from, &Side::Index)?;
        changes.notices.push(
            "the repository belongs to somebody else, so git does not compare its files on disk; their bytes were compared"
                .to_owned(),
        );
        let entries = self.entries(false, &["--full-name"])?.listed;
        let disk = DiskTree::new(&self.root);
        let mut tracked = HashSet::new();
        let mut buffer = Vec::new();
        for entry in entries.into_iter().filter(|entry| entry.kind == Kind::File && !entry.skipped) {
            let path = FilePath::new(entry.path.clone());
            let kind = match disk.read(&path, LARGEST_COMPARED, &mut buffer) {
                Ok(Content::Whole) if is_object(&entry, &buffer) => None,
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Some(ChangeKind::Deleted),
                _ => Some(ChangeKind::Modified),
            };
            if let Some(kind) = kind {
                let change = Change { kind: kind.clone(), submodule: false };
                changes.files.entry(path.clone()).and_modify(|known| known.overlay(&kind)).or_insert(change);
            }
            tracked.insert(path);
        }
        let others = std::sync::Mutex::new(Vec::new());
        let options = WalkOptions { threads: 1, excluded: &|_| false, heed_gitignore: true, apart: &|_, _| false };
        disk.walk(&[FilePath::new(".")], &options, &|listing| {
            if let (Listing::File(path), Ok(mut others)) = (listing, others.lock())
                && !tracked.contains(&path)
            {
                others.push(path);
            }
        });
        others.into_inner().unwrap_or_default().into_iter().for_each(|path| changes.add(path));
        Ok(changes)
    }
}

/// Whether git takes a path for itself where it is asked line by line.
fn is_one_line(path: &[u8]) -> bool {
    !path.contains(&b'\n') && !path.starts_with(b"\"")
}

/// Files of which git saw only that their dates are others: it names no object for what they are now.
fn unsure(listing: &[u8]) -> Vec<(FilePath, ObjectId)> {
    let mut found = Vec::new();
    let mut records = records(listing);
    while let Some(head) = records.next() {
        let words: Vec<&[u8]> = head.split(|byte| *byte == b' ').collect();
        let (Some(path), [before, after, old, new, status]) = (records.next(), words.as_slice()) else { break };
        if matches!(status.first(), Some(b'R' | b'C')) {
            records.next();
            continue;
        }
        // A link or a submodule is no file that could be hashed, and it has changed: git names no object of what it is now.
        let is_file = after.starts_with(b"100");
        let is_open =
            is_file && *status == b"M" && before.get(1..) == Some(*after) && new.iter().all(|digit| *digit == b'0');
        if let Some(old) = ObjectId::of(old).filter(|_| is_open && is_one_line(path)) {
            found.push((FilePath::new(native(path)), old));
        }
    }
    found
}

/// Whether these bytes are the object of an entry.
fn is_object(entry: &Listed, bytes: &[u8]) -> bool {
    use aws_lc_rs::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY, SHA256};
    let algorithm = if entry.id.as_str().len() == 64 { &SHA256 } else { &SHA1_FOR_LEGACY_USE_ONLY };
    let mut context = Context::new(algorithm);
    context.update(format!("blob {}\0", bytes.len()).as_bytes());
    context.update(bytes);
    let digest = context.finish();
    let hex: String = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    entry.id.as_str().eq_ignore_ascii_case(&hex)
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

impl Change {
    /// What became of it later, on top of what became of it before.
    fn overlay(&mut self, later: &ChangeKind) {
        if *later == ChangeKind::Deleted || self.kind == ChangeKind::Deleted {
            self.kind = later.clone();
        }
    }
}

/// What changed between two states of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// By path, as it is now; files that are gone by the path they had.
    pub files: BTreeMap<FilePath, Change>,
    /// What the user should know of how they were found.
    pub notices: Vec<String>,
    /// Their folders as reports write them, made when first asked for: the root of the tree has two native names.
    folders: OnceLock<HashSet<String>>,
}

impl From<BTreeMap<FilePath, Change>> for Changes {
    fn from(files: BTreeMap<FilePath, Change>) -> Self {
        Self { files, ..Self::default() }
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

    fn add(&mut self, path: FilePath) {
        self.files.insert(path, Change { kind: ChangeKind::Added, submodule: false });
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
            merged.notices.extend(changes.notices);
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
}
