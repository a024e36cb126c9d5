//! Scopes that may hold: they match by an issuer or signer, and what names it is an expression. What such a scope would loosen is
//! not loosened; what only it would find is not judged, and said to be. Nothing of this runs where every scope is certain.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::finding::About;
use super::{Engine, FileOutcome};
use crate::catalogue::{Outcome, RuleSet, Severity};
use crate::check::{Broken, Subject};
use crate::policy::{Facet, Uncertain};
use crate::report::{Finding, NotJudged};
use crate::request::Request;

/// The rule that `on-unknown` switches on.
const UNKNOWN: &str = "template/not-judged";

impl Engine {
    /// What scopes would find of which it is not known whether they are about a request; `since` is where its own findings, and
    /// what was not judged of it, begin.
    pub(super) fn judge_uncertain(
        &self,
        request: &Request,
        certain: &RuleSet,
        since: (usize, usize),
        out: &mut FileOutcome,
    ) {
        let path = request.origin.sources.file.path.as_str();
        let sets = self.policy.uncertain_rules(path, Facet::of(request));
        let mut undecided: Vec<(&Uncertain, Vec<String>)> = Vec::new();
        for set in &sets {
            if set.rules.verifies {
                // A fault of ours is told by the rule that meets it again.
                let _ = catch_unwind(AssertUnwindSafe(|| request.verification().is_some()));
            }
            let mut there = FileOutcome { before: true, ..FileOutcome::default() };
            let (subject, sources) = (Subject::Request(request), &request.origin.sources);
            self.run_rules_in(&set.rules, Some(&set.scopes), &subject, sources, Some(request), &mut there);
            let here = out.findings.get(since.0..).unwrap_or_default();
            let (mut told, broken): (Vec<Finding>, Vec<Finding>) =
                there.findings.into_iter().partition(|finding| finding.rule.id == UNKNOWN);
            let mut rules: Vec<String> =
                broken.iter().filter(|broken| !stands(broken, here)).map(|broken| broken.rule.id.clone()).collect();
            rules.dedup();
            // What one scope leaves open, all of them together do, too.
            rules.retain(|rule| !undecided.iter().any(|(_, known)| known.contains(rule)));
            told.retain(|finding| !stands(finding, here));
            for finding in told {
                raise(finding, since.0, out);
            }
            let left = out.not_judged.get(since.1..).unwrap_or_default();
            let more: Vec<NotJudged> =
                there.not_judged.into_iter().filter(|other| !left.iter().any(|one| one.rule == other.rule)).collect();
            out.not_judged.extend(more);
            if !rules.is_empty() {
                undecided.push((set, rules));
            }
        }
        self.tell_undecided(request, certain, &sets, &undecided, since.0, out);
    }

    /// Rules that are broken where a scope holds that may: not judged, and a finding under `on-unknown`.
    fn tell_undecided(
        &self,
        request: &Request,
        certain: &RuleSet,
        sets: &[Uncertain],
        undecided: &[(&Uncertain, Vec<String>)],
        since: usize,
        out: &mut FileOutcome,
    ) {
        let Some((first, _)) = undecided.first() else { return };
        let mut about = About {
            engine: self,
            sources: &request.origin.sources,
            request: Some(request),
            unseen: None,
            embedded: request.origin.embedded,
            scopes: None,
            reference: None,
            listing: None,
        };
        for (set, rules) in undecided {
            let Uncertain { place, by, expression, .. } = set;
            for id in rules {
                let Some(active) = set.rules.rules.iter().find(|active| active.rule.id == *id) else { continue };
                let reason = format!("it would be broken where {place} holds, and the {by} is not known: {expression}");
                out.not_judged.push(about.not_judged(&active.rule, &reason));
                if let Some(judged) = out.judged.last_mut() {
                    match judged.outcomes.iter_mut().find(|(rule, _)| rule == id) {
                        Some((_, outcome)) if *outcome != Outcome::Fail => *outcome = Outcome::NotJudged,
                        Some(_) => {}
                        None => judged.outcomes.push((id.clone(), Outcome::NotJudged)),
                    }
                }
            }
        }
        let demands = std::iter::once(certain).chain(sets.iter().map(|set| &*set.rules));
        let strictest = demands
            .flat_map(|set| &set.rules)
            .filter(|active| active.rule.id == UNKNOWN)
            .flat_map(|active| active.demands.iter().map(move |(demand, _)| (active, demand)))
            .max_by_key(|(_, demand)| demand.severity_on(self.policy.as_of));
        let Some((active, demand)) = strictest else { return };
        let severity: Severity = demand.severity_on(self.policy.as_of);
        let Some(template) = &request.template else { return };
        let span = if first.by == "issuer" { template.issuer.span } else { template.signer.span };
        let places: Vec<&str> = undecided.iter().map(|(set, _)| set.place.as_str()).collect();
        let rules: Vec<&str> = undecided.iter().flat_map(|(_, rules)| rules).map(String::as_str).collect();
        let message = format!(
            "The {} is not known: {}; so it is not known whether {} holds, where this would be broken: {}.",
            first.by,
            first.expression,
            places.join(", "),
            rules.join(", ")
        );
        let mut finding =
            about.finding(&active.rule, severity, Broken::new(span, first.by, first.expression.clone(), message));
        finding.profiles.clone_from(&demand.profiles);
        finding.fails |= sets.iter().any(|set| self.policy.fails_in(UNKNOWN, severity, &set.scopes));
        raise(finding, since, out);
    }
}

/// Whether a finding is there already and counts for as much.
fn stands(finding: &Finding, others: &[Finding]) -> bool {
    others
        .iter()
        .any(|other| is_same(finding, other) && other.severity >= finding.severity && other.fails >= finding.fails)
}

fn is_same(one: &Finding, other: &Finding) -> bool {
    one.rule.id == other.rule.id && one.place == other.place && one.value == other.value
}

/// Adds a finding; one that is there already counts for as much as this one.
fn raise(finding: Finding, since: usize, out: &mut FileOutcome) {
    match out.findings.iter_mut().skip(since).find(|other| is_same(&finding, other)) {
        Some(same) => {
            same.severity = same.severity.max(finding.severity);
            same.fails |= finding.fails;
        }
        None => out.findings.push(finding),
    }
}
