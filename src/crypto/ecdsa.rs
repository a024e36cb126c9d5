//! What this room is for: ECDSA verification (FIPS 186-5 §6.4.2, SEC 1 §4.1.4) on every curve with known numbers.
//! What must not be in it: curves and points; `curve` has them.
//! What would surprise: the answer of aws-lc-rs is final, as all it could refuse for other reasons is excluded first.

use super::curve::{Curve, Group, PointStatus};
use super::der::{Malformed, Reader, SEQUENCE};
use super::{Hash, Verification};
use aws_lc_rs::signature::{self, EcdsaVerificationAlgorithm, UnparsedPublicKey};
use num_bigint::BigUint;

/// Verifies a DER ECDSA-Sig-Value (RFC 3279 §2.2.3) over `message`.
///
/// `point` is a SEC 1 encoding in any form. A point that is none, or infinity, is out of range: the key is broken, and
/// nothing is said about the signature. `hash` must be computable.
pub(super) fn verify(curve: Curve, point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> Verification {
    let Some(group) = Group::new(curve) else {
        return Verification::Unsupported(format!("no arithmetic for the binary curve {}", curve.name()));
    };
    let public = match group.decode(point) {
        Ok(public) => public,
        Err(status) => return Verification::KeyOutOfRange(broken_point(curve, status)),
    };
    // OpenSSL (ossl_ecdsa_verify), BoringSSL and Go refuse BER and trailing bytes here, and so does this.
    let Some(value) = Value::parse(signature, &group.order) else {
        return Verification::Invalid;
    };
    let valid = match fast(curve, hash) {
        Some(algorithm) => UnparsedPublicKey::new(algorithm, group.encode(&public)).verify(message, signature).is_ok(),
        None => {
            let Some(digest) = hash.digest(message) else {
                return Verification::Unsupported(format!("no {} in this build", hash.name()));
            };
            value.is_valid(&group, &public, &digest)
        }
    };
    if valid { Verification::Valid } else { Verification::Invalid }
}

/// Work in 64-bit limb multiplications; 0 where aws-lc-rs does it.
pub(super) fn cost(curve: Curve, hash: Hash) -> u64 {
    if fast(curve, hash).is_some() { 0 } else { Group::combine_cost(curve) }
}

/// The pair (r, s), both in 1..n.
struct Value {
    r: BigUint,
    s: BigUint,
}

impl Value {
    /// None when the DER is malformed or a number is out of range: no key makes such a signature.
    fn parse(der: &[u8], order: &BigUint) -> Option<Self> {
        let (r, s) = read_pair(der).ok()?;
        let in_range = |magnitude| {
            let number = BigUint::from_bytes_be(magnitude);
            (number != BigUint::ZERO && &number < order).then_some(number)
        };
        // Longer than any order here: not worth converting.
        let short = |magnitude: &[u8]| magnitude.len() as u64 <= order.bits().div_ceil(8);
        if !short(r) || !short(s) {
            return None;
        }
        Some(Self { r: in_range(r)?, s: in_range(s)? })
    }

    /// FIPS 186-5 §6.4.2 steps 3 to 9.
    fn is_valid(&self, group: &Group, public: &super::curve::Point, digest: &[u8]) -> bool {
        let order = &group.order;
        let Some(inverse) = self.s.modinv(order) else {
            return false;
        };
        let u = leftmost_bits(digest, order.bits()) * &inverse % order;
        let v = &self.r * &inverse % order;
        group.combine(&u, &v, public).is_some_and(|point| point.x % order == self.r)
    }
}

/// r and s of a DER signature, where both are in 1..`order`.
pub(super) fn numbers(der: &[u8], order: &BigUint) -> Option<(BigUint, BigUint)> {
    Value::parse(der, order).map(|value| (value.r, value.s))
}

/// The magnitudes of r and s.
pub(super) fn read_pair(der: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut pair = Reader::new(Reader::only(der, SEQUENCE)?);
    let numbers = (pair.unsigned()?, pair.unsigned()?);
    pair.end()?;
    Ok(numbers)
}

/// The magnitude of r in a signature of ECDSA or DSA: the visible half of its nonce.
pub fn nonce_of<'a>(algorithm: &[u8], signature: &'a [u8]) -> Option<&'a [u8]> {
    use super::SignatureFamily::{Dsa, Ecdsa};
    let family = super::signature_algorithm(algorithm)?.family;
    // The r of SM2 depends on the message, too (GB/T 32918.2 §6.1).
    if !matches!(family, Ecdsa | Dsa) {
        return None;
    }
    read_pair(signature).ok().map(|(r, _)| r)
}

/// The digest as a number, cut to the length of the order (FIPS 186-5 §6.4.1 step 2, SEC 1 §4.1.3 step 5).
pub(super) fn leftmost_bits(digest: &[u8], bits: u64) -> BigUint {
    let excess = (8 * digest.len() as u64).saturating_sub(bits);
    BigUint::from_bytes_be(digest) >> excess
}

/// The combinations that aws-lc-rs verifies.
fn fast(curve: Curve, hash: Hash) -> Option<&'static EcdsaVerificationAlgorithm> {
    Some(match (curve.name(), hash) {
        ("P-256", Hash::Sha1) => &signature::ECDSA_P256_SHA1_ASN1,
        ("P-256", Hash::Sha256) => &signature::ECDSA_P256_SHA256_ASN1,
        ("P-256", Hash::Sha384) => &signature::ECDSA_P256_SHA384_ASN1,
        ("P-256", Hash::Sha512) => &signature::ECDSA_P256_SHA512_ASN1,
        ("P-384", Hash::Sha256) => &signature::ECDSA_P384_SHA256_ASN1,
        ("P-384", Hash::Sha384) => &signature::ECDSA_P384_SHA384_ASN1,
        ("P-384", Hash::Sha512) => &signature::ECDSA_P384_SHA512_ASN1,
        ("P-384", Hash::Sha3_384) => &signature::ECDSA_P384_SHA3_384_ASN1,
        ("P-521", Hash::Sha1) => &signature::ECDSA_P521_SHA1_ASN1,
        ("P-521", Hash::Sha224) => &signature::ECDSA_P521_SHA224_ASN1,
        ("P-521", Hash::Sha256) => &signature::ECDSA_P521_SHA256_ASN1,
        ("P-521", Hash::Sha384) => &signature::ECDSA_P521_SHA384_ASN1,
        ("P-521", Hash::Sha512) => &signature::ECDSA_P521_SHA512_ASN1,
        ("P-521", Hash::Sha3_512) => &signature::ECDSA_P521_SHA3_512_ASN1,
        ("secp256k1", Hash::Sha256) => &signature::ECDSA_P256K1_SHA256_ASN1,
        ("secp256k1", Hash::Sha3_256) => &signature::ECDSA_P256K1_SHA3_256_ASN1,
        _ => return None,
    })
}

pub(super) fn broken_point(curve: Curve, status: PointStatus) -> String {
    let name = curve.name();
    match status {
        PointStatus::Infinity => format!("the public point is the point at infinity of {name}"),
        PointStatus::OffCurve => format!("the public point is not on {name}"),
        PointStatus::CoordinateTooLarge => {
            format!("a coordinate of the public point is not below the prime of {name}")
        }
        PointStatus::BadLength => format!("the public point has the wrong length for {name}"),
        PointStatus::BadFormat(octet) => {
            format!("the public point has the unusable form {octet:#04x}")
        }
        PointStatus::OnCurve | PointStatus::WrongOrder | PointStatus::NotChecked => {
            format!("the public point on {name} was not checked")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{EcdsaKeyPair, EcdsaSigningAlgorithm, KeyPair};

    fn unhex(text: &str) -> Vec<u8> {
        BigUint::parse_bytes(text.as_bytes(), 16).expect("hexadecimal").to_bytes_be()
    }

    fn curve(name: &str) -> Curve {
        Curve::from_name(name).expect("known curve")
    }

    /// What our own arithmetic says, whether aws-lc-rs could be asked or not.
    fn own(curve: Curve, point: &[u8], hash: Hash, message: &[u8], signature: &[u8]) -> bool {
        let group = Group::new(curve).expect("a prime field");
        let public = group.decode(point).expect("a point");
        let digest = hash.digest(message).expect("computable");
        Value::parse(signature, &group.order).is_some_and(|value| value.is_valid(&group, &public, &digest))
    }

    /// Keys and signatures over "csrlint" that OpenSSL 3.0.19 made.
    const MADE_BY_OPENSSL: &[(&str, Hash, &str, &str)] = &[
        (
            "prime192v1",
            Hash::Sha256,
            "038b812e4b24441c7268395671d69d639bd96b01dfee460748",
            "303402185f38fd96633b5f84ae205580a76f1d8939c2f941277b5a9f02182b18f0963aa43c8df90015c38911ec69eb8f2612999fd88e",
        ),
        (
            "secp224r1",
            Hash::Sha512,
            "02d7083f664c3682f4dfdba4da59d0c37d403efde2c31d2b205b501c88",
            "303d021c5db1962ace9e239611aa8c83b575fde868146f87e0eac619988d6cd8021d00b558ee412d804f9c292548f5ba973f661b39e42b587c54768bda9b57",
        ),
        (
            "secp224r1",
            Hash::Sha1,
            "02bf1041ee5d0193b4c31d31ce6219063bae43fd97bd6105f0de16aa53",
            "303e021d00e019223838212541bfa85001806180dbf9adb970526ffa0babdc6d48021d00cf02543ac7fd457c6c8626127704734255f09cbf6fc4fa9de1f51e4e",
        ),
        (
            "prime256v1",
            Hash::Sha224,
            "0263cce8dfcf40e5afbe9812e11529d990719115ab3f698564a3b5166a82066df6",
            "3046022100e524c8c4df9d5a5406c56f698d1d9c59cf74412187623f934782abbab078586e022100b2bbe53972f1929cd4154ea2d4e4e956ad8c51dbb0fc4175401f4e423f5897d0",
        ),
        (
            "secp256k1",
            Hash::Sha1,
            "032f4eac7a345ec708010227854781652fabbd42c08d1e8a7fa20ca0f2b4f97886",
            "304402204354b90ded8b80dd9680d4dbd2379258ba3eeb2d443f0612052059e97fada04e0220748cdfe4e06aa8e86d338653e026051754543781c93f8ab365b73fce04db82fa",
        ),
        (
            "secp384r1",
            Hash::Sha1,
            "02fd3fa1f2db6da24f48fdf501fda7cb66dddb820321d5652f17443f51e57869daac46cfa6f48ce151e2b7c4d5f1241bc6",
            "306502302a4ad8098247d4e53710cead8152a0cab93239696e43cea0a8634e26453ca9ffd71e9f0322921d0cdbc7e94cb1476e1e023100ccfa7d1405488591ba76c0d69ca9c227d636d068b53a19e2b989549428ba48ef6a4817e8e681097f89a732ee6fb79b3f",
        ),
        (
            "secp112r1",
            Hash::Sha256,
            "0391cba5fb21062c909104416110a6",
            "3022020f008e3e88e3f0152961230857e4f509020f00ae58557ca819e908f0b5b9f43546",
        ),
        (
            "secp160r1",
            Hash::Sha1,
            "03ba44f058435ea649f62b448d819fc580cc81756e",
            "302d02142069391326da9ab32ac64cd5a51463d899911805021500f743be4054021f4b3ade6ce58ccf2772739e9d47",
        ),
        (
            "prime239v1",
            Hash::Sha512,
            "024a14339ad9142ba279d11c27bb647ed3c13936f5f0c44b090175385d9692",
            "3040021e7c5a7a3e8e9d002412e6665c870c8d94ad0b5a3b8c7066a30574061bd361021e746253e435e52d514e68b68633a47483296df5fb188bdb9f82bcce0716ed",
        ),
        (
            "brainpoolP160r1",
            Hash::Sha256,
            "02a79774cc13644024bb5c89a750385f7f8d7e6719",
            "302c021434188fb3171c631b31666ee118ce6111c91ee4cd02141b51766d72058e4a30dd0f2d2c20bcf99d2be220",
        ),
        (
            "brainpoolP256r1",
            Hash::Sha384,
            "024e89cc9fbcbfde8d53a961cc05eb8a22f3c6e453e65bc727bfdcb5e8570c5f0a",
            "30440220423a54308179297af04b5f94f83e52e219b4e899252e911e95fd70948c6be499022079c89215cf7886028b87e36a02e9faece58396f57b9a02071db99568b47e1bb7",
        ),
        (
            "brainpoolP320t1",
            Hash::Sha256,
            "03835bf67eb386572985ab4ea42484f099420bd6f95d4280a83f8549c4128815bf22ac5ff87f99da63",
            "3055022900c37e55a3e4ba8b7c1a3725fcd8bab61e50bcd8cd756f76267c9693e05552d791849741a490961a150228208779b946d32a0f0e61a8f6a69e0b602b1f03bd9771b9df6f18101549e60fc802e76715d96f0e74",
        ),
        (
            "brainpoolP512r1",
            Hash::Sha512,
            "0213c765545d30eff65d6ae9890a5b27539038e9cf13a063428247e33e1fe284ed0aa278c8b1a131ef7d9c2b7cc3455ac2848e10e0e2135153fd102e4047398af2",
            "3081840240287d8f8ac42118487e5fde53f18de74ee4b1e964c3585835fb69f89cdf215740dc217ba17e52008ac6bc59667ad80b00ef3b5bc3dd953fa3b2e4d34ae21b611a024075620e489b169dc417f42b68cb2ecc33214962f4a7ae7f4842c7d513864671323ed8a7aaaee303adb0523dee42cea97e2d519870838f561eb6835049a4eedc8d",
        ),
        (
            "secp521r1",
            Hash::Sha3_256,
            "02013498b7f9d3f1fdfb86c4ae4a683b2137171ddfec8fb0f125918a50e801c7fd92349bd8adf8b188c0d7c2e659effe7cc1168d2d6b8847873cdb74aa8de167acd3f9",
            "308188024201dbf1b2c2b9fef9a33b26ee83cd811731053f3701548e46927ba4876eaeacf4fbef106270d777ba43639e8a8818b0d3bea5013a98eae8b668f96a1237aa97eb2f9502420110c4062cf334d9d491f1fda184aef2905af16fb9bb531b97ab07129f912dec9124930dc0418c4319e3efd8f8b77ccff57ef9386c137372027d02d61bf0ab6665ce",
        ),
    ];

    #[test]
    fn signatures_of_openssl() {
        for &(name, hash, point, signature) in MADE_BY_OPENSSL {
            let (curve, point, mut signature) = (curve(name), unhex(point), unhex(signature));
            let outcome = |message: &[u8], signature: &[u8]| verify(curve, &point, hash, message, signature);
            assert_eq!(outcome(b"csrlint", &signature), Verification::Valid, "{name}");
            assert!(own(curve, &point, hash, b"csrlint", &signature), "{name}");
            assert_eq!(outcome(b"csrlinT", &signature), Verification::Invalid, "{name}");
            *signature.last_mut().expect("not empty") ^= 1;
            assert_eq!(outcome(b"csrlint", &signature), Verification::Invalid, "{name}");
        }
    }

    /// RFC 6979 A.2.3 and A.2.5: P-192 and P-256 with SHA-256, message "sample".
    #[test]
    fn rfc_6979_vectors() {
        let vectors = [
            (
                "P-192",
                "04ac2c77f529f91689fea0ea5efec7f210d8eea0b9e047ed563bc723e57670bd4887ebc732c523063d0a7c957bc97c1c43",
                "4b0b8ce98a92866a2820e20aa6b75b56382e0f9bfd5ecb55",
                "ccdb006926ea9565cbadc840829d8c384e06de1f1e381b85",
            ),
            (
                "P-256",
                "0460fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb67903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299",
                "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716",
                "f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
            ),
        ];
        for (name, point, r, s) in vectors {
            let signature = sequence(&[&integer(&unhex(r)), &integer(&unhex(s))]);
            assert!(own(curve(name), &unhex(point), Hash::Sha256, b"sample", &signature), "{name}");
            assert_eq!(verify(curve(name), &unhex(point), Hash::Sha256, b"sample", &signature), Verification::Valid);
        }
    }

    #[test]
    fn both_arithmetics_agree() {
        let algorithms: [(&str, Hash, &'static EcdsaSigningAlgorithm); 4] = [
            ("P-256", Hash::Sha256, &signature::ECDSA_P256_SHA256_ASN1_SIGNING),
            ("P-384", Hash::Sha384, &signature::ECDSA_P384_SHA384_ASN1_SIGNING),
            ("P-521", Hash::Sha512, &signature::ECDSA_P521_SHA512_ASN1_SIGNING),
            ("secp256k1", Hash::Sha256, &signature::ECDSA_P256K1_SHA256_ASN1_SIGNING),
        ];
        let random = SystemRandom::new();
        for (name, hash, algorithm) in algorithms {
            for round in 0..4u8 {
                let pair = EcdsaKeyPair::generate(algorithm).expect("a key");
                let point = pair.public_key().as_ref();
                let signature = pair.sign(&random, &[round]).expect("a signature");
                for message in [round, round + 1] {
                    let fast = verify(curve(name), point, hash, &[message], signature.as_ref());
                    assert_eq!(fast == Verification::Valid, message == round, "{name}");
                    assert_eq!(
                        own(curve(name), point, hash, &[message], signature.as_ref()),
                        message == round,
                        "{name}"
                    );
                }
            }
        }
    }

    #[test]
    fn any_form_of_the_point() {
        let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let signature = pair.sign(&SystemRandom::new(), b"m").expect("a signature");
        let full = pair.public_key().as_ref();
        let odd = full[64] & 1;
        let forms = [full.to_vec(), [&[6 + odd], &full[1..]].concat(), [&[2 + odd], &full[1..33]].concat()];
        for hash in [Hash::Sha256, Hash::Sha224] {
            for form in &forms {
                let expected = if hash == Hash::Sha256 { Verification::Valid } else { Verification::Invalid };
                assert_eq!(verify(curve("P-256"), form, hash, b"m", signature.as_ref()), expected);
            }
        }
        let broken: [&[u8]; 5] = [&[], &[0], &[4; 65], &full[..64], &[5; 65]];
        for point in broken {
            let outcome = verify(curve("P-256"), point, Hash::Sha256, b"m", signature.as_ref());
            assert!(matches!(outcome, Verification::KeyOutOfRange(_)), "{point:x?}");
        }
    }

    #[test]
    fn signatures_that_no_key_makes() {
        let group = Group::new(curve("P-256")).expect("a prime field");
        let point = unhex(MADE_BY_OPENSSL.iter().find(|row| row.0 == "prime256v1").expect("a row").2);
        let (one, order) = (integer(&[1]), integer(&group.order.to_bytes_be()));
        let (zero, minus_one, padded) = ([2, 1, 0], [2, 1, 0xff], [2, 2, 0, 1]);
        let bad = [
            vec![],
            vec![0x30],
            sequence(&[]),
            sequence(&[&one]),
            sequence(&[&one, &one, &one]),
            sequence(&[&one, &zero]),
            sequence(&[&zero, &one]),
            sequence(&[&one, &order]),
            sequence(&[&order, &one]),
            sequence(&[&one, &minus_one]),
            sequence(&[&one, &padded]),
            [sequence(&[&one, &one]), vec![0]].concat(),
            vec![0xff; 200],
            vec![1; 64],
        ];
        for signature in bad {
            for hash in [Hash::Sha256, Hash::Sha224] {
                let outcome = verify(curve("P-256"), &point, hash, b"m", &signature);
                assert_eq!(outcome, Verification::Invalid, "{signature:x?}");
            }
        }
    }

    #[test]
    fn binary_curves_are_not_judged() {
        let outcome = verify(curve("sect233r1"), &[4; 61], Hash::Sha256, b"m", &[]);
        assert!(matches!(outcome, Verification::Unsupported(_)));
        assert_eq!(cost(curve("sect233r1"), Hash::Sha256), 0);
        assert_eq!(cost(curve("P-256"), Hash::Sha256), 0);
        assert!(cost(curve("P-256"), Hash::Sha224) > 0);
    }

    fn integer(magnitude: &[u8]) -> Vec<u8> {
        let sign: &[u8] = if magnitude[0] & 0x80 != 0 { &[0] } else { &[] };
        [&[2, (sign.len() + magnitude.len()) as u8], sign, magnitude].concat()
    }

    fn sequence(parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&[SEQUENCE, content.len() as u8], &content[..]].concat()
    }
}
