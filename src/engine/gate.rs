//! The gate: what a change does to whatever judges it. The policy comes from before the change, so nothing of this weakens the run;
//! it is listed, so that the reviewer looks at it and not only at requests.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use memchr::memmem;
use serde_json::Value;

use super::attributes::{self, Attributes};
use super::{Engine, FileOutcome};
use crate::catalogue::Severity;
use crate::encoding::{Defect, DefectKind};
use crate::source::{Change, ChangeKind, Changes, Content, FilePath, Span, Tree};

/// Files larger than this are not searched for csrlint's name (1 MiB).
const SIZE_LIMIT: u64 = 1 << 20;

/// The state before the change that is being judged.
pub struct Base {
    /// The revision, as it was named.
    pub name: String,
    /// Its files.
    pub tree: Arc<dyn Tree>,
    /// What changed since.
    pub changes: Changes,
}

/// The rule that lists what a change does to the gate.
const RULE: &str = "config/gate-changed";
/// What a policy is called.
const POLICY: &str = "a policy";
/// Names of policies, whatever folder they are in and however they are written: some disks do not tell cases apart.
const POLICIES: [&str; 2] = ["csrlint.yaml", ".csrlint.yaml"];
/// What git itself reads.
const OF_GIT: [(&str, &str); 3] = [
    (".gitattributes", "what git and the review page show of files"),
    (".gitignore", "which new files are looked at"),
    (".gitmodules", "where submodules come from"),
];
/// Where it is said who has to look at a change.
const OWNERS: [&str; 4] = ["codeowners", ".github/codeowners", "docs/codeowners", ".gitlab/codeowners"];
/// Files that may run csrlint; those do that name it.
const RUNNERS: [&str; 22] = [
    ".gitlab-ci.yml",
    ".pre-commit-config.yaml",
    ".pre-commit-config.yml",
    "azure-pipelines.yml",
    "azure-pipelines.yaml",
    "bitbucket-pipelines.yml",
    ".travis.yml",
    ".drone.yml",
    ".cirrus.yml",
    ".woodpecker.yml",
    "jenkinsfile",
    "makefile",
    "gnumakefile",
    "justfile",
    ".justfile",
    "taskfile.yml",
    "taskfile.yaml",
    "lefthook.yml",
    "lefthook.yaml",
    "package.json",
    "tox.ini",
    "dockerfile",
];
const RUNNER_FOLDERS: [&str; 12] = [
    ".github/workflows/",
    ".github/actions/",
    ".forgejo/",
    ".gitea/",
    ".gitlab/",
    ".circleci/",
    ".azure-pipelines/",
    ".buildkite/",
    ".woodpecker/",
    ".husky/",
    ".githooks/",
    ".ci/",
];
/// Ends of the names of scripts.
const SCRIPTS: [&str; 8] = ["sh", "bash", "zsh", "ps1", "py", "rb", "mk", "toml"];
/// `make` takes the first of these that is there, so that adding one may take another's place.
const MAKEFILES: [&str; 2] = ["makefile", "gnumakefile"];

impl Engine {
    /// A finding for each file that says how requests are judged and was changed.
    pub(super) fn judge_gate(&self, tree: &dyn Tree, listed: Vec<FilePath>, all: &mut FileOutcome) {
        let Some(base) = &self.base else { return };
        let rewritten = self.rewritten(tree, base, listed, all);
        for (path, change) in &base.changes.files {
            let renamed = match &change.kind {
                ChangeKind::Renamed { from } => Some(from),
                _ => None,
            };
            let what = self
                .is_of_the_gate(tree, base, path)
                .or_else(|| renamed.and_then(|from| self.is_of_the_gate(tree, base, from)));
            let Some(what) = what else { continue };
            let how = match &change.kind {
                ChangeKind::Added => "adds".to_owned(),
                ChangeKind::Modified => "edits".to_owned(),
                ChangeKind::Deleted => "removes".to_owned(),
                ChangeKind::Renamed { from } => format!("moves ({from})"),
            };
            let before = base.changes.before(path).filter(|_| change.kind != ChangeKind::Deleted);
            let before = before.filter(|_| what == POLICY);
            let parts = before.map(|before| edited_parts(&*base.tree, &before, tree, path)).unwrap_or_default();
            let parts = if parts.is_empty() { String::new() } else { format!(": {}", parts.join(", ")) };
            let note = if change.kind == ChangeKind::Deleted { None } else { self.worth_of(tree, path) };
            let attributes = rewritten.get(path);
            let note = note.or_else(|| attributes.cloned()).unwrap_or_default();
            let detail = format!("the change {how} {what}{parts}{note}");
            let defect = Defect::new(DefectKind::GateChanged, Span::text(0, 0), "gate", detail);
            let since = all.findings.len();
            self.judge_text(path.as_str(), "", &[defect], all);
            // What the checkout holds is then not what the review shows: no default lets that pass.
            if attributes.is_some() && !self.policy.says_severity(RULE, path.as_str()) {
                for finding in all.findings.iter_mut().skip(since) {
                    finding.severity = Severity::Error;
                    finding.fails |= self.policy.fails(RULE, Severity::Error, path.as_str(), None);
                }
            }
        }
    }

    /// Whether the change touches `.gitattributes` anywhere.
    pub(super) fn changes_attributes(&self) -> bool {
        self.base
            .as_ref()
            .is_some_and(|base| base.changes.files.iter().any(|(path, change)| is_attributes(path, change)))
    }

    /// By `.gitattributes` that the change touches: of which requests git makes something else than before.
    fn rewritten(
        &self,
        tree: &dyn Tree,
        base: &Base,
        mut listed: Vec<FilePath>,
        all: &FileOutcome,
    ) -> BTreeMap<FilePath, String> {
        let mut told = BTreeMap::new();
        if listed.is_empty() {
            return told;
        }
        listed.sort();
        let found: HashSet<&str> = all.records.iter().map(|record| record.path.as_str()).collect();
        let changed = base.changes.files.iter().filter(|(path, change)| is_attributes(path, change));
        let changed: Vec<(&FilePath, &Path)> = changed
            .flat_map(|(path, change)| {
                let from = match &change.kind {
                    ChangeKind::Renamed { from } => Some(from),
                    _ => None,
                };
                [Some(path), from].into_iter().flatten().filter_map(move |at| Some((path, at.native().parent()?)))
            })
            .collect();
        let cases = [false, true];
        let mut before = cases.map(|ignore_case| Attributes::of(&*base.tree, ignore_case));
        let mut after = cases.map(|ignore_case| Attributes::of(tree, ignore_case));
        let mut by_file: BTreeMap<&FilePath, (String, usize)> = BTreeMap::new();
        for path in &listed {
            let mut here = changed.iter().filter(|(_, folder)| path.native().starts_with(folder)).peekable();
            if here.peek().is_none() {
                continue;
            }
            let old = base.changes.before(path);
            let difference = before.iter_mut().zip(&mut after).find_map(|(before, after)| {
                // Of a file that was not there: what git would have made of it.
                difference(before.of_file(old.as_ref().unwrap_or(path)), after.of_file(path))
            });
            let Some(difference) = difference.filter(|_| {
                crate::read::is_named_request(path)
                    || found.contains(path.as_str())
                    || holds_request(&*base.tree, old.as_ref())
            }) else {
                continue;
            };
            for (attributes, _) in here {
                let (first, count) = by_file.entry(attributes).or_default();
                if *count == 0 {
                    *first = format!("{path}: {difference}");
                }
                *count += 1;
            }
        }
        for (attributes, (first, count)) in by_file {
            let more = match count {
                1 => String::new(),
                2 => ", and 1 more file".to_owned(),
                count => format!(", and {} more files", count - 1),
            };
            told.insert(attributes.clone(), format!(", and what git makes of requests: {first}{more}"));
        }
        told
    }

    /// What a file has to do with how requests are judged.
    fn is_of_the_gate(&self, tree: &dyn Tree, base: &Base, path: &FilePath) -> Option<&'static str> {
        let shown = path.as_str().to_lowercase();
        let name = shown.rsplit('/').next().unwrap_or(&shown);
        let policy = &self.policy;
        // What a link of the policy leads to is of the policy, too, and so is all of a submodule that has a part of it.
        let is = |other: &str| {
            let other = FilePath::from_shown(other);
            let leads = [other.clone(), base.tree.resolve(&other), tree.resolve(&other)];
            let submodule = base.changes.files.get(path).is_some_and(|change| change.submodule);
            leads.iter().any(|other| other == path || (submodule && other.native().starts_with(path.native())))
        };
        let of_git = OF_GIT.iter().find(|(file, _)| *file == name).map(|(_, what)| *what);
        match () {
            () if policy.baseline.as_ref().is_some_and(|baseline| is(&baseline.path)) => Some("the baseline"),
            () if policy.layers.iter().any(|layer| is(&layer.path)) || POLICIES.contains(&name) => Some(POLICY),
            () if policy.sources.iter().any(|source| is(source)) => Some("a file that the policy names"),
            () if self.is_named_rule(path) => Some("a rule of the policy"),
            () if of_git.is_some() => of_git,
            () if OWNERS.contains(&shown.as_str()) => Some("who has to look at changes"),
            () if runs_csrlint(&shown, name, &[tree, &*base.tree], path) => Some("what runs csrlint"),
            () => None,
        }
    }

    /// Whether a pattern of `custom-rules` stands for a file: new ones are in no list yet.
    fn is_named_rule(&self, path: &FilePath) -> bool {
        self.policy.layers.iter().any(|layer| {
            layer.raw.custom_rules.iter().any(|pattern| {
                let folder = layer.path.rsplit_once('/').map_or("", |(folder, _)| folder);
                let from_here = if folder.is_empty() { pattern.clone() } else { format!("{folder}/{pattern}") };
                [from_here.as_str(), pattern.as_str()].into_iter().any(|pattern| {
                    glob::Pattern::new(pattern)
                        .is_ok_and(|pattern| crate::policy::path_matches(&pattern, path.as_str()))
                })
            })
        })
    }

    /// A policy that the change breaks is told at once, not when it holds.
    fn worth_of(&self, tree: &dyn Tree, path: &FilePath) -> Option<String> {
        let is_policy = self.policy.path.as_deref() == Some(path.as_str());
        let mut bytes = Vec::new();
        if !is_policy || !matches!(tree.read(path, SIZE_LIMIT, &mut bytes), Ok(Content::Whole)) {
            return None;
        }
        let file = crate::policy::PolicyFile { path: path.as_str().to_owned(), bytes };
        let problem = crate::policy::problem_of(&file)?;
        Some(format!(", and it cannot be read any more: {problem}"))
    }
}

/// Whether it is a file of attributes, or was one.
fn is_attributes(path: &FilePath, change: &Change) -> bool {
    let is = |path: &FilePath| path.native().file_name().is_some_and(|name| name == attributes::NAME);
    is(path) || matches!(&change.kind, ChangeKind::Renamed { from } if is(from))
}

/// What is different between the attributes of before and after; none of either are too many to tell.
fn difference(
    before: Option<BTreeMap<&'static str, String>>,
    after: Option<BTreeMap<&'static str, String>>,
) -> Option<String> {
    let (Some(before), Some(after)) = (before, after) else {
        return Some("there are too many lines to tell".to_owned());
    };
    let names = after.keys().chain(before.keys());
    let name = names.copied().find(|name| before.get(name) != after.get(name))?;
    let told = |value: Option<&String>| value.cloned().unwrap_or_else(|| "not set".to_owned());
    Some(format!("{name} was {}, and is {}", told(before.get(name)), told(after.get(name))))
}

/// Whether a file may have held a request before the change.
fn holds_request(tree: &dyn Tree, path: Option<&FilePath>) -> bool {
    let mut bytes = Vec::new();
    path.is_some_and(|path| {
        matches!(tree.read(path, super::SIZE_LIMIT, &mut bytes), Ok(Content::Whole))
            && crate::read::may_hold_request(path, &bytes)
    })
}

/// Which parts of a policy are not what they were: its keys; of rules, which; of waivers, for what.
fn edited_parts(before: &dyn Tree, old: &FilePath, after: &dyn Tree, new: &FilePath) -> Vec<String> {
    let read = |tree: &dyn Tree, path: &FilePath| -> Option<Value> {
        let mut bytes = Vec::new();
        let whole = matches!(tree.read(path, SIZE_LIMIT, &mut bytes), Ok(Content::Whole));
        let text = std::str::from_utf8(&bytes).ok().filter(|_| whole)?;
        // It is the change's, and may be made to take long.
        crate::policy::Locator::new(text).ok()?;
        serde_yaml::from_str(text).ok()
    };
    let (Some(old), Some(new)) = (read(before, old), read(after, new)) else { return Vec::new() };
    let (Some(old), Some(new)) = (old.as_object(), new.as_object()) else { return Vec::new() };
    // Of files with many more keys this is no policy, and nobody reads all their names.
    let keys = new.keys().chain(old.keys().filter(|key| !new.contains_key(*key)));
    keys.filter(|key| old.get(*key) != new.get(*key))
        .take(12)
        .map(|key| {
            let inside = match (key.as_str(), old.get(key), new.get(key)) {
                ("rules", old, new) => rules_in(old, new),
                ("waivers", old, new) => waivers_in(old, new),
                _ => Vec::new(),
            };
            if inside.is_empty() { key.clone() } else { format!("{key} ({})", inside.join(", ")) }
        })
        .collect()
}

fn rules_in(old: Option<&Value>, new: Option<&Value>) -> Vec<String> {
    let of = |value: Option<&Value>| value.and_then(Value::as_object).cloned().unwrap_or_default();
    let (old, new) = (of(old), of(new));
    let keys = new.keys().chain(old.keys().filter(|key| !new.contains_key(*key)));
    keys.filter(|key| old.get(*key) != new.get(*key)).take(12).cloned().collect()
}

fn waivers_in(old: Option<&Value>, new: Option<&Value>) -> Vec<String> {
    let of = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
    let (old, new) = (of(old), of(new));
    let told = |word: &str, waiver: &Value| {
        format!("{word} {}", waiver.get("rule").and_then(Value::as_str).unwrap_or("one without a rule"))
    };
    let added = new.iter().filter(|waiver| !old.contains(waiver)).map(|waiver| told("adds", waiver));
    let removed = old.iter().filter(|waiver| !new.contains(waiver)).map(|waiver| told("removes", waiver));
    added.chain(removed).take(12).collect()
}

/// Whether a file runs csrlint, or did: it is one that may, and names it otherwise than in comments that ignore findings.
fn runs_csrlint(shown: &str, name: &str, trees: &[&dyn Tree], path: &FilePath) -> bool {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    let is_runner = RUNNERS.contains(&name)
        || RUNNER_FOLDERS.iter().any(|folder| shown.starts_with(folder) || shown.contains(&format!("/{folder}")))
        || SCRIPTS.contains(&extension);
    let folder = path.native().parent().unwrap_or(Path::new(""));
    let others = ["Makefile", "makefile", "GNUmakefile"].map(|name| FilePath::new(folder.join(name)));
    trees.iter().any(|tree| {
        (is_runner && names_csrlint(*tree, path))
            || (MAKEFILES.contains(&name) && others.iter().any(|other| names_csrlint(*tree, other)))
    })
}

fn names_csrlint(tree: &dyn Tree, path: &FilePath) -> bool {
    let mut bytes = Vec::new();
    let whole = matches!(tree.read(path, SIZE_LIMIT, &mut bytes), Ok(Content::Whole));
    whole
        && memmem::find_iter(&bytes, b"csrlint")
            .any(|at| !bytes.get(at..).unwrap_or_default().starts_with(crate::policy::MARK))
}
