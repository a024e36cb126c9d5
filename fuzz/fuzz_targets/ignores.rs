//! Comments that ignore findings, in front of a template that has some: only what a comment names is ignored.
#![no_main]

use csrlint::catalogue::stands_for;
use csrlint::policy::{MARK, ignores};
use csrlint_fuzz::{day, engine, lint, one};
use libfuzzer_sys::fuzz_target;

const TEMPLATE: &[u8] =
    b"\n[req]\nprompt = no\ndefault_bits = 1024\ndistinguished_name = dn\n[dn]\nCN = web.acme.example\n";

fuzz_target!(init: { engine(); }, |text: &[u8]| {
    let (found, defects) = ignores(text, day());
    for ignore in &found {
        assert!(text[ignore.span.range()].starts_with(MARK));
        assert!(!ignore.rules.is_empty() && !ignore.reason.is_empty());
        assert!(ignore.until.is_none_or(|until| until >= day()));
    }
    assert!(defects.iter().all(|defect| defect.span.range().end <= text.len()));
    assert_eq!(ignores(&[text, b"\n"].concat(), day()).0, found);

    let bytes = [text, TEMPLATE].concat();
    let report = lint(engine(), &one("web.cnf", &bytes));
    let (found, _) = ignores(&bytes, day());
    for finding in report.findings.iter().filter(|finding| finding.waived.is_some()) {
        let named = found.iter().flat_map(|ignore| &ignore.rules).any(|word| stands_for(word, &finding.rule.id));
        assert!(named, "{} is ignored, and no comment names it", finding.rule.id);
    }
});
