//! HCL: a file is cut into its top-level blocks, and those that somebody asks for are parsed.
//! No evaluation: what an expression comes to depends on the language around it (`read/terraform`).
//! The cut knows strings, comments and heredocs only, so a broken block costs itself and no other.

use std::ops::Range;

use hcl_edit::parser;
use hcl_edit::structure::Body;

use super::Problem;

/// Lines and commas of a block that is parsed; the parser compares every key of an object with all others.
const MAX_SEPARATORS: usize = 5_000;
/// Bytes of a block that is parsed.
const MAX_BLOCK: usize = 512 * 1024;

/// Problems of a file that are kept.
pub(crate) const MAX_PROBLEMS: usize = 100;

/// Blocks that stand at the top of a Terraform file, and their number of labels: at the start of a line, they show where
/// a block without end must have ended.
const TOP: &[(&str, usize)] = &[
    ("resource", 2),
    ("data", 2),
    ("ephemeral", 2),
    ("variable", 1),
    ("output", 1),
    ("module", 1),
    ("provider", 1),
    ("check", 1),
    ("locals", 0),
    ("terraform", 0),
    ("import", 0),
    ("moved", 0),
    ("removed", 0),
];

/// A block at the top of a file, not parsed yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// Its type.
    kind: Range<usize>,
    /// Its labels, with their quotes.
    pub(crate) labels: Vec<Range<usize>>,
    /// From its type to its last label.
    pub(crate) header: Range<usize>,
    /// Where its opening brace stands.
    pub(crate) brace: usize,
    /// From its type to its closing brace.
    pub(crate) span: Range<usize>,
}

impl Head {
    /// Its type: `resource`, `locals`.
    pub(crate) fn kind<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.kind.clone()).unwrap_or_default()
    }

    /// One of its labels, without quotes.
    pub(crate) fn label<'t>(&self, text: &'t str, index: usize) -> Option<&'t str> {
        let written = text.get(self.labels.get(index)?.clone())?;
        Some(written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written))
    }

    /// Its labels, where there are two: the type and the name of a resource.
    pub(crate) fn type_and_name<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        if self.labels.len() == 2 { Some((self.label(text, 0)?, self.label(text, 1)?)) } else { None }
    }
}

/// The blocks at the top of a file, and what stands between them and is none.
pub(crate) fn cut(text: &str) -> (Vec<Head>, Vec<Problem>) {
    let mut blocks = Vec::new();
    let mut problems = Vec::new();
    let mut recovering = false;
    let mut at = if text.starts_with('\u{feff}') { 3 } else { 0 };
    while let Some(start) = skip_blank(text, at) {
        match header(text, start) {
            Some(mut head) => match body_end(text, head.brace, recovering) {
                End::Closed(end) => {
                    head.span.end = end;
                    at = end;
                    blocks.push(head);
                }
                // Read once more, and no further than the next line that begins a block.
                End::Nowhere if !recovering => {
                    recovering = true;
                    at = start;
                }
                End::Nowhere => {
                    problems.push(Problem::invalid(head.header, "the block does not end"));
                    break;
                }
                End::Next(next) => {
                    problems.push(Problem::invalid(head.header, "the block does not end"));
                    at = next;
                }
            },
            None => {
                let end = statement_end(text, start);
                if !is_attribute(text, start) {
                    problems.push(Problem::invalid(start..line_end(text, start), "no block"));
                }
                at = end.max(start + 1);
            }
        }
    }
    problems.truncate(MAX_PROBLEMS);
    (blocks, problems)
}

/// The block under a head, whose spans count from the start of the head.
pub(crate) fn parse(text: &str, head: &Head) -> Result<Body, Problem> {
    let slice = text.get(head.span.clone()).unwrap_or_default();
    let separators = memchr::memchr2_iter(b'\n', b',', slice.as_bytes()).count();
    if slice.len() > MAX_BLOCK || separators > MAX_SEPARATORS {
        return Err(Problem::invalid(head.header.clone(), "the block is too large"));
    }
    parser::parse_body(slice).map_err(|error| {
        let start = head.span.start + error.location().offset();
        Problem::invalid(start..line_end(text, start), error.message().to_owned())
    })
}

/// Where a block ends.
enum End {
    /// After its closing brace.
    Closed(usize),
    /// Before the block that begins here, and without a brace.
    Next(usize),
    /// The text ends first.
    Nowhere,
}

/// What the scan is in.
enum State {
    /// `{`, or `${` and `%{` of a template.
    Brace,
    /// A quoted string.
    Quoted,
    /// A heredoc with this delimiter.
    Heredoc(Range<usize>),
}

fn body_end(text: &str, brace: usize, recovering: bool) -> End {
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut states: Vec<State> = Vec::new();
    let mut at = brace;
    while at < bytes.len() {
        if recovering && byte(at.wrapping_sub(1)) == b'\n' && begins_block(text, at) {
            return End::Next(at);
        }
        match states.last() {
            Some(State::Quoted) => match byte(at) {
                b'\\' => at += 2,
                b'"' | b'\n' => {
                    states.pop();
                    at += 1;
                }
                b'$' | b'%' => at = template(bytes, at, &mut states),
                _ => at += 1,
            },
            Some(State::Heredoc(delimiter)) => {
                if byte(at.wrapping_sub(1)) == b'\n' {
                    let line = at + bytes.get(at..).unwrap_or_default().iter().take_while(|b| is_space(**b)).count();
                    let end = line + delimiter.len();
                    if bytes.get(line..end) == bytes.get(delimiter.clone()) && !is_word(byte(end)) {
                        states.pop();
                        at = end;
                        continue;
                    }
                }
                match byte(at) {
                    b'$' | b'%' => at = template(bytes, at, &mut states),
                    _ => at += 1,
                }
            }
            Some(State::Brace) | None => match (byte(at), byte(at + 1)) {
                (b'"', _) => {
                    states.push(State::Quoted);
                    at += 1;
                }
                (b'{', _) => {
                    states.push(State::Brace);
                    at += 1;
                }
                (b'}', _) => {
                    states.pop();
                    at += 1;
                    if states.is_empty() {
                        return End::Closed(at);
                    }
                }
                (b'#', _) | (b'/', b'/' | b'*') => at = comment_end(bytes, at),
                (b'<', b'<') => match heredoc(bytes, at) {
                    Some((delimiter, body)) => {
                        states.push(State::Heredoc(delimiter));
                        at = body;
                    }
                    None => at += 2,
                },
                _ => at += 1,
            },
        }
    }
    End::Nowhere
}

/// After a `$` or `%` in a template.
fn template(bytes: &[u8], at: usize, states: &mut Vec<State>) -> usize {
    let sign = bytes.get(at).copied().unwrap_or(0);
    match (bytes.get(at + 1), bytes.get(at + 2)) {
        (Some(next), Some(b'{')) if *next == sign => at + 3,
        (Some(b'{'), _) => {
            states.push(State::Brace);
            at + 2
        }
        _ => at + 1,
    }
}

/// The delimiter of a heredoc that is opened here, and where its text begins.
fn heredoc(bytes: &[u8], at: usize) -> Option<(Range<usize>, usize)> {
    let start = at + if bytes.get(at + 2) == Some(&b'-') { 3 } else { 2 };
    let end = start + bytes.get(start..)?.iter().take_while(|b| is_word(**b)).count();
    let line = if bytes.get(end) == Some(&b'\r') { end + 1 } else { end };
    (end > start && bytes.get(line) == Some(&b'\n')).then_some((start..end, line + 1))
}

fn comment_end(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    if rest.starts_with(b"/*") {
        return memchr::memmem::find(rest, b"*/").map_or(bytes.len(), |end| at + end + 2);
    }
    memchr::memchr(b'\n', rest).map_or(bytes.len(), |end| at + end)
}

/// The next byte that is neither white space nor in a comment.
fn skip_blank(text: &str, mut at: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b'#', _) | (b'/', Some(b'/' | b'*')) => at = comment_end(bytes, at),
            (byte, _) if is_space(*byte) || *byte == b'\n' => at += 1,
            _ => return Some(at),
        }
    }
}

/// The head of a block that begins here, if one does; it ends, as far as this sees, at its opening brace.
pub(crate) fn header(text: &str, start: usize) -> Option<Head> {
    let bytes = text.as_bytes();
    let word = |at: usize| at + bytes.get(at..).unwrap_or_default().iter().take_while(|b| is_word(**b)).count();
    let kind_end = word(start);
    text.get(start..kind_end).filter(|kind| !kind.is_empty())?;
    let mut labels = Vec::new();
    let mut header_end = kind_end;
    let mut at = kind_end;
    loop {
        at += bytes.get(at..)?.iter().take_while(|b| is_space(**b)).count();
        let span = match bytes.get(at)? {
            b'{' => break,
            b'"' => {
                let end = at + 1 + memchr::memchr2(b'"', b'\n', bytes.get(at + 1..)?)?;
                if bytes.get(end) == Some(&b'\n') {
                    return None;
                }
                labels.push(at..end + 1);
                at..end + 1
            }
            byte if is_word(*byte) => {
                labels.push(at..word(at));
                at..word(at)
            }
            _ => return None,
        };
        at = span.end;
        header_end = span.end;
    }
    Some(Head { kind: start..kind_end, labels, header: start..header_end, brace: at, span: start..at })
}

fn begins_block(text: &str, at: usize) -> bool {
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    TOP.iter().any(|(kind, labels)| {
        rest.starts_with(kind.as_bytes())
            && header(text, at).is_some_and(|head| head.kind(text) == *kind && head.labels.len() == *labels)
    })
}

fn is_attribute(text: &str, start: usize) -> bool {
    let line = text.get(start..line_end(text, start)).unwrap_or_default();
    line.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_' || c == '-').trim_start().starts_with('=')
}

/// The end of something that is no block: of its line, or of the braces that are opened on it.
fn statement_end(text: &str, start: usize) -> usize {
    let end = line_end(text, start);
    let bytes = text.as_bytes();
    match memchr::memchr(b'{', bytes.get(start..end).unwrap_or_default()) {
        Some(brace) if is_attribute(text, start) => match body_end(text, start + brace, true) {
            End::Closed(at) | End::Next(at) => at,
            End::Nowhere => end,
        },
        _ => end,
    }
}

fn line_end(text: &str, start: usize) -> usize {
    let end = memchr::memchr(b'\n', text.as_bytes().get(start..).unwrap_or_default());
    let end = end.map_or(text.len(), |end| start + end);
    if end > start && text.as_bytes().get(end - 1) == Some(&b'\r') { end - 1 } else { end }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\r')
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-') || byte >= 0x80
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn names(text: &str) -> Vec<String> {
        let kinds = |head: &Head| {
            let labels = (0..head.labels.len()).filter_map(|index| head.label(text, index));
            let labels = labels.map(|label| format!(".{label}"));
            std::iter::once(head.kind(text).to_owned()).chain(labels).collect()
        };
        cut(text).0.iter().map(kinds).collect()
    }

    #[test]
    fn blocks_are_cut_around_strings_comments_and_heredocs() {
        let text = concat!(
            "\u{feff}# } {\nresource \"a\" \"b\" { x = \"}${ f(\"}\") }$${\" } // {\n",
            "locals {\r\n  y = <<-E\r\n } ${ z({}) } E1\n  E\r\n  /* } */ }\n",
            "data \"c\" d {\n  v = [ { k = 1 } ]\n  }\n"
        );
        let (blocks, problems) = cut(text);
        assert_eq!(problems, []);
        assert_eq!(names(text), ["resource.a.b", "locals", "data.c.d"]);
        assert_eq!(text.get(blocks[0].header.clone()), Some("resource \"a\" \"b\""));
        assert_eq!(text.get(blocks[0].labels[1].clone()), Some("\"b\""));
        for block in &blocks {
            assert!(text.get(block.span.clone()).is_some_and(|slice| slice.ends_with('}')));
            assert!(parse(text, block).is_ok(), "{block:?}");
        }
    }

    #[test]
    fn a_broken_block_costs_itself_only() {
        let text = "resource \"a\" \"b\" {\n  subject {\n  x = 1\n}\n\nresource \"a\" \"c\" {\n  y = <<E\nno end\n}\n\nvariable \"v\" {}\n";
        let (blocks, problems) = cut(text);
        assert_eq!(names(text), ["variable.v"]);
        assert_eq!(problems.len(), 2);
        assert_eq!(text.get(problems[0].span.clone()), Some("resource \"a\" \"b\""));
        assert_eq!(blocks.len(), 1);

        assert_eq!(names("}\nlocals {\n  a = \"no end\n}\nlocals {}\nx = {\n a = 1\n}\nlocals {\n}"), ["locals"; 3]);
        let text = "locals {\n  a = ?\n}\n";
        let problem = parse(text, &cut(text).0[0]).expect_err("broken");
        assert_eq!(text.get(problem.span.clone()), Some("?"), "{problem:?}");
    }

    #[test]
    fn deep_nesting_is_refused_without_overflow() {
        for (open, close) in [("[", "]"), ("{a=", "}"), ("(", ")"), ("\"${", "}\""), ("!", ""), ("-", ""), ("f(", ")")]
        {
            let depth = 20_000;
            let text = format!("locals {{\n  a = {}1{}\n}}\n", open.repeat(depth), close.repeat(depth));
            let (blocks, _) = cut(&text);
            assert!(blocks.iter().all(|block| parse(&text, block).is_err()), "{open}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_cut_and_parsed(text in "([ab{}\"$%\n<E=#*/\\\\ ]|<<E\n|resource \"a\" \"b\" \\{|\n\\}\n|\\$\\{|%\\{ if|\u{e9}){0,60}") {
            let (blocks, problems) = cut(&text);
            for block in &blocks {
                prop_assert!(text.get(block.span.clone()).is_some());
                if let Err(problem) = parse(&text, block) {
                    prop_assert!(text.get(problem.span).is_some());
                }
            }
            for problem in problems {
                prop_assert!(text.get(problem.span).is_some());
            }
        }
    }
}
