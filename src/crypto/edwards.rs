//! What this room is for: Ed25519 (RFC 8032): verification, and keys that anybody could sign for.
//! What must not be in it: Ed448, and signing.
//! What would surprise: libraries disagree about odd keys and signatures; where they do, no signature is called bad.

use super::Verification;
use super::field::Field;
use aws_lc_rs::digest;
use aws_lc_rs::signature::{ED25519, UnparsedPublicKey};
use num_bigint::BigUint;

/// y of the four points of order eight is this or its negative; the x are ±√-1 times it.
const ORDER_8_Y: &[u8] = b"7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7";

/// Order of the base point: 2^252 + 27742317777372353535851937790883648493 (RFC 8032 §5.1).
const ORDER: &[u8] = b"1000000000000000000000000000000014def9dea2f79cd65812631a5cf5d3ed";

/// The base point: y = 4/5, x even (RFC 8032 §5.1).
const BASE: [u8; 32] = {
    let mut encoding = [0x66; 32];
    encoding[0] = 0x58;
    encoding
};

/// Verifies an Ed25519 signature (RFC 8032 §5.1.7).
///
/// `Invalid` only when a properly encoded key and the weakest equation in use, the cofactored one, still do not accept.
pub(super) fn verify(key: &[u8], message: &[u8], signature: &[u8]) -> Verification {
    let Ok(encoded_key) = <&[u8; 32]>::try_from(key) else {
        return Verification::KeyOutOfRange(format!("an Ed25519 key has 32 octets, not {}", key.len()));
    };
    let (Some(commitment), Some(response), 64) = (signature.first_chunk(), signature.last_chunk(), signature.len())
    else {
        return Verification::Invalid;
    };
    if UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok() {
        return Verification::Valid;
    }
    judge_refusal(encoded_key, message, commitment, response)
}

/// Whether a public key has order 1, 2, 4 or 8, in any encoding that a lenient decoder takes for such a point. With such
/// a key (R, S) = (identity, 0) and the like are valid for every eighth message or more, for anybody.
pub fn ed25519_small_order(point: &[u8]) -> bool {
    let Ok(encoding) = <&[u8; 32]>::try_from(point) else {
        return false;
    };
    let curve = Edwards::new();
    let field = &curve.field;
    let y = encoded_y(encoding) % field.prime();
    let one = BigUint::from(1u32);
    let order_8 = number(ORDER_8_Y);
    // Orders 4, 1, 2, 8 and 8. Every y here has an x, so the sign bit does not matter.
    [BigUint::ZERO, one.clone(), field.negate(&one), field.negate(&order_8), order_8].contains(&y)
}

/// Whether a public key is not the encoding that RFC 8032 §5.1.2 gives to a point, although lenient decoders take it:
/// y is not below 2^255 - 19, or x is zero and its sign bit is set (§5.1.3 steps 1 and 4).
pub fn ed25519_noncanonical(point: &[u8]) -> bool {
    let Ok(encoding) = <&[u8; 32]>::try_from(point) else {
        return false;
    };
    let curve = Edwards::new();
    let y = encoded_y(encoding);
    let one = BigUint::from(1u32);
    let x_is_zero = y == one || y == curve.field.negate(&one);
    &y >= curve.field.prime() || (x_is_zero && sign(encoding))
}

/// Whether a public key of 32 octets is the encoding of no point at all: there is no x for its y (RFC 8032 §5.1.3 step 3).
pub fn ed25519_undecodable(point: &[u8]) -> bool {
    <&[u8; 32]>::try_from(point).is_ok_and(|encoding| Edwards::new().decode(encoding).is_none())
}

/// Finds out what a refusal by aws-lc-rs, which verifies without cofactor and strictly, is worth.
fn judge_refusal(key: &[u8; 32], message: &[u8], commitment: &[u8; 32], response: &[u8; 32]) -> Verification {
    let curve = Edwards::new();
    let Some(public) = curve.decode(key) else {
        return Verification::KeyOutOfRange("the key is not the encoding of a point of edwards25519".into());
    };
    if ed25519_noncanonical(key) {
        let why = "the key is not canonically encoded (RFC 8032 5.1.3): implementations disagree about its signatures";
        return Verification::KeyOutOfRange(why.into());
    }
    let order = number(ORDER);
    let response = BigUint::from_bytes_le(response);
    // §5.1.7 step 1 rejects S outside 0..L, and so does everybody: it would make signatures malleable.
    let (true, Some(commitment_point)) = (response < order, curve.decode(commitment)) else {
        return Verification::Invalid;
    };
    let challenge = challenge(commitment, key, message) % order;
    let difference = curve.add(
        &curve.multiply(&curve.base(), &response),
        &curve.negate(&curve.add(&curve.multiply(&public, &challenge), &commitment_point)),
    );
    if curve.multiply(&difference, &8u32.into()).is_identity(&curve.field) {
        let why = "the signature satisfies the cofactored equation only: implementations of Ed25519 disagree about it";
        return Verification::Unsupported(why.into());
    }
    Verification::Invalid
}

/// SHA-512(R || A || M) as a little-endian number (RFC 8032 §5.1.7 step 2).
fn challenge(commitment: &[u8], key: &[u8], message: &[u8]) -> BigUint {
    let mut context = digest::Context::new(&digest::SHA512);
    [commitment, key, message].iter().for_each(|part| context.update(part));
    BigUint::from_bytes_le(context.finish().as_ref())
}

/// The 255 bits of y.
fn encoded_y(encoding: &[u8; 32]) -> BigUint {
    let mut y = BigUint::from_bytes_le(encoding);
    y.set_bit(255, false);
    y
}

/// The lowest bit of x.
fn sign(encoding: &[u8; 32]) -> bool {
    encoding.last().is_some_and(|b| b & 0x80 != 0)
}

/// For compiled-in hexadecimal only; anything else is zero.
fn number(hex: &[u8]) -> BigUint {
    BigUint::parse_bytes(hex, 16).unwrap_or_default()
}

/// edwards25519: -x² + y² = 1 + dx²y² modulo 2^255 - 19 (RFC 8032 §5.1).
struct Edwards {
    field: Field,
    d: BigUint,
}

/// A point in extended coordinates: x = X/Z, y = Y/Z, xy = T/Z.
#[derive(Clone)]
struct Extended {
    x: BigUint,
    y: BigUint,
    z: BigUint,
    t: BigUint,
}

impl Edwards {
    fn new() -> Self {
        let prime = (BigUint::from(1u32) << 255) - 19u32;
        let d = number(b"52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
        Self { field: Field::new(prime), d }
    }

    fn base(&self) -> Extended {
        self.decode(&BASE).unwrap_or_else(Extended::identity)
    }

    /// Decodes like RFC 8032 §5.1.3, but leniently: y is reduced, and minus zero is zero.
    fn decode(&self, encoding: &[u8; 32]) -> Option<Extended> {
        let field = &self.field;
        let y = encoded_y(encoding) % field.prime();
        let one = BigUint::from(1u32);
        let y_squared = field.square(&y);
        let numerator = field.sub(&y_squared, &one);
        let denominator = field.add(&field.mul(&self.d, &y_squared), &one);
        let root = field.sqrt(&field.mul(&numerator, &field.invert(&denominator)?))?;
        let x = if root.bit(0) == sign(encoding) { root } else { field.negate(&root) };
        Some(Extended { t: field.mul(&x, &y), x, y, z: one })
    }

    /// The complete addition of RFC 8032 §5.1.4; it doubles as well.
    fn add(&self, one: &Extended, other: &Extended) -> Extended {
        let field = &self.field;
        let a = field.mul(&field.sub(&one.y, &one.x), &field.sub(&other.y, &other.x));
        let b = field.mul(&field.add(&one.y, &one.x), &field.add(&other.y, &other.x));
        let c = field.mul(&field.double(&field.mul(&one.t, &other.t)), &self.d);
        let d = field.double(&field.mul(&one.z, &other.z));
        let (e, f) = (field.sub(&b, &a), field.sub(&d, &c));
        let (g, h) = (field.add(&d, &c), field.add(&b, &a));
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

    fn encode(curve: &Edwards, point: &Extended) -> [u8; 32] {
        let inverse = curve.field.invert(&point.z).expect("finite");
        let (x, mut y) = (curve.field.mul(&point.x, &inverse), curve.field.mul(&point.y, &inverse));
        y.set_bit(255, x.bit(0));
        let mut encoding = y.to_bytes_le();
        encoding.resize(32, 0);
        encoding.try_into().expect("32 octets")
    }

    fn own(key: &[u8], message: &[u8], signature: &[u8]) -> Verification {
        let (r, s) = signature.split_at(32);
        judge_refusal(
            key.try_into().expect("test data"),
            message,
            r.try_into().expect("test data"),
            s.try_into().expect("test data"),
        )
    }

    fn holds(outcome: &Verification) -> bool {
        matches!(outcome, Verification::Unsupported(_))
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
            assert_eq!(verify(&key, &message, &signature), Verification::Valid);
            assert!(holds(&own(&key, &message, &signature)), "our own equation agrees");
            assert!(!ed25519_small_order(&key) && !ed25519_noncanonical(&key));
            assert_eq!(verify(&key, b"other", &signature), Verification::Invalid);
            for place in [0, 31, 32, 63] {
                let mut broken = signature.clone();
                broken[place] ^= 1;
                assert_eq!(verify(&key, &message, &broken), Verification::Invalid, "{place}");
            }
        }
    }

    #[test]
    fn fresh_keys() {
        for seed in 0..8u8 {
            let pair = Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).expect("a key");
            let (key, signature) = (pair.public_key().as_ref(), pair.sign(b"message"));
            assert_eq!(verify(key, b"message", signature.as_ref()), Verification::Valid);
            assert!(holds(&own(key, b"message", signature.as_ref())));
            assert_eq!(own(key, b"massage", signature.as_ref()), Verification::Invalid);
        }
    }

    #[test]
    fn response_outside_the_group_order() {
        let (key, message, signature) = VECTORS[1];
        let (key, message, mut signature) = (unhex(key), unhex(message), unhex(signature));
        let large = BigUint::from_bytes_le(&signature[32..]) + number(ORDER);
        signature[32..].copy_from_slice(&large.to_bytes_le());
        assert_eq!(verify(&key, &message, &signature), Verification::Invalid);
    }

    /// A commitment with a component of order two: right with cofactor, wrong without.
    #[test]
    fn cofactored_only() {
        let curve = Edwards::new();
        let secret = BigUint::from(12345u32);
        let key = encode(&curve, &curve.multiply(&curve.base(), &secret));
        let order_2 = curve
            .decode(&[&[0xec][..], &[0xff; 30], &[0x7f]].concat().try_into().expect("test data"))
            .expect("test data");
        let commitment = encode(&curve, &curve.add(&curve.multiply(&curve.base(), &77u32.into()), &order_2));
        let response = (challenge(&commitment, &key, b"m") * secret + 77u32) % number(ORDER);
        let mut signature = [commitment.to_vec(), response.to_bytes_le()].concat();
        signature.resize(64, 0);
        assert!(holds(&verify(&key, b"m", &signature)));
        assert_eq!(verify(&key, b"n", &signature), Verification::Invalid);
    }

    #[test]
    fn wrong_lengths_and_undecodable_keys() {
        let signature = [0; 64];
        for length in [0, 31, 33, 64] {
            assert!(matches!(verify(&vec![1; length], b"", &signature), Verification::KeyOutOfRange(_)), "{length}");
        }
        for length in [0, 32, 63, 65] {
            assert_eq!(verify(&BASE, b"", &vec![1; length]), Verification::Invalid, "{length}");
        }
        let curve = Edwards::new();
        let outcomes = (0..40u8).map(|y| {
            let key = [&[y][..], &[0; 31]].concat();
            let is_point = curve.decode(key[..].try_into().expect("test data")).is_some();
            let refused = matches!(verify(&key, b"", &signature), Verification::KeyOutOfRange(_));
            assert_eq!(refused, !is_point, "{y}");
            is_point
        });
        assert!((10..30).contains(&outcomes.filter(|&p| p).count()));
    }

    #[test]
    fn small_order_points_are_exactly_the_torsion() {
        let curve = Edwards::new();
        // Multiples of an order-8 point, and every encoding with a y that needs reduction.
        let mut candidate = number(ORDER_8_Y).to_bytes_le();
        candidate.resize(32, 0);
        let generator = curve.decode(candidate[..].try_into().expect("test data")).expect("a point");
        let mut torsion = (0..8u32).map(|k| encode(&curve, &curve.multiply(&generator, &k.into()))).collect::<Vec<_>>();
        assert!(torsion.iter().all(|encoding| ed25519_small_order(encoding)));
        torsion.sort_unstable();
        torsion.dedup();
        assert_eq!(torsion.len(), 8);

        let prime = curve.field.prime().clone();
        let lenient = (0..19u32).flat_map(|excess| [&prime + excess, &prime + excess + (BigUint::from(1u32) << 255)]);
        for y in lenient.chain((0..40u32).map(BigUint::from)) {
            let mut encoding = y.to_bytes_le();
            encoding.resize(32, 0);
            let point = curve.decode(encoding[..].try_into().expect("test data"));
            let is_small = point.is_some_and(|p| curve.multiply(&p, &8u32.into()).is_identity(&curve.field));
            assert_eq!(ed25519_small_order(&encoding), is_small, "{encoding:x?}");
            assert_eq!(
                ed25519_noncanonical(&encoding),
                encoded_y(encoding[..].try_into().expect("test data")) >= prime,
                "{encoding:x?}"
            );
        }
        let minus_zero = [&[1][..], &[0; 30], &[0x80]].concat();
        assert!(ed25519_small_order(&minus_zero) && ed25519_noncanonical(&minus_zero));
        assert!(!ed25519_small_order(&[]) && !ed25519_noncanonical(&[0xff; 31]));
    }

    #[test]
    fn anybody_signs_for_the_identity() {
        let identity = [&[1][..], &[0; 31]].concat();
        let signature = [&identity[..], &[0; 32]].concat();
        assert_eq!(verify(&identity, b"anything", &signature), Verification::Valid);
        assert!(ed25519_small_order(&identity));
    }
}
