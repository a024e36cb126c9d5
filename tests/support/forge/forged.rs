//! Signatures that nobody needed a private key for, and signatures of algorithms only one mutant has.
//! They verify under the plain equations: an Edwards key of small order, RSA with e = 1 or e = 2, DSA over a composite modulus.
//! Where a signature fits only some messages, the subject is varied until it does.

use num_bigint::BigUint;

use super::csr::{Csr, HOST};
use super::der::{self, algorithm, bits, cat, hex, int, name, octets, oid, seq, uint};
use super::keys::{Key, ed25519, p256, rsa, rsa_e2};
use super::rsa::{Xorshift, prime};
use super::sign::{Hash, Sig, emsa_pkcs1};

/// A request with any signature value.
#[must_use]
pub fn with_value(mut csr: Csr, value: &[u8]) -> Csr {
    csr.sig_bits = Some(bits(value));
    csr
}

/// Subjects without end, each a little different.
fn subjects() -> impl Iterator<Item = Vec<u8>> {
    (1u32..).map(|number| name(&[("O", &format!("Example Trading {number}")), ("CN", HOST)]))
}

/// An Ed25519 key that is a point of small order, with R = identity and S = 0.
pub fn small_order(point: &str, order: u8) -> Csr {
    let point = hex(point);
    let group = BigUint::parse_bytes(b"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed", 16)
        .expect("hexadecimal");
    let mut identity = [0u8; 32];
    identity[0] = 1;
    let value = cat(&[&identity, &[0; 32]]);
    subjects()
        .map(|subject| Csr::new(ed25519()).subject(subject).spki(der::spki(&algorithm("1.3.101.112", &[]), &point)))
        .find(|csr| {
            let hash = Hash::Sha512.digest(&cat(&[&identity, &point, &csr.info()]));
            BigUint::from_bytes_le(&hash) % &group % order == BigUint::default()
        })
        .map(|csr| with_value(csr, &value))
        .expect("one in eight messages")
}

/// RSA with e = 1: the signature is the padded digest.
pub fn exponent_one() -> Csr {
    Csr::new(rsa(2048, 1))
}

/// RSA with e = 2: a square root of the padded digest, for one subject in eight.
pub fn exponent_two() -> Csr {
    let key = rsa_e2();
    subjects()
        .map(|subject| Csr::new(key).subject(subject))
        .find_map(|csr| {
            let padded = emsa_pkcs1(Hash::Sha256, &csr.info(), key.rsa().size());
            key.rsa().square_root(&padded).map(|value| with_value(csr, &value))
        })
        .expect("one in eight messages")
}

/// A DSA key of 2048 and 256 bits. Its p is composite: a verifier does not look, and one prime of 512 bits is found faster.
pub fn dsa() -> Csr {
    let mut random = Xorshift::new(9);
    let one = BigUint::from(1u8);
    let none = BigUint::default();
    let q = prime(&mut random, &(&one << 255), &(&one << 256), &none);
    // p = 2kq + 1 of 2048 bits; small factors are sought first, as a power costs more than all of them.
    let small: Vec<u32> = (3..2000u32).filter(|n| (2..*n).all(|d| n % d != 0)).collect();
    let p = (0..)
        .map(|_| (((&one << 1791) + random.bits(1790)) | &one) * 2u8)
        .map(|k| k * &q + 1u8)
        .filter(|p: &BigUint| p.bits() == 2048 && small.iter().all(|prime| p % prime != none))
        .find(|p| BigUint::from(2u8).modpow(&(p - 1u8), p) == one)
        .expect("a prime");
    let g = BigUint::from(2u8).modpow(&((&p - 1u8) / &q), &p);
    let x = random.bits(250);
    let y = g.modpow(&x, &p);
    let parameters = seq(&[&uint(&p), &uint(&q), &uint(&g)]);
    let sig_alg = algorithm("2.16.840.1.101.3.4.3.2", &[]);
    let csr = Csr::signed(p256(), Sig::Fixed(sig_alg, Vec::new()))
        .spki(der::spki(&algorithm("1.2.840.10040.4.1", &parameters), &uint(&y)));
    let z = BigUint::from_bytes_be(&Hash::Sha256.digest(&csr.info()));
    let k = random.bits(250) + 1u8;
    let r_value = g.modpow(&k, &p) % &q;
    let s = (k.modinv(&q).expect("a prime order") * (z + &r_value * x)) % &q;
    with_value(csr, &seq(&[&uint(&r_value), &uint(&s)]))
}

/// The SubjectPublicKeyInfo of an EC key with its curve spelled out (X9.62 SpecifiedECDomain).
pub fn explicit_curve(key: &Key) -> Vec<u8> {
    let ec = key.ec();
    let number = |text: &str| BigUint::parse_bytes(text.as_bytes(), 16).expect("hexadecimal");
    let field = seq(&[&oid("1.2.840.10045.1.1"), &uint(&number(ec.curve.p))]);
    let curve = seq(&[&octets(&hex(ec.curve.a)), &octets(&hex(ec.curve.b))]);
    let base = octets(&cat(&[&[4], &hex(ec.curve.x), &hex(ec.curve.y)]));
    let domain = seq(&[&int(1), &field, &curve, &base, &uint(&number(ec.curve.n)), &int(1)]);
    der::spki(&algorithm(super::keys::EC_PUBLIC_KEY, &domain), &key.raw)
}
