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
    /// Its rules.
    pub rules: BTreeMap<String, ProfileRule>,
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
    pub fn resolved(&self, catalogue: &Catalogue) -> BTreeMap<String, ProfileRule> {
        let mut rules = BTreeMap::new();
        self.collect(catalogue, &mut rules, 0);
        rules
    }

    fn collect(&self, catalogue: &Catalogue, rules: &mut BTreeMap<String, ProfileRule>, depth: u32) {
        // A circle of profiles ends here; a test keeps shipped ones from having any.
        if depth > 8 {
            return;
        }
        for base in self.extends.iter().filter_map(|name| catalogue.profile(name)) {
            base.collect(catalogue, rules, depth + 1);
        }
        rules.extend(self.rules.iter().map(|(id, rule)| (id.clone(), rule.clone())));
    }
}
