//! The provider hashicorp/aws: certificates that ACM manages, and those of a private CA (ACM PCA), which makes them of a
//! request by a template of its own.
//! What ACM does with the key at renewal is not documented, and not told.

use super::Resource;
use super::parts::{
    Attributes, Provider, Reading, authority, block, common_name, default_purposes, expression_of, lifetime,
    passthrough, whole,
};
use crate::crypto::Hash;
use crate::encoding::DefectKind;
use crate::read::structure::Node;
use crate::read::template::Draft;
use crate::request::{Field, Makes, PartialName, Request, Text, Wanted};

/// The provider (documentation of 5.0).
const AWS: Provider = Provider { source: "hashicorp/aws", verified: "5.0" };

/// The subject of a private CA.
const SUBJECT: &Attributes = &[
    ("country", "C"),
    ("organization", "O"),
    ("organizational_unit", "OU"),
    ("state", "ST"),
    ("locality", "L"),
    ("distinguished_name_qualifier", "dnQualifier"),
    ("common_name", "CN"),
    ("surname", "SN"),
    ("given_name", "GN"),
    ("initials", "initials"),
    ("pseudonym", "pseudonym"),
    ("generation_qualifier", "generationQualifier"),
    ("title", "title"),
];

/// Templates of AWS Private CA by the start of their name, and their purposes.
const PURPOSES: &[(&str, &[&str])] = &[
    ("EndEntityClientAuthCertificate", &["clientAuth"]),
    ("EndEntityServerAuthCertificate", &["serverAuth"]),
    ("EndEntityCertificate", &["serverAuth", "clientAuth"]),
    ("CodeSigningCertificate", &["codeSigning"]),
    ("OCSPSigningCertificate", &["OCSPSigning"]),
];
/// What it takes where none is named.
const TEMPLATE: &str = "EndEntityCertificate/V1";

/// `aws_acm_certificate`, unless it brings a certificate along.
pub(super) fn managed(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    if ["private_key", "private_key_wo", "certificate_body"].iter().any(|key| body.get(key).is_some()) {
        return None;
    }
    let name = body.entry("domain_name")?;
    let mut draft = reading.draft(resource, Makes::Certificate);
    common_name(&mut draft, Some(name));
    let names = body.get("subject_alternative_names");
    reading.common_name_as_name(&mut draft, Some(&name.value), &[names]);
    reading.names(&mut draft, names, PartialName::Dns);
    reading.name_knob(&mut draft, body, "subject_alternative_names", "domain_name");
    let span = draft.span();
    let kind = match body.get("key_algorithm") {
        Some(node) => node.string(),
        None => reading.default(span, "RSA_2048".to_owned(), &AWS),
    };
    reading.named_key(&mut draft, body.get("key_algorithm").map_or(span, Node::place), kind);
    key_knobs(reading, &mut draft, body, Some("domain_name"));
    if let Some(arn) = body.get("certificate_authority_arn") {
        draft.template.issuer = arn.text();
    }
    let export = block(body, "options").and_then(|options| options.entry("export"));
    if let Some(entry) = export.filter(|entry| entry.value.str() == Some("ENABLED")) {
        let detail = "the private key may be exported from ACM";
        draft.defect(DefectKind::KeyExportable, whole(entry), "options.export", detail);
    }
    Some(draft.finish())
}

fn key_knobs(reading: &Reading<'_>, draft: &mut Draft, body: &Node, after: Option<&str>) {
    let spell = |wanted: &Wanted| match wanted {
        Wanted::Bits(bits @ (2048 | 3072 | 4096)) => Some(format!("\"RSA_{bits}\"")),
        Wanted::Curve(curve) => match curve.name() {
            "P-256" => Some("\"EC_prime256v1\"".to_owned()),
            "P-384" => Some("\"EC_secp384r1\"".to_owned()),
            "P-521" => Some("\"EC_secp521r1\"".to_owned()),
            _ => None,
        },
        _ => None,
    };
    reading.knob(draft, "key.bits", body, "key_algorithm", after, spell);
    reading.knob(draft, "key.curve", body, "key_algorithm", after, spell);
}

/// `aws_acmpca_certificate`
pub(super) fn private(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    if let Some(node) = body.get("certificate_signing_request") {
        match reading.target(node) {
            // The CA's own certificate: its request is told where the CA is.
            Some((_, authority, _)) if authority.type_name == "aws_acmpca_certificate_authority" => {
                draft.subject_is(Field::unknown(node.place(), expression_of(node)));
                draft.key = Field::unknown(node.place(), expression_of(node));
            }
            _ => reading.request(&mut draft, node),
        }
    }
    draft.hash_is(hash(body));
    template(reading, &mut draft, body);
    if let Some(validity) = block(body, "validity")
        && let (Some(kind), Some(value)) = (validity.str_at(&["type"]), validity.get("value"))
    {
        let unit = match kind {
            "DAYS" => 86_400,
            "MONTHS" => 30 * 86_400,
            "YEARS" => 365 * 86_400,
            // A date: how long it is until then, nobody knows.
            _ => 0,
        };
        if unit > 0 {
            draft.validity = lifetime(value, unit);
        }
    }
    if let Some(arn) = body.get("certificate_authority_arn") {
        draft.template.issuer = arn.text();
    }
    Some(draft.finish())
}

/// The template that AWS makes the certificate by (AWS Private CA user guide, template varieties).
fn template(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    let span = draft.span();
    let arn = body.entry("template_arn");
    let text = arn.map(|entry| entry.value.text());
    let known = match text.as_ref().map(Field::effective) {
        None => Some(TEMPLATE),
        Some(Some(Text::Whole(text) | Text::Partial { suffix: text, .. })) => {
            text.rsplit_once("template/").map(|(_, name)| name)
        }
        Some(None) => None,
    };
    let Some(name) = known else { return draft.open_extensions(span) };
    let at = arn.map_or(span, whole);
    if name.contains("CACertificate") {
        let length = name.split("PathLen").nth(1).and_then(|rest| rest.get(..1)?.parse().ok());
        authority(draft, at, length);
    }
    if let Some((_, names)) = PURPOSES.iter().find(|(start, _)| name.starts_with(start)) {
        default_purposes(reading, draft, at, names, &AWS);
    }
    let shown = name.split('/').next().unwrap_or(name);
    let passes = if name.contains("APICSRPassthrough") {
        "puts extensions of the request, and whatever the caller of the API names, into the certificate"
    } else if name.contains("CSRPassthrough") {
        "puts extensions of the request into the certificate, those of a CA among them"
    } else if name.contains("APIPassthrough") {
        "puts whatever subject and extensions the caller of the API names into the certificate"
    } else {
        return;
    };
    draft.open_extensions(at);
    passthrough(draft, at, "template_arn", format!("the template {shown} {passes}"));
}

fn hash(body: &Node) -> Field<Hash> {
    match body.get("signing_algorithm") {
        Some(node) => node.string().try_map(|name| {
            let hash = name.split("WITH").next().and_then(Hash::from_name);
            hash.ok_or_else(|| format!("{name:?} is no signature algorithm csrlint knows"))
        }),
        None => Field::absent(body.place()),
    }
}

/// `aws_acmpca_certificate_authority`: the request for the CA's certificate.
pub(super) fn certificate_authority(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let configuration = block(&resource.body, "certificate_authority_configuration")?;
    let mut draft = reading.draft(resource, Makes::Request);
    if let Some(subject) = block(configuration, "subject") {
        reading.subject(&mut draft, subject, SUBJECT);
    }
    if let Some(node) = configuration.get("key_algorithm") {
        reading.named_key(&mut draft, node.place(), node.string());
        key_knobs(reading, &mut draft, configuration, None);
    }
    draft.hash_is(hash(configuration));
    let span = draft.span();
    authority(&mut draft, span, None);
    Some(draft.finish())
}
