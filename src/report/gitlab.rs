//! GitLab's code quality report: the part of Code Climate's issues that GitLab reads.
//! Issues with equal fingerprints fold into one there, so ours are unique; `check_name` is not shown, so texts begin with it.
//! Severities: error is critical, warning major, info info; what could not be judged is a blocker, and a submodule that is
//! not there minor.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::{FAILURE, Finding, Report, SUBMODULE, sanitise};
use crate::catalogue::Severity;

/// The report as text.
pub fn render(report: &Report) -> String {
    let mut seen = HashSet::new();
    let errors = report.errors.iter().map(|error| {
        let base = Finding::fingerprint_of(FAILURE, &error.path, "", "", &error.message);
        // Two failures can be the same word for word.
        let mut fingerprint = base.clone();
        let mut number = 1;
        while !seen.insert(fingerprint.clone()) {
            number += 1;
            fingerprint = format!("{base}:{number}");
        }
        issue(FAILURE, &error.message, "blocker", &fingerprint, &error.path, [1, 1])
    });
    let submodules = report.missed_submodules().map(|submodule| {
        let fingerprint = Finding::fingerprint_of(SUBMODULE, &submodule.path, "", "", "");
        issue(SUBMODULE, &submodule.message, "minor", &fingerprint, &submodule.path, [1, 1])
    });
    let findings = report.open_findings().map(|finding| {
        let severity = match finding.severity {
            Severity::Error => "critical",
            Severity::Warning => "major",
            Severity::Info => "info",
        };
        let lines = [finding.start.line, finding.end.line];
        let (rule, path) = (finding.rule.id.as_str(), finding.path.as_str());
        issue(rule, &finding.message, severity, &finding.fingerprint, path, lines)
    });
    super::json::pretty(&errors.chain(submodules).chain(findings).collect::<Vec<Value>>())
}

fn issue(rule: &str, message: &str, severity: &str, fingerprint: &str, path: &str, [begin, end]: [usize; 2]) -> Value {
    json!({
        "type": "issue",
        "description": format!("{rule}: {}", sanitise::line(message)),
        "check_name": rule,
        "fingerprint": fingerprint,
        "severity": severity,
        "categories": ["Security"],
        "location": { "path": path, "lines": { "begin": begin, "end": end } },
    })
}
