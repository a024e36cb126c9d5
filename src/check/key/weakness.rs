//! Keys whose private half can be computed: RSA moduli of bad primes, EC keys of small numbers.
//! Which computation a rule wants is its parameter; cheap ones and costly ones are told apart by the rule's cost.
//! Costly ones stop where the budget of the run is spent, and say so.

use num_bigint::BigUint;
use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::crypto::{deep, weakness};
use crate::lists::{KeyHashes, ListKind};
use crate::request::{Request, bit_length};

/// How an RSA modulus can be weak.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Weakness {
    /// A prime below 752 divides it.
    SmallFactor,
    /// It is the third, fifth or seventh power of a number; squares are close primes.
    Power,
    /// Its primes are so close that Fermat's method finds them in a hundred rounds.
    ClosePrimes,
    /// It was made by the library of CVE-2017-15361.
    Roca,
    /// Its bits have a pattern that no random prime yields.
    Pattern,
    /// Its upper half spells something, while the lower is random.
    Vanity,
    /// It carries a command of the backdoor in xz (CVE-2024-3094).
    XzCarrier,
    /// The private exponent is so small that the public one gives it away (Wiener).
    SmallPrivateExponent,
    /// A prime up to 65537 divides it. Costly.
    MediumFactor,
    /// One of its primes is one more than a product of small ones (Pollard). Costly.
    SmoothFactor,
    /// Its primes are close to a ratio of small numbers (Lehman). Costly.
    CloseRatio,
    /// Its primes agree in their lower halves. Costly.
    SharedLowBits,
}

impl Weakness {
    fn is_costly(self) -> bool {
        matches!(self, Self::MediumFactor | Self::SmoothFactor | Self::CloseRatio | Self::SharedLowBits)
    }

    /// The value, and the problem as the end of a sentence.
    fn find(self, modulus: &[u8], exponent: &[u8]) -> Option<(String, String)> {
        let number = || BigUint::from_bytes_be(modulus);
        let plain = |found: bool, value: &str, problem: &str| found.then(|| (value.to_owned(), problem.to_owned()));
        match self {
            Self::SmallFactor => {
                weakness::small_factor(modulus).map(|factor| (factor.to_string(), format!("is divisible by {factor}")))
            }
            Self::Power => weakness::power(modulus)
                .map(|power| (format!("power {power}"), format!("is a number to the power of {power}"))),
            Self::ClosePrimes => weakness::close_primes(modulus).map(|rounds| {
                let problem = format!("is the product of two close primes (Fermat's method, round {rounds})");
                ("close primes".to_owned(), problem)
            }),
            Self::Roca => plain(
                weakness::has_roca_fingerprint(modulus),
                "ROCA",
                "has the fingerprint of keys of CVE-2017-15361 (ROCA)",
            ),
            Self::Pattern => weakness::pattern(modulus).map(|what| (what.to_owned(), format!("is not random: {what}"))),
            Self::Vanity => plain(
                weakness::is_vanity(modulus),
                "vanity",
                "spells something in its upper half: its primes were chosen to fit",
            ),
            Self::XzCarrier => plain(
                weakness::is_xz_carrier(modulus),
                "xz",
                "starts as a command to the backdoor in xz 5.6 (CVE-2024-3094)",
            ),
            Self::SmallPrivateExponent => plain(
                weakness::has_small_private_exponent(modulus, exponent),
                "small d",
                "belongs to a private exponent that can be computed (Wiener)",
            ),
            Self::MediumFactor => {
                deep::factor(&number()).map(|factor| (factor.to_string(), format!("is divisible by {factor}")))
            }
            // A small factor is smooth by itself, and told as what it is.
            Self::SmoothFactor if deep::factor(&number()).is_some() => None,
            Self::SmoothFactor => deep::smooth_factor(&number()).map(|_| {
                (
                    "smooth".to_owned(),
                    "has a prime p for which p - 1 has small factors only (Pollard's p - 1 method)".to_owned(),
                )
            }),
            Self::CloseRatio => deep::close_ratio(&number())
                .map(|(u, v)| (format!("{u}:{v}"), format!("has primes whose ratio is close to {u} : {v}"))),
            Self::SharedLowBits => {
                plain(deep::shared_low_bits(&number()), "low bits", "has primes that agree in their lower halves")
            }
        }
    }
}

/// RSA moduli whose primes, or private exponent, can be computed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RsaWeakness {
    /// What is looked for.
    kinds: Vec<Weakness>,
}

impl Params for RsaWeakness {
    const NAME: &'static str = "rsa-weakness";
    const SUMMARY: &'static str = "Finds RSA keys that can be factored, by computations on the public key.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("kinds", Stricter::Superset)];
}

impl RequestCheck for RsaWeakness {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(public) = request.key.effective().and_then(|key| key.public.as_ref()) else {
            return Verdict::NotApplicable;
        };
        let (Some((modulus, exponent)), Some(rsa)) = (public.rsa_numbers(), public.rsa) else {
            return Verdict::NotApplicable;
        };
        // What is smaller is broken by its size, whatever its primes.
        if bit_length(modulus) < 512 {
            return Verdict::NotApplicable;
        }
        if let Err(reason) = weakness::judgeable(modulus) {
            return Verdict::NotJudged(reason.into());
        }
        if self.kinds.iter().any(|kind| kind.is_costly()) {
            if let Some(reason) = request.costly_refused() {
                return Verdict::NotJudged(reason.to_owned().into());
            }
            // An even modulus is malformed, and told as that; what cheap tests find needs no costly ones.
            if modulus.last().is_none_or(|last| last & 1 == 0)
                || weakness::small_factor(modulus).is_some()
                || weakness::close_primes(modulus).is_some()
            {
                return Verdict::NotApplicable;
            }
        }
        for (value, problem) in self.kinds.iter().filter_map(|kind| kind.find(modulus, exponent)) {
            findings.fail(rsa.modulus_span, "key.modulus", value, format!("The RSA modulus {problem}."));
        }
        Verdict::Judged
    }
}

/// EC keys whose private key is a small number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct EcSmallPrivateKey {}

impl Params for EcSmallPrivateKey {
    const NAME: &'static str = "ec-small-private-key";
    const SUMMARY: &'static str =
        "Finds EC keys whose private key is below 2^24, or as close to the order of the curve. Costly.";
}

impl RequestCheck for EcSmallPrivateKey {
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((key, public)) = request.key.effective().and_then(|key| Some((key, key.public.as_ref()?))) else {
            return Verdict::NotApplicable;
        };
        // The smallest ones are listed, and told as what they are.
        let listed = KeyHashes::of(key).map(|hashes| context.lists.find(&hashes, &[ListKind::WeakGenerator]));
        if matches!(listed, Some(Ok(Some(_)))) {
            return Verdict::NotApplicable;
        }
        let Some(curve) = key.curve.effective().copied() else { return Verdict::NotApplicable };
        if let Some(reason) = request.costly_refused() {
            return Verdict::NotJudged(reason.to_owned().into());
        }
        if deep::small_private_key(curve, &public.bytes).is_some() {
            // The number itself is a private key, and is not printed.
            let message = "The private key is a number below 2^24, or its negative: anybody finds it by trying.";
            findings.fail(public.bytes_span, "key.point", "small private key", message);
        }
        Verdict::Judged
    }
}
