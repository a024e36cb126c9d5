//! What this room is for: signature algorithms by their OID, and the parameters of RSASSA-PSS.
//! What must not be in it: verification, and any judgement of strength.
//! What would surprise: for id-RSASSA-PSS the digest is not in the OID but in the parameters, and defaults to SHA-1.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Hash;
use super::der::{INTEGER, Malformed, NULL, OBJECT_IDENTIFIER, Reader, SEQUENCE};
use super::oid;
use SignatureFamily::{
    Composite, DhPop, Dsa, Ecdsa, Ed448, Ed25519, Gost, MlDsa, Other, Rsa, RsaPss, SlhDsa, Sm2, Unsigned,
};

/// Family of a signature algorithm: what kind of key it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureFamily {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2).
    Rsa,
    /// RSASSA-PSS (RFC 8017 §8.1).
    RsaPss,
    /// ECDSA (FIPS 186-5 §6).
    Ecdsa,
    /// Ed25519 (RFC 8032).
    Ed25519,
    /// Ed448 (RFC 8032).
    Ed448,
    /// DSA (FIPS 186-4 §4).
    Dsa,
    /// ML-DSA and HashML-DSA (FIPS 204).
    MlDsa,
    /// SLH-DSA and HashSLH-DSA (FIPS 205).
    SlhDsa,
    /// ML-DSA together with a traditional algorithm (draft-ietf-lamps-pq-composite-sigs).
    Composite,
    /// SM2 (GB/T 32918.2).
    Sm2,
    /// GOST R 34.10.
    Gost,
    /// A placeholder instead of a signature (RFC 5272, RFC 9925).
    Unsigned,
    /// Diffie-Hellman proof of possession (RFC 6955).
    DhPop,
    /// Anything else that has a name.
    Other,
}

/// A signature algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureAlgorithm {
    /// Dotted object identifier.
    pub oid: &'static str,
    /// The name of its standard: `sha256WithRSAEncryption`, `ecdsa-with-SHA384`, `Ed25519`.
    pub name: &'static str,
    /// What kind of key it belongs to.
    pub family: SignatureFamily,
    /// The digest that the OID implies; None when it implies none or one that has no name here (SHA-0, RIPEMD-160).
    pub hash: Option<Hash>,
}

/// Looks an algorithm up by OID content octets (without tag and length).
///
/// For id-RSASSA-PSS the hash is None, as it is in the parameters: see [`pss_parameters`].
pub fn signature_algorithm(oid: &[u8]) -> Option<&'static SignatureAlgorithm> {
    static INDEX: LazyLock<HashMap<Vec<u8>, &'static SignatureAlgorithm>> =
        LazyLock::new(|| oid::index(ALGORITHMS, |row| row.oid));
    INDEX.get(oid).copied()
}

/// RSASSA-PSS-params (RFC 4055 §3.1, RFC 8017 A.2.3) with defaults filled in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PssParameters {
    /// Digest of the message.
    pub hash: Hash,
    /// Digest of MGF1.
    pub mgf_hash: Hash,
    /// Octets of salt.
    pub salt_length: u32,
    /// 1 for the only trailer field there is, BC.
    pub trailer: u32,
    /// Whether a DEFAULT value was encoded, which DER forbids (X.690 §11.5).
    pub explicit_defaults: bool,
}

/// Parses the complete TLV of RSASSA-PSS-params; None means absent, that is all defaults: SHA-1, 20 octets of salt.
///
/// # Errors
/// A reason, when the TLV is not strict DER of that type, names an unknown digest or mask, or has a salt length or
/// trailer field that is negative or over 32 bits.
pub fn pss_parameters(tlv: Option<&[u8]>) -> Result<PssParameters, String> {
    let Some(tlv) = tlv else {
        return Ok(PssParameters::DEFAULT);
    };
    let mut fields = Reader::new(Reader::only(tlv, SEQUENCE).map_err(malformed)?);
    let mut field = |tag| fields.optional(tag).map_err(malformed);
    let hash = field(0xa0)?.map(hash_algorithm).transpose()?;
    let mgf_hash = field(0xa1)?.map(mask_algorithm).transpose()?;
    let salt_length = field(0xa2)?.map(small_number).transpose()?;
    let trailer = field(0xa3)?.map(small_number).transpose()?;
    fields.end().map_err(malformed)?;

    let default = PssParameters::DEFAULT;
    Ok(PssParameters {
        hash: hash.unwrap_or(default.hash),
        mgf_hash: mgf_hash.unwrap_or(default.mgf_hash),
        salt_length: salt_length.unwrap_or(default.salt_length),
        trailer: trailer.unwrap_or(default.trailer),
        explicit_defaults: hash == Some(default.hash)
            || mgf_hash == Some(default.mgf_hash)
            || salt_length == Some(default.salt_length)
            || trailer == Some(default.trailer),
    })
}

impl PssParameters {
    const DEFAULT: Self =
        Self { hash: Hash::Sha1, mgf_hash: Hash::Sha1, salt_length: 20, trailer: 1, explicit_defaults: false };
}

/// HashAlgorithm: an AlgorithmIdentifier with NULL or no parameters (RFC 4055 §2.1 wants both accepted).
fn hash_algorithm(tlv: &[u8]) -> Result<Hash, String> {
    let (oid, parameters) = algorithm_identifier(tlv).map_err(malformed)?;
    if !matches!(parameters, [] | [NULL, 0]) {
        return Err("a digest in the RSASSA-PSS parameters has parameters of its own".into());
    }
    Hash::from_oid(oid).ok_or_else(|| format!("unknown digest {} in the RSASSA-PSS parameters", written(oid)))
}

/// MaskGenAlgorithm: id-mgf1 with a HashAlgorithm.
fn mask_algorithm(tlv: &[u8]) -> Result<Hash, String> {
    let (oid, parameters) = algorithm_identifier(tlv).map_err(malformed)?;
    if !oid::matches(oid, "1.2.840.113549.1.1.8") {
        return Err(format!("unknown mask generation function {} in the RSASSA-PSS parameters", written(oid)));
    }
    hash_algorithm(parameters)
}

/// Content octets of the OID and the complete TLV of the parameters, empty when absent.
fn algorithm_identifier(tlv: &[u8]) -> Result<(&[u8], &[u8]), Malformed> {
    let mut fields = Reader::new(Reader::only(tlv, SEQUENCE)?);
    Ok((fields.element(OBJECT_IDENTIFIER)?, fields.rest()))
}

fn small_number(tlv: &[u8]) -> Result<u32, String> {
    Reader::only(tlv, INTEGER).map_err(malformed)?;
    let magnitude = Reader::new(tlv).unsigned().map_err(malformed)?;
    if magnitude.len() > 4 {
        return Err("a number in the RSASSA-PSS parameters has more than 32 bits".into());
    }
    Ok(magnitude.iter().fold(0, |value, &b| value << 8 | u32::from(b)))
}

fn malformed(_: Malformed) -> String {
    "the RSASSA-PSS parameters are malformed".into()
}

fn written(oid: &[u8]) -> String {
    oid::dotted(oid).unwrap_or_else(|| "with a malformed OID".into())
}

const fn row(oid: &'static str, name: &'static str, family: SignatureFamily, hash: Option<Hash>) -> SignatureAlgorithm {
    SignatureAlgorithm { oid, name, family, hash }
}

/// The usual ones first: the search is linear.
static ALGORITHMS: &[SignatureAlgorithm] = &[
    // RFC 8017 A.2.4, RFC 4055 §5: RSASSA-PKCS1-v1_5
    row("1.2.840.113549.1.1.11", "sha256WithRSAEncryption", Rsa, Some(Hash::Sha256)),
    row("1.2.840.113549.1.1.12", "sha384WithRSAEncryption", Rsa, Some(Hash::Sha384)),
    row("1.2.840.113549.1.1.13", "sha512WithRSAEncryption", Rsa, Some(Hash::Sha512)),
    row("1.2.840.113549.1.1.5", "sha1WithRSAEncryption", Rsa, Some(Hash::Sha1)),
    row("1.2.840.113549.1.1.14", "sha224WithRSAEncryption", Rsa, Some(Hash::Sha224)),
    row("1.2.840.113549.1.1.15", "sha512-224WithRSAEncryption", Rsa, Some(Hash::Sha512_224)),
    row("1.2.840.113549.1.1.16", "sha512-256WithRSAEncryption", Rsa, Some(Hash::Sha512_256)),
    row("1.2.840.113549.1.1.4", "md5WithRSAEncryption", Rsa, Some(Hash::Md5)),
    row("1.2.840.113549.1.1.3", "md4WithRSAEncryption", Rsa, Some(Hash::Md4)),
    row("1.2.840.113549.1.1.2", "md2WithRSAEncryption", Rsa, Some(Hash::Md2)),
    // RFC 5758 §3.2, RFC 3279 §2.2.3, X9.62: ECDSA
    row("1.2.840.10045.4.3.2", "ecdsa-with-SHA256", Ecdsa, Some(Hash::Sha256)),
    row("1.2.840.10045.4.3.3", "ecdsa-with-SHA384", Ecdsa, Some(Hash::Sha384)),
    row("1.2.840.10045.4.3.4", "ecdsa-with-SHA512", Ecdsa, Some(Hash::Sha512)),
    row("1.2.840.10045.4.3.1", "ecdsa-with-SHA224", Ecdsa, Some(Hash::Sha224)),
    row("1.2.840.10045.4.1", "ecdsa-with-SHA1", Ecdsa, Some(Hash::Sha1)),
    row("1.2.840.10045.4.2", "ecdsa-with-Recommended", Ecdsa, None),
    row("1.2.840.10045.4.3", "ecdsa-with-Specified", Ecdsa, None),
    // RFC 8410 §3: EdDSA
    row("1.3.101.112", "Ed25519", Ed25519, None),
    row("1.3.101.113", "Ed448", Ed448, None),
    // RFC 8017 A.2.3, RFC 8692: RSASSA-PSS
    row("1.2.840.113549.1.1.10", "id-RSASSA-PSS", RsaPss, None),
    row("1.3.6.1.5.5.7.6.30", "id-RSASSA-PSS-SHAKE128", RsaPss, Some(Hash::Shake128)),
    row("1.3.6.1.5.5.7.6.31", "id-RSASSA-PSS-SHAKE256", RsaPss, Some(Hash::Shake256)),
    row("1.3.6.1.5.5.7.6.32", "id-ecdsa-with-shake128", Ecdsa, Some(Hash::Shake128)),
    row("1.3.6.1.5.5.7.6.33", "id-ecdsa-with-shake256", Ecdsa, Some(Hash::Shake256)),
    // NIST CSOR: DSA with SHA-2 and SHA-3, ECDSA and RSASSA-PKCS1-v1_5 with SHA-3
    row("2.16.840.1.101.3.4.3.1", "id-dsa-with-sha224", Dsa, Some(Hash::Sha224)),
    row("2.16.840.1.101.3.4.3.2", "id-dsa-with-sha256", Dsa, Some(Hash::Sha256)),
    row("2.16.840.1.101.3.4.3.3", "id-dsa-with-sha384", Dsa, Some(Hash::Sha384)),
    row("2.16.840.1.101.3.4.3.4", "id-dsa-with-sha512", Dsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.5", "id-dsa-with-sha3-224", Dsa, Some(Hash::Sha3_224)),
    row("2.16.840.1.101.3.4.3.6", "id-dsa-with-sha3-256", Dsa, Some(Hash::Sha3_256)),
    row("2.16.840.1.101.3.4.3.7", "id-dsa-with-sha3-384", Dsa, Some(Hash::Sha3_384)),
    row("2.16.840.1.101.3.4.3.8", "id-dsa-with-sha3-512", Dsa, Some(Hash::Sha3_512)),
    row("2.16.840.1.101.3.4.3.9", "id-ecdsa-with-sha3-224", Ecdsa, Some(Hash::Sha3_224)),
    row("2.16.840.1.101.3.4.3.10", "id-ecdsa-with-sha3-256", Ecdsa, Some(Hash::Sha3_256)),
    row("2.16.840.1.101.3.4.3.11", "id-ecdsa-with-sha3-384", Ecdsa, Some(Hash::Sha3_384)),
    row("2.16.840.1.101.3.4.3.12", "id-ecdsa-with-sha3-512", Ecdsa, Some(Hash::Sha3_512)),
    row("2.16.840.1.101.3.4.3.13", "id-rsassa-pkcs1-v1-5-with-sha3-224", Rsa, Some(Hash::Sha3_224)),
    row("2.16.840.1.101.3.4.3.14", "id-rsassa-pkcs1-v1-5-with-sha3-256", Rsa, Some(Hash::Sha3_256)),
    row("2.16.840.1.101.3.4.3.15", "id-rsassa-pkcs1-v1-5-with-sha3-384", Rsa, Some(Hash::Sha3_384)),
    row("2.16.840.1.101.3.4.3.16", "id-rsassa-pkcs1-v1-5-with-sha3-512", Rsa, Some(Hash::Sha3_512)),
    // RFC 3279 §2.2.2: DSA
    row("1.2.840.10040.4.3", "id-dsa-with-sha1", Dsa, Some(Hash::Sha1)),
    // OIW Security Special Interest Group: forms that old tools still write
    row("1.3.14.3.2.2", "md4WithRSA", Rsa, Some(Hash::Md4)),
    row("1.3.14.3.2.3", "md5WithRSA", Rsa, Some(Hash::Md5)),
    row("1.3.14.3.2.4", "md4WithRSAEncryption (OIW)", Rsa, Some(Hash::Md4)),
    row("1.3.14.3.2.13", "dsaWithSHA (SHA-0)", Dsa, None),
    row("1.3.14.3.2.15", "shaWithRSAEncryption (SHA-0)", Rsa, None),
    row("1.3.14.3.2.24", "md2WithRSASignature", Rsa, Some(Hash::Md2)),
    row("1.3.14.3.2.25", "md5WithRSASignature", Rsa, Some(Hash::Md5)),
    row("1.3.14.3.2.27", "dsaWithSHA1", Dsa, Some(Hash::Sha1)),
    row("1.3.14.3.2.28", "dsaWithCommonSHA1", Dsa, Some(Hash::Sha1)),
    row("1.3.14.3.2.29", "sha1WithRSASignature", Rsa, Some(Hash::Sha1)),
    // RFC 9881, RFC 9909: ML-DSA and SLH-DSA, pure and with a pre-hash
    row("2.16.840.1.101.3.4.3.17", "ML-DSA-44", MlDsa, None),
    row("2.16.840.1.101.3.4.3.18", "ML-DSA-65", MlDsa, None),
    row("2.16.840.1.101.3.4.3.19", "ML-DSA-87", MlDsa, None),
    row("2.16.840.1.101.3.4.3.20", "SLH-DSA-SHA2-128s", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.21", "SLH-DSA-SHA2-128f", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.22", "SLH-DSA-SHA2-192s", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.23", "SLH-DSA-SHA2-192f", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.24", "SLH-DSA-SHA2-256s", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.25", "SLH-DSA-SHA2-256f", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.26", "SLH-DSA-SHAKE-128s", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.27", "SLH-DSA-SHAKE-128f", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.28", "SLH-DSA-SHAKE-192s", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.29", "SLH-DSA-SHAKE-192f", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.30", "SLH-DSA-SHAKE-256s", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.31", "SLH-DSA-SHAKE-256f", SlhDsa, None),
    row("2.16.840.1.101.3.4.3.32", "HashML-DSA-44-with-SHA512", MlDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.33", "HashML-DSA-65-with-SHA512", MlDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.34", "HashML-DSA-87-with-SHA512", MlDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.35", "HashSLH-DSA-SHA2-128s-with-SHA256", SlhDsa, Some(Hash::Sha256)),
    row("2.16.840.1.101.3.4.3.36", "HashSLH-DSA-SHA2-128f-with-SHA256", SlhDsa, Some(Hash::Sha256)),
    row("2.16.840.1.101.3.4.3.37", "HashSLH-DSA-SHA2-192s-with-SHA512", SlhDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.38", "HashSLH-DSA-SHA2-192f-with-SHA512", SlhDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.39", "HashSLH-DSA-SHA2-256s-with-SHA512", SlhDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.40", "HashSLH-DSA-SHA2-256f-with-SHA512", SlhDsa, Some(Hash::Sha512)),
    row("2.16.840.1.101.3.4.3.41", "HashSLH-DSA-SHAKE-128s-with-SHAKE128", SlhDsa, Some(Hash::Shake128)),
    row("2.16.840.1.101.3.4.3.42", "HashSLH-DSA-SHAKE-128f-with-SHAKE128", SlhDsa, Some(Hash::Shake128)),
    row("2.16.840.1.101.3.4.3.43", "HashSLH-DSA-SHAKE-192s-with-SHAKE256", SlhDsa, Some(Hash::Shake256)),
    row("2.16.840.1.101.3.4.3.44", "HashSLH-DSA-SHAKE-192f-with-SHAKE256", SlhDsa, Some(Hash::Shake256)),
    row("2.16.840.1.101.3.4.3.45", "HashSLH-DSA-SHAKE-256s-with-SHAKE256", SlhDsa, Some(Hash::Shake256)),
    row("2.16.840.1.101.3.4.3.46", "HashSLH-DSA-SHAKE-256f-with-SHAKE256", SlhDsa, Some(Hash::Shake256)),
    // draft-ietf-lamps-pq-composite-sigs-19
    row("1.3.6.1.5.5.7.6.37", "id-MLDSA44-RSA2048-PSS-SHA256", Composite, Some(Hash::Sha256)),
    row("1.3.6.1.5.5.7.6.38", "id-MLDSA44-RSA2048-PKCS15-SHA256", Composite, Some(Hash::Sha256)),
    row("1.3.6.1.5.5.7.6.39", "id-MLDSA44-Ed25519-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.40", "id-MLDSA44-ECDSA-P256-SHA256", Composite, Some(Hash::Sha256)),
    row("1.3.6.1.5.5.7.6.41", "id-MLDSA65-RSA3072-PSS-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.42", "id-MLDSA65-RSA3072-PKCS15-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.43", "id-MLDSA65-RSA4096-PSS-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.44", "id-MLDSA65-RSA4096-PKCS15-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.45", "id-MLDSA65-ECDSA-P256-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.46", "id-MLDSA65-ECDSA-P384-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.47", "id-MLDSA65-ECDSA-brainpoolP256r1-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.48", "id-MLDSA65-Ed25519-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.49", "id-MLDSA87-ECDSA-P384-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.50", "id-MLDSA87-ECDSA-brainpoolP384r1-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.51", "id-MLDSA87-Ed448-SHAKE256", Composite, Some(Hash::Shake256)),
    row("1.3.6.1.5.5.7.6.52", "id-MLDSA87-RSA3072-PSS-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.53", "id-MLDSA87-RSA4096-PSS-SHA512", Composite, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.54", "id-MLDSA87-ECDSA-P521-SHA512", Composite, Some(Hash::Sha512)),
    // RFC 9802: stateful hash-based signatures
    row("1.2.840.113549.1.9.16.3.17", "id-alg-hss-lms-hashsig", Other, None),
    row("1.3.6.1.5.5.7.6.34", "id-alg-xmss-hashsig", Other, None),
    row("1.3.6.1.5.5.7.6.35", "id-alg-xmssmt-hashsig", Other, None),
    // RFC 5272 and RFC 9925: no signature at all
    row("1.3.6.1.5.5.7.6.2", "id-alg-noSignature", Unsigned, None),
    row("1.3.6.1.5.5.7.6.36", "id-alg-unsigned", Unsigned, None),
    // RFC 6955: proof of possession for Diffie-Hellman keys, a MAC under a secret shared with the CA
    row("1.3.6.1.5.5.7.6.3", "id-dhPop-static-sha1-hmac-sha1", DhPop, Some(Hash::Sha1)),
    row("1.3.6.1.5.5.7.6.4", "id-alg-dh-pop-sha1", DhPop, Some(Hash::Sha1)),
    row("1.3.6.1.5.5.7.6.5", "id-alg-dhPop-sha224", DhPop, Some(Hash::Sha224)),
    row("1.3.6.1.5.5.7.6.6", "id-alg-dhPop-sha256", DhPop, Some(Hash::Sha256)),
    row("1.3.6.1.5.5.7.6.7", "id-alg-dhPop-sha384", DhPop, Some(Hash::Sha384)),
    row("1.3.6.1.5.5.7.6.8", "id-alg-dhPop-sha512", DhPop, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.15", "id-alg-dhPop-static-sha224-hmac-sha224", DhPop, Some(Hash::Sha224)),
    row("1.3.6.1.5.5.7.6.16", "id-alg-dhPop-static-sha256-hmac-sha256", DhPop, Some(Hash::Sha256)),
    row("1.3.6.1.5.5.7.6.17", "id-alg-dhPop-static-sha384-hmac-sha384", DhPop, Some(Hash::Sha384)),
    row("1.3.6.1.5.5.7.6.18", "id-alg-dhPop-static-sha512-hmac-sha512", DhPop, Some(Hash::Sha512)),
    row("1.3.6.1.5.5.7.6.25", "id-alg-ecdhPop-static-sha224-hmac-sha224", DhPop, Some(Hash::Sha224)),
    row("1.3.6.1.5.5.7.6.26", "id-alg-ecdhPop-static-sha256-hmac-sha256", DhPop, Some(Hash::Sha256)),
    row("1.3.6.1.5.5.7.6.27", "id-alg-ecdhPop-static-sha384-hmac-sha384", DhPop, Some(Hash::Sha384)),
    row("1.3.6.1.5.5.7.6.28", "id-alg-ecdhPop-static-sha512-hmac-sha512", DhPop, Some(Hash::Sha512)),
    // GM/T 0006: SM2, and RSA with SM3
    row("1.2.156.10197.1.501", "SM2-with-SM3", Sm2, Some(Hash::Sm3)),
    row("1.2.156.10197.1.504", "sm3WithRSAEncryption", Rsa, Some(Hash::Sm3)),
    // RFC 4491, RFC 9215: GOST R 34.10
    row("1.2.643.2.2.3", "GOST R 34.10-2001 with GOST R 34.11-94", Gost, None),
    row("1.2.643.2.2.4", "GOST R 34.10-94 with GOST R 34.11-94", Gost, None),
    row("1.2.643.7.1.1.3.2", "GOST R 34.10-2012 (256 bits)", Gost, None),
    row("1.2.643.7.1.1.3.3", "GOST R 34.10-2012 (512 bits)", Gost, None),
    // TR-03111: ECDSA with a plain r || s, which is not what X.509 uses
    row("0.4.0.127.0.7.1.1.4.1.1", "ecdsa-plain-SHA1", Other, Some(Hash::Sha1)),
    row("0.4.0.127.0.7.1.1.4.1.2", "ecdsa-plain-SHA224", Other, Some(Hash::Sha224)),
    row("0.4.0.127.0.7.1.1.4.1.3", "ecdsa-plain-SHA256", Other, Some(Hash::Sha256)),
    row("0.4.0.127.0.7.1.1.4.1.4", "ecdsa-plain-SHA384", Other, Some(Hash::Sha384)),
    row("0.4.0.127.0.7.1.1.4.1.5", "ecdsa-plain-SHA512", Other, Some(Hash::Sha512)),
    row("0.4.0.127.0.7.1.1.4.1.6", "ecdsa-plain-RIPEMD160", Other, None),
    // TeleTrusT
    row("1.3.36.3.3.1.2", "rsaSignatureWithripemd160", Rsa, None),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    const SHA256: &[u8] = &[0x30, 13, 6, 9, 0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1, 5, 0];

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&[tag, content.len() as u8], &content[..]].concat()
    }

    fn sha256_with_salt(salt: &[u8]) -> Vec<u8> {
        let mgf1 = [6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 8];
        tlv(0x30, &[&tlv(0xa0, &[SHA256]), &tlv(0xa1, &[&tlv(0x30, &[&mgf1, SHA256])]), &tlv(0xa2, &[salt])])
    }

    #[test]
    fn pss_parameters_of_the_baseline_requirements() {
        let expected = PssParameters {
            hash: Hash::Sha256,
            mgf_hash: Hash::Sha256,
            salt_length: 32,
            trailer: 1,
            explicit_defaults: false,
        };
        assert_eq!(pss_parameters(Some(&sha256_with_salt(&[2, 1, 32]))), Ok(expected));
        let twenty = PssParameters { salt_length: 20, explicit_defaults: true, ..expected };
        assert_eq!(pss_parameters(Some(&sha256_with_salt(&[2, 1, 20]))), Ok(twenty));
    }

    #[test]
    fn pss_defaults() {
        assert_eq!(pss_parameters(None), Ok(PssParameters::DEFAULT));
        assert_eq!(pss_parameters(Some(&[0x30, 0])), Ok(PssParameters::DEFAULT));
        let trailer = pss_parameters(Some(&[0x30, 5, 0xa3, 3, 2, 1, 1]));
        assert_eq!(trailer, Ok(PssParameters { explicit_defaults: true, ..PssParameters::DEFAULT }));
    }

    #[test]
    fn pss_refusals() {
        let salts: [&[u8]; 4] = [&[2, 1, 0x80], &[2, 5, 1, 0, 0, 0, 0], &[2, 0], &[4, 1, 32]];
        for salt in salts {
            assert!(pss_parameters(Some(&sha256_with_salt(salt))).is_err(), "{salt:x?}");
        }
        for bad in [&[][..], &[5, 0], &[0x30], &[0x30, 1], &[0x30, 0, 0], &[0x30, 2, 0xa4, 0], &[0x30, 2, 0xa0, 0]] {
            assert!(pss_parameters(Some(bad)).is_err(), "{bad:x?}");
        }
        let whole = sha256_with_salt(&[2, 1, 32]);
        for end in 0..whole.len() {
            assert!(pss_parameters(whole.get(..end)).is_err(), "{end}");
        }
    }

    #[test]
    fn the_table_has_every_oid_and_name_once() {
        let oids = ALGORITHMS.iter().map(|a| a.oid).collect::<HashSet<_>>();
        let names = ALGORITHMS.iter().map(|a| a.name).collect::<HashSet<_>>();
        assert_eq!((oids.len(), names.len()), (ALGORITHMS.len(), ALGORITHMS.len()));
    }

    #[test]
    fn lookup() {
        let sha256 = signature_algorithm(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11]).expect("known");
        assert_eq!((sha256.name, sha256.family, sha256.hash), ("sha256WithRSAEncryption", Rsa, Some(Hash::Sha256)));
        let composite = signature_algorithm(&[0x2b, 6, 1, 5, 5, 7, 6, 54]).expect("known");
        assert_eq!((composite.name, composite.family), ("id-MLDSA87-ECDSA-P521-SHA512", Composite));
        assert_eq!(signature_algorithm(&[]), None);
        assert_eq!(signature_algorithm(&[0x2a]), None);
    }
}
