//! What helps people at a terminal: completions, the manual, statistics, what `-v` tells, progress and links.

#![allow(clippy::print_stderr, reason = "what is skipped is told")]

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use std::path::Path;
use std::process::{Command, Stdio};

use run::Sandbox;
use samples::{GOOD, WEAK};

const DAY: &str = "--as-of=2026-06-01";

#[test]
fn completions_know_every_command_and_flag() {
    let sandbox = Sandbox::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish", "nushell"] {
        let ran = sandbox.run(&["completions", shell]);
        ran.exits(0);
        for word in ["check", "forecast", "completions", "man", "statistics", "unsafe-fixes"] {
            assert!(ran.text().contains(word), "{shell} does not know {word}");
        }
        assert!(!ran.stdout.contains(&0x1B), "{shell}");
    }
    sandbox.run(&["completions", "tcsh"]).exits(2);
    sandbox.run(&["completions"]).exits(2);
}

/// Shells that are here read their completions without complaint.
#[test]
fn completions_are_of_the_shells_syntax() {
    let sandbox = Sandbox::new();
    for (shell, arguments) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let file = sandbox.at(shell);
        std::fs::write(&file, sandbox.run(&["completions", shell]).stdout).expect("a file");
        match Command::new(shell).arg(arguments).arg(&file).output() {
            Ok(output) => assert!(output.status.success(), "{shell}: {}", String::from_utf8_lossy(&output.stderr)),
            Err(_) => eprintln!("skipped: {shell} is not here"),
        }
    }
}

#[test]
fn the_manual_has_a_page_for_every_command() {
    let sandbox = Sandbox::new();
    sandbox.run(&["man", "deep/man1"]).exits(0);
    let mut pages: Vec<String> = std::fs::read_dir(sandbox.at("deep/man1"))
        .expect("a folder")
        .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
        .collect();
    pages.sort();
    for page in ["csrlint.1", "csrlint-check.1", "csrlint-blocklist-build.1", "csrlint-man.1"] {
        assert!(pages.iter().any(|found| found == page), "no {page} in {pages:?}");
    }
    assert!(!pages.iter().any(|page| page.contains("help")), "{pages:?}");
    assert_eq!(sandbox.run(&["man"]).text(), sandbox.read("deep/man1/csrlint.1"));
    let check = sandbox.read("deep/man1/csrlint-check.1");
    for part in ["EXIT STATUS", "FILES", "fail\\-on", ".TH csrlint-check 1 \" \" \"csrlint 0.1.0\" csrlint"] {
        assert!(check.contains(part), "no {part:?} in\n{check}");
    }
    // The same csrlint writes the same pages, whenever and wherever.
    sandbox.run(&["man", "again"]).exits(0);
    assert_eq!(check, sandbox.read("again/csrlint-check.1"));
    sandbox.file("file", "");
    sandbox.run(&["man", "file"]).exits(3).complains("file");
    match Command::new("groff")
        .args(["-man", "-Tutf8", "-ww", "-z"])
        .arg(sandbox.at("deep/man1/csrlint-check.1"))
        .output()
    {
        Ok(output) => assert_eq!(String::from_utf8_lossy(&output.stderr), ""),
        Err(_) => eprintln!("skipped: groff is not here"),
    }
}

#[test]
fn statistics_stand_on_standard_error_and_change_no_report() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.file("good.csr", &*GOOD);
    for format in ["human", "concise", "json", "sarif"] {
        let plain = sandbox.run(&["check", DAY, "--format", format]);
        for mode in [&["--statistics"][..], &["--statistics", "-q"]] {
            let mut arguments = vec!["check", DAY, "--format", format];
            arguments.extend_from_slice(mode);
            let ran = sandbox.run(&arguments);
            ran.exits(1);
            for part in [
                "findings by rule\n",
                "1  key/rsa-too-small (error)\n",
                "2  pem\n",
                "requests by key\n",
                "1  RSA 1024\n",
            ] {
                ran.complains(part);
            }
            for phase in ["read the policy", "list, read and judge", "compare, and judge costly keys", "make reports"] {
                ran.complains(phase);
            }
            if mode.len() == 1 {
                assert_eq!(ran.text(), plain.text(), "{format}");
            }
        }
    }
    // Most first.
    sandbox.file("more.csr", &*WEAK);
    let told = sandbox.run(&["check", DAY, "--statistics"]).stderr;
    let at = |part: &str| told.find(part).unwrap_or_else(|| panic!("no {part:?} in\n{told}"));
    assert!(at("2  RSA 1024") < at("1  EC P-256"), "{told}");
    Sandbox::new().run(&["check", "--statistics"]).exits(0).complains("findings by rule\n           0  none");
}

#[test]
fn verbose_tells_which_policy_profiles_and_files() {
    let sandbox = Sandbox::with("web.csr", &*GOOD);
    sandbox.file("README.md", "nothing");
    sandbox.file("vendor/a.csr", &*WEAK);
    sandbox.run(&["check", DAY, "-v", "--threads", "2"]).complains("csrlint: no policy; profiles recommended");
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nprofiles: [recommended, webpki]\nexclude: [vendor]\nscopes: [{ files: [devices], profiles: [iot-8021ar] }]\n",
    );
    let ran = sandbox.run(&["check", DAY, "-v", "--threads", "2", "--fail-on", "never"]);
    ran.exits(0)
        .complains("csrlint: policy csrlint.yaml; profiles recommended, webpki\n")
        .complains("csrlint: in scopes also iot-8021ar\n")
        .complains("csrlint: 3 files listed, ")
        .complains(" read, 1 with requests; 1 paths left out by the policy; 2 threads\n");
}

/// Progress and links, on a terminal that Python makes.
#[cfg(unix)]
#[test]
fn a_terminal_sees_progress_and_links_and_keeps_no_trace() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let script = root.join("tests/terminal/screen.py");
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    let git = Command::new("git").args(["init", "--quiet"]).current_dir(sandbox.path()).status();
    let python = Command::new("python3").arg("--version").stdout(Stdio::null()).status();
    if !git.is_ok_and(|status| status.success()) || !python.is_ok_and(|status| status.success()) {
        eprintln!("skipped: python3 or git is not here");
        return;
    }
    let output = Command::new("python3").arg(script).arg(env!("CARGO_BIN_EXE_csrlint")).arg(sandbox.path()).output();
    let output = output.expect("python3");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
