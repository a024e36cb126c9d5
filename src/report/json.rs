//! The JSON report. `schemas/report.schema.json` is generated from these types.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Finding, Report, sanitise};
use crate::fix::{Applicability, FileEdit};

/// The version of the report's format; it changes when a reader could notice.
pub const SCHEMA_VERSION: u32 = 1;

/// A finding in the report.
#[derive(Serialize, JsonSchema)]
pub(super) struct FindingJson<'a> {
    /// The rule's id.
    rule: &'a str,
    /// `error`, `warning` or `info`.
    severity: &'a str,
    /// `high`, `medium` or `low`.
    confidence: crate::catalogue::Confidence,
    /// What is wrong.
    message: &'a str,
    /// The file, relative to the root, with `/`.
    path: &'a str,
    /// 1-based.
    line: usize,
    /// 1-based, in characters.
    column: usize,
    /// 1-based.
    end_line: usize,
    /// 1-based, exclusive.
    end_column: usize,
    /// First byte in the file.
    byte_offset: usize,
    /// Bytes from the first to the last.
    byte_length: usize,
    /// The logical place.
    place: &'a str,
    /// What stands there, normalised, as the fingerprint and `value` of a waiver have it; empty where there is nothing to name.
    value: &'a str,
    /// The request it is about.
    request: Value,
    /// Stable under moved lines and re-wrapping.
    fingerprint: &'a str,
    /// Who demands it.
    profiles: &'a [String],
    /// The clause that demands it.
    clause: Option<&'a str>,
    /// What it was waived by.
    waived: Value,
    /// The rule whose finding at this place makes this one redundant; then it counts for nothing.
    superseded_by: Option<&'a str>,
    /// Other places.
    related: Value,
    /// What to do.
    fix: &'a str,
    /// The edits that mend it, where that is mechanical.
    repair: Option<RepairJson<'a>>,
}

/// A repair of a template.
#[derive(Serialize, JsonSchema)]
struct RepairJson<'a> {
    /// `unsafe` where the certificate will say something else, or a key is replaced.
    applicability: Applicability,
    /// What it does.
    title: String,
    /// Replacements in the file, in order.
    edits: Vec<EditJson<'a>>,
}

/// A replacement.
#[derive(Serialize, JsonSchema)]
struct EditJson<'a> {
    /// First byte in the file.
    byte_offset: usize,
    /// Bytes that are replaced; 0 for an insertion.
    byte_length: usize,
    /// What is written there.
    text: &'a str,
}

/// The report.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "csrlint report", description = "What `csrlint check --format json` prints.")]
struct ReportJson<'a> {
    /// 1.
    schema_version: u32,
    /// version, as_of, policy, policy_revision, layers, profiles, root.
    run: Value,
    /// Counts.
    summary: Value,
    /// The requests, as `inspect --format json` has them.
    requests: &'a [Value],
    /// Findings in order of place; waived and superseded ones too.
    findings: Vec<FindingJson<'a>>,
    /// Requests whose keys certificates or private keys of the run have, too: path, line, spki_sha256, same_key.
    relations: Value,
    /// Rules that could not tell: path, line, rule, request, reason.
    not_judged: Value,
    /// What could not be read or judged as it should: path, message.
    errors: Value,
    /// Submodules that are not there, so that nothing of them was looked at: path, message.
    submodules: Value,
    /// Waivers and ignores that end within 30 days: path, line, kind, rule, expires, days.
    expiring: Value,
    /// By rule: how often it passed, failed, did not apply, could not tell.
    outcomes: Value,
}

/// The report as text.
pub fn render(report: &Report) -> String {
    let document = ReportJson {
        schema_version: SCHEMA_VERSION,
        run: json!(report.run),
        summary: json!(report.summary),
        requests: &report.requests,
        findings: report.findings.iter().map(finding).collect(),
        relations: json!(report.relations),
        not_judged: json!(report.not_judged),
        errors: json!(report.errors),
        submodules: json!(report.submodules),
        expiring: json!(report.expiring),
        outcomes: report
            .outcomes
            .iter()
            .map(|(id, [pass, fail, not_applicable, not_judged])| {
                (
                    id.clone(),
                    json!({ "pass": pass, "fail": fail, "not_applicable": not_applicable, "not_judged": not_judged }),
                )
            })
            .collect(),
    };
    pretty(&document)
}

/// The report's JSON Schema.
pub fn schema() -> Value {
    json!(schemars::schema_for!(ReportJson<'static>))
}

/// JSON with indentation in which nothing acts on a terminal.
pub fn pretty(value: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string_pretty(value).unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string());
    text.push('\n');
    sanitise::json(&text)
}

/// JSON on one line in which nothing acts on a terminal.
pub(super) fn one_line(value: &impl Serialize) -> String {
    let mut text =
        serde_json::to_string(value).unwrap_or_else(|error| json!({ "error": error.to_string() }).to_string());
    text.push('\n');
    sanitise::json(&text)
}

/// A finding as the report has it.
pub(super) fn finding(finding: &Finding) -> FindingJson<'_> {
    FindingJson {
        rule: &finding.rule.id,
        severity: finding.severity.name(),
        confidence: finding.rule.confidence,
        message: &finding.message,
        path: finding.path.as_str(),
        line: finding.start.line,
        column: finding.start.column,
        end_line: finding.end.line,
        end_column: finding.end.column,
        byte_offset: finding.start.offset,
        byte_length: finding.end.offset - finding.start.offset,
        place: &finding.place,
        value: &finding.shown_value,
        request: json!(finding.request),
        fingerprint: &finding.fingerprint,
        profiles: &finding.profiles,
        clause: finding.clause.as_deref(),
        waived: json!(finding.waived),
        superseded_by: finding.superseded_by.as_deref(),
        related: json!(finding.related),
        fix: &finding.rule.fix,
        repair: finding.fix.as_ref().filter(|fix| !fix.has_secret).map(|fix| RepairJson {
            applicability: fix.applicability,
            title: sanitise::line(&fix.title).into_owned(),
            edits: fix.edits.iter().map(edit).collect(),
        }),
    }
}

fn edit(edit: &FileEdit) -> EditJson<'_> {
    EditJson { byte_offset: edit.start.offset, byte_length: edit.end.offset - edit.start.offset, text: &edit.text }
}
