//! What this room is for: verifying ML-DSA (FIPS 204) and SLH-DSA (FIPS 205), and whether an ML-KEM key is one (FIPS 203).
//! What must not be in it: composites, whose parts are keys of their own, and stateful hash-based signatures.
//! What would surprise: aws-lc-rs has ML-DSA, and SLH-DSA comes from the crate fips205; X.509 uses both with an empty context.

use super::Verification;
use super::algorithm::SignatureAlgorithm;
use super::oid;
use aws_lc_rs::signature::{ML_DSA_44, ML_DSA_65, ML_DSA_87, UnparsedPublicKey};
use fips205::traits::{SerDes, Verifier};

/// Verifies an ML-DSA signature (RFC 9881 §3: pure, empty context). Lengths are those of the parameter set, or nothing is right.
pub(super) fn verify_ml_dsa(
    algorithm: &SignatureAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Verification {
    let (set, length) = match algorithm.name {
        "ML-DSA-44" => (&ML_DSA_44, 1312),
        "ML-DSA-65" => (&ML_DSA_65, 1952),
        "ML-DSA-87" => (&ML_DSA_87, 2592),
        name => {
            return Verification::Unsupported(format!(
                "{name} must not be used in X.509 (RFC 9881), so it is not verified"
            ));
        }
    };
    if key.len() != length {
        return Verification::KeyOutOfRange(format!(
            "an {} key has {length} octets, not {}",
            algorithm.name,
            key.len()
        ));
    }
    match UnparsedPublicKey::new(set, key).verify(message, signature) {
        Ok(()) => Verification::Valid,
        Err(_) => Verification::Invalid,
    }
}

/// Verifies an SLH-DSA or HashSLH-DSA signature (RFC 9909 §4: empty context).
pub(super) fn verify_slh_dsa(
    algorithm: &SignatureAlgorithm,
    key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Verification {
    macro_rules! verify_with {
        ($($number:literal $hashed:literal $set:ident;)*) => {
            match algorithm.oid.rsplit('.').next() {
                $(Some($number | $hashed) => {
                    let Ok(octets) = key.try_into() else {
                        let length = fips205::$set::PK_LEN;
                        return Verification::KeyOutOfRange(format!("an {} key has {length} octets, not {}", algorithm.name, key.len()));
                    };
                    let (Ok(key), Ok(signature)) = (fips205::$set::PublicKey::try_from_bytes(octets), signature.try_into()) else {
                        return Verification::Invalid;
                    };
                    match algorithm.hash {
                        None => key.verify(message, signature, &[]),
                        Some(hash) => {
                            let identifier = [&[super::der::OBJECT_IDENTIFIER, hash.oid().len() as u8], hash.oid()].concat();
                            hash.digest(message).is_some_and(|digest| key.hash_verify(&digest, signature, &[], &identifier))
                        }
                    }
                })*
                _ => return Verification::Unsupported(format!("{} is no parameter set of FIPS 205", algorithm.name)),
            }
        };
    }
    let valid = verify_with! {
        "20" "35" slh_dsa_sha2_128s;
        "21" "36" slh_dsa_sha2_128f;
        "22" "37" slh_dsa_sha2_192s;
        "23" "38" slh_dsa_sha2_192f;
        "24" "39" slh_dsa_sha2_256s;
        "25" "40" slh_dsa_sha2_256f;
        "26" "41" slh_dsa_shake_128s;
        "27" "42" slh_dsa_shake_128f;
        "28" "43" slh_dsa_shake_192s;
        "29" "44" slh_dsa_shake_192f;
        "30" "45" slh_dsa_shake_256s;
        "31" "46" slh_dsa_shake_256f;
    };
    if valid { Verification::Valid } else { Verification::Invalid }
}

/// Octets of a signature of ML-DSA (FIPS 204 table 2) or SLH-DSA (FIPS 205 table 2), whichever variant; `None` for other algorithms.
pub fn post_quantum_signature_length(algorithm: &[u8]) -> Option<usize> {
    let set = |number: u32, first: u32, last: u32| (first..=last).contains(&number).then(|| (number - first) as usize);
    let dotted = oid::dotted(algorithm)?;
    let number: u32 = dotted.strip_prefix("2.16.840.1.101.3.4.3.")?.parse().ok()?;
    let ml_dsa = set(number, 17, 19).or_else(|| set(number, 32, 34));
    let slh_dsa = set(number, 20, 31).or_else(|| set(number, 35, 46));
    match (ml_dsa, slh_dsa) {
        (Some(set), _) => [2420, 3309, 4627].get(set).copied(),
        (_, Some(set)) => [7856, 17088, 16224, 35664, 29792, 49856].get(set % 6).copied(),
        _ => None,
    }
}

/// The first coefficient of an ML-KEM encapsulation key that is not below q = 3329, by number: the modulus check of FIPS 203 §7.2.
/// Coefficients are packed in 12 bits each, little-endian; 32 octets of seed follow them.
pub fn ml_kem_coefficient_out_of_range(key: &[u8]) -> Option<usize> {
    const Q: u16 = 3329;
    let coefficients = key.get(..key.len().checked_sub(32)?)?;
    coefficients.chunks_exact(3).enumerate().find_map(|(triple, octets)| {
        let [a, b, c] = <[u8; 3]>::try_from(octets).ok()?.map(u16::from);
        let pair = [a | (b & 0x0F) << 8, b >> 4 | c << 4];
        pair.iter().position(|coefficient| *coefficient >= Q).map(|second| 2 * triple + second)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::signature_algorithm;
    use aws_lc_rs::signature::{KeyPair, ML_DSA_44_SIGNING, ML_DSA_65_SIGNING, ML_DSA_87_SIGNING, PqdsaKeyPair};
    use fips205::traits::{KeyGen, Signer};

    /// Deterministic signing asks for none.
    struct NoRandom;

    impl fips205::RngCore for NoRandom {
        fn next_u32(&mut self) -> u32 {
            0
        }

        fn next_u64(&mut self) -> u64 {
            0
        }

        fn fill_bytes(&mut self, octets: &mut [u8]) {
            octets.fill(0);
        }

        fn try_fill_bytes(&mut self, octets: &mut [u8]) -> Result<(), fips205::RngError> {
            octets.fill(0);
            Ok(())
        }
    }

    impl fips205::CryptoRng for NoRandom {}

    fn algorithm(number: u32) -> &'static SignatureAlgorithm {
        let content = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, u8::try_from(number).expect("small")];
        signature_algorithm(&content).expect("known")
    }

    #[test]
    fn ml_dsa() {
        for (signing, number) in [(&ML_DSA_44_SIGNING, 17), (&ML_DSA_65_SIGNING, 18), (&ML_DSA_87_SIGNING, 19)] {
            let pair = PqdsaKeyPair::generate(signing).expect("a key");
            let mut signature = vec![0; signing.signature_len()];
            pair.sign(b"message", &mut signature).expect("a signature");
            let key = pair.public_key().as_ref();
            let algorithm = algorithm(number);
            assert_eq!(verify_ml_dsa(algorithm, key, b"message", &signature), Verification::Valid);
            assert_eq!(verify_ml_dsa(algorithm, key, b"massage", &signature), Verification::Invalid);
            assert_eq!(verify_ml_dsa(algorithm, key, b"message", &signature[1..]), Verification::Invalid);
            assert!(matches!(
                verify_ml_dsa(algorithm, &key[1..], b"message", &signature),
                Verification::KeyOutOfRange(_)
            ));
            let oid = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, number as u8];
            assert_eq!(post_quantum_signature_length(&oid), Some(signature.len()));
        }
    }

    #[test]
    fn slh_dsa_pure_and_hashed() {
        use fips205::slh_dsa_shake_128f as set;
        let (public, private) = set::KG::keygen_from_seed(&[1; 16], &[2; 16], &[3; 16]);
        let key = public.into_bytes();
        let signature = private.try_sign_with_rng(&mut NoRandom, b"message", &[], false).expect("a signature");
        assert_eq!(verify_slh_dsa(algorithm(27), &key, b"message", &signature), Verification::Valid);
        assert_eq!(verify_slh_dsa(algorithm(27), &key, b"massage", &signature), Verification::Invalid);
        assert_eq!(verify_slh_dsa(algorithm(42), &key, b"message", &signature), Verification::Invalid);
        assert!(matches!(
            verify_slh_dsa(algorithm(27), &key[1..], b"message", &signature),
            Verification::KeyOutOfRange(_)
        ));
        assert_eq!(verify_slh_dsa(algorithm(27), &key, b"message", &signature[1..]), Verification::Invalid);
        let oid = [0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 27];
        assert_eq!(post_quantum_signature_length(&oid), Some(signature.len()));
    }

    #[test]
    fn ml_kem_coefficients() {
        let mut key = vec![0; 800];
        assert_eq!(ml_kem_coefficient_out_of_range(&key), None);
        // 3328 = 0xD00, the largest that is allowed, twice.
        key[..3].copy_from_slice(&[0x00, 0x0D, 0xD0]);
        assert_eq!(ml_kem_coefficient_out_of_range(&key), None);
        key[..3].copy_from_slice(&[0x00, 0x1D, 0xD0]);
        assert_eq!(ml_kem_coefficient_out_of_range(&key), Some(1));
        key[..3].copy_from_slice(&[0x01, 0x0D, 0xD0]);
        assert_eq!(ml_kem_coefficient_out_of_range(&key), Some(0));
        key[..3].fill(0);
        // The seed may be anything.
        key[768..].fill(0xFF);
        assert_eq!(ml_kem_coefficient_out_of_range(&key), None);
        key[765..768].fill(0xFF);
        assert_eq!(ml_kem_coefficient_out_of_range(&key), Some(510));
    }
}
