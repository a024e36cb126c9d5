//! Names that people and machines really have: no rule of `recommended` may find anything wrong with them.
//! Beside each stands its near neighbour that is wrong.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;

use std::sync::LazyLock;

use csrlint::engine::Engine;
use csrlint::report::Report;
use forge::recipe;
use serde_json::{Value, json};

static RECOMMENDED: LazyLock<Engine> = LazyLock::new(lint::recommended);

fn under(engine: &Engine, recipe: &Value) -> Report {
    lint::files(engine, &[("web.csr", recipe::pem(recipe).as_bytes())])
}

fn rules(recipe: &Value) -> Vec<String> {
    under(&RECOMMENDED, recipe).open_findings().map(|finding| finding.rule.id.clone()).collect()
}

fn dns(name: &str) -> Value {
    let ascii = idna::domain_to_ascii(name).unwrap_or_else(|_| name.to_owned());
    json!({ "san": [format!("dns:{ascii}")] })
}

#[test]
fn domain_names_in_all_scripts_are_names() {
    for name in [
        "bücher.example.com",
        "straße.de",
        "été.fr",
        "пример.рф",
        "сор.рф",
        "ресурс.рф",
        "право.срб",
        "пошта.бг",
        "παράδειγμα.ελ",
        "例子.中国",
        "淘宝taobao.com",
        "株式会社abc.jp",
        "日本語テスト.jp",
        "한글abc.kr",
        "예시.한국",
        "مثال.السعودية",
        "דוגמה.co.il",
        "उदाहरण.भारत",
        "ตัวอย่าง.ไทย",
        "հայ.հայ",
        "www.takealot.co.za",
        "xn--bcher-kva.example.com",
        "XN--BCHER-KVA.example.com",
    ] {
        assert_eq!(rules(&dns(name)), Vec::<String>::new(), "{name}");
    }
    for (name, rule) in [
        ("pаypal.com", "san/mixed-script"),
        ("аррес.com", "san/confusable"),
        ("xn--zz--.example.com", "san/idn-invalid"),
        ("xn--abc-.example.com", "san/idn-invalid"),
    ] {
        assert!(rules(&dns(name)).contains(&rule.to_owned()), "{name}: {:?}", rules(&dns(name)));
    }
}

#[test]
fn people_and_organisations_have_such_names() {
    for subject in [
        "O=AT&T Inc.",
        "O=Tom & Jerry; Sons",
        "O=Société Générale",
        "O=Ørsted A/S",
        "O=Müller & Söhne GmbH & Co. KG",
        "O=SÃO PAULO LTDA",
        "O=日本電信電話株式会社",
        "O=Яндекс",
        "O=شرکت نمونه\u{200C}ها",
        "O=क्\u{200D}षेत्र",
        "O=Åbo Akademi",
        "O=Kraków Sp. z o.o.",
        "O=N/A Networks",
        "SN=Null",
        "SN=None",
        "GN=Unknown",
        "O=C&A",
        "O=3M",
        "O=Yahoo!",
        "O=.NET Foundation",
        "C=GB",
        "O=B&B Italia",
    ] {
        assert_eq!(rules(&json!({ "subject": [subject, "CN=shop.example.com"] })), Vec::<String>::new(), "{subject}");
    }
    for (subject, rule) in [
        ("O=Tom &amp; Jerry", "subject/html-entity"),
        ("O=MÃ¼ller GmbH", "subject/mojibake"),
        ("O=MÃƒÂ¼ller", "subject/mojibake"),
        ("O=Null", "subject/placeholder-value"),
        ("GN=-", "subject/placeholder-value"),
        ("L=.", "subject/placeholder-value"),
        ("O=a\u{200D}b", "subject/invisible-character"),
        ("C=uk", "subject/country-code"),
    ] {
        let found = rules(&json!({ "subject": [subject, "CN=shop.example.com"] }));
        assert!(found.contains(&rule.to_owned()), "{subject}: {found:?}");
    }
}

#[test]
fn names_of_other_forms_are_in_order() {
    for name in [
        "email:a+b@mail.example.com",
        "email:\"a b\"@example.com",
        "email:o'neil@example.com",
        "uri:sip:ada@example.com",
        "uri:ldap://ldap.example.com/dc=example,dc=com?cn",
        "uri:urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427",
        "uri:https://example.com:8443/a?b=c",
        "uri:spiffe://acme.example/ns/a/sa/b",
        "uri:tag:example.com,2022:x",
        "ip:2001:db8::1",
        "ip:10.0.0.1",
        "upn:ada@corp.local",
        "smtp-utf8:jürgen@example.com",
        "rid:1.2.3.4",
    ] {
        assert_eq!(rules(&json!({ "san": ["dns:shop.example.com", name] })), Vec::<String>::new(), "{name}");
    }
    for (name, rule) in [
        ("email:a b@example.com", "san/email-syntax"),
        ("uri:example.com/path", "san/uri-syntax"),
        ("uri:spiffe://acme.example/a/../b", "san/spiffe-id-invalid"),
        ("smtp-utf8:ada@example.com", "san/smtp-utf8-mailbox-invalid"),
        ("dns:expyuzz4wqqyqhjn.onion", "san/onion-invalid"),
    ] {
        let found = rules(&json!({ "san": ["dns:shop.example.com", name] }));
        assert!(found.contains(&rule.to_owned()), "{name}: {found:?}");
    }
}

#[test]
fn a_ca_has_no_names_of_its_own() {
    let ca = json!({
        "subject": ["C=DE", "O=Acme", "CN=Acme CA"], "san": [], "key-usage": ["keyCertSign", "cRLSign"],
        "extended-key-usage": ["serverAuth", "clientAuth"], "basic-constraints": { "ca": true, "path-length": 0 }
    });
    assert_eq!(rules(&ca), Vec::<String>::new());
    let constraint = |text: &str| {
        let mut ca = ca.clone();
        ca["extensions"] = json!([{ "oid": "nameConstraints", "critical": true, "value": ["seq", ["ctx0", ["seq", ["prim2", text]]]] }]);
        rules(&ca)
    };
    for good in ["example.com", ".example.com", "xn--bcher-kva.example.com"] {
        assert_eq!(constraint(good), Vec::<String>::new(), "{good}");
    }
    for bad in
        ["*.example.com", "https://example.com", "example.com/path", "host:443", "@example.com", "a b.example.com"]
    {
        assert_eq!(constraint(bad), ["extension/name-constraints-invalid"], "{bad}");
    }
}

/// What is missing from a request that is cut off is missing from what is known of it.
#[test]
fn a_request_that_is_cut_off_passes_nothing() {
    let whole = recipe::csr(&json!({ "key": "rsa-2048", "subject": ["CN=shop.example.com"] })).der();
    // In the subject nothing of it is judged, and nothing of the key.
    let webpki = lint::profile("webpki-ov");
    for cut in [20, 30, 36] {
        let report = lint::files(&webpki, &[("cut.csr", &whole[..cut])]);
        let found: Vec<&str> = report.open_findings().map(|finding| finding.rule.id.as_str()).collect();
        assert!(found.iter().all(|rule| rule.starts_with("pkcs10/") || rule.starts_with("pem/")), "{cut}: {found:?}");
    }
    let report = lint::files(&RECOMMENDED, &[("cut.csr", &whole[..200])]);
    let found: Vec<&str> = report.open_findings().map(|finding| finding.rule.id.as_str()).collect();
    assert!(found.contains(&"pkcs10/truncated") && !found.contains(&"san/missing"), "{found:?}");
    let [judged] = report.judged.as_slice() else { panic!("one request") };
    let passed: Vec<_> =
        judged.outcomes.iter().filter(|(_, outcome)| *outcome == csrlint::catalogue::Outcome::Pass).collect();
    assert!(passed.is_empty(), "{passed:?}");
}

/// An expired waiver is told whatever the profile.
#[test]
fn waivers_expire_under_any_profile() {
    let policy = "version: 1\nprofiles: [webpki-dv]\nwaivers:\n  - { rule: key/rsa-too-small, files: [web.csr], reason: r, approved-by: a, expires: 2026-01-01 }\n";
    let engine = lint::policy(policy).unwrap_or_else(|_| panic!("a policy"));
    let report = under(&engine, &json!({ "key": "rsa-1024" }));
    let found: Vec<&str> = report.open_findings().map(|finding| finding.rule.id.as_str()).collect();
    assert!(found.contains(&"config/waiver-expired") && found.contains(&"key/rsa-too-small"), "{found:?}");
}

/// Labels that no DNS could hold cost no time: Punycode takes the square of their length.
#[test]
fn monstrous_labels_are_malformed_and_cheap() {
    let label = format!("xn--{}", "a".repeat(200_000));
    let found = rules(&json!({ "san": [format!("dns:{label}.example.com"), format!("email:a@{label}.com")] }));
    assert!(found.contains(&"san/dns-syntax".to_owned()), "{found:?}");
}
