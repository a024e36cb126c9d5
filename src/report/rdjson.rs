//! reviewdog's diagnostic format, one object (`rdjson`): comments on the lines of a pull request, wherever it is hosted.
//! Columns count bytes of the line as UTF-8, from 1; ends are exclusive.
//! A repair becomes a suggestion where one edit is all of it and it changes neither certificate nor key.

use serde_json::{Value, json};

use super::{FAILURE, Finding, Report, SUBMODULE, sanitise};
use crate::catalogue::Severity;
use crate::fix::Applicability;
use crate::source::Position;

const HOME: &str = "https://github.com/csrlint/csrlint";

/// The report as text.
pub fn render(report: &Report) -> String {
    let errors = report.errors.iter().map(|error| {
        json!({
            "message": sanitise::line(&error.message),
            "location": { "path": error.path },
            "severity": "ERROR",
            "code": { "value": FAILURE },
        })
    });
    let submodules = report.missed_submodules().map(|submodule| {
        json!({
            "message": sanitise::line(&submodule.message),
            "location": { "path": submodule.path },
            "severity": "WARNING",
            "code": { "value": SUBMODULE },
        })
    });
    let diagnostics: Vec<Value> = errors.chain(submodules).chain(report.open_findings().map(diagnostic)).collect();
    super::json::pretty(&json!({ "source": { "name": "csrlint", "url": HOME }, "diagnostics": diagnostics }))
}

fn diagnostic(finding: &Finding) -> Value {
    let severity = match finding.severity {
        Severity::Error => "ERROR",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    };
    let mut diagnostic = json!({
        "message": sanitise::line(&finding.message),
        "location": { "path": finding.path.as_str(), "range": range(finding.start, finding.end) },
        "severity": severity,
        "code": { "value": finding.rule.id },
    });
    if let Some(fix) = finding.fix.as_ref().filter(|fix| fix.applicability == Applicability::Safe && !fix.has_secret)
        && let [edit] = fix.edits.as_slice()
    {
        diagnostic["suggestions"] = json!([{ "range": range(edit.start, edit.end), "text": edit.text }]);
    }
    if !finding.related.is_empty() {
        let related = |related: &super::Related| {
            let location = json!({ "path": related.path, "range": { "start": { "line": related.line } } });
            json!({ "message": sanitise::line(&related.message), "location": location })
        };
        diagnostic["related_locations"] = finding.related.iter().take(10).map(related).collect();
    }
    diagnostic
}

fn range(start: Position, end: Position) -> Value {
    let position = |position: Position| json!({ "line": position.line, "column": position.column_utf8 });
    json!({ "start": position(start), "end": position(end) })
}
