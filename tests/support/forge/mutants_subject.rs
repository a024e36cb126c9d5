//! Defects of the subject (family `subject`).
//! The SAN is sound in all of them, so that a strange common name costs nothing else.
//! String types are chosen by tag: 0C UTF8String, 13 PrintableString, 14 TeletexString, 1C UniversalString, 1E BMPString.

use super::csr::{Case, HOST, good};
use super::der::{atv, bmp, name, names, printable, rdn, seq, set, tlv, typed_rdn, utf8};

/// A subject with a value in one attribute; the common name is the usual one unless it is that attribute.
fn subject(kind: &str, value: &[u8]) -> Vec<u8> {
    let mut rdns = vec![typed_rdn(kind, value)];
    if kind != "CN" {
        rdns.push(typed_rdn("CN", &utf8(HOST)));
    }
    names(&rdns)
}

fn case(rule: &'static str, name: &'static str, kind: &str, value: &[u8], note: &'static str) -> Case {
    Case::mutant(rule, name, &good().subject(subject(kind, value)), note)
}

/// Mutants of `subject`.
pub fn mutants() -> Vec<Case> {
    [strings(), characters(), lengths(), shapes(), habits()].concat()
}

fn strings() -> Vec<Case> {
    let types = "subject/string-type";
    let charset = "subject/printable-string-charset";
    let broken = "subject/undecodable-value";
    let wide: Vec<u8> = "Example".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect();
    vec![
        case(types, "teletex", "O", &tlv(0x14, b"Example Trading"), "TeletexString"),
        case(types, "bmp", "O", &bmp("Example Trading"), "BMPString"),
        case(types, "universal", "O", &tlv(0x1C, &wide), "UniversalString"),
        case(charset, "printable-at", "O", &printable("sales@example"), "P19: @ in a PrintableString"),
        case(charset, "printable-underscore", "OU", &printable("shop_team"), "P19: _ in a PrintableString"),
        case(charset, "printable-asterisk", "CN", &printable("*.example.com"), "* in a PrintableString"),
        case(charset, "printable-ampersand", "O", &printable("Example & Sons"), "& in a PrintableString"),
        case(broken, "utf8-latin1", "O", &tlv(0x0C, b"M\xFCller"), "Latin-1 in a UTF8String"),
        case(broken, "utf8-overlong", "O", &tlv(0x0C, b"Example\xC0\xAFTrading"), "an overlong sequence"),
        case(broken, "utf8-surrogate", "O", &tlv(0x0C, b"Example \xED\xA0\x80"), "a surrogate in UTF-8"),
        case(
            broken,
            "bmp-odd",
            "O",
            &tlv(0x1E, b"\0E\0x\0"),
            "a BMPString of five octets; subject/string-type comes with it",
        ),
        case(broken, "ia5-latin1", "DC", &tlv(0x16, b"m\xFCller"), "Latin-1 in an IA5String"),
    ]
}

fn characters() -> Vec<Case> {
    let control = "subject/control-character";
    let invisible = "subject/invisible-character";
    vec![
        case(control, "nul-in-cn", "CN", &utf8("shop.example.com\0.example.net"), "a NUL in the common name"),
        case(control, "line-feed-in-o", "O", &utf8("Example Trading\nCN=admin"), "a line feed"),
        case(control, "escape-in-o", "O", &utf8("Example \u{1B}[31mTrading"), "a terminal escape"),
        case(control, "delete-in-ou", "OU", &utf8("Shop\u{7F}"), "DEL"),
        case(invisible, "bidi-override", "O", &utf8("Example \u{202E}gnidarT"), "right-to-left override"),
        case(invisible, "zero-width-space", "O", &utf8("Example\u{200B}Trading"), "zero width space"),
        case(invisible, "byte-order-mark-in-o", "O", &utf8("\u{FEFF}Example Trading"), "a byte order mark"),
        case(invisible, "soft-hyphen", "O", &utf8("Exam\u{AD}ple Trading"), "a soft hyphen"),
    ]
}

fn lengths() -> Vec<Case> {
    let rule = "subject/value-too-long";
    let country = "subject/country-code";
    let long = |kind, n: usize| utf8(&format!("{kind}{}", "a".repeat(n - 2)));
    vec![
        case(rule, "cn-65", "CN", &long("Cn", 65), "P21: a common name of 65"),
        case(rule, "cn-200", "CN", &long("Cn", 200), "a common name of 200"),
        case(rule, "o-65", "O", &long("Or", 65), "an organisation of 65"),
        case(rule, "ou-65", "OU", &long("Un", 65), "an organisational unit of 65"),
        case(rule, "l-129", "L", &long("Lo", 129), "a locality of 129"),
        case(rule, "st-129", "ST", &long("St", 129), "a state of 129"),
        case(rule, "serial-65", "serialNumber", &printable(&"7".repeat(65)), "a serial number of 65"),
        case(rule, "o-65-umlauts", "O", &utf8(&"ü".repeat(65)), "65 characters in 130 octets"),
        case(country, "c-three-letters", "C", &printable("DEU"), "P21: three letters"),
        case(country, "c-lower-case", "C", &printable("de"), "lower case"),
        case(country, "c-digit", "C", &printable("D1"), "a digit"),
        case(country, "c-one-letter", "C", &printable("D"), "one letter"),
        case(country, "c-name", "C", &printable("Germany"), "the country's name"),
    ]
}

fn shapes() -> Vec<Case> {
    let empty_rdn = names(&[set(&[]), typed_rdn("CN", &utf8(HOST))]);
    let several = name(&[("O", "Example Trading"), ("CN", HOST), ("CN", "www.example.com")]);
    vec![
        case("subject/empty-value", "empty-o", "O", &utf8(""), "an empty organisation"),
        case("subject/empty-value", "empty-cn", "CN", &utf8(""), "an empty common name"),
        Case::mutant("subject/empty-rdn", "empty-rdn", &good().subject(empty_rdn), "P18"),
        Case::mutant("subject/several-common-names", "two-common-names", &good().subject(several), "two common names"),
    ]
}

fn habits() -> Vec<Case> {
    let blank = "subject/whitespace";
    let placeholder = "subject/placeholder-value";
    vec![
        case(blank, "leading-blank", "O", &utf8(" Example Trading"), "a leading blank"),
        case(blank, "trailing-blank", "CN", &utf8("shop.example.com "), "a trailing blank"),
        case(blank, "double-blank", "O", &utf8("Example  Trading"), "two blanks"),
        case(
            placeholder,
            "openssl-organization",
            "O",
            &utf8("Internet Widgits Pty Ltd"),
            "OpenSSL's default organisation",
        ),
        case(placeholder, "openssl-state", "ST", &utf8("Some-State"), "OpenSSL's default state"),
        case(placeholder, "red-hat-organization", "O", &utf8("Default Company Ltd"), "Red Hat's default organisation"),
        case(placeholder, "red-hat-city", "L", &utf8("Default City"), "Red Hat's default locality"),
    ]
}

/// Mutants of `subject` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let strings = "subject/country-string-type";
    let multi = seq(&[
        &rdn(&[&atv("2.5.4.10", &utf8("Example Trading")), &atv("2.5.4.11", &utf8("Shop"))]),
        &typed_rdn("CN", &utf8(HOST)),
    ]);
    let repeated = name(&[("O", "Example Trading"), ("O", "Example Holding"), ("CN", HOST)]);
    vec![
        case(strings, "pedantic-c-utf8", "C", &utf8("DE"), "countryName in UTF8String"),
        case(strings, "pedantic-serial-utf8", "serialNumber", &utf8("4711"), "serialNumber in UTF8String"),
        case(strings, "pedantic-qualifier-utf8", "dnQualifier", &utf8("shop"), "dnQualifier in UTF8String"),
        Case::mutant(
            "subject/multi-valued-rdn",
            "pedantic-multi-valued-rdn",
            &good().subject(multi),
            "O and OU in one RDN",
        ),
        Case::mutant(
            "subject/repeated-attribute",
            "pedantic-two-organizations",
            &good().subject(repeated),
            "two organisations",
        ),
    ]
}
