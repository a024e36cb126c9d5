//! The provider Venafi/venafi: certificates enrolled by CyberArk Certificate Manager (Venafi), for a key made by Terraform
//! unless `csr_origin` leaves it to the service.
//! The zone, which decides who issues, is a matter of the provider block and is not read.

use super::Resource;
use super::parts::{Provider, Reading, common_name, lifetime, password, spell_bits, spell_curve, whole};
use crate::crypto::Curve;
use crate::encoding::DefectKind;
use crate::read::structure::Node;
use crate::read::template::Draft;
use crate::request::{Field, KeyAlgorithm, Makes, PartialName, Request};

/// The provider (resource_venafi_certificate.go and documentation of 0.16 to 0.22).
const VENAFI: Provider = Provider { source: "Venafi/venafi", verified: "0.16" };
/// Hours before its end at which a certificate is renewed.
const WINDOW: i64 = 168;

const NEW: &str = "venafi_certificate makes a new key for each certificate";

/// `venafi_certificate`
pub(super) fn certificate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    let body = &resource.body;
    let mut draft = reading.draft(resource, Makes::Certificate);
    match body.get("csr_pem") {
        Some(node) => reading.request(&mut draft, node),
        None => own_key(reading, &mut draft, resource),
    }
    if let Some(entry) = body.entry("key_password") {
        password(reading, &mut draft, entry, "a password");
    }
    if let Some(days) = body.entry("valid_days") {
        draft.validity = lifetime(&days.value, 86_400);
        let window = body.get("expiration_window");
        let hours = window.map_or(Some(WINDOW), |node| node.integer().effective().copied());
        if let (Some(validity), Some(hours)) =
            (draft.validity.effective(), hours.and_then(|hours| u64::try_from(hours).ok()))
            && validity.seconds > 0
            && hours.saturating_mul(3_600) >= validity.seconds
        {
            let detail = format!(
                "the lifetime of {validity} is no longer than expiration_window ({hours} hours): every apply enrols anew"
            );
            let span = body.entry("expiration_window").map_or_else(|| whole(days), whole);
            draft.defect(DefectKind::RenewalWindow, span, "expiration_window", detail);
        }
    }
    Some(draft.finish())
}

fn own_key(reading: &Reading<'_>, draft: &mut Draft, resource: &Resource) {
    let body = &resource.body;
    common_name(draft, body.entry("common_name"));
    let names = body.get("san_dns");
    reading.names(draft, names, PartialName::Dns);
    reading.common_name_as_name(draft, body.get("common_name"), &[names]);
    reading.names(draft, body.get("san_email"), PartialName::Email);
    reading.names(draft, body.get("san_ip"), PartialName::Ip);
    reading.names(draft, body.get("san_uri"), PartialName::Uri);
    reading.name_knob(draft, body, "san_dns", "common_name");
    key(reading, draft, body);
    let is_local = body.get("csr_origin").is_none_or(|origin| origin.str() == Some("local"));
    if is_local {
        reading.renewal(draft, false, NEW, &VENAFI);
    }
    let span = draft.span();
    reading.key_in_state(draft, resource, span);
}

fn key(reading: &Reading<'_>, draft: &mut Draft, body: &Node) {
    let span = draft.span();
    let at = body.get("algorithm").map_or(span, Node::place);
    let algorithm = match body.get("algorithm") {
        Some(node) => node.string().try_map(|name| match name.as_str() {
            "RSA" | "" => Ok(KeyAlgorithm::Rsa),
            "ECDSA" => Ok(KeyAlgorithm::Ec),
            _ => Err(format!("{name:?} is no algorithm of venafi_certificate")),
        }),
        None => reading.default(span, KeyAlgorithm::Rsa, &VENAFI),
    };
    let after = body.entry("algorithm").map_or("common_name", |_| "algorithm");
    match algorithm.effective() {
        Some(KeyAlgorithm::Rsa) => {
            let bits = match body.get("rsa_bits") {
                Some(node) => node.integer().bits(),
                None => reading.default(span, 2048, &VENAFI),
            };
            draft.key_is(at, algorithm, bits, Field::absent(span));
            reading.knob(draft, "key.bits", body, "rsa_bits", Some(after), spell_bits);
        }
        Some(_) => {
            let curve = match (body.get("ecdsa_curve"), Curve::from_name("P-521")) {
                (Some(node), _) => node.string().try_map(|name| {
                    Curve::from_name(&name).ok_or_else(|| format!("{name:?} is no curve csrlint knows"))
                }),
                (None, Some(curve)) => reading.default(span, curve, &VENAFI),
                (None, None) => Field::absent(span),
            };
            draft.key_is(at, algorithm, Field::absent(span), curve);
            reading.knob(draft, "key.curve", body, "ecdsa_curve", Some(after), spell_curve);
        }
        None => {
            let expression = algorithm.unknown_expression().unwrap_or("the algorithm is not known").to_owned();
            draft.key_is(at, algorithm, Field::unknown(at, expression.clone()), Field::unknown(at, expression));
        }
    }
}
