//! Versions of the API that are gone: cert-manager 1.6 serves v1 only (release notes of 1.4 to 1.6).
//! Their fields stood flat in `spec`; in a v1 object the API server drops them. Moving them is mechanical where each stands
//! on a line of its own, without comments and expressions that would be lost; elsewhere there is no repair.

use crate::encoding::DefectKind;
use crate::fix::{Applicability, Edit, Fix};
use crate::read::kubernetes::{Manifest, is_literal, key_at};
use crate::read::structure::{Entry, Node, Scalar, Value};
use crate::read::template::Draft;
use crate::request::Text;
use crate::source::Span;

/// Versions that are gone.
const REMOVED: [&str; 4] = ["v1alpha1", "v1alpha2", "v1alpha3", "v1beta1"];

/// Fields that stood flat in `spec`, and where they stand in v1.
const FLAT: [(&str, &str); 7] = [
    ("acme", "the solvers of the issuer"),
    ("emailSANs", "emailAddresses"),
    ("keyAlgorithm", "privateKey.algorithm"),
    ("keyEncoding", "privateKey.encoding"),
    ("keySize", "privateKey.size"),
    ("organization", "subject.organizations"),
    ("uriSANs", "uris"),
];

/// The flat fields of a `spec`, as far as its version reads them.
#[derive(Default)]
pub(super) struct Flat<'a> {
    /// The version is gone.
    removed: bool,
    /// The version is an expression.
    unknown: bool,
    /// In today's spelling.
    pub(super) algorithm: Option<Node>,
    pub(super) size: Option<&'a Node>,
    pub(super) organization: Option<&'a Entry>,
    pub(super) emails: Option<&'a Entry>,
    pub(super) uris: Option<&'a Entry>,
}

impl<'a> Flat<'a> {
    pub(super) fn of(manifest: &Manifest<'_>, spec: &'a Node) -> Self {
        let removed = is_removed(manifest);
        let unknown = manifest.api_version.is_none();
        if !removed && !unknown {
            return Self::default();
        }
        let entry = |key: &str| spec.entry(key).filter(|entry| entry.value.value != Value::Null);
        Self {
            removed,
            unknown,
            algorithm: entry("keyAlgorithm").map(|entry| in_capitals(&entry.value)),
            size: entry("keySize").map(|entry| &entry.value),
            organization: entry("organization"),
            emails: entry("emailSANs"),
            uris: entry("uriSANs"),
        }
    }

    /// Whether parts of the key stand flat.
    pub(super) fn is_any(&self) -> bool {
        self.algorithm.is_some() || self.size.is_some()
    }

    /// Tells of a flat field in a version that has none; answers whether the field is one.
    pub(super) fn tells(&self, draft: &mut Draft, entry: &Entry) -> bool {
        let Some((key, now)) = FLAT.iter().find(|(key, _)| *key == entry.key) else { return false };
        if !self.removed && !self.unknown {
            let detail = format!("{key} is no field of cert-manager.io/v1, which has {now}: the API server drops it");
            let place = format!("spec.{key}");
            if ["emailAddresses", "uris"].contains(now) {
                let fix = Fix::replace(Applicability::Unsafe, format!("Write {now} for {key}"), key_at(entry), *now);
                draft.defect_with_fix(DefectKind::RemovedApi, key_at(entry), place, detail, fix);
            } else {
                draft.defect(DefectKind::RemovedApi, key_at(entry), place, detail);
            }
        }
        true
    }
}

/// Whether the version of an object of cert-manager is gone.
pub(in crate::read) fn is_removed(manifest: &Manifest<'_>) -> bool {
    match manifest.group() {
        Some("certmanager.k8s.io") => true,
        Some("cert-manager.io") => manifest.version().is_some_and(|version| REMOVED.contains(&version)),
        _ => false,
    }
}

/// `rsa` was RSA, `ecdsa` ECDSA.
fn in_capitals(node: &Node) -> Node {
    match &node.value {
        Value::Scalar(scalar) if scalar.text.whole().is_some() => {
            let text = Text::Whole(scalar.text.whole().unwrap_or_default().to_ascii_uppercase());
            Node { span: node.span.clone(), value: Value::Scalar(Scalar { text, ..scalar.clone() }) }
        }
        _ => node.clone(),
    }
}

/// Tells of a version that is gone.
pub(super) fn tell(draft: &mut Draft, manifest: &Manifest<'_>, spec: &Entry, flat: &Flat<'_>) {
    let (Some(version), Some(entry)) = (manifest.api_version, manifest.node.entry("apiVersion")) else { return };
    if !flat.removed {
        return;
    }
    let detail = format!("cert-manager does not serve {version} since version 1.6; it is cert-manager.io/v1 now");
    match repair(manifest, entry, spec) {
        Some(fix) => draft.defect_with_fix(DefectKind::RemovedApi, entry.value.place(), "apiVersion", detail, fix),
        None => draft.defect(DefectKind::RemovedApi, entry.value.place(), "apiVersion", detail),
    }
}

/// The edit that writes today's version.
pub(in crate::read) fn version_edit(manifest: &Manifest<'_>, entry: &Entry, version: &str) -> Option<Edit> {
    let written = manifest.written(&entry.value);
    let quote = written.chars().next().filter(|first| matches!(first, '"' | '\'')).map(String::from);
    let quote = quote.unwrap_or_default();
    let at = is_literal(&entry.value).then(|| entry.value.place())?;
    Some(Edit { at, text: format!("{quote}{version}{quote}") })
}

/// A whole line of the text, and what stands in it.
struct Line {
    /// With its line end.
    range: std::ops::Range<usize>,
    /// The column of the key.
    column: usize,
}

fn repair(manifest: &Manifest<'_>, version: &Entry, spec: &Entry) -> Option<Fix> {
    let entries = spec.value.entries();
    let is_flat = |entry: &&Entry| FLAT.iter().any(|(key, _)| *key == entry.key);
    let mut edits = vec![version_edit(manifest, version, "cert-manager.io/v1")?];
    if entries.iter().any(|entry| is_flat(&entry)) {
        let text = manifest.written(&spec.value);
        if text.starts_with('{') || !manifest.is_settled(spec.value.span.clone()) {
            return None;
        }
    }
    let mut key = Vec::new();
    for entry in entries.iter().filter(is_flat) {
        match entry.key.as_str() {
            "emailSANs" => edits.push(Edit { at: key_at(entry), text: "emailAddresses".to_owned() }),
            "uriSANs" => edits.push(Edit { at: key_at(entry), text: "uris".to_owned() }),
            "organization" => edits.extend(organization(manifest, spec, entry)?),
            "keyAlgorithm" | "keySize" | "keyEncoding" => key.push(entry),
            // The solvers belong to the issuer, which is another object.
            _ => return None,
        }
    }
    edits.extend(private_key(manifest, spec, &key)?);
    let title = "Write cert-manager.io/v1, and its fields for those that are gone".to_owned();
    Some(Fix { applicability: Applicability::Safe, title, edits })
}

/// The line of an entry with a single value, if nothing else stands there.
fn line(manifest: &Manifest<'_>, entry: &Entry) -> Option<Line> {
    let text = manifest.text.text;
    let start = text.get(..entry.key_span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let rest = text.get(entry.value.span.end..)?;
    let end = entry.value.span.end + rest.find('\n').map_or(rest.len(), |at| at + 1);
    let before = text.get(start..entry.key_span.start)?;
    let after = text.get(entry.value.span.end..end)?;
    let alone = before.bytes().all(|byte| byte == b' ') && after.trim().is_empty() && is_literal(&entry.value);
    alone.then_some(Line { range: start..end, column: before.len() })
}

/// The fields of the key move under `privateKey`, to where the first of them stands or where there is one already.
fn private_key(manifest: &Manifest<'_>, spec: &Entry, entries: &[&Entry]) -> Option<Vec<Edit>> {
    let mut moved = Vec::new();
    let mut lines = Vec::new();
    for entry in entries {
        let value = entry.value.str()?;
        let (name, value) = match entry.key.as_str() {
            "keyAlgorithm" => ("algorithm", value.to_ascii_uppercase()),
            "keyEncoding" => ("encoding", value.to_ascii_uppercase()),
            _ => ("size", value.to_owned()),
        };
        moved.push(format!("{name}: {value}"));
        lines.push(line(manifest, entry)?);
    }
    let Some(first) = lines.first() else { return Some(Vec::new()) };
    let newline = manifest.newline();
    let mut edits = Vec::new();
    match spec.value.entry("privateKey") {
        Some(private) => {
            let inner = private.value.entries().first()?;
            let at = inner.key_span.start;
            let start = manifest.text.text.get(..at)?.rfind('\n').map_or(0, |end| end + 1);
            let indent = manifest.text.text.get(start..at).filter(|indent| indent.bytes().all(|byte| byte == b' '))?;
            let text = moved.iter().map(|one| format!("{one}{newline}{indent}")).collect();
            edits.push(Edit { at: Span::text(at, at), text });
        }
        None => {
            let indent = " ".repeat(first.column);
            let inner: String = moved.iter().map(|one| format!("{newline}{indent}  {one}")).collect();
            let entry = entries.first()?;
            edits.push(Edit {
                at: Span::text(entry.key_span.start, entry.value.span.end),
                text: format!("privateKey:{inner}"),
            });
            lines.remove(0);
        }
    }
    edits.extend(
        lines.into_iter().map(|line| Edit { at: Span::text(line.range.start, line.range.end), text: String::new() }),
    );
    Some(edits)
}

/// `organization` moves under `subject`, its values with it.
fn organization(manifest: &Manifest<'_>, spec: &Entry, entry: &Entry) -> Option<Vec<Edit>> {
    if spec.value.entry("subject").is_some() || !entry.value.open().is_empty() {
        return None;
    }
    let text = manifest.text.text;
    let start = text.get(..entry.key_span.start)?.rfind('\n').map_or(0, |at| at + 1);
    let column = text.get(start..entry.key_span.start).filter(|indent| indent.bytes().all(|byte| byte == b' '))?.len();
    let indent = format!("{}{}  ", manifest.newline(), " ".repeat(column));
    let mut edits = vec![Edit { at: key_at(entry), text: format!("subject:{indent}organizations") }];
    if manifest.written(&entry.value).starts_with('[') {
        return Some(edits);
    }
    for member in entry.value.members() {
        let line = text.get(..member.span.start)?.rfind('\n').map_or(0, |at| at + 1);
        let before = text.get(line..member.span.start)?;
        if !is_literal(member) || !before.trim_start().starts_with('-') || before.trim().len() != 1 {
            return None;
        }
        edits.push(Edit { at: Span::text(line, line), text: "  ".to_owned() });
    }
    (!entry.value.members().is_empty()).then_some(edits)
}
