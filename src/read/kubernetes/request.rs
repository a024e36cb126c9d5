//! Requests that stand in an object: CertificateSigningRequest of Kubernetes and CertificateRequest of cert-manager.
//! The request itself was found by the search of any text; here it gets what stands around it, and is held against that.
//! Where only an expression stands, there is no request yet, and what is known is what stands around it.

use super::manifest::{Manifest, key_at, unknown_keys, whole};
use crate::encoding::DefectKind;
use crate::encoding::base64::{self, Body};
use crate::fix::{Applicability, Edit, Fix};
use crate::read::certmanager::{Usage, is_removed, version_edit};
use crate::read::structure::{Entry, Node, Value};
use crate::read::template::Draft;
use crate::read::{Artifact, go};
use crate::request::{
    ExtensionValue, Field, Format, GeneralName, KeyUsage, KeyUsageBit, Makes, Oid, Request, State, Validity, oids,
};
use crate::source::{Sources, Span};

/// Keys of `spec` in a CertificateSigningRequest.
const SIGNING_KEYS: [&str; 8] =
    ["expirationSeconds", "extra", "groups", "request", "signerName", "uid", "usages", "username"];
/// Keys of `spec` in a CertificateRequest.
const ISSUING_KEYS: [&str; 9] =
    ["duration", "extra", "groups", "isCA", "issuerRef", "request", "uid", "usages", "username"];
/// What the API server writes by itself.
const REQUESTER: [&str; 4] = ["extra", "groups", "uid", "username"];
/// As many characters of base64 are meant as a request.
const LEAST_BASE64: usize = 64;
/// Characters that are decoded to see what is in them.
const HEAD: usize = 400;

const CLIENT_KUBELET: &str = "kubernetes.io/kube-apiserver-client-kubelet";
const SERVING_KUBELET: &str = "kubernetes.io/kubelet-serving";
const CLIENT: &str = "kubernetes.io/kube-apiserver-client";
const LEGACY: &str = "kubernetes.io/legacy-unknown";

/// Reads one object, and adds what it says to the request in it.
pub(super) fn read(manifest: &Manifest<'_>, found: &mut Vec<Artifact>) {
    let Some(spec) = manifest.node.entry("spec").filter(|spec| matches!(spec.value.value, Value::Mapping(_))) else {
        return;
    };
    let Some(node) = spec.value.entry("request").or_else(|| spec.value.entry("csr")) else { return };
    let is_signing = manifest.kind == "CertificateSigningRequest";
    let format = if is_signing { Format::Kubernetes } else { Format::CertManager };
    let mut draft = Draft::new(manifest.text, format, manifest.title(), manifest.node.place(), Makes::Request);
    let reader = Reader { manifest, spec, is_signing };
    let asked = reader.fields(&mut draft);
    reader.removed(&mut draft, node);
    let within = |request: &Request| request.pkcs10.is_some() && is_within(manifest, &node.value, request);
    let request = found.iter_mut().find_map(|artifact| match artifact {
        Artifact::Request(request) if within(request) => Some(request),
        _ => None,
    });
    match request {
        Some(request) => {
            reader.encoding(&mut draft, &node.value, Some(request));
            reader.compare(&mut draft, &asked, request);
            join(request, draft, &manifest.text.sources, format);
        }
        None => {
            let is_claimed = found.iter().any(|artifact| match artifact {
                Artifact::Claim(claim) => overlaps(manifest, &node.value, &claim.sources, claim.span),
                _ => false,
            });
            if !is_claimed {
                reader.encoding(&mut draft, &node.value, None);
                reader.unknown(&mut draft, node, asked);
                found.push(Artifact::Request(Box::new(draft.finish())));
            }
        }
    }
}

fn bytes(sources: &Sources, span: Span) -> (usize, usize) {
    let ranges = sources.locate(span);
    (ranges.first().map_or(0, |range| range.start), ranges.last().map_or(0, |range| range.end))
}

fn overlaps(manifest: &Manifest<'_>, node: &Node, sources: &Sources, span: Span) -> bool {
    let (start, end) = bytes(&manifest.text.sources, node.place());
    let (from, to) = bytes(sources, span);
    start <= from && to <= end
}

fn is_within(manifest: &Manifest<'_>, node: &Node, request: &Request) -> bool {
    overlaps(manifest, node, &request.origin.sources, request.origin.span)
}

/// A place of the text as one of the file: the request counts in layers of its own.
fn in_file(sources: &Sources, span: Span) -> Span {
    let (start, end) = bytes(sources, span);
    Span::file(start, end)
}

/// What was found around a request becomes the request's.
fn join(request: &mut Request, draft: Draft, sources: &Sources, format: Format) {
    let around = draft.finish();
    request.origin.name = around.origin.name;
    request.origin.format = format;
    for mut defect in around.defects {
        defect.span = in_file(sources, defect.span);
        if let Some(fix) = &mut defect.fix {
            fix.edits.iter_mut().for_each(|edit| edit.at = in_file(sources, edit.at));
        }
        request.defects.push(defect);
    }
    request.validity = Field { span: in_file(sources, around.validity.span), ..around.validity };
    request.template = around.template.map(|mut template| {
        for name in [&mut template.issuer, &mut template.signer] {
            name.span = in_file(sources, name.span);
        }
        template.hash.span = in_file(sources, template.hash.span);
        template.renewal.span = in_file(sources, template.renewal.span);
        template
    });
}

/// The usages an object asks for, where all of them are known.
struct Asked {
    span: Span,
    bits: Vec<KeyUsageBit>,
    purposes: Vec<Oid>,
    is_known: bool,
    is_ca: Field<bool>,
    signer: Option<String>,
}

struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    spec: &'a Entry,
    is_signing: bool,
}

impl Reader<'_> {
    fn entry(&self, key: &str) -> Option<&Entry> {
        self.spec.value.entry(key).filter(|entry| entry.value.value != Value::Null)
    }

    fn at(&self) -> Span {
        key_at(self.spec)
    }

    fn fields(&self, draft: &mut Draft) -> Asked {
        let is_ca = self.entry("isCA").map_or_else(|| Field::known(self.at(), false), |entry| entry.value.boolean());
        let asked = self.usages(draft, is_ca);
        if self.is_signing {
            self.signer(draft);
        } else {
            self.issuer(draft);
        }
        for key in REQUESTER {
            if let Some(entry) = self.entry(key) {
                let detail = format!("the API server writes {key} by itself, whatever the object says");
                draft.defect(DefectKind::UnknownKey, key_at(entry), format!("spec.{key}"), detail);
            }
        }
        let known = if self.is_signing { &SIGNING_KEYS[..] } else { &ISSUING_KEYS[..] };
        let is_removed = is_removed(self.manifest);
        unknown_keys(draft, &self.spec.value, "spec", known, |_, entry| is_removed && entry.key == "csr");
        asked
    }

    fn usages(&self, draft: &mut Draft, is_ca: Field<bool>) -> Asked {
        let place = "spec.usages";
        let signer = self.spec.value.str_at(&["signerName"]).map(str::to_owned);
        let mut asked =
            Asked { span: self.at(), bits: Vec::new(), purposes: Vec::new(), is_known: true, is_ca, signer };
        let Some(entry) = self.entry("usages") else {
            if self.is_signing && self.spec.value.open().is_empty() {
                let detail = "Kubernetes refuses a CertificateSigningRequest without usages";
                draft.defect(DefectKind::TemplateInvalid, self.at(), place, detail);
                asked.is_known = false;
            } else {
                asked.bits = vec![KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment];
                asked.is_known = self.spec.value.open().is_empty();
            }
            return asked;
        };
        asked.span = whole(entry);
        asked.is_known = entry.value.open().is_empty();
        let mut seen: Vec<&str> = Vec::new();
        for member in entry.value.members() {
            let Some(name) = member.str() else {
                asked.is_known = false;
                continue;
            };
            if self.is_signing && seen.contains(&name) {
                let detail = format!("Kubernetes refuses a usage that is named twice: {name}");
                draft.defect(DefectKind::TemplateInvalid, member.place(), place, detail);
            }
            seen.push(name);
            match Usage::named(name) {
                Ok(Usage::Bit(bit)) => asked.bits.push(bit),
                Ok(Usage::Purpose(oid)) => asked.purposes.push(oid),
                Err(problem) => {
                    asked.is_known = false;
                    draft.defect(DefectKind::TemplateInvalid, member.place(), place, problem);
                }
            }
        }
        asked
    }

    fn signer(&self, draft: &mut Draft) {
        let is_v1 = self.manifest.version() == Some("v1");
        match self.entry("signerName") {
            Some(entry) => {
                draft.template.signer = entry.value.text();
                if is_v1 && entry.value.str() == Some(LEGACY) {
                    let detail = format!("certificates.k8s.io/v1 does not take the signer {LEGACY}");
                    draft.defect(DefectKind::TemplateInvalid, entry.value.place(), "spec.signerName", detail);
                }
            }
            None if is_v1 && self.spec.value.open().is_empty() => {
                let detail = "certificates.k8s.io/v1 refuses a CertificateSigningRequest without signerName";
                draft.defect(DefectKind::TemplateInvalid, self.at(), "spec.signerName", detail);
            }
            None => {}
        }
        let Some(entry) = self.entry("expirationSeconds") else { return };
        let seconds = entry.value.integer().try_map(|seconds| {
            u64::try_from(seconds)
                .map(|seconds| Validity { seconds })
                .map_err(|_| format!("{seconds} seconds are none"))
        });
        let is_short = seconds.effective().is_some_and(|validity| validity.seconds < 600);
        if is_short || matches!(seconds.state, State::Malformed(_)) {
            let detail = "Kubernetes takes no expirationSeconds below 600";
            draft.defect(DefectKind::TemplateInvalid, seconds.span, "spec.expirationSeconds", detail);
        }
        draft.validity = seconds;
    }

    fn issuer(&self, draft: &mut Draft) {
        if let Some(name) = self.spec.value.at(&["issuerRef", "name"]) {
            draft.template.issuer = name.text();
        }
        let Some(entry) = self.entry("duration") else { return };
        draft.validity = go::duration(&entry.value);
        if let State::Malformed(reason) = &draft.validity.state {
            let detail = format!("{reason}: cert-manager knows h, m and s, no days");
            draft.defect(DefectKind::TemplateInvalid, entry.value.place(), "spec.duration", detail);
        }
    }

    /// Versions of the API that are gone.
    fn removed(&self, draft: &mut Draft, request: &Entry) {
        let Some((version, entry)) = self.manifest.api_version.zip(self.manifest.node.entry("apiVersion")) else {
            return;
        };
        let (detail, fix) = if self.is_signing {
            if version != "certificates.k8s.io/v1beta1" {
                return;
            }
            let signer = self.spec.value.str_at(&["signerName"]).filter(|signer| *signer != LEGACY);
            let edit = version_edit(self.manifest, entry, "certificates.k8s.io/v1");
            let fix = edit.filter(|_| signer.is_some() && self.entry("usages").is_some()).map(|edit| vec![edit]);
            (
                "Kubernetes does not serve certificates.k8s.io/v1beta1 since version 1.22; v1 needs a signerName"
                    .to_owned(),
                fix,
            )
        } else {
            if !is_removed(self.manifest) {
                return;
            }
            let mut edits: Option<Vec<Edit>> =
                version_edit(self.manifest, entry, "cert-manager.io/v1").map(|edit| vec![edit]);
            if request.key == "csr"
                && let Some(edits) = &mut edits
            {
                let quote = if self.manifest.is_json() { "\"" } else { "" };
                edits.push(Edit { at: key_at(request), text: format!("{quote}request{quote}") });
            }
            (format!("cert-manager does not serve {version} since version 1.6; it is cert-manager.io/v1 now"), edits)
        };
        let fix = fix.map(|edits| Fix {
            applicability: Applicability::Safe,
            title: "Write the version that is served".to_owned(),
            edits,
        });
        match fix {
            Some(fix) => draft.defect_with_fix(DefectKind::RemovedApi, entry.value.place(), "apiVersion", detail, fix),
            None => draft.defect(DefectKind::RemovedApi, entry.value.place(), "apiVersion", detail),
        }
    }

    /// The place takes base64 of a PEM block: Go's decoder skips line breaks, and nothing else.
    fn encoding(&self, draft: &mut Draft, node: &Node, request: Option<&Request>) {
        let problem = match (node.str().map(str::trim), expression(node)) {
            (Some(text), _) => wrong_encoding(text, request, self.is_signing),
            (None, Some(expression)) if is_command(expression) => Some(
                "a command of the shell stands where base64 belongs: nothing runs it when the manifest is applied"
                    .to_owned(),
            ),
            _ => None,
        };
        if let Some(problem) = problem {
            draft.defect(DefectKind::EmbeddedEncoding, node.place(), "spec.request", problem);
        }
    }

    /// Nothing is known of the request itself. What the certificate is for stands around it.
    fn unknown(&self, draft: &mut Draft, node: &Entry, asked: Asked) {
        let at = node.value.place();
        let written: String = match expression(&node.value) {
            Some(expression) => expression.to_owned(),
            None => "the request cannot be read".to_owned(),
        };
        draft.subject_is(Field::unknown(at, written.clone()));
        draft.key = Field::unknown(at, written.clone());
        draft.open_names(at, written);
        let bits: Vec<Field<KeyUsageBit>> = asked.bits.iter().map(|bit| Field::known(asked.span, *bit)).collect();
        let purposes = asked.purposes.into_iter().map(|oid| Field::known(asked.span, oid)).collect();
        draft.key_usage(asked.span, true, &bits);
        draft.purposes(asked.span, false, purposes);
        if !asked.is_known {
            draft.open_extensions(asked.span);
        }
    }

    /// Holds the request against what stands around it.
    fn compare(&self, draft: &mut Draft, asked: &Asked, request: &Request) {
        if asked.is_known {
            self.compare_usages(draft, asked, request);
        }
        let written = self.entry("isCA").map_or(self.at(), |entry| entry.value.place());
        let constraints = request.extension_values(&oids::BASIC_CONSTRAINTS).find_map(|(_, value)| match value {
            ExtensionValue::BasicConstraints { ca, .. } => Some(*ca),
            _ => None,
        });
        if let Some((ca, asked)) = constraints.zip(asked.is_ca.effective().copied()).filter(|(ca, asked)| ca != asked)
            && !self.is_signing
        {
            let detail = format!(
                "the object says isCA: {asked}, and the request asks for cA {}",
                if ca { "TRUE" } else { "FALSE" }
            );
            draft.defect(DefectKind::EmbeddedMismatch, written, "spec.isCA", detail);
        }
        if let Some(signer) = &asked.signer {
            self.compare_signer(draft, signer, asked, request);
        }
    }

    fn compare_usages(&self, draft: &mut Draft, asked: &Asked, request: &Request) {
        let mut bits = asked.bits.clone();
        if asked.is_ca.effective() == Some(&true) {
            bits.push(KeyUsageBit::KeyCertSign);
        }
        let wanted = KeyUsage::from_bits(bits);
        let consequence = match self.is_signing {
            true => "the certificate gets those of spec.usages",
            false => "cert-manager refuses this",
        };
        if let Some((_, usage)) = request.key_usage().filter(|(_, usage)| *usage != wanted) {
            // A bit that the signer adds harms nobody; one that it leaves out was asked for.
            let lost = usage.bits().any(|bit| !wanted.has(bit));
            if lost || !self.is_signing {
                let detail = format!(
                    "the object asks for {} in its usages, and keyUsage of the request for {}: {consequence}",
                    listed(wanted.names()),
                    listed(usage.names())
                );
                draft.defect(DefectKind::EmbeddedMismatch, asked.span, "spec.usages", detail);
            }
        }
        let purposes: Vec<&Oid> = request
            .extension_values(&oids::EXTENDED_KEY_USAGE)
            .filter_map(|(_, value)| match value {
                ExtensionValue::ExtendedKeyUsage(purposes) => Some(purposes.iter().filter_map(Field::effective)),
                _ => None,
            })
            .flatten()
            .collect();
        let differ = purposes.iter().any(|oid| !asked.purposes.contains(oid))
            || asked.purposes.iter().any(|oid| !purposes.contains(&oid));
        if !purposes.is_empty() && differ {
            let names = |oids: &mut dyn Iterator<Item = &Oid>| listed(oids.map(Oid::label));
            let detail = format!(
                "the object asks for {} in its usages, and extendedKeyUsage of the request for {}: {consequence}",
                names(&mut asked.purposes.iter()),
                names(&mut purposes.iter().copied())
            );
            draft.defect(DefectKind::EmbeddedMismatch, asked.span, "spec.usages", detail);
        }
    }

    /// What the signers of Kubernetes take (pkg/apis/certificates/helpers.go, Kubernetes 1.34).
    fn compare_signer(&self, draft: &mut Draft, signer: &str, asked: &Asked, request: &Request) {
        let at = self.entry("signerName").map_or(self.at(), |entry| entry.value.place());
        let mut tell = |problem: String| {
            let detail = format!("the signer {signer} {problem}");
            draft.defect(DefectKind::EmbeddedMismatch, at, "spec.signerName", detail);
        };
        let purpose = match signer {
            CLIENT | CLIENT_KUBELET => &oids::CLIENT_AUTH,
            SERVING_KUBELET => &oids::SERVER_AUTH,
            _ => return,
        };
        if asked.is_known {
            let basic = [KeyUsageBit::DigitalSignature, KeyUsageBit::KeyEncipherment];
            let others =
                asked.purposes.iter().any(|oid| oid != purpose) || asked.bits.iter().any(|bit| !basic.contains(bit));
            let lacks_bit = signer != CLIENT && !asked.bits.contains(&KeyUsageBit::DigitalSignature);
            if others || lacks_bit || !asked.purposes.contains(purpose) {
                let name = if *purpose == oids::CLIENT_AUTH { "client auth" } else { "server auth" };
                tell(format!("wants the usages digital signature and {name}, key encipherment at will, and no others"));
            }
        }
        if let Some(subject) = request.subject.effective() {
            let values = |oid: &Oid| {
                subject
                    .attributes()
                    .filter(|one| one.oid == *oid)
                    .filter_map(|one| one.value.text())
                    .collect::<Vec<_>>()
            };
            // The admission plugin CertificateSubjectRestriction.
            if signer == CLIENT && values(&oids::ORGANIZATION).iter().any(|group| group == "system:masters") {
                tell("takes nobody of the group system:masters".to_owned());
            }
            let is_node = values(&oids::COMMON_NAME).iter().any(|name| name.starts_with("system:node:"));
            if signer != CLIENT && (values(&oids::ORGANIZATION) != ["system:nodes"] || !is_node) {
                tell("wants the subject of a node: O=system:nodes, CN=system:node:<name>".to_owned());
            }
        }
        let names: Vec<&GeneralName> = request.names().filter_map(|(_, name)| name.effective()).collect();
        let is_host = |name: &&GeneralName| matches!(name, GeneralName::Dns(_) | GeneralName::Ip(_));
        let is_other = |name: &&GeneralName| matches!(name, GeneralName::Email(_) | GeneralName::Uri(_));
        let has_hosts = names.iter().any(is_host);
        let has_others = names.iter().any(is_other);
        if signer == CLIENT_KUBELET && (has_hosts || has_others) {
            tell("takes no subject alternative names".to_owned());
        } else if signer == SERVING_KUBELET && (!has_hosts || has_others) {
            tell("wants DNS names or addresses, and no other names".to_owned());
        }
    }
}

fn listed<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> String {
    let names: Vec<String> = names.into_iter().map(|name| name.as_ref().to_owned()).collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

fn expression(node: &Node) -> Option<&str> {
    match &node.value {
        Value::Unknown(expression) => Some(expression),
        Value::Scalar(scalar) => scalar.expression.as_deref(),
        _ => None,
    }
}

/// `$(cat server.csr | base64)`, but not `$(NAME)`, which Kustomize replaces.
fn is_command(expression: &str) -> bool {
    let inner = expression.trim().strip_prefix("$(").or_else(|| expression.trim().strip_prefix('`'));
    inner.is_some_and(|inner| inner.contains([' ', '|', '<', '/']))
}

/// What is wrong with a value that is written out.
fn wrong_encoding(text: &str, request: Option<&Request>, is_signing: bool) -> Option<String> {
    if is_command(text) {
        return Some("a command of the shell stands where base64 belongs".to_owned());
    }
    if text.starts_with("-----BEGIN") {
        return Some("the request stands there as PEM, and its place takes base64 of the PEM block".to_owned());
    }
    let is_base64 =
        text.bytes().all(|byte| base64::value(byte).is_some() || byte == b'=' || byte.is_ascii_whitespace());
    if !is_base64 || text.len() < LEAST_BASE64 {
        // A placeholder of documentation.
        return None;
    }
    if text.contains([' ', '\t']) {
        return Some(
            "blanks stand in the base64, where YAML has put them for line breaks: the API server cannot decode it"
                .to_owned(),
        );
    }
    let head = base64::decode(text.as_bytes(), 0..text.len().min(HEAD), &Body::Lines).bytes;
    if head.starts_with(b"-----BEGIN NEW CERTIFICATE REQUEST") && is_signing {
        return Some("the label is NEW CERTIFICATE REQUEST, and Kubernetes takes CERTIFICATE REQUEST only".to_owned());
    }
    if head.starts_with(b"-----BEGIN ") {
        return None;
    }
    if head.first() == Some(&0x30) && request.is_some() {
        return Some("the base64 is that of the DER, and its place takes base64 of the PEM block".to_owned());
    }
    if request.is_some() && head.iter().all(|byte| base64::value(*byte).is_some() || byte.is_ascii_whitespace()) {
        return Some("the request is in base64 twice".to_owned());
    }
    request.is_none().then(|| "the base64 is not that of a PEM block".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_told_from_names() {
        assert!(is_command("$(cat server.csr | base64 | tr -d \"\\n\")"));
        assert!(is_command("$(base64 < web.csr)"));
        assert!(!is_command("$(REQUEST)"));
        assert!(!is_command("${REQUEST}"));
        assert!(!is_command("{{ .Values.request }}"));
    }

    #[test]
    fn encodings() {
        let problem = |text: &str| wrong_encoding(text, None, true);
        assert!(problem("-----BEGIN CERTIFICATE REQUEST-----").is_some());
        assert_eq!(problem("<base64 of the request>"), None);
        assert_eq!(problem("BASE64"), None);
        assert!(problem(&"QUFB".repeat(30)).is_some());
    }

    #[test]
    fn words_in_a_list() {
        assert_eq!(listed(["a", "b"]), "a, b");
        assert_eq!(listed(Vec::<String>::new()), "nothing");
    }
}
