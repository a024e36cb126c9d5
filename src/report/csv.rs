//! A table (RFC 4180) for spreadsheets: a line a finding, what could not be judged before them as `failure`, and submodules that are not there
//! as `not read`.
//! Texts that a spreadsheet would take for a formula begin with an apostrophe, which shows that they are text.
//! Every text is quoted: what separates columns in one country stands inside of values in another. Columns count characters.

use super::{FAILURE, Report, SUBMODULE, sanitise};

/// The names of the columns.
const COLUMNS: [&str; 14] = [
    "severity",
    "rule",
    "path",
    "line",
    "column",
    "end_line",
    "end_column",
    "request",
    "place",
    "message",
    "what_to_do",
    "profiles",
    "spki_sha256",
    "fingerprint",
];

/// The report as text.
pub fn render(report: &Report) -> String {
    let mut out = COLUMNS.join(",") + "\r\n";
    let failures = report.errors.iter().map(|error| ("failure", FAILURE, &error.path, &error.message));
    let submodules = report.missed_submodules().map(|one| ("not read", SUBMODULE, &one.path, &one.message));
    for (kind, name, path, message) in failures.chain(submodules) {
        let empty = text("");
        let cells = [text(kind), text(name), text(path)]
            .into_iter()
            .chain(std::iter::repeat_n(String::new(), 4))
            .chain([empty.clone(), empty.clone(), text(message)])
            .chain(std::iter::repeat_n(empty, 4));
        row(&mut out, cells);
    }
    for finding in report.open_findings() {
        let request = finding.request.as_ref();
        let fix = finding.rule.fix.split_whitespace().collect::<Vec<_>>().join(" ");
        let cells = [
            text(finding.severity.name()),
            text(&finding.rule.id),
            text(finding.path.as_str()),
            finding.start.line.to_string(),
            finding.start.column.to_string(),
            finding.end.line.to_string(),
            finding.end.column.to_string(),
            text(request.map(|request| request.title.as_str()).unwrap_or_default()),
            text(&finding.place),
            text(&finding.message),
            text(&fix),
            text(&finding.profiles.join(" ")),
            text(request.and_then(|request| request.spki_sha256.as_deref()).unwrap_or_default()),
            text(&finding.fingerprint),
        ];
        row(&mut out, cells);
    }
    out
}

fn row(out: &mut String, cells: impl IntoIterator<Item = String>) {
    out.push_str(&cells.into_iter().collect::<Vec<_>>().join(","));
    out.push_str("\r\n");
}

/// A text in quotes, on one line.
fn text(text: &str) -> String {
    let clean = sanitise::line(text);
    let clean = sanitise::broken(&clean, "##\\");
    // Blanks before a sign do not keep spreadsheets from calculating; wide forms of the signs count in East Asian ones.
    let is_formula = clean.trim_start().starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠', '\t', '\r']);
    format!("\"{}{}\"", if is_formula { "'" } else { "" }, clean.replace('"', "\"\""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_calculated() {
        assert_eq!(text("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
        assert_eq!(text(" @SUM(1);\n-2"), "\"' @SUM(1);\\n-2\"");
        assert_eq!(text("a-b"), "\"a-b\"");
    }
}
