//! One line a finding: `path:line:column: severity[rule] message`. For editors, grep and logs.

use std::fmt::Write as _;

use super::{Finding, Report, sanitise};

/// All open findings, errors and a line of counts.
pub fn render(report: &Report, with_suppressed: bool) -> String {
    let mut out = String::new();
    for finding in report.open_findings() {
        let _ = writeln!(out, "{}", line(finding));
    }
    if with_suppressed {
        out.push_str(&suppressed(report));
    }
    for error in &report.errors {
        let _ = writeln!(out, "{}: failure: {}", sanitise::line(&error.path), error.message);
    }
    for submodule in report.missed_submodules() {
        let _ = writeln!(out, "{}: not read: {}", sanitise::line(&submodule.path), submodule.message);
    }
    let _ = writeln!(out, "{}", super::human::counts(report));
    sanitise::log(&out)
}

/// Findings that are waived, ignored or in the baseline, and why: a line each.
pub fn suppressed(report: &Report) -> String {
    let mut out = String::new();
    for finding in &report.findings {
        let Some(usage) = &finding.waived else { continue };
        let word = match usage.kind {
            "inline" => "ignored",
            "baseline" => "in the baseline",
            _ => "waived",
        };
        let by = usage.approved_by.as_ref().map(|name| format!("; accepted by {name}")).unwrap_or_default();
        let until = usage.expires.map(|day| format!("; until {day}")).unwrap_or_default();
        let _ =
            writeln!(out, "{word}: {} ({})", line(finding), sanitise::line(&format!("{}{by}{until}", usage.reason)));
    }
    out
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
