//! E-mail addresses: Mailbox of RFC 5321 section 4.1.2, and SmtpUTF8Mailbox of RFC 9598.

use email_address::{EmailAddress, Options};

/// What is wrong with an address.
pub(crate) fn problem(text: &str) -> Option<String> {
    if !text.contains('@') {
        return Some("has no @".to_owned());
    }
    if text.contains(['<', '>']) {
        return Some("has angle brackets; only the mailbox belongs there".to_owned());
    }
    let options = Options::default().without_display_text().with_domain_literal();
    EmailAddress::parse_with_options(text, options).err().map(|error| {
        let told = error.to_string();
        format!("is no mailbox: {}", told.trim_end_matches('.').to_lowercase())
    })
}

/// Whether two addresses are the same mailbox: the host without regard to case and in A-label form (RFC 5280 section 7.5, RFC 9598 section 5).
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    match (one.rsplit_once('@'), other.rsplit_once('@')) {
        (Some((local, host)), Some((other_local, other_host))) => {
            local == other_local && super::domain::is_same(host, other_host)
        }
        _ => one == other,
    }
}

/// What is wrong with a SmtpUTF8Mailbox (RFC 9598 section 3).
pub(crate) fn smtp_utf8_problem(text: &str) -> Option<&'static str> {
    let Some((local, domain)) = text.rsplit_once('@') else { return Some("has no @") };
    match () {
        () if text.starts_with('\u{FEFF}') => Some("starts with a byte order mark"),
        () if local.is_ascii() => Some("has only ASCII before the @, which an rfc822Name is for"),
        () if !domain.is_ascii() => Some("has a domain that is not in A-label form"),
        () if domain.bytes().any(|byte| byte.is_ascii_uppercase()) => Some("has capital letters in its domain"),
        () if problem(text).is_some() => Some("is no mailbox"),
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mailboxes() {
        for good in [
            "ada@example.com",
            "\"a b\"@example.com",
            "a+b@example.com",
            "ada@[192.0.2.1]",
            "ada@xn--bcher-kva.example",
        ] {
            assert_eq!(problem(good), None, "{good}");
        }
        for bad in [
            "ada",
            "Ada <ada@example.com>",
            "@example.com",
            "ada@",
            "a b@example.com",
            "ada@exam ple.com",
            "a..b@example.com",
            "ada@-example.com",
        ] {
            assert!(problem(bad).is_some(), "{bad}");
        }
    }

    #[test]
    fn hosts_are_compared_in_a_label_form() {
        assert!(is_same("用户@例子.中国", "用户@xn--fsqu00a.xn--fiqs8s"));
        assert!(is_same("ada@Example.com", "ada@example.COM") && !is_same("Ada@example.com", "ada@example.com"));
    }

    #[test]
    fn international_mailboxes() {
        assert_eq!(smtp_utf8_problem("jürgen@example.com"), None);
        for bad in
            ["ada@example.com", "jürgen@Example.com", "jürgen@bücher.example", "jürgen", "\u{FEFF}jürgen@example.com"]
        {
            assert!(smtp_utf8_problem(bad).is_some(), "{bad}");
        }
    }
}
