//! The job summary: a verdict first, nothing in it that acts, and never longer than GitHub takes.

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use forge::{csr, der};
use run::Sandbox;
use samples::{GOOD, WEAK};

const MOST: usize = 65_536;

fn markdown(sandbox: &Sandbox, more: &[&str]) -> String {
    let fixed = ["check", "--format", "markdown", "--as-of", "2026-06-01"];
    sandbox.run(&fixed.iter().chain(more).collect::<Vec<_>>()).text().to_owned()
}

#[test]
fn the_verdict_comes_first() {
    let passes = markdown(&Sandbox::with("web.csr", &*GOOD), &[]);
    assert!(passes.starts_with("## csrlint\n\n**Passes**. 1 file, 1 request: no findings."), "{passes}");
    let fails = markdown(&Sandbox::with("web.csr", &*WEAK), &[]);
    assert!(fails.starts_with("## csrlint\n\n**Does not pass**: 1 finding at or above the threshold."), "{fails}");
    let never = markdown(&Sandbox::with("web.csr", &*WEAK), &["--fail-on", "never"]);
    assert!(never.starts_with("## csrlint\n\n**Passes**"), "{never}");
    let large = Sandbox::with("large.csr", [WEAK.as_bytes(), &vec![b'x'; 11 << 20]].concat());
    assert!(markdown(&large, &[]).starts_with("## csrlint\n\n**Not everything could be judged**"));
}

#[test]
fn hostile_content_stays_inert() {
    let hostile =
        "</summary><img src=x onerror=alert(1)>|@acme/owners [x](https://evil.example) #1 `a` \u{202e}\u{1b}[31m";
    let request = csr::good().subject(der::name(&[("O", hostile), ("C", "XX"), ("CN", "shop.example.com")]));
    let sandbox = Sandbox::with("a `b` <i>|@x\u{202e}.csr", request.pem());
    sandbox.git_init();
    let policy = format!(
        "version: 1\nprofiles: [recommended, pedantic]\nwaivers:\n  - {{ rule: san, reason: {hostile:?}, approved-by: \"@owner\", expires: 2026-06-11 }}\n"
    );
    let policy = policy.replace("\\u{202e}", "\\u202e").replace("\\u{1b}", "\\e");
    sandbox.file("csrlint.yaml", policy);
    sandbox.git(&["add", "csrlint.yaml"]).git(&["commit", "--quiet", "--message", "base"]);
    for text in [
        markdown(&sandbox, &["--policy-rev", "HEAD", "--links", "https://git.acme.example/o/r/blob/1"]),
        sandbox.run(&["diff", "--format", "markdown"]).text().to_owned(),
    ] {
        assert!(text.contains("onerror"), "it is shown: {text}");
        for active in [
            "<img",
            "</summary",
            "<i>",
            "@acme",
            "@owner",
            "@x",
            "](https://evil",
            "\u{202e}",
            "\u{1b}",
            "evil.example)",
        ] {
            assert!(!text.contains(active) || active == "evil.example)", "{active:?} acts in {text}");
        }
        // A link is ours or none, and a row of a table has as many cells as its head.
        for line in text.lines().filter(|line| line.starts_with('|')) {
            let cells = line.replace("\\|", "").matches('|').count();
            assert!([4, 6].contains(&cells), "{cells} in {line}");
        }
    }
    // What names the place of files is an address, or nothing.
    let linked = markdown(&sandbox, &["--links", "javascript:alert(1)"]);
    assert!(!linked.contains("javascript:"), "{linked}");
}

#[test]
fn links_are_known_from_the_ci_system() {
    let sandbox = Sandbox::with("a folder/web.csr", &*WEAK);
    let arguments = ["check", "--format", "markdown"];
    let github =
        [("GITHUB_SERVER_URL", "https://github.com"), ("GITHUB_REPOSITORY", "acme/shop"), ("GITHUB_SHA", "0123abc")];
    sandbox.run_with(&arguments, b"", &github).says("(https://github.com/acme/shop/blob/0123abc/a%20folder/web.csr#L");
    let gitlab = [("CI_PROJECT_URL", "https://gitlab.acme.example/shop"), ("CI_COMMIT_SHA", "0123abc")];
    sandbox
        .run_with(&arguments, b"", &gitlab)
        .says("(https://gitlab.acme.example/shop/-/blob/0123abc/a%20folder/web.csr#L");
    let hostile = [("CI_PROJECT_URL", "https://x/)[y]("), ("CI_COMMIT_SHA", "0123abc")];
    assert!(!sandbox.run_with(&arguments, b"", &hostile).text().contains("https://x"));
}

#[test]
fn it_is_never_longer_than_github_takes_and_says_what_is_left_out() {
    let sandbox = Sandbox::new();
    sandbox.git_init().git(&["commit", "--quiet", "--allow-empty", "--message", "base"]);
    for number in 0..400 {
        sandbox.file(format!("services/{number}/{}.csr", "ü".repeat(40)), &*WEAK);
    }
    for (name, text) in [
        ("check", markdown(&sandbox, &["--changed"])),
        ("check of all", markdown(&sandbox, &[])),
        ("diff", sandbox.run(&["diff", "--format", "markdown"]).text().to_owned()),
    ] {
        let length = text.chars().count();
        assert!(length <= MOST, "{name}: {length}");
        assert!(length > MOST / 3, "{name}: {length} is less than there is room for");
        assert!(text.contains("more are not shown here, since GitHub takes no longer text"), "{name}");
    }
}
