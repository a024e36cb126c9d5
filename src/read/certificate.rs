//! What certificates are looked at for: whose key is in them (RFC 5280 section 4.1). They are not judged.

use crate::encoding::der::{Dom, Id, Primitives, tag};
use crate::request::{Field, Key, Name, State, sha256};
use crate::source::{Sources, Span};

/// A certificate of the tree; its key may be that of a request.
#[derive(Debug)]
pub struct Certificate {
    /// The way from spans to file bytes.
    pub sources: Sources,
    /// All of it, in the text.
    pub span: Span,
    /// The subject.
    pub subject: Field<Name>,
    /// The key.
    pub key: Field<Key>,
    /// SHA-256 of the DER.
    pub der_sha256: [u8; 32],
}

/// The places of what is needed of a certificate.
struct Fields {
    certificate: Id,
    serial: Id,
    issuer: Id,
    subject: Id,
    spki: Id,
}

fn fields(dom: &mut Dom<'_>) -> Option<Fields> {
    let mut ignored = Vec::new();
    let roots = dom.walk(0..dom.bytes.len(), Primitives::IntegersUnchecked, &mut ignored);
    let certificate = dom.roots(roots).next()?;
    let tbs = dom.children(certificate).next().filter(|id| dom.tag(*id) == tag::SEQUENCE)?;
    let mut fields: Vec<Id> = dom.children(tbs).collect();
    // [0] version is left out of certificates of version 1.
    if fields.first().is_some_and(|id| dom.tag(*id) == tag::context(0)) {
        fields.remove(0);
    }
    // serialNumber, signature, issuer, validity, subject, subjectPublicKeyInfo
    let [serial, _, issuer, _, subject, spki, ..] = *fields.as_slice() else { return None };
    (dom.tag(serial) == tag::INTEGER && dom.tag(spki) == tag::SEQUENCE).then_some(Fields {
        certificate,
        serial,
        issuer,
        subject,
        spki,
    })
}

/// Reads a certificate; `None` for what is none.
pub(super) fn read(der: &[u8], sources: Sources, span: Span) -> Option<Certificate> {
    let mut ignored = Vec::new();
    let mut dom = Dom::new(der);
    let Fields { certificate, subject, spki, .. } = fields(&mut dom)?;
    let key = super::key::read(&mut dom, spki, &mut ignored);
    let subject = Field::known(dom.span(subject), super::name::name(&dom, subject, "subject", &mut ignored));
    let end = dom.get(certificate).stop as usize;
    Some(Certificate { sources, span, subject, key, der_sha256: sha256(der.get(..end)?) })
}

/// What tells a certificate from others, and its key.
pub(super) struct Parts<'a> {
    pub(super) issuer: &'a [u8],
    pub(super) serial: &'a [u8],
    pub(super) key: Option<Key>,
}

/// The parts of a certificate that stands inside something else.
pub(super) fn parts(der: &[u8]) -> Option<Parts<'_>> {
    let mut dom = Dom::new(der);
    let Fields { serial, issuer, spki, .. } = fields(&mut dom)?;
    let (issuer, serial) = (dom.raw(issuer), dom.content(serial));
    let key = match super::key::read(&mut dom, spki, &mut Vec::new()).state {
        State::Known(key) => Some(key),
        _ => None,
    };
    Some(Parts { issuer, serial, key })
}
