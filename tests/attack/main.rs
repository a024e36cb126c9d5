//! Attempts of a hostile pull request, or of a hostile checkout: each has its input, its command, and what must not happen.
//! A canary is a text that nobody may see, or a file that nobody may make. What succeeded once is named with what mended it.

#![cfg(unix)]

#[path = "../support/forge/mod.rs"]
mod forge;
#[path = "../support/run.rs"]
mod run;
#[path = "../support/samples.rs"]
mod samples;

mod checkout;
mod door;
mod outsider;
mod policy;
mod revisions;
mod writing;

use std::path::Path;

use run::{Ran, Sandbox};

/// What must not be seen.
pub const CANARY: &str = "CanaryK7wQ2zX9";

/// Every format of `check`.
pub const FORMATS: [&str; 15] = [
    "human",
    "concise",
    "json",
    "ndjson",
    "sarif",
    "github",
    "gitlab",
    "azure",
    "junit",
    "checkstyle",
    "rdjson",
    "csv",
    "html",
    "markdown",
    "human",
];

/// A request template that shows the value of a variable of git's `[user]` section, if it can get at it.
pub fn template(include: &str) -> String {
    format!(
        "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 1024\n.include {include}\n[dn]\nC = GERMANY\nO = ${{user::secret}}\nOU = ${{secret}}\nCN = a_b.acme.example\n"
    )
}

/// A file that such a template would show something of.
pub fn secret() -> String {
    format!("secret = {CANARY}\n[user]\nsecret = {CANARY}\n")
}

/// Runs everything that shows anything, and panics where the canary is seen, or where something hangs or breaks.
#[track_caller]
pub fn shows_nothing(sandbox: &Sandbox, paths: &[&str]) {
    for ran in everything(sandbox, paths) {
        unseen(&ran);
    }
}

/// Panics where a run shows the canary, was killed, or panicked.
#[track_caller]
pub fn unseen(ran: &Ran) {
    let out = String::from_utf8_lossy(&ran.stdout);
    assert!((0..=3).contains(&ran.code), "{}", ran.brief());
    assert!(!ran.stderr.contains("csrlint's own fault"), "{}", ran.brief());
    for text in [&*out, &ran.stderr] {
        assert!(!text.contains(CANARY), "{}", ran.brief());
    }
}

/// Every subcommand that looks at files, and every format.
pub fn everything(sandbox: &Sandbox, paths: &[&str]) -> Vec<Ran> {
    let mut runs: Vec<Vec<&str>> = FORMATS
        .iter()
        .map(|format| {
            vec!["check", "--profile", "pedantic", "--format", format, "-v", "--show-suppressed", "--statistics"]
        })
        .map(|run| [run, paths.to_vec()].concat())
        .collect();
    runs.push([vec!["check", "--profile", "pedantic", "--diff", "--unsafe-fixes"], paths.to_vec()].concat());
    for format in ["human", "json"] {
        runs.push([vec!["waivers", "--format", format], paths.to_vec()].concat());
        if !paths.is_empty() {
            runs.push([vec!["inspect", "--format", format], paths.to_vec()].concat());
        }
    }
    runs.push(vec!["config"]);
    runs.push([vec!["forecast"], paths.to_vec()].concat());
    runs.push([vec!["baseline", "show"], paths.to_vec()].concat());
    if sandbox.at(".git").exists() {
        for flag in ["--staged", "--changed"] {
            runs.push([vec!["check", "--profile", "pedantic", "--format", "json", flag], paths.to_vec()].concat());
        }
        for flag in ["--since", "--policy-rev"] {
            runs.push(
                [vec!["check", "--profile", "pedantic", "--format", "json", flag, "HEAD"], paths.to_vec()].concat(),
            );
        }
        runs.push(vec!["diff", "--format", "json"]);
        runs.push(vec!["diff", "HEAD", "--staged"]);
    }
    runs.iter().map(|arguments| sandbox.run(arguments)).collect()
}

/// A repository with one commit of these files.
pub fn repository(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init();
    for (path, content) in files {
        sandbox.file(path, content);
    }
    commit(&sandbox);
    sandbox
}

/// Commits everything.
pub fn commit(sandbox: &Sandbox) {
    sandbox.git(&["add", "--all", "--force"]).git(&["commit", "--quiet", "--allow-empty", "--message", "x"]);
}

/// A symbolic link in the sandbox.
pub fn link(sandbox: &Sandbox, target: impl AsRef<Path>, name: &str) {
    std::os::unix::fs::symlink(target, sandbox.at(name)).expect("a link");
}

/// A named pipe that nobody writes to.
pub fn pipe(sandbox: &Sandbox, name: &str) {
    let made = std::process::Command::new("mkfifo").arg(sandbox.at(name)).status().expect("mkfifo");
    assert!(made.success());
}
