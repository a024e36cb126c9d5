//! Text as people see it: scripts and look-alikes (UTS #39), and text that was damaged on its way.

use unicode_script::{Script, UnicodeScript as _};
use unicode_security::MixedScript as _;

/// Whether the letters come from scripts that are not written together (UTS #39 section 5.1).
pub(crate) fn is_mixed(text: &str) -> bool {
    !text.is_ascii() && !text.is_single_script()
}

/// The ASCII text that a text without a single Latin letter looks like (UTS #39 section 4).
pub(crate) fn ascii_look_alike(text: &str) -> Option<String> {
    let foreign = |character: char| !matches!(character.script(), Script::Latin | Script::Common | Script::Inherited);
    if text.is_ascii()
        || !text.chars().any(foreign)
        || text.chars().any(|character| character.script() == Script::Latin)
    {
        return None;
    }
    let seen: String = unicode_security::skeleton(text).collect();
    seen.is_ascii().then_some(seen)
}

/// The text by its looks, without regard to case: texts that look alike are equal (UTS #39 section 4).
pub(crate) fn looks(text: &str) -> String {
    unicode_security::skeleton(&text.to_lowercase()).collect::<String>().to_lowercase()
}

/// What was meant by a text in which HTML entities were left.
pub(crate) fn html_decoded(text: &str) -> Option<String> {
    if !text.contains('&') {
        return None;
    }
    let decoded = html_escape::decode_html_entities(text);
    (decoded != text).then(|| decoded.into_owned())
}

/// What was meant by a text whose UTF-8 was read as Windows-1252 or ISO 8859-1.
pub(crate) fn mojibake_mended(text: &str) -> Option<String> {
    if text.is_ascii() {
        return None;
    }
    let (octets, _, unmappable) = encoding_rs::WINDOWS_1252.encode(text);
    if unmappable {
        return None;
    }
    let mended = String::from_utf8(octets.into_owned()).ok()?;
    // Only what is shorter was damaged that way: every lost character became two or more.
    (!mended.is_ascii() && mended.chars().count() < text.chars().count()).then_some(mended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts() {
        assert!(!is_mixed("acme") && !is_mixed("bücher") && !is_mixed("пример") && !is_mixed("日本語テスト"));
        assert!(is_mixed("pаypal"), "the second letter is Cyrillic");
        assert_eq!(ascii_look_alike("асе"), Some("ace".to_owned()));
        assert_eq!(ascii_look_alike("пример"), None);
        assert_eq!(ascii_look_alike("bücher"), None);
        assert_eq!(ascii_look_alike("acme"), None);
    }

    #[test]
    fn damage() {
        assert_eq!(html_decoded("Tom &amp; Co").as_deref(), Some("Tom & Co"));
        assert_eq!(html_decoded("Caf&eacute;").as_deref(), Some("Café"));
        assert_eq!(html_decoded("AT&T; Smith & Sons"), None);
        assert_eq!(mojibake_mended("MÃ¼nchen").as_deref(), Some("München"));
        assert_eq!(mojibake_mended("â‚¬uro").as_deref(), Some("€uro"));
        for sound in ["München", "São Paulo", "Åbo", "Kraków", "東京", "Ã"] {
            assert_eq!(mojibake_mended(sound), None, "{sound}");
        }
    }
}
