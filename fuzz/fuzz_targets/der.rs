//! Any bytes as the DER of a request: the label says so, whatever they are. As a file by themselves they are the same request.
#![no_main]

use csrlint::report::inspect;
use csrlint_fuzz::{engine, facts, one, places, run};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: { engine(); }, |der: &[u8]| {
    let text = armoured(der);
    let digest = |request| inspect::request(request).get("der_sha256").cloned();
    let labelled = facts("a.pem", text.as_bytes());
    if let Some(bare) = facts("a.der", der).requests().next() {
        let found = labelled.requests().any(|request| digest(request) == digest(bare));
        assert!(found || bare.pkcs10.is_none(), "read as DER only");
    }
    let files = one("a.pem", text.as_bytes());
    places(&run(engine(), &files, 1), &files);
});

fn armoured(der: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::from("-----BEGIN CERTIFICATE REQUEST-----");
    for (number, group) in der.chunks(3).enumerate() {
        if number % 16 == 0 {
            text.push('\n');
        }
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = char::from(ALPHABET[(bits >> (18 - 6 * place) & 63) as usize]);
            text.push(if place <= group.len() { digit } else { '=' });
        }
    }
    text + "\n-----END CERTIFICATE REQUEST-----\n"
}
