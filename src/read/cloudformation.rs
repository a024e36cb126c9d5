//! AWS CloudFormation and SAM, YAML and JSON: certificates of ACM, and certificates and authorities of ACM Private CA.
//! `Ref` and `Sub` are followed to the defaults of parameters, and marked as coming from there; everything else stays unknown.
//! Defaults are those of the AWS documentation of the resource types (2026-08).

use super::structure::{Node, Value, json, yaml};
use super::template::{Draft, TemplateText, parts_of, tell_problems};
use super::{Artifact, Surroundings};
use crate::crypto::{Curve, Hash};
use crate::encoding::DefectKind;
use crate::request::{
    Field, Format, Inherited, KeyAlgorithm, Knob, Makes, Oid, PartialName, Request, State, Text, Validity, Wanted,
};
use crate::source::Span;

/// What one of these stands in every such text.
pub(super) const MARKS: &[&str] = &["AWS::CertificateManager::Certificate", "AWS::ACMPCA::Certificate"];

const TOOL: &str = "ACM";
const VERSION: &str = "2026";

/// Subject fields of ACM Private CA (API reference, ASN1Subject).
const SUBJECT: [(&str, &str); 14] = [
    ("Country", "2.5.4.6"),
    ("Organization", "2.5.4.10"),
    ("OrganizationalUnit", "2.5.4.11"),
    ("DistinguishedNameQualifier", "2.5.4.46"),
    ("State", "2.5.4.8"),
    ("CommonName", "2.5.4.3"),
    ("SerialNumber", "2.5.4.5"),
    ("Locality", "2.5.4.7"),
    ("Title", "2.5.4.12"),
    ("Surname", "2.5.4.4"),
    ("GivenName", "2.5.4.42"),
    ("Initials", "2.5.4.43"),
    ("Pseudonym", "2.5.4.65"),
    ("GenerationQualifier", "2.5.4.44"),
];

/// Reads every certificate of a template.
pub(super) fn read(text: &TemplateText<'_>, _: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    let is_json = text.text.trim_start_matches('\u{FEFF}').trim_start().starts_with('{');
    let documents = if is_json { vec![json::read(text.text, &|_| None)] } else { yaml::read(text.text, &|_| None) };
    for document in &documents {
        let since = found.len();
        let template = Template { text, parameters: document.root.get("Parameters") };
        for entry in document.root.get("Resources").map(Node::entries).unwrap_or_default() {
            let Some(properties) = entry.value.get("Properties") else { continue };
            let name = entry.key.as_str();
            let request = match entry.value.str_at(&["Type"]) {
                Some("AWS::CertificateManager::Certificate") => template.acm(name, &entry.value, properties),
                Some("AWS::ACMPCA::Certificate") => template.private_certificate(name, &entry.value, properties),
                Some("AWS::ACMPCA::CertificateAuthority") => template.authority(name, &entry.value, properties),
                _ => continue,
            };
            found.push(Artifact::Request(Box::new(request)));
        }
        tell_problems(text, &document.problems, &parts_of(found, since), found);
    }
}

struct Template<'a> {
    text: &'a TemplateText<'a>,
    parameters: Option<&'a Node>,
}

impl Template<'_> {
    fn draft(&self, name: &str, resource: &Node, makes: Makes) -> Draft {
        Draft::new(self.text, Format::Cloudformation, name, resource.place(), makes)
    }

    /// A value, with `Ref` and `Sub` followed to the defaults of parameters.
    fn value(&self, node: &Node) -> Field<Text> {
        let at = node.place();
        match &node.value {
            Value::Unknown(expression) => {
                let (tag, rest) = expression.split_once(char::is_whitespace).unwrap_or((expression, ""));
                let rest = rest.trim().trim_matches(['"', '\'']);
                match tag {
                    "!Ref" => self.parameter(rest, at),
                    // The form with a mapping of its own is not followed.
                    "!Sub" if !rest.starts_with(['-', '[']) => self.substituted(rest, at),
                    _ => node.text(),
                }
            }
            Value::Mapping(_) => {
                let only = node.entries().first().filter(|_| node.entries().len() == 1);
                match only.map(|entry| (entry.key.as_str(), entry.value.str())) {
                    Some(("Ref", Some(name))) => self.parameter(name, at),
                    Some(("Fn::Sub", Some(text))) => self.substituted(text, at),
                    Some((function, _)) => Field::unknown(at, function.to_owned()),
                    None => node.text(),
                }
            }
            _ => node.text(),
        }
    }

    fn default(&self, name: &str) -> Option<&str> {
        self.parameters?.get(name)?.get("Default")?.str().filter(|text| !text.is_empty())
    }

    fn parameter(&self, name: &str, at: Span) -> Field<Text> {
        match self.default(name) {
            Some(default) => {
                let from = format!("the default of parameter {name}");
                Field {
                    span: at,
                    state: State::Inherited(Inherited { value: Text::Whole(default.to_owned()), from: from.into() }),
                }
            }
            None => Field::unknown(at, format!("parameter {name}")),
        }
    }

    /// The text of a `Sub`: what no default is known of stays unknown, what stands around it is known.
    fn substituted(&self, text: &str, at: Span) -> Field<Text> {
        let mut known = String::new();
        let mut unknown: Option<(usize, usize)> = None;
        let mut from = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            known.push_str(before);
            let Some((name, after)) = after.split_once('}') else { break };
            match self.default(name) {
                Some(default) => {
                    known.push_str(default);
                    from.push(name);
                }
                None => unknown = Some((unknown.map_or(known.len(), |(first, _)| first), known.len())),
            }
            rest = after;
        }
        known.push_str(rest);
        let value = match unknown {
            Some((0, last)) if last == known.len() => return Field::unknown(at, text.to_owned()),
            Some((first, last)) => Text::Partial {
                prefix: known.get(..first).unwrap_or_default().to_owned(),
                suffix: known.get(last..).unwrap_or_default().to_owned(),
            },
            None => Text::Whole(known),
        };
        if from.is_empty() {
            return Field::known(at, value);
        }
        let from = format!("the defaults of {}", from.join(", "));
        Field { span: at, state: State::Inherited(Inherited { value, from: from.into() }) }
    }

    fn key(&self, node: Option<&Node>, default: Option<&str>, draft: &mut Draft) {
        let at = draft.span();
        let named = match (node, default) {
            (Some(node), _) => self.value(node),
            (None, Some(default)) => Field::default(at, Text::Whole(default.to_owned()), TOOL, VERSION),
            (None, None) => return,
        };
        let unknown = |text: &Text| format!("{text} is no key algorithm of AWS");
        let parts = |text: Text| key_of(text.whole().unwrap_or_default()).ok_or_else(|| unknown(&text));
        let algorithm = named.clone().try_map(|text| parts(text).map(|(algorithm, ..)| algorithm));
        let whole = |field: &Field<Text>| field.effective().and_then(Text::whole).and_then(key_of);
        let (_, bits, curve) = whole(&named).unwrap_or((KeyAlgorithm::Other, None, None));
        let bits = bits.map_or_else(|| Field::absent(at), |bits| named.clone().map(|_| bits));
        let curve = curve.map_or_else(|| Field::absent(at), |curve| named.clone().map(|_| curve));
        if let Some(node) = node.filter(|node| node.is_literal()) {
            let spell_bits = |wanted: &Wanted| match wanted {
                Wanted::Bits(bits @ (2048 | 3072 | 4096)) => Some(format!("RSA_{bits}")),
                _ => None,
            };
            let quote =
                if self.text.text.get(node.span.clone()).is_some_and(|text| text.starts_with('"')) { "\"" } else { "" };
            let (before, after) = (quote.to_owned(), quote.to_owned());
            draft.knob(Knob { place: "key.bits", at: node.place(), before, after, spell: spell_bits });
        }
        draft.key_is(named.span, algorithm, bits, curve);
    }

    fn acm(&self, name: &str, resource: &Node, properties: &Node) -> Request {
        let mut draft = self.draft(name, resource, Makes::Certificate);
        if let Some(entry) = properties.entry("DomainName") {
            let value = self.value(&entry.value);
            let at = Span::text(entry.key_span.start, entry.value.span.end);
            draft.subject_at(value.span);
            draft.attribute(crate::request::oids::COMMON_NAME.clone(), at, value.clone());
            draft.named(PartialName::Dns, value);
        }
        if let Some(names) = properties.get("SubjectAlternativeNames") {
            for member in names.members() {
                draft.named(PartialName::Dns, self.value(member));
            }
            if let Value::Unknown(expression) = &names.value {
                draft.open_names(names.place(), expression.clone());
            }
        }
        self.key(properties.get("KeyAlgorithm"), Some("RSA_2048"), &mut draft);
        if let Some(authority) = properties.get("CertificateAuthorityArn") {
            draft.template.issuer = self.value(authority);
        }
        draft.finish()
    }

    fn private_certificate(&self, name: &str, resource: &Node, properties: &Node) -> Request {
        let mut draft = self.draft(name, resource, Makes::Certificate);
        let at = resource.place();
        draft.key = Field::unknown(at, "the key of the request that is signed");
        match properties.at(&["ApiPassthrough", "Subject"]) {
            Some(subject) => self.subject(subject, &mut draft),
            None => draft.subject_is(Field::unknown(at, "the subject of the request that is signed")),
        }
        draft.open_names(at, "the names of the request that is signed");
        if let Some(template) = properties.entry("TemplateArn") {
            let value = self.value(&template.value);
            let arn = value.effective().map(Text::to_string).unwrap_or_default();
            if arn.contains("Passthrough") {
                let short = arn.rsplit('/').find(|part| part.contains("Passthrough")).unwrap_or(&arn);
                let who = if arn.contains("CSRPassthrough") { "the request" } else { "whoever calls the API" };
                let detail =
                    format!("the template {short} takes extensions from {who}, usages and CA rights among them");
                let at = Span::text(template.key_span.start, template.value.span.end);
                draft.defect(DefectKind::Passthrough, at, "TemplateArn", detail);
            }
            if arn.contains("CACertificate") {
                draft.basic_constraints(template.value.place(), true, Field::known(template.value.place(), true), None);
            }
        }
        if let Some(validity) = properties.get("Validity") {
            let unit = match validity.str_at(&["Type"]) {
                Some("DAYS") => Some(86_400),
                Some("MONTHS") => Some(365 * 86_400 / 12),
                Some("YEARS") => Some(365 * 86_400),
                _ => None,
            };
            if let Some((unit, value)) = unit.zip(validity.get("Value")) {
                let count =
                    value.integer().try_map(|count| u64::try_from(count).map_err(|_| "a negative number".to_owned()));
                draft.validity = count.map(|count| Validity { seconds: count.saturating_mul(unit) });
            }
        }
        if let Some(authority) = properties.get("CertificateAuthorityArn") {
            draft.template.issuer = self.value(authority);
        }
        draft.finish()
    }

    fn authority(&self, name: &str, resource: &Node, properties: &Node) -> Request {
        let mut draft = self.draft(name, resource, Makes::Request);
        self.key(properties.get("KeyAlgorithm"), None, &mut draft);
        if let Some(subject) = properties.get("Subject") {
            self.subject(subject, &mut draft);
        }
        if let Some(signing) = properties.get("SigningAlgorithm") {
            draft.hash_is(self.value(signing).try_map(|text| {
                let text = text.whole().unwrap_or_default();
                let hash = text.split("WITH").next().unwrap_or_default();
                Hash::from_name(hash).ok_or_else(|| format!("{text:?} is no signing algorithm csrlint knows"))
            }));
        }
        let at = resource.get("Type").map_or(resource.place(), Node::place);
        draft.basic_constraints(at, true, Field::known(at, true), None);
        draft.finish()
    }

    fn subject(&self, subject: &Node, draft: &mut Draft) {
        draft.subject_at(subject.place());
        for (key, dotted) in SUBJECT {
            if let Some((entry, oid)) = subject.entry(key).zip(Oid::from_dotted(dotted)) {
                let at = Span::text(entry.key_span.start, entry.value.span.end);
                draft.attribute(oid, at, self.value(&entry.value));
            }
        }
    }
}

/// `RSA_2048`, `EC_prime256v1`.
fn key_of(name: &str) -> Option<(KeyAlgorithm, Option<u32>, Option<Curve>)> {
    if let Some(bits) = name.strip_prefix("RSA_") {
        return Some((KeyAlgorithm::Rsa, Some(bits.parse().ok()?), None));
    }
    let curve = name.strip_prefix("EC_")?;
    Some((KeyAlgorithm::Ec, None, Some(Curve::from_name(curve)?)))
}
