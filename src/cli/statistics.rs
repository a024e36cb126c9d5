//! What `--statistics` and `-v` tell of a run: to standard error, after the report, in any format.
//! Times differ from run to run and reports must not, so none of this is in a report.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::progress::{Counts, size};
use crate::policy::Policy;
use crate::report::{Report, sanitise};

/// When each phase of a run ended.
pub(super) struct Clock {
    last: Instant,
    phases: Vec<(&'static str, Duration)>,
}

impl Clock {
    pub(super) fn new() -> Self {
        Self { last: Instant::now(), phases: Vec::new() }
    }

    /// The time since the last phase was this one.
    pub(super) fn was(&mut self, phase: &'static str) {
        let now = Instant::now();
        self.phases.push((phase, now - self.last));
        self.last = now;
    }

    /// The same, and so much of it was another one, which came first.
    pub(super) fn was_two(&mut self, first: &'static str, took: Duration, second: &'static str) {
        self.was(second);
        if let Some((_, both)) = self.phases.last_mut() {
            let took = took.min(*both);
            *both -= took;
            let at = self.phases.len() - 1;
            self.phases.insert(at, (first, took));
        }
    }
}

/// Which policy, profiles and rules, layer by layer from the lowest; one line each.
pub(super) fn policy(policy: &Policy, revision: Option<&str>) -> Vec<String> {
    let names = |names: &[String]| if names.is_empty() { "none".to_owned() } else { names.join(", ") };
    let profiles = names(&policy.profiles());
    let Some(path) = &policy.path else {
        return vec![format!("csrlint: no policy; profiles {profiles}")];
    };
    let of = revision.map(|revision| format!(" of {revision}")).unwrap_or_default();
    let mut lines = vec![format!("csrlint: policy {path}{of}; profiles {profiles}")];
    if policy.layers.len() > 1 {
        let layers: Vec<&str> = policy.layers.iter().map(|layer| layer.path.as_str()).collect();
        lines.push(format!("csrlint: layers, the lowest first: {}", layers.join(", ")));
    }
    let scopes = policy.layers.iter().flat_map(|layer| &layer.raw.scopes);
    let in_scopes: BTreeSet<&String> = scopes.flat_map(|scope| scope.profiles.iter().flatten()).collect();
    let in_scopes: Vec<String> = in_scopes.into_iter().cloned().collect();
    if !in_scopes.is_empty() {
        lines.push(format!("csrlint: in scopes also {}", names(&in_scopes)));
    }
    let rules: BTreeSet<&str> = policy.catalogue.custom_rules().filter_map(|rule| rule.origin.as_deref()).collect();
    if !rules.is_empty() {
        lines.push(format!("csrlint: rules of {}", rules.into_iter().collect::<Vec<_>>().join(", ")));
    }
    lines
}

/// Which files were used: one line.
pub(super) fn files(report: &Report, counts: &Counts, threads: usize) -> String {
    let with: BTreeSet<&str> = report.requests.iter().filter_map(|request| request.get("path")?.as_str()).collect();
    format!(
        "csrlint: {} files listed, {} read, {} with requests; {} paths left out by the policy; {threads} threads",
        counts.listed(),
        size(counts.bytes()),
        with.len(),
        counts.excluded(),
    )
}

/// Findings by rule, requests by format and key, time by phase.
pub(super) fn table(report: &Report, clock: &Clock) -> String {
    let mut out = String::new();
    let mut by_rule: BTreeMap<&str, (usize, &str)> = BTreeMap::new();
    for finding in report.open_findings() {
        by_rule.entry(&finding.rule.id).or_insert((0, finding.severity.name())).0 += 1;
    }
    let rows = by_rule.into_iter().map(|(rule, (count, severity))| (count, format!("{rule} ({severity})")));
    section(&mut out, "findings by rule", rows.collect());
    let mut by_format: BTreeMap<String, usize> = BTreeMap::new();
    let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
    for request in &report.requests {
        let text = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        *by_format.entry(text(request.get("source_format")).unwrap_or_default()).or_default() += 1;
        *by_key.entry(key(request.get("key")).unwrap_or_else(|| "not known".to_owned())).or_default() += 1;
    }
    section(&mut out, "requests by format", by_format.into_iter().map(|(name, count)| (count, name)).collect());
    section(&mut out, "requests by key", by_key.into_iter().map(|(name, count)| (count, name)).collect());
    let _ = writeln!(out, "time");
    for (phase, took) in &clock.phases {
        let _ = writeln!(out, "  {:>10}  {phase}", format!("{:.1} ms", took.as_secs_f64() * 1000.0));
    }
    sanitise::log(&out)
}

/// `RSA 2048`, `EC P-256`, `Ed25519`.
fn key(key: Option<&Value>) -> Option<String> {
    let key = key?;
    let algorithm = key.get("algorithm")?.as_str()?;
    let curve = key.get("curve").and_then(Value::as_str).map(str::to_owned);
    let bits = || key.get("bits").and_then(Value::as_u64).map(|bits| bits.to_string());
    let more = curve.or_else(bits).filter(|more| !algorithm.contains(more.as_str()));
    Some(
        sanitise::line(&[Some(algorithm.to_owned()), more].into_iter().flatten().collect::<Vec<_>>().join(" "))
            .into_owned(),
    )
}

/// A count a line, most first.
fn section(out: &mut String, title: &str, mut rows: Vec<(usize, String)>) {
    rows.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    let _ = writeln!(out, "{title}");
    if rows.is_empty() {
        let _ = writeln!(out, "  {:>10}  none", 0);
    }
    for (count, name) in rows {
        let _ = writeln!(out, "  {count:>10}  {name}");
    }
}
