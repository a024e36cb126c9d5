//! The provider hashicorp/google, for Certificate Authority Service: certificates, CAs, and the two places where it is
//! said what others may ask for, pools and templates.
//! A pool without a policy issues whatever it is asked for (magic-modules, products/privateca, 2024).

use super::parts::{Attributes, Provider, Reading, block, block_at, duration, is, passthrough, place, whole};
use super::{Resource, blocks, tls};
use crate::crypto::{Curve, Hash};
use crate::encoding::DefectKind;
use crate::read::structure::{Entry, Node, Value};
use crate::read::template::Draft;
use crate::read::usage;
use crate::request::{Field, KeyAlgorithm, Makes, PartialName, Request, Validity};
use crate::source::Span;

/// The provider.
const GOOGLE: Provider = Provider { source: "hashicorp/google", verified: "5.0" };
/// The lifetime of certificates and CAs where none is written: ten years.
const LIFETIME: Validity = Validity { seconds: 315_360_000 };

const SUBJECT: &Attributes = &[
    ("country_code", "C"),
    ("organization", "O"),
    ("organizational_unit", "OU"),
    ("locality", "L"),
    ("province", "ST"),
    ("street_address", "street"),
    ("postal_code", "postalCode"),
    ("common_name", "CN"),
];

/// `google_privateca_certificate`
pub(super) fn certificate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    if let Some(node) = body.get("pem_csr") {
        reading.request(&mut draft, node);
        draft.open_extensions(node.place());
    }
    if let Some(config) = block(body, "config") {
        configuration(reading, &mut draft, config);
        if let Some(key) = block(config, "public_key").and_then(|key| key.get("key")) {
            match tls::public_key(reading.module, key) {
                Some(found) => {
                    tls::key_parts(reading, &mut draft, &found);
                    let span = draft.span();
                    draft.hash_is(Field::absent(span));
                }
                None => reading.unknown_key(&mut draft, key),
            }
        }
    }
    if body.get("certificate_template").is_some() {
        let span = draft.span();
        draft.open_extensions(span);
    }
    lifetime(reading, &mut draft, body);
    Some(draft.finish())
}

fn lifetime(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    let span = draft.span();
    draft.validity = match body.get("lifetime") {
        Some(node) => duration(node),
        None => reading.default(span, LIFETIME, &GOOGLE),
    };
}

/// `google_privateca_certificate_authority`
pub(super) fn certificate_authority(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let config = block(body, "config")?;
    let makes = if body.str_at(&["type"]) == Some("SUBORDINATE") { Makes::Request } else { Makes::Certificate };
    let mut draft = reading.draft(resource, makes);
    configuration(reading, &mut draft, config);
    if let Some(spec) = block(body, "key_spec") {
        match (spec.get("algorithm"), spec.get("cloud_kms_key_version")) {
            (Some(node), _) => key_spec(&mut draft, node),
            (None, Some(node)) => reading.unknown_key(&mut draft, node),
            (None, None) => {}
        }
    }
    lifetime(reading, &mut draft, body);
    Some(draft.finish())
}

/// `RSA_PKCS1_4096_SHA256`, `RSA_PSS_2048_SHA256`, `EC_P256_SHA256`.
fn key_spec(draft: &mut Draft, node: &Node) {
    let name = node.string();
    let span = node.place();
    let algorithm = name.clone().try_map(|name| match name.split('_').next() {
        Some("RSA") => Ok(KeyAlgorithm::Rsa),
        Some("EC") => Ok(KeyAlgorithm::Ec),
        _ => Err(format!("{name:?} is no algorithm csrlint knows")),
    });
    let is_rsa = algorithm.effective() == Some(&KeyAlgorithm::Rsa);
    let is_elliptic = algorithm.effective() == Some(&KeyAlgorithm::Ec);
    let bits = name.clone().try_map(|name| {
        name.split('_').find_map(|part| part.parse().ok()).ok_or_else(|| format!("{name:?} names no size"))
    });
    let curve = name.clone().try_map(|name| {
        name.split('_').nth(1).and_then(Curve::from_name).ok_or_else(|| format!("{name:?} names no curve"))
    });
    let hash = name.try_map(|name| {
        name.rsplit('_').next().and_then(Hash::from_name).ok_or_else(|| format!("{name:?} names no hash"))
    });
    draft.hash_is(hash);
    let bits = if is_elliptic { Field::absent(span) } else { bits };
    let curve = if is_rsa { Field::absent(span) } else { curve };
    draft.key_is(span, algorithm, bits, curve);
}

/// `config`: subject, names, usages.
fn configuration(reading: &Reading<'_>, draft: &mut Draft, config: &Node) {
    if let Some(subject) = block_at(config, &["subject_config", "subject"]) {
        reading.subject(draft, subject, SUBJECT);
    }
    if let Some(names) = block_at(config, &["subject_config", "subject_alt_name"]) {
        let lists = [
            ("dns_names", PartialName::Dns),
            ("ip_addresses", PartialName::Ip),
            ("uris", PartialName::Uri),
            ("email_addresses", PartialName::Email),
        ];
        for (key, form) in lists {
            reading.names(draft, names.get(key), form);
        }
        reading.name_knob(draft, names, "dns_names", "");
        for other in blocks(names, "custom_sans") {
            draft.open_names(other.place(), "a name of another form");
        }
    }
    if let Some(values) = block(config, "x509_config") {
        usages(draft, values);
    }
}

/// Key usages, purposes and the CA flag of `x509_config`, `baseline_values` and `predefined_values`.
fn usages(draft: &mut Draft, values: &Node) {
    if let Some(options) = block(values, "ca_options")
        && let Some(entry) = options.entry("is_ca")
    {
        let length = options.get("max_issuer_path_length").and_then(|node| node.integer().effective().copied());
        let length = length.or((is(options, "zero_max_issuer_path_length") == Some(true)).then_some(0));
        let ca = entry.value.boolean();
        if ca.effective() != Some(&false) {
            draft.basic_constraints(whole(entry), true, ca, length);
        }
    }
    let Some(usage) = block(values, "key_usage") else { return };
    if let Some(base) = block(usage, "base_key_usage") {
        let bits: Vec<_> =
            set(base).filter_map(|(entry, span)| flagged(entry, span, usage::key_usage(&entry.key))).collect();
        draft.key_usage(base.place(), true, &bits);
    }
    let mut purposes = Vec::new();
    let mut span = usage.place();
    if let Some(extended) = block(usage, "extended_key_usage") {
        span = extended.place();
        purposes.extend(set(extended).filter_map(|(entry, span)| flagged(entry, span, usage::purpose(&entry.key))));
    }
    for unknown in blocks(usage, "unknown_extended_key_usages") {
        let path = unknown.get("object_id_path").map(Node::members).unwrap_or_default();
        let arcs: Option<Vec<&str>> = path.iter().map(Node::str).collect();
        let dotted = arcs.map(|arcs| arcs.join("."));
        purposes.push(match dotted.as_deref().and_then(usage::purpose) {
            Some(purpose) => Field::known(unknown.place(), purpose),
            None => Field::unknown(unknown.place(), "object_id_path"),
        });
    }
    draft.purposes(span, false, purposes);
}

/// Flags that are not written as `false`.
fn set(block: &Node) -> impl Iterator<Item = (&Entry, Span)> {
    let entries = block.entries().iter().filter(|entry| entry.value.value != Value::Null);
    entries.filter(|entry| entry.value.boolean().effective() != Some(&false)).map(|entry| (entry, whole(entry)))
}

fn flagged<T>(entry: &Entry, span: Span, value: Option<T>) -> Option<Field<T>> {
    let Field { state, .. } = entry.value.boolean().map(|_| ());
    let value = value?;
    Some(Field { span, state }.map(|()| value))
}

/// `google_privateca_certificate_template`
pub(super) fn template(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = permission(reading, resource);
    if let Some(values) = block(body, "predefined_values") {
        usages(&mut draft, values);
    }
    if let Some(longest) = body.get("maximum_lifetime") {
        draft.validity = duration(longest);
    }
    if let Some(constraints) = block(body, "identity_constraints") {
        identities(&mut draft, constraints, "identity_constraints");
    }
    let extensions = block(body, "passthrough_extensions").and_then(|block| block.entry("known_extensions"));
    let ca = |node: &&Node| matches!(node.str(), Some("CA_OPTIONS"));
    if let Some(node) = extensions.and_then(|entry| entry.value.members().iter().find(ca)) {
        let detail = "the template lets the requester decide whether the certificate is that of a CA";
        passthrough(&mut draft, node.place(), "passthrough_extensions", detail);
    }
    Some(draft.finish())
}

/// `google_privateca_ca_pool`
pub(super) fn pool(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = permission(reading, resource);
    let span = draft.span();
    let Some(policy) = block(body, "issuance_policy") else {
        let detail =
            "without issuance_policy whoever may use the pool gets any name, any key and any extension certified";
        passthrough(&mut draft, span, "issuance_policy", detail);
        return Some(draft.finish());
    };
    if !policy.open().is_empty() {
        return Some(draft.finish());
    }
    if let Some(values) = block(policy, "baseline_values") {
        usages(&mut draft, values);
    }
    if let Some(longest) = policy.get("maximum_lifetime") {
        draft.validity = duration(longest);
    }
    let at = body.entry("issuance_policy").map_or(span, |entry| place(&entry.key_span));
    match block(policy, "identity_constraints") {
        Some(constraints) => identities(&mut draft, constraints, "issuance_policy.identity_constraints"),
        None => {
            let detail = "without identity_constraints the pool certifies whatever names the requester asks for";
            passthrough(&mut draft, at, "issuance_policy.identity_constraints", detail);
        }
    }
    if policy.entry("allowed_key_types").is_none() {
        let detail = "without allowed_key_types the pool certifies whatever key the requester has";
        passthrough(&mut draft, at, "issuance_policy.allowed_key_types", detail);
    }
    Some(draft.finish())
}

/// What is said of others' certificates: names and keys are theirs.
fn permission(reading: &Reading<'_>, resource: &Resource) -> Draft {
    let mut draft = reading.draft(resource, Makes::Permission);
    let span = draft.span();
    draft.key = Field::unknown(span, "the requester's");
    super::parts::requesters_names(&mut draft);
    draft
}

/// Names that pass without an expression they have to satisfy.
fn identities(draft: &mut Draft, constraints: &Node, at: &str) {
    if !constraints.open().is_empty() || block(constraints, "cel_expression").is_some() {
        return;
    }
    for (key, what) in [("allow_subject_passthrough", "subject"), ("allow_subject_alt_names_passthrough", "names")] {
        if let Some(entry) = constraints.entry(key).filter(|entry| entry.value.boolean().effective() == Some(&true)) {
            let detail = format!("{key} without a cel_expression takes whatever {what} the requester asks for");
            draft.defect(DefectKind::Passthrough, whole(entry), format!("{at}.{key}"), detail);
        }
    }
}
