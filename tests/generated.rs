//! Files that are made from the code are what the code would make; rules are what their schema and our promises say.
//! `CSRLINT_UPDATE=1 cargo test --test generated` rewrites the files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use csrlint::catalogue::{self, Catalogue, Lifecycle};
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn schemas_are_those_of_the_types() {
    for (name, schema) in csrlint::cli::schemas() {
        let path = root().join("schemas").join(format!("{name}.schema.json"));
        let text = csrlint::report::json::pretty(&schema);
        if std::env::var_os("CSRLINT_UPDATE").is_some() {
            std::fs::create_dir_all(root().join("schemas")).expect("a folder");
            std::fs::write(&path, &text).expect("a schema");
        }
        let kept = std::fs::read_to_string(&path).expect("a schema; CSRLINT_UPDATE=1 writes it");
        assert!(kept == text, "{} is not what the types say; CSRLINT_UPDATE=1 rewrites it", path.display());
    }
}

#[test]
fn documents_are_those_of_the_catalogue() {
    let catalogue = Catalogue::shipped();
    let pages = csrlint::document::pages(&catalogue, &catalogue::frameworks(), &catalogue::left_out());
    let docs = root().join("docs");
    let update = std::env::var_os("CSRLINT_UPDATE").is_some();
    let mut stale = Vec::new();
    for (name, text) in &pages {
        let path = docs.join(name);
        if update {
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(&path, text).expect("a page");
        }
        if std::fs::read_to_string(&path).ok().as_ref() != Some(text) {
            stale.push(name.as_str());
        }
    }
    assert!(stale.is_empty(), "CSRLINT_UPDATE=1 rewrites {stale:?}");
    let known: BTreeSet<PathBuf> = pages.iter().map(|(name, _)| docs.join(name)).collect();
    let others: Vec<_> = [docs.join("rules"), docs.join("profiles")]
        .iter()
        .flat_map(|folder| files(folder))
        .filter(|path| !known.contains(path))
        .collect();
    assert!(others.is_empty(), "no rule or profile has the pages {others:?}");
}

/// What packages install beside the binary: the manual and completions, where each shell looks for them.
#[test]
fn packages_have_the_manual_and_completions() {
    let printed = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_csrlint")).args(arguments).output().expect("it runs");
        assert!(output.status.success(), "{arguments:?}");
        output.stdout
    };
    let folder = tempfile::tempdir().expect("a folder");
    printed(&["man", folder.path().to_str().expect("a path")]);
    let mut made: BTreeMap<PathBuf, Vec<u8>> = files(folder.path())
        .into_iter()
        .map(|page| (Path::new("man/man1").join(page.file_name().expect("a name")), page))
        .map(|(path, page)| (path, std::fs::read(page).expect("a page")))
        .collect();
    for (shell, path) in [
        ("bash", "bash-completion/completions/csrlint"),
        ("zsh", "zsh/site-functions/_csrlint"),
        ("fish", "fish/vendor_completions.d/csrlint.fish"),
        ("nushell", "nushell/vendor/autoload/csrlint.nu"),
    ] {
        made.insert(PathBuf::from(path), printed(&["completions", shell]));
    }
    let share = root().join("packaging/csrlint.data/data/share");
    if std::env::var_os("CSRLINT_UPDATE").is_some() {
        let _ = std::fs::remove_dir_all(&share);
        for (path, content) in &made {
            let path = share.join(path);
            std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
            std::fs::write(path, content).expect("a file");
        }
    }
    let kept: BTreeMap<PathBuf, Vec<u8>> = files(&share)
        .into_iter()
        .map(|path| (path.strip_prefix(&share).expect("a path").to_path_buf(), std::fs::read(&path).expect("a file")))
        .collect();
    let stale: Vec<&PathBuf> = made
        .keys()
        .chain(kept.keys())
        .filter(|path| made.get(*path) != kept.get(*path))
        .collect::<BTreeSet<_>>()
        .into_iter()
        .collect();
    assert!(stale.is_empty(), "CSRLINT_UPDATE=1 rewrites {stale:?}");
}

#[test]
fn the_catalogue_is_valid() {
    Catalogue::verify().expect("rules and profiles");
}

#[test]
fn controls_are_those_of_the_frameworks_and_supersession_is_among_rules() {
    let catalogue = Catalogue::shipped();
    let controls: BTreeSet<String> = catalogue::frameworks()
        .iter()
        .flat_map(|framework| framework.controls.iter().map(|control| format!("{}:{}", framework.id, control.id)))
        .collect();
    let mut served: BTreeSet<String> = BTreeSet::new();
    for rule in catalogue.rules() {
        for control in &rule.controls {
            assert!(controls.contains(control), "{}: {control}", rule.id);
            served.insert(control.clone());
        }
        for other in &rule.supersedes {
            let other = catalogue.rule(other).unwrap_or_else(|| panic!("{}: there is no rule {other}", rule.id));
            assert!(!other.supersedes.contains(&rule.id), "{} and {} supersede each other", rule.id, other.id);
        }
    }
    let idle: Vec<_> = controls.difference(&served).collect();
    assert!(idle.is_empty(), "no rule serves {idle:?}");
}

/// What another linter calls one thing is answered by rules or left out with a reason, never both.
#[test]
fn names_of_other_linters_are_answered_or_left_out() {
    let catalogue = Catalogue::shipped();
    let answered: BTreeSet<&str> = catalogue
        .rules()
        .flat_map(|rule| rule.counterparts.iter().filter(|(tool, _)| *tool == "zlint" || *tool == "pkilint"))
        .flat_map(|(_, names)| names.iter().map(String::as_str))
        .collect();
    assert!(answered.len() > 340, "only {}", answered.len());
    let left_out = catalogue::left_out();
    for row in &left_out {
        assert!(row.why.len() > 40 && !row.counterparts.is_empty(), "{}", row.what);
        for name in row.counterparts.values().flatten() {
            assert!(!answered.contains(name.as_str()), "{name} is answered and left out");
        }
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

#[test]
fn rule_files_are_valid_and_named_after_their_ids() {
    let schemas = csrlint::cli::schemas();
    let validator = |wanted: &str| {
        let schema = schemas.iter().find(|(name, _)| *name == wanted).map(|(_, schema)| schema).expect("a schema");
        jsonschema::validator_for(schema).expect("a validator")
    };
    let (rule, profile) = (validator("rule"), validator("profile"));
    let mut seen = 0;
    // Lists that belong to no single rule stand beside the families.
    let of_a_family = |path: &PathBuf| path.parent() != Some(&root().join("rules"));
    for path in files(&root().join("rules")).into_iter().filter(of_a_family) {
        let value: Value = serde_yaml::from_str(&std::fs::read_to_string(&path).expect("a file")).expect("YAML");
        let relative = path.strip_prefix(root().join("rules")).expect("a path").with_extension("");
        let name = relative.to_string_lossy().into_owned();
        let (validator, id) = match name.strip_prefix("profiles/") {
            Some(profile_name) => (&profile, profile_name.to_owned()),
            None => (&rule, name.clone()),
        };
        let errors: Vec<String> =
            validator.iter_errors(&value).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
        let key = if name.starts_with("profiles/") { "name" } else { "id" };
        assert_eq!(value[key].as_str(), Some(id.as_str()), "{name}");
        seen += 1;
    }
    assert!(seen > 130, "only {seen} files");
}

#[test]
fn every_rule_says_what_why_how_and_who() {
    let catalogue = Catalogue::shipped();
    for rule in catalogue.rules() {
        let id = &rule.id;
        assert!(
            !rule.title.is_empty() && rule.title.chars().count() <= 60 && !rule.title.ends_with('.'),
            "{id}: title"
        );
        for (what, text) in [("what", &rule.what), ("why", &rule.why), ("fix", &rule.fix)] {
            assert!(text.trim().len() > 20, "{id}: {what}");
        }
        assert!(!rule.references.is_empty(), "{id}: no source");
        assert!(
            rule.references.iter().all(|reference| ![&reference.document, &reference.version, &reference.section]
                .iter()
                .any(|part| part.is_empty())),
            "{id}: a source without version or section"
        );
        assert!(
            rule.security_severity.is_none_or(|severity| (0.1..=10.0).contains(&severity)),
            "{id}: security-severity"
        );
        assert_eq!(rule.lifecycle, Lifecycle::Stable, "{id}");
        let examples = rule.all_examples();
        assert!(!examples.pass.is_empty() && !examples.fail.is_empty(), "{id}: examples that pass and that fail");
    }
}

#[test]
fn every_example_does_what_it_should() {
    let catalogue = Catalogue::shipped();
    let failures: Vec<_> = catalogue.rules().flat_map(|rule| csrlint::cli::run_examples(rule, &catalogue)).collect();
    assert!(failures.is_empty(), "{failures:#?}");
}

#[test]
fn profiles_name_rules_that_exist_and_form_no_circle() {
    let catalogue = Catalogue::shipped();
    for profile in catalogue.profiles() {
        for id in profile.rules.keys() {
            assert!(catalogue.rule(id).is_some(), "{}: {id}", profile.name);
        }
        let mut reached: BTreeSet<String> = BTreeSet::new();
        let mut next = profile.extends.clone();
        while let Some(name) = next.pop() {
            assert_ne!(name, profile.name, "a circle");
            if reached.insert(name.clone()) {
                next.extend(catalogue.profile(&name).expect("a profile").extends.clone());
            }
        }
    }
    let resolved = |name: &str| catalogue.profile(name).expect("a profile").resolved(&catalogue);
    let (recommended, pedantic) = (resolved("recommended"), resolved("pedantic"));
    assert!(recommended.keys().all(|id| pedantic.contains_key(id)), "pedantic is more than recommended");
}

#[test]
fn every_defect_that_readers_record_has_a_rule() {
    let catalogue = Catalogue::shipped();
    let kinds: BTreeSet<String> = catalogue
        .rules()
        .filter(|rule| rule.check == "defect")
        .flat_map(|rule| rule.with["kinds"].as_array().cloned().unwrap_or_default())
        .filter_map(|kind| kind.as_str().map(str::to_owned))
        .collect();
    let missing: Vec<String> = csrlint::encoding::DefectKind::ALL
        .iter()
        .map(|kind| kind.name())
        .filter(|name| !kinds.contains(name))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
