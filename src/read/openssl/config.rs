//! The configuration language of OpenSSL (config(5) of OpenSSL 3.0 to 3.5): sections, last-wins keys, variables, includes.
//! What its own reader does is done here, to the letter, but an error does not end it: the line is told of and left out.
//! Every byte of a value knows where it is written. A value from the environment, or of another template language, is one
//! character of a private range (`expressions`), so that lists can still be taken apart around it.

use std::ops::Range;

use crate::read::Surroundings;
use crate::read::surroundings::{Sibling, beside};
use crate::source::{FilePath, line_at};

/// OpenSSL's limit for a value after expansion.
const LONGEST_VALUE: usize = 65_536;
/// Bytes of all expanded values together; more is a file made to be slow.
const MOST_EXPANDED: usize = 8 << 20;
/// Files that include each other, at most so deep.
const DEEPEST_INCLUDE: usize = 8;
/// Files that one may include in all.
const MOST_INCLUDES: usize = 64;
/// The first stand-in for an expression.
const FIRST_EXPRESSION: u32 = 0xE000;
/// Expressions that are told apart.
const MOST_EXPRESSIONS: u32 = 6_000;

/// The name of the section that lines before any header stand in, and that others fall back to.
pub(super) const DEFAULT: &str = "default";

/// A configuration as OpenSSL would see it.
#[derive(Debug, Default)]
pub(super) struct Config {
    /// In the order in which they begin; a section that is repeated is one.
    pub(super) sections: Vec<Section>,
    /// What OpenSSL refuses, or a reader should know.
    pub(super) problems: Vec<Problem>,
    /// Values that a later one of the same key takes the place of.
    pub(super) shadowed: Vec<Shadowed>,
    /// Expressions that stand in values, by their number.
    pub(super) expressions: Vec<String>,
    /// Lines that are neither a header, a key, a directive nor of another template language.
    pub(super) misfits: usize,
    /// Keys that other values refer to as variables.
    pub(super) referred: std::collections::HashSet<String>,
    /// An include that is there and was not read, the last one: what it says, nobody knows.
    pub(super) unread: Option<Unread>,
    expanded: usize,
    includes: usize,
}

/// An include that was not read. It may say anything about any section: what stands before it may be said again in it, and
/// what follows may be of a section that begins in it, until the next header.
#[derive(Debug)]
pub(super) struct Unread {
    pub(super) span: Range<usize>,
    /// As what it leaves unknown is told of.
    pub(super) expression: String,
    /// No header has come since.
    is_open: bool,
}

/// A section.
#[derive(Debug, Default)]
pub(super) struct Section {
    /// Its name.
    pub(super) name: String,
    /// The name in the first header; empty for the default section.
    pub(super) header: Range<usize>,
    /// Keys and values in the order OpenSSL has them: a key that is written again moves to the end.
    pub(super) entries: Vec<Entry>,
}

/// A key and its value.
#[derive(Debug, Clone)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) key_span: Range<usize>,
    pub(super) value: Value,
    /// The end of what is written of it, comment and line end not included.
    pub(super) end: usize,
}

/// An expanded value and where each byte of it is written.
#[derive(Debug, Clone, Default)]
pub(super) struct Value {
    pub(super) text: String,
    /// Source bytes of each byte of the text.
    places: Vec<Range<usize>>,
    /// Where all of it stands, quotes included.
    pub(super) span: Range<usize>,
    /// The file and line it is written in, if not in this one.
    pub(super) from: Option<String>,
}

/// Something OpenSSL refuses, or reads past.
#[derive(Debug)]
pub(super) struct Problem {
    pub(super) span: Range<usize>,
    pub(super) kind: ProblemKind,
    pub(super) detail: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProblemKind {
    /// OpenSSL refuses the file.
    Refused,
    /// A file that is included and is not there.
    IncludeMissing,
}

/// A value that counts for nothing.
#[derive(Debug)]
pub(super) struct Shadowed {
    pub(super) section: String,
    pub(super) key: String,
    pub(super) span: Range<usize>,
    pub(super) by: Range<usize>,
    pub(super) same_value: bool,
}

impl Value {
    /// Where a part of the text is written.
    pub(super) fn place(&self, part: Range<usize>) -> Range<usize> {
        let first = self.places.get(part.start);
        let last = part.end.checked_sub(1).and_then(|last| self.places.get(last));
        match (first, last) {
            (Some(first), Some(last)) if part.start < part.end => first.start..last.end.max(first.start),
            (Some(first), _) => first.start..first.start,
            _ => self.span.end..self.span.end,
        }
    }
}

/// Whether a character stands for an expression.
pub(super) fn is_expression(character: char) -> bool {
    (FIRST_EXPRESSION..FIRST_EXPRESSION + MOST_EXPRESSIONS).contains(&u32::from(character))
}

impl Config {
    /// Reads a text with the files it includes.
    pub(super) fn read(text: &str, path: &FilePath, around: &Surroundings<'_>) -> Self {
        let mut config = Self::default();
        config.section(DEFAULT, 0..0);
        config.lines(text, &Place { path, around, within: None, depth: 0 });
        config
    }

    /// The section of a name.
    pub(super) fn get(&self, name: &str) -> Option<&Section> {
        self.sections.iter().find(|section| section.name == name)
    }

    /// A value as NCONF_get_string finds it: of the section, else of the default section.
    pub(super) fn value(&self, section: &str, key: &str) -> Option<&Entry> {
        self.get(section)
            .and_then(|section| section.entry(key))
            .or_else(|| self.get(DEFAULT).and_then(|section| section.entry(key)))
    }

    /// The expression that a character stands for.
    pub(super) fn expression(&self, character: char) -> Option<&str> {
        let number = u32::from(character).checked_sub(FIRST_EXPRESSION)?;
        self.expressions.get(number as usize).map(String::as_str)
    }

    fn section(&mut self, name: &str, header: Range<usize>) -> usize {
        if let Some(number) = self.sections.iter().position(|section| section.name == name) {
            return number;
        }
        self.sections.push(Section { name: name.to_owned(), header, entries: Vec::new() });
        self.sections.len() - 1
    }

    fn refuse(&mut self, span: Range<usize>, detail: impl Into<String>) {
        self.problems.push(Problem { span, kind: ProblemKind::Refused, detail: detail.into() });
    }

    fn lines(&mut self, text: &str, place: &Place<'_>) {
        let mut section = self.section(DEFAULT, 0..0);
        let mut at = if text.starts_with('\u{FEFF}') { 3 } else { 0 };
        while at < text.len() {
            let (line, next) = LogicalLine::read(text, at);
            at = next;
            self.line(&line, &mut section, text, place);
        }
    }

    fn line(&mut self, line: &LogicalLine, section: &mut usize, text: &str, place: &Place<'_>) {
        let visible = line.visible();
        let bytes = line.text.as_bytes();
        let start = blank(bytes, 0, visible);
        let Some(first) = bytes.get(start).filter(|_| start < visible) else { return };
        let rest = line.text.get(start..visible).unwrap_or_default();
        // Of another template language: what it holds is read as if it were there.
        if is_control(rest) {
            return;
        }
        if *first == b'[' {
            return self.header(line, start + 1, visible, section, place);
        }
        let name_end = name(bytes, start, visible);
        let mut key = start..name_end;
        let mut target = *section;
        if line.text.get(name_end..visible).is_some_and(|rest| rest.starts_with("::")) {
            let named = line.text.get(key.clone()).unwrap_or_default().to_owned();
            target = self.section(&named, place.shown(line.source(key)));
            key = name_end + 2..name(bytes, name_end + 2, visible);
        }
        let equals = blank(bytes, key.end, visible);
        let key_text = line.text.get(key.clone()).unwrap_or_default().to_owned();
        let has_equals = bytes.get(equals) == Some(&b'=') && equals < visible;
        for directive in [".include", ".pragma"] {
            if key_text == directive && (has_equals || equals > key.end) {
                if directive == ".include" {
                    let value = blank(bytes, if has_equals { equals + 1 } else { equals }, visible);
                    self.include(line, value..visible, target, place);
                }
                return;
            }
        }
        if !has_equals || key_text.is_empty() {
            self.misfits += 1;
            let span = place.shown(line.source(start..visible));
            return self.refuse(span, "neither a section, a comment nor `key = value`: OpenSSL refuses the file here");
        }
        let value_start = blank(bytes, equals + 1, visible);
        let value_end = trimmed(bytes, value_start, visible);
        let from = place.within.as_ref().map(|_| format!("{}:{}", place.path, line_at(text, line.start())));
        let mut value = self.expand(line, value_start..value_end, target, place);
        if let Some(unread) = self.unread.as_ref().filter(|unread| unread.is_open) {
            let expression = unread.expression.clone();
            value.become_unknown(self.stand_in(expression));
        }
        let entry = Entry {
            key: key_text,
            key_span: place.shown(line.source(key)),
            end: place.shown(line.source(start..value_end.max(equals + 1))).end,
            value: Value { from, ..value },
        };
        self.add(target, entry);
    }

    fn header(&mut self, line: &LogicalLine, start: usize, visible: usize, section: &mut usize, place: &Place<'_>) {
        let bytes = line.text.as_bytes();
        let start = blank(bytes, start, visible);
        // A name may have blanks in it; what ends it is the bracket.
        let mut at = start;
        let mut end = at;
        loop {
            let word = name(bytes, at, visible);
            let after = blank(bytes, word, visible);
            if after >= visible {
                break;
            }
            if bytes.get(after) == Some(&b']') {
                end = word;
                at = after;
                break;
            }
            if after == at {
                break;
            }
            at = after;
        }
        if bytes.get(at) != Some(&b']') {
            let span = place.shown(line.source(start..visible));
            return self.refuse(span, "a section header without its closing bracket: OpenSSL refuses the file here");
        }
        let value = self.expand(line, start..end, usize::MAX, place);
        let header = if value.places.is_empty() {
            place.shown(line.source(start..end))
        } else {
            value.place(0..value.text.len())
        };
        *section = self.section(&value.text, header);
        if let Some(unread) = &mut self.unread {
            unread.is_open = false;
        }
    }

    /// Takes note of an include that is not read.
    fn lose(&mut self, directive: &str, span: Range<usize>, reason: &str) {
        let expression = format!("{directive} ({reason})");
        let stand_in = self.stand_in(expression.clone());
        let values = self.sections.iter_mut().flat_map(|section| &mut section.entries).map(|entry| &mut entry.value);
        values.for_each(|value| value.become_unknown(stand_in));
        self.unread = Some(Unread { span, expression, is_open: true });
    }

    fn add(&mut self, section: usize, entry: Entry) {
        let Some(section) = self.sections.get_mut(section) else { return };
        if let Some(before) = section.entries.iter().position(|other| other.key == entry.key) {
            let old = section.entries.remove(before);
            self.shadowed.push(Shadowed {
                section: section.name.clone(),
                key: entry.key.clone(),
                span: old.key_span.start..old.end,
                by: entry.key_span.clone(),
                same_value: old.value.text == entry.value.text,
            });
        }
        section.entries.push(entry);
    }

    /// `.include`: a file, or the *.conf and *.cnf of a folder. OpenSSL reads past what is not there.
    fn include(&mut self, line: &LogicalLine, value: Range<usize>, section: usize, place: &Place<'_>) {
        let value_end = trimmed(line.text.as_bytes(), value.start, value.end);
        let named = self.expand(line, value.start..value_end, section, place);
        let span = place.shown(line.source(value.start..value_end));
        if named.text.contains(is_expression) || named.text.starts_with('/') || named.text.is_empty() {
            return;
        }
        if place.depth >= DEEPEST_INCLUDE || self.includes >= MOST_INCLUDES {
            return self.refuse(span, "too many files include each other; this one was not read");
        }
        self.includes += 1;
        // OpenSSL looks from where it is run: beside the file, or at the root of the repository.
        let beside_file = beside(place.path, &named.text);
        let at_root = beside(&FilePath::new("root"), &named.text);
        let candidates: Vec<FilePath> = beside_file.into_iter().chain(at_root).collect();
        let within = place.within.clone().unwrap_or_else(|| span.clone());
        let inside = |path| Place { path, around: place.around, within: Some(within.clone()), depth: place.depth + 1 };
        let directive = format!(".include {}", named.text);
        for path in &candidates {
            match place.around.sibling(path) {
                Sibling::Text(included) => return self.lines(&included, &inside(path)),
                Sibling::Unread(unread) => return self.lose(&directive, within, &unread.reason),
                Sibling::Absent => {}
            }
        }
        let folder = candidates.iter().map(|path| FilePath::new(path.native().join("file")));
        let files: Vec<FilePath> = folder.flat_map(|file| place.around.folder_of(&file).to_vec()).collect();
        let is_config = |path: &&FilePath| {
            let name = path.as_str().to_ascii_lowercase();
            name.ends_with(".cnf") || name.ends_with(".conf")
        };
        for path in files.iter().filter(is_config).take(MOST_INCLUDES) {
            match place.around.sibling(path) {
                Sibling::Text(included) => self.lines(&included, &inside(path)),
                Sibling::Unread(unread) => self.lose(&directive, within.clone(), &unread.reason),
                Sibling::Absent => {}
            }
        }
        if files.is_empty() && place.within.is_none() && place.around.has_tree() {
            let detail = format!("{:?} is not in the tree; OpenSSL reads past a file that is not there", named.text);
            self.problems.push(Problem { span, kind: ProblemKind::IncludeMissing, detail });
        }
    }

    /// The value of a part of a line: quotes and escapes undone, variables put in.
    fn expand(&mut self, line: &LogicalLine, part: Range<usize>, section: usize, place: &Place<'_>) -> Value {
        let span = place.shown(line.source(part.clone()));
        let mut value = Value { span, ..Value::default() };
        let text = line.text.get(..part.end).unwrap_or_default();
        let mut at = part.start;
        let mut quote: Option<char> = None;
        while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
            let rest = text.get(at..).unwrap_or_default();
            let width = character.len_utf8();
            match (quote, character) {
                (Some(open), _) if open == character => {
                    quote = None;
                    at += width;
                }
                (_, '\\') => {
                    let Some(escaped) = rest.chars().nth(1) else { break };
                    let meant = match (quote, escaped) {
                        (None, 'n') => '\n',
                        (None, 'r') => '\r',
                        (None, 't') => '\t',
                        (None, 'b') => '\u{8}',
                        _ => escaped,
                    };
                    let end = at + width + escaped.len_utf8();
                    value.push(meant, &place.shown(line.source(at..end)));
                    at = end;
                }
                (None, '"' | '\'' | '`') => {
                    quote = Some(character);
                    at += width;
                }
                (_, '{' | '<' | '@') if foreign(rest).is_some() => {
                    let length = foreign(rest).unwrap_or(width);
                    let expression = rest.get(..length).unwrap_or_default().to_owned();
                    value.push(self.stand_in(expression), &place.shown(line.source(at..at + length)));
                    at += length;
                }
                (None, '$') => {
                    let length = self.variable(rest, line, at, section, place, &mut value);
                    at += length;
                }
                _ => {
                    value.push(character, &place.shown(line.source(at..at + width)));
                    at += width;
                }
            }
            if value.text.len() > LONGEST_VALUE || self.expanded > MOST_EXPANDED {
                self.refuse(value.span.clone(), "a value that grows beyond 65536 bytes; it was not read to its end");
                break;
            }
        }
        self.expanded += value.text.len();
        value
    }

    /// A variable at the start of `rest`: puts its value in, and tells its length.
    fn variable(
        &mut self,
        rest: &str,
        line: &LogicalLine,
        at: usize,
        section: usize,
        place: &Place<'_>,
        value: &mut Value,
    ) -> usize {
        let bytes = rest.as_bytes();
        let close = match bytes.get(1) {
            Some(b'{') => Some(b'}'),
            Some(b'(') => Some(b')'),
            _ => None,
        };
        let start = if close.is_some() { 2 } else { 1 };
        let word = |from: usize| {
            from + bytes.get(from..).unwrap_or_default().iter().take_while(|byte| is_word(**byte)).count()
        };
        let mut name = start..word(start);
        let mut named_section = None;
        if rest.get(name.end..).is_some_and(|rest| rest.starts_with("::")) {
            named_section = rest.get(name.clone());
            name = name.end + 2..word(name.end + 2);
        }
        let end = match close {
            Some(close) if bytes.get(name.end) != Some(&close) => {
                let to = bytes.iter().position(|byte| *byte == close).map_or(rest.len(), |to| to + 1);
                // `${VAR:-default}` is the shell's.
                let expression = rest.get(..to).unwrap_or(rest).to_owned();
                value.push(self.stand_in(expression), &place.shown(line.source(at..at + to)));
                return to;
            }
            Some(_) => name.end + 1,
            None => name.end,
        };
        let span = place.shown(line.source(at..at + end));
        let expression = rest.get(..end).unwrap_or_default().to_owned();
        let key = rest.get(name).unwrap_or_default();
        self.referred.insert(key.to_owned());
        let found = match named_section {
            Some("ENV") => None,
            Some(section) => self.value(section, key).map(|entry| entry.value.clone()),
            None => {
                let section = self.sections.get(section).map(|section| section.name.clone());
                self.value(section.as_deref().unwrap_or(DEFAULT), key).map(|entry| entry.value.clone())
            }
        };
        match found {
            Some(found) => {
                for character in found.text.chars() {
                    value.push(character, &span);
                    if value.text.len() > LONGEST_VALUE {
                        break;
                    }
                }
            }
            None => {
                // Capitals are the environment's, put in before OpenSSL reads the file (envsubst); others are mistakes.
                let is_environment = named_section == Some("ENV")
                    || (close.is_some() && key.bytes().all(|byte| !byte.is_ascii_lowercase()));
                if !is_environment && !key.is_empty() {
                    self.refuse(
                        span.clone(),
                        format!("the variable {key} has no value: OpenSSL refuses the file here"),
                    );
                }
                value.push(self.stand_in(expression), &span);
            }
        }
        end.max(1)
    }

    /// The character that stands for an expression.
    fn stand_in(&mut self, expression: String) -> char {
        let known = self.expressions.iter().rev().take(64).position(|other| *other == expression);
        let number = match known {
            Some(back) => self.expressions.len() - 1 - back,
            None if self.expressions.len() < MOST_EXPRESSIONS as usize => {
                self.expressions.push(expression);
                self.expressions.len() - 1
            }
            None => self.expressions.len() - 1,
        };
        u32::try_from(number)
            .ok()
            .and_then(|number| char::from_u32(FIRST_EXPRESSION + number))
            .unwrap_or(char::REPLACEMENT_CHARACTER)
    }
}

impl Section {
    /// The value of a key.
    pub(super) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.key == key)
    }
}

impl Value {
    /// Makes all of it an expression.
    fn become_unknown(&mut self, stand_in: char) {
        let span = self.span.clone();
        (self.text, self.places) = (String::new(), Vec::new());
        self.push(stand_in, &span);
    }

    fn push(&mut self, character: char, place: &Range<usize>) {
        self.text.push(character);
        self.places.extend(std::iter::repeat_n(place.clone(), character.len_utf8()));
    }
}

/// Where lines are read from: this file, or one that is included, whose places are those of the directive.
struct Place<'a> {
    path: &'a FilePath,
    around: &'a Surroundings<'a>,
    within: Option<Range<usize>>,
    depth: usize,
}

impl Place<'_> {
    fn shown(&self, span: Range<usize>) -> Range<usize> {
        self.within.clone().unwrap_or(span)
    }
}

/// A line with those it continues on; a backslash at the end that is not escaped itself joins them.
struct LogicalLine {
    text: String,
    /// `(offset in the text of the line, offset in the file)` where each physical line begins.
    pieces: Vec<(usize, usize)>,
    end: usize,
}

impl LogicalLine {
    fn read(file: &str, start: usize) -> (Self, usize) {
        let mut line = Self { text: String::new(), pieces: Vec::new(), end: start };
        let mut at = start;
        loop {
            let rest = file.get(at..).unwrap_or_default();
            let newline = memchr::memchr(b'\n', rest.as_bytes());
            let physical = rest.get(..newline.unwrap_or(rest.len())).unwrap_or_default().trim_end_matches('\r');
            line.pieces.push((line.text.len(), at));
            line.text.push_str(physical);
            line.end = at + physical.len();
            at += newline.map_or(rest.len(), |newline| newline + 1);
            let slashes = line.text.bytes().rev().take_while(|byte| *byte == b'\\').count();
            if slashes != 1 || newline.is_none() {
                return (line, at);
            }
            line.text.pop();
        }
    }

    fn start(&self) -> usize {
        self.pieces.first().map_or(0, |(_, at)| *at)
    }

    /// Bytes of the file that carry a part of the line.
    fn source(&self, part: Range<usize>) -> Range<usize> {
        let offset = |at: usize| {
            let piece = self.pieces.iter().rev().find(|(from, _)| *from <= at);
            piece.map_or(0, |(from, start)| start + (at - from))
        };
        let start = offset(part.start).min(self.end);
        // The end belongs to the piece that the last byte is in.
        let end = if part.end > part.start { offset(part.end - 1) + 1 } else { start };
        start..end.clamp(start, self.end.max(start))
    }

    /// The end of the line without its comment.
    fn visible(&self) -> usize {
        let bytes = self.text.as_bytes();
        let mut at = 0;
        while let Some(byte) = bytes.get(at) {
            match byte {
                b'#' => return at,
                b'\\' => at += 2,
                b'{' | b'<' => at += foreign(self.text.get(at..).unwrap_or_default()).unwrap_or(1),
                b'"' | b'\'' | b'`' => {
                    at += 1;
                    while let Some(inner) = bytes.get(at).filter(|inner| *inner != byte) {
                        at += if *inner == b'\\' { 2 } else { 1 };
                    }
                    at += 1;
                }
                _ => at += 1,
            }
        }
        bytes.len()
    }
}

/// `{{ ... }}`, `{% ... %}`, `<%= ... %>` and `@NAME@` at the start of a text: its length.
fn foreign(rest: &str) -> Option<usize> {
    for (open, close) in [("{{", "}}"), ("{%", "%}"), ("<%", "%>")] {
        if rest.starts_with(open) {
            return rest.find(close).map(|at| at + close.len());
        }
    }
    let inner = rest.strip_prefix('@')?;
    let name = inner.bytes().take_while(|byte| byte.is_ascii_uppercase() || *byte == b'_').count();
    (name > 1 && inner.as_bytes().get(name) == Some(&b'@')).then_some(name + 2)
}

/// A line that only steers another template language.
fn is_control(line: &str) -> bool {
    let line = line.trim();
    ["{{", "{%", "<%"].iter().any(|open| line.starts_with(open))
        && foreign(line).is_some_and(|length| {
            let after = line.get(length..).unwrap_or_default();
            !after.trim_start().starts_with(['=', ':']) && !after.contains('=')
        })
}

fn blank(bytes: &[u8], from: usize, end: usize) -> usize {
    let rest = bytes.get(from..end).unwrap_or_default();
    from + rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

fn trimmed(bytes: &[u8], start: usize, end: usize) -> usize {
    let rest = bytes.get(start..end).unwrap_or_default();
    end - rest.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count()
}

/// The end of a name of letters, digits and the punctuation that names may have.
fn name(bytes: &[u8], from: usize, end: usize) -> usize {
    let mut at = from;
    while let Some(byte) = bytes.get(at).filter(|_| at < end) {
        match byte {
            b'\\' => at += 2,
            b'!' | b'.' | b'%' | b'&' | b'*' | b'+' | b',' | b'/' | b';' | b'?' | b'@' | b'^' | b'~' | b'|' | b'-' => {
                at += 1
            }
            byte if is_word(*byte) => at += 1,
            _ => break,
        }
    }
    at.min(end)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}
