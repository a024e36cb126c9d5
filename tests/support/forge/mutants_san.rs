//! Defects of the subject alternative names (family `san`).
//! Each SAN has a sound DNS name too, so that nothing is missing beside the one bad name.
//! GeneralName tags (RFC 5280): 0 otherName, 1 rfc822Name, 2 dNSName, 4 directoryName, 6 URI, 7 iPAddress, 8 registeredID.

use super::csr::{Case, HOST, SERVER_AUTH, good, nameless};
use super::der::{
    self, SAN, context, dns, email, ext_key_usage, extension, implicit, ip, key_usage, oid, san, seq, uri, utf8,
};
use super::keys::p256;

fn with(rule: &'static str, name: &'static str, general_name: Vec<u8>, note: &'static str) -> Case {
    Case::mutant(rule, name, &good().and_san(general_name), note)
}

/// Mutants of `san`.
pub fn mutants() -> Vec<Case> {
    [shapes(), dns_names(), wildcards(), addresses(), duplicates()].concat()
}

fn shapes() -> Vec<Case> {
    let whole = |rule, name, value: &[u8], note| {
        Case::mutant(rule, name, &good().san_extension(extension(SAN, false, value)), note)
    };
    let malformed = "san/malformed";
    let bare = good().extensions(&[key_usage(&[0]), ext_key_usage(&[SERVER_AUTH])]);
    let no_value = context(0, &oid("1.3.6.1.4.1.311.20.2.3"));
    vec![
        Case::mutant("san/missing", "san-missing", &bare, "serverAuth without SAN"),
        whole("san/empty", "san-empty", &seq(&[]), "P21: no names in the SAN"),
        whole(malformed, "san-text", &utf8("DNS:shop.example.com"), "text instead of GeneralNames"),
        whole(malformed, "san-bare-name", &dns(HOST), "a GeneralName without the SEQUENCE"),
        with(malformed, "san-unknown-tag", implicit(9, b"shop"), "a GeneralName with tag 9"),
        with(malformed, "san-universal-tag", utf8(HOST), "a UTF8String among the names"),
        with(malformed, "san-other-name-without-value", no_value, "an otherName without value"),
        with(malformed, "san-directory-name-text", context(4, &utf8("CN=shop")), "a directoryName that is text"),
    ]
}

fn dns_names() -> Vec<Case> {
    let syntax = |name, text: &str, note| with("san/dns-syntax", name, dns(text), note);
    let label = format!("{}.example.com", "a".repeat(64));
    let long = format!("{}example.com", "abcdefghi.".repeat(25));
    vec![
        syntax("dns-blank", "shop example.com", "a blank"),
        syntax("dns-trailing-dot", "shop.example.com.", "a dot at the end"),
        syntax("dns-leading-dot", ".example.com", "a dot at the start"),
        syntax("dns-two-dots", "shop..example.com", "an empty label"),
        syntax("dns-port", "shop.example.com:8443", "a port"),
        syntax("dns-url", "https://shop.example.com/", "a URL"),
        syntax("dns-empty", "", "an empty name"),
        syntax("dns-label-64", &label, "a label of 64"),
        syntax("dns-261", &long, "a name of 261"),
        syntax("dns-hyphen", "-shop.example.com", "a label that starts with a hyphen"),
        syntax("dns-comma", "a.example.com,b.example.com", "two names in one"),
        with("san/dns-is-ip", "dns-ipv4", dns("192.0.2.7"), "P21: an IPv4 address as dNSName"),
        with(
            "san/dns-is-ip",
            "dns-ipv6",
            dns("2001:db8::1"),
            "an IPv6 address as dNSName; san/dns-syntax may come with it",
        ),
        with("san/dns-not-ascii", "dns-utf8", dns("bücher.example.com"), "a U-label"),
        with("san/dns-not-ascii", "email-utf8", email("jürgen@example.com"), "an rfc822Name that is not ASCII"),
        with(
            "san/control-character",
            "dns-nul",
            dns("shop.example.com\0.example.net"),
            "a NUL in a dNSName; san/dns-syntax may come with it",
        ),
        with(
            "san/control-character",
            "email-line-feed",
            email("ada\n@example.com"),
            "a line feed in an rfc822Name; san/email-syntax may come with it",
        ),
        with(
            "san/control-character",
            "upn-nul",
            der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8("ada\0@example.com")),
            "a NUL in a user principal name",
        ),
    ]
}

fn wildcards() -> Vec<Case> {
    let wildcard = |name, text, note| with("san/dns-wildcard", name, dns(text), note);
    vec![
        wildcard("wildcard-bare", "*", "a bare asterisk"),
        wildcard("wildcard-partial", "w*.example.com", "a part of a label"),
        wildcard("wildcard-inner", "www.*.example.com", "an inner label"),
        wildcard("wildcard-several", "*.*.example.com", "two labels"),
        wildcard("wildcard-last", "shop.*", "the last label"),
    ]
}

fn addresses() -> Vec<Case> {
    vec![
        with("san/ip-length", "ip-5", ip(&[192, 0, 2, 7, 0]), "five octets"),
        with("san/ip-length", "ip-8", ip(&[192, 0, 2, 0, 255, 255, 255, 0]), "an address and a mask"),
        with("san/ip-length", "ip-text", ip(b"192.0.2.7"), "text"),
        with("san/ip-length", "ip-empty", ip(&[]), "no octets"),
        with("san/email-syntax", "email-no-at", email("ada.example.com"), "no @"),
        with("san/email-syntax", "email-display-name", email("Ada <ada@example.com>"), "a display name"),
        with("san/email-syntax", "email-two-at", email("ada@shop@example.com"), "two @"),
        with("san/email-syntax", "email-mailto", email("mailto:ada@example.com"), "a URI"),
        with("san/email-syntax", "email-no-local-part", email("@example.com"), "nothing before the @"),
        with("san/uri-syntax", "uri-relative", uri("/ns/shop"), "a relative reference"),
        with("san/uri-syntax", "uri-no-scheme", uri("shop.example.com/path"), "no scheme"),
        with("san/uri-syntax", "uri-blank", uri("https://shop.example.com/a b"), "a blank"),
        with("san/uri-syntax", "uri-no-host", uri("https://"), "no host"),
    ]
}

fn duplicates() -> Vec<Case> {
    vec![
        with("san/duplicate", "dns-twice", dns(HOST), "the same name twice"),
        with("san/duplicate", "dns-twice-case", dns("SHOP.example.com"), "the same name in other letters"),
        Case::mutant(
            "san/duplicate",
            "ip-twice",
            &good().san_extension(san(&[dns(HOST), ip(&[192, 0, 2, 7]), ip(&[192, 0, 2, 7])])),
            "the same address twice",
        ),
    ]
}

/// Mutants of `san` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let absent = good().san_extension(san(&[dns("www.example.com")]));
    let uncritical = nameless(p256()).san_extension(san(&[dns(HOST)]));
    vec![
        Case::mutant(
            "san/critical-with-empty-subject",
            "pedantic-san-not-critical",
            &uncritical,
            "an empty subject and a SAN that is not critical",
        ),
        Case::mutant(
            "san/common-name-not-in-san",
            "pedantic-common-name-not-in-san",
            &absent,
            "the common name is not in the SAN",
        ),
    ]
}
