//! Domain names: public suffixes, internationalised labels, .onion addresses.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;
use sha3::{Digest as _, Sha3_256};
use unicode_normalization::is_nfc;

/// The crate that carries the public suffix list, and the day it was published; a test holds it against Cargo.lock.
pub(crate) const PUBLIC_SUFFIX_LIST: &str = "psl 2.1.247 of 2026-11-05";

/// How a name stands to the public suffix list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Suffix {
    /// The top-level domain is in no registry.
    Unknown,
    /// The name has a public suffix, and is more than that.
    Below,
    /// The name is itself a suffix under which a registry (the ICANN part) sells names.
    Registry,
    /// The name is itself a suffix under which a private operator hands out names.
    Private,
}

/// Looks a name up; `name` is in A-label form without a trailing dot.
pub(crate) fn suffix(name: &str) -> Suffix {
    let lower = lower(name);
    let Some(suffix) = psl::suffix(lower.as_bytes()) else { return Suffix::Unknown };
    match suffix.typ() {
        None => Suffix::Unknown,
        Some(_) if suffix.as_bytes().len() < lower.len() => Suffix::Below,
        Some(psl::Type::Icann) => Suffix::Registry,
        Some(psl::Type::Private) => Suffix::Private,
    }
}

/// Whether the top-level domain is one of the public DNS.
///
/// Some have no rule of their own in the list, only rules for names below them (`*.np`, `co.za`), so the whole name is looked up.
pub(crate) fn has_public_tld(name: &str) -> bool {
    /// Top-level domains without a rule that covers all names below them.
    const WITHOUT_RULE: [&str; 1] = ["za"];
    let name = lower(name);
    psl::suffix(name.as_bytes()).is_some_and(|suffix| suffix.typ().is_some())
        || name.rsplit_once('.').is_some_and(|(_, tld)| WITHOUT_RULE.contains(&tld))
}

fn lower(text: &str) -> Cow<'_, str> {
    if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(text.to_ascii_lowercase())
    } else {
        Cow::Borrowed(text)
    }
}

/// The rest of a label behind `xn--`.
///
/// Labels that are too long for the DNS are not decoded: that takes the square of their length, and they are malformed anyway.
fn punycode(label: &str) -> Option<&str> {
    const LONGEST: usize = 63;
    label
        .get(..4)
        .filter(|prefix| label.len() <= LONGEST && prefix.eq_ignore_ascii_case("xn--"))
        .and_then(|_| label.get(4..))
}

/// The Unicode form of an A-label that decodes; `None` for every other label.
pub(crate) fn unicode(label: &str) -> Option<String> {
    punycode(label).and_then(|encoded| idna::punycode::decode_to_string(&lower(encoded)))
}

/// What is wrong with a label that starts with `xn--` (RFC 5890 section 2.3.2.1, RFC 5891 section 5.4).
/// Without `idna_2008` only the Punycode and its normalization count, as for a P-label of TLS BR 1.6.1.
pub(crate) fn a_label_problem(label: &str, idna_2008: bool) -> Option<String> {
    // RFC 5892 section 2.1: what letters and digits are; the exceptions of section 2.6; joiners, whose context UTS #46 judges.
    static PERMITTED: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let letters = r"\p{Ll}\p{Lo}\p{Lm}\p{Mn}\p{Mc}\p{Nd}";
        let exceptions = r"\u{B7}\u{375}\u{5F3}\u{5F4}\u{6FD}\u{6FE}\u{F0B}\u{3007}\u{30FB}\u{200C}\u{200D}";
        Regex::new(&format!(r"\A[-{letters}{exceptions}]*\z")).ok()
    });
    let encoded = lower(punycode(label)?);
    let Some(decoded) = idna::punycode::decode_to_string(&encoded) else {
        return Some("is no Punycode behind its xn--".to_owned());
    };
    if decoded.is_ascii() {
        return Some(format!("stands for {decoded:?}, which needs no xn--"));
    }
    let again = idna::punycode::encode_str(&decoded);
    if again.is_none_or(|again| again != encoded) {
        return Some(format!("stands for {decoded:?}, whose Punycode is another"));
    }
    if !is_nfc(&decoded) {
        return Some(format!("stands for {decoded:?}, which is not in Unicode normalization form C"));
    }
    if !idna_2008 {
        return None;
    }
    if let Some(odd) = PERMITTED
        .as_ref()
        .filter(|permitted| !permitted.is_match(&decoded))
        .and_then(|permitted| decoded.chars().find(|character| !permitted.is_match(character.encode_utf8(&mut [0; 4]))))
    {
        return Some(format!(
            "stands for {decoded:?}, and U+{:04X} may not be part of a domain name (IDNA 2008)",
            u32::from(odd)
        ));
    }
    let processed =
        idna::uts46::Uts46::new().to_unicode(label.as_bytes(), idna::AsciiDenyList::STD3, idna::uts46::Hyphens::Check);
    processed.1.err().map(|_| format!("stands for {decoded:?}, which is no valid label (IDNA 2008, UTS #46)"))
}

/// Whether two domain names are the same, without regard to case and in A-label form.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
        || (!(one.is_ascii() && other.is_ascii())
            && one.len().max(other.len()) <= 1000
            && idna::domain_to_ascii(one).is_ok_and(|one| idna::domain_to_ascii(other).is_ok_and(|other| one == other)))
}

/// Whether a label is reserved: `--` in its third and fourth place without being an A-label (RFC 5890 section 2.3.1).
pub(crate) fn is_reserved_ldh(label: &str) -> bool {
    label.as_bytes().get(2..4) == Some(b"--") && !label.get(..2).is_some_and(|start| start.eq_ignore_ascii_case("xn"))
}

/// What is wrong with the label before `.onion` (Tor rend-spec v3, section "Encoding onion addresses"); `None` for other names.
pub(crate) fn onion_problem(name: &str) -> Option<&'static str> {
    let lower = lower(name);
    let address = lower.strip_suffix(".onion")?.rsplit('.').next().unwrap_or_default();
    if address.len() == 16 {
        return Some("is a version 2 onion address, which Tor no longer serves");
    }
    if address.len() != 56 {
        return Some("has no onion address of 56 characters before .onion");
    }
    let mut alphabet = data_encoding::Specification::new();
    alphabet.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    let Some(octets) = alphabet.encoding().ok().and_then(|base32| base32.decode(address.as_bytes()).ok()) else {
        return Some("has an onion address that is not base32");
    };
    let (key, tail) = octets.split_at_checked(32)?;
    let (checksum, version) = tail.split_at_checked(2)?;
    if version != [3] {
        return Some("has an onion address of a version other than 3");
    }
    let digest = Sha3_256::new().chain_update(b".onion checksum").chain_update(key).chain_update(version).finalize();
    (digest.get(..2) != Some(checksum)).then_some("has an onion address whose checksum is wrong")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suffixes() {
        assert_eq!(suffix("co.uk"), Suffix::Registry);
        assert_eq!(suffix("CO.UK"), Suffix::Registry);
        assert_eq!(suffix("acme.co.uk"), Suffix::Below);
        assert_eq!(suffix("github.io"), Suffix::Private);
        assert_eq!(suffix("acme.internal"), Suffix::Unknown);
        assert_eq!(suffix("localhost"), Suffix::Unknown);
        for name in
            ["acme.example.com", "a.xn--p1ai", "www.takealot.co.za", "nic.za", "www.gov.np", "bankpng.com.pg", "www.ck"]
        {
            assert!(has_public_tld(name), "{name}");
        }
        for name in ["acme.corp", "localhost", "za", "a.b.internal"] {
            assert!(!has_public_tld(name), "{name}");
        }
    }

    #[test]
    fn a_labels() {
        assert_eq!(a_label_problem("xn--bcher-kva", true), None);
        assert_eq!(a_label_problem("XN--BCHER-KVA", true), None);
        assert_eq!(a_label_problem("plain", true), None);
        assert_eq!(a_label_problem("xn--strae-oqa", true), None, "straße is a name of IDNA 2008");
        let decomposed = format!("xn--{}", idna::punycode::encode_str("bu\u{308}cher").expect("Punycode"));
        for (label, part) in [
            ("xn--a-\u{e9}", "no Punycode"),
            ("xn--zz--", "no"),
            ("xn--abc-", "needs no xn--"),
            ("xn--i-7iq", "IDNA 2008"),
            (decomposed.as_str(), "normalization"),
        ] {
            let problem = a_label_problem(label, true);
            assert!(problem.as_ref().is_some_and(|problem| problem.contains(part)), "{label}: {problem:?}");
            assert_eq!(a_label_problem(label, false).is_some(), part != "IDNA 2008", "{label}");
        }
    }

    #[test]
    fn labels_too_long_for_the_dns_cost_nothing() {
        let label = format!("xn--{}", "a".repeat(500_000));
        assert_eq!((a_label_problem(&label, true), unicode(&label)), (None, None));
    }

    #[test]
    fn onions() {
        let good = "2gzyxa5ihm7nsggfxnu52rck2vv4rvmdlkiu3zzui5du4xyclen53wid.onion";
        assert_eq!(onion_problem(good), None);
        assert_eq!(onion_problem(&format!("www.{good}")), None);
        assert_eq!(onion_problem("example.com"), None);
        assert!(onion_problem(&good.replace("2gz", "3gz")).is_some_and(|problem| problem.contains("checksum")));
        assert!(onion_problem("expyuzz4wqqyqhjn.onion").is_some_and(|problem| problem.contains("version 2")));
        assert!(onion_problem("acme.onion").is_some());
    }

    #[test]
    fn the_list_is_the_one_in_the_lock_file() {
        let lock = include_str!("../../Cargo.lock");
        let version = lock.split("name = \"psl\"\nversion = \"").nth(1).and_then(|rest| rest.split('"').next());
        let told = PUBLIC_SUFFIX_LIST.split(' ').nth(1);
        assert_eq!(version, told, "the date of the list is to be looked up anew");
    }
}
