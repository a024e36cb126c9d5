//! A directory on disk as a Tree. Files git tracks are always listed, whatever `.gitignore` says, and what git has and the disk
//! has not (skip-worktree, names the disk cannot have) is read from its objects. Everything on disk is entered by the door.
//! git is asked when a folder is walked, or when a sibling is hidden or not there; a file by itself asks nothing.

use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::File;
use std::hash::{DefaultHasher, Hasher as _};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;

use super::FilePath;
use super::door::{self, Door};
use super::git::{Tracked, TrackedFile, TrackedFiles};
use super::hidden::Hidden;
use super::tree::{Content, Listing, Tree, WalkNotice, WalkOptions, excluded_at_any_level};

/// Files that are looked at behind links to folders, in all.
const MOST_BEHIND_LINKS: usize = 100_000;
/// A `.gitattributes` is searched as far as git reads it (100 MiB).
const ATTRIBUTES: u64 = 100 << 20;
const ENCODING: &[u8] = b"working-tree-encoding";

/// A directory on disk.
pub struct DiskTree {
    root: PathBuf,
    door: Door,
    hidden: Hidden,
    known: OnceLock<Known>,
}

/// What git says of the directory.
struct Known {
    tracked: TrackedFiles,
    /// Files that are read from their objects, by path: their number, and the encoding in which they are on disk, if it is that.
    elsewhere: HashMap<FilePath, (usize, Option<String>)>,
}

impl DiskTree {
    /// `root` should be canonical: it is where paths begin.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Self::within(root.clone(), &[root])
    }

    /// The same where only some folders below `root` may be entered: those that were named, not what happens to lie between.
    pub fn within(root: impl Into<PathBuf>, tops: &[PathBuf]) -> Self {
        let root = root.into();
        let repository = root.ancestors().find(|part| part.join(".git").exists()).unwrap_or(&root);
        Self {
            door: Door::new(tops.iter().map(PathBuf::as_path)),
            hidden: Hidden::new(repository),
            known: OnceLock::new(),
            root,
        }
    }

    fn path_of(&self, native: &Path) -> FilePath {
        // Below the root of the file system paths stay absolute.
        let below = self.root.parent().and_then(|_| native.strip_prefix(&self.root).ok());
        FilePath::new(below.unwrap_or(native))
    }

    /// What git says, asked once.
    fn known(&self) -> &Known {
        self.known.get_or_init(|| {
            let tracked = TrackedFiles::of(&self.root);
            let elsewhere = match &tracked {
                TrackedFiles::Known(tracked) => self.elsewhere(tracked),
                TrackedFiles::NoRepository | TrackedFiles::Unknown(_) => HashMap::new(),
            };
            Known { tracked, elsewhere }
        })
    }

    /// Files that the disk does not have as git has them.
    fn elsewhere(&self, tracked: &Tracked) -> HashMap<FilePath, (usize, Option<String>)> {
        let cannot_be = |(number, file): (usize, &TrackedFile)| {
            // All others are on disk, or were deleted.
            if file.is_link || !file.skipped && !is_odd(&file.path) {
                return None;
            }
            let absent = match self.root.join(&file.path).symlink_metadata() {
                Ok(_) => false,
                Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                    file.skipped
                }
                // The system cannot have such a name.
                Err(_) => true,
            };
            absent.then(|| (FilePath::new(&file.path), (number, None)))
        };
        let mut elsewhere: HashMap<_, _> = tracked.files.par_iter().enumerate().filter_map(cannot_be).collect();
        for number in collisions(&tracked.files, &|path| self.root.join(path)) {
            if let Some(file) = tracked.files.get(number) {
                elsewhere.insert(FilePath::new(&file.path), (number, None));
            }
        }
        for (number, encoding) in tracked.recoded(&|path| self.has_word(path)) {
            if let Some(file) = tracked.files.get(number).filter(|_| !is_read_as_it_is(&encoding)) {
                elsewhere.insert(FilePath::new(&file.path), (number, Some(encoding)));
            }
        }
        elsewhere
    }

    /// Whether attributes may name an encoding. What cannot be read is asked about: git may read it otherwise.
    fn has_word(&self, path: &Path) -> bool {
        let mut bytes = Vec::new();
        let native = self.root.join(path);
        let read = if path.is_absolute() { door::open_named(&native) } else { self.door.open(&native) };
        match read {
            Ok((file, _)) => {
                file.take(ATTRIBUTES).read_to_end(&mut bytes).is_err()
                    || memchr::memmem::find(&bytes, ENCODING).is_some()
            }
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Walks directories, leaving out files that are `listed` already, and looks behind links.
    fn walk_directories(
        &self,
        roots: &[PathBuf],
        (mut links, mut listed): (Vec<FilePath>, HashSet<FilePath>),
        options: &WalkOptions<'_>,
        visit: &(dyn Fn(Listing) + Sync),
    ) {
        let Some((first, others)) = roots.split_first() else { return };
        let known = options.heed_gitignore.then(|| self.known());
        let is_below = |path: &Path| roots.iter().any(|root| path.starts_with(root));
        let wanted =
            |path: &Path| is_below(&self.root.join(path)) && !excluded_at_any_level(&FilePath::new(path), options);
        let tracked = match known.map(|known| &known.tracked) {
            Some(TrackedFiles::Known(tracked)) => Some(tracked),
            Some(TrackedFiles::Unknown(reason)) => {
                visit(Listing::Notice(WalkNotice::GitUnavailable(reason.clone())));
                None
            }
            Some(TrackedFiles::NoRepository) | None => None,
        };
        if let (Some(tracked), Some(known)) = (tracked, known) {
            // Whatever `.gitignore` hides: the change may have written it.
            let there: Vec<(FilePath, bool)> = tracked
                .files
                .par_iter()
                .filter(|file| wanted(&file.path))
                .filter_map(|file| {
                    let path = FilePath::new(&file.path);
                    if known.elsewhere.contains_key(&path) {
                        return Some((path, false));
                    }
                    // A directory on the way may have become a link out of the tree.
                    let native = self.root.join(&file.path);
                    let metadata = native.symlink_metadata().ok()?;
                    let is_inside = self.door.folder(native.parent()?).is_ok();
                    (is_inside && (metadata.is_file() || metadata.is_symlink()))
                        .then_some((path, metadata.is_symlink()))
                })
                .collect();
            let (linked, files): (Vec<_>, Vec<_>) = there.into_iter().partition(|(_, is_link)| *is_link);
            links.extend(linked.into_iter().map(|(path, _)| path));
            let files: HashSet<FilePath> =
                files.into_iter().map(|(path, _)| path).filter(|path| !listed.contains(path)).collect();
            files.par_iter().for_each(|path| visit(self.listing(path, known)));
            listed.extend(files);
            for (path, reason) in tracked.missing.iter().filter(|(path, _)| wanted(path)) {
                visit(Listing::Unreadable { path: FilePath::new(path), reason: reason.clone() });
            }
            for path in tracked.absent.iter().filter(|path| wanted(path)) {
                visit(Listing::Notice(WalkNotice::SubmoduleUnavailable(FilePath::new(path))));
            }
        }
        let found_links = std::sync::Mutex::new(Vec::new());
        let mut builder = WalkBuilder::new(first);
        for other in others {
            builder.add(other);
        }
        builder.standard_filters(false).follow_links(false).threads(options.threads.max(1));
        builder.build_parallel().run(|| {
            Box::new(|entry| {
                let entry = match entry {
                    Ok(entry) => entry,
                    Err(error) => {
                        visit(self.unreadable(&error));
                        return WalkState::Continue;
                    }
                };
                if entry.depth() > 0 && door::is_git_name(entry.file_name().as_encoded_bytes()) {
                    return WalkState::Skip;
                }
                let Some(kind) = entry.file_type() else { return WalkState::Continue };
                let path = self.path_of(entry.path());
                if (options.excluded)(&path) || entry.depth() > 0 && self.is_repository(entry.path(), kind.is_dir()) {
                    return WalkState::Skip;
                }
                if tracked.is_some() && entry.depth() > 0 && self.hidden.entry(entry.path(), kind.is_dir(), &self.door)
                {
                    return WalkState::Skip;
                }
                if kind.is_symlink() {
                    if let Ok(mut links) = found_links.lock() {
                        links.push(path);
                    }
                } else if kind.is_file() && !listed.contains(&path) {
                    visit(Listing::File(path));
                }
                WalkState::Continue
            })
        });
        links.extend(found_links.into_inner().unwrap_or_default());
        links.sort();
        links.dedup();
        self.behind_links(&links, &listed, options, visit);
    }

    /// How a file that git tracks is listed.
    fn listing(&self, path: &FilePath, known: &Known) -> Listing {
        match known.elsewhere.get(path) {
            Some((_, Some(encoding))) => Listing::Recoded { path: path.clone(), encoding: encoding.clone() },
            Some((_, None)) | None => Listing::File(path.clone()),
        }
    }

    /// Whether this is where git keeps the repository, under another name (`--separate-git-dir`).
    fn is_repository(&self, path: &Path, is_folder: bool) -> bool {
        is_folder && self.door.is_of_git(path)
    }

    /// What is judged where it stands is not judged again behind a link, unless it is judged otherwise here. What is left out
    /// there is not left out here: a link is only if its own path is.
    fn behind_links(
        &self,
        links: &[FilePath],
        listed: &HashSet<FilePath>,
        options: &WalkOptions<'_>,
        visit: &(dyn Fn(Listing) + Sync),
    ) {
        let mut left = MOST_BEHIND_LINKS;
        let told = |here: FilePath, there: &FilePath| {
            if excluded_at_any_level(&here, options) || listed.contains(&here) {
                return;
            }
            let is_left_out = excluded_at_any_level(there, options);
            let is_wanted = is_left_out || (options.apart)(&here, there);
            if is_wanted && self.is_listed(&self.root.join(there.native())) {
                visit(if is_left_out { Listing::File(here) } else { Listing::Linked(here) });
            }
        };
        for link in links {
            let (real, metadata) = match self.door.enter(&self.root.join(link.native())) {
                Ok(entered) => entered,
                Err(error) => {
                    // Whoever uses it finds a request there, or will.
                    if is_called_request(link) && !excluded_at_any_level(link, options) {
                        visit(Listing::Unreadable { path: link.clone(), reason: error.to_string() });
                    }
                    continue;
                }
            };
            if metadata.is_file() {
                told(link.clone(), &self.path_of(&real));
            } else if metadata.is_dir() {
                let mut behind = vec![(link.native().to_path_buf(), real)];
                // Links among them may lead in a circle.
                let mut seen = HashSet::new();
                while let Some((here, real)) = behind.pop() {
                    if !seen.insert(real.clone()) {
                        continue;
                    }
                    for entry in WalkBuilder::new(&real).standard_filters(false).follow_links(false).build().flatten() {
                        if left == 0 {
                            let reason = format!("more than {MOST_BEHIND_LINKS} files behind links to folders");
                            visit(Listing::Unreadable { path: link.clone(), reason });
                            return;
                        }
                        left -= 1;
                        let rest = entry.path().strip_prefix(&real).unwrap_or(Path::new(""));
                        let Ok((place, metadata)) = self.door.enter(entry.path()) else { continue };
                        if door::has_git_name(rest) {
                            continue;
                        }
                        if metadata.is_file() {
                            told(FilePath::new(here.join(rest)), &self.path_of(entry.path()));
                        } else if entry.path_is_symlink() {
                            behind.push((here.join(rest), place));
                        }
                    }
                }
            }
        }
    }

    /// Whether a walk would list a file, by its real path: it is tracked, or nothing hides it.
    fn is_listed(&self, real: &Path) -> bool {
        if !self.hidden.file(real, &self.door) {
            return true;
        }
        match &self.known().tracked {
            TrackedFiles::Known(tracked) => real.strip_prefix(&self.root).is_ok_and(|path| tracked.has(path)),
            // Nothing is left out on the word of `.gitignore` there.
            TrackedFiles::NoRepository | TrackedFiles::Unknown(_) => true,
        }
    }

    /// Whether a file may be read because another one of the tree names it.
    fn admit(&self, path: &FilePath) -> io::Result<()> {
        let named = self.root.join(path.native());
        let (real, _) = self.door.enter(&named)?;
        if self.door.looks_like_git(&real) {
            let why = "stands in what looks like a repository of git's own";
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, why));
        }
        // Another checkout may not have what is hidden, nor a link that is.
        if !self.is_listed(&real) || real != named && !self.is_listed(&named) {
            return Err(io::Error::other("is hidden by .gitignore, and is not read"));
        }
        Ok(())
    }

    /// Opens a file that another one of the tree names: see [`Tree::read_sibling`].
    ///
    /// # Errors
    /// Those of [`Tree::read_sibling`].
    pub fn open_sibling(&self, path: &FilePath) -> io::Result<File> {
        self.admit(path)?;
        Ok(self.door.open(&self.root.join(path.native()))?.0)
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

    /// The file as git has it, where that is asked for and the disk has it otherwise or not.
    fn read_elsewhere(
        &self,
        path: &FilePath,
        known: &Known,
        limit: u64,
        buffer: &mut Vec<u8>,
    ) -> Option<io::Result<Content>> {
        let (number, _) = known.elsewhere.get(path)?;
        let TrackedFiles::Known(tracked) = &known.tracked else { return None };
        Some(tracked.read(tracked.files.get(*number)?, limit, buffer))
    }

    fn read_disk(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        let (mut file, metadata) = self.door.open(&self.root.join(path.native()))?;
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
}

impl Tree for DiskTree {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        let (directories, files): (Vec<_>, Vec<_>) =
            roots.iter().partition(|path| self.root.join(path.native()).is_dir());
        // A named file is looked at whatever .gitignore says, but not against the policy's own `exclude`.
        let files: HashSet<FilePath> =
            files.into_iter().filter(|path| !excluded_at_any_level(path, options)).cloned().collect();
        files.par_iter().for_each(|path| visit(Listing::File(path.clone())));
        // Behind a link the folder is walked where it stands, and what is left out there is looked at here.
        let mut links = Vec::new();
        let mut real_place = |path: &FilePath| {
            let native = if path.as_str() == "." { self.root.clone() } else { self.root.join(path.native()) };
            match self.door.folder(&native) {
                Ok(real) => {
                    links.extend((real != native).then(|| path.clone()));
                    Some(real)
                }
                Err(error) => {
                    visit(Listing::Unreadable { path: path.clone(), reason: error.to_string() });
                    None
                }
            }
        };
        let mut directories: Vec<PathBuf> = directories.into_iter().filter_map(&mut real_place).collect();
        // A directory inside another one is walked with it.
        directories.sort();
        directories.dedup_by(|inner, outer| inner.starts_with(outer));
        self.walk_directories(&directories, (links, files), options, visit);
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        buffer.clear();
        let elsewhere = self.known.get().and_then(|known| self.read_elsewhere(path, known, limit, buffer));
        elsewhere.unwrap_or_else(|| self.read_disk(path, limit, buffer))
    }

    fn read_sibling(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        buffer.clear();
        match self.admit(path) {
            Ok(()) => self.read(path, limit, buffer),
            // git may have it where the disk has not.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.read_elsewhere(path, self.known(), limit, buffer).unwrap_or(Err(error))
            }
            Err(error) => Err(error),
        }
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.door.enter(&self.root.join(path.native())).map_or_else(|_| path.clone(), |(real, _)| self.path_of(&real))
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        let native = self.root.join(folder.native());
        let entered = self.door.enter(&native);
        let entries = entered.ok().and_then(|(real, _)| std::fs::read_dir(real).ok());
        let name = |entry: &std::fs::DirEntry| FilePath::new(folder.native().join(entry.file_name()));
        let is_file = |entry: &std::fs::DirEntry| {
            let kind = entry.file_type().ok();
            // A link counts for the file it leads to.
            kind.is_some_and(|kind| kind.is_file())
                || kind.is_some_and(|kind| kind.is_symlink())
                    && self.door.enter(&native.join(entry.file_name())).is_ok_and(|(_, metadata)| metadata.is_file())
        };
        let mut files: Vec<FilePath> =
            entries.into_iter().flatten().filter_map(Result::ok).filter(is_file).map(|entry| name(&entry)).collect();
        // Those that git has and the disk has not. git is not asked for their sake only.
        if let Some(known) = self.known.get() {
            let is_here = |path: &&FilePath| path.native().parent() == Some(plain(folder.native()));
            files.extend(known.elsewhere.keys().filter(is_here).cloned());
        }
        files.sort();
        files.dedup();
        files
    }
}

/// Whether a link is called as a request is. What it leads to cannot be looked at, and nothing else tells.
fn is_called_request(link: &FilePath) -> bool {
    let extension = link.native().extension().unwrap_or_default();
    extension.eq_ignore_ascii_case("csr") || extension.eq_ignore_ascii_case("p10")
}

/// A folder as files below it have it: the root has no name.
fn plain(folder: &Path) -> &Path {
    if folder.as_os_str() == OsStr::new(".") { Path::new("") } else { folder }
}

/// Encodings whose ASCII, or whose text, is read on disk as it is.
fn is_read_as_it_is(encoding: &str) -> bool {
    let name = encoding.to_ascii_lowercase().replace('_', "-");
    ["utf-8", "utf8", "utf-16", "utf16", "iso-8859", "iso8859", "latin", "windows-125", "cp125", "us-ascii", "ascii"]
        .iter()
        .any(|known| name.starts_with(known))
}

/// Whether a system may refuse to have a file of this name: a component is longer than most disks allow (255 bytes, or
/// characters), or has what Windows does not take.
fn is_odd(path: &Path) -> bool {
    path.components().any(|part| {
        let name = part.as_os_str().as_encoded_bytes();
        name.len() > 255
            || cfg!(windows)
                && (name.iter().any(|byte| *byte < 0x20 || b"<>:\"|?*".contains(byte))
                    || name.last().is_some_and(|last| b" .".contains(last))
                    || is_device(name))
    })
}

/// Names that Windows has for devices, with any ending.
fn is_device(name: &[u8]) -> bool {
    let stem = name.split(|byte| *byte == b'.').next().unwrap_or_default().to_ascii_lowercase();
    matches!(stem.as_slice(), b"con" | b"prn" | b"aux" | b"nul")
        || matches!(stem.as_slice(), [b'c', b'o', b'm', b'0'..=b'9'] | [b'l', b'p', b't', b'0'..=b'9'])
}

/// Files whose names differ by case only and that are one file on this disk: it has the content of one of them.
fn collisions(files: &[TrackedFile], native: &dyn Fn(&Path) -> PathBuf) -> Vec<usize> {
    let lower = |file: &TrackedFile| file.path.to_string_lossy().to_lowercase();
    let digest = |(number, file): (usize, &TrackedFile)| {
        let mut hasher = DefaultHasher::new();
        let bytes = file.path.as_os_str().as_encoded_bytes();
        if bytes.is_ascii() {
            bytes.iter().for_each(|byte| hasher.write_u8(byte.to_ascii_lowercase()));
        } else {
            lower(file).bytes().for_each(|byte| hasher.write_u8(byte));
        }
        (hasher.finish(), number)
    };
    let mut all: Vec<(u64, usize)> = files.par_iter().enumerate().map(digest).collect();
    all.par_sort_unstable();
    let real = |number: usize| files.get(number).and_then(|file| native(&file.path).canonicalize().ok());
    let mut found = Vec::new();
    for group in all.chunk_by(|one, other| one.0 == other.0).filter(|group| group.len() > 1) {
        let numbers: Vec<usize> = group.iter().map(|(_, number)| *number).collect();
        let places: Vec<Option<PathBuf>> = numbers.iter().map(|number| real(*number)).collect();
        for (at, number) in numbers.iter().enumerate() {
            let here = places.get(at).cloned().flatten();
            let is_shared =
                places.iter().enumerate().any(|(other, place)| other != at && here.is_some() && *place == here);
            found.extend(is_shared.then_some(*number));
        }
    }
    found
}
