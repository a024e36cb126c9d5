//! Repairs of templates: what `--fix`, `--unsafe-fixes` and `--diff` change, and what they leave alone.

#[path = "support/run.rs"]
mod run;

use run::{Sandbox, findings};

const DAY: &str = "--as-of=2026-06-01";

/// Comments, blanks and a Windows line end, all of which have to stay.
const CONFIG: &str = "# our template, do not touch\n[ req ]\r\ndefault_bits = 1024   # old\ndefault_md=md5\ndistinguished_name = dn\nprompt = no\nreq_extensions = v3\n\n[dn]\nCN = shop.acme.example\n\n[ v3 ]\nsubjectAltName = @alt\n[alt]\nDNS.1 = www.acme.example # first\n; kept = kept\n";

fn sandbox() -> Sandbox {
    let config = CONFIG.replace("; kept = kept\n", "# last line");
    Sandbox::with("web.cnf", config)
}

fn check(sandbox: &Sandbox, arguments: &[&str]) -> run::Ran {
    let mut all = vec!["check", DAY, "--isolated"];
    all.extend(arguments);
    sandbox.run(&all)
}

fn read(sandbox: &Sandbox, path: &str) -> String {
    String::from_utf8(std::fs::read(sandbox.at(path)).expect("the file")).expect("UTF-8")
}

#[test]
fn safe_fixes_change_neither_certificate_nor_key() {
    let sandbox = sandbox();
    let before = read(&sandbox, "web.cnf");
    check(&sandbox, &["--fix"]).exits(1).complains("mended 1 finding in 1 file; 1 more with --unsafe-fixes");
    assert_eq!(read(&sandbox, "web.cnf"), before.replace("default_md=md5", "default_md=sha256"));
}

#[test]
fn unsafe_fixes_change_what_they_name_and_nothing_else() {
    let sandbox = sandbox();
    let before = read(&sandbox, "web.cnf");
    check(&sandbox, &["--fix", "--unsafe-fixes", "--profile", "pedantic", "--select", "key", "--select", "signature"])
        .exits(0);
    let wanted = before.replace("default_md=md5", "default_md=sha256").replace("= 1024 ", "= 2048 ");
    assert_eq!(read(&sandbox, "web.cnf"), wanted);
    // Once more changes nothing.
    check(&sandbox, &["--fix", "--unsafe-fixes", "--select", "key", "--select", "signature"]).exits(0);
    assert_eq!(read(&sandbox, "web.cnf"), wanted);
}

#[test]
fn a_name_is_added_where_names_are_listed() {
    let sandbox = sandbox();
    let arguments = ["--fix", "--unsafe-fixes", "--select", "san/common-name-not-in-san"];
    check(&sandbox, &arguments).exits(0);
    let after = read(&sandbox, "web.cnf");
    assert!(
        after.contains("DNS.1 = www.acme.example\nDNS.2 = shop.acme.example # first\n")
            || after.contains("DNS.1 = www.acme.example\r\nDNS.2 = shop.acme.example # first\n"),
        "{after:?}"
    );
    let again = check(&sandbox, &["--format", "json", "--select", "san"]).json();
    assert!(findings(&again).is_empty(), "{again}");
}

#[test]
fn diff_shows_and_writes_nothing() {
    let sandbox = sandbox();
    let before = read(&sandbox, "web.cnf");
    let ran = check(&sandbox, &["--diff", "--unsafe-fixes"]);
    ran.exits(1).says("--- a/web.cnf").says("+++ b/web.cnf").says("-default_md=md5").says("+default_md=sha256");
    assert_eq!(read(&sandbox, "web.cnf"), before);
}

#[test]
fn a_patch_is_what_a_fix_writes() {
    let (one, other) = (sandbox(), sandbox());
    let patch = check(&one, &["--diff", "--unsafe-fixes"]);
    one.file("p.diff", patch.text());
    let applied = std::process::Command::new("git").args(["apply", "p.diff"]).current_dir(one.path()).status();
    assert!(applied.expect("git").success(), "{}", patch.text());
    check(&other, &["--fix", "--unsafe-fixes"]);
    assert_eq!(read(&one, "web.cnf"), read(&other, "web.cnf"));
}

#[test]
fn what_is_waived_or_ignored_is_not_mended() {
    let sandbox = sandbox();
    let text = read(&sandbox, "web.cnf")
        .replace("default_md=md5", "default_md=md5 # csrlint: ignore[signature] -- an old device");
    sandbox.file("web.cnf", &text);
    check(&sandbox, &["--fix", "--unsafe-fixes", "--select", "signature"]).exits(0);
    assert_eq!(read(&sandbox, "web.cnf"), text);
}

#[test]
fn utf_16_stays_utf_16() {
    let text = "[Version]\r\nSignature = \"$Windows NT$\"\r\n\r\n[NewRequest]\r\nSubject = \"CN=shop.acme.example\"\r\nKeyLength = 1024 ; short\r\nHashAlgorithm = sha1\r\n";
    let encode = |text: &str| -> Vec<u8> {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let sandbox = Sandbox::with("request.inf", encode(text));
    check(&sandbox, &["--fix", "--unsafe-fixes"]).exits(0);
    let wanted = text.replace("= 1024", "= 2048").replace("sha1", "sha256");
    assert_eq!(std::fs::read(sandbox.at("request.inf")).expect("the file"), encode(&wanted));
}

#[test]
fn reports_carry_the_edits() {
    let sandbox = sandbox();
    let report = check(&sandbox, &["--format", "json"]).json();
    let repair =
        findings(&report).into_iter().find(|one| one["rule"] == "signature/hash-not-allowed").expect("a finding");
    let repair = &repair["repair"];
    assert_eq!(repair["applicability"], "safe");
    let edit = &repair["edits"][0];
    let before = read(&sandbox, "web.cnf");
    let start = edit["byte_offset"].as_u64().expect("an offset") as usize;
    let length = edit["byte_length"].as_u64().expect("a length") as usize;
    assert_eq!(&before[start..start + length], "md5");
    assert_eq!(edit["text"], "sha256");
    let sarif = check(&sandbox, &["--format", "sarif"]).json();
    let fixes: Vec<_> = sarif["runs"][0]["results"]
        .as_array()
        .expect("results")
        .iter()
        .filter_map(|one| one["fixes"].as_array())
        .collect();
    assert_eq!(fixes.len(), 2);
    let region = &fixes[0][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"];
    assert!(region["startLine"].is_u64() && region["endColumn"].is_u64(), "{region}");
}

#[cfg(unix)]
#[test]
fn permissions_stay_and_links_stay_links() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = sandbox();
    std::fs::set_permissions(sandbox.at("web.cnf"), std::fs::Permissions::from_mode(0o640)).expect("permissions");
    std::os::unix::fs::symlink("web.cnf", sandbox.at("link.cnf")).expect("a link");
    check(&sandbox, &["--fix", "link.cnf"]);
    assert!(std::fs::symlink_metadata(sandbox.at("link.cnf")).expect("the link").is_symlink());
    let mode = std::fs::metadata(sandbox.at("web.cnf")).expect("the file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    assert!(read(&sandbox, "web.cnf").contains("default_md=sha256"));
}

#[test]
fn wrong_use() {
    let sandbox = sandbox();
    check(&sandbox, &["--unsafe-fixes"]).exits(2);
    check(&sandbox, &["--fix", "--diff"]).exits(2);
    check(&sandbox, &["--fix", "-"]).exits(2);
}
