//! ECDSA over any short Weierstrass curve with plain numbers: no constant time, no care, right results.
//! Points are in Jacobian coordinates, `None` is the point at infinity.
//! The nonce comes from a hash of key and message, so that signatures are the same in every run.

use num_bigint::BigUint;

use super::curves::{CURVES, Curve};
use super::der::{seq, uint};
use super::sign::Hash;

type Jacobian = Option<[BigUint; 3]>;

/// A private key on a curve.
#[derive(Debug)]
pub struct Ec {
    /// The curve.
    pub curve: &'static Curve,
    p: BigUint,
    a: BigUint,
    n: BigUint,
    g: [BigUint; 2],
    d: BigUint,
    /// The public point.
    pub q: [BigUint; 2],
}

fn number(hexadecimal: &str) -> BigUint {
    BigUint::parse_bytes(hexadecimal.as_bytes(), 16).expect("hexadecimal")
}

impl Ec {
    /// A key on the named curve, always the same for one seed.
    pub fn new(name: &str, seed: u8) -> Self {
        Self::from_seed(name, &[seed])
    }

    /// The same with a longer seed.
    pub fn from_seed(name: &str, seed: &[u8]) -> Self {
        let curve = CURVES.iter().find(|curve| curve.name == name).expect("a curve of the table");
        let [p, a, n] = [number(curve.p), number(curve.a), number(curve.n)];
        let g = [number(curve.x), number(curve.y)];
        let d = BigUint::from_bytes_be(&Hash::Sha512.digest(&[name.as_bytes(), seed].concat())) % (&n - 1u8) + 1u8;
        let mut key = Self { curve, p, a, n, g: g.clone(), d, q: g };
        key.q = key.times(&key.d).expect("a key is not infinity");
        key
    }

    /// Octets of a coordinate.
    pub fn size(&self) -> usize {
        usize::try_from(self.p.bits().div_ceil(8)).expect("a small field")
    }

    /// A coordinate as octets.
    pub fn coordinate(&self, value: &BigUint) -> Vec<u8> {
        let bytes = value.to_bytes_be();
        let mut out = vec![0; self.size() - bytes.len()];
        out.extend(bytes);
        out
    }

    /// The public point, uncompressed.
    pub fn point(&self) -> Vec<u8> {
        [&[4][..], &self.coordinate(&self.q[0]), &self.coordinate(&self.q[1])].concat()
    }

    /// The public point, hybrid (X9.62): both coordinates, and y's parity in the first octet.
    pub fn hybrid_point(&self) -> Vec<u8> {
        let mut point = self.point();
        point[0] = 6 | (point[point.len() - 1] & 1);
        point
    }

    /// The public point, compressed.
    pub fn compressed_point(&self) -> Vec<u8> {
        let parity = self.point()[2 * self.size()] & 1;
        [&[2 | parity][..], &self.coordinate(&self.q[0])].concat()
    }

    /// Ecdsa-Sig-Value over a message.
    pub fn sign(&self, hash: Hash, message: &[u8]) -> Vec<u8> {
        let [r, s] = self.sign_raw(hash, message);
        seq(&[&uint(&r), &uint(&s)])
    }

    /// Ecdsa-Sig-Value with a nonce of one's own.
    pub fn sign_with(&self, hash: Hash, message: &[u8], nonce: &BigUint) -> Vec<u8> {
        let digest = hash.digest(message);
        let z = BigUint::from_bytes_be(&digest) >> (8 * digest.len() as u64).saturating_sub(self.n.bits());
        let [x, _] = self.times(nonce).expect("finite");
        let r = x % &self.n;
        let s = nonce.modinv(&self.n).expect("a prime order") * (z + &r * &self.d) % &self.n;
        seq(&[&uint(&r), &uint(&s)])
    }

    /// r and s over a message.
    pub fn sign_raw(&self, hash: Hash, message: &[u8]) -> [BigUint; 2] {
        let digest = hash.digest(message);
        let mut z = BigUint::from_bytes_be(&digest);
        z >>= (8 * digest.len() as u64).saturating_sub(self.n.bits());
        for attempt in 0u8.. {
            let nonce = [self.d.to_bytes_be(), digest.clone(), vec![attempt]].concat();
            let wide = [Hash::Sha512.digest(&nonce), Hash::Sha384.digest(&nonce)].concat();
            let k = BigUint::from_bytes_be(&wide) % (&self.n - 1u8) + 1u8;
            let Some([x, _]) = self.times(&k) else { continue };
            let r = x % &self.n;
            let inverse = k.modinv(&self.n).expect("a prime order");
            let s = (inverse * (&z + &r * &self.d)) % &self.n;
            if r != BigUint::default() && s != BigUint::default() {
                return [r, s];
            }
        }
        unreachable!("some nonce gives a signature")
    }

    fn times(&self, scalar: &BigUint) -> Option<[BigUint; 2]> {
        let base = [self.g[0].clone(), self.g[1].clone(), BigUint::from(1u8)];
        let mut sum: Jacobian = None;
        for i in (0..scalar.bits()).rev() {
            sum = self.double(sum);
            if scalar.bit(i) {
                sum = self.add(sum, &base);
            }
        }
        let [x, y, z] = sum?;
        let inverse = z.modinv(&self.p)?;
        let square = &inverse * &inverse % &self.p;
        Some([x * &square % &self.p, y * (square * inverse) % &self.p])
    }

    fn minus(&self, a: &BigUint, b: &BigUint) -> BigUint {
        (a + &self.p - b % &self.p) % &self.p
    }

    fn double(&self, point: Jacobian) -> Jacobian {
        let [x, y, z] = point?;
        let p = &self.p;
        let yy = &y * &y % p;
        let s = ((&x * &yy) << 2) % p;
        let zz = &z * &z % p;
        let m = (&x * &x * 3u8 + &self.a * (&zz * &zz % p)) % p;
        let x3 = self.minus(&(&m * &m % p), &(&s << 1));
        let y3 = self.minus(&(&m * self.minus(&s, &x3)), &((&yy * &yy) << 3));
        Some([x3, y3, ((y * z) << 1) % p])
    }

    fn add(&self, point: Jacobian, other: &[BigUint; 3]) -> Jacobian {
        let Some([x1, y1, z1]) = point else { return Some(other.clone()) };
        let p = &self.p;
        // The other point is affine (z = 1).
        let zz = &z1 * &z1 % p;
        let u2 = &other[0] * &zz % p;
        let s2 = &other[1] * (&zz * &z1 % p) % p;
        let h = self.minus(&u2, &x1);
        let r = self.minus(&s2, &y1);
        if h == BigUint::default() {
            return if r == BigUint::default() { self.double(Some([x1, y1, z1])) } else { None };
        }
        let hh = &h * &h % p;
        let hhh = &h * &hh % p;
        let v = &x1 * &hh % p;
        let x3 = self.minus(&(&r * &r % p), &(&hhh + (&v << 1)));
        let y3 = self.minus(&(&r * self.minus(&v, &x3)), &(&y1 * &hhh));
        Some([x3, y3, z1 * h % p])
    }
}

impl Ec {
    /// The private key as ECPrivateKey (RFC 5915).
    pub fn private_der(&self) -> Vec<u8> {
        use super::der::{bits, context, int, octets, oid};
        let mut d = self.d.to_bytes_be();
        d.splice(..0, vec![0; self.n.bits().div_ceil(8) as usize - d.len()]);
        seq(&[&int(1), &octets(&d), &context(0, &oid(self.curve.oid)), &context(1, &bits(&self.point()))])
    }
}
