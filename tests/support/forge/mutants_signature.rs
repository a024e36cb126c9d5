//! Defects of the signature and of the proof of possession (family `signature`).
//! Except for `signature/invalid` and values of another form, every signature here verifies.
//! Keys that cannot sign carry what a forger would put there.

use super::csr::{Case, Csr, HOST, good, server_extensions};
use super::der::{self, algorithm, bits, cat, context, ext_key_usage, int, key_usage, name, null, oid, seq, uint};
use super::forged::{exponent_one, small_order, with_value};
use super::keys::{ec, ed25519, ml_dsa, p256, rsa, rsa2048};
use super::sign::{Hash, Sig, pss_parameters};

/// Mutants of `signature`.
pub fn mutants() -> Vec<Case> {
    [invalid(), forgeable(), weak_hash(), mismatch(), cannot_sign(), unsigned(), parameters(), values()].concat()
}

/// Signed, then changed.
fn tampered(mut csr: Csr) -> Csr {
    csr.sig_bits = Some(bits(&csr.key.sign(&csr.sig, &csr.info())));
    csr.subject(name(&[("O", "Example Trading"), ("CN", "admin.example.com")]))
}

fn invalid() -> Vec<Case> {
    let case = |name, csr, note| Case::mutant("signature/invalid", name, &tampered(csr), note);
    let mut flipped = Csr::new(ed25519());
    let mut value = flipped.key.sign(&flipped.sig, &flipped.info());
    value[7] ^= 1;
    flipped.sig_bits = Some(bits(&value));
    vec![
        case("invalid-p256", good(), "P15: the subject was changed after signing"),
        case("invalid-p384", Csr::new(ec("P-384")), "P15: the same with P-384"),
        case("invalid-rsa2048", Csr::new(rsa2048()), "P15: the same with RSA"),
        case("invalid-pss", Csr::signed(rsa2048(), Sig::pss(32)), "P15: the same with RSASSA-PSS"),
        case("invalid-ed25519", Csr::new(ed25519()), "P15: the same with Ed25519"),
        case("invalid-secp256k1", Csr::new(ec("secp256k1")), "P15: the same with a curve few libraries verify"),
        Case::mutant("signature/invalid", "invalid-flipped-bit", &flipped, "one bit of the signature"),
        Case::mutant(
            "signature/invalid",
            "invalid-other-key",
            &Csr::new(ec("P-256")).spki(p256().spki.clone()),
            "signed by another key of the same kind",
        ),
    ]
}

fn forgeable() -> Vec<Case> {
    let case = |name, point, order, note| {
        Case::mutant("signature/forgeable-possession", name, &small_order(point, order), note)
    };
    vec![
        Case::mutant(
            "signature/forgeable-possession",
            "forgeable-e1",
            &exponent_one(),
            "RSA with e = 1, the signature is the padded digest; key/rsa-exponent-invalid comes with it",
        ),
        case(
            "forgeable-identity",
            "0100000000000000000000000000000000000000000000000000000000000000",
            1,
            "Ed25519, the identity: verifies for every request",
        ),
        case(
            "forgeable-order-2",
            "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            2,
            "Ed25519, order 2",
        ),
        case(
            "forgeable-order-4",
            "0000000000000000000000000000000000000000000000000000000000000000",
            4,
            "Ed25519, order 4",
        ),
        case(
            "forgeable-order-4-negative",
            "0000000000000000000000000000000000000000000000000000000000000080",
            4,
            "Ed25519, the other point of order 4",
        ),
        case(
            "forgeable-order-8",
            "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
            8,
            "Ed25519, order 8",
        ),
        case(
            "forgeable-order-8-other",
            "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
            8,
            "Ed25519, another point of order 8",
        ),
        case(
            "forgeable-identity-noncanonical",
            "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
            1,
            "Ed25519, the identity with y = p + 1; key/edwards-point-invalid comes with it",
        ),
    ]
}

fn weak_hash() -> Vec<Case> {
    let rule = "signature/hash-not-allowed";
    let mut oiw = Csr::signed(rsa2048(), Sig::Pkcs1(Hash::Sha1));
    oiw.sig_alg = algorithm("1.3.14.3.2.29", &null());
    let pss = Sig::Pss { hash: Hash::Sha1, mgf: Hash::Sha1, salt: 20 };
    vec![
        Case::mutant(rule, "rsa-md5", &Csr::signed(rsa2048(), Sig::Pkcs1(Hash::Md5)), "md5WithRSAEncryption"),
        Case::mutant(rule, "rsa-sha1", &Csr::signed(rsa2048(), Sig::Pkcs1(Hash::Sha1)), "sha1WithRSAEncryption"),
        Case::mutant(rule, "rsa-sha1-oiw", &oiw, "the SHA-1 OID of OIW"),
        Case::mutant(rule, "pss-sha1", &Csr::signed(rsa2048(), pss), "RSASSA-PSS with all defaults"),
        Case::mutant(rule, "ecdsa-sha1", &Csr::signed(ec("P-256"), Sig::Ecdsa(Hash::Sha1)), "ecdsa-with-SHA1"),
    ]
}

/// A request for one key, signed by another with its algorithm.
fn mismatch() -> Vec<Case> {
    let case = |name, asked: &'static super::keys::Key, signer: &'static super::keys::Key, note| {
        Case::mutant("signature/algorithm-mismatch", name, &Csr::new(signer).spki(asked.spki.clone()), note)
    };
    vec![
        case("mismatch-ec-rsa", p256(), rsa2048(), "an EC key under sha256WithRSAEncryption"),
        case("mismatch-rsa-ecdsa", rsa2048(), p256(), "an RSA key under ecdsa-with-SHA256"),
        case("mismatch-ed25519-ecdsa", ed25519(), p256(), "an Ed25519 key under ecdsa-with-SHA256"),
        case("mismatch-ml-dsa-ed25519", ml_dsa(44), ed25519(), "an ML-DSA key under Ed25519"),
        case("mismatch-ml-dsa-sets", ml_dsa(65), ml_dsa(44), "an ML-DSA-65 key under ML-DSA-44"),
    ]
}

fn cannot_sign() -> Vec<Case> {
    let case = |name, signer: &'static super::keys::Key, spki, usage: u8, note| {
        let extensions =
            [server_extensions()[0].clone(), key_usage(&[usage]), ext_key_usage(&[super::csr::SERVER_AUTH])];
        Case::mutant("signature/key-cannot-sign", name, &Csr::new(signer).spki(spki).extensions(&extensions), note)
    };
    // u = 9 is the base point of Curve25519; 5 that of Curve448.
    let point = |size: usize, first: u8| (0..size).map(|i| if i == 0 { first } else { 0 }).collect::<Vec<u8>>();
    let kem: Vec<u8> = cat(&[&[0x11; 1152], &[0x42; 32]]);
    let own = ec("P-256");
    let p = &rsa(2048, 65537).rsa().n;
    let dh = algorithm("1.2.840.113549.1.3.1", &seq(&[&uint(p), &int(2)]));
    vec![
        case(
            "cannot-sign-ecdh",
            own,
            der::spki(&algorithm("1.3.132.1.12", &oid("1.2.840.10045.3.1.7")), &own.raw),
            4,
            "id-ecDH; the arithmetic of the signature is right",
        ),
        case(
            "cannot-sign-oaep",
            rsa2048(),
            der::spki(&algorithm("1.2.840.113549.1.1.7", &[]), &rsa2048().raw),
            2,
            "id-RSAES-OAEP; the arithmetic of the signature is right",
        ),
        case(
            "cannot-sign-x25519",
            ed25519(),
            der::spki(&algorithm("1.3.101.110", &[]), &point(32, 42)),
            4,
            "X25519; signed by another key, as it must be; signature/algorithm-mismatch or /invalid would miss the point",
        ),
        case(
            "cannot-sign-x448",
            ed25519(),
            der::spki(&algorithm("1.3.101.111", &[]), &point(56, 5)),
            4,
            "X448; signed by another key, as it must be; signature/algorithm-mismatch or /invalid would miss the point",
        ),
        case(
            "cannot-sign-ml-kem-768",
            ml_dsa(65),
            der::spki(&algorithm("2.16.840.1.101.3.4.4.2", &[]), &kem),
            2,
            "ML-KEM-768; signed by another key, as it must be; signature/algorithm-mismatch or /invalid would miss the point",
        ),
        case(
            "cannot-sign-dh",
            p256(),
            der::spki(&dh, &uint(&(p >> 3u8))),
            4,
            "PKCS#3 Diffie-Hellman; signed by another key, as it must be; signature/algorithm-mismatch or /invalid would miss the point",
        ),
    ]
}

fn unsigned() -> Vec<Case> {
    let none = good();
    let digest = Hash::Sha256.digest(&none.info());
    let mut none = with_value(none, &digest);
    none.sig_alg = algorithm("1.3.6.1.5.5.7.6.2", &null());
    let mut marked = with_value(good(), &[]);
    marked.sig_alg = algorithm("1.3.6.1.5.5.7.6.36", &[]);
    vec![
        Case::mutant("signature/unsigned", "unsigned-no-signature", &none, "id-alg-noSignature of CMC, with a digest"),
        Case::mutant("signature/unsigned", "unsigned-marked", &marked, "id-alg-unsigned of RFC 9925, without bits"),
    ]
}

fn parameters() -> Vec<Case> {
    let case = |name, key: &'static super::keys::Key, parameters: &[u8], note| {
        let mut csr = Csr::new(key);
        let dotted = if let Sig::MlDsa(arc) = &csr.sig {
            format!("2.16.840.1.101.3.4.3.{arc}")
        } else {
            csr.sig.oid().to_owned()
        };
        csr.sig_alg = algorithm(&dotted, parameters);
        Case::mutant("signature/parameters", name, &csr, note)
    };
    vec![
        case("parameters-rsa-absent", rsa2048(), &[], "P14: RSA without NULL"),
        case("parameters-ecdsa-null", p256(), &null(), "ECDSA with NULL"),
        case("parameters-ecdsa-curve", p256(), &oid("1.2.840.10045.3.1.7"), "ECDSA with the curve"),
        case("parameters-ed25519-null", ed25519(), &null(), "Ed25519 with NULL"),
        case("parameters-ml-dsa-null", ml_dsa(44), &null(), "ML-DSA with NULL"),
    ]
}

fn values() -> Vec<Case> {
    let rule = "signature/value-malformed";
    let own = ec("P-256");
    let plain = Csr::new(own);
    let [r, s] = own.ec().sign_raw(Hash::Sha256, &plain.info());
    let raw = cat(&[&own.ec().coordinate(&r), &own.ec().coordinate(&s)]);
    // For half of all subjects, r has its highest bit set and is negative without the zero octet.
    let negative = (0..)
        .map(|number| Csr::new(own).subject(name(&[("O", &format!("Example Trading {number}")), ("CN", HOST)])))
        .find_map(|csr| {
            let [r, s] = own.ec().sign_raw(Hash::Sha256, &csr.info());
            (r.bits() == 256).then(|| with_value(csr, &seq(&[&der::tlv(2, &r.to_bytes_be()), &uint(&s)])))
        })
        .expect("every other subject");
    let rsa_value = |change: fn(Vec<u8>) -> Vec<u8>| {
        let csr = Csr::new(rsa2048());
        let value = change(csr.key.sign(&csr.sig, &csr.info()));
        with_value(csr, &value)
    };
    let edwards = Csr::new(ed25519());
    let short = edwards.key.sign(&edwards.sig, &edwards.info())[..63].to_vec();
    vec![
        Case::mutant(rule, "value-ecdsa-raw", &with_value(plain.clone(), &raw), "r and s without DER (IEEE P1363)"),
        Case::mutant(rule, "value-ecdsa-negative", &negative, "a negative r"),
        Case::mutant(rule, "value-ecdsa-zero", &with_value(plain.clone(), &seq(&[&int(0), &uint(&s)])), "r = 0"),
        Case::mutant(
            rule,
            "value-ecdsa-three",
            &with_value(plain, &seq(&[&uint(&r), &uint(&s), &int(1)])),
            "three INTEGERs",
        ),
        Case::mutant(
            rule,
            "value-rsa-long",
            &rsa_value(|value| cat(&[&[0], &value])),
            "an RSA value with a leading zero octet too many",
        ),
        Case::mutant(rule, "value-rsa-short", &rsa_value(|value| value[..128].to_vec()), "half an RSA value"),
        Case::mutant(rule, "value-ed25519-short", &with_value(edwards, &short), "63 octets of an Ed25519 value"),
    ]
}

/// Mutants of `signature` for `pedantic`.
pub fn pedantic() -> Vec<Case> {
    let case = |name, sig, note| Case::mutant("signature/pss-parameters", name, &Csr::signed(rsa2048(), sig), note);
    let mut trailer = Csr::signed(rsa2048(), Sig::pss(32));
    trailer.sig_alg =
        algorithm("1.2.840.113549.1.1.10", &pss_parameters(Hash::Sha256, Hash::Sha256, 32, &context(3, &int(1))));
    vec![
        case("pedantic-pss-salt-222", Sig::pss(222), "OpenSSL's default salt"),
        case("pedantic-pss-salt-20", Sig::pss(20), "the default salt under SHA-256"),
        case("pedantic-pss-salt-0", Sig::pss(0), "no salt"),
        case(
            "pedantic-pss-other-mgf",
            Sig::Pss { hash: Hash::Sha256, mgf: Hash::Sha384, salt: 32 },
            "MGF1 with another hash",
        ),
        Case::mutant(
            "signature/pss-parameters",
            "pedantic-pss-trailer",
            &trailer,
            "trailerField written out; pkcs10/default-encoded may come with it",
        ),
    ]
}
