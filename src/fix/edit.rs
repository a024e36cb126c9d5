//! What a repair is: exact replacements in a text, and how far they go.

use std::borrow::Cow;

use crate::source::{Position, Sources, Span};

/// Whether a repair may change what is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Applicability {
    /// Certificate and key stay what they are.
    Safe,
    /// The certificate will say something else, or a key is replaced.
    Unsafe,
}

/// A repair of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// Whether it may change what is issued.
    pub applicability: Applicability,
    /// What it does, as an order: `Write 3072 as the key size`.
    pub title: String,
    /// The edits, none of which touch each other.
    pub edits: Vec<Edit>,
}

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What is replaced.
    pub at: Span,
    /// By what.
    pub text: String,
}

impl Fix {
    /// A repair of one edit.
    pub fn replace(applicability: Applicability, title: impl Into<String>, at: Span, text: impl Into<String>) -> Self {
        Self { applicability, title: title.into(), edits: vec![Edit { at, text: text.into() }] }
    }
}

/// A repair in bytes of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFix {
    /// Whether it may change what is issued.
    pub applicability: Applicability,
    /// What it does.
    pub title: String,
    /// Replaced bytes and what takes their place, in order, without overlaps.
    pub edits: Vec<FileEdit>,
    /// What is written has a secret in it: reports do not carry the edits.
    pub has_secret: bool,
}

/// One replacement in a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct FileEdit {
    /// First byte.
    pub start: Position,
    /// One past the last byte.
    pub end: Position,
    /// The new bytes, in the file's encoding.
    pub bytes: Vec<u8>,
    /// The same as text.
    pub text: String,
}

impl Fix {
    /// The repair in bytes of the file; none where a place is not one stretch of it.
    pub fn in_file(&self, sources: &Sources) -> Option<FileFix> {
        let edit = |edit: &Edit| {
            let ranges = sources.locate(edit.at);
            let [range] = ranges.as_slice() else { return None };
            let bytes = sources.file.encoding().encode(&edit.text)?;
            let (start, end) = (sources.file.position(range.start), sources.file.position(range.end));
            Some(FileEdit { start, end, bytes, text: edit.text.clone() })
        };
        let mut edits = self.edits.iter().map(edit).collect::<Option<Vec<_>>>()?;
        edits.sort();
        let apart = edits.windows(2).all(|pair| matches!(pair, [one, next] if one.end.offset <= next.start.offset));
        let secrets = sources.file.secrets();
        let has_secret = edits.iter().any(|edit| matches!(secrets.out_of(&edit.text), Cow::Owned(_)));
        let title = secrets.out_of(&self.title).into_owned();
        apart.then_some(FileFix { applicability: self.applicability, title, edits, has_secret })
    }
}
