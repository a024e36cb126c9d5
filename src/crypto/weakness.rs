//! What this room is for: RSA moduli that small computations take apart: factors, close primes, ROCA, patterns, small private exponents.
//! What must not be in it: anything that costs more than a signature verification; batch computations over many keys.
//! What would surprise: all but one of these tests work on remainders in machine words; only Fermat's wants one square root.

use std::sync::LazyLock;

use num_bigint::BigUint;
use num_integer::Integer as _;

/// Longest modulus in bits that is looked at; longer ones are nobody's key.
const MAX_BITS: u64 = 16384;

/// Primes up to here are tried as factors: TLS BR 6.1.6 asks for none below 752.
const SMALL: u64 = 752;

/// The rounds that TLS BR 6.1.1.3 (5) asks for.
const ROUNDS: u32 = 100;

/// Longest modulus in bits for which continued fractions are computed.
const WIENER_BITS: u64 = 4096;

/// Whether a modulus (big-endian) can be looked at.
///
/// # Errors
/// Why not.
pub(crate) fn judgeable(modulus: &[u8]) -> Result<(), String> {
    let bits = crate::request::bit_length(modulus);
    if u64::from(bits) > MAX_BITS {
        return Err(format!("the modulus has {bits} bits; more than {MAX_BITS} are not looked at"));
    }
    Ok(())
}

/// Primes whose product fits 24 bits, with the powers of 2^32 modulo that product: then a remainder is a sum of products.
struct Group {
    product: u64,
    primes: Vec<u64>,
    powers: [u32; WORDS],
}

/// Words of 32 bits for which there are powers; longer moduli are divided instead.
const WORDS: usize = 128;

static GROUPS: LazyLock<Vec<Group>> = LazyLock::new(|| {
    let is_prime = |n: u64| (3..).step_by(2).take_while(|d| d * d <= n).all(|d| !n.is_multiple_of(d));
    let mut groups: Vec<(u64, Vec<u64>)> = Vec::new();
    for prime in (3..SMALL).step_by(2).filter(|n| is_prime(*n)) {
        match groups.last_mut().filter(|(product, _)| product * prime < 1 << 24) {
            Some((product, primes)) => {
                *product *= prime;
                primes.push(prime);
            }
            None => groups.push((prime, vec![prime])),
        }
    }
    groups
        .into_iter()
        .map(|(product, primes)| {
            let mut power = 1;
            let powers = std::array::from_fn(|_| {
                let this = power;
                power = (power << 32) % product;
                this as u32
            });
            Group { product, primes, powers }
        })
        .collect()
});

/// The words of a number (big-endian octets), the least significant first.
fn words(octets: &[u8]) -> Vec<u32> {
    octets.rchunks(4).map(|word| word.iter().fold(0, |value, octet| value << 8 | u32::from(*octet))).collect()
}

impl Group {
    /// A number modulo the product. A word times a power is below 2^56, so 128 of them stay below 2^63.
    fn remainder(&self, words: &[u32], octets: &[u8]) -> u64 {
        if words.len() > WORDS {
            return remainder(octets, self.product);
        }
        let sum: u64 = words.iter().zip(&self.powers).map(|(word, power)| u64::from(*word) * u64::from(*power)).sum();
        sum % self.product
    }
}

/// `octets` (big-endian) modulo a word.
fn remainder(octets: &[u8], modulus: u64) -> u64 {
    let head = octets.len() % 8;
    let (head, words) = octets.split_at(head);
    let first = head.iter().fold(0, |value: u64, octet| value << 8 | u64::from(*octet));
    words.chunks_exact(8).fold(first % modulus, |remainder, word| {
        let word = word.iter().fold(0, |value: u64, octet| value << 8 | u64::from(*octet));
        ((u128::from(remainder) << 64 | u128::from(word)) % u128::from(modulus)) as u64
    })
}

/// The least odd prime below 752 that divides the modulus. An even modulus is malformed, which is told when it is read.
pub(crate) fn small_factor(modulus: &[u8]) -> Option<u64> {
    let words = words(modulus);
    GROUPS.iter().find_map(|group| {
        let rest = group.remainder(&words, modulus);
        group.primes.iter().copied().find(|prime| rest.is_multiple_of(*prime))
    })
}

/// In which round Fermat's method finds the primes, if within a hundred (TLS BR 6.1.1.3 (5)).
pub(crate) fn close_primes(modulus: &[u8]) -> Option<u32> {
    /// A product of small odd primes: a square is a square modulo each of them.
    const FILTER: [u64; 10] = [3, 5, 7, 11, 13, 17, 19, 23, 29, 31];
    const PRODUCT: u64 = 3 * 5 * 7 * 11 * 13 * 17 * 19 * 23 * 29 * 31;
    let n = BigUint::from_bytes_be(modulus);
    if n.is_even() || n < BigUint::from(9_u8) {
        return None;
    }
    let floor = n.sqrt();
    let root = if &floor * &floor == n { floor } else { floor + 1_u8 };
    // a² - n = b², where a is the mean of the primes. From round to round a grows by one, and a² by 2a + 1.
    let mut step = word(&root, PRODUCT) * 2 + 1;
    let mut square = {
        let a = word(&root, PRODUCT);
        ((u128::from(a) * u128::from(a) + u128::from(PRODUCT - remainder(modulus, PRODUCT))) % u128::from(PRODUCT))
            as u64
    };
    for round in 0..ROUNDS {
        if FILTER.iter().all(|prime| is_square_modulo(square % prime, *prime)) {
            let a = &root + round;
            let rest = &a * &a - &n;
            let b = rest.sqrt();
            if &b * &b == rest {
                return Some(round + 1);
            }
        }
        square = (square + step) % PRODUCT;
        step = (step + 2) % PRODUCT;
    }
    None
}

fn word(value: &BigUint, modulus: u64) -> u64 {
    remainder(&value.to_bytes_be(), modulus)
}

/// Euler's criterion by trial: the primes are below 32.
fn is_square_modulo(value: u64, prime: u64) -> bool {
    (0..=prime / 2).any(|root| root * root % prime == value)
}

/// Whether the modulus is, for each prime up to 167, a power of 65537: "The Return of Coppersmith's Attack" (CVE-2017-15361), section 2.
pub(crate) fn has_roca_fingerprint(modulus: &[u8]) -> bool {
    /// A prime, and one bit for each power of 65537 modulo it.
    static POWERS: LazyLock<Vec<(u64, [u64; 3])>> = LazyLock::new(|| {
        GROUPS
            .iter()
            .flat_map(|group| group.primes.iter().copied())
            .filter(|prime| *prime <= 167)
            .map(|prime| {
                let (mut seen, mut power) = ([0; 3], 1);
                while seen[(power / 64) as usize] & 1 << (power % 64) == 0 {
                    seen[(power / 64) as usize] |= 1 << (power % 64);
                    power = power * 65537 % prime;
                }
                (prime, seen)
            })
            .collect()
    });
    let words = words(modulus);
    let mut powers = POWERS.iter();
    GROUPS.iter().take_while(|group| group.primes.first().is_some_and(|first| *first <= 167)).all(|group| {
        let rest = group.remainder(&words, modulus);
        powers.by_ref().take(group.primes.len()).all(|(prime, seen)| {
            let rest = rest % prime;
            seen[(rest / 64) as usize] & 1 << (rest % 64) != 0
        })
    })
}

/// The prime power p^k, k = 3, 5 or 7, that the modulus is, as k. Squares are found where close primes are.
pub(crate) fn power(modulus: &[u8]) -> Option<u32> {
    let words = words(modulus);
    let mut left = [3u32, 5, 7].map(|exponent| (exponent, true));
    // A k-th power is one modulo every prime, and only one of k numbers is modulo a prime of the form ak + 1.
    for group in GROUPS.iter().take_while(|group| group.primes.first().is_some_and(|first| *first <= 400)) {
        let rest = group.remainder(&words, modulus);
        for prime in &group.primes {
            for (exponent, possible) in &mut left {
                let exponent = u64::from(*exponent);
                if (prime - 1).is_multiple_of(exponent) {
                    let rest = rest % prime;
                    *possible &= rest == 0 || power_modulo(rest, (prime - 1) / exponent, *prime) == 1;
                }
            }
        }
        if left.iter().all(|(_, possible)| !possible) {
            return None;
        }
    }
    let n = BigUint::from_bytes_be(modulus);
    left.iter().filter(|(_, possible)| *possible).map(|(exponent, _)| *exponent).find(|exponent| {
        let root = n.nth_root(*exponent);
        root > BigUint::from(1u8) && root.pow(*exponent) == n
    })
}

fn power_modulo(mut base: u64, mut exponent: u64, modulus: u64) -> u64 {
    let mut power = 1;
    while exponent > 0 {
        if exponent & 1 == 1 {
            power = power * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    power
}

/// How the share of one bits in a modulus is off by more than six standard deviations, which one random key in four
/// thousand million is: in its lower half, too, or in its upper half only, as in moduli that spell a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bias {
    Everywhere,
    UpperHalf,
}

fn bias(octets: &[u8]) -> Option<Bias> {
    /// The square of the distance from one half, in squares of standard deviations.
    fn distance(octets: &[u8]) -> u64 {
        let ones: u64 = octets.iter().map(|octet| u64::from(octet.count_ones())).sum();
        let bits = 8 * octets.len() as u64;
        (2 * ones).abs_diff(bits).pow(2) / bits
    }
    if distance(octets) <= 40 {
        return None;
    }
    let lower = octets.get(octets.len() / 2..).unwrap_or_default();
    Some(if distance(lower) > 12 { Bias::Everywhere } else { Bias::UpperHalf })
}

fn significant(modulus: &[u8]) -> &[u8] {
    let start = modulus.iter().position(|octet| *octet != 0).unwrap_or(modulus.len());
    modulus.get(start..).unwrap_or_default()
}

/// What about the bits of the modulus is not random.
pub(crate) fn pattern(modulus: &[u8]) -> Option<&'static str> {
    let octets = significant(modulus);
    if octets.len() < 32 {
        return None;
    }
    // Eight equal octets in a row: 2^-54 for a random modulus of 2048 bits.
    if octets.windows(8).any(|window| window.iter().all(|octet| *octet == 0)) {
        return Some("it has 64 zero bits in a row");
    }
    if octets.windows(8).any(|window| window.iter().all(|octet| *octet == 0xFF)) {
        return Some("it has 64 one bits in a row");
    }
    if octets.windows(16).any(|window| window.first().is_some_and(|first| window.iter().all(|octet| octet == first))) {
        return Some("it has the same octet 16 times in a row");
    }
    if bias(octets) == Some(Bias::Everywhere) {
        let ones: usize = octets.iter().map(|octet| octet.count_ones() as usize).sum();
        return Some(if ones < octets.len() * 4 { "it has few one bits" } else { "it has few zero bits" });
    }
    // The same eight octets again and again, which two random words never are.
    let mut words: Vec<&[u8]> = octets.rchunks_exact(8).collect();
    let total = words.len();
    words.sort_unstable();
    words.dedup();
    // Equal halves repeat each word once.
    if words.len() * 4 < total * 3 && words.len() * 2 != total {
        return Some("it repeats the same words");
    }
    halves(octets)
}

/// Whether one half of the modulus follows from the other. The lowest and highest octets are left out: there the sum of
/// the prime that was searched for, and the carry of the product, differ.
fn halves(octets: &[u8]) -> Option<&'static str> {
    let half = octets.len() / 2;
    let (upper, lower) = octets.split_at_checked(half)?;
    let inner = |part: &[u8]| part.get(2..part.len().saturating_sub(2)).unwrap_or_default().to_vec();
    let (upper, lower) = (inner(upper), inner(lower.get(octets.len() - 2 * half..).unwrap_or_default()));
    if upper == lower {
        return Some("its halves are equal");
    }
    if upper.iter().zip(&lower).all(|(one, other)| *one == !*other) {
        return Some("one half is the complement of the other");
    }
    if upper.iter().rev().eq(&lower) {
        return Some("one half is the other one backwards");
    }
    None
}

/// Whether the modulus spells a text, or its upper half is far from random while the lower is not ("vanity keys"): the
/// primes were chosen to fit it, which leaves them large, and the key odd.
pub(crate) fn is_vanity(modulus: &[u8]) -> bool {
    let octets = significant(modulus);
    // 32 printable characters in a row: 10^-12 for a random modulus of 2048 bits.
    let spells = octets.windows(32).any(|window| window.iter().all(|octet| matches!(octet, b' '..=b'~')));
    octets.len() >= 32 && pattern(modulus).is_none() && (spells || bias(octets) == Some(Bias::UpperHalf))
}

/// Whether the modulus carries a command of the backdoor in xz 5.6 (CVE-2024-3094): of its DER, the first 16 octets are
/// a, b and c, little-endian, with a·b + c below 4.
pub(crate) fn is_xz_carrier(modulus: &[u8]) -> bool {
    let octets = significant(modulus);
    let padded = [&[0][..usize::from(octets.first().is_some_and(|first| first & 0x80 != 0))], octets].concat();
    let number = |range: std::ops::Range<usize>| {
        padded.get(range).map(|octets| octets.iter().rev().fold(0, |value: u64, octet| value << 8 | u64::from(*octet)))
    };
    matches!((number(0..4), number(4..8), number(8..16)), (Some(a), Some(b), Some(c)) if a.wrapping_mul(b).wrapping_add(c) < 4)
}

/// Whether the private exponent is below a third of the fourth root of the modulus (Wiener, 1990).
///
/// Such an exponent d makes the public one large: e·d is more than the modulus is long. For usual exponents nothing is computed.
pub(crate) fn has_small_private_exponent(modulus: &[u8], exponent: &[u8]) -> bool {
    let (n, e) = (BigUint::from_bytes_be(modulus), BigUint::from_bytes_be(exponent));
    if n.bits() > WIENER_BITS || e.bits() * 10 < n.bits() * 7 || n < e {
        return false;
    }
    // The convergents k/d of e/n, as long as d is small enough.
    let (mut numerator, mut denominator) = (e.clone(), n.clone());
    let (mut k, mut k_before) = (BigUint::from(1_u8), BigUint::ZERO);
    let (mut d, mut d_before) = (BigUint::ZERO, BigUint::from(1_u8));
    while denominator != BigUint::ZERO && d.bits() <= n.bits() / 4 + 1 {
        let (quotient, rest) = numerator.div_rem(&denominator);
        (numerator, denominator) = (denominator, rest);
        // The right convergent is so close that the quotient behind it is at least n^½ / 3d², which is 2 or more below the
        // bound: the others need no closer look.
        if k != BigUint::ZERO && d != BigUint::ZERO && quotient >= BigUint::from(2_u8) && yields_primes(&n, &e, &k, &d)
        {
            return true;
        }
        let next_k = &quotient * &k + &k_before;
        let next_d = &quotient * &d + &d_before;
        (k_before, k) = (k, next_k);
        (d_before, d) = (d, next_d);
    }
    false
}

/// Whether e·d / k is, rounded down, the totient of n: then n - totient + 1 is the sum of two primes whose product is n.
/// With a private exponent modulo the least common multiple of p - 1 and q - 1 there is a rest.
fn yields_primes(n: &BigUint, e: &BigUint, k: &BigUint, d: &BigUint) -> bool {
    let totient = e * d / k;
    // The totient of a product of odd primes is a multiple of four.
    if totient >= *n || totient.bit(0) || totient.bit(1) {
        return false;
    }
    let sum = n - totient + 1_u8;
    let (square, four) = (&sum * &sum, n * 4_u8);
    if square < four {
        return false;
    }
    let rest = square - four;
    let root = rest.sqrt();
    &root * &root == rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prime_after(start: BigUint) -> BigUint {
        let mut candidate = if start.is_even() { start + 1_u8 } else { start };
        let is_prime = |n: &BigUint| {
            small_factor(&n.to_bytes_be()).is_none()
                && [2_u32, 3, 5, 7]
                    .iter()
                    .all(|base| BigUint::from(*base).modpow(&(n - 1_u8), n) == BigUint::from(1_u8))
        };
        while !is_prime(&candidate) {
            candidate += 2_u8;
        }
        candidate
    }

    fn random(seed: u64, octets: usize) -> BigUint {
        let mut state = seed;
        let mut bytes: Vec<u8> = (0..octets)
            .map(|_| {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                (state >> 24) as u8
            })
            .collect();
        bytes[0] |= 0xC0;
        BigUint::from_bytes_be(&bytes)
    }

    #[test]
    fn remainders() {
        let n = random(7, 33);
        for modulus in [3_u64, 751, 65537, u64::MAX - 58] {
            assert_eq!(BigUint::from(remainder(&n.to_bytes_be(), modulus)), &n % modulus);
        }
        for octets in [1, 33, 256, 511, 512, 513, 600].map(|octets| random(9, octets).to_bytes_be()) {
            for group in GROUPS.iter() {
                assert_eq!(group.remainder(&words(&octets), &octets), remainder(&octets, group.product));
            }
        }
    }

    #[test]
    fn powers_of_primes() {
        for exponent in [3u32, 5, 7] {
            let root = prime_after(random(21, 1024 / 8 / exponent as usize + 8));
            assert_eq!(power(&root.pow(exponent).to_bytes_be()), Some(exponent));
            assert_eq!(power(&(root.pow(exponent) + 2u8).to_bytes_be()), None);
            assert_eq!(power(&(root.pow(exponent - 1) * prime_after(&root + 2u8)).to_bytes_be()), None);
        }
        for seed in 0..200 {
            assert_eq!(power(&random(seed + 5, 256).to_bytes_be()), None);
        }
    }

    #[test]
    fn vanity_and_carriers() {
        let mut octets = random(31, 256).to_bytes_be();
        assert!(!is_vanity(&octets) && !is_xz_carrier(&octets));
        let more = random(41, 100).to_bytes_be();
        octets.iter_mut().zip(&more).take(100).for_each(|(octet, more)| *octet |= more);
        assert!(is_vanity(&octets), "three quarters of the bits of the upper half are ones");
        let mut octets = random(31, 256).to_bytes_be();
        octets[2..35].copy_from_slice(b"Example Trading GmbH, Frankfurt a");
        assert!(is_vanity(&octets));
        assert_eq!(pattern(&octets), None);
        // a = 2, b = 3, c = 2^64 - 5: their sum is 1.
        let mut carrier = random(32, 256).to_bytes_be();
        carrier[..16].copy_from_slice(&[2, 0, 0, 0, 3, 0, 0, 0, 0xFB, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        assert!(is_xz_carrier(&carrier));
        carrier[8] = 0xFE;
        assert!(!is_xz_carrier(&carrier));
    }

    #[test]
    fn halves_that_follow_from_each_other() {
        let half = random(33, 128).to_bytes_be();
        assert_eq!(halves(&[&half[..], &half].concat()), Some("its halves are equal"));
        let mut near = [&half[..], &half].concat();
        *near.last_mut().expect("an octet") ^= 0x55;
        assert_eq!(halves(&near), Some("its halves are equal"));
        let complement: Vec<u8> = half.iter().map(|octet| !octet).collect();
        assert_eq!(halves(&[&half[..], &complement].concat()), Some("one half is the complement of the other"));
        let backwards: Vec<u8> = half.iter().rev().copied().collect();
        assert_eq!(halves(&[&half[..], &backwards].concat()), Some("one half is the other one backwards"));
        assert_eq!(halves(&random(34, 256).to_bytes_be()), None);
    }

    #[test]
    fn small_factors_to_the_border() {
        let big = prime_after(random(3, 32));
        assert_eq!(small_factor(&big.to_bytes_be()), None);
        for factor in [3_u64, 43, 751] {
            assert_eq!(small_factor(&(&big * factor).to_bytes_be()), Some(factor));
        }
        assert_eq!(small_factor(&(&big * 757_u32).to_bytes_be()), None, "757 is the first prime that is not tried");
    }

    #[test]
    fn close_primes_are_found_and_others_are_not() {
        let p = prime_after(random(11, 64));
        let near = prime_after(&p + 2_u8);
        let far = prime_after(random(12, 64));
        assert!(close_primes(&(&p * &near).to_bytes_be()).is_some());
        assert_eq!(close_primes(&(&p * &p).to_bytes_be()), Some(1));
        assert_eq!(close_primes(&(&p * &far).to_bytes_be()), None);
        // (p + q) / 2 lies (p - q)² / 8n^½ above the root: a difference of 2^260 is found, one of 2^270 is not.
        let within = prime_after(&p + (BigUint::from(1_u8) << 260_u32));
        let beyond = prime_after(&p + (BigUint::from(1_u8) << 264_u32));
        assert!(close_primes(&(&p * within).to_bytes_be()).is_some());
        assert_eq!(close_primes(&(&p * beyond).to_bytes_be()), None);
    }

    #[test]
    fn roca() {
        // p = k·M + 65537^a mod M, where M is the product of the first 39 primes.
        let m = GROUPS
            .iter()
            .flat_map(|group| group.primes.iter().copied())
            .filter(|prime| *prime <= 167)
            .fold(BigUint::from(2_u8), |product, prime| product * prime);
        let made = |seed: u64| {
            let base = BigUint::from(65537_u32);
            (0_u64..).map(|i| random(seed + i, 4) * &m + base.modpow(&random(seed * 3 + i, 8), &m)).find(|p| {
                small_factor(&p.to_bytes_be()).is_none()
                    && BigUint::from(2_u8).modpow(&(p - 1_u8), p) == BigUint::from(1_u8)
            })
        };
        let n = made(5).expect("a prime") * made(900).expect("a prime");
        assert!(has_roca_fingerprint(&n.to_bytes_be()));
        for seed in 20..60 {
            assert!(!has_roca_fingerprint(&random(seed, 128).to_bytes_be()));
        }
    }

    #[test]
    fn patterns() {
        for seed in 1..200 {
            assert_eq!(pattern(&random(seed, 64).to_bytes_be()), None, "{seed}");
        }
        let mut octets = random(3, 128).to_bytes_be();
        octets[40..47].fill(0);
        assert_eq!(pattern(&octets), None, "56 zero bits");
        octets[40..48].fill(0);
        assert_eq!(pattern(&octets), Some("it has 64 zero bits in a row"));
        assert_eq!(
            pattern(&[0x5A, 0x17, 0xC3, 0x99, 1, 0x72, 0xE4, 0x3B].repeat(16)),
            Some("it repeats the same words")
        );
        assert_eq!(pattern(&[0x81, 2, 1, 1, 4, 0x10, 1, 3, 0x40].repeat(15)), Some("it has few one bits"));
    }

    #[test]
    fn small_private_exponents() {
        let (p, q) = (prime_after(random(31, 64)), prime_after(random(32, 64)));
        let (n, totient) = (&p * &q, (&p - 1_u8) * (&q - 1_u8));
        let exponent = |d: BigUint| {
            let mut d = d | BigUint::from(1_u8);
            loop {
                if let Some(e) = d.modinv(&totient) {
                    return e;
                }
                d += 2_u8;
            }
        };
        let small = exponent(random(33, 31));
        let large = exponent(random(33, 40));
        assert!(has_small_private_exponent(&n.to_bytes_be(), &small.to_bytes_be()));
        assert!(!has_small_private_exponent(&n.to_bytes_be(), &large.to_bytes_be()));
        assert!(!has_small_private_exponent(&n.to_bytes_be(), &[1, 0, 1]));
    }
}
