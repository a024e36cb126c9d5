//! One layer of the policy: a file of it, as it was written, with the places of its values.
//! The layers of an organisation, a team and a repository stand on each other; a lower one may lock rules.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use super::{Locator, PolicyError, RawPolicy};
use crate::source::line_at;

/// A file of the policy.
#[derive(Debug, Clone)]
pub struct Layer {
    /// What it is called: its `name`, else its path.
    pub name: String,
    /// Its path in the tree.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// Where values stand in it.
    pub locator: Locator,
    /// As it was written.
    pub raw: RawPolicy,
    /// The paths of all layers that it extends, and those extend.
    pub stands_on: BTreeSet<String>,
}

impl Layer {
    /// The line of a key, if it is there.
    pub fn line_of(&self, path: &[&str]) -> Option<usize> {
        self.locator.has(path).then(|| line_at(&self.text, self.locator.key(path).start))
    }

    /// Where something stands, for people: `policy/acme.yaml:12`.
    pub(crate) fn told_at(&self, path: &[&str]) -> String {
        self.line_of(path).map_or_else(|| self.path.clone(), |line| format!("{}:{line}", self.path))
    }

    pub(super) fn error(&self, path: &[&str], message: String, help: Option<String>) -> PolicyError {
        self.error_at(self.locator.value(path), message, help)
    }

    pub(super) fn error_at(&self, span: Range<usize>, message: String, help: Option<String>) -> PolicyError {
        PolicyError { path: self.path.clone(), text: self.text.clone(), span, message, help }
    }
}

/// The path of a file that is named relative to the folder of another one.
pub(super) fn beside(path: &str, name: &str) -> String {
    match path.rsplit_once('/') {
        Some((folder, _)) if !name.starts_with('/') => format!("{folder}/{name}"),
        _ => name.to_owned(),
    }
}
