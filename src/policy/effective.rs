//! The effective configuration, value by value, each with the layer, file and line it comes from.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::layer::Layer;
use super::{Override, Policy};
use crate::catalogue::stands_for;
use crate::source::line_at;

/// A value of the effective configuration and where it comes from.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct EffectiveValue {
    /// Its path, as in `rules.key/rsa-too-small.with.min`.
    pub key: String,
    /// The value.
    pub value: Value,
    /// The layer: `default`, `rule`, `profile NAME`, `layer NAME` (what the policy stands on), `policy`, `scope N` or `command line`.
    pub layer: String,
    /// The file, where there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// Said of a parameter that demands less than the rule itself does, and of a rule that is locked: where.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// Who wrote a value.
struct Writer<'p> {
    layer: &'p Layer,
    /// As people are told.
    label: String,
    rules: &'p BTreeMap<String, Override>,
    /// The path to the rules in the layer.
    path: Vec<String>,
}

impl Policy {
    /// What a layer is called: the one that is the policy itself, or what it stands on by name.
    fn label(&self, number: usize) -> String {
        match self.layers.get(number) {
            Some(layer) if number + 1 < self.layers.len() => format!("layer {}", layer.name),
            _ => "policy".to_owned(),
        }
    }

    fn scope_label(&self, number: usize, layer: usize) -> String {
        if layer + 1 < self.layers.len() {
            format!("{}, scope {}", self.label(layer), number + 1)
        } else {
            format!("scope {}", number + 1)
        }
    }

    /// Every effective value with its layer, file and line.
    pub fn effective(&self) -> Vec<EffectiveValue> {
        let mut values = Vec::new();
        let from = |key: &str, value: Value, layer: &str| EffectiveValue {
            key: key.to_owned(),
            value,
            layer: layer.to_owned(),
            file: None,
            line: None,
            note: None,
        };
        let written = |key: String, value: Value, number: usize, path: &[&str]| {
            let layer = self.layers.get(number)?;
            Some(EffectiveValue {
                line: Some(layer.line_of(path)?),
                file: Some(layer.path.clone()),
                layer: self.label(number),
                ..from(&key, value, "")
            })
        };
        // One value, of the last layer that says something.
        let last = |key: &str| {
            let number = self.layers.iter().rposition(|layer| layer.locator.has(&[key]))?;
            let raw = serde_json::to_value(&self.layers.get(number)?.raw).ok()?;
            written(key.to_owned(), raw.get(key)?.clone(), number, &[key])
        };
        let flag = |key: &str, value: Value| from(key, value, "command line");
        let profiles = serde_json::json!(self.profiles());
        values.push(if self.selection.profiles.is_empty() {
            last("profiles").unwrap_or_else(|| from("profiles", profiles, "default"))
        } else {
            flag("profiles", profiles)
        });
        let fail_on = serde_json::to_value(self.fail_on("", None)).unwrap_or_default();
        values.push(if self.selection.fail_on.is_some() {
            flag("fail-on", fail_on)
        } else {
            last("fail-on").unwrap_or_else(|| from("fail-on", fail_on, "default"))
        });
        values.extend(["on-unknown", "baseline", "inline-ignores"].into_iter().filter_map(last));
        // Values that every layer adds to.
        for key in [
            "extends",
            "submodules",
            "tools",
            "exclude",
            "locked",
            "no-waivers",
            "waiver-terms",
            "blocklists",
            "custom-rules",
        ] {
            for (number, layer) in self.layers.iter().enumerate() {
                let raw = serde_json::to_value(&layer.raw).unwrap_or_default();
                values.extend(raw.get(key).and_then(|value| written(key.to_owned(), value.clone(), number, &[key])));
            }
        }
        self.effective_rules(&[], "rules", &mut values);
        for (number, scope) in self.scopes.iter().enumerate() {
            let Some(layer) = self.layers.get(scope.layer) else { continue };
            let Some(raw) = layer.raw.scopes.get(scope.number) else { continue };
            let index = scope.number.to_string();
            let mut add = |key: String, value: Value, tail: Option<&str>| {
                let path: Vec<&str> = ["scopes", &index].into_iter().chain(tail).collect();
                let label = self.scope_label(number, scope.layer);
                values.extend(
                    written(key, value, scope.layer, &path).map(|value| EffectiveValue { layer: label, ..value }),
                );
            };
            let shown = match &raw.files {
                Some(files) => serde_json::json!(files),
                None => serde_json::to_value(&raw.matching).unwrap_or_default(),
            };
            add(format!("scopes[{number}]"), shown, None);
            let parts = [
                ("profiles", raw.profiles.as_ref().map(|names| serde_json::json!(names))),
                ("fail-on", raw.fail_on.map(|threshold| serde_json::json!(threshold))),
                ("on-unknown", raw.on_unknown.map(|what| serde_json::json!(what))),
            ];
            for (key, value) in parts {
                if let Some(value) = value {
                    add(format!("scopes[{number}].{key}"), value, Some(key));
                }
            }
            self.effective_rules(&[number], &format!("scopes[{number}].rules"), &mut values);
        }
        values
    }

    /// Who may have written what holds for a rule, the first lowest.
    fn writers(&self, scopes: &[usize]) -> Vec<Writer<'_>> {
        let layers = self.layers.iter().enumerate().map(|(number, layer)| Writer {
            layer,
            label: self.label(number),
            rules: &layer.raw.rules,
            path: vec!["rules".to_owned()],
        });
        let scoped = scopes.iter().filter_map(|number| {
            let scope = self.scopes.get(*number)?;
            Some(Writer {
                layer: self.layers.get(scope.layer)?,
                label: self.scope_label(*number, scope.layer),
                rules: &scope.rules,
                path: vec!["scopes".to_owned(), scope.number.to_string(), "rules".to_owned()],
            })
        });
        layers.chain(scoped).collect()
    }

    fn effective_rules(&self, scopes: &[usize], prefix: &str, values: &mut Vec<EffectiveValue>) {
        let Ok(set) = self.compile(scopes) else { return };
        let writers = self.writers(scopes);
        for active in &set.rules {
            let id = &active.rule.id;
            let touched = |writer: &Writer<'_>| writer.path.len() > 1 && writer.rules.contains_key(id);
            if !scopes.is_empty() && !writers.iter().any(touched) {
                continue;
            }
            let lock = self.lock_of(id).and_then(|number| {
                let layer = self.layers.get(number)?;
                let word = layer.raw.locked.iter().position(|word| stands_for(word, id))?;
                Some(format!("locked in {}", layer.told_at(&["locked", &word.to_string()])))
            });
            for (demand, _) in &active.demands {
                let origin = |tail: &[&str]| {
                    writers.iter().rev().find_map(|writer| {
                        let over = serde_json::to_value(writer.rules.get(id)?).ok()?;
                        let pointer = tail.iter().map(|part| format!("/{part}")).collect::<String>();
                        over.pointer(&pointer)?;
                        let path = writer.path.iter().map(String::as_str);
                        let full: Vec<&str> = path.chain([id.as_str()]).chain(tail.iter().copied()).collect();
                        let line = line_at(&writer.layer.text, writer.layer.locator.key(&full).start);
                        Some((writer.label.clone(), writer.layer.path.clone(), line))
                    })
                };
                let below = match demand.profiles.first() {
                    None => "rule".to_owned(),
                    Some(profile) if self.catalogue.profile(profile).is_some() => format!("profile {profile}"),
                    Some(other) => other.clone(),
                };
                let mut push = |tail: &[&str], value: Value, base: Option<&Value>| {
                    let (layer, file, line) = match origin(tail) {
                        Some((layer, file, line)) => (layer, Some(file), Some(line)),
                        None => (below.clone(), None, None),
                    };
                    let direction = tail.get(1..).and_then(|path| active.rule.definition.direction(path));
                    let looser = direction
                        .zip(base)
                        .and_then(|(direction, base)| direction.is_looser(base, &value))
                        .unwrap_or(false)
                        .then(|| format!("looser than {}", base.map(ToString::to_string).unwrap_or_default()));
                    let notes: Vec<String> = looser.into_iter().chain(lock.clone()).collect();
                    values.push(EffectiveValue {
                        key: format!("{prefix}.{id}.{}", tail.join(".")),
                        value,
                        layer,
                        file,
                        line,
                        note: (!notes.is_empty()).then(|| notes.join("; ")),
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
