//! Any bytes as a file: found, read, checked with every rule, reported in every format.
#![no_main]

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::report::{concise, github, human, json, sarif};
use csrlint::source::{FilePath, MemoryTree};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let selection = Selection { profiles: vec!["pedantic".to_owned()], ..Selection::default() };
    let policy = Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date")).expect("a policy");
    let tree = MemoryTree::new().with("a.csr", bytes.to_vec());
    let report = Engine::new(policy, Keep { requests: true, shown: true }).run(&tree, &[FilePath::new(".")], &RunOptions::default());
    for text in [human::render(&report, &human::Style::default()), concise::render(&report), json::render(&report), sarif::render(&report), github::render(&report)] {
        assert!(!text.contains('\u{1b}'));
    }
});
