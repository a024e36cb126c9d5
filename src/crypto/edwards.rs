//! What this room is for: EdDSA (RFC 8032) on edwards25519 and edwards448, and keys of both and of their Montgomery forms that are no secret.
//! What must not be in it: signing, and the prehashed variants, which X.509 does not use (RFC 8410 §3).
//! What would surprise: libraries disagree about odd keys and signatures; where they do, no signature is called bad.

use super::field::{Field, multiplication_cost};
use super::{Verification, hash};
use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use num_bigint::BigUint;
use std::sync::LazyLock;

/// y of the four points of order eight of edwards25519 is this or its negative; the x are ±√-1 times it.
const ORDER_8_Y: &[u8] = b"7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7";

/// Verifies an Ed25519 signature (RFC 8032 §5.1.7).
///
/// `Invalid` only when a properly encoded key and the weakest equation in use, the cofactored one, still do not accept.
pub(super) fn verify_ed25519(key: &[u8], message: &[u8], signature: &[u8]) -> Verification {
    let curve = &*ED25519_CURVE;
    if key.len() != curve.octets {
        return Verification::KeyOutOfRange(format!("an Ed25519 key has 32 octets, not {}", key.len()));
    }
    if UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok() {
        return Verification::Valid;
    }
    // A refusal by aws-lc-rs, which verifies without cofactor and strictly: what it is worth is found out here.
    match curve.judge(key, message, signature) {
        Verification::Valid => Verification::Unsupported(DISAGREEMENT.into()),
        other => other,
    }
}

/// Verifies an Ed448 signature (RFC 8032 §5.2.7), without context, as X.509 has it.
pub(super) fn verify_ed448(key: &[u8], message: &[u8], signature: &[u8]) -> Verification {
    let curve = &*ED448_CURVE;
    if key.len() != curve.octets {
        return Verification::KeyOutOfRange(format!("an Ed448 key has 57 octets, not {}", key.len()));
    }
    curve.judge(key, message, signature)
}

/// Work of `verify_ed448` in 64-bit limb multiplications: two chains of doublings and additions.
pub(super) fn ed448_cost() -> u64 {
    2 * 446 * 2 * 9 * multiplication_cost(448)
}

/// The public key of a seed (RFC 8032 §5.2.5).
pub(super) fn ed448_public(seed: &[u8]) -> Option<Vec<u8>> {
    if seed.len() != 57 {
        return None;
    }
    let mut scalar = hash::shake256(seed, 57);
    *scalar.first_mut()? &= 0xFC;
    *scalar.get_mut(55)? |= 0x80;
    *scalar.get_mut(56)? = 0;
    let curve = &*ED448_CURVE;
    curve.encode(&curve.multiply(&curve.base(), &BigUint::from_bytes_le(&scalar)))
}

const DISAGREEMENT: &str =
    "the signature satisfies the cofactored equation only: implementations of EdDSA disagree about it";

/// Whether a public key has order 1, 2, 4 or 8, in any encoding that a lenient decoder takes for such a point. With such
/// a key (R, S) = (identity, 0) and the like are valid for every eighth message or more, for anybody.
pub fn ed25519_small_order(point: &[u8]) -> bool {
    let curve = &*ED25519_CURVE;
    if point.len() != curve.octets {
        return false;
    }
    let field = &curve.field;
    let y = curve.encoded_y(point) % field.prime();
    let one = BigUint::from(1u32);
    let order_8 = number(ORDER_8_Y);
    // Orders 4, 1, 2, 8 and 8. Every y here has an x, so the sign bit does not matter.
    [BigUint::ZERO, one.clone(), field.negate(&one), field.negate(&order_8), order_8].contains(&y)
}

/// Whether an Ed448 public key has order 1, 2 or 4: (0, ±1) and (±1, 0).
pub fn ed448_small_order(point: &[u8]) -> bool {
    let curve = &*ED448_CURVE;
    if point.len() != curve.octets {
        return false;
    }
    let y = curve.encoded_y(point) % curve.field.prime();
    let one = BigUint::from(1u32);
    [BigUint::ZERO, one.clone(), curve.field.negate(&one)].contains(&y)
}

/// Whether an X25519 public key has so small an order that every shared secret with it is zero (RFC 7748 §6.1).
/// The highest bit does not count (§5), and u need not be reduced.
pub fn x25519_low_order(key: &[u8]) -> bool {
    if key.len() != 32 {
        return false;
    }
    let field = &ED25519_CURVE.field;
    let u = ED25519_CURVE.encoded_y(key) % field.prime();
    let one = BigUint::from(1u32);
    if [BigUint::ZERO, one.clone(), field.negate(&one)].contains(&u) {
        return true;
    }
    // RFC 7748 §4.1: y = (u - 1) / (u + 1).
    let y = field.invert(&field.add(&u, &one)).map(|inverse| field.mul(&field.sub(&u, &one), &inverse));
    let order_8 = number(ORDER_8_Y);
    y.is_some_and(|y| y == field.negate(&order_8) || y == order_8)
}

/// Whether an X448 public key has so small an order that every shared secret with it is zero (RFC 7748 §6.2).
pub fn x448_low_order(key: &[u8]) -> bool {
    let field = &ED448_CURVE.field;
    let one = BigUint::from(1u32);
    key.len() == 56
        && [BigUint::ZERO, one.clone(), field.negate(&one)].contains(&(BigUint::from_bytes_le(key) % field.prime()))
}

/// Whether a public key is not the encoding that RFC 8032 §5.1.2 gives to a point, although lenient decoders take it:
/// y is not below 2^255 - 19, or x is zero and its sign bit is set (§5.1.3 steps 1 and 4).
pub fn ed25519_noncanonical(point: &[u8]) -> bool {
    ED25519_CURVE.is_noncanonical(point)
}

/// The same for Ed448 (RFC 8032 §5.2.3).
pub fn ed448_noncanonical(point: &[u8]) -> bool {
    ED448_CURVE.is_noncanonical(point)
}

/// Whether a public key of 32 octets is the encoding of no point at all: there is no x for its y (RFC 8032 §5.1.3 step 3).
pub fn ed25519_undecodable(point: &[u8]) -> bool {
    point.len() == 32 && !ED25519_CURVE.has_point(point)
}

/// The same for an Ed448 key of 57 octets (RFC 8032 §5.2.3 step 3).
pub fn ed448_undecodable(point: &[u8]) -> bool {
    point.len() == 57 && !ED448_CURVE.has_point(point)
}

/// SHA-512(R || A || M) (RFC 8032 §5.1.7 step 2).
fn challenge_25519(commitment: &[u8], key: &[u8], message: &[u8]) -> Vec<u8> {
    let mut context = digest::Context::new(&digest::SHA512);
    [commitment, key, message].iter().for_each(|part| context.update(part));
    context.finish().as_ref().to_vec()
}

/// SHAKE256(dom4(0, "") || R || A || M, 114) (RFC 8032 §5.2.7 step 2).
fn challenge_448(commitment: &[u8], key: &[u8], message: &[u8]) -> Vec<u8> {
    hash::shake256(&[b"SigEd448\0\0", commitment, key, message].concat(), 114)
}

/// For compiled-in hexadecimal only; anything else is zero.
fn number(hex: &[u8]) -> BigUint {
    BigUint::parse_bytes(hex, 16).unwrap_or_default()
}

/// The hash of the commitment, the key and the message, in this order.
type Challenge = fn(&[u8], &[u8], &[u8]) -> Vec<u8>;

/// A twisted Edwards curve: ax² + y² = 1 + dx²y², where a is a square and d is none, so that one addition serves for all.
struct Edwards {
    name: &'static str,
    /// The section of RFC 8032 on decoding.
    decoding: &'static str,
    field: Field,
    a: BigUint,
    d: BigUint,
    /// Order of the base point.
    order: BigUint,
    cofactor: u32,
    base: Vec<u8>,
    /// Octets of an encoded point: y, little-endian, and the sign of x in the highest bit.
    octets: usize,
    challenge: Challenge,
}

/// RFC 8032 §5.1.
static ED25519_CURVE: LazyLock<Edwards> = LazyLock::new(|| {
    let field = Field::new((BigUint::from(1u32) << 255) - 19u32);
    let mut base = vec![0x66; 32];
    base[0] = 0x58;
    Edwards {
        name: "edwards25519",
        decoding: "5.1.3",
        a: field.negate(&1u32.into()),
        d: number(b"52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3"),
        order: number(b"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed"),
        cofactor: 8,
        base,
        octets: 32,
        challenge: challenge_25519,
        field,
    }
});

/// RFC 8032 §5.2.
static ED448_CURVE: LazyLock<Edwards> = LazyLock::new(|| {
    let field = Field::new((BigUint::from(1u32) << 448) - (BigUint::from(1u32) << 224) - 1u32);
    let y = number(
        b"693f46716eb6bc248876203756c9c7624bea73736ca3984087789c1e05a0c2d73ad3ff1ce67c39c4fdbd132c4ed7c8ad9808795bf230fa14",
    );
    let mut base = y.to_bytes_le();
    base.resize(57, 0);
    Edwards {
        name: "edwards448",
        decoding: "5.2.3",
        a: 1u32.into(),
        d: field.negate(&39081u32.into()),
        order: number(
            b"3fffffffffffffffffffffffffffffffffffffffffffffffffffffff7cca23e9c44edb49aed63690216cc2728dc58f552378c292ab5844f3",
        ),
        cofactor: 4,
        base,
        octets: 57,
        challenge: challenge_448,
        field,
    }
});

/// A point in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
#[derive(Clone)]
struct Extended {
    x: BigUint,
    y: BigUint,
    z: BigUint,
    t: BigUint,
}

impl Edwards {
    /// Verifies by the equation without cofactor, which all who accept a signature agree on, and by the one with it.
    fn judge(&self, key: &[u8], message: &[u8], signature: &[u8]) -> Verification {
        let Some((commitment, response)) = signature.split_at_checked(self.octets) else {
            return Verification::Invalid;
        };
        if response.len() != self.octets {
            return Verification::Invalid;
        }
        let Some(public) = self.decode(key) else {
            return Verification::KeyOutOfRange(format!("the key is not the encoding of a point of {}", self.name));
        };
        if self.is_noncanonical(key) {
            return Verification::KeyOutOfRange(format!(
                "the key is not canonically encoded (RFC 8032 {}): implementations disagree about its signatures",
                self.decoding
            ));
        }
        let response = BigUint::from_bytes_le(response);
        // §5.1.7 and §5.2.7 step 1 reject S outside 0..L, and so does everybody: it would make signatures malleable.
        let (true, Some(commitment_point)) = (response < self.order, self.decode(commitment)) else {
            return Verification::Invalid;
        };
        let challenge = BigUint::from_bytes_le(&(self.challenge)(commitment, key, message)) % &self.order;
        let difference = self.add(
            &self.multiply(&self.base(), &response),
            &self.negate(&self.add(&self.multiply(&public, &challenge), &commitment_point)),
        );
        if difference.is_identity(&self.field) && !self.is_noncanonical(commitment) {
            Verification::Valid
        } else if self.multiply(&difference, &self.cofactor.into()).is_identity(&self.field) {
            Verification::Unsupported(DISAGREEMENT.into())
        } else {
            Verification::Invalid
        }
    }

    fn base(&self) -> Extended {
        self.decode(&self.base).unwrap_or_else(Extended::identity)
    }

    /// All bits but the highest.
    fn encoded_y(&self, encoding: &[u8]) -> BigUint {
        let mut y = BigUint::from_bytes_le(encoding);
        y.set_bit(8 * encoding.len() as u64 - 1, false);
        y
    }

    /// y is not reduced, or x is zero and its sign bit is set.
    fn is_noncanonical(&self, encoding: &[u8]) -> bool {
        if encoding.len() != self.octets {
            return false;
        }
        let y = self.encoded_y(encoding);
        let one = BigUint::from(1u32);
        let x_is_zero = y == one || y == self.field.negate(&one);
        &y >= self.field.prime() || (x_is_zero && sign(encoding))
    }

    /// Decodes like RFC 8032 §5.1.3 and §5.2.3, but leniently: y is reduced, and minus zero is zero.
    fn decode(&self, encoding: &[u8]) -> Option<Extended> {
        let field = &self.field;
        let y = self.encoded_y(encoding) % field.prime();
        let one = BigUint::from(1u32);
        let y_squared = field.square(&y);
        let numerator = field.sub(&one, &y_squared);
        let denominator = field.sub(&self.a, &field.mul(&self.d, &y_squared));
        let root = field.sqrt(&field.mul(&numerator, &field.invert(&denominator)?))?;
        let x = if root.bit(0) == sign(encoding) { root } else { field.negate(&root) };
        Some(Extended { t: field.mul(&x, &y), x, y, z: one })
    }

    /// Whether `decode` finds a point: x² is a quotient, and a quotient is a square when the product is.
    fn has_point(&self, encoding: &[u8]) -> bool {
        let field = &self.field;
        let y = self.encoded_y(encoding) % field.prime();
        let y_squared = field.square(&y);
        let numerator = field.sub(&BigUint::from(1u32), &y_squared);
        let denominator = field.sub(&self.a, &field.mul(&self.d, &y_squared));
        denominator != BigUint::ZERO && field.is_square(&field.mul(&numerator, &denominator))
    }

    /// RFC 8032 §5.1.2 and §5.2.2.
    fn encode(&self, point: &Extended) -> Option<Vec<u8>> {
        let inverse = self.field.invert(&point.z)?;
        let (x, mut y) = (self.field.mul(&point.x, &inverse), self.field.mul(&point.y, &inverse));
        y.set_bit(8 * self.octets as u64 - 1, x.bit(0));
        let mut encoding = y.to_bytes_le();
        encoding.resize(self.octets, 0);
        Some(encoding)
    }

    /// The unified addition of Hisil, Wong, Carter and Dawson (2008), §3.1; it doubles as well.
    fn add(&self, one: &Extended, other: &Extended) -> Extended {
        let field = &self.field;
        let a = field.mul(&one.x, &other.x);
        let b = field.mul(&one.y, &other.y);
        let c = field.mul(&field.mul(&one.t, &other.t), &self.d);
        let d = field.mul(&one.z, &other.z);
        let cross = field.mul(&field.add(&one.x, &one.y), &field.add(&other.x, &other.y));
        let e = field.sub(&field.sub(&cross, &a), &b);
        let (f, g) = (field.sub(&d, &c), field.add(&d, &c));
        let h = field.sub(&b, &field.mul(&self.a, &a));
        Extended { x: field.mul(&e, &f), y: field.mul(&g, &h), z: field.mul(&f, &g), t: field.mul(&e, &h) }
    }

    fn negate(&self, point: &Extended) -> Extended {
        Extended { x: self.field.negate(&point.x), t: self.field.negate(&point.t), ..point.clone() }
    }

    fn multiply(&self, point: &Extended, scalar: &BigUint) -> Extended {
        let mut product = Extended::identity();
        for bit in (0..scalar.bits()).rev() {
            product = self.add(&product, &product);
            if scalar.bit(bit) {
                product = self.add(&product, point);
            }
        }
        product
    }
}

/// The lowest bit of x.
fn sign(encoding: &[u8]) -> bool {
    encoding.last().is_some_and(|b| b & 0x80 != 0)
}

impl Extended {
    fn identity() -> Self {
        let one = BigUint::from(1u32);
        Self { x: BigUint::ZERO, y: one.clone(), z: one, t: BigUint::ZERO }
    }

    fn is_identity(&self, field: &Field) -> bool {
        self.x == BigUint::ZERO && field.sub(&self.y, &self.z) == BigUint::ZERO
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};

    fn unhex(text: &str) -> Vec<u8> {
        text.as_bytes().chunks(2).map(|pair| number(pair).try_into().expect("an octet")).collect()
    }

    fn own(key: &[u8], message: &[u8], signature: &[u8]) -> Verification {
        ED25519_CURVE.judge(key, message, signature)
    }

    fn holds(outcome: &Verification) -> bool {
        matches!(outcome, Verification::Unsupported(_) | Verification::Valid)
    }

    /// RFC 8032 §7.1, tests 1 to 3: key, message, signature.
    const VECTORS: [(&str, &str, &str); 3] = [
        (
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ];

    #[test]
    fn rfc_8032_vectors() {
        for (key, message, signature) in VECTORS {
            let (key, message, signature) = (unhex(key), unhex(message), unhex(signature));
            assert_eq!(verify_ed25519(&key, &message, &signature), Verification::Valid);
            assert!(holds(&own(&key, &message, &signature)), "our own equation agrees");
            assert!(!ed25519_small_order(&key) && !ed25519_noncanonical(&key));
            assert_eq!(verify_ed25519(&key, b"other", &signature), Verification::Invalid);
            for place in [0, 31, 32, 63] {
                let mut broken = signature.clone();
                broken[place] ^= 1;
                assert_eq!(verify_ed25519(&key, &message, &broken), Verification::Invalid, "{place}");
            }
        }
    }

    #[test]
    fn fresh_keys() {
        for seed in 0..8u8 {
            let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key");
            let (key, signature) = (pair.public_key().as_ref(), pair.sign(b"message"));
            assert_eq!(verify_ed25519(key, b"message", signature.as_ref()), Verification::Valid);
            assert!(holds(&own(key, b"message", signature.as_ref())));
            assert_eq!(own(key, b"massage", signature.as_ref()), Verification::Invalid);
        }
    }

    #[test]
    fn response_outside_the_group_order() {
        let (key, message, signature) = VECTORS[1];
        let (key, message, mut signature) = (unhex(key), unhex(message), unhex(signature));
        let large = BigUint::from_bytes_le(&signature[32..]) + &ED25519_CURVE.order;
        signature[32..].copy_from_slice(&large.to_bytes_le());
        assert_eq!(verify_ed25519(&key, &message, &signature), Verification::Invalid);
    }

    /// A commitment with a component of order two: right with cofactor, wrong without.
    #[test]
    fn cofactored_only() {
        let curve = &*ED25519_CURVE;
        let secret = BigUint::from(12345u32);
        let key = curve.encode(&curve.multiply(&curve.base(), &secret)).expect("finite");
        let order_2 = curve.decode(&[&[0xec][..], &[0xff; 30], &[0x7f]].concat()).expect("test data");
        let commitment =
            curve.encode(&curve.add(&curve.multiply(&curve.base(), &77u32.into()), &order_2)).expect("finite");
        let response =
            (BigUint::from_bytes_le(&challenge_25519(&commitment, &key, b"m")) * secret + 77u32) % &curve.order;
        let mut signature = [commitment.to_vec(), response.to_bytes_le()].concat();
        signature.resize(64, 0);
        assert!(holds(&verify_ed25519(&key, b"m", &signature)));
        assert_eq!(verify_ed25519(&key, b"n", &signature), Verification::Invalid);
    }

    #[test]
    fn wrong_lengths_and_undecodable_keys() {
        let signature = [0; 64];
        for length in [0, 31, 33, 64] {
            assert!(
                matches!(verify_ed25519(&vec![1; length], b"", &signature), Verification::KeyOutOfRange(_)),
                "{length}"
            );
        }
        for length in [0, 32, 63, 65] {
            assert_eq!(verify_ed25519(&ED25519_CURVE.base, b"", &vec![1; length]), Verification::Invalid, "{length}");
        }
        let curve = &*ED25519_CURVE;
        let outcomes = (0..40u8).map(|y| {
            let key = [&[y][..], &[0; 31]].concat();
            let is_point = curve.decode(&key).is_some();
            let refused = matches!(verify_ed25519(&key, b"", &signature), Verification::KeyOutOfRange(_));
            assert_eq!(refused, !is_point, "{y}");
            is_point
        });
        assert!((10..30).contains(&outcomes.filter(|&p| p).count()));
    }

    #[test]
    fn small_order_points_are_exactly_the_torsion() {
        let curve = &*ED25519_CURVE;
        // Multiples of an order-8 point, and every encoding with a y that needs reduction.
        let mut candidate = number(ORDER_8_Y).to_bytes_le();
        candidate.resize(32, 0);
        let generator = curve.decode(&candidate).expect("a point");
        let mut torsion =
            (0..8u32).filter_map(|k| curve.encode(&curve.multiply(&generator, &k.into()))).collect::<Vec<_>>();
        assert!(torsion.iter().all(|encoding| ed25519_small_order(encoding)));
        torsion.sort_unstable();
        torsion.dedup();
        assert_eq!(torsion.len(), 8);

        let prime = curve.field.prime().clone();
        let lenient = (0..19u32).flat_map(|excess| [&prime + excess, &prime + excess + (BigUint::from(1u32) << 255)]);
        for y in lenient.chain((0..40u32).map(BigUint::from)) {
            let mut encoding = y.to_bytes_le();
            encoding.resize(32, 0);
            let point = curve.decode(&encoding);
            let is_small = point.is_some_and(|p| curve.multiply(&p, &8u32.into()).is_identity(&curve.field));
            assert_eq!(ed25519_small_order(&encoding), is_small, "{encoding:x?}");
            assert_eq!(ed25519_noncanonical(&encoding), curve.encoded_y(&encoding) >= prime, "{encoding:x?}");
        }
        let minus_zero = [&[1][..], &[0; 30], &[0x80]].concat();
        assert!(ed25519_small_order(&minus_zero) && ed25519_noncanonical(&minus_zero));
        assert!(!ed25519_small_order(&[]) && !ed25519_noncanonical(&[0xff; 31]));
    }

    #[test]
    fn anybody_signs_for_the_identity() {
        let identity = [&[1][..], &[0; 31]].concat();
        let signature = [&identity[..], &[0; 32]].concat();
        assert_eq!(verify_ed25519(&identity, b"anything", &signature), Verification::Valid);
        assert!(ed25519_small_order(&identity));
    }

    /// RFC 8032 §7.4, "blank" and "1 octet": key, message, signature.
    const VECTORS_448: [(&str, &str, &str); 2] = [
        (
            "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
            "",
            "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4dbb61149f05a7363268c71d95808ff2e652600",
        ),
        (
            "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c0866aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
            "03",
            "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f4352541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cbcee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0ff3348ab21aa4adafd1d234441cf807c03a00",
        ),
    ];

    #[test]
    fn rfc_8032_vectors_of_ed448() {
        for (key, message, signature) in VECTORS_448 {
            let (key, message, signature) = (unhex(key), unhex(message), unhex(signature));
            assert_eq!(verify_ed448(&key, &message, &signature), Verification::Valid);
            assert!(!ed448_small_order(&key) && !ed448_noncanonical(&key) && !ed448_undecodable(&key));
            assert_eq!(verify_ed448(&key, b"other", &signature), Verification::Invalid);
            for place in [0, 56, 57, 112, 113] {
                let mut broken = signature.clone();
                broken[place] ^= 1;
                assert_eq!(verify_ed448(&key, &message, &broken), Verification::Invalid, "{place}");
            }
            assert_eq!(verify_ed448(&key, &message, &signature[1..]), Verification::Invalid);
            assert!(matches!(verify_ed448(&key[1..], &message, &signature), Verification::KeyOutOfRange(_)));
        }
    }

    #[test]
    fn small_order_on_edwards448_is_exactly_the_torsion() {
        let curve = &*ED448_CURVE;
        let prime = curve.field.prime().clone();
        let excess = (0..3u32).map(|more| &prime + more);
        for y in (0..40u32).map(BigUint::from).chain(excess).chain((1..40u32).map(|less| &prime - less)) {
            let mut encoding = y.to_bytes_le();
            encoding.resize(57, 0);
            let is_small =
                curve.decode(&encoding).is_some_and(|p| curve.multiply(&p, &4u8.into()).is_identity(&curve.field));
            assert_eq!(ed448_small_order(&encoding), is_small, "{y}");
            assert_eq!(ed448_noncanonical(&encoding), y >= prime, "{y}");
            assert_eq!(ed448_undecodable(&encoding), curve.decode(&encoding).is_none());
        }
        let identity = [&[1][..], &[0; 56]].concat();
        let signature = [&identity[..], &[0; 57]].concat();
        assert_eq!(verify_ed448(&identity, b"anything", &signature), Verification::Valid);
        let minus_zero = [&[1][..], &[0; 55], &[0x80]].concat();
        assert!(ed448_small_order(&minus_zero) && ed448_noncanonical(&minus_zero));
    }

    #[test]
    fn low_order_on_the_montgomery_curves() {
        // The u of the points of order eight, as Bernstein lists them for Curve25519.
        let low = [
            "0",
            "1",
            "325606250916557431795983626356110631294008115727848805560023387167927233504",
            "39382357235489614581723060781553021112529911719440698176882885853963445705823",
            "57896044618658097711785492504343953926634992332820282019728792003956564819948",
            "57896044618658097711785492504343953926634992332820282019728792003956564819949",
            "57896044618658097711785492504343953926634992332820282019728792003956564819950",
        ];
        for u in low {
            let mut key = BigUint::parse_bytes(u.as_bytes(), 10).expect("a number").to_bytes_le();
            key.resize(32, 0);
            assert!(x25519_low_order(&key), "{u}");
            key[31] |= 0x80;
            assert!(x25519_low_order(&key), "{u} with the bit that does not count");
        }
        for u in [2u8, 3, 9, 200] {
            assert!(!x25519_low_order(&[&[u][..], &[0; 31]].concat()), "{u}");
            assert!(!x448_low_order(&[&[u][..], &[0; 55]].concat()), "{u}");
        }
        for u in [BigUint::ZERO, 1u32.into(), ED448_CURVE.field.prime() - 1u32, ED448_CURVE.field.prime() + 1u32] {
            let mut key = u.to_bytes_le();
            key.resize(56, 0);
            assert!(x448_low_order(&key), "{u}");
        }
        assert!(!x25519_low_order(&[0; 31]) && !x448_low_order(&[0; 32]));
    }
}
