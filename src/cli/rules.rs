//! `csrlint rules` and `csrlint profiles`: the catalogue for people, for programs, for documents.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::{Failure, Outcome, Output, PolicyArguments, workspace::Workspace};
use crate::catalogue::{Catalogue, Rule};
use crate::report::{json as report_json, sanitise};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A table.
    Human,
    /// An array.
    Json,
    /// A table in Markdown.
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct RulesArguments {
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Format,
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
    format: Format,
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
        Format::Json => {
            let list: Vec<_> = catalogue
                .rules()
                .map(|rule| {
                    json!({
                        "id": rule.id, "title": rule.title, "severity": rule.severity, "confidence": rule.confidence, "lifecycle": rule.lifecycle,
                        "judges": rule.judges, "check": rule.check, "with": rule.with, "what": rule.what, "why": rule.why, "fix": rule.fix,
                        "references": rule.references, "controls": rule.controls, "profiles": profiles_of(rule), "origin": rule.origin,
                        "stricter": rule.definition.directions.iter().map(|(name, direction)| (*name, direction)).collect::<std::collections::BTreeMap<_, _>>(),
                    })
                })
                .collect();
            out.text(&report_json::pretty(&list));
        }
        Format::Human => {
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
        Format::Markdown => {
            out.text("| rule | severity | profiles | problem | source |\n| --- | --- | --- | --- | --- |\n");
            for rule in catalogue.rules() {
                let source = rule.references.first().map(ToString::to_string).unwrap_or_default();
                out.lines(&format!(
                    "| `{}` | {} | {} | {} | {} |\n",
                    rule.id,
                    rule.severity.name(),
                    profiles_of(rule).join(", "),
                    cell(&rule.title),
                    cell(&source)
                ));
            }
        }
    }
    Ok(0)
}

pub(super) fn profiles(arguments: &ProfilesArguments, out: &mut Output) -> Outcome {
    let catalogue = Catalogue::shipped().map_err(Failure::Usage)?;
    let Some(name) = &arguments.name else {
        match arguments.format {
            Format::Json => out.text(&report_json::pretty(&catalogue.profiles().map(|profile| json!({ "name": profile.name, "title": profile.title, "description": profile.description, "extends": profile.extends, "rules": profile.resolved(&catalogue) })).collect::<Vec<_>>())),
            Format::Human => catalogue.profiles().for_each(|profile| out.lines(&format!("{:14}  {:3} rules  {}\n", profile.name, profile.resolved(&catalogue).len(), profile.title))),
            Format::Markdown => {
                out.text("| profile | rules | for |\n| --- | --- | --- |\n");
                catalogue.profiles().for_each(|profile| out.lines(&format!("| `{}` | {} | {} |\n", profile.name, profile.resolved(&catalogue).len(), cell(&profile.title))));
            }
        }
        return Ok(0);
    };
    let profile = catalogue.profile(name).ok_or_else(|| {
        let hint = catalogue.nearest_profile(name).map(|near| format!("; did you mean {near:?}?")).unwrap_or_default();
        Failure::Usage(format!("there is no profile {name:?}{hint}"))
    })?;
    let rows: Vec<_> = profile
        .resolved(&catalogue)
        .into_iter()
        .filter_map(|(id, entry)| {
            let rule = catalogue.rule(&id)?.clone();
            let params = crate::catalogue::merge(&rule.with, &entry.with);
            // The kinds a `defect` rule picks are what the rule is, not a threshold.
            let params = if rule.check == "defect" || params.is_null() { String::new() } else { params.to_string() };
            let date = |date: Option<crate::check::Date>| date.map(|date| date.to_string()).unwrap_or_default();
            let clause =
                entry.clause.clone().or_else(|| rule.references.first().map(ToString::to_string)).unwrap_or_default();
            Some((
                id,
                params,
                entry.severity.unwrap_or(rule.severity).name(),
                date(entry.from),
                date(entry.until),
                clause,
            ))
        })
        .collect();
    match arguments.format {
        Format::Json => out.text(&report_json::pretty(&json!({
            "name": profile.name, "title": profile.title, "description": profile.description,
            "rules": rows.iter().map(|(id, params, severity, from, until, clause)| json!({ "rule": id, "threshold": params, "severity": severity, "from": from, "until": until, "clause": clause })).collect::<Vec<_>>(),
        }))),
        Format::Human => {
            out.lines(&format!("{}: {}\n{}\n\n", profile.name, profile.title, profile.description.trim()));
            let width = rows.iter().map(|row| row.0.len()).max().unwrap_or(0);
            for (id, params, severity, from, until, clause) in &rows {
                let dates = if from.is_empty() && until.is_empty() { String::new() } else { format!("  {from}..{until}") };
                out.lines(&format!("{id:width$}  {severity:7}  {clause}{dates}{}\n", if params.is_empty() { String::new() } else { format!("  {params}") }));
            }
        }
        Format::Markdown => {
            out.text("| rule | threshold | severity | from | until | clause |\n| --- | --- | --- | --- | --- | --- |\n");
            for (id, params, severity, from, until, clause) in &rows {
                out.lines(&format!("| `{id}` | {} | {severity} | {from} | {until} | {} |\n", cell(params), cell(clause)));
            }
        }
    }
    Ok(0)
}

/// Text in a cell of a Markdown table.
fn cell(text: &str) -> String {
    sanitise::line(text)
        .replace('\\', "\\\\")
        .replace('|', "\\|")
        .replace('[', "\\[")
        .replace(']', "\\]")
        .replace('<', "&lt;")
}
