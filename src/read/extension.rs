//! Requested extensions out of DER: the frame of each, and the values of those csrlint knows.
//! Every value is read, also of an extension that is requested twice; one that fails is kept as `Malformed`.
//! nameConstraints are decoded by x509-parser: nothing in them needs a place of its own.

use x509_parser::extensions::{GeneralSubtree, NameConstraints};
use x509_parser::prelude::FromDer as _;

use super::value;
use crate::encoding::der::{Dom, Id, Primitives, tag};
use crate::encoding::{Defect, DefectKind as Kind};
use crate::request::{
    Default, Extension, ExtensionValue, Field, KeyUsage, KeyUsageBit, List, MicrosoftTemplate, Oid, State, StringType,
    SubjectAltName, oids,
};
use crate::source::Span;

/// Reads one Extension; `None` where it is none (which has been recorded).
pub(super) fn read(dom: &mut Dom<'_>, id: Id, container: &Oid, defects: &mut Vec<Defect>) -> Option<Extension> {
    let mut parts = dom.children(id);
    let oid_id = parts.next().filter(|id| dom.tag(*id) == tag::OID)?;
    let oid = Oid::from_content(dom.content(oid_id));
    let place = format!("extensions.{}", oid.label());
    let mut next = parts.next();
    let after_oid = dom.get(oid_id).stop as usize;
    let mut critical = Field {
        span: Span::content(after_oid, after_oid),
        state: State::Default(Default { value: false, tool: "X.509", version: "v3".into() }),
    };
    if let Some(flag) = next.filter(|id| dom.tag(*id) == tag::BOOLEAN) {
        let value = dom.content(flag).first().is_some_and(|octet| *octet != 0);
        critical = Field::known(dom.span(flag), value);
        if !value {
            defects.push(Defect::new(
                Kind::DefaultEncoded,
                dom.span(flag),
                place.clone(),
                "critical FALSE is written; DER leaves defaults out",
            ));
        }
        next = parts.next();
    }
    let extra = parts.next();
    let Some(octets) = next.filter(|id| dom.tag(*id) == tag::OCTET_STRING) else {
        // A constructed OCTET STRING has been told as such; there is no telling what readers make of it.
        if next.is_none_or(|id| dom.string_tag(id) != tag::OCTET_STRING) {
            defects.push(Defect::new(
                Kind::ExtensionMalformed,
                dom.span(id),
                place,
                "the extension has no OCTET STRING value",
            ));
        }
        return Some(Extension {
            span: dom.span(id),
            critical,
            value: Field::malformed(dom.span(id), "no value"),
            raw: Vec::new(),
            container: container.clone(),
            oid,
        });
    };
    if let Some(extra) = extra {
        defects.push(Defect::new(
            Kind::UnexpectedElement,
            dom.span(extra),
            place.clone(),
            "an element after the extension's value",
        ));
    }
    let raw = dom.content(octets).to_vec();
    let value_span = dom.get(octets).content_span();
    let span = dom.span(id);
    let mut reader = ValueReader { dom, place, span: value_span, defects };
    let value = match reader.read(&oid) {
        Ok(value) => Field::known(value_span, value),
        Err((kind, reason)) => {
            reader.record(kind, value_span, reason.clone());
            Field::malformed(value_span, reason)
        }
    };
    if !known(&oid)
        && matches!(value.state, State::Known(ExtensionValue::Opaque))
        && critical.effective() == Some(&true)
    {
        reader.record(Kind::ExtensionUnknownCritical, span, format!("extension {oid} is unknown and critical"));
    }
    Some(Extension { span, critical, value, raw, container: container.clone(), oid })
}

/// The value of an extension that a template holds encoded; all of it stands at one place.
pub(super) fn value_of(oid: &Oid, der: &[u8], at: Span) -> Result<ExtensionValue, String> {
    let mut dom = Dom::new(der);
    let mut defects = Vec::new();
    let span = Span::content(0, der.len());
    let mut reader = ValueReader { dom: &mut dom, place: String::new(), span, defects: &mut defects };
    let value = reader.read(oid).map_err(|(_, reason)| reason)?;
    fn moved<T: Clone>(fields: &[Field<T>], at: Span) -> Vec<Field<T>> {
        fields.iter().map(|field| Field { span: at, state: field.state.clone() }).collect()
    }
    Ok(match value {
        ExtensionValue::SubjectAltName(names) => {
            ExtensionValue::SubjectAltName(SubjectAltName { names: List::closed(moved(names.names.as_slice(), at)) })
        }
        ExtensionValue::ExtendedKeyUsage(purposes) => ExtensionValue::ExtendedKeyUsage(moved(&purposes, at)),
        ExtensionValue::CertificatePolicies(policies) => ExtensionValue::CertificatePolicies(moved(&policies, at)),
        ExtensionValue::MicrosoftApplicationPolicies(policies) => {
            ExtensionValue::MicrosoftApplicationPolicies(moved(&policies, at))
        }
        other => other,
    })
}

fn known(oid: &Oid) -> bool {
    oid.name().is_some()
}

/// What only shows over several extensions: usages that exclude each other, CA material without cA.
pub(super) fn contradictions(extensions: &[Extension], defects: &mut Vec<Defect>) {
    let values = || extensions.iter().filter_map(|extension| Some((extension, extension.value.effective()?)));
    let ca = values().any(|(_, value)| matches!(value, ExtensionValue::BasicConstraints { ca: true, .. }));
    for (extension, value) in values() {
        let mut record =
            |kind, detail: String| defects.push(Defect::new(kind, extension.value.span, extension.place(), detail));
        match value {
            ExtensionValue::BasicConstraints { ca: false, path_length: Some(length) } => {
                record(Kind::PathLengthWithoutCa, format!("pathLenConstraint {length} without cA TRUE"))
            }
            ExtensionValue::BasicConstraints { path_length: Some(length), .. } if *length < 0 => {
                record(Kind::PathLengthNegative, format!("pathLenConstraint {length}"))
            }
            ExtensionValue::NameConstraints { .. } if !ca => {
                record(Kind::NameConstraintsInLeaf, "nameConstraints without cA TRUE".to_owned())
            }
            ExtensionValue::KeyUsage(usage) if usage.is_empty() => {
                record(Kind::KeyUsageEmpty, "keyUsage without any bit".to_owned())
            }
            ExtensionValue::KeyUsage(usage) => {
                let (encipher, decipher) = (usage.has(KeyUsageBit::EncipherOnly), usage.has(KeyUsageBit::DecipherOnly));
                if encipher && decipher {
                    record(Kind::KeyUsageContradiction, "encipherOnly and decipherOnly exclude each other".to_owned());
                } else if (encipher || decipher) && !usage.has(KeyUsageBit::KeyAgreement) {
                    let bit = if encipher { "encipherOnly" } else { "decipherOnly" };
                    record(Kind::KeyUsageContradiction, format!("{bit} means nothing without keyAgreement"));
                }
            }
            _ => {}
        }
    }
}

struct ValueReader<'r, 'a> {
    dom: &'r mut Dom<'a>,
    place: String,
    span: Span,
    defects: &'r mut Vec<Defect>,
}

type Reading<T> = Result<T, (Kind, String)>;

fn malformed<T>(reason: impl Into<String>) -> Reading<T> {
    Err((Kind::ExtensionMalformed, reason.into()))
}

impl ValueReader<'_, '_> {
    fn record(&mut self, kind: Kind, span: Span, detail: impl Into<std::borrow::Cow<'static, str>>) {
        self.defects.push(Defect::new(kind, span, self.place.clone(), detail));
    }

    fn read(&mut self, oid: &Oid) -> Reading<ExtensionValue> {
        match oid {
            _ if *oid == oids::SUBJECT_ALT_NAME => self.subject_alt_name(),
            _ if *oid == oids::KEY_USAGE => self.key_usage(),
            _ if *oid == oids::EXTENDED_KEY_USAGE => {
                let purposes = self.oid_sequence("extendedKeyUsage")?;
                Ok(ExtensionValue::ExtendedKeyUsage(purposes))
            }
            _ if *oid == oids::BASIC_CONSTRAINTS => self.basic_constraints(),
            _ if *oid == oids::SUBJECT_KEY_IDENTIFIER => {
                let id = self.one(tag::OCTET_STRING, "subjectKeyIdentifier is no OCTET STRING")?;
                Ok(ExtensionValue::SubjectKeyIdentifier(self.dom.content(id).to_vec()))
            }
            _ if *oid == oids::NAME_CONSTRAINTS => self.name_constraints(),
            _ if *oid == oids::CERTIFICATE_POLICIES => {
                Ok(ExtensionValue::CertificatePolicies(self.policies("certificatePolicies")?))
            }
            _ if *oid == oids::TLS_FEATURE => self.tls_feature(),
            _ if *oid == oids::MICROSOFT_TEMPLATE_NAME => {
                let id = self.any("the template name is no string")?;
                let text = value::text(StringType::from_tag(self.dom.tag(id)), self.dom.content(id))
                    .or_else(|reason| malformed(format!("the template name: {reason}")))?;
                Ok(ExtensionValue::MicrosoftTemplate(MicrosoftTemplate { template: text, major: None, minor: None }))
            }
            _ if *oid == oids::MICROSOFT_TEMPLATE => self.microsoft_template(),
            _ if *oid == oids::MICROSOFT_APPLICATION_POLICIES => {
                Ok(ExtensionValue::MicrosoftApplicationPolicies(self.policies("the application policies")?))
            }
            _ if *oid == oids::MICROSOFT_SID => self.microsoft_sid(),
            _ => Ok(ExtensionValue::Opaque),
        }
    }

    fn any(&mut self, reason: &str) -> Reading<Id> {
        let roots = self.dom.walk(self.span.range(), Primitives::Checked, self.defects);
        let mut roots = self.dom.roots(roots);
        let Some(first) = roots.next() else { return malformed(reason) };
        if roots.next().is_some() {
            let end = self.dom.get(first).stop as usize;
            let span = Span::content(end, self.span.end as usize);
            // What the walk made of these bytes does not matter any more.
            self.defects.retain(|defect| {
                defect.span.source != span.source || defect.span.start < span.start || defect.span.start >= span.end
            });
            self.record(
                Kind::ExtensionTrailingData,
                span,
                format!("{} bytes follow the extension's value", span.len()),
            );
        }
        Ok(first)
    }

    fn one(&mut self, wanted: u8, reason: &str) -> Reading<Id> {
        let id = self.any(reason)?;
        if self.dom.tag(id) == wanted { Ok(id) } else { malformed(reason) }
    }

    fn subject_alt_name(&mut self) -> Reading<ExtensionValue> {
        let id = self
            .one(tag::SEQUENCE, "subjectAltName is no SEQUENCE of names")
            .map_err(|(_, reason)| (Kind::SanMalformed, reason))?;
        let ids: Vec<Id> = self.dom.children(id).collect();
        if ids.is_empty() {
            self.defects.push(Defect::new(Kind::SanEmpty, self.span, "san", "subjectAltName without a name"));
        }
        let names = ids
            .into_iter()
            .enumerate()
            .map(|(number, id)| super::name::general_name(self.dom, id, number, self.defects))
            .collect();
        Ok(ExtensionValue::SubjectAltName(SubjectAltName { names: List::closed(names) }))
    }

    fn key_usage(&mut self) -> Reading<ExtensionValue> {
        let id = self.one(tag::BIT_STRING, "keyUsage is no BIT STRING")?;
        let content = self.dom.content(id);
        let [unused, octets @ ..] = content else { return malformed("keyUsage is no BIT STRING") };
        let padding = 0xFF_u8.checked_shr(8 - u32::from((*unused).min(8))).unwrap_or(0);
        let mut octets = octets.to_vec();
        let padding_set = octets.last().is_some_and(|last| last & padding != 0);
        if let Some(last) = octets.last_mut() {
            *last &= !padding;
        }
        // X.690 11.2.2: a named bit list ends with its last one bit. Padding that is set has been told by the walk.
        let minimal = match octets.last() {
            None => true,
            Some(last) => padding_set || u32::from(*unused) == last.trailing_zeros().min(8),
        };
        if !minimal {
            self.record(Kind::BitStringNotDer, self.span, "keyUsage is a named bit list with trailing zero bits");
        }
        if octets.len() > 2 {
            return malformed(format!("keyUsage of {} octets", octets.len()));
        }
        Ok(ExtensionValue::KeyUsage(KeyUsage::from_octets(&octets)))
    }

    fn oid_sequence(&mut self, name: &str) -> Reading<Vec<Field<Oid>>> {
        let id = self.one(tag::SEQUENCE, &format!("{name} is no SEQUENCE of OIDs"))?;
        let ids: Vec<Id> = self.dom.children(id).collect();
        if ids.is_empty() {
            self.record(Kind::ExtensionEmpty, self.span, format!("{name} is empty"));
        }
        ids.into_iter()
            .map(|id| {
                if self.dom.tag(id) == tag::OID {
                    Ok(Field::known(self.dom.span(id), Oid::from_content(self.dom.content(id))))
                } else {
                    malformed(format!("{name} has a member that is no OID"))
                }
            })
            .collect()
    }

    fn basic_constraints(&mut self) -> Reading<ExtensionValue> {
        let id = self.one(tag::SEQUENCE, "basicConstraints is no SEQUENCE")?;
        let mut parts = self.dom.children(id).peekable();
        let mut ca = false;
        let mut written_false = None;
        if let Some(flag) = parts.next_if(|id| self.dom.tag(*id) == tag::BOOLEAN) {
            ca = self.dom.content(flag).first().is_some_and(|octet| *octet != 0);
            written_false = (!ca).then(|| self.dom.span(flag));
        }
        let path_length = match parts.next_if(|id| self.dom.tag(*id) == tag::INTEGER) {
            Some(number) => match value::integer(self.dom.content(number)) {
                Some(number) => Some(number),
                None => return malformed("pathLenConstraint is no small number"),
            },
            None => None,
        };
        if parts.next().is_some() {
            return malformed("basicConstraints with an unknown member");
        }
        drop(parts);
        if let Some(span) = written_false {
            self.record(Kind::DefaultEncoded, span, "cA FALSE is written; DER leaves defaults out");
        }
        Ok(ExtensionValue::BasicConstraints { ca, path_length })
    }

    fn name_constraints(&mut self) -> Reading<ExtensionValue> {
        self.one(tag::SEQUENCE, "nameConstraints is no SEQUENCE")?;
        let raw = self.dom.bytes.get(self.span.range()).unwrap_or_default();
        match NameConstraints::from_der(raw) {
            Ok((_, constraints)) => {
                let shown = |subtrees: Option<Vec<GeneralSubtree<'_>>>| {
                    subtrees.unwrap_or_default().iter().map(|subtree| subtree.base.to_string()).collect()
                };
                Ok(ExtensionValue::NameConstraints {
                    permitted: shown(constraints.permitted_subtrees),
                    excluded: shown(constraints.excluded_subtrees),
                })
            }
            Err(_) => malformed("nameConstraints cannot be decoded"),
        }
    }

    /// SEQUENCE OF PolicyInformation (RFC 5280 section 4.2.1.4): the OIDs. Microsoft's application policies have the same syntax.
    fn policies(&mut self, name: &str) -> Reading<Vec<Field<Oid>>> {
        let id = self.one(tag::SEQUENCE, &format!("{name} is no SEQUENCE"))?;
        if self.dom.children(id).next().is_none() {
            self.record(Kind::ExtensionEmpty, self.span, format!("{name} is empty"));
        }
        self.dom
            .children(id)
            .map(|policy| match self.dom.children(policy).next().filter(|id| self.dom.tag(*id) == tag::OID) {
                Some(oid) => Ok(Field::known(self.dom.span(oid), Oid::from_content(self.dom.content(oid)))),
                None => malformed(format!("{name} has a member that is no policy")),
            })
            .collect()
    }

    /// RFC 7633 section 4.1: SEQUENCE OF INTEGER.
    fn tls_feature(&mut self) -> Reading<ExtensionValue> {
        let id = self.one(tag::SEQUENCE, "tlsFeature is no SEQUENCE of INTEGERs")?;
        let numbers: Option<Vec<u16>> = self
            .dom
            .children(id)
            .map(|id| {
                (self.dom.tag(id) == tag::INTEGER)
                    .then(|| value::integer(self.dom.content(id)))?
                    .and_then(|number| u16::try_from(number).ok())
            })
            .collect();
        match numbers {
            Some(numbers) => {
                if numbers.is_empty() {
                    self.record(Kind::ExtensionEmpty, self.span, "tlsFeature is empty");
                }
                Ok(ExtensionValue::TlsFeature(numbers))
            }
            None => malformed("tlsFeature is no SEQUENCE of INTEGERs"),
        }
    }

    /// MS-WCCE 2.2.2.7.7.2: { templateID OID, majorVersion INTEGER, minorVersion INTEGER OPTIONAL }.
    fn microsoft_template(&mut self) -> Reading<ExtensionValue> {
        let id = self.one(tag::SEQUENCE, "the certificate template is no SEQUENCE")?;
        let mut parts = self.dom.children(id);
        let Some(oid) = parts.next().filter(|id| self.dom.tag(*id) == tag::OID) else {
            return malformed("the certificate template has no OID");
        };
        let template = Oid::from_content(self.dom.content(oid)).to_string();
        let mut number = || parts.next().and_then(|id| value::integer(self.dom.content(id)));
        Ok(ExtensionValue::MicrosoftTemplate(MicrosoftTemplate { template, major: number(), minor: number() }))
    }

    /// MS-WCCE 2.2.2.7.7.4: GeneralNames with one otherName whose value is an OCTET STRING with the SID as text.
    fn microsoft_sid(&mut self) -> Reading<ExtensionValue> {
        let id = self.one(tag::SEQUENCE, "the security identifier is no GeneralNames")?;
        let sid = self.dom.children(id).next().and_then(|name| {
            let mut parts = self.dom.children(name);
            let oid = parts.next().filter(|oid| self.dom.content(*oid) == oids::MICROSOFT_SID_VALUE.as_bytes())?;
            let value = self.dom.children(parts.next()?).next()?;
            (self.dom.tag(oid) == tag::OID).then(|| String::from_utf8_lossy(self.dom.content(value)).into_owned())
        });
        sid.map(ExtensionValue::MicrosoftSid).map_or_else(|| malformed("the security identifier has no value"), Ok)
    }
}
