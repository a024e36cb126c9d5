//! What a run asks of its policy: which rules hold for a request, what is left out, what is waived.
//! The command line has the last word on profiles and rules. Rule sets are compiled once for each combination of scopes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use glob::{MatchOptions, Pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Locator, OnUnknown, Override, RawPolicy, Waiver};
use crate::catalogue::{Catalogue, Cost, Demand, PlanError, RuleSet, Severity, Tallies, merge, stands_for};
use crate::check::Date;
use crate::lists::Lists;
use crate::request::{Field, Format, Request, Template, Text};

/// The lowest severity that fails a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub enum FailOn {
    /// Errors only.
    Error,
    /// Warnings and errors.
    Warning,
    /// Any finding.
    Info,
    /// No finding.
    Never,
}

impl FailOn {
    /// Whether a finding of this severity fails the run.
    pub fn fails(self, severity: Severity) -> bool {
        match self {
            Self::Error => severity >= Severity::Error,
            Self::Warning => severity >= Severity::Warning,
            Self::Info => true,
            Self::Never => false,
        }
    }
}

/// What the command line says about profiles and rules.
#[derive(Debug, Clone, Default)]
pub struct Selection {
    /// Profiles instead of the policy's.
    pub profiles: Vec<String>,
    /// Only these rules and families.
    pub select: Vec<String>,
    /// Without these rules and families.
    pub ignore: Vec<String>,
    /// The threshold instead of the policy's.
    pub fail_on: Option<FailOn>,
    /// Costly rules, too.
    pub deep: bool,
}

/// What a scope can tell requests apart by, besides their file.
#[derive(Debug, Clone, Copy)]
pub struct Facet<'a> {
    format: Format,
    issuer: Option<&'a str>,
    signer: Option<&'a str>,
}

impl<'a> Facet<'a> {
    /// Of a request.
    pub fn of(request: &'a Request) -> Self {
        let named = |field: fn(&'a Template) -> &'a Field<Text>| field(request.template.as_ref()?).effective()?.whole();
        Self {
            format: request.origin.format,
            issuer: named(|template| &template.issuer),
            signer: named(|template| &template.signer),
        }
    }
}

impl From<Format> for Facet<'_> {
    /// Of a request of which only the format is known.
    fn from(format: Format) -> Self {
        Self { format, issuer: None, signer: None }
    }
}

#[derive(Debug)]
pub(super) struct Scope {
    pub(super) files: Option<Vec<Pattern>>,
    pub(super) format: Option<Format>,
    pub(super) issuer: Option<Pattern>,
    pub(super) signer: Option<Pattern>,
    pub(super) on_unknown: Option<OnUnknown>,
    pub(super) profiles: Option<Vec<String>>,
    pub(super) rules: BTreeMap<String, Override>,
    pub(super) fail_on: Option<FailOn>,
}

/// The policy of a run.
pub struct Policy {
    /// The file it comes from; `None` for none.
    pub path: Option<String>,
    /// Its text, for showing places in it.
    pub text: String,
    /// Where values stand in it.
    pub locator: Locator,
    /// The directory its patterns are relative to, in the tree; empty for the root.
    pub base: String,
    /// Every rule and profile.
    pub catalogue: Catalogue,
    /// The day to judge as of.
    pub as_of: Date,
    /// Accepted findings.
    pub waivers: Vec<Waiver>,
    /// Lists of known keys.
    pub lists: Lists,
    /// As it was written.
    pub raw: RawPolicy,
    pub(super) profiles: Vec<String>,
    pub(super) exclude: Vec<Pattern>,
    pub(super) scopes: Vec<Scope>,
    pub(super) selection: Selection,
    /// How often each outcome of each rule occurred.
    pub tallies: Tallies,
    numbers: BTreeMap<String, usize>,
    sets: RwLock<HashMap<Vec<usize>, Arc<RuleSet>>>,
}

/// In paths `*` does not cross `/`, `**` does; case counts.
const PATH_OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

fn is_named(pattern: Option<&Pattern>, name: Option<&str>) -> bool {
    pattern.is_none_or(|pattern| name.is_some_and(|name| pattern.matches(name)))
}

pub(super) fn path_matches(pattern: &Pattern, path: &str) -> bool {
    pattern.matches_with(path, PATH_OPTIONS)
}

/// Rules that hold whatever the profiles say. What could not be read must not pass for clean, nor an expired waiver for a valid one.
const UNDER_ANY_PROFILE: [&str; 5] =
    ["config", "pem/not-decodable", "pkcs10/not-der", "pkcs10/truncated", "pkcs10/too-deep"];

impl Policy {
    /// No policy: the profile `recommended`, or what the command line says.
    ///
    /// # Errors
    /// A sentence about the command line, or about the shipped catalogue.
    pub fn isolated(catalogue: Catalogue, selection: Selection, as_of: Date) -> Result<Self, String> {
        let raw = RawPolicy {
            version: 1,
            required_version: None,
            profiles: None,
            exclude: vec![],
            tools: BTreeMap::new(),
            fail_on: None,
            rules: BTreeMap::new(),
            custom_rules: vec![],
            scopes: vec![],
            waivers: vec![],
            inline_ignores: super::raw::InlineIgnores::default(),
            no_waivers: vec![],
            blocklists: vec![],
            on_unknown: None,
        };
        let mut policy = Self::empty(catalogue, raw, selection, as_of);
        policy.check_selection()?;
        policy.compile_all().map_err(|error| error.1)?;
        Ok(policy)
    }

    pub(super) fn empty(catalogue: Catalogue, raw: RawPolicy, selection: Selection, as_of: Date) -> Self {
        let numbers: BTreeMap<String, usize> =
            catalogue.ids().enumerate().map(|(number, id)| (id.to_owned(), number)).collect();
        let tallies = Tallies::new(numbers.len());
        let profiles = raw.profiles.clone().unwrap_or_else(|| vec!["recommended".to_owned()]);
        Self {
            path: None,
            text: String::new(),
            locator: Locator::default(),
            base: String::new(),
            catalogue,
            as_of,
            waivers: vec![],
            lists: Lists::default(),
            raw,
            profiles,
            exclude: vec![],
            scopes: vec![],
            selection,
            tallies,
            numbers,
            sets: RwLock::default(),
        }
    }

    pub(super) fn check_selection(&self) -> Result<(), String> {
        for name in &self.selection.profiles {
            if self.catalogue.profile(name).is_none() {
                let hint = self
                    .catalogue
                    .nearest_profile(name)
                    .map(|near| format!("; did you mean {near:?}?"))
                    .unwrap_or_default();
                return Err(format!("there is no profile {name:?}{hint}"));
            }
        }
        for word in self.selection.select.iter().chain(&self.selection.ignore) {
            if self.catalogue.matching(word).is_empty() {
                let hint = self
                    .catalogue
                    .nearest_rule(word)
                    .map(|near| format!("; did you mean {near:?}?"))
                    .unwrap_or_default();
                return Err(format!("there is no rule or family {word:?}{hint}"));
            }
        }
        Ok(())
    }

    /// Compiles the rule set of the whole tree and of each scope alone, so that errors show before anything is linted.
    pub(super) fn compile_all(&mut self) -> Result<(), (Vec<String>, String)> {
        for set in std::iter::once(Vec::new()).chain((0..self.scopes.len()).map(|scope| vec![scope])) {
            let compiled = self.compile(&set);
            if let Err(error) = compiled {
                let place = |at: &[&str]| at.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
                let in_scope = set.first().filter(|scope| {
                    self.scopes.get(**scope).is_some_and(|scope| scope.rules.contains_key(&error.rule))
                });
                let mut path = match in_scope {
                    Some(scope) => place(&["scopes", &scope.to_string(), "rules", &error.rule, "with"]),
                    None => place(&["rules", &error.rule, "with"]),
                };
                path.extend(error.reason.path.iter().cloned());
                return Err((path, format!("{}: {}", error.rule, error.reason)));
            }
            if let (Ok(rules), Ok(sets)) = (compiled, self.sets.get_mut()) {
                sets.insert(set, Arc::new(rules));
            }
        }
        Ok(())
    }

    /// The profiles that hold with these scopes.
    fn profiles_with(&self, scopes: &[usize]) -> &[String] {
        if !self.selection.profiles.is_empty() {
            return &self.selection.profiles;
        }
        scopes
            .iter()
            .rev()
            .filter_map(|scope| self.scopes.get(*scope)?.profiles.as_deref())
            .next()
            .unwrap_or(&self.profiles)
    }

    /// Names of the profiles that hold everywhere.
    pub fn profiles(&self) -> &[String] {
        self.profiles_with(&[])
    }

    pub(super) fn compile(&self, scopes: &[usize]) -> Result<RuleSet, PlanError> {
        let mut demands: BTreeMap<String, (Arc<crate::catalogue::Rule>, Vec<Demand>)> = BTreeMap::new();
        let select = &self.selection.select;
        let selected = |id: &str| select.is_empty() || select.iter().any(|word| stands_for(word, id));
        for name in self.profiles_with(scopes) {
            let Some(profile) = self.catalogue.profile(name) else { continue };
            for (id, rows) in profile.resolved(&self.catalogue) {
                let Some(rule) = self.catalogue.rule(&id).filter(|_| selected(&id)) else { continue };
                // Costly rules run when asked for: by --deep, or by name.
                if rule.cost == Cost::Deep && !self.selection.deep && !select.contains(&id) {
                    continue;
                }
                for row in rows.iter().filter(|row| row.holds_on(self.as_of)) {
                    let demand = Demand {
                        profiles: vec![name.clone()],
                        severity: row.severity.unwrap_or(rule.severity),
                        params: merge(&rule.with, &normalised(rule, &row.with)?),
                        clause: row.clause.clone(),
                        enforce_from: None,
                    };
                    demands.entry(id.clone()).or_insert_with(|| (rule.clone(), Vec::new())).1.push(demand);
                }
            }
        }
        // A word of the command line narrows the profiles; what they have nothing of is run as it is.
        for word in select {
            if !demands.keys().any(|id| stands_for(word, id)) {
                for rule in self.catalogue.matching(word) {
                    let demand = Demand::of_rule(rule, "command line");
                    demands.entry(rule.id.clone()).or_insert_with(|| (rule.clone(), vec![demand]));
                }
            }
        }
        if select.is_empty() {
            for rule in UNDER_ANY_PROFILE.iter().flat_map(|word| self.catalogue.matching(word)) {
                let demand = Demand::of_rule(rule, "policy");
                demands.entry(rule.id.clone()).or_insert_with(|| (rule.clone(), vec![demand]));
            }
        }
        // An organisation that loads a rule of its own wants it, unless it says otherwise.
        if select.is_empty() {
            for rule in self.catalogue.custom_rules() {
                let demand = Demand::of_rule(rule, "policy");
                demands.entry(rule.id.clone()).or_insert_with(|| (rule.clone(), vec![demand]));
            }
        }
        for (id, over) in std::iter::once(&self.raw.rules)
            .chain(scopes.iter().filter_map(|scope| Some(&self.scopes.get(*scope)?.rules)))
            .flatten()
        {
            let Some(rule) = self.catalogue.rule(id) else { continue };
            if over.severity == Some(super::SeverityOverride::Off) {
                demands.remove(id);
                continue;
            }
            if !selected(id) {
                continue;
            }
            let (_, list) =
                demands.entry(id.clone()).or_insert_with(|| (rule.clone(), vec![Demand::of_rule(rule, "policy")]));
            let with = normalised(rule, &over.with)?;
            for demand in list {
                demand.params = merge(&demand.params, &with);
                demand.severity = over.severity.and_then(super::SeverityOverride::severity).unwrap_or(demand.severity);
                demand.enforce_from = over.enforce_from.or(demand.enforce_from);
            }
        }
        self.demand_of_unknown(scopes, &selected, &mut demands);
        for rule in self.selection.ignore.iter().flat_map(|word| self.catalogue.matching(word)) {
            demands.remove(&rule.id);
        }
        RuleSet::compile(demands, &|id| self.numbers.get(id).copied().unwrap_or(usize::MAX / 8))
    }

    /// `on-unknown`: what could not be judged is a finding, or is none, whatever the profiles say.
    fn demand_of_unknown(
        &self,
        scopes: &[usize],
        selected: &dyn Fn(&str) -> bool,
        demands: &mut BTreeMap<String, (Arc<crate::catalogue::Rule>, Vec<Demand>)>,
    ) {
        const RULE: &str = "template/not-judged";
        let scoped = scopes.iter().rev().find_map(|scope| self.scopes.get(*scope)?.on_unknown);
        let Some(severity) = scoped.or(self.raw.on_unknown).map(OnUnknown::severity) else { return };
        let Some((severity, rule)) = severity.zip(self.catalogue.rule(RULE).filter(|_| selected(RULE))) else {
            demands.remove(RULE);
            return;
        };
        let demand = Demand { severity, ..Demand::of_rule(rule, "policy") };
        demands.insert(RULE.to_owned(), (rule.clone(), vec![demand]));
    }

    /// The days on which it begins to demand something else: those of its profiles, and of `enforce-from`.
    pub fn turning_points(&self) -> Vec<Date> {
        let scopes = self.scopes.iter();
        let profiles = scopes.clone().flat_map(|scope| scope.profiles.iter().flatten()).chain(self.profiles());
        let mut days: Vec<Date> = profiles
            .filter_map(|name| self.catalogue.profile(name))
            .flat_map(|profile| profile.turning_points(&self.catalogue))
            .chain(
                scopes
                    .flat_map(|scope| scope.rules.values())
                    .chain(self.raw.rules.values())
                    .filter_map(|over| over.enforce_from),
            )
            .collect();
        days.sort_unstable();
        days.dedup();
        days
    }

    /// Whether costly computations are asked for.
    pub fn is_deep(&self) -> bool {
        self.selection.deep
    }

    /// A path in the tree, as patterns of the policy see it.
    fn relative<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.base.is_empty() {
            return Some(path);
        }
        path.strip_prefix(&self.base)?.strip_prefix('/')
    }

    /// Whether a file or directory is left out.
    pub fn excludes(&self, path: &str) -> bool {
        !self.exclude.is_empty()
            && self.relative(path).is_some_and(|path| self.exclude.iter().any(|pattern| path_matches(pattern, path)))
    }

    fn scopes_of(&self, path: &str, facet: Option<Facet<'_>>) -> Vec<usize> {
        let Some(path) = self.relative(path) else { return Vec::new() };
        let holds = |scope: &Scope| {
            scope.files.as_ref().is_none_or(|files| files.iter().any(|pattern| path_matches(pattern, path)))
                && scope.format.is_none_or(|wanted| facet.is_some_and(|facet| facet.format == wanted))
                && is_named(scope.issuer.as_ref(), facet.and_then(|facet| facet.issuer))
                && is_named(scope.signer.as_ref(), facet.and_then(|facet| facet.signer))
        };
        self.scopes.iter().enumerate().filter(|(_, scope)| holds(scope)).map(|(number, _)| number).collect()
    }

    /// The rules that hold for a request in this file; without one, for the file itself.
    pub fn rules_for(&self, path: &str, facet: Option<Facet<'_>>) -> Arc<RuleSet> {
        self.rules_with(self.scopes_of(path, facet))
    }

    fn rules_with(&self, scopes: Vec<usize>) -> Arc<RuleSet> {
        if let Some(set) = self.sets.read().ok().and_then(|sets| sets.get(&scopes).cloned()) {
            return set;
        }
        // Each scope was compiled when the policy was loaded; together they can only fail in `with` that each part accepted.
        let set = Arc::new(self.compile(&scopes).unwrap_or_default());
        if let Ok(mut sets) = self.sets.write() {
            sets.insert(scopes, set.clone());
        }
        set
    }

    /// Every rule that holds anywhere: for the whole tree or in a scope.
    pub fn all_rules(&self) -> BTreeMap<String, Arc<crate::catalogue::Rule>> {
        let sets = std::iter::once(Vec::new()).chain((0..self.scopes.len()).map(|scope| vec![scope]));
        sets.map(|set| self.rules_with(set))
            .flat_map(|set| {
                set.rules.iter().map(|active| (active.rule.id.clone(), active.rule.clone())).collect::<Vec<_>>()
            })
            .collect()
    }

    /// The threshold for this file.
    pub fn fail_on(&self, path: &str, facet: Option<Facet<'_>>) -> FailOn {
        let scoped = || self.scopes_of(path, facet).into_iter().rev().find_map(|scope| self.scopes.get(scope)?.fail_on);
        self.selection.fail_on.or_else(scoped).or(self.raw.fail_on).unwrap_or(FailOn::Warning)
    }

    /// The waiver that holds for a finding, if there is one.
    pub fn waiver_for(&self, rule: &str, path: &str, spki: Option<&str>, fingerprint: &str) -> Option<&Waiver> {
        let path = self.relative(path).unwrap_or(path);
        self.waivers.iter().find(|waiver| waiver.holds_on(self.as_of) && waiver.matches(rule, path, spki, fingerprint))
    }

    /// Whether the policy lets a rule be waived and ignored.
    pub fn may_waive(&self, rule: &str) -> bool {
        !self.raw.no_waivers.iter().any(|word| stands_for(word, rule))
    }

    /// `[pass, fail, not applicable, not judged]` of every rule that was asked.
    pub fn outcomes(&self) -> impl Iterator<Item = (&str, [u64; 4])> {
        self.numbers
            .iter()
            .map(|(id, number)| (id.as_str(), self.tallies.of(*number)))
            .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
    }
}

/// Parameters of a layer in the spelling that other layers use.
fn normalised(rule: &crate::catalogue::Rule, with: &Value) -> Result<Value, PlanError> {
    (rule.definition.normalised)(with.clone()).map_err(|reason| PlanError { rule: rule.id.clone(), reason })
}
