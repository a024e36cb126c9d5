//! What this room is for: judging the arithmetic of a request: does its signature verify, is its key a sane point.
//! What must not be in it: policy (which algorithm is too weak), file offsets, certificates, and anything secret.
//! What would surprise: it verifies what OpenSSL cannot, in variable time, because every input here is public.
//!
//! | file | holds |
//! |---|---|
//! | `verify` | the entrance: which arithmetic a signature needs, its four outcomes, its cost |
//! | `algorithm` | signature algorithms by OID, RSASSA-PSS parameters |
//! | `rsa`, `ecdsa`, `edwards` | one signature scheme each: aws-lc-rs where it can, our own arithmetic elsewhere |
//! | `curve`, `domain` | short Weierstrass curves: names, point validation, group law; the numbers |
//! | `hash` | digests: names, OIDs, and who computes them |
//! | `weakness` | RSA moduli that small computations take apart |
//! | `field`, `der`, `oid` | arithmetic modulo a prime, strict DER, object identifiers |

mod algorithm;
mod curve;
mod der;
mod domain;
mod ecdsa;
mod edwards;
mod field;
mod hash;
mod oid;
mod rsa;
mod verify;
pub(crate) mod weakness;

pub use algorithm::{PssParameters, SignatureAlgorithm, SignatureFamily, pss_parameters, signature_algorithm};
pub use curve::{Curve, PointStatus, point_status};
pub use edwards::{ed25519_noncanonical, ed25519_small_order, ed25519_undecodable};
pub use hash::Hash;
pub use verify::{SignatureInput, Verification, VerifyKey, cost, forgeable, verify};

/// Whether two algorithm names are the same but for case and punctuation: `SHA-512/256` and `sha512-256`,
/// `P-256` and `p256`.
fn same_name(one: &str, other: &str) -> bool {
    let significant = |name| str::bytes(name).filter(u8::is_ascii_alphanumeric);
    significant(one).map(|b| b.to_ascii_lowercase()).eq(significant(other).map(|b| b.to_ascii_lowercase()))
}
