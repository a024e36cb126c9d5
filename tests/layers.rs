//! Layers of policy: what stands on what, what is locked, what each value comes from, and what is never taken from the change.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use forge::csr::Csr;
use forge::keys;
use run::{Sandbox, findings};
use samples::{GOOD, WEAK};

const ORGANISATION: &str = "version: 1
name: acme
locked: [key/rsa-too-small, key/not-allowed, template/not-judged, san/name-policy]
on-unknown: warn
rules:
  key/rsa-too-small: { severity: error, with: { min: 3072 } }
  key/not-allowed: { with: { rsa: { min: 3072 }, ec: { curves: [P-256, P-384] }, other: deny } }
  san/name-policy: { with: { dns: { allow: [\"**.acme.example\", \"**.example.com\"] }, other: deny } }
";

fn sandbox(own: &str) -> Sandbox {
    let sandbox = Sandbox::with("policy/acme.yaml", ORGANISATION);
    sandbox.git_init().file("csrlint.yaml", format!("version: 1\nextends: [policy/acme.yaml]\n{own}"));
    sandbox
}

/// What a layer may write above a lock.
#[test]
fn a_locked_rule_may_be_made_stricter() {
    for own in [
        "",
        "profiles: [recommended, pedantic]\n",
        "rules: { key/rsa-too-small: { with: { min: 4096 } } }\n",
        "rules: { key/not-allowed: { with: { rsa: { min: 4096 }, ec: { curves: [P-384] } } } }\n",
        "rules: { key/not-allowed: { with: { rsa: { allow: false } } } }\n",
        "rules: { san/name-policy: { with: { dns: { allow: [\"shop.acme.example\", \"*.web.acme.example\"] }, max: 3 } } }\n",
        "on-unknown: deny\n",
        "rules: { signature/hash-not-allowed: { severity: \"off\" } }\n",
        "scopes: [{ files: [\"tests/**\"], rules: { key/rsa-too-small: { with: { min: 8192 } } } }]\n",
    ] {
        let ran = sandbox(own).check(&[]);
        assert_eq!(ran.code, 0, "{own}: {}", ran.stderr);
    }
}

#[test]
fn an_attempt_to_loosen_is_an_error_that_names_both_places() {
    for (own, place, how) in [
        (
            "rules:\n  key/rsa-too-small: { with: { min: 2048 } }\n",
            "csrlint.yaml:4:37",
            "min demands less: 2048 instead of 3072",
        ),
        ("rules:\n  key/rsa-too-small: { severity: \"off\" }\n", "csrlint.yaml:4:", "is switched off"),
        ("rules:\n  key/rsa-too-small: { severity: info }\n", "csrlint.yaml:4:34", "severity info is lower than error"),
        ("rules:\n  key/rsa-too-small: { enforce-from: 2030-01-01 }\n", "csrlint.yaml:4:", "enforced later"),
        ("rules:\n  key/rsa-too-small: { with: { algorithm: dsa } }\n", "csrlint.yaml:4:", "no direction"),
        (
            "rules:\n  key/not-allowed: { with: { ec: { curves: [P-256, P-521] } } }\n",
            "csrlint.yaml:4:",
            "ec.curves demands less",
        ),
        ("rules:\n  key/not-allowed: { with: { ed25519: {} } }\n", "csrlint.yaml:4:", "ed25519 demands less"),
        ("rules:\n  key/not-allowed: { with: { other: allow } }\n", "csrlint.yaml:4:", "other demands less"),
        (
            "rules:\n  san/name-policy: { with: { dns: { allow: [\"**.acme.example\", \"acme.example\"] } } }\n",
            "csrlint.yaml:4:",
            "dns.allow cannot be compared",
        ),
        ("on-unknown: ignore\n", "csrlint.yaml:3:13", "is switched off"),
        (
            "scopes:\n  - files: [\"x/**\"]\n    rules: { key/rsa-too-small: { severity: \"off\" } }\n",
            "csrlint.yaml:5:",
            "is switched off",
        ),
        (
            "waivers: [{ rule: key/rsa-too-small, reason: x, expires: 2027-01-01 }]\n",
            "csrlint.yaml:3:19",
            "cannot be waived here",
        ),
        ("waivers: [{ rule: key, reason: x, expires: 2027-01-01 }]\n", "csrlint.yaml:3:19", "cannot be waived here"),
    ] {
        let ran = sandbox(own).check(&[]);
        ran.exits(2);
        for said in [place, how, "policy/acme.yaml:3"] {
            assert!(ran.stderr.contains(said), "{own}: no {said:?} in\n{}", ran.stderr);
        }
    }
}

#[test]
fn flags_do_not_loosen_what_is_locked() {
    let sandbox = sandbox("");
    sandbox.file("web.csr", &*WEAK);
    sandbox.check(&["--ignore", "key/rsa-too-small"]).exits(2).complains("policy/acme.yaml:3");
    sandbox.check(&["--ignore", "key"]).exits(2);
    for flags in [vec!["--fail-on", "never"], vec!["--profile", "ietf"], vec!["--select", "signature"]] {
        let ran = sandbox.check(&flags);
        ran.exits(1);
        assert!(ran.rules().contains(&"key/rsa-too-small".to_owned()), "{flags:?}: {}", ran.brief());
    }
}

#[test]
fn neither_exclude_nor_fail_on_nor_comments_nor_a_baseline_set_a_locked_rule_aside() {
    let own =
        "exclude: [\"web.csr\", \"vendor/**\"]\nfail-on: never\ninline-ignores: { requests: true }\nbaseline: b.json\n";
    let sandbox = sandbox(own);
    sandbox.file("b.json", "{\"version\":1,\"findings\":[]}");
    sandbox.file("web.csr", format!("csrlint: ignore[key/rsa-too-small, key/not-allowed] -- mine\n{}", &*WEAK));
    sandbox.file("vendor/a/b.csr", Csr::new(keys::rsa(1024, 65537)).pem());
    let first = sandbox.check(&[]);
    first.exits(1);
    let rules = first.rules();
    assert_eq!(rules.iter().filter(|rule| *rule == "key/rsa-too-small").count(), 2, "{}", first.brief());
    // What is excluded is judged by what is locked, and by nothing else.
    assert!(rules.iter().all(|rule| rule.starts_with("key/")), "{rules:?}");
    sandbox.run(&["baseline", "write", "--force"]).exits(0).complains("of rules that may not be waived");
    sandbox.check(&[]).exits(1);
}

#[test]
fn layers_stand_on_each_other_and_config_tells_whose_each_value_is() {
    let sandbox = Sandbox::with(
        "org/base.yaml",
        "version: 1\nname: organisation\ntools: { openssl: \"3.2\" }\nexclude: [\"a/**\"]\nrules: { key/rsa-too-small: { with: { min: 2048 } } }\n",
    );
    sandbox.git_init();
    sandbox.file("team/team.yaml", "version: 1\nname: team\nextends: [../org/base.yaml]\nexclude: [\"b/**\"]\nrules: { key/rsa-too-small: { with: { min: 3072 } } }\n");
    sandbox.file(
        "csrlint.yaml",
        "version: 1\nextends: [team/team.yaml, org/base.yaml]\nrules: { key/rsa-too-small: { severity: warning } }\n",
    );
    let ran = sandbox.run(&["config"]);
    ran.exits(0);
    for said in [
        "tools = {\"openssl\":\"3.2\"}  # layer organisation (org/base.yaml:3)",
        "exclude = [\"a/**\"]  # layer organisation (org/base.yaml:4)",
        "exclude = [\"b/**\"]  # layer team (team/team.yaml:4)",
        "rules.key/rsa-too-small.severity = \"warning\"  # policy (csrlint.yaml:3)",
        "rules.key/rsa-too-small.with.min = 3072  # layer team (team/team.yaml:5)",
    ] {
        ran.says(said);
    }
    sandbox.file("a/x.csr", &*WEAK).file("b/x.csr", &*WEAK).check(&[]).exits(0);
    assert_eq!(sandbox.check(&[]).json()["run"]["layers"].as_array().map(Vec::len), Some(3));
    // The command line puts a layer under all of them.
    let outside = Sandbox::with(
        "acme.yaml",
        "version: 1\nlocked: [key/rsa-too-small]\nrules: { key/rsa-too-small: { with: { min: 4096 } } }\n",
    );
    let path = outside.at("acme.yaml").display().to_string();
    sandbox
        .check(&["--extends", &path])
        .exits(2)
        .complains("acme.yaml:2, and its severity warning is lower than error");
    std::fs::remove_file(sandbox.at("csrlint.yaml")).expect("a policy");
    sandbox.file("web.csr", Csr::new(keys::rsa(3072, 65537)).pem());
    let ran = sandbox.check(&["--extends", &path]);
    assert!(ran.exits(1).rules().contains(&"key/rsa-too-small".to_owned()));
}

#[test]
fn what_extends_names_is_in_the_repository_and_as_it_was_pinned() {
    let outside = Sandbox::with("secret.yaml", "version: 1\n");
    for (extends, said) in [
        ("[/etc/passwd]".to_owned(), "relative to its own"),
        ("[https://acme.example/policy.yaml]".to_owned(), "relative to its own"),
        ("[../../../../../../etc/passwd]".to_owned(), "leads out of the repository"),
        ("[link.yaml]".to_owned(), "leads out of the repository"),
        ("[missing.yaml]".to_owned(), "No such file"),
        ("[csrlint.yaml]".to_owned(), "extends itself"),
        ("[{ file: policy/acme.yaml, sha256: \"00\" }]".to_owned(), "not the file that was pinned"),
        ("[{ fiel: policy/acme.yaml }]".to_owned(), "no value that can stand here"),
    ] {
        let sandbox = sandbox("");
        #[cfg(unix)]
        std::os::unix::fs::symlink(outside.at("secret.yaml"), sandbox.at("link.yaml")).expect("a link");
        sandbox.file("csrlint.yaml", format!("version: 1\nextends: {extends}\n"));
        let ran = sandbox.check(&[]);
        ran.exits(2);
        assert!(ran.stderr.contains(said) && ran.stderr.contains("csrlint.yaml:2:"), "{extends}: {}", ran.stderr);
    }
    let sandbox = sandbox("");
    let ran =
        sandbox.file("csrlint.yaml", "version: 1\nextends: [{ file: policy/acme.yaml, sha256: aa }]\n").check(&[]);
    let digest = ran.stderr.split("SHA-256 is ").nth(1).and_then(|rest| rest.get(..64)).expect("the digest").to_owned();
    sandbox.file("csrlint.yaml", format!("version: 1\nextends: [{{ file: policy/acme.yaml, sha256: {digest} }}]\n"));
    sandbox.check(&[]).exits(0);
    // Two layers that extend each other.
    sandbox.file("a.yaml", "version: 1\nextends: [b.yaml]\n").file("b.yaml", "version: 1\nextends: [a.yaml]\n");
    sandbox
        .file("csrlint.yaml", "version: 1\nextends: [a.yaml]\n")
        .check(&[])
        .exits(2)
        .complains("a.yaml extends itself");
}

/// Everything that a policy is made of, each in turn changed by the change.
#[test]
fn everything_the_policy_names_comes_from_its_revision() {
    let sandbox = sandbox("custom-rules: [\"rules/*.yaml\"]\nblocklists: [{ file: keys.txt }]\nbaseline: b.json\n");
    let rule = "id: acme/size\ncheck: key-size\nwith: { algorithm: rsa, min: 8192 }\nseverity: error\ntitle: Small\nwhat: Small.\nwhy: It is.\nfix: Make another.\n";
    let rsa = Csr::new(keys::rsa(3072, 65537)).pem();
    sandbox.file("rules/size.yaml", rule).file("web.csr", &rsa).file("b.json", "{\"version\":1,\"findings\":[]}");
    let spki = sandbox.run(&["inspect", "--format", "json", "web.csr"]).json()[0]["spki_sha256"]
        .as_str()
        .expect("a digest")
        .to_owned();
    sandbox.file("keys.txt", format!("{spki} 2026-01-01 stolen\n"));
    sandbox.git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "base"]);
    let expected = |ran: &run::Ran| {
        let rules = ran.rules();
        assert!(
            rules.contains(&"acme/size".to_owned()) && rules.iter().any(|rule| rule.starts_with("key/")),
            "{}",
            ran.brief()
        );
        rules.iter().filter(|rule| !rule.starts_with("config/")).count()
    };
    let before = expected(sandbox.check(&["--policy-rev", "HEAD"]).exits(1));
    // The change takes all of it away.
    let written = sandbox.run(&["baseline", "write", "--force", "--select", "acme/size"]);
    written.exits(0);
    sandbox.file("rules/size.yaml", rule.replace("8192", "1024")).file("keys.txt", "");
    sandbox.file("policy/acme.yaml", "version: 1\n").file("csrlint.yaml", "version: 1\nprofiles: []\n");
    sandbox.file("rules/another.yaml", rule.replace("acme/size", "acme/another"));
    let ran = sandbox.check(&["--policy-rev", "HEAD"]);
    assert_eq!(expected(ran.exits(1)), before, "{}", ran.brief());
    let listed: Vec<String> = findings(&ran.json())
        .iter()
        .filter(|finding| finding["rule"] == "config/gate-changed")
        .map(|finding| finding["path"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(
        listed,
        ["b.json", "csrlint.yaml", "keys.txt", "policy/acme.yaml", "rules/another.yaml", "rules/size.yaml"]
    );
    // Even a policy that cannot be read any more judges nothing but itself.
    let ran = sandbox.file("csrlint.yaml", "version: 9\n").check(&["--policy-rev", "HEAD"]);
    assert!(ran.exits(1).text().contains("cannot be read any more"), "{}", ran.brief());
    // From the folder below, and by name.
    sandbox.directory("sub");
    sandbox
        .run(&["-C", "sub", "check", "--policy-rev", "HEAD", "--config", "../csrlint.yaml", "..", "--format", "json"])
        .exits(1);
    sandbox
        .check(&["--policy-rev", "HEAD", "--config", "rules/another.yaml"])
        .exits(2)
        .complains("no such file in this revision");
}

#[test]
fn without_a_policy_before_the_change_recommended_holds() {
    let sandbox = Sandbox::with("web.csr", &*WEAK);
    sandbox.git_init().git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "base"]);
    sandbox.file("csrlint.yaml", "version: 1\nprofiles: []\n");
    let ran = sandbox.check(&["--policy-rev", "HEAD"]);
    ran.exits(1).complains("there is no policy at HEAD; the profile recommended holds");
    assert!(ran.rules().contains(&"key/rsa-too-small".to_owned()));
}

#[test]
fn ignores_count_that_were_there_before_the_change() {
    let ignored = |rest: &str| format!("csrlint: ignore[key/rsa-too-small] -- old printer\n{rest}");
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\ninline-ignores: { requests: true }\n");
    sandbox.git_init().file("old.csr", ignored(&WEAK)).file("web.csr", &*GOOD);
    sandbox.git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "base"]);
    sandbox.check(&["--policy-rev", "HEAD"]).exits(0);
    // The same comment in a file that was edited, and in one that was moved.
    sandbox.file("old.csr", format!("a printer\n{}", ignored(&WEAK))).check(&["--policy-rev", "HEAD"]).exits(0);
    sandbox
        .file("old.csr", ignored(&WEAK))
        .git(&["mv", "old.csr", "moved.csr"])
        .check(&["--policy-rev", "HEAD"])
        .exits(0);
    sandbox.file("moved.csr", format!("{}{}", ignored(&WEAK), &*GOOD)).check(&["--policy-rev", "HEAD"]).exits(1);
    // Another request below it, in the same place: another key, which nobody set aside.
    sandbox.git(&["mv", "moved.csr", "old.csr"]);
    let other = Csr::new(keys::rsa(1024, 3)).pem();
    sandbox.file("old.csr", ignored(&other)).check(&["--policy-rev", "HEAD"]).exits(1);
    sandbox.file("old.csr", ignored(&WEAK));
    sandbox.file("web.csr", ignored(&WEAK)).check(&["--policy-rev", "HEAD"]).exits(1);
    sandbox.check(&[]).exits(0);
    // A policy of before that lets changes add some tells of them.
    let sandbox = Sandbox::with("csrlint.yaml", "version: 1\ninline-ignores: { requests: true, added: true }\n");
    sandbox.git_init().git(&["add", "--all"]).git(&["commit", "--quiet", "--message", "base"]);
    let ran = sandbox.file("web.csr", ignored(&WEAK)).check(&["--policy-rev", "HEAD"]);
    assert!(ran.exits(0).rules().contains(&"config/gate-changed".to_owned()), "{}", ran.brief());
}
