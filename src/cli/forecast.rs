//! `csrlint forecast`: when today's requests stop passing, profile by profile.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::workspace::{Workspace, threads};
use super::{Failure, Outcome, Output, PolicyArguments, tell};
use crate::catalogue::{Catalogue, Profile, Severity};
use crate::check::Date;
use crate::forecast::{self, Outlook};
use crate::policy::{FailOn, Policy, Selection};
use crate::report::forecast as render;
use crate::source::{FilePath, WalkOptions};

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table for people.
    Table,
    /// JSON.
    Json,
    /// A timeline as SVG, which needs nothing but itself.
    Svg,
}

#[derive(Debug, Args)]
pub(super) struct ForecastArguments {
    /// Files and directories.
    #[arg(value_name = "PATH", default_value = ".")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
    /// The format of standard output.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "table")]
    format: Format,
    /// Also write a timeline to this file.
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Name every request in the table.
    #[arg(long)]
    requests: bool,
    /// Worker threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

pub(super) fn run(arguments: &ForecastArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (root, roots) = place.tree(&arguments.paths)?;
    let today = arguments.policy.as_of.unwrap_or_else(super::workspace::today);
    let policy = place.policy(&root, &arguments.policy)?;
    let mut outlooks = Vec::new();
    // The organisation's own policy comes first, where it has one.
    if policy.path.is_some() && arguments.policy.profile.is_empty() {
        let days = policy.turning_points().into_iter().filter(|day| *day > today);
        let policies = std::iter::once(today)
            .chain(days)
            .map(|day| place.policy_on(&root, &arguments.policy, day))
            .collect::<Result<_, _>>()?;
        outlooks.push(Outlook { name: "policy".to_owned(), title: "the policy of this tree".to_owned(), policies });
    }
    let catalogue = Catalogue::shipped();
    for profile in catalogue.profiles().filter(|profile| is_asked_for(profile, &catalogue, &arguments.policy.profile)) {
        outlooks.push(outlook(profile, &catalogue, today).map_err(Failure::Usage)?);
    }
    let threads = threads(arguments.threads);
    let excluded = |path: &FilePath| policy.excludes(path.as_str());
    let options = WalkOptions { threads, excluded: &excluded, heed_gitignore: true, apart: &|_, _| false };
    let forecast = forecast::forecast(&place.disk(&root, &roots), &roots, &options, outlooks);
    if let Some(path) = &arguments.svg {
        place.write(path, render::render_svg(&forecast).as_bytes())?;
    }
    let threshold = match arguments.policy.fail_on {
        Some(FailOn::Error) => Severity::Error,
        Some(FailOn::Info) => Severity::Info,
        Some(FailOn::Warning | FailOn::Never) | None => Severity::Warning,
    };
    match arguments.format {
        Format::Table => out.lines(&render::render_table(&forecast, threshold, arguments.requests)),
        Format::Json => out.text(&render::render_json(&forecast)),
        Format::Svg => out.text(&render::render_svg(&forecast)),
    }
    for (path, reason) in &forecast.errors {
        tell(&format!("error: {path}: {reason}"));
    }
    Ok(if forecast.errors.is_empty() { 0 } else { 3 })
}

/// Those that are named; else those that plan for years to come.
fn is_asked_for(profile: &Profile, catalogue: &Catalogue, names: &[String]) -> bool {
    match names {
        [] => profile.plans_ahead(catalogue),
        names => names.contains(&profile.name),
    }
}

fn outlook(profile: &Profile, catalogue: &Catalogue, today: Date) -> Result<Outlook, String> {
    let later = profile.turning_points(catalogue).into_iter().filter(|day| *day > today);
    let policies = std::iter::once(today)
        .chain(later)
        .map(|day| {
            let selection = Selection { profiles: vec![profile.name.clone()], ..Selection::default() };
            Policy::isolated(Catalogue::shipped(), selection, day)
        })
        .collect::<Result<_, _>>()?;
    Ok(Outlook { name: profile.name.clone(), title: profile.title.clone(), policies })
}
