//! The baseline: findings that were there when csrlint came, by fingerprint. They are told apart from new ones, and counted.
//! One entry a line, sorted, so that a reviewer reads what is added and what goes.
//! A rule that may not be waived has no place in it, nor has one that a layer below locked.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{PolicyError, PolicyFile};
use crate::source::line_at;

/// The version of the file's format.
pub const BASELINE_VERSION: u32 = 1;

/// A baseline as it is written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(
    title = "csrlint baseline",
    description = "What `csrlint baseline write` makes: findings that were there already."
)]
pub struct RawBaseline {
    /// 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The findings, by path and fingerprint.
    pub findings: Vec<BaselineEntry>,
}

/// A finding that was there already.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// The file; for people, and for the order.
    pub path: String,
    /// The rule; for people. Only the fingerprint is compared.
    pub rule: String,
    /// The logical place; for people.
    #[serde(default)]
    pub place: String,
    /// The fingerprint, as every machine format has it.
    pub fingerprint: String,
}

/// A baseline that was read.
#[derive(Debug)]
pub struct Baseline {
    /// Its path in the tree.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// What is in it.
    pub entries: Vec<BaselineEntry>,
    by_fingerprint: HashMap<String, usize>,
    used: Vec<AtomicBool>,
}

impl Baseline {
    /// Reads a file of `csrlint baseline write`.
    ///
    /// # Errors
    /// It is none, at the place where that shows.
    pub fn parse(file: &PolicyFile) -> Result<Self, PolicyError> {
        let told = |text: &str, at: usize, message: String| PolicyError {
            path: file.path.clone(),
            text: text.into(),
            span: at..at,
            message,
            help: Some("csrlint baseline write makes one".to_owned()),
        };
        let text = file.text().map_err(|problem| told("", 0, problem))?;
        let raw: RawBaseline = serde_json::from_str(text).map_err(|problem| {
            let before: usize = text.split_inclusive('\n').take(problem.line().saturating_sub(1)).map(str::len).sum();
            let at = (before + problem.column().saturating_sub(1)).min(text.len());
            let at = (0..=at).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            told(text, at, format!("this is no baseline: {problem}"))
        })?;
        if raw.version != BASELINE_VERSION {
            let message =
                format!("baseline version {} is not known to csrlint {}", raw.version, env!("CARGO_PKG_VERSION"));
            return Err(told(text, 0, message));
        }
        let by_fingerprint =
            raw.findings.iter().enumerate().map(|(number, entry)| (entry.fingerprint.clone(), number)).collect();
        let used = raw.findings.iter().map(|_| AtomicBool::new(false)).collect();
        Ok(Self { path: file.path.clone(), text: text.into(), entries: raw.findings, by_fingerprint, used })
    }

    /// Whether a finding is in it; that it is still there is noted.
    pub fn has(&self, fingerprint: &str) -> bool {
        let Some(used) = self.by_fingerprint.get(fingerprint).and_then(|number| self.used.get(*number)) else {
            return false;
        };
        used.store(true, Ordering::Relaxed);
        true
    }

    /// Entries that no finding needed, each with the bytes of its line.
    pub fn stale(&self) -> impl Iterator<Item = (&BaselineEntry, std::ops::Range<usize>)> {
        let unused = |(_, used): &(&BaselineEntry, &AtomicBool)| !used.load(Ordering::Relaxed);
        self.entries.iter().zip(&self.used).filter(unused).map(|(entry, _)| (entry, self.place_of(entry)))
    }

    fn place_of(&self, entry: &BaselineEntry) -> std::ops::Range<usize> {
        let at = self.text.find(&entry.fingerprint).unwrap_or(0);
        at..at + if at == 0 { 0 } else { entry.fingerprint.len() }
    }

    /// The line an entry stands on.
    pub fn line_of(&self, entry: &BaselineEntry) -> usize {
        line_at(&self.text, self.place_of(entry).start)
    }
}

/// The text of a baseline: one entry a line.
pub fn render_baseline(mut entries: Vec<BaselineEntry>) -> String {
    entries.sort();
    entries.dedup();
    let lines: Vec<String> =
        entries.iter().filter_map(|entry| Some(format!("    {}", serde_json::to_string(entry).ok()?))).collect();
    let body = if lines.is_empty() { String::new() } else { format!("\n{}\n  ", lines.join(",\n")) };
    crate::report::sanitise::json(&format!("{{\n  \"version\": {BASELINE_VERSION},\n  \"findings\": [{body}]\n}}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back_and_what_is_no_baseline_is_told() {
        let entry = |path: &str| BaselineEntry {
            path: path.to_owned(),
            rule: "key/x".to_owned(),
            place: "key".to_owned(),
            fingerprint: format!("{path}:1"),
        };
        let text = render_baseline(vec![entry("b"), entry("a"), entry("a")]);
        let baseline = Baseline::parse(&("b.json", text.as_str()).into()).expect("a baseline");
        assert_eq!(baseline.entries.len(), 2);
        assert!(baseline.has("a:1") && !baseline.has("c:1"));
        assert_eq!(baseline.stale().map(|(entry, _)| entry.path.as_str()).collect::<Vec<_>>(), ["b"]);
        assert_eq!(baseline.line_of(&baseline.entries[1]), 5);
        assert!(Baseline::parse(&("b.json", render_baseline(vec![]).as_str()).into()).is_ok());
        for (bad, line) in [("", 1), ("[]", 1), ("{\n\"version\": 2, \"findings\": []}", 1), ("{\n\"odd\": 1}", 2)] {
            let problem = Baseline::parse(&("b.json", bad).into()).expect_err(bad);
            assert_eq!(problem.position().0, line, "{problem}");
        }
    }
}
