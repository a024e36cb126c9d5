//! Countries (ISO 3166-1).

/// Whether two letters are an officially assigned alpha-2 code; the case counts.
pub(crate) fn is_assigned(code: &str) -> bool {
    code.len() == 2 && rust_iso3166::from_alpha2(code).is_some_and(|country| country.alpha2 == code)
}

/// The code that is meant by one that is not assigned but in use.
pub(crate) fn meant(code: &str) -> Option<&'static str> {
    match code.to_ascii_uppercase().as_str() {
        "UK" => Some("GB"),
        "EL" => Some("GR"),
        "SU" => Some("RU"),
        "YU" => Some("RS"),
        "AN" => Some("CW, SX or BQ"),
        "TP" => Some("TL"),
        upper => {
            rust_iso3166::from_alpha3(upper).or_else(|| rust_iso3166::from_alpha2(upper)).map(|country| country.alpha2)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes() {
        assert!(is_assigned("DE") && is_assigned("SS") && is_assigned("GB"));
        assert!(
            !is_assigned("de") && !is_assigned("UK") && !is_assigned("XX") && !is_assigned("EU") && !is_assigned("DEU")
        );
        assert_eq!(meant("UK"), Some("GB"));
        assert_eq!(meant("DEU"), Some("DE"));
        assert_eq!(meant("de"), Some("DE"));
        assert_eq!(meant("ZZ"), None);
    }
}
