//! Keys as they go wrong, and keys that are right: what costly tests find, what is shared across a run, and silence on fresh keys.

#[path = "support/forge/mod.rs"]
mod forge;

use csrlint::catalogue::Catalogue;
use csrlint::check::Date;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::report::Report;
use csrlint::source::{FilePath, MemoryTree};
use forge::csr::Csr;
use forge::{der, keys};
use num_bigint::BigUint;

fn day() -> Date {
    "2026-06-01".parse().expect("a date")
}

fn engine(profile: &str, deep: bool) -> Engine {
    let selection = Selection { profiles: vec![profile.to_owned()], deep, ..Selection::default() };
    Engine::new(Policy::isolated(Catalogue::shipped(), selection, day()).expect("a policy"), Keep::default())
}

fn run(files: &[(String, Vec<u8>)], deep: bool) -> Report {
    let tree = files.iter().fold(MemoryTree::new(), |tree, (path, bytes)| tree.with(path, bytes.clone()));
    engine("pedantic", deep).run(&tree, &[FilePath::new(".")], &RunOptions { threads: 2, ..RunOptions::default() })
}

fn rules(report: &Report, family: &str) -> Vec<String> {
    let mut rules: Vec<String> =
        report.open_findings().map(|finding| finding.rule.id.clone()).filter(|id| id.starts_with(family)).collect();
    rules.sort();
    rules
}

fn file(name: &str, csr: &Csr) -> (String, Vec<u8>) {
    (name.to_owned(), csr.pem().into_bytes())
}

fn host(csr: Csr, name: &str) -> Csr {
    csr.subject(der::name(&[("CN", name)])).san_extension(der::san(&[der::dns(name)]))
}

#[test]
fn a_prime_modulus_is_told_when_it_is_asked_for() {
    let files = [file("web.csr", &Csr::new(keys::rsa_prime_modulus()))];
    assert!(!rules(&run(&files, false), "signature/").contains(&"signature/forgeable-possession".to_owned()));
    assert!(rules(&run(&files, true), "signature/").contains(&"signature/forgeable-possession".to_owned()));
    let good = [file("web.csr", &Csr::new(keys::rsa2048()))];
    assert_eq!(rules(&run(&good, true), "signature/"), Vec::<String>::new());
}

#[test]
fn costly_rules_run_when_asked_for_or_named() {
    let weak = 757u32 * keys::rsa(1023, 65537).rsa().n.clone();
    let spki = der::spki(
        &der::algorithm(keys::RSA_ENCRYPTION, &der::null()),
        &keys::rsa_public(&weak, &BigUint::from(65537u32)),
    );
    let files = [file("web.csr", &Csr::new(keys::rsa2048()).spki(spki))];
    let told = |report: &Report| rules(report, "key/").contains(&"key/rsa-factor-found".to_owned());
    assert!(!told(&run(&files, false)));
    assert!(told(&run(&files, true)));
    let selection = Selection { select: vec!["key/rsa-factor-found".to_owned()], ..Selection::default() };
    let policy = Policy::isolated(Catalogue::shipped(), selection, day()).expect("a policy");
    let tree = MemoryTree::new().with("web.csr", files[0].1.clone());
    assert!(told(&Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default())));
}

/// What a run cannot afford is spared, and that is said.
#[test]
fn costly_tests_have_a_budget() {
    let csr = Csr::new(keys::rsa2048()).pem().into_bytes();
    let path = std::sync::Arc::new(FilePath::new("web.csr"));
    let facts = csrlint::read::read(std::sync::Arc::new(csrlint::source::SourceFile::new(path, csr)));
    let request = facts.requests().next().expect("a request");
    assert!(request.costly_cost() > 1 << 22, "{}", request.costly_cost());
    request.refuse_costly("the run's budget for costly keys is spent");
    let engine = engine("recommended", true);
    let report = engine.settle([engine.check(&facts)], false);
    let spared: Vec<&str> = report.not_judged.iter().map(|not_judged| not_judged.rule.as_str()).collect();
    assert_eq!(
        spared,
        ["key/rsa-factor-found", "key/rsa-related-primes", "key/rsa-smooth-prime", "signature/forgeable-possession"]
    );
}

#[test]
fn primes_that_keys_share_are_found_across_files_and_kinds() {
    let mut random = forge::rsa::Xorshift::new(77);
    let one = BigUint::from(1u8);
    let e = BigUint::from(65537u32);
    let mut prime = || forge::rsa::prime(&mut random, &(&one << 511), &(&one << 512), &e);
    let (p, q, r, s, t) = (prime(), prime(), prime(), prime(), prime());
    let key = |p: &BigUint, q: &BigUint| keys::rsa_from_primes(&[p.clone(), q.clone()]);
    let (first, second, other) = (key(&p, &q), key(&p, &r), key(&s, &t));
    let files = [
        file("a/web.csr", &host(Csr::new(first), "web.example.com")),
        file("b/mail.csr", &host(Csr::new(second), "mail.example.com")),
        file("c/db.csr", &host(Csr::new(other), "db.example.com")),
        // A copy, and another request with the same key, share nothing new.
        file("d/copy.csr", &host(Csr::new(first), "web.example.com")),
        file("e/again.csr", &host(Csr::new(first), "again.example.com")),
    ];
    let report = run(&files, false);
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == "estate/shared-prime").collect();
    assert_eq!(found.len(), 1, "{:?}", found.iter().map(|finding| &finding.message).collect::<Vec<_>>());
    assert_eq!((found[0].path.as_str(), found[0].related[0].path.as_str()), ("a/web.csr", "b/mail.csr"));
    assert!(found[0].message.contains("b/mail.csr"), "{}", found[0].message);
    // The other key may be that of a private key or a certificate.
    let private = second.rsa().pkcs1();
    let files = [files[0].clone(), ("keys/mail.der".to_owned(), private)];
    let report = run(&files, false);
    let message =
        &report.findings.iter().find(|finding| finding.rule.id == "estate/shared-prime").expect("told").message;
    assert!(message.contains("a private key in keys/mail.der"), "{message}");
}

#[test]
fn more_moduli_than_are_affordable_are_not_judged() {
    let (n, e) = (keys::rsa(1024, 65537).rsa().n.clone(), BigUint::from(65537u32));
    let files: Vec<_> = (0..1001u32)
        .map(|number| {
            let public = keys::rsa_public(&(&n + 2u32 * number), &e);
            file(
                &format!("{number}.csr"),
                &Csr::new(keys::p256()).spki(der::spki(&der::algorithm(keys::RSA_ENCRYPTION, &der::null()), &public)),
            )
        })
        .collect();
    let report = run(&files, false);
    let reason =
        report.not_judged.iter().find(|not_judged| not_judged.rule == "estate/shared-prime").expect("not judged");
    assert!(reason.reason.contains("1001 RSA moduli are compared with --deep only"), "{}", reason.reason);
}

#[test]
fn nonces_are_compared_among_signatures_that_hold() {
    let key = keys::ec("P-384");
    let with_nonce = |name: &str, key: &'static keys::Key, nonce: u32| {
        let csr = host(Csr::new(key), name);
        let signature = key.ec().sign_with(forge::sign::Hash::Sha384, &csr.info(), &BigUint::from(nonce));
        csr.signature_bits(der::bits(&signature))
    };
    let one = with_nonce("one.example.com", key, 0x00C0_FFEE);
    let files = [
        file("one.csr", &one),
        file("two.csr", &with_nonce("two.example.com", key, 0x00C0_FFEE)),
        file("copy.csr", &one),
        file("other.csr", &with_nonce("other.example.com", key, 0x00C0_FFEF)),
    ];
    let report = run(&files, false);
    let found: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == "estate/nonce-repeated").collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].message.starts_with("2 signatures have the same nonce"), "{}", found[0].message);
    assert!(found[0].message.contains("the private key"), "{}", found[0].message);
    // Alone, the rule has the signatures verified, which no other rule asks for.
    let alone = Selection { select: vec!["estate/nonce-repeated".to_owned()], ..Selection::default() };
    let alone = Engine::new(Policy::isolated(Catalogue::shipped(), alone, day()).expect("a policy"), Keep::default());
    let tree = files.iter().fold(MemoryTree::new(), |tree, (path, bytes)| tree.with(path, bytes.clone()));
    assert_eq!(alone.run(&tree, &[FilePath::new(".")], &RunOptions::default()).findings.len(), 1);
    // A request that was changed after signing has the r of the original, and no nonce of its own.
    let broken = host(Csr::new(key), "six.example.com").signature_bits(one.sig_bits.clone().expect("a value"));
    let files = [files[0].clone(), file("broken.csr", &broken)];
    let report = run(&files, false);
    assert!(report.findings.iter().all(|finding| finding.rule.id != "estate/nonce-repeated"));
}

#[test]
fn copies_are_not_reuse_and_spellings_of_a_key_are() {
    let key = keys::ec("P-256");
    let compressed = keys::ec_spki("1.2.840.10045.3.1.7", &key.ec().compressed_point());
    let files = [
        file("web.csr", &host(Csr::new(key), "web.example.com")),
        file("copy.csr", &host(Csr::new(key), "web.example.com")),
    ];
    assert!(!rules(&run(&files, false), "estate/").contains(&"estate/key-reused".to_owned()));
    let again = file("compressed.csr", &host(Csr::new(key).spki(compressed), "again.example.com"));
    let files = [files[0].clone(), again];
    assert!(rules(&run(&files, false), "estate/").contains(&"estate/key-reused".to_owned()));
}

/// Fresh keys, in numbers that would tell a test that goes wrong once in a few thousand cases.
fn silent(name: &str, count: usize, deep: bool, make: impl Fn(usize) -> Csr) {
    let engine = engine("pedantic", deep);
    for number in 0..count {
        let csr = host(make(number), &format!("host{number}.example.com"));
        let tree = MemoryTree::new().with("web.csr", csr.pem().into_bytes());
        let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions::default());
        let told: Vec<_> = report
            .open_findings()
            .filter(|finding| ["key", "signature", "estate"].contains(&finding.rule.family()))
            .map(|finding| format!("{}: {}", finding.rule.id, finding.message))
            .collect();
        assert!(told.is_empty(), "{name} {number}: {told:?}\n{}", csr.pem());
    }
}

#[test]
fn a_few_fresh_keys_are_clean() {
    silent("RSA", 3, true, |_| Csr::new(keys::fresh_rsa2048()));
    silent("P-256", 20, false, |_| Csr::new(keys::fresh_p256()));
    silent("Ed25519", 20, false, |number| Csr::new(keys::fresh_ed25519(number as u64)));
}

/// 1,000 RSA keys and 10,000 of each other kind: `cargo test --release --test key_health -- --ignored`. Some ten minutes.
#[test]
#[ignore = "ten minutes in a release build; run it when a test of keys changes"]
fn many_fresh_keys_are_clean() {
    silent("RSA", 1_000, true, |_| Csr::new(keys::fresh_rsa2048()));
    silent("P-256", 10_000, false, |_| Csr::new(keys::fresh_p256()));
    silent("P-256, costly tests", 200, true, |_| Csr::new(keys::fresh_p256()));
    silent("Ed25519", 10_000, false, |number| Csr::new(keys::fresh_ed25519(number as u64)));
    silent("ML-DSA-44", 10_000, false, |_| Csr::new(keys::fresh_ml_dsa(44)));
    for curve in ["P-224", "P-384", "P-521", "secp256k1", "brainpoolP256r1"] {
        silent(curve, 10_000, false, |number| Csr::new(keys::fresh_ec(curve, number as u64 + 2)));
    }
}

/// With a statement of possession (RFC 9883) the key of a certificate signs: that this holds says nothing of the point.
#[test]
fn a_signature_of_another_key_does_not_vouch_for_the_point() {
    let key = keys::ec("P-256");
    let issuer = der::name(&[("CN", "Example CA")]);
    let ecdsa = der::algorithm("1.2.840.10045.4.3.2", &[]);
    let validity = der::seq(&[&der::tlv(0x17, b"260101000000Z"), &der::tlv(0x17, b"270101000000Z")]);
    let tbs = der::seq(&[&der::int(5), &ecdsa, &issuer, &validity, &der::name(&[("CN", "web")]), &key.spki]);
    let certificate = der::seq(&[&tbs, &ecdsa, &der::bits(&[0; 70])]);
    let statement = der::seq(&[&der::seq(&[&issuer, &der::int(5)]), &certificate]);
    let attribute = der::attribute("1.3.6.1.4.1.22112.2.1", &[&statement]);
    let mut off_curve = key.raw.clone();
    off_curve[64] ^= 1;
    let csr = Csr::new(key).spki(keys::ec_spki("1.2.840.10045.3.1.7", &off_curve)).and_attributes(&[attribute]);
    let files = [file("web.csr", &csr)];
    // The signature holds, or the case would be another.
    assert_eq!(rules(&run(&files, false), "signature/"), Vec::<String>::new());
    assert!(rules(&run(&files, false), "key/").contains(&"key/ec-point-invalid".to_owned()));
}
