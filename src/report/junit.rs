//! JUnit's XML: a suite a file, a test case for each finding, and a passing one for each request without a failing finding.
//! Something is red exactly when the exit code is not 0: a finding below the threshold of `--fail-on` passes and is told in
//! the output of its test; what could not be judged is an error, a rule that could not tell is skipped.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt::Write as _;

use super::{Finding, Report, RunError, Sheet, concise, markup, sheet};

/// What became of a test case.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Passed,
    Failed,
    Error,
    Skipped,
}

struct Case {
    name: String,
    line: usize,
    state: State,
    /// The elements inside of it.
    body: String,
}

/// The report as text.
pub fn render(report: &Report) -> String {
    let mut files: BTreeMap<&str, Vec<Case>> = BTreeMap::new();
    for error in &report.errors {
        files.entry(&error.path).or_default().push(of_error(error));
    }
    for submodule in report.missed_submodules() {
        let message = markup::line(&submodule.message);
        let body = format!("<skipped message=\"{message}\"/>");
        let case = Case { name: "submodule that was not read".to_owned(), line: 0, state: State::Skipped, body };
        files.entry(&submodule.path).or_default().push(case);
    }
    let sheets = sheet::sheets_of_findings(report);
    let failing: HashSet<usize> = report
        .findings
        .iter()
        .zip(&sheets)
        .filter(|(finding, _)| finding.is_open() && finding.fails)
        .filter_map(|(_, sheet)| *sheet)
        .collect();
    for (_, sheet) in report.sheets.iter().enumerate().filter(|(number, _)| !failing.contains(number)) {
        files.entry(&sheet.path).or_default().push(of_request(sheet));
    }
    for finding in report.open_findings() {
        files.entry(finding.path.as_str()).or_default().push(of_finding(finding));
    }
    let mut unknown: BTreeMap<(&str, usize, &str), Vec<String>> = BTreeMap::new();
    for not_judged in &report.not_judged {
        unknown
            .entry((&not_judged.path, not_judged.line, &not_judged.request))
            .or_default()
            .push(format!("{}: {}", not_judged.rule, not_judged.reason));
    }
    for ((path, line, request), reasons) in unknown {
        files.entry(path).or_default().push(of_unknown(line, request, &reasons));
    }
    if files.is_empty() {
        // Some readers refuse a report without any test.
        let body = "<skipped message=\"there is no certificate request, and nothing else to judge\"/>".to_owned();
        let case = Case { name: "no certificate request".to_owned(), line: 0, state: State::Skipped, body };
        files.insert("csrlint", vec![case]);
    }
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let counts = counted(files.values().flatten());
    let _ = writeln!(out, "<testsuites name=\"csrlint\" {counts}>");
    for (path, cases) in &mut files {
        // By line; what is alike in this, as it was found.
        cases.sort_by_key(|case| case.line);
        suite(&mut out, path, cases);
    }
    out.push_str("</testsuites>\n");
    out
}

fn counted<'c>(cases: impl Iterator<Item = &'c Case>) -> String {
    let mut counts = [0; 4];
    for case in cases {
        counts[case.state as usize] += 1;
    }
    let [passed, failed, errors, skipped] = counts;
    let tests = passed + failed + errors + skipped;
    // A run is the same on every machine, so it takes no time.
    format!("tests=\"{tests}\" failures=\"{failed}\" errors=\"{errors}\" skipped=\"{skipped}\" time=\"0\"")
}

fn suite(out: &mut String, path: &str, cases: &[Case]) {
    let path = markup::line(path);
    let _ = writeln!(out, "  <testsuite name=\"{path}\" {}>", counted(cases.iter()));
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for case in cases {
        let count = seen.entry(&case.name).and_modify(|count| *count += 1).or_insert(1);
        // Readers tell tests apart by class and name.
        let number = if *count > 1 { format!(" #{count}") } else { String::new() };
        let name = markup::line(&case.name);
        let line = if case.line > 0 { format!(" line=\"{}\"", case.line) } else { String::new() };
        let _ =
            write!(out, "    <testcase classname=\"{path}\" name=\"{name}{number}\" file=\"{path}\"{line} time=\"0\"");
        if case.body.is_empty() {
            out.push_str("/>\n");
        } else {
            let _ = writeln!(out, ">\n      {}\n    </testcase>", case.body);
        }
    }
    out.push_str("  </testsuite>\n");
}

fn of_error(error: &RunError) -> Case {
    let message = markup::line(&error.message);
    let body = format!("<error message=\"{message}\" type=\"{}\">{message}</error>", super::FAILURE);
    Case { name: "could not be read or judged".to_owned(), line: 0, state: State::Error, body }
}

fn of_request(sheet: &Sheet) -> Case {
    Case { name: sheet.title.clone(), line: sheet.start.line, state: State::Passed, body: String::new() }
}

fn of_finding(finding: &Finding) -> Case {
    let rule = &finding.rule;
    let about = finding.request.as_ref().map(|request| format!(" ({})", request.title)).unwrap_or_default();
    let at = if finding.place.is_empty() { String::new() } else { format!(" at {}", finding.place) };
    let text = format!(
        "{}\nWhy: {}\nWhat to do: {}\nFingerprint: {}",
        concise::line(finding),
        rule.why.trim(),
        rule.fix.trim_end(),
        finding.fingerprint
    );
    let (message, text) = (markup::line(&finding.message), markup::lines(&text));
    let (state, body) = if finding.fails {
        let kind = finding.severity.name();
        (State::Failed, format!("<failure message=\"{message}\" type=\"{kind}\">{text}</failure>"))
    } else {
        (State::Passed, format!("<system-out>{text}</system-out>"))
    };
    Case { name: format!("{}{at}{about}", rule.id), line: finding.start.line, state, body }
}

fn of_unknown(line: usize, request: &str, reasons: &[String]) -> Case {
    let about = if request.is_empty() { String::new() } else { format!(" ({request})") };
    let message = match reasons.len() {
        1 => "1 rule could not tell".to_owned(),
        count => format!("{count} rules could not tell"),
    };
    let text = markup::lines(&reasons.join("\n"));
    let body = format!("<skipped message=\"{message}\">{text}</skipped>");
    Case { name: format!("not judged{about}"), line, state: State::Skipped, body }
}
