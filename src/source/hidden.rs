//! What `.gitignore` hides: the same answer for a walk and for a single path, so that nothing is read as somebody's sibling
//! that a walk would not list. Only these files count: neither `.ignore` nor what a user's own configuration excludes.
//! A `.gitignore` that is a link is passed over, as git does (gitignore(5)).

use std::collections::HashMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::door::Door;

/// More of a `.gitignore` is not read (1 MiB).
const LIMIT: u64 = 1 << 20;

/// The patterns of a tree.
#[derive(Debug)]
pub(super) struct Hidden {
    top: PathBuf,
    folders: RwLock<HashMap<PathBuf, Arc<Patterns>>>,
}

/// Those of a folder, and of the folders above it.
#[derive(Debug)]
struct Patterns {
    own: Option<Gitignore>,
    above: Option<Arc<Self>>,
}

impl Patterns {
    /// What the nearest `.gitignore` that knows a path says of it.
    fn hide(&self, path: &Path, is_folder: bool) -> bool {
        let mut next = Some(self);
        while let Some(patterns) = next {
            if let Some(own) = &patterns.own {
                let said = own.matched(path, is_folder);
                if !said.is_none() {
                    return said.is_ignore();
                }
            }
            next = patterns.above.as_deref();
        }
        false
    }
}

impl Hidden {
    /// From this folder on down; canonical.
    pub(super) fn new(top: impl Into<PathBuf>) -> Self {
        Self { top: top.into(), folders: RwLock::default() }
    }

    /// Whether an entry is hidden in a folder that is not.
    pub(super) fn entry(&self, path: &Path, is_folder: bool, door: &Door) -> bool {
        path.starts_with(&self.top)
            && path != self.top
            && path.parent().is_some_and(|folder| self.patterns(folder, door).hide(path, is_folder))
    }

    /// Whether a file is hidden, or a folder above it.
    pub(super) fn file(&self, path: &Path, door: &Door) -> bool {
        path.ancestors().take_while(|part| part.starts_with(&self.top)).any(|part| self.entry(part, part != path, door))
    }

    fn patterns(&self, folder: &Path, door: &Door) -> Arc<Patterns> {
        if let Some(known) = self.folders.read().ok().and_then(|folders| folders.get(folder).cloned()) {
            return known;
        }
        let above = folder.parent().filter(|_| folder != self.top).filter(|above| above.starts_with(&self.top));
        let patterns =
            Arc::new(Patterns { own: own(folder, door), above: above.map(|above| self.patterns(above, door)) });
        if let Ok(mut folders) = self.folders.write() {
            folders.insert(folder.to_path_buf(), patterns.clone());
        }
        patterns
    }
}

fn own(folder: &Path, door: &Door) -> Option<Gitignore> {
    let path = folder.join(".gitignore");
    path.symlink_metadata().ok().filter(std::fs::Metadata::is_file)?;
    let (file, _) = door.open(&path).ok()?;
    let mut bytes = Vec::new();
    file.take(LIMIT).read_to_end(&mut bytes).ok()?;
    let mut builder = GitignoreBuilder::new(folder);
    let text = String::from_utf8_lossy(&bytes);
    for line in text.strip_prefix('\u{FEFF}').unwrap_or(&text).lines() {
        // A line that is no pattern hides nothing.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok().filter(|patterns| !patterns.is_empty())
}
