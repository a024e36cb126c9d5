//! Windows request templates: the INF that `certreq -new` reads (Microsoft Learn, certreq, 2024), as a file or as a here-string
//! in a script. UTF-16 is the file's business; here it is text.
//! Size, hash and provider that are not written are the provider's own, which differ by Windows version: they stay unknown.
//! Sections that go to the CA beside the request ([RequestAttributes]) are read, too: AD CS decides by them.

use std::ops::Range;

use super::template::{Draft, TemplateText, other_name};
use super::{Artifact, Surroundings, distinguished_name, extension};
use crate::crypto::{Curve, Hash};
use crate::encoding::DefectKind;
use crate::encoding::base64::{self, Body};
use crate::request::{
    ExtensionValue, Field, Format, GeneralName, KeyAlgorithm, KeyUsageBit, Knob, Makes, MicrosoftTemplate, Oid,
    PartialName, Renewal, Request, State, Text, Validity, Wanted, oids,
};
use crate::source::Span;

/// What stands in every such text, in the spellings people use.
pub(super) const MARKS: &[&str] = &["[NewRequest]", "[newrequest]", "[NEWREQUEST]"];

/// Keys of [NewRequest].
const KEYS: [&str; 40] = [
    "AlternateSignatureAlgorithm",
    "ContainerNamePrefix",
    "CurveName",
    "EncipherOnly",
    "EncryptionAlgorithm",
    "EncryptionLength",
    "Exportable",
    "ExportableEncrypted",
    "FriendlyName",
    "HashAlgorithm",
    "KeyAlgorithm",
    "KeyContainer",
    "KeyLength",
    "KeyProtection",
    "KeySpec",
    "KeyUsage",
    "KeyUsageProperty",
    "MachineKeySet",
    "NotAfter",
    "NotBefore",
    "PrivateKeyArchive",
    "ProviderName",
    "ProviderType",
    "ReaderName",
    "RenewalCert",
    "RequesterName",
    "RequestType",
    "SecurityDescriptor",
    "Silent",
    "SMIME",
    "Subject",
    "SubjectNameFlags",
    "SuppressDefaults",
    "UIContextMessage",
    "UseExistingKey",
    "UseExistingKeySet",
    "UserProtected",
    "ValidityPeriod",
    "ValidityPeriodUnits",
    "X500NameFlags",
];

/// Bits of KeyUsage, and their names in certreq.
const USAGES: [(u32, &str, KeyUsageBit); 9] = [
    (0x80, "CERT_DIGITAL_SIGNATURE_KEY_USAGE", KeyUsageBit::DigitalSignature),
    (0x40, "CERT_NON_REPUDIATION_KEY_USAGE", KeyUsageBit::NonRepudiation),
    (0x20, "CERT_KEY_ENCIPHERMENT_KEY_USAGE", KeyUsageBit::KeyEncipherment),
    (0x10, "CERT_DATA_ENCIPHERMENT_KEY_USAGE", KeyUsageBit::DataEncipherment),
    (0x08, "CERT_KEY_AGREEMENT_KEY_USAGE", KeyUsageBit::KeyAgreement),
    (0x04, "CERT_KEY_CERT_SIGN_KEY_USAGE", KeyUsageBit::KeyCertSign),
    (0x02, "CERT_CRL_SIGN_KEY_USAGE", KeyUsageBit::CrlSign),
    (0x01, "CERT_ENCIPHER_ONLY_KEY_USAGE", KeyUsageBit::EncipherOnly),
    (0x8000, "CERT_DECIPHER_ONLY_KEY_USAGE", KeyUsageBit::DecipherOnly),
];

/// Reads every [NewRequest] of a text.
pub(super) fn read(text: &TemplateText<'_>, _: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    for (number, range) in blocks(text).into_iter().enumerate() {
        let file = Inf::read(text.text, range);
        if file.get("Subject").is_some() || file.get("KeyLength").is_some() || file.get("RequestType").is_some() {
            found.push(Artifact::Request(Box::new(request(text, &file, number))));
        }
    }
}

/// The parts of the text that are an INF each: the whole file, or what stands between the marks of a here-string.
fn blocks(text: &TemplateText<'_>) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut open = 0;
    let mut holds = false;
    let mut at = 0;
    for line in text.text.split_inclusive('\n') {
        let trimmed = line.trim();
        let ends = trimmed.starts_with("\"@") || trimmed.starts_with("'@");
        let begins = trimmed.ends_with("@\"") || trimmed.ends_with("@'");
        let again = holds && trimmed.eq_ignore_ascii_case("[Version]");
        if (ends || again) && holds {
            found.push(open..at);
        }
        if ends || begins || again {
            holds = false;
            open = if begins { at + line.len() } else { at };
        }
        holds |= trimmed.eq_ignore_ascii_case("[NewRequest]");
        at += line.len();
    }
    if holds {
        found.push(open..text.text.len());
    }
    found
}

/// Sections, keys and values of one INF.
struct Inf<'a> {
    text: &'a str,
    entries: Vec<Entry>,
    /// The header of [NewRequest].
    header: Range<usize>,
    /// The end of the last line of [NewRequest].
    end: usize,
}

#[derive(Debug, Clone)]
struct Entry {
    section: String,
    key: String,
    key_span: Range<usize>,
    /// Without quotes.
    value: Range<usize>,
    end: usize,
}

impl<'a> Inf<'a> {
    fn read(text: &'a str, range: Range<usize>) -> Self {
        let mut inf = Self { text, entries: Vec::new(), header: range.start..range.start, end: range.start };
        let mut section = String::new();
        let mut at = range.start;
        for line in text.get(range).unwrap_or_default().split_inclusive('\n') {
            let start = at + (line.len() - line.trim_start().len());
            at += line.len();
            let visible = visible(line.trim());
            let end = start + visible.len();
            if let Some(name) = visible.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
                section = name.trim().to_owned();
                if section.eq_ignore_ascii_case("NewRequest") && inf.end <= inf.header.start {
                    inf.header = start + 1..start + 1 + name.len();
                    inf.end = end;
                }
                continue;
            }
            let Some(equals) = visible.find('=') else { continue };
            let key = visible.get(..equals).unwrap_or_default().trim_end();
            let raw = visible.get(equals + 1..).unwrap_or_default();
            let value_start = end - raw.trim_start().len();
            let raw = raw.trim();
            let quoted = raw.len() > 1 && raw.starts_with('"') && raw.ends_with('"');
            let value = if quoted {
                value_start + 1..value_start + raw.len() - 1
            } else {
                value_start..value_start + raw.len()
            };
            let entry =
                Entry { section: section.clone(), key: key.to_owned(), key_span: start..start + key.len(), value, end };
            if section.eq_ignore_ascii_case("NewRequest") {
                inf.end = end;
            }
            inf.entries.push(entry);
        }
        inf
    }

    fn text(&self, range: Range<usize>) -> &'a str {
        self.text.get(range).unwrap_or_default()
    }

    fn value(&self, entry: &Entry) -> &'a str {
        self.text(entry.value.clone())
    }

    /// A key of [NewRequest]; the last one.
    fn get(&self, key: &str) -> Option<&Entry> {
        self.section("NewRequest").filter(|entry| entry.key.eq_ignore_ascii_case(key)).last()
    }

    fn section(&self, name: &'static str) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.section.eq_ignore_ascii_case(name))
    }

    fn is_true(&self, key: &str) -> Option<(&Entry, Field<bool>)> {
        let entry = self.get(key)?;
        let field =
            self.field(entry).try_map(|text| match text.whole().unwrap_or_default().to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Ok(true),
                "false" | "0" | "no" | "off" => Ok(false),
                other => Err(format!("{other:?} is neither TRUE nor FALSE")),
            });
        Some((entry, field))
    }

    fn field(&self, entry: &Entry) -> Field<Text> {
        field(self.text, entry.value.clone())
    }
}

/// A line without its comment: a semicolon outside of quotes.
fn visible(line: &str) -> &str {
    let mut quoted = false;
    let end = line.char_indices().find(|(_, character)| {
        quoted ^= *character == '"';
        *character == ';' && !quoted
    });
    end.map_or(line, |(at, _)| line.get(..at).unwrap_or(line)).trim_end()
}

/// A part of the text, in which variables of scripts (`$name`, `$(...)`, `%NAME%`, `{0}`, `<name>`) stay unknown.
fn field(text: &str, range: Range<usize>) -> Field<Text> {
    let value = text.get(range.clone()).unwrap_or_default();
    let span = Span::text(range.start, range.end);
    let mut known: Option<(usize, usize)> = None;
    let mut at = 0;
    while at < value.len() {
        let rest = value.get(at..).unwrap_or_default();
        let length = variable(rest);
        if length > 0 {
            let first = known.map_or(at, |(first, _)| first);
            known = Some((first, at + length));
        }
        at += if length > 0 { length } else { rest.chars().next().map_or(1, char::len_utf8) };
    }
    match known {
        None => Field::known(span, Text::Whole(value.replace("\"\"", "\""))),
        Some((0, end)) if end == value.len() => Field::unknown(span, value.to_owned()),
        Some((start, end)) => {
            let (prefix, suffix) = (value.get(..start).unwrap_or_default(), value.get(end..).unwrap_or_default());
            Field::known(span, Text::Partial { prefix: prefix.to_owned(), suffix: suffix.to_owned() })
        }
    }
}

/// The length of a variable at the start of a text.
fn variable(rest: &str) -> usize {
    let bytes = rest.as_bytes();
    let word = |from: usize| {
        bytes
            .get(from..)
            .unwrap_or_default()
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count()
    };
    let closed =
        |open: usize, close: char| rest.get(open..).and_then(|inner| inner.find(close)).map_or(0, |at| open + at + 1);
    match bytes {
        [b'$', b'(', ..] => closed(2, ')'),
        [b'$', b'{', ..] => closed(2, '}'),
        [b'$', first, ..] if first.is_ascii_alphabetic() || *first == b'_' => 1 + word(1),
        [b'%', first, ..] if first.is_ascii_alphabetic() => {
            let name = word(1);
            if bytes.get(1 + name) == Some(&b'%') { name + 2 } else { 0 }
        }
        [b'{', digit, b'}', ..] if digit.is_ascii_digit() => 3,
        [b'{', b'{', ..] => rest.find("}}").map_or(0, |at| at + 2),
        [b'<', first, ..] if first.is_ascii_alphabetic() => closed(1, '>'),
        _ => 0,
    }
}

fn span(range: &Range<usize>) -> Span {
    Span::text(range.start, range.end)
}

fn whole(entry: &Entry) -> Span {
    Span::text(entry.key_span.start, entry.end)
}

fn request(text: &TemplateText<'_>, inf: &Inf<'_>, number: usize) -> Request {
    let is_certificate = inf.get("RequestType").is_some_and(|entry| inf.value(entry).eq_ignore_ascii_case("Cert"));
    let makes = if is_certificate { Makes::Certificate } else { Makes::Request };
    let name = if number == 0 { "[NewRequest]".to_owned() } else { format!("[NewRequest] {}", number + 1) };
    let mut draft = Draft::new(text, Format::Certreq, name, span(&inf.header), makes);
    subject(inf, &mut draft);
    key(inf, &mut draft);
    usages(inf, &mut draft);
    extensions(inf, &mut draft);
    renewal(inf, &mut draft);
    risks(inf, &mut draft);
    validity(inf, &mut draft);
    for entry in inf.section("NewRequest") {
        if KEYS.iter().any(|key| key.eq_ignore_ascii_case(&entry.key)) || variable(&entry.key) > 0 {
            continue;
        }
        let at = span(&entry.key_span);
        let place = format!("NewRequest.{}", entry.key);
        match super::template::nearest(&entry.key, KEYS) {
            Some(near) => {
                let detail = format!("certreq does not know {} in [NewRequest]; {near} is meant", entry.key);
                let title = format!("Write {near} for {}", entry.key);
                let fix = crate::fix::Fix::replace(crate::fix::Applicability::Unsafe, title, at, near);
                draft.defect_with_fix(DefectKind::MisspeltKey, at, place, detail, fix);
            }
            None => {
                let detail = format!("certreq does not know {} in [NewRequest]", entry.key);
                draft.defect(DefectKind::UnknownKey, at, place, detail);
            }
        }
    }
    draft.finish()
}

fn newline(inf: &Inf<'_>) -> &'static str {
    if inf.text.contains("\r\n") { "\r\n" } else { "\n" }
}

fn subject(inf: &Inf<'_>, draft: &mut Draft) {
    let Some(entry) = inf.get("Subject") else { return };
    draft.subject_at(span(&entry.value));
    let value = inf.value(entry);
    if let State::Unknown(expression) = inf.field(entry).state {
        return draft.subject_is(Field::unknown(span(&entry.value), expression));
    }
    // Quotes inside of quotes are doubled; each byte of what is meant knows where it is written.
    let mut meant = String::with_capacity(value.len());
    let mut places: Vec<usize> = Vec::with_capacity(value.len() + 1);
    let mut skip = false;
    for (at, character) in value.char_indices() {
        skip = !skip && character == '"' && value.get(at + 1..).is_some_and(|rest| rest.starts_with('"'));
        if !skip {
            meant.push(character);
            places.extend(std::iter::repeat_n(entry.value.start + at, character.len_utf8()));
        }
    }
    places.push(entry.value.end);
    let (parts, problem) = distinguished_name::parse(&meant);
    // `CN=` alone has the CA fill in the name.
    if !parts.is_empty() && parts.iter().all(|part| part.text.is_empty()) {
        return draft.subject_is(Field::unknown(span(&entry.value), "left to the CA"));
    }
    let place = |range: &Range<usize>| {
        let at = |offset: usize| places.get(offset).copied().unwrap_or(entry.value.end);
        at(range.start)..at(range.end)
    };
    for part in &parts {
        let at = place(&part.whole);
        let value_at = place(&part.value);
        let Some(oid) = part.oid.clone() else {
            let detail = format!("{:?} is no attribute of a name: certreq refuses the subject", part.kind);
            draft.defect(DefectKind::TemplateInvalid, span(&at), format!("subject.{}", part.kind), detail);
            continue;
        };
        let read = field(inf.text, value_at.clone());
        let value = match read.state {
            State::Known(Text::Whole(_)) => Field::known(span(&value_at), Text::Whole(part.text.clone())),
            state => Field { span: span(&value_at), state },
        };
        if part.text.is_empty() {
            continue;
        }
        if part.joined {
            draft.attribute_of_same_rdn(oid, span(&at), value);
        } else {
            draft.attribute(oid, span(&at), value);
        }
    }
    if let Some(problem) = problem.filter(|problem| variable(meant.get(problem.clone()).unwrap_or_default()) == 0) {
        let shown = meant.get(problem.clone()).unwrap_or_default();
        let detail = format!("{shown:?} is no attribute of a name: certreq refuses the subject");
        draft.defect(DefectKind::TemplateInvalid, span(&place(&problem)), "subject", detail);
    }
}

fn key(inf: &Inf<'_>, draft: &mut Draft) {
    let at = draft.span();
    let named = inf.get("KeyAlgorithm").map(|entry| inf.field(entry));
    let name = named.as_ref().and_then(|field| field.effective()?.whole().map(str::to_ascii_uppercase));
    let curve_name = inf.get("CurveName").map(|entry| (entry, inf.value(entry).to_owned()));
    let from_algorithm = name.as_deref().and_then(|name| {
        let curve = name.strip_prefix("ECDSA_").or_else(|| name.strip_prefix("ECDH_"))?;
        Curve::from_name(&curve.replace('P', "P-"))
    });
    let algorithm = match (&named, name.as_deref()) {
        // The provider decides; the providers that certreq takes without being told make RSA keys.
        (None, _) => Field::default(at, KeyAlgorithm::Rsa, "certreq", "Windows"),
        (Some(field), None) => field.clone().try_map(|_| Err("an expression".to_owned())),
        (Some(field), Some(name)) => field.clone().try_map(|_| match name {
            "RSA" => Ok(KeyAlgorithm::Rsa),
            "DSA" => Ok(KeyAlgorithm::Dsa),
            "DH" => Ok(KeyAlgorithm::Dh),
            _ if name.starts_with("ECDSA") || name.starts_with("ECDH") => Ok(KeyAlgorithm::Ec),
            _ => Ok(KeyAlgorithm::Other),
        }),
    };
    let curve = match (from_algorithm, &named, curve_name) {
        (Some(curve), Some(field), _) => Field::known(field.span, curve),
        (None, _, Some((entry, name))) => match Curve::from_name(&name) {
            Some(curve) => Field::known(span(&entry.value), curve),
            None => Field::malformed(span(&entry.value), format!("{name:?} is no curve csrlint knows")),
        },
        _ => Field::absent(at),
    };
    let has_size = !matches!(algorithm.effective(), Some(KeyAlgorithm::Ec));
    let bits = match inf.get("KeyLength") {
        Some(entry) if has_size => inf.field(entry).try_map(|text| {
            let text = text.whole().unwrap_or_default().trim();
            let hexadecimal = text.strip_prefix("0x").map(|digits| u32::from_str_radix(digits, 16));
            hexadecimal.unwrap_or_else(|| text.parse()).map_err(|_| format!("{text:?} is no number"))
        }),
        None if has_size => Field::unknown(at, "KeyLength is not written: the provider decides"),
        _ => Field::absent(at),
    };
    let key_span = named.as_ref().map_or(bits.span, |field| field.span);
    draft.key_is(key_span, algorithm, bits, curve);
    let hash = match inf.get("HashAlgorithm") {
        Some(entry) => inf.field(entry).try_map(|text| {
            let name = text.whole().unwrap_or_default();
            Hash::from_name(name).ok_or_else(|| format!("{name:?} is no hash csrlint knows"))
        }),
        None => Field::unknown(at, "HashAlgorithm is not written: the provider decides"),
    };
    draft.hash_is(hash);
    let bits = |wanted: &Wanted| match wanted {
        Wanted::Bits(bits) => Some(bits.to_string()),
        _ => None,
    };
    let hash = |wanted: &Wanted| match wanted {
        Wanted::Hash(hash) => Some(hash.name().to_owned()),
        _ => None,
    };
    knob(inf, "KeyLength", "key.bits", bits, draft);
    knob(inf, "HashAlgorithm", "signature.hash", hash, draft);
}

fn knob(inf: &Inf<'_>, key: &str, place: &'static str, spell: fn(&Wanted) -> Option<String>, draft: &mut Draft) {
    let (at, before) = match inf.get(key) {
        Some(entry) => (span(&entry.value), String::new()),
        None => (Span::text(inf.end, inf.end), format!("{}{key} = ", newline(inf))),
    };
    draft.knob(Knob { place, at, before, after: String::new(), spell });
}

fn usages(inf: &Inf<'_>, draft: &mut Draft) {
    if let Some(entry) = inf.get("KeyUsage") {
        let mut bits = Vec::new();
        let mut at = entry.value.start;
        for part in inf.value(entry).split('|') {
            let start = at + (part.len() - part.trim_start().len());
            at += part.len() + 1;
            let name = part.trim().trim_matches('"');
            let place = Span::text(start, start + name.len());
            let number = name
                .strip_prefix("0x")
                .or_else(|| name.strip_prefix("0X"))
                .map(|digits| u32::from_str_radix(digits, 16));
            match number.or_else(|| Some(name.parse::<u32>()).filter(Result::is_ok)) {
                Some(Ok(number)) => {
                    bits.extend(
                        USAGES.iter().filter(|(bit, ..)| number & bit != 0).map(|(.., bit)| Field::known(place, *bit)),
                    );
                }
                _ if variable(name) > 0 => bits.push(Field::unknown(place, name.to_owned())),
                _ => match USAGES.iter().find(|(_, known, _)| {
                    known.eq_ignore_ascii_case(name)
                        || name == "CERT_OFFLINE_CRL_SIGN_KEY_USAGE" && *known == "CERT_CRL_SIGN_KEY_USAGE"
                }) {
                    Some((.., bit)) => bits.push(Field::known(place, *bit)),
                    None => {
                        let detail = format!("{name:?} is no key usage certreq knows");
                        draft.defect(DefectKind::TemplateInvalid, place, "extensions.keyUsage", detail);
                    }
                },
            }
        }
        draft.key_usage(whole(entry), true, &bits);
    }
    let entries: Vec<&Entry> =
        inf.section("EnhancedKeyUsageExtension").filter(|entry| entry.key.eq_ignore_ascii_case("OID")).collect();
    let purposes = entries.iter().map(|entry| purpose(inf.text, entry.value.clone())).collect();
    if let (Some(first), Some(last)) = (entries.first(), entries.last()) {
        draft.purposes(Span::text(first.key_span.start, last.end), false, purposes);
    }
}

fn purpose(text: &str, range: Range<usize>) -> Field<Oid> {
    field(text, range).try_map(|value| {
        let value = value.whole().unwrap_or_default().trim();
        Oid::from_dotted(value).ok_or_else(|| format!("{value:?} is no OID"))
    })
}

/// [Extensions]: an OID, its value over several lines, and which are critical.
fn extensions(inf: &Inf<'_>, draft: &mut Draft) {
    let entries: Vec<&Entry> = inf.section("Extensions").collect();
    let is_critical = |oid: &str| {
        let critical = entries.iter().filter(|entry| entry.key.eq_ignore_ascii_case("Critical"));
        critical.into_iter().any(|entry| inf.value(entry).split(',').any(|one| one.trim() == oid))
    };
    for (number, entry) in entries.iter().enumerate() {
        if entry.key.eq_ignore_ascii_case("OID") {
            // Microsoft's own page has it so; certreq reads past it.
            let detail = "OID in [Extensions] has no effect: purposes stand in [EnhancedKeyUsageExtension]";
            draft.defect(DefectKind::MisspeltKey, span(&entry.key_span), "Extensions.OID", detail);
            continue;
        }
        let name = entry.key.trim_matches('%');
        let Some(oid) = Oid::from_dotted(name).or_else(|| well_known(name)) else { continue };
        let more = entries.get(number + 1..).unwrap_or_default();
        let lines: Vec<&Entry> = std::iter::once(*entry)
            .chain(more.iter().copied().take_while(|entry| entry.key.eq_ignore_ascii_case("_continue_")))
            .collect();
        let at = Span::text(entry.key_span.start, lines.last().map_or(entry.end, |last| last.end));
        let critical = is_critical(&entry.key);
        let is_text = inf.value(entry).starts_with("{text}");
        match is_text {
            true => text_extension(inf, &lines, oid, at, critical, draft),
            false => encoded_extension(inf, &lines, oid, at, critical, draft),
        }
    }
}

/// Names that [Strings] usually gives to OIDs.
fn well_known(name: &str) -> Option<Oid> {
    match name.to_ascii_lowercase().as_str() {
        "szoid_subject_alt_name2" | "szoid_subject_alternative_name" => Some(oids::SUBJECT_ALT_NAME.clone()),
        "szoid_enhanced_key_usage" => Some(oids::EXTENDED_KEY_USAGE.clone()),
        "szoid_basic_constraints2" => Some(oids::BASIC_CONSTRAINTS.clone()),
        _ => None,
    }
}

fn text_extension(inf: &Inf<'_>, lines: &[&Entry], oid: Oid, at: Span, critical: bool, draft: &mut Draft) {
    // Parts of all lines with their places; a part never goes over a line end in practice.
    let mut parts: Vec<Range<usize>> = Vec::new();
    for line in lines {
        let skip = if inf.value(line).starts_with("{text}") { 6 } else { 0 };
        let mut from = line.value.start + skip;
        for part in inf.text(from..line.value.end).split(['&', ',']) {
            let start = from + (part.len() - part.trim_start().len());
            from += part.len() + 1;
            if !part.trim().is_empty() {
                parts.push(start..start + part.trim().len());
            }
        }
    }
    match oid {
        _ if oid == oids::SUBJECT_ALT_NAME => {
            draft.san_at(at, critical);
            for part in parts {
                name(inf, part, draft);
            }
            let spell = |wanted: &Wanted| match wanted {
                Wanted::DnsName(name) => Some(format!("dns={name}")),
                _ => None,
            };
            let end = lines.last().map_or(at.end as usize, |last| last.end);
            let before = format!("{}_continue_ = \"&", newline(inf));
            draft.knob(Knob { place: "san", at: Span::text(end, end), before, after: "\"".to_owned(), spell });
        }
        _ if oid == oids::EXTENDED_KEY_USAGE => {
            let purposes = parts.into_iter().map(|part| purpose(inf.text, part)).collect();
            draft.purposes(at, critical, purposes);
        }
        _ if oid == oids::MICROSOFT_APPLICATION_POLICIES => {
            let policies = parts.into_iter().map(|part| purpose(inf.text, part)).collect();
            draft.extension(
                oid,
                at,
                critical,
                Field::known(at, ExtensionValue::MicrosoftApplicationPolicies(policies)),
            );
        }
        _ if oid == oids::BASIC_CONSTRAINTS => {
            let mut ca = Field::known(at, false);
            let mut path_length = None;
            for part in parts {
                let text = inf.text(part.clone());
                match text.split_once('=') {
                    Some((key, value)) if key.eq_ignore_ascii_case("ca") => {
                        ca = Field::known(
                            span(&part),
                            matches!(value.trim().to_ascii_lowercase().as_str(), "1" | "true" | "yes"),
                        );
                    }
                    Some((key, value)) if key.eq_ignore_ascii_case("pathlength") => {
                        path_length = value.trim().parse().ok()
                    }
                    _ => {}
                }
            }
            draft.basic_constraints(at, critical, ca, path_length);
        }
        _ => draft.extension(oid, at, critical, Field::known(at, ExtensionValue::Opaque)),
    }
}

/// `dns=`, `upn=`, ... of a text extension, or of the request attribute SAN.
fn name(inf: &Inf<'_>, part: Range<usize>, draft: &mut Draft) {
    let text = inf.text(part.clone());
    let Some(equals) = text.find('=') else {
        if variable(text) > 0 {
            return draft.open_names(span(&part), text.to_owned());
        }
        let detail = format!("{text:?} is no name of the form type=value");
        return draft.defect(DefectKind::TemplateInvalid, span(&part), "san", detail);
    };
    let kind = text.get(..equals).unwrap_or_default().trim().to_ascii_lowercase();
    let value = field(inf.text, part.start + equals + 1..part.end);
    let whole = |field: &Field<Text>| field.effective().and_then(Text::whole).map(str::to_owned);
    match kind.as_str() {
        "dns" => draft.named(PartialName::Dns, value),
        "ipaddress" => draft.named(PartialName::Ip, value),
        "email" => draft.named(PartialName::Email, value),
        "url" => draft.named(PartialName::Uri, value),
        "upn" => match whole(&value) {
            Some(upn) => draft.name(Field::known(value.span, other_name(oids::UPN.clone(), upn))),
            None => draft.open_names(value.span, text.to_owned()),
        },
        "registeredid" => draft.name(value.try_map(|text| {
            let text = text.whole().unwrap_or_default();
            Oid::from_dotted(text).map(GeneralName::RegisteredId).ok_or_else(|| format!("{text:?} is no OID"))
        })),
        "directoryname" | "dn" | "guid" => {
            draft.name(value.try_map(|_| Err(format!("a {kind} name, which is not read"))))
        }
        _ => {
            let detail = format!("{kind:?} is no form of name certreq knows");
            draft.defect(DefectKind::TemplateInvalid, span(&part), "san", detail);
        }
    }
}

/// Base64 of the extension's DER over several lines.
fn encoded_extension(inf: &Inf<'_>, lines: &[&Entry], oid: Oid, at: Span, critical: bool, draft: &mut Draft) {
    let encoded: String = lines.iter().map(|line| inf.value(line)).collect();
    if variable(encoded.trim()) > 0 {
        return draft.extension(oid, at, critical, Field::unknown(at, encoded));
    }
    let der = base64::decode(encoded.as_bytes(), 0..encoded.len(), &Body::Lines).bytes;
    match extension::value_of(&oid, &der, at) {
        Ok(ExtensionValue::SubjectAltName(names)) => {
            draft.san_at(at, critical);
            for name in names.names.items() {
                draft.name(name.clone());
            }
        }
        Ok(value) => draft.extension(oid, at, critical, Field::known(at, value)),
        Err(reason) => draft.extension(oid, at, critical, Field::malformed(at, reason)),
    }
}

fn renewal(inf: &Inf<'_>, draft: &mut Draft) {
    let keeps = inf.is_true("UseExistingKeySet").or_else(|| inf.is_true("UseExistingKey"));
    let renewed = inf.get("RenewalCert");
    let at = draft.span();
    let kept = |is_kept| Renewal {
        key_is_kept: is_kept,
        knob: "UseExistingKeySet = TRUE takes the key that is there; FALSE makes a new one".into(),
    };
    match (keeps, renewed) {
        (Some((entry, field)), _) => {
            draft.renewal_is(field.map(kept));
            let spell = |wanted: &Wanted| (*wanted == Wanted::NewKey).then(|| "FALSE".to_owned());
            draft.knob(Knob {
                place: "renewal",
                at: span(&entry.value),
                before: String::new(),
                after: String::new(),
                spell,
            });
        }
        (None, Some(_)) => draft.renewal_is(Field::default(at, kept(false), "certreq", "Windows")),
        (None, None) => {}
    }
}

/// What AD CS is known to be attacked by, as far as a template shows it.
fn risks(inf: &Inf<'_>, draft: &mut Draft) {
    if let Some((entry, field)) = inf.is_true("Exportable")
        && field.effective() == Some(&true)
    {
        let detail = "the private key may be exported from the machine it was made on";
        draft.defect(DefectKind::KeyExportable, whole(entry), "key.exportable", detail);
    }
    if let Some(entry) = inf.get("RequesterName") {
        enrolment_pair("RequesterName", entry, draft);
    }
    for entry in inf.section("RequestAttributes") {
        let at = whole(entry);
        if entry.key.eq_ignore_ascii_case("SAN") {
            enrolment_pair("SAN", entry, draft);
        } else if entry.key.eq_ignore_ascii_case("CertificateTemplate") {
            let value = inf.field(entry).map(|text| {
                let template = text.to_string();
                ExtensionValue::MicrosoftTemplate(MicrosoftTemplate { template, major: None, minor: None })
            });
            draft.extension(oids::MICROSOFT_TEMPLATE_NAME.clone(), at, false, value);
        }
    }
}

/// A pair that goes to the CA beside the request (MS-WCCE section 2.2.2.7.10); rules look at its name.
fn enrolment_pair(name: &str, entry: &Entry, draft: &mut Draft) {
    draft.request_attribute(oids::MICROSOFT_ENROLLMENT_NAME_VALUE.clone(), whole(entry), span(&entry.value), name);
}

fn validity(inf: &Inf<'_>, draft: &mut Draft) {
    let (Some(unit), Some(count)) = (inf.get("ValidityPeriod"), inf.get("ValidityPeriodUnits")) else { return };
    const DAY: u64 = 86_400;
    let seconds = match inf.value(unit).to_ascii_lowercase().as_str() {
        "hours" => 3_600,
        "days" => DAY,
        "weeks" => 7 * DAY,
        "months" => 365 * DAY / 12,
        "years" => 365 * DAY,
        _ => return,
    };
    draft.validity = inf.field(count).try_map(|text| {
        let count: u64 = text.whole().unwrap_or_default().trim().parse().map_err(|_| "no number".to_owned())?;
        Ok(Validity { seconds: count.saturating_mul(seconds) })
    });
}
