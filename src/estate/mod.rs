//! What needs more than one request: the compact records of a run, their merging, and what their keys have in common.
//! Records hold no secrets and no private parts, can be written out, merged and read again.
//! The order of records is that of their places, however many threads found them.

use serde::{Deserialize, Serialize};

use crate::lists::{KeyHashes, number_hash};
use crate::read::{Certificate, PrivateKey};
use crate::request::{Key, Request, hex, sha256};
use crate::source::{Position, Sources, Span};

mod shared;

pub use shared::{common_factors, pairs};

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

/// What a record is of.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum RecordKind {
    /// A request.
    #[default]
    Request,
    /// A certificate.
    Certificate,
    /// A private key.
    PrivateKey,
}

impl RecordKind {
    /// In words, with its article.
    pub fn name(self) -> &'static str {
        match self {
            Self::Request => "a request",
            Self::Certificate => "a certificate",
            Self::PrivateKey => "a private key",
        }
    }
}

/// The extract of one request, certificate or private key that rules over many need.
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
    /// What it is of.
    #[serde(default)]
    pub kind: RecordKind,
    /// SHA-256 of the number that is the key, the same in a request, a certificate and a private key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key_sha256: Option<Digest>,
    /// The RSA modulus, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modulus: Option<Octets>,
    /// r of a DSA or ECDSA signature that verifies, with what it was computed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nonce: Option<Nonce>,
}

/// Octets, written in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct Octets(pub Vec<u8>);

impl From<Octets> for String {
    fn from(octets: Octets) -> Self {
        hex(&octets.0)
    }
}

impl TryFrom<String> for Octets {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let digits: Option<Vec<u8>> =
            text.chars().map(|digit| digit.to_digit(16).and_then(|digit| u8::try_from(digit).ok())).collect();
        match digits {
            Some(digits) if digits.len().is_multiple_of(2) => Ok(Self(
                digits.chunks_exact(2).map(|pair| pair.iter().fold(0, |octet, digit| octet << 4 | digit)).collect(),
            )),
            _ => Err(format!("{text:?} is no hexadecimal")),
        }
    }
}

/// The visible half of a nonce: two signatures with the same give it away (FIPS 186-5 section 6.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Nonce {
    /// The curve, or the digest of the DSA parameters.
    pub group: String,
    /// r.
    pub r: Octets,
    /// SHA-256 of the signed bytes: the same request has the same nonce.
    pub signed_sha256: Digest,
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
            kind: RecordKind::Request,
            key_sha256: request.key.effective().and_then(number),
            modulus: request.key.effective().and_then(modulus),
            nonce: nonce(request),
        }
    }

    /// The record of a certificate.
    pub fn of_certificate(certificate: &Certificate) -> Self {
        let (start, end) = ends(&certificate.sources, certificate.span);
        let key = certificate.key.effective();
        Self {
            path: certificate.sources.file.path.as_str().to_owned(),
            start,
            end,
            name: None,
            spki_sha256: key.and_then(KeyHashes::of).map(|hashes| Digest(hashes.spki_sha256)),
            content_sha256: Digest(certificate.der_sha256),
            subject: certificate.subject.effective().map(crate::request::Name::to_rfc4514).unwrap_or_default(),
            kind: RecordKind::Certificate,
            key_sha256: key.and_then(number),
            modulus: key.and_then(modulus),
            nonce: None,
        }
    }

    /// The record of a private key: of its public half, if that is known.
    pub fn of_private_key(key: &PrivateKey) -> Self {
        let (start, end) = ends(&key.sources, key.span);
        let public = key.public.as_ref();
        Self {
            path: key.sources.file.path.as_str().to_owned(),
            start,
            end,
            name: Some(format!("private key {}", key.number + 1)),
            spki_sha256: public.map(|public| Digest(public.spki_sha256)),
            content_sha256: Digest(public.map_or([0; 32], |public| public.number_sha256)),
            subject: String::new(),
            kind: RecordKind::PrivateKey,
            key_sha256: public.map(|public| Digest(public.number_sha256)),
            modulus: public.and_then(|public| public.modulus.as_deref()).map(significant),
            nonce: None,
        }
    }
}

fn ends(sources: &Sources, span: Span) -> (Position, Position) {
    let ranges = sources.locate(span);
    let position = |offset: Option<usize>| sources.file.position(offset.unwrap_or(0));
    (position(ranges.first().map(|range| range.start)), position(ranges.last().map(|range| range.end)))
}

fn number(key: &Key) -> Option<Digest> {
    number_hash(key.algorithm.effective().copied()?, key.public.as_ref()?).map(Digest)
}

fn modulus(key: &Key) -> Option<Octets> {
    key.public.as_ref()?.rsa_numbers().map(|(modulus, _)| significant(modulus))
}

/// Without leading zero octets.
fn significant(number: &[u8]) -> Octets {
    let start = number.iter().position(|octet| *octet != 0).unwrap_or(number.len());
    Octets(number.get(start..).unwrap_or_default().to_vec())
}

/// Only of signatures that are known to verify: the r of a request that was changed after signing is that of the
/// original. A run that verifies none has no nonces to compare. The group is that of the requested key, so it has to be the
/// one that signed.
fn nonce(request: &Request) -> Option<Nonce> {
    let pkcs10 = request.pkcs10.as_ref()?;
    let signature = pkcs10.signature.effective()?;
    let key = request.key.effective()?;
    let public = key.public.as_ref()?;
    let r = crate::crypto::nonce_of(signature.algorithm.as_bytes(), pkcs10.octets(signature.value))?;
    request.is_signed_with_own_key().then(|| Nonce {
        group: match key.curve.effective() {
            Some(curve) => curve.name().to_owned(),
            None => hex(&sha256(public.parameters.as_deref().unwrap_or_default())),
        },
        r: significant(r),
        signed_sha256: Digest(sha256(pkcs10.octets(signature.signed))),
    })
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

    /// The records of requests, with their numbers.
    pub fn requests(&self) -> impl Iterator<Item = (usize, &Record)> {
        self.records.iter().enumerate().filter(|(_, record)| record.kind == RecordKind::Request)
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
