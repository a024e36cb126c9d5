//! keyUsage and extendedKeyUsage: what a profile allows and asks for, and whether the two go together and with the key.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::oid_name::OidName;
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::request::{KeyAlgorithm, KeyUsage, KeyUsageBit, Oid, Request, oids};
use crate::source::Span;

const PLACE: &str = "extensions.keyUsage";

/// Bits of keyUsage that may, must or must not be asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyUsageBits {
    /// keyUsage itself has to be asked for.
    #[serde(default)]
    present: bool,
    /// The only bits.
    #[serde(default)]
    allow: Option<Vec<KeyUsageBit>>,
    /// Bits that have to be there.
    #[serde(default)]
    require: Vec<KeyUsageBit>,
    /// One of these has to be there.
    #[serde(default)]
    require_any: Vec<KeyUsageBit>,
    /// Bits that must not be there.
    #[serde(default)]
    deny: Vec<KeyUsageBit>,
    /// Bits that must not be there all at once.
    #[serde(default)]
    deny_together: Vec<KeyUsageBit>,
    /// Bit → the bit without which it must not be there.
    #[serde(default)]
    only_with: BTreeMap<KeyUsageBit, KeyUsageBit>,
    /// Judges only keys of these algorithms.
    #[serde(default)]
    keys: Option<Vec<KeyAlgorithm>>,
    /// Judges only requests for CA certificates (`true`), or only others (`false`).
    #[serde(default)]
    ca: Option<bool>,
}

impl Params for KeyUsageBits {
    const NAME: &'static str = "key-usage";
    const SUMMARY: &'static str = "Allows, requires and denies bits of keyUsage.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[
        ("allow", Stricter::Subset),
        ("require", Stricter::Superset),
        ("require-any", Stricter::AnyOf),
        ("deny", Stricter::Superset),
    ];
}

impl RequestCheck for KeyUsageBits {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if let Some(keys) = &self.keys {
            let algorithm = request.key.effective().and_then(|key| key.algorithm.effective());
            if !algorithm.is_some_and(|algorithm| keys.contains(algorithm)) {
                return Verdict::NotApplicable;
            }
        }
        if self.ca.is_some_and(|ca| ca != request.asks_for_ca()) {
            return if request.extensions.is_open() { not_all_known() } else { Verdict::NotApplicable };
        }
        let Some((span, usage)) = request.key_usage() else {
            let undecodable = request.extensions.items().any(|extension| extension.oid == oids::KEY_USAGE);
            if undecodable || !self.present {
                return Verdict::NotApplicable;
            }
            if request.extensions.is_open() {
                return not_all_known();
            }
            findings.fail(request.subject.span, PLACE, "absent", "The request asks for no keyUsage.");
            return Verdict::Judged;
        };
        self.judge(span, usage, findings);
        Verdict::Judged
    }
}

fn not_all_known() -> Verdict {
    Verdict::NotJudged("not all extensions are known".into())
}

fn names(bits: &[KeyUsageBit]) -> String {
    bits.iter().map(|bit| bit.name()).collect::<Vec<_>>().join(", ")
}

impl KeyUsageBits {
    fn judge(&self, span: Span, usage: KeyUsage, findings: &mut Findings) {
        for bit in usage.bits() {
            let name = bit.name();
            if self.deny.contains(&bit) {
                findings.fail(span, PLACE, name, format!("The request asks for the key usage {name}."));
            } else if let Some(allow) = self.allow.as_ref().filter(|allow| !allow.contains(&bit)) {
                let message = format!("The request asks for the key usage {name}; allowed are: {}.", names(allow));
                findings.fail(span, PLACE, name, message);
            }
        }
        for (bit, other) in self.only_with.iter().filter(|(bit, other)| usage.has(**bit) && !usage.has(**other)) {
            let message = format!("The requested keyUsage has {} without {}.", bit.name(), other.name());
            findings.fail(span, PLACE, bit.name(), message);
        }
        for bit in self.require.iter().filter(|bit| !usage.has(**bit)) {
            let name = bit.name();
            findings.fail(span, PLACE, format!("no {name}"), format!("The requested keyUsage has no {name}."));
        }
        if !self.require_any.is_empty() && !self.require_any.iter().any(|bit| usage.has(*bit)) {
            let wanted = names(&self.require_any);
            findings.fail(span, PLACE, "none of the wanted", format!("The requested keyUsage has none of: {wanted}."));
        }
        if !self.deny_together.is_empty() && self.deny_together.iter().all(|bit| usage.has(*bit)) {
            let together = names(&self.deny_together);
            findings.fail(span, PLACE, together.as_str(), format!("The request asks for {together} together."));
        }
    }
}

/// Bits without which a key of its kind is of no use.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyUsageForKey {}

impl Params for KeyUsageForKey {
    const NAME: &'static str = "key-usage-for-key";
    const SUMMARY: &'static str = "Finds key usages without a bit that keys of the requested algorithm need.";
}

/// One of these bits has to be there, and who says so.
fn needed(algorithm: KeyAlgorithm) -> Option<(&'static [KeyUsageBit], &'static str)> {
    use KeyUsageBit::{CrlSign, DigitalSignature, KeyAgreement, KeyCertSign, KeyEncipherment, NonRepudiation};
    const SIGNING: &[KeyUsageBit] = &[DigitalSignature, NonRepudiation, KeyCertSign, CrlSign];
    Some(match algorithm {
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => (SIGNING, "RFC 9295 section 3"),
        KeyAlgorithm::X25519 | KeyAlgorithm::X448 => (&[KeyAgreement], "RFC 9295 section 3"),
        KeyAlgorithm::MlDsa => (SIGNING, "RFC 9881 section 5"),
        KeyAlgorithm::SlhDsa => (SIGNING, "RFC 9909 section 6"),
        KeyAlgorithm::MlKem => (&[KeyEncipherment], "RFC 9935 section 5"),
        KeyAlgorithm::MlDsaComposite => (SIGNING, "draft-ietf-lamps-pq-composite-sigs-19 section 5.2"),
        KeyAlgorithm::MlKemComposite => (&[KeyEncipherment], "draft-ietf-lamps-pq-composite-kem-21"),
        KeyAlgorithm::HssLms | KeyAlgorithm::Xmss => (SIGNING, "RFC 9802 section 6"),
        KeyAlgorithm::EcDh => (&[KeyAgreement], "RFC 5480 section 3"),
        KeyAlgorithm::Dh => (&[KeyAgreement], "RFC 3279 section 2.3.3"),
        _ => return None,
    })
}

impl RequestCheck for KeyUsageForKey {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let algorithm = request.key.effective().and_then(|key| key.algorithm.effective()).copied();
        let Some(((span, usage), (algorithm, (bits, source)))) =
            request.key_usage().zip(algorithm.and_then(|algorithm| Some((algorithm, needed(algorithm)?))))
        else {
            return Verdict::NotApplicable;
        };
        // No bit at all is another rule's finding.
        if !usage.is_empty() && !bits.iter().any(|bit| usage.has(*bit)) {
            let message = format!("keyUsage of an {} key has none of: {} ({source}).", algorithm.name(), names(bits));
            findings.fail(span, PLACE, "none of the needed", message);
        }
        Verdict::Judged
    }
}

/// keyUsage and extendedKeyUsage have a purpose in common (RFC 5280 section 4.2.1.12).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct UsagesConsistent {}

impl Params for UsagesConsistent {
    const NAME: &'static str = "usages-consistent";
    const SUMMARY: &'static str = "Finds extended key usages that no bit of the requested keyUsage serves.";
}

/// The bits that serve a purpose, as RFC 5280 section 4.2.1.12 lists them.
fn serving(purpose: &Oid) -> Option<&'static [KeyUsageBit]> {
    use KeyUsageBit::{DigitalSignature, KeyAgreement, KeyEncipherment, NonRepudiation};
    Some(match purpose {
        _ if *purpose == oids::SERVER_AUTH => &[DigitalSignature, KeyEncipherment, KeyAgreement],
        _ if *purpose == oids::CLIENT_AUTH => &[DigitalSignature, KeyAgreement],
        _ if *purpose == oids::CODE_SIGNING => &[DigitalSignature],
        _ if *purpose == oids::EMAIL_PROTECTION => &[DigitalSignature, NonRepudiation, KeyEncipherment, KeyAgreement],
        _ if *purpose == oids::TIME_STAMPING || *purpose == oids::OCSP_SIGNING => &[DigitalSignature, NonRepudiation],
        _ => return None,
    })
}

impl RequestCheck for UsagesConsistent {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((_, usage)) = request.key_usage() else { return Verdict::NotApplicable };
        // In a CA's certificate purposes bound what it issues, not its own key.
        if usage.is_empty() || request.asks_for_ca() {
            return Verdict::NotApplicable;
        }
        let mut verdict = Verdict::NotApplicable;
        for purpose in request.purposes() {
            let Some((oid, bits)) = purpose.effective().and_then(|oid| Some((oid, serving(oid)?))) else { continue };
            verdict = Verdict::Judged;
            if !bits.iter().any(|bit| usage.has(*bit)) {
                let label = oid.label();
                let message = format!(
                    "The purpose {label} needs one of {}; the requested keyUsage has {}.",
                    names(bits),
                    usage.names().join(", ")
                );
                findings.fail(purpose.span, "extensions.extendedKeyUsage", label, message);
            }
        }
        verdict
    }
}

/// Extended key usages that may, must or must not be asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ExtendedKeyUsage {
    /// The only purposes, by name or OID.
    #[serde(default)]
    allow: Option<Vec<OidName>>,
    /// Purposes that have to be there.
    #[serde(default)]
    require: Vec<OidName>,
    /// Purposes that must not be there.
    #[serde(default)]
    deny: Vec<OidName>,
    /// Purposes that must not be there all at once.
    #[serde(default)]
    deny_together: Vec<OidName>,
    /// Judges requests that ask for any purpose only: what the CA adds to those is the requester's no more.
    #[serde(default)]
    if_present: bool,
    /// Judges only requests for CA certificates (`true`), or only others (`false`).
    #[serde(default)]
    ca: Option<bool>,
}

impl Params for ExtendedKeyUsage {
    const NAME: &'static str = "extended-key-usage";
    const SUMMARY: &'static str = "Allows, requires and denies extended key usages.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("allow", Stricter::Subset), ("require", Stricter::Superset), ("deny", Stricter::Superset)];
}

impl RequestCheck for ExtendedKeyUsage {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        const PLACE: &str = "extensions.extendedKeyUsage";
        if self.ca.is_some_and(|ca| ca != request.asks_for_ca()) {
            return if request.extensions.is_open() { not_all_known() } else { Verdict::NotApplicable };
        }
        let first = request.purposes().next().map(|purpose| purpose.span);
        if self.if_present && first.is_none() {
            return Verdict::NotApplicable;
        }
        for purpose in request.purposes() {
            let Some(oid) = purpose.effective() else { continue };
            let label = oid.label();
            if OidName::listed(&self.deny, oid) {
                let message = format!("The request asks for the extended key usage {label}.");
                findings.fail(purpose.span, PLACE, label, message);
            } else if let Some(allow) = self.allow.as_ref().filter(|allow| !OidName::listed(allow, oid)) {
                let allowed = if allow.is_empty() { "none".to_owned() } else { OidName::labels(allow) };
                let message = format!("The request asks for the extended key usage {label}; allowed are: {allowed}.");
                findings.fail(purpose.span, PLACE, label, message);
            }
        }
        let find = |wanted: &OidName| request.purposes().find(|purpose| purpose.effective() == Some(&wanted.0));
        if let Some((last, _)) = self.deny_together.split_last()
            && let Some(purpose) = find(last)
            && self.deny_together.iter().all(|wanted| find(wanted).is_some())
        {
            let together = OidName::labels(&self.deny_together);
            let message = format!("The request asks for {together} together.");
            findings.fail(purpose.span, PLACE, together, message);
        }
        for wanted in self.require.iter().filter(|wanted| find(wanted).is_none()) {
            if request.extensions.is_open() {
                return not_all_known();
            }
            let label = wanted.0.label();
            let message = format!("The request does not ask for the extended key usage {label}.");
            let span = first.filter(|_| self.if_present).unwrap_or(request.subject.span);
            findings.fail(span, PLACE, format!("no {label}"), message);
        }
        Verdict::Judged
    }
}

/// The number of bits of keyUsage: nine are defined.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyUsageUndefined {}

impl Params for KeyUsageUndefined {
    const NAME: &'static str = "key-usage-undefined";
    const SUMMARY: &'static str = "Finds bits of keyUsage that RFC 5280 does not define.";
}

impl RequestCheck for KeyUsageUndefined {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for (extension, _) in request.extension_values(&oids::KEY_USAGE) {
            verdict = Verdict::Judged;
            // BIT STRING, its length, the number of unused bits, the bits.
            let bits = extension.raw.get(3..).unwrap_or_default();
            let odd = bits.iter().enumerate().find(|(number, octet)| match number {
                0 => false,
                1 => **octet & 0x7F != 0,
                _ => **octet != 0,
            });
            if let Some((number, octet)) = odd {
                let octet = if number == 1 { octet & 0x7F } else { *octet };
                let bit = number * 8 + octet.leading_zeros() as usize;
                let message = format!("keyUsage has bit {bit}; RFC 5280 defines the bits 0 to 8.");
                findings.fail(extension.value.span, extension.place(), format!("bit {bit}"), message);
            }
        }
        verdict
    }
}

/// Application policies of a request are its extended key usages (CVE-2024-49019).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ApplicationPolicies {}

impl Params for ApplicationPolicies {
    const NAME: &'static str = "application-policies";
    const SUMMARY: &'static str = "Finds Microsoft application policies that are not the extended key usages.";
}

impl RequestCheck for ApplicationPolicies {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        use crate::request::ExtensionValue::{ExtendedKeyUsage, MicrosoftApplicationPolicies};
        let mut policies = request.extension_values(&oids::MICROSOFT_APPLICATION_POLICIES).peekable();
        if policies.peek().is_none() {
            return Verdict::NotApplicable;
        }
        let purposes: BTreeMap<String, ()> = request
            .extension_values(&oids::EXTENDED_KEY_USAGE)
            .filter_map(|(_, value)| if let ExtendedKeyUsage(list) = value { Some(list.iter()) } else { None })
            .flatten()
            .filter_map(|purpose| Some((purpose.effective()?.label(), ())))
            .collect();
        for (extension, value) in policies {
            let MicrosoftApplicationPolicies(list) = value else { continue };
            for policy in list {
                let Some(label) = policy.effective().map(Oid::label).filter(|label| !purposes.contains_key(label))
                else {
                    continue;
                };
                let message = format!(
                    "The application policies have {label}, which extendedKeyUsage does not have; Windows follows them."
                );
                findings.fail(policy.span, extension.place(), label, message);
            }
        }
        Verdict::Judged
    }
}
