//! The decoded request as people read it, each line with the places it came from.
//! `inspect` prints it; findings are shown on it, since a line of base64 shows nobody anything.

use std::ops::Range;

use super::sanitise;
use crate::crypto;
use crate::redact::{self, Secrets};
use crate::request::{Extension, ExtensionValue, Field, Key, Makes, Request, State, Template, Text};
use crate::source::Span;

/// A listing with the place of its parts.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// The text, lines without control characters.
    pub text: String,
    places: Vec<(Span, Range<usize>)>,
}

/// Lines of a file around a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// The lines, without control characters, cut where they are long.
    pub text: String,
    /// The number of the first of them.
    pub first_line: usize,
    /// The place in `text`.
    pub range: Range<usize>,
}

const WIDEST: usize = 160;

impl Listing {
    /// Lists a request.
    pub fn of(request: &Request) -> Self {
        let mut writer = Writer { listing: Self::default(), secrets: request.origin.sources.file.secrets() };
        writer.request(request);
        writer.listing
    }

    /// Where a span of the request is in the listing: its own line, else the narrowest one around it, else one inside it.
    pub fn range_of(&self, span: Span) -> Range<usize> {
        let exact = self.places.iter().find(|(place, _)| *place == span);
        let around =
            || self.places.iter().filter(|(place, _)| place.contains(span)).min_by_key(|(place, _)| place.len());
        let inside = || self.places.iter().find(|(place, _)| span.contains(*place));
        exact.or_else(around).or_else(inside).map_or(0..self.text.find('\n').unwrap_or(0), |(_, range)| range.clone())
    }
}

/// A listing in the making, with what its file has to hide.
struct Writer<'a> {
    listing: Listing,
    secrets: &'a Secrets,
}

impl Writer<'_> {
    fn line(&mut self, depth: usize, label: &str, span: Span, value: &str) {
        let text = &mut self.listing.text;
        for _ in 0..depth {
            text.push_str("    ");
        }
        let start = text.len();
        text.push_str(label);
        if !value.is_empty() {
            text.push_str(": ");
        }
        let value_start = if value.is_empty() { start } else { text.len() };
        let legible = self.secrets.out_of(value);
        text.push_str(&sanitise::shortened(&sanitise::line(&legible), WIDEST));
        self.listing.places.push((span, value_start..text.len()));
        text.push('\n');
    }

    fn request(&mut self, request: &Request) {
        let whole = Span::content(0, request.pkcs10.as_ref().map_or(0, |pkcs10| pkcs10.der.len()));
        let described = request.template.as_ref().filter(|_| request.is_described());
        let head = match described.map(|template| template.makes) {
            None => "Certificate request",
            Some(Makes::Request) => "Template of a certificate request",
            Some(Makes::Certificate) => "Template of a certificate",
            Some(Makes::Permission) => "Issuing policy",
        };
        self.line(0, head, whole, "");
        if let Some(pkcs10) = &request.pkcs10 {
            let shown = pkcs10.version.effective().map_or_else(
                || "unreadable".to_owned(),
                |version| format!("{} ({version})", if *version == 0 { "1" } else { "unknown" }),
            );
            self.line(1, "Version", pkcs10.version.span, &shown);
        }
        match request.subject.effective() {
            Some(name) if name.is_empty() => self.line(1, "Subject", request.subject.span, "(empty)"),
            Some(name) => {
                self.line(1, "Subject", request.subject.span, "");
                for attribute in name.attributes() {
                    let value = match (attribute.value.effective(), &attribute.value.state) {
                        (Some(text), _) => noted(Text::to_string(text), &attribute.value),
                        (None, State::Unknown(expression)) => format!("({expression})"),
                        _ => format!("(cannot be decoded) #{}", crate::request::hex(&attribute.raw)),
                    };
                    // The value's own place, and type and value together.
                    self.line(2, &attribute.oid.label(), attribute.value.span, &value);
                    let range = self.listing.places.last().map(|(_, range)| range.clone()).unwrap_or_default();
                    self.listing.places.push((attribute.span, range));
                }
            }
            None => self.line(1, "Subject", request.subject.span, &missing(&request.subject)),
        }
        match request.key.effective() {
            Some(key) => self.key(request, key),
            None => self.line(1, "Key", request.key.span, &missing(&request.key)),
        }
        for attribute in request.attributes.items() {
            let values: Vec<&str> = attribute.values.iter().map(|value| value.shown.as_str()).collect();
            let shown = if values.is_empty() { "(no value)".to_owned() } else { values.join("; ") };
            self.line(1, &attribute.oid.label(), attribute.span, &shown);
            for extension in request
                .extensions
                .items()
                .filter(|extension| extension.container == attribute.oid && attribute.span.contains(extension.span))
            {
                self.extension(extension);
            }
        }
        if let Some(template) = &request.template {
            for extension in request.extensions.items().filter(|_| request.is_described()) {
                self.extension(extension);
            }
            self.template(request, template);
        }
        self.signature(request);
    }

    /// What only templates say.
    fn template(&mut self, request: &Request, template: &Template) {
        if template.hash.state != State::Absent {
            let shown =
                template.hash.effective().map_or_else(|| missing(&template.hash), |hash| hash.name().to_owned());
            self.line(1, "Hash", template.hash.span, &noted(shown, &template.hash));
        }
        if let Some(validity) = request.validity.effective() {
            self.line(1, "Validity", request.validity.span, &noted(validity.to_string(), &request.validity));
        }
        if let Some(renewal) = template.renewal.effective() {
            let shown = if renewal.key_is_kept { "keeps the key" } else { "brings a new key" };
            self.line(1, "Renewal", template.renewal.span, &noted(shown.to_owned(), &template.renewal));
        }
        for (label, name) in [("Issuer", &template.issuer), ("Signer", &template.signer)] {
            if name.state != State::Absent {
                let shown = name.effective().map_or_else(|| missing(name), Text::to_string);
                self.line(1, label, name.span, &shown);
            }
        }
    }

    fn key(&mut self, request: &Request, key: &Key) {
        let of_algorithm = || {
            key.algorithm.note().map(|note| format!("{}: {note}", key.algorithm.effective().map_or("", |a| a.name())))
        };
        let note = key.bits.note().or_else(|| key.curve.note()).or_else(of_algorithm);
        let note = note.map(|note| format!(" ({note})")).unwrap_or_default();
        self.line(1, "Key", request.key.span, &format!("{}{note}", key.summary()));
        let Some(public) = &key.public else { return };
        let range = self.listing.places.last().map(|(_, range)| range.clone()).unwrap_or_default();
        for span in [public.algorithm_span, public.bytes_span].into_iter().chain(public.rsa.map(|rsa| rsa.modulus_span))
        {
            self.listing.places.push((span, range.clone()));
        }
        if let Some(((_, exponent), rsa)) = public.rsa_numbers().zip(public.rsa) {
            let shown = num_bigint::BigUint::from_bytes_be(exponent).to_string();
            self.line(2, "exponent", rsa.exponent_span, &shown);
        }
        self.line(2, "SPKI SHA-256", request.key.span, &crate::request::hex(&public.spki_sha256));
    }

    fn extension(&mut self, extension: &Extension) {
        let critical = if extension.is_critical() { "critical, " } else { "" };
        let value = match &extension.value.state {
            State::Malformed(reason) => format!("(cannot be decoded: {reason})"),
            State::Unknown(expression) => format!("({expression})"),
            _ => extension.value.effective().map(|value| shown(value, &extension.raw)).unwrap_or_default(),
        };
        self.line(2, &extension.oid.label(), extension.value.span, &format!("{critical}{value}"));
        let range = self.listing.places.last().map(|(_, range)| range.clone()).unwrap_or_default();
        self.listing.places.push((extension.span, range));
        match extension.value.effective() {
            Some(ExtensionValue::SubjectAltName(names)) => {
                for name in names.names.items() {
                    match &name.state {
                        State::Malformed(reason) => self.line(3, "(cannot be decoded)", name.span, reason),
                        State::Unknown(expression) => self.line(3, "(unknown)", name.span, expression),
                        _ => {
                            if let Some(value) = name.effective() {
                                self.line(3, value.kind(), name.span, &value.value());
                            }
                        }
                    }
                }
            }
            Some(ExtensionValue::ExtendedKeyUsage(purposes)) => {
                for purpose in purposes {
                    if let Some(oid) = purpose.effective() {
                        self.line(3, &oid.label(), purpose.span, "");
                    }
                }
            }
            _ => {}
        }
    }

    fn signature(&mut self, request: &Request) {
        let Some(pkcs10) = &request.pkcs10 else { return };
        let Some(signature) = pkcs10.signature.effective() else {
            return self.line(1, "Signature", pkcs10.signature.span, "(cannot be decoded)");
        };
        let name = crypto::signature_algorithm(signature.algorithm.as_bytes())
            .map_or_else(|| signature.algorithm.label(), |algorithm| algorithm.name.to_owned());
        self.line(1, "Signature", pkcs10.signature.span, &format!("{name}, {}", super::inspect::status(request).0));
        let range = self.listing.places.last().map(|(_, range)| range.clone()).unwrap_or_default();
        self.listing.places.push((signature.algorithm_span, range.clone()));
        self.listing.places.push((signature.value, range));
    }
}

/// A value with a word on where it comes from, if it is not written here.
fn noted<T>(shown: String, field: &Field<T>) -> String {
    field.note().map_or(shown.clone(), |note| format!("{shown} ({note})"))
}

/// Why there is no value to show.
fn missing<T>(field: &Field<T>) -> String {
    match &field.state {
        State::Unknown(expression) => format!("({expression})"),
        State::Absent => "(not said)".to_owned(),
        _ => "(cannot be decoded)".to_owned(),
    }
}

/// A value on one line; names and purposes follow on lines of their own.
fn shown(value: &ExtensionValue, raw: &[u8]) -> String {
    match value {
        ExtensionValue::SubjectAltName(names) => {
            format!("{} names", names.names.as_slice().len()).replace("1 names", "1 name")
        }
        ExtensionValue::KeyUsage(usage) => usage.names().join(", "),
        ExtensionValue::ExtendedKeyUsage(purposes) => {
            format!("{} purposes", purposes.len()).replace("1 purposes", "1 purpose")
        }
        ExtensionValue::BasicConstraints { ca, path_length } => {
            let ca = if *ca { "CA:TRUE" } else { "CA:FALSE" };
            path_length.map_or_else(|| ca.to_owned(), |length| format!("{ca}, path length {length}"))
        }
        ExtensionValue::SubjectKeyIdentifier(id) => crate::request::hex(id),
        ExtensionValue::NameConstraints { permitted, excluded } => {
            format!("permitted {}; excluded {}", permitted.join(", "), excluded.join(", "))
        }
        ExtensionValue::CertificatePolicies(policies) | ExtensionValue::MicrosoftApplicationPolicies(policies) => {
            policies
                .iter()
                .filter_map(|policy| policy.effective())
                .map(crate::request::Oid::label)
                .collect::<Vec<_>>()
                .join(", ")
        }
        ExtensionValue::TlsFeature(features) => features.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        ExtensionValue::MicrosoftTemplate(template) => {
            let version = template
                .major
                .map(|major| format!(" version {major}.{}", template.minor.unwrap_or(0)))
                .unwrap_or_default();
            format!("{}{version}", template.template)
        }
        ExtensionValue::MicrosoftSid(sid) => sid.clone(),
        ExtensionValue::Opaque => format!("#{}", crate::request::hex(raw)),
    }
}

impl Excerpt {
    /// The lines of `bytes` that hold a range, cut around it. `hidden` are the ranges that must not be shown, in order, none of
    /// which touch. Of what people write, `is_written`, all else is shown; of other text no long base64.
    pub fn of(bytes: &[u8], range: &Range<usize>, line: usize, hidden: &[Range<usize>], is_written: bool) -> Self {
        let start = memchr::memrchr(b'\n', bytes.get(..range.start).unwrap_or_default())
            .map_or(0, |at| at + 1)
            .max(range.start.saturating_sub(60));
        let rest = bytes.get(start..).unwrap_or_default();
        let end = start + memchr::memchr(b'\n', rest).unwrap_or(rest.len());
        let end = end.min(range.start.max(start) + 100).max(start);
        let part = |from: usize, to: usize| {
            let to = to.max(from);
            let first = hidden.partition_point(|hidden| hidden.end <= from);
            let within: Vec<Range<usize>> = hidden
                .iter()
                .skip(first)
                .take_while(|hidden| hidden.start < to)
                .map(|hidden| hidden.start.max(from) - from..hidden.end.min(to) - from)
                .collect();
            redact::masked(bytes.get(from..to).unwrap_or_default(), &within)
        };
        let before = sanitise::line(part(start, range.start.min(end)).trim_end_matches('\r')).into_owned();
        let inside = sanitise::line(part(range.start.min(end), range.end.min(end)).trim_end_matches('\r')).into_owned();
        let after = sanitise::line(part(range.end.min(end), end).trim_end_matches('\r')).into_owned();
        // A body of base64 can carry a secret in clear; of it only what is next to the place is shown.
        let (before, inside, after) = if is_written {
            (before, inside, after)
        } else {
            (masked(&before, 0, BESIDE), masked(&inside, BESIDE, BESIDE), masked(&after, BESIDE, 0))
        };
        let range = before.len()..before.len() + inside.len();
        Self { text: format!("{before}{inside}{after}"), first_line: line, range }
    }
}

/// Characters of a body that are shown on each side of a place.
const BESIDE: usize = 4;
/// Base64 of this length is taken for a body, not for a word.
const BODY: usize = 20;

/// The text with runs of base64 made illegible but for their first and last characters.
fn masked(text: &str, first: usize, last: usize) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.bytes().take_while(|byte| crate::encoding::base64::value(*byte).is_some()).count();
        let (run, after) = rest.split_at(length);
        let shown_first = if out.is_empty() { first } else { 0 };
        let shown_last = if after.is_empty() { last } else { 0 };
        if length >= BODY || (length > shown_first + shown_last && text.len() >= BODY && out.contains('·')) {
            out.push_str(run.get(..shown_first).unwrap_or_default());
            out.extend(std::iter::repeat_n('·', length - shown_first - shown_last));
            out.push_str(run.get(length - shown_last..).unwrap_or_default());
        } else {
            out.push_str(run);
        }
        let next = after.chars().next().map_or(0, char::len_utf8);
        out.push_str(after.get(..next).unwrap_or_default());
        rest = after.get(next..).unwrap_or_default();
    }
    out
}
