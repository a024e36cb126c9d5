//! Policies of the tree: an error about a file that a policy names shows lines of it.

use crate::run::Sandbox;
use crate::{CANARY, commit, link, pipe, repository, unseen};

/// Every way a policy names a file.
fn naming(file: &str) -> Vec<String> {
    vec![
        format!("version: 1\nextends: [\"{file}\"]\n"),
        format!("version: 1\ncustom-rules: [\"{file}\"]\n"),
        format!("version: 1\nbaseline: \"{file}\"\n"),
        format!("version: 1\nblocklists: [{{ file: \"{file}\" }}]\n"),
    ]
}

fn shows_nothing_of(sandbox: &Sandbox, file: &str) {
    for policy in naming(file) {
        sandbox.file("csrlint.yaml", &policy);
        for arguments in [&["check"][..], &["config"], &["baseline", "show"], &["check", "--staged"]] {
            let ran = sandbox.run(arguments);
            unseen(&ran);
            assert!(!ran.stderr.contains("user"), "{policy}: {}", ran.brief());
        }
    }
}

#[test]
fn no_policy_names_gits_own_files() {
    let sandbox = repository(&[("x", "")]);
    sandbox.git(&["config", "user.secret", CANARY]);
    shows_nothing_of(&sandbox, ".git/config");
    shows_nothing_of(&sandbox, "./.git/../.git/config");
}

#[test]
fn no_policy_names_what_is_hidden() {
    let sandbox = repository(&[("x", ""), (".gitignore", ".env\n")]);
    sandbox.file(".env", format!("user={CANARY}\n"));
    shows_nothing_of(&sandbox, ".env");
}

#[test]
fn no_policy_names_a_file_behind_a_linked_folder() {
    let outside = Sandbox::with("env", format!("user={CANARY}\n"));
    let sandbox = repository(&[("x", "")]);
    link(&sandbox, outside.path(), "p");
    commit(&sandbox);
    shows_nothing_of(&sandbox, "p/env");
    shows_nothing_of(&sandbox, "p/*");
}

#[test]
fn a_policy_that_is_a_link_leads_to_nothing_that_it_could_not_name() {
    let outside = Sandbox::with("env", format!("user={CANARY}\n"));
    let sandbox = repository(&[("x", ""), (".gitignore", ".env\n")]);
    sandbox.git(&["config", "user.secret", CANARY]);
    sandbox.file(".env", format!("user={CANARY}\n"));
    let elsewhere = outside.at("env");
    for target in [".env", ".git/config", elsewhere.to_str().expect("a path"), "/dev/stdin"] {
        link(&sandbox, target, "csrlint.yaml");
        for arguments in [&["check"][..], &["config"], &["baseline", "write"]] {
            let ran = sandbox.run(arguments);
            ran.exits(2);
            unseen(&ran);
        }
        std::fs::remove_file(sandbox.at("csrlint.yaml")).expect("a link");
    }
}

/// `--blocklist FIFO` waited forever.
#[test]
fn files_of_the_command_line_are_regular_ones() {
    let sandbox = repository(&[("x", "")]);
    pipe(&sandbox, "pipe");
    for flag in ["--blocklist", "--config", "--baseline", "--extends"] {
        sandbox.run(&["check", flag, "pipe"]).exits(2);
        sandbox.run(&["check", flag, "/dev/zero"]).exits(2);
    }
    sandbox.run(&["test", "pipe"]).exits(2);
    for policy in naming("pipe") {
        sandbox.file("csrlint.yaml", policy);
        sandbox.run(&["check"]).exits(2);
    }
}

/// What the command line names may lie outside.
#[test]
fn the_command_line_names_what_it_likes() {
    let outside = Sandbox::with("acme.yaml", "version: 1\nprofiles: [recommended]\n");
    outside.file("keys.txt", "").file("baseline.json", "{\"version\": 1, \"findings\": []}\n");
    let sandbox = repository(&[("x", "")]);
    let acme = outside.at("acme.yaml");
    for flag in ["--config", "--extends"] {
        sandbox.run(&["check", flag, acme.to_str().expect("a path")]).exits(0);
    }
}
