//! One line a finding: `path:line:column: severity[rule] message`. For editors, grep and logs.

use std::fmt::Write as _;

use super::{Finding, Report, sanitise};

/// All open findings, errors and a line of counts.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for finding in report.open_findings() {
        let _ = writeln!(out, "{}", line(finding));
    }
    for error in &report.errors {
        let _ = writeln!(out, "{}: failure: {}", sanitise::line(&error.path), error.message);
    }
    let _ = writeln!(out, "{}", super::human::counts(report));
    sanitise::log(&out)
}

/// One finding.
pub fn line(finding: &Finding) -> String {
    let path = sanitise::line(finding.path.as_str());
    format!(
        "{path}:{}:{}: {}[{}] {}",
        finding.start.line,
        finding.start.column,
        finding.severity.name(),
        finding.rule.id,
        finding.message
    )
}
