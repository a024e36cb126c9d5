//! Templates that are cut, doubled and spoilt: reading and judging them never panics, every place is in the file, every repair
//! can be applied. The fixtures of `tests/templates` are what is spoilt.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::fix::{Applicability, apply};
use csrlint::policy::{Policy, Selection};
use csrlint::read;
use csrlint::source::{FilePath, MemoryTree, SourceFile};
use proptest::prelude::*;

fn collect(folder: &Path, found: &mut Vec<(String, Vec<u8>)>) {
    for path in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_none_or(|extension| extension != "expected") {
            let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below").display().to_string();
            found.push((name, std::fs::read(&path).expect("a file")));
        }
    }
}

fn fixtures() -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    collect(&PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/templates"), &mut found);
    found.sort();
    found
}

fn engine() -> Engine {
    let selection = Selection { profiles: vec!["pedantic".to_owned()], ..Selection::default() };
    let policy =
        Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a day")).expect("a policy");
    Engine::new(policy, Keep { requests: true, shown: true, outcomes: false, sheets: true })
}

/// One change: a piece cut out, doubled, or replaced by bytes that mean something to some format.
#[derive(Debug, Clone)]
enum Change {
    Cut(usize, usize),
    Double(usize, usize),
    Insert(usize, &'static str),
}

const PIECES: [&str; 24] = [
    "\"",
    "'",
    "{",
    "}",
    "[",
    "]",
    "{{",
    "}}",
    "${",
    "$(",
    "{% if x %}",
    "\\",
    "\n",
    "\r\n",
    "\t",
    ":",
    "=",
    "@",
    "#",
    "\u{e9}",
    "\u{feff}",
    "&a *a",
    "<<EOT\n",
    "- ",
];

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (any::<usize>(), 0usize..40).prop_map(|(at, length)| Change::Cut(at, length)),
        (any::<usize>(), 0usize..60).prop_map(|(at, length)| Change::Double(at, length)),
        (any::<usize>(), 0..PIECES.len()).prop_map(|(at, piece)| Change::Insert(at, PIECES[piece])),
    ]
}

fn changed(mut bytes: Vec<u8>, changes: &[Change]) -> Vec<u8> {
    for change in changes {
        let length = bytes.len().max(1);
        match *change {
            Change::Cut(at, count) => {
                let at = at % length;
                bytes.drain(at.min(bytes.len())..(at + count).min(bytes.len()));
            }
            Change::Double(at, count) => {
                let at = at % length;
                let piece = bytes.get(at..(at + count).min(bytes.len())).unwrap_or_default().to_vec();
                bytes.splice(at.min(bytes.len())..at.min(bytes.len()), piece);
            }
            Change::Insert(at, piece) => {
                let at = (at % length).min(bytes.len());
                bytes.splice(at..at, piece.bytes());
            }
        }
    }
    bytes
}

fn judge(engine: &Engine, name: &str, bytes: &[u8]) -> Result<(), TestCaseError> {
    let path = FilePath::new(name);
    let tree = MemoryTree::new().with(name, bytes.to_vec());
    let report = engine.run(&tree, &[path], &RunOptions::default());
    prop_assert!(report.errors.is_empty(), "{:?}", report.errors);
    for finding in &report.findings {
        prop_assert!(finding.start.offset <= finding.end.offset && finding.end.offset <= bytes.len(), "{finding:?}");
    }
    let fixes = report.findings.iter().filter_map(|finding| finding.fix.as_ref());
    let applied = apply(bytes, fixes, Applicability::Unsafe);
    if std::str::from_utf8(bytes).is_ok() {
        prop_assert!(String::from_utf8(applied.bytes).is_ok(), "an edit cuts a character");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn spoilt_templates_are_read(number in any::<usize>(), changes in prop::collection::vec(change(), 1..6)) {
        let fixtures = fixtures();
        let (name, bytes) = &fixtures[number % fixtures.len()];
        judge(&engine(), name, &changed(bytes.clone(), &changes))?;
    }
}

#[test]
fn every_beginning_of_a_template_is_read() {
    let engine = engine();
    for (name, bytes) in fixtures() {
        for end in (0..bytes.len()).step_by(37) {
            judge(&engine, &name, &bytes[..end]).unwrap_or_else(|error| panic!("{name} to {end}: {error}"));
        }
    }
}

#[test]
fn templates_under_other_names_are_left_alone_or_read() {
    for (_, bytes) in fixtures() {
        for name in ["a.csr", "a.txt", "a.yaml", "a.json", "a.tf", "a.cnf", "a.inf", "a"] {
            let file = SourceFile::new(Arc::new(FilePath::new(name)), bytes.clone());
            let _ = read::read(Arc::new(file));
        }
    }
}
