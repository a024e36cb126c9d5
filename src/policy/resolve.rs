//! From `csrlint.yaml` to what a run uses: validated, with custom rules loaded, patterns compiled, and rule sets per scope.
//! The command line has the last word on profiles and rules. Rule sets are compiled once for each combination of scopes.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, RwLock};

use glob::{MatchOptions, Pattern};
use jsonschema::error::ValidationErrorKind;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Locator, Override, PolicyError, RawPolicy, Waiver};
use crate::catalogue::{Catalogue, Demand, PlanError, RuleFile, RuleSet, Severity, Tallies, merge, nearest};
use crate::check::{Date, ParameterError};
use crate::request::Format;

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
}

/// A value of the effective configuration and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectiveValue {
    /// Its path, as in `rules.key/rsa-too-small.with.min`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// The layer: `default`, `rule`, `profile NAME`, `policy`, `scope N` or `command line`.
    pub layer: String,
    /// The file, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Said of a parameter that demands less than the layer below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

#[derive(Debug)]
struct Scope {
    files: Option<Vec<Pattern>>,
    format: Option<Format>,
    profiles: Option<Vec<String>>,
    rules: BTreeMap<String, Override>,
    fail_on: Option<FailOn>,
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
    /// As it was written.
    pub raw: RawPolicy,
    profiles: Vec<String>,
    exclude: Vec<Pattern>,
    scopes: Vec<Scope>,
    selection: Selection,
    /// How often each outcome of each rule occurred.
    pub tallies: Tallies,
    numbers: BTreeMap<String, usize>,
    sets: RwLock<HashMap<Vec<usize>, Arc<RuleSet>>>,
}

/// In paths `*` does not cross `/`, `**` does; case counts.
const PATH_OPTIONS: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

pub(super) fn path_matches(pattern: &Pattern, path: &str) -> bool {
    pattern.matches_with(path, PATH_OPTIONS)
}

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
        };
        let mut policy = Self::empty(catalogue, raw, selection, as_of);
        policy.check_selection()?;
        policy.compile_all().map_err(|error| error.1)?;
        Ok(policy)
    }

    fn empty(catalogue: Catalogue, raw: RawPolicy, selection: Selection, as_of: Date) -> Self {
        let numbers: BTreeMap<String, usize> =
            catalogue.rules().enumerate().map(|(number, rule)| (rule.id.clone(), number)).collect();
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

    /// Reads a policy. `load` gives the text of a custom rule file by its path relative to the policy's directory,
    /// or the paths a pattern stands for.
    ///
    /// # Errors
    /// Every error found in the policy and the files it names, each at its place.
    pub fn load(
        source: &PolicySource<'_>,
        mut catalogue: Catalogue,
        selection: Selection,
        as_of: Date,
    ) -> Result<Self, Vec<PolicyError>> {
        let text: Arc<str> = source.text.into();
        let error = |span: std::ops::Range<usize>, message: String, help: Option<String>| PolicyError {
            path: source.path.to_owned(),
            text: text.clone(),
            span,
            message,
            help,
        };
        let locator = Locator::new(source.text).map_err(|(at, problem)| {
            vec![error(at..at, format!("the policy is no YAML that can be used: {problem}"), None)]
        })?;
        let raw = parse(source, &locator, &error)?;
        let mut errors = Vec::new();
        if let Some(requirement) = &raw.required_version
            && let Err(problem) = version_satisfies(requirement, env!("CARGO_PKG_VERSION"))
        {
            return Err(vec![error(locator.value(&["required-version"]), problem, None)]);
        }
        for (number, pattern) in raw.custom_rules.iter().enumerate() {
            let span = || locator.value(&["custom-rules", &number.to_string()]);
            match (source.load)(pattern) {
                Err(problem) => errors.push(error(span(), problem, None)),
                Ok(files) if files.is_empty() => {
                    errors.push(error(span(), format!("no file matches {pattern:?}"), None))
                }
                Ok(files) => {
                    for (path, text) in files {
                        if let Err(problem) = parse_rule(&path, &text).and_then(|file| {
                            catalogue.add_custom(file, &path).map_err(|problem| located(&path, &text, &problem))
                        }) {
                            errors.push(problem);
                        }
                    }
                }
            }
        }
        let patterns = |list: &[String], place: &[&str], errors: &mut Vec<PolicyError>| -> Vec<Pattern> {
            list.iter()
                .enumerate()
                .filter_map(|(number, text)| match Pattern::new(text) {
                    Ok(pattern) => Some(pattern),
                    Err(problem) => {
                        let number = number.to_string();
                        let path: Vec<&str> = place.iter().copied().chain([number.as_str()]).collect();
                        errors.push(error(
                            locator.value(&path),
                            format!("{text:?} is no path pattern: {}", problem.msg),
                            None,
                        ));
                        None
                    }
                })
                .collect()
        };
        let exclude = patterns(&raw.exclude, &["exclude"], &mut errors);
        let check_profiles = |names: &[String], place: &[&str], errors: &mut Vec<PolicyError>| {
            for (number, name) in names.iter().enumerate().filter(|(_, name)| catalogue.profile(name).is_none()) {
                let number = number.to_string();
                let path: Vec<&str> = place.iter().copied().chain([number.as_str()]).collect();
                let help =
                    catalogue.nearest_profile(name).map(|near| format!("did you mean {near:?}?")).or_else(|| {
                        Some(format!(
                            "profiles are {}",
                            catalogue.profiles().map(|profile| profile.name.as_str()).collect::<Vec<_>>().join(", ")
                        ))
                    });
                errors.push(error(locator.value(&path), format!("there is no profile {name:?}"), help));
            }
        };
        let check_rules = |rules: &BTreeMap<String, Override>, place: &[&str], errors: &mut Vec<PolicyError>| {
            for id in rules.keys().filter(|id| catalogue.rule(id).is_none()) {
                let path: Vec<&str> = place.iter().copied().chain([id.as_str()]).collect();
                errors.push(error(
                    locator.key(&path),
                    format!("there is no rule {id:?}"),
                    catalogue.nearest_rule(id).map(|near| format!("did you mean {near:?}?")),
                ));
            }
        };
        check_profiles(raw.profiles.as_deref().unwrap_or_default(), &["profiles"], &mut errors);
        check_rules(&raw.rules, &["rules"], &mut errors);
        let mut scopes = Vec::new();
        for (number, scope) in raw.scopes.iter().enumerate() {
            let number = number.to_string();
            let files = scope.files.as_ref().map(|files| patterns(files, &["scopes", &number, "files"], &mut errors));
            check_profiles(
                scope.profiles.as_deref().unwrap_or_default(),
                &["scopes", &number, "profiles"],
                &mut errors,
            );
            check_rules(&scope.rules, &["scopes", &number, "rules"], &mut errors);
            if scope.files.is_none() && scope.matching.is_none() {
                errors.push(error(
                    locator.value(&["scopes", &number]),
                    "a scope says which part of the tree it is about".to_owned(),
                    Some("give it `files` or `match`".to_owned()),
                ));
            }
            scopes.push(Scope {
                files,
                format: scope.matching.as_ref().map(|matching| matching.format),
                profiles: scope.profiles.clone(),
                rules: scope.rules.clone(),
                fail_on: scope.fail_on,
            });
        }
        let mut waivers = Vec::new();
        for (number, waiver) in raw.waivers.iter().enumerate() {
            let number = number.to_string();
            let files = waiver.files.as_ref().map(|files| patterns(files, &["waivers", &number, "files"], &mut errors));
            let place = |key: &str| locator.value(&["waivers", &number, key]);
            if waiver.reason.trim().is_empty() {
                errors.push(error(place("reason"), "a waiver has a reason".to_owned(), None));
            }
            if let Some(forbidden) = raw.no_waivers.iter().find(|word| {
                word.as_str() == waiver.rule
                    || waiver.rule.split('/').next() == Some(word.strip_suffix("/*").unwrap_or(word))
            }) {
                errors.push(error(place("rule"), format!("this policy does not let {forbidden:?} be waived"), None));
            }
            if waiver
                .spki_sha256
                .as_ref()
                .is_some_and(|pin| !(8..=64).contains(&pin.len()) || !pin.bytes().all(|byte| byte.is_ascii_hexdigit()))
            {
                let message = "spki-sha256 is a SHA-256 in hexadecimal, or its first 8 digits or more".to_owned();
                errors.push(error(
                    place("spki-sha256"),
                    message,
                    Some("csrlint inspect --format json shows it".to_owned()),
                ));
            }
            waivers.push(Waiver { raw: waiver.clone(), files, used: AtomicBool::new(false) });
        }
        if !errors.is_empty() {
            return Err(capped(errors));
        }
        let mut policy = Self::empty(catalogue, raw, selection, as_of);
        policy.path = Some(source.path.to_owned());
        policy.text = source.text.to_owned();
        policy.base = source.base.to_owned();
        (policy.exclude, policy.scopes, policy.waivers) = (exclude, scopes, waivers);
        policy.check_selection().map_err(|message| vec![error(0..0, message, None)])?;
        if let Err((place, message)) = policy.compile_all() {
            let path: Vec<&str> = place.iter().map(String::as_str).collect();
            // "unknown field `x`": the field is what is wrong, not all of the parameters.
            let field = message
                .split('`')
                .nth(1)
                .filter(|_| message.contains("unknown field") || message.contains("unknown variant"));
            let inside: Vec<&str> = path.iter().copied().chain(field).collect();
            let span = match field {
                Some(_) if locator.has(&inside) => locator.key(&inside),
                _ if message.contains("unknown field") && locator.has(&path) => locator.key(&path),
                _ => locator.nearest(&path),
            };
            let help = field
                .and_then(|field| nearest(field, message.split('`').skip(3).step_by(2)))
                .map(|near| format!("did you mean {near:?}?"));
            return Err(vec![error(span, message, help)]);
        }
        policy.locator = locator;
        Ok(policy)
    }

    fn check_selection(&self) -> Result<(), String> {
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
    fn compile_all(&mut self) -> Result<(), (Vec<String>, String)> {
        for set in std::iter::once(Vec::new()).chain((0..self.scopes.len()).map(|scope| vec![scope])) {
            if let Err(error) = self.compile(&set) {
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

    fn compile(&self, scopes: &[usize]) -> Result<RuleSet, PlanError> {
        let mut demands: BTreeMap<String, (Arc<crate::catalogue::Rule>, Vec<Demand>)> = BTreeMap::new();
        if self.selection.select.is_empty() {
            for name in self.profiles_with(scopes) {
                let Some(profile) = self.catalogue.profile(name) else { continue };
                for (id, entry) in profile.resolved(&self.catalogue) {
                    let Some(rule) = self.catalogue.rule(&id).filter(|_| entry.holds_on(self.as_of)) else { continue };
                    let with = normalised(rule, &entry.with)?;
                    let demand = Demand {
                        profiles: vec![name.clone()],
                        severity: entry.severity.unwrap_or(rule.severity),
                        params: merge(&rule.with, &with),
                        clause: entry.clause,
                        enforce_from: None,
                    };
                    demands.entry(id).or_insert_with(|| (rule.clone(), Vec::new())).1.push(demand);
                }
            }
        } else {
            for rule in self.selection.select.iter().flat_map(|word| self.catalogue.matching(word)) {
                let demand = Demand {
                    profiles: vec!["command line".to_owned()],
                    severity: rule.severity,
                    params: rule.with.clone(),
                    clause: None,
                    enforce_from: None,
                };
                demands.entry(rule.id.clone()).or_insert_with(|| (rule.clone(), vec![demand]));
            }
        }
        // An organisation that loads a rule of its own wants it, unless it says otherwise.
        if self.selection.select.is_empty() {
            for rule in self.catalogue.rules().filter(|rule| rule.origin.is_some()) {
                let demand = Demand {
                    profiles: vec!["policy".to_owned()],
                    severity: rule.severity,
                    params: rule.with.clone(),
                    clause: None,
                    enforce_from: None,
                };
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
            let selected = demands.contains_key(id) || self.selection.select.is_empty();
            if !selected {
                continue;
            }
            let (_, list) = demands.entry(id.clone()).or_insert_with(|| {
                (
                    rule.clone(),
                    vec![Demand {
                        profiles: vec!["policy".to_owned()],
                        severity: rule.severity,
                        params: rule.with.clone(),
                        clause: None,
                        enforce_from: None,
                    }],
                )
            });
            let with = normalised(rule, &over.with)?;
            for demand in list {
                demand.params = merge(&demand.params, &with);
                demand.severity = over.severity.and_then(super::SeverityOverride::severity).unwrap_or(demand.severity);
                demand.enforce_from = over.enforce_from.or(demand.enforce_from);
            }
        }
        for rule in self.selection.ignore.iter().flat_map(|word| self.catalogue.matching(word)) {
            demands.remove(&rule.id);
        }
        RuleSet::compile(demands, &|id| self.numbers.get(id).copied().unwrap_or(usize::MAX / 8))
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

    fn scopes_of(&self, path: &str, format: Option<Format>) -> Vec<usize> {
        let Some(path) = self.relative(path) else { return Vec::new() };
        let holds = |scope: &Scope| {
            scope.files.as_ref().is_none_or(|files| files.iter().any(|pattern| path_matches(pattern, path)))
                && scope.format.is_none_or(|wanted| format == Some(wanted))
        };
        self.scopes.iter().enumerate().filter(|(_, scope)| holds(scope)).map(|(number, _)| number).collect()
    }

    /// The rules that hold for a request of this format in this file; without a format, for the file itself.
    pub fn rules_for(&self, path: &str, format: Option<Format>) -> Arc<RuleSet> {
        let scopes = self.scopes_of(path, format);
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
        sets.filter_map(|set| self.compile(&set).ok())
            .flat_map(|set| set.rules)
            .map(|active| (active.rule.id.clone(), active.rule))
            .collect()
    }

    /// The threshold for this file.
    pub fn fail_on(&self, path: &str, format: Option<Format>) -> FailOn {
        let scoped =
            || self.scopes_of(path, format).into_iter().rev().find_map(|scope| self.scopes.get(scope)?.fail_on);
        self.selection.fail_on.or_else(scoped).or(self.raw.fail_on).unwrap_or(FailOn::Warning)
    }

    /// The waiver that holds for a finding, if there is one.
    pub fn waiver_for(&self, rule: &str, path: &str, spki: Option<&str>, fingerprint: &str) -> Option<&Waiver> {
        let path = self.relative(path).unwrap_or(path);
        self.waivers.iter().find(|waiver| waiver.holds_on(self.as_of) && waiver.matches(rule, path, spki, fingerprint))
    }

    /// Whether the policy lets a rule be waived and ignored.
    pub fn may_waive(&self, rule: &str) -> bool {
        let family = rule.split('/').next().unwrap_or_default();
        !self.raw.no_waivers.iter().any(|word| word == rule || word.strip_suffix("/*").unwrap_or(word) == family)
    }

    /// `[pass, fail, not applicable, not judged]` of every rule that was asked.
    pub fn outcomes(&self) -> impl Iterator<Item = (&str, [u64; 4])> {
        self.numbers
            .iter()
            .map(|(id, number)| (id.as_str(), self.tallies.of(*number)))
            .filter(|(_, counts)| counts.iter().any(|count| *count > 0))
    }

    /// Every effective value with its layer, file and line.
    pub fn effective(&self) -> Vec<EffectiveValue> {
        let mut values = Vec::new();
        let line_of = |path: &[&str]| {
            self.locator
                .has(path)
                .then(|| self.text.get(..self.locator.key(path).start).unwrap_or_default().matches('\n').count() + 1)
        };
        let written = |key: String, value: Value, path: &[&str]| EffectiveValue {
            key,
            value,
            layer: "policy".to_owned(),
            file: self.path.clone(),
            line: line_of(path),
            note: None,
        };
        let from = |key: String, value: Value, layer: String| EffectiveValue {
            key,
            value,
            layer,
            file: None,
            line: None,
            note: None,
        };
        match (&self.selection.profiles.is_empty(), &self.raw.profiles) {
            (false, _) => values.push(from(
                "profiles".to_owned(),
                serde_json::json!(self.selection.profiles),
                "command line".to_owned(),
            )),
            (true, Some(profiles)) => {
                values.push(written("profiles".to_owned(), serde_json::json!(profiles), &["profiles"]))
            }
            (true, None) => {
                values.push(from("profiles".to_owned(), serde_json::json!(self.profiles), "default".to_owned()))
            }
        }
        let fail_on = serde_json::to_value(self.fail_on("", None)).unwrap_or_default();
        values.push(match (self.selection.fail_on, self.raw.fail_on) {
            (Some(_), _) => from("fail-on".to_owned(), fail_on, "command line".to_owned()),
            (None, Some(_)) => written("fail-on".to_owned(), fail_on, &["fail-on"]),
            (None, None) => from("fail-on".to_owned(), fail_on, "default".to_owned()),
        });
        if !self.raw.exclude.is_empty() {
            values.push(written("exclude".to_owned(), serde_json::json!(self.raw.exclude), &["exclude"]));
        }
        self.effective_rules(&[], "rules", &mut values);
        for (number, scope) in self.raw.scopes.iter().enumerate() {
            let index = number.to_string();
            let shown = scope
                .files
                .as_ref()
                .map(|files| serde_json::json!(files))
                .unwrap_or_else(|| serde_json::to_value(&scope.matching).unwrap_or_default());
            values.push(EffectiveValue {
                layer: format!("scope {}", number + 1),
                ..written(format!("scopes[{number}]"), shown, &["scopes", &index])
            });
            if let Some(profiles) = &scope.profiles {
                values.push(EffectiveValue {
                    layer: format!("scope {}", number + 1),
                    ..written(
                        format!("scopes[{number}].profiles"),
                        serde_json::json!(profiles),
                        &["scopes", &index, "profiles"],
                    )
                });
            }
            self.effective_rules(&[number], &format!("scopes[{number}].rules"), &mut values);
        }
        values
    }

    fn effective_rules(&self, scopes: &[usize], prefix: &str, values: &mut Vec<EffectiveValue>) {
        let Ok(set) = self.compile(scopes) else { return };
        let overrides: Vec<(String, &BTreeMap<String, Override>, Vec<String>)> =
            std::iter::once(("policy".to_owned(), &self.raw.rules, vec!["rules".to_owned()]))
                .chain(scopes.iter().filter_map(|scope| {
                    Some((
                        format!("scope {}", scope + 1),
                        &self.scopes.get(*scope)?.rules,
                        vec!["scopes".to_owned(), scope.to_string(), "rules".to_owned()],
                    ))
                }))
                .collect();
        for active in &set.rules {
            let id = &active.rule.id;
            let touched = overrides
                .iter()
                .any(|(layer, rules, _)| rules.contains_key(id) && (scopes.is_empty() || layer.starts_with("scope")));
            if !scopes.is_empty() && !touched {
                continue;
            }
            for (demand, _) in &active.demands {
                let origin = |tail: &[&str]| {
                    overrides.iter().rev().find_map(|(layer, rules, path)| {
                        let over = serde_json::to_value(rules.get(id)?).ok()?;
                        let pointer = tail.iter().map(|part| format!("/{part}")).collect::<String>();
                        over.pointer(&pointer)?;
                        let full: Vec<&str> =
                            path.iter().map(String::as_str).chain([id.as_str()]).chain(tail.iter().copied()).collect();
                        let line =
                            self.text.get(..self.locator.key(&full).start).unwrap_or_default().matches('\n').count()
                                + 1;
                        Some((layer.clone(), line))
                    })
                };
                let below = demand.profiles.first().map_or_else(
                    || "rule".to_owned(),
                    |profile| {
                        if self.catalogue.profile(profile).is_some() {
                            format!("profile {profile}")
                        } else {
                            profile.clone()
                        }
                    },
                );
                let mut push = |tail: &[&str], value: Value, base: Option<&Value>| {
                    let (layer, file, line) = match origin(tail) {
                        Some((layer, line)) => (layer, self.path.clone(), Some(line)),
                        None => (below.clone(), None, None),
                    };
                    let stricter = tail.last().and_then(|name| {
                        active.rule.definition.directions.iter().find(|(parameter, _)| parameter == name)
                    });
                    let looser = stricter
                        .zip(base)
                        .and_then(|((_, direction), base)| direction.is_looser(base, &value))
                        .unwrap_or(false);
                    let note =
                        looser.then(|| format!("looser than {}", base.map(ToString::to_string).unwrap_or_default()));
                    values.push(EffectiveValue {
                        key: format!("{prefix}.{id}.{}", tail.join(".")),
                        value,
                        layer,
                        file,
                        line,
                        note,
                    });
                };
                push(&["severity"], serde_json::to_value(demand.severity).unwrap_or_default(), None);
                if let Some(params) = demand.params.as_object() {
                    for (name, value) in params {
                        push(&["with", name], value.clone(), active.rule.with.get(name));
                    }
                }
                if let Some(date) = demand.enforce_from {
                    push(&["enforce-from"], serde_json::to_value(date).unwrap_or_default(), None);
                }
            }
        }
    }
}

/// Parameters of a layer in the spelling that other layers use.
fn normalised(rule: &crate::catalogue::Rule, with: &Value) -> Result<Value, PlanError> {
    (rule.definition.normalised)(with.clone()).map_err(|reason| PlanError { rule: rule.id.clone(), reason })
}

/// A policy to read.
pub struct PolicySource<'a> {
    /// Its path in the tree, for reports.
    pub path: &'a str,
    /// Its text.
    pub text: &'a str,
    /// The directory its patterns are relative to.
    pub base: &'a str,
    /// The files a pattern of `custom-rules` stands for, with their texts.
    pub load: &'a LoadRules<'a>,
}

/// Gives the paths and texts of the files a pattern stands for.
pub type LoadRules<'a> = dyn Fn(&str) -> Result<Vec<(String, String)>, String> + 'a;

/// Errors of one policy that are told; a policy with more has been mistaken for one.
const MOST_ERRORS: usize = 50;

fn capped(mut errors: Vec<PolicyError>) -> Vec<PolicyError> {
    let more = errors.len().saturating_sub(MOST_ERRORS);
    errors.truncate(MOST_ERRORS);
    if let Some(last) = errors.last_mut().filter(|_| more > 0) {
        last.help = Some(format!("{more} more errors are not listed"));
    }
    errors
}

/// Parses with serde; only when that fails is the schema asked for every error at its place.
fn parse(
    source: &PolicySource<'_>,
    locator: &Locator,
    error: &dyn Fn(std::ops::Range<usize>, String, Option<String>) -> PolicyError,
) -> Result<RawPolicy, Vec<PolicyError>> {
    let value: Value = match serde_yaml::from_str(source.text) {
        Ok(value) => value,
        Err(problem) => {
            let at = problem.location().map_or(0, |location| location.index());
            return Err(vec![error(at..at, format!("the policy is no YAML: {problem}"), None)]);
        }
    };
    if value.is_null() {
        return Err(vec![error(0..0, "the policy is empty".to_owned(), Some("start with `version: 1`".to_owned()))]);
    }
    let problem = match serde_path_to_error::deserialize::<_, RawPolicy>(value.clone()) {
        Ok(raw) if raw.version == 1 => return Ok(raw),
        Ok(raw) => {
            return Err(vec![error(
                locator.value(&["version"]),
                format!("policy version {} is not known to csrlint {}", raw.version, env!("CARGO_PKG_VERSION")),
                Some("this csrlint reads version 1".to_owned()),
            )]);
        }
        Err(problem) => problem,
    };
    let schema = serde_json::to_value(schemars::schema_for!(RawPolicy)).unwrap_or_default();
    let found = schema_errors(&schema, &value, locator);
    // A value of its type's own making (a date) is told better by the type than by its pattern.
    let path: Vec<String> = problem.path().iter().filter_map(crate::check::segment).collect();
    let here: Vec<&str> = path.iter().map(String::as_str).collect();
    let message = problem.inner().to_string();
    if let Some(field) = message.split('`').nth(1).filter(|_| problem_is_deeper(&found, locator, &here)) {
        let full: Vec<&str> =
            here.iter().copied().chain(Some(field).filter(|field| here.last() != Some(field))).collect();
        let help = nearest(field, message.split('`').skip(3).step_by(2)).map(|near| format!("did you mean {near:?}?"));
        return Err(vec![match message.strip_prefix("unknown field") {
            Some(_) => {
                error(locator.key(&full), format!("unknown key {field:?}"), help.or_else(|| Some(message.clone())))
            }
            None => error(locator.nearest(&here), message.clone(), help),
        }]);
    }
    if message.contains("is no date") || found.is_empty() {
        return Err(vec![error(locator.nearest(&here), message, None)]);
    }
    Err(capped(found.into_iter().map(|(span, message, help)| error(span, message, help)).collect()))
}

/// Whether the schema only says that something around the place fits none of its alternatives.
fn problem_is_deeper(found: &[Located], locator: &Locator, here: &[&str]) -> bool {
    let place = locator.nearest(here);
    found.iter().any(|(span, message, _)| {
        *span != place
            && span.start <= place.start
            && place.end <= span.end
            && message.contains("no value that can stand here")
    })
}

type Located = (std::ops::Range<usize>, String, Option<String>);

/// Every violation of a schema, at its place in the YAML.
fn schema_errors(schema: &Value, value: &Value, locator: &Locator) -> Vec<Located> {
    let Ok(validator) = jsonschema::validator_for(schema) else { return Vec::new() };
    let mut errors: Vec<Located> = validator
        .iter_errors(value)
        .flat_map(|error| {
            let pointer = error.instance_path().to_string();
            let path: Vec<String> =
                pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
            let here: Vec<&str> = path.iter().map(String::as_str).collect();
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
                    .iter()
                    .map(|name| {
                        let full: Vec<&str> = here.iter().copied().chain([name.as_str()]).collect();
                        let known = properties_at(schema, error.schema_path().as_str());
                        let help = nearest(name, known.iter().map(String::as_str))
                            .map(|near| format!("did you mean {near:?}?"))
                            .or_else(|| Some(format!("known keys: {}", known.join(", "))));
                        (locator.key(&full), format!("unknown key {name:?}"), help)
                    })
                    .collect(),
                ValidationErrorKind::Enum { .. }
                | ValidationErrorKind::AnyOf { .. }
                | ValidationErrorKind::OneOfNotValid { .. } => {
                    let known = alternatives_at(schema, error.schema_path().as_str());
                    let found = error.instance().as_str().unwrap_or_default();
                    let help = nearest(found, known.iter().map(String::as_str))
                        .map(|near| format!("did you mean {near:?}?"))
                        .or_else(|| (!known.is_empty()).then(|| format!("known values: {}", known.join(", "))));
                    vec![(
                        locator.nearest(&here),
                        format!("{} is no value that can stand here", error.instance()),
                        help,
                    )]
                }
                _ => vec![(locator.nearest(&here), error.to_string(), None)],
            }
        })
        .collect();
    errors.sort_by_key(|(span, _, _)| span.start);
    errors
}

/// The schema that holds the keyword at a schema path, references followed.
fn schema_at<'s>(schema: &'s Value, path: &str) -> &'s Value {
    let follow = |mut node: &'s Value| {
        while let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            node = schema.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        }
        node
    };
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut node = schema;
    for part in parent.split('/').skip(1) {
        // The path goes through references; each is followed where it stands.
        node = follow(node);
        if part == "$ref" {
            continue;
        }
        node = node.get(part).or_else(|| node.get(part.parse::<usize>().unwrap_or(usize::MAX))).unwrap_or(&Value::Null);
    }
    follow(node)
}

/// The properties of the object schema that holds the keyword at a schema path.
fn properties_at(schema: &Value, path: &str) -> Vec<String> {
    schema_at(schema, path)
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

/// The words an `enum`, or the constants of an `anyOf` or `oneOf`, leave to choose from.
fn alternatives_at(schema: &Value, path: &str) -> Vec<String> {
    fn words(schema: &Value, node: &Value, found: &mut Vec<String>) {
        let node = node
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| schema.pointer(reference.trim_start_matches('#')))
            .unwrap_or(node);
        found.extend(node.get("const").and_then(Value::as_str).map(str::to_owned));
        found.extend(
            node.get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|word| word.as_str().map(str::to_owned)),
        );
        for keyword in ["anyOf", "oneOf"] {
            for part in node.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                words(schema, part, found);
            }
        }
    }
    let mut found = Vec::new();
    words(schema, schema_at(schema, path), &mut found);
    found
}

/// An error of a rule's own validation, at its place.
pub(crate) fn located(path: &str, text: &str, problem: &ParameterError) -> PolicyError {
    let locator = Locator::new(text).unwrap_or_default();
    let here: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    let field = problem.message.split('`').nth(1).filter(|_| problem.message.contains("unknown field"));
    let inside: Vec<&str> = here.iter().copied().chain(field).collect();
    let span = if field.is_some() && locator.has(&inside) { locator.key(&inside) } else { locator.nearest(&here) };
    PolicyError { path: path.to_owned(), text: text.into(), span, message: problem.message.clone(), help: None }
}

/// Reads one rule file.
///
/// # Errors
/// What is wrong, at its place.
pub(crate) fn parse_rule(path: &str, text: &str) -> Result<RuleFile, PolicyError> {
    let error = |span: std::ops::Range<usize>, message: String, help: Option<String>| PolicyError {
        path: path.to_owned(),
        text: text.into(),
        span,
        message,
        help,
    };
    let locator = Locator::new(text).map_err(|(at, problem)| {
        error(at..at, format!("the rule file is no YAML that can be used: {problem}"), None)
    })?;
    let value: Value = serde_yaml::from_str(text).map_err(|problem| {
        let at = problem.location().map_or(0, |location| location.index());
        error(at..at, format!("the rule file is no YAML: {problem}"), None)
    })?;
    serde_json::from_value(value.clone()).map_err(|problem| {
        let schema = serde_json::to_value(schemars::schema_for!(RuleFile)).unwrap_or_default();
        // A misspelt key is the reason why another is missing.
        let mut found = schema_errors(&schema, &value, &locator);
        found.sort_by_key(|(_, message, _)| !message.starts_with("unknown key"));
        match found.into_iter().next() {
            Some((span, message, help)) => error(span, message, help),
            None => error(0..0, problem.to_string(), None),
        }
    })
}

/// `>=0.1, <1`: every comparison has to hold.
fn version_satisfies(requirement: &str, version: &str) -> Result<(), String> {
    let parts = |text: &str| -> Option<Vec<u64>> { text.trim().split('.').map(|part| part.parse().ok()).collect() };
    let current = parts(version).unwrap_or_default();
    for comparison in requirement.split(',').map(str::trim) {
        let operator_len = comparison.find(|character: char| character.is_ascii_digit()).unwrap_or(comparison.len());
        let (operator, wanted) = comparison.split_at(operator_len);
        let Some(wanted) = parts(wanted).filter(|wanted| !wanted.is_empty()) else {
            return Err(format!("{requirement:?} is no version requirement; write it as \">=0.1, <1\""));
        };
        let padded = |list: &[u64]| list.iter().copied().chain(std::iter::repeat(0)).take(4).collect::<Vec<_>>();
        let order = padded(&current).cmp(&padded(&wanted));
        let holds = match operator.trim() {
            ">=" => order.is_ge(),
            ">" => order.is_gt(),
            "<=" => order.is_le(),
            "<" => order.is_lt(),
            "=" | "==" => current.starts_with(&wanted),
            _ => return Err(format!("{requirement:?} is no version requirement; write it as \">=0.1, <1\"")),
        };
        if !holds {
            return Err(format!("this policy needs csrlint {requirement}; this is {version}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_requirements() {
        assert!(version_satisfies(">=0.1", "0.1.0").is_ok());
        assert!(version_satisfies(">=0.1, <1", "0.9.3").is_ok());
        assert!(version_satisfies("=0.1", "0.1.7").is_ok());
        for bad in [">=0.3", "<0.1", "latest", "~0.1", ""] {
            assert!(version_satisfies(bad, "0.1.0").is_err(), "{bad}");
        }
    }
}
