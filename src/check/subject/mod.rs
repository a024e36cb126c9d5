//! The subject: string types, lengths, values that say nothing, and the organisation's list of attributes.
//! Attribute names are those of `request/oids.txt`, in any of their spellings, or OIDs.
//! Every value of every attribute is judged, however often it occurs and in whichever RDN.

pub(crate) mod attributes;
pub(crate) mod identity;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;
use serde_json::Value;

use crate::check::matcher::{self, Decision, Deny, Matcher, TextPattern, TextState};
use crate::check::oid_name::OidName;
use crate::check::{Context, Findings, ParameterError, Params, RequestCheck, Stricter, Verdict};
use crate::request::{Inherited, Name, NameAttribute, Oid, Request, State, StringType, Text, oids};

/// Attribute types as keys, each under the name it is shown by. `place` is where the object stands.
fn with_attribute_labels(value: Value, place: &[&str]) -> Result<Value, ParameterError> {
    let Value::Object(object) = value else { return Ok(value) };
    let mut labelled = serde_json::Map::with_capacity(object.len());
    for (key, value) in object {
        let label = if key == "other" {
            key.clone()
        } else {
            Oid::from_name(&key).map_or_else(|| key.clone(), |oid| oid.label())
        };
        if labelled.insert(label.clone(), value).is_some() {
            let path = place.iter().map(|part| (*part).to_owned()).chain([key.clone()]).collect();
            return Err(ParameterError { path, message: format!("{key:?} is {label}, which is there already") });
        }
    }
    Ok(Value::Object(labelled))
}

fn attributes(request: &Request) -> impl Iterator<Item = &NameAttribute> {
    request.subject.effective().into_iter().flat_map(Name::attributes)
}

fn whole(attribute: &NameAttribute) -> Option<&str> {
    attribute.value.effective().and_then(Text::whole)
}

/// The string types of attribute values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectStringType {
    /// String types that must not be used, by their ASN.1 names.
    #[serde(default)]
    deny: Vec<String>,
    /// The attributes that are judged; all without this.
    #[serde(default)]
    attributes: Option<Vec<OidName>>,
    /// The only string types of these attributes.
    #[serde(default)]
    allow: Option<Vec<String>>,
}

const STRING_TYPES: [&str; 8] = [
    "UTF8String",
    "PrintableString",
    "IA5String",
    "TeletexString",
    "BMPString",
    "UniversalString",
    "NumericString",
    "VisibleString",
];

impl Params for SubjectStringType {
    const NAME: &'static str = "subject-string-type";
    const SUMMARY: &'static str = "Judges the ASN.1 string types of the subject's values.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("deny", Stricter::Superset), ("allow", Stricter::Subset)];

    fn validate(&self) -> Result<(), String> {
        let unknown =
            self.deny.iter().chain(self.allow.iter().flatten()).find(|name| !STRING_TYPES.contains(&name.as_str()));
        unknown
            .map_or(Ok(()), |name| Err(format!("{name:?} is no string type; these are: {}", STRING_TYPES.join(", "))))
    }
}

impl RequestCheck for SubjectStringType {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request) {
            if self.attributes.as_ref().is_some_and(|judged| !judged.iter().any(|name| name.0 == attribute.oid)) {
                continue;
            }
            let Some(string_type) = attribute.string_type else { continue };
            let name = string_type.name();
            let denied = self.deny.iter().any(|denied| denied == name);
            let not_allowed = self.allow.as_ref().is_some_and(|allow| !allow.iter().any(|allowed| allowed == name));
            if (denied || not_allowed) && string_type != StringType::Bit {
                findings.fail(
                    attribute.value.span,
                    attribute.place(),
                    name,
                    format!("{} is a {name}.", attribute.oid.label()),
                );
            }
        }
        Verdict::Judged
    }
}

/// The lengths of attribute values, in characters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectLength {
    /// The greatest number of characters of each attribute.
    max: BTreeMap<OidName, usize>,
}

impl Params for SubjectLength {
    const NAME: &'static str = "subject-length";
    const SUMMARY: &'static str = "Judges the lengths of the subject's values.";

    fn normalised(mut value: Value) -> Result<Value, ParameterError> {
        if let Some(max) = value.get_mut("max") {
            *max = with_attribute_labels(max.take(), &["max"])?;
        }
        Ok(value)
    }
}

impl RequestCheck for SubjectLength {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request) {
            let Some((text, max)) =
                whole(attribute).zip(self.max.iter().find(|(name, _)| name.0 == attribute.oid).map(|(_, max)| *max))
            else {
                continue;
            };
            // Bytes first: no text has more characters than bytes.
            if text.len() > max {
                let count = text.chars().count();
                if count > max {
                    let label = attribute.oid.label();
                    findings.fail(
                        attribute.value.span,
                        attribute.place(),
                        count.to_string(),
                        format!("{label} has {count} characters; at most {max} are allowed."),
                    );
                }
            }
        }
        Verdict::Judged
    }
}

/// countryName is two capital letters.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectCountry {}

impl Params for SubjectCountry {
    const NAME: &'static str = "subject-country";
    const SUMMARY: &'static str = "Finds country names that are not two capital letters.";
}

impl RequestCheck for SubjectCountry {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request).filter(|attribute| attribute.oid == oids::COUNTRY) {
            let Some(text) = whole(attribute).filter(|text| !text.is_empty()) else { continue };
            if !(text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase())) {
                findings.fail(
                    attribute.value.span,
                    attribute.place(),
                    text,
                    format!("The country is {text:?}; it is a code of two capital letters (ISO 3166-1 alpha-2)."),
                );
            }
        }
        Verdict::Judged
    }
}

/// Attributes that occur more than once.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectRepeated {
    /// Only these attributes are judged.
    #[serde(default)]
    only: Option<Vec<OidName>>,
    /// These may occur several times.
    #[serde(default)]
    except: Vec<OidName>,
}

impl Params for SubjectRepeated {
    const NAME: &'static str = "subject-repeated";
    const SUMMARY: &'static str = "Finds attributes that occur more than once in the subject.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("except", Stricter::Subset)];
}

impl RequestCheck for SubjectRepeated {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut seen: Vec<&Oid> = Vec::new();
        for attribute in attributes(request) {
            let named = |names: &[OidName]| names.iter().any(|name| name.0 == attribute.oid);
            if named(&self.except) || self.only.as_ref().is_some_and(|only| !named(only)) {
                continue;
            }
            if seen.contains(&&attribute.oid) {
                let label = attribute.oid.label();
                let (value, message) = match whole(attribute) {
                    Some(value) => (value, format!("The subject has {label} more than once; this one is {value:?}.")),
                    None => ("", format!("The subject has {label} more than once.")),
                };
                findings.fail(attribute.span, attribute.place(), value, message);
            }
            seen.push(&attribute.oid);
        }
        Verdict::Judged
    }
}

/// Blanks where nobody sees them.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectWhitespace {}

impl Params for SubjectWhitespace {
    const NAME: &'static str = "subject-whitespace";
    const SUMMARY: &'static str = "Finds leading, trailing and doubled blanks in the subject.";
}

impl RequestCheck for SubjectWhitespace {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request) {
            let Some(text) = whole(attribute).filter(|text| !text.is_empty()) else { continue };
            let problem = match () {
                () if text.trim().is_empty() => "consists of blanks",
                () if text.starts_with(char::is_whitespace) => "starts with a blank",
                () if text.ends_with(char::is_whitespace) => "ends with a blank",
                () if text.contains("  ") => "has two blanks in a row",
                () => continue,
            };
            findings.fail(
                attribute.value.span,
                attribute.place(),
                text,
                format!("{} {problem}: {text:?}.", attribute.oid.label()),
            );
        }
        Verdict::Judged
    }
}

/// Values that are left over from a template.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectPlaceholder {
    /// Such values, without regard to case.
    values: Vec<String>,
    /// Attributes in which such values may be meant: there are people called Null.
    #[serde(default)]
    except: Vec<OidName>,
    /// Judges templates only: a request may be made for an example on purpose.
    #[serde(default)]
    templates_only: bool,
}

impl Params for SubjectPlaceholder {
    const NAME: &'static str = "subject-placeholder";
    const SUMMARY: &'static str = "Finds values of the subject that are left over from a template or say nothing.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("values", Stricter::Superset)];
}

impl RequestCheck for SubjectPlaceholder {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if self.templates_only && !request.is_described() {
            return Verdict::NotApplicable;
        }
        for attribute in attributes(request) {
            let Some(text) = whole(attribute) else { continue };
            // What has no letters is nobody's name either.
            let meant = OidName::listed(&self.except, &attribute.oid) && text.chars().any(char::is_alphabetic);
            // Nor does what is made of punctuation alone.
            let trimmed = text.trim();
            let empty_words = !trimmed.is_empty()
                && trimmed.chars().all(|character| character.is_ascii_punctuation() || character.is_whitespace());
            if empty_words || !meant && self.values.iter().any(|value| value.eq_ignore_ascii_case(text.trim())) {
                findings.fail(
                    attribute.value.span,
                    attribute.place(),
                    text,
                    format!("{} is {text:?}, which tells nothing about the subject.", attribute.oid.label()),
                );
            }
        }
        Verdict::Judged
    }
}

/// The organisation's subject: which attributes, with which values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SubjectPolicy {
    /// Attributes that are not listed.
    #[serde(default = "Decision::allow")]
    other: Decision,
    /// By name or OID.
    #[serde(flatten)]
    attributes: BTreeMap<OidName, AttributePolicy>,
}

/// What is demanded of one attribute.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct AttributePolicy {
    /// It has to be there.
    #[serde(default)]
    require: bool,
    /// Its only values.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    allow: Option<Vec<Matcher<TextPattern>>>,
    /// `true`: it must not be there; a list: values it must not have.
    #[serde(default)]
    #[schemars(with = "Option<DenySchema>")]
    deny: Deny<TextPattern>,
    /// How often it may occur.
    #[serde(default)]
    max: Option<usize>,
    /// How many characters it may have.
    #[serde(default)]
    max_length: Option<usize>,
}

/// The schema of `deny`.
#[derive(JsonSchema)]
#[serde(untagged)]
#[allow(dead_code, reason = "only its schema is used")]
pub(super) enum DenySchema {
    /// Everything.
    All(bool),
    /// What matches.
    Listed(Vec<String>),
}

impl Params for SubjectPolicy {
    const NAME: &'static str = "subject-policy";
    const SUMMARY: &'static str = "Allows, requires and denies attributes of the subject and their values.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[
        ("other", Stricter::Deny),
        ("*.require", Stricter::True),
        ("*.allow", Stricter::Subset),
        ("*.deny", Stricter::Superset),
        ("*.max", Stricter::Lower),
        ("*.max-length", Stricter::Lower),
    ];

    fn normalised(value: Value) -> Result<Value, ParameterError> {
        with_attribute_labels(value, &[])
    }
}

impl RequestCheck for SubjectPolicy {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let name = match &request.subject.state {
            State::Absent => return Verdict::NotApplicable,
            State::Unknown(expression) => {
                return Verdict::NotJudged(format!("{expression} is not known").into());
            }
            State::Malformed(reason) => {
                findings.fail(
                    request.subject.span,
                    "subject",
                    "undecodable",
                    format!("The subject cannot be decoded ({reason}), so it does not meet the policy."),
                );
                return Verdict::Judged;
            }
            State::Known(name)
            | State::Default(crate::request::Default { value: name, .. })
            | State::Inherited(Inherited { value: name, .. }) => name,
        };
        let mut verdict = Verdict::Judged;
        for (wanted, policy) in &self.attributes {
            let label = wanted.0.label();
            let values: Vec<&NameAttribute> = name.values(&wanted.0).collect();
            if policy.require && values.is_empty() {
                findings.fail(
                    request.subject.span,
                    format!("subject.{label}"),
                    "absent",
                    format!("The subject has no {label}; the policy requires one."),
                );
            }
            if let Some((max, extra)) = policy.max.and_then(|max| Some((max, values.get(max)?))) {
                findings.fail(
                    extra.span,
                    extra.place(),
                    "too many",
                    format!("The subject has {} values of {label}; at most {max} are allowed.", values.len()),
                );
            }
            for attribute in values {
                if let Some(why) = policy.judge(attribute, findings) {
                    verdict = Verdict::NotJudged(why.into());
                }
            }
        }
        if self.other == Decision::Deny {
            for attribute in
                name.attributes().filter(|attribute| !self.attributes.keys().any(|name| name.0 == attribute.oid))
            {
                let label = attribute.oid.label();
                findings.fail(
                    attribute.span,
                    attribute.place(),
                    "not listed",
                    format!("The policy does not allow {label} in the subject."),
                );
            }
        }
        verdict
    }
}

impl AttributePolicy {
    /// Judges one value; the answer says why it could not be told.
    fn judge(&self, attribute: &NameAttribute, findings: &mut Findings) -> Option<String> {
        let label = attribute.oid.label();
        if matches!(self.deny, Deny::All(true)) {
            findings.fail(
                attribute.span,
                attribute.place(),
                "denied",
                format!("The policy denies {label} in the subject."),
            );
            return None;
        }
        let restricted = self.allow.is_some() || self.deny.denies_anything() || self.max_length.is_some();
        let text = match TextState::of(&attribute.value.state) {
            TextState::Text(text) => text,
            TextState::Unknown if restricted => return Some(format!("{label} is not known")),
            TextState::Malformed if restricted => {
                findings.fail(
                    attribute.value.span,
                    attribute.place(),
                    "undecodable",
                    format!("{label} cannot be decoded, so it is none of the allowed values."),
                );
                return None;
            }
            _ => return None,
        };
        if let Some(matcher) = self.deny.find(text) {
            findings.fail(
                attribute.value.span,
                attribute.place(),
                text,
                format!("The policy denies {label} {text:?} (it matches {matcher:?})."),
            );
        } else if let Some(allow) = self.allow.as_ref().filter(|allow| !matcher::allowed(allow, text)) {
            findings.fail(
                attribute.value.span,
                attribute.place(),
                text,
                format!("{label} is {text:?}; allowed: {}.", matcher::listed(allow)),
            );
        }
        if let Some((max, count)) =
            self.max_length.map(|max| (max, text.chars().count())).filter(|(max, count)| count > max)
        {
            findings.fail(
                attribute.value.span,
                attribute.place(),
                "too long",
                format!("{label} has {count} characters; at most {max} are allowed."),
            );
        }
        None
    }
}
