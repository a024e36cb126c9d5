//! The organisation's standard against the ways to slip past it, with forged and correctly signed requests.
//! Every case says what the policy allows and a request that must not get through.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;
#[path = "support/samples.rs"]
mod samples;

use csrlint::report::Report;
use forge::Csr;
use forge::csr::{HOST, good, server_extensions};
use forge::der::{
    self, atv, bmp, cat, dns, email, ext_key_usage, extension, ia5, implicit, ip, key_usage, names, octets, printable,
    rdn, seq, typed_rdn, uri, utf8,
};
use forge::keys;

/// Lints a request under `rules: { RULE: { with: WITH } }`.
fn judge(rule: &str, with: &str, csr: &Csr) -> Report {
    let policy = format!("version: 1\nrules:\n  {rule}:\n    with: {with}\n");
    let engine = lint::policy(&policy).unwrap_or_else(|errors| panic!("{policy}: {errors:?}"));
    let report = lint::files(&engine, &[("web.csr", csr.pem().as_bytes())]);
    assert_eq!(report.summary.requests, 1, "{}", lint::told(&report));
    report
}

#[track_caller]
fn denied(rule: &str, with: &str, csr: &Csr) -> Report {
    let report = judge(rule, with, csr);
    assert!(lint::rules(&report).contains(&rule), "{with} lets it through:\n{}\n{}", csr.pem(), lint::told(&report));
    assert_eq!(report.exit_code(), 1);
    report
}

#[track_caller]
fn passed(rule: &str, with: &str, csr: &Csr) {
    let report = judge(rule, with, csr);
    assert!(!lint::rules(&report).contains(&rule), "{with} refuses it:\n{}", lint::told(&report));
}

/// Not what it seems to be: if the policy has no word for it, the form of it is an error all the same.
#[track_caller]
fn never_clean(rule: &str, with: &str, csr: &Csr) {
    let report = judge(rule, with, csr);
    let told = |finding: &csrlint::report::Finding| finding.severity == csrlint::catalogue::Severity::Error;
    assert!(report.findings.iter().any(told), "{with} lets it through:\n{}\n{}", csr.pem(), lint::told(&report));
}

/// The places of the rule's findings.
fn at(report: &Report, rule: &str) -> Vec<String> {
    report.findings.iter().filter(|finding| finding.rule.id == rule).map(|finding| finding.place.clone()).collect()
}

// --- san/name-policy

const NAMES: &str = "san/name-policy";
const OURS: &str = "{ dns: { allow: [acme.example, \"**.acme.example\"] }, other: deny }";

fn asks(names: &[Vec<u8>]) -> Csr {
    samples::with_names(names)
}

fn asks_dns(name: &str) -> Csr {
    asks(&[dns(name)])
}

#[test]
fn names_of_ours_pass() {
    for name in [
        "acme.example",
        "www.acme.example",
        "a.b.acme.example",
        "WWW.Acme.EXAMPLE",
        "xn--bcher-kva.acme.example",
        "*.acme.example",
        "_srv.acme.example",
        "*.a.acme.example",
    ] {
        passed(NAMES, OURS, &asks_dns(name));
    }
}

#[test]
fn names_that_only_look_like_ours_are_denied() {
    for name in [
        "acme.example.evil.example",
        "evil-acme.example",
        "evilacme.example",
        "acme.example.",
        "www.acme.example.",
        ".acme.example",
        "www..acme.example",
        " www.acme.example",
        "www.acme.example ",
        "www.acme.example\n",
        "www.acme.example\0.evil.example",
        "evil.example\0.acme.example",
        "evil.example/.acme.example",
        "evil.example#.acme.example",
        "evil.example,.acme.example",
        "user@www.acme.example",
        "evil.example?.acme.example",
        "evil.example:443.acme.example",
        "w*.acme.example",
        "*w.acme.example",
        "w*w.acme.example",
        "**.acme.example",
        "www.*.example",
        "*",
        "*.example",
        "",
        "xn--cme-7ed.example",
        "www.xn--cme-7ed.example",
    ] {
        let report = denied(NAMES, OURS, &asks_dns(name));
        assert_eq!(at(&report, NAMES), ["san[0]"], "{name:?}");
    }
}

#[test]
fn every_name_is_judged_wherever_it_stands() {
    let report = denied(
        NAMES,
        OURS,
        &asks(&[dns("www.acme.example"), dns("evil.example"), dns("acme.example"), dns("EVIL.example")]),
    );
    assert_eq!(at(&report, NAMES), ["san[1]", "san[3]"]);
}

#[test]
fn lookalikes_in_utf_8_are_denied() {
    // Cyrillic a, full-width letters, a dotless i, a zero width space, an ideographic full stop, the U-label of a name of ours.
    for name in [
        "\u{430}cme.example",
        "www.\u{430}cme.example",
        "\u{ff41}cme.example",
        "acme.example\u{200b}",
        "www\u{3002}acme.example",
        "acme.ex\u{e4}mple",
        "b\u{fc}cher.acme.example",
    ] {
        denied(NAMES, OURS, &asks_dns(name));
    }
}

#[test]
fn u_labels_of_a_policy_are_a_labels_of_requests() {
    for pattern in ["b\u{fc}cher.example", "B\u{dc}CHER.example", "xn--bcher-kva.example", "XN--BCHER-KVA.example"] {
        let with = format!("{{ dns: {{ allow: [\"{pattern}\"] }} }}");
        passed(NAMES, &with, &asks_dns("xn--bcher-kva.example"));
        passed(NAMES, &with, &asks_dns("XN--BCHER-KVA.EXAMPLE"));
        denied(NAMES, &with, &asks_dns("bcher.example"));
        denied(NAMES, &with, &asks_dns("xn--bcher-kvb.example"));
        let with = format!("{{ dns: {{ deny: [\"{pattern}\"] }} }}");
        denied(NAMES, &with, &asks_dns("xn--bcher-kva.example"));
        denied(NAMES, &with, &asks_dns("xn--Bcher-KVA.example."));
    }
}

const SECRET: &str = "{ dns: { deny: [secret.acme.example, \"**.internal.acme.example\"] } }";

#[test]
fn denied_names_are_denied_in_disguise() {
    for name in [
        "secret.acme.example",
        "SECRET.acme.example",
        "secret.acme.example.",
        "secret.acme.example..",
        " secret.acme.example",
        "*.acme.example",
        "*.ACME.example.",
        "db.internal.acme.example",
        "a.b.internal.acme.example",
        "*.internal.acme.example",
        "*.b.internal.acme.example",
        "DB.Internal.Acme.Example.",
    ] {
        denied(NAMES, SECRET, &asks_dns(name));
    }
    for name in [
        "www.acme.example",
        "secrets.acme.example",
        "internal.acme.example",
        "*.www.acme.example",
        "secret.acme.example.org",
    ] {
        passed(NAMES, SECRET, &asks_dns(name));
    }
}

#[test]
fn partial_wildcards_that_cover_a_denied_name_are_denied() {
    for name in ["s*.acme.example", "*t.acme.example", "sec*et.acme.example", "secre*.acme.example."] {
        denied(NAMES, SECRET, &asks_dns(name));
    }
}

#[test]
fn a_name_with_a_nul_or_a_blank_inside_is_never_clean() {
    // Programs in C stop at the NUL, so that the name would be the denied one.
    for name in [
        "secret.acme.example\0.evil.example",
        "secret.acme.example\0",
        "secret.acme.example\n",
        "sec\u{ad}ret.acme.example",
    ] {
        let report = judge(NAMES, SECRET, &asks_dns(name));
        assert_eq!(report.exit_code(), 1, "{name:?} is clean");
    }
}

#[test]
fn wildcards_are_denied_as_a_kind() {
    let with = "{ dns: { allow: [\"**.acme.example\"], wildcard: deny } }";
    passed(NAMES, with, &asks_dns("www.acme.example"));
    for name in ["*.acme.example", "w*.acme.example", "www.*.acme.example", "*", "*.*.acme.example"] {
        denied(NAMES, with, &asks_dns(name));
    }
}

#[test]
fn a_star_of_a_pattern_is_one_label() {
    let with = "{ dns: { allow: [\"*.acme.example\"] } }";
    passed(NAMES, with, &asks_dns("www.acme.example"));
    for name in ["a.b.acme.example", "acme.example", ".acme.example"] {
        denied(NAMES, with, &asks_dns(name));
    }
}

#[test]
fn a_regular_expression_matches_the_whole_name() {
    let with = "{ dns: { allow: [\"regex:www[0-9]\\\\.acme\\\\.example\"] } }";
    passed(NAMES, with, &asks_dns("www1.acme.example"));
    for name in [
        "xwww1.acme.example",
        "www1.acme.example.evil.example",
        "www1.acme.example\n",
        "www1.acme.example\nx",
        "www1xacme.example",
        "www1.acme.example.",
    ] {
        denied(NAMES, with, &asks_dns(name));
    }
    let with = "{ dns: { deny: [\"regex:secret.*\"] } }";
    for name in ["secret.acme.example", "SECRET.acme.example", "secret.acme.example.", "secret\nx.acme.example"] {
        denied(NAMES, with, &asks_dns(name));
    }
}

#[test]
fn an_undecodable_name_is_none_of_the_allowed_ones() {
    let broken = [
        implicit(2, &[0xFF, 0xFE]),
        ip(&[10, 0, 0]),
        ip(&[10, 0, 0, 1, 255, 255, 255, 0]),
        ip(&[]),
        der::tlv(0xA4, &[0x30, 0x80]),
        der::tlv(0xA0, &[]),
        der::tlv(0x0C, b"www.acme.example"),
        der::tlv(0xA9, b""),
    ];
    for name in broken {
        let report = denied(NAMES, OURS, &asks(&[dns("www.acme.example"), name.clone()]));
        assert!(at(&report, NAMES).contains(&"san[1]".to_owned()), "{name:02x?}: {}", lint::told(&report));
        never_clean(NAMES, "{ dns: { deny: [evil.example] } }", &asks(&[name]));
    }
}

#[test]
fn a_registered_id_that_is_no_oid_is_undecodable() {
    for content in [&[0x80][..], &[], &[0x2A, 0x86], &[0x2A, 0x80, 0x01]] {
        never_clean(NAMES, "{ dns: { deny: [evil.example] } }", &asks(&[implicit(8, content)]));
    }
}

#[test]
fn an_undecodable_extension_is_not_allowed() {
    let broken: [&[u8]; 5] = [b"", &[0x30], &[0x04, 0x00], &[0x30, 0x20, 0x82, 0x01], &[0x82, 0x0C, b'a']];
    for value in broken {
        let csr = good().san_extension(extension(der::SAN, false, value));
        denied(NAMES, OURS, &csr);
        denied(NAMES, "{ other: deny }", &csr);
        never_clean(NAMES, "{ dns: { deny: [evil.example] } }", &csr);
    }
}

fn evil() -> Vec<u8> {
    der::san(&[dns("evil.example")])
}

#[test]
fn names_in_every_container_are_judged() {
    let [mine, evil] = [der::san(&[dns("www.acme.example")]), evil()];
    let one = |extensions: &[Vec<u8>]| der::tlv(0x30, &extensions.concat());
    let request = |extension: &Vec<u8>| der::extension_request(std::slice::from_ref(extension));
    let csrs = [
        ("a second SAN in the same request", good().extensions(&[mine.clone(), evil.clone()])),
        ("a second extensionRequest", good().attribute_list(&[request(&mine), request(&evil)])),
        ("a second extensionRequest before it", good().attribute_list(&[request(&evil), request(&mine)])),
        (
            "a second value of extensionRequest",
            good().attribute_list(&[der::attribute(
                der::EXTENSION_REQUEST,
                &[&one(std::slice::from_ref(&mine)), &one(std::slice::from_ref(&evil))],
            )]),
        ),
        (
            "Microsoft's container beside it",
            good().attribute_list(&[
                request(&mine),
                der::attribute(der::MS_EXTENSIONS, &[&one(std::slice::from_ref(&evil))]),
            ]),
        ),
        (
            "Microsoft's container alone",
            good().attribute_list(&[der::attribute(der::MS_EXTENSIONS, &[&one(std::slice::from_ref(&evil))])]),
        ),
        ("a constructed OCTET STRING", good().extensions(&[mine.clone(), constructed(&evil)])),
        ("critical", good().extensions(&[extension(der::SAN, true, &der::general_names(&[dns("evil.example")]))])),
        ("behind an unknown extension", good().extensions(&[extension("1.2.3.4", false, b"x"), evil.clone()])),
    ];
    for (what, csr) in csrs {
        let report = judge(NAMES, OURS, &csr);
        assert!(lint::rules(&report).contains(&NAMES), "{what}: {}", lint::told(&report));
    }
}

/// The same extension with its value as a constructed OCTET STRING of two parts.
fn constructed(san: &[u8]) -> Vec<u8> {
    let value = &san[11..];
    let parts = der::tlv(0x24, &cat(&[&octets(&value[..4]), &octets(&value[4..])]));
    seq(&[&der::oid(der::SAN), &parts])
}

#[test]
fn types_that_are_not_listed_follow_other() {
    let upn = der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8("admin@evil.example"));
    let kinds = [
        uri("spiffe://evil.example/x"),
        email("admin@evil.example"),
        ip(&[10, 0, 0, 1]),
        ip(&der::hex("fe800000000000000000000000000001")),
        upn,
        der::directory_name(&der::name(&[("CN", "admin")])),
        der::registered_id("1.2.3.4"),
        der::context(3, &seq(&[])),
        der::context(5, &der::context(1, &utf8("x"))),
    ];
    for kind in kinds {
        let csr = asks(&[dns("www.acme.example"), kind]);
        denied(NAMES, OURS, &csr);
        passed(NAMES, "{ dns: { allow: [\"**.acme.example\"] }, other: allow }", &csr);
    }
}

#[test]
fn addresses_are_held_against_blocks() {
    let ten = "{ ip: { allow: [10.0.0.0/8, \"2001:db8::/32\"] } }";
    passed(NAMES, ten, &asks(&[ip(&[10, 255, 0, 1])]));
    passed(NAMES, ten, &asks(&[ip(&der::hex("20010db8000000000000000000000001"))]));
    for address in [
        "0b000001",
        "09ffffff",
        "20010db9000000000000000000000001",
        "00000000000000000000ffff0a000001",
        "0000000000000000000000000a000001",
    ] {
        denied(NAMES, ten, &asks(&[ip(&der::hex(address))]));
    }
    let no_ten = "{ ip: { deny: [10.0.0.0/8] } }";
    // An IPv4-mapped address is the IPv4 address to most programs.
    for address in ["0a000001", "00000000000000000000ffff0a000001"] {
        denied(NAMES, no_ten, &asks(&[ip(&der::hex(address))]));
    }
    passed(NAMES, no_ten, &asks(&[ip(&[11, 0, 0, 1])]));
    denied(NAMES, "{ ip: { deny: true } }", &asks(&[ip(&[1, 2, 3, 4])]));
    // An address written as a DNS name is no way around it.
    let report = judge(NAMES, "{ ip: { deny: true } }", &asks_dns("10.0.0.1"));
    assert_eq!(report.exit_code(), 1, "{}", lint::told(&report));
}

#[test]
fn other_kinds_have_lists_of_their_own() {
    for (with, good_name, bad_name) in [
        (
            "{ email: { allow: [\"*@acme.example\"] } }",
            email("ada@acme.example"),
            email("ada@acme.example.evil.example"),
        ),
        (
            "{ uri: { allow: [\"spiffe://acme.example/*\"] } }",
            uri("spiffe://acme.example/ns/a"),
            uri("spiffe://acme.example.evil.example/ns/a"),
        ),
        ("{ uri: { deny: [\"http://*\"] } }", uri("urn:x:y"), uri("HTTP://acme.example/")),
        (
            "{ rid: { allow: [\"1.3.6.1.4.1.32473.*\"] } }",
            der::registered_id("1.3.6.1.4.1.32473.1"),
            der::registered_id("1.3.6.1.4.1.324.1"),
        ),
        (
            "{ dirname: { allow: [\"CN=device *\"] } }",
            der::directory_name(&der::name(&[("CN", "device 7")])),
            der::directory_name(&der::name(&[("CN", "admin")])),
        ),
        (
            "{ othername: { allow: [\"*:*@acme.example\"] } }",
            der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8("ada@acme.example")),
            der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8("ada@evil.example")),
        ),
    ] {
        passed(NAMES, with, &asks(std::slice::from_ref(&good_name)));
        denied(NAMES, with, &asks(std::slice::from_ref(&bad_name)));
        denied(NAMES, with, &asks(&[good_name, bad_name]));
    }
}

#[test]
fn kinds_are_required_and_counted() {
    let none = good().extensions(&server_extensions()[1..]);
    denied(NAMES, "{ dns: { require: true } }", &none);
    denied(NAMES, "{ dns: { require: true } }", &asks(&[ip(&[10, 0, 0, 1])]));
    denied(NAMES, "{ uri: { require: true } }", &asks_dns(HOST));
    passed(NAMES, "{ dns: { require: true } }", &asks_dns(HOST));
    passed(NAMES, "{ max: 2 }", &asks(&[dns("a.example"), dns("b.example")]));
    denied(NAMES, "{ max: 2 }", &asks(&[dns("a.example"), dns("b.example"), dns("c.example")]));
    // Over all containers together.
    let two = good().extensions(&[der::san(&[dns("a.example")]), der::san(&[dns("b.example")])]);
    denied(NAMES, "{ max: 1 }", &two);
}

/// Twenty-five findings of a rule on one request are kept; the others must not be forgotten.
#[test]
fn many_bad_names_are_all_counted() {
    let many: Vec<Vec<u8>> = (0..60).map(|number| dns(&format!("evil{number}.example"))).collect();
    let report = denied(NAMES, OURS, &asks(&many));
    let last = report.findings.iter().rfind(|finding| finding.rule.id == NAMES).expect("a finding");
    assert!(last.message.contains("35 more"), "{}", last.message);
}

/// Clients that look at common names still exist; a name only there is not clean either.
#[test]
fn a_second_common_name_is_never_clean() {
    let subject = der::name(&[("CN", "www.acme.example"), ("CN", "evil.example")]);
    let csr = asks_dns("www.acme.example").subject(subject);
    assert_eq!(judge(NAMES, OURS, &csr).exit_code(), 1);
}

// --- subject/attribute-policy

const SUBJECT: &str = "subject/attribute-policy";
const ACME: &str = "{ CN: { allow: [\"*.acme.example\"] }, O: { require: true, allow: [Acme Corp] }, C: { allow: [DE, US] }, other: deny }";

fn is(rdns: &[Vec<u8>]) -> Csr {
    good().subject(names(rdns))
}

fn corp() -> Vec<u8> {
    typed_rdn("O", &utf8("Acme Corp"))
}

fn host() -> Vec<u8> {
    typed_rdn("CN", &utf8("www.acme.example"))
}

#[test]
fn our_subject_passes() {
    passed(SUBJECT, ACME, &is(&[typed_rdn("C", &printable("DE")), corp(), host()]));
    passed(SUBJECT, ACME, &is(&[corp()]));
    // The string type is another rule's business.
    for value in [
        printable("Acme Corp"),
        bmp("Acme Corp"),
        ia5("Acme Corp"),
        der::tlv(0x14, b"Acme Corp"),
        der::tlv(0x1C, &"Acme Corp".chars().flat_map(|c| u32::from(c).to_be_bytes()).collect::<Vec<u8>>()),
    ] {
        passed(SUBJECT, ACME, &is(&[typed_rdn("O", &value), host()]));
    }
}

#[test]
fn values_that_only_look_like_ours_are_denied() {
    for value in [
        "acme corp",
        "ACME CORP",
        "Acme  Corp",
        " Acme Corp",
        "Acme Corp ",
        "Acme\u{a0}Corp",
        "Acme\tCorp",
        "Acme Corp\0",
        "Acme Corp\n",
        "Acme Corp\u{200b}",
        "\u{410}cme Corp",
        "Acme \u{421}orp",
        "Acme Corp, Evil Corp",
        "",
        "Acme Corp.",
    ] {
        denied(SUBJECT, ACME, &is(&[typed_rdn("O", &utf8(value)), host()]));
    }
}

#[test]
fn every_value_of_an_attribute_is_judged() {
    let evil_name = typed_rdn("CN", &utf8("evil.example"));
    let evil_corp = typed_rdn("O", &utf8("Evil Corp"));
    for rdns in [
        vec![corp(), host(), evil_name.clone()],
        vec![corp(), evil_name, host()],
        vec![corp(), evil_corp.clone(), host()],
        vec![evil_corp, corp(), host()],
        // In one RDN with others, before and behind.
        vec![corp(), rdn(&[&atv("2.5.4.3", &utf8("www.acme.example")), &atv("2.5.4.3", &utf8("evil.example"))])],
        vec![corp(), rdn(&[&atv("2.5.4.6", &printable("DE")), &atv("2.5.4.3", &utf8("evil.example"))])],
        vec![corp(), host(), rdn(&[&atv("2.5.4.3", &utf8("api.acme.example")), &atv("2.5.4.11", &utf8("Evil"))])],
    ] {
        denied(SUBJECT, ACME, &is(&rdns));
    }
}

#[test]
fn undecodable_values_are_none_of_the_allowed_ones() {
    for value in [
        der::tlv(0x0C, &[0xFF, 0xFE]),
        der::tlv(0x1E, b"odd"),
        der::tlv(0x1E, &[0xD8, 0x00]),
        der::tlv(0x1C, &[0, 0x11, 0, 0]),
        der::tlv(0x13, &[0xC3, 0xA9]),
        der::tlv(0x04, b"Acme Corp"),
        der::tlv(0x30, &utf8("Acme Corp")),
        der::int(5),
        der::null(),
    ] {
        let report = denied(SUBJECT, ACME, &is(&[typed_rdn("O", &value), host()]));
        assert!(at(&report, SUBJECT).contains(&"subject.O".to_owned()), "{value:02x?}: {}", lint::told(&report));
        denied(SUBJECT, "{ O: { deny: [Evil Corp] } }", &is(&[typed_rdn("O", &value), host()]));
        denied(SUBJECT, "{ O: { max-length: 64 } }", &is(&[typed_rdn("O", &value), host()]));
    }
}

#[test]
fn a_value_in_an_odd_encoding_is_never_clean() {
    // A constructed string, a length that is longer than it needs to be, an indefinite one.
    for value in [
        der::tlv(0x2C, &utf8("Acme Corp")),
        der::tlv_long_length(0x0C, b"Acme Corp"),
        der::tlv_indefinite(0x2C, &utf8("Acme Corp")),
    ] {
        never_clean(SUBJECT, ACME, &is(&[typed_rdn("O", &value), host()]));
    }
}

#[test]
fn an_undecodable_subject_does_not_meet_the_policy() {
    for subject in [der::tlv(0x30, &[0x31]), der::tlv(0x30, &utf8("CN=x")), der::tlv(0x30, &der::set(&[&utf8("x")]))] {
        let policy = format!("version: 1\nrules:\n  {SUBJECT}:\n    with: {ACME}\n");
        let engine = lint::policy(&policy).expect("a policy");
        let report = lint::files(&engine, &[("web.csr", good().subject(subject.clone()).pem().as_bytes())]);
        assert_eq!(report.exit_code(), 1, "{subject:02x?}: {}", lint::told(&report));
    }
}

#[test]
fn denied_values_are_denied_in_disguise() {
    let with = "{ O: { deny: [Evil Corp, \"*Bank*\"] } }";
    for value in [
        "Evil Corp",
        "EVIL CORP",
        "evil  corp",
        " Evil Corp ",
        "Evil\tCorp",
        "Evil\u{200b} Corp",
        "Evil\u{ad} Corp",
        "Evil Corp\n",
        "My BANK plc",
        "Bank",
    ] {
        denied(SUBJECT, with, &is(&[typed_rdn("O", &utf8(value))]));
        denied(SUBJECT, with, &is(&[corp(), typed_rdn("O", &bmp(value))]));
    }
    passed(SUBJECT, with, &is(&[corp()]));
}

#[test]
fn denied_values_are_denied_with_characters_nobody_sees() {
    let with = "{ O: { deny: [Evil Corp] } }";
    for value in ["Evil\u{a0}Corp", "Evil Corp\0", "\0Evil Corp", "Evil\0 Corp", "Evil\u{8} Corp", "\u{ff25}vil Corp"] {
        denied(SUBJECT, with, &is(&[typed_rdn("O", &utf8(value))]));
    }
}

#[test]
fn attributes_that_are_not_listed_follow_other() {
    for kind in ["OU", "L", "ST", "E", "DC", "UID", "serialNumber", "1.2.3.4.5", "2.5.4.97", "1.3.6.1.4.1.311.60.2.1.3"]
    {
        let value = if matches!(kind, "E" | "DC") { ia5("x") } else { utf8("x") };
        let csr = is(&[corp(), host(), typed_rdn(kind, &value)]);
        let report = denied(SUBJECT, ACME, &csr);
        assert_eq!(at(&report, SUBJECT).len(), 1, "{kind}: {}", lint::told(&report));
        passed(SUBJECT, "{ O: { allow: [Acme Corp] }, other: allow }", &csr);
    }
}

#[test]
fn attributes_are_required_denied_counted_and_measured() {
    denied(SUBJECT, "{ O: { require: true } }", &is(&[host()]));
    denied(SUBJECT, "{ O: { require: true } }", &is(&[]));
    denied(SUBJECT, "{ OU: { deny: true } }", &is(&[corp(), typed_rdn("OU", &utf8("x"))]));
    denied(
        SUBJECT,
        "{ OU: { deny: true } }",
        &is(&[corp(), rdn(&[&atv("2.5.4.11", &utf8("x")), &atv("2.5.4.3", &utf8("y"))])]),
    );
    denied(SUBJECT, "{ CN: { max: 1 } }", &is(&[host(), host()]));
    denied(SUBJECT, "{ CN: { max: 1 } }", &is(&[rdn(&[&atv("2.5.4.3", &utf8("a")), &atv("2.5.4.3", &utf8("b"))])]));
    passed(SUBJECT, "{ CN: { max: 1 } }", &is(&[host()]));
    denied(SUBJECT, "{ CN: { max-length: 3 } }", &is(&[typed_rdn("CN", &utf8("abcd"))]));
    // Characters, not bytes.
    passed(SUBJECT, "{ CN: { max-length: 3 } }", &is(&[typed_rdn("CN", &utf8("\u{e4}\u{1F600}\u{fc}"))]));
}

#[test]
fn spellings_of_attributes_are_one() {
    for spelling in ["O", "organization", "organizationName", "2.5.4.10"] {
        denied(
            SUBJECT,
            &format!("{{ \"{spelling}\": {{ allow: [Acme Corp] }} }}"),
            &is(&[typed_rdn("O", &utf8("Evil Corp"))]),
        );
    }
    for spelling in ["CN", "commonName"] {
        denied(SUBJECT, &format!("{{ {spelling}: {{ deny: true }} }}"), &is(&[host()]));
    }
}

// --- key/not-allowed

const KEY: &str = "key/not-allowed";
const KEYS: &str =
    "{ rsa: { sizes: [2048, 3072] }, ec: { curves: [P-256, P-384] }, ed25519: { allow: true }, other: deny }";

#[test]
fn listed_keys_pass() {
    for key in [keys::rsa2048(), keys::rsa(3072, 65537), keys::p256(), keys::ec("P-384"), keys::ed25519()] {
        passed(KEY, KEYS, &Csr::new(key));
    }
}

#[test]
fn other_keys_are_denied() {
    for key in [
        keys::rsa(1024, 65537),
        keys::rsa(4096, 65537),
        keys::rsa(2047, 65537),
        keys::ec("P-521"),
        keys::ec("secp256k1"),
        keys::ec("brainpoolP256r1"),
        keys::ml_dsa(65),
    ] {
        denied(KEY, KEYS, &Csr::new(key));
    }
}

/// The curve is P-256 in all but its name: its parameters are written out, or a generator of the attacker's stands in them.
#[test]
fn explicit_parameters_are_no_listed_curve() {
    let key = keys::ec("P-384");
    let explicit = forge::forged::explicit_curve(key);
    denied(KEY, KEYS, &Csr::new(key).spki(explicit));
    let algorithm = |parameters: &[u8]| der::spki(&der::algorithm(keys::EC_PUBLIC_KEY, parameters), &keys::p256().raw);
    for parameters in [vec![], der::null(), der::oid("1.2.3.4.5"), seq(&[]), der::tlv(0x06, &[])] {
        denied(KEY, KEYS, &good().spki(algorithm(&parameters)));
    }
}

#[test]
fn unknown_and_undecodable_keys_are_denied() {
    let spki = |oid: &str, parameters: &[u8], key: &[u8]| der::spki(&der::algorithm(oid, parameters), key);
    let rsa = &keys::rsa2048().raw;
    for spki in [
        spki("1.2.3.4.5", &[], b"key"),
        spki("1.2.3.4.5", &der::null(), rsa),
        spki("1.3.101.110", &[], &[9; 32]),
        spki("1.3.101.113", &[], &[9; 57]),
        spki("1.2.840.10040.4.1", &der::null(), &der::int(5)),
        spki(keys::RSA_ENCRYPTION, &der::null(), b"no key"),
        spki(keys::RSA_ENCRYPTION, &der::null(), b""),
        spki(keys::RSA_ENCRYPTION, &der::null(), &seq(&[&der::int(5)])),
        seq(&[]),
        seq(&[&der::algorithm(keys::RSA_ENCRYPTION, &der::null())]),
        seq(&[&der::oid(keys::RSA_ENCRYPTION), &der::bits(rsa)]),
    ] {
        let report = denied(KEY, KEYS, &good().spki(spki.clone()));
        assert!(report.findings.iter().all(|finding| !finding.message.is_empty()), "{spki:02x?}");
    }
}

#[test]
fn an_undecodable_key_is_denied_whatever_follows_other() {
    let broken = der::spki(&der::algorithm(keys::RSA_ENCRYPTION, &der::null()), b"no key");
    denied(KEY, "{ rsa: { min: 2048 }, other: allow }", &good().spki(broken));
    denied(KEY, "{ rsa: { min: 2048 }, other: allow }", &good().spki(seq(&[])));
}

#[test]
fn sizes_are_counted_in_bits_and_not_in_octets() {
    let with = "{ rsa: { min: 2048 } }";
    denied(KEY, with, &Csr::new(keys::rsa(2047, 65537)));
    denied(KEY, with, &Csr::new(keys::rsa(2041, 65537)));
    passed(KEY, with, &Csr::new(keys::rsa2048()));
    // Zeros in front of a short modulus.
    let short = keys::rsa(1024, 65537);
    let mut padded = vec![0; 130];
    padded.extend(short.rsa().n.to_bytes_be());
    let key = seq(&[&der::tlv(0x02, &padded), &der::int(65537)]);
    denied(KEY, with, &Csr::new(short).spki(der::spki(&der::algorithm(keys::RSA_ENCRYPTION, &der::null()), &key)));
}

#[test]
fn parameter_sets_are_listed() {
    let with = "{ ml-dsa: { parameter-sets: [ML-DSA-65] } }";
    passed(KEY, with, &Csr::new(keys::ml_dsa(65)));
    denied(KEY, with, &Csr::new(keys::ml_dsa(44)));
    denied(KEY, with, &Csr::new(keys::ml_dsa(87)));
    denied(KEY, "{ ml-dsa: { allow: false }, other: allow }", &Csr::new(keys::ml_dsa(65)));
}

// --- extension/usage-policy

const USAGE: &str = "extension/usage-policy";
const USAGES: &str =
    "{ key-usage: { allow: [digitalSignature] }, extended-key-usage: { allow: [serverAuth] }, ca: deny }";
const SERVER: &str = "1.3.6.1.5.5.7.3.1";
const CODE: &str = "1.3.6.1.5.5.7.3.3";

fn wants(extensions: &[Vec<u8>]) -> Csr {
    let mut all = vec![server_extensions()[0].clone()];
    all.extend_from_slice(extensions);
    good().extensions(&all)
}

#[test]
fn listed_usages_pass() {
    passed(USAGE, USAGES, &good());
    passed(USAGE, USAGES, &wants(&[]));
}

#[test]
fn other_usages_are_denied() {
    for extensions in [
        vec![key_usage(&[0, 2])],
        vec![key_usage(&[5])],
        vec![key_usage(&[8])],
        vec![ext_key_usage(&[SERVER, CODE])],
        vec![ext_key_usage(&[CODE])],
        vec![ext_key_usage(&["1.2.3.4.5"])],
        vec![ext_key_usage(&["2.5.29.37.0"])],
        vec![der::basic_constraints(None)],
        vec![der::basic_constraints(Some(0))],
    ] {
        denied(USAGE, USAGES, &wants(&extensions));
    }
}

#[test]
fn usages_in_every_extension_are_judged() {
    let ms = |extension: Vec<u8>| der::attribute(der::MS_EXTENSIONS, &[&der::tlv(0x30, &extension)]);
    for csr in [
        wants(&[key_usage(&[0]), key_usage(&[5])]),
        wants(&[key_usage(&[5]), key_usage(&[0])]),
        wants(&[ext_key_usage(&[SERVER]), ext_key_usage(&[CODE])]),
        good().and_attributes(&[ms(key_usage(&[5]))]),
        good().and_attributes(&[ms(ext_key_usage(&[CODE]))]),
        good().and_attributes(&[ms(der::basic_constraints(None))]),
        good().and_attributes(&[der::extension_request(&[ext_key_usage(&[CODE])])]),
        wants(&[extension(der::BASIC_CONSTRAINTS, false, &seq(&[])), der::basic_constraints(None)]),
    ] {
        denied(USAGE, USAGES, &csr);
    }
}

#[test]
fn undecodable_usages_do_not_meet_the_policy() {
    let broken: [(&str, Vec<u8>); 8] = [
        (der::EXT_KEY_USAGE, vec![]),
        (der::EXT_KEY_USAGE, seq(&[&der::oid(SERVER), &utf8("codeSigning")])),
        (der::EXT_KEY_USAGE, der::oid(CODE)),
        (der::EXT_KEY_USAGE, vec![0x30, 0x7F, 0x06, 0x01]),
        (der::KEY_USAGE, vec![]),
        (der::KEY_USAGE, vec![0x03, 0x00]),
        (der::KEY_USAGE, der::int(5)),
        (der::BASIC_CONSTRAINTS, seq(&[&utf8("x")])),
    ];
    for (oid, value) in broken {
        let report = denied(USAGE, USAGES, &wants(&[extension(oid, false, &value)]));
        assert!(!at(&report, USAGE).is_empty(), "{oid} {value:02x?}");
    }
    never_clean(USAGE, USAGES, &wants(&[extension(der::BASIC_CONSTRAINTS, false, &[0x30, 0x05, 0x01])]));
}

#[test]
fn a_ca_is_a_ca_however_true_is_written() {
    for flag in [0x01, 0x80, 0xFE] {
        denied(
            USAGE,
            "{ ca: deny }",
            &wants(&[extension(der::BASIC_CONSTRAINTS, true, &seq(&[&der::tlv(0x01, &[flag])]))]),
        );
    }
    passed(USAGE, "{ ca: deny }", &wants(&[extension(der::BASIC_CONSTRAINTS, true, &seq(&[]))]));
}

#[test]
fn usages_are_required_and_denied() {
    denied(USAGE, "{ key-usage: { require: [keyAgreement] } }", &good());
    denied(USAGE, "{ key-usage: { require: [digitalSignature] } }", &wants(&[]));
    denied(USAGE, "{ key-usage: { deny: [digitalSignature] } }", &good());
    denied(USAGE, "{ extended-key-usage: { require: [clientAuth] } }", &good());
    denied(USAGE, "{ extended-key-usage: { deny: [serverAuth] } }", &good());
    denied(USAGE, "{ extended-key-usage: { deny: [\"1.3.6.1.5.5.7.3.1\"] } }", &good());
    denied(USAGE, "{ extensions: { allow: [keyUsage, subjectAltName] } }", &good());
    denied(USAGE, "{ extensions: { deny: [extendedKeyUsage] } }", &good());
    denied(USAGE, "{ extensions: { require: [basicConstraints] } }", &good());
    denied(
        USAGE,
        "{ extensions: { allow: [keyUsage, subjectAltName, extendedKeyUsage] } }",
        &wants(&[extension("1.2.3.4.5", false, b"x")]),
    );
}

/// anyExtendedKeyUsage asks for every purpose there is (RFC 5280 section 4.2.1.12).
#[test]
fn any_purpose_is_every_denied_purpose() {
    denied(USAGE, "{ extended-key-usage: { deny: [codeSigning] } }", &wants(&[ext_key_usage(&["2.5.29.37.0"])]));
}

/// AD CS clients honour application policies in place of the extended key usage (CVE-2024-49019).
#[test]
fn application_policies_are_purposes() {
    let policies = seq(&[&seq(&[&der::oid(CODE)])]);
    denied(USAGE, USAGES, &wants(&[extension("1.3.6.1.4.1.311.21.10", false, &policies)]));
}

// --- signature/hash-not-allowed

#[test]
fn hashes_are_listed() {
    use forge::sign::{Hash, Sig};
    let rule = "signature/hash-not-allowed";
    denied(rule, "{ allow: [sha384, sha512] }", &good());
    passed(rule, "{ allow: [sha256] }", &good());
    denied(rule, "{ deny: [sha256] }", &good());
    denied(rule, "{ deny: [sha256] }", &Csr::signed(keys::rsa2048(), Sig::pss(32)));
    denied(rule, "{ deny: [md5] }", &Csr::signed(keys::rsa2048(), Sig::Pkcs1(Hash::Md5)));
}
