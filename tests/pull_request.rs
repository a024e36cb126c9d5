//! The story of a pull request, commit by commit: what csrlint says to the requester, to the reviewer and to the gate.
//! Each chapter is a commit; what is printed is in `pull_request/story.md`, which reads like documentation.
//! `CSRLINT_UPDATE=1 cargo test --test pull_request` writes it anew.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;

use std::fmt::Write as _;
use std::path::Path;

use forge::csr::Csr;
use forge::der;
use forge::keys::{self, Key};
use run::Sandbox;

const DAY: &str = "2026-06-01";
const STORY: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pull_request/story.md");
const FORK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/pull_request/fork.md");

const ORGANISATION: &str = "version: 1
name: acme-pki
locked: [key/rsa-too-small, san/name-policy]
rules:
  key/rsa-too-small: { with: { min: 3072 } }
  san/name-policy:
    with: { dns: { allow: [\"**.acme.example\"], wildcard: deny }, other: deny }
waiver-terms: { require: [approver], max-days: 365 }
";

const POLICY: &str = "version: 1
extends: [policy/acme-pki.yaml]
waivers:
  - rule: signature/hash-not-allowed
    files: [\"legacy/**\"]
    reason: the mainframe cannot do without, CHG-77
    approved-by: pki@acme.example
    expires: 2026-06-20
";

const TEMPLATE: &str = "[req]
default_bits = 3072
default_md = sha256
prompt = no
distinguished_name = dn
req_extensions = ext
[dn]
C = DE
O = Acme Corp
CN = pay.acme.example
[ext]
subjectAltName = DNS:pay.acme.example
extendedKeyUsage = serverAuth
";

const WORKFLOW: &str = "on: pull_request
jobs:
  csrlint:
    runs-on: ubuntu-24.04
    steps:
      - uses: csrlint/csrlint@0000000000000000000000000000000000000000
";

fn request(key: &'static Key, names: &[&str]) -> String {
    let sans: Vec<Vec<u8>> = names.iter().map(|name| der::dns(name)).collect();
    Csr::new(key).subject(der::name(&[("O", "Acme Corp"), ("CN", names[0])])).san_extension(der::san(&sans)).pem()
}

/// A repository, and what was said in it.
struct Tale {
    sandbox: Sandbox,
    text: String,
    commits: u32,
}

impl Tale {
    fn new(title: &str) -> Self {
        let sandbox = Sandbox::new();
        sandbox.git_init();
        Self { sandbox, text: format!("# {title}\n"), commits: 0 }
    }

    fn chapter(&mut self, title: &str, prose: &str) {
        let _ = write!(self.text, "\n## {title}\n\n{prose}\n");
    }

    fn commit(&mut self, message: &str) {
        self.commits += 1;
        self.sandbox.git(&["add", "--all"]);
        self.sandbox.git(&["commit", "--quiet", "--date=2026-05-30T12:00:00Z", "--message", message]);
    }

    /// Runs csrlint and tells what it printed.
    fn run(&mut self, line: &str, code: i32) -> String {
        let arguments: Vec<String> =
            line.split(' ').map(str::to_owned).chain(["--as-of".to_owned(), DAY.to_owned()]).collect();
        let ran = self.sandbox.run(&arguments);
        ran.exits(code);
        let _ = write!(self.text, "\n```console\n$ csrlint {line}\n{}", ran.text());
        let said: String =
            ran.stderr.lines().filter(|line| !line.contains(" files in ")).map(|line| format!("{line}\n")).collect();
        self.text.push_str(&said);
        let _ = writeln!(self.text, "# exit {code}\n```");
        format!("{}{said}", ran.text())
    }

    /// Compares the story with what is written down.
    fn ends_as(&self, path: &str) {
        let hashes = regex::Regex::new("\\b[0-9a-f]{12,64}\\b").expect("a pattern");
        // Ids of commits depend on the versions of git and of the clock.
        let text = hashes.replace_all(&self.text, "<id>").into_owned();
        if std::env::var_os("CSRLINT_UPDATE").is_some() {
            std::fs::write(path, &text).expect("the story");
        }
        let written = std::fs::read_to_string(path).unwrap_or_default();
        assert!(
            written == text,
            "{}: the story is another one; CSRLINT_UPDATE=1 writes it\n{}",
            Path::new(path).display(),
            similar::TextDiff::from_lines(&written, &text).unified_diff()
        );
    }
}

/// The state before the pull request.
fn main_branch(tale: &mut Tale) {
    let files = [
        ("policy/acme-pki.yaml", ORGANISATION),
        ("csrlint.yaml", POLICY),
        (".github/workflows/csrlint.yml", WORKFLOW),
        (".github/CODEOWNERS", "* @acme/web\n/csrlint.yaml @acme/pki\n/policy/ @acme/pki\n"),
        ("payments/pay.cnf", TEMPLATE),
    ];
    for (path, text) in files {
        tale.sandbox.file(path, text);
    }
    tale.sandbox.file("web/web.csr", request(keys::p256(), &["www.acme.example"]));
    tale.sandbox.file("shop/shop.csr", request(keys::rsa(3072, 65537), &["shop.acme.example"]));
    tale.commit("The shop and its policy");
}

#[test]
fn a_pull_request_commit_by_commit() {
    let mut tale = Tale::new("A pull request, commit by commit");
    tale.chapter(
        "1. The repository",
        "The organisation's policy is vendored in `policy/acme-pki.yaml`, which locks two rules; the repository's own stands on it.\nOne waiver is left over: nothing needs it any more, and it would end soon anyway. Without it everything passes.",
    );
    main_branch(&mut tale);
    tale.run("check --format concise", 1);
    tale.run("config --format human --select key/rsa-too-small", 0);
    tale.sandbox.file("csrlint.yaml", POLICY.split("waivers:").next().expect("a beginning"));
    tale.commit("Nothing needs that waiver");
    tale.run("check --format concise", 0);
    tale.sandbox.git(&["checkout", "--quiet", "-b", "change"]);

    tale.chapter(
        "2. A request is added",
        "The reviewer sees all it says, and that its name is outside of the organisation.",
    );
    tale.sandbox
        .file("orders/orders.csr", request(keys::fresh_p256(), &["orders.acme.example", "orders.partner.example"]));
    tale.commit("A request for orders");
    let said = tale.run("diff HEAD~1 HEAD", 1);
    assert!(said.contains("added    orders/orders.csr"), "{said}");
    tale.sandbox.file("orders/orders.csr", request(keys::fresh_p256(), &["orders.acme.example"]));

    tale.chapter("3. It is mended before it is committed", "`--staged` looks at the index, whatever is on disk.");
    tale.sandbox.git(&["add", "--all"]);
    tale.sandbox.file("orders/orders.csr", "not yet\n");
    tale.run("check --staged --format concise", 0);
    tale.sandbox.git(&["checkout", "--quiet", "--", "."]);
    tale.commit("orders asks for our own name only");
    tale.run("check --since main --policy-rev main --format concise", 0);

    tale.chapter(
        "4. A renewal keeps the old key",
        "The request is signed anew with another name in it. The key is the old one, and the reviewer is told first.",
    );
    tale.sandbox.file("web/web.csr", request(keys::p256(), &["www.acme.example", "shop.acme.example"]));
    tale.commit("Renew the certificate of www");
    let said = tale.run("diff HEAD~1 HEAD", 0);
    assert!(said.contains("THE SAME KEY IS KEPT"), "{said}");

    tale.chapter("5. The renewal brings a new key", "Algorithm and hash changed with it.");
    tale.sandbox.file("web/web.csr", request(keys::fresh_ec("P-384", 5), &["www.acme.example", "shop.acme.example"]));
    tale.commit("A new key for www");
    let said = tale.run("diff HEAD~1 HEAD", 0);
    assert!(said.contains("a new key"), "{said}");

    tale.chapter(
        "6. A request moves, and another follows a new name",
        "Renamed files are followed. What was replaced elsewhere is paired by its names, and the pairing is told.",
    );
    tale.sandbox.directory("legacy");
    tale.sandbox.git(&["mv", "shop/shop.csr", "legacy/shop.csr"]);
    std::fs::remove_file(tale.sandbox.at("orders/orders.csr")).expect("a file");
    tale.sandbox.file("services/orders.pem", request(keys::fresh_ec("P-256", 6), &["orders.acme.example"]));
    tale.commit("Move things");
    let said = tale.run("diff HEAD~1 HEAD", 0);
    assert!(said.contains("moved") && said.contains("same subject alternative names"), "{said}");

    tale.chapter(
        "7. A template is weakened",
        "A template is a request that is made again and again. Only what touches the change is told.",
    );
    tale.sandbox.file("payments/pay.cnf", TEMPLATE.replace("3072", "1024"));
    tale.commit("Faster handshakes");
    tale.run("diff HEAD~1 HEAD", 1);
    tale.run("check --since HEAD~1 --policy-rev main --format concise", 1);

    tale.chapter(
        "8. A comment is added to ignore that",
        "The policy comes from before the change, and it does not let a change add ignores: the comment has no effect.",
    );
    tale.sandbox.file(
        "payments/pay.cnf",
        TEMPLATE.replace("default_bits = 3072", "# csrlint: ignore-file[key/rsa-too-small] approved-by=me@acme.example until=2026-12-31 -- it is fine\ndefault_bits = 1024"),
    );
    tale.commit("It is fine");
    let said = tale.run("check --since HEAD~1 --policy-rev main --format concise", 1);
    assert!(said.contains("In main this was not set aside"), "{said}");

    tale.chapter("9. A waiver is added instead", "The rule is locked by the organisation's layer: with the change's own policy that is an error which names both places.\nWith the policy of before, the waiver is listed and does not hold.");
    let waiver = "waivers:\n  - rule: key/rsa-too-small\n    reason: it is fine\n    approved-by: me@acme.example\n    expires: 2026-12-31\n";
    tale.sandbox.file("csrlint.yaml", format!("version: 1\nextends: [policy/acme-pki.yaml]\n{waiver}"));
    tale.commit("A waiver");
    let said = tale.run("check --format concise", 2);
    assert!(said.contains("policy/acme-pki.yaml:3"), "{said}");
    tale.run("check --since HEAD~1 --policy-rev main --format concise", 0);

    tale.chapter("10. The policy is weakened", "So is the organisation's layer itself. The whole change is judged by the policy of `main`, and everything that was done to the gate is listed.");
    tale.sandbox.file("policy/acme-pki.yaml", ORGANISATION.replace("min: 3072", "min: 1024"));
    tale.commit("Everything passes now");
    tale.run("check --format concise", 2);
    let said = tale.run("check --since main --policy-rev main --format concise", 1);
    assert!(said.contains("key/rsa-too-small") && said.contains("policy/acme-pki.yaml:1:1"), "{said}");

    tale.chapter(
        "11. csrlint runs no more",
        "The gate cannot run where its step is gone, but whoever runs it elsewhere is told.",
    );
    std::fs::remove_file(tale.sandbox.at(".github/workflows/csrlint.yml")).expect("a file");
    tale.sandbox.file(".gitattributes", "*.csr -diff\n");
    tale.commit("Less to wait for");
    let said = tale.run("check --since HEAD~1 --policy-rev main --format concise", 0);
    assert!(said.contains("removes what runs csrlint"), "{said}");

    tale.chapter("12. What the reviewer gets", "The job summary of the whole change.");
    tale.run(
        "check --since main --policy-rev main --format markdown --links https://git.acme.example/shop/blob/change",
        1,
    );
    tale.chapter("A policy that cannot be had", "There is no falling back to the policy of the change.");
    tale.run("check --policy-rev no-such-branch --format concise", 2);
    assert_eq!(tale.commits, 12, "the story has twelve commits");
    tale.ends_as(STORY);
}

/// A clone as a runner makes it of a pull request from a fork: shallow, with the base fetched by its id.
#[test]
fn the_same_from_a_fork() {
    let mut tale = Tale::new("The same from a fork");
    main_branch(&mut tale);
    let base = head(&tale.sandbox);
    let fork = Sandbox::new();
    fork.git(&["clone", "--quiet", &url(&tale.sandbox), "."]);
    fork.git(&["checkout", "--quiet", "-b", "change"]);
    fork.file("payments/pay.cnf", TEMPLATE.replace("3072", "1024"));
    fork.file("csrlint.yaml", "version: 1\nrules: { key/rsa-too-small: { severity: \"off\" } }\n");
    fork.git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "Faster handshakes"]);
    let change = head(&fork);

    let runner = Sandbox::new();
    runner.git_init();
    runner.git(&["remote", "add", "origin", &url(&tale.sandbox)]);
    runner.git(&["fetch", "--quiet", "--depth=1", &url(&fork), "change"]);
    runner.git(&["checkout", "--quiet", "--detach", &change]);
    let _upstream = std::mem::replace(&mut tale.sandbox, runner);
    tale.chapter(
        "The base is not there yet",
        "A runner has the last commit of the change only. Without the base there is no policy, and so no verdict.",
    );
    tale.run(&format!("check --policy-rev {base} --format concise"), 2);
    tale.sandbox.git(&["fetch", "--quiet", "--depth=1", "origin", &base]);
    tale.chapter("The base is fetched", "The fork's policy has no say.");
    let said = tale.run(&format!("check --policy-rev {base} --format concise"), 1);
    assert!(said.contains("key/rsa-too-small") && said.contains("edits a policy"), "{said}");
    tale.chapter(
        "Where the history parted is not known",
        "`--since` needs the common ancestor, which a shallow clone does not have. `diff --direct` compares as it is.",
    );
    tale.run(&format!("check --since {base} --format concise"), 2);
    tale.run(&format!("diff {base} HEAD --policy-rev {base} --direct"), 1);
    tale.ends_as(FORK);
}

fn head(sandbox: &Sandbox) -> String {
    let output = std::process::Command::new("git").arg("-C").arg(sandbox.path()).args(["rev-parse", "HEAD"]).output();
    String::from_utf8(output.expect("git").stdout).expect("an id").trim().to_owned()
}

/// Over the protocol that knows shallow clones; of a plain path git copies everything.
fn url(sandbox: &Sandbox) -> String {
    sandbox.git(&["config", "uploadpack.allowAnySHA1InWant", "true"]);
    format!("file://{}", sandbox.path().display())
}
