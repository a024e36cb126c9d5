//! YAML 1.2, tolerant: what is read before an error stays, and reading goes on at the next `---`.
//! The events come from saphyr-parser, whose places are characters and reach behind quotes; here they become bytes.
//! Anchors, aliases, merge keys and tags are dealt with; what a custom tag means is left to the tool.

use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use super::build::{Builder, Collection, Properties, Seen, Stop};
use super::placeholder::{Syntax, mask};
use super::{Document, Resolved};

/// Reads every document of a text. Spans are bytes of the text; expressions are resolved by `resolve`, which gets them
/// without their braces.
pub(crate) fn read(text: &str, resolve: &dyn Fn(&str) -> Option<Resolved>) -> Vec<Document> {
    let masked = mask(text, Syntax::Yaml);
    let mut builder = Builder::new(&masked, resolve, true);
    let offsets = Offsets::new(&masked.text);
    let mut base = 0;
    loop {
        let reader = Reader { text: &masked.text, base, first: offsets.character(base), offsets: &offsets };
        let Some(error) = reader.stream(&mut builder) else { break };
        if builder.is_full() {
            break;
        }
        match reader.next_document(error) {
            Some(next) => base = next,
            None => break,
        }
    }
    if builder.is_empty() && masked.is_templated() {
        // Nothing but expressions.
        builder.begin_document(0, false);
        builder.end_document(text.len());
    }
    builder.finish()
}

/// From characters to bytes; nothing is kept where they are the same.
struct Offsets {
    bytes: Option<Vec<usize>>,
    length: usize,
}

impl Offsets {
    fn new(text: &str) -> Self {
        let bytes = (!text.is_ascii()).then(|| text.char_indices().map(|(offset, _)| offset).collect());
        Self { bytes, length: text.len() }
    }

    fn byte(&self, character: usize) -> usize {
        match &self.bytes {
            Some(bytes) => bytes.get(character).copied().unwrap_or(self.length),
            None => character.min(self.length),
        }
    }

    fn character(&self, byte: usize) -> usize {
        self.bytes.as_ref().map_or(byte, |bytes| bytes.partition_point(|offset| *offset < byte))
    }
}

struct Reader<'r> {
    /// The masked text.
    text: &'r str,
    /// Where the part begins that is read, in bytes and in characters.
    base: usize,
    first: usize,
    offsets: &'r Offsets,
}

impl Reader<'_> {
    /// Reads up to the end or an error, whose place is returned.
    fn stream(&self, builder: &mut Builder<'_>) -> Option<usize> {
        let text = self.text.get(self.base..).unwrap_or_default();
        let mut parser = Parser::new_from_str(text);
        let mut open = false;
        while let Some(event) = parser.next_event() {
            let (event, span) = match event {
                Ok((event, span)) => (event, self.at(span.start.index())..self.at(span.end.index())),
                Err(error) => {
                    let at = self.at(error.marker().index());
                    if !open {
                        builder.begin_document(self.base, false);
                    }
                    builder.problem(at..at, error.info());
                    builder.end_document(self.next_document(at).unwrap_or(self.text.len()));
                    return Some(at);
                }
            };
            let done = match event {
                Event::DocumentStart(explicit) => {
                    open = true;
                    builder.begin_document(span.start, explicit);
                    Ok(())
                }
                Event::DocumentEnd => {
                    open = false;
                    builder.end_document(span.start);
                    Ok(())
                }
                Event::StreamEnd => break,
                other => self.node(builder, other, span.clone()),
            };
            if done.is_err() {
                builder.end_document(self.next_document(span.start).unwrap_or(self.text.len()));
                return Some(span.start);
            }
        }
        None
    }

    fn node(&self, builder: &mut Builder<'_>, event: Event<'_>, span: Range<usize>) -> Result<(), Stop> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                let properties = properties(anchor, tag.as_deref(), span.start);
                let string = tag.as_deref().is_some_and(|tag| core(tag) == Some("str"));
                let start = self.behind_properties(span.start, anchor != 0 || tag.is_some());
                let block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
                let plain = style == ScalarStyle::Plain;
                let written = self.scalar_span(builder.last(), start..span.end, style, &text);
                let seen = Seen {
                    decoded: &text,
                    plain: plain && !string,
                    verbatim: plain || block,
                    block: block.then_some(span.end),
                    null: plain && !string && matches!(&*text, "" | "~" | "null" | "Null" | "NULL"),
                    span: written,
                };
                builder.scalar(&seen, &properties)
            }
            Event::SequenceStart(anchor, tag) => {
                let start = self.behind_properties(span.start, anchor != 0 || tag.is_some());
                let flow = self.starts(start, '[');
                // The events of a list at the column of its key are behind its first dash.
                let start = if flow || self.starts(start, '-') { start } else { self.first_of_line(start) };
                let column = (!flow).then(|| start - self.line(start));
                builder.begin(Collection::List, start, column, properties(anchor, tag.as_deref(), span.start))
            }
            Event::MappingStart(anchor, tag) => {
                let start = self.behind_properties(span.start, anchor != 0 || tag.is_some());
                let flow = self.starts(start, '{');
                let column = (!flow).then(|| start - self.line(start));
                builder.begin(Collection::Mapping, start, column, properties(anchor, tag.as_deref(), span.start))
            }
            Event::SequenceEnd => {
                let bracket = self.starts(span.start, ']') && !span.is_empty();
                builder.end(span.start, bracket.then_some(span.start + 1));
                Ok(())
            }
            Event::MappingEnd => {
                let bracket = self.starts(span.start, '}') && !span.is_empty();
                builder.end(span.start, bracket.then_some(span.start + 1));
                Ok(())
            }
            Event::Alias(anchor) => builder.alias(span, anchor),
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {
                Ok(())
            }
        }
    }

    /// The next line that begins a document, at or behind a place in this part.
    fn next_document(&self, at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let from = at.max(self.base + 1) - 1;
        memchr::memmem::find_iter(bytes.get(from..)?, b"\n---")
            .map(|found| from + found + 1)
            .find(|line| bytes.get(line + 3).is_none_or(u8::is_ascii_whitespace))
    }

    fn at(&self, character: usize) -> usize {
        self.offsets.byte(self.first + character)
    }

    fn starts(&self, at: usize, with: char) -> bool {
        self.text.get(at..).is_some_and(|rest| rest.starts_with(with))
    }

    fn line(&self, at: usize) -> usize {
        memchr::memrchr2(b'\n', b'\r', self.text.get(..at).unwrap_or_default().as_bytes())
            .map_or(0, |newline| newline + 1)
    }

    fn first_of_line(&self, at: usize) -> usize {
        let line = self.line(at);
        let text = self.text.get(line..at).unwrap_or_default();
        line + (text.len() - text.trim_start().len())
    }

    /// Where the value itself begins, behind anchor and tag.
    fn behind_properties(&self, start: usize, any: bool) -> usize {
        let mut at = start;
        while let Some(rest) = self.text.get(at..).filter(|_| any) {
            let trimmed = rest.trim_start();
            at += rest.len() - trimmed.len();
            at += match trimmed.chars().next() {
                Some('&' | '!') => trimmed.find(char::is_whitespace).unwrap_or(trimmed.len()),
                Some('#') => trimmed.find('\n').unwrap_or(trimmed.len()),
                _ => break,
            };
        }
        at
    }

    /// What is written of a scalar: quotes included, or the lines of a block without the line break at their end.
    fn scalar_span(&self, last: usize, span: Range<usize>, style: ScalarStyle, decoded: &str) -> Range<usize> {
        let text = self.text.get(span.clone()).unwrap_or_default();
        let length = match style {
            // `key:` has its value behind the colon.
            ScalarStyle::Plain if decoded.is_empty() => {
                let at = span.start + usize::from(self.starts(span.start, ':'));
                return at..at;
            }
            ScalarStyle::Plain => text.len(),
            ScalarStyle::SingleQuoted => closing(text, b'\''),
            ScalarStyle::DoubleQuoted => closing(text, b'"'),
            ScalarStyle::Literal | ScalarStyle::Folded if decoded.trim().is_empty() => {
                // Nothing but the header.
                let before = self.text.get(last..span.end).unwrap_or_default();
                let header = before.find(['|', '>']).map_or(last, |at| last + at);
                return header..(header + 1).min(self.text.len());
            }
            ScalarStyle::Literal | ScalarStyle::Folded => text.trim_end().len(),
        };
        span.start..span.start + length
    }
}

/// The length of a quoted text up to its closing quote.
fn closing(text: &str, quote: u8) -> usize {
    let mut bytes = text.bytes().enumerate().skip(1).peekable();
    while let Some((at, byte)) = bytes.next() {
        let doubled = quote == b'\'' && bytes.peek().is_some_and(|(_, next)| *next == quote);
        if byte == b'\\' && quote == b'"' || byte == quote && doubled {
            bytes.next();
        } else if byte == quote {
            return at + 1;
        }
    }
    text.trim_end().len()
}

fn properties(anchor: usize, tag: Option<&Tag>, start: usize) -> Properties {
    let custom = tag.is_some_and(|tag| core(tag).is_none());
    Properties { anchor: (anchor != 0).then_some(anchor), custom_tag: custom.then_some(start) }
}

/// The name of a tag of YAML itself; the tag `!` only says that a value is none of them in particular.
fn core(tag: &Tag) -> Option<&str> {
    const PREFIX: &str = "tag:yaml.org,2002:";
    match (tag.handle.as_str(), tag.suffix.as_str()) {
        (PREFIX, name) => Some(name),
        ("", "!") | ("!", "") => Some("str"),
        (_, name) => name.strip_prefix(PREFIX),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::testing::{check_spans, resolve, same, show, written};
    use super::super::{Problem, Value};
    use super::*;

    fn none(_: &str) -> Option<Resolved> {
        None
    }

    fn roots(text: &str) -> String {
        let documents = read(text, &resolve);
        for document in &documents {
            check_spans(&document.root, text, None);
            assert!(text.get(document.span.clone()).is_some());
        }
        documents.iter().map(|document| show(&document.root)).collect::<Vec<_>>().join(" | ")
    }

    fn problems(text: &str) -> Vec<(String, String)> {
        let documents = read(text, &none);
        let of = |document: &Document| document.problems.clone();
        let place = |problem: Problem| (text[problem.span.start..].chars().take(4).collect(), problem.text);
        documents.iter().flat_map(of).map(place).collect()
    }

    #[test]
    fn values() {
        for (text, expected) in [
            (
                "a: 1\nb: 'x'\nc: \"y\\n\"\nd:\ne: ~\nf: null\n",
                "{a: 1, b: \"x\", c: \"y\\n\", d: null, e: null, f: null}",
            ),
            ("- a\n- [b, {c: d}]\n-\n", "[a, [b, {c: d}], null]"),
            ("a:\n- b\n- c\nd: e\n", "{a: [b, c], d: e}"),
            ("\u{feff}a: \u{e9}\r\nb: c\r\n", "{a: \u{e9}, b: c}"),
            ("a: b # c\n# d\n---\ne\n...\n---\n- f\n", "{a: b} | e | [f]"),
            ("a: |\n  x\n\n  y\nb: >-\n  x\n  y\n", "{a: \"x\\n\\ny\\n\", b: \"x y\"}"),
            ("a: &x {b: c}\nd: *x\n", "{a: {b: c}, d: {b: c}}"),
            ("&k a: 1\n*k : 2\n", "{a: 1, a: 2}"),
            ("a: &x {b: 1, c: 2}\nd: {<<: *x, c: 3}\n", "{a: {b: 1, c: 2}, d: {b: 1, c: 3}}"),
            ("a: &x {b: 1}\nb: &y {b: 2, c: 3}\nd:\n  <<: [*x, *y]\n", "{a: {b: 1}, b: {b: 2, c: 3}, d: {b: 1, c: 3}}"),
            ("a: !!str 1\nb: !!int 2\nc: ! 3\n", "{a: \"1\", b: 2, c: \"3\"}"),
            (
                "a: !Ref x\nb: !Sub \"${x}.y\"\nc: !If [d, e, f]\ng: !GetAtt\n  - h\n",
                "{a: ?!Ref x, b: ?!Sub \"${x}.y\", c: ?!If [d, e, f], g: ?!GetAtt\n  - h}",
            ),
            ("a: !vault |\n  $X;1\n  62\nb: c\n", "{a: ?!vault |\n  $X;1\n  62, b: c}"),
            ("? a\n: b\n? [c]\n: d\n", "{a: b, [c]: d}"),
            ("a: *x\n---\nb: 1\n", "{a: null, +} | {b: 1}"),
            ("a: &x 1\n]\n---\nb: &y 2\nc: *x\n---\nd: &z 3\ne: *z\n", "{a: 1, +} | {b: 2, c: null, +} | {d: 3, e: 3}"),
            ("", ""),
        ] {
            assert_eq!(roots(text), expected, "{text:?}");
        }
    }

    #[test]
    fn spans_are_what_is_written() {
        for (text, expected) in [
            ("\u{e9}: 'x''y' # z\nb: \"\\\"\"  \n", vec!["\u{e9}", "'x''y'", "b", "\"\\\"\""]),
            ("a: &x !!str b c # d\ne: *x\n", vec!["a", "b c", "e", "*x"]),
            ("a: |-\n  x\n  y\n\nb: [c , 'd' ]\n", vec!["a", "x\n  y", "b", "c", "'d'"]),
            ("a: |\n\nb: 1\n", vec!["a", "|", "b", "1"]),
            ("\u{feff}a: b\r\nc: \u{1f600} d\r\n", vec!["a", "b", "c", "\u{1f600} d"]),
        ] {
            let mut out = Vec::new();
            read(text, &none).iter().for_each(|document| written(&document.root, text, &mut out));
            assert_eq!(out, expected, "{text:?}");
        }
        for (text, path, expected) in [
            ("a:\n  - b: 1\n    c: 2\n  - d\ne: f\n", vec!["a"], "- b: 1\n    c: 2\n  - d"),
            ("a:\n- b\n-\n  c\ne: f\n", vec!["a"], "- b\n-\n  c"),
            ("a: &x\n  # y\n  b: { c: [d ] } # e\n", vec!["a"], "b: { c: [d ] }"),
            ("a: &x\n  b: { c: [d ] } # e\n", vec!["a", "b"], "{ c: [d ] }"),
            ("a: &x\n  b: { c: [d ] } # e\n", vec!["a", "b", "c"], "[d ]"),
        ] {
            let documents = read(text, &none);
            let node = documents[0].root.at(&path).expect("a value");
            assert_eq!(&text[node.span.clone()], expected, "{text:?}");
        }
        let documents = read("a: b\n---\nc: d\n# e\n---\n", &none);
        let spans: Vec<_> = documents.iter().map(|document| document.span.clone()).collect();
        assert_eq!(spans, [0..4, 5..17, 18..21]);
    }

    #[test]
    fn what_is_wrong_is_told_and_the_rest_is_read() {
        let twice = |place: &str, key: &str| (place.to_owned(), format!("the key {key:?} is written twice"));
        assert_eq!(problems("a: 1\nb: 2\na: 3\n"), [twice("a: 3", "a")]);
        assert_eq!(roots("a: 1\nb: 2\na: 3\n"), "{a: 1, b: 2, a: 3}");
        let many: String = (0..40).map(|number| format!("k{number}: 1\n")).collect();
        assert_eq!(problems(&format!("{many}k7: 2\n")), [twice("k7: ", "k7")]);
        // Errors.
        assert_eq!(roots("a: 1\nb: [c\n---\nd: 2\n"), "{a: 1, b: [c, +], +} | {d: 2}");
        assert_eq!(problems("a: 1\nb: [c\n---\nd: 2\n").len(), 1);
        assert_eq!(roots("a: 1\nb: \"c\n---\nd: 2\n"), "{a: 1, b: null, +} | {d: 2}");
        assert_eq!(roots("a: 1\nb: 2\n\tc: 2\n--- # x\nd: 2\n"), "{a: 1, b: null, +} | {d: 2}");
        // Bombs.
        assert_eq!(problems(&"[".repeat(1000)).len(), 1);
        assert_eq!(problems(&"- ".repeat(1000)).len(), 1);
        assert_eq!(problems("a: &x [*x]\n").len(), 1);
        let laughs: String =
            (1..20).map(|n| format!("a{n}: &a{n} [{}]\n", format!("*a{}, ", n - 1).repeat(10))).collect();
        assert!(problems(&format!("a0: &a0 lol\n{laughs}")).iter().any(|(_, problem)| problem.contains("alias")));
        let chain: String = (1..500).map(|n| format!("a{n}: &a{n} [*a{}]\n", n - 1)).collect();
        assert!(problems(&format!("a0: &a0 lol\n{chain}")).iter().any(|(_, problem)| problem.contains("alias")));
        let long = format!("a: &a {}\nb: [{}]\n", "x".repeat(1 << 20), "*a, ".repeat(1000));
        assert!(problems(&long).iter().any(|(_, problem)| problem.contains("alias")));
        assert!(problems(&"- a\n".repeat(300_000)).iter().any(|(_, problem)| problem.contains("more than")));
    }

    #[test]
    fn other_readers_see_the_same() {
        for text in [
            "a: 1\nb: [1.5, true, no, 'x', \"y\\u00e9\", 0x1f]\nc:\n  - d: e\n    f: |\n      g\n       h\n\n  - >+\n    i\n    j\n\nk: {l: m, 'n': null}\n",
            "apiVersion: cert-manager.io/v1\nkind: Certificate\nmetadata: {name: x}\nspec:\n  dnsNames:\n  - a.example\n  - 'b.example'\n  isCA: false\n",
            "a: !x y\nb: \"c\n  d\n\n  e\"\nf: g\n  h\n",
        ] {
            let other: serde_yaml::Value = serde_yaml::from_str(text).expect("YAML");
            let documents = read(text, &none);
            assert!(same(&documents[0].root, &other), "{text:?} {}", show(&documents[0].root));
        }
    }

    #[test]
    fn expressions_in_scalars() {
        for (text, expected) in [
            ("a: {{ .Values.x }}\n", "{a: \u{2026}}"),
            ("a: \"{{ .Values.x }}.acme.example\"\n", "{a: \"\u{2026}.acme.example\"}"),
            ("a: 'www.{{ x }}.{{ y }}.acme.example'\n", "{a: \"www.\u{2026}.acme.example\"}"),
            (
                "- www.{{ x }}.acme.example\n- ${Y:-z}.acme.example\n- $(Z)\n",
                "[www.\u{2026}.acme.example, \u{2026}.acme.example, \u{2026}]",
            ),
            ("a: $$b\nc: $\nd: $${e}\nf: ${}\n", "{a: $$b, c: $, d: $${e}, f: ${}}"),
            ("a: b {{- c -}} d\n", "{a: b\u{2026}d}"),
            ("a: {{ .Values.known.x }}-{{ .Values.known.y }}\n", "{a: x-y from values.yaml:1}"),
            ("a: {{ .Values.known.x }}-{{ .Values.y }}\n", "{a: \u{2026}}"),
            ("a: {{ toYaml .Values.x | nindent 4 }}\nb: c\n", "{a: ?{{ toYaml .Values.x | nindent 4 }}, b: c}"),
            ("a: {{ include \"x\" . | quote }}\n", "{a: \u{2026}}"),
            ("a: {{ .Values.list | default 1 | int }}\n", "{a: \u{2026}}"),
            ("a:{{ toYaml .x | nindent 2 }}\nb: c\n", "{a: ?{{ toYaml .x | nindent 2 }}, b: c}"),
            ("{{ .x }}: y\na-{{ .z }}: {{ .Values.known.w }}\n", "{{{ .x }}: y, a-{{ .z }}: w from values.yaml:1}"),
            ("a: \"{{ default \\\"y\\\" .x }}\"\nb: {{ printf \"}} {{\" }}\n", "{a: \"\u{2026}\", b: \u{2026}}"),
            ("a: '{{ {\"b\": {\"c\": 1}} }}'\n", "{a: \"\u{2026}\"}"),
            ("a: \"{{ b\n   if c }}\"\nd: [{{ e }}, f]\n", "{a: \"\u{2026}\", d: [\u{2026}, f]}"),
            ("a: b{{ if .x }}-c{{ end }}\n", "{a: b\u{2026}}"),
            ("a: {{ if .x }}b{{ else }}c{{ end }}\n", "{a: \u{2026}}"),
            ("a: |\n  b\n  {{ c }}\n  d {{ e }} f\ng: h\n", "{a: \"b\u{2026} f\\n\", g: h}"),
            ("a: ${{ b }}\n", "{a: \u{2026}}"),
            ("a: {b: c}\nd: }}\n", "{a: {b: c}, d: null, +}"),
            ("a: '{{ b'\n", "{a: \"{{ b\"}"),
            ("a: '\u{1}{{ b }}\u{7f}'\n", "{a: \"\u{1}\u{2026}\u{7f}\"}"),
        ] {
            assert_eq!(roots(text).replace("\\u{1}", "\u{1}").replace("\\u{7f}", "\u{7f}"), expected, "{text:?}");
        }
        let text = "a: \"x-{{ .b }}.{{- .c }}\" # d\n";
        let documents = read(text, &none);
        let node = documents[0].root.get("a").expect("a");
        assert_eq!(&text[node.span.clone()], "\"x-{{ .b }}.{{- .c }}\"");
        let Value::Scalar(scalar) = &node.value else { panic!("{node:?}") };
        assert_eq!(scalar.expression.as_deref(), Some("{{ .b }} {{- .c }}"));
    }

    #[test]
    fn expressions_on_lines_of_their_own() {
        for (text, expected) in [
            // Branches are both read, and keys in them are not written twice.
            ("{{- if .x }}\na: 1\n{{- else }}\nb: 2\n{{- end }}\nc: 3\n", "{a: 1, b: 2, c: 3}"),
            ("a:\n  {{- if .x }}\n  b: 1\n  {{- else }}\n  b: 2\n  {{- end }}\n", "{a: {b: 1, b: 2}}"),
            ("{{ if .x }}a: 1{{ end }}\n  {{- if .y }}\nb: 2 {{- end }}\n", "{a: 1, b: 2}"),
            ("a:\n  {{ if .x }}b: 1{{ end }}\n  c: 2\n", "{a: {b: 1, c: 2}}"),
            ("{{/* x:\n\ty */}}\na: 1\n{# z: [ #}\n{%- set b = 1 %}\nc: 2\n{{ $d := 1 }}\n", "{a: 1, c: 2}"),
            // What brings members opens the list or mapping.
            ("a:\n  {{- include \"x\" . | nindent 4 }}\nb: c\n", "{a: ?{{- include \"x\" . | nindent 4 }}, b: c}"),
            ("a:\n    {{- include \"x\" . | nindent 4 }}\n    b: c\n", "{a: {b: c, +}}"),
            ("a:\n    b: c\n    {{- include \"x\" . | nindent 4 }}\nd: e\n", "{a: {b: c, +}, d: e}"),
            ("a:\n  b: c\n{{ include \"x\" . | indent 2 }}\n", "{a: {b: c, +}}"),
            ("a:\n  b: c\n{{ include \"x\" . }}\n", "{a: {b: c}, +}"),
            ("a:\n{{ toYaml .x | indent 2 }}\n  - b\nc: d\n", "{a: [b, +], c: d}"),
            ("a:\n  b:\n{{ toYaml .x | indent 2 }}\n  c: d\n", "{a: {b: ?{{ toYaml .x | indent 2 }}, c: d}}"),
            ("a:\n  - b\n  - c: d\n      {{- toYaml .x | nindent 4 }}\n", "{a: [b, {c: d, +}]}"),
            ("a:\n  {{ .Values.known.x }}\n", "{a: x from values.yaml:1}"),
            ("{{ include \"x\" . }}\n", "?{{ include \"x\" . }}"),
            (
                "a: {{- with .x }}{{ toYaml . | nindent 2 }}{{ end }}\nb: c\n",
                "{a: ?{{- with .x }} {{ toYaml . | nindent 2 }} {{ end }}, b: c}",
            ),
            // Loops bring more of what is in them.
            ("a:\n{{- range .x }}\n- {{ . }}\n{{- end }}\nb: c\n", "{a: [\u{2026}, +], b: c}"),
            ("a:\n- b\n{% for x in y %}\n- {{ x }}\n{% endfor %}\nd: e\n", "{a: [b, \u{2026}, +], d: e}"),
            (
                "a:\n  {{- range $k, $v := .x }}\n  {{ $k }}: {{ $v }}\n  {{- end }}\nb: c\n",
                "{a: {{{ $k }}: \u{2026}, +}, b: c}",
            ),
            (
                "a:\n  - b: c\n    d: e\n{{- range .x }}\n  - b: {{ . }}\n{{- end }}\n",
                "{a: [{b: c, d: e}, {b: \u{2026}}, +]}",
            ),
            ("{% for x in y %}\n- a: {{ x }}\n{% endfor %}\n", "[{a: \u{2026}}, +]"),
            ("{{- range .x }}\n---\na: {{ . }}\n{{- end }}\n", "{a: \u{2026}}"),
            ("a: {{- range .x }}\n  - {{ . }}\n  {{- end }}\n", "{a: [\u{2026}, +]}"),
            (
                "a:\n  {{- range .x }}\n  {{- include \"y\" . }}\n  {{- end }}\nb: c\n",
                "{a: ?{{- include \"y\" . }}, b: c}",
            ),
            // Blocks of text.
            ("a: |\n  {{- if .x }}\n  b\n  {{- end }}\n  c\nd: e\n", "{a: \"\u{2026}c\\n\", d: e}"),
            ("a: |\n  b\n{{- if .x }}\n  c\n{{- end }}\n  d\ne: f\n", "{a: \"b\u{2026}d\\n\", e: f}"),
            ("a: |\n  b\n{{- end }}\nc: d\n", "{a: \"b\\n\", c: d}"),
            ("a:\n  b: |\n{{ .x | indent 4 }}\n  c: d\n", "{a: {b: \"\u{2026}\", c: d}}"),
            ("a:\n  b: |\n    c\n{{ .x | indent 4 }}\n  d: e\n", "{a: {b: \"c\u{2026}\", d: e}}"),
            ("a: >-\n  {{ b }}\n  {{ c }}\nd: e\n", "{a: \"\u{2026}\", d: e}"),
            // Documents.
            ("{{- define \"x\" -}}\na: 1\n{{- end }}\n{{- define \"y\" -}}\nb: 2\n{{- end -}}\n", "{a: 1} | {b: 2}"),
            ("{{- if .x }}\na: 1\nb: 2\n{{- else }}\na: 3\nc: 4\n{{- end }}\n", "{a: 1, b: 2} | {a: 3, c: 4}"),
        ] {
            assert_eq!(roots(text), expected, "{text:?}");
            assert_eq!(problems(text), [], "{text:?}");
        }
        assert_eq!(problems("{{ if x }}\na: 1\n{{ end }}\nb: 1\nb: {{ x }}\n").len(), 1);
    }

    #[test]
    fn time_grows_with_the_text() {
        let parts = [
            "{{ ",
            "{{ \"",
            "${",
            "{{ x }} ",
            "{{ if x }}",
            "- {{ x }}\n",
            "{{ if x }}\n",
            "[",
            "{a: ",
            "\"",
            "---\n",
            "a: |\n  {{ x }}\n",
            "{{ range x }}\n- a\n",
            "\u{e9}: {{ x }}\n---\n]\n",
            "\"\n---\n",
            "- &a b\n- *a\n",
        ];
        for part in parts {
            let text = part.repeat((1 << 18) / part.len());
            let start = std::time::Instant::now();
            read(&text, &none);
            // Hundreds of times what it takes.
            assert!(start.elapsed().as_secs() < 20, "{part:?}");
        }
    }

    proptest! {
        #[test]
        fn anything_is_read(text in "(\\PC|[ \n\r\t:{}\\[\\],&*!|>'\"%#-]|\\{\\{|\\}\\}|- |: |\n  |\n    |\n---\n|\\$\\{a\\}|\\{\\{ if x \\}\\}|\\{\\{- end \\}\\}|\\{\\{ range x \\}\\}|\\{\\{ toYaml x \\| nindent 2 \\}\\}|a: |<<: |&a |\\*a|\\|\n ){0,40}") {
            for document in read(&text, &resolve) {
                check_spans(&document.root, &text, None);
                assert!(text.get(document.span.clone()).is_some());
                assert!(document.problems.iter().all(|problem| text.get(problem.span.clone()).is_some()));
            }
        }
    }
}
