//! Templates under their names and with their siblings: includes, values, variables, roles, lock files.
#![no_main]

use csrlint_fuzz::{engine, files, lint};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { engine(); }, |input: &[u8]| {
    lint(engine(), &files(input));
});
