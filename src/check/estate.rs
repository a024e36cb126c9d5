//! Checks over all requests of the run. They see estate records only, which may come from other runs too.
//! Copies of a request are one request; certificates and private keys take part where what they share is shared by a request.

use std::collections::{BTreeMap, HashSet};

use dashu_int::UBig;
use schemars::JsonSchema;
use serde::Deserialize;

use super::{Broken, Check, Context, Findings, Params, Subject, Verdict};
use crate::estate::{Digest, Nonce, Octets, Record, RecordKind, common_factors, pairs};
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
    fn run(&self, subject: &Subject<'_>, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Subject::Estate(estate) = subject else { return Verdict::NotApplicable };
        let mut by_key: BTreeMap<Digest, Vec<usize>> = BTreeMap::new();
        for (number, record) in estate.requests() {
            // The same key may be written in two ways; a key without a number in it is told by its octets.
            if let Some(key) = record.key_sha256.or(record.spki_sha256) {
                by_key.entry(key).or_default().push(number);
            }
        }
        for mut numbers in by_key.into_values() {
            // A copy of a request is not another request.
            let mut seen: HashSet<Option<Digest>> = HashSet::new();
            numbers.retain(|number| seen.insert(estate.records().get(*number).map(|record| record.content_sha256)));
            if numbers.len() < 2 {
                continue;
            }
            let records = || numbers.iter().filter_map(|number| estate.records().get(*number));
            let places: Vec<&str> = records().map(|record| record.path.as_str()).collect();
            let message = format!(
                "{} different requests ask for a certificate with this key: {}.",
                numbers.len(),
                shortened(&places)
            );
            let value = records().find_map(|record| record.spki_sha256).map(String::from).unwrap_or_default();
            findings.push(about("key", value, message, numbers));
        }
        Verdict::Judged
    }
}

fn about(place: &'static str, value: String, message: String, records: Vec<usize>) -> Broken {
    Broken { records, ..Broken::new(Span::content(0, 0), place, value, message) }
}

/// `a request in web.csr`, for the second of two that share something.
fn described(record: &Record) -> String {
    let subject = if record.subject.is_empty() { String::new() } else { format!(" for {}", record.subject) };
    format!("{} in {}{subject}", record.kind.name(), record.path)
}

/// RSA moduli of the run that have a prime in common with each other, or with a list of known primes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SharedPrime {
    /// More moduli than this are compared with `--deep` only: the time grows a little faster than their number.
    #[serde(default = "affordable")]
    max_moduli: usize,
}

/// Compared in less than a second.
fn affordable() -> usize {
    1000
}

impl Params for SharedPrime {
    const NAME: &'static str = "shared-prime";
    const SUMMARY: &'static str =
        "Finds RSA keys that share a prime with another key of the run, or with a list of primes.";
    const DIRECTIONS: &'static [(&'static str, super::Stricter)] = &[("max-moduli", super::Stricter::Higher)];
}

impl Check for SharedPrime {
    fn run(&self, subject: &Subject<'_>, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Subject::Estate(estate) = subject else { return Verdict::NotApplicable };
        // Equal moduli are one; the first request with it stands for all.
        let mut numbers: BTreeMap<&Octets, Vec<usize>> = BTreeMap::new();
        for (number, record) in estate.records().iter().enumerate() {
            if let Some(modulus) = &record.modulus {
                numbers.entry(modulus).or_default().push(number);
            }
        }
        let is_request =
            |number: &usize| estate.records().get(*number).is_some_and(|record| record.kind == RecordKind::Request);
        if !numbers.values().flatten().any(is_request) {
            return Verdict::NotApplicable;
        }
        // An even modulus shares its 2 with every other; that it is even is told elsewhere.
        numbers.retain(|modulus, _| {
            (16..=2048).contains(&modulus.0.len()) && modulus.0.last().is_some_and(|last| last & 1 == 1)
        });
        let moduli: Vec<UBig> = numbers.keys().map(|modulus| UBig::from_be_bytes(&modulus.0)).collect();
        let representative = |at: usize| {
            let all = numbers.values().nth(at)?;
            all.iter().find(|number| is_request(number)).or_else(|| all.first()).copied()
        };
        for (name, product) in context.lists.primes() {
            for (at, modulus) in moduli.iter().enumerate() {
                let shared = dashu_int::ops::Gcd::gcd(&(product % modulus), modulus);
                let Some(number) = representative(at).filter(|number| shared > UBig::ONE && is_request(number)) else {
                    continue;
                };
                let message =
                    format!("A prime of the RSA key stands in the list {name}: everybody can compute the private key.");
                findings.push(about("key.modulus", "known prime".to_owned(), message, vec![number]));
            }
        }
        if moduli.len() > self.max_moduli && !context.deep {
            return Verdict::NotJudged(format!("{} RSA moduli are compared with --deep only", moduli.len()).into());
        }
        let common = common_factors(&moduli);
        for (one, other, shared) in pairs(&moduli, &common) {
            let both: Vec<usize> = [one, other].into_iter().filter_map(representative).collect();
            let mut ordered = both.clone();
            // The finding stands at a request.
            ordered.sort_by_key(|number| (!is_request(number), *number));
            let (Some(first), Some(second)) =
                (ordered.first(), ordered.get(1).and_then(|number| estate.records().get(*number)))
            else {
                continue;
            };
            if !is_request(first) {
                continue;
            }
            // A small factor that two keys share is one that two damaged keys have.
            let message = if dashu_int::ops::BitTest::bit_len(&shared) < 64 {
                format!("The RSA modulus has the factor {shared}, and so has another ({}).", described(second))
            } else {
                format!(
                    "The RSA key has a prime in common with another key ({}): everybody who has both can compute both private keys.",
                    described(second)
                )
            };
            let value = second.key_sha256.map(String::from).unwrap_or_default();
            findings.push(about("key.modulus", value, message, ordered));
        }
        Verdict::Judged
    }
}

/// Signatures of different requests with the same r.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NonceRepeated {}

impl Params for NonceRepeated {
    const NAME: &'static str = "nonce-repeated";
    const SUMMARY: &'static str =
        "Finds ECDSA and DSA signatures of different requests that were made with the same nonce.";
}

impl Check for NonceRepeated {
    fn run(&self, subject: &Subject<'_>, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Subject::Estate(estate) = subject else { return Verdict::NotApplicable };
        let mut by_nonce: BTreeMap<_, Vec<(usize, &Nonce, &Record)>> = BTreeMap::new();
        for (number, record) in estate.requests() {
            if let Some(nonce) = &record.nonce {
                by_nonce.entry((nonce.group.as_str(), &nonce.r)).or_default().push((number, nonce, record));
            }
        }
        if by_nonce.is_empty() {
            return Verdict::NotApplicable;
        }
        for mut same in by_nonce.into_values() {
            // The same bytes signed twice may well have the same nonce (RFC 6979).
            let mut seen = HashSet::new();
            same.retain(|(_, nonce, record)| seen.insert((nonce.signed_sha256, record.key_sha256)));
            let signed: HashSet<Digest> = same.iter().map(|(_, nonce, _)| nonce.signed_sha256).collect();
            let Some((_, _, first)) = same.first().filter(|_| signed.len() > 1) else { continue };
            let one_key = same.iter().all(|(_, _, record)| record.key_sha256 == first.key_sha256);
            let consequence = if one_key {
                "everybody can compute the private key from them"
            } else {
                "the generator of random numbers fails, and the holder of each key can compute the others"
            };
            let places: Vec<&str> = same.iter().map(|(_, _, record)| record.path.as_str()).collect();
            let message =
                format!("{} signatures have the same nonce ({}): {consequence}.", same.len(), shortened(&places));
            let value = String::from(first.nonce.as_ref().map_or_else(|| Octets(Vec::new()), |nonce| nonce.r.clone()));
            let numbers = same.iter().map(|(number, _, _)| *number).collect();
            findings.push(about("signature.value", value, message, numbers));
        }
        Verdict::Judged
    }
}

fn shortened(places: &[&str]) -> String {
    const SHOWN: usize = 5;
    let shown = places.iter().take(SHOWN).copied().collect::<Vec<_>>().join(", ");
    if places.len() > SHOWN { format!("{shown} and {} more", places.len() - SHOWN) } else { shown }
}
