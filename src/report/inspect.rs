//! A request as JSON, as `inspect --format json` and the JSON report have it.

use serde_json::{Value, json};

use crate::crypto::{self, Verification};
use crate::request::{Extension, ExtensionValue, GeneralName, KeyAlgorithm, Request, State, Text, hex};

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

/// One request.
pub fn request(request: &Request) -> Value {
    let sources = &request.origin.sources;
    let ranges = sources.locate(request.origin.span);
    let (start, end) = (ranges.first().map_or(0, |range| range.start), ranges.last().map_or(0, |range| range.end));
    let (from, to) = (sources.file.position(start), sources.file.position(end));
    let pkcs10 = request.pkcs10.as_ref();
    json!({
        "path": sources.file.path.as_str(),
        "span": { "start": start, "end": end, "line": from.line, "column": from.column, "end_line": to.line, "end_column": to.column },
        "source_format": request.origin.format.name(),
        "der_sha256": pkcs10.map(|pkcs10| hex(&pkcs10.der_sha256())),
        "spki_sha256": request.spki_sha256(),
        "version": pkcs10.and_then(|pkcs10| pkcs10.version.effective().copied()),
        "subject": request.subject.effective().map(crate::request::Name::to_rfc4514),
        "rdns": rdns(request),
        "key": key(request),
        "signature": signature(request),
        "sans": request.names().filter_map(|(_, name)| name.effective()).map(san).collect::<Vec<_>>(),
        "extensions": request.extensions.items().map(extension).collect::<Vec<_>>(),
        "attributes": request.attributes.items().map(|attribute| json!({
            "oid": attribute.oid.to_string(),
            "name": attribute.oid.name(),
            "values": attribute.values.iter().map(|value| value.shown.as_str()).collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "defects": request.defects.iter().map(|defect| json!({ "kind": defect.kind, "place": defect.place, "detail": defect.detail })).collect::<Vec<_>>(),
    })
}

fn rdns(request: &Request) -> Value {
    let Some(name) = request.subject.effective() else { return Value::Null };
    name.rdns
        .iter()
        .map(|rdn| {
            rdn.attributes
                .iter()
                .map(|attribute| {
                    json!({
                        "oid": attribute.oid.to_string(),
                        "name": attribute.oid.name(),
                        "string_type": attribute.string_type.map(crate::request::StringType::name),
                        "value": attribute.value.effective().map(Text::to_string),
                        "raw": if attribute.value.effective().is_none() { Some(hex(&attribute.raw)) } else { None },
                    })
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

fn key(request: &Request) -> Value {
    let Some(key) = request.key.effective() else { return Value::Null };
    let public = key.public.as_ref();
    let exponent = public.and_then(|public| public.rsa_numbers()).map(|(_, exponent)| num_bigint::BigUint::from_bytes_be(exponent));
    json!({
        "algorithm": key.algorithm.effective().map(|algorithm| match algorithm { KeyAlgorithm::Other => "unknown", known => known.name() }),
        "algorithm_oid": public.map(|public| public.oid.to_string()),
        "bits": key.bits.effective(),
        "curve": key.curve.effective().map(|curve| curve.name()),
        // A number where JSON readers keep it exact, text beyond that.
        "exponent": exponent.map(|exponent| u32::try_from(&exponent).map_or_else(|_| json!(exponent.to_string()), |small| json!(small))),
    })
}

fn signature(request: &Request) -> Value {
    let Some(signature) = request.pkcs10.as_ref().and_then(|pkcs10| pkcs10.signature.effective()) else { return Value::Null };
    let (status, reason) = status(request);
    let parameters = signature.parameters.and_then(|span| request.pkcs10.as_ref()?.der.get(span.range()));
    let hash = crypto::signature_algorithm(signature.algorithm.as_bytes()).and_then(|algorithm| match algorithm.family {
        crypto::SignatureFamily::RsaPss => crypto::pss_parameters(parameters).ok().map(|pss| pss.hash),
        _ => algorithm.hash,
    });
    json!({ "algorithm_oid": signature.algorithm.to_string(), "hash": hash.map(crypto::Hash::name), "status": status, "reason": reason })
}

fn san(name: &GeneralName) -> Value {
    json!({ "type": name.kind(), "value": name.value() })
}

fn extension(extension: &Extension) -> Value {
    let mut object = json!({ "oid": extension.oid.to_string(), "name": extension.oid.name(), "critical": extension.is_critical() });
    let (field, value) = match (&extension.value.state, extension.value.effective()) {
        (State::Malformed(reason), _) => ("error", json!(reason)),
        (_, Some(value)) => match value {
            ExtensionValue::SubjectAltName(names) => ("names", names.names.items().filter_map(|name| name.effective()).map(san).collect()),
            ExtensionValue::KeyUsage(usage) => ("usages", json!(usage.names())),
            ExtensionValue::ExtendedKeyUsage(purposes) => ("purposes", purposes.iter().filter_map(|purpose| purpose.effective()).map(crate::request::Oid::label).collect()),
            ExtensionValue::BasicConstraints { ca, path_length } => {
                object["path_length"] = json!(path_length);
                ("ca", json!(ca))
            }
            ExtensionValue::SubjectKeyIdentifier(id) => ("key_identifier", json!(hex(id))),
            ExtensionValue::NameConstraints { permitted, excluded } => ("constraints", json!({ "permitted": permitted, "excluded": excluded })),
            ExtensionValue::CertificatePolicies(policies) | ExtensionValue::MicrosoftApplicationPolicies(policies) => ("policies", policies.iter().map(crate::request::Oid::label).collect()),
            ExtensionValue::TlsFeature(features) => ("features", json!(features)),
            ExtensionValue::MicrosoftTemplate(template) => ("template", json!({ "template": template.template, "major": template.major, "minor": template.minor })),
            ExtensionValue::MicrosoftSid(sid) => ("sid", json!(sid)),
            ExtensionValue::Opaque => ("value", json!(hex(&extension.raw))),
        },
        _ => return object,
    };
    object[field] = value;
    object
}

/// The JSON Schema of the array.
pub fn schema() -> Value {
    json!({})
}
