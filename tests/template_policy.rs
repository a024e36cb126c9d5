//! What a policy says of templates: scopes by format and issuer, `on-unknown`, `tools`, names that are partly known, comments that ignore.

#[path = "support/run.rs"]
mod run;

use run::{Sandbox, findings, text_of};
use serde_json::Value;

const CONFIG: &str = "[req]\ndistinguished_name = dn\nprompt = no\nreq_extensions = ext\ndefault_bits = $ENV::BITS\n[dn]\nCN = $ENV::HOST.acme.example\n[ext]\nsubjectAltName = DNS:${ENV::HOST}.acme.example,DNS:${ENV::HOST}.evil.example\n";

fn report(policy: &str, path: &str, content: &str) -> Value {
    let sandbox = Sandbox::with(path, content);
    sandbox.file("csrlint.yaml", format!("version: 1\n{policy}"));
    sandbox.run(&["check", "--as-of=2026-06-01", "--format", "json"]).json()
}

fn found(report: &Value, rule: &str) -> Vec<(String, String)> {
    let of_rule = |finding: &Value| finding["rule"] == rule;
    let pair = |finding: Value| (text_of(&finding["severity"]), text_of(&finding["place"]));
    findings(report).into_iter().filter(of_rule).map(pair).collect()
}

#[test]
fn what_is_unknown_is_counted_and_no_finding() {
    let report = report("profiles: [recommended]\n", "web.cnf", CONFIG);
    assert!(found(&report, "template/not-judged").is_empty(), "{report}");
    assert!(report["summary"]["not_judged"].as_u64().expect("a count") > 5, "{}", report["summary"]);
    let told = report["not_judged"].as_array().expect("a list");
    assert!(
        told.iter().any(|one| one["rule"] == "key/rsa-too-small" && text_of(&one["reason"]).contains("$ENV::BITS")),
        "{told:?}"
    );
}

#[test]
fn on_unknown_makes_it_one() {
    for (word, severity) in [("warn", "warning"), ("deny", "error")] {
        let report = report(&format!("profiles: [recommended]\non-unknown: {word}\n"), "web.cnf", CONFIG);
        let found = found(&report, "template/not-judged");
        assert!(found.iter().all(|(found, _)| found == severity), "{found:?}");
        let places: Vec<&str> = found.iter().map(|(_, place)| place.as_str()).collect();
        assert_eq!(places, ["key.bits", "subject.CN", "san[0]", "san[1]"]);
    }
}

#[test]
fn on_unknown_holds_in_its_scope() {
    let policy =
        "profiles: [pedantic]\non-unknown: ignore\nscopes:\n  - match: { format: openssl }\n    on-unknown: deny\n";
    assert_eq!(found(&report(policy, "web.cnf", CONFIG), "template/not-judged").len(), 4);
    let cfssl = "{ \"CN\": \"{{ host }}.acme.example\", \"hosts\": [\"{{ host }}.acme.example\"], \"key\": { \"algo\": \"rsa\", \"size\": 2048 } }";
    assert!(found(&report(policy, "web.json", cfssl), "template/not-judged").is_empty());
}

#[test]
fn a_name_that_is_partly_known_is_judged_by_its_end() {
    let policy = "profiles: []\nrules:\n  san/name-policy:\n    with: { dns: { allow: [\"**.acme.example\"] } }\n";
    let report = report(policy, "web.cnf", CONFIG);
    assert_eq!(found(&report, "san/name-policy"), [("error".to_owned(), "san[1]".to_owned())]);
    let told = findings(&report);
    assert!(text_of(&told[0]["message"]).contains("whatever its unknown part is"), "{}", told[0]);
}

#[test]
fn scopes_match_by_issuer() {
    let policy = "profiles: []\nscopes:\n  - match: { format: azure-key-vault, issuer: public-* }\n    rules:\n      key/rsa-too-small: { with: { min: 4096 } }\n";
    let certificate = |issuer: &str| {
        format!(
            "{{ \"issuerParameters\": {{ \"name\": \"{issuer}\" }}, \"keyProperties\": {{ \"keyType\": \"RSA\", \"keySize\": 2048 }}, \"x509CertificateProperties\": {{ \"subject\": \"CN=shop.acme.example\" }} }}"
        )
    };
    assert_eq!(found(&report(policy, "policy.json", &certificate("public-acme")), "key/rsa-too-small").len(), 1);
    assert!(found(&report(policy, "policy.json", &certificate("internal")), "key/rsa-too-small").is_empty());
}

#[test]
fn the_version_of_a_tool_is_named() {
    let policy = "profiles: []\ntools: { openssl: \"3.5\" }\nrules:\n  key/rsa-too-small: { with: { min: 3072 } }\n";
    let config = "[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = shop.acme.example\n";
    let report = report(policy, "web.cnf", config);
    let message = text_of(&findings(&report)[0]["message"]);
    assert!(message.contains("not written: the default of openssl 3.5"), "{message}");
}

#[test]
fn comments_ignore_findings_of_their_line_and_of_the_next_request() {
    let config = "# csrlint: ignore[key/rsa-too-small] -- an old device\n[req]\ndefault_bits = 1024\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = shop.acme.example\n";
    let report = report("profiles: [recommended]\n", "web.cnf", config);
    let all = findings(&report);
    let small = all.iter().find(|finding| finding["rule"] == "key/rsa-too-small").expect("a finding");
    assert_eq!(small["waived"]["kind"], "inline", "{small}");
}

#[test]
fn fingerprints_survive_moved_lines() {
    let fingerprint = |config: &str| {
        let report = report("profiles: []\nrules: { key/rsa-too-small: {} }\n", "web.cnf", config);
        text_of(&findings(&report)[0]["fingerprint"])
    };
    let config = "[req]\ndefault_bits = 1024\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = shop.acme.example\n";
    let moved = format!(
        "# moved\n\n{}",
        config.replace("default_bits = 1024\n", "").replace("prompt = no\n", "prompt = no\n\tdefault_bits=1024\n")
    );
    assert_eq!(fingerprint(config), fingerprint(&moved));
}

#[test]
fn secrets_are_never_shown() {
    let config = "[req]\noutput_password = correct-horse-battery\ndistinguished_name = dn\nattributes = attr\nprompt = no\n[dn]\nCN = shop.acme.example\n[attr]\nchallengePassword = staple-battery\n";
    let sandbox = Sandbox::with("web.cnf", config);
    for format in ["human", "concise", "json", "sarif", "github", "evidence", "evidence-markdown"] {
        let ran =
            sandbox.run(&["check", "--as-of=2026-06-01", "--isolated", "--profile", "pedantic", "--format", format]);
        for secret in ["correct-horse", "staple-battery"] {
            assert!(!ran.text().contains(secret) && !ran.stderr.contains(secret), "{format}: {}", ran.text());
        }
    }
    for format in ["human", "json"] {
        let ran = sandbox.run(&["inspect", "--format", format, "web.cnf"]);
        assert!(!ran.text().contains("correct-horse") && !ran.text().contains("staple-battery"), "{}", ran.text());
    }
}
