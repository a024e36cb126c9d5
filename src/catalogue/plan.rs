//! Rules that are switched on, with compiled checks: what a run works with.
//! Demands for the same rule with the same parameters are one; with other parameters they are judged side by side.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};

use serde_json::Value;

use super::{Rule, Severity};
use crate::check::{Check, Date, ParameterError};

/// One way in which a rule is demanded.
#[derive(Debug, Clone)]
pub struct Demand {
    /// Who demands it: profiles, `policy` or `command line`.
    pub profiles: Vec<String>,
    /// How bad a finding is.
    pub severity: Severity,
    /// Parameters of the check.
    pub params: Value,
    /// The clause that demands it.
    pub clause: Option<String>,
    /// Before this day findings are `info`.
    pub enforce_from: Option<Date>,
}

impl Demand {
    /// A rule as it is, demanded by nothing but a word of the policy or the command line.
    pub fn of_rule(rule: &Rule, who: &str) -> Self {
        Self {
            profiles: vec![who.to_owned()],
            severity: rule.severity,
            params: rule.with.clone(),
            clause: None,
            enforce_from: None,
        }
    }

    /// The severity on a day.
    pub fn severity_on(&self, day: Date) -> Severity {
        if self.enforce_from.is_some_and(|from| day < from) { Severity::Info } else { self.severity }
    }
}

/// A rule that is switched on.
pub struct ActiveRule {
    /// The rule.
    pub rule: Arc<Rule>,
    /// Its demands, each with its compiled check.
    pub demands: Vec<(Demand, Box<dyn Check>)>,
    /// Its number in the catalogue, under which its outcomes are counted.
    pub number: usize,
}

/// The outcomes of a rule on one subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// Nothing was wrong.
    Pass,
    /// Something was.
    Fail,
    /// The rule is not about the subject.
    NotApplicable,
    /// The rule could not tell.
    NotJudged,
}

/// How often each outcome of each rule occurred. Each thread counts in a shard of its own:
/// a hundred rules a request on shared counters would cost more than the rules. Sums do not depend on threads.
#[derive(Debug)]
pub struct Tallies {
    shards: Vec<Box<[AtomicU64]>>,
}

const SHARDS: usize = 16;
static NEXT_SHARD: AtomicUsize = AtomicUsize::new(0);

thread_local! {
    static SHARD: usize = NEXT_SHARD.fetch_add(1, Ordering::Relaxed) % SHARDS;
}

impl Tallies {
    /// For this many rules.
    pub fn new(rules: usize) -> Self {
        Self { shards: (0..SHARDS).map(|_| (0..rules * 4).map(|_| AtomicU64::new(0)).collect()).collect() }
    }

    /// Counts one outcome of a rule.
    pub fn count(&self, rule: usize, outcome: Outcome) {
        let shard = SHARD.with(|shard| *shard);
        if let Some(counter) = self.shards.get(shard).and_then(|shard| shard.get(rule * 4 + outcome as usize)) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// `[pass, fail, not applicable, not judged]` of a rule.
    pub fn of(&self, rule: usize) -> [u64; 4] {
        std::array::from_fn(|outcome| {
            self.shards
                .iter()
                .filter_map(|shard| shard.get(rule * 4 + outcome))
                .map(|counter| counter.load(Ordering::Relaxed))
                .sum()
        })
    }
}

/// The rules that hold for some part of the tree, by id.
#[derive(Default)]
pub struct RuleSet {
    /// The rules.
    pub rules: Vec<ActiveRule>,
    /// Whether one of them needs to know of every request whether its signature verifies. Then it is verified before any
    /// rule runs: others ask only whether it has been, and are spared work where it holds.
    pub verifies: bool,
}

/// Checks that judge every signature, or compare those that hold.
const VERIFYING: [&str; 2] = ["signature", "nonce-repeated"];

/// Parameters that do not fit a rule's check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlanError {
    /// The rule.
    pub rule: String,
    /// Why, and which parameter.
    pub reason: ParameterError,
}

impl RuleSet {
    /// Compiles demands; equal ones become one that names all who demand it.
    ///
    /// # Errors
    /// The first rule whose parameters do not fit its check.
    pub fn compile(
        demands: BTreeMap<String, (Arc<Rule>, Vec<Demand>)>,
        number: &dyn Fn(&str) -> usize,
    ) -> Result<Self, PlanError> {
        let mut rules = Vec::with_capacity(demands.len());
        for (id, (rule, demands)) in demands {
            let mut compiled: Vec<(Demand, Box<dyn Check>)> = Vec::new();
            for demand in demands {
                if let Some((same, _)) = compiled
                    .iter_mut()
                    .find(|(other, _)| other.params == demand.params && other.enforce_from == demand.enforce_from)
                {
                    same.severity = same.severity.max(demand.severity);
                    same.profiles.extend(demand.profiles);
                    same.clause = same.clause.take().or(demand.clause);
                    continue;
                }
                let check = (rule.definition.compile)(demand.params.clone())
                    .map_err(|reason| PlanError { rule: id.clone(), reason })?;
                compiled.push((demand, check));
            }
            let number = number(&id);
            rules.push(ActiveRule { rule, demands: compiled, number });
        }
        let verifies = rules.iter().any(|active| VERIFYING.contains(&active.rule.definition.name));
        Ok(Self { rules, verifies })
    }
}

/// Merges parameters: objects by key, everything else is replaced.
pub fn merge(base: &Value, over: &Value) -> Value {
    match (base, over) {
        (Value::Object(base), Value::Object(over)) => {
            let mut merged = base.clone();
            for (key, value) in over {
                let value = merged.get(key).map_or_else(|| value.clone(), |old| merge(old, value));
                merged.insert(key.clone(), value);
            }
            Value::Object(merged)
        }
        (base, Value::Null) => base.clone(),
        (_, over) => over.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn parameters_merge_by_key_and_lists_replace() {
        let merged = merge(&json!({ "a": { "x": 1, "y": [1, 2] }, "b": 2 }), &json!({ "a": { "y": [3] } }));
        assert_eq!(merged, json!({ "a": { "x": 1, "y": [3] }, "b": 2 }));
        assert_eq!(merge(&json!({ "a": 1 }), &Value::Null), json!({ "a": 1 }));
    }
}
