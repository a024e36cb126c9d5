//! What the terminal can do: colours, width, box-drawing characters, links, a line that is drawn again.

use std::io::IsTerminal as _;

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
    Style { color, unicode: unicode(), width: width(), verbose, quiet, ..Style::default() }
}

/// Whether standard error is a terminal on which a line can be drawn again, and somebody looks at it.
pub(super) fn progress() -> bool {
    std::io::stderr().is_terminal() && variable("CI").is_none() && moves()
}

/// Whether standard output is a terminal that takes links (OSC 8). Others show nothing of them or, a few, rubbish: only those
/// that are known get any. Who wants no colours wants no other escapes.
pub(super) fn links(color: bool) -> bool {
    /// A variable, and the version in it from which on.
    type Since = Option<(&'static str, [u32; 2])>;
    /// Variable, what it starts with, and since when: terminals that take links.
    const TERMINALS: [(&str, &str, Since); 16] = [
        ("TERM_PROGRAM", "iTerm.app", Some(("TERM_PROGRAM_VERSION", [3, 1]))),
        ("TERM_PROGRAM", "tmux", Some(("TERM_PROGRAM_VERSION", [3, 4]))),
        ("TERM_PROGRAM", "vscode", Some(("TERM_PROGRAM_VERSION", [1, 72]))),
        ("TERM_PROGRAM", "WezTerm", None),
        ("TERM_PROGRAM", "ghostty", None),
        ("TERM_PROGRAM", "Hyper", None),
        ("TERM_PROGRAM", "mintty", None),
        ("TERM_PROGRAM", "rio", None),
        ("TERM_PROGRAM", "WarpTerminal", None),
        ("TERM", "xterm-kitty", None),
        ("TERM", "xterm-ghostty", None),
        ("TERM", "alacritty", None),
        ("TERM", "foot", None),
        ("VTE_VERSION", "", Some(("VTE_VERSION", [5000, 0]))),
        ("KONSOLE_VERSION", "", Some(("KONSOLE_VERSION", [201_200, 0]))),
        ("WT_SESSION", "", None),
    ];
    let known = || {
        TERMINALS.iter().any(|(name, start, since)| {
            variable(name).is_some_and(|value| value.starts_with(start))
                && since.is_none_or(|(name, since)| variable(name).is_some_and(|value| version(&value) >= since))
        })
    };
    // Within tmux and screen the variables of the terminal around them are seen, too, but they are who is written to.
    let within = || variable("TMUX").is_some() || variable("STY").is_some();
    let is_tmux = || variable("TERM_PROGRAM").is_some_and(|program| program == "tmux");
    color
        && std::io::stdout().is_terminal()
        && variable("CI").is_none()
        && moves()
        && (!within() || is_tmux())
        && known()
}

/// `3.4` and `3.4a` are 3 and 4.
fn version(text: &str) -> [u32; 2] {
    let mut numbers = text.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().unwrap_or(0));
    [numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)]
}

/// Whether it is more than a printer.
fn moves() -> bool {
    cfg!(windows) || variable("TERM").is_some_and(|term| term != "dumb")
}

#[allow(clippy::disallowed_methods, reason = "this is the module that may look at the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

#[allow(clippy::disallowed_methods, reason = "this is the module that may look at the environment")]
pub(super) fn width() -> usize {
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
