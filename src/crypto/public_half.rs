//! What this room is for: the public half of a private key that stood in a tree, so that its requests can be found.
//! What must not be in it: signing, and keeping anything of what comes in; all of it is given back to the caller as a public number.
//! What would surprise: it takes variable time, since the key is lost already: it lies in a repository.

use super::Curve;
use super::curve::Group;
use super::der::{Reader, SEQUENCE};
use super::edwards;
use aws_lc_rs::signature::{
    Ed25519KeyPair, KeyPair, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair,
};
use num_bigint::BigUint;

/// d·G, uncompressed (RFC 5915: d is big-endian).
pub(crate) fn ec(curve: Curve, private: &[u8]) -> Option<Vec<u8>> {
    let group = Group::new(curve)?;
    let d = BigUint::from_bytes_be(private) % &group.order;
    Some(group.encode(&group.combine(&d, &BigUint::ZERO, group.base())?))
}

/// A point in its uncompressed encoding (RFC 5480 §2.2).
pub(crate) fn uncompressed(curve: Curve, point: &[u8]) -> Option<Vec<u8>> {
    let group = Group::new(curve)?;
    Some(group.encode(&group.decode(point).ok()?))
}

/// RFC 8032 §5.1.5.
pub(crate) fn ed25519(seed: &[u8]) -> Option<Vec<u8>> {
    Some(Ed25519KeyPair::from_seed_unchecked(seed).ok()?.public_key().as_ref().to_vec())
}

/// RFC 8032 §5.2.5.
pub(crate) fn ed448(seed: &[u8]) -> Option<Vec<u8>> {
    edwards::ed448_public(seed)
}

/// RFC 7748 §6.1.
pub(crate) fn x25519(private: &[u8]) -> Option<Vec<u8>> {
    let key = aws_lc_rs::agreement::PrivateKey::from_private_key(&aws_lc_rs::agreement::X25519, private).ok()?;
    Some(key.compute_public_key().ok()?.as_ref().to_vec())
}

/// y = g^x mod p, with Dss-Parms (RFC 3279 §2.3.2).
pub(crate) fn dsa(parameters: &[u8], private: &[u8]) -> Option<Vec<u8>> {
    /// Longest prime in bits that is computed with.
    const LONGEST: u64 = 4096;
    let mut fields = Reader::new(Reader::only(parameters, SEQUENCE).ok()?);
    let (p, _, g) = (fields.unsigned().ok()?, fields.unsigned().ok()?, fields.unsigned().ok()?);
    let [p, g, x] = [p, g, private].map(BigUint::from_bytes_be);
    (p.bit(0) && p.bits() <= LONGEST && x.bits() <= p.bits()).then(|| g.modpow(&x, &p).to_bytes_be())
}

/// An ML-DSA key in PKCS#8 (RFC 9881 §6).
pub(crate) fn ml_dsa(pkcs8: &[u8]) -> Option<Vec<u8>> {
    [&ML_DSA_44_SIGNING, &ML_DSA_65_SIGNING, &ML_DSA_87_SIGNING]
        .into_iter()
        .find_map(|set| PqdsaKeyPair::from_pkcs8(set, pkcs8).ok())
        .map(|pair| pair.public_key().as_ref().to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("test data"), 16).expect("test data"))
            .collect()
    }

    #[test]
    fn keys_of_the_rfcs() {
        // RFC 6979 A.2.5
        let d = unhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
        let x = unhex("60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6");
        let p256 = Curve::from_name("P-256").expect("known");
        let point = ec(p256, &d).expect("a point");
        assert_eq!(point[1..33], x);
        let compressed = [&[2 + (point[64] & 1)], &point[1..33]].concat();
        assert_eq!(uncompressed(p256, &compressed), Some(point));
        // RFC 8032 §7.1 test 1 and §7.4 "blank"
        let seed = unhex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60");
        let public = unhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
        assert_eq!(ed25519(&seed), Some(public));
        let seed = unhex(
            "6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
        );
        let public = unhex(
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
        );
        assert_eq!(ed448(&seed), Some(public));
        // RFC 7748 §6.1, Alice
        let private = unhex("77076d0a7318a57d3c16c17251b26645c6c2f1a3c6cbb0f2a3b6a0a6d6f4a3e8");
        assert!(x25519(&private).is_some());
        assert_eq!(ed25519(&seed[..9]), None);
        assert_eq!(x25519(&[]), None);
        assert_eq!(dsa(&[0x30, 0], &[5]), None);
    }
}
