//! Requested extensions (RFC 2985 section 5.4.2) and the values of those csrlint knows.
//! A value that cannot be decoded is `Malformed` and stays in the list; one csrlint does not know is opaque bytes.
//! x509-parser decodes nameConstraints, in which nothing needs a place of its own.

use super::{Field, Oid, SubjectAltName};
use crate::source::Span;

/// One requested extension.
#[derive(Debug, Clone)]
pub struct Extension {
    /// Its type.
    pub oid: Oid,
    /// The whole Extension.
    pub span: Span,
    /// Whether it is marked critical; `Default` where nothing is written (FALSE).
    pub critical: Field<bool>,
    /// Its value.
    pub value: Field<ExtensionValue>,
    /// The content of extnValue, as encoded.
    pub raw: Vec<u8>,
    /// The attribute it was requested in.
    pub container: Oid,
}

impl Extension {
    /// Whether it is marked critical.
    pub fn is_critical(&self) -> bool {
        self.critical.effective().copied().unwrap_or(false)
    }

    /// `extensions.keyUsage` and the like.
    pub fn place(&self) -> String {
        format!("extensions.{}", self.oid.label())
    }
}

/// A decoded value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExtensionValue {
    /// subjectAltName.
    SubjectAltName(SubjectAltName),
    /// keyUsage.
    KeyUsage(KeyUsage),
    /// extendedKeyUsage.
    ExtendedKeyUsage(Vec<Field<Oid>>),
    /// basicConstraints.
    BasicConstraints {
        /// cA.
        ca: bool,
        /// pathLenConstraint.
        path_length: Option<i64>,
    },
    /// subjectKeyIdentifier.
    SubjectKeyIdentifier(Vec<u8>),
    /// nameConstraints, each subtree as text.
    NameConstraints {
        /// permittedSubtrees.
        permitted: Vec<String>,
        /// excludedSubtrees.
        excluded: Vec<String>,
    },
    /// certificatePolicies.
    CertificatePolicies(Vec<Field<Oid>>),
    /// TLS feature (RFC 7633): extension numbers.
    TlsFeature(Vec<u16>),
    /// Microsoft's template, version 1 (a name) or 2 (an OID).
    MicrosoftTemplate(MicrosoftTemplate),
    /// Microsoft's application policies.
    MicrosoftApplicationPolicies(Vec<Field<Oid>>),
    /// Microsoft's security identifier.
    MicrosoftSid(String),
    /// A value csrlint does not decode.
    Opaque,
}

/// A certificate template of Active Directory Certificate Services.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MicrosoftTemplate {
    /// Name (version 1) or OID (version 2).
    pub template: String,
    /// Major version.
    pub major: Option<i64>,
    /// Minor version.
    pub minor: Option<i64>,
}

/// The bits of keyUsage (RFC 5280 section 4.2.1.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeyUsage(u16);

/// One bit.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "camelCase")]
#[allow(missing_docs, reason = "the names are RFC 5280's")]
pub enum KeyUsageBit {
    DigitalSignature,
    NonRepudiation,
    KeyEncipherment,
    DataEncipherment,
    KeyAgreement,
    KeyCertSign,
    #[serde(rename = "cRLSign")]
    CrlSign,
    EncipherOnly,
    DecipherOnly,
}

impl KeyUsageBit {
    /// All bits by number.
    pub const ALL: [Self; 9] = [
        Self::DigitalSignature,
        Self::NonRepudiation,
        Self::KeyEncipherment,
        Self::DataEncipherment,
        Self::KeyAgreement,
        Self::KeyCertSign,
        Self::CrlSign,
        Self::EncipherOnly,
        Self::DecipherOnly,
    ];

    /// The name in RFC 5280.
    pub fn name(self) -> &'static str {
        match self {
            Self::DigitalSignature => "digitalSignature",
            Self::NonRepudiation => "nonRepudiation",
            Self::KeyEncipherment => "keyEncipherment",
            Self::DataEncipherment => "dataEncipherment",
            Self::KeyAgreement => "keyAgreement",
            Self::KeyCertSign => "keyCertSign",
            Self::CrlSign => "cRLSign",
            Self::EncipherOnly => "encipherOnly",
            Self::DecipherOnly => "decipherOnly",
        }
    }
}

impl KeyUsage {
    /// From the octets of the BIT STRING (after the unused-bits octet).
    pub fn from_octets(octets: &[u8]) -> Self {
        let first = octets.first().copied().unwrap_or(0).reverse_bits();
        let second = octets.get(1).copied().unwrap_or(0).reverse_bits();
        Self(u16::from(first) | u16::from(second) << 8)
    }

    /// From single bits, as templates name them.
    pub fn from_bits(bits: impl IntoIterator<Item = KeyUsageBit>) -> Self {
        bits.into_iter().fold(Self::default(), |usage, bit| Self(usage.0 | 1 << bit as u16))
    }

    /// The same with further bits that nobody sees: an expression is among those of a template.
    #[must_use]
    pub fn and_unseen(self) -> Self {
        Self(self.0 | Self::UNSEEN)
    }

    /// Whether there may be bits that nobody sees.
    pub fn is_open(self) -> bool {
        self.0 & Self::UNSEEN != 0
    }

    const UNSEEN: u16 = 1 << 15;

    /// Whether a bit is set.
    pub fn has(self, bit: KeyUsageBit) -> bool {
        self.0 & 1 << bit as u16 != 0
    }

    /// The bits that are set.
    pub fn bits(self) -> impl Iterator<Item = KeyUsageBit> {
        KeyUsageBit::ALL.into_iter().filter(move |bit| self.has(*bit))
    }

    /// Bits of either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether no bit is set.
    pub fn is_empty(self) -> bool {
        self.0 & 0x1FF == 0
    }

    /// The names of the bits that are set.
    pub fn names(self) -> Vec<&'static str> {
        self.bits().map(KeyUsageBit::name).collect()
    }
}
