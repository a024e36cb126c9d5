//! Keys beside the requested one: who signs for a key that cannot sign (RFC 9883), a certificate that belongs to this one
//! (RFC 9763), and a second key in the same certificate (X.509 (2019) section 9.8).

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::check::Date;
use crate::encoding::der::{Dom, Id, Primitives, tag};
use crate::request::{Attribute, KeyAlgorithm, KeyUsageBit, Oid, Request, oids};

/// The statement that the private key is possessed, signed with another key.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PossessionStatement {}

impl Params for PossessionStatement {
    const NAME: &'static str = "possession-statement";
    const SUMMARY: &'static str = "Judges the statement of possession of RFC 9883.";
}

impl RequestCheck for PossessionStatement {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(statement) = request.pkcs10.as_ref().and_then(|pkcs10| pkcs10.statement.as_ref()) else {
            return Verdict::NotApplicable;
        };
        let place = "attributes.privateKeyPossessionStatement";
        if let Some(problem) = statement.problem {
            findings.fail(
                statement.span,
                place,
                "form",
                format!("The statement of possession is not as RFC 9883 has it: {problem}."),
            );
        }
        let algorithm = request.key.effective().and_then(|key| key.algorithm.effective()).copied();
        let signs_only = algorithm.is_some_and(|algorithm| {
            use KeyAlgorithm as Of;
            matches!(
                algorithm,
                Of::Ed25519
                    | Of::Ed448
                    | Of::Dsa
                    | Of::RsaPss
                    | Of::MlDsa
                    | Of::SlhDsa
                    | Of::MlDsaComposite
                    | Of::HssLms
                    | Of::Xmss
            )
        });
        let asks_to_sign = request.key_usage().is_some_and(|(_, usage)| {
            use KeyUsageBit as Bit;
            [Bit::DigitalSignature, Bit::NonRepudiation, Bit::KeyCertSign, Bit::CrlSign]
                .into_iter()
                .any(|bit| usage.has(bit))
        });
        if signs_only || asks_to_sign {
            let message = "The request has a statement of possession, and asks for a certificate to sign with: such a key signs its request itself.";
            findings.fail(statement.span, place, "signing", message);
        }
        Verdict::Judged
    }
}

fn attributes<'a>(request: &'a Request, oid: &'a Oid) -> impl Iterator<Item = &'a Attribute> {
    request.attributes.items().filter(move |attribute| attribute.oid == *oid)
}

/// The octets of the first value.
fn octets<'a>(request: &'a Request, attribute: &Attribute) -> &'a [u8] {
    let span = attribute.values.first().map(|value| value.span);
    request.pkcs10.as_ref().zip(span).map_or(&[], |(pkcs10, span)| pkcs10.octets(span))
}

/// The request for a certificate that belongs to another one.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RelatedCertificate {
    /// Days after which the other key's signature counts as old; the form is not judged with this.
    #[serde(default)]
    max_age_days: Option<u16>,
}

impl Params for RelatedCertificate {
    const NAME: &'static str = "related-certificate";
    const SUMMARY: &'static str = "Judges the relatedCertRequest attribute of RFC 9763: its form, or its age.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("max-age-days", Stricter::Lower)];
}

/// RequesterCertificate (RFC 9763 section 3.1); `locationInfo` is one string there, and several in the module of appendix A.
struct Related {
    time: i64,
    locations: Vec<String>,
}

fn related(octets: &[u8]) -> Result<Related, &'static str> {
    let mut dom = Dom::new(octets);
    let mut odd = Vec::new();
    let roots = dom.walk(0..octets.len(), Primitives::Checked, &mut odd);
    let parts: Vec<Id> = dom.roots(roots).next().map(|id| dom.children(id).collect()).unwrap_or_default();
    let [certificate, time, location, signature] = parts.as_slice() else {
        return Err("it is not certID, requestTime, locationInfo and signature");
    };
    let names: Vec<u8> = dom.children(*certificate).map(|id| dom.tag(id)).collect();
    if names != [tag::SEQUENCE, tag::INTEGER] {
        return Err("certID is no issuer and serial number");
    }
    let digits = dom.content(*time);
    if dom.tag(*time) != tag::INTEGER || digits.is_empty() || digits.len() > 8 {
        return Err("requestTime is no number of seconds");
    }
    let negative = digits.first().is_some_and(|first| first & 0x80 != 0);
    let time = digits.iter().fold(if negative { -1 } else { 0 }, |value: i64, octet| value << 8 | i64::from(*octet));
    let string =
        |id: Id| (dom.tag(id) == tag::IA5_STRING).then(|| String::from_utf8_lossy(dom.content(id)).into_owned());
    let locations = match dom.tag(*location) {
        tag::SEQUENCE => dom.children(*location).map(string).collect::<Option<Vec<_>>>(),
        _ => string(*location).map(|one| vec![one]),
    };
    let locations = locations.filter(|list| !list.is_empty()).ok_or("locationInfo is no URI")?;
    if dom.tag(*signature) != tag::BIT_STRING || dom.content(*signature).len() < 2 {
        return Err("the signature of the other key is missing");
    }
    Ok(Related { time, locations })
}

impl RequestCheck for RelatedCertificate {
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for attribute in attributes(request, &oids::RELATED_CERT_REQUEST) {
            verdict = Verdict::Judged;
            let mut fail = |value: &str, problem: String| {
                findings.fail(
                    attribute.span,
                    attribute.place(),
                    value,
                    format!("The request for a related certificate {problem}."),
                );
            };
            match (related(octets(request, attribute)), self.max_age_days) {
                (Err(problem), None) => fail("form", format!("is not as RFC 9763 has it: {problem}")),
                (Ok(_), None) if attribute.values.len() > 1 => fail("values", "has several values".to_owned()),
                (Ok(related), None) => {
                    let known = |uri: &String| {
                        ["http://", "https://", "data:"]
                            .iter()
                            .any(|scheme| uri.to_ascii_lowercase().starts_with(scheme))
                    };
                    if let Some(location) = related.locations.iter().find(|uri| !known(uri)) {
                        fail(
                            "location",
                            format!(
                                "says of no place that the CA could read where the other certificate is ({location:?})"
                            ),
                        );
                    }
                }
                (Ok(related), Some(max)) => match Date::of_unix(related.time)
                    .map(|day| (day, context.as_of.days_since(day)))
                {
                    None => fail("time", "was signed on no day there is".to_owned()),
                    Some((day, age)) if age > i64::from(max) => {
                        fail(
                            "age",
                            format!("was signed by the other key on {day}, {age} days ago; at most {max} are allowed"),
                        );
                    }
                    Some((day, age)) if age < -1 => {
                        fail("age", format!("was signed by the other key on {day}, which is yet to come"))
                    }
                    Some(_) => {}
                },
                (Err(_), Some(_)) => {}
            }
        }
        verdict
    }
}

/// A second key and signature in the attributes of the request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AlternativeKey {}

impl Params for AlternativeKey {
    const NAME: &'static str = "alternative-key";
    const SUMMARY: &'static str =
        "Finds alternative keys and signatures of X.509 (2019) of which a part is missing or malformed.";
}

impl RequestCheck for AlternativeKey {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let kinds = [
            (&oids::ALTERNATIVE_PUBLIC_KEY, "subjectAltPublicKeyInfo"),
            (&oids::ALTERNATIVE_SIGNATURE_ALGORITHM, "altSignatureAlgorithm"),
            (&oids::ALTERNATIVE_SIGNATURE_VALUE, "altSignatureValue"),
        ];
        let found = kinds.map(|(oid, _)| attributes(request, oid).next());
        let Some(first) = found.iter().flatten().next() else { return Verdict::NotApplicable };
        for ((_, name), attribute) in kinds.into_iter().zip(found) {
            match attribute {
                None => {
                    let message = format!("The request has a part of an alternative key, and no {name}.");
                    findings.fail(first.span, first.place(), format!("without {name}"), message);
                }
                Some(attribute) if !is_well_formed(name, octets(request, attribute)) => {
                    let message = format!("The attribute {name} is not what X.509 (2019) section 9.8 has there.");
                    findings.fail(attribute.span, attribute.place(), "form", message);
                }
                Some(_) => {}
            }
        }
        Verdict::Judged
    }
}

fn is_well_formed(name: &str, octets: &[u8]) -> bool {
    let mut dom = Dom::new(octets);
    let mut odd = Vec::new();
    let roots = dom.walk(0..octets.len(), Primitives::Checked, &mut odd);
    let Some(root) = dom.roots(roots).next() else { return false };
    let tags: Vec<u8> = dom.children(root).map(|id| dom.tag(id)).collect();
    match name {
        "subjectAltPublicKeyInfo" => tags == [tag::SEQUENCE, tag::BIT_STRING],
        "altSignatureAlgorithm" => dom.tag(root) == tag::SEQUENCE && tags.first() == Some(&tag::OID),
        _ => dom.tag(root) == tag::BIT_STRING && dom.content(root).len() > 1,
    }
}
