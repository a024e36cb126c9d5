//! Bad input: depth, size, layers, things that cannot be read, costly keys, garbage. No panic, no hang, no wrong "clean".

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;
#[path = "support/tree.rs"]
mod tree;

use std::io;
use std::time::{Duration, Instant};

use csrlint::engine::RunOptions;
use csrlint::report::{
    Report, azure, checkstyle, concise, csv, github, gitlab, html, human, json, junit, ndjson, rdjson, sarif,
};
use csrlint::source::{Content, FilePath, Listing, MemoryTree, Tree, WalkOptions};
use forge::Csr;
use forge::csr::{good, pem};
use forge::der::{self, seq, tlv, utf8};
use forge::keys;
use forge::rsa::Xorshift;
use run::Sandbox;

/// Something is told: a finding or a failure.
fn speaks(report: &Report) -> bool {
    !report.findings.is_empty() || !report.errors.is_empty()
}

/// csrlint's own faults are failures, but never acceptable here.
#[track_caller]
fn no_fault(report: &Report, about: &str) {
    let fault = report.errors.iter().find(|error| error.message.contains("own fault"));
    assert!(fault.is_none(), "{about}: {fault:?}");
}

fn rendered(report: &Report) {
    let style = human::Style { verbose: true, ..human::Style::default() };
    let lengths = [
        human::render(report, &style),
        concise::render(report, false),
        json::render(report),
        sarif::render(report, &sarif::Options::default()).text,
        github::render(report),
        ndjson::render(report),
        gitlab::render(report),
        azure::render(report),
        junit::render(report),
        checkstyle::render(report),
        rdjson::render(report),
        csv::render(report),
        html::render(report).text,
    ]
    .map(|text| text.len());
    assert!(lengths.iter().all(|length| *length > 0));
}

// --- depth and size of DER

fn nested(depth: usize, tag: u8) -> Vec<u8> {
    let mut element = der::null();
    for _ in 0..depth {
        element = tlv(tag, &element);
    }
    element
}

fn deep() -> Vec<(&'static str, Csr)> {
    let deep = nested(3000, 0x30);
    vec![
        ("an attribute", good().and_attributes(&[der::attribute("1.2.3.4", &[&deep])])),
        ("an extension", good().and_extension(der::extension("1.2.3.4", false, &deep))),
        ("a SAN", good().san_extension(der::extension(der::SAN, false, &deep))),
        ("a directoryName", good().and_san(tlv(0xA4, &deep))),
        ("an otherName", good().and_san(der::other_name("1.2.3.4", &deep))),
        ("a subject", good().subject(seq(&[&der::rdn(&[&der::atv("2.5.4.3", &deep)])]))),
        ("sets in a subject", good().subject(seq(&[&nested(3000, 0x31)]))),
        ("a key", good().spki(seq(&[&der::algorithm("1.2.3.4", &deep), &der::bits(&[1])]))),
        ("the version", {
            let mut csr = good();
            csr.version = deep.clone();
            csr
        }),
        ("more of the information", {
            let mut csr = good();
            csr.info_extra = deep.clone();
            csr
        }),
        ("the end", {
            let mut csr = good();
            csr.extra = deep.clone();
            csr
        }),
        ("basicConstraints", good().and_extension(der::extension(der::BASIC_CONSTRAINTS, true, &deep))),
        (
            "nameConstraints",
            good().and_extension(der::extension("2.5.29.30", true, &seq(&[&tlv(0xA0, &seq(&[&tlv(0xA4, &deep)]))]))),
        ),
        ("certificatePolicies", good().and_extension(der::extension("2.5.29.32", false, &deep))),
        ("client information", good().and_attributes(&[der::attribute("1.3.6.1.4.1.311.21.20", &[&deep])])),
        ("an attestation", good().and_attributes(&[der::attribute("1.2.840.113549.1.9.16.2.59", &[&deep])])),
    ]
}

#[test]
fn deep_nesting_is_told() {
    let mut silent = Vec::new();
    for (about, csr) in deep() {
        for (path, bytes) in [("web.csr", csr.pem().into_bytes()), ("web.der", csr.der())] {
            let report = lint::one(path, &bytes);
            no_fault(&report, about);
            rendered(&report);
            if !speaks(&report) {
                silent.push(format!("{about} in {path}"));
            }
        }
    }
    // Nobody looks into the value of an unknown extension, and without a number for a version DER is not known for a request.
    silent.retain(|about| !about.starts_with("an extension") && about != "the version in web.der");
    assert!(silent.is_empty(), "{silent:?} are clean");
    let report = lint::one("web.csr", deep()[0].1.pem().as_bytes());
    assert!(lint::rules(&report).contains(&"pkcs10/too-deep"), "{}", lint::told(&report));
}

#[test]
fn deep_nesting_without_ends_does_not_overflow() {
    for bytes in [
        [0x30, 0x80].repeat(100_000),
        [0x30, 0x84, 0x7F, 0xFF, 0xFF, 0xFF].repeat(50_000),
        nested(50_000, 0x30),
        nested(20_000, 0xA0),
        [0x24, 0x80].repeat(50_000),
    ] {
        for path in ["web.csr", "web.der"] {
            no_fault(&lint::one(path, &bytes), path);
        }
        // What does not start as a SEQUENCE is not taken for DER.
        assert!(bytes[0] != 0x30 || speaks(&lint::one("web.csr", &bytes)), "DER of {:02x?}", &bytes[..6]);
        assert!(speaks(&lint::one("web.csr", pem(&bytes).as_bytes())), "PEM of {:02x?}", &bytes[..6]);
    }
}

#[test]
fn too_many_elements_are_told() {
    let many = tlv(0x30, &der::null().repeat(250_000));
    let started = Instant::now();
    for csr in [
        good().and_attributes(&[der::attribute("1.2.3.4", &[&many])]),
        good().and_extension(der::extension(der::EXT_KEY_USAGE, false, &many)),
        good().subject(many.clone()),
    ] {
        let report = lint::one("web.csr", &csr.der());
        no_fault(&report, "many elements");
        assert!(speaks(&report), "many elements are clean");
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn many_names_are_judged_quickly() {
    let names: Vec<Vec<u8>> = (0..20_000).map(|number| der::dns(&format!("a{number}.example.com"))).collect();
    let bad: Vec<Vec<u8>> = (0..20_000).map(|number| der::dns(&format!("a {number}"))).collect();
    let started = Instant::now();
    for names in [names, bad] {
        let report = lint::one("web.csr", samples::with_names(&names).pem().as_bytes());
        no_fault(&report, "many names");
        assert!(report.findings.len() < 500, "{}", report.findings.len());
        rendered(&report);
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn many_blocks_are_read_quickly() {
    let started = Instant::now();
    let texts = [
        "-----BEGIN CERTIFICATE REQUEST-----\n".repeat(10_000),
        "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n".repeat(5_000),
        "-----BEGIN ".repeat(20_000),
        "-".repeat(200_000),
        "LS0t".repeat(25_000),
        "MII".repeat(25_000),
        "\"MII\" ".repeat(15_000),
        "MII=".repeat(15_000),
        "TUlJ\n".repeat(15_000),
        "csrlint: ignore[".repeat(20_000) + "MII",
        "# csrlint: ignore[key] -- x\n".repeat(2_000) + &samples::WEAK,
        "{\"a\":\"".repeat(15_000) + "MII",
        "\\n".repeat(25_000) + "MII",
    ];
    for text in texts {
        let before = Instant::now();
        let report = lint::one("web.csr", text.as_bytes());
        no_fault(&report, &text[..30]);
        rendered(&report);
        assert!(before.elapsed() < Duration::from_secs(15), "{:?} took {:?}", &text[..30], before.elapsed());
    }
    assert!(started.elapsed() < Duration::from_secs(60), "{:?}", started.elapsed());
}

#[test]
fn more_requests_than_a_file_may_have_are_told() {
    // Twenty thousand and one tiny claims.
    let text = "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n".repeat(20_001);
    let report = lint::one("web.csr", text.as_bytes());
    assert!(
        report.findings.iter().any(|finding| finding.message.contains("20000")),
        "{} findings",
        report.findings.len()
    );
}

// --- base64 in base64

fn layered(layers: usize) -> String {
    (0..layers).fold(samples::WEAK.clone(), |text, _| der::base64(text.as_bytes()))
}

#[test]
fn layers_of_base64_are_read() {
    for layers in [1, 2] {
        for text in [
            layered(layers),
            format!("data:\n  request: {}\n", layered(layers)),
            format!("{{\"a\": \"{}\"}}", layered(layers)),
        ] {
            let report = lint::one("a.yaml", text.as_bytes());
            assert_eq!(lint::rules(&report), ["key/rsa-too-small"], "{layers} layers");
        }
    }
}

#[test]
fn a_request_file_under_many_layers_is_never_clean() {
    for layers in 1..9 {
        let report = lint::one("web.csr", layered(layers).as_bytes());
        assert!(speaks(&report), "{layers} layers are clean");
    }
}

#[test]
fn a_request_under_more_layers_than_are_read_is_told() {
    for layers in 3..7 {
        let report = lint::one("a.yaml", format!("request: {}\n", layered(layers)).as_bytes());
        assert!(speaks(&report), "{layers} layers are clean");
    }
}

// --- large files

#[cfg(unix)]
fn sparse(sandbox: &Sandbox, path: &str, size: u64, pieces: &[(u64, &[u8])]) {
    use std::os::unix::fs::FileExt as _;
    let file = std::fs::File::create(sandbox.at(path)).expect("a file");
    file.set_len(size).expect("a sparse file");
    for (offset, piece) in pieces {
        file.write_all_at(piece, *offset).expect("a piece");
    }
}

#[cfg(unix)]
#[test]
fn a_large_file_matters_only_if_a_request_is_in_it() {
    const SIZE: u64 = 100 * 1024 * 1024;
    let started = Instant::now();
    let sandbox = Sandbox::with("web.csr", &*samples::WEAK);
    sparse(&sandbox, "disk.img", SIZE, &[(SIZE / 2, b"BEGIN CERTIFICATE-----")]);
    let ran = sandbox.check(&[]);
    ran.exits(1);
    assert_eq!(ran.rules(), ["key/rsa-too-small"]);
    sparse(&sandbox, "dump.sql", SIZE, &[(SIZE - 1000, samples::GOOD.as_bytes())]);
    let ran = sandbox.check(&[]);
    ran.exits(3);
    assert_eq!(ran.rules(), ["key/rsa-too-small"], "everything else is reported");
    assert!(ran.json()["errors"][0]["path"] == "dump.sql", "{}", ran.brief());
    // The offset is that of the mark.
    assert!(
        ran.json()["errors"][0]["message"].as_str().expect("a message").contains(&(SIZE - 1000 + 5).to_string()),
        "{}",
        ran.brief()
    );
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

const LARGE: usize = 11 << 20;

fn large(mark: &[u8], at: usize) -> Vec<u8> {
    let mut bytes = vec![b'\n'; LARGE];
    bytes[at..at + mark.len()].copy_from_slice(mark);
    bytes
}

#[test]
fn every_form_of_a_request_in_a_large_file_is_found() {
    let pem = &*samples::GOOD;
    let new = pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    let wide = |encode: fn(u16) -> [u8; 2]| pem.encode_utf16().flat_map(encode).collect::<Vec<u8>>();
    let shifted = |shift: &str| der::base64(format!("{shift}{pem}").as_bytes()).into_bytes();
    let forms: [(&str, Vec<u8>); 7] = [
        ("PEM", pem.clone().into()),
        ("NEW", new.into()),
        ("base64", shifted("")),
        ("base64, shifted", shifted("x")),
        ("base64, shifted twice", shifted("xx")),
        ("UTF-16LE", wide(u16::to_le_bytes)),
        ("UTF-16BE", wide(u16::to_be_bytes)),
    ];
    for (about, form) in &forms {
        for at in [0, 1 << 20, (1 << 20) - 20, (1 << 20) - 300, (2 << 20) - 160, LARGE - form.len()] {
            let report = lint::one("a.txt", &large(form, at));
            assert_eq!(report.exit_code(), 3, "{about} at {at}");
        }
    }
    let mut der = good().der();
    der.resize(LARGE, 0);
    assert_eq!(lint::one("a.bin", &der).exit_code(), 3, "DER");
}

#[test]
fn rarer_forms_of_a_request_in_a_large_file_are_found() {
    let pem = &*samples::GOOD;
    let new = pem.replace("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST");
    let bare: String = pem.lines().filter(|line| !line.starts_with('-')).map(|line| format!("{line}\n")).collect();
    let forms = [
        ("base64 of NEW", der::base64(new.as_bytes())),
        (
            "lower case",
            pem.replace("CERTIFICATE REQUEST", "certificate request").replace("BEGIN", "begin").replace("END", "end"),
        ),
        ("bare base64", format!("csr: {}", bare.replace('\n', ""))),
        ("twice base64", der::base64(der::base64(pem.as_bytes()).as_bytes())),
    ];
    let silent: Vec<&str> = forms
        .iter()
        .filter(|(_, form)| lint::one("a.txt", &large(form.as_bytes(), 5000)).exit_code() == 0)
        .map(|(about, _)| *about)
        .collect();
    assert!(silent.is_empty(), "{silent:?}");
}

/// A reader that gives a few bytes at a time, as a pipe does.
struct Drops<'b>(&'b [u8], usize);

impl io::Read for Drops<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.1.min(buffer.len()).min(self.0.len());
        buffer[..count].copy_from_slice(&self.0[..count]);
        self.0 = &self.0[count..];
        Ok(count)
    }
}

#[test]
fn a_stream_in_drops_is_searched_as_well() {
    let mut bytes = vec![b'x'; 5000];
    bytes.extend_from_slice(samples::GOOD.as_bytes());
    for drop in [1, 2, 7, 127, 128, 129, 4096] {
        let found = csrlint::read::search_stream(&mut Drops(&bytes, drop)).expect("a stream");
        assert_eq!(found, Some((5005, "a request")), "{drop} bytes at a time");
        assert_eq!(csrlint::read::search_stream(&mut Drops(&bytes[..5010], drop)).expect("a stream"), None);
    }
}

#[test]
fn der_in_drops_is_recognised() {
    let der = good().der();
    for drop in [1, 16, 64] {
        assert_eq!(
            csrlint::read::search_stream(&mut Drops(&der, drop)).expect("a stream"),
            Some((0, "a request")),
            "{drop} bytes at a time"
        );
    }
}

#[test]
fn a_stream_that_breaks_is_a_failure() {
    struct Breaks;
    impl io::Read for Breaks {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is on fire"))
        }
    }
    assert!(csrlint::read::search_stream(&mut Breaks).is_err());
}

// --- what cannot be read

/// A tree in which some files cannot be read, and a directory cannot be listed.
struct Failing {
    files: MemoryTree,
}

impl Tree for Failing {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        self.files.walk(roots, options, visit);
        for gone in ["gone.csr", "forbidden.csr", "broken.pem"] {
            visit(Listing::File(FilePath::new(gone)));
        }
        visit(Listing::Unreadable {
            path: FilePath::new("closed"),
            reason: "Permission denied (os error 13)".to_owned(),
        });
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        match path.as_str() {
            "gone.csr" => Err(io::Error::new(io::ErrorKind::NotFound, "No such file or directory")),
            "forbidden.csr" => Err(io::Error::new(io::ErrorKind::PermissionDenied, "Permission denied")),
            "broken.pem" => Err(io::Error::other("Input/output error")),
            _ => self.files.read(path, limit, buffer),
        }
    }
}

#[test]
fn what_cannot_be_read_is_a_failure_and_the_rest_is_reported() {
    let tree = Failing {
        files: MemoryTree::new().with("web.csr", samples::WEAK.as_bytes()).with("good.csr", samples::GOOD.as_bytes()),
    };
    let report = lint::tree(&lint::recommended(), &tree);
    assert_eq!(report.exit_code(), 3);
    assert_eq!(lint::rules(&report), ["key/rsa-too-small"]);
    let failed: Vec<&str> = report.errors.iter().map(|error| error.path.as_str()).collect();
    assert_eq!(failed, ["broken.pem", "closed", "forbidden.csr", "gone.csr"]);
    assert_eq!(report.summary.requests, 2);
    rendered(&report);
    let clean = Failing { files: MemoryTree::new() };
    assert_eq!(lint::tree(&lint::recommended(), &clean).exit_code(), 3);
}

/// A file that vanishes between the two times it is read: once to see what it costs, once to verify it.
#[test]
fn a_costly_file_that_vanishes_is_a_failure() {
    struct Once(MemoryTree, std::sync::atomic::AtomicUsize);
    impl Tree for Once {
        fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
            self.0.walk(roots, options, visit);
        }

        fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
            match self.1.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
                0 => self.0.read(path, limit, buffer),
                _ => Err(io::Error::new(io::ErrorKind::NotFound, "No such file or directory")),
            }
        }
    }
    let tree = Once(MemoryTree::new().with("huge.csr", huge_key(1, HUGE_EXPONENT).pem()), 0.into());
    let report = lint::tree(&lint::recommended(), &tree);
    assert_eq!(report.exit_code(), 3, "{}", lint::told(&report));
}

#[cfg(unix)]
#[test]
fn an_unreadable_directory_is_a_failure() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::with("web.csr", &*samples::WEAK);
    sandbox.file("closed/a.csr", &*samples::WEAK).file("b.csr", &*samples::WEAK);
    let mode = |path: &str, mode| {
        std::fs::set_permissions(sandbox.at(path), std::fs::Permissions::from_mode(mode)).expect("permissions")
    };
    mode("closed", 0o000);
    mode("b.csr", 0o000);
    // Root may read everything; then there is nothing to test.
    let readable = std::fs::read_dir(sandbox.at("closed")).is_ok();
    let ran = sandbox.check(&["--ignore", "estate"]);
    mode("closed", 0o700);
    if readable {
        return;
    }
    ran.exits(3);
    assert_eq!(ran.rules(), ["key/rsa-too-small"]);
    assert_eq!(ran.json()["errors"].as_array().map(Vec::len), Some(2), "{}", ran.brief());
}

/// Also for root: a path that is longer than the system takes.
#[cfg(unix)]
#[test]
fn a_directory_too_far_down_is_a_failure() {
    let sandbox = Sandbox::with("web.csr", &*samples::WEAK);
    let name = "d".repeat(200);
    // Step by step: no call has a long path.
    let script = format!("for i in $(seq 30); do mkdir {name} && cd -P {name} || exit 1; done; cp \"$1\" deep.csr");
    let status = std::process::Command::new("sh")
        .args(["-c", &script, "sh"])
        .arg(sandbox.at("web.csr"))
        .current_dir(sandbox.path())
        .status()
        .expect("sh");
    if !status.success() {
        return;
    }
    let ran = sandbox.check(&["--ignore", "estate"]);
    ran.exits(3);
    assert_eq!(ran.rules(), ["key/rsa-too-small"]);
}

#[test]
fn a_file_more_than_255_directories_deep_is_linted_or_told() {
    let sandbox = Sandbox::new();
    sandbox.file(format!("{}web.csr", "d/".repeat(300)), &*samples::WEAK);
    let ran = sandbox.check(&[]);
    assert!(ran.code == 1 || ran.code == 3, "{}", ran.brief());
}

#[cfg(unix)]
fn named(sandbox: &Sandbox, arguments: &[&str]) -> run::Ran {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_csrlint"));
    command.args(arguments).current_dir(sandbox.path());
    run::finish(command, b"", Duration::from_secs(5))
}

#[cfg(unix)]
fn fifo(sandbox: &Sandbox, name: &str) {
    let status = std::process::Command::new("mkfifo").arg(sandbox.at(name)).status().expect("mkfifo");
    assert!(status.success());
}

#[cfg(unix)]
#[test]
fn what_is_no_file_does_not_stop_a_walk() {
    let sandbox = Sandbox::with("web.csr", &*samples::WEAK);
    fifo(&sandbox, "pipe.csr");
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.at("socket.csr")).expect("a socket");
    std::os::unix::fs::symlink("/dev/zero", sandbox.at("zero.csr")).expect("a link");
    std::os::unix::fs::symlink("missing", sandbox.at("dangling.csr")).expect("a link");
    let ran = named(&sandbox, &["check", "--format", "json"]);
    // Links that are called requests and lead to none are told of; the walk goes on.
    ran.exits(3);
    assert_eq!(ran.rules(), ["key/rsa-too-small"]);
    let errors = ran.json()["errors"].to_string();
    assert!(errors.contains("dangling.csr") && errors.contains("zero.csr") && !errors.contains("pipe"), "{errors}");
}

#[cfg(unix)]
#[test]
fn what_is_no_file_and_is_named_is_a_failure() {
    let sandbox = Sandbox::with("web.csr", &*samples::WEAK);
    let _socket = std::os::unix::net::UnixListener::bind(sandbox.at("socket.csr")).expect("a socket");
    std::os::unix::fs::symlink("/dev/zero", sandbox.at("zero.csr")).expect("a link");
    std::os::unix::fs::symlink("missing", sandbox.at("dangling.csr")).expect("a link");
    for path in ["socket.csr", "zero.csr", "dangling.csr", "/dev/zero", "/dev/null"] {
        let ran = named(&sandbox, &["check", "--format", "json", path, "web.csr"]);
        assert_eq!(ran.code, 3, "{path}: {}", ran.brief());
        assert_eq!(ran.rules(), ["key/rsa-too-small"], "{path}");
    }
}

#[cfg(unix)]
#[test]
fn a_fifo_does_not_hang() {
    let sandbox = Sandbox::with("web.csr", &*samples::WEAK);
    fifo(&sandbox, "pipe.csr");
    let ran = named(&sandbox, &["check", "--format", "json", "pipe.csr", "web.csr"]);
    ran.exits(3);
    assert_eq!(ran.rules(), ["key/rsa-too-small"]);
    named(&sandbox, &["inspect", "pipe.csr"]).exits(3);
    named(&sandbox, &["check", "--config", "pipe.csr"]).exits(2);
}

// --- costly keys

/// 256 bits, the largest that is verified.
const HUGE_EXPONENT: &str = "FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
const USUAL_EXPONENT: &str = "10001";

/// A request with a 16384-bit modulus that nobody factored, and a signature that nobody made.
fn huge_key(number: u32, exponent: &str) -> Csr {
    let mut random = Xorshift::new(u64::from(number) + 1);
    let one = num_bigint::BigUint::from(1u8);
    let modulus = (&one << 16383u32) + random.bits(16380) * 2u8 + 1u8;
    let exponent = num_bigint::BigUint::parse_bytes(exponent.as_bytes(), 16).expect("hexadecimal");
    let spki = der::spki(&der::algorithm(keys::RSA_ENCRYPTION, &der::null()), &keys::rsa_public(&modulus, &exponent));
    let mut csr =
        Csr::new(keys::rsa2048()).subject(der::name(&[("CN", &format!("host{number}.example.com"))])).spki(spki);
    csr.sig_bits = Some(der::bits(&vec![0x55; 2048]));
    csr
}

#[test]
fn a_thousand_costly_keys_end_soon_and_are_never_clean() {
    // One key with a thousand subjects; in a thousand files, and in one.
    let base = huge_key(0, HUGE_EXPONENT);
    let pems: Vec<String> = (0..1000)
        .map(|number| base.clone().subject(der::name(&[("CN", &format!("host{number}.example.com"))])).pem())
        .collect();
    let many = pems.iter().enumerate().fold(MemoryTree::new(), |tree, (number, pem)| {
        tree.with(&format!("{:02}/{number}.csr", number % 37), pem.as_bytes())
    });
    let one = MemoryTree::new().with("all.csr", pems[..300].concat());
    let engine = lint::recommended();
    for (tree, count) in [(many, 1000), (one, 300)] {
        let run = |threads| {
            let started = Instant::now();
            let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions { threads, ..RunOptions::default() });
            assert!(started.elapsed() < Duration::from_secs(40), "{threads} threads took {:?}", started.elapsed());
            no_fault(&report, "costly keys");
            assert_eq!(report.summary.requests, count);
            assert!([1, 3].contains(&report.exit_code()), "{}", report.exit_code());
            // Each of them: verified and found wrong, or said not to be.
            let judged = report.findings.iter().filter(|finding| finding.rule.id == "signature/invalid").count();
            let open = report.not_judged.iter().filter(|not_judged| not_judged.rule == "signature/invalid").count();
            assert_eq!(judged + open, count, "{judged} judged, {open} not");
            assert!(open == 0 || report.exit_code() == 3);
            // Tallies add up over the runs of one engine; they are not what is compared.
            (lint::told(&report), format!("{:?} {:?}", report.not_judged, report.summary))
        };
        let two = run(2);
        // Once is enough: each of these takes seconds.
        assert!(count < 1000 || run(1) == two, "two threads have another report than one");
    }
}

#[test]
fn ordinary_exponents_of_large_keys_are_verified() {
    let report = lint::one("web.csr", huge_key(7, USUAL_EXPONENT).pem().as_bytes());
    assert!(lint::rules(&report).contains(&"signature/invalid"), "{}", lint::told(&report));
    no_fault(&report, "a large key");
}

#[test]
fn keys_beyond_all_bounds_are_not_verified_and_not_clean() {
    let one = num_bigint::BigUint::from(1u8);
    for (bits, exponent_bits) in [
        (16385u32, 17u32),
        (100_000, 17),
        (1_000_000, 17),
        (2048, 257),
        (2048, 2048),
        (16384, 16384),
        (1_000_000, 1_000_000),
    ] {
        let key = keys::rsa_public(&((&one << (bits - 1)) + 1u8), &((&one << (exponent_bits - 1)) + 1u8));
        let mut csr =
            Csr::new(keys::rsa2048()).spki(der::spki(&der::algorithm(keys::RSA_ENCRYPTION, &der::null()), &key));
        csr.sig_bits = Some(der::bits(&vec![0x55; bits as usize / 8]));
        let started = Instant::now();
        let report = lint::one("web.csr", csr.pem().as_bytes());
        assert!(speaks(&report) || !report.not_judged.is_empty(), "{bits} bits, e of {exponent_bits}");
        assert!(!lint::rules(&report).contains(&"signature/invalid"), "nothing was verified");
        assert!(started.elapsed() < Duration::from_secs(5), "{bits} {exponent_bits}: {:?}", started.elapsed());
        rendered(&report);
    }
}

// --- garbage

#[test]
fn random_bytes_never_panic() {
    let mut random = Xorshift::new(42);
    let mut byte = || (random.bits(8).to_u32_digits().first().copied().unwrap_or(0) & 0xFF) as u8;
    let mut files = Vec::new();
    for number in 0..1500 {
        let length = usize::from(byte()) * (1 + usize::from(byte()) % 4);
        let mut bytes: Vec<u8> = (0..length).map(|_| byte()).collect();
        match number % 6 {
            0 => bytes.splice(0..0, [0x30, 0x82]).for_each(drop),
            1 => bytes.splice(0..0, good().der().into_iter().take(usize::from(byte()))).for_each(drop),
            2 => bytes = pem(&bytes).into_bytes(),
            3 => bytes = der::base64(&bytes).into_bytes(),
            4 => bytes
                .iter_mut()
                .for_each(|byte| *byte = b"-BEGINCERTIFICATE REQUEST=\n\"\\MII"[usize::from(*byte) % 32]),
            _ => {}
        }
        let name = ["csr", "der", "pem", "yaml", "json", "p10"][number % 6];
        files.push((format!("{number}.{name}"), bytes));
    }
    let report = lint::tree(&lint::profile("pedantic"), &tree::in_memory(&files));
    no_fault(&report, "random bytes");
    rendered(&report);
}

/// One of the ways to damage a file.
fn damaged(bytes: &[u8], random: &mut Xorshift) -> Vec<u8> {
    let mut number = |below: usize| {
        usize::try_from(random.bits(32).to_u32_digits().first().copied().unwrap_or(0)).expect("32 bits") % below.max(1)
    };
    let mut out = bytes.to_vec();
    for _ in 0..=number(3) {
        let at = number(out.len());
        let other = number(out.len());
        match number(8) {
            0 if !out.is_empty() => out[at] ^= 1 << number(8),
            1 if !out.is_empty() => out[at] = number(256) as u8,
            2 => out.truncate(at),
            3 => out.insert(at.min(out.len()), number(256) as u8),
            4 if !out.is_empty() => drop(out.remove(at)),
            5 => out.extend_from_within(at.min(other)..at.max(other)),
            6 => drop(out.drain(at.min(other)..(at.min(other) + 20).min(out.len()))),
            _ => out.splice(at.min(out.len())..at.min(out.len()), [0x80, 0xFF, 0x84, 0x00]).for_each(drop),
        }
    }
    out
}

#[test]
fn damaged_requests_never_panic() {
    let mut random = Xorshift::new(7);
    let mut files = Vec::new();
    for (path, bytes) in tree::mixed() {
        if bytes.len() > 20_000 {
            continue;
        }
        for variant in 0..2 {
            files.push((format!("{variant}/{path}"), damaged(&bytes, &mut random)));
        }
        // DER below the armour, damaged and armoured again.
        let body: String = String::from_utf8_lossy(&bytes).lines().filter(|line| !line.starts_with('-')).collect();
        let der =
            csrlint::encoding::base64::decode(body.as_bytes(), 0..body.len(), &csrlint::encoding::base64::Body::Lines)
                .bytes;
        for variant in 2..4 {
            files.push((format!("{variant}/{path}"), pem(&damaged(&der, &mut random)).into_bytes()));
        }
    }
    assert!(files.len() > 1000, "{}", files.len());
    let report = lint::tree(&lint::profile("pedantic"), &tree::in_memory(&files));
    no_fault(&report, "damaged requests");
    rendered(&report);
}

#[test]
fn damaged_policies_and_rules_never_panic() {
    use csrlint::catalogue::Catalogue;
    use csrlint::policy::{MemoryFiles, Policy, PolicySource, Selection};
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/acme");
    let read = |path: &str| std::fs::read_to_string(root.join(path)).expect("an example");
    let (policy, rule) = (read("csrlint.yaml"), read("policy/rules/staging-name.yaml"));
    let catalogue = Catalogue::shipped();
    let mut random = Xorshift::new(99);
    let (mut sound, mut refused) = (0, 0);
    for number in 0..600 {
        let mut damage = |text: &str, hurt: bool| {
            let bytes = if hurt { damaged(text.as_bytes(), &mut random) } else { text.into() };
            String::from_utf8_lossy(&bytes).into_owned()
        };
        let (policy, rule) = (damage(&policy, number % 3 != 0), damage(&rule, number % 3 == 0));
        let list = std::fs::read(root.join("policy/compromised-keys.txt")).expect("a list");
        let layer = read("policy/acme-pki.yaml").into_bytes();
        let files = [
            ("policy/rules/a.yaml", rule.clone().into_bytes()),
            ("policy/compromised-keys.txt", list),
            ("policy/acme-pki.yaml", layer),
        ];
        let files = MemoryFiles(files.map(|(path, bytes)| (path.to_owned(), bytes)).into());
        let source = PolicySource { files: &files, ..PolicySource::of_text(&policy) };
        match Policy::load(&source, catalogue.clone(), Selection::default(), lint::day()) {
            Ok(policy) => {
                sound += 1;
                let _ = policy.effective();
            }
            Err(errors) => {
                refused += 1;
                assert!(!errors.is_empty());
                for error in errors {
                    assert!(!error.message.is_empty());
                    let drawn = human::policy_error(&error, &human::Style::default());
                    assert!(drawn.contains(&error.path), "{drawn}");
                }
            }
        }
    }
    assert!(sound > 10 && refused > 100, "{sound} sound, {refused} refused");
}

/// Requests with one byte changed, at these offsets; those without a finding.
fn unseen(der: &[u8], offsets: impl Iterator<Item = usize>) -> Vec<usize> {
    let files: Vec<(String, Vec<u8>)> = offsets
        .map(|at| {
            let mut bytes = der.to_vec();
            bytes[at] ^= 0x41;
            (format!("{at:04}.csr"), pem(&bytes).into_bytes())
        })
        .collect();
    let report = lint::tree(&lint::recommended(), &tree::in_memory(&files));
    no_fault(&report, "flipped bytes");
    let seen = |path: &str| report.findings.iter().any(|finding| finding.path.as_str() == path);
    let judged = |path: &str| report.not_judged.iter().any(|not_judged| not_judged.path == path);
    let silent: Vec<usize> =
        files.iter().filter(|(path, _)| !seen(path)).map(|(path, _)| path[..4].parse().expect("an offset")).collect();
    // Unknown algorithms are not judged, and told not to be.
    let algorithms: Vec<usize> = der
        .windows(3)
        .enumerate()
        .filter(|(_, window)| *window == [0x2B, 0x65, 0x70])
        .flat_map(|(at, _)| at..at + 3)
        .collect();
    silent.into_iter().filter(|at| !algorithms.contains(at) || !judged(&format!("{at:04}.csr"))).collect()
}

/// The offsets of the key in an Ed25519 request, and of the tag of its signature algorithm.
fn ed25519() -> (Vec<u8>, std::ops::Range<usize>, usize) {
    let csr = Csr::new(keys::ed25519());
    let der = csr.der();
    let key = der.windows(32).position(|window| window == csr.key.raw).expect("the key");
    let info = der.windows(5).rposition(|window| window == [0x30, 0x05, 0x06, 0x03, 0x2B]).expect("the algorithm");
    (der, key..key + 32, info)
}

#[test]
fn every_flipped_byte_of_a_signed_request_is_told() {
    // All that is signed, and the signature: nothing of it can be changed without a word.
    let (der, key, tag) = ed25519();
    let unseen = unseen(&der, (0..der.len()).filter(|at| !key.contains(at) && *at != tag));
    assert!(unseen.is_empty(), "{unseen:?}");
}

#[test]
fn a_flipped_byte_of_an_edwards_key_is_told() {
    let (der, key, _) = ed25519();
    assert_eq!(unseen(&der, key), [0; 0]);
}

#[test]
fn a_flipped_tag_of_the_signature_algorithm_is_told() {
    let (der, _, tag) = ed25519();
    assert_eq!(unseen(&der, std::iter::once(tag)), [0; 0]);
}

#[test]
fn a_request_cut_anywhere_is_never_clean() {
    let der = Csr::new(keys::ed25519()).der();
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    for length in 0..der.len() {
        let cut = &der[..length];
        files.push((format!("{length}.der.csr"), cut.to_vec()));
        files.push((format!("{length}.pem.csr"), pem(cut).into_bytes()));
        files.push((format!("{length}.pem"), pem(cut).into_bytes()));
        // DER under another name is recognised once there is enough of it.
        if length > 40 {
            files.push((format!("{length}.der"), cut.to_vec()));
        }
        if length > 0 {
            files.push((format!("{length}.base64.csr"), der::base64(cut).into_bytes()));
        }
    }
    // The armour, cut at every character behind the BEGIN line; the last two are the end of it and the line feed.
    let text = good().pem();
    let begin = text.find('\n').expect("a line");
    for length in begin..text.len() - 1 {
        files.push((format!("{length}.text.csr"), text[..length].into()));
        if length > begin + 12 {
            files.push((format!("{length}.text.pem"), text[..length].into()));
        }
    }
    let report = lint::tree(&lint::recommended(), &tree::in_memory(&files));
    no_fault(&report, "a cut request");
    let told: std::collections::HashSet<&str> = report.findings.iter().map(|finding| finding.path.as_str()).collect();
    let silent: Vec<&String> =
        files.iter().map(|(path, _)| path).filter(|path| !told.contains(path.as_str())).collect();
    assert!(silent.is_empty(), "{} are clean: {:?}", silent.len(), &silent[..silent.len().min(20)]);
}

#[test]
fn odd_files_are_told_or_left_alone_but_never_panic() {
    let text = &*samples::GOOD;
    let wide = |text: &str| {
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect::<Vec<u8>>()
    };
    let odd: Vec<(&str, Vec<u8>)> = vec![
        ("a.csr", vec![0xFF, 0xFE]),
        ("b.csr", vec![0xFE, 0xFF, 0]),
        ("c.csr", wide(text)[..401].to_vec()),
        ("d.csr", vec![0xEF, 0xBB, 0xBF]),
        ("e.csr", format!("\u{feff}\u{feff}{text}").into()),
        ("f.csr", text.replace('\n', "\r").into()),
        ("g.csr", text.replace('\n', "\0").into()),
        ("h.csr", text.replace('\n', "\u{2028}").into()),
        ("i.csr", text.replace("-----", "\u{2014}").into()),
        ("j.csr", vec![b' '; 3000]),
        ("k.csr", vec![0; 3000]),
        ("l.csr", b"\n\n\n".to_vec()),
        ("m.csr", b"0".to_vec()),
        ("n.csr", vec![0x30]),
        ("o.csr", vec![0x30, 0x00]),
        ("p.csr", wide(&text.repeat(3))),
    ];
    let list: Vec<(&str, &[u8])> = odd.iter().map(|(path, bytes)| (*path, bytes.as_slice())).collect();
    let report = lint::files(&lint::profile("pedantic"), &list);
    no_fault(&report, "odd files");
    rendered(&report);
    // Those that are a request after all, or claim to be one by name and content.
    let silent: Vec<&str> = ["c.csr", "f.csr", "j.csr", "l.csr", "n.csr", "o.csr", "p.csr"]
        .into_iter()
        .filter(|path| !report.findings.iter().any(|finding| finding.path.as_str() == *path))
        .collect();
    assert!(silent.is_empty(), "{silent:?} are clean\n{}", lint::told(&report));
}

#[test]
fn a_custom_value_of_any_type_never_panics() {
    // Every universal tag, primitive and constructed, empty and short, as the value of a name, an attribute and an extension.
    let mut files = Vec::new();
    for tag in 0..=255u8 {
        for content in [&b""[..], b"ab", &utf8("x")] {
            let value = tlv(tag, content);
            let csrs = [
                good().subject(der::names(&[der::typed_rdn("CN", &value)])),
                good().and_attributes(&[der::attribute("1.2.3.4", &[&value])]),
                good().and_san(value.clone()),
                good().san_extension(der::extension(der::SAN, false, &value)),
            ];
            files.extend(
                csrs.into_iter()
                    .enumerate()
                    .map(|(kind, csr)| (format!("{tag:02x}-{}-{kind}.csr", content.len()), csr.der())),
            );
        }
    }
    let report = lint::tree(&lint::profile("pedantic"), &tree::in_memory(&files));
    no_fault(&report, "values of any type");
    assert_eq!(report.summary.requests, files.len());
    rendered(&report);
}
