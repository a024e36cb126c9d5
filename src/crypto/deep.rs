//! What this room is for: keys that only costly computations take apart: prime moduli, larger factors, p - 1, small EC private keys.
//! What must not be in it: anything that every run can afford (`weakness`), and computations over many keys (`estate`).
//! What would surprise: these run with `--deep` only, and each says beforehand what it costs, since moduli are a stranger's choice.

use std::collections::HashMap;
use std::sync::{LazyLock, Mutex};

use num_bigint::BigUint;
use num_integer::Integer as _;

use super::Curve;
use super::curve::Group;
use super::field::multiplication_cost;

/// Primes up to here are tried as factors, as badkeys does.
const FACTOR_LIMIT: u32 = 65537;

/// Largest prime power in the exponent of Pollard's p - 1 method.
const SMOOTH: u32 = 1000;

/// Private keys below 2^this, and their negatives, are found on elliptic curves.
const SMALL_PRIVATE_BITS: u32 = 24;

/// Work of the RSA tests on a modulus of so many bits, in 64-bit limb multiplications.
pub(crate) fn rsa_cost(bits: u64) -> u64 {
    // A power with an exponent as long as the modulus, one with 1,438 bits, the remainder of a number of 94,000 bits, and
    // three square roots, of some ten products each, for each of 79 ratios.
    (bits + 1438 + 94_000 / 64 + 79 * 30) * multiplication_cost(bits)
}

/// Work of [`small_private_key`], in 64-bit limb multiplications: two chains of additions, half of the bits each.
pub(crate) fn ec_cost(curve: Curve) -> u64 {
    (1 << (SMALL_PRIVATE_BITS / 2)) * 20 * multiplication_cost(u64::from(curve.bits()))
}

/// The product of all primes up to 65537.
static PRIMORIAL: LazyLock<BigUint> = LazyLock::new(|| {
    let mut composite = vec![false; FACTOR_LIMIT as usize + 1];
    let mut product = BigUint::from(1u8);
    let mut part = 1u64;
    for number in 2..=FACTOR_LIMIT {
        if composite.get(number as usize) == Some(&true) {
            continue;
        }
        for multiple in (u64::from(number).pow(2)..=u64::from(FACTOR_LIMIT)).step_by(number as usize) {
            if let Some(mark) = composite.get_mut(multiple as usize) {
                *mark = true;
            }
        }
        part *= u64::from(number);
        if part >> 40 != 0 {
            product *= std::mem::replace(&mut part, 1);
        }
    }
    product * part
});

/// The least prime up to 65537 that divides an odd modulus, if any does.
pub(crate) fn factor(modulus: &BigUint) -> Option<u32> {
    if *modulus <= BigUint::from(FACTOR_LIMIT) {
        return None;
    }
    let common = (&*PRIMORIAL % modulus).gcd(modulus);
    if common == BigUint::from(1u8) {
        return None;
    }
    (3..=FACTOR_LIMIT).step_by(2).find(|number| &common % number == BigUint::ZERO)
}

/// Whether a modulus is, as far as Fermat's test to base 2 tells, a prime. A composite that passes is as good as never met;
/// no modulus that is called composite is a prime.
pub(crate) fn is_probable_prime(modulus: &BigUint) -> bool {
    if *modulus <= BigUint::from(3u8) || !modulus.bit(0) {
        return false;
    }
    let before = modulus - 1u8;
    let one = BigUint::from(1u8);
    // Only those that pass the first base pay for the others.
    [2u8, 3, 5, 7].iter().all(|base| BigUint::from(*base).modpow(&before, modulus) == one)
}

/// A factor p of the modulus for which p - 1 has no prime power above a thousand (Pollard, 1974).
pub(crate) fn smooth_factor(modulus: &BigUint) -> Option<BigUint> {
    /// The least common multiple of 1..=1000.
    static EXPONENT: LazyLock<BigUint> =
        LazyLock::new(|| (1..=SMOOTH).fold(BigUint::from(1u8), |multiple, number| multiple.lcm(&number.into())));
    let one = BigUint::from(1u8);
    // Not 2, whose order is small modulo primes of special forms.
    let power = BigUint::from(3u8).modpow(&EXPONENT, modulus);
    let factor = if power > one { (power - &one).gcd(modulus) } else { return None };
    (factor > one && factor < *modulus).then_some(factor)
}

/// Ratios u/v of primes that are tried: up to this many times each other.
const RATIO: u32 = 16;

/// The ratio `(u, v)` if the primes of the modulus are close to u : v, so that Fermat's method finds them with
/// 4uv·n in place of n (Lehman, 1974). 1 : 1 is left to the cheap test.
pub(crate) fn close_ratio(modulus: &BigUint) -> Option<(u32, u32)> {
    let ratios = || (1..=RATIO).flat_map(|u| (1..u).map(move |v| (u, v))).filter(|(u, v)| u.gcd(v) == 1);
    let factor = ratios().find_map(|(u, v)| {
        let multiple = modulus * (4 * u * v);
        let root = multiple.sqrt();
        // 4uv·n = (up + vq)² - (up - vq)²; a few rounds, as the ratio is all that is looked for.
        (0..2u32).find_map(|round| {
            let sum = &root + 1u8 + round;
            let square = &sum * &sum - &multiple;
            let difference = square.sqrt();
            if &difference * &difference != square {
                return None;
            }
            let factor = (&sum + &difference).gcd(modulus);
            (factor > BigUint::from(1u8) && factor < *modulus).then_some(factor)
        })
    })?;
    // Only u·v went into the computation: which of its ratios it is, the primes tell.
    let other = modulus / &factor;
    let (larger, smaller) = if factor > other { (factor, other) } else { (other, factor) };
    let distance = |(u, v): &(u32, u32)| {
        let (one, other) = (&larger * *v, &smaller * *u);
        if one > other { (one - other) / *v } else { (other - one) / *v }
    };
    ratios().chain([(1, 1)]).min_by_key(distance).filter(|ratio| *ratio != (1, 1))
}

/// Whether the primes agree in their lower halves: then the square root of the modulus modulo a power of two is that half
/// of both, and their upper halves follow.
pub(crate) fn shared_low_bits(modulus: &BigUint) -> bool {
    let one = BigUint::from(1u8);
    // p = r + a·2^k and q = r + b·2^k with a + b < 2^k.
    let k = modulus.bits() / 4 + 2;
    let power = &one << k;
    let mask = |number: BigUint| number % &power;
    // A square root modulo 2^k by lifting bit by bit (an odd square is 1 modulo 8); there are four.
    if modulus % 8u8 != one {
        return false;
    }
    let mut root = one.clone();
    for bit in 3..=k {
        let square = &root * &root;
        let differs = square.bit(bit - 1) != modulus.bit(bit - 1);
        if differs {
            root += &one << (bit - 2);
        }
    }
    let half = &one << (k - 1);
    let roots = [root.clone(), mask(&power - &root), mask(&root + &half), mask(&power - &root + &half)];
    roots.iter().any(|r| {
        let square = r * r;
        let Some(inverse) = r.modinv(&power) else { return false };
        if square > *modulus || (modulus - &square).trailing_zeros().unwrap_or(u64::MAX) < k {
            return false;
        }
        // n = r² + r·s·2^k + ab·2^2k, where s = a + b.
        let sum = mask(((modulus - &square) >> k) * inverse);
        let total = (r << 1u32) + (sum << k);
        // p + q is known: the rest is a quadratic equation.
        let (square, four) = (&total * &total, modulus << 2u32);
        if square < four {
            return false;
        }
        let rest = square - four;
        let difference = rest.sqrt();
        &difference * &difference == rest && difference != total
    })
}

/// The x coordinates of kG by their lowest 64 bits, for the small k of one curve.
type Table = HashMap<u64, u32>;

/// A private key d or n - d below 2^24 for this public point, by baby steps and giant steps (Shanks, 1971).
pub(crate) fn small_private_key(curve: Curve, point: &[u8]) -> Option<u64> {
    const STEP: u32 = 1 << (SMALL_PRIVATE_BITS / 2);
    static TABLES: LazyLock<Mutex<HashMap<&'static str, std::sync::Arc<Table>>>> = LazyLock::new(Mutex::default);
    let group = Group::new(curve)?;
    let public = group.decode(point).ok()?;
    let key = |x: &BigUint| x.iter_u64_digits().next().unwrap_or(0);
    let table = {
        let mut tables = TABLES.lock().ok()?;
        tables
            .entry(curve.name())
            .or_insert_with(|| {
                // kG for k = 1..=STEP: one more doubles the range, as x says nothing of the sign.
                let points = group.progression(group.base(), group.base(), STEP as usize);
                let rows = points.iter().zip(1..).filter_map(|(point, k)| Some((key(&point.as_ref()?.x), k)));
                std::sync::Arc::new(rows.collect())
            })
            .clone()
    };
    // Q - i·2·STEP·G for i = 0, 1, ...: one of them is ±kG with k <= STEP if d is below STEP².
    let zero = BigUint::ZERO;
    let stride = group.negated(&group.combine(&(2 * STEP).into(), &zero, group.base())?);
    for start in [public.clone(), group.negated(&public)] {
        let points = group.progression(&start, &stride, (STEP / 2) as usize + 1);
        for (number, point) in points.iter().enumerate() {
            let offset = number as u64 * u64::from(2 * STEP);
            let candidates = match point {
                // The point at infinity: d is the offset itself.
                None => [Some(offset), None],
                Some(point) => match table.get(&key(&point.x)) {
                    Some(k) => [Some(offset + u64::from(*k)), offset.checked_sub(u64::from(*k))],
                    None => continue,
                },
            };
            let found =
                candidates.into_iter().flatten().filter(|d| *d > 0).find(|d| {
                    group.combine(&(*d).into(), &zero, group.base()).is_some_and(|point| point.x == public.x)
                });
            if found.is_some() {
                return found;
            }
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Mersenne primes 2^k - 1.
    fn mersenne(k: u32) -> BigUint {
        (BigUint::from(1u8) << k) - 1u8
    }

    #[test]
    fn primes_and_composites() {
        assert!(is_probable_prime(&mersenne(521)) && is_probable_prime(&mersenne(1279)));
        assert!(!is_probable_prime(&(mersenne(521) * mersenne(607))));
        assert!(!is_probable_prime(&mersenne(523)));
        // Carmichael numbers pass Fermat's test to every base that has no factor in common with them.
        assert!(!is_probable_prime(&561u32.into()));
    }

    #[test]
    fn factors_to_the_border() {
        let big = mersenne(1279);
        assert_eq!(factor(&big), None);
        for prime in [3u32, 757, 65521, 65537] {
            assert_eq!(factor(&(&big * prime)), Some(prime));
        }
        assert_eq!(factor(&(&big * 65539u32)), None, "65539 is the first prime that is not tried");
        assert_eq!(factor(&(&big * 1009u32 * 5u32)), Some(5));
    }

    #[test]
    fn smooth_neighbours() {
        // 2·3·5·...·61·k + 1 is prime for a small k: p - 1 is as smooth as can be.
        let primes =
            [2u32, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97];
        let product = primes.iter().fold(BigUint::from(1u8), |product, prime| product * *prime);
        let smooth = (1u32..900).map(|k| &product * k + 1u8).find(is_probable_prime).expect("a prime");
        let other = mersenne(521);
        assert_eq!(smooth_factor(&(&smooth * &other)), Some(smooth));
        // 2^607 - 2 has larger prime factors than a thousand.
        assert_eq!(smooth_factor(&(mersenne(607) * mersenne(1279))), None);
    }

    /// The next number that passes for a prime.
    fn prime_after(mut number: BigUint) -> BigUint {
        number.set_bit(0, true);
        while !is_probable_prime(&number) {
            number += 2u8;
        }
        number
    }

    #[test]
    fn primes_in_a_ratio() {
        let p = prime_after(mersenne(521) / 3u8);
        assert_eq!(close_ratio(&(&p * prime_after(&p + 2u8))), None, "1 : 1 is found without this");
        for (u, v) in [(2u32, 1u32), (3, 2), (6, 1), (15, 1), (16, 15)] {
            let q = prime_after(&p * u / v);
            assert_eq!(close_ratio(&(&p * q)), Some((u, v)));
        }
        assert_eq!(close_ratio(&(&p * prime_after(&p * 17u8))), None);
        assert_eq!(
            close_ratio(&(mersenne(521) * prime_after(mersenne(521) / 7u8 * 5u8 + (BigUint::from(1u8) << 400)))),
            None
        );
    }

    #[test]
    fn primes_that_agree_in_their_lower_halves() {
        let low = mersenne(521) % (BigUint::from(1u8) << 300u32) / 5u8;
        let with_top = |top: u32| {
            // Upper parts are searched until the number is prime; the lower 300 bits stay.
            (0u32..)
                .map(|more| ((BigUint::from(top + more) << 490u32) + &low) | BigUint::from(1u8))
                .find(is_probable_prime)
                .expect("a prime")
        };
        let (p, q) = (with_top(0x4000_0000), with_top(0x5000_0000));
        assert!(shared_low_bits(&(&p * &q)));
        assert!(!shared_low_bits(&(&p * prime_after(mersenne(521) / 3u8))));
    }

    #[test]
    fn small_private_keys_on_curves() {
        for (name, d) in
            [("P-256", 1u64), ("P-256", 4096), ("secp256k1", 8191), ("P-224", 8192), ("P-384", (1 << 24) - 1)]
        {
            let curve = Curve::from_name(name).expect("known");
            let group = Group::new(curve).expect("a prime field");
            let zero = BigUint::ZERO;
            let point = group.combine(&d.into(), &zero, group.base()).expect("finite");
            assert_eq!(small_private_key(curve, &group.encode(&point)), Some(d), "{name} {d}");
            let negative = group.encode(&group.negated(&point));
            assert_eq!(small_private_key(curve, &negative), Some(d), "{name} -{d}");
        }
        let curve = Curve::from_name("P-256").expect("known");
        let group = Group::new(curve).expect("a prime field");
        let large = group.combine(&(BigUint::from(1u8) << 200), &BigUint::ZERO, group.base()).expect("finite");
        assert_eq!(small_private_key(curve, &group.encode(&large)), None);
        assert_eq!(small_private_key(curve, &[4; 3]), None);
    }
}
