//! Secrets that lie in the tree. What is a private key is told by the reader; nothing of one is here.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Broken, Check, Context, Findings, Params, Subject, Verdict};
use crate::lists::{KeyHashes, ListKind};
use crate::request::hex;

/// Private keys in the tree.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PrivateKeyCommitted {
    /// Those under a password (`true`), or those without (`false`).
    encrypted: bool,
}

impl Params for PrivateKeyCommitted {
    const NAME: &'static str = "private-key";
    const SUMMARY: &'static str = "Finds private keys in the tree, and names the requests they belong to.";
}

impl Check for PrivateKeyCommitted {
    fn run(&self, subject: &Subject<'_>, context: &Context<'_>, findings: &mut Findings) -> Verdict {
        let Subject::PrivateKey(key) = subject else { return Verdict::NotApplicable };
        if key.form.is_encrypted() != self.encrypted {
            return Verdict::NotApplicable;
        }
        if let Some(public) = &key.public {
            // What an RFC or a library has published is no secret; a request for such a key is told of.
            let hashes = KeyHashes { spki_sha256: [0; 32], number_sha256: public.number_sha256 };
            if context.lists.find(&hashes, &[ListKind::Published]).is_ok_and(|listed| listed.is_some()) {
                return Verdict::NotApplicable;
            }
        }
        let algorithm = key.public.as_ref().map_or("", |public| public.algorithm);
        let of = if algorithm.is_empty() { String::new() } else { format!("{algorithm}, ") };
        let password = if self.encrypted { "protected by a password only" } else { "without a password" };
        let message = format!("A private key ({of}{}) lies here, {password}.", key.form.name());
        let value = key.public.as_ref().map_or_else(|| key.form.name().to_owned(), |public| hex(&public.number_sha256));
        findings.push(Broken {
            key: key.public.as_ref().map(|public| public.number_sha256),
            ..Broken::new(key.span, format!("private-key[{}]", key.number), value, message)
        });
        Verdict::Judged
    }
}
