//! A request of the run with all that is shown of it, for reports that have a page or a test case for each.
//! It stands by itself: the request, its file and its bytes are gone when a report is rendered.
//! Which request a finding is about is told by file and identity, not by a number.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Finding, Listing, Report, sanitise};
use crate::request::{Request, Validity};
use crate::source::Position;

/// A request, as a page shows it.
#[derive(Debug, Clone)]
pub struct Sheet {
    /// The file.
    pub path: String,
    /// First byte of the request.
    pub start: Position,
    /// A few words for people, made harmless.
    pub title: String,
    /// What tells it from others in the file.
    pub identity: String,
    /// SHA-256 of the key.
    pub spki_sha256: Option<String>,
    /// The format it is written in.
    pub format: &'static str,
    /// Algorithm and size or curve of the key: `RSA 2048`.
    pub key: String,
    /// How long the certificate is to live, where that is known; only templates say so.
    pub validity: Option<Validity>,
    /// What `inspect` prints.
    pub listing: Arc<Listing>,
}

impl Sheet {
    /// Of a request.
    pub fn of(request: &Request) -> Self {
        let sources = &request.origin.sources;
        let offset = sources.locate(request.origin.span).first().map_or(0, |range| range.start);
        let key = request.key.effective().map_or_else(|| "unknown key".to_owned(), crate::request::Key::summary);
        Self {
            path: sources.file.path.as_str().to_owned(),
            start: sources.file.position(offset),
            title: sanitise::shortened(&sanitise::line(&sources.file.secrets().out_of(&request.title())), 100)
                .into_owned(),
            identity: request.identity(),
            spki_sha256: request.spki_sha256(),
            format: request.origin.format.name(),
            key: sanitise::shortened(&sanitise::line(&key), 60).into_owned(),
            validity: request.validity.effective().copied(),
            listing: Arc::new(Listing::of(request)),
        }
    }
}

/// Which sheet each finding is about, by their numbers in the report; none for what is said of a file or a policy.
pub(super) fn sheets_of_findings(report: &Report) -> Vec<Option<usize>> {
    let mut by_identity: HashMap<(&str, &str), Vec<usize>> = HashMap::new();
    for (number, sheet) in report.sheets.iter().enumerate() {
        by_identity.entry((&sheet.path, &sheet.identity)).or_default().push(number);
    }
    let sheet_of = |finding: &Finding| {
        let request = finding.request.as_ref()?;
        let numbers = by_identity.get(&(finding.path.as_str(), request.identity.as_str()))?;
        // Of several alike, the last that starts before the place.
        let before = numbers
            .iter()
            .rev()
            .find(|number| report.sheets.get(**number).is_some_and(|sheet| sheet.start.offset <= finding.start.offset));
        before.or_else(|| numbers.first()).copied()
    };
    report.findings.iter().map(sheet_of).collect()
}
