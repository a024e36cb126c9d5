//! Characters that have no business in a name: controls, and those nobody sees.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Context, Findings, Params, RequestCheck, Stricter, Verdict};
use crate::request::{GeneralName, Request, Text};
use crate::source::Span;

/// Characters in texts of the request.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TextCharacters {
    /// Which texts.
    within: Place,
    /// Which characters.
    sets: Vec<Set>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Place {
    /// The values of the subject's attributes.
    Subject,
    /// DNS names, e-mail addresses, URIs and the text of otherNames of the subject alternative names.
    SubjectAltName,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Set {
    /// C0, C1 and DEL.
    Control,
    /// Zero-width characters, direction marks and overrides, U+FFFD, unusual blanks.
    Invisible,
}

impl Params for TextCharacters {
    const NAME: &'static str = "text-characters";
    const SUMMARY: &'static str = "Finds control and invisible characters in names.";
    const DIRECTIONS: &'static [(&'static str, Stricter)] = &[("sets", Stricter::Superset)];
}

impl RequestCheck for TextCharacters {
    fn check(&self, request: &Request, _: &Context<'_>, findings: &mut Findings) -> Verdict {
        match self.within {
            Place::Subject => {
                for attribute in request.subject.effective().into_iter().flat_map(|name| name.attributes()) {
                    if let Some(text) = attribute.value.effective().and_then(Text::whole) {
                        self.judge(text, attribute.value.span, || attribute.place(), findings);
                    }
                }
            }
            Place::SubjectAltName => {
                for (number, name) in request.names() {
                    let text = match name.effective() {
                        Some(GeneralName::Dns(text) | GeneralName::Email(text) | GeneralName::Uri(text)) => Some(text),
                        Some(GeneralName::Other(other)) => other.text.as_ref(),
                        _ => None,
                    };
                    if let Some(text) = text {
                        self.judge(text, name.span, || format!("san[{number}]"), findings);
                    }
                }
            }
        }
        Verdict::Judged
    }
}

impl TextCharacters {
    fn judge(&self, text: &str, span: Span, place: impl Fn() -> String, findings: &mut Findings) {
        let bad = |character: &char| {
            self.sets.iter().any(|set| match set {
                Set::Control => is_control(*character),
                Set::Invisible => is_invisible(*character),
            })
        };
        if text.is_ascii() && !text.bytes().any(|byte| byte < 0x20 || byte == 0x7F) {
            return;
        }
        let joins = |character: char, before: Option<char>| {
            // Joiners shape the letters of Arabic and of Indian scripts, and are part of their spelling (RFC 5892 A.1, A.2).
            matches!(character, '\u{200C}' | '\u{200D}') && before.is_some_and(crate::names::script::is_joined)
        };
        let mut before = None;
        let found = text.chars().find(|character| {
            let found = bad(character) && !joins(*character, before);
            before = Some(*character);
            found
        });
        if let Some(character) = found {
            let message = format!("The value contains U+{:04X}, {}.", u32::from(character), describe(character));
            findings.fail(span, place(), text, message);
        }
    }
}

fn is_control(character: char) -> bool {
    character.is_control()
}

/// Characters that are not seen, or that move others (UTR #36 section 2.10.1; UAX #9 section 2).
pub(crate) fn is_invisible(character: char) -> bool {
    matches!(character,
        '\u{00A0}' | '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
        | '\u{2000}'..='\u{200F}' | '\u{2028}'..='\u{202F}' | '\u{205F}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{FFF9}'..='\u{FFFD}' | '\u{E0000}'..='\u{E0FFF}')
}

fn describe(character: char) -> &'static str {
    match character {
        '\0' => "a NUL, at which some programs end the name",
        '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => {
            "which changes the direction of text"
        }
        '\u{00A0}' | '\u{202F}' => "a no-break space, which looks like a blank and is none",
        '\u{FFFD}' => "the mark of a lost character",
        _ if character.is_control() => "a control character",
        _ => "which is not seen",
    }
}
