//! Canaries stand in every position of a template that holds a secret, under every name that a secret goes by, misspelt and
//! in other spellings, too; and none of them is in any output, patch or log. Names, paths and numbers stay legible.

#![allow(clippy::print_stderr, reason = "says whether the corpus is there, and what was counted")]

#[path = "support/run.rs"]
mod run;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use run::{Ran, Sandbox};

/// Reports, all of which are looked at.
const FORMATS: [&str; 16] = [
    "human",
    "concise",
    "json",
    "ndjson",
    "sarif",
    "markdown",
    "github",
    "gitlab",
    "azure",
    "junit",
    "checkstyle",
    "rdjson",
    "csv",
    "html",
    "evidence",
    "evidence-markdown",
];

/// What a secret is called, in snake case.
const NAMES: [&str; 16] = [
    "output_password",
    "input_password",
    "passphrase",
    "storepass",
    "api_key",
    "secret_access_key",
    "client_secret",
    "hmac_key",
    "eab_hmac_key",
    "auth_token",
    "challenge_password",
    "pin",
    "pwd",
    "otp_secret",
    "credentials",
    "private_key_passphrase",
];

/// A format: its name, the file, and its text with `KEY` and `VALUE` beside something that is mended.
const TEMPLATES: [(&str, &str, &str); 12] = [
    (
        "openssl",
        "openssl.cnf",
        "[req]\nprompt = no\ndistinguished_name = dn\nKEY = VALUE\ndefault_bits = 1024\ndefault_md = sha1\n[dn]\nCN = shop.acme.example\n",
    ),
    (
        "openssl, attributes",
        "openssl.cnf",
        "[attrs]\nKEY = VALUE\n[req]\ndefault_bits = 1024\nattributes = attrs\ndistinguished_name = dn\nprompt = no\n[dn]\nCN = shop.acme.example\n",
    ),
    (
        "openssl, continued",
        "openssl.cnf",
        "[req]\nprompt = no\ndistinguished_name = dn\nKEY = \\\n  VALUE\ndefault_bits = 1024\n[dn]\nCN = shop.acme.example\n",
    ),
    (
        "certreq",
        "web.inf",
        "[Version]\nSignature = \"$Windows NT$\"\n[NewRequest]\nSubject = \"CN=shop.acme.example\"\nKEY = \"VALUE\"\nKeyLength = 1024\nHashAlgorithm = sha1\n",
    ),
    (
        "cfssl, one line",
        "csr.json",
        "{\"CN\": \"shop.acme.example\", \"KEY\": \"VALUE\", \"key\": {\"algo\": \"rsa\", \"size\": 1024}, \"names\": [{\"C\": \"DE\"}]}\n",
    ),
    (
        "cfssl",
        "csr.json",
        "{\n  \"CN\": \"shop.acme.example\",\n  \"KEY\": \"VALUE\",\n  \"key\": {\"algo\": \"rsa\", \"size\": 1024},\n  \"names\": [{\"C\": \"DE\"}]\n}\n",
    ),
    (
        "cert-manager",
        "web.yaml",
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata:\n  name: web\nspec:\n  secretName: web-tls\n  dnsNames: [shop.acme.example]\n  issuerRef: {name: acme}\n  KEY: VALUE\n  privateKey:\n    algorithm: RSA\n    size: 1024\n",
    ),
    (
        "cert-manager, block",
        "web.yaml",
        "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata:\n  name: web\nspec:\n  secretName: web-tls\n  dnsNames: [shop.acme.example]\n  issuerRef: {name: acme}\n  KEY: |-\n    VALUE\n  privateKey: {algorithm: RSA, size: 1024}\n",
    ),
    (
        "terraform",
        "main.tf",
        "resource \"tls_private_key\" \"web\" {\n  algorithm = \"RSA\"\n  KEY = \"VALUE\"\n  rsa_bits  = 1024\n}\nresource \"tls_cert_request\" \"web\" {\n  private_key_pem = tls_private_key.web.private_key_pem\n  dns_names = [\"shop.acme.example\"]\n}\n",
    ),
    (
        "terraform, heredoc",
        "main.tf",
        "resource \"tls_private_key\" \"web\" {\n  algorithm = \"RSA\"\n  KEY = <<-EOT\n    VALUE\n  EOT\n  rsa_bits  = 1024\n}\nresource \"tls_cert_request\" \"web\" {\n  private_key_pem = tls_private_key.web.private_key_pem\n  dns_names = [\"shop.acme.example\"]\n}\n",
    ),
    (
        "ansible",
        "play.yml",
        "- hosts: all\n  tasks:\n    - community.crypto.openssl_privatekey:\n        path: /etc/ssl/web.key\n        KEY: VALUE\n        size: 1024\n    - community.crypto.openssl_csr:\n        path: /etc/ssl/web.csr\n        privatekey_path: /etc/ssl/web.key\n        common_name: shop.acme.example\n",
    ),
    (
        "Key Vault",
        "policy.json",
        "{\n  \"issuerParameters\": {\"name\": \"Self\"},\n  \"KEY\": \"VALUE\",\n  \"keyProperties\": {\"exportable\": true, \"keySize\": 1024, \"keyType\": \"RSA\", \"reuseKey\": true},\n  \"x509CertificateProperties\": {\"subject\": \"CN=shop.acme.example\", \"validityInMonths\": 12}\n}\n",
    ),
];

/// The spellings of a name.
fn spellings(name: &str) -> Vec<(&'static str, String)> {
    let words: Vec<&str> = name.split('_').collect();
    let camel: String = words
        .iter()
        .enumerate()
        .map(
            |(number, word)| {
                if number == 0 { (*word).to_owned() } else { format!("{}{}", word[..1].to_uppercase(), &word[1..]) }
            },
        )
        .collect();
    let mut all = vec![
        ("as it is", name.to_owned()),
        ("upper case", name.to_uppercase()),
        ("camel case", camel),
        ("kebab case", name.replace('_', "-")),
    ];
    // A slip of the pen in the longest word of those that are long enough to tell.
    let longest = words.iter().max_by_key(|word| word.len()).expect("a word");
    if longest.len() >= 6 {
        let (head, tail) = longest.split_at(longest.len() - 2);
        let swapped: String = head.chars().chain(tail.chars().rev()).collect();
        all.push(("transposed", name.replace(longest, &swapped)));
        let left_out: String = longest.chars().enumerate().filter(|(at, _)| *at != 3).map(|(_, c)| c).collect();
        all.push(("a letter left out", name.replace(longest, &left_out)));
    }
    all
}

/// A secret that no other file has.
fn canary(number: usize) -> String {
    format!("Kx{number:04}q9zXw2LmP4")
}

/// Files with a secret each, by what they are about.
#[derive(Default)]
struct Pile {
    sandbox: Sandbox,
    /// File → what it is about, and the secrets in it.
    planted: BTreeMap<String, (String, Vec<String>)>,
}

impl Pile {
    fn add(&mut self, about: &str, file: &str, text: impl AsRef<[u8]>, secrets: Vec<String>) {
        let path = format!("f{:04}/{file}", self.planted.len());
        self.sandbox.file(&path, text);
        self.planted.insert(path, (about.to_owned(), secrets));
    }

    fn plant(&mut self, about: &str, file: &str, template: &str, key: &str) {
        let secret = canary(self.planted.len());
        self.add(about, file, template.replace("KEY", key).replace("VALUE", &secret), vec![secret]);
    }

    /// Everything csrlint prints or writes about these files.
    fn outputs(&self) -> Vec<(String, String)> {
        let sandbox = &self.sandbox;
        sandbox.git_init().git(&["add", "-A"]).git(&["commit", "--quiet", "-m", "one"]);
        for path in self.planted.keys() {
            let text = std::fs::read(sandbox.at(path)).expect("a file");
            if let Ok(text) = String::from_utf8(text) {
                sandbox.file(path, text.replace("shop.acme.example", "web.acme.example"));
            }
        }
        let words = |line: &str| line.split(' ').map(str::to_owned).collect::<Vec<_>>();
        let mut runs: Vec<Vec<String>> = FORMATS
            .iter()
            .map(|format| {
                words(&format!(
                    "check --as-of 2026-06-01 --profile pedantic -v --show-suppressed --statistics --format {format}"
                ))
            })
            .collect();
        let files = || self.planted.keys().cloned();
        for format in ["--format human", "--format json", "--textconv"] {
            runs.push(words(&format!("inspect {format}")).into_iter().chain(files()).collect());
        }
        for line in [
            "check --as-of 2026-06-01 --diff",
            "check --as-of 2026-06-01 --diff --unsafe-fixes",
            "check --as-of 2026-06-01 --fix --diff",
            "waivers",
            "waivers --format json",
            "waivers --format markdown",
            "config",
            "config --format json",
            "diff",
            "diff --format json",
            "diff --format markdown",
            "forecast",
            "baseline write --force",
            "baseline show",
        ] {
            runs.push(words(line));
        }
        runs.push(words("check --as-of 2026-06-01 --fix --unsafe-fixes --format json"));
        let mut outputs: Vec<(String, String)> = runs
            .into_iter()
            .map(|arguments| {
                let ran = sandbox.run(&arguments);
                assert!((0..=3).contains(&ran.code), "{arguments:?}: {}", ran.brief());
                let told: Vec<&str> =
                    arguments.iter().map(String::as_str).take_while(|word| !word.contains('/')).collect();
                (told.join(" "), both(&ran))
            })
            .collect();
        let written = std::fs::read_dir(sandbox.path()).expect("a folder").map(|entry| entry.expect("an entry").path());
        for path in written.filter(|path| path.is_file()) {
            outputs.push((format!("(writes {})", path.display()), std::fs::read_to_string(&path).unwrap_or_default()));
        }
        outputs
    }

    /// Panics with all that was shown, by what it is about.
    #[track_caller]
    fn keeps(&self) {
        let outputs = self.outputs();
        let mut shown: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        let mut example: BTreeMap<&str, String> = BTreeMap::new();
        for (run, output) in &outputs {
            let joined: String = output.chars().filter(|character| !character.is_whitespace()).collect();
            for (about, secrets) in self.planted.values() {
                for secret in secrets {
                    let middle = &secret[secret.len() / 4..secret.len() * 3 / 4];
                    // A short one is looked for as a whole.
                    let trace = if secret.len() >= 12 { middle } else { secret };
                    let wide: String = secret.chars().flat_map(|c| [c, '\0']).collect();
                    if output.contains(trace) || joined.contains(trace) || output.contains(wide.as_str()) {
                        shown.entry(about).or_default().insert(run);
                        let line = output.lines().find(|line| line.contains(trace)).unwrap_or("(wrapped)");
                        example.entry(about).or_insert_with(|| line.trim().chars().take(160).collect::<String>());
                    }
                }
            }
        }
        let told: Vec<String> = shown
            .iter()
            .map(|(about, runs)| {
                let runs: Vec<&str> = runs.iter().copied().collect();
                format!("{about}: {:?}\n    in {}", example[*about], runs.join("; "))
            })
            .collect();
        assert!(shown.is_empty(), "{} of {} are shown:\n{}", shown.len(), self.planted.len(), told.join("\n"));
        // They were read at all.
        let report = &outputs[2].1;
        let unread: Vec<&String> = self.planted.keys().filter(|path| !report.contains(path.as_str())).collect();
        assert!(unread.is_empty(), "not in the report: {unread:?}");
    }
}

fn both(ran: &Ran) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&ran.stdout), ran.stderr)
}

/// Every name in every spelling, each in some format: one of so many of all pairs.
fn under_names(one_of: usize) -> Pile {
    let mut pile = Pile::default();
    for (number, (format, file, template)) in TEMPLATES.into_iter().enumerate() {
        let keys = NAMES.into_iter().flat_map(spellings).enumerate();
        for (_, (how, key)) in keys.filter(|(key, _)| (key + number) % one_of == 0) {
            pile.plant(&format!("{format}: {key} ({how})"), file, template, &key);
        }
    }
    pile
}

#[test]
fn secrets_under_every_name_are_not_shown() {
    under_names(TEMPLATES.len()).keeps();
}

#[test]
#[ignore = "every name in every format takes minutes; the other test has a twelfth of them"]
fn secrets_under_every_name_are_not_shown_in_any_format() {
    under_names(1).keeps();
}

/// What the names of the issue are, each where it was seen.
#[test]
fn secrets_that_were_shown_before_are_not_shown() {
    let mut pile = Pile::default();
    let openssl = |lines: &str| {
        format!(
            "[req]\ndistinguished_name = dn\nattributes = attrs\n{lines}default_bits = 1024\n[dn]\ncommonName = Name\ncommonName_default = shop.acme.example\n"
        )
    };
    let rows: Vec<(&str, &str, String)> = vec![
        (
            "a pass phrase in a context line",
            "openssl.cnf",
            "[req]\nprompt = no\ndistinguished_name = dn\noutput_password = VALUE\ndefault_bits = 1024\n[dn]\nCN = shop.acme.example\n".to_owned(),
        ),
        (
            "a misspelt outptu_password",
            "openssl.cnf",
            "[req]\nprompt = no\ndistinguished_name = dn\noutptu_password = VALUE\ndefault_bits = 1024\n[dn]\nCN = shop.acme.example\n".to_owned(),
        ),
        (
            "an INF Password",
            "web.inf",
            "[NewRequest]\nSubject = \"CN=shop.acme.example\"\nPassword = VALUE\nKeyLength = 1024\n".to_owned(),
        ),
        (
            "an INF PIN",
            "web.inf",
            "[NewRequest]\nSubject = \"CN=shop.acme.example\"\nPIN = \"VALUE\"\nKeyLength = 1024\n".to_owned(),
        ),
        (
            "auth_keys in JSON on one line",
            "config.json",
            "{\"signing\": {\"default\": {\"expiry\": \"87600h\", \"usages\": [\"serve auth\"], \"auth_key\": \"k\"}}, \"auth_keys\": {\"k\": {\"type\": \"standard\", \"key\": \"VALUE\"}}}\n".to_owned(),
        ),
        (
            "a challenge password as the prompt",
            "openssl.cnf",
            format!("[attrs]\nchallengePassword = VALUE\n{}", openssl("")),
        ),
        (
            "a challenge password as the default of a prompt",
            "openssl.cnf",
            format!("[attrs]\nchallengePassword = Say it\nchallengePassword_default = VALUE\n{}", openssl("")),
        ),
        (
            "a challenge password as the answer of a prompt",
            "openssl.cnf",
            format!("[attrs]\nchallengePassword = Say it\nchallengePassword_value = VALUE\n{}", openssl("")),
        ),
        (
            "a misspelt challenge password",
            "openssl.cnf",
            format!("[attrs]\nchalengePassword = Say it\nchalengePassword_value = VALUE\n{}", openssl("")),
        ),
        (
            "a challenge password in the name",
            "openssl.cnf",
            "[req]\nprompt = no\ndefault_bits = 1024\ndistinguished_name = dn\n[dn]\nCN = shop.acme.example\nchallengePassword = VALUE\n".to_owned(),
        ),
        (
            "a challenge password in the name, prompted for",
            "openssl.cnf",
            "[req]\ndefault_bits = 1024\ndistinguished_name = dn\n[dn]\nCN = shop.acme.example\nCN_default = shop.acme.example\nchallengePassword = VALUE\n".to_owned(),
        ),
        (
            "a password in a command line",
            "play.yml",
            "- hosts: all\n  tasks:\n    - command: openssl req -new -passout pass:VALUE -out web.csr\n    - community.crypto.openssl_privatekey:\n        path: /etc/ssl/web.key\n        size: 1024\n    - community.crypto.openssl_csr:\n        path: /etc/ssl/web.csr\n        common_name: shop.acme.example\n".to_owned(),
        ),
        (
            "a Secret beside a Certificate",
            "web.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData:\n  anything: VALUE\n---\napiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web}\nspec: {secretName: web-tls, dnsNames: [shop.acme.example], issuerRef: {name: acme}, privateKey: {algorithm: RSA, size: 1024}}\n".to_owned(),
        ),
        (
            "an environment variable as name and value",
            "web.yaml",
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web}\nspec:\n  secretName: web-tls\n  dnsNames: [shop.acme.example]\n  issuerRef: {name: acme}\n  env:\n    - name: DB_PASSWORD\n      value: VALUE\n  privateKey: {algorithm: RSA, size: 1024}\n".to_owned(),
        ),
        (
            "the default of a variable",
            "main.tf",
            "variable \"enrol_password\" {\n  default = \"VALUE\"\n}\nresource \"tls_private_key\" \"web\" {\n  algorithm = \"RSA\"\n  rsa_bits = 1024\n}\nresource \"tls_cert_request\" \"web\" {\n  private_key_pem = tls_private_key.web.private_key_pem\n  dns_names = [\"shop.acme.example\"]\n}\n".to_owned(),
        ),
        (
            "a list of passwords",
            "web.yaml",
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web}\nspec:\n  secretName: web-tls\n  dnsNames: [shop.acme.example]\n  issuerRef: {name: acme}\n  passwords:\n    - VALUE\n  privateKey: {algorithm: RSA, size: 1024}\n".to_owned(),
        ),
        (
            "a pass phrase in an unclosed quotation",
            "web.inf",
            "[NewRequest]\nSubject = \"CN=shop.acme.example\"\nPassword = \"VALUE\nKeyLength = 1024\n".to_owned(),
        ),
        (
            "a pass phrase in a comment",
            "openssl.cnf",
            "[req]\nprompt = no\ndistinguished_name = dn\n# output_password = VALUE\ndefault_bits = 1024\n[dn]\nCN = shop.acme.example\n".to_owned(),
        ),
    ];
    for (about, file, text) in rows {
        pile.plant(about, file, &text, "");
    }
    let wide = |secret: &str| -> Vec<u8> {
        let text = format!(
            "[NewRequest]\r\nSubject = \"CN=shop.acme.example\"\r\nPassword = {secret}\r\nKeyLength = 1024\r\n"
        );
        [0xFF, 0xFE].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect()
    };
    let secret = canary(9000);
    pile.add("a password in UTF-16", "web.inf", wide(&secret), vec![secret.clone()]);
    pile.keeps();
}

/// Secrets that are known by their form, wherever they stand.
fn tokens() -> Vec<(&'static str, String)> {
    let join = |parts: &[&str]| parts.concat();
    // In pieces, so that no scanner takes this file for a leak.
    vec![
        ("AWS access key id", join(&["AKIA", "QX7ZK2M4P6R8T1V3"])),
        ("AWS temporary key id", join(&["ASIA", "QX7ZK2M4P6R8T1V3"])),
        ("AWS secret key", join(&["wJalrXUtnFEMI9K7MD", "bPxRfiCYzQ4uTe8Ls2Vo1g"])),
        ("GitHub token", join(&["ghp_", "q9zXw2LmP4Kx7q9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("GitHub OAuth token", join(&["gho_", "q9zXw2LmP4Kx7q9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("GitHub server token", join(&["ghs_", "q9zXw2LmP4Kx7q9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("GitHub fine-grained token", join(&["github_", "pat_", "11ABCDEFG0q9zXw2LmP4Kx_7q9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("GitLab token", join(&["glpat", "-", "q9zXw2LmP4Kx7q9zXw2L"])),
        ("Slack token", join(&["xoxb", "-", "123456789012-q9zXw2LmP4Kx7q9zXw2L"])),
        ("JWT", join(&["eyJhbGciOiJIUzI1NiJ9", ".", "eyJzdWIiOiJxOXpYdzJMbVA0In0", ".", "q9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("Google API key", join(&["AIza", "SyDq9zXw2LmP4Kx7q9zXw2LmP4Kx7q9zXw2"])),
        ("age key", join(&["AGE-SECRET-KEY-", "1QX7ZK2M4P6R8T1V3QX7ZK2M4P6R8T1V3QX7ZK2M4P6R8T1V3QX7ZK2M4P6"])),
        ("Vault token", join(&["hvs.", "CAESIq9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("old Vault token", join(&["s.", "q9zXw2LmP4Kx7q9zXw2LmP4K"])),
        ("bearer token", join(&["Authorization: Bearer ", "q9zXw2LmP4Kx7q9zXw2LmP4"])),
        ("basic credentials", join(&["Authorization: Basic ", "cTl6WHcyTG1QNDpLeDdxOXpYdzI="])),
        ("URL", join(&["https://", "robot:", "q9zXw2LmP4Kx7", "@git.acme.example/x"])),
    ]
}

#[test]
fn secrets_of_a_known_form_are_not_shown() {
    of_known_form(6).keeps();
}

#[test]
#[ignore = "every form in every format takes minutes; the other test has a sixth of them"]
fn secrets_of_a_known_form_are_not_shown_in_any_format() {
    of_known_form(1).keeps();
}

/// Every form of a token, each in some format: one of so many of all pairs.
fn of_known_form(one_of: usize) -> Pile {
    let mut pile = Pile::default();
    for (number, (what, token)) in tokens().into_iter().enumerate() {
        let some = TEMPLATES.into_iter().enumerate().filter(|(template, _)| (template + number) % one_of == 0);
        for (_, (format, file, template)) in some {
            // In the place of any value, and as the name that the certificate is for.
            pile.add(
                &format!("{format}: {what} under a key"),
                file,
                template.replace("KEY", "comment").replace("VALUE", &token),
                vec![token.clone()],
            );
            let named = template.replace("KEY", "comment").replace("VALUE", "x").replace("shop.acme.example", &token);
            if !token.contains(' ') && !token.contains('/') {
                pile.add(&format!("{format}: {what} as a name"), file, named, vec![token.clone()]);
            }
        }
    }
    pile
}

#[test]
fn private_keys_are_not_shown_in_patches() {
    let body: Vec<String> =
        (0..6).map(|number| format!("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSj{:04}q9zXw2LmP4Kx7q9", number)).collect();
    let mut pile = Pile::default();
    for label in ["PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY", "ENCRYPTED PRIVATE KEY"] {
        let block = |indent: &str| {
            format!(
                "{indent}-----BEGIN {label}-----\n{indent}{}\n{indent}-----END {label}-----\n",
                body.join(&format!("\n{indent}"))
            )
        };
        let secrets = || vec![body[5].clone(), body[4].clone()];
        let openssl = format!(
            "{}[req]\ndefault_bits = 1024\nprompt = no\ndistinguished_name = dn\n[dn]\nCN = shop.acme.example\n",
            block("# ")
        );
        pile.add(&format!("{label} in comments"), "openssl.cnf", openssl, secrets());
        let yaml = format!(
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {{name: web}}\nspec:\n  secretName: web-tls\n  dnsNames: [shop.acme.example]\n  issuerRef: {{name: acme}}\n  material: |\n{}  privateKey: {{algorithm: RSA, size: 1024}}\n",
            block("    ")
        );
        pile.add(&format!("{label} in a block scalar"), "web.yaml", yaml, secrets());
        let json = format!(
            "{{\"material\": \"-----BEGIN {label}-----\\n{}\\n-----END {label}-----\\n\", \"CN\": \"shop.acme.example\", \"key\": {{\"algo\": \"rsa\", \"size\": 1024}}}}\n",
            body.join("\\n")
        );
        pile.add(&format!("{label} in JSON"), "csr.json", json, secrets());
    }
    pile.keeps();
}

/// A policy may name any file of the tree, and its errors show lines.
#[test]
fn errors_of_a_policy_show_no_secrets() {
    let secret = canary(1);
    let files: Vec<(&str, String)> = vec![
        ("a .env file", format!("DB_PASSWORD={secret}\n")),
        ("a password alone", format!("{secret}\n")),
        ("YAML", format!("nonsense: 1\npassword: {secret}\n")),
        ("JSON", format!("{{\"password\": \"{secret}\", \"other\": 1}}\n")),
        ("a list of passwords", format!("- {secret}\n- {secret}\n")),
        ("text that is no YAML", format!("{{ password = {secret}\n\t: ]\n")),
        ("a URL", format!("url: https://robot:{secret}@git.acme.example\n")),
        ("a pair under a key that has another type", format!("id: {{password: {secret}}}\n")),
    ];
    let mut shown = Vec::new();
    for (what, content) in &files {
        for policy in [
            "custom-rules: [named.txt]\n",
            "baseline: named.txt\n",
            "blocklists: [{file: named.txt}]\n",
            "blocklists: [{file: named.txt, format: spki-sha256}]\n",
            "extends: [named.txt]\n",
        ] {
            let sandbox = Sandbox::with("csrlint.yaml", format!("version: 1\n{policy}"));
            sandbox.file("named.txt", content);
            for arguments in
                [vec!["check"], vec!["check", "-v", "--format", "json"], vec!["config"], vec!["waivers"], vec!["rules"]]
            {
                let ran = sandbox.run(&arguments);
                if both(&ran).contains(&secret[3..12]) {
                    shown.push(format!("{what}, {}: csrlint {}\n{}", policy.trim(), arguments.join(" "), both(&ran)));
                }
            }
        }
        let sandbox = Sandbox::with("csrlint.yaml", content);
        let ran = sandbox.run(&["check"]);
        if both(&ran).contains(&secret[3..12]) {
            shown.push(format!("{what} as the policy\n{}", both(&ran)));
        }
    }
    assert!(shown.is_empty(), "{} are shown:\n{}", shown.len(), shown.join("\n"));
}

/// Values of these keys hold names, paths, numbers or references, and are shown.
const LEGIBLE: [(&str, &str); 34] = [
    ("key_size", "1024q"),
    ("keyUsage", "digitalSignature"),
    ("key_algorithm", "Rsassa"),
    ("passthrough", "everything"),
    ("pass_through", "everything"),
    ("tokenUrl", "vault.acme.example"),
    ("token_ttl", "3600s"),
    ("secretName", "web-tls-name"),
    ("secret_name", "web-tls-name"),
    ("secretRef", "web-tls-name"),
    ("passwordSecretRef", "web-tls-name"),
    ("secretTemplate", "web-tls-name"),
    ("private_key_path", "etc-ssl-web"),
    ("private_key_file", "etc-ssl-web"),
    ("output_key", "etc-ssl-web"),
    ("key", "some-name"),
    ("public_key", "some-name"),
    ("accessKeyId", "some-name"),
    ("client_id", "some-name"),
    ("password_min_length", "twelve"),
    ("default_keyfile", "privkey.pem"),
    ("passport", "some-name"),
    ("compass", "some-name"),
    ("author", "some-name"),
    ("password", "${DB_PASSWORD}"),
    ("password", "{{ vault_password }}"),
    ("password", "$ENV::DB_PASSWORD"),
    ("password", "env:DB_PASSWORD"),
    ("password", "file:secrets/password"),
    ("password", "/etc/ssl/password.txt"),
    ("password", "var.password"),
    ("password", "<your-password>"),
    ("api_key", "%API_KEY%"),
    ("common_name", "Secretariat of Acme"),
];

#[test]
fn names_paths_numbers_and_references_stay_legible() {
    let mut hidden = Vec::new();
    for (key, value) in LEGIBLE {
        let text = format!(
            "[req]\nprompt = no\ndistinguished_name = dn\n{key} = {value}\ndefault_bits = 1024\n[dn]\nCN = shop.acme.example\n"
        );
        let sandbox = Sandbox::with("openssl.cnf", text);
        let ran = sandbox.run(&["check", "--diff", "--unsafe-fixes"]);
        if !ran.text().contains(&format!(" {key} = {value}\n")) {
            hidden.push(format!("{key} = {value}\n{}", ran.brief()));
        }
    }
    let yaml = "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: web}\nspec:\n  secretName: web-tls\n  dnsNames: [shop.acme.example]\n  issuerRef: {name: acme}\n  keystores: {jks: {create: true, passwordSecretRef: {name: jks, key: password}}}\n  privateKey:\n    algorithm: RSA\n    size: 1024\n";
    let sandbox = Sandbox::with("web.yaml", yaml);
    let ran = sandbox.run(&["check", "--diff", "--unsafe-fixes"]);
    if ran.text().contains('·') || !ran.text().contains("passwordSecretRef: {name: jks, key: password}") {
        hidden.push(ran.brief());
    }
    assert!(hidden.is_empty(), "{}", hidden.join("\n"));
}

/// Blocks are labelled with anything; what is a value in them is a secret, and a list of names is none.
#[test]
fn names_in_a_block_with_such_a_label_stay_legible() {
    let text = "variable \"db_password\" {\n  default = \"Kx7q9zXw2\"\n}\nresource \"aws_acm_certificate\" \"example_pass\" {\n  domain_name = \"a.example.com\"\n  subject_alternative_names = [\n    \"www.example.com\",\n    \"blog.example.com\"\n  ]\n}\n";
    let ran = Sandbox::with("main.tf", text).run(&["inspect", "main.tf"]);
    ran.says("dns: www.example.com").says("dns: blog.example.com");
    assert!(!ran.text().contains('·'), "{}", ran.brief());
}

/// A patch with masked lines says that it is one; what is written is not masked.
#[test]
fn a_masked_patch_says_so() {
    let text = "[req]\nprompt = no\ndistinguished_name = dn\noutput_password = Kx7q9zXw\ndefault_bits = 1024\n[dn]\nCN = shop.acme.example\n";
    let sandbox = Sandbox::with("openssl.cnf", text);
    let ran = sandbox.run(&["check", "--diff", "--unsafe-fixes"]);
    ran.says(" output_password = ········\n").says("-default_bits = 1024\n+default_bits = 2048\n");
    ran.complains("lines with secrets are masked");
    assert_eq!(sandbox.read("openssl.cnf"), text);
    sandbox.run(&["check", "--fix", "--unsafe-fixes"]);
    assert_eq!(sandbox.read("openssl.cnf"), text.replace("1024", "2048"));
    let clean = Sandbox::with("openssl.cnf", text.replace("output_password = Kx7q9zXw\n", ""));
    let ran = clean.run(&["check", "--diff", "--unsafe-fixes"]);
    assert!(!ran.stderr.contains("masked"), "{}", ran.stderr);
    clean.git_init();
    clean.file("patch", &ran.stdout);
    clean.git(&["apply", "patch"]);
    assert!(clean.read("openssl.cnf").contains("default_bits = 2048"));
}

/// A slip in the name of a secret is mended, and the line that changes shows all but the value.
#[test]
fn a_changed_line_shows_all_but_the_secret() {
    let text = "[req]\nprompt = no\ndistinguished_name = dn\noutptu_password = Kx7q9zXw\ndefault_bits = 2048\n[dn]\nCN = shop.acme.example\n";
    let ran = Sandbox::with("openssl.cnf", text).run(&["check", "--diff", "--unsafe-fixes"]);
    ran.says("-outptu_password = ········\n+output_password = ········\n");
}

fn tree_of(root: &Path) -> Vec<String> {
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_csrlint"))
        .args([
            "check",
            "--isolated",
            "--profile",
            "pedantic",
            "--as-of",
            "2026-06-01",
            "--format",
            "human",
            "--quiet",
            ".",
        ])
        .current_dir(root)
        .output()
        .expect("csrlint");
    String::from_utf8(ran.stdout).expect("UTF-8").lines().map(str::to_owned).collect()
}

/// The key of a line of an excerpt.
fn key_of(line: &str) -> Option<String> {
    let (_, shown) = line.split_once(['│', '·'])?;
    let end = shown.find([':', '='])?;
    Some(shown.get(..end)?.trim().trim_matches(['"', '\'', '-', ' ']).to_owned())
}

/// Excerpts of real templates have dots under keys of secrets only.
#[test]
fn excerpts_of_real_templates_stay_legible() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    for root in [here.join("tests/templates"), here.join("../shared/corpus/open/templates")] {
        if !root.is_dir() {
            eprintln!("the corpus is not here; nothing was counted");
            continue;
        }
        let lines = tree_of(&root);
        let excerpts = lines.iter().filter(|line| line.contains('│'));
        let masked: Vec<&String> = excerpts.clone().filter(|line| line.contains("··")).collect();
        let mut by_key: BTreeMap<String, usize> = BTreeMap::new();
        for line in &masked {
            *by_key.entry(key_of(line).unwrap_or_else(|| "(none)".to_owned())).or_default() += 1;
        }
        let count = excerpts.count();
        eprintln!("{}: {count} lines of excerpts, {} masked: {by_key:?}", root.display(), masked.len());
        // Read by eye once: 10 of 1044, and 86 of 5196.
        assert!(masked.len() * 40 <= count, "{} of {count} lines are masked: {by_key:?}", masked.len());
    }
}
