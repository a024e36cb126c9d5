//! The report of a run and its outputs, one file per format.
//! Nothing is judged here. Every string that was not compiled in is made harmless on its way in or out.
//! The same findings in the same order give the same bytes, whatever the number of threads.

pub mod azure;
pub mod checkstyle;
pub mod concise;
pub mod csv;
pub mod diff;
pub mod evidence;
mod finding;
pub mod forecast;
pub mod github;
pub mod gitlab;
pub mod html;
pub mod human;
pub mod inspect;
pub mod json;
pub mod junit;
mod listing;
pub mod markdown;
mod markup;
pub mod ndjson;
pub mod rdjson;
pub mod sanitise;
pub mod sarif;
mod sheet;

pub use finding::{
    Expiring, Finding, IgnoreUse, Judged, NotJudged, Related, RelatedPlace, Relation, Report, RequestRef, RunError,
    RunInfo, Shown, Summary, UnreadSubmodule,
};
pub use listing::{Excerpt, Listing};
pub use sheet::Sheet;

/// The name under which formats that know findings only tell what could not be read or judged. It is no rule.
pub const FAILURE: &str = "csrlint/failure";

/// The name under which such formats tell of submodules that are not there. It is no rule either.
pub const SUBMODULE: &str = "csrlint/submodule-not-read";

/// `1 finding`, `2 findings`; `1 entry`, `2 entries`.
pub fn several(count: usize, one: &str) -> String {
    match (count, one) {
        (1, _) => format!("1 {one}"),
        (_, "entry") => format!("{count} entries"),
        _ => format!("{count} {one}s"),
    }
}
