//! Keys that stand in a list: of the organisation, of badkeys, or in the one that csrlint ships.
//! Which lists a rule asks is its parameter. Lists are read by `lists`; one that cannot be read leaves the key unjudged.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::check::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::lists::{KeyHashes, ListKind};
use crate::request::Request;

/// Keys in lists.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct KnownKey {
    /// The lists that are asked.
    lists: Vec<ListKind>,
}

impl Params for KnownKey {
    const NAME: &'static str = "known-key";
    const SUMMARY: &'static str = "Finds keys that stand in lists of known keys.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("lists", Stricter::Superset)];
}

impl RequestCheck for KnownKey {
    fn check(&self, request: &Request, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Some(key) = request.key.effective() else { return Verdict::NotApplicable };
        let (Some(public), Some(hashes)) = (&key.public, KeyHashes::of(key)) else { return Verdict::NotApplicable };
        match context.lists.find(&hashes, &self.lists) {
            Err(error) => return Verdict::NotJudged(format!("a list of keys cannot be read: {error}").into()),
            Ok(None) => {}
            Ok(Some(listed)) => {
                let date = listed.date.map(|date| format!(", since {date}")).unwrap_or_default();
                let reason = if listed.reason.is_empty() { String::new() } else { format!(": {}", listed.reason) };
                let message = match listed.kind {
                    ListKind::Compromised => format!("The key stands in the list {}{date}{reason}.", listed.list),
                    ListKind::Published => format!("The private key is published ({}).", listed.reason),
                    ListKind::WeakGenerator => {
                        format!("The key comes from a generator that makes few different ones ({}).", listed.reason)
                    }
                };
                findings.fail(public.bytes_span, "key", listed.list, message);
            }
        }
        Verdict::Judged
    }
}
