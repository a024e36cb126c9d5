//! DNS names beyond their syntax: registries, special-use names, internationalised labels, look-alikes, onion addresses.
//! What a public suffix, a valid A-label or an onion checksum is, `names` knows; here stands which of it is a finding.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{dns_names, place};
use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::names::domain::{self, Suffix};
use crate::names::script;
use crate::request::Request;

/// Declares a check without parameters over each DNS name: what is wrong with it, as the end of a sentence.
macro_rules! on_each_name {
    ($(#[$doc:meta])* $check:ident, $name:literal, $summary:literal, $problem:expr) => {
        $(#[$doc])*
        #[derive(Debug, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub(crate) struct $check {}

        impl Params for $check {
            const NAME: &'static str = $name;
            const SUMMARY: &'static str = $summary;
        }

        impl RequestCheck for $check {
            fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
                judge(request, findings, $problem)
            }
        }
    };
}

fn judge(request: &Request, findings: &mut Findings, problem: impl Fn(&str) -> Option<Cow<'static, str>>) -> Verdict {
    let mut verdict = Verdict::NotApplicable;
    for (number, name, text) in dns_names(request) {
        verdict = Verdict::Judged;
        if let Some(problem) = problem(text) {
            findings.fail(name.span, place(number), text, format!("The DNS name {text:?} {problem}."));
        }
    }
    verdict
}

/// The name below its wildcard.
fn below_wildcard(name: &str) -> &str {
    name.strip_prefix("*.").unwrap_or(name)
}

/// Whether the text could be a name at all; what is none is another rule's finding.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text.is_ascii()
        && text.split('.').all(|label| !label.is_empty() && label.len() <= 63)
        && text.bytes().all(|byte| byte.is_ascii_graphic() && !b":/@[]".contains(&byte))
        && text.parse::<IpAddr>().is_err()
}

on_each_name!(
    /// Underscores are no part of host names (RFC 1123 section 2.1).
    DnsUnderscore, "dns-underscore", "Finds DNS names with underscores.",
    |text| text.contains('_').then_some(Cow::Borrowed("has an underscore, which no host name has"))
);

on_each_name!(
    /// Names that no public DNS resolves.
    DnsInternalName, "dns-internal-name", "Finds DNS names without a top-level domain of the public DNS.",
    |text| {
        let name = below_wildcard(text);
        if !is_name(name) || name.to_ascii_lowercase().ends_with(".onion") {
            return None;
        }
        if domain::has_public_tld(name) {
            return None;
        }
        Some(match name.rsplit_once('.') {
            None => "is a single label, which is no name of the public DNS".into(),
            Some((_, tld)) => format!("ends in .{tld}, which is no top-level domain of the public DNS").into(),
        })
    }
);

/// Labels that start with `xn--` are valid A-labels (RFC 5890 section 2.3.2.1).
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsIdn {
    /// Whether the letters have to be those of IDNA 2008; else only the Punycode and its normalization are judged.
    #[serde(default = "yes")]
    idna_2008: bool,
}

fn yes() -> bool {
    true
}

impl Params for DnsIdn {
    const NAME: &'static str = "dns-idn";
    const SUMMARY: &'static str = "Finds internationalised labels that are no valid A-labels.";
}

impl RequestCheck for DnsIdn {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        judge(request, findings, |text| {
            text.split('.').find_map(|label| {
                Some(
                    format!("has the label {label:?}, which {}", domain::a_label_problem(label, self.idna_2008)?)
                        .into(),
                )
            })
        })
    }
}

on_each_name!(
    /// `--` in the third and fourth place is reserved (RFC 5890 section 2.3.1).
    DnsReservedLabel, "dns-reserved-label", "Finds labels with -- in their third and fourth place that are no A-labels.",
    |text| {
        let label = text.split('.').find(|label| domain::is_reserved_ldh(label))?;
        Some(format!("has the label {label:?}; -- in the third and fourth place is reserved").into())
    }
);

on_each_name!(
    /// The letters of a label belong to scripts that are written together (UTS #39 section 5.1).
    DnsMixedScript, "dns-mixed-script", "Finds internationalised labels that mix scripts.",
    |text| text.split('.').find_map(|label| {
        let unicode = domain::unicode(label).filter(|unicode| script::is_mixed(unicode))?;
        Some(format!("has the label {label:?}, {unicode:?}, whose letters are of several scripts").into())
    })
);

on_each_name!(
    /// A label of another script does not look like an ASCII one (UTS #39 section 4).
    DnsConfusable, "dns-confusable", "Finds internationalised labels that look like a name in ASCII.",
    |text| {
        let (below, tld) = text.rsplit_once('.')?;
        // Below a top-level domain of the same script the label is what its readers expect (сор.рф); the domain itself is the registry's.
        let tld = domain::unicode(tld).unwrap_or_default();
        below.split('.').find_map(|label| {
        let unicode = domain::unicode(label).filter(|unicode| !script::share_script(unicode, &tld))?;
        let seen = script::ascii_look_alike(&unicode)?;
        Some(format!("has the label {label:?}, {unicode:?}, which looks like {seen:?}").into())
        })
    }
);

on_each_name!(
    /// Onion addresses are of version 3, with a right checksum (RFC 7686; Tor rend-spec).
    DnsOnion, "dns-onion", "Finds .onion names without a valid address.",
    |text| domain::onion_problem(text).map(Cow::Borrowed)
);

/// In which form a public suffix is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Form {
    /// The name itself is one.
    Bare,
    /// A wildcard covers everything below one.
    Wildcard,
}

/// Names that belong to a registry's customers, not to the requester.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsPublicSuffix {
    /// In which form.
    form: Form,
    /// Whether suffixes of private operators count, too; those are theirs to ask for.
    #[serde(default)]
    private: bool,
}

impl Params for DnsPublicSuffix {
    const NAME: &'static str = "dns-public-suffix";
    const SUMMARY: &'static str = "Finds DNS names that are a public suffix, or a wildcard right below one.";
}

impl RequestCheck for DnsPublicSuffix {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        judge(request, findings, |text| {
            let name = match (self.form, text.strip_prefix("*.")) {
                (Form::Bare, None) => text,
                (Form::Wildcard, Some(name)) => name,
                _ => return None,
            };
            let counts = is_name(name)
                && match domain::suffix(name) {
                    Suffix::Registry => true,
                    Suffix::Private => self.private,
                    Suffix::Below | Suffix::Unknown => false,
                };
            counts.then_some(match self.form {
                Form::Bare => "is a public suffix, under which others register their names".into(),
                Form::Wildcard => "covers every name that is registered under a public suffix".into(),
            })
        })
    }
}

/// Names below certain domains.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsSuffix {
    /// Domain → why no name is asked for there.
    deny: BTreeMap<String, String>,
    /// Domains of that list that may be asked for after all.
    #[serde(default)]
    except: Vec<String>,
    /// Whether common names that are such names count, too.
    #[serde(default)]
    common_name: bool,
}

impl Params for DnsSuffix {
    const NAME: &'static str = "dns-suffix";
    const SUMMARY: &'static str = "Finds DNS names below domains that must not be asked for.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("except", Stricter::Subset)];
}

impl RequestCheck for DnsSuffix {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let verdict = judge(request, findings, |text| self.problem(text).map(Cow::Owned));
        if !self.common_name {
            return verdict;
        }
        for (attribute, text) in super::common_names(request) {
            if let Some(problem) = self.problem(text) {
                let message = format!("The common name {text:?} {problem}.");
                findings.fail(attribute.value.span, attribute.place(), text, message);
            }
        }
        Verdict::Judged
    }
}

impl DnsSuffix {
    fn problem(&self, name: &str) -> Option<String> {
        let name = name.trim_end_matches('.');
        let excepted = |suffix: &str| self.except.iter().any(|except| except.eq_ignore_ascii_case(suffix));
        let (suffix, why) = self.deny.iter().filter(|(suffix, _)| !excepted(suffix)).find(|(suffix, _)| {
            name.len().checked_sub(suffix.len()).is_some_and(|start| {
                name.get(start..).is_some_and(|end| end.eq_ignore_ascii_case(suffix))
                    && (start == 0 || name.as_bytes().get(start - 1) == Some(&b'.'))
            })
        })?;
        Some(format!("is or lies below {suffix} ({why})"))
    }
}

/// Names that another wildcard of the same request covers.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DnsCovered {}

impl Params for DnsCovered {
    const NAME: &'static str = "dns-covered";
    const SUMMARY: &'static str = "Finds DNS names that a wildcard of the same request covers.";
}

impl RequestCheck for DnsCovered {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let wildcards: std::collections::BTreeSet<String> =
            dns_names(request).filter_map(|(_, _, text)| Some(text.strip_prefix("*.")?.to_ascii_lowercase())).collect();
        if wildcards.is_empty() {
            return Verdict::NotApplicable;
        }
        judge(request, findings, |text| {
            let (label, parent) = text.split_once('.')?;
            (label != "*" && wildcards.contains(&parent.to_ascii_lowercase()))
                .then(|| format!("is covered by *.{parent} already").into())
        })
    }
}
