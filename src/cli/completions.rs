//! `csrlint completions SHELL`: what a shell wants to know in order to complete csrlint's arguments.
//! Written from the arguments themselves, so that it is never behind them; no file is looked at.
//! Packages install what this prints; nothing here knows where.

use clap::{Args, ValueEnum};
use clap_complete::{Generator, Shell as Native};
use clap_complete_nushell::Nushell;

use super::{Outcome, Output};

/// Shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Shell {
    /// bash 4 or later, with bash-completion.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// PowerShell.
    #[value(name = "powershell")]
    Power,
    /// Elvish.
    Elvish,
    /// Nushell.
    Nushell,
}

#[derive(Debug, Args)]
pub(super) struct CompletionsArguments {
    /// The shell.
    #[arg(value_enum, value_name = "SHELL")]
    shell: Shell,
}

pub(super) fn run(arguments: &CompletionsArguments, out: &mut Output) -> Outcome {
    let native = match arguments.shell {
        Shell::Bash => Native::Bash,
        Shell::Zsh => Native::Zsh,
        Shell::Fish => Native::Fish,
        Shell::Power => Native::PowerShell,
        Shell::Elvish => Native::Elvish,
        Shell::Nushell => return written(&Nushell, out),
    };
    written(&native, out)
}

fn written(generator: &dyn Generator, out: &mut Output) -> Outcome {
    let mut command = super::command();
    command.set_bin_name("csrlint");
    command.build();
    generator.try_generate(&command, &mut out.buffer)?;
    Ok(0)
}
