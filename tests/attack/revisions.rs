//! Names of revisions: whoever may push a tag must not decide what a branch is.

use crate::run::Sandbox;
use crate::samples::WEAK;
use crate::{commit, repository};

const STRICT: &str = "version: 1\n";
const LOOSE: &str = "version: 1\nrules:\n  key/rsa-too-small: { severity: off }\n";

/// `main` is strict; the commit at HEAD loosens the policy.
fn gated() -> Sandbox {
    let sandbox = repository(&[("csrlint.yaml", STRICT), ("a.csr", &WEAK)]);
    sandbox.git(&["update-ref", "refs/remotes/origin/main", "HEAD"]);
    sandbox.git(&["checkout", "--quiet", "-b", "work"]);
    sandbox.file("csrlint.yaml", LOOSE);
    commit(&sandbox);
    sandbox
}

/// A tag `origin/main` took over `--policy-rev origin/main`.
#[test]
fn a_tag_does_not_take_the_place_of_a_branch() {
    for (kind, name) in [("tag", "origin/main"), ("branch", "origin/main")] {
        let sandbox = gated();
        sandbox.run(&["check", "--policy-rev", "origin/main"]).exits(1);
        sandbox.git(&[kind, name, "HEAD"]);
        for flag in ["--policy-rev", "--since"] {
            for revision in ["origin/main", "origin/main~0", "origin/main^{commit}", "origin/main@{0}"] {
                let ran = sandbox.run(&["check", flag, revision]);
                ran.exits(2)
                    .complains("refs/remotes/origin/main")
                    .complains(&format!("refs/{}", if kind == "tag" { "tags" } else { "heads" }));
            }
        }
        sandbox.run(&["diff", "origin/main"]).exits(2);
        // In full it is clear what is meant.
        sandbox.run(&["check", "--policy-rev", "refs/remotes/origin/main"]).exits(1);
        let id = sandbox.git_says(&["rev-parse", "refs/remotes/origin/main"]);
        sandbox.run(&["check", "--policy-rev", &id]).exits(1);
    }
}

#[test]
fn a_name_does_not_take_the_place_of_an_id() {
    let sandbox = gated();
    let id = sandbox.git_says(&["rev-parse", "refs/remotes/origin/main"]);
    for length in [7, 12, 39] {
        let short = &id[..length];
        sandbox.run(&["check", "--policy-rev", short]).exits(1);
        sandbox.git(&["update-ref", &format!("refs/tags/{short}"), "HEAD"]);
        sandbox.run(&["check", "--policy-rev", short]).exits(2).complains("the commit");
    }
    let described = format!("v1-0-g{}", &id[..9]);
    sandbox.git(&["update-ref", &format!("refs/tags/{described}"), "HEAD"]);
    sandbox.run(&["check", "--policy-rev", &described]).exits(2);
    // A whole id is what it says, whatever is called so.
    sandbox.git(&["update-ref", &format!("refs/heads/{id}"), "HEAD"]);
    sandbox.run(&["check", "--policy-rev", &id]).exits(1);
}

#[test]
fn a_remote_called_like_a_branch_is_told() {
    let sandbox = gated();
    sandbox.git(&["update-ref", "refs/heads/release", "HEAD"]);
    sandbox.git(&["update-ref", "refs/remotes/release/HEAD", "HEAD~1"]);
    sandbox.run(&["check", "--policy-rev", "release"]).exits(2);
}

#[test]
fn options_are_no_revisions() {
    let sandbox = gated();
    for revision in [
        "--all",
        "--output=x",
        "-h",
        "--upload-pack=touch x",
        "HEAD --",
        ":csrlint.yaml",
        "HEAD:a.csr",
        "HEAD..HEAD",
        "",
    ] {
        let ran = sandbox.run(&["check", &format!("--policy-rev={revision}")]);
        ran.exits(2);
    }
    assert!(!sandbox.at("x").exists());
}

#[test]
fn a_replaced_object_changes_nothing() {
    let sandbox = gated();
    sandbox.git(&["replace", "refs/remotes/origin/main", "HEAD"]);
    sandbox.run(&["check", "--policy-rev", "refs/remotes/origin/main"]).exits(1);
}

#[test]
fn a_graft_of_the_index_or_the_environment_changes_nothing() {
    let sandbox = gated();
    let arguments = ["check", "--policy-rev", "refs/remotes/origin/main"];
    let elsewhere = Sandbox::new();
    elsewhere.git_init();
    let other = elsewhere.at(".git");
    let other = other.to_str().expect("a path");
    for variable in ["GIT_DIR", "GIT_COMMON_DIR", "GIT_INDEX_FILE", "GIT_NAMESPACE"] {
        sandbox.run_with(&arguments, b"", &[(variable, other)]).exits(1);
    }
}
