//! How strong keys are as such, across algorithms: bits of security, and whether a quantum computer breaks them.
//! The figures are those of SP 800-57 part 1 (table 2), SP 800-186 and FIPS 203 to 205; what is enough is for profiles.

use schemars::JsonSchema;
use serde::Deserialize;

use super::unknown;
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::request::{Key, KeyAlgorithm, Request};

/// Bits of classical security of a key (SP 800-57 part 1 rev. 5 table 2); `None` where size or parameter set is not known.
fn strength(key: &Key) -> Option<u32> {
    let by_size = |table: [(u32, u32); 5]| {
        let bits = *key.bits.effective()?;
        table.into_iter().find(|(least, _)| bits >= *least).map(|(_, strength)| strength).or(Some(0))
    };
    match key.algorithm.effective()? {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss | KeyAlgorithm::RsaOaep | KeyAlgorithm::Dsa | KeyAlgorithm::Dh => {
            by_size([(15360, 256), (7680, 192), (3072, 128), (2048, 112), (1024, 80)])
        }
        KeyAlgorithm::Ec | KeyAlgorithm::EcDh => by_size([(512, 256), (384, 192), (256, 128), (224, 112), (160, 80)]),
        KeyAlgorithm::Ed25519 | KeyAlgorithm::X25519 => Some(128),
        KeyAlgorithm::Ed448 | KeyAlgorithm::X448 => Some(224),
        // Categories 1 to 5 are at least as hard to break as AES-128, SHA-256, AES-192, SHA-384, AES-256.
        KeyAlgorithm::MlDsa | KeyAlgorithm::MlKem | KeyAlgorithm::SlhDsa => {
            let name = key.public.as_ref()?.oid.name()?;
            let sets = [
                ("44", 128),
                ("65", 192),
                ("87", 256),
                ("-512", 128),
                ("-768", 192),
                ("-1024", 256),
                ("-128", 128),
                ("-192", 192),
                ("-256", 256),
            ];
            sets.into_iter().find(|(set, _)| name.contains(set)).map(|(_, strength)| strength)
        }
        KeyAlgorithm::HssLms
        | KeyAlgorithm::Xmss
        | KeyAlgorithm::MlDsaComposite
        | KeyAlgorithm::MlKemComposite
        | KeyAlgorithm::Gost
        | KeyAlgorithm::Other => None,
    }
}

/// The least strength of keys of any algorithm.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyStrength {
    /// Bits of security: 112 are those of RSA-2048 and P-224, 128 of RSA-3072 and P-256.
    min: u32,
}

impl Params for KeyStrength {
    const NAME: &'static str = "key-strength";
    const SUMMARY: &'static str = "Judges the bits of security of a key, whatever its algorithm.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("min", Stricter::Higher)];
}

impl RequestCheck for KeyStrength {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(key) = request.key.effective() else { return Verdict::NotApplicable };
        let Some(strength) = strength(key) else {
            return if key.bits.unknown_expression().is_some() { unknown(&key.bits) } else { Verdict::NotApplicable };
        };
        if strength < self.min {
            let shown = key.summary();
            let has = if strength == 0 { "less than 80".to_owned() } else { strength.to_string() };
            let problem = format!("The key ({shown}) has {has} bits of security; at least {} are needed", self.min);
            findings.fail(key.bits.span, "key.strength", shown, format!("{problem}."));
        }
        Verdict::Judged
    }
}

/// Keys that a quantum computer breaks (Shor, 1994).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyQuantum {
    /// Only keys that sign (`true`), or only keys that agree or encipher (`false`), as the requested keyUsage says; RSA and EC
    /// keys without one count as signing.
    #[serde(default)]
    signing: Option<bool>,
}

impl Params for KeyQuantum {
    const NAME: &'static str = "key-quantum";
    const SUMMARY: &'static str = "Finds keys of algorithms that a quantum computer breaks.";
}

impl RequestCheck for KeyQuantum {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(key) = request.key.effective() else { return Verdict::NotApplicable };
        let Some(algorithm) = key.algorithm.effective().copied() else { return unknown(&key.algorithm) };
        if algorithm == KeyAlgorithm::Other {
            return Verdict::NotApplicable;
        }
        if self.signing.is_some_and(|signing| signing != is_for_signing(request, algorithm)) {
            return Verdict::NotApplicable;
        }
        if algorithm.is_quantum_vulnerable() {
            let shown = key.summary();
            let problem = format!("A quantum computer computes the private key of this one ({shown})");
            findings.fail(key.algorithm.span, "key.algorithm", shown, format!("{problem}."));
        }
        Verdict::Judged
    }
}

fn is_for_signing(request: &Request, algorithm: KeyAlgorithm) -> bool {
    use crate::request::KeyUsageBit as Bit;
    if !algorithm.can_sign() {
        return false;
    }
    request.key_usage().is_none_or(|(_, usage)| {
        let establishes =
            [Bit::KeyEncipherment, Bit::KeyAgreement, Bit::DataEncipherment].into_iter().any(|bit| usage.has(bit));
        let signs = [Bit::DigitalSignature, Bit::NonRepudiation, Bit::KeyCertSign, Bit::CrlSign]
            .into_iter()
            .any(|bit| usage.has(bit));
        signs || !establishes
    })
}
