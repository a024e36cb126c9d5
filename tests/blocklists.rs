//! Lists of keys that must not be used: badkeys' format, the organisation's own, known primes, and `csrlint blocklist build`.
//! Every list is made here; that of badkeys as its docs/BLOCKLISTFORMAT.md has it.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use std::collections::BTreeSet;

use forge::Csr;
use forge::csr::{good, labelled};
use forge::der::{self, algorithm, bits, context, int, oid, seq, tlv};
use forge::keys::{self, Key};
use forge::rsa::Xorshift;
use forge::sign::Hash;
use num_bigint::BigUint;
use run::{Ran, Sandbox, findings, text_of};
use serde_json::{Value, json};

const RULE: &str = "key/compromised";
const P256: &str = "1.2.840.10045.3.1.7";

// --- lists and keys

/// What badkeys hashes: the number without leading zero octets.
fn record(number: &[u8], list: u8) -> Vec<u8> {
    let start = number.iter().position(|octet| *octet != 0).expect("a number");
    [&Hash::Sha256.digest(&number[start..])[..15], &[list]].concat()
}

/// A list with these records and many others.
fn badkeys(records: &[Vec<u8>]) -> Vec<u8> {
    let mut random = Xorshift::new(9);
    let mut all: Vec<Vec<u8>> = (0..1000).map(|_| record(&random.next_u64().to_be_bytes(), 1)).collect();
    all.extend_from_slice(records);
    all.sort();
    all.concat()
}

/// x of a P-256 key, or the modulus of an RSA key.
fn number(key: &Key) -> Vec<u8> {
    if key.raw[0] == 4 { key.raw[1..33].to_vec() } else { key.rsa().n.to_bytes_be() }
}

fn hexadecimal(octets: &[u8]) -> String {
    octets.iter().map(|octet| format!("{octet:02x}")).collect()
}

fn spki_sha256(spki: &[u8]) -> String {
    hexadecimal(&Hash::Sha256.digest(spki))
}

/// SHA-256 of the key of `good()`.
fn listed() -> String {
    spki_sha256(&keys::p256().spki)
}

/// A directory with `web.csr`, whose key is that of `good()`, and `other.csr` with another key.
fn requests() -> Sandbox {
    let sandbox = Sandbox::with("web.csr", good().pem());
    sandbox.file("other.csr", Csr::new(keys::ec("P-384")).pem());
    sandbox
}

/// Paths and messages of the findings about listed keys, of which there are no others.
fn compromised(ran: &Ran) -> Vec<(String, String)> {
    let found = findings(&ran.json());
    assert!(found.iter().all(|finding| finding["rule"] == RULE), "{}", ran.brief());
    found.iter().map(|finding| (text_of(&finding["path"]), text_of(&finding["message"]))).collect()
}

fn told(path: &str, message: &str) -> Vec<(String, String)> {
    vec![(path.to_owned(), message.to_owned())]
}

/// PrivateKeyInfo (RFC 5958 section 2) of a P-256 key of the forge's own.
fn ec_private(key: &Key) -> Vec<u8> {
    let identifier = algorithm(keys::EC_PUBLIC_KEY, &oid(P256));
    seq(&[&int(0), &identifier, &der::octets(&key.ec().private_der())])
}

/// A certificate (RFC 5280) for a key; nobody verifies its signature.
fn certificate(spki: &[u8]) -> Vec<u8> {
    let time = |text: &str| tlv(0x17, text.as_bytes());
    let signature = algorithm("1.2.840.10045.4.3.2", &[]);
    let tbs = seq(&[
        &context(0, &int(2)),
        &int(4711),
        &signature,
        &der::name(&[("CN", "Example CA")]),
        &seq(&[&time("260101000000Z"), &time("270101000000Z")]),
        &der::name(&[("CN", forge::csr::HOST)]),
        spki,
    ]);
    seq(&[&tbs, &signature, &bits(&[0x55; 70])])
}

// --- badkeys' format on the command line

#[test]
fn a_key_in_a_list_of_badkeys_is_found() {
    let sandbox = requests();
    sandbox.check(&[]).exits(0);
    sandbox.file("lists/blocklist.dat", badkeys(&[record(&number(keys::p256()), 7)]));
    let ran = sandbox.check(&["--blocklist", "lists/blocklist.dat"]);
    let message = "The key stands in the list lists/blocklist.dat: list 7.";
    assert_eq!(compromised(ran.exits(1)), told("web.csr", message));
    let finding = findings(&ran.json()).remove(0);
    assert_eq!((&finding["severity"], &finding["place"]), (&json!("error"), &json!("key")));
}

#[test]
fn the_metadata_beside_a_list_names_the_list() {
    let metadata =
        |id: Value| json!({ "blocklists": [{ "id": 1, "name": "debianssl" }, { "id": id, "name": "fwkeys" }] });
    for (metadata, reason) in [
        (metadata(json!(7)).to_string(), "fwkeys"),
        (metadata(json!("7")).to_string(), "fwkeys"),
        (metadata(json!(8)).to_string(), "list 7"),
        (metadata(json!(1007)).to_string(), "list 7"),
        ("no JSON".to_owned(), "list 7"),
        ("[]".to_owned(), "list 7"),
    ] {
        let sandbox = requests();
        sandbox.file("lists/blocklist.dat", badkeys(&[record(&number(keys::p256()), 7)]));
        sandbox.file("lists/badkeysdata.json", &metadata);
        let ran = sandbox.check(&["--blocklist", "lists/blocklist.dat"]);
        let message = format!("The key stands in the list lists/blocklist.dat: {reason}.");
        assert_eq!(compromised(ran.exits(1)), told("web.csr", &message), "{metadata}");
    }
}

#[test]
fn a_list_outside_of_the_tree_is_read_too() {
    let elsewhere = Sandbox::with("blocklist.dat", badkeys(&[record(&number(keys::p256()), 7)]));
    let path = elsewhere.at("blocklist.dat");
    let ran = requests().check(&["--blocklist", path.to_str().expect("UTF-8")]);
    assert_eq!(compromised(ran.exits(1)).len(), 1);
}

#[test]
fn what_cannot_be_a_list_is_2() {
    let sorted = badkeys(&[]);
    let reversed: Vec<u8> = sorted.chunks(16).rev().flatten().copied().collect();
    let mut swapped = badkeys(&[]);
    swapped[..32].rotate_left(16);
    let cases: [(&str, Vec<u8>, &str); 6] = [
        ("an octet too many", [&sorted[..], &[0]].concat(), "16001 bytes are no list of badkeys"),
        ("an octet too few", sorted[..15_999].to_vec(), "15999 bytes are no list of badkeys"),
        ("backwards", reversed, "the records are not sorted"),
        ("the first two swapped", swapped, "the records are not sorted"),
        ("binary and short", vec![0; 7], "7 bytes are no list of badkeys"),
        ("a picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0".to_vec(), "17 bytes are no list of badkeys"),
    ];
    for (about, bytes, problem) in cases {
        let sandbox = requests();
        sandbox.file("list.dat", bytes);
        let ran = sandbox.check(&["--blocklist", "list.dat"]);
        assert_eq!(ran.code, 2, "{about}: {}", ran.brief());
        ran.complains("list.dat: ").complains(problem);
        assert!(ran.stdout.is_empty(), "{about}: {}", ran.brief());
    }
}

#[test]
fn a_list_that_is_not_there_is_2() {
    let sandbox = requests();
    sandbox.directory("folder");
    sandbox.file("good.txt", format!("{}\n", listed()));
    sandbox.check(&["--blocklist", "missing.dat"]).exits(2).complains("missing.dat: the list cannot be read");
    sandbox.check(&["--blocklist", "folder"]).exits(2).complains("folder: the list cannot be read: is a directory");
    sandbox.check(&["--blocklist", "good.txt", "--blocklist", "missing.dat"]).exits(2).complains("missing.dat");
}

/// The same key in another encoding is the same number.
#[test]
fn a_list_of_badkeys_finds_every_encoding_of_a_key() {
    let ec = keys::ec("P-256");
    let rsa = keys::rsa2048();
    let ec_spki = |point: &[u8]| keys::ec_spki(P256, point);
    let cases = [
        ("an uncompressed point", Csr::new(ec)),
        ("a compressed point", Csr::new(ec).spki(ec_spki(&ec.ec().compressed_point()))),
        ("a hybrid point", Csr::new(ec).spki(ec_spki(&ec.ec().hybrid_point()))),
        ("RSA with NULL", Csr::new(rsa)),
        ("RSA without NULL", Csr::new(rsa).spki(der::spki(&algorithm(keys::RSA_ENCRYPTION, &[]), &rsa.raw))),
        ("RSA for PSS only", Csr::new(rsa).spki(der::spki(&algorithm("1.2.840.113549.1.1.10", &[]), &rsa.raw))),
    ];
    let sandbox = Sandbox::with("list.dat", badkeys(&[record(&number(ec), 3), record(&number(rsa), 4)]));
    for (about, csr) in cases {
        sandbox.file("web.csr", csr.pem());
        let ran = sandbox.check(&["--select", RULE, "--blocklist", "list.dat"]);
        let list = if csr.key.raw[0] == 4 { 3 } else { 4 };
        let message = format!("The key stands in the list list.dat: list {list}.");
        assert_eq!(compromised(&ran), told("web.csr", &message), "{about}");
    }
}

#[test]
fn leading_zero_octets_of_a_coordinate_are_left_out() {
    let start = (0..=255)
        .map(|seed| forge::ec::Ec::new("P-256", seed))
        .find(|ec| ec.point()[1] == 0)
        .expect("one key in 256 has a small x");
    let csr = good().spki(keys::ec_spki(P256, &start.point()));
    let sandbox = Sandbox::with("web.csr", csr.pem());
    sandbox.file("list.dat", badkeys(&[record(&start.point()[1..33], 5)]));
    let ran = sandbox.check(&["--select", RULE, "--blocklist", "list.dat"]);
    assert_eq!(compromised(ran.exits(1)), told("web.csr", "The key stands in the list list.dat: list 5."));
}

#[test]
fn the_first_list_that_has_a_key_is_named() {
    let sandbox = requests();
    sandbox.file("a.dat", badkeys(&[]));
    sandbox.file("b.txt", format!("{}  2026-03-14  lost\n", listed()));
    sandbox.file("c.dat", badkeys(&[record(&number(keys::p256()), 7)]));
    let lists = |order: [&str; 3]| {
        let arguments: Vec<&str> = order.into_iter().flat_map(|list| ["--blocklist", list]).collect();
        compromised(sandbox.check(&arguments).exits(1)).remove(0).1
    };
    assert_eq!(lists(["a.dat", "b.txt", "c.dat"]), "The key stands in the list b.txt, since 2026-03-14: lost.");
    assert_eq!(lists(["a.dat", "c.dat", "b.txt"]), "The key stands in the list c.dat: list 7.");
}

// --- the organisation's own format

#[test]
fn day_and_reason_are_shown() {
    let cases = [
        ("", ""),
        ("  2026-03-14", ", since 2026-03-14"),
        ("  lost with a laptop", ": lost with a laptop"),
        (
            "  2026-03-14  copied from the build server, INC-4711",
            ", since 2026-03-14: copied from the build server, INC-4711",
        ),
        ("\t2026-03-14\tcopied", ", since 2026-03-14: copied"),
        ("  2026-03-14  gestohlen \u{2013} \u{fc}bel", ", since 2026-03-14: gestohlen \u{2013} \u{fc}bel"),
        ("  2027 was the year", ": 2027 was the year"),
    ];
    for (rest, shown) in cases {
        for hash in [listed(), listed().to_uppercase()] {
            for end in ["\n", "\r\n", ""] {
                let sandbox = requests();
                sandbox.file("keys.txt", format!("# lost keys\n\n{}\n  {hash}{rest}{end}", "ab".repeat(32)));
                let ran = sandbox.check(&["--blocklist", "keys.txt"]);
                let message = format!("The key stands in the list keys.txt{shown}.");
                assert_eq!(compromised(ran.exits(1)), told("web.csr", &message), "{rest:?} {end:?}");
            }
        }
    }
}

#[test]
fn a_list_of_comments_is_a_list() {
    let sandbox = requests();
    sandbox.file("keys.txt", "# nothing was lost yet\n");
    sandbox.check(&["--blocklist", "keys.txt"]).exits(0);
    // As a build over an empty folder writes it.
    sandbox.file("keys.txt", "");
    sandbox.check(&["--blocklist", "keys.txt"]).exits(0);
}

#[test]
fn a_byte_order_mark_is_no_error() {
    let sandbox = requests();
    sandbox.file("keys.txt", format!("\u{feff}{}  lost\n", listed()));
    let ran = sandbox.check(&["--blocklist", "keys.txt"]);
    assert_eq!(compromised(ran.exits(1)), told("web.csr", "The key stands in the list keys.txt: lost."));
}

#[test]
fn a_reason_cannot_act_on_a_terminal() {
    let sandbox = requests();
    sandbox.file("keys.txt", format!("{}  \u{1b}[31mred\u{202e} ##[error]x\n", listed()));
    for format in ["human", "concise", "json", "sarif", "github", "evidence-markdown"] {
        let ran = sandbox.run(&["check", "--format", format, "--blocklist", "keys.txt"]);
        ran.exits(1);
        assert!(!ran.text().contains(['\u{1b}', '\u{202e}']), "{format}: {}", ran.brief());
    }
}

/// Lines, the place of the error in them, and what is said.
fn wrong_lists() -> [(String, &'static str, &'static str); 7] {
    let good = "ab".repeat(32);
    [
        ("abc  2026-01-01  short\n".to_owned(), "1:1", "is no SHA-256 in 64 hexadecimal digits"),
        (format!("# x\n\n  {}\n", "zz".repeat(32)), "3:3", "is no SHA-256 in 64 hexadecimal digits"),
        (format!("{good}\n{good}0\n"), "2:1", "is no SHA-256 in 64 hexadecimal digits"),
        (format!("{good}  2026-13-01  no month\n"), "1:67", "2026-13-01"),
        (format!("{good}\t2026-02-30\n"), "1:66", "2026-02-30"),
        (format!("# \u{fc}\r\n{good} 2026-02-30\r\n"), "2:66", "2026-02-30"),
        (format!("sha256:{good}\n"), "1:1", "is no SHA-256 in 64 hexadecimal digits"),
    ]
}

#[test]
fn errors_of_a_list_are_told_at_their_line_and_column() {
    for (text, place, message) in wrong_lists() {
        let sandbox = requests();
        sandbox.file("lists/keys.txt", &text);
        let ran = sandbox.check(&["--blocklist", "lists/keys.txt"]);
        assert_eq!(ran.code, 2, "{text}: {}", ran.brief());
        ran.complains(&format!("lists/keys.txt:{place}")).complains(message);
        assert!(ran.stdout.is_empty(), "{}", ran.brief());

        let sandbox = requests();
        sandbox.file("lists/keys.txt", &text);
        sandbox.file("csrlint.yaml", "version: 1\nblocklists: [{ file: lists/keys.txt }]\n");
        sandbox.check(&[]).exits(2).complains(&format!("lists/keys.txt:{place}")).complains(message);
    }
}

#[test]
fn a_private_key_in_place_of_a_list_is_not_shown() {
    let sandbox = requests();
    let key = labelled(&ec_private(keys::ec("P-256")), "PRIVATE KEY");
    let ran = sandbox.file("web.key", &key).check(&["--blocklist", "web.key"]);
    ran.exits(2).complains("csrlint blocklist build");
    assert!(key.lines().all(|line| !ran.stderr.contains(line)), "{}", ran.brief());
    // Nor without its lines of dashes, where it is a list of which every line is wrong.
    let bare: String = key.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect();
    let ran = sandbox.file("web.key", &bare).check(&["--blocklist", "web.key"]);
    ran.exits(2).complains("web.key:1:1");
    assert!(bare.lines().filter(|line| line.len() > 20).all(|line| !ran.stderr.contains(line)), "{}", ran.brief());
}

#[test]
fn every_wrong_line_is_told() {
    let sandbox = requests();
    sandbox.file("keys.txt", format!("x\n{}\ny\nz\n", listed()));
    let ran = sandbox.check(&["--blocklist", "keys.txt"]);
    for place in ["keys.txt:1:1", "keys.txt:3:1", "keys.txt:4:1"] {
        ran.exits(2).complains(place);
    }
}

#[test]
fn a_text_list_that_is_not_utf_8_is_2() {
    let sandbox = requests();
    sandbox.file("keys.txt", [format!("{}  lost\n", listed()).repeat(2).as_bytes(), b"# \xFF\n"].concat());
    sandbox.check(&["--blocklist", "keys.txt"]).exits(2).complains("keys.txt: the list is not UTF-8");
}

// --- blocklists of a policy

#[test]
fn lists_of_a_policy_are_relative_to_it() {
    let sandbox = Sandbox::with(
        "project/csrlint.yaml",
        "version: 1\nblocklists:\n  - file: lists/keys.txt\n  - file: lists/blocklist.dat\n",
    );
    sandbox.file("project/lists/keys.txt", format!("{}  2026-03-14  lost\n", listed()));
    sandbox.file("project/lists/blocklist.dat", badkeys(&[record(&number(keys::rsa2048()), 9)]));
    sandbox.file("project/lists/badkeysdata.json", json!({ "blocklists": [{ "id": 9, "name": "git" }] }).to_string());
    sandbox.file("project/web.csr", good().pem());
    sandbox.file("project/deep/rsa.csr", Csr::new(keys::rsa2048()).pem());
    let wanted = [
        ("deep/rsa.csr", "The key stands in the list lists/blocklist.dat: git."),
        ("web.csr", "The key stands in the list lists/keys.txt, since 2026-03-14: lost."),
    ]
    .map(|(path, message)| (path.to_owned(), message.to_owned()));
    let check = ["check", "--format", "json", "--as-of", "2026-06-01"];
    let ran = sandbox.run(&[&["-C", "project"], &check[..]].concat());
    assert_eq!(compromised(ran.exits(1)), wanted);
    // From below, the policy is that of the directory above, and so are its lists.
    let ran = sandbox.run(&[&["-C", "project"], &check[..], &["--config", "csrlint.yaml", "deep"]].concat());
    assert_eq!(compromised(ran.exits(1)).len(), 1);
}

/// The schema says of `file`: relative to the directory of the policy. Only patterns start from the working directory.
#[test]
fn lists_of_a_policy_that_was_named_are_relative_to_it_too() {
    let sandbox = requests();
    sandbox.file("policies/strict.yaml", "version: 1\nblocklists: [{ file: keys.txt }]\n");
    sandbox.file("policies/keys.txt", format!("{}  lost\n", listed()));
    assert_eq!(compromised(sandbox.check(&["--config", "policies/strict.yaml"]).exits(1)).len(), 1);
}

#[test]
fn the_format_of_a_list_can_be_said() {
    let sandbox = requests();
    sandbox.file("keys.list", badkeys(&[record(&number(keys::p256()), 7)]));
    sandbox.file("csrlint.yaml", "version: 1\nblocklists: [{ file: keys.list, format: badkeys }]\n");
    assert_eq!(compromised(sandbox.check(&[]).exits(1)).len(), 1);
    sandbox.file("keys.list", format!("{}\n", listed()));
    sandbox.check(&[]).exits(2).complains("65 bytes are no list of badkeys");
    sandbox.file("csrlint.yaml", "version: 1\nblocklists: [{ file: keys.list, format: spki-sha256 }]\n");
    assert_eq!(compromised(sandbox.check(&[]).exits(1)).len(), 1);
    sandbox.file("csrlint.yaml", "version: 1\nblocklists: [{ file: keys.list, format: crl }]\n");
    sandbox.check(&[]).exits(2).complains("csrlint.yaml:2:").complains("crl");
}

#[test]
fn a_list_that_a_policy_names_wrongly_is_told_at_its_place() {
    let sandbox = requests();
    sandbox.directory("folder").file("short.dat", [0; 7]).file("empty.txt", "# nothing\n");
    for (entry, place, message) in [
        ("{ file: missing.txt }", "csrlint.yaml:3:13", "the list cannot be read"),
        ("{ file: folder }", "csrlint.yaml:3:13", "the list cannot be read: is a directory"),
        ("{ format: badkeys, file: short.dat }", "csrlint.yaml:3:30", "7 bytes are no list of badkeys"),
        ("{ file: empty.txt, format: primes }", "csrlint.yaml:3:13", "the list has no numbers"),
        ("{ files: empty.txt }", "csrlint.yaml:3:7", "\"file\""),
    ] {
        sandbox.file("csrlint.yaml", format!("version: 1\nblocklists:\n  - {entry}\n"));
        let ran = sandbox.check(&[]);
        assert_eq!(ran.code, 2, "{entry}: {}", ran.brief());
        ran.complains(place).complains(message);
    }
}

#[test]
fn every_list_that_is_missing_is_told() {
    let sandbox = requests();
    sandbox.file("csrlint.yaml", "version: 1\nblocklists:\n  - file: a.txt\n  - file: b.txt\n");
    sandbox.check(&[]).exits(2).complains("csrlint.yaml:3:11").complains("csrlint.yaml:4:11");
}

#[test]
fn the_lists_of_policy_and_command_line_add_up() {
    let sandbox = requests();
    sandbox.file("ours.txt", format!("{}\n", listed()));
    sandbox.file("theirs.txt", format!("{}\n", spki_sha256(&keys::ec("P-384").spki)));
    sandbox.file("csrlint.yaml", "version: 1\nblocklists: [{ file: ours.txt }]\n");
    let paths = |ran: &Ran| compromised(ran).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
    assert_eq!(paths(sandbox.check(&[]).exits(1)), ["web.csr"]);
    assert_eq!(paths(sandbox.check(&["--blocklist", "theirs.txt"]).exits(1)), ["other.csr", "web.csr"]);
}

// --- known primes

/// RSA-2048 of three primes, of which the first is given.
fn sharing(shared: &BigUint, seed: u64) -> BigUint {
    let one = BigUint::from(1u8);
    let none = BigUint::default();
    let mut random = Xorshift::new(seed);
    let second = forge::rsa::prime(&mut random, &(&one << 255), &(&one << 256), &none);
    let product = shared * &second;
    let low = (&one << 1023) / &product + 1u8;
    let high = (&one << 1024) / &product;
    product * forge::rsa::prime(&mut random, &low, &high, &none)
}

fn rsa_csr(modulus: &BigUint) -> Csr {
    let raw = keys::rsa_public(modulus, &BigUint::from(65537u32));
    Csr::new(keys::rsa2048()).spki(der::spki(&algorithm(keys::RSA_ENCRYPTION, &der::null()), &raw))
}

#[test]
fn a_prime_of_a_list_is_found_in_every_key() {
    let one = BigUint::from(1u8);
    let prime = |seed| forge::rsa::prime(&mut Xorshift::new(seed), &(&one << 511), &(&one << 512), &BigUint::default());
    let [first, second, absent] = [21, 22, 23].map(prime);
    let sandbox = Sandbox::with("a.csr", rsa_csr(&sharing(&first, 31)).pem());
    sandbox.file("b.csr", rsa_csr(&sharing(&second, 32)).pem());
    sandbox.file("c.csr", Csr::new(keys::rsa2048()).pem());
    sandbox.file("csrlint.yaml", "version: 1\nblocklists: [{ file: lists/primes, format: primes }]\n");
    let text = format!("# from two devices\n{absent:x}\n0x{first:X}\n\n  {second:x}\n");
    let binary = [&[1, 1][..], &(&first * &second * &absent).to_bytes_le()].concat();
    for list in [text.into_bytes(), binary] {
        sandbox.file("lists/primes", list);
        let ran = sandbox.check(&["--select", "estate/shared-prime"]);
        let message = "A prime of the RSA key stands in the list lists/primes: everybody can compute the private key.";
        let found: Vec<(String, String)> = findings(&ran.exits(1).json())
            .iter()
            .map(|finding| (text_of(&finding["path"]), text_of(&finding["message"])))
            .collect();
        assert_eq!(found, [("a.csr".to_owned(), message.to_owned()), ("b.csr".to_owned(), message.to_owned())]);
    }
}

#[test]
fn a_prime_that_two_keys_share_needs_no_list() {
    let one = BigUint::from(1u8);
    let shared = forge::rsa::prime(&mut Xorshift::new(24), &(&one << 511), &(&one << 512), &BigUint::default());
    let sandbox = Sandbox::with("a.csr", rsa_csr(&sharing(&shared, 33)).pem());
    sandbox.file("b.csr", rsa_csr(&sharing(&shared, 34)).pem());
    let ran = sandbox.check(&["--select", "estate/shared-prime"]);
    assert_eq!(ran.exits(1).rules(), ["estate/shared-prime"]);
    assert!(text_of(&findings(&ran.json())[0]["message"]).contains("b.csr"), "{}", ran.brief());
}

#[test]
fn errors_of_a_list_of_primes_name_the_line() {
    let sandbox = requests();
    sandbox.file("csrlint.yaml", "version: 1\nblocklists:\n  - { file: p.txt, format: primes }\n");
    for (text, message) in
        [("3\nxyz\n", "line 2 is no hexadecimal number"), ("# a\n1\n", "line 2 is no prime"), ("", "no numbers")]
    {
        sandbox.file("p.txt", text);
        sandbox.check(&[]).exits(2).complains("csrlint.yaml:3:13").complains(message);
    }
}

// --- making lists

/// A folder with a file of each kind, and what its key is: path, bytes, a request for the same key.
fn folder() -> Vec<(&'static str, Vec<u8>, Csr)> {
    let (ec, rsa, ed, wide) = (keys::ec("P-256"), keys::rsa2048(), keys::ed25519(), keys::ec("P-384"));
    let rsa_private = rsa.pkcs8.clone().expect("a key of aws-lc-rs");
    let small = keys::rsa(1024, 65537);
    let multi = keys::rsa(2048, 65537);
    let brainpool = keys::ec("brainpoolP256r1");
    let bitcoin = keys::ec("secp256k1");
    vec![
        ("private.pem", labelled(&ec_private(ec), "PRIVATE KEY").into_bytes(), Csr::new(ec)),
        ("private.der", rsa_private, Csr::new(rsa)),
        ("public.pem", labelled(&ed.spki, "PUBLIC KEY").into_bytes(), Csr::new(ed)),
        ("public.der", wide.spki.clone(), Csr::new(wide)),
        ("pkcs1.pem", labelled(&small.raw, "RSA PUBLIC KEY").into_bytes(), Csr::new(small)),
        ("issued.pem", labelled(&certificate(&multi.spki), "CERTIFICATE").into_bytes(), Csr::new(multi)),
        ("issued.crt", certificate(&brainpool.spki), Csr::new(brainpool)),
        ("deep/er/bitcoin.csr", Csr::new(bitcoin).pem().into_bytes(), Csr::new(bitcoin)),
        ("web.p10", good().der(), good()),
    ]
}

fn lost() -> Sandbox {
    let sandbox = Sandbox::new();
    for (path, bytes, csr) in folder() {
        sandbox.file(format!("lost/{path}"), bytes);
        sandbox.file(format!("requests/{}.csr", path.replace('/', "-")), csr.pem());
    }
    sandbox.file("lost/README.md", "These keys were lost.\n").file("lost/empty.pem", "");
    sandbox
}

/// What `inspect` says of the requests for the same keys.
fn inspected(sandbox: &Sandbox) -> BTreeSet<String> {
    let files: Vec<String> =
        folder().iter().map(|(path, ..)| format!("requests/{}.csr", path.replace('/', "-"))).collect();
    let arguments = ["inspect", "--format", "json"].map(str::to_owned).into_iter().chain(files).collect::<Vec<_>>();
    let values = sandbox.run(&arguments).json();
    values.as_array().expect("an array").iter().map(|request| text_of(&request["spki_sha256"])).collect()
}

/// The hash, the day and the reason of each line.
fn lines(list: &str) -> Vec<[String; 3]> {
    list.lines()
        .map(|line| {
            let mut parts = line.splitn(3, "  ").map(str::to_owned);
            [(); 3].map(|()| parts.next().unwrap_or_default())
        })
        .collect()
}

#[test]
fn every_key_of_a_folder_is_listed_with_its_file() {
    let sandbox = lost();
    let ran = sandbox.run(&["blocklist", "build", "--date", "2026-03-14", "lost"]);
    let list = lines(ran.exits(0).complains("9 keys").text());
    assert!(list.is_sorted(), "{}", ran.text());
    let hashes: BTreeSet<String> = list.iter().map(|[hash, ..]| hash.clone()).collect();
    assert_eq!(hashes, inspected(&sandbox));
    for (path, _, csr) in folder() {
        let entry = list.iter().find(|[hash, ..]| *hash == spki_sha256(&csr.spki)).unwrap_or_else(|| panic!("{path}"));
        assert_eq!(entry[1..], ["2026-03-14".to_owned(), format!("lost/{path}")], "{path}");
    }
}

#[test]
fn the_day_is_today_unless_it_is_said() {
    let sandbox = lost();
    let ran = sandbox.run(&["blocklist", "build", "lost"]);
    let days: BTreeSet<String> = lines(ran.exits(0).text()).into_iter().map(|[_, day, _]| day).collect();
    assert_eq!(days.len(), 1, "{days:?}");
    assert!(days.iter().all(|day| day.starts_with("20") && day.len() == 10), "{days:?}");
    sandbox.run(&["blocklist", "build", "--date", "2026-02-30", "lost"]).exits(2);
}

#[test]
fn a_reason_is_the_same_for_all() {
    let ran = lost().run(&["blocklist", "build", "--reason", "INC-4711: copied", "--date", "2026-03-14", "lost"]);
    let reasons: BTreeSet<String> = lines(ran.exits(0).text()).into_iter().map(|[.., reason]| reason).collect();
    assert_eq!(reasons, BTreeSet::from(["INC-4711: copied".to_owned()]));
}

#[test]
fn a_reason_of_two_lines_makes_no_list_that_cannot_be_read() {
    let sandbox = lost();
    sandbox.run(&["blocklist", "build", "--reason", "one\ntwo", "--output", "keys.txt", "lost"]).exits(0);
    sandbox.check(&["--select", RULE, "--blocklist", "keys.txt", "requests"]).exits(1);
}

#[test]
fn an_output_is_written_to_its_file() {
    let sandbox = lost();
    let fixed = ["blocklist", "build", "--date", "2026-03-14", "lost"];
    let shown = sandbox.run(&fixed).text().to_owned();
    let ran = sandbox.run(&[&fixed[..], &["--output", "keys.txt"]].concat());
    assert!(ran.exits(0).stdout.is_empty());
    assert_eq!(sandbox.read("keys.txt"), shown);
    sandbox.run(&[&fixed[..], &["--output", "missing/keys.txt"]].concat()).exits(3).complains("missing/keys.txt");
}

/// Every request is found by the list, and no other one.
fn finds_them_all(sandbox: &Sandbox, list: &str) {
    sandbox.file("requests/stranger.csr", Csr::new(keys::ec("P-521")).pem());
    let ran = sandbox.check(&["--select", RULE, "--blocklist", list, "requests"]);
    let paths: BTreeSet<String> = compromised(ran.exits(1)).into_iter().map(|(path, _)| path).collect();
    let wanted = folder().iter().map(|(path, ..)| format!("requests/{}.csr", path.replace('/', "-"))).collect();
    assert_eq!(paths, wanted);
}

#[test]
fn a_list_that_was_made_finds_the_requests() {
    let sandbox = lost();
    sandbox.run(&["blocklist", "build", "lost", "--output", "keys.txt"]).exits(0);
    finds_them_all(&sandbox, "keys.txt");
}

#[test]
fn a_list_for_badkeys_finds_the_requests_too() {
    let sandbox = lost();
    let ran = sandbox.run(&["blocklist", "build", "lost", "--format", "badkeys", "-o", "keys.dat", "--list-id", "12"]);
    assert!(ran.exits(0).complains("9 keys").stdout.is_empty());
    let bytes = std::fs::read(sandbox.at("keys.dat")).expect("a list");
    let records: Vec<&[u8]> = bytes.chunks(16).collect();
    assert!(
        records.is_sorted() && records.len() == 9 && records.iter().all(|record| record[15] == 12),
        "{records:02x?}"
    );
    for key in [keys::p256(), keys::ec("P-256"), keys::rsa2048()] {
        assert!(records.contains(&record(&number(key), 12).as_slice()), "{}", key.raw.len());
    }
    assert!(records.contains(&record(&keys::ed25519().raw, 12).as_slice()));
    finds_them_all(&sandbox, "keys.dat");
}

#[test]
fn the_number_of_a_list_is_255_unless_it_is_said() {
    let sandbox = lost();
    sandbox.run(&["blocklist", "build", "lost", "--format", "badkeys", "--output", "keys.dat"]).exits(0);
    assert!(std::fs::read(sandbox.at("keys.dat")).expect("a list").chunks(16).all(|record| record[15] == 255));
    sandbox.run(&["blocklist", "build", "lost", "--format", "badkeys", "--output", "k", "--list-id", "256"]).exits(2);
}

#[test]
fn a_binary_list_is_not_written_to_a_terminal() {
    let ran = lost().run(&["blocklist", "build", "--format", "badkeys", "lost"]);
    assert!(ran.exits(2).complains("--output").stdout.is_empty());
}

#[test]
fn wrong_use_of_build_is_2() {
    let sandbox = lost();
    for arguments in [
        &["blocklist"][..],
        &["blocklist", "build"],
        &["blocklist", "build", "missing"],
        &["blocklist", "build", "--format", "pem", "lost"],
        &["blocklist", "build", "--date", "yesterday", "lost"],
    ] {
        let ran = sandbox.run(arguments);
        assert!(ran.code == 2 && ran.stdout.is_empty(), "{arguments:?}: {}", ran.brief());
    }
}

#[test]
fn files_can_be_named_instead_of_folders() {
    let sandbox = lost();
    let ran = sandbox.run(&["blocklist", "build", "--date", "2026-03-14", "lost/web.p10", "lost/public.der"]);
    let reasons: BTreeSet<String> = lines(ran.exits(0).text()).into_iter().map(|[.., reason]| reason).collect();
    assert_eq!(reasons, BTreeSet::from(["lost/public.der".to_owned(), "lost/web.p10".to_owned()]));
}

#[test]
fn a_key_in_several_files_is_listed_once() {
    let sandbox = Sandbox::with("lost/a.csr", good().pem());
    sandbox.file("lost/b.pem", labelled(&keys::p256().spki, "PUBLIC KEY"));
    sandbox.file("lost/c.pem", labelled(&certificate(&keys::p256().spki), "CERTIFICATE"));
    let ran = sandbox.run(&["blocklist", "build", "--date", "2026-03-14", "lost"]);
    // The first by its path, so that a list is the same wherever it is made.
    assert_eq!(ran.exits(0).text(), format!("{}  2026-03-14  lost/a.csr\n", listed()));
}

#[test]
fn several_keys_of_one_file_are_all_listed() {
    let all = [
        labelled(&ec_private(keys::ec("P-256")), "PRIVATE KEY"),
        labelled(&keys::ed25519().spki, "PUBLIC KEY"),
        labelled(&certificate(&keys::rsa2048().spki), "CERTIFICATE"),
        good().pem(),
    ];
    let sandbox = Sandbox::with("lost/all.pem", all.concat());
    assert_eq!(lines(sandbox.run(&["blocklist", "build", "lost"]).exits(0).text()).len(), 4);
}

/// Lost keys are the first thing that .gitignore hides.
#[test]
fn keys_that_git_ignores_are_listed_too() {
    let sandbox = lost();
    sandbox.file(".gitignore", "*.pem\n").git_init();
    assert_eq!(lines(sandbox.run(&["blocklist", "build", "lost"]).exits(0).text()).len(), 9);
}

/// Whoever lists lost keys has to know which of them are not in the list.
#[test]
fn a_key_under_a_password_is_told_and_the_others_are_listed() {
    let sandbox = lost();
    let body = der::lines(&der::base64(&[0xA5; 160]), 64);
    let headers = "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00112233445566778899AABBCCDDEEFF\n";
    let label = "RSA PRIVATE KEY";
    sandbox.file("lost/old.key", format!("-----BEGIN {label}-----\n{headers}\n{body}\n-----END {label}-----\n"));
    let ran = sandbox.run(&["blocklist", "build", "lost"]);
    assert_eq!(lines(ran.exits(3).complains("lost/old.key").complains("password").text()).len(), 9);
}

#[test]
fn a_folder_without_keys_makes_an_empty_list() {
    let sandbox = Sandbox::with("lost/README.md", "nothing\n");
    let ran = sandbox.run(&["blocklist", "build", "lost"]);
    assert!(ran.exits(0).complains("0 keys").stdout.is_empty());
}

/// Whoever keeps private keys beside the list must not find them in it.
#[test]
fn nothing_of_a_private_key_is_in_a_list() {
    let sandbox = lost();
    let ran = sandbox.run(&["blocklist", "build", "lost"]);
    let private = keys::ec("P-256").ec().private_der();
    let scalar = &private[7..39];
    for shown in [ran.text(), &ran.stderr] {
        assert!(!shown.contains(&hexadecimal(scalar)[..16]) && !shown.contains(&der::base64(scalar)[..16]), "{shown}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_read_is_3_and_the_rest_is_listed() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = lost();
    let locked = sandbox.at("lost/locked.pem");
    sandbox.file("lost/locked.pem", labelled(&keys::ec("P-521").spki, "PUBLIC KEY"));
    std::fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    if std::fs::read(&locked).is_ok() {
        // Root reads everything but a link that leads to itself.
        std::fs::remove_file(&locked).expect("a file");
        std::os::unix::fs::symlink("locked.pem", &locked).expect("a link");
    }
    // Links count only where they are named.
    let ran = sandbox.run(&["blocklist", "build", "--date", "2026-03-14", "lost", "lost/locked.pem"]);
    assert_eq!(lines(ran.exits(3).complains("lost/locked.pem").text()).len(), 9, "{}", ran.brief());
}

/// A key that stands in a list in one encoding only is found in others by badkeys' format.
#[test]
fn the_formats_differ_in_other_encodings_of_a_key() {
    let ec = keys::ec("P-256");
    let compressed = keys::ec_spki(P256, &ec.ec().compressed_point());
    let sandbox = Sandbox::with("web.csr", Csr::new(ec).spki(compressed).pem());
    sandbox.file("lost/public.pem", labelled(&ec.spki, "PUBLIC KEY"));
    sandbox.run(&["blocklist", "build", "lost", "-o", "keys.txt"]).exits(0);
    sandbox.run(&["blocklist", "build", "lost", "--format", "badkeys", "-o", "keys.dat"]).exits(0);
    let found = |list: &str| sandbox.check(&["--select", RULE, "--blocklist", list]).rules().len();
    assert_eq!((found("keys.txt"), found("keys.dat")), (0, 1));
}
