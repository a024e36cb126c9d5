//! The armour of PEM (RFC 7468), wherever it stands: a file, a YAML scalar, a comment, a quoted string.
//! It finds blocks and says what is odd about them; it does not decode bodies and does not judge labels.
//! Documentation mentions labels all the time: a BEGIN line alone is no block that claims to hold something.

use std::ops::Range;

use memchr::memmem;

use super::base64::{self, Body};

/// How the lines of a block are marked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Style {
    /// As in a file of its own, maybe indented.
    Lines,
    /// Every line behind the same mark, such as `# `.
    Marked(Vec<u8>),
    /// In a quoted string with escapes.
    Quoted,
}

impl Style {
    /// The same, as the base64 reader wants it.
    pub fn body(&self) -> Body<'_> {
        match self {
            Self::Lines => Body::Lines,
            Self::Marked(mark) => Body::Marked(mark),
            Self::Quoted => Body::Quoted,
        }
    }
}

/// One block, from BEGIN to END or to where its body stops.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The label of the BEGIN line.
    pub label: String,
    /// The BEGIN line, from its first dash to its last.
    pub begin: Range<usize>,
    /// The END line with its label; `None` where it is missing.
    pub end: Option<(Range<usize>, String)>,
    /// From the end of BEGIN (and of any headers) to the start of END.
    pub body: Range<usize>,
    /// RFC 1421 header lines.
    pub headers: Option<Range<usize>>,
    /// How the lines are marked.
    pub style: Style,
    /// Blanks before BEGIN, where nothing else stands before it.
    pub indent: usize,
    /// BEGIN is the first thing on its line.
    pub at_line_start: bool,
    /// What is wrong with BEGIN or END.
    pub malformed: Vec<(Range<usize>, &'static str)>,
}

impl Block {
    /// From the first dash of BEGIN to the last of END.
    pub fn range(&self) -> Range<usize> {
        self.begin.start..self.end.as_ref().map_or(self.body.end, |(end, _)| end.end).max(self.begin.end)
    }

    /// The first line of the body that is not 64 characters wide although it should be (RFC 7468 section 2), with its width.
    pub fn odd_line(&self, text: &[u8]) -> Option<(Range<usize>, usize)> {
        if self.style == Style::Quoted {
            return None;
        }
        let mut at = self.body.start;
        let mut lines = Vec::new();
        for line in text.get(self.body.clone())?.split_inclusive(|byte| *byte == b'\n') {
            let start = at + line.iter().take_while(|byte| byte.is_ascii_whitespace()).count().min(line.len());
            let width = line.trim_ascii().len();
            at += line.len();
            if width > 0 {
                lines.push((start..start + width, width));
            }
        }
        let last = lines.len().saturating_sub(1);
        lines
            .into_iter()
            .enumerate()
            .find(|(i, (_, width))| if *i == last { *width > 64 } else { *width != 64 })
            .map(|(_, line)| line)
    }
}

/// Every block of a text, in order.
pub fn blocks(text: &[u8]) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    for at in begin_words(text) {
        // A BEGIN inside the block before it is that block's business.
        if found.last().is_some_and(|last| at < last.range().end) {
            continue;
        }
        found.extend(block_at(text, at));
    }
    found
}

fn begin_words(text: &[u8]) -> Vec<usize> {
    let mut words: Vec<usize> =
        memmem::find_iter(text, b"-BEGIN").chain(memmem::find_iter(text, b"-begin")).map(|at| at + 1).collect();
    words.sort_unstable();
    words
}

const DASHES: usize = 5;
/// Longer than any label in use (RFC 7468 section 3 sets no limit).
const MAX_LABEL: usize = 64;

fn block_at(text: &[u8], word: usize) -> Option<Block> {
    let before = dashes_before(text, word);
    if before < 2 {
        return None;
    }
    let boundary = boundary(text, word, b"BEGIN")?;
    let start = word - before;
    let line_start = memchr::memrchr(b'\n', text.get(..start)?).map_or(0, |at| at + 1);
    let prefix = text.get(line_start..start)?;
    let prefix = prefix.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(prefix);
    let style = style_of(prefix);
    let blank = prefix.iter().all(|byte| matches!(byte, b' ' | b'\t'));
    let mut malformed = Vec::new();
    let begin = start..boundary.end;
    if let Some(problem) = boundary.problem(before) {
        malformed.push((begin.clone(), problem));
    }
    let (headers, body_start) = headers(text, boundary.end, &style);
    let (body, end) = body_and_end(text, body_start, &style, &mut malformed);
    if blank
        && style == Style::Lines
        && end.is_some()
        && rest_of_line(text, boundary.end).is_some_and(|rest| !rest.is_empty())
    {
        malformed.push((begin.clone(), "text follows the BEGIN line on the same line"));
    }
    Some(Block {
        label: boundary.label,
        begin,
        end,
        body,
        headers,
        style,
        indent: if blank { prefix.len() } else { 0 },
        at_line_start: blank,
        malformed,
    })
}

fn rest_of_line(text: &[u8], at: usize) -> Option<&[u8]> {
    let rest = text.get(at..)?;
    let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len()))?;
    Some(line.trim_ascii())
}

fn dashes_before(text: &[u8], at: usize) -> usize {
    text.get(..at).unwrap_or_default().iter().rev().take(12).take_while(|byte| **byte == b'-').count()
}

struct Boundary {
    label: String,
    end: usize,
    dashes_after: usize,
    exact: bool,
}

impl Boundary {
    fn problem(&self, dashes_before: usize) -> Option<&'static str> {
        match () {
            () if !self.exact => Some("BEGIN, END and the label are written in capitals, with one blank between them"),
            () if dashes_before != DASHES || self.dashes_after != DASHES => {
                Some("five dashes stand on each side, no more and no fewer")
            }
            () => None,
        }
    }
}

/// `BEGIN label-----` or `END label-----` from the first letter on.
fn boundary(text: &[u8], word: usize, keyword: &[u8]) -> Option<Boundary> {
    let after = word + keyword.len();
    let rest = text.get(after..text.len().min(after + MAX_LABEL + 12))?;
    let label_len =
        rest.iter().position(|byte| matches!(byte, b'-' | b'\n' | b'\r' | b'"' | b'\'' | b'`' | b'\\' | b'<'))?;
    let label = rest.get(..label_len)?;
    let dashes_after = rest.get(label_len..)?.iter().take_while(|byte| **byte == b'-').count();
    let text_label = std::str::from_utf8(label).ok()?;
    let name = text_label.trim();
    if name.len() > MAX_LABEL
        || name.is_empty()
        || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'#' | b'.' | b'_'))
    {
        return None;
    }
    let exact = text.get(word..after) == Some(keyword)
        && label.strip_prefix(b" ") == Some(name.as_bytes())
        && !name.bytes().any(|byte| byte.is_ascii_lowercase());
    Some(Boundary { label: name.to_ascii_uppercase(), end: after + label_len + dashes_after, dashes_after, exact })
}

fn style_of(prefix: &[u8]) -> Style {
    let trimmed = prefix.trim_ascii();
    if trimmed.is_empty() {
        return Style::Lines;
    }
    if matches!(prefix.last(), Some(b'"' | b'\'' | b'`')) || prefix.ends_with(b"\\n") || prefix.ends_with(b"\\r") {
        return Style::Quoted;
    }
    if trimmed.len() <= 4 && trimmed.iter().all(|byte| b"#/*>;%|!".contains(byte)) {
        return Style::Marked(prefix.to_vec());
    }
    Style::Lines
}

/// RFC 1421 section 4.6 headers: `Name: value` lines, with continuations, before an empty line or the body.
fn headers(text: &[u8], begin_end: usize, style: &Style) -> (Option<Range<usize>>, usize) {
    if *style == Style::Quoted {
        return (None, begin_end);
    }
    let mut at = begin_end;
    let mut headers: Option<Range<usize>> = None;
    for (number, line) in
        text.get(begin_end..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n').enumerate().take(20)
    {
        let trimmed = line.trim_ascii();
        let is_header = memchr::memchr(b':', trimmed).is_some_and(|colon| {
            colon > 0
                && trimmed.iter().take(colon).all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
                && matches!(trimmed.get(colon + 1), None | Some(b' ' | b'\t'))
        });
        let continues = headers.is_some() && line.starts_with(b" ") && !trimmed.is_empty();
        if number > 0 {
            if is_header || continues {
                let start = headers.as_ref().map_or(at, |range| range.start);
                headers = Some(start..at + line.trim_ascii_end().len());
            } else {
                break;
            }
        }
        at += line.len();
    }
    let start = headers.as_ref().map_or(begin_end, |range| range.end);
    (headers, start)
}

fn body_and_end(
    text: &[u8],
    start: usize,
    style: &Style,
    malformed: &mut Vec<(Range<usize>, &'static str)>,
) -> (Range<usize>, Option<(Range<usize>, String)>) {
    let rest = text.get(start..).unwrap_or_default();
    if let Some(dashes) = memmem::find(rest, b"--").map(|at| start + at) {
        let count = text.get(dashes..).unwrap_or_default().iter().take_while(|byte| **byte == b'-').count();
        let word = dashes + count;
        let keyword = text.get(word..word + 3).unwrap_or_default();
        if keyword.eq_ignore_ascii_case(b"END")
            && let Some(boundary) = boundary(text, word, b"END")
        {
            let range = dashes..boundary.end;
            if let Some(problem) = boundary.problem(count) {
                malformed.push((range.clone(), problem));
            }
            return (start..dashes, Some((range, boundary.label)));
        }
    }
    (start..open_end(text, start, style), None)
}

/// Where a body without END stops: at the first line that is not base64 alone.
fn open_end(text: &[u8], start: usize, style: &Style) -> usize {
    let mut at = start;
    let mut end = start;
    for (number, line) in text.get(start..).unwrap_or_default().split_inclusive(|byte| *byte == b'\n').enumerate() {
        let mut trimmed = line.trim_ascii();
        if let Style::Marked(mark) = style {
            trimmed = trimmed.strip_prefix(mark.trim_ascii()).unwrap_or(trimmed).trim_ascii();
        }
        let base64 = match style {
            Style::Quoted => trimmed
                .iter()
                .take_while(|byte| base64::value(**byte).is_some() || b"=\\\"'`,+ ".contains(byte))
                .count(),
            Style::Lines | Style::Marked(_) => {
                trimmed.iter().take_while(|byte| base64::value(**byte).is_some() || **byte == b'=').count()
            }
        };
        if base64 < trimmed.len() || (trimmed.is_empty() && number > 0) {
            break;
        }
        at += line.len();
        end = at;
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Block {
        let mut found = blocks(text.as_bytes());
        assert_eq!(found.len(), 1, "{text}");
        found.remove(0)
    }

    #[test]
    fn a_plain_block() {
        let text = "hello\n-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n";
        let block = one(text);
        assert_eq!(block.label, "CERTIFICATE REQUEST");
        assert_eq!(&text[block.body.clone()], "\nMIIB\n");
        assert_eq!(block.end.as_ref().map(|(_, label)| label.as_str()), Some("CERTIFICATE REQUEST"));
        assert!(block.malformed.is_empty());
    }

    #[test]
    fn odd_boundaries_are_told() {
        assert_eq!(one("----BEGIN X----\nMIIB\n----END X----").malformed.len(), 2);
        assert_eq!(one("-----BEGIN X-----\nMIIB\nfoo bar\n").end, None);
        assert_eq!(
            one("-----begin certificate request-----\nMIIB\n-----end certificate request-----").malformed.len(),
            2
        );
        let text = "-----BEGIN X-----\nMIIB\nMIIC\n\nprose";
        assert_eq!(&text[one(text).body], "\nMIIB\nMIIC\n");
    }

    #[test]
    fn styles() {
        assert_eq!(one("# -----BEGIN X-----\n# MIIB\n# -----END X-----").style, Style::Marked(b"# ".to_vec()));
        assert_eq!(one("a: \"-----BEGIN X-----\\nMIIB\\n-----END X-----\\n\"").style, Style::Quoted);
        let block = one("  -----BEGIN X-----\n  Proc-Type: 4,CLEAR\n\n  MIIB\n  -----END X-----");
        assert_eq!(block.indent, 2);
        assert!(block.headers.is_some());
        assert!(blocks(b"a BEGIN b").is_empty());
    }
}
