//! Any text as a policy: it is one, or every error stands in it; the second reading says the same.
#![no_main]

use csrlint::policy::{Policy, PolicySource, Selection};
use csrlint_fuzz::{catalogue, day, told};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { catalogue(); }, |text: &str| {
    let load = || Policy::load(&PolicySource::of_text(text), catalogue(), Selection::default(), day()).err();
    let first = load();
    told(first.as_deref().unwrap_or_default());
    assert_eq!(first, load());
});
