//! Base64 strings in any text that may carry a request: where they start, where they end.
//! Certificates, keys and images are base64 too; the first bytes decide, before anything is decoded in full.
//! Their markers and those of templates are the one scan that every file of a tree goes through.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::value::{self, Der};
use crate::encoding::base64;
use crate::encoding::pem::{self, Style};

/// Texts without which nothing can be in a file:
/// the label of a request or a private key; DER of a SEQUENCE in base64 (`MII`, `MIG`, `MIH`, `MIM`), and of one below 128
/// octets that begins as a private key does (`CAQAw`, `CAQEw`: PKCS#8 of either version; `CAQEE`: SEC 1);
/// three dashes in base64, which any alignment of `-----BEGIN` has; and both of them in base64 up to four times more
/// (beyond that every base64 of base64 starts with `Vm1`).
const MARKERS: [&str; 21] = [
    "CERTIFICATE REQUEST",
    "certificate request",
    "PRIVATE KEY-----",
    "MII",
    "MIG",
    "MIH",
    "MIM",
    "LS0t",
    "TUlJ",
    "TUlH",
    "TFMw",
    "VFVs",
    "VEZN",
    "VkZW",
    "VkVa",
    "VmtW",
    "Vmta",
    "Vm1",
    "CAQAw",
    "CAQEE",
    "CAQEw",
];
/// Those above that are base64.
const BASE64_MARKERS: usize = 3;
/// Those that start a string of base64, wherever it stands.
const ALIGNED_MARKERS: usize = 7;

static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(MARKERS).ok());

/// The same, and the marks of templates.
static SEARCH_FOR_ALL: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let marks = MARKERS.into_iter().chain(super::formats::marks());
    AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(marks).ok()
});

/// Whether a text may hold a request or a private key.
pub fn has_marker(text: &[u8]) -> bool {
    SEARCH.as_ref().is_none_or(|search| search.is_match(text))
}

/// Whether a text may hold a request, a private key or a template: the one scan that every file of a tree goes through.
pub fn may_hold_anything(text: &[u8]) -> bool {
    SEARCH_FOR_ALL.as_ref().is_none_or(|search| search.is_match(text))
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
        if at < done || hit.pattern().as_usize() < BASE64_MARKERS {
            continue;
        }
        let start = run_start(text, at, done);
        if start != at && hit.pattern().as_usize() < ALIGNED_MARKERS {
            continue;
        }
        let quoted = matches!(start.checked_sub(1).and_then(|before| text.get(before)), Some(b'"' | b'\'' | b'`'));
        let style = if quoted { Style::Quoted } else { Style::Lines };
        let first = base64::decode(text, start..range.end.min(start + 160), &style.body()).bytes;
        let kind = value::sniff_der(&first);
        let wanted = match kind {
            Der::Request | Der::SignedData | Der::Certificate | Der::PrivateKey => value::der_length(&first),
            _ if is_text_of_interest(&first) => None,
            _ => {
                done = at + 1;
                continue;
            }
        };
        let kind = match kind {
            Der::Request | Der::SignedData | Der::Certificate | Der::PrivateKey => kind,
            _ => Der::Unknown,
        };
        let end = extent(text, start, range.end, &style, wanted.map(|bytes| (bytes * 8).div_ceil(6)));
        done = end;
        found.push(EmbeddedString { range: start..end, style, kind });
    }
    found
}

/// PEM or more base64 of it, as far as the first bytes tell.
fn is_text_of_interest(first: &[u8]) -> bool {
    let text = first.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(first).trim_ascii_start();
    if text.starts_with(b"-----BEGIN ") {
        let label = text.get(11..).unwrap_or_default();
        return !label.starts_with(b"PUBLIC KEY-");
    }
    MARKERS.iter().skip(BASE64_MARKERS).any(|mark| text.starts_with(mark.as_bytes()))
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

/// The first request or private key in a stream, which is read in pieces: its offset, and which of them it is.
/// A request is a label with its BEGIN, as it is or in UTF-16, or a base64 string that starts as a request or as PEM of
/// one does; a private key is PEM, or base64 of it: binaries that read keys have the label, too.
///
/// # Errors
/// Whatever the reader says.
pub fn search_stream(reader: &mut dyn std::io::Read) -> std::io::Result<Option<(u64, &'static str)>> {
    const PIECE: usize = 1 << 20;
    /// Longer than anything that is looked for.
    const OVERLAP: usize = 512;
    let mut buffer = vec![0; PIECE];
    let mut kept = 0;
    let mut offset = 0;
    let mut is_text = true;
    loop {
        let filled = fill(reader, &mut buffer, kept)?;
        let piece = buffer.get(..filled).unwrap_or_default();
        if offset == 0 && value::sniff_der(piece) == Der::Request {
            return Ok(Some((0, REQUEST)));
        }
        // Programs have the words of templates in them, and nobody makes a request from a program.
        is_text &= memchr::memchr(0, piece).is_none();
        let template = super::formats::first_mark(piece).filter(|_| is_text).map(|at| (at, TEMPLATE));
        let key = first_private_key(piece).map(|at| (at, PRIVATE_KEY)).or(template);
        if let Some((at, what)) = first_request(piece).map(|at| (at, REQUEST)).into_iter().chain(key).min() {
            return Ok(Some((offset + at as u64, what)));
        }
        if filled < PIECE {
            return Ok(None);
        }
        let rest = filled - OVERLAP;
        buffer.copy_within(rest..filled, 0);
        offset += rest as u64;
        kept = OVERLAP;
    }
}

/// Why a file that is too large to be read is a failure, if it is one: it may hold something.
pub fn problem_of_large(len: u64, reader: &mut dyn std::io::Read) -> Option<String> {
    match search_stream(reader) {
        Ok(None) => None,
        Ok(Some((offset, what))) => {
            Some(format!("the file of {len} bytes is too large to lint, and there is {what} at byte {offset}"))
        }
        Err(error) => Some(error.to_string()),
    }
}

const REQUEST: &str = "a request";
const PRIVATE_KEY: &str = "a private key";
const TEMPLATE: &str = "what may be a template";

/// Reads until the buffer is full or the stream ends.
fn fill(reader: &mut dyn std::io::Read, buffer: &mut [u8], mut filled: usize) -> std::io::Result<usize> {
    while let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) {
        match reader.read(free) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// `BEGIN CERTIFICATE REQUEST` and `BEGIN NEW CERTIFICATE REQUEST` in base64, at each of the three alignments.
const LABELS_IN_BASE64: [&str; 6] = [
    "QkVHSU4gQ0VSVElGSUNBVEUgUkVRVUVTV",
    "JFR0lOIENFUlRJRklDQVRFIFJFUVVFU1",
    "CRUdJTiBDRVJUSUZJQ0FURSBSRVFVRVNU",
    "QkVHSU4gTkVXIENFUlRJRklDQVRFIFJFUVVFU1",
    "JFR0lOIE5FVyBDRVJUSUZJQ0FURSBSRVFVRVNU",
    "CRUdJTiBORVcgQ0VSVElGSUNBVEUgUkVRVUVTV",
];

fn first_request(piece: &[u8]) -> Option<usize> {
    let labels = ["BEGIN CERTIFICATE REQUEST", "BEGIN NEW CERTIFICATE REQUEST"];
    let wide: Vec<u8> = labels[0].bytes().flat_map(|byte| [byte, 0]).collect();
    let plain = labels.iter().flat_map(|label| [label.to_string(), label.to_lowercase()]).map(String::into_bytes);
    let marks = plain.chain(LABELS_IN_BASE64.map(|mark| mark.as_bytes().to_vec())).chain([wide]);
    let label = AhoCorasick::new(marks).ok().and_then(|search| search.find(piece)).map(|hit| hit.start());
    let string = strings(piece, 0..piece.len()).into_iter().find(|string| {
        let end = string.range.end.min(string.range.start + 512);
        string.kind == Der::Request
            || starts_as_request(piece.get(string.range.start..end).unwrap_or_default(), &string.style)
    });
    label.into_iter().chain(string.map(|string| string.range.start)).min()
}

/// The BEGIN of the first private key that has something under it, as it is or in base64.
fn first_private_key(piece: &[u8]) -> Option<usize> {
    let plain = private_block(piece);
    let string =
        strings(piece, 0..piece.len()).into_iter().filter(|string| string.kind == Der::Unknown).find(|string| {
            let mut text = piece.get(string.range.clone()).unwrap_or_default().to_vec();
            let mut style = &string.style;
            (0..=super::MAX_LAYERS).any(|_| {
                text = base64::decode(&text, 0..text.len(), &style.body()).bytes;
                style = &Style::Lines;
                private_block(&text).is_some()
            })
        });
    plain.into_iter().chain(string.map(|string| string.range.start)).min()
}

fn private_block(text: &[u8]) -> Option<usize> {
    const LABEL: &[u8] = b"PRIVATE KEY-----";
    memchr::memmem::find_iter(text, LABEL).find_map(|at| {
        let first = at.saturating_sub(b"-----BEGIN ENCRYPTED ".len());
        let window = text.get(first..text.len().min(at + 512)).unwrap_or_default();
        let block = pem::blocks(window).into_iter().find(|block| block.label.ends_with("PRIVATE KEY"))?;
        let octets = base64::decode(window, block.body.clone(), &block.style.body()).bytes;
        (octets.len() >= super::LEAST_PRIVATE_KEY).then_some(first + block.begin.start)
    })
}

/// Whether the beginning of a base64 string is, under any number of further layers, that of a request.
fn starts_as_request(text: &[u8], style: &Style) -> bool {
    let mut text = text.to_vec();
    for _ in 0..=super::MAX_LAYERS {
        text = base64::decode(&text, 0..text.len(), &style.body()).bytes;
        if value::sniff_der(&text) == Der::Request
            || String::from_utf8_lossy(&text).to_ascii_uppercase().contains("CERTIFICATE REQUEST")
        {
            return true;
        }
    }
    false
}
