//! Locked rules: what a layer demands of them, and what the layers on it and the command line make of that.
//! They are compared by their effect, so that it does not matter how somebody tries: by a profile, a severity, a parameter or
//! a scope. An attempt is an error when the policy is loaded; what only a combination of scopes would do does not happen.

use super::layer::Layer;
use super::resolve::{Demands, Selection, View};
use super::{Policy, PolicyError};
use crate::catalogue::{Demand, PlanError, Rule, RuleSet, stands_for};
use crate::check::looser;

/// A locked rule that would demand less.
#[derive(Debug, Clone)]
pub(super) struct Loosened {
    rule: String,
    /// The number of the layer that locked it.
    lock: usize,
    /// The parameter, where it is one.
    path: Vec<String>,
    how: String,
    /// The command line is who does it.
    by_flag: bool,
}

impl Policy {
    /// Whether any rule is locked.
    pub(super) fn has_locks(&self) -> bool {
        self.layers.iter().any(|layer| !layer.raw.locked.is_empty())
    }

    /// Whether a layer below this one locked a rule.
    pub(super) fn locks_below(&self, layer: usize) -> bool {
        self.layers.iter().take(layer).any(|layer| !layer.raw.locked.is_empty())
    }

    /// The number of the lowest layer that locked a rule.
    pub(super) fn lock_of(&self, rule: &str) -> Option<usize> {
        self.layers.iter().position(|layer| layer.locks(rule))
    }

    /// The rules that hold with these scopes, and what would have made locked ones demand less.
    pub(super) fn compile_with_locks(&self, scopes: &[usize]) -> Result<(RuleSet, Vec<Loosened>), PlanError> {
        let view = self.view(scopes);
        let mut demands = self.demands(&view)?;
        if !self.has_locks() {
            return Ok((self.compiled(demands)?, Vec::new()));
        }
        // Without flags: what they do is not the policy's fault.
        let unflagged = Selection { deep: self.selection.deep, ..Selection::default() };
        let written = self.demands(&View { selection: &unflagged, ..view })?;
        let mut found = Vec::new();
        for (number, layer) in self.layers.iter().enumerate().filter(|(_, layer)| !layer.raw.locked.is_empty()) {
            let floor = self.demands(&View { layers: number + 1, selection: &unflagged, ..view })?;
            for (id, (rule, wanted)) in floor.into_iter().filter(|(id, _)| layer.locks(id)) {
                let by_policy = loosened(&rule, &wanted, &written);
                let ignored = self.selection.ignore.iter().any(|word| stands_for(word, &id));
                if let Some((path, how)) = by_policy {
                    found.push(Loosened { rule: id.clone(), lock: number, path, how, by_flag: false });
                } else if ignored {
                    let how = "is left out by --ignore".to_owned();
                    found.push(Loosened { rule: id.clone(), lock: number, path: Vec::new(), how, by_flag: true });
                }
                if loosened(&rule, &wanted, &demands).is_some() {
                    // A profile of the command line, or of a scope that meets another one: what is locked holds beside it.
                    let all = demands.entry(id).or_insert_with(|| (rule, Vec::new()));
                    all.1.extend(wanted);
                }
            }
        }
        Ok((self.compiled(demands)?, found))
    }

    /// The rules that hold for a file which this layer leaves out: those that were locked below it.
    pub(super) fn compile_locked(&self, scopes: &[usize], layer: usize) -> Result<RuleSet, PlanError> {
        let unflagged = Selection { deep: self.selection.deep, ..Selection::default() };
        let mut all = Demands::new();
        for (number, below) in self.layers.iter().enumerate().take(layer) {
            let floor = self.demands(&View { layers: number + 1, scopes, selection: &unflagged })?;
            all.extend(floor.into_iter().filter(|(id, _)| below.locks(id)));
        }
        self.compiled(all)
    }

    /// An attempt to make a locked rule demand less, with both places.
    pub(super) fn error_of_loosened(&self, scopes: &[usize], loosened: &Loosened) -> PolicyError {
        let Loosened { rule, lock, path, how, by_flag } = loosened;
        let number = self.layers.get(*lock).and_then(|layer| {
            layer.raw.locked.iter().position(|word| stands_for(word, rule)).map(|number| (layer, number))
        });
        let locked_at =
            number.map(|(layer, number)| layer.told_at(&["locked", &number.to_string()])).unwrap_or_default();
        if let Some((layer, number)) = number.filter(|_| *by_flag) {
            return layer.error(&["locked", &number.to_string()], format!("{rule} is locked here, and {how}"), None);
        }
        let message = format!("{rule} is locked in {locked_at}, and {how}");
        let help =
            "a locked rule may be made stricter only; its owners are those of the file it is locked in".to_owned();
        let (layer, place) = self.attempt(scopes, rule, *lock, path);
        layer.map_or_else(
            || PolicyError { path: String::new(), text: "".into(), span: 0..0, message: message.clone(), help: None },
            |layer| {
                let place: Vec<&str> = place.iter().map(String::as_str).collect();
                layer.error_at(layer.locator.nearest(&place), message.clone(), Some(help))
            },
        )
    }

    /// Where a layer above the lock writes what makes a rule demand less.
    fn attempt(&self, scopes: &[usize], rule: &str, lock: usize, path: &[String]) -> (Option<&Layer>, Vec<String>) {
        let words = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
        if let Some((layer, mut place)) = self.writer_of(scopes, rule)
            && self.layers.iter().position(|other| other.path == layer.path).is_some_and(|number| number > lock)
        {
            if !path.is_empty() {
                place.extend(path.iter().cloned());
            }
            return (Some(layer), place);
        }
        let scoped = scopes.iter().rev().find_map(|number| {
            let scope = self.scopes.get(*number).filter(|scope| scope.layer > lock)?;
            let key = if scope.profiles.is_some() { "profiles" } else { "on-unknown" };
            Some((self.layers.get(scope.layer), words(&["scopes", &scope.number.to_string(), key])))
        });
        scoped.unwrap_or_else(|| {
            let above = self.layers.iter().skip(lock + 1).rev();
            let by =
                |key: &'static str| above.clone().find(|layer| layer.locator.has(&[key])).map(|layer| (layer, key));
            let unknown = (rule == "template/not-judged").then(|| by("on-unknown")).flatten();
            let (layer, key) = unknown.or_else(|| by("profiles")).unzip();
            (layer.or(self.layers.last()), words(&[key.unwrap_or("rules")]))
        })
    }
}

impl Layer {
    fn locks(&self, rule: &str) -> bool {
        self.raw.locked.iter().any(|word| stands_for(word, rule))
    }
}

/// How a rule demands less than it has to: the first demand that nothing in `demands` is as strict as.
fn loosened(rule: &Rule, wanted: &[Demand], demands: &Demands) -> Option<(Vec<String>, String)> {
    let Some((_, list)) = demands.get(&rule.id) else { return Some((Vec::new(), "is switched off".to_owned())) };
    let defaults = rule.definition.defaults();
    wanted.iter().find_map(|wanted| {
        let problems: Vec<_> = list.iter().map(|demand| problem(rule, &defaults, wanted, demand)).collect();
        // Most often there is one demand, and its problem is the one to tell.
        if problems.iter().any(Option::is_none) { None } else { problems.into_iter().flatten().next() }
    })
}

fn problem(
    rule: &Rule,
    defaults: &serde_json::Map<String, serde_json::Value>,
    wanted: &Demand,
    demand: &Demand,
) -> Option<(Vec<String>, String)> {
    let path = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect::<Vec<_>>();
    if demand.severity < wanted.severity {
        let how = format!("its severity {} is lower than {}", demand.severity.name(), wanted.severity.name());
        return Some((path(&["severity"]), how));
    }
    if demand.enforce_from.is_some_and(|day| wanted.enforce_from.is_none_or(|before| day > before)) {
        return Some((path(&["enforce-from"]), "it is enforced later".to_owned()));
    }
    let found = looser(rule.definition.directions, defaults, &wanted.params, &demand.params)?;
    let mut place = path(&["with"]);
    place.extend(found.path.iter().cloned());
    let name = found.path.join(".");
    let how = match (found.incomparable, found.new.is_null()) {
        (true, _) if found.old.is_array() => {
            format!("{name} cannot be compared: {} may allow what {} does not", found.new, found.old)
        }
        (true, _) => format!("{name} has no direction in which it is stricter, so it cannot be changed"),
        (false, true) => format!("{name}, which was {}, is missing", found.old),
        (false, false) => format!("{name} demands less: {} instead of {}", found.new, found.old),
    };
    Some((place, how))
}
