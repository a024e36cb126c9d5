//! Ways around the gate that somebody tried: each is closed, and stays so.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use forge::csr::Csr;
use forge::keys;
use run::{Ran, Sandbox, findings};
use samples::{GOOD, WEAK};

const TEMPLATE: &str = "[req]\ndistinguished_name=dn\nprompt=no\n.include bits.cnf\n[dn]\nCN=a.example.com\n";

fn base(files: &[(&str, &str)]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.git_init().file("README", "x");
    for (path, text) in files {
        sandbox.file(path, text);
    }
    commit(&sandbox);
    sandbox
}

fn commit(sandbox: &Sandbox) {
    // Whatever .gitignore says.
    sandbox.git(&["add", "--all", "--force"]).git(&["commit", "--quiet", "--allow-empty", "--message", "a commit"]);
}

fn gate(sandbox: &Sandbox) -> Ran {
    sandbox.check(&["--policy-rev", "main"])
}

/// What the change is told to have done to the gate: paths.
fn listed(ran: &Ran) -> Vec<String> {
    let all = findings(&ran.json());
    let of_gate = all.iter().filter(|finding| finding["rule"] == "config/gate-changed");
    of_gate.map(|finding| finding["path"].as_str().unwrap_or_default().to_owned()).collect()
}

#[cfg(unix)]
fn link(sandbox: &Sandbox, target: &str, name: &str) {
    std::os::unix::fs::symlink(target, sandbox.at(name)).expect("a link");
}

/// git and other readers of .gitignore do not agree on these.
#[cfg(unix)]
#[test]
fn no_gitignore_hides_a_tracked_file() {
    for text in ["*.csr\n", "{weak,x}.csr\n", "*.csr\t\n", "weak.csr\r\r\n", "*\n", "**/weak.csr\n"] {
        for as_link in [false, true] {
            let sandbox = base(&[]);
            sandbox.git(&["checkout", "--quiet", "-b", "change"]).file("weak.csr", &*WEAK);
            if as_link {
                sandbox.file("rules.txt", text);
                link(&sandbox, "rules.txt", ".gitignore");
            } else {
                sandbox.file(".gitignore", text);
            }
            commit(&sandbox);
            let ran = gate(&sandbox);
            assert!(ran.rules().contains(&"key/rsa-too-small".to_owned()), "{text:?}: {}", ran.brief());
            assert!(listed(&ran).contains(&".gitignore".to_owned()), "{text:?}: {}", ran.brief());
            assert_eq!(sandbox.check(&["--since", "main"]).code, 1, "{text:?}");
        }
    }
    // What git does not track is still hidden.
    let sandbox = base(&[(".gitignore", "*.csr\n")]);
    sandbox.file("untracked.csr", &*WEAK).check(&[]).exits(0);
}

#[test]
fn a_submodule_cannot_be_hidden_and_one_that_is_not_there_is_told() {
    let upstream = base(&[("lib.csr", &WEAK), (".gitignore", "*.csr\n")]);
    let sandbox = base(&[(".gitignore", "lib\n")]);
    let url = upstream.path().display().to_string();
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--force", &url, "lib"]);
    commit(&sandbox);
    assert!(sandbox.check(&[]).rules().contains(&"key/rsa-too-small".to_owned()));
    std::fs::remove_dir_all(sandbox.at("lib")).expect("a submodule");
    sandbox.directory("lib");
    sandbox.check(&[]).complains("nothing of the submodule lib was looked at");
}

#[cfg(unix)]
#[test]
fn a_dependency_that_goes_or_is_a_link_touches_the_template() {
    let bits = |number: u32| format!("[req]\ndefault_bits = {number}\n");
    let strict = "version: 1\nrules: { key/rsa-too-small: { with: { min: 3072 } } }\n";
    let gone = base(&[("csrlint.yaml", strict), ("a/req.cnf", TEMPLATE), ("a/bits.cnf", &bits(3072))]);
    gone.check(&["--since", "main"]).exits(0);
    std::fs::remove_file(gone.at("a/bits.cnf")).expect("a file");
    gone.check(&["--since", "main", "--select", "key"]).exits(1);
    for folder in [false, true] {
        let template = if folder { TEMPLATE.replace("bits.cnf", "lib/bits.cnf") } else { TEMPLATE.to_owned() };
        let sandbox = Sandbox::new();
        sandbox.git_init().file("csrlint.yaml", strict).file("a/req.cnf", template).file("real/bits.cnf", bits(3072));
        if folder {
            link(&sandbox, "../real", "a/lib")
        } else {
            link(&sandbox, "../real/bits.cnf", "a/bits.cnf")
        }
        commit(&sandbox);
        sandbox.check(&[]).exits(0);
        // The index sees through links as the disk does.
        sandbox.check(&["--staged"]).exits(0);
        assert_eq!(sandbox.run(&["diff"]).code, 0);
        sandbox.file("real/bits.cnf", bits(1024));
        sandbox.check(&["--since", "main"]).exits(1);
    }
}

#[test]
fn an_ignore_of_before_sets_aside_what_it_did_before_and_nothing_else() {
    let policy = "version: 1\ninline-ignores: { requests: true }\n";
    let template = |bits: u32, name: &str| {
        format!(
            "# csrlint: ignore-file[key/rsa-too-small] -- old\n[req]\ndistinguished_name=dn\nprompt=no\ndefault_bits={bits}\n[dn]\nCN={name}\n"
        )
    };
    let sandbox = base(&[("csrlint.yaml", policy), ("legacy.cnf", &template(1024, "old.example.com"))]);
    gate(&sandbox).exits(0);
    // Even smaller.
    sandbox.file("legacy.cnf", template(512, "old.example.com"));
    gate(&sandbox).exits(1);
    // A file that is like the one that is gone.
    std::fs::remove_file(sandbox.at("legacy.cnf")).expect("a file");
    sandbox.file("pay/prod.cnf", template(1024, "pay.example.com"));
    commit(&sandbox);
    sandbox.check(&["--policy-rev", "HEAD~1"]).exits(1);
    // A comment behind a value is for that line.
    let two = |second: u32| {
        format!(
            "kind: Certificate\napiVersion: cert-manager.io/v1\nmetadata: {{ name: a }}\nspec:\n  secretName: a\n  dnsNames: [a.example.com]\n  issuerRef: {{ name: x }}\n  privateKey:\n    rotationPolicy: Always\n    size: 1024 # csrlint: ignore[key/rsa-too-small] -- old\n---\nkind: Certificate\napiVersion: cert-manager.io/v1\nmetadata: {{ name: b }}\nspec:\n  secretName: b\n  dnsNames: [b.example.com]\n  issuerRef: {{ name: x }}\n  privateKey:\n    rotationPolicy: Always\n    size: {second}\n"
        )
    };
    let sandbox = base(&[("certs.yaml", &two(3072))]);
    sandbox.check(&["--select", "key/rsa-too-small"]).exits(0);
    sandbox.file("certs.yaml", two(1024)).check(&["--select", "key/rsa-too-small"]).exits(1);
}

#[test]
fn a_template_behind_megabytes_of_nothing_is_a_failure() {
    let padding = "# nothing\n".repeat(1_200_000);
    for (name, text) in [
        ("a.cnf", format!("{padding}[req]\ndistinguished_name=dn\ndefault_bits=1024\n[dn]\nCN=a\n")),
        ("a.tf", format!("resource \"tls_private_key\" \"a\" {{\n  rsa_bits = 1024\n}}\n{padding}")),
        ("a.yaml", format!("{padding}apiVersion: cert-manager.io/v1\nkind: Certificate\n")),
    ] {
        Sandbox::with(name, text).check(&[]).exits(3);
    }
    Sandbox::with("notes.txt", &padding).check(&[]).exits(0);
}

#[test]
fn lists_of_the_command_line_come_from_the_revision() {
    let request = Csr::new(keys::rsa(3072, 65537)).pem();
    let sandbox = Sandbox::with("web.csr", &request);
    let spki = sandbox.run(&["inspect", "--format", "json", "web.csr"]).json()[0]["spki_sha256"]
        .as_str()
        .expect("one")
        .to_owned();
    sandbox.git_init().file("lists/bad.txt", format!("{spki} 2026-01-01 stolen\n"));
    commit(&sandbox);
    sandbox.file("lists/bad.txt", "");
    sandbox.check(&["--blocklist", "lists/bad.txt"]).exits(0);
    sandbox.check(&["--policy-rev", "HEAD", "--blocklist", "lists/bad.txt"]).exits(1);
}

/// p1 and p2 were merged by both sides; one side dropped the weak request that the other keeps.
#[test]
fn where_histories_met_before_what_changed_since_any_meeting_is_of_the_change() {
    let sandbox = base(&[("web.csr", &GOOD)]);
    sandbox.git(&["checkout", "--quiet", "-b", "p1"]).file("weak.csr", &*WEAK);
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "-b", "p2"]).git(&["rm", "--quiet", "weak.csr"]);
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "-b", "q1", "p1"]).file("one", "1");
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "-b", "q2", "p2"]).file("two", "2");
    commit(&sandbox);
    sandbox.git(&["checkout", "--quiet", "-B", "main", "q1"]);
    sandbox.git(&["merge", "--quiet", "--no-edit", "--no-ff", "q2"]);
    sandbox.git(&["checkout", "--quiet", "-b", "change", "q2"]);
    sandbox.git(&["merge", "--quiet", "--no-commit", "--no-ff", "q1"]);
    sandbox.file("weak.csr", &*WEAK);
    commit(&sandbox);
    let ran = sandbox.check(&["--since", "main"]);
    assert_eq!(ran.code, 1, "{}", ran.brief());
}

#[test]
fn nothing_of_the_repositorys_stands_below_a_lock() {
    let organisation = "version: 1\nlocked: [key/rsa-too-small]\n";
    for loose in [
        "exclude: [\"web.csr\"]",
        "waivers: [{ rule: key, reason: x, expires: 2030-01-01 }]",
        "rules: { key/rsa-too-small: { severity: \"off\" } }",
    ] {
        let sandbox = Sandbox::with("policy/org.yaml", organisation);
        sandbox.git_init().file("loose.yaml", format!("version: 1\n{loose}\n")).file("web.csr", &*WEAK);
        sandbox.file("csrlint.yaml", "version: 1\nextends: [loose.yaml, policy/org.yaml]\n");
        sandbox.check(&[]).exits(2).complains("policy/org.yaml:2:1").complains("loose.yaml stands below");
        let ran = sandbox.file("csrlint.yaml", "version: 1\nextends: [policy/org.yaml, loose.yaml]\n").check(&[]);
        assert_ne!(ran.code, 0, "{loose}: {}", ran.brief());
    }
    // What the locking layer extends itself is its own.
    let sandbox = Sandbox::with("policy/org.yaml", "version: 1\nextends: [base.yaml]\nlocked: [key/rsa-too-small]\n");
    sandbox.git_init().file("policy/base.yaml", "version: 1\nrules: { key/rsa-too-small: { with: { min: 3072 } } }\n");
    sandbox.file("csrlint.yaml", "version: 1\nextends: [policy/base.yaml, policy/org.yaml]\n").check(&[]).exits(0);
    // A pin counts also for a layer that was read before.
    let pinned =
        format!("version: 1\nextends: [policy/org.yaml, {{ file: policy/org.yaml, sha256: {} }}]\n", "0".repeat(64));
    sandbox.file("csrlint.yaml", pinned).check(&[]).exits(2).complains("not the file that was pinned");
}

#[test]
fn what_is_not_written_is_held_against_its_default() {
    // What a rule of the check does not list is denied.
    let rule = "id: acme/keys\ncheck: key-policy\nwith: { ec: {} }\nseverity: error\ntitle: Key\nwhat: No.\nwhy: No.\nfix: Another.\n";
    let keys = "custom-rules: [keys.yaml]\nlocked: [acme]\n";
    for (organisation, own) in [
        (keys, "rules: { acme/keys: { with: { rsa: {} } } }\n"),
        (keys, "rules: { acme/keys: { with: { other: allow } } }\n"),
        (
            "profiles: [codesigning]\nlocked: [extension]\n",
            "rules: { extension/key-usage-incomplete: { with: { require-any: [] } } }\n",
        ),
    ] {
        let sandbox = Sandbox::with("org.yaml", format!("version: 1\n{organisation}"));
        sandbox.git_init().file("keys.yaml", rule);
        sandbox.file("csrlint.yaml", "version: 1\nextends: [org.yaml]\n").check(&[]).exits(0);
        sandbox.file("csrlint.yaml", format!("version: 1\nextends: [org.yaml]\n{own}"));
        sandbox.check(&[]).exits(2).complains("demands less");
    }
}

#[cfg(unix)]
#[test]
fn a_policy_shows_nothing_of_files_outside() {
    let outside = Sandbox::with("secret.env", "AWS_SECRET=hunter2\n");
    let secret = outside.at("secret.env").display().to_string();
    let told = |sandbox: &Sandbox| {
        let ran = sandbox.check(&[]);
        ran.exits(2);
        assert!(!ran.stderr.contains("hunter2") && !ran.text().contains("hunter2"), "{}", ran.stderr);
        assert!(ran.stderr.contains("leads out of the repository"), "{}", ran.stderr);
    };
    let sandbox = base(&[]);
    link(&sandbox, &secret, "csrlint.yaml");
    told(&sandbox);
    let up = format!("../{}/secret.env", outside.path().file_name().expect("a name").to_string_lossy());
    let sandbox = base(&[("csrlint.yaml", &format!("version: 1\ncustom-rules: [\"{up}\"]\n"))]);
    told(&sandbox);
    let sandbox = base(&[("csrlint.yaml", "version: 1\ncustom-rules: [\"r/*.yaml\"]\n")]);
    sandbox.directory("r");
    link(&sandbox, &secret, "r/a.yaml");
    told(&sandbox);
    // Nor is anything written there.
    let sandbox = base(&[("csrlint.yaml", &format!("version: 1\nbaseline: {up}\n"))]);
    sandbox.run(&["baseline", "write", "--force"]).exits(2);
    let sandbox = base(&[("csrlint.yaml", "version: 1\nbaseline: notes.txt\n"), ("notes.txt", "mine\n")]);
    sandbox.run(&["baseline", "write", "--force"]).exits(2).complains("this is no baseline, and is left alone");
    assert_eq!(sandbox.read("notes.txt"), "mine\n");
}

#[cfg(unix)]
#[test]
fn whatever_the_gate_is_made_of_is_listed() {
    // A policy that is a link, and what it leads to.
    let sandbox = base(&[("real.yaml", "version: 1\n")]);
    link(&sandbox, "real.yaml", "csrlint.yaml");
    commit(&sandbox);
    sandbox.file("real.yaml", "version: 1\nexclude: [\"**\"]\n");
    assert_eq!(listed(&sandbox.check(&["--policy-rev", "HEAD"])), ["real.yaml"]);
    for (path, before, after) in [
        ("Taskfile.yaml", "csrlint", "x"),
        (".husky/pre-commit", "csrlint check", ""),
        ("scripts/lint.sh", "csrlint check", "true"),
        ("sub/.github/workflows/a.yml", "csrlint", ""),
        (".gitmodules", "", "x"),
        ("sub/CSRLINT.yaml", "", "version: 1\n"),
    ] {
        let sandbox = base(&[(path, before)]);
        sandbox.file(path, after);
        assert_eq!(listed(&gate(&sandbox)), [path], "{path}");
    }
    // make takes the first of its names.
    let sandbox = base(&[("Makefile", "lint:\n\tcsrlint check\n")]);
    sandbox.file("makefile", "lint:\n\ttrue\n");
    assert_eq!(listed(&gate(&sandbox)), ["makefile"]);
    // What speaks of csrlint in passing is not.
    let sandbox = base(&[("README.md", "csrlint"), ("a.py", "x = 1\n")]);
    sandbox.file("README.md", "csrlint!").file("a.cnf", "# csrlint: ignore[key] -- x\n").file("a.py", "x = 2\n");
    assert_eq!(listed(&gate(&sandbox)), [] as [&str; 0]);
}

#[test]
fn a_key_that_another_request_had_is_told() {
    let named = |key, name: &str| {
        Csr::new(key)
            .subject(forge::der::name(&[("CN", name)]))
            .san_extension(forge::der::san(&[forge::der::dns(name)]))
            .pem()
    };
    let (one, two) = (keys::fresh_ec("P-256", 21), keys::fresh_ec("P-256", 22));
    let sandbox = base(&[("a.csr", &named(one, "a.example.com")), ("b.csr", &named(two, "b.example.com"))]);
    sandbox.file("a.csr", named(two, "a.example.com")).file("b.csr", named(one, "b.example.com"));
    sandbox.file("c.csr", named(one, "c.example.com"));
    let ran = sandbox.run(&["diff"]);
    assert_eq!(ran.text().matches("THE KEY OF ANOTHER REQUEST").count(), 3, "{}", ran.text());
    ran.says("THE KEY OF ANOTHER REQUEST: a.csr:1 request 1");
    let json = sandbox.run(&["diff", "--format", "json"]).json();
    assert_eq!(json["requests"][0]["key_of"]["path"], "b.csr");
}

#[test]
fn a_flag_that_is_wrong_is_no_error_of_the_policy() {
    let sandbox = base(&[("csrlint.yaml", "version: 1\n")]);
    let ran = sandbox.check(&["--select", "nope"]);
    ran.exits(2).complains("error: there is no rule or family \"nope\"");
    assert!(!ran.stderr.contains("csrlint.yaml"), "{}", ran.stderr);
}

// --- values that come from other files

/// The same key, with a value that stands in another file: what is set aside, and what that file says before and after.
struct Elsewhere {
    name: &'static str,
    rule: &'static str,
    /// The file with the template; `IGNORE` is where a comment goes.
    template: (&'static str, &'static str),
    /// Other files of both states.
    around: &'static [(&'static str, &'static str)],
    /// The file that the change edits, adds, or, without a text, removes.
    changed: (&'static str, Option<&'static str>, Option<&'static str>),
}

const TERRAFORM: &str = "# IGNORE\nresource \"tls_private_key\" \"a\" {\n  algorithm = \"RSA\"\n  rsa_bits  = BITS\n}\nresource \"tls_cert_request\" \"a\" {\n  private_key_pem = tls_private_key.a.private_key_pem\n  subject {\n    common_name = \"a.example.com\"\n  }\n  dns_names = [\"a.example.com\"]\n}\n";
const OPENSSL: &str =
    "# IGNORE\n[req]\ndistinguished_name=dn\nprompt=no\n.include lib/bits.cnf\n[dn]\nCN=a.example.com\n";
const CERT_MANAGER: &str = "# IGNORE\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec:\n  secretName: a\n  dnsNames: [a.example.com]\n  issuerRef: { name: x }\n";
const HELM: &str = "# IGNORE\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: { name: a }\nspec:\n  secretName: a\n  dnsNames: [a.example.com]\n  issuerRef: { name: x }\n  privateKey: { rotationPolicy: Always, size: {{ .Values.bits }} }\n";
const ANSIBLE: &str = "# IGNORE\n- community.crypto.openssl_privatekey: { path: a.key, size: \"{{ bits }}\" }\n- community.crypto.openssl_csr: { path: a.csr, privatekey_path: a.key, common_name: a.example.com, subject_alt_name: \"DNS:a.example.com\" }\n";
const LOCK: &str = "dependencies:\n- name: cert-manager\n  version: v1.18.2\n";
const OLD_LOCK: &str = "dependencies:\n- name: cert-manager\n  version: v1.17.2\n";
const CHART: &str = "apiVersion: v2\nname: a\nversion: 1.0.0\n";

fn elsewhere() -> Vec<Elsewhere> {
    let small = "key/rsa-too-small";
    let case = |name, template, around, changed| Elsewhere { name, rule: small, template, around, changed };
    let kept = |name, around, changed| Elsewhere {
        name,
        rule: "renewal/key-kept",
        template: ("charts/a/crds/cert.yaml", CERT_MANAGER),
        around,
        changed,
    };
    vec![
        case(
            "a default of a variable",
            ("a/main.tf", "var.bits"),
            &[],
            (
                "a/variables.tf",
                Some("variable \"bits\" {\n  default = 2047\n}\n"),
                Some("variable \"bits\" {\n  default = 512\n}\n"),
            ),
        ),
        case(
            "a local",
            ("a/main.tf", "local.bits"),
            &[],
            ("a/locals.tf", Some("locals {\n  bits = 2047\n}\n"), Some("locals {\n  bits = 512\n}\n")),
        ),
        case(
            "a local of a variable",
            ("a/main.tf", "local.bits"),
            &[("a/locals.tf", "locals {\n  bits = var.bits\n}\n")],
            (
                "a/variables.tf",
                Some("variable \"bits\" {\n  default = 2047\n}\n"),
                Some("variable \"bits\" {\n  default = 512\n}\n"),
            ),
        ),
        case(
            "a local in JSON",
            ("a/main.tf", "local.bits"),
            &[],
            (
                "a/locals.tf.json",
                Some("{ \"locals\": { \"bits\": 2047 } }\n"),
                Some("{ \"locals\": { \"bits\": 512 } }\n"),
            ),
        ),
        case(
            "an included file",
            ("a/req.cnf", OPENSSL),
            &[],
            ("a/lib/bits.cnf", Some("[req]\ndefault_bits=2047\n"), Some("[req]\ndefault_bits=512\n")),
        ),
        case(
            "a file of an included folder",
            ("a/req.cnf", "lib"),
            &[],
            ("a/lib/z.conf", Some("[req]\ndefault_bits=2047\n"), Some("[req]\ndefault_bits=512\n")),
        ),
        case(
            "a file that is added to an included folder",
            ("a/req.cnf", "lib"),
            &[("a/lib/a.conf", "[req]\ndefault_bits=2047\n")],
            ("a/lib/z.conf", None, Some("[req]\ndefault_bits=512\n")),
        ),
        case(
            "a file that goes before another one of its name",
            ("a/req.cnf", OPENSSL),
            &[("lib/bits.cnf", "[req]\ndefault_bits=2047\n")],
            ("a/lib/bits.cnf", None, Some("[req]\ndefault_bits=512\n")),
        ),
        case(
            "an included file that is gone",
            ("a/req.cnf", OPENSSL),
            &[("lib/bits.cnf", "[req]\ndefault_bits=512\n")],
            ("a/lib/bits.cnf", Some("[req]\ndefault_bits=2047\n"), None),
        ),
        case(
            "a file that an included one includes",
            ("a/req.cnf", OPENSSL),
            &[("a/lib/bits.cnf", ".include more.cnf\n")],
            ("a/lib/more.cnf", Some("[req]\ndefault_bits=2047\n"), Some("[req]\ndefault_bits=512\n")),
        ),
        case(
            "values of a chart",
            ("a/templates/cert.yaml", HELM),
            &[("a/Chart.yaml", CHART)],
            ("a/values.yaml", Some("bits: 2047\n"), Some("bits: 512\n")),
        ),
        case(
            "defaults of a role",
            ("roles/a/tasks/main.yml", ANSIBLE),
            &[],
            ("roles/a/defaults/main.yml", Some("bits: 2047\n"), Some("bits: 512\n")),
        ),
        case(
            "variables of a role",
            ("roles/a/tasks/main.yml", ANSIBLE),
            &[("roles/a/defaults/main.yml", "bits: 3072\n")],
            ("roles/a/vars/main.yml", Some("bits: 2047\n"), Some("bits: 512\n")),
        ),
        case(
            "variables that go before defaults",
            ("roles/a/tasks/main.yml", ANSIBLE),
            &[("roles/a/defaults/main.yml", "bits: 2047\n")],
            ("roles/a/vars/main.yaml", None, Some("bits: 512\n")),
        ),
        kept(
            "the version a chart is locked to",
            &[("charts/a/Chart.yaml", CHART)],
            ("charts/a/Chart.lock", Some(LOCK), Some(OLD_LOCK)),
        ),
        kept("the version a chart depends on", &[], ("charts/a/Chart.yaml", Some(LOCK), Some(OLD_LOCK))),
        kept(
            "a lock file that is added",
            &[("charts/a/Chart.yaml", LOCK)],
            ("charts/a/Chart.lock", None, Some(OLD_LOCK)),
        ),
    ]
}

impl Elsewhere {
    /// The state before, with this in place of the comment.
    fn before(&self, comment: &str, policy: &str) -> Sandbox {
        let (path, text) = self.template;
        let text = match text {
            "lib" => OPENSSL.replace("lib/bits.cnf", "lib"),
            reference if !reference.contains("IGNORE") => TERRAFORM.replace("BITS", reference),
            text => text.to_owned(),
        };
        let sandbox = base(&[("csrlint.yaml", policy), (path, &text.replace("IGNORE", comment))]);
        for (path, text) in self.around {
            sandbox.file(path, text);
        }
        if let Some(text) = self.changed.1 {
            sandbox.file(self.changed.0, text);
        }
        commit(&sandbox);
        sandbox
    }

    fn change(&self, sandbox: &Sandbox) {
        let (path, _, after) = self.changed;
        match after {
            Some(text) => {
                sandbox.file(path, text);
            }
            None => std::fs::remove_file(sandbox.at(path)).expect("a file"),
        }
        commit(sandbox);
    }

    /// Whether the rule has findings that count, under the policy of before.
    fn counts(&self, sandbox: &Sandbox) -> bool {
        let ran = sandbox.check(&["--policy-rev", "main"]);
        let open = |finding: &serde_json::Value| finding["rule"] == self.rule && finding["waived"].is_null();
        findings(&ran.json()).iter().any(open)
    }
}

/// What an ignore and the baseline set aside is a value, wherever it is written: neither knows anything of another one.
#[test]
fn what_is_set_aside_is_a_value_wherever_it_stands() {
    for case in elsewhere() {
        let ignore = format!("csrlint: ignore-file[{}] -- old", case.rule);
        let policy = "version: 1\ninline-ignores: { requests: true }\n";
        let sandbox = case.before(&ignore, policy);
        assert!(!case.counts(&sandbox), "{}: what was there is set aside", case.name);
        sandbox.git(&["checkout", "--quiet", "-b", "change"]);
        // Another file, which says nothing to the template.
        sandbox.file("other.txt", "x");
        commit(&sandbox);
        assert!(!case.counts(&sandbox), "{}: what was there is still set aside", case.name);
        case.change(&sandbox);
        assert!(
            case.counts(&sandbox),
            "{}: an ignore\n{}",
            case.name,
            sandbox.check(&["--policy-rev", "main"]).brief()
        );
        // Without a revision there is nothing to compare with.
        let open = |ran: &Ran| {
            findings(&ran.json()).iter().any(|finding| finding["rule"] == case.rule && finding["waived"].is_null())
        };
        assert!(!open(&sandbox.check(&[])), "{}", case.name);

        let sandbox = case.before("nothing", "version: 1\nbaseline: b.json\n");
        sandbox.run(&["baseline", "write", "--force"]).exits(0);
        commit(&sandbox);
        assert!(!case.counts(&sandbox), "{}: what was there is in the baseline", case.name);
        sandbox.git(&["checkout", "--quiet", "-b", "change"]);
        case.change(&sandbox);
        assert!(case.counts(&sandbox), "{}: the baseline", case.name);
        assert!(open(&sandbox.check(&[])), "{}: the baseline", case.name);
    }
}

#[test]
fn a_file_that_is_moved_as_it_is_takes_its_ignores_along() {
    let policy = "version: 1\ninline-ignores: { requests: true }\n";
    let text = "# csrlint: ignore-file[key/rsa-too-small] -- old\n[req]\ndistinguished_name=dn\nprompt=no\n.include /nowhere.cnf\n.include ../bits.cnf\n[dn]\nCN=a.example.com\n";
    let sandbox = base(&[("csrlint.yaml", policy), ("a/req.cnf", text), ("bits.cnf", "[req]\ndefault_bits=1024\n")]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).directory("b");
    sandbox.git(&["mv", "a/req.cnf", "b/req.cnf"]);
    commit(&sandbox);
    gate(&sandbox).exits(0);
    sandbox.file("bits.cnf", "[req]\ndefault_bits=512\n");
    commit(&sandbox);
    gate(&sandbox).exits(1);
}

#[test]
fn a_waiver_covers_the_value_that_it_names() {
    let config =
        |bits: u32| format!("[req]\ndistinguished_name=dn\nprompt=no\ndefault_bits={bits}\n[dn]\nCN=a.example.com\n");
    let policy = |more: &str| {
        format!(
            "version: 1\nwaivers:\n  - {{ rule: key/rsa-too-small, files: [\"*.cnf\"], reason: old, expires: 2027-01-01{more} }}\n"
        )
    };
    let sandbox = base(&[("csrlint.yaml", &policy("")), ("req.cnf", &config(1024))]);
    // The value to copy.
    let value = findings(&sandbox.check(&["--no-ignores"]).json())[0]["value"].as_str().expect("a value").to_owned();
    sandbox.file("csrlint.yaml", policy(&format!(", value: \"{value}\"")));
    commit(&sandbox);
    sandbox.check(&[]).exits(0);
    sandbox.run(&["waivers"]).says(&format!("value {value}"));
    sandbox.file("req.cnf", config(512)).check(&[]).exits(1);
    // It says nothing of the key or the finding.
    sandbox.file("csrlint.yaml", format!("{}waiver-terms: {{ require: [pin] }}\n", policy(", value: \"1024\"")));
    sandbox.file("req.cnf", config(1024)).check(&[]).exits(1);
    sandbox.file("csrlint.yaml", policy(", value: 1024")).check(&[]).exits(2).complains("csrlint.yaml:3:");
}

/// What a waiver newly covers in silence is listed: rule, waiver, and since when.
#[test]
fn what_a_waiver_that_is_pinned_to_nothing_newly_covers_is_listed() {
    let config =
        |bits: u32| format!("[req]\ndistinguished_name=dn\nprompt=no\n\ndefault_bits={bits}\n[dn]\nCN=a.example.com\n");
    let policy = |more: &str| {
        format!(
            "version: 1\nwaivers:\n  - rule: key/rsa-too-small\n    files: [\"legacy/**\"]\n    reason: old\n    expires: 2027-01-01\n{more}"
        )
    };
    let told = |sandbox: &Sandbox| -> Vec<(String, u64, String, String)> {
        let ran = gate(sandbox);
        ran.exits(0);
        let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        let all = findings(&ran.json()).into_iter().filter(|finding| finding["rule"] == "config/gate-changed");
        all.map(|one| {
            (text(&one["path"]), one["line"].as_u64().unwrap_or(0), text(&one["message"]), text(&one["severity"]))
        })
        .collect()
    };
    let sandbox = base(&[("csrlint.yaml", &policy("")), ("legacy/old.cnf", &config(1024)), ("web.txt", "x")]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]);
    assert_eq!(told(&sandbox), []);
    // The same, elsewhere in the file.
    sandbox.file("legacy/old.cnf", config(1024).replace("\n\n", "\n"));
    assert_eq!(told(&sandbox), []);
    // Less than before; a request that is new; one that moved there.
    sandbox.file("legacy/old.cnf", config(512));
    let all = told(&sandbox);
    let [(path, line, message, severity)] = all.as_slice() else { panic!("{all:?}") };
    assert_eq!((path.as_str(), *line, severity.as_str()), ("legacy/old.cnf", 5, "info"));
    for part in ["csrlint.yaml:3", "key/rsa-too-small", "did not stand at main", "512"] {
        assert!(message.contains(part), "{part}: {message}");
    }
    sandbox.file("legacy/new.cnf", config(1024)).file("legacy/old.cnf", config(1024));
    commit(&sandbox);
    assert_eq!(told(&sandbox).len(), 1);
    // Every format has it.
    for format in [
        "human",
        "concise",
        "json",
        "ndjson",
        "sarif",
        "github",
        "gitlab",
        "junit",
        "checkstyle",
        "rdjson",
        "azure",
        "csv",
        "html",
        "markdown",
    ] {
        let ran = sandbox.run(&["check", "--as-of", "2026-06-01", "--policy-rev", "main", "--format", format]);
        assert!(
            ran.text().contains("csrlint.yaml:3") || ran.text().contains("csrlint.yaml&#58;3"),
            "{format}: {}",
            ran.text()
        );
    }
    // A waiver that says which is listed nowhere.
    let sandbox = base(&[("csrlint.yaml", &policy("    value: \"1024\"\n")), ("legacy/old.cnf", &config(1024))]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).file("legacy/new.cnf", config(1024));
    commit(&sandbox);
    assert_eq!(told(&sandbox), []);
    // What moves below a waiver was not covered by it.
    let sandbox = base(&[("csrlint.yaml", &policy("")), ("web.cnf", &config(1024))]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).directory("legacy").git(&["mv", "web.cnf", "legacy/web.cnf"]);
    commit(&sandbox);
    assert_eq!(told(&sandbox).len(), 1);
    // A value that another file says.
    let include = "[req]\ndistinguished_name=dn\nprompt=no\n.include bits.cnf\n[dn]\nCN=a.example.com\n";
    let sandbox = base(&[
        ("csrlint.yaml", &policy("")),
        ("legacy/req.cnf", include),
        ("legacy/bits.cnf", "[req]\ndefault_bits=1024\n"),
    ]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).file("legacy/bits.cnf", "[req]\ndefault_bits=512\n");
    assert_eq!(told(&sandbox).len(), 1);
}

// --- what git makes of files

const REWRITES: &str = "what git makes of requests";

/// What the change is told to have done to `.gitattributes`: path, severity, message.
fn attributes_told(ran: &Ran) -> Vec<(String, String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let of_gate = findings(&ran.json()).into_iter().filter(|finding| finding["rule"] == "config/gate-changed");
    of_gate.map(|finding| (text(&finding["path"]), text(&finding["severity"]), text(&finding["message"]))).collect()
}

#[test]
fn attributes_that_rewrite_requests_are_an_error() {
    let config = "[req]\ndistinguished_name=dn\nprompt=no\n[dn]\nCN=a.example.com\n";
    let good = &*GOOD;
    for (before, after, part) in [
        // Named as a request, or found to be one.
        (&[][..], &[(".gitattributes", "*.csr working-tree-encoding=UTF-16LE\n")][..], "web.csr"),
        (&[], &[(".gitattributes", "*.cnf filter=odd\n")], "req/web.cnf"),
        (&[], &[("req/.gitattributes", "* ident\n")], "req/web.cnf"),
        // By macros, quoted, in the file that is nearest, in the line that is last.
        (&[], &[(".gitattributes", "[attr]odd text filter=odd\n*.csr odd\n")], "web.csr"),
        (
            &[(".gitattributes", "*.csr odd\n")],
            &[(".gitattributes", "[attr]odd text filter=odd\n*.csr odd\n")],
            "web.csr",
        ),
        (&[], &[(".gitattributes", "\"w\\145b.csr\" filter=odd\n")], "web.csr"),
        (
            &[("req/.gitattributes", "*.cnf -filter\n"), (".gitattributes", "*.cnf filter=odd\n")],
            &[("req/.gitattributes", "")],
            "req/web.cnf",
        ),
        (
            &[(".gitattributes", "*.csr filter=odd\n*.csr -filter\n")],
            &[(".gitattributes", "*.csr -filter\n*.csr filter=odd\n")],
            "web.csr",
        ),
        // No longer.
        (&[(".gitattributes", "*.csr filter=odd\n")], &[(".gitattributes", "# nothing\n")], "web.csr"),
        // More than anybody can tell.
        (&[], &[(".gitattributes", &*"x filter=y\n".repeat(2000))], "too many lines"),
    ] {
        let sandbox = base(&[("web.csr", good), ("req/web.cnf", config), ("notes.txt", "x")]);
        for (path, text) in before {
            sandbox.file(path, text);
        }
        // The test's own git knows no filter, and takes files as they are.
        commit(&sandbox);
        sandbox.git(&["checkout", "--quiet", "-b", "change"]);
        for (path, text) in after {
            sandbox.file(path, text);
        }
        let ran = sandbox.check(&["--policy-rev", "main", "--select", "config"]);
        let told = attributes_told(&ran);
        let found = told.iter().any(|(path, severity, message)| {
            path == after[0].0 && severity == "error" && message.contains(REWRITES) && message.contains(part)
        });
        assert!(found, "{after:?}: {told:?}");
        ran.exits(1);
    }
}

#[test]
fn attributes_that_are_taken_away_or_moved_are_an_error_too() {
    let attributes = "*.csr working-tree-encoding=UTF-16LE\n";
    let sandbox =
        base(&[("a/web.csr", &GOOD), ("b/web.csr", &GOOD), ("a/.gitattributes", "*.csr ident\n"), ("x", attributes)]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).git(&["mv", "a/.gitattributes", "b/.gitattributes"]);
    commit(&sandbox);
    let told = attributes_told(&sandbox.check(&["--policy-rev", "main"]));
    assert!(told.iter().any(|(_, severity, message)| severity == "error" && message.contains("a/web.csr")), "{told:?}");
    assert!(told.iter().any(|(_, _, message)| message.contains("1 more file")), "{told:?}");
    sandbox.git(&["rm", "--quiet", "b/.gitattributes"]);
    commit(&sandbox);
    let told = attributes_told(&sandbox.check(&["--policy-rev", "HEAD~1"]));
    assert!(told.iter().any(|(path, severity, _)| path == "b/.gitattributes" && severity == "error"), "{told:?}");
}

#[test]
fn other_attributes_are_listed_as_before() {
    let sandbox = base(&[("web.csr", &GOOD), ("notes.txt", "x"), (".gitattributes", "*.csr filter=lfs\n")]);
    sandbox.git(&["checkout", "--quiet", "-b", "change"]);
    for text in [
        // For the review page; for what is no request; the same in other words; a rule that comes to nothing.
        "*.csr filter=lfs\n*.csr diff=csr -text linguist-generated\n",
        "*.csr filter=lfs\n*.txt filter=lfs ident\n",
        "[attr]large filter=lfs\n*.csr large\n",
        "*.csr filter=lfs\nother/*.csr ident\n",
        "*.csr filter=lfs\n!*.csr ident\n",
    ] {
        let told = attributes_told(sandbox.file(".gitattributes", text).check(&["--policy-rev", "main"]).exits(0));
        let [(_, severity, message)] = told.as_slice() else { panic!("{told:?}") };
        assert!(severity == "info" && !message.contains(REWRITES), "{text:?}: {told:?}");
    }
}

#[test]
fn only_the_policy_itself_lets_attributes_that_rewrite_requests_pass() {
    for (policy, severity) in [
        ("version: 1\n", Some("error")),
        ("version: 1\nprofiles: []\nfail-on: error\n", Some("error")),
        ("version: 1\nrules: { config/gate-changed: { severity: info } }\n", Some("info")),
        ("version: 1\nrules: { config/gate-changed: { severity: warning } }\n", Some("warning")),
        ("version: 1\nrules: { config/gate-changed: { severity: \"off\" } }\n", None),
        (
            "version: 1\nscopes: [{ files: [\".gitattributes\"], rules: { config/gate-changed: { severity: info } } }]\n",
            Some("info"),
        ),
    ] {
        let sandbox = base(&[("web.csr", &GOOD), ("csrlint.yaml", policy)]);
        sandbox.git(&["checkout", "--quiet", "-b", "change"]);
        // Not the policy of the change.
        sandbox.file("csrlint.yaml", "version: 1\nrules: { config/gate-changed: { severity: \"off\" } }\n");
        let ran = sandbox.file(".gitattributes", "*.csr filter=odd\n").check(&["--policy-rev", "main"]);
        let told = attributes_told(&ran);
        let found = told.iter().find(|(path, ..)| path == ".gitattributes").map(|(_, severity, _)| severity.as_str());
        assert_eq!(found, severity, "{policy}: {told:?}");
        assert_eq!(ran.code == 1, matches!(severity, Some("error" | "warning")), "{policy}");
    }
}

// --- submodules that are not there

/// A repository with a submodule that is not checked out, and the folder its upstream stands in.
fn without_submodule(policy: &str) -> (Sandbox, Sandbox) {
    let upstream = base(&[("lib.csr", &WEAK)]);
    let sandbox = base(&[("csrlint.yaml", policy), ("web.csr", &GOOD)]);
    add_submodule(&sandbox, &upstream, "lib");
    commit(&sandbox);
    empty(&sandbox, "lib");
    (sandbox, upstream)
}

fn add_submodule(sandbox: &Sandbox, upstream: &Sandbox, name: &str) {
    let url = upstream.path().display().to_string();
    sandbox.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", "--force", &url, name]);
}

fn empty(sandbox: &Sandbox, name: &str) {
    std::fs::remove_dir_all(sandbox.at(name)).expect("a submodule");
    sandbox.directory(name);
}

const UNREAD: [&str; 16] = [
    "human",
    "concise",
    "json",
    "ndjson",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "checkstyle",
    "rdjson",
    "azure",
    "csv",
    "html",
    "markdown",
    "evidence",
    "evidence-markdown",
];

#[test]
fn a_submodule_that_is_not_there_is_counted_in_every_format() {
    let (sandbox, _upstream) = without_submodule("version: 1\n");
    for format in UNREAD {
        for quiet in [false, true] {
            let mut arguments = vec!["check", "--as-of", "2026-06-01", "--format", format];
            arguments.extend(quiet.then_some("--quiet"));
            let ran = sandbox.run(&arguments);
            ran.exits(0);
            assert!(ran.text().contains("lib") && ran.text().contains("submodule"), "{format}: {}", ran.text());
        }
    }
    sandbox.run(&["check", "--quiet"]).says("; 1 submodule not read").says("not read: lib: ");
    let json = sandbox.check(&[]).json();
    assert_eq!((&json["summary"]["unread_submodules"], &json["submodules"][0]["path"]), (&1.into(), &"lib".into()));
    let sarif = sandbox.run(&["check", "--format", "sarif"]).json();
    let invocation = &sarif["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], true);
    assert_eq!(invocation["toolExecutionNotifications"][0]["level"], "warning", "{invocation}");
    sandbox.run(&["check", "--format", "markdown"]).says("Submodules that were not read (1)").says("**Passes**");
    // One that is left out is none of the run's business, and one that is there is read.
    sandbox.file("csrlint.yaml", "version: 1\nexclude: [lib]\n");
    assert_eq!(sandbox.check(&[]).exits(0).json()["summary"]["unread_submodules"], 0);
    let (clean, _upstream) = without_submodule("version: 1\n");
    clean.git(&["-c", "protocol.file.allow=always", "submodule", "--quiet", "update", "--init", "--force"]);
    assert_eq!(clean.check(&[]).json()["summary"]["unread_submodules"], 0);
}

#[test]
fn a_policy_may_require_submodules_in_any_layer() {
    let (sandbox, _upstream) = without_submodule("version: 1\nsubmodules: require\n");
    for format in UNREAD {
        let ran = sandbox.run(&["check", "--format", format]);
        ran.exits(3);
        assert!(ran.text().contains("lib"), "{format}: {}", ran.text());
    }
    // Whatever the change is about.
    sandbox.check(&["--since", "HEAD"]).exits(3);
    sandbox.file("csrlint.yaml", "version: 1\nsubmodules: tell\n").check(&[]).exits(0);
    sandbox.file("csrlint.yaml", "version: 1\nsubmodules: maybe\n").check(&[]).exits(2);
    sandbox.file("org.yaml", "version: 1\nsubmodules: require\n");
    sandbox.file("csrlint.yaml", "version: 1\nextends: [org.yaml]\nsubmodules: tell\n").check(&[]).exits(3);
    sandbox.run(&["config"]).says("submodules").says("org.yaml:2");
    // Where there are none, nothing is missing.
    base(&[("csrlint.yaml", "version: 1\nsubmodules: require\n")]).check(&[]).exits(0);
}

#[test]
fn a_submodule_that_the_change_adds_or_moves_has_to_be_there() {
    let (sandbox, upstream) = without_submodule("version: 1\n");
    sandbox.git(&["checkout", "--quiet", "-b", "change"]).file("notes.txt", "x");
    commit(&sandbox);
    let asked = [&["--policy-rev", "main"][..], &["--since", "main"], &["--policy-rev", "main", "--since", "main"]];
    for arguments in asked {
        sandbox.check(arguments).exits(0);
    }
    // Another commit of it.
    upstream.file("more.csr", &*WEAK);
    commit(&upstream);
    let mut command = std::process::Command::new("git");
    let head = command.arg("-C").arg(upstream.path()).args(["rev-parse", "HEAD"]).output().expect("git");
    let head = String::from_utf8_lossy(&head.stdout).into_owned();
    sandbox.git(&["update-index", "--cacheinfo", &format!("160000,{},lib", head.trim())]);
    for arguments in [&["--changed"][..], &["--staged"]] {
        sandbox.check(arguments).exits(3);
    }
    sandbox.git(&["commit", "--quiet", "--message", "another commit"]);
    for arguments in asked {
        let ran = sandbox.check(arguments);
        ran.exits(3);
        assert_eq!(ran.json()["errors"][0]["path"], "lib", "{arguments:?}");
    }
    sandbox.check(&["--changed"]).exits(0);
    // A new one; the other is only told.
    sandbox.git(&["checkout", "--quiet", "-B", "change", "main"]);
    add_submodule(&sandbox, &upstream, "more");
    sandbox.git(&["commit", "--quiet", "--message", "a new one"]);
    empty(&sandbox, "more");
    let ran = sandbox.check(&["--policy-rev", "main"]);
    ran.exits(3);
    let json = ran.json();
    assert_eq!((json["errors"].as_array().map(Vec::len), &json["errors"][0]["path"]), (Some(1), &"more".into()));
    assert_eq!(json["summary"]["unread_submodules"], 2);
}
