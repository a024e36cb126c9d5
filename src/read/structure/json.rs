//! JSON, tolerant: comments are passed over, and what is read before an error stays.
//! The tokens come from jsonc-parser; YAML readers do not know JSON's surrogate escapes and comments, and forget an object
//! that has an error in it. Only what is between the tokens is decided here.

use std::ops::Range;

use jsonc_parser::{Scanner, ScannerOptions, tokens::Token};

use super::build::{Builder, Collection, Properties, Seen, Stop};
use super::placeholder::{Masked, Syntax, mask};
use super::{Document, Node, Resolved};

const STRICT: ScannerOptions = ScannerOptions {
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Reads a text as JSON (RFC 8259). Comments, and control characters in strings, are no problem; a comma too many or too few is
/// one that does not end reading, and between expressions commas do not count at all. Spans are bytes of the text; expressions
/// are resolved by `resolve`, which gets them without their braces.
pub(crate) fn read(text: &str, resolve: &dyn Fn(&str) -> Option<Resolved>) -> Document {
    document(text, Syntax::Json, resolve)
}

/// The same of a text whose strings are as they are, whatever looks like an expression in them.
pub(crate) fn read_plain(text: &str) -> Document {
    document(text, Syntax::PlainJson, &|_| None)
}

fn document(text: &str, syntax: Syntax, resolve: &dyn Fn(&str) -> Option<Resolved>) -> Document {
    let masked = mask(text, syntax);
    let mut builder = Builder::new(&masked, resolve, false);
    let base = if masked.text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    builder.begin_document(base, false);
    let mut reader = Reader { masked: &masked, base, collections: Vec::new(), expects: Expects::Value };
    // What stops reading is among the problems.
    let _ = reader.tokens(&mut builder);
    builder.end_document(masked.text.len());
    let empty = Document { root: Node::null(0..0), span: 0..text.len(), problems: Vec::new() };
    builder.finish().into_iter().next().unwrap_or(empty)
}

/// What may come next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expects {
    /// A value or key; in a list or mapping that has just begun also its end.
    First,
    /// A value or key, behind a comma or where all begins.
    Value,
    /// The colon behind a key.
    Colon,
    /// A comma or the end.
    Comma,
}

struct Reader<'r> {
    masked: &'r Masked<'r>,
    base: usize,
    collections: Vec<Collection>,
    expects: Expects,
}

impl Reader<'_> {
    fn tokens(&mut self, builder: &mut Builder<'_>) -> Result<(), Stop> {
        let text = self.masked.text.get(self.base..).unwrap_or_default();
        let mut scanner = Scanner::new(text, &STRICT);
        let mut last = self.base;
        let mut seen = false;
        loop {
            let token = match scanner.scan() {
                Ok(Some(token)) => token,
                Ok(None) => break,
                Err(error) => {
                    let range = error.range();
                    builder.problem(self.base + range.start..self.base + range.end, error.kind().to_string());
                    return Err(Stop);
                }
            };
            let span = self.base + scanner.token_start()..self.base + scanner.token_end();
            if matches!(token, Token::CommentLine(_) | Token::CommentBlock(_)) {
                continue;
            }
            seen = true;
            self.token(builder, &token, span.clone(), last)?;
            last = span.end;
        }
        if !self.collections.is_empty() || !seen && !self.masked.is_templated() {
            builder.problem(last..last, "the text ends where more is expected");
        }
        Ok(())
    }

    fn token(
        &mut self,
        builder: &mut Builder<'_>,
        token: &Token<'_>,
        span: Range<usize>,
        last: usize,
    ) -> Result<(), Stop> {
        let inside = self.collections.last().copied();
        match (token, self.expects) {
            (Token::Colon, Expects::Colon) => self.expects = Expects::Value,
            (Token::Comma, Expects::Comma) if inside.is_some() => self.expects = Expects::Value,
            // A member was an expression, or stands in a branch that is left out.
            (Token::Comma, Expects::First | Expects::Value) if self.is_templated() && inside.is_some() => {}
            (Token::CloseBrace, _) if inside == Some(Collection::Mapping) => self.close(builder, span, last)?,
            (Token::CloseBracket, _) if inside == Some(Collection::List) => self.close(builder, span, last)?,
            (
                Token::OpenBrace
                | Token::OpenBracket
                | Token::String(_)
                | Token::Number(_)
                | Token::Boolean(_)
                | Token::Null,
                _,
            ) => {
                self.value(builder, token, span)?;
            }
            _ => return self.unexpected(builder, span),
        }
        Ok(())
    }

    fn close(&mut self, builder: &mut Builder<'_>, span: Range<usize>, last: usize) -> Result<(), Stop> {
        match self.expects {
            Expects::Value if builder.wants_key() || self.collections.last() == Some(&Collection::List) => {
                if !self.is_templated() {
                    builder.problem(last.saturating_sub(1)..last, "a comma before the end");
                }
            }
            Expects::First | Expects::Comma => {}
            Expects::Value | Expects::Colon if self.is_templated() => {}
            Expects::Value | Expects::Colon => return self.unexpected(builder, span),
        }
        self.collections.pop();
        builder.end(span.start, Some(span.end));
        self.expects = Expects::Comma;
        Ok(())
    }

    fn value(&mut self, builder: &mut Builder<'_>, token: &Token<'_>, span: Range<usize>) -> Result<(), Stop> {
        let bare = self.masked.inline_in(&span).first().is_some_and(|mark| mark.span == span);
        match self.expects {
            // Between branches commas are written as it pleases the tool.
            Expects::Comma if self.is_templated() && !self.collections.is_empty() => {
                let begins = matches!(token, Token::OpenBrace | Token::OpenBracket);
                let adjacent = builder.last() == span.start;
                if adjacent || builder.wants_key() && !bare && !self.is_key(span.end) {
                    if begins {
                        return self.unexpected(builder, span);
                    }
                    builder.more(span);
                    return Ok(());
                }
                if bare {
                    builder.open(span);
                    return Ok(());
                }
            }
            Expects::Comma if !self.collections.is_empty() && (!builder.wants_key() || self.is_key(span.end)) => {
                builder.problem(span.clone(), "a comma is missing before this");
            }
            Expects::Comma | Expects::Colon => return self.unexpected(builder, span),
            Expects::First | Expects::Value => {}
        }
        let key = builder.wants_key();
        match token {
            Token::OpenBrace | Token::OpenBracket => {
                if key {
                    return self.unexpected(builder, span);
                }
                let collection = if *token == Token::OpenBrace { Collection::Mapping } else { Collection::List };
                builder.begin(collection, span.start, None, Properties::default())?;
                self.collections.push(collection);
                self.expects = Expects::First;
            }
            _ if key && bare && !self.is_key(span.end) => {
                // `{{ include "x" }}` among the members of an object.
                builder.open(span);
                self.expects = Expects::Comma;
            }
            _ if key && !matches!(token, Token::String(_)) => return self.unexpected(builder, span),
            _ => {
                let written = self.masked.text.get(span.clone()).unwrap_or_default();
                let (decoded, plain) = match token {
                    Token::String(text) => (&**text, bare),
                    _ => (written, true),
                };
                let null = matches!(token, Token::Null);
                builder.scalar(
                    &Seen { span, decoded, plain, verbatim: false, block: None, null },
                    &Properties::default(),
                )?;
                self.expects = if key { Expects::Colon } else { Expects::Comma };
            }
        }
        Ok(())
    }

    /// Whether a colon follows.
    fn is_key(&self, at: usize) -> bool {
        self.masked.text.get(at..).is_some_and(|rest| rest.trim_start().starts_with(':'))
    }

    fn is_templated(&self) -> bool {
        self.masked.is_templated()
    }

    fn unexpected(&self, builder: &mut Builder<'_>, span: Range<usize>) -> Result<(), Stop> {
        let found = self.masked.written.get(span.clone()).unwrap_or_default();
        let expected = match self.expects {
            Expects::First | Expects::Value => "a value or key",
            Expects::Colon => "a colon",
            Expects::Comma => "a comma or the end",
        };
        let found: String = found.chars().take(20).collect();
        builder.problem(span, format!("{found:?} where {expected} is expected"));
        Err(Stop)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{check_spans, resolve, same, show, written};
    use super::super::{Problem, Value};
    use super::*;

    fn root(text: &str) -> String {
        let document = read(text, &resolve);
        check_spans(&document.root, text, Some(&(0..text.len())));
        show(&document.root)
    }

    fn problems(text: &str) -> Vec<(String, String)> {
        let place = |problem: Problem| (text[problem.span].to_owned(), problem.text);
        read(text, &|_| None).problems.into_iter().map(place).collect()
    }

    #[test]
    fn values_are_those_of_another_reader() {
        for text in [
            "{\"a\": 1, \"b\": [true, false, null, -1.5e3, \"\"], \"c\": {\"d\": {}, \"e\": []}}",
            "\u{feff}{\"\u{e9}\": \"\\u00e9\\ud83d\\ude00\\/\\\\\\\"\\b\\f\\n\\r\\t\"}",
            "\t[\r\n\t\"a\"\t,\n{ \"b\"\t:\t2 }\n]\n",
            "\"a\"",
            "12",
            "{\"<<\": {\"a\": 1}, \"a: b\": \"c # d\", \"*\": \"&x\", \"~\": \"~\", \"y\": \"null\"}",
        ] {
            let other: serde_yaml::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).expect("JSON");
            let document = read(text, &|_| None);
            assert!(same(&document.root, &other), "{text:?} {}", show(&document.root));
            assert_eq!(document.problems, []);
        }
    }

    #[test]
    fn spans_are_what_is_written() {
        let text = "\u{feff}{\"\u{e9}\" : \"\\ud83d\\ude00\", \"b\": [ 1,\"c\" ] }";
        let document = read(text, &|_| None);
        let mut out = Vec::new();
        written(&document.root, text, &mut out);
        assert_eq!(out, ["\"\u{e9}\"", "\"\\ud83d\\ude00\"", "\"b\"", "1", "\"c\""]);
        let list = document.root.get("b").expect("b");
        assert_eq!(&text[list.span.clone()], "[ 1,\"c\" ]");
        assert_eq!(&text[document.root.span.clone()], &text[3..]);
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_is_read() {
        for (text, expected, place) in [
            ("{\"a\": 1, \"b\": [2, }", "{a: 1, b: [2, +], +}", "}"),
            ("{\"a\": 1 \"b\": 2}", "{a: 1, b: 2}", "\"b\""),
            ("[1 2]", "[1, 2]", "2"),
            ("{\"a\": 1,}", "{a: 1}", ","),
            ("[1, 2,]", "[1, 2]", ","),
            ("{\"a\": 1, \"a\": 2}", "{a: 1, a: 2}", "\"a\""),
            ("{\"a\": 1", "{a: 1, +}", ""),
            ("{\"a\"}", "{a: null, +}", "}"),
            ("{\"a\": }", "{a: null, +}", "}"),
            ("{a: 1}", "{+}", "a"),
            ("[1] 2", "[1]", "2"),
            ("", "null", ""),
            ("[,]", "[+]", ","),
            ("{1: 2}", "{+}", "1"),
        ] {
            assert_eq!(root(text), expected, "{text:?}");
            let found = problems(text);
            assert_eq!(found.len(), 1, "{text:?} {found:?}");
            assert_eq!(found[0].0, place, "{text:?} {found:?}");
        }
        assert_eq!(root("// a\n{ /* b */ \"c\": 1 }"), "{c: 1}");
        assert_eq!(problems("// a\n{ /* b */ \"c\": 1 }"), []);
        assert_eq!(problems(&"[".repeat(100_000)).len(), 1);
        assert!(problems(&format!("[{}1]", "1,".repeat(300_000)))[0].1.contains("more than"));
    }

    #[test]
    fn expressions() {
        for (text, expected) in [
            ("{\"a\": {{ size }}, \"b\": \"{{ x }}.acme.example\"}", "{a: \u{2026}, b: \"\u{2026}.acme.example\"}"),
            ("{\"a\": {{ toJson .x }}}", "{a: ?{{ toJson .x }}}"),
            ("{\"a\": \"{{ x | default(\"y\") }}\", \"b\": 1}", "{a: \"\u{2026}\", b: 1}"),
            ("{\"a\": \"${X}\", \"b\": ${Y}, \"c\": \"$$\"}", "{a: \"\u{2026}\", b: \u{2026}, c: \"$$\"}"),
            (
                "{\"a\": [{% for x in y %}\"{{ x }}\"{% if not loop.last %},{% endif %}{% endfor %}]}",
                "{a: [\"\u{2026}\", +]}",
            ),
            ("{\"a\": [\n{% for x in y %}\n  \"{{ x }}\",\n{% endfor %}\n  \"b\"\n]}", "{a: [\"\u{2026}\", \"b\", +]}"),
            ("{% if x %}{\"a\": 1}{% endif %}", "{a: 1}"),
            ("{\"a\": 1{% if x %}, \"b\": 2{% endif %}}", "{a: 1, b: 2}"),
            ("{\"a\": 1,{% if x %} \"b\": 2{% else %} \"b\": 3{% endif %}}", "{a: 1, b: 2, b: 3}"),
            ("{\"a\": {% if x %}1{% else %}2{% endif %}, \"b\": 3}", "{a: ?1{% else %}2, b: 3}"),
            ("{\"a\": 1, {{ x }}, \"b\": 2}", "{a: 1, b: 2, +}"),
            ("{\"a\": 1 {{ x }} }", "{a: 1, +}"),
            ("[1, {{ x }}, 2]", "[1, \u{2026}, 2]"),
            ("[{{ x }}{{ y }}]", "[?{{ x }}{{ y }}]"),
            ("{\"a\": {{ x }}0}", "{a: ?{{ x }}0}"),
            ("{\"{{ x }}\": 1, {{ y }}: 2}", "{{{ x }}: 1, {{ y }}: 2}"),
            ("{# {\" #}{\"a\": \"{{ .Values.known.b }}\"}", "{a: \"b\" from values.yaml:1}"),
            ("{{ x }}", "\u{2026}"),
        ] {
            assert_eq!(root(text), expected, "{text:?}");
            assert_eq!(problems(text), [], "{text:?}");
        }
        let text = "{\"a\": {{ x }} }";
        let document = read(text, &|_| None);
        let node = document.root.get("a").expect("a");
        assert_eq!(&text[node.span.clone()], "{{ x }}");
        assert!(matches!(&node.value, Value::Scalar(scalar) if scalar.plain));
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "(\\PC|[ \n\t:{}\\[\\],\"'/*#\\\\%]|true|null|1|\"a\"|\"b\": |\\{\\{ x \\}\\}|\\{% for x in y %\\}|\\{% endfor %\\}|\\$\\{x\\}|\\\\u){0,40}") {
            let document = read(&text, &resolve);
            check_spans(&document.root, &text, None);
            assert!(text.get(document.span.clone()).is_some());
            assert!(document.problems.iter().all(|problem| text.get(problem.span.clone()).is_some()));
        }

        #[test]
        fn json_is_read_exactly(texts in proptest::collection::vec("[^{]*", 0..6)) {
            let list = serde_json::Value::from(texts.clone());
            for text in [list.to_string(), serde_json::json!({ "a": list }).to_string()] {
                let document = read(&text, &|_| None);
                let node = if text.starts_with('[') { &document.root } else { document.root.get("a").expect("a") };
                // `$(...)` is an expression, so not whole.
                let seen: Vec<_> = node.members().iter().map(|node| node.str().map(str::to_owned)).collect();
                assert!(seen.iter().zip(&texts).all(|(seen, text)| seen.as_ref().is_none_or(|seen| seen == text)));
                assert_eq!(seen.len(), texts.len());
            }
        }
    }
}
