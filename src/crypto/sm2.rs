//! What this room is for: SM2 signatures (GB/T 32918.2, GM/T 0003.2).
//! What must not be in it: the curve, which is one of `domain`, and SM3, which a crate computes.
//! What would surprise: the signer's identifier is signed too and stands nowhere in a request; nearly all use one and the same.

use super::curve::{Curve, Group};
use super::{Hash, Verification, ecdsa};
use num_bigint::BigUint;

/// The identifier of certificates (RFC 8998 §3.2.1, after GM/T 0009), and none at all, which is what OpenSSL takes unasked.
const IDENTIFIERS: [&[u8]; 2] = [b"1234567812345678", b""];

/// Verifies a DER signature with SM3 and each of the usual identifiers.
///
/// One that does not verify may have been made with another identifier, so it is never called invalid.
pub(super) fn verify(curve: Curve, point: &[u8], message: &[u8], signature: &[u8]) -> Verification {
    let Some(group) = Group::new(curve) else {
        return Verification::Unsupported(format!("no arithmetic for the binary curve {}", curve.name()));
    };
    let public = match group.decode(point) {
        Ok(public) => public,
        Err(status) => return Verification::KeyOutOfRange(ecdsa::broken_point(curve, status)),
    };
    let Some((r, s)) = ecdsa::numbers(signature, &group.order) else {
        return Verification::Invalid;
    };
    let t = (&r + &s) % &group.order;
    if t == BigUint::ZERO {
        return Verification::Invalid;
    }
    let Some(sum) = group.combine(&s, &t, &public) else {
        return Verification::Invalid;
    };
    let verifies = |identifier: &&[u8]| {
        digest(&group, &public, identifier, message).is_some_and(|digest| (digest + &sum.x) % &group.order == r)
    };
    if IDENTIFIERS.iter().any(verifies) {
        return Verification::Valid;
    }
    let why = "the signature does not verify with the identifier 1234567812345678, nor without one; it may have been made with another";
    Verification::Unsupported(why.into())
}

/// Work in 64-bit limb multiplications.
pub(super) fn cost(curve: Curve) -> u64 {
    Group::combine_cost(curve)
}

/// SM3(Z || M), where Z is the digest of identifier, curve and key (GB/T 32918.2 §5.5 and §6.1).
fn digest(group: &Group, public: &super::curve::Point, identifier: &[u8], message: &[u8]) -> Option<BigUint> {
    let bits = (8 * identifier.len()) as u16;
    let mut identity = bits.to_be_bytes().to_vec();
    identity.extend(identifier);
    identity.extend(group.coefficients());
    // The encodings have an octet in front that says how they are made.
    identity.extend(group.encode(group.base()).get(1..)?);
    identity.extend(group.encode(public).get(1..)?);
    let z = Hash::Sm3.digest(&identity)?;
    Some(BigUint::from_bytes_be(&Hash::Sm3.digest(&[&z, message].concat())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(number: &BigUint) -> Vec<u8> {
        let mut octets = number.to_bytes_be();
        if octets[0] & 0x80 != 0 {
            octets.insert(0, 0);
        }
        [vec![2, octets.len() as u8], octets].concat()
    }

    #[test]
    fn what_is_signed_verifies_and_nothing_is_accused() {
        let curve = Curve::from_name("SM2").expect("known");
        let group = Group::new(curve).expect("a prime field");
        // GB/T 32918.2 §6.1: r = e + x(kG), s = (k - r·d) / (1 + d).
        let (d, k) = (BigUint::from(0xDEAD_BEEF_u32), BigUint::from(0x1234_5678_9ABC_u64));
        let zero = BigUint::ZERO;
        let public = group.combine(&d, &zero, group.base()).expect("a point");
        let commitment = group.combine(&k, &zero, group.base()).expect("a point");
        let sign = |identifier: &[u8]| {
            let e = digest(&group, &public, identifier, b"message").expect("computable");
            let r = (e + &commitment.x) % &group.order;
            let inverse = (&d + 1u8).modinv(&group.order).expect("prime");
            let s = (&k + &group.order * &group.order - &r * &d) % &group.order * inverse % &group.order;
            let pair = [integer(&r), integer(&s)].concat();
            [vec![0x30, pair.len() as u8], pair].concat()
        };
        let point = group.encode(&public);
        for identifier in IDENTIFIERS {
            assert_eq!(verify(curve, &point, b"message", &sign(identifier)), Verification::Valid);
        }
        assert!(matches!(
            verify(curve, &point, b"message", &sign(b"ALICE123@YAHOO.COM")),
            Verification::Unsupported(_)
        ));
        let signature = sign(IDENTIFIERS[0]);
        assert!(matches!(verify(curve, &point, b"massage", &signature), Verification::Unsupported(_)));
        assert_eq!(verify(curve, &point, b"message", &signature[..9]), Verification::Invalid);
        assert!(matches!(verify(curve, &point[..9], b"message", &signature), Verification::KeyOutOfRange(_)));
        // The example of GB/T 32905: SM3("abc").
        let hex: String = Hash::Sm3.digest(b"abc").expect("computable").iter().map(|b| format!("{b:02x}")).collect();
        assert_eq!(hex, "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0");
    }
}
