//! Certificate, in every version of its API. Fields of versions that are gone are read where they stood then.
//! Part of an object, which Kustomize lays over another, says nothing about what it leaves out.
//! What the API server drops in silence and what cert-manager's webhook refuses are told here; limits are the webhook's.

use super::removed::{self, Flat};
use super::{DEFAULT_USAGES, KeyParts, Missing, Version, common_name_fits, default_usages, expanded, knob, like};
use super::{authority, literal_subject, spell_bare, spell_bits, spell_curve, spell_name, spell_policy};
use crate::encoding::DefectKind;
use crate::read::Artifact;
use crate::read::kubernetes::{Manifest, is_literal, key_at, unknown_keys, whole};
use crate::read::structure::{Entry, Node, Value};
use crate::read::surroundings::{Sibling, beside};
use crate::read::template::Draft;
use crate::request::{
    ExtensionValue, Field, Format, GeneralName, KeyAlgorithm, Makes, Oid, OtherName, PartialName, State, Text, oids,
};
use crate::source::Span;

/// Keys of `spec` in v1.
const KEYS: [&str; 24] = [
    "additionalOutputFormats",
    "commonName",
    "dnsNames",
    "duration",
    "emailAddresses",
    "encodeUsagesInRequest",
    "ipAddresses",
    "isCA",
    "issuerRef",
    "keystores",
    "literalSubject",
    "nameConstraints",
    "otherNames",
    "privateKey",
    "renewBefore",
    "renewBeforePercentage",
    "renewal",
    "revisionHistoryLimit",
    "secretName",
    "secretTemplate",
    "signatureAlgorithm",
    "subject",
    "uris",
    "usages",
];
const SUBJECT_KEYS: [&str; 8] = [
    "organizations",
    "countries",
    "organizationalUnits",
    "localities",
    "provinces",
    "streetAddresses",
    "postalCodes",
    "serialNumber",
];
const PRIVATE_KEY_KEYS: [&str; 4] = ["algorithm", "encoding", "rotationPolicy", "size"];
const ISSUER_KEYS: [&str; 3] = ["group", "kind", "name"];
const KEYSTORE_KEYS: [&str; 5] = ["alias", "create", "password", "passwordSecretRef", "profile"];

/// Reads one Certificate.
pub(in crate::read) fn read(manifest: &Manifest<'_>) -> Option<Artifact> {
    let entry = manifest.node.entry("spec")?;
    let spec = &entry.value;
    if !matches!(spec.value, Value::Mapping(_)) {
        return None;
    }
    let version = Version::of(manifest.text.path, manifest.around);
    let missing = missing(manifest, spec);
    let mut draft =
        Draft::new(manifest.text, Format::CertManager, manifest.title(), manifest.node.place(), Makes::Request);
    let flat = Flat::of(manifest, spec);
    let reader = Reader { manifest, entry, spec, version, missing, flat };
    reader.subject(&mut draft);
    reader.names(&mut draft);
    reader.key(&mut draft);
    reader.renewal(&mut draft);
    reader.usages(&mut draft);
    reader.rest(&mut draft);
    reader.keys(&mut draft);
    Some(super::artifact(draft.finish()))
}

/// What is not written may stand in an expression, or in the object this one is laid over.
fn missing(manifest: &Manifest<'_>, spec: &Node) -> Missing {
    if let Some(open) = spec.open().first() {
        let span = Span::text(open.start, open.end);
        return Missing::Unknown(span, manifest.text.text.get(open.clone()).unwrap_or_default().to_owned());
    }
    let lacks = |key: &str| spec.get(key).is_none();
    let is_part =
        lacks("secretName") && lacks("issuerRef") || (lacks("secretName") || lacks("issuerRef")) && is_patch(manifest);
    match is_part {
        true => Missing::Unknown(spec.place(), "the object this one is laid over".to_owned()),
        false => Missing::Default,
    }
}

/// Whether a kustomization beside the file, or in the folder above, names it among its patches.
fn is_patch(manifest: &Manifest<'_>) -> bool {
    let path = manifest.text.path;
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    ["kustomization.yaml", "kustomization.yml", "../kustomization.yaml", "../kustomization.yml"].iter().any(|file| {
        match beside(path, file).map(|path| manifest.around.sibling(&path)) {
            Some(Sibling::Text(text)) => {
                text.find("patches").is_some_and(|at| text.get(at..).is_some_and(|rest| rest.contains(name)))
            }
            // It may.
            Some(Sibling::Unread(_)) => true,
            Some(Sibling::Absent) | None => false,
        }
    })
}

struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    entry: &'a Entry,
    spec: &'a Node,
    version: Version,
    missing: Missing,
    flat: Flat<'a>,
}

impl<'a> Reader<'a> {
    /// Where a value of `spec` would be written.
    fn at(&self) -> Span {
        key_at(self.entry)
    }

    /// A value of `spec.privateKey`, or the one that stood in `spec` in older versions.
    fn of_key(&self, key: &str, flat: Option<&'a Node>) -> Option<&'a Node> {
        flat.or_else(|| self.spec.at(&["privateKey", key]))
    }

    fn is_open(&self) -> bool {
        matches!(self.missing, Missing::Unknown(..))
    }

    fn subject(&self, draft: &mut Draft) {
        draft.subject_at(self.at());
        let subject = self.spec.entry("subject");
        let common_name = self.spec.entry("commonName").filter(|entry| entry.value.value != Value::Null);
        if let Some(literal) = self.spec.entry("literalSubject").filter(|entry| entry.value.str() != Some("")) {
            literal_subject(draft, self.manifest, &literal.value, "spec.literalSubject");
            if let Some(other) = common_name.or(subject) {
                let detail = format!("cert-manager takes literalSubject or {}, not both", other.key);
                draft.defect(DefectKind::TemplateInvalid, key_at(other), format!("spec.{}", other.key), detail);
            }
            return common_name_fits(draft, "spec.literalSubject");
        }
        if let Some(subject) = subject {
            match &subject.value.value {
                Value::Unknown(expression) => {
                    return draft.subject_is(Field::unknown(subject.value.place(), expression.clone()));
                }
                _ if !subject.value.open().is_empty() => {
                    return draft.subject_is(Field::unknown(subject.value.place(), "further attributes"));
                }
                _ => draft.subject_at(whole(subject)),
            }
        }
        if let (Missing::Unknown(span, expression), None) = (&self.missing, common_name) {
            return draft.subject_is(Field::unknown(*span, expression.clone()));
        }
        let mut parts = Vec::new();
        for key in SUBJECT_KEYS {
            let written = subject.and_then(|subject| subject.value.entry(key));
            let flat = self.flat.organization.filter(|_| key == "organizations");
            let values = written.or(flat).map(values).unwrap_or_default();
            parts.push((key, values));
        }
        let common_name = common_name.map(|entry| (whole(entry), expanded(entry.value.text())));
        super::subject(draft, &parts, common_name);
        common_name_fits(draft, "spec.commonName");
    }

    fn names(&self, draft: &mut Draft) {
        let emails = self.flat.emails.or_else(|| self.spec.entry("emailAddresses"));
        let uris = self.flat.uris.or_else(|| self.spec.entry("uris"));
        let lists = [
            (self.spec.entry("dnsNames"), PartialName::Dns),
            (emails, PartialName::Email),
            (self.spec.entry("ipAddresses"), PartialName::Ip),
            (uris, PartialName::Uri),
        ];
        // Without a subject the extension is critical (RFC 5280 section 4.2.1.6).
        let critical = draft.attributes_of_subject().next().is_none() && !self.is_open();
        for (entry, form) in lists {
            let Some(entry) = entry.filter(|entry| entry.value.value != Value::Null) else { continue };
            if !entry.value.members().is_empty() || !entry.value.open().is_empty() {
                draft.san_at(whole(entry), critical);
            }
            for member in entry.value.members() {
                if !member.open().is_empty() && !matches!(member.value, Value::Scalar(_)) {
                    draft.open_names(member.place(), "further names");
                    continue;
                }
                let name = expanded(member.text());
                if let State::Malformed(reason) = &name.state {
                    draft.defect(
                        DefectKind::TemplateInvalid,
                        name.span,
                        format!("spec.{}", entry.key),
                        reason.to_string(),
                    );
                    continue;
                }
                draft.named(form, name);
            }
            if let Some(open) = entry.value.open().first() {
                let expression = self.manifest.text.text.get(open.clone()).unwrap_or("further names").to_owned();
                draft.open_names(Span::text(open.start, open.end), expression);
            }
            if let Value::Scalar(scalar) = &entry.value.value
                && !scalar.is_unknown()
            {
                let detail = format!("{} is a list, and one value stands there", entry.key);
                draft.defect(DefectKind::TemplateInvalid, entry.value.place(), format!("spec.{}", entry.key), detail);
            }
        }
        for other in self.spec.get("otherNames").map(Node::members).unwrap_or_default() {
            draft.san_at(other.place(), critical);
            other_name(draft, other);
        }
        if let Some(open) = self.spec.get("otherNames").and_then(|list| list.open().first()) {
            draft.open_names(Span::text(open.start, open.end), "further names");
        }
        if let Missing::Unknown(span, expression) = &self.missing {
            if self.spec.get("dnsNames").is_none() {
                draft.open_names(*span, expression.clone());
            }
        } else if draft.names().is_empty() && !self.has_common_name(draft) {
            let detail = "cert-manager refuses a Certificate without any name: commonName, dnsNames, ipAddresses, uris, \
                          emailAddresses, otherNames";
            draft.defect(DefectKind::TemplateInvalid, self.at(), "spec", detail);
        }
        self.name_knob(draft);
    }

    fn has_common_name(&self, draft: &Draft) -> bool {
        draft.attributes_of_subject().any(|attribute| attribute.oid == oids::COMMON_NAME)
            || self.spec.get("subject").is_some_and(|subject| !subject.open().is_empty())
            || self.spec.get("literalSubject").is_some_and(|literal| literal.str().is_none())
    }

    fn name_knob(&self, draft: &mut Draft) {
        let list = self.spec.entry("dnsNames").filter(|entry| entry.value.value != Value::Null);
        match list {
            Some(list) => {
                if let Some(at) = self.manifest.one_more(list) {
                    let spell = if at.1.ends_with('"') { spell_bare } else { spell_name };
                    knob(draft, "san", at, spell);
                }
            }
            None if !self.is_open() => {
                if let Some((at, before, after)) = self.manifest.insertion(self.entry, &["dnsNames"]) {
                    knob(draft, "san", (at, format!("{before}[\""), format!("\"]{after}")), spell_bare);
                }
            }
            None => {}
        }
    }

    fn key(&self, draft: &mut Draft) {
        let private = self.spec.entry("privateKey");
        let missing = match private.map(|entry| (entry.value.open().first(), entry)) {
            Some((Some(open), _)) => Missing::Unknown(
                Span::text(open.start, open.end),
                self.manifest.text.text.get(open.clone()).unwrap_or_default().to_owned(),
            ),
            _ => self.missing.clone(),
        };
        let algorithm = self.of_key("algorithm", self.flat.algorithm.as_ref());
        let size = self.of_key("size", self.flat.size);
        let parts = KeyParts {
            at: private.map_or(self.at(), key_at),
            algorithm,
            size,
            signature: self.spec.get("signatureAlgorithm"),
            names: ["spec.privateKey.algorithm", "spec.privateKey.size"],
            missing: &missing,
            version: &self.version,
        };
        super::key(draft, &parts);
        if let Some(size) = size
            && matches!(&size.value, Value::Scalar(scalar) if !scalar.plain && scalar.expression.is_none())
        {
            let detail = "size is a number, and a string stands there: the API server refuses the object";
            draft.defect(DefectKind::TemplateInvalid, size.place(), "spec.privateKey.size", detail);
        }
        if self.flat.is_any() {
            return;
        }
        let known = draft.key.effective().and_then(|key| key.algorithm.effective().copied());
        let (place, spell): (_, fn(&crate::request::Wanted) -> Option<String>) = match known {
            Some(KeyAlgorithm::Rsa) => ("key.bits", spell_bits),
            Some(KeyAlgorithm::Ec) => ("key.curve", spell_curve),
            _ => return,
        };
        let at = match size {
            Some(size) => is_literal(size).then(|| (size.place(), String::new(), String::new())),
            None => self.insertion("size", &missing),
        };
        if let Some(at) = at {
            knob(draft, place, at, spell);
        }
    }

    /// How a key of `privateKey` is inserted.
    fn insertion(&self, key: &str, missing: &Missing) -> Option<(Span, String, String)> {
        if matches!(missing, Missing::Unknown(..)) {
            return None;
        }
        match self.spec.entry("privateKey").filter(|entry| entry.value.value != Value::Null) {
            Some(private) => self.manifest.insertion(private, &[key]),
            None if self.spec.entry("privateKey").is_none() => {
                self.manifest.insertion(self.entry, &["privateKey", key])
            }
            None => None,
        }
    }

    fn renewal(&self, draft: &mut Draft) {
        let private = self.spec.entry("privateKey");
        let open = private.and_then(|entry| entry.value.open().first());
        let missing = open.map_or_else(
            || self.missing.clone(),
            |open| Missing::Unknown(Span::text(open.start, open.end), "further keys of privateKey".to_owned()),
        );
        let policy = self.spec.at(&["privateKey", "rotationPolicy"]);
        let at = private.map_or(self.at(), key_at);
        super::renewal(draft, policy, at, "privateKey.rotationPolicy", &missing, &self.version);
        let at = match policy {
            Some(policy) => is_literal(policy).then(|| (policy.place(), String::new(), String::new())),
            None => self.insertion("rotationPolicy", &missing),
        };
        let quote = if self.manifest.is_json() { "\"" } else { "" };
        let at = at.map(|(at, before, after)| (at, format!("{before}{quote}"), format!("{quote}{after}")));
        if let Some(at) = at.filter(|_| !self.flat.is_any()) {
            knob(draft, "renewal", at, spell_policy);
        }
    }

    fn usages(&self, draft: &mut Draft) {
        let is_ca = match (self.spec.entry("isCA"), &self.missing) {
            (None, Missing::Unknown(span, expression)) => Field::unknown(*span, expression.clone()),
            (entry, _) => authority(draft, entry),
        };
        let at = self.at();
        match self.spec.entry("usages").filter(|entry| entry.value.value != Value::Null) {
            Some(entry) => {
                let usages = entry.value.members().iter().map(Node::string).collect();
                let is_open = !entry.value.open().is_empty();
                super::usages(draft, whole(entry), usages, is_open, &is_ca, "spec.usages");
            }
            None if self.is_open() => draft.open_extensions(at),
            None => {
                let usages = default_usages(at, DEFAULT_USAGES, &self.version);
                super::usages(draft, at, usages, false, &is_ca, "spec.usages");
            }
        }
        if let Some(constraints) = self.spec.entry("nameConstraints") {
            name_constraints(draft, constraints);
        }
    }

    fn rest(&self, draft: &mut Draft) {
        let (duration, before) = (self.spec.get("duration"), self.spec.get("renewBefore"));
        let places = ["spec.duration", "spec.renewBefore"];
        super::window(draft, duration, before, places, self.at(), (&self.missing, &self.version));
        self.percentage(draft);
        if let Some(name) = self.spec.at(&["issuerRef", "name"]) {
            draft.template.issuer = name.text();
        } else if let Missing::Unknown(span, expression) = &self.missing {
            draft.template.issuer = Field::unknown(*span, expression.clone());
        }
        self.issuer(draft);
        for store in self.spec.get("keystores").map(Node::entries).unwrap_or_default() {
            self.keystore(draft, store);
        }
        if matches!(self.missing, Missing::Default) {
            for key in ["secretName", "issuerRef"] {
                if self.spec.get(key).is_none() {
                    let detail = format!("cert-manager refuses a Certificate without {key}");
                    draft.defect(DefectKind::TemplateInvalid, self.at(), format!("spec.{key}"), detail);
                }
            }
        }
    }

    fn percentage(&self, draft: &mut Draft) {
        let Some(entry) = self.spec.entry("renewBeforePercentage") else { return };
        if self.spec.get("renewBefore").is_some() {
            let detail = "cert-manager takes renewBefore or renewBeforePercentage, not both";
            draft.defect(DefectKind::TemplateInvalid, key_at(entry), "spec.renewBeforePercentage", detail);
        }
        let percentage = entry.value.integer();
        let outside = percentage.effective().is_some_and(|percentage| !(1..=99).contains(percentage));
        if outside {
            let detail = "renewBeforePercentage lies between 0 and 100: cert-manager refuses the Certificate";
            draft.defect(DefectKind::RenewalWindow, percentage.span, "spec.renewBeforePercentage", detail);
        }
    }

    fn issuer(&self, draft: &mut Draft) {
        let Some(issuer) = self.spec.get("issuerRef") else { return };
        let kind = issuer.str_at(&["kind"]).filter(|kind| !["Issuer", "ClusterIssuer"].contains(kind));
        let foreign = issuer.at(&["group"]).is_some_and(|group| group.str() != Some("cert-manager.io"));
        if let Some((kind, node)) = kind.zip(issuer.get("kind")).filter(|(kind, _)| !foreign && !kind.is_empty()) {
            let detail =
                format!("{kind} is no issuer of cert-manager itself: issuerRef.group has to name its API group");
            draft.defect(DefectKind::TemplateInvalid, node.place(), "spec.issuerRef.kind", detail);
        }
    }

    /// A keystore's password belongs into a Secret.
    fn keystore(&self, draft: &mut Draft, store: &Entry) {
        let Some(password) = store.value.entry("password") else { return };
        let Some(text) = password.value.str().filter(|text| !text.is_empty()) else { return };
        let detail = format!(
            "the password of the {} keystore is written in the clear ({} characters)",
            store.key,
            text.chars().count()
        );
        draft.secret(password.value.place());
        let place = format!("spec.keystores.{}.password", store.key);
        draft.defect(DefectKind::InlinePassword, key_at(password), place, detail);
    }

    /// Keys that nobody reads, and those of versions that are gone.
    fn keys(&self, draft: &mut Draft) {
        removed::tell(draft, self.manifest, self.entry, &self.flat);
        let flat = &self.flat;
        unknown_keys(draft, self.spec, "spec", &KEYS, |draft, entry| flat.tells(draft, entry));
        let mappings =
            [("privateKey", &PRIVATE_KEY_KEYS[..]), ("issuerRef", &ISSUER_KEYS[..]), ("subject", &SUBJECT_KEYS[..])];
        for (key, known) in mappings {
            if let Some(mapping) = self.spec.get(key) {
                unknown_keys(draft, mapping, &format!("spec.{key}"), known, |_, _| false);
            }
        }
        for store in self.spec.get("keystores").map(Node::entries).unwrap_or_default() {
            unknown_keys(draft, &store.value, &format!("spec.keystores.{}", store.key), &KEYSTORE_KEYS, |_, _| false);
        }
    }
}

/// Values of a list, or a single one.
fn values(entry: &Entry) -> Vec<(Span, Field<Text>)> {
    if matches!(entry.value.value, Value::Sequence(_)) {
        let mut values: Vec<_> =
            entry.value.members().iter().map(|member| (member.place(), expanded(member.text()))).collect();
        values.extend(entry.value.open().iter().map(|open| {
            let span = Span::text(open.start, open.end);
            (span, Field::unknown(span, "further values"))
        }));
        return values;
    }
    vec![(whole(entry), entry.value.text())]
}

fn other_name(draft: &mut Draft, node: &Node) {
    let (oid, value) = (node.get("oid"), node.get("utf8Value"));
    let known = oid.and_then(Node::str).zip(value.and_then(Node::str));
    let Some((dotted, text)) = known else {
        return draft.open_names(node.place(), "an otherName");
    };
    let name = match Oid::from_dotted(dotted) {
        Some(oid) => {
            let other = OtherName { oid, raw: utf8(text), text: Some(text.to_owned()) };
            like(&value.map_or_else(|| Field::absent(node.place()), Node::text), GeneralName::Other(other))
        }
        None => Field::malformed(node.place(), format!("{dotted:?} is no OID")),
    };
    if let State::Malformed(reason) = &name.state {
        draft.defect(DefectKind::TemplateInvalid, name.span, "spec.otherNames", reason.to_string());
    }
    draft.name(name);
}

/// The DER of a UTF8String of less than 64 KiB.
fn utf8(text: &str) -> Vec<u8> {
    let length: Vec<u8> = match u16::try_from(text.len()) {
        Ok(length @ 0..0x80) => vec![length as u8],
        Ok(length @ 0x80..0x100) => vec![0x81, length as u8],
        Ok(length) => vec![0x82, (length >> 8) as u8, length as u8],
        Err(_) => return Vec::new(),
    };
    [&[0x0C][..], &length, text.as_bytes()].concat()
}

fn name_constraints(draft: &mut Draft, entry: &Entry) {
    /// Keys of the subtrees, and what their names are called.
    const FORMS: [(&str, &str); 4] =
        [("dnsDomains", "dns"), ("ipRanges", "ip"), ("emailAddresses", "email"), ("uriDomains", "uri")];
    let node = &entry.value;
    let list = |key: &str| {
        let subtrees = node.get(key);
        let names = FORMS.iter().flat_map(|(key, form)| {
            let members = subtrees.and_then(|subtrees| subtrees.get(key)).map(Node::members).unwrap_or_default();
            members.iter().filter_map(move |member| Some(format!("{form}:{}", member.str()?)))
        });
        names.collect::<Vec<_>>()
    };
    let critical = node.get("critical").is_some_and(|node| node.boolean().effective() == Some(&true));
    let value = ExtensionValue::NameConstraints { permitted: list("permitted"), excluded: list("excluded") };
    draft.extension(oids::NAME_CONSTRAINTS.clone(), whole(entry), critical, Field::known(node.place(), value));
}
