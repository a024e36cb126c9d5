//! Whether the octets of a key are a key at all: a point of its curve, a number of its group, coefficients in their range.
//! These are the checks that SP 800-56A and FIPS 203 ask for before a key is used. Sizes and lengths are not judged here.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::{Context, Findings, Params, RequestCheck, Verdict};
use crate::crypto::{self, PointStatus};
use crate::request::{KeyAlgorithm, PublicKey, Request, oids};

fn algorithm_and_public(request: &Request) -> Option<(KeyAlgorithm, &PublicKey)> {
    let key = request.key.effective()?;
    Some((*key.algorithm.effective()?, key.public.as_ref()?))
}

/// The EC point is a point of its curve (SP 800-56A section 5.6.2.3.3).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct EcPoint {}

impl Params for EcPoint {
    const NAME: &'static str = "ec-point";
    const SUMMARY: &'static str = "Finds EC public keys that are no point of their curve.";
}

impl RequestCheck for EcPoint {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((key, public)) = request.key.effective().and_then(|key| Some((key, key.public.as_ref()?))) else {
            return Verdict::NotApplicable;
        };
        let Some(curve) = key.curve.effective().copied() else { return Verdict::NotApplicable };
        // A signature that verifies has been verified with a point of the curve; to verify it for that would be dear.
        if request.is_signed_with_own_key() {
            return Verdict::Judged;
        }
        let problem = match crypto::point_status(curve, &public.bytes) {
            PointStatus::OnCurve => return Verdict::Judged,
            PointStatus::NotChecked => {
                return Verdict::NotJudged(format!("there is no arithmetic for the curve {}", curve.name()).into());
            }
            PointStatus::Infinity => "is the point at infinity".to_owned(),
            PointStatus::OffCurve => format!("is not on the curve {}", curve.name()),
            PointStatus::WrongOrder => {
                format!("is not in the subgroup of {} that its base point generates", curve.name())
            }
            PointStatus::CoordinateTooLarge => "has a coordinate that is not below the field's prime".to_owned(),
            PointStatus::BadLength => {
                format!("has {} bytes, which no point of {} has", public.bytes.len(), curve.name())
            }
            PointStatus::BadFormat(first) => format!("starts with {first:#04x}, which is no form of a point"),
        };
        findings.fail(public.bytes_span, "key.point", curve.name(), format!("The public key {problem}."));
        Verdict::Judged
    }
}

type Predicate = fn(&[u8]) -> bool;

/// The Edwards key is the one encoding of a point of its curve (RFC 8032 section 5.1.3).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct EdwardsPoint {}

impl Params for EdwardsPoint {
    const NAME: &'static str = "edwards-point";
    const SUMMARY: &'static str =
        "Finds Ed25519 and Ed448 public keys that are no point, or not the one encoding of it.";
}

impl RequestCheck for EdwardsPoint {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((algorithm, public)) = algorithm_and_public(request) else { return Verdict::NotApplicable };
        let (curve, noncanonical, undecodable): (_, Predicate, Predicate) = match algorithm {
            KeyAlgorithm::Ed25519 => ("edwards25519", crypto::ed25519_noncanonical, crypto::ed25519_undecodable),
            KeyAlgorithm::Ed448 => ("edwards448", crypto::ed448_noncanonical, crypto::ed448_undecodable),
            _ => return Verdict::NotApplicable,
        };
        let problem = if noncanonical(&public.bytes) {
            "The key is a second spelling of another key: its y coordinate is not reduced, or its sign bit says minus zero.".to_owned()
        } else if !request.is_signed_with_own_key() && undecodable(&public.bytes) {
            // A signature that verifies has been verified with a point.
            format!("The key is no point of {curve}: no x coordinate belongs to its y.")
        } else {
            return Verdict::Judged;
        };
        findings.fail(public.bytes_span, "key.point", curve, problem);
        Verdict::Judged
    }
}

/// The X25519 or X448 key is not of small order (RFC 7748 section 6).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LowOrderPoint {}

impl Params for LowOrderPoint {
    const NAME: &'static str = "low-order-point";
    const SUMMARY: &'static str = "Finds X25519 and X448 public keys with which every shared secret is zero.";
}

impl RequestCheck for LowOrderPoint {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((algorithm, public)) = algorithm_and_public(request) else { return Verdict::NotApplicable };
        let low = match algorithm {
            KeyAlgorithm::X25519 => crypto::x25519_low_order(&public.bytes),
            KeyAlgorithm::X448 => crypto::x448_low_order(&public.bytes),
            _ => return Verdict::NotApplicable,
        };
        if low {
            let message = format!(
                "The {} key is of small order: every secret that is agreed on with it is zero.",
                algorithm.name()
            );
            findings.fail(public.bytes_span, "key.point", algorithm.name(), message);
        }
        Verdict::Judged
    }
}

/// The ML-KEM key passes the modulus check (FIPS 203 section 7.2).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct MlKemKey {}

impl Params for MlKemKey {
    const NAME: &'static str = "ml-kem-key";
    const SUMMARY: &'static str = "Finds ML-KEM keys with a coefficient that is not below 3329.";
}

impl RequestCheck for MlKemKey {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((KeyAlgorithm::MlKem, public)) = algorithm_and_public(request) else { return Verdict::NotApplicable };
        // A key of another length is malformed, and told as that.
        if ![800, 1184, 1568].contains(&public.bytes.len()) {
            return Verdict::NotApplicable;
        }
        if let Some(number) = crypto::ml_kem_coefficient_out_of_range(&public.bytes) {
            let message =
                format!("Coefficient {number} of the ML-KEM key is not below 3329, so it is no encapsulation key.");
            findings.fail(public.bytes_span, "key.coefficient", number.to_string(), message);
        }
        Verdict::Judged
    }
}

/// The DSA or DH key is a number of its group, and the group is one (SP 800-56A section 5.6.2.3.1).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct GroupKey {}

impl Params for GroupKey {
    const NAME: &'static str = "group-key";
    const SUMMARY: &'static str = "Finds DSA and DH keys whose numbers do not go together.";
}

impl RequestCheck for GroupKey {
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((algorithm, public)) = algorithm_and_public(request) else { return Verdict::NotApplicable };
        let parameters = public.parameters.as_deref();
        // Powers are for --deep, and only while the run's budget lasts.
        let deep = context.deep && request.costly_refused().is_none();
        let problem = match algorithm {
            KeyAlgorithm::Dsa => crypto::dsa_problem(parameters, &public.bytes, deep),
            KeyAlgorithm::Dh => crypto::dh_problem(parameters, &public.bytes, public.oid == oids::DH_X942, deep),
            _ => return Verdict::NotApplicable,
        };
        if let Some(problem) = problem {
            let message = format!("The {} key is none: {}.", algorithm.name(), problem.what());
            findings.fail(public.bytes_span, "key", problem.name(), message);
        }
        Verdict::Judged
    }
}
