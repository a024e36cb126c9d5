//! Any bytes as a DER request: the label says so, whatever the bytes are.
#![no_main]

use std::sync::Arc;

use csrlint::read;
use csrlint::report::inspect;
use csrlint::source::{FilePath, SourceFile};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let block = pem::encode(bytes);
    let facts = read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new("a.pem")), block.into_bytes())));
    for request in facts.requests() {
        let _ = inspect::request(request);
    }
});

mod pem {
    pub fn encode(bytes: &[u8]) -> String {
        const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut text = String::from("-----BEGIN CERTIFICATE REQUEST-----\n");
        for group in bytes.chunks(3) {
            let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
            for place in 0..4 {
                text.push(if place <= group.len() { char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]) } else { '=' });
            }
        }
        text + "\n-----END CERTIFICATE REQUEST-----\n"
    }
}
