//! From the text of a policy to a [`Policy`]: everything it names is looked up, and every error is told at its place.
//! No files are opened here: the caller gives the texts of custom rules.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use glob::Pattern;

use super::parse::{capped, parse, version_satisfies};
use super::resolve::Scope;
use super::{ListError, Locator, OpenLists, Override, Policy, PolicyError, Selection, Waiver, located, parse_rule};
use crate::catalogue::{Catalogue, nearest, stands_for};
use crate::check::Date;

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
    /// Opens a list of `blocklists`.
    pub open: &'a OpenLists<'a>,
}

/// Gives the paths and texts of the files a pattern stands for.
pub type LoadRules<'a> = dyn Fn(&str) -> Result<Vec<(String, String)>, String> + 'a;

impl Policy {
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
            let matching = scope.matching.clone().unwrap_or_default();
            let mut named = |name: Option<&String>, key: &str| {
                let name = name?;
                let compiled = Pattern::new(name);
                compiled
                    .map_err(|problem| {
                        let span = locator.value(&["scopes", &number, "match", key]);
                        errors.push(error(span, format!("{name:?} is no pattern: {}", problem.msg), None));
                    })
                    .ok()
            };
            let issuer = named(matching.issuer.as_ref(), "issuer");
            let signer = named(matching.signer.as_ref(), "signer");
            if scope.files.is_none() && matching == super::raw::Match::default() {
                errors.push(error(
                    locator.value(&["scopes", &number]),
                    "a scope says which part of the tree it is about".to_owned(),
                    Some("give it `files` or `match`".to_owned()),
                ));
            }
            scopes.push(Scope {
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
        let mut waivers = Vec::new();
        for (number, waiver) in raw.waivers.iter().enumerate() {
            let number = number.to_string();
            let files = waiver.files.as_ref().map(|files| patterns(files, &["waivers", &number, "files"], &mut errors));
            let place = |key: &str| locator.value(&["waivers", &number, key]);
            if waiver.reason.trim().is_empty() {
                errors.push(error(place("reason"), "a waiver has a reason".to_owned(), None));
            }
            if let Some(forbidden) = raw.no_waivers.iter().find(|word| stands_for(word, &waiver.rule)) {
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
        for (number, list) in policy.raw.blocklists.clone().iter().enumerate() {
            let whole = |message| error(locator.value(&["blocklists", &number.to_string(), "file"]), message, None);
            let name =
                if source.base.is_empty() { list.file.clone() } else { format!("{}/{}", source.base, list.file) };
            match (source.open)(&list.file).map(|open| policy.add_list(&name, open, list.format)) {
                Ok(Ok(())) => {}
                Err(message) | Ok(Err(ListError::Whole(message))) => errors.push(whole(message)),
                Ok(Err(ListError::Lines(lines))) => errors.extend(lines),
            }
        }
        if !errors.is_empty() {
            return Err(capped(errors));
        }
        policy.locator = locator;
        Ok(policy)
    }
}
