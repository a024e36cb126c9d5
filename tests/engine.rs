//! The Engine from memory, without a disk: the same report on any number of threads, and estates that can be carried on.

#[path = "support/forge/mod.rs"]
mod forge;

use std::sync::Arc;

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::estate::{Estate, Record};
use csrlint::policy::{Policy, Selection};
use csrlint::read;
use csrlint::report::{
    Report, azure, checkstyle, concise, csv, github, gitlab, html, human, json, junit, ndjson, rdjson, sarif,
};
use csrlint::source::{FilePath, MemoryTree, SourceFile};

fn engine(profile: &str) -> Engine {
    let selection = Selection { profiles: vec![profile.to_owned()], ..Selection::default() };
    let policy =
        Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date")).expect("a policy");
    Engine::new(policy, Keep { requests: true, shown: true, outcomes: true, sheets: true })
}

fn run(tree: &MemoryTree, threads: usize) -> Report {
    engine("pedantic").run(tree, &[FilePath::new(".")], &RunOptions { threads, ..RunOptions::default() })
}

fn big_tree() -> MemoryTree {
    let cases = forge::clean().into_iter().chain(forge::mutants()).chain(forge::pedantic_mutants());
    cases.enumerate().fold(MemoryTree::new(), |tree, (number, case)| {
        tree.with(&format!("{:02}/{}", number % 7, case.file), case.bytes)
    })
}

#[test]
fn the_engine_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<Engine>();
    shared::<Policy>();
    shared::<Report>();
}

#[test]
fn reports_do_not_depend_on_threads() {
    let tree = big_tree();
    let all = |report: &Report| {
        let style = human::Style { verbose: true, ..human::Style::default() };
        [
            json::render(report),
            sarif::render(report, &sarif::Options::default()).text,
            human::render(report, &style),
            concise::render(report, false),
            github::render(report),
            ndjson::render(report),
            gitlab::render(report),
            azure::render(report),
            junit::render(report),
            checkstyle::render(report),
            rdjson::render(report),
            csv::render(report),
            html::render(report).text,
        ]
    };
    let first = all(&run(&tree, 1));
    for threads in [2, 4] {
        assert!(all(&run(&tree, threads)) == first, "{threads} threads");
    }
}

#[test]
fn files_can_be_read_checked_and_settled_one_by_one() {
    let engine = engine("recommended");
    let mut outcomes = Vec::new();
    for case in forge::mutants().into_iter().take(20) {
        let facts = engine.read(Arc::new(SourceFile::new(Arc::new(FilePath::new(&case.file)), case.bytes)));
        outcomes.push(engine.check(&facts));
    }
    let report = engine.settle(outcomes, false);
    assert!(report.summary.findings >= 20);
    assert!(report.findings.windows(2).all(|pair| pair[0].path <= pair[1].path), "in order of path");
}

#[test]
fn estates_are_written_merged_and_read_again() {
    let records: Vec<Record> = forge::clean()
        .into_iter()
        .flat_map(|case| {
            let facts = read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(&case.file)), case.bytes)));
            facts.requests().map(Record::of).collect::<Vec<_>>()
        })
        .collect();
    let (left, right) = records.split_at(records.len() / 2);
    let whole = Estate::new(records.clone());
    let merged = Estate::new(right.to_vec()).merged(Estate::new(left.to_vec()));
    assert_eq!(merged, whole);
    let text = serde_json::to_string(&whole).expect("JSON");
    assert_eq!(serde_json::from_str::<Estate>(&text).expect("an estate"), whole);
    assert!(serde_json::from_str::<Estate>(&text.replacen("\"spki_sha256\":\"", "\"spki_sha256\":\"zz", 1)).is_err());
}

#[test]
fn one_key_in_two_requests_is_told_once_and_copies_are_not_reuse() {
    let request = forge::csr::good().pem();
    let other = forge::csr::good().subject(forge::der::name(&[("CN", "other.example.com")])).pem();
    let tree = MemoryTree::new().with("a.csr", request.clone()).with("b.csr", request).with("c.csr", other);
    let report = run(&tree, 2);
    let reused: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == "estate/key-reused").collect();
    assert_eq!(reused.len(), 1);
    assert!(reused[0].message.starts_with("2 different requests"), "{}", reused[0].message);
    assert_eq!(reused[0].related.len(), 1);
}
