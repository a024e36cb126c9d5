//! Rules and profiles as data: loading those shipped and the organisation's, and compiling them into what a run needs.
//! No rule is code. A rule names a check, gives it parameters, and says what, why, how to mend it and who says so.
//! Shipped rules come from `rules/` through `build.rs`; a test reads them as strictly as anybody's.

mod plan;
mod profile;
mod rule;

pub use plan::{ActiveRule, Demand, Outcome, PlanError, RuleSet, Tallies, merge};
pub use profile::{Profile, ProfileRule};
pub use rule::{Confidence, Example, ExampleFile, Examples, Judges, Lifecycle, Reference, Rule, RuleFile, Severity};

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use crate::check::ParameterError;

/// Every rule and profile a run can choose from.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    rules: BTreeMap<String, Arc<Rule>>,
    profiles: BTreeMap<String, Arc<Profile>>,
}

#[derive(Deserialize)]
struct Shipped {
    rules: Vec<RuleFile>,
    profiles: Vec<Profile>,
}

impl Catalogue {
    /// The shipped rules and profiles.
    ///
    /// # Errors
    /// Only if csrlint was built with broken rules, which a test forbids.
    pub fn shipped() -> Result<Self, String> {
        let shipped: Shipped = serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/catalogue.json")))
            .map_err(|error| error.to_string())?;
        let mut catalogue = Self::default();
        for file in shipped.rules {
            let id = file.id.clone();
            let rule = Rule::new(file, None).map_err(|error| format!("{id}: {error}"))?;
            catalogue.rules.insert(rule.id.clone(), Arc::new(rule));
        }
        for profile in shipped.profiles {
            catalogue.profiles.insert(profile.name.clone(), Arc::new(profile));
        }
        Ok(catalogue)
    }

    /// Adds a rule of the organisation, with the file it came from.
    ///
    /// # Errors
    /// An id that is taken, a shipped family, an unknown check, parameters that do not fit; with the path to it in the file.
    pub fn add_custom(&mut self, file: RuleFile, path: &str) -> Result<String, ParameterError> {
        let rule = Rule::new(file, Some(path.to_owned()))?;
        let family = rule.family().to_owned();
        if self.families().any(|shipped| shipped == family) {
            return Err(ParameterError {
                path: vec!["id".to_owned()],
                message: format!(
                    "the family {family:?} belongs to csrlint; give the organisation's rules a family of their own"
                ),
            });
        }
        if self.rules.contains_key(&rule.id) {
            return Err(ParameterError {
                path: vec!["id".to_owned()],
                message: format!("there is a rule {:?} already", rule.id),
            });
        }
        let id = rule.id.clone();
        self.rules.insert(id.clone(), Arc::new(rule));
        Ok(id)
    }

    fn families(&self) -> impl Iterator<Item = &str> {
        self.rules.values().filter(|rule| rule.origin.is_none()).map(|rule| rule.family())
    }

    /// All rules by id.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values()
    }

    /// A rule by id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.get(id)
    }

    /// All profiles by name.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.profiles.values()
    }

    /// A profile by name.
    pub fn profile(&self, name: &str) -> Option<&Arc<Profile>> {
        self.profiles.get(name)
    }

    /// The rules a word stands for: an id, or a family.
    pub fn matching(&self, word: &str) -> Vec<&Arc<Rule>> {
        let family = word.strip_suffix("/*").unwrap_or(word);
        self.rules.values().filter(|rule| rule.id == word || rule.family() == family).collect()
    }

    /// The same catalogue with other parameters for one rule.
    ///
    /// # Errors
    /// Parameters that do not fit the rule's check.
    pub fn with_params(mut self, id: &str, with: &serde_json::Value) -> Result<Self, String> {
        if let Some(rule) = self.rules.get(id) {
            let mut file = RuleFile::clone(rule);
            file.with = with.clone();
            let changed = Rule::new(file, rule.origin.clone()).map_err(|error| error.message)?;
            self.rules.insert(id.to_owned(), Arc::new(changed));
        }
        Ok(self)
    }

    /// The known rule id nearest to a misspelt one.
    pub fn nearest_rule(&self, id: &str) -> Option<&str> {
        nearest(id, self.rules.keys().map(String::as_str))
    }

    /// The known profile nearest to a misspelt one.
    pub fn nearest_profile(&self, name: &str) -> Option<&str> {
        nearest(name, self.profiles.keys().map(String::as_str))
    }

    /// The examples of a shipped rule.
    pub fn shipped_examples(id: &str) -> Examples {
        let all: serde_json::Value =
            serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/examples.json"))).unwrap_or_default();
        all.get(id).cloned().and_then(|examples| serde_json::from_value(examples).ok()).unwrap_or_default()
    }
}

/// The candidate that is most like a word, if any is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
