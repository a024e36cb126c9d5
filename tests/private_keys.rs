//! Private keys that lie in the tree: every form is recognised and named with the requests it belongs to, and nothing of it is shown.
//! Where the forge makes no key of a form, the form is built here by hand, as its standard has it.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use std::collections::{HashMap, HashSet};

use csrlint::report::{Finding, Report};
use forge::Csr;
use forge::csr::{good, labelled};
use forge::der::{self, algorithm, bits, cat, context, hex, implicit, int, octets, oid, seq, tlv, uint};
use forge::keys;
use forge::rsa::Xorshift;
use forge::sign::Hash;
use num_bigint::BigUint;
use run::{Ran, Sandbox, findings, text_of};
use serde_json::{Value, json};

const PLAIN: &str = "secret/private-key-committed";
const ENCRYPTED: &str = "secret/encrypted-private-key-committed";
const P256: &str = "1.2.840.10045.3.1.7";
const ED25519: &str = "1.3.101.112";
const DSA: &str = "1.2.840.10040.4.1";

// --- making keys

/// The contents of the elements in a piece of sound DER.
fn contents(mut bytes: &[u8]) -> Vec<&[u8]> {
    let mut out = Vec::new();
    while bytes.len() > 1 {
        let (header, length) = match bytes[1] {
            short @ 0..0x80 => (2, usize::from(short)),
            long => {
                let digits = usize::from(long & 0x7F);
                (2 + digits, bytes[2..2 + digits].iter().fold(0, |sum, octet| sum << 8 | usize::from(*octet)))
            }
        };
        out.push(&bytes[header..header + length]);
        bytes = &bytes[header + length..];
    }
    out
}

/// Octets that mean nothing and are always the same.
fn noise(length: usize) -> Vec<u8> {
    let mut random = Xorshift::new(length as u64);
    (0..length).map(|_| (random.next_u64() >> 24) as u8).collect()
}

fn rsa_pkcs8() -> Vec<u8> {
    keys::rsa2048().pkcs8.clone().expect("a key of aws-lc-rs")
}

fn rsa_pkcs1() -> Vec<u8> {
    contents(contents(&rsa_pkcs8())[0])[2].to_vec()
}

/// d, p and q.
fn rsa_secrets() -> Vec<Vec<u8>> {
    contents(contents(&rsa_pkcs1())[0])[3..6].iter().map(|number| number.to_vec()).collect()
}

/// The private number of the forge's P-256 key.
fn scalar() -> Vec<u8> {
    contents(contents(&keys::ec("P-256").ec().private_der())[0])[1].to_vec()
}

/// ECPrivateKey (RFC 5915 section 3) over P-256.
fn sec1(scalar: &[u8], curve: bool, point: Option<&[u8]>) -> Vec<u8> {
    let curve = if curve { context(0, &oid(P256)) } else { Vec::new() };
    let point = point.map(|point| context(1, &bits(point))).unwrap_or_default();
    seq(&[&int(1), &octets(scalar), &curve, &point])
}

/// PrivateKeyInfo (RFC 5958 section 2).
fn pkcs8(version: i64, algorithm: &[u8], private: &[u8], more: &[u8]) -> Vec<u8> {
    seq(&[&int(version), algorithm, &octets(private), more])
}

fn ec_pkcs8(private: &[u8]) -> Vec<u8> {
    pkcs8(0, &algorithm(keys::EC_PUBLIC_KEY, &oid(P256)), private, &[])
}

fn seed() -> Vec<u8> {
    Hash::Sha256.digest(b"csrlint forge")
}

/// OneAsymmetricKey of Ed25519 (RFC 8410 section 7), with the public key or without.
fn ed25519_pkcs8(with_public: bool) -> Vec<u8> {
    let public = if with_public { implicit(1, &cat(&[&[0], &keys::ed25519().raw])) } else { Vec::new() };
    pkcs8(i64::from(with_public), &algorithm(ED25519, &[]), &octets(&seed()), &public)
}

/// A DSA key that nobody could sign with: p is no prime.
struct Dsa {
    parameters: Vec<u8>,
    public: BigUint,
    private: BigUint,
}

impl Dsa {
    fn new() -> Self {
        let mut random = Xorshift::new(6);
        let one = BigUint::from(1u8);
        let p = (&one << 1023) | random.bits(1020) | &one;
        let q = (&one << 159) | random.bits(150) | &one;
        let g = BigUint::from(2u8);
        let private = random.bits(159);
        let public = g.modpow(&private, &p);
        Self { parameters: cat(&[&uint(&p), &uint(&q), &uint(&g)]), public, private }
    }

    fn pkcs8(&self) -> Vec<u8> {
        pkcs8(0, &algorithm(DSA, &tlv(0x30, &self.parameters)), &uint(&self.private), &[])
    }

    /// As OpenSSL writes it.
    fn traditional(&self) -> Vec<u8> {
        seq(&[&int(0), &self.parameters, &uint(&self.public), &uint(&self.private)])
    }

    fn blob(&self) -> Vec<u8> {
        let numbers = contents(&self.parameters).into_iter().flat_map(string).collect::<Vec<u8>>();
        cat(&[&string(b"ssh-dss"), &numbers, &string(contents(&uint(&self.public))[0])])
    }

    fn csr(&self) -> Csr {
        let spki = der::spki(&algorithm(DSA, &tlv(0x30, &self.parameters)), &uint(&self.public));
        Csr::new(keys::p256()).spki(spki)
    }
}

/// EncryptedPrivateKeyInfo (RFC 5958 section 3) under PBES2 with PBKDF2 and AES-256.
fn pbes2() -> Vec<u8> {
    let derivation = algorithm("1.2.840.113549.1.5.12", &seq(&[&octets(&noise(8)), &int(2048)]));
    let cipher = algorithm("2.16.840.1.101.3.4.1.42", &octets(&noise(16)));
    seq(&[&algorithm("1.2.840.113549.1.5.13", &seq(&[&derivation, &cipher])), &octets(&noise(144))])
}

/// The same under pbeWithSHAAnd3-KeyTripleDES-CBC (RFC 7292 appendix C).
fn pkcs12_pbe() -> Vec<u8> {
    let scheme = algorithm("1.2.840.113549.1.12.1.3", &seq(&[&octets(&noise(8)), &int(2048)]));
    seq(&[&scheme, &octets(&noise(144))])
}

/// A traditional key under a password, as OpenSSL wrote it.
fn proc_type(label: &str) -> String {
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n\n";
    labelled(&noise(608), label).replacen("-----\n", &format!("-----\n{headers}"), 1)
}

/// A PFX (RFC 7292 section 4) with one bag.
fn pfx(bag: u8, value: &[u8]) -> Vec<u8> {
    const DATA: &str = "1.2.840.113549.1.7.1";
    let bag = seq(&[&oid(&format!("1.2.840.113549.1.12.10.1.{bag}")), &context(0, value)]);
    let contents = seq(&[&oid(DATA), &context(0, &octets(&seq(&[&bag])))]);
    let safe = seq(&[&oid(DATA), &context(0, &octets(&seq(&[&contents])))]);
    let digest = seq(&[&algorithm("2.16.840.1.101.3.4.2.1", &der::null()), &octets(&noise(32))]);
    seq(&[&int(3), &safe, &seq(&[&digest, &octets(&noise(8)), &int(2048)])])
}

/// certBag.
fn cert_bag() -> Vec<u8> {
    seq(&[&oid("1.2.840.113549.1.9.22.1"), &context(0, &octets(&certificate(&good())))])
}

/// A string of SSH (RFC 4251 section 5).
fn string(content: &[u8]) -> Vec<u8> {
    cat(&[&(content.len() as u32).to_be_bytes(), content])
}

/// openssh-key-v1 (PROTOCOL.key of OpenSSH), in its armour.
fn open_ssh(cipher: &str, blob: &[u8], private: &[u8]) -> Vec<u8> {
    let (derivation, options) = match cipher {
        "none" => ("none", Vec::new()),
        _ => ("bcrypt", cat(&[&string(&noise(16)), &16u32.to_be_bytes()])),
    };
    let mut padded = private.to_vec();
    padded.extend((1u8..).take(private.len().next_multiple_of(16) - private.len()));
    let key = cat(&[
        b"openssh-key-v1\0",
        &string(cipher.as_bytes()),
        &string(derivation.as_bytes()),
        &string(&options),
        &1u32.to_be_bytes(),
        &string(blob),
        &string(&padded),
    ]);
    labelled(&key, "OPENSSH PRIVATE KEY").into_bytes()
}

/// What stands in the private part without a password.
fn in_the_clear(blob: &[u8], private: &[&[u8]]) -> Vec<u8> {
    let numbers: Vec<u8> = private.iter().flat_map(|number| string(number)).collect();
    cat(&[&noise(4), &noise(4), blob, &numbers, &string(b"me@example.com")])
}

fn ed25519_blob() -> Vec<u8> {
    cat(&[&string(b"ssh-ed25519"), &string(&keys::ed25519().raw)])
}

fn rsa_blob() -> Vec<u8> {
    let public = contents(&keys::rsa2048().raw)[0].to_vec();
    let numbers = contents(&public);
    cat(&[&string(b"ssh-rsa"), &string(numbers[1]), &string(numbers[0])])
}

fn ec_blob(point: &[u8]) -> Vec<u8> {
    cat(&[&string(b"ecdsa-sha2-nistp256"), &string(b"nistp256"), &string(point)])
}

/// A certificate (RFC 5280) for the key of a request; nobody verifies its signature.
fn certificate(csr: &Csr) -> Vec<u8> {
    let time = |text: &str| tlv(0x17, text.as_bytes());
    let signature = algorithm("1.2.840.10045.4.3.2", &[]);
    let tbs = seq(&[
        &context(0, &int(2)),
        &int(4711),
        &signature,
        &der::name(&[("CN", "Example CA")]),
        &seq(&[&time("260101000000Z"), &time("270101000000Z")]),
        &csr.subject,
        &csr.spki,
    ]);
    seq(&[&tbs, &signature, &bits(&noise(70))])
}

fn certificate_pem(csr: &Csr) -> String {
    labelled(&certificate(csr), "CERTIFICATE")
}

// --- forms

/// A file with one private key.
struct Form {
    about: &'static str,
    path: &'static str,
    bytes: Vec<u8>,
    rule: &'static str,
    /// What the message has in brackets.
    told: &'static str,
    /// A request for the key, where its public half can be told.
    csr: Option<Csr>,
    /// What must not be shown, besides all of the file.
    secrets: Vec<Vec<u8>>,
}

fn form(about: &'static str, path: &'static str, bytes: impl Into<Vec<u8>>, told: &'static str) -> Form {
    Form { about, path, bytes: bytes.into(), rule: PLAIN, told, csr: None, secrets: Vec::new() }
}

impl Form {
    fn of(mut self, csr: &Csr, secrets: &[Vec<u8>]) -> Self {
        self.csr = Some(csr.clone());
        self.secrets = secrets.to_vec();
        self
    }

    fn encrypted(mut self) -> Self {
        self.rule = ENCRYPTED;
        self
    }
}

fn rsa_forms() -> Vec<Form> {
    let csr = Csr::new(keys::rsa2048());
    let secrets = rsa_secrets();
    let clear: Vec<&[u8]> = secrets.iter().map(Vec::as_slice).collect();
    let blob = rsa_blob();
    vec![
        form("RSA in PKCS#8", "rsa8.pem", labelled(&rsa_pkcs8(), "PRIVATE KEY"), "RSA, PKCS#8").of(&csr, &secrets),
        form("the same in DER", "rsa8.der", rsa_pkcs8(), "RSA, PKCS#8").of(&csr, &secrets),
        form("PKCS#1", "rsa1.pem", labelled(&rsa_pkcs1(), "RSA PRIVATE KEY"), "RSA, traditional form")
            .of(&csr, &secrets),
        form("PKCS#1 in DER", "rsa1.key", rsa_pkcs1(), "RSA, traditional form").of(&csr, &secrets),
        form("RSA for OpenSSH", "id_rsa", open_ssh("none", &blob, &in_the_clear(&blob, &clear)), "RSA, OpenSSH")
            .of(&csr, &secrets),
        form(
            "RSA under OpenSSH's password",
            "id_rsa",
            open_ssh("aes256-ctr", &blob, &noise(900)),
            "RSA, encrypted OpenSSH",
        )
        .of(&csr, &[noise(900)])
        .encrypted(),
    ]
}

fn ec_forms() -> Vec<Form> {
    let key = keys::ec("P-256");
    let (csr, secrets) = (Csr::new(key), [scalar()]);
    let point = key.ec().compressed_point();
    let sec1 = |curve: bool, point: Option<&[u8]>| sec1(&scalar(), curve, point);
    let pem = |der: &[u8]| labelled(der, "EC PRIVATE KEY");
    let blob = ec_blob(&key.raw);
    let of_aws = keys::p256();
    vec![
        form("EC in PKCS#8", "ec8.pem", labelled(&ec_pkcs8(&sec1(false, Some(&key.raw))), "PRIVATE KEY"), "EC, PKCS#8")
            .of(&csr, &secrets),
        form("the same in DER", "ec8.der", ec_pkcs8(&sec1(false, Some(&key.raw))), "EC, PKCS#8").of(&csr, &secrets),
        form("the same without a point", "ec8.key", ec_pkcs8(&sec1(false, None)), "EC, PKCS#8").of(&csr, &secrets),
        form("as aws-lc-rs writes it", "aws.der", of_aws.pkcs8.clone().expect("a key of aws-lc-rs"), "EC, PKCS#8")
            .of(&Csr::new(of_aws), &[]),
        form("SEC 1", "ec.pem", pem(&sec1(true, Some(&key.raw))), "EC, traditional form").of(&csr, &secrets),
        form("SEC 1 in DER", "ec.der", sec1(true, Some(&key.raw)), "EC, traditional form").of(&csr, &secrets),
        form("SEC 1 without a point", "ec.pem", pem(&sec1(true, None)), "EC, traditional form").of(&csr, &secrets),
        form("the same in DER", "ec.bin", sec1(true, None), "EC, traditional form").of(&csr, &secrets),
        form("SEC 1 without a curve", "ec.pem", pem(&sec1(false, Some(&key.raw))), "EC, traditional form")
            .of(&csr, &secrets),
        form("SEC 1 with a compressed point", "ec.pem", pem(&sec1(true, Some(&point))), "EC, traditional form")
            .of(&csr, &secrets),
        form("SEC 1 with neither", "ec.pem", pem(&sec1(false, None)), "traditional form"),
        form("EC for OpenSSH", "id_ecdsa", open_ssh("none", &blob, &in_the_clear(&blob, &[&scalar()])), "EC, OpenSSH")
            .of(&csr, &secrets),
        form(
            "EC under OpenSSH's password",
            "id_ecdsa",
            open_ssh("aes256-ctr", &blob, &noise(160)),
            "EC, encrypted OpenSSH",
        )
        .of(&csr, &[noise(160)])
        .encrypted(),
    ]
}

fn ed25519_forms() -> Vec<Form> {
    let (csr, secrets) = (Csr::new(keys::ed25519()), [seed()]);
    let blob = ed25519_blob();
    let both = cat(&[&seed(), &keys::ed25519().raw]);
    vec![
        form("Ed25519", "ed.pem", labelled(&ed25519_pkcs8(false), "PRIVATE KEY"), "Ed25519, PKCS#8").of(&csr, &secrets),
        form("Ed25519 in DER", "ed.der", ed25519_pkcs8(false), "Ed25519, PKCS#8").of(&csr, &secrets),
        form("Ed25519 with its public key", "ed.pem", labelled(&ed25519_pkcs8(true), "PRIVATE KEY"), "Ed25519, PKCS#8")
            .of(&csr, &secrets),
        form(
            "Ed25519 for OpenSSH",
            "id_ed25519",
            open_ssh("none", &blob, &in_the_clear(&blob, &[&both])),
            "Ed25519, OpenSSH",
        )
        .of(&csr, &secrets),
        form(
            "Ed25519 under OpenSSH's password",
            "id_ed25519",
            open_ssh("aes256-ctr", &blob, &noise(160)),
            "Ed25519, encrypted OpenSSH",
        )
        .of(&csr, &[noise(160)])
        .encrypted(),
    ]
}

fn dsa_forms() -> Vec<Form> {
    let dsa = Dsa::new();
    let (csr, secrets) = (dsa.csr(), [dsa.private.to_bytes_be()]);
    let private = contents(&uint(&dsa.private))[0].to_vec();
    let ssh = open_ssh("none", &dsa.blob(), &in_the_clear(&dsa.blob(), &[&private]));
    vec![
        form("DSA in PKCS#8", "dsa8.pem", labelled(&dsa.pkcs8(), "PRIVATE KEY"), "DSA, PKCS#8").of(&csr, &secrets),
        form("the same in DER", "dsa8.der", dsa.pkcs8(), "DSA, PKCS#8").of(&csr, &secrets),
        form("OpenSSL's DSA", "dsa.pem", labelled(&dsa.traditional(), "DSA PRIVATE KEY"), "DSA, traditional form")
            .of(&csr, &secrets),
        form("the same in DER", "dsa.der", dsa.traditional(), "DSA, traditional form").of(&csr, &secrets),
        form("DSA for OpenSSH", "id_dsa", ssh, "DSA, OpenSSH").of(&csr, &secrets),
    ]
}

fn encrypted_forms() -> Vec<Form> {
    let old = "encrypted traditional form";
    [
        form("PBES2", "web.pem", labelled(&pbes2(), "ENCRYPTED PRIVATE KEY"), "encrypted PKCS#8"),
        form("PBES2 in DER", "web.p8", pbes2(), "encrypted PKCS#8"),
        form("PKCS#12's encryption", "web.pem", labelled(&pkcs12_pbe(), "ENCRYPTED PRIVATE KEY"), "encrypted PKCS#8"),
        form("the same in DER", "web.p8", pkcs12_pbe(), "encrypted PKCS#8"),
        form("PBES2 under another label", "web.pem", labelled(&pbes2(), "PRIVATE KEY"), "encrypted PKCS#8"),
        form("Proc-Type over RSA", "rsa.pem", proc_type("RSA PRIVATE KEY"), old),
        form("Proc-Type over EC", "ec.pem", proc_type("EC PRIVATE KEY"), old),
        form("Proc-Type over DSA", "dsa.pem", proc_type("DSA PRIVATE KEY"), old),
        form("PKCS#12 with a key under a password", "web.p12", pfx(2, &pbes2()), "PKCS#12"),
        form("PKCS#12 with a key in the clear", "web.pfx", pfx(1, &rsa_pkcs8()), "PKCS#12"),
    ]
    .map(Form::encrypted)
    .into()
}

fn forms() -> Vec<Form> {
    [rsa_forms(), ec_forms(), ed25519_forms(), dsa_forms(), encrypted_forms()].into_iter().flatten().collect()
}

/// The findings about private keys.
fn about_keys(report: &Report) -> Vec<&Finding> {
    report.findings.iter().filter(|finding| finding.rule.id.starts_with("secret/")).collect()
}

#[test]
fn every_form_is_recognised() {
    let [recommended, pedantic] = ["recommended", "pedantic"].map(lint::profile);
    let mut problems = Vec::new();
    for form in forms() {
        for (profile, engine) in [("recommended", &recommended), ("pedantic", &pedantic)] {
            let report = lint::files(engine, &[(form.path, &form.bytes)]);
            let wanted = if form.rule == PLAIN || profile == "pedantic" { vec![form.rule] } else { Vec::new() };
            let how = if form.rule == PLAIN { "without a password" } else { "protected by a password only" };
            let message = format!("A private key ({}) lies here, {how}.", form.told);
            let right = lint::rules(&report) == wanted
                && report.findings.iter().all(|finding| {
                    finding.message == message && finding.start.line == 1 && finding.place == "private-key[0]"
                });
            if !right || !report.errors.is_empty() {
                problems.push(format!("{} ({}) under {profile}:\n{}", form.about, form.path, lint::told(&report)));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// One key, as it stands in other files: what is special, path, text, lines of the findings.
fn carriers(pem: &str) -> Vec<(&'static str, &'static str, Vec<u8>, Vec<usize>)> {
    let indented: String = pem.lines().map(|line| format!("    {line}\n")).collect();
    let marked: String = pem.lines().map(|line| format!("# {line}\n")).collect();
    let escaped = pem.replace('\n', "\\n");
    let wide: Vec<u8> = format!("\u{feff}{pem}").encode_utf16().flat_map(u16::to_le_bytes).collect();
    let other = labelled(&ed25519_pkcs8(false), "PRIVATE KEY");
    let lines = pem.lines().count();
    let secret = format!(
        "apiVersion: v1\nkind: Secret\ntype: kubernetes.io/tls\ndata:\n  tls.crt: {}\n  tls.key: {}\n",
        der::base64(certificate_pem(&Csr::new(keys::ec("P-256"))).as_bytes()),
        der::base64(pem.as_bytes())
    );
    let text = |text: String| text.into_bytes();
    vec![
        ("a Kubernetes Secret", "secret.yaml", text(secret), vec![6]),
        ("a JSON string", "key.json", text(format!("{{\n  \"id\": 7,\n  \"key\": \"{escaped}\"\n}}\n")), vec![3]),
        ("an environment file", ".env", text(format!("A=1\nKEY=\"{escaped}\"\n")), vec![2]),
        ("a YAML scalar", "values.yaml", text(format!("tls:\n  key: |\n{indented}")), vec![3]),
        ("comments", "notes.conf", text(format!("# old key\n{marked}")), vec![2]),
        ("source code", "key.py", text(format!("KEY = \"\"\"\n{pem}\"\"\"\n")), vec![2]),
        (
            "base64 of base64",
            "deep.yaml",
            text(format!("a: {}\n", der::base64(der::base64(pem.as_bytes()).as_bytes()))),
            vec![1],
        ),
        ("CRLF", "crlf.pem", text(pem.replace('\n', "\r\n")), vec![1]),
        ("UTF-16", "wide.pem", wide, vec![1]),
        (
            "no END line",
            "open.pem",
            text(pem.lines().take(lines - 1).map(|line| format!("{line}\n")).collect()),
            vec![1],
        ),
        ("a certificate before it", "bundle.pem", text(format!("{}{pem}", certificate_pem(&good()))), vec![12]),
        ("another one behind it", "two.pem", text(format!("{pem}{other}")), vec![1, 1 + lines]),
        ("the same one behind it", "twice.pem", text(format!("{pem}{pem}")), vec![1, 1 + lines]),
    ]
}

fn ec_pem() -> String {
    labelled(&ec_pkcs8(&sec1(&scalar(), false, Some(&keys::ec("P-256").raw))), "PRIVATE KEY")
}

#[test]
fn a_key_is_found_wherever_it_stands() {
    let engine = lint::recommended();
    let mut problems = Vec::new();
    for pem in [ec_pem(), labelled(&rsa_pkcs1(), "RSA PRIVATE KEY")] {
        for (about, path, bytes, lines) in carriers(&pem) {
            let report = lint::files(&engine, &[(path, &bytes)]);
            let found: Vec<(&str, usize)> =
                report.findings.iter().map(|finding| (finding.rule.id.as_str(), finding.start.line)).collect();
            let before = certificate_pem(&good()).lines().count() + 1;
            let lines = if path == "bundle.pem" { vec![before] } else { lines };
            let wanted: Vec<(&str, usize)> = lines.iter().map(|line| (PLAIN, *line)).collect();
            if found != wanted || !report.errors.is_empty() {
                problems.push(format!("{about}, {}: {found:?}, not {wanted:?}", &pem[11..14]));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Keys of RSA start with the letters of a request; the small ones do not.
#[test]
fn base64_of_der_is_found_in_other_files() {
    let engine = lint::recommended();
    let mut problems = Vec::new();
    for form in forms().iter().filter(|form| form.rule == PLAIN && form.bytes[0] == 0x30) {
        let text = format!("# keys\nkey: {}\n", der::base64(&form.bytes));
        let report = lint::files(&engine, &[("keys.yaml", text.as_bytes())]);
        let found: Vec<(&str, usize)> =
            report.findings.iter().map(|finding| (finding.rule.id.as_str(), finding.start.line)).collect();
        if found != [(PLAIN, 2)] {
            problems.push(format!("{} ({}): {found:?}", form.about, form.path));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// As with requests: what is too large to be read is no clean file when the mark of a key is in it.
#[test]
fn a_key_in_a_file_that_is_too_large_is_a_failure() {
    let mut bytes = vec![b'\n'; 11 << 20];
    bytes.extend_from_slice(ec_pem().as_bytes());
    assert_eq!(lint::one("dump.sql", &bytes).exit_code(), 3);
}

#[test]
fn several_keys_of_one_file_are_told_apart() {
    let text: String = [ec_pem(), labelled(&ed25519_pkcs8(false), "PRIVATE KEY"), ec_pem()].concat();
    let report = lint::one("all.pem", text.as_bytes());
    let places: Vec<&str> = report.findings.iter().map(|finding| finding.place.as_str()).collect();
    assert_eq!(places, ["private-key[0]", "private-key[1]", "private-key[2]"]);
    let fingerprints: HashSet<&str> = report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    assert_eq!(fingerprints.len(), 3);
}

#[test]
fn a_key_keeps_its_fingerprint_when_it_moves_or_is_written_anew() {
    let text = ec_pem();
    let moved = format!("\n\n{text}");
    let anew = labelled(&sec1(&scalar(), true, None), "EC PRIVATE KEY");
    let fingerprints =
        [text, moved, anew].map(|text| lint::one("a.pem", text.as_bytes()).findings[0].fingerprint.clone());
    assert!(fingerprints.iter().all(|other| *other == fingerprints[0]), "{fingerprints:?}");
}

// --- near misses

fn near_misses() -> Vec<(&'static str, &'static str, Vec<u8>)> {
    let key = keys::ec("P-256");
    let csr = Csr::new(key);
    let public = labelled(&key.spki, "PUBLIC KEY");
    let crl = {
        let signature = algorithm("1.2.840.10045.4.3.2", &[]);
        let time = tlv(0x17, b"260101000000Z");
        let list = seq(&[&int(1), &signature, &der::name(&[("CN", "Example CA")]), &time, &time]);
        seq(&[&list, &signature, &bits(&noise(70))])
    };
    let dh = seq(&[&uint(&keys::rsa2048().rsa().n), &int(2)]);
    let ssh = format!("ssh-ed25519 {} me@example.com\n", der::base64(&ed25519_blob()));
    let ssh_rsa = format!("ssh-rsa {} me@example.com\n", der::base64(&rsa_blob()));
    let armour = "-----BEGIN PRIVATE KEY-----";
    let end = "-----END PRIVATE KEY-----";
    let text = |text: &str| text.as_bytes().to_vec();
    vec![
        ("a public key", "pub.pem", text(&public)),
        ("a public key in DER", "pub.der", key.spki.clone()),
        ("an RSA public key", "pub.pem", text(&labelled(&keys::rsa2048().raw, "RSA PUBLIC KEY"))),
        ("the same in DER", "pub.der", keys::rsa2048().raw.clone()),
        ("an SSH public key", "id_ed25519.pub", text(&ssh)),
        ("authorized_keys", "authorized_keys", text(&format!("{ssh}{ssh_rsa}"))),
        ("a certificate", "web.pem", text(&certificate_pem(&csr))),
        ("a certificate in DER", "web.crt", certificate(&csr)),
        (
            "base64 of a certificate",
            "web.yaml",
            text(&format!("crt: {}\n", der::base64(certificate_pem(&csr).as_bytes()))),
        ),
        ("a CRL", "ca.crl", text(&labelled(&crl, "X509 CRL"))),
        ("a CRL in DER", "ca.crl", crl.clone()),
        ("DH parameters", "dh.pem", text(&labelled(&dh, "DH PARAMETERS"))),
        ("DH parameters in DER", "dh.der", dh),
        ("EC parameters", "curve.pem", text(&labelled(&oid(P256), "EC PARAMETERS"))),
        ("PKCS#12 with a certificate", "ca.p12", pfx(3, &cert_bag())),
        ("a PGP public key", "key.asc", text(&labelled(&noise(300), "PGP PUBLIC KEY BLOCK"))),
        ("a label in a sentence", "README.md", text(&format!("The file starts with `{armour}`.\n"))),
        ("a block without a body", "README.md", text(&format!("```\n{armour}\n{end}\n```\n"))),
        ("a block with dots", "README.md", text(&format!("```\n{armour}\n...\n{end}\n```\n"))),
        ("a block to be filled in", "README.md", text(&format!("```\n{armour}\n<your key>\n{end}\n```\n"))),
        ("a template", "secret.yaml", text(&format!("key: |\n  {armour}\n  {{{{ .Values.tls.key }}}}\n  {end}\n"))),
        (
            "a program that looks for labels",
            "pem.rs",
            text(&format!(
                "const BEGIN: &str = \"{armour}\";\nconst END: &str = \"{end}\";\nfn is_key(text: &str) -> bool {{\n    text.contains(BEGIN) && text.contains(END)\n}}\n"
            )),
        ),
        (
            "a program that takes labels away",
            "Pem.java",
            text(&format!(
                "byte[] der = Base64.getDecoder().decode(pem\n    .replace(\"{armour}\", \"\")\n    .replace(\"{end}\", \"\")\n    .replaceAll(\"\\\\s\", \"\"));\n"
            )),
        ),
        (
            "a program that writes labels",
            "write.js",
            text(&format!("const pem = `{armour}\\n${{body.match(/.{{1,64}}/g).join('\\n')}}\\n{end}\\n`;\n")),
        ),
        (
            "an expression of a scanner",
            "rules.toml",
            text("regex = '''-----BEGIN[ A-Z0-9_-]{0,100}PRIVATE KEY( BLOCK)?-----[\\s\\S-]*?KEY-----'''\n"),
        ),
        ("a request", "web.csr", text(&csr.pem())),
    ]
}

#[track_caller]
fn silent(cases: Vec<(&'static str, &'static str, Vec<u8>)>) {
    let engine = lint::profile("pedantic");
    let mut problems = Vec::new();
    for (about, path, bytes) in cases {
        let report = lint::files(&engine, &[(path, &bytes)]);
        if !about_keys(&report).is_empty() || !report.errors.is_empty() {
            problems.push(format!("{about}:\n{}", lint::told(&report)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn near_misses_are_silent() {
    silent(near_misses());
}

/// Documentation shows the first line of a key and leaves out the rest, or says in words what stands there.
#[test]
fn keys_that_documentation_abridges_are_silent() {
    let pem = labelled(&rsa_pkcs8(), "PRIVATE KEY");
    let lines: Vec<&str> = pem.lines().collect();
    let (first, second, last) = (lines[0], lines[1], lines[lines.len() - 1]);
    silent(vec![
        ("a first line", "README.md", format!("```\n{first}\n{second}\n...\n{last}\n```\n").into_bytes()),
        (
            "words",
            "README.md",
            format!("```\n{first}\nbase64 of your own private key goes here, in lines of 64 characters\n{last}\n```\n")
                .into_bytes(),
        ),
        ("a mask", "values.yaml", format!("key: |\n  {first}\n  {}\n  {last}\n", "x".repeat(64)).into_bytes()),
    ]);
}

/// RFC 6979 appendix A.2.5 prints it.
#[test]
fn a_key_that_an_rfc_has_published_is_left_out() {
    let scalar = hex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721");
    let point = hex(
        "0460FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
    );
    let compressed = cat(&[&[3], &point[1..33]]);
    let blob = ec_blob(&point);
    let pem = |der: &[u8], label: &str| labelled(der, label).into_bytes();
    silent(vec![
        ("PKCS#8", "a.pem", pem(&ec_pkcs8(&sec1(&scalar, false, Some(&point))), "PRIVATE KEY")),
        ("PKCS#8 in DER", "a.der", ec_pkcs8(&sec1(&scalar, false, Some(&point)))),
        ("PKCS#8 without a point", "a.der", ec_pkcs8(&sec1(&scalar, false, None))),
        ("SEC 1", "a.pem", pem(&sec1(&scalar, true, Some(&point)), "EC PRIVATE KEY")),
        ("SEC 1 without a point", "a.pem", pem(&sec1(&scalar, true, None), "EC PRIVATE KEY")),
        ("SEC 1 with a compressed point", "a.pem", pem(&sec1(&scalar, true, Some(&compressed)), "EC PRIVATE KEY")),
        ("OpenSSH", "a", open_ssh("none", &blob, &in_the_clear(&blob, &[&scalar]))),
        ("OpenSSH under a password", "a", open_ssh("aes256-ctr", &blob, &noise(160))),
    ]);
}

// --- whose it is

fn related(finding: &Finding) -> Vec<(&str, usize, &str)> {
    let places = finding.related.iter();
    places.map(|place| (place.path.as_str(), place.line, place.message.as_str())).collect()
}

#[test]
fn a_key_is_named_with_its_requests_and_certificates() {
    let engine =
        lint::policy(&format!("version: 1\nprofiles: [pedantic]\nrules: {{ {ENCRYPTED}: {{ severity: error }} }}\n"))
            .expect("a policy");
    let stranger = Csr::new(keys::ec("P-384")).pem();
    let mut problems = Vec::new();
    for form in forms() {
        let Some(csr) = &form.csr else { continue };
        let (request, certificate) = (csr.pem(), format!("\n\n{}", certificate_pem(csr)));
        let key = format!("keys/{}", form.path);
        let report = lint::files(
            &engine,
            &[
                (&key, &form.bytes),
                ("requests/web.csr", request.as_bytes()),
                ("issued/web.pem", certificate.as_bytes()),
                ("requests/other.csr", stranger.as_bytes()),
            ],
        );
        let found = about_keys(&report);
        let right = found.len() == 1
            && found[0].path.as_str() == key
            && found[0].message.ends_with(" It belongs to a request and a certificate of this tree.")
            && related(found[0])
                == [
                    ("issued/web.pem", 3, "a certificate for this key"),
                    ("requests/web.csr", 1, "a request for this key"),
                ];
        if !right {
            problems.push(format!("{} ({}):\n{}", form.about, form.path, lint::told(&report)));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// Paths and contents.
type Files<'f> = &'f [(&'f str, &'f [u8])];

#[test]
fn the_message_counts_what_a_key_belongs_to() {
    let engine = lint::recommended();
    let key = ec_pem();
    let csr = Csr::new(keys::ec("P-256"));
    let request = csr.pem();
    let again = csr.clone().subject(der::name(&[("CN", forge::csr::HOST)])).pem();
    let certificate = certificate_pem(&csr);
    let in_der = self::certificate(&csr);
    let cases: [(Files<'_>, &str); 6] = [
        (&[], ""),
        (&[("a.csr", request.as_bytes())], " It belongs to a request of this tree."),
        (&[("a.csr", request.as_bytes()), ("b.csr", again.as_bytes())], " It belongs to 2 requests of this tree."),
        (&[("a.pem", certificate.as_bytes())], " It belongs to a certificate of this tree."),
        (&[("a.pem", certificate.as_bytes()), ("b.crt", &in_der)], " It belongs to 2 certificates of this tree."),
        (
            &[("a.csr", request.as_bytes()), ("b.csr", again.as_bytes()), ("c.crt", &in_der)],
            " It belongs to 2 requests and a certificate of this tree.",
        ),
    ];
    for (others, wanted) in cases {
        let report = lint::files(&engine, &[&[("web.key", key.as_bytes())], others].concat());
        let found = about_keys(&report);
        let message = format!("A private key (EC, PKCS#8) lies here, without a password.{wanted}");
        assert_eq!(found.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>(), [message]);
        assert_eq!(found[0].related.len(), others.len());
    }
}

#[test]
fn a_request_in_the_file_of_its_key_is_named_too() {
    let text = format!("{}{}", ec_pem(), Csr::new(keys::ec("P-256")).pem());
    let report = lint::one("web.pem", text.as_bytes());
    let found = about_keys(&report);
    assert_eq!(found.len(), 1, "{}", lint::told(&report));
    assert_eq!(related(found[0]), [("web.pem", ec_pem().lines().count() + 1, "a request for this key")]);
}

#[test]
fn people_and_machines_are_told_where_the_request_is() {
    let sandbox = Sandbox::with("keys/web.key", ec_pem());
    sandbox.file("web.csr", Csr::new(keys::ec("P-256")).pem());
    sandbox.run(&["check"]).exits(1).says("a request for this key is also at web.csr:1");
    let ran = sandbox.check(&[]);
    let found = findings(&ran.exits(1).json()).remove(0);
    assert_eq!(found["related"], json!([{ "path": "web.csr", "line": 1, "message": "a request for this key" }]));
    assert_eq!(
        (&found["path"], &found["severity"], &found["request"]),
        (&json!("keys/web.key"), &json!("error"), &Value::Null)
    );
    let sarif = sandbox.run(&["check", "--format", "sarif"]).json();
    let places = &sarif["runs"][0]["results"][0]["relatedLocations"];
    assert_eq!(places[0]["physicalLocation"]["artifactLocation"]["uri"], "web.csr", "{places}");
}

#[test]
fn a_certificate_with_the_key_of_a_request_is_a_relation_and_no_finding() {
    let csr = good();
    let sandbox = Sandbox::with("web.csr", csr.pem());
    assert_eq!(sandbox.check(&[]).exits(0).json()["relations"], json!([]));
    sandbox.file("issued/web.pem", format!("issued yesterday\n{}", certificate_pem(&csr)));
    sandbox.file("issued/other.pem", certificate_pem(&Csr::new(keys::ed25519())));
    let ran = sandbox.check(&["--profile", "recommended"]);
    let report = ran.exits(0).json();
    assert_eq!(findings(&report), Vec::<Value>::new());
    let inspected = sandbox.run(&["inspect", "--format", "json", "web.csr"]).json();
    let subject = "CN=shop.example.com,O=Example Trading";
    let certificate = json!({ "kind": "certificate", "path": "issued/web.pem", "line": 2, "subject": subject });
    let relation = |same_key: Value| json!([{ "path": "web.csr", "line": 1, "spki_sha256": inspected[0]["spki_sha256"], "same_key": same_key }]);
    assert_eq!(report["relations"], relation(json!([certificate])));

    sandbox.file("web.key", labelled(&keys::p256().pkcs8.clone().expect("a key of aws-lc-rs"), "PRIVATE KEY"));
    let key = json!({ "kind": "private-key", "path": "web.key", "line": 1, "subject": "" });
    let ran = sandbox.check(&[]);
    assert_eq!(ran.exits(1).json()["relations"], relation(json!([certificate, key])));
    assert_eq!(ran.rules(), [PLAIN]);
}

// --- what is shown

/// Characters in a row that give a secret away.
const TRACE: usize = 16;

fn windows(text: &str) -> impl Iterator<Item = Vec<u8>> {
    text.as_bytes().windows(TRACE).map(<[u8]>::to_vec)
}

/// Octets in every way in which an output could show them.
fn written(octets: &[u8]) -> Vec<String> {
    let hexadecimal: String = octets.iter().map(|octet| format!("{octet:02x}")).collect();
    let base64 = (0..3).map(|skipped| der::base64(&octets[skipped..]).trim_end_matches('=').to_owned());
    let decimal = BigUint::from_bytes_be(octets).to_string();
    base64.chain([hexadecimal.to_uppercase(), hexadecimal, decimal]).collect()
}

/// A pile of files, and what must not be shown of them.
struct Pile {
    sandbox: Sandbox,
    files: Vec<String>,
    traces: HashMap<Vec<u8>, String>,
}

impl Pile {
    fn new() -> Self {
        Self { sandbox: Sandbox::new(), files: Vec::new(), traces: HashMap::new() }
    }

    fn add(&mut self, path: &str, bytes: &[u8], secrets: &[Vec<u8>]) {
        let path = format!("{:02}/{path}", self.files.len());
        self.sandbox.file(&path, bytes);
        // The bodies of PEM, and words of base64 in other texts.
        let text = String::from_utf8_lossy(bytes);
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || "+/".contains(c)));
        let words = words.filter(|word| word.len() >= 40).map(str::to_owned);
        let whole = if text.contains("KEY-----") { Vec::new() } else { written(bytes) };
        for text in words.chain(whole).chain(secrets.iter().flat_map(|secret| written(secret))) {
            self.traces.extend(windows(&text).map(|window| (window, path.clone())));
        }
        self.files.push(path);
    }

    fn outputs(&self) -> Vec<(String, Ran)> {
        let formats = ["human", "concise", "json", "sarif", "github", "evidence", "evidence-markdown"];
        let mut runs: Vec<Vec<String>> = Vec::new();
        for format in formats {
            for how in ["-v", "-q"] {
                runs.push(["check", "--profile", "pedantic", "--format", format, how].map(str::to_owned).into());
            }
        }
        for format in ["human", "json"] {
            let fixed = ["inspect", "--format", format].map(str::to_owned);
            runs.push(fixed.into_iter().chain(self.files.iter().cloned()).collect());
        }
        runs.into_iter()
            .map(|arguments| {
                let ran = self.sandbox.run(&arguments);
                assert!((0..=1).contains(&ran.code) || arguments[0] == "inspect", "{}", ran.brief());
                (arguments[..6.min(arguments.len())].join(" "), ran)
            })
            .collect()
    }

    #[track_caller]
    fn keeps(&self) {
        for (run, ran) in self.outputs() {
            let output = format!("{}\n{}", ran.text(), ran.stderr);
            // Wrapping must not hide a trace.
            let joined: String = output.split_whitespace().collect();
            for text in [&output, &joined] {
                for window in text.as_bytes().windows(TRACE) {
                    if let Some(path) = self.traces.get(window) {
                        panic!("csrlint {run} shows {:?} of {path}", String::from_utf8_lossy(window));
                    }
                }
            }
        }
    }
}

#[test]
fn nothing_of_a_private_key_is_shown() {
    let mut pile = Pile::new();
    for form in forms() {
        pile.add(form.path, &form.bytes, &form.secrets);
    }
    for (_, path, bytes, _) in carriers(&ec_pem()) {
        pile.add(path, &bytes, &[scalar()]);
    }
    for (_, path, bytes, _) in carriers(&labelled(&rsa_pkcs1(), "RSA PRIVATE KEY")) {
        pile.add(path, &bytes, &rsa_secrets());
    }
    // Requests are there to be told of; only the bodies of keys are secret.
    for (number, csr) in forms().iter().filter_map(|form| form.csr.as_ref()).enumerate() {
        pile.sandbox.file(format!("requests/{number}.csr"), csr.pem());
    }
    let listed = pile.sandbox.check(&["--profile", "pedantic"]);
    let paths: HashSet<String> = findings(&listed.json()).iter().map(|finding| text_of(&finding["path"])).collect();
    assert!(pile.files.iter().all(|file| paths.contains(file)), "{}", listed.brief());
    pile.keeps();
}

/// Short lines look like words, not like a body.
#[test]
fn nothing_is_shown_of_a_key_in_short_lines() {
    let body = der::base64(&ec_pkcs8(&sec1(&scalar(), false, Some(&keys::ec("P-256").raw))));
    let mut pile = Pile::new();
    for width in [TRACE, 18, 19, 20, 24] {
        let pem = format!("-----BEGIN PRIVATE KEY-----\n{}-----END PRIVATE KEY-----\n", der::lines(&body, width));
        let quoted: String = pem.lines().map(|line| format!("\"{line}\\n\" ")).collect();
        let cases = [
            ("short.pem", pem.clone()),
            ("short.json", format!("{{\"key\": \"{}\"}}\n", pem.replace('\n', "\\n"))),
            ("short.c", format!("char key[] = {quoted};\n")),
            ("short.env", format!("KEY={}\n", pem.trim_end().replace('\n', " "))),
        ];
        for (path, text) in cases {
            pile.add(path, text.as_bytes(), &[scalar()]);
        }
        for line in der::lines(&body, width).lines() {
            for window in windows(line) {
                pile.traces.entry(window).or_insert_with(|| format!("lines of {width}"));
            }
        }
    }
    pile.keeps();
}

// --- what a policy can do

fn tree_of_keys(policy: &str) -> Sandbox {
    let sandbox = Sandbox::with("csrlint.yaml", policy);
    for path in ["tests/a.key", "tests/data/b.pem", "deploy/web.key"] {
        sandbox.file(path, ec_pem());
    }
    sandbox
}

/// Paths and whether they are waived.
fn paths(ran: &Ran) -> Vec<(String, bool)> {
    let found = findings(&ran.json());
    found.iter().map(|finding| (text_of(&finding["path"]), !finding["waived"].is_null())).collect()
}

#[test]
fn a_scope_switches_the_rule_off_for_the_keys_of_tests() {
    let ran = tree_of_keys(&format!(
        "version: 1\nscopes:\n  - files: [\"tests/**\"]\n    rules: {{ {PLAIN}: {{ severity: off }} }}\n"
    ))
    .check(&[]);
    assert_eq!(paths(ran.exits(1)), [("deploy/web.key".to_owned(), false)]);
}

#[test]
fn a_scope_can_make_it_a_warning() {
    let sandbox = tree_of_keys(&format!(
        "version: 1\nscopes:\n  - files: [\"**\"]\n    rules: {{ {PLAIN}: {{ severity: warning }} }}\n"
    ));
    let severities: Vec<Value> = findings(&sandbox.check(&["--fail-on", "error"]).exits(0).json())
        .iter()
        .map(|f| f["severity"].clone())
        .collect();
    assert_eq!(severities, ["warning"; 3]);
}

#[test]
fn a_waiver_by_file_counts() {
    for rule in [PLAIN, "secret", "secret/*"] {
        let waiver =
            format!("  - {{ rule: \"{rule}\", files: [\"tests/**\"], reason: test keys, expires: 2027-01-01 }}\n");
        let ran = tree_of_keys(&format!("version: 1\nwaivers:\n{waiver}")).check(&[]);
        let wanted = [("deploy/web.key", false), ("tests/a.key", true), ("tests/data/b.pem", true)];
        assert_eq!(paths(ran.exits(1)), wanted.map(|(path, waived)| (path.to_owned(), waived)), "{rule}");
    }
}

#[test]
fn a_waiver_by_fingerprint_counts() {
    let sandbox = tree_of_keys("version: 1\n");
    let found = findings(&sandbox.check(&[]).json());
    let fingerprint = text_of(&found[0]["fingerprint"]);
    sandbox.file(
        "csrlint.yaml",
        format!(
            "version: 1\nwaivers:\n  - {{ rule: {PLAIN}, fingerprint: \"{fingerprint}\", reason: r, expires: 2027-01-01 }}\n"
        ),
    );
    let waived: Vec<bool> = paths(&sandbox.check(&[])).into_iter().map(|(_, waived)| waived).collect();
    assert_eq!(waived, [true, false, false]);
}

#[test]
fn an_expired_waiver_waives_nothing() {
    let ran = tree_of_keys(&format!(
        "version: 1\nwaivers:\n  - {{ rule: {PLAIN}, reason: test keys, expires: 2026-05-31 }}\n"
    ))
    .check(&[]);
    let open = paths(ran.exits(1)).into_iter().filter(|(_, waived)| !waived).count();
    assert!(open >= 3, "{}", ran.brief());
}

/// A Kubernetes Secret with something in the lines above a key, and behind it.
fn secret(above: &str, behind: &str) -> String {
    format!("kind: Secret\ndata:\n{above}  tls.key: {}{behind}\n", der::base64(ec_pem().as_bytes()))
}

#[test]
fn an_ignore_on_the_line_of_a_key_counts() {
    for ignored in [PLAIN, "secret", "secret/*"] {
        let text = secret("", &format!(" # csrlint: ignore[{ignored}] -- key of a test"));
        let ran = Sandbox::with("secret.yaml", text).check(&[]);
        assert_eq!(ran.rules(), [PLAIN], "{}", ran.brief());
        assert_eq!(paths(ran.exits(0)), [("secret.yaml".to_owned(), true)]);
    }
}

#[test]
fn an_ignore_above_a_key_counts() {
    let text = secret(&format!("  # csrlint: ignore[{PLAIN}] -- key of a test\n"), "");
    let ran = Sandbox::with("secret.yaml", text).check(&[]);
    assert_eq!(ran.rules(), [PLAIN], "{}", ran.brief());
    assert_eq!(paths(ran.exits(0)), [("secret.yaml".to_owned(), true)]);
}

#[test]
fn an_ignore_in_a_key_file_counts_only_where_the_policy_allows_it() {
    let sandbox = Sandbox::with("web.pem", format!("# csrlint: ignore[{PLAIN}] -- key of a test\n{}", ec_pem()));
    assert_eq!(paths(&sandbox.check(&["--select", PLAIN])), [("web.pem".to_owned(), false)]);
    sandbox.file("csrlint.yaml", "version: 1\ninline-ignores: { requests: true }\n");
    assert_eq!(paths(&sandbox.check(&["--select", PLAIN])), [("web.pem".to_owned(), true)]);
}

#[test]
fn what_must_not_be_waived_is_not() {
    let sandbox = Sandbox::with("secret.yaml", secret("", &format!(" # csrlint: ignore[{PLAIN}] -- key of a test")));
    sandbox.file("csrlint.yaml", "version: 1\nno-waivers: [secret]\n");
    let ran = sandbox.check(&[]);
    assert_eq!(ran.exits(1).rules(), [PLAIN, "config/ignore-not-allowed"], "{}", ran.brief());
}

// --- hostile input

/// Keys in DER of each shape that is read.
fn in_der() -> Vec<(&'static str, Vec<u8>)> {
    let dsa = Dsa::new();
    vec![
        ("RSA in PKCS#8", rsa_pkcs8()),
        ("PKCS#1", rsa_pkcs1()),
        ("EC in PKCS#8", ec_pkcs8(&sec1(&scalar(), false, Some(&keys::ec("P-256").raw)))),
        ("SEC 1", sec1(&scalar(), true, Some(&keys::ec("P-256").raw))),
        ("SEC 1 without a point", sec1(&scalar(), true, None)),
        ("Ed25519", ed25519_pkcs8(true)),
        ("DSA", dsa.traditional()),
        ("PBES2", pbes2()),
        ("PKCS#12", pfx(2, &pbes2())),
    ]
}

#[track_caller]
fn survives(engine: &csrlint::engine::Engine, path: &str, bytes: &[u8], about: &str) {
    let report = lint::files(engine, &[(path, bytes)]);
    assert!(report.errors.is_empty(), "{about}: {:?}", report.errors);
}

#[test]
fn keys_cut_off_anywhere_are_no_failure() {
    let engine = lint::profile("pedantic");
    for (about, der) in in_der() {
        for length in 0..der.len() {
            let about = format!("{about} of {length} octets");
            survives(&engine, "web.key", &der[..length], &about);
            survives(&engine, "web.pem", labelled(&der[..length], "PRIVATE KEY").as_bytes(), &about);
        }
    }
    for ssh in [
        open_ssh("none", &rsa_blob(), &noise(64)),
        open_ssh("aes256-ctr", &ec_blob(&keys::ec("P-256").raw), &noise(64)),
    ] {
        for length in 0..ssh.len() {
            survives(&engine, "id", &ssh[..length], &format!("OpenSSH of {length} characters"));
        }
    }
}

#[test]
fn keys_with_a_wrong_octet_are_no_failure() {
    let engine = lint::profile("pedantic");
    for (about, der) in in_der() {
        for at in 0..der.len() {
            for flipped in [0x01, 0x80, 0xFF] {
                let mut der = der.clone();
                der[at] ^= flipped;
                survives(&engine, "web.key", &der, &format!("{about}, octet {at} ^ {flipped:#04x}"));
            }
        }
    }
    let blobs = [rsa_blob(), ec_blob(&keys::ec("P-256").raw), ed25519_blob(), Dsa::new().blob()];
    for blob in blobs {
        let key = cat(&[
            b"openssh-key-v1\0",
            &[&string(b"none"), &string(b"none"), &string(b"")].map(Vec::as_slice).concat(),
            &1u32.to_be_bytes(),
            &string(&blob),
            &string(&noise(64)),
        ]);
        for at in 0..key.len() {
            let mut key = key.clone();
            key[at] ^= 0xFF;
            survives(&engine, "id", labelled(&key, "OPENSSH PRIVATE KEY").as_bytes(), &format!("OpenSSH, octet {at}"));
        }
    }
}

#[test]
fn nonsense_under_a_label_is_no_failure() {
    let engine = lint::profile("pedantic");
    for label in [
        "PRIVATE KEY",
        "RSA PRIVATE KEY",
        "EC PRIVATE KEY",
        "OPENSSH PRIVATE KEY",
        "ENCRYPTED PRIVATE KEY",
        "ANY PRIVATE KEY",
    ] {
        for body in [noise(31), noise(32), noise(5000), vec![0x30; 500], vec![0; 64], [0x30, 0x80].repeat(5000)] {
            survives(&engine, "web.pem", labelled(&body, label).as_bytes(), label);
        }
    }
}

#[test]
fn many_keys_are_read_quickly() {
    let started = std::time::Instant::now();
    let key = labelled(&sec1(&scalar(), true, None), "EC PRIVATE KEY");
    let report = lint::one("all.pem", key.repeat(3000).as_bytes());
    assert_eq!(about_keys(&report).len(), 3000);
    assert!(started.elapsed() < std::time::Duration::from_secs(30), "{:?}", started.elapsed());
}

/// PKCS#8 can carry the public key of any algorithm (RFC 5958 section 2).
#[test]
fn a_key_of_another_algorithm_has_its_own_name() {
    for (dotted, name) in [("2.16.840.1.101.3.4.4.2", "id-alg-ml-kem-768"), ("1.2.3.4.5", "unknown algorithm")] {
        let stored = [&[0][..], &[7; 48]].concat();
        let key = seq(&[&int(1), &algorithm(dotted, &[]), &octets(&[9; 64]), &tlv(0x81, &stored)]);
        let report = lint::one("kem.pem", labelled(&key, "PRIVATE KEY").as_bytes());
        let message = format!("A private key ({name}, PKCS#8) lies here, without a password.");
        assert_eq!(report.findings.first().map(|finding| finding.message.as_str()), Some(message.as_str()));
    }
}
