//! What a run asks of its policy: which rules hold for a request, what is left out, what is waived.
//! The command line has the last word on profiles and rules. Rule sets are compiled once for each combination of scopes.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, RwLock};

use glob::{MatchOptions, Pattern};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::layer::Layer;
use super::{Baseline, InlineIgnores, OnUnknown, Override, PolicyFile, Submodules, Waiver, WaiverTerm, WaiverTerms};
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
    /// As if nothing were waived, ignored or in a baseline.
    pub no_ignores: bool,
    /// The policy's own baseline is not read.
    pub without_baseline: bool,
}

/// What a scope can tell requests apart by, besides their file.
#[derive(Debug, Clone, Copy)]
pub struct Facet<'a> {
    format: Format,
    issuer: Named<'a>,
    signer: Named<'a>,
}

impl<'a> Facet<'a> {
    /// Of a request.
    pub fn of(request: &'a Request) -> Self {
        let named = |field: fn(&'a Template) -> &'a Field<Text>| {
            request.template.as_ref().map_or(Named::Nobody, |template| Named::of(field(template)))
        };
        Self {
            format: request.origin.format,
            issuer: named(|template| &template.issuer),
            signer: named(|template| &template.signer),
        }
    }

    /// Whether it is known of each scope whether it is about the request.
    fn is_certain(&self) -> bool {
        [self.issuer, self.signer].iter().all(|named| matches!(named, Named::Nobody | Named::Known(_)))
    }
}

impl From<Format> for Facet<'_> {
    /// Of a request of which only the format is known.
    fn from(format: Format) -> Self {
        Self { format, issuer: Named::Nobody, signer: Named::Nobody }
    }
}

/// The issuer or signer that a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Named<'a> {
    /// None.
    Nobody,
    /// This one.
    Known(&'a str),
    /// One that begins and ends like this.
    Partly(&'a str, &'a str),
    /// One that an expression names, or that cannot be read.
    Unknown(&'a str),
}

impl<'a> Named<'a> {
    fn of(field: &'a Field<Text>) -> Self {
        match (field.effective(), field.unjudged()) {
            (Some(Text::Whole(name)), _) => Self::Known(name),
            (Some(Text::Partial { prefix, suffix }), _) => Self::Partly(prefix, suffix),
            (None, Some(expression)) => Self::Unknown(expression),
            (None, None) => Self::Nobody,
        }
    }

    /// Whether it is one of those a pattern stands for.
    fn fits(self, pattern: &Pattern) -> Fit {
        let (prefix, suffix) = match self {
            Self::Nobody => return Fit::No,
            Self::Known(name) => return if pattern.matches(name) { Fit::Yes } else { Fit::No },
            Self::Partly(prefix, suffix) => (prefix, suffix),
            Self::Unknown(_) => ("", ""),
        };
        let text = pattern.as_str();
        let is_special = |character: char| "*?[]".contains(character);
        let (Some(first), Some(last)) = (text.find(is_special), text.rfind(is_special)) else {
            // Whatever the unknown part is, it has no fewer than no characters.
            let fits = text.len() >= prefix.len() + suffix.len() && text.starts_with(prefix) && text.ends_with(suffix);
            return if fits { Fit::Maybe } else { Fit::No };
        };
        let (head, middle, tail) = (
            text.get(..first).unwrap_or_default(),
            text.get(first..=last).unwrap_or_default(),
            text.get(last + 1..).unwrap_or_default(),
        );
        let begins = prefix.starts_with(head) || head.starts_with(prefix);
        let ends = suffix.ends_with(tail) || tail.ends_with(suffix);
        match () {
            () if !begins || !ends => Fit::No,
            // A star stands for anything, and what stands around it is known.
            () if middle == "*" && prefix.starts_with(head) && suffix.ends_with(tail) => Fit::Yes,
            () => Fit::Maybe,
        }
    }

    /// What is said of it, for people.
    fn told(self) -> String {
        match self {
            Self::Nobody => String::new(),
            Self::Known(name) | Self::Unknown(name) => name.to_owned(),
            Self::Partly(prefix, suffix) => format!("{prefix}…{suffix}"),
        }
    }
}

/// Whether a scope is about a request; all of several have to hold, so that the least of them does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    No,
    Maybe,
    Yes,
}

/// Rules that may hold for a request: those that do, and a scope of which it is not known whether it is about the request.
pub struct Uncertain {
    /// The rules that would hold.
    pub rules: Arc<RuleSet>,
    /// The scopes that would.
    pub scopes: Vec<usize>,
    /// Where the scope stands, or the scopes where these are several: `csrlint.yaml:12`.
    pub place: String,
    /// What decides: `issuer` or `signer`.
    pub by: &'static str,
    /// The expression there.
    pub expression: String,
}

/// Part of a policy: the lower layers, some scopes, and what the command line says.
#[derive(Clone, Copy)]
pub(super) struct View<'a> {
    /// How many layers, from the lowest.
    pub(super) layers: usize,
    pub(super) scopes: &'a [usize],
    pub(super) selection: &'a Selection,
}

/// What is demanded, by rule.
pub(super) type Demands = BTreeMap<String, (Arc<crate::catalogue::Rule>, Vec<Demand>)>;

/// What a waiver or ignore says of itself, as terms have it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WaiverClaim {
    /// It names who accepted it.
    pub approver: bool,
    /// It is pinned to a key or a finding; a value is no pin, since other requests may have it.
    pub pin: bool,
    /// Its last day.
    pub until: Option<Date>,
}

impl WaiverClaim {
    /// Of a waiver.
    pub fn of(waiver: &super::RawWaiver) -> Self {
        Self {
            approver: waiver.approved_by.as_ref().is_some_and(|name| !name.trim().is_empty()),
            pin: waiver.spki_sha256.is_some() || waiver.fingerprint.is_some(),
            until: Some(waiver.expires),
        }
    }
}

#[derive(Debug)]
pub(super) struct Scope {
    /// The number of its layer.
    pub(super) layer: usize,
    /// Its number there.
    pub(super) number: usize,
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
    /// The files it is made of, lowest first; the last is that at `path`.
    pub layers: Vec<Layer>,
    /// All files that were read for it: layers, rules, lists, the baseline.
    pub sources: Vec<String>,
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
    /// What the user should know about how it was found.
    pub notices: Vec<String>,
    /// Findings that were there already.
    pub baseline: Option<Baseline>,
    /// Versions of tools whose defaults are assumed.
    pub tools: BTreeMap<String, String>,
    /// Patterns of files that are left out, each with the number of its layer.
    pub(super) exclude: Vec<(usize, Pattern)>,
    pub(super) scopes: Vec<Scope>,
    pub(super) selection: Selection,
    /// How often each outcome of each rule occurred.
    pub tallies: Tallies,
    numbers: BTreeMap<String, usize>,
    sets: RwLock<HashMap<SetKey, Arc<RuleSet>>>,
}

/// The scopes a rule set is of; and, for files that a layer leaves out, which: then only rules that were locked below it hold.
type SetKey = (Vec<usize>, Option<usize>);

/// In paths `*` does not cross `/`, `**` does; case counts.
const PATH_OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

pub(crate) fn path_matches(pattern: &Pattern, path: &str) -> bool {
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
        let mut policy = Self::empty(catalogue, Vec::new(), selection, as_of);
        policy.check_selection()?;
        let rules = policy.compile(&[]).map_err(|error| format!("{}: {}", error.rule, error.reason))?;
        policy.keep_set(Vec::new(), rules);
        Ok(policy)
    }

    pub(super) fn empty(catalogue: Catalogue, layers: Vec<Layer>, selection: Selection, as_of: Date) -> Self {
        let numbers: BTreeMap<String, usize> =
            catalogue.ids().enumerate().map(|(number, id)| (id.to_owned(), number)).collect();
        let tallies = Tallies::new(numbers.len());
        let tools = layers.iter().flat_map(|layer| layer.raw.tools.clone()).collect();
        Self {
            path: None,
            sources: Vec::new(),
            base: String::new(),
            catalogue,
            as_of,
            waivers: vec![],
            notices: vec![],
            baseline: None,
            lists: Lists::default(),
            tools,
            layers,
            exclude: vec![],
            scopes: vec![],
            selection,
            tallies,
            numbers,
            sets: RwLock::default(),
        }
    }

    /// Keeps a rule set that was compiled.
    pub(super) fn keep_set(&mut self, scopes: Vec<usize>, rules: RuleSet) {
        if let Ok(sets) = self.sets.get_mut() {
            sets.insert((scopes, None), Arc::new(rules));
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

    /// The profiles that hold with these scopes, as far as some of the layers say so.
    fn profiles_with(&self, view: &View<'_>) -> Vec<String> {
        if !view.selection.profiles.is_empty() {
            return view.selection.profiles.clone();
        }
        let scoped = self.scopes_in(view).rev().find_map(|scope| scope.profiles.clone());
        let layered = || self.layers_in(view).rev().find_map(|layer| layer.raw.profiles.clone());
        scoped.or_else(layered).unwrap_or_else(|| vec!["recommended".to_owned()])
    }

    /// Names of the profiles that hold everywhere.
    pub fn profiles(&self) -> Vec<String> {
        self.profiles_with(&self.view(&[]))
    }

    /// All layers and the command line.
    pub(super) fn view<'v>(&'v self, scopes: &'v [usize]) -> View<'v> {
        View { layers: self.layers.len(), scopes, selection: &self.selection }
    }

    fn layers_in(&self, view: &View<'_>) -> impl DoubleEndedIterator<Item = &Layer> {
        self.layers.iter().take(view.layers)
    }

    fn scopes_in<'p>(&'p self, view: &View<'p>) -> impl DoubleEndedIterator<Item = &'p Scope> {
        let layers = view.layers;
        view.scopes.iter().filter_map(|number| self.scopes.get(*number)).filter(move |scope| scope.layer < layers)
    }

    pub(super) fn compile(&self, scopes: &[usize]) -> Result<RuleSet, PlanError> {
        Ok(self.compile_with_locks(scopes)?.0)
    }

    /// From what is demanded to compiled checks.
    pub(super) fn compiled(&self, demands: Demands) -> Result<RuleSet, PlanError> {
        RuleSet::compile(demands, &|id| self.numbers.get(id).copied().unwrap_or(usize::MAX / 8))
    }

    /// What is demanded with these scopes, by rule.
    pub(super) fn demands(&self, view: &View<'_>) -> Result<Demands, PlanError> {
        let mut demands = Demands::new();
        let select = &view.selection.select;
        let selected = |id: &str| select.is_empty() || select.iter().any(|word| stands_for(word, id));
        for name in self.profiles_with(view) {
            let Some(profile) = self.catalogue.profile(&name) else { continue };
            for (id, rows) in profile.resolved(&self.catalogue) {
                let Some(rule) = self.catalogue.rule(&id).filter(|_| selected(&id)) else { continue };
                // Costly rules run when asked for: by --deep, or by name.
                if rule.cost == Cost::Deep && !view.selection.deep && !select.contains(&id) {
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
            // An organisation that loads a rule of its own wants it, unless it says otherwise.
            let always = UNDER_ANY_PROFILE.iter().flat_map(|word| self.catalogue.matching(word));
            for rule in always.chain(self.catalogue.custom_rules()) {
                let demand = Demand::of_rule(rule, "policy");
                demands.entry(rule.id.clone()).or_insert_with(|| (rule.clone(), vec![demand]));
            }
        }
        let layers = self.layers_in(view).map(|layer| &layer.raw.rules);
        for (id, over) in layers.chain(self.scopes_in(view).map(|scope| &scope.rules)).flatten() {
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
        self.demand_of_unknown(view, &selected, &mut demands);
        for rule in view.selection.ignore.iter().flat_map(|word| self.catalogue.matching(word)) {
            demands.remove(&rule.id);
        }
        Ok(demands)
    }

    /// `on-unknown`: what could not be judged is a finding, or is none, whatever the profiles say.
    fn demand_of_unknown(&self, view: &View<'_>, selected: &dyn Fn(&str) -> bool, demands: &mut Demands) {
        const RULE: &str = "template/not-judged";
        let scoped = self.scopes_in(view).rev().find_map(|scope| scope.on_unknown);
        let layered = self.layers_in(view).rev().find_map(|layer| layer.raw.on_unknown);
        let Some(severity) = scoped.or(layered).map(OnUnknown::severity) else { return };
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
        let everywhere = self.profiles();
        let profiles = scopes.clone().flat_map(|scope| scope.profiles.iter().flatten()).chain(&everywhere);
        let mut days: Vec<Date> = profiles
            .filter_map(|name| self.catalogue.profile(name))
            .flat_map(|profile| profile.turning_points(&self.catalogue))
            .chain(
                scopes
                    .flat_map(|scope| scope.rules.values())
                    .chain(self.layers.iter().flat_map(|layer| layer.raw.rules.values()))
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

    /// Whether a file or directory is left out, whatever rules are locked.
    pub fn excludes(&self, path: &str) -> bool {
        self.leaving_out(path).is_some_and(|layer| !self.locks_below(layer))
    }

    /// The lowest layer that leaves a path out.
    fn leaving_out(&self, path: &str) -> Option<usize> {
        if self.exclude.is_empty() {
            return None;
        }
        let path = self.relative(path)?;
        self.exclude.iter().find(|(_, pattern)| path_matches(pattern, path)).map(|(layer, _)| *layer)
    }

    /// The same for a file, which is left out with a folder around it.
    fn leaving_out_file(&self, path: &str) -> Option<usize> {
        let folders = path.match_indices('/').filter_map(|(at, _)| path.get(..at));
        folders.chain(std::iter::once(path)).filter_map(|part| self.leaving_out(part)).min()
    }

    /// The scopes that are certainly about a request, or about the file itself.
    /// Whether what the policy says of paths makes a file at one place another thing than at another: a scope that is for one
    /// of them only, or a waiver for the second that is not for the first.
    pub fn treats_apart(&self, here: &str, there: &str) -> bool {
        let (Some(here), Some(there)) = (self.relative(here), self.relative(there)) else { return true };
        let holds = |files: &[Pattern], path: &str| files.iter().any(|pattern| path_matches(pattern, path));
        let scopes = self.scopes.iter().filter_map(|scope| scope.files.as_deref());
        let waivers = self.waivers.iter().filter_map(|waiver| waiver.files.as_deref());
        scopes.into_iter().any(|files| holds(files, here) != holds(files, there))
            || waivers.into_iter().any(|files| holds(files, there) && !holds(files, here))
    }

    fn scopes_of(&self, path: &str, facet: Option<Facet<'_>>) -> Vec<usize> {
        self.scopes_that(Fit::Yes, path, facet)
    }

    fn scopes_that(&self, wanted: Fit, path: &str, facet: Option<Facet<'_>>) -> Vec<usize> {
        let Some(path) = self.relative(path) else { return Vec::new() };
        let fits = |scope: &Scope| {
            let files = scope.files.as_ref();
            let in_files = files.is_none_or(|files| files.iter().any(|pattern| path_matches(pattern, path)));
            let in_format = scope.format.is_none_or(|wanted| facet.is_some_and(|facet| facet.format == wanted));
            if !in_files || !in_format {
                return Fit::No;
            }
            let fit = |pattern: Option<&Pattern>, named: Option<Named<'_>>| {
                pattern.map_or(Fit::Yes, |pattern| named.map_or(Fit::No, |named| named.fits(pattern)))
            };
            let issuer = fit(scope.issuer.as_ref(), facet.map(|facet| facet.issuer));
            issuer.min(fit(scope.signer.as_ref(), facet.map(|facet| facet.signer)))
        };
        self.scopes.iter().enumerate().filter(|(_, scope)| fits(scope) == wanted).map(|(number, _)| number).collect()
    }

    /// The rules that hold for a request in this file; without one, for the file itself.
    pub fn rules_for(&self, path: &str, facet: Option<Facet<'_>>) -> Arc<RuleSet> {
        let left_out = if self.has_locks() { self.leaving_out_file(path) } else { None };
        self.rules_with((self.scopes_of(path, facet), left_out))
    }

    fn rules_with(&self, key: SetKey) -> Arc<RuleSet> {
        if let Some(set) = self.sets.read().ok().and_then(|sets| sets.get(&key).cloned()) {
            return set;
        }
        // Each scope was compiled when the policy was loaded; together they can only fail in `with` that each part accepted.
        let set = match key.1 {
            None => self.compile(&key.0),
            Some(layer) => self.compile_locked(&key.0, layer),
        };
        let set = Arc::new(set.unwrap_or_default());
        if let Ok(mut sets) = self.sets.write() {
            sets.insert(key, set.clone());
        }
        set
    }

    /// The rules that may hold for a request as well, where it is not known whether a scope is about it: one set for each such
    /// scope, and one for all of them together.
    pub fn uncertain_rules(&self, path: &str, facet: Facet<'_>) -> Vec<Uncertain> {
        if self.scopes.is_empty() || facet.is_certain() {
            return Vec::new();
        }
        let uncertain = self.scopes_that(Fit::Maybe, path, Some(facet));
        let certain = self.scopes_of(path, Some(facet));
        let left_out = if self.has_locks() { self.leaving_out_file(path) } else { None };
        let all = (uncertain.len() > 1).then_some(uncertain.as_slice());
        let sets = uncertain.chunks(1).chain(all);
        sets.map(|added| {
            let mut scopes: Vec<usize> = certain.iter().chain(added).copied().collect();
            scopes.sort_unstable();
            let places: Vec<String> = added.iter().filter_map(|number| self.place_of_scope(*number)).collect();
            let by_issuer = |number: &usize| {
                let pattern = self.scopes.get(*number).and_then(|scope| scope.issuer.as_ref());
                pattern.is_some_and(|pattern| facet.issuer.fits(pattern) == Fit::Maybe)
            };
            let (by, named) =
                if added.iter().any(by_issuer) { ("issuer", facet.issuer) } else { ("signer", facet.signer) };
            let rules = self.rules_with((scopes.clone(), left_out));
            Uncertain { rules, scopes, place: places.join(" and "), by, expression: named.told() }
        })
        .collect()
    }

    /// Where a scope stands, for people: `csrlint.yaml:12`.
    fn place_of_scope(&self, number: usize) -> Option<String> {
        let scope = self.scopes.get(number)?;
        Some(self.layers.get(scope.layer)?.told_at(&["scopes", &scope.number.to_string()]))
    }

    /// Every rule that holds anywhere: for the whole tree or in a scope.
    pub fn all_rules(&self) -> BTreeMap<String, Arc<crate::catalogue::Rule>> {
        let sets = std::iter::once(Vec::new()).chain((0..self.scopes.len()).map(|scope| vec![scope]));
        sets.map(|set| self.rules_with((set, None)))
            .flat_map(|set| {
                set.rules.iter().map(|active| (active.rule.id.clone(), active.rule.clone())).collect::<Vec<_>>()
            })
            .collect()
    }

    /// Whether the policy itself says how bad a rule's findings in this file are.
    pub fn says_severity(&self, rule: &str, path: &str) -> bool {
        let scopes = self.scopes_of(path, None);
        let view = self.view(&scopes);
        let layers = self.layers_in(&view).map(|layer| &layer.raw.rules);
        let mut all = layers.chain(self.scopes_in(&view).map(|scope| &scope.rules));
        all.any(|rules| rules.get(rule).is_some_and(|over| over.severity.is_some()))
    }

    /// The threshold for this file.
    pub fn fail_on(&self, path: &str, facet: Option<Facet<'_>>) -> FailOn {
        self.fail_on_in(&self.scopes_of(path, facet))
    }

    fn fail_on_in(&self, scopes: &[usize]) -> FailOn {
        self.selection.fail_on.unwrap_or_else(|| self.fail_on_with(&self.view(scopes)))
    }

    fn fail_on_with(&self, view: &View<'_>) -> FailOn {
        let scoped = self.scopes_in(view).rev().find_map(|scope| scope.fail_on);
        let layered = || self.layers_in(view).rev().find_map(|layer| layer.raw.fail_on);
        scoped.or_else(layered).unwrap_or(FailOn::Warning)
    }

    /// Whether a finding counts for the exit code. For a rule that is locked, the threshold of the layer that locked it
    /// holds, too.
    pub fn fails(&self, rule: &str, severity: Severity, path: &str, facet: Option<Facet<'_>>) -> bool {
        self.fails_in(rule, severity, &self.scopes_of(path, facet))
    }

    /// The same with these scopes.
    pub fn fails_in(&self, rule: &str, severity: Severity, scopes: &[usize]) -> bool {
        let locked = || {
            let layer = self.lock_of(rule)?;
            let below = View { layers: layer + 1, ..self.view(scopes) };
            Some(self.fail_on_with(&below).fails(severity))
        };
        self.fail_on_in(scopes).fails(severity) || locked().unwrap_or(false)
    }

    /// The waiver that holds for a finding, if there is one.
    pub fn waiver_for(
        &self,
        rule: &str,
        path: &str,
        spki: Option<&str>,
        fingerprint: &str,
        value: &str,
    ) -> Option<&Waiver> {
        let path = self.relative(path).unwrap_or(path);
        let lock = self.lock_of(rule);
        self.waivers.iter().find(|waiver| {
            waiver.holds_on(self.as_of)
                && lock.is_none_or(|layer| waiver.layer <= layer)
                && self.broken_terms(&WaiverClaim::of(&waiver.raw)).is_none()
                && waiver.matches(rule, path, spki, fingerprint, value)
        })
    }

    /// Whether a waiver that is not pinned covers what a rule finds in this file.
    pub fn covers(&self, waiver: &Waiver, rule: &str, path: &str) -> bool {
        waiver.matches(rule, self.relative(path).unwrap_or(path), None, "", "")
    }

    /// Where a waiver stands, for people: `csrlint.yaml:12`.
    pub fn place_of_waiver(&self, waiver: &Waiver) -> String {
        let layer = self.layers.get(waiver.layer);
        layer.map(|layer| layer.told_at(&["waivers", &waiver.number.to_string()])).unwrap_or_default()
    }

    /// Whether the policy lets a rule be waived and ignored.
    pub fn may_waive(&self, rule: &str) -> bool {
        !self.layers.iter().flat_map(|layer| &layer.raw.no_waivers).any(|word| stands_for(word, rule))
    }

    /// Whether nothing may be set aside in this run.
    pub fn ignores_nothing(&self) -> bool {
        self.selection.no_ignores
    }

    /// Whether comments in files and the baseline may set a rule aside: a locked one only its own layer may.
    pub fn may_ignore(&self, rule: &str) -> bool {
        self.may_waive(rule) && self.lock_of(rule).is_none()
    }

    /// Where comments that ignore findings count.
    pub fn inline_ignores(&self) -> InlineIgnores {
        self.layers.iter().rev().find_map(|layer| layer.raw.inline_ignores).unwrap_or_default()
    }

    /// Whether submodules have to be there: as soon as one layer says so.
    pub fn requires_submodules(&self) -> bool {
        self.layers.iter().any(|layer| layer.raw.submodules == Some(Submodules::Require))
    }

    /// What waivers and ignores have to say: all that any layer demands.
    pub fn waiver_terms(&self) -> WaiverTerms {
        let all = self.layers.iter().map(|layer| &layer.raw.waiver_terms);
        let mut require: Vec<WaiverTerm> = all.clone().flat_map(|terms| terms.require.iter().copied()).collect();
        require.sort_unstable();
        require.dedup();
        WaiverTerms { require, max_days: all.filter_map(|terms| terms.max_days).min() }
    }

    /// What a waiver or ignore lacks, if it lacks something: it then waives nothing.
    pub fn broken_terms(&self, claim: &WaiverClaim) -> Option<String> {
        let terms = self.waiver_terms();
        let lacking = terms.require.iter().find_map(|term| match term {
            WaiverTerm::Approver => (!claim.approver).then_some("it does not say who accepted it"),
            WaiverTerm::Pin => (!claim.pin).then_some("it is pinned neither to a key nor to a finding"),
            WaiverTerm::Until => claim.until.is_none().then_some("it has no last day"),
        });
        lacking.map(str::to_owned).or_else(|| {
            let most = terms.max_days?;
            let Some(until) = claim.until else {
                return Some(format!("it has no last day; at most {most} days are allowed"));
            };
            let ahead = until.days_since(self.as_of);
            (ahead > i64::from(most))
                .then(|| format!("its last day, {until}, is {ahead} days ahead; at most {most} are allowed"))
        })
    }

    /// The path of the baseline in the tree, as the policy has it.
    pub fn baseline_path(&self) -> Option<String> {
        let loaded = self.baseline.as_ref().map(|baseline| baseline.path.clone());
        loaded.or_else(|| {
            let (layer, name) =
                self.layers.iter().rev().find_map(|layer| Some((layer, layer.raw.baseline.as_ref()?)))?;
            Some(super::layer::beside(&layer.path, name))
        })
    }

    /// Puts a baseline in place of the policy's own.
    ///
    /// # Errors
    /// It is none.
    pub fn use_baseline(&mut self, file: &PolicyFile) -> Result<(), super::PolicyError> {
        let baseline = Baseline::parse(file)?;
        self.sources.push(baseline.path.clone());
        self.baseline = Some(baseline);
        Ok(())
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
