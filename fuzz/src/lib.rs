//! What all targets share: the rules, compiled once a process, trees out of one input, and what is true of every report
//! whatever was linted. A panic that the engine would catch ends the fuzzer all the same.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::sync::{Arc, OnceLock};

use csrlint::catalogue::{Catalogue, Framework, frameworks};
use csrlint::check::Date;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, PolicyError, Selection};
use csrlint::read::{self, FileFacts};
use csrlint::report::{
    Report, azure, checkstyle, concise, csv, evidence, github, gitlab, html, human, json, junit, markdown, ndjson,
    rdjson, sarif,
};
use csrlint::source::{FilePath, MemoryTree, SourceFile};

/// Files of a tree.
pub type Files = BTreeMap<FilePath, Vec<u8>>;

/// Everything a report can hold.
pub const KEEP: Keep = Keep { requests: true, shown: true, outcomes: true, sheets: true };
/// Files of one input; more only make it slow.
const MOST_FILES: usize = 16;

/// The day all judge as of.
pub fn day() -> Date {
    "2026-06-01".parse().expect("a day")
}

/// The engine with every rule.
pub fn engine() -> &'static Engine {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    ENGINE.get_or_init(|| {
        let selection = Selection { profiles: vec!["pedantic".to_owned()], ..Selection::default() };
        controls();
        Engine::new(Policy::isolated(Catalogue::shipped(), selection, day()).expect("a policy"), KEEP)
    })
}

/// The shipped catalogue, of which everything has been read that the engine needed.
pub fn catalogue() -> Catalogue {
    engine().policy().catalogue.clone()
}

/// The shipped frameworks, which evidence is told by.
fn controls() -> &'static [Framework] {
    static FRAMEWORKS: OnceLock<Vec<Framework>> = OnceLock::new();
    FRAMEWORKS.get_or_init(frameworks)
}

/// One file.
pub fn one(path: &str, bytes: &[u8]) -> Files {
    Files::from([(FilePath::new(path), bytes.to_vec())])
}

/// The files of one input: each begins with a line `==== path`. So seeds can be made of any folder, and inputs that are
/// crossed put files of different formats beside each other.
pub fn files(input: &[u8]) -> Files {
    let mut files = Files::new();
    let mut open = None;
    for line in input.split_inclusive(|byte| *byte == b'\n') {
        if let Some(name) = line.strip_prefix(b"==== ") {
            open = path(&String::from_utf8_lossy(name.trim_ascii_end()));
            if let Some(path) = open.as_ref().filter(|_| files.len() < MOST_FILES) {
                files.entry(path.clone()).or_default();
            }
        } else if let Some(bytes) = open.as_ref().and_then(|path| files.get_mut(path)) {
            bytes.extend_from_slice(line);
        }
    }
    files
}

/// A name as trees have it: relative, and without steps up.
fn path(name: &str) -> Option<FilePath> {
    let parts = Path::new(name).components().map(|part| match part {
        Component::Normal(part) => Some(part),
        _ => None,
    });
    let path: std::path::PathBuf = parts.collect::<Option<_>>()?;
    (!path.as_os_str().is_empty() && !name.contains('\0')).then(|| FilePath::new(path))
}

/// A tree of files.
pub fn tree(files: &Files) -> MemoryTree {
    files.iter().fold(MemoryTree::new(), |tree, (path, bytes)| tree.with_file(path.clone(), bytes.clone()))
}

/// What a file holds, read by itself.
pub fn facts(path: &str, bytes: &[u8]) -> FileFacts {
    read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(path)), bytes.to_vec())))
}

/// One run. The engine counts outcomes from its beginning; those of this run are what is left without earlier ones.
pub fn run(engine: &Engine, files: &Files, threads: usize) -> Report {
    let counted = |engine: &Engine| -> BTreeMap<String, [u64; 4]> {
        engine.policy().outcomes().map(|(id, counts)| (id.to_owned(), counts)).collect()
    };
    let before = counted(engine);
    let options = RunOptions { threads, whole_tree: true, ..RunOptions::default() };
    let mut report = engine.run(&tree(files), &[FilePath::new(".")], &options);
    for (id, counts) in &mut report.outcomes {
        let earlier = before.get(id).copied().unwrap_or_default();
        *counts = std::array::from_fn(|number| counts[number] - earlier[number]);
    }
    report.outcomes.retain(|(_, counts)| counts.iter().any(|count| *count > 0));
    report
}

/// Lints a tree, and holds against the report what is true of any.
pub fn lint(engine: &Engine, files: &Files) -> Report {
    let report = run(engine, files, 1);
    places(&report, files);
    let share = files.values().flatten().fold(0u8, |sum, byte| sum.wrapping_add(*byte));
    let texts = render(&report, share);
    for (format, text) in &texts {
        harmless(format, text);
    }
    let around = tree(files);
    for (path, bytes) in files {
        let file = SourceFile::new(Arc::new(path.clone()), bytes.clone());
        let facts = read::read_within(Arc::new(file), &engine.surroundings(&around));
        assert!(facts.is_empty() || read::may_hold_request(path, bytes), "a run would not read {path}");
    }
    // Neither the number of threads nor what was linted before shows. One input in eight: threads take their time.
    if share.is_multiple_of(8) {
        let again = render(&run(engine, files, 2), share);
        for ((format, first), (_, second)) in texts.iter().zip(&again) {
            assert_eq!(first, second, "{format} is another one with two threads");
        }
    }
    report
}

/// Every finding and every edit lies in its file, and no two findings have the same fingerprint.
pub fn places(report: &Report, files: &Files) {
    let mut fingerprints = BTreeSet::new();
    for finding in &report.findings {
        let about = format!("{} at {}", finding.rule.id, finding.path);
        assert!(fingerprints.insert(&finding.fingerprint), "{about}: the fingerprint of another one");
        let Some(bytes) = files.get(&*finding.path) else { continue };
        let (start, end) = (finding.start.offset, finding.end.offset);
        assert!(start <= end && end <= bytes.len(), "{about}: {start}..{end} of {}", bytes.len());
        for edit in finding.fix.iter().flat_map(|fix| &fix.edits) {
            let (start, end) = (edit.start.offset, edit.end.offset);
            assert!(start <= end && end <= bytes.len(), "{about}: an edit of {start}..{end}");
        }
    }
    for error in &report.errors {
        assert!(!error.message.contains("own fault"), "{}", error.message);
    }
}

/// A format by its name.
type Format = (&'static str, fn(&Report) -> String);

const FORMATS: [Format; 17] = [
    ("human", |report| human::render(report, &human::Style::default())),
    ("human", |report| human::render(report, &PLAIN)),
    ("concise", |report| concise::render(report, true)),
    ("json", json::render),
    ("ndjson", ndjson::render),
    ("sarif", |report| sarif::render(report, &sarif::Options { suppressed: true }).text),
    ("markdown", markdown::render),
    ("github", github::render),
    ("gitlab", gitlab::render),
    ("azure", azure::render),
    ("junit", junit::render),
    ("checkstyle", checkstyle::render),
    ("rdjson", rdjson::render),
    ("csv", csv::render),
    ("html", |report| html::render(report).text),
    ("evidence", |report| evidence::render(report, controls())),
    ("evidence-markdown", |report| evidence::markdown(report, controls())),
];

const PLAIN: human::Style = human::Style {
    color: false,
    links: false,
    unicode: false,
    width: 40,
    verbose: true,
    quiet: false,
    suppressed: true,
};

/// A report in some of the formats: all of them take ten times as long as everything else, so that each input has its share.
pub fn render(report: &Report, share: u8) -> Vec<(&'static str, String)> {
    let shares = |number: usize| number % 5 == usize::from(share) % 5;
    let chosen = FORMATS.iter().enumerate().filter(|(number, _)| shares(*number));
    chosen.map(|(_, (name, format))| (*name, format(report))).collect()
}

/// Nothing in an output acts on a terminal, misleads a reader or commands a runner; what should be JSON is.
pub fn harmless(format: &str, text: &str) {
    // Its lines end as RFC 4180 has it.
    let text = if format == "csv" { &text.replace("\r\n", "\n") } else { text };
    if let Some((at, character)) = text.char_indices().find(|(_, character)| acts(*character)) {
        let before: String = text[..at].chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
        panic!("{format} has {character:?} behind {before:?}");
    }
    // The page is no log, and its style sheet has lines that begin like that.
    if format != "html" {
        for line in text.lines() {
            assert!(format == "github" || !line.trim_start().starts_with("::"), "{format} has a command: {line:?}");
            let commands = ["##[", "##vso["].iter().any(|mark| line.to_ascii_lowercase().contains(mark));
            assert!(format == "azure" || !commands, "{format} has a command: {line:?}");
        }
    }
    let is_json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
    match format {
        "json" | "sarif" | "gitlab" | "rdjson" | "evidence" => assert!(is_json(text), "{format} is no JSON"),
        "ndjson" => assert!(text.lines().all(is_json), "a line of ndjson is no JSON"),
        _ => {}
    }
}

fn acts(character: char) -> bool {
    (character.is_control() && character != '\n')
        || matches!(u32::from(character), 0xAD | 0x61C | 0x180E | 0x200B..=0x200F | 0x2028..=0x202E | 0x2060..=0x206F
            | 0xFEFF | 0xFFF9..=0xFFFB | 0xE0000..=0xE0FFF)
}

/// Errors of a policy stand in its text, and what people are shown of them is harmless.
pub fn told(errors: &[PolicyError]) {
    for error in errors {
        let inside = error.text.get(error.span.clone());
        assert!(inside.is_some(), "{:?} of {}: {}", error.span, error.text.len(), error.message);
        harmless("human", &human::policy_error(error, &human::Style::default()));
    }
}
