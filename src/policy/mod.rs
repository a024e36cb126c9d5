//! The organisation's policy, `csrlint.yaml`: raw (what was written), resolved (what a run uses), and where each value stands.
//! Errors are shown like findings, at their place, with the nearest valid name. Unknown keys are errors.
//! A policy is data for the whole run; which rules hold for a request is asked of it scope by scope.

mod baseline;
mod effective;
mod ignore;
mod layer;
mod lists;
mod load;
mod locate;
mod locks;
mod parse;
mod raw;
mod resolve;
mod waiver;

pub use baseline::{BASELINE_VERSION, Baseline, BaselineEntry, RawBaseline, render_baseline};
pub use effective::EffectiveValue;
pub use ignore::{Ignore, MARK, Reach, ignores};
pub use layer::Layer;
pub use lists::{ListError, OpenList};
pub(crate) use load::problem_of;
pub use load::{MemoryFiles, PolicyFile, PolicyFiles, PolicySource};
pub use locate::Locator;
pub(crate) use parse::{located, parse_rule};
pub use raw::{
    Blocklist, BlocklistFormat, Extends, InlineIgnores, OnUnknown, Override, RawPolicy, Scope as RawScope,
    SeverityOverride, Submodules, Waiver as RawWaiver, WaiverTerm, WaiverTerms,
};
pub(crate) use resolve::path_matches;
pub use resolve::{Facet, FailOn, Policy, Selection, Uncertain, WaiverClaim};
pub use waiver::{Waiver, WaiverUse};

use std::ops::Range;
use std::sync::Arc;

/// An error in a file people write, at its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyError {
    /// The file.
    pub path: String,
    /// Its text.
    pub text: Arc<str>,
    /// The bytes to point at.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl PolicyError {
    /// Line and column, from 1.
    pub fn position(&self) -> (usize, usize) {
        let before = self.text.get(..self.span.start).unwrap_or_default();
        let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
        (crate::source::line_at(&self.text, self.span.start), column)
    }
}

impl std::fmt::Display for PolicyError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (line, column) = self.position();
        write!(f, "{}:{line}:{column}: {}", self.path, self.message)
    }
}

impl std::error::Error for PolicyError {}
