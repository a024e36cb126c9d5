//! Checkstyle's XML, which Jenkins, reviewdog and many others read: findings by file, in order of place.
//! Columns are characters. Severities have Checkstyle's own names, which are ours; what could not be judged is an error
//! on line 1 of its file.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::{FAILURE, Report, SUBMODULE, markup};

/// The version of Checkstyle whose form this is.
const VERSION: &str = "4.3";

/// The report as text.
pub fn render(report: &Report) -> String {
    let mut files: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for error in &report.errors {
        let line = element(1, 1, "error", &error.message, FAILURE);
        files.entry(&error.path).or_default().push(line);
    }
    for submodule in report.missed_submodules() {
        let line = element(1, 1, "warning", &submodule.message, SUBMODULE);
        files.entry(&submodule.path).or_default().push(line);
    }
    for finding in report.open_findings() {
        let start = finding.start;
        let line = element(start.line, start.column, finding.severity.name(), &finding.message, &finding.rule.id);
        files.entry(finding.path.as_str()).or_default().push(line);
    }
    let mut out = format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"{VERSION}\">\n");
    for (path, lines) in files {
        let _ = write!(out, "  <file name=\"{}\">\n{}  </file>\n", markup::line(path), lines.concat());
    }
    out.push_str("</checkstyle>\n");
    out
}

fn element(line: usize, column: usize, severity: &str, message: &str, source: &str) -> String {
    let (message, source) = (markup::line(message), markup::line(source));
    format!(
        "    <error line=\"{line}\" column=\"{column}\" severity=\"{severity}\" message=\"{message}\" source=\"{source}\"/>\n"
    )
}
