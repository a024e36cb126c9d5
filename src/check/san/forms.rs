//! The forms of names: which are asked for, how often, and whether values of the rarer ones are what their standards say.

use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{common_names, place};
use crate::check::matcher::{CidrPattern, Pattern as _};
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::encoding::der::tag;
use crate::names::{domain, mailbox, uri};
use crate::request::{GeneralName, Oid, PartialName, Request, Text, oids};

/// A form of GeneralName, or a well-known kind of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Kind {
    /// dNSName.
    Dns,
    /// iPAddress.
    Ip,
    /// rfc822Name.
    Email,
    /// uniformResourceIdentifier.
    Uri,
    /// A URI of the scheme spiffe.
    Spiffe,
    /// directoryName.
    Dirname,
    /// registeredID.
    Rid,
    /// otherName of any type.
    Othername,
    /// otherName of the type SmtpUTF8Mailbox (RFC 9598).
    SmtpUtf8Mailbox,
    /// otherName of the type hardwareModuleName (RFC 4108).
    HardwareModuleName,
    /// otherName of the type permanentIdentifier (RFC 4043).
    PermanentIdentifier,
    /// otherName of the type userPrincipalName (Microsoft).
    Upn,
    /// x400Address.
    X400,
    /// ediPartyName.
    Ediparty,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Dns => "DNS name",
            Self::Ip => "IP address",
            Self::Email => "e-mail address",
            Self::Uri => "URI",
            Self::Spiffe => "SPIFFE id",
            Self::Dirname => "directory name",
            Self::Rid => "registered id",
            Self::Othername => "otherName",
            Self::SmtpUtf8Mailbox => "SmtpUTF8Mailbox",
            Self::HardwareModuleName => "hardwareModuleName",
            Self::PermanentIdentifier => "permanentIdentifier",
            Self::Upn => "userPrincipalName",
            Self::X400 => "X.400 address",
            Self::Ediparty => "EDI party name",
        }
    }

    fn has(self, name: &GeneralName) -> bool {
        let other = |oid: &Oid| matches!(name, GeneralName::Other(other) if other.oid == *oid);
        match self {
            Self::Dns => matches!(name, GeneralName::Dns(_) | GeneralName::Partial(PartialName::Dns, _)),
            Self::Ip => matches!(name, GeneralName::Ip(_) | GeneralName::Partial(PartialName::Ip, _)),
            Self::Email => matches!(name, GeneralName::Email(_) | GeneralName::Partial(PartialName::Email, _)),
            Self::Uri => matches!(name, GeneralName::Uri(_) | GeneralName::Partial(PartialName::Uri, _)),
            Self::Spiffe => match name {
                GeneralName::Uri(text) => uri::is_spiffe(text),
                // The scheme is what comes first.
                GeneralName::Partial(PartialName::Uri, Text::Partial { prefix, .. }) => uri::is_spiffe(prefix),
                _ => false,
            },
            Self::Dirname => matches!(name, GeneralName::Directory(_)),
            Self::Rid => matches!(name, GeneralName::RegisteredId(_)),
            Self::Othername => matches!(name, GeneralName::Other(_)),
            Self::SmtpUtf8Mailbox => other(&oids::SMTP_UTF8_MAILBOX),
            Self::HardwareModuleName => other(&oids::HARDWARE_MODULE_NAME),
            Self::PermanentIdentifier => other(&oids::PERMANENT_IDENTIFIER),
            Self::Upn => other(&oids::UPN),
            Self::X400 => matches!(name, GeneralName::X400(_)),
            Self::Ediparty => matches!(name, GeneralName::EdiParty(_)),
        }
    }

    /// The most telling kind of a name.
    fn of(name: &GeneralName) -> Self {
        const SPECIAL_FIRST: [Kind; 14] = [
            Kind::Spiffe,
            Kind::SmtpUtf8Mailbox,
            Kind::HardwareModuleName,
            Kind::PermanentIdentifier,
            Kind::Upn,
            Kind::Dns,
            Kind::Ip,
            Kind::Email,
            Kind::Uri,
            Kind::Dirname,
            Kind::Rid,
            Kind::Othername,
            Kind::X400,
            Kind::Ediparty,
        ];
        SPECIAL_FIRST.into_iter().find(|kind| kind.has(name)).unwrap_or(Self::Othername)
    }
}

/// Which forms of names may, must and must not be asked for, and how many.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SanTypes {
    /// The only forms.
    #[serde(default)]
    allow: Option<Vec<Kind>>,
    /// Forms that must not be asked for.
    #[serde(default)]
    deny: Vec<Kind>,
    /// At least one name of one of these forms.
    #[serde(default)]
    require_any: Vec<Kind>,
    /// At most so many of a form.
    #[serde(default)]
    max: BTreeMap<Kind, usize>,
}

impl Params for SanTypes {
    const NAME: &'static str = "san-types";
    const SUMMARY: &'static str =
        "Judges which forms of subject alternative names are asked for, and how many of each.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("allow", Stricter::Subset), ("deny", Stricter::Superset), ("require-any", Stricter::AnyOf)];
}

impl RequestCheck for SanTypes {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for (number, field) in request.names() {
            let Some(name) = field.effective() else { continue };
            let listed = |kinds: &[Kind]| kinds.iter().any(|kind| kind.has(name));
            if listed(&self.deny) || self.allow.as_ref().is_some_and(|allow| !listed(allow)) {
                let kind = Kind::of(name);
                let message = match &self.allow {
                    Some(allow) if allow.is_empty() => {
                        format!("The request asks for a name ({:?}); there must be none.", name.value())
                    }
                    Some(allow) => {
                        let allowed = allow.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(", ");
                        format!("{:?} is of the form {}; allowed are: {allowed}.", name.value(), kind.name())
                    }
                    None => format!("{:?} is of the form {}, which must not be asked for.", name.value(), kind.name()),
                };
                findings.fail(field.span, place(number), name.to_string(), message);
            }
        }
        for (kind, max) in &self.max {
            let mut of_kind = request.names().filter(|(_, name)| name.effective().is_some_and(|name| kind.has(name)));
            if let Some((number, name)) = of_kind.nth(*max) {
                let total = max + 1 + of_kind.count();
                let message = format!(
                    "The request asks for {total} names of the form {}; at most {max} may be there.",
                    kind.name()
                );
                findings.fail(name.span, place(number), "too many", message);
            }
        }
        let has = |kinds: &[Kind]| {
            request.names().filter_map(|(_, name)| name.effective()).any(|name| kinds.iter().any(|kind| kind.has(name)))
        };
        if !self.require_any.is_empty() && !has(&self.require_any) {
            if request.extensions.is_open() {
                return Verdict::NotJudged("not all names are known".into());
            }
            let wanted = self.require_any.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(" or ");
            let message = format!("The request asks for no {wanted}.");
            findings.fail(request.subject.span, "san", format!("no {wanted}"), message);
        }
        Verdict::Judged
    }
}

/// Addresses in certain blocks.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct IpRanges {
    /// Block → what it is for.
    deny: Blocks,
    /// Blocks of that list that may be asked for after all.
    #[serde(default)]
    except: Vec<String>,
    /// Whether a common name that is an address counts, too.
    #[serde(default)]
    common_name: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(try_from = "BTreeMap<String, String>")]
#[schemars(with = "BTreeMap<String, String>")]
struct Blocks(Vec<(CidrPattern, String, String)>);

impl TryFrom<BTreeMap<String, String>> for Blocks {
    type Error = String;

    fn try_from(map: BTreeMap<String, String>) -> Result<Self, String> {
        map.into_iter()
            .map(|(block, what)| Ok((CidrPattern::parse(&block)?, block, what)))
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl Params for IpRanges {
    const NAME: &'static str = "ip-ranges";
    const SUMMARY: &'static str = "Finds IP addresses in blocks that must not be asked for.";
}

impl RequestCheck for IpRanges {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for (number, name) in request.names() {
            let Some(GeneralName::Ip(address)) = name.effective() else { continue };
            verdict = Verdict::Judged;
            if let Some(problem) = self.problem(address) {
                findings.fail(name.span, place(number), address.to_string(), problem);
            }
        }
        for (attribute, text) in common_names(request).filter(|_| self.common_name) {
            let Ok(address) = text.parse::<IpAddr>() else { continue };
            verdict = Verdict::Judged;
            if let Some(problem) = self.problem(&address) {
                findings.fail(attribute.value.span, attribute.place(), text, problem);
            }
        }
        verdict
    }
}

impl IpRanges {
    fn problem(&self, address: &IpAddr) -> Option<String> {
        let (_, block, what) =
            self.deny.0.iter().find(|(pattern, block, _)| pattern.allows(address) && !self.except.contains(block))?;
        Some(format!("The address {address} is in {block}: {what}."))
    }
}

/// Declares a check without parameters over each name: what is wrong with it, as a sentence.
macro_rules! on_each_name {
    ($(#[$doc:meta])* $check:ident, $name:literal, $summary:literal, $problem:expr) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub(crate) struct $check {}

        impl Params for $check {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;
        }

        impl RequestCheck for $check {
            fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
                let problem: fn(&GeneralName) -> Option<Option<String>> = $problem;
                let mut verdict = Verdict::NotApplicable;
                for (number, field) in request.names() {
                    let Some((name, judged)) = field.effective().and_then(|name| Some((name, problem(name)?))) else { continue };
                    verdict = Verdict::Judged;
                    if let Some(message) = judged {
                        findings.fail(field.span, place(number), name.value(), message);
                    }
                }
                verdict
            }
        }
    };
}

on_each_name!(
    /// SmtpUTF8Mailbox is for what an rfc822Name cannot say (RFC 9598 section 3).
    SmtpUtf8Mailbox, "smtp-utf8-mailbox", "Finds SmtpUTF8Mailboxes that are not what RFC 9598 asks for.",
    |name| match name {
        GeneralName::Other(other) if other.oid == oids::SMTP_UTF8_MAILBOX => Some(other.text.as_ref().and_then(|text| {
            Some(format!("The SmtpUTF8Mailbox {text:?} {}.", mailbox::smtp_utf8_problem(text)?))
        })),
        _ => None,
    }
);

on_each_name!(
    /// The host of a mailbox is a name of the public DNS.
    EmailDomain, "email-domain", "Finds e-mail addresses whose host is no name of the public DNS.",
    |name| match name {
        GeneralName::Email(text) => {
            let (_, host) = text.rsplit_once('@')?;
            Some((!domain::has_public_tld(host)).then(|| format!("The host of the e-mail address {text:?} is no name of the public DNS.")))
        }
        _ => None,
    }
);

on_each_name!(
    /// The host of a URI is a fully qualified domain name or an address (RFC 5280 section 4.2.1.6).
    UriHost, "uri-host", "Finds URIs whose host is no fully qualified domain name and no address.",
    |name| match name {
        // SPIFFE trust domains are no host names, and a rule of their own judges them.
        GeneralName::Uri(text) if !uri::is_spiffe(text) => {
            let host = uri::host(text)?;
            let fits = host.parse::<IpAddr>().is_ok()
                || (host.contains('.') && (super::DnsSyntax { underscore: crate::check::matcher::Decision::Deny }).problem(&host).is_none());
            Some((!fits).then(|| format!("The URI {text:?} has the host {host:?}, which is no fully qualified domain name and no address.")))
        }
        _ => None,
    }
);

on_each_name!(
    /// A user principal name looks like an e-mail address (MS-WCCE; RFC 822 addr-spec).
    UpnSyntax, "upn-syntax", "Finds user principal names that are not of the form user@domain.",
    |name| match name {
        GeneralName::Other(other) if other.oid == oids::UPN => Some(other.text.as_ref().and_then(|text| {
            let fits = text.split_once('@').is_some_and(|(user, domain)| {
                !user.is_empty() && !domain.is_empty() && !domain.contains('@') && !text.contains(char::is_whitespace)
            });
            (!fits).then(|| format!("The user principal name {text:?} is not of the form user@domain."))
        })),
        _ => None,
    }
);

on_each_name!(
    /// URIs of the scheme spiffe are SPIFFE ids.
    SpiffeId, "spiffe-id", "Finds URIs of the scheme spiffe that are no SPIFFE ids.",
    |name| match name {
        GeneralName::Uri(text) if uri::is_spiffe(text) => {
            Some(uri::spiffe_problem(text).map(|problem| format!("The SPIFFE id {text:?} {problem}.")))
        }
        _ => None,
    }
);

on_each_name!(
    /// The value of an otherName has the type that its type-id stands for.
    OtherNameType, "other-name-type", "Finds otherNames whose value has not the type that belongs to their type-id.",
    |name| {
        let GeneralName::Other(other) = name else { return None };
        let (wanted, described) = inner_type(&other.oid)?;
        let found = other.raw.first().copied();
        Some((!found.is_some_and(|found| wanted.contains(&found))).then(|| {
            format!("The value of {} is no {described}.", other.oid.label())
        }))
    }
);

/// The tags that the value of an otherName may have.
fn inner_type(oid: &Oid) -> Option<(&'static [u8], &'static str)> {
    Some(match oid {
        // MS-WCCE; RFC 9598 section 3; RFC 6120 section 13.7.1.4; RFC 7585 section 2.2
        _ if [&oids::UPN, &oids::SMTP_UTF8_MAILBOX, &oids::XMPP_ADDR, &oids::NAI_REALM].contains(&oid) => {
            (&[tag::UTF8_STRING], "UTF8String")
        }
        // RFC 4985 section 2
        _ if *oid == oids::SRV_NAME => (&[tag::IA5_STRING], "IA5String"),
        // RFC 4108 section 5; RFC 4043 section 2; RFC 4556 section 3.2.2
        _ if [&oids::HARDWARE_MODULE_NAME, &oids::PERMANENT_IDENTIFIER, &oids::KRB5_PRINCIPAL_NAME].contains(&oid) => {
            (&[tag::SEQUENCE], "SEQUENCE")
        }
        _ => return None,
    })
}

/// A path to a SPIFFE id that a workload has: not the trust domain alone.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SpiffeWorkload {}

impl Params for SpiffeWorkload {
    const NAME: &'static str = "spiffe-workload";
    const SUMMARY: &'static str = "Finds SPIFFE ids without a path in requests that are not for a CA.";
}

impl RequestCheck for SpiffeWorkload {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if request.asks_for_ca() {
            return Verdict::NotApplicable;
        }
        for (number, field) in request.names() {
            let Some(GeneralName::Uri(text)) = field.effective() else { continue };
            if uri::is_spiffe(text) && uri::spiffe_problem(text).is_none() && text.matches('/').count() < 3 {
                let message = format!("The SPIFFE id {text:?} names a trust domain, not a workload: it has no path.");
                findings.fail(field.span, place(number), text.as_str(), message);
            }
        }
        Verdict::Judged
    }
}
