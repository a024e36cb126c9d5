//! What only templates have: values that are expressions, and lifetimes.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::request::{Makes, Request};

/// Values that are expressions: nothing can be said of them before the tool has run.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct UnknownValues {}

impl Params for UnknownValues {
    const NAME: &'static str = "unknown-values";
    const SUMMARY: &'static str = "Lists the values of a template that are expressions, which no rule judges.";
}

impl RequestCheck for UnknownValues {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        if request.template.is_none() {
            return Verdict::NotApplicable;
        }
        for unseen in request.unknowns() {
            let message = format!("{} is not known, and no rule judges it: {}.", unseen.place, unseen.expression);
            findings.fail(unseen.span, unseen.place, unseen.expression, message);
        }
        Verdict::Judged
    }
}

/// The lifetime a template asks for.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Lifetime {
    /// The most days a certificate may be valid.
    max_days: u64,
    /// Judges only templates of CA certificates (`true`), or only others (`false`).
    #[serde(default)]
    ca: Option<bool>,
}

impl Params for Lifetime {
    const NAME: &'static str = "lifetime";
    const SUMMARY: &'static str = "Judges how long a template asks for its certificate to be valid.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("max-days", Stricter::Lower)];
}

impl RequestCheck for Lifetime {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        const DAY: u64 = 86_400;
        let Some(validity) = request.validity.effective() else { return Verdict::NotApplicable };
        if self.ca.is_some_and(|ca| ca != request.asks_for_ca()) {
            return Verdict::NotApplicable;
        }
        if validity.seconds > self.max_days.saturating_mul(DAY) {
            let what = match request.template.as_ref().map(|template| template.makes) {
                Some(Makes::Permission) => "allows certificates",
                _ => "asks for a certificate",
            };
            let message = format!("The template {what} of {validity}; at most {} days are allowed.", self.max_days);
            findings.fail(request.validity.span, "validity", validity.seconds.to_string(), message);
        }
        Verdict::Judged
    }
}
