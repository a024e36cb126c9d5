//! Evidence for auditors: control by control, which rules serve it and what they made of which requests.
//! A request fails a control with an open finding of one of its rules; else it is not judged, waived, passed or not concerned, in this order.
//! Findings about files that hold no readable request are listed, and count for no request.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use super::{Finding, Report, sanitise};
use crate::catalogue::{Framework, Outcome, Rule};

/// The version of the format; it changes when a reader could notice.
pub const SCHEMA_VERSION: u32 = 1;

/// What `csrlint check --format evidence` prints.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "csrlint evidence", description = "What `csrlint check --format evidence` prints.")]
struct Evidence<'a> {
    /// 1.
    schema_version: u32,
    /// version, as_of, policy, profiles, root.
    run: Value,
    /// How many requests were judged.
    requests: usize,
    /// What could not be read or judged as it should: path, message.
    errors: Value,
    /// Submodules that are not there, so that nothing of them was looked at: path, message.
    submodules: Value,
    /// The frameworks, with their controls.
    frameworks: Vec<FrameworkEvidence<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FrameworkEvidence<'a> {
    /// The part of control ids before the colon.
    id: &'a str,
    /// Its name.
    name: &'a str,
    /// Its version.
    version: &'a str,
    /// Where to read it.
    url: &'a str,
    /// The controls that rules of this run serve.
    controls: Vec<ControlEvidence<'a>>,
}

#[derive(Debug, Serialize, JsonSchema)]
struct ControlEvidence<'a> {
    /// Its id in the framework.
    id: &'a str,
    /// Its title.
    title: &'a str,
    /// What linting requests does for it.
    meaning: &'a str,
    /// How many requests passed, failed ...
    requests: Counts,
    /// The same by rule.
    rules: Vec<RuleEvidence<'a>>,
    /// Open findings.
    failed: Vec<FindingEvidence<'a>>,
    /// Findings that were accepted.
    waived: Vec<FindingEvidence<'a>>,
    /// Rules that could not tell.
    not_judged: Vec<NotJudgedEvidence<'a>>,
}

/// Numbers of requests; together they are all requests of the run.
#[derive(Debug, Clone, Copy, Default, Serialize, JsonSchema)]
struct Counts {
    passed: usize,
    failed: usize,
    waived: usize,
    not_applicable: usize,
    not_judged: usize,
}

#[derive(Debug, Serialize, JsonSchema)]
struct RuleEvidence<'a> {
    /// The rule's id.
    rule: &'a str,
    /// Its title.
    title: &'a str,
    /// What it made of the requests.
    requests: Counts,
}

#[derive(Debug, Serialize, JsonSchema)]
struct FindingEvidence<'a> {
    rule: &'a str,
    severity: &'a str,
    message: &'a str,
    path: &'a str,
    line: usize,
    /// The request, in a few words.
    request: Option<&'a str>,
    spki_sha256: Option<&'a str>,
    fingerprint: &'a str,
    /// Why it was accepted, by whom, until when.
    waiver: Value,
}

#[derive(Debug, Serialize, JsonSchema)]
struct NotJudgedEvidence<'a> {
    rule: &'a str,
    path: &'a str,
    line: usize,
    request: &'a str,
    reason: &'a str,
}

/// What became of a request under a rule or control, the gravest last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Standing {
    NotApplicable,
    Passed,
    Waived,
    NotJudged,
    Failed,
}

impl Counts {
    fn add(&mut self, standing: Standing) {
        *match standing {
            Standing::NotApplicable => &mut self.not_applicable,
            Standing::Passed => &mut self.passed,
            Standing::Waived => &mut self.waived,
            Standing::NotJudged => &mut self.not_judged,
            Standing::Failed => &mut self.failed,
        } += 1;
    }
}

/// The JSON Schema of the format.
pub fn schema() -> Value {
    serde_json::json!(schemars::schema_for!(Evidence<'static>))
}

/// As JSON.
pub fn render(report: &Report, frameworks: &[Framework]) -> String {
    super::json::pretty(&collect(report, frameworks))
}

fn collect<'a>(report: &'a Report, frameworks: &'a [Framework]) -> Evidence<'a> {
    let standings = standings(report);
    let controls = |framework: &'a Framework| {
        framework.controls.iter().filter_map(|control| {
            let id = format!("{}:{}", framework.id, control.id);
            let rules: Vec<_> = report.rules.iter().filter(|rule| rule.controls.contains(&id)).collect();
            let serves = |rule: &str| rules.iter().any(|serving| serving.id == rule);
            if rules.is_empty() {
                return None;
            }
            let mut requests = Counts::default();
            for standing in &standings {
                let worst = rules.iter().filter_map(|rule| standing.get(rule.id.as_str())).max();
                requests.add(worst.copied().unwrap_or(Standing::NotApplicable));
            }
            let findings = |wanted: fn(&Finding) -> bool| {
                report.findings.iter().filter(|found| serves(&found.rule.id) && wanted(found)).map(finding).collect()
            };
            Some(ControlEvidence {
                id: &control.id,
                title: &control.title,
                meaning: control.meaning.trim(),
                requests,
                rules: rules
                    .iter()
                    .map(|rule| {
                        let mut requests = Counts::default();
                        for standing in &standings {
                            requests.add(standing.get(rule.id.as_str()).copied().unwrap_or(Standing::NotApplicable));
                        }
                        RuleEvidence { rule: &rule.id, title: &rule.title, requests }
                    })
                    .collect(),
                failed: findings(|found| found.is_open()),
                waived: findings(|found| found.waived.is_some()),
                not_judged: not_judged(report, &standings, &rules),
            })
        })
    };
    Evidence {
        schema_version: SCHEMA_VERSION,
        run: serde_json::json!(report.run),
        requests: report.judged.len(),
        errors: serde_json::json!(report.errors),
        submodules: serde_json::json!(report.submodules),
        frameworks: frameworks
            .iter()
            .map(|framework| FrameworkEvidence {
                id: &framework.id,
                name: &framework.name,
                version: &framework.version,
                url: &framework.url,
                controls: controls(framework).collect(),
            })
            .filter(|framework| !framework.controls.is_empty())
            .collect(),
    }
}

/// Rules that could not tell, with their reasons; and requests that are cut off, about which most rules could not.
fn not_judged<'a>(
    report: &'a Report,
    standings: &[BTreeMap<&str, Standing>],
    rules: &[&'a Arc<Rule>],
) -> Vec<NotJudgedEvidence<'a>> {
    let serves = |id: &str| rules.iter().any(|rule| rule.id == id);
    let told = report.not_judged.iter().filter(|entry| serves(&entry.rule)).map(|entry| NotJudgedEvidence {
        rule: &entry.rule,
        path: &entry.path,
        line: entry.line,
        request: &entry.request,
        reason: &entry.reason,
    });
    let reasons: BTreeSet<(&str, &str, usize)> = report
        .not_judged
        .iter()
        .filter(|entry| serves(&entry.rule))
        .map(|entry| (entry.rule.as_str(), entry.path.as_str(), entry.line))
        .collect();
    let cut_off = report.judged.iter().zip(standings).filter_map(|(judged, standing)| {
        let rule = rules.iter().find(|rule| {
            standing.get(rule.id.as_str()) == Some(&Standing::NotJudged)
                && !reasons.contains(&(rule.id.as_str(), judged.path.as_str(), judged.line))
        })?;
        Some(NotJudgedEvidence {
            rule: &rule.id,
            path: &judged.path,
            line: judged.line,
            request: &judged.request,
            reason: "the request is cut off, and no rule can tell what is missing",
        })
    });
    told.chain(cut_off).collect()
}

fn finding(finding: &Finding) -> FindingEvidence<'_> {
    FindingEvidence {
        rule: &finding.rule.id,
        severity: finding.severity.name(),
        message: &finding.message,
        path: finding.path.as_str(),
        line: finding.start.line,
        request: finding.request.as_ref().map(|request| request.title.as_str()),
        spki_sha256: finding.request.as_ref().and_then(|request| request.spki_sha256.as_deref()),
        fingerprint: &finding.fingerprint,
        waiver: serde_json::json!(finding.waived),
    }
}

/// For each request: rule → what became of it.
fn standings(report: &Report) -> Vec<BTreeMap<&str, Standing>> {
    // Findings know their place, and the last request that starts before it is theirs.
    let mut open: BTreeSet<(usize, &str)> = BTreeSet::new();
    let mut waived: BTreeSet<(usize, &str)> = BTreeSet::new();
    for finding in report.findings.iter().filter(|finding| finding.request.is_some()) {
        let place = (finding.path.as_str(), finding.start.offset);
        // They are in order of place.
        let after = report.judged.partition_point(|judged| (judged.path.as_str(), judged.offset) <= place);
        let number = after.checked_sub(1).filter(|number| report.judged[*number].path == place.0);
        if let Some(number) = number {
            if finding.waived.is_some() { &mut waived } else { &mut open }.insert((number, finding.rule.id.as_str()));
        }
    }
    report
        .judged
        .iter()
        .enumerate()
        .map(|(number, judged)| {
            let mut standings: BTreeMap<&str, Standing> =
                judged.outcomes.iter().map(|(rule, outcome)| (rule.as_str(), standing(*outcome))).collect();
            let of = |set: &BTreeSet<(usize, &'_ str)>, rule: &str| set.contains(&(number, rule));
            for (rule, standing) in &mut standings {
                if *standing == Standing::Failed && of(&waived, rule) && !of(&open, rule) {
                    *standing = Standing::Waived;
                }
            }
            // Rules over all requests have no outcome for a single one.
            for (_, rule) in open.iter().filter(|(of, _)| *of == number) {
                standings.insert(rule, Standing::Failed);
            }
            for (_, rule) in waived.iter().filter(|(of, _)| *of == number) {
                standings.entry(rule).or_insert(Standing::Waived);
            }
            standings
        })
        .collect()
}

fn standing(outcome: Outcome) -> Standing {
    match outcome {
        Outcome::Pass => Standing::Passed,
        Outcome::Fail => Standing::Failed,
        Outcome::NotApplicable => Standing::NotApplicable,
        Outcome::NotJudged => Standing::NotJudged,
    }
}

/// As Markdown.
pub fn markdown(report: &Report, frameworks: &[Framework]) -> String {
    let evidence = collect(report, frameworks);
    let run = &report.run;
    let mut out = String::from("# Evidence of linted certificate signing requests\n\n");
    let policy = run.policy.as_deref().map_or_else(|| "none".to_owned(), |path| format!("`{}`", code(path)));
    let _ = writeln!(
        out,
        "csrlint {}, judged as of {}, policy {policy}, profiles {}. {} requests in {} files.\n",
        run.version,
        run.as_of,
        run.profiles.join(", "),
        evidence.requests,
        report.summary.files
    );
    out.push_str("A request fails a control with an open finding of one of the control's rules. Otherwise it counts as not judged, waived or passed, in this order; as not applicable where no rule of the control is about it.\n");
    for error in &report.errors {
        let _ = writeln!(out, "\n**Not read as it should be:** {}: {}", cell(&error.path), cell(&error.message));
    }
    for submodule in report.missed_submodules() {
        let _ = writeln!(out, "\n**Not read:** {}: {}", cell(&submodule.path), cell(&submodule.message));
    }
    for framework in &evidence.frameworks {
        let _ = writeln!(out, "\n## {} ({})\n", cell(framework.name), cell(framework.version));
        out.push_str("| control | passed | failed | waived | not applicable | not judged | rules |\n| --- | --- | --- | --- | --- | --- | --- |\n");
        for control in &framework.controls {
            let Counts { passed, failed, waived, not_applicable, not_judged } = control.requests;
            let _ = writeln!(
                out,
                "| {} {} | {passed} | {failed} | {waived} | {not_applicable} | {not_judged} | {} |",
                cell(control.id),
                cell(control.title),
                control.rules.len()
            );
        }
        for control in &framework.controls {
            details(&mut out, control);
        }
    }
    out
}

fn details(out: &mut String, control: &ControlEvidence<'_>) {
    let _ = writeln!(out, "\n### {} {}\n\n{}\n", cell(control.id), cell(control.title), cell(control.meaning));
    let rules = |wanted: fn(&Counts) -> bool| {
        control
            .rules
            .iter()
            .filter(|rule| wanted(&rule.requests))
            .map(|rule| format!("`{}`", rule.rule))
            .collect::<Vec<_>>()
    };
    let judging = rules(|counts| counts.passed + counts.failed + counts.waived > 0);
    let idle = control.rules.len() - judging.len();
    let _ = writeln!(
        out,
        "Rules that judged requests: {}{}.",
        if judging.is_empty() { "none".to_owned() } else { judging.join(", ") },
        if idle > 0 { format!("; {idle} more were about none of them") } else { String::new() }
    );
    if !control.failed.is_empty() {
        out.push_str("\n| failed | rule | severity | what |\n| --- | --- | --- | --- |\n");
        for failed in &control.failed {
            let place = place(failed.path, failed.line, failed.request);
            let _ = writeln!(out, "| {place} | `{}` | {} | {} |", failed.rule, failed.severity, cell(failed.message));
        }
    }
    if !control.waived.is_empty() {
        out.push_str("\n| waived | rule | reason | approved by | until |\n| --- | --- | --- | --- | --- |\n");
        for waived in &control.waived {
            let of = |key: &str| waived.waiver[key].as_str().map(cell).unwrap_or_default();
            let place = place(waived.path, waived.line, waived.request);
            let _ = writeln!(
                out,
                "| {place} | `{}` | {} | {} | {} |",
                waived.rule,
                of("reason"),
                of("approved_by"),
                of("expires")
            );
        }
    }
    if !control.not_judged.is_empty() {
        out.push_str("\n| not judged | rule | reason |\n| --- | --- | --- |\n");
        for entry in &control.not_judged {
            let place = place(entry.path, entry.line, Some(entry.request));
            let _ = writeln!(out, "| {place} | `{}` | {} |", entry.rule, cell(entry.reason));
        }
    }
}

fn place(path: &str, line: usize, request: Option<&str>) -> String {
    let request = request.map(|request| format!(" ({})", cell(request))).unwrap_or_default();
    format!("{}:{line}{request}", cell(path))
}

fn code(text: &str) -> String {
    sanitise::line(text).replace('`', "'")
}

/// Text in Markdown that acts on nothing.
fn cell(text: &str) -> String {
    sanitise::markdown(text)
}
