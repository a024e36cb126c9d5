//! What is searched only: however a reader gives the bytes, and wherever they stand in the pieces that are searched, the same
//! is found at the same place. What the reader of whole files would take for a request is not passed over.
#![no_main]

use std::io::{self, Read};

use csrlint::read::search_stream;
use csrlint::request::Format;
use csrlint_fuzz::facts;
use libfuzzer_sys::fuzz_target;

/// The pieces of `search_stream`.
const PIECE: usize = 1 << 20;

fuzz_target!(|input: &[u8]| {
    let Some((steps, bytes)) = input.split_first_chunk::<2>() else { return };
    let found = search_stream(&mut &bytes[..]).expect("no error");
    let mut slow = Slow { bytes, step: usize::from(steps[0]) + 1, interrupts: true };
    assert_eq!(search_stream(&mut slow).expect("no error"), found, "in steps of {}", steps[0]);
    let facts = facts("a.txt", bytes);
    let signed = facts.requests().any(|request| matches!(request.origin.format, Format::Pem | Format::Der));
    assert!(found.is_some() || !signed, "a request that would have been read was not found");
    // With a piece ending in the middle of it. DER counts at the beginning of a file only, and words of templates up to the
    // first NUL of a file. A piece is a mebibyte, so that one input in eight has to do.
    if steps[1].is_multiple_of(8) && bytes.first() != Some(&0x30) && !bytes.contains(&0) {
        let middle = usize::from(steps[1]) * bytes.len() / 255;
        let before = PIECE - middle;
        let moved = search_stream(&mut io::repeat(b'\n').take(before as u64).chain(bytes)).expect("no error");
        assert_eq!(moved, found.map(|(at, what)| (at + before as u64, what)), "a piece ends at {middle}");
    }
});

struct Slow<'a> {
    bytes: &'a [u8],
    step: usize,
    interrupts: bool,
}

impl Read for Slow<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.interrupts = !self.interrupts;
        if self.interrupts {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let most = buffer.len().min(self.step);
        self.bytes.read(&mut buffer[..most])
    }
}
