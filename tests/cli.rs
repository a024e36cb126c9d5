//! The command line: every subcommand, every flag of `check`, every format, every exit code.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use run::{Sandbox, findings};
use samples::{GOOD, INFO_POLICY, SHA1, WEAK};
use serde_json::Value;

const FORMATS: [&str; 5] = ["human", "concise", "json", "sarif", "github"];
const DAY: &str = "--as-of=2026-06-01";

fn weak() -> Sandbox {
    Sandbox::with("web.csr", &*WEAK)
}

// --- exit codes

#[test]
fn nothing_found_is_0() {
    Sandbox::with("web.csr", &*GOOD).check(&[]).exits(0);
}

#[test]
fn an_empty_directory_is_0() {
    let sandbox = Sandbox::new();
    sandbox.check(&[]).exits(0);
    assert_eq!(sandbox.check(&[]).json()["summary"]["files"], 0);
}

#[test]
fn files_without_requests_are_0() {
    Sandbox::with("README.md", "CERTIFICATE REQUEST is a label\n").check(&[]).exits(0);
}

#[test]
fn findings_are_1() {
    weak().check(&[]).exits(1);
}

#[test]
fn a_path_that_does_not_exist_is_2() {
    let sandbox = weak();
    sandbox.check(&["missing.csr"]).exits(2).complains("missing.csr");
    // Whatever else was named.
    let ran = sandbox.check(&["web.csr", "missing.csr"]);
    ran.exits(2);
}

#[test]
fn wrong_use_is_2() {
    let sandbox = weak();
    for arguments in [
        vec!["check", "--format", "xml"],
        vec!["check", "--fail-on", "hint"],
        vec!["check", "--as-of", "tomorrow"],
        vec!["check", "--as-of", "2026-02-30"],
        vec!["check", "--threads", "0"],
        vec!["check", "--threads", "many"],
        vec!["check", "--output", "sarif"],
        vec!["check", "--output", "sarif="],
        vec!["check", "--output", "xml=a.xml"],
        vec!["check", "--color", "perhaps"],
        vec!["check", "-q", "-v"],
        vec!["check", "--isolated", "--config", "x.yaml"],
        vec!["check", "--no-such-flag"],
        vec!["check", "--stdin-filename", "a.csr"],
        vec!["check", "-", "web.csr"],
        vec!["check", "--profile", "recomended"],
        vec!["check", "--select", "key/rsa-to-small"],
        vec!["check", "--ignore", "keys"],
        vec!["check", "--config", "missing.yaml"],
        vec!["-C", "missing", "check"],
        vec!["-C", "web.csr", "check"],
        vec!["no-such-command"],
        vec![],
    ] {
        let ran = sandbox.run(&arguments);
        assert_eq!(ran.code, 2, "{arguments:?}: {}", ran.stderr);
        assert!(!ran.stderr.is_empty(), "{arguments:?} says nothing");
        assert!(ran.stdout.is_empty(), "{arguments:?} reports something: {}", ran.text());
    }
}

#[test]
fn wrong_names_get_the_nearest_one() {
    let sandbox = weak();
    sandbox.run(&["check", "--profile", "recomended"]).complains("\"recommended\"");
    sandbox.run(&["check", "--select", "key/rsa-to-small"]).complains("\"key/rsa-too-small\"");
    sandbox.run(&["explain", "key/rsa-to-small"]).exits(2).complains("\"key/rsa-too-small\"");
    sandbox.run(&["profiles", "recomended"]).exits(2).complains("\"recommended\"");
}

#[test]
fn what_cannot_be_read_is_3_and_the_rest_is_reported() {
    let sandbox = weak();
    sandbox.file("large.pem", large_with_request());
    for format in FORMATS {
        let ran = sandbox.run(&["check", DAY, "--format", format]);
        assert_eq!(ran.code, 3, "{format}");
        assert!(ran.text().contains("too-small"), "{format}: the finding is missing\n{}", ran.text());
        assert!(ran.text().contains("large.pem"), "{format}: the failure is missing\n{}", ran.text());
    }
}

#[test]
fn code_2_beats_3_beats_1() {
    let sandbox = weak();
    sandbox.file("large.pem", large_with_request());
    sandbox.check(&["--ignore", "key"]).exits(3);
    sandbox.check(&["--fail-on", "never"]).exits(3);
    sandbox.check(&["web.csr"]).exits(1);
    sandbox.check(&[".", "missing"]).exits(2);
    sandbox.file("csrlint.yaml", "version: 1\nwrong: true\n");
    sandbox.check(&[]).exits(2);
}

/// More than 10 MiB with a request at the end.
fn large_with_request() -> Vec<u8> {
    let mut bytes = vec![b'\n'; 10 * 1024 * 1024];
    bytes.extend_from_slice(GOOD.as_bytes());
    bytes
}

#[test]
fn the_code_does_not_depend_on_the_format() {
    let cases: [(&str, Sandbox, i32); 4] = [
        ("clean", Sandbox::with("web.csr", &*GOOD), 0),
        ("error", weak(), 1),
        ("policy", Sandbox::with("csrlint.yaml", "version: 2\n"), 2),
        ("failure", Sandbox::with("large.pem", large_with_request()), 3),
    ];
    for (name, sandbox, code) in &cases {
        for format in FORMATS {
            for mode in [&["-q"][..], &["-v"], &[]] {
                let mut arguments = vec!["check", DAY, "--format", format];
                arguments.extend_from_slice(mode);
                assert_eq!(sandbox.run(&arguments).code, *code, "{name} as {format} {mode:?}");
            }
        }
    }
}

#[test]
fn fail_on_is_the_threshold() {
    let info = Sandbox::with("csrlint.yaml", INFO_POLICY);
    info.file("web.csr", &*GOOD);
    let cases = [(&weak(), [1, 1, 1, 0]), (&Sandbox::with("web.csr", &*SHA1), [0, 1, 1, 0]), (&info, [0, 0, 1, 0])];
    for (sandbox, codes) in cases {
        for (threshold, code) in ["error", "warning", "info", "never"].into_iter().zip(codes) {
            let ran = sandbox.check(&["--fail-on", threshold]);
            assert_eq!(ran.code, code, "{threshold}: {}", ran.text());
            assert_eq!(findings(&ran.json()).len(), 1, "{threshold}");
        }
        // The default is warning.
        assert_eq!(sandbox.check(&[]).code, codes[1]);
    }
}

// --- formats and outputs

#[test]
fn concise_is_one_line_a_finding() {
    let ran = weak().run(&["check", DAY, "--format", "concise"]);
    let lines: Vec<&str> = ran.text().lines().collect();
    assert_eq!(lines.len(), 2, "{}", ran.text());
    assert!(lines[0].starts_with("web.csr:3:58: error[key/rsa-too-small] The RSA key has 1024 bits"), "{}", lines[0]);
    assert_eq!(lines[1], "1 file, 1 request: 1 error");
}

#[test]
fn human_shows_the_decoded_request_and_what_to_do() {
    let ran = weak().run(&["check", DAY]);
    for part in [
        "web.csr:3:58",
        "key/rsa-too-small",
        "RSA key too small",
        "RSA 1024",
        "why: ",
        "fix: ",
        "see: ",
        "csrlint explain key/rsa-too-small",
        "1 file, 1 request: 1 error",
    ] {
        ran.says(part);
    }
}

#[test]
fn human_numbers_lines_as_its_head_does() {
    let ran = weak().run(&["check", DAY]);
    let head = ran.text().lines().find(|line| line.contains("╭─[")).expect("a head").to_owned();
    // `web.csr:3:58 (shop.example.com):7:10`
    let line = head.trim_end_matches([']', ' ']).rsplit(':').nth(1).expect("a line").to_owned();
    let shown = ran.text().lines().find(|line| line.contains("RSA 1024")).expect("the key");
    assert_eq!(shown.split('│').next().expect("a gutter").trim(), line, "{}", ran.text());
}

#[test]
fn json_is_one_object_as_designed() {
    let ran = weak().check(&[]);
    let report = ran.json();
    let keys: Vec<&String> = report.as_object().expect("an object").keys().collect();
    for key in ["schema_version", "run", "summary", "requests", "findings", "not_judged", "errors"] {
        assert!(keys.iter().any(|found| *found == key), "no {key} in {keys:?}");
    }
    assert_eq!(report["schema_version"], 1);
    for key in ["version", "as_of", "policy", "profiles", "root"] {
        assert!(report["run"].get(key).is_some(), "no run.{key}");
    }
    assert_eq!(report["run"]["as_of"], "2026-06-01");
    assert_eq!(report["run"]["policy"], Value::Null);
    let found = findings(&report);
    assert_eq!(found.len(), 1);
    for key in [
        "rule",
        "severity",
        "confidence",
        "message",
        "path",
        "line",
        "column",
        "end_line",
        "end_column",
        "place",
        "request",
        "fingerprint",
        "profiles",
        "waived",
        "fix",
    ] {
        assert!(found[0].get(key).is_some(), "no finding.{key}");
    }
    assert_eq!(
        (&found[0]["rule"], &found[0]["path"], &found[0]["line"], &found[0]["place"]),
        (&"key/rsa-too-small".into(), &"web.csr".into(), &3.into(), &"key.bits".into())
    );
    assert_eq!(report["requests"][0]["path"], "web.csr");
    assert_eq!(report["requests"][0]["key"]["bits"], 1024);
}

#[test]
fn github_is_annotations_and_a_count() {
    let ran = weak().run(&["check", DAY, "--format", "github"]);
    let first = ran.text().lines().next().expect("a line");
    assert!(first.starts_with("::error file=web.csr,line=3,endLine="), "{first}");
    assert!(first.contains(",title=RSA key too small (key/rsa-too-small)::"), "{first}");
    // Columns are refused on a range of several lines.
    assert!(!first.contains("col="), "{first}");
}

#[test]
fn github_shows_ten_of_a_kind_and_counts_the_rest() {
    let sandbox = Sandbox::new();
    for number in 0..12 {
        sandbox.file(format!("{number:02}.csr"), &*WEAK);
        sandbox.file(format!("sha1-{number:02}.csr"), &*SHA1);
    }
    let ran = sandbox.run(&["check", DAY, "--format", "github", "--ignore", "estate"]);
    let count = |start: &str| ran.text().lines().filter(|line| line.starts_with(start)).count();
    assert_eq!((count("::error "), count("::warning ")), (10, 10), "{}", ran.text());
    let lines: Vec<&str> = ran.text().lines().collect();
    assert!(lines[..10].iter().all(|line| line.starts_with("::error ")), "the worst come first: {lines:?}");
    ran.says("::notice title=csrlint::4 more findings");
}

#[test]
fn several_outputs_come_from_one_run() {
    let sandbox = weak();
    let mut arguments = vec!["check", DAY, "--format", "concise"];
    let outputs: Vec<String> = FORMATS.iter().map(|format| format!("{format}=out.{format}")).collect();
    for output in &outputs {
        arguments.extend(["--output", output]);
    }
    let ran = sandbox.run(&arguments);
    ran.exits(1).says("error[key/rsa-too-small]");
    for format in FORMATS {
        let alone = weak().run(&["check", DAY, "--color", "never", "--format", format]);
        assert_eq!(sandbox.read(format!("out.{format}")), alone.text(), "{format}");
    }
}

#[test]
fn outputs_are_relative_to_the_directory_csrlint_stands_in() {
    let sandbox = Sandbox::new();
    sandbox.file("sub/web.csr", &*WEAK);
    sandbox.run(&["-C", "sub", "check", "--output", "json=report.json"]).exits(1);
    assert!(sandbox.at("sub/report.json").exists());
}

#[test]
fn an_output_that_cannot_be_written_is_3() {
    weak().run(&["check", DAY, "--output", "json=no/such/directory/report.json"]).exits(3).complains("report.json");
}

#[test]
fn an_output_that_cannot_be_written_does_not_keep_the_rest_back() {
    let sandbox = weak();
    let ran = sandbox.run(&[
        "check",
        DAY,
        "--format",
        "concise",
        "--output",
        "json=no/such/report.json",
        "--output",
        "sarif=out.sarif",
    ]);
    ran.exits(3).says("error[key/rsa-too-small]");
    assert!(sandbox.at("out.sarif").exists());
}

/// The exit code of `check` with its streams redirected by a shell.
#[cfg(target_os = "linux")]
fn redirected(sandbox: &Sandbox, redirection: &str) -> i32 {
    let script = format!("\"$0\" check {redirection}");
    let status = std::process::Command::new("sh")
        .args(["-c", &script, env!("CARGO_BIN_EXE_csrlint")])
        .current_dir(sandbox.path())
        .stderr(std::process::Stdio::null())
        .stdout(std::process::Stdio::null())
        .status()
        .expect("sh");
    status.code().unwrap_or(-1)
}

#[cfg(target_os = "linux")]
#[test]
fn standard_output_that_is_full_is_3_and_one_that_is_closed_is_no_failure() {
    let sandbox = weak();
    assert_eq!(redirected(&sandbox, ">/dev/full"), 3);
    assert_eq!(redirected(&sandbox, "--output json=/dev/full"), 3);
    assert_eq!(redirected(&sandbox, "| true; exit 1"), 1);
    assert_eq!(redirected(&sandbox, ">&-"), 1);
}

#[cfg(target_os = "linux")]
#[test]
fn standard_error_does_not_decide_on_the_exit_code() {
    let sandbox = weak();
    assert_eq!(redirected(&sandbox, "2>/dev/full"), 1);
    assert_eq!(redirected(&sandbox, "2>&-"), 1);
    assert_eq!(redirected(&sandbox, "missing 2>/dev/full"), 2);
    sandbox.file("csrlint.yaml", "version: 9\n");
    assert_eq!(redirected(&sandbox, "2>/dev/full"), 2);
}

#[test]
fn reports_are_the_same_on_any_number_of_threads() {
    let sandbox = Sandbox::new();
    for number in 0..20 {
        sandbox.file(format!("{}/{number}.csr", number % 3), if number % 2 == 0 { &*WEAK } else { &*SHA1 });
    }
    for format in FORMATS {
        let one = sandbox.run(&["check", DAY, "--format", format, "--threads", "1"]);
        let four = sandbox.run(&["check", DAY, "--format", format, "--threads", "4"]);
        assert_eq!(one.text(), four.text(), "{format}");
    }
}

// --- other flags of check

#[test]
fn word_of_the_run_goes_to_standard_error() {
    let sandbox = weak();
    sandbox.run(&["check", DAY]).complains("csrlint 0.1.0: 1 files in TIME");
    assert_eq!(sandbox.run(&["check", DAY, "-q"]).stderr, "");
    sandbox.run(&["check", DAY, "-v"]).complains("no policy");
    sandbox.file("csrlint.yaml", "version: 1\n");
    sandbox.run(&["check", DAY, "-v"]).complains("policy csrlint.yaml");
}

#[test]
fn quiet_leaves_explanations_out() {
    let ran = weak().run(&["check", DAY, "-q"]);
    ran.exits(1).says("key/rsa-too-small");
    assert!(!ran.text().contains("why: ") && !ran.text().contains("fix: "), "{}", ran.text());
}

#[test]
fn verbose_tells_what_was_waived_and_not_judged() {
    let sandbox = weak();
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: an old printer, expires: 2027-01-01 }\n",
    );
    let ran = sandbox.run(&["check", DAY, "-v"]);
    ran.exits(0).says("waived: ").says("an old printer");
    assert!(!sandbox.run(&["check", DAY]).text().contains("an old printer"));
}

#[test]
fn colours_come_when_they_are_asked_for() {
    let sandbox = weak();
    let colored = |arguments: &[&str], variables: &[(&str, &str)]| {
        let ran = sandbox.run_with(&[&["check", DAY], arguments].concat(), b"", variables);
        ran.exits(1);
        ran.stdout.contains(&0x1B)
    };
    assert!(!colored(&[], &[]), "a pipe gets none");
    assert!(!colored(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
    assert!(!colored(&["--color", "auto"], &[("NO_COLOR", "1")]));
    assert!(colored(&["--color", "always"], &[]));
    assert!(
        colored(&["--color", "always"], &[("NO_COLOR", "1")]),
        "what is asked for counts more than the environment"
    );
    for format in ["concise", "json", "sarif", "github"] {
        assert!(!colored(&["--color", "always", "--format", format], &[]), "{format}");
    }
}

#[test]
fn colours_are_all_that_always_adds() {
    let sandbox = weak();
    let colored = sandbox.run(&["check", DAY, "--color", "always"]);
    let plain = sandbox.run(&["check", DAY, "--color", "never"]);
    let mut stripped = String::new();
    let mut rest = colored.text();
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        stripped.push_str(before);
        let end = after.find('m').expect("the end of a colour");
        assert!(
            after[..end].bytes().all(|byte| byte == b'[' || byte == b';' || byte.is_ascii_digit()),
            "{:?}",
            &after[..end]
        );
        rest = &after[end + 1..];
    }
    stripped.push_str(rest);
    let words = |text: &str| text.lines().map(|line| line.trim_end().to_owned()).collect::<Vec<_>>();
    assert_eq!(words(&stripped), words(plain.text()));
}

#[test]
fn no_progress_and_deep_are_accepted() {
    let sandbox = weak();
    let plain = sandbox.run(&["check", DAY]);
    assert_eq!(sandbox.run(&["check", DAY, "--no-progress", "--deep"]).text(), plain.text());
}

#[test]
fn profiles_rules_and_families_are_chosen() {
    let sandbox = Sandbox::with(
        "web.csr",
        WEAK.replace("-----BEGIN CERT", "-----BEGIN NEW CERT").replace("-----END CERT", "-----END NEW CERT"),
    );
    assert_eq!(sandbox.check(&[]).rules(), ["key/rsa-too-small"]);
    assert_eq!(sandbox.check(&["--profile", "pedantic"]).rules(), ["pem/new-label", "key/rsa-too-small"]);
    assert_eq!(
        sandbox.check(&["--profile", "recommended", "--profile", "pedantic"]).rules(),
        ["pem/new-label", "key/rsa-too-small"]
    );
    assert_eq!(sandbox.check(&["--select", "pem/new-label"]).rules(), ["pem/new-label"]);
    // A family is narrowed to what the profiles have of it; what they have nothing of is run as it is.
    assert_eq!(sandbox.check(&["--select", "pem"]).rules(), [""; 0]);
    assert_eq!(sandbox.check(&["--profile", "pedantic", "--select", "pem"]).rules(), ["pem/new-label"]);
    assert_eq!(
        sandbox.check(&["--profile", "pedantic", "--select", "pem", "--select", "key/rsa-too-small"]).rules(),
        ["pem/new-label", "key/rsa-too-small"]
    );
    assert_eq!(sandbox.check(&["--profile", "webpki-dv", "--select", "adcs"]).exits(0).rules(), [""; 0]);
    assert_eq!(
        sandbox.check(&["--profile", "apple", "--select", "kubernetes"]).rules(),
        ["kubernetes/node-subject"; 2]
    );
    assert_eq!(sandbox.check(&["--profile", "pedantic", "--ignore", "key"]).rules(), ["pem/new-label"]);
    assert_eq!(
        sandbox.check(&["--profile", "pedantic", "--ignore", "key/rsa-too-small", "--ignore", "pem/*"]).rules(),
        [""; 0]
    );
}

/// A rule that the policy switches on is the organisation's whatever the profiles have; a family it belongs to includes it.
#[test]
fn a_selected_family_has_the_rules_of_the_policy() {
    let sandbox = Sandbox::with("web.csr", WEAK.as_bytes());
    sandbox
        .file("csrlint.yaml", "version: 1\nrules:\n  key/not-allowed: { with: { rsa: { min: 4096 }, other: deny } }\n");
    assert_eq!(sandbox.check(&["--select", "key"]).rules(), ["key/not-allowed", "key/rsa-too-small"]);
    assert_eq!(sandbox.check(&["--select", "key/not-allowed"]).rules(), ["key/not-allowed"]);
}

#[test]
fn two_profiles_that_demand_the_same_give_one_finding_that_names_both() {
    let report = weak().check(&["--profile", "recommended", "--profile", "pedantic"]).json();
    let found = findings(&report);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["profiles"], serde_json::json!(["recommended", "pedantic"]));
}

#[test]
fn as_of_decides_on_dates() {
    let sandbox = Sandbox::with("csrlint.yaml", INFO_POLICY);
    sandbox.file("web.csr", &*GOOD);
    for (day, severity, code) in [("2029-12-31", "info", 0), ("2030-01-01", "error", 1)] {
        let ran = sandbox.run(&["check", "--format", "json", "--as-of", day]);
        ran.exits(code);
        assert_eq!(findings(&ran.json())[0]["severity"], severity, "{day}");
        assert_eq!(ran.json()["run"]["as_of"], day);
    }
}

#[test]
fn config_and_isolated_choose_the_policy() {
    let sandbox = weak();
    sandbox.file("csrlint.yaml", "version: 1\nrules:\n  key/rsa-too-small: { severity: off }\n");
    sandbox.file("other/strict.yaml", "version: 1\nrules:\n  key/rsa-too-small: { severity: info }\n");
    sandbox.check(&[]).exits(0);
    sandbox.check(&["--isolated"]).exits(1);
    let ran = sandbox.check(&["--config", "other/strict.yaml"]);
    ran.exits(0);
    assert_eq!(findings(&ran.json())[0]["severity"], "info");
    assert_eq!(ran.json()["run"]["policy"], "other/strict.yaml");
}

#[test]
fn patterns_of_config_are_relative_to_the_working_directory() {
    let sandbox = Sandbox::with("legacy/web.csr", &*WEAK);
    sandbox.file("policies/p.yaml", "version: 1\nexclude: [\"legacy/**\"]\n");
    sandbox.check(&["--config", "policies/p.yaml"]).exits(0);
}

// --- standard input

#[test]
fn standard_input_is_linted() {
    let sandbox = Sandbox::new();
    let lint = |arguments: &[&str], input: &[u8]| {
        sandbox.run_stdin(&[&["check", DAY, "--format", "json"], arguments].concat(), input)
    };
    let ran = lint(&["-"], WEAK.as_bytes());
    ran.exits(1);
    assert_eq!(findings(&ran.json())[0]["path"], "<stdin>");
    lint(&["-"], GOOD.as_bytes()).exits(0);
    lint(&["-"], b"").exits(0);
    let ran = lint(&["-", "--stdin-filename", "sub/web.csr"], WEAK.as_bytes());
    ran.exits(1);
    assert_eq!(findings(&ran.json())[0]["path"], "sub/web.csr");
    // The name says that it should be a request.
    lint(&["-", "--stdin-filename", "web.csr"], b"").exits(1);
}

#[test]
fn standard_input_obeys_the_policy_by_its_name() {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        "version: 1\nexclude: [\"vendor/**\"]\nscopes:\n  - files: [\"legacy/**\"]\n    rules: { key/rsa-too-small: { severity: off } }\n",
    );
    let lint = |name: &str| sandbox.run_stdin(&["check", DAY, "-", "--stdin-filename", name], WEAK.as_bytes()).code;
    assert_eq!(
        (lint("web.csr"), lint("vendor/web.csr"), lint("legacy/web.csr"), lint("./vendor/web.csr")),
        (1, 0, 0, 0)
    );
}

#[test]
fn standard_input_has_the_fingerprint_of_the_file() {
    let sandbox = weak();
    let file = findings(&sandbox.check(&["web.csr"]).json());
    let stdin = findings(
        &sandbox.run_stdin(&["check", "-", "--stdin-filename", "web.csr", "--format", "json"], WEAK.as_bytes()).json(),
    );
    assert_eq!(file[0]["fingerprint"], stdin[0]["fingerprint"]);
}

#[cfg(unix)]
#[test]
fn standard_input_under_a_name_that_is_not_utf_8_is_linted() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt as _;
    let arguments =
        [OsStr::new("check"), OsStr::new("-"), OsStr::new("--stdin-filename"), OsStr::from_bytes(b"w\xFFb.csr")];
    Sandbox::new().run_stdin(&arguments, WEAK.as_bytes()).exits(1);
}

// --- the other commands

#[test]
fn inspect_shows_and_decodes() {
    let sandbox = weak();
    sandbox.run(&["inspect", "web.csr"]).exits(0).says("web.csr:1: ").says("RSA 1024").says("shop.example.com");
    let ran = sandbox.run(&["inspect", "--format", "json", "web.csr"]);
    let requests = ran.exits(0).json();
    let request = &requests.as_array().expect("an array")[0];
    for key in [
        "path",
        "span",
        "source_format",
        "der_sha256",
        "spki_sha256",
        "version",
        "subject",
        "rdns",
        "key",
        "signature",
        "sans",
        "extensions",
        "attributes",
        "defects",
    ] {
        assert!(request.get(key).is_some(), "no {key}");
    }
    assert_eq!(request["subject"], "CN=shop.example.com,O=Example Trading");
    assert_eq!(request["sans"][0], serde_json::json!({ "type": "dns", "value": "shop.example.com" }));
    assert_eq!(request["signature"]["status"], "valid");
    assert_eq!(
        request["key"],
        serde_json::json!({ "algorithm": "RSA", "algorithm_oid": "1.2.840.113549.1.1.1", "bits": 1024, "curve": null, "exponent": 65537 })
    );
    let pem = sandbox.run(&["inspect", "--format", "pem", "web.csr"]);
    assert_eq!(pem.exits(0).text(), *WEAK);
    assert_eq!(sandbox.run_stdin(&["inspect", "--format", "pem", "-"], WEAK.as_bytes()).exits(0).text(), *WEAK);
}

#[test]
fn inspect_has_the_same_requests_as_check() {
    let sandbox = weak();
    let inspected = sandbox.run(&["inspect", "--format", "json", "web.csr"]).json();
    assert_eq!(sandbox.check(&[]).json()["requests"], inspected);
}

#[test]
fn inspect_says_where_there_is_nothing() {
    let sandbox = Sandbox::with("README.md", "nothing\n");
    sandbox.run(&["inspect", "README.md"]).exits(3).complains("no certificate signing request");
    sandbox.run(&["inspect", "missing.csr"]).exits(2);
    sandbox.run(&["inspect"]).exits(2);
    sandbox.file("web.csr", &*WEAK);
    // One file without a request does not keep the others back.
    sandbox.run(&["inspect", "README.md", "web.csr"]).exits(3).says("RSA 1024");
}

#[test]
fn explain_tells_everything() {
    let sandbox = Sandbox::new();
    let ran = sandbox.run(&["explain", "key/rsa-too-small"]);
    ran.exits(0);
    for part in [
        "key/rsa-too-small: RSA key too small",
        "Severity error",
        "recommended",
        "Why it matters",
        "What to do",
        "Sources",
        "Fails",
        "Passes",
        "BEGIN CERTIFICATE REQUEST",
    ] {
        ran.says(part);
    }
    sandbox.run(&["explain"]).exits(2);
}

#[test]
fn every_rule_can_be_explained() {
    let sandbox = Sandbox::new();
    for rule in sandbox.run(&["rules", "--format", "json"]).json().as_array().expect("an array") {
        let id = rule["id"].as_str().expect("an id");
        // Starting the program a hundred times is slow; a tenth of the rules shows that it works for any.
        if id.len() % 10 == 0 {
            sandbox.run(&["explain", id]).exits(0).says(rule["title"].as_str().expect("a title"));
        }
    }
}

#[test]
fn rules_are_listed_in_three_forms() {
    let sandbox = Sandbox::new();
    sandbox.run(&["rules"]).exits(0).says("key/rsa-too-small").says("RSA key too small");
    sandbox.run(&["rules", "--format", "markdown"]).exits(0).says("| `key/rsa-too-small` | error |");
    let list = sandbox.run(&["rules", "--format", "json"]).exits(0).json();
    let rule = list
        .as_array()
        .expect("an array")
        .iter()
        .find(|rule| rule["id"] == "key/rsa-too-small")
        .expect("the rule")
        .clone();
    for key in [
        "title",
        "severity",
        "confidence",
        "lifecycle",
        "judges",
        "check",
        "with",
        "why",
        "fix",
        "references",
        "profiles",
    ] {
        assert!(rule.get(key).is_some(), "no {key}");
    }
}

#[test]
fn profiles_are_listed_in_three_forms() {
    let sandbox = Sandbox::new();
    sandbox.run(&["profiles"]).exits(0).says("recommended").says("pedantic");
    sandbox.run(&["profiles", "recommended"]).exits(0).says("key/rsa-too-small").says("algorithm: rsa; min: 2048");
    sandbox.run(&["profiles", "--format", "markdown"]).exits(0).says("| `recommended` |");
    sandbox.run(&["profiles", "recommended", "--format", "markdown"]).exits(0).says("| `key/rsa-too-small` |");
    assert!(sandbox.run(&["profiles", "--format", "json"]).exits(0).json().as_array().expect("an array").len() >= 2);
    assert_eq!(sandbox.run(&["profiles", "recommended", "--format", "json"]).exits(0).json()["name"], "recommended");
}

#[test]
fn init_writes_a_policy_that_works_and_never_over_one() {
    let sandbox = Sandbox::with("web.csr", &*GOOD);
    sandbox.run(&["init"]).exits(0);
    let ran = sandbox.check(&[]);
    ran.exits(0);
    assert_eq!(ran.json()["run"]["policy"], "csrlint.yaml");
    assert_eq!(sandbox.read("csrlint.yaml"), sandbox.run(&["init", "--stdout"]).exits(0).text());
    sandbox.file("csrlint.yaml", "version: 1\n");
    sandbox.run(&["init"]).exits(2).complains("csrlint.yaml");
    assert_eq!(sandbox.read("csrlint.yaml"), "version: 1\n");
}

#[test]
fn schemas_are_printed() {
    let sandbox = Sandbox::new();
    for name in ["config", "rule", "profile", "report", "inspect", "check/key-size"] {
        let schema = sandbox.run(&["schema", name]).exits(0).json();
        jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
    }
    for name in ["nothing", "check/nothing"] {
        sandbox.run(&["schema", name]).exits(2);
    }
}

#[test]
fn the_report_fits_its_schema() {
    let sandbox = weak();
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: r, expires: 2027-01-01 }\n",
    );
    sandbox.file("large.pem", large_with_request());
    let schema = sandbox.run(&["schema", "report"]).json();
    let report = sandbox.check(&["--profile", "pedantic"]).json();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&report)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn inspected_requests_fit_their_schema() {
    let sandbox = Sandbox::new();
    let mut arguments = vec!["inspect".to_owned(), "--format".to_owned(), "json".to_owned()];
    for case in forge::clean().into_iter().chain(forge::mutants()) {
        sandbox.file(&case.file, &case.bytes);
        arguments.push(case.file);
    }
    let requests = sandbox.run(&arguments).json();
    assert!(requests.as_array().is_some_and(|list| list.len() > 150));
    let validator = jsonschema::validator_for(&sandbox.run(&["schema", "inspect"]).json()).expect("a schema");
    let errors: Vec<String> =
        validator.iter_errors(&requests).map(|error| format!("{}: {error}", error.instance_path())).take(5).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert!(!validator.is_valid(&serde_json::json!([{ "path": 1 }])), "the schema says something");
}

#[test]
fn shipped_examples_are_run() {
    Sandbox::new().run(&["test"]).exits(0).says(" 0 failed");
}

#[test]
fn help_and_version_are_there() {
    let sandbox = Sandbox::new();
    sandbox.run(&["--version"]).exits(0).says("csrlint 0.1.0");
    sandbox.run(&["--help"]).exits(0).says("Usage: csrlint");
    for command in ["check", "inspect", "explain", "rules", "profiles", "init", "config", "schema", "test"] {
        sandbox.run(&[command, "--help"]).exits(0).says("Usage: csrlint ");
    }
}
