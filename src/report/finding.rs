//! Findings, and what a run says besides them.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{Excerpt, Listing, Sheet};
use crate::catalogue::{Outcome, Rule, Severity};
use crate::check::Date;
use crate::compare::Comparison;
use crate::fix::FileFix;
use crate::policy::WaiverUse;
use crate::request::sha256;
use crate::source::{Changes, FilePath, Position};

/// One rule broken at one place.
#[derive(Debug, Clone)]
pub struct Finding {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How bad, as of the day of the run.
    pub severity: Severity,
    /// Who demands it.
    pub profiles: Vec<String>,
    /// The clause that demands it.
    pub clause: Option<String>,
    /// What is wrong, made harmless for every output.
    pub message: String,
    /// The file.
    pub path: Arc<FilePath>,
    /// First byte.
    pub start: Position,
    /// One past the last byte.
    pub end: Position,
    /// The logical place.
    pub place: String,
    /// The normalised value.
    pub value: String,
    /// The same as reports have it: without secrets.
    pub shown_value: String,
    /// The request, where the finding is about one.
    pub request: Option<RequestRef>,
    /// Whether it is about something inside a file of something else. What is said of neither a request nor a key is said
    /// of the file, which the requester may have written.
    pub embedded: bool,
    /// 32 hexadecimal digits, and `:N` for exact repeats.
    pub fingerprint: String,
    /// What it was waived by.
    pub waived: Option<WaiverUse>,
    /// The rule that says more about the same place; then this finding counts for nothing.
    pub superseded_by: Option<String>,
    /// Whether it counts for the exit code.
    pub fails: bool,
    /// How to mend it, where that is mechanical.
    pub fix: Option<FileFix>,
    /// What people are shown.
    pub shown: Option<Shown>,
    /// Other places this is about.
    pub related: Vec<Related>,
    /// The key this is about, by its number.
    pub key: Option<[u8; 32]>,
}

/// A request whose key other things in the tree have, too: no finding, but worth knowing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Relation {
    /// The file of the request.
    pub path: String,
    /// The line the request starts on.
    pub line: usize,
    /// SHA-256 of the key.
    pub spki_sha256: Option<String>,
    /// Certificates and private keys with that key.
    pub same_key: Vec<RelatedPlace>,
}

/// Something that has the key of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RelatedPlace {
    /// What.
    pub kind: crate::estate::RecordKind,
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// The subject of a certificate.
    pub subject: String,
}

/// What people are shown of a finding.
#[derive(Debug, Clone)]
pub enum Shown {
    /// A range of the decoded request.
    Listing(Arc<Listing>, std::ops::Range<usize>),
    /// Lines of the file.
    Excerpt(Excerpt),
}

/// Another place a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Related {
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// What is there.
    pub message: String,
}

/// The request a finding is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequestRef {
    /// A few words for people.
    pub title: String,
    /// SHA-256 of the key.
    pub spki_sha256: Option<String>,
    /// The name in the file.
    pub name: String,
    /// What tells it from others in the file.
    #[serde(skip)]
    pub identity: String,
    /// Whether it stands inside a file of something else.
    #[serde(skip)]
    pub embedded: bool,
}

impl Summary {
    /// The counts of these findings.
    pub fn of(findings: &[Finding], files: usize, requests: usize, not_judged: usize) -> Self {
        let open =
            |severity| findings.iter().filter(|finding| finding.is_open() && finding.severity == severity).count();
        let accepted = |by_baseline: bool| {
            let uses = findings.iter().filter_map(|finding| finding.waived.as_ref());
            uses.filter(|usage| (usage.kind == "baseline") == by_baseline).count()
        };
        Self {
            files,
            requests,
            findings: findings.iter().filter(|finding| finding.is_open()).count(),
            errors: open(Severity::Error),
            warnings: open(Severity::Warning),
            infos: open(Severity::Info),
            waived: accepted(false),
            baselined: accepted(true),
            untouched: 0,
            superseded: findings.iter().filter(|finding| finding.superseded_by.is_some()).count(),
            not_judged,
            unread_submodules: 0,
        }
    }
}

impl Finding {
    /// The fingerprint without the number that tells exact repeats apart.
    pub fn unnumbered(&self) -> String {
        self.unnumbered_in(self.path.as_str())
    }

    /// The same as if the file had another path.
    pub fn unnumbered_in(&self, path: &str) -> String {
        let identity = self.request.as_ref().map_or("", |request| request.identity.as_str());
        Self::fingerprint_of(&self.rule.id, path, identity, &self.place, &self.value)
    }

    /// The recipe of fingerprints: rule, path, the request's identity, logical place, value. No line, no column.
    pub fn fingerprint_of(rule: &str, path: &str, identity: &str, place: &str, value: &str) -> String {
        let mut input = Vec::new();
        for part in [rule, path, identity, place, value] {
            input.extend_from_slice(&(part.len() as u64).to_be_bytes());
            input.extend_from_slice(part.as_bytes());
        }
        crate::request::hex(sha256(&input).get(..16).unwrap_or_default())
    }
}

/// What every rule made of one request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Judged {
    /// The file.
    pub path: String,
    /// The line the request starts on.
    pub line: usize,
    /// First byte of the request.
    pub offset: usize,
    /// The request, in a few words.
    pub request: String,
    /// SHA-256 of the key.
    pub spki_sha256: Option<String>,
    /// Rule → outcome.
    pub outcomes: Vec<(String, Outcome)>,
}

/// A rule that could not tell.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct NotJudged {
    /// The file.
    pub path: String,
    /// The line the request starts on.
    pub line: usize,
    /// The rule.
    pub rule: String,
    /// The request.
    pub request: String,
    /// Why.
    pub reason: String,
}

/// Something that could not be read or judged as it should.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct RunError {
    /// The file.
    pub path: String,
    /// What happened.
    pub message: String,
}

/// A submodule that is not there, so that nothing of it was looked at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct UnreadSubmodule {
    /// Where it would be.
    pub path: String,
    /// What that means.
    pub message: String,
}

/// What a run was.
#[derive(Debug, Clone, Serialize)]
pub struct RunInfo {
    /// csrlint's version.
    pub version: &'static str,
    /// The day it judged as of.
    pub as_of: Date,
    /// The policy's file.
    pub policy: Option<String>,
    /// The revision it was taken from, where that was asked for.
    pub policy_revision: Option<String>,
    /// The files that the policy is made of, the lowest first.
    pub layers: Vec<String>,
    /// The profiles that hold everywhere.
    pub profiles: Vec<String>,
    /// The root of the tree; `.` in reports, which do not tell where a checkout stands.
    pub root: String,
    /// Where files can be looked at, for links: an address that a path is put behind. Not part of the report as data.
    #[serde(skip)]
    pub links: Option<String>,
}

/// Counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// Files looked at.
    pub files: usize,
    /// Requests found.
    pub requests: usize,
    /// Findings that are not waived.
    pub findings: usize,
    /// Of these, errors.
    pub errors: usize,
    /// Warnings.
    pub warnings: usize,
    /// Infos.
    pub infos: usize,
    /// Findings that are waived, in the policy or in a comment.
    pub waived: usize,
    /// Findings that are in the baseline.
    pub baselined: usize,
    /// Findings that do not touch the change; only with `--staged`, `--changed` or `--since`.
    pub untouched: usize,
    /// Findings that others make redundant.
    pub superseded: usize,
    /// Rules that could not tell, over all requests.
    pub not_judged: usize,
    /// Submodules that are not there, so that nothing of them was looked at.
    pub unread_submodules: usize,
}

/// Everything a run has to say.
#[derive(Debug)]
pub struct Report {
    /// What the run was.
    pub run: RunInfo,
    /// Counts.
    pub summary: Summary,
    /// Findings in order of place; waived and superseded ones too.
    pub findings: Vec<Finding>,
    /// Requests whose keys certificates or private keys of the run have.
    pub relations: Vec<Relation>,
    /// Rules that could not tell.
    pub not_judged: Vec<NotJudged>,
    /// What could not be read or judged as it should.
    pub errors: Vec<RunError>,
    /// Submodules that are not there, in order of path. Those that had to be there are among the errors as well.
    pub submodules: Vec<UnreadSubmodule>,
    /// The requests, where they were kept.
    pub requests: Vec<Value>,
    /// Rules that were switched on anywhere.
    pub rules: Vec<Arc<Rule>>,
    /// `[pass, fail, not applicable, not judged]` by rule.
    pub outcomes: Vec<(String, [u64; 4])>,
    /// What every rule made of every request, where that was kept.
    pub judged: Vec<Judged>,
    /// The requests with their listings in order of place, where they were kept.
    pub sheets: Vec<Sheet>,
    /// Things the user should know about the run.
    pub notices: Vec<String>,
    /// What changed in the requests, where that was asked.
    pub comparison: Option<Comparison>,
    /// Waivers and ignores that end soon.
    pub expiring: Vec<Expiring>,
    /// Comments that ignore findings, in order of place.
    pub ignores: Vec<IgnoreUse>,
    /// By path: other files that what was found there depends on.
    pub depends: BTreeMap<String, Vec<FilePath>>,
}

/// A comment that ignores findings, or would.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct IgnoreUse {
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// The rules.
    pub rules: Vec<String>,
    /// How far it reaches, in words.
    pub reach: &'static str,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    pub approved_by: Option<String>,
    /// The last day it holds.
    pub expires: Option<Date>,
    /// How many findings it keeps from counting.
    pub findings: usize,
}

/// A waiver or ignore that ends within 30 days.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Expiring {
    /// The file it stands in.
    pub path: String,
    /// The line.
    pub line: usize,
    /// `waiver` or `inline`.
    pub kind: &'static str,
    /// The rules it is for.
    pub rule: String,
    /// Its last day.
    pub expires: Date,
    /// Days until then.
    pub days: i64,
}

impl std::fmt::Display for Expiring {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { path, line, kind, rule, expires, days } = self;
        let kind = if *kind == "inline" { "ignore" } else { kind };
        let when = match days {
            0 => "today is its last day".to_owned(),
            1 => format!("it ends tomorrow, on {expires}"),
            _ => format!("it ends in {days} days, on {expires}"),
        };
        write!(f, "the {kind} for {rule} ({path}:{line}): {when}")
    }
}

impl Finding {
    /// Whether it counts: it is neither waived nor superseded.
    pub fn is_open(&self) -> bool {
        self.waived.is_none() && self.superseded_by.is_none()
    }
}

impl Report {
    /// Keeps only what touches a change: findings in a file that changed, in one that depends on such a file, or that are
    /// also about one. Everything was judged, and what is left out is counted.
    pub fn narrow(&mut self, changes: &Changes) {
        let depends = std::mem::take(&mut self.depends);
        let touches = |path: &str| {
            let file = FilePath::from_shown(path);
            let by_another = |others: &Vec<FilePath>| others.iter().any(|other| changes.touch_around(other));
            changes.touch(&file) || changes.files.contains_key(&file) || depends.get(path).is_some_and(by_another)
        };
        let before = self.open_findings().count();
        self.findings.retain(|finding| {
            touches(finding.path.as_str()) || finding.related.iter().any(|related| touches(&related.path))
        });
        self.not_judged.retain(|left| left.path.is_empty() || touches(&left.path));
        // A submodule that had to be there has to be there whatever the change is about.
        let is_submodule = |path: &str| self.submodules.iter().any(|submodule| submodule.path == path);
        self.errors.retain(|error| touches(&error.path) || is_submodule(&error.path));
        self.miss_changed(changes);
        self.relations
            .retain(|relation| touches(&relation.path) || relation.same_key.iter().any(|same| touches(&same.path)));
        self.judged.retain(|judged| touches(&judged.path));
        self.sheets.retain(|sheet| touches(&sheet.path));
        self.requests.retain(|request| request.get("path").and_then(Value::as_str).is_some_and(&touches));
        let open = self.open_findings().count();
        self.summary = Summary {
            untouched: before - open,
            unread_submodules: self.submodules.len(),
            ..Summary::of(&self.findings, self.summary.files, self.summary.requests, self.not_judged.len())
        };
    }

    /// Submodules that a change adds or moves have to be there: what it does to them was not looked at.
    pub(crate) fn miss_changed(&mut self, changes: &Changes) {
        let changed =
            |path: &str| changes.files.get(&FilePath::from_shown(path)).is_some_and(|change| change.submodule);
        self.miss(changed);
    }

    /// The same for those of which the caller says so.
    pub(crate) fn miss(&mut self, is_needed: impl Fn(&str) -> bool) {
        for submodule in self.submodules.iter().filter(|submodule| is_needed(&submodule.path)) {
            let error = RunError { path: submodule.path.clone(), message: submodule.message.clone() };
            if !self.errors.contains(&error) {
                self.errors.push(error);
            }
        }
        self.errors.sort();
    }

    /// Submodules that are not there and did not have to be: those that had to be are told as errors.
    pub fn missed_submodules(&self) -> impl Iterator<Item = &UnreadSubmodule> {
        self.submodules.iter().filter(|submodule| !self.errors.iter().any(|error| error.path == submodule.path))
    }

    /// Findings that are neither waived nor superseded.
    pub fn open_findings(&self) -> impl Iterator<Item = &Finding> {
        self.findings.iter().filter(|finding| finding.is_open())
    }

    /// The exit code of a run that got as far as a report: 3 before 1 before 0.
    pub fn exit_code(&self) -> u8 {
        match () {
            () if !self.errors.is_empty() => 3,
            () if self.open_findings().any(|finding| finding.fails) => 1,
            () => 0,
        }
    }
}
