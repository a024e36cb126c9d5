//! The provider hashicorp/tls: keys, requests of them, and certificates. Defaults are those of 4.0, which were the same in
//! every version before: RSA keys of 2048 bits, elliptic ones on P-224.
//! A key is no request; what is wrong with it is told with the requests that are made of it.

use super::parts::{
    self, Attributes, Provider, Reading, block, expression_of, is_weak, lifetime, place, spell_bits, spell_curve, whole,
};
use super::{Module, Reference, Resource, blocks, reference};
use crate::crypto::{Curve, Hash};
use crate::encoding::DefectKind;
use crate::fix::{Applicability, Fix};
use crate::read::structure::{Node, Value};
use crate::read::template::Draft;
use crate::request::{Field, KeyAlgorithm, Makes, PartialName, Request, Wanted};

/// The provider.
const TLS: Provider = Provider { source: "hashicorp/tls", verified: "4.0" };

/// The subject, in the order Go's pkix.Name has it in.
const SUBJECT: &Attributes = &[
    ("country", "C"),
    ("province", "ST"),
    ("locality", "L"),
    ("street_address", "street"),
    ("postal_code", "postalCode"),
    ("organization", "O"),
    ("organizational_unit", "OU"),
    ("common_name", "CN"),
    ("serial_number", "serialNumber"),
    ("email_address", "emailAddress"),
];

const KEPT: &str = "tls_private_key never makes a new key by itself; lifecycle { replace_triggered_by } on a time_rotating \
                    resource does, or terraform apply -replace";

/// A resource that has a key, and which key it is.
pub(super) struct User {
    address: String,
    pub(super) key: Reference,
    /// It may be one of several that exclude each other.
    is_conditional: bool,
}

/// `tls_cert_request`, unless a certificate of the same file is made of it.
pub(super) fn cert_request(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    if reading.taken.contains(&resource.address()) {
        return None;
    }
    let mut draft = reading.draft(resource, Makes::Request);
    request_parts(reading, &mut draft, &resource.body);
    shared(reading, &mut draft, resource);
    Some(draft.finish())
}

/// `tls_self_signed_cert`
pub(super) fn self_signed(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let mut draft = reading.draft(resource, Makes::Certificate);
    request_parts(reading, &mut draft, &resource.body);
    shared(reading, &mut draft, resource);
    certificate_parts(reading, &mut draft, &resource.body);
    Some(draft.finish())
}

/// `tls_locally_signed_cert`
pub(super) fn locally_signed(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let mut draft = reading.draft(resource, Makes::Certificate);
    if let Some(node) = resource.body.get("cert_request_pem") {
        reading.request(&mut draft, node);
        if let Some((_, request, true)) = reading.target(node) {
            shared(reading, &mut draft, &request);
        }
    }
    // It is the CA's key that signs.
    let span = draft.span();
    draft.hash_is(Field::absent(span));
    let signer = ["ca_private_key_pem", "ca_private_key_pem_wo"].iter().find_map(|key| resource.body.get(key));
    if let Some(key) = signer.and_then(|node| private_key(reading.module, node)) {
        let (algorithm, _, curve) = algorithm_of(reading, &key.body);
        draft.hash_is(hash(reading, &algorithm, &curve));
    }
    certificate_parts(reading, &mut draft, &resource.body);
    Some(draft.finish())
}

/// A key that nobody in the module asks a certificate for: it may be an account's or go to another module, and what it is
/// for is not csrlint's business. One that is too weak for anything is told all the same.
pub(super) fn lone_key(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let is_used = users(reading)
        .iter()
        .chain(reading.module.users_elsewhere(&resource.name))
        .any(|user| user.key.name == resource.name);
    if is_used || reading.module.is_for_ssh(&resource.name) {
        return None;
    }
    let mut draft = reading.draft(resource, Makes::Request);
    let span = draft.span();
    draft.subject_is(Field::unknown(span, "no request of the module is for this key"));
    key_parts(reading, &mut draft, resource);
    draft.renewal_is(Field::absent(span));
    draft.defects.retain(|defect| defect.kind == DefectKind::WeakDefault);
    is_weak(&draft).then(|| {
        draft.open_names(span, "no request of the module is for this key");
        draft.open_extensions(span);
        draft.finish()
    })
}

/// Subject, names and key of a request, or of a self-signed certificate.
pub(super) fn request_parts(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    if let Some(subject) = block(body, "subject") {
        reading.subject(draft, subject, SUBJECT);
    }
    let lists = [("dns_names", PartialName::Dns), ("ip_addresses", PartialName::Ip), ("uris", PartialName::Uri)];
    let first = lists.iter().filter_map(|(key, _)| body.get(key)).find(|list| !list.members().is_empty());
    if let Some(list) = first.filter(|_| draft.template.makes == Makes::Certificate && !draft.has_subject()) {
        // Go marks the names of a certificate without a subject critical, not those of a request.
        draft.san_at(list.place(), true);
    }
    for (key, form) in lists {
        reading.names(draft, body.get(key), form);
    }
    let argument = if body.get("private_key_pem_wo").is_some() { "private_key_pem_wo" } else { "private_key_pem" };
    reading.name_knob(draft, body, "dns_names", argument);
    let Some(node) = body.get(argument) else { return };
    match private_key(reading.module, node) {
        Some(key) => key_parts(reading, draft, &key),
        None => {
            reading.unknown_key(draft, node);
            // Before 4.0 the kind of key had to be written here, too.
            if let Some(algorithm) = body.get("key_algorithm") {
                let unknown = expression_of(node);
                let kind = algorithm.string().try_map(|name| kind(&name));
                let bits = Field::unknown(node.place(), unknown.clone());
                draft.key_is(node.place(), kind, bits, Field::unknown(node.place(), unknown));
            }
        }
    }
}

/// The key that a value names.
fn private_key(module: &Module, node: &Node) -> Option<Resource> {
    let (named, key, _) = module.target(node)?;
    let is_key = key.type_name == "tls_private_key" && named.attribute.starts_with("private_key_pem");
    is_key.then_some(key)
}

/// The key whose public half a value names, by way of a data source or straight away.
pub(super) fn public_key(module: &Module, node: &Node) -> Option<Resource> {
    let (named, found, _) = module.target(&without_base64(node))?;
    match found.type_name.as_str() {
        "tls_private_key" if named.attribute.starts_with("public_key") => Some(found),
        "tls_public_key" => private_key(module, found.body.get("private_key_pem")?),
        _ => None,
    }
}

/// What `base64encode()` is called with.
fn without_base64(node: &Node) -> Node {
    let inner = match &node.value {
        Value::Unknown(expression) => {
            expression.trim().strip_prefix("base64encode(").and_then(|rest| rest.strip_suffix(')')).map(str::to_owned)
        }
        _ => None,
    };
    let value = inner.map_or_else(|| node.value.clone(), Value::Unknown);
    Node { span: node.span.clone(), value }
}

/// Kind and size of a key, what becomes of it, and where it lies.
pub(super) fn key_parts(reading: &Reading<'_>, draft: &mut Draft, key: &Resource) {
    let (algorithm, bits, curve) = algorithm_of(reading, &key.body);
    let span = place(&key.header_span);
    draft.hash_is(hash(reading, &algorithm, &curve));
    let is_elliptic = algorithm.effective() == Some(&KeyAlgorithm::Ec);
    match algorithm.effective() {
        Some(KeyAlgorithm::Rsa) => {
            reading.knob(draft, "key.bits", &key.body, "rsa_bits", Some("algorithm"), spell_bits);
        }
        Some(KeyAlgorithm::Ec) => {
            reading.knob(draft, "key.curve", &key.body, "ecdsa_curve", Some("algorithm"), spell_curve);
        }
        _ => {}
    }
    if is_elliptic && key.body.entry("ecdsa_curve").is_none() && reading.is_new(format!("curve {}", key.address())) {
        weak_curve(draft, key);
    }
    draft.key_is(span, algorithm, bits, curve);
    if key.kind != "resource" {
        return;
    }
    reading.key_in_state(draft, key, span);
    let is_replaced = blocks(&key.body, "lifecycle").iter().any(|block| block.get("replace_triggered_by").is_some());
    reading.renewal(draft, !is_replaced, KEPT, &TLS);
    draft.template.renewal.span = span;
}

fn weak_curve(draft: &mut Draft, key: &Resource) {
    let span = key.body.entry("algorithm").map_or_else(|| place(&key.header_span), whole);
    let detail = format!(
        "{} has no ecdsa_curve and gets P-224, which no browser, no TLS 1.3 client and no public CA takes",
        key.address()
    );
    match draft.template.knob("key.curve") {
        Some(knob) => {
            let value = Curve::from_name("P-256").and_then(|curve| spell_curve(&Wanted::Curve(curve)));
            let text = format!("{}{}{}", knob.before, value.unwrap_or_default(), knob.after);
            let fix = Fix::replace(Applicability::Unsafe, "Write P256 as the curve of the key", knob.at, text);
            draft.defect_with_fix(DefectKind::WeakDefault, span, "key.curve", detail, fix);
        }
        None => draft.defect(DefectKind::WeakDefault, span, "key.curve", detail),
    }
}

type Described = (Field<KeyAlgorithm>, Field<u32>, Field<Curve>);

/// Algorithm, size and curve of a key.
fn algorithm_of(reading: &Reading<'_>, body: &Node) -> Described {
    let span = body.get("algorithm").map_or_else(|| body.place(), Node::place);
    let algorithm = match body.get("algorithm") {
        Some(node) => node.string().try_map(|name| kind(&name)),
        None => Field::absent(span),
    };
    let unknown = || algorithm.unknown_expression().unwrap_or("the algorithm is not known").to_owned();
    match algorithm.effective() {
        Some(KeyAlgorithm::Rsa) => {
            let bits = match body.get("rsa_bits") {
                Some(node) => node.integer().bits(),
                None => reading.default(span, 2048, &TLS),
            };
            (algorithm, bits, Field::absent(span))
        }
        Some(KeyAlgorithm::Ec) => {
            let curve = match (body.get("ecdsa_curve"), Curve::from_name("P-224")) {
                (Some(node), _) => node.string().try_map(|name| {
                    Curve::from_name(&name).ok_or_else(|| format!("{name:?} is no curve csrlint knows"))
                }),
                (None, Some(curve)) => reading.default(span, curve, &TLS),
                (None, None) => Field::absent(span),
            };
            (algorithm, Field::absent(span), curve)
        }
        Some(_) => (algorithm, Field::absent(span), Field::absent(span)),
        None => {
            let (bits, curve) = (Field::unknown(span, unknown()), Field::unknown(span, unknown()));
            (algorithm, bits, curve)
        }
    }
}

fn kind(name: &str) -> Result<KeyAlgorithm, String> {
    match name {
        "RSA" => Ok(KeyAlgorithm::Rsa),
        "ECDSA" => Ok(KeyAlgorithm::Ec),
        "ED25519" => Ok(KeyAlgorithm::Ed25519),
        _ => Err(format!("{name:?} is no algorithm hashicorp/tls knows")),
    }
}

/// The hash that Go's crypto/x509 takes for a key where none is asked for (signingParamsForKey, Go 1.24).
fn hash(reading: &Reading<'_>, algorithm: &Field<KeyAlgorithm>, curve: &Field<Curve>) -> Field<Hash> {
    let span = algorithm.span;
    let hash = match (algorithm.effective(), curve.effective().map(|curve| curve.bits())) {
        (Some(KeyAlgorithm::Rsa), _) | (Some(KeyAlgorithm::Ec), Some(..=256)) => Hash::Sha256,
        (Some(KeyAlgorithm::Ec), Some(384)) => Hash::Sha384,
        (Some(KeyAlgorithm::Ec), Some(521)) => Hash::Sha512,
        _ => return Field::absent(span),
    };
    reading.default(span, hash, &TLS)
}

/// What certificates have and requests have not: usages, the CA flag, the lifetime and its end.
fn certificate_parts(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    if let Some(entry) = body.entry("allowed_uses") {
        reading.usages(draft, entry, &TLS);
    }
    if let Some(entry) = body.entry("is_ca_certificate") {
        let ca = entry.value.boolean();
        let path_length = body.get("max_path_length").and_then(|node| node.integer().effective().copied());
        let path_length = path_length.filter(|length| *length > 0 && ca.effective() == Some(&true));
        if ca.effective() == Some(&true) {
            // A CA that is renewed keeps its key on purpose: what it has signed would not verify with another one.
            let span = draft.span();
            draft.renewal_is(Field::absent(span));
        }
        if ca.effective() != Some(&false) {
            draft.basic_constraints(whole(entry), true, ca, path_length);
        }
    }
    const HOUR: u64 = 3_600;
    let Some(validity) = body.get("validity_period_hours") else { return };
    draft.validity = lifetime(validity, HOUR);
    if let (Some(validity), Some(early)) = (draft.validity.effective(), body.entry("early_renewal_hours"))
        && let Some(renewal) = lifetime(&early.value, HOUR).effective()
        && renewal.seconds >= validity.seconds
        && validity.seconds > 0
    {
        let detail = format!(
            "early_renewal_hours is as long as the lifetime of {validity}: every apply makes a new certificate"
        );
        draft.defect(DefectKind::RenewalWindow, whole(early), "early_renewal_hours", detail);
    }
}

/// Whether resources of a type have keys.
pub(super) fn is_user(type_name: &str) -> bool {
    matches!(type_name, "tls_cert_request" | "tls_self_signed_cert" | "google_privateca_certificate")
}

/// Who in the first file of a module has a key that the module makes.
pub(super) fn users_in(module: &Module) -> Vec<User> {
    let user = |resource: &Resource| {
        let node = ["private_key_pem", "private_key_pem_wo"].iter().find_map(|key| resource.body.get(key));
        let key = match node {
            Some(node) => reference(node)?,
            None => {
                let key = parts::block_at(&resource.body, &["config", "public_key"])?.get("key")?;
                let found = public_key(module, key)?;
                Reference {
                    kind: "resource",
                    type_name: found.type_name,
                    name: found.name,
                    instance: found.instance,
                    attribute: String::new(),
                }
            }
        };
        let is_conditional = resource.body.entry("count").is_some();
        Some(User { address: resource.address(), key, is_conditional })
    };
    module.resources(is_user).iter().filter_map(user).collect()
}

/// Who in this file has a key that the module makes.
fn users<'r>(reading: &'r Reading<'_>) -> &'r [User] {
    reading.users.get_or_init(|| users_in(reading.module))
}

/// Tells where one key is that of several requests. Requests with a `count` may be each other's alternative.
fn shared(reading: &Reading<'_>, draft: &mut Draft, owner: &Resource) {
    let users = users(reading);
    let address = owner.address();
    let Some(user) = users.iter().find(|user| user.address == address && !user.is_conditional) else { return };
    let node = ["private_key_pem", "private_key_pem_wo"].iter().find_map(|key| owner.body.get(key));
    let Some((node, key)) = node.and_then(|node| Some((node, private_key(reading.module, node)?))) else { return };
    let is_one = ["count", "for_each"].iter().all(|key_word| key.body.entry(key_word).is_none());
    if key.kind != "resource" || (!is_one && user.key.instance.is_none()) {
        return;
    }
    let other = users.iter().chain(reading.module.users_elsewhere(&user.key.name)).find(|other| {
        let same = other.key.kind == user.key.kind
            && other.key.type_name == user.key.type_name
            && other.key.name == user.key.name
            && other.key.instance == user.key.instance;
        same && other.address != address && !other.is_conditional
    });
    if let Some(other) = other.filter(|_| reading.is_new(format!("shared {}", node.span.start))) {
        let detail = format!("the key {} is also that of {}", key.address(), other.address);
        draft.defect(DefectKind::KeyShared, node.place(), "key", detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Oid;

    #[test]
    fn attributes_are_known() {
        for (_, label) in SUBJECT {
            assert!(Oid::from_name(label).is_some(), "{label}");
        }
    }
}
