//! What a reader may ask for besides its file: siblings in the tree, and the versions of tools whose defaults hold.
//! Nothing is read that a walk of the tree would not list, nothing is executed. A file is read once a run, however many readers
//! ask for it; that one is there and was not read is an answer of its own.

use std::any::{Any, TypeId};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap};
use std::io::ErrorKind;
use std::path::{Component, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use crate::redact::Secrets;
use crate::source::{Content, FilePath, Tree};

/// Siblings larger than this are not read (1 MiB).
const SIZE_LIMIT: u64 = 1 << 20;
/// Texts that are kept in all (64 MiB).
const KEPT: usize = 64 << 20;
/// What is derived of them and kept (64 MiB), as [`Derived::size`] counts.
const KEPT_DERIVED: usize = 64 << 20;

/// The surroundings of the files of a run.
pub struct Surroundings<'a> {
    tree: Option<&'a dyn Tree>,
    tools: BTreeMap<String, String>,
    texts: Mutex<Texts>,
    folders: Mutex<HashMap<FilePath, Arc<Vec<FilePath>>>>,
    /// By file and by folder: the secrets of what was read, where there are any.
    secrets: Mutex<HashMap<FilePath, Vec<Arc<Secrets>>>>,
    derived: Mutex<Kept>,
}

/// What a reader makes of a file or folder, once for all files that need it.
pub(super) trait Derived: Any + Send + Sync {
    /// About how many bytes it takes.
    fn size(&self) -> usize;
}

#[derive(Default)]
struct Kept {
    by_path: HashMap<(TypeId, FilePath), Slot>,
    size: usize,
}

/// A `OnceLock<Made<T>>` of the type it is kept under.
type Slot = Arc<dyn Any + Send + Sync>;

/// What was derived, and what was not read for it: told to whoever asks, not only to whom it was made for.
struct Made<T> {
    value: Arc<T>,
    unread: Vec<Unread>,
}

#[derive(Default)]
struct Texts {
    by_path: HashMap<FilePath, Sibling>,
    size: usize,
}

/// A file that another one refers to.
#[derive(Debug, Clone)]
pub(super) enum Sibling {
    /// Its text.
    Text(Arc<str>),
    /// There is none.
    Absent,
    /// There is one, or may be, and it is not read; why. What it would change is not known.
    Unread(Unread),
}

/// Why a file that is there was not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// The file, and a sentence about it without its full stop.
    pub reason: Arc<str>,
    /// It leads out of the tree, is of git's own, or the system does not let it be read: nobody who means well names such a
    /// file. One that is hidden or too large may be named.
    pub is_refused: bool,
}

impl Sibling {
    /// Its text, if it was read.
    pub(super) fn text(self) -> Option<Arc<str>> {
        match self {
            Self::Text(text) => Some(text),
            Self::Absent | Self::Unread(_) => None,
        }
    }
}

thread_local! {
    // A file is read on one thread from its beginning to its end.
    static USED: RefCell<Vec<FilePath>> = const { RefCell::new(Vec::new()) };
    static UNREAD: RefCell<Vec<Unread>> = const { RefCell::new(Vec::new()) };
}

/// What is there and was not read of it on this thread since this was asked, and why.
pub(super) fn not_read() -> Vec<Unread> {
    UNREAD.with(|unread| unread.try_borrow_mut().map(|mut unread| std::mem::take(&mut *unread)).unwrap_or_default())
}

fn note_unread(one: &Unread) {
    UNREAD.with(|unread| {
        if let Ok(mut unread) = unread.try_borrow_mut()
            && !unread.contains(one)
        {
            unread.push(one.clone());
        }
    });
}

/// What was asked for on this thread since this was asked.
pub(super) fn used() -> Vec<FilePath> {
    USED.with(|used| used.try_borrow_mut().map(|mut used| std::mem::take(&mut *used)).unwrap_or_default())
}

fn note(path: &FilePath) {
    USED.with(|used| {
        if let Ok(mut used) = used.try_borrow_mut()
            && !used.contains(path)
        {
            used.push(path.clone());
        }
    });
}

impl<'a> Surroundings<'a> {
    /// No surroundings: a file by itself.
    pub fn none() -> Self {
        Self {
            tree: None,
            tools: BTreeMap::new(),
            texts: Mutex::default(),
            folders: Mutex::default(),
            secrets: Mutex::default(),
            derived: Mutex::default(),
        }
    }

    /// The files of a tree, and the policy's `tools`.
    pub fn new(tree: &'a dyn Tree, tools: &BTreeMap<String, String>) -> Self {
        Self {
            tree: Some(tree),
            tools: tools.clone(),
            texts: Mutex::default(),
            folders: Mutex::default(),
            secrets: Mutex::default(),
            derived: Mutex::default(),
        }
    }

    /// The version of a tool that the policy names.
    pub fn tool(&self, name: &str) -> Option<&str> {
        self.tools.get(name).map(String::as_str)
    }

    /// The text of a file of the tree; none where it is not there, or not read.
    pub(super) fn text(&self, path: &FilePath) -> Option<Arc<str>> {
        self.sibling(path).text()
    }

    /// A file of the tree.
    pub(super) fn sibling(&self, path: &FilePath) -> Sibling {
        note(path);
        let sibling = self.look(path);
        if let Sibling::Unread(unread) = &sibling {
            note_unread(unread);
        }
        sibling
    }

    fn look(&self, path: &FilePath) -> Sibling {
        if let Ok(texts) = self.texts.lock()
            && let Some(sibling) = texts.by_path.get(path)
        {
            return sibling.clone();
        }
        let Some(tree) = self.tree else { return Sibling::Absent };
        let mut buffer = Vec::new();
        let sibling = match tree.read_sibling(path, SIZE_LIMIT, &mut buffer) {
            Ok(Content::Whole) => match String::from_utf8(buffer) {
                Ok(text) => Sibling::Text(text.into()),
                Err(_) => unread(path, "is not UTF-8", false),
            },
            Ok(Content::TooLarge { .. }) => unread(path, "is larger than 1 MiB", false),
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory | ErrorKind::IsADirectory) =>
            {
                Sibling::Absent
            }
            Err(error) => unread(path, &error.to_string(), error.kind() == ErrorKind::PermissionDenied),
        };
        if let Ok(mut texts) = self.texts.lock()
            && texts.size < KEPT
        {
            texts.size += if let Sibling::Text(text) = &sibling { text.len() } else { 0 };
            texts.by_path.insert(path.clone(), sibling.clone());
        }
        sibling
    }

    /// The secrets of files, and of those in folders, that were read.
    pub(super) fn secrets(&self, used: &[FilePath]) -> Vec<Arc<Secrets>> {
        used.iter().flat_map(|path| self.secrets_of(path)).collect()
    }

    fn secrets_of(&self, path: &FilePath) -> Vec<Arc<Secrets>> {
        if let Some(known) = self.secrets.lock().ok().and_then(|secrets| secrets.get(path).cloned()) {
            return known;
        }
        let in_folder = self.folders.lock().ok().and_then(|folders| folders.get(path).cloned());
        let found: Vec<Arc<Secrets>> = match in_folder {
            Some(files) => files.iter().filter(|file| *file != path).flat_map(|file| self.secrets_of(file)).collect(),
            None => {
                let text = self.texts.lock().ok().and_then(|texts| texts.by_path.get(path).cloned());
                let secrets = text.and_then(Sibling::text).map(|text| Secrets::of(text.as_bytes()));
                secrets.filter(|secrets| !secrets.is_empty()).map(Arc::new).into_iter().collect()
            }
        };
        if let Ok(mut secrets) = self.secrets.lock() {
            secrets.insert(path.clone(), found.clone());
        }
        found
    }

    /// Whether there is a tree to look into.
    pub fn has_tree(&self) -> bool {
        self.tree.is_some()
    }

    /// The files beside a file, itself included, in order of their names.
    pub fn folder_of(&self, path: &FilePath) -> Arc<Vec<FilePath>> {
        let folder = folder(path);
        note(&folder);
        if let Ok(folders) = self.folders.lock()
            && let Some(files) = folders.get(&folder)
        {
            return files.clone();
        }
        let files = Arc::new(self.tree.map(|tree| tree.list(&folder)).unwrap_or_default());
        if let Ok(mut folders) = self.folders.lock() {
            folders.insert(folder, files.clone());
        }
        files
    }

    /// What is derived of a file or folder. It is made once, and whoever else asks for it meanwhile waits; making it must
    /// not ask for itself. Where too much is kept, all but the newest goes: files of one folder are read one after the other.
    pub(super) fn derived<T: Derived>(&self, of: &FilePath, make: impl FnOnce() -> T) -> Arc<T> {
        note(of);
        let key = (TypeId::of::<T>(), of.clone());
        let slot = self.derived.lock().ok().and_then(|mut kept| {
            let slot = kept.by_path.entry(key.clone()).or_insert_with(|| Arc::new(OnceLock::<Made<T>>::new()));
            slot.clone().downcast::<OnceLock<Made<T>>>().ok()
        });
        let Some(slot) = slot else { return Arc::new(make()) };
        let mut size = None;
        let made = slot.get_or_init(|| {
            let before = not_read();
            let value = make();
            size = Some(value.size());
            let made = Made { value: Arc::new(value), unread: not_read() };
            before.iter().for_each(note_unread);
            made
        });
        made.unread.iter().for_each(note_unread);
        if let (Some(size), Ok(mut kept)) = (size, self.derived.lock()) {
            if kept.size.saturating_add(size) > KEPT_DERIVED {
                *kept = Kept { by_path: HashMap::from([(key, slot.clone() as Slot)]), size: 0 };
            }
            kept.size += size;
        }
        made.value.clone()
    }
}

fn unread(path: &FilePath, why: &str, is_refused: bool) -> Sibling {
    Sibling::Unread(Unread { reason: format!("{path}: {why}").into(), is_refused })
}

/// The folder of a file.
pub(super) fn folder(path: &FilePath) -> FilePath {
    let folder = path.native().parent().filter(|folder| !folder.as_os_str().is_empty());
    FilePath::new(folder.map_or_else(|| PathBuf::from("."), PathBuf::from))
}

/// A path that is written in a file, relative to the file's folder; `None` where it leads out of the tree.
pub(super) fn beside(file: &FilePath, relative: &str) -> Option<FilePath> {
    let mut path: PathBuf = file.native().parent().map(PathBuf::from).unwrap_or_default();
    for part in PathBuf::from(relative).components() {
        match part {
            Component::Normal(name) => path.push(name),
            Component::CurDir => {}
            Component::ParentDir if path.pop() => {}
            Component::ParentDir | Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    Some(FilePath::new(path))
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    struct Sized(usize);

    impl Derived for Sized {
        fn size(&self) -> usize {
            self.0
        }
    }

    struct Other;

    impl Derived for Other {
        fn size(&self) -> usize {
            0
        }
    }

    #[test]
    fn what_is_derived_is_made_once() {
        let around = Surroundings::none();
        let made = Cell::new(0);
        let ask = |path: &str, size: usize| {
            let make = || {
                made.set(made.get() + 1);
                Sized(size)
            };
            around.derived(&FilePath::new(PathBuf::from(path)), make).0
        };
        assert_eq!((ask("a", 1), ask("a", 2), ask("b", 3)), (1, 1, 3));
        assert_eq!(made.get(), 2);
        around.derived(&FilePath::new(PathBuf::from("a")), || Other);
        assert_eq!(ask("a", 4), 1);
        // The newest is kept, however large it is; the others go.
        assert_eq!((ask("c", KEPT_DERIVED + 1), ask("c", 5)), (KEPT_DERIVED + 1, KEPT_DERIVED + 1));
        assert_eq!(ask("a", 6), 6);
    }
}
