//! Files that the tree names: nothing outside of it, nothing of git's, nothing that is hidden, nothing that waits.

use std::path::Path;

use crate::run::Sandbox;
use crate::{CANARY, commit, link, pipe, repository, secret, shows_nothing, template, unseen};

/// `.include .git/config` printed the checkout's credential: `O = ${user::extraheader}`.
#[test]
fn git_config_is_not_included() {
    let sandbox = repository(&[("a.cnf", &template(".git/config"))]);
    sandbox.git(&["config", "user.secret", CANARY]);
    shows_nothing(&sandbox, &[]);
    shows_nothing(&sandbox, &["a.cnf"]);
}

#[test]
fn no_spelling_of_gits_folder_is_included() {
    for folder in [".GIT", ".Git ", ".git.", "git~1", ".g\u{200C}it", ".git::$INDEX_ALLOCATION", "x/.git"] {
        let sandbox = repository(&[("a.cnf", &template(&format!("\"{folder}/config\"")))]);
        sandbox.file(format!("{folder}/config"), secret());
        shows_nothing(&sandbox, &[]);
    }
}

#[test]
fn a_path_that_goes_up_into_gits_folder_is_not_included() {
    for path in ["sub/../.git/config", "./.git/config", ".git/./config", "sub/../sub/../.git//config"] {
        let sandbox = repository(&[("a.cnf", &template(path)), ("sub/x", "")]);
        sandbox.git(&["config", "user.secret", CANARY]);
        shows_nothing(&sandbox, &[]);
    }
}

/// A committed link to a *directory* led out of the tree: `p -> /proc/self`, `.include p/environ`.
#[test]
fn a_linked_directory_leads_nowhere_else() {
    let outside = Sandbox::with("secret.cnf", secret());
    let sandbox = repository(&[("a.cnf", &template("p/secret.cnf"))]);
    link(&sandbox, outside.path(), "p");
    commit(&sandbox);
    shows_nothing(&sandbox, &[]);
    shows_nothing(&sandbox, &["a.cnf"]);
}

#[test]
fn the_environment_of_the_process_is_not_included() {
    let sandbox = repository(&[("a.cnf", &template("p/environ")), ("b.cnf", &template("p/cwd/../secret.cnf"))]);
    link(&sandbox, "/proc/self", "p");
    commit(&sandbox);
    for format in crate::FORMATS {
        let arguments = ["check", "--profile", "pedantic", "--format", format];
        unseen(&sandbox.run_with(&arguments, b"", &[("secret", CANARY), ("SECRET", CANARY)]));
    }
}

/// `.include p/kmsg` waited forever.
#[test]
fn devices_and_pipes_are_not_opened() {
    let sandbox = repository(&[
        ("a.cnf", &template("p/kmsg")),
        ("b.cnf", &template("p/zero")),
        ("c.cnf", &template("p/stdin")),
        ("d.cnf", &template("pipe.cnf")),
        ("e.cnf", &template("folder")),
    ]);
    link(&sandbox, "/dev", "p");
    pipe(&sandbox, "pipe.cnf");
    sandbox.directory("folder");
    pipe(&sandbox, "folder/x.cnf");
    shows_nothing(&sandbox, &[]);
}

#[test]
fn a_link_to_a_file_outside_is_not_included() {
    let outside = Sandbox::with("secret.cnf", secret());
    let sandbox = repository(&[("a.cnf", &template("here.cnf"))]);
    link(&sandbox, outside.at("secret.cnf"), "here.cnf");
    commit(&sandbox);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn a_chain_of_links_leads_nowhere_else() {
    let outside = Sandbox::with("secret.cnf", secret());
    let sandbox = repository(&[("a.cnf", &template("one/secret.cnf")), ("b.cnf", &template("loop"))]);
    link(&sandbox, "two", "one");
    link(&sandbox, "three/.", "two");
    link(&sandbox, outside.path(), "three");
    link(&sandbox, "loop", "loop");
    commit(&sandbox);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn a_link_into_gits_folder_is_not_included() {
    let sandbox = repository(&[("a.cnf", &template("g/config")), ("b.cnf", &template("config.cnf"))]);
    sandbox.git(&["config", "user.secret", CANARY]);
    link(&sandbox, ".git", "g");
    link(&sandbox, ".git/config", "config.cnf");
    commit(&sandbox);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn a_repository_under_another_name_is_not_included() {
    let sandbox = Sandbox::new();
    sandbox.git(&["init", "--quiet", "--separate-git-dir", "meta", "."]);
    sandbox.git(&["config", "user.secret", CANARY]);
    sandbox.file("a.cnf", template("meta/config")).file(".gitignore", "meta\n");
    sandbox.git(&["add", "a.cnf"]).git(&["commit", "--quiet", "--message", "x"]);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn a_bare_repository_in_the_tree_is_not_included() {
    let sandbox = repository(&[("a.cnf", &template("bare/config"))]);
    sandbox.git(&["init", "--quiet", "--bare", "bare"]);
    sandbox.git(&["-C", "bare", "config", "user.secret", CANARY]);
    shows_nothing(&sandbox, &["a.cnf"]);
}

#[test]
fn the_repository_behind_a_worktree_is_not_included() {
    let sandbox = repository(&[("a.cnf", &template("../.git/config")), ("b.cnf", &template(".git"))]);
    sandbox.git(&["config", "user.secret", CANARY]).git(&["worktree", "add", "--quiet", "tree"]);
    for directory in [".", "tree"] {
        unseen(&sandbox.run(&["-C", directory, "check", "--profile", "pedantic", "-v"]));
    }
}

#[test]
fn a_template_outside_of_the_repository_reads_nothing_between() {
    let sandbox = Sandbox::new();
    sandbox.file("home/secret.cnf", secret());
    sandbox.file("elsewhere/a.cnf", template("../home/secret.cnf")).directory("here");
    unseen(&sandbox.run(&["-C", "here", "check", "--profile", "pedantic", "../elsewhere/a.cnf"]));
    unseen(&sandbox.run(&["-C", "here", "check", "--profile", "pedantic", "../elsewhere"]));
    unseen(&sandbox.run(&["-C", "here", "inspect", "../elsewhere/a.cnf"]));
}

/// What is hidden may be a secret of the machine, and another checkout does not have it.
#[test]
fn what_gitignore_hides_is_not_included_and_what_it_could_change_is_unknown() {
    let sandbox = repository(&[
        (
            "a.cnf",
            "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 1024\n.include .env.cnf\n[dn]\nCN = a.acme.example\n",
        ),
        (".gitignore", ".env*\n"),
    ]);
    sandbox.file(".env.cnf", format!("default_bits = 4096\nsecret = {CANARY}\n"));
    shows_nothing(&sandbox, &[]);
    let ran = sandbox.check(&["-v"]);
    assert!(!ran.rules().contains(&"key/rsa-too-small".to_owned()), "{}", ran.brief());
    let reasons = ran.json()["not_judged"].to_string();
    assert!(reasons.contains(".env.cnf: is hidden by .gitignore"), "{reasons}");
    // The same file, tracked, counts.
    sandbox.git(&["add", "--force", ".env.cnf"]);
    let ran = sandbox.check(&[]);
    assert!(!ran.json()["not_judged"].to_string().contains("hidden"), "{}", ran.brief());
}

#[test]
fn a_link_to_what_is_hidden_is_not_included() {
    let sandbox = repository(&[("a.cnf", &template("shown.cnf")), (".gitignore", ".env\nhidden/\n")]);
    sandbox.file(".env", secret());
    link(&sandbox, ".env", "shown.cnf");
    commit_without_force(&sandbox);
    shows_nothing(&sandbox, &[]);
}

fn commit_without_force(sandbox: &Sandbox) {
    sandbox.git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "x"]);
}

#[test]
fn a_hidden_folder_is_not_entered_for_a_sibling() {
    let sandbox = repository(&[("a.cnf", &template("build/x.cnf")), ("b.cnf", &template("build"))]);
    sandbox.file(".gitignore", "build/\n!build/x.cnf\n").file("build/x.cnf", secret());
    commit_without_force(&sandbox);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn no_gitignore_reads_elsewhere_or_waits() {
    let sandbox = repository(&[("a.cnf", &template("x.cnf")), ("sub/y", "")]);
    link(&sandbox, "/dev/zero", ".gitignore");
    pipe(&sandbox, "sub/.gitignore");
    link(&sandbox, "/dev/zero", "sub/.gitattributes");
    unseen(&sandbox.run(&["check"]));
    commit_without_force_but_the_pipe(&sandbox);
    unseen(&sandbox.run(&["check"]));
}

fn commit_without_force_but_the_pipe(sandbox: &Sandbox) {
    std::fs::remove_file(sandbox.at("sub/.gitignore")).expect("a pipe");
    std::fs::remove_file(sandbox.at(".gitignore")).expect("a link");
    sandbox.git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "x"]);
}

/// Ansible: `roles/r/vars -> elsewhere`.
#[test]
fn variables_of_a_role_come_from_the_tree() {
    let outside = Sandbox::with("main.yml", format!("org: {CANARY}\n"));
    let task = "- community.crypto.openssl_csr:\n    path: a.csr\n    privatekey_path: a.key\n    country_name: GERMANY\n    organization_name: \"{{ org }}\"\n    common_name: \"{{ org }}.a_b\"\n";
    let sandbox = repository(&[("roles/r/tasks/main.yml", task)]);
    link(&sandbox, outside.path(), "roles/r/vars");
    commit(&sandbox);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn variables_that_hidden_ones_go_before_are_not_known() {
    let task = "- community.crypto.openssl_privatekey:\n    path: a.key\n    size: \"{{ bits }}\"\n";
    let sandbox = repository(&[
        ("roles/r/tasks/main.yml", task),
        ("roles/r/defaults/main.yml", "bits: 1024\n"),
        (".gitignore", "vars/\n"),
    ]);
    let rules = |sandbox: &Sandbox| sandbox.check(&[]).rules();
    let csr = format!(
        "{task}- community.crypto.openssl_csr:\n    path: a.csr\n    privatekey_path: a.key\n    common_name: a.acme.example\n"
    );
    sandbox.file("roles/r/tasks/main.yml", csr);
    assert!(rules(&sandbox).contains(&"key/rsa-too-small".to_owned()));
    sandbox.file("roles/r/vars/main.yml", format!("bits: 4096\nsecret: {CANARY}\n"));
    let ran = sandbox.check(&[]);
    assert!(!ran.rules().contains(&"key/rsa-too-small".to_owned()));
    let reasons = ran.json()["not_judged"].to_string();
    assert!(reasons.contains("roles/r/vars/main.yml: is hidden by .gitignore"), "{reasons}");
}

/// Helm: values, the chart, its lock.
#[test]
fn values_of_a_chart_come_from_the_tree() {
    let manifest = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec:\n  secretName: a\n  issuerRef: { name: x }\n  commonName: \"a_b.{{ .Values.host }}\"\n  subject: { countries: [\"{{ .Values.host }}\"], organizations: [\"{{ .Chart.Name }}\"] }\n  dnsNames: [\"{{ .Values.host }}\"]\n";
    let outside = Sandbox::with("values.yaml", format!("host: {CANARY}\n"));
    outside.file("Chart.yaml", format!("name: {CANARY}\nversion: 1.0.0\n"));
    for linked in ["values.yaml", "Chart.yaml"] {
        let sandbox = repository(&[("c/templates/a.yaml", manifest)]);
        for file in ["values.yaml", "Chart.yaml"] {
            if file == linked {
                link(&sandbox, outside.at(file), &format!("c/{file}"));
            } else {
                sandbox.file(format!("c/{file}"), "name: x\nhost: a.acme.example\n");
            }
        }
        commit(&sandbox);
        shows_nothing(&sandbox, &[]);
    }
}

/// Terraform: variables, locks.
#[test]
fn a_module_is_of_the_tree() {
    let main = "resource \"tls_private_key\" \"a\" {\n  algorithm = \"RSA\"\n  rsa_bits  = 1024\n}\nresource \"tls_cert_request\" \"a\" {\n  private_key_pem = tls_private_key.a.private_key_pem\n  subject {\n    common_name  = \"a_b.${var.host}\"\n    country      = var.host\n    organization = local.host\n  }\n}\n";
    let outside = Sandbox::with(
        "variables.tf",
        format!("variable \"host\" {{\n  default = \"{CANARY}\"\n}}\nlocals {{\n  host = \"{CANARY}\"\n}}\n"),
    );
    outside.file(
        ".terraform.lock.hcl",
        format!("provider \"registry.terraform.io/hashicorp/tls\" {{\n  version = \"{CANARY}\"\n}}\n"),
    );
    let sandbox = repository(&[("m/main.tf", main)]);
    link(&sandbox, outside.at("variables.tf"), "m/variables.tf");
    link(&sandbox, outside.at(".terraform.lock.hcl"), "m/.terraform.lock.hcl");
    commit(&sandbox);
    shows_nothing(&sandbox, &[]);
}

#[test]
fn a_link_within_the_tree_is_followed_as_the_tool_follows_it() {
    let main = "resource \"tls_private_key\" \"a\" {\n  algorithm = \"RSA\"\n  rsa_bits  = var.bits\n}\n";
    let sandbox = repository(&[("m/main.tf", main), ("shared/v.tf", "variable \"bits\" {\n  default = 1024\n}\n")]);
    link(&sandbox, "../shared/v.tf", "m/variables.tf");
    commit(&sandbox);
    for arguments in [&[][..], &["--staged"], &["--since", "HEAD"]] {
        sandbox.file("m/main.tf", format!("{main}# changed\n"));
        sandbox.git(&["add", "--all"]);
        let ran = sandbox.check(arguments);
        assert!(ran.rules().contains(&"key/rsa-too-small".to_owned()), "{arguments:?}: {}", ran.brief());
    }
}

#[test]
fn owners_come_from_the_tree() {
    let outside = Sandbox::with("owners", format!("* @{CANARY}\n"));
    let policy = "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, reason: x, expires: 2099-01-01 }\n";
    let sandbox = repository(&[("csrlint.yaml", policy), (".gitignore", ".owners\n")]);
    link(&sandbox, outside.at("owners"), "CODEOWNERS");
    unseen(&sandbox.run(&["waivers"]));
    std::fs::remove_file(sandbox.at("CODEOWNERS")).expect("a link");
    sandbox.file(".owners", format!("* @{CANARY}\n"));
    link(&sandbox, ".owners", "CODEOWNERS");
    unseen(&sandbox.run(&["waivers"]));
}

/// A named path is the user's word, but a link among the names of a pull request's files is not.
#[test]
fn named_files_are_regular_ones() {
    let outside = Sandbox::with("secret.cnf", template("x").replace("GERMANY", CANARY));
    let sandbox = repository(&[("x", "")]);
    link(&sandbox, outside.at("secret.cnf"), "a.cnf");
    pipe(&sandbox, "pipe.csr");
    let ran = sandbox.run(&["check", "a.cnf"]);
    ran.exits(3);
    unseen(&ran);
    sandbox.run(&["check", "pipe.csr"]).exits(3);
    sandbox.run(&["inspect", "pipe.csr"]).exits(3);
    let ran = sandbox.run(&["check", Path::new("/dev/zero").to_str().expect("a path")]);
    ran.exits(3);
}

/// A file by itself needs nothing of git, and so does not start it.
#[test]
fn a_request_by_itself_asks_git_nothing() {
    let sandbox = repository(&[("a.csr", &crate::samples::WEAK)]);
    let tools = Sandbox::with("git", "#!/bin/sh\ntouch \"$(dirname \"$0\")/asked\"\nexit 1\n");
    let executable = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(tools.at("git"), executable).expect("a mode");
    let path = tools.path();
    let ran = sandbox.run_with(&["check", "a.csr"], b"", &[("PATH", path.to_str().expect("a path"))]);
    ran.exits(1);
    assert!(!tools.at("asked").exists());
}
