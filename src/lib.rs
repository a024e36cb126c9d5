//! csrlint lints certificate signing requests before a CA sees them.
pub mod catalogue;
pub mod check;
pub mod cli;
pub mod crypto;
pub mod encoding;
pub mod engine;
pub mod estate;
pub mod policy;
pub mod read;
pub mod report;
pub mod request;
pub mod source;
