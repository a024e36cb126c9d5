//! Manifests: what a repair writes, and what it leaves alone.

use std::path::{Path, PathBuf};

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::fix::{Applicability, apply};
use csrlint::policy::{Policy, Selection};
use csrlint::source::{FilePath, MemoryTree};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/templates")
}

/// Applies all repairs until nothing is left to mend.
fn mended(name: &str, rules: &[&str], most: Applicability) -> String {
    let mut bytes = std::fs::read(root().join(name)).expect("a fixture");
    for round in 0.. {
        assert!(round < 10, "{name} is never done");
        let selection =
            Selection { select: rules.iter().map(|rule| (*rule).to_owned()).collect(), ..Selection::default() };
        let policy = Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a day"));
        let tree = MemoryTree::new().with(name, bytes.clone());
        let engine = Engine::new(policy.expect("a policy"), Keep::default());
        let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions::default());
        let fixes: Vec<_> = report.findings.iter().filter_map(|finding| finding.fix.as_ref()).collect();
        let applied = apply(&bytes, fixes, most);
        if applied.applied == 0 {
            break;
        }
        bytes = applied.bytes;
    }
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn removed_versions_are_mended_and_nothing_else_is_touched() {
    let after = mended("certmanager/removed.yaml", &["template/removed-api"], Applicability::Safe);
    let wanted = "\
# Before the upgrade.
apiVersion: cert-manager.io/v1
kind: Certificate
metadata:
  name: old
spec:
  secretName: old-tls
  commonName: shop.acme.example
  subject:
    organizations:
    - Acme Corp
  privateKey:
    algorithm: ECDSA
    size: 256
    encoding: PKCS8
  dnsNames:
  - shop.acme.example
  uris:
  - spiffe://acme.example/shop
  issuerRef: # ours
    name: acme
";
    assert!(after.starts_with(wanted), "{after}");
    // The solvers of the oldest version belong to another object.
    assert!(after.contains("certmanager.k8s.io/v1alpha1"));
    let requests = mended("kubernetes/issuing-request.yaml", &["template/removed-api"], Applicability::Safe);
    assert!(!requests.contains("v1alpha2") && !requests.contains("csr:"), "{requests}");
    let signing = mended("kubernetes/signing-request.yaml", &["template/removed-api"], Applicability::Safe);
    assert!(!signing.contains("v1beta1"), "{signing}");
}

#[test]
fn knobs_write_yaml_and_json() {
    let after = mended("certmanager/list.json", &["renewal/key-kept"], Applicability::Unsafe);
    assert!(after.contains(r#""privateKey": { "rotationPolicy": "Always" }"#), "{after}");
    let after = mended("certmanager/annotations.yaml", &["renewal/key-kept"], Applicability::Unsafe);
    assert!(after.contains("cert-manager.io/private-key-rotation-policy: \"Always\""), "{after}");
    let after = mended("certmanager/volumes.yaml", &["renewal/key-kept"], Applicability::Unsafe);
    assert!(after.contains("csi.cert-manager.io/reuse-private-key: \"false\""), "{after}");
}

#[test]
fn insertions_keep_line_ends_and_comments() {
    let manifest = "apiVersion: cert-manager.io/v1\r\nkind: Certificate\r\nmetadata:\r\n  name: web\r\nspec: # ours\r\n  \
                    secretName: web-tls # kept\r\n  commonName: shop.acme.example\r\n  dnsNames:\r\n  - www.acme.example # www\r\n  \
                    issuerRef: {name: acme}\r\n";
    let policy = "version: 1\ntools: { cert-manager: \"1.17\" }\nprofiles: []\nrules:\n  renewal/key-kept: {}\n  \
                  san/common-name-not-in-san: {}\n  key/rsa-too-small: { with: { min: 3072 } }\n";
    let mut bytes = manifest.as_bytes().to_vec();
    for _ in 0..5 {
        let source = csrlint::policy::PolicySource::of_text(policy);
        let day = "2026-06-01".parse().expect("a day");
        let policy = Policy::load(&source, Catalogue::shipped(), Selection::default(), day);
        let engine = Engine::new(policy.unwrap_or_else(|errors| panic!("{errors:?}")), Keep::default());
        let tree = MemoryTree::new().with("web.yaml", bytes.clone());
        let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions::default());
        let fixes: Vec<_> = report.findings.iter().filter_map(|finding| finding.fix.as_ref()).collect();
        bytes = apply(&bytes, fixes, Applicability::Unsafe).bytes;
    }
    let after = String::from_utf8(bytes).expect("UTF-8");
    let wanted = "spec: # ours\r\n  privateKey:\r\n    size: 3072\r\n    rotationPolicy: Always\r\n  secretName: web-tls # kept\r\n  \
                  commonName: shop.acme.example\r\n  dnsNames:\r\n  - www.acme.example # www\r\n  - shop.acme.example\r\n";
    let other = wanted.replace("size: 3072\r\n    rotationPolicy: Always", "rotationPolicy: Always\r\n    size: 3072");
    assert!(after.contains(wanted) || after.contains(&other), "{after:?}");
    assert!(!after.replace("\r\n", "").contains('\n'), "{after:?}");
}
