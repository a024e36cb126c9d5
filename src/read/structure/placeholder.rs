//! Expressions in templated text (Helm, Jinja, envsubst): masked byte for byte, so that the text can be read as YAML or JSON.
//! No expression is evaluated here and no syntax of YAML or JSON is read beyond lines and strings; the tree is built elsewhere.
//! What stands alone on its line is set aside, everything else leaves a mark of its own length in the text.

use std::borrow::Cow;
use std::ops::Range;

use memchr::{memchr, memchr2, memmem, memrchr};

use super::{Resolved, Scalar, Value};
use crate::request::Text;

/// Bytes looked at in search of the ends of expressions, for each byte of the text: the search stays linear.
const EFFORT: usize = 8;
/// No expression is longer.
const LONGEST: usize = 16 * 1024;

/// What an expression does to the text around it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// It becomes text.
    Text,
    /// What follows stands there or not (`if`, `with`, `define`).
    Opens,
    /// What follows may stand there many times (`range`, `for`).
    Loop,
    /// Another branch begins.
    Else,
    /// A branch or loop ends.
    End,
    /// It leaves nothing: comments, assignments.
    Silent,
}

/// An expression.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    /// Its place, braces included.
    pub span: Range<usize>,
    /// What it does.
    pub kind: Kind,
    /// The column its text will begin at.
    pub column: usize,
}

/// How strings are told from the rest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Syntax {
    /// By lines.
    Yaml,
    /// By quotes.
    Json,
    /// JSON in which nothing is an expression to us: its reader takes strings apart by itself.
    PlainJson,
}

/// A text with its expressions out of the way.
#[derive(Debug)]
pub(super) struct Masked<'a> {
    /// The text as it is written.
    pub written: &'a str,
    /// The same with marks in the places of expressions; as long as the text, byte for byte.
    pub text: Cow<'a, str>,
    /// Expressions that left a mark, in order.
    pub inline: Vec<Mark>,
    /// Expressions that left white space, in order.
    pub aside: Vec<Mark>,
    /// The characters that begin and fill a mark; the text has none of them.
    marks: (char, char),
}

/// Functions whose result is a list, a mapping or anything else, for which a single value is only one possibility.
const MANY: [&str; 23] = [
    "block",
    "dict",
    "for",
    "fromJson",
    "fromYaml",
    "from_json",
    "from_yaml",
    "include",
    "list",
    "lookup",
    "range",
    "template",
    "toJson",
    "toPrettyJson",
    "toRawJson",
    "toToml",
    "toYaml",
    "to_json",
    "to_nice_json",
    "to_nice_yaml",
    "to_yaml",
    "tojson",
    "tpl",
];
/// Functions after which everything is a single value again.
const ONE: [&str; 2] = ["quote", "squote"];

/// Sets the expressions of a text aside. A text without any is taken as it is.
pub(super) fn mask(text: &str, syntax: Syntax) -> Masked<'_> {
    let mut masked =
        Masked { written: text, text: Cow::Borrowed(text), inline: Vec::new(), aside: Vec::new(), marks: ('\0', '\0') };
    let marks = if syntax == Syntax::PlainJson { Vec::new() } else { find(text, syntax) };
    let mut fillers = (1..=8_u8).chain(14..=31).chain([127]).filter(|byte| memchr(*byte, text.as_bytes()).is_none());
    if marks.is_empty() {
        return masked;
    }
    let (Some(first), Some(fill)) = (fillers.next(), fillers.next()) else { return masked };
    masked.marks = (char::from(first), char::from(fill));
    let mut layout = Layout { bytes: text.as_bytes(), out: text.as_bytes().to_vec(), first, fill, masked: &mut masked };
    match syntax {
        Syntax::Yaml => layout.lines(marks),
        Syntax::Json | Syntax::PlainJson => layout.strings(marks),
    }
    // Whole expressions were replaced by ASCII, so this cannot fail.
    if let Ok(out) = String::from_utf8(layout.out) {
        masked.text = Cow::Owned(out);
    }
    masked
}

impl Masked<'_> {
    /// Whether there are expressions in the text.
    pub(super) fn is_templated(&self) -> bool {
        !self.inline.is_empty() || !self.aside.is_empty()
    }

    /// The expressions that left marks in a part of the text.
    pub(super) fn inline_in(&self, span: &Range<usize>) -> &[Mark] {
        let from = self.inline.partition_point(|mark| mark.span.end <= span.start);
        let to = self.inline.partition_point(|mark| mark.span.start < span.end);
        self.inline.get(from..to.max(from)).unwrap_or_default()
    }

    /// Whether branches begin or end in a part of the text.
    pub(super) fn branches_in(&self, span: &Range<usize>) -> bool {
        let control = |mark: &Mark| !matches!(mark.kind, Kind::Text | Kind::Silent);
        within(&self.aside, span).iter().any(control) || self.inline_in(span).iter().any(control)
    }

    /// A decoded text with the expressions as they are written.
    pub(super) fn as_written(&self, span: &Range<usize>, decoded: &str) -> String {
        let marks = self.inline_in(span);
        let mut parts = decoded.split(self.marks.0);
        let mut out = parts.next().unwrap_or_default().to_owned();
        for (part, mark) in parts.zip(marks) {
            out.push_str(self.source(mark));
            out.push_str(part.trim_start_matches(self.marks.1));
        }
        out
    }

    /// The value of a scalar, by its decoded text. `inner` are expressions set aside inside it; `verbatim` says that the
    /// text has no escapes.
    pub(super) fn scalar(
        &self,
        span: &Range<usize>,
        decoded: &str,
        plain: bool,
        inner: &[Mark],
        verbatim: bool,
        resolve: &dyn Fn(&str) -> Option<Resolved>,
    ) -> Value {
        let marks = self.inline_in(span);
        if marks.is_empty() && inner.is_empty() {
            return Value::Scalar(Scalar::whole(decoded, plain));
        }
        let mut parts = decoded.split(self.marks.0);
        let literals: Vec<&str> = std::iter::once(parts.next().unwrap_or_default())
            .chain(parts.map(|part| part.trim_start_matches(self.marks.1)))
            .collect();
        // An escape may stand for the very character that begins a mark; then nothing is known.
        let sound = literals.len() == marks.len() + 1;
        let source: Vec<&str> = ordered(marks, inner).map(|mark| self.source(mark)).collect();
        if sound
            && inner.is_empty()
            && let Some((text, from)) = self.resolved(marks, &literals, resolve)
        {
            let plain = plain && !source.iter().any(|source| words(source).any(|word| ONE.contains(&word)));
            return Value::Scalar(Scalar {
                text: Text::Whole(text),
                plain,
                expression: Some(source.join(" ")),
                from: Some(from),
            });
        }
        let expression = source.join(" ");
        if plain && inner.is_empty() && literals.iter().all(|literal| literal.is_empty()) && may_be_many(&expression) {
            return Value::Unknown(expression);
        }
        let (prefix, suffix) = if sound { self.ends(span, decoded, &literals, inner, verbatim) } else { ("", "") };
        let text = Text::Partial { prefix: prefix.to_owned(), suffix: suffix.to_owned() };
        Value::Scalar(Scalar { text, plain, expression: Some(expression), from: None })
    }

    /// Whether an expression is one value written out, not some lines of text.
    pub(super) fn is_data(&self, mark: &Mark) -> bool {
        words(self.source(mark))
            .any(|word| matches!(word, "toYaml" | "toJson" | "to_yaml" | "to_nice_yaml" | "to_json"))
    }

    /// The value of expressions that stand alone where a value belongs.
    pub(super) fn alone(&self, marks: &[Mark], resolve: &dyn Fn(&str) -> Option<Resolved>) -> Value {
        let literals = vec![""; marks.len() + 1];
        let expression = marks.iter().map(|mark| self.source(mark)).collect::<Vec<_>>().join(" ");
        match self.resolved(marks, &literals, resolve) {
            Some((text, from)) => Value::Scalar(Scalar {
                text: Text::Whole(text),
                plain: true,
                expression: Some(expression),
                from: Some(from),
            }),
            None => Value::Unknown(expression),
        }
    }

    /// The text with the values of all expressions in it, and where they were found.
    fn resolved(
        &self,
        marks: &[Mark],
        literals: &[&str],
        resolve: &dyn Fn(&str) -> Option<Resolved>,
    ) -> Option<(String, String)> {
        let mut text = (*literals.first()?).to_owned();
        let mut from: Vec<String> = Vec::new();
        for (mark, literal) in marks.iter().zip(literals.get(1..)?) {
            let source = self.source(mark);
            let value = Some(source).filter(|_| mark.kind == Kind::Text).and_then(|source| resolve(inside(source)))?;
            if trims_before(source) {
                text.truncate(text.trim_end().len());
            }
            text.push_str(&value.text);
            text.push_str(if trims_after(source) { literal.trim_start() } else { literal });
            if !from.contains(&value.from) {
                from.push(value.from);
            }
        }
        Some((text, from.join(", ")))
    }

    /// What is certain of a text's beginning and end.
    fn ends<'t>(
        &self,
        span: &Range<usize>,
        decoded: &'t str,
        literals: &[&'t str],
        inner: &[Mark],
        verbatim: bool,
    ) -> (&'t str, &'t str) {
        let marks = self.inline_in(span);
        let head = ordered(marks, inner).next();
        let tail = ordered(marks, inner).last();
        let is_aside = |mark: &Mark| inner.iter().any(|other| other.span == mark.span);
        let visible = |range: Range<usize>| {
            self.text.get(range).unwrap_or_default().chars().filter(|char| !char.is_whitespace()).count()
        };
        let prefix = match head {
            // What stands before the other branch or the end of one may not be there.
            Some(mark) if matches!(mark.kind, Kind::Else | Kind::End) => "",
            // Line breaks and indentation may be folded or taken away: only what is visible is counted.
            Some(mark) if is_aside(mark) && verbatim => {
                first_visible(decoded, visible(span.start..mark.span.start.max(span.start)))
            }
            Some(mark) if is_aside(mark) => "",
            Some(mark) if trims_before(self.source(mark)) => literals.first().map_or("", |text| text.trim_end()),
            _ => literals.first().copied().unwrap_or_default(),
        };
        let suffix = match tail {
            Some(mark) if matches!(mark.kind, Kind::Opens | Kind::Loop | Kind::Else) => "",
            Some(mark) if is_aside(mark) && verbatim => {
                last_visible(decoded, visible(mark.span.end.min(span.end)..span.end))
            }
            Some(mark) if is_aside(mark) => "",
            Some(mark) if trims_after(self.source(mark)) => literals.last().map_or("", |text| text.trim_start()),
            _ => literals.last().copied().unwrap_or_default(),
        };
        (prefix, suffix)
    }

    fn source(&self, mark: &Mark) -> &str {
        self.written.get(mark.span.clone()).unwrap_or_default()
    }
}

/// The marks of a part of the text, in a list that is in order.
pub(super) fn within<'m>(marks: &'m [Mark], span: &Range<usize>) -> &'m [Mark] {
    let from = marks.partition_point(|mark| mark.span.start < span.start);
    let to = marks.partition_point(|mark| mark.span.start < span.end);
    marks.get(from..to.max(from)).unwrap_or_default()
}

fn ordered<'m>(one: &'m [Mark], other: &'m [Mark]) -> impl Iterator<Item = &'m Mark> {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(a), Some(b)) if a.span.start > b.span.start => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

/// The text up to its n-th visible character.
fn first_visible(text: &str, count: usize) -> &str {
    let visible = text.char_indices().filter(|(_, char)| !char.is_whitespace());
    let end = visible.take(count).last().map_or(0, |(at, char)| at + char.len_utf8());
    text.get(..end).unwrap_or_default()
}

/// The text from its n-th visible character from the end.
fn last_visible(text: &str, count: usize) -> &str {
    let visible = text.char_indices().rev().filter(|(_, char)| !char.is_whitespace());
    let start = visible.take(count).last().map_or(text.len(), |(at, _)| at);
    text.get(start..).unwrap_or_default()
}

fn may_be_many(expression: &str) -> bool {
    let mut many = false;
    for word in words(expression) {
        many = (many || MANY.contains(&word) || word.starts_with(".Files.")) && !ONE.contains(&word);
    }
    many
}

/// Names; with a dot before it, a name is no function's.
fn words(expression: &str) -> impl Iterator<Item = &str> {
    expression.split(|char: char| !char.is_alphanumeric() && char != '_' && char != '.')
}

/// `{{- x }}` takes away the white space before it.
fn trims_before(source: &str) -> bool {
    source.starts_with("{{-") || source.starts_with("{%-")
}

fn trims_after(source: &str) -> bool {
    source.ends_with("-}}") || source.ends_with("-%}")
}

/// An expression without its braces.
fn inside(source: &str) -> &str {
    const BRACES: [(&str, &str); 6] =
        [("${{", "}}"), ("{{", "}}"), ("{%", "%}"), ("{#", "#}"), ("${", "}"), ("$(", ")")];
    for (open, close) in BRACES {
        if let Some(inner) = source.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            let inner = if open.starts_with('{') { inner.trim_start_matches(['-', '~', '+']) } else { inner };
            let inner = if open.starts_with('{') { inner.trim_end_matches(['-', '~', '+']) } else { inner };
            return inner.trim();
        }
    }
    source
}

/// What an expression does, by its first word.
fn kind(source: &str) -> Kind {
    let inner = inside(source);
    let word = inner.split(|char: char| char.is_whitespace() || char == '(').next().unwrap_or_default();
    let alone = word == inner;
    if source.starts_with("{#") || inner.starts_with("/*") {
        Kind::Silent
    } else if source.starts_with("{%") {
        match word {
            "for" => Kind::Loop,
            "if" | "with" | "block" | "macro" | "filter" | "call" | "raw" | "autoescape" => Kind::Opens,
            "else" | "elif" => Kind::Else,
            "include" => Kind::Text,
            _ if word.starts_with("end") => Kind::End,
            _ => Kind::Silent,
        }
    } else if source.starts_with("{{") {
        match word {
            "else" => Kind::Else,
            "end" if alone => Kind::End,
            "break" | "continue" if alone => Kind::Silent,
            "" => Kind::Silent,
            // `range(1, 4)` is Jinja's function.
            _ if inner.get(word.len()..).is_some_and(|rest| rest.starts_with('(')) => Kind::Text,
            "if" | "with" | "define" | "block" if !alone => Kind::Opens,
            "range" if !alone => Kind::Loop,
            "fail" if !alone => Kind::Silent,
            _ if is_assignment(inner, word) => Kind::Silent,
            _ => Kind::Text,
        }
    } else {
        Kind::Text
    }
}

/// `$x := 1`, `$x = 1`.
fn is_assignment(inner: &str, word: &str) -> bool {
    let rest = inner.get(word.len()..).unwrap_or_default().trim_start();
    word.starts_with('$') && (rest.starts_with(":=") || rest.starts_with('=') || word.contains(":="))
}

fn is_define(source: &str) -> bool {
    source.starts_with("{{") && inside(source).starts_with("define")
}

/// The expressions of a text, in order. Only their ends are looked for; what has none is no expression.
fn find(text: &str, syntax: Syntax) -> Vec<Mark> {
    let bytes = text.as_bytes();
    let mut effort = bytes.len().saturating_mul(EFFORT).saturating_add(LONGEST);
    let mut marks = Vec::new();
    let mut at = 0;
    while let Some(offset) = memchr2(b'{', b'$', bytes.get(at..).unwrap_or_default()) {
        let start = at + offset;
        // `$$` is an escaped `$`.
        if bytes.get(start..start + 2) == Some(b"$$") {
            at = start + 2;
            continue;
        }
        match end_of(bytes, start, syntax, &mut effort) {
            Some(end) => {
                let source = text.get(start..end).unwrap_or_default();
                marks.push(Mark { span: start..end, kind: kind(source), column: 0 });
                at = end;
            }
            None => at = start + 1,
        }
    }
    marks
}

fn end_of(bytes: &[u8], start: usize, syntax: Syntax, effort: &mut usize) -> Option<usize> {
    let rest = bytes.get(start..)?;
    let window = rest.get(..rest.len().min(LONGEST).min(*effort))?;
    let length = match window {
        [b'$', b'{', b'{', ..] => braces(window.get(1..)?).map(|length| length + 1),
        [b'{', b'{', ..] => braces(window),
        [b'{', b'%', ..] => enclosed(window, b"{%", b"%}"),
        [b'{', b'#', ..] => enclosed(window, b"{#", b"#}"),
        [b'$', b'{', ..] => balanced(window, b'{', b'}', syntax),
        [b'$', b'(', ..] => balanced(window, b'(', b')', syntax),
        _ => return None,
    };
    *effort = effort.saturating_sub(length.unwrap_or(window.len()));
    Some(start + length?)
}

/// `{{ ... }}`: quotes and inner braces are respected; where that leads nowhere, the next `}}` is the end.
fn braces(window: &[u8]) -> Option<usize> {
    let head = window.get(2..)?;
    let head = head.strip_prefix(b"-").unwrap_or(head).trim_ascii_start();
    if head.starts_with(b"/*") {
        let comment = memmem::find(window, b"*/")?;
        return memmem::find(window.get(comment..)?, b"}}").map(|offset| comment + offset + 2);
    }
    let mut depth = 0_usize;
    let mut quote = None;
    let mut bytes = window.iter().copied().enumerate().skip(2).peekable();
    while let Some((at, byte)) = bytes.next() {
        let twice = bytes.peek().is_some_and(|(_, next)| *next == byte);
        match (quote, byte) {
            (Some(b'`'), b'\\') => {}
            (_, b'\\') => {
                bytes.next();
            }
            (Some(open), _) if open == byte => quote = None,
            (Some(_), _) => {}
            (None, b'"' | b'\'' | b'`') => quote = Some(byte),
            (None, b'{') if twice && depth == 0 => return None,
            (None, b'{') => depth += 1,
            (None, b'}') if depth > 0 => depth -= 1,
            (None, b'}') if twice => return Some(at + 2),
            (None, _) => {}
        }
    }
    enclosed(window, b"{{", b"}}")
}

fn enclosed(window: &[u8], open: &[u8], close: &[u8]) -> Option<usize> {
    let inner = window.get(2..)?;
    let end = memmem::find(inner, close)?;
    memmem::find(inner.get(..end)?, open).is_none().then_some(end + 4)
}

/// `${...}` and `$(...)`, which end on their line, in JSON in their string, and are not empty.
fn balanced(window: &[u8], open: u8, close: u8, syntax: Syntax) -> Option<usize> {
    let mut depth = 0_usize;
    for (at, byte) in window.iter().copied().enumerate().skip(1) {
        if byte == b'\n' || byte == b'"' && syntax == Syntax::Json {
            return None;
        } else if byte == open {
            depth += 1;
        } else if byte == close {
            depth -= 1;
            if depth == 0 {
                return (at > 2).then_some(at + 1);
            }
        }
    }
    None
}

/// The masked text in the making.
struct Layout<'l, 'a> {
    bytes: &'l [u8],
    out: Vec<u8>,
    first: u8,
    fill: u8,
    masked: &'l mut Masked<'a>,
}

impl Layout<'_, '_> {
    /// Line by line: what stands alone is set aside, and so are the branches before and behind what stands on a line.
    fn lines(&mut self, mut marks: Vec<Mark>) {
        // Whether each open branch is a `define`: what is in one is a document of its own.
        let mut nesting: Vec<bool> = Vec::new();
        let mut rest = marks.as_mut_slice();
        let mut searched = 0;
        while let Some(first) = rest.first() {
            let head = first.span.start;
            let line = self
                .bytes
                .get(searched..head)
                .and_then(|before| memrchr(b'\n', before))
                .map_or(searched, |at| searched + at + 1);
            let mut end = line;
            let mut count = 0;
            while rest.get(count).is_some_and(|mark| mark.span.start < end || count == 0) {
                let from = rest.get(count).map_or(end, |mark| mark.span.end);
                if from > end || count == 0 {
                    end = memchr(b'\n', self.bytes.get(from..).unwrap_or_default())
                        .map_or(self.bytes.len(), |at| from + at);
                }
                count += 1;
            }
            let (here, further) = std::mem::take(&mut rest).split_at_mut(count);
            self.line(line, end, here, &mut nesting);
            rest = further;
            searched = end;
        }
    }

    fn line(&mut self, start: usize, end: usize, marks: &mut [Mark], nesting: &mut Vec<bool>) {
        let ends: Vec<usize> = std::iter::once(start).chain(marks.iter().map(|mark| mark.span.end)).collect();
        let gaps = marks.iter().map(|mark| mark.span.start).chain([end]);
        let blank: Vec<bool> = ends.iter().zip(gaps).map(|(from, to)| self.is_blank(*from..to)).collect();
        let separators: Vec<bool> = marks.iter().map(|mark| self.is_separator(mark, nesting)).collect();
        let column = marks.first().map_or(0, |mark| mark.span.start - start);
        for mark in marks.iter_mut() {
            mark.column = self.indentation(&mark.span).unwrap_or(column);
        }
        let behind = ends.last().copied().unwrap_or(end);
        let inner_blank = blank.get(..marks.len()).unwrap_or_default().iter().all(|blank| *blank);
        let comment = self.bytes.get(behind..end).is_some_and(|tail| {
            tail.first().is_some_and(u8::is_ascii_whitespace) && tail.trim_ascii_start().starts_with(b"#")
        });
        if inner_blank && (blank.last() == Some(&true) || comment) {
            self.fill(start..behind, b'\n');
            if column == 0
                && separators.first() == Some(&true)
                && let Some(out) = self.out.get_mut(start..start + 3)
            {
                out.copy_from_slice(b"---");
            }
            self.masked.aside.extend_from_slice(marks);
            return;
        }
        let control = |mark: &Mark| mark.kind != Kind::Text;
        let leading = marks.iter().zip(&blank).take_while(|(mark, blank)| **blank && control(mark)).count();
        if let Some(last) = leading.checked_sub(1).and_then(|last| marks.get(last)) {
            // The rest of the line keeps the column of what stood before it.
            self.fill(start..last.span.end, b'\n');
            self.fill(last.span.end - column.min(last.span.end - start)..last.span.end, b' ');
        }
        let matched = matched(marks, leading);
        let trailing = (leading..marks.len())
            .rev()
            .take_while(|index| {
                blank.get(index + 1) == Some(&true)
                    && matched.get(*index) == Some(&false)
                    && marks.get(*index).is_some_and(control)
            })
            .count();
        for (index, mark) in marks.iter().enumerate() {
            if index < leading {
                self.masked.aside.push(mark.clone());
            } else if index >= marks.len() - trailing {
                self.fill(mark.span.clone(), b'\n');
                self.masked.aside.push(mark.clone());
            } else {
                self.mark(mark);
            }
        }
    }

    /// Quote by quote: branches outside strings are set aside, values outside strings become strings.
    fn strings(&mut self, marks: Vec<Mark>) {
        let mut quoted = false;
        let mut at = 0;
        for mark in marks {
            let mut between = self.bytes.get(at..mark.span.start).unwrap_or_default().iter();
            while let Some(byte) = between.next() {
                match byte {
                    b'\\' if quoted => {
                        between.next();
                    }
                    b'"' => quoted = !quoted,
                    b'\n' => quoted = false,
                    _ => {}
                }
            }
            at = mark.span.end;
            if quoted {
                self.mark(&mark);
            } else if mark.kind == Kind::Text {
                self.mark(&mark);
                self.fill(mark.span.start..mark.span.start + 1, b'"');
                self.fill(mark.span.start + 1..mark.span.start + 2, self.first);
                self.fill(mark.span.end - 1..mark.span.end, b'"');
            } else {
                self.fill(mark.span.clone(), b' ');
                self.masked.aside.push(mark);
            }
        }
    }

    fn mark(&mut self, mark: &Mark) {
        let start = mark.span.start;
        self.fill(mark.span.clone(), self.fill);
        let source = self.bytes.get(mark.span.clone()).unwrap_or_default();
        // `labels:{{ ... | nindent 4 }}` begins with a line break.
        let breaks = start.checked_sub(1).and_then(|before| self.bytes.get(before)) == Some(&b':')
            && mark.kind == Kind::Text
            && memmem::find(source, b"nindent").is_some();
        if breaks {
            self.fill(start..start + 1, b' ');
            self.fill(start + 1..start + 2, self.first);
        } else {
            self.fill(start..start + 1, self.first);
        }
        self.masked.inline.push(mark.clone());
    }

    fn fill(&mut self, range: Range<usize>, byte: u8) {
        if let Some(out) = self.out.get_mut(range) {
            out.fill(byte);
        }
    }

    fn is_blank(&self, range: Range<usize>) -> bool {
        self.bytes.get(range).is_some_and(|bytes| bytes.trim_ascii().is_empty())
    }

    /// Whether a new document begins here: at a `define` and at its end.
    fn is_separator(&self, mark: &Mark, nesting: &mut Vec<bool>) -> bool {
        match mark.kind {
            Kind::Opens | Kind::Loop => {
                let source = self.masked.written.get(mark.span.clone()).unwrap_or_default();
                nesting.push(is_define(source));
                is_define(source)
            }
            Kind::End => nesting.pop() == Some(true),
            _ => false,
        }
    }

    /// `nindent 4`, `indent 4`: where the lines of the result begin.
    fn indentation(&self, span: &Range<usize>) -> Option<usize> {
        let source = self.masked.written.get(span.clone())?;
        let (_, behind) = source.rsplit_once("indent ")?;
        let digits = behind.trim_start();
        let end = digits.find(|char: char| !char.is_ascii_digit()).unwrap_or(digits.len());
        digits.get(..end)?.parse().ok()
    }
}

/// Which branches both begin and end among these.
fn matched(marks: &[Mark], from: usize) -> Vec<bool> {
    let mut matched = vec![false; marks.len()];
    let mut open: Vec<Vec<usize>> = Vec::new();
    for (index, mark) in marks.iter().enumerate().skip(from) {
        match mark.kind {
            Kind::Opens | Kind::Loop => open.push(vec![index]),
            Kind::Else => {
                if let Some(branch) = open.last_mut() {
                    branch.push(index);
                }
            }
            Kind::End => {
                for index in open.pop().map(|branch| branch.into_iter().chain([index])).into_iter().flatten() {
                    if let Some(matched) = matched.get_mut(index) {
                        *matched = true;
                    }
                }
            }
            Kind::Text | Kind::Silent => {}
        }
    }
    matched
}
