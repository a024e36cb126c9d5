//! Rules and profiles as data: loading those shipped and the organisation's, and compiling them into what a run needs.
//! No rule is code. A rule names a check, gives it parameters, and says what, why, how to mend it and who says so.
//! Shipped rules come from `rules/` through `build.rs`; a test reads them as strictly as anybody's.

mod control;
mod plan;
mod profile;
mod rule;

pub use control::{Control, Framework, LeftOut};
pub use plan::{ActiveRule, Demand, Outcome, PlanError, RuleSet, Tallies, merge};
pub use profile::{Profile, ProfileRow, ProfileRule, Rows};
pub use rule::{
    Confidence, Cost, Example, ExampleFile, Examples, Judges, Lifecycle, Reference, Rule, RuleFile, Severity,
};

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use crate::check::ParameterError;

mod shipped {
    include!(concat!(env!("OUT_DIR"), "/shipped.rs"));
}

/// Every rule and profile a run can choose from. Shipped ones are read from their data when they are first asked for.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    rules: BTreeMap<Cow<'static, str>, Shelf<Rule>>,
    profiles: BTreeMap<Cow<'static, str>, Shelf<Profile>>,
}

/// Something of the catalogue that is read when it is first asked for.
#[derive(Debug, Clone)]
struct Shelf<T> {
    /// What a run needs of it, and everything; nothing for an organisation's own.
    source: (&'static str, &'static str),
    read: OnceLock<Option<Arc<T>>>,
}

impl<T> Shelf<T> {
    fn shipped(head: &'static str, all: &'static str) -> Self {
        Self { source: (head, all), read: OnceLock::new() }
    }

    fn filled(value: T) -> Self {
        Self { source: ("", ""), read: OnceLock::from(Some(Arc::new(value))) }
    }
}

impl Shelf<Rule> {
    fn get(&self) -> Option<&Arc<Rule>> {
        let read = || Rule::shipped(serde_json::from_str(self.source.0).ok()?, self.source.1).map(Arc::new);
        self.read.get_or_init(read).as_ref()
    }
}

impl Shelf<Profile> {
    fn get(&self) -> Option<&Arc<Profile>> {
        self.read.get_or_init(|| serde_json::from_str(self.source.1).ok().map(Arc::new)).as_ref()
    }
}

/// Frameworks whose controls rules serve.
pub fn frameworks() -> Vec<Framework> {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/frameworks.json"))).unwrap_or_default()
}

/// What other linters know of certificates and no rule here answers, with the reason.
pub fn left_out() -> Vec<LeftOut> {
    serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/left-out.json"))).unwrap_or_default()
}

impl Catalogue {
    /// The shipped rules and profiles.
    pub fn shipped() -> Self {
        Self {
            rules: shipped::RULES
                .iter()
                .map(|(id, head, all)| (Cow::Borrowed(*id), Shelf::shipped(head, all)))
                .collect(),
            profiles: shipped::PROFILES
                .iter()
                .map(|(name, head, all)| (Cow::Borrowed(*name), Shelf::shipped(head, all)))
                .collect(),
        }
    }

    /// Reads all that is shipped, as strictly as an organisation's rules.
    ///
    /// # Errors
    /// What is wrong with a rule or profile that csrlint was built with; a test forbids that.
    pub fn verify() -> Result<(), String> {
        for (id, head, source) in shipped::RULES {
            let head: rule::RuleHead = serde_json::from_str(head).map_err(|error| format!("{id}: {error}"))?;
            let file: RuleFile = serde_json::from_str(source).map_err(|error| format!("{id}: {error}"))?;
            let with = file.with.clone();
            let rule = Rule::new(file, None).map_err(|error| format!("{id}: {error}"))?;
            if !head.is_of(&rule) {
                return Err(format!("{id}: build.rs leaves out what RuleHead has"));
            }
            if rule.with != with {
                return Err(format!("{id}: names of parameters are not in their first spelling: {}", rule.with));
            }
        }
        for (name, _, source) in shipped::PROFILES {
            serde_json::from_str::<Profile>(source).map_err(|error| format!("profile {name}: {error}"))?;
        }
        Ok(())
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
        if self.rules.contains_key(rule.id.as_str()) {
            return Err(ParameterError {
                path: vec!["id".to_owned()],
                message: format!("there is a rule {:?} already", rule.id),
            });
        }
        let id = rule.id.clone();
        self.rules.insert(Cow::Owned(id.clone()), Shelf::filled(rule));
        Ok(id)
    }

    fn families(&self) -> impl Iterator<Item = &'static str> {
        shipped::RULES.iter().filter_map(|(id, ..)| id.split('/').next())
    }

    /// The ids of all rules, in order.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.rules.keys().map(AsRef::as_ref)
    }

    /// All rules by id.
    pub fn rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values().filter_map(|shelf| shelf.get())
    }

    /// The organisation's own rules.
    pub fn custom_rules(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.rules.values().filter(|shelf| shelf.source.1.is_empty()).filter_map(|shelf| shelf.get())
    }

    /// A rule by id.
    pub fn rule(&self, id: &str) -> Option<&Arc<Rule>> {
        self.rules.get(id)?.get()
    }

    /// All profiles by name.
    pub fn profiles(&self) -> impl Iterator<Item = &Arc<Profile>> {
        self.profiles.values().filter_map(|shelf| shelf.get())
    }

    /// A profile by name.
    pub fn profile(&self, name: &str) -> Option<&Arc<Profile>> {
        self.profiles.get(name)?.get()
    }

    /// The rules a word stands for: an id, or a family.
    pub fn matching(&self, word: &str) -> Vec<&Arc<Rule>> {
        self.rules.iter().filter(|(id, _)| stands_for(word, id)).filter_map(|(_, shelf)| shelf.get()).collect()
    }

    /// The same catalogue with other parameters for one rule.
    ///
    /// # Errors
    /// Parameters that do not fit the rule's check.
    pub fn with_params(mut self, id: &str, with: &serde_json::Value) -> Result<Self, String> {
        if let Some(rule) = self.rule(id) {
            let mut file = RuleFile::clone(rule);
            file.with = with.clone();
            let changed = Rule::new(file, rule.origin.clone()).map_err(|error| error.message)?;
            self.rules.insert(Cow::Owned(id.to_owned()), Shelf::filled(changed));
        }
        Ok(self)
    }

    /// The known rule id nearest to a misspelt one.
    pub fn nearest_rule(&self, id: &str) -> Option<&str> {
        nearest(id, self.ids())
    }

    /// The known profile nearest to a misspelt one.
    pub fn nearest_profile(&self, name: &str) -> Option<&str> {
        nearest(name, self.profiles.keys().map(AsRef::as_ref))
    }

    /// The examples of a shipped rule.
    pub fn shipped_examples(id: &str) -> Examples {
        let all: serde_json::Value =
            serde_json::from_str(include_str!(concat!(env!("OUT_DIR"), "/examples.json"))).unwrap_or_default();
        all.get(id).cloned().and_then(|examples| serde_json::from_value(examples).ok()).unwrap_or_default()
    }
}

/// Whether a word is the id of a rule, or its family (`key`, `key/*`).
pub fn stands_for(word: &str, id: &str) -> bool {
    id == word || id.split('/').next() == Some(word.strip_suffix("/*").unwrap_or(word))
}

/// The candidate that is most like a word, if any is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    candidates
        .map(|candidate| (strsim::jaro_winkler(word, candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}
