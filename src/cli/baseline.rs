//! `csrlint baseline`: writes down what is there already, takes out what is gone, shows what is in it.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::workspace::{Workspace, threads};
use super::{Failure, Outcome, Output, PolicyArguments, tell};
use crate::engine::{Engine, Keep, RunOptions, SIZE_LIMIT};
use crate::policy::{Baseline, BaselineEntry, render_baseline};
use crate::report::{Report, json, sanitise, several};

/// The name of a baseline where the policy names none.
const NAME: &str = "csrlint-baseline.json";

#[derive(Debug, Args)]
pub(super) struct BaselineArguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Write all findings of now to a new baseline. What an existing one has does not hide any.
    Write(WriteArguments),
    /// Take out the entries that no finding needs any more. None is added.
    Prune(Common),
    /// Show the entries, and which of them no finding needs any more.
    Show(ShowArguments),
}

#[derive(Debug, Args)]
struct Common {
    /// Files and directories.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
}

#[derive(Debug, Args)]
struct WriteArguments {
    #[command(flatten)]
    common: Common,
    /// Replace a baseline that is there: findings that are new since then are accepted, too.
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
struct ShowArguments {
    #[command(flatten)]
    common: Common,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line an entry.
    Human,
    /// An array.
    Json,
}

pub(super) fn run(arguments: &BaselineArguments, place: &Workspace, out: &mut Output) -> Outcome {
    match &arguments.action {
        Action::Write(write) => self::write(write, place),
        Action::Prune(common) => prune(common, place),
        Action::Show(show) => self::show(show, place, out),
    }
}

/// Runs over all that is asked for, with the baseline or as if there were none.
fn lint(common: &Common, place: &Workspace, with_baseline: bool) -> Result<(Report, Engine), Failure> {
    let (root, roots) = place.tree(&common.paths)?;
    // A baseline that is not there yet must not stand in the way of writing it.
    let policy = if with_baseline {
        place.policy(&root, &common.policy)?
    } else {
        place.policy_without_baseline(&root, &common.policy)?
    };
    let engine = Engine::new(policy, Keep::default());
    let options = RunOptions { threads: threads(None), whole_tree: true, size_limit: SIZE_LIMIT };
    let report = engine.run(&place.disk(&root, &roots), &roots, &options);
    for error in &report.errors {
        tell(&format!("error: {}: {}", error.path, error.message));
    }
    Ok((report, engine))
}

/// The file: what the command line says, else what the policy says, else the usual one.
fn file_of(common: &Common, place: &Workspace, engine: &Engine) -> Result<PathBuf, Failure> {
    if let Some(path) = &common.policy.baseline {
        return Ok(place.directory.join(path));
    }
    let (root, _) = place.tree(&common.paths)?;
    Ok(match engine.policy().baseline_path() {
        Some(path) => root.join(path),
        None => place.directory.join(NAME),
    })
}

fn write(arguments: &WriteArguments, place: &Workspace) -> Outcome {
    let (report, engine) = lint(&arguments.common, place, false)?;
    let path = file_of(&arguments.common, place, &engine)?;
    if arguments.common.policy.baseline.is_none() {
        // What the policy says is not the user's word: it must not lead elsewhere, nor over something else.
        let folder = path.parent().and_then(|folder| folder.canonicalize().ok());
        let top = place.repository.as_ref().unwrap_or(&place.directory);
        if !folder.is_some_and(|folder| folder.starts_with(top)) || path.is_symlink() {
            return Err(Failure::Usage(format!(
                "{}: the baseline of the policy leads out of the repository; --baseline may name such a file",
                path.display()
            )));
        }
    }
    if arguments.force && path.exists() {
        let shown = path.display().to_string();
        let is_baseline = super::policy::read_file(&path, shown).is_ok_and(|file| Baseline::parse(&file).is_ok());
        if !is_baseline {
            return Err(Failure::Usage(format!("{}: this is no baseline, and is left alone", path.display())));
        }
    }
    if path.exists() && !arguments.force {
        return Err(Failure::Usage(format!(
            "{}: there is a baseline already; `csrlint baseline prune` takes out what is gone, and --force accepts what is new",
            path.display()
        )));
    }
    let policy = engine.policy();
    // What is odd about the configuration is mended there.
    let wanted = report.open_findings().filter(|finding| finding.rule.family() != "config");
    let (kept, refused): (Vec<_>, Vec<_>) = wanted.partition(|finding| policy.may_ignore(&finding.rule.id));
    let entries: Vec<BaselineEntry> = kept
        .iter()
        .map(|finding| BaselineEntry {
            path: finding.path.as_str().to_owned(),
            rule: finding.rule.id.clone(),
            place: sanitise::line(&finding.place).into_owned(),
            fingerprint: finding.fingerprint.clone(),
        })
        .collect();
    let count = entries.len();
    place.write(&path, render_baseline(entries).as_bytes())?;
    tell(&format!("csrlint: {} with {}", path.display(), several(count, "finding")));
    if !refused.is_empty() {
        tell(&format!("notice: not in it: {} of rules that may not be waived", several(refused.len(), "finding")));
    }
    if policy.baseline_path().is_none() && arguments.common.policy.baseline.is_none() {
        tell(&format!("notice: write `baseline: {NAME}` into the policy, or give --baseline {NAME} to check"));
    }
    Ok(if report.errors.is_empty() { 0 } else { 3 })
}

fn existing(common: &Common, place: &Workspace) -> Result<(Report, Engine, PathBuf), Failure> {
    // The usual name is enough.
    let usual = place.directory.join(NAME);
    let (report, mut engine) = lint(common, place, true)?;
    if engine.policy().baseline.is_none() && usual.is_file() {
        let policy = PolicyArguments { baseline: Some(PathBuf::from(NAME)), ..common.policy.clone() };
        let common = Common { paths: common.paths.clone(), policy };
        let (report, again) = lint(&common, place, true)?;
        engine = again;
        return Ok((report, engine, usual));
    }
    if engine.policy().baseline.is_none() {
        return Err(Failure::Usage(format!("there is no baseline; `csrlint baseline write` makes {NAME}")));
    }
    let path = file_of(common, place, &engine)?;
    Ok((report, engine, path))
}

fn prune(common: &Common, place: &Workspace) -> Outcome {
    if common.paths != [PathBuf::from(".")] {
        return Err(Failure::Usage(
            "prune looks at everything: what was not looked at would seem to be gone".to_owned(),
        ));
    }
    let (report, engine, path) = existing(common, place)?;
    if !report.errors.is_empty() {
        return Err(Failure::Io("not everything could be judged, so nothing was taken out".to_owned()));
    }
    let Some(baseline) = &engine.policy().baseline else { return Ok(0) };
    let stale: Vec<&BaselineEntry> = baseline.stale().map(|(entry, _)| entry).collect();
    let kept: Vec<BaselineEntry> = baseline.entries.iter().filter(|entry| !stale.contains(entry)).cloned().collect();
    if !stale.is_empty() {
        place.write(&path, render_baseline(kept.clone()).as_bytes())?;
    }
    tell(&format!("csrlint: {} taken out, {} kept", several(stale.len(), "entry"), kept.len()));
    Ok(0)
}

fn show(arguments: &ShowArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (_, engine, _) = existing(&arguments.common, place)?;
    let Some(baseline) = &engine.policy().baseline else { return Ok(0) };
    let stale: Vec<&BaselineEntry> = baseline.stale().map(|(entry, _)| entry).collect();
    match arguments.format {
        Format::Json => {
            let entries: Vec<_> = baseline.entries.iter().map(|entry| shown(baseline, entry, &stale)).collect();
            out.text(&json::pretty(&entries));
        }
        Format::Human => {
            for entry in &baseline.entries {
                let gone = if stale.contains(&entry) { "  (gone)" } else { "" };
                out.lines(&sanitise::lines(&format!("{}: {} at {}{gone}\n", entry.path, entry.rule, entry.place)));
            }
            out.lines(&format!("{}, {} gone\n", several(baseline.entries.len(), "entry"), stale.len()));
        }
    }
    Ok(0)
}

fn shown(baseline: &Baseline, entry: &BaselineEntry, stale: &[&BaselineEntry]) -> serde_json::Value {
    serde_json::json!({
        "path": entry.path,
        "rule": entry.rule,
        "place": entry.place,
        "fingerprint": entry.fingerprint,
        "line": baseline.line_of(entry),
        "gone": stale.contains(&entry),
    })
}
