//! Findings that somebody accepted: waivers of the policy, its baseline, and comments in the files themselves.
//! What is odd about them is a finding of its own. What a change adds to them does not count where the policy comes from before it.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use memchr::memmem;

use super::gate::Base;
use super::{Cost, Engine, FileOutcome};
use crate::check::Subject;
use crate::encoding::{Defect, DefectKind};
use crate::policy::{Ignore, Reach, Waiver, WaiverClaim, WaiverUse, ignores};
use crate::read::{self, Artifact, FileFacts, Surroundings};
use crate::report::{Expiring, Finding, IgnoreUse, sanitise};
use crate::source::{Content, Encoding, FilePath, Map, SourceFile, Sources, Span, decode_utf16};

/// A waiver or ignore that ends within so many days is told of.
pub(super) const SOON: i64 = 30;

/// What an ignore came upon.
#[derive(Default)]
struct Met {
    ignored: usize,
    refused: Option<String>,
    /// Some of it is of the change that is being judged.
    new: bool,
}

impl Engine {
    /// Inline ignores of the file: those that hold ignore findings, all others become findings.
    pub(super) fn apply_ignores(
        &self,
        facts: &FileFacts,
        around_before: Option<&Surroundings<'_>>,
        out: &mut FileOutcome,
    ) {
        if self.policy.ignores_nothing() {
            return;
        }
        let file = &facts.sources.file;
        let Some(text) = text_with_ignores(file) else { return };
        let (found, mut defects) = ignores(&text, self.policy.as_of);
        let starts = starts(facts);
        let base = self.base.as_ref().zip(around_before).filter(|_| !out.before);
        let before = base.map(|(base, around)| self.ignored_before(base, around, facts));
        for ignore in found {
            let span = ignore.span;
            let mut record = |kind, detail: String| defects.push(Defect::new(kind, span, "ignore", detail));
            if let Some(rule) = ignore.rules.iter().find(|rule| self.policy.catalogue.matching(rule).is_empty()) {
                record(DefectKind::UnknownRule, format!("there is no rule {rule}"));
                continue;
            }
            if let Some(lacking) = self.policy.broken_terms(&ignore.claim()) {
                record(DefectKind::IgnoreNotAllowed, format!("the ignore does not hold: {lacking}"));
                continue;
            }
            let at = facts.sources.locate(span).first().map_or(0, |range| range.start);
            let met = self.ignore(&ignore, at, &starts, file, before.as_ref(), out);
            out.ignores.push(IgnoreUse {
                path: file.path.as_str().to_owned(),
                line: file.position(at).line,
                rules: ignore.rules.clone(),
                reach: match ignore.reach {
                    Reach::Request => "the next request",
                    Reach::Line => "its line",
                    Reach::NextLine => "the next line",
                    Reach::File => "the file",
                },
                reason: sanitise::line(&file.secrets().out_of(&ignore.reason)).into_owned(),
                approved_by: ignore.approved_by.clone(),
                expires: ignore.until,
                findings: met.ignored,
            });
            match met {
                Met { ignored: 1.., refused: None, new } => {
                    if new {
                        record(DefectKind::GateChanged, "the change adds an ignore, which counts".to_owned());
                    }
                    let days = ignore.until.map(|until| (until, until.days_since(self.policy.as_of)));
                    if let Some((until, days)) = days.filter(|(_, days)| *days <= SOON) {
                        out.expiring.push(Expiring {
                            kind: "inline",
                            rule: ignore.rules.join(", "),
                            path: file.path.as_str().to_owned(),
                            line: file.position(at).line,
                            expires: until,
                            days,
                        });
                    }
                }
                Met { refused: Some(refused), .. } => record(DefectKind::IgnoreNotAllowed, refused),
                Met { .. } => record(DefectKind::IgnoreUnused, "the comment ignores nothing".to_owned()),
            }
        }
        let sources = facts.sources.clone();
        let facts = FileFacts { sources, artifacts: Vec::new(), defects, depends: Vec::new(), unread: Vec::new() };
        let rules = self.policy.rules_for(file.path.as_str(), None);
        self.run_rules(&rules, &Subject::Configuration(&facts.defects), &facts.sources, None, out);
    }

    /// What comments set aside in a file before the change. A file that was renamed and edited is another one: else the
    /// ignores of a file that is gone could be had by one that is like it. One that has not changed may all the same say
    /// something else than before, where it takes values from files around it.
    fn ignored_before(&self, base: &Base, around: &Surroundings<'_>, now: &FileFacts) -> Before {
        let mut bytes = Vec::new();
        let file = &now.sources.file;
        let Some(old) = base.changes.before(&file.path) else { return Before::default() };
        if !matches!(base.tree.read(&old, super::SIZE_LIMIT, &mut bytes), Ok(Content::Whole)) {
            return Before::default();
        }
        let is_same = bytes == file.bytes;
        if is_same && now.depends.is_empty() {
            return Before { as_it_is: true, ..Before::default() };
        }
        if !is_same && old != *file.path {
            return Before::default();
        }
        let before = Arc::new(SourceFile::new(Arc::new(old), bytes));
        if text_with_ignores(&before).is_none() {
            return Before::default();
        }
        let facts = read::read_within(before, around);
        // What has not changed costs no more than it does now.
        let allowance = if is_same { Cost::UNLIMITED } else { Cost::LITTLE };
        let found = self.checked_before(&facts, allowance);
        let ignored =
            found.iter().filter(|finding| finding.waived.as_ref().is_some_and(|usage| usage.kind == "inline"));
        Before { as_it_is: false, ignored: ignored.map(|finding| said(finding, file.path.as_str())).collect() }
    }

    /// Lets an ignore take effect.
    fn ignore(
        &self,
        ignore: &Ignore,
        at: usize,
        starts: &[usize],
        file: &SourceFile,
        before: Option<&Before>,
        out: &mut FileOutcome,
    ) -> Met {
        let line = file.position(at).line;
        let next = starts.iter().copied().filter(|start| *start > at).min();
        let end = |start| starts.iter().copied().filter(|other| *other > start).min().unwrap_or(usize::MAX);
        let following = next.map(|start| start..end(start));
        let reaches = |finding: &Finding| match ignore.reach {
            Reach::File => true,
            Reach::NextLine => finding.start.line == line + 1,
            Reach::Line => finding.start.line == line,
            Reach::Request => following.as_ref().is_some_and(|range| range.contains(&finding.start.offset)),
        };
        let is_pinned_to = |finding: &Finding| {
            let spki = finding.request.as_ref().and_then(|request| request.spki_sha256.as_deref());
            let key = ignore.spki_sha256.as_ref().is_none_or(|pin| spki.is_some_and(|spki| spki.starts_with(pin)));
            key && ignore
                .fingerprint
                .as_ref()
                .is_none_or(|pin| pin.split(':').next() == Some(finding.unnumbered().as_str()))
        };
        let usage = WaiverUse {
            kind: "inline",
            reason: sanitise::line(&file.secrets().out_of(&ignore.reason)).into_owned(),
            approved_by: ignore.approved_by.as_ref().map(|name| sanitise::line(name).into_owned()),
            expires: ignore.until,
        };
        let allowed = self.policy.inline_ignores();
        let mut met = Met::default();
        for finding in &mut out.findings {
            let named = ignore.rules.iter().any(|rule| crate::catalogue::stands_for(rule, &finding.rule.id));
            if !named || !reaches(finding) || !is_pinned_to(finding) {
                continue;
            }
            let is_new = before.is_some_and(|before| !before.has(finding));
            if is_new && !allowed.added {
                let base = self.base.as_ref().map(|base| base.name.as_str()).unwrap_or_default();
                met.refused = Some(format!(
                    "in {base} this was not set aside, and the policy there does not let a change set something aside"
                ));
            } else if !self.policy.may_ignore(&finding.rule.id) {
                met.refused = Some(format!("the policy does not let {} be ignored", finding.rule.id));
            } else if finding.embedded && allowed.embedded || !finding.embedded && allowed.requests {
                finding.waived = Some(usage.clone());
                met.ignored += 1;
                met.new |= is_new;
            } else {
                met.refused = Some("the policy does not let comments in this place ignore findings".to_owned());
            }
        }
        met
    }

    /// Waivers of the policy, then its baseline. Where a change is judged, which findings waivers cover that are pinned to
    /// nothing: their numbers, and the waivers.
    pub(super) fn apply_waivers(&self, findings: &mut [Finding]) -> Vec<(usize, &Waiver)> {
        let mut covered = Vec::new();
        if self.policy.ignores_nothing() {
            return covered;
        }
        for (number, finding) in findings.iter_mut().enumerate() {
            if !self.policy.may_waive(&finding.rule.id) {
                continue;
            }
            let spki = finding.request.as_ref().and_then(|request| request.spki_sha256.as_deref());
            let Finding { rule, path, fingerprint, value, .. } = &*finding;
            let waiver = self.policy.waiver_for(&rule.id, path.as_str(), spki, fingerprint, value);
            if let Some(waiver) = waiver {
                waiver.mark_used();
                if finding.waived.is_none() {
                    finding.waived = Some(waiver.usage());
                    if self.base.is_some() && !waiver.is_pinned() {
                        covered.push((number, waiver));
                    }
                }
            }
            let baseline = self.policy.baseline.as_ref().filter(|_| self.policy.may_ignore(&finding.rule.id));
            if let Some(baseline) = baseline.filter(|baseline| baseline.has(&finding.fingerprint))
                && finding.waived.is_none()
            {
                finding.waived = Some(WaiverUse {
                    kind: "baseline",
                    reason: format!("it was there already ({})", sanitise::line(&baseline.path)),
                    approved_by: None,
                    expires: None,
                });
            }
        }
        covered
    }

    /// Findings that a waiver covers without saying which, and that it did not cover before the change: they do not count,
    /// and whoever looks at the change has to see them all the same.
    pub(super) fn judge_covered(
        &self,
        covered: Vec<(usize, &Waiver)>,
        around: Option<&Surroundings<'_>>,
        all: &mut FileOutcome,
    ) {
        let Some((base, around)) = self.base.as_ref().zip(around).filter(|_| !covered.is_empty()) else { return };
        let depends: HashMap<&str, &Vec<FilePath>> =
            all.depends.iter().map(|(path, others)| (path.as_str(), others)).collect();
        let touched = |path: &FilePath| {
            let others = depends.get(path.as_str()).copied();
            base.changes.touch(path) || others.into_iter().flatten().any(|other| base.changes.touch_around(other))
        };
        let mut before: HashMap<&str, (Option<FilePath>, HashSet<String>)> = HashMap::new();
        let mut told = FileOutcome::default();
        for (number, waiver) in covered {
            let Some(finding) = all.findings.get(number) else { continue };
            let mut places = finding.related.iter().map(|related| FilePath::from_shown(&related.path));
            if !touched(&finding.path) && !places.any(|path| touched(&path)) {
                continue;
            }
            let path = finding.path.as_str();
            let (old, found) = before.entry(path).or_insert_with(|| self.found_before(base, around, &finding.path));
            let rule = &finding.rule.id;
            let was_covered = |old: &FilePath| old.as_str() == path || self.policy.covers(waiver, rule, old.as_str());
            if old.as_ref().is_some_and(was_covered) && found.contains(&said(finding, path)) {
                continue;
            }
            let detail = format!(
                "the waiver in {} is pinned to no key, finding or value, and covers a finding of {rule} that did not stand at {}: {}",
                self.policy.place_of_waiver(waiver),
                base.name,
                finding.message
            );
            let place = format!("waived.{rule}.{}", finding.place);
            let defect = Defect::new(DefectKind::GateChanged, Span::text(0, 0), place, detail);
            let mut one = FileOutcome::default();
            self.judge_text(path, "", &[defect], &mut one);
            // It stands where the finding does, and goes with its value.
            told.findings.extend(one.findings.into_iter().map(|listed| Finding {
                start: finding.start,
                end: finding.end,
                value: finding.value.clone(),
                masked_value: finding.masked_value.clone(),
                request: finding.request.clone(),
                shown: finding.shown.clone(),
                ..listed
            }));
        }
        super::finding::fingerprint(&mut told.findings);
        all.findings.extend(told.findings);
    }

    /// Where a file stood before the change, and what was found in it there, set aside or not.
    fn found_before(
        &self,
        base: &Base,
        around: &Surroundings<'_>,
        path: &FilePath,
    ) -> (Option<FilePath>, HashSet<String>) {
        let mut bytes = Vec::new();
        let Some(old) = base.changes.before(path) else { return (None, HashSet::new()) };
        if !matches!(base.tree.read(&old, super::SIZE_LIMIT, &mut bytes), Ok(Content::Whole)) {
            return (None, HashSet::new());
        }
        let file = Arc::new(SourceFile::new(Arc::new(old.clone()), bytes));
        let found = self.checked_before(&read::read_within(file, around), Cost::LITTLE);
        (Some(old), found.iter().map(|finding| said(finding, path.as_str())).collect())
    }

    /// Waivers that end soon.
    pub(super) fn expiring_waivers(&self) -> Vec<Expiring> {
        let layers = &self.policy.layers;
        self.policy
            .waivers
            .iter()
            .filter_map(|waiver| {
                let days = waiver.raw.expires.days_since(self.policy.as_of);
                let holds = self.policy.broken_terms(&WaiverClaim::of(&waiver.raw)).is_none();
                let layer = layers.get(waiver.layer).filter(|_| holds && (0..=SOON).contains(&days))?;
                Some(Expiring {
                    kind: "waiver",
                    rule: sanitise::line(&waiver.raw.rule).into_owned(),
                    path: layer.path.clone(),
                    line: layer.line_of(&["waivers", &waiver.number.to_string(), "expires"]).unwrap_or(1),
                    expires: waiver.raw.expires,
                    days,
                })
            })
            .collect()
    }

    /// Waivers that expired, that nothing needed, that lack something or name no rule; and what is stale in the baseline.
    pub(super) fn judge_configuration(&self, whole_tree: bool, all: &mut FileOutcome) {
        if self.policy.ignores_nothing() {
            return;
        }
        for number in 0..self.policy.layers.len() {
            self.judge_layer(number, whole_tree, all);
        }
        if let Some(baseline) = self.policy.baseline.as_ref().filter(|_| whole_tree) {
            let stale = baseline.stale().map(|(entry, range)| {
                let detail = format!("no finding of {} in {} needs this entry", entry.rule, entry.path);
                let place = format!("baseline.{}", entry.fingerprint);
                Defect::new(DefectKind::BaselineStale, Span::text(range.start, range.end), place, detail)
            });
            let defects: Vec<Defect> = stale.collect();
            self.judge_text(&baseline.path, &baseline.text, &defects, all);
        }
    }

    fn judge_layer(&self, number: usize, whole_tree: bool, all: &mut FileOutcome) {
        let Some(layer) = self.policy.layers.get(number) else { return };
        let waivers = self.policy.waivers.iter().filter(|waiver| waiver.layer == number);
        let judged = self.policy.all_rules();
        let mut defects = Vec::new();
        for waiver in waivers {
            let range = layer.locator.value(&["waivers", &waiver.number.to_string(), "rule"]);
            let span = Span::text(range.start, range.end);
            let files = waiver.raw.files.as_ref().map(|files| files.join(",")).unwrap_or_default();
            let place = format!("waivers.{}.{files}", waiver.raw.rule);
            let rule = &waiver.raw.rule;
            let matching = self.policy.catalogue.matching(rule);
            let (kind, detail) = if matching.is_empty() {
                (DefectKind::UnknownRule, format!("there is no rule {rule:?}"))
            } else if !waiver.holds_on(self.policy.as_of) {
                (DefectKind::WaiverExpired, format!("the waiver for {rule} expired on {}", waiver.raw.expires))
            } else if let Some(lacking) = self.policy.broken_terms(&WaiverClaim::of(&waiver.raw)) {
                (DefectKind::WaiverTerms, format!("the waiver for {rule} does not hold: {lacking}"))
            } else if whole_tree && !waiver.is_used() && matching.iter().any(|rule| judged.contains_key(&rule.id)) {
                (DefectKind::WaiverUnused, format!("no finding needs the waiver for {rule}"))
            } else {
                continue;
            };
            defects.push(Defect::new(kind, span, place, detail));
        }
        self.judge_text(&layer.path, &layer.text, &defects, all);
    }

    /// Makes findings of what is odd about a file of the configuration.
    pub(super) fn judge_text(&self, path: &str, text: &str, defects: &[Defect], all: &mut FileOutcome) {
        if defects.is_empty() {
            return;
        }
        let file = Arc::new(SourceFile::new(Arc::new(FilePath::from_shown(path)), text.as_bytes().to_vec()));
        let sources = Sources::new(file, Map::identity(), Map::identity());
        let mut out = FileOutcome::default();
        let rules = self.policy.rules_for(path, None);
        self.run_rules(&rules, &Subject::Configuration(defects), &sources, None, &mut out);
        super::finding::fingerprint(&mut out.findings);
        all.findings.extend(out.findings);
    }
}

/// What comments set aside in a file before a change.
#[derive(Default)]
struct Before {
    /// The file is the same.
    as_it_is: bool,
    /// As [`said`] has it.
    ignored: HashSet<String>,
}

impl Before {
    fn has(&self, finding: &Finding) -> bool {
        self.as_it_is || self.ignored.contains(&said(finding, finding.path.as_str()))
    }
}

/// What tells a finding from another one of the same place: its fingerprint without a number, as if its file had this path.
/// Where the fingerprint has no value, as with defects, what is said of it.
fn said(finding: &Finding, path: &str) -> String {
    let fingerprint = finding.unnumbered_in(path);
    if finding.value.is_empty() { format!("{fingerprint} {}", finding.message) } else { fingerprint }
}

/// The text of a file, if an ignore may be in it.
fn text_with_ignores(file: &SourceFile) -> Option<Vec<u8>> {
    let has_mark = |bytes: &[u8]| memmem::find(bytes, crate::policy::MARK).is_some();
    match file.encoding() {
        Encoding::Utf8 => has_mark(&file.bytes).then(|| file.bytes.clone()),
        Encoding::Utf16 { big_endian } => {
            let text = decode_utf16(&file.bytes, big_endian).0.into_bytes();
            has_mark(&text).then_some(text)
        }
        Encoding::Binary => None,
    }
}

/// Where requests and private keys begin.
fn starts(facts: &FileFacts) -> Vec<usize> {
    facts
        .artifacts
        .iter()
        .filter_map(|artifact| match artifact {
            Artifact::Request(request) => Some((&request.origin.sources, request.origin.span)),
            Artifact::PrivateKey(key) => Some((&key.sources, key.span)),
            Artifact::Claim(_) | Artifact::Certificate(_) => None,
        })
        .map(|(sources, span)| sources.locate(span).first().map_or(0, |range| range.start))
        .collect()
}
