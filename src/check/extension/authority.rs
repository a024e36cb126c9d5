//! What CA certificates carry: name constraints, policies, policy constraints. Decoded by x509-parser from the extension's bytes.

use schemars::JsonSchema;
use serde::Deserialize;
use x509_parser::extensions::{GeneralName as Parsed, GeneralSubtree, NameConstraints, PolicyConstraints};
use x509_parser::prelude::FromDer;

use crate::check::{Context, Findings, Params, RequestCheck, Verdict};
use crate::encoding::der::{Dom, Id, Primitives, tag};
use crate::names::uri;
use crate::request::{Oid, Request, oids};

/// Name constraints that mean nothing, or not what they seem to.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NameConstraintsForm {}

impl Params for NameConstraintsForm {
    const NAME: &'static str = "name-constraints";
    const SUMMARY: &'static str =
        "Finds name constraints that are empty, have bounds, or an address that is no CIDR block.";
}

impl RequestCheck for NameConstraintsForm {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::NAME_CONSTRAINTS) {
            verdict = Verdict::Judged;
            let mut fail =
                |value: String, message: String| findings.fail(extension.value.span, extension.place(), value, message);
            if let Some((which, bound)) = bounded(&extension.raw) {
                fail(bound.to_owned(), format!("The {which} have a {bound}; RFC 5280 section 4.2.1.10 leaves it out."));
            }
            let Ok((_, constraints)) = NameConstraints::from_der(&extension.raw) else { continue };
            let subtrees = || constraints.permitted_subtrees.iter().chain(&constraints.excluded_subtrees).flatten();
            if subtrees().next().is_none() {
                fail("empty".to_owned(), "The name constraints permit and exclude nothing.".to_owned());
            }
            for GeneralSubtree { base } in subtrees() {
                match base {
                    Parsed::IPAddress(octets) => {
                        if let Some(problem) = block_problem(octets) {
                            fail(crate::request::hex(octets), format!("An address of the name constraints {problem}."));
                        }
                    }
                    Parsed::DNSName(text) | Parsed::RFC822Name(text) | Parsed::URI(text) => {
                        if let Some(problem) = host_problem(base, text) {
                            fail((*text).to_owned(), format!("The name constraint {text:?} {problem}."));
                        }
                    }
                    _ => {}
                }
            }
        }
        verdict
    }
}

/// What is wrong with a constraint that names hosts: it is a domain, with a period before it for all names below it in URIs and mailboxes.
fn host_problem(base: &Parsed<'_>, text: &str) -> Option<&'static str> {
    let what = match base {
        // A mailbox is a constraint, too.
        Parsed::RFC822Name(_) => {
            text.rsplit_once('@').filter(|(local, _)| !local.is_empty()).map_or(text, |(_, host)| host)
        }
        _ => text,
    };
    match () {
        // An empty constraint stands for every name.
        () if what.is_empty() => None,
        () if what.contains('*') => Some("has a wildcard; a constraint covers all names below its domain without one"),
        () if what.contains("://") => Some("is a URL; a constraint is a domain"),
        () if what.contains('@') => Some("starts with an @; a constraint on all mailboxes of a host is the host alone"),
        () if what.contains(':') => Some("has a port; a constraint is a domain"),
        () if what.contains('/') => Some("has a path; a constraint is a domain"),
        () if !what.is_ascii() => Some("has characters outside of ASCII; write the domain in A-labels"),
        () if what.contains(char::is_whitespace) => Some("has a blank"),
        () if what.ends_with('.') => Some("ends in a dot"),
        () => None,
    }
}

/// What is wrong with an address and its mask (RFC 4632 style, RFC 5280 section 4.2.1.10).
fn block_problem(octets: &[u8]) -> Option<String> {
    if ![8, 32].contains(&octets.len()) {
        return Some(format!("has {} octets; address and mask have 8 or 32", octets.len()));
    }
    let (address, mask) = octets.split_at(octets.len() / 2);
    let prefix: usize = mask.iter().map(|octet| octet.leading_ones() as usize).take_while(|ones| *ones > 0).sum();
    let ones: usize = mask.iter().map(|octet| octet.count_ones() as usize).sum();
    if prefix != ones {
        return Some("has a mask that is no CIDR prefix".to_owned());
    }
    address.iter().zip(mask).any(|(address, mask)| address & !mask != 0).then(|| "has bits beyond its mask".to_owned())
}

/// `minimum` or `maximum`, which x509-parser does not tell.
fn bounded(raw: &[u8]) -> Option<(&'static str, &'static str)> {
    let mut dom = Dom::new(raw);
    let roots = dom.walk(0..raw.len(), Primitives::Checked, &mut Vec::new());
    let constraints = dom.roots(roots).next()?;
    dom.children(constraints).find_map(|list| {
        let which = if dom.tag(list) == tag::context(0) { "permitted subtrees" } else { "excluded subtrees" };
        dom.children(list).flat_map(|subtree| dom.children(subtree).skip(1)).find_map(|bound| match dom.tag(bound) {
            0x80 => Some((which, "minimum")),
            0x81 => Some((which, "maximum")),
            _ => None,
        })
    })
}

/// Address blocks of name constraints.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NameConstraintsReserved {}

impl Params for NameConstraintsReserved {
    const NAME: &'static str = "name-constraints-reserved-ip";
    const SUMMARY: &'static str = "Finds permitted address blocks that are not reachable from the internet.";
}

impl RequestCheck for NameConstraintsReserved {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::NAME_CONSTRAINTS) {
            let Ok((_, constraints)) = NameConstraints::from_der(&extension.raw) else { continue };
            verdict = Verdict::Judged;
            for GeneralSubtree { base } in constraints.permitted_subtrees.iter().flatten() {
                let Parsed::IPAddress(octets) = base else { continue };
                let Some(address) = octets.get(..octets.len() / 2).filter(|half| [4, 16].contains(&half.len())) else {
                    continue;
                };
                // 0.0.0.0/0 permits everything; it is not a private block.
                let everything = octets.iter().all(|octet| *octet == 0);
                let private = match address {
                    [10, ..]
                    | [172, 16..=31, ..]
                    | [192, 168, ..]
                    | [127, ..]
                    | [169, 254, ..]
                    | [100, 64..=127, ..] => true,
                    [first, ..] if address.len() == 16 => first & 0xFE == 0xFC || address.starts_with(&[0xFE, 0x80]),
                    _ => false,
                };
                if private && !everything {
                    let shown = address.iter().map(u8::to_string).collect::<Vec<_>>().join(".");
                    let shown = if address.len() == 4 { shown } else { crate::request::hex(address) };
                    let message = format!("The name constraints permit the private address block of {shown}.");
                    findings.fail(extension.value.span, extension.place(), shown, message);
                }
            }
        }
        verdict
    }
}

/// Policy constraints without any constraint (RFC 5280 section 4.2.1.11).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PolicyConstraintsEmpty {}

impl Params for PolicyConstraintsEmpty {
    const NAME: &'static str = "policy-constraints";
    const SUMMARY: &'static str = "Finds policy constraints that constrain nothing.";
}

impl RequestCheck for PolicyConstraintsEmpty {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::POLICY_CONSTRAINTS) {
            verdict = Verdict::Judged;
            let empty = PolicyConstraints::from_der(&extension.raw).is_ok_and(|(_, constraints)| {
                constraints.require_explicit_policy.is_none() && constraints.inhibit_policy_mapping.is_none()
            });
            if empty || extension.raw == [tag::SEQUENCE, 0] {
                let message = "The policy constraints are empty.";
                findings.fail(extension.value.span, extension.place(), "empty", message);
            }
        }
        verdict
    }
}

/// Policies that are mapped to or from anyPolicy (RFC 5280 section 4.2.1.5).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PolicyMappingsAny {}

impl Params for PolicyMappingsAny {
    const NAME: &'static str = "policy-mappings";
    const SUMMARY: &'static str = "Finds policy mappings to or from anyPolicy.";
}

impl RequestCheck for PolicyMappingsAny {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::POLICY_MAPPINGS) {
            verdict = Verdict::Judged;
            let mut dom = Dom::new(&extension.raw);
            let roots = dom.walk(0..extension.raw.len(), Primitives::Checked, &mut Vec::new());
            let pairs = dom.roots(roots).next().into_iter().flat_map(|mappings| dom.children(mappings));
            let any = pairs
                .flat_map(|pair| dom.children(pair))
                .any(|id| dom.tag(id) == tag::OID && Oid::from_content(dom.content(id)) == oids::ANY_POLICY);
            if any {
                let message = "A certificate policy is mapped to or from anyPolicy.";
                findings.fail(extension.value.span, extension.place(), "anyPolicy", message);
            }
        }
        verdict
    }
}

/// What can be wrong with requested certificate policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum PolicyProblem {
    /// A policy stands there twice.
    Repeated,
    /// anyPolicy is asked for.
    AnyPolicy,
    /// The URI of a certification practice statement is none.
    CpsUri,
}

/// Requested certificate policies (RFC 5280 section 4.2.1.4).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CertificatePolicies {
    /// What is looked for.
    problem: PolicyProblem,
}

impl Params for CertificatePolicies {
    const NAME: &'static str = "certificate-policies";
    const SUMMARY: &'static str =
        "Finds requested certificate policies that are repeated, anyPolicy, or have a bad CPS URI.";
}

impl RequestCheck for CertificatePolicies {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let mut verdict = Verdict::NotApplicable;
        for extension in request.extensions.items().filter(|extension| extension.oid == oids::CERTIFICATE_POLICIES) {
            verdict = Verdict::Judged;
            let mut dom = Dom::new(&extension.raw);
            let roots = dom.walk(0..extension.raw.len(), Primitives::Checked, &mut Vec::new());
            let mut seen: Vec<Oid> = Vec::new();
            for policy in dom.roots(roots).next().into_iter().flat_map(|policies| dom.children(policies)) {
                let mut parts = dom.children(policy);
                let Some(id) = parts.next().filter(|id| dom.tag(*id) == tag::OID) else { continue };
                let oid = Oid::from_content(dom.content(id));
                let label = oid.label();
                let problem = match self.problem {
                    PolicyProblem::Repeated => seen
                        .contains(&oid)
                        .then(|| format!("The request asks for the certificate policy {label} twice.")),
                    PolicyProblem::AnyPolicy => (oid == oids::ANY_POLICY).then(|| {
                        "The request asks for anyPolicy, which stands for every certificate policy.".to_owned()
                    }),
                    PolicyProblem::CpsUri => {
                        parts.flat_map(|list| dom.children(list)).find_map(|qualifier| cps_problem(&dom, qualifier))
                    }
                };
                if let Some(problem) = problem {
                    findings.fail(extension.value.span, extension.place(), label, problem);
                }
                seen.push(oid);
            }
        }
        verdict
    }
}

/// id-qt-cps (RFC 5280 section 4.2.1.4), and what is wrong with its URI.
fn cps_problem(dom: &Dom<'_>, qualifier: Id) -> Option<String> {
    const ID_QT_CPS: &str = "1.3.6.1.5.5.7.2.1";
    let mut parts = dom.children(qualifier);
    let (id, value) = (parts.next()?, parts.next()?);
    if Oid::from_content(dom.content(id)).to_string() != ID_QT_CPS {
        return None;
    }
    let what = "The URI of the certification practice statement";
    if dom.tag(value) != tag::IA5_STRING {
        return Some(format!("{what} is no IA5String."));
    }
    let text = String::from_utf8_lossy(dom.content(value));
    let web = ["http://", "https://"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme));
    match uri::problem(&text) {
        Some(problem) => Some(format!("{what}, {text:?}, {problem}.")),
        None if !web => Some(format!("{what}, {text:?}, is neither http nor https.")),
        None => None,
    }
}
