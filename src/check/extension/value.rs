//! Single extensions: which are asked for and how they are marked, and values that have a form of their own.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::oid_name::OidName;
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::names::identifier;
use crate::request::{ExtensionValue, Request, oids, sha1, sha256};

/// Extensions that must not be asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExtensionRequested {
    /// The extensions, by name or OID.
    #[serde(default)]
    deny: Vec<OidName>,
    /// The only extensions, by name or OID.
    #[serde(default)]
    allow: Option<Vec<OidName>>,
    /// Judges only requests for CA certificates (`true`), or only others (`false`).
    #[serde(default)]
    ca: Option<bool>,
}

impl Params for ExtensionRequested {
    const NAME: &'static str = "extension-requested";
    const SUMMARY: &'static str = "Finds extensions that must not be asked for.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("deny", Stricter::Superset), ("allow", Stricter::Subset)];
}

impl RequestCheck for ExtensionRequested {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if self.ca.is_some_and(|ca| ca != request.asks_for_ca()) {
            return Verdict::NotApplicable;
        }
        for extension in request.extensions.items() {
            let denied = OidName::listed(&self.deny, &extension.oid)
                || self.allow.as_ref().is_some_and(|allow| !OidName::listed(allow, &extension.oid));
            if denied {
                let label = extension.oid.label();
                findings.fail(
                    extension.span,
                    extension.place(),
                    label.as_str(),
                    format!("The request asks for {label}."),
                );
            }
        }
        Verdict::Judged
    }
}

/// Extensions that csrlint has no name for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExtensionUnknown {}

impl Params for ExtensionUnknown {
    const NAME: &'static str = "extension-unknown";
    const SUMMARY: &'static str = "Finds extensions that are in no list csrlint knows.";
}

impl RequestCheck for ExtensionUnknown {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for extension in request.extensions.items().filter(|extension| extension.oid.name().is_none()) {
            let oid = extension.oid.to_string();
            let message = format!("The request asks for the unknown extension {oid}.");
            findings.fail(extension.span, extension.place(), oid, message);
        }
        Verdict::Judged
    }
}

/// Whether extensions are marked critical.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExtensionCriticality {
    /// Extensions that have to be critical.
    #[serde(default)]
    critical: Vec<OidName>,
    /// Extensions that must not be critical.
    #[serde(default)]
    not_critical: Vec<OidName>,
    /// Judges only requests for CA certificates (`true`), or only others (`false`).
    #[serde(default)]
    ca: Option<bool>,
    /// Judges only requests that ask for this extended key usage.
    #[serde(default)]
    when_purpose: Option<OidName>,
}

impl Params for ExtensionCriticality {
    const NAME: &'static str = "extension-criticality";
    const SUMMARY: &'static str =
        "Finds extensions that are marked critical and should not be, or the other way round.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("critical", Stricter::Superset), ("not-critical", Stricter::Superset)];
}

impl RequestCheck for ExtensionCriticality {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let asks_for =
            |purpose: &OidName| request.purposes().any(|requested| requested.effective() == Some(&purpose.0));
        if self.ca.is_some_and(|ca| ca != request.asks_for_ca())
            || self.when_purpose.as_ref().is_some_and(|purpose| !asks_for(purpose))
        {
            return Verdict::NotApplicable;
        }
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items() {
            let (wanted, unwanted) =
                (OidName::listed(&self.critical, &extension.oid), OidName::listed(&self.not_critical, &extension.oid));
            if !wanted && !unwanted {
                continue;
            }
            verdict = Verdict::Judged;
            let label = extension.oid.label();
            if wanted && !extension.is_critical() {
                findings.fail(
                    extension.span,
                    extension.place(),
                    "not critical",
                    format!("{label} is not marked critical."),
                );
            } else if unwanted && extension.is_critical() {
                findings.fail(extension.span, extension.place(), "critical", format!("{label} is marked critical."));
            }
        }
        verdict
    }
}

/// The key identifier is one that its key yields (RFC 5280 section 4.2.1.2, RFC 7093 section 2).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectKeyIdentifier {}

impl Params for SubjectKeyIdentifier {
    const NAME: &'static str = "subject-key-identifier";
    const SUMMARY: &'static str = "Finds subject key identifiers that were not derived from the key in a known way.";
}

impl RequestCheck for SubjectKeyIdentifier {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(public) = request.key.effective().and_then(|key| key.public.as_ref()) else {
            return Verdict::NotApplicable;
        };
        let mut verdict = Verdict::NotApplicable;
        for (extension, value) in request.extension_values(&oids::SUBJECT_KEY_IDENTIFIER) {
            let ExtensionValue::SubjectKeyIdentifier(identifier) = value else { continue };
            verdict = Verdict::Judged;
            if !derived(identifier, &public.bytes, &public.spki_sha256) {
                let shown = crate::request::hex(identifier);
                let message = format!(
                    "The subject key identifier {shown} is not a hash of the key that RFC 5280 or RFC 7093 describes."
                );
                findings.fail(extension.value.span, extension.place(), shown, message);
            }
        }
        verdict
    }
}

/// SHA-1 of the key's bits, whole or its last 60 bits behind 0100; the first 20 octets of SHA-2 of it; SHA-2 of the SubjectPublicKeyInfo.
fn derived(identifier: &[u8], key: &[u8], spki_sha256: &[u8; 32]) -> bool {
    let sha1 = sha1(key);
    if identifier == sha1 || identifier == spki_sha256 {
        return true;
    }
    if let ([first, rest @ ..], Some([last, tail @ ..])) = (identifier, sha1.get(12..))
        && *first == 0x40 | last & 0x0F
        && rest == tail
    {
        return true;
    }
    let digest = |algorithm| aws_lc_rs::digest::digest(algorithm, key);
    let (sha256, sha384, sha512) =
        (sha256(key), digest(&aws_lc_rs::digest::SHA384), digest(&aws_lc_rs::digest::SHA512));
    [sha256.as_slice(), sha384.as_ref(), sha512.as_ref()]
        .iter()
        .any(|hash| hash.get(..20) == Some(identifier) || *hash == identifier)
        || spki_sha256.get(..20) == Some(identifier)
}

/// The legal entity identifier of the extension that the Global LEI Foundation registered (ISO 17442).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LegalEntityIdentifier {}

impl Params for LegalEntityIdentifier {
    const NAME: &'static str = "legal-entity-identifier";
    const SUMMARY: &'static str = "Finds legal entity identifiers that are not of ISO 17442.";
}

impl RequestCheck for LegalEntityIdentifier {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::LEGAL_ENTITY_IDENTIFIER) {
            verdict = Verdict::Judged;
            // PrintableString and its length, which a LEI keeps below 128.
            let text = match extension.raw.as_slice() {
                [crate::encoding::der::tag::PRINTABLE_STRING, _, text @ ..] => String::from_utf8_lossy(text),
                _ => std::borrow::Cow::Borrowed(""),
            };
            if let Some(problem) = identifier::lei_problem(&text) {
                let message = format!("The legal entity identifier {text:?} {problem}.");
                findings.fail(extension.value.span, extension.place(), text.as_ref(), message);
            }
        }
        verdict
    }
}

/// Templates of a Microsoft CA that a request names.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TemplateNamed {
    /// The only templates, by name or OID.
    #[serde(default)]
    allow: Vec<String>,
}

impl Params for TemplateNamed {
    const NAME: &'static str = "microsoft-template";
    const SUMMARY: &'static str = "Finds requests that name a certificate template which is not listed.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("allow", Stricter::Subset)];
}

impl RequestCheck for TemplateNamed {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items() {
            let Some(ExtensionValue::MicrosoftTemplate(template)) = extension.value.effective() else { continue };
            verdict = Verdict::Judged;
            let name = &template.template;
            if !self.allow.iter().any(|allowed| allowed.eq_ignore_ascii_case(name)) {
                let message = format!("The request names the certificate template {name:?}.");
                findings.fail(extension.value.span, extension.place(), name.as_str(), message);
            }
        }
        verdict
    }
}

/// Security identifiers of accounts in requests.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SecurityIdentifier {}

impl Params for SecurityIdentifier {
    const NAME: &'static str = "microsoft-sid";
    const SUMMARY: &'static str = "Finds requests that name the security identifier of a Windows account.";
}

impl RequestCheck for SecurityIdentifier {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        const URI: &str = "tag:microsoft.com,2022-09-14:sid:";
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::MICROSOFT_SID) {
            let message = "The request brings the security identifier of an account (szOID_NTDS_CA_SECURITY_EXT).";
            findings.fail(extension.span, extension.place(), "SID", message);
        }
        for (number, name) in request.names() {
            let Some(crate::request::GeneralName::Uri(text)) = name.effective() else { continue };
            if text.get(..URI.len()).is_some_and(|start| start.eq_ignore_ascii_case(URI)) {
                let message = format!("The request brings the security identifier of an account in the URI {text:?}.");
                findings.fail(name.span, format!("san[{number}]"), text.as_str(), message);
            }
        }
        Verdict::Judged
    }
}
