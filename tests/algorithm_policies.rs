//! Profiles that judge algorithms and years: each border of size, curve, parameter set and date, and what a forecast makes of them.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;

use csrlint::catalogue::{Catalogue, Severity};
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::source::{FilePath, MemoryTree};
use forge::recipe;
use run::Sandbox;
use serde_json::{Value, json};

/// The worst finding of a rule of these, as of a day.
fn worst(recipe: &Value, profile: &str, day: &str, rules: &[&str]) -> Option<Severity> {
    let selection = Selection { profiles: vec![profile.to_owned()], ..Selection::default() };
    let policy = Policy::isolated(Catalogue::shipped(), selection, day.parse().expect("a date")).expect("a policy");
    let tree = MemoryTree::new().with("web.csr", recipe::pem(recipe).into_bytes());
    let report = Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default());
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    let of_rules = report.open_findings().filter(|finding| rules.contains(&finding.rule.id.as_str()));
    of_rules.map(|finding| finding.severity).max()
}

#[test]
fn sizes_and_years() {
    use Severity::{Error, Info, Warning};
    let rsa = |bits: u32| json!({ "key": format!("rsa-{bits}") });
    let ec = |curve: &str| json!({ "key": curve });
    let enciphers = json!({ "key": "rsa-3072", "key-usage": ["keyEncipherment"] });
    let size = &["key/rsa-too-small"][..];
    let curve = &["key/curve-not-allowed", "key/weak-curve", "key/curve-discouraged", "key/not-allowed"][..];
    let strength = &["key/strength-too-low"][..];
    let quantum = &["key/quantum-vulnerable"][..];
    let allowed = &["key/not-allowed"][..];
    type Case<'a> = (&'a str, Value, &'a str, &'a [&'a str], Option<Severity>);
    let cases: Vec<Case> = vec![
        ("fips-186-5", rsa(2047), "2026-01-01", size, Some(Error)),
        ("fips-186-5", rsa(2048), "2026-01-01", size, None),
        ("fips-186-5", ec("P-224"), "2026-01-01", curve, None),
        ("fips-186-5", ec("secp256k1"), "2026-01-01", curve, Some(Warning)),
        ("fips-186-5", ec("brainpoolP256r1"), "2026-01-01", curve, None),
        ("fips-186-5", ec("secp192r1"), "2026-01-01", curve, Some(Error)),
        ("sp800-131a", rsa(2047), "2026-01-01", strength, Some(Error)),
        ("sp800-131a", rsa(2048), "2030-12-31", strength, None),
        ("sp800-131a", rsa(2048), "2031-01-01", strength, Some(Warning)),
        ("sp800-131a", rsa(3072), "2031-01-01", strength, None),
        ("ir8547", ec("P-224"), "2030-12-31", strength, None),
        ("ir8547", ec("P-224"), "2031-01-01", strength, Some(Warning)),
        ("ir8547", ec("P-256"), "2031-01-01", strength, None),
        ("ir8547", ec("P-256"), "2035-12-31", quantum, Some(Info)),
        ("ir8547", ec("P-256"), "2036-01-01", quantum, Some(Error)),
        ("ir8547", json!({ "key": "ml-dsa-44" }), "2036-01-01", quantum, None),
        (
            "ir8547",
            json!({ "spki": ["seq", ["seq", ["oid", "1.3.6.1.4.1.2.267.12.6.5"]], ["bits", "a1b2c3d4e5f60718"]] }),
            "2026-01-01",
            &["key/pqc-pre-standard"],
            Some(Error),
        ),
        ("cnsa-1", rsa(3072), "2026-01-01", allowed, None),
        ("cnsa-1", rsa(2048), "2026-01-01", allowed, Some(Error)),
        ("cnsa-1", ec("P-384"), "2026-01-01", allowed, None),
        ("cnsa-1", ec("P-521"), "2026-01-01", allowed, Some(Error)),
        ("cnsa-1", json!({ "key": "ed25519" }), "2026-01-01", allowed, Some(Error)),
        ("cnsa-2", json!({ "key": "ml-dsa-87" }), "2036-01-01", allowed, None),
        ("cnsa-2", json!({ "key": "ml-dsa-65" }), "2026-12-31", allowed, Some(Info)),
        ("cnsa-2", json!({ "key": "ml-dsa-65" }), "2027-01-01", allowed, Some(Warning)),
        ("cnsa-2", ec("P-384"), "2036-01-01", allowed, Some(Error)),
        ("bsi-tr-02102", rsa(2999), "2026-01-01", size, Some(Warning)),
        ("bsi-tr-02102", rsa(3000), "2026-01-01", size, None),
        ("bsi-tr-02102", ec("P-224"), "2026-01-01", curve, Some(Warning)),
        ("bsi-tr-02102", ec("P-256"), "2026-01-01", curve, None),
        ("bsi-tr-02102", json!({ "key": "ml-dsa-44" }), "2026-01-01", allowed, Some(Warning)),
        ("bsi-tr-02102", json!({ "key": "ml-dsa-65" }), "2026-01-01", allowed, None),
        ("bsi-tr-02102", enciphers.clone(), "2031-12-31", quantum, Some(Info)),
        ("bsi-tr-02102", enciphers, "2032-01-01", quantum, Some(Warning)),
        ("bsi-tr-02102", rsa(3072), "2035-12-31", quantum, Some(Info)),
        ("bsi-tr-02102", rsa(3072), "2036-01-01", quantum, Some(Warning)),
        ("anssi", rsa(2047), "2026-01-01", size, Some(Error)),
        ("anssi", rsa(2048), "2030-12-31", size, Some(Warning)),
        ("anssi", rsa(2048), "2031-01-01", size, Some(Error)),
        ("anssi", rsa(3072), "2031-01-01", size, None),
        ("etsi-119312", rsa(1899), "2026-06-01", size, Some(Error)),
        ("etsi-119312", rsa(1900), "2026-12-31", size, Some(Warning)),
        ("etsi-119312", rsa(2999), "2027-01-01", size, Some(Error)),
        ("etsi-119312", rsa(3000), "2027-01-01", size, None),
        ("etsi-119312", ec("brainpoolP256r1"), "2026-06-01", curve, None),
        ("etsi-119312", ec("secp256k1"), "2026-06-01", curve, Some(Error)),
        ("sogis", rsa(1900), "2025-12-31", size, None),
        ("sogis", rsa(1900), "2026-01-01", size, Some(Error)),
        ("pqc-ready", json!({ "key": "ml-dsa-65" }), "2026-01-01", quantum, None),
        ("pqc-ready", ec("P-256"), "2026-01-01", quantum, Some(Warning)),
    ];
    let mut problems = Vec::new();
    for (profile, recipe, day, rules, wanted) in cases {
        let found = worst(&recipe, profile, day, rules);
        if found != wanted {
            problems.push(format!("{profile} {recipe} on {day}: {found:?}, not {wanted:?}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn hashes_and_years() {
    let hash = &["signature/hash-not-allowed"][..];
    let signed = |hash: &str| json!({ "key": "p256", "signature": hash });
    for (profile, with, day, wanted) in [
        ("sp800-131a", "sha1", "2026-01-01", Some(Severity::Error)),
        ("sp800-131a", "sha224", "2030-12-31", None),
        ("sp800-131a", "sha224", "2031-01-01", Some(Severity::Warning)),
        ("cnsa-1", "sha256", "2026-01-01", Some(Severity::Error)),
        ("cnsa-1", "sha384", "2026-01-01", None),
        ("bsi-tr-02102", "sha224", "2026-01-01", Some(Severity::Warning)),
        ("anssi", "sha224", "2026-01-01", Some(Severity::Error)),
        ("etsi-119312", "sha224", "2028-12-31", Some(Severity::Warning)),
        ("etsi-119312", "sha224", "2029-01-01", Some(Severity::Error)),
        ("etsi-119312", "sha256", "2029-01-01", None),
    ] {
        assert_eq!(worst(&signed(with), profile, day, hash), wanted, "{profile} {with} {day}");
    }
}

/// Each row of these profiles says which clause demands it.
#[test]
fn every_row_has_a_clause() {
    let catalogue = Catalogue::shipped();
    for name in [
        "fips-186-5",
        "sp800-131a",
        "ir8547",
        "cnsa-1",
        "cnsa-2",
        "bsi-tr-02102",
        "anssi",
        "etsi-119312",
        "sogis",
        "pqc-ready",
    ] {
        let profile = catalogue.profile(name).expect("a profile");
        for (rule, rows) in &profile.rules {
            for row in rows.iter() {
                assert!(row.clause.is_some(), "{name} {rule}");
                assert!(row.from.is_none_or(|from| row.until.is_none_or(|until| from <= until)), "{name} {rule}");
            }
        }
    }
}

fn sandbox() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.file("small/old.csr", recipe::pem(&json!({ "key": "rsa-2048" })));
    sandbox.file("small/weak.csr", recipe::pem(&json!({ "key": "rsa-1024" })));
    sandbox.file("web.csr", recipe::pem(&json!({})));
    sandbox.file("new.csr", recipe::pem(&json!({ "key": "ml-dsa-65" })));
    sandbox
}

#[test]
fn a_forecast_says_until_when() {
    let sandbox = sandbox();
    let ran = sandbox.run(&["forecast", "--as-of", "2026-11-24", "--profile", "ir8547", "--requests"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(
        ran.text(),
        "As of 2026-11-24, 4 requests. A request stops passing with the first finding that is a warning or worse.

ir8547: NIST's plan for the transition to post-quantum cryptography (IR 8547)
       1  EC P-256      passes until 2035-12-31; from 2036-01-01 error: key/quantum-vulnerable
            web.csr:1 shop.example.com
       1  RSA 1024      does not pass today (error: key/strength-too-low)
            small/weak.csr:1 shop.example.com
       1  RSA 2048      passes until 2030-12-31; from 2031-01-01 warning: key/strength-too-low; from 2036-01-01 error: key/quantum-vulnerable
            small/old.csr:1 shop.example.com
       1  id-ml-dsa-65  passes, with no end in sight
            new.csr:1 shop.example.com
"
    );
    // The threshold is the user's.
    let ran = sandbox.run(&[
        "forecast",
        "--as-of",
        "2026-11-24",
        "--profile",
        "ir8547",
        "--fail-on",
        "error",
        "small/old.csr",
    ]);
    assert!(ran.text().contains("passes until 2035-12-31"), "{}", ran.text());
    // Without a profile, all that plan ahead; and the policy of the tree first.
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nrules:\n  key/rsa-too-small: { with: { min: 3072 }, enforce-from: 2027-03-01 }\n",
    );
    let text = sandbox.run(&["forecast", "--as-of", "2026-11-24"]).text().to_owned();
    assert!(text.contains("\npolicy: the policy of this tree\n"), "{text}");
    assert!(text.contains("RSA 2048      passes until 2027-02-28; from 2027-03-01 error: key/rsa-too-small"), "{text}");
    for profile in ["anssi", "bsi-tr-02102", "cnsa-2", "etsi-119312", "ir8547", "sp800-131a"] {
        assert!(text.contains(&format!("\n{profile}: ")), "{profile}: {text}");
    }
}

#[test]
fn a_forecast_for_programs_and_as_a_picture() {
    let sandbox = sandbox();
    let ran = sandbox.run(&[
        "forecast",
        "--as-of",
        "2026-11-24",
        "--profile",
        "ir8547",
        "--format",
        "json",
        "--svg",
        "timeline.svg",
    ]);
    let json = ran.json();
    let groups = json["forecast"]["prospects"][0]["groups"].as_array().expect("groups");
    assert_eq!(groups.len(), 4);
    assert_eq!(groups[2]["key"], "RSA 2048");
    assert_eq!(groups[2]["steps"][1]["from"], "2031-01-01");
    assert_eq!(groups[2]["steps"][1]["worst"], "warning");
    assert_eq!(groups[2]["requests"][0]["path"], "small/old.csr");
    let svg = sandbox.read("timeline.svg");
    assert!(svg.starts_with("<svg ") && svg.ends_with("</svg>\n"));
    for word in ["ir8547", "1 × RSA 2048", "2031-01-01", "key/strength-too-low"] {
        assert!(svg.contains(word), "{word}");
    }
    // It needs nothing but itself, and nothing in it acts.
    for word in ["<script", "href", "url(", "http://", "https://", "@import"] {
        assert!(!svg.replace("http://www.w3.org/2000/svg", "").contains(word), "{word}");
    }
    assert_eq!(sandbox.run(&["forecast", "--profile", "ir8547x"]).code, 2);
    assert_eq!(sandbox.run(&["forecast", "nowhere"]).code, 2);
    // A request that was not read is none that passes.
    let mut large = vec![b'\n'; 11 << 20];
    large.extend_from_slice(recipe::pem(&json!({})).as_bytes());
    sandbox.file("dump.sql", large);
    sandbox.run(&["forecast", "--profile", "ir8547"]).exits(3).complains("dump.sql").complains("too large to lint");
}
