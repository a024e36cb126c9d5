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
                assert!(root.is_none_or(|r| field.square(&r) == a.into()), "{a} mod {p}");
            }
        }
    }
}
