//! One JSON object a line, each with its `type`: for `jq`, log pipelines and whoever does not want one big object.
//! `schemas/ndjson.schema.json` is generated from these types and describes one line.
//! The order is fixed: the run first, the counts last; waived and superseded findings are there and marked.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{Report, json as report_json};

/// A line.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
#[schemars(title = "csrlint report, a line", description = "A line of what `csrlint check --format ndjson` prints.")]
enum Line<'a> {
    /// What the run was; the first line: `schema_version`, and `run` as in the JSON report.
    Run { schema_version: u32, run: Value },
    /// A request, as `inspect --format json` has it.
    Request { request: &'a Value },
    /// A finding, as the JSON report has it; waived and superseded ones too.
    Finding { finding: Box<report_json::FindingJson<'a>> },
    /// A request whose key other things in the tree have, too.
    Relation { relation: Value },
    /// A rule that could not tell: path, line, rule, request, reason.
    NotJudged { not_judged: Value },
    /// What could not be read or judged as it should: path, message.
    Error { error: Value },
    /// A submodule that is not there, so that nothing of it was looked at: path, message.
    Submodule { submodule: Value },
    /// A waiver or ignore that ends within 30 days: path, line, kind, rule, expires, days.
    Expiring { expiring: Value },
    /// How often a rule passed, failed, did not apply, could not tell.
    Outcome { rule: &'a str, pass: u64, fail: u64, not_applicable: u64, not_judged: u64 },
    /// Counts; the last line.
    Summary { summary: Value },
}

/// The report as text.
pub fn render(report: &Report) -> String {
    let first = Line::Run { schema_version: report_json::SCHEMA_VERSION, run: json!(report.run) };
    let requests = report.requests.iter().map(|request| Line::Request { request });
    let findings =
        report.findings.iter().map(|finding| Line::Finding { finding: Box::new(report_json::finding(finding)) });
    let relations = report.relations.iter().map(|relation| Line::Relation { relation: json!(relation) });
    let not_judged = report.not_judged.iter().map(|not_judged| Line::NotJudged { not_judged: json!(not_judged) });
    let errors = report.errors.iter().map(|error| Line::Error { error: json!(error) });
    let submodules = report.submodules.iter().map(|submodule| Line::Submodule { submodule: json!(submodule) });
    let expiring = report.expiring.iter().map(|expiring| Line::Expiring { expiring: json!(expiring) });
    let outcomes = report.outcomes.iter().map(|(rule, [pass, fail, not_applicable, not_judged])| Line::Outcome {
        rule,
        pass: *pass,
        fail: *fail,
        not_applicable: *not_applicable,
        not_judged: *not_judged,
    });
    let last = Line::Summary { summary: json!(report.summary) };
    std::iter::once(first)
        .chain(requests)
        .chain(findings)
        .chain(relations)
        .chain(not_judged)
        .chain(errors)
        .chain(submodules)
        .chain(expiring)
        .chain(outcomes)
        .chain([last])
        .map(|line| report_json::one_line(&line))
        .collect()
}

/// The JSON Schema of a line.
pub fn schema() -> Value {
    json!(schemars::schema_for!(Line<'static>))
}
