//! Extensions as OpenSSL's configuration writes them (x509v3_config(5)): `critical`, lists, `@section`, raw values.
//! Names and keywords are taken as OpenSSL takes them, case included; what it refuses is told, and the rest is read.

use std::net::IpAddr;
use std::ops::Range;

use super::config::{Entry, Section, Value, is_expression};
use super::{Reader, entry_span, span};
use crate::encoding::DefectKind;
use crate::encoding::der::tag;
use crate::fix::{Applicability, Fix};
use crate::read::template::{Draft, nearest};
use crate::read::usage;
use crate::request::{
    ExtensionValue, Field, GeneralName, KeyUsageBit, Knob, Name, Oid, OtherName, PartialName, Rdn, Text, Wanted, oids,
};

/// Extensions by the names OpenSSL has for them: short, long.
const NAMES: [(&str, &str, &str); 22] = [
    ("subjectAltName", "X509v3 Subject Alternative Name", "2.5.29.17"),
    ("keyUsage", "X509v3 Key Usage", "2.5.29.15"),
    ("extendedKeyUsage", "X509v3 Extended Key Usage", "2.5.29.37"),
    ("basicConstraints", "X509v3 Basic Constraints", "2.5.29.19"),
    ("subjectKeyIdentifier", "X509v3 Subject Key Identifier", "2.5.29.14"),
    ("authorityKeyIdentifier", "X509v3 Authority Key Identifier", "2.5.29.35"),
    ("issuerAltName", "X509v3 Issuer Alternative Name", "2.5.29.18"),
    ("certificatePolicies", "X509v3 Certificate Policies", "2.5.29.32"),
    ("crlDistributionPoints", "X509v3 CRL Distribution Points", "2.5.29.31"),
    ("freshestCRL", "X509v3 Freshest CRL", "2.5.29.46"),
    ("nameConstraints", "X509v3 Name Constraints", "2.5.29.30"),
    ("policyConstraints", "X509v3 Policy Constraints", "2.5.29.36"),
    ("policyMappings", "X509v3 Policy Mappings", "2.5.29.33"),
    ("inhibitAnyPolicy", "X509v3 Inhibit Any Policy", "2.5.29.54"),
    ("privateKeyUsagePeriod", "X509v3 Private Key Usage Period", "2.5.29.16"),
    ("authorityInfoAccess", "Authority Information Access", "1.3.6.1.5.5.7.1.1"),
    ("subjectInfoAccess", "Subject Information Access", "1.3.6.1.5.5.7.1.11"),
    ("tlsfeature", "TLS Feature", "1.3.6.1.5.5.7.1.24"),
    ("noCheck", "OCSP No Check", "1.3.6.1.5.5.7.48.1.5"),
    ("nsCertType", "Netscape Cert Type", "2.16.840.1.113730.1.1"),
    ("nsComment", "Netscape Comment", "2.16.840.1.113730.1.13"),
    ("proxyCertInfo", "Proxy Certificate Information", "1.3.6.1.5.5.7.1.14"),
];

/// The names of keyUsage bits, short and long.
const USAGES: [(&str, &str, KeyUsageBit); 9] = [
    ("digitalSignature", "Digital Signature", KeyUsageBit::DigitalSignature),
    ("nonRepudiation", "Non Repudiation", KeyUsageBit::NonRepudiation),
    ("keyEncipherment", "Key Encipherment", KeyUsageBit::KeyEncipherment),
    ("dataEncipherment", "Data Encipherment", KeyUsageBit::DataEncipherment),
    ("keyAgreement", "Key Agreement", KeyUsageBit::KeyAgreement),
    ("keyCertSign", "Certificate Sign", KeyUsageBit::KeyCertSign),
    ("cRLSign", "CRL Sign", KeyUsageBit::CrlSign),
    ("encipherOnly", "Encipher Only", KeyUsageBit::EncipherOnly),
    ("decipherOnly", "Decipher Only", KeyUsageBit::DecipherOnly),
];

/// One member of a list: `name` or `name:value`, each with its part of the value it stands in.
struct Item<'a> {
    name: String,
    source: &'a Value,
    whole: Range<usize>,
    value: Option<Range<usize>>,
}

/// Reads every extension of a section.
pub(super) fn read(reader: &Reader<'_>, section: &Section, draft: &mut Draft) {
    for entry in &section.entries {
        if entry.value.text.is_empty() && entry.key != "noCheck" {
            continue;
        }
        let known = NAMES.iter().find(|(short, long, _)| *short == entry.key || *long == entry.key);
        let oid = match known {
            Some((_, _, dotted)) => Oid::from_dotted(dotted),
            None => Oid::from_dotted(&entry.key).or_else(|| reader.own_oid(&entry.key)),
        };
        match oid {
            Some(oid) => extension(reader, entry, oid, draft),
            None => unknown(reader, section, entry, draft),
        }
    }
}

/// OpenSSL makes no request for an extension it does not know.
fn unknown(reader: &Reader<'_>, section: &Section, entry: &Entry, draft: &mut Draft) {
    let key = &entry.key;
    let is_known = Oid::known_names().any(|name| name == key);
    if reader.config.referred.contains(key) || is_known || entry.value.from.is_some() {
        return;
    }
    let Some(near) = nearest(key, NAMES.iter().map(|(short, _, _)| *short)) else { return };
    let detail = format!(
        "OpenSSL does not know the extension {key} in [{}] and makes no request; {near} is meant",
        section.name
    );
    let at = span(&entry.key_span);
    let fix = Fix::replace(Applicability::Unsafe, format!("Write {near} for {key}"), at, near);
    draft.defect_with_fix(DefectKind::MisspeltKey, at, format!("extensions.{key}"), detail, fix);
}

fn extension(reader: &Reader<'_>, entry: &Entry, oid: Oid, draft: &mut Draft) {
    let at = entry_span(entry);
    let text = &entry.value.text;
    let (critical, start) = match text.strip_prefix("critical,") {
        Some(rest) => (true, text.len() - rest.trim_start().len()),
        None => (false, 0),
    };
    let value = text.get(start..).unwrap_or_default();
    let is_raw = value.starts_with("DER:") || value.starts_with("ASN1:");
    let opaque = |draft: &mut Draft, oid| {
        let value = match value.chars().all(is_expression) {
            true => reader.whole(&entry.value).try_map(|_| Err("an expression".to_owned())),
            false => Field::known(span(&entry.value.span), ExtensionValue::Opaque),
        };
        draft.extension(oid, at, critical, value);
    };
    if is_raw {
        return opaque(draft, oid);
    }
    let items = items(reader, entry, start, draft);
    match oid {
        _ if oid == oids::SUBJECT_ALT_NAME => subject_alt_name(reader, entry, critical, items, draft),
        _ if oid == oids::KEY_USAGE => {
            let bits: Vec<Field<KeyUsageBit>> =
                items.iter().filter_map(|item| bit(reader, item, entry, draft)).collect();
            draft.key_usage(at, critical, &bits);
        }
        _ if oid == oids::EXTENDED_KEY_USAGE => {
            let purposes = items.iter().filter_map(|item| purpose(reader, item, entry, draft)).collect();
            draft.purposes(at, critical, purposes);
        }
        _ if oid == oids::BASIC_CONSTRAINTS => basic_constraints(reader, entry, critical, &items, draft),
        _ if oid == oids::CERTIFICATE_POLICIES => {
            let named = |item: &Item<'_>| Some(Field::known(place(item), Oid::from_dotted(&item.name)?));
            let policies: Vec<Field<Oid>> = items.iter().filter_map(named).collect();
            // A policy of its own section is not followed.
            if policies.len() == items.len() && !policies.is_empty() {
                draft.extension(
                    oid,
                    at,
                    critical,
                    Field::known(span(&entry.value.span), ExtensionValue::CertificatePolicies(policies)),
                );
            } else {
                opaque(draft, oid);
            }
        }
        _ if oid == oids::TLS_FEATURE => {
            let feature = |item: &Item<'_>| match item.name.as_str() {
                "status_request" => Some(5),
                "status_request_v2" => Some(17),
                number => number.parse().ok(),
            };
            let features = items.iter().filter_map(feature).collect();
            draft.extension(
                oid,
                at,
                critical,
                Field::known(span(&entry.value.span), ExtensionValue::TlsFeature(features)),
            );
        }
        _ => opaque(draft, oid),
    }
}

/// The list of a value: inline, or the section it names with `@`.
fn items<'a>(reader: &Reader<'a>, entry: &'a Entry, start: usize, draft: &mut Draft) -> Vec<Item<'a>> {
    let value = &entry.value;
    let text = value.text.get(start..).unwrap_or_default();
    if let Some(name) = text.strip_prefix('@') {
        let Some(section) = reader.config.get(name) else {
            if !name.contains(is_expression) {
                let detail = format!("there is no section [{name}]: OpenSSL makes no request");
                draft.defect(
                    DefectKind::ReferenceMissing,
                    span(&value.span),
                    format!("extensions.{}", entry.key),
                    detail,
                );
            }
            return Vec::new();
        };
        reader.shadowed(&section.name, draft);
        return section
            .entries
            .iter()
            .map(|entry| Item {
                name: entry.key.clone(),
                source: &entry.value,
                whole: 0..entry.value.text.len(),
                value: Some(0..entry.value.text.len()),
            })
            .collect();
    }
    let mut found = Vec::new();
    let mut at = start;
    for part in text.split(',') {
        let whole = at..at + part.len();
        at = whole.end + 1;
        let trimmed_start = whole.start + (part.len() - part.trim_start().len());
        let trimmed = trimmed_start..trimmed_start + part.trim().len();
        if trimmed.is_empty() {
            continue;
        }
        let part = part.trim();
        let colon = part.find(':');
        let name = part.get(..colon.unwrap_or(part.len())).unwrap_or_default().trim();
        let value_part = colon.map(|colon| {
            let rest = part.get(colon + 1..).unwrap_or_default();
            let start = trimmed.end - rest.trim_start().len();
            start..trimmed.end
        });
        found.push(Item { name: name.to_owned(), source: value, whole: trimmed, value: value_part });
    }
    found
}

fn place(item: &Item<'_>) -> crate::source::Span {
    span(&item.source.place(item.whole.clone()))
}

fn refused(what: &str, item: &Item<'_>, entry: &Entry, draft: &mut Draft) {
    let detail = format!("{what}: OpenSSL makes no request");
    draft.defect(DefectKind::TemplateInvalid, place(item), format!("extensions.{}", entry.key), detail);
}

fn bit(reader: &Reader<'_>, item: &Item<'_>, entry: &Entry, draft: &mut Draft) -> Option<Field<KeyUsageBit>> {
    if item.name.contains(is_expression) {
        return Some(reader.field(item.source, item.whole.clone()).try_map(|_| Err("an expression".to_owned())));
    }
    let known = USAGES.iter().find(|(short, long, _)| *short == item.name || *long == item.name);
    match known {
        Some((_, _, bit)) => Some(Field::known(place(item), *bit)),
        None => {
            refused(&format!("{:?} is no key usage OpenSSL knows", item.name), item, entry, draft);
            usage::key_usage(&item.name).map(|bit| Field::known(place(item), bit))
        }
    }
}

fn purpose(reader: &Reader<'_>, item: &Item<'_>, entry: &Entry, draft: &mut Draft) -> Option<Field<Oid>> {
    // Long names hold no colon, so that the name is all of the item.
    let text = item.source.text.get(item.whole.clone()).unwrap_or_default();
    if text.contains(is_expression) {
        return Some(reader.field(item.source, item.whole.clone()).try_map(|_| Err("an expression".to_owned())));
    }
    match usage::purpose(&item.name).or_else(|| reader.own_oid(&item.name)) {
        Some(oid) => Some(Field::known(place(item), oid)),
        None => {
            if let Some(near) = nearest(
                &item.name,
                ["serverAuth", "clientAuth", "codeSigning", "emailProtection", "timeStamping", "OCSPSigning"],
            ) {
                refused(&format!("{:?} is no purpose OpenSSL knows; {near} is meant", item.name), item, entry, draft);
            }
            None
        }
    }
}

fn basic_constraints(reader: &Reader<'_>, entry: &Entry, critical: bool, items: &[Item<'_>], draft: &mut Draft) {
    let at = entry_span(entry);
    let mut ca = Field::known(span(&entry.value.span), false);
    let mut path_length = None;
    for item in items {
        let Some(value) = item.value.clone() else { continue };
        let text = item.source.text.get(value.clone()).unwrap_or_default();
        match item.name.as_str() {
            "CA" => {
                ca = reader.field(item.source, value).try_map(|text| match text.whole().unwrap_or_default().trim() {
                    "TRUE" | "true" | "Y" | "y" | "YES" | "yes" => Ok(true),
                    "FALSE" | "false" | "N" | "n" | "NO" | "no" => Ok(false),
                    other => Err(format!("{other:?} is neither TRUE nor FALSE")),
                });
            }
            "pathlen" => path_length = text.trim().parse().ok(),
            _ => refused(&format!("{:?} is no part of basicConstraints", item.name), item, entry, draft),
        }
    }
    draft.basic_constraints(at, critical, ca, path_length);
}

/// The forms of names; a number or word behind a dot only tells keys apart.
fn form(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

fn subject_alt_name(reader: &Reader<'_>, entry: &Entry, critical: bool, items: Vec<Item<'_>>, draft: &mut Draft) {
    draft.san_at(entry_span(entry), critical);
    for item in &items {
        let text = |item: &Item<'_>| item.value.clone().map(|value| reader.field(item.source, value));
        match (form(&item.name), text(item)) {
            ("DNS", Some(text)) => draft.named(PartialName::Dns, text),
            ("IP", Some(text)) => ip(text, draft),
            ("URI", Some(text)) => draft.named(PartialName::Uri, text),
            ("email", Some(text)) => email(text, draft),
            ("RID", Some(text)) => draft.name(text.try_map(|text| {
                let text = text.whole().unwrap_or_default().to_owned();
                Oid::from_name(&text).map(GeneralName::RegisteredId).ok_or(format!("{text:?} is no OID"))
            })),
            ("dirName", Some(text)) => {
                draft.name(text.try_map(|text| directory(reader, text.whole().unwrap_or_default())))
            }
            ("otherName", Some(text)) => draft.name(text.try_map(|text| other(text.whole().unwrap_or_default()))),
            (name, None) if name.chars().all(is_expression) => {
                let unknown = reader.field(item.source, item.whole.clone());
                draft.open_names(unknown.span, unknown.unknown_expression().unwrap_or_default().to_owned());
            }
            (name, _) if name.contains(is_expression) => {
                draft.open_names(place(item), "a name of unknown form");
            }
            (name, _) => {
                let near = nearest(name, ["DNS", "IP", "URI", "email", "RID", "dirName", "otherName"]);
                let near = near.map(|near| format!("; {near} is meant")).unwrap_or_default();
                refused(&format!("{name:?} is no form of name OpenSSL knows{near}"), item, entry, draft);
            }
        }
    }
    knob(reader, entry, &items, draft);
}

/// Where one more DNS name would be written: behind an inline list, or as a key of its own in the section.
fn knob(reader: &Reader<'_>, entry: &Entry, items: &[Item<'_>], draft: &mut Draft) {
    let spell = |wanted: &Wanted| match wanted {
        Wanted::DnsName(name) => Some(name.clone()),
        _ => None,
    };
    if entry.value.from.is_some() || items.iter().any(|item| item.source.from.is_some()) {
        return;
    }
    let section = entry.value.text.rsplit('@').next().filter(|_| entry.value.text.contains('@'));
    let (at, before) = match section.and_then(|name| reader.config.get(name)) {
        Some(section) => {
            let Some(last) = section.entries.iter().max_by_key(|entry| entry.end) else { return };
            let number = |entry: &Entry| entry.key.strip_prefix("DNS.").and_then(|number| number.parse::<u32>().ok());
            let next = section.entries.iter().filter_map(number).max().unwrap_or(0) + 1;
            (last.end, format!("{}DNS.{next} = ", reader.newline()))
        }
        None => (entry.end, ", DNS:".to_owned()),
    };
    draft.knob(Knob { place: "san", at: crate::source::Span::text(at, at), before, after: String::new(), spell });
}

/// `IP:` takes what inet_pton takes; OpenSSL refuses anything else.
fn ip(text: Field<Text>, draft: &mut Draft) {
    let problem = text.effective().and_then(Text::whole).filter(|text| text.trim().parse::<IpAddr>().is_err());
    if let Some(problem) = problem {
        let detail = format!("{problem:?} is no IP address: OpenSSL makes no request");
        draft.defect(DefectKind::TemplateInvalid, text.span, "san", detail);
    }
    draft.named(PartialName::Ip, text);
}

/// `email:copy` and `email:move` stand for the addresses of the subject.
fn email(text: Field<Text>, draft: &mut Draft) {
    match text.effective().and_then(Text::whole) {
        Some("copy" | "move") => {
            let copies: Vec<Field<Text>> = draft
                .attributes_of_subject()
                .filter(|attribute| attribute.oid == oids::EMAIL_ADDRESS)
                .map(|attribute| attribute.value.clone())
                .collect();
            for copy in copies {
                draft.named(PartialName::Email, Field { span: text.span, state: copy.state });
            }
        }
        _ => draft.named(PartialName::Email, text),
    }
}

/// `dirName:section`.
fn directory(reader: &Reader<'_>, section: &str) -> Result<GeneralName, String> {
    let section = reader.config.get(section).ok_or_else(|| format!("there is no section [{section}]"))?;
    let rdns = section.entries.iter().filter_map(|entry| {
        let oid = reader.attribute(super::attribute_name(&entry.key).0)?;
        let value = reader.whole(&entry.value);
        let attribute = crate::read::template::name_attribute(oid, entry_span(entry), value);
        Some(Rdn { span: entry_span(entry), attributes: vec![attribute] })
    });
    Ok(GeneralName::Directory(Name { rdns: rdns.collect() }))
}

/// `otherName:1.2.3.4;UTF8:text`, with the tag the value will have (ASN1_generate_nconf(3)).
fn other(text: &str) -> Result<GeneralName, String> {
    let (oid, value) = text.split_once(';').ok_or("an otherName is written OID;TYPE:value")?;
    let oid = Oid::from_name(oid.trim()).ok_or_else(|| format!("{oid:?} is no OID"))?;
    let (kind, value) = value.split_once(':').ok_or("an otherName is written OID;TYPE:value")?;
    let tag = match kind.trim().to_ascii_uppercase().trim_end_matches("STRING") {
        "UTF8" => Some(tag::UTF8_STRING),
        "IA5" => Some(tag::IA5_STRING),
        "PRINTABLE" => Some(tag::PRINTABLE_STRING),
        _ => None,
    };
    let raw = tag
        .filter(|_| value.len() < 0x80)
        .map(|tag| [tag, value.len() as u8].into_iter().chain(value.bytes()).collect());
    Ok(GeneralName::Other(OtherName { oid, text: tag.map(|_| value.to_owned()), raw: raw.unwrap_or_default() }))
}
