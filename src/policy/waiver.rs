//! Waivers: findings that somebody accepted, for a reason, until a day.
//! An expired waiver waives nothing and is a finding of its own; so is one that nothing needed.

use std::sync::atomic::{AtomicBool, Ordering};

use glob::Pattern;
use serde::Serialize;

use super::raw;
use crate::check::Date;

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
    pub fn matches(&self, rule: &str, path: &str, spki: Option<&str>, fingerprint: &str) -> bool {
        crate::catalogue::stands_for(&self.raw.rule, rule)
            && self
                .files
                .as_ref()
                .is_none_or(|files| files.iter().any(|pattern| super::resolve::path_matches(pattern, path)))
            && self
                .raw
                .spki_sha256
                .as_ref()
                .is_none_or(|pin| spki.is_some_and(|spki| spki.starts_with(&pin.to_ascii_lowercase())))
            && self.raw.fingerprint.as_ref().is_none_or(|pin| pin == fingerprint)
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
            reason: self.raw.reason.clone(),
            approved_by: self.raw.approved_by.clone(),
            expires: Some(self.raw.expires),
        }
    }
}
