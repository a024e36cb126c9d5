//! Two states of a tree, below `before/` and `after/`: every request and finding is accounted for, in every format.
#![no_main]

use std::collections::BTreeMap;

use csrlint::compare::{Comparison, Fate, compare};
use csrlint::report::{diff, html, markdown};
use csrlint::source::{Change, ChangeKind, Changes, FilePath};
use csrlint_fuzz::{Files, engine, files, harmless, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { engine(); }, |input: &[u8]| {
    let all = files(input);
    let (old, new) = (below("before", &all), below("after", &all));
    let (before, mut after) = (run(engine(), &old, 1), run(engine(), &new, 1));

    let nothing = compare("a", "a", &before, &before, &Changes::default());
    assert!(nothing.requests.is_empty() && nothing.appeared.is_empty() && nothing.gone.is_empty(), "{nothing:?}");
    assert_eq!(nothing.unchanged, before.requests.len());

    let comparison = compare("old \u{1b}[31m", "new", &before, &after, &changes(&old, &new));
    let count = |fate| comparison.count(fate);
    assert_eq!(before.requests.len() + count(Fate::Added), after.requests.len() + count(Fate::Removed));
    let appeared = comparison.all_appeared().count();
    assert_eq!(appeared + comparison.stayed, after.open_findings().count(), "{comparison:?}");
    assert_eq!(comparison.all_gone().count() + comparison.stayed, before.open_findings().count(), "{comparison:?}");
    shown(&comparison);
    after.comparison = Some(comparison);
    harmless("markdown", &markdown::render(&after));
    harmless("html", &html::render(&after).text);
});

fn shown(comparison: &Comparison) {
    harmless("human", &diff::render(comparison));
    harmless("json", &diff::render_json(comparison));
    harmless("markdown", &markdown::render_diff(comparison));
}

fn below(folder: &str, all: &Files) -> Files {
    let inside = |path: &FilePath| path.native().strip_prefix(folder).ok().map(FilePath::new);
    all.iter().filter_map(|(path, bytes)| Some((inside(path)?, bytes.clone()))).collect()
}

/// As git would have it, with renames of files whose bytes stayed.
fn changes(old: &Files, new: &Files) -> Changes {
    let mut gone: Files =
        old.iter().filter(|(path, _)| !new.contains_key(path)).map(|(p, b)| (p.clone(), b.clone())).collect();
    let mut files = BTreeMap::new();
    for (path, bytes) in new.iter().filter(|(path, bytes)| old.get(path) != Some(bytes)) {
        let from = gone.iter().find(|(_, was)| *was == bytes).map(|(from, _)| from.clone());
        let kind = match from {
            Some(from) if !old.contains_key(path) => {
                gone.remove(&from);
                ChangeKind::Renamed { from }
            }
            _ if old.contains_key(path) => ChangeKind::Modified,
            _ => ChangeKind::Added,
        };
        files.insert(path.clone(), Change { kind, submodule: false });
    }
    files.extend(gone.into_keys().map(|path| (path, Change { kind: ChangeKind::Deleted, submodule: false })));
    Changes::from(files)
}
