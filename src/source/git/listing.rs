//! What git lists of an index and of trees: a mode, an object, a path.

use std::path::{Component, PathBuf};

use super::super::path::native;
use super::{ObjectId, records};

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A regular file.
    File,
    /// A symbolic link: its content is where it leads.
    Link,
    /// A commit of another repository.
    Submodule,
    /// A folder whose files are not listed one by one: only in a sparse index.
    Folder,
}

impl Kind {
    fn of(mode: &[u8]) -> Option<Self> {
        match mode {
            b"120000" => Some(Self::Link),
            b"160000" => Some(Self::Submodule),
            b"040000" => Some(Self::Folder),
            mode if mode.starts_with(b"100") => Some(Self::File),
            _ => None,
        }
    }
}

/// An entry of a tree or of the index.
#[derive(Debug, Clone)]
pub(super) struct Listed {
    pub(super) path: PathBuf,
    pub(super) kind: Kind,
    pub(super) id: ObjectId,
    /// It is not on disk, and git does not expect it there (skip-worktree).
    pub(super) skipped: bool,
    /// git is told not to look whether it changed on disk (assume-unchanged).
    pub(super) assumed: bool,
    /// 0, or in a conflict 1 to 3: what both sides began with, this side's, the other's.
    pub(super) stage: u8,
}

impl Listed {
    /// Of files in conflict, the ones of this side.
    pub(super) fn is_ours(&self) -> bool {
        matches!(self.stage, 0 | 2)
    }

    /// Whether its name stays in the tree: objects and an index may have been made by hand. git checks others out nowhere.
    pub(super) fn stays(&self) -> bool {
        let mut parts = self.path.components().peekable();
        parts.peek().is_some() && parts.all(|part| matches!(part, Component::Normal(_)))
    }
}

/// `git ls-tree -r -z`: `mode SP type SP id TAB path`.
pub(super) fn of_tree(listing: &[u8]) -> impl Iterator<Item = Listed> {
    records(listing).filter_map(|record| {
        let (head, path) = split_once(record, b'\t')?;
        let mut words = head.split(|byte| *byte == b' ');
        let (mode, _, id) = (words.next()?, words.next()?, words.next()?);
        Some(Listed {
            path: native(path),
            kind: Kind::of(mode)?,
            id: ObjectId::of(id)?,
            skipped: false,
            assumed: false,
            stage: 0,
        })
    })
}

/// `git ls-files -z --stage -v`: `tag SP mode SP id SP stage TAB path`.
pub(super) fn of_index(listing: &[u8]) -> impl Iterator<Item = Listed> {
    records(listing).filter_map(|record| {
        let (head, path) = split_once(record, b'\t')?;
        let mut words = head.split(|byte| *byte == b' ');
        let (tag, mode, id, stage) = (words.next()?, words.next()?, words.next()?, words.next()?);
        let stage = stage.first()?.checked_sub(b'0')?;
        let skipped = tag.eq_ignore_ascii_case(b"S");
        let assumed = tag.first().is_some_and(u8::is_ascii_lowercase);
        Some(Listed { path: native(path), kind: Kind::of(mode)?, id: ObjectId::of(id)?, skipped, assumed, stage })
    })
}

/// What is said of a name that does not stay in the tree.
pub(super) const LEADS_OUT: &str = "has a name that leads elsewhere; git writes it to no disk";

fn split_once(bytes: &[u8], at: u8) -> Option<(&[u8], &[u8])> {
    let place = bytes.iter().position(|byte| *byte == at)?;
    Some((bytes.get(..place)?, bytes.get(place + 1..)?))
}
