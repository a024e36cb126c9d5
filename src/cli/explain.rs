//! `csrlint explain`: everything about one rule, from its file.

use clap::{Args, ValueEnum};

use super::{Failure, Outcome, Output, workspace::Workspace};
use crate::catalogue::{Catalogue, Cost, Example, ExampleFile, Lifecycle, Rule};
use crate::document;
use crate::report::sanitise;

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal.
    Human,
    /// The page of the documentation.
    Markdown,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArguments {
    /// The rule's id.
    #[arg(value_name = "RULE")]
    rule: String,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Format,
    #[command(flatten)]
    policy: super::PolicyArguments,
}

pub(super) fn run(arguments: &ExplainArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (root, _) = place.tree(&[])?;
    let policy = place.policy(&root, &arguments.policy)?;
    let Some(rule) = policy.catalogue.rule(&arguments.rule) else {
        let hint = policy
            .catalogue
            .nearest_rule(&arguments.rule)
            .map(|near| format!("; did you mean {near:?}?"))
            .unwrap_or_default();
        return Err(Failure::Usage(format!("there is no rule {:?}{hint}", arguments.rule)));
    };
    match arguments.format {
        Format::Human => out.text(&page(rule, &policy.catalogue)),
        Format::Markdown => out.text(&document::rule(rule, &policy.catalogue, None)),
    }
    Ok(0)
}

fn page(rule: &Rule, catalogue: &Catalogue) -> String {
    let mut page = format!("{}: {}\n\n", rule.id, sanitise::line(&rule.title));
    let severity = rule.severity.name();
    let confidence = serde_json::to_value(rule.confidence)
        .ok()
        .and_then(|value| value.as_str().map(str::to_owned))
        .unwrap_or_default();
    page.push_str(&format!("Severity {severity}, confidence {confidence}"));
    if rule.lifecycle != Lifecycle::Stable {
        let successor = rule.successor.as_ref().map(|successor| format!(" (use {successor})")).unwrap_or_default();
        page.push_str(&format!(", {:?}{successor}", rule.lifecycle).to_lowercase());
    }
    if let Some(since) = &rule.since {
        page.push_str(&format!(", since {since}"));
    }
    let profiles: Vec<&str> = catalogue
        .profiles()
        .filter(|profile| profile.resolved(catalogue).contains_key(&rule.id))
        .map(|profile| profile.name.as_str())
        .collect();
    page.push_str(&format!(
        "\nProfiles: {}\n",
        if profiles.is_empty() {
            "none; name it in csrlint.yaml to switch it on".to_owned()
        } else {
            profiles.join(", ")
        }
    ));
    if rule.cost == Cost::Deep {
        page.push_str("Cost: milliseconds a key; runs with --deep, or where the rule is named\n");
    }
    page.push_str(&format!("Check: {} ({})\n", rule.check, rule.definition.summary));
    if !rule.with.is_null() {
        page.push_str(&format!("Parameters: {}\n", rule.with));
    }
    for (heading, text) in [("What is wrong", &rule.what), ("Why it matters", &rule.why), ("What to do", &rule.fix)] {
        if !text.trim().is_empty() {
            page.push_str(&format!("\n{heading}\n{}\n", indented(text.trim_end())));
        }
    }
    if !rule.references.is_empty() {
        page.push_str("\nSources\n");
        for reference in &rule.references {
            let url = reference.url.as_ref().map(|url| format!(" {url}")).unwrap_or_default();
            page.push_str(&format!("    {reference}{url}\n"));
        }
    }
    if !rule.counterparts.is_empty() {
        page.push_str("\nIn other linters\n");
        for (tool, names) in &rule.counterparts {
            page.push_str(&format!("    {tool}: {}\n", names.join(", ")));
        }
    }
    if !rule.controls.is_empty() {
        page.push_str(&format!("\nControls\n    {}\n", rule.controls.join(", ")));
    }
    let examples = rule.all_examples();
    for (heading, list) in [("Fails", &examples.fail), ("Passes", &examples.pass)] {
        for shown in list.iter().take(2) {
            page.push_str(&example(heading, shown));
        }
    }
    sanitise::log(&sanitise::lines(&page))
}

fn example(heading: &str, example: &Example) -> String {
    let at = example.at.as_ref().map(|at| format!(" at {at}")).unwrap_or_default();
    let mut text = format!("\n{heading}{at}: {}\n", example.name);
    if !example.request.is_null() {
        let described = serde_yaml::to_string(&example.request).unwrap_or_default();
        text.push_str(&format!("{}\n", indented(described.trim_end())));
    }
    for (path, file) in &example.files {
        match file {
            ExampleFile::Text(content) => text.push_str(&format!("    # {path}\n{}\n", indented(content.trim_end()))),
            ExampleFile::Base64 { .. } => text.push_str(&format!("    # {path}: {} bytes\n", file.bytes().len())),
        }
    }
    text
}

fn indented(text: &str) -> String {
    text.lines()
        .map(|line| if line.is_empty() { String::new() } else { format!("    {line}") })
        .collect::<Vec<_>>()
        .join("\n")
}
