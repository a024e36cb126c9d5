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
        Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date")).expect("a policy");
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

/// What a rule holds for sound is sound: the examples that pass a rule of `recommended` break no other rule of it,
/// but for what they are made of (a weak key, no names).
#[test]
fn described_examples_that_pass_break_no_other_rule() {
    let catalogue = Catalogue::shipped();
    let recommended = catalogue.profile("recommended").expect("a profile").resolved(&catalogue);
    let by_design = [
        "signature/invalid",
        "signature/key-cannot-sign",
        "signature/algorithm-mismatch",
        "key/rsa-too-small",
        "key/dsa",
        "key/rsa-exponent-large",
        "san/missing",
        "extension/cert-sign-without-ca",
    ];
    let mut problems = Vec::new();
    let mut seen = 0;
    for rule in catalogue.rules().filter(|rule| recommended.contains_key(&rule.id)) {
        for example in rule.all_examples().pass.iter().filter(|example| !example.request.is_null()) {
            seen += 1;
            let Some(file) = example.files.get("request.csr") else { continue };
            let case = forge::Case::file("example", "csr", file.bytes(), None, "");
            for finding in lint(&case, "recommended").open_findings() {
                if finding.severity > Severity::Info && !by_design.contains(&finding.rule.id.as_str()) {
                    problems.push(format!("{} ({}): {} {}", rule.id, example.name, finding.rule.id, finding.message));
                }
            }
        }
    }
    assert!(seen > 30, "only {seen}");
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_mutant_gets_its_rule_and_no_other_error() {
    check(forge::mutants(), "recommended");
}

#[test]
fn every_pedantic_mutant_gets_its_rule_and_no_other_error() {
    check(forge::pedantic_mutants(), "pedantic");
}

/// What needs more than one request: a policy, a list of keys, another file, a signature of another key. The examples of
/// these rules are files.
const BY_FILES: [&str; 6] = [
    "key/not-allowed",
    "key/compromised",
    "attribute/possession-statement-invalid",
    "signature/small-nonce",
    "secret/private-key-committed",
    "secret/encrypted-private-key-committed",
];

/// Rules of what only templates can be: their examples are files.
const OF_TEMPLATES: [&str; 7] = [
    "template/",
    "policy/",
    "secret/inline-password",
    "secret/key-in-state",
    "renewal/window",
    "renewal/key-shared",
    "kubernetes/request-",
];

/// Every rule of a profile has a mutant of the forge, or an example that says what its request holds.
#[test]
fn every_rule_has_a_mutant() {
    let catalogue = Catalogue::shipped();
    let described =
        |rule: &csrlint::catalogue::Rule| rule.all_examples().fail.iter().any(|example| !example.request.is_null());
    let mut covered: Vec<&str> =
        forge::mutants().iter().chain(&forge::pedantic_mutants()).filter_map(|case| case.rule).collect();
    covered.extend(catalogue.rules().filter(|rule| described(rule)).map(|rule| rule.id.as_str()));
    let profiles: Vec<_> = catalogue.profiles().flat_map(|profile| profile.resolved(&catalogue).into_keys()).collect();
    let missing: Vec<&String> = profiles
        .iter()
        .filter(|id| {
            !id.starts_with("config/")
                && !id.starts_with("estate/")
                && !BY_FILES.contains(&id.as_str())
                && !OF_TEMPLATES.iter().any(|start| id.starts_with(start))
                && !covered.contains(&id.as_str())
        })
        .collect();
    assert!(missing.is_empty(), "no mutant for {missing:?}");
}
