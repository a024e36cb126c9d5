//! Findings, and what a run says besides them.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::{Excerpt, Listing, Sheet};
use crate::catalogue::{Outcome, Rule, Severity};
use crate::fix::FileFix;
use crate::policy::WaiverUse;
use crate::request::sha256;
use crate::source::{FilePath, Position};

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

impl Finding {
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

/// What a run was.
#[derive(Debug, Clone, Serialize)]
pub struct RunInfo {
    /// csrlint's version.
    pub version: &'static str,
    /// The day it judged as of.
    pub as_of: crate::check::Date,
    /// The policy's file.
    pub policy: Option<String>,
    /// The profiles that hold everywhere.
    pub profiles: Vec<String>,
    /// The root of the tree; `.` in reports, which do not tell where a checkout stands.
    pub root: String,
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
    /// Findings that are waived.
    pub waived: usize,
    /// Findings that others make redundant.
    pub superseded: usize,
    /// Rules that could not tell, over all requests.
    pub not_judged: usize,
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
}

impl Finding {
    /// Whether it counts: it is neither waived nor superseded.
    pub fn is_open(&self) -> bool {
        self.waived.is_none() && self.superseded_by.is_none()
    }
}

impl Report {
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
