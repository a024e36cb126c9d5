//! Manifests of Kubernetes in YAML and JSON: which objects of a text ask for certificates, and where in them that is written.
//! A text is read once; what an object means is the business of `certmanager` and of `request` here.
//! Definitions of kinds, policies and documentation speak of the same kinds and are none of these objects.

mod manifest;
mod request;

pub(super) use manifest::{Manifest, is_literal, key_at, unknown_keys, whole};

use std::ops::Range;

use super::helm::Chart;
use super::structure::{Node, json, yaml};
use super::template::{TemplateText, tell_problems};
use super::{Artifact, Surroundings, certmanager};

/// One of these stands in every such text.
pub(super) const MARKS: &[&str] =
    &["cert-manager.io", "certmanager.k8s.io", "CertificateSigningRequest", "kubernetes.io/tls-acme"];

/// Ends of the names of files that are manifests, or become ones.
const NAMES: [&str; 8] = ["yaml", "yml", "json", "tpl", "j2", "tmpl", "gotmpl", "template"];

/// Kinds that have pods in them.
const WORKLOADS: [&str; 10] = [
    "Pod",
    "PodTemplate",
    "Deployment",
    "ReplicaSet",
    "ReplicationController",
    "StatefulSet",
    "DaemonSet",
    "Job",
    "CronJob",
    "Rollout",
];

/// Reads every object of a text that asks for a certificate.
pub(super) fn read(text: &TemplateText<'_>, around: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    let name = text.path.as_str().rsplit('/').next().unwrap_or_default();
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    if !NAMES.iter().any(|known| extension.eq_ignore_ascii_case(known)) || !text.text.contains("kind") {
        return;
    }
    let chart = Chart::of(text, around);
    let resolve = |expression: &str| chart.resolve(expression);
    let start = text.text.trim_start_matches('\u{FEFF}').trim_start();
    let documents = if extension.eq_ignore_ascii_case("json") || start.starts_with('{') && !start.starts_with("{{") {
        vec![json::read(text.text, &resolve)]
    } else {
        yaml::read(text.text, &resolve)
    };
    for document in &documents {
        let mut ours = Vec::new();
        object(text, around, &document.root, &mut ours, found);
        tell_problems(text, &document.problems, &ours, found);
    }
}

/// An object, or those of a list; `ours` gets the parts of the text that ask for certificates.
fn object(
    text: &TemplateText<'_>,
    around: &Surroundings<'_>,
    node: &Node,
    ours: &mut Vec<Range<usize>>,
    found: &mut Vec<Artifact>,
) {
    let Some(manifest) = Manifest::of(text, around, node) else { return };
    if manifest.kind.ends_with("List") && manifest.group().is_none_or(|group| group != "apiextensions.k8s.io") {
        for item in node.get("items").map(Node::members).unwrap_or_default() {
            object(text, around, item, ours, found);
        }
        return;
    }
    let since = found.len();
    match manifest.kind {
        "Certificate" if manifest.is_of_cert_manager() => found.extend(certmanager::certificate(&manifest)),
        "CertificateRequest" if manifest.is_of_cert_manager() => request::read(&manifest, found),
        "CertificateSigningRequest" if manifest.may_be_of("certificates.k8s.io") => request::read(&manifest, found),
        "Ingress" | "Gateway" | "ListenerSet" | "XListenerSet" | "Route" => {
            found.extend(certmanager::annotated(&manifest));
        }
        kind if WORKLOADS.contains(&kind) => found.extend(certmanager::volumes(&manifest)),
        _ => return,
    }
    // A request inside of an object was found before.
    if found.len() > since || manifest.kind.ends_with("Request") {
        ours.push(node.span.clone());
    }
}
