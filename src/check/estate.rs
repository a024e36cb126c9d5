//! Checks over all requests of the run. They see estate records only, which may come from other runs too.

use std::collections::{BTreeMap, HashSet};

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Broken, Check, Context, Findings, Params, Subject, Verdict};
use crate::estate::Digest;
use crate::source::Span;

/// One key in several different requests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyReused {}

impl Params for KeyReused {
    const NAME: &'static str = "key-reused";
    const SUMMARY: &'static str = "Finds keys that several different requests ask a certificate for.";
}

impl Check for KeyReused {
    fn run(&self, subject: &Subject<'_>, _: &Context, findings: &mut Findings) -> Verdict {
        let Subject::Estate(estate) = subject else { return Verdict::NotApplicable };
        let mut by_key: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
        for (number, record) in estate.records().iter().enumerate() {
            if let Some(key) = record.spki_sha256 {
                by_key.entry(key).or_default().push(number);
            }
        }
        for (key, mut numbers) in by_key {
            // A copy of a request is not another request.
            let mut seen: HashSet<Option<Digest>> = HashSet::new();
            numbers.retain(|number| seen.insert(estate.records().get(*number).map(|record| record.content_sha256)));
            if numbers.len() < 2 {
                continue;
            }
            let places: Vec<&str> = numbers
                .iter()
                .filter_map(|number| estate.records().get(*number))
                .map(|record| record.path.as_str())
                .collect();
            let message = format!(
                "{} different requests ask for a certificate with this key: {}.",
                numbers.len(),
                shortened(&places)
            );
            findings.push(Broken {
                span: Span::content(0, 0),
                place: "key".into(),
                value: key.into(),
                message,
                records: numbers,
            });
        }
        Verdict::Judged
    }
}

fn shortened(places: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = places.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if places.len() > SHOWN { format!("{shown} and {} more", places.len() - SHOWN) } else { shown }
}
