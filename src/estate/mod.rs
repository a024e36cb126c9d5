//! What needs more than one request: the compact records of a run, and their merging.
//! Records hold no secrets and no private parts, can be written out, merged and read again.
//! The order of records is that of their places, however many threads found them.

use serde::{Deserialize, Serialize};

use crate::request::{Request, hex, sha256};
use crate::source::Position;

/// A SHA-256, written in hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Digest(pub [u8; 32]);

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        hex(&digest.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let mut bytes = [0; 32];
        let nibble = |at: usize| text.as_bytes().get(at).and_then(|digit| char::from(*digit).to_digit(16));
        for (number, byte) in bytes.iter_mut().enumerate() {
            let (high, low) =
                nibble(2 * number).zip(nibble(2 * number + 1)).ok_or_else(|| format!("{text:?} is no SHA-256"))?;
            *byte = (high << 4 | low) as u8;
        }
        if text.len() == 64 { Ok(Self(bytes)) } else { Err(format!("{text:?} is no SHA-256")) }
    }
}

/// The extract of one request that rules over many need.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Record {
    /// The file.
    pub path: String,
    /// Where the request starts in it.
    pub start: Position,
    /// Where it ends.
    pub end: Position,
    /// The name in the file, where there is no key to tell it from others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub spki_sha256: Option<Digest>,
    /// SHA-256 of the request itself: equal for copies.
    pub content_sha256: Digest,
    /// The subject as RFC 4514 has it.
    pub subject: String,
}

impl Record {
    /// The record of a request.
    pub fn of(request: &Request) -> Self {
        let sources = &request.origin.sources;
        let ranges = sources.locate(request.origin.span);
        let position = |offset: Option<usize>| sources.file.position(offset.unwrap_or(0));
        let key = request.key.effective().and_then(|key| key.public.as_ref()).map(|public| Digest(public.spki_sha256));
        let content = request
            .pkcs10
            .as_ref()
            .map_or_else(|| sha256(request.origin.name.as_bytes()), crate::request::Pkcs10::der_sha256);
        Self {
            path: sources.file.path.as_str().to_owned(),
            start: position(ranges.first().map(|range| range.start)),
            end: position(ranges.last().map(|range| range.end)),
            name: key.is_none().then(|| request.origin.name.clone()),
            spki_sha256: key,
            content_sha256: Digest(content),
            subject: request.subject.effective().map(crate::request::Name::to_rfc4514).unwrap_or_default(),
        }
    }
}

impl Record {
    /// What tells the request from others in its file: see `Request::identity`.
    pub fn identity(&self) -> String {
        self.spki_sha256.map(String::from).or_else(|| self.name.clone()).unwrap_or_default()
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
        records.sort_unstable();
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
