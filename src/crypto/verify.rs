//! What this room is for: the entrance: from the parts of a request to one of four outcomes, and what that will cost.
//! What must not be in it: arithmetic, and judgements about algorithms that verify fine but should not be used.
//! What would surprise: most of it decides when to say nothing; only `Invalid` ever accuses anybody.

use super::algorithm::{PssParameters, SignatureAlgorithm, SignatureFamily, pss_parameters, signature_algorithm};
use super::rsa::{self, Mask, PssScheme};
use super::{Curve, Hash, dsa, ecdsa, edwards, oid, post_quantum, sm2};

/// Outcome of checking a self-signature (RFC 2986 §4.2). Only `Invalid` may ever be called a bad signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verification {
    /// The signature was made over exactly these bytes with the private key of this public key, or the key is one of
    /// those that anybody can sign for: see [`forgeable`].
    Valid,
    /// Key and algorithm are understood, and the signature is wrong.
    Invalid,
    /// Nothing can be said: an algorithm or a combination that is not implemented, parameters that cannot be read, or a
    /// signature about which implementations disagree. The reason is one clause without a full stop.
    Unsupported(String),
    /// The key is broken, or its size is outside what is computed with. The reason is one clause without a full stop.
    KeyOutOfRange(String),
}

/// Public key as found in the SubjectPublicKeyInfo. Integers are big-endian magnitudes as found in the content of the
/// DER INTEGER, possibly with leading zero bytes; a set top bit is read as part of the magnitude.
#[derive(Debug, Clone, Copy)]
pub enum VerifyKey<'a> {
    /// rsaEncryption (RFC 3279 §2.3.1).
    Rsa {
        /// n
        modulus: &'a [u8],
        /// e
        exponent: &'a [u8],
    },
    /// id-RSASSA-PSS (RFC 4055 §3.1).
    RsaPss {
        /// n
        modulus: &'a [u8],
        /// e
        exponent: &'a [u8],
        /// The complete TLV of the AlgorithmIdentifier parameters, if any.
        parameters: Option<&'a [u8]>,
    },
    /// id-ecPublicKey with a named curve (RFC 5480 §2.1.1).
    Ec {
        /// The named curve.
        curve: Curve,
        /// The octets of the BIT STRING: a point in SEC 1 encoding.
        point: &'a [u8],
    },
    /// The octets of the BIT STRING (RFC 8410 §4).
    Ed25519(&'a [u8]),
    /// The octets of the BIT STRING (RFC 8410 §4).
    Ed448(&'a [u8]),
    /// id-dsa (RFC 3279 §2.3.2).
    Dsa {
        /// The complete TLV of the AlgorithmIdentifier parameters, if any.
        parameters: Option<&'a [u8]>,
        /// The octets of the BIT STRING: y as an INTEGER.
        key: &'a [u8],
    },
    /// ML-DSA and SLH-DSA (RFC 9881, RFC 9909): the octets of the BIT STRING.
    PostQuantum {
        /// The name that a reason shall use.
        name: &'a str,
        /// The key.
        key: &'a [u8],
    },
    /// Any other algorithm, by the name that a reason shall use.
    Other(&'a str),
}

/// The parts of a PKCS #10 request that a verification needs.
#[derive(Debug, Clone, Copy)]
pub struct SignatureInput<'a> {
    /// The DER of CertificationRequestInfo, exactly as found.
    pub message: &'a [u8],
    /// OID content octets (without tag and length) of signatureAlgorithm.
    pub algorithm: &'a [u8],
    /// Complete TLV of the parameters of signatureAlgorithm, None when absent.
    pub parameters: Option<&'a [u8]>,
    /// Signature octets: BIT STRING content without the unused-bits octet.
    pub signature: &'a [u8],
    /// The key that the request is about.
    pub key: VerifyKey<'a>,
}

/// Verifies a self-signature. Never panics, whatever the input; takes variable time, as nothing here is secret.
///
/// Parameters of signatureAlgorithm matter for id-RSASSA-PSS only: an absent or a needless NULL elsewhere does not change
/// what was signed, and a rule of its own looks at it.
pub fn verify(input: &SignatureInput<'_>) -> Verification {
    match Job::of(input) {
        Ok(job) => job.run(input.message, input.signature),
        Err(outcome) => outcome,
    }
}

/// Work of [`verify`] in 64-bit limb multiplications where it runs in our own arithmetic, 0 where the fast library is
/// asked first. An upper bound, for a budget per run; a core does between 2^28 and 2^31 of them a second.
///
/// What the fast library refuses may be recomputed: RSA up to 8192 bits with an exponent up to 33 bits, or one Ed25519
/// equation, both a few milliseconds at most. That is not counted.
pub fn cost(input: &SignatureInput<'_>) -> u64 {
    Job::of(input).map_or(0, |job| job.cost())
}

/// Why anybody could have made a valid signature under this key without a private key, if so. One clause.
///
/// Covers RSA with exponent 1 and Edwards points of small order. A modulus that is prime is as bad but costly to
/// recognise, and left to another check.
pub fn forgeable(key: &VerifyKey<'_>) -> Option<&'static str> {
    match *key {
        VerifyKey::Rsa { exponent, .. } | VerifyKey::RsaPss { exponent, .. } => {
            let (last, leading) = exponent.split_last()?;
            let is_one = *last == 1 && leading.iter().all(|&b| b == 0);
            is_one.then_some("with the RSA exponent 1 the padded digest is its own signature")
        }
        VerifyKey::Ed25519(point) => edwards::ed25519_small_order(point)
            .then_some("with an Ed25519 key of small order a fixed signature is valid for many messages"),
        VerifyKey::Ed448(point) => edwards::ed448_small_order(point)
            .then_some("with an Ed448 key of small order a fixed signature is valid for many messages"),
        VerifyKey::Ec { .. } | VerifyKey::Dsa { .. } | VerifyKey::PostQuantum { .. } | VerifyKey::Other(_) => None,
    }
}

/// A verification that can be done, with everything it needs but message and signature.
enum Job<'a> {
    Pkcs1 { key: rsa::PublicKey<'a>, hash: Hash },
    Pss { key: rsa::PublicKey<'a>, scheme: PssScheme },
    Ecdsa { curve: Curve, point: &'a [u8], hash: Hash },
    Ed25519 { key: &'a [u8] },
    Ed448 { key: &'a [u8] },
    Dsa { key: Box<dsa::PublicKey>, hash: Hash },
    Sm2 { curve: Curve, point: &'a [u8] },
    MlDsa { algorithm: &'static SignatureAlgorithm, key: &'a [u8] },
    SlhDsa { algorithm: &'static SignatureAlgorithm, key: &'a [u8] },
}

impl<'a> Job<'a> {
    /// Decides what has to be computed; the error is the outcome when nothing can be.
    fn of(input: &SignatureInput<'a>) -> Result<Self, Verification> {
        let Some(algorithm) = signature_algorithm(input.algorithm) else {
            return Err(Verification::Unsupported(unknown_algorithm(input.algorithm)));
        };
        match (algorithm.family, input.key) {
            (SignatureFamily::Rsa, VerifyKey::Rsa { modulus, exponent }) => {
                Ok(Self::Pkcs1 { hash: implied_hash(algorithm)?, key: rsa_key(modulus, exponent)? })
            }
            (SignatureFamily::RsaPss, VerifyKey::Rsa { modulus, exponent }) => {
                Ok(Self::Pss { scheme: pss_scheme(algorithm, input.parameters)?, key: rsa_key(modulus, exponent)? })
            }
            (SignatureFamily::RsaPss, VerifyKey::RsaPss { modulus, exponent, parameters }) => {
                let scheme = pss_scheme(algorithm, input.parameters)?;
                restrict(scheme, parameters)?;
                Ok(Self::Pss { scheme, key: rsa_key(modulus, exponent)? })
            }
            (SignatureFamily::Ecdsa, VerifyKey::Ec { curve, point }) => {
                Ok(Self::Ecdsa { hash: implied_hash(algorithm)?, curve, point })
            }
            (SignatureFamily::Ed25519, VerifyKey::Ed25519(key)) => Ok(Self::Ed25519 { key }),
            (SignatureFamily::Ed448, VerifyKey::Ed448(key)) => Ok(Self::Ed448 { key }),
            (SignatureFamily::Dsa, VerifyKey::Dsa { parameters, key }) => {
                let hash = implied_hash(algorithm)?;
                Ok(Self::Dsa { key: Box::new(dsa::PublicKey::new(parameters, key)?), hash })
            }
            (SignatureFamily::Sm2, VerifyKey::Ec { curve, point }) if algorithm.hash == Some(Hash::Sm3) => {
                Ok(Self::Sm2 { curve, point })
            }
            (SignatureFamily::MlDsa, VerifyKey::PostQuantum { name, key }) if is_of(name, algorithm) => {
                Ok(Self::MlDsa { algorithm, key })
            }
            (SignatureFamily::SlhDsa, VerifyKey::PostQuantum { name, key }) if is_of(name, algorithm) => {
                Ok(Self::SlhDsa { algorithm, key })
            }
            (_, key) => Err(Verification::Unsupported(why_not(algorithm, &key))),
        }
    }

    fn run(&self, message: &[u8], signature: &[u8]) -> Verification {
        match self {
            Self::Pkcs1 { key, hash } => key.verify_pkcs1(*hash, message, signature),
            Self::Pss { key, scheme } => key.verify_pss(*scheme, message, signature),
            Self::Ecdsa { curve, point, hash } => ecdsa::verify(*curve, point, *hash, message, signature),
            Self::Ed25519 { key } => edwards::verify_ed25519(key, message, signature),
            Self::Ed448 { key } => edwards::verify_ed448(key, message, signature),
            Self::Dsa { key, hash } => key.verify(*hash, message, signature),
            Self::Sm2 { curve, point } => sm2::verify(*curve, point, message, signature),
            Self::MlDsa { algorithm, key } => post_quantum::verify_ml_dsa(algorithm, key, message, signature),
            Self::SlhDsa { algorithm, key } => post_quantum::verify_slh_dsa(algorithm, key, message, signature),
        }
    }

    fn cost(&self) -> u64 {
        match self {
            Self::Pkcs1 { key, hash } => key.pkcs1_cost(*hash),
            Self::Pss { key, scheme } => key.pss_cost(*scheme),
            Self::Ecdsa { curve, hash, .. } => ecdsa::cost(*curve, *hash),
            Self::Ed448 { .. } => edwards::ed448_cost(),
            Self::Dsa { key, .. } => key.cost(),
            Self::Sm2 { curve, .. } => sm2::cost(*curve),
            // A verification of SLH-DSA takes half a millisecond to two.
            Self::SlhDsa { .. } => 1 << 19,
            Self::Ed25519 { .. } | Self::MlDsa { .. } => 0,
        }
    }
}

/// Whether the key, by the name of its OID (`id-ml-dsa-65`), is of the algorithm (`ML-DSA-65`): one OID names both.
fn is_of(key: &str, algorithm: &SignatureAlgorithm) -> bool {
    key.strip_prefix("id-").is_some_and(|name| {
        let hashed = name.strip_prefix("hash-").unwrap_or(name);
        let named = algorithm.name.strip_prefix("Hash").unwrap_or(algorithm.name);
        super::same_name(hashed, named) && (hashed.len() == name.len()) == (named.len() == algorithm.name.len())
    })
}

fn rsa_key<'a>(modulus: &'a [u8], exponent: &'a [u8]) -> Result<rsa::PublicKey<'a>, Verification> {
    rsa::PublicKey::new(modulus, exponent).map_err(Verification::KeyOutOfRange)
}

/// The digest that the algorithm implies, if it can be computed.
fn implied_hash(algorithm: &SignatureAlgorithm) -> Result<Hash, Verification> {
    algorithm.hash.filter(|hash| hash.is_computable()).ok_or_else(|| {
        let name = algorithm.name;
        Verification::Unsupported(match algorithm.hash {
            Some(hash) => format!("{name} needs {}, which is not implemented", hash.name()),
            None => format!("{name} needs a digest that is not implemented"),
        })
    })
}

/// The encoding that an algorithm identifier of the RSASSA-PSS family asks for.
fn pss_scheme(algorithm: &SignatureAlgorithm, parameters: Option<&[u8]>) -> Result<PssScheme, Verification> {
    // RFC 8692: no parameters; the XOF is its own mask, and salt is as long as the digest.
    let shake = |hash: Hash, mask| PssScheme { hash, mask, salt_length: hash.output_len() as u32 };
    match algorithm.hash {
        Some(hash @ Hash::Shake128) => return Ok(shake(hash, Mask::Shake128)),
        Some(hash @ Hash::Shake256) => return Ok(shake(hash, Mask::Shake256)),
        _ => {}
    }
    let PssParameters { hash, mgf_hash, salt_length, trailer, .. } =
        pss_parameters(parameters).map_err(Verification::Unsupported)?;
    if trailer != 1 {
        return Err(Verification::Unsupported(format!("trailer field {trailer} of RSASSA-PSS is not defined")));
    }
    if let Some(missing) = [hash, mgf_hash].into_iter().find(|hash| !hash.is_computable()) {
        return Err(Verification::Unsupported(format!("RSASSA-PSS with {}, which is not implemented", missing.name())));
    }
    Ok(PssScheme { hash, mask: Mask::Mgf1(mgf_hash), salt_length })
}

/// Holds a signature to the parameters of an id-RSASSA-PSS key (RFC 4055 §3.3): same digests, at least as much salt.
///
/// A conflict is a fault of the request, but not of its signature, which may well be right; so it is not `Invalid`.
fn restrict(scheme: PssScheme, key_parameters: Option<&[u8]>) -> Result<(), Verification> {
    // Absent in the key means unrestricted, not the defaults (§3.1).
    let Some(tlv) = key_parameters else {
        return Ok(());
    };
    let allowed = pss_parameters(Some(tlv)).map_err(Verification::Unsupported)?;
    let conflict = if scheme.hash != allowed.hash {
        "digest"
    } else if scheme.mask != Mask::Mgf1(allowed.mgf_hash) {
        "mask generation function"
    } else if scheme.salt_length < allowed.salt_length {
        "salt length"
    } else {
        return Ok(());
    };
    Err(Verification::Unsupported(format!(
        "the RSASSA-PSS parameters of the key do not allow the {conflict} of the signature"
    )))
}

/// Why an algorithm that has a name is not verified under this key.
fn why_not(algorithm: &SignatureAlgorithm, key: &VerifyKey<'_>) -> String {
    let name = algorithm.name;
    match algorithm.family {
        SignatureFamily::Rsa
        | SignatureFamily::RsaPss
        | SignatureFamily::Ecdsa
        | SignatureFamily::Ed25519
        | SignatureFamily::Ed448
        | SignatureFamily::Dsa
        | SignatureFamily::MlDsa
        | SignatureFamily::SlhDsa => {
            format!("signature algorithm {name} does not fit {}", described(key))
        }
        SignatureFamily::Unsigned => format!("{name} stands for no signature at all"),
        SignatureFamily::DhPop => format!("{name} is a MAC that only the CA can check"),
        _ => format!("verification of {name} is not implemented"),
    }
}

fn described(key: &VerifyKey<'_>) -> String {
    match key {
        VerifyKey::Rsa { .. } => "an RSA key".into(),
        VerifyKey::RsaPss { .. } => "an RSASSA-PSS key".into(),
        VerifyKey::Ec { curve, .. } => format!("a {} key", curve.name()),
        VerifyKey::Ed25519(_) => "an Ed25519 key".into(),
        VerifyKey::Ed448(_) => "an Ed448 key".into(),
        VerifyKey::Dsa { .. } => "a DSA key".into(),
        VerifyKey::PostQuantum { name, .. } => format!("a key of type {name}"),
        VerifyKey::Other(name) => format!("a key of type {name}"),
    }
}

/// Trees of identifiers under which algorithms were tried out before they had a standard.
const EXPERIMENTS: [(&str, &str); 4] = [
    ("1.3.9999.", "Open Quantum Safe"),
    ("1.3.6.1.4.1.2.267.", "CRYSTALS-Dilithium before FIPS 204"),
    ("1.3.6.1.4.1.18227.", "OpenCA"),
    ("2.16.840.1.114027.80.", "Entrust"),
];

fn unknown_algorithm(content: &[u8]) -> String {
    let Some(dotted) = oid::dotted(content) else {
        return format!("unknown signature algorithm: its OID of {} octets cannot be read", content.len());
    };
    match EXPERIMENTS.iter().find(|(tree, _)| dotted.starts_with(tree)) {
        Some((_, owner)) => format!("pre-standard signature algorithm {dotted} ({owner})"),
        None => format!("unknown signature algorithm {dotted}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair};

    const SHA256_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11];
    const MD4_RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 3];
    const PSS: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 10];
    const PSS_SHAKE256: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 6, 31];
    const ECDSA_SHA256: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2];
    const ECDSA_SHA1: &[u8] = &[0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 1];
    const ED25519: &[u8] = &[0x2b, 0x65, 0x70];
    const ED448: &[u8] = &[0x2b, 0x65, 0x71];
    const ML_DSA_65: &[u8] = &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, 18];
    const NO_SIGNATURE: &[u8] = &[0x2b, 6, 1, 5, 5, 7, 6, 2];
    const DILITHIUM: &[u8] = &[0x2b, 6, 1, 4, 1, 2, 0x82, 0x0b, 7, 6, 5];
    const ALGORITHMS: [&[u8]; 11] = [
        SHA256_RSA,
        MD4_RSA,
        PSS,
        PSS_SHAKE256,
        ECDSA_SHA256,
        ECDSA_SHA1,
        ED25519,
        ED448,
        ML_DSA_65,
        NO_SIGNATURE,
        DILITHIUM,
    ];

    fn input<'a>(algorithm: &'a [u8], key: VerifyKey<'a>, signature: &'a [u8]) -> SignatureInput<'a> {
        SignatureInput { message: b"message", algorithm, parameters: None, signature, key }
    }

    fn reason(algorithm: &[u8], key: VerifyKey<'_>) -> String {
        match verify(&input(algorithm, key, &[0; 64])) {
            Verification::Unsupported(why) => why,
            other => panic!("{other:?}"),
        }
    }

    fn p256() -> Curve {
        Curve::from_name("P-256").expect("known")
    }

    #[test]
    fn each_scheme_is_reached() {
        let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).expect("a key");
        let signature = pair.sign(b"message");
        let key = VerifyKey::Ed25519(pair.public_key().as_ref());
        assert_eq!(verify(&input(ED25519, key, signature.as_ref())), Verification::Valid);

        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).expect("a key");
        let signature = pair.sign(&SystemRandom::new(), b"message").expect("a signature");
        let key = VerifyKey::Ec { curve: p256(), point: pair.public_key().as_ref() };
        assert_eq!(verify(&input(ECDSA_SHA256, key, signature.as_ref())), Verification::Valid);
        assert_eq!(verify(&input(ECDSA_SHA1, key, signature.as_ref())), Verification::Invalid);

        let modulus = [0xff; 256];
        let key = VerifyKey::Rsa { modulus: &modulus, exponent: &[1, 0, 1] };
        for algorithm in [SHA256_RSA, PSS, PSS_SHAKE256] {
            assert_eq!(verify(&input(algorithm, key, &[1; 256])), Verification::Invalid);
        }
    }

    #[test]
    fn reasons_name_the_algorithm() {
        let ed25519 = VerifyKey::Ed25519(&[1; 32]);
        let rsa = VerifyKey::Rsa { modulus: &[0xff; 128], exponent: &[3] };
        assert_eq!(
            reason(SHA256_RSA, ed25519),
            "signature algorithm sha256WithRSAEncryption does not fit an Ed25519 key"
        );
        let ec = VerifyKey::Ec { curve: p256(), point: &[] };
        assert_eq!(reason(ED25519, ec), "signature algorithm Ed25519 does not fit a P-256 key");
        assert_eq!(
            reason(ECDSA_SHA256, VerifyKey::Other("X25519")),
            "signature algorithm ecdsa-with-SHA256 does not fit a key of type X25519"
        );
        let pss = VerifyKey::RsaPss { modulus: &[0xff; 128], exponent: &[3], parameters: None };
        assert_eq!(
            reason(SHA256_RSA, pss),
            "signature algorithm sha256WithRSAEncryption does not fit an RSASSA-PSS key"
        );
        assert_eq!(reason(MD4_RSA, rsa), "md4WithRSAEncryption needs md4, which is not implemented");
        let ml_dsa_44 = VerifyKey::PostQuantum { name: "id-ml-dsa-44", key: &[0; 1312] };
        assert_eq!(
            reason(ML_DSA_65, ml_dsa_44),
            "signature algorithm ML-DSA-65 does not fit a key of type id-ml-dsa-44"
        );
        assert_eq!(reason(NO_SIGNATURE, rsa), "id-alg-noSignature stands for no signature at all");
        assert!(
            reason(DILITHIUM, VerifyKey::Other("x"))
                .starts_with("pre-standard signature algorithm 1.3.6.1.4.1.2.267.7.6.5")
        );
        assert_eq!(reason(&[0x2a, 3], rsa), "unknown signature algorithm 1.2.3");
        assert_eq!(reason(&[], rsa), "unknown signature algorithm: its OID of 0 octets cannot be read");
    }

    #[test]
    fn names_of_post_quantum_keys_and_signatures() {
        let of = |number: u8| signature_algorithm(&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 3, number]).expect("known");
        assert!(is_of("id-ml-dsa-65", of(18)));
        assert!(!is_of("id-ml-dsa-44", of(18)));
        assert!(!is_of("id-hash-ml-dsa-65-with-sha512", of(18)));
        assert!(is_of("id-hash-slh-dsa-shake-128f-with-shake128", of(42)));
        assert!(!is_of("id-slh-dsa-shake-128f", of(42)));
    }

    #[test]
    fn parameters_of_a_pss_key_restrict() {
        let sha256_salt_20 = [0x30, 0x11, 0xa0, 0x0f, 0x30, 0x0d, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];
        let key = |parameters| VerifyKey::RsaPss { modulus: &[0xff; 256], exponent: &[1, 0, 1], parameters };
        let outcome = |key_parameters, parameters| {
            verify(&SignatureInput { parameters, ..input(PSS, key(key_parameters), &[1; 256]) })
        };
        let sha256 = Some(&sha256_salt_20[..]);
        assert_eq!(outcome(None, sha256), Verification::Invalid, "computed, and wrong");
        assert_eq!(outcome(sha256, sha256), Verification::Invalid, "computed, and wrong");
        assert!(matches!(outcome(sha256, None), Verification::Unsupported(why) if why.contains("digest")));
        let more_salt = [0x30, 5, 0xa2, 3, 2, 1, 21];
        assert!(matches!(outcome(Some(&more_salt), None), Verification::Unsupported(why) if why.contains("salt")));
        assert_eq!(outcome(None, Some(&more_salt)), Verification::Invalid, "computed, and wrong");
        assert!(matches!(outcome(Some(&[5, 0]), None), Verification::Unsupported(_)));
        assert!(matches!(outcome(None, Some(&[5, 0])), Verification::Unsupported(_)));
        let trailer_2 = [0x30, 5, 0xa3, 3, 2, 1, 2];
        assert!(matches!(outcome(None, Some(&trailer_2)), Verification::Unsupported(why) if why.contains("trailer")));
        let endless_salt = [0x30, 8, 0xa2, 6, 2, 4, 0x7f, 0xff, 0xff, 0xff];
        assert_eq!(outcome(None, Some(&endless_salt)), Verification::Invalid, "no modulus is that long");
    }

    #[test]
    fn forgeable_keys() {
        let rsa = |exponent| VerifyKey::Rsa { modulus: &[0xff; 128], exponent };
        assert!(forgeable(&rsa(&[1])).is_some());
        assert!(forgeable(&rsa(&[0, 0, 1])).is_some());
        for exponent in [&[][..], &[0], &[3], &[1, 0], &[1, 0, 1], &[1, 1]] {
            assert_eq!(forgeable(&rsa(exponent)), None, "{exponent:?}");
        }
        assert!(forgeable(&VerifyKey::Ed25519(&[0; 32])).is_some());
        assert_eq!(forgeable(&VerifyKey::Ed25519(&[])), None);
        assert_eq!(forgeable(&VerifyKey::Ed25519(&[0x66; 32])), None);
        assert_eq!(forgeable(&VerifyKey::Other("x")), None);
    }

    #[test]
    fn cost_is_counted_where_our_arithmetic_runs() {
        let modulus = [0xff; 2048];
        let cost_of = |algorithm, key| cost(&input(algorithm, key, &[]));
        let rsa = |modulus, exponent| VerifyKey::Rsa { modulus, exponent };
        assert_eq!(cost_of(SHA256_RSA, rsa(&modulus[..256], &[1, 0, 1])), 0);
        assert!(cost_of(SHA256_RSA, rsa(&modulus, &[1, 0, 1])) > 0);
        assert!(cost_of(PSS, rsa(&modulus[..256], &[1, 0, 1])) > 0);
        assert_eq!(cost_of(SHA256_RSA, rsa(&[], &[])), 0);
        assert_eq!(cost_of(ECDSA_SHA256, VerifyKey::Ec { curve: p256(), point: &[] }), 0);
        assert_eq!(cost_of(ED25519, VerifyKey::Ed25519(&[])), 0);
    }

    /// Random and degenerate parts in every combination: an outcome, never a panic, and never `Valid`.
    #[test]
    fn hostile_inputs() {
        let mut random = Random(1);
        for round in 0..400 {
            let mut part = || random.octets(round);
            let (a, b, c, d, e) = (part(), part(), part(), part(), part());
            let curve = Curve::from_name(["P-256", "P-192", "secp112r1", "SM2", "K-163"][round % 5]).expect("known");
            let keys = [
                VerifyKey::Rsa { modulus: &a, exponent: &b },
                VerifyKey::RsaPss { modulus: &a, exponent: &b, parameters: Some(&c) },
                VerifyKey::Ec { curve, point: &a },
                VerifyKey::Ed25519(&a),
                VerifyKey::Ed448(&a),
                VerifyKey::Dsa { parameters: Some(&a), key: &b },
                VerifyKey::PostQuantum { name: "id-ml-dsa-65", key: &a },
                VerifyKey::Other("anything"),
            ];
            for key in keys {
                for algorithm in ALGORITHMS.into_iter().chain([&b[..]]) {
                    let input = SignatureInput { message: &d, algorithm, parameters: Some(&c), signature: &e, key };
                    assert_ne!(verify(&input), Verification::Valid);
                    cost(&input);
                    forgeable(&key);
                }
            }
        }
    }

    /// xorshift64 (Marsaglia 2003): repeatable.
    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 ^= self.0 << 13;
            self.0 ^= self.0 >> 7;
            self.0 ^= self.0 << 17;
            self.0
        }

        /// Lengths around those that matter; runs of 00 and ff as well as noise.
        fn octets(&mut self, round: usize) -> Vec<u8> {
            let lengths = [0, 1, 2, 9, 24, 31, 32, 33, 49, 57, 64, 65, 66, 97, 128, 129];
            let length = lengths[self.next() as usize % lengths.len()];
            let fill = match (self.next() as usize + round) % 4 {
                0 => Some(0),
                1 => Some(0xff),
                _ => None,
            };
            (0..length).map(|_| fill.unwrap_or_else(|| self.next() as u8)).collect()
        }
    }
}
