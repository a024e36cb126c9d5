//! Which resources of Terraform and OpenTofu ask for certificates, and the reading of a file with all of its module.
//! What the arguments of a resource mean is the business of its provider's file; `parts` has what they share.
//! Templates of configurations (`*.tf.tmpl`, `*.tpl`) are no configurations, and are not read.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use super::folder::{File, Folder};
use super::parts::Reading;
use super::{Module, Resource, acme, aws, azure, google, tls, vault, venafi};
use crate::encoding::{Defect, DefectKind};
use crate::read::structure::hcl::{self, Head};
use crate::read::surroundings::{self, beside};
use crate::read::template::{TemplateText, parts_of, tell_problems};
use crate::read::{Artifact, Claim, Surroundings};
use crate::request::Request;
use crate::source::{FilePath, Span};

/// One of these stands in every file with such a resource.
pub(in crate::read) const MARKS: &[&str] = &[
    "tls_private_key",
    "tls_cert_request",
    "tls_self_signed_cert",
    "tls_locally_signed_cert",
    "acme_certificate",
    "vault_pki_secret_backend_",
    "aws_acm_certificate",
    "aws_acmpca_certificate",
    "google_privateca_",
    "azurerm_key_vault_certificate",
    "venafi_certificate",
];

/// Endings of files in the native syntax, and in JSON.
const ENDINGS: [&str; 4] = [".tf", ".tofu", ".tf.json", ".tofu.json"];
/// Files of a module that are looked into, and their bytes in all.
const MAX_FILES: usize = 500;
const MAX_BYTES: usize = 8 << 20;

/// Reads a resource; `None` where it asks for nothing.
type Reader = fn(&Reading<'_>, &Resource) -> Option<Request>;

/// The types of resource, and who reads them.
const RESOURCES: &[(&str, Reader)] = &[
    ("tls_private_key", tls::lone_key),
    ("tls_cert_request", tls::cert_request),
    ("tls_self_signed_cert", tls::self_signed),
    ("tls_locally_signed_cert", tls::locally_signed),
    ("acme_certificate", acme::certificate),
    ("vault_pki_secret_backend_role", vault::role),
    ("vault_pki_secret_backend_cert", vault::certificate),
    ("vault_pki_secret_backend_sign", vault::sign),
    ("vault_pki_secret_backend_intermediate_cert_request", vault::intermediate),
    ("vault_pki_secret_backend_root_cert", vault::root),
    ("vault_pki_secret_backend_root_sign_intermediate", vault::sign_intermediate),
    ("aws_acm_certificate", aws::managed),
    ("aws_acmpca_certificate", aws::private),
    ("aws_acmpca_certificate_authority", aws::certificate_authority),
    ("google_privateca_certificate", google::certificate),
    ("google_privateca_certificate_authority", google::certificate_authority),
    ("google_privateca_certificate_template", google::template),
    ("google_privateca_ca_pool", google::pool),
    ("azurerm_key_vault_certificate", azure::certificate),
    ("venafi_certificate", venafi::certificate),
];

/// The types that make a certificate of a request, and where they name it.
const TAKERS: &[(&str, &str)] = &[
    ("tls_locally_signed_cert", "cert_request_pem"),
    ("acme_certificate", "certificate_request_pem"),
    ("vault_pki_secret_backend_sign", "csr"),
    ("aws_acmpca_certificate", "certificate_signing_request"),
    ("google_privateca_certificate", "pem_csr"),
    ("venafi_certificate", "csr_pem"),
];

fn reader_of(type_name: &str) -> Option<Reader> {
    RESOURCES.iter().find(|(name, _)| *name == type_name).map(|(_, reader)| *reader)
}

fn is_configuration(path: &FilePath) -> bool {
    let path = path.as_str();
    ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Reads every resource of a file that asks for a certificate, or says who may.
pub(in crate::read) fn read(text: &TemplateText<'_>, around: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    if !is_configuration(text.path) {
        return;
    }
    let module = module(text, around);
    let resources = module.resources(|type_name| reader_of(type_name).is_some());
    let reading = Reading {
        text,
        module: &module,
        around,
        lock: lock(text, around),
        taken: taken(&module, &resources),
        versions: RefCell::default(),
        users: OnceCell::new(),
        told: RefCell::default(),
    };
    let since = found.len();
    for resource in resources.iter().filter(|resource| resource.kind == "resource") {
        if let Some(request) = reader_of(&resource.type_name).and_then(|reader| reader(&reading, resource)) {
            found.push(Artifact::Request(Box::new(request)));
        }
    }
    if text.path.as_str().ends_with(".json") {
        tell_problems(text, &module.problems(), &parts_of(found, since), found);
    } else {
        broken(&reading, found);
    }
}

/// The file, and its folder. A text that is not the folder's own, such as one in UTF-16, is cut by itself.
fn module(text: &TemplateText<'_>, around: &Surroundings<'_>) -> Module {
    let folder = around.derived(&surroundings::folder(text.path), || Folder::new(files(text.path, around)));
    let here = folder.number(text.path.as_str());
    let kept = here.and_then(|here| folder.files.get(here)).filter(|file| *file.text == *text.text).cloned();
    let first = kept.unwrap_or_else(|| Arc::new(File::new(text.path.as_str(), text.text.into())));
    Module::new(first, folder, here)
}

/// The configurations of a file's folder.
fn files(path: &FilePath, around: &Surroundings<'_>) -> impl Iterator<Item = (String, Arc<str>)> {
    let folder = around.folder_of(path);
    let paths: Vec<FilePath> = folder.iter().filter(|path| is_configuration(path)).take(MAX_FILES).cloned().collect();
    let texts = paths.into_iter().filter_map(|path| Some((path.as_str().to_owned(), around.text(&path)?)));
    texts.scan(0, |size, (path, text)| {
        *size += text.len();
        (*size <= MAX_BYTES).then_some((path, text))
    })
}

/// The file in which the versions of providers are locked, beside a file.
fn lock(text: &TemplateText<'_>, around: &Surroundings<'_>) -> Option<Arc<File>> {
    let path = beside(text.path, ".terraform.lock.hcl")?;
    let lock = around.text(&path)?;
    Some(around.derived(&path, || File::new(path.as_str(), lock)))
}

/// The requests of this file of which a resource of this file makes a certificate: they are read as part of it, since
/// only both together say what the certificate is for.
fn taken(module: &Module, resources: &[Resource]) -> BTreeSet<String> {
    let request = |resource: &Resource| {
        let (_, argument) = TAKERS.iter().find(|(type_name, _)| *type_name == resource.type_name)?;
        let (_, request, is_here) = module.target(resource.body.get(argument)?)?;
        (request.type_name == "tls_cert_request" && is_here).then(|| request.address())
    };
    resources.iter().filter_map(request).collect()
}

/// Blocks of the types that are read here and that cannot be: silence about them would be approval.
fn broken(reading: &Reading<'_>, found: &mut Vec<Artifact>) {
    let text = reading.text.text;
    let heads = reading.module.heads();
    let mut tell = |head: &Head, span: Range<usize>, problem: &str| {
        let Some(type_name) = head.label(text, 0).filter(|type_name| reader_of(type_name).is_some()) else { return };
        if head.kind(text) != "resource" {
            return;
        }
        let address = head.label(text, 1).map_or_else(|| type_name.to_owned(), |name| format!("{type_name}.{name}"));
        let span = Span::text(span.start, span.end);
        let detail = format!("{address} cannot be read: {problem}");
        let defects = vec![Defect::new(DefectKind::TemplateInvalid, span, "file", detail)];
        found.push(Artifact::Claim(Claim { sources: reading.text.sources.clone(), span, defects }));
    };
    for problem in reading.module.problems() {
        let here = problem.span.start;
        let head = heads.iter().find(|head| head.span.contains(&here)).cloned();
        if let Some(head) = head.or_else(|| hcl::header(text, here)) {
            tell(&head, problem.span, &problem.text);
        }
    }
    for head in heads.iter().filter(|head| head.labels.len() != 2) {
        tell(head, head.header.clone(), "a resource has a type and a name");
    }
}

/// What is kept of a reading: versions by provider.
pub(super) type Versions = RefCell<HashMap<&'static str, String>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_type_has_a_mark() {
        for (type_name, _) in RESOURCES {
            assert!(MARKS.iter().any(|mark| type_name.contains(mark)), "{type_name}");
        }
        for (type_name, _) in TAKERS {
            assert!(reader_of(type_name).is_some(), "{type_name}");
        }
    }
}
