//! Every mutant of a good request, correctly signed, gets its rule and no other error; every good request gets nothing.

#[path = "support/forge/mod.rs"]
mod forge;

use csrlint::catalogue::{Catalogue, Severity};
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::report::Report;
use csrlint::source::{FilePath, MemoryTree};

fn lint(case: &forge::Case, profile: &str) -> Report {
    let selection = Selection { profiles: vec![profile.to_owned()], ..Selection::default() };
    let policy =
        Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date"))
            .expect("a policy");
    let tree = MemoryTree::new().with(&case.file, case.bytes.clone());
    Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default())
}

fn told(report: &Report) -> Vec<String> {
    report
        .findings
        .iter()
        .map(|finding| {
            format!("{}[{}] {} ({})", finding.severity.name(), finding.rule.id, finding.message, finding.place)
        })
        .collect()
}

#[test]
fn good_requests_are_clean() {
    let mut problems = Vec::new();
    for case in forge::clean() {
        let report = lint(&case, "recommended");
        if !report.findings.is_empty() || !report.errors.is_empty() || report.summary.requests == 0 {
            problems.push(format!(
                "{} ({} requests): {:?} {:?}",
                case.name,
                report.summary.requests,
                told(&report),
                report.errors
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn good_signatures_are_valid() {
    for case in forge::clean() {
        let report = lint(&case, "recommended");
        for not_judged in report.not_judged.iter().filter(|not_judged| not_judged.rule == "signature/invalid") {
            // What this version cannot verify it says so; these are the good ones among the forged requests.
            assert!(not_judged.reason.contains("ML-DSA"), "{}: {}", case.name, not_judged.reason);
        }
    }
}

/// A rule that the note of a case announces beside its own.
fn announced(case: &forge::Case, rule: &str) -> bool {
    case.note.contains(rule)
}

fn check(cases: Vec<forge::Case>, profile: &str) {
    let mut problems = Vec::new();
    for case in cases {
        let Some(rule) = case.rule else { continue };
        let report = lint(&case, profile);
        let hit = report.findings.iter().any(|finding| finding.rule.id == rule);
        let others: Vec<_> = report
            .findings
            .iter()
            .filter(|finding| {
                finding.severity == Severity::Error && finding.rule.id != rule && !announced(&case, &finding.rule.id)
            })
            .collect();
        if !hit || !others.is_empty() || !report.errors.is_empty() {
            problems.push(format!(
                "{} wants {rule}: {:?} {:?} -- {}",
                case.name,
                told(&report),
                report.errors,
                case.note
            ));
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems.join("\n"));
}

#[test]
fn every_mutant_gets_its_rule_and_no_other_error() {
    check(forge::mutants(), "recommended");
}

#[test]
fn every_pedantic_mutant_gets_its_rule_and_no_other_error() {
    check(forge::pedantic_mutants(), "pedantic");
}

/// With every rule on, a request is told to have only what was done to it: no rule guesses.
#[test]
fn every_rule_has_a_mutant() {
    let catalogue = Catalogue::shipped();
    let covered: Vec<&str> =
        forge::mutants().iter().chain(&forge::pedantic_mutants()).filter_map(|case| case.rule).collect();
    let profiles: Vec<_> = catalogue.profiles().flat_map(|profile| profile.resolved(&catalogue).into_keys()).collect();
    let missing: Vec<&String> = profiles
        .iter()
        .filter(|id| !id.starts_with("config/") && !id.starts_with("estate/") && !covered.contains(&id.as_str()))
        .collect();
    assert!(missing.is_empty(), "no mutant for {missing:?}");
}
