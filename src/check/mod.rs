//! Checks: compiled vocabulary. Typed parameters and a pure function over one subject, one file a family.
//! No I/O, no clock, no knowledge of rules, severities or policies: those are data that name a check.
//! Most rules need no function of their own: what readers record is judged by the one check `defect`.

mod attribute;
mod date;
mod defect;
mod estate;
mod extension;
mod hybrid;
mod key;
pub mod matcher;
mod oid_name;
mod san;
mod secret;
mod signature;
mod stricter;
mod subject;
mod template;
mod text;

pub use date::Date;
pub use stricter::{Looser, Stricter, looser};

use std::borrow::Cow;

use schemars::{JsonSchema, Schema};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::encoding::Defect;
use crate::estate::Estate;
use crate::fix::Fix;
use crate::lists::Lists;
use crate::read::{Claim, FileFacts, PrivateKey};
use crate::request::{Part, Request, Wanted};
use crate::source::Span;

/// What a check judges.
#[derive(Debug, Clone, Copy)]
pub enum Subject<'a> {
    /// A file as a whole.
    File(&'a FileFacts),
    /// Something that claims to be a request.
    Claim(&'a Claim),
    /// A request.
    Request(&'a Request),
    /// A private key.
    PrivateKey(&'a PrivateKey),
    /// All requests, certificates and private keys of the run.
    Estate(&'a Estate),
    /// The configuration: what is odd about waivers and ignores.
    Configuration(&'a [Defect]),
}

/// The kinds of subject.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// Whatever readers record defects about: files, claims, requests, the configuration.
    Recorded,
    /// Requests.
    Request,
    /// Private keys.
    PrivateKey,
    /// The estate.
    Estate,
}

/// The answer of a check that broke nothing; what is broken is in [`Findings`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The check judged its subject.
    Judged,
    /// The subject has nothing that the check is about.
    NotApplicable,
    /// The check is about this subject, and could not tell.
    NotJudged(Cow<'static, str>),
}

/// One thing that is broken, in the coordinates of its artifact.
#[derive(Debug, Clone)]
pub struct Broken {
    /// Where.
    pub span: Span,
    /// The logical place (`key.bits`, `subject.CN`, `san[2]`).
    pub place: Cow<'static, str>,
    /// The normalised value that is wrong; part of the fingerprint. Never a secret.
    pub value: String,
    /// One sentence or two; the first says what is wrong.
    pub message: String,
    /// For the estate: which records this is about.
    pub records: Vec<usize>,
    /// What the rule would have instead, where a template can be mended.
    pub wanted: Option<Wanted>,
    /// The repair, where the reader knows it.
    pub fix: Option<Box<Fix>>,
    /// The key this is about, by its number: the requests and certificates that have it are told with it.
    pub key: Option<[u8; 32]>,
}

impl Broken {
    /// Something broken at a place.
    pub fn new(
        span: Span,
        place: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            span,
            place: place.into(),
            value: value.into(),
            message: message.into(),
            records: Vec::new(),
            wanted: None,
            fix: None,
            key: None,
        }
    }

    /// The same, with the value the rule would have.
    #[must_use]
    pub fn wanting(self, wanted: Option<Wanted>) -> Self {
        Self { wanted, ..self }
    }
}

/// Findings of one check on one subject that are kept; the rest is counted.
pub const MAX_FINDINGS: usize = 25;

/// Where checks put what is broken.
#[derive(Debug, Default)]
pub struct Findings {
    /// What is broken.
    pub broken: Vec<Broken>,
    /// How many more there were.
    pub more: usize,
}

impl Findings {
    /// Records one.
    pub fn fail(
        &mut self,
        span: Span,
        place: impl Into<Cow<'static, str>>,
        value: impl Into<String>,
        message: impl Into<String>,
    ) {
        self.push(Broken::new(span, place, value, message));
    }

    /// Records one.
    pub fn push(&mut self, broken: Broken) {
        if self.broken.len() < MAX_FINDINGS {
            self.broken.push(broken);
        } else {
            self.more += 1;
        }
    }
}

/// What a check is told besides its subject.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// The day to judge as of.
    pub as_of: Date,
    /// Lists of known keys.
    pub lists: &'a Lists,
    /// Costly computations are asked for.
    pub deep: bool,
}

/// Parameters of a check.
pub trait Params: DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// The name rule files use.
    const NAME: &'static str;
    /// One sentence.
    const SUMMARY: &'static str;
    /// Which way each parameter becomes stricter; a parameter without a direction cannot be compared.
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[];

    /// What a schema cannot say about parameters.
    ///
    /// # Errors
    /// A sentence for the author of the rule or policy.
    fn validate(&self) -> Result<(), String> {
        Ok(())
    }

    /// Parameters with every name in one spelling: attributes have several.
    ///
    /// # Errors
    /// One thing named twice, in two spellings.
    fn normalised(value: Value) -> Result<Value, ParameterError> {
        Ok(value)
    }
}

/// A check that judges requests.
pub trait RequestCheck: Params {
    /// Judges one request.
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict;
}

/// A check with its parameters.
pub trait Check: Send + Sync {
    /// Judges one subject.
    fn run(&self, subject: &Subject<'_>, context: &Context<'_>, findings: &mut Findings) -> Verdict;
}

struct OnRequest<C>(C);

impl<C: RequestCheck> Check for OnRequest<C> {
    fn run(&self, subject: &Subject<'_>, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        match subject {
            Subject::Request(request) => self.0.check(request, context, findings),
            _ => Verdict::NotApplicable,
        }
    }
}

/// A parameter that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParameterError {
    /// The keys and numbers on the way to it.
    pub path: Vec<String>,
    /// A sentence for its author.
    pub message: String,
}

impl std::fmt::Display for ParameterError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.message)
    }
}

/// The entry of a check in the vocabulary.
pub struct Definition {
    /// The name rule files use.
    pub name: &'static str,
    /// One sentence.
    pub summary: &'static str,
    /// What it judges.
    pub subject: SubjectKind,
    /// Which way each parameter becomes stricter.
    pub directions: &'static [(&'static str, Stricter)],
    /// The parts of a request it reads: where one is an expression, what the check did not find may be in it.
    pub reads: &'static [Part],
    /// Parameters from data.
    pub compile: fn(Value) -> Result<Box<dyn Check>, ParameterError>,
    /// Parameters with every name in one spelling, so that layers meet.
    pub normalised: fn(Value) -> Result<Value, ParameterError>,
    /// The JSON Schema of the parameters.
    pub schema: fn() -> Schema,
}

impl Definition {
    /// The values of parameters that are not written; nothing for those without one.
    pub fn defaults(&self) -> serde_json::Map<String, Value> {
        let schema = Value::from((self.schema)());
        let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
        properties.filter_map(|(name, property)| Some((name.clone(), property.get("default")?.clone()))).collect()
    }

    /// In which direction a parameter becomes stricter.
    pub fn direction(&self, path: &[&str]) -> Option<Stricter> {
        stricter::direction(self.directions, path)
    }

    const fn request<C: RequestCheck>() -> Self {
        Self {
            name: C::NAME,
            summary: C::SUMMARY,
            subject: SubjectKind::Request,
            directions: C::DIRECTIONS,
            reads: &[],
            compile: |value| Ok(Box::new(OnRequest(parse::<C>(value)?))),
            normalised: C::normalised,
            schema: schema::<C>,
        }
    }

    const fn reads(self, reads: &'static [Part]) -> Self {
        Self { reads, ..self }
    }

    const fn of<C: Params + Check>(subject: SubjectKind) -> Self {
        Self {
            name: C::NAME,
            summary: C::SUMMARY,
            subject,
            directions: C::DIRECTIONS,
            reads: &[],
            compile: |value| Ok(Box::new(parse::<C>(value)?)),
            normalised: C::normalised,
            schema: schema::<C>,
        }
    }
}

fn parse<P: Params>(value: Value) -> Result<P, ParameterError> {
    let value = if value.is_null() { Value::Object(serde_json::Map::new()) } else { value };
    let params: P = serde_path_to_error::deserialize(value).map_err(|error| {
        let path = error.path().iter().filter_map(segment).collect();
        ParameterError { path, message: error.into_inner().to_string() }
    })?;
    params.validate().map_err(|message| ParameterError { path: Vec::new(), message })?;
    Ok(params)
}

/// One step of a path to a value, as places in YAML have it.
pub(crate) fn segment(segment: &serde_path_to_error::Segment) -> Option<String> {
    match segment {
        serde_path_to_error::Segment::Seq { index } => Some(index.to_string()),
        serde_path_to_error::Segment::Map { key } => Some(key.clone()),
        _ => None,
    }
}

fn schema<P: Params>() -> Schema {
    schemars::SchemaGenerator::default().into_root_schema_for::<P>()
}

const SUBJECT: &[Part] = &[Part::Subject];
const SAN: &[Part] = &[Part::San];
const SUBJECT_AND_SAN: &[Part] = &[Part::Subject, Part::San];
const SAN_AND_EXTENSIONS: &[Part] = &[Part::San, Part::Extensions];
const EXTENSIONS: &[Part] = &[Part::Extensions];
const EXTENSIONS_AND_KEY: &[Part] = &[Part::Extensions, Part::Key];
const KEY: &[Part] = &[Part::Key];
const HASH: &[Part] = &[Part::Hash];
const RENEWAL: &[Part] = &[Part::Renewal];
const VALIDITY: &[Part] = &[Part::Validity];

/// Every check, by name.
pub static CHECKS: &[Definition] = &[
    Definition::request::<attribute::AttributePresent>(),
    Definition::request::<attribute::EnrollmentNameValue>(),
    Definition::request::<attribute::RenewalKey>().reads(RENEWAL),
    Definition::of::<defect::Defects>(SubjectKind::Recorded),
    Definition::of::<estate::KeyReused>(SubjectKind::Estate),
    Definition::of::<estate::NonceRepeated>(SubjectKind::Estate),
    Definition::of::<estate::SharedPrime>(SubjectKind::Estate),
    Definition::request::<extension::CaRequested>().reads(EXTENSIONS),
    Definition::request::<extension::KeyUsageCa>().reads(EXTENSIONS),
    Definition::request::<extension::KeyUsageFitsKey>().reads(EXTENSIONS_AND_KEY),
    Definition::request::<extension::UsagePolicy>().reads(EXTENSIONS),
    Definition::request::<extension::authority::CertificatePolicies>().reads(EXTENSIONS),
    Definition::request::<extension::authority::NameConstraintsForm>().reads(EXTENSIONS),
    Definition::request::<extension::authority::NameConstraintsReserved>().reads(EXTENSIONS),
    Definition::request::<extension::authority::PolicyConstraintsEmpty>().reads(EXTENSIONS),
    Definition::request::<extension::authority::PolicyMappingsAny>().reads(EXTENSIONS),
    Definition::request::<extension::usage::ApplicationPolicies>().reads(EXTENSIONS),
    Definition::request::<extension::usage::ExtendedKeyUsage>().reads(EXTENSIONS),
    Definition::request::<extension::usage::KeyUsageBits>().reads(EXTENSIONS_AND_KEY),
    Definition::request::<extension::usage::KeyUsageForKey>().reads(EXTENSIONS_AND_KEY),
    Definition::request::<extension::usage::KeyUsageUndefined>().reads(EXTENSIONS),
    Definition::request::<extension::usage::UsagesConsistent>().reads(EXTENSIONS),
    Definition::request::<extension::value::ExtensionCriticality>().reads(EXTENSIONS),
    Definition::request::<extension::value::ExtensionRequested>().reads(EXTENSIONS),
    Definition::request::<extension::value::ExtensionUnknown>().reads(EXTENSIONS),
    Definition::request::<extension::value::LegalEntityIdentifier>().reads(EXTENSIONS),
    Definition::request::<extension::value::SecurityIdentifier>().reads(EXTENSIONS),
    Definition::request::<extension::value::SubjectKeyIdentifier>().reads(EXTENSIONS),
    Definition::request::<extension::value::TemplateNamed>().reads(EXTENSIONS),
    Definition::request::<hybrid::AlternativeKey>(),
    Definition::request::<hybrid::PossessionStatement>(),
    Definition::request::<hybrid::RelatedCertificate>(),
    Definition::request::<key::EcPoint>(),
    Definition::request::<key::EcSmallPrivateKey>(),
    Definition::request::<key::EdwardsPoint>(),
    Definition::request::<key::GroupKey>(),
    Definition::request::<key::KeyAlgorithmDenied>().reads(KEY),
    Definition::request::<key::KeyCurve>().reads(KEY),
    Definition::request::<key::KeyOid>().reads(KEY),
    Definition::request::<key::KeyPolicy>().reads(KEY),
    Definition::request::<key::KeyQuantum>().reads(KEY),
    Definition::request::<key::KeySize>().reads(KEY),
    Definition::request::<key::KeyStrength>().reads(KEY),
    Definition::request::<key::KnownKey>(),
    Definition::request::<key::LowOrderPoint>(),
    Definition::request::<key::MlKemKey>(),
    Definition::request::<key::RsaExponent>(),
    Definition::request::<key::RsaWeakness>(),
    Definition::request::<san::CommonNameInSan>().reads(SUBJECT_AND_SAN),
    Definition::request::<san::DnsIsIp>().reads(SAN),
    Definition::request::<san::DnsSyntax>().reads(SAN),
    Definition::request::<san::DnsWildcard>().reads(SAN),
    Definition::request::<san::EmailSyntax>().reads(SAN),
    Definition::request::<san::SanCriticality>().reads(SUBJECT_AND_SAN),
    Definition::request::<san::SanDuplicate>().reads(SAN),
    Definition::request::<san::SanMissing>().reads(SAN_AND_EXTENSIONS),
    Definition::request::<san::SanPolicy>().reads(SAN),
    Definition::request::<san::UriSyntax>().reads(SAN),
    Definition::request::<san::domain::DnsConfusable>().reads(SAN),
    Definition::request::<san::domain::DnsCovered>().reads(SAN),
    Definition::request::<san::domain::DnsIdn>().reads(SAN),
    Definition::request::<san::domain::DnsInternalName>().reads(SAN),
    Definition::request::<san::domain::DnsMixedScript>().reads(SAN),
    Definition::request::<san::domain::DnsOnion>().reads(SAN),
    Definition::request::<san::domain::DnsPublicSuffix>().reads(SAN),
    Definition::request::<san::domain::DnsReservedLabel>().reads(SAN),
    Definition::request::<san::domain::DnsSuffix>().reads(SAN),
    Definition::request::<san::domain::DnsUnderscore>().reads(SAN),
    Definition::request::<san::forms::EmailDomain>().reads(SAN),
    Definition::request::<san::forms::IpRanges>().reads(SAN),
    Definition::request::<san::forms::OtherNameType>().reads(SAN),
    Definition::request::<san::forms::SanTypes>().reads(SAN),
    Definition::request::<san::forms::SmtpUtf8Mailbox>().reads(SAN),
    Definition::request::<san::forms::SpiffeId>().reads(SAN),
    Definition::request::<san::forms::SpiffeWorkload>().reads(SAN),
    Definition::request::<san::forms::UpnSyntax>().reads(SAN),
    Definition::request::<san::forms::UriHost>().reads(SAN),
    Definition::of::<secret::PrivateKeyCommitted>(SubjectKind::PrivateKey),
    Definition::request::<signature::ForgeablePossession>(),
    Definition::request::<signature::KeyCanSign>(),
    Definition::request::<signature::SignatureFitsKey>(),
    Definition::request::<signature::SignatureHash>().reads(HASH),
    Definition::request::<signature::SignatureHashCurve>(),
    Definition::request::<signature::SignatureValid>(),
    Definition::request::<signature::SmallNonce>(),
    Definition::request::<subject::SubjectCountry>().reads(SUBJECT),
    Definition::request::<subject::SubjectLength>().reads(SUBJECT),
    Definition::request::<subject::SubjectPlaceholder>().reads(SUBJECT),
    Definition::request::<subject::SubjectPolicy>().reads(SUBJECT),
    Definition::request::<subject::SubjectRepeated>().reads(SUBJECT),
    Definition::request::<subject::SubjectStringType>().reads(SUBJECT),
    Definition::request::<subject::SubjectWhitespace>().reads(SUBJECT),
    Definition::request::<subject::attributes::SubjectAttributes>().reads(SUBJECT),
    Definition::request::<subject::attributes::SubjectEmpty>().reads(SUBJECT_AND_SAN),
    Definition::request::<subject::attributes::SubjectOrder>().reads(SUBJECT),
    Definition::request::<subject::attributes::SubjectUnknownAttribute>().reads(SUBJECT),
    Definition::request::<subject::identity::CommonNameIp>().reads(SUBJECT),
    Definition::request::<subject::identity::CommonNamePublic>().reads(SUBJECT),
    Definition::request::<subject::identity::CommonNameSource>().reads(SUBJECT_AND_SAN),
    Definition::request::<subject::identity::OrganizationIdentifier>().reads(SUBJECT),
    Definition::request::<subject::identity::SubjectCountryIso>().reads(SUBJECT),
    Definition::request::<subject::identity::SubjectDomainComponents>().reads(SUBJECT),
    Definition::request::<subject::identity::SubjectEmailInSan>().reads(SUBJECT_AND_SAN),
    Definition::request::<subject::identity::SubjectTextDamage>().reads(SUBJECT),
    Definition::request::<template::Lifetime>().reads(VALIDITY),
    Definition::request::<template::UnknownValues>(),
    Definition::request::<text::TextCharacters>().reads(SUBJECT_AND_SAN),
];

/// A check by name.
pub fn definition(name: &str) -> Option<&'static Definition> {
    CHECKS.iter().find(|definition| definition.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_directions_name_parameters() {
        let mut seen = std::collections::HashSet::new();
        for check in CHECKS {
            assert!(seen.insert(check.name), "{} twice", check.name);
            let schema = (check.schema)();
            let parts = || schema.get("$defs").and_then(Value::as_object).into_iter().flatten().map(|(_, part)| part);
            for (parameter, _) in check.directions {
                let has = |part: &Value, name: &str| part.pointer(&format!("/properties/{name}")).is_some();
                let found = match parameter.strip_prefix("*.") {
                    Some(name) => parts().any(|part| has(part, name)),
                    None => has(schema.as_value(), parameter),
                };
                assert!(found, "{}: no parameter {parameter}", check.name);
            }
        }
    }

    #[test]
    fn directions_compare() {
        assert_eq!(Stricter::Higher.is_looser(&2048.into(), &1024.into()), Some(true));
        assert_eq!(Stricter::Superset.is_looser(&vec!["md5", "sha1"].into(), &vec!["md5"].into()), Some(true));
        assert_eq!(Stricter::Subset.is_looser(&vec!["P-256"].into(), &vec!["P-256", "P-384"].into()), Some(true));
        assert_eq!(Stricter::Lower.is_looser(&"x".into(), &1.into()), None);
    }
}
