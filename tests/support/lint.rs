//! Lints files in memory through the library, as an editor or a server would.
//! The day is always 2026-06-01.

#![allow(dead_code, unreachable_pub, reason = "a tool box: no single test needs all of it")]

use csrlint::catalogue::Catalogue;
use csrlint::check::Date;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, PolicyError, PolicySource, Selection};
use csrlint::report::{Finding, Report};
use csrlint::source::{FilePath, MemoryTree, Tree};

/// The day of all tests.
pub fn day() -> Date {
    "2026-06-01".parse().expect("a date")
}

/// All that can be kept.
pub const ALL: Keep = Keep { requests: true, shown: true, outcomes: true, sheets: true };

/// An engine with a profile and no policy.
pub fn profile(name: &str) -> Engine {
    let selection = Selection { profiles: vec![name.to_owned()], ..Selection::default() };
    let catalogue = Catalogue::shipped();
    Engine::new(Policy::isolated(catalogue, selection, day()).expect("a policy"), ALL)
}

/// The default engine.
pub fn recommended() -> Engine {
    profile("recommended")
}

/// An engine with a policy.
pub fn policy(text: &str) -> Result<Engine, Vec<PolicyError>> {
    let source = PolicySource::of_text(text);
    let catalogue = Catalogue::shipped();
    Ok(Engine::new(Policy::load(&source, catalogue, Selection::default(), day())?, ALL))
}

/// Lints a whole tree.
pub fn tree(engine: &Engine, tree: &dyn Tree) -> Report {
    engine.run(tree, &[FilePath::new(".")], &RunOptions { whole_tree: true, ..RunOptions::default() })
}

/// Lints files.
pub fn files(engine: &Engine, files: &[(&str, &[u8])]) -> Report {
    let mut memory = MemoryTree::new();
    for (path, bytes) in files {
        memory = memory.with(path, *bytes);
    }
    tree(engine, &memory)
}

/// Lints one file with the profile `recommended`.
pub fn one(path: &str, bytes: &[u8]) -> Report {
    files(&recommended(), &[(path, bytes)])
}

/// The ids of rules with findings, in order of place.
pub fn rules(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|finding| finding.rule.id.as_str()).collect()
}

/// Findings as a person would read them.
pub fn told(report: &Report) -> String {
    let line = |finding: &Finding| {
        let waived = finding.waived.as_ref().map_or("", |_| " (waived)");
        format!(
            "  {}:{} {}[{}] {} at {}{waived}\n",
            finding.path,
            finding.start.line,
            finding.severity.name(),
            finding.rule.id,
            finding.message,
            finding.place
        )
    };
    let errors = report.errors.iter().map(|error| format!("  failure {}: {}\n", error.path, error.message));
    report.findings.iter().map(line).chain(errors).collect()
}
