//! What this room is for: judging the arithmetic of a request: does its signature verify, is its key a sane point.
//! What must not be in it: policy (which algorithm is too weak), file offsets, certificates, and secrets (but to find the public half of a key that is lost).
//! What would surprise: it verifies what OpenSSL cannot, in variable time, because every input here is public.
//!
//! | file | holds |
//! |---|---|
//! | `verify` | the entrance: which arithmetic a signature needs, its four outcomes, its cost |
//! | `algorithm` | signature algorithms by OID, RSASSA-PSS parameters |
//! | `rsa`, `dsa`, `ecdsa`, `sm2`, `edwards`, `post_quantum` | signature schemes: aws-lc-rs where it can, our own arithmetic elsewhere |
//! | `curve`, `domain` | short Weierstrass curves: names, point validation, group law; the numbers |
//! | `hash` | digests: names, OIDs, and who computes them |
//! | `weakness`, `deep` | keys that small computations take apart, and those that take costly ones |
//! | `public_half` | the public half of private keys that lie in the tree |
//! | `field`, `der`, `oid` | arithmetic modulo a prime, strict DER, object identifiers |

mod algorithm;
mod curve;
pub(crate) mod deep;
mod der;
mod domain;
mod dsa;
mod ecdsa;
mod edwards;
mod field;
mod hash;
mod oid;
mod post_quantum;
pub(crate) mod public_half;
mod rsa;
mod sm2;
mod verify;
pub(crate) mod weakness;

pub use algorithm::{PssParameters, SignatureAlgorithm, SignatureFamily, pss_parameters, signature_algorithm};
pub use curve::{Curve, PointStatus, point_status};
pub use dsa::{GroupProblem, dh_problem, dsa_problem};
pub use ecdsa::nonce_of;
pub use edwards::{
    ed448_noncanonical, ed448_small_order, ed448_undecodable, ed25519_noncanonical, ed25519_small_order,
    ed25519_undecodable, x448_low_order, x25519_low_order,
};
pub use hash::Hash;
pub use post_quantum::{ml_kem_coefficient_out_of_range, post_quantum_signature_length};
pub use verify::{SignatureInput, Verification, VerifyKey, cost, forgeable, verify};

/// Whether two algorithm names are the same but for case and punctuation: `SHA-512/256` and `sha512-256`,
/// `P-256` and `p256`.
fn same_name(one: &str, other: &str) -> bool {
    let significant = |name| str::bytes(name).filter(u8::is_ascii_alphanumeric);
    significant(one).map(|b| b.to_ascii_lowercase()).eq(significant(other).map(|b| b.to_ascii_lowercase()))
}
