//! A profile: a named selection of rules, with what it changes in each and the clause that demands it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Catalogue, Severity};
use crate::check::Date;

/// What a profile file says.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(
    title = "csrlint profile",
    description = "A named selection of rules with thresholds, severities, dates and clauses."
)]
pub struct Profile {
    /// The name.
    pub name: String,
    /// In a few words.
    pub title: String,
    /// Whom it is for.
    pub description: String,
    /// Profiles whose rules it takes over first.
    #[serde(default)]
    pub extends: Vec<String>,
    /// Its rules; one that changes over the years has several rows.
    pub rules: BTreeMap<String, Rows>,
}

/// What a profile says of a rule: once, or once for each period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Rows {
    /// Once.
    One(ProfileRule),
    /// Once for each period, threshold or severity.
    Several(Vec<ProfileRule>),
}

impl Rows {
    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &ProfileRule> {
        match self {
            Self::One(row) => std::slice::from_ref(row).iter(),
            Self::Several(rows) => rows.iter(),
        }
    }
}

/// What a profile says of a rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ProfileRule {
    /// Another severity than the rule's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<Severity>,
    /// Parameters, merged into the rule's by key.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub with: Value,
    /// The first day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<Date>,
    /// The last day it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// The clause that demands it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub clause: Option<String>,
}

impl ProfileRule {
    /// Whether it holds on a day; both ends are inclusive.
    pub fn holds_on(&self, day: Date) -> bool {
        self.from.is_none_or(|from| from <= day) && self.until.is_none_or(|until| day <= until)
    }
}

impl Profile {
    /// Its rules and those of the profiles it extends; its own word is the last.
    pub fn resolved(&self, catalogue: &Catalogue) -> BTreeMap<String, Rows> {
        self.stated(catalogue).into_iter().map(|(id, (_, rule))| (id, rule)).collect()
    }

    /// The same with the profile that has the last word on each rule.
    fn stated(&self, catalogue: &Catalogue) -> BTreeMap<String, (String, Rows)> {
        let mut rules = BTreeMap::new();
        self.collect(catalogue, &mut rules, 0);
        rules
    }

    /// What it demands, as a table: its own rows first, in order of rule.
    pub fn rows(&self, catalogue: &Catalogue) -> Vec<ProfileRow> {
        let date = |date: Option<Date>| date.map(|date| date.to_string()).unwrap_or_default();
        let mut rows: Vec<ProfileRow> = self
            .stated(catalogue)
            .into_iter()
            .flat_map(|(id, (profile, rows))| {
                rows.iter().map(|row| (id.clone(), profile.clone(), row.clone())).collect::<Vec<_>>()
            })
            .filter_map(|(id, profile, entry)| {
                let rule = catalogue.rule(&id)?;
                let source = || rule.references.first().map(ToString::to_string).unwrap_or_default();
                // The kinds a `defect` rule picks are what the rule is, not a threshold.
                let params = if rule.check == "defect" { Value::Null } else { super::merge(&rule.with, &entry.with) };
                Some(ProfileRow {
                    threshold: threshold(&params),
                    severity: entry.severity.unwrap_or(rule.severity),
                    from: date(entry.from),
                    until: date(entry.until),
                    clause: entry.clause.clone().unwrap_or_else(source),
                    rule: id,
                    profile,
                })
            })
            .collect();
        rows.sort_by_key(|row| row.profile != self.name);
        rows
    }

    /// Whether it is one of those that plan the end of algorithms: a row of its own on keys has a date.
    pub fn plans_ahead(&self, catalogue: &Catalogue) -> bool {
        let dated = |row: &ProfileRule| row.from.is_some() && row.until.is_none();
        self.rules.iter().any(|(id, rows)| {
            catalogue.rule(id).is_some_and(|rule| rule.family() == "key")
                && matches!(rows, Rows::Several(rows) if rows.iter().any(dated))
        })
    }

    /// The days on which it begins to demand something else, in order.
    pub fn turning_points(&self, catalogue: &Catalogue) -> Vec<Date> {
        let rows = self.resolved(catalogue);
        let mut days: Vec<Date> = rows
            .values()
            .flat_map(Rows::iter)
            .flat_map(|row| [row.from, row.until.map(Date::next)])
            .flatten()
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    fn collect(&self, catalogue: &Catalogue, rules: &mut BTreeMap<String, (String, Rows)>, depth: u32) {
        // A circle of profiles ends here; a test keeps shipped ones from having any.
        if depth > 8 {
            return;
        }
        for base in self.extends.iter().filter_map(|name| catalogue.profile(name)) {
            base.collect(catalogue, rules, depth + 1);
        }
        rules.extend(self.rules.iter().map(|(id, rule)| (id.clone(), (self.name.clone(), rule.clone()))));
    }
}

/// What a profile demands of one rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ProfileRow {
    /// The rule's id.
    pub rule: String,
    /// The parameters of its check, for people.
    pub threshold: String,
    /// How bad a finding is.
    pub severity: Severity,
    /// The first day it holds; empty without one.
    pub from: String,
    /// The last day it holds; empty without one.
    pub until: String,
    /// The clause that demands it.
    pub clause: String,
    /// The profile that states it: this one, or one it builds on.
    pub profile: String,
}

/// Parameters for people: `min: 2048; allow: P-256, P-384`.
fn threshold(params: &Value) -> String {
    /// Longer lists are counted.
    const SHOWN: usize = 24;
    match params {
        Value::Object(map) if map.len() > SHOWN => format!("{} entries", map.len()),
        Value::Object(map) => map
            .iter()
            .map(|(key, value)| match value {
                Value::Object(_) => format!("{key} ({})", threshold(value)),
                _ => format!("{key}: {}", threshold(value)),
            })
            .collect::<Vec<_>>()
            .join("; "),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) if items.len() > SHOWN => format!("{} entries", items.len()),
        Value::Array(items) => items.iter().map(threshold).collect::<Vec<_>>().join(", "),
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
