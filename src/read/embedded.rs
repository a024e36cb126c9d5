//! Base64 strings in any text that may carry a request: where they start, where they end.
//! Certificates, keys and images are base64 too; the first bytes decide, before anything is decoded in full.
//! The markers are the one scan that every file of a tree goes through.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::value::{self, Der};
use crate::encoding::base64;
use crate::encoding::pem::Style;

/// Texts without which nothing can be in a file:
/// the label of a request; DER of a SEQUENCE in base64 (`MII`, `MIG`, `MIH`, `MIM`);
/// three dashes in base64, which any alignment of `-----BEGIN` has; and that once more.
const MARKERS: [&str; 10] =
    ["CERTIFICATE REQUEST", "certificate request", "MII", "MIG", "MIH", "MIM", "LS0t", "TUlJ", "TUlH", "TFMw"];

static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKERS).ok());

/// Whether a text may hold a request at all.
pub fn has_marker(text: &[u8]) -> bool {
    SEARCH.as_ref().is_none_or(|search| search.is_match(text))
}

/// A base64 string worth decoding.
pub(super) struct EmbeddedString {
    pub(super) range: Range<usize>,
    pub(super) style: Style,
    /// `Unknown` for text that has to be searched again.
    pub(super) kind: Der,
}

/// The first decoded bytes of a base64 body.
pub(super) fn head(text: &[u8], body: Range<usize>, style: &Style) -> Vec<u8> {
    base64::decode(text, body.start..body.end.min(body.start + 160), &style.body()).bytes
}

/// All such strings in `range`, in order.
pub(super) fn strings(text: &[u8], range: Range<usize>) -> Vec<EmbeddedString> {
    let mut found: Vec<EmbeddedString> = Vec::new();
    let mut done = range.start;
    let Some(search) = SEARCH.as_ref() else { return found };
    for hit in search.find_iter(text.get(range.clone()).unwrap_or_default()) {
        let at = range.start + hit.start();
        if at < done || hit.pattern().as_usize() < 2 {
            continue;
        }
        let start = run_start(text, at, done);
        if start != at && hit.pattern().as_usize() < 6 {
            continue;
        }
        let quoted = matches!(start.checked_sub(1).and_then(|before| text.get(before)), Some(b'"' | b'\'' | b'`'));
        let style = if quoted { Style::Quoted } else { Style::Lines };
        let first = base64::decode(text, start..range.end.min(start + 160), &style.body()).bytes;
        let kind = value::sniff_der(&first);
        let wanted = match kind {
            Der::Request | Der::SignedData => value::der_length(&first),
            _ if is_text_of_interest(&first) => None,
            _ => {
                done = at + 1;
                continue;
            }
        };
        let kind = if matches!(kind, Der::Request | Der::SignedData) { kind } else { Der::Unknown };
        let end = extent(text, start, range.end, &style, wanted.map(|bytes| (bytes * 8).div_ceil(6)));
        done = end;
        found.push(EmbeddedString { range: start..end, style, kind });
    }
    found
}

/// PEM of a request or more base64 of it, as far as the first bytes tell.
fn is_text_of_interest(first: &[u8]) -> bool {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first).trim_ascii_start();
    if text.starts_with(b"-----BEGIN ") {
        let label = text.get(11..).unwrap_or_default();
        // Certificates and keys are common there; everything else is looked into.
        return !(label.starts_with(b"CERTIFICATE-")
            || label.starts_with(b"PUBLIC KEY-")
            || label.starts_with(b"RSA ")
            || label.starts_with(b"EC ")
            || label.starts_with(b"OPENSSH"));
    }
    [b"MII".as_slice(), b"MIG", b"MIH", b"LS0t", b"TUlJ"].iter().any(|mark| text.starts_with(mark))
        && first.iter().all(|byte| base64::value(*byte).is_some() || byte.is_ascii_whitespace() || *byte == b'=')
}

/// Back from a marker to the first character of its base64 string.
fn run_start(text: &[u8], at: usize, floor: usize) -> usize {
    let before = text.get(floor..at).unwrap_or_default();
    let run = before.iter().rev().take(256).take_while(|byte| base64::value(**byte).is_some()).count();
    let start = at - run;
    // In `\nLS0t` the n belongs to the escape.
    let escaped =
        start > floor && text.get(start - 1) == Some(&b'\\') && matches!(text.get(start), Some(b'n' | b'r' | b't'));
    if escaped { start + 1 } else { start }
}

/// Where a base64 string ends: at its padding, its quote, its needed length, or the first line that is not base64 of the same width.
fn extent(text: &[u8], start: usize, limit: usize, style: &Style, wanted: Option<usize>) -> usize {
    if *style == Style::Quoted {
        return quoted_extent(text, start, limit);
    }
    let mut at = start;
    let mut end = start;
    let mut characters = 0;
    let mut first_width = None;
    while at < limit {
        let rest = text.get(at..limit).unwrap_or_default();
        let line_len = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..line_len).unwrap_or_default();
        let indent = line.iter().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
        let run =
            line.get(indent..).unwrap_or_default().iter().take_while(|byte| base64::value(**byte).is_some()).count();
        let pads = line.get(indent + run..).unwrap_or_default().iter().take_while(|byte| **byte == b'=').count();
        let tail = line.get(indent + run + pads..).unwrap_or_default();
        let whole_line = tail.trim_ascii().is_empty();
        let first = first_width.is_none();
        if run == 0 || (!first && !whole_line) {
            break;
        }
        end = at + indent + run + pads;
        characters += run;
        let width = *first_width.get_or_insert(run);
        if tail.starts_with(b"\\") {
            return escaped_extent(text, end, limit);
        }
        if pads > 0 || !whole_line || run < width || wanted.is_some_and(|wanted| characters >= wanted) {
            break;
        }
        at += line_len + 1;
    }
    end
}

/// A string with escapes but no quote before it (an `.env` file): to the end of the line.
fn escaped_extent(text: &[u8], at: usize, limit: usize) -> usize {
    let rest = text.get(at..limit).unwrap_or_default();
    at + rest.iter().take_while(|byte| base64::value(**byte).is_some() || matches!(byte, b'=' | b'\\')).count()
}

fn quoted_extent(text: &[u8], start: usize, limit: usize) -> usize {
    let quote = start.checked_sub(1).and_then(|before| text.get(before)).copied().unwrap_or(b'"');
    let mut at = start;
    while at < limit {
        match text.get(at) {
            Some(b'\\') => at += 2,
            Some(byte) if *byte == quote => match base64::next_string(text.get(at..limit).unwrap_or_default(), quote) {
                Some(skip) => at += skip,
                None => return at,
            },
            Some(byte) if base64::value(*byte).is_some() || byte.is_ascii_whitespace() || *byte == b'=' => at += 1,
            _ => return at,
        }
    }
    limit
}

/// The marks of a request in a file that is too large to read: the label as it is, in base64 at each alignment, in UTF-16.
const STREAM_MARKS: [&[u8]; 6] = [
    b"BEGIN CERTIFICATE REQUEST",
    b"BEGIN NEW CERTIFICATE REQUEST",
    b"QkVHSU4gQ0VSVElGSUNBVEUgUkVRVUVTV",
    b"JFR0lOIENFUlRJRklDQVRFIFJFUVVFU1",
    b"CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNU",
    b"B\0E\0G\0I\0N\0 \0C\0E\0R\0T\0I\0F\0I\0C\0A\0T\0E\0 \0R\0E\0Q\0U\0E\0S\0T\0",
];

/// The offset of the first mark of a request in a stream, which is read in pieces.
///
/// # Errors
/// Whatever the reader says.
pub fn search_stream(reader: &mut dyn std::io::Read) -> std::io::Result<Option<u64>> {
    const PIECE: usize = 1 << 20;
    const OVERLAP: usize = 128;
    let Ok(search) = AhoCorasick::new(STREAM_MARKS) else { return Ok(None) };
    let mut buffer = vec![0; PIECE];
    let mut kept = 0;
    let mut offset = 0;
    loop {
        let count = match reader.read(buffer.get_mut(kept..).unwrap_or_default()) {
            Ok(0) => return Ok(None),
            Ok(count) => count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let filled = kept + count;
        let piece = buffer.get(..filled).unwrap_or_default();
        if offset == 0 && kept == 0 && value::sniff_der(piece) == Der::Request {
            return Ok(Some(0));
        }
        if let Some(hit) = search.find(piece) {
            return Ok(Some(offset + hit.start() as u64));
        }
        let rest = filled.saturating_sub(OVERLAP);
        buffer.copy_within(rest..filled, 0);
        offset += rest as u64;
        kept = filled - rest;
    }
}
