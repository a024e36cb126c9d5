//! Azure Pipelines' logging commands: issues on the summary of a build, the worst first.
//! Azure knows errors and warnings only, so an info is a warning whose text says so. Columns are characters.
//! Values are escaped as the agent reads them; it obeys `##vso[` anywhere in a line, so no text has one of its own.

use std::fmt::Write as _;

use super::{FAILURE, Finding, Report, SUBMODULE, sanitise};
use crate::catalogue::Severity;

/// All issues and a line of counts.
pub fn render(report: &Report) -> String {
    let mut out = String::new();
    for error in &report.errors {
        let text = format!("csrlint could not judge this: {}", error.message);
        let _ = writeln!(
            out,
            "##vso[task.logissue type=error;sourcepath={};code={FAILURE};]{}",
            property(&error.path),
            data(&text)
        );
    }
    for submodule in report.missed_submodules() {
        let (path, text) = (property(&submodule.path), data(&submodule.message));
        let _ = writeln!(out, "##vso[task.logissue type=warning;sourcepath={path};code={SUBMODULE};]{text}");
    }
    for severity in [Severity::Error, Severity::Warning, Severity::Info] {
        for finding in report.open_findings().filter(|finding| finding.severity == severity) {
            let _ = writeln!(out, "{}", issue(finding));
        }
    }
    let _ = writeln!(out, "{}", super::human::counts(report));
    out
}

fn issue(finding: &Finding) -> String {
    let (kind, lead) = match finding.severity {
        Severity::Error => ("error", ""),
        Severity::Warning => ("warning", ""),
        Severity::Info => ("warning", "info: "),
    };
    let (path, start) = (property(finding.path.as_str()), finding.start);
    let code = property(&finding.rule.id);
    let text = data(&format!("{lead}{} ({})", finding.message, finding.rule.id));
    format!(
        "##vso[task.logissue type={kind};sourcepath={path};linenumber={};columnnumber={};code={code};]{text}",
        start.line, start.column
    )
}

/// The message of a command.
fn data(text: &str) -> String {
    let text = sanitise::lines(text);
    sanitise::broken(&text, "##\\").replace('%', "%AZP25").replace('\r', "%0D").replace('\n', "%0A")
}

/// A property of a command.
fn property(text: &str) -> String {
    data(&sanitise::line(text)).replace(';', "%3B").replace(']', "%5D")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_ends_a_command() {
        assert_eq!(data("100%\n##vso[task.complete]x"), "100%AZP25%0A##\\vso[task.complete]x");
        assert_eq!(property("a;b]c\r\n%0A"), "a%3Bb%5Dc\\r\\n%AZP250A");
    }
}
