//! What only a template says: which hash will sign, what happens to the key at renewal, who is to issue, and where values are written.
//! A template makes a request, or a certificate straight away; an issuing policy says what others may ask for.
//! `Knob`s tell where a value is written, so that a finding can carry its own repair; how, is `fix`'s business.

use std::borrow::Cow;

use super::{Field, Text};
use crate::crypto::{Curve, Hash};
use crate::source::Span;

/// What comes out of a template.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Makes {
    /// A PKCS#10 request, which a CA answers.
    Request,
    /// A certificate, without a request anybody sees.
    Certificate,
    /// Nothing by itself: it says what others may ask for (a Vault role, a signing profile).
    Permission,
}

/// What happens to the private key when the certificate is renewed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// The key stays the same.
    pub key_is_kept: bool,
    /// What keeps it, and what to write for a new one: a sentence without its full stop.
    pub knob: Cow<'static, str>,
}

/// What only a template has.
#[derive(Debug, Clone)]
pub struct Template {
    /// What comes out of it.
    pub makes: Makes,
    /// The hash the request, or the certificate, is signed with.
    pub hash: Field<Hash>,
    /// What happens to the key at renewal.
    pub renewal: Field<Renewal>,
    /// The issuer it names.
    pub issuer: Field<Text>,
    /// The signer it names (Kubernetes).
    pub signer: Field<Text>,
    /// Where secrets stand; none of these bytes is ever shown.
    pub secrets: Vec<Span>,
    /// Where values are written, or would be.
    pub knobs: Vec<Knob>,
}

impl Template {
    /// One that says nothing yet; `span` is where its values would stand.
    pub fn new(makes: Makes, span: Span) -> Self {
        Self {
            makes,
            hash: Field::absent(span),
            renewal: Field::absent(span),
            issuer: Field::absent(span),
            signer: Field::absent(span),
            secrets: Vec::new(),
            knobs: Vec::new(),
        }
    }

    /// The knob for a logical place.
    pub fn knob(&self, place: &str) -> Option<&Knob> {
        self.knobs.iter().find(|knob| knob.place == place)
    }
}

/// Where and how a value is written.
#[derive(Debug, Clone)]
pub struct Knob {
    /// The logical place: `key.bits`, `key.curve`, `signature.hash`, `renewal`, `san`.
    pub place: &'static str,
    /// What is replaced; where nothing is written yet, the empty place to write at.
    pub at: Span,
    /// What stands before the value: `size: ` and its indentation where the key is not there yet.
    pub before: String,
    /// What stands after it.
    pub after: String,
    /// How the format spells a value; `None` where it cannot say it.
    pub spell: fn(&Wanted) -> Option<String>,
}

/// A value that a rule would have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A key of so many bits.
    Bits(u32),
    /// A key on this curve.
    Curve(Curve),
    /// A signature with this hash.
    Hash(Hash),
    /// A new key at renewal.
    NewKey,
    /// One more DNS name.
    DnsName(String),
}
