//! `csrlint init`: a commented policy to start from.

use std::fs::OpenOptions;
use std::io::Write as _;

use clap::Args;

use super::{Failure, Outcome, Output, workspace::Workspace};

const TEMPLATE: &str = include_str!("init.yaml");

#[derive(Debug, Args)]
pub(super) struct InitArguments {
    /// Print the policy instead of writing it.
    #[arg(long)]
    stdout: bool,
}

pub(super) fn run(arguments: &InitArguments, place: &Workspace, out: &mut Output) -> Outcome {
    if arguments.stdout {
        out.text(TEMPLATE);
        return Ok(0);
    }
    let path = place.directory.join("csrlint.yaml");
    // Never over a policy that is there.
    let mut file = OpenOptions::new().write(true).create_new(true).open(&path).map_err(|error| {
        Failure::Usage(match error.kind() {
            std::io::ErrorKind::AlreadyExists => {
                "csrlint.yaml is there already, and is left alone; --stdout prints what would be written".to_owned()
            }
            _ => format!("csrlint.yaml: {error}"),
        })
    })?;
    file.write_all(TEMPLATE.as_bytes())?;
    out.text("wrote csrlint.yaml; `csrlint check` uses it from now on\n");
    Ok(0)
}
