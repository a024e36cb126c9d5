//! Subject alternative names: presence, syntax of each form, and the organisation's list of names.
//! Syntax is that of the standards for any PKI; what public CAs demand beyond that belongs to their profiles.
//! Names that cannot be decoded are in the list too: an allow list refuses them.

pub(crate) mod domain;
pub(crate) mod forms;

use std::collections::HashSet;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::matcher::{self, CidrPattern, Decision, Deny, DnsPattern, Matcher, Pattern, TextPattern};
use crate::check::subject::DenySchema;
use crate::check::{Broken, Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::names::{mailbox, uri};
use crate::request::{Field, GeneralName, Makes, NameAttribute, PartialName, Request, State, Text, Wanted, oids};

fn place(number: usize) -> String {
    format!("san[{number}]")
}

/// The common names of the subject that are known as a whole.
fn common_names(request: &Request) -> impl Iterator<Item = (&NameAttribute, &str)> {
    request
        .subject
        .effective()
        .into_iter()
        .flat_map(|name| name.values(&oids::COMMON_NAME))
        .filter_map(|attribute| Some((attribute, attribute.value.effective()?.whole()?)))
}

/// The DNS names of the request.
fn dns_names(request: &Request) -> impl Iterator<Item = (usize, &Field<GeneralName>, &str)> {
    request.names().filter_map(|(number, name)| match name.effective() {
        Some(GeneralName::Dns(text)) => Some((number, name, text.as_str())),
        _ => None,
    })
}

/// A subjectAltName is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SanMissing {
    /// When it is needed.
    when: When,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum When {
    /// In every request.
    Always,
    /// Where the extended key usage serverAuth is asked for.
    ServerAuth,
}

impl Params for SanMissing {
    const NAME: &'static str = "san-missing";
    const SUMMARY: &'static str = "Finds requests without subject alternative names.";
}

impl RequestCheck for SanMissing {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        // What a CA may issue for stands in its extended key usages; it has no names itself.
        let server = request.purposes().any(|purpose| purpose.effective() == Some(&oids::SERVER_AUTH));
        if self.when == When::ServerAuth && (!server || request.asks_for_ca()) {
            return Verdict::NotApplicable;
        }
        if request.has_subject_alt_name() {
            return Verdict::Judged;
        }
        // What others may ask for has no names itself.
        if request.template.as_ref().is_some_and(|template| template.makes == Makes::Permission) {
            return Verdict::NotApplicable;
        }
        if request.extensions.is_open() {
            return Verdict::NotJudged("not all extensions are known".into());
        }
        findings.fail(request.subject.span, "san", "absent", "The request asks for no subject alternative name.");
        Verdict::Judged
    }
}

/// The syntax of DNS names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsSyntax {
    /// Whether a label may have underscores, as service names do.
    #[serde(default = "Decision::allow")]
    underscore: Decision,
}

impl Params for DnsSyntax {
    const NAME: &'static str = "dns-syntax";
    const SUMMARY: &'static str = "Finds DNS names that are not in the preferred name syntax of RFC 1034 section 3.5.";
}

impl RequestCheck for DnsSyntax {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for (number, name, text) in dns_names(request) {
            if let Some(problem) = self.problem(text) {
                findings.fail(name.span, place(number), text, format!("The DNS name {text:?} {problem}."));
            }
        }
        Verdict::Judged
    }
}

impl DnsSyntax {
    fn problem(&self, name: &str) -> Option<String> {
        // Stars, addresses and control characters are told by rules of their own.
        if name.parse::<IpAddr>().is_ok() || name.chars().any(char::is_control) {
            return None;
        }
        let described = match () {
            () if name.is_empty() => "is empty",
            () if name.contains("://") => "is a URL",
            () if name.contains(char::is_whitespace) => "contains a blank",
            () if name.contains('@') => "is an e-mail address",
            () if name.contains('/') => "contains a slash",
            () if name.contains(':') => "contains a port",
            () if name.len() > 253 => "is longer than 253 characters",
            () if name.starts_with('.') => "starts with a dot",
            () if name.ends_with('.') => "ends with a dot",
            () => "",
        };
        if !described.is_empty() {
            return Some(described.to_owned());
        }
        name.split('.').find_map(|label| match () {
            () if label.is_empty() => Some("has an empty label".to_owned()),
            () if label.len() > 63 => Some("has a label longer than 63 characters".to_owned()),
            () if label.contains('*') => None,
            () if label.starts_with('-') || label.ends_with('-') => {
                Some("has a label that starts or ends with a hyphen".to_owned())
            }
            () => label
                .bytes()
                .find(|byte| {
                    !(byte.is_ascii_alphanumeric()
                        || *byte == b'-'
                        || (*byte == b'_' && self.underscore == Decision::Allow))
                })
                .map(|byte| format!("contains {:?}", char::from(byte))),
        })
    }
}

/// The form of wildcards.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsWildcard {}

impl Params for DnsWildcard {
    const NAME: &'static str = "dns-wildcard";
    const SUMMARY: &'static str = "Finds wildcards that are not the whole left-most label of a DNS name.";
}

impl RequestCheck for DnsWildcard {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for (number, name, text) in dns_names(request).filter(|(_, _, text)| text.contains('*')) {
            let problem = match text.split_once('.') {
                _ if *text == *"*" => "is a bare wildcard",
                _ if text.matches('*').count() > 1 => "has more than one wildcard",
                Some(("*", rest)) if !rest.contains('.') => "covers a whole top-level domain",
                Some(("*", _)) => continue,
                Some((label, _)) if label.contains('*') => "has a wildcard for part of a label",
                _ => "has a wildcard that is not the left-most label",
            };
            findings.fail(name.span, place(number), text, format!("The DNS name {text:?} {problem}."));
        }
        Verdict::Judged
    }
}

/// Addresses written as DNS names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsIsIp {}

impl Params for DnsIsIp {
    const NAME: &'static str = "dns-is-ip";
    const SUMMARY: &'static str = "Finds IP addresses that are written as DNS names.";
}

impl RequestCheck for DnsIsIp {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for (number, name, text) in dns_names(request) {
            let bare = text.trim_start_matches('[').trim_end_matches(']');
            if bare.parse::<IpAddr>().is_ok() {
                findings.fail(
                    name.span,
                    place(number),
                    text,
                    format!("{text:?} is an IP address, but stands as a DNS name; clients do not match it."),
                );
            }
        }
        Verdict::Judged
    }
}

/// The syntax of e-mail addresses (RFC 5280 section 4.2.1.6: Mailbox of RFC 2821 section 4.1.2).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct EmailSyntax {}

impl Params for EmailSyntax {
    const NAME: &'static str = "email-syntax";
    const SUMMARY: &'static str = "Finds e-mail names that are no mailbox.";
}

impl RequestCheck for EmailSyntax {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for (number, name) in request.names() {
            let Some(GeneralName::Email(text)) = name.effective() else { continue };
            if let Some(problem) = mailbox::problem(text) {
                findings.fail(name.span, place(number), text.as_str(), format!("The e-mail name {text:?} {problem}."));
            }
        }
        Verdict::Judged
    }
}

/// The syntax of URIs (RFC 5280 section 4.2.1.6: absolute, with a scheme and a scheme-specific part).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct UriSyntax {}

impl Params for UriSyntax {
    const NAME: &'static str = "uri-syntax";
    const SUMMARY: &'static str = "Finds URI names that are not absolute URIs.";
}

impl RequestCheck for UriSyntax {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for (number, name) in request.names() {
            let Some(GeneralName::Uri(text)) = name.effective() else { continue };
            let Some(problem) = uri::problem(text) else { continue };
            findings.fail(name.span, place(number), text.as_str(), format!("The URI {text:?} {problem}."));
        }
        Verdict::Judged
    }
}

/// Names that are asked for twice.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SanDuplicate {}

impl Params for SanDuplicate {
    const NAME: &'static str = "san-duplicate";
    const SUMMARY: &'static str = "Finds subject alternative names that occur more than once.";
}

impl RequestCheck for SanDuplicate {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut seen: HashSet<(&'static str, String)> = HashSet::new();
        for (number, name) in request.names() {
            let Some(value) = name.effective() else { continue };
            let shown = value.value();
            let key = if matches!(value, GeneralName::Dns(_)) { shown.to_ascii_lowercase() } else { shown.clone() };
            if !seen.insert((value.kind(), key)) {
                findings.fail(name.span, place(number), shown.as_str(), format!("{shown:?} is asked for twice."));
            }
        }
        Verdict::Judged
    }
}

/// Whether the subject is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Presence {
    /// It is empty: the subjectAltName has to be critical.
    Empty,
    /// It is not: the subjectAltName should not be critical.
    Present,
}

/// The subjectAltName is critical where the subject is empty, and only there (RFC 5280 section 4.2.1.6).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SanCriticality {
    /// Which subjects are judged.
    subject: Presence,
}

impl Params for SanCriticality {
    const NAME: &'static str = "san-criticality";
    const SUMMARY: &'static str =
        "Finds subject alternative names that are critical beside a subject, or not critical without one.";
}

impl RequestCheck for SanCriticality {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let wants_critical = self.subject == Presence::Empty;
        if request.subject.effective().is_none_or(|subject| subject.is_empty() != wants_critical) {
            return Verdict::NotApplicable;
        }
        for extension in request
            .extensions
            .items()
            .filter(|extension| extension.oid == oids::SUBJECT_ALT_NAME && extension.is_critical() != wants_critical)
        {
            let (value, message) = match self.subject {
                Presence::Empty => {
                    ("not critical", "The subject is empty, and the subject alternative name is not marked critical.")
                }
                Presence::Present => {
                    ("critical", "The subject is not empty, and the subject alternative name is marked critical.")
                }
            };
            findings.fail(extension.span, "san", value, message);
        }
        Verdict::Judged
    }
}

/// The common name is one of the subject alternative names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CommonNameInSan {}

impl Params for CommonNameInSan {
    const NAME: &'static str = "common-name-in-san";
    const SUMMARY: &'static str =
        "Finds common names that look like host names and are not among the subject alternative names.";
}

impl RequestCheck for CommonNameInSan {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if !request.has_subject_alt_name() {
            return Verdict::NotApplicable;
        }
        let names: HashSet<String> = request
            .names()
            .filter_map(|(_, name)| name.effective())
            .map(|name| name.value().to_ascii_lowercase())
            .collect();
        // One that is an expression may be the common name.
        if request.names().any(|(_, name)| {
            name.unknown_expression().is_some() || matches!(name.effective(), Some(GeneralName::Partial(..)))
        }) {
            return Verdict::NotJudged("not all names are known".into());
        }
        for (attribute, text) in common_names(request) {
            let host = text.contains('.')
                && (DnsSyntax { underscore: Decision::Allow }).problem(text).is_none()
                && !text.contains(' ');
            if host && !names.contains(&text.to_ascii_lowercase()) {
                let message = format!(
                    "The common name {text:?} is none of the subject alternative names; clients look at those only."
                );
                let broken = Broken::new(attribute.value.span, attribute.place(), text, message);
                findings.push(broken.wanting(Some(Wanted::DnsName(text.to_owned()))));
            }
        }
        Verdict::Judged
    }
}

/// The organisation's names: which types, with which values.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SanPolicy {
    /// DNS names.
    #[serde(default)]
    dns: Option<DnsPolicy>,
    /// IP addresses; matchers are CIDR blocks.
    #[serde(default)]
    #[schemars(with = "Option<NamePolicySchema>")]
    ip: Option<NamePolicy<CidrPattern>>,
    /// E-mail addresses.
    #[serde(default)]
    #[schemars(with = "Option<NamePolicySchema>")]
    email: Option<NamePolicy<TextPattern>>,
    /// URIs.
    #[serde(default)]
    #[schemars(with = "Option<NamePolicySchema>")]
    uri: Option<NamePolicy<TextPattern>>,
    /// Directory names, as RFC 4514 writes them.
    #[serde(default)]
    #[schemars(with = "Option<NamePolicySchema>")]
    dirname: Option<NamePolicy<TextPattern>>,
    /// Registered ids.
    #[serde(default)]
    #[schemars(with = "Option<NamePolicySchema>")]
    rid: Option<NamePolicy<TextPattern>>,
    /// otherNames; matchers are held against `type:value`, as in `UPN:*@acme.example`.
    #[serde(default)]
    #[schemars(with = "Option<NamePolicySchema>")]
    othername: Option<NamePolicy<TextPattern>>,
    /// Types that are not listed.
    #[serde(default = "Decision::allow")]
    other: Decision,
    /// How many names a request may have in all.
    #[serde(default)]
    max: Option<usize>,
}

/// What is demanded of names of one type.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", bound = "P: Pattern")]
struct NamePolicy<P: Pattern> {
    #[serde(default)]
    require: bool,
    #[serde(default)]
    allow: Option<Vec<Matcher<P>>>,
    #[serde(default)]
    deny: Deny<P>,
}

/// What is demanded of names of one type.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[allow(dead_code, reason = "only its schema is used")]
struct NamePolicySchema {
    /// There has to be one.
    #[serde(default)]
    require: bool,
    /// The only values.
    #[serde(default)]
    allow: Option<Vec<String>>,
    /// `true`: no name of this type; a list: values that must not be there.
    #[serde(default)]
    deny: Option<DenySchema>,
}

/// What is demanded of DNS names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct DnsPolicy {
    /// There has to be one.
    #[serde(default)]
    require: bool,
    /// The only names; `*` is one label, `**` one or more.
    #[serde(default)]
    #[schemars(with = "Option<Vec<String>>")]
    allow: Option<Vec<Matcher<DnsPattern>>>,
    /// `true`: no DNS name; a list: names that must not be there.
    #[serde(default)]
    #[schemars(with = "Option<DenySchema>")]
    deny: Deny<DnsPattern>,
    /// Whether a name may have a wildcard at all.
    #[serde(default = "Decision::allow")]
    wildcard: Decision,
}

impl Params for SanPolicy {
    const NAME: &'static str = "san-policy";
    const SUMMARY: &'static str = "Allows, requires and denies subject alternative names by type and value.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[
        ("max", Stricter::Lower),
        ("other", Stricter::Deny),
        ("*.require", Stricter::True),
        ("*.allow", Stricter::Subset),
        ("*.deny", Stricter::Superset),
        ("*.wildcard", Stricter::Deny),
    ];
}

impl RequestCheck for SanPolicy {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::Judged;
        let mut kinds: Vec<&'static str> = Vec::new();
        let mut count = 0;
        for (number, name) in request.names() {
            count += 1;
            if self.max == Some(count - 1) {
                let total = request.names().count();
                findings.fail(
                    name.span,
                    "san",
                    "too many",
                    format!("The request asks for {total} names; at most {} are allowed.", count - 1),
                );
            }
            match &name.state {
                State::Malformed(reason) => {
                    findings.fail(
                        name.span,
                        place(number),
                        "undecodable",
                        format!("A name cannot be decoded ({reason}), so it is none of the allowed ones."),
                    );
                }
                State::Unknown(expression) => verdict = Verdict::NotJudged(format!("{expression} is not known").into()),
                _ => {
                    if let Some(value) = name.effective() {
                        kinds.push(value.kind());
                        if let Some(problem) = self.problem(value) {
                            findings.fail(name.span, place(number), value.to_string(), problem);
                        }
                    }
                }
            }
        }
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::SUBJECT_ALT_NAME) {
            if let State::Malformed(reason) = &extension.value.state {
                findings.fail(
                    extension.span,
                    "san",
                    "undecodable",
                    format!("The subject alternative name cannot be decoded ({reason}), so it is not allowed."),
                );
            }
        }
        for kind in self.required().filter(|kind| !kinds.contains(kind)) {
            findings.fail(
                request.subject.span,
                "san",
                format!("no {kind}"),
                format!("The request asks for no {kind} name; the policy requires one."),
            );
        }
        verdict
    }
}

impl SanPolicy {
    fn required(&self) -> impl Iterator<Item = &'static str> {
        fn wants<P: Pattern>(policy: Option<&NamePolicy<P>>) -> bool {
            policy.is_some_and(|policy| policy.require)
        }
        [
            ("dns", self.dns.as_ref().is_some_and(|policy| policy.require)),
            ("ip", wants(self.ip.as_ref())),
            ("email", wants(self.email.as_ref())),
            ("uri", wants(self.uri.as_ref())),
            ("dirname", wants(self.dirname.as_ref())),
            ("rid", wants(self.rid.as_ref())),
            ("othername", wants(self.othername.as_ref())),
        ]
        .into_iter()
        .filter_map(|(kind, required)| required.then_some(kind))
    }

    fn problem(&self, name: &GeneralName) -> Option<String> {
        let kind = name.kind();
        match (name, self) {
            (GeneralName::Dns(text), Self { dns: Some(policy), .. }) => policy.problem(text),
            (GeneralName::Partial(PartialName::Dns, text), Self { dns: Some(policy), .. }) => {
                policy.problem_of_partial(text)
            }
            (GeneralName::Partial(form, text), _) => self.problem_of_kind(*form, &text.to_string()),
            (GeneralName::Ip(address), Self { ip: Some(policy), .. }) => {
                policy.problem(kind, address, &address.to_string())
            }
            (GeneralName::Email(text), Self { email: Some(policy), .. }) => policy.problem(kind, text, text),
            (GeneralName::Uri(text), Self { uri: Some(policy), .. }) => policy.problem(kind, text, text),
            (GeneralName::Directory(_), Self { dirname: Some(policy), .. }) => {
                policy.problem(kind, &name.value(), &name.value())
            }
            (GeneralName::RegisteredId(oid), Self { rid: Some(policy), .. }) => {
                policy.problem(kind, &oid.to_string(), &oid.to_string())
            }
            (GeneralName::Other(_), Self { othername: Some(policy), .. }) => {
                policy.problem(kind, &name.value(), &name.value())
            }
            _ if self.other == Decision::Deny => {
                Some(format!("The policy does not allow {kind} names ({:?}).", name.value()))
            }
            _ => None,
        }
    }
}

impl SanPolicy {
    /// What can be said of a name by its form alone.
    fn problem_of_kind(&self, form: PartialName, shown: &str) -> Option<String> {
        fn denies_all<P: Pattern>(policy: Option<&NamePolicy<P>>) -> Option<bool> {
            policy.map(|policy| matches!(policy.deny, Deny::All(true)))
        }
        let (kind, denied) = match form {
            PartialName::Dns => ("dns", self.dns.as_ref().map(|policy| matches!(policy.deny, Deny::All(true)))),
            PartialName::Email => ("email", denies_all(self.email.as_ref())),
            PartialName::Uri => ("uri", denies_all(self.uri.as_ref())),
            PartialName::Ip => ("ip", denies_all(self.ip.as_ref())),
        };
        match denied {
            Some(true) => Some(format!("The policy denies {kind} names ({shown:?}).")),
            None if self.other == Decision::Deny => {
                Some(format!("The policy does not allow {kind} names ({shown:?})."))
            }
            _ => None,
        }
    }
}

impl<P: Pattern> NamePolicy<P> {
    fn problem(&self, kind: &str, value: &P::Value, shown: &str) -> Option<String> {
        match self.deny.find(value) {
            Some("") => return Some(format!("The policy denies {kind} names ({shown:?}).")),
            Some(matcher) => {
                return Some(format!("The policy denies the {kind} name {shown:?} (it matches {matcher:?})."));
            }
            None => {}
        }
        let allow = self.allow.as_ref().filter(|allow| !matcher::allowed(allow, value))?;
        Some(format!("The {kind} name {shown:?} is not allowed; allowed: {}.", matcher::listed(allow)))
    }
}

impl DnsPolicy {
    /// A name is not allowed where no value of its unknown part can make it so.
    fn problem_of_partial(&self, text: &Text) -> Option<String> {
        let Text::Partial { prefix, suffix } = text else { return None };
        if (prefix.contains('*') || suffix.contains('*')) && self.wildcard == Decision::Deny {
            return Some(format!("The policy denies wildcards ({text})."));
        }
        if matches!(self.deny, Deny::All(true)) {
            return Some(format!("The policy denies DNS names ({text})."));
        }
        let allow = self.allow.as_ref()?;
        let possible = allow.iter().any(|matcher| matcher.pattern().may_end_with(suffix));
        (!possible).then(|| {
            format!(
                "The DNS name {text} is not allowed, whatever its unknown part is; allowed: {}.",
                matcher::listed(allow)
            )
        })
    }

    fn problem(&self, name: &str) -> Option<String> {
        if name.contains('*') && self.wildcard == Decision::Deny {
            return Some(format!("The policy denies wildcards ({name:?})."));
        }
        match self.deny.find(name) {
            Some("") => return Some(format!("The policy denies DNS names ({name:?}).")),
            Some(matcher) => return Some(format!("The policy denies the DNS name {name:?} (it matches {matcher:?}).")),
            None => {}
        }
        let allow = self.allow.as_ref().filter(|allow| !matcher::allowed(allow, name))?;
        Some(format!("The DNS name {name:?} is not allowed; allowed: {}.", matcher::listed(allow)))
    }
}
