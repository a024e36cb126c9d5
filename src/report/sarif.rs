//! SARIF 2.1.0 (OASIS) as GitHub code scanning reads it: every field it requires, within its limits.
//! All enabled rules are listed, so that filters do not flicker; fingerprints are our own, since GitHub's collapse on base64.
//! What is waived is left out unless asked for: GitHub does not read `suppressions` and would show it as open.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::{Finding, Report, RunError, sanitise};
use crate::catalogue::{Confidence, Rule, Severity};
use crate::policy::WaiverUse;

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
const HOME: &str = "https://github.com/csrlint/csrlint";
/// Results of one run that GitHub accepts; it rejects the whole file above that.
const MOST_RESULTS: usize = 25_000;
/// Results of one run that GitHub shows, the worst first.
const SHOWN_RESULTS: usize = 5_000;
/// Bytes of the file, compressed with gzip, that GitHub accepts are 10 MB; others compress a little worse than we do.
const MOST_COMPRESSED: usize = 9_500_000;
/// Characters of a description that GitHub accepts.
const MOST_TEXT: usize = 1024;
/// Tags of a rule that GitHub shows; it rejects more than 20.
const MOST_TAGS: usize = 10;

/// What goes into the file besides open findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Options {
    /// Waived findings, with who accepted them and why under `suppressions`.
    pub suppressed: bool,
}

/// The file, and what the user should know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The file's text.
    pub text: String,
    /// What was cut, and what GitHub will not show.
    pub notices: Vec<String>,
}

/// The report as text, within what GitHub takes.
pub fn render(report: &Report, options: &Options) -> Rendered {
    let wanted = |finding: &&Finding| finding.is_open() || (options.suppressed && finding.superseded_by.is_none());
    let mut findings: Vec<&Finding> = report.findings.iter().filter(wanted).collect();
    let total = findings.len();
    if total > MOST_RESULTS {
        // What is open and worst is kept; sorting is stable, so the order of places is, too.
        findings.sort_by_key(|finding| (finding.waived.is_some(), std::cmp::Reverse(finding.severity)));
    }
    findings.truncate(MOST_RESULTS);
    loop {
        let (text, notices) = within(report, &findings, total);
        let size = compressed(&text);
        if size <= MOST_COMPRESSED || findings.is_empty() {
            return Rendered { text, notices };
        }
        if findings.len() == total {
            findings.sort_by_key(|finding| (finding.waived.is_some(), std::cmp::Reverse(finding.severity)));
        }
        // As many as should fit if all were alike, and fewer than before.
        let fitting = findings.len() as u128 * MOST_COMPRESSED as u128 * 95 / (size as u128 * 100);
        findings.truncate(usize::try_from(fitting).unwrap_or(0).min(findings.len() - 1));
    }
}

fn within(report: &Report, findings: &[&Finding], total: usize) -> (String, Vec<String>) {
    let numbers: HashMap<&str, usize> =
        report.rules.iter().enumerate().map(|(number, rule)| (rule.id.as_str(), number)).collect();
    let mut notices = Vec::new();
    let kept = findings.len();
    if kept < total {
        let limit = match kept {
            MOST_RESULTS => format!("{MOST_RESULTS} results"),
            _ => "10 MB, compressed".to_owned(),
        };
        let left_out = total - kept;
        notices.push(format!(
            "{left_out} findings beyond GitHub's limit of {limit} are left out of the SARIF file; the worst are kept"
        ));
    }
    if kept > SHOWN_RESULTS {
        notices.push(format!("GitHub shows the {SHOWN_RESULTS} worst of the {kept} results in the SARIF file"));
    }
    let told = notices.iter().map(|notice| json!({ "level": "warning", "message": { "text": text(notice) } }));
    let submodules = report.missed_submodules().map(|one| notification("warning", &one.path, &one.message));
    let notifications: Vec<Value> = report.errors.iter().map(failure).chain(submodules).chain(told).collect();
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "csrlint",
                "semanticVersion": report.run.version,
                "version": report.run.version,
                "informationUri": HOME,
                "rules": report.rules.iter().map(|found| rule(found)).collect::<Vec<_>>(),
            } },
            "automationDetails": { "id": "csrlint/" },
            "columnKind": "utf16CodeUnits",
            "invocations": [{ "executionSuccessful": report.errors.is_empty(), "toolExecutionNotifications": notifications }],
            "results": findings.iter().map(|finding| result(finding, &numbers)).collect::<Vec<_>>(),
        }],
    });
    (super::json::pretty(&document), notices)
}

/// The size after gzip, as uploads have it.
fn compressed(text: &str) -> usize {
    const LEVEL: u8 = 6;
    /// Head and checksum of a gzip member (RFC 1952).
    const FRAME: usize = 18;
    if text.len() < MOST_COMPRESSED / 2 {
        // It cannot grow that much.
        return text.len();
    }
    miniz_oxide::deflate::compress_to_vec(text.as_bytes(), LEVEL).len() + FRAME
}

/// Something that could not be read or judged; it is no result, since it has no rule.
fn failure(error: &RunError) -> Value {
    notification("error", &error.path, &error.message)
}

fn notification(level: &str, path: &str, message: &str) -> Value {
    let uri = crate::source::FilePath::from_shown(path).to_uri();
    let mut notification = json!({
        "level": level,
        "message": { "text": text(&format!("{path}: {message}")) },
    });
    if !uri.is_empty() {
        notification["locations"] = json!([{ "physicalLocation": { "artifactLocation": { "uri": uri } } }]);
    }
    notification
}

fn rule(rule: &Rule) -> Value {
    let references: Vec<String> = rule.references.iter().map(ToString::to_string).collect();
    let mut tags = vec!["security".to_owned(), rule.family().to_owned()];
    tags.extend(rule.tags.iter().cloned());
    tags.extend(
        rule.controls
            .iter()
            .filter_map(|control| control.strip_prefix("CWE-"))
            .map(|number| format!("external/cwe/cwe-{number:0>3}")),
    );
    let mut seen = std::collections::HashSet::new();
    tags.retain(|tag| seen.insert(tag.clone()));
    tags.truncate(MOST_TAGS);
    let security_severity = rule.security_severity.unwrap_or(match rule.severity {
        Severity::Error => 5.0,
        Severity::Warning => 3.0,
        Severity::Info => 1.0,
    });
    let problem = match rule.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "recommendation",
    };
    let what = if rule.what.is_empty() { &rule.title } else { &rule.what };
    json!({
        "id": rule.id,
        "name": pascal_case(&rule.id),
        "shortDescription": { "text": filled(&rule.title) },
        "fullDescription": { "text": filled(what) },
        "help": { "text": help(rule, &references), "markdown": help_markdown(rule, &references) },
        "defaultConfiguration": { "level": level(rule.severity) },
        "properties": {
            "tags": tags,
            "precision": match rule.confidence { Confidence::High => "high", Confidence::Medium => "medium", Confidence::Low => "low" },
            "problem.severity": problem,
            "security-severity": format!("{security_severity:.1}"),
        },
    })
}

fn help(rule: &Rule, references: &[String]) -> String {
    format!(
        "{}\n\n{}\n\nWhat to do:\n{}\n\nSources: {}\n",
        rule.what.trim(),
        rule.why.trim(),
        rule.fix.trim_end(),
        references.join("; ")
    )
}

fn help_markdown(rule: &Rule, references: &[String]) -> String {
    let sources: String = references.iter().map(|reference| format!("- {reference}\n")).collect();
    format!(
        "{}\n\n**Why it matters.** {}\n\n**What to do**\n\n{}\n\n**Sources**\n\n{sources}\nRule `{}`\n",
        rule.what.trim(),
        rule.why.trim(),
        rule.fix.trim_end(),
        rule.id
    )
}

fn result(finding: &Finding, numbers: &HashMap<&str, usize>) -> Value {
    let related: Vec<Value> = finding
        .related
        .iter()
        .take(10)
        .enumerate()
        .map(|(number, related)| {
            let uri = crate::source::FilePath::from_shown(&related.path).to_uri();
            let region = json!({ "startLine": related.line, "startColumn": 1, "endLine": related.line, "endColumn": 2 });
            json!({ "id": number + 1, "physicalLocation": { "artifactLocation": { "uri": uri }, "region": region }, "message": { "text": text(&related.message) } })
        })
        .collect();
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": numbers.get(finding.rule.id.as_str()),
        "level": level(finding.severity),
        "message": { "text": text(&finding.message) },
        "locations": [{
            "physicalLocation": { "artifactLocation": { "uri": finding.path.to_uri() }, "region": region(finding) },
            "logicalLocations": [{ "fullyQualifiedName": sanitise::line(&finding.place), "kind": "member" }],
        }],
        "partialFingerprints": { "primaryLocationLineHash": finding.fingerprint, "csrlint/v1": finding.fingerprint },
        "properties": { "profiles": finding.profiles },
    });
    if let Some(waived) = &finding.waived {
        result["suppressions"] = json!([suppression(waived)]);
    }
    if !related.is_empty() {
        result["relatedLocations"] = json!(related);
    }
    if let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.has_secret) {
        let replacements: Vec<Value> = fix
            .edits
            .iter()
            .map(|edit| {
                // An insertion is an empty region: its end is its start.
                let region = json!({
                    "startLine": edit.start.line,
                    "startColumn": edit.start.column_utf16,
                    "endLine": edit.end.line,
                    "endColumn": edit.end.column_utf16,
                });
                json!({ "deletedRegion": region, "insertedContent": { "text": edit.text } })
            })
            .collect();
        let change = json!({ "artifactLocation": { "uri": finding.path.to_uri() }, "replacements": replacements });
        result["fixes"] = json!([{ "description": { "text": text(&fix.title) }, "artifactChanges": [change] }]);
    }
    result
}

/// Who accepted a finding, where, and why (SARIF 3.35).
fn suppression(waived: &WaiverUse) -> Value {
    let by = waived.approved_by.as_ref().map(|who| format!("; approved by {who}")).unwrap_or_default();
    let until = waived.expires.map(|day| format!("; until {day}")).unwrap_or_default();
    json!({
        "kind": if waived.kind == "inline" { "inSource" } else { "external" },
        "status": "accepted",
        "justification": filled(&sanitise::line(&format!("{}{by}{until}", waived.reason))),
    })
}

/// All four coordinates, the end after the start, and the bytes for readers that open binary files.
fn region(finding: &Finding) -> Value {
    let (start, end) = (finding.start, finding.end);
    let end_column =
        if end.line == start.line { end.column_utf16.max(start.column_utf16 + 1) } else { end.column_utf16 };
    json!({
        "startLine": start.line,
        "startColumn": start.column_utf16,
        "endLine": end.line,
        "endColumn": end_column,
        "byteOffset": start.offset,
        "byteLength": end.offset - start.offset,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// A plain text message: its embedded links are neutralised (SARIF 3.11.6).
fn text(message: &str) -> String {
    let clean = sanitise::line(message);
    let mut out = String::with_capacity(clean.len());
    for character in clean.chars() {
        if matches!(character, '[' | ']' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    filled(&out)
}

/// GitHub takes an empty string for a missing one, and refuses a long one.
fn filled(text: &str) -> String {
    let text = text.trim();
    if text.is_empty() { "-".to_owned() } else { sanitise::shortened(text, MOST_TEXT - 1).into_owned() }
}

fn pascal_case(id: &str) -> String {
    id.split(['/', '-'])
        .map(|word| {
            word.chars()
                .next()
                .map(|first| first.to_uppercase().chain(word.chars().skip(1)).collect::<String>())
                .unwrap_or_default()
        })
        .collect()
}
