//! What only shows over several requests: the rules of the estate, and which certificates and private keys go with a request.
//! Estate rules see records alone; what they find is told at the first of them, with the others beside it.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Engine, FileOutcome};
use crate::catalogue::Outcome;
use crate::check::{Findings, MAX_FINDINGS, Subject, SubjectKind, Verdict};
use crate::estate::{Digest, Estate, Record, RecordKind};
use crate::redact;
use crate::report::{Finding, NotJudged, Related, RelatedPlace, Relation, RequestRef, sanitise};
use crate::source::FilePath;

impl Engine {
    pub(super) fn judge_estate(&self, estate: &Estate, all: &mut FileOutcome) {
        let rules = self.policy.rules_for("", None);
        let context = self.context();
        for active in rules.rules.iter().filter(|active| active.rule.definition.subject == SubjectKind::Estate) {
            for (demand, check) in &active.demands {
                let mut findings = Findings::default();
                let verdict = check.run(&Subject::Estate(estate), &context, &mut findings);
                let outcome = match (&verdict, findings.broken.is_empty()) {
                    (_, false) => Outcome::Fail,
                    (Verdict::Judged, true) => Outcome::Pass,
                    (Verdict::NotApplicable, true) => Outcome::NotApplicable,
                    (Verdict::NotJudged(_), true) => Outcome::NotJudged,
                };
                self.policy.tallies.count(active.number, outcome);
                if let Verdict::NotJudged(reason) = verdict {
                    all.not_judged.push(NotJudged {
                        path: String::new(),
                        line: 0,
                        rule: active.rule.id.clone(),
                        request: "all requests".to_owned(),
                        reason: sanitise::line(&redact::message(&reason)).into_owned(),
                    });
                }
                for broken in findings.broken {
                    let mut records = broken.records.iter().filter_map(|number| estate.records().get(*number));
                    let Some(first) = records.next() else { continue };
                    let severity = demand.severity_on(self.policy.as_of);
                    all.findings.push(Finding {
                        rule: active.rule.clone(),
                        severity,
                        profiles: demand.profiles.clone(),
                        clause: demand.clause.clone(),
                        message: sanitise::line(&redact::message(&broken.message)).into_owned(),
                        path: Arc::new(FilePath::from_shown(&first.path)),
                        start: first.start,
                        end: first.end,
                        place: broken.place.into_owned(),
                        shown_value: redact::message(&broken.value).into_owned(),
                        value: broken.value,
                        request: Some(RequestRef {
                            title: sanitise::line(&redact::message(&first.subject)).into_owned(),
                            spki_sha256: first.spki_sha256.map(String::from),
                            name: first.name.clone().unwrap_or_default(),
                            identity: first.identity(),
                            embedded: false,
                        }),
                        embedded: false,
                        fingerprint: String::new(),
                        waived: None,
                        superseded_by: None,
                        fails: self.policy.fails(&active.rule.id, severity, &first.path, None),
                        shown: None,
                        fix: None,
                        key: None,
                        related: records
                            .map(|record| Related {
                                path: record.path.clone(),
                                line: record.start.line,
                                message: related_as(active.rule.definition.name, record),
                            })
                            .collect(),
                    });
                }
            }
        }
    }
}

/// Which certificates and private keys of the run have the key of a request.
pub(super) fn relations(estate: &Estate) -> Vec<Relation> {
    let mut by_key: BTreeMap<Digest, Vec<&Record>> = BTreeMap::new();
    for record in estate.records().iter().filter(|record| record.kind != RecordKind::Request) {
        if let Some(key) = record.key_sha256 {
            by_key.entry(key).or_default().push(record);
        }
    }
    let place = |record: &Record| RelatedPlace {
        kind: record.kind,
        path: record.path.clone(),
        line: record.start.line,
        subject: sanitise::shortened(&sanitise::line(&redact::message(&record.subject)), 200).into_owned(),
    };
    estate
        .requests()
        .filter_map(|(_, request)| {
            let same = by_key.get(&request.key_sha256?)?;
            Some(Relation {
                path: request.path.clone(),
                line: request.start.line,
                spki_sha256: request.spki_sha256.map(String::from),
                same_key: same.iter().map(|record| place(record)).collect(),
            })
        })
        .collect()
}

/// What another record of an estate finding has in common with the first.
fn related_as(check: &str, record: &Record) -> String {
    match check {
        "shared-prime" => format!("{} whose key has a prime in common", record.kind.name()),
        "nonce-repeated" => "a signature with the same nonce".to_owned(),
        _ => "the same key".to_owned(),
    }
}

/// Names the requests and certificates of the run that a private key belongs to.
pub(super) fn relate_private_keys(estate: &Estate, findings: &mut [Finding]) {
    for finding in findings {
        let Some(key) = finding.key else { continue };
        let same = |record: &&Record| {
            record.kind != RecordKind::PrivateKey && record.key_sha256.is_some_and(|digest| digest.0 == key)
        };
        finding.related = estate
            .records()
            .iter()
            .filter(same)
            .take(MAX_FINDINGS)
            .map(|record| Related {
                path: record.path.clone(),
                line: record.start.line,
                message: format!("{} for this key", record.kind.name()),
            })
            .collect();
        let count = |kind| estate.records().iter().filter(same).filter(|record| record.kind == kind).count();
        let (requests, certificates) = (count(RecordKind::Request), count(RecordKind::Certificate));
        let several =
            |number: usize, word: &str| if number == 1 { format!("a {word}") } else { format!("{number} {word}s") };
        let what = match (requests, certificates) {
            (0, 0) => continue,
            (0, number) => several(number, "certificate"),
            (number, 0) => several(number, "request"),
            (one, other) => format!("{} and {}", several(one, "request"), several(other, "certificate")),
        };
        finding.message.push_str(&format!(" It belongs to {what} of this tree."));
    }
}
