//! Files that are written: a link that the repository committed must not have something else overwritten.

use std::os::unix::fs::PermissionsExt as _;

use crate::run::Sandbox;
use crate::samples::WEAK;
use crate::{commit, link, repository};

const UNTOUCHED: &str = "untouched\n";

/// A repository in which `name` leads to a file outside.
fn leading_out(name: &str, whole_folder: bool) -> (Sandbox, Sandbox) {
    let outside = Sandbox::with("precious", UNTOUCHED);
    let sandbox = repository(&[("a.csr", &WEAK)]);
    if whole_folder {
        link(&sandbox, outside.path(), name);
    } else {
        link(&sandbox, outside.at("precious"), name);
    }
    commit(&sandbox);
    (sandbox, outside)
}

/// `--output F=path` followed a committed link and overwrote a file outside.
#[test]
fn reports_do_not_go_through_links() {
    for (name, path, folder) in
        [("out.json", "out.json", false), ("d", "d/precious", true), ("d", "d/../d/precious", true)]
    {
        let (sandbox, outside) = leading_out(name, folder);
        let ran = sandbox.run(&["check", "--output", &format!("json={path}")]);
        ran.exits(3).complains("symbolic link");
        assert_eq!(outside.read("precious"), UNTOUCHED);
        // The other report is made all the same.
        ran.says("key/rsa-too-small");
    }
}

#[test]
fn a_link_within_the_tree_is_not_written_through_either() {
    let sandbox = repository(&[("a.csr", &WEAK), ("precious", UNTOUCHED)]);
    link(&sandbox, "precious", "out.json");
    sandbox.run(&["check", "--output", "json=out.json"]).exits(3);
    assert_eq!(sandbox.read("precious"), UNTOUCHED);
}

#[test]
fn a_link_that_leads_nowhere_makes_no_file() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    let outside = Sandbox::new();
    link(&sandbox, outside.at("new"), "out.json");
    sandbox.run(&["check", "--output", "json=out.json"]).exits(3);
    assert!(!outside.at("new").exists());
}

#[test]
fn nothing_is_written_into_gits_folder() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    for path in [".git/hooks/post-checkout", ".git/config", ".GIT/x", "x/../.git/config"] {
        sandbox.directory(".GIT").directory("x");
        sandbox.run(&["check", "--output", &format!("json={path}")]).exits(3);
    }
    assert!(!sandbox.at(".git/hooks/post-checkout").exists());
}

#[test]
fn other_commands_that_write_do_not_go_through_links() {
    for (arguments, name, folder) in [
        (&["forecast", "--svg", "out"][..], "out", false),
        (&["blocklist", "build", "--output", "out", "a.csr"], "out", false),
        (&["baseline", "write", "--baseline", "out", "--force"], "out", false),
        (&["baseline", "write", "--baseline", "d/new"], "d", true),
        (&["man", "--into", "d"], "d", true),
        (&["init"], "csrlint.yaml", false),
    ] {
        let (sandbox, outside) = leading_out(name, folder);
        let ran = sandbox.run(arguments);
        assert!(matches!(ran.code, 2 | 3), "{arguments:?}: {}", ran.brief());
        assert_eq!(outside.read("precious"), UNTOUCHED, "{arguments:?}");
        assert_eq!(std::fs::read_dir(outside.path()).expect("a folder").count(), 1, "{arguments:?}");
    }
}

#[test]
fn a_policys_baseline_is_not_written_through_a_link() {
    let (sandbox, outside) = leading_out("d", true);
    sandbox.file("csrlint.yaml", "version: 1\nbaseline: d/baseline.json\n");
    assert_eq!(sandbox.run(&["baseline", "write"]).code, 2);
    assert!(!outside.at("baseline.json").exists());
}

#[test]
fn repairs_do_not_go_through_links() {
    let template = "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 1024\ndefault_md = sha1\n[dn]\nCN = a.acme.example\n";
    let outside = Sandbox::with("a.cnf", template);
    let sandbox = repository(&[("x", "")]);
    link(&sandbox, outside.at("a.cnf"), "a.cnf");
    link(&sandbox, outside.path(), "d");
    commit(&sandbox);
    for arguments in [&["check", "--fix", "--unsafe-fixes"][..], &["check", "--fix", "--unsafe-fixes", "a.cnf"]] {
        sandbox.run(arguments);
        assert_eq!(outside.read("a.cnf"), template);
    }
}

/// What an honest user does goes on working.
#[test]
fn files_are_exchanged_and_keep_their_mode() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    let outside = Sandbox::with("report.json", "old");
    sandbox.file("report.json", "old");
    std::fs::set_permissions(sandbox.at("report.json"), std::fs::Permissions::from_mode(0o640)).expect("a mode");
    let out = outside.at("report.json");
    sandbox
        .run(&[
            "check",
            "--output",
            "json=report.json",
            "--output",
            &format!("json={}", out.display()),
            "--output",
            "csv=new.csv",
        ])
        .exits(1);
    assert!(sandbox.read("report.json").contains("key/rsa-too-small"));
    assert!(sandbox.read("new.csv").contains("key/rsa-too-small"));
    assert!(outside.read("report.json").contains("key/rsa-too-small"));
    let mode = std::fs::metadata(sandbox.at("report.json")).expect("a file").permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
    sandbox.run(&["check", "--output", "json=/dev/null"]).exits(1);
    let ran = sandbox.run(&["check", "--quiet", "--format", "concise", "--output", "csv=/dev/stdout"]);
    ran.exits(1).says("key/rsa-too-small");
}

/// A link that lies outside is the user's own, and what it leads to is written in place.
#[test]
fn a_users_own_link_is_followed() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    let outside = Sandbox::with("real.json", "old");
    link(&outside, "real.json", "link.json");
    let path = outside.at("link.json");
    sandbox.run(&["check", "--output", &format!("json={}", path.display())]).exits(1);
    assert!(outside.read("real.json").contains("key/rsa-too-small"));
    assert!(path.is_symlink());
}
