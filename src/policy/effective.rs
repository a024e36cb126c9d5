//! The effective configuration, value by value, each with the layer, file and line it comes from.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{Override, Policy};
use crate::source::line_at;

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

impl Policy {
    /// Every effective value with its layer, file and line.
    pub fn effective(&self) -> Vec<EffectiveValue> {
        let mut values = Vec::new();
        let line_of = |path: &[&str]| self.locator.has(path).then(|| line_at(&self.text, self.locator.key(path).start));
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
        if let Some(on_unknown) = self.raw.on_unknown {
            values.push(written("on-unknown".to_owned(), serde_json::json!(on_unknown), &["on-unknown"]));
        }
        if !self.raw.tools.is_empty() {
            values.push(written("tools".to_owned(), serde_json::json!(self.raw.tools), &["tools"]));
        }
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
            if let Some(on_unknown) = scope.on_unknown {
                values.push(EffectiveValue {
                    layer: format!("scope {}", number + 1),
                    ..written(
                        format!("scopes[{number}].on-unknown"),
                        serde_json::json!(on_unknown),
                        &["scopes", &index, "on-unknown"],
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
                        let line = line_at(&self.text, self.locator.key(&full).start);
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
