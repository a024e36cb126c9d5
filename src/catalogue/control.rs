//! Controls of frameworks: what a rule serves, in the words of those who audit.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// A framework and its controls that rules serve.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Framework {
    /// The part of control ids before the colon.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
    /// Where to read it.
    pub url: String,
    /// Its controls.
    pub controls: Vec<Control>,
}

/// A control of a framework.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Control {
    /// The part of its id behind the colon, as the framework writes it.
    pub id: String,
    /// Its title, as the framework writes it.
    pub title: String,
    /// What linting requests does for it.
    pub meaning: String,
}

/// Something that linters of certificates know and no rule here answers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// What it is about.
    pub what: String,
    /// Why there is no rule.
    pub why: String,
    /// Tool → its names for it.
    pub counterparts: BTreeMap<String, Vec<String>>,
}
