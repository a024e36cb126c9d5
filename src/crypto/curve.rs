//! What this room is for: named elliptic curves in short Weierstrass form: names, point validation, the group law.
//! What must not be in it: signature rules (`ecdsa`) and curve numbers (`domain`).
//! What would surprise: points are in Jacobian coordinates and the time depends on them; nothing here is secret.

use super::domain::{CURVES, CurveInfo};
use super::field::{Field, multiplication_cost};
use super::{oid, same_name};
use num_bigint::BigUint;
use std::collections::HashMap;
use std::fmt;
use std::hash::Hasher;
use std::sync::LazyLock;

/// A named elliptic curve.
#[derive(Clone, Copy)]
pub struct Curve(&'static CurveInfo);

/// What partial public-key validation says about an encoded point (SP 800-56A r3 §5.6.2.3.4, SEC 1 §2.3.4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PointStatus {
    /// A point of the curve other than infinity.
    OnCurve,
    /// The single octet 00: the point at infinity, which is no public key.
    Infinity,
    /// The coordinates do not solve the equation; for a compressed point, no y exists.
    OffCurve,
    /// A coordinate is not below the field prime.
    CoordinateTooLarge,
    /// Empty, or the length does not fit the curve and the form that the first octet announces.
    BadLength,
    /// The first octet is none of 00, 02, 03, 04, 06, 07; or it is 06 or 07 and contradicts the parity of y.
    BadFormat(u8),
    /// On the curve, but not in the subgroup that the base point generates: only curves with a cofactor have such points.
    WrongOrder,
    /// Well-formed, but nothing here computes on this curve (a binary field).
    NotChecked,
}

/// Validates the octets of a public point: its form, its range and the curve equation.
///
/// A compressed point is decompressed, a hybrid one is also checked for the right parity. The order of the point is
/// checked on curves with a cofactor (§5.6.2.3.3 step 4); on all others, which are nearly all, it can be no other.
pub fn point_status(curve: Curve, point: &[u8]) -> PointStatus {
    let Some(group) = Group::new(curve) else {
        return Encoding::parse(curve, point).err().unwrap_or(PointStatus::NotChecked);
    };
    match group.decode(point) {
        Err(status) => status,
        Ok(point) if group.has_cofactor() && !group.has_right_order(&point) => PointStatus::WrongOrder,
        Ok(_) => PointStatus::OnCurve,
    }
}

impl Curve {
    /// The curve of an OID, given as content octets (without tag and length).
    pub fn from_oid(content: &[u8]) -> Option<Self> {
        static INDEX: LazyLock<HashMap<Vec<u8>, &'static CurveInfo>> =
            LazyLock::new(|| oid::index(CURVES, |row| row.oid));
        INDEX.get(content).copied().map(Self)
    }

    /// The curve of a name, an alias or a dotted OID, whatever the case and punctuation: `prime256v1`, `secp256r1`,
    /// `P-256`, `p256`, `nistp256`.
    pub fn from_name(name: &str) -> Option<Self> {
        let is_named = |info: &&CurveInfo| {
            info.oid == name || same_name(info.name, name) || info.aliases.iter().any(|alias| same_name(alias, name))
        };
        CURVES.iter().find(is_named).map(Self)
    }

    /// `P-256` for the prime curves of NIST, the name of SEC, X9.62, brainpool or WTLS for others.
    pub fn name(self) -> &'static str {
        self.0.name
    }

    /// Size of the field in bits: 521 for P-521.
    pub fn bits(self) -> u32 {
        self.0.bits
    }

    /// The dotted object identifier.
    pub fn oid(self) -> &'static str {
        self.0.oid
    }

    /// Content octets of the object identifier.
    pub fn oid_content(self) -> Vec<u8> {
        oid::octets(self.oid())
    }

    /// Octets of a coordinate.
    fn coordinate_len(self) -> usize {
        self.bits().div_ceil(8) as usize
    }
}

impl PartialEq for Curve {
    fn eq(&self, other: &Self) -> bool {
        self.oid() == other.oid()
    }
}

impl Eq for Curve {}

impl std::hash::Hash for Curve {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.oid().hash(state);
    }
}

impl fmt::Debug for Curve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Curve({})", self.name())
    }
}

/// The octets of a point, taken apart (SEC 1 §2.3.3).
enum Encoding<'a> {
    Compressed {
        x: &'a [u8],
        odd: bool,
    },
    /// `odd`: what a hybrid encoding claims about y.
    Full {
        x: &'a [u8],
        y: &'a [u8],
        odd: Option<bool>,
    },
}

impl<'a> Encoding<'a> {
    fn parse(curve: Curve, octets: &'a [u8]) -> Result<Self, PointStatus> {
        let (&form, coordinates) = octets.split_first().ok_or(PointStatus::BadLength)?;
        let count = match form {
            0 if coordinates.is_empty() => return Err(PointStatus::Infinity),
            0 => 0,
            2 | 3 => 1,
            4 | 6 | 7 => 2,
            _ => return Err(PointStatus::BadFormat(form)),
        };
        if count == 0 || coordinates.len() != count * curve.coordinate_len() {
            return Err(PointStatus::BadLength);
        }
        let (x, y) = coordinates.split_at(curve.coordinate_len());
        let odd = form & 1 == 1;
        Ok(match form {
            2 | 3 => Self::Compressed { x, odd },
            4 => Self::Full { x, y, odd: None },
            _ => Self::Full { x, y, odd: Some(odd) },
        })
    }
}

/// A point other than infinity, in affine coordinates.
#[derive(Debug, Clone)]
pub(super) struct Point {
    pub(super) x: BigUint,
    pub(super) y: BigUint,
}

/// A point in Jacobian coordinates: x = X/Z², y = Y/Z³; infinity when Z = 0.
#[derive(Clone)]
struct Jacobian {
    x: BigUint,
    y: BigUint,
    z: BigUint,
}

/// A curve over a prime field, ready for computing.
pub(super) struct Group {
    curve: Curve,
    field: Field,
    a: BigUint,
    b: BigUint,
    base: Point,
    /// Order of the base point, a prime.
    pub(super) order: BigUint,
}

impl Group {
    /// None for curves over binary fields.
    pub(super) fn new(curve: Curve) -> Option<Self> {
        let domain = curve.0.domain.as_ref()?;
        let number = |hex: &str| BigUint::parse_bytes(hex.as_bytes(), 16);
        Some(Self {
            curve,
            field: Field::new(number(domain.p)?),
            a: number(domain.a)?,
            b: number(domain.b)?,
            base: Point { x: number(domain.gx)?, y: number(domain.gy)? },
            order: number(domain.n)?,
        })
    }

    /// Reads and validates a public point. The error is the status that is not `OnCurve`.
    pub(super) fn decode(&self, octets: &[u8]) -> Result<Point, PointStatus> {
        match Encoding::parse(self.curve, octets)? {
            Encoding::Compressed { x, odd } => {
                let x = self.coordinate(x)?;
                let root = self.field.sqrt(&self.right_side(&x)).ok_or(PointStatus::OffCurve)?;
                let y = if root.bit(0) == odd { root } else { self.field.negate(&root) };
                Ok(Point { x, y })
            }
            Encoding::Full { x, y, odd } => {
                let point = Point { x: self.coordinate(x)?, y: self.coordinate(y)? };
                if self.field.square(&point.y) != self.right_side(&point.x) {
                    return Err(PointStatus::OffCurve);
                }
                match odd {
                    Some(odd) if point.y.bit(0) != odd => Err(PointStatus::BadFormat(6 + u8::from(odd))),
                    _ => Ok(point),
                }
            }
        }
    }

    /// The uncompressed encoding (SEC 1 §2.3.3).
    pub(super) fn encode(&self, point: &Point) -> Vec<u8> {
        let mut octets = vec![4];
        for coordinate in [&point.x, &point.y] {
            let magnitude = coordinate.to_bytes_be();
            octets.resize(octets.len() + self.curve.coordinate_len().saturating_sub(magnitude.len()), 0);
            octets.extend(magnitude);
        }
        octets
    }

    /// The base point G.
    pub(super) fn base(&self) -> &Point {
        &self.base
    }

    /// a and b of the equation, each as long as a coordinate.
    pub(super) fn coefficients(&self) -> Vec<u8> {
        let length = self.curve.coordinate_len();
        let mut octets = Vec::with_capacity(2 * length);
        for number in [&self.a, &self.b] {
            let magnitude = number.to_bytes_be();
            octets.resize(octets.len() + length.saturating_sub(magnitude.len()), 0);
            octets.extend(magnitude);
        }
        octets
    }

    /// By Hasse's bound the curve has about as many points as the field has elements; the base point then has fewer.
    fn has_cofactor(&self) -> bool {
        self.order.bits() + 1 < self.field.prime().bits()
    }

    fn has_right_order(&self, point: &Point) -> bool {
        self.combine(&BigUint::ZERO, &self.order, point).is_none()
    }

    /// -Q.
    pub(super) fn negated(&self, point: &Point) -> Point {
        Point { x: point.x.clone(), y: self.field.negate(&point.y) }
    }

    /// Q, Q + S, Q + 2S and so on, `count` points; `None` stands for infinity. One inversion serves them all
    /// (Montgomery, 1987, §10.3.1).
    pub(super) fn progression(&self, start: &Point, stride: &Point, count: usize) -> Vec<Option<Point>> {
        let field = &self.field;
        let mut points = Vec::with_capacity(count);
        let mut point = Jacobian::from(start);
        // products[i] is the product of all finite z before point i.
        let mut products = Vec::with_capacity(count);
        let mut product = BigUint::from(1u32);
        for _ in 0..count {
            products.push(product.clone());
            if point.z != BigUint::ZERO {
                product = field.mul(&product, &point.z);
            }
            let next = self.add(&point, stride);
            points.push(std::mem::replace(&mut point, next));
        }
        let mut inverse = field.invert(&product).unwrap_or_default();
        let mut affine: Vec<Option<Point>> = points
            .iter()
            .zip(&products)
            .rev()
            .map(|(point, before)| {
                if point.z == BigUint::ZERO {
                    return None;
                }
                let of_this = field.mul(&inverse, before);
                inverse = field.mul(&inverse, &point.z);
                let square = field.square(&of_this);
                let y = field.mul(&point.y, &field.mul(&square, &of_this));
                Some(Point { x: field.mul(&point.x, &square), y })
            })
            .collect();
        affine.reverse();
        affine
    }

    /// u·G + v·Q by Shamir's trick: one chain of doublings for both. None for infinity.
    pub(super) fn combine(&self, u: &BigUint, v: &BigUint, q: &Point) -> Option<Point> {
        let both = self.to_affine(&self.add(&Jacobian::from(&self.base), q));
        let mut sum = Jacobian::infinity();
        for bit in (0..u.bits().max(v.bits())).rev() {
            sum = self.double(&sum);
            let summand = match (u.bit(bit), v.bit(bit)) {
                (false, false) => None,
                (true, false) => Some(&self.base),
                (false, true) => Some(q),
                (true, true) => both.as_ref(),
            };
            if let Some(summand) = summand {
                sum = self.add(&sum, summand);
            }
        }
        self.to_affine(&sum)
    }

    /// Upper bound of the work of `combine` in 64-bit limb multiplications: ten products a doubling, eleven an
    /// addition. 0 for a curve over a binary field.
    pub(super) fn combine_cost(curve: Curve) -> u64 {
        if curve.0.domain.is_none() {
            return 0;
        }
        let bits = u64::from(curve.bits());
        21 * bits * multiplication_cost(bits)
    }

    /// x³ + ax + b.
    fn right_side(&self, x: &BigUint) -> BigUint {
        let field = &self.field;
        let factor = field.add(&field.square(x), &self.a);
        field.add(&field.mul(&factor, x), &self.b)
    }

    fn coordinate(&self, octets: &[u8]) -> Result<BigUint, PointStatus> {
        let value = BigUint::from_bytes_be(octets);
        if &value < self.field.prime() { Ok(value) } else { Err(PointStatus::CoordinateTooLarge) }
    }

    fn to_affine(&self, point: &Jacobian) -> Option<Point> {
        let field = &self.field;
        let inverse = field.invert(&point.z)?;
        let square = field.square(&inverse);
        Some(Point { x: field.mul(&point.x, &square), y: field.mul(&point.y, &field.mul(&square, &inverse)) })
    }

    /// Doubling for any a (Cohen, Miyaji, Ono 1998, §4.1). Infinity and points of order two give Z = 0 by themselves.
    fn double(&self, point: &Jacobian) -> Jacobian {
        let field = &self.field;
        let y_squared = field.square(&point.y);
        let s = field.double(&field.double(&field.mul(&point.x, &y_squared)));
        let x_squared = field.square(&point.x);
        let z_fourth = field.square(&field.square(&point.z));
        let three_x_squared = field.add(&field.double(&x_squared), &x_squared);
        let m = field.add(&three_x_squared, &field.mul(&self.a, &z_fourth));
        let x = field.sub(&field.square(&m), &field.double(&s));
        let eight_y_fourth = field.double(&field.double(&field.double(&field.square(&y_squared))));
        let y = field.sub(&field.mul(&m, &field.sub(&s, &x)), &eight_y_fourth);
        let z = field.double(&field.mul(&point.y, &point.z));
        Jacobian { x, y, z }
    }

    /// Addition of an affine point (Cohen, Miyaji, Ono 1998, §4.1, with Z₂ = 1).
    fn add(&self, one: &Jacobian, other: &Point) -> Jacobian {
        if one.z == BigUint::ZERO {
            return Jacobian::from(other);
        }
        let field = &self.field;
        let z_squared = field.square(&one.z);
        let h = field.sub(&field.mul(&other.x, &z_squared), &one.x);
        let r = field.sub(&field.mul(&other.y, &field.mul(&z_squared, &one.z)), &one.y);
        if h == BigUint::ZERO {
            return if r == BigUint::ZERO { self.double(one) } else { Jacobian::infinity() };
        }
        let h_squared = field.square(&h);
        let h_cubed = field.mul(&h_squared, &h);
        let v = field.mul(&one.x, &h_squared);
        let x = field.sub(&field.sub(&field.square(&r), &h_cubed), &field.double(&v));
        let y = field.sub(&field.mul(&r, &field.sub(&v, &x)), &field.mul(&one.y, &h_cubed));
        let z = field.mul(&one.z, &h);
        Jacobian { x, y, z }
    }
}

impl Jacobian {
    fn infinity() -> Self {
        let one = BigUint::from(1u32);
        Self { x: one.clone(), y: one, z: BigUint::ZERO }
    }
}

impl From<&Point> for Jacobian {
    fn from(point: &Point) -> Self {
        Self { x: point.x.clone(), y: point.y.clone(), z: BigUint::from(1u32) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups() -> impl Iterator<Item = Group> {
        CURVES.iter().filter_map(|info| Group::new(Curve(info)))
    }

    /// A wrong digit in any of the six numbers would break one of these.
    #[test]
    fn every_domain_is_consistent() {
        for group in groups() {
            let curve = group.curve;
            assert_eq!(group.field.prime().bits(), u64::from(curve.bits()), "{curve:?}");
            let base = group.encode(&group.base);
            assert_eq!(point_status(curve, &base), PointStatus::OnCurve, "{curve:?}");
            let zero = BigUint::ZERO;
            assert!(group.combine(&group.order, &zero, &group.base).is_none(), "{curve:?}: nG is infinity");
            let last = &group.order - 1u32;
            let minus_base = group.combine(&last, &zero, &group.base).expect("(n-1)G is finite");
            assert_eq!(minus_base.x, group.base.x, "{curve:?}");
            assert!(group.combine(&1u32.into(), &1u32.into(), &minus_base).is_none(), "{curve:?}: G + (-G)");
            for number in [&group.order, group.field.prime()] {
                assert_eq!(BigUint::from(2u32).modpow(&(number - 1u32), number), 1u32.into(), "{curve:?}: prime");
            }
        }
    }

    #[test]
    fn compressed_and_hybrid_forms_of_every_curve() {
        for group in groups() {
            let full = group.encode(&group.base);
            let odd = u8::from(group.base.y.bit(0));
            let compressed = [&[2 + odd], &full[1..1 + group.curve.coordinate_len()]].concat();
            let decoded = group.decode(&compressed).expect("a point");
            assert_eq!(group.encode(&decoded), full, "{:?}", group.curve);
            let other = [&[3 - odd], &compressed[1..]].concat();
            assert_eq!(group.decode(&other).expect("a point").y, group.field.negate(&group.base.y));
            let hybrid = |form: u8| point_status(group.curve, &[&[form], &full[1..]].concat());
            assert_eq!(hybrid(6 + odd), PointStatus::OnCurve);
            assert_eq!(hybrid(7 - odd), PointStatus::BadFormat(7 - odd));
        }
    }

    #[test]
    fn progressions_go_through_infinity() {
        let group = Group::new(Curve::from_name("P-256").expect("known")).expect("a prime field");
        let zero = BigUint::ZERO;
        let minus_three = group.negated(&group.combine(&3u32.into(), &zero, &group.base).expect("finite"));
        let points = group.progression(&minus_three, &group.base, 7);
        let x_of = |k: u32| group.combine(&k.into(), &zero, &group.base).map(|point| point.x);
        let found: Vec<_> = points.into_iter().map(|point| point.map(|point| point.x)).collect();
        assert_eq!(found, [x_of(3), x_of(2), x_of(1), None, x_of(1), x_of(2), x_of(3)]);
    }

    #[test]
    fn orders_of_points() {
        let with_cofactor: Vec<&str> = groups().filter(Group::has_cofactor).map(|group| group.curve.name()).collect();
        assert_eq!(with_cofactor, ["secp112r2", "secp128r2"]);
        for group in groups().filter(Group::has_cofactor) {
            assert_eq!(point_status(group.curve, &group.encode(&group.base)), PointStatus::OnCurve);
            // Three of four points are not in the subgroup.
            let outside = (1u32..100).map(BigUint::from).find_map(|x| {
                let y = group.field.sqrt(&group.right_side(&x))?;
                let point = group.encode(&Point { x, y });
                (point_status(group.curve, &point) != PointStatus::OnCurve).then_some(point)
            });
            assert_eq!(point_status(group.curve, &outside.expect("a point")), PointStatus::WrongOrder);
        }
    }

    #[test]
    fn broken_points() {
        let p256 = Curve::from_name("P-256").expect("known");
        let status = |octets: &[u8]| point_status(p256, octets);
        assert_eq!(status(&[]), PointStatus::BadLength);
        assert_eq!(status(&[0]), PointStatus::Infinity);
        assert_eq!(status(&[0; 65]), PointStatus::BadLength);
        assert_eq!(status(&[4; 64]), PointStatus::BadLength);
        assert_eq!(status(&[4; 65]), PointStatus::OffCurve);
        assert_eq!(status(&[5; 65]), PointStatus::BadFormat(5));
        assert_eq!(status(&[&[4][..], &[0xff; 64]].concat()), PointStatus::CoordinateTooLarge);
        assert_eq!(status(&[&[2][..], &[0xff; 32]].concat()), PointStatus::CoordinateTooLarge);
        // About half of all x have no y.
        let off = (0..64).filter(|&x| status(&[&[2][..], &[0; 31], &[x]].concat()) == PointStatus::OffCurve).count();
        assert!((16..48).contains(&off), "{off}");
        let k163 = Curve::from_name("K-163").expect("known");
        assert_eq!(point_status(k163, &[4; 43]), PointStatus::NotChecked);
        assert_eq!(point_status(k163, &[4; 44]), PointStatus::BadLength);
    }

    #[test]
    fn names_and_oids_are_unique_and_found() {
        for info in CURVES {
            assert_eq!(Curve::from_name(info.name), Some(Curve(info)), "{}", info.name);
            assert_eq!(Curve::from_name(info.oid), Some(Curve(info)), "{}", info.name);
            for alias in info.aliases {
                assert_eq!(Curve::from_name(alias), Some(Curve(info)), "{alias}");
            }
        }
        for alias in ["prime256v1", "secp256r1", "P256", "nistp256", "NIST P-256", "SECP256R1"] {
            assert_eq!(Curve::from_name(alias).map(Curve::name), Some("P-256"), "{alias}");
        }
        assert_eq!(Curve::from_name("brainpoolp512R1").map(Curve::bits), Some(512));
        assert_eq!(Curve::from_name(""), None);
        assert_eq!(Curve::from_oid(&[0x2b, 0x81, 4, 0, 35]).map(Curve::name), Some("P-521"));
        assert_eq!(Curve::from_oid(&[]), None);
    }
}
