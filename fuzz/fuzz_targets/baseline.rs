//! Any text as a baseline: it is one and comes back as it was written, or the error stands in it.
#![no_main]

use csrlint::policy::{Baseline, render_baseline};
use csrlint_fuzz::{harmless, told};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let baseline = match Baseline::parse(&("b.json", text).into()) {
        Ok(baseline) => baseline,
        Err(error) => return told(&[error]),
    };
    for (entry, place) in baseline.stale() {
        assert!(baseline.text.get(place).is_some());
        assert!(baseline.line_of(entry) <= text.split('\n').count());
    }
    let written = render_baseline(baseline.entries.clone());
    harmless("baseline", &written);
    let mut expected = baseline.entries.clone();
    expected.sort();
    expected.dedup();
    let again = Baseline::parse(&("b.json", written.as_str()).into()).expect("what is written is read");
    assert_eq!(again.entries, expected);
    assert!(expected.iter().all(|entry| baseline.has(&entry.fingerprint)));
    assert_eq!(baseline.stale().count(), 0);
});
