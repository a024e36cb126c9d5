//! Defects of the armour and of the file: families `pem` and `secret`.
//! The request inside is sound and decodes, unless the defect is that it does not.
//! Also the same for `pedantic`.

use super::clean::signed_data;
use super::csr::{Case, Csr, good, labelled, pem};
use super::der::{self, context, int, seq};
use super::keys::{ec, ed25519, p256};

const LABEL: &str = "CERTIFICATE REQUEST";

fn mutant(rule: &'static str, name: &'static str, bytes: impl Into<Vec<u8>>, note: &'static str) -> Case {
    Case::file(name, "csr", bytes, Some(rule), note)
}

/// Mutants of `pem` and `secret`.
pub fn mutants() -> Vec<Case> {
    [boundaries(), bodies(), encodings(), secrets(), wrapped()].concat()
}

fn boundaries() -> Vec<Case> {
    let pem = good().pem();
    let der = good().der();
    let [begin, end] = [format!("-----BEGIN {LABEL}-----"), format!("-----END {LABEL}-----")];
    let boundary = |name, text: String, note| mutant("pem/malformed-boundary", name, text, note);
    vec![
        mutant("pem/not-decodable", "pem-empty-body", format!("{begin}\n{end}\n"), "a block without a body"),
        mutant(
            "pem/not-decodable",
            "pem-asterisks-body",
            format!("{begin}\n****\n{end}\n"),
            "asterisks instead of the body; pem/invalid-character may come with it",
        ),
        mutant("pem/missing-end", "pem-no-end", pem.replace(&format!("{end}\n"), ""), "BEGIN without END"),
        mutant(
            "pem/label-mismatch",
            "pem-end-new",
            pem.replace("END CERT", "END NEW CERT"),
            "END NEW CERTIFICATE REQUEST",
        ),
        mutant(
            "pem/label-mismatch",
            "pem-end-certificate",
            pem.replace("-----END CERTIFICATE REQUEST", "-----END CERTIFICATE"),
            "END CERTIFICATE",
        ),
        mutant("pem/wrong-label", "pem-certificate", labelled(&der, "CERTIFICATE"), "F4: a request called CERTIFICATE"),
        mutant(
            "pem/wrong-label",
            "pem-signing-request",
            labelled(&der, "CERTIFICATE SIGNING REQUEST"),
            "a label that does not exist",
        ),
        boundary("pem-four-dashes", pem.replace("-----", "----"), "F4: four dashes"),
        boundary("pem-six-dashes", pem.replace("-----", "------"), "six dashes"),
        boundary(
            "pem-lower-case",
            pem.replace("BEGIN CERTIFICATE REQUEST", "begin certificate request")
                .replace("END CERTIFICATE REQUEST", "end certificate request"),
            "lower case",
        ),
        boundary("pem-two-blanks", pem.replace("BEGIN CERT", "BEGIN  CERT"), "two blanks before the label"),
        boundary("pem-short-end", pem.replace(&end, &format!("-----END {LABEL}---")), "three dashes at the end of END"),
        boundary(
            "pem-body-on-begin-line",
            pem.replacen(&format!("{begin}\n"), &format!("{begin} "), 1),
            "the body starts on the BEGIN line",
        ),
    ]
}

fn bodies() -> Vec<Case> {
    let pem = good().pem();
    let middle = pem.len() / 2;
    let with = |extra: &str| format!("{}{extra}{}", &pem[..middle], &pem[middle..]);
    let padded = super::csr::pem(&of_length(2));
    let plain = super::csr::pem(&of_length(0));
    vec![
        mutant("pem/invalid-character", "pem-percent", with("%"), "one character more than the base64"),
        mutant("pem/invalid-character", "pem-no-break-space", with("\u{A0}"), "a no-break space from a web page"),
        mutant("pem/bad-padding", "pem-no-padding", padded.replace('=', ""), "padding left out"),
        mutant(
            "pem/bad-padding",
            "pem-too-much-padding",
            plain.replace("\n-----END", "=\n-----END"),
            "padding that is not needed",
        ),
        mutant(
            "pem/bad-padding",
            "pem-trailing-bits",
            trailing_bits(&padded),
            "bits behind the last octet that are not zero",
        ),
        mutant(
            "pem/headers",
            "pem-headers",
            pem.replacen("-----\n", "-----\nProc-Type: 4,CLEAR\nOriginator-Name: shop\n\n", 1),
            "RFC 1421 headers",
        ),
        mutant(
            "pem/headers",
            "pem-comment-header",
            pem.replacen("-----\n", "-----\nComment: shop key of 2026\n\n", 1),
            "a comment header as SSH keys have it",
        ),
    ]
}

/// A request whose DER is of a length modulo 3.
fn of_length(remainder: usize) -> Vec<u8> {
    (1..8)
        .map(|n| Csr::new(ed25519()).subject(der::name(&[("O", &"A".repeat(n))])).der())
        .find(|der| der.len() % 3 == remainder)
        .expect("one of three lengths")
}

/// Sets the lowest bit of the last digit before one `=`.
fn trailing_bits(pem: &str) -> String {
    let at = pem.find('=').expect("padding") - 1;
    let digit = pem.as_bytes()[at];
    // Digits with zero trailing bits are A, E, I, ...; the next one in the alphabet has the lowest bit set.
    let next = match digit {
        b'Z' => 'a',
        b'z' => '0',
        b'9' => '+',
        other => char::from(other + 1),
    };
    format!("{}{next}{}", &pem[..at], &pem[at + 1..])
}

fn encodings() -> Vec<Case> {
    let pem = good().pem();
    let wide = |mark: &[u8], encode: fn(u16) -> [u8; 2]| {
        der::cat(&[mark, &pem.encode_utf16().flat_map(encode).collect::<Vec<u8>>()])
    };
    vec![
        mutant("pem/byte-order-mark", "pem-bom", format!("\u{FEFF}{pem}"), "F2: UTF-8 byte order mark"),
        mutant(
            "pem/utf-16",
            "pem-utf16le",
            wide(&[0xFF, 0xFE], u16::to_le_bytes),
            "F4: PowerShell redirect, little endian with a mark",
        ),
        mutant("pem/utf-16", "pem-utf16be", wide(&[0xFE, 0xFF], u16::to_be_bytes), "big endian with a mark"),
        mutant("pem/utf-16", "pem-utf16le-no-mark", wide(&[], u16::to_le_bytes), "little endian without a mark"),
        mutant(
            "pem/indented",
            "pem-indented",
            pem.lines().map(|line| format!("    {line}\n")).collect::<String>(),
            "F3: cut out of a YAML file",
        ),
        mutant(
            "pem/indented",
            "pem-tabbed",
            pem.lines().map(|line| format!("\t{line}\n")).collect::<String>(),
            "indented by tabs",
        ),
    ]
}

fn secrets() -> Vec<Case> {
    let rule = "secret/private-key-committed";
    let pem = good().pem();
    let pkcs8 = labelled(p256().pkcs8.as_deref().expect("a key of aws-lc-rs"), "PRIVATE KEY");
    let own = ec("P-256");
    let sec1 = labelled(&own.ec().private_der(), "EC PRIVATE KEY");
    vec![
        Case::file("secret-pkcs8", "pem", format!("{pkcs8}{pem}"), Some(rule), "F7: PKCS#8 before its request"),
        Case::file(
            "secret-sec1",
            "pem",
            format!("{}{sec1}", Csr::new(own).pem()),
            Some(rule),
            "F7: EC PRIVATE KEY behind its request",
        ),
    ]
}

fn wrapped() -> Vec<Case> {
    let wrapped = "pkcs10/cms-wrapped";
    let request = good().der();
    let data = signed_data(1, "1.2.840.113549.1.7.1", &request);
    let tagged = context(0, &der::cat(&[&int(1), &request]));
    let pki_data = seq(&[&seq(&[]), &seq(&[&tagged]), &seq(&[]), &seq(&[])]);
    let cmc = signed_data(3, "1.3.6.1.5.5.7.12.2", &pki_data);
    let crmf = crmf();
    vec![
        Case::file("cms-pkcs7", "p7b", labelled(&data, "PKCS7"), Some(wrapped), "PKCS#10 as the data of SignedData"),
        Case::file(
            "cms-pkcs7-as-request",
            "csr",
            labelled(&data, LABEL),
            Some(wrapped),
            "the same under the label of a request; pem/wrong-label may be said too",
        ),
        Case::file("cms-der", "der", data, Some(wrapped), "the same as DER"),
        Case::file("cmc-der", "der", cmc.clone(), Some(wrapped), "CMC PKIData with a TaggedCertificationRequest"),
        Case::file("cmc-cms", "p7m", labelled(&cmc, "CMS"), Some(wrapped), "the same as PEM"),
        Case::file("crmf-der", "der", crmf.clone(), Some("pkcs10/is-crmf"), "CertReqMessages"),
        Case::file(
            "crmf-pem",
            "csr",
            pem(&crmf),
            Some("pkcs10/is-crmf"),
            "CertReqMessages under the label of a request",
        ),
    ]
}

/// CertReqMessages (RFC 4211) with one message and its proof of possession.
fn crmf() -> Vec<u8> {
    let key = p256();
    let subject = context(5, &der::name(&[("CN", super::csr::HOST)]));
    // publicKey [6] IMPLICIT SubjectPublicKeyInfo
    let public = super::csr::retagged(0xA6, &key.spki);
    let request = seq(&[&int(0), &seq(&[&subject, &public])]);
    let proof = context(1, &der::cat(&[&key.usual().algorithm(), &der::bits(&key.sign(&key.usual(), &request))]));
    seq(&[&seq(&[&request, &proof])])
}

/// Mutants of `pem` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let pem = good().pem();
    let der = good().der();
    let body = der::base64(&der);
    let width = |name, width: usize| {
        mutant(
            "pem/line-width",
            name,
            format!("-----BEGIN {LABEL}-----\n{}-----END {LABEL}-----\n", der::lines(&body, width)),
            "lines of another width",
        )
    };
    let other = Csr::new(ed25519()).subject(der::name(&[("CN", "www.example.com")])).pem();
    vec![
        mutant("pem/new-label", "pedantic-new-label", labelled(&der, "NEW CERTIFICATE REQUEST"), "F1"),
        width("pedantic-width-76", 76),
        width("pedantic-width-48", 48),
        width("pedantic-one-line", 100_000),
        mutant("pem/bare-base64", "pedantic-bare-base64", der::lines(&body, 64), "F4: base64 without armour"),
        mutant(
            "pem/explanatory-text",
            "pedantic-text-before",
            format!("Certificate Request:\n    Data:\n{pem}"),
            "F5: openssl req -text",
        ),
        mutant(
            "pem/explanatory-text",
            "pedantic-text-after",
            format!("{pem}\nSent by the shop team.\n"),
            "text behind the block",
        ),
        Case::file("pedantic-two-requests", "pem", format!("{pem}{other}"), Some("pem/several-requests"), "F6"),
    ]
}
