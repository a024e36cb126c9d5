//! `check --fix` and `--diff`: repairs round by round in memory, until nothing is left to mend; then each file at once.
//! A file that has changed since it was linted is left alone, and so is everything that no repair names.

use std::collections::BTreeMap;
use std::path::Path;

use super::{Failure, tell};
use crate::engine::{Engine, RunOptions, SIZE_LIMIT};
use crate::fix::{Applicability, FileFix, Patch, apply, diff};
use crate::report::{Report, sanitise};
use crate::source::{Changes, Content, FilePath, OverlayTree, Tree, write};

/// Rounds after which two repairs must be undoing each other.
const ROUNDS: usize = 10;

/// What is to be mended, and how.
pub(super) struct Fixing<'a> {
    pub(super) tree: &'a dyn Tree,
    pub(super) root: &'a Path,
    pub(super) roots: &'a [FilePath],
    pub(super) options: &'a RunOptions,
    /// Only what touches this change is mended.
    pub(super) changes: Option<&'a Changes>,
    /// How far repairs may go.
    pub(super) most: Applicability,
    /// A new engine; each counts outcomes of its own.
    pub(super) engine: &'a dyn Fn() -> Result<Engine, Failure>,
}

/// What came of it.
pub(super) struct Fixed {
    /// What is left.
    pub(super) report: Report,
    /// Findings that were mended.
    pub(super) mended: usize,
    /// Path, what was there, what is there now.
    pub(super) files: Vec<(FilePath, Vec<u8>, Vec<u8>)>,
    /// Repairs that are there and were not asked for.
    pub(super) held_back: usize,
}

impl Fixing<'_> {
    /// Mends in memory.
    pub(super) fn run(&self) -> Result<Fixed, Failure> {
        let mut tree = OverlayTree::new(self.tree);
        let lint = |tree: &OverlayTree<'_>| {
            let mut report = (self.engine)()?.run(tree, self.roots, self.options);
            if let Some(changes) = self.changes {
                report.narrow(changes);
            }
            Ok::<_, Failure>(report)
        };
        let mut report = lint(&tree)?;
        let before = repairable(&report, self.most);
        let mut originals: BTreeMap<FilePath, Vec<u8>> = BTreeMap::new();
        for _ in 0..ROUNDS {
            let changed = self.round(&report, &mut tree, &mut originals);
            if changed == 0 {
                break;
            }
            report = lint(&tree)?;
        }
        let mended = before.saturating_sub(repairable(&report, self.most));
        let held_back = repairable(&report, Applicability::Unsafe).saturating_sub(repairable(&report, self.most));
        let files = originals
            .into_iter()
            .filter_map(|(path, before)| {
                let after = tree.files().get(&path).filter(|after| **after != before)?.clone();
                Some((path, before, after))
            })
            .collect();
        Ok(Fixed { report, mended, files, held_back })
    }

    /// One round; tells how many files it changed.
    fn round(&self, report: &Report, tree: &mut OverlayTree<'_>, originals: &mut BTreeMap<FilePath, Vec<u8>>) -> usize {
        let mut by_file: BTreeMap<FilePath, Vec<&FileFix>> = BTreeMap::new();
        for finding in report.open_findings() {
            if let Some(fix) = &finding.fix {
                by_file.entry((*finding.path).clone()).or_default().push(fix);
            }
        }
        let mut changed = 0;
        for (path, fixes) in by_file {
            let mut bytes = Vec::new();
            if !matches!(tree.read(&path, SIZE_LIMIT, &mut bytes), Ok(Content::Whole)) {
                continue;
            }
            let applied = apply(&bytes, fixes, self.most);
            if applied.bytes != bytes {
                changed += 1;
                originals.entry(path.clone()).or_insert(bytes);
                tree.replace(path, applied.bytes);
            }
        }
        changed
    }

    /// Writes the files; each is exchanged at once, and only if nobody has changed it meanwhile. Tells how many failed.
    pub(super) fn write(&self, files: &[(FilePath, Vec<u8>, Vec<u8>)]) -> usize {
        let mut failed = 0;
        for (path, before, after) in files {
            if let Err(problem) = self.exchange(path, before, after) {
                tell(&format!("error: {path}: {problem}"));
                failed += 1;
            }
        }
        failed
    }

    fn exchange(&self, path: &FilePath, before: &[u8], after: &[u8]) -> Result<(), String> {
        let told = |error: std::io::Error| error.to_string();
        // A link stays a link; what it leads to, within the tree, is exchanged.
        let native = self.root.join(self.tree.resolve(path).native());
        let permissions = std::fs::symlink_metadata(&native).map_err(told)?.permissions();
        let mut now = Vec::new();
        match self.tree.read(path, SIZE_LIMIT, &mut now) {
            Ok(Content::Whole) if now == before => {}
            _ => return Err("the file has changed since it was linted; it was left alone".to_owned()),
        }
        write::exchange(&native, after, Some(permissions)).map_err(told)
    }
}

/// The differences of all files, as one patch.
pub(super) fn patch(files: &[(FilePath, Vec<u8>, Vec<u8>)]) -> Patch {
    let mut whole = Patch::default();
    for (path, before, after) in files {
        let patch = diff(&sanitise::line(path.as_str()), before, after);
        whole.text.push_str(&patch.text);
        whole.masked += patch.masked;
    }
    whole
}

fn repairable(report: &Report, most: Applicability) -> usize {
    let within = |fix: &FileFix| fix.applicability <= most;
    report.open_findings().filter(|finding| finding.fix.as_ref().is_some_and(within)).count()
}
