//! Proof of possession: does the signature hold, could anybody have made it, is its hash fit for the purpose.
//! Verification itself is in `crypto`. Only `Invalid` is ever called a bad signature.
//! A signature that another rule already calls malformed or misfit is not called invalid a second time.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Broken, Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::crypto::{self, Hash, SignatureAlgorithm, SignatureFamily, Verification};
use crate::encoding::DefectKind;
use crate::lists::{KeyHashes, ListKind};
use crate::request::{Field, KeyAlgorithm, Request, Signature, Wanted};

/// The self-signature verifies with the requested key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SignatureValid {}

impl Params for SignatureValid {
    const NAME: &'static str = "signature";
    const SUMMARY: &'static str = "Verifies the signature over the request with the requested key.";
}

impl RequestCheck for SignatureValid {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(signature) = signature_of(request) else { return Verdict::NotApplicable };
        let told_elsewhere = [
            DefectKind::Truncated,
            DefectKind::Unsigned,
            DefectKind::SignatureValueMalformed,
            DefectKind::SignatureBits,
            DefectKind::KeyMalformed,
        ];
        if request.defects.iter().any(|defect| told_elsewhere.contains(&defect.kind))
            || mismatch(request).is_some()
            || cannot_sign(request).is_some()
        {
            return Verdict::NotApplicable;
        }
        match request.verification() {
            Some(Verification::Valid) => Verdict::Judged,
            Some(Verification::Invalid) => {
                let key = match request.pkcs10.as_ref().is_some_and(|pkcs10| pkcs10.statement.is_some()) {
                    true => "the key of the certificate in its statement of possession",
                    false => "the key in the request",
                };
                let message = format!(
                    "The signature does not verify with {key}: the request was changed after signing, or signed with another key."
                );
                findings.fail(signature.value, "signature.value", algorithm_name(signature), message);
                Verdict::Judged
            }
            Some(Verification::Unsupported(why) | Verification::KeyOutOfRange(why)) => {
                Verdict::NotJudged(why.clone().into())
            }
            None => Verdict::NotApplicable,
        }
    }
}

fn signature_of(request: &Request) -> Option<&Signature> {
    request.pkcs10.as_ref()?.signature.effective()
}

fn algorithm_of(signature: &Signature) -> Option<&'static SignatureAlgorithm> {
    crypto::signature_algorithm(signature.algorithm.as_bytes())
}

fn algorithm_name(signature: &Signature) -> String {
    algorithm_of(signature).map_or_else(|| signature.algorithm.to_string(), |algorithm| algorithm.name.to_owned())
}

/// A valid signature proves nothing where anybody can make one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ForgeablePossession {}

impl Params for ForgeablePossession {
    const NAME: &'static str = "forgeable-possession";
    const SUMMARY: &'static str = "Finds keys for which anybody can make a valid signature without a private key.";
}

impl RequestCheck for ForgeablePossession {
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((key, public)) = request.key.effective().and_then(|key| Some((key, key.public.as_ref()?))) else {
            return Verdict::NotApplicable;
        };
        let mut why = crypto::forgeable(&public.verify_key(key));
        if context.deep && why.is_none() {
            match public.rsa_numbers() {
                // The test takes longer than a hundred verifications, so that it is not made without being asked for.
                Some(_) if request.costly_refused().is_some() => {
                    return Verdict::NotJudged(request.costly_refused().unwrap_or_default().to_owned().into());
                }
                Some((modulus, _)) if crypto::weakness::judgeable(modulus).is_ok() => {
                    why = crypto::deep::is_probable_prime(&num_bigint::BigUint::from_bytes_be(modulus)).then_some(
                        "the RSA modulus is a prime number, so that everybody computes the private exponent",
                    );
                }
                _ => {}
            }
        }
        if let Some(why) = why {
            let message = format!("Anybody can sign for this key: {why}. The signature proves possession of nothing.");
            findings.fail(public.bytes_span, "key", key.summary(), message);
        }
        Verdict::Judged
    }
}

/// The hash of the signature is allowed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SignatureHash {
    /// Hashes that must not be used: md5, sha1, sha256, sha3-256 ...
    #[serde(default)]
    deny: Vec<String>,
    /// The only hashes that may be used.
    #[serde(default)]
    allow: Option<Vec<String>>,
}

impl Params for SignatureHash {
    const NAME: &'static str = "signature-hash";
    const SUMMARY: &'static str = "Judges the hash function of the signature over the request.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] =
        &[("deny", Stricter::Superset), ("allow", Stricter::Subset)];

    fn validate(&self) -> Result<(), String> {
        self.deny
            .iter()
            .chain(self.allow.iter().flatten())
            .find(|name| Hash::from_name(name).is_none())
            .map_or(Ok(()), |name| Err(format!("{name:?} is no hash csrlint knows")))
    }
}

impl RequestCheck for SignatureHash {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if let Some(template) = request.template.as_ref().filter(|_| request.is_described()) {
            return self.judge_template(&template.hash, findings);
        }
        let Some((signature, algorithm)) =
            signature_of(request).and_then(|signature| Some((signature, algorithm_of(signature)?)))
        else {
            return Verdict::NotApplicable;
        };
        let Some(hash) = hash_of(request, signature, algorithm) else { return Verdict::NotApplicable };
        if !self.allows(hash) {
            findings.fail(
                signature.algorithm_span,
                "signature.algorithm",
                hash.name(),
                format!("The request is signed with {}, whose hash {} is not allowed.", algorithm.name, hash.name()),
            );
        }
        Verdict::Judged
    }
}

impl SignatureHash {
    fn allows(&self, hash: Hash) -> bool {
        let listed =
            |names: &[String]| names.iter().filter_map(|name| Hash::from_name(name)).any(|listed| listed == hash);
        !listed(&self.deny) && self.allow.as_ref().is_none_or(|allow| listed(allow))
    }

    fn judge_template(&self, field: &Field<Hash>, findings: &mut Findings) -> Verdict {
        let Some(hash) = field.effective().copied() else { return Verdict::NotApplicable };
        if !self.allows(hash) {
            let wanted = [Hash::Sha256, Hash::Sha384, Hash::Sha512].into_iter().find(|hash| self.allows(*hash));
            let message =
                format!("Requests of this template are signed with the hash {}, which is not allowed.", hash.name());
            let broken = Broken::new(field.span, "signature.hash", hash.name(), message);
            findings.push(broken.wanting(wanted.map(Wanted::Hash)));
        }
        Verdict::Judged
    }
}

fn hash_of(request: &Request, signature: &Signature, algorithm: &SignatureAlgorithm) -> Option<Hash> {
    if algorithm.family == SignatureFamily::RsaPss {
        let der = &request.pkcs10.as_ref()?.der;
        let parameters = signature.parameters.and_then(|span| der.get(span.range()));
        return crypto::pss_parameters(parameters).ok().map(|pss| pss.hash);
    }
    algorithm.hash
}

/// ECDSA signs with the hash that belongs to its curve (TLS BR 7.1.3.2.2, Mozilla Root Store Policy 5.1.2).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SignatureHashCurve {}

impl Params for SignatureHashCurve {
    const NAME: &'static str = "signature-hash-curve";
    const SUMMARY: &'static str = "Finds ECDSA signatures whose hash is not the one that belongs to the curve.";
}

impl RequestCheck for SignatureHashCurve {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let curve = request.key.effective().and_then(|key| key.curve.effective());
        let Some((signature, (algorithm, curve))) = signature_of(request)
            .and_then(|signature| Some((signature, (algorithm_of(signature)?, curve?))))
            .filter(|(_, (algorithm, _))| algorithm.family == SignatureFamily::Ecdsa)
        else {
            return Verdict::NotApplicable;
        };
        let wanted = match curve.name() {
            "P-256" => Hash::Sha256,
            "P-384" => Hash::Sha384,
            "P-521" => Hash::Sha512,
            _ => return Verdict::NotApplicable,
        };
        if let Some(hash) = algorithm.hash.filter(|hash| *hash != wanted) {
            let message = format!(
                "The request is signed with {} and {}; {} belongs to {0}.",
                curve.name(),
                hash.name(),
                wanted.name()
            );
            findings.fail(signature.algorithm_span, "signature.algorithm", hash.name(), message);
        }
        Verdict::Judged
    }
}

/// The signature algorithm belongs to the key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SignatureFitsKey {}

impl Params for SignatureFitsKey {
    const NAME: &'static str = "signature-fits-key";
    const SUMMARY: &'static str = "Finds signature algorithms that do not belong to the requested key.";
}

impl RequestCheck for SignatureFitsKey {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(signature) = signature_of(request) else { return Verdict::NotApplicable };
        if let Some((algorithm, key)) = mismatch(request) {
            let message = format!(
                "The request is signed with {}, but asks for a certificate with an {} key.",
                algorithm.name,
                key.name()
            );
            findings.fail(signature.algorithm_span, "signature.algorithm", algorithm.name, message);
        }
        Verdict::Judged
    }
}

fn mismatch(request: &Request) -> Option<(&'static SignatureAlgorithm, KeyAlgorithm)> {
    if has_statement(request) {
        return None;
    }
    let algorithm = algorithm_of(signature_of(request)?)?;
    let key = *request.key.effective()?.algorithm.effective()?;
    let fits = match algorithm.family {
        SignatureFamily::Rsa => key == KeyAlgorithm::Rsa,
        SignatureFamily::RsaPss => matches!(key, KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss),
        SignatureFamily::Ecdsa | SignatureFamily::Sm2 => key == KeyAlgorithm::Ec,
        SignatureFamily::Ed25519 => key == KeyAlgorithm::Ed25519,
        SignatureFamily::Ed448 => key == KeyAlgorithm::Ed448,
        SignatureFamily::Dsa => key == KeyAlgorithm::Dsa,
        // One OID names the parameter set of key and signature alike (RFC 9881 section 2, RFC 9909 section 3).
        SignatureFamily::MlDsa | SignatureFamily::SlhDsa | SignatureFamily::Composite => {
            request.key.effective()?.public.as_ref()?.oid == signature_of(request)?.algorithm
        }
        _ => true,
    };
    // A key that cannot sign at all is a finding of its own.
    (!fits && key != KeyAlgorithm::Other && key.can_sign()).then_some((algorithm, key))
}

/// The key can sign.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KeyCanSign {}

impl Params for KeyCanSign {
    const NAME: &'static str = "key-can-sign";
    const SUMMARY: &'static str = "Finds keys that cannot sign the request that asks for them.";
}

impl RequestCheck for KeyCanSign {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if let Some((span, key)) = cannot_sign(request) {
            let message = format!("An {} key cannot sign, so the request proves possession of nothing.", key.name());
            findings.fail(span, "key.algorithm", key.name(), message);
        }
        Verdict::Judged
    }
}

fn cannot_sign(request: &Request) -> Option<(crate::source::Span, KeyAlgorithm)> {
    let key = request.key.effective()?;
    let algorithm = *key.algorithm.effective()?;
    // RFC 6955 proves a DH key with a MAC instead of a signature.
    let other_proof = signature_of(request)
        .and_then(algorithm_of)
        .is_some_and(|algorithm| algorithm.family == SignatureFamily::DhPop);
    (!algorithm.can_sign() && !other_proof && !has_statement(request)).then_some((key.algorithm.span, algorithm))
}

/// Another key has signed (RFC 9883).
fn has_statement(request: &Request) -> bool {
    request.pkcs10.as_ref().is_some_and(|pkcs10| pkcs10.statement.is_some())
}

/// Signatures whose nonce is a small number.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SmallNonce {}

impl Params for SmallNonce {
    const NAME: &'static str = "small-nonce";
    const SUMMARY: &'static str = "Finds ECDSA signatures whose nonce is one of the first thousand numbers.";
}

impl RequestCheck for SmallNonce {
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some((pkcs10, signature)) = request.pkcs10.as_ref().zip(signature_of(request)) else {
            return Verdict::NotApplicable;
        };
        let Some(r) = crypto::nonce_of(signature.algorithm.as_bytes(), pkcs10.octets(signature.value)) else {
            return Verdict::NotApplicable;
        };
        // r is the x coordinate of kG: the shipped list has those of small k, as the keys they would be.
        let hashes = KeyHashes { spki_sha256: [0; 32], number_sha256: crate::request::sha256(r) };
        if matches!(context.lists.find(&hashes, &[ListKind::WeakGenerator]), Ok(Some(_))) {
            let message =
                "The nonce of the signature is a number below 1001: everybody can compute the private key from it.";
            findings.fail(signature.value, "signature.value", "small nonce", message);
        }
        Verdict::Judged
    }
}
