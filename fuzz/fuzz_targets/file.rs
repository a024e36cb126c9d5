//! Any bytes as a file: found, read, checked with every rule, reported in every format.
#![no_main]

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::report::{azure, checkstyle, concise, csv, github, gitlab, html, human, json, junit, ndjson, rdjson, sarif};
use csrlint::source::{FilePath, MemoryTree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let selection = Selection { profiles: vec!["pedantic".to_owned()], ..Selection::default() };
    let policy = Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date")).expect("a policy");
    let tree = MemoryTree::new().with("a.csr", bytes.to_vec());
    let report = Engine::new(policy, Keep { requests: true, shown: true, sheets: true, ..Keep::default() }).run(&tree, &[FilePath::new(".")], &RunOptions::default());
    for text in [
        human::render(&report, &human::Style::default()),
        concise::render(&report),
        json::render(&report),
        ndjson::render(&report),
        sarif::render(&report, &sarif::Options::default()).text,
        github::render(&report),
        gitlab::render(&report),
        azure::render(&report),
        junit::render(&report),
        checkstyle::render(&report),
        rdjson::render(&report),
        csv::render(&report),
        html::render(&report).text,
    ] {
        assert!(!text.contains('\u{1b}'));
    }
});
