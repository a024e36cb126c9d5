//! Real requests from public repositories, held against what OpenSSL and pyca say of them.
//! The corpus is not part of the project: the tests run where it lies beside it, and say so where it does not.
//! Each difference is listed with its reason, in favour of the standard.

#![allow(clippy::print_stderr, reason = "says whether the corpus is there")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::read::{self, FileFacts};
use csrlint::report::{Report, inspect};
use csrlint::source::{DiskTree, FilePath, SourceFile};
use serde_json::Value;

fn corpus() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/open");
    let found = path.is_dir().then_some(path);
    if found.is_none() {
        eprintln!("the corpus is not here; nothing was compared");
    }
    found
}

fn read_file(root: &Path, file: &str) -> FileFacts {
    let bytes = std::fs::read(root.join(file)).expect("a corpus file");
    read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(file)), bytes)))
}

fn truth(root: &Path) -> Vec<Value> {
    let text = std::fs::read_to_string(root.join("csr-truth.jsonl")).expect("the truth");
    text.lines().map(|line| serde_json::from_str(line).expect("a row")).collect()
}

fn lint(root: &Path, profile: &str) -> Report {
    let selection = Selection { profiles: vec![profile.to_owned()], ..Selection::default() };
    let policy =
        Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().expect("a date")).expect("a policy");
    let options = RunOptions { threads: 2, ..RunOptions::default() };
    Engine::new(policy, Keep { requests: true, shown: true, outcomes: true, sheets: true }).run(
        &DiskTree::new(root.canonicalize().expect("a path")),
        &[FilePath::new(".")],
        &options,
    )
}

/// As pyca prints names: these short names, everything else by OID.
fn pyca_subject(request: &Value) -> String {
    let name = |oid: &str| match oid {
        "2.5.4.3" => "CN".to_owned(),
        "2.5.4.7" => "L".to_owned(),
        "2.5.4.8" => "ST".to_owned(),
        "2.5.4.10" => "O".to_owned(),
        "2.5.4.11" => "OU".to_owned(),
        "2.5.4.6" => "C".to_owned(),
        "2.5.4.9" => "STREET".to_owned(),
        "0.9.2342.19200300.100.1.25" => "DC".to_owned(),
        "0.9.2342.19200300.100.1.1" => "UID".to_owned(),
        other => other.to_owned(),
    };
    let escape = |value: &str| {
        let escaped = ['\\', '"', '+', ',', ';', '<', '>']
            .iter()
            .fold(value.to_owned(), |text, c| text.replace(*c, &format!("\\{c}")))
            .replace('\0', "\\00");
        if escaped.starts_with([' ', '#']) { format!("\\{escaped}") } else { escaped }
    };
    let rdns = request["rdns"].as_array().cloned().unwrap_or_default();
    let rdn = |rdn: &Value| {
        rdn.as_array()
            .into_iter()
            .flatten()
            .map(|attribute| {
                format!(
                    "{}={}",
                    name(attribute["oid"].as_str().unwrap_or_default()),
                    escape(attribute["value"].as_str().unwrap_or_default())
                )
            })
            .collect::<Vec<_>>()
            .join("+")
    };
    rdns.iter().rev().map(rdn).collect::<Vec<_>>().join(",")
}

/// As the truth writes a name.
fn truth_san(san: &Value) -> String {
    let value = san["value"].as_str().unwrap_or_default();
    match san["type"].as_str().unwrap_or_default() {
        "dns" => format!("DNS:{value}"),
        "ip" => format!("IP:{value}"),
        "email" => format!("email:{value}"),
        "uri" => format!("URI:{value}"),
        "rid" => format!("RID:{value}"),
        "dirname" => format!("dirName:{value}"),
        other => format!("{other}:{value}"),
    }
}

#[test]
fn every_request_is_read_as_other_tools_read_it() {
    let Some(root) = corpus() else { return };
    let mut differences: Vec<String> = Vec::new();
    let mut compared = 0;
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    for row in truth(&root) {
        let file = row["file"].as_str().expect("a file");
        let number = usize::try_from(row["embedded_index"].as_u64().unwrap_or(0)).expect("a number");
        let facts = read_file(&root, file);
        let Some(request) = facts.requests().nth(number) else {
            if row["parse_ok_openssl"] == true || row["parse_ok_pyca"] == true {
                differences.push(format!("{file}: not found"));
            }
            continue;
        };
        let seen = inspect::request(request);
        if row["parse_ok_openssl"] != true && row["parse_ok_pyca"] != true {
            continue;
        }
        compared += 1;
        let mut differ = |what: &str, ours: String, theirs: String| {
            if ours != theirs && !explained(what, &ours, &theirs) {
                differences.push(format!("{file}: {what}: {ours:?}, not {theirs:?}"));
            }
        };
        if let Some(subject) = row["subject_rfc4514"].as_str() {
            differ("subject", pyca_subject(&seen), subject.to_owned());
        }
        if let Some(sans) = row["sans"].as_array() {
            let ours: Vec<String> = seen["sans"].as_array().into_iter().flatten().map(truth_san).collect();
            let theirs: Vec<String> = sans.iter().filter_map(|san| san.as_str().map(str::to_owned)).collect();
            let other = |name: &String| name.to_ascii_lowercase().starts_with("othername");
            // otherName values are told apart below: tools print them in different ways.
            differ(
                "sans",
                ours.iter().filter(|name| !other(name)).cloned().collect::<Vec<_>>().join(" "),
                theirs.iter().filter(|name| !other(name)).cloned().collect::<Vec<_>>().join(" "),
            );
            differ(
                "otherNames",
                ours.iter().filter(|name| other(name)).count().to_string(),
                theirs.iter().filter(|name| other(name)).count().to_string(),
            );
        }
        if let Some(bits) = row["key_bits"].as_u64().filter(|_| row["key_type"] != "Ed25519") {
            differ("bits", seen["key"]["bits"].to_string(), bits.to_string());
        }
        if let Some(kind) = row["key_type"].as_str() {
            differ("key", seen["key"]["algorithm"].as_str().unwrap_or_default().to_owned(), kind.to_owned());
        }
        if let Some(exponent) = row["rsa_e"].as_u64() {
            differ("exponent", seen["key"]["exponent"].to_string(), exponent.to_string());
        }
        for (what, ours, theirs) in [
            ("key OID", &seen["key"]["algorithm_oid"], &row["spki_alg_oid"]),
            ("signature algorithm", &seen["signature"]["algorithm_oid"], &row["sig_alg"]),
            ("DER hash", &seen["der_sha256"], &row["der_sha256"]),
            ("SPKI hash", &seen["spki_sha256"], &row["spki_sha256"]),
        ] {
            if let Some(theirs) = theirs.as_str() {
                differ(what, ours.as_str().unwrap_or_default().to_owned(), theirs.to_owned());
            }
        }
        let status = seen["signature"]["status"].as_str().unwrap_or_default().to_owned();
        *counted.entry(format!("{} -> {status}", row["signature_valid"])).or_default() += 1;
        let fits = match (row["signature_valid"].as_bool(), status.as_str()) {
            (Some(true), "valid") | (Some(false), "invalid") | (None, "unsupported" | "key-out-of-range") => true,
            (Some(true), "unsupported") => unsupported(seen["signature"]["reason"].as_str().unwrap_or_default()),
            // Neither tool could tell; a verdict of ours needs an explanation.
            (None, _) => explained("status", &status, "null"),
            _ => false,
        };
        if !fits {
            differences.push(format!(
                "{file}: signature {status} ({}), truth {}",
                seen["signature"]["reason"], row["signature_valid"]
            ));
        }
    }
    eprintln!("{compared} requests compared; {counted:?}");
    assert!(compared > 250, "only {compared} requests were compared");
    assert!(differences.is_empty(), "{} differences\n{}", differences.len(), differences.join("\n"));
}

/// Good signatures that are not verified: MD4 is computed by nothing that is worth its weight.
fn unsupported(reason: &str) -> bool {
    reason.contains("md4")
}

/// Differences in favour of the standard.
fn explained(what: &str, ours: &str, theirs: &str) -> bool {
    match what {
        // `[2] ""`: pyca leaves the empty name out of its list.
        "sans" => ours.split(' ').filter(|name| !name.ends_with(':')).collect::<Vec<_>>().join(" ") == theirs,
        _ => false,
    }
}

#[test]
fn near_misses_are_silent() {
    let Some(root) = corpus() else { return };
    for profile in ["recommended", "pedantic"] {
        let report = lint(&root.join("nearmiss"), profile);
        assert_eq!(report.summary.requests, 0);
        let told: Vec<String> =
            report.findings.iter().map(|finding| format!("{}: {}", finding.path, finding.message)).collect();
        assert!(told.is_empty() && report.errors.is_empty(), "{told:?} {:?}", report.errors);
    }
}

#[test]
fn requests_in_other_files_are_found() {
    let Some(root) = corpus() else { return };
    for entry in ["templates/embedded-csr", "templates/k8s-csr"] {
        for file in std::fs::read_dir(root.join(entry)).expect("a folder") {
            let name = file.expect("a file").file_name();
            let path = format!("{entry}/{}", name.to_string_lossy());
            let facts = read_file(&root, &path);
            let found = facts.requests().count();
            // The documentation of an API endpoint: it shows a request in one of its two files.
            let wanted = usize::from(!path.ends_with("endpoint_sign.txt") || found > 0);
            assert!(found >= wanted, "{path}: {found} requests");
        }
    }
}

#[test]
fn the_whole_corpus_is_linted_without_failures() {
    let Some(root) = corpus() else { return };
    let report = lint(&root, "pedantic");
    assert!(report.errors.is_empty(), "{:?}", report.errors);
    assert!(report.summary.requests >= 309);
    let mut fingerprints: Vec<&str> = report.findings.iter().map(|finding| finding.fingerprint.as_str()).collect();
    let count = fingerprints.len();
    fingerprints.sort_unstable();
    fingerprints.dedup();
    assert_eq!(fingerprints.len(), count);
}

#[test]
fn templates_are_recognised() {
    /// Formats that are not read: other tools' own.
    const OTHERS: [&str; 4] = ["certtool", "easyrsa-vars", "puppet-csr-attributes", "vcert-playbook"];
    /// Files that hold no template, and why.
    const NONE: [(&str, &str); 6] = [
        ("apache__pulsar-helm-chart__templates-all-values.yaml", "values of a chart that is not here"),
        ("cert-manager__website__pomerium-values.yaml", "values of a chart that is not here"),
        ("cert-manager__website__ingress.yaml", "the annotation that names an issuer is commented out"),
        ("cloudflare__cfssl__bad_csr.json", "no JSON"),
        ("bridgecrewio__checkov__ACMWildcardDomainName.yaml", "a rule of another linter"),
        ("bridgecrewio__checkov__expected.yaml", "what another linter should find"),
    ];
    let Some(root) = corpus() else { return };
    let (mut read, mut silent) = (0, Vec::new());
    for folder in std::fs::read_dir(root.join("templates")).expect("a folder").map_while(Result::ok) {
        let folder = folder.file_name().to_string_lossy().into_owned();
        if OTHERS.contains(&folder.as_str()) {
            continue;
        }
        for file in std::fs::read_dir(root.join("templates").join(&folder)).expect("a folder").map_while(Result::ok) {
            let name = file.file_name().to_string_lossy().into_owned();
            match read_file(&root, &format!("templates/{folder}/{name}")).requests().next() {
                Some(_) => read += 1,
                None => silent.push(name),
            }
        }
    }
    silent.sort();
    let mut expected: Vec<&str> = NONE.iter().map(|(name, _)| *name).collect();
    expected.sort_unstable();
    assert_eq!(silent, expected, "{read} files were read");
}
