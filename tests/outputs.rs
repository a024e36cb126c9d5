//! Reports for other programs: each is what its reader takes, says the same, and hides nothing that could not be judged.
//! Where Python is there, other people's readers read them again (`tests/outputs/read.py`); what is missing is said.

#![allow(clippy::print_stderr, reason = "says what was not read again")]

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use forge::der;
use run::{Ran, Sandbox};
use samples::{GOOD, SHA1, WEAK};
use serde_json::{Value, json};

const FORMATS: [&str; 16] = [
    "human",
    "concise",
    "json",
    "ndjson",
    "sarif",
    "markdown",
    "github",
    "gitlab",
    "azure",
    "junit",
    "checkstyle",
    "rdjson",
    "csv",
    "html",
    "evidence",
    "evidence-markdown",
];

/// Formats for CI, in which a finding that does not count is not.
const FOR_CI: [&str; 7] = ["sarif", "gitlab", "azure", "junit", "checkstyle", "rdjson", "csv"];

const POLICY: &str = "version: 1
rules:
  key/not-allowed: { severity: info, with: { rsa: { min: 4096 }, other: deny } }
waivers:
  - { rule: key/rsa-too-small, files: [old/**], reason: \"the <old> printer; =1+1\", approved-by: pki@acme.example, expires: 2027-03-31 }
";

/// Errors, warnings, infos, a waived finding, a clean request, templates, and names with more than ASCII in them.
fn mixed() -> Sandbox {
    let sandbox = Sandbox::with("csrlint.yaml", POLICY);
    sandbox
        .file("web/weak.csr", &*WEAK)
        .file("web/good.csr", &*GOOD)
        .file("old/printer.csr", &*WEAK)
        .file("sha1.csr", &*SHA1);
    let body = WEAK.replace('\n', "\\n");
    sandbox.file("web/\u{fc}ml\u{e4}ut \u{1F600}.json", format!("{{\"\u{1F600}\u{e9}\": \"{body}\"}}\n"));
    sandbox.file("shop.cnf", "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 1024\ndefault_md = sha1\n[dn]\nCN = sh\u{f6}p.example\n");
    let certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec:\n  secretName: a\n  duration: 2160h\n  \
                       commonName: a.example\n  dnsNames: [a.example]\n  issuerRef: { name: x }\n";
    sandbox.file("k8s/certificate.yaml", certificate);
    sandbox
}

/// A request in a file that is too large to be judged.
fn too_large() -> String {
    format!("{}{}", "#".repeat(11 * 1024 * 1024), *GOOD)
}

fn check(sandbox: &Sandbox, format: &str, more: &[&str]) -> Ran {
    let fixed = ["check", "--as-of", "2026-06-01", "--format", format];
    sandbox.run(&fixed.iter().chain(more).collect::<Vec<_>>())
}

fn json_of(sandbox: &Sandbox, format: &str) -> Value {
    check(sandbox, format, &[]).json()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

/// What counts, by rule, path and line.
fn open(report: &Value) -> Vec<(String, String, u64)> {
    let counts = |finding: &&Value| finding["waived"].is_null() && finding["superseded_by"].is_null();
    let key = |finding: &Value| {
        (run::text_of(&finding["rule"]), run::text_of(&finding["path"]), finding["line"].as_u64().expect("a line"))
    };
    let mut found: Vec<_> = list(&report["findings"]).iter().filter(counts).map(key).collect();
    found.sort();
    found
}

#[test]
fn the_exit_code_never_depends_on_the_format() {
    let (clean, found, failed) = (Sandbox::with("a.csr", &*GOOD), mixed(), mixed());
    failed.file("large.pem", too_large());
    for format in FORMATS {
        check(&clean, format, &[]).exits(0);
        check(&found, format, &[]).exits(1);
        check(&found, format, &["--fail-on", "never"]).exits(0);
        check(&failed, format, &[]).exits(3);
        check(&Sandbox::new(), format, &[]).exits(0);
    }
}

#[test]
fn many_reports_come_from_one_run_and_are_those_of_standard_output() {
    let sandbox = mixed();
    let outputs: Vec<String> = FORMATS.iter().map(|format| format!("{format}=out/{format}")).collect();
    sandbox.directory("out");
    let mut arguments = vec!["check", "--as-of", "2026-06-01", "--quiet"];
    for output in &outputs {
        arguments.extend(["--output", output]);
    }
    sandbox.run(&arguments).exits(1);
    for format in FORMATS.iter().filter(|format| **format != "human") {
        let alone = check(&sandbox, format, &["web", "old", "k8s", "shop.cnf", "sha1.csr"]);
        let file = std::fs::read(sandbox.at(format!("out/{format}"))).expect("a report");
        // Reports lie in the tree themselves; a run of named paths does not count them.
        let differs = ["files", "waivers"];
        let same = |text: &[u8]| {
            let text = String::from_utf8_lossy(text).into_owned();
            text.lines()
                .filter(|line| !differs.iter().any(|word| line.contains(word)))
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert!(same(&alone.stdout) == same(&file), "{format} differs");
        assert!(check(&sandbox, format, &["web"]).stdout == check(&sandbox, format, &["web", "--threads", "1"]).stdout);
    }
}

#[test]
fn what_could_not_be_judged_is_in_every_format() {
    let sandbox = Sandbox::with("a/large.pem", too_large());
    for format in FORMATS {
        let ran = check(&sandbox, format, &[]);
        ran.exits(3);
        let text = ran.text().replace("<wbr>", "");
        assert!(text.contains("a/large.pem"), "{format}: {text}");
    }
    let gitlab = json_of(&sandbox, "gitlab");
    assert_eq!((&gitlab[0]["check_name"], &gitlab[0]["severity"]), (&json!("csrlint/failure"), &json!("blocker")));
    let rdjson = json_of(&sandbox, "rdjson");
    assert_eq!(rdjson["diagnostics"][0]["severity"], "ERROR");
    check(&sandbox, "junit", &[]).says("errors=\"1\"").says("<error message=");
    check(&sandbox, "checkstyle", &[]).says("severity=\"error\"").says("csrlint/failure");
    check(&sandbox, "azure", &[]).says("##vso[task.logissue type=error;sourcepath=a/large.pem;code=csrlint/failure;]");
    check(&sandbox, "csv", &[]).says("\"failure\",\"csrlint/failure\",\"a/large.pem\"");
    check(&sandbox, "html", &[]).says(">Incomplete<");
    let sarif = json_of(&sandbox, "sarif");
    let invocation = &sarif["runs"][0]["invocations"][0];
    let notification = &invocation["toolExecutionNotifications"][0];
    assert_eq!((&invocation["executionSuccessful"], &notification["level"]), (&json!(false), &json!("error")));
    assert_eq!(notification["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "a/large.pem");
    let line = check(&sandbox, "ndjson", &[]);
    assert!(lines(&line).iter().any(|line| line["type"] == "error" && line["error"]["path"] == "a/large.pem"));
}

#[test]
fn what_does_not_count_is_not_in_formats_for_ci() {
    let sandbox = mixed();
    for format in FOR_CI {
        let text = check(&sandbox, format, &[]).text().to_owned();
        // The request has its test case, and other findings of it stand.
        assert!(!text.contains("the <old> printer") && !text.contains("the &lt;old&gt; printer"), "{format}");
    }
    let report = json_of(&sandbox, "json");
    assert_eq!(report["summary"]["waived"], 1);
    let lines = lines(&check(&sandbox, "ndjson", &[]));
    let waived = lines.iter().filter(|line| !line["finding"]["waived"].is_null());
    assert_eq!(waived.count(), 1);
    check(&sandbox, "html", &[]).says("<b>1</b> <span>accepted</span>").says("the &lt;old&gt; printer");
}

// --- ndjson

fn lines(ran: &Ran) -> Vec<Value> {
    ran.text().lines().map(|line| serde_json::from_str(line).expect("a JSON object a line")).collect()
}

#[test]
fn every_line_is_an_object_of_the_schema() {
    let sandbox = mixed();
    let schema = sandbox.run(&["schema", "ndjson"]).json();
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let lines = lines(&check(&sandbox, "ndjson", &[]));
    let mut types = BTreeMap::new();
    for line in &lines {
        let errors: Vec<String> = validator.iter_errors(line).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{line}: {errors:?}");
        *types.entry(run::text_of(&line["type"])).or_insert(0) += 1;
    }
    assert!(!validator.is_valid(&json!({ "type": "other" })), "the schema knows its types");
    let report = json_of(&sandbox, "json");
    assert_eq!(types["finding"], list(&report["findings"]).len());
    assert_eq!(types["request"], list(&report["requests"]).len());
    assert_eq!((&lines[0]["type"], &lines[lines.len() - 1]["type"]), (&json!("run"), &json!("summary")));
    assert_eq!(lines[lines.len() - 1]["summary"], report["summary"]);
    let found = lines.iter().filter(|line| line["type"] == "finding").map(|line| line["finding"].clone());
    assert_eq!(found.collect::<Vec<_>>(), list(&report["findings"]));
}

// --- gitlab

#[test]
fn gitlab_gets_what_it_reads() {
    let sandbox = mixed();
    let ran = check(&sandbox, "gitlab", &[]);
    assert!(ran.stdout.starts_with(b"["), "no byte order mark, one array");
    let issues = ran.json();
    let mut fingerprints = BTreeSet::new();
    let mut found = Vec::new();
    for issue in list(&issues) {
        let severity = run::text_of(&issue["severity"]);
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&severity.as_str()), "{issue}");
        let rule = run::text_of(&issue["check_name"]);
        assert!(run::text_of(&issue["description"]).starts_with(&format!("{rule}: ")), "{issue}");
        let path = run::text_of(&issue["location"]["path"]);
        assert!(!path.starts_with("./") && !path.starts_with('/'), "{issue}");
        let line = issue["location"]["lines"]["begin"].as_u64().expect("a line");
        assert!(line >= 1 && fingerprints.insert(run::text_of(&issue["fingerprint"])), "{issue}");
        found.push((rule, path, line));
    }
    found.sort();
    assert_eq!(found, open(&json_of(&sandbox, "json")));
    let severity = |name: &str| {
        list(&issues).iter().find(|issue| issue["check_name"] == name).map(|issue| issue["severity"].clone())
    };
    assert_eq!(severity("key/rsa-too-small"), Some(json!("critical")));
    assert_eq!(severity("signature/hash-not-allowed"), Some(json!("major")));
    assert_eq!(severity("key/not-allowed"), Some(json!("info")));
}

// --- rdjson

/// What `reviewdog.proto` says of a DiagnosticResult in JSON, written down here; unknown fields are errors to its reader.
fn rdjson_schema() -> Value {
    let object = |required: &[&str], properties: Value| json!({ "type": "object", "additionalProperties": false, "required": required, "properties": properties });
    let text = json!({ "type": "string", "minLength": 1 });
    let position = object(
        &["line"],
        json!({ "line": { "type": "integer", "minimum": 1 }, "column": { "type": "integer", "minimum": 1 } }),
    );
    let range = object(&["start"], json!({ "start": position, "end": position }));
    let location = object(&["path"], json!({ "path": text, "range": range }));
    let severity = json!({ "enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"] });
    let source = object(&["name"], json!({ "name": text, "url": text }));
    let code = object(&["value"], json!({ "value": text, "url": text }));
    let suggestion = object(&["range", "text"], json!({ "range": range, "text": { "type": "string" } }));
    let related = object(&["location"], json!({ "message": text, "location": location }));
    let diagnostic = object(
        &["message", "location"],
        json!({
            "message": text, "location": location, "severity": severity, "source": source, "code": code,
            "suggestions": { "type": "array", "items": suggestion }, "original_output": text,
            "related_locations": { "type": "array", "items": related },
        }),
    );
    object(
        &["diagnostics"],
        json!({ "diagnostics": { "type": "array", "items": diagnostic }, "source": source, "severity": severity }),
    )
}

#[test]
fn reviewdog_gets_what_its_protocol_has() {
    let sandbox = mixed();
    let validator = jsonschema::validator_for(&rdjson_schema()).expect("a schema");
    let report = json_of(&sandbox, "rdjson");
    let errors: Vec<String> =
        validator.iter_errors(&report).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let mut broken = report.clone();
    broken["diagnostics"][0]["location"]["range"]["start"]["character"] = json!(1);
    assert!(!validator.is_valid(&broken));
    let key = |found: &Value| {
        let line = found["location"]["range"]["start"]["line"].as_u64().expect("a line");
        (run::text_of(&found["code"]["value"]), run::text_of(&found["location"]["path"]), line)
    };
    let mut found: Vec<_> = list(&report["diagnostics"]).iter().map(key).collect();
    found.sort();
    assert_eq!(found, open(&json_of(&sandbox, "json")));
}

/// Each format counts in its own unit; the bytes of the file are the judge.
#[test]
fn columns_are_counted_in_the_unit_of_each_format() {
    let body = WEAK.replace('\n', "\\n");
    let text = format!("{{\"\u{1F600}\u{e9}\u{4e2d}\": \"{body}\"}}\n");
    let sandbox = Sandbox::with("a.json", &text);
    let report = json_of(&sandbox, "json");
    let finding = &report["findings"][0];
    let offset = usize::try_from(finding["byte_offset"].as_u64().expect("an offset")).expect("an offset");
    let before = &text[..offset];
    let characters = before.chars().count() as u64 + 1;
    let (units, bytes) = (before.encode_utf16().count() as u64 + 1, before.len() as u64 + 1);
    assert!(characters < units && units < bytes);
    assert_eq!(finding["column"].as_u64(), Some(characters));
    let sarif = json_of(&sandbox, "sarif");
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startColumn"].as_u64(), Some(units));
    let rdjson = json_of(&sandbox, "rdjson");
    assert_eq!(rdjson["diagnostics"][0]["location"]["range"]["start"]["column"].as_u64(), Some(bytes));
    check(&sandbox, "checkstyle", &[]).says(&format!("line=\"1\" column=\"{characters}\""));
    check(&sandbox, "azure", &[]).says(&format!("linenumber=1;columnnumber={characters};"));

    // A byte order mark is bytes of the line, and no character.
    let sandbox = Sandbox::with("a.json", format!("\u{feff}{text}"));
    let (report, rdjson) = (json_of(&sandbox, "json"), json_of(&sandbox, "rdjson"));
    assert_eq!(report["findings"][0]["column"].as_u64(), Some(characters));
    assert_eq!(rdjson["diagnostics"][0]["location"]["range"]["start"]["column"].as_u64(), Some(bytes + 3));

    // A file in UTF-16 has columns as if it were UTF-8.
    let utf16: Vec<u8> = format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let sandbox = Sandbox::with("a.json", utf16);
    let rdjson = json_of(&sandbox, "rdjson");
    let found = list(&rdjson["diagnostics"]).iter().find(|found| found["code"]["value"] == "key/rsa-too-small");
    assert_eq!(found.expect("the finding")["location"]["range"]["start"]["column"].as_u64(), Some(bytes + 3));
}

#[test]
fn a_safe_repair_of_one_edit_is_a_suggestion() {
    let certificate = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec:\n  secretName: a\n  \
                       privateKey: { algorithm: RSA, size: 1024 }\n  dnsNames: [a.example]\n  issuerRef: { name: x }\n";
    let sandbox = Sandbox::with("a.yaml", certificate);
    sandbox.file(
        "shop.cnf",
        "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 1024\ndefault_md = sha1\n[dn]\nCN = a.example\n",
    );
    let (report, rdjson) = (json_of(&sandbox, "json"), json_of(&sandbox, "rdjson"));
    let safe = |finding: &&Value| {
        finding["repair"]["applicability"] == "safe"
            && list(&finding["repair"]["edits"]).len() == 1
            && finding["waived"].is_null()
            && finding["superseded_by"].is_null()
    };
    let wanted: Vec<&Value> = list(&report["findings"]).iter().filter(safe).collect();
    let suggested: Vec<&Value> =
        list(&rdjson["diagnostics"]).iter().filter(|found| !found["suggestions"].is_null()).collect();
    assert_eq!(wanted.len(), suggested.len());
    for (finding, found) in wanted.iter().zip(&suggested) {
        assert_eq!(found["suggestions"][0]["text"], finding["repair"]["edits"][0]["text"]);
    }
}

// --- azure

#[test]
fn azure_gets_logging_commands() {
    let sandbox = mixed();
    let text = check(&sandbox, "azure", &[]).text().to_owned();
    let mut found = Vec::new();
    let mut kinds = Vec::new();
    for line in text.lines().filter(|line| line.contains("##vso[")) {
        let (properties, message) =
            line.strip_prefix("##vso[task.logissue ").and_then(|rest| rest.split_once(']')).expect("a command");
        let properties: BTreeMap<&str, &str> = properties
            .split(';')
            .filter(|pair| !pair.is_empty())
            .map(|pair| pair.split_once('=').expect("a property"))
            .collect();
        assert!(!message.is_empty() && ["error", "warning"].contains(&properties["type"]), "{line}");
        kinds.push(properties["type"].to_owned());
        let line = properties["linenumber"].parse::<u64>().expect("a number");
        found.push((properties["code"].to_owned(), properties["sourcepath"].to_owned(), line));
    }
    assert!(kinds.is_sorted(), "the worst first");
    found.sort();
    assert_eq!(found, open(&json_of(&sandbox, "json")));
    assert!(text.lines().any(|line| line.contains("]info: ")));
    assert!(text.lines().last().is_some_and(|line| line.contains("requests: ")));
}

#[test]
fn a_file_name_ends_no_command() {
    let sandbox = Sandbox::with("a;b]c%41##vso[task.complete]/weak.csr", &*WEAK);
    let text = check(&sandbox, "azure", &[]).text().to_owned();
    let path = "sourcepath=a%3Bb%5Dc%AZP2541##\\vso[task.complete%5D/weak.csr;";
    assert!(text.starts_with("##vso[task.logissue type=error;") && text.contains(path), "{text}");
    assert_eq!(text.matches("##vso[").count(), 1);
}

// --- junit, checkstyle, csv: by their own readers

/// Runs a reader written in Python; what is missing is said, and `.ci/run` installs it.
fn read_again(sandbox: &Sandbox, needs: &str) {
    let there = Command::new("python3").args(["-c", needs]).output().is_ok_and(|output| output.status.success());
    if !there {
        eprintln!("not read again: python3 cannot {needs}");
        return;
    }
    sandbox.directory("out");
    let formats = ["json", "ndjson", "sarif", "gitlab", "junit", "checkstyle", "rdjson", "csv", "azure", "html"];
    let outputs: Vec<String> = formats.iter().map(|format| format!("{format}=out/{format}")).collect();
    let mut arguments = vec!["check", "--as-of", "2026-06-01", "--quiet"];
    for output in &outputs {
        arguments.extend(["--output", output]);
    }
    let code = sandbox.run(&arguments).code;
    let read =
        Command::new("python3").arg("tests/outputs/read.py").arg(sandbox.at("out")).arg(code.to_string()).output();
    let read = read.expect("python3");
    assert!(
        read.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&read.stdout),
        String::from_utf8_lossy(&read.stderr)
    );
}

#[test]
fn other_readers_read_the_same() {
    let failed = mixed();
    failed.file("a/large.pem", too_large());
    for sandbox in [mixed(), failed, Sandbox::new(), Sandbox::with("a.csr", &*GOOD)] {
        read_again(&sandbox, "import junitparser");
    }
}

#[test]
fn hostile_names_are_read_as_they_are() {
    let sandbox = Sandbox::new();
    let names = [
        "=1+1",
        "+1",
        "-1",
        "@SUM(1)",
        "\u{ff1d}1",
        "</script><script>alert(1)</script>",
        "]]>",
        "<!--",
        "&amp;",
        "\"; DROP",
        "a'b",
        "##vso[task.complete]",
        "::error::x",
        "\u{202e}txt",
        "\u{1b}[31m",
        "a\nb",
        "javascript:alert(1)",
        "\u{1F600}\u{fffe}",
    ];
    for (number, name) in names.iter().enumerate() {
        let uri = der::tlv(0x86, format!("javascript:{name}").as_bytes());
        let csr = samples::with_subject(&[("CN", name)]).and_san(uri);
        sandbox.file(format!("{}/a{number}.csr", name.replace('/', "_")), csr.pem());
    }
    sandbox.file("=1+1/weak.csr", &*WEAK);
    read_again(&sandbox, "import junitparser");
    let csv = check(&sandbox, "csv", &[]).text().to_owned();
    for formula in ["\"=", "\"+", "\"-", "\"@", "\"\u{ff1d}"] {
        assert!(!csv.contains(&format!(",{formula}")), "{formula}");
    }
    assert!(csv.contains("\"'=1+1/weak.csr\""));
}

#[test]
fn what_github_does_not_show_is_told() {
    let sandbox = Sandbox::with("many.pem", WEAK.repeat(5001));
    let ran = check(
        &sandbox,
        "concise",
        &["--profile", "recommended", "--select", "key/rsa-too-small", "--output", "sarif=a.sarif"],
    );
    ran.exits(1).complains("notice: GitHub shows the 5000 worst of the 5001 results in the SARIF file");
    let sarif: Value = serde_json::from_str(&sandbox.read("a.sarif")).expect("JSON");
    let notifications = &sarif["runs"][0]["invocations"][0]["toolExecutionNotifications"];
    assert!(notifications[0]["message"]["text"].as_str().is_some_and(|text| text.contains("5000 worst of the 5001")));
    assert_eq!(list(&sarif["runs"][0]["results"]).len(), 5001);
    // The page is cut, too, and says so in both places.
    let ran = check(&sandbox, "html", &["--select", "key/rsa-too-small"]);
    ran.exits(1)
        .complains("notice: 1 of 5001 findings are not on the page")
        .says("1 of 5001 findings are not on the page");
}
