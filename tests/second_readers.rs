//! The tools themselves beside csrlint: what they make of a template is what csrlint says of it. Runs where a tool and
//! Python are; says so where they are not.

use std::process::Command;

fn have(program: &str, argument: &str) -> bool {
    Command::new(program).arg(argument).output().is_ok_and(|output| output.status.success())
}

fn files_in(folder: &str) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().filter_map(Result::ok);
    let mut files: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_file()).collect();
    files.sort();
    files
}

/// Runs a script that compares, and asks that it compared at least so many requests.
fn compare(tool: &str, folder: &str, least: usize) {
    if !(have(tool, "version") || have(&format!("{tool}-playbook"), "--version")) || !have("python3", "--version") {
        println!("not compared: {tool} or python3 is not here");
        return;
    }
    let files = files_in(folder);
    if files.is_empty() {
        println!("not compared: {folder} is not here");
        return;
    }
    let output = Command::new("python3")
        .arg(format!("tests/second_readers/{tool}.py"))
        .arg(env!("CARGO_BIN_EXE_csrlint"))
        .args(&files)
        .output()
        .expect("python3");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    let count: usize = said.lines().last().and_then(|line| line.split(' ').next()?.parse().ok()).unwrap_or(0);
    assert!(count >= least, "only {count} were compared:\n{said}");
}

#[test]
fn openssl_reads_the_fixtures_alike() {
    compare("openssl", "tests/templates/openssl", 8);
}

#[test]
fn openssl_reads_the_corpus_alike() {
    compare("openssl", "../shared/corpus/open/templates/openssl-cnf", 60);
}

#[test]
fn cfssl_reads_the_fixtures_alike() {
    compare("cfssl", "tests/templates/cfssl", 3);
}

#[test]
fn cfssl_reads_the_corpus_alike() {
    compare("cfssl", "../shared/corpus/open/templates/cfssl", 40);
}

#[test]
fn ansible_makes_what_is_read() {
    compare("ansible", "tests/templates/ansible/playbooks", 4);
}
