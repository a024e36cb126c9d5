//! `csrlint man [DIR]`: the manual, one page a subcommand, written from the arguments themselves.
//! Without DIR csrlint(1) is printed; with it all pages are written there. No page has a date: the same csrlint writes the same pages.
//! What arguments do not tell, exit codes and files, is added here.

use std::path::PathBuf;

use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::{Failure, Outcome, Output, workspace::Workspace};

#[derive(Debug, Args)]
pub(super) struct ManArguments {
    /// Write csrlint.1, csrlint-check.1 and all others into this directory, which is made if need be; without it csrlint(1)
    /// is printed.
    #[arg(value_name = "DIR")]
    into: Option<PathBuf>,
}

/// What the exit codes mean.
const EXIT_CODES: [(&str, &str); 4] = [
    ("0", "no finding at or above the threshold (--fail-on, or the policy's)"),
    ("1", "findings at or above it"),
    ("2", "wrong use, or a policy or rule that cannot be trusted"),
    ("3", "something could not be read or judged as it should, or csrlint itself failed; the rest is still reported"),
];

/// What is read without being named.
const FILES: [(&str, &str); 1] = [(
    "csrlint.yaml, .csrlint.yaml, .github/csrlint.yaml",
    "the policy: the first of them from the working directory up to the root of the repository",
)];

pub(super) fn run(arguments: &ManArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let mut command = super::command().disable_help_subcommand(true);
    command.build();
    let Some(directory) = &arguments.into else {
        out.buffer.extend(page(&command)?);
        return Ok(0);
    };
    let told = |error| Failure::Io(format!("{}: {error}", directory.display()));
    std::fs::create_dir_all(place.directory.join(directory)).map_err(told)?;
    let mut left = vec![&command];
    while let Some(next) = left.pop() {
        left.extend(next.get_subcommands().filter(|command| !command.is_hide_set()));
        let path = directory.join(format!("{}.1", name(next)));
        place.write(&path, &page(next)?)?;
    }
    Ok(0)
}

/// `csrlint-blocklist-build`.
fn name(command: &Command) -> &str {
    command.get_display_name().unwrap_or_else(|| command.get_name())
}

fn page(command: &Command) -> Result<Vec<u8>, Failure> {
    let version = env!("CARGO_PKG_VERSION");
    let man = Man::new(command.clone()).source(format!("csrlint {version}")).manual("csrlint").date(" ");
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if command.has_subcommands() {
        man.render_subcommands_section(&mut page)?;
    }
    let mut more = Roff::default();
    let mut table = |title: &str, rows: &[(&str, &str)]| {
        more.control("SH", [title]);
        for (term, meaning) in rows {
            more.control("TP", []);
            more.text([bold(*term)]);
            more.text([roman(*meaning)]);
        }
    };
    if matches!(command.get_name(), "csrlint" | "check") {
        table("EXIT STATUS", &EXIT_CODES);
        table("FILES", &FILES);
    }
    if command.get_name() == "csrlint" {
        table("SEE ALSO", &[("https://github.com/csrlint/csrlint", "rules, profiles and how to use csrlint in CI")]);
    }
    more.to_writer(&mut page)?;
    Ok(page)
}
