//! csrlint lints certificate signing requests before a CA sees them.
//!
//! This is the library the command line is a thin caller of. Data flows one way:
//! a [`source::Tree`] lists and reads files, [`read`] finds the artifacts in them, [`check`]s judge those, and the
//! [`engine::Engine`] settles the outcomes into a [`report::Report`]. Nothing here has a clock, a working directory or
//! globals; the day to judge as of comes in with the [`policy::Policy`], and only a `DiskTree` touches a disk.
//!
//! ```
//! use csrlint::catalogue::Catalogue;
//! use csrlint::engine::{Engine, Keep, RunOptions};
//! use csrlint::policy::{Policy, Selection};
//! use csrlint::source::{FilePath, MemoryTree};
//!
//! # fn main() -> Result<(), String> {
//! let policy = Policy::isolated(Catalogue::shipped(), Selection::default(), "2026-06-01".parse()?)?;
//! let tree = MemoryTree::new().with("web.csr", "-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n");
//! let report = Engine::new(policy, Keep::default()).run(&tree, &[FilePath::new(".")], &RunOptions::default());
//! assert_eq!(report.findings[0].rule.id, "pem/not-decodable");
//! assert_eq!(report.exit_code(), 1);
//! # Ok(())
//! # }
//! ```

pub mod catalogue;
pub mod check;
pub mod cli;
pub mod compare;
pub mod crypto;
pub mod document;
pub mod encoding;
pub mod engine;
pub mod estate;
pub mod fix;
pub mod forecast;
pub mod lists;
pub mod names;
pub mod policy;
pub mod read;
pub mod redact;
pub mod report;
pub mod request;
pub mod source;
