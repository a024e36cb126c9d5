//! `csrlint.yaml` as it is written. Its JSON Schema is generated from these types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::catalogue::Severity;
use crate::check::Date;
use crate::request::Format;

/// The organisation's policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "csrlint.yaml", description = "The organisation's policy for certificate signing requests.")]
pub struct RawPolicy {
    /// The version of this format: 1.
    #[schemars(range(min = 1, max = 1))]
    pub version: u32,
    /// The csrlint versions this policy is written for, as in `>=0.1` or `>=0.1, <1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_version: Option<String>,
    /// What this layer is called where several make up the policy; the path of its file without this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Policies this one stands on, the first lowest: files of the repository, relative to the file that names them.
    #[serde(default)]
    pub extends: Vec<Extends>,
    /// Rules and families that layers above this one, and flags, may only make stricter.
    #[serde(default)]
    pub locked: Vec<String>,
    /// Profiles that hold everywhere; `recommended` without this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<String>>,
    /// Paths that are left out; `*` does not cross `/`, `**` does.
    #[serde(default)]
    pub exclude: Vec<String>,
    /// Versions of tools whose defaults are assumed for requests that are templates.
    #[serde(default)]
    pub tools: BTreeMap<String, String>,
    /// The lowest severity that fails a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<super::FailOn>,
    /// What becomes of values that are expressions; a note in the summary without this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_unknown: Option<OnUnknown>,
    /// Whether submodules have to be checked out; without this only those that the judged change adds or moves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub submodules: Option<Submodules>,
    /// What holds for single rules; naming a rule switches it on.
    #[serde(default)]
    pub rules: BTreeMap<String, Override>,
    /// Files with rules of the organisation.
    #[serde(default)]
    pub custom_rules: Vec<String>,
    /// Parts of the tree with a policy of their own; later ones win.
    #[serde(default)]
    pub scopes: Vec<Scope>,
    /// Findings that are accepted, by whom and until when.
    #[serde(default)]
    pub waivers: Vec<Waiver>,
    /// Findings that were there already, by fingerprint: a file of `csrlint baseline write`, relative to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Where `csrlint: ignore[...]` comments count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub inline_ignores: Option<InlineIgnores>,
    /// What waivers and ignores have to say, and how far ahead they may reach.
    #[serde(default)]
    pub waiver_terms: WaiverTerms,
    /// Rules and families that must be neither waived nor ignored.
    #[serde(default)]
    pub no_waivers: Vec<String>,
    /// Lists of keys that must not be used.
    #[serde(default)]
    pub blocklists: Vec<Blocklist>,
}

/// A policy that another one stands on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Extends {
    /// The file.
    File(String),
    /// The file, as it was when it was looked at.
    Pinned(Pinned),
}

/// A file with the digest of what is in it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Pinned {
    /// The file.
    pub file: String,
    /// The SHA-256 of its bytes, in hexadecimal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{64}$"))]
    pub sha256: Option<String>,
}

impl Extends {
    /// The file.
    pub fn file(&self) -> &str {
        match self {
            Self::File(file) => file,
            Self::Pinned(pinned) => &pinned.file,
        }
    }

    /// The digest it has to have.
    pub fn sha256(&self) -> Option<&str> {
        match self {
            Self::File(_) => None,
            Self::Pinned(pinned) => pinned.sha256.as_deref(),
        }
    }
}

/// What waivers and inline ignores have to say. One that does not waives nothing, and is a finding.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WaiverTerms {
    /// What each has to have, besides a reason.
    #[serde(default)]
    pub require: Vec<WaiverTerm>,
    /// The last day may be at most so many days ahead; without a last day it is too far.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_days: Option<u32>,
}

/// Something a waiver or ignore may have to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverTerm {
    /// Who accepted it: `approved-by`.
    Approver,
    /// A key or a finding it is pinned to: `spki-sha256` or `fingerprint`. A `value` is none: others may have it, too.
    Pin,
    /// The last day; waivers always have one.
    Until,
}

/// A list of keys that must not be used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Blocklist {
    /// The file, relative to the directory of the policy.
    pub file: String,
    /// What is in it; told by its content without this, but for primes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<BlocklistFormat>,
}

/// Formats of lists of keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum BlocklistFormat {
    /// badkeys' blocklist.dat.
    Badkeys,
    /// One key a line: the SHA-256 of its SubjectPublicKeyInfo, a day, a reason.
    SpkiSha256,
    /// Primes that several keys are known to share: hexadecimal, one a line, or badkeys' keydata/primes*.dat.
    Primes,
}

/// What holds for one rule.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Override {
    /// How bad a finding is; `off` switches the rule off.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub severity: Option<SeverityOverride>,
    /// Parameters, merged by key; lists replace.
    #[serde(default, skip_serializing_if = "Value::is_null")]
    pub with: Value,
    /// Before this day findings are of severity `info`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enforce_from: Option<Date>,
}

/// A severity, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SeverityOverride {
    /// Must be mended.
    Error,
    /// Should be mended.
    Warning,
    /// Worth knowing.
    Info,
    /// The rule is switched off.
    Off,
}

impl SeverityOverride {
    /// The severity, unless it is off.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Error => Some(Severity::Error),
            Self::Warning => Some(Severity::Warning),
            Self::Info => Some(Severity::Info),
            Self::Off => None,
        }
    }
}

/// A part of the tree.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scope {
    /// Its files; `*` does not cross `/`, `**` does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
    /// Its requests.
    #[serde(default, rename = "match", skip_serializing_if = "Option::is_none")]
    pub matching: Option<Match>,
    /// Profiles instead of those above.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profiles: Option<Vec<String>>,
    /// What holds for single rules.
    #[serde(default)]
    pub rules: BTreeMap<String, Override>,
    /// The lowest severity that fails a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fail_on: Option<super::FailOn>,
    /// What becomes of values that are expressions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_unknown: Option<OnUnknown>,
}

/// What becomes of values that are expressions, which no rule can judge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnUnknown {
    /// They are counted.
    Ignore,
    /// Each is a warning.
    Warn,
    /// Each is an error.
    Deny,
}

impl OnUnknown {
    /// The severity of the finding, if it is one.
    pub fn severity(self) -> Option<Severity> {
        match self {
            Self::Ignore => None,
            Self::Warn => Some(Severity::Warning),
            Self::Deny => Some(Severity::Error),
        }
    }
}

/// What becomes of submodules that are not there. Every report counts and lists them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Submodules {
    /// A run is a failure only where the judged change adds or moves one.
    Tell,
    /// A run without one of them is a failure; it holds whatever layer says so.
    Require,
}

/// Which requests a scope is about; all that is said has to hold.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Match {
    /// The format they are written in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<Format>,
    /// The issuer a template names; `*` stands for any characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issuer: Option<String>,
    /// The signer a template names (Kubernetes); `*` stands for any characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signer: Option<String>,
}

/// A finding that is accepted.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Waiver {
    /// The rule, or its family.
    pub rule: String,
    /// The files; all without this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub files: Option<Vec<String>>,
    /// Pins the waiver to a key: SHA-256 of its SubjectPublicKeyInfo, or the first 32 or more digits of it; `csrlint inspect` prints it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{32,64}$"))]
    pub spki_sha256: Option<String>,
    /// Pins the waiver to one finding: its whole fingerprint, as `csrlint check --format json` shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = "^[0-9a-fA-F]{32}(:[0-9]+)?$"))]
    pub fingerprint: Option<String>,
    /// Only where the finding is about this value, as `csrlint check --format json` shows it; always in quotes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// Why.
    #[schemars(length(min = 1))]
    pub reason: String,
    /// Who accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// The last day it holds.
    pub expires: Date,
}

/// Where comments that ignore findings count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct InlineIgnores {
    /// In files of requests, which the requester writes.
    #[serde(default)]
    pub requests: bool,
    /// Around requests that are embedded in other files.
    #[serde(default = "yes")]
    pub embedded: bool,
    /// Also those that the change adds which is being judged (`--policy-rev`).
    #[serde(default)]
    pub added: bool,
}

impl Default for InlineIgnores {
    fn default() -> Self {
        Self { requests: false, embedded: true, added: false }
    }
}

fn yes() -> bool {
    true
}
