//! Subject alternative names: all nine forms of GeneralName (RFC 5280 section 4.2.1.6).
//! Syntax is not judged here; a name that cannot be decoded stays in the list as `Malformed`.
//! otherName values are text where their type says so (UPN, SmtpUTF8Mailbox, ...), bytes otherwise.

use std::net::IpAddr;

use super::{Field, List, Name, Oid, Text};

/// A subjectAltName value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectAltName {
    /// The names in order.
    pub names: List<Field<GeneralName>>,
}

/// One name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GeneralName {
    /// `[0]`
    Other(OtherName),
    /// `[1]` rfc822Name.
    Email(String),
    /// `[2]` dNSName.
    Dns(String),
    /// `[3]` x400Address, as encoded.
    X400(Vec<u8>),
    /// `[4]` directoryName.
    Directory(Name),
    /// `[5]` ediPartyName, as encoded.
    EdiParty(Vec<u8>),
    /// `[6]` uniformResourceIdentifier.
    Uri(String),
    /// `[7]` iPAddress.
    Ip(IpAddr),
    /// `[8]` registeredID.
    RegisteredId(Oid),
    /// A name of a template of which parts are not known.
    Partial(PartialName, Text),
}

/// The form of a name that is partly known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartialName {
    /// rfc822Name.
    Email,
    /// dNSName.
    Dns,
    /// uniformResourceIdentifier.
    Uri,
    /// iPAddress.
    Ip,
}

/// An otherName.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OtherName {
    /// Its type-id.
    pub oid: Oid,
    /// Its value, where it is a string.
    pub text: Option<String>,
    /// Its value as encoded, without the `[0]` around it.
    pub raw: Vec<u8>,
}

impl GeneralName {
    /// The type as reports and policies name it.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Other(_) => "othername",
            Self::Email(_) => "email",
            Self::Dns(_) => "dns",
            Self::X400(_) => "x400",
            Self::Directory(_) => "dirname",
            Self::EdiParty(_) => "ediparty",
            Self::Uri(_) => "uri",
            Self::Ip(_) => "ip",
            Self::RegisteredId(_) => "rid",
            Self::Partial(PartialName::Email, _) => "email",
            Self::Partial(PartialName::Dns, _) => "dns",
            Self::Partial(PartialName::Uri, _) => "uri",
            Self::Partial(PartialName::Ip, _) => "ip",
        }
    }

    /// The value as reports have it.
    pub fn value(&self) -> String {
        match self {
            Self::Other(other) => match &other.text {
                Some(text) => format!("{}:{text}", other.oid.label()),
                None => format!("{}:#{}", other.oid.label(), super::hex(&other.raw)),
            },
            Self::Email(text) | Self::Dns(text) | Self::Uri(text) => text.clone(),
            Self::X400(raw) | Self::EdiParty(raw) => format!("#{}", super::hex(raw)),
            Self::Directory(name) => name.to_rfc4514(),
            Self::Ip(address) => address.to_string(),
            Self::RegisteredId(oid) => oid.to_string(),
            Self::Partial(_, text) => text.to_string(),
        }
    }
}

impl std::fmt::Display for GeneralName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}", self.kind(), self.value())
    }
}
