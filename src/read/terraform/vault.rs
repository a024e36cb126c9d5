//! The provider hashicorp/vault, for the PKI engine of Vault and OpenBao: roles, which say what others may ask for, and
//! the certificates and requests that Terraform has the engine make.
//! A role takes the defaults of the provider, not of the engine: the provider sends all of them.

use super::Resource;
use super::parts::{
    Attributes, Provider, Reading, authority, common_name, duration, expression_of, is, passthrough, place,
    requesters_names, spell_bits, whole,
};
use crate::crypto::Curve;
use crate::encoding::DefectKind;
use crate::read::structure::Node;
use crate::read::template::Draft;
use crate::read::usage;
use crate::request::{Field, KeyAlgorithm, Makes, Oid, PartialName, Renewal, Request, State, Validity};

/// The provider (resource_pki_secret_backend_role.go and its siblings of 4.0).
const VAULT: Provider = Provider { source: "hashicorp/vault", verified: "4.0" };

/// The subject, in the order Go's pkix.Name has it in; without the common name, which stands alone.
const SUBJECT: &Attributes = &[
    ("country", "C"),
    ("province", "ST"),
    ("locality", "L"),
    ("street_address", "street"),
    ("postal_code", "postalCode"),
    ("organization", "O"),
    ("ou", "OU"),
];

/// Flags of a role that stand for a purpose, and what the provider sends where they are not written.
const FLAGS: &[(&str, &str, bool)] = &[
    ("server_flag", "serverAuth", true),
    ("client_flag", "clientAuth", true),
    ("code_signing_flag", "codeSigning", false),
    ("email_protection_flag", "emailProtection", false),
];

/// How long before its end a certificate is renewed.
const RENEWED_BEFORE: u64 = 604_800;

/// `vault_pki_secret_backend_role`
pub(super) fn role(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Permission);
    reading.attributes(&mut draft, body, SUBJECT);
    requesters_names(&mut draft);
    key(reading, &mut draft, body);
    purposes(reading, &mut draft, body);
    if let Some(entry) = body.entry("key_usage") {
        let bit = |node: &Node| {
            node.string().try_map(|name| usage::key_usage(&name).ok_or_else(|| format!("{name:?} is no key usage")))
        };
        let bits: Vec<_> = entry.value.members().iter().map(bit).collect();
        draft.key_usage(whole(entry), true, &bits);
    }
    // What may be asked for is at least the ordinary lifetime.
    let longest = ["max_ttl", "ttl"].iter().filter_map(|key| body.get(key)).map(duration);
    if let Some(longest) = longest.into_iter().find(|field| field.effective() != Some(&Validity { seconds: 0 })) {
        draft.validity = longest;
    }
    passes(body, &mut draft);
    Some(draft.finish())
}

/// What a role leaves to the requester.
fn passes(body: &Node, draft: &mut Draft) {
    let any = is(body, "allow_any_name") == Some(true);
    if let Some(entry) = body.entry("allow_any_name").filter(|_| any) {
        passthrough(draft, whole(entry), "allow_any_name", "allow_any_name lets the requester ask for any name");
    }
    if let Some(entry) = body.entry("enforce_hostnames").filter(|_| is(body, "enforce_hostnames") == Some(false)) {
        let detail = "without enforce_hostnames the requester may ask for names that are no host names";
        passthrough(draft, whole(entry), "enforce_hostnames", detail);
    }
    if is(body, "allow_glob_domains") == Some(true) && !any {
        let globs = body.get("allowed_domains").map(Node::members).unwrap_or_default();
        if let Some(glob) = globs.iter().find(|node| matches!(node.str(), Some("*" | "**" | "*.*"))) {
            let detail = "with allow_glob_domains this stands for every name";
            passthrough(draft, glob.place(), "allowed_domains", detail);
        }
    }
    for (key, what) in
        [("allowed_uri_sans", "URI"), ("allowed_other_sans", "name of another form, such as a user's UPN")]
    {
        let star = body.get(key).map(Node::members).unwrap_or_default().iter().find(|node| node.str() == Some("*"));
        if let Some(star) = star {
            passthrough(draft, star.place(), key, format!("{key} lets the requester ask for any {what}"));
        }
    }
    if let Some(entry) = body.entry("key_type").filter(|entry| entry.value.str() == Some("any")) {
        let detail = "key_type any takes whatever key the requester has";
        passthrough(draft, whole(entry), "key_type", detail);
    }
}

fn purposes(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    let span = draft.span();
    let mut purposes: Vec<Field<Oid>> = Vec::new();
    for (flag, name, default) in FLAGS {
        let Some(purpose) = usage::purpose(name) else { continue };
        match body.entry(flag) {
            None if *default => purposes.push(reading.default(span, purpose, &VAULT)),
            None => {}
            Some(entry) => match entry.value.boolean() {
                Field { state: State::Unknown(expression), .. } => {
                    purposes.push(Field::unknown(whole(entry), expression));
                }
                flag if flag.effective() == Some(&true) => {
                    let Field { state, .. } = flag.map(|_| purpose);
                    purposes.push(Field { span: whole(entry), state });
                }
                _ => {}
            },
        }
    }
    for key in ["ext_key_usage", "ext_key_usage_oids"] {
        let Some(entry) = body.entry(key) else { continue };
        for node in entry.value.members() {
            let purpose = node.string().try_map(|name| {
                usage::purpose(name.trim_start_matches("ExtKeyUsage")).ok_or_else(|| format!("{name:?} is no purpose"))
            });
            if !purposes.iter().any(|known| known.effective().is_some() && known.effective() == purpose.effective()) {
                purposes.push(purpose);
            }
        }
    }
    draft.purposes(span, false, purposes);
}

/// `key_type` and `key_bits`.
fn key(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    let span = draft.span();
    let kind = match body.get("key_type") {
        Some(node) => node.string(),
        None => reading.default(span, "rsa".to_owned(), &VAULT),
    };
    let at = kind.span;
    let unknown = kind.unknown_expression().unwrap_or("the requester's").to_owned();
    let bits = body.get("key_bits").map(Node::integer);
    let algorithm = match kind.effective().map(String::as_str) {
        Some("any") | None => return draft.key = Field::unknown(at, unknown),
        Some("rsa") => kind.map(|_| KeyAlgorithm::Rsa),
        Some("ec") => kind.map(|_| KeyAlgorithm::Ec),
        Some("ed25519") => kind.map(|_| KeyAlgorithm::Ed25519),
        Some(other) => {
            let reason = format!("{other:?} is no kind of key Vault knows");
            kind.try_map(|_| Err(reason))
        }
    };
    match algorithm.effective() {
        Some(KeyAlgorithm::Rsa) => {
            // 0 is the engine's way to say that it decides: 2048.
            let bits = match bits.map(Field::<i64>::bits) {
                Some(field) => field.map(|bits| if bits == 0 { 2048 } else { bits }),
                None => reading.default(span, 2048, &VAULT),
            };
            draft.key_is(at, algorithm, bits, Field::absent(span));
            reading.knob(draft, "key.bits", body, "key_bits", Some("key_type"), spell_bits);
        }
        Some(KeyAlgorithm::Ec) => {
            let curve = bits.map(|bits| {
                bits.try_map(|bits| {
                    let curve = if bits == 0 { "P-256".to_owned() } else { format!("P-{bits}") };
                    Curve::from_name(&curve).ok_or_else(|| format!("{bits} bits are no curve Vault has"))
                })
            });
            draft.key_is(at, algorithm, Field::absent(span), curve.unwrap_or_else(|| Field::absent(span)));
        }
        _ => draft.key_is(at, algorithm, Field::absent(span), Field::absent(span)),
    }
}

/// Names of a certificate or request; the common name is among them unless that is switched off.
fn names(reading: &Reading<'_>, draft: &mut Draft, body: &Node, has_host_name: bool) {
    common_name(draft, body.entry("common_name"));
    let lists = ["alt_names", "ip_sans", "uri_sans"].map(|key| body.get(key));
    let name = body.get("common_name");
    // A CA's name is no host name as a rule, and Vault leaves it out then.
    let can_be = has_host_name || name.and_then(Node::str).is_some_and(|name| name.contains('.'));
    if can_be && is(body, "exclude_cn_from_sans") != Some(true) {
        reading.common_name_as_name(draft, name, &lists);
    }
    let forms = [PartialName::Dns, PartialName::Ip, PartialName::Uri];
    for (list, form) in lists.into_iter().zip(forms) {
        reading.names(draft, list, form);
    }
    if let Some(others) = body.get("other_sans") {
        draft.open_names(others.place(), "names of other forms");
    }
}

/// `vault_pki_secret_backend_cert`
pub(super) fn certificate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    names(reading, &mut draft, body, true);
    draft.open_extensions(place(&resource.header_span));
    // What is wrong with its key is told where the role is.
    if let Some(node) = body.get("name") {
        draft.key = Field::unknown(node.place(), "the role decides");
    }
    if is(body, "auto_renew") == Some(true) {
        let span = body.entry("auto_renew").map_or(draft.span(), whole);
        let renewal = Renewal { key_is_kept: false, knob: "Vault makes a new key with each certificate".into() };
        draft.renewal_is(Field::known(span, renewal));
    }
    let span = draft.span();
    reading.key_in_state(&mut draft, resource, span);
    life(&mut draft, body);
    Some(draft.finish())
}

/// The lifetime, and the renewal that may come before it begins.
fn life(draft: &mut Draft, body: &Node) {
    let Some(ttl) = body.entry("ttl") else { return };
    draft.validity = duration(&ttl.value);
    let before = match body.get("min_seconds_remaining") {
        Some(node) => node.integer().effective().and_then(|seconds| u64::try_from(*seconds).ok()),
        None => Some(RENEWED_BEFORE),
    };
    if is(body, "auto_renew") == Some(true)
        && let (Some(validity), Some(before)) = (draft.validity.effective(), before)
        && validity.seconds > 0
        && before >= validity.seconds
    {
        let detail = format!(
            "the lifetime of {validity} is no longer than min_seconds_remaining ({before} seconds): every apply makes a \
             new certificate"
        );
        let span = body.entry("min_seconds_remaining").map_or_else(|| whole(ttl), whole);
        draft.defect(DefectKind::RenewalWindow, span, "min_seconds_remaining", detail);
    }
}

/// `vault_pki_secret_backend_sign`: the role decides what of the request gets into the certificate.
pub(super) fn sign(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    names(reading, &mut draft, body, true);
    draft.open_extensions(place(&resource.header_span));
    if let Some(node) = body.get("csr") {
        let mut of_request = reading.draft(resource, Makes::Request);
        reading.request(&mut of_request, node);
        let names: Vec<_> = of_request.names().to_vec();
        let seen: Vec<_> = draft.names().iter().filter_map(|name| name.effective().cloned()).collect();
        for name in names.into_iter().filter(|name| name.effective().is_none_or(|name| !seen.contains(name))) {
            draft.name(name);
        }
        draft.key = of_request.key;
        draft.template.hash = of_request.template.hash;
        draft.template.renewal = of_request.template.renewal;
        draft.template.knobs = of_request.template.knobs;
        draft.defects.extend(of_request.defects);
    }
    life(&mut draft, body);
    Some(draft.finish())
}

/// `vault_pki_secret_backend_intermediate_cert_request`
pub(super) fn intermediate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let mut draft = reading.draft(resource, Makes::Request);
    authority_parts(reading, &mut draft, resource);
    if let Some(entry) =
        resource.body.entry("add_basic_constraints").filter(|entry| entry.value.boolean().effective() == Some(&true))
    {
        authority(&mut draft, whole(entry), None);
    }
    Some(draft.finish())
}

/// `vault_pki_secret_backend_root_cert`
pub(super) fn root(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let mut draft = reading.draft(resource, Makes::Certificate);
    authority_parts(reading, &mut draft, resource);
    let span = draft.span();
    authority(&mut draft, span, path_length(&resource.body));
    life(&mut draft, &resource.body);
    Some(draft.finish())
}

/// `vault_pki_secret_backend_root_sign_intermediate`; the key is told with the request.
pub(super) fn sign_intermediate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    let keeps = body.entry("use_csr_values").filter(|_| is(body, "use_csr_values") == Some(true));
    match keeps {
        Some(entry) => {
            let detail =
                "use_csr_values puts into the CA certificate whatever subject, names and extensions the request has";
            passthrough(&mut draft, whole(entry), "use_csr_values", detail);
            requesters_names(&mut draft);
        }
        None => {
            reading.attributes(&mut draft, body, SUBJECT);
            names(reading, &mut draft, body, false);
        }
    }
    if let Some(node) = body.get("csr") {
        draft.key = Field::unknown(node.place(), expression_of(node));
    }
    let span = draft.span();
    authority(&mut draft, span, path_length(body));
    life(&mut draft, body);
    Some(draft.finish())
}

fn path_length(body: &Node) -> Option<i64> {
    body.get("max_path_length")?.integer().effective().copied().filter(|length| *length >= 0)
}

/// What requests and certificates of CAs have in common.
fn authority_parts(reading: &Reading<'_>, draft: &mut Draft, resource: &Resource) {
    let body = &resource.body;
    reading.attributes(draft, body, SUBJECT);
    names(reading, draft, body, false);
    ca_key(reading, draft, body);
    if let Some(entry) = body.entry("type").filter(|entry| entry.value.str() == Some("exported")) {
        let detail = "type exported hands out the private key of the CA";
        draft.defect(DefectKind::KeyExportable, whole(entry), "type", detail);
        reading.key_in_state(draft, resource, whole(entry));
    }
}

/// The key of a CA: made for it, or one that is there.
fn ca_key(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    let named = ["key_ref", "managed_key_name", "managed_key_id"].iter().find_map(|key| body.get(key));
    match (named, body.str_at(&["type"])) {
        (None, Some("internal" | "exported")) => key(reading, draft, body),
        (None, _) => draft.key = Field::unknown(draft.span(), "a key that is there already"),
        (Some(node), _) => match reading.target(node) {
            Some((_, found, _)) if found.type_name == "vault_pki_secret_backend_key" => {
                key(reading, draft, &found.body)
            }
            _ => {
                let expression = node.text().text().unwrap_or_else(|| expression_of(node));
                draft.key = Field::unknown(node.place(), expression);
            }
        },
    }
}
