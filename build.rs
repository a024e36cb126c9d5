//! Turns `rules/` into JSON once, at build time: YAML of all rules takes too long for a pre-commit call.
//! Nothing is validated here; a test does that over the same data.

use std::path::{Path, PathBuf};
use std::{env, fs};

/// What `RuleHead` in `src/catalogue/rule.rs` has.
const HEAD: [&str; 6] = ["id", "check", "with", "severity", "supersedes", "cost"];

fn main() {
    println!("cargo::rerun-if-changed=rules");
    println!("cargo::rerun-if-changed=lists/known-keys.txt");
    let mut files = Vec::new();
    collect(Path::new("rules"), &mut files);
    files.sort();
    let (mut rules, mut examples, mut profiles) = (Vec::new(), serde_json::Map::new(), Vec::new());
    let mut lists = std::collections::BTreeMap::new();
    for path in files {
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut value: serde_json::Value =
            serde_yaml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        // Lists that belong to no single rule stand beside the families.
        if path.parent() == Some(Path::new("rules")) {
            lists.insert(path.file_stem().unwrap_or_default().to_owned(), value);
            continue;
        }
        if path.starts_with("rules/profiles") {
            profiles.push(value);
            continue;
        }
        if let Some(object) = value.as_object_mut() {
            let id = object.get("id").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
            // Examples are most of the bytes and only `test` and `explain` want them.
            examples.insert(id, object.shift_remove("examples").unwrap_or_default());
        }
        rules.push(value);
    }
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    known_keys(&out);
    let write = |name: &str, value: &serde_json::Value| {
        fs::write(out.join(name), value.to_string()).expect("OUT_DIR is writable")
    };
    // Each rule and profile on its own: a run reads only those it needs, and of these first what it needs of every one.
    let table = |name: &str, key: &str, values: &[serde_json::Value]| {
        let rows: String = values
            .iter()
            .map(|value| {
                let head: serde_json::Map<String, serde_json::Value> = value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .filter(|(field, _)| HEAD.contains(&field.as_str()))
                    .map(|(field, value)| (field.clone(), value.clone()))
                    .collect();
                let head = serde_json::Value::Object(head).to_string();
                format!("({:?}, {head:?}, {:?}),\n", value[key].as_str().unwrap_or_default(), value.to_string())
            })
            .collect();
        format!("pub(super) static {name}: &[(&str, &str, &str)] = &[\n{rows}];\n")
    };
    let shipped = table("RULES", "id", &rules) + &table("PROFILES", "name", &profiles);
    fs::write(out.join("shipped.rs"), shipped).expect("OUT_DIR is writable");
    write("examples.json", &serde_json::Value::Object(examples));
    for (name, list) in lists {
        write(&format!("{}.json", name.to_string_lossy()), &list);
    }
}

/// Turns `lists/known-keys.txt` into sorted records of eight octets of hash and two for the number of the source.
fn known_keys(out: &Path) {
    let text = fs::read_to_string("lists/known-keys.txt").expect("lists/known-keys.txt is part of the project");
    let mut sources = Vec::new();
    let mut records: Vec<(u64, u16)> = Vec::new();
    for (number, line) in text.lines().enumerate().filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
        if let Some((category, source)) = line.strip_prefix('[').and_then(|line| line.split_once("] ")) {
            sources.push((category, source));
            continue;
        }
        let hash = u64::from_str_radix(line, 16).unwrap_or_else(|error| panic!("line {}: {error}", number + 1));
        let source =
            sources.len().checked_sub(1).unwrap_or_else(|| panic!("line {}: a key without a source", number + 1));
        records.push((hash, u16::try_from(source).expect("fewer sources")));
    }
    records.sort_unstable();
    records.dedup_by_key(|record| record.0);
    let bytes: Vec<u8> =
        records.iter().flat_map(|(hash, source)| [&hash.to_be_bytes()[..], &source.to_be_bytes()].concat()).collect();
    fs::write(out.join("known_keys.bin"), bytes).expect("OUT_DIR is writable");
    let rows: String = sources.iter().map(|(category, source)| format!("    ({category:?}, {source:?}),\n")).collect();
    let table = format!("/// Category and source of each section.\nstatic SOURCES: &[(&str, &str)] = &[\n{rows}];\n");
    fs::write(out.join("known_keys.rs"), table).expect("OUT_DIR is writable");
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("rules/ is readable") {
        let path = entry.expect("rules/ is readable").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "yaml") {
            files.push(path);
        }
    }
}
