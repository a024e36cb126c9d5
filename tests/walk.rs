//! What `check` looks at: discovery of files and of the policy, exclusion, .gitignore, links, hidden files.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use run::{Ran, Sandbox, findings, text_of};
use samples::WEAK;

fn paths(ran: &Ran) -> Vec<String> {
    findings(&ran.json()).iter().map(|finding| text_of(&finding["path"])).collect()
}

fn weak(files: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    for file in files {
        sandbox.file(file, &*WEAK);
    }
    sandbox
}

/// The rule that tells of one key in several requests would only be noise here.
const QUIET: [&str; 2] = ["--ignore", "estate"];

fn found(sandbox: &Sandbox, arguments: &[&str]) -> Vec<String> {
    paths(&sandbox.check(&[arguments, &QUIET].concat()))
}

#[test]
fn content_decides_and_not_the_name() {
    let sandbox = weak(&["a.csr", "b.pem", "c.txt", "d", "e.md", "f.rs", "g.jpg"]);
    assert_eq!(found(&sandbox, &[]), ["a.csr", "b.pem", "c.txt", "d", "e.md", "f.rs", "g.jpg"]);
}

#[test]
fn directories_and_files_are_named() {
    let sandbox = weak(&["a/1.csr", "a/b/2.csr", "c/3.csr", "4.csr"]);
    assert_eq!(found(&sandbox, &["a"]), ["a/1.csr", "a/b/2.csr"]);
    assert_eq!(found(&sandbox, &["a/b", "4.csr"]), ["4.csr", "a/b/2.csr"]);
    assert_eq!(found(&sandbox, &["./c/../c/3.csr"]), ["c/3.csr"]);
    assert_eq!(found(&sandbox, &[sandbox.at("c").to_str().expect("UTF-8")]), ["c/3.csr"]);
}

#[test]
fn paths_are_relative_to_where_csrlint_stands_and_reported_from_the_root() {
    let sandbox = weak(&["a/1.csr", "b/2.csr"]);
    sandbox.git_init();
    assert_eq!(found(&sandbox, &["-C", "a"]), ["a/1.csr"]);
    assert_eq!(found(&sandbox, &["-C", "a", "../b"]), ["b/2.csr"]);
    assert_eq!(found(&sandbox, &["-C", "a", "1.csr"]), ["a/1.csr"]);
}

#[test]
fn fingerprints_do_not_depend_on_where_csrlint_stands() {
    let sandbox = weak(&["a/1.csr"]);
    sandbox.git_init();
    let of = |arguments: &[&str]| text_of(&findings(&sandbox.check(arguments).json())[0]["fingerprint"]);
    assert_eq!(of(&[]), of(&["-C", "a"]));
    assert_eq!(of(&[]), of(&["a/1.csr"]));
}

#[test]
fn a_file_is_linted_once_however_often_it_is_named() {
    let sandbox = weak(&["a/1.csr"]);
    for arguments in
        [&["a/1.csr", "a/1.csr"][..], &["a", "a/1.csr"], &[".", "a"], &["a", "a"], &["a/1.csr", "./a/1.csr"]]
    {
        assert_eq!(found(&sandbox, arguments), ["a/1.csr"], "{arguments:?}");
    }
}

#[test]
fn excluded_files_are_skipped_even_where_they_are_named() {
    let sandbox = weak(&["vendor/a.csr", "vendor/deep/b.csr", "b.csr", "old/c.csr"]);
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [\"vendor/**\", old]\n");
    assert_eq!(found(&sandbox, &[]), ["b.csr"]);
    for named in ["vendor/a.csr", "vendor/deep/b.csr", "vendor", "vendor/deep", "old/c.csr", "old"] {
        let ran = sandbox.check(&[named]);
        ran.exits(0);
        assert_eq!(ran.json()["summary"]["files"], 0, "{named}");
    }
    sandbox.git_init();
    assert_eq!(found(&sandbox, &["-C", "vendor", "a.csr"]), [""; 0]);
}

#[test]
fn exclusion_is_relative_to_the_policy() {
    let sandbox = weak(&["team/vendor/a.csr", "vendor/b.csr"]);
    sandbox.git_init().file("team/csrlint.yaml", "version: 1\nexclude: [\"vendor/**\"]\n");
    assert_eq!(found(&sandbox, &["-C", "team"]), [""; 0]);
    assert_eq!(found(&sandbox, &["-C", "team", ".."]), ["vendor/b.csr"]);
}

#[test]
fn stars_of_paths_do_not_cross_slashes() {
    let sandbox = weak(&["a/1.csr", "a/b/2.csr", "3.csr", ".hidden.csr"]);
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [\"*.csr\"]\n");
    assert_eq!(found(&sandbox, &[]), ["a/1.csr", "a/b/2.csr"]);
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [\"a/*.csr\"]\n");
    assert_eq!(found(&sandbox, &[]), [".hidden.csr", "3.csr", "a/b/2.csr"]);
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [\"**/*.csr\"]\n");
    assert_eq!(found(&sandbox, &[]), [""; 0]);
}

#[test]
fn gitignore_hides_only_what_git_does_not_track() {
    let sandbox = weak(&[
        "tracked/a.csr",
        "build/tracked.csr",
        "build/untracked.csr",
        "ignored.csr",
        "new.csr",
        "sub/ignored-below.csr",
    ]);
    sandbox.file(".gitignore", "build/\nignored.csr\n").file("sub/.gitignore", "*-below.csr\n");
    sandbox
        .git_init()
        .git(&["add", "--all"])
        .git(&["add", "--force", "build/tracked.csr"])
        .git(&["commit", "--quiet", "-m", "x"]);
    assert_eq!(found(&sandbox, &[]), ["build/tracked.csr", "new.csr", "tracked/a.csr"]);
    assert_eq!(found(&sandbox, &["tracked"]), ["tracked/a.csr"]);
    // A file that is named is meant.
    assert_eq!(found(&sandbox, &["ignored.csr", "build/untracked.csr"]), ["build/untracked.csr", "ignored.csr"]);
}

#[test]
fn a_tracked_file_in_an_ignored_directory_is_linted_once() {
    let sandbox = weak(&["build/tracked.csr"]);
    sandbox.file(".gitignore", "build/\n").git_init().git(&["add", "--force", "build/tracked.csr"]);
    for arguments in [&[][..], &["build"], &["-C", "build"]] {
        assert_eq!(found(&sandbox, arguments), ["build/tracked.csr"], "{arguments:?}");
    }
}

#[test]
fn a_tracked_file_of_a_nested_repository_is_linted() {
    let inner = weak(&["tracked.csr", "untracked.csr"]);
    inner.file(".gitignore", "*.csr\n").git_init().git(&["add", "--force", "tracked.csr", ".gitignore"]);
    inner.git(&["commit", "--quiet", "-m", "x"]);
    let outer = Sandbox::new();
    let source = inner.path();
    let source = source.to_str().expect("UTF-8");
    outer.git_init().git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source, "sub"]);
    outer.file("sub/untracked.csr", &*WEAK);
    assert_eq!(found(&outer, &["-C", "sub"]), ["tracked.csr"], "a repository of its own");
    assert_eq!(found(&outer, &[]), ["sub/tracked.csr"]);
}

#[test]
fn only_gitignore_hides_anything() {
    let sandbox = weak(&["a.csr", "b.csr", "c.csr", "d.csr"]);
    sandbox.git_init().git(&["config", "core.excludesFile", ".global-ignore"]);
    sandbox
        .file(".ignore", "a.csr\n")
        .file(".global-ignore", "b.csr\n")
        .file(".git/info/exclude", "c.csr\n")
        .file(".csrlintignore", "d.csr\n");
    assert_eq!(found(&sandbox, &[]), ["a.csr", "b.csr", "c.csr", "d.csr"]);
}

#[test]
fn gitignore_outside_of_a_repository_hides_nothing() {
    let sandbox = weak(&["a.csr"]);
    sandbox.file(".gitignore", "*.csr\n");
    assert_eq!(found(&sandbox, &[]), ["a.csr"]);
}

#[test]
fn without_git_nothing_is_hidden_and_a_notice_says_so() {
    let sandbox = weak(&["a.csr"]);
    sandbox.git_init().file(".gitignore", "*.csr\n");
    let ran = sandbox.run_with(&["check", "--format", "json"], b"", &[("PATH", "/nonexistent")]);
    assert_eq!(paths(&ran), ["a.csr"]);
    ran.complains("notice: .gitignore is not heeded");
}

#[test]
fn nothing_of_a_repository_is_executed() {
    let sandbox = weak(&["a.csr"]);
    sandbox.git_init();
    let script = sandbox.at("evil.sh");
    sandbox.file("evil.sh", "#!/bin/sh\ntouch DIR/executed\n".replace("DIR", sandbox.path().to_str().expect("UTF-8")));
    make_executable(&script);
    let script = script.to_str().expect("UTF-8");
    for key in [
        "core.fsmonitor",
        "core.hooksPath",
        "core.pager",
        "core.sshCommand",
        "filter.x.clean",
        "filter.x.smudge",
        "diff.external",
    ] {
        sandbox.git(&["config", key, script]);
    }
    sandbox.file(".gitattributes", "* filter=x\n");
    assert_eq!(found(&sandbox, &[]), ["a.csr"]);
    assert!(!sandbox.at("executed").exists());
}

#[cfg(unix)]
fn make_executable(path: &std::path::Path) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o755)).expect("permissions");
}

#[cfg(not(unix))]
fn make_executable(_: &std::path::Path) {}

#[test]
fn git_is_skipped_and_other_hidden_files_are_not() {
    let sandbox =
        weak(&[".hidden.csr", ".github/a.csr", ".git/b.csr", "sub/.git/c.csr", ".gitlab/.d.csr", "x.git/e.csr"]);
    assert_eq!(found(&sandbox, &[]), [".github/a.csr", ".gitlab/.d.csr", ".hidden.csr", "x.git/e.csr"]);
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_out_of_the_tree() {
    use std::os::unix::fs::symlink;
    let outside = weak(&["secret.csr", "dir/secret.csr"]);
    let sandbox = weak(&["real/a.csr"]);
    sandbox.git_init();
    symlink(outside.at("secret.csr"), sandbox.at("link.csr")).expect("a link");
    symlink(outside.at("dir"), sandbox.at("linked")).expect("a link");
    symlink(sandbox.at("real/a.csr"), sandbox.at("inside.csr")).expect("a link");
    symlink(sandbox.at("missing"), sandbox.at("dangling.csr")).expect("a link");
    symlink(".", sandbox.at("loop")).expect("a link");
    assert_eq!(found(&sandbox, &[]), ["real/a.csr"]);
    sandbox.git(&["add", "--all"]);
    assert_eq!(found(&sandbox, &[]), ["real/a.csr"], "tracked links neither");
    // Named, it cannot be judged, and that is said.
    let ran = sandbox.check(&["link.csr"]);
    ran.exits(3).says("symbolic link");
    assert!(findings(&ran.json()).is_empty());
    sandbox.check(&["dangling.csr"]).exits(3);
}

#[cfg(unix)]
#[test]
fn a_tracked_path_below_a_linked_directory_is_not_followed() {
    use std::os::unix::fs::symlink;
    let outside = weak(&["a.csr"]);
    let sandbox = weak(&["dir/a.csr"]);
    // git tracks dir/a.csr although it is ignored; then dir becomes a link.
    sandbox.file(".gitignore", "dir\n").git_init().git(&["add", "--force", "dir/a.csr"]);
    std::fs::remove_dir_all(sandbox.at("dir")).expect("removed");
    symlink(outside.path(), sandbox.at("dir")).expect("a link");
    assert_eq!(found(&sandbox, &[]), [""; 0]);
}

// --- the policy

const OFF: &str = "version: 1\nrules:\n  key/rsa-too-small: { severity: off }\n";

#[test]
fn the_policy_is_looked_for_up_to_the_root_of_the_repository() {
    for name in ["csrlint.yaml", ".csrlint.yaml", ".github/csrlint.yaml"] {
        let sandbox = weak(&["repo/a/b/web.csr"]);
        sandbox.directory("repo/.git").file(format!("repo/{name}"), OFF);
        let ran = sandbox.check(&["-C", "repo/a/b"]);
        ran.exits(0);
        assert_eq!(ran.json()["run"]["policy"], name);
    }
}

#[test]
fn the_policy_is_not_looked_for_above_the_root_of_the_repository() {
    let sandbox = weak(&["repo/a/web.csr"]);
    sandbox.directory("repo/.git").file("csrlint.yaml", OFF);
    sandbox.check(&["-C", "repo/a"]).exits(1);
}

#[test]
fn without_a_repository_only_the_working_directory_counts() {
    let sandbox = weak(&["a/web.csr"]);
    sandbox.file("csrlint.yaml", OFF);
    sandbox.check(&["-C", "a"]).exits(1);
    sandbox.check(&[]).exits(0);
}

#[test]
fn names_of_policies_have_an_order() {
    let sandbox = weak(&["web.csr"]);
    let info = OFF.replace("off", "info");
    sandbox.file(".github/csrlint.yaml", OFF).file(".csrlint.yaml", &info);
    assert_eq!(sandbox.check(&[]).json()["run"]["policy"], ".csrlint.yaml");
    sandbox.file("csrlint.yaml", "version: 1\n");
    assert_eq!(sandbox.check(&[]).json()["run"]["policy"], "csrlint.yaml");
}

#[test]
fn a_nested_policy_is_told_of_and_not_used() {
    for name in ["csrlint.yaml", ".csrlint.yaml", ".github/csrlint.yaml"] {
        let sandbox = weak(&["sub/web.csr"]);
        sandbox.git_init().file("csrlint.yaml", "version: 1\n").file(format!("sub/{name}"), OFF);
        sandbox.check(&[]).exits(1).complains(&format!("notice: sub/{name} is not used"));
    }
    // Without a policy of its own, too.
    let sandbox = weak(&["sub/web.csr"]);
    sandbox.git_init().file("sub/csrlint.yaml", OFF);
    sandbox.check(&[]).exits(1).complains("notice: sub/csrlint.yaml is not used");
}

#[test]
fn a_nested_policy_that_is_broken_breaks_nothing() {
    let sandbox = weak(&["sub/web.csr"]);
    sandbox.file("sub/csrlint.yaml", "version: 99\n: [");
    sandbox.check(&[]).exits(1).complains("notice: sub/csrlint.yaml is not used");
}

#[test]
fn the_policy_in_use_is_not_told_of() {
    let sandbox = weak(&["a/web.csr"]);
    sandbox.git_init().file("csrlint.yaml", "version: 1\n");
    for arguments in [&[][..], &["-C", "a", ".."]] {
        let ran = sandbox.check(arguments);
        assert!(!ran.stderr.contains("notice"), "{}", ran.stderr);
    }
}
