//! PKCS#10 (RFC 2986): from DER to a Request, with everything that is odd on the way recorded at its place.
//! It fails only where there is no telling what is version, subject and key; then it says what the bytes are instead.
//! Offsets are those of the DER; bytes after the structure are not part of the request.

use std::collections::HashSet;
use std::sync::Arc;

use super::value::{self, Der};
use super::{Artifact, Claim, Found, composite, extension, key};
use crate::crypto::{self, SignatureFamily};
use crate::encoding::der::{Dom, Element, Id, Primitives, tag};
use crate::encoding::{Defect, DefectKind as Kind};
use crate::request::{
    Attribute, AttributeValue, Extension, Field, List, Oid, Origin, Pkcs10, PossessionStatement, Request, Signature,
    StringType, oids,
};
use crate::source::{SourceFile, SourceId, Sources, Span};

/// Reads one request; `number` counts the artifacts of the file.
pub(super) fn read(bytes: &[u8], found: Found, file: &Arc<SourceFile>, number: usize) -> Artifact {
    let mut defects = found.defects;
    let sources = Sources::new(file.clone(), found.content, found.text);
    match Reader::new(bytes).read(&mut defects) {
        Some(mut parts) => {
            parts.forget_what_is_cut_off(bytes.len(), &mut defects);
            defects.sort_by_key(|defect| (defect.span.source, defect.span.start));
            let origin = Origin {
                sources,
                span: found.span,
                format: found.format,
                embedded: found.embedded,
                name: format!("request {number}"),
            };
            Artifact::Request(Box::new(Request {
                origin,
                subject: parts.subject,
                key: parts.key,
                extensions: list(parts.extensions, &defects),
                attributes: list(parts.attributes, &defects),
                pkcs10: Some(parts.pkcs10),
                validity: Field::absent(Span::content(0, 0)),
                template: None,
                defects,
                costly: std::sync::OnceLock::new(),
            }))
        }
        None => {
            let detail = match value::sniff_der(bytes) {
                Der::Unknown | Der::Request if bytes.first() == Some(&0x30) => {
                    "the bytes are DER, but no CertificationRequest".to_owned()
                }
                Der::Unknown | Der::Request => "the bytes are no DER".to_owned(),
                kind => format!("the bytes are {}, not a certification request", kind.name()),
            };
            // What the walk stumbled over in bytes that are something else would only confuse.
            let der = bytes.first() == Some(&tag::SEQUENCE);
            defects.retain(|defect| {
                defect.span.source == SourceId::TEXT || (der && matches!(defect.kind, Kind::Truncated | Kind::TooDeep))
            });
            defects.push(Defect::new(Kind::NotDer, Span::content(0, bytes.len()), "request", detail));
            Artifact::Claim(Claim { sources, span: found.span, defects })
        }
    }
}

/// All that a request asks for; of a request that is cut off nobody knows what else.
fn list<T>(items: Vec<T>, defects: &[Defect]) -> List<T> {
    match defects.iter().find(|defect| defect.kind == Kind::Truncated) {
        Some(truncated) => List::open(items, vec![truncated.span]),
        None => List::closed(items),
    }
}

struct Parts {
    subject: Field<crate::request::Name>,
    key: Field<crate::request::Key>,
    extensions: Vec<Extension>,
    attributes: Vec<Attribute>,
    pkcs10: Pkcs10,
}

impl Parts {
    /// Of a part that runs into the end of a request that is cut off, nobody knows what it would have said.
    fn forget_what_is_cut_off(&mut self, end: usize, defects: &mut Vec<Defect>) {
        const CUT_OFF: &str = "what the request says where it is cut off";
        if !defects.iter().any(|defect| defect.kind == Kind::Truncated) {
            return;
        }
        if self.subject.span.end as usize >= end {
            self.subject = Field::unknown(self.subject.span, CUT_OFF);
        }
        if self.key.span.end as usize >= end {
            self.key = Field::unknown(self.key.span, CUT_OFF);
            defects.retain(|defect| defect.kind != Kind::KeyMalformed);
        }
    }
}

struct Reader<'a> {
    dom: Dom<'a>,
}

impl<'a> Reader<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { dom: Dom::new(bytes) }
    }

    fn read(mut self, defects: &mut Vec<Defect>) -> Option<Parts> {
        let bytes = self.dom.bytes;
        let mut walked = Vec::new();
        // Bytes after the structure are told as one thing, not as what they would be if they were DER.
        let end = value::der_length(bytes).map_or(bytes.len(), |length| length.min(bytes.len()));
        let roots = self.dom.walk(0..end, Primitives::Checked, &mut walked);
        let outer = self.dom.roots(roots).next()?;
        let end = self.dom.get(outer).stop as usize;
        defects.append(&mut walked);
        if end < bytes.len() {
            let detail = format!("{} bytes follow the request", bytes.len() - end);
            defects.push(Defect::new(Kind::TrailingData, Span::content(end, bytes.len()), "request", detail));
        }
        let mut parts = self.dom.children(outer);
        let (info, algorithm, signature) = (parts.next()?, parts.next(), parts.next());
        if let Some(extra) = parts.next() {
            defects.push(Defect::new(
                Kind::UnexpectedElement,
                self.dom.span(extra),
                "request",
                "an element after the signature",
            ));
        }
        let mut fields = self.dom.children(info);
        let (version, subject) = (fields.next()?, fields.next()?);
        let key = fields.next();
        let rest: Vec<Id> = fields.collect();
        if self.dom.tag(outer) != tag::SEQUENCE
            || self.dom.tag(info) != tag::SEQUENCE
            || self.dom.tag(version) != tag::INTEGER
            || self.dom.tag(subject) != tag::SEQUENCE
        {
            return None;
        }
        let version = self.version(version, defects);
        let subject = Field::known(self.dom.span(subject), super::name::name(&self.dom, subject, "subject", defects));
        let key = match key.filter(|id| self.dom.tag(*id) == tag::SEQUENCE) {
            Some(id) => key::read(&mut self.dom, id, defects),
            None => {
                // Where the request is cut off, that is the finding.
                if !self.dom.get(info).truncated {
                    defects.push(Defect::new(
                        Kind::KeyMalformed,
                        self.dom.span(info),
                        "key",
                        "the request has no subjectPublicKeyInfo",
                    ));
                }
                Field::malformed(self.dom.span(info), "missing")
            }
        };
        let (attributes, extensions) = self.attributes(info, &rest, defects);
        let signature = self.signature(info, algorithm, signature, &key, defects);
        let der = bytes.get(..end).unwrap_or(bytes).to_vec();
        let statement = attributes
            .iter()
            .find(|attribute| attribute.oid == oids::POSSESSION_STATEMENT)
            .map(|attribute| possession_statement(bytes, attribute));
        Some(Parts { subject, key, extensions, attributes, pkcs10: Pkcs10::new(der, version, signature, statement) })
    }

    fn version(&self, id: Id, defects: &mut Vec<Defect>) -> Field<i64> {
        let span = self.dom.span(id);
        match value::integer(self.dom.content(id)) {
            Some(0) => Field::known(span, 0),
            Some(version) => {
                defects.push(Defect::new(
                    Kind::Version,
                    span,
                    "version",
                    format!("version {version}; RFC 2986 knows 0 (v1) only"),
                ));
                Field::known(span, version)
            }
            None => {
                defects.push(Defect::new(Kind::Version, span, "version", "a version that is no small number"));
                Field::malformed(span, "no small number")
            }
        }
    }

    fn attributes(&mut self, info: Id, rest: &[Id], defects: &mut Vec<Defect>) -> (Vec<Attribute>, Vec<Extension>) {
        let set = rest.iter().copied().find(|id| self.dom.tag(*id) == tag::context(0));
        for id in rest.iter().filter(|id| Some(**id) != set) {
            let detail =
                format!("an element with tag {:#04x} that CertificationRequestInfo does not have", self.dom.tag(*id));
            defects.push(Defect::new(Kind::UnexpectedElement, self.dom.span(*id), "request", detail));
        }
        let Some(set) = set else {
            let end = self.dom.get(info).end as usize;
            // Where the request is cut off, that is the finding.
            if !self.dom.get(info).truncated {
                defects.push(Defect::new(
                    Kind::AttributesMissing,
                    Span::content(end, end),
                    "attributes",
                    "the attributes field [0] is missing",
                ));
            }
            return (Vec::new(), Vec::new());
        };
        check_set_order(&self.dom, set, "attributes", defects);
        let ids: Vec<Id> = self.dom.children(set).collect();
        let mut attributes = Vec::with_capacity(ids.len());
        let mut containers: Vec<(Oid, Id)> = Vec::new();
        let mut seen: HashSet<Oid> = HashSet::new();
        for (number, id) in ids.into_iter().enumerate() {
            let Some((oid, values)) = self.attribute_parts(id) else {
                if self.dom.get(id).truncated {
                    continue;
                }
                defects.push(Defect::new(
                    Kind::AttributeMalformed,
                    self.dom.span(id),
                    format!("attributes[{number}]"),
                    "an element of the attributes that is no type and SET of values",
                ));
                continue;
            };
            let value_ids: Vec<Id> = self.dom.children(values).collect();
            let here = format!("attributes.{}", oid.label());
            let container = oid == oids::EXTENSION_REQUEST || oid == oids::MICROSOFT_EXTENSIONS;
            if !seen.insert(oid.clone()) {
                let kind = if container { Kind::ExtensionRequestRepeated } else { Kind::AttributeRepeated };
                defects.push(Defect::new(
                    kind,
                    self.dom.span(id),
                    here.clone(),
                    format!("a second {} attribute", oid.label()),
                ));
            }
            if value_ids.is_empty() {
                defects.push(Defect::new(
                    Kind::AttributeWithoutValue,
                    self.dom.span(id),
                    here.clone(),
                    format!("the {} attribute has no value", oid.label()),
                ));
            }
            if value_ids.len() > 1 && !container {
                check_set_order(&self.dom, values, &here, defects);
            }
            if container && let [_, second, ..] = value_ids.as_slice() {
                let detail = format!("an extension request with {} values", value_ids.len());
                defects.push(Defect::new(
                    Kind::ExtensionRequestSeveralValues,
                    self.dom.span(*second),
                    here.clone(),
                    detail,
                ));
            }
            if container {
                containers.extend(value_ids.iter().map(|value| (oid.clone(), *value)));
            }
            self.attribute_facts(&oid, id, &value_ids, &here, defects);
            let values = value_ids
                .iter()
                .map(|value| AttributeValue { span: self.dom.span(*value), shown: self.shown(&oid, *value) })
                .collect();
            attributes.push(Attribute { span: self.dom.span(id), values, oid });
        }
        let extensions = self.extensions(&containers, defects);
        (attributes, extensions)
    }

    fn attribute_parts(&self, id: Id) -> Option<(Oid, Id)> {
        let mut parts = self.dom.children(id);
        let (oid, values) = (parts.next()?, parts.next()?);
        let whole = parts.next().is_none()
            && self.dom.tag(id) == tag::SEQUENCE
            && self.dom.tag(oid) == tag::OID
            && self.dom.tag(values) == tag::SET;
        whole.then(|| (Oid::from_content(self.dom.content(oid)), values))
    }

    /// What may be shown: secrets as type and length only.
    fn shown(&self, oid: &Oid, id: Id) -> String {
        let content = self.dom.content(id);
        if is_secret(oid) {
            let string_type = StringType::from_tag(self.dom.string_tag(id));
            return match value::text(string_type, &self.dom.string(id)) {
                Ok(text) => format!("{}, {} characters (secret, not shown)", string_type.name(), text.chars().count()),
                Err(_) => format!("{} bytes (secret, not shown)", content.len()),
            };
        }
        if *oid == oids::EXTENSION_REQUEST || *oid == oids::MICROSOFT_EXTENSIONS {
            let count = self.dom.children(id).count();
            return format!("{count} {}", if count == 1 { "extension" } else { "extensions" });
        }
        if self.dom.get(id).is_constructed() && self.dom.tag(id) == tag::SEQUENCE {
            let parts: Vec<String> = self.dom.children(id).map(|part| self.shown_part(part)).collect();
            return parts.join(", ");
        }
        self.shown_part(id)
    }

    fn shown_part(&self, id: Id) -> String {
        match self.dom.tag(id) {
            tag::INTEGER => value::integer(self.dom.content(id))
                .map_or_else(|| value::shown(0, &[], self.dom.raw(id)), |number| number.to_string()),
            tag => value::shown(tag, self.dom.content(id), self.dom.raw(id)),
        }
    }

    fn attribute_facts(&self, oid: &Oid, id: Id, values: &[Id], here: &str, defects: &mut Vec<Defect>) {
        let span = self.dom.span(id);
        let mut record = |kind, span, detail: String| defects.push(Defect::new(kind, span, here.to_owned(), detail));
        let name = oid.label();
        if *oid == oids::CHALLENGE_PASSWORD {
            if let Some(value) = values.first() {
                record(
                    Kind::ChallengePassword,
                    span,
                    format!("the request carries a challenge password: {}", self.shown(oid, *value)),
                );
            }
            if let Some(problem) = self.challenge_problem(values) {
                record(Kind::ChallengePasswordMalformed, span, problem);
            }
        } else if is_secret(oid) {
            record(Kind::AttributeSecret, span, format!("the request carries a secret in {name}"));
        } else if *oid == oids::MICROSOFT_ARCHIVED_KEY || *oid == oids::MICROSOFT_ENCRYPTED_KEY_HASH {
            record(Kind::ArchivedKey, span, format!("the request carries a private key for archival ({name})"));
        } else if *oid == oids::MICROSOFT_CLIENT_INFO || *oid == oids::MICROSOFT_OS_VERSION {
            record(
                Kind::ClientInfo,
                span,
                format!(
                    "{name} tells of the machine that made the request: {}",
                    values.first().map(|value| self.shown(oid, *value)).unwrap_or_default()
                ),
            );
        } else if *oid == oids::MICROSOFT_ENROLLMENT_NAME_VALUE {
            record(
                Kind::EnrollmentNameValue,
                span,
                format!("{name}: {}", values.first().map(|value| self.shown(oid, *value)).unwrap_or_default()),
            );
        } else if *oid == oids::UNSTRUCTURED_NAME || *oid == oids::UNSTRUCTURED_ADDRESS {
            record(Kind::UnstructuredName, span, format!("{name} goes into no certificate"));
        } else if *oid == oids::ATTESTATION {
            // draft-ietf-lamps-csr-attestation: exactly one AttestationBundle, a SEQUENCE.
            let statements =
                |bundle: Id| self.dom.children(bundle).next().filter(|first| self.dom.tag(*first) == tag::SEQUENCE);
            let bundle = matches!(values, [value] if self.dom.tag(*value) == tag::SEQUENCE && statements(*value).is_some_and(|list| self.dom.children(list).next().is_some()));
            if !bundle {
                record(
                    Kind::AttestationMalformed,
                    span,
                    "the attestation attribute does not hold exactly one bundle".to_owned(),
                );
            }
        } else if oid.name().is_none() {
            record(Kind::AttributeUnknown, span, format!("attribute type {oid} is unknown"));
        }
    }

    /// RFC 2985 section 5.4.1: one DirectoryString of 1 to 255 characters.
    fn challenge_problem(&self, values: &[Id]) -> Option<String> {
        let [value] = values else {
            return (!values.is_empty())
                .then(|| format!("challengePassword has {} values; it is single-valued", values.len()));
        };
        let string_type = StringType::from_tag(self.dom.tag(*value));
        if !matches!(
            string_type,
            StringType::Utf8 | StringType::Printable | StringType::Teletex | StringType::Bmp | StringType::Universal
        ) {
            return Some(format!(
                "challengePassword is a {}, not a DirectoryString",
                string_name(self.dom.tag(*value))
            ));
        }
        match value::text(string_type, self.dom.content(*value)).map(|text| text.chars().count()) {
            Err(reason) => Some(format!("challengePassword cannot be read: {reason}")),
            Ok(0) => Some("challengePassword is empty".to_owned()),
            Ok(1..=255) => None,
            Ok(count) => Some(format!("challengePassword has {count} characters; 255 are allowed")),
        }
    }

    fn extensions(&mut self, containers: &[(Oid, Id)], defects: &mut Vec<Defect>) -> Vec<Extension> {
        let mut extensions: Vec<Extension> = Vec::new();
        for (container, id) in containers {
            let here = format!("attributes.{}", container.label());
            let ids: Vec<Id> = self.dom.children(*id).collect();
            let is_extension = |id: &Id| {
                self.dom.tag(*id) == tag::SEQUENCE
                    && self.dom.children(*id).next().is_some_and(|first| self.dom.tag(first) == tag::OID)
            };
            if self.dom.tag(*id) != tag::SEQUENCE || !ids.iter().all(is_extension) {
                let detail = "the extension request is no SEQUENCE OF Extension";
                defects.push(Defect::new(Kind::ExtensionRequestMalformed, self.dom.span(*id), here.clone(), detail));
            } else if ids.is_empty() {
                defects.push(Defect::new(
                    Kind::ExtensionRequestEmpty,
                    self.dom.span(*id),
                    here.clone(),
                    "the extension request asks for nothing",
                ));
            }
            for id in ids {
                extensions.extend(extension::read(&mut self.dom, id, container, defects));
            }
        }
        self.duplicates(&extensions, containers, defects);
        extension::contradictions(&extensions, defects);
        extensions
    }

    fn duplicates(&self, extensions: &[Extension], containers: &[(Oid, Id)], defects: &mut Vec<Defect>) {
        let standard = containers.iter().find(|(oid, _)| *oid == oids::EXTENSION_REQUEST);
        let microsoft = containers.iter().find(|(oid, _)| *oid == oids::MICROSOFT_EXTENSIONS);
        match (standard, microsoft) {
            (Some((_, standard)), Some((_, microsoft)))
                if self.dom.content(*standard) != self.dom.content(*microsoft) =>
            {
                let detail =
                    "extensions are requested in two attributes, with different content: tools read one or the other";
                defects.push(Defect::new(
                    Kind::ExtensionRequestConflict,
                    self.dom.span(*microsoft),
                    "attributes.microsoftCertExtensions",
                    detail,
                ));
            }
            (None, Some((_, microsoft))) => {
                let detail = "the extensions stand in Microsoft's attribute only; many tools do not see them";
                defects.push(Defect::new(
                    Kind::MicrosoftExtensionRequest,
                    self.dom.span(*microsoft),
                    "attributes.microsoftCertExtensions",
                    detail,
                ));
            }
            _ => {}
        }
        let mut seen: HashSet<(&Oid, &Oid)> = HashSet::new();
        for extension in extensions {
            if !seen.insert((&extension.container, &extension.oid)) {
                defects.push(Defect::new(
                    Kind::ExtensionDuplicate,
                    extension.span,
                    extension.place(),
                    format!("{} is requested twice", extension.oid.label()),
                ));
            }
        }
    }

    fn signature(
        &mut self,
        info: Id,
        algorithm: Option<Id>,
        signature: Option<Id>,
        key: &Field<crate::request::Key>,
        defects: &mut Vec<Defect>,
    ) -> Field<Signature> {
        let end = self.dom.get(info).stop as usize;
        let missing = |detail: &'static str| {
            (
                Field::malformed(Span::content(end, end), detail),
                Defect::new(Kind::UnexpectedElement, Span::content(end, end), "signature", detail),
            )
        };
        let (Some(algorithm), Some(signature)) = (algorithm, signature) else {
            let (field, defect) = missing("the signature is missing");
            // A request that is cut off says so already.
            if !defects.iter().any(|defect| defect.kind == Kind::Truncated) {
                defects.push(defect);
            }
            return field;
        };
        if self.dom.tag(algorithm) != tag::SEQUENCE {
            let detail = "the signature algorithm is no SEQUENCE";
            let span = self.dom.span(algorithm);
            defects.push(Defect::new(Kind::UnexpectedElement, span, "signature.algorithm", detail));
        }
        let Some(oid) = self.dom.children(algorithm).next().filter(|id| self.dom.tag(*id) == tag::OID) else {
            let (field, defect) = missing("the signature algorithm has no OID");
            defects.push(defect);
            return field;
        };
        let oid_value = Oid::from_content(self.dom.content(oid));
        let parameters = self.dom.children(algorithm).nth(1);
        if let Some(extra) = self.dom.children(algorithm).nth(2) {
            defects.push(Defect::new(
                Kind::UnexpectedElement,
                self.dom.span(extra),
                "signature.algorithm",
                "an element after the algorithm's parameters",
            ));
        }
        let bits: Element = self.dom.get(signature);
        let content = self.dom.content(signature);
        if bits.tag != tag::BIT_STRING || content.is_empty() {
            let (field, defect) = missing("the signature is no BIT STRING");
            defects.push(defect);
            return field;
        }
        if content.first() != Some(&0) {
            // The walk has said it in general terms; here it has a rule of its own.
            defects.retain(|defect| !(defect.kind == Kind::BitStringNotDer && defect.span == bits.span()));
            let detail = format!(
                "the signature says {} unused bits; it has whole octets",
                content.first().copied().unwrap_or(0)
            );
            defects.push(Defect::new(Kind::SignatureBits, bits.span(), "signature", detail));
        }
        let value = Span::content(bits.content as usize + 1, bits.end as usize);
        self.algorithm_facts(algorithm, &oid_value, parameters, defects);
        if !bits.truncated {
            self.value_facts(&oid_value, value, key, defects);
        }
        let known = Signature {
            algorithm: oid_value,
            algorithm_span: self.dom.span(algorithm),
            parameters: parameters.map(|id| self.dom.span(id)),
            value,
            signed: self.dom.span(info),
        };
        Field::known(bits.span(), known)
    }

    /// Parameters: NULL for RSA (RFC 4055 section 5), absent for ECDSA (RFC 5758 section 3.2), EdDSA (RFC 8410 section 3), ML-DSA (RFC 9881 section 2).
    fn algorithm_facts(&self, id: Id, oid: &Oid, parameters: Option<Id>, defects: &mut Vec<Defect>) {
        let Some(algorithm) = crypto::signature_algorithm(oid.as_bytes()) else { return };
        let mut record =
            |kind, detail: String| defects.push(Defect::new(kind, self.dom.span(id), "signature.algorithm", detail));
        let is_null = parameters.is_some_and(|id| self.dom.tag(id) == tag::NULL);
        match algorithm.family {
            SignatureFamily::Rsa if parameters.is_none() => {
                record(Kind::SignatureParameters, format!("{} without its NULL parameters", algorithm.name))
            }
            SignatureFamily::Rsa if !is_null => {
                record(Kind::SignatureParameters, format!("{} with parameters other than NULL", algorithm.name))
            }
            SignatureFamily::Ecdsa
            | SignatureFamily::Ed25519
            | SignatureFamily::Ed448
            | SignatureFamily::MlDsa
            | SignatureFamily::SlhDsa
            | SignatureFamily::Composite
                if parameters.is_some() =>
            {
                let what = if is_null { "NULL parameters" } else { "parameters" };
                record(Kind::SignatureParameters, format!("{} with {what}; they are absent", algorithm.name));
            }
            SignatureFamily::RsaPss => match crypto::pss_parameters(parameters.map(|id| self.dom.raw(id))) {
                Err(reason) => {
                    record(Kind::SignatureParameters, format!("RSASSA-PSS parameters that cannot be read: {reason}"))
                }
                Ok(pss) => {
                    let salt = usize::try_from(pss.salt_length).unwrap_or(usize::MAX);
                    if salt != pss.hash.output_len()
                        || pss.mgf_hash != pss.hash
                        || pss.trailer != 1
                        || pss.explicit_defaults
                    {
                        record(
                            Kind::PssParameters,
                            format!(
                                "{} with a salt of {} bytes and MGF1 with {}",
                                pss.hash.name(),
                                pss.salt_length,
                                pss.mgf_hash.name()
                            ),
                        );
                    }
                }
            },
            SignatureFamily::Unsigned => {
                record(Kind::Unsigned, format!("{} stands where a signature algorithm should", algorithm.name))
            }
            _ => {}
        }
    }

    /// The form of the value: Ecdsa-Sig-Value (RFC 3279 section 2.2.3), the modulus' length (RFC 8017 section 8.2.2).
    fn value_facts(&mut self, oid: &Oid, value: Span, key: &Field<crate::request::Key>, defects: &mut Vec<Defect>) {
        let Some(algorithm) = crypto::signature_algorithm(oid.as_bytes()) else { return };
        let problem = match algorithm.family {
            SignatureFamily::Ecdsa | SignatureFamily::Dsa => {
                let mut odd = Vec::new();
                let roots = self.dom.walk(value.range(), Primitives::Checked, &mut odd);
                let positive = |id: &Id| {
                    self.dom.tag(*id) == tag::INTEGER
                        && self.dom.content(*id).first().is_some_and(|first| first & 0x80 == 0)
                        && self.dom.content(*id).iter().any(|octet| *octet != 0)
                };
                let mut roots = self.dom.roots(roots);
                let well_formed = roots.next().is_some_and(|sequence| {
                    let numbers: Vec<Id> = self.dom.children(sequence).collect();
                    self.dom.tag(sequence) == tag::SEQUENCE && numbers.len() == 2 && numbers.iter().all(positive)
                });
                (!well_formed || roots.next().is_some() || !odd.is_empty())
                    .then(|| format!("the {} value is no SEQUENCE of two positive INTEGERs in DER", algorithm.name))
            }
            SignatureFamily::Rsa | SignatureFamily::RsaPss => {
                let modulus = key
                    .effective()
                    .and_then(|key| key.public.as_ref()?.rsa_numbers())
                    .map(|(modulus, _)| crate::request::bit_length(modulus).div_ceil(8) as usize);
                modulus
                    .filter(|length| *length != value.len())
                    .map(|length| format!("the signature has {} bytes, the modulus {length}", value.len()))
            }
            // RFC 8032 sections 5.1.6 and 5.2.6
            SignatureFamily::Ed25519 if value.len() != 64 => {
                Some(format!("an Ed25519 signature of {} bytes; it has 64", value.len()))
            }
            SignatureFamily::Ed448 if value.len() != 114 => {
                Some(format!("an Ed448 signature of {} bytes; it has 114", value.len()))
            }
            // FIPS 204 table 2, FIPS 205 table 2
            SignatureFamily::MlDsa | SignatureFamily::SlhDsa => crypto::post_quantum_signature_length(oid.as_bytes())
                .filter(|length| *length != value.len())
                .map(|length| format!("an {} signature of {} bytes; it has {length}", algorithm.name, value.len())),
            SignatureFamily::Composite => composite::signature_lengths(algorithm.name)
                .filter(|lengths| !lengths.contains(&value.len()))
                .map(|lengths| {
                    let (least, most) = lengths.into_inner();
                    format!("an {} signature of {} bytes; it has {least} to {most}", algorithm.name, value.len())
                }),
            _ => None,
        };
        if let Some(problem) = problem {
            defects.push(Defect::new(Kind::SignatureValueMalformed, value, "signature.value", problem));
        }
    }
}

/// PrivateKeyPossessionStatement ::= SEQUENCE { signer IssuerAndSerialNumber, cert Certificate OPTIONAL } (RFC 9883 section 3).
fn possession_statement(bytes: &[u8], attribute: &Attribute) -> PossessionStatement {
    let mut statement = PossessionStatement { span: attribute.span, problem: None, key: None };
    let mut ignored = Vec::new();
    let mut dom = Dom::new(bytes);
    let roots = attribute.values.first().map(|value| dom.walk(value.span.range(), Primitives::Checked, &mut ignored));
    let parts: Vec<Id> =
        roots.and_then(|roots| dom.roots(roots).next()).map(|id| dom.children(id).collect()).unwrap_or_default();
    let signer: Vec<Id> = parts.first().map(|id| dom.children(*id).collect()).unwrap_or_default();
    let [issuer, serial] = signer.as_slice() else {
        statement.problem = Some("it does not name its signer by issuer and serial number");
        return statement;
    };
    if dom.tag(*issuer) != tag::SEQUENCE
        || dom.tag(*serial) != tag::INTEGER
        || parts.len() > 2
        || attribute.values.len() > 1
    {
        statement.problem = Some("it is not one signer, and at most one certificate");
        return statement;
    }
    if let Some(certificate) = parts.get(1) {
        match super::certificate::parts(dom.raw(*certificate)) {
            None => statement.problem = Some("the certificate in it cannot be read"),
            Some(parts) => {
                if parts.issuer != dom.raw(*issuer) || parts.serial != dom.content(*serial) {
                    statement.problem = Some("the certificate in it is not that of the signer it names");
                }
                statement.key = parts.key;
            }
        }
    }
    statement
}

/// Attributes whose value is a secret: RFC 2985 5.4.1, RFC 7894 (EST), and Microsoft's challenge answer and server secret.
pub(super) fn is_secret(oid: &Oid) -> bool {
    [
        &oids::CHALLENGE_PASSWORD,
        &oids::OTP_CHALLENGE,
        &oids::REVOCATION_CHALLENGE,
        &oids::EST_IDENTITY_LINKING,
        &oids::MICROSOFT_CHALLENGE_ANSWER,
        &oids::MICROSOFT_SERVER_SECRET,
    ]
    .contains(&oid)
}

fn string_name(tag: u8) -> String {
    match tag {
        tag::OCTET_STRING => "OCTET STRING".to_owned(),
        tag::INTEGER => "INTEGER".to_owned(),
        _ => match StringType::from_tag(tag) {
            StringType::Other(tag) => format!("value with tag {tag:#04x}"),
            string_type => string_type.name().to_owned(),
        },
    }
}

/// X.690 section 11.6: the encodings of a SET OF ascend, the shorter one padded with zero octets.
pub(super) fn check_set_order(dom: &Dom<'_>, set: Id, place: &str, defects: &mut Vec<Defect>) {
    let padded = |raw: &'_ [u8], length: usize| {
        raw.iter().copied().chain(std::iter::repeat(0)).take(length).collect::<Vec<u8>>()
    };
    let ids: Vec<Id> = dom.children(set).collect();
    for pair in ids.windows(2) {
        let [first, second] = pair else { continue };
        let (a, b) = (dom.raw(*first), dom.raw(*second));
        let length = a.len().max(b.len());
        if a > b && padded(a, length) > padded(b, length) {
            defects.push(Defect::new(
                Kind::SetOrder,
                dom.span(*second),
                place.to_owned(),
                "the elements of the SET OF are not in DER order",
            ));
            return;
        }
    }
}
