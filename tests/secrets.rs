//! A secret canary in a request appears in no output: not as text, not in hexadecimal, not in base64, not in a fingerprint.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use std::collections::BTreeSet;

use forge::Csr;
use forge::csr::good;
use forge::der::{self, attribute, bmp, cat, ia5, octets, printable, seq, set, utf8};
use run::{Sandbox, findings, text_of};

const CANARY: &str = "Canary7q9zXw2LmP4";
const OTHER: &str = "Magpie3k8vBn6RtY1";
/// otpChallenge, revocationChallenge and estIdentityLinking (RFC 7894), Microsoft's challenge answer and server secret.
const SECRETS: [&str; 6] = [
    der::CHALLENGE_PASSWORD,
    "1.2.840.113549.1.9.16.2.56",
    "1.2.840.113549.1.9.16.2.57",
    "1.2.840.113549.1.9.16.2.58",
    "1.3.6.1.4.1.311.21.35",
    "1.3.6.1.4.1.311.21.40",
];

fn carrying(oid: &str, value: &[u8]) -> Csr {
    good().and_attributes(&[attribute(oid, &[value])])
}

/// Every output of `check`, and of `inspect` all but `--format pem`.
fn outputs(sandbox: &Sandbox, files: &[String]) -> Vec<(String, String)> {
    let check = |arguments: &[&str]| {
        [&["check", "--as-of", "2026-06-01", "--profile", "pedantic"], arguments]
            .concat()
            .into_iter()
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    let mut runs: Vec<Vec<String>> = ["human", "concise", "json", "sarif", "github"]
        .iter()
        .map(|format| check(&["--format", format, "-v"]))
        .collect();
    let inspect = |format: &str| {
        let fixed = ["inspect", "--format", format].map(str::to_owned);
        fixed.into_iter().chain(files.iter().cloned()).collect::<Vec<_>>()
    };
    runs.extend([inspect("human"), inspect("json")]);
    runs.into_iter()
        .map(|arguments| {
            let ran = sandbox.run(&arguments);
            assert!((0..=3).contains(&ran.code), "{arguments:?}: {}", ran.brief());
            (arguments.join(" "), format!("{}\n{}", ran.text(), ran.stderr))
        })
        .collect()
}

/// Pieces of a secret that are long enough to know it by: as text, in hexadecimal and in base64, also as UTF-16.
fn traces(secret: &str) -> Vec<String> {
    let wide: Vec<u8> = secret.encode_utf16().flat_map(u16::to_be_bytes).collect();
    let mut traces = vec![
        secret.to_owned(),
        secret[4..14].to_owned(),
        secret.chars().rev().collect(),
        secret.to_lowercase(),
        secret.to_uppercase(),
    ];
    for bytes in [secret.as_bytes(), &wide] {
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        traces.extend([hex[8..28].to_owned(), hex[8..28].to_uppercase()]);
        for skipped in 0..3 {
            // The inner characters of base64 depend on nothing but these bytes.
            let base64 = der::base64(&bytes[skipped..]);
            traces.push(base64[4..16].to_owned());
        }
    }
    traces
}

#[track_caller]
fn silent(outputs: &[(String, String)], secret: &str, about: &str) {
    for (run, output) in outputs {
        // Wrapping must not hide a trace.
        let joined: String = output.chars().filter(|character| !character.is_whitespace()).collect();
        for trace in traces(secret) {
            let found = output.contains(&trace) || joined.contains(&trace);
            let line = output.lines().find(|line| line.contains(&trace)).unwrap_or("(wrapped)");
            assert!(
                !found,
                "{about}: csrlint {run} shows {trace:?} in {:?}",
                line.chars().take(200).collect::<String>()
            );
        }
    }
}

/// Files with a secret, all of them linted at once.
struct Pile {
    sandbox: Sandbox,
    files: Vec<String>,
}

impl Pile {
    fn new() -> Self {
        Self { sandbox: Sandbox::new(), files: Vec::new() }
    }

    /// One more file; its directory says what it is about.
    fn add(&mut self, bytes: &[u8], file: &str, about: &str) {
        let about: String = about.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect();
        let path = format!("{:02}-{about}/{file}", self.files.len());
        self.sandbox.file(&path, bytes);
        self.files.push(path);
    }

    #[track_caller]
    fn keeps(&self) {
        let outputs = outputs(&self.sandbox, &self.files);
        silent(&outputs, CANARY, "one of the files");
        // They were found at all.
        assert!(self.files.iter().all(|file| outputs[2].1.contains(file.as_str())), "a file is not in the report");
    }
}

/// The search finds what is there.
#[test]
fn traces_are_found() {
    let hex: String = CANARY.bytes().map(|byte| format!("{byte:02X}")).collect();
    for shown in [
        CANARY.to_owned(),
        format!("x{CANARY}y"),
        hex,
        der::base64(format!("..{CANARY}..").as_bytes()),
        der::base64(format!(".{CANARY}").as_bytes()),
        der::base64(CANARY.as_bytes()),
        CANARY.replace('q', "q\n"),
    ] {
        let seen = std::panic::catch_unwind(|| silent(&[("x".to_owned(), shown.clone())], CANARY, "x")).is_err();
        assert!(seen, "{shown}");
    }
}

#[test]
fn secrets_of_attributes_are_not_shown() {
    let mut pile = Pile::new();
    for value in [
        utf8(CANARY),
        printable(CANARY),
        bmp(CANARY),
        ia5(CANARY),
        der::tlv(0x14, CANARY.as_bytes()),
        octets(CANARY.as_bytes()),
        seq(&[&utf8(CANARY)]),
        der::tlv(0x2C, &utf8(CANARY)),
    ] {
        pile.add(carrying(der::CHALLENGE_PASSWORD, &value).pem().as_bytes(), "web.csr", "challengePassword");
    }
    for oid in SECRETS {
        pile.add(carrying(oid, &utf8(CANARY)).pem().as_bytes(), "web.csr", oid);
        pile.add(carrying(oid, &octets(CANARY.as_bytes())).pem().as_bytes(), "web.csr", oid);
    }
    pile.keeps();
}

#[test]
fn secrets_of_odd_attributes_are_not_shown() {
    let mut pile = Pile::new();
    let oid = der::oid(der::CHALLENGE_PASSWORD);
    let secret = utf8(CANARY);
    let value = set(&[&secret]);
    let attributes = [
        ("two values", attribute(der::CHALLENGE_PASSWORD, &[&secret, &utf8("x")])),
        ("no SET", seq(&[&oid, &secret])),
        ("two SETs", seq(&[&oid, &value, &value])),
        ("a SEQUENCE for the SET", seq(&[&oid, &seq(&[&secret])])),
        ("more behind the SET", seq(&[&oid, &value, &secret])),
        ("a SET within the SET", attribute(der::CHALLENGE_PASSWORD, &[&value])),
        (
            "bytes that are no UTF-8",
            attribute(der::CHALLENGE_PASSWORD, &[&der::tlv(0x0C, &cat(&[CANARY.as_bytes(), &[0xFF]]))]),
        ),
        ("control characters", attribute(der::CHALLENGE_PASSWORD, &[&utf8(&format!("\u{1b}{CANARY}\n"))])),
        ("a length that is too long", seq(&[&oid, &der::tlv(0x31, &cat(&[&[0x0C, 0x7F], CANARY.as_bytes()]))])),
        ("an indefinite length", seq(&[&oid, &der::tlv_indefinite(0x31, &secret)])),
    ];
    for (about, attribute) in attributes {
        pile.add(good().attribute_list(std::slice::from_ref(&attribute)).pem().as_bytes(), "web.csr", about);
        pile.add(&good().attribute_list(&[attribute]).der(), "web.der", about);
    }
    pile.keeps();
}

/// A slip that is often made: the password in the section of the name.
#[test]
fn secrets_in_the_subject_are_not_shown() {
    let mut pile = Pile::new();
    let subject = der::names(&[
        der::typed_rdn("CN", &utf8("shop.example.com")),
        der::typed_rdn(der::CHALLENGE_PASSWORD, &utf8(CANARY)),
    ]);
    pile.add(good().subject(subject).pem().as_bytes(), "web.csr", "in the subject");
    pile.keeps();
}

/// What people are shown of a defect of the armour is a line of base64, and that can be read.
#[test]
fn secrets_are_not_shown_in_the_base64_of_an_excerpt() {
    let mut pile = Pile::new();
    let der = carrying(der::CHALLENGE_PASSWORD, &utf8(CANARY)).der();
    let base64 = der::base64(&der);
    let armour =
        |body: &str| format!("-----BEGIN CERTIFICATE REQUEST-----\n{body}\n-----END CERTIFICATE REQUEST-----\n");
    // A character that does not belong, at every place around the secret, so that the excerpt is around it too.
    let at = der.windows(CANARY.len()).position(|window| window == CANARY.as_bytes()).expect("the secret") * 4 / 3;
    let mut files = vec![
        ("web.csr", armour(&base64)),
        ("web.csr", armour(der::lines(&base64, 76).trim_end())),
        ("bare.csr", base64.clone()),
    ];
    for offset in [-30_isize, -10, 0, 8, 30] {
        let place = at.checked_add_signed(offset).expect("a place");
        files.push(("web.csr", armour(&format!("{}!{}", &base64[..place], &base64[place..]))));
        files.push(("web.csr", armour(&format!("{}={}", &base64[..place], &base64[place..]))));
        files.push(("web.csr", armour(&format!("{}\n{}", &base64[..place], &base64[place..]))));
        files.push(("web.csr", armour(&base64[..at + 40])));
    }
    for (file, text) in files {
        pile.add(text.as_bytes(), file, &text);
    }
    pile.keeps();
}

#[test]
fn embedded_secrets_are_not_shown() {
    let mut pile = Pile::new();
    let pem = carrying(der::CHALLENGE_PASSWORD, &utf8(CANARY)).pem();
    pile.add(format!("request: {}\n", der::base64(pem.as_bytes())).as_bytes(), "a.yaml", "base64 of PEM");
    pile.add(
        format!("# csrlint: ignore[pem/utf-16] -- x\nrequest: {}\n", der::base64(pem.as_bytes())).as_bytes(),
        "a.yaml",
        "base64 of PEM below a comment",
    );
    pile.add(format!("{{\"csr\": \"{}\"}}", pem.replace('\n', "\\n")).as_bytes(), "a.json", "JSON");
    let wide: Vec<u8> = [0xFF, 0xFE].into_iter().chain(pem.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    pile.add(&wide, "web.csr", "UTF-16");
    pile.keeps();
}

#[test]
fn private_keys_are_not_shown() {
    let key = samples::weak().key;
    let body = der::base64(&cat(&[&[0; 30], CANARY.as_bytes(), &key.raw]));
    let mut pile = Pile::new();
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "OPENSSH PRIVATE KEY"] {
        let block = format!("-----BEGIN {label}-----\n{}-----END {label}-----\n", der::lines(&body, 64));
        let pem = good().pem();
        for text in [
            format!("{block}{pem}"),
            format!("{pem}{block}"),
            format!("{pem}{}", block.replace(&format!("-----END {label}-----\n"), "")),
            format!("notes\n{block}\nmore\n{pem}"),
        ] {
            pile.add(text.as_bytes(), "web.csr", label);
        }
    }
    pile.keeps();
    let pieces = der::lines(&body, 24);
    let pieces: Vec<&str> = pieces.lines().filter(|line| line.len() == 24 && line.chars().any(|c| c != 'A')).collect();
    for (run, output) in outputs(&pile.sandbox, &pile.files) {
        assert!(!pieces.iter().any(|piece| output.contains(piece)), "csrlint {run} shows the key");
    }
}

#[test]
fn secrets_do_not_enter_fingerprints() {
    for oid in SECRETS {
        let prints = |secret: &str| {
            let sandbox = Sandbox::with("web.csr", carrying(oid, &utf8(secret)).pem());
            let report = sandbox.check(&["--profile", "pedantic"]).json();
            findings(&report)
                .iter()
                .map(|finding| (text_of(&finding["rule"]), text_of(&finding["fingerprint"])))
                .collect::<BTreeSet<_>>()
        };
        let canary = prints(CANARY);
        assert!(!canary.is_empty(), "{oid}");
        assert_eq!(canary, prints(OTHER), "{oid}");
        // Nor their length.
        assert_eq!(canary, prints("short"), "{oid}");
    }
}

/// That it is there is told all the same.
#[test]
fn secrets_are_told_by_type_and_length() {
    let sandbox = Sandbox::with("web.csr", carrying(der::CHALLENGE_PASSWORD, &utf8(CANARY)).pem());
    let ran = sandbox.check(&[]);
    assert_eq!(ran.rules(), ["attribute/challenge-password"]);
    let finding = &findings(&ran.json())[0];
    let message = text_of(&finding["message"]);
    assert!(message.contains("UTF8String, 17 characters"), "{message}");
    sandbox.run(&["inspect", "web.csr"]).exits(0).says("challengePassword: UTF8String, 17 characters");
    sandbox.run(&["inspect", "--format", "pem", "web.csr"]).exits(0).says("BEGIN CERTIFICATE REQUEST");
}
