//! One rule: what its file says, and the same once its check is known to accept its parameters.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::check::{self, Definition, ParameterError};

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Should be mended.
    Warning,
    /// Must be mended.
    #[default]
    Error,
}

impl Severity {
    /// The name in reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// How sure a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// Often wrong.
    Low,
    /// At times wrong.
    Medium,
    /// A fact.
    #[default]
    High,
}

/// Where a rule stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Lifecycle {
    /// New; may change.
    Preview,
    /// Does not change its meaning.
    #[default]
    Stable,
    /// Will go; see its successor.
    Deprecated,
}

/// Whose part of the certificate a rule judges.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Judges {
    /// What the requester supplies.
    #[default]
    Carried,
    /// What the CA will supply anyway.
    CaSupplied,
}

/// What judging one request takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Cost {
    /// Less than verifying the signature.
    #[default]
    Cheap,
    /// Milliseconds: it runs with `--deep`, or where it is named.
    Deep,
}

impl Cost {
    fn is_cheap(&self) -> bool {
        *self == Self::Cheap
    }
}

/// Who says so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Reference {
    /// The document, as in RFC 2986.
    pub document: String,
    /// Its version or date of publication.
    pub version: String,
    /// The section.
    pub section: String,
    /// Where to read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

impl std::fmt::Display for Reference {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}) section {}", self.document, self.version, self.section)
    }
}

/// Examples of a rule; `csrlint test` runs them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Examples {
    /// Without a finding of this rule.
    #[serde(default)]
    pub pass: Vec<Example>,
    /// With one.
    #[serde(default)]
    pub fail: Vec<Example>,
}

/// One example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Example {
    /// What it shows.
    pub name: String,
    /// The logical place the finding has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// Parameters in place of the rule's own.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub with: Value,
    /// What the request in its file holds, for people; the project's tests make the file from it.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub request: Value,
    /// The files, by path. `csrlint.yaml` among them is the policy.
    pub files: BTreeMap<String, ExampleFile>,
    /// The files before a change that is judged, by path: the policy is of then, as with `--policy-rev`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub before: BTreeMap<String, ExampleFile>,
}

/// A file of an example.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ExampleFile {
    /// Text.
    Text(String),
    /// Bytes.
    Base64 {
        /// Their base64.
        base64: String,
    },
}

impl ExampleFile {
    /// The bytes of the file.
    pub fn bytes(&self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Base64 { base64 } => {
                crate::encoding::base64::decode(
                    base64.as_bytes(),
                    0..base64.len(),
                    &crate::encoding::base64::Body::Lines,
                )
                .bytes
            }
        }
    }
}

/// What a rule file says.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "csrlint rule", description = "One rule: a check with parameters, texts, citations and examples.")]
pub struct RuleFile {
    /// `family/kebab-name`; names the problem.
    #[schemars(regex(pattern = r"^[a-z0-9][a-z0-9-]*/[a-z0-9][a-z0-9-]*$"))]
    pub id: String,
    /// The check.
    pub check: String,
    /// Its parameters.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub with: Value,
    /// How bad a finding is.
    pub severity: Severity,
    /// How sure.
    #[serde(default)]
    pub confidence: Confidence,
    /// Where the rule stands in its life.
    #[serde(default)]
    pub lifecycle: Lifecycle,
    /// The rule to use instead.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub successor: Option<String>,
    /// Whose part it judges.
    #[serde(default)]
    pub judges: Judges,
    /// What it takes.
    #[serde(default, skip_serializing_if = "Cost::is_cheap")]
    pub cost: Cost,
    /// The version it came with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub since: Option<String>,
    /// The problem in a few words.
    pub title: String,
    /// What is wrong.
    #[serde(default)]
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What to do.
    pub fix: String,
    /// Who says so.
    #[serde(default)]
    pub references: Vec<Reference>,
    /// 0.1 to 10.0, for rules about security.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub security_severity: Option<f64>,
    /// Controls of frameworks the rule serves.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub controls: Vec<String>,
    /// Rules that say less about the same place: where this one fails, they are silent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub supersedes: Vec<String>,
    /// What other tools call it: zlint, pkilint, certlint, x509lint, boulder, badkeys ... → their names for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub counterparts: BTreeMap<String, Vec<String>>,
    /// For filters.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<String>,
    /// Examples.
    #[serde(default)]
    pub examples: Examples,
}

/// What a run needs of every rule; texts, sources and the like are read when somebody asks.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct RuleHead {
    id: String,
    check: String,
    #[serde(default)]
    with: Value,
    severity: Severity,
    #[serde(default)]
    supersedes: Vec<String>,
    #[serde(default)]
    cost: Cost,
}

impl RuleHead {
    /// Whether it says what the whole file says.
    pub(super) fn is_of(&self, rule: &Rule) -> bool {
        (&self.id, self.check.as_str(), &self.with, self.severity, &self.supersedes, self.cost)
            == (&rule.id, rule.definition.name, &rule.with, rule.severity, &rule.supersedes, rule.cost)
    }
}

/// A rule whose check exists and accepts its parameters.
#[derive(Clone)]
pub struct Rule {
    /// `family/kebab-name`.
    pub id: String,
    /// Parameters of its check.
    pub with: Value,
    /// How bad a finding is.
    pub severity: Severity,
    /// Rules that say less about the same place.
    pub supersedes: Vec<String>,
    /// What it takes.
    pub cost: Cost,
    /// The check.
    pub definition: &'static Definition,
    /// The file of an organisation's rule.
    pub origin: Option<String>,
    /// The rest of what its file says, as JSON where csrlint ships it.
    source: &'static str,
    file: OnceLock<Box<RuleFile>>,
}

impl Rule {
    /// Validates a rule file.
    ///
    /// # Errors
    /// What is wrong, with the path to it in the file.
    pub fn new(mut file: RuleFile, origin: Option<String>) -> Result<Self, ParameterError> {
        let wrong = |key: &str, message: String| ParameterError { path: vec![key.to_owned()], message };
        let definition = check::definition(&file.check).ok_or_else(|| {
            let hint = super::nearest(&file.check, check::CHECKS.iter().map(|check| check.name))
                .map(|near| format!("; did you mean {near:?}?"))
                .unwrap_or_default();
            wrong("check", format!("there is no check {:?}{hint}", file.check))
        })?;
        let valid_id = file.id.split_once('/').is_some_and(|(family, name)| {
            [family, name].iter().all(|part| {
                !part.is_empty()
                    && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            })
        });
        if !valid_id {
            return Err(wrong("id", format!("{:?} is no rule id; ids are family/kebab-name", file.id)));
        }
        if let Some(number) = file.supersedes.iter().position(|other| *other == file.id) {
            let path = vec!["supersedes".to_owned(), number.to_string()];
            return Err(ParameterError { path, message: "a rule cannot supersede itself".to_owned() });
        }
        let misfit = |mut error: ParameterError| {
            error.path.insert(0, "with".to_owned());
            error.message = format!("the parameters do not fit the check {}: {}", definition.name, error.message);
            error
        };
        file.with = (definition.normalised)(file.with).map_err(misfit)?;
        (definition.compile)(file.with.clone()).map_err(misfit)?;
        Ok(Self {
            id: file.id.clone(),
            with: file.with.clone(),
            severity: file.severity,
            supersedes: file.supersedes.clone(),
            cost: file.cost,
            definition,
            origin,
            source: "",
            file: OnceLock::from(Box::new(file)),
        })
    }

    /// A rule that csrlint ships: a test has validated it, and parameters are compiled when it is switched on.
    pub(super) fn shipped(head: RuleHead, source: &'static str) -> Option<Self> {
        Some(Self {
            definition: check::definition(&head.check)?,
            id: head.id,
            with: head.with,
            severity: head.severity,
            supersedes: head.supersedes,
            cost: head.cost,
            origin: None,
            source,
            file: OnceLock::new(),
        })
    }

    /// The part before the slash.
    pub fn family(&self) -> &str {
        self.id.split('/').next().unwrap_or_default()
    }

    /// The examples, from wherever the rule comes.
    pub fn all_examples(&self) -> Examples {
        if self.origin.is_none() { super::Catalogue::shipped_examples(&self.id) } else { self.examples.clone() }
    }
}

impl std::ops::Deref for Rule {
    type Target = RuleFile;

    fn deref(&self) -> &RuleFile {
        self.file.get_or_init(|| {
            Box::new(serde_json::from_str(self.source).unwrap_or_else(|_| RuleFile {
                // A test keeps shipped rules readable; without it there would be findings without texts.
                id: self.id.clone(),
                check: self.definition.name.to_owned(),
                with: self.with.clone(),
                severity: self.severity,
                supersedes: self.supersedes.clone(),
                ..RuleFile::default()
            }))
        })
    }
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Rule({})", self.id)
    }
}
