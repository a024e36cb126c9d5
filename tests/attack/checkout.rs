//! A hostile checkout: its configuration, hooks and attributes name commands, its remotes are commands, its index is odd.
//! Nothing of it is run, whoever owns it, and whichever command of csrlint asks.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::run::{Ran, Sandbox};
use crate::samples::{GOOD, WEAK};
use crate::{commit, link, pipe, repository, unseen};

/// Keys of git's configuration that name a program (git-config(1) of 2.47), with what stands before and after its path.
const PROGRAMS: [(&str, &str, &str); 50] = [
    ("alias.blame", "!", ""),
    ("alias.diff", "!", ""),
    ("alias.ls-files", "!", ""),
    ("core.alternateRefsCommand", "", ""),
    ("core.askPass", "", ""),
    ("core.editor", "", ""),
    ("core.fsmonitor", "", ""),
    ("core.gitProxy", "", ""),
    ("core.pager", "", ""),
    ("core.sshCommand", "", ""),
    ("credential.helper", "!", ""),
    ("diff.canary.command", "", ""),
    ("diff.canary.textconv", "", ""),
    ("diff.external", "", ""),
    ("diff.tool", "", ""),
    ("difftool.canary.cmd", "", ""),
    ("filter.canary.clean", "", ""),
    ("filter.canary.process", "", ""),
    ("filter.canary.smudge", "", ""),
    ("filter.other.one.clean", "", ""),
    ("filter.Upper Case.clean", "", ""),
    ("gpg.openpgp.program", "", ""),
    ("gpg.program", "", ""),
    ("gpg.ssh.defaultKeyCommand", "", ""),
    ("gpg.ssh.program", "", ""),
    ("gpg.x509.program", "", ""),
    ("hook.canary.command", "", ""),
    ("imap.tunnel", "", ""),
    ("instaweb.httpd", "", ""),
    ("interactive.diffFilter", "", ""),
    ("merge.canary.driver", "", ""),
    ("mergetool.canary.cmd", "", ""),
    ("pager.blame", "", ""),
    ("pager.cat-file", "", ""),
    ("pager.config", "", ""),
    ("pager.diff", "", ""),
    ("pager.ls-files", "", ""),
    ("pager.ls-tree", "", ""),
    ("pager.rev-parse", "", ""),
    ("receive.procReceiveRefs", "", ""),
    ("remote.origin.receivepack", "", ""),
    ("remote.origin.uploadpack", "", ""),
    ("remote.origin.vcs", "", ""),
    ("sequence.editor", "", ""),
    ("sendemail.smtpServer", "", ""),
    ("submodule.sub.update", "!", ""),
    ("tar.canary.command", "", ""),
    ("trailer.canary.cmd", "", ""),
    ("uploadpack.packObjectsHook", "", ""),
    ("remote.origin.url", "ext::", " %S foo"),
];
/// githooks(5).
const HOOKS: [&str; 12] = [
    "applypatch-msg",
    "fsmonitor-watchman",
    "post-checkout",
    "post-commit",
    "post-index-change",
    "post-rewrite",
    "pre-auto-gc",
    "pre-commit",
    "pre-push",
    "prepare-commit-msg",
    "reference-transaction",
    "update",
];

/// A program that leaves a trace, with its name in it.
fn program(sandbox: &Sandbox) -> PathBuf {
    let path = sandbox.at("program");
    let trace = sandbox.at("trace");
    std::fs::write(&path, format!("#!/bin/sh\necho \"$0 $*\" >>'{}'\ncat 2>/dev/null\nexit 1\n", trace.display()))
        .expect("a file");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    path
}

/// A repository that would run the program wherever it can, and whose files all look as if they had to be read again.
fn armed() -> (Sandbox, Sandbox) {
    let waiver =
        "version: 1\nwaivers:\n  - { rule: key/rsa-too-small, files: [a.csr], reason: x, expires: 2099-01-01 }\n";
    let sandbox = repository(&[
        ("tree/a.csr", &WEAK),
        (
            "tree/b.cnf",
            "[req]\ndistinguished_name = dn\n# csrlint: ignore[key/rsa-too-small] -- x\ndefault_bits = 1024\n[dn]\nCN = x\n",
        ),
        ("tree/csrlint.yaml", waiver),
        ("tree/.gitattributes", "* filter=canary diff=canary merge=canary\n*.cnf filter=other.one\n"),
    ]);
    let program = program(&sandbox);
    let inner = Sandbox::new();
    inner.git_init();
    for file in ["a.csr", "b.cnf", "csrlint.yaml", ".gitattributes"] {
        inner.file(file, sandbox.read(format!("tree/{file}")));
    }
    commit(&inner);
    inner.file("b.cnf", sandbox.read("tree/b.cnf") + "# more\n");
    commit(&inner);
    for (key, before, after) in PROGRAMS {
        inner.git(&["config", key, &format!("{before}{}{after}", program.display())]);
    }
    inner.git(&["config", "filter.canary.required", "true"]).git(&["config", "log.showSignature", "true"]);
    inner.git(&["config", "hook.canary.event", "post-index-change"]);
    for folder in [".git/hooks", ".git/other"] {
        for hook in HOOKS {
            inner.file(format!("{folder}/{hook}"), "");
            std::fs::copy(&program, inner.at(format!("{folder}/{hook}"))).expect("a hook");
        }
    }
    inner.git_unchecked(&["config", "core.hooksPath", ".git/other"]);
    inner.file(".git/info/attributes", "* filter=\"Upper Case\"\n*.csr filter=canary diff=canary\n");
    // Another time of change: git compares the content.
    for file in ["a.csr", "b.cnf"] {
        let text = inner.read(file);
        std::fs::remove_file(inner.at(file)).expect("a file");
        inner.file(file, text);
    }
    (inner, sandbox)
}

fn commands() -> Vec<Vec<&'static str>> {
    let mut all: Vec<Vec<&str>> = [
        &["check"][..],
        &["check", "--staged"],
        &["check", "--changed"],
        &["check", "--since", "HEAD~1"],
        &["check", "--policy-rev", "HEAD~1"],
        &["check", "--policy-rev", "HEAD~1", "--staged"],
        &["check", "--policy-rev", "HEAD~1", "--since", "HEAD~1", "--format", "markdown"],
        &["check", "--fix", "--unsafe-fixes", "--changed"],
        &["diff"],
        &["diff", "HEAD~1"],
        &["diff", "HEAD~1", "HEAD"],
        &["diff", "HEAD~1", "--staged"],
        &["diff", "HEAD~1", "--direct", "--policy-rev", "HEAD~1"],
        &["waivers"],
        &["waivers", "--policy-rev", "HEAD~1", "--format", "json"],
        &["baseline", "write", "--force"],
        &["baseline", "show", "--baseline", "csrlint-baseline.json"],
        &["baseline", "prune", "--baseline", "csrlint-baseline.json"],
        &["forecast"],
        &["config", "--policy-rev", "HEAD~1"],
        &["inspect", "a.csr", "b.cnf"],
        &["inspect", "--textconv", "a.csr"],
        &["blocklist", "build", "."],
    ]
    .iter()
    .map(|arguments| arguments.to_vec())
    .collect();
    all.push(vec!["check", "a.csr", "b.cnf"]);
    all
}

/// The folders in which the gits to try stand: that of PATH, and what `CSRLINT_TEST_GITS` names.
fn gits() -> Vec<Option<String>> {
    let more = std::env::var("CSRLINT_TEST_GITS").unwrap_or_default();
    let path = std::env::var("PATH").unwrap_or_default();
    let named = more.split(':').filter(|folder| !folder.is_empty()).map(|folder| Some(format!("{folder}:{path}")));
    std::iter::once(None).chain(named).collect()
}

fn run(sandbox: &Sandbox, arguments: &[&str], path: Option<&str>, foreign: bool) -> Ran {
    let mut variables = Vec::new();
    variables.extend(path.map(|path| ("PATH", path)));
    // git's own way to try what it does in a repository of somebody else.
    variables.extend(foreign.then_some(("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")));
    sandbox.run_with(arguments, b"", &variables)
}

/// `waivers` ran textconv of `.git/config`; `--changed` and its like ran filters and post-index-change.
#[test]
fn nothing_that_a_repository_names_is_run() {
    let (sandbox, outside) = armed();
    let trace = outside.at("trace");
    for path in gits() {
        for foreign in [false, true] {
            for arguments in commands() {
                let ran = run(&sandbox, &arguments, path.as_deref(), foreign);
                assert!((0..=3).contains(&ran.code), "{arguments:?}: {}", ran.brief());
                let traces = std::fs::read_to_string(&trace).unwrap_or_default();
                assert!(traces.is_empty(), "{arguments:?} (foreign: {foreign}) ran:\n{traces}{}", ran.brief());
            }
        }
    }
    // The trap works: git itself walks into it.
    sandbox.git_unchecked(&["--no-pager", "diff", "--textconv"]);
    assert!(trace.exists());
}

#[test]
fn a_filter_that_cannot_be_switched_off_is_not_run() {
    let sandbox = repository(&[("a.csr", &WEAK), (".gitattributes", "* filter=a=b\n")]);
    let program = program(&sandbox);
    sandbox.file(".git/config.more", format!("[filter \"a=b\"]\n\tclean = {}\n", program.display()));
    sandbox.git(&["config", "include.path", "config.more"]);
    sandbox.file("a.csr", &*GOOD);
    let ran = sandbox.run(&["check", "--changed"]);
    ran.exits(2).complains("filter");
    assert!(!sandbox.at("trace").exists());
}

/// Line ends that git converts are no change, although filters are off.
#[test]
fn honest_conversions_change_nothing() {
    let sandbox = repository(&[("a.csr", &WEAK), (".gitattributes", "*.csr text eol=crlf\n")]);
    sandbox.file("a.csr", WEAK.replace('\n', "\r\n"));
    let ran = sandbox.check(&["--changed"]);
    assert_eq!(ran.rules(), Vec::<String>::new(), "{}", ran.brief());
}

/// A sparse index whose tree is missing, with a promisor remote that is a command: plain `csrlint check` ran it.
#[test]
fn a_promisor_remote_is_not_asked() {
    for foreign in [false, true] {
        let sandbox = repository(&[("a/b/x.csr", &WEAK), ("c/y.csr", &WEAK), ("z.csr", &GOOD)]);
        let trap = Sandbox::new();
        let program = program(&trap);
        sandbox.git(&["sparse-checkout", "init", "--cone", "--sparse-index"]);
        sandbox.git(&["config", "extensions.partialClone", "origin"]);
        sandbox.git(&["config", "remote.origin.promisor", "true"]);
        sandbox.git(&["config", "remote.origin.url", &format!("ext::{} %S", program.display())]);
        sandbox.git(&["config", "protocol.ext.allow", "always"]);
        let tree = sandbox.git_says(&["rev-parse", "HEAD:c"]);
        std::fs::remove_file(sandbox.at(format!(".git/objects/{}/{}", &tree[..2], &tree[2..]))).expect("an object");
        let variables = if foreign { vec![("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")] } else { vec![] };
        let ran = sandbox.run_with(&["check", "--format", "json"], b"", &variables);
        // What is there is judged, and what is not is said.
        ran.exits(3);
        assert!(ran.rules().contains(&"key/rsa-too-small".to_owned()), "{}", ran.brief());
        assert!(ran.json()["errors"].to_string().contains("\"c"), "{}", ran.brief());
        for arguments in
            [&["check", "--staged"][..], &["check", "--changed"], &["check", "--policy-rev", "HEAD"], &["diff"]]
        {
            let ran = sandbox.run_with(arguments, b"", &variables);
            assert_eq!(ran.code, 3, "{arguments:?}: {}", ran.brief());
        }
        assert!(!trap.at("trace").exists());
    }
}

/// An honest partial clone: what it does not have is a failure, and nobody is asked for it.
#[test]
fn a_partial_clone_stays_partial() {
    let origin = repository(&[("a.csr", &WEAK), ("csrlint.yaml", "version: 1\n")]);
    origin.file("a.csr", &*GOOD);
    commit(&origin);
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let clone = Sandbox::new();
    clone.git(&["clone", "--quiet", "--filter=blob:none", &format!("file://{}", origin.path().display()), "."]);
    clone.run(&["check"]).exits(0);
    // The blob of the commit before is not here.
    let ran = clone.run(&["diff", "HEAD~1"]);
    ran.exits(0).complains("this clone does not have the object");
    let ran = clone.run(&["check", "--policy-rev", "HEAD~1"]);
    assert!(matches!(ran.code, 0 | 3), "{}", ran.brief());
    let missing = clone.git_says(&["rev-list", "--objects", "--missing=print", "HEAD"]);
    assert!(missing.contains('?'), "the clone was completed: {missing}");

    let trees = Sandbox::new();
    trees.git(&[
        "clone",
        "--quiet",
        "--no-checkout",
        "--filter=tree:0",
        &format!("file://{}", origin.path().display()),
        ".",
    ]);
    trees.run(&["check", "--policy-rev", "HEAD"]).exits(3);
    trees.run(&["diff", "HEAD~1", "HEAD"]).exits(3);
}

/// Containers of CI systems run as somebody else.
#[test]
fn a_repository_of_somebody_else_keeps_its_gate() {
    let sandbox = repository(&[("a.csr", &WEAK), ("csrlint.yaml", "version: 1\n")]);
    sandbox.file("b.csr", &*WEAK).file("csrlint.yaml", "version: 1\nrules:\n  key/rsa-too-small: { severity: off }\n");
    let foreign = [("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")];
    let ran = sandbox.run_with(&["check", "--format", "json", "--policy-rev", "HEAD"], b"", &foreign);
    ran.exits(1).complains("belongs to somebody else");
    assert_eq!(ran.rules().iter().filter(|rule| *rule == "key/rsa-too-small").count(), 2, "{}", ran.brief());
    let ran = sandbox.run_with(&["check", "--format", "json", "--changed"], b"", &foreign);
    ran.exits(0).complains("belongs to somebody else");
    commit(&sandbox);
    sandbox.file("a.csr", &*GOOD).file("new.csr", &*WEAK);
    std::fs::remove_file(sandbox.at("b.csr")).expect("a file");
    sandbox.file("csrlint.yaml", "version: 1\n");
    let ran = sandbox.run_with(&["check", "--format", "json", "--changed"], b"", &foreign);
    let paths: Vec<String> =
        crate::run::findings(&ran.json()).iter().map(|finding| crate::run::text_of(&finding["path"])).collect();
    assert_eq!(paths, ["new.csr"], "{}", ran.brief());
}

/// `skip-worktree` hid a file from a walk of the disk.
#[test]
fn what_the_disk_does_not_have_is_read_from_its_object() {
    let sandbox = repository(&[
        ("a.csr", &WEAK),
        ("gone.csr", &WEAK),
        ("b.cnf", "[req]\ndistinguished_name = dn\n.include c.cnf\n[dn]\nCN = x\n"),
        ("c.cnf", "default_bits = 1024\n"),
    ]);
    sandbox.git(&["update-index", "--skip-worktree", "a.csr", "c.cnf"]);
    for file in ["a.csr", "gone.csr", "c.cnf"] {
        std::fs::remove_file(sandbox.at(file)).expect("a file");
    }
    let ran = sandbox.check(&[]);
    let found: Vec<String> = crate::run::findings(&ran.json())
        .iter()
        .filter(|finding| finding["rule"] == "key/rsa-too-small")
        .map(|finding| crate::run::text_of(&finding["path"]))
        .collect();
    // One that was deleted is a deletion.
    assert_eq!(found, ["a.csr", "b.cnf"], "{}", ran.brief());
}

#[test]
fn an_object_that_is_missing_is_a_failure() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    sandbox.git(&["update-index", "--skip-worktree", "a.csr"]);
    let id = sandbox.git_says(&["rev-parse", "HEAD:a.csr"]);
    std::fs::remove_file(sandbox.at("a.csr")).expect("a file");
    std::fs::remove_file(sandbox.at(format!(".git/objects/{}/{}", &id[..2], &id[2..]))).expect("an object");
    sandbox.run(&["check"]).exits(3).says("a.csr");
}

/// A name that the disk cannot have: git itself could not write it.
#[test]
fn a_name_that_the_disk_cannot_have_is_read_from_its_object() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    let id = sandbox.git_says(&["rev-parse", "HEAD:a.csr"]);
    let name = format!("{}.csr", "n".repeat(300));
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("100644,{id},{name}")]);
    sandbox.git(&["commit", "--quiet", "--message", "long"]);
    std::fs::remove_file(sandbox.at("a.csr")).expect("a file");
    let ran = sandbox.check(&[]);
    assert_eq!(ran.rules(), ["key/rsa-too-small"], "{}", ran.brief());
}

/// On disk in an encoding that nobody reads, a weak request looked like nothing.
#[test]
fn an_encoding_of_the_working_tree_hides_nothing() {
    let sandbox = repository(&[("x", "")]);
    sandbox.file(".gitattributes", "*.csr working-tree-encoding=UTF-32\n*.cnf working-tree-encoding=IBM1047\n*.vbs working-tree-encoding=IBM1047\n");
    let wide: Vec<u8> = WEAK.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect();
    sandbox.file("web.csr", [&[0, 0, 0xFE, 0xFF][..], &wide].concat()).file("x.vbs", "");
    commit(&sandbox);
    let ran = sandbox.check(&[]);
    ran.exits(3);
    assert_eq!(ran.rules(), ["key/rsa-too-small"], "{}", ran.brief());
    let errors = ran.json()["errors"].to_string();
    assert!(
        errors.contains("web.csr") && errors.contains("could not be read") && !errors.contains("x.vbs"),
        "{errors}"
    );
}

/// The attributes may stand in a macro, in another folder, or with git.
#[test]
fn an_encoding_is_found_wherever_it_is_said() {
    let wide = |text: &str| text.chars().flat_map(|character| u32::from(character).to_be_bytes()).collect::<Vec<u8>>();
    for (path, attributes) in [
        (".gitattributes", "[attr]hidden working-tree-encoding=UTF-32\n*.csr hidden\n"),
        ("a/.gitattributes", "*.csr working-tree-encoding=utf-32\n"),
        (".git/info/attributes", "a/*.csr working-tree-encoding=UTF-32\n"),
    ] {
        let sandbox = repository(&[("x", "")]);
        sandbox.file(path, attributes).file("a/web.csr", [&[0, 0, 0xFE, 0xFF][..], &wide(&WEAK)].concat());
        commit(&sandbox);
        sandbox.run(&["check"]).exits(3).says("key/rsa-too-small");
    }
}

#[test]
fn an_honest_encoding_is_read_as_it_is() {
    let sandbox = repository(&[(".gitattributes", "*.inf working-tree-encoding=UTF-16LE-BOM eol=crlf\n")]);
    let text = "[NewRequest]\r\nSubject = \"CN=a.acme.example\"\r\nKeyLength = 1024\r\nUseExistingKeySet = FALSE\r\n";
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    sandbox.file("a.inf", [&[0xFF, 0xFE][..], &wide].concat());
    commit(&sandbox);
    sandbox.run(&["check"]).exits(1).says("key/rsa-too-small");
}

/// A pointer of Git LFS stood for a request that nobody saw.
#[test]
fn a_pointer_is_no_request() {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n";
    for name in ["web.csr", "web.p10", "web.req", "WEB.CSR"] {
        let sandbox = repository(&[]);
        sandbox.file(name, pointer).file("picture.png", pointer).git(&["add", "--all"]);
        for arguments in [&["check"][..], &["check", "--staged"], &["check", name]] {
            let ran = sandbox.run(arguments);
            ran.exits(3).says(name);
            assert!(!ran.text().contains("picture"), "{}", ran.brief());
        }
    }
}

/// A link to what the policy leaves out is not left out itself.
#[test]
fn a_link_to_an_excluded_file_is_linted() {
    let policy = "version: 1\nexclude: [\"vendor/**\"]\n";
    let sandbox = repository(&[
        ("vendor/weak.csr", &WEAK),
        ("vendor/d/also.csr", &WEAK),
        ("csrlint.yaml", policy),
        ("services/x", ""),
    ]);
    link(&sandbox, "../vendor/weak.csr", "services/web.csr");
    link(&sandbox, "../vendor/d", "services/d");
    link(&sandbox, "../vendor", "vendor/self");
    commit(&sandbox);
    for arguments in [&[][..], &["--staged"], &["services"]] {
        let ran = sandbox.check(arguments);
        let mut paths: Vec<String> =
            crate::run::findings(&ran.json()).iter().map(|finding| crate::run::text_of(&finding["path"])).collect();
        paths.retain(|path| path.ends_with(".csr"));
        if arguments == ["--staged"] {
            continue;
        }
        assert_eq!(paths, ["services/d/also.csr", "services/web.csr"], "{arguments:?}: {}", ran.brief());
    }
    let ran = sandbox.check(&["--policy-rev", "HEAD"]);
    ran.exits(1);
    // Untracked links count, too.
    link(&sandbox, "../vendor/weak.csr", "services/new.csr");
    sandbox.run(&["check"]).says("services/new.csr");
}

#[test]
fn a_link_whose_own_path_is_excluded_is_left_out() {
    let sandbox = repository(&[
        ("vendor/weak.csr", &WEAK),
        ("csrlint.yaml", "version: 1\nexclude: [\"vendor/**\", \"fixtures/**\"]\n"),
        ("fixtures/x", ""),
    ]);
    link(&sandbox, "../vendor/weak.csr", "fixtures/web.csr");
    commit(&sandbox);
    sandbox.run(&["check"]).exits(0);
}

#[test]
fn a_submodules_place_that_is_a_link_is_not_entered() {
    let other = repository(&[("weak.csr", &WEAK)]);
    let id = other.git_says(&["rev-parse", "HEAD"]);
    let sandbox = repository(&[("x", "")]);
    sandbox.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{id},sub")]);
    sandbox.git(&["commit", "--quiet", "--message", "sub"]);
    link(&sandbox, other.path(), "sub");
    for arguments in [&["check"][..], &["check", "--staged"], &["diff", "HEAD~1", "HEAD"]] {
        let ran = sandbox.run(arguments);
        assert!(!ran.text().contains("weak.csr"), "{}", ran.brief());
    }
}

#[test]
fn a_pipe_among_the_files_stops_nothing() {
    let sandbox = repository(&[("a.csr", &WEAK)]);
    pipe(&sandbox, "b.csr");
    pipe(&sandbox, "c.cnf");
    sandbox.run(&["check"]).exits(1);
    for file in [".git/HEAD.lock", ".git/index.lock"] {
        sandbox.file(file, "");
    }
    unseen(&sandbox.run(&["check", "--changed"]));
    assert!(Path::new(&sandbox.at(".git/index.lock")).exists());
}
