//! The tools themselves, and other readers of their formats, beside csrlint: what they make of a template is what csrlint
//! says of it. Runs where a tool and Python are; says so where they are not.

#![allow(clippy::print_stderr, reason = "says what was not compared")]

use std::path::PathBuf;
use std::process::Command;

const CORPUS: &str = "../shared/corpus/open/templates";

fn files_in(folder: &str) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.is_file() && path.extension().is_none_or(|extension| extension != "expected"))
        .collect();
    files.sort();
    files
}

/// Runs a script that compares, and asks that it compared at least so many requests. `needs` is what has to be there.
fn compare(script: &str, needs: &[&str], folders: &[&str], least: usize) {
    let there = |command: &[&str]| {
        let mut words = command.iter();
        words.next().is_some_and(|program| {
            Command::new(program).args(words).output().is_ok_and(|output| output.status.success())
        })
    };
    if !there(needs) || !there(&["python3", "--version"]) {
        eprintln!("not compared: {} or python3 is not here", needs.join(" "));
        return;
    }
    let files: Vec<PathBuf> = folders.iter().flat_map(|folder| files_in(folder)).collect();
    if files.is_empty() {
        eprintln!("not compared: {} is not here", folders.join(", "));
        return;
    }
    let output = Command::new("python3")
        .arg(format!("tests/second_readers/{script}.py"))
        .arg(env!("CARGO_BIN_EXE_csrlint"))
        .args(&files)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .expect("python3");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let count: usize = said.lines().last().and_then(|line| line.split(' ').next()?.parse().ok()).unwrap_or(0);
    assert!(count >= least, "only {count} were compared:\n{said}");
}

#[test]
fn openssl_reads_the_fixtures_alike() {
    compare("openssl", &["openssl", "version"], &["tests/templates/openssl"], 8);
}

#[test]
fn openssl_reads_the_corpus_alike() {
    compare("openssl", &["openssl", "version"], &[&format!("{CORPUS}/openssl-cnf")], 60);
}

#[test]
fn cfssl_reads_the_fixtures_alike() {
    compare("cfssl", &["cfssl", "version"], &["tests/templates/cfssl"], 3);
}

#[test]
fn cfssl_reads_the_corpus_alike() {
    compare("cfssl", &["cfssl", "version"], &[&format!("{CORPUS}/cfssl")], 40);
}

#[test]
fn ansible_makes_what_is_read() {
    compare("ansible", &["ansible-playbook", "--version"], &["tests/templates/ansible/playbooks"], 4);
}

#[test]
fn hcl2_reads_the_fixtures_alike() {
    let folders = ["clouds", "issuers", "tls"].map(|folder| format!("tests/templates/terraform/{folder}"));
    compare("terraform", &["python3", "-c", "import hcl2"], &folders.each_ref().map(String::as_str), 20);
}

#[test]
fn hcl2_reads_the_corpus_alike() {
    compare("terraform", &["python3", "-c", "import hcl2"], &[&format!("{CORPUS}/terraform")], 80);
}

#[test]
fn pyyaml_reads_the_fixtures_alike() {
    compare("certmanager", &["python3", "-c", "import yaml"], &["tests/templates/certmanager"], 6);
}

#[test]
fn pyyaml_reads_the_corpus_alike() {
    compare("certmanager", &["python3", "-c", "import yaml"], &[&format!("{CORPUS}/certmanager")], 30);
}
