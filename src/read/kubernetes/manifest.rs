//! One object of a manifest, and how values are written into it without touching anything else.
//! Insertions keep the indentation, the line ends and the style of what is there; where expressions decide what is written, there are none.

use std::ops::Range;

use crate::encoding::DefectKind;
use crate::read::Surroundings;
use crate::read::structure::{Entry, Node, Value};
use crate::read::template::{Draft, TemplateText, nearest};
use crate::source::Span;

/// Characters of a name that are shown.
const MOST_SHOWN: usize = 80;

/// An object.
pub(in crate::read) struct Manifest<'a> {
    /// The text it stands in.
    pub(in crate::read) text: &'a TemplateText<'a>,
    /// What is around the file.
    pub(in crate::read) around: &'a Surroundings<'a>,
    /// All of it.
    pub(in crate::read) node: &'a Node,
    /// Its kind.
    pub(in crate::read) kind: &'a str,
    /// Its apiVersion, where that is known.
    pub(in crate::read) api_version: Option<&'a str>,
}

impl<'a> Manifest<'a> {
    /// An object with a kind and an apiVersion.
    pub(in crate::read) fn of(
        text: &'a TemplateText<'a>,
        around: &'a Surroundings<'a>,
        node: &'a Node,
    ) -> Option<Self> {
        let kind = node.str_at(&["kind"])?;
        let api_version = node.get("apiVersion")?.str();
        Some(Self { text, around, node, kind, api_version })
    }

    /// The API group, where it is known.
    pub(in crate::read) fn group(&self) -> Option<&'a str> {
        self.api_version.map(|version| version.split_once('/').map_or("", |(group, _)| group))
    }

    /// The version of the API.
    pub(in crate::read) fn version(&self) -> Option<&'a str> {
        self.api_version.map(|version| version.split_once('/').map_or(version, |(_, version)| version))
    }

    /// Whether the object is of a group, or its group is not known.
    pub(in crate::read) fn may_be_of(&self, group: &str) -> bool {
        self.group().is_none_or(|own| own == group)
    }

    /// Whether cert-manager reads it, under today's group or that of its first versions.
    pub(in crate::read) fn is_of_cert_manager(&self) -> bool {
        self.may_be_of("cert-manager.io") || self.may_be_of("certmanager.k8s.io")
    }

    /// `Certificate shop/web`: what people call it.
    pub(in crate::read) fn title(&self) -> String {
        let part = |key: &str| {
            let node = self.node.at(&["metadata", key])?;
            let written = self.text.text.get(node.span.clone()).unwrap_or_default().trim_matches(['"', '\'']);
            let name = node.str().unwrap_or(written);
            Some(name.chars().filter(|character| !character.is_control()).take(MOST_SHOWN).collect::<String>())
        };
        let name = part("name").or_else(|| part("generateName")).unwrap_or_else(|| "without a name".to_owned());
        match part("namespace") {
            Some(namespace) => format!("{} {namespace}/{name}", self.kind),
            None => format!("{} {name}", self.kind),
        }
    }

    /// What is written at a node.
    pub(in crate::read) fn written(&self, node: &Node) -> &'a str {
        self.text.text.get(node.span.clone()).unwrap_or_default()
    }

    /// Whether the object is written in JSON.
    pub(in crate::read) fn is_json(&self) -> bool {
        let mut written = self.written(self.node).chars().filter(|character| !character.is_whitespace());
        written.next() == Some('{') && written.next() == Some('"')
    }

    /// The column of a place, where only blanks and dashes of lists stand before it in its line.
    fn column(&self, at: usize) -> Option<usize> {
        let before = self.text.text.get(..at)?;
        let line = before.get(before.rfind('\n').map_or(0, |end| end + 1)..)?;
        line.bytes().all(|byte| matches!(byte, b' ' | b'-')).then_some(line.len())
    }

    /// The line end of the text.
    pub(in crate::read) fn newline(&self) -> &'static str {
        if self.text.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Whether a part of the text is free of expressions.
    pub(in crate::read) fn is_settled(&self, range: Range<usize>) -> bool {
        let part = self.text.text.get(range).unwrap_or("{{");
        !part.contains("{{") && !part.contains("{%")
    }

    /// How a key is inserted before the first key of a mapping: the place, and what stands before and after the value.
    /// `path` are the mappings that have to be made for it, and the key itself.
    pub(in crate::read) fn insertion(&self, mapping: &Entry, path: &[&str]) -> Option<(Span, String, String)> {
        let first = mapping.value.entries().first()?;
        if !self.is_settled(mapping.key_span.start..first.key_span.end) {
            return None;
        }
        let at = Span::text(first.key_span.start, first.key_span.start);
        let (key, outer) = path.split_last()?;
        let is_json = self.text.text.get(first.key_span.clone())?.starts_with('"');
        if self.written(&mapping.value).starts_with('{') {
            let quote = if is_json { "\"" } else { "" };
            let open: String = outer.iter().map(|name| format!("{quote}{name}{quote}: {{")).collect();
            return Some((at, format!("{open}{quote}{key}{quote}: "), format!("{}, ", "}".repeat(outer.len()))));
        }
        let column = self.column(first.key_span.start)?;
        let newline = self.newline();
        let mut before = String::new();
        for (depth, name) in outer.iter().enumerate() {
            before.push_str(&format!("{name}:{newline}{}", " ".repeat(column + 2 * (depth + 1))));
        }
        before.push_str(&format!("{key}: "));
        Some((at, before, format!("{newline}{}", " ".repeat(column))))
    }

    /// How one more member is added to a list of literal strings: the place, and what stands before and after it.
    pub(in crate::read) fn one_more(&self, list: &Entry) -> Option<(Span, String, String)> {
        let last = list.value.members().last().filter(|last| is_literal(last))?;
        if !list.value.open().is_empty() || !self.is_settled(list.key_span.start..last.span.end) {
            return None;
        }
        if self.written(&list.value).starts_with('[') {
            let at = Span::text(last.span.end, last.span.end);
            return Some((at, ", \"".to_owned(), "\"".to_owned()));
        }
        let column = self.column(last.span.start)?;
        let dash = self.text.text.get(last.span.start.checked_sub(column)?..last.span.start)?.rfind('-')?;
        let rest = self.text.text.get(last.span.end..)?;
        let line = rest.split('\n').next()?.trim_end_matches('\r');
        // A comment stays with the name before it.
        if !line.trim_start().is_empty() && !line.trim_start().starts_with('#') {
            return None;
        }
        let end = last.span.end + line.len();
        Some((Span::text(end, end), format!("{}{}- ", self.newline(), " ".repeat(dash)), String::new()))
    }
}

/// Whether a scalar is written at its place as it is, on one line and without an expression.
pub(in crate::read) fn is_literal(node: &Node) -> bool {
    matches!(&node.value, Value::Scalar(scalar)
        if scalar.expression.is_none() && scalar.from.is_none() && scalar.text.whole().is_some_and(|text| !text.contains('\n')))
}

/// Key and value together.
pub(in crate::read) fn whole(entry: &Entry) -> Span {
    Span::text(entry.key_span.start, entry.value.span.end.max(entry.key_span.end))
}

/// The place of a key.
pub(in crate::read) fn key_at(entry: &Entry) -> Span {
    Span::text(entry.key_span.start, entry.key_span.end)
}

/// Tells of keys of a mapping that are not among those known. `told` is asked first, and answers whether it has dealt
/// with the key.
pub(in crate::read) fn unknown_keys(
    draft: &mut Draft,
    mapping: &Node,
    path: &str,
    known: &[&str],
    mut told: impl FnMut(&mut Draft, &Entry) -> bool,
) {
    for entry in mapping.entries() {
        let is_expression = entry.key.contains("{{") || entry.key.contains('$');
        if known.contains(&entry.key.as_str()) || is_expression || told(draft, entry) {
            continue;
        }
        let place = format!("{path}.{}", entry.key);
        let key = &entry.key;
        match nearest(key, known.iter().copied()) {
            Some(near) => {
                let detail = format!("there is no key {key} in {path}, {near} is meant: the API server drops it");
                let title = format!("Write {near} for {key}");
                let quote = if entry.key_span.len() == key.len() + 2 { "\"" } else { "" };
                let text = format!("{quote}{near}{quote}");
                let fix = crate::fix::Fix::replace(crate::fix::Applicability::Unsafe, title, key_at(entry), text);
                draft.defect_with_fix(DefectKind::MisspeltKey, key_at(entry), place, detail, fix);
            }
            None => {
                let detail = format!("there is no key {key} in {path}: the API server drops it");
                draft.defect(DefectKind::UnknownKey, key_at(entry), place, detail);
            }
        }
    }
}
