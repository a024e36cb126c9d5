//! Defects of PKCS#10 itself: fields, attributes and containers of extensions (family `pkcs10`, first half).
//! All encodings are sound DER; the structure is not what RFC 2986 and RFC 2985 say.
//! Numbers such as P4 are those of the project's research.

use super::clean::microsoft;
use super::csr::{Case, Csr, good, pem, server_extensions};
use super::der::{
    self, EXTENSION_REQUEST, MS_EXTENSIONS, attribute, bmp, context, dns, extension_request, int, octets, oid, seq,
    set, utf8,
};
use super::keys::{p256, rsa2048};

const FRIENDLY_NAME: &str = "1.2.840.113549.1.9.20";
const SMIME_CAPABILITIES: &str = "1.2.840.113549.1.9.15";

/// Mutants of the structure.
pub fn mutants() -> Vec<Case> {
    [fields(), containers(), attributes()].concat()
}

fn fields() -> Vec<Case> {
    let version = |name, number, note| {
        let mut csr = good();
        csr.version = int(number);
        Case::mutant("pkcs10/version", name, &csr, note)
    };
    let changed = |rule, name, change: fn(&mut Csr), note| {
        let mut csr = good();
        change(&mut csr);
        Case::mutant(rule, name, &csr, note)
    };
    let whole = good().der();
    let spki = p256().spki.clone();
    let mut tail = good();
    tail.tail = b"\n".to_vec();
    vec![
        Case::file(
            "der-text",
            "csr",
            pem(b"This is base64, but it is no DER at all."),
            Some("pkcs10/not-der"),
            "text under the label of a request",
        ),
        Case::file("der-spki", "csr", pem(&spki), Some("pkcs10/not-der"), "a public key under the label of a request"),
        Case::file("der-empty-sequence", "csr", pem(&seq(&[])), Some("pkcs10/not-der"), "SEQUENCE {}"),
        Case::file(
            "der-cut",
            "csr",
            pem(&whole[..whole.len() - 20]),
            Some("pkcs10/truncated"),
            "the last 20 bytes are missing",
        ),
        Case::file(
            "der-cut-half",
            "csr",
            pem(&whole[..whole.len() / 2]),
            Some("pkcs10/truncated"),
            "the second half is missing; fields are missing with it",
        ),
        version("version-1", 1, "P1"),
        version("version-2", 2, "P1"),
        version("version-minus-1", -1, "a negative version"),
        changed("pkcs10/attributes-missing", "attributes-missing", |csr| csr.attributes = None, "P2: [0] absent"),
        changed(
            "pkcs10/unexpected-element",
            "info-extra-utf8",
            |csr| csr.info_extra = utf8("extra"),
            "P17: a field behind the attributes",
        ),
        changed(
            "pkcs10/unexpected-element",
            "info-extra-context",
            |csr| csr.info_extra = context(1, &[]),
            "P17: [1] behind the attributes",
        ),
        changed(
            "pkcs10/unexpected-element",
            "outer-extra",
            |csr| csr.extra = octets(b"extra"),
            "a field behind the signature",
        ),
        changed(
            "pkcs10/trailing-data",
            "tail-zeros",
            |csr| csr.tail = vec![0, 0],
            "P16: two zeros behind the structure",
        ),
        changed(
            "pkcs10/trailing-data",
            "tail-element",
            |csr| csr.tail = int(7),
            "P16: an element behind the structure",
        ),
        Case::file("tail-line-feed", "der", tail.der(), Some("pkcs10/trailing-data"), "a line feed behind a DER file"),
    ]
}

fn containers() -> Vec<Case> {
    let sequence = |extensions: &[Vec<u8>]| der::tlv(0x30, &extensions.concat());
    let usual = sequence(&server_extensions());
    let other = sequence(&[der::san(&[dns("admin.example.com")])]);
    let requests = |rule, name, list: &[Vec<u8>], note| Case::mutant(rule, name, &good().attribute_list(list), note);
    let malformed = |name, value: &[u8], note| {
        requests("pkcs10/extension-request-malformed", name, &[attribute(EXTENSION_REQUEST, &[value])], note)
    };
    let conflict = [attribute(EXTENSION_REQUEST, &[&usual]), attribute(MS_EXTENSIONS, &[&other])];
    let twice = "pkcs10/extension-request-repeated";
    vec![
        requests(
            twice,
            "two-extension-requests",
            &[attribute(EXTENSION_REQUEST, &[&usual]), attribute(EXTENSION_REQUEST, &[&other])],
            "P4: readers disagree on what is asked for; two SANs, so that extension/duplicate may come with it",
        ),
        requests(
            twice,
            "two-disjoint-extension-requests",
            &[extension_request(&server_extensions()[..1]), extension_request(&server_extensions()[1..])],
            "P4: each extension once",
        ),
        requests(
            "pkcs10/extension-request-several-values",
            "extension-request-two-values",
            &[attribute(EXTENSION_REQUEST, &[&usual, &other])],
            "P5; two SANs, so that extension/duplicate may come with it",
        ),
        malformed("extension-request-octets", &octets(&usual), "an OCTET STRING around the extensions"),
        malformed("extension-request-utf8", &utf8("DNS:shop.example.com"), "text"),
        malformed("extension-request-of-integers", &seq(&[&int(1), &int(2)]), "a SEQUENCE of something else"),
        malformed(
            "extension-request-one-extension",
            &server_extensions()[0],
            "an Extension without the SEQUENCE around it",
        ),
        requests("pkcs10/extension-request-empty", "extension-request-empty", &[extension_request(&[])], "P7"),
        requests(
            "pkcs10/extension-request-conflict",
            "extension-request-conflict",
            &conflict,
            "PKCS#9 and Microsoft ask for different names",
        ),
    ]
}

fn attributes() -> Vec<Case> {
    let list = |rule, name, list: &[Vec<u8>], note| Case::mutant(rule, name, &good().and_attributes(list), note);
    let friendly = |text| attribute(FRIENDLY_NAME, &[&bmp(text)]);
    let no_set = seq(&[&oid(FRIENDLY_NAME), &seq(&[&bmp("shop")])]);
    let challenges =
        [attribute(der::CHALLENGE_PASSWORD, &[&utf8("one")]), attribute(der::CHALLENGE_PASSWORD, &[&utf8("two")])];
    let mut unsorted = good();
    let [one, two] = [friendly("shop"), extension_request(&server_extensions())];
    let reversed = if one < two { [two, one] } else { [one, two] };
    unsorted.attributes = Some(context(0, &reversed.concat()));
    vec![
        list("pkcs10/attribute-without-value", "attribute-without-value", &[attribute(SMIME_CAPABILITIES, &[])], "P6"),
        Case::mutant(
            "pkcs10/attribute-without-value",
            "extension-request-without-value",
            &good().attribute_list(&[attribute(EXTENSION_REQUEST, &[])]),
            "P6: the extensionRequest itself",
        ),
        list(
            "pkcs10/attribute-repeated",
            "attribute-repeated",
            &[friendly("one"), friendly("two")],
            "friendlyName twice",
        ),
        list(
            "pkcs10/attribute-repeated",
            "challenge-password-repeated",
            &challenges,
            "challengePassword twice; attribute/challenge-password comes with it",
        ),
        list("pkcs10/attribute-malformed", "attribute-integer", &[int(5)], "an INTEGER among the attributes"),
        list(
            "pkcs10/attribute-malformed",
            "attribute-type-only",
            &[seq(&[&oid(FRIENDLY_NAME)])],
            "an attribute without SET",
        ),
        list("pkcs10/attribute-malformed", "attribute-sequence-of-values", &[no_set], "a SEQUENCE instead of the SET"),
        list(
            "pkcs10/attribute-malformed",
            "attribute-three-parts",
            &[seq(&[&oid(FRIENDLY_NAME), &set(&[&bmp("shop")]), &int(1)])],
            "something behind the SET",
        ),
        Case::mutant("pkcs10/set-order", "attributes-unsorted", &unsorted, "P3"),
        Case::mutant(
            "pkcs10/set-order",
            "rdn-unsorted",
            &good().subject(rdn_unsorted()),
            "a multi-valued RDN out of order",
        ),
    ]
}

fn rdn_unsorted() -> Vec<u8> {
    let mut parts = [der::atv("2.5.4.3", &utf8(super::csr::HOST)), der::atv("2.5.4.10", &utf8("Example Trading"))];
    parts.sort();
    seq(&[&der::set_unsorted(&[&parts[1], &parts[0]])])
}

/// Mutants of the structure for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let plain = Csr::new(rsa2048())
        .attribute_list(&[attribute(MS_EXTENSIONS, &[&der::tlv(0x30, &server_extensions().concat())])]);
    vec![
        Case::mutant(
            "pkcs10/microsoft-extension-request",
            "pedantic-microsoft-extensions",
            &plain,
            "1.3.6.1.4.1.311.2.1.14 alone",
        ),
        Case::mutant(
            "attribute/client-info",
            "pedantic-client-info",
            &microsoft(),
            "host, user and process name; pkcs10/microsoft-extension-request comes with it",
        ),
    ]
}
