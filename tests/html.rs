//! The page: it stands by itself, allows nothing but its own style and script, and lets nothing from files act.
//! Where Chromium is there, it is opened: with and without its script, light, dark, narrow and on paper
//! (`tests/outputs/browser.py`); what is missing is said.

#![allow(clippy::print_stderr, reason = "says what was not opened")]

#[path = "support/forge/mod.rs"]
mod forge;
#[path = "support/run.rs"]
mod run;
#[path = "support/samples.rs"]
mod samples;

use std::collections::BTreeSet;
use std::process::Command;

use forge::der;
use run::Sandbox;
use samples::{GOOD, SHA1, WEAK};
use sha2::Digest as _;

fn html(sandbox: &Sandbox) -> String {
    sandbox.run(&["check", "--as-of", "2026-06-01", "--format", "html"]).text().to_owned()
}

fn between<'t>(text: &'t str, from: &str, to: &str) -> Vec<&'t str> {
    text.split(from).skip(1).map(|rest| rest.split(to).next().expect("a part")).collect()
}

/// Markup of every kind in names, values, paths, a policy and a template.
fn hostile() -> Sandbox {
    let sandbox = Sandbox::with(
        "csrlint.yaml",
        "version: 1\nprofiles: [recommended, pedantic]\nwaivers:\n  - { rule: signature/hash-not-allowed, files: [sha1.csr], reason: \"<b>r</b></script>\", \
         approved-by: \"\\\"><img src=x onerror=document.title=1>\", expires: 2027-03-31 }\n",
    );
    sandbox.file("sha1.csr", &*SHA1);
    let acting = [
        "</script><script>document.title='PWNED'</script>",
        "<img src=x onerror=\"document.title='PWNED'\">",
        "\"><svg onload=document.title='PWNED'>",
        "' onmouseover='document.title=1",
        "</pre></main><h1>PWNED</h1>",
        "<!-- PWNED",
        "&lt;b&gt;PWNED",
        "\u{202e}DENWP",
        "\u{1b}[31mPWNED",
    ];
    for (number, text) in acting.iter().enumerate() {
        let uri = der::tlv(0x86, format!("javascript:alert(1)//{text}").as_bytes());
        let csr = samples::weak().subject(der::name(&[("CN", text), ("O", text)])).and_san(uri);
        sandbox.file(format!("{}/{number}.csr", text.replace('/', "_")), csr.pem());
    }
    sandbox.file("t.cnf", "[req]\ndistinguished_name = dn\nprompt = no\ndefault_bits = 512\n[dn]\nCN = <script>document.title='PWNED'</script>\n");
    sandbox
}

#[test]
fn nothing_but_its_own_style_and_script_is_allowed() {
    let page = html(&hostile());
    let policy = between(&page, "http-equiv=\"Content-Security-Policy\" content=\"", "\"")[0];
    let hash = |text: &str| {
        format!(
            "'sha256-{}'",
            data_encoding::BASE64.encode_mut_str(&sha2::Sha256::digest(text.as_bytes()), &mut [0; 44])
        )
    };
    let (styles, scripts) = (between(&page, "<style>", "</style>"), between(&page, "<script>", "</script>"));
    assert_eq!((styles.len(), scripts.len()), (1, 1), "one of each");
    let directives: BTreeSet<&str> = policy.split("; ").collect();
    let (style, script) = (format!("style-src {}", hash(styles[0])), format!("script-src {}", hash(scripts[0])));
    let wanted = ["default-src 'none'", "base-uri 'none'", "form-action 'none'", style.as_str(), script.as_str()];
    assert_eq!(directives, BTreeSet::from(wanted));
    assert!(page.find("Content-Security-Policy") < page.find("<style>"), "it holds for all that follows");
    for external in
        ["http:", "https:", "url(", "@import", "src=", " style=", "<link", "<img", "<iframe", "eval(", "innerHTML"]
    {
        let inert = page.replace("&lt;img src=x", "").replace("src=x onerror", "");
        assert!(!inert.contains(external), "{external}");
    }
}

#[test]
fn the_same_report_is_the_same_page() {
    let sandbox = hostile();
    let first = html(&sandbox);
    let again = sandbox.run(&["check", "--as-of", "2026-06-01", "--format", "html", "--threads", "1"]);
    assert!(first == again.text());
}

#[test]
fn no_chart_is_empty() {
    let empty = html(&Sandbox::new());
    assert!(empty.contains("Nothing to judge") && empty.contains("Nothing expires") && !empty.contains("<svg"));
    let clean = html(&Sandbox::with("a.csr", &*GOOD));
    assert!(clean.contains(">Passes<") && clean.contains("aria-label=\"Requests by key. "));
    assert_eq!(clean.matches("<svg").count(), 1);
    let found = html(&hostile());
    for title in [
        "Findings by severity",
        "Findings by rule",
        "Findings by folder",
        "Requests by key",
        "Accepted findings by the month",
    ] {
        assert!(found.contains(&format!("role=\"img\" aria-label=\"{title}")), "{title}");
    }
    assert!(found.contains(">2027-03<"));
}

#[test]
fn a_page_shows_what_inspect_prints() {
    let sandbox = Sandbox::with("a.csr", &*WEAK);
    let page = html(&sandbox);
    let listing = between(&page, "<pre class=\"listing\" tabindex=\"0\">", "</pre>")[0];
    let marks = between(listing, "<mark class=\"error\">", "</mark>");
    assert_eq!(marks, ["RSA 1024"]);
    let plain = listing.replace("<mark class=\"error\">", "").replace("</mark>", "");
    let inspected = sandbox.run(&["inspect", "a.csr"]);
    for line in plain.lines() {
        assert!(inspected.text().contains(line), "{line:?}");
    }
}

#[test]
fn a_request_that_was_not_judged_as_a_whole_does_not_look_clean() {
    let template = "[req]\ndistinguished_name = dn\nprompt = no\nreq_extensions = ext\n[dn]\nCN = $ENV::HOST\n[ext]\nsubjectAltName = DNS:$ENV::HOST\n";
    let page = html(&Sandbox::with("t.cnf", template));
    assert!(page.contains(" not judged</span>") && page.contains("rules could not tell, see"), "{page}");
}

#[test]
fn a_browser_shows_it() {
    let answers = |program: &str, arguments: &[&str]| {
        Command::new(program).args(arguments).output().is_ok_and(|output| output.status.success())
    };
    let browsers = ["chromium", "chromium-browser", "google-chrome"];
    let browser = browsers.into_iter().find(|browser| answers(browser, &["--version"]));
    let Some(browser) = browser.filter(|_| answers("python3", &["-c", "import PIL"])) else {
        eprintln!("not opened: Chromium or python3 with Pillow is not here");
        return;
    };
    let sandbox = hostile();
    sandbox.file("page.html", html(&sandbox));
    let page = sandbox.at("page.html");
    let output =
        Command::new("python3").arg("tests/outputs/browser.py").arg(browser).arg(page).output().expect("python3");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
