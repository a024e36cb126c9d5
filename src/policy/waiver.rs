//! Waivers: findings that somebody accepted, for a reason, until a day.
//! An expired waiver waives nothing and is a finding of its own; so is one that nothing needed.

use std::sync::atomic::{AtomicBool, Ordering};

use glob::Pattern;
use serde::Serialize;

use super::raw;
use crate::check::Date;

/// The fewest digits of a digest that a waiver or ignore may be pinned by: 128 bits. Eight of them were found for another key in 22
/// minutes on one core, by trying public exponents of one modulus.
pub(super) const PIN_DIGITS: usize = 32;
/// What every message about a pin ends with.
pub(super) const PIN_HELP: &str = "csrlint inspect FILE prints the whole of it";

/// What is wrong with the digest of a key that something is pinned by. No longer one is suggested: whatever key has these digits may have
/// been made to have them.
pub(super) fn problem_of_key_pin(pin: &str) -> Option<String> {
    let is_hex = pin.bytes().all(|byte| byte.is_ascii_hexdigit());
    let problem = match pin.len() {
        0..PIN_DIGITS if is_hex => {
            format!("spki-sha256 has {} digits, which another key can be made to have", pin.len())
        }
        PIN_DIGITS..=64 if is_hex => return None,
        _ => "spki-sha256 is no SHA-256 in hexadecimal".to_owned(),
    };
    Some(format!("{problem}; it is all 64 digits, or the first {PIN_DIGITS} or more"))
}

/// What is wrong with the fingerprint that something is pinned by: only a whole one is ever that of a finding.
pub(super) fn problem_of_fingerprint(pin: &str) -> Option<String> {
    let (digits, number) = pin.split_once(':').map_or((pin, None), |(digits, number)| (digits, Some(number)));
    let is_whole = digits.len() == PIN_DIGITS
        && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
        && number.is_none_or(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
    (!is_whole).then(|| {
        format!("this is no fingerprint of a finding, which has {PIN_DIGITS} hexadecimal digits and a number, as in the reports")
    })
}

/// A waiver, ready to match.
#[derive(Debug)]
pub struct Waiver {
    /// As it was written.
    pub raw: raw::Waiver,
    /// The number of its layer.
    pub layer: usize,
    /// Its number there.
    pub number: usize,
    pub(super) files: Option<Vec<Pattern>>,
    pub(super) used: AtomicBool,
}

/// What a finding was waived by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaiverUse {
    /// `waiver`, `inline` or `baseline`.
    pub kind: &'static str,
    /// Why.
    pub reason: String,
    /// Who accepted it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
    /// The last day it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires: Option<Date>,
}

impl Waiver {
    /// Whether it still holds; its last day is included.
    pub fn holds_on(&self, day: Date) -> bool {
        day <= self.raw.expires
    }

    /// Whether it is about this finding.
    pub fn matches(&self, rule: &str, path: &str, spki: Option<&str>, fingerprint: &str, value: &str) -> bool {
        crate::catalogue::stands_for(&self.raw.rule, rule)
            && self.is_for_file(path)
            && self.raw.value.as_ref().is_none_or(|wanted| wanted == value)
            && self
                .raw
                .spki_sha256
                .as_ref()
                .is_none_or(|pin| spki.is_some_and(|spki| spki.starts_with(&pin.to_ascii_lowercase())))
            && self.raw.fingerprint.as_ref().is_none_or(|pin| pin == fingerprint)
    }

    /// Whether it is about this file, by its path relative to the policy.
    fn is_for_file(&self, path: &str) -> bool {
        let matches = |files: &Vec<Pattern>| files.iter().any(|pattern| super::resolve::path_matches(pattern, path));
        self.files.as_ref().is_none_or(matches)
    }

    /// Whether it says which key, finding or value it is for. One that does not covers whatever comes, in its files.
    pub fn is_pinned(&self) -> bool {
        self.raw.spki_sha256.is_some() || self.raw.fingerprint.is_some() || self.raw.value.is_some()
    }

    /// Notes that a finding needed it.
    pub fn mark_used(&self) {
        self.used.store(true, Ordering::Relaxed);
    }

    /// Whether any finding needed it.
    pub fn is_used(&self) -> bool {
        self.used.load(Ordering::Relaxed)
    }

    /// What a finding says of it.
    pub fn usage(&self) -> WaiverUse {
        WaiverUse {
            kind: "waiver",
            reason: crate::redact::message(&self.raw.reason).into_owned(),
            approved_by: self.raw.approved_by.clone(),
            expires: Some(self.raw.expires),
        }
    }
}
