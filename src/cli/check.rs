//! `csrlint check`: lint, report in any number of formats, and say by the exit code how it went.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::fix::{self, Fixing};
use super::format::{Format, output, render};
use super::progress::{CountedTree, Counts, during};
use super::{Failure, Outcome, Output, PolicyArguments, statistics, tell, terminal, workspace::Workspace};
use crate::engine::{Engine, Keep, RunOptions, SIZE_LIMIT};
use crate::fix::Applicability;
use crate::report::human;
use crate::source::{DiskTree, FilePath, MemoryTree};

#[derive(Debug, Args)]
pub(super) struct CheckArguments {
    /// Files and directories; `-` is standard input.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    /// The name standard input goes by.
    #[arg(long, value_name = "PATH")]
    stdin_filename: Option<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
    /// The format of standard output.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    format: Format,
    /// Also write a report of this format to a file; repeatable.
    #[arg(long, value_name = "FORMAT=FILE", value_parser = output, help_heading = "Output")]
    output: Vec<(Format, PathBuf)>,
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
    let (root, roots) = if stdin { place.tree(&[])? } else { place.tree(&arguments.paths)? };
    let policy = place.policy(&root, &arguments.policy)?;
    clock.was("read the policy");
    if arguments.verbose {
        statistics::policy(&policy).iter().for_each(|line| tell(line));
    }
    let formats = || arguments.output.iter().map(|(format, _)| *format).chain(std::iter::once(arguments.format));
    let keep = Keep {
        requests: arguments.verbose || arguments.statistics || formats().any(|format| format == Format::Json),
        shown: formats().any(|format| format == Format::Human),
        outcomes: formats().any(|format| matches!(format, Format::Evidence | Format::EvidenceMarkdown)),
    };
    let threads =
        arguments.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
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
    let disk = DiskTree::new(&root);
    let disk = CountedTree::new(&disk, &counts);
    let progress = terminal::progress() && !arguments.no_progress && !arguments.quiet && !stdin;
    let mut unwritten = 0;
    let report = if mends {
        let fixing = Fixing {
            tree: &disk,
            root: &root,
            roots: &roots,
            options: &options,
            most: if arguments.unsafe_fixes { Applicability::Unsafe } else { Applicability::Safe },
            engine: &|| Ok(Engine::new(place.policy(&root, &arguments.policy)?, keep)),
        };
        let fixed = during(&counts, progress, || fixing.run())?;
        if arguments.diff {
            out.text(&fix::patch(&fixed.files));
            let engine = Engine::new(policy, keep);
            during(&counts, progress, || engine.run(&disk, &roots, &options))
        } else {
            unwritten = fixing.write(&fixed.files);
            if !arguments.quiet {
                let more = match fixed.held_back {
                    0 => String::new(),
                    count => format!("; {count} more with --unsafe-fixes"),
                };
                tell(&format!("csrlint: mended {} findings in {} files{more}", fixed.mended, fixed.files.len()));
            }
            fixed.report
        }
    } else if stdin {
        let engine = Engine::new(policy, keep);
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
        let engine = Engine::new(policy, keep);
        during(&counts, progress, || engine.run(&disk, &roots, &options))
    };
    clock.was_two("list, read and judge", counts.walked(), "compare, and judge costly keys");
    let style = terminal::style(color, terminal::links(color), arguments.verbose, arguments.quiet);
    let mut code = if unwritten > 0 { 3 } else { report.exit_code() };
    for (format, path) in &arguments.output {
        // A report in a file is the same wherever it is made: no colours, no terminal's width.
        let plain = human::Style { verbose: arguments.verbose, quiet: arguments.quiet, ..human::Style::default() };
        if let Err(error) = std::fs::write(place.directory.join(path), render(&report, *format, &plain)) {
            // The other reports are written all the same.
            tell(&format!("error: {}: {error}", path.display()));
            code = 3;
        }
    }
    if !arguments.diff {
        out.text(&render(&report, arguments.format, &style));
    }
    if !arguments.quiet {
        for notice in &report.notices {
            tell(&format!("notice: {notice}"));
        }
        if arguments.verbose {
            tell(&statistics::files(&report, &counts, threads));
        }
        tell(&format!("csrlint {}: {} files in {:.0?}", report.run.version, report.summary.files, started.elapsed()));
    }
    if arguments.statistics {
        clock.was("make reports");
        for line in statistics::table(&report, &clock).lines() {
            tell(line);
        }
    }
    Ok(code)
}
