//! What this room is for: the catalogue as documents: a page a rule, a page a profile, the table of all rules with other tools' names.
//! What must not be in it: anything that is not in the rule and profile files. `docs/` is made of this, and a test keeps it so.
//! What would surprise: texts of rules are code for the reader to type; indented lines of them become code blocks.

use std::fmt::Write as _;

use crate::catalogue::{
    Catalogue, Cost, Example, ExampleFile, Framework, LeftOut, Lifecycle, Profile, ProfileRow, Rule,
};
use crate::report::sanitise;

/// Tools whose names for a rule have a column of their own.
const COLUMNS: [&str; 5] = ["zlint", "pkilint", "x509lint", "certlint", "boulder"];

/// What a line of advice starts with when the rest of it is typed into that tool or file.
const TOOLS: [&str; 11] = [
    "openssl.cnf",
    "openssl",
    "keytool",
    "certreq",
    "certreq INF",
    "cfssl",
    "cert-manager",
    "step",
    "terraform",
    "certbot",
    "Vault",
];

/// Every page, by its path below `docs/`.
pub fn pages(catalogue: &Catalogue, frameworks: &[Framework], left_out: &[LeftOut]) -> Vec<(String, String)> {
    let mut pages = vec![
        ("rules.md".to_owned(), rules(catalogue, left_out, Some(""))),
        ("profiles.md".to_owned(), profiles(catalogue, Some(""))),
        ("controls.md".to_owned(), controls(catalogue, frameworks)),
    ];
    pages.extend(catalogue.rules().map(|one| (format!("rules/{}.md", one.id), rule(one, catalogue, Some("../../")))));
    pages.extend(catalogue.profiles().map(|one| {
        let up = "../".repeat(one.name.matches('/').count() + 1);
        (format!("profiles/{}.md", one.name), profile(one, catalogue, Some(&up)))
    }));
    pages
}

/// A rule or profile by name: with a link where its page lies below `up`, as in `docs/`; bare on a terminal, where no page is.
fn link(folder: &str, name: &str, up: Option<&str>) -> String {
    match up {
        Some(up) => format!("[{name}]({up}{folder}/{name}.md)"),
        None => code(name),
    }
}

/// Text in Markdown.
fn text(text: &str) -> String {
    sanitise::markdown(text)
}

/// Text in backquotes.
fn code(text: &str) -> String {
    format!("`{}`", sanitise::line(text).replace('`', "'"))
}

/// Prose, in which lines that are indented are code.
fn prose(source: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for line in source.trim_end().lines() {
        let is_code = line.starts_with("    ") || (in_code && line.trim().is_empty());
        if is_code != in_code {
            out.push_str(if is_code { "\n```text\n" } else { "```\n\n" });
            in_code = is_code;
        }
        if is_code {
            let _ = writeln!(out, "{}", sanitise::line(line.get(4..).unwrap_or_default()));
        } else {
            match line.split_once(": ").filter(|(tool, _)| TOOLS.contains(tool)) {
                Some((tool, typed)) => {
                    let _ = writeln!(out, "- {tool}: {}", code(typed));
                }
                None => {
                    let _ = writeln!(out, "{}", text(line));
                }
            }
        }
    }
    if in_code {
        out.push_str("```\n");
    }
    out
}

/// The page of a rule.
pub fn rule(rule: &Rule, catalogue: &Catalogue, up: Option<&str>) -> String {
    let mut out = format!("# {}: {}\n\n", rule.id, text(&rule.title));
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let _ = writeln!(
        out,
        "Severity {}, confidence {}, judges what is {}{}{}.\n",
        rule.severity.name(),
        word(serde_json::json!(rule.confidence)),
        word(serde_json::json!(rule.judges)),
        rule.since.as_ref().map(|since| format!(", since {since}")).unwrap_or_default(),
        if rule.lifecycle == Lifecycle::Stable {
            String::new()
        } else {
            format!(", {:?}", rule.lifecycle).to_lowercase()
        },
    );
    for (heading, source) in [("What is wrong", &rule.what), ("Why it matters", &rule.why), ("What to do", &rule.fix)] {
        let _ = write!(out, "## {heading}\n\n{}\n", prose(source));
    }
    let _ = write!(out, "## Check\n\n{}: {}", code(&rule.check), text(rule.definition.summary));
    if !rule.with.is_null() {
        let _ = write!(out, "\n\n```json\n{}\n```", serde_json::to_string_pretty(&rule.with).unwrap_or_default());
    }
    if rule.cost == Cost::Deep {
        out.push_str("\n\nIt takes milliseconds a key: it runs with `--deep`, or where the rule is named.");
    }
    out.push_str("\n\n");
    let profiles: Vec<String> = catalogue
        .profiles()
        .filter(|profile| profile.resolved(catalogue).contains_key(&rule.id))
        .map(|profile| link("profiles", &profile.name, up))
        .collect();
    let none = "none; name the rule in `csrlint.yaml` to switch it on".to_owned();
    let _ = writeln!(out, "Profiles: {}.\n", if profiles.is_empty() { none } else { profiles.join(", ") });
    if !rule.supersedes.is_empty() {
        let list = rule.supersedes.iter().map(|id| code(id)).collect::<Vec<_>>().join(", ");
        let _ = writeln!(out, "Where it fails it supersedes {list} at the same place.\n");
    }
    out.push_str("## Sources\n\n");
    for reference in &rule.references {
        let shown = text(&reference.to_string());
        let _ = match &reference.url {
            Some(url) => writeln!(out, "- [{shown}]({url})"),
            None => writeln!(out, "- {shown}"),
        };
    }
    for (tool, names) in &rule.counterparts {
        let _ = writeln!(out, "- in {tool}: {}", names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", "));
    }
    if !rule.controls.is_empty() {
        let list = rule.controls.iter().map(|id| code(id)).collect::<Vec<_>>().join(", ");
        let see = up.map(|up| format!(" (see [controls]({up}controls.md))")).unwrap_or_default();
        let _ = writeln!(out, "\nControls: {list}{see}.");
    }
    let examples = rule.all_examples();
    for (heading, list) in [("Fails", &examples.fail), ("Passes", &examples.pass)] {
        for shown in list {
            out.push_str(&example(heading, shown));
        }
    }
    out
}

fn example(heading: &str, example: &Example) -> String {
    let at = example.at.as_ref().map(|at| format!(" at {}", code(at))).unwrap_or_default();
    let mut out = format!("\n## {heading}{at}: {}\n\n", text(&example.name));
    if !example.with.is_null() {
        let _ = writeln!(out, "With the parameters {}:\n", code(&example.with.to_string()));
    }
    if !example.request.is_null() {
        let described = serde_yaml::to_string(&example.request).unwrap_or_default();
        let _ = write!(out, "```yaml\n{}```\n", sanitise::lines(&described));
        return out;
    }
    for (path, file) in &example.files {
        let _ = match file {
            ExampleFile::Text(content) => {
                writeln!(out, "{}:\n\n```text\n{}\n```", code(path), sanitise::lines(&beginning(content)))
            }
            ExampleFile::Base64 { .. } => writeln!(out, "{}: {} bytes", code(path), file.bytes().len()),
        };
    }
    out
}

/// The first lines of a file: base64 tells nobody anything.
fn beginning(content: &str) -> String {
    const SHOWN: usize = 8;
    let lines: Vec<&str> = content.trim_end().lines().collect();
    match lines.get(..SHOWN) {
        Some(first) if lines.len() > SHOWN + 1 => format!("{}\n[{} more lines]", first.join("\n"), lines.len() - SHOWN),
        _ => lines.join("\n"),
    }
}

/// The table of all rules, and what other linters know and no rule answers.
pub fn rules(catalogue: &Catalogue, left_out: &[LeftOut], up: Option<&str>) -> String {
    let shipped = catalogue.rules().filter(|rule| rule.origin.is_none()).count();
    let mut out = format!(
        "# Rules\n\n{shipped} rules ship with csrlint. `carried` rules judge what the requester supplies, `ca-supplied` ones what the CA will supply anyway. "
    );
    out.push_str("The last columns say what the linters of certificates call the same thing.\n\n");
    let heads = COLUMNS.join(" | ");
    let _ = writeln!(out, "| rule | severity | judges | problem | source | {heads} | other |");
    let _ = writeln!(out, "| {}", "--- | ".repeat(COLUMNS.len() + 6).trim_end());
    for rule in catalogue.rules() {
        let source = rule.references.first().map(ToString::to_string).unwrap_or_default();
        let judges = serde_json::json!(rule.judges);
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} |",
            link("rules", &rule.id, up.filter(|_| rule.origin.is_none())),
            rule.severity.name(),
            judges.as_str().unwrap_or_default(),
            text(&rule.title),
            text(&source),
            counterparts(&rule.counterparts)
        );
    }
    out.push_str("\n## Left out\n\nWhat linters of certificates know, and no rule here answers.\n\n");
    let _ = writeln!(out, "| what | why there is no rule | {heads} | other |");
    let _ = writeln!(out, "| {}", "--- | ".repeat(COLUMNS.len() + 3).trim_end());
    for row in left_out {
        let _ = writeln!(out, "| {} | {} | {} |", text(&row.what), text(&row.why), counterparts(&row.counterparts));
    }
    out
}

fn counterparts(names: &std::collections::BTreeMap<String, Vec<String>>) -> String {
    let list = |names: &[String]| names.iter().map(|name| code(name)).collect::<Vec<_>>().join(", ");
    let mut cells: Vec<String> =
        COLUMNS.iter().map(|tool| names.get(*tool).map(|names| list(names)).unwrap_or_default()).collect();
    let others: Vec<String> = names
        .iter()
        .filter(|(tool, _)| !COLUMNS.contains(&tool.as_str()))
        .map(|(tool, names)| format!("{tool}: {}", list(names)))
        .collect();
    cells.push(others.join("; "));
    cells.join(" | ")
}

/// The table of all profiles.
pub fn profiles(catalogue: &Catalogue, up: Option<&str>) -> String {
    let mut out = "# Profiles\n\nA profile is a named selection of rules with thresholds, severities and dates, and the clause that demands each.\n\n| profile | rules | builds on | for |\n| --- | --- | --- | --- |\n".to_owned();
    for profile in catalogue.profiles() {
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} |",
            link("profiles", &profile.name, up),
            profile.resolved(catalogue).len(),
            profile.extends.join(", "),
            text(&profile.title)
        );
    }
    out
}

/// The page of a profile: its own rows first, then those of the profiles it builds on.
pub fn profile(profile: &Profile, catalogue: &Catalogue, up: Option<&str>) -> String {
    let mut out = format!("# {}: {}\n\n{}\n", profile.name, text(&profile.title), text(profile.description.trim()));
    let rows = profile.rows(catalogue);
    for (name, rows) in grouped(&rows) {
        if name != profile.name {
            let _ = writeln!(out, "\n## From {name}");
        }
        out.push_str(
            "\n| rule | threshold | severity | from | until | clause |\n| --- | --- | --- | --- | --- | --- |\n",
        );
        for row in rows {
            let _ = writeln!(
                out,
                "| {} | {} | {} | {} | {} | {} |",
                link("rules", &row.rule, up),
                text(&row.threshold),
                row.severity.name(),
                row.from,
                row.until,
                text(&row.clause)
            );
        }
    }
    out
}

/// Rows by the profile that states them, in their order.
pub fn grouped(rows: &[ProfileRow]) -> Vec<(&str, Vec<&ProfileRow>)> {
    let mut groups: Vec<(&str, Vec<&ProfileRow>)> = Vec::new();
    for row in rows {
        match groups.iter_mut().find(|(name, _)| *name == row.profile) {
            Some((_, group)) => group.push(row),
            None => groups.push((&row.profile, vec![row])),
        }
    }
    groups
}

/// The table of controls and the rules that serve them.
pub fn controls(catalogue: &Catalogue, frameworks: &[Framework]) -> String {
    let mut out = include_str!("document/controls.md").to_owned();
    for framework in frameworks {
        let _ = writeln!(
            out,
            "\n## [{}]({}) ({})\n\n| control | what rules do for it | rules |\n| --- | --- | --- |",
            text(&framework.name),
            framework.url,
            text(&framework.version)
        );
        for control in &framework.controls {
            let id = format!("{}:{}", framework.id, control.id);
            let rules: Vec<String> = catalogue
                .rules()
                .filter(|rule| rule.controls.contains(&id))
                .map(|rule| link("rules", &rule.id, Some("")))
                .collect();
            let _ = writeln!(
                out,
                "| {} {} | {} | {} |",
                text(&control.id),
                text(&control.title),
                text(&control.meaning),
                rules.join(", ")
            );
        }
    }
    out
}
