//! What this room is for: SHA-512/224 (FIPS 180-4 §6.6), which aws-lc-rs does not offer.
//! What must not be in it: the other members of the family, which it does.
//! What would surprise: the constants are computed from their definition instead of being listed.

use num_bigint::BigUint;
use std::sync::LazyLock;

/// First 64 bits of the fractional parts of the cube roots of the first eighty primes (FIPS 180-4 §4.2.3).
static ROUND_CONSTANTS: LazyLock<[u64; 80]> =
    LazyLock::new(|| leading_fractions(|prime: u32| (BigUint::from(prime) << (3 * 64u32)).cbrt()));

/// First 64 bits of the fractional parts of the square roots of the first eight primes (FIPS 180-4 §5.3.5).
static SHA512_START: LazyLock<[u64; 8]> =
    LazyLock::new(|| leading_fractions(|prime: u32| (BigUint::from(prime) << (2 * 64u32)).sqrt()));

static SHA512_224_START: LazyLock<[u64; 8]> = LazyLock::new(|| start("SHA-512/224"));

/// SHA-512/224: 28 octets.
pub(super) fn sha512_224(message: &[u8]) -> Vec<u8> {
    let mut output = digest(*SHA512_224_START, message);
    output.truncate(28);
    output
}

/// The initial hash value of SHA-512/t (FIPS 180-4 §5.3.6): the digest of its name under a modified SHA-512.
fn start(name: &str) -> [u64; 8] {
    let modified = SHA512_START.map(|word| word ^ 0xa5a5_a5a5_a5a5_a5a5);
    let octets = digest(modified, name.as_bytes());
    let mut words = [0; 8];
    for (word, chunk) in words.iter_mut().zip(octets.as_chunks().0) {
        *word = u64::from_be_bytes(*chunk);
    }
    words
}

/// SHA-512 from another initial hash value (FIPS 180-4 §5.1.2, §6.4).
fn digest(mut state: [u64; 8], message: &[u8]) -> Vec<u8> {
    let (blocks, rest) = message.as_chunks::<128>();
    for block in blocks {
        compress(&mut state, block);
    }
    let mut last = rest.to_vec();
    last.push(0x80);
    let padded = if last.len() <= 112 { 112 } else { 240 };
    last.resize(padded, 0);
    last.extend((message.len() as u128 * 8).to_be_bytes());
    for block in last.as_chunks::<128>().0 {
        compress(&mut state, block);
    }
    state.iter().flat_map(|word| word.to_be_bytes()).collect()
}

fn compress(state: &mut [u64; 8], block: &[u8; 128]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    for (word, constant) in schedule(block).into_iter().zip(*ROUND_CONSTANTS) {
        let sum1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
        let sum0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
        let choice = (e & f) ^ (!e & g);
        let majority = (a & b) ^ (a & c) ^ (b & c);
        let t1 = h.wrapping_add(sum1).wrapping_add(choice).wrapping_add(constant).wrapping_add(word);
        let t2 = sum0.wrapping_add(majority);
        (h, g, f, e) = (g, f, e, d.wrapping_add(t1));
        (d, c, b, a) = (c, b, a, t1.wrapping_add(t2));
    }
    for (word, new) in state.iter_mut().zip([a, b, c, d, e, f, g, h]) {
        *word = word.wrapping_add(new);
    }
}

fn schedule(block: &[u8; 128]) -> [u64; 80] {
    let mut words = [0u64; 80];
    for (word, octets) in words.iter_mut().zip(block.as_chunks().0) {
        *word = u64::from_be_bytes(*octets);
    }
    for t in 16..80 {
        let (early, late) = (words[t - 15], words[t - 2]);
        let sigma0 = early.rotate_right(1) ^ early.rotate_right(8) ^ (early >> 7);
        let sigma1 = late.rotate_right(19) ^ late.rotate_right(61) ^ (late >> 6);
        words[t] = sigma1.wrapping_add(words[t - 7]).wrapping_add(sigma0).wrapping_add(words[t - 16]);
    }
    words
}

/// The low 64 bits of `scaled_root` of the first N primes: a root scaled by 2^64 without its integer part.
fn leading_fractions<const N: usize>(scaled_root: impl Fn(u32) -> BigUint) -> [u64; N] {
    let is_prime = |&candidate: &u32| (2..candidate).all(|divisor| candidate % divisor != 0);
    let mut primes = (2..).filter(is_prime);
    std::array::from_fn(|_| {
        let root = primes.next().map(&scaled_root).unwrap_or_default();
        root.iter_u64_digits().next().unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_lc_rs::digest as fast;

    #[test]
    fn other_members_of_the_family_agree_with_aws_lc() {
        for length in (0..400).step_by(3) {
            let message = vec![0xa7; length];
            assert_eq!(digest(*SHA512_START, &message), fast::digest(&fast::SHA512, &message).as_ref());
            let truncated = digest(start("SHA-512/256"), &message);
            assert!(truncated.starts_with(fast::digest(&fast::SHA512_256, &message).as_ref()));
        }
    }

    #[test]
    fn abc() {
        // NIST CSRC, "SHA-512/224" example, one-block message.
        let hex = sha512_224(b"abc").iter().map(|b| format!("{b:02x}")).collect::<String>();
        assert_eq!(hex, "4634270f707b6a54daae7530460842e20e37ed265ceee9a43e8924aa");
    }
}
