//! The making of a Request out of what a template says: readers fill a draft in any order, `finish` puts it together.
//! No format is known here. What is written keeps its place; what is an expression stays unknown.
//! Names are typed by the reader: a template that guesses a name's form (cfssl's `hosts`) guesses in its own file.

use std::ops::Range;
use std::sync::OnceLock;

use super::structure::Problem;
use super::{Artifact, Claim, extension};
use crate::crypto::{Curve, Hash};
use crate::encoding::{Defect, DefectKind};
use crate::fix::Fix;
use crate::request::{
    Attribute, AttributeValue, Extension, ExtensionValue, Field, Format, GeneralName, Inherited, Key, KeyAlgorithm,
    KeyUsage, KeyUsageBit, Knob, List, Makes, Name, NameAttribute, Oid, Origin, OtherName, PartialName, Rdn, Renewal,
    Request, State, SubjectAltName, Template, Text, Validity, oids,
};
use crate::source::{FilePath, Sources, Span};

/// Problems of a document's form that are told; the first ones are the reason of the others.
const MAX_PROBLEMS: usize = 10;

/// A text in which templates may stand.
pub(super) struct TemplateText<'a> {
    /// As UTF-8.
    pub(super) text: &'a str,
    /// The file.
    pub(super) path: &'a FilePath,
    /// The way from places in the text to file bytes.
    pub(super) sources: Sources,
}

/// Tells what is wrong with the form of a document, if templates were read of it; `ours` are their parts of the text. A key
/// that is written twice is told inside of them only: the rest of the document is somebody else's.
pub(super) fn tell_problems(
    text: &TemplateText<'_>,
    problems: &[Problem],
    ours: &[Range<usize>],
    found: &mut Vec<Artifact>,
) {
    if ours.is_empty() {
        return;
    }
    for problem in problems.iter().take(MAX_PROBLEMS) {
        let span = Span::text(problem.span.start, problem.span.end);
        let detail = match problem.kind {
            DefectKind::ShadowedValue if ours.iter().all(|part| !part.contains(&problem.span.start)) => continue,
            DefectKind::ShadowedValue => format!("{}; tools take the last one, or refuse the file", problem.text),
            _ => format!("not well-formed: {}", problem.text),
        };
        let defects = vec![Defect::new(problem.kind, span, "file", detail)];
        found.push(Artifact::Claim(Claim { sources: text.sources.clone(), span, defects }));
    }
}

/// The parts of the text that the requests from this number on were read of.
pub(super) fn parts_of(found: &[Artifact], since: usize) -> Vec<Range<usize>> {
    let part = |artifact: &Artifact| match artifact {
        Artifact::Request(request) => Some(request.origin.span.range()),
        _ => None,
    };
    found.iter().skip(since).filter_map(part).collect()
}

/// A request in the making.
pub(super) struct Draft {
    /// What only templates have.
    pub(super) template: Template,
    /// The key; `Absent` until something is said about it.
    pub(super) key: Field<Key>,
    /// How long the certificate should be valid.
    pub(super) validity: Field<Validity>,
    /// What is wrong or noteworthy.
    pub(super) defects: Vec<Defect>,
    origin: Origin,
    subject_span: Span,
    subject: Option<Field<Name>>,
    rdns: Vec<Rdn>,
    san: Option<San>,
    extensions: Vec<Extension>,
    open_extensions: Vec<Span>,
    attributes: Vec<Attribute>,
}

struct San {
    span: Span,
    critical: bool,
    names: Vec<Field<GeneralName>>,
    open: Vec<Span>,
}

impl Draft {
    /// Of the part of the text that `span` covers. `name` tells it from others in the file.
    pub(super) fn new(
        text: &TemplateText<'_>,
        format: Format,
        name: impl Into<String>,
        span: Span,
        makes: Makes,
    ) -> Self {
        Self {
            template: Template::new(makes, span),
            key: Field::absent(span),
            validity: Field::absent(span),
            defects: Vec::new(),
            origin: Origin { sources: text.sources.clone(), span, format, embedded: true, name: name.into() },
            subject_span: span,
            subject: None,
            rdns: Vec::new(),
            san: None,
            extensions: Vec::new(),
            open_extensions: Vec::new(),
            attributes: Vec::new(),
        }
    }

    /// The whole of it.
    pub(super) fn span(&self) -> Span {
        self.origin.span
    }

    /// Where the subject stands as a whole.
    pub(super) fn subject_at(&mut self, span: Span) {
        self.subject_span = span;
    }

    /// The subject is an expression as a whole, or cannot be read.
    pub(super) fn subject_is(&mut self, subject: Field<Name>) {
        self.subject_span = subject.span;
        self.subject = Some(subject);
    }

    /// One more attribute of the subject, in an RDN of its own; `span` covers key and value. What is absent is none.
    pub(super) fn attribute(&mut self, oid: Oid, span: Span, value: Field<Text>) {
        if value.state != State::Absent {
            self.rdns.push(Rdn { span, attributes: vec![name_attribute(oid, span, value)] });
        }
    }

    /// One more attribute in the same RDN as the one before.
    pub(super) fn attribute_of_same_rdn(&mut self, oid: Oid, span: Span, value: Field<Text>) {
        match self.rdns.last_mut() {
            Some(rdn) => rdn.attributes.push(name_attribute(oid, span, value)),
            None => self.attribute(oid, span, value),
        }
    }

    /// The attributes so far.
    pub(super) fn attributes_of_subject(&self) -> impl Iterator<Item = &NameAttribute> {
        self.rdns.iter().flat_map(|rdn| &rdn.attributes)
    }

    /// Whether there is a subject, known or not.
    pub(super) fn has_subject(&self) -> bool {
        self.subject.is_some() || !self.rdns.is_empty()
    }

    /// Changes every attribute of the subject.
    pub(super) fn with_attributes(&mut self, change: impl Fn(&mut NameAttribute)) {
        self.rdns.iter_mut().flat_map(|rdn| &mut rdn.attributes).for_each(change);
    }

    /// The subject alternative names begin here, even if none of them can be read. Nothing happens where they did before.
    pub(super) fn san_at(&mut self, span: Span, critical: bool) {
        self.san.get_or_insert_with(|| San { span, critical, names: Vec::new(), open: Vec::new() });
    }

    /// One more name.
    pub(super) fn name(&mut self, name: Field<GeneralName>) {
        self.san_at(name.span, false);
        if let Some(san) = self.san.as_mut().filter(|_| name.state != State::Absent) {
            san.names.push(name);
        }
    }

    /// One more name of a form that is text.
    pub(super) fn named(&mut self, form: PartialName, text: Field<Text>) {
        self.name(general_name(form, text));
    }

    /// There may be names that nobody sees, for this expression.
    pub(super) fn open_names(&mut self, span: Span, expression: impl Into<String>) {
        self.name(Field::unknown(span, expression.into()));
        if let Some(san) = &mut self.san {
            san.open.push(span);
        }
    }

    /// The names so far.
    pub(super) fn names(&self) -> &[Field<GeneralName>] {
        self.san.as_ref().map_or(&[], |san| &san.names)
    }

    /// A requested extension; `span` covers all that asks for it.
    pub(super) fn extension(&mut self, oid: Oid, span: Span, critical: bool, value: Field<ExtensionValue>) {
        self.extensions.push(Extension {
            oid,
            span,
            critical: Field::known(span, critical),
            value,
            raw: Vec::new(),
            container: oids::EXTENSION_REQUEST.clone(),
        });
    }

    /// keyUsage out of its bits; one that is not known leaves the list open. No bit, no extension.
    pub(super) fn key_usage(&mut self, span: Span, critical: bool, bits: &[Field<KeyUsageBit>]) {
        if bits.is_empty() {
            return;
        }
        let usage = KeyUsage::from_bits(bits.iter().filter_map(|bit| bit.effective().copied()));
        let unknown = bits.iter().find_map(Field::unjudged);
        let usage = if unknown.is_some() { usage.and_unseen() } else { usage };
        let value = match unknown.filter(|_| usage.is_empty()) {
            Some(expression) => Field::unknown(span, expression.to_owned()),
            None => like(bits, span, ExtensionValue::KeyUsage(usage)),
        };
        self.extension(oids::KEY_USAGE.clone(), span, critical, value);
    }

    /// extendedKeyUsage out of its purposes. No purpose, no extension.
    pub(super) fn purposes(&mut self, span: Span, critical: bool, purposes: Vec<Field<Oid>>) {
        if !purposes.is_empty() {
            let value = like(&purposes, span, ExtensionValue::ExtendedKeyUsage(purposes.clone()));
            self.extension(oids::EXTENDED_KEY_USAGE.clone(), span, critical, value);
        }
    }

    /// basicConstraints.
    pub(super) fn basic_constraints(&mut self, span: Span, critical: bool, ca: Field<bool>, path_length: Option<i64>) {
        let value = ca.map(|ca| ExtensionValue::BasicConstraints { ca, path_length });
        self.extension(oids::BASIC_CONSTRAINTS.clone(), span, critical, value);
    }

    /// There may be extensions that nobody sees.
    pub(super) fn open_extensions(&mut self, span: Span) {
        self.open_extensions.push(span);
    }

    /// An attribute of the request; of a secret only what may be shown.
    pub(super) fn request_attribute(&mut self, oid: Oid, span: Span, value: Span, shown: impl Into<String>) {
        let values = vec![AttributeValue { span: value, shown: shown.into() }];
        self.attributes.push(Attribute { oid, span, values });
    }

    /// The key, by algorithm and size or curve.
    pub(super) fn key_is(&mut self, span: Span, algorithm: Field<KeyAlgorithm>, bits: Field<u32>, curve: Field<Curve>) {
        let bits = if bits.state == State::Absent { curve.clone().map(Curve::bits) } else { bits };
        self.key = Field::known(span, Key { algorithm, bits, curve, public: None });
    }

    /// The hash of the signature.
    pub(super) fn hash_is(&mut self, hash: Field<Hash>) {
        self.template.hash = hash;
    }

    /// What happens to the key at renewal.
    pub(super) fn renewal_is(&mut self, renewal: Field<Renewal>) {
        self.template.renewal = renewal;
    }

    /// Where a value is written, or would be.
    pub(super) fn knob(&mut self, knob: Knob) {
        self.template.knobs.push(knob);
    }

    /// A secret stands here.
    pub(super) fn secret(&mut self, span: Span) {
        self.template.secrets.push(span);
    }

    /// Something wrong or noteworthy.
    pub(super) fn defect(&mut self, kind: DefectKind, span: Span, place: impl Into<String>, detail: impl Into<String>) {
        self.defects.push(Defect::new(kind, span, place.into(), detail.into()));
    }

    /// The same, with its repair.
    pub(super) fn defect_with_fix(
        &mut self,
        kind: DefectKind,
        span: Span,
        place: impl Into<String>,
        detail: impl Into<String>,
        fix: Fix,
    ) {
        self.defects.push(Defect::new(kind, span, place.into(), detail.into()).with_fix(fix));
    }

    /// The request.
    pub(super) fn finish(mut self) -> Request {
        if let Some(san) = self.san.take() {
            let empty = san.names.is_empty() && san.open.is_empty();
            if empty {
                self.defect(DefectKind::SanEmpty, san.span, "san", "a subjectAltName without names");
            }
            let names = List::open(san.names, san.open);
            let value = Field::known(san.span, ExtensionValue::SubjectAltName(SubjectAltName { names }));
            self.extension(oids::SUBJECT_ALT_NAME.clone(), san.span, san.critical, value);
        }
        for (number, extension) in self.extensions.iter().enumerate() {
            if self.extensions.iter().take(number).any(|before| before.oid == extension.oid) {
                let detail = format!("the extension {} is asked for twice", extension.oid.label());
                self.defects.push(Defect::new(
                    DefectKind::ExtensionDuplicate,
                    extension.span,
                    extension.place(),
                    detail,
                ));
            }
        }
        extension::contradictions(&self.extensions, &mut self.defects);
        self.defects.sort_by_key(|defect| (defect.span.source, defect.span.start));
        let subject_span = self.subject_span;
        let rdns = self.rdns;
        Request {
            origin: self.origin,
            subject: self.subject.unwrap_or_else(|| Field::known(subject_span, Name { rdns })),
            key: self.key,
            extensions: List::open(self.extensions, self.open_extensions),
            attributes: List::closed(self.attributes),
            pkcs10: None,
            template: Some(self.template),
            validity: self.validity,
            defects: self.defects,
            costly: OnceLock::new(),
        }
    }
}

/// An attribute of a name, as templates write it: without a string type.
pub(super) fn name_attribute(oid: Oid, span: Span, value: Field<Text>) -> NameAttribute {
    NameAttribute { oid, span, string_type: None, value, raw: Vec::new() }
}

/// A name of a form that is text; an address that is none is malformed.
pub(super) fn general_name(form: PartialName, text: Field<Text>) -> Field<GeneralName> {
    text.try_map(|text| {
        let Some(whole) = text.whole() else { return Ok(GeneralName::Partial(form, text)) };
        Ok(match form {
            PartialName::Dns => GeneralName::Dns(whole.to_owned()),
            PartialName::Email => GeneralName::Email(whole.to_owned()),
            PartialName::Uri => GeneralName::Uri(whole.to_owned()),
            PartialName::Ip => {
                GeneralName::Ip(whole.trim().parse().map_err(|_| format!("{whole:?} is no IP address"))?)
            }
        })
    })
}

/// An otherName whose value is a UTF8String, as a UPN is.
pub(super) fn other_name(oid: Oid, text: String) -> GeneralName {
    // Longer ones are written in the long form, which no rule looks at.
    let short = u8::try_from(text.len()).ok().filter(|length| *length < 0x80);
    let raw = short.map_or_else(Vec::new, |length| [0x0C, length].into_iter().chain(text.bytes()).collect());
    GeneralName::Other(OtherName { oid, raw, text: Some(text) })
}

/// A value made of members: where none of them is written here, it is a default, or from elsewhere, as they are.
fn like<T, U>(members: &[Field<T>], span: Span, value: U) -> Field<U> {
    let written = members.iter().any(|member| matches!(member.state, State::Known(_)));
    match members.first().map(|member| &member.state).filter(|_| !written) {
        Some(State::Default(default)) => Field::default(span, value, default.tool, default.version.clone()),
        Some(State::Inherited(inherited)) => {
            Field { span, state: State::Inherited(Inherited { value, from: inherited.from.clone() }) }
        }
        _ => Field::known(span, value),
    }
}

/// The known word that a word nearly is: another case, or a slip of the pen in a word long enough to tell.
pub(super) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let distance = |one: &str| strsim::damerau_levenshtein(&one.to_ascii_lowercase(), &word.to_ascii_lowercase());
    let (near, distance) = known.into_iter().map(|one| (one, distance(one))).min_by_key(|(_, distance)| *distance)?;
    let allowed = match word.len().min(near.len()) {
        0..=3 => 0,
        4..=7 => 1,
        _ => 2,
    };
    (distance <= allowed && near != word).then_some(near)
}
