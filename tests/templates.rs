//! What csrlint reads out of templates, file by file: `tests/templates/<format>/<file>` and beside it what `inspect`
//! says of it and what `check --profile pedantic` finds in it. `CSRLINT_UPDATE=1 cargo test --test templates` writes both anew.

use std::path::{Path, PathBuf};
use std::process::Command;

const DAY: &str = "--as-of=2026-06-01";

fn fixtures(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            fixtures(&entry, found);
        } else if entry.extension().is_none_or(|extension| extension != "expected") {
            found.push(entry);
        }
    }
}

fn csrlint(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_csrlint")).args(arguments).output().expect("csrlint");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn templates_are_read_and_judged_as_expected() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates");
    let mut files = Vec::new();
    fixtures(&root, &mut files);
    files.sort();
    assert!(files.len() > 15, "only {} fixtures", files.len());
    let update = std::env::var_os("CSRLINT_UPDATE").is_some();
    let mut wrong = Vec::new();
    for file in files {
        let relative = file.strip_prefix(env!("CARGO_MANIFEST_DIR")).expect("below the project").display().to_string();
        let listing = csrlint(&["inspect", &relative]);
        let findings =
            csrlint(&["check", DAY, "--isolated", "--profile", "pedantic", "--format", "concise", &relative]);
        let found = format!("{listing}--- findings\n{findings}");
        for secret in ["correct-horse", "not-a-token", "bm90LWEt", "adminpw", "00112233445566778899aabbccddeeff"] {
            assert!(!found.contains(secret), "{relative} shows a secret:\n{found}");
        }
        let expected = PathBuf::from(format!("{}.expected", file.display()));
        if update {
            std::fs::write(&expected, &found).expect("written");
        } else if std::fs::read_to_string(&expected).unwrap_or_default() != found {
            wrong.push(format!("{relative}:\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "not as expected; CSRLINT_UPDATE=1 writes them anew:\n{}", wrong.join("\n"));
}
