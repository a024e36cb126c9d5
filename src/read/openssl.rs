//! x
use super::template::TemplateText;
use super::{Artifact, Surroundings};
pub(super) const MARKS: &[&str] = &["distinguished_name", "subjectAltName"];
pub(super) fn read(_: &TemplateText<'_>, _: &Surroundings<'_>, _: &mut Vec<Artifact>) {}
