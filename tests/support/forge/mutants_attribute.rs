//! Defects of attributes (family `attribute`): secrets in clear, escrowed keys, and values of another form.
//! Each is beside a sound extensionRequest.
//! Nothing here is a secret of anybody.

use super::csr::{Case, good};
use super::der::{
    CHALLENGE_PASSWORD, attribute, bmp, context, ia5, implicit, int, null, octets, oid, printable, seq, utf8,
};

fn case(rule: &'static str, name: &'static str, dotted: &str, values: &[&[u8]], note: &'static str) -> Case {
    Case::mutant(rule, name, &good().and_attributes(&[attribute(dotted, values)]), note)
}

/// Mutants of `attribute`.
pub fn mutants() -> Vec<Case> {
    [challenges(), secrets(), attestations()].concat()
}

fn challenges() -> Vec<Case> {
    let present =
        |name, value: &[u8], note| case("attribute/challenge-password", name, CHALLENGE_PASSWORD, &[value], note);
    let malformed = |name, values: &[&[u8]], note| {
        case("attribute/challenge-password-malformed", name, CHALLENGE_PASSWORD, values, note)
    };
    vec![
        present("challenge-utf8", &utf8("not a real secret"), "P12: UTF8String"),
        present("challenge-printable", &printable("not a real secret"), "P12: PrintableString"),
        malformed(
            "challenge-octets",
            &[&octets(b"not a real secret")],
            "P11: an OCTET STRING; attribute/challenge-password comes with it",
        ),
        malformed(
            "challenge-256",
            &[&utf8(&"x".repeat(256))],
            "P11: 256 characters; attribute/challenge-password comes with it",
        ),
        malformed(
            "challenge-two-values",
            &[&utf8("one"), &utf8("two")],
            "P10; attribute/challenge-password comes with it",
        ),
        malformed(
            "challenge-ia5",
            &[&ia5("not a real secret")],
            "an IA5String; attribute/challenge-password comes with it",
        ),
        malformed("challenge-empty", &[&utf8("")], "no characters; attribute/challenge-password may come with it"),
    ]
}

fn secrets() -> Vec<Case> {
    let secret = |name, dotted, value: &[u8], note| case("attribute/secret", name, dotted, &[value], note);
    // ContentInfo of an EnvelopedData that holds nothing.
    let enveloped = seq(&[&oid("1.2.840.113549.1.7.3"), &context(0, &seq(&[&int(0)]))]);
    vec![
        secret("otp-challenge", "1.2.840.113549.1.9.16.2.56", &utf8("not a real secret"), "EST otpChallenge"),
        secret(
            "revocation-challenge",
            "1.2.840.113549.1.9.16.2.57",
            &utf8("not a real secret"),
            "EST revocationChallenge",
        ),
        secret(
            "scep-challenge-answer",
            "1.3.6.1.4.1.311.21.35",
            &octets(b"not a real secret"),
            "Microsoft's SCEP challenge answer",
        ),
        secret(
            "server-secret",
            "1.3.6.1.4.1.311.21.40",
            &octets(b"not a real secret"),
            "Microsoft's SCEP server secret",
        ),
        case(
            "attribute/archived-key",
            "archived-key",
            "1.3.6.1.4.1.311.21.13",
            &[&enveloped],
            "an escrowed private key",
        ),
    ]
}

fn attestations() -> Vec<Case> {
    let attestation = |name, values: &[&[u8]], note| {
        case("attribute/attestation-malformed", name, "1.2.840.113549.1.9.16.2.59", values, note)
    };
    vec![
        attestation("attestation-null", &[&null()], "NULL instead of a bundle"),
        attestation("attestation-octets", &[&octets(b"evidence")], "an OCTET STRING instead of a bundle"),
        attestation("attestation-two-bundles", &[&bundle(1), &bundle(2)], "two bundles where there may be one"),
        attestation("attestation-no-statements", &[&seq(&[&seq(&[])])], "a bundle without statements"),
    ]
}

/// A sound AttestationBundle { attestations SEQUENCE OF AttestationStatement { type, bindsPublicKey DEFAULT, stmt } } of the LAMPS draft.
pub fn bundle(number: i64) -> Vec<u8> {
    seq(&[&seq(&[&seq(&[&oid("1.3.6.1.4.1.32473.2"), &int(number)])])])
}

/// Mutants of `attribute` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let client = seq(&[&int(5), &utf8("WS7.corp.example.com"), &utf8("CORP\\ada"), &utf8("certreq.exe")]);
    let pair = seq(&[&bmp("SAN"), &bmp("dns=admin.example.com")]);
    let named = "attribute/unstructured-name";
    vec![
        case(
            "attribute/client-info",
            "pedantic-client-info-alone",
            "1.3.6.1.4.1.311.21.20",
            &[&client],
            "host, user and process name",
        ),
        case(
            "attribute/enrollment-name-value",
            "pedantic-enrollment-name-value",
            "1.3.6.1.4.1.311.13.2.1",
            &[&pair],
            "a name-value pair that names a SAN",
        ),
        case(named, "pedantic-unstructured-name", "1.2.840.113549.1.9.2", &[&utf8("shop")], "unstructuredName"),
        case(
            named,
            "pedantic-unstructured-address",
            "1.2.840.113549.1.9.8",
            &[&printable("1 Example Street")],
            "unstructuredAddress",
        ),
        case(
            "attribute/unknown",
            "pedantic-unknown-attribute",
            "1.3.6.1.4.1.32473.3",
            &[&implicit(0, b"x")],
            "an attribute of a private number",
        ),
    ]
}
