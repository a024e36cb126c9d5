//! Volumes of cert-manager's CSI driver: each pod gets a key and a certificate of its own.
//! All attributes are strings (csi-driver, pkg/apis/v1alpha1/types.go); `${POD_NAME}` and its like stay unknown.

use super::{
    DEFAULT_USAGES, KeyParts, Missing, SUBJECT, Version, common_name_fits, default_usages, expanded, knob, quoted_knob,
};
use super::{literal_subject, spell_bits, spell_curve, split, split_usages};
use crate::encoding::DefectKind;
use crate::read::Artifact;
use crate::read::kubernetes::{Manifest, is_literal, key_at, whole};
use crate::read::structure::{Entry, Node, Value};
use crate::read::template::{Draft, nearest};
use crate::request::{Field, Format, KeyAlgorithm, Makes, PartialName, Renewal, Wanted};
use crate::source::Span;

const DRIVER: &str = "csi.cert-manager.io";

/// Attributes after the name of the driver.
const KEYS: [&str; 31] = [
    "ca-file",
    "certificate-file",
    "common-name",
    "countries",
    "dns-names",
    "duration",
    "fs-group",
    "ip-sans",
    "is-ca",
    "issuer-group",
    "issuer-kind",
    "issuer-name",
    "key-algorithm",
    "key-encoding",
    "key-size",
    "key-usages",
    "literal-subject",
    "localities",
    "organizationalunits",
    "organizations",
    "pkcs12-enable",
    "pkcs12-filename",
    "pkcs12-password",
    "postalcodes",
    "privatekey-file",
    "provinces",
    "renew-before",
    "reuse-private-key",
    "serialnumber",
    "streetaddresses",
    "uri-sans",
];

/// Reads the volumes of an object with pods in it.
pub(in crate::read) fn read(manifest: &Manifest<'_>) -> Vec<Artifact> {
    let mut volumes = Vec::new();
    if manifest.written(manifest.node).contains(DRIVER) {
        collect(manifest.node, &mut volumes);
    }
    let version = Version::of(manifest.text.path, manifest.around);
    volumes.into_iter().map(|(name, entry)| super::artifact(volume(manifest, &version, name, entry).finish())).collect()
}

/// Volumes of the driver, by name. The depth of a text is bounded where it is read.
fn collect<'a>(node: &'a Node, volumes: &mut Vec<(Option<&'a str>, &'a Entry)>) {
    let source = node.get("csi").filter(|csi| csi.str_at(&["driver"]) == Some(DRIVER));
    if let Some(attributes) = source.and_then(|csi| csi.entry("volumeAttributes"))
        && matches!(attributes.value.value, Value::Mapping(_))
    {
        volumes.push((node.str_at(&["name"]), attributes));
        return;
    }
    node.entries().iter().for_each(|entry| collect(&entry.value, volumes));
    node.members().iter().for_each(|member| collect(member, volumes));
}

fn volume<'a>(manifest: &Manifest<'a>, version: &Version, name: Option<&str>, entry: &Entry) -> Draft {
    let attributes = &entry.value;
    let title = manifest.title();
    let name = name.map_or(title.clone(), |name| format!("{title} (volume {name})"));
    let span = Span::text(entry.key_span.start, attributes.span.end);
    let mut draft = Draft::new(manifest.text, Format::CertManager, name, span, Makes::Request);
    let reader = Reader { manifest, entry, version };
    reader.subject(&mut draft);
    reader.names(&mut draft);
    reader.key(&mut draft);
    reader.usages(&mut draft);
    reader.rest(&mut draft);
    reader.keys(&mut draft);
    draft
}

struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    entry: &'a Entry,
    version: &'a Version,
}

impl<'a> Reader<'a> {
    fn attribute(&self, key: &str) -> Option<&'a Entry> {
        let entry = self.entry.value.entry(&format!("{DRIVER}/{key}"))?;
        let is_there = entry.value.value != Value::Null && entry.value.str() != Some("");
        is_there.then_some(entry)
    }

    fn value(&self, key: &str) -> Option<&'a Node> {
        self.attribute(key).map(|entry| &entry.value)
    }

    fn at(&self) -> Span {
        key_at(self.entry)
    }

    fn missing(&self) -> Missing {
        match self.entry.value.open().first() {
            Some(open) => Missing::Unknown(Span::text(open.start, open.end), "further attributes".to_owned()),
            None => Missing::Default,
        }
    }

    fn subject(&self, draft: &mut Draft) {
        draft.subject_at(self.at());
        if let Some(literal) = self.value("literal-subject") {
            literal_subject(draft, self.manifest, literal, "csi.cert-manager.io/literal-subject");
            return common_name_fits(draft, "csi.cert-manager.io/literal-subject");
        }
        let common_name = self.attribute("common-name").map(|entry| (whole(entry), expanded(entry.value.text())));
        let mut parts = Vec::new();
        for (key, _) in SUBJECT {
            let Some(entry) = self.attribute(&key.to_ascii_lowercase()) else { continue };
            let values = match key {
                "serialNumber" => vec![entry.value.text()],
                _ => split(self.manifest, &entry.value),
            };
            parts.push((key, values.into_iter().map(|value| (whole(entry), value)).collect()));
        }
        if let (Missing::Unknown(span, expression), None) = (self.missing(), &common_name) {
            return draft.subject_is(Field::unknown(span, expression));
        }
        super::subject(draft, &parts, common_name);
        common_name_fits(draft, "csi.cert-manager.io/common-name");
    }

    fn names(&self, draft: &mut Draft) {
        let lists = [("dns-names", PartialName::Dns), ("ip-sans", PartialName::Ip), ("uri-sans", PartialName::Uri)];
        for (key, form) in lists {
            for name in self.value(key).map(|node| split(self.manifest, node)).unwrap_or_default() {
                draft.named(form, name);
            }
        }
        if let Missing::Unknown(span, expression) = self.missing() {
            draft.open_names(span, expression);
        }
    }

    fn key(&self, draft: &mut Draft) {
        let missing = self.missing();
        let size = self.value("key-size");
        let parts = KeyParts {
            at: self.at(),
            algorithm: self.value("key-algorithm"),
            size,
            signature: None,
            names: ["csi.cert-manager.io/key-algorithm", "csi.cert-manager.io/key-size"],
            missing: &missing,
            version: self.version,
        };
        super::key(draft, &parts);
        let known = draft.key.effective().and_then(|key| key.algorithm.effective().copied());
        match known {
            Some(KeyAlgorithm::Rsa) => self.knob(draft, "key.bits", "key-size", spell_bits),
            Some(KeyAlgorithm::Ec) => self.knob(draft, "key.curve", "key-size", spell_curve),
            _ => {}
        }
    }

    fn knob(&self, draft: &mut Draft, place: &'static str, key: &str, spell: fn(&Wanted) -> Option<String>) {
        let insertion = || {
            let is_closed = self.entry.value.open().is_empty();
            is_closed.then(|| self.manifest.insertion(self.entry, &[&format!("{DRIVER}/{key}")])).flatten()
        };
        quoted_knob(draft, place, self.value(key), insertion, spell);
    }

    fn usages(&self, draft: &mut Draft) {
        let is_ca = super::authority(draft, self.attribute("is-ca"));
        let at = self.at();
        let place = "csi.cert-manager.io/key-usages";
        if let Some(entry) = self.attribute("key-usages") {
            let usages = split_usages(self.manifest, &entry.value);
            return super::usages(draft, whole(entry), usages, false, &is_ca, place);
        }
        if matches!(self.missing(), Missing::Unknown(..)) {
            return draft.open_extensions(at);
        }
        let usages = default_usages(at, DEFAULT_USAGES, self.version);
        super::usages(draft, at, usages, false, &is_ca, place);
    }

    fn rest(&self, draft: &mut Draft) {
        let places = ["csi.cert-manager.io/duration", "csi.cert-manager.io/renew-before"];
        let (duration, before) = (self.value("duration"), self.value("renew-before"));
        super::window(draft, duration, before, places, self.at(), (&self.missing(), self.version));
        match self.value("issuer-name") {
            Some(issuer) => draft.template.issuer = issuer.text(),
            None if matches!(self.missing(), Missing::Default) => {
                let detail = "the driver refuses a volume without issuer-name";
                draft.defect(DefectKind::TemplateInvalid, self.at(), "csi.cert-manager.io/issuer-name", detail);
            }
            None => {}
        }
        let kept = |kept: bool, knob: &'static str| Renewal { key_is_kept: kept, knob: knob.into() };
        let renewal = match self.value("reuse-private-key") {
            Some(node) => node.boolean().map(|reuse| match reuse {
                true => kept(true, "reuse-private-key is \"true\"; leave it out for a new key each time"),
                false => kept(false, "reuse-private-key is \"false\""),
            }),
            None => self.missing().value(self.at(), kept(false, "reuse-private-key is not written"), self.version),
        };
        draft.renewal_is(renewal);
        if let Some(value) = self.value("reuse-private-key").filter(|value| is_literal(value)) {
            let spell = |wanted: &Wanted| (*wanted == Wanted::NewKey).then(|| "false".to_owned());
            knob(draft, "renewal", (value.place(), "\"".to_owned(), "\"".to_owned()), spell);
        }
        if let Some((entry, password)) =
            self.attribute("pkcs12-password").and_then(|entry| Some((entry, entry.value.str()?)))
        {
            let length = password.chars().count();
            let detail = format!("the password of the PKCS#12 file is written in the clear ({length} characters)");
            draft.secret(entry.value.place());
            draft.defect(DefectKind::InlinePassword, key_at(entry), entry.key.clone(), detail);
        }
    }

    fn keys(&self, draft: &mut Draft) {
        for entry in self.entry.value.entries() {
            let key = entry.key.strip_prefix(DRIVER).and_then(|rest| rest.strip_prefix('/'));
            let Some(key) = key.filter(|key| !KEYS.contains(key) && !key.contains("{{") && !key.contains('$')) else {
                continue;
            };
            match nearest(key, KEYS) {
                Some(near) => {
                    let detail = format!("the driver reads no attribute {}; {DRIVER}/{near} is meant", entry.key);
                    draft.defect(DefectKind::MisspeltKey, key_at(entry), entry.key.clone(), detail);
                }
                None => {
                    let detail = format!("the driver reads no attribute {}", entry.key);
                    draft.defect(DefectKind::UnknownKey, key_at(entry), entry.key.clone(), detail);
                }
            }
        }
    }
}
