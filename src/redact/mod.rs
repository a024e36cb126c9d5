//! What of a text must not be shown: one judge of secrets for everything that puts bytes of a file before people or programs.
//! It stands on the lowest floor: it knows no formats, requests or reports, only texts, and imports nothing of them.
//! What would surprise: nothing is parsed. A secret is known by the name it stands under, or by its own form, so that a file
//! that is broken, or of a format nobody reads, keeps its secrets all the same.

mod form;
mod name;
mod pairs;
mod reference;

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, MatchKind};

pub use name::{of_provider as names_secret_of_provider, of_secret as names_secret};

/// What a byte, or a character, that is not shown is shown as.
pub const DOT: char = '·';

/// A value shorter than this is hidden where it stands, and not looked for elsewhere: too many words are like it.
const SHORTEST: usize = 6;
/// So many bytes of the values of a file are looked for in what is said of it.
const MOST_VALUES: usize = 64 * 1024;
/// One as long as this is looked for within words, too: `x_${local.token}` puts it there.
const LONG: usize = 12;
/// Longer values are looked for piece by piece.
const PIECE: usize = 64;

/// The secrets of a text.
#[derive(Debug, Clone, Default)]
pub struct Secrets {
    ranges: Vec<Range<usize>>,
    values: Option<AhoCorasick>,
    /// Those of texts that this one takes values from.
    others: Vec<Arc<Secrets>>,
}

impl Secrets {
    /// Finds them, in time that grows with the length of the text only.
    pub fn of(text: &[u8]) -> Self {
        let ranges = ranges(text);
        let values = values(text, &ranges);
        Self { ranges, values, others: Vec::new() }
    }

    /// Of a text of which nothing is to be shown: every word is one.
    pub fn all_of(text: &[u8]) -> Self {
        let words = text.split(u8::is_ascii_whitespace);
        let start = |word: &[u8]| word.as_ptr() as usize - text.as_ptr() as usize;
        let ranges = merged(words.map(|word| start(word)..start(word) + word.len()).collect());
        let values = values(text, &ranges);
        Self { ranges, values, others: Vec::new() }
    }

    /// The same secrets in another layer: the ranges as `place` has them there, in any order.
    #[must_use]
    pub fn placed(self, place: impl Fn(&Range<usize>) -> Vec<Range<usize>>) -> Self {
        Self { ranges: merged(self.ranges.iter().flat_map(place).collect()), ..self }
    }

    /// The same, and the values of secrets of other texts, from which this one takes values.
    #[must_use]
    pub fn with(self, others: Vec<Arc<Self>>) -> Self {
        Self { others, ..self }
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// The bytes that must not be shown, in order.
    pub fn ranges(&self) -> &[Range<usize>] {
        &self.ranges
    }

    /// A text that is about this one: without the secrets of this one, wherever it quotes them, and without any of its own.
    pub fn out_of<'m>(&self, message: &'m str) -> Cow<'m, str> {
        let mut out = self.own_out_of(message);
        for other in &self.others {
            if let Cow::Owned(masked) = other.own_out_of(&out) {
                out = Cow::Owned(masked);
            }
        }
        out
    }

    fn own_out_of<'m>(&self, message: &'m str) -> Cow<'m, str> {
        let Some(values) = &self.values else { return self::message(message) };
        let is_word = |byte: Option<&u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
        let bytes = message.as_bytes();
        let quoted = values.find_iter(message).map(|found| found.range()).filter(|range| {
            // One that long is no part of a word by chance.
            range.len() >= LONG
                || !is_word(range.start.checked_sub(1).and_then(|at| bytes.get(at))) && !is_word(bytes.get(range.end))
        });
        let mut hidden: Vec<Range<usize>> = quoted.collect();
        hidden.extend(in_message(message));
        masked_text(message, &merged(hidden))
    }
}

/// A text that csrlint has written itself, and that may quote a secret: without it.
pub fn message(text: &str) -> Cow<'_, str> {
    masked_text(text, &merged(in_message(text)))
}

/// Bytes as text in which hidden ones are dots, one for each; line ends stay.
pub fn masked(bytes: &[u8], hidden: &[Range<usize>]) -> String {
    let mut out = String::with_capacity(bytes.len() + 16);
    let mut at = 0;
    for range in hidden {
        out.push_str(&String::from_utf8_lossy(bytes.get(at..range.start).unwrap_or_default()));
        for byte in bytes.get(range.start.max(at)..range.end).unwrap_or_default() {
            out.push(if matches!(byte, b'\n' | b'\r') { char::from(*byte) } else { DOT });
        }
        at = range.end.max(at);
    }
    out.push_str(&String::from_utf8_lossy(bytes.get(at..).unwrap_or_default()));
    out
}

/// The ranges in order, none of which touch; the ones of another length are cut to what there is.
pub fn merged(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.retain(|range| range.start < range.end);
    ranges.sort_by_key(|range| range.start);
    let mut out: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match out.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => out.push(range),
        }
    }
    out
}

fn ranges(text: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    form::private_keys(text, &mut found);
    form::tokens(text, &mut found);
    form::addresses(text, &mut found);
    pairs::of_file(text, &mut found);
    merged(found)
}

fn in_message(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    form::private_keys(text.as_bytes(), &mut found);
    form::tokens(text.as_bytes(), &mut found);
    form::addresses(text.as_bytes(), &mut found);
    pairs::of_message(text.as_bytes(), &mut found);
    found
}

/// A search for the values, as they are written and as somebody might repeat them.
fn values(text: &[u8], ranges: &[Range<usize>]) -> Option<AhoCorasick> {
    let mut values: BTreeSet<String> = BTreeSet::new();
    let mut left = MOST_VALUES;
    for range in ranges {
        let range = range.start..range.end.min(range.start + left);
        left -= range.len();
        let written = String::from_utf8_lossy(text.get(range).unwrap_or_default());
        for line in written.lines().map(str::trim).filter(|line| is_telling(line)) {
            let plain = unescaped(line);
            for value in [line, plain.as_ref()] {
                for piece in pieces(value) {
                    values.insert(piece.escape_debug().to_string());
                    values.insert(piece);
                }
            }
        }
    }
    if values.is_empty() {
        return None;
    }
    AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(values).ok()
}

/// A value as it is looked for.
fn pieces(value: &str) -> Vec<String> {
    if value.len() <= 3 * PIECE {
        return vec![value.to_owned()];
    }
    let characters: Vec<char> = value.chars().collect();
    characters.chunks(PIECE).filter(|piece| piece.len() == PIECE).map(|piece| piece.iter().collect()).collect()
}

/// Whether a value is one that is in no text by chance: not `2048`, not `password`.
fn is_telling(value: &str) -> bool {
    let is_word = value.chars().all(|c| c.is_ascii_lowercase()) || value.chars().all(|c| c.is_ascii_uppercase());
    value.len() >= SHORTEST && !(is_word && (value.len() < 8 || name::of_secret(value)))
}

/// Without the backslashes of JSON, C and the shell.
fn unescaped(text: &str) -> Cow<'_, str> {
    if !text.contains('\\') {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match character {
            '\\' => match characters.next() {
                Some('u') => {
                    let digits: String = characters.clone().take(4).collect();
                    match u32::from_str_radix(&digits, 16).ok().and_then(char::from_u32) {
                        Some(named) => {
                            out.push(named);
                            characters.nth(3);
                        }
                        None => out.push('u'),
                    }
                }
                Some(next) => out.push(next),
                None => {}
            },
            _ => out.push(character),
        }
    }
    Cow::Owned(out)
}

fn masked_text<'t>(text: &'t str, hidden: &[Range<usize>]) -> Cow<'t, str> {
    if hidden.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut next = hidden.iter().peekable();
    let mut out = String::with_capacity(text.len());
    for (at, character) in text.char_indices() {
        while next.next_if(|range| range.end <= at).is_some() {}
        let is_hidden = next.peek().is_some_and(|range| range.contains(&at));
        out.push(if is_hidden && !character.is_whitespace() { DOT } else { character });
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests;
