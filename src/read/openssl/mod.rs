//! OpenSSL request configurations: every section with a `distinguished_name` is a request (`openssl req -section`), and a
//! file of extensions alone is what `openssl x509 -extfile` puts into a certificate. Defaults are those of OpenSSL 3.0 to 3.5.
//! Nothing is run. What OpenSSL reads past in silence is recorded here, since its author will not hear of it.
//! `prompt` decides what the values of the distinguished name mean: names to ask with, or the values themselves.

mod config;
mod extension;

use std::ops::Range;

use self::config::{Config, DEFAULT, Entry, ProblemKind, Section, Value, is_expression};
use super::template::{Draft, TemplateText, nearest};
use super::{Artifact, Surroundings};
use crate::crypto::Hash;
use crate::encoding::DefectKind;
use crate::fix::{Applicability, Edit, Fix};
use crate::request::{Field, Format, Inherited, KeyAlgorithm, Knob, Makes, Oid, State, StringType, Text, Wanted, oids};
use crate::source::{Span, line_at};

/// What one of these stands in every such file.
pub(super) const MARKS: &[&str] = &["distinguished_name", "subjectAltName", "basicConstraints"];

/// Defaults of `openssl req` (openssl-req(1) of 3.0 to 3.5).
const TOOL: &str = "openssl";
const VERSION: &str = "3.0";
const DEFAULT_BITS: u32 = 2048;

/// Keys of a request section (openssl-req(1), CONFIGURATION FILE FORMAT).
const REQUEST_KEYS: [&str; 17] = [
    "attributes",
    "default_bits",
    "default_keyfile",
    "default_md",
    "distinguished_name",
    "encrypt_key",
    "encrypt_rsa_key",
    "input_password",
    "oid_file",
    "oid_section",
    "output_password",
    "prompt",
    "req_extensions",
    "string_mask",
    "utf8",
    "x509_extensions",
    "RANDFILE",
];

/// The names OpenSSL knows for attributes of a distinguished name, exactly as they have to be written.
const ATTRIBUTE_NAMES: [&str; 48] = [
    "CN",
    "commonName",
    "SN",
    "surname",
    "serialNumber",
    "C",
    "countryName",
    "L",
    "localityName",
    "ST",
    "stateOrProvinceName",
    "street",
    "streetAddress",
    "O",
    "organizationName",
    "OU",
    "organizationalUnitName",
    "title",
    "description",
    "businessCategory",
    "postalAddress",
    "postalCode",
    "postOfficeBox",
    "telephoneNumber",
    "name",
    "GN",
    "givenName",
    "initials",
    "generationQualifier",
    "x500UniqueIdentifier",
    "dnQualifier",
    "pseudonym",
    "role",
    "organizationIdentifier",
    "UID",
    "userId",
    "DC",
    "domainComponent",
    "emailAddress",
    "jurisdictionL",
    "jurisdictionLocalityName",
    "jurisdictionST",
    "jurisdictionStateOrProvinceName",
    "jurisdictionC",
    "jurisdictionCountryName",
    "unstructuredName",
    "unstructuredAddress",
    "challengePassword",
];

/// Reads every request of a configuration.
pub(super) fn read(text: &TemplateText<'_>, around: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    if !looks_like_configuration(text.text) {
        return;
    }
    let config = Config::read(text.text, text.path, around);
    let written: usize = config.sections.iter().map(|section| section.entries.len() + 2).sum();
    // Prose and code have lines that fit by chance; a configuration has few that do not.
    if config.misfits * 8 > written {
        return;
    }
    let reader = Reader { text, config: &config, version: around.tool(TOOL).unwrap_or(VERSION).to_owned() };
    let requests: Vec<&Section> = config.sections.iter().filter(|section| reader.is_request(section)).collect();
    let before = found.len();
    for section in &requests {
        found.push(Artifact::Request(Box::new(reader.request(section))));
    }
    if requests.is_empty() && is_extension_file(text) {
        found.extend(reader.extension_file().map(|request| Artifact::Request(Box::new(request))));
    }
    // What OpenSSL refuses concerns the file; it is told with its first request.
    if let Some(Artifact::Request(first)) = found.get_mut(before) {
        for problem in &config.problems {
            let kind = match problem.kind {
                ProblemKind::Refused => DefectKind::TemplateInvalid,
                ProblemKind::IncludeMissing => DefectKind::ReferenceMissing,
            };
            let span = Span::text(problem.span.start, problem.span.end);
            first.defects.push(crate::encoding::Defect::new(kind, span, "file", problem.detail.clone()));
        }
    }
}

/// A cheap look: a file of something else, however much it speaks of OpenSSL, is left alone.
fn looks_like_configuration(text: &str) -> bool {
    let trimmed = text.trim_start_matches('\u{FEFF}').trim_start();
    !trimmed.starts_with(['{', '<', '-']) && !trimmed.starts_with("#!") && !trimmed.contains("-----BEGIN ")
        || trimmed.starts_with("{{") && text.contains("distinguished_name")
}

/// Extensions without a request are only looked for where the name says what the file is.
fn is_extension_file(text: &TemplateText<'_>) -> bool {
    let name = text.path.as_str().rsplit('/').next().unwrap_or_default().to_ascii_lowercase();
    [".ext", ".cnf", ".conf", ".cfg", ".v3", ".extfile"].iter().any(|end| name.ends_with(end))
}

struct Reader<'a> {
    text: &'a TemplateText<'a>,
    config: &'a Config,
    version: String,
}

fn span(range: &Range<usize>) -> Span {
    Span::text(range.start, range.end)
}

/// What is written of an entry, key and value.
fn entry_span(entry: &Entry) -> Span {
    Span::text(entry.key_span.start, entry.end.max(entry.key_span.end))
}

impl Reader<'_> {
    /// A section with a distinguished name is a request; a section that merely describes one is not.
    fn is_request(&self, section: &Section) -> bool {
        let own = section.entry("distinguished_name").is_some();
        let inherited = section.name == "req" && self.config.value("req", "distinguished_name").is_some();
        own && section.name != DEFAULT || inherited || own && self.config.get("req").is_none()
    }

    /// A value as text; what is an expression stays one.
    fn field(&self, value: &Value, part: Range<usize>) -> Field<Text> {
        let text = value.text.get(part.clone()).unwrap_or_default();
        let place = value.place(part);
        let span = span(&place);
        let first = text.find(is_expression);
        let known = match first {
            None => Text::Whole(text.to_owned()),
            Some(first) => {
                let last = text.char_indices().rev().find(|(_, one)| is_expression(*one));
                let after = last.map_or(text.len(), |(at, one)| at + one.len_utf8());
                let expressions: Vec<&str> = text.chars().filter_map(|one| self.config.expression(one)).collect();
                let (prefix, suffix) = (text.get(..first).unwrap_or_default(), text.get(after..).unwrap_or_default());
                if prefix.is_empty() && suffix.is_empty() {
                    return Field::unknown(span, expressions.join(" "));
                }
                Text::Partial { prefix: prefix.to_owned(), suffix: suffix.to_owned() }
            }
        };
        match &value.from {
            Some(from) => {
                Field { span, state: State::Inherited(Inherited { value: known, from: from.clone().into() }) }
            }
            None => Field::known(span, known),
        }
    }

    fn whole(&self, value: &Value) -> Field<Text> {
        let mut field = self.field(value, 0..value.text.len());
        field.span = span(&value.span);
        field
    }

    fn request(&self, section: &Section) -> crate::request::Request {
        let get = |key: &str| self.config.value(&section.name, key);
        let own = section.entry("distinguished_name");
        let at = if section.header.is_empty() {
            own.map_or(0..0, |entry| entry.key_span.clone())
        } else {
            section.header.clone()
        };
        let mut draft =
            Draft::new(self.text, Format::Openssl, format!("[{}]", section.name), span(&at), Makes::Request);
        self.key(section, &mut draft);
        self.hash(section, &mut draft);
        self.passwords(section, &mut draft);
        self.misspelt(section, &REQUEST_KEYS, &mut draft);
        let prompts = get("prompt").is_none_or(|entry| entry.value.text != "no");
        if let Some(entry) = get("distinguished_name") {
            self.subject(section, entry, prompts, &mut draft);
        }
        if let Some(entry) = get("attributes") {
            self.attributes(entry, prompts, &mut draft);
        }
        match get("req_extensions") {
            Some(entry) => match self.config.get(&entry.value.text) {
                Some(extensions) => {
                    extension::read(self, extensions, &mut draft);
                    self.shadowed(&extensions.name, &mut draft);
                }
                None if entry.value.text.contains(is_expression) => draft.open_extensions(span(&entry.value.span)),
                None => {
                    let name = &entry.value.text;
                    let detail = format!("there is no section [{name}]: OpenSSL makes no request");
                    draft.defect(DefectKind::ReferenceMissing, span(&entry.value.span), "extensions", detail);
                }
            },
            None if self.config.unread.is_some() => {}
            None => self.names_nobody_takes(section, &mut draft),
        }
        if let Some(unread) = &self.config.unread {
            draft.open_extensions(span(&unread.span));
        }
        for name in
            [Some(&section.name), get("distinguished_name").map(|entry| &entry.value.text)].into_iter().flatten()
        {
            self.shadowed(name, &mut draft);
        }
        draft.finish()
    }

    /// Where a key is written in the section, or would be: after its last line.
    fn knob(
        &self,
        section: &Section,
        key: &str,
        place: &'static str,
        spell: fn(&Wanted) -> Option<String>,
    ) -> Option<Knob> {
        if let Some(entry) = self.config.value(&section.name, key) {
            let literal =
                entry.value.from.is_none() && self.text.text.get(entry.value.span.clone()) == Some(&entry.value.text);
            let at = span(&entry.value.span);
            return literal.then(|| Knob { place, at, before: String::new(), after: String::new(), spell });
        }
        let last = section.entry("distinguished_name").filter(|entry| entry.value.from.is_none())?;
        let before = format!("{}{key} = ", self.newline());
        Some(Knob { place, at: Span::text(last.end, last.end), before, after: String::new(), spell })
    }

    fn newline(&self) -> &'static str {
        if self.text.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn key(&self, section: &Section, draft: &mut Draft) {
        let at = draft.span();
        let version = self.version.clone();
        let algorithm = Field::default(at, KeyAlgorithm::Rsa, TOOL, version.clone());
        let bits = match self.config.value(&section.name, "default_bits") {
            Some(entry) => {
                let bits = self.whole(&entry.value).try_map(|text| {
                    let text = text.whole().unwrap_or_default();
                    leading_number(text).ok_or_else(|| format!("default_bits is {text:?}, which OpenSSL takes for 0"))
                });
                if let State::Malformed(problem) = &bits.state {
                    draft.defect(DefectKind::TemplateInvalid, bits.span, "key.bits", problem.to_string());
                }
                bits
            }
            None => self.unread().unwrap_or_else(|| Field::default(at, DEFAULT_BITS, TOOL, version)),
        };
        let spell = |wanted: &Wanted| match wanted {
            Wanted::Bits(bits) => Some(bits.to_string()),
            _ => None,
        };
        draft.key_is(bits.span, algorithm, bits, Field::absent(at));
        if let Some(mut knob) = self.knob(section, "default_bits", "key.bits", spell) {
            // What stands behind the number is left as it is.
            let written = self.text.text.get(knob.at.range()).unwrap_or_default();
            let digits = written.len() - written.trim_start_matches(|char: char| char.is_ascii_digit()).len();
            if digits > 0 {
                knob.at = Span::text(knob.at.range().start, knob.at.range().start + digits);
            }
            draft.knob(knob);
        }
    }

    /// A value that is not written here, where it may be written in an include that was not read.
    fn unread<T>(&self) -> Option<Field<T>> {
        self.config.unread.as_ref().map(|unread| Field::unknown(span(&unread.span), unread.expression.clone()))
    }

    fn hash(&self, section: &Section, draft: &mut Draft) {
        let at = draft.span();
        let default = |span| Field::default(span, Hash::Sha256, TOOL, self.version.clone());
        let hash = match self.config.value(&section.name, "default_md") {
            None => self.unread().unwrap_or_else(|| default(at)),
            Some(entry) if entry.value.text == "default" => default(span(&entry.value.span)),
            Some(entry) => self.whole(&entry.value).try_map(|text| {
                let name = text.whole().unwrap_or_default();
                hash_of(name).ok_or_else(|| format!("{name:?} is no hash csrlint knows"))
            }),
        };
        // It may be a provider's.
        draft.hash_is(match hash.state {
            State::Malformed(reason) => Field::unknown(hash.span, reason),
            _ => hash,
        });
        let spell = |wanted: &Wanted| match wanted {
            Wanted::Hash(hash) => Some(hash.name().replace('-', "")),
            _ => None,
        };
        if let Some(knob) = self.knob(section, "default_md", "signature.hash", spell) {
            draft.knob(knob);
        }
    }

    fn passwords(&self, section: &Section, draft: &mut Draft) {
        for key in ["input_password", "output_password"] {
            let Some(entry) = self.config.value(&section.name, key) else { continue };
            let text = &entry.value.text;
            if text.is_empty() || text.contains(is_expression) {
                continue;
            }
            draft.secret(span(&entry.value.span));
            let detail = format!("{key} is written in the clear ({} characters)", text.chars().count());
            draft.defect(DefectKind::InlinePassword, span(&entry.key_span), key, detail);
        }
    }

    /// Keys of a section that are none of those it may have, but nearly.
    fn misspelt(&self, section: &Section, known: &[&str], draft: &mut Draft) {
        for entry in &section.entries {
            let key = entry.key.as_str();
            if known.contains(&key) || self.config.referred.contains(key) || entry.value.from.is_some() {
                continue;
            }
            let near = nearest(key, known.iter().copied());
            let at = span(&entry.key_span);
            match near {
                Some(near) => {
                    let detail =
                        format!("OpenSSL does not know {key} in [{}] and reads past it; {near} is meant", section.name);
                    let fix = Fix::replace(Applicability::Unsafe, format!("Write {near} for {key}"), at, near);
                    draft.defect_with_fix(DefectKind::MisspeltKey, at, format!("req.{key}"), detail, fix);
                }
                None => {
                    let detail = format!("OpenSSL does not know {key} in [{}] and reads past it", section.name);
                    draft.defect(DefectKind::UnknownKey, at, format!("req.{key}"), detail);
                }
            }
        }
    }

    /// Values in a section that count for nothing, since the key is written again.
    fn shadowed(&self, section: &str, draft: &mut Draft) {
        for shadowed in
            self.config.shadowed.iter().filter(|shadowed| shadowed.section == section && !shadowed.same_value)
        {
            let key = &shadowed.key;
            let line = line_at(self.text.text, shadowed.by.start);
            let detail = format!("{key} is written again in line {line}; OpenSSL takes the last one only");
            draft.defect(DefectKind::ShadowedValue, span(&shadowed.span), format!("{section}.{key}"), detail);
        }
    }

    fn subject(&self, section: &Section, named: &Entry, prompts: bool, draft: &mut Draft) {
        draft.subject_at(span(&named.value.span));
        let Some(names) = self.config.get(&named.value.text) else {
            if named.value.text.contains(is_expression) {
                draft.subject_is(self.whole(&named.value).try_map(|_| Err("an expression".to_owned())));
                return;
            }
            let detail = format!("there is no section [{}]: OpenSSL makes no request", named.value.text);
            draft.defect(DefectKind::ReferenceMissing, span(&named.value.span), "subject", detail);
            return;
        };
        if !names.header.is_empty() {
            draft.subject_at(span(&names.header));
        }
        if names.entries.is_empty() {
            draft.subject_is(Field::unknown(span(&names.header), "given on the command line (-subj)"));
        }
        for entry in &names.entries {
            let (name, multi) = attribute_name(&entry.key);
            if prompts && is_prompt_option(&entry.key) {
                continue;
            }
            let Some(oid) = self.attribute(name) else {
                self.unknown_attribute(names, entry, name, prompts, draft);
                continue;
            };
            let value = if prompts { self.prompted(names, entry, section, draft) } else { self.whole(&entry.value) };
            let value = self.as_encoded(section, value);
            if matches!(&value.state, State::Known(Text::Whole(text)) if text.is_empty()) {
                if !prompts {
                    let detail = format!("{name} is empty: OpenSSL makes no request");
                    draft.defect(
                        DefectKind::TemplateInvalid,
                        entry_span(entry),
                        format!("subject.{}", oid.label()),
                        detail,
                    );
                }
                continue;
            }
            if multi {
                draft.attribute_of_same_rdn(oid, entry_span(entry), value);
            } else {
                draft.attribute(oid, entry_span(entry), value);
            }
        }
        self.string_types(section, draft);
    }

    /// What a person will be asked for: `_value` is not asked, `_default` is what an empty answer gives.
    fn prompted(&self, names: &Section, entry: &Entry, section: &Section, draft: &mut Draft) -> Field<Text> {
        let given = given_answer(names, entry);
        if let Some(given) = given {
            // A full stop leaves the attribute out, but not as the default.
            return if given.value.text == "." && given.key.ends_with("_value") {
                Field::absent(entry_span(given))
            } else {
                self.whole(&given.value)
            };
        }
        let (name, _) = attribute_name(&entry.key);
        let text = entry.value.text.trim();
        let is_host = matches!(name, "CN" | "commonName")
            && text.contains('.')
            && !text.contains(char::is_whitespace)
            && !text.ends_with('.');
        let is_country = matches!(name, "C" | "countryName") && text.len() == 2;
        if is_host || is_country {
            let detail =
                format!("without `prompt = no` {text:?} is the question OpenSSL asks, not the value of {name}");
            let at = entry_span(entry);
            let fix = section.entry("distinguished_name").filter(|one| one.value.from.is_none()).map(|one| Fix {
                applicability: Applicability::Unsafe,
                title: "Write prompt = no".to_owned(),
                edits: vec![Edit { at: Span::text(one.end, one.end), text: format!("{}prompt = no", self.newline()) }],
            });
            let place = format!("subject.{name}");
            match fix {
                Some(fix) => draft.defect_with_fix(DefectKind::Prompting, at, place, detail, fix),
                None => draft.defect(DefectKind::Prompting, at, place, detail),
            }
        }
        Field::unknown(entry_span(entry), format!("asked for at run time ({text})"))
    }

    /// An attribute type by the names OpenSSL knows, those of `oid_section`, or dotted.
    fn attribute(&self, name: &str) -> Option<Oid> {
        // Any object OpenSSL has a name for may stand in a subject.
        if ATTRIBUTE_NAMES.contains(&name) || name == "subjectAltName" {
            return Oid::from_name(name);
        }
        self.own_oid(name).or_else(|| Oid::from_dotted(name))
    }

    /// An OID the configuration defines itself.
    fn own_oid(&self, name: &str) -> Option<Oid> {
        let section = self.config.value(DEFAULT, "oid_section").or_else(|| self.config.value("req", "oid_section"))?;
        let entry = self.config.get(&section.value.text)?.entry(name)?;
        // `shortName = Long Name, 1.2.3.4` is allowed, too.
        Oid::from_dotted(entry.value.text.rsplit(',').next().unwrap_or_default().trim())
    }

    fn unknown_attribute(&self, names: &Section, entry: &Entry, name: &str, prompts: bool, draft: &mut Draft) {
        if entry.value.from.is_some() || self.config.referred.contains(&entry.key) {
            return;
        }
        // OpenSSL knows more names than csrlint does; a name without a near one may be good.
        let Some(near) = nearest(name, ATTRIBUTE_NAMES) else { return };
        let what = if prompts { "reads past it" } else { "makes no request" };
        let detail = format!("OpenSSL does not know {name} in [{}] and {what}; {near} is meant", names.name);
        let at = Span::text(entry.key_span.end - name.len().min(entry.key_span.len()), entry.key_span.end);
        let fix = Fix::replace(Applicability::Unsafe, format!("Write {near} for {name}"), at, near);
        draft.defect_with_fix(DefectKind::MisspeltKey, at, format!("subject.{name}"), detail, fix);
    }

    /// Without `utf8 = yes` OpenSSL takes each byte for a character of Latin-1 (openssl-req(1)).
    fn as_encoded(&self, section: &Section, value: Field<Text>) -> Field<Text> {
        let utf8 = self.config.value(&section.name, "utf8").is_some_and(|entry| entry.value.text == "yes");
        value.map(|text| match text {
            Text::Whole(text) if !utf8 && !text.is_ascii() && !text.contains(char::REPLACEMENT_CHARACTER) => {
                Text::Whole(text.bytes().map(char::from).collect())
            }
            text => text,
        })
    }

    /// The ASN.1 string type OpenSSL will choose: `string_mask`, but for attributes that have one of their own (RFC 5280 A.1).
    fn string_types(&self, section: &Section, draft: &mut Draft) {
        let mask =
            self.config.value(&section.name, "string_mask").map_or("utf8only", |entry| entry.value.text.as_str());
        let Some(mask) = string_mask(mask) else { return };
        draft.with_attributes(|attribute| {
            let printable_only =
                [&oids::COUNTRY, &oids::SERIAL_NUMBER, &oids::DN_QUALIFIER, &oids::JURISDICTION_COUNTRY];
            let ia5_only = [&oids::EMAIL_ADDRESS, &oids::DOMAIN_COMPONENT];
            let Some(text) = attribute.value.effective().and_then(Text::whole) else { return };
            let may = |bit: u32| mask & bit != 0;
            attribute.string_type = Some(match () {
                () if printable_only.contains(&&attribute.oid) => StringType::Printable,
                () if ia5_only.contains(&&attribute.oid) => StringType::Ia5,
                () if may(PRINTABLE) && text.bytes().all(super::value::is_printable) => StringType::Printable,
                () if may(TELETEX) && text.chars().all(|one| u32::from(one) < 0x100) => StringType::Teletex,
                () if may(BMP) && text.chars().all(|one| u32::from(one) < 0x1_0000) => StringType::Bmp,
                () => StringType::Utf8,
            });
        });
    }

    /// The attributes of the request (PKCS#9): a challenge password is a secret that everybody can read in the request.
    fn attributes(&self, named: &Entry, prompts: bool, draft: &mut Draft) {
        let Some(section) = self.config.get(&named.value.text) else { return };
        for entry in &section.entries {
            let (name, _) = attribute_name(&entry.key);
            if prompts && is_prompt_option(&entry.key) {
                continue;
            }
            let Some(entry) = (if prompts { given_answer(section, entry) } else { Some(entry) }) else { continue };
            let Some(oid) = self.attribute(name).filter(|_| !entry.value.text.is_empty()) else { continue };
            let secret = oid == oids::CHALLENGE_PASSWORD;
            let count = entry.value.text.chars().count();
            let shown = if secret { format!("[{count} characters]") } else { entry.value.text.clone() };
            draft.request_attribute(oid, entry_span(entry), span(&entry.value.span), shown);
            if secret {
                draft.secret(span(&entry.value.span));
                let detail = format!("a challengePassword of {count} characters, in the clear");
                draft.defect(
                    DefectKind::ChallengePassword,
                    span(&entry.key_span),
                    "attributes.challengePassword",
                    detail,
                );
            } else if name == "unstructuredName" || name == "unstructuredAddress" {
                let detail = format!("{name} is written into every request of this template");
                draft.defect(DefectKind::UnstructuredName, span(&entry.key_span), format!("attributes.{name}"), detail);
            }
        }
    }

    /// Names that stand in the file, and that no request will have.
    fn names_nobody_takes(&self, section: &Section, draft: &mut Draft) {
        let san = |name: &str| self.config.get(name)?.entry("subjectAltName");
        if let Some(named) = self.config.value(&section.name, "x509_extensions")
            && san(&named.value.text).is_some()
        {
            let detail = format!(
                "the names of [{}] are not in requests: only `openssl req -x509` reads x509_extensions, requests need req_extensions",
                named.value.text
            );
            let at = span(&named.key_span);
            let edit = Edit {
                at: Span::text(named.end, named.end),
                text: format!("{}req_extensions = {}", self.newline(), named.value.text),
            };
            let title = format!("Write req_extensions = {}, too", named.value.text);
            let fix = Fix { applicability: Applicability::Unsafe, title, edits: vec![edit] };
            if named.value.from.is_none() {
                draft.defect_with_fix(DefectKind::SanNotInRequest, at, "san", detail, fix);
            }
            return;
        }
        // In the configuration of a CA sections are for `openssl ca`, which names them on its command line.
        if self.config.sections.iter().any(|section| section.entry("default_ca").is_some()) {
            return;
        }
        let misspelt = draft.defects.iter().any(|defect| defect.kind == DefectKind::MisspeltKey);
        let referred = |name: &str| {
            let entries = self.config.sections.iter().flat_map(|section| &section.entries);
            entries.into_iter().any(|entry| entry.value.text.trim_start_matches('@') == name)
        };
        let unused = self
            .config
            .sections
            .iter()
            .find(|one| one.entry("subjectAltName").is_some() && one.name != DEFAULT && !referred(&one.name));
        if let Some(unused) = unused.filter(|_| !misspelt) {
            let detail = format!(
                "the names of [{}] are not in requests unless the command says `-reqexts {}`: nothing refers to the section",
                unused.name, unused.name
            );
            let at = unused.entry("subjectAltName").map_or(draft.span(), entry_span);
            draft.defect(DefectKind::SanNotInRequest, at, "san", detail);
        }
    }

    /// A file of extensions alone, for `openssl x509 -extfile`: in the default section, or in the one that has them.
    fn extension_file(&self) -> Option<crate::request::Request> {
        const WANTED: [&str; 4] = ["subjectAltName", "keyUsage", "extendedKeyUsage", "basicConstraints"];
        let holds = |section: &&Section| section.entries.iter().any(|entry| WANTED.contains(&entry.key.as_str()));
        let default = self.config.get(DEFAULT).filter(holds);
        let section = default.or_else(|| self.config.sections.iter().find(holds))?;
        let first = section.entries.iter().find(|entry| WANTED.contains(&entry.key.as_str()))?;
        let at = if section.header.is_empty() { first.key_span.clone() } else { section.header.clone() };
        let name = format!("[{}]", section.name);
        let mut draft = Draft::new(self.text, Format::Openssl, name, span(&at), Makes::Certificate);
        draft.subject_is(Field::unknown(span(&at), "the subject of the request that is certified"));
        draft.key = Field::unknown(span(&at), "the key of the request that is certified");
        extension::read(self, section, &mut draft);
        self.shadowed(&section.name, &mut draft);
        Some(draft.finish())
    }
}

/// The attribute's name in a key: what stands before the first dot, comma or colon only tells keys apart, and a plus
/// puts the attribute into the RDN before it.
fn attribute_name(key: &str) -> (&str, bool) {
    let cut = key.find(['.', ',', ':']).filter(|at| at + 1 < key.len());
    let name = cut.map_or(key, |at| key.get(at + 1..).unwrap_or(key));
    // A dotted OID is a name itself.
    let name = if key.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.') && key.matches('.').count() > 1 {
        key
    } else {
        name
    };
    match name.strip_prefix('+') {
        Some(name) => (name, true),
        None => (name, false),
    }
}

/// The answer that stands in the file already: what is not asked for, else what an empty answer gives.
fn given_answer<'a>(section: &'a Section, entry: &Entry) -> Option<&'a Entry> {
    let given = ["_value", "_default"].iter().filter_map(|end| section.entry(&format!("{}{end}", entry.key)));
    given.into_iter().find(|given| !given.value.text.is_empty())
}

/// Keys that say how to ask.
fn is_prompt_option(key: &str) -> bool {
    ["_min", "_max", "_default", "_value"].iter().any(|end| key.ends_with(end))
}

/// Bits of ASN1_STRING_set_default_mask(3).
const PRINTABLE: u32 = 0x2;
const TELETEX: u32 = 0x4;
const BMP: u32 = 0x800;
const UTF8: u32 = 0x2000;

/// The string types a mask lets OpenSSL choose from, the first that fits (openssl-req(1), `string_mask`).
fn string_mask(name: &str) -> Option<u32> {
    match name {
        "utf8only" => Some(UTF8),
        "default" => Some(u32::MAX),
        "pkix" => Some(!TELETEX),
        "nombstr" => Some(!(BMP | UTF8)),
        other => {
            let number = other.strip_prefix("MASK:")?;
            let hexadecimal = number.strip_prefix("0x");
            hexadecimal.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok())
        }
    }
}

/// A number as `NCONF_get_number` reads it: the digits up to the first other character. None is 0, which no key is made of.
fn leading_number(text: &str) -> Option<u32> {
    let digits = text.split(|char: char| !char.is_ascii_digit()).next()?;
    digits.parse().ok().filter(|number| *number > 0)
}

/// A hash by any of the names OpenSSL takes: `sha256`, `SHA2-256`, `sha3-256`, `RSA-SHA256`.
fn hash_of(name: &str) -> Option<Hash> {
    let plain = name.to_ascii_lowercase().replace("rsa-", "").replace("sha2-", "sha");
    Hash::from_name(&plain).or(match plain.as_str() {
        "ssl3-md5" => Some(Hash::Md5),
        "ssl3-sha1" | "sha-1" => Some(Hash::Sha1),
        "sha512-224" => Some(Hash::Sha512_224),
        "sha512-256" => Some(Hash::Sha512_256),
        _ => None,
    })
}
