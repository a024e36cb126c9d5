//! The report of a run and its outputs, one file per format.
//! Nothing is judged here. Every string that was not compiled in is made harmless on its way in or out.
//! The same findings in the same order give the same bytes, whatever the number of threads.

pub mod concise;
pub mod diff;
pub mod evidence;
mod finding;
pub mod forecast;
pub mod github;
pub mod human;
pub mod inspect;
pub mod json;
mod listing;
pub mod markdown;
pub mod sanitise;
pub mod sarif;

pub use finding::{
    Expiring, Finding, IgnoreUse, Judged, NotJudged, Related, RelatedPlace, Relation, Report, RequestRef, RunError,
    RunInfo, Shown, Summary,
};
pub use listing::{Excerpt, Listing};
