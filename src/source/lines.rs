//! Byte offset → line and column, in the three units the outputs want.
//! Lines end at LF (so CRLF too); nothing else ends a line, as in editors and on GitHub.
//! A file that is no text (DER) is one line of bytes.

use super::Encoding;

/// A place in a file, 1-based.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
pub struct Position {
    /// Byte offset in the file, 0-based.
    pub offset: usize,
    /// Line.
    pub line: usize,
    /// Column in characters, for people.
    pub column: usize,
    /// Column in UTF-16 units, for SARIF and editors.
    pub column_utf16: usize,
    /// Column in bytes of the line as UTF-8, for reviewdog; a byte order mark counts.
    pub column_utf8: usize,
}

/// Where the lines of a file start.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<usize>,
    encoding: Encoding,
}

impl LineIndex {
    /// Scans the file once.
    pub fn new(bytes: &[u8], encoding: Encoding) -> Self {
        let mut starts = vec![0];
        match encoding {
            Encoding::Utf8 => starts.extend(memchr::memchr_iter(b'\n', bytes).map(|at| at + 1)),
            Encoding::Utf16 { big_endian } => {
                let unit = if big_endian { [0, b'\n'] } else { [b'\n', 0] };
                starts.extend(
                    bytes.chunks_exact(2).enumerate().filter(|(_, pair)| *pair == unit).map(|(i, _)| 2 * i + 2),
                );
            }
            Encoding::Binary => {}
        }
        Self { starts, encoding }
    }

    /// The place of a byte offset; one past the end is the end.
    pub fn position(&self, bytes: &[u8], offset: usize) -> Position {
        let offset = offset.min(bytes.len());
        let line = self.starts.partition_point(|start| *start <= offset);
        let start = self.starts.get(line.saturating_sub(1)).copied().unwrap_or(0);
        let before = bytes.get(start..offset).unwrap_or_default();
        let (characters, units, utf8) = match self.encoding {
            Encoding::Utf8 => {
                let skipped = if start == 0 && before.starts_with(b"\xEF\xBB\xBF") { 3 } else { 0 };
                let (characters, units) = count_utf8(before.get(skipped..).unwrap_or_default());
                (characters, units, before.len())
            }
            Encoding::Utf16 { big_endian } => (before.len() / 2, before.len() / 2, utf8_len(before, big_endian)),
            // A binary file has no columns a viewer could show; the offset itself is reported beside them.
            Encoding::Binary => (0, 0, 0),
        };
        Position { offset, line, column: characters + 1, column_utf16: units + 1, column_utf8: utf8 + 1 }
    }
}

/// Characters and UTF-16 units; a byte that is not UTF-8 counts as one character.
fn count_utf8(bytes: &[u8]) -> (usize, usize) {
    let mut counts = (0, 0);
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            counts.0 += 1;
            counts.1 += character.len_utf16();
        }
        counts.0 += chunk.invalid().len();
        counts.1 += chunk.invalid().len();
    }
    counts
}

/// Bytes that text in UTF-16 takes as UTF-8; half a surrogate pair counts as the character that stands for it.
fn utf8_len(bytes: &[u8], big_endian: bool) -> usize {
    let unit = if big_endian { u16::from_be_bytes } else { u16::from_le_bytes };
    let units = bytes.chunks_exact(2).filter_map(|pair| pair.try_into().ok()).map(unit);
    char::decode_utf16(units).map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER).len_utf8()).sum()
}

/// The line of a place in a text, from 1; for one place, where an index would not pay.
pub fn line_at(text: &str, offset: usize) -> usize {
    memchr::memchr_iter(b'\n', text.as_bytes().get(..offset).unwrap_or_default()).count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_differ_by_unit() {
        let text = "a\n\u{1F600}\u{e9}x\r\n".as_bytes();
        let index = LineIndex::new(text, Encoding::Utf8);
        let position = index.position(text, 8);
        assert_eq!((position.line, position.column, position.column_utf16), (2, 3, 4));
        assert_eq!(index.position(text, 999).line, 3);
    }
}
