//! Any bytes as a file, under a name of requests and under none: found, read, judged by every rule, shown.
#![no_main]

use csrlint::source::{Encoding, detect_encoding};
use csrlint_fuzz::{engine, facts, lint, one};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { engine(); }, |bytes: &[u8]| {
    for name in ["a.csr", "a"] {
        lint(engine(), &one(name, bytes));
        // UTF-16 is told by pairs of bytes, which one more byte would shift.
        if detect_encoding(bytes) == Encoding::Utf8 {
            let more = facts(name, &[bytes, b"\n"].concat()).requests().count();
            let count = facts(name, bytes).requests().count();
            assert!(more >= count, "{count} requests, and {more} with a line feed behind them");
        }
    }
});
