//! Which attributes the subject has, and in which order. Their values are not looked at.

use schemars::JsonSchema;
use serde::Deserialize;

use super::attributes;
use crate::check::oid_name::OidName;
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::request::{Name, NameAttribute, Oid, Request, State};

/// Attributes that the subject must or must not have.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectAttributes {
    /// Attributes that must not be there.
    #[serde(default)]
    deny: Vec<OidName>,
    /// The only attributes that may be there.
    #[serde(default)]
    only: Option<Vec<OidName>>,
    /// Attributes that have to be there.
    #[serde(default)]
    require: Vec<OidName>,
    /// Of each of these groups one attribute has to be there.
    #[serde(default)]
    one_of: Vec<Vec<OidName>>,
    /// Judges only subjects that have one of these attributes.
    #[serde(default)]
    when_any: Option<Vec<OidName>>,
    /// Judges only subjects that have none of these attributes.
    #[serde(default)]
    unless_any: Vec<OidName>,
}

impl Params for SubjectAttributes {
    const NAME: &'static str = "subject-attributes";
    const SUMMARY: &'static str = "Finds attributes that the subject must not have, and those that it lacks.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[
        ("deny", Stricter::Superset),
        ("only", Stricter::Subset),
        ("require", Stricter::Superset),
        ("one-of", Stricter::Superset),
    ];

    fn validate(&self) -> Result<(), String> {
        if self.one_of.iter().any(Vec::is_empty) {
            Err("a group of one-of has no attributes".to_owned())
        } else {
            Ok(())
        }
    }
}

impl RequestCheck for SubjectAttributes {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let name = match &request.subject.state {
            State::Unknown(expression) => {
                return Verdict::NotJudged(format!("{expression} is not known").into());
            }
            _ => match request.subject.effective() {
                Some(name) => name,
                None => return Verdict::NotApplicable,
            },
        };
        let has = |names: &[OidName]| name.attributes().any(|attribute| OidName::listed(names, &attribute.oid));
        if self.when_any.as_ref().is_some_and(|wanted| !has(wanted)) || has(&self.unless_any) {
            return Verdict::NotApplicable;
        }
        for attribute in name.attributes() {
            let label = || attribute.oid.label();
            if OidName::listed(&self.deny, &attribute.oid) {
                let message = format!("The subject has {}{}.", label(), self.company(name));
                findings.fail(attribute.span, attribute.place(), label(), message);
            } else if let Some(only) = self.only.as_ref().filter(|only| !OidName::listed(only, &attribute.oid)) {
                let allowed = if only.is_empty() { "none".to_owned() } else { OidName::labels(only) };
                let message = format!("The subject has {}; allowed are: {allowed}.", label());
                findings.fail(attribute.span, attribute.place(), label(), message);
            }
        }
        for wanted in self.require.iter().filter(|wanted| name.values(&wanted.0).next().is_none()) {
            let label = wanted.0.label();
            let message = format!("The subject has no {label}{}.", self.company(name));
            findings.fail(request.subject.span, format!("subject.{label}"), "absent", message);
        }
        for group in self.one_of.iter().filter(|group| !has(group)) {
            let labels = group.iter().map(|name| name.0.label()).collect::<Vec<_>>().join(" or ");
            let message = format!("The subject has no {labels}{}.", self.company(name));
            findings.fail(request.subject.span, "subject", format!("no {labels}"), message);
        }
        Verdict::Judged
    }
}

impl SubjectAttributes {
    /// With or without which other attribute this is wrong.
    fn company(&self, name: &Name) -> String {
        let found = self.when_any.as_ref().and_then(|wanted| {
            name.attributes().map(|attribute| &attribute.oid).find(|oid| OidName::listed(wanted, oid)).map(Oid::label)
        });
        match (found, self.unless_any.as_slice()) {
            (Some(label), _) => format!(" beside its {label}"),
            (None, []) => String::new(),
            (None, missing) => format!(" without any of: {}", OidName::labels(missing)),
        }
    }
}

/// The order of the subject's attributes.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectOrder {
    /// The attributes in the order they have to be in; others may stand anywhere.
    order: Vec<OidName>,
}

impl Params for SubjectOrder {
    const NAME: &'static str = "subject-order";
    const SUMMARY: &'static str = "Finds subjects whose attributes are not in the given order.";
}

impl RequestCheck for SubjectOrder {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let rank = |attribute: &NameAttribute| self.order.iter().position(|name| name.0 == attribute.oid);
        let mut highest: Option<(usize, &NameAttribute)> = None;
        for rdn in request.subject.effective().into_iter().flat_map(|name| &name.rdns) {
            // The attributes of one RDN are a SET: among them there is no order.
            let ranked = || rdn.attributes.iter().filter_map(|attribute| Some((rank(attribute)?, attribute)));
            for (rank, attribute) in ranked() {
                if let Some((_, earlier)) = highest.filter(|(before, _)| rank < *before) {
                    let (label, earlier) = (attribute.oid.label(), earlier.oid.label());
                    let message = format!("{label} stands behind {earlier}; it belongs before it.");
                    findings.fail(attribute.span, attribute.place(), label, message);
                    return Verdict::Judged;
                }
            }
            highest = highest.into_iter().chain(ranked()).max_by_key(|(rank, _)| *rank);
        }
        Verdict::Judged
    }
}

/// Attribute types that csrlint has no name for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectUnknownAttribute {}

impl Params for SubjectUnknownAttribute {
    const NAME: &'static str = "subject-unknown-attribute";
    const SUMMARY: &'static str = "Finds attributes of the subject whose type is in no list csrlint knows.";
}

impl RequestCheck for SubjectUnknownAttribute {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request).filter(|attribute| attribute.oid.name().is_none()) {
            let oid = attribute.oid.to_string();
            let message = format!("The subject has an attribute of the unknown type {oid}.");
            findings.fail(attribute.span, attribute.place(), oid, message);
        }
        Verdict::Judged
    }
}

/// A subject that says nothing.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectEmpty {
    /// Whether a subject alternative name makes up for it.
    #[serde(default)]
    unless_san: bool,
}

impl Params for SubjectEmpty {
    const NAME: &'static str = "subject-empty";
    const SUMMARY: &'static str = "Finds empty subjects.";
}

impl RequestCheck for SubjectEmpty {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if !request.subject.effective().is_some_and(Name::is_empty) {
            return if request.subject.effective().is_some() { Verdict::Judged } else { Verdict::NotApplicable };
        }
        if self.unless_san && request.has_subject_alt_name() {
            return Verdict::Judged;
        }
        if self.unless_san && request.extensions.is_open() {
            return Verdict::NotJudged("not all extensions are known".into());
        }
        let message = if self.unless_san {
            "The subject is empty, and there is no subject alternative name: the request names nobody."
        } else {
            "The subject is empty."
        };
        findings.fail(request.subject.span, "subject", "empty", message);
        Verdict::Judged
    }
}
