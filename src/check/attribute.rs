//! Attributes of the request: those that tell more than they should, and the certificate that a renewal brings along.

use schemars::JsonSchema;
use serde::Deserialize;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::oid_name::OidName;
use super::{Broken, Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::encoding::der::{Dom, Primitives, tag};
use crate::request::{Attribute, AttributeValue, Oid, Request, State, Wanted, oids, sha256};
use crate::source::Span;

/// The octets of an attribute's value.
fn octets<'a>(request: &'a Request, value: &AttributeValue) -> &'a [u8] {
    request.pkcs10.as_ref().map_or(&[], |pkcs10| pkcs10.octets(value.span))
}

fn values<'a>(request: &'a Request, oid: &'a Oid) -> impl Iterator<Item = (Span, &'a [u8], String)> {
    request.attributes.items().filter(move |attribute| attribute.oid == *oid).flat_map(move |attribute| {
        attribute.values.iter().map(move |value| (value.span, octets(request, value), attribute.place()))
    })
}

/// Attributes that must not be there.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AttributePresent {
    /// The attributes, by name or OID.
    deny: Vec<OidName>,
}

impl Params for AttributePresent {
    const NAME: &'static str = "attribute-present";
    const SUMMARY: &'static str = "Finds attributes that a request must not have.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("deny", Stricter::Superset)];
}

impl RequestCheck for AttributePresent {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        for attribute in request.attributes.items().filter(|attribute| OidName::listed(&self.deny, &attribute.oid)) {
            let label = attribute.oid.label();
            let message = format!("The request has the attribute {label}.");
            findings.fail(attribute.span, attribute.place(), label, message);
        }
        Verdict::Judged
    }
}

/// Name-value pairs of Microsoft's enrolment (MS-WCCE section 2.2.2.7.10).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct EnrollmentNameValue {
    /// Names, without regard to case.
    deny: Vec<String>,
}

impl Params for EnrollmentNameValue {
    const NAME: &'static str = "enrollment-name-value";
    const SUMMARY: &'static str = "Finds enrolment name-value pairs whose name is listed.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("deny", Stricter::Superset)];
}

impl RequestCheck for EnrollmentNameValue {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        let told = |span, place, name: &str, findings: &mut Findings| {
            if self.deny.iter().any(|denied| denied.eq_ignore_ascii_case(name)) {
                findings.fail(span, place, name, format!("The request has the enrolment pair {name:?}."));
            }
        };
        if request.is_described() {
            // Of a template the reader knows the name itself.
            let pairs = |attribute: &&Attribute| attribute.oid == oids::MICROSOFT_ENROLLMENT_NAME_VALUE;
            for attribute in request.attributes.items().filter(pairs) {
                verdict = Verdict::Judged;
                for value in &attribute.values {
                    told(attribute.span, attribute.place(), &value.shown, findings);
                }
            }
            return verdict;
        }
        for (span, octets, place) in values(request, &oids::MICROSOFT_ENROLLMENT_NAME_VALUE) {
            verdict = Verdict::Judged;
            let mut dom = Dom::new(octets);
            let roots = dom.walk(0..octets.len(), Primitives::Checked, &mut Vec::new());
            let name = dom.roots(roots).next().and_then(|pair| dom.children(pair).next());
            let Some(name) = name.filter(|name| dom.tag(*name) == tag::BMP_STRING).map(|name| bmp(dom.content(name)))
            else {
                continue;
            };
            told(span, place, &name, findings);
        }
        verdict
    }
}

fn bmp(octets: &[u8]) -> String {
    char::decode_utf16(octets.chunks_exact(2).map(|unit| u16::from_be_bytes([unit[0], unit[1]])))
        .map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER))
        .collect()
}

/// A renewal has another key than the certificate it renews.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RenewalKey {
    /// Also where a template says nothing and its tool keeps the key by default.
    #[serde(default = "yes")]
    defaults: bool,
}

fn yes() -> bool {
    true
}

impl Params for RenewalKey {
    const NAME: &'static str = "renewal-key";
    const SUMMARY: &'static str = "Finds renewals that keep the key of the certificate they bring along.";
}

impl RequestCheck for RenewalKey {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if let Some(field) = request.template.as_ref().filter(|_| request.is_described()).map(|made| &made.renewal) {
            let Some(renewal) = field.effective() else { return Verdict::NotApplicable };
            if renewal.key_is_kept && (self.defaults || !matches!(field.state, State::Default(_))) {
                let message = format!("A renewal keeps the private key: {}.", renewal.knob);
                findings.push(Broken::new(field.span, "renewal", "kept", message).wanting(Some(Wanted::NewKey)));
            }
            return Verdict::Judged;
        }
        let Some(public) = request.key.effective().and_then(|key| key.public.as_ref()) else {
            return Verdict::NotApplicable;
        };
        let mut verdict = Verdict::NotApplicable;
        for (span, octets, place) in values(request, &oids::MICROSOFT_RENEWAL_CERTIFICATE) {
            let Ok((_, certificate)) = X509Certificate::from_der(octets) else {
                verdict = Verdict::NotJudged("the certificate to be renewed cannot be decoded".into());
                continue;
            };
            verdict = Verdict::Judged;
            let spki = &certificate.tbs_certificate.subject_pki;
            if sha256(spki.raw) == public.spki_sha256 || *spki.subject_public_key.data == *public.bytes {
                let serial = certificate.raw_serial_as_string();
                let message = format!("The request has the key of the certificate it renews (serial number {serial}).");
                findings.fail(span, place, crate::request::hex(&public.spki_sha256), message);
            }
        }
        verdict
    }
}
