//! Defects of the encoding: what BER allows and DER does not, and what neither allows (family `pkcs10`, second half; X.690).
//! They stand in places where nothing else depends on them.
//! All requests are signed over the very bytes that are odd.

use super::csr::{Case, Csr, HOST, SERVER_AUTH, good, server_extensions};
use super::der::{
    self, BASIC_CONSTRAINTS, EXT_KEY_USAGE, KEY_USAGE, SAN, attribute, bits_unused, boolean, dns, extension, names,
    octets, oid, seq, tlv, tlv_indefinite, tlv_long_length, utf8,
};
use super::keys::{RSA_ENCRYPTION, rsa2048};

const CN: &str = "2.5.4.3";
/// friendlyName: known, harmless, and its value is nobody's business.
const FRIENDLY_NAME: &str = "1.2.840.113549.1.9.20";

/// Mutants of the encoding.
pub fn mutants() -> Vec<Case> {
    [lengths(), tags(), primitives(), bit_strings(), malformed()].concat()
}

fn changed(rule: &'static str, name: &'static str, change: impl FnOnce(&mut Csr), note: &'static str) -> Case {
    let mut csr = good();
    change(&mut csr);
    Case::mutant(rule, name, &csr, note)
}

/// A subject whose CN is a whole element.
fn common_name(value: &[u8]) -> Vec<u8> {
    names(&[der::typed_rdn("O", &utf8("Example Trading")), der::typed_rdn(CN, value)])
}

/// A request with an extension instead of the usual one of its kind.
fn with(extension: Vec<u8>, kind: &str) -> Csr {
    let kind = oid(kind);
    let mut all: Vec<Vec<u8>> =
        server_extensions().into_iter().filter(|usual| !usual.windows(kind.len()).any(|part| part == kind)).collect();
    all.push(extension);
    good().extensions(&all)
}

fn lengths() -> Vec<Case> {
    let rule = "pkcs10/length-not-minimal";
    let indefinite = "pkcs10/indefinite-length";
    vec![
        changed(rule, "long-length-info", |csr| csr.info_tlv = tlv_long_length, "P20: CertificationRequestInfo"),
        changed(rule, "long-length-outer", |csr| csr.outer_tlv = tlv_long_length, "P20: CertificationRequest"),
        changed(
            rule,
            "long-length-name",
            |csr| csr.subject = common_name(&tlv_long_length(0x0C, HOST.as_bytes())),
            "P20: a name value",
        ),
        changed(indefinite, "indefinite-outer", |csr| csr.outer_tlv = tlv_indefinite, "CertificationRequest"),
        changed(indefinite, "indefinite-info", |csr| csr.info_tlv = tlv_indefinite, "CertificationRequestInfo"),
        Case::mutant(
            "pkcs10/truncated",
            "attribute-too-long",
            &good().and_attributes(&[overlong_attribute()]),
            "a SET says 9 bytes more than its attribute has; pkcs10/attribute-malformed may come with it",
        ),
    ]
}

fn overlong_attribute() -> Vec<u8> {
    let value = der::bmp("shop");
    let set = der::cat(&[&[0x31, value.len() as u8 + 9], &value]);
    seq(&[&oid(FRIENDLY_NAME), &set])
}

fn tags() -> Vec<Case> {
    let constructed = tlv(0x2C, &der::cat(&[&utf8("shop."), &utf8("example.com")]));
    let value = der::general_names(&[dns(HOST)]);
    let (first, second) = value.split_at(7);
    let split = seq(&[&oid(SAN), &tlv(0x24, &der::cat(&[&octets(first), &octets(second)]))]);
    let long_tag = der::cat(&[&[0x1F, 0x0C], &der::length(HOST.len()), HOST.as_bytes()]);
    vec![
        Case::mutant(
            "pkcs10/constructed-string",
            "constructed-name",
            &good().subject(common_name(&constructed)),
            "a UTF8String in two parts",
        ),
        Case::mutant(
            "pkcs10/constructed-string",
            "constructed-extension-value",
            &with(split, SAN),
            "an OCTET STRING in two parts",
        ),
        Case::mutant(
            "pkcs10/tag-not-minimal",
            "long-tag-name",
            &good().subject(common_name(&long_tag)),
            "tag 12 in two octets",
        ),
        Case::mutant(
            "pkcs10/too-deep",
            "nested-attribute",
            &good().and_attributes(&[attribute(FRIENDLY_NAME, &[&nested(300)])]),
            "300 SEQUENCEs in each other",
        ),
        Case::mutant(
            "pkcs10/too-deep",
            "nested-subject",
            &good().subject(common_name(&nested(5_000))),
            "5000 SEQUENCEs as a name value; subject/undecodable-value comes with it",
        ),
    ]
}

fn nested(depth: usize) -> Vec<u8> {
    (0..depth).fold(Vec::new(), |inner, _| tlv(0x30, &inner))
}

fn primitives() -> Vec<Case> {
    let critical = |flag: &[u8]| seq(&[&oid(KEY_USAGE), flag, &octets(&der::named_bits(&[0]))]);
    let constraints = |ca: &[u8], path: &[u8]| extension(BASIC_CONSTRAINTS, true, &seq(&[ca, path]));
    let ca = |constraints| good().extensions(&[constraints, der::key_usage(&[5, 6])]);
    let yes = boolean(true);
    vec![
        changed(
            "pkcs10/integer-not-minimal",
            "version-two-octets",
            |csr| csr.version = vec![2, 2, 0, 0],
            "version 0000",
        ),
        Case::mutant(
            "pkcs10/integer-not-minimal",
            "path-length-two-octets",
            &ca(constraints(&yes, &[2, 2, 0, 1])),
            "pathLenConstraint 0001",
        ),
        Case::mutant("pkcs10/boolean-not-der", "critical-01", &with(critical(&[1, 1, 1]), KEY_USAGE), "critical 01"),
        Case::mutant("pkcs10/boolean-not-der", "ca-01", &ca(constraints(&[1, 1, 1], &[])), "cA 01"),
        Case::mutant(
            "pkcs10/default-encoded",
            "critical-false",
            &with(critical(&boolean(false)), KEY_USAGE),
            "P9: critical FALSE",
        ),
        Case::mutant(
            "pkcs10/default-encoded",
            "ca-false",
            &good().and_extension(constraints(&boolean(false), &[])),
            "cA FALSE",
        ),
    ]
}

fn bit_strings() -> Vec<Case> {
    let usage = |name, value: &[u8], note| {
        Case::mutant("pkcs10/bit-string-not-der", name, &with(extension(KEY_USAGE, true, value), KEY_USAGE), note)
    };
    vec![
        usage("key-usage-trailing-zeros", &bits_unused(0, &[0x80]), "P21: seven trailing zero bits"),
        usage("key-usage-zero-octet", &bits_unused(0, &[0x80, 0]), "a trailing zero octet"),
        usage("key-usage-unused-bits-set", &bits_unused(7, &[0x81]), "an unused bit that is one"),
        Case::mutant(
            "pkcs10/signature-bits",
            "signature-unused-bits",
            &unused_signature_bits(),
            "the signature says one bit is unused",
        ),
    ]
}

/// A signature whose last bit is zero and declared unused.
fn unused_signature_bits() -> Csr {
    (0..200)
        .map(|number| good().subject(common_name(&utf8(&format!("shop{number}.example.com")))))
        .find_map(|mut csr| {
            let value = csr.key.sign(&csr.sig, &csr.info());
            let even = value.last().is_some_and(|last| last & 1 == 0);
            csr.sig_bits = Some(bits_unused(1, &value));
            even.then_some(csr)
        })
        .expect("every other signature ends in a zero bit")
}

fn malformed() -> Vec<Case> {
    let value = |name, value: &[u8], note| {
        Case::mutant(
            "pkcs10/value-malformed",
            name,
            &good().and_attributes(&[attribute(FRIENDLY_NAME, &[value])]),
            note,
        )
    };
    let bad_type = |name, content: &[u8], note| {
        Case::mutant(
            "pkcs10/oid-malformed",
            name,
            &good().and_attributes(&[seq(&[&tlv(6, content), &der::set(&[&utf8("x")])])]),
            note,
        )
    };
    let purposes = tlv(0x30, &der::cat(&[&oid(SERVER_AUTH), &tlv(6, &[0x2A, 0x86, 0xC8])]));
    let null_with_content =
        Csr::new(rsa2048()).spki(der::spki(&der::algorithm(RSA_ENCRYPTION, &[5, 1, 0]), &rsa2048().raw));
    let wide_boolean = seq(&[&oid(KEY_USAGE), &[1, 2, 0xFF, 0xFF], &octets(&der::named_bits(&[0]))]);
    vec![
        bad_type("attribute-oid-padded", &[0x2A, 0x80, 0x83, 0x01], "an arc with a leading zero group"),
        bad_type("attribute-oid-cut", &[0x2A, 0x86, 0xC8], "an arc without its last octet"),
        bad_type("attribute-oid-empty", &[], "an OID without octets"),
        Case::mutant(
            "pkcs10/oid-malformed",
            "purpose-oid-cut",
            &with(extension(EXT_KEY_USAGE, false, &purposes), EXT_KEY_USAGE),
            "a purpose without its last octet; extension/malformed may come with it",
        ),
        value("value-time", &tlv(0x17, b"261399000000Z"), "a UTCTime of month 13"),
        value("value-generalized-time", &tlv(0x18, b"2026-11-23"), "a GeneralizedTime with dashes"),
        value("value-boolean-two-octets", &[1, 2, 0xFF, 0xFF], "a BOOLEAN of two octets"),
        value("value-integer-empty", &[2, 0], "an INTEGER without octets"),
        value("value-bit-string-empty", &[3, 0], "a BIT STRING without its first octet"),
        value("value-bit-string-nine-unused", &[3, 2, 9, 0], "a BIT STRING with nine unused bits"),
        value("value-null-with-content", &[5, 1, 0], "a NULL with content"),
        Case::mutant(
            "pkcs10/value-malformed",
            "critical-two-octets",
            &with(wide_boolean, KEY_USAGE),
            "critical as a BOOLEAN of two octets; extension/malformed may come with it",
        ),
        Case::mutant(
            "pkcs10/value-malformed",
            "rsa-null-with-content",
            &null_with_content,
            "the parameters of an RSA key; key/algorithm-parameters may come with it",
        ),
        changed(
            "pkcs10/value-malformed",
            "version-empty",
            |csr| csr.version = vec![2, 0],
            "a version without octets; pkcs10/version may come with it",
        ),
    ]
}
