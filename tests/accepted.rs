//! Findings that somebody accepted: the baseline, waivers with their terms, comments in every kind of file, and the list of all.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use forge::csr::Csr;
use forge::keys;
use run::{Sandbox, findings};
use samples::{GOOD, SHA1, WEAK};
use serde_json::Value;

const DAY: &str = "2026-06-01";

// --- the baseline

#[test]
fn a_baseline_sets_aside_what_was_there_and_nothing_else() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.run(&["baseline", "write"]).exits(0).complains("with 1 finding");
    sandbox.check(&[]).exits(1);
    let ran = sandbox.check(&["--baseline", "csrlint-baseline.json"]);
    ran.exits(0);
    assert_eq!(
        (&ran.json()["summary"]["baselined"], &ran.json()["summary"]["waived"]),
        (&Value::from(1), &Value::from(0))
    );
    assert_eq!(findings(&ran.json())[0]["waived"]["kind"], "baseline");
    sandbox.file("csrlint.yaml", "version: 1\nbaseline: csrlint-baseline.json\n").check(&[]).exits(0);
    // Another one of the same kind is new.
    sandbox.file("new.csr", Csr::new(keys::rsa(1024, 3)).pem()).check(&[]).exits(1);
    // Moved lines, line ends and re-wrapped base64 change nothing.
    std::fs::remove_file(sandbox.at("new.csr")).expect("a file");
    let base64: String = WEAK.lines().filter(|line| !line.starts_with('-')).collect();
    let wrapped: Vec<String> =
        base64.as_bytes().chunks(40).map(|part| String::from_utf8_lossy(part).into_owned()).collect();
    let text = format!(
        "a note\r\n\r\n-----BEGIN CERTIFICATE REQUEST-----\r\n{}\r\n-----END CERTIFICATE REQUEST-----\r\n",
        wrapped.join("\r\n")
    );
    let ran = sandbox.file("web.csr", text).check(&["--select", "key"]);
    assert_eq!((ran.code, &ran.json()["summary"]["baselined"]), (0, &Value::from(1)), "{}", ran.brief());
}

#[test]
fn a_baseline_is_never_made_through_another_one() {
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\nbaseline: old.json\n");
    sandbox.file("web.csr", &*WEAK);
    // It is named and not there yet.
    sandbox.check(&[]).exits(2).complains("csrlint baseline write makes one");
    sandbox.run(&["baseline", "write"]).exits(0);
    let first = sandbox.read("old.json");
    assert_eq!(first.matches("fingerprint").count(), 1, "{first}");
    sandbox.file("new.csr", &*SHA1);
    sandbox.run(&["baseline", "write"]).exits(2).complains("there is a baseline already");
    assert_eq!(sandbox.read("old.json"), first);
    // Anew, with what the old one has in it.
    sandbox.run(&["baseline", "write", "--force"]).exits(0);
    assert_eq!(sandbox.read("old.json").matches("fingerprint").count(), 2);
}

#[test]
fn what_is_gone_is_told_and_pruned() {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        "version: 1\nbaseline: b.json\nrules: { config/baseline-stale: { severity: error } }\n",
    );
    sandbox.file("a.csr", &*WEAK).file("b.csr", &*SHA1).run(&["baseline", "write"]).exits(0);
    sandbox.file("a.csr", &*GOOD);
    let ran = sandbox.check(&[]);
    ran.exits(1);
    let stale: Vec<Value> =
        findings(&ran.json()).into_iter().filter(|finding| finding["rule"] == "config/baseline-stale").collect();
    assert_eq!(
        (stale.len(), &stale[0]["path"], &stale[0]["line"]),
        (1, &Value::from("b.json"), &Value::from(4)),
        "{}",
        ran.brief()
    );
    sandbox
        .run(&["baseline", "show"])
        .exits(0)
        .says("a.csr: key/rsa-too-small at key.bits  (gone)")
        .says("2 entries, 1 gone");
    let shown = sandbox.run(&["baseline", "show", "--format", "json"]).json();
    assert_eq!(shown.as_array().map(|entries| entries.iter().filter(|entry| entry["gone"] == true).count()), Some(1));
    sandbox.file("new.csr", &*WEAK).run(&["baseline", "prune"]).exits(0).complains("1 entry taken out, 1 kept");
    // Nothing was added, and what is there comes back as new.
    assert_eq!(sandbox.read("b.json").matches("fingerprint").count(), 1);
    assert!(sandbox.check(&[]).exits(1).rules().contains(&"key/rsa-too-small".to_owned()));
    // Of a part nobody knows what is gone.
    sandbox.run(&["baseline", "prune", "b.csr"]).exits(2);
    sandbox.run(&["baseline", "show", "--baseline", "missing.json"]).exits(2);
}

#[test]
fn what_is_no_baseline_is_told_at_its_place() {
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\nbaseline: b.json\n");
    for text in ["", "{}", "[1]", "{\"version\":1,\"findings\":[{}]}", "{\"version\":7,\"findings\":[]}", "\u{FEFF}{"] {
        sandbox.file("b.json", text);
        let ran = sandbox.check(&[]);
        ran.exits(2).complains("b.json:1:");
    }
    let schema = sandbox.run(&["schema", "baseline"]).exits(0).json();
    sandbox
        .file("b.json", "{\"version\":1,\"findings\":[]}")
        .file("web.csr", &*WEAK)
        .run(&["baseline", "write", "--force"])
        .exits(0);
    let written: Value = serde_json::from_str(&sandbox.read("b.json")).expect("JSON");
    assert!(jsonschema::is_valid(&schema, &written), "{written}");
}

#[test]
fn a_rule_that_may_not_be_waived_has_no_place_in_a_baseline() {
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\nbaseline: b.json\nno-waivers: [key/rsa-too-small]\n");
    sandbox
        .file("web.csr", &*WEAK)
        .run(&["baseline", "write"])
        .exits(0)
        .complains("not in it: 1 finding of rules that may not be waived");
    sandbox.check(&[]).exits(1);
    // Nor if somebody writes it there.
    let fingerprint = findings(&sandbox.check(&[]).json())[0]["fingerprint"].as_str().expect("one").to_owned();
    sandbox.file(
        "b.json",
        format!(
            "{{\"version\":1,\"findings\":[{{\"path\":\"web.csr\",\"rule\":\"x\",\"fingerprint\":\"{fingerprint}\"}}]}}"
        ),
    );
    sandbox.check(&[]).exits(1);
}

// --- terms

#[test]
fn a_waiver_holds_only_on_the_terms_of_the_policy() {
    for (terms, more, holds) in [
        ("", "", true),
        ("{ require: [approver] }", "", false),
        ("{ require: [approver] }", "approved-by: pki@acme.example", true),
        ("{ require: [approver] }", "approved-by: \" \"", false),
        ("{ require: [pin] }", "", false),
        ("{ require: [pin] }", "spki-sha256: SPKI", true),
        ("{ require: [until] }", "", true),
        ("{ max-days: 29 }", "", false),
        ("{ max-days: 30 }", "", true),
    ] {
        let sandbox = Sandbox::with("web.csr", &*WEAK);
        let spki = sandbox.run(&["inspect", "--format", "json", "web.csr"]).json()[0]["spki_sha256"]
            .as_str()
            .expect("one")
            .to_owned();
        let terms = if terms.is_empty() { String::new() } else { format!("waiver-terms: {terms}\n") };
        let more = if more.is_empty() { String::new() } else { format!("    {}\n", more.replace("SPKI", &spki)) };
        sandbox.file("csrlint.yaml", format!("version: 1\n{terms}waivers:\n  - rule: key/rsa-too-small\n    reason: old\n    expires: 2026-07-01\n{more}"));
        let ran = sandbox.check(&[]);
        assert_eq!(ran.code, i32::from(!holds), "{terms}{more}: {}", ran.brief());
        assert_eq!(ran.rules().contains(&"config/waiver-terms".to_owned()), !holds, "{}", ran.brief());
    }
}

#[test]
fn what_ends_within_thirty_days_is_told() {
    for (expires, told) in [
        ("2026-06-01", "today is its last day"),
        ("2026-06-02", "it ends tomorrow"),
        ("2026-07-01", "it ends in 30 days, on 2026-07-01"),
        ("2026-07-02", ""),
    ] {
        let sandbox = Sandbox::with("web.csr", &*WEAK);
        sandbox.file(
            "csrlint.yaml",
            format!("version: 1\nwaivers:\n  - {{ rule: key/rsa-too-small, reason: old, expires: {expires} }}\n"),
        );
        let ran = sandbox.check(&[]);
        ran.exits(0);
        let soon = ran.json()["expiring"].as_array().cloned().unwrap_or_default();
        assert_eq!(
            (soon.len(), told.is_empty() || ran.stderr.contains(told)),
            (usize::from(!told.is_empty()), true),
            "{}",
            ran.stderr
        );
    }
}

// --- comments

/// Each kind of file that has comments, with a weak key in it.
#[test]
fn comments_of_every_format_ignore() {
    let pem: String = WEAK.lines().map(|line| format!("    {line}\n")).collect();
    let yaml = |comment: &str| format!("kind: Secret\n{comment}\ndata:\n  csr: |\n{pem}");
    let cases: Vec<(&str, String)> = vec![
        ("a.yaml", yaml("# csrlint: ignore[key/rsa-too-small] -- old")),
        ("file.yaml", format!("{}# csrlint: ignore-file[key/rsa-too-small] -- old\n", yaml(""))),
        ("own.cnf", "[req]\ndistinguished_name=dn\nprompt=no\ndefault_bits=1024 # csrlint: ignore[key/rsa-too-small] -- old\n[dn]\nCN=a.example.com\n".to_owned()),
        ("next.cnf", "[req]\ndistinguished_name=dn\nprompt=no\n; csrlint: ignore-next-line[key/rsa-too-small] -- old\ndefault_bits=1024\n[dn]\nCN=a.example.com\n".to_owned()),
        ("a.tf", "// csrlint: ignore[key/rsa-too-small] -- old\nresource \"tls_private_key\" \"a\" {\n  algorithm = \"RSA\"\n  rsa_bits  = 1024 /* csrlint: ignore[key/rsa-too-small] -- old */\n}\nresource \"tls_cert_request\" \"a\" {\n  private_key_pem = tls_private_key.a.private_key_pem\n  subject {\n    common_name = \"a.example.com\"\n  }\n  dns_names = [\"a.example.com\"]\n}\n".to_owned()),
        ("a.inf", "[Version]\nSignature=\"$Windows NT$\"\n[NewRequest]\nSubject=\"CN=a.example.com\"\nKeyLength=1024 ; csrlint: ignore[key/rsa-too-small] -- old\n".to_owned()),
        ("play.yml", "- hosts: all\n  tasks:\n    - community.crypto.openssl_privatekey:\n        path: a.key\n        # csrlint: ignore-next-line[key/rsa-too-small] -- old\n        size: 1024\n    - community.crypto.openssl_csr:\n        path: a.csr\n        privatekey_path: a.key\n        common_name: a.example.com\n        subject_alt_name: DNS:a.example.com\n".to_owned()),
        ("values.html", format!("<!-- csrlint: ignore[key/rsa-too-small] -- old -->\n<pre>\n{}</pre>\n", &*WEAK)),
    ];
    for (name, text) in cases {
        let sandbox = Sandbox::with(name, &text);
        sandbox.file("csrlint.yaml", "version: 1\ninline-ignores: { requests: true }\n");
        let ran = sandbox.check(&["--select", "key/rsa-too-small,config".split(',').next().unwrap_or_default()]);
        assert_eq!(ran.code, 0, "{name}: {}", ran.brief());
        assert!(
            findings(&ran.json()).iter().any(|finding| finding["waived"]["kind"] == "inline"),
            "{name}: {}",
            ran.brief()
        );
        let without = sandbox.check(&["--select", "key/rsa-too-small", "--no-ignores"]);
        assert_eq!(without.code, 1, "{name}: {}", without.brief());
        // Without the words it is what it was.
        let plain = Sandbox::with(name, text.replace("csrlint: ignore", "csrlint: forget"));
        plain.check(&["--select", "key/rsa-too-small"]).exits(1);
    }
}

#[test]
fn utf_16_has_comments_too() {
    let text = "[Version]\r\nSignature=\"$Windows NT$\"\r\n[NewRequest]\r\nSubject=\"CN=ü.example.com\"\r\nKeyLength=1024 ; csrlint: ignore[key/rsa-too-small] -- old\r\n";
    let bytes: Vec<u8> = [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    let sandbox = Sandbox::with("a.inf", bytes);
    sandbox.check(&["--select", "key/rsa-too-small", "--no-ignores"]).exits(1);
    let ran = sandbox.check(&["--select", "key/rsa-too-small"]);
    let policy = sandbox
        .file("csrlint.yaml", "version: 1\ninline-ignores: { requests: true }\n")
        .check(&["--select", "key/rsa-too-small"]);
    assert!(ran.code == 0 || policy.code == 0, "{}", policy.brief());
}

#[test]
fn explanatory_text_counts_only_where_the_policy_says_so() {
    let text = format!("csrlint: ignore[key/rsa-too-small] -- mine\n{}", &*WEAK);
    let sandbox = Sandbox::with("web.csr", text);
    let ran = sandbox.check(&[]);
    ran.exits(1);
    assert!(ran.rules().contains(&"config/ignore-not-allowed".to_owned()));
    sandbox.file("csrlint.yaml", "version: 1\ninline-ignores: { requests: true }\n").check(&[]).exits(0);
}

#[test]
fn an_ignore_is_pinned_and_has_terms() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    let spki = sandbox.run(&["inspect", "--format", "json", "web.csr"]).json()[0]["spki_sha256"]
        .as_str()
        .expect("one")
        .to_owned();
    let fingerprint = findings(&sandbox.check(&[]).json())[0]["fingerprint"].as_str().expect("one").to_owned();
    for (options, terms, code) in [
        (format!("spki-sha256={spki}"), "", 0),
        (format!("spki-sha256={}", &spki[..32]), "", 0),
        (format!("spki-sha256={}", "0123456789abcdef".repeat(2)), "", 1),
        (format!("spki-sha256={}", &spki[..31]), "", 1),
        (format!("spki-sha256={}", &spki[..8]), "", 1),
        (format!("fingerprint={fingerprint}"), "", 0),
        ("fingerprint=0123".to_owned(), "", 1),
        (String::new(), "waiver-terms: { require: [approver] }", 1),
        ("approved-by=pki@acme.example".to_owned(), "waiver-terms: { require: [approver] }", 0),
        (String::new(), "waiver-terms: { require: [until] }", 1),
        ("until=2026-06-30".to_owned(), "waiver-terms: { require: [until], max-days: 30 }", 0),
        ("until=2026-12-31".to_owned(), "waiver-terms: { max-days: 30 }", 1),
        (String::new(), "no-waivers: [key]", 1),
    ] {
        sandbox.file("web.csr", format!("csrlint: ignore[key/rsa-too-small] {options} -- old printer\n{}", &*WEAK));
        sandbox.file("csrlint.yaml", format!("version: 1\ninline-ignores: {{ requests: true }}\n{terms}\n"));
        let ran = sandbox.check(&["--fail-on", "error"]);
        assert_eq!(ran.code, code, "{options} {terms}: {}", ran.brief());
    }
    sandbox
        .file("web.csr", format!("csrlint: ignore[key/rsa-too-small] spki-sha256={} -- old\n{}", &spki[..16], &*WEAK));
    let told = findings(&sandbox.check(&[]).json());
    let short = told.iter().find(|finding| finding["rule"] == "config/ignore-without-reason").expect("a finding");
    let message = short["message"].as_str().unwrap_or_default();
    assert!(message.contains("16 digits") && message.contains("csrlint inspect FILE"), "{message}");
    assert!(!message.contains(&spki[..32]), "{message}");
}

// --- what is shown

#[test]
fn what_is_suppressed_can_be_shown() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.file("csrlint.yaml", "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: \"old | <b>\", approved-by: pki, expires: 2026-12-31 }\n");
    for format in ["concise", "human"] {
        let told = ["check", "--as-of", DAY, "--format", format];
        assert!(!sandbox.run(&told).exits(0).text().contains("waived: "));
        sandbox
            .run(&[&told[..], &["--show-suppressed"]].concat())
            .says("waived: web.csr:")
            .says("(old | <b>; accepted by pki; until 2026-12-31)");
    }
    let sarif =
        |more: &[&str]| sandbox.run(&[&["check", "--as-of", DAY, "--format", "sarif"][..], more].concat()).json();
    assert_eq!(sarif(&[])["runs"][0]["results"].as_array().map(Vec::len), Some(0));
    let shown = sarif(&["--show-suppressed"]);
    let suppression = &shown["runs"][0]["results"][0]["suppressions"][0];
    assert_eq!(
        (&suppression["kind"], &suppression["justification"]),
        (&Value::from("external"), &Value::from("old | <b>; approved by pki; until 2026-12-31")),
        "{shown}"
    );
}

#[test]
fn all_that_is_set_aside_is_listed_with_age_owner_and_days_left() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.git_init();
    let policy = "version: 1\nbaseline: b.json\ninline-ignores: { requests: true }\nwaivers:\n  - rule: key/rsa-too-small\n    files: [\"web.csr\"]\n    reason: old printer\n    approved-by: pki@acme.example\n    expires: 2026-06-11\n  - { rule: signature/hash-not-allowed, reason: gone, expires: 2026-01-01 }\n";
    sandbox.file("csrlint.yaml", policy).file("b.json", "{\"version\":1,\"findings\":[]}\n");
    sandbox
        .file("inline.csr", format!("csrlint: ignore[signature] until=2026-07-01 approved-by=me -- sha-1\n{}", &*SHA1));
    sandbox.file(".github/CODEOWNERS", "* @acme/web\ncsrlint.yaml @acme/pki\n");
    sandbox.git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "x", "--date", "2026-05-02T12:00:00Z"]);
    let rows = sandbox.run(&["waivers", "--as-of", DAY, "--format", "json"]).exits(0).json();
    let rows = rows.as_array().cloned().unwrap_or_default();
    let told: Vec<String> = rows
        .iter()
        .map(|row| {
            format!(
                "{} {} {} {} {} {}",
                row["kind"], row["rules"], row["days_left"], row["age_days"], row["owners"][0], row["findings"]
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "\"baseline\" \"0 entries\" null 30 \"@acme/web\" 0",
            "\"waiver\" \"key/rsa-too-small\" 10 30 \"@acme/pki\" 1",
            "\"waiver\" \"signature/hash-not-allowed\" -151 30 \"@acme/pki\" 0",
            "\"inline\" \"signature\" 30 30 \"@acme/web\" 1",
        ]
    );
    let human = sandbox.run(&["waivers", "--as-of", DAY]);
    human.says("10 days left; written 30 days ago; accepted by pki@acme.example; owned by @acme/pki; 1 finding");
    human.says("expired 151 days ago").says("4 in all, 1 expired");
    sandbox.run(&["waivers", "--as-of", DAY, "--format", "markdown"]).says("pki&#64;acme.example");
    // Without git nothing is known of ages, and without CODEOWNERS of owners.
    let bare =
        Sandbox::with("csrlint.yaml", "version: 1\nwaivers:\n  - { rule: key, reason: x, expires: 2026-12-31 }\n");
    let rows = bare.run(&["waivers", "--format", "json"]).exits(0).json();
    assert_eq!((&rows[0]["age_days"], rows[0]["owners"].as_array().map(Vec::len)), (&Value::Null, Some(0)));
}
