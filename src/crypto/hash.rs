//! What this room is for: digests: the names of policies, the identifiers of DER, and the values.
//! What must not be in it: an opinion about which digest is broken; that is policy.
//! What would surprise: MD2 and MD4 have a name but no value: nothing here computes them.

use super::same_name;
use aws_lc_rs::digest;
use md5::{Digest, Md5};
use sha3::digest::ExtendableOutput;

/// A message digest. SHAKE128 and SHAKE256 stand for their first 32 and 64 octets (RFC 8702, RFC 8692).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hash {
    /// MD2 (RFC 1319); known by name only.
    Md2,
    /// MD4 (RFC 1320); known by name only.
    Md4,
    /// MD5 (RFC 1321).
    Md5,
    /// SHA-1 (FIPS 180-4).
    Sha1,
    /// SHA-224 (FIPS 180-4).
    Sha224,
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
    /// SHA-512/224 (FIPS 180-4).
    Sha512_224,
    /// SHA-512/256 (FIPS 180-4).
    Sha512_256,
    /// SHA3-224 (FIPS 202).
    Sha3_224,
    /// SHA3-256 (FIPS 202).
    Sha3_256,
    /// SHA3-384 (FIPS 202).
    Sha3_384,
    /// SHA3-512 (FIPS 202).
    Sha3_512,
    /// SHAKE128 with 32 octets of output (FIPS 202, RFC 8692).
    Shake128,
    /// SHAKE256 with 64 octets of output (FIPS 202, RFC 8692).
    Shake256,
    /// SM3 (GB/T 32905).
    Sm3,
}

/// Hash, policy name, octets of output, content octets of its OID.
type Row = (Hash, &'static str, usize, &'static [u8]);

/// RFC 8017 A.2.4 and B.1 (MD2 to SHA-512/256), RFC 1320 and PKCS #7 (MD4), the CSOR of NIST (SHA-3, SHAKE),
/// GM/T 0006 (SM3).
static HASHES: [Row; 17] = [
    (Hash::Md2, "md2", 16, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 2]),
    (Hash::Md4, "md4", 16, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 4]),
    (Hash::Md5, "md5", 16, &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 2, 5]),
    (Hash::Sha1, "sha1", 20, &[0x2b, 0x0e, 3, 2, 26]),
    (Hash::Sha224, "sha224", 28, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 4]),
    (Hash::Sha256, "sha256", 32, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 1]),
    (Hash::Sha384, "sha384", 48, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 2]),
    (Hash::Sha512, "sha512", 64, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 3]),
    (Hash::Sha512_224, "sha512-224", 28, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 5]),
    (Hash::Sha512_256, "sha512-256", 32, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 6]),
    (Hash::Sha3_224, "sha3-224", 28, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 7]),
    (Hash::Sha3_256, "sha3-256", 32, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 8]),
    (Hash::Sha3_384, "sha3-384", 48, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 9]),
    (Hash::Sha3_512, "sha3-512", 64, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 10]),
    (Hash::Shake128, "shake128", 32, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 11]),
    (Hash::Shake256, "shake256", 64, &[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 2, 12]),
    (Hash::Sm3, "sm3", 32, &[0x2a, 0x81, 0x1c, 0xcf, 0x55, 1, 0x83, 0x11]),
];

impl Hash {
    /// The name policies use: `sha256`, `sha512-224`, `sha3-384`.
    pub fn name(self) -> &'static str {
        self.row().1
    }

    /// The hash of that name, whatever its case and punctuation: `SHA-256`, `SHA512/256`, `sha3_384`.
    pub fn from_name(name: &str) -> Option<Self> {
        HASHES.iter().find(|row| same_name(row.1, name)).map(|row| row.0)
    }

    /// Length of the digest in bytes; 32 and 64 for SHAKE128 and SHAKE256.
    pub fn output_len(self) -> usize {
        self.row().2
    }

    /// The hash that an AlgorithmIdentifier names, from the content octets of its OID.
    pub fn from_oid(content: &[u8]) -> Option<Self> {
        HASHES.iter().find(|row| row.3 == content).map(|row| row.0)
    }

    /// Content octets of the OID.
    pub fn oid(self) -> &'static [u8] {
        self.row().3
    }

    /// The digest of a message, `output_len` bytes; None for MD2 and MD4, which are not computed.
    pub fn digest(self, message: &[u8]) -> Option<Vec<u8>> {
        let fast = |algorithm| digest::digest(algorithm, message).as_ref().to_vec();
        Some(match self {
            Self::Md5 => Md5::digest(message).to_vec(),
            Self::Sha1 => fast(&digest::SHA1_FOR_LEGACY_USE_ONLY),
            Self::Sha224 => fast(&digest::SHA224),
            Self::Sha256 => fast(&digest::SHA256),
            Self::Sha384 => fast(&digest::SHA384),
            Self::Sha512 => fast(&digest::SHA512),
            Self::Sha512_224 => sha2::Sha512_224::digest(message).to_vec(),
            Self::Sha512_256 => fast(&digest::SHA512_256),
            Self::Sha3_224 => sha3::Sha3_224::digest(message).to_vec(),
            Self::Sha3_256 => fast(&digest::SHA3_256),
            Self::Sha3_384 => fast(&digest::SHA3_384),
            Self::Sha3_512 => fast(&digest::SHA3_512),
            Self::Shake128 => shake128(message, self.output_len()),
            Self::Shake256 => shake256(message, self.output_len()),
            Self::Sm3 => sm3::Sm3::digest(message).to_vec(),
            Self::Md2 | Self::Md4 => return None,
        })
    }

    /// Whether `digest` can compute it.
    pub(super) fn is_computable(self) -> bool {
        !matches!(self, Self::Md2 | Self::Md4)
    }

    /// The table lists the variants in their order; a test holds it to that.
    fn row(self) -> &'static Row {
        &HASHES[self as usize]
    }
}

/// SHAKE128 (FIPS 202 section 6.2) with so many bytes of output.
pub(super) fn shake128(message: &[u8], length: usize) -> Vec<u8> {
    extended(sha3::Shake128::default(), message, length)
}

/// SHAKE256 (FIPS 202 section 6.2) with so many bytes of output.
pub(super) fn shake256(message: &[u8], length: usize) -> Vec<u8> {
    extended(sha3::Shake256::default(), message, length)
}

fn extended(mut function: impl ExtendableOutput, message: &[u8], length: usize) -> Vec<u8> {
    function.update(message);
    let mut output = vec![0; length];
    function.finalize_xof_into(&mut output);
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_order_and_true() {
        for (index, &(hash, name, length, oid)) in HASHES.iter().enumerate() {
            assert_eq!(hash as usize, index);
            assert_eq!((hash.name(), hash.output_len(), hash.oid()), (name, length, oid));
            assert_eq!((Hash::from_name(name), Hash::from_oid(oid)), (Some(hash), Some(hash)));
            assert_eq!(hash.digest(b"x").map(|d| d.len()), hash.is_computable().then_some(length));
        }
    }

    #[test]
    fn digests_that_aws_lc_leaves_out() {
        // Example values of NIST's CSRC for FIPS 180-4 and FIPS 202.
        let hex = |bytes: Vec<u8>| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
        let of = |hash: Hash, message: &[u8]| hex(hash.digest(message).unwrap_or_default());
        assert_eq!(of(Hash::Sha512_224, b"abc"), "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa");
        assert_eq!(of(Hash::Sha3_224, b""), "6b4e03423667dbb73b6e15454f0eb1abd4597f9a1b078e3f5b5a6bc7");
        assert!(
            hex(shake128(b"", 300)).starts_with("7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26")
        );
        assert!(hex(shake256(b"", 64)).starts_with("46b9dd2b0ba88d13233b3feb743eeb243fcd52ea62b81b82b50c27646ed5762f"));
    }

    #[test]
    fn names_are_forgiving() {
        assert_eq!(Hash::from_name("SHA-512/256"), Some(Hash::Sha512_256));
        assert_eq!(Hash::from_name("SHA3_384"), Some(Hash::Sha3_384));
        assert_eq!(Hash::from_name("sha"), None);
        assert_eq!(Hash::from_name(""), None);
    }
}
