//! Layers over one that locks rules: whatever the others say, what is locked fails all the same.
#![no_main]

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use csrlint::engine::Engine;
use csrlint::policy::{MemoryFiles, Policy, PolicyError, PolicySource, Selection};
use csrlint::report::Report;
use csrlint::source::FilePath;
use csrlint_fuzz::{Files, KEEP, catalogue, day, files, lint, one, told};
use libfuzzer_sys::fuzz_target;

const ORGANISATION: &str = "version: 1
name: acme
locked: [key/rsa-too-small, key/not-allowed, template/not-judged, san/name-policy]
on-unknown: warn
rules:
  key/rsa-too-small: { severity: error, with: { min: 3072 } }
  key/not-allowed: { with: { rsa: { min: 3072 }, ec: { curves: [P-256, P-384] }, other: deny } }
  san/name-policy: { with: { dns: { allow: [\"**.acme.example\"] }, other: deny } }
";

/// A template that breaks two of the locked rules.
const WEAK: (&str, &[u8]) = (
    "services/web/web.cnf",
    b"[req]\nprompt = no\ndefault_bits = 1024\ndistinguished_name = dn\nreq_extensions = v3\n[dn]\nCN = web.evil.example\n[v3]\nsubjectAltName = DNS:web.evil.example\n",
);

fuzz_target!(init: { must_fail(); }, |input: &[u8]| {
    let mut tree = files(input);
    let own = tree.get(&FilePath::new("csrlint.yaml")).cloned().unwrap_or_default();
    let policy = match policy(&own, &tree) {
        Ok(policy) => policy,
        Err(errors) => return told(&errors),
    };
    let engine = Engine::new(policy, KEEP);
    // Comments of the input go in front of the template, where ignores stand.
    let comments = tree.remove(&FilePath::new("comments")).unwrap_or_default();
    let comments = String::from_utf8_lossy(&comments).replace(['\r', '\0'], " ");
    let comments: String = comments.lines().map(|line| format!("# {line}\n")).collect();
    // A backslash would join the last one to the line behind it.
    tree.insert(FilePath::new(WEAK.0), [comments.as_bytes(), b"\n", WEAK.1].concat());
    let report = lint(&engine, &tree);
    let failing = failing(&report);
    for rule in must_fail() {
        assert!(failing.contains(rule), "{rule} is locked, and does not fail: {failing:?}");
    }
});

/// The rules that fail for the template, or that another one says more about which fails.
fn failing(report: &Report) -> BTreeSet<String> {
    let about = || report.findings.iter().filter(|finding| finding.path.as_str() == WEAK.0 && finding.fails);
    let open: BTreeSet<String> = about().filter(|finding| finding.is_open()).map(|f| f.rule.id.clone()).collect();
    let superseded = about().filter(|finding| finding.superseded_by.as_ref().is_some_and(|by| open.contains(by)));
    let superseded: Vec<String> = superseded.map(|finding| finding.rule.id.clone()).collect();
    open.into_iter().chain(superseded).collect()
}

/// What fails under the lower layer alone.
fn must_fail() -> &'static BTreeSet<String> {
    static RULES: OnceLock<BTreeSet<String>> = OnceLock::new();
    RULES.get_or_init(|| {
        let policy = policy(b"version: 1\n", &Files::new()).ok().expect("a policy");
        let locked = ["key/rsa-too-small", "san/name-policy"].map(str::to_owned);
        let failing = failing(&lint(&Engine::new(policy, KEEP), &one(WEAK.0, WEAK.1)));
        assert!(locked.iter().all(|rule| failing.contains(rule)), "{failing:?}");
        failing.into_iter().filter(|rule| locked.contains(rule)).collect()
    })
}

/// A repository's own policy on that of the organisation, which stands above it on the command line.
fn policy(own: &[u8], tree: &Files) -> Result<Policy, Vec<PolicyError>> {
    let files: BTreeMap<String, Vec<u8>> =
        tree.iter().map(|(path, bytes)| (path.as_str().to_owned(), bytes.clone())).collect();
    let source = PolicySource {
        file: csrlint::policy::PolicyFile { path: "csrlint.yaml".to_owned(), bytes: own.to_vec() },
        base: "",
        below: vec![("/etc/acme.yaml", ORGANISATION).into()],
        files: &MemoryFiles(files),
    };
    Policy::load(&source, catalogue(), Selection::default(), day())
}
