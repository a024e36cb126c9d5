//! What a few first bytes of DER are, and strings and numbers out of DER elements.
//! Sniffing never needs more than the first hundred bytes, so that it can be asked of every base64 string.
//! A sequence counts as a request only if an INTEGER and a Name follow: CRLs and old certificates start alike.

use num_bigint::BigInt;

use crate::request::{StringType, hex};

/// What DER seems to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Der {
    Request,
    SignedData,
    CertReqMessages,
    Certificate,
    Crl,
    PrivateKey,
    Unknown,
}

impl Der {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Request => "a certification request",
            Self::SignedData => "a CMS (PKCS#7) message",
            Self::CertReqMessages => "a CRMF message",
            Self::Certificate => "a certificate",
            Self::Crl => "a CRL",
            Self::PrivateKey => "a private key",
            Self::Unknown => "something else",
        }
    }
}

/// `(tag, content offset)` of the element at `at`.
fn header(bytes: &[u8], at: usize) -> Option<(u8, usize)> {
    let tag = *bytes.get(at)?;
    let length = *bytes.get(at + 1)?;
    let octets = if length > 0x80 { usize::from(length & 0x7F) } else { 0 };
    (octets <= 8).then_some((tag, at + 2 + octets))
}

/// All octets of the element at the start, by its header.
pub(super) fn der_length(bytes: &[u8]) -> Option<usize> {
    let (_, content) = header(bytes, 0)?;
    let length = match bytes.get(1)? {
        0x80 => return None,
        short @ 0..0x80 => usize::from(*short),
        _ => bytes
            .get(2..content)?
            .iter()
            .fold(0usize, |value, octet| value.saturating_mul(256).saturating_add(usize::from(*octet))),
    };
    content.checked_add(length)
}

/// Looks at tags, not at lengths: a request with a wrong length is still a request.
pub(super) fn sniff_der(bytes: &[u8]) -> Der {
    sniff(bytes).unwrap_or(Der::Unknown)
}

fn sniff(bytes: &[u8]) -> Option<Der> {
    let (0x30, inner) = header(bytes, 0)? else { return None };
    let (tag, content) = header(bytes, inner)?;
    match tag {
        0x06 if bytes
            .get(inner..)?
            .starts_with(&[0x06, 0x09, 0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x07, 0x02]) =>
        {
            Some(Der::SignedData)
        }
        0x02 => {
            // version, then an AlgorithmIdentifier (PKCS#8), an INTEGER (PKCS#1) or an OCTET STRING (SEC 1)
            let next = content + usize::from(*bytes.get(inner + 1)?);
            matches!(bytes.get(next), Some(0x30 | 0x02 | 0x04)).then_some(Der::PrivateKey)
        }
        0x30 => {
            let (tag, value) = header(bytes, content)?;
            match tag {
                0xA0 => Some(Der::Certificate),
                0x02 => {
                    let length = usize::from(*bytes.get(content + 1)?);
                    let (0x30, name) = header(bytes, value + length)? else { return None };
                    let empty = bytes.get(value + length + 1) == Some(&0);
                    match bytes.get(name)? {
                        0x31 => Some(Der::Request),
                        _ if empty && length <= 2 => Some(Der::Request),
                        0x06 if length <= 2 => Some(Der::Crl),
                        0x06 => Some(Der::Certificate),
                        _ => None,
                    }
                }
                // EncryptedPrivateKeyInfo: an AlgorithmIdentifier of PKCS#5 or PKCS#12 in front of an OCTET STRING.
                0x06 => {
                    let oid = bytes.get(value..)?;
                    let password_based = [
                        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 5][..],
                        &[0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 1, 12, 1],
                    ];
                    password_based.iter().any(|tree| oid.starts_with(tree)).then_some(Der::PrivateKey)
                }
                // CertReqMessages: SEQUENCE OF { CertRequest { certReqId INTEGER, certTemplate SEQUENCE of [n] } }
                0x30 => {
                    let (0x02, id) = header(bytes, value)? else { return None };
                    let (0x30, template) = header(bytes, id + usize::from(*bytes.get(value + 1)?))? else {
                        return None;
                    };
                    (bytes.get(template)? & 0xE0 == 0xA0).then_some(Der::CertReqMessages)
                }
                _ => None,
            }
        }
        _ => None,
    }
}

/// A string by its type; `Err` says why it cannot be one.
pub(super) fn text(string_type: StringType, content: &[u8]) -> Result<String, String> {
    let ascii = |allowed: fn(u8) -> bool| match content.iter().find(|byte| !byte.is_ascii()) {
        Some(byte) => Err(format!("byte {byte:#04x} in a {}", string_type.name())),
        None if content.iter().all(|byte| allowed(*byte)) => Ok(content.iter().map(|byte| char::from(*byte)).collect()),
        None => Err(format!("a character that a {} cannot have", string_type.name())),
    };
    match string_type {
        StringType::Utf8 => String::from_utf8(content.to_vec())
            .map_err(|error| format!("invalid UTF-8 at byte {}", error.utf8_error().valid_up_to())),
        // The smaller alphabets of PrintableString and VisibleString are told as defects of their own; the text is legible.
        StringType::Printable | StringType::Ia5 | StringType::Visible => ascii(|_| true),
        StringType::Numeric => ascii(|byte| byte.is_ascii_digit() || byte == b' '),
        // Everybody who still writes TeletexString writes Latin-1 in it.
        StringType::Teletex => Ok(content.iter().map(|byte| char::from(*byte)).collect()),
        StringType::Bmp => {
            if !content.len().is_multiple_of(2) {
                return Err("a BMPString of an odd number of bytes".to_owned());
            }
            let units =
                content.chunks_exact(2).map(|pair| pair.iter().fold(0, |unit, byte| unit << 8 | u16::from(*byte)));
            char::decode_utf16(units)
                .collect::<Result<_, _>>()
                .map_err(|_| "a lone surrogate in a BMPString".to_owned())
        }
        StringType::Universal => {
            if !content.len().is_multiple_of(4) {
                return Err("a UniversalString whose length is no multiple of four".to_owned());
            }
            let scalars =
                content.chunks_exact(4).map(|quad| quad.iter().fold(0, |scalar, byte| scalar << 8 | u32::from(*byte)));
            scalars
                .map(char::from_u32)
                .collect::<Option<_>>()
                .ok_or_else(|| "a number that is no character in a UniversalString".to_owned())
        }
        StringType::Bit | StringType::Other(_) => Err("no string".to_owned()),
    }
}

/// X.680 section 41.4, table 10.
pub(super) fn is_printable(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b" '()+,-./:=?".contains(&byte)
}

/// A small INTEGER.
pub(super) fn integer(content: &[u8]) -> Option<i64> {
    if content.is_empty() || content.len() > 32 {
        return None;
    }
    i64::try_from(&BigInt::from_signed_bytes_be(content)).ok()
}

/// A value for display: text where it is a string, hexadecimal else, cut where it is long.
pub(super) fn shown(tag: u8, content: &[u8], raw: &[u8]) -> String {
    const LONGEST: usize = 2048;
    let string_type = StringType::from_tag(tag);
    if !matches!(string_type, StringType::Other(_) | StringType::Bit)
        && let Ok(text) = text(string_type, content)
    {
        return text;
    }
    match raw.get(..LONGEST) {
        Some(head) => format!("#{}… ({} bytes)", hex(head), raw.len()),
        None => format!("#{}", hex(raw)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_and_what_looks_like_them() {
        assert_eq!(sniff_der(&[0x30, 0x82, 1, 0, 0x30, 0x81, 0x90, 2, 1, 0, 0x30, 0x10, 0x31, 0x0E]), Der::Request);
        assert_eq!(sniff_der(&[0x30, 0x82, 1, 0, 0x30, 0x81, 0x90, 2, 1, 0, 0x30, 0, 0x30, 0x59]), Der::Request);
        assert_eq!(sniff_der(&[0x30, 0x82, 1, 0, 0x30, 0x81, 0x90, 2, 1, 1, 0x30, 0x0D, 0x06, 0x09]), Der::Crl);
        assert_eq!(sniff_der(&[0x30, 0x82, 1, 0, 0x30, 0x81, 0x90, 0xA0, 3, 2, 1, 2]), Der::Certificate);
        assert_eq!(sniff_der(&[0x30, 0x82, 1, 0, 2, 1, 0, 0x30, 0x0D]), Der::PrivateKey);
        assert_eq!(sniff_der(b"0123"), Der::Unknown);
    }
}
