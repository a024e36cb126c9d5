//! What changed in the requests, for people and as JSON. `schemas/diff.schema.json` is generated from these types.
//! Markdown is in `markdown.rs`, with the report of a run.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use super::{json as pretty, sanitise};
use crate::compare::{Comparison, Difference, Fate, KeyFate, Pairing, Place, Told};

/// The version of the format; it changes when a reader could notice.
const SCHEMA_VERSION: u32 = 1;

/// What `csrlint diff --format json` prints.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "csrlint diff", description = "What `csrlint diff --format json` prints.")]
struct DiffJson<'a> {
    /// 1.
    schema_version: u32,
    /// The older state, in words.
    from: &'a str,
    /// The newer one.
    to: &'a str,
    summary: SummaryJson,
    /// Requests that are not what they were, in order of their place.
    requests: Vec<RequestJson<'a>>,
    /// Findings about no request that changed.
    findings: FindingsJson<'a>,
}

/// Counts.
#[derive(Serialize, JsonSchema)]
struct SummaryJson {
    added: usize,
    renewed: usize,
    changed: usize,
    removed: usize,
    moved: usize,
    unchanged: usize,
    /// Findings that were not there before.
    appeared: usize,
    /// Findings that are not there any more.
    gone: usize,
    /// Findings that are there still.
    stayed: usize,
}

/// A request that is not what it was.
#[derive(Serialize, JsonSchema)]
struct RequestJson<'a> {
    fate: Fate,
    /// Why the two are taken for one.
    pairing: Option<Pairing>,
    /// What became of its key; null for templates, which have none.
    key: Option<KeyFate>,
    /// The other request that had the key before, where `key` is `known`.
    key_of: &'a Option<Place>,
    before: &'a Option<Place>,
    after: &'a Option<Place>,
    /// What is different; of one that was added or removed, all it says.
    differences: &'a [Difference],
    findings: FindingsJson<'a>,
}

/// What became of findings.
#[derive(Serialize, JsonSchema)]
struct FindingsJson<'a> {
    appeared: &'a [Told],
    gone: &'a [Told],
    /// How many are there still.
    stayed: usize,
}

/// The JSON Schema.
pub fn schema() -> Value {
    json!(schemars::schema_for!(DiffJson<'static>))
}

/// As JSON.
pub fn render_json(comparison: &Comparison) -> String {
    let requests = comparison.requests.iter().map(|request| RequestJson {
        fate: request.fate,
        pairing: request.pairing,
        key: request.key,
        key_of: &request.key_of,
        before: &request.before,
        after: &request.after,
        differences: &request.differences,
        findings: FindingsJson { appeared: &request.appeared, gone: &request.gone, stayed: request.stayed },
    });
    let of_requests: usize = comparison.requests.iter().map(|request| request.stayed).sum();
    pretty::pretty(&DiffJson {
        schema_version: SCHEMA_VERSION,
        from: &comparison.from,
        to: &comparison.to,
        summary: SummaryJson {
            added: comparison.count(Fate::Added),
            renewed: comparison.count(Fate::Renewed),
            changed: comparison.count(Fate::Changed),
            removed: comparison.count(Fate::Removed),
            moved: comparison.count(Fate::Moved),
            unchanged: comparison.unchanged,
            appeared: comparison.all_appeared().count(),
            gone: comparison.all_gone().count(),
            stayed: comparison.stayed,
        },
        requests: requests.collect(),
        findings: FindingsJson {
            appeared: &comparison.appeared,
            gone: &comparison.gone,
            stayed: comparison.stayed.saturating_sub(of_requests),
        },
    })
}

/// `1 request added, 2 renewed; 3 unchanged; 1 finding appeared, 2 went, 4 stay`.
pub fn counts(comparison: &Comparison) -> String {
    let fates = [Fate::Added, Fate::Renewed, Fate::Changed, Fate::Removed, Fate::Moved];
    let changed: Vec<String> = fates
        .into_iter()
        .map(|fate| (comparison.count(fate), fate.name()))
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let changed = if changed.is_empty() { "no request changed".to_owned() } else { changed.join(", ") };
    let findings = [
        (comparison.all_appeared().count(), "appeared"),
        (comparison.all_gone().count(), "gone"),
        (comparison.stayed, "still there"),
    ];
    let findings: Vec<String> =
        findings.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let findings = if findings.is_empty() { "none".to_owned() } else { findings.join(", ") };
    format!("{changed}; {} unchanged; findings: {findings}", comparison.unchanged)
}

/// For people.
pub fn render(comparison: &Comparison) -> String {
    let mut out =
        format!("{} -> {}: {}\n", sanitise::line(&comparison.from), sanitise::line(&comparison.to), counts(comparison));
    for request in &comparison.requests {
        let _ = writeln!(out, "\n{:8} {}", request.fate.name(), heading(request));
        for (label, text) in lines_of(request) {
            let _ = writeln!(out, "  {label:12} {text}");
        }
        findings(&mut out, &request.appeared, &request.gone);
    }
    if !comparison.appeared.is_empty() || !comparison.gone.is_empty() {
        out.push_str("\nOther findings\n");
        findings(&mut out, &comparison.appeared, &comparison.gone);
    }
    sanitise::log(&out)
}

/// Where a request stands and stood, and why the two are one.
pub fn heading(request: &crate::compare::Compared) -> String {
    let told = |place: &Place| sanitise::line(&format!("{}:{} {}", place.path, place.line, place.name)).into_owned();
    let paired = request.pairing.map(|pairing| format!(" ({})", pairing.name())).unwrap_or_default();
    match (&request.before, &request.after) {
        (Some(before), Some(after)) if before.path != after.path || before.name != after.name => {
            format!("{} -> {}{paired}", told(before), told(after))
        }
        (_, Some(after)) => format!("{}{paired}", told(after)),
        (Some(before), None) => told(before),
        (None, None) => String::new(),
    }
}

/// What is different, a line each: of names, those that came and went.
pub fn lines_of(request: &crate::compare::Compared) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    if let Some(told) = key_of(request) {
        lines.push(("key".to_owned(), told));
    }
    let others = request
        .differences
        .iter()
        .filter(|difference| request.key.is_none() || request.before.is_none() || difference.part != "key");
    for difference in others {
        let part = sanitise::line(&difference.part).into_owned();
        let clean = |text: &Option<String>| {
            text.as_ref().map(|text| sanitise::shortened(&sanitise::line(text), 400).into_owned())
        };
        let (before, after) = (clean(&difference.before), clean(&difference.after));
        let mut add = |text: String| lines.push((part.clone(), text));
        if difference.part == "names" {
            let split = |text: &Option<String>| -> Vec<String> {
                text.iter().flat_map(|text| text.split(", ")).map(|name| sanitise::line(name).into_owned()).collect()
            };
            let (old, new) = (split(&difference.before), split(&difference.after));
            let came: Vec<&String> = new.iter().filter(|name| !old.contains(name)).collect();
            let went: Vec<&String> = old.iter().filter(|name| !new.contains(name)).collect();
            if came.is_empty() && went.is_empty() {
                add("the same, in another order".to_owned());
            }
            came.into_iter().for_each(|name| add(format!("+ {name}")));
            went.into_iter().for_each(|name| add(format!("- {name}")));
            continue;
        }
        match (before, after) {
            (Some(before), Some(after)) => add(format!("{before} -> {after}")),
            (None, Some(after)) if request.before.is_none() => add(after),
            (Some(before), None) if request.after.is_none() => add(before),
            (None, Some(after)) => add(format!("+ {after}")),
            (Some(before), None) => add(format!("- {before}")),
            (None, None) => {}
        }
    }
    lines
}

/// What became of the key, where there was one before and is one now.
pub fn key_of(request: &crate::compare::Compared) -> Option<String> {
    // Of what only stands elsewhere that is no news.
    let fate = request.key.filter(|_| request.fate != Fate::Moved)?;
    let kind = request.differences.iter().find(|difference| difference.part == "key");
    Some(match (fate, kind.and_then(|kind| kind.before.as_ref().zip(kind.after.as_ref()))) {
        (KeyFate::Same, _) => "THE SAME KEY IS KEPT".to_owned(),
        (KeyFate::Known, _) => {
            let other = request.key_of.as_ref();
            let place = other.map(|place| format!("{}:{} {}", place.path, place.line, place.name)).unwrap_or_default();
            format!("THE KEY OF ANOTHER REQUEST: {}", sanitise::line(&place))
        }
        (KeyFate::New, Some((before, after))) => format!("a new key: {before} -> {after}"),
        (KeyFate::New, None) => "a new key".to_owned(),
    })
}

fn findings(out: &mut String, appeared: &[Told], gone: &[Told]) {
    for (sign, list) in [('+', appeared), ('-', gone)] {
        for finding in list {
            let path = sanitise::line(&finding.path).into_owned();
            let _ = writeln!(
                out,
                "  {sign} {path}:{}: {}[{}] {}",
                finding.line,
                finding.severity,
                finding.rule,
                sanitise::line(&finding.message)
            );
        }
    }
}
