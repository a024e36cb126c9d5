//! Text as people see it: scripts and look-alikes (UTS #39), and text that was damaged on its way.

use unicode_script::{Script, UnicodeScript as _};
use unicode_security::MixedScript as _;
use unicode_security::restriction_level::{RestrictionLevel, RestrictionLevelDetection as _};

/// Whether the letters come from scripts that are not written together: not of one script, and not highly restrictive
/// (Latin with Chinese, Japanese or Korean; UTS #39 section 5.2).
pub(crate) fn is_mixed(text: &str) -> bool {
    !text.is_ascii()
        && !text.is_single_script()
        && text.detect_restriction_level() != RestrictionLevel::HighlyRestrictive
}

/// Whether a letter is of a script whose spelling has joiners: Arabic and its kin, and those of India and its neighbours.
pub(crate) fn is_joined(character: char) -> bool {
    use Script::{
        Arabic, Bengali, Devanagari, Gujarati, Gurmukhi, Kannada, Khmer, Malayalam, Mongolian, Myanmar, Oriya, Sinhala,
        Syriac, Tamil, Telugu,
    };
    matches!(
        character.script(),
        Arabic
            | Bengali
            | Devanagari
            | Gujarati
            | Gurmukhi
            | Kannada
            | Khmer
            | Malayalam
            | Mongolian
            | Myanmar
            | Oriya
            | Sinhala
            | Syriac
            | Tamil
            | Telugu
    )
}

/// Whether two texts have a letter of the same script, other than Latin.
pub(crate) fn share_script(one: &str, other: &str) -> bool {
    let foreign = |script: &Script| !matches!(script, Script::Latin | Script::Common | Script::Inherited);
    one.chars()
        .map(|character| character.script())
        .filter(foreign)
        .any(|script| other.chars().any(|character| character.script() == script))
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
    let mut octets = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character)) {
            // ISO 8859-1, which is what openssl takes a configuration without utf8=yes for.
            Ok(octet) => octets.push(octet),
            Err(_) => {
                let mut units = [0; 4];
                let (encoded, _, unmappable) = encoding_rs::WINDOWS_1252.encode(character.encode_utf8(&mut units));
                if unmappable {
                    return None;
                }
                octets.extend_from_slice(&encoded);
            }
        }
    }
    let mended = String::from_utf8(octets).ok()?;
    // Only what is shorter was damaged that way: every lost character became two or more.
    let shorter = !mended.is_ascii() && mended.chars().count() < text.chars().count();
    // It may have happened more than once.
    shorter.then(|| mojibake_mended(&mended).unwrap_or(mended))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts() {
        assert!(!is_mixed("acme") && !is_mixed("bücher") && !is_mixed("пример") && !is_mixed("日本語テスト"));
        for written_together in ["淘宝taobao", "株式会社abc", "한글abc", "カタカナabc"] {
            assert!(!is_mixed(written_together), "{written_together}");
        }
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
        assert_eq!(mojibake_mended("MÃƒÂ¼ller").as_deref(), Some("Müller"), "twice");
        assert_eq!(mojibake_mended("GrÃ\u{96}SSE").as_deref(), Some("GrÖSSE"), "a control character of ISO 8859-1");
        for sound in ["München", "São Paulo", "Åbo", "Kraków", "東京", "Ã"] {
            assert_eq!(mojibake_mended(sound), None, "{sound}");
        }
    }
}
