//! Where the files of a policy come from: the disk, or a revision that a change which is being judged has no say in.
//! With `--policy-rev` everything of the repository that a policy is made of is of that revision: layers, rules, lists, baseline.
//! What the command line names outside of the repository is the command line's: it is read from the disk.

use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use crate::policy::{OpenList, PolicyFile, PolicyFiles};
use crate::source::{Content, FilePath, ObjectId, ObjectTree, Tree as _};

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

    /// Opens a list of keys.
    pub(super) fn open(&self, path: &Path) -> Result<OpenList, String> {
        let Some((revision, file)) = self.in_revision(path) else { return open_list(path) };
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
                None => path.is_file(),
            })?;
            Some((path, part.to_path_buf()))
        })
    }

    /// The bytes of the policy that was found. As a link it must not lead out of the repository: an error shows lines of it.
    pub(super) fn read_found(&self, path: &Path, base: &Path) -> Result<PolicyFile, String> {
        self.read(&self.contained(path, base)?)
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
        let folder = self.folder(layer);
        let joined = plain(&folder.join(name)).ok_or(OUTSIDE)?;
        self.contained(&joined, &folder)
    }

    /// A path, if it leads nowhere but into the repository, or into the checkout that the folder of a layer lies in.
    fn contained(&self, path: &Path, folder: &Path) -> Result<PathBuf, String> {
        let top = match self.repository.filter(|repository| folder.starts_with(repository)) {
            Some(repository) => repository.to_path_buf(),
            // A checkout of the organisation's policy, or a folder with it.
            None => folder.ancestors().find(|part| part.join(".git").exists()).unwrap_or(folder).to_path_buf(),
        };
        let inside = match self.in_revision(path) {
            // Links of a revision lead nowhere else.
            Some(_) => true,
            None => match path.canonicalize() {
                Ok(real) => top.canonicalize().is_ok_and(|top| real.starts_with(top)),
                // That it does not exist is told by whoever reads it.
                Err(_) => path.starts_with(&top),
            },
        };
        if inside { Ok(path.to_path_buf()) } else { Err(OUTSIDE.to_owned()) }
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
        self.read(&self.named(layer, name)?)
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
        let read = |path: &PathBuf| {
            let found = self.contained(path, &base).and_then(|path| self.read(&path));
            found.map_err(|error| format!("{}: {error}", self.shown(path)))
        };
        paths.iter().map(read).collect()
    }

    fn list(&self, layer: &str, name: &str) -> Result<OpenList, String> {
        self.open(&self.named(layer, name)?)
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

fn read_disk(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    if metadata.len() > limit {
        return Err(format!("larger than {limit} bytes"));
    }
    std::fs::read(path).map_err(|error| error.to_string())
}

/// A file that people write, from the disk.
pub(super) fn read_file(path: &Path, shown: String) -> Result<PolicyFile, String> {
    Ok(PolicyFile { path: shown, bytes: read_disk(path, LIMIT)? })
}

/// A list of keys, and the text beside it that names badkeys' lists.
pub(super) fn open_list(path: &Path) -> Result<OpenList, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("the list cannot be read: {error}"))?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err("the list is no regular file".to_owned());
    }
    let beside = read_disk(&path.with_file_name("badkeysdata.json"), LIMIT).ok();
    Ok(OpenList { data: Box::new(file), metadata: beside.and_then(|bytes| String::from_utf8(bytes).ok()) })
}
