//! `csrlint.yaml`: errors at their place, scopes, layers, waivers, inline ignores, custom rules, `csrlint config`.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use forge::csr::good;
use forge::{der, keys};
use run::{Ran, Sandbox, findings, text_of};
use samples::{GOOD, SHA1, WEAK};
use serde_json::Value;

fn weak(policy: &str) -> Sandbox {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.file("csrlint.yaml", policy);
    sandbox
}

/// One finding of the report, of which there must be one only.
fn only(ran: &Ran) -> Value {
    let mut found = findings(&ran.json());
    assert_eq!(found.len(), 1, "{}", ran.brief());
    found.remove(0)
}

// --- errors

/// What is drawn as wrong: `(file:line:column, the underlined text)`.
fn drawn(ran: &Ran) -> Vec<(String, String)> {
    let lines: Vec<&str> = ran.stderr.lines().collect();
    let heads = lines.iter().enumerate().filter(|(_, line)| line.contains("╭─["));
    heads
        .map(|(number, head)| {
            let place: String =
                head.split("╭─[ ").nth(1).expect("a place").split(':').take(3).collect::<Vec<_>>().join(":");
            let place = place.trim_end_matches([' ', ']']).to_owned();
            let text: Vec<char> = lines[number + 2].split_once("│ ").map_or("", |(_, text)| text).chars().collect();
            let marks: Vec<char> = lines[number + 3].split_once("│ ").map_or("", |(_, marks)| marks).chars().collect();
            let marked = marks
                .iter()
                .enumerate()
                .filter(|(_, mark)| "─┬".contains(**mark))
                .filter_map(|(column, _)| text.get(column));
            (place, marked.collect())
        })
        .collect()
}

/// Policy, place, underlined text, part of the message, part of the help.
type Case = (&'static str, &'static str, &'static str, &'static str, &'static str);

const ERRORS: [Case; 22] = [
    ("version: 1\nexcludes: [a]\n", "csrlint.yaml:2:1", "excludes", "unknown key \"excludes\"", "\"exclude\""),
    (
        "version: 1\nrules:\n  key/rsa-too-small: { severty: error }\n",
        "csrlint.yaml:3:24",
        "severty",
        "unknown key",
        "\"severity\"",
    ),
    ("version: 1\nscopes:\n  - { file: [a], files: [b] }\n", "csrlint.yaml:3:7", "file", "unknown key", "\"files\""),
    (
        "version: 1\nwaivers:\n  - { rule: pem, reason: r, expires: 2027-01-01, aproved-by: me }\n",
        "csrlint.yaml:3:50",
        "aproved-by",
        "unknown key",
        "\"approved-by\"",
    ),
    (
        "version: 1\nrules:\n  key/rsa-to-small: {}\n",
        "csrlint.yaml:3:3",
        "key/rsa-to-small",
        "there is no rule",
        "\"key/rsa-too-small\"",
    ),
    (
        "version: 1\nscopes:\n  - files: [a]\n    rules: { san/name-polcy: {} }\n",
        "csrlint.yaml:4:14",
        "san/name-polcy",
        "there is no rule",
        "\"san/name-policy\"",
    ),
    (
        "version: 1\nprofiles: [recommended, pedantc]\n",
        "csrlint.yaml:2:25",
        "pedantc",
        "there is no profile",
        "\"pedantic\"",
    ),
    (
        "version: 1\nscopes:\n  - files: [a]\n    profiles: [recomended]\n",
        "csrlint.yaml:4:16",
        "recomended",
        "there is no profile",
        "\"recommended\"",
    ),
    (
        "version: 1\nrules:\n  key/rsa-too-small:\n    with: { minn: 3072 }\n",
        "csrlint.yaml:4:13",
        "minn",
        "unknown field `minn`",
        "\"min\"",
    ),
    (
        "version: 1\nscopes:\n  - files: [a]\n    rules:\n      key/rsa-too-small: { with: { maxx: 1 } }\n",
        "csrlint.yaml:5:36",
        "maxx",
        "unknown field `maxx`",
        "\"max\"",
    ),
    ("version: 1\nexclude: [good, \"a**b\"]\n", "csrlint.yaml:2:17", "\"a**b\"", "no path pattern", ""),
    ("version: 1\nscopes:\n  - files: [\"[\"]\n", "csrlint.yaml:3:13", "\"[\"", "no path pattern", ""),
    (
        "version: 1\nwaivers:\n  - { rule: pem, files: [\"***\"], reason: r, expires: 2027-01-01 }\n",
        "csrlint.yaml:3:26",
        "\"***\"",
        "no path pattern",
        "",
    ),
    ("version: 2\n", "csrlint.yaml:1:10", "2", "version 2 is not known", "version 1"),
    ("version: 1\nrequired-version: \">=99\"\n", "csrlint.yaml:2:19", "\">=99\"", "needs csrlint >=99", ""),
    ("version: 1\nrequired-version: newest\n", "csrlint.yaml:2:19", "newest", "no version requirement", ""),
    (
        "version: 1\nwaivers:\n  - { rule: pem, reason: \" \", expires: 2027-01-01 }\n",
        "csrlint.yaml:3:26",
        "\" \"",
        "a waiver has a reason",
        "",
    ),
    (
        "version: 1\nwaivers:\n  - { rule: key/dsa, reason: r, expires: 2027-01-01 }\nno-waivers: [key]\n",
        "csrlint.yaml:3:13",
        "key/dsa",
        "does not let",
        "",
    ),
    (
        "version: 1\nscopes:\n  - profiles: [recommended]\n",
        "csrlint.yaml:3:5",
        "profiles: [recommended]",
        "which part of the tree",
        "`files` or `match`",
    ),
    ("version: 1\ncustom-rules: [policy/*.yaml]\n", "csrlint.yaml:2:16", "policy/*.yaml", "no file matches", ""),
    ("version: 1\nfail-on: sometimes\n", "csrlint.yaml:2:10", "sometimes", "", ""),
    ("# é\nversion: 1\nrules:\n  - [\n", "csrlint.yaml:5:1", "", "no YAML", ""),
];

#[test]
fn errors_are_shown_at_their_place_with_the_nearest_name() {
    let mut problems = Vec::new();
    for (policy, place, underlined, message, help) in ERRORS {
        let ran = weak(policy).check(&[]);
        let shown = drawn(&ran);
        let right = ran.code == 2
            && ran.stdout.is_empty()
            && shown == [(place.to_owned(), underlined.to_owned())]
            && ran.stderr.contains(message)
            && ran.stderr.contains(help);
        if !right {
            problems.push(format!(
                "{policy}-> {} {shown:?}, not {place} {underlined:?} {message:?} {help:?}\n{}",
                ran.code, ran.stderr
            ));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// As above, not right today.
const ERRORS_ASTRAY: [Case; 6] = [
    (
        "version: 1\nrules:\n  key/rsa-too-small: { enforce-from: 2027-13-01 }\n",
        "csrlint.yaml:3:38",
        "2027-13-01",
        "no date",
        "",
    ),
    ("version: 1\nwaivers:\n  - { rule: pem, reason: r, expires: soon }\n", "csrlint.yaml:3:38", "soon", "no date", ""),
    ("version: 1\nrules:\n  key/rsa-too-small: { severity: eror }\n", "csrlint.yaml:3:34", "eror", "", "\"error\""),
    ("version: 1\nscopes:\n  - match: { format: pam }\n", "csrlint.yaml:3:22", "pam", "", "pem"),
    (
        "version: 1\nrules:\n  key/rsa-too-small:\n    with: { min: many }\n",
        "csrlint.yaml:4:18",
        "many",
        "invalid type",
        "",
    ),
    ("version: 1\nscopes:\n  - match: { format: pem, isuer: acme }\n", "csrlint.yaml:3:27", "isuer", "unknown key", ""),
];

#[test]
fn errors_of_values_are_shown_at_their_place() {
    let mut problems = Vec::new();
    for (policy, place, underlined, message, help) in ERRORS_ASTRAY {
        let ran = weak(policy).check(&[]);
        let shown = drawn(&ran);
        if ran.code != 2
            || shown != [(place.to_owned(), underlined.to_owned())]
            || !ran.stderr.contains(message)
            || !ran.stderr.contains(help)
        {
            problems
                .push(format!("{policy}-> {} {shown:?}, not {place} {underlined:?} {message:?} {help:?}", ran.code));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn errors_of_values_end_in_2_wherever_they_are_shown() {
    for (policy, ..) in ERRORS_ASTRAY {
        weak(policy).check(&[]).exits(2).complains("csrlint.yaml:");
    }
}

#[test]
fn every_error_is_told_at_once() {
    let ran = weak("version: 1\nprofiles: [x]\nexclude: [\"[\"]\nrules:\n  a/b: {}\n  c/d: {}\n").check(&[]);
    let places: Vec<String> = drawn(ran.exits(2)).into_iter().map(|(place, _)| place).collect();
    assert_eq!(places.len(), 4, "{}", ran.stderr);
}

#[test]
fn places_are_right_with_crlf_and_behind_other_characters() {
    let policy = "version: 1\r\n# \u{1F600} \u{e9}\r\nexclude: [\"\u{e9}\u{e9}\", \"[\"]\r\n";
    let ran = weak(policy).check(&[]);
    assert_eq!(drawn(ran.exits(2)), [("csrlint.yaml:3:17".to_owned(), "\"[\"".to_owned())], "{}", ran.stderr);
}

#[test]
fn an_empty_policy_is_an_error() {
    for policy in ["", "\n", "# nothing\n", "---\n", "null\n", "~\n", "{}\n", "[]\n", "text\n", "1\n"] {
        weak(policy).check(&[]).exits(2).complains("csrlint.yaml:1:");
    }
}

#[test]
fn a_policy_that_is_not_utf_8_is_an_error() {
    let sandbox = weak("");
    sandbox.file("csrlint.yaml", b"version: 1\n# \xFF\xFE\n");
    sandbox.check(&[]).exits(2).complains("csrlint.yaml").complains("UTF-8");
}

#[test]
fn a_policy_of_two_documents_is_an_error() {
    weak("version: 1\n---\nversion: 1\n").check(&[]).exits(2).complains("csrlint.yaml:");
}

#[test]
fn a_key_that_is_written_twice_is_an_error() {
    for policy in [
        "version: 1\nversion: 1\n",
        "version: 1\nrules:\n  key/rsa-too-small: { severity: error }\nrules: {}\n",
        "version: 1\nrules:\n  key/rsa-too-small: { severity: error }\n  key/rsa-too-small: { severity: off }\n",
        "version: 1\nrules:\n  key/rsa-too-small: { with: { min: 4096, min: 512 } }\n",
    ] {
        let ran = weak(policy).check(&[]);
        assert_eq!(ran.code, 2, "{policy}");
    }
}

#[test]
fn a_byte_order_mark_is_no_error() {
    weak("\u{feff}version: 1\nrules:\n  key/rsa-too-small: { severity: off }\n").check(&[]).exits(0);
}

#[test]
fn bombs_are_refused_quickly() {
    let mut laughs = String::from("a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n");
    for level in 1..12 {
        let members = vec![format!("*a{}", level - 1); 9].join(", ");
        laughs.push_str(&format!("a{level}: &a{level} [{members}]\n"));
    }
    let bombs = [
        laughs,
        format!("version: 1\nx: {}", "[".repeat(5_000)),
        format!("version: 1\nx: {}{}", "[".repeat(5_000), "]".repeat(5_000)),
        (0..5000).map(|depth| format!("{}a:\n", " ".repeat(depth.min(190)))).collect(),
        "version: 1\nx: &x [*x, *x]\n".to_owned(),
        "version: 1\nx: &x { <<: *x }\n".to_owned(),
        format!("version: 1\nexclude: [{}]\n", "\"**/**/**/**/**/a\", ".repeat(1000)) + "wrong: 1\n",
        "version: 1\n".to_owned() + &"#".repeat(2_000_000),
    ];
    for bomb in bombs {
        let sandbox = Sandbox::with("csrlint.yaml", &bomb);
        let started = std::time::Instant::now();
        sandbox.check(&[]).exits(2);
        assert!(started.elapsed().as_secs() < 10, "{} took {:?}", &bomb[..40], started.elapsed());
    }
}

/// At most this much memory and time, whatever the policy says.
#[cfg(unix)]
fn bounded(policy: &str) -> Ran {
    let sandbox = Sandbox::with("csrlint.yaml", policy);
    let mut command = std::process::Command::new("sh");
    command
        .args(["-c", "ulimit -v 2000000; exec \"$0\" check", env!("CARGO_BIN_EXE_csrlint")])
        .current_dir(sandbox.path());
    run::finish(command, b"", run::LIMIT)
}

#[cfg(unix)]
#[test]
fn many_aliases_of_one_long_list_are_refused() {
    let members = vec!["a"; 20_000].join(", ");
    let aliases: String = (0..2000).map(|number| format!("y{number}: *x\n")).collect();
    bounded(&format!("version: 1\nx: &x [{members}]\n{aliases}")).exits(2);
}

#[cfg(unix)]
#[test]
fn deep_nesting_is_refused_quickly() {
    bounded(&format!("version: 1\nx: {}", "[".repeat(300_000))).exits(2);
}

#[cfg(unix)]
#[test]
fn many_errors_are_told_quickly() {
    let rules: String = (0..30_000).map(|number| format!("  a/b{number}: {{}}\n")).collect();
    bounded(&format!("version: 1\nrules:\n{rules}")).exits(2);
    let waivers: String = (0..10_000).map(|_| "  - { rule: key/dsa, reason: r, expires: 2027-01-01 }\n").collect();
    assert_ne!(bounded(&format!("version: 1\nwaivers:\n{waivers}")).code, -1, "too slow");
}

#[cfg(unix)]
#[test]
fn nesting_on_one_line_is_refused() {
    for deep in ["- ".repeat(5_000), "- ".repeat(400_000), format!("{}a", "? ".repeat(5_000)), "- ? ".repeat(5_000)] {
        bounded(&format!("version: 1\nx:\n {deep}")).exits(2);
    }
}

#[test]
fn what_only_looks_like_a_bomb_is_no_bomb() {
    let comments = "# see [the list\n".repeat(70);
    let strings = format!("exclude: [\"{}\"]\n", "[[]".repeat(70));
    for policy in [format!("version: 1\n{comments}"), format!("version: 1\n{strings}")] {
        weak(&policy).check(&[]).exits(1);
    }
    // A long rule with a list in its text.
    let bullets: String = (0..60).map(|number| format!("  * reason {number}, 2 * 3 * 4\n")).collect();
    let rule = custom_rule().replace("  Make a new key.\n", &format!("{bullets}  {}\n", "word ".repeat(10_000)));
    Sandbox::with("rules/short.yaml", rule).run(&["test", "rules/short.yaml"]).exits(0);
}

#[test]
fn a_rule_that_backtracks_does_not_hang() {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        "version: 1\nrules:\n  subject/attribute-policy:\n    with: { O: { deny: [\"regex:(a*)*(a*)*(a*)*b\", \"*a*a*a*a*a*a*a*a*b\"] } }\n",
    );
    sandbox.file("web.csr", good().subject(der::name(&[("O", &"a".repeat(20_000))])).pem());
    sandbox.check(&["--select", "subject/attribute-policy"]).exits(0);
    let huge =
        "version: 1\nrules:\n  subject/attribute-policy:\n    with: { O: { allow: [\"regex:(a{1000}){1000}\"] } }\n";
    weak(huge).check(&[]).exits(2).complains("regular expression");
}

#[test]
fn errors_of_patterns_say_what_is_wrong() {
    for (list, message) in [("allow", "no CIDR block"), ("deny", "no CIDR block")] {
        let ran = weak(&format!(
            "version: 1\nrules:\n  san/name-policy:\n    with: {{ ip: {{ {list}: [10.0.0.0/33, x] }} }}\n"
        ))
        .check(&[]);
        ran.exits(2).complains("the prefix length is 0 to 32");
        let ran = weak(&format!("version: 1\nrules:\n  san/name-policy:\n    with: {{ ip: {{ {list}: [x] }} }}\n"))
            .check(&[]);
        ran.exits(2).complains(message);
    }
}

// --- layers

const STRICT: &str = "rules:\n  key/rsa-too-small: { with: { min: 4096 } }\n";

#[test]
fn naming_a_rule_switches_it_on_and_off() {
    let sandbox = weak("version: 1\nrules:\n  pem/line-width: {}\n  key/rsa-too-small: { severity: off }\n");
    sandbox.file("web.csr", format!("{}\n", WEAK.replacen('\n', "\n\n", 1)));
    let wide = forge::csr::labelled(&samples::weak().der(), "CERTIFICATE REQUEST");
    let body: String = wide.lines().filter(|line| !line.starts_with('-')).collect();
    sandbox
        .file("web.csr", format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n"));
    assert_eq!(sandbox.check(&[]).rules(), ["pem/line-width"]);
}

#[test]
fn severity_is_overridden() {
    for (severity, code) in [("error", 1), ("warning", 1), ("info", 0)] {
        let ran = weak(&format!("version: 1\nrules:\n  key/rsa-too-small: {{ severity: {severity} }}\n")).check(&[]);
        assert_eq!((ran.code, text_of(&only(&ran)["severity"])), (code, severity.to_owned()));
    }
}

#[test]
fn parameters_merge_by_key() {
    // `algorithm: rsa` stays from the rule.
    let sandbox = Sandbox::with("web.csr", forge::Csr::new(keys::rsa2048()).pem());
    sandbox.file("csrlint.yaml", format!("version: 1\n{STRICT}"));
    assert!(text_of(&only(&sandbox.check(&[]))["message"]).contains("at least 4096"));
}

#[test]
fn lists_replace() {
    // sha256 is denied, and the shipped list (md5, sha1 ...) is gone.
    let policy = "version: 1\nrules:\n  signature/hash-not-allowed: { with: { deny: [sha256] } }\n";
    let sandbox = Sandbox::with("csrlint.yaml", policy);
    sandbox.file("sha1.csr", &*SHA1).file("sha256.csr", &*GOOD);
    assert_eq!(text_of(&only(&sandbox.check(&[]))["path"]), "sha256.csr");
}

#[test]
fn enforce_from_is_inclusive() {
    let sandbox = weak("version: 1\nrules:\n  key/rsa-too-small: { enforce-from: 2027-01-01 }\n");
    for (day, severity, code) in [("2026-12-31", "info", 0), ("2027-01-01", "error", 1), ("2027-01-02", "error", 1)] {
        let ran = sandbox.run(&["check", "--format", "json", "--as-of", day]);
        assert_eq!((text_of(&only(&ran)["severity"]), ran.code), (severity.to_owned(), code), "{day}");
    }
}

#[test]
fn fail_on_of_the_policy_counts_less_than_the_command_line() {
    let sandbox = weak("version: 1\nfail-on: never\n");
    sandbox.check(&[]).exits(0);
    sandbox.check(&["--fail-on", "error"]).exits(1);
}

// --- scopes

fn in_scope(scopes: &str, files: &[&str]) -> Ran {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        format!("version: 1\nrules:\n  estate/key-reused: {{ severity: off }}\nscopes:\n{scopes}"),
    );
    for file in files {
        sandbox.file(file, &*WEAK);
    }
    sandbox.check(&[])
}

fn places(ran: &Ran) -> Vec<String> {
    findings(&ran.json())
        .iter()
        .map(|finding| format!("{} {}", text_of(&finding["path"]), text_of(&finding["severity"])))
        .collect()
}

#[test]
fn scopes_are_about_files() {
    let ran = in_scope(
        "  - files: [\"a/**\", \"*.old\"]\n    rules: { key/rsa-too-small: { severity: info } }\n",
        &["a/1.csr", "a/b/2.csr", "b/3.csr", "4.old", "b/5.old"],
    );
    assert_eq!(places(&ran), ["4.old info", "a/1.csr info", "a/b/2.csr info", "b/3.csr error", "b/5.old error"]);
}

#[test]
fn later_scopes_win() {
    let ran = in_scope(
        "  - files: [\"a/**\"]\n    rules: { key/rsa-too-small: { severity: off } }\n  - files: [\"a/b/**\"]\n    rules: { key/rsa-too-small: { severity: warning } }\n",
        &["1.csr", "a/2.csr", "a/b/3.csr"],
    );
    assert_eq!(places(&ran), ["1.csr error", "a/b/3.csr warning"]);
    let ran = in_scope(
        "  - files: [\"a/b/**\"]\n    rules: { key/rsa-too-small: { severity: warning } }\n  - files: [\"a/**\"]\n    rules: { key/rsa-too-small: { severity: off } }\n",
        &["1.csr", "a/2.csr", "a/b/3.csr"],
    );
    assert_eq!(places(&ran), ["1.csr error"]);
}

#[test]
fn scopes_are_about_formats() {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        "version: 1\nscopes:\n  - match: { format: der }\n    rules: { key/rsa-too-small: { severity: info } }\n  - files: [\"x/**\"]\n    match: { format: pem }\n    rules: { key/rsa-too-small: { severity: warning } }\n",
    );
    let der = samples::weak().der();
    sandbox.file("a.csr", &*WEAK).file("b.der", &der).file("x/c.csr", &*WEAK).file("x/d.der", &der);
    sandbox.file("e.yaml", format!("request: {}\n", der::base64(WEAK.as_bytes())));
    assert_eq!(
        places(&sandbox.check(&["--ignore", "estate"])),
        ["a.csr error", "b.der info", "e.yaml error", "x/c.csr warning", "x/d.der info"]
    );
}

#[test]
fn scopes_have_profiles_of_their_own() {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        "version: 1\nscopes:\n  - files: [\"p/**\"]\n    profiles: [pedantic]\n  - files: [\"n/**\"]\n    profiles: []\n",
    );
    let text = WEAK.replace("BEGIN CERT", "BEGIN NEW CERT").replace("END CERT", "END NEW CERT");
    sandbox.file("a.csr", &text).file("p/b.csr", &text).file("n/c.csr", &text);
    let ran = sandbox.check(&["--ignore", "estate"]);
    let found: Vec<String> = findings(&ran.json())
        .iter()
        .map(|finding| format!("{} {}", text_of(&finding["path"]), text_of(&finding["rule"])))
        .collect();
    assert_eq!(found, ["a.csr key/rsa-too-small", "p/b.csr pem/new-label", "p/b.csr key/rsa-too-small"]);
}

#[test]
fn scopes_have_thresholds_of_their_own() {
    let scopes = "  - files: [\"tests/**\"]\n    fail-on: never\n";
    let ran = in_scope(scopes, &["tests/1.csr"]);
    ran.exits(0);
    assert_eq!(places(&ran), ["tests/1.csr error"]);
    in_scope(scopes, &["tests/1.csr", "2.csr"]).exits(1);
}

#[test]
fn scopes_with_the_same_rule_merge_its_parameters() {
    let policy = "version: 1\nrules:\n  key/not-allowed:\n    with: { rsa: { min: 1024, max: 4096 }, other: deny }\nscopes:\n  - files: [\"a/**\"]\n    rules: { key/not-allowed: { with: { rsa: { min: 2048 } } } }\n  - files: [\"a/b/**\"]\n    rules: { key/not-allowed: { with: { other: allow } } }\n";
    let sandbox = Sandbox::with("csrlint.yaml", policy);
    for path in ["1.csr", "a/2.csr", "a/b/3.csr"] {
        sandbox.file(path, &*WEAK);
    }
    sandbox.file("a/b/ec.csr", &*GOOD).file("a/ec.csr", forge::Csr::new(keys::ec("P-384")).pem());
    let ran = sandbox.check(&["--select", "key/not-allowed"]);
    assert_eq!(places(&ran), ["a/2.csr error", "a/b/3.csr error", "a/ec.csr error"]);
}

#[test]
fn spellings_of_one_attribute_are_one_key() {
    let policy = "version: 1\nrules:\n  subject/attribute-policy:\n    with: { organization: { allow: [Acme Corp] } }\nscopes:\n  - files: [\"**\"]\n    rules: { subject/attribute-policy: { with: { O: { max: 1 } } } }\n";
    let sandbox = Sandbox::with("csrlint.yaml", policy);
    sandbox.file("web.csr", &*GOOD);
    assert_eq!(sandbox.check(&[]).rules(), ["subject/attribute-policy"]);
    // In one layer it is a slip, and an error.
    let twice = "version: 1\nrules:\n  subject/attribute-policy:\n    with: { organization: { allow: [Acme Corp] }, O: { max: 1 } }\n";
    sandbox.file("csrlint.yaml", twice).check(&[]).exits(2);
}

#[test]
fn parameters_that_fit_alone_and_not_together_are_never_dropped() {
    // Each scope is sound by itself; what both say together must not end in a run without rules.
    let policy = "version: 1\nrules:\n  key/not-allowed: { with: { other: allow } }\nscopes:\n  - files: [\"**\"]\n    rules: { key/not-allowed: { with: { rsa: { min: 2048 } } } }\n  - files: [\"*.csr\"]\n    rules: { key/not-allowed: { with: { other: deny } } }\n";
    let sandbox = weak(policy);
    let ran = sandbox.check(&[]);
    assert_ne!(ran.code, 0, "{}", ran.brief());
}

// --- waivers

fn spki(pem: &str) -> String {
    text_of(&Sandbox::with("web.csr", pem).run(&["inspect", "--format", "json", "web.csr"]).json()[0]["spki_sha256"])
}

fn waived(waiver: &str) -> Ran {
    weak(&format!("version: 1\nwaivers:\n  - {{ rule: key/rsa-too-small, reason: r, {waiver} }}\n")).check(&[])
}

#[test]
fn a_waiver_accepts_a_finding_and_says_who_and_why() {
    let sandbox = weak(
        "version: 1\nwaivers:\n  - rule: key/rsa-too-small\n    files: [web.csr]\n    reason: old printer, CHG-1\n    approved-by: pki@acme.example\n    expires: 2026-06-01\n",
    );
    let ran = sandbox.check(&[]);
    ran.exits(0);
    assert_eq!(
        only(&ran)["waived"],
        serde_json::json!({ "kind": "waiver", "reason": "old printer, CHG-1", "approved_by": "pki@acme.example", "expires": "2026-06-01" })
    );
    assert_eq!((&ran.json()["summary"]["findings"], &ran.json()["summary"]["waived"]), (&0.into(), &1.into()));
    for format in ["human", "concise", "github", "sarif"] {
        let ran = sandbox.run(&["check", "--as-of", "2026-06-01", "--format", format]);
        assert!(!ran.text().contains("1024 bits"), "{format}: {}", ran.text());
    }
}

#[test]
fn a_waiver_holds_through_its_last_day() {
    let sandbox = weak("version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: r, expires: 2026-12-31 }\n");
    sandbox.run(&["check", "--as-of", "2026-12-31"]).exits(0);
    let ran = sandbox.run(&["check", "--as-of", "2027-01-01", "--format", "json"]);
    ran.exits(1);
    assert_eq!(ran.rules(), ["key/rsa-too-small", "config/waiver-expired"]);
    let expired = &findings(&ran.json())[1];
    assert_eq!((text_of(&expired["path"]), &expired["line"]), ("csrlint.yaml".to_owned(), &3.into()));
}

#[test]
fn a_waiver_is_about_a_rule_or_a_family() {
    for rule in ["key/rsa-too-small", "key", "key/*"] {
        weak(&format!("version: 1\nwaivers:\n  - {{ rule: {rule}, reason: r, expires: 2027-01-01 }}\n"))
            .check(&[])
            .exits(0);
    }
    for rule in ["key/rsa-too-large", "pem", "ke"] {
        let ran =
            weak(&format!("version: 1\nwaivers:\n  - {{ rule: {rule}, reason: r, expires: 2027-01-01 }}\n")).check(&[]);
        assert_eq!(ran.code, 1, "{rule}");
        assert!(ran.rules().iter().any(|found| found == "key/rsa-too-small"));
    }
}

#[test]
fn a_waiver_is_about_files() {
    waived("files: [\"*.csr\"], expires: 2027-01-01").exits(0);
    waived("files: [\"sub/**\", web.csr], expires: 2027-01-01").exits(0);
    waived("files: [\"sub/**\"], expires: 2027-01-01").exits(1);
    waived("files: [\"WEB.csr\"], expires: 2027-01-01").exits(1);
}

#[test]
fn a_waiver_is_pinned_to_a_key() {
    let key = spki(&WEAK);
    let other = spki(&GOOD);
    let pinned = |pin: &str| waived(&format!("spki-sha256: \"{pin}\", expires: 2027-01-01")).code;
    assert_eq!((pinned(&key), pinned(&key[..32]), pinned(&key[..40]), pinned(&key.to_uppercase())), (0, 0, 0, 0));
    let near = format!("{}{}", &key[..31], if key[31..].starts_with('0') { '1' } else { '0' });
    assert_eq!((pinned(&other), pinned(&other[..32]), pinned(&near), pinned(&key[1..])), (1, 1, 1, 1));
}

#[test]
fn a_pin_that_is_too_short_is_an_error() {
    let key = spki(&WEAK);
    for pin in ["", &key[..1], &key[..8], &key[..16], &key[..31], &"z".repeat(64), &format!("{key}00")] {
        let ran = waived(&format!("spki-sha256: \"{pin}\", expires: 2027-01-01"));
        assert_eq!(ran.code, 2, "{pin:?}");
        ran.complains("csrlint.yaml:3:").complains("csrlint inspect FILE");
        // A key that begins like this may have been made to: it is suggested to nobody.
        assert!(!ran.stderr.contains(&key[..32]) || pin.len() > 64, "{}", ran.stderr);
    }
    // What the message names prints all of it.
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.run(&["inspect", "web.csr"]).says(&key);
}

#[test]
fn a_fingerprint_that_no_finding_can_have_is_an_error() {
    for pin in ["", "0123456789abcdef", "0123456789abcdef0123456789abcdeg:1", "0123456789abcdef0123456789abcdef:"] {
        waived(&format!("fingerprint: \"{pin}\", expires: 2027-01-01")).exits(2).complains("csrlint.yaml:3:");
    }
}

#[test]
fn a_waiver_is_pinned_to_a_finding() {
    let finding = only(&Sandbox::with("web.csr", &*WEAK).check(&[]));
    let fingerprint = text_of(&finding["fingerprint"]);
    waived(&format!("fingerprint: \"{fingerprint}\", expires: 2027-01-01")).exits(0);
    waived("fingerprint: \"00000000000000000000000000000000:1\", expires: 2027-01-01").exits(1);
}

#[test]
fn every_condition_of_a_waiver_has_to_hold() {
    let key = spki(&WEAK);
    waived(&format!("files: [other.csr], spki-sha256: {key}, expires: 2027-01-01")).exits(1);
    waived(&format!("files: [web.csr], spki-sha256: \"{}\", expires: 2027-01-01", "0".repeat(64))).exits(1);
}

#[test]
fn an_unused_waiver_is_told_on_whole_tree_runs_only() {
    let sandbox = Sandbox::with("web.csr", &*GOOD);
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: r, expires: 2027-01-01 }\n",
    );
    assert_eq!(sandbox.check(&[]).rules(), ["config/waiver-unused"]);
    assert_eq!(sandbox.check(&["web.csr"]).rules(), [""; 0]);
    assert_eq!(sandbox.run_stdin(&["check", "-", "--format", "json"], GOOD.as_bytes()).rules(), [""; 0]);
}

#[test]
fn a_waiver_is_used_by_a_part_of_the_tree() {
    let sandbox = Sandbox::with("sub/web.csr", &*WEAK);
    sandbox.git_init().file("csrlint.yaml", "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: r, expires: 2027-01-01 }\n  - { rule: key/dsa, reason: r, expires: 2027-01-01 }\n");
    assert_eq!(sandbox.check(&["-C", "sub"]).rules(), ["key/rsa-too-small"], "part of the tree");
    assert_eq!(sandbox.check(&[]).rules(), ["key/rsa-too-small", "config/waiver-unused"]);
}

#[test]
fn a_waiver_of_a_rule_that_was_not_run_is_not_called_unused() {
    let sandbox = weak("version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: r, expires: 2027-01-01 }\n");
    assert_eq!(sandbox.check(&["--ignore", "key"]).rules(), [""; 0]);
}

#[test]
fn a_waiver_of_an_unknown_rule_is_a_finding() {
    let ran = weak("version: 1\nwaivers:\n  - { rule: key/no-such, reason: r, expires: 2027-01-01 }\n").check(&[]);
    assert_eq!(ran.rules(), ["key/rsa-too-small", "config/unknown-rule"]);
    let finding = &findings(&ran.json())[1];
    assert_eq!((&finding["line"], &finding["column"]), (&3.into(), &13.into()));
}

#[test]
fn what_must_not_be_waived_is_not() {
    for (word, rule) in [
        ("key/rsa-too-small", "key/rsa-too-small"),
        ("key", "key/rsa-too-small"),
        ("key/*", "key/rsa-too-small"),
        ("key", "key"),
        ("key", "key/*"),
    ] {
        let ran = weak(&format!(
            "version: 1\nno-waivers: [{word}]\nwaivers:\n  - {{ rule: {rule}, reason: r, expires: 2027-01-01 }}\n"
        ))
        .check(&[]);
        assert_eq!(ran.code, 2, "{word} {rule}: {}", ran.stderr);
    }
    // The family is waived, but for the one rule.
    let ran = weak(
        "version: 1\nno-waivers: [key/rsa-too-small]\nwaivers:\n  - { rule: key, reason: r, expires: 2027-01-01 }\n",
    )
    .check(&[]);
    assert_eq!(ran.code, 1, "{}", ran.brief());
    assert_eq!(findings(&ran.json())[0]["waived"], Value::Null);
}

// --- inline ignores

const EMBEDDED: &str = "embedded.yaml";

/// A Kubernetes request with a weak key, below a comment.
fn manifest(comment: &str) -> String {
    format!(
        "apiVersion: certificates.k8s.io/v1\nkind: CertificateSigningRequest\nspec:\n  # {comment}\n  request: {}\n  \
         signerName: acme.example/lab\n  usages: [digital signature, key encipherment, server auth]\n",
        der::base64(WEAK.as_bytes())
    )
}

fn ignored(comment: &str) -> Ran {
    Sandbox::with(EMBEDDED, manifest(comment)).check(&[])
}

#[test]
fn an_ignore_above_an_embedded_request_counts() {
    for comment in [
        "csrlint: ignore[key/rsa-too-small] -- lab only",
        "csrlint: ignore[key] until=2026-06-01 -- lab only",
        "csrlint: ignore[pem/utf-16, key/*] -- lab only",
    ] {
        let ran = ignored(comment);
        ran.exits(0);
        assert_eq!(only(&ran)["waived"]["kind"], "inline", "{comment}");
        assert_eq!(only(&ran)["waived"]["reason"], "lab only", "{comment}");
    }
}

#[test]
fn an_ignore_is_about_the_next_request_only() {
    let text =
        format!("# csrlint: ignore[key/rsa-too-small] -- lab only\na: {0}\nb: {0}\n", der::base64(WEAK.as_bytes()));
    let ran = Sandbox::with(EMBEDDED, text).check(&["--ignore", "estate"]);
    let waived: Vec<bool> = findings(&ran.json()).iter().map(|finding| !finding["waived"].is_null()).collect();
    assert_eq!(waived, [true, false], "{}", ran.brief());
}

#[test]
fn an_ignore_below_or_about_another_rule_is_unused() {
    let below = Sandbox::with(
        EMBEDDED,
        format!("a: {}\n# csrlint: ignore[key/rsa-too-small] -- lab only\n", der::base64(WEAK.as_bytes())),
    );
    assert_eq!(below.check(&[]).rules(), ["key/rsa-too-small", "config/ignore-unused"]);
    let ran = ignored("csrlint: ignore[key/dsa] -- lab only");
    assert_eq!(ran.rules(), ["config/ignore-unused", "key/rsa-too-small"]);
    assert_eq!(findings(&ran.json())[0]["line"], 4);
}

#[test]
fn what_is_wrong_with_an_ignore_is_a_finding() {
    for (comment, rule) in [
        ("csrlint: ignore[key/rsa-too-small] until=2026-05-31 -- lab only", "config/ignore-expired"),
        ("csrlint: ignore[key/rsa-too-small]", "config/ignore-without-reason"),
        ("csrlint: ignore[key/rsa-too-small] -- ", "config/ignore-without-reason"),
        ("csrlint: ignore[key/rsa-too-small] because I say so", "config/ignore-without-reason"),
        ("csrlint: ignore[] -- lab only", "config/ignore-without-reason"),
        ("csrlint: ignore -- lab only", "config/ignore-without-reason"),
        ("csrlint: ignore[key/rsa-too-small] until=soon -- lab only", "config/ignore-without-reason"),
        ("csrlint: ignore[key/no-such] -- lab only", "config/unknown-rule"),
        ("csrlint: ignore[key/rsa-too-small, nothing] -- lab only", "config/unknown-rule"),
    ] {
        let ran = ignored(comment);
        assert_eq!(ran.rules(), [rule, "key/rsa-too-small"], "{comment}");
        assert_eq!(findings(&ran.json())[1]["waived"], Value::Null, "{comment}");
    }
}

#[test]
fn an_ignore_in_a_csr_file_counts_only_where_the_policy_allows_it() {
    let sandbox = Sandbox::with("web.csr", format!("# csrlint: ignore[key/rsa-too-small] -- trust me\n{}", *WEAK));
    assert_eq!(sandbox.check(&[]).rules(), ["config/ignore-not-allowed", "key/rsa-too-small"]);
    sandbox.check(&[]).exits(1);
    sandbox.file("csrlint.yaml", "version: 1\ninline-ignores: { requests: true }\n");
    sandbox.check(&[]).exits(0);
}

#[test]
fn an_ignore_in_another_file_can_be_forbidden() {
    let sandbox = Sandbox::with(EMBEDDED, manifest("csrlint: ignore[key/rsa-too-small] -- lab only"));
    sandbox.file("csrlint.yaml", "version: 1\ninline-ignores: { embedded: false }\n");
    assert_eq!(sandbox.check(&[]).rules(), ["config/ignore-not-allowed", "key/rsa-too-small"]);
}

/// The requester writes the file, so he must not be able to make it count as something else.
#[test]
fn a_csr_file_cannot_make_itself_an_embedded_one() {
    let ignore = "csrlint: ignore[key/rsa-too-small] -- trust me\n";
    let bare: String = WEAK.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect();
    let files = [
        ("web.csr", format!("{ignore}{bare}")),
        ("web.csr", format!("{ignore}{}\n{}\n", *WEAK, der::base64(GOOD.as_bytes()))),
        ("web.csr", format!("{ignore}{}\n{}", der::base64(GOOD.as_bytes()), *WEAK)),
        ("web.csr", format!("{ignore}{}\n", der::base64(WEAK.as_bytes()))),
    ];
    for (path, text) in files {
        let ran = Sandbox::with(path, &text).check(&["--ignore", "estate"]);
        let open: Vec<Value> = findings(&ran.json())
            .into_iter()
            .filter(|finding| finding["rule"] == "key/rsa-too-small" && finding["waived"].is_null())
            .collect();
        assert!(!open.is_empty(), "{text}\n{}", ran.brief());
    }
}

/// DESIGN §6: files with comments are another matter than CSR files, whatever the encoding of the request in them.
#[test]
fn an_ignore_above_a_pem_block_in_yaml_counts() {
    let indented: String = WEAK.lines().map(|line| format!("    {line}\n")).collect();
    let ran = Sandbox::with(
        "issuer.yaml",
        format!("# csrlint: ignore[key/rsa-too-small] -- lab only\nname: shop\ncsr: |\n{indented}issuer: internal\n"),
    )
    .check(&[]);
    ran.exits(0);
}

/// The requester chooses the name, too: Windows tools write bare base64 into any file.
#[test]
fn a_request_file_under_another_name_cannot_make_itself_an_embedded_one() {
    let bare: String = WEAK.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect();
    let text = format!("csrlint: ignore[key/rsa-too-small] -- trust me\n{bare}");
    for path in ["web.txt", "web", "web.b64", "web.request"] {
        let ran = Sandbox::with(path, &text).check(&[]);
        assert_eq!(ran.code, 1, "{path}: {}", ran.brief());
    }
}

#[test]
fn what_must_not_be_waived_is_not_ignored() {
    for word in ["key/rsa-too-small", "key", "key/*"] {
        let sandbox = Sandbox::with(EMBEDDED, manifest("csrlint: ignore[key/rsa-too-small] -- lab only"));
        sandbox.file("csrlint.yaml", format!("version: 1\nno-waivers: [{word}]\n"));
        let ran = sandbox.check(&[]);
        assert_eq!(ran.rules(), ["config/ignore-not-allowed", "key/rsa-too-small"], "{word}");
        assert_eq!(ran.code, 1);
    }
}

#[test]
fn what_must_not_be_waived_is_not_ignored_with_its_family() {
    for family in ["key", "key/*"] {
        let sandbox = Sandbox::with(EMBEDDED, manifest(&format!("csrlint: ignore[{family}] -- lab only")));
        sandbox.file("csrlint.yaml", "version: 1\nno-waivers: [key/rsa-too-small]\n");
        let ran = sandbox.check(&[]);
        assert_eq!(ran.code, 1, "{}", ran.brief());
        let finding = findings(&ran.json())
            .into_iter()
            .find(|finding| finding["rule"] == "key/rsa-too-small")
            .expect("the finding");
        assert_eq!(finding["waived"], Value::Null);
    }
}

// --- custom rules

const CUSTOM: &str = "id: acme/short-key
check: key-size
with: { algorithm: rsa, min: 2048 }
severity: warning
title: Too short for Acme
why: Acme's standard 3.1.
fix: |
  Make a new key.
examples:
  fail:
    - name: RSA-1024
      at: key.bits
      files:
        web.csr: |
PEM
";

fn custom_rule() -> String {
    let indented: String = WEAK.lines().map(|line| format!("          {line}\n")).collect();
    CUSTOM.replace("PEM\n", &indented)
}

fn with_custom(rule: &str) -> Sandbox {
    let sandbox = weak("version: 1\ncustom-rules: [rules/*.yaml]\n");
    sandbox.file("rules/short.yaml", rule);
    sandbox
}

#[test]
fn a_custom_rule_is_on_when_it_is_loaded() {
    let sandbox = with_custom(&custom_rule());
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [rules]\ncustom-rules: [rules/*.yaml]\n");
    let ran = sandbox.check(&[]);
    assert_eq!(ran.rules(), ["acme/short-key", "key/rsa-too-small"]);
    assert_eq!(findings(&ran.json())[0]["fix"], "Make a new key.\n");
    sandbox.run(&["explain", "acme/short-key"]).exits(0).says("Too short for Acme");
    sandbox.run(&["rules"]).says("acme/short-key");
    assert_eq!(sandbox.check(&["--select", "acme"]).rules(), ["acme/short-key"]);
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nexclude: [rules]\ncustom-rules: [rules/*.yaml]\nrules:\n  acme/short-key: { severity: off }\n",
    );
    assert_eq!(sandbox.check(&[]).rules(), ["key/rsa-too-small"]);
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [rules]\ncustom-rules: [rules/*.yaml]\nrules:\n  acme/short-key: { with: { min: 1024 } }\n");
    assert_eq!(sandbox.check(&[]).rules(), ["key/rsa-too-small"]);
}

#[test]
fn errors_of_a_custom_rule_are_shown_in_its_file() {
    for (from, to, place, underlined, message) in [
        ("severity: warning", "severity: warning\nsevrity: error", "rules/short.yaml:5:1", "sevrity", "unknown key"),
        ("min: 2048", "minn: 2048", "rules/short.yaml:", "", "minn"),
        ("check: key-size", "check: key-sise", "rules/short.yaml:", "", "\"key-size\""),
        ("id: acme/short-key", "id: key/short-key", "rules/short.yaml:1:", "", "belongs to csrlint"),
        ("id: acme/short-key", "id: Acme/Short", "rules/short.yaml:1:", "", ""),
        ("severity: warning", "severity: [", "rules/short.yaml:", "", "no YAML"),
    ] {
        let ran = with_custom(&custom_rule().replace(from, to)).check(&[]);
        ran.exits(2).complains(message);
        let (shown, marked) = drawn(&ran).into_iter().next().expect("a place");
        assert!(shown.starts_with(place), "{to}: {shown}");
        assert!(underlined.is_empty() || marked == underlined, "{to}: {marked}");
    }
}

#[test]
fn errors_of_a_custom_rule_are_shown_at_their_line() {
    for (from, to, line) in [
        ("severity: warning", "severty: warning", 4),
        ("min: 2048", "minn: 2048", 3),
        ("check: key-size", "check: key-sise", 2),
        ("id: acme/short-key", "# why\nid: key/short-key", 2),
    ] {
        let ran = with_custom(&custom_rule().replace(from, to)).check(&[]);
        let (shown, _) = drawn(ran.exits(2)).into_iter().next().expect("a place");
        assert!(shown.starts_with(&format!("rules/short.yaml:{line}:")), "{to}: {shown}");
    }
}

#[test]
fn the_same_custom_rule_twice_is_an_error() {
    let sandbox = with_custom(&custom_rule());
    sandbox.file("rules/twice.yaml", custom_rule());
    sandbox.check(&[]).exits(2).complains("already");
}

#[test]
fn test_runs_the_examples_of_a_custom_rule() {
    let sandbox = Sandbox::with("rules/short.yaml", custom_rule());
    sandbox.run(&["test", "rules/short.yaml"]).exits(0).says("1 rules, 1 examples: 1 passed, 0 failed");
    // A pass example that fails, and a fail example at another place.
    sandbox.file("rules/wrong.yaml", custom_rule().replace("  fail:", "  pass:").replace("      at: key.bits\n", ""));
    sandbox.run(&["test", "rules/wrong.yaml"]).exits(1).says("FAILED acme/short-key: RSA-1024: should pass");
    sandbox.file("rules/place.yaml", custom_rule().replace("at: key.bits", "at: key"));
    sandbox.run(&["test", "rules/place.yaml"]).exits(1).says("FAILED").says("key.bits");
    sandbox.file("rules/never.yaml", custom_rule().replace("min: 2048", "min: 512"));
    sandbox.run(&["test", "rules/never.yaml"]).exits(1).says("should fail, and does not");
    sandbox.file("rules/broken.yaml", "id: acme/x\n");
    sandbox.run(&["test", "rules/broken.yaml"]).exits(2).complains("rules/broken.yaml:");
    sandbox.run(&["test", "rules/missing.yaml"]).exits(2);
}

#[test]
fn test_without_files_runs_those_of_the_policy_too() {
    let sandbox = with_custom(&custom_rule().replace("min: 2048", "min: 512"));
    sandbox.run(&["test"]).exits(1).says("FAILED acme/short-key");
}

// --- csrlint config

#[test]
fn config_tells_where_each_value_comes_from() {
    let sandbox = weak(
        "version: 1\n# a comment\nfail-on: error\nexclude: [a]\nrules:\n  key/rsa-too-small:\n    severity: warning\n    with: { min: 1024 }\n    enforce-from: 2027-01-01\nscopes:\n  - files: [\"b/**\"]\n    rules:\n      key/rsa-too-small: { with: { min: 512 } }\n",
    );
    let ran = sandbox.run(&["config"]);
    ran.exits(0);
    for line in [
        "profiles = [\"recommended\"]  # default",
        "fail-on = \"error\"  # policy (csrlint.yaml:3)",
        "exclude = [\"a\"]  # policy (csrlint.yaml:4)",
        "rules.key/rsa-too-small.severity = \"warning\"  # policy (csrlint.yaml:7)",
        "rules.key/rsa-too-small.with.algorithm = \"rsa\"  # profile recommended",
        "rules.key/rsa-too-small.with.min = 1024  # policy (csrlint.yaml:8); looser than 2048",
        "rules.key/rsa-too-small.enforce-from = \"2027-01-01\"  # policy (csrlint.yaml:9)",
        "scopes[0].rules.key/rsa-too-small.with.min = 512  # scope 1 (csrlint.yaml:13); looser than",
    ] {
        assert!(ran.text().lines().any(|found| found.starts_with(line)), "no {line:?} in\n{}", ran.text());
    }
    assert!(!ran.text().contains("key/rsa-too-large.with.max = 8192; looser"));
    let json = sandbox.run(&["config", "--format", "json"]).exits(0).json();
    let min = json
        .as_array()
        .expect("an array")
        .iter()
        .find(|value| value["key"] == "rules.key/rsa-too-small.with.min")
        .expect("the value");
    assert_eq!(
        (&min["value"], &min["layer"], &min["file"], &min["line"]),
        (&1024.into(), &"policy".into(), &"csrlint.yaml".into(), &8.into())
    );
}

#[test]
fn config_knows_what_is_looser() {
    for (rules, looser) in [
        ("key/rsa-too-small: { with: { min: 2047 } }", true),
        ("key/rsa-too-small: { with: { min: 2048 } }", false),
        ("key/rsa-too-small: { with: { min: 3072 } }", false),
        ("signature/hash-not-allowed: { with: { deny: [md5] } }", true),
        ("signature/hash-not-allowed: { with: { deny: [md2, md4, md5, sha1, sha224] } }", false),
    ] {
        let ran = weak(&format!("version: 1\nrules:\n  {rules}\n")).run(&["config"]);
        assert_eq!(ran.exits(0).text().contains("looser than"), looser, "{rules}");
    }
}

#[test]
fn config_says_what_the_command_line_changed() {
    let ran = weak("version: 1\nfail-on: error\n").run(&["config", "--fail-on", "never", "--profile", "pedantic"]);
    ran.exits(0).says("fail-on = \"never\"  # command line").says("profiles = [\"pedantic\"]  # command line");
}
