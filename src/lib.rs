//! csrlint lints certificate signing requests before a CA sees them.
pub mod check;
pub mod crypto;
pub mod encoding;
pub mod estate;
pub mod read;
pub mod request;
pub mod source;
