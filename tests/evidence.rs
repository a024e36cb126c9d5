//! Evidence by control: every request counts once for each control, and nothing hostile acts in the Markdown.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;

use forge::recipe;
use run::Sandbox;
use serde_json::{Value, json};

const POLICY: &str = "version: 1\nprofiles: [recommended]\nrules:\n  key/not-allowed:\n    with: { ec: { curves: [P-256] }, other: deny }\n\
waivers:\n  - rule: key/rsa-too-small\n    files: [\"legacy/*\"]\n    reason: \"old | printer\"\n    approved-by: pki@acme.example\n    expires: 2027-03-31\n  - rule: key/not-allowed\n    files: [\"legacy/*\"]\n    reason: old printer\n    approved-by: pki@acme.example\n    expires: 2027-03-31\n";

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::with("csrlint.yaml", POLICY);
    sandbox.file("good.csr", recipe::pem(&json!({})));
    sandbox.file("two.pem", recipe::pem(&json!({})) + &recipe::pem(&json!({ "key": "p384" })));
    sandbox.file("legacy/printer.csr", recipe::pem(&json!({ "key": "rsa-1024" })));
    sandbox.file("weak.csr", recipe::pem(&json!({ "key": "rsa-1024" })));
    sandbox.file(
        "unknown.csr",
        recipe::pem(&json!({ "key": "ml-dsa-65", "spki": ["seq", ["seq", ["oid", "1.2.3.4"]], ["bits", "00ff"]] })),
    );
    sandbox.file("broken.csr", "-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n");
    sandbox
}

fn evidence(sandbox: &Sandbox) -> Value {
    let ran = sandbox.run(&["check", "--format", "evidence", "--as-of", "2026-06-01"]);
    ran.exits(1).json()
}

fn control<'a>(evidence: &'a Value, framework: &str, id: &str) -> &'a Value {
    let framework = evidence["frameworks"].as_array().expect("an array").iter().find(|entry| entry["id"] == framework);
    let controls = framework.expect("the framework")["controls"].as_array().expect("an array");
    controls.iter().find(|entry| entry["id"] == id).expect("the control")
}

#[test]
fn every_request_counts_once_for_every_control_and_rule() {
    let evidence = evidence(&sandbox());
    assert_eq!(evidence["requests"], 7 - 1, "the broken file holds no request");
    let sum = |counts: &Value| counts.as_object().expect("counts").values().filter_map(Value::as_u64).sum::<u64>();
    let mut controls = 0;
    for framework in evidence["frameworks"].as_array().expect("an array") {
        for control in framework["controls"].as_array().expect("an array") {
            controls += 1;
            assert_eq!(sum(&control["requests"]), 6, "{}", control["id"]);
            for rule in control["rules"].as_array().expect("an array") {
                assert_eq!(sum(&rule["requests"]), 6, "{}", rule["rule"]);
            }
        }
    }
    assert!(controls > 15, "only {controls}");
}

#[test]
fn a_request_fails_before_it_is_waived_and_is_waived_before_it_passes() {
    let evidence = evidence(&sandbox());
    let sizes = control(&evidence, "sp800-57-1", "5.6");
    // weak.csr, P-384 and the unknown key are not allowed; the printer is waived for both of its findings.
    assert_eq!(sizes["requests"]["failed"], 3, "{sizes}");
    assert_eq!(sizes["requests"]["waived"], 1, "{sizes}");
    let waived = sizes["waived"].as_array().expect("an array");
    assert!(
        waived
            .iter()
            .all(|entry| entry["path"] == "legacy/printer.csr" && entry["waiver"]["approved_by"] == "pki@acme.example")
    );
    let failed: Vec<&str> =
        sizes["failed"].as_array().expect("an array").iter().filter_map(|entry| entry["path"].as_str()).collect();
    assert!(failed.contains(&"weak.csr") && failed.contains(&"two.pem") && !failed.contains(&"good.csr"), "{failed:?}");
}

#[test]
fn what_could_not_be_judged_is_neither_passed_nor_hidden() {
    let evidence = evidence(&sandbox());
    let possession = control(&evidence, "cwe", "CWE-347");
    let not_judged = possession["not_judged"].as_array().expect("an array");
    assert!(
        not_judged.iter().any(|entry| entry["path"] == "unknown.csr" && entry["rule"] == "signature/invalid"),
        "{possession}"
    );
    assert_eq!(possession["requests"]["not_judged"], 1, "{possession}");
}

#[test]
fn a_request_that_is_cut_off_passes_no_control() {
    let sandbox = Sandbox::with("cut.csr", &recipe::csr(&json!({ "key": "rsa-2048" })).der()[..200]);
    let evidence = sandbox.run(&["check", "--format", "evidence", "--as-of", "2026-06-01"]).exits(1).json();
    let secrets = control(&evidence, "owasp-nhi", "NHI2");
    assert_eq!(secrets["requests"]["not_judged"], 1, "{secrets}");
    let reason = secrets["not_judged"][0]["reason"].as_str().expect("a reason");
    assert!(reason.contains("cut off"), "{reason}");
}

#[test]
fn it_is_what_its_schema_says() {
    let sandbox = sandbox();
    let schema = sandbox.run(&["schema", "evidence"]).exits(0).json();
    let validator = jsonschema::validator_for(&schema).expect("a validator");
    let errors: Vec<String> = validator.iter_errors(&evidence(&sandbox)).map(|error| error.to_string()).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn markdown_is_for_people_and_nothing_in_it_acts() {
    let sandbox = sandbox();
    let name = "CN=a|b <img src=x> @team #1 [x](http://evil.example) ![y](z)\n# heading `code` www.evil.example";
    sandbox.file("hostile.csr", recipe::pem(&json!({ "key": "rsa-1024", "subject": [name], "san": [] })));
    let ran = sandbox.run(&["check", "--format", "evidence-markdown", "--as-of", "2026-06-01"]);
    let text = ran.exits(1).text();
    for part in
        ["## NIST Cybersecurity Framework", "| PR.AA-01 ", "old \\| printer", "pki&#64;acme.example", "2027-03-31"]
    {
        assert!(text.contains(part), "no {part:?} in {text}");
    }
    for line in text.lines().filter(|line| line.contains("evil")) {
        let unescaped =
            ["\\[", "\\]", "\\`", "\\!", "\\|"].iter().fold(line.to_owned(), |line, escape| line.replace(escape, ""));
        for part in ["<img", "@team", "](", "![", "http://", " #1", "www.evil", "`code`"] {
            assert!(!unescaped.contains(part), "{part:?} in {line}");
        }
        let bars = line.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 5, "{line}");
    }
}

#[test]
fn the_same_on_any_number_of_threads() {
    let sandbox = sandbox();
    let one = sandbox.run(&["check", "--format", "evidence", "--threads", "1", "--as-of", "2026-06-01"]);
    let four = sandbox.run(&["check", "--format", "evidence", "--threads", "4", "--as-of", "2026-06-01"]);
    assert_eq!(one.text(), four.text());
}
