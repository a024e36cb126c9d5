//! Base64 (RFC 4648 section 4) that keeps the place of every character and goes on after errors.
//! It decodes one body; where bodies start and end is decided in `pem` and `read`.
//! A body may stand in source code or JSON: escapes, quotes and line joins are then passed over as white space is.

use std::ops::Range;

use crate::source::Runs;

/// How the body stands in its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body<'a> {
    /// Lines of base64.
    Lines,
    /// Lines that all start with the same mark, as in a commented-out block.
    Marked(&'a [u8]),
    /// Inside a quoted string: `\n`, `\/` and `\u002b` are escapes; at a closing quote the text goes on in the next string.
    Quoted,
}

/// What a body gave.
#[derive(Debug, Default)]
pub struct Decoded {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// The place of each base64 character (padding left out).
    pub characters: Runs,
    /// Offsets of characters that are neither base64 nor white space.
    pub invalid: Vec<usize>,
    /// What is wrong with the end of the body, and where.
    pub padding: Option<(Range<usize>, &'static str)>,
}

/// At most this many bad characters are told of one body.
pub const MAX_INVALID: usize = 32;

/// The value of a base64 character.
pub fn value(character: u8) -> Option<u8> {
    match TABLE[character as usize] {
        INVALID => None,
        value => Some(value),
    }
}

const INVALID: u8 = 0xFF;

const TABLE: [u8; 256] = {
    let mut table = [INVALID; 256];
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut value = 0;
    while value < 64 {
        table[alphabet[value] as usize] = value as u8;
        value += 1;
    }
    table
};

/// Decodes `range` of `text`. Never fails; what is wrong is in the result.
pub fn decode(text: &[u8], range: Range<usize>, body: &Body<'_>) -> Decoded {
    let mut decoder = Decoder::new(range.len());
    let mut at = range.start;
    let end = range.end.min(text.len());
    let mut line_start = true;
    while at < end {
        if line_start && let Body::Marked(mark) = body {
            at += marked_prefix(text.get(at..end).unwrap_or_default(), mark);
            line_start = false;
            continue;
        }
        let Some(rest) = text.get(at..end) else { break };
        let run = rest.iter().take_while(|byte| TABLE[**byte as usize] != INVALID).count();
        if run > 0 {
            decoder.characters(rest.get(..run).unwrap_or_default(), at);
            at += run;
            continue;
        }
        let byte = rest.first().copied().unwrap_or_default();
        match byte {
            b'=' => {
                decoder.pad(at);
                at += 1;
            }
            b'\n' => {
                line_start = true;
                at += 1;
            }
            b' ' | b'\t' | b'\r' | 0x0B | 0x0C => at += 1,
            b'\\' => at += decoder.escape(rest, at),
            b'"' | b'\'' | b'`' if *body == Body::Quoted => match next_string(rest, byte) {
                Some(skip) => at += skip,
                None => break,
            },
            _ => {
                decoder.invalid(at);
                at += 1;
            }
        }
    }
    decoder.finish()
}

/// From a closing quote to just past the next opening one, if only joins (`+`, `\`, commas, white space) stand between.
pub fn next_string(rest: &[u8], quote: u8) -> Option<usize> {
    let gap = rest
        .get(1..)?
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b'+' | b',' | b'.' | b'\\' | b'(' | b')'))
        .count();
    (rest.get(1 + gap) == Some(&quote)).then_some(gap + 2)
}

fn marked_prefix(line: &[u8], mark: &[u8]) -> usize {
    let blank = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let trimmed = mark.trim_ascii();
    if line.get(blank..).is_some_and(|rest| rest.starts_with(trimmed)) { blank + trimmed.len() } else { blank }
}

struct Decoder {
    out: Decoded,
    bits: u32,
    pending: u32,
    pads: usize,
    first_pad: Option<usize>,
    last: usize,
    after_pad: Option<usize>,
}

impl Decoder {
    fn new(length: usize) -> Self {
        let out = Decoded { bytes: Vec::with_capacity(length / 4 * 3 + 3), ..Decoded::default() };
        Self { out, bits: 0, pending: 0, pads: 0, first_pad: None, last: 0, after_pad: None }
    }

    fn characters(&mut self, run: &[u8], at: usize) {
        if self.pads > 0 && self.after_pad.is_none() {
            self.after_pad = Some(at);
        }
        self.out.characters.push(run.len(), at, run.len());
        self.last = at + run.len();
        let mut rest = run;
        while self.pending != 0
            && let Some((first, others)) = rest.split_first()
        {
            self.sextet(u32::from(TABLE[*first as usize]));
            rest = others;
        }
        let mut quads = rest.chunks_exact(4);
        for quad in &mut quads {
            let [a, b, c, d] = *quad else { continue };
            let bits = u32::from(TABLE[a as usize]) << 18
                | u32::from(TABLE[b as usize]) << 12
                | u32::from(TABLE[c as usize]) << 6
                | u32::from(TABLE[d as usize]);
            let [_, x, y, z] = bits.to_be_bytes();
            self.out.bytes.extend_from_slice(&[x, y, z]);
        }
        for character in quads.remainder() {
            self.sextet(u32::from(TABLE[*character as usize]));
        }
    }

    /// One character; `pending` counts those that do not fill a group of four yet.
    fn sextet(&mut self, value: u32) {
        self.bits = self.bits << 6 | value;
        self.pending += 1;
        if self.pending == 4 {
            let [_, x, y, z] = self.bits.to_be_bytes();
            self.out.bytes.extend_from_slice(&[x, y, z]);
            self.bits = 0;
            self.pending = 0;
        }
    }

    /// A backslash: an escape for white space, for `/` or for any character by number. Returns its length.
    fn escape(&mut self, rest: &[u8], at: usize) -> usize {
        match rest.get(1) {
            Some(b'n' | b'r' | b't' | b'\n' | b'\r' | b' ') => 2,
            // A doubled backslash: JSON inside a string.
            Some(b'\\') => 1,
            Some(b'/') => {
                self.escaped(b'/', at, 2);
                2
            }
            Some(b'u') => {
                let code = rest
                    .get(2..6)
                    .and_then(|hex| std::str::from_utf8(hex).ok())
                    .and_then(|hex| u32::from_str_radix(hex, 16).ok());
                match code.and_then(|code| u8::try_from(code).ok()) {
                    Some(b'=') => self.pad(at),
                    Some(byte) if value(byte).is_some() => self.escaped(byte, at, 6),
                    Some(b'\n' | b'\r' | b'\t' | b' ') => {}
                    _ => {
                        self.invalid(at);
                        return 1;
                    }
                }
                6
            }
            Some(_) => {
                self.invalid(at);
                1
            }
            None => 1,
        }
    }

    fn escaped(&mut self, byte: u8, at: usize, len: usize) {
        self.out.characters.push(1, at, len);
        self.last = at + len;
        self.sextet(u32::from(TABLE[byte as usize]));
    }

    fn pad(&mut self, at: usize) {
        self.pads += 1;
        self.first_pad.get_or_insert(at);
        self.last = at + 1;
    }

    fn invalid(&mut self, at: usize) {
        if self.out.invalid.len() < MAX_INVALID {
            self.out.invalid.push(at);
        }
    }

    fn finish(mut self) -> Decoded {
        let tail = self.first_pad.unwrap_or(self.last.saturating_sub(1))..self.last;
        let wanted = match self.pending {
            0 => 0,
            // One character alone carries no byte; it is an error whatever follows.
            1 => 3,
            n => 4 - n as usize,
        };
        let problem = match self.pending {
            _ if self.after_pad.is_some() => Some("base64 goes on after its padding"),
            1 => Some("the last base64 character is alone: a character is missing or superfluous"),
            2 if self.bits & 0xF != 0 => Some("bits of the last base64 character that carry nothing are not zero"),
            3 if self.bits & 0x3 != 0 => Some("bits of the last base64 character that carry nothing are not zero"),
            _ if self.pads < wanted => Some("padding is missing at the end of the base64"),
            _ if self.pads > wanted => Some("more padding than the base64 needs"),
            _ => None,
        };
        match self.pending {
            2 => self.out.bytes.push((self.bits >> 4) as u8),
            3 => self.out.bytes.extend_from_slice(&[(self.bits >> 10) as u8, (self.bits >> 2) as u8]),
            _ => {}
        }
        let place = self.after_pad.map_or(tail, |at| at..self.last.max(at));
        self.out.padding = problem.map(|problem| (place, problem));
        self.out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain(text: &str) -> (Vec<u8>, Vec<usize>, bool) {
        let decoded = decode(text.as_bytes(), 0..text.len(), &Body::Lines);
        (decoded.bytes, decoded.invalid, decoded.padding.is_some())
    }

    #[test]
    fn well_formed() {
        assert_eq!(plain("Zm9v\nYmFy"), (b"foobar".to_vec(), vec![], false));
        assert_eq!(plain("Zm8="), (b"fo".to_vec(), vec![], false));
        assert_eq!(plain("Zg=="), (b"f".to_vec(), vec![], false));
        assert_eq!(plain("Z g\r\n= ="), (b"f".to_vec(), vec![], false));
    }

    #[test]
    fn ill_formed_goes_on() {
        assert_eq!(plain("Zm*9v"), (b"foo".to_vec(), vec![2], false));
        assert_eq!(plain("Zm8"), (b"fo".to_vec(), vec![], true));
        assert_eq!(plain("Zm9="), (b"fo".to_vec(), vec![], true));
        assert_eq!(plain("Zm9vY"), (b"foo".to_vec(), vec![], true));
    }

    #[test]
    fn strings_of_source_code() {
        let text = br#"Zm\n9v" +
    "Ym\/\u0046";"#;
        let decoded = decode(text, 0..text.len(), &Body::Quoted);
        assert_eq!(decoded.bytes, [b'f', b'o', b'o', b'b', b'o', 0xC5]);
        assert!(decoded.invalid.is_empty());
        let marked = b"# Zm9v\n#YmFy\n";
        assert_eq!(decode(marked, 0..marked.len(), &Body::Marked(b"# ")).bytes, b"foobar");
    }
}
