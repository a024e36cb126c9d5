//! What this room is for: arithmetic modulo a prime, for curves over prime fields.
//! What must not be in it: a modulus that somebody sent; `Field` is for compiled-in primes only.
//! What would surprise: values must be reduced already; the operations do not check it.

use num_bigint::BigUint;

/// 64-bit limb multiplications that the fixed part of one operation (allocation, set-up of the division) is worth.
/// Measured: a modular product of 256-bit numbers takes about as long as these would in a long product.
const OVERHEAD: u64 = 100;

/// Work of one modular multiplication of `bits`-bit numbers, in 64-bit limb multiplications: the product and the
/// division have about the square of the number of limbs each.
pub(super) fn multiplication_cost(bits: u64) -> u64 {
    let limbs = bits.div_ceil(64);
    limbs.saturating_mul(limbs).saturating_mul(2).saturating_add(OVERHEAD)
}

/// The integers modulo an odd prime. Operands are in `0..p`, and so are results.
pub(super) struct Field {
    p: BigUint,
}

impl Field {
    /// `p` must be an odd prime; `sqrt` may not end otherwise.
    pub(super) fn new(p: BigUint) -> Self {
        Self { p }
    }

    pub(super) fn prime(&self) -> &BigUint {
        &self.p
    }

    pub(super) fn add(&self, a: &BigUint, b: &BigUint) -> BigUint {
        let sum = a + b;
        if sum < self.p { sum } else { sum - &self.p }
    }

    pub(super) fn sub(&self, a: &BigUint, b: &BigUint) -> BigUint {
        if a >= b { a - b } else { a + &self.p - b }
    }

    pub(super) fn double(&self, a: &BigUint) -> BigUint {
        self.add(a, a)
    }

    pub(super) fn negate(&self, a: &BigUint) -> BigUint {
        self.sub(&BigUint::ZERO, a)
    }

    pub(super) fn mul(&self, a: &BigUint, b: &BigUint) -> BigUint {
        a * b % &self.p
    }

    pub(super) fn square(&self, a: &BigUint) -> BigUint {
        self.mul(a, a)
    }

    /// The inverse; None for zero.
    pub(super) fn invert(&self, a: &BigUint) -> Option<BigUint> {
        a.modinv(&self.p)
    }

    /// One of the two square roots by Tonelli and Shanks (Cohen, algorithm 1.5.1); None when there is none.
    pub(super) fn sqrt(&self, a: &BigUint) -> Option<BigUint> {
        let one = BigUint::from(1u32);
        let group = &self.p - &one;
        let two_adicity = group.trailing_zeros()?;
        let odd = &group >> two_adicity;

        let mut root = a.modpow(&((&odd + &one) >> 1u32), &self.p);
        let mut error = a.modpow(&odd, &self.p);
        if error == BigUint::ZERO {
            return Some(error);
        }
        let mut generator = self.non_square().modpow(&odd, &self.p);
        let mut order = two_adicity;
        // Invariant: root² = a · error, and the order of `error` is a power of two below 2^order.
        while error != one {
            let exponent = self.order_of(&error, order)?;
            for _ in exponent + 1..order {
                generator = self.square(&generator);
            }
            root = self.mul(&root, &generator);
            generator = self.square(&generator);
            error = self.mul(&error, &generator);
            order = exponent;
        }
        Some(root)
    }

    /// Whether there is a square root, by the Jacobi symbol (Cohen, algorithm 1.4.10): many times cheaper than the root.
    pub(super) fn is_square(&self, a: &BigUint) -> bool {
        let (mut a, mut n) = (a.to_u64_digits(), self.p.to_u64_digits());
        a.resize(n.len(), 0);
        let low = |number: &[u64]| number.first().copied().unwrap_or(0);
        let mut negative = false;
        loop {
            let Some(limb) = a.iter().position(|limb| *limb != 0) else { return true };
            a.rotate_left(limb);
            let zeros = low(&a).trailing_zeros();
            shift_right(&mut a, zeros);
            // (2/n) = -1 for n = 3 and 5 mod 8; 2^64 is a square.
            negative ^= zeros % 2 == 1 && matches!(low(&n) % 8, 3 | 5);
            if a.iter().rev().lt(n.iter().rev()) {
                negative ^= low(&a) % 4 == 3 && low(&n) % 4 == 3;
                std::mem::swap(&mut a, &mut n);
            }
            // n is odd and coprime to p as long as it is not p itself: when a is 0, n is 1 or p.
            subtract(&mut a, &n);
            if a.iter().all(|limb| *limb == 0) {
                return !negative;
            }
        }
    }

    /// The smallest `i` below `limit` with `a^(2^i) = 1`; None when `a` was no square to begin with.
    fn order_of(&self, a: &BigUint, limit: u64) -> Option<u64> {
        let one = BigUint::from(1u32);
        let mut power = a.clone();
        for exponent in 0..limit {
            if power == one {
                return Some(exponent);
            }
            power = self.square(&power);
        }
        None
    }

    /// The smallest number without a square root, by Euler's criterion.
    fn non_square(&self) -> BigUint {
        let group = &self.p - 1u32;
        let half = &group >> 1u32;
        let mut candidate = BigUint::from(2u32);
        while candidate.modpow(&half, &self.p) != group {
            candidate += 1u32;
        }
        candidate
    }
}

fn shift_right(number: &mut [u64], bits: u32) {
    if bits > 0 {
        let mut above = 0;
        for limb in number.iter_mut().rev() {
            let shifted = *limb >> bits | above << (64 - bits);
            above = std::mem::replace(limb, shifted);
        }
    }
}

/// `a -= b`, for `a >= b` of the same length.
fn subtract(a: &mut [u64], b: &[u64]) {
    let mut borrow = false;
    for (limb, other) in a.iter_mut().zip(b) {
        let (difference, first) = limb.overflowing_sub(*other);
        let (difference, second) = difference.overflowing_sub(u64::from(borrow));
        *limb = difference;
        borrow = first | second;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn square_roots_of_every_residue() {
        // 3 mod 4, 5 mod 8, and 2-adicities 3, 4, 5 and 8.
        for p in [7u32, 13, 41, 113, 97, 257] {
            let field = Field::new(p.into());
            let squares = (0..p).map(|x| x * x % p).collect::<Vec<_>>();
            for a in 0..p {
                let root = field.sqrt(&a.into());
                assert_eq!(root.is_some(), squares.contains(&a), "{a} mod {p}");
                assert_eq!(field.is_square(&a.into()), root.is_some(), "{a} mod {p}");
                assert!(root.is_none_or(|r| field.square(&r) == a.into()), "{a} mod {p}");
            }
        }
    }

    #[test]
    fn squares_by_symbol_and_by_root() {
        for p in [
            (BigUint::from(1u32) << 255u32) - 19u32,
            (BigUint::from(1u32) << 448u32) - (BigUint::from(1u32) << 224u32) - 1u32,
        ] {
            let field = Field::new(p.clone());
            let mut a = BigUint::from(3u32);
            for _ in 0..200 {
                a = field.add(&field.square(&a), &BigUint::from(5u32));
                for limbs in [0u32, 64, 128, 200] {
                    let value = (&a >> limbs) << limbs;
                    assert_eq!(field.is_square(&value), field.sqrt(&value).is_some(), "{value}");
                }
            }
        }
    }
}
