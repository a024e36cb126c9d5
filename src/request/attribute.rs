//! Attributes of a request (RFC 2986 section 4.1; PKCS#9, RFC 2985), all values kept.
//! Values that are secrets are kept as type and length only, from the first moment on.
//! extensionRequest is an attribute too; what it asks for is in `Request::extensions`.

use super::Oid;
use crate::source::Span;

/// One attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// Its type.
    pub oid: Oid,
    /// The whole Attribute.
    pub span: Span,
    /// Its values.
    pub values: Vec<AttributeValue>,
}

/// One value of an attribute.
#[derive(Debug, Clone)]
pub struct AttributeValue {
    /// The whole element.
    pub span: Span,
    /// What may be shown of it.
    pub shown: String,
}

impl Attribute {
    /// `attributes.challengePassword` and the like.
    pub fn place(&self) -> String {
        format!("attributes.{}", self.oid.label())
    }
}
