//! A big mixed tree: every mutant of the forge, the clean requests, documents, and files without any request.

#![allow(dead_code, unreachable_pub, reason = "a tool box: no single test needs all of it")]

use csrlint::source::MemoryTree;

use crate::forge;

/// Files of every kind by path, the same for every call in one process.
pub fn mixed() -> Vec<(String, Vec<u8>)> {
    let cases = |directory: &'static str, cases: Vec<forge::Case>| {
        cases.into_iter().map(move |case| (format!("{directory}/{}", case.file), case.bytes))
    };
    let pem = forge::csr::good().pem();
    let json = format!("{{ \"\u{1F600}\": \"\u{e9}\", \"csr\": \"{}\" }}\n", pem.replace('\n', "\\n"));
    let more = [
        ("\u{fc}ml\u{e4}ut dir/a b#c%d?.csr", crate::samples::WEAK.as_bytes().to_vec()),
        ("emoji/\u{1F600}.json", json.into_bytes()),
        ("plain/README.md", b"# Nothing here\n\n-----BEGIN CERTIFICATE-----\n".to_vec()),
        ("plain/main.rs", b"fn main() {}\n".to_vec()),
        ("empty.csr", Vec::new()),
    ];
    cases("clean", forge::clean())
        .chain(cases("mutants", forge::mutants()))
        .chain(cases("pedantic", forge::pedantic_mutants()))
        .chain(more.map(|(path, bytes)| (path.to_owned(), bytes)))
        .collect()
}

/// The same in memory.
pub fn in_memory(files: &[(String, Vec<u8>)]) -> MemoryTree {
    files.iter().fold(MemoryTree::new(), |tree, (path, bytes)| tree.with(path, bytes.clone()))
}
