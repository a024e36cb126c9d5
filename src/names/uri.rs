//! URIs (RFC 3986) and SPIFFE ids.

use fluent_uri::Uri;

/// What is wrong with a URI name: it is absolute, with a scheme and something behind it (RFC 5280 section 4.2.1.6).
pub(crate) fn problem(text: &str) -> Option<String> {
    match Uri::parse(text) {
        Ok(uri)
            if uri.authority().is_none_or(|authority| authority.as_str().is_empty())
                && uri.path().as_str().is_empty() =>
        {
            Some("has nothing behind its scheme".to_owned())
        }
        Ok(_) => None,
        Err(_) if !has_scheme(text) => Some("has no scheme".to_owned()),
        Err(_) => Some("has characters or a form that a URI cannot have (RFC 3986)".to_owned()),
    }
}

fn has_scheme(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    })
}

/// The host of a URI that has an authority; empty where it names none.
pub(crate) fn host(text: &str) -> Option<String> {
    let uri = Uri::parse(text).ok()?;
    Some(uri.authority()?.host().trim_start_matches('[').trim_end_matches(']').to_owned())
}

/// Whether a URI is of the scheme spiffe.
pub(crate) fn is_spiffe(text: &str) -> bool {
    text.split_once(':').is_some_and(|(scheme, _)| scheme.eq_ignore_ascii_case("spiffe"))
}

/// What is wrong with a SPIFFE id (SPIFFE-ID, section 2).
pub(crate) fn spiffe_problem(text: &str) -> Option<&'static str> {
    if text.len() > 2048 {
        return Some("has more than 2048 bytes");
    }
    let Some(rest) =
        text.get(..9).filter(|scheme| scheme.eq_ignore_ascii_case("spiffe://")).and_then(|_| text.get(9..))
    else {
        return Some("does not start with spiffe://");
    };
    if rest.contains(['?', '#']) {
        return Some("has a query or a fragment");
    }
    let (domain, path) = rest.split_once('/').map_or((rest, None), |(domain, path)| (domain, Some(path)));
    let trust_domain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b".-_".contains(&byte);
    match () {
        () if domain.is_empty() => return Some("has no trust domain"),
        () if domain.contains('@') => return Some("has user information"),
        () if domain.contains(':') => return Some("has a port"),
        () if !domain.bytes().all(trust_domain) => {
            return Some("has a trust domain with characters other than a-z, 0-9, dots, hyphens and underscores");
        }
        () if domain.len() > 255 => return Some("has a trust domain of more than 255 bytes"),
        () => {}
    }
    path?.split('/').find_map(|segment| match segment {
        "" => Some("has an empty path segment or a slash at its end"),
        "." | ".." => Some("has a relative path segment"),
        _ if !segment.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte)) => {
            Some("has a path with characters other than letters, digits, dots, hyphens and underscores")
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uris() {
        for good in [
            "https://example.com/",
            "urn:uuid:1b4e28ba-2fa1-11d2-883f-0016d3cca427",
            "sip:ada@example.com",
            "spiffe://a/b",
            "tag:example.com,2022:x",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "example.com/path",
            "https:",
            "https://",
            "//example.com",
            "https://exa mple.com",
            "https://example.com/<x>",
            "1http://a",
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
        assert_eq!(host("https://ada@example.com:8443/x").as_deref(), Some("example.com"));
        assert_eq!(host("https://[2001:db8::1]/").as_deref(), Some("2001:db8::1"));
        assert_eq!(host("urn:a:b"), None);
    }

    #[test]
    fn spiffe_ids() {
        for good in ["spiffe://acme.example/ns/web/sa/shop", "spiffe://acme.example", "SPIFFE://acme.example/a"] {
            assert_eq!(spiffe_problem(good), None, "{good}");
        }
        for bad in [
            "spiffe:///a",
            "spiffe://Acme/a",
            "spiffe://a:8080/b",
            "spiffe://u@a/b",
            "spiffe://a/b?c",
            "spiffe://a/b#c",
            "spiffe://a/b/",
            "spiffe://a//b",
            "spiffe://a/../b",
            "spiffe://a/b%20c",
            "https://a/b",
        ] {
            assert!(spiffe_problem(bad).is_some(), "{bad}");
        }
    }
}
