//! `csrlint rules` and `csrlint profiles`: the catalogue for people, for programs, for documents.

use clap::Args;
use serde_json::json;

use super::format::Prose;
use super::{Failure, Outcome, Output, PolicyArguments, workspace::Workspace};
use crate::catalogue::{Catalogue, Rule, left_out};
use crate::document;
use crate::report::{json as report_json, sanitise};

#[derive(Debug, Args)]
pub(super) struct RulesArguments {
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Prose,
    #[command(flatten)]
    policy: PolicyArguments,
}

#[derive(Debug, Args)]
pub(super) struct ProfilesArguments {
    /// One profile, with its rules.
    #[arg(value_name = "NAME")]
    name: Option<String>,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Prose,
}

pub(super) fn rules(arguments: &RulesArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (root, _) = place.tree(&[])?;
    let policy = place.policy(&root, &arguments.policy)?;
    let catalogue = &policy.catalogue;
    let profiles_of = |rule: &Rule| {
        catalogue
            .profiles()
            .filter(|profile| profile.resolved(catalogue).contains_key(&rule.id))
            .map(|profile| profile.name.clone())
            .collect::<Vec<_>>()
    };
    match arguments.format {
        Prose::Json => {
            let list: Vec<_> = catalogue
                .rules()
                .map(|rule| {
                    json!({
                        "id": rule.id, "title": rule.title, "severity": rule.severity, "confidence": rule.confidence, "lifecycle": rule.lifecycle,
                        "judges": rule.judges, "cost": rule.cost, "check": rule.check, "with": rule.with, "what": rule.what, "why": rule.why, "fix": rule.fix,
                        "references": rule.references, "controls": rule.controls, "counterparts": rule.counterparts, "supersedes": rule.supersedes, "profiles": profiles_of(rule), "origin": rule.origin,
                        "stricter": rule.definition.directions.iter().map(|(name, direction)| (*name, direction)).collect::<std::collections::BTreeMap<_, _>>(),
                    })
                })
                .collect();
            out.text(&report_json::pretty(&list));
        }
        Prose::Human => {
            let width = catalogue.rules().map(|rule| rule.id.len()).max().unwrap_or(0);
            for rule in catalogue.rules() {
                out.lines(&format!(
                    "{:width$}  {:7}  {:22}  {}\n",
                    rule.id,
                    rule.severity.name(),
                    profiles_of(rule).join(","),
                    sanitise::line(&rule.title)
                ));
            }
        }
        Prose::Markdown => out.text(&document::rules(catalogue, &left_out(), None)),
    }
    Ok(0)
}

pub(super) fn profiles(arguments: &ProfilesArguments, out: &mut Output) -> Outcome {
    let catalogue = Catalogue::shipped();
    let Some(name) = &arguments.name else {
        match arguments.format {
            Prose::Json => out.text(&report_json::pretty(&catalogue.profiles().map(|profile| json!({ "name": profile.name, "title": profile.title, "description": profile.description, "extends": profile.extends, "rules": profile.resolved(&catalogue) })).collect::<Vec<_>>())),
            Prose::Human => {
                let width = catalogue.profiles().map(|profile| profile.name.len()).max().unwrap_or(0);
                for profile in catalogue.profiles() {
                    let count = profile.resolved(&catalogue).len();
                    out.lines(&format!("{:width$}  {count:3} rules  {}\n", profile.name, profile.title));
                }
            }
            Prose::Markdown => out.text(&document::profiles(&catalogue, None)),
        }
        return Ok(0);
    };
    let profile = catalogue.profile(name).ok_or_else(|| {
        let hint = catalogue.nearest_profile(name).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
        Failure::Usage(format!("there is no profile {name:?}{hint}"))
    })?;
    let rows = profile.rows(&catalogue);
    match arguments.format {
        Prose::Json => out.text(&report_json::pretty(&json!({
            "name": profile.name, "title": profile.title, "description": profile.description, "extends": profile.extends, "rules": rows,
        }))),
        Prose::Human => {
            out.lines(&format!("{}: {}\n{}\n", profile.name, profile.title, profile.description.trim()));
            let width = rows.iter().map(|row| row.rule.len()).max().unwrap_or(0);
            for (name, rows) in document::grouped(&rows) {
                if name != profile.name {
                    out.lines(&format!("\nfrom {name}:"));
                }
                out.text("\n");
                for row in rows {
                    let dates = match (row.from.as_str(), row.until.as_str()) {
                        ("", "") => String::new(),
                        (from, "") => format!("; from {from}"),
                        ("", until) => format!("; until {until}"),
                        (from, until) => format!("; {from} to {until}"),
                    };
                    out.lines(&format!("{:width$}  {:7}  {}{dates}\n", row.rule, row.severity.name(), row.clause));
                    if !row.threshold.is_empty() {
                        out.lines(&format!("{:width$}           {}\n", "", row.threshold));
                    }
                }
            }
        }
        Prose::Markdown => out.text(&document::profile(profile, &catalogue, None)),
    }
    Ok(0)
}
