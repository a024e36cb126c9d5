//! Ten kinds of requests, each made well: `examples/kinds/` is what is described here, and clean under `recommended` and under its own profile.
//! `CSRLINT_UPDATE=1 cargo test --test kinds` writes the files.

#[path = "support/forge/mod.rs"]
mod forge;

use std::path::{Path, PathBuf};

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::report::Report;
use csrlint::source::{FilePath, MemoryTree};
use serde_json::{Value, json};

/// The file, the profiles it is made for, what it holds.
fn kinds() -> Vec<(&'static str, &'static [&'static str], Value)> {
    let acme = |rest: &[&str]| -> Vec<String> {
        ["C=DE", "ST=Bayern", "L=München", "O=Acme Trading GmbH"]
            .iter()
            .chain(rest)
            .map(|&part| part.to_owned())
            .collect()
    };
    vec![
        (
            "tls-server",
            &["webpki-ov", "webpki", "mozilla", "chrome", "apple", "letsencrypt", "ietf"],
            json!({
                "key": "p256", "subject": acme(&[]),
                "san": ["dns:shop.acme-trading.com", "dns:www.acme-trading.com"],
            }),
        ),
        (
            "tls-client",
            &["ietf", "kubernetes/kube-apiserver-client"],
            json!({
                "key": "p256", "subject": ["O=platform-readers", "CN=report-job"], "san": [],
                "extended-key-usage": ["clientAuth"],
            }),
        ),
        (
            "mtls-peer",
            &["ietf", "linkerd"],
            json!({
                "key": "p256", "subject": ["CN=payments.shop.serviceaccount.identity.linkerd.cluster.local"],
                "san": ["dns:payments.shop.serviceaccount.identity.linkerd.cluster.local"],
                "extended-key-usage": ["serverAuth", "clientAuth"],
            }),
        ),
        (
            "smime",
            &["smime-sponsor-strict", "smime-sponsor-multipurpose", "ietf"],
            json!({
                "key": "rsa-3072",
                "subject": [
                    "C=DE", "O=Acme Trading GmbH", "organizationIdentifier=NTRDE-HRB 123456", "SN=Noether", "GN=Emmy", "CN=Emmy Noether",
                    "emailAddress=emmy.noether@acme-trading.com"
                ],
                "san": ["email:emmy.noether@acme-trading.com"],
                "key-usage": ["digitalSignature", "keyEncipherment"], "extended-key-usage": ["emailProtection"],
            }),
        ),
        (
            "code-signing",
            &["codesigning", "ietf"],
            json!({
                "key": "rsa-3072", "subject": acme(&["CN=Acme Trading GmbH"]), "san": [],
                "extended-key-usage": ["codeSigning"],
            }),
        ),
        (
            "device",
            &["iot-8021ar", "ietf"],
            json!({
                "key": "p256", "subject": ["O=Acme Devices", "serialNumber=AD-1000-4711"],
                "san": [["ctx0", ["oid", "hardwareModuleName"], ["ctx0", ["seq", ["oid", "1.3.6.1.4.1.55555.1"], ["octets", "41442d313030302d34373131"]]]]],
                "extended-key-usage": ["clientAuth"],
            }),
        ),
        (
            "spiffe-workload",
            &["spiffe", "ietf"],
            json!({
                "key": "p256", "subject": [], "san": ["uri:spiffe://acme.example/ns/shop/sa/payments"], "san-critical": true,
                "extended-key-usage": ["serverAuth", "clientAuth"],
            }),
        ),
        (
            "kubernetes-node",
            &["kubernetes/kubelet-serving", "ietf"],
            json!({
                "key": "p256", "subject": ["O=system:nodes", "CN=system:node:worker-3"],
                "san": ["dns:worker-3.cluster.acme.example", "ip:10.20.0.3"],
            }),
        ),
        (
            "adcs-machine",
            &["adcs", "ietf"],
            json!({
                "key": "rsa-2048", "subject": ["CN=app01.corp.acme.example"], "san": ["dns:app01.corp.acme.example"],
                "key-usage": ["digitalSignature", "keyEncipherment"],
            }),
        ),
        (
            "sub-ca",
            &["ca", "ietf"],
            json!({
                "key": "p384", "subject": ["C=DE", "O=Acme Trading GmbH", "CN=Acme Issuing CA 3"], "san": [],
                "key-usage": ["digitalSignature", "keyCertSign", "cRLSign"], "extended-key-usage": [],
                "basic-constraints": { "ca": true, "path-length": 0 },
            }),
        ),
    ]
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/kinds")
}

fn lint(name: &str, bytes: Vec<u8>, profile: &str) -> Report {
    let selection = Selection { profiles: vec![profile.to_owned()], ..Selection::default() };
    let catalogue = Catalogue::shipped();
    let policy = Policy::isolated(catalogue, selection, "2026-11-01".parse().expect("a date")).expect("a policy");
    let tree = MemoryTree::new().with(&format!("{name}.csr"), bytes);
    Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default())
}

#[test]
fn each_kind_is_clean_under_recommended_and_its_own_profiles() {
    let mut problems = Vec::new();
    for (name, profiles, recipe) in kinds() {
        let path = folder().join(format!("{name}.csr"));
        let made = forge::recipe::pem(&recipe);
        if std::env::var_os("CSRLINT_UPDATE").is_some() {
            std::fs::create_dir_all(folder()).expect("a folder");
            std::fs::write(&path, &made).expect("a file");
        }
        let kept = std::fs::read_to_string(&path).expect("a file; CSRLINT_UPDATE=1 writes it");
        assert!(kept == made, "{name} is not what its description yields; CSRLINT_UPDATE=1 rewrites it");
        for profile in std::iter::once(&"recommended").chain(profiles) {
            let report = lint(name, made.clone().into_bytes(), profile);
            assert_eq!(report.summary.requests, 1, "{name}");
            for finding in report.open_findings() {
                problems.push(format!(
                    "{name} under {profile}: {}[{}] {}",
                    finding.severity.name(),
                    finding.rule.id,
                    finding.message
                ));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn every_profile_has_a_kind_or_builds_on_one() {
    let catalogue = Catalogue::shipped();
    let covered: Vec<&str> = kinds().iter().flat_map(|(_, profiles, _)| profiles.iter().copied()).collect();
    let without: Vec<_> = catalogue
        .profiles()
        .map(|profile| profile.name.as_str())
        .filter(|name| !covered.contains(name) && !["recommended", "pedantic"].contains(name))
        .collect();
    // Variants of these are told apart by their subjects, in `tests/profiles.rs`.
    let variants = ["webpki-", "smime-", "kubernetes/"];
    // These judge keys and years, whatever the request is for: `tests/algorithm_policies.rs`.
    let of_keys = [
        "anssi",
        "bsi-tr-02102",
        "cnsa-1",
        "cnsa-2",
        "etsi-119312",
        "fips-186-5",
        "ir8547",
        "pqc-ready",
        "sogis",
        "sp800-131a",
    ];
    let unknown: Vec<_> = without
        .iter()
        .filter(|name| !variants.iter().any(|start| name.starts_with(start)) && !of_keys.contains(name))
        .collect();
    assert!(unknown.is_empty(), "{unknown:?}");
}

/// The policy beside the examples finds nothing, and names a profile for each of them.
#[test]
fn the_policy_of_the_examples_finds_nothing() {
    let text = std::fs::read_to_string(folder().join("csrlint.yaml")).expect("a policy");
    let source = csrlint::policy::PolicySource::of_text(&text);
    let policy =
        Policy::load(&source, Catalogue::shipped(), Selection::default(), "2026-11-01".parse().expect("a date"))
            .unwrap_or_else(|errors| panic!("{:?}", errors.first().map(|error| error.message.clone())));
    let mut tree = MemoryTree::new();
    for (name, _, recipe) in kinds() {
        assert!(text.contains(&format!("files: [{name}.csr]")), "no scope for {name}");
        tree = tree.with(&format!("{name}.csr"), forge::recipe::pem(&recipe).into_bytes());
    }
    let report = Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default());
    let told: Vec<_> = report.open_findings().map(|finding| format!("{} {}", finding.path, finding.rule.id)).collect();
    assert!(told.is_empty() && report.summary.requests == 10, "{told:?}");
}
