//! Distinguished names (X.501; RFC 5280 section 4.1.2.4): every RDN, every attribute, every string type.
//! Printing follows RFC 4514: last RDN first, its escapes, hexadecimal for what is no string.
//! A type without a short name is printed `OID=text` rather than RFC 4514's `OID=#hex`, so that people can read it.

use super::{Field, Oid, Text};
use crate::source::Span;

/// An ASN.1 string type by its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StringType {
    /// UTF8String.
    Utf8,
    /// PrintableString.
    Printable,
    /// IA5String.
    Ia5,
    /// TeletexString (T61String).
    Teletex,
    /// BMPString.
    Bmp,
    /// UniversalString.
    Universal,
    /// NumericString.
    Numeric,
    /// VisibleString.
    Visible,
    /// BIT STRING, as in x500UniqueIdentifier.
    Bit,
    /// Any other tag.
    Other(u8),
}

impl StringType {
    /// From the tag octet.
    pub fn from_tag(tag: u8) -> Self {
        match tag {
            0x03 => Self::Bit,
            0x0C => Self::Utf8,
            0x12 => Self::Numeric,
            0x13 => Self::Printable,
            0x14 => Self::Teletex,
            0x16 => Self::Ia5,
            0x1A => Self::Visible,
            0x1C => Self::Universal,
            0x1E => Self::Bmp,
            other => Self::Other(other),
        }
    }

    /// The ASN.1 name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF8String",
            Self::Printable => "PrintableString",
            Self::Ia5 => "IA5String",
            Self::Teletex => "TeletexString",
            Self::Bmp => "BMPString",
            Self::Universal => "UniversalString",
            Self::Numeric => "NumericString",
            Self::Visible => "VisibleString",
            Self::Bit => "BIT STRING",
            Self::Other(_) => "no string type",
        }
    }
}

/// One attribute of an RDN.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameAttribute {
    /// The type.
    pub oid: Oid,
    /// Type and value.
    pub span: Span,
    /// The string type of the value; `None` in formats that have none.
    pub string_type: Option<StringType>,
    /// The value as text.
    pub value: Field<Text>,
    /// The value's octets as they are encoded, with tag and length.
    pub raw: Vec<u8>,
}

impl NameAttribute {
    /// `subject.CN` and the like.
    pub fn place(&self) -> String {
        format!("subject.{}", self.oid.label())
    }

    fn write_rfc4514(&self, out: &mut String) {
        out.push_str(&self.oid.label());
        out.push('=');
        match self.value.effective() {
            Some(text) => escape_rfc4514(&text.to_string(), out),
            None => {
                out.push('#');
                out.push_str(&super::hex(&self.raw));
            }
        }
    }
}

/// A relative distinguished name: one attribute as a rule, several at times.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rdn {
    /// The SET.
    pub span: Span,
    /// Its attributes.
    pub attributes: Vec<NameAttribute>,
}

/// A distinguished name in the order it is encoded in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Name {
    /// The RDNs.
    pub rdns: Vec<Rdn>,
}

impl Name {
    /// Every attribute of every RDN.
    pub fn attributes(&self) -> impl Iterator<Item = &NameAttribute> {
        self.rdns.iter().flat_map(|rdn| &rdn.attributes)
    }

    /// The attributes of one type.
    pub fn values<'a>(&'a self, oid: &'a Oid) -> impl Iterator<Item = &'a NameAttribute> {
        self.attributes().filter(move |attribute| attribute.oid == *oid)
    }

    /// Whether there is no RDN.
    pub fn is_empty(&self) -> bool {
        self.rdns.is_empty()
    }

    /// RFC 4514: the last RDN first, `+` between the attributes of one.
    pub fn to_rfc4514(&self) -> String {
        let mut out = String::new();
        for (i, rdn) in self.rdns.iter().rev().enumerate() {
            if i > 0 {
                out.push(',');
            }
            for (j, attribute) in rdn.attributes.iter().enumerate() {
                if j > 0 {
                    out.push('+');
                }
                attribute.write_rfc4514(&mut out);
            }
        }
        out
    }
}

/// RFC 4514 section 2.4.
fn escape_rfc4514(text: &str, out: &mut String) {
    let last = text.chars().count().saturating_sub(1);
    for (i, character) in text.chars().enumerate() {
        match character {
            '"' | '+' | ',' | ';' | '<' | '>' | '\\' => {
                out.push('\\');
                out.push(character);
            }
            '#' | ' ' if i == 0 => {
                out.push('\\');
                out.push(character);
            }
            ' ' if i == last => out.push_str("\\ "),
            '\0' => out.push_str("\\00"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes() {
        let mut out = String::new();
        escape_rfc4514(" a,b\\ ", &mut out);
        assert_eq!(out, "\\ a\\,b\\\\\\ ");
    }
}
