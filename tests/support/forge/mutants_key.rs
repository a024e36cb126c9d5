//! Defects of the public key (family `key`).
//! The private key exists and has signed, wherever the mathematics allows that.
//! Keys that no library takes cannot be verified; that must not be told as an invalid signature.

use num_bigint::BigUint;

use super::csr::{Case, Csr, good};
use super::der::{algorithm, bits_unused, cat, null, octets, seq, spki, tlv, uint};
use super::forged::{dsa, explicit_curve, exponent_two, small_order};
use super::keys::{
    EC_PUBLIC_KEY, Key, RSA_ENCRYPTION, ec, ec_spki, ed25519, ml_dsa, rsa, rsa_even_modulus, rsa_huge_exponent, rsa2048,
};
use super::sign::{Hash, Sig};

const P256: &str = "1.2.840.10045.3.1.7";

/// Mutants of `key`.
pub fn mutants() -> Vec<Case> {
    [malformed(), sizes(), moduli(), curves(), points(), parameters()].concat()
}

/// A request of a key whose SubjectPublicKeyInfo is another.
fn with(rule: &'static str, name: &'static str, key: &'static Key, spki: Vec<u8>, note: &'static str) -> Case {
    Case::mutant(rule, name, &Csr::new(key).spki(spki), note)
}

fn rsa_spki(key: &[u8]) -> Vec<u8> {
    spki(&algorithm(RSA_ENCRYPTION, &null()), key)
}

fn edwards_spki(key: &[u8]) -> Vec<u8> {
    spki(&algorithm("1.3.101.112", &[]), key)
}

fn malformed() -> Vec<Case> {
    let rule = "key/malformed";
    let n = &rsa2048().rsa().n;
    let raw = &ed25519().raw;
    let unused = seq(&[&algorithm("1.3.101.112", &[]), &bits_unused(1, &raw[..32])]);
    vec![
        with(rule, "key-ed25519-short", ed25519(), edwards_spki(&raw[..31]), "31 octets"),
        with(
            rule,
            "key-ed25519-long",
            ed25519(),
            edwards_spki(&cat(&[&[4, 32], raw])),
            "an OCTET STRING around the key",
        ),
        with(
            rule,
            "key-ml-dsa-short",
            ml_dsa(44),
            spki(&algorithm("2.16.840.1.101.3.4.3.17", &[]), &ml_dsa(44).raw[..1311]),
            "one octet of an ML-DSA key is missing",
        ),
        with(rule, "key-rsa-garbage", rsa2048(), rsa_spki(b"ssh-rsa AAAAB3NzaC1yc2E"), "text instead of RSAPublicKey"),
        with(rule, "key-rsa-one-number", rsa2048(), rsa_spki(&seq(&[&uint(n)])), "a modulus without exponent"),
        with(rule, "key-empty", rsa2048(), rsa_spki(&[]), "no bits at all"),
        with(
            rule,
            "key-unused-bits",
            ed25519(),
            unused,
            "a BIT STRING with an unused bit; pkcs10/bit-string-not-der may come with it",
        ),
    ]
}

fn sizes() -> Vec<Case> {
    let case = |rule, name, bits, note| Case::mutant(rule, name, &Csr::new(rsa(bits, 65537)), note);
    let exponent = "key/rsa-exponent-invalid";
    vec![
        case("key/rsa-too-small", "rsa-512", 512, "RSA-512"),
        case("key/rsa-too-small", "rsa-1024", 1024, "RSA-1024"),
        case("key/rsa-too-small", "rsa-1536", 1536, "RSA-1536"),
        case("key/rsa-too-small", "rsa-2047", 2047, "one bit is missing; key/rsa-size-unusual comes with it"),
        case("key/rsa-size-unusual", "rsa-2050", 2050, "two bits more"),
        case("key/rsa-size-unusual", "rsa-3071", 3071, "one bit less than 3072"),
        Case::mutant(exponent, "rsa-e2", &exponent_two(), "an even exponent"),
        Case::mutant(
            "key/rsa-exponent-large",
            "rsa-e-33-bits",
            &Csr::new(rsa(2048, (1 << 32) + 1)),
            "an exponent of 33 bits",
        ),
        Case::mutant(exponent, "rsa-huge-e", &Csr::new(rsa_huge_exponent()), "an exponent larger than the modulus"),
    ]
}

fn moduli() -> Vec<Case> {
    let rule = "key/rsa-modulus-malformed";
    let key = rsa2048();
    let numbers = key.rsa();
    let n = numbers.n.to_bytes_be();
    let negative = seq(&[&tlv(2, &n), &uint(&numbers.e)]);
    let padded = seq(&[&tlv(2, &cat(&[&[0, 0], &n])), &uint(&numbers.e)]);
    let padded_exponent = seq(&[&uint(&numbers.n), &[2, 4, 0, 1, 0, 1]]);
    vec![
        with(rule, "rsa-negative-modulus", key, rsa_spki(&negative), "no zero octet before the modulus"),
        with(rule, "rsa-padded-modulus", key, rsa_spki(&padded), "two zero octets before the modulus"),
        with(rule, "rsa-padded-exponent", key, rsa_spki(&padded_exponent), "a zero octet too many before the exponent"),
        Case::mutant(rule, "rsa-even-modulus", &Csr::new(rsa_even_modulus()), "one of the primes is 2"),
    ]
}

fn curves() -> Vec<Case> {
    let rule = "key/ec-parameters";
    let key = ec("P-256");
    let parameters = |name, parameters: &[u8], note| {
        with(rule, name, key, spki(&algorithm(EC_PUBLIC_KEY, parameters), &key.raw), note)
    };
    vec![
        Case::mutant("key/weak-curve", "ec-secp192r1", &Csr::new(ec("secp192r1")), "secp192r1"),
        with(rule, "ec-explicit", key, explicit_curve(key), "P-256 with its parameters spelled out"),
        parameters("ec-implicit", &null(), "implicitCurve (NULL)"),
        parameters("ec-no-parameters", &[], "no parameters"),
    ]
}

fn points() -> Vec<Case> {
    let invalid = "key/ec-point-invalid";
    let edwards = "key/edwards-point-invalid";
    let key = ec("P-256");
    let mut off_curve = key.raw.clone();
    off_curve[64] ^= 1;
    let wide = ec("P-521");
    let p = BigUint::parse_bytes(wide.ec().curve.p.as_bytes(), 16).expect("hexadecimal");
    let [x, y] = &wide.ec().q;
    let unreduced = cat(&[&[4], &wide.ec().coordinate(&(x + p)), &wide.ec().coordinate(y)]);
    let small = |name, point, order, note| Case::mutant(edwards, name, &small_order(point, order), note);
    vec![
        with(invalid, "ec-off-curve", key, ec_spki(P256, &off_curve), "the lowest bit of y is wrong"),
        with(invalid, "ec-infinity", key, ec_spki(P256, &[0]), "the point at infinity"),
        with(invalid, "ec-zero", key, ec_spki(P256, &cat(&[&[4], &[0; 64]])), "x = y = 0"),
        with(invalid, "ec-unreduced", wide, ec_spki(wide.ec().curve.oid, &unreduced), "x + p instead of x, P-521"),
        with(
            invalid,
            "ec-other-curve",
            key,
            ec_spki("1.3.132.0.10", &key.raw),
            "a point of P-256 under the name of secp256k1",
        ),
        with("key/ec-point-format", "ec-hybrid", key, ec_spki(P256, &key.ec().hybrid_point()), "a hybrid point"),
        small(
            "edwards-p",
            "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            4,
            "y = p; signature/forgeable-possession comes with it, as only such keys can be signed for",
        ),
        small(
            "edwards-p-plus-1",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            1,
            "y = p + 1; signature/forgeable-possession comes with it",
        ),
    ]
}

fn parameters() -> Vec<Case> {
    let rule = "key/algorithm-parameters";
    let key = rsa2048();
    vec![
        with(rule, "rsa-no-null", key, spki(&algorithm(RSA_ENCRYPTION, &[]), &key.raw), "P13: RSA without NULL"),
        with(
            rule,
            "rsa-other-parameters",
            key,
            spki(&algorithm(RSA_ENCRYPTION, &octets(&[1])), &key.raw),
            "RSA with an OCTET STRING",
        ),
        with(
            rule,
            "ed25519-null",
            ed25519(),
            spki(&algorithm("1.3.101.112", &null()), &ed25519().raw),
            "Ed25519 with NULL",
        ),
        with(
            rule,
            "ml-dsa-null",
            ml_dsa(44),
            spki(&algorithm("2.16.840.1.101.3.4.3.17", &null()), &ml_dsa(44).raw),
            "ML-DSA with NULL",
        ),
        Case::mutant("key/dsa", "dsa-2048", &dsa(), "DSA of 2048 and 256 bits"),
    ]
}

/// Mutants of `key` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let key = ec("P-256");
    let exponent = |name, e, note| Case::mutant("key/rsa-exponent-unusual", name, &Csr::new(rsa(2048, e)), note);
    let private = "1.3.6.1.4.1.32473.7.1";
    let mut unknown = good().spki(spki(&algorithm(private, &[]), &[0x5A; 48]));
    unknown.sig_alg = algorithm("1.3.6.1.4.1.32473.7.2", &[]);
    vec![
        Case::mutant("key/rsa-too-large", "pedantic-rsa-16384", &Csr::new(rsa(16384, 65537)), "RSA-16384"),
        Case::mutant(
            "key/rsa-too-large",
            "pedantic-rsa-8200",
            &Csr::signed(rsa(8200, 65537), Sig::Pkcs1(Hash::Sha256)),
            "just above 8192",
        ),
        exponent("pedantic-e3", 3, "e = 3"),
        exponent("pedantic-e17", 17, "e = 17"),
        with(
            "key/ec-point-compressed",
            "pedantic-compressed",
            key,
            ec_spki(P256, &key.ec().compressed_point()),
            "a compressed point",
        ),
        Case::mutant(
            "key/unknown-algorithm",
            "pedantic-unknown-algorithm",
            &unknown,
            "a private OID for the key and another for the signature",
        ),
    ]
}
