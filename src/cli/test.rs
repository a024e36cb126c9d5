//! `csrlint test`: runs the examples of rule files, shipped and the organisation's.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::workspace::{Workspace, rule_files};
use super::{Failure, Outcome, Output, PolicyArguments};
use crate::catalogue::{Catalogue, Example, Rule, RuleFile};
use crate::check::Date;
use crate::engine::{Base, Engine, Keep, RunOptions};
use crate::policy::{OpenList, Policy, PolicyFile, PolicyFiles, PolicySource, Selection, located, parse_rule};
use crate::report::sanitise;
use crate::source::{Change, ChangeKind, Changes, FilePath, MemoryTree};

#[derive(Debug, Args)]
pub(super) struct TestArguments {
    /// Rule files; without any, all shipped rules and those of the policy.
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
}

/// An example that does not do what it should.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExampleFailure {
    /// The rule.
    pub rule: String,
    /// The example.
    pub example: String,
    /// What happened.
    pub problem: String,
}

pub(super) fn run(arguments: &TestArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (root, _) = place.tree(&[])?;
    let mut catalogue;
    let rules: Vec<_>;
    if arguments.files.is_empty() {
        catalogue = place.policy(&root, &arguments.policy)?.catalogue;
        rules = catalogue.rules().cloned().collect();
    } else {
        catalogue = Catalogue::shipped();
        let mut ids = Vec::new();
        for (path, text) in rule_files(place, &arguments.files)? {
            let file: RuleFile = parse_rule(&path, &text)?;
            let shipped = catalogue.rule(&file.id).is_some();
            let id = if shipped {
                file.id
            } else {
                catalogue
                    .add_custom(file, &path)
                    .map_err(|error| Failure::Policy(vec![located(&path, &text, &error)]))?
            };
            ids.push(id);
        }
        rules = ids.iter().filter_map(|id| catalogue.rule(id).cloned()).collect();
    }
    let (mut passed, mut failed, mut without) = (0, 0, 0);
    for rule in &rules {
        let examples = rule.all_examples();
        let count = examples.pass.len() + examples.fail.len();
        without += usize::from(count == 0);
        let failures = run_examples(rule, &catalogue);
        passed += count - failures.len();
        failed += failures.len();
        for failure in failures {
            out.lines(&format!(
                "FAILED {}: {}: {}\n",
                failure.rule,
                sanitise::line(&failure.example),
                sanitise::line(&crate::redact::message(&failure.problem))
            ));
        }
    }
    let rules = rules.len();
    out.lines(&format!(
        "{rules} rules, {} examples: {passed} passed, {failed} failed; {without} rules without examples\n",
        passed + failed
    ));
    Ok(u8::from(failed > 0))
}

/// Runs the examples of one rule; returns those that failed.
pub fn run_examples(rule: &Rule, catalogue: &Catalogue) -> Vec<ExampleFailure> {
    let examples = rule.all_examples();
    let judged =
        examples.pass.iter().map(|example| (example, false)).chain(examples.fail.iter().map(|example| (example, true)));
    judged
        .filter_map(|(example, fails)| {
            let problem = run_example(rule, catalogue, example, fails).err()?;
            Some(ExampleFailure { rule: rule.id.clone(), example: example.name.clone(), problem })
        })
        .collect()
}

fn run_example(rule: &Rule, catalogue: &Catalogue, example: &Example, fails: bool) -> Result<(), String> {
    let catalogue = if example.with.is_null() {
        catalogue.clone()
    } else {
        catalogue.clone().with_params(&rule.id, &example.with)?
    };
    let selection = Selection { select: vec![rule.id.clone()], ..Selection::default() };
    // Examples mean the same on every day.
    let as_of: Date = "2026-06-01".parse()?;
    let mut tree = MemoryTree::new();
    for (path, file) in &example.files {
        tree = tree.with(path, file.bytes());
    }
    let of_policy = if example.before.is_empty() { &example.files } else { &example.before };
    let policy = match of_policy.get("csrlint.yaml") {
        Some(file) => {
            let source = PolicySource {
                file: PolicyFile { path: "csrlint.yaml".to_owned(), bytes: file.bytes() },
                base: "",
                below: Vec::new(),
                files: &OfExample(example),
            };
            // What a waiver does to a finding shows only if the finding is there.
            let selection = if rule.family() == "config" { Selection::default() } else { selection };
            Policy::load(&source, catalogue, selection, as_of)
                .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))?
        }
        None => Policy::isolated(catalogue, selection, as_of)?,
    };
    let mut engine = Engine::new(policy, Keep::default());
    if !example.before.is_empty() {
        engine = engine.with_base(base_of(example));
    }
    let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions { whole_tree: true, ..RunOptions::default() });
    if let Some(error) = report.errors.first() {
        return Err(format!("{}: {}", error.path, error.message));
    }
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == rule.id).collect();
    match (fails, found.first()) {
        (false, Some(finding)) => Err(format!("should pass, but: {} (at {})", finding.message, finding.place)),
        (true, None) => Err("should fail, and does not".to_owned()),
        (true, Some(_)) => match &example.at {
            Some(at) if !found.iter().any(|finding| finding.place == *at) => Err(format!(
                "should fail at {at}, but fails at {}",
                found.iter().map(|finding| finding.place.as_str()).collect::<Vec<_>>().join(", ")
            )),
            _ => Ok(()),
        },
        (false, None) => Ok(()),
    }
}

/// The state before the change of an example.
fn base_of(example: &Example) -> Base {
    let mut tree = MemoryTree::new();
    for (path, file) in &example.before {
        tree = tree.with(path, file.bytes());
    }
    let mut files = BTreeMap::new();
    for (path, file) in &example.files {
        let kind = match example.before.get(path) {
            None => ChangeKind::Added,
            Some(before) if before.bytes() != file.bytes() => ChangeKind::Modified,
            Some(_) => continue,
        };
        files.insert(FilePath::new(path), Change { kind, submodule: false });
    }
    for path in example.before.keys().filter(|path| !example.files.contains_key(*path)) {
        files.insert(FilePath::new(path), Change { kind: ChangeKind::Deleted, submodule: false });
    }
    Base { name: "base".to_owned(), tree: Arc::new(tree), changes: Changes::from(files) }
}

/// The files of an example, as a policy in it names them.
struct OfExample<'a>(&'a Example);

impl PolicyFiles for OfExample<'_> {
    fn file(&self, _: &str, name: &str) -> Result<PolicyFile, String> {
        let files = if self.0.before.is_empty() { &self.0.files } else { &self.0.before };
        let file = files.get(name).ok_or("the example has no such file")?;
        Ok(PolicyFile { path: name.to_owned(), bytes: file.bytes() })
    }

    fn matching(&self, _: &str, pattern: &str) -> Result<Vec<PolicyFile>, String> {
        Err(format!("{pattern}: an example has no custom rules"))
    }

    fn list(&self, layer: &str, name: &str) -> Result<OpenList, String> {
        Ok(OpenList { data: Box::new(self.file(layer, name)?.bytes), metadata: None })
    }
}
