//! DER by hand: every helper returns one complete element (or, where it says so, bare content octets).
//! Nothing is checked, so that broken encodings can be made as easily as sound ones.
//! The names follow the ASN.1 types of X.680 and the structures of RFC 5280 and RFC 2986.

use num_bigint::BigUint;

/// extensionRequest (PKCS#9).
pub const EXTENSION_REQUEST: &str = "1.2.840.113549.1.9.14";
/// Microsoft's container of requested extensions.
pub const MS_EXTENSIONS: &str = "1.3.6.1.4.1.311.2.1.14";
/// challengePassword.
pub const CHALLENGE_PASSWORD: &str = "1.2.840.113549.1.9.7";
/// subjectAltName.
pub const SAN: &str = "2.5.29.17";
/// keyUsage.
pub const KEY_USAGE: &str = "2.5.29.15";
/// extKeyUsage.
pub const EXT_KEY_USAGE: &str = "2.5.29.37";
/// basicConstraints.
pub const BASIC_CONSTRAINTS: &str = "2.5.29.19";

/// The parts one after the other.
pub fn cat(parts: &[&[u8]]) -> Vec<u8> {
    parts.concat()
}

/// A DER length.
pub fn length(len: usize) -> Vec<u8> {
    if len < 0x80 {
        return vec![len as u8];
    }
    let bytes: Vec<u8> = len.to_be_bytes().into_iter().skip_while(|byte| *byte == 0).collect();
    cat(&[&[0x80 | bytes.len() as u8], &bytes])
}

/// An element with a one-octet tag and a DER length.
pub fn tlv(tag: u8, content: &[u8]) -> Vec<u8> {
    cat(&[&[tag], &length(content.len()), content])
}

/// The same with one length octet more than needed.
pub fn tlv_long_length(tag: u8, content: &[u8]) -> Vec<u8> {
    let short = length(content.len());
    let digits = if short.len() == 1 { short.as_slice() } else { &short[1..] };
    let padded = if short.len() == 1 { digits.to_vec() } else { cat(&[&[0], digits]) };
    cat(&[&[tag], &[0x80 | padded.len() as u8], &padded, content])
}

/// The same with indefinite length.
pub fn tlv_indefinite(tag: u8, content: &[u8]) -> Vec<u8> {
    cat(&[&[tag, 0x80], content, &[0, 0]])
}

/// SEQUENCE.
pub fn seq(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x30, &cat(parts))
}

/// SET OF, sorted as DER wants it.
pub fn set(parts: &[&[u8]]) -> Vec<u8> {
    let mut sorted = parts.to_vec();
    sorted.sort();
    tlv(0x31, &cat(&sorted))
}

/// SET OF in the order given.
pub fn set_unsorted(parts: &[&[u8]]) -> Vec<u8> {
    tlv(0x31, &cat(parts))
}

/// Constructed context tag (EXPLICIT, or IMPLICIT over a constructed type).
pub fn context(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0xA0 | number, content)
}

/// Primitive context tag (IMPLICIT).
pub fn implicit(number: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x80 | number, content)
}

/// OBJECT IDENTIFIER from dotted decimal.
pub fn oid(dotted: &str) -> Vec<u8> {
    tlv(0x06, &oid_content(dotted))
}

/// The content octets of an OBJECT IDENTIFIER.
pub fn oid_content(dotted: &str) -> Vec<u8> {
    let arcs: Vec<u64> = dotted.split('.').map(|arc| arc.parse().expect("a decimal arc")).collect();
    let mut out = Vec::new();
    let first = arcs[0] * 40 + arcs[1];
    for arc in std::iter::once(first).chain(arcs[2..].iter().copied()) {
        let mut groups = vec![(arc & 0x7F) as u8];
        let mut rest = arc >> 7;
        while rest > 0 {
            groups.push((rest & 0x7F) as u8 | 0x80);
            rest >>= 7;
        }
        groups.reverse();
        out.extend(groups);
    }
    out
}

/// INTEGER, two's complement.
pub fn int(value: i64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    let mut start = 0;
    while start < 7
        && ((bytes[start] == 0 && bytes[start + 1] < 0x80) || (bytes[start] == 0xFF && bytes[start + 1] >= 0x80))
    {
        start += 1;
    }
    tlv(0x02, &bytes[start..])
}

/// INTEGER of a number that is not negative.
pub fn uint(value: &BigUint) -> Vec<u8> {
    let bytes = value.to_bytes_be();
    if bytes[0] < 0x80 { tlv(0x02, &bytes) } else { tlv(0x02, &cat(&[&[0], &bytes])) }
}

/// UTF8String.
pub fn utf8(text: &str) -> Vec<u8> {
    tlv(0x0C, text.as_bytes())
}

/// PrintableString.
pub fn printable(text: &str) -> Vec<u8> {
    tlv(0x13, text.as_bytes())
}

/// IA5String.
pub fn ia5(text: &str) -> Vec<u8> {
    tlv(0x16, text.as_bytes())
}

/// BMPString.
pub fn bmp(text: &str) -> Vec<u8> {
    tlv(0x1E, &text.encode_utf16().flat_map(u16::to_be_bytes).collect::<Vec<u8>>())
}

/// OCTET STRING.
pub fn octets(content: &[u8]) -> Vec<u8> {
    tlv(0x04, content)
}

/// BIT STRING without unused bits.
pub fn bits(content: &[u8]) -> Vec<u8> {
    bits_unused(0, content)
}

/// BIT STRING with a number of unused bits.
pub fn bits_unused(unused: u8, content: &[u8]) -> Vec<u8> {
    tlv(0x03, &cat(&[&[unused], content]))
}

/// BIT STRING as a named bit list, from the numbers of the bits that are set.
pub fn named_bits(numbers: &[u8]) -> Vec<u8> {
    let Some(last) = numbers.iter().max() else { return bits(&[]) };
    let mut octets = vec![0u8; usize::from(last / 8) + 1];
    for number in numbers {
        octets[usize::from(number / 8)] |= 0x80 >> (number % 8);
    }
    bits_unused(7 - last % 8, &octets)
}

/// NULL.
pub fn null() -> Vec<u8> {
    vec![0x05, 0x00]
}

/// BOOLEAN.
pub fn boolean(value: bool) -> Vec<u8> {
    tlv(0x01, &[if value { 0xFF } else { 0x00 }])
}

/// An AlgorithmIdentifier; `parameters` are a whole element or nothing.
pub fn algorithm(dotted: &str, parameters: &[u8]) -> Vec<u8> {
    seq(&[&oid(dotted), parameters])
}

/// A SubjectPublicKeyInfo.
pub fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    seq(&[algorithm, &bits(key)])
}

/// AttributeTypeAndValue; the value is a whole element.
pub fn atv(dotted: &str, value: &[u8]) -> Vec<u8> {
    seq(&[&oid(dotted), value])
}

/// An RDN from its AttributeTypeAndValues.
pub fn rdn(parts: &[&[u8]]) -> Vec<u8> {
    set(parts)
}

/// A Name from `("CN", "value")` pairs: each its own RDN, in the string type usual for it.
pub fn name(parts: &[(&str, &str)]) -> Vec<u8> {
    let rdns: Vec<Vec<u8>> = parts.iter().map(|(kind, value)| typed_rdn(kind, &usual(kind, value))).collect();
    names(&rdns)
}

/// A Name from whole RDNs.
pub fn names(rdns: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &rdns.concat())
}

/// One RDN from a short name or OID and a whole value element.
pub fn typed_rdn(kind: &str, value: &[u8]) -> Vec<u8> {
    rdn(&[&atv(type_oid(kind), value)])
}

fn usual(kind: &str, value: &str) -> Vec<u8> {
    match kind {
        "C" | "serialNumber" | "dnQualifier" => printable(value),
        "E" | "DC" => ia5(value),
        _ => utf8(value),
    }
}

/// The OID of a subject attribute's short name; an OID stays as it is.
pub fn type_oid(kind: &str) -> &str {
    match kind {
        "CN" => "2.5.4.3",
        "SN" => "2.5.4.4",
        "serialNumber" => "2.5.4.5",
        "C" => "2.5.4.6",
        "L" => "2.5.4.7",
        "ST" => "2.5.4.8",
        "street" => "2.5.4.9",
        "O" => "2.5.4.10",
        "OU" => "2.5.4.11",
        "dnQualifier" => "2.5.4.46",
        "DC" => "0.9.2342.19200300.100.1.25",
        "UID" => "0.9.2342.19200300.100.1.1",
        "E" => "1.2.840.113549.1.9.1",
        other => other,
    }
}

/// An Extension; `value` is what goes into extnValue. `critical` FALSE is left out, as DER wants it.
pub fn extension(dotted: &str, critical: bool, value: &[u8]) -> Vec<u8> {
    let flag = if critical { boolean(true) } else { Vec::new() };
    seq(&[&oid(dotted), &flag, &octets(value)])
}

/// The extensionRequest attribute with one value.
pub fn extension_request(extensions: &[Vec<u8>]) -> Vec<u8> {
    attribute(EXTENSION_REQUEST, &[&tlv(0x30, &extensions.concat())])
}

/// An Attribute; the values are whole elements.
pub fn attribute(dotted: &str, values: &[&[u8]]) -> Vec<u8> {
    seq(&[&oid(dotted), &set(values)])
}

/// The attributes field of a request, sorted.
pub fn attributes(list: &[Vec<u8>]) -> Vec<u8> {
    let mut sorted = list.to_vec();
    sorted.sort();
    context(0, &sorted.concat())
}

/// The subjectAltName extension, not critical.
pub fn san(names: &[Vec<u8>]) -> Vec<u8> {
    extension(SAN, false, &general_names(names))
}

/// GeneralNames.
pub fn general_names(names: &[Vec<u8>]) -> Vec<u8> {
    tlv(0x30, &names.concat())
}

/// rfc822Name.
pub fn email(text: &str) -> Vec<u8> {
    implicit(1, text.as_bytes())
}

/// dNSName.
pub fn dns(text: &str) -> Vec<u8> {
    implicit(2, text.as_bytes())
}

/// uniformResourceIdentifier.
pub fn uri(text: &str) -> Vec<u8> {
    implicit(6, text.as_bytes())
}

/// iPAddress.
pub fn ip(octets: &[u8]) -> Vec<u8> {
    implicit(7, octets)
}

/// registeredID.
pub fn registered_id(dotted: &str) -> Vec<u8> {
    implicit(8, &oid_content(dotted))
}

/// directoryName.
pub fn directory_name(name: &[u8]) -> Vec<u8> {
    context(4, name)
}

/// otherName; the value is a whole element.
pub fn other_name(dotted: &str, value: &[u8]) -> Vec<u8> {
    context(0, &cat(&[&oid(dotted), &context(0, value)]))
}

/// The keyUsage extension, critical, from bit numbers (0 digitalSignature, 2 keyEncipherment, 4 keyAgreement, 5 keyCertSign, 6 cRLSign).
pub fn key_usage(numbers: &[u8]) -> Vec<u8> {
    extension(KEY_USAGE, true, &named_bits(numbers))
}

/// The extKeyUsage extension.
pub fn ext_key_usage(purposes: &[&str]) -> Vec<u8> {
    extension(EXT_KEY_USAGE, false, &tlv(0x30, &purposes.iter().flat_map(|purpose| oid(purpose)).collect::<Vec<u8>>()))
}

/// The basicConstraints extension, critical, cA TRUE, with a path length where one is given.
pub fn basic_constraints(path_length: Option<i64>) -> Vec<u8> {
    extension(BASIC_CONSTRAINTS, true, &seq(&[&boolean(true), &path_length.map(int).unwrap_or_default()]))
}

/// Bytes from hexadecimal.
pub fn hex(text: &str) -> Vec<u8> {
    text.as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal"))
        .collect()
}

/// Base64 (RFC 4648 section 4) without line breaks.
pub fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let value = chunk.iter().enumerate().fold(0u32, |sum, (i, byte)| sum | u32::from(*byte) << (16 - 8 * i));
        for i in 0..4 {
            out.push(if i <= chunk.len() { char::from(ALPHABET[(value >> (18 - 6 * i) & 63) as usize]) } else { '=' });
        }
    }
    out
}

/// Text in lines of `width` characters, each with its line feed.
pub fn lines(text: &str, width: usize) -> String {
    text.as_bytes().chunks(width).map(|line| format!("{}\n", String::from_utf8_lossy(line))).collect()
}
