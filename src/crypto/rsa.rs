//! What this room is for: RSASSA-PKCS1-v1_5 and RSASSA-PSS verification (RFC 8017) for every sane key size and digest.
//! What must not be in it: private keys, or any operation on a number that is secret: the time depends on the values.
//! What would surprise: a refusal by aws-lc-rs is recomputed, because it refuses keys as well as signatures.

use super::der::{NULL, OBJECT_IDENTIFIER, OCTET_STRING, SEQUENCE};
use super::field::multiplication_cost;
use super::{Hash, Verification, hash};
use aws_lc_rs::signature::{self, RsaParameters, RsaPublicKeyComponents};
use num_bigint::BigUint;

/// Sizes of the modulus in bits that are verified. Below, a key is broken in minutes; above, only time is lost.
const MODULUS_BITS: std::ops::RangeInclusive<u64> = 512..=16384;

/// Longest exponent in bits; the worst case at 16384 bits is then some 30 milliseconds.
const EXPONENT_BITS: u64 = 256;

/// Largest exponent in bits that aws-lc-rs accepts (`is_public_component_of_rsa_key_good`).
const FAST_EXPONENT_BITS: u64 = 33;

/// A public key within the limits of this module: an odd modulus, an exponent other than zero.
pub(super) struct PublicKey<'a> {
    modulus: &'a [u8],
    exponent: &'a [u8],
    n: BigUint,
    e: BigUint,
}

/// How an EMSA-PSS encoding was made (RFC 8017 §9.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct PssScheme {
    pub(super) hash: Hash,
    pub(super) mask: Mask,
    /// Octets of salt.
    pub(super) salt_length: u32,
}

/// A mask generation function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mask {
    /// MGF1 with a digest (RFC 8017 B.2.1).
    Mgf1(Hash),
    /// The output of SHAKE128 itself (RFC 8702, RFC 8692).
    Shake128,
    /// The output of SHAKE256 itself (RFC 8702, RFC 8692).
    Shake256,
}

impl<'a> PublicKey<'a> {
    /// Takes big-endian magnitudes. A leading sign octet, or several, does not matter, nor does a missing one: OpenSSL
    /// (`bn_c2i`, which is `BN_bin2bn`) verifies with the magnitude of such keys, too.
    ///
    /// The error is a reason for `KeyOutOfRange`.
    pub(super) fn new(modulus: &'a [u8], exponent: &'a [u8]) -> Result<Self, String> {
        let (modulus, exponent) = (without_leading_zeros(modulus), without_leading_zeros(exponent));
        let (modulus_bits, exponent_bits) = (bits(modulus), bits(exponent));
        if modulus.is_empty() {
            return Err("the modulus is zero".into());
        }
        if !MODULUS_BITS.contains(&modulus_bits) {
            let (least, most) = (MODULUS_BITS.start(), MODULUS_BITS.end());
            return Err(format!("a modulus of {modulus_bits} bits is outside {least} to {most}"));
        }
        if modulus.last().is_some_and(|b| b & 1 == 0) {
            return Err("the modulus is even".into());
        }
        if exponent.is_empty() {
            return Err("the exponent is zero".into());
        }
        if exponent_bits > EXPONENT_BITS {
            return Err(format!("an exponent of {exponent_bits} bits is longer than {EXPONENT_BITS}"));
        }
        let (n, e) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
        Ok(Self { modulus, exponent, n, e })
    }

    /// Verifies an RSASSA-PKCS1-v1_5 signature (RFC 8017 §8.2.2). `hash` must be computable.
    pub(super) fn verify_pkcs1(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Verification {
        if self.fast_accepts(self.fast_pkcs1(hash), message, signature) {
            return Verification::Valid;
        }
        self.recompute_pkcs1(hash, message, signature)
    }

    /// Verifies an RSASSA-PSS signature (RFC 8017 §8.1.2). The hashes of the scheme must be computable.
    pub(super) fn verify_pss(&self, scheme: PssScheme, message: &[u8], signature: &[u8]) -> Verification {
        if self.fast_accepts(self.fast_pss(scheme), message, signature) {
            return Verification::Valid;
        }
        self.recompute_pss(scheme, message, signature)
    }

    /// Work of `verify_pkcs1` in 64-bit limb multiplications; 0 where aws-lc-rs is asked first.
    pub(super) fn pkcs1_cost(&self, hash: Hash) -> u64 {
        if self.fast_pkcs1(hash).is_some() { 0 } else { self.power_cost() }
    }

    /// Work of `verify_pss` in 64-bit limb multiplications; 0 where aws-lc-rs is asked first.
    pub(super) fn pss_cost(&self, scheme: PssScheme) -> u64 {
        if self.fast_pss(scheme).is_some() { 0 } else { self.power_cost() }
    }

    fn recompute_pkcs1(&self, hash: Hash, message: &[u8], signature: &[u8]) -> Verification {
        // OpenSSL (RSA_verify) insists on the full length, as §8.2.2 step 1 does; a shorter number could be right.
        if signature.len() != self.modulus.len() {
            return Verification::Invalid;
        }
        let Some(digest) = hash.digest(message) else {
            return missing(hash);
        };
        let length = self.modulus.len();
        let Some(expected) = emsa_pkcs1(hash, &digest, Null::Present, length) else {
            return too_short(self, hash);
        };
        match self.open(signature, length) {
            Some(found) if found == expected => Verification::Valid,
            Some(found) if emsa_pkcs1(hash, &digest, Null::Absent, length).as_ref() == Some(&found) => without_null(),
            _ => Verification::Invalid,
        }
    }

    fn recompute_pss(&self, scheme: PssScheme, message: &[u8], signature: &[u8]) -> Verification {
        // Unlike with v1.5, OpenSSL takes a signature that lost its leading zeros (seen with 3.0.19), so no accusation
        // is made on that ground, although §8.1.2 step 1 would allow it. A longer one is refused by both.
        if signature.len() > self.modulus.len() {
            return Verification::Invalid;
        }
        let Some(digest) = scheme.hash.digest(message) else {
            return missing(scheme.hash);
        };
        let encoded_bits = self.n.bits() - 1;
        let encoded = self.open(signature, encoded_bits.div_ceil(8) as usize);
        match encoded.and_then(|encoded| scheme.is_consistent(&digest, encoded, encoded_bits)) {
            Some(true) => Verification::Valid,
            _ => Verification::Invalid,
        }
    }

    /// RSAVP1 (RFC 8017 §5.2.2) and I2OSP: the encoded message of `length` octets. None when the signature is not below
    /// the modulus or the message is longer.
    fn open(&self, signature: &[u8], length: usize) -> Option<Vec<u8>> {
        let signature = BigUint::from_bytes_be(signature);
        if signature >= self.n {
            return None;
        }
        let magnitude = self.power(&signature).to_bytes_be();
        let mut octets = vec![0; length.checked_sub(magnitude.len())?];
        octets.extend(magnitude);
        Some(octets)
    }

    /// base^e mod n by squaring and multiplying from the top. For e = 65537 this is 17 products, where the windowed
    /// `BigUint::modpow` makes about a hundred.
    fn power(&self, base: &BigUint) -> BigUint {
        let mut power = base.clone();
        for bit in (0..self.e.bits() - 1).rev() {
            power = &power * &power % &self.n;
            if self.e.bit(bit) {
                power = power * base % &self.n;
            }
        }
        power
    }

    fn power_cost(&self) -> u64 {
        let products = self.e.bits() + self.e.count_ones();
        products * multiplication_cost(self.n.bits())
    }

    fn fast_accepts(&self, parameters: Option<&'static RsaParameters>, message: &[u8], signature: &[u8]) -> bool {
        let components = RsaPublicKeyComponents { n: self.modulus, e: self.exponent };
        parameters.is_some_and(|parameters| components.verify(parameters, message, signature).is_ok())
    }

    fn fast_pkcs1(&self, hash: Hash) -> Option<&'static RsaParameters> {
        let (least, parameters) = match hash {
            Hash::Sha1 => (1024, &signature::RSA_PKCS1_1024_8192_SHA1_FOR_LEGACY_USE_ONLY),
            Hash::Sha256 => (1024, &signature::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY),
            Hash::Sha384 => (2048, &signature::RSA_PKCS1_2048_8192_SHA384),
            Hash::Sha512 => (1024, &signature::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY),
            _ => return None,
        };
        self.is_fast(least).then_some(parameters)
    }

    fn fast_pss(&self, scheme: PssScheme) -> Option<&'static RsaParameters> {
        let parameters = match scheme.hash {
            Hash::Sha256 => &signature::RSA_PSS_2048_8192_SHA256,
            Hash::Sha384 => &signature::RSA_PSS_2048_8192_SHA384,
            Hash::Sha512 => &signature::RSA_PSS_2048_8192_SHA512,
            _ => return None,
        };
        let usual = scheme.mask == Mask::Mgf1(scheme.hash) && scheme.salt_length as usize == scheme.hash.output_len();
        (usual && self.is_fast(2048)).then_some(parameters)
    }

    /// Whether aws-lc-rs takes such a key, `least` being the smallest modulus for the digest.
    fn is_fast(&self, least: u64) -> bool {
        (least..=8192).contains(&self.n.bits()) && (2..=FAST_EXPONENT_BITS).contains(&self.e.bits()) && self.e.bit(0)
    }
}

impl PssScheme {
    /// EMSA-PSS-VERIFY (RFC 8017 §9.1.2) of an encoded message of ⌈`encoded_bits` / 8⌉ octets. None when it is too
    /// short for digest and salt, which means inconsistent, or a digest is missing.
    fn is_consistent(self, digest: &[u8], mut encoded: Vec<u8>, encoded_bits: u64) -> Option<bool> {
        let unused = 8 * encoded.len() as u64 - encoded_bits;
        let trailer = encoded.pop()?;
        let hash = encoded.split_off(encoded.len().checked_sub(self.hash.output_len())?);
        let mut block = encoded;
        let padding = block.len().checked_sub(self.salt_length as usize)?.checked_sub(1)?;
        // The unused leading bits must be clear before unmasking and are cleared after it (steps 6 and 9).
        let used = 0xff_u8.checked_shr(unused as u32)?;
        let clear = block.first()? & !used == 0;
        let mask = self.mask.generate(&hash, block.len())?;
        for (octet, mask) in block.iter_mut().zip(mask) {
            *octet ^= mask;
        }
        *block.first_mut()? &= used;

        let (zeros, rest) = block.split_at_checked(padding)?;
        let (&separator, salt) = rest.split_first()?;
        let expected = self.hash.digest(&[&[0; 8], digest, salt].concat())?;
        Some(trailer == 0xbc && clear && zeros.iter().all(|&b| b == 0) && separator == 1 && expected == hash)
    }
}

impl Mask {
    /// `length` octets of mask. None when the digest is not computable.
    fn generate(self, seed: &[u8], length: usize) -> Option<Vec<u8>> {
        let digest = match self {
            Self::Mgf1(digest) => digest,
            Self::Shake128 => return Some(hash::shake128(seed, length)),
            Self::Shake256 => return Some(hash::shake256(seed, length)),
        };
        let mut mask = Vec::with_capacity(length + digest.output_len());
        let mut counter = 0u32;
        while mask.len() < length {
            mask.extend(digest.digest(&[seed, &counter.to_be_bytes()].concat())?);
            counter += 1;
        }
        mask.truncate(length);
        Some(mask)
    }
}

/// Whether the AlgorithmIdentifier of a digest has a NULL for its parameters.
#[derive(Clone, Copy)]
enum Null {
    Present,
    Absent,
}

/// EMSA-PKCS1-v1_5 (RFC 8017 §9.2) in `length` octets. None when they are too few.
fn emsa_pkcs1(hash: Hash, digest: &[u8], null: Null, length: usize) -> Option<Vec<u8>> {
    let info = digest_info(hash, digest, null)?;
    // 00 01, at least eight octets FF, 00.
    let filler = length.checked_sub(info.len() + 3).filter(|&filler| filler >= 8)?;
    let mut encoded = vec![0xff; length];
    encoded.splice(..2, [0, 1]);
    encoded.splice(2 + filler.., [0].into_iter().chain(info));
    Some(encoded)
}

/// DigestInfo (RFC 8017 A.2.4). Digests have at most 64 octets, so all lengths take one octet.
fn digest_info(hash: Hash, digest: &[u8], null: Null) -> Option<Vec<u8>> {
    let parameters: &[u8] = match null {
        Null::Present => &[NULL, 0],
        Null::Absent => &[],
    };
    let identifier = [&element(OBJECT_IDENTIFIER, hash.oid())?, parameters].concat();
    element(SEQUENCE, &[element(SEQUENCE, &identifier)?, element(OCTET_STRING, digest)?].concat())
}

fn element(tag: u8, content: &[u8]) -> Option<Vec<u8>> {
    let length = u8::try_from(content.len()).ok().filter(|&length| length < 0x80)?;
    Some([&[tag, length], content].concat())
}

/// RFC 8017 A.2.4 and B.1 demand the NULL inside the signature. OpenSSL since 1.1.0b insists, as BoringSSL does; older
/// OpenSSL and BouncyCastle do not (openssl issues 14539, 17130, 20578). The holder of the key did sign, so this is no
/// bad signature.
fn without_null() -> Verification {
    let why = "the DigestInfo in the signature lacks its NULL (RFC 8017 A.2.4): OpenSSL refuses it, others do not";
    Verification::Unsupported(why.into())
}

fn missing(hash: Hash) -> Verification {
    Verification::Unsupported(format!("no {} in this build", hash.name()))
}

/// RFC 8017 §8.2.2 step 3: "RSA modulus too short" is an error of its own, not a bad signature.
fn too_short(key: &PublicKey<'_>, hash: Hash) -> Verification {
    Verification::KeyOutOfRange(format!("a modulus of {} bits is too short for {}", key.n.bits(), hash.name()))
}

fn without_leading_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|&&b| b == 0).count();
    octets.get(zeros..).unwrap_or_default()
}

/// Bits of a magnitude without leading zeros.
fn bits(octets: &[u8]) -> u64 {
    8 * octets.len() as u64 - octets.first().map_or(0, |b| u64::from(b.leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::super::der::Reader;
    use super::*;
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair, RsaEncoding, RsaKeyPair};

    const MESSAGE: &[u8] = b"csrlint";
    const E: &[u8] = &[1, 0, 1];

    fn unhex(text: &str) -> Vec<u8> {
        text.as_bytes()
            .chunks(2)
            .map(|pair| u8::from_str_radix(str::from_utf8(pair).expect("test data"), 16).expect("test data"))
            .collect()
    }

    /// A key from Mersenne primes 2^k - 1: its primes are known, its size can be chosen freely.
    struct TestKey {
        n: Vec<u8>,
        e: Vec<u8>,
        d: BigUint,
    }

    impl TestKey {
        fn new(exponents: &[u32], e: &BigUint) -> Self {
            let one = BigUint::from(1u32);
            let primes = exponents.iter().map(|&k| (&one << k) - 1u32);
            let n = primes.clone().fold(one.clone(), |product, p| product * p);
            let phi = primes.fold(one.clone(), |product, p| product * (p - 1u32));
            Self { n: n.to_bytes_be(), e: e.to_bytes_be(), d: e.modinv(&phi).expect("coprime") }
        }

        fn public(&self) -> PublicKey<'_> {
            PublicKey::new(&self.n, &self.e).expect("in range")
        }

        /// RSASP1 and I2OSP over an encoded message.
        fn sign(&self, encoded: &[u8]) -> Vec<u8> {
            let n = BigUint::from_bytes_be(&self.n);
            let signature = BigUint::from_bytes_be(encoded).modpow(&self.d, &n).to_bytes_be();
            [vec![0; self.n.len() - signature.len()], signature].concat()
        }

        fn sign_pkcs1(&self, hash: Hash, null: Null) -> Option<Vec<u8>> {
            Some(self.sign(&emsa_pkcs1(hash, &hash.digest(MESSAGE)?, null, self.n.len())?))
        }

        /// EMSA-PSS-ENCODE (RFC 8017 §9.1.1) with a salt of 5a octets; None when the key is too short.
        fn sign_pss(&self, scheme: PssScheme) -> Option<Vec<u8>> {
            let bits = self.public().n.bits() - 1;
            let salt = vec![0x5a; scheme.salt_length as usize];
            let digest = scheme.hash.digest(MESSAGE)?;
            let hash = scheme.hash.digest(&[&[0; 8], &digest[..], &salt].concat())?;
            let length = (bits.div_ceil(8) as usize).checked_sub(hash.len() + 1)?;
            let zeros = length.checked_sub(salt.len() + 1)?;
            let mut block = [vec![0; zeros], vec![1], salt].concat();
            for (octet, mask) in block.iter_mut().zip(scheme.mask.generate(&hash, length)?) {
                *octet ^= mask;
            }
            block[0] &= 0xff >> (8 * bits.div_ceil(8) - bits);
            Some(self.sign(&[block, hash, vec![0xbc]].concat()))
        }
    }

    fn test_keys() -> Vec<TestKey> {
        // 648, 1128, 1800, 1886, 2810 bits, and 3409 = 1 mod 8, where the encoded message is an octet shorter.
        let sizes: [&[u32]; 6] =
            [&[127, 521], &[521, 607], &[521, 1279], &[607, 1279], &[607, 2203], &[521, 607, 2281]];
        let wide = (BigUint::from(1u32) << 255) + 95u32;
        let mut keys = sizes.map(|size| TestKey::new(size, &65537u32.into())).into_iter().collect::<Vec<_>>();
        keys.push(TestKey::new(&[607, 1279], &wide));
        keys
    }

    const HASHES: [Hash; 12] = [
        Hash::Md5,
        Hash::Sha1,
        Hash::Sha224,
        Hash::Sha256,
        Hash::Sha384,
        Hash::Sha512,
        Hash::Sha512_224,
        Hash::Sha512_256,
        Hash::Sha3_224,
        Hash::Sha3_256,
        Hash::Sha3_384,
        Hash::Sha3_512,
    ];

    #[test]
    fn pkcs1_with_every_digest_and_size() {
        for key in test_keys() {
            for hash in HASHES {
                let public = key.public();
                let Some(signature) = key.sign_pkcs1(hash, Null::Present) else {
                    let outcome = public.verify_pkcs1(hash, MESSAGE, &vec![1; key.n.len()]);
                    assert!(matches!(outcome, Verification::KeyOutOfRange(_)));
                    continue;
                };
                assert_eq!(public.verify_pkcs1(hash, MESSAGE, &signature), Verification::Valid);
                assert_eq!(public.recompute_pkcs1(hash, MESSAGE, &signature), Verification::Valid);
                assert_eq!(public.verify_pkcs1(hash, b"other", &signature), Verification::Invalid);
            }
        }
    }

    #[test]
    fn pss_with_every_digest_mask_and_salt() {
        let mut count = 0;
        for (round, key) in test_keys().iter().enumerate() {
            // Every digest with the smaller keys; signing with the larger ones takes long.
            let step = if key.n.len() < 150 { 1 } else { 5 };
            for index in (round..HASHES.len()).step_by(step) {
                let (hash, other) = (HASHES[index], HASHES[(index + 5) % HASHES.len()]);
                for mask in [Mask::Mgf1(hash), Mask::Mgf1(other), Mask::Shake128, Mask::Shake256] {
                    for salt_length in [0, 1, hash.output_len() as u32, 80] {
                        count += usize::from(pss_round_trip(key, PssScheme { hash, mask, salt_length }));
                    }
                }
            }
        }
        assert!(count > 400, "{count}");
    }

    /// False when the key is too short for the scheme.
    fn pss_round_trip(key: &TestKey, scheme: PssScheme) -> bool {
        let Some(signature) = key.sign_pss(scheme) else {
            return false;
        };
        let public = key.public();
        assert_eq!(public.verify_pss(scheme, MESSAGE, &signature), Verification::Valid, "{scheme:?}");
        assert_eq!(public.recompute_pss(scheme, MESSAGE, &signature), Verification::Valid, "{scheme:?}");
        assert_eq!(public.recompute_pss(scheme, b"other", &signature), Verification::Invalid, "{scheme:?}");
        let more_salt = PssScheme { salt_length: scheme.salt_length + 1, ..scheme };
        assert_eq!(public.recompute_pss(more_salt, MESSAGE, &signature), Verification::Invalid, "{scheme:?}");
        true
    }

    #[test]
    fn signatures_of_aws_lc() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).expect("a key");
        let mut numbers = Reader::new(Reader::only(pair.public_key().as_ref(), SEQUENCE).expect("test data"));
        let (n, e) = (numbers.unsigned().expect("test data"), numbers.unsigned().expect("test data"));
        let key = PublicKey::new(n, e).expect("in range");
        let sign = |encoding: &'static dyn RsaEncoding| {
            let mut signature = vec![0; n.len()];
            pair.sign(encoding, &SystemRandom::new(), MESSAGE, &mut signature).expect("a signature");
            signature
        };
        let signature = sign(&signature::RSA_PKCS1_SHA384);
        assert_eq!(key.recompute_pkcs1(Hash::Sha384, MESSAGE, &signature), Verification::Valid);
        assert_eq!(key.verify_pkcs1(Hash::Sha384, MESSAGE, &signature), Verification::Valid);
        assert_eq!(key.pkcs1_cost(Hash::Sha384), 0);
        let scheme = PssScheme { hash: Hash::Sha512, mask: Mask::Mgf1(Hash::Sha512), salt_length: 64 };
        let signature = sign(&signature::RSA_PSS_SHA512);
        assert_eq!(key.recompute_pss(scheme, MESSAGE, &signature), Verification::Valid);
        assert_eq!(key.verify_pss(scheme, MESSAGE, &signature), Verification::Valid);
        assert_eq!(key.pss_cost(scheme), 0);
    }

    /// A key of 768 bits and its signatures over "csrlint", all made by OpenSSL 3.0.19.
    const MODULUS: &str = "c245aa6a3d283b7907da17db2a4a1e747fabe089d9c84c5a14c4cb98db5860dcf6ba97d7c6e9d199f88c89adbc992bf60ec839c9bdb9193ed3be4fddd7a44a151b83a6591f48b52c0f639bf2e8bd869d2580fe7912d07e18820ddf11ceb032d1";

    #[test]
    fn pkcs1_signatures_of_openssl() {
        let made = [
            (
                Hash::Md5,
                "a878f75ad8b9304f9d16b995e29c00c9c3b3b5376e7546c3d77424990ed6c871ff71ec101adb87666e915c9e90a2739470b760ca5c735ff1fa1a33988e6196de1b18dd5c80521e8883a4d1cc5315428747583f7ed102d7073c15a0e6d9f38867",
            ),
            (
                Hash::Sha224,
                "905104af602976914a337fc93c62fabf361ff3f99cc0e5335620c55d0c1d48e6d29062e31c3d5a9eb9d02999aad3251aeb5a63d58e61d65d66dab7528790a3284e31b2eecb128545cba718d9acef85c7c2bcb71974aee997ecefcfb86d574bb1",
            ),
            (
                Hash::Sha512_224,
                "49f67a373bad268b3f5e205fe61d37a03a2890ba1a02038da49029f58ea751db34d667c0ec939a3b043e30970e785b4f46a5827fbbcdc319cda75de96b296befd1a6de50a049688e877c330c945eff36d2367f335ea29001f7431440ac2b83cd",
            ),
            (
                Hash::Sha512_256,
                "17e2711c8c8fe1b5a9a4fda5edbf5d1fe2d61a44fff3571197705f62c735cb8d152abba74dd848e4d17dc5b4f9b3eae6fe00a45e8255503692949197d3f25e0bbd078f11288211a923d0e72a2f9eef6ddbe7146e01694b8a9917981d063b9f51",
            ),
            (
                Hash::Sha3_224,
                "3a116a3a63d420c7e755488990b53d8e22ad4ceb30f3485adfa2c9f2407ae74d20c72856b81b3a336d5dc139dd1f9919636e3487615e5ca2c44405182c1bb0ec79dabafa9a0fcc9e0f0f9f0607d2dca86891bc7626ddef73d498dc535964b4c3",
            ),
            (
                Hash::Sha3_384,
                "58c3cebe8c132fb45eeed579d41b0591684086576f0c70ba9542f7ab448570a0a99dc9a8eabec6ef6a9fc362d4b87db6b2db5f4e87a9619bec68447928f4f197901e23398684089e08fa60bdaf1b52eb5896b44bf344c5c247beb4ae58808c11",
            ),
        ];
        let modulus = unhex(MODULUS);
        let key = PublicKey::new(&modulus, E).expect("in range");
        for (hash, signature) in made {
            assert_eq!(key.verify_pkcs1(hash, MESSAGE, &unhex(signature)), Verification::Valid, "{hash:?}");
        }
    }

    #[test]
    fn pss_signatures_of_openssl() {
        let made = [
            (
                Hash::Sha1,
                Hash::Sha1,
                20,
                "06cb7a144bdf51c7291057b9e3f11c1ea7f4249f1eb378da5830da6147de7aaf0063ba8dbc4531c662eeeed25b97bbfad57979d5ddc9153ad006304e6d2c35a5b7af0151c04b999acc0313a9f5aa5cfdbf47827908e10fc45bc42070221be4a7",
            ),
            (
                Hash::Sha256,
                Hash::Sha1,
                17,
                "5dffc991e4ebfe255a268b703933c6ea06adf34f3482b1c2b0e5fd2b5edef65efcbe5d1abde7c4551e8c885d87421792d5fc046ed42ef7447a31c82ddd8142d627bb79ba65523883a29e9fce4e288bcf25afe71c0e1ee4064bb7cd0be8af72ac",
            ),
            (
                Hash::Sha224,
                Hash::Sha512,
                0,
                "75a701ad85d3c9def130e1db43653c2a9317f4dd605bfbebecfbfb86514e0a67d1847481ffb777aa13eed1dc774bbb4122a8ccff2e0041c6982ec2ae26085e93b0899ea53cb3a9324d524536d61d1e7797181a205af021baa51671b74598d07a",
            ),
            (
                Hash::Sha512,
                Hash::Sha512,
                30,
                "511a3de63cef252e7096f4d4957b7e8dfe7493a6a11f79d540d766611d51a63d0060d0ee50c26fe0adf018f07c3952fab2e61c60f8abb7ad7198b4cfb32e660078095a838d862b1bfde58819b3decc04aecfc0988f56f9d0122fb542e27914e1",
            ),
            (
                Hash::Sha3_256,
                Hash::Sha3_256,
                32,
                "4565fc8032ca2fd733aa4a446e99aaf95a1863c4567ecd351d3c3a43ee256f05407a493f1da4f78a4087f31f47a202fa16ac1aef690ece2617faeaac72a4fccc30e3c3d5c9ea023c5bd3ebd90679afff6dcb3b60379c6923b9c45723d7e1f8cd",
            ),
        ];
        let modulus = unhex(MODULUS);
        let key = PublicKey::new(&modulus, E).expect("in range");
        for (hash, mask, salt_length, signature) in made {
            let scheme = PssScheme { hash, mask: Mask::Mgf1(mask), salt_length };
            assert_eq!(key.verify_pss(scheme, MESSAGE, &unhex(signature)), Verification::Valid, "{scheme:?}");
        }
    }

    #[test]
    fn digest_info_without_null_is_not_judged() {
        for key in test_keys() {
            let signature = key.sign_pkcs1(Hash::Sha256, Null::Absent).expect("long enough");
            let outcome = key.public().verify_pkcs1(Hash::Sha256, MESSAGE, &signature);
            assert!(matches!(outcome, Verification::Unsupported(_)));
            assert_eq!(key.public().verify_pkcs1(Hash::Sha256, b"other", &signature), Verification::Invalid);
        }
    }

    #[test]
    fn exponent_one_is_verified_honestly() {
        let key = TestKey::new(&[521, 607], &1u32.into());
        let digest = Hash::Sha256.digest(MESSAGE).expect("computable");
        let signature = emsa_pkcs1(Hash::Sha256, &digest, Null::Present, key.n.len()).expect("long enough");
        assert_eq!(key.public().verify_pkcs1(Hash::Sha256, MESSAGE, &signature), Verification::Valid);
        assert_eq!(key.public().verify_pkcs1(Hash::Sha256, b"other", &signature), Verification::Invalid);
    }

    #[test]
    fn length_and_range_of_the_signature() {
        let key = TestKey::new(&[521, 607], &65537u32.into());
        let public = key.public();
        let scheme = PssScheme { hash: Hash::Sha224, mask: Mask::Mgf1(Hash::Sha224), salt_length: 8 };
        let (pkcs1, pss) =
            (key.sign_pkcs1(Hash::Sha224, Null::Present).expect("test data"), key.sign_pss(scheme).expect("test data"));
        for signature in
            [&[][..], &[0], &pkcs1[1..], &[&[0], &pkcs1[..]].concat(), &[0xff; 141], &[0xff; 5000], &[0; 141]]
        {
            assert_eq!(public.verify_pkcs1(Hash::Sha224, MESSAGE, signature), Verification::Invalid);
            assert_eq!(public.verify_pss(scheme, MESSAGE, signature), Verification::Invalid);
        }
        assert_eq!(public.verify_pss(scheme, MESSAGE, &[&[0], &pss[..]].concat()), Verification::Invalid);
        // s + n is the same residue.
        let shifted = BigUint::from_bytes_be(&pkcs1) + &public.n;
        assert_eq!(public.verify_pkcs1(Hash::Sha224, MESSAGE, &shifted.to_bytes_be()), Verification::Invalid);
    }

    #[test]
    fn pss_signature_without_its_leading_zero() {
        let key = TestKey::new(&[521, 607], &65537u32.into());
        let schemes = [Hash::Sha1, Hash::Sha224, Hash::Sha256, Hash::Sha384]
            .into_iter()
            .flat_map(|hash| (0..70).map(move |salt_length| PssScheme { hash, mask: Mask::Mgf1(hash), salt_length }));
        // One in 256 signatures, or a few more, starts with a zero.
        let mut found = 0;
        for scheme in schemes {
            let signature = key.sign_pss(scheme).expect("long enough");
            if let [0, shorter @ ..] = &signature[..] {
                assert_eq!(key.public().verify_pss(scheme, MESSAGE, shorter), Verification::Valid);
                found += 1;
            }
        }
        assert!(found > 0);
    }

    #[test]
    fn keys_out_of_range() {
        let odd = |length: usize| vec![0xff; length];
        let even = [odd(127), vec![0xfe]].concat();
        let bad: [(&[u8], &[u8]); 10] = [
            (&[], E),
            (&[0], E),
            (&[0; 128], E),
            (&[1], E),
            (&odd(63), E),
            (&odd(2049), E),
            (&odd(1 << 20), E),
            (&even, E),
            (&odd(128), &[]),
            (&odd(128), &[0, 0]),
        ];
        for (n, e) in bad {
            assert!(PublicKey::new(n, e).is_err(), "{} octets", n.len());
        }
        assert!(PublicKey::new(&odd(128), &odd(33)).is_err());
        for (n, e) in [(odd(64), vec![1]), (odd(2048), odd(32)), ([vec![0; 9], odd(128)].concat(), vec![0, 0, 2])] {
            let key = PublicKey::new(&n, &e).expect("in range");
            assert_eq!(key.verify_pkcs1(Hash::Sha1, MESSAGE, &odd(key.modulus.len())), Verification::Invalid);
        }
    }

    #[test]
    fn cost_grows_with_modulus_and_exponent() {
        let cost = |n: usize, e: &[u8]| PublicKey::new(&vec![0xff; n], e).expect("in range").pkcs1_cost(Hash::Sha224);
        assert!(cost(256, E) < cost(512, E));
        assert!(cost(256, E) < cost(256, &[0xff; 32]));
        assert!(cost(2048, &[0xff; 32]) < 1 << 27);
    }
}
