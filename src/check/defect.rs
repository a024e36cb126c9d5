//! The check `defect`: what a reader recorded is what is wrong.
//! Which kinds are findings, and how bad, is the rule's business; here they are only picked out.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Broken, Check, Context, Findings, Params, Stricter, Subject, Verdict};
use crate::encoding::{Defect, DefectKind};

/// Recorded defects of the given kinds.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Defects {
    /// The kinds that are findings.
    kinds: Vec<DefectKind>,
}

impl Params for Defects {
    const NAME: &'static str = "defect";
    const SUMMARY: &'static str = "Finds what the readers recorded about the form of an input.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("kinds", Stricter::Superset)];
}

impl Check for Defects {
    fn run(&self, subject: &Subject<'_>, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        let defects: &[Defect] = match subject {
            Subject::File(facts) => &facts.defects,
            Subject::Claim(claim) => &claim.defects,
            Subject::Request(request) => &request.defects,
            Subject::Configuration(defects) => defects,
            Subject::Estate(_) | Subject::PrivateKey(_) => return Verdict::NotApplicable,
        };
        for defect in defects.iter().filter(|defect| self.kinds.contains(&defect.kind)) {
            let broken = Broken::new(defect.span, defect.place.clone(), "", sentence(&defect.detail));
            findings.push(Broken { fix: defect.fix.clone(), ..broken });
        }
        Verdict::Judged
    }
}

/// Names of tools that are written in lower case at the beginning of a sentence, too.
const OWN_SPELLING: [&str; 5] = ["certreq", "cfssl", "openssl", "csrlint", "keytool"];

/// A detail as a sentence: with a capital letter, unless it starts with a word that has its own spelling.
fn sentence(detail: &str) -> String {
    let first_word = detail.split(' ').next().unwrap_or_default();
    if OWN_SPELLING.contains(&first_word)
        || first_word.chars().skip(1).any(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '-' || c == '_')
    {
        return detail.to_owned();
    }
    let mut characters = detail.chars();
    characters.next().map(|first| first.to_uppercase().chain(characters).collect()).unwrap_or_default()
}
