//! OpenSSL's own reading of configurations beside csrlint's: subject, names, size, hash, usages. Runs where `openssl` and
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

fn compare(folder: &str, least: usize) {
    if !have("openssl", "version") || !have("python3", "--version") {
        println!("not compared: openssl or python3 is not here");
        return;
    }
    let files = files_in(folder);
    if files.is_empty() {
        println!("not compared: {folder} is not here");
        return;
    }
    let output = Command::new("python3")
        .arg("tests/openssl/compare.py")
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
    compare("tests/templates/openssl", 8);
}

#[test]
fn openssl_reads_the_corpus_alike() {
    compare("../shared/corpus/open/templates/openssl-cnf", 60);
}
