//! What this room is for: what standards and registries say of names: domains, scripts, addresses, countries, identifiers.
//! What must not be in it: requests, spans, rules, severities. Functions take text and answer with text; libraries do the knowing.
//! What would surprise: a problem is described by the end of a sentence ("has no scheme"), which the caller begins.

pub(crate) mod country;
pub(crate) mod domain;
pub(crate) mod identifier;
pub(crate) mod mailbox;
pub(crate) mod script;
pub(crate) mod uri;

/// The registries that are compiled in, with the day each is of.
pub fn registries() -> Vec<(&'static str, String)> {
    vec![
        ("public suffix list", domain::PUBLIC_SUFFIX_LIST.to_owned()),
        ("Unicode confusables (UTS #39)", unicode_version(unicode_security::UNICODE_VERSION)),
        ("Unicode scripts (UAX #24)", unicode_version(unicode_script::UNICODE_VERSION)),
        ("ISO 3166-1 countries", format!("{} codes", rust_iso3166::ALL.len())),
    ]
}

fn unicode_version((major, minor, update): (u64, u64, u64)) -> String {
    format!("{major}.{minor}.{update}")
}
