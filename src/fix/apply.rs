//! Edits into bytes: those of all findings of a file at once, and the difference as people read it.

use similar::{ChangeTag, DiffableStr as _, TextDiff};

use super::{Applicability, FileEdit, FileFix};
use crate::redact;
use crate::source::secrets_of;

/// What came of applying repairs to a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// The new bytes.
    pub bytes: Vec<u8>,
    /// Repairs that went in.
    pub applied: usize,
    /// Repairs that touch others, and wait for the next round.
    pub postponed: usize,
}

/// Applies repairs in order; one that touches an earlier one is left for the next round, and so is one that is there already.
pub fn apply<'a>(bytes: &[u8], fixes: impl IntoIterator<Item = &'a FileFix>, most: Applicability) -> Applied {
    let mut chosen: Vec<&FileEdit> = Vec::new();
    let (mut applied, mut postponed) = (0, 0);
    for fix in fixes.into_iter().filter(|fix| fix.applicability <= most) {
        let is_there = |edit: &&FileEdit| chosen.contains(edit);
        if fix.edits.iter().all(|edit| is_there(&edit)) {
            continue;
        }
        let touches = |edit: &FileEdit| {
            chosen.iter().any(|other| edit.start.offset <= other.end.offset && other.start.offset <= edit.end.offset)
                || edit.end.offset > bytes.len()
        };
        if fix.edits.iter().any(touches) {
            postponed += 1;
        } else {
            chosen.extend(&fix.edits);
            applied += 1;
        }
    }
    chosen.sort();
    let mut out = Vec::with_capacity(bytes.len() + 64);
    let mut at = 0;
    for edit in chosen {
        out.extend_from_slice(bytes.get(at..edit.start.offset).unwrap_or_default());
        out.extend_from_slice(&edit.bytes);
        at = edit.end.offset;
    }
    out.extend_from_slice(bytes.get(at..).unwrap_or_default());
    Applied { bytes: out, applied, postponed }
}

/// A difference as people read it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Patch {
    /// A unified diff.
    pub text: String,
    /// Lines in it that are not shown as they are, since they hold secrets: `git apply` does not find them.
    pub masked: usize,
}

/// The difference as a unified diff, as `git apply` takes it, but for secrets: each of their bytes is a dot.
pub fn diff(path: &str, before: &[u8], after: &[u8]) -> Patch {
    let shown = |bytes: &[u8]| redact::masked(bytes, secrets_of(bytes).ranges());
    let (old_shown, new_shown) = (shown(before), shown(after));
    // What differs is told by what is there; a line and what is shown of it have the same number.
    let (old_shown, new_shown) = (old_shown.as_str().tokenize_lines(), new_shown.as_str().tokenize_lines());
    let (before, after) = (String::from_utf8_lossy(before), String::from_utf8_lossy(after));
    let difference = TextDiff::from_lines(before.as_ref(), after.as_ref());
    let mut patch = Patch::default();
    for hunk in difference.unified_diff().context_radius(3).iter_hunks() {
        if patch.text.is_empty() {
            patch.text = format!("--- a/{path}\n+++ b/{path}\n");
        }
        patch.text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            let line = match change.tag() {
                ChangeTag::Insert => change.new_index().and_then(|number| new_shown.get(number)),
                ChangeTag::Delete | ChangeTag::Equal => change.old_index().and_then(|number| old_shown.get(number)),
            };
            let line = line.copied().unwrap_or_default();
            patch.masked += usize::from(line != change.value());
            patch.text.push_str(&format!("{}{line}", change.tag()));
            if change.missing_newline() {
                patch.text.push_str("\n\\ No newline at end of file\n");
            }
        }
    }
    patch
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Position;

    fn fix(applicability: Applicability, start: usize, end: usize, text: &str) -> FileFix {
        let place = |offset| Position {
            offset,
            line: 1,
            column: offset + 1,
            column_utf16: offset + 1,
            column_utf8: offset + 1,
        };
        let edit =
            FileEdit { start: place(start), end: place(end), bytes: text.as_bytes().to_vec(), text: text.to_owned() };
        FileFix { applicability, title: String::new(), edits: vec![edit], has_secret: false }
    }

    #[test]
    fn edits_change_what_they_name_and_nothing_else() {
        let fixes = [
            fix(Applicability::Safe, 4, 8, "3072"),
            fix(Applicability::Unsafe, 0, 1, "X"),
            fix(Applicability::Safe, 6, 9, "overlaps"),
            fix(Applicability::Safe, 4, 8, "3072"),
        ];
        let safe = apply(b"a = 1024\r\n", &fixes, Applicability::Safe);
        assert_eq!((safe.bytes.as_slice(), safe.applied, safe.postponed), (b"a = 3072\r\n".as_slice(), 1, 1));
        let all = apply(b"a = 1024\r\n", &fixes, Applicability::Unsafe);
        assert_eq!((all.bytes.as_slice(), all.applied, all.postponed), (b"X = 3072\r\n".as_slice(), 2, 1));
    }
}
