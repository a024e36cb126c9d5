//! `csrlint waivers`: everything that keeps a finding from counting, with its reason, its age, its owner and the days left.

use std::collections::HashMap;
use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use super::format::Prose;
use super::workspace::{Workspace, threads};
use super::{Outcome, Output, PolicyArguments, tell};
use crate::check::Date;
use crate::engine::{Engine, Keep, RunOptions, SIZE_LIMIT};
use crate::policy::WaiverClaim;
use crate::redact;
use crate::report::{json, sanitise, several};
use crate::source::{Content, DiskTree, FilePath, Git, GitError, Owners, Tree as _};

#[derive(Debug, Args)]
pub(super) struct WaiversArguments {
    /// Files and directories in which to look for comments.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Prose,
}

/// Something that keeps findings from counting.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
struct Row {
    /// The file it stands in.
    path: String,
    /// The line.
    line: usize,
    /// `waiver`, `inline` or `baseline`.
    kind: &'static str,
    /// The rules, or the number of findings.
    rules: String,
    /// What it is about.
    about: String,
    reason: String,
    approved_by: Option<String>,
    /// The last day.
    expires: Option<Date>,
    /// Days until then; negative for one that expired.
    days_left: Option<i64>,
    /// Days since the line was written, as git knows.
    age_days: Option<i64>,
    /// As CODEOWNERS has it.
    owners: Vec<String>,
    /// How many findings it keeps from counting now.
    findings: usize,
    /// Why it does not hold, if it does not.
    broken: Option<String>,
}

pub(super) fn run(arguments: &WaiversArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (root, roots) = place.tree(&arguments.paths)?;
    let policy = place.policy(&root, &arguments.policy)?;
    let as_of = policy.as_of;
    let engine = Engine::new(policy, Keep::default());
    let disk = place.disk(&root, &roots);
    let options = RunOptions { threads: threads(None), whole_tree: false, size_limit: SIZE_LIMIT };
    let report = engine.run(&disk, &roots, &options);
    let policy = engine.policy();
    let mut ages = Ages {
        git: place.repository.as_ref().filter(|repository| **repository == root).map(Git::new),
        tree: &disk,
        known: HashMap::new(),
        as_of,
        refused: None,
    };
    let owners = Owners::of(&disk);
    let mut rows = Vec::new();
    for waiver in &policy.waivers {
        let Some(layer) = policy.layers.get(waiver.layer) else { continue };
        let raw = &waiver.raw;
        let line = layer.line_of(&["waivers", &waiver.number.to_string()]).unwrap_or(1);
        let used = report.findings.iter().filter(|finding| finding.waived.as_ref() == Some(&waiver.usage()));
        let pins = [
            raw.files.as_ref().map(|files| files.join(", ")),
            raw.spki_sha256.as_ref().map(|pin| format!("key {pin}")),
            raw.fingerprint.as_ref().map(|pin| format!("finding {pin}")),
            raw.value.as_ref().map(|value| format!("value {}", sanitise::shortened(value, 64))),
        ];
        let about: Vec<String> = pins.into_iter().flatten().collect();
        rows.push(Row {
            age_days: ages.of(&layer.path, line),
            owners: owners.of_file(&FilePath::from_shown(&layer.path)).to_vec(),
            path: layer.path.clone(),
            line,
            kind: "waiver",
            rules: raw.rule.clone(),
            about: if about.is_empty() { "everything".to_owned() } else { about.join("; ") },
            reason: redact::message(&raw.reason).into_owned(),
            approved_by: raw.approved_by.clone(),
            expires: Some(raw.expires),
            days_left: Some(raw.expires.days_since(as_of)),
            findings: used.count(),
            broken: policy.broken_terms(&WaiverClaim::of(raw)),
        });
    }
    for ignore in &report.ignores {
        rows.push(Row {
            path: ignore.path.clone(),
            line: ignore.line,
            kind: "inline",
            rules: ignore.rules.join(", "),
            about: ignore.reach.to_owned(),
            reason: ignore.reason.clone(),
            approved_by: ignore.approved_by.clone(),
            expires: ignore.expires,
            days_left: ignore.expires.map(|day| day.days_since(as_of)),
            age_days: ages.of(&ignore.path, ignore.line),
            owners: owners.of_file(&FilePath::from_shown(&ignore.path)).to_vec(),
            findings: ignore.findings,
            broken: None,
        });
    }
    if let Some(baseline) = &policy.baseline {
        rows.push(Row {
            path: baseline.path.clone(),
            line: 1,
            kind: "baseline",
            rules: format!("{} entries", baseline.entries.len()),
            about: "findings that were there already".to_owned(),
            reason: String::new(),
            approved_by: None,
            expires: None,
            days_left: None,
            age_days: ages.of(&baseline.path, 1),
            owners: owners.of_file(&FilePath::from_shown(&baseline.path)).to_vec(),
            findings: report.summary.baselined,
            broken: None,
        });
    }
    if let Some(refused) = &ages.refused {
        tell(&format!("notice: it is not known how old these are: {refused}"));
    }
    rows.sort();
    match arguments.format {
        Prose::Json => out.text(&json::pretty(&rows)),
        Prose::Human => out.lines(&human(&rows)),
        Prose::Markdown => out.text(&markdown(&rows)),
    }
    for error in &report.errors {
        tell(&format!("error: {}: {}", error.path, error.message));
    }
    Ok(if report.errors.is_empty() { 0 } else { 3 })
}

/// When lines were written, file by file.
struct Ages<'a> {
    git: Option<Git>,
    tree: &'a DiskTree,
    known: HashMap<String, Vec<Option<i64>>>,
    as_of: Date,
    /// Why git did not tell, the first time.
    refused: Option<String>,
}

impl Ages<'_> {
    fn of(&mut self, path: &str, line: usize) -> Option<i64> {
        let git = self.git.as_ref()?;
        let (tree, refused) = (self.tree, &mut self.refused);
        let ask = || match times(git, tree, &FilePath::from_shown(path)) {
            Ok(times) => times,
            Err(error) => {
                if error.is_foreign() {
                    refused.get_or_insert(error.message);
                }
                Vec::new()
            }
        };
        let times = self.known.entry(path.to_owned()).or_insert_with(ask);
        let written = Date::of_unix((*times.get(line.checked_sub(1)?)?)?)?;
        Some(self.as_of.days_since(written).max(0))
    }
}

/// When each line that a file has on disk was committed; nothing for lines that are not. git is asked about the commit only.
fn times(git: &Git, tree: &DiskTree, path: &FilePath) -> Result<Vec<Option<i64>>, GitError> {
    let committed = git.line_times(path)?;
    let mut bytes = Vec::new();
    if !matches!(tree.read(path, SIZE_LIMIT, &mut bytes), Ok(Content::Whole)) {
        return Ok(Vec::new());
    }
    let trimmed = |line: &[u8]| line.trim_ascii_end().to_vec();
    let now: Vec<Vec<u8>> = bytes.split(|byte| *byte == b'\n').map(trimmed).collect();
    let then: Vec<Vec<u8>> = committed.iter().map(|committed| trimmed(&committed.line)).collect();
    let mut times = vec![None; now.len()];
    for same in similar::capture_diff_slices(similar::Algorithm::Patience, &then, &now) {
        if let similar::DiffOp::Equal { old_index, new_index, len } = same {
            for offset in 0..len {
                if let (Some(time), Some(when)) = (times.get_mut(new_index + offset), committed.get(old_index + offset))
                {
                    *time = when.time;
                }
            }
        }
    }
    Ok(times)
}

fn days(left: Option<i64>) -> String {
    match left {
        None => "no end".to_owned(),
        Some(days) if days < 0 => {
            format!("expired {} ago", several(days.unsigned_abs().try_into().unwrap_or(0), "day"))
        }
        Some(0) => "today is the last day".to_owned(),
        Some(1) => "1 day left".to_owned(),
        Some(days) => format!("{days} days left"),
    }
}

fn human(rows: &[Row]) -> String {
    let mut out = String::new();
    for row in rows {
        out.push_str(&sanitise::line(&format!(
            "{}:{}: {} {} for {}",
            row.path, row.line, row.kind, row.rules, row.about
        )));
        let mut facts: Vec<String> = row.broken.iter().map(|why| format!("does not hold: {why}")).collect();
        facts.push(days(row.days_left));
        facts.extend(
            row.age_days.map(|age| format!("written {} ago", several(usize::try_from(age).unwrap_or(0), "day"))),
        );
        facts.extend(row.approved_by.as_ref().map(|name| format!("accepted by {name}")));
        if !row.owners.is_empty() {
            facts.push(format!("owned by {}", row.owners.join(" ")));
        }
        facts.push(match row.findings {
            0 => "nothing needs it".to_owned(),
            count => several(count, "finding"),
        });
        out.push_str(&format!("\n    {}\n", sanitise::line(&facts.join("; "))));
        if !row.reason.is_empty() {
            out.push_str(&format!("    {}\n", sanitise::line(&row.reason)));
        }
    }
    let expired = rows.iter().filter(|row| row.days_left.is_some_and(|days| days < 0)).count();
    out.push_str(&format!("{} in all, {expired} expired\n", rows.len()));
    out
}

fn markdown(rows: &[Row]) -> String {
    let mut out = "| where | what | for | why | accepted by | days left | days old | owners | findings |\n".to_owned();
    out.push_str("| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for row in rows {
        let number = |days: Option<i64>| days.map(|days| days.to_string()).unwrap_or_default();
        let left = match (&row.broken, row.days_left) {
            (Some(why), _) => format!("does not hold: {why}"),
            (None, Some(left)) if left < 0 => days(Some(left)),
            (None, left) => number(left),
        };
        let cells = [
            format!("{}:{}", row.path, row.line),
            format!("{} {}", row.kind, row.rules),
            row.about.clone(),
            row.reason.clone(),
            row.approved_by.clone().unwrap_or_default(),
            left,
            number(row.age_days),
            row.owners.join(" "),
            row.findings.to_string(),
        ];
        let cells: Vec<String> = cells.iter().map(|cell| sanitise::markdown(cell)).collect();
        out.push_str(&format!("| {} |\n", cells.join(" | ")));
    }
    out
}
