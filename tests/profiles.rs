//! Profiles: what tells them apart, their dates, and that several of them at once give one verdict.

#[path = "support/forge/mod.rs"]
mod forge;

use csrlint::catalogue::{Catalogue, Severity};
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::report::Report;
use csrlint::source::{FilePath, MemoryTree};
use forge::recipe;
use serde_json::{Value, json};

fn lint(recipe: &Value, profiles: &[&str], day: &str) -> Report {
    let selection =
        Selection { profiles: profiles.iter().map(|&name| name.to_owned()).collect(), ..Selection::default() };
    let policy = Policy::isolated(Catalogue::shipped(), selection, day.parse().expect("a date")).expect("a policy");
    let tree = MemoryTree::new().with("web.csr", recipe::pem(recipe).into_bytes());
    Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default())
}

/// Open findings from this severity on.
fn told(report: &Report, least: Severity) -> Vec<(String, String)> {
    report
        .open_findings()
        .filter(|finding| finding.severity >= least)
        .map(|finding| (finding.rule.id.clone(), finding.place.clone()))
        .collect()
}

fn errors(recipe: &Value, profile: &str) -> Vec<String> {
    told(&lint(recipe, &[profile], "2026-11-01"), Severity::Warning).into_iter().map(|(rule, _)| rule).collect()
}

const TODAY: &str = "2026-11-01";

#[test]
fn kinds_of_validation_differ_in_their_subjects() {
    let names = ["dns:shop.acme-trading.com"];
    let request = |subject: &[&str]| json!({ "subject": subject, "san": names });
    let dv = request(&["CN=shop.acme-trading.com"]);
    let ov = request(&["C=DE", "ST=Hessen", "L=Frankfurt", "O=Acme Trading GmbH"]);
    let iv = request(&["C=DE", "ST=Hessen", "SN=Noether", "GN=Emmy"]);
    let ev = request(&[
        "C=DE",
        "L=Frankfurt",
        "O=Acme Trading GmbH",
        "businessCategory=Private Organization",
        "jurisdictionCountry=DE",
        "serialNumber=HRB 12345",
    ]);
    for (profile, fits, others) in [
        ("webpki-dv", vec![&dv], vec![&ov, &iv, &ev]),
        ("webpki-ov", vec![&dv, &ov], vec![&ev]),
        ("webpki-iv", vec![&dv, &iv, &ov], vec![&ev]),
        (
            "webpki-ev",
            vec![&dv, &ov, &ev],
            vec![&json!({ "subject": ["C=DE", "O=Acme", "GN=Emmy", "SN=Noether"], "san": names })],
        ),
    ] {
        for request in fits {
            assert_eq!(errors(request, profile), Vec::<String>::new(), "{profile}: {request}");
        }
        for request in others {
            assert_ne!(errors(request, profile), Vec::<String>::new(), "{profile}: {request}");
        }
    }
    let wildcard = json!({ "subject": ["O=Acme", "C=DE", "L=X"], "san": ["dns:*.acme-trading.com"] });
    assert!(errors(&wildcard, "webpki-ev").contains(&"san/wildcard".to_owned()));
    assert!(!errors(&wildcard, "webpki-ov").contains(&"san/wildcard".to_owned()));
}

#[test]
fn smime_types_differ_in_their_subjects_and_usages() {
    let request = |subject: &[&str], purposes: &[&str]| json!({ "subject": subject, "san": ["email:emmy@acme-trading.com"], "extended-key-usage": purposes });
    let mailbox = request(&["CN=emmy@acme-trading.com"], &["emailProtection"]);
    let organization = request(
        &["O=Acme Trading GmbH", "organizationIdentifier=NTRDE-HRB 1", "CN=Acme Trading GmbH"],
        &["emailProtection"],
    );
    let person = request(&["SN=Noether", "GN=Emmy", "CN=Emmy Noether"], &["emailProtection"]);
    for (name, fits, others) in [
        ("mailbox", &mailbox, [&organization, &person]),
        ("organization", &organization, [&person, &request(&["pseudonym=x"], &["emailProtection"])]),
        ("individual", &person, [&organization, &request(&["O=Acme"], &["emailProtection"])]),
    ] {
        for generation in ["strict", "multipurpose"] {
            let profile = format!("smime-{name}-{generation}");
            assert_eq!(errors(fits, &profile), Vec::<String>::new(), "{profile}");
            for other in others {
                assert_ne!(errors(other, &profile), Vec::<String>::new(), "{profile}: {other}");
            }
        }
    }
    // The generations differ in the purposes beside e-mail.
    let client = request(&["CN=emmy@acme-trading.com"], &["emailProtection", "clientAuth"]);
    assert_eq!(errors(&client, "smime-mailbox-strict"), ["extension/extended-key-usage-not-allowed"]);
    assert_eq!(errors(&client, "smime-mailbox-multipurpose"), Vec::<String>::new());
    let both = request(&["SN=Noether", "GN=Emmy", "pseudonym=en"], &["emailProtection"]);
    assert_eq!(errors(&both, "smime-sponsor-strict"), ["subject/name-and-pseudonym"]);
}

#[test]
fn kubernetes_signers_differ_in_names_and_usages() {
    let node = |names: &[&str], purposes: &[&str], subject: &[&str]| json!({ "subject": subject, "san": names, "extended-key-usage": purposes });
    let subject = ["O=system:nodes", "CN=system:node:worker-3"];
    let client = node(&[], &["clientAuth"], &subject);
    let serving = node(&["dns:worker-3", "ip:10.0.0.3"], &["serverAuth"], &subject);
    assert_eq!(errors(&client, "kubernetes/kube-apiserver-client-kubelet"), Vec::<String>::new());
    assert_eq!(errors(&serving, "kubernetes/kubelet-serving"), Vec::<String>::new());
    assert!(errors(&serving, "kubernetes/kube-apiserver-client-kubelet").contains(&"san/type-not-allowed".to_owned()));
    assert!(errors(&client, "kubernetes/kubelet-serving").contains(&"san/missing".to_owned()));
    let masters = node(&[], &["clientAuth"], &["O=system:masters", "CN=admin"]);
    assert_eq!(errors(&masters, "kubernetes/kube-apiserver-client"), ["kubernetes/system-masters"]);
    let stranger = node(&["dns:worker-3"], &["serverAuth"], &["O=system:nodes", "O=other", "CN=system:node:w"]);
    assert!(errors(&stranger, "kubernetes/kubelet-serving").contains(&"kubernetes/node-subject".to_owned()));
}

#[test]
fn clauses_hold_from_their_dates() {
    let reverse = json!({ "subject": [], "san-critical": true, "san": ["dns:1.2.0.192.in-addr.arpa"] });
    let rules = |day: &str| {
        let report = lint(&reverse, &["webpki-dv"], day);
        told(&report, Severity::Error).into_iter().map(|(rule, _)| rule).collect::<Vec<_>>()
    };
    assert!(!rules("2026-03-14").contains(&"san/reverse-zone".to_owned()));
    assert!(rules("2026-03-15").contains(&"san/reverse-zone".to_owned()));
}

#[test]
fn what_two_profiles_demand_is_one_finding_that_names_both() {
    let weak = json!({ "key": "rsa-1024" });
    let report = lint(&weak, &["recommended", "webpki-ov", "apple"], TODAY);
    let sizes: Vec<_> = report.findings.iter().filter(|finding| finding.rule.id == "key/rsa-too-small").collect();
    assert_eq!(sizes.len(), 1);
    for profile in ["recommended", "webpki-ov", "apple"] {
        assert!(sizes[0].profiles.iter().any(|name| name == profile), "{:?}", sizes[0].profiles);
    }
    assert!(sizes[0].clause.is_some());
}

#[test]
fn contradicting_standards_are_told_apart_by_profile() {
    // RFC 5280 recommends a subjectKeyIdentifier, the BRs advise against asking for one.
    let identifier = json!({
        "subject": ["C=DE", "O=Acme", "L=X"], "san": ["dns:shop.acme-trading.com"],
        "extensions": [{ "oid": "subjectKeyIdentifier", "value": ["octets", "00112233445566778899aabbccddeeff00112233"] }]
    });
    let has = |profile: &str| {
        told(&lint(&identifier, &[profile], TODAY), Severity::Info)
            .iter()
            .any(|(rule, _)| rule == "extension/subject-key-identifier-requested")
    };
    assert!(has("webpki-ov") && !has("ietf") && !has("recommended") && !has("pedantic"));
    // 40 characters of postal code are in order (X.520, TLS BR 7.1.4.2), 16 is the limit of an X.400 address.
    let postal = |length: usize| json!({ "subject": ["C=DE", "O=Acme", "L=X", format!("postalCode={}", "1".repeat(length))], "san": ["dns:shop.acme-trading.com"] });
    let long = |length: usize| errors(&postal(length), "webpki-ov").contains(&"subject/value-too-long".to_owned());
    assert!(!long(17) && !long(40) && long(41));
}

#[test]
fn superseded_findings_are_visible_and_do_not_count() {
    let request = json!({ "subject": ["OU=web", "CN=shop.acme-trading.com"], "san": ["dns:shop.acme-trading.com"] });
    let report = lint(&request, &["webpki-dv"], TODAY);
    let of = |rule: &str| report.findings.iter().find(|finding| finding.rule.id == rule).expect("a finding");
    assert_eq!(of("subject/attribute-not-allowed").superseded_by.as_deref(), Some("subject/organizational-unit"));
    assert_eq!(of("subject/organizational-unit").superseded_by, None);
    assert!(!report.open_findings().any(|finding| finding.rule.id == "subject/attribute-not-allowed"));
    assert_eq!(report.summary.superseded, 1);
    let json: Value = serde_json::from_str(&csrlint::report::json::render(&report)).expect("JSON");
    let shown = json["findings"]
        .as_array()
        .expect("an array")
        .iter()
        .find(|finding| finding["rule"] == "subject/attribute-not-allowed");
    assert_eq!(shown.expect("it is shown")["superseded_by"], "subject/organizational-unit");
    for text in [
        csrlint::report::sarif::render(&report, &Default::default()).text,
        csrlint::report::concise::render(&report, false),
    ] {
        assert!(
            !text.contains("ruleId\": \"subject/attribute-not-allowed")
                && !text.contains("[subject/attribute-not-allowed]")
        );
    }
}

/// What is waived, or weaker, silences nothing: else one waiver would do for two rules.
#[test]
fn a_waived_finding_supersedes_nothing() {
    let policy = |extra: &str| {
        let text = format!("version: 1\nprofiles: [webpki-dv]\n{extra}");
        let source = csrlint::policy::PolicySource::of_text(&text);
        Policy::load(&source, Catalogue::shipped(), Selection::default(), TODAY.parse().expect("a date"))
            .unwrap_or_else(|errors| panic!("{:?}", errors.first().map(|error| error.message.clone())))
    };
    let request = json!({ "subject": ["OU=web", "CN=shop.acme-trading.com"], "san": ["dns:shop.acme-trading.com"] });
    let tree = MemoryTree::new().with("web.csr", recipe::pem(&request).into_bytes());
    for extra in [
        "waivers: [{ rule: subject/organizational-unit, files: [web.csr], reason: r, approved-by: a, expires: 2027-01-01 }]\n",
        "rules: { subject/organizational-unit: { severity: info } }\n",
    ] {
        let report =
            Engine::new(policy(extra), Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default());
        assert!(
            report.open_findings().any(|finding| finding.rule.id == "subject/attribute-not-allowed"),
            "{extra}: {:?}",
            told(&report, Severity::Info)
        );
    }
}

/// Rules in a circle do not silence each other: one of them stays.
#[test]
fn rules_that_supersede_each_other_leave_one_finding() {
    let rule = |id: &str, other: &str| {
        format!(
            "id: acme/{id}\ncheck: key-size\nwith: {{ algorithm: rsa, min: 2048 }}\nseverity: error\nsupersedes: [acme/{other}]\n\
             title: Too small\nwhat: The key is too small.\nwhy: It is broken soon enough.\nfix: Make another.\n"
        )
    };
    let files = [("a.yaml", rule("a", "b")), ("b.yaml", rule("b", "a"))];
    let files = files.map(|(path, text)| (path.to_owned(), text.into_bytes()));
    let files = csrlint::policy::MemoryFiles(files.into());
    let text = "version: 1\nprofiles: []\ncustom-rules: [\"*.yaml\"]\n";
    let source = csrlint::policy::PolicySource { files: &files, ..csrlint::policy::PolicySource::of_text(text) };
    let policy = Policy::load(&source, Catalogue::shipped(), Selection::default(), TODAY.parse().expect("a date"))
        .unwrap_or_else(|errors| panic!("{:?}", errors.first().map(|error| error.message.clone())));
    let tree = MemoryTree::new().with("web.csr", recipe::pem(&json!({ "key": "rsa-1024" })).into_bytes());
    let report = Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default());
    assert_eq!(report.findings.len(), 2);
    assert_eq!(report.open_findings().count(), 1);
    assert_eq!(report.exit_code(), 1);
}

/// What could not be read is told by every profile: none of them may call it clean.
#[test]
fn no_profile_calls_clean_what_it_could_not_read() {
    let whole = recipe::csr(&json!({ "key": "rsa-2048" })).der();
    let files: [(&str, Vec<u8>); 4] = [
        ("empty.csr", b"-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n".to_vec()),
        ("unended.csr", b"-----BEGIN CERTIFICATE REQUEST-----\nMIIBozCC\n".to_vec()),
        ("bare.csr", b"MIIB garbage".to_vec()),
        ("cut.csr", whole[..200].to_vec()),
    ];
    let catalogue = Catalogue::shipped();
    for profile in catalogue.profiles() {
        let selection = Selection { profiles: vec![profile.name.clone()], ..Selection::default() };
        let policy =
            Policy::isolated(Catalogue::shipped(), selection, TODAY.parse().expect("a date")).expect("a policy");
        let engine = Engine::new(policy, Keep::default());
        for (name, bytes) in &files {
            let tree = MemoryTree::new().with(name, bytes.clone());
            let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions::default());
            assert_ne!(report.exit_code(), 0, "{name} under {}", profile.name);
        }
    }
}
