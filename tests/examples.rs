//! Examples of rules that describe their request: the file in them is what the description yields.
//! `CSRLINT_UPDATE=1 cargo test --test examples` writes the files from the descriptions.

#[path = "support/forge/mod.rs"]
mod forge;

use std::path::{Path, PathBuf};

use forge::recipe;
use serde_json::Value;

const FILE: &str = "request.csr";

fn rule_files(folder: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("a folder")
        .map(|entry| entry.expect("an entry").path())
        .flat_map(|path| if path.is_dir() { rule_files(&path) } else { vec![path] })
        .filter(|path| !path.to_string_lossy().contains("/profiles/"))
        .collect();
    found.sort();
    found
}

/// The descriptions of a rule file, in order.
fn described(text: &str) -> Vec<Value> {
    let rule: Value = serde_yaml::from_str(text).expect("YAML");
    ["pass", "fail"].iter().flat_map(|kind| rule["examples"][kind].as_array().cloned().unwrap_or_default()).collect()
}

/// The rule file with the file of every described example made anew.
fn materialised(text: &str) -> String {
    let mut out = String::new();
    let mut examples = described(text).into_iter();
    let mut current: Option<Value> = None;
    let mut inside_examples = false;
    let mut skipping = false;
    let finish = |current: &mut Option<Value>, out: &mut String| {
        if let Some(example) = current.take().filter(|example| !example["request"].is_null()) {
            out.push_str(&format!("      files:\n        {FILE}: |\n"));
            for line in recipe::pem(&example["request"]).lines() {
                out.push_str(&format!("          {line}\n"));
            }
        }
    };
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        if inside_examples && (line.starts_with("    - ") || indent < 4 && !line.is_empty()) {
            finish(&mut current, &mut out);
            skipping = false;
        }
        if line.starts_with("    - ") && inside_examples {
            current = examples.next();
        }
        inside_examples |= line == "examples:";
        let described = current.as_ref().is_some_and(|example| !example["request"].is_null());
        if described && line.starts_with("      files:") {
            skipping = true;
        } else if skipping && indent <= 6 && !line.is_empty() {
            skipping = false;
        }
        if !skipping {
            out.push_str(line);
            out.push('\n');
        }
    }
    finish(&mut current, &mut out);
    out
}

#[test]
fn files_of_examples_are_what_their_descriptions_yield() {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join("rules");
    let mut stale = Vec::new();
    for path in rule_files(&rules) {
        let text = std::fs::read_to_string(&path).expect("a file");
        // Keys that only a library can make are others every time.
        let examples = described(&text);
        let complete =
            examples.iter().all(|example| example["request"].is_null() || example["files"][FILE].is_string());
        let random = |example: &Value| example["request"]["key"].as_str().is_some_and(|key| key.starts_with("ml-dsa"));
        if complete && examples.iter().any(random) {
            continue;
        }
        let fresh = std::panic::catch_unwind(|| materialised(&text))
            .unwrap_or_else(|_| panic!("{} describes no request", path.display()));
        if fresh != text {
            if std::env::var_os("CSRLINT_UPDATE").is_some() {
                std::fs::write(&path, fresh).expect("a file");
            } else {
                stale.push(path);
            }
        }
    }
    assert!(stale.is_empty(), "CSRLINT_UPDATE=1 rewrites {stale:?}");
}
