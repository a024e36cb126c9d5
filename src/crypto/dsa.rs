//! What this room is for: DSA (FIPS 186-4 §4): verification, and domain parameters and keys that are none; DH keys beside them (SP 800-56A).
//! What must not be in it: an opinion about DSA as such; that is policy.
//! What would surprise: FIPS 186-5 has withdrawn DSA for signing, so that the parameters still stand in FIPS 186-4 only.

use super::der::{Malformed, Reader, SEQUENCE};
use super::field::multiplication_cost;
use super::{Hash, Verification};
use num_bigint::BigUint;

/// Longest prime in bits that is computed with.
const MAX_BITS: u64 = 16384;

/// Domain parameters and public value, big-endian magnitudes.
pub(super) struct PublicKey {
    p: BigUint,
    q: BigUint,
    g: BigUint,
    y: BigUint,
}

/// What is wrong with the numbers of a DSA or DH key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GroupProblem {
    /// The parameters or the public value are no INTEGERs where they should be.
    Malformed,
    /// p is even.
    EvenPrime,
    /// g or y is 0, 1, p - 1, or not below p.
    OutOfRange,
    /// q does not divide p - 1.
    OrderDoesNotDivide,
    /// g^q is not 1: the generator is not of order q.
    GeneratorOrder,
    /// y^q is not 1: the key is not in the group.
    KeyOrder,
    /// p has long runs of zero bits at regular distances, so that discrete logarithms are easier.
    Sparse,
}

impl GroupProblem {
    /// One word for a fingerprint.
    pub fn name(self) -> &'static str {
        match self {
            Self::Malformed => "malformed",
            Self::EvenPrime => "even",
            Self::OutOfRange => "range",
            Self::OrderDoesNotDivide => "order",
            Self::GeneratorOrder => "generator",
            Self::KeyOrder => "key",
            Self::Sparse => "sparse",
        }
    }

    /// One clause.
    pub fn what(self) -> &'static str {
        match self {
            Self::Malformed => "its parameters or its public value are no INTEGERs",
            Self::EvenPrime => "the prime p is even",
            Self::OutOfRange => "the generator or the public value is not between 2 and p - 2",
            Self::OrderDoesNotDivide => "q does not divide p - 1",
            Self::GeneratorOrder => "the generator is not of order q",
            Self::KeyOrder => "the public value is not in the group of order q",
            Self::Sparse => "p is made of regular runs of zero bits, as a broken generator made it",
        }
    }
}

/// The magnitudes p, q, g (Dss-Parms, RFC 3279 §2.3.2) or p, g, q (X9.42 DomainParameters, §2.3.3), then y.
type Numbers<'a> = (&'a [u8], Option<&'a [u8]>, &'a [u8], &'a [u8]);

fn dss(parameters: &[u8], key: &[u8]) -> Result<PublicKey, Malformed> {
    let mut fields = Reader::new(Reader::only(parameters, SEQUENCE)?);
    let (p, q, g) = (fields.unsigned()?, fields.unsigned()?, fields.unsigned()?);
    fields.end()?;
    let mut key = Reader::new(key);
    let y = key.unsigned()?;
    key.end()?;
    let [p, q, g, y] = [p, q, g, y].map(BigUint::from_bytes_be);
    Ok(PublicKey { p, q, g, y })
}

/// PKCS#3 has p, g and no q; X9.42 has p, g, q and more behind it.
fn diffie_hellman<'a>(parameters: &'a [u8], key: &'a [u8], x942: bool) -> Result<Numbers<'a>, Malformed> {
    let mut fields = Reader::new(Reader::only(parameters, SEQUENCE)?);
    let (p, g) = (fields.unsigned()?, fields.unsigned()?);
    let q = if x942 { Some(fields.unsigned()?) } else { None };
    let mut key = Reader::new(key);
    let y = key.unsigned()?;
    key.end()?;
    Ok((p, q, g, y))
}

impl PublicKey {
    /// From Dss-Parms and the INTEGER in the BIT STRING (RFC 3279 §2.3.2). Parameters may be inherited from the CA.
    pub(super) fn new(parameters: Option<&[u8]>, key: &[u8]) -> Result<Self, Verification> {
        let out = |why: &str| Verification::KeyOutOfRange(why.to_owned());
        let parameters = parameters.ok_or_else(|| out("the DSA key has no parameters of its own"))?;
        let this = dss(parameters, key).map_err(|Malformed| out("the DSA key or its parameters are malformed"))?;
        if this.p.bits() > MAX_BITS || this.q.bits() > 512 {
            return Err(out("the DSA parameters are larger than any that are in use"));
        }
        match problem(&this.p, Some(&this.q), &this.g, &this.y, false) {
            Some(problem) => Err(Verification::KeyOutOfRange(format!("of the DSA key, {}", problem.what()))),
            None => Ok(this),
        }
    }

    /// FIPS 186-4 §4.7.
    pub(super) fn verify(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Verification {
        let Some(digest) = hash.digest(message) else {
            return Verification::Unsupported(format!("no {} in this build", hash.name()));
        };
        let Ok((r, s)) = super::ecdsa::read_pair(signature) else {
            return Verification::Invalid;
        };
        let [r, s] = [r, s].map(BigUint::from_bytes_be);
        let in_range = |number: &BigUint| *number != BigUint::ZERO && *number < self.q;
        let (true, true, Some(inverse)) = (in_range(&r), in_range(&s), s.modinv(&self.q)) else {
            return Verification::Invalid;
        };
        let u = super::ecdsa::leftmost_bits(&digest, self.q.bits()) * &inverse % &self.q;
        let v = &r * inverse % &self.q;
        let power = self.g.modpow(&u, &self.p) * self.y.modpow(&v, &self.p) % &self.p;
        if power % &self.q == r { Verification::Valid } else { Verification::Invalid }
    }

    /// Work in 64-bit limb multiplications.
    pub(super) fn cost(&self) -> u64 {
        3 * self.q.bits() * multiplication_cost(self.p.bits())
    }
}

/// What is wrong with a DSA key, if its numbers can be looked at (SP 800-56A r3 §5.6.2.3.1, FIPS 186-4 A.2.2).
/// `deep` also raises to the power of q, which costs as much as a verification.
pub fn dsa_problem(parameters: Option<&[u8]>, key: &[u8], deep: bool) -> Option<GroupProblem> {
    // Inherited parameters are no problem of the key's (RFC 3279 §2.3.2).
    let parameters = parameters.filter(|parameters| *parameters != [super::der::NULL, 0])?;
    match dss(parameters, key) {
        Err(Malformed) => Some(GroupProblem::Malformed),
        Ok(key) => problem(&key.p, Some(&key.q), &key.g, &key.y, deep),
    }
}

/// The same of a DH key, with parameters of X9.42 or PKCS#3.
pub fn dh_problem(parameters: Option<&[u8]>, key: &[u8], x942: bool, deep: bool) -> Option<GroupProblem> {
    let parameters = parameters?;
    match diffie_hellman(parameters, key, x942) {
        Err(Malformed) => Some(GroupProblem::Malformed),
        Ok((p, q, g, y)) => {
            let [p, g, y] = [p, g, y].map(BigUint::from_bytes_be);
            problem(&p, q.map(BigUint::from_bytes_be).as_ref(), &g, &y, deep)
        }
    }
}

fn problem(p: &BigUint, q: Option<&BigUint>, g: &BigUint, y: &BigUint, deep: bool) -> Option<GroupProblem> {
    if p.bits() > MAX_BITS {
        return None;
    }
    if !p.bit(0) || p.bits() < 3 {
        return Some(GroupProblem::EvenPrime);
    }
    let one = BigUint::from(1u8);
    let most = p - &one;
    if [g, y].iter().any(|number| **number <= one || **number >= most) {
        return Some(GroupProblem::OutOfRange);
    }
    if is_sparse(p) {
        return Some(GroupProblem::Sparse);
    }
    let q = q?;
    if *q <= one || &most % q != BigUint::ZERO {
        return Some(GroupProblem::OrderDoesNotDivide);
    }
    if deep {
        if g.modpow(q, p) != one {
            return Some(GroupProblem::GeneratorOrder);
        }
        if y.modpow(q, p) != one {
            return Some(GroupProblem::KeyOrder);
        }
    }
    None
}

/// Primes in which, below the top, only the low twelve bits of each word of 32 are ever set: badkeys met a generator of such.
fn is_sparse(p: &BigUint) -> bool {
    let bits = p.bits();
    if bits < 512 {
        return false;
    }
    // The lowest words were searched for a prime; the highest bit is set in any case.
    let words: Vec<u32> = p.iter_u32_digits().collect();
    let middle = words.get(6..words.len() - 1).unwrap_or_default();
    middle.iter().all(|word| word & 0xFFFF_F000 == 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A small group by hand: p = 2·q·k + 1.
    fn small() -> (BigUint, BigUint, BigUint) {
        // q = 65537 is prime, p = 65537·k + 1 is the first prime of that form above 2^20.
        let is_prime = |n: u64| (2..).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
        let q = 65537u64;
        let p = (16..).map(|k| q * k + 1).find(|p| is_prime(*p)).expect("a prime");
        let g = (2..p).map(|h| BigUint::from(h).modpow(&((p - 1) / q).into(), &p.into())).find(|g| *g > 1u8.into());
        (p.into(), q.into(), g.expect("a generator"))
    }

    #[test]
    fn signatures_of_a_small_group() {
        let (p, q, g) = small();
        let x = BigUint::from(12345u32);
        let y = g.modpow(&x, &p);
        let key = PublicKey { p: p.clone(), q: q.clone(), g: g.clone(), y };
        let digest = Hash::Sha256.digest(b"message").expect("computable");
        let z = super::super::ecdsa::leftmost_bits(&digest, q.bits());
        let k = BigUint::from(777u32);
        let r = g.modpow(&k, &p) % &q;
        let s = k.modinv(&q).expect("prime") * (z + &x * &r) % &q;
        let integer = |number: &BigUint| {
            let mut octets = number.to_bytes_be();
            if octets[0] & 0x80 != 0 {
                octets.insert(0, 0);
            }
            [vec![2, octets.len() as u8], octets].concat()
        };
        let pair = [integer(&r), integer(&s)].concat();
        let signature = [vec![0x30, pair.len() as u8], pair].concat();
        assert_eq!(key.verify(Hash::Sha256, b"message", &signature), Verification::Valid);
        assert_eq!(key.verify(Hash::Sha256, b"massage", &signature), Verification::Invalid);
        assert_eq!(key.verify(Hash::Sha1, b"message", &signature), Verification::Invalid);
        assert_eq!(key.verify(Hash::Sha256, b"message", &signature[1..]), Verification::Invalid);
        assert_eq!(
            key.verify(Hash::Md4, b"message", &signature),
            Verification::Unsupported("no md4 in this build".into())
        );
    }

    #[test]
    fn what_is_wrong_with_numbers() {
        let (p, q, g) = small();
        let y = g.modpow(&99u8.into(), &p);
        let of = |p: &BigUint, q: &BigUint, g: &BigUint, y: &BigUint| problem(p, Some(q), g, y, true);
        assert_eq!(of(&p, &q, &g, &y), None);
        assert_eq!(of(&(&p + 1u8), &q, &g, &y), Some(GroupProblem::EvenPrime));
        assert_eq!(of(&p, &q, &1u8.into(), &y), Some(GroupProblem::OutOfRange));
        assert_eq!(of(&p, &q, &g, &(&p - 1u8)), Some(GroupProblem::OutOfRange));
        assert_eq!(of(&p, &(&q + 2u8), &g, &y), Some(GroupProblem::OrderDoesNotDivide));
        let outside = (2u32..).map(BigUint::from).find(|h| h.modpow(&q, &p) != 1u8.into()).expect("one");
        assert_eq!(of(&p, &q, &outside, &y), Some(GroupProblem::GeneratorOrder));
        assert_eq!(of(&p, &q, &g, &outside), Some(GroupProblem::KeyOrder));
        assert_eq!(problem(&p, Some(&q), &g, &outside, false), None, "too costly without being asked for");
        let sparse = (BigUint::from(1u8) << 1023) + (BigUint::from(5u8) << 320) + 77u8;
        assert!(is_sparse(&sparse));
        assert!(!is_sparse(&(sparse + (BigUint::from(1u8) << 500))));
    }
}
