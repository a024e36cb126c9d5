//! RSA of any size by multi-prime keys (RFC 8017 section 3.1): many primes of at most 256 bits are found quickly.
//! Such keys protect nothing; a verifier cannot tell, and that is all the forge needs.
//! The prime search is seeded, so a key is the same in every run.

use num_bigint::BigUint;

use super::der::{int, seq, uint};

/// A source of numbers that are always the same.
#[derive(Debug, Clone)]
pub struct Xorshift(u64);

impl Xorshift {
    /// From any seed.
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D)
    }

    /// A number below 2^bits.
    pub fn bits(&mut self, bits: u64) -> BigUint {
        let words: Vec<u32> = (0..bits.div_ceil(32)).map(|_| (self.next_u64() >> 32) as u32).collect();
        BigUint::new(words) & ((BigUint::from(1u8) << bits) - 1u8)
    }
}

/// A private key.
#[derive(Debug, Clone)]
pub struct Rsa {
    /// The modulus.
    pub n: BigUint,
    /// The public exponent.
    pub e: BigUint,
    /// Each prime with its private exponent.
    parts: Vec<(BigUint, BigUint)>,
}

impl Rsa {
    /// From distinct primes, none of which is 1 modulo a factor of `e`.
    pub fn from_primes(primes: &[BigUint], e: BigUint) -> Self {
        let n = primes.iter().product();
        let one = BigUint::from(1u8);
        // Modulo 2 every exponent does the same; `modinv` would say 0.
        let exponent = |p: &BigUint| {
            if p.bits() == 2 && !p.bit(0) { one.clone() } else { e.modinv(&(p - 1u8)).unwrap_or_default() }
        };
        let parts = primes.iter().map(|p| (p.clone(), exponent(p))).collect();
        Self { n, e, parts }
    }

    /// A key of exactly `bits` bits.
    pub fn generate(bits: u64, e: &BigUint, seed: u64) -> Self {
        let one = BigUint::from(1u8);
        let mut random = Xorshift::new(seed ^ bits);
        let count = bits.div_ceil(256).max(2);
        let mut primes: Vec<BigUint> = Vec::new();
        while (primes.len() as u64) < count - 1 {
            let prime = prime(&mut random, &(&one << (bits / count - 1)), &(&one << (bits / count)), e);
            if !primes.contains(&prime) {
                primes.push(prime);
            }
        }
        let product: BigUint = primes.iter().product();
        let low = (&one << (bits - 1)) / &product + 1u8;
        let high = (&one << bits) / &product;
        primes.push(prime(&mut random, &low, &high, e));
        let key = Self::from_primes(&primes, e.clone());
        assert_eq!(key.n.bits(), bits);
        key
    }

    /// The same primes with another exponent that does the same (`e` plus a multiple of the group's exponent): larger than the modulus.
    pub fn with_huge_exponent(&self) -> Self {
        let phi: BigUint = self.parts.iter().map(|(p, _)| p - 1u8).product();
        let factor = &self.n / &phi + 1u8;
        Self { n: self.n.clone(), e: &self.e + phi * factor, parts: self.parts.clone() }
    }

    /// The primes.
    pub fn primes(&self) -> Vec<BigUint> {
        self.parts.iter().map(|(p, _)| p.clone()).collect()
    }

    /// RSAPrivateKey of a key with two primes (RFC 8017 appendix A.1.2).
    pub fn pkcs1(&self) -> Vec<u8> {
        let [(p, dp), (q, dq)] = self.parts.as_slice() else { panic!("two primes") };
        let phi = (p - 1u8) * (q - 1u8);
        let d = self.e.modinv(&phi).expect("an exponent");
        let inverse = q.modinv(p).expect("distinct primes");
        let numbers = [&self.n, &self.e, &d, p, q, dp, dq, &inverse].map(uint);
        seq(&[&int(0)].into_iter().map(Vec::as_slice).chain(numbers.iter().map(Vec::as_slice)).collect::<Vec<_>>())
    }

    /// Octets of the modulus.
    pub fn size(&self) -> usize {
        usize::try_from(self.n.bits().div_ceil(8)).expect("a modulus that fits")
    }

    /// RSASP1: the number whose e-th power is the message.
    pub fn private(&self, message: &[u8]) -> Vec<u8> {
        let m = BigUint::from_bytes_be(message);
        let mut x = BigUint::default();
        let mut product = BigUint::from(1u8);
        for (p, d) in &self.parts {
            let wanted = (&m % p).modpow(d, p);
            let inverse = product.modinv(p).expect("distinct primes");
            let step = ((wanted + p - &x % p) * inverse) % p;
            x += &product * step;
            product *= p;
        }
        self.octets(&x)
    }

    /// The number whose square is the message, if there is one; for primes that are 3 modulo 4.
    pub fn square_root(&self, message: &[u8]) -> Option<Vec<u8>> {
        let m = BigUint::from_bytes_be(message);
        let parts = self.parts.iter().map(|(p, _)| (p.clone(), (p + 1u8) >> 2)).collect();
        let root = Self { n: self.n.clone(), e: self.e.clone(), parts }.private(message);
        (BigUint::from_bytes_be(&root).modpow(&BigUint::from(2u8), &self.n) == m).then_some(root)
    }

    /// A number as long as the modulus.
    pub fn octets(&self, value: &BigUint) -> Vec<u8> {
        let bytes = value.to_bytes_be();
        let mut out = vec![0; self.size() - bytes.len()];
        out.extend(bytes);
        out
    }
}

const SMALL: [u32; 53] = [
    3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47, 53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109,
    113, 127, 131, 137, 139, 149, 151, 157, 163, 167, 173, 179, 181, 191, 193, 197, 199, 211, 223, 227, 229, 233, 239,
    241, 251,
];

/// A prime with `low <= p < high`, p = 3 modulo 4, and p - 1 without a common factor with `e`.
pub fn prime(random: &mut Xorshift, low: &BigUint, high: &BigUint, e: &BigUint) -> BigUint {
    let width = high - low;
    let one = BigUint::from(1u8);
    loop {
        let candidate = (low + random.bits(width.bits() + 64) % &width) | BigUint::from(3u8);
        if &candidate >= high || SMALL.iter().any(|small| &candidate % small == BigUint::default()) {
            continue;
        }
        let less = &candidate - 1u8;
        if e.bit(0) && e.bits() > 1 && e.modinv(&less).is_none() {
            continue;
        }
        // Two Fermat tests are plenty for numbers taken at random.
        if [2u8, 3].iter().all(|base| BigUint::from(*base).modpow(&less, &candidate) == one) {
            return candidate;
        }
    }
}
