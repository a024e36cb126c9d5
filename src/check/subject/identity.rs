//! Whom the subject names: countries, domains, organisations, persons, mailboxes, held against registries and the SAN.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{attributes, whole};
use crate::check::oid_name::OidName;
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::names::domain::{self, Suffix};
use crate::names::{country, identifier, mailbox, script};
use crate::request::{GeneralName, NameAttribute, Oid, Request, oids};

/// Countries are those of ISO 3166-1.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectCountryIso {
    /// The attributes that hold countries.
    attributes: Vec<OidName>,
    /// Codes that are allowed beside the assigned ones.
    #[serde(default)]
    also: Vec<String>,
}

impl Params for SubjectCountryIso {
    const NAME: &'static str = "subject-country-iso";
    const SUMMARY: &'static str = "Finds country codes that ISO 3166-1 has not assigned.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("attributes", Stricter::Superset), ("also", Stricter::Subset)];
}

impl RequestCheck for SubjectCountryIso {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request).filter(|attribute| OidName::listed(&self.attributes, &attribute.oid)) {
            let Some(text) = whole(attribute) else { continue };
            // What is not two letters is no code at all, which is another rule's finding.
            if text.len() != 2 || country::is_assigned(text) || self.also.iter().any(|also| also == text) {
                continue;
            }
            let meant = country::meant(text).map(|code| format!("; {code} is probably meant")).unwrap_or_default();
            let message = format!("{} is {text:?}, which is no country of ISO 3166-1{meant}.", attribute.oid.label());
            findings.fail(attribute.value.span, attribute.place(), text, message);
        }
        Verdict::Judged
    }
}

/// domainComponents form a domain name (RFC 4519 section 2.4, RFC 2247).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectDomainComponents {}

impl Params for SubjectDomainComponents {
    const NAME: &'static str = "subject-domain-components";
    const SUMMARY: &'static str = "Finds domain components that form no domain name.";
}

impl RequestCheck for SubjectDomainComponents {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut parts: Vec<(&NameAttribute, &str)> = Vec::new();
        for attribute in attributes(request).filter(|attribute| attribute.oid == oids::DOMAIN_COMPONENT) {
            let Some(text) = whole(attribute) else { continue };
            let is_label = (1..=63).contains(&text.len())
                && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
                && !text.starts_with('-')
                && !text.ends_with('-');
            if !is_label {
                let why = if text.contains('.') { "; each label is a DC of its own" } else { "" };
                let message = format!("DC is {text:?}, which is no label of a domain name{why}.");
                findings.fail(attribute.value.span, attribute.place(), text, message);
                return Verdict::Judged;
            }
            parts.push((attribute, text));
        }
        let ([(first, top), .., (_, last)], true) = (parts.as_slice(), parts.len() > 1) else {
            return if parts.is_empty() { Verdict::NotApplicable } else { Verdict::Judged };
        };
        // The first RDN is the top of the tree: DC=com, DC=example. Private top-level domains are as good as public ones.
        const PRIVATE: [&str; 6] = ["local", "internal", "corp", "lan", "home", "localdomain"];
        let private = PRIVATE.iter().any(|name| name.eq_ignore_ascii_case(top));
        if !private && domain::has_public_tld(last) && !domain::has_public_tld(top) {
            let name = parts.iter().map(|(_, text)| *text).collect::<Vec<_>>().join(".");
            let message =
                format!("The domain components stand the wrong way round: {name:?} is written with DC={last} first.");
            findings.fail(first.value.span, first.place(), name.as_str(), message);
        }
        Verdict::Judged
    }
}

/// organizationIdentifier has a known scheme and the form of it.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct OrganizationIdentifier {}

impl Params for OrganizationIdentifier {
    const NAME: &'static str = "organization-identifier";
    const SUMMARY: &'static str = "Finds organizationIdentifiers without a known scheme, country and reference.";
}

impl RequestCheck for OrganizationIdentifier {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for attribute in attributes(request).filter(|attribute| attribute.oid == oids::ORGANIZATION_IDENTIFIER) {
            verdict = Verdict::Judged;
            let Some(text) = whole(attribute) else { continue };
            if let Some(problem) = identifier::organization_identifier_problem(text) {
                let message = format!("The organizationIdentifier {text:?} {problem}.");
                findings.fail(attribute.value.span, attribute.place(), text, message);
            }
        }
        verdict
    }
}

/// Where a common name may come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Source {
    /// A DNS name or address of the subjectAltName, byte for byte.
    San,
    /// An e-mail address of the subjectAltName.
    Mailbox,
    /// The organisation of the subject.
    Organization,
    /// Given name and surname of the subject, in either order.
    PersonalName,
    /// The pseudonym of the subject.
    Pseudonym,
}

/// The common name repeats something that is verified.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CommonNameSource {
    /// Where it may come from.
    sources: Vec<Source>,
}

impl Params for CommonNameSource {
    const NAME: &'static str = "common-name-source";
    const SUMMARY: &'static str = "Finds common names that do not repeat another value of the request.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("sources", Stricter::Subset)];
}

impl RequestCheck for CommonNameSource {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        // Without any names, those are what is missing.
        let from_names = self.sources.iter().any(|source| matches!(source, Source::San | Source::Mailbox));
        if from_names && !request.has_subject_alt_name() && !request.extensions.is_open() {
            return Verdict::NotApplicable;
        }
        let mut verdict = Verdict::NotApplicable;
        for attribute in attributes(request).filter(|attribute| attribute.oid == oids::COMMON_NAME) {
            let Some(text) = whole(attribute) else { continue };
            if self.sources.iter().any(|source| source.has(request, text)) {
                verdict = Verdict::Judged;
                continue;
            }
            // Names that no tool has filled in yet could still be the ones.
            if request.extensions.is_open() {
                return Verdict::NotJudged("not all names are known".into());
            }
            verdict = Verdict::Judged;
            let sources = self.sources.iter().map(|source| source.described()).collect::<Vec<_>>().join(", or ");
            let message = format!("The common name {text:?} is not {sources}.");
            findings.fail(attribute.value.span, attribute.place(), text, message);
        }
        verdict
    }
}

impl Source {
    fn described(self) -> &'static str {
        match self {
            Self::San => "one of the DNS names or addresses of the subject alternative name",
            Self::Mailbox => "one of the e-mail addresses of the subject alternative name",
            Self::Organization => "the organisation",
            Self::PersonalName => "given name and surname",
            Self::Pseudonym => "the pseudonym",
        }
    }

    fn has(self, request: &Request, text: &str) -> bool {
        let value =
            |oid: &'static Oid| attributes(request).find(move |attribute| attribute.oid == *oid).and_then(whole);
        let mut names = request.names().filter_map(|(_, name)| name.effective());
        match self {
            Self::San => names.any(|name| match name {
                GeneralName::Dns(dns) => dns == text,
                // TLS BR 7.1.4.3: IPv4 in dotted decimals, IPv6 as RFC 5952 writes it.
                GeneralName::Ip(address) => address.to_string() == text,
                _ => false,
            }),
            Self::Mailbox => names.any(|name| match name {
                GeneralName::Email(email) => mailbox::is_same(email, text),
                GeneralName::Other(other) if other.oid == oids::SMTP_UTF8_MAILBOX => {
                    other.text.as_deref().is_some_and(|mailbox| mailbox::is_same(mailbox, text))
                }
                _ => false,
            }),
            Self::Organization => value(&oids::ORGANIZATION) == Some(text),
            Self::Pseudonym => value(&oids::PSEUDONYM) == Some(text),
            // One of the two alone is a personal name, too (S/MIME BR 7.1.4.2.2 a).
            Self::PersonalName => match (value(&oids::GIVEN_NAME), value(&oids::SURNAME)) {
                (Some(given), Some(surname)) => [(given, surname), (surname, given)].iter().any(|(first, second)| {
                    text.strip_prefix(first).and_then(|rest| rest.trim_start_matches(',').strip_prefix(' '))
                        == Some(second)
                }),
                (Some(name), None) | (None, Some(name)) => name == text,
                (None, None) => false,
            },
        }
    }
}

/// Addresses are no common names (RFC 9525 section 2).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CommonNameIp {}

impl Params for CommonNameIp {
    const NAME: &'static str = "common-name-ip";
    const SUMMARY: &'static str = "Finds common names that are IP addresses.";
}

impl RequestCheck for CommonNameIp {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request).filter(|attribute| attribute.oid == oids::COMMON_NAME) {
            let Some(text) = whole(attribute).filter(|text| text.parse::<std::net::IpAddr>().is_ok()) else { continue };
            let message = format!("The common name {text:?} is an IP address.");
            findings.fail(attribute.value.span, attribute.place(), text, message);
        }
        Verdict::Judged
    }
}

/// A common name that a CA will take for a host name is one of the public DNS.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CommonNamePublic {}

impl Params for CommonNamePublic {
    const NAME: &'static str = "common-name-public";
    const SUMMARY: &'static str = "Finds common names that would be host names and are none of the public DNS.";
}

impl RequestCheck for CommonNamePublic {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let asked_for = |text: &str| {
            request.names().any(|(_, name)| matches!(name.effective(), Some(GeneralName::Dns(dns)) if dns == text))
        };
        let mut verdict = Verdict::NotApplicable;
        for attribute in attributes(request).filter(|attribute| attribute.oid == oids::COMMON_NAME) {
            // What is a name of the SAN as well is judged there; addresses are another rule's.
            let Some(text) = whole(attribute).filter(|text| !asked_for(text)) else { continue };
            if text.parse::<std::net::IpAddr>().is_ok() {
                continue;
            }
            verdict = Verdict::Judged;
            let name = text.strip_prefix("*.").unwrap_or(text);
            let wildcard = name.len() < text.len();
            let problem = match () {
                () if text.contains('@') => "is an e-mail address",
                () if !name.is_ascii() || name.contains(char::is_whitespace) || name.contains('_') => "is no host name",
                () if !domain::has_public_tld(name) => "is no name of the public DNS",
                () if matches!(domain::suffix(name), Suffix::Registry) && wildcard => {
                    "covers every name that is registered under a public suffix"
                }
                () if matches!(domain::suffix(name), Suffix::Registry) => "is a public suffix",
                () => continue,
            };
            let message = format!("The common name {text:?} {problem}.");
            findings.fail(attribute.value.span, attribute.place(), text, message);
        }
        verdict
    }
}

/// E-mail addresses of the subject are repeated where programs look for them (RFC 5280 section 4.1.2.6).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectEmailInSan {
    /// Whether a common name that is a mailbox counts, too.
    #[serde(default)]
    common_name: bool,
}

impl Params for SubjectEmailInSan {
    const NAME: &'static str = "subject-email-in-san";
    const SUMMARY: &'static str = "Finds e-mail addresses of the subject that are not in the subject alternative name.";
}

impl RequestCheck for SubjectEmailInSan {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for attribute in attributes(request) {
            let Some(text) = whole(attribute) else { continue };
            let common_name =
                self.common_name && attribute.oid == oids::COMMON_NAME && mailbox::problem(text).is_none();
            if attribute.oid != oids::EMAIL_ADDRESS && !common_name {
                continue;
            }
            verdict = Verdict::Judged;
            let same = |email: &str| mailbox::is_same(email, text);
            let found = request.names().filter_map(|(_, name)| name.effective()).any(|name| match name {
                GeneralName::Email(email) => same(email),
                GeneralName::Other(other) => {
                    other.oid == oids::SMTP_UTF8_MAILBOX && other.text.as_deref().is_some_and(same)
                }
                _ => false,
            });
            if !found && request.extensions.is_open() {
                return Verdict::NotJudged("not all names are known".into());
            }
            if !found {
                let label = attribute.oid.label();
                let message =
                    format!("{label} has the e-mail address {text:?}, and the subject alternative name does not.");
                findings.fail(attribute.value.span, attribute.place(), text, message);
            }
        }
        verdict
    }
}

/// How a text was damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Damage {
    /// HTML entities such as `&amp;` were left in it.
    HtmlEntity,
    /// UTF-8 was read as Windows-1252.
    Mojibake,
}

/// Texts that were damaged on their way into the request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectTextDamage {
    /// Which damage.
    kinds: Vec<Damage>,
}

impl Params for SubjectTextDamage {
    const NAME: &'static str = "subject-text-damage";
    const SUMMARY: &'static str = "Finds HTML entities and wrongly decoded characters in the subject.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("kinds", Stricter::Superset)];
}

impl RequestCheck for SubjectTextDamage {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in attributes(request) {
            let Some(text) = whole(attribute) else { continue };
            let label = || attribute.oid.label();
            for kind in &self.kinds {
                let message = match kind {
                    Damage::HtmlEntity => script::html_decoded(text).map(|meant| {
                        format!("{} is {text:?}, with HTML entities; {meant:?} is probably meant.", label())
                    }),
                    Damage::Mojibake => script::mojibake_mended(text).map(|meant| {
                        format!(
                            "{} is {text:?}, UTF-8 that was read as Windows-1252; {meant:?} is probably meant.",
                            label()
                        )
                    }),
                };
                if let Some(message) = message {
                    findings.fail(attribute.value.span, attribute.place(), text, message);
                }
            }
        }
        Verdict::Judged
    }
}
