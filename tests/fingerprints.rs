//! Fingerprints: the same finding keeps its own through everything that does not change it, and no two are alike.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/lint.rs"]
mod lint;
#[path = "support/samples.rs"]
mod samples;
#[path = "support/tree.rs"]
mod tree;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::LazyLock;

use csrlint::engine::Engine;
use csrlint::report::{Finding, Report};
use forge::csr::labelled;
use forge::der;

const LABEL: &str = "CERTIFICATE REQUEST";

/// Fingerprints by rule, without rules about armour, which changes here.
fn prints(report: &Report) -> BTreeMap<String, String> {
    let about = |finding: &&Finding| !finding.rule.id.starts_with("pem/");
    report.findings.iter().filter(about).map(|finding| (finding.fingerprint.clone(), finding.rule.id.clone())).collect()
}

/// Loading the catalogue takes longer than linting a file.
static PEDANTIC: LazyLock<Engine> = LazyLock::new(|| lint::profile("pedantic"));

fn of(bytes: &[u8]) -> BTreeMap<String, String> {
    prints(&lint::files(&PEDANTIC, &[("web.csr", bytes)]))
}

/// Every mutant that is ordinary PEM around one DER, with its DER.
fn ordinary() -> Vec<(&'static str, Vec<u8>, String)> {
    let cases = forge::mutants().into_iter().chain(forge::pedantic_mutants());
    cases
        .filter_map(|case| {
            let text = String::from_utf8(case.bytes).ok()?;
            let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
            let der = decoded(&body)?;
            // What is too short to be told from documentation is another matter.
            (labelled(&der, LABEL) == text && der.len() > 20).then_some((case.name, der, text))
        })
        .collect()
}

fn decoded(text: &str) -> Option<Vec<u8>> {
    let decoded =
        csrlint::encoding::base64::decode(text.as_bytes(), 0..text.len(), &csrlint::encoding::base64::Body::Lines);
    (decoded.invalid.is_empty() && decoded.padding.is_none()).then_some(decoded.bytes)
}

fn wrapped(der: &[u8], width: usize) -> String {
    format!("-----BEGIN {LABEL}-----\n{}-----END {LABEL}-----\n", der::lines(&der::base64(der), width))
}

#[test]
fn form_does_not_change_fingerprints() {
    let cases = ordinary();
    assert!(cases.len() > 100, "{}", cases.len());
    let mut problems = Vec::new();
    let mut compared = 0;
    for (name, der, text) in &cases {
        let before = of(text.as_bytes());
        compared += before.len();
        let forms: [(&str, Vec<u8>); 9] = [
            ("76 columns", wrapped(der, 76).into()),
            ("17 columns", wrapped(der, 17).into()),
            ("one line", wrapped(der, 1_000_000).into()),
            ("CRLF", text.replace('\n', "\r\n").into()),
            ("blank lines above", format!("\n\n\n{text}").into()),
            ("a listing above", format!("Certificate Request:\n    Data:\n        Version: 1 (0x0)\n{text}").into()),
            ("text below", format!("{text}\nsent on Monday\n").into()),
            ("a byte order mark", format!("\u{feff}{text}").into()),
            ("indentation", text.lines().map(|line| format!("    {line}\n")).collect::<String>().into()),
        ];
        for (form, bytes) in forms {
            let after = of(&bytes);
            if before != after {
                problems.push(format!("{name} with {form}:\n  {before:?}\n  {after:?}"));
            }
        }
    }
    assert!(compared > 100, "{compared}");
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems[..problems.len().min(5)].join("\n"));
}

#[test]
fn der_and_pem_have_the_same_fingerprints() {
    let mut problems = Vec::new();
    for (name, der, text) in ordinary() {
        // Without armour some are not recognised; none of them is silent.
        let (pem, der) = (of(text.as_bytes()), of(&der));
        let recognised = !der.values().all(|rule| rule == "pem/not-decodable");
        if recognised && pem != der {
            problems.push(format!("{name}:\n  PEM {pem:?}\n  DER {der:?}"));
        }
    }
    assert!(problems.is_empty(), "{} problems\n{}", problems.len(), problems[..problems.len().min(5)].join("\n"));
}

#[test]
fn a_request_keeps_its_fingerprints_beside_others() {
    let [weak, sha1] = [&*samples::WEAK, &*samples::SHA1];
    let alone = of(weak.as_bytes());
    assert_eq!(alone.len(), 1);
    for text in [
        format!("{sha1}{weak}"),
        format!("{weak}{sha1}"),
        format!("# two\n{sha1}\n# and\n{weak}"),
        format!("{sha1}{}{weak}", *samples::GOOD),
    ] {
        let print = alone.keys().next().expect("one");
        assert!(of(text.as_bytes()).contains_key(print), "{text}");
    }
}

#[test]
fn other_files_do_not_change_fingerprints() {
    let files = tree::mixed();
    let engine = lint::recommended();
    let together: HashMap<(String, String), usize> = lint::tree(&engine, &tree::in_memory(&files))
        .findings
        .iter()
        .map(|finding| ((finding.path.to_string(), finding.fingerprint.clone()), 1))
        .collect();
    for (path, bytes) in files.iter().step_by(7) {
        for finding in lint::files(&lint::recommended(), &[(path, bytes)]).findings {
            assert!(together.contains_key(&(path.clone(), finding.fingerprint.clone())), "{path} {}", finding.rule.id);
        }
    }
}

#[test]
fn no_two_findings_share_a_fingerprint() {
    let files = tree::mixed();
    for profile in ["recommended", "pedantic"] {
        let report = lint::tree(&lint::profile(profile), &tree::in_memory(&files));
        let mut seen: HashMap<&str, &Finding> = HashMap::new();
        for finding in &report.findings {
            if let Some(other) = seen.insert(&finding.fingerprint, finding) {
                panic!(
                    "{} at {} {} and {} at {} {}",
                    finding.rule.id, finding.path, finding.place, other.rule.id, other.path, other.place
                );
            }
        }
        assert!(seen.len() > 150);
    }
}

#[test]
fn findings_of_the_configuration_have_their_own_too() {
    let waiver = "  - { rule: key/dsa, reason: r, expires: 2027-01-01 }\n";
    let text = format!(
        "version: 1\nwaivers:\n{}{}  - {{ rule: no/such, reason: r, expires: 2027-01-01 }}\n  - {{ rule: key/dsa, reason: r, expires: 2020-01-01 }}\n",
        waiver.repeat(3),
        waiver.replace("reason: r", "reason: r, files: [a]")
    );
    let engine = lint::policy(&text).unwrap_or_else(|errors| panic!("{errors:?}"));
    let ignores = "# csrlint: ignore[pem] -- x\n# csrlint: ignore[pem] -- x\n# csrlint: ignore[no/such] -- x\n";
    let embedded = format!("{ignores}a: {}\n", der::base64(samples::WEAK.as_bytes()));
    let report = lint::files(&engine, &[("a.yaml", embedded.as_bytes())]);
    let prints: BTreeSet<&str> = report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    assert_eq!(prints.len(), report.findings.len(), "{}", lint::told(&report));
    assert_eq!(report.findings.len(), 10, "{}", lint::told(&report));
}

#[test]
fn exact_repeats_are_numbered() {
    let twice = samples::with_names(&[
        der::dns("a_b-.example"),
        der::dns("ok.example"),
        der::uri("no uri"),
        der::uri("no uri"),
    ]);
    let text = twice.pem();
    let report = lint::one("web.csr", format!("{text}{text}").as_bytes());
    let suffixes: BTreeSet<&str> = report
        .findings
        .iter()
        .filter_map(|finding| finding.fingerprint.split_once(':'))
        .map(|(_, number)| number)
        .collect();
    assert_eq!(suffixes, BTreeSet::from(["1", "2"]), "{}", lint::told(&report));
}

#[test]
fn what_a_finding_is_changes_its_fingerprint() {
    let print = |path: &str, bytes: &[u8]| {
        lint::files(&lint::recommended(), &[(path, bytes)])
            .findings
            .first()
            .map(|finding| finding.fingerprint.clone())
            .expect("a finding")
    };
    let weak = samples::weak();
    let base = print("web.csr", weak.pem().as_bytes());
    assert_ne!(base, print("old.csr", weak.pem().as_bytes()), "the file");
    assert_ne!(base, print("web.csr", forge::Csr::new(forge::keys::rsa(1023, 65537)).pem().as_bytes()), "the key");
    // A new request for the same key is the same finding about the same key.
    assert_eq!(
        base,
        print(
            "web.csr",
            samples::weak()
                .subject(der::name(&[("CN", "other.example.com")]))
                .san_extension(der::san(&[der::dns("other.example.com")]))
                .pem()
                .as_bytes()
        )
    );
    let bad_name = |name: &str| print("web.csr", samples::with_names(&[der::dns(name)]).pem().as_bytes());
    assert_ne!(bad_name("a b.example"), bad_name("a c.example"), "the value");
    assert_ne!(
        bad_name("a b.example"),
        print("web.csr", samples::with_names(&[der::dns("ok.example"), der::dns("a b.example")]).pem().as_bytes()),
        "the place"
    );
}

/// The recipe must never change: baselines, waivers and GitHub's alerts hang on it.
#[test]
fn the_recipe_is_fixed() {
    assert_eq!(
        Finding::fingerprint_of("key/rsa-too-small", "legacy/printer.csr", "9e9a1bfa", "key.bits", "1024"),
        GOLDEN[0]
    );
    assert_eq!(Finding::fingerprint_of("a", "", "", "", ""), GOLDEN[1]);
    assert_eq!(Finding::fingerprint_of("", "a", "", "", ""), GOLDEN[2]);
    assert_eq!(
        Finding::fingerprint_of("san/name-policy", "gr\u{f6}\u{df}e/x.csr", "", "san[2]", "dns:*.evil.example"),
        GOLDEN[3]
    );
}

/// SHA-256 of the five parts, each with its length in eight octets before it; the first sixteen octets. Made with Python.
const GOLDEN: [&str; 4] = [
    "9ef501b1a98a8f86159938ee51eca194",
    "fb7ad1710dc43c72b76c5273486e8382",
    "d2207a30008bc9f0a886b85b63dabd8d",
    "37d7bd7c318d0a11100156a3580a9203",
];

#[test]
fn a_whole_finding_has_the_fingerprint_of_the_recipe() {
    let report = lint::one("dir/web.csr", samples::WEAK.as_bytes());
    let spki = report.requests[0]["spki_sha256"].as_str().expect("a hash");
    let expected = Finding::fingerprint_of("key/rsa-too-small", "dir/web.csr", spki, "key.bits", "1024");
    assert_eq!(report.findings[0].fingerprint, format!("{expected}:1"));
}
