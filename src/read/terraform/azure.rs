//! The provider hashicorp/azurerm: certificates of Key Vault, by their policy. What is imported is no request.
//! Key Vault renews by itself; `reuse_key` decides whether the key stays, and has to be written.
//! The subject is one string in the form of Windows.

use super::Resource;
use super::parts::{Reading, block, block_at, expression_of, is, spell_bits, spell_false, whole};
use crate::crypto::Curve;
use crate::encoding::DefectKind;
use crate::read::distinguished_name;
use crate::read::structure::Node;
use crate::read::template::{Draft, other_name};
use crate::read::usage;
use crate::request::{Field, KeyAlgorithm, Makes, PartialName, Renewal, Request, Text, Validity, Wanted, oids};
use crate::source::Span;

const YEAR: u64 = 31_536_000;
const DAY: u64 = 86_400;

/// `azurerm_key_vault_certificate`
pub(super) fn certificate(reading: &Reading<'_>, resource: &Resource) -> Option<Request> {
    if block(&resource.body, "certificate").is_some() {
        return None;
    }
    let policy = block(&resource.body, "certificate_policy")?;
    let mut draft = reading.draft(resource, Makes::Certificate);
    if let Some(properties) = block(policy, "key_properties") {
        key(reading, &mut draft, properties);
    }
    if let Some(issuer) = block(policy, "issuer_parameters").and_then(|issuer| issuer.get("name")) {
        draft.template.issuer = issuer.text();
    }
    if let Some(properties) = block(policy, "x509_certificate_properties") {
        certificate_properties(reading, &mut draft, properties);
    }
    window(&mut draft, policy);
    Some(draft.finish())
}

fn key(reading: &Reading<'_>, draft: &mut Draft, properties: &Node) {
    let span = properties.place();
    let kind = properties.get("key_type").map_or_else(|| Field::absent(span), Node::string);
    let algorithm = kind.try_map(|name| match name.trim_end_matches("-HSM") {
        "RSA" => Ok(KeyAlgorithm::Rsa),
        "EC" => Ok(KeyAlgorithm::Ec),
        _ => Err(format!("{name:?} is no key of a certificate")),
    });
    let size = properties.get("key_size").map(|node| node.integer().bits());
    let curve = properties.get("curve").map(|node| {
        node.string().try_map(|name| match name.as_str() {
            "P-256K" => Curve::from_name("secp256k1").ok_or_else(|| "no curve".to_owned()),
            _ => Curve::from_name(&name).ok_or_else(|| format!("{name:?} is no curve csrlint knows")),
        })
    });
    let size = size.unwrap_or_else(|| Field::absent(span));
    if algorithm.effective() == Some(&KeyAlgorithm::Ec) {
        // A curve may be named by its size alone.
        let by_size =
            size.try_map(|bits| Curve::from_name(&format!("P-{bits}")).ok_or_else(|| format!("{bits} is no curve")));
        draft.key_is(span, algorithm, Field::absent(span), curve.unwrap_or(by_size));
    } else {
        draft.key_is(span, algorithm, size, Field::absent(span));
    }
    reading.knob(draft, "key.bits", properties, "key_size", Some("key_type"), spell_bits);
    let spell = |wanted: &Wanted| match wanted {
        Wanted::Curve(curve) if curve.name().starts_with("P-") => Some(format!("\"{}\"", curve.name())),
        _ => None,
    };
    reading.knob(draft, "key.curve", properties, "curve", Some("key_type"), spell);
    if let Some(entry) = properties.entry("reuse_key") {
        let knob = "reuse_key = true has Key Vault renew with the same key; false makes a new one";
        let renewal = entry.value.boolean().map(|kept| Renewal { key_is_kept: kept, knob: knob.into() });
        draft.renewal_is(Field { span: whole(entry), state: renewal.state });
        reading.knob(draft, "renewal", properties, "reuse_key", None, spell_false);
    }
    if let Some(entry) = properties.entry("exportable").filter(|_| is(properties, "exportable") == Some(true)) {
        let detail = "whoever may read secrets of the vault gets the private key";
        draft.defect(DefectKind::KeyExportable, whole(entry), "key_properties.exportable", detail);
    }
}

fn certificate_properties(reading: &Reading<'_>, draft: &mut Draft, properties: &Node) {
    if let Some(node) = properties.get("subject") {
        subject(reading, draft, node);
    }
    if let Some(entry) = properties.entry("key_usage") {
        let bit = |node: &Node| {
            node.string().try_map(|name| usage::key_usage(&name).ok_or_else(|| format!("{name:?} is no key usage")))
        };
        let mut bits: Vec<_> = entry.value.members().iter().map(bit).collect();
        if !entry.value.open().is_empty() {
            bits.push(Field::unknown(whole(entry), expression_of(&entry.value)));
        }
        draft.key_usage(whole(entry), true, &bits);
    }
    if let Some(entry) = properties.entry("extended_key_usage") {
        let purpose = |node: &Node| {
            node.string().try_map(|name| usage::purpose(&name).ok_or_else(|| format!("{name:?} is no purpose")))
        };
        draft.purposes(whole(entry), false, entry.value.members().iter().map(purpose).collect());
        if !entry.value.open().is_empty() {
            draft.open_extensions(whole(entry));
        }
    }
    if let Some(names) = block(properties, "subject_alternative_names") {
        if !names.open().is_empty() {
            draft.open_names(names.place(), expression_of(names));
        }
        reading.names(draft, names.get("dns_names"), PartialName::Dns);
        reading.names(draft, names.get("emails"), PartialName::Email);
        for node in names.get("upns").map(Node::members).unwrap_or_default() {
            draft.name(node.string().map(|name| other_name(oids::UPN.clone(), name)));
        }
        reading.name_knob(draft, names, "dns_names", "");
    }
    if let Some(months) = properties.get("validity_in_months") {
        draft.validity = months.integer().try_map(|months| {
            let months = u64::try_from(months).map_err(|_| format!("{months} is no lifetime"))?;
            Ok(Validity { seconds: months.saturating_mul(YEAR) / 12 })
        });
    }
}

/// A name in one string. Where the string stands here, each attribute has its own place.
fn subject(reading: &Reading<'_>, draft: &mut Draft, node: &Node) {
    let text = node.text();
    draft.subject_at(node.place());
    let Some(name) = text.effective().and_then(Text::whole).map(str::to_owned) else {
        return draft.subject_is(Field::unknown(node.place(), expression_of(node)));
    };
    let (parts, problem) = distinguished_name::parse(&name);
    if let Some(problem) = problem {
        let shown = name.get(problem).unwrap_or_default();
        let detail = format!("{shown:?} is no attribute of a name");
        draft.defect(DefectKind::TemplateInvalid, node.place(), "subject", detail);
    }
    // Quotes of the string; an escape in it would shift the places.
    let start = reading.is_literal(node).then_some(node.span.start + 1);
    let at = |range: &std::ops::Range<usize>| match start {
        Some(start) => Span::text(start + range.start, start + range.end),
        None => node.place(),
    };
    for part in parts {
        let Some(oid) = part.oid else {
            let detail = format!("{:?} is no attribute of a name csrlint knows", part.kind);
            draft.defect(DefectKind::TemplateInvalid, at(&part.whole), format!("subject.{}", part.kind), detail);
            continue;
        };
        let value = text.clone().map(|_| Text::Whole(part.text.clone()));
        let value = Field { span: at(&part.value), state: value.state };
        if part.joined {
            draft.attribute_of_same_rdn(oid, at(&part.whole), value);
        } else {
            draft.attribute(oid, at(&part.whole), value);
        }
    }
}

/// A renewal that is due before the certificate is made.
fn window(draft: &mut Draft, policy: &Node) {
    let Some(trigger) = block_at(policy, &["lifetime_action", "trigger"]) else { return };
    let Some(entry) = trigger.entry("days_before_expiry") else { return };
    let days = entry.value.integer().effective().and_then(|days| u64::try_from(*days).ok());
    if let (Some(days), Some(validity)) = (days, draft.validity.effective())
        // Months are up to 31 days long.
        && days.saturating_mul(DAY) >= validity.seconds.saturating_add(validity.seconds / 50)
    {
        let detail = format!("days_before_expiry is as long as the lifetime of {validity}");
        draft.defect(DefectKind::RenewalWindow, whole(entry), "days_before_expiry", detail);
    }
}
