//! What needs more than one request: the compact records of a run, and their merging.
//! Records hold no secrets and no private parts, can be written out, merged and read again.
//! The order of records is that of their places, however many threads found them.

use serde::{Deserialize, Serialize};

use crate::request::{Request, hex, sha256};
use crate::source::Position;

/// The extract of one request that rules over many need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// The file.
    pub path: String,
    /// Where the request starts in it.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// What tells it from others in the file.
    pub identity: String,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub spki_sha256: Option<String>,
    /// SHA-256 of the request itself: equal for copies.
    pub content_sha256: String,
    /// The subject as RFC 4514 has it.
    pub subject: String,
}

impl Record {
    /// The record of a request.
    pub fn of(request: &Request) -> Self {
        let sources = &request.origin.sources;
        let ranges = sources.locate(request.origin.span);
        let position = |offset: Option<usize>| sources.file.position(offset.unwrap_or(0));
        let content = request.pkcs10.as_ref().map_or_else(|| sha256(request.origin.name.as_bytes()), crate::request::Pkcs10::der_sha256);
        Self {
            path: sources.file.path.as_str().to_owned(),
            start: position(ranges.first().map(|range| range.start)),
            end: position(ranges.last().map(|range| range.end)),
            identity: request.identity(),
            spki_sha256: request.spki_sha256(),
            content_sha256: hex(&content),
            subject: request.subject.effective().map(crate::request::Name::to_rfc4514).unwrap_or_default(),
        }
    }
}

/// All records of a run, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Estate {
    records: Vec<Record>,
}

impl Estate {
    /// From records in any order.
    pub fn new(mut records: Vec<Record>) -> Self {
        records.sort();
        Self { records }
    }

    /// The records.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// Both runs together.
    #[must_use]
    pub fn merged(self, other: Self) -> Self {
        let mut records = self.records;
        records.extend(other.records);
        records.sort();
        records.dedup();
        Self { records }
    }
}
