//! An organisation's own list: one key a line, as the SHA-256 of its SubjectPublicKeyInfo, with the day and the reason.
//!
//! ```text
//! # keys of the incident of March
//! 9e9a1bfa...  2026-03-14  copied from the build server, INC-4711
//! ```

use std::collections::HashMap;
use std::io;
use std::ops::Range;

use super::{KeyHashes, KeyList, ListKind, Listed};
use crate::check::Date;
use crate::request::hex;

/// A list in that format.
#[derive(Debug, Default)]
pub struct SpkiList {
    name: String,
    keys: HashMap<[u8; 32], (Option<Date>, String)>,
}

/// A line that is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpkiListError {
    /// Bytes of the text.
    pub span: Range<usize>,
    /// What is wrong.
    pub message: String,
}

impl SpkiList {
    /// Reads the text of a list; `name` is for messages. Day and reason may be left out.
    ///
    /// # Errors
    /// Every line that is no entry, at its place.
    pub fn parse(name: &str, text: &str) -> Result<Self, Vec<SpkiListError>> {
        let mut list = Self { name: name.to_owned(), keys: HashMap::new() };
        let mut errors = Vec::new();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let start = at + (line.len() - line.trim_start().len());
            at += line.len();
            let entry = line.trim();
            if entry.is_empty() || entry.starts_with('#') {
                continue;
            }
            let (digits, rest) = entry.split_once(char::is_whitespace).unwrap_or((entry, ""));
            let mut refuse = |start: usize, length: usize, message: String| {
                errors.push(SpkiListError { span: start..start + length, message });
            };
            let Some(hash) = digest(digits) else {
                // It is not repeated: whoever names the wrong file may have named a secret.
                refuse(start, digits.len(), "this is no SHA-256 in 64 hexadecimal digits".to_owned());
                continue;
            };
            let rest = rest.trim();
            let (first, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
            let looks_like_a_date =
                first.len() == 10 && first.as_bytes().iter().filter(|byte| **byte == b'-').count() == 2;
            let (date, reason) = match first.parse::<Date>() {
                Ok(date) => (Some(date), reason.trim()),
                Err(problem) if looks_like_a_date => {
                    refuse(at - line.len() + line.find(first).unwrap_or(0), first.len(), problem);
                    continue;
                }
                Err(_) => (None, rest),
            };
            list.keys.entry(hash).or_insert_with(|| (date, reason.to_owned()));
        }
        if errors.is_empty() { Ok(list) } else { Err(errors) }
    }

    /// Keys in it.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// A line of such a list.
    pub fn line(spki_sha256: &[u8; 32], date: Option<Date>, reason: &str) -> String {
        let date = date.map(|date| format!("  {date}")).unwrap_or_default();
        let reason = crate::report::sanitise::line(reason);
        let reason = if reason.is_empty() { String::new() } else { format!("  {reason}") };
        format!("{}{date}{reason}\n", hex(spki_sha256))
    }
}

fn digest(digits: &str) -> Option<[u8; 32]> {
    String::from(digits).to_ascii_lowercase().try_into().ok().map(|digest: crate::estate::Digest| digest.0)
}

impl KeyList for SpkiList {
    fn find(&self, key: &KeyHashes) -> io::Result<Option<Listed>> {
        Ok(self.keys.get(&key.spki_sha256).map(|(date, reason)| Listed {
            kind: ListKind::Compromised,
            list: self.name.clone(),
            reason: reason.clone(),
            date: *date,
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_with_and_without_day_and_reason() {
        let text = format!(
            "# a comment\n\n{}\n  {}  2026-03-14  copied, INC-1\r\n{} lost with a laptop\n",
            "ab".repeat(32),
            "CD".repeat(32),
            "ef".repeat(32)
        );
        let list = SpkiList::parse("keys.txt", &text).expect("a list");
        assert_eq!(list.len(), 3);
        let find = |octet: u8| {
            let listed = list.find(&KeyHashes { spki_sha256: [octet; 32], number_sha256: [0; 32] });
            listed.expect("in memory").map(|listed| (listed.date.map(|date| date.to_string()), listed.reason))
        };
        assert_eq!(find(0xAB), Some((None, String::new())));
        assert_eq!(find(0xCD), Some((Some("2026-03-14".to_owned()), "copied, INC-1".to_owned())));
        assert_eq!(find(0xEF), Some((None, "lost with a laptop".to_owned())));
        assert_eq!(find(0x01), None);
        let line = SpkiList::line(&[0xCD; 32], "2026-03-14".parse().ok(), "copied, INC-1");
        assert_eq!(SpkiList::parse("again", &line).expect("a list").len(), 1);
    }

    #[test]
    fn each_bad_line_is_told_at_its_place() {
        let text = format!("abc  2026-01-01  short\n{} 2026-13-01 no month\n{}\n", "ab".repeat(32), "zz".repeat(32));
        let errors = SpkiList::parse("keys.txt", &text).expect_err("errors");
        let shown: Vec<&str> = errors.iter().map(|error| &text[error.span.clone()]).collect();
        assert_eq!(shown, ["abc", "2026-13-01", &"zz".repeat(32)]);
    }
}
