//! What a policy says of templates: scopes by format and issuer, `on-unknown`, `tools`, names that are partly known, comments that ignore.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use run::{Sandbox, findings, text_of};
use samples::GOOD;
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

// --- scopes that match by an expression

const AZURE: &str = "resource \"azurerm_key_vault_certificate\" \"shop\" {\n  name = \"shop\"\n  key_vault_id = \"x\"\n  certificate_policy {\n    issuer_parameters {\n      name = ISSUER\n    }\n    key_properties {\n      exportable = false\n      key_size   = 2048\n      key_type   = \"RSA\"\n      reuse_key  = false\n    }\n    secret_properties {\n      content_type = \"application/x-pkcs12\"\n    }\n    x509_certificate_properties {\n      key_usage          = [\"digitalSignature\"]\n      subject            = \"CN=shop.acme.example\"\n      validity_in_months = 12\n      subject_alternative_names {\n        dns_names = [\"shop.acme.example\"]\n      }\n    }\n  }\n}\n";
const CERTIFICATE: &str = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: shop }\nspec:\n  secretName: shop\n  dnsNames: [shop.acme.example]\n  issuerRef: { name: ISSUER }\n  privateKey: { rotationPolicy: Always, algorithm: RSA, size: 2048 }\n";

/// Rules that were not judged since a scope may hold, with the reason.
fn undecided(report: &Value) -> Vec<(String, String)> {
    let all = report["not_judged"].as_array().cloned().unwrap_or_default();
    let reasons = all.iter().map(|one| (text_of(&one["rule"]), text_of(&one["reason"])));
    reasons.filter(|(_, reason)| reason.contains("would be broken where")).collect()
}

fn small(report: &Value) -> usize {
    found(report, "key/rsa-too-small").len()
}

/// A template with an issuer: its file, an issuer that is an expression and how that is told, and issuers of which the beginning is known.
struct Issued {
    path: &'static str,
    expression: &'static str,
    unknown: String,
    public: String,
    internal: String,
}

fn issuers() -> [Issued; 2] {
    let azure = |issuer: &str| AZURE.replace("ISSUER", issuer);
    let manager = |issuer: &str| CERTIFICATE.replace("ISSUER", issuer);
    [
        Issued {
            path: "main.tf",
            expression: "var.issuer",
            unknown: azure("var.issuer"),
            public: azure("\"public-${var.name}\""),
            internal: azure("\"internal-${var.name}\""),
        },
        Issued {
            path: "charts/a/templates/cert.yaml",
            expression: ".Values.issuer",
            unknown: manager("\"{{ .Values.issuer }}\""),
            public: manager("\"public-{{ .Values.issuer }}\""),
            internal: manager("\"internal-{{ .Values.issuer }}\""),
        },
    ]
}

const STRICT: &str = "profiles: []\nscopes:\n  - match: { issuer: public-* }\n    rules:\n      key/rsa-too-small: { with: { min: 4096 } }\n";
const LOOSE: &str = "profiles: []\nrules: { key/rsa-too-small: { with: { min: 4096 } } }\nscopes:\n  - match: { issuer: public-* }\n    fail-on: never\n    rules:\n      key/rsa-too-small: { severity: info, with: { min: 1024 } }\n";

#[test]
fn a_strict_scope_that_may_hold_is_not_judged_and_said_to_be() {
    for Issued { path, expression, unknown, public, internal } in issuers() {
        let told = report(STRICT, path, &unknown);
        assert_eq!(small(&told), 0, "{path}");
        let open = undecided(&told);
        let [(rule, reason)] = open.as_slice() else { panic!("{path}: {told}") };
        assert_eq!(rule, "key/rsa-too-small");
        assert!(reason.contains("csrlint.yaml:4") && reason.contains(expression), "{path}: {reason}");
        assert!(found(&told, "template/not-judged").is_empty(), "{path}");
        // Under on-unknown it is a finding at the issuer.
        for (word, severity) in [("warn", "warning"), ("deny", "error")] {
            let told = report(&format!("on-unknown: {word}\n{STRICT}"), path, &unknown);
            let mut at_issuer = found(&told, "template/not-judged");
            at_issuer.retain(|(_, place)| place == "issuer");
            assert_eq!(at_issuer, [(severity.to_owned(), "issuer".to_owned())], "{path} {word}");
            let all = findings(&told);
            let message = all.iter().find(|finding| finding["place"] == "issuer").map(|one| text_of(&one["message"]));
            let message = message.unwrap_or_default();
            assert!(message.contains("key/rsa-too-small") && message.contains("csrlint.yaml:5"), "{message}");
        }
        // What is known of it decides.
        let told = report(STRICT, path, &public);
        assert_eq!((small(&told), undecided(&told).len()), (1, 0), "{path}: a beginning that fits");
        let told = report(STRICT, path, &internal);
        assert_eq!((small(&told), undecided(&told).len()), (0, 0), "{path}: a beginning that does not");
        // What is broken either way is judged.
        let both = STRICT.replace("scopes:\n", "rules: { key/rsa-too-small: { with: { min: 3072 } } }\nscopes:\n");
        let told = report(&both, path, &unknown);
        assert_eq!((small(&told), undecided(&told).len()), (1, 0), "{path}: broken either way");
    }
}

#[test]
fn a_loose_scope_that_may_hold_never_counts() {
    for Issued { path, unknown, public, .. } in issuers() {
        let sandbox = Sandbox::with(path, &unknown);
        sandbox.file("csrlint.yaml", format!("version: 1\n{LOOSE}"));
        let ran = sandbox.check(&[]);
        ran.exits(1);
        assert_eq!((small(&ran.json()), undecided(&ran.json()).len()), (1, 0), "{path}");
        // Where it certainly holds, it does.
        sandbox.file(path, &public).check(&[]).exits(0);
        // Nor does one that lets the unknown pass.
        let policy = "profiles: []\non-unknown: deny\nscopes:\n  - match: { issuer: public-* }\n    on-unknown: ignore\n    rules:\n      key/rsa-too-small: { with: { min: 4096 } }\n";
        let told = found(&report(policy, path, &unknown), "template/not-judged");
        assert!(told.contains(&("error".to_owned(), "issuer".to_owned())), "{path}: {told:?}");
    }
}

#[test]
fn a_stricter_word_of_a_scope_that_may_hold_counts_for_what_is_unknown() {
    let open = |text: &str| {
        let expression = if text.contains("cert-manager") { "\"{{ .Values.bits }}\"" } else { "var.bits" };
        text.replace("2048", expression)
    };
    let policy = "profiles: []\nscopes:\n  - match: { issuer: public-* }\n    on-unknown: deny\n    rules:\n      key/rsa-too-small: { with: { min: 4096 } }\n";
    for Issued { path, unknown, internal, .. } in issuers() {
        let told = found(&report(policy, path, &unknown), "template/not-judged");
        assert!(told.contains(&("error".to_owned(), "issuer".to_owned())), "{path}: {told:?}");
        let told = found(&report(policy, path, &open(&unknown)), "template/not-judged");
        assert!(told.contains(&("error".to_owned(), "key.bits".to_owned())), "{path}: {told:?}");
        let told = found(&report(policy, path, &open(&internal)), "template/not-judged");
        assert!(told.is_empty(), "{path}: {told:?}");
        // Worse there than here: whether it fails is not known.
        let policy = "profiles: []\nfail-on: error\nrules: { key/rsa-too-small: { severity: warning, with: { min: 4096 } } }\nscopes:\n  - match: { issuer: public-* }\n    rules:\n      key/rsa-too-small: { severity: error }\n";
        let told = report(policy, path, &unknown);
        assert_eq!(found(&told, "key/rsa-too-small").first().map(|one| one.0.as_str()), Some("warning"), "{path}");
        assert_eq!(undecided(&told).len(), 1, "{path}");
    }
}

#[test]
fn several_scopes_may_hold() {
    let policy = "profiles: []\nscopes:\n  - match: { issuer: public-* }\n    rules:\n      key/rsa-too-small: { with: { min: 4096 } }\n  - match: { issuer: \"*-eu\" }\n    rules:\n      subject/attribute-policy: { with: { organization: { require: true } } }\n";
    let rules = |told: &Value| undecided(told).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>();
    for Issued { path, unknown, public, .. } in issuers() {
        let told = report(policy, path, &unknown);
        assert_eq!(rules(&told), ["key/rsa-too-small", "subject/attribute-policy"], "{path}");
        let reasons: Vec<String> = undecided(&told).into_iter().map(|(_, reason)| reason).collect();
        assert!(reasons[0].contains("csrlint.yaml:4") && reasons[1].contains("csrlint.yaml:7"), "{reasons:?}");
        // One holds, the other may.
        let told = report(policy, path, &public);
        assert_eq!((small(&told), rules(&told)), (1, vec!["subject/attribute-policy".to_owned()]), "{path}");
        // The later one takes back what the earlier one demands; neither is known to hold.
        let policy = "profiles: []\nscopes:\n  - match: { issuer: public-* }\n    rules:\n      key/rsa-too-small: { with: { min: 4096 } }\n  - match: { issuer: \"*-eu\" }\n    rules:\n      key/rsa-too-small: { severity: \"off\" }\n";
        assert_eq!(rules(&report(policy, path, &unknown)), ["key/rsa-too-small"], "{path}");
    }
}

#[test]
fn the_signer_of_kubernetes_may_be_an_expression() {
    let request = forge::der::base64(GOOD.as_bytes());
    let manifest = |signer: &str| {
        format!(
            "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nmetadata: {{ name: shop }}\nspec:\n  request: {request}\n  signerName: {signer}\n  usages: [digital signature, server auth]\n"
        )
    };
    let policy = "profiles: []\nscopes:\n  - match: { signer: \"acme.example/public-*\" }\n    rules:\n      key/not-allowed: { with: { rsa: { min: 8192 }, other: deny } }\n";
    let of = |signer: &str| {
        let told = report(policy, "charts/a/templates/csr.yaml", &manifest(signer));
        (found(&told, "key/not-allowed").len(), undecided(&told).len())
    };
    for (signer, expected) in [
        ("acme.example/public-web", (1, 0)),
        ("acme.example/internal", (0, 0)),
        ("\"{{ .Values.signer }}\"", (0, 1)),
        ("\"acme.example/{{ .Values.signer }}\"", (0, 1)),
        ("\"acme.example/public-{{ .Values.signer }}\"", (1, 0)),
        ("\"other.example/{{ .Values.signer }}\"", (0, 0)),
    ] {
        assert_eq!(of(signer), expected, "{signer}");
    }
}

#[test]
fn what_names_no_issuer_is_in_no_such_scope() {
    // Whatever else is an expression.
    let told = report(STRICT, "web.cnf", CONFIG);
    assert_eq!((small(&told), undecided(&told).len()), (0, 0));
    // A part of an object that is laid over another one: the issuer stands there.
    let patch = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: shop }\nspec:\n  privateKey: { rotationPolicy: Always, algorithm: RSA, size: 2048 }\n";
    assert_eq!(undecided(&report(STRICT, "patch.yaml", patch)).len(), 1);
}
