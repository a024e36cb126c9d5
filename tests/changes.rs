//! `--staged`, `--changed`, `--since` and `diff`: which findings touch a change, in all the shapes a repository can have.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use run::{Ran, Sandbox, findings, text_of};
use samples::{GOOD, SHA1, WEAK};
use serde_json::Value;

/// A repository with one commit.
fn repository(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    for (path, text) in files {
        sandbox.file(path, text);
    }
    commit(&sandbox);
    sandbox
}

fn commit(sandbox: &Sandbox) {
    sandbox.git(&["add", "--all"]).git(&["commit", "--quiet", "--allow-empty", "--message", "a change"]);
}

/// The files with findings.
fn paths(ran: &Ran) -> Vec<String> {
    let mut paths: Vec<String> = findings(&ran.json()).iter().map(|finding| text_of(&finding["path"])).collect();
    paths.dedup();
    paths
}

#[test]
fn only_what_touches_the_change_is_told_and_the_rest_is_counted() {
    let sandbox = repository(&[("old.csr", &WEAK), ("web.csr", &GOOD)]);
    sandbox.check(&["--changed"]).exits(0);
    sandbox.file("new one.csr", &*WEAK).file("web.csr", &*SHA1);
    let ran = sandbox.check(&["--changed"]);
    ran.exits(1);
    assert_eq!(paths(&ran), ["new one.csr", "web.csr"]);
    assert_eq!(ran.json()["summary"]["untouched"], 1);
    assert_eq!(ran.json()["requests"].as_array().map(Vec::len), Some(2));
    // What git does not know is of the change; what .gitignore hides is not.
    sandbox.file(".gitignore", "*.csr\n");
    assert_eq!(paths(&sandbox.check(&["--changed"])), ["web.csr"]);
}

#[test]
fn staged_is_the_index_and_not_what_is_on_disk() {
    let sandbox = repository(&[("web.csr", &GOOD)]);
    sandbox.file("a.csr", &*WEAK).git(&["add", "a.csr"]).file("a.csr", &*GOOD).file("b.csr", &*WEAK);
    let ran = sandbox.check(&["--staged"]);
    assert_eq!(paths(&ran), ["a.csr"]);
    // Gone from the disk, and named.
    std::fs::remove_file(sandbox.at("a.csr")).expect("a file");
    assert_eq!(paths(&sandbox.check(&["--staged", "a.csr"])), ["a.csr"]);
    sandbox.check(&["--staged", "no-such.csr"]).exits(2);
    // Taken out of the index again.
    sandbox.git(&["rm", "--quiet", "--cached", "--force", "a.csr"]);
    sandbox.check(&["--staged"]).exits(0);
}

#[test]
fn the_index_of_a_partial_commit_is_the_one_that_is_committed() {
    let sandbox = repository(&[("web.csr", &GOOD)]);
    let hook =
        format!("#!/bin/sh\nexec '{}' check --staged --format concise >\"$PWD/said\"\n", env!("CARGO_BIN_EXE_csrlint"));
    sandbox.file(".git/hooks/pre-commit", hook);
    std::process::Command::new("chmod").arg("+x").arg(sandbox.at(".git/hooks/pre-commit")).status().expect("chmod");
    sandbox.file("a.csr", &*WEAK).file("b.csr", &*GOOD).git(&["add", "--all"]);
    // `git commit FILE` commits what is in a temporary index.
    sandbox.git(&["commit", "--quiet", "--message", "b only", "b.csr"]);
    let said = sandbox.read("said");
    assert!(said.contains("no findings") && !said.contains("a.csr"), "{said}");
}

#[test]
fn before_the_first_commit_everything_is_new() {
    let sandbox = Sandbox::new();
    sandbox.git_init().file("a.csr", &*WEAK).git(&["add", "--all"]);
    assert_eq!(paths(&sandbox.check(&["--staged"])), ["a.csr"]);
    assert_eq!(paths(&sandbox.check(&["--changed"])), ["a.csr"]);
    sandbox.check(&["--since", "HEAD"]).exits(2).complains("there is no revision");
}

#[test]
fn since_is_where_the_history_parted() {
    let sandbox = repository(&[("web.csr", &GOOD)]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).file("mine.csr", &*WEAK);
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "main"]).file("theirs.csr", &*WEAK);
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "change"]);
    assert_eq!(paths(&sandbox.check(&["--since", "main"])), ["mine.csr"]);
    // What is not committed yet is of the change, too.
    sandbox.file("more.csr", &*WEAK);
    assert_eq!(paths(&sandbox.check(&["--since", "main"])), ["mine.csr", "more.csr"]);
}

#[test]
fn renames_and_odd_names_are_followed() {
    let sandbox = repository(&[("a.csr", &WEAK), ("b.csr", &GOOD)]);
    sandbox.git(&["mv", "a.csr", "ü \"quoted\"\tname.csr"]);
    commit(&sandbox);
    let ran = sandbox.check(&["--since", "HEAD~1"]);
    assert_eq!(paths(&ran), ["ü \"quoted\"\tname.csr"]);
    let diff = sandbox.run(&["diff", "HEAD~1", "--format", "json"]).exits(0).json();
    assert_eq!((&diff["summary"]["moved"], &diff["summary"]["stayed"]), (&Value::from(1), &Value::from(1)), "{diff}");
}

#[test]
fn rules_over_all_requests_see_all_of_them() {
    let sandbox = repository(&[("old.csr", &GOOD)]);
    sandbox
        .file("copy.csr", forge::csr::good().san_extension(forge::der::san(&[forge::der::dns("x.example.com")])).pem());
    let ran = sandbox.check(&["--changed", "--select", "estate/key-reused"]);
    assert_eq!(ran.rules(), ["estate/key-reused"], "{}", ran.brief());
}

#[test]
fn a_template_is_touched_by_the_file_it_depends_on() {
    let sandbox = repository(&[
        ("a/req.cnf", "[req]\ndistinguished_name=dn\nprompt=no\n.include bits.inc\n[dn]\nCN=a.example.com\n"),
        ("a/bits.inc", "[req]\ndefault_bits = 3072\n"),
    ]);
    sandbox.check(&[]).exits(0);
    sandbox.file("a/bits.inc", "[req]\ndefault_bits = 1024\n");
    let ran = sandbox.check(&["--changed", "--select", "key/rsa-too-small"]);
    assert_eq!(ran.rules(), ["key/rsa-too-small"], "{}", ran.brief());
}

/// Also in the root of the repository, which is a folder like any other: on disk, in the index, in a revision.
#[test]
fn a_module_in_the_root_depends_on_the_files_beside_it() {
    let request = "resource \"tls_private_key\" \"a\" {\n  algorithm = \"RSA\"\n  rsa_bits  = var.bits\n}\n\
                   resource \"tls_cert_request\" \"a\" {\n  private_key_pem = tls_private_key.a.private_key_pem\n  \
                   dns_names = [\"a.example.com\"]\n  subject {\n    common_name = \"a.example.com\"\n  }\n}\n";
    let bits = |number: u32| format!("variable \"bits\" {{\n  default = {number}\n}}\n");
    let sandbox = repository(&[("main.tf", request), ("variables.tf", &bits(3072))]);
    let select = ["--select", "key/rsa-too-small"];
    let with = |more: &[&'static str]| [&select[..], more].concat();
    sandbox.check(&with(&["--staged"])).exits(0);
    sandbox.file("variables.tf", bits(1024));
    sandbox.check(&with(&["--changed"])).exits(1);
    sandbox.git(&["add", "--all"]);
    sandbox.check(&with(&["--staged"])).exits(1);
    sandbox.run(&["diff", "--staged"]).exits(1).says("RSA 3072 bits -> RSA 1024 bits");
}

#[test]
fn worktrees_and_submodules_are_seen() {
    let upstream = repository(&[("lib.csr", &WEAK)]);
    let sandbox = repository(&[("web.csr", &GOOD)]);
    sandbox.git(&["worktree", "add", "--quiet", "-b", "other", "tree"]);
    sandbox.file("tree/a.csr", &*WEAK);
    let ran = sandbox.run(&["-C", "tree", "check", "--changed", "--format", "json"]);
    assert_eq!(paths(&ran), ["a.csr"]);
    sandbox.git(&["worktree", "remove", "--force", "tree"]);

    let url = upstream.path().display().to_string();
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", &url, "lib"]);
    assert_eq!(paths(&sandbox.check(&["--staged"])), ["lib/lib.csr"]);
    commit(&sandbox);
    sandbox.check(&["--since", "HEAD"]).exits(0);
    assert_eq!(paths(&sandbox.check(&["--since", "HEAD~1"])), ["lib/lib.csr"]);
    let diff = sandbox.run(&["diff", "HEAD~1", "HEAD", "--format", "json"]).exits(1).json();
    assert_eq!(diff["summary"]["added"], 1, "{diff}");
    // Its commit is not to be had.
    std::fs::remove_dir_all(sandbox.at("lib")).expect("a submodule");
    sandbox.directory("lib");
    sandbox.run(&["diff", "HEAD~1", "HEAD"]).complains("nothing of the submodule lib was looked at");
}

#[test]
fn wrong_use_is_2() {
    let sandbox = repository(&[("web.csr", &GOOD)]);
    for (arguments, said) in [
        (vec!["--since=--all"], "there is no revision"),
        (vec!["--since=no\nsuch"], "there is no revision"),
        (vec!["--policy-rev=-x"], "there is no revision"),
        (vec!["--staged", "--changed"], "cannot be used with"),
        (vec!["--staged", "--fix"], "cannot be used with"),
        (vec!["--policy-rev", "HEAD", "--isolated"], "cannot be used with"),
        (vec!["--since", "HEAD", ".."], "no path may lie outside"),
    ] {
        let ran = sandbox.check(&arguments);
        ran.exits(2);
        assert!(ran.stderr.contains(said), "{arguments:?}: {}", ran.stderr);
    }
    let outside = Sandbox::with("web.csr", &*GOOD);
    for arguments in [vec!["--staged"], vec!["--changed"], vec!["--since", "HEAD"], vec!["--policy-rev", "HEAD"]] {
        outside.check(&arguments).exits(2).complains("git repository");
    }
    sandbox.run_with(&["check", "--changed"], b"", &[("PATH", "/nonexistent")]).exits(2).complains("git cannot be run");
}

#[test]
fn a_repair_touches_the_change_only() {
    let template = "[req]\ndistinguished_name=dn\nprompt=no\ndefault_bits=1024\n[dn]\nCN=a.example.com\n";
    let sandbox = repository(&[("old.cnf", template)]);
    sandbox.file("new.cnf", template);
    sandbox.check(&["--changed", "--fix", "--unsafe-fixes"]);
    assert!(sandbox.read("old.cnf").contains("1024") && !sandbox.read("new.cnf").contains("1024"));
}

#[test]
fn diff_has_three_formats_and_a_schema() {
    let sandbox = repository(&[("web.csr", &GOOD), ("gone.csr", &SHA1)]);
    std::fs::remove_file(sandbox.at("gone.csr")).expect("a file");
    let other = samples::weak().subject(forge::der::name(&[("CN", "other.example.com")]));
    let other = other.san_extension(forge::der::san(&[forge::der::dns("other.example.com")]));
    sandbox.file("a|b <x>.csr", other.pem());
    let json = sandbox.run(&["diff", "--format", "json"]).exits(1).json();
    let schema = sandbox.run(&["schema", "diff"]).exits(0).json();
    let errors: Vec<String> = jsonschema::validator_for(&schema)
        .expect("a schema")
        .iter_errors(&json)
        .map(|error| error.to_string())
        .collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!((&json["summary"]["added"], &json["summary"]["removed"]), (&Value::from(1), &Value::from(1)));
    sandbox.run(&["diff"]).exits(1).says("added    a|b <x>.csr:1").says("removed  gone.csr:1");
    let markdown = sandbox.run(&["diff", "--format", "markdown"]);
    markdown.exits(1).says("a\\|b &lt;x&gt;.csr:1");
    sandbox.run(&["diff", "--fail-on", "never"]).exits(0);
}

#[test]
fn git_shows_requests_by_textconv() {
    let sandbox = repository(&[(".gitattributes", "*.csr diff=csr\n"), ("web.csr", &GOOD), ("notes.csr", "nothing\n")]);
    let program = format!("'{}' inspect --textconv", env!("CARGO_BIN_EXE_csrlint"));
    sandbox.git(&["config", "diff.csr.textconv", &program]);
    sandbox.file(
        "web.csr",
        forge::csr::good().san_extension(forge::der::san(&[forge::der::dns("new.example.com")])).pem(),
    );
    sandbox.file("notes.csr", "something\n");
    let output = std::process::Command::new("git").arg("-C").arg(sandbox.path()).arg("diff").output().expect("git");
    let text = String::from_utf8(output.stdout).expect("text");
    assert!(text.contains("+            dns: new.example.com") && text.contains("+something"), "{text}");
    assert!(!text.contains("BEGIN CERTIFICATE REQUEST"), "{text}");
}
