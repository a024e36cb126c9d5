//! SARIF: the official schema, and what GitHub demands beyond it (`facts/linter-ux.md` section 4).

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;
#[path = "support/samples.rs"]
mod samples;
#[path = "support/tree.rs"]
mod tree;

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use csrlint::catalogue::Severity;
use csrlint::engine::Engine;
use csrlint::report::{Report, sarif};
use csrlint::request::Format;
use serde_json::{Value, json};
use sha2::Digest as _;

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    // Its pattern of languages has a `]` too many, which only JavaScript's older regular expressions take.
    let text = include_str!("data/sarif-2.1.0.schema.json").replace("[a-zA-Z]{2}]?$", "[a-zA-Z]{2}?$");
    let schema = serde_json::from_str(&text).expect("a schema");
    jsonschema::options().should_validate_formats(true).build(&schema).expect("a schema")
});

static FILES: LazyLock<HashMap<String, Vec<u8>>> = LazyLock::new(|| tree::mixed().into_iter().collect());

/// The mixed tree under all rules.
static BIG: LazyLock<Value> = LazyLock::new(|| {
    let report = lint_mixed(&lint::profile("pedantic"));
    assert!(report.findings.len() > 200, "a big tree: {} findings", report.findings.len());
    document(&report)
});

fn lint_mixed(engine: &Engine) -> Report {
    let files: Vec<(String, Vec<u8>)> = FILES.iter().map(|(path, bytes)| (path.clone(), bytes.clone())).collect();
    lint::tree(engine, &tree::in_memory(&files))
}

fn document(report: &Report) -> Value {
    serde_json::from_str(&sarif::render(report, &sarif::Options::default()).text).expect("JSON")
}

fn schema_errors(document: &Value) -> Vec<String> {
    SCHEMA.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn list<'v>(value: &'v Value, key: &str) -> &'v [Value] {
    value[key].as_array().map_or(&[], Vec::as_slice)
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// What GitHub would reject, ignore or show wrongly.
fn github_problems(document: &Value) -> Vec<String> {
    let mut problems = Vec::new();
    let mut demand = |holds: bool, what: &str, place: &Value| {
        if !holds {
            problems.push(format!("{what}: {}", place.to_string().chars().take(300).collect::<String>()));
        }
    };
    demand(!text(document, "/$schema").is_empty(), "$schema", &Value::Null);
    demand(document["version"] == "2.1.0", "version", &document["version"]);
    demand((1..=20).contains(&list(document, "runs").len()), "runs", &Value::Null);
    for run in list(document, "runs") {
        demand(!text(run, "/tool/driver/name").is_empty(), "driver.name", &run["tool"]["driver"]["name"]);
        demand(!text(run, "/tool/driver/semanticVersion").is_empty(), "semanticVersion", &Value::Null);
        demand(text(run, "/automationDetails/id").ends_with('/'), "automationDetails.id", &run["automationDetails"]);
        demand(run["columnKind"] == "utf16CodeUnits", "columnKind", &run["columnKind"]);
        demand(run["results"].is_array() && list(run, "results").len() <= 25_000, "results", &Value::Null);
        let rules = run.pointer("/tool/driver/rules").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        demand(run["tool"]["driver"]["rules"].is_array() && rules.len() <= 25_000, "rules", &Value::Null);
        let mut ids = HashSet::new();
        for rule in rules {
            let within = |pointer: &str, most: usize| (1..=most).contains(&text(rule, pointer).trim().chars().count());
            demand(within("/id", 255) && ids.insert(text(rule, "/id")), "rule id", rule);
            demand(within("/name", 255), "rule name", rule);
            demand(within("/shortDescription/text", 1024), "shortDescription", rule);
            demand(within("/fullDescription/text", 1024), "fullDescription", rule);
            demand(within("/help/text", 20_000), "help.text", rule);
            demand(within("/help/markdown", 20_000), "help.markdown", rule);
            demand(["note", "warning", "error"].contains(&text(rule, "/defaultConfiguration/level")), "level", rule);
            let tags = list(&rule["properties"], "tags");
            let different: BTreeSet<String> = tags.iter().map(ToString::to_string).collect();
            demand((1..=10).contains(&tags.len()) && different.len() == tags.len(), "tags", rule);
            demand(tags.iter().all(|tag| tag.as_str().is_some_and(|tag| !tag.is_empty())), "tags", rule);
            demand(tags.iter().any(|tag| tag == "security"), "the tag security", rule);
            demand(
                ["very-high", "high", "medium", "low"].contains(&text(rule, "/properties/precision")),
                "precision",
                rule,
            );
            demand(
                ["error", "warning", "recommendation"].contains(&text(rule, "/properties/problem.severity")),
                "problem.severity",
                rule,
            );
            let severity = text(rule, "/properties/security-severity").parse::<f64>();
            demand(severity.is_ok_and(|severity| severity > 0.0 && severity <= 10.0), "security-severity", rule);
        }
        let mut hashes = HashSet::new();
        for result in list(run, "results") {
            let index = result["ruleIndex"].as_u64().and_then(|index| rules.get(usize::try_from(index).ok()?));
            demand(index.is_some_and(|rule| rule["id"] == result["ruleId"]), "ruleIndex", result);
            demand(["note", "warning", "error"].contains(&text(result, "/level")), "level", result);
            demand(!text(result, "/message/text").trim().is_empty(), "message", result);
            let locations = list(result, "locations");
            demand((1..=10).contains(&locations.len()), "locations", result);
            for location in locations.iter().chain(list(result, "relatedLocations")) {
                demand(is_relative(text(location, "/physicalLocation/artifactLocation/uri")), "uri", location);
                demand(is_region(&location["physicalLocation"]["region"]), "region", location);
            }
            for related in list(result, "relatedLocations") {
                demand(
                    related["id"].is_u64() && !text(related, "/message/text").is_empty(),
                    "relatedLocations",
                    related,
                );
            }
            let hash = text(result, "/partialFingerprints/primaryLocationLineHash");
            demand(!hash.is_empty() && hashes.insert(hash), "primaryLocationLineHash", result);
        }
    }
    // Uncompressed; GitHub counts the compressed file.
    demand(document.to_string().len() < 10_000_000, "size", &Value::Null);
    problems
}

/// RFC 3986 section 4.2, relative to the root of the repository.
fn is_relative(uri: &str) -> bool {
    let clean = uri.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-._~%!$&'()*+,;=@".contains(&byte));
    let encoded =
        uri.split('%').skip(1).all(|rest| rest.len() >= 2 && rest.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit));
    !uri.is_empty()
        && !uri.starts_with('/')
        && clean
        && encoded
        && uri.split('/').all(|part| !part.is_empty() && part != "." && part != "..")
}

fn is_region(region: &Value) -> bool {
    let [start_line, start_column, end_line, end_column] =
        ["startLine", "startColumn", "endLine", "endColumn"].map(|key| region[key].as_u64().unwrap_or(0));
    start_line >= 1
        && start_column >= 1
        && end_column >= 1
        && (end_line > start_line || (end_line == start_line && end_column > start_column))
}

#[test]
fn a_big_mixed_tree_is_valid_sarif() {
    let errors = schema_errors(&BIG);
    assert!(errors.is_empty(), "{} errors\n{}", errors.len(), errors[..errors.len().min(10)].join("\n"));
}

#[test]
fn a_big_mixed_tree_is_what_github_takes() {
    let problems = github_problems(&BIG);
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems[..problems.len().min(10)].join("\n"));
}

#[test]
fn a_report_without_findings_and_one_with_failures_are_valid() {
    let clean = lint::one("web.csr", samples::GOOD.as_bytes());
    let failed = lint::tree(&lint::recommended(), &Vanishing);
    assert_eq!((clean.findings.len(), failed.errors.len()), (0, 1));
    for report in [&clean, &failed] {
        let document = document(report);
        assert_eq!((schema_errors(&document), github_problems(&document)), (vec![], vec![]));
        assert_eq!(document["runs"][0]["results"], json!([]));
        assert_eq!(document["runs"][0]["invocations"][0]["executionSuccessful"], json!(report.errors.is_empty()));
    }
    let failed = document(&failed);
    assert!(text(&failed, "/runs/0/invocations/0/toolExecutionNotifications/0/message/text").contains("gone.csr"));
}

/// A tree whose only file is gone when it is read.
struct Vanishing;

impl csrlint::source::Tree for Vanishing {
    fn walk(
        &self,
        _: &[csrlint::source::FilePath],
        _: &csrlint::source::WalkOptions<'_>,
        visit: &(dyn Fn(csrlint::source::Listing) + Sync),
    ) {
        visit(csrlint::source::Listing::File(csrlint::source::FilePath::new("gone.csr")));
    }

    fn read(
        &self,
        _: &csrlint::source::FilePath,
        _: u64,
        _: &mut Vec<u8>,
    ) -> std::io::Result<csrlint::source::Content> {
        Err(std::io::Error::new(std::io::ErrorKind::NotFound, "gone"))
    }
}

/// The checker and the schema can fail: each way to break a document is seen.
#[test]
fn broken_documents_are_seen() {
    let good = document(&lint::one("web.csr", samples::WEAK.as_bytes()));
    assert_eq!((schema_errors(&good), github_problems(&good)), (vec![], vec![]));
    let result = "/runs/0/results/0";
    let rule = "/runs/0/tool/driver/rules/0";
    let region = "/runs/0/results/0/locations/0/physicalLocation/region";
    let breakages = [
        (String::new(), "version", json!("2.0.0")),
        ("/runs/0".to_owned(), "results", Value::Null),
        ("/runs/0/tool/driver".to_owned(), "name", json!("")),
        (rule.to_owned(), "id", json!("")),
        (format!("{rule}/shortDescription"), "text", json!("x".repeat(1025))),
        (format!("{rule}/fullDescription"), "text", json!("")),
        (format!("{rule}/help"), "text", Value::Null),
        (format!("{rule}/properties"), "tags", json!(["security", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10"])),
        (format!("{rule}/properties"), "precision", json!("certain")),
        (format!("{rule}/properties"), "security-severity", json!("0.0")),
        (format!("{rule}/properties"), "security-severity", json!(5.0)),
        (result.to_owned(), "ruleIndex", json!(0)),
        (result.to_owned(), "locations", json!([])),
        (format!("{result}/message"), "text", json!("")),
        (format!("{result}/partialFingerprints"), "primaryLocationLineHash", json!("")),
        (format!("{result}/locations/0/physicalLocation/artifactLocation"), "uri", json!("file:///web.csr")),
        (format!("{result}/locations/0/physicalLocation/artifactLocation"), "uri", json!("../web.csr")),
        (region.to_owned(), "endColumn", Value::Null),
        (region.to_owned(), "startLine", json!(0)),
        (region.to_owned(), "endLine", json!(1)),
    ];
    for (pointer, key, value) in breakages {
        let mut broken = good.clone();
        broken.pointer_mut(&pointer).unwrap_or_else(|| panic!("no {pointer}"))[key] = value.clone();
        assert!(!github_problems(&broken).is_empty(), "{pointer} {key} = {value} is not seen");
    }
    for (pointer, key, value) in [
        ("", "version", json!("2.0.0")),
        (result, "level", json!("fatal")),
        (region, "startLine", json!(0)),
        (result, "unknownKey", json!(1)),
    ] {
        let mut broken = good.clone();
        broken.pointer_mut(pointer).expect("a place")[key] = value;
        assert!(!schema_errors(&broken).is_empty(), "the schema does not see {key}");
    }
}

fn listed(document: &Value) -> BTreeSet<String> {
    list(&document["runs"][0]["tool"]["driver"], "rules").iter().map(|rule| text(rule, "/id").to_owned()).collect()
}

#[test]
fn every_enabled_rule_is_listed_whether_it_fired_or_not() {
    let engine = lint::recommended();
    let enabled: BTreeSet<String> =
        engine.policy().rules_for("", None).rules.iter().map(|active| active.rule.id.clone()).collect();
    assert_eq!(listed(&document(&lint::files(&engine, &[("web.csr", samples::GOOD.as_bytes())]))), enabled);
    assert_eq!(listed(&document(&lint::files(&engine, &[]))), enabled);
}

#[test]
fn rules_of_scopes_are_listed_too() {
    let engine = lint::policy("version: 1\nscopes:\n  - files: [\"a/**\"]\n    rules: { pem/line-width: {} }\n")
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let scoped = engine.policy().rules_for("a/x.csr", Some(Format::Pem.into()));
    assert!(scoped.rules.iter().any(|active| active.rule.id == "pem/line-width"));
    assert!(
        listed(&document(&lint::files(&engine, &[("a/web.csr", samples::GOOD.as_bytes())]))).contains("pem/line-width")
    );
}

#[test]
fn waived_findings_are_left_out() {
    let engine = lint::policy(
        "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, files: [a.csr], reason: r, expires: 2027-01-01 }\n",
    )
    .unwrap_or_else(|errors| panic!("{errors:?}"));
    let report = lint::files(&engine, &[("a.csr", samples::WEAK.as_bytes()), ("b.csr", samples::WEAK.as_bytes())]);
    assert_eq!(report.summary.waived, 1);
    let document = document(&report);
    let uris: Vec<&str> = list(&document["runs"][0], "results")
        .iter()
        .map(|result| text(result, "/locations/0/physicalLocation/artifactLocation/uri"))
        .collect();
    assert_eq!(uris, ["b.csr"]);
    assert!(!document.to_string().contains("a.csr"));
}

#[test]
fn levels_follow_severities_of_the_policy() {
    let engine = lint::policy("version: 1\nrules:\n  key/rsa-too-small: { severity: info }\n")
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let document = document(&lint::files(&engine, &[("a.csr", samples::WEAK.as_bytes())]));
    assert_eq!(document["runs"][0]["results"][0]["level"], "note");
}

/// `(line, column in UTF-16 units)` of a byte, counted here from the bytes.
fn position(bytes: &[u8], offset: usize) -> (u64, u64) {
    let line_start = bytes[..offset].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line = bytes[..offset].iter().filter(|byte| **byte == b'\n').count() as u64 + 1;
    let before = String::from_utf8_lossy(&bytes[line_start..offset]);
    (line, before.encode_utf16().count() as u64 + 1)
}

#[test]
fn columns_are_utf_16_units_of_the_file() {
    let mut checked = 0;
    for result in list(&BIG["runs"][0], "results") {
        let uri = text(result, "/locations/0/physicalLocation/artifactLocation/uri");
        let path = percent_decoded(uri);
        let bytes = &FILES[&path];
        // Plain text only; what UTF-16 and binary files have for columns is another matter.
        if std::str::from_utf8(bytes).is_err() || bytes.contains(&0) || bytes.starts_with(b"\xEF\xBB\xBF") {
            continue;
        }
        let region = &result["locations"][0]["physicalLocation"]["region"];
        let number = |key: &str| usize::try_from(region[key].as_u64().expect("a number")).expect("a number");
        let (start, end) = (number("byteOffset"), number("byteOffset") + number("byteLength"));
        assert!(end <= bytes.len(), "{uri}: {region}");
        assert_eq!(
            position(bytes, start),
            (number("startLine") as u64, number("startColumn") as u64),
            "{uri}: {region}"
        );
        if end > start {
            assert_eq!(position(bytes, end), (number("endLine") as u64, number("endColumn") as u64), "{uri}: {region}");
        }
        checked += 1;
    }
    assert!(checked > 200, "{checked}");
}

#[test]
fn an_emoji_before_the_place_counts_two() {
    let body = samples::WEAK.replace('\n', "\\n");
    let column = |prefix: &str| {
        let report = lint::one("a.json", format!("{{\"{prefix}\": \"{body}\"}}").as_bytes());
        let finding = report.findings.first().expect("a finding").clone();
        assert_eq!(finding.rule.id, "key/rsa-too-small");
        let document = document(&report);
        (
            finding.start.column,
            document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"]["startColumn"]
                .as_u64()
                .expect("a column"),
        )
    };
    let (people, units) = column("xx");
    assert_eq!(people as u64, units);
    // One character and two units in place of two characters.
    assert_eq!(column("\u{1F600}"), (people - 1, units));
    // A letter with two bytes is one of each.
    assert_eq!(column("\u{e9}x"), (people, units));
    assert_eq!(column("\u{1F600}\u{1F600}"), (people, units + 2));
}

fn percent_decoded(uri: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = uri.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        if *first == b'%' {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).expect("ASCII"), 16).expect("hexadecimal"));
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn the_second_place_is_a_related_location() {
    let engine = lint::policy("version: 1\nrules:\n  estate/key-reused: { severity: error }\n")
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    let other = samples::with_subject(&[("CN", "other.example.com"), ("O", "Other")]).pem();
    let document =
        document(&lint::files(&engine, &[("a b.csr", samples::GOOD.as_bytes()), ("c d.csr", other.as_bytes())]));
    assert_eq!((schema_errors(&document), github_problems(&document)), (vec![], vec![]));
    let result = list(&document["runs"][0], "results")
        .iter()
        .find(|result| result["ruleId"] == "estate/key-reused")
        .expect("the finding");
    assert_eq!(text(result, "/locations/0/physicalLocation/artifactLocation/uri"), "a%20b.csr");
    assert_eq!(text(result, "/relatedLocations/0/physicalLocation/artifactLocation/uri"), "c%20d.csr");
}

#[test]
fn more_than_github_takes_is_cut_and_said() {
    let engine = lint::policy("version: 1\nrules:\n  key/rsa-too-small: { severity: info }\n")
        .unwrap_or_else(|errors| panic!("{errors:?}"));
    // Findings cost less to copy than to make.
    let mut report = lint::files(&engine, &[("a.csr", samples::WEAK.as_bytes()), ("b.csr", samples::SHA1.as_bytes())]);
    let (info, warning) = (report.findings[0].clone(), report.findings[1].clone());
    report.findings = vec![info; 25_001];
    report.findings.push(warning);
    for (number, finding) in report.findings.iter_mut().enumerate() {
        finding.fingerprint = number.to_string();
    }
    let document = document(&report);
    let results = list(&document["runs"][0], "results");
    assert_eq!(results.len(), 25_000);
    assert_eq!(results[0]["level"], "warning", "the worst are kept");
    assert!(text(&document, "/runs/0/invocations/0/toolExecutionNotifications/0/message/text").contains("2 findings"));
    assert!(github_problems(&document).iter().all(|problem| problem.starts_with("size")));
}

/// Texts that do not compress: fewer results than GitHub takes are already too much for it.
#[test]
fn a_file_that_is_too_large_compressed_is_cut_and_said() {
    let mut report = lint::files(&lint::recommended(), &[("a.csr", samples::WEAK.as_bytes())]);
    let finding = report.findings[0].clone();
    let noise = |number: u64| {
        let digest = |part: u64| sha2::Sha512::digest((number * 100 + part).to_be_bytes());
        (0..8).flat_map(digest).map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let numbered = (0..24_000).map(|number| csrlint::report::Finding {
        message: noise(number),
        fingerprint: number.to_string(),
        severity: if number % 2 == 0 { Severity::Info } else { Severity::Error },
        ..finding.clone()
    });
    report.findings = numbered.collect();
    let rendered = sarif::render(&report, &sarif::Options::default());
    let compressed = miniz_oxide::deflate::compress_to_vec(rendered.text.as_bytes(), 6).len();
    assert!((8_000_000..10_000_000).contains(&compressed), "{compressed}");
    let document: Value = serde_json::from_str(&rendered.text).expect("JSON");
    let results = list(&document["runs"][0], "results");
    let errors = results.iter().filter(|result| result["level"] == "error").count();
    assert_eq!(errors, 12_000, "the worst are kept");
    let left_out = format!("{} findings beyond GitHub's limit of 10 MB, compressed", 24_000 - results.len());
    assert!(rendered.notices[0].starts_with(&left_out), "{:?}", rendered.notices);
    assert!(text(&document, "/runs/0/invocations/0/toolExecutionNotifications/0/message/text").starts_with(&left_out));
}

#[test]
fn suppressed_results_say_where_and_why() {
    let engine = lint::policy(
        "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, files: [a.csr], reason: \"old [printer]\", approved-by: pki, expires: 2027-01-01 }\n",
    )
    .unwrap_or_else(|errors| panic!("{errors:?}"));
    let template = "[req]\ndistinguished_name = dn\ndefault_bits = 1024 # csrlint: ignore[key/rsa-too-small] until=2026-12-31 -- a test\n[dn]\nCN = a.example\n";
    let report = lint::files(
        &engine,
        &[("a.csr", samples::WEAK.as_bytes()), ("b.cnf", template.as_bytes()), ("c.csr", samples::WEAK.as_bytes())],
    );
    let rendered = sarif::render(&report, &sarif::Options { suppressed: true });
    let document: Value = serde_json::from_str(&rendered.text).expect("JSON");
    assert_eq!((schema_errors(&document), github_problems(&document)), (vec![], vec![]));
    let of = |uri: &str| {
        let is = |result: &&Value| {
            text(result, "/locations/0/physicalLocation/artifactLocation/uri") == uri
                && result["ruleId"] == "key/rsa-too-small"
        };
        list(&document["runs"][0], "results")
            .iter()
            .find(is)
            .map(|result| result["suppressions"].clone())
            .expect("a result")
    };
    let justification = "old [printer]; approved by pki; until 2027-01-01";
    assert_eq!(of("a.csr"), json!([{ "kind": "external", "status": "accepted", "justification": justification }]));
    assert_eq!(
        of("b.cnf"),
        json!([{ "kind": "inSource", "status": "accepted", "justification": "a test; until 2026-12-31" }])
    );
    assert_eq!(of("c.csr"), Value::Null);
}

#[test]
fn results_are_the_same_in_every_run() {
    let again = lint_mixed(&lint::profile("pedantic"));
    assert!(document(&again) == *BIG);
}

#[test]
fn long_texts_are_cut_to_what_github_takes() {
    let long = samples::with_subject(&[("CN", &"x".repeat(5000)), ("O", &"\u{1F600}".repeat(5000))]);
    let report = lint::files(&lint::profile("pedantic"), &[("a.csr", long.pem().as_bytes())]);
    assert!(!report.findings.is_empty());
    let document = document(&report);
    assert_eq!((schema_errors(&document), github_problems(&document)), (vec![], vec![]));
    for result in list(&document["runs"][0], "results") {
        assert!(text(result, "/message/text").chars().count() <= 1024);
    }
}
