//! Text inside XML and HTML, as content or in quotes: nothing of it is markup, a reference or a command.
//! The same five references serve both languages; what XML 1.0 cannot hold at all is an escape by then.
//! A report on standard output lands in the log of a runner, so what a runner obeys is broken by references, too.

use super::sanitise;

/// One line of text; line feeds become `\n`.
pub(super) fn line(text: &str) -> String {
    escaped(&sanitise::line(text))
}

/// Text of several lines, in which line feeds stay.
pub(super) fn lines(text: &str) -> String {
    escaped(&sanitise::lines(text))
}

/// Text that was made harmless before, with its line feeds.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + text.len() / 8);
    let mut before = '\0';
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            // `##[command]` and `##vso[command]` anywhere, `::command::` at the start of a line.
            '#' if before == '#' => out.push_str("&#35;"),
            ':' if before == ':' => out.push_str("&#58;"),
            _ => out.push(character),
        }
        before = character;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_markup_or_a_command() {
        assert_eq!(
            line("<b a=\"x\" c='y'>&\n\u{0}\u{FFFF}"),
            "&lt;b a=&quot;x&quot; c=&#39;y&#39;&gt;&amp;\\n\\u{0}\\u{ffff}"
        );
        assert_eq!(lines("##vso[x]\n::error::y\n\u{202e}"), "#&#35;vso[x]\n:&#58;error:&#58;y\n\\u{202e}");
    }
}
