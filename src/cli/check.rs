//! `csrlint check`: lint, report in any number of formats, and say by the exit code how it went.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::diff::States;
use super::fix::{self, Fixing};
use super::format::{Format, keep, output, render};
use super::progress::{CountedTree, Counts, during};
use super::workspace::{Workspace, threads};
use super::{Failure, Outcome, Output, PolicyArguments, statistics, tell, terminal};
use crate::engine::{Engine, Keep, RunOptions, SIZE_LIMIT};
use crate::fix::Applicability;
use crate::policy::Policy;
use crate::report::{human, several};
use crate::source::{Changes, FilePath, GitError, MemoryTree, ObjectId, Side, Tree};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files and directories; `-` is standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The name standard input goes by.
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    change: ChangeArguments,
    #[command(flatten)]
    policy: PolicyArguments,
    /// The format of standard output.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    format: Format,
    /// Also write a report of this format to a file; repeatable.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output, help_heading = "Output")]
    output: Vec<(Format, PathBuf)>,
    /// Where files are to be seen on the web, for links in Markdown: an address that `/PATH#Lnn` is put behind; known by
    /// itself in GitHub Actions and GitLab CI.
    #[arg(long, value_name = "URL", help_heading = "Output")]
    links: Option<String>,
    /// Also show findings that are waived, ignored or in the baseline, and why.
    #[arg(long, help_heading = "Output")]
    show_suppressed: bool,
    /// Without explanations and without word of the run.
    #[arg(short, long, help_heading = "Output")]
    quiet: bool,
    /// Also tell what could not be judged, what was waived, and which policy, profiles and files are used.
    #[arg(short, long, conflicts_with = "quiet", help_heading = "Output")]
    verbose: bool,
    /// Mend templates where that is mechanical and changes neither certificate nor key.
    #[arg(long, help_heading = "Repairs")]
    fix: bool,
    /// With --fix or --diff: also repairs that change the certificate or replace a key.
    #[arg(long, help_heading = "Repairs")]
    unsafe_fixes: bool,
    /// Print what --fix would change as a patch, and change nothing.
    #[arg(long, help_heading = "Repairs", conflicts_with = "fix")]
    diff: bool,
    /// Without the line that tells, on a terminal and after a second of work, how far the run is. CI gets none anyway.
    #[arg(long, help_heading = "Output")]
    no_progress: bool,
    /// After the report tell, on standard error: findings by rule, requests by format and key, time by phase.
    #[arg(long, help_heading = "Output")]
    statistics: bool,
    /// Worker threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

/// Which change; the whole tree is judged all the same, and what touches the change is told.
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes")]
struct ChangeArguments {
    /// Lint what would be committed, and tell what touches it: the index, not the files on disk.
    #[arg(long, conflicts_with_all = ["changed", "since", "fix", "diff"])]
    staged: bool,
    /// Tell what touches files that differ from HEAD, those git does not know included.
    #[arg(long, conflicts_with = "since")]
    changed: bool,
    /// Tell what touches files that changed since the history parted from this revision's, such as refs/remotes/origin/main.
    #[arg(long, value_name = "REV")]
    since: Option<String>,
}

impl ChangeArguments {
    fn flag(&self) -> Option<&'static str> {
        match (self.staged, self.changed, &self.since) {
            (true, ..) => Some("--staged"),
            (_, true, _) => Some("--changed"),
            (.., Some(_)) => Some("--since"),
            (false, false, None) => None,
        }
    }

    /// What is held against the revision that is compared with.
    fn side(&self) -> Side {
        if self.staged { Side::Index } else { Side::WorkingTree }
    }

    /// What changed, and since which commit, if that was asked.
    fn changes(&self, place: &Workspace, root: &Path) -> Result<Option<(ObjectId, Changes)>, Failure> {
        let Some(flag) = self.flag() else { return Ok(None) };
        place.must_be_repository(root, flag)?;
        let git = place.git()?;
        let told = |error: GitError| Failure::from(error.about(flag));
        let from = match &self.since {
            Some(revision) => {
                let (revision, head) = (git.resolve(revision).map_err(told)?, git.resolve("HEAD").map_err(told)?);
                git.merge_bases(&revision, &head).map_err(told)?
            }
            None => match git.resolve("HEAD") {
                Ok(head) => vec![head],
                // Before the first commit everything is new.
                Err(_) => vec![git.empty_tree().map_err(told)?],
            },
        };
        // Where two lines of history parted several times, what changed since any of those is of the change.
        let changes = from.iter().map(|from| git.changes(from, &self.side())).collect::<Result<Vec<_>, _>>();
        let first = from.into_iter().next().ok_or_else(|| Failure::Usage("nothing to compare with".to_owned()))?;
        Ok(Some((first, Changes::merged(changes.map_err(told)?))))
    }
}

pub(super) fn run(arguments: &CheckArguments, place: &Workspace, color: bool, out: &mut Output) -> Outcome {
    let started = Instant::now();
    let mut clock = statistics::Clock::new();
    let stdin = arguments.paths.iter().any(|path| path == Path::new("-"));
    if stdin && arguments.paths.len() > 1 {
        return Err(Failure::Usage("standard input cannot be linted together with other paths".to_owned()));
    }
    if arguments.stdin_filename.is_some() && !stdin {
        return Err(Failure::Usage("--stdin-filename names standard input; give `-` as the path".to_owned()));
    }
    if let Some(flag) = arguments.change.flag().filter(|_| stdin) {
        return Err(Failure::Usage(format!("{flag} is about files, and standard input is none")));
    }
    let index = if arguments.change.staged {
        let told = |error: GitError| Failure::from(error.about("--staged"));
        Some(place.git()?.index().map_err(told)?)
    } else {
        None
    };
    let (root, roots) = if stdin { place.tree(&[])? } else { place.tree_with(&arguments.paths, index.as_ref())? };
    let policy = place.policy(&root, &arguments.policy)?;
    let changes = arguments.change.changes(place, &root)?;
    clock.was("read the policy");
    let formats: Vec<Format> = arguments.output.iter().map(|(format, _)| *format).chain([arguments.format]).collect();
    // What is told beside the reports counts requests, too.
    let wanted = keep(&formats);
    let kept = Keep { requests: wanted.requests || arguments.statistics || arguments.verbose, ..wanted };
    let engine_of = |policy: Policy| {
        let engine = Engine::new(policy, kept);
        Ok::<_, Failure>(match place.base(&root, &arguments.policy, &arguments.change.side())? {
            Some(base) if !stdin => engine.with_base(base),
            Some(_) | None => engine,
        })
    };
    if arguments.verbose {
        statistics::policy(&policy, arguments.policy.policy_rev.as_deref()).iter().for_each(|line| tell(line));
    }
    let threads = threads(arguments.threads);
    let whole_tree =
        !stdin && roots.iter().any(|root| Path::new(&policy.base).starts_with(root.as_str()) || root.as_str() == ".");
    let options = RunOptions { threads, whole_tree, size_limit: SIZE_LIMIT };
    let mends = arguments.fix || arguments.diff;
    if arguments.unsafe_fixes && !mends {
        return Err(Failure::Usage("--unsafe-fixes goes with --fix or --diff".to_owned()));
    }
    if stdin && mends {
        return Err(Failure::Usage("standard input cannot be mended; name the file".to_owned()));
    }
    let counts = Counts::default();
    let disk = place.disk(&root, &roots);
    let tree: &dyn Tree = index.as_ref().map_or(&disk as &dyn Tree, |index| index);
    let tree = &CountedTree::new(tree, &counts);
    let progress = terminal::progress() && !arguments.no_progress && !arguments.quiet && !stdin;
    let mut unwritten = 0;
    let mut report = if mends {
        let fixing = Fixing {
            tree,
            changes: changes.as_ref().map(|(_, changes)| changes),
            root: &root,
            roots: &roots,
            options: &options,
            most: if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe },
            engine: &|| engine_of(place.policy(&root, &arguments.policy)?),
        };
        let fixed = during(&counts, progress, || fixing.run())?;
        if arguments.diff {
            let patch = fix::patch(&fixed.files);
            out.text(&patch.text);
            if patch.masked > 0 {
                out.afterwards.push(format!(
                    "csrlint: lines with secrets are masked ({}): this patch is for reading, and --fix writes what it shows",
                    patch.masked
                ));
            }
            let engine = engine_of(policy)?;
            during(&counts, progress, || engine.run(tree, &roots, &options))
        } else {
            unwritten = fixing.write(&fixed.files);
            if !arguments.quiet {
                let more = match fixed.held_back {
                    0 => String::new(),
                    count => format!("; {count} more with --unsafe-fixes"),
                };
                tell(&format!(
                    "csrlint: mended {} in {}{more}",
                    several(fixed.mended, "finding"),
                    several(fixed.files.len(), "file")
                ));
            }
            fixed.report
        }
    } else if stdin {
        let engine = engine_of(policy)?;
        let name = arguments
            .stdin_filename
            .clone()
            .map_or_else(|| PathBuf::from("<stdin>"), |path| place.directory.join(path));
        let path = FilePath::new(name.strip_prefix(&root).unwrap_or(&name));
        let mut bytes = Vec::new();
        std::io::stdin().lock().read_to_end(&mut bytes)?;
        let memory = MemoryTree::new().with_file(path.clone(), bytes);
        engine.run(&CountedTree::new(&memory, &counts), &[path], &options)
    } else {
        let engine = engine_of(policy)?;
        during(&counts, progress, || engine.run(tree, &roots, &options))
    };
    if formats.contains(&Format::Markdown) {
        report.run.links = links(arguments);
        // Since when: what was asked, else the state that the policy is of.
        let from = match &changes {
            Some((from, _)) => {
                Some((from.clone(), arguments.change.since.clone().unwrap_or_else(|| "HEAD".to_owned())))
            }
            None => place
                .policy_revision(&arguments.policy)?
                .map(|revision| (revision.commit.clone(), revision.name.clone())),
        };
        if let Some((from, name)) = from.filter(|_| !stdin) {
            let side = arguments.change.side();
            let newer = if arguments.change.staged { "the index" } else { "this change" };
            let states = States { place, root: &root, roots: &roots, git: &place.git()?, threads: options.threads };
            report.comparison = Some(states.compared_with(&from, (&name, newer), &arguments.policy, &side, &report)?);
        }
    }
    if let Some((_, changes)) = &changes {
        report.narrow(changes);
        report.notices.extend(changes.notices.iter().cloned());
    }
    clock.was_two("list, read and judge", counts.walked(), "compare, and judge costly keys");
    let suppressed = arguments.show_suppressed;
    let links = terminal::links(color);
    let style = human::Style { suppressed, links, ..terminal::style(color, arguments.verbose, arguments.quiet) };
    let mut code = if unwritten > 0 { 3 } else { report.exit_code() };
    let mut notices = report.notices.clone();
    for (format, path) in &arguments.output {
        // A report in a file is the same wherever it is made: no colours, no terminal's width.
        let plain =
            human::Style { verbose: arguments.verbose, quiet: arguments.quiet, suppressed, ..human::Style::default() };
        let (text, more) = render(&report, *format, &plain);
        notices.extend(more);
        if let Err(failure) = place.write(path, text.as_bytes()) {
            // The other reports are written all the same.
            failure.tell();
            code = 3;
        }
    }
    if !arguments.diff {
        let (text, more) = render(&report, arguments.format, &style);
        notices.extend(more);
        out.text(&text);
    }
    if !arguments.quiet {
        for notice in &notices {
            tell(&format!("notice: {notice}"));
        }
        if arguments.verbose {
            tell(&statistics::files(&report, &counts, threads));
        }
        tell(&format!(
            "csrlint {}: {} in {:.0?}",
            report.run.version,
            several(report.summary.files, "file"),
            started.elapsed()
        ));
    }
    if arguments.statistics {
        clock.was("make reports");
        out.afterwards.extend(statistics::table(&report, &clock).lines().map(str::to_owned));
    }
    Ok(code)
}

/// Where the files of this commit are to be seen: what the user says, else what the CI system says of itself.
#[allow(
    clippy::disallowed_methods,
    reason = "CI systems tell by variables which commit of which repository they are at"
)]
fn links(arguments: &CheckArguments) -> Option<String> {
    let known = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let github = || {
        let (server, repository) = (known("GITHUB_SERVER_URL")?, known("GITHUB_REPOSITORY")?);
        Some(format!("{server}/{repository}/blob/{}", known("GITHUB_SHA")?))
    };
    let gitlab = || Some(format!("{}/-/blob/{}", known("CI_PROJECT_URL")?, known("CI_COMMIT_SHA")?));
    let is_address = |text: &String| {
        (text.starts_with("https://") || text.starts_with("http://"))
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~:/%@+".contains(&byte))
    };
    let named = arguments.links.as_ref().map(|address| address.trim_end_matches('/').to_owned());
    named.or_else(github).or_else(gitlab).filter(is_address)
}
