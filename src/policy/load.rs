//! From the text of a policy to a [`Policy`]: the layers it stands on, everything they name, and every error at its place.
//! No files are opened here: the caller gives their bytes.
//! Layers are read lowest first: the organisation's, a team's, the repository's own. Later ones win, as far as rules are not locked.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glob::Pattern;

use super::layer::Layer;
use super::parse::{capped, parse, parse_rule, version_satisfies};
use super::resolve::Scope;
use super::waiver::{PIN_HELP, problem_of_fingerprint, problem_of_key_pin};
use super::{Baseline, ListError, Locator, OpenList, Override, Policy, PolicyError, Selection, Waiver, located};
use crate::catalogue::{Catalogue, nearest, stands_for};
use crate::check::Date;
use crate::request::{hex, sha256};

/// A policy or rule file larger than this is refused (1 MiB); a baseline may be larger.
const MOST_BYTES: usize = 1 << 20;
/// Layers that stand on each other, at most.
const MOST_LAYERS: usize = 16;

/// A policy to read.
pub struct PolicySource<'a> {
    /// The file, with its path in the tree, for reports.
    pub file: PolicyFile,
    /// The directory its patterns are relative to.
    pub base: &'a str,
    /// Layers the command line puts under it.
    pub below: Vec<PolicyFile>,
    /// Reads what it names.
    pub files: &'a dyn PolicyFiles,
}

/// A file that a policy is made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its path in the tree, or an absolute one for a file outside of it.
    pub path: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Reads the files that a layer names, by their names relative to the layer's own file.
pub trait PolicyFiles {
    /// One file.
    ///
    /// # Errors
    /// A sentence for the author of the policy.
    fn file(&self, layer: &str, name: &str) -> Result<PolicyFile, String>;

    /// The files a pattern stands for, in order.
    ///
    /// # Errors
    /// A sentence for the author of the policy.
    fn matching(&self, layer: &str, pattern: &str) -> Result<Vec<PolicyFile>, String>;

    /// A list of keys, which may be large.
    ///
    /// # Errors
    /// A sentence for the author of the policy.
    fn list(&self, layer: &str, name: &str) -> Result<OpenList, String>;
}

impl PolicyFile {
    /// Its text, without the byte order mark that editors of Windows write and YAML allows (YAML 1.2.2 section 5.2).
    ///
    /// # Errors
    /// It is not UTF-8.
    pub fn text(&self) -> Result<&str, String> {
        let text = std::str::from_utf8(&self.bytes)
            .map_err(|error| format!("{} is not UTF-8 at byte {}", self.path, error.valid_up_to()))?;
        Ok(text.strip_prefix('\u{FEFF}').unwrap_or(text))
    }
}

impl PolicyFile {
    /// The same of a file that is read as YAML, which takes its time.
    fn limited_text(&self) -> Result<&str, String> {
        if self.bytes.len() > MOST_BYTES {
            return Err(format!("{} is larger than {MOST_BYTES} bytes", self.path));
        }
        self.text()
    }
}

/// The layers of a policy, in the order they hold.
struct Layers<'a> {
    files: &'a dyn PolicyFiles,
    found: Vec<Layer>,
    /// The files that are being read, each named by the one before.
    open: Vec<String>,
}

impl Layers<'_> {
    /// Reads a file and, before it, what it extends; gives the paths of all layers it stands on.
    fn add(&mut self, file: &PolicyFile) -> Result<BTreeSet<String>, Vec<PolicyError>> {
        let whole = |message: String| {
            vec![PolicyError { path: file.path.clone(), text: "".into(), span: 0..0, message, help: None }]
        };
        let text = file.limited_text().map_err(whole)?;
        // Shared by all errors: a policy of a megabyte may have thousands.
        let shared: Arc<str> = text.into();
        let error = |span: std::ops::Range<usize>, message: String, help: Option<String>| PolicyError {
            path: file.path.clone(),
            text: shared.clone(),
            span,
            message,
            help,
        };
        let locator = Locator::new(text).map_err(|(at, problem)| {
            vec![error(at..at, format!("the policy is no YAML that can be used: {problem}"), None)]
        })?;
        let raw = parse(text, &locator, &error)?;
        if let Some(requirement) = &raw.required_version
            && let Err(problem) = version_satisfies(requirement, env!("CARGO_PKG_VERSION"))
        {
            return Err(vec![error(locator.value(&["required-version"]), problem, None)]);
        }
        self.open.push(file.path.clone());
        let mut errors = Vec::new();
        let mut stands_on = BTreeSet::new();
        for (number, extends) in raw.extends.iter().enumerate() {
            let number = number.to_string();
            let place = locator.value(&["extends", &number]);
            match self.files.file(&file.path, extends.file()) {
                Err(problem) => errors.push(error(place, format!("{}: {problem}", extends.file()), None)),
                Ok(below) if self.open.contains(&below.path) => {
                    errors.push(error(place, format!("{} extends itself", below.path), None));
                }
                Ok(_) if self.found.len() + self.open.len() > MOST_LAYERS => {
                    return Err(vec![error(place, format!("a policy has at most {MOST_LAYERS} layers"), None)]);
                }
                Ok(below) => {
                    let digest = hex(&sha256(&below.bytes));
                    if extends.sha256().is_some_and(|wanted| !wanted.eq_ignore_ascii_case(&digest)) {
                        let place = locator.value(&["extends", &number, "sha256"]);
                        let help = format!("its SHA-256 is {digest}; look at what changed before you write that here");
                        errors.push(error(
                            place,
                            format!("{} is not the file that was pinned", below.path),
                            Some(help),
                        ));
                        continue;
                    }
                    // Two layers may stand on the same one.
                    if let Some(known) = self.found.iter().find(|layer| layer.path == below.path) {
                        stands_on.extend(known.stands_on.iter().cloned());
                        stands_on.insert(below.path.clone());
                        continue;
                    }
                    match self.add(&below) {
                        Ok(below_it) => {
                            stands_on.extend(below_it);
                            stands_on.insert(below.path.clone());
                        }
                        Err(more) => errors.extend(more),
                    }
                }
            }
        }
        self.open.pop();
        if !errors.is_empty() {
            return Err(capped(errors));
        }
        let name = raw.name.clone().unwrap_or_else(|| file.path.clone());
        let layer = Layer { name, path: file.path.clone(), text: shared, locator, raw, stands_on: stands_on.clone() };
        self.found.push(layer);
        Ok(stands_on)
    }
}

/// Why a text is no policy, if it is none; what it names is not looked at.
pub(crate) fn problem_of(file: &PolicyFile) -> Option<String> {
    let mut layers = Layers { files: &Anything, found: Vec::new(), open: Vec::new() };
    layers.add(file).err()?.first().map(|error| error.message.clone())
}

/// Every file that is named, with nothing in it but what makes it a policy.
struct Anything;

impl PolicyFiles for Anything {
    fn file(&self, _: &str, name: &str) -> Result<PolicyFile, String> {
        Ok((name, "version: 1").into())
    }

    fn matching(&self, _: &str, _: &str) -> Result<Vec<PolicyFile>, String> {
        Ok(Vec::new())
    }

    fn list(&self, _: &str, name: &str) -> Result<OpenList, String> {
        Err(name.to_owned())
    }
}

impl Policy {
    /// Reads a policy and the layers it stands on.
    ///
    /// # Errors
    /// Every error found in the policy and the files it names, each at its place.
    pub fn load(
        source: &PolicySource<'_>,
        mut catalogue: Catalogue,
        selection: Selection,
        as_of: Date,
    ) -> Result<Self, Vec<PolicyError>> {
        let mut layers = Layers { files: source.files, found: Vec::new(), open: Vec::new() };
        for below in &source.below {
            layers.add(below)?;
        }
        let of_flags = layers.found.len();
        layers.add(&source.file)?;
        let layers = layers.found;
        let mut errors = Vec::new();
        nothing_below_locks(&layers, of_flags, &mut errors);
        let mut sources: Vec<String> = layers.iter().map(|layer| layer.path.clone()).collect();
        for layer in &layers {
            layer.load_rules(source.files, &mut catalogue, &mut sources, &mut errors);
        }
        let (mut exclude, mut scopes, mut waivers) = (Vec::new(), Vec::new(), Vec::new());
        for (number, layer) in layers.iter().enumerate() {
            let mut reading = Reading { layers: &layers, layer, number, catalogue: &catalogue, errors: &mut errors };
            exclude.extend(reading.patterns(&layer.raw.exclude, &["exclude"]).into_iter().map(|found| (number, found)));
            reading.names();
            scopes.extend(reading.scopes());
            waivers.extend(reading.waivers());
        }
        locked_waivers(&layers, &waivers, &catalogue, &mut errors);
        if !errors.is_empty() {
            return Err(capped(errors));
        }
        let mut policy = Self::empty(catalogue, layers, selection, as_of);
        policy.path = Some(source.file.path.clone());
        policy.base = source.base.to_owned();
        policy.sources = sources;
        (policy.exclude, policy.scopes, policy.waivers) = (exclude, scopes, waivers);
        policy.check_selection().map_err(|message| vec![error_of_flags(message)])?;
        policy.compile_all().map_err(capped)?;
        policy.load_lists(source.files, &mut errors);
        if !policy.selection.without_baseline {
            policy.load_baseline(source.files, &mut errors);
        }
        if errors.is_empty() { Ok(policy) } else { Err(capped(errors)) }
    }

    fn load_lists(&mut self, files: &dyn PolicyFiles, errors: &mut Vec<PolicyError>) {
        let lists: Vec<_> = self
            .layers
            .iter()
            .enumerate()
            .flat_map(|(layer, found)| {
                found.raw.blocklists.iter().cloned().enumerate().map(move |(number, list)| (layer, number, list))
            })
            .collect();
        for (layer, number, list) in lists {
            let Some(layer) = self.layers.get(layer).cloned() else { continue };
            let name = super::layer::beside(&layer.path, &list.file);
            match files.list(&layer.path, &list.file).map(|open| self.add_list(&name, open, list.format)) {
                Ok(Ok(())) => self.sources.push(name),
                Err(message) | Ok(Err(ListError::Whole(message))) => {
                    errors.push(layer.error(&["blocklists", &number.to_string(), "file"], message, None));
                }
                Ok(Err(ListError::Lines(lines))) => errors.extend(lines),
            }
        }
    }

    fn load_baseline(&mut self, files: &dyn PolicyFiles, errors: &mut Vec<PolicyError>) {
        let named = self.layers.iter().rev().find_map(|layer| Some((layer.clone(), layer.raw.baseline.clone()?)));
        let Some((layer, name)) = named else { return };
        match files.file(&layer.path, &name).map(|file| Baseline::parse(&file)) {
            Ok(Ok(baseline)) => {
                self.sources.push(baseline.path.clone());
                self.baseline = Some(baseline);
            }
            Ok(Err(found)) => errors.push(found),
            Err(problem) => {
                let help = "csrlint baseline write makes one";
                errors.push(layer.error(&["baseline"], format!("{name}: {problem}"), Some(help.to_owned())));
            }
        }
    }

    /// Compiles the rule set of the whole tree and of each scope alone, so that errors show before anything is linted.
    fn compile_all(&mut self) -> Result<(), Vec<PolicyError>> {
        for set in std::iter::once(Vec::new()).chain((0..self.scopes.len()).map(|scope| vec![scope])) {
            let (compiled, loosened) = match self.compile_with_locks(&set) {
                Ok(compiled) => compiled,
                Err(error) => return Err(vec![self.error_of_parameters(&set, &error)]),
            };
            if !loosened.is_empty() {
                return Err(loosened.iter().map(|loosened| self.error_of_loosened(&set, loosened)).collect());
            }
            self.keep_set(set, compiled);
        }
        Ok(())
    }

    /// Parameters that do not fit, at the place of whoever wrote them last.
    fn error_of_parameters(&self, scopes: &[usize], error: &crate::catalogue::PlanError) -> PolicyError {
        let message = format!("{}: {}", error.rule, error.reason);
        let tail: Vec<&str> = error.reason.path.iter().map(String::as_str).collect();
        let Some((layer, mut path)) = self.writer_of(scopes, &error.rule) else { return error_of_flags(message) };
        path.push("with".to_owned());
        let path: Vec<&str> = path.iter().map(String::as_str).chain(tail).collect();
        // "unknown field `x`": the field is what is wrong, not all of the parameters.
        let field = message
            .split('`')
            .nth(1)
            .filter(|_| message.contains("unknown field") || message.contains("unknown variant"));
        let inside: Vec<&str> = path.iter().copied().chain(field).collect();
        let span = match field {
            Some(_) if layer.locator.has(&inside) => layer.locator.key(&inside),
            _ if message.contains("unknown field") && layer.locator.has(&path) => layer.locator.key(&path),
            _ => layer.locator.nearest(&path),
        };
        let help = field
            .and_then(|field| nearest(field, message.split('`').skip(3).step_by(2)))
            .map(|near| format!("did you mean {near:?}?"));
        layer.error_at(span, message, help)
    }

    /// The layer that has the last word on a rule, and the path to it there.
    pub(super) fn writer_of(&self, scopes: &[usize], rule: &str) -> Option<(&Layer, Vec<String>)> {
        let in_scope = scopes.iter().rev().find_map(|number| {
            let scope = self.scopes.get(*number)?;
            let path = vec!["scopes".to_owned(), scope.number.to_string(), "rules".to_owned(), rule.to_owned()];
            Some((self.layers.get(scope.layer)?, path)).filter(|_| scope.rules.contains_key(rule))
        });
        in_scope.or_else(|| {
            let layer = self.layers.iter().rev().find(|layer| layer.raw.rules.contains_key(rule))?;
            Some((layer, vec!["rules".to_owned(), rule.to_owned()]))
        })
    }
}

/// What the command line says and the policy cannot do: it has no place in a file.
fn error_of_flags(message: String) -> PolicyError {
    PolicyError { path: String::new(), text: "".into(), span: 0..0, message, help: None }
}

/// A layer that locks rules says what they are with all that stands below it. What a repository puts there must not have a
/// say in that: only what the layer extends itself, and what the command line names.
fn nothing_below_locks(layers: &[Layer], of_flags: usize, errors: &mut Vec<PolicyError>) {
    for (number, layer) in layers.iter().enumerate().filter(|(_, layer)| !layer.raw.locked.is_empty()) {
        let stranger = layers.iter().take(number).skip(of_flags).find(|below| !layer.stands_on.contains(&below.path));
        if let Some(stranger) = stranger {
            let message =
                format!("rules are locked here, and {} stands below without being extended here", stranger.path);
            let help = format!("name {} before {} in `extends`", layer.path, stranger.path);
            errors.push(layer.error_at(layer.locator.key(&["locked"]), message, Some(help)));
        }
    }
}

/// Waivers for rules that a layer below has locked.
fn locked_waivers(layers: &[Layer], waivers: &[Waiver], catalogue: &Catalogue, errors: &mut Vec<PolicyError>) {
    for waiver in waivers {
        let Some(layer) = layers.get(waiver.layer) else { continue };
        let rules = catalogue.matching(&waiver.raw.rule);
        let lock = layers.iter().take(waiver.layer).find_map(|below| {
            let number =
                below.raw.locked.iter().position(|word| rules.iter().any(|rule| stands_for(word, &rule.id)))?;
            Some((below, number))
        });
        if let Some((below, number)) = lock {
            let message = format!("{} is locked and cannot be waived here", waiver.raw.rule);
            let help = format!("it is locked in {}", below.told_at(&["locked", &number.to_string()]));
            errors.push(layer.error(&["waivers", &waiver.number.to_string(), "rule"], message, Some(help)));
        }
    }
}

impl Layer {
    /// Adds the rules of the organisation that a layer names.
    fn load_rules(
        &self,
        files: &dyn PolicyFiles,
        catalogue: &mut Catalogue,
        sources: &mut Vec<String>,
        errors: &mut Vec<PolicyError>,
    ) {
        for (number, pattern) in self.raw.custom_rules.iter().enumerate() {
            let told = |message| self.error(&["custom-rules", &number.to_string()], message, None);
            match files.matching(&self.path, pattern) {
                Err(problem) => errors.push(told(problem)),
                Ok(found) if found.is_empty() => errors.push(told(format!("no file matches {pattern:?}"))),
                Ok(found) => {
                    for file in found {
                        let text = match file.limited_text() {
                            Ok(text) => text,
                            Err(problem) => {
                                errors.push(told(problem));
                                continue;
                            }
                        };
                        let added = parse_rule(&file.path, text).and_then(|rule| {
                            catalogue
                                .add_custom(rule, &file.path)
                                .map_err(|problem| located(&file.path, text, &problem))
                        });
                        errors.extend(added.err());
                        sources.push(file.path);
                    }
                }
            }
        }
    }
}

/// A layer that is being read.
struct Reading<'a> {
    layers: &'a [Layer],
    layer: &'a Layer,
    number: usize,
    catalogue: &'a Catalogue,
    errors: &'a mut Vec<PolicyError>,
}

impl Reading<'_> {
    fn error(&mut self, path: &[&str], message: String, help: Option<String>) {
        self.errors.push(self.layer.error(path, message, help));
    }

    fn patterns(&mut self, list: &[String], place: &[&str]) -> Vec<Pattern> {
        let mut patterns = Vec::with_capacity(list.len());
        for (number, text) in list.iter().enumerate() {
            match Pattern::new(text) {
                Ok(pattern) => patterns.push(pattern),
                Err(problem) => {
                    let number = number.to_string();
                    let path: Vec<&str> = place.iter().copied().chain([number.as_str()]).collect();
                    self.error(&path, format!("{text:?} is no path pattern: {}", problem.msg), None);
                }
            }
        }
        patterns
    }

    /// Names of profiles, rules and families that do not exist.
    fn names(&mut self) {
        let layer = self.layer;
        self.profiles(layer.raw.profiles.as_deref().unwrap_or_default(), &["profiles"]);
        self.rules(&layer.raw.rules, &["rules"]);
        for (number, word) in layer.raw.locked.iter().enumerate() {
            if self.catalogue.matching(word).is_empty() {
                let help = self.catalogue.nearest_rule(word).map(|near| format!("did you mean {near:?}?"));
                self.error(&["locked", &number.to_string()], format!("there is no rule or family {word:?}"), help);
            }
        }
    }

    fn profiles(&mut self, names: &[String], place: &[&str]) {
        for (number, name) in names.iter().enumerate() {
            if self.catalogue.profile(name).is_some() {
                continue;
            }
            let number = number.to_string();
            let path: Vec<&str> = place.iter().copied().chain([number.as_str()]).collect();
            let near = self.catalogue.nearest_profile(name).map(|near| format!("did you mean {near:?}?"));
            let help = near.unwrap_or_else(|| {
                let names: Vec<&str> = self.catalogue.profiles().map(|profile| profile.name.as_str()).collect();
                format!("profiles are {}", names.join(", "))
            });
            self.error(&path, format!("there is no profile {name:?}"), Some(help));
        }
    }

    fn rules(&mut self, rules: &BTreeMap<String, Override>, place: &[&str]) {
        for id in rules.keys().filter(|id| self.catalogue.rule(id).is_none()) {
            let path: Vec<&str> = place.iter().copied().chain([id.as_str()]).collect();
            let help = self.catalogue.nearest_rule(id).map(|near| format!("did you mean {near:?}?"));
            let found = self.layer.error_at(self.layer.locator.key(&path), format!("there is no rule {id:?}"), help);
            self.errors.push(found);
        }
    }

    fn scopes(&mut self) -> Vec<Scope> {
        let layer = self.layer;
        let mut scopes = Vec::with_capacity(layer.raw.scopes.len());
        for (number, scope) in layer.raw.scopes.iter().enumerate() {
            let index = number.to_string();
            let files = scope.files.as_ref().map(|files| self.patterns(files, &["scopes", &index, "files"]));
            self.profiles(scope.profiles.as_deref().unwrap_or_default(), &["scopes", &index, "profiles"]);
            self.rules(&scope.rules, &["scopes", &index, "rules"]);
            let matching = scope.matching.clone().unwrap_or_default();
            let issuer = self.name(matching.issuer.as_ref(), &["scopes", &index, "match", "issuer"]);
            let signer = self.name(matching.signer.as_ref(), &["scopes", &index, "match", "signer"]);
            if scope.files.is_none() && matching == super::raw::Match::default() {
                let help = Some("give it `files` or `match`".to_owned());
                self.error(&["scopes", &index], "a scope says which part of the tree it is about".to_owned(), help);
            }
            scopes.push(Scope {
                layer: self.number,
                number,
                files,
                format: matching.format,
                issuer,
                signer,
                on_unknown: scope.on_unknown,
                profiles: scope.profiles.clone(),
                rules: scope.rules.clone(),
                fail_on: scope.fail_on,
            });
        }
        scopes
    }

    fn name(&mut self, name: Option<&String>, place: &[&str]) -> Option<Pattern> {
        let name = name?;
        match Pattern::new(name) {
            Ok(pattern) => Some(pattern),
            Err(problem) => {
                self.error(place, format!("{name:?} is no pattern: {}", problem.msg), None);
                None
            }
        }
    }

    fn waivers(&mut self) -> Vec<Waiver> {
        let layer = self.layer;
        let mut waivers = Vec::with_capacity(layer.raw.waivers.len());
        for (number, waiver) in layer.raw.waivers.iter().enumerate() {
            let index = number.to_string();
            let files = waiver.files.as_ref().map(|files| self.patterns(files, &["waivers", &index, "files"]));
            if waiver.reason.trim().is_empty() {
                self.error(&["waivers", &index, "reason"], "a waiver has a reason".to_owned(), None);
            }
            let forbidden = self.layers.iter().flat_map(|layer| &layer.raw.no_waivers);
            if let Some(forbidden) = forbidden.clone().find(|word| stands_for(word, &waiver.rule)) {
                let message = format!("this policy does not let {forbidden:?} be waived");
                self.error(&["waivers", &index, "rule"], message, None);
            }
            if let Some(message) = waiver.spki_sha256.as_deref().and_then(problem_of_key_pin) {
                self.error(&["waivers", &index, "spki-sha256"], message, Some(PIN_HELP.to_owned()));
            }
            if let Some(message) = waiver.fingerprint.as_deref().and_then(problem_of_fingerprint) {
                let help = Some("csrlint check --format json shows them".to_owned());
                self.error(&["waivers", &index, "fingerprint"], message, help);
            }
            waivers.push(Waiver {
                raw: waiver.clone(),
                layer: self.number,
                number,
                files,
                used: AtomicBool::new(false),
            });
        }
        waivers
    }
}

impl From<(&str, &str)> for PolicyFile {
    fn from((path, text): (&str, &str)) -> Self {
        Self { path: path.to_owned(), bytes: text.as_bytes().to_vec() }
    }
}

/// Files in memory, by their path in the tree: for tests, servers and editors.
#[derive(Debug, Clone, Default)]
pub struct MemoryFiles(pub BTreeMap<String, Vec<u8>>);

static NO_FILES: MemoryFiles = MemoryFiles(BTreeMap::new());

impl PolicySource<'static> {
    /// A policy by itself, which names no files.
    pub fn of_text(text: &str) -> Self {
        Self { file: ("csrlint.yaml", text).into(), base: "", below: Vec::new(), files: &NO_FILES }
    }
}

impl PolicyFiles for MemoryFiles {
    fn file(&self, layer: &str, name: &str) -> Result<PolicyFile, String> {
        let path = super::layer::beside(layer, name);
        let bytes = self.0.get(&path).ok_or("no such file")?.clone();
        Ok(PolicyFile { path, bytes })
    }

    fn matching(&self, layer: &str, pattern: &str) -> Result<Vec<PolicyFile>, String> {
        let full = super::layer::beside(layer, pattern);
        let compiled = Pattern::new(&full).map_err(|error| format!("{pattern:?} is no path pattern: {}", error.msg))?;
        let found = self.0.iter().filter(|(path, _)| super::path_matches(&compiled, path));
        Ok(found.map(|(path, bytes)| PolicyFile { path: path.clone(), bytes: bytes.clone() }).collect())
    }

    fn list(&self, layer: &str, name: &str) -> Result<OpenList, String> {
        Ok(OpenList { data: Box::new(self.file(layer, name)?.bytes), metadata: None })
    }
}
