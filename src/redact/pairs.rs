//! Names and what they are set to, in whatever language: `name = value`, `name: value`, `"name": "value"`, `-name value`,
//! `<name>value</name>`, and what stands below a name. The text is gone through once, line by line; a value that goes on over
//! lines is skipped as a whole.

use std::collections::HashMap;
use std::ops::Range;

use memchr::memmem;

use super::{name, reference};

/// Depth of brackets that is kept apart; what is deeper is taken for a part of what it is in.
const DEEPEST: usize = 256;
/// Names, in quotation marks, are no longer than this.
const LONGEST_NAME: usize = 160;
/// A value in quotation marks over several lines ends within so many bytes.
const LONGEST_VALUE: usize = 64 * 1024;
/// `value` stands within so many lines of its `name`.
const NEAR: usize = 4;

/// What may be called so below the name of a secret, and is that secret.
const VALUES: &[&str] = &[
    "base64",
    "content",
    "contents",
    "data",
    "default",
    "literal",
    "plaintext",
    "raw",
    "string",
    "stringdata",
    "text",
    "val",
    "value",
];
/// What leads to the name of a secret, beside its value.
const NAMES: &[&str] = &["name", "key", "parameterkey", "field", "variable"];
/// What the value beside it is called.
const BESIDE: &[&str] = &["value", "parametervalue", "val", "default", "values"];
/// What a line may begin with before a name.
const LEADS: &[&str] =
    &["export", "set", "setx", "env", "arg", "local", "readonly", "declare", "let", "const", "var", "val", "define"];

/// What a value below a name is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Holds {
    /// Nothing to hide.
    #[default]
    Nothing,
    /// A secret, where it is called a value: a block that is labelled so, as in `variable "db_password" {`. Lists under other
    /// names in it are none: a label may be anything, such as `example_pass`.
    Labelled,
    /// A secret, where it is a list or called a value.
    Secret,
    /// The same, and what is called `key` is one.
    Keys,
    /// Secrets only: the data of a Kubernetes Secret.
    All,
}

/// What parts a name from its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    /// `=`, `:=`, `=>`.
    Equals,
    /// `:`, as YAML and JSON have it.
    Colon,
    /// `:` with the value right behind it, as in `pass:x`.
    Tight,
}

/// Finds the values of secrets in a file.
pub(super) fn of_file(text: &[u8], found: &mut Vec<Range<usize>>) {
    Walk::new(text, found, false).lines();
}

/// The same in a message, where `password: 12 characters` is no secret: a value stands in quotation marks, or right behind `=`.
pub(super) fn of_message(text: &[u8], found: &mut Vec<Range<usize>>) {
    if text.iter().any(|byte| matches!(byte, b'=' | b':' | b'<')) {
        Walk::new(text, found, true).lines();
    }
}

struct Walk<'t, 'f> {
    text: &'t [u8],
    found: &'f mut Vec<Range<usize>>,
    strict: bool,
    /// What names are, so that each is judged once.
    names: HashMap<&'t [u8], Holds>,
    /// Brackets that are open, and what stands in them.
    brackets: Vec<(u8, Holds)>,
    /// Names with lines below them, by their indentation.
    below: Vec<(usize, Holds)>,
    /// What the next bracket holds.
    pending: Holds,
    /// A line that names a secret, and how deep: its value stands beside it.
    named: Option<(usize, usize)>,
    line: usize,
    document_end: usize,
    is_secret_document: bool,
}

/// A line as it is read.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    /// Behind its indentation and the marks of a list.
    first: usize,
    /// Without the line end.
    stop: usize,
}

impl<'t, 'f> Walk<'t, 'f> {
    fn new(text: &'t [u8], found: &'f mut Vec<Range<usize>>, strict: bool) -> Self {
        Self {
            text,
            found,
            strict,
            names: HashMap::new(),
            brackets: Vec::new(),
            below: Vec::new(),
            pending: Holds::Nothing,
            named: None,
            line: 0,
            document_end: 0,
            is_secret_document: false,
        }
    }

    fn lines(&mut self) {
        let mut at = 0;
        while at < self.text.len() {
            // Every line moves on, whatever is on it.
            at = self.one_line(at).max(at + 1);
            self.line += 1;
        }
    }

    fn byte(&self, at: usize) -> Option<u8> {
        self.text.get(at).copied()
    }

    fn part(&self, range: Range<usize>) -> &'t [u8] {
        self.text.get(range).unwrap_or_default()
    }

    /// The end of the line, without its line feed.
    fn line_end(&self, at: usize) -> usize {
        memchr::memchr(b'\n', self.part(at..self.text.len())).map_or(self.text.len(), |length| at + length)
    }

    fn skip_blanks(&self, at: usize, stop: usize) -> usize {
        self.part(at..stop)
            .iter()
            .position(|byte| !matches!(byte, b' ' | b'\t'))
            .map_or(stop.max(at), |length| at + length)
    }

    /// Reads a line, and what goes on over the next ones; tells where to go on.
    fn one_line(&mut self, start: usize) -> usize {
        let end = self.line_end(start);
        if start >= self.document_end && !self.strict {
            self.document(start, end);
        }
        let stop = if end > start && self.byte(end - 1) == Some(b'\r') { end - 1 } else { end };
        let content = self.skip_blanks(start, stop);
        if content >= stop {
            return end + 1;
        }
        let mut first = content;
        while self.byte(first) == Some(b'-') && matches!(self.byte(first + 1), Some(b' ' | b'\t')) {
            first = self.skip_blanks(first + 1, stop);
        }
        let line = Line { start, first, stop };
        if self.brackets.is_empty() && !self.strict {
            let (indent, is_item) = (content - start, first > content);
            while self.below.last().is_some_and(|(above, _)| *above > indent || *above == indent && !is_item) {
                self.below.pop();
            }
            let holds = self.below.last().map_or(Holds::Nothing, |(_, holds)| *holds);
            if holds != Holds::Nothing && self.is_scalar(line) {
                self.hide_value(first..stop);
                return end + 1;
            }
        }
        // What is in a comment opens nothing.
        let is_comment = matches!(self.byte(first), Some(b'#' | b';')) || self.part(first..stop).starts_with(b"//");
        let open = is_comment.then(|| (self.brackets.clone(), self.pending));
        let at = self.rest_of_line(line);
        if let Some((brackets, pending)) = open {
            (self.brackets, self.pending) = (brackets, pending);
        }
        if at > stop { at } else { end + 1 }
    }

    /// Whether a line is a value alone: no name, no bracket, no comment.
    fn is_scalar(&self, line: Line) -> bool {
        let Some(byte) = self.byte(line.first) else { return false };
        if matches!(byte, b'{' | b'[' | b'}' | b']' | b'#') {
            return false;
        }
        let name_end = match byte {
            b'"' | b'\'' => {
                self.close(line.first, line.stop.min(line.first + LONGEST_NAME)).map_or(line.first, |close| close + 1)
            }
            _ => self.name_end(line.first, line.stop),
        };
        name_end == line.first
            || self
                .sign(self.skip_blanks(name_end, line.stop), line.stop, byte != b'"')
                .is_none_or(|(sign, _)| sign == Sign::Tight)
    }

    fn rest_of_line(&mut self, line: Line) -> usize {
        let mut at = line.first;
        while at < line.stop {
            let Some(byte) = self.byte(at) else { break };
            at = match byte {
                b'{' | b'[' => {
                    let holds = if self.pending == Holds::Nothing { self.around() } else { self.pending };
                    if self.brackets.len() < DEEPEST {
                        self.brackets.push((byte, holds));
                    }
                    self.pending = Holds::Nothing;
                    at + 1
                }
                b'}' | b']' => {
                    self.brackets.pop();
                    self.pending = Holds::Nothing;
                    at + 1
                }
                b'"' | b'\'' => self.quoted(at, line),
                b' ' | b'\t' => at + 1,
                _ if is_name_start(byte) && !at.checked_sub(1).and_then(|at| self.byte(at)).is_some_and(is_word) => {
                    self.word(at, line)
                }
                _ => {
                    let is_listed = self.is_listed() && !matches!(byte, b',' | b'#');
                    if is_listed { self.listed(at, line) } else { at + 1 }
                }
            };
        }
        at
    }

    /// What the innermost bracket, or the name above, holds.
    fn around(&self) -> Holds {
        self.brackets
            .last()
            .map(|(_, holds)| *holds)
            .or_else(|| self.below.last().map(|(_, holds)| *holds))
            .unwrap_or_default()
    }

    /// Whether what stands here is a member of a list of secrets.
    fn is_listed(&self) -> bool {
        matches!(self.brackets.last(), Some((b'[', holds)) if !matches!(holds, Holds::Nothing | Holds::Labelled))
    }

    /// A member of a list of secrets that is not in quotation marks.
    fn listed(&mut self, at: usize, line: Line) -> usize {
        let end = self
            .part(at..line.stop)
            .iter()
            .position(|byte| matches!(byte, b',' | b']'))
            .map_or(line.stop, |length| at + length);
        self.hide_value(at..end);
        end.max(at + 1)
    }

    /// What begins with a quotation mark: a name, a member of a list of secrets, or a text that is looked into.
    fn quoted(&mut self, at: usize, line: Line) -> usize {
        let close = self.close(at, line.stop.min(at + LONGEST_NAME));
        if let Some(close) = close {
            let after = self.skip_blanks(close + 1, line.stop);
            if let Some((sign, value)) = self.sign(after, line.stop, false) {
                return self.pair(at + 1..close, sign, value, line);
            }
            if self.byte(after) == Some(b'{') {
                self.pending = match self.holds(at + 1..close) {
                    Holds::Nothing => Holds::Nothing,
                    _ => Holds::Labelled,
                };
                return after;
            }
            let is_flag = self.byte(at + 1) == Some(b'-') && self.byte(after) == Some(b',');
            if is_flag && self.holds(at + 1..close) != Holds::Nothing {
                let value = self.skip_blanks(after + 1, line.stop);
                if matches!(self.byte(value), Some(b'"' | b'\'')) {
                    return self.in_quotes(value, Sign::Equals, line);
                }
            }
        }
        if self.is_listed() {
            return self.in_quotes(at, Sign::Equals, line);
        }
        self.pending = Holds::Nothing;
        at + 1
    }

    /// What begins with a letter: a name and its value, an argument, an element.
    fn word(&mut self, at: usize, line: Line) -> usize {
        let end = self.name_end(at, line.stop);
        // The mark that closes a name may stand behind a backslash.
        let closed = match (self.byte(end), self.byte(end + 1)) {
            (Some(b'\\'), Some(b'"' | b'\'')) => end + 2,
            (Some(b'"' | b'\'' | b'`'), _) => end + 1,
            _ => end,
        };
        let sign = self.sign(self.skip_blanks(closed, line.stop), line.stop, closed == end);
        if let Some((sign, value)) = sign {
            return self.pair(at..end, sign, value, line);
        }
        if self.is_listed() {
            return self.listed(at, line);
        }
        self.pending = Holds::Nothing;
        let before = at.checked_sub(1).and_then(|at| self.byte(at));
        match before {
            Some(b'<') if self.byte(end) == Some(b'>') && self.holds(at..end) != Holds::Nothing => {
                let close = memmem::find(self.part(end..line.stop), b"</").map_or(line.stop, |length| end + length);
                self.hide_value(end + 1..close);
                close.max(end)
            }
            Some(b'-') if !self.strict && self.is_flag(at, line) && self.holds(at..end) != Holds::Nothing => {
                let value = self.skip_blanks(end, line.stop);
                match self.byte(value) {
                    Some(b'"' | b'\'') if value > end => self.in_quotes(value, Sign::Equals, line),
                    Some(byte) if value > end && byte != b'-' => {
                        let until = self.inline_end(value, line.stop);
                        self.hide_value(value..until);
                        until
                    }
                    _ => end,
                }
            }
            _ => end,
        }
    }

    /// Whether the dashes before a name begin an argument.
    fn is_flag(&self, at: usize, line: Line) -> bool {
        let before = self.part(line.start..at);
        let dashes = before.iter().rev().take_while(|byte| **byte == b'-').count();
        let head = before.get(..before.len() - dashes).unwrap_or_default();
        dashes <= 2 && head.last().is_none_or(|byte| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'[' | b',' | b'`'))
    }

    /// The end of a name that begins here.
    fn name_end(&self, at: usize, stop: usize) -> usize {
        let length = self.part(at..stop).iter().position(|byte| !is_name(*byte)).unwrap_or(stop.saturating_sub(at));
        let name = self.part(at..at + length);
        at + name.iter().rposition(|byte| is_word(*byte)).map_or(0, |last| last + 1)
    }

    /// The sign at a place, and where the value may begin. `bare`: the name stands without quotation marks.
    fn sign(&self, at: usize, stop: usize, bare: bool) -> Option<(Sign, usize)> {
        if at >= stop {
            return None;
        }
        let next = self.byte(at + 1).filter(|_| at + 1 < stop);
        match (self.byte(at)?, next) {
            (b'=', Some(b'=' | b'~')) => None,
            (b'=', Some(b'>')) | (b':' | b'+' | b'?', Some(b'=')) => Some((Sign::Equals, at + 2)),
            (b'=', _) => Some((Sign::Equals, at + 1)),
            (b':', Some(b':' | b'/')) => None,
            (b':', Some(next)) if bare && !matches!(next, b' ' | b'\t' | b'"' | b'\'' | b'{' | b'[' | b'\\') => {
                Some((Sign::Tight, at + 1))
            }
            (b':', _) => Some((Sign::Colon, at + 1)),
            _ => None,
        }
    }

    /// What a name says of what it is set to.
    fn holds(&mut self, name: Range<usize>) -> Holds {
        let name = self.part(name);
        if self.is_secret_document && matches!(name, b"data" | b"stringData") {
            return Holds::All;
        }
        if let Some(known) = self.names.get(name) {
            return *known;
        }
        let text = String::from_utf8_lossy(name);
        // Of an annotation, what stands behind its domain.
        let own = text.rsplit('/').next().unwrap_or_default();
        let holds = match name::of_secret(own) {
            true if name::of_keys(own) => Holds::Keys,
            true => Holds::Secret,
            false => Holds::Nothing,
        };
        self.names.insert(name, holds);
        holds
    }

    fn pair(&mut self, name: Range<usize>, sign: Sign, value: usize, line: Line) -> usize {
        let own = self.holds(name.clone());
        let small = String::from_utf8_lossy(self.part(name.clone())).to_ascii_lowercase();
        let around = self.around();
        let depth = self.brackets.len();
        let is_beside = BESIDE.contains(&small.as_str())
            && self.named.is_some_and(|(line, other)| other == depth && self.line <= line + NEAR);
        let is_value = VALUES.contains(&small.as_str());
        let holds = match around {
            _ if own != Holds::Nothing => own,
            Holds::All => Holds::All,
            Holds::Labelled | Holds::Secret | Holds::Keys if is_value => Holds::Secret,
            Holds::Keys if small == "key" => Holds::Secret,
            _ if is_beside => Holds::Secret,
            _ => Holds::Nothing,
        };
        if sign == Sign::Tight && (holds == Holds::Nothing || self.strict && small != "pass") {
            return name.end.max(line.first + 1);
        }
        let at = self.skip_blanks(value, line.stop);
        let indent =
            name.start.saturating_sub(line.start + usize::from(self.byte(name.start.saturating_sub(1)) == Some(b'"')));
        let is_first = self.is_first(name.start, line);
        let goes_on_below = sign == Sign::Colon && self.brackets.is_empty() && is_first && !self.strict;
        if holds == Holds::Nothing {
            if NAMES.contains(&small.as_str()) && self.names_secret(at, line.stop) {
                self.named = Some((self.line, depth));
            }
            self.pending = around;
            if goes_on_below && at >= line.stop {
                self.below.push((indent, around));
            }
            return at;
        }
        if goes_on_below {
            self.below.push((indent, holds));
        }
        self.pending = Holds::Nothing;
        let next = self.value(holds, at, sign, line, indent, (is_first, value == at && name.end + 1 == value));
        next.max(value)
    }

    /// Whether what stands here is the name of a secret.
    fn names_secret(&mut self, at: usize, stop: usize) -> bool {
        let at = if matches!(self.byte(at), Some(b'"' | b'\'')) { at + 1 } else { at };
        let end = self.name_end(at, stop.min(at + LONGEST_NAME));
        end > at && self.holds(at..end) != Holds::Nothing
    }

    /// Whether a name is the first of its line, but for what lines begin with.
    fn is_first(&self, at: usize, line: Line) -> bool {
        let before = self.part(line.start..at.min(line.start + LONGEST_NAME));
        at - line.start <= LONGEST_NAME
            && before
                .split(|byte| {
                    matches!(
                        byte,
                        b' ' | b'\t' | b'#' | b';' | b'/' | b'*' | b'-' | b'"' | b'\'' | b'$' | b':' | b'@' | b'%'
                    )
                })
                .all(|word| word.is_empty() || LEADS.iter().any(|lead| word.eq_ignore_ascii_case(lead.as_bytes())))
    }

    /// Hides a value; tells where it ends.
    fn value(
        &mut self,
        holds: Holds,
        at: usize,
        sign: Sign,
        line: Line,
        indent: usize,
        (is_first, is_close): (bool, bool),
    ) -> usize {
        let stop = line.stop;
        let Some(byte) = self.byte(at).filter(|_| at < stop) else {
            self.pending = holds;
            return stop;
        };
        let rest = self.part(at..stop);
        match byte {
            b'{' if !rest.starts_with(b"{{") && !rest.starts_with(b"{%") => {
                self.pending = holds;
                at
            }
            b'[' if !rest.starts_with(b"[[") => {
                self.pending = holds;
                at
            }
            b'!' | b'&' if sign == Sign::Colon && !self.strict => {
                const REFERENCES: [&[u8]; 9] = [
                    b"!Ref",
                    b"!Sub",
                    b"!GetAtt",
                    b"!ImportValue",
                    b"!reference",
                    b"!env",
                    b"!Env",
                    b"!ENV",
                    b"!secret",
                ];
                let word = rest.iter().position(|byte| matches!(byte, b' ' | b'\t')).unwrap_or(rest.len());
                let after = self.skip_blanks(at + word, stop);
                if rest.get(..word).is_some_and(|tag| REFERENCES.contains(&tag)) {
                    return stop;
                }
                // A password may begin like this, too.
                if after >= stop && byte == b'!' && word > 1 && !rest.starts_with(b"!!") {
                    self.hide_value(at..stop);
                    return stop;
                }
                if after >= stop { stop } else { self.value(holds, after, sign, line, indent, (is_first, is_close)) }
            }
            b'|' | b'>' if sign == Sign::Colon && is_block_mark(rest) && !self.strict => self.block(stop, indent),
            b'<' if rest.starts_with(b"<<") && !self.strict => self.heredoc(at, stop),
            b'"' | b'\'' => self.in_quotes_below(at, sign, line, indent),
            b'\\' if matches!(self.byte(at + 1), Some(b'"' | b'\'')) => {
                let mark = self.part(at..at + 2);
                let close = memmem::find(self.part(at + 2..stop), mark).map_or(stop, |length| at + 2 + length);
                self.hide_value(at + 2..close);
                (close + 2).min(stop)
            }
            _ if self.strict && sign == Sign::Colon || self.strict && sign == Sign::Equals && !is_close => at,
            _ => self.plain(at, sign, line, is_first && !self.strict),
        }
    }

    /// A value without quotation marks.
    fn plain(&mut self, at: usize, sign: Sign, line: Line, is_first: bool) -> usize {
        let in_flow = sign == Sign::Colon && !self.brackets.is_empty();
        let end = match () {
            () if in_flow => self.flow_end(at, line.stop),
            () if is_first && sign != Sign::Tight => line.stop,
            () => self.inline_end(at, line.stop),
        };
        let mut shown = self.part(at..end);
        if is_first
            && sign == Sign::Colon
            && let Some(comment) = memmem::find(shown, b" #")
        {
            shown = shown.get(..comment).unwrap_or_default();
        }
        if sign == Sign::Equals && !self.brackets.is_empty() {
            shown = shown.trim_ascii_end().strip_suffix(b"}").unwrap_or(shown);
        }
        let shown = shown.trim_ascii_end();
        let text = String::from_utf8_lossy(shown);
        if sign == Sign::Equals && (reference::is_of_hcl(&text) || self.is_call(at, shown)) {
            return end;
        }
        let goes_on = shown.last() == Some(&b'\\') && end == line.stop && is_first;
        if shown != b"\\" {
            self.hide_value(at..at + shown.len());
        }
        if goes_on { self.continued(line.stop) } else { end }
    }

    /// A call of one of Terraform's functions: texts among its arguments are hidden, but for names of files.
    fn is_call(&mut self, at: usize, shown: &[u8]) -> bool {
        const CALLS: [&[u8]; 18] = [
            b"base64decode",
            b"base64encode",
            b"chomp",
            b"coalesce",
            b"element",
            b"env",
            b"file",
            b"filebase64",
            b"format",
            b"get_env",
            b"getenv",
            b"join",
            b"jsondecode",
            b"lookup",
            b"sensitive",
            b"templatefile",
            b"trimspace",
            b"try",
        ];
        let Some(open) = memchr::memchr(b'(', shown) else { return false };
        let function = shown.get(..open).unwrap_or_default();
        if shown.last() != Some(&b')') || !CALLS.contains(&function) {
            return false;
        }
        if !matches!(function, b"file" | b"filebase64" | b"templatefile" | b"env" | b"get_env" | b"getenv") {
            let mut quote = at + open;
            while let Some(next) = memchr::memchr(b'"', self.part(quote..at + shown.len())) {
                let start = quote + next;
                let Some(close) = self.close(start, at + shown.len()) else { break };
                self.hide_value(start + 1..close);
                quote = close + 1;
            }
        }
        true
    }

    fn flow_end(&self, at: usize, stop: usize) -> usize {
        self.part(at..stop)
            .iter()
            .position(|byte| matches!(byte, b',' | b'}' | b']'))
            .map_or(stop, |length| at + length)
    }

    fn inline_end(&self, at: usize, stop: usize) -> usize {
        let ends = |byte: &u8| matches!(byte, b' ' | b'\t' | b'"' | b'\'' | b'`' | b';' | b'&');
        let end = self.part(at..stop).iter().position(ends).map_or(stop, |length| at + length);
        // The backslash of a mark is its own.
        if end > at && end < stop && self.byte(end - 1) == Some(b'\\') { end - 1 } else { end }
    }

    /// Lines that continue one that ends in a backslash; tells where the next one begins.
    fn continued(&mut self, stop: usize) -> usize {
        let mut at = self.line_end(stop) + 1;
        while at < self.text.len() {
            let end = self.line_end(at);
            let shown = self.part(at..end).trim_ascii_end();
            let start = self.skip_blanks(at, end);
            let goes_on = shown.last() == Some(&b'\\');
            self.hide(start..at + shown.len() - usize::from(goes_on));
            at = end + 1;
            if !goes_on {
                break;
            }
        }
        at
    }

    /// The lines of a block scalar; tells where the next one begins.
    fn block(&mut self, stop: usize, indent: usize) -> usize {
        let mut at = self.line_end(stop) + 1;
        while at < self.text.len() {
            let end = self.line_end(at);
            let content = self.skip_blanks(at, end);
            let shown = self.part(content..end).trim_ascii_end();
            if !shown.is_empty() && content - at <= indent {
                break;
            }
            self.hide_value(content..content + shown.len());
            at = end + 1;
        }
        at
    }

    /// The lines of a here-document; tells where what follows it begins.
    fn heredoc(&mut self, at: usize, stop: usize) -> usize {
        let mark: Vec<u8> = self.part(at + 2..stop).iter().copied().filter(|byte| is_word(*byte)).collect();
        let mut at = self.line_end(stop) + 1;
        while at < self.text.len() {
            let end = self.line_end(at);
            let line = self.part(at..end).trim_ascii();
            if line == mark {
                return end + 1;
            }
            let content = self.skip_blanks(at, end);
            self.hide_value(content..content + line.len());
            at = end + 1;
        }
        at
    }

    /// The mark that closes the one at a place, before `stop`: not one behind a backslash, and not two in a row.
    fn close(&self, open: usize, stop: usize) -> Option<usize> {
        let mark = self.byte(open)?;
        let mut at = open + 1;
        while at < stop {
            match self.byte(at)? {
                b'\\' if mark == b'"' => at += 1,
                byte if byte == mark && self.byte(at + 1) == Some(mark) && at + 1 < stop && at > open + 1 => at += 1,
                byte if byte == mark => return Some(at),
                _ => {}
            }
            at += 1;
        }
        None
    }

    fn in_quotes(&mut self, open: usize, sign: Sign, line: Line) -> usize {
        self.in_quotes_below(open, sign, line, usize::MAX)
    }

    /// A value in quotation marks; in YAML it may go on over lines that stand further in than its name.
    fn in_quotes_below(&mut self, open: usize, sign: Sign, line: Line, indent: usize) -> usize {
        let mark = self.byte(open).unwrap_or_default();
        let triple = [mark; 3];
        if self.part(open..open + 3) == triple {
            let limit = self.text.len().min(open + LONGEST_VALUE);
            let close = memmem::find(self.part(open + 3..limit), &triple).map_or(line.stop, |length| open + 3 + length);
            self.hide_value(open + 3..close);
            return close + 3;
        }
        if let Some(close) = self.close(open, line.stop) {
            self.hide_value(open + 1..close);
            return close + 1;
        }
        self.hide(open + 1..line.stop);
        if sign != Sign::Colon || self.strict || !self.brackets.is_empty() {
            return line.stop;
        }
        let mut at = self.line_end(line.stop) + 1;
        while at < self.text.len() && at < open + LONGEST_VALUE {
            let end = self.line_end(at);
            let content = self.skip_blanks(at, end);
            let shown = self.part(content..end).trim_ascii_end();
            if !shown.is_empty() && content - at <= indent {
                return at;
            }
            if let Some(close) = self
                .close(content.saturating_sub(1).max(at), end)
                .filter(|_| self.byte(content.saturating_sub(1).max(at)) == Some(mark))
            {
                self.hide(content..close);
                return close + 1;
            }
            if let Some(length) = memchr::memchr(mark, shown) {
                self.hide(content..content + length);
                return content + length + 1;
            }
            self.hide(content..content + shown.len());
            at = end + 1;
        }
        at
    }

    /// Hides a value, unless it stands for one that is elsewhere; what tells its kind stays.
    fn hide_value(&mut self, range: Range<usize>) {
        let shown = self.part(range.clone());
        let lead = shown.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let text = String::from_utf8_lossy(shown.trim_ascii());
        let quoted = text.trim_matches(['"', '\'', ',']);
        if reference::is_one(quoted) {
            return;
        }
        let kind = [&b"bearer "[..], b"basic ", b"pass:"]
            .iter()
            .find(|kind| shown.get(lead..lead + kind.len()).is_some_and(|start| start.eq_ignore_ascii_case(kind)))
            .map_or(0, |kind| kind.len());
        self.hide(range.start + lead + kind..range.end);
    }

    fn hide(&mut self, range: Range<usize>) {
        if range.start < range.end {
            self.found.push(range);
        }
    }

    /// Takes up the next document: whether a Kubernetes Secret is in it.
    fn document(&mut self, start: usize, end: usize) {
        let from = if self.part(start..end).starts_with(b"---") { (end + 1).min(self.text.len()) } else { start };
        let rest = self.part(from..self.text.len());
        let next = if rest.starts_with(b"---") { Some(0) } else { memmem::find(rest, b"\n---").map(|at| at + 1) };
        self.document_end = next.map_or(self.text.len(), |length| from + length).max(end + 1);
        let document = self.part(from..self.document_end.min(self.text.len()));
        self.is_secret_document = memmem::find_iter(document, b"Secret").any(|at| {
            let is_end = !document.get(at + 6).is_some_and(|byte| is_word(*byte));
            let before = document.get(at.saturating_sub(16)..at).unwrap_or_default().trim_ascii_end();
            let before =
                before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'")).unwrap_or(before).trim_ascii_end();
            let name = before.strip_suffix(b":").unwrap_or_default().trim_ascii_end();
            is_end && (name.ends_with(b"kind") || name.ends_with(b"kind\""))
        });
        self.below.clear();
    }
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

fn is_name(byte: u8) -> bool {
    is_word(byte) || matches!(byte, b'-' | b'.' | b'/')
}

/// `|`, `>-`, `|2+` and a comment behind it, at most.
fn is_block_mark(rest: &[u8]) -> bool {
    let marks = rest.iter().skip(1).take_while(|byte| matches!(byte, b'+' | b'-' | b'0'..=b'9')).count();
    let after = rest.get(1 + marks..).unwrap_or_default().trim_ascii();
    after.is_empty() || after.starts_with(b"#")
}
