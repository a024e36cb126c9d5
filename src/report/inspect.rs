//! A request as JSON, as `inspect --format json` and the JSON report have it.
//! The types are the format: `schemas/inspect.schema.json` is generated from them.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Value, json};

use crate::crypto::{self, Verification};
use crate::encoding::DefectKind;
use crate::redact::Secrets;
use crate::request::{
    Extension, ExtensionValue, GeneralName, KeyAlgorithm, Makes, Oid, Request, State, StringType, Template, Text, hex,
};

/// One request.
#[derive(Serialize, JsonSchema)]
struct RequestJson {
    /// The file, relative to the root, with `/`.
    path: String,
    /// Its name in the file: `request 1`, `[req]`, `tls_cert_request.web`.
    name: String,
    /// Where in the file.
    span: SpanJson,
    /// `pem`, `der`, `base64` or `cms`; of templates `openssl`, `cert-manager`, `terraform` ...
    source_format: &'static str,
    /// SHA-256 of the DER, in hexadecimal.
    der_sha256: Option<String>,
    /// SHA-256 of the SubjectPublicKeyInfo.
    spki_sha256: Option<String>,
    /// The version as encoded: 0 is v1.
    version: Option<i64>,
    /// RFC 4514; types without a short name as `OID=text`.
    subject: Option<String>,
    /// Every attribute of every RDN, in the order of encoding.
    rdns: Option<Vec<Vec<AttributeJson>>>,
    /// The requested key.
    key: Option<KeyJson>,
    /// The signature over the request.
    signature: Option<SignatureJson>,
    /// Every requested subject alternative name that can be decoded.
    sans: Vec<NameJson>,
    /// Every requested extension, duplicates included.
    extensions: Vec<ExtensionJson>,
    /// Every attribute; secrets as type and length.
    attributes: Vec<RequestAttributeJson>,
    /// What only a template says.
    #[serde(skip_serializing_if = "Option::is_none")]
    template: Option<TemplateJson>,
    /// What readers recorded.
    defects: Vec<DefectJson>,
}

/// What only a template says.
#[derive(Serialize, JsonSchema)]
struct TemplateJson {
    /// What comes out of it.
    makes: Makes,
    /// The hash that will sign.
    hash: Option<&'static str>,
    /// The lifetime asked for, in seconds.
    validity_seconds: Option<u64>,
    /// Whether a renewal keeps the key.
    renewal_keeps_key: Option<bool>,
    /// The issuer it names.
    issuer: Option<String>,
    /// The signer it names.
    signer: Option<String>,
    /// Values that are not written in the file, by their logical place: a tool's default, or where they come from.
    notes: std::collections::BTreeMap<String, String>,
    /// Values that are expressions, by their logical place.
    unknown: Vec<UnknownJson>,
}

/// A value that is an expression.
#[derive(Serialize, JsonSchema)]
struct UnknownJson {
    /// The logical place.
    place: String,
    expression: String,
}

/// A place in a file.
#[derive(Serialize, JsonSchema)]
struct SpanJson {
    /// First byte, 0-based.
    start: usize,
    /// One past the last byte.
    end: usize,
    /// 1-based.
    line: usize,
    /// 1-based, in characters.
    column: usize,
    /// 1-based.
    end_line: usize,
    /// 1-based, exclusive.
    end_column: usize,
}

/// An attribute of a name.
#[derive(Serialize, JsonSchema)]
struct AttributeJson {
    oid: String,
    name: Option<&'static str>,
    /// The ASN.1 string type.
    string_type: Option<&'static str>,
    /// The text, where it can be decoded.
    value: Option<String>,
    /// The encoded value in hexadecimal, where it cannot.
    raw: Option<String>,
}

/// A key.
#[derive(Serialize, JsonSchema)]
struct KeyJson {
    /// `RSA`, `EC`, `Ed25519` ..., or `unknown`.
    algorithm: Option<&'static str>,
    algorithm_oid: Option<String>,
    /// Exact bit length of modulus or field; null where the algorithm has one size only.
    bits: Option<u32>,
    curve: Option<&'static str>,
    /// A number up to 32 bits, decimal text beyond that.
    exponent: Option<Value>,
}

/// A signature.
#[derive(Serialize, JsonSchema)]
struct SignatureJson {
    algorithm_oid: String,
    hash: Option<&'static str>,
    /// `valid`, `invalid`, `unsupported`, `key-out-of-range`.
    status: &'static str,
    /// Why it is unsupported or out of range.
    reason: Option<String>,
}

/// A subject alternative name.
#[derive(Serialize, JsonSchema)]
struct NameJson {
    /// `dns`, `ip`, `email`, `uri`, `dirname`, `rid`, `othername`, `x400`, `ediparty`.
    #[serde(rename = "type")]
    kind: &'static str,
    value: String,
}

/// A requested extension; beside these fields one for its value.
#[derive(Serialize, JsonSchema)]
struct ExtensionJson {
    oid: String,
    name: Option<&'static str>,
    critical: bool,
    /// The decoded value: `names`, `usages`, `purposes`, `ca` and `path_length`, `key_identifier`, `constraints`, `policies`, `features`,
    /// `template`, `sid`; `value` in hexadecimal where csrlint does not decode it; `error` where it cannot be decoded.
    #[serde(flatten)]
    value: serde_json::Map<String, Value>,
}

/// An attribute of the request.
#[derive(Serialize, JsonSchema)]
struct RequestAttributeJson {
    oid: String,
    name: Option<&'static str>,
    values: Vec<String>,
}

/// What a reader recorded.
#[derive(Serialize, JsonSchema)]
struct DefectJson {
    kind: DefectKind,
    /// The logical place.
    place: String,
    detail: String,
}

/// What `inspect --format json` prints.
#[derive(JsonSchema)]
#[schemars(
    title = "csrlint inspect",
    description = "What `csrlint inspect --format json` prints: one object a request, as the JSON report holds them under `requests`."
)]
struct InspectJson(#[allow(dead_code, reason = "only its schema is used")] Vec<RequestJson>);

/// The JSON Schema of the array.
pub fn schema() -> Value {
    json!(schemars::schema_for!(InspectJson))
}

/// One request as JSON.
pub fn request(request: &Request) -> Value {
    let mut value = json!(of(request));
    redact(&mut value, request.origin.sources.file.secrets());
    value
}

/// Takes the secrets of a file out of everything that was taken from it; the path is not.
fn redact(value: &mut Value, secrets: &Secrets) {
    match value {
        Value::String(text) => {
            if let Cow::Owned(legible) = secrets.out_of(text) {
                *text = legible;
            }
        }
        Value::Array(list) => list.iter_mut().for_each(|value| redact(value, secrets)),
        Value::Object(map) => {
            map.iter_mut().filter(|(key, _)| *key != "path").for_each(|(_, value)| redact(value, secrets));
        }
        _ => {}
    }
}

/// The verification status and, where there is one, its reason.
pub fn status(request: &Request) -> (&'static str, Option<&str>) {
    match request.verification() {
        Some(Verification::Valid) => ("valid", None),
        Some(Verification::Invalid) => ("invalid", None),
        Some(Verification::Unsupported(why)) => ("unsupported", Some(why)),
        Some(Verification::KeyOutOfRange(why)) => ("key-out-of-range", Some(why)),
        None => ("undecodable", None),
    }
}

fn of(request: &Request) -> RequestJson {
    let sources = &request.origin.sources;
    let ranges = sources.locate(request.origin.span);
    let (start, end) = (ranges.first().map_or(0, |range| range.start), ranges.last().map_or(0, |range| range.end));
    let (from, to) = (sources.file.position(start), sources.file.position(end));
    let pkcs10 = request.pkcs10.as_ref();
    RequestJson {
        path: sources.file.path.as_str().to_owned(),
        name: request.origin.name.clone(),
        span: SpanJson { start, end, line: from.line, column: from.column, end_line: to.line, end_column: to.column },
        source_format: request.origin.format.name(),
        der_sha256: pkcs10.map(|pkcs10| hex(&pkcs10.der_sha256())),
        spki_sha256: request.spki_sha256(),
        version: pkcs10.and_then(|pkcs10| pkcs10.version.effective().copied()),
        subject: request.subject.effective().map(crate::request::Name::to_rfc4514),
        rdns: request
            .subject
            .effective()
            .map(|name| name.rdns.iter().map(|rdn| rdn.attributes.iter().map(attribute).collect()).collect()),
        key: key(request),
        signature: signature(request),
        sans: request.names().filter_map(|(_, name)| name.effective()).map(san).collect(),
        extensions: request.extensions.items().map(extension).collect(),
        attributes: request
            .attributes
            .items()
            .map(|attribute| RequestAttributeJson {
                oid: attribute.oid.to_string(),
                name: attribute.oid.name(),
                values: attribute.values.iter().map(|value| value.shown.clone()).collect(),
            })
            .collect(),
        template: request.template.as_ref().map(|made| template(request, made)),
        defects: request
            .defects
            .iter()
            .map(|defect| DefectJson {
                kind: defect.kind,
                place: defect.place.to_string(),
                detail: defect.detail.to_string(),
            })
            .collect(),
    }
}

fn template(request: &Request, template: &Template) -> TemplateJson {
    let subject = request.subject.effective().into_iter().flat_map(crate::request::Name::attributes);
    let places = ["key.algorithm", "key.bits", "key.curve", "signature.hash", "renewal", "validity"].map(str::to_owned);
    let places = places
        .into_iter()
        .chain(subject.map(crate::request::NameAttribute::place))
        .chain(request.extensions.items().map(Extension::place))
        .chain(request.names().map(|(number, _)| format!("san[{number}]")));
    TemplateJson {
        makes: template.makes,
        hash: template.hash.effective().map(|hash| hash.name()),
        validity_seconds: request.validity.effective().map(|validity| validity.seconds),
        renewal_keeps_key: template.renewal.effective().map(|renewal| renewal.key_is_kept),
        issuer: template.issuer.effective().map(Text::to_string),
        signer: template.signer.effective().map(Text::to_string),
        notes: places.filter_map(|place| Some((place.clone(), request.note(&place)?))).collect(),
        unknown: request
            .unknowns()
            .into_iter()
            .map(|unseen| UnknownJson { place: unseen.place, expression: unseen.expression })
            .collect(),
    }
}

fn attribute(attribute: &crate::request::NameAttribute) -> AttributeJson {
    let value = attribute.value.effective().map(Text::to_string);
    AttributeJson {
        oid: attribute.oid.to_string(),
        name: attribute.oid.name(),
        string_type: attribute.string_type.map(StringType::name),
        raw: (value.is_none() && !attribute.raw.is_empty()).then(|| hex(&attribute.raw)),
        value,
    }
}

fn key(request: &Request) -> Option<KeyJson> {
    let key = request.key.effective()?;
    let public = key.public.as_ref();
    let exponent = public
        .and_then(|public| public.rsa_numbers())
        .map(|(_, exponent)| num_bigint::BigUint::from_bytes_be(exponent));
    Some(KeyJson {
        algorithm: key.algorithm.effective().copied().map(KeyAlgorithm::name),
        algorithm_oid: public.map(|public| public.oid.to_string()),
        bits: key.bits.effective().copied(),
        curve: key.curve.effective().map(|curve| curve.name()),
        exponent: exponent.map(|exponent| {
            u32::try_from(&exponent).map_or_else(|_| json!(exponent.to_string()), |small| json!(small))
        }),
    })
}

fn signature(request: &Request) -> Option<SignatureJson> {
    let signature = request.pkcs10.as_ref()?.signature.effective()?;
    let (status, reason) = status(request);
    let parameters = signature.parameters.and_then(|span| request.pkcs10.as_ref()?.der.get(span.range()));
    let hash =
        crypto::signature_algorithm(signature.algorithm.as_bytes()).and_then(|algorithm| match algorithm.family {
            crypto::SignatureFamily::RsaPss => crypto::pss_parameters(parameters).ok().map(|pss| pss.hash),
            _ => algorithm.hash,
        });
    Some(SignatureJson {
        algorithm_oid: signature.algorithm.to_string(),
        hash: hash.map(crypto::Hash::name),
        status,
        reason: reason.map(str::to_owned),
    })
}

fn san(name: &GeneralName) -> NameJson {
    NameJson { kind: name.kind(), value: name.value() }
}

fn extension(extension: &Extension) -> ExtensionJson {
    let mut value = serde_json::Map::new();
    let mut set = |name: &str, content: Value| {
        value.insert(name.to_owned(), content);
    };
    match (&extension.value.state, extension.value.effective()) {
        (State::Malformed(reason), _) => set("error", json!(reason)),
        (_, Some(decoded)) => match decoded {
            ExtensionValue::SubjectAltName(names) => set(
                "names",
                names.names.items().filter_map(|name| name.effective()).map(|name| json!(san(name))).collect(),
            ),
            ExtensionValue::KeyUsage(usage) => set("usages", json!(usage.names())),
            ExtensionValue::ExtendedKeyUsage(purposes) => {
                set("purposes", purposes.iter().filter_map(|purpose| purpose.effective()).map(Oid::label).collect())
            }
            ExtensionValue::BasicConstraints { ca, path_length } => {
                set("ca", json!(ca));
                set("path_length", json!(path_length));
            }
            ExtensionValue::SubjectKeyIdentifier(id) => set("key_identifier", json!(hex(id))),
            ExtensionValue::NameConstraints { permitted, excluded } => {
                set("constraints", json!({ "permitted": permitted, "excluded": excluded }))
            }
            ExtensionValue::CertificatePolicies(policies) | ExtensionValue::MicrosoftApplicationPolicies(policies) => {
                set("policies", policies.iter().filter_map(|policy| policy.effective()).map(Oid::label).collect())
            }
            ExtensionValue::TlsFeature(features) => set("features", json!(features)),
            ExtensionValue::MicrosoftTemplate(template) => set(
                "template",
                json!({ "template": template.template, "major": template.major, "minor": template.minor }),
            ),
            ExtensionValue::MicrosoftSid(sid) => set("sid", json!(sid)),
            ExtensionValue::Opaque => set("value", json!(hex(&extension.raw))),
        },
        _ => {}
    }
    ExtensionJson {
        oid: extension.oid.to_string(),
        name: extension.oid.name(),
        critical: extension.is_critical(),
        value,
    }
}
