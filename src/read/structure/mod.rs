//! Structured text as a tree of values with their places: what YAML, JSON and HCL have in common.
//! Values are read here, never interpreted: what a key means is the business of the format's own reader.
//! What is an expression stays one: a scalar may be partly known, a list or a mapping may have members nobody sees.

mod build;
pub(super) mod hcl;
pub(crate) mod json;
mod placeholder;
pub(crate) mod yaml;

use std::ops::Range;

use crate::encoding::DefectKind;
use crate::request::{Field, Inherited, State, Text};
use crate::source::Span;

/// One document of a text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Document {
    /// Its value.
    pub root: Node,
    /// All of it, from its `---`.
    pub span: Range<usize>,
    /// What is wrong with its form; nothing that expressions may be the reason of.
    pub problems: Vec<Problem>,
}

/// Something wrong with the form of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Where, in bytes.
    pub span: Range<usize>,
    /// `TemplateInvalid`, or `ShadowedValue` for a key that is written twice.
    pub kind: DefectKind,
    /// What is wrong.
    pub text: String,
}

/// What an expression stands for, where it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Resolved {
    /// Its value as text.
    pub text: String,
    /// Where the value was found: `values.yaml:12`.
    pub from: String,
}

/// A value and where it stands in the text, quotes and brackets included.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is there.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// Written, and nothing: `key:`, `null`, `~`.
    Null,
    /// A string, number or boolean, as it is written.
    Scalar(Scalar),
    /// A list.
    Sequence(Members<Node>),
    /// A mapping, object or block.
    Mapping(Members<Entry>),
    /// An expression that may become any of these.
    Unknown(String),
}

/// Members in order, and the places where more of them may come from.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Members<T> {
    /// Those that are seen.
    pub seen: Vec<T>,
    /// Expressions that may bring others (`{{ include "x" . }}`, a concatenated list).
    pub open: Vec<Range<usize>>,
}

impl<T> Default for Members<T> {
    fn default() -> Self {
        Self { seen: Vec::new(), open: Vec::new() }
    }
}

/// A key and its value.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// The key; an expression in it is left in, as it is written.
    pub key: String,
    /// Where the key stands.
    pub key_span: Range<usize>,
    /// Its value.
    pub value: Node,
}

/// A scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Scalar {
    /// Its text, with escapes undone; partial where an expression is in it.
    pub text: Text,
    /// It stands without quotes, so that `2048` is a number and `true` a boolean.
    pub plain: bool,
    /// The expressions in it, as they are written.
    pub expression: Option<String>,
    /// Where its value was found, if not here: `values.yaml:12`, `the default of var.bits`.
    pub from: Option<String>,
}

impl Problem {
    /// Something that cannot be read.
    pub(crate) fn invalid(span: Range<usize>, text: impl Into<String>) -> Self {
        Self { span, kind: DefectKind::TemplateInvalid, text: text.into() }
    }
}

impl Node {
    /// A node without anything in it.
    pub(crate) fn null(span: Range<usize>) -> Self {
        Self { span, value: Value::Null }
    }

    /// The place in the text of the artifact.
    pub(crate) fn place(&self) -> Span {
        Span::text(self.span.start, self.span.end)
    }

    /// The entries of a mapping, in order; of anything else none.
    pub(crate) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(members) => &members.seen,
            _ => &[],
        }
    }

    /// The members of a list, in order; of anything else none.
    pub(crate) fn members(&self) -> &[Node] {
        match &self.value {
            Value::Sequence(members) => &members.seen,
            _ => &[],
        }
    }

    /// Places where members of a list or mapping may come from that are not seen.
    pub(crate) fn open(&self) -> &[Range<usize>] {
        match &self.value {
            Value::Mapping(Members { open, .. }) | Value::Sequence(Members { open, .. }) => open,
            Value::Unknown(_) => std::slice::from_ref(&self.span),
            // `"{{ names }}"` may become a list.
            Value::Scalar(scalar) if scalar.is_unknown() => std::slice::from_ref(&self.span),
            Value::Null | Value::Scalar(_) => &[],
        }
    }

    /// The entry of a mapping under a key; the last one, where there are several.
    pub(crate) fn entry(&self, key: &str) -> Option<&Entry> {
        self.entries().iter().rev().find(|entry| entry.key == key)
    }

    /// The value under a key, unless nothing is written there.
    pub(crate) fn get(&self, key: &str) -> Option<&Node> {
        self.entry(key).map(|entry| &entry.value).filter(|value| value.value != Value::Null)
    }

    /// The entry under a key of any case, as Go and .NET decode JSON; one in the same case goes before.
    pub(crate) fn entry_of_any_case(&self, key: &str) -> Option<&Entry> {
        self.entry(key)
            .or_else(|| self.entries().iter().rev().find(|entry| entry.key.eq_ignore_ascii_case(key)))
            .filter(|entry| entry.value.value != Value::Null)
    }

    /// Whether a value is written here as it is, without an expression, so that an edit can replace it.
    pub(crate) fn is_literal(&self) -> bool {
        matches!(&self.value, Value::Scalar(scalar) if scalar.expression.is_none() && scalar.from.is_none())
    }

    /// The value at the end of a path of keys.
    pub(crate) fn at(&self, path: &[&str]) -> Option<&Node> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The text of a scalar that is known as a whole.
    pub(crate) fn str(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar(scalar) => scalar.text.whole(),
            _ => None,
        }
    }

    /// The same under a key.
    pub(crate) fn str_at(&self, path: &[&str]) -> Option<&str> {
        self.at(path)?.str()
    }

    /// The value as text.
    pub(crate) fn text(&self) -> Field<Text> {
        self.scalar(|scalar| Ok(scalar.text.clone()))
    }

    /// The value as a whole string: a partly known one is unknown.
    pub(crate) fn string(&self) -> Field<String> {
        self.scalar(|scalar| Ok(scalar.text.whole().unwrap_or_default().to_owned()))
            .and_known(|scalar| scalar.text.whole().is_some(), self)
    }

    /// The value as a number.
    pub(crate) fn integer(&self) -> Field<i64> {
        let parsed = |scalar: &Scalar| {
            let text = scalar.text.whole().unwrap_or_default();
            text.trim().parse().map_err(|_| format!("{text:?} is no number"))
        };
        self.scalar(|scalar| if scalar.text.whole().is_some() { parsed(scalar) } else { Ok(0) })
            .and_known(|scalar| scalar.text.whole().is_some(), self)
    }

    /// The value as a boolean: `true` and `false` of any case, quoted or not; `yes`, `no`, `on`, `off` of YAML 1.1.
    pub(crate) fn boolean(&self) -> Field<bool> {
        let parsed = |scalar: &Scalar| match scalar.text.whole().unwrap_or_default().to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" | "1" => Ok(true),
            "false" | "no" | "off" | "0" => Ok(false),
            other => Err(format!("{other:?} is neither true nor false")),
        };
        self.scalar(|scalar| if scalar.text.whole().is_some() { parsed(scalar) } else { Ok(false) })
            .and_known(|scalar| scalar.text.whole().is_some(), self)
    }

    fn scalar<T>(&self, read: impl Fn(&Scalar) -> Result<T, String>) -> Field<T> {
        let span = self.place();
        match &self.value {
            Value::Scalar(scalar) if scalar.is_unknown() => {
                Field::unknown(span, scalar.expression.clone().unwrap_or_default())
            }
            Value::Scalar(scalar) => match (read(scalar), &scalar.from) {
                (Ok(value), Some(from)) => {
                    Field { span, state: State::Inherited(Inherited { value, from: from.clone().into() }) }
                }
                (Ok(value), None) => Field::known(span, value),
                (Err(problem), _) => Field::malformed(span, problem),
            },
            Value::Unknown(expression) => {
                Field::unknown(span, expression.split_whitespace().collect::<Vec<_>>().join(" "))
            }
            Value::Null => Field::absent(span),
            Value::Sequence(_) => Field::malformed(span, "a list where a single value belongs"),
            Value::Mapping(_) => Field::malformed(span, "a mapping where a single value belongs"),
        }
    }
}

impl Scalar {
    /// A string that is known as a whole.
    pub(crate) fn whole(text: impl Into<String>, plain: bool) -> Self {
        Self { text: Text::Whole(text.into()), plain, expression: None, from: None }
    }

    /// Nothing of it is known.
    pub(crate) fn is_unknown(&self) -> bool {
        matches!(&self.text, Text::Partial { prefix, suffix } if prefix.is_empty() && suffix.is_empty())
    }
}

impl<T> Field<T> {
    /// This, unless a condition on the scalar fails: then the scalar's expression.
    fn and_known(self, condition: impl Fn(&Scalar) -> bool, node: &Node) -> Self {
        match &node.value {
            Value::Scalar(scalar) if !condition(scalar) => {
                Self::unknown(self.span, scalar.expression.clone().unwrap_or_default())
            }
            _ => self,
        }
    }
}

#[cfg(test)]
mod testing {
    use super::*;

    /// A tree in a line: `…` is what is unknown of a text, `?` an expression that may be anything, `+` an open end.
    pub(super) fn show(node: &Node) -> String {
        let close = |mut parts: Vec<String>, open: &[Range<usize>]| {
            parts.extend(open.iter().map(|_| "+".to_owned()));
            parts.join(", ")
        };
        match &node.value {
            Value::Null => "null".into(),
            Value::Unknown(expression) => format!("?{expression}"),
            Value::Scalar(scalar) => {
                let text = scalar.text.to_string();
                let text = if scalar.plain { text } else { format!("{text:?}") };
                scalar.from.as_ref().map_or(text.clone(), |from| format!("{text} from {from}"))
            }
            Value::Sequence(members) => format!("[{}]", close(members.seen.iter().map(show).collect(), &members.open)),
            Value::Mapping(members) => {
                let entries = members.seen.iter().map(|entry| format!("{}: {}", entry.key, show(&entry.value)));
                format!("{{{}}}", close(entries.collect(), &members.open))
            }
        }
    }

    /// Values of a chart that are known: what is under `.Values.known`.
    pub(super) fn resolve(expression: &str) -> Option<Resolved> {
        let name = expression.strip_prefix(".Values.known.")?;
        Some(Resolved { text: name.to_owned(), from: "values.yaml:1".to_owned() })
    }

    /// Every span lies in the text, between characters, and within that of what it is in, unless an alias is.
    pub(super) fn check_spans(node: &Node, text: &str, within: Option<&Range<usize>>) {
        assert!(text.get(node.span.clone()).is_some(), "{:?} of {text:?}", node.span);
        if let Some(outer) = within {
            assert!(outer.start <= node.span.start && node.span.end <= outer.end, "{outer:?} {:?} {text:?}", node.span);
        }
        let within = within.map(|_| &node.span);
        for open in node.open() {
            assert!(text.get(open.clone()).is_some(), "{open:?} of {text:?}");
        }
        for entry in node.entries() {
            assert!(text.get(entry.key_span.clone()).is_some(), "{:?} of {text:?}", entry.key_span);
            check_spans(&entry.value, text, within);
        }
        for member in node.members() {
            check_spans(member, text, within);
        }
    }

    /// Every scalar with the text at its span.
    pub(super) fn written<'t>(node: &Node, text: &'t str, out: &mut Vec<&'t str>) {
        if matches!(node.value, Value::Scalar(_)) {
            out.push(text.get(node.span.clone()).unwrap_or_default());
        }
        for entry in node.entries() {
            out.push(text.get(entry.key_span.clone()).unwrap_or_default());
            written(&entry.value, text, out);
        }
        node.members().iter().for_each(|member| written(member, text, out));
    }

    /// Whether another reader of YAML sees the same value.
    pub(super) fn same(node: &Node, other: &serde_yaml::Value) -> bool {
        use serde_yaml::Value as Other;
        match (&node.value, other) {
            (Value::Null, Other::Null) => true,
            (Value::Unknown(_), Other::Tagged(_)) => true,
            (Value::Scalar(scalar), Other::String(text)) => scalar.text.whole() == Some(text),
            (Value::Scalar(scalar), Other::Bool(_) | Other::Number(_)) => {
                scalar.plain
                    && scalar.text.whole().and_then(|text| serde_yaml::from_str(text).ok()).as_ref() == Some(other)
            }
            (Value::Sequence(members), Other::Sequence(others)) => {
                members.seen.len() == others.len()
                    && members.seen.iter().zip(others).all(|(one, other)| same(one, other))
            }
            (Value::Mapping(members), Other::Mapping(others)) => {
                members.seen.len() == others.len()
                    && others.iter().all(|(key, other)| {
                        let key = match key {
                            Other::String(key) => key.clone(),
                            key => serde_yaml::to_string(key).unwrap_or_default().trim_end().to_owned(),
                        };
                        node.entry(&key).is_some_and(|entry| same(&entry.value, other))
                    })
            }
            _ => false,
        }
    }
}
