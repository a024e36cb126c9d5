//! Types of attributes, extensions, purposes and names in parameters: by any name csrlint knows, or as an OID.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::request::Oid;

/// An object identifier, written as one of its names or in dots.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct OidName(pub(crate) Oid);

impl OidName {
    /// Whether a list has this OID.
    pub(crate) fn listed(names: &[Self], oid: &Oid) -> bool {
        names.iter().any(|name| name.0 == *oid)
    }

    /// The names of a list as one line.
    pub(crate) fn labels(names: &[Self]) -> String {
        let labels: Vec<String> = names.iter().map(|name| name.0.label()).collect();
        if labels.is_empty() { "none".to_owned() } else { labels.join(", ") }
    }
}

impl<'de> Deserialize<'de> for OidName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Oid::from_name(&name)
            .map(Self)
            .ok_or_else(|| serde::de::Error::custom(format!("{name:?} is no name csrlint knows, and no OID")))
    }
}

impl JsonSchema for OidName {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "OidName".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "description": "A name such as CN, organization, serverAuth or keyUsage, or an OID." })
    }
}
