//! The Request: what certificate somebody asks for, whatever the format it was written in, and its vocabulary.
//! No reading and no judging here. Every field knows where it was written and how well it is known.
//! PKCS#10 fills all fields as `Known` or `Malformed`; templates also use `Default`, `Inherited`, `Unknown` and open lists.

mod attribute;
mod extension;
mod field;
mod key;
mod name;
mod oid;
mod san;
mod template;
mod validity;

pub use attribute::{Attribute, AttributeValue};
pub use extension::{Extension, ExtensionValue, KeyUsage, KeyUsageBit, MicrosoftTemplate};
pub use field::{Default, Field, Inherited, List, State, Text};
pub use key::{Key, KeyAlgorithm, PublicKey, RsaNumbers, bit_length};
pub use name::{Name, NameAttribute, Rdn, StringType};
pub use oid::{Oid, oids};
pub use san::{GeneralName, OtherName, PartialName, SubjectAltName};
pub use template::{Knob, Makes, Renewal, Template, Wanted};
pub use validity::Validity;

use std::sync::OnceLock;

use aws_lc_rs::digest;

use crate::crypto::{self, SignatureInput, Verification, VerifyKey};
use crate::encoding::{Defect, DefectKind};
use crate::source::{Sources, Span};

/// The format a request was written in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// A PEM block in a file of its own or between other text.
    Pem,
    /// DER in a file of its own.
    Der,
    /// Base64 without armour.
    Base64,
    /// Inside a CMS message.
    Cms,
    /// An OpenSSL configuration.
    Openssl,
    /// cert-manager: a Certificate, annotations, attributes of a CSI volume, a CertificateRequest.
    CertManager,
    /// The fields around the request in a Kubernetes CertificateSigningRequest.
    Kubernetes,
    /// cfssl: a request or a signing configuration in JSON.
    Cfssl,
    /// fabric-ca: a request in YAML.
    FabricCa,
    /// A resource of Terraform or OpenTofu.
    Terraform,
    /// A task of Ansible.
    Ansible,
    /// certreq's INF.
    Certreq,
    /// A resource of CloudFormation.
    Cloudformation,
    /// A certificate policy of Azure Key Vault.
    AzureKeyVault,
}

impl Format {
    /// The name in reports and in `match` of the policy.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pem => "pem",
            Self::Der => "der",
            Self::Base64 => "base64",
            Self::Cms => "cms",
            Self::Openssl => "openssl",
            Self::CertManager => "cert-manager",
            Self::Kubernetes => "kubernetes",
            Self::Cfssl => "cfssl",
            Self::FabricCa => "fabric-ca",
            Self::Terraform => "terraform",
            Self::Ansible => "ansible",
            Self::Certreq => "certreq",
            Self::Cloudformation => "cloudformation",
            Self::AzureKeyVault => "azure-key-vault",
        }
    }
}

/// Where a request comes from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The way from spans to file bytes.
    pub sources: Sources,
    /// The whole request in the text it stands in: a PEM block with its armour, a base64 string, the DER.
    pub span: Span,
    /// The format.
    pub format: Format,
    /// It stands inside a file of something else: indented, commented out, quoted, or in base64 in other text.
    pub embedded: bool,
    /// A name inside the file, for formats that have one (`[req]`, a resource address); the number of the request else.
    pub name: String,
}

/// Proof of possession: the signature over the request by the requested key (RFC 2986 section 4.2).
#[derive(Debug, Clone)]
pub struct Signature {
    /// The AlgorithmIdentifier's OID.
    pub algorithm: Oid,
    /// The AlgorithmIdentifier.
    pub algorithm_span: Span,
    /// The parameters' whole element.
    pub parameters: Option<Span>,
    /// The signature octets, without the unused-bits octet.
    pub value: Span,
    /// The signed bytes (CertificationRequestInfo).
    pub signed: Span,
}

/// PrivateKeyPossessionStatement (RFC 9883 section 3): the request for a key that cannot sign is signed with the key of
/// another certificate of the same holder.
#[derive(Debug, Clone)]
pub struct PossessionStatement {
    /// The attribute.
    pub span: Span,
    /// What is wrong with its form, or with the certificate in it.
    pub problem: Option<&'static str>,
    /// The key of the certificate in it, where there is one.
    pub key: Option<Key>,
}

/// What only a PKCS#10 request has.
#[derive(Debug, Clone)]
pub struct Pkcs10 {
    /// The DER of the whole CertificationRequest, without anything after it.
    pub der: Vec<u8>,
    /// The version as found; 0 is v1 (RFC 2986 section 4.1).
    pub version: Field<i64>,
    /// The signature; `Malformed` where the outer structure is broken.
    pub signature: Field<Signature>,
    /// The statement that the requester possesses the private key, signed with another key (RFC 9883).
    pub statement: Option<PossessionStatement>,
    /// Verified when it is first asked for: not every run wants it, and some keys cost too much.
    verification: OnceLock<Verification>,
}

impl Pkcs10 {
    /// From the parts the reader found.
    pub fn new(
        der: Vec<u8>,
        version: Field<i64>,
        signature: Field<Signature>,
        statement: Option<PossessionStatement>,
    ) -> Self {
        Self { der, version, signature, statement, verification: OnceLock::new() }
    }

    /// SHA-256 of the DER.
    pub fn der_sha256(&self) -> [u8; 32] {
        sha256(&self.der)
    }

    /// The octets of the request at a place in its own coordinates.
    pub fn octets(&self, span: Span) -> &[u8] {
        self.der.get(span.range()).unwrap_or_default()
    }

    fn signature_input<'a>(&'a self, key: Option<&'a Key>) -> Option<SignatureInput<'a>> {
        let signature = self.signature.effective()?;
        let key = match &self.statement {
            // With a statement, another key has signed: that of a certificate which may not be here (RFC 9883 section 4).
            Some(statement) => statement.key.as_ref(),
            None => key,
        };
        let otherwise = if self.statement.is_some() { "another certificate's" } else { "undecodable" };
        let key = key.and_then(|key| Some(key.public.as_ref()?.verify_key(key))).unwrap_or(VerifyKey::Other(otherwise));
        Some(SignatureInput {
            message: self.octets(signature.signed),
            algorithm: signature.algorithm.as_bytes(),
            parameters: signature.parameters.map(|span| self.octets(span)),
            signature: self.octets(signature.value),
            key,
        })
    }
}

/// SHA-256 of some bytes.
pub fn sha256(bytes: &[u8]) -> [u8; 32] {
    let mut out = [0; 32];
    out.copy_from_slice(digest::digest(&digest::SHA256, bytes).as_ref());
    out
}

/// SHA-1 of some bytes: key identifiers are made of it (RFC 5280 section 4.2.1.2).
pub fn sha1(bytes: &[u8]) -> [u8; 20] {
    let mut out = [0; 20];
    out.copy_from_slice(digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref());
    out
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| char::from(DIGITS[usize::from(nibble & 0xF)]);
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// The parts of a request that checks read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// The subject.
    Subject,
    /// Algorithm, size and curve of the key.
    Key,
    /// The subject alternative names.
    San,
    /// The other extensions.
    Extensions,
    /// The hash of the signature.
    Hash,
    /// What happens to the key at renewal.
    Renewal,
    /// The lifetime.
    Validity,
}

/// A value that only the tool's run will show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unseen {
    /// The part of the request it belongs to.
    pub part: Part,
    /// The logical place.
    pub place: String,
    /// Where.
    pub span: Span,
    /// The expression.
    pub expression: String,
}

/// Somebody asks for this certificate.
#[derive(Debug, Clone)]
pub struct Request {
    /// Where.
    pub origin: Origin,
    /// The subject.
    pub subject: Field<Name>,
    /// The key the certificate is for.
    pub key: Field<Key>,
    /// Every requested extension, from every container, duplicates included, in order.
    pub extensions: List<Extension>,
    /// Every attribute of the request, in order.
    pub attributes: List<Attribute>,
    /// What only PKCS#10 has.
    pub pkcs10: Option<Pkcs10>,
    /// What only a template has, or the object a request stands in.
    pub template: Option<Template>,
    /// How long the certificate should be valid; only templates say so.
    pub validity: Field<Validity>,
    /// What is wrong or noteworthy, in order of place.
    pub defects: Vec<Defect>,
    /// Why costly computations are not done, where they are not.
    pub costly: OnceLock<String>,
}

impl Request {
    /// The values of all requested extensions with this OID that could be decoded.
    pub fn extension_values<'a>(&'a self, oid: &'a Oid) -> impl Iterator<Item = (&'a Extension, &'a ExtensionValue)> {
        self.extensions
            .items()
            .filter(move |extension| extension.oid == *oid)
            .filter_map(|extension| Some((extension, extension.value.effective()?)))
    }

    /// Every requested name of every subjectAltName, with its number over all of them.
    pub fn names(&self) -> impl Iterator<Item = (usize, &Field<GeneralName>)> {
        self.extension_values(&oids::SUBJECT_ALT_NAME)
            .filter_map(|(_, value)| match value {
                ExtensionValue::SubjectAltName(names) => Some(names.names.items_with_state()),
                _ => None,
            })
            .flatten()
            .enumerate()
    }

    /// Whether any subjectAltName is asked for, decodable or not.
    pub fn has_subject_alt_name(&self) -> bool {
        self.extensions.items().any(|extension| extension.oid == oids::SUBJECT_ALT_NAME)
    }

    /// Every requested purpose, with its place: extended key usages, and Microsoft's application policies,
    /// which Windows reads in their place (CVE-2024-49019).
    pub fn purposes(&self) -> impl Iterator<Item = &Field<Oid>> {
        self.extensions
            .items()
            .filter_map(|extension| match extension.value.effective()? {
                ExtensionValue::ExtendedKeyUsage(purposes) | ExtensionValue::MicrosoftApplicationPolicies(purposes) => {
                    Some(purposes.iter())
                }
                _ => None,
            })
            .flatten()
    }

    /// Whether the certificate is asked to be a CA's (`cA` TRUE in any basicConstraints).
    pub fn asks_for_ca(&self) -> bool {
        self.extension_values(&oids::BASIC_CONSTRAINTS)
            .any(|(_, value)| matches!(value, ExtensionValue::BasicConstraints { ca: true, .. }))
    }

    /// The requested keyUsage, of all keyUsage extensions together, with the first one's place.
    pub fn key_usage(&self) -> Option<(Span, KeyUsage)> {
        self.extension_values(&oids::KEY_USAGE)
            .filter_map(|(extension, value)| match value {
                ExtensionValue::KeyUsage(usage) => Some((extension.value.span, *usage)),
                _ => None,
            })
            .reduce(|(span, first), (_, other)| (span, first.union(other)))
    }

    /// Whether this only describes a request: there is none yet. One that stands in an object with fields of its own
    /// around it has both.
    pub fn is_described(&self) -> bool {
        self.pkcs10.is_none() && self.template.is_some()
    }

    /// Whether the signature over the request verifies with the requested key; `None` for what is not signed.
    pub fn verification(&self) -> Option<&Verification> {
        let pkcs10 = self.pkcs10.as_ref()?;
        let input = pkcs10.signature_input(self.key.effective())?;
        Some(pkcs10.verification.get_or_init(|| crypto::verify(&input)))
    }

    /// Whether the signature is known to hold with the requested key itself, if somebody has asked for it already. With a
    /// statement of possession (RFC 9883) it is another key that has signed, and nothing is known of this one.
    pub fn is_signed_with_own_key(&self) -> bool {
        self.pkcs10
            .as_ref()
            .is_some_and(|pkcs10| pkcs10.statement.is_none() && pkcs10.verification.get() == Some(&Verification::Valid))
    }

    /// What verification will cost in our own arithmetic, in limb multiplications; 0 where a fast library does it.
    pub fn verification_cost(&self) -> u64 {
        self.pkcs10
            .as_ref()
            .and_then(|pkcs10| pkcs10.signature_input(self.key.effective()))
            .map_or(0, |input| crypto::cost(&input))
    }

    /// Answers verification without doing it, for a run that has spent its budget.
    pub fn refuse_verification(&self, reason: &str) {
        if let Some(pkcs10) = &self.pkcs10 {
            // Already verified is fine: then nothing is left to refuse.
            let _ = pkcs10.verification.set(Verification::Unsupported(reason.to_owned()));
        }
    }

    /// What the costly computations on the key cost (`--deep`), in limb multiplications.
    pub fn costly_cost(&self) -> u64 {
        let Some(key) = self.key.effective() else { return 0 };
        let of_rsa = key
            .public
            .as_ref()
            .and_then(PublicKey::rsa_numbers)
            .map(|(modulus, _)| crypto::deep::rsa_cost(u64::from(bit_length(modulus))));
        of_rsa.or_else(|| key.curve.effective().map(|curve| crypto::deep::ec_cost(*curve))).unwrap_or(0)
    }

    /// Has costly computations left out, for a run that has spent its budget.
    pub fn refuse_costly(&self, reason: &str) {
        let _ = self.costly.set(reason.to_owned());
    }

    /// Why costly computations are left out, if they are.
    pub fn costly_refused(&self) -> Option<&str> {
        self.costly.get().map(String::as_str)
    }

    /// What there is to say of the value at a logical place that is not written there: a default, or where it comes from.
    pub fn note(&self, place: &str) -> Option<String> {
        let template = self.template.as_ref()?;
        let key = self.key.effective();
        if let Some(number) = place.strip_prefix("san[").and_then(|rest| rest.strip_suffix(']')) {
            return self.names().nth(number.parse().ok()?).and_then(|(_, name)| name.note());
        }
        if let Some(label) = place.strip_prefix("subject.") {
            let name = self.subject.effective()?;
            return name.attributes().filter(|one| one.oid.label() == label).find_map(|one| one.value.note());
        }
        if let Some(label) = place.strip_prefix("extensions.") {
            return self.extensions.items().filter(|one| one.oid.label() == label).find_map(|one| one.value.note());
        }
        match place {
            "key.algorithm" | "key.parameter-set" => key.and_then(|key| key.algorithm.note()),
            "key.bits" => key.and_then(|key| key.bits.note()),
            "key.curve" => key.and_then(|key| key.curve.note()),
            "key.strength" => key.and_then(|key| key.curve.note().or_else(|| key.bits.note())),
            "signature.hash" => template.hash.note(),
            "renewal" => template.renewal.note(),
            "validity" => self.validity.note(),
            _ => None,
        }
    }

    /// Every value of a template that is an expression.
    pub fn unknowns(&self) -> Vec<Unseen> {
        let mut unseen = Vec::new();
        let Some(template) = &self.template else { return unseen };
        let mut add = |part, place: String, span, expression: Option<&str>| {
            // What the reader tells of needs no second word.
            let told = |defect: &Defect| defect.kind == DefectKind::TemplateInvalid && defect.span == span;
            if let Some(expression) = expression.filter(|_| !self.defects.iter().any(told)) {
                unseen.push(Unseen { part, place, span, expression: expression.to_owned() });
            }
        };
        add(Part::Subject, "subject".to_owned(), self.subject.span, self.subject.unjudged());
        for attribute in self.subject.effective().into_iter().flat_map(Name::attributes) {
            add(Part::Subject, attribute.place(), attribute.value.span, attribute.value.unseen());
        }
        add(Part::Key, "key".to_owned(), self.key.span, self.key.unjudged());
        if let Some(key) = self.key.effective() {
            add(Part::Key, "key.algorithm".to_owned(), key.algorithm.span, key.algorithm.unjudged());
            add(Part::Key, "key.bits".to_owned(), key.bits.span, key.bits.unjudged());
            add(Part::Key, "key.curve".to_owned(), key.curve.span, key.curve.unjudged());
        }
        for extension in self.extensions.items() {
            let part = if extension.oid == oids::SUBJECT_ALT_NAME { Part::San } else { Part::Extensions };
            let value = &extension.value;
            add(part, extension.place(), value.span, value.unjudged());
            match value.effective() {
                Some(ExtensionValue::KeyUsage(usage)) if usage.is_open() => {
                    add(part, extension.place(), value.span, Some("some of the usages"));
                }
                Some(ExtensionValue::ExtendedKeyUsage(purposes)) => {
                    for purpose in purposes {
                        add(part, extension.place(), purpose.span, purpose.unjudged());
                    }
                }
                _ => {}
            }
        }
        for (number, name) in self.names() {
            let partial = matches!(name.effective(), Some(GeneralName::Partial(..)));
            let expression = name.unjudged().or(partial.then_some("part of the name"));
            add(Part::San, format!("san[{number}]"), name.span, expression);
        }
        for span in self.extensions.open_at() {
            add(Part::Extensions, "extensions".to_owned(), *span, Some("some of the extensions"));
        }
        add(Part::Hash, "signature.hash".to_owned(), template.hash.span, template.hash.unjudged());
        add(Part::Renewal, "renewal".to_owned(), template.renewal.span, template.renewal.unjudged());
        add(Part::Validity, "validity".to_owned(), self.validity.span, self.validity.unjudged());
        unseen
    }

    /// SHA-256 of the SubjectPublicKeyInfo, in hexadecimal.
    pub fn spki_sha256(&self) -> Option<String> {
        Some(hex(&self.key.effective()?.public.as_ref()?.spki_sha256))
    }

    /// What tells this request from others in its file whatever the lines around it: the key, else the name.
    pub fn identity(&self) -> String {
        self.spki_sha256().unwrap_or_else(|| self.origin.name.clone())
    }

    /// A few words for people: the common name, else the first name asked for, else the key.
    pub fn title(&self) -> String {
        let common_name =
            self.subject.effective().and_then(|name| name.values(&oids::COMMON_NAME).next()?.value.text());
        if let Some(name) = common_name.filter(|name| !name.is_empty()) {
            return name;
        }
        let name = self.names().find_map(|(_, name)| name.effective().map(GeneralName::to_string));
        name.unwrap_or_else(|| self.origin.name.clone())
    }
}
