//! Requested extensions: usages that do not fit the key, CA material, and the organisation's list of usages.
//! Key usage per key type is one table, from the algorithms' own RFCs.

pub(crate) mod authority;
pub(crate) mod usage;
pub(crate) mod value;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::matcher::Decision;
use crate::check::oid_name::OidName;
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::request::{ExtensionValue, KeyAlgorithm, KeyUsageBit, Oid, Request, State, oids};

/// Key usages belong to the key's algorithm.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyUsageFitsKey {}

impl Params for KeyUsageFitsKey {
    const NAME: &'static str = "key-usage-fits-key";
    const SUMMARY: &'static str = "Finds key usages that keys of the requested algorithm cannot have.";
}

/// The bits a key of this algorithm must not have, and who says so.
fn unfit(algorithm: KeyAlgorithm) -> (&'static [KeyUsageBit], &'static str) {
    use KeyUsageBit::{
        CrlSign, DataEncipherment, DecipherOnly, DigitalSignature, EncipherOnly, KeyAgreement, KeyCertSign,
        KeyEncipherment, NonRepudiation,
    };
    const OF_KEYS_THAT_SIGN: &[KeyUsageBit] =
        &[KeyEncipherment, DataEncipherment, KeyAgreement, EncipherOnly, DecipherOnly];
    const OF_KEYS_THAT_AGREE: &[KeyUsageBit] =
        &[DigitalSignature, NonRepudiation, KeyEncipherment, DataEncipherment, KeyCertSign, CrlSign];
    const OF_KEYS_THAT_ENCAPSULATE: &[KeyUsageBit] = &[
        DigitalSignature,
        NonRepudiation,
        DataEncipherment,
        KeyAgreement,
        KeyCertSign,
        CrlSign,
        EncipherOnly,
        DecipherOnly,
    ];
    match algorithm {
        KeyAlgorithm::Rsa => (&[KeyAgreement, EncipherOnly, DecipherOnly], "RFC 3279 section 2.3.1"),
        KeyAlgorithm::RsaPss => (OF_KEYS_THAT_SIGN, "RFC 4055 section 1.2"),
        KeyAlgorithm::Ec => (&[KeyEncipherment, DataEncipherment], "RFC 8813 section 3"),
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 => (OF_KEYS_THAT_SIGN, "RFC 9295 section 3"),
        KeyAlgorithm::X25519 | KeyAlgorithm::X448 => (OF_KEYS_THAT_AGREE, "RFC 9295 section 3"),
        KeyAlgorithm::MlDsa => (OF_KEYS_THAT_SIGN, "RFC 9881 section 5"),
        KeyAlgorithm::SlhDsa => (OF_KEYS_THAT_SIGN, "RFC 9909 section 6"),
        KeyAlgorithm::MlKem => (OF_KEYS_THAT_ENCAPSULATE, "RFC 9935 section 5"),
        KeyAlgorithm::Dsa => (OF_KEYS_THAT_SIGN, "RFC 3279 section 2.3.2"),
        KeyAlgorithm::MlDsaComposite => (OF_KEYS_THAT_SIGN, "draft-ietf-lamps-pq-composite-sigs-19 section 5.2"),
        KeyAlgorithm::MlKemComposite => (OF_KEYS_THAT_ENCAPSULATE, "draft-ietf-lamps-pq-composite-kem-21"),
        KeyAlgorithm::HssLms | KeyAlgorithm::Xmss => (OF_KEYS_THAT_SIGN, "RFC 9802 section 6"),
        KeyAlgorithm::RsaOaep => (
            &[DigitalSignature, NonRepudiation, KeyAgreement, KeyCertSign, CrlSign, EncipherOnly, DecipherOnly],
            "RFC 4055 section 1.2",
        ),
        KeyAlgorithm::EcDh => (OF_KEYS_THAT_AGREE, "RFC 5480 section 3, RFC 8813 section 3"),
        KeyAlgorithm::Dh => (OF_KEYS_THAT_AGREE, "RFC 3279 section 2.3.3"),
        KeyAlgorithm::Gost | KeyAlgorithm::Other => (&[], ""),
    }
}

impl RequestCheck for KeyUsageFitsKey {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((span, usage)) = request.key_usage() else { return Verdict::NotApplicable };
        let Some(algorithm) = request.key.effective().and_then(|key| key.algorithm.effective()).copied() else {
            return Verdict::NotApplicable;
        };
        let (bits, source) = unfit(algorithm);
        let odd: Vec<&str> = bits.iter().filter(|bit| usage.has(**bit)).map(|bit| bit.name()).collect();
        if !odd.is_empty() {
            let names = odd.join(", ");
            let verb = if odd.len() == 1 { "does" } else { "do" };
            findings.fail(
                span,
                "extensions.keyUsage",
                names.as_str(),
                format!("{names} {verb} not fit an {} key ({source}).", algorithm.name()),
            );
        }
        Verdict::Judged
    }
}

/// keyCertSign belongs to CAs (RFC 5280 section 4.2.1.9).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyUsageCa {}

impl Params for KeyUsageCa {
    const NAME: &'static str = "key-usage-ca";
    const SUMMARY: &'static str = "Finds keyCertSign in requests that do not ask for a CA certificate.";
}

impl RequestCheck for KeyUsageCa {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((span, usage)) = request.key_usage() else { return Verdict::NotApplicable };
        if usage.has(KeyUsageBit::KeyCertSign) && !request.asks_for_ca() {
            if request.extensions.is_open() {
                return Verdict::NotJudged("not all extensions are known".into());
            }
            findings.fail(
                span,
                "extensions.keyUsage",
                "keyCertSign",
                "The request asks for keyCertSign, but not for a CA certificate (basicConstraints cA TRUE).",
            );
        }
        Verdict::Judged
    }
}

/// A CA certificate is asked for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CaRequested {
    /// Whether it should be: then a request that does not ask for it is told.
    #[serde(default)]
    wanted: bool,
}

impl Params for CaRequested {
    const NAME: &'static str = "ca-requested";
    const SUMMARY: &'static str = "Finds requests for CA certificates, or those that should be and are not.";
}

impl RequestCheck for CaRequested {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if self.wanted {
            if !request.asks_for_ca() && request.extensions.is_open() {
                return Verdict::NotJudged("not all extensions are known".into());
            }
            if !request.asks_for_ca() {
                let message = "The request does not ask for a CA certificate (basicConstraints cA TRUE).";
                findings.fail(request.subject.span, "extensions.basicConstraints", "no CA:TRUE", message);
            }
            return Verdict::Judged;
        }
        for (extension, value) in request.extension_values(&oids::BASIC_CONSTRAINTS) {
            if matches!(value, ExtensionValue::BasicConstraints { ca: true, .. }) {
                findings.fail(
                    extension.value.span,
                    extension.place(),
                    "CA:TRUE",
                    "The request asks for a CA certificate.",
                );
            }
        }
        Verdict::Judged
    }
}

/// The organisation's usages.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct UsagePolicy {
    /// Bits of keyUsage.
    #[serde(default)]
    key_usage: Option<KeyUsagePolicy>,
    /// Purposes of extendedKeyUsage, by name or OID.
    #[serde(default)]
    extended_key_usage: Option<OidPolicy>,
    /// Extensions as such, by name or OID.
    #[serde(default)]
    extensions: Option<OidPolicy>,
    /// Whether a CA certificate may be asked for.
    #[serde(default = "Decision::allow")]
    ca: Decision,
}

/// What is demanded of keyUsage.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KeyUsagePolicy {
    /// The only bits.
    #[serde(default)]
    allow: Option<Vec<KeyUsageBit>>,
    /// Bits that have to be there.
    #[serde(default)]
    require: Vec<KeyUsageBit>,
    /// Bits that must not be there.
    #[serde(default)]
    deny: Vec<KeyUsageBit>,
}

/// What is demanded of a list of OIDs.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct OidPolicy {
    /// The only members.
    #[serde(default)]
    allow: Option<Vec<OidName>>,
    /// Members that have to be there.
    #[serde(default)]
    require: Vec<OidName>,
    /// Members that must not be there.
    #[serde(default)]
    deny: Vec<OidName>,
}

impl OidPolicy {
    fn problem(&self, oid: &Oid, what: &str) -> Option<String> {
        let listed = |names: &[OidName]| names.iter().any(|name| name.0 == *oid);
        if listed(&self.deny) {
            return Some(format!("The policy denies the {what} {}.", oid.label()));
        }
        let allow = self.allow.as_ref().filter(|allow| !listed(allow))?;
        Some(format!("The {what} {} is not allowed; allowed: {}.", oid.label(), OidName::labels(allow)))
    }
}

impl Params for UsagePolicy {
    const NAME: &'static str = "usage-policy";
    const SUMMARY: &'static str = "Allows, requires and denies key usages, extended key usages and extensions.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[
        ("ca", Stricter::Deny),
        ("*.allow", Stricter::Subset),
        ("*.require", Stricter::Superset),
        ("*.deny", Stricter::Superset),
    ];

    fn validate(&self) -> Result<(), String> {
        Ok(())
    }
}

impl RequestCheck for UsagePolicy {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        // An undecodable value could ask for anything.
        let judged = [&oids::KEY_USAGE, &oids::EXTENDED_KEY_USAGE, &oids::BASIC_CONSTRAINTS];
        for extension in request.extensions.items().filter(|extension| judged.contains(&&extension.oid)) {
            if let State::Malformed(reason) = &extension.value.state {
                findings.fail(
                    extension.value.span,
                    extension.place(),
                    "undecodable",
                    format!("{} cannot be decoded ({reason}), so it does not meet the policy.", extension.oid.label()),
                );
            }
        }
        self.key_usage(request, findings);
        self.purposes(request, findings);
        if let Some(policy) = &self.extensions {
            for extension in request.extensions.items() {
                if let Some(problem) = policy.problem(&extension.oid, "extension") {
                    findings.fail(extension.span, extension.place(), extension.oid.label(), problem);
                }
            }
            for wanted in policy
                .require
                .iter()
                .filter(|wanted| !request.extensions.items().any(|extension| extension.oid == wanted.0))
            {
                let label = wanted.0.label();
                findings.fail(
                    request.subject.span,
                    format!("extensions.{label}"),
                    "absent",
                    format!("The request does not ask for {label}; the policy requires it."),
                );
            }
        }
        if self.ca == Decision::Deny {
            for (extension, value) in request.extension_values(&oids::BASIC_CONSTRAINTS) {
                if matches!(value, ExtensionValue::BasicConstraints { ca: true, .. }) {
                    findings.fail(
                        extension.value.span,
                        extension.place(),
                        "CA:TRUE",
                        "The request asks for a CA certificate; the policy denies that.",
                    );
                }
            }
        }
        if request.extensions.is_open() {
            Verdict::NotJudged("not all extensions are known".into())
        } else {
            Verdict::Judged
        }
    }
}

impl UsagePolicy {
    fn key_usage(&self, request: &Request, findings: &mut Findings) {
        let Some(policy) = &self.key_usage else { return };
        let place = "extensions.keyUsage";
        let (span, usage) = request.key_usage().unwrap_or((request.subject.span, crate::request::KeyUsage::default()));
        for bit in usage.bits() {
            if policy.deny.contains(&bit) {
                findings.fail(span, place, bit.name(), format!("The policy denies the key usage {}.", bit.name()));
            } else if let Some(allow) = policy.allow.as_ref().filter(|allow| !allow.contains(&bit)) {
                let allowed: Vec<&str> = allow.iter().map(|bit| bit.name()).collect();
                findings.fail(
                    span,
                    place,
                    bit.name(),
                    format!("The key usage {} is not allowed; allowed: {}.", bit.name(), allowed.join(", ")),
                );
            }
        }
        for bit in policy.require.iter().filter(|bit| !usage.has(**bit)) {
            findings.fail(
                span,
                place,
                format!("no {}", bit.name()),
                format!("The request does not ask for the key usage {}; the policy requires it.", bit.name()),
            );
        }
    }

    fn purposes(&self, request: &Request, findings: &mut Findings) {
        let Some(policy) = &self.extended_key_usage else { return };
        let place = "extensions.extendedKeyUsage";
        for purpose in request.purposes() {
            let Some(oid) = purpose.effective() else { continue };
            let denied = policy.deny.first().filter(|_| {
                *oid == oids::ANY_EXTENDED_KEY_USAGE && !policy.allow.iter().flatten().any(|name| name.0 == *oid)
            });
            if let Some(problem) = policy.problem(oid, "extended key usage") {
                findings.fail(purpose.span, place, oid.label(), problem);
            } else if let Some(denied) = denied {
                // RFC 5280 section 4.2.1.12: any purpose is every purpose.
                let message = format!(
                    "The extended key usage {} stands for every purpose, and the policy denies {}.",
                    oid.label(),
                    denied.0.label()
                );
                findings.fail(purpose.span, place, oid.label(), message);
            }
        }
        for wanted in policy
            .require
            .iter()
            .filter(|wanted| !request.purposes().any(|purpose| purpose.effective() == Some(&wanted.0)))
        {
            let label = wanted.0.label();
            findings.fail(
                request.subject.span,
                place,
                format!("no {label}"),
                format!("The request does not ask for the extended key usage {label}; the policy requires it."),
            );
        }
    }
}
