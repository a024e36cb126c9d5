//! The provider vancluever/acme: certificates of ACME CAs, for a key of their own or for a request made elsewhere.
//! Credentials of DNS providers stand in `config`; the ones that are written out are secrets.
//! The account is another resource: what it has to hide is told with the certificates that use it.

use super::parts::{Provider, Reading, block, common_name, lifetime, password, whole};
use super::{Resource, blocks};
use crate::encoding::DefectKind;
use crate::read::structure::Node;
use crate::read::template::Draft;
use crate::redact;
use crate::request::{Makes, PartialName, Request, Wanted};

/// The provider; its documentation of 2.0 has these defaults, and that of 1.0 had them.
const ACME: Provider = Provider { source: "vancluever/acme", verified: "2.0" };

const KEPT: &str =
    "acme_certificate renews in place with the key in its state; terraform apply -replace makes a new one";

/// `acme_certificate`
pub(super) fn certificate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    match body.get("certificate_request_pem") {
        Some(node) => reading.request(&mut draft, node),
        None => own_key(reading, &mut draft, resource),
    }
    if let Some(days) = body.get("validity_days") {
        draft.validity = lifetime(days, 86_400);
        window(&mut draft, body);
    }
    secrets(reading, &mut draft, body);
    Some(draft.finish())
}

fn own_key(reading: &Reading<'_>, draft: &mut Draft, resource: &Resource) {
    let body = &resource.body;
    common_name(draft, body.entry("common_name"));
    let names = body.get("subject_alternative_names");
    reading.common_name_as_name(draft, body.get("common_name"), &[names]);
    reading.names(draft, names, PartialName::Dns);
    reading.name_knob(draft, body, "subject_alternative_names", "common_name");
    let span = draft.span();
    let name = match body.get("key_type") {
        Some(node) => node.string(),
        None => reading.default(span, "2048".to_owned(), &ACME),
    };
    reading.named_key(draft, body.get("key_type").map_or(span, Node::place), name);
    let spell = |wanted: &Wanted| match wanted {
        Wanted::Bits(..=2048) => Some("\"2048\"".to_owned()),
        Wanted::Bits(..=4096) => Some("\"4096\"".to_owned()),
        Wanted::Bits(..=8192) => Some("\"8192\"".to_owned()),
        Wanted::Curve(curve) => curve.name().strip_prefix("P-").map(|size| format!("\"P{size}\"")),
        _ => None,
    };
    reading.knob(draft, "key.bits", body, "key_type", Some("common_name"), spell);
    reading.knob(draft, "key.curve", body, "key_type", Some("common_name"), spell);
    reading.renewal(draft, true, KEPT, &ACME);
    reading.key_in_state(draft, resource, span);
}

fn window(draft: &mut Draft, body: &Node) {
    let Some(entry) = body.entry("min_days_remaining") else { return };
    let renewal = lifetime(&entry.value, 86_400);
    if let (Some(validity), Some(renewal)) = (draft.validity.effective(), renewal.effective())
        && renewal.seconds >= validity.seconds
    {
        let detail = format!(
            "min_days_remaining is as long as the lifetime of {validity}: every apply asks for a new certificate"
        );
        draft.defect(DefectKind::RenewalWindow, whole(entry), "min_days_remaining", detail);
    }
}

fn secrets(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    for entry in
        blocks(body, "dns_challenge").iter().filter_map(|challenge| challenge.get("config")).flat_map(Node::entries)
    {
        if redact::names_secret_of_provider(&entry.key) {
            password(reading, draft, entry, "a secret");
        }
    }
    if let Some(entry) = body.entry("certificate_p12_password") {
        password(reading, draft, entry, "a password");
    }
    let account = body.get("account_key_pem").and_then(|node| reading.target(node));
    let Some((_, account, is_here)) = account.filter(|(_, account, _)| account.type_name == "acme_registration") else {
        return;
    };
    let binding = block(&account.body, "external_account_binding");
    let hmac = binding.and_then(|binding| binding.entry("hmac_base64"));
    if let Some(entry) = hmac.filter(|_| is_here && reading.is_new(account.address())) {
        password(reading, draft, entry, "the key of an account");
    }
}
