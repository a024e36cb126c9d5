//! What the terminal can do: colours, width, box-drawing characters.

use anstream::stream::RawStream;

use super::When;
use crate::report::human::Style;

/// Whether to write colours to a stream: NO_COLOR, CLICOLOR and the terminal decide, unless the user did.
pub(super) fn color(when: When, stream: &impl RawStream) -> bool {
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto => anstream::AutoStream::choice(stream) != anstream::ColorChoice::Never,
    }
}

/// How to draw for people.
pub(super) fn style(color: bool, verbose: bool, quiet: bool) -> Style {
    Style { color, unicode: unicode(), width: width(), verbose, quiet, suppressed: false }
}

#[allow(clippy::disallowed_methods, reason = "this is the module that may look at the environment")]
fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let terminal = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    columns.or_else(terminal).unwrap_or(100).clamp(40, 120)
}

/// The C locale has ASCII only; a pipe gets the same as a terminal of its locale would.
#[allow(clippy::disallowed_methods, reason = "this is the module that may look at the environment")]
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    locale.is_none_or(|locale| {
        let locale = locale.to_ascii_lowercase();
        locale.contains("utf-8") || locale.contains("utf8")
    })
}
