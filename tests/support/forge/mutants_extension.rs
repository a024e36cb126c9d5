//! Defects of requested extensions (family `extension`).
//! Values are built by hand where the helpers would not make them.
//! Bits of keyUsage: 0 digitalSignature, 2 keyEncipherment, 4 keyAgreement, 5 keyCertSign, 6 cRLSign, 7 encipherOnly, 8 decipherOnly.

use super::csr::{CLIENT_AUTH, Case, Csr, SERVER_AUTH, good, server_extensions};
use super::der::{
    self, BASIC_CONSTRAINTS, EXT_KEY_USAGE, KEY_USAGE, SAN, basic_constraints, bits, boolean, cat, context, dns,
    ext_key_usage, extension, implicit, int, key_usage, named_bits, null, octets, oid, seq, uri, utf8,
};
use super::keys::{Key, ec, ed25519, ml_dsa, p256, rsa2048};

const POLICIES: &str = "2.5.29.32";
const TLS_FEATURE: &str = "1.3.6.1.5.5.7.1.24";

/// Mutants of `extension`.
pub fn mutants() -> Vec<Case> {
    [values(), usages(), authorities()].concat()
}

/// The usual extensions, one of them replaced: 0 SAN, 1 keyUsage, 2 extKeyUsage.
fn replaced(index: usize, by: Vec<u8>) -> Csr {
    replaced_for(p256(), index, by)
}

fn replaced_for(key: &'static Key, index: usize, by: Vec<u8>) -> Csr {
    let mut all = server_extensions();
    all[index] = by;
    Csr::new(key).extensions(&all)
}

fn values() -> Vec<Case> {
    let added = |rule, name, extension, note| Case::mutant(rule, name, &good().and_extension(extension), note);
    let changed = |rule, name, index, by, note| Case::mutant(rule, name, &replaced(index, by), note);
    let twice = "extension/duplicate";
    let malformed = "extension/malformed";
    let trailing = "extension/trailing-data";
    let empty = "extension/empty";
    let names = der::general_names(&[dns("shop.example.com")]);
    vec![
        added(twice, "two-sans", der::san(&[dns("admin.example.com")]), "P8: two SANs"),
        added(twice, "two-key-usages", key_usage(&[0]), "the same keyUsage twice"),
        added(twice, "two-unknown", cat(&[&private(false), &private(false)]), "an unknown extension twice"),
        changed(
            malformed,
            "key-usage-octets",
            1,
            extension(KEY_USAGE, true, &octets(&[0x80])),
            "keyUsage as an OCTET STRING",
        ),
        changed(malformed, "key-usage-integer", 1, extension(KEY_USAGE, true, &int(128)), "keyUsage as an INTEGER"),
        changed(
            malformed,
            "ext-key-usage-text",
            2,
            extension(EXT_KEY_USAGE, false, &utf8("serverAuth")),
            "extKeyUsage as text",
        ),
        changed(
            malformed,
            "ext-key-usage-bare",
            2,
            extension(EXT_KEY_USAGE, false, &oid(SERVER_AUTH)),
            "a purpose without the SEQUENCE",
        ),
        added(
            malformed,
            "basic-constraints-boolean",
            extension(BASIC_CONSTRAINTS, true, &boolean(true)),
            "basicConstraints as a BOOLEAN",
        ),
        added(
            malformed,
            "key-identifier-text",
            extension("2.5.29.14", false, &utf8("hash")),
            "subjectKeyIdentifier as text",
        ),
        added(
            malformed,
            "tls-feature-text",
            extension(TLS_FEATURE, false, &utf8("status_request")),
            "TLS feature as text",
        ),
        changed(
            trailing,
            "key-usage-trailing",
            1,
            extension(KEY_USAGE, true, &cat(&[&named_bits(&[0]), &[0, 0]])),
            "two zeros behind keyUsage",
        ),
        changed(trailing, "san-trailing", 0, extension(SAN, false, &cat(&[&names, &null()])), "a NULL behind the SAN"),
        changed(empty, "ext-key-usage-empty", 2, extension(EXT_KEY_USAGE, false, &seq(&[])), "no purposes"),
        added(empty, "policies-empty", extension(POLICIES, false, &seq(&[])), "no policies"),
        added(empty, "tls-feature-empty", extension(TLS_FEATURE, false, &seq(&[])), "no features"),
    ]
}

/// An extension of an enterprise number for documentation (RFC 5612).
fn private(critical: bool) -> Vec<u8> {
    extension("1.3.6.1.4.1.32473.1", critical, &utf8("x"))
}

fn usages() -> Vec<Case> {
    let unfit = |name, key, numbers: &[u8], note| {
        Case::mutant("extension/key-usage-unfit", name, &replaced_for(key, 1, key_usage(numbers)), note)
    };
    let contradiction = |name, numbers: &[u8], note| {
        Case::mutant("extension/key-usage-contradiction", name, &replaced_for(ec("P-256"), 1, key_usage(numbers)), note)
    };
    vec![
        Case::mutant(
            "extension/key-usage-empty",
            "key-usage-no-bits",
            &replaced(1, extension(KEY_USAGE, true, &bits(&[]))),
            "no bits at all",
        ),
        unfit("usage-rsa-key-agreement", rsa2048(), &[0, 4], "keyAgreement for RSA"),
        unfit("usage-ec-key-encipherment", p256(), &[0, 2], "keyEncipherment for EC (RFC 8813)"),
        unfit("usage-ec-data-encipherment", p256(), &[0, 3], "dataEncipherment for EC (RFC 8813)"),
        unfit("usage-ed25519-key-encipherment", ed25519(), &[0, 2], "keyEncipherment for Ed25519 (RFC 9295)"),
        unfit("usage-ed25519-key-agreement", ed25519(), &[0, 4], "keyAgreement for Ed25519 (RFC 9295)"),
        unfit("usage-ml-dsa-key-encipherment", ml_dsa(44), &[0, 2], "keyEncipherment for ML-DSA (RFC 9881)"),
        contradiction("usage-both-only", &[0, 4, 7, 8], "encipherOnly and decipherOnly"),
        contradiction("usage-encipher-only", &[0, 7], "encipherOnly without keyAgreement"),
        contradiction("usage-decipher-only", &[0, 8], "decipherOnly without keyAgreement"),
    ]
}

fn authorities() -> Vec<Case> {
    let none = extension(BASIC_CONSTRAINTS, true, &seq(&[]));
    let path_only = extension(BASIC_CONSTRAINTS, true, &seq(&[&int(0)]));
    let subtree = context(0, &seq(&[&dns("example.com")]));
    let constraints = extension("2.5.29.30", true, &seq(&[&subtree]));
    let signing = [server_extensions()[0].clone(), key_usage(&[0, 5, 6])];
    vec![
        Case::mutant(
            "extension/cert-sign-without-ca",
            "cert-sign-ca-false",
            &good().extensions(&[signing[0].clone(), signing[1].clone(), none]),
            "keyCertSign beside an empty basicConstraints",
        ),
        Case::mutant(
            "extension/path-length-without-ca",
            "path-length-without-ca",
            &good().and_extension(path_only),
            "pathLenConstraint without cA",
        ),
        Case::mutant(
            "extension/path-length-negative",
            "path-length-negative",
            &good().extensions(&[basic_constraints(Some(-1)), key_usage(&[5, 6])]),
            "pathLenConstraint -1",
        ),
        Case::mutant(
            "extension/name-constraints-in-leaf",
            "name-constraints-in-leaf",
            &good().and_extension(constraints),
            "nameConstraints without basicConstraints",
        ),
    ]
}

/// Mutants of `extension` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let owned = |name, dotted, value: &[u8], note| {
        Case::mutant("extension/ca-owned-requested", name, &good().and_extension(extension(dotted, false, value)), note)
    };
    let access = seq(&[&seq(&[&oid("1.3.6.1.5.5.7.48.1"), &uri("http://ocsp.example.com/")])]);
    let point = seq(&[&seq(&[&context(0, &context(0, &uri("http://crl.example.com/ca.crl")))])]);
    let poison = extension("1.3.6.1.4.1.11129.2.4.3", true, &null());
    let any = replaced(2, ext_key_usage(&[SERVER_AUTH, CLIENT_AUTH, "2.5.29.37.0"]));
    let authority = good().extensions(&[basic_constraints(Some(0)), key_usage(&[5, 6])]);
    vec![
        Case::mutant("extension/ca-requested", "pedantic-ca-requested", &authority, "CA:TRUE"),
        Case::mutant("extension/any-extended-key-usage", "pedantic-any-purpose", &any, "anyExtendedKeyUsage"),
        Case::mutant(
            "extension/unknown-critical",
            "pedantic-unknown-critical",
            &good().and_extension(private(true)),
            "an unknown extension marked critical",
        ),
        owned(
            "pedantic-authority-key-identifier",
            "2.5.29.35",
            &seq(&[&implicit(0, &[0x42; 20])]),
            "authorityKeyIdentifier",
        ),
        owned("pedantic-authority-information-access", "1.3.6.1.5.5.7.1.1", &access, "authorityInfoAccess"),
        owned("pedantic-distribution-points", "2.5.29.31", &point, "cRLDistributionPoints"),
        owned("pedantic-freshest-crl", "2.5.29.46", &point, "freshestCRL"),
        Case::mutant(
            "extension/ct-requested",
            "timestamps",
            &good().and_extension(extension("1.3.6.1.4.1.11129.2.4.2", false, &octets(&[0, 0]))),
            "signed certificate timestamps",
        ),
        owned("pedantic-ocsp-no-check", "1.3.6.1.5.5.7.48.1.5", &null(), "ocspNoCheck"),
        Case::mutant(
            "extension/ct-requested",
            "poison",
            &good().and_extension(poison),
            "precertificate poison, critical as it has to be",
        ),
    ]
}
