//! Numbers that several keys of a run have in common: primes of RSA moduli, by Bernstein's batch GCD ("How to find smooth
//! parts of integers", 2004; as used by Heninger et al., "Mining Your Ps and Qs", 2012).
//! Whose keys they are is not known here; equal moduli are the caller's to leave out.

use dashu_int::UBig;
use dashu_int::ops::Gcd as _;
use rayon::prelude::*;

/// For each modulus, what it has in common with the product of all the others; one for most.
///
/// Equal moduli would have everything in common: they must be distinct. A modulus that shares both of its primes with
/// different others is given back whole.
pub fn common_factors(moduli: &[UBig]) -> Vec<UBig> {
    if moduli.len() < 2 {
        return vec![UBig::ONE; moduli.len()];
    }
    // The product tree, leaves first.
    let leaf = |modulus: &UBig| if modulus.is_zero() { UBig::ONE } else { modulus.clone() };
    let mut levels: Vec<Vec<UBig>> = vec![moduli.iter().map(leaf).collect()];
    while let Some(last) = levels.last().filter(|level| level.len() > 1) {
        let above = last.par_chunks(2).map(|pair| pair.iter().product()).collect();
        levels.push(above);
    }
    // The remainder tree: the product of all modulo the square of each node, from the root down.
    let mut remainders = levels.pop().unwrap_or_default();
    while let Some(level) = levels.pop() {
        let above = &remainders;
        remainders = level
            .par_iter()
            .enumerate()
            .map(|(number, node)| above.get(number / 2).map_or(UBig::ZERO, |product| product % node.sqr()))
            .collect();
    }
    moduli
        .par_iter()
        .zip(remainders)
        .map(|(modulus, remainder)| if modulus.is_zero() { UBig::ONE } else { (remainder / modulus).gcd(modulus) })
        .collect()
}

/// The pairs of numbers among those with something in common that share it, by their places, each with the common factor.
pub fn pairs(moduli: &[UBig], common: &[UBig]) -> Vec<(usize, usize, UBig)> {
    /// More are not told one by one.
    const MOST: usize = 1000;
    let suspects: Vec<usize> =
        (0..moduli.len()).filter(|number| common.get(*number).is_some_and(|c| *c > UBig::ONE)).collect();
    let mut found = Vec::new();
    for (rank, first) in suspects.iter().enumerate() {
        for second in suspects.iter().skip(rank + 1) {
            let (Some(one), Some(other)) = (moduli.get(*first), moduli.get(*second)) else { continue };
            let shared = one.gcd(other);
            if shared > UBig::ONE {
                found.push((*first, *second, shared));
            }
            if found.len() == MOST {
                return found;
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_primes_are_found_wherever_they_stand() {
        let primes: Vec<UBig> =
            [1_000_003u32, 1_000_033, 1_000_037, 1_000_039, 1_000_081, 1_000_099, 1_000_117, 1_000_121, 1_000_133]
                .map(UBig::from)
                .to_vec();
        let n = |p: usize, q: usize| &primes[p] * &primes[q];
        let moduli = vec![n(0, 1), n(2, 3), n(4, 5), n(0, 6), n(7, 8)];
        let common = common_factors(&moduli);
        assert_eq!(common, [primes[0].clone(), UBig::ONE, UBig::ONE, primes[0].clone(), UBig::ONE]);
        assert_eq!(pairs(&moduli, &common), [(0, 3, primes[0].clone())]);
        // Both primes are shared, with two different others.
        let moduli = vec![n(0, 1), n(0, 2), n(1, 3)];
        let common = common_factors(&moduli);
        assert_eq!(common, [n(0, 1), primes[0].clone(), primes[1].clone()]);
        assert_eq!(pairs(&moduli, &common).len(), 2);
    }

    #[test]
    fn few_and_odd_ones() {
        assert!(common_factors(&[]).is_empty());
        assert_eq!(common_factors(&[UBig::from(15u8)]), [UBig::ONE]);
        assert_eq!(common_factors(&[UBig::from(15u8), UBig::ZERO]).len(), 2);
        assert_eq!(
            common_factors(&[UBig::from(15u8), UBig::from(77u8), UBig::from(221u16)]),
            [UBig::ONE, UBig::ONE, UBig::ONE]
        );
    }
}
