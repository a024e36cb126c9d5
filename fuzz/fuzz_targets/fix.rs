//! Repairs: nothing but what they name is changed, requests stay requests, and there is an end to it.
#![no_main]

use std::collections::BTreeSet;

use csrlint::fix::{Applicability, FileFix, apply, diff};
use csrlint::report::Report;
use csrlint_fuzz::{Files, engine, files, places, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { engine(); }, |input: &[u8]| {
    let mut tree = files(input);
    let mut report = run(engine(), &tree, 1);
    places(&report, &tree);
    let mut seen = BTreeSet::new();
    while mend(&mut tree, &report) {
        assert!(seen.insert(tree.values().cloned().collect::<Vec<_>>()), "repairs undo each other");
        let mended = run(engine(), &tree, 1);
        places(&mended, &tree);
        let (before, after) = (requests(&report), requests(&mended));
        assert!(after >= before, "{before} requests before a repair, {after} after it");
        report = mended;
    }
});

/// The requests, without keys that no request is made with: those are told of as long as they are weak.
fn requests(report: &Report) -> usize {
    let name = |request: &serde_json::Value| request.get("name").map(ToString::to_string).unwrap_or_default();
    report.requests.iter().filter(|request| !name(request).contains("private_key")).count()
}

/// Applies what repairs there are; tells whether that changed something.
fn mend(tree: &mut Files, report: &Report) -> bool {
    let mut changed = false;
    for (path, bytes) in tree {
        let fixes: Vec<&FileFix> = report
            .open_findings()
            .filter(|found| *found.path == *path)
            .filter_map(|found| found.fix.as_ref())
            .collect();
        let applied = apply(bytes, fixes.iter().copied(), Applicability::Unsafe);
        if applied.bytes == *bytes {
            continue;
        }
        let edits = fixes.iter().flat_map(|fix| &fix.edits);
        untouched(bytes, &applied.bytes, edits.map(|edit| (edit.start.offset, edit.end.offset)).collect());
        if std::str::from_utf8(bytes).is_ok() {
            assert!(std::str::from_utf8(&applied.bytes).is_ok(), "an edit cuts a character");
        }
        let shown = diff(path.as_str(), bytes, &applied.bytes);
        assert!(!shown.text.is_empty());
        *bytes = applied.bytes;
        changed = true;
    }
    changed
}

/// What stands before the first edit and behind the last is what it was.
fn untouched(before: &[u8], after: &[u8], edits: Vec<(usize, usize)>) {
    let first = edits.iter().map(|edit| edit.0).min().unwrap_or(0);
    let last = edits.iter().map(|edit| edit.1).max().unwrap_or(0);
    assert!(after.starts_with(&before[..first]) && after.ends_with(&before[last..]), "changed where nothing names it");
}
