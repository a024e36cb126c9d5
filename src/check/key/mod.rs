//! The requested key: size, exponent, curve, point, and the organisation's list of allowed keys.
//! Fields are judged by their effective value, so a template's default size counts as much as a written one.
//! What is judged of the numbers themselves is in the other files of this folder.

mod known;
mod point;
mod strength;
mod weakness;

pub(super) use known::KnownKey;
pub(super) use point::{EcPoint, EdwardsPoint, GroupKey, LowOrderPoint, MlKemKey};
pub(super) use strength::{KeyQuantum, KeyStrength};
pub(super) use weakness::{EcSmallPrivateKey, RsaWeakness};

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Broken, Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::check::matcher::Decision;
use crate::check::oid_name::OidName;
use crate::crypto::{self, Curve};
use crate::request::{Field, Key, KeyAlgorithm, Request, State, Wanted, bit_length};

/// The size of keys of one algorithm.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeySize {
    /// The algorithm whose keys are judged.
    algorithm: KeyAlgorithm,
    /// The least number of bits.
    #[serde(default)]
    min: Option<u32>,
    /// The greatest number of bits.
    #[serde(default)]
    max: Option<u32>,
    /// The number of bits is a multiple of this.
    #[serde(default)]
    multiple_of: Option<u32>,
    /// The only numbers of bits.
    #[serde(default)]
    allow: Option<Vec<u32>>,
}

impl Params for KeySize {
    const NAME: &'static str = "key-size";
    const SUMMARY: &'static str = "Judges the size of keys of one algorithm.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("min", Stricter::Higher), ("max", Stricter::Lower), ("allow", Stricter::Subset)];

    fn validate(&self) -> Result<(), String> {
        if self.multiple_of == Some(0) { Err("multiple-of is at least 1".to_owned()) } else { Ok(()) }
    }
}

impl RequestCheck for KeySize {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(key) = request.key.effective() else { return Verdict::NotApplicable };
        match key.algorithm.effective() {
            Some(algorithm) if same_family(*algorithm, self.algorithm) => {}
            None => return unknown(&key.algorithm),
            Some(_) => return Verdict::NotApplicable,
        }
        let Some(bits) = key.bits.effective().copied() else { return unknown(&key.bits) };
        let name = self.algorithm.name();
        let problem = match (self.min, self.max, self.multiple_of) {
            (Some(min), _, _) if bits < min => format!("The {name} key has {bits} bits; at least {min} are needed"),
            (_, Some(max), _) if bits > max => format!("The {name} key has {bits} bits; at most {max} are allowed"),
            (_, _, Some(unit)) if !bits.is_multiple_of(unit) => {
                format!("The {name} key has {bits} bits, which is no multiple of {unit}")
            }
            _ => match &self.allow {
                Some(allow) if !allow.contains(&bits) => {
                    let allowed = allow.iter().map(u32::to_string).collect::<Vec<_>>().join(", ");
                    format!("The {name} key has {bits} bits; allowed are: {allowed}")
                }
                _ => return Verdict::Judged,
            },
        };
        let wanted = wanted_bits(self.min, self.max, self.allow.as_deref());
        let broken = Broken::new(key.bits.span, "key.bits", bits.to_string(), format!("{problem}."));
        findings.push(broken.wanting(wanted));
        Verdict::Judged
    }
}

/// The size to write where a template asks for another: the smallest that is allowed, but none below 2048 bits of RSA.
fn wanted_bits(min: Option<u32>, max: Option<u32>, allow: Option<&[u32]>) -> Option<Wanted> {
    const USUAL: [u32; 3] = [2048, 3072, 4096];
    let fits = |bits: &u32| min.is_none_or(|min| *bits >= min) && max.is_none_or(|max| *bits <= max);
    let found = match allow {
        Some(allow) => allow.iter().copied().filter(|bits| fits(bits) && *bits >= 2048).min(),
        None => USUAL.into_iter().find(fits).or(min.filter(|min| *min > 4096)),
    };
    found.map(Wanted::Bits)
}

/// The curve to write where a template asks for another: P-256, P-384 or P-521, whichever is the first allowed.
fn wanted_curve(is_allowed: impl Fn(Curve) -> bool) -> Option<Wanted> {
    ["P-256", "P-384", "P-521"]
        .into_iter()
        .filter_map(Curve::from_name)
        .find(|curve| is_allowed(*curve))
        .map(Wanted::Curve)
}

/// RSASSA-PSS keys are RSA keys as far as numbers go.
fn same_family(found: KeyAlgorithm, wanted: KeyAlgorithm) -> bool {
    found == wanted || (wanted == KeyAlgorithm::Rsa && matches!(found, KeyAlgorithm::RsaPss | KeyAlgorithm::RsaOaep))
}

fn unknown<T>(field: &Field<T>) -> Verdict {
    match &field.state {
        State::Unknown(expression) => Verdict::NotJudged(format!("{expression} is not known").into()),
        _ => Verdict::NotApplicable,
    }
}

/// The public exponent of RSA keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RsaExponent {
    /// The least exponent; even ones and those not below the modulus are always wrong.
    #[serde(default)]
    min: Option<u64>,
    /// The greatest number of bits of the exponent.
    #[serde(default)]
    max_bits: Option<u32>,
    /// The only exponents allowed.
    #[serde(default)]
    allow: Option<Vec<u64>>,
}

impl Params for RsaExponent {
    const NAME: &'static str = "rsa-exponent";
    const SUMMARY: &'static str = "Judges the public exponent of RSA keys.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("min", Stricter::Higher), ("max-bits", Stricter::Lower), ("allow", Stricter::Subset)];
}

impl RequestCheck for RsaExponent {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(public) = request.key.effective().and_then(|key| key.public.as_ref()) else {
            return Verdict::NotApplicable;
        };
        let (Some((modulus, exponent)), Some(rsa)) = (public.rsa_numbers(), public.rsa) else {
            return Verdict::NotApplicable;
        };
        // e = 1 is told as what it is: a proof of possession that anybody can forge.
        if crypto::forgeable(&crypto::VerifyKey::Rsa { modulus, exponent }).is_some() {
            return Verdict::NotApplicable;
        }
        let value = small(exponent);
        let shown =
            value.map_or_else(|| format!("a number of {} bits", bit_length(exponent)), |value| value.to_string());
        let problem = if let Some(allow) = &self.allow {
            value.is_none_or(|value| !allow.contains(&value)).then(|| format!("The public exponent is {shown}"))
        } else if exponent.last().is_none_or(|last| last & 1 == 0) {
            Some(format!("The public exponent is even ({shown}), so that no private exponent exists"))
        } else if is_at_least(exponent, modulus) {
            Some(format!("The public exponent ({shown}) is not below the modulus"))
        } else if let Some(max) = self.max_bits.filter(|max| bit_length(exponent) > *max) {
            Some(format!("The public exponent is {shown}; at most {max} bits are allowed"))
        } else {
            self.min
                .zip(value)
                .filter(|(min, value)| value < min)
                .map(|(min, _)| format!("The public exponent is {shown}; at least {min} is needed"))
        };
        if let Some(problem) = problem {
            findings.fail(rsa.exponent_span, "key.exponent", shown, format!("{problem}."));
        }
        Verdict::Judged
    }
}

/// Whether one number is not below another; both big-endian.
fn is_at_least(one: &[u8], other: &[u8]) -> bool {
    let significant = |octets: &[u8]| -> Vec<u8> { octets.iter().copied().skip_while(|octet| *octet == 0).collect() };
    match bit_length(one).cmp(&bit_length(other)) {
        std::cmp::Ordering::Equal => significant(one) >= significant(other),
        order => order.is_gt(),
    }
}

fn small(octets: &[u8]) -> Option<u64> {
    (bit_length(octets) <= 64).then(|| octets.iter().fold(0, |value: u64, octet| value << 8 | u64::from(*octet)))
}

/// The named curve of EC keys.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyCurve {
    /// Curves that must not be used.
    #[serde(default)]
    deny: Vec<String>,
    /// The only curves.
    #[serde(default)]
    allow: Option<Vec<String>>,
    /// Curves over fields smaller than this many bits must not be used.
    #[serde(default)]
    min_bits: Option<u32>,
}

impl Params for KeyCurve {
    const NAME: &'static str = "key-curve";
    const SUMMARY: &'static str = "Judges the named curve of EC keys.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("deny", Stricter::Superset), ("allow", Stricter::Subset), ("min-bits", Stricter::Higher)];

    fn validate(&self) -> Result<(), String> {
        self.deny
            .iter()
            .chain(self.allow.iter().flatten())
            .find(|name| Curve::from_name(name).is_none())
            .map_or(Ok(()), |name| Err(format!("{name:?} is no curve csrlint knows")))
    }
}

impl RequestCheck for KeyCurve {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(key) = request.key.effective() else { return Verdict::NotApplicable };
        let Some(curve) = key.curve.effective().copied() else { return unknown(&key.curve) };
        let listed = |names: &[String]| names.iter().any(|name| Curve::from_name(name) == Some(curve));
        let problem = if listed(&self.deny) {
            Some(format!("The curve {} is not allowed", curve.name()))
        } else if let Some(allow) = self.allow.as_ref().filter(|allow| !listed(allow)) {
            Some(format!("The curve {} is not allowed; allowed are: {}", curve.name(), allow.join(", ")))
        } else {
            self.min_bits
                .filter(|min| curve.bits() < *min)
                .map(|min| format!("The curve {} has {} bits; at least {min} are needed", curve.name(), curve.bits()))
        };
        if let Some(problem) = problem {
            let is_allowed = |curve: Curve| {
                let named = |names: &[String]| names.iter().any(|name| Curve::from_name(name) == Some(curve));
                !named(&self.deny)
                    && self.allow.as_ref().is_none_or(|allow| named(allow))
                    && self.min_bits.is_none_or(|min| curve.bits() >= min)
            };
            let broken = Broken::new(key.curve.span, "key.curve", curve.name(), format!("{problem}."));
            findings.push(broken.wanting(wanted_curve(is_allowed)));
        }
        Verdict::Judged
    }
}

/// Key algorithms that must not be used.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyAlgorithmDenied {
    /// The algorithms.
    #[serde(default)]
    deny: Vec<KeyAlgorithm>,
    /// The only algorithms.
    #[serde(default)]
    allow: Option<Vec<KeyAlgorithm>>,
}

impl Params for KeyAlgorithmDenied {
    const NAME: &'static str = "key-algorithm";
    const SUMMARY: &'static str = "Finds keys of algorithms that must not be used.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("deny", Stricter::Superset), ("allow", Stricter::Subset)];
}

impl RequestCheck for KeyAlgorithmDenied {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(key) = request.key.effective() else { return Verdict::NotApplicable };
        let Some(algorithm) = key.algorithm.effective() else { return unknown(&key.algorithm) };
        let not_allowed = self.allow.as_ref().filter(|allow| !allow.contains(algorithm));
        if self.deny.contains(algorithm) || not_allowed.is_some() {
            // An algorithm csrlint does not know has at least an OID.
            let name = match (&key.public, algorithm) {
                (Some(public), KeyAlgorithm::Other) => public.oid.label(),
                _ => algorithm.name().to_owned(),
            };
            let allowed = not_allowed.map_or_else(String::new, |allow| {
                format!(
                    "; allowed are: {}",
                    allow.iter().map(|algorithm| algorithm.name()).collect::<Vec<_>>().join(", ")
                )
            });
            let problem = format!("{name} keys must not be used{allowed}");
            findings.fail(key.algorithm.span, "key.algorithm", algorithm.name(), format!("{problem}."));
        }
        Verdict::Judged
    }
}

/// Key algorithms by OID.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyOid {
    /// OID → what it stands for.
    deny: BTreeMap<OidName, String>,
    /// The beginning of OIDs, in dots → what all below it stand for, where `deny` says nothing closer.
    #[serde(default)]
    deny_below: BTreeMap<String, String>,
    /// Judges only requests for CA certificates (`true`), or only others (`false`).
    #[serde(default)]
    ca: Option<bool>,
}

impl Params for KeyOid {
    const NAME: &'static str = "key-oid";
    const SUMMARY: &'static str = "Finds keys whose algorithm has a listed OID, or one below a listed arc.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("deny", Stricter::Superset)];

    fn validate(&self) -> Result<(), String> {
        let odd = self.deny_below.keys().find(|arc| crate::request::Oid::from_dotted(arc).is_none());
        odd.map_or(Ok(()), |arc| Err(format!("{arc:?} is no object identifier in dots")))
    }
}

impl RequestCheck for KeyOid {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((key, public)) = request.key.effective().and_then(|key| Some((key, key.public.as_ref()?))) else {
            return Verdict::NotApplicable;
        };
        if self.ca.is_some_and(|ca| ca != request.asks_for_ca()) {
            return Verdict::NotApplicable;
        }
        let dotted = public.oid.to_string();
        let below = |arc: &str| dotted.strip_prefix(arc).is_some_and(|rest| rest.starts_with('.'));
        let listed = self.deny.iter().find(|(name, _)| name.0 == public.oid).map(|(_, what)| what);
        let listed = listed.or_else(|| self.deny_below.iter().find(|(arc, _)| below(arc)).map(|(_, what)| what));
        if let Some(what) = listed {
            let message = format!("The key is of the algorithm {}: {what}.", public.oid.label());
            findings.fail(key.algorithm.span, "key.algorithm", public.oid.to_string(), message);
        }
        Verdict::Judged
    }
}

/// The organisation's allowed keys: algorithm → sizes, curves, parameter sets.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct KeyPolicy {
    /// What of each algorithm is allowed.
    #[serde(flatten)]
    algorithms: BTreeMap<KeyAlgorithm, AlgorithmPolicy>,
    /// Algorithms that are not listed.
    #[serde(default = "Decision::deny")]
    other: Decision,
}

/// What keys of one algorithm are allowed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AlgorithmPolicy {
    /// The least number of bits.
    #[serde(default)]
    min: Option<u32>,
    /// The greatest number of bits.
    #[serde(default)]
    max: Option<u32>,
    /// The only sizes in bits.
    #[serde(default)]
    sizes: Option<Vec<u32>>,
    /// The only curves.
    #[serde(default)]
    curves: Option<Vec<String>>,
    /// The only parameter sets, as in ML-DSA-65.
    #[serde(default)]
    parameter_sets: Option<Vec<String>>,
    /// FALSE forbids the algorithm.
    #[serde(default = "yes")]
    allow: bool,
}

fn yes() -> bool {
    true
}

impl Params for KeyPolicy {
    const NAME: &'static str = "key-policy";
    const SUMMARY: &'static str = "Allows keys by algorithm, size, curve and parameter set.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[
        ("other", Stricter::Deny),
        ("*.min", Stricter::Higher),
        ("*.max", Stricter::Lower),
        ("*.sizes", Stricter::Subset),
        ("*.curves", Stricter::Subset),
        ("*.parameter-sets", Stricter::Subset),
        // `false` forbids the algorithm.
        ("*.allow", Stricter::False),
    ];

    fn validate(&self) -> Result<(), String> {
        let curves = self.algorithms.values().flat_map(|policy| policy.curves.iter().flatten());
        let unknown_curve = curves.into_iter().find(|name| Curve::from_name(name).is_none());
        match unknown_curve {
            Some(name) => Err(format!("{name:?} is no curve csrlint knows")),
            None if self.algorithms.is_empty() && self.other == Decision::Deny => {
                Err("no algorithm is allowed; list those that are".to_owned())
            }
            None => Ok(()),
        }
    }
}

impl RequestCheck for KeyPolicy {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let key = match &request.key.state {
            State::Malformed(reason) => {
                findings.fail(
                    request.key.span,
                    "key",
                    "undecodable",
                    format!("The key cannot be decoded ({reason}), so it is none of the allowed ones."),
                );
                return Verdict::Judged;
            }
            State::Absent => return Verdict::NotApplicable,
            _ => match request.key.effective() {
                Some(key) => key,
                None => return unknown(&request.key),
            },
        };
        let Some(algorithm) = key.algorithm.effective() else { return unknown(&key.algorithm) };
        let Some(policy) = self.algorithms.get(algorithm).filter(|policy| policy.allow) else {
            if self.other == Decision::Deny || self.algorithms.contains_key(algorithm) {
                let problem = format!(
                    "{} keys are not allowed; allowed are {}",
                    algorithm_label(key, *algorithm),
                    self.summary()
                );
                findings.fail(
                    key.algorithm.span,
                    "key.algorithm",
                    algorithm_label(key, *algorithm),
                    format!("{problem}."),
                );
            }
            return Verdict::Judged;
        };
        policy.judge(key, *algorithm, request.is_described(), findings)
    }
}

fn algorithm_label(key: &Key, algorithm: KeyAlgorithm) -> String {
    match (&key.public, algorithm) {
        (Some(public), KeyAlgorithm::Other) => public.oid.label(),
        _ => algorithm.name().to_owned(),
    }
}

impl KeyPolicy {
    fn summary(&self) -> String {
        let allowed: Vec<&str> =
            self.algorithms.iter().filter(|(_, policy)| policy.allow).map(|(algorithm, _)| algorithm.name()).collect();
        if allowed.is_empty() { "none".to_owned() } else { allowed.join(", ") }
    }
}

impl AlgorithmPolicy {
    fn judge(&self, key: &Key, algorithm: KeyAlgorithm, request_is_template: bool, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::Judged;
        let name = algorithm.name();
        if self.min.is_some() || self.max.is_some() || self.sizes.is_some() {
            match key.bits.effective().copied() {
                None => match unknown(&key.bits) {
                    Verdict::NotApplicable => findings.fail(
                        key.algorithm.span,
                        "key.bits",
                        "none",
                        format!("The size of the {name} key cannot be told."),
                    ),
                    not_judged => verdict = not_judged,
                },
                Some(bits) => {
                    let problem = match (self.min, self.max, &self.sizes) {
                        (Some(min), _, _) if bits < min => Some(format!("at least {min} bits are needed")),
                        (_, Some(max), _) if bits > max => Some(format!("at most {max} bits are allowed")),
                        (_, _, Some(sizes)) if !sizes.contains(&bits) => Some(format!(
                            "allowed are {}",
                            sizes.iter().map(u32::to_string).collect::<Vec<_>>().join(", ")
                        )),
                        _ => None,
                    };
                    if let Some(problem) = problem {
                        let problem = format!("The {name} key has {bits} bits; {problem}");
                        let wanted = wanted_bits(self.min, self.max, self.sizes.as_deref());
                        let broken = Broken::new(key.bits.span, "key.bits", bits.to_string(), format!("{problem}."));
                        findings.push(broken.wanting(wanted));
                    }
                }
            }
        }
        if let Some(curves) = &self.curves {
            match key.curve.effective().copied() {
                Some(curve) if curves.iter().any(|name| Curve::from_name(name) == Some(curve)) => {}
                Some(curve) => {
                    let problem =
                        format!("The curve {} is not allowed; allowed are {}", curve.name(), curves.join(", "));
                    let named = |wanted| curves.iter().any(|name| Curve::from_name(name) == Some(wanted));
                    let broken = Broken::new(key.curve.span, "key.curve", curve.name(), format!("{problem}."));
                    findings.push(broken.wanting(wanted_curve(named)));
                }
                // Explicit, missing and unknown parameters are none of the allowed curves.
                // Of a template that leaves the curve to the command line nothing is known.
                None if request_is_template && key.curve.state == State::Absent => {}
                None if key.curve.unknown_expression().is_none() => {
                    findings.fail(
                        key.curve.span,
                        "key.curve",
                        "none",
                        format!("The key is on none of the allowed curves ({}).", curves.join(", ")),
                    );
                }
                None => verdict = unknown(&key.curve),
            }
        }
        if let (Some(sets), Some(public)) = (&self.parameter_sets, &key.public) {
            let found = public.oid.label();
            let plain =
                |name: &str| name.to_ascii_lowercase().trim_start_matches("id-").trim_start_matches("alg-").to_owned();
            if !sets.iter().any(|set| plain(set) == plain(&found)) {
                findings.fail(
                    key.algorithm.span,
                    "key.parameter-set",
                    found.clone(),
                    format!("The parameter set {found} is not allowed; allowed are {}.", sets.join(", ")),
                );
            }
        }
        verdict
    }
}
