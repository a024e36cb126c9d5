//! The command line: one file a subcommand. Arguments in, calls of the library, text out.
//! Reports go to standard output; everything about the run goes to standard error.
//! This is the only room that knows the working directory, the clock and the terminal.

mod baseline;
mod blocklist;
mod check;
mod completions;
mod config;
mod diff;
mod explain;
mod fix;
mod forecast;
mod format;
mod init;
mod inspect;
mod man;
mod policy;
mod progress;
mod rules;
mod schema;
mod statistics;
mod terminal;
mod test;
mod waivers;
mod workspace;

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, CommandFactory as _, Parser, Subcommand, ValueEnum};

pub use schema::schemas;
pub use test::{ExampleFailure, run_examples};

use crate::check::Date;
use crate::policy::{FailOn, PolicyError};

/// Lint certificate signing requests before a CA sees them.
#[derive(Debug, Parser)]
#[command(name = "csrlint", about, long_about = None, max_term_width = 100, arg_required_else_help = true)]
#[command(subcommand_negates_reqs = true, args_conflicts_with_subcommands = false)]
struct Arguments {
    /// Print the version.
    #[arg(short = 'V', long, required = true)]
    version: bool,
    /// With --version: also which registries are compiled in, and of which day.
    #[arg(long, requires = "version")]
    verbose: bool,
    /// Stand in this directory.
    #[arg(short = 'C', value_name = "DIR", global = true)]
    directory: Option<PathBuf>,
    /// When to use colours.
    #[arg(long, value_enum, default_value = "auto", global = true)]
    color: When,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lint requests in files and directories.
    Check(Box<check::CheckArguments>),
    /// Tell what changed in the requests between two revisions, and what that does to findings.
    Diff(Box<diff::DiffArguments>),
    /// Tell when today's requests stop passing, profile by profile.
    Forecast(Box<forecast::ForecastArguments>),
    /// Keep the findings that are there already apart from new ones.
    Baseline(Box<baseline::BaselineArguments>),
    /// List what is waived, ignored and in the baseline: why, by whom, how long still.
    Waivers(Box<waivers::WaiversArguments>),
    /// Make lists of keys that must not be used.
    Blocklist(blocklist::BlocklistArguments),
    /// Decode requests.
    Inspect(inspect::InspectArguments),
    /// Tell everything about a rule.
    Explain(explain::ExplainArguments),
    /// List the rules.
    Rules(rules::RulesArguments),
    /// List the profiles, or one profile's rules.
    Profiles(rules::ProfilesArguments),
    /// Write a commented csrlint.yaml.
    Init(init::InitArguments),
    /// Show the effective configuration and where each value comes from.
    Config(config::ConfigArguments),
    /// Print a JSON Schema.
    Schema(schema::SchemaArguments),
    /// Run the examples in rule files.
    Test(test::TestArguments),
    /// Print what a shell needs in order to complete arguments.
    Completions(completions::CompletionsArguments),
    /// Print csrlint(1), or write all pages of the manual.
    Man(man::ManArguments),
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum When {
    /// On a terminal, unless NO_COLOR says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// Which policy, profiles and rules.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Rules")]
struct PolicyArguments {
    /// Use this policy.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    config: Option<PathBuf>,
    /// Use no policy.
    #[arg(long)]
    isolated: bool,
    /// Put this policy under the repository's: the organisation's layer; repeatable, the lowest first.
    #[arg(long, value_name = "FILE", conflicts_with = "isolated")]
    extends: Vec<PathBuf>,
    /// Take the policy and all that it names from this revision, so that a change cannot weaken what judges it: the id of a
    /// commit, or a name in full such as refs/remotes/origin/main.
    #[arg(long, value_name = "REV", conflicts_with = "isolated")]
    policy_rev: Option<String>,
    /// Set aside the findings of this baseline instead of the policy's.
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Use this profile instead of the policy's; repeatable.
    #[arg(long, value_name = "NAME")]
    profile: Vec<String>,
    /// Run only this rule, or this family as far as the profiles have it; repeatable.
    #[arg(long, value_name = "RULE")]
    select: Vec<String>,
    /// Leave out this rule or family; repeatable.
    #[arg(long, value_name = "RULE")]
    ignore: Vec<String>,
    /// Judge as if nothing were waived, ignored or in a baseline.
    #[arg(long)]
    no_ignores: bool,
    /// Judge as on this day.
    #[arg(long, value_name = "DATE")]
    as_of: Option<Date>,
    /// The lowest severity that ends in exit code 1 [default: warning].
    #[arg(long, value_enum, value_name = "SEVERITY")]
    fail_on: Option<FailOn>,
    /// Also run costly checks: milliseconds for each key.
    #[arg(long)]
    deep: bool,
    /// Also look keys up in this list: badkeys' blocklist.dat, or a text with the SHA-256 of one SubjectPublicKeyInfo a
    /// line; repeatable.
    #[arg(long, value_name = "FILE")]
    blocklist: Vec<PathBuf>,
}

/// What ends a command early.
enum Failure {
    /// Wrong use, or a configuration that cannot be trusted: exit code 2.
    Usage(String),
    /// The same, with places.
    Policy(Vec<PolicyError>),
    /// Something that could not be read or written: exit code 3.
    Io(String),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::Io(error.to_string())
    }
}

impl Failure {
    /// Tells of it where the command goes on.
    fn tell(&self) {
        report_failure(self, false);
    }
}

/// The result of a command: its exit code.
type Outcome = Result<u8, Failure>;

/// Runs the program. The only place that decides on exit codes: 2 beats 3 beats 1.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let stdout = io::stdout();
    let mut out = Output { buffer: Vec::new(), afterwards: Vec::new() };
    let color = terminal::color(arguments.color, &stdout);
    let result = run(&arguments, color, &mut out);
    // Whoever closed the pipe has read enough.
    let written = stdout.lock().write_all(&out.buffer).and_then(|()| stdout.lock().flush());
    out.afterwards.iter().for_each(|line| tell(line));
    let code = match (result, written) {
        (Err(failure), _) => report_failure(&failure, terminal::color(arguments.color, &io::stderr())),
        (Ok(_), Err(error)) if error.kind() != io::ErrorKind::BrokenPipe => {
            tell(&format!("error: standard output: {error}"));
            3
        }
        (Ok(code), _) => code,
    };
    ExitCode::from(code)
}

/// What goes to standard output, written at once at the end.
struct Output {
    buffer: Vec<u8>,
    /// Lines about the run that go to standard error when that is done.
    afterwards: Vec<String>,
}

impl Output {
    /// Text whose own form keeps it from acting: a report, JSON, PEM.
    fn text(&mut self, text: &str) {
        self.buffer.extend_from_slice(text.as_bytes());
    }

    /// Lines for people, which may land in the log of a runner that obeys some of them.
    fn lines(&mut self, text: &str) {
        self.text(&crate::report::sanitise::log(text));
    }
}

/// One line about the run, to standard error.
fn tell(line: &str) {
    use crate::report::sanitise;
    // Where nobody listens, nothing is lost.
    let _ = writeln!(io::stderr(), "{}", sanitise::log(&sanitise::line(&crate::redact::message(line))));
}

fn run(arguments: &Arguments, color: bool, out: &mut Output) -> Outcome {
    let Some(command) = arguments.command.as_ref().filter(|_| !arguments.version) else {
        out.lines(&version(arguments.verbose));
        return Ok(0);
    };
    let place = workspace::Workspace::new(arguments.directory.as_deref())?;
    match command {
        Command::Check(check) => check::run(check, &place, color, out),
        Command::Diff(diff) => diff::run(diff, &place, out),
        Command::Forecast(forecast) => forecast::run(forecast, &place, out),
        Command::Baseline(baseline) => baseline::run(baseline, &place, out),
        Command::Waivers(waivers) => waivers::run(waivers, &place, out),
        Command::Blocklist(blocklist) => blocklist::run(blocklist, &place, out),
        Command::Inspect(inspect) => inspect::run(inspect, &place, out),
        Command::Explain(explain) => explain::run(explain, &place, out),
        Command::Rules(rules) => rules::rules(rules, &place, out),
        Command::Profiles(profiles) => rules::profiles(profiles, out),
        Command::Init(init) => init::run(init, &place, out),
        Command::Config(config) => config::run(config, &place, out),
        Command::Schema(schema) => schema::run(schema, out),
        Command::Test(test) => test::run(test, &place, out),
        Command::Completions(completions) => completions::run(completions, out),
        Command::Man(man) => man::run(man, &place, out),
    }
}

/// The arguments as data.
fn command() -> clap::Command {
    Arguments::command()
}

/// The version; with the registries that names are held against.
fn version(verbose: bool) -> String {
    let mut text = format!("csrlint {}\n", env!("CARGO_PKG_VERSION"));
    if verbose {
        for (registry, state) in crate::names::registries() {
            text.push_str(&format!("{registry}: {state}\n"));
        }
        let (keys, sources) = crate::lists::shipped_count();
        text.push_str(&format!("published and weakly generated keys: {keys} from {sources} sources\n"));
    }
    text
}

fn report_failure(failure: &Failure, color: bool) -> u8 {
    match failure {
        Failure::Usage(message) => {
            tell(&format!("error: {message}"));
            2
        }
        Failure::Policy(errors) => {
            let style = terminal::style(color, false, false);
            // A flag has no place in a file.
            let (placed, flags): (Vec<&PolicyError>, Vec<&PolicyError>) =
                errors.iter().partition(|error| !error.path.is_empty());
            flags.iter().for_each(|error| tell(&format!("error: {}", error.message)));
            let _ = write!(io::stderr(), "{}", crate::report::human::policy_errors(placed, &style));
            2
        }
        Failure::Io(message) => {
            tell(&format!("error: {message}"));
            3
        }
    }
}
