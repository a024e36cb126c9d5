//! `csrlint check`: lint, report in any number of formats, and say by the exit code how it went.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;

use super::fix::{self, Fixing};
use super::format::{Format, keep, output, render};
use super::{Failure, Outcome, Output, PolicyArguments, tell, terminal, workspace::Workspace};
use crate::engine::{Engine, RunOptions, SIZE_LIMIT};
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
    /// Also tell what could not be judged, what was waived, and which policy is used.
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
    /// Accepted for hooks; csrlint draws no progress bar.
    #[arg(long, help_heading = "Output")]
    no_progress: bool,
    /// Worker threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

pub(super) fn run(arguments: &CheckArguments, place: &Workspace, color: bool, out: &mut Output) -> Outcome {
    let started = Instant::now();
    let stdin = arguments.paths.iter().any(|path| path == Path::new("-"));
    if stdin && arguments.paths.len() > 1 {
        return Err(Failure::Usage("standard input cannot be linted together with other paths".to_owned()));
    }
    if arguments.stdin_filename.is_some() && !stdin {
        return Err(Failure::Usage("--stdin-filename names standard input; give `-` as the path".to_owned()));
    }
    let (root, roots) = if stdin { place.tree(&[])? } else { place.tree(&arguments.paths)? };
    let policy = place.policy(&root, &arguments.policy)?;
    if arguments.verbose {
        match &policy.path {
            Some(path) => tell(&format!("csrlint: policy {path}")),
            None => tell(&format!("csrlint: no policy; profiles {}", policy.profiles().join(", "))),
        }
    }
    let formats: Vec<Format> = arguments.output.iter().map(|(format, _)| *format).chain([arguments.format]).collect();
    let keep = keep(&formats);
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
    let disk = DiskTree::new(&root);
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
        let fixed = fixing.run()?;
        if arguments.diff {
            out.text(&fix::patch(&fixed.files));
            let engine = Engine::new(policy, keep);
            engine.run(&disk, &roots, &options)
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
        engine.run(&MemoryTree::new().with_file(path.clone(), bytes), &[path], &options)
    } else {
        Engine::new(policy, keep).run(&disk, &roots, &options)
    };
    let style = terminal::style(color, arguments.verbose, arguments.quiet);
    let mut code = if unwritten > 0 { 3 } else { report.exit_code() };
    let mut notices = report.notices.clone();
    for (format, path) in &arguments.output {
        // A report in a file is the same wherever it is made: no colours, no terminal's width.
        let plain = human::Style { verbose: arguments.verbose, quiet: arguments.quiet, ..human::Style::default() };
        let (text, more) = render(&report, *format, &plain);
        notices.extend(more);
        if let Err(error) = std::fs::write(place.directory.join(path), text) {
            // The other reports are written all the same.
            tell(&format!("error: {}: {error}", path.display()));
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
        tell(&format!("csrlint {}: {} files in {:.0?}", report.run.version, report.summary.files, started.elapsed()));
    }
    Ok(code)
}
