//! A value, where it was written, and how well it is known.
//! The effective value is what rules judge: written, or what the tool will put in by default.
//! Nothing is ever judged on `Unknown`; checks answer `NotJudged` there.

use std::borrow::Cow;

use crate::source::Span;

/// A value at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field<T> {
    /// Where it is written; for `Default` and `Absent`, where it would be.
    pub span: Span,
    /// How well it is known.
    pub state: State<T>,
}

/// How well a value is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State<T> {
    /// It is written.
    Known(T),
    /// It is not written; the tool will use this.
    Default(Default<T>),
    /// It is written elsewhere: in a chart's values, as a variable's default.
    Inherited(Inherited<T>),
    /// It is an expression whose value only the tool's run will show.
    Unknown(Cow<'static, str>),
    /// It is written and cannot be decoded, for this reason.
    Malformed(Cow<'static, str>),
    /// It is not written and there is no default.
    Absent,
}

/// The value a tool uses where nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Default<T> {
    /// The value.
    pub value: T,
    /// The tool, as in `tools` of the policy.
    pub tool: &'static str,
    /// The version whose default this is.
    pub version: Cow<'static, str>,
}

/// A value that is written elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited<T> {
    /// The value.
    pub value: T,
    /// Where, as in `values.yaml:12`.
    pub from: Cow<'static, str>,
}

impl<T> Field<T> {
    /// A written value.
    pub fn known(span: Span, value: T) -> Self {
        Self { span, state: State::Known(value) }
    }

    /// A written value that cannot be decoded.
    pub fn malformed(span: Span, reason: impl Into<Cow<'static, str>>) -> Self {
        Self { span, state: State::Malformed(reason.into()) }
    }

    /// Nothing.
    pub fn absent(span: Span) -> Self {
        Self { span, state: State::Absent }
    }

    /// An expression.
    pub fn unknown(span: Span, expression: impl Into<Cow<'static, str>>) -> Self {
        Self { span, state: State::Unknown(expression.into()) }
    }

    /// The value that will take effect, if it is known.
    pub fn effective(&self) -> Option<&T> {
        match &self.state {
            State::Known(value) | State::Default(Default { value, .. }) | State::Inherited(Inherited { value, .. }) => {
                Some(value)
            }
            State::Unknown(_) | State::Malformed(_) | State::Absent => None,
        }
    }

    /// The expression, where the value is unknown.
    pub fn unknown_expression(&self) -> Option<&str> {
        match &self.state {
            State::Unknown(expression) => Some(expression),
            _ => None,
        }
    }

    /// Why rules cannot judge it: the expression, or what is wrong with what is written.
    pub fn unjudged(&self) -> Option<&str> {
        match &self.state {
            State::Unknown(expression) => Some(expression),
            State::Malformed(reason) => Some(reason),
            _ => None,
        }
    }

    /// What the tool puts in where nothing is written.
    pub fn default(span: Span, value: T, tool: &'static str, version: impl Into<Cow<'static, str>>) -> Self {
        Self { span, state: State::Default(Default { value, tool, version: version.into() }) }
    }

    /// What to say behind a finding about a value that is not written here.
    pub fn note(&self) -> Option<String> {
        match &self.state {
            State::Default(default) => {
                Some(format!("not written: the default of {} {}", default.tool, default.version))
            }
            State::Inherited(inherited) => Some(format!("from {}", inherited.from)),
            _ => None,
        }
    }

    /// The same field with another value.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Field<U> {
        self.try_map(|value| Ok(change(value)))
    }

    /// The same field with another value, or with a reason why there is none.
    pub fn try_map<U>(self, change: impl FnOnce(T) -> Result<U, String>) -> Field<U> {
        let state = match self.state {
            State::Known(value) => change(value).map(State::Known),
            State::Default(Default { value, tool, version }) => {
                change(value).map(|value| State::Default(Default { value, tool, version }))
            }
            State::Inherited(Inherited { value, from }) => {
                change(value).map(|value| State::Inherited(Inherited { value, from }))
            }
            State::Unknown(expression) => Ok(State::Unknown(expression)),
            State::Malformed(reason) => Ok(State::Malformed(reason)),
            State::Absent => Ok(State::Absent),
        };
        Field { span: self.span, state: state.unwrap_or_else(|reason| State::Malformed(reason.into())) }
    }
}

/// A list that may have more members than can be seen (`["a", var.x]`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct List<T> {
    items: Vec<T>,
    /// Where members stand that cannot be seen; empty for a closed list.
    open: Vec<Span>,
}

impl<T> List<T> {
    /// A list of which every member is seen.
    pub fn closed(items: Vec<T>) -> Self {
        Self { items, open: Vec::new() }
    }

    /// A list with unseen members at `open`.
    pub fn open(items: Vec<T>, open: Vec<Span>) -> Self {
        Self { items, open }
    }

    /// The members that are seen.
    pub fn items(&self) -> impl Iterator<Item = &T> {
        self.items.iter()
    }

    /// The same, as a slice.
    pub fn as_slice(&self) -> &[T] {
        &self.items
    }

    /// Where members stand that cannot be seen.
    pub fn open_at(&self) -> &[Span] {
        &self.open
    }

    /// Whether there may be further members.
    pub fn is_open(&self) -> bool {
        !self.open.is_empty()
    }
}

impl<T> List<Field<T>> {
    /// The members that are seen, each with its state.
    pub fn items_with_state(&self) -> std::slice::Iter<'_, Field<T>> {
        self.items.iter()
    }
}

/// A string of which parts may be unknown (`"${env}.acme.example"` has a known end).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text {
    /// All of it is known.
    Whole(String),
    /// Only its beginning and end are.
    Partial {
        /// Known beginning.
        prefix: String,
        /// Known end.
        suffix: String,
    },
}

impl Text {
    /// The string, if all of it is known.
    pub fn whole(&self) -> Option<&str> {
        match self {
            Self::Whole(text) => Some(text),
            Self::Partial { .. } => None,
        }
    }

    /// Whether no value of the unknown part can make the string end like this.
    pub fn cannot_end_with(&self, end: &str) -> bool {
        match self {
            Self::Whole(text) => !text.ends_with(end),
            Self::Partial { suffix, .. } => {
                let (short, long) =
                    if suffix.len() < end.len() { (suffix.as_str(), end) } else { (end, suffix.as_str()) };
                !long.ends_with(short)
            }
        }
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Whole(text) => f.write_str(text),
            Self::Partial { prefix, suffix } => write!(f, "{prefix}…{suffix}"),
        }
    }
}

impl Field<i64> {
    /// A size in bits.
    pub fn bits(self) -> Field<u32> {
        self.try_map(|bits| u32::try_from(bits).map_err(|_| format!("{bits} is no size of a key")))
    }
}

impl Field<Text> {
    /// What is not known of it: the expression, or that a part is one.
    pub fn unseen(&self) -> Option<&str> {
        let partial = matches!(self.effective(), Some(Text::Partial { .. }));
        self.unjudged().or(partial.then_some("part of the value"))
    }

    /// The whole text, if it is known.
    pub fn text(&self) -> Option<String> {
        self.effective().and_then(Text::whole).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn partly_known_text_excludes_what_it_can() {
        let text = Text::Partial { prefix: String::new(), suffix: ".acme.example".into() };
        assert!(text.cannot_end_with(".evil.example"));
        assert!(!text.cannot_end_with("acme.example"));
        assert!(!text.cannot_end_with("www.acme.example"));
    }

    #[test]
    fn effective_values() {
        let span = Span::content(0, 0);
        let default =
            Field { span, state: State::Default(Default { value: 2048, tool: "openssl", version: "3.0".into() }) };
        assert_eq!(default.effective(), Some(&2048));
        assert!(default.note().is_some());
        assert_eq!(Field::<u32>::unknown(span, "var.bits").effective(), None);
        assert!(List::open(vec![1], vec![span]).is_open());
    }
}
