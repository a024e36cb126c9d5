//! Attempts of somebody who has the program and its documentation only: paths of the command line that the tree turns into
//! links, links behind links, git's own files as links, odd indexes and trees, secrets that are repeated elsewhere.

use std::fmt::Write as _;

use crate::run::{Ran, Sandbox, findings, text_of};
use crate::samples::{GOOD, WEAK};
use crate::{CANARY, FORMATS, commit, link, repository, shows_nothing, unseen};

const EXCLUDING: &str = "version: 1\nexclude: [\"vendor*/**\"]\n";
const WEAK_TEMPLATE: &str =
    "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 1024\n[dn]\nCN = x.acme.example\n";
const IGNORING: &str = "[req]\ndistinguished_name = dn\nprompt = no\n# csrlint: ignore-next-line[key/rsa-too-small] -- old\ndefault_bits = 1024\n[dn]\nCN = printer.acme.example\n";

/// How often the key is called too small, at the threshold.
fn weak_keys(ran: &Ran) -> usize {
    findings(&ran.json()).iter().filter(|finding| finding["rule"] == "key/rsa-too-small").count()
}

/// Panics unless a run failed because of the weak key.
#[track_caller]
fn caught(ran: &Ran) {
    assert!(weak_keys(ran) > 0, "{}", ran.brief());
    ran.exits(1);
}

/// A folder outside of the repository with a weak request in it.
fn outside() -> Sandbox {
    Sandbox::with("o.csr", &*WEAK)
}

/// The folder that CI names becomes a link to one outside, and everything in it was read and shown; mended by "Keep what
/// the command line names in the repository where it is named".
#[test]
fn a_named_folder_that_is_a_link_leads_nowhere_else() {
    let elsewhere = outside();
    elsewhere.file("t.cnf", format!("[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = {CANARY}_x\n"));
    let sandbox = repository(&[("g.csr", &GOOD)]);
    link(&sandbox, elsewhere.path(), "services");
    commit(&sandbox);
    let whole = sandbox.at("services");
    for path in ["services", "services/", "./services", &whole.to_string_lossy()] {
        for format in FORMATS {
            let ran = sandbox.run(&["check", "--profile", "pedantic", "--format", format, path]);
            unseen(&ran);
            ran.exits(3);
        }
        sandbox.run(&["check", "--policy-rev", "HEAD", path]).exits(3);
        sandbox.run(&["check", "--fix", "--unsafe-fixes", path]).exits(3);
    }
    for command in [&["forecast", "services"][..], &["blocklist", "build", "services"]] {
        sandbox.run(command).exits(3);
    }
}

/// The same by a file, or a folder, below the link.
#[test]
fn a_path_through_a_link_leads_nowhere_else() {
    let elsewhere = outside();
    elsewhere.file("sub/t.cnf", format!("[req]\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = {CANARY}_x\n"));
    let sandbox = repository(&[("g.csr", &GOOD)]);
    link(&sandbox, elsewhere.path(), "services");
    commit(&sandbox);
    for path in ["services/sub/t.cnf", "services/sub", "services/o.csr"] {
        let ran = sandbox.run(&["check", "--profile", "pedantic", "--format", "json", path]);
        unseen(&ran);
        ran.exits(3);
    }
    unseen(&sandbox.run(&["inspect", "services/sub/t.cnf"]));
}

/// The command line may name what lies outside, by where it is.
#[test]
fn a_path_outside_is_read_where_it_is_named() {
    let elsewhere = outside();
    let sandbox = repository(&[("g.csr", &GOOD)]);
    caught(&sandbox.check(&[&elsewhere.path().to_string_lossy()]));
}

/// The folder that CI names moves into an excluded one, and a link takes its place: nothing was judged, exit code 0; mended
/// by "Keep what the command line names in the repository where it is named".
#[test]
fn a_named_folder_that_is_a_link_to_an_excluded_one_is_linted() {
    let sandbox = repository(&[("csrlint.yaml", EXCLUDING), ("services/a.csr", &GOOD)]);
    sandbox.file("vendor/services/w.csr", &*WEAK);
    sandbox.git(&["rm", "--quiet", "-r", "services"]);
    link(&sandbox, "vendor/services", "services");
    commit(&sandbox);
    let whole = sandbox.at("services");
    for path in ["services", "services/", "services/w.csr", "services/../services", &whole.to_string_lossy()] {
        caught(&sandbox.check(&["--policy-rev", "HEAD~1", path]));
        caught(&sandbox.check(&["--since", "HEAD~1", path]));
        caught(&sandbox.check(&[path]));
    }
}

/// The same in the index, which knows links of its own.
#[test]
fn a_named_folder_of_the_index_that_is_a_link_is_linted() {
    let sandbox = repository(&[("csrlint.yaml", EXCLUDING)]);
    sandbox.file("vendor/services/w.csr", &*WEAK);
    link(&sandbox, "vendor/services", "services");
    sandbox.git(&["add", "--all"]);
    for path in ["services", "services/w.csr"] {
        caught(&sandbox.check(&["--staged", path]));
    }
}

/// Behind a link that is there already stands another request: it was told as not of the change; mended by "Count what
/// lies behind a link as changed with the link and its target".
#[test]
fn what_changes_behind_a_link_is_of_the_change() {
    let sandbox = repository(&[("csrlint.yaml", EXCLUDING), ("vendor/x.csr", &GOOD), ("app/y.csr", &GOOD)]);
    link(&sandbox, "../vendor/x.csr", "app/x.csr");
    link(&sandbox, "../vendor", "app/folder");
    commit(&sandbox);
    sandbox.file("vendor/x.csr", &*WEAK);
    caught(&sandbox.check(&["--changed"]));
    sandbox.git(&["add", "--all"]);
    caught(&sandbox.check(&["--staged"]));
    commit(&sandbox);
    for flags in [&["--since", "HEAD~1"][..], &["--since", "HEAD~1", "--policy-rev", "HEAD~1"]] {
        let ran = sandbox.check(flags);
        caught(&ran);
        assert_eq!(weak_keys(&ran), 2, "{}", ran.brief());
    }
}

/// A link to a folder leads to another one: the same fault, and `--changed` ended with exit code 2; mended by "Hash regular
/// files only".
#[test]
fn a_link_that_leads_elsewhere_now_is_of_the_change() {
    let files = [("csrlint.yaml", EXCLUDING), ("vendor/x.csr", &*GOOD), ("vendor2/x.csr", &WEAK)];
    let sandbox = repository(&files);
    link(&sandbox, "vendor", "app");
    commit(&sandbox);
    std::fs::remove_file(sandbox.at("app")).expect("a link");
    link(&sandbox, "vendor2", "app");
    caught(&sandbox.check(&["--changed"]));
    commit(&sandbox);
    caught(&sandbox.check(&["--since", "HEAD~1"]));
}

/// A link to an excluded folder in which another link leads to one that is excluded, too: not looked at; mended by
/// "Follow links to folders behind links".
#[test]
fn a_link_behind_a_link_hides_nothing() {
    let sandbox = repository(&[("csrlint.yaml", EXCLUDING), ("vendor2/w.csr", &WEAK), ("vendor/a", "")]);
    link(&sandbox, "../vendor2", "vendor/sub");
    link(&sandbox, ".", "vendor/circle");
    sandbox.directory("app");
    link(&sandbox, "../vendor", "app/live");
    commit(&sandbox);
    caught(&sandbox.check(&[]));
    caught(&sandbox.check(&["--policy-rev", "HEAD", "app"]));
}

/// A request that is a link to outside, into git's folder (as git-annex has them), to nothing or to itself was passed over
/// in silence; mended by "Report links called as requests that lead nowhere".
#[test]
fn a_request_that_is_a_link_to_nowhere_is_a_failure() {
    let elsewhere = outside();
    let place = elsewhere.at("o.csr");
    let targets =
        [".git/annex/objects/x", "/nonexistent/x.csr", "/dev/zero", "w.csr", "../x.csr", &place.to_string_lossy()];
    for target in targets {
        let sandbox = repository(&[("csrlint.yaml", "version: 1\n")]);
        link(&sandbox, target, "w.csr");
        commit(&sandbox);
        let ran = sandbox.check(&["--policy-rev", "HEAD~1"]);
        ran.exits(3);
        assert!(ran.json()["errors"].to_string().contains("w.csr"), "{target}: {}", ran.brief());
        // Where the policy leaves it out nobody asked.
        sandbox.file("csrlint.yaml", "version: 1\nexclude: [w.csr]\n");
        sandbox.check(&[]).exits(0);
    }
}

/// git's own files are links to files outside, whose lines git quotes when it fails (`bad shallow line: X`): they were
/// shown; mended by "Tell of git's errors what git itself says".
#[test]
fn errors_of_git_quote_no_files() {
    let secret = Sandbox::with("secret", format!("{CANARY}\n"));
    secret.file(
        "config",
        format!("[core]\n\tbigFileThreshold = {CANARY}\n\tignoreCase = {CANARY}\n[diff]\n\trenames = {CANARY}\n"),
    );
    let own = [
        "HEAD",
        "commondir",
        "config",
        "config:config",
        "index",
        "info/attributes",
        "info/grafts",
        "info/sparse-checkout",
        "objects/info/alternates",
        "objects/info/commit-graphs/commit-graph-chain",
        "packed-refs",
        "refs/heads/main",
        "shallow",
    ];
    for file in own {
        let (file, target) = file.split_once(':').unwrap_or((file, "secret"));
        let sandbox = repository(&[("a.csr", &WEAK), ("csrlint.yaml", "version: 1\n")]);
        sandbox.git(&["config", "core.sparseCheckout", "true"]).git(&["config", "core.sparseCheckoutCone", "true"]);
        let place = sandbox.at(format!(".git/{file}"));
        std::fs::create_dir_all(place.parent().expect("a folder")).expect("folders");
        let _ = std::fs::remove_file(&place);
        link(&sandbox, secret.at(target), &format!(".git/{file}"));
        for arguments in [
            &["check"][..],
            &["check", "--changed"],
            &["check", "--staged"],
            &["check", "--since", "HEAD"],
            &["check", "--policy-rev", "main"],
            &["diff"],
            &["waivers"],
            &["config", "--policy-rev", "HEAD"],
        ] {
            unseen(&sandbox.run(arguments));
        }
    }
}

/// Values of an included file of git's configuration that git refuses.
#[test]
fn errors_of_git_quote_no_included_configuration() {
    let secret = Sandbox::with("x", format!("[core]\n\tabbrev = {CANARY}\n\tbigFileThreshold = {CANARY}\n"));
    let sandbox = repository(&[("a.csr", &WEAK)]);
    sandbox.git(&["config", "include.path", &secret.at("x").to_string_lossy()]);
    for arguments in
        [&["check"][..], &["check", "--changed"], &["check", "--policy-rev", "HEAD"], &["diff"], &["waivers"]]
    {
        unseen(&sandbox.run(arguments));
    }
}

/// `core.worktree` names another folder, which has not changed; mended by "Compare the files where the repository stands".
#[test]
fn core_worktree_hides_no_change() {
    let sandbox = repository(&[("a.csr", &GOOD)]);
    let other = Sandbox::with("a.csr", &*GOOD);
    sandbox.git(&["config", "core.worktree", &other.path().to_string_lossy()]);
    sandbox.file("w.csr", &*WEAK).file("a.csr", &*WEAK);
    for flags in [&["--changed"][..], &["--since", "HEAD"], &["--policy-rev", "HEAD"], &[]] {
        let ran = sandbox.check(flags);
        caught(&ran);
        assert_eq!(weak_keys(&ran), 2, "{flags:?}: {}", ran.brief());
    }
}

/// `core.worktree` opens no way to files elsewhere.
#[test]
fn core_worktree_opens_no_folder() {
    let other = Sandbox::with("s.cnf", crate::secret());
    let sandbox = repository(&[("t.cnf", &crate::template(&other.at("s.cnf").to_string_lossy()))]);
    sandbox.git(&["config", "core.worktree", &other.path().to_string_lossy()]);
    for flags in [&["check"][..], &["check", "t.cnf"], &["check", "--changed"], &["inspect", "t.cnf"]] {
        unseen(&sandbox.run(flags));
    }
}

/// Settings of a repository that change what git lists, or how it prints it.
#[test]
fn settings_of_the_repository_hide_no_change() {
    for (key, value) in [
        ("color.ui", "always"),
        ("core.ignoreCase", "true"),
        ("core.ignoreStat", "true"),
        ("core.sparseCheckout", "true"),
        ("core.splitIndex", "true"),
        ("core.symlinks", "false"),
        ("core.untrackedCache", "true"),
        ("diff.ignoreSubmodules", "all"),
        ("diff.mnemonicPrefix", "true"),
        ("diff.noprefix", "true"),
        ("diff.relative", "true"),
        ("diff.renameLimit", "1"),
        ("diff.renames", "copies"),
        ("index.sparse", "true"),
        ("status.showUntrackedFiles", "no"),
    ] {
        let sandbox = repository(&[("a.csr", &GOOD)]);
        sandbox.git(&["config", key, value]);
        sandbox.file("w.csr", &*WEAK).file("sub/v.csr", &*WEAK);
        for flags in [&["--changed"][..], &["--since", "HEAD"], &["--policy-rev", "HEAD"]] {
            assert_eq!(weak_keys(&sandbox.check(flags)), 2, "{key} {flags:?}");
        }
        sandbox.git(&["add", "--all"]);
        assert_eq!(weak_keys(&sandbox.check(&["--staged"])), 2, "{key}");
    }
}

/// Entries of the index that git does not compare with the disk: what is on disk is judged.
#[test]
fn flags_of_the_index_hide_nothing_from_the_gate() {
    let sandbox = repository(&[("a.csr", &GOOD), ("b.csr", &GOOD), ("csrlint.yaml", "version: 1\n")]);
    sandbox.git(&["update-index", "--skip-worktree", "a.csr"]).git(&["update-index", "--assume-unchanged", "b.csr"]);
    sandbox.file("a.csr", &*WEAK).file("b.csr", &*WEAK).file("d.csr", &*WEAK);
    sandbox.git(&["add", "--intent-to-add", "d.csr"]);
    for flags in [&[][..], &["--policy-rev", "HEAD"]] {
        assert_eq!(weak_keys(&sandbox.check(flags)), 3, "{flags:?}");
    }
    assert_eq!(weak_keys(&sandbox.check(&["--changed", "d.csr"])), 1);
}

/// A conflict leaves three versions of a file in the index, and its marks in the file.
#[test]
fn a_conflict_hides_no_request() {
    let sandbox = repository(&[("a.csr", &GOOD), ("csrlint.yaml", "version: 1\n")]);
    sandbox.git(&["checkout", "--quiet", "-b", "work"]).file("a.csr", &*WEAK);
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "main"]).file("a.csr", GOOD.replace("\n-----END", "\n\n-----END"));
    commit(&sandbox);
    sandbox.git_unchecked(&["merge", "--quiet", "work"]);
    caught(&sandbox.check(&["--policy-rev", "HEAD"]));
    caught(&sandbox.check(&["--changed"]));
}

/// What a merge brings that neither of its sides had.
#[test]
fn an_evil_merge_is_of_the_change() {
    let sandbox = repository(&[("a", ""), ("csrlint.yaml", "version: 1\n")]);
    sandbox.git(&["checkout", "--quiet", "-b", "base"]).file("b", "");
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "main"]).git(&["merge", "--quiet", "--no-ff", "--message", "m", "base"]);
    sandbox.file("evil.csr", &*WEAK).git(&["add", "--all"]).git(&["commit", "--quiet", "--amend", "--no-edit"]);
    for flag in ["--since", "--policy-rev"] {
        caught(&sandbox.check(&[flag, "base"]));
    }
}

/// A second template where the first one with its ignore stood, copies of it, and another name in it.
#[test]
fn an_ignore_covers_no_copy() {
    let files = [("csrlint.yaml", "version: 1\n"), ("legacy.cnf", IGNORING)];
    let shop = IGNORING.replace("printer", "shop");
    let second = format!("{IGNORING}{}", IGNORING.replace("[req]", "[prod]").replace("dn", "dn2"));
    for (path, content) in [("legacy.cnf", &shop), ("third.cnf", &IGNORING.to_owned()), ("legacy.cnf", &second)] {
        let sandbox = repository(&files);
        sandbox.run(&["check"]).exits(0);
        sandbox.directory("old").git(&["mv", "legacy.cnf", "old/legacy.cnf"]);
        sandbox.file(path, content);
        commit(&sandbox);
        caught(&sandbox.check(&["--policy-rev", "HEAD~1"]));
    }
}

/// The same request, and the same value, once more in a file of which the baseline has them.
#[test]
fn a_baseline_covers_each_finding_once() {
    let sandbox =
        repository(&[("csrlint.yaml", "version: 1\nbaseline: b.json\n"), ("a.csr", &WEAK), ("t.cnf", WEAK_TEMPLATE)]);
    sandbox.run(&["baseline", "write", "--baseline", "b.json"]);
    commit(&sandbox);
    sandbox.check(&[]).exits(0);
    sandbox.file("a.csr", format!("{}{}", *WEAK, *WEAK));
    sandbox.file("t.cnf", format!("{WEAK_TEMPLATE}{}", WEAK_TEMPLATE.replace("[req]", "[two]").replace("dn", "dn2")));
    commit(&sandbox);
    sandbox.check(&["--policy-rev", "HEAD~1"]).exits(1);
}

/// A weak value is written in a file that the policy excludes, or of which it says that nothing fails.
#[test]
fn an_included_file_brings_no_scope_along() {
    for policy in [
        "version: 1\nexclude: [\"tests/**\"]\n",
        "version: 1\nscopes: [{ files: [\"tests/**\"], fail-on: never }]\n",
        "version: 1\nscopes: [{ files: [\"tests/**\"], rules: { key/rsa-too-small: { severity: off } } }]\n",
    ] {
        let sandbox = repository(&[("csrlint.yaml", policy)]);
        sandbox.file("tests/bits.cnf", "default_bits = 1024\n");
        sandbox.file("p.cnf", WEAK_TEMPLATE.replace("default_bits = 1024", ".include tests/bits.cnf"));
        commit(&sandbox);
        caught(&sandbox.check(&["--policy-rev", "HEAD~1"]));
    }
}

/// A policy stands on a layer in a submodule, which the change moves, replaces by files, or by a link.
#[test]
fn a_layer_in_a_submodule_is_of_its_revision() {
    let upstream = repository(&[("org.yaml", "version: 1\n")]);
    let sandbox = repository(&[("csrlint.yaml", "version: 1\nextends: [{ file: policy/org.yaml }]\n")]);
    let address = upstream.path();
    sandbox.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "--quiet",
        &address.to_string_lossy(),
        "policy",
    ]);
    commit(&sandbox);
    let base = sandbox.git_says(&["rev-parse", "HEAD"]);
    let loose = "version: 1\nrules: { key/rsa-too-small: { severity: off } }\n";
    sandbox.file("policy/org.yaml", loose).file("w.csr", &*WEAK);
    sandbox.git(&["-C", "policy", "commit", "--quiet", "--all", "--message", "x"]);
    commit(&sandbox);
    caught(&sandbox.check(&["--policy-rev", &base]));
    sandbox.git(&["rm", "--quiet", "--cached", "policy"]);
    std::fs::remove_dir_all(sandbox.at("policy")).expect("a folder");
    sandbox.file("other/org.yaml", loose).file("policy/org.yaml", loose);
    commit(&sandbox);
    sandbox.check(&["--policy-rev", &base]).exits(2);
    std::fs::remove_dir_all(sandbox.at("policy")).expect("a folder");
    link(&sandbox, "other", "policy");
    commit(&sandbox);
    sandbox.check(&["--policy-rev", &base]).exits(2);
}

/// A submodule that stands at another commit than the index has ended every comparison (exit code 2); mended by "Hash
/// regular files only".
#[test]
fn a_submodule_at_another_commit_is_compared() {
    let upstream = repository(&[("s.csr", &GOOD)]);
    let sandbox = repository(&[("csrlint.yaml", "version: 1\n")]);
    let address = upstream.path();
    sandbox.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "add",
        "--quiet",
        &address.to_string_lossy(),
        "sub",
    ]);
    commit(&sandbox);
    sandbox.file("sub/s.csr", &*WEAK);
    sandbox.git(&["-C", "sub", "commit", "--quiet", "--all", "--message", "x"]);
    for flags in [&["--changed"][..], &["--since", "HEAD"], &["--policy-rev", "HEAD"]] {
        caught(&sandbox.check(flags));
    }
}

/// Names that are pathspecs, options, patterns, not UTF-8, or those of other things.
#[test]
fn odd_names_hide_nothing() {
    use std::os::unix::ffi::OsStrExt as _;
    let names: [&[u8]; 24] = [
        b":(exclude)*.csr",
        b":/x.csr",
        b"--policy-rev",
        b"-rf.csr",
        b"*",
        b"?.csr",
        b" .csr",
        b"a.csr ",
        b"nl\nx.csr",
        b"a\\b.csr",
        b"\xff.csr",
        b"\"q\".csr",
        b"#x.csr",
        b"!x.csr",
        b"[a].csr",
        b"{a,b}.csr",
        b".git2/x.csr",
        b"x.git/y.csr",
        b"node_modules/x.csr",
        b".hidden/x.csr",
        b"CON.csr",
        b"img.png",
        b".ignore",
        b"package-lock.json",
    ];
    let sandbox = repository(&[("csrlint.yaml", "version: 1\n")]);
    for name in names {
        sandbox.file(std::ffi::OsStr::from_bytes(name), &*WEAK);
    }
    let all = |flags: &[&str]| assert_eq!(weak_keys(&sandbox.check(flags)), names.len(), "{flags:?}");
    all(&["--changed"]);
    commit(&sandbox);
    all(&["--policy-rev", "HEAD~1"]);
    all(&["--since", "HEAD~1"]);
}

/// Files that other tools take for lists of what to leave out.
#[test]
fn lists_of_other_tools_hide_nothing() {
    let sandbox = repository(&[("a.csr", &GOOD)]);
    for name in [".ignore", ".rgignore", ".fdignore", ".dockerignore", ".csrlintignore", ".git/info/exclude"] {
        sandbox.file(name, "*\n");
    }
    sandbox.file("w.csr", &*WEAK);
    caught(&sandbox.check(&["--changed", "w.csr"]));
    caught(&sandbox.check(&[]));
}

/// Trees that no git writes: a file twice, odd modes, names that lead up.
#[test]
fn odd_trees_hide_nothing() {
    let sandbox = repository(&[("csrlint.yaml", "version: 1\n"), ("w.csr", &WEAK)]);
    let blob = sandbox.git_says(&["rev-parse", "HEAD:w.csr"]);
    let id: Vec<u8> =
        (0..blob.len()).step_by(2).map(|at| u8::from_str_radix(&blob[at..at + 2], 16).expect("hex")).collect();
    let entry = |head: &str| [head.as_bytes(), b"\0", &id].concat();
    for entries in [&["100644 a.csr", "100644 a.csr"][..], &["100777 a.csr"], &["100600 a.csr"], &["100644 .GIT"]] {
        sandbox.file("tree", entries.iter().flat_map(|head| entry(head)).collect::<Vec<u8>>());
        let tree = sandbox.git_says(&["hash-object", "-t", "tree", "-w", "--literally", "tree"]);
        let made = sandbox.git_says(&["commit-tree", &tree, "-m", "x"]);
        let empty = sandbox.git_says(&["hash-object", "-t", "tree", "-w", "/dev/null"]);
        let before = sandbox.git_says(&["commit-tree", &empty, "-m", "x"]);
        let ran = sandbox.run(&["diff", &before, &made, "--direct", "--format", "json"]);
        ran.exits(1);
        assert!(ran.text().contains("key/rsa-too-small"), "{entries:?}: {}", ran.brief());
    }
    // A name that leads elsewhere is on no disk, and is told of.
    sandbox.file("tree", entry("100644 x/../y.csr"));
    let tree = sandbox.git_says(&["hash-object", "-t", "tree", "-w", "--literally", "tree"]);
    let made = sandbox.git_says(&["commit-tree", &tree, "-m", "x"]);
    sandbox.run(&["diff", "HEAD", &made, "--direct"]).exits(3).complains("leads elsewhere");
}

/// No command writes to git's folder, nor through an index that is a link.
#[test]
fn the_index_is_not_refreshed() {
    let sandbox = repository(&[("a.csr", &WEAK), ("b.cnf", WEAK_TEMPLATE)]);
    let other = Sandbox::new();
    std::fs::rename(sandbox.at(".git/index"), other.at("index")).expect("an index");
    link(&sandbox, other.at("index"), ".git/index");
    for key in ["core.splitIndex", "core.untrackedCache", "core.fsmonitor"] {
        sandbox.git(&["config", key, "true"]);
    }
    // Another time of change, so that a refresh would have something to write.
    std::thread::sleep(std::time::Duration::from_millis(1100));
    sandbox.file("a.csr", &*WEAK).file("b.cnf", WEAK_TEMPLATE);
    let state = || {
        let index = std::fs::read(other.at("index")).expect("an index");
        (index, std::fs::read_dir(sandbox.at(".git")).expect("a folder").count())
    };
    let before = state();
    for arguments in [
        &["check"][..],
        &["check", "--changed"],
        &["check", "--staged"],
        &["check", "--policy-rev", "HEAD"],
        &["diff"],
        &["waivers"],
        &["forecast"],
        &["check", "--diff", "--unsafe-fixes"],
    ] {
        unseen(&sandbox.run(arguments));
        assert!(state() == before, "{arguments:?}");
    }
}

/// Patterns of strangers, long and nested, in every file that has patterns.
#[test]
fn patterns_of_strangers_end() {
    let deep = format!("/{}z", "**/a*".repeat(40));
    let mut ignore = format!("{deep}\n").repeat(300);
    let _ = write!(ignore, "{}\n{}\n{}b\n", "{a,b}".repeat(40), "[".repeat(10_000), "a*".repeat(3000));
    let sandbox = repository(&[("csrlint.yaml", "version: 1\n"), ("t.cnf", IGNORING)]);
    sandbox.file(".gitignore", &ignore);
    sandbox.file("CODEOWNERS", ignore.replace('\n', " @a\n"));
    sandbox.file(".gitattributes", format!("{deep} working-tree-encoding=utf-32\n").repeat(300));
    let long = "a".repeat(200);
    sandbox.file(format!("{long}/{long}/{long}.csr"), &*WEAK);
    commit(&sandbox);
    for arguments in [&["check"][..], &["check", "--policy-rev", "HEAD~1"], &["waivers"]] {
        unseen(&sandbox.run(arguments));
    }
}

/// Values that grow by twos, and files that name themselves.
#[test]
fn values_that_grow_end() {
    let doubled = |line: &dyn Fn(usize) -> String| (0..60).map(line).collect::<String>();
    let cnf = doubled(&|n| format!("v{}=$v{n}$v{n}\n", n + 1));
    let tf = doubled(&|n| format!(" l{n} = \"${{local.l{0}}}${{local.l{0}}}\"\n", n + 1));
    let yml = doubled(&|n| format!("    v{}: \"{{{{ v{n} }}}}{{{{ v{n} }}}}\"\n", n + 1));
    let tpl = doubled(&|n| {
        format!(
            "{{{{ define \"t{n}\" }}}}{{{{ include \"t{0}\" . }}}}{{{{ include \"t{0}\" . }}}}{{{{ end }}}}\n",
            n + 1
        )
    });
    let sandbox = Sandbox::new();
    sandbox.file(
        "a.cnf",
        format!("[req]\ndistinguished_name=dn\nprompt=no\nv0=x\n{cnf}.include a.cnf\n[dn]\nCN=${{req::v60}}\n"),
    );
    sandbox.file(
        "a.tf",
        format!(
            "locals {{\n{tf} l60 = \"x\"\n}}\nresource \"tls_cert_request\" \"x\" {{\n dns_names = [local.l0]\n}}\n"
        ),
    );
    sandbox.file("a.yml", format!("- hosts: all\n  vars:\n    v0: x\n{yml}  tasks:\n  - community.crypto.openssl_csr: {{ path: /x, privatekey_path: /y, common_name: \"{{{{ v60 }}}}\" }}\n"));
    sandbox.file("c/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n").file("c/templates/_h.tpl", tpl);
    sandbox.file("c/templates/c.yaml", "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: x }\nspec:\n  commonName: {{ include \"t0\" . }}\n");
    unseen(&sandbox.run(&["check", "--profile", "pedantic"]));
}

/// Policies of strangers that expand, nest or do not compile.
#[test]
fn policies_that_grow_end() {
    let bomb: String = ["ab", "bc", "cd", "de", "ef", "fg", "gh"]
        .iter()
        .map(|pair| format!("{1}: &{1} [{0}]\n", vec![format!("*{}", &pair[..1]); 10].join(","), &pair[1..]))
        .collect();
    for policy in [
        format!("a: &a [x]\n{bomb}exclude: *h\n"),
        format!("exclude: {}\n", "[".repeat(20_000)),
        format!("exclude: [\"{}\"]\n", "{".repeat(100_000)),
        format!("exclude: [\"{}\"]\n", "{a,b}".repeat(40)),
        "rules: { san/name-policy: { with: { dns: { allow: [\"regex:((((a{1,50}){1,50}){1,50}){1,50})\"] } } } }\n"
            .to_owned(),
    ] {
        let sandbox = repository(&[("csrlint.yaml", "version: 1\n"), ("a.csr", &WEAK)]);
        sandbox.file("csrlint.yaml", format!("version: 1\n{policy}"));
        commit(&sandbox);
        unseen(&sandbox.run(&["check"]));
        caught(&sandbox.check(&["--policy-rev", "HEAD~1"]));
    }
}

/// A password is used as a name elsewhere in the file: JSON had it as the `value` of findings, although the message had dots;
/// mended by "Mask the value of a finding in reports".
#[test]
fn a_secret_that_is_used_as_a_name_is_not_a_value_in_reports() {
    let sandbox = Sandbox::new();
    let openssl = "[req]\ndistinguished_name = dn\nprompt = no\ninput_password = CANARY_\n[dn]\nC = ${req::input_password}\nCN = x\n";
    let yaml = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: x }\nspec:\n  keystores: { jks: { create: true, password: &q CANARY_ } }\n  dnsNames: [ *q ]\n  secretName: x\n";
    let playbook = "- hosts: all\n  vars: { ca_passphrase: CANARY_ }\n  tasks:\n  - community.crypto.openssl_csr: { path: /x, privatekey_path: /y, country_name: \"{{ ca_passphrase }}\", subject_alt_name: \"DNS:{{ ca_passphrase }}\" }\n";
    for (name, text) in [("o.cnf", openssl), ("y.yaml", yaml), ("p.yml", playbook)] {
        sandbox.file(name, text.replace("CANARY", CANARY));
    }
    for format in FORMATS {
        unseen(&sandbox.run(&["check", "--profile", "pedantic", "--profile", "webpki", "--format", format]));
    }
}

/// The secret is a part of the name; mended by "Mask long secrets within words, too".
#[test]
fn a_secret_within_a_word_is_masked() {
    let text = "locals { api_token = \"CANARY_\" }\nresource \"tls_cert_request\" \"x\" {\n  private_key_pem = \"x\"\n  dns_names = [\"x_${local.api_token}\"]\n}\n";
    let sandbox = Sandbox::with("t.tf", text.replace("CANARY", CANARY));
    for format in FORMATS {
        unseen(&sandbox.run(&["check", "--profile", "pedantic", "--profile", "webpki", "--format", format, "t.tf"]));
    }
    unseen(&sandbox.run(&["inspect", "t.tf"]));
}

/// Names, reasons and owners of the change's policy, workflows and attributes, in what is told of the gate.
#[test]
fn what_is_told_of_the_gate_does_not_act() {
    let acting = "\u{1b}[31m\u{202e}<img src=x>[x](http://evil.test)@evilteam|`";
    let quoted = "\"\\u001b[31m\\u202e<img src=x>[x](http://evil.test) @evilteam\"";
    let sandbox = repository(&[("csrlint.yaml", "version: 1\n"), ("t.cnf", IGNORING)]);
    let base = sandbox.git_says(&["rev-parse", "HEAD"]);
    sandbox.file("csrlint.yaml", format!("version: 1\nname: {quoted}\nrules: {{ {quoted}: {{ severity: off }} }}\nwaivers:\n  - {{ rule: {quoted}, files: [{quoted}], reason: {quoted}, approved-by: {quoted} }}\n{quoted}: 1\n"));
    sandbox.file("CODEOWNERS", format!("* {acting}\n"));
    sandbox.file(".gitattributes", format!("*.none filter={acting} working-tree-encoding={acting}\n"));
    sandbox.file(format!(".github/workflows/csrlint{}.yml", acting.replace('/', "")), "run: csrlint check\n");
    commit(&sandbox);
    for arguments in [
        &["check", "--policy-rev", &base, "--format", "human", "-v"][..],
        &["check", "--policy-rev", &base, "--format", "markdown"],
        &["check", "--policy-rev", &base, "--format", "github"],
        &["check", "--policy-rev", &base, "--format", "html"],
        &["check"],
        &["waivers", "--policy-rev", &base],
        &["diff", &base, "--policy-rev", &base, "--format", "markdown"],
    ] {
        let ran = sandbox.run(arguments);
        unseen(&ran);
        for text in [ran.text(), &ran.stderr] {
            assert!(!text.contains(['\u{1b}', '\u{202e}']), "{arguments:?}: {}", ran.brief());
            if arguments.iter().any(|argument| matches!(*argument, "markdown" | "html")) {
                assert!(!text.contains("<img src=x>"), "{}", ran.brief());
            }
            if arguments.contains(&"markdown") {
                assert!(!text.contains("](http://evil.test)"), "{}", ran.brief());
            }
        }
    }
}

/// A link took a request out of the strict scope that it is used in.
#[test]
fn a_link_into_a_lax_scope_is_judged_where_it_stands() {
    let policy =
        "version: 1\nscopes:\n  - files: [\"tests/**\"]\n    rules:\n      key/rsa-too-small: { severity: \"off\" }\n";
    let sandbox = repository(&[("csrlint.yaml", policy)]);
    sandbox.git(&["branch", "base"]).file("tests/w.csr", &*WEAK).directory("prod");
    link(&sandbox, "../tests/w.csr", "prod/live.csr");
    link(&sandbox, "tests", "live");
    sandbox.git(&["add", "--all"]);
    for arguments in [&["--policy-rev", "base"][..], &["--staged", "--policy-rev", "base"], &[]] {
        let ran = sandbox.check(arguments);
        ran.exits(1);
        let mut paths: Vec<String> = findings(&ran.json())
            .iter()
            .filter(|finding| finding["rule"] == "key/rsa-too-small")
            .map(|finding| text_of(&finding["path"]))
            .collect();
        paths.sort();
        assert_eq!(paths, ["live/w.csr", "prod/live.csr"], "{arguments:?}: {}", ran.brief());
        // It is one request all the same.
        assert!(!ran.rules().contains(&"estate/key-reused".to_owned()), "{}", ran.brief());
    }
}

/// A secret of a chart's values was shown where a template uses it as a name.
#[test]
fn secrets_of_another_file_are_not_shown() {
    let manifest = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec:\n  secretName: a\n  issuerRef: { name: x }\n  commonName: \"{{ .Values.keystorePassword }}\"\n  dnsNames: [\"{{ .Values.keystorePassword }}\"]\n";
    let sandbox = repository(&[
        ("c/templates/a.yaml", manifest),
        ("c/Chart.yaml", "apiVersion: v2\nname: x\nversion: 1.0.0\n"),
        ("c/values.yaml", &format!("keystorePassword: {CANARY}_d\n")),
        (
            "t/main.tf",
            "resource \"tls_private_key\" \"a\" {\n  algorithm = \"RSA\"\n}\nresource \"tls_cert_request\" \"a\" {\n  private_key_pem = tls_private_key.a.private_key_pem\n  dns_names = [local.db_password]\n  subject {\n    common_name = local.db_password\n    country = local.db_password\n  }\n}\n",
        ),
        ("t/locals.tf", &format!("locals {{\n  db_password = \"{CANARY}_t\"\n}}\n")),
        (
            "o.cnf",
            "[req]\ndistinguished_name = dn\nprompt = no\n.include more.cnf\n[dn]\nCN = ${secrets::password}\nC = ${secrets::password}\n",
        ),
        ("more.cnf", &format!("[secrets]\npassword = {CANARY}_o\n")),
        (
            "roles/r/tasks/main.yml",
            "- community.crypto.openssl_csr:\n    path: a.csr\n    privatekey_path: a.key\n    common_name: \"{{ tls_password }}\"\n    country_name: \"{{ tls_password }}\"\n",
        ),
        ("roles/r/vars/main.yml", &format!("tls_password: {CANARY}_a\n")),
    ]);
    shows_nothing(&sandbox, &[]);
    shows_nothing(&sandbox, &["c/templates/a.yaml"]);
}

/// Links among links, and into submodules, hid requests in the index and in revisions.
#[test]
fn links_behind_links_are_followed_in_the_index() {
    let sandbox = repository(&[
        ("vendor2/w.csr", &WEAK),
        ("vendor/x", ""),
        ("csrlint.yaml", "version: 1\nexclude: [\"vendor*/**\"]\n"),
    ]);
    let other = repository(&[("s.csr", &WEAK)]);
    link(&sandbox, "../vendor2", "vendor/sub");
    link(&sandbox, "../vendor2/w.csr", "vendor/l.csr");
    link(&sandbox, "vendor", "live");
    sandbox.git(&[
        "-c",
        "protocol.file.allow=always",
        "submodule",
        "--quiet",
        "add",
        other.path().to_str().expect("a path"),
        "vendor3",
    ]);
    link(&sandbox, "vendor3/s.csr", "s.csr");
    sandbox.git(&["add", "--all"]);
    for arguments in [&["--staged"][..], &[]] {
        let ran = sandbox.check(arguments);
        let mut paths: Vec<String> = findings(&ran.json()).iter().map(|finding| text_of(&finding["path"])).collect();
        paths.sort();
        paths.dedup();
        assert_eq!(paths, ["live/l.csr", "live/sub/w.csr", "s.csr"], "{arguments:?}: {}", ran.brief());
    }
}

/// Flags of the index had git look away from files that changed.
#[test]
fn flags_of_the_index_hide_no_change() {
    for flag in ["--assume-unchanged", "--skip-worktree"] {
        let sandbox = repository(&[("b.csr", &GOOD), ("c.csr", &WEAK)]);
        sandbox.git(&["update-index", flag, "b.csr", "c.csr"]).file("b.csr", &*WEAK);
        for arguments in [&["--changed"][..], &["--since", "HEAD"]] {
            let ran = sandbox.check(arguments);
            ran.exits(1);
            let paths: Vec<String> = findings(&ran.json()).iter().map(|finding| text_of(&finding["path"])).collect();
            assert_eq!(paths, ["b.csr"], "{flag} {arguments:?}: {}", ran.brief());
        }
    }
}
