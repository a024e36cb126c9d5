//! Keys of the forge, each made once per process and shared.
//! What aws-lc-rs can generate comes from there; everything else is plain arithmetic and always the same.
//! A key gives its SubjectPublicKeyInfo and signs; what it signs with is up to the caller.

use std::collections::BTreeMap;
use std::sync::{Mutex, OnceLock};

use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{self, EcdsaKeyPair, Ed25519KeyPair, KeyPair, PqdsaKeyPair, RsaKeyPair};
use num_bigint::BigUint;

use super::der::{algorithm, null, oid, seq, spki, uint};
use super::ec::Ec;
use super::rsa::{Rsa, Xorshift, prime};
use super::sign::{Hash, Sig, emsa_pkcs1, emsa_pss};

/// rsaEncryption.
pub const RSA_ENCRYPTION: &str = "1.2.840.113549.1.1.1";
/// id-ecPublicKey.
pub const EC_PUBLIC_KEY: &str = "1.2.840.10045.2.1";

/// A key pair.
#[derive(Debug)]
pub struct Key {
    /// The SubjectPublicKeyInfo.
    pub spki: Vec<u8>,
    /// The public key in it.
    pub raw: Vec<u8>,
    /// The private key as PKCS#8, for keys of aws-lc-rs.
    pub pkcs8: Option<Vec<u8>>,
    private: Private,
}

#[derive(Debug)]
enum Private {
    AwsRsa(Box<RsaKeyPair>, Rsa),
    Rsa(Rsa),
    AwsEc(EcdsaKeyPair),
    Ec(Ec),
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl Key {
    /// Signs a message; panics where key and algorithm do not go together.
    pub fn sign(&self, sig: &Sig, message: &[u8]) -> Vec<u8> {
        match (&self.private, sig) {
            (_, Sig::Fixed(_, value)) => value.clone(),
            (Private::AwsRsa(pair, _), Sig::Pkcs1(Hash::Sha256)) => {
                let mut out = vec![0; pair.public_modulus_len()];
                pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut out)
                    .expect("an RSA signature");
                out
            }
            (Private::AwsRsa(_, rsa) | Private::Rsa(rsa), Sig::Pkcs1(hash)) => {
                rsa.private(&emsa_pkcs1(*hash, message, rsa.size()))
            }
            (Private::AwsRsa(_, rsa) | Private::Rsa(rsa), Sig::Pss { hash, mgf, salt }) => {
                rsa.private(&emsa_pss(*hash, *mgf, *salt, message, rsa.n.bits()))
            }
            (Private::AwsEc(pair), Sig::Ecdsa(Hash::Sha256)) => {
                pair.sign(&SystemRandom::new(), message).expect("an ECDSA signature").as_ref().to_vec()
            }
            (Private::Ec(ec), Sig::Ecdsa(hash)) => ec.sign(*hash, message),
            (Private::Ed25519(pair), Sig::Ed25519) => pair.sign(message).as_ref().to_vec(),
            (Private::MlDsa(pair), Sig::MlDsa(_)) => {
                let mut out = vec![0; pair.algorithm().signature_len()];
                let len = pair.sign(message, &mut out).expect("an ML-DSA signature");
                out.truncate(len);
                out
            }
            (private, sig) => panic!("{private:?} cannot sign with {sig:?}"),
        }
    }

    /// The signature algorithm that goes without saying for this key.
    pub fn usual(&self) -> Sig {
        match &self.private {
            Private::AwsRsa(..) | Private::Rsa(_) => Sig::Pkcs1(Hash::Sha256),
            Private::Ec(ec) if ec.curve.name == "P-384" => Sig::Ecdsa(Hash::Sha384),
            Private::Ec(ec) if ec.curve.name == "P-521" => Sig::Ecdsa(Hash::Sha512),
            Private::AwsEc(_) | Private::Ec(_) => Sig::Ecdsa(Hash::Sha256),
            Private::Ed25519(_) => Sig::Ed25519,
            Private::MlDsa(_) => Sig::MlDsa(match self.raw.len() {
                1312 => 17,
                1952 => 18,
                _ => 19,
            }),
        }
    }

    /// The numbers of an RSA key.
    pub fn rsa(&self) -> &Rsa {
        match &self.private {
            Private::AwsRsa(_, rsa) | Private::Rsa(rsa) => rsa,
            _ => panic!("no RSA key"),
        }
    }

    /// The numbers of an EC key that was not made by aws-lc-rs.
    pub fn ec(&self) -> &Ec {
        match &self.private {
            Private::Ec(ec) => ec,
            _ => panic!("no EC key of the forge's own"),
        }
    }

    fn of_rsa(rsa: Rsa) -> Self {
        let raw = rsa_public(&rsa.n, &rsa.e);
        Self { spki: spki(&algorithm(RSA_ENCRYPTION, &null()), &raw), raw, pkcs8: None, private: Private::Rsa(rsa) }
    }
}

/// RSAPublicKey.
pub fn rsa_public(n: &BigUint, e: &BigUint) -> Vec<u8> {
    seq(&[&uint(n), &uint(e)])
}

fn cached(id: &str, make: impl FnOnce() -> Key) -> &'static Key {
    static KEYS: OnceLock<Mutex<BTreeMap<String, &'static Key>>> = OnceLock::new();
    let mut keys = KEYS.get_or_init(Mutex::default).lock().expect("no panic while a key is made");
    keys.entry(id.to_owned()).or_insert_with(|| Box::leak(Box::new(make())))
}

/// RSA-2048 with e = 65537, of aws-lc-rs.
pub fn rsa2048() -> &'static Key {
    cached("rsa2048", aws_rsa2048)
}

fn aws_rsa2048() -> Key {
    let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("an RSA key");
    let pkcs8: Vec<u8> = AsDer::<Pkcs8V1Der<'_>>::as_der(&pair).expect("PKCS#8").as_ref().to_vec();
    // PrivateKeyInfo { version, algorithm, OCTET STRING { RSAPrivateKey { version, n, e, d, p, q, ... } } }
    let inner = items(items(&pkcs8)[0]);
    let numbers: Vec<BigUint> = items(items(inner[2])[0]).into_iter().map(BigUint::from_bytes_be).collect();
    let rsa = Rsa::from_primes(&numbers[4..6], numbers[2].clone());
    Key { pkcs8: Some(pkcs8), private: Private::AwsRsa(Box::new(pair), rsa.clone()), ..Key::of_rsa(rsa) }
}

fn leaked(key: Key) -> &'static Key {
    Box::leak(Box::new(key))
}

/// Another RSA-2048 each time.
pub fn fresh_rsa2048() -> &'static Key {
    leaked(aws_rsa2048())
}

/// Another P-256 each time.
pub fn fresh_p256() -> &'static Key {
    leaked(aws_p256())
}

/// Ed25519, the same for one number.
pub fn fresh_ed25519(number: u64) -> &'static Key {
    leaked(ed25519_of(&number.to_be_bytes()))
}

/// Another ML-DSA each time.
pub fn fresh_ml_dsa(parameter_set: u8) -> &'static Key {
    leaked(aws_ml_dsa(parameter_set))
}

/// On any curve of the table, the same for one number.
pub fn fresh_ec(curve: &str, number: u64) -> &'static Key {
    leaked(of_ec(Ec::from_seed(curve, &number.to_be_bytes())))
}

/// RSA with e = 65537 of these primes.
pub fn rsa_from_primes(primes: &[BigUint]) -> &'static Key {
    leaked(Key::of_rsa(Rsa::from_primes(primes, BigUint::from(65537u32))))
}

/// The contents of the elements in a piece of sound DER.
fn items(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while bytes.len() > 1 {
        let (header, len) = match bytes[1] {
            short @ 0..0x80 => (2, usize::from(short)),
            long => {
                let digits = usize::from(long & 0x7F);
                (2 + digits, bytes[2..2 + digits].iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte)))
            }
        };
        out.push(&bytes[header..header + len]);
        bytes = &bytes[header + len..];
    }
    out
}

/// P-256, of aws-lc-rs.
pub fn p256() -> &'static Key {
    cached("p256", aws_p256)
}

fn aws_p256() -> Key {
    let pair = EcdsaKeyPair::generate(&signature::ECDSA_P256_SHA256_ASN1_SIGNING).expect("an EC key");
    let raw = pair.public_key().as_ref().to_vec();
    let pkcs8 = Some(pair.to_pkcs8v1().expect("PKCS#8").as_ref().to_vec());
    Key { spki: ec_spki("1.2.840.10045.3.1.7", &raw), raw, pkcs8, private: Private::AwsEc(pair) }
}

/// The SubjectPublicKeyInfo of an EC point on a named curve.
pub fn ec_spki(curve: &str, point: &[u8]) -> Vec<u8> {
    spki(&algorithm(EC_PUBLIC_KEY, &oid(curve)), point)
}

/// Ed25519, from a fixed seed.
pub fn ed25519() -> &'static Key {
    cached("ed25519", || ed25519_of(b"csrlint forge"))
}

fn ed25519_of(seed: &[u8]) -> Key {
    let pair = Ed25519KeyPair::from_seed_unchecked(&Hash::Sha256.digest(seed)).expect("an Ed25519 key");
    let raw = pair.public_key().as_ref().to_vec();
    Key { spki: spki(&algorithm("1.3.101.112", &[]), &raw), raw, pkcs8: None, private: Private::Ed25519(pair) }
}

/// ML-DSA-44, -65 or -87.
pub fn ml_dsa(parameter_set: u8) -> &'static Key {
    cached(&format!("ml-dsa-{parameter_set}"), || aws_ml_dsa(parameter_set))
}

fn aws_ml_dsa(parameter_set: u8) -> Key {
    let (signing, arc) = match parameter_set {
        44 => (&signature::ML_DSA_44_SIGNING, 17),
        65 => (&signature::ML_DSA_65_SIGNING, 18),
        _ => (&signature::ML_DSA_87_SIGNING, 19),
    };
    let pair = PqdsaKeyPair::generate(signing).expect("an ML-DSA key");
    let raw = pair.public_key().as_ref().to_vec();
    let spki = spki(&algorithm(&format!("2.16.840.1.101.3.4.3.{arc}"), &[]), &raw);
    Key { spki, raw, pkcs8: None, private: Private::MlDsa(pair) }
}

/// RSA of any size and exponent, multi-prime, always the same.
pub fn rsa(bits: u64, e: u64) -> &'static Key {
    cached(&format!("rsa-{bits}-{e}"), || Key::of_rsa(Rsa::generate(bits, &BigUint::from(e), e)))
}

/// RSA-2048 with an exponent larger than the modulus.
pub fn rsa_huge_exponent() -> &'static Key {
    let usual = rsa(2048, 65537).rsa();
    cached("rsa-huge-e", || Key::of_rsa(usual.with_huge_exponent()))
}

/// RSA-2048 with an even modulus: one of the primes is 2.
pub fn rsa_even_modulus() -> &'static Key {
    let mut primes = rsa(2047, 65537).rsa().primes();
    primes.push(BigUint::from(2u8));
    cached("rsa-even-n", || Key::of_rsa(Rsa::from_primes(&primes, BigUint::from(65537u32))))
}

/// RSA with e = 2 and three primes; one message in eight can be signed, with `Rsa::square_root`.
pub fn rsa_e2() -> &'static Key {
    cached("rsa-e2", || {
        let mut random = Xorshift::new(2);
        let one = BigUint::from(1u8);
        let e = BigUint::from(2u8);
        // The fourth root of 2 is 1.19: primes in the upper eighth make a product of full size.
        let prime = |random: &mut Xorshift, bits: u64| {
            prime(random, &((&one << bits) - (&one << (bits - 3))), &(&one << bits), &e)
        };
        let primes = [prime(&mut random, 683), prime(&mut random, 683), prime(&mut random, 682)];
        Key::of_rsa(Rsa::from_primes(&primes, e.clone()))
    })
}

/// RSA-2048 whose modulus is prime (the largest below 2^2048): anybody can compute the private exponent.
pub fn rsa_prime_modulus() -> &'static Key {
    cached("rsa-prime-n", || {
        let prime = (BigUint::from(1u8) << 2048) - 1557u32;
        Key::of_rsa(Rsa::from_primes(&[prime], BigUint::from(65537u32)))
    })
}

/// A key on any curve of the table, by plain arithmetic.
pub fn ec(curve: &str) -> &'static Key {
    cached(curve, || of_ec(Ec::new(curve, 1)))
}

fn of_ec(ec: Ec) -> Key {
    let raw = ec.point();
    Key { spki: ec_spki(ec.curve.oid, &raw), raw, pkcs8: None, private: Private::Ec(ec) }
}
