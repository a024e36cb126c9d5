//! Names and GeneralNames out of DER (RFC 5280 sections 4.1.2.4 and 4.2.1.6).
//! Every RDN and attribute is kept, whatever its string type; what is odd is recorded at its place.
//! An element that is no attribute at all is recorded and skipped: there is nothing to call it.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use super::value;
use crate::encoding::der::{Dom, Id, is_oid, tag};
use crate::encoding::{Defect, DefectKind};
use crate::request::{Field, GeneralName, Name, NameAttribute, Oid, OtherName, Rdn, StringType, Text};

/// Reads a Name; `place` is `subject` or the like.
pub(super) fn name(dom: &Dom<'_>, id: Id, place: &str, defects: &mut Vec<Defect>) -> Name {
    let mut name = Name::default();
    for set in dom.children(id) {
        if dom.tag(set) != tag::SET {
            defects.push(Defect::new(
                DefectKind::ValueMalformed,
                dom.span(set),
                place.to_owned(),
                "an element of the name that is no RDN (SET)",
            ));
            continue;
        }
        let attributes: Vec<NameAttribute> =
            dom.children(set).filter_map(|id| attribute(dom, id, place, defects)).collect();
        match dom.children(set).count() {
            0 => defects.push(Defect::new(
                DefectKind::RdnEmpty,
                dom.span(set),
                place.to_owned(),
                "an RDN without attributes",
            )),
            1 => {}
            count => {
                defects.push(Defect::new(
                    DefectKind::RdnMultiValued,
                    dom.span(set),
                    place.to_owned(),
                    format!("an RDN with {count} attributes"),
                ));
                super::pkcs10::check_set_order(dom, set, place, defects);
            }
        }
        name.rdns.push(Rdn { span: dom.span(set), attributes });
    }
    name
}

fn attribute(dom: &Dom<'_>, id: Id, place: &str, defects: &mut Vec<Defect>) -> Option<NameAttribute> {
    let mut parts = dom.children(id);
    let (oid, value) = match (parts.next(), parts.next()) {
        (Some(oid), Some(value)) if dom.tag(id) == tag::SEQUENCE && dom.tag(oid) == tag::OID => (oid, value),
        _ => {
            defects.push(Defect::new(
                DefectKind::ValueMalformed,
                dom.span(id),
                place.to_owned(),
                "an attribute of the name that is no type and value",
            ));
            return None;
        }
    };
    let oid = Oid::from_content(dom.content(oid));
    let string_type = StringType::from_tag(dom.string_tag(value));
    let content = &*dom.string(value);
    let element = dom.get(value);
    let span = element.content_span();
    let here = || format!("{place}.{}", oid.label());
    let field = match value::text(string_type, content) {
        Ok(text) => Field::known(span, Text::Whole(text)),
        Err(reason) => Field::malformed(span, reason),
    };
    match &field.state {
        crate::request::State::Malformed(reason) if string_type != StringType::Bit => {
            defects.push(Defect::new(DefectKind::NameValueUndecodable, span, here(), reason.clone()));
        }
        _ if content.is_empty() => {
            defects.push(Defect::new(DefectKind::NameValueEmpty, element.span(), here(), "the value is empty"))
        }
        _ if string_type == StringType::Printable => {
            if let Some(bad) = content.iter().find(|byte| !value::is_printable(**byte)) {
                let detail = format!("a PrintableString with {:?}", char::from(*bad));
                defects.push(Defect::new(DefectKind::PrintableStringCharset, span, here(), detail));
            }
        }
        _ => {}
    }
    let mut raw = dom.raw(value).to_vec();
    let mut field = field;
    if super::pkcs10::is_secret(&oid) {
        // A name is no place for a secret; where one stands there all the same, it is not shown either.
        let count = field.text().map_or(content.len(), |text| text.chars().count());
        field =
            Field::known(span, Text::Whole(format!("{}, {count} characters (secret, not shown)", string_type.name())));
        raw.clear();
    }
    Some(NameAttribute { span: dom.span(id), string_type: Some(string_type), value: field, raw, oid })
}

/// Reads one GeneralName, the `number`th of its subjectAltName.
pub(super) fn general_name(dom: &Dom<'_>, id: Id, number: usize, defects: &mut Vec<Defect>) -> Field<GeneralName> {
    let place = || format!("san[{number}]");
    let element = dom.get(id);
    let content = dom.content(id);
    let mut malformed = |kind, detail: String| {
        defects.push(Defect::new(kind, element.span(), place(), detail.clone()));
        Field::malformed(element.span(), detail)
    };
    let ia5 = |name: fn(String) -> GeneralName, kind: &str| match value::text(StringType::Ia5, content) {
        Ok(text) => Ok(name(text)),
        Err(_) => {
            Err(format!("a {kind} with bytes outside of ASCII (IA5String): {}", String::from_utf8_lossy(content)))
        }
    };
    let general_name = match element.tag {
        0xA0 => {
            let mut parts = dom.children(id);
            match (parts.next(), parts.next().and_then(|explicit| dom.children(explicit).next())) {
                (Some(oid), Some(inner)) if dom.tag(oid) == tag::OID => {
                    let text = value::text(StringType::from_tag(dom.tag(inner)), dom.content(inner)).ok();
                    GeneralName::Other(OtherName {
                        oid: Oid::from_content(dom.content(oid)),
                        text,
                        raw: dom.raw(inner).to_vec(),
                    })
                }
                _ => {
                    return malformed(
                        DefectKind::GeneralNameMalformed,
                        "an otherName without type or value".to_owned(),
                    );
                }
            }
        }
        0x81 | 0x82 | 0x86 => {
            let decoded = match element.tag {
                0x81 => ia5(GeneralName::Email, "rfc822Name"),
                0x82 => ia5(GeneralName::Dns, "dNSName"),
                _ => ia5(GeneralName::Uri, "uniformResourceIdentifier"),
            };
            match decoded {
                Ok(name) => name,
                Err(detail) => return malformed(DefectKind::GeneralNameNotIa5, detail),
            }
        }
        0xA3 => GeneralName::X400(dom.raw(id).to_vec()),
        0xA4 => match dom.children(id).next() {
            Some(inner) if dom.tag(inner) == tag::SEQUENCE => {
                GeneralName::Directory(name(dom, inner, &place(), defects))
            }
            _ => return malformed(DefectKind::GeneralNameMalformed, "a directoryName without a name".to_owned()),
        },
        0xA5 => GeneralName::EdiParty(dom.raw(id).to_vec()),
        0x87 => match (<[u8; 4]>::try_from(content), <[u8; 16]>::try_from(content)) {
            (Ok(octets), _) => GeneralName::Ip(IpAddr::V4(Ipv4Addr::from(octets))),
            (_, Ok(octets)) => GeneralName::Ip(IpAddr::V6(Ipv6Addr::from(octets))),
            _ => {
                return malformed(
                    DefectKind::IpLength,
                    format!("an iPAddress of {} octets; it has 4 or 16", content.len()),
                );
            }
        },
        0x88 if is_oid(content) => GeneralName::RegisteredId(Oid::from_content(content)),
        0x88 => {
            return malformed(
                DefectKind::GeneralNameMalformed,
                "a registeredID that is no OBJECT IDENTIFIER".to_owned(),
            );
        }
        other => return malformed(DefectKind::GeneralNameMalformed, format!("tag {other:#04x} is no GeneralName")),
    };
    Field::known(
        if element.is_constructed() || content.is_empty() { element.span() } else { element.content_span() },
        general_name,
    )
}
