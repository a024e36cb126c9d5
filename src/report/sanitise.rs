//! Making hostile text harmless: for terminals, for logs that read commands, for viewers that read markup.
//! Nothing is dropped: what could act is shown as an escape.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Whether a character could act on a terminal or mislead a reader: controls, direction marks, zero widths. And what XML
/// cannot hold.
fn is_active(character: char) -> bool {
    character.is_control()
        || matches!(character,
            '\u{00AD}' | '\u{034F}' | '\u{061C}' | '\u{115F}' | '\u{1160}' | '\u{17B4}' | '\u{17B5}' | '\u{180B}'..='\u{180E}'
            | '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}'
            | '\u{FFA0}' | '\u{FFF9}'..='\u{FFFB}' | '\u{FFFE}' | '\u{FFFF}' | '\u{E0000}'..='\u{E0FFF}')
}

/// Text for a terminal or a log, whole lines at a time: no line is a command to the runner that keeps the log.
/// GitHub's obeys `::command::` at the start of a line and `##[command]` anywhere in it, Azure's `##vso[command]` anywhere,
/// TeamCity's `##teamcity[command]`.
pub fn log(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let indent = line.len() - line.trim_start().len();
        let (blank, rest) = line.split_at(indent);
        out.push_str(blank);
        if rest.starts_with("::") {
            out.push('\\');
        }
        out.push_str(&broken(rest, "##\\"));
    }
    out
}

/// Text in which `##`, a word or none, and `[` do not follow each other: other hash signs stand there.
pub(super) fn broken<'t>(text: &'t str, hashes: &str) -> Cow<'t, str> {
    if !text.contains("##") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut rest = text;
    while let Some(at) = rest.find("##") {
        let (before, found) = rest.split_at(at);
        let after = found.get(2..).unwrap_or_default();
        let is_command = after.trim_start_matches(|c: char| c.is_ascii_alphanumeric()).starts_with('[');
        out.push_str(before);
        // Of three signs the last two may be those of a command.
        let (taken, left) = if is_command { (hashes, after) } else { ("#", found.get(1..).unwrap_or_default()) };
        out.push_str(taken);
        rest = left;
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// One line of text without anything that acts: `\n`, `\u{202e}` and the like instead.
pub fn line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_active) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if is_active(character) => {
                let _ = write!(out, "\\u{{{:x}}}", u32::from(character));
            }
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

/// The same for text of several lines, in which line feeds stay.
pub fn lines(text: &str) -> String {
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

/// At most so many characters, with an ellipsis for the rest.
pub fn shortened(text: &str, most: usize) -> Cow<'_, str> {
    match text.char_indices().nth(most) {
        Some((at, _)) => Cow::Owned(format!("{}…", text.get(..at).unwrap_or_default())),
        None => Cow::Borrowed(text),
    }
}

/// JSON as text in which no character acts on a terminal; parsers read the same values.
pub fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        // Outside of strings JSON has no such character but line feeds and blanks.
        if character != '\n' && is_active(character) {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(character);
        }
    }
    // A log that shows the JSON must not take a value for a command.
    broken(&out, "#\\u0023").into_owned()
}

/// Text in Markdown, also in a table: no markup, link, mention, reference or HTML comes out of it.
pub fn markdown(text: &str) -> String {
    let text = line(text);
    let mut out = String::with_capacity(text.len());
    let mut rest = text.as_ref();
    while let Some(character) = rest.chars().next() {
        // GitHub makes links of bare URLs, mentions of @name, and references of #1.
        match character {
            '\\' | '|' | '[' | ']' | '*' | '_' | '`' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(character);
            }
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '@' => out.push_str("&#64;"),
            '#' => out.push_str("&#35;"),
            ':' if rest.starts_with("://") => out.push_str("&#58;"),
            '.' if ends_with_www(&out) => out.push_str("&#46;"),
            _ => out.push(character),
        }
        rest = rest.get(character.len_utf8()..).unwrap_or_default();
    }
    out
}

fn ends_with_www(text: &str) -> bool {
    text.len().checked_sub(3).and_then(|start| text.get(start..)).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_acts() {
        assert_eq!(line("a\x1b[31m\u{202e}\nb"), "a\\u{1b}[31m\\u{202e}\\nb");
        assert_eq!(line("plain é"), "plain é");
        assert_eq!(json("{\"a\":\"\u{202e}\u{9b}\u{E0001}\"}"), "{\"a\":\"\\u202e\\u009b\\udb40\\udc01\"}");
        assert_eq!(shortened("abcdef", 3), "abc…");
        assert_eq!(
            markdown("a|b [x](http://y) @z #1 <i> www.c"),
            "a\\|b \\[x\\](http&#58;//y) &#64;z &#35;1 &lt;i&gt; www&#46;c"
        );
        assert_eq!(
            log("::error::x\n  ::add-mask::y\na ::b\n##[error]z"),
            "\\::error::x\n  \\::add-mask::y\na ::b\n##\\[error]z"
        );
        assert_eq!(log("a ###vso[x]\n##TeamCity[y] ## [z]"), "a ###\\vso[x]\n##\\TeamCity[y] ## [z]");
        assert_eq!(json("\"##vso[x]##\""), "\"#\\u0023vso[x]##\"");
    }
}
