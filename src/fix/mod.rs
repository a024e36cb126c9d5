//! Repairs of templates: what a finding would have written, where, and how it gets into the file.
//! Nothing is judged here, and nothing but what an edit names is changed: comments, order and line ends stay.
//! Whether a repair is safe is said where it is made: one that changes the certificate or replaces a key is not.

mod apply;
mod edit;
mod knob;

pub use apply::{Applied, Patch, apply, diff};
pub use edit::{Applicability, Edit, FileEdit, FileFix, Fix};
pub use knob::repair;
