//! What kind of text a file is, and UTF-16 (as PowerShell writes it) turned into UTF-8 with its map.
//! No other encoding is guessed: markers and base64 are ASCII, so any ASCII superset reads as it is.
//! UTF-16 without a byte order mark is recognised by its NUL bytes.

use super::{Layer, Map, Runs};

/// How the bytes of a file are to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// UTF-8 or any other superset of ASCII.
    Utf8,
    /// Two bytes a unit.
    Utf16 {
        /// High byte first.
        big_endian: bool,
    },
    /// Not text.
    Binary,
}

impl Encoding {
    /// Text as a file of this encoding has it; binary files have no text.
    pub fn encode(self, text: &str) -> Option<Vec<u8>> {
        match self {
            Self::Utf8 => Some(text.as_bytes().to_vec()),
            Self::Utf16 { big_endian: true } => Some(text.encode_utf16().flat_map(u16::to_be_bytes).collect()),
            Self::Utf16 { big_endian: false } => Some(text.encode_utf16().flat_map(u16::to_le_bytes).collect()),
            Self::Binary => None,
        }
    }
}

/// Looks at the first bytes only.
pub fn detect_encoding(bytes: &[u8]) -> Encoding {
    match bytes {
        [0xFF, 0xFE, ..] => return Encoding::Utf16 { big_endian: false },
        [0xFE, 0xFF, ..] => return Encoding::Utf16 { big_endian: true },
        _ => {}
    }
    let head = bytes.get(..bytes.len().min(512)).unwrap_or_default();
    if memchr::memchr(0, head).is_none() {
        return Encoding::Utf8;
    }
    let nul_at = |odd: usize| head.chunks_exact(2).filter(|pair| pair.get(odd) == Some(&0)).count();
    let pairs = head.len() / 2;
    // ASCII in UTF-16 has a NUL in every pair, always on the same side.
    if pairs >= 8 && nul_at(1) * 10 >= pairs * 9 && nul_at(0) == 0 {
        Encoding::Utf16 { big_endian: false }
    } else if pairs >= 8 && nul_at(0) * 10 >= pairs * 9 && nul_at(1) == 0 {
        Encoding::Utf16 { big_endian: true }
    } else {
        Encoding::Binary
    }
}

/// UTF-16 as UTF-8, with the map back. A byte order mark is left out; a lone surrogate becomes U+FFFD.
pub fn decode_utf16(bytes: &[u8], big_endian: bool) -> (String, Map) {
    let mut text = String::with_capacity(bytes.len() / 2);
    let mut runs = Runs::default();
    let units = bytes.chunks_exact(2).map(|pair| match pair {
        [a, b] if big_endian => u16::from_be_bytes([*a, *b]),
        [a, b] => u16::from_le_bytes([*a, *b]),
        _ => 0,
    });
    let mut offset = 0;
    for decoded in char::decode_utf16(units) {
        let in_len = decoded.as_ref().map_or(2, |character| 2 * character.len_utf16());
        let character = decoded.unwrap_or(char::REPLACEMENT_CHARACTER);
        if !(offset == 0 && character == '\u{FEFF}') {
            text.push(character);
            runs.push(character.len_utf8(), offset, in_len);
        }
        offset += in_len;
    }
    (text, Map::identity().under(Layer::Runs(runs)))
}

/// Text that is not UTF-8 throughout, with every wrong byte as U+FFFD, and the map back. What matters to readers is ASCII;
/// names in an old encoding are not guessed at.
pub fn decode_damaged(bytes: &[u8]) -> (String, Map) {
    let mut text = String::with_capacity(bytes.len());
    let mut runs = Runs::default();
    let mut offset = 0;
    for chunk in bytes.utf8_chunks() {
        let valid = chunk.valid();
        if !valid.is_empty() {
            text.push_str(valid);
            runs.push(valid.len(), offset, valid.len());
            offset += valid.len();
        }
        for _ in chunk.invalid() {
            text.push(char::REPLACEMENT_CHARACTER);
            runs.push(char::REPLACEMENT_CHARACTER.len_utf8(), offset, 1);
            offset += 1;
        }
    }
    (text, Map::identity().under(Layer::Runs(runs)))
}
