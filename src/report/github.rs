//! GitHub workflow commands: annotations on the lines of a pull request.
//! Only about ten of a kind are shown for each step, so the worst come first and the rest is counted.
//! Values are escaped as the runner wants it; a message cannot start a command of its own.

use std::fmt::Write as _;

use super::{Finding, Report, sanitise};
use crate::catalogue::Severity;

/// Annotations of each kind that GitHub shows for a step.
const SHOWN: usize = 10;

/// All annotations, the worst first.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for error in report.errors.iter().take(SHOWN) {
        let _ = writeln!(
            out,
            "::error file={},title=csrlint could not judge this::{}",
            property(&error.path),
            data(&error.message)
        );
    }
    for submodule in report.missed_submodules().take(SHOWN) {
        let (path, text) = (property(&submodule.path), data(&submodule.message));
        let _ = writeln!(out, "::warning file={path},title=csrlint did not read a submodule::{text}");
    }
    let mut left = report.missed_submodules().count().saturating_sub(SHOWN);
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        let findings: Vec<&Finding> = report.open_findings().filter(|finding| finding.severity == severity).collect();
        for finding in findings.iter().take(SHOWN) {
            let _ = writeln!(out, "{}", annotation(finding));
        }
        left += findings.len().saturating_sub(SHOWN);
    }
    left += report.errors.len().saturating_sub(SHOWN);
    if left > 0 {
        let _ = writeln!(out, "::notice title=csrlint::{left} more findings are not annotated; see the full report");
    }
    let _ = writeln!(out, "{}", super::human::counts(report));
    out
}

fn annotation(finding: &Finding) -> String {
    let command = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "notice",
    };
    let mut properties = format!("file={},line={}", property(finding.path.as_str()), finding.start.line);
    if finding.end.line > finding.start.line {
        let _ = write!(properties, ",endLine={}", finding.end.line);
    } else {
        // GitHub refuses columns on a range of several lines.
        let _ = write!(properties, ",col={}", finding.start.column);
        if finding.end.column > finding.start.column {
            let _ = write!(properties, ",endColumn={}", finding.end.column);
        }
    }
    let text = format!("{}\n{}", finding.message, finding.rule.fix.lines().next().unwrap_or_default());
    format!(
        "::{command} {properties},title={}::{}",
        property(&format!("{} ({})", finding.rule.title, finding.rule.id)),
        data(text.trim_end())
    )
}

/// The message of a command.
fn data(text: &str) -> String {
    sanitise::broken(&sanitise::lines(text), "##\\").replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    sanitise::broken(&sanitise::line(text), "##\\").replace('%', "%25").replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command() {
        assert_eq!(data("100%\n::error::x"), "100%25%0A::error::x");
        assert_eq!(property("a,b:c\n::d"), "a%2Cb%3Ac\\n%3A%3Ad");
    }
}
