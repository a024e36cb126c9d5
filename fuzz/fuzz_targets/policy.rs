//! Any text as a policy.
#![no_main]

use csrlint::catalogue::Catalogue;
use csrlint::policy::{Policy, PolicySource, Selection};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let source = PolicySource::of_text(text);
    if let Err(errors) = Policy::load(&source, Catalogue::shipped(), Selection::default(), "2026-06-01".parse().expect("a date")) {
        assert!(errors.iter().all(|error| error.span.end <= text.len()));
    }
});
