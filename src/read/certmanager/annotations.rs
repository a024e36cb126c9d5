//! Annotations of which cert-manager makes Certificates: on Ingress and Gateway by itself, on Route by openshift-routes.
//! Names stand in the object: hosts of `tls` entries, hostnames of listeners, the host of a route.
//! All values are strings; lists are separated by commas.

use super::{
    DEFAULT_USAGES, KeyParts, Missing, SUBJECT, Version, common_name_fits, default_usages, expanded, quoted_knob,
};
use super::{spell_bits, spell_curve, spell_policy, split, split_usages};
use crate::encoding::DefectKind;
use crate::read::Artifact;
use crate::read::kubernetes::{Manifest, key_at, whole};
use crate::read::structure::{Entry, Node, Value};
use crate::read::template::{Draft, nearest};
use crate::request::{Field, Format, KeyAlgorithm, Makes, PartialName, Renewal, Text};
use crate::source::Span;

const PREFIX: &str = "cert-manager.io/";

/// Annotations after the prefix (pkg/apis/certmanager/v1/types.go).
const KEYS: [&str; 37] = [
    "allow-direct-injection",
    "alt-names",
    "certificate-name",
    "certificate-revision",
    "cluster-issuer",
    "common-name",
    "duration",
    "email-sans",
    "inject-apiserver-ca",
    "inject-ca-from",
    "inject-ca-from-secret",
    "ip-sans",
    "issue-temporary-certificate",
    "issuer",
    "issuer-group",
    "issuer-kind",
    "issuer-name",
    "next-private-key",
    "private-key-algorithm",
    "private-key-encoding",
    "private-key-rotation-policy",
    "private-key-secret-name",
    "private-key-size",
    "renew-before",
    "renew-before-percentage",
    "revision-history-limit",
    "secret-template",
    "subject-countries",
    "subject-localities",
    "subject-organizations",
    "subject-organizationalunits",
    "subject-postalcodes",
    "subject-provinces",
    "subject-serialnumber",
    "subject-streetaddresses",
    "uri-sans",
    "usages",
];

/// One certificate that the annotations ask for.
struct Ordered<'a> {
    name: String,
    span: Span,
    hosts: Vec<&'a Node>,
    open: Vec<Span>,
}

/// Reads the certificates of an annotated object.
pub(in crate::read) fn read(manifest: &Manifest<'_>) -> Vec<Artifact> {
    let Some(annotations) = manifest.node.at(&["metadata", "annotations"]) else { return Vec::new() };
    if !asks(manifest, annotations) {
        return Vec::new();
    }
    let version = Version::of(manifest.text.path, manifest.around);
    let requests = ordered(manifest).into_iter().enumerate().map(|(number, order)| {
        let mut draft = Draft::new(manifest.text, Format::CertManager, order.name, order.span, Makes::Request);
        let reader = Reader { manifest, annotations, version: &version };
        reader.subject(&mut draft);
        reader.names(&mut draft, &order.hosts, &order.open);
        reader.key(&mut draft);
        reader.renewal(&mut draft);
        reader.usages(&mut draft);
        reader.rest(&mut draft);
        if number == 0 {
            reader.keys(&mut draft);
        }
        super::artifact(draft.finish())
    });
    requests.collect()
}

/// Whether cert-manager makes certificates for the object.
fn asks(manifest: &Manifest<'_>, annotations: &Node) -> bool {
    let has = |key: &str| annotations.get(&format!("{PREFIX}{key}")).is_some();
    let named = ["issuer", "cluster-issuer"].iter().any(|key| has(key));
    match manifest.kind {
        "Ingress" => {
            let acme = annotations.get("kubernetes.io/tls-acme");
            named || acme.is_some_and(|node| node.boolean().effective() == Some(&true)) || has("issuer-name")
        }
        "Route" => manifest.may_be_of("route.openshift.io") && (named || has("issuer-name")),
        _ => manifest.group().is_none_or(|group| group.starts_with("gateway.networking")) && named,
    }
}

/// The certificates: one for each secret that is named.
fn ordered<'a>(manifest: &Manifest<'a>) -> Vec<Ordered<'a>> {
    let Some(spec) = manifest.node.get("spec") else { return Vec::new() };
    let title = manifest.title();
    match manifest.kind {
        "Route" => {
            let host: Vec<&Node> = spec.get("host").into_iter().collect();
            let span = host.first().map_or(spec.place(), |host| host.place());
            vec![Ordered { name: title, span, hosts: host, open: Vec::new() }]
        }
        "Ingress" => {
            let entries = spec.get("tls").map(Node::members).unwrap_or_default();
            let entries = entries.iter().filter(|entry| matches!(entry.value, Value::Mapping(_)));
            let orders = entries.filter_map(|entry| {
                let hosts = entry.get("hosts")?;
                let secret = entry.str_at(&["secretName"]);
                let name = secret.map_or(title.clone(), |secret| format!("{title} ({secret})"));
                let open = hosts.open().iter().chain(entry.open()).map(|open| Span::text(open.start, open.end));
                Some(Ordered {
                    name,
                    span: entry.place(),
                    hosts: hosts.members().iter().collect(),
                    open: open.collect(),
                })
            });
            orders.collect()
        }
        _ => listeners(spec, &title),
    }
}

/// Listeners that end TLS, by the secret they take their certificate from.
fn listeners<'a>(spec: &'a Node, title: &str) -> Vec<Ordered<'a>> {
    let mut orders: Vec<(Option<&str>, Ordered<'a>)> = Vec::new();
    for listener in spec.get("listeners").map(Node::members).unwrap_or_default() {
        let ends = matches!(listener.str_at(&["protocol"]), Some("HTTPS" | "TLS"));
        let passes = listener.str_at(&["tls", "mode"]) == Some("Passthrough");
        let Some(host) = listener.get("hostname").filter(|_| ends && !passes) else { continue };
        let references = listener.at(&["tls", "certificateRefs"]).map(Node::members).unwrap_or_default();
        for reference in references {
            let secret = reference.str_at(&["name"]);
            match orders.iter_mut().find(|(name, _)| secret.is_some() && *name == secret) {
                Some((_, order)) => order.hosts.push(host),
                None => {
                    let name = secret.map_or(title.to_owned(), |secret| format!("{title} ({secret})"));
                    let order = Ordered { name, span: listener.place(), hosts: vec![host], open: Vec::new() };
                    orders.push((secret, order));
                }
            }
        }
    }
    orders.into_iter().map(|(_, order)| order).collect()
}

struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    annotations: &'a Node,
    version: &'a Version,
}

impl<'a> Reader<'a> {
    fn entry(&self, key: &str) -> Option<&'a Entry> {
        self.annotations.entry(&format!("{PREFIX}{key}")).filter(|entry| entry.value.value != Value::Null)
    }

    fn value(&self, key: &str) -> Option<&'a Node> {
        self.entry(key).map(|entry| &entry.value)
    }

    /// Where an annotation would be written.
    fn at(&self) -> Span {
        let metadata = self.manifest.node.get("metadata").and_then(|metadata| metadata.entry("annotations"));
        metadata.map_or(self.annotations.place(), key_at)
    }

    fn missing(&self) -> Missing {
        match self.annotations.open().first() {
            Some(open) => Missing::Unknown(Span::text(open.start, open.end), "further annotations".to_owned()),
            None => Missing::Default,
        }
    }

    fn is_route(&self) -> bool {
        self.manifest.kind == "Route"
    }

    fn names(&self, draft: &mut Draft, hosts: &[&Node], open: &[Span]) {
        // Without a subject cert-manager marks the extension critical; openshift-routes does not.
        let is_empty = draft.attributes_of_subject().next().is_none() && matches!(self.missing(), Missing::Default);
        let critical = is_empty && !self.is_route();
        if let Some(first) = hosts.first() {
            draft.san_at(first.place(), critical);
        }
        for host in hosts {
            let name = expanded(host.text());
            let is_address =
                name.effective().and_then(Text::whole).is_some_and(|name| name.parse::<std::net::IpAddr>().is_ok());
            draft.named(if is_address { PartialName::Ip } else { PartialName::Dns }, name);
        }
        for span in open {
            draft.open_names(*span, "further hosts");
        }
        let lists = [
            ("email-sans", PartialName::Email, true),
            ("alt-names", PartialName::Dns, self.is_route()),
            ("ip-sans", PartialName::Ip, self.is_route()),
            ("uri-sans", PartialName::Uri, self.is_route()),
        ];
        for (key, form, is_read) in lists {
            let Some(node) = self.value(key) else { continue };
            if !is_read {
                // Whether these are read differs by version.
                draft.open_names(node.place(), format!("names of {PREFIX}{key}"));
                continue;
            }
            for name in split(self.manifest, node) {
                draft.named(form, name);
            }
        }
    }

    fn subject(&self, draft: &mut Draft) {
        draft.subject_at(self.at());
        let common_name = self.entry("common-name").map(|entry| (whole(entry), expanded(entry.value.text())));
        let mut parts = Vec::new();
        for (key, _) in SUBJECT.iter().filter(|_| !self.is_route()) {
            let Some(entry) = self.entry(&format!("subject-{}", key.to_ascii_lowercase())) else { continue };
            let values = if *key == "serialNumber" || entry.value.str().is_some_and(|text| text.contains('"')) {
                vec![entry.value.text()]
            } else {
                split(self.manifest, &entry.value)
            };
            parts.push((*key, values.into_iter().map(|value| (whole(entry), value)).collect()));
        }
        if let (Missing::Unknown(span, expression), None) = (self.missing(), &common_name) {
            return draft.subject_is(Field::unknown(span, expression));
        }
        super::subject(draft, &parts, common_name);
        common_name_fits(draft, "cert-manager.io/common-name");
    }

    fn key(&self, draft: &mut Draft) {
        let missing = self.missing();
        let size = self.value("private-key-size");
        let parts = KeyParts {
            at: self.at(),
            algorithm: self.value("private-key-algorithm"),
            size,
            signature: None,
            names: ["cert-manager.io/private-key-algorithm", "cert-manager.io/private-key-size"],
            missing: &missing,
            version: self.version,
        };
        super::key(draft, &parts);
        let known = draft.key.effective().and_then(|key| key.algorithm.effective().copied());
        match known {
            Some(KeyAlgorithm::Rsa) => self.knob(draft, "key.bits", size, "private-key-size", spell_bits),
            Some(KeyAlgorithm::Ec) => self.knob(draft, "key.curve", size, "private-key-size", spell_curve),
            _ => {}
        }
    }

    /// Where an annotation's value is written, in quotes.
    fn knob(
        &self,
        draft: &mut Draft,
        place: &'static str,
        value: Option<&Node>,
        key: &str,
        spell: fn(&crate::request::Wanted) -> Option<String>,
    ) {
        let insertion = || {
            let annotations = self.manifest.node.get("metadata")?.entry("annotations")?;
            let is_closed = self.annotations.open().is_empty();
            is_closed.then(|| self.manifest.insertion(annotations, &[&format!("{PREFIX}{key}")])).flatten()
        };
        quoted_knob(draft, place, value, insertion, spell);
    }

    fn renewal(&self, draft: &mut Draft) {
        let key = "private-key-rotation-policy";
        let policy = self.value(key);
        if self.is_route() && policy.is_none() {
            let renewal = Renewal { key_is_kept: false, knob: "openshift-routes makes a new key each time".into() };
            return draft.renewal_is(Field::default(self.at(), renewal, "openshift-routes", "0.5"));
        }
        let name = format!("{PREFIX}{key}");
        super::renewal(draft, policy, self.at(), &name, &self.missing(), self.version);
        self.knob(draft, "renewal", policy, key, spell_policy);
    }

    fn usages(&self, draft: &mut Draft) {
        let no = Field::known(self.at(), false);
        let place = "cert-manager.io/usages";
        if let Some(entry) = self.entry("usages").filter(|_| !self.is_route()) {
            let usages = split_usages(self.manifest, &entry.value);
            return super::usages(draft, whole(entry), usages, false, &no, place);
        }
        if matches!(self.missing(), Missing::Unknown(..)) && !self.is_route() {
            return draft.open_extensions(self.at());
        }
        let names: &[&str] =
            if self.is_route() { &["digital signature", "key encipherment", "server auth"] } else { DEFAULT_USAGES };
        let usages = default_usages(self.at(), names, self.version);
        super::usages(draft, self.at(), usages, false, &no, place);
    }

    fn rest(&self, draft: &mut Draft) {
        let places = ["cert-manager.io/duration", "cert-manager.io/renew-before"];
        let (duration, before) = (self.value("duration"), self.value("renew-before"));
        super::window(draft, duration, before, places, self.at(), (&self.missing(), self.version));
        let issuer = ["issuer", "cluster-issuer", "issuer-name"].iter().find_map(|key| self.value(key));
        if let Some(issuer) = issuer {
            draft.template.issuer = issuer.text();
        }
        if let Some((first, _)) = self.entry("issuer").zip(self.entry("cluster-issuer")) {
            let detail = "cert-manager takes the annotation issuer or cluster-issuer, not both";
            draft.defect(DefectKind::TemplateInvalid, key_at(first), "cert-manager.io/issuer", detail);
        }
    }

    /// Annotations that are nearly ones cert-manager reads; others may be somebody else's.
    fn keys(&self, draft: &mut Draft) {
        for entry in self.annotations.entries().iter().filter(|entry| entry.key.starts_with(PREFIX)) {
            let is_string = match &entry.value.value {
                Value::Scalar(scalar) => !scalar.plain || scalar.expression.is_some() || !is_other_type(&scalar.text),
                _ => true,
            };
            if !is_string {
                let detail =
                    "values of annotations are strings, and this is none without quotes: the API server refuses it";
                draft.defect(DefectKind::TemplateInvalid, entry.value.place(), entry.key.clone(), detail);
            }
        }
        for entry in self.annotations.entries() {
            let Some(key) = entry.key.strip_prefix(PREFIX).filter(|key| !KEYS.contains(key)) else { continue };
            if key.contains("{{") || key.contains('$') {
                continue;
            }
            match nearest(key, KEYS) {
                Some(near) => {
                    let detail = format!("cert-manager reads no annotation {}; {PREFIX}{near} is meant", entry.key);
                    draft.defect(DefectKind::MisspeltKey, key_at(entry), entry.key.clone(), detail);
                }
                None => {
                    let detail = format!("cert-manager reads no annotation {}", entry.key);
                    draft.defect(DefectKind::UnknownKey, key_at(entry), entry.key.clone(), detail);
                }
            }
        }
    }
}

/// A number or a boolean of YAML.
fn is_other_type(text: &Text) -> bool {
    let text = text.whole().unwrap_or_default();
    matches!(text, "true" | "false") || text.parse::<f64>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn annotations_of_the_subject_are_known() {
        for (key, _) in SUBJECT {
            assert!(KEYS.contains(&format!("subject-{}", key.to_ascii_lowercase()).as_str()), "{key}");
        }
    }

    #[test]
    fn numbers_are_no_strings() {
        for (text, other) in [("2048", true), ("true", true), ("1.5", true), ("2160h", false), ("RSA", false)] {
            assert_eq!(is_other_type(&Text::Whole(text.to_owned())), other, "{text}");
        }
    }
}
