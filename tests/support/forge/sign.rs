//! Signature algorithms of the forge: what their AlgorithmIdentifier looks like and how a message is prepared.
//! The encodings are those of RFC 4055, RFC 5758, RFC 8410, RFC 8017 (EMSA-PKCS1-v1_5, EMSA-PSS) and RFC 9881.
//! `Sig::Fixed` is for values that no private key made.

use aws_lc_rs::digest;
use md5::{Digest, Md5};

use super::der::{algorithm, cat, context, int, null, octets, oid, seq};

/// A hash function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hash {
    /// MD5.
    Md5,
    /// SHA-1.
    Sha1,
    /// SHA-224.
    Sha224,
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

impl Hash {
    /// The digest of a message.
    pub fn digest(self, message: &[u8]) -> Vec<u8> {
        let algorithm = match self {
            Self::Md5 => return Md5::digest(message).to_vec(),
            Self::Sha1 => &digest::SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha224 => &digest::SHA224,
            Self::Sha256 => &digest::SHA256,
            Self::Sha384 => &digest::SHA384,
            Self::Sha512 => &digest::SHA512,
        };
        digest::digest(algorithm, message).as_ref().to_vec()
    }

    /// Octets of a digest.
    pub fn size(self) -> usize {
        self.digest(b"").len()
    }

    /// The OID of the hash itself.
    pub fn oid(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.2.5",
            Self::Sha1 => "1.3.14.3.2.26",
            Self::Sha224 => "2.16.840.1.101.3.4.2.4",
            Self::Sha256 => "2.16.840.1.101.3.4.2.1",
            Self::Sha384 => "2.16.840.1.101.3.4.2.2",
            Self::Sha512 => "2.16.840.1.101.3.4.2.3",
        }
    }

    fn pkcs1_oid(self) -> &'static str {
        match self {
            Self::Md5 => "1.2.840.113549.1.1.4",
            Self::Sha1 => "1.2.840.113549.1.1.5",
            Self::Sha224 => "1.2.840.113549.1.1.14",
            Self::Sha256 => "1.2.840.113549.1.1.11",
            Self::Sha384 => "1.2.840.113549.1.1.12",
            Self::Sha512 => "1.2.840.113549.1.1.13",
        }
    }

    fn ecdsa_oid(self) -> &'static str {
        match self {
            Self::Md5 | Self::Sha1 => "1.2.840.10045.4.1",
            Self::Sha224 => "1.2.840.10045.4.3.1",
            Self::Sha256 => "1.2.840.10045.4.3.2",
            Self::Sha384 => "1.2.840.10045.4.3.3",
            Self::Sha512 => "1.2.840.10045.4.3.4",
        }
    }
}

/// How a request is signed.
#[derive(Debug, Clone)]
pub enum Sig {
    /// RSASSA-PKCS1-v1_5.
    Pkcs1(Hash),
    /// RSASSA-PSS.
    Pss {
        /// The hash of the message.
        hash: Hash,
        /// The hash of MGF1.
        mgf: Hash,
        /// Octets of salt.
        salt: usize,
    },
    /// ECDSA.
    Ecdsa(Hash),
    /// Ed25519.
    Ed25519,
    /// ML-DSA, with the last arc of its OID (17, 18, 19).
    MlDsa(u8),
    /// Any AlgorithmIdentifier with any value.
    Fixed(Vec<u8>, Vec<u8>),
}

impl Sig {
    /// RSASSA-PSS with SHA-256 and a salt.
    pub fn pss(salt: usize) -> Self {
        Self::Pss { hash: Hash::Sha256, mgf: Hash::Sha256, salt }
    }

    /// The AlgorithmIdentifier.
    pub fn algorithm(&self) -> Vec<u8> {
        match self {
            Self::Pkcs1(hash) => algorithm(hash.pkcs1_oid(), &null()),
            Self::Pss { hash, mgf, salt } => {
                algorithm("1.2.840.113549.1.1.10", &pss_parameters(*hash, *mgf, *salt, &[]))
            }
            Self::Ecdsa(hash) => algorithm(hash.ecdsa_oid(), &[]),
            Self::Ed25519 => algorithm("1.3.101.112", &[]),
            Self::MlDsa(arc) => algorithm(&format!("2.16.840.1.101.3.4.3.{arc}"), &[]),
            Self::Fixed(algorithm, _) => algorithm.clone(),
        }
    }

    /// The OID alone, for AlgorithmIdentifiers with wrong parameters.
    pub fn oid(&self) -> &'static str {
        match self {
            Self::Pkcs1(hash) => hash.pkcs1_oid(),
            Self::Ecdsa(hash) => hash.ecdsa_oid(),
            _ => "1.3.101.112",
        }
    }
}

/// RSASSA-PSS-params; `trailer` is a whole `[3]` element or nothing.
pub fn pss_parameters(hash: Hash, mgf: Hash, salt: usize, trailer: &[u8]) -> Vec<u8> {
    let hash_id = |hash: Hash| algorithm(hash.oid(), &null());
    let mgf_id = algorithm("1.2.840.113549.1.1.8", &hash_id(mgf));
    let [h, m] = [context(0, &hash_id(hash)), context(1, &mgf_id)];
    let default = |is_default: bool, element: Vec<u8>| if is_default { Vec::new() } else { element };
    let salt_element = default(salt == 20, context(2, &int(i64::try_from(salt).expect("a small salt"))));
    seq(&[&default(hash == Hash::Sha1, h), &default(mgf == Hash::Sha1, m), &salt_element, trailer])
}

/// EMSA-PKCS1-v1_5 for a modulus of `size` octets.
pub fn emsa_pkcs1(hash: Hash, message: &[u8], size: usize) -> Vec<u8> {
    let info = seq(&[&seq(&[&oid(hash.oid()), &null()]), &octets(&hash.digest(message))]);
    let padding = vec![0xFF; size.checked_sub(info.len() + 3).expect("a modulus large enough for the digest")];
    cat(&[&[0, 1], &padding, &[0], &info])
}

/// EMSA-PSS for a modulus of `modulus_bits`, with a salt of zeros counted up.
pub fn emsa_pss(hash: Hash, mgf: Hash, salt: usize, message: &[u8], modulus_bits: u64) -> Vec<u8> {
    let em_bits = modulus_bits - 1;
    let em_len = usize::try_from(em_bits.div_ceil(8)).expect("a modulus that fits");
    let salt: Vec<u8> = (0..salt).map(|i| (i % 251) as u8).collect();
    let h = hash.digest(&cat(&[&[0; 8], &hash.digest(message), &salt]));
    let zeros = em_len.checked_sub(salt.len() + h.len() + 2).expect("a modulus large enough for the salt");
    let db = cat(&[&vec![0; zeros], &[1], &salt]);
    let mut masked: Vec<u8> = mgf1(mgf, &h, db.len()).iter().zip(&db).map(|(mask, byte)| mask ^ byte).collect();
    masked[0] &= 0xFF >> (8 * em_len as u64 - em_bits);
    cat(&[&masked, &h, &[0xBC]])
}

fn mgf1(hash: Hash, seed: &[u8], len: usize) -> Vec<u8> {
    let mut out = Vec::new();
    for counter in 0u32.. {
        if out.len() >= len {
            break;
        }
        out.extend(hash.digest(&cat(&[seed, &counter.to_be_bytes()])));
    }
    out.truncate(len);
    out
}
