//! Inline ignores: `csrlint: ignore[rule, ...] until=2027-03-31 -- reason` in a comment.
//! `ignore` alone on its line is for the next request that starts below it, behind something else for that line;
//! `ignore-next-line` is for the line below, `ignore-file` for the whole file. What is wrong with one is recorded as a defect; it then ignores nothing.

use memchr::memmem;

use super::WaiverClaim;
use super::waiver::{PIN_HELP, problem_of_fingerprint, problem_of_key_pin};
use crate::check::Date;
use crate::encoding::{Defect, DefectKind};
use crate::source::Span;

/// How far an ignore reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// The next request below it.
    Request,
    /// Its own line: something else stands before it there.
    Line,
    /// The line below it.
    NextLine,
    /// The file.
    File,
}

/// An ignore comment that can be honoured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Rule ids and families.
    pub rules: Vec<String>,
    /// How far it reaches.
    pub reach: Reach,
    /// Why.
    pub reason: String,
    /// The last day it holds.
    pub until: Option<Date>,
    /// Who accepted it.
    pub approved_by: Option<String>,
    /// Only for this key: the SHA-256 of its SubjectPublicKeyInfo, or the first 32 digits or more.
    pub spki_sha256: Option<String>,
    /// Only for this finding, and those exactly like it.
    pub fingerprint: Option<String>,
    /// Where it stands in the text.
    pub span: Span,
}

impl Ignore {
    /// What it says of itself.
    pub fn claim(&self) -> WaiverClaim {
        WaiverClaim {
            approver: self.approved_by.is_some(),
            pin: self.spki_sha256.is_some() || self.fingerprint.is_some(),
            until: self.until,
        }
    }
}

/// What every ignore begins with.
pub const MARK: &[u8] = b"csrlint: ignore";

/// What begins a comment in the formats that have them.
const COMMENTS: [&str; 12] = ["#", ";", "//", "/*", "*", "<!--", "{{/*", "{{-/*", "{#", "--", "rem", "::"];

/// The ignores of a text and what is wrong with others.
pub fn ignores(text: &[u8], day: Date) -> (Vec<Ignore>, Vec<Defect>) {
    let mut found = Vec::new();
    let mut defects = Vec::new();
    for at in memmem::find_iter(text, MARK) {
        let start = text.get(..at).and_then(|before| memchr::memrchr(b'\n', before)).map_or(0, |feed| feed + 1);
        let Some(alone) = comment(text.get(start..at).unwrap_or_default()) else { continue };
        let rest = text.get(at..).unwrap_or_default();
        let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
        // In bytes of the file: as text, a letter of Latin-1 is longer.
        let span = Span::text(at, at + line.trim_ascii_end().len());
        let line = String::from_utf8_lossy(line);
        let place = "ignore";
        match parse(&line, span, alone) {
            Ok(ignore) => match ignore.until.filter(|until| *until < day) {
                Some(until) => defects.push(Defect::new(
                    DefectKind::IgnoreExpired,
                    span,
                    place,
                    format!("the ignore expired on {until}"),
                )),
                None => found.push(ignore),
            },
            Err(problem) => defects.push(Defect::new(DefectKind::IgnoreWithoutReason, span, place, problem)),
        }
    }
    (found, defects)
}

/// Whether what stands before an ignore begins a comment, and if so, whether the comment is alone on its line. Explanatory text of
/// PEM files (RFC 7468 section 5.2) needs no mark: there, it stands alone.
fn comment(before: &[u8]) -> Option<bool> {
    let before = String::from_utf8_lossy(before).trim().to_ascii_lowercase();
    if before.is_empty() {
        return Some(true);
    }
    // The longest mark takes most away.
    let rest = COMMENTS.iter().filter_map(|mark| before.strip_suffix(mark)).min_by_key(|rest| rest.len())?;
    Some(rest.trim().is_empty())
}

const FORM: &str = "an ignore names its rules: csrlint: ignore[key/rsa-too-small] -- reason";

fn parse(line: &str, span: Span, alone: bool) -> Result<Ignore, String> {
    let rest = line.get(MARK.len()..).unwrap_or_default();
    let (reach, rest) = if let Some(rest) = rest.strip_prefix("-file") {
        (Reach::File, rest)
    } else if let Some(rest) = rest.strip_prefix("-next-line") {
        (Reach::NextLine, rest)
    } else {
        (if alone { Reach::Request } else { Reach::Line }, rest)
    };
    let (rules, rest) = rest.strip_prefix('[').and_then(|rest| rest.split_once(']')).ok_or(FORM)?;
    let rules: Vec<String> =
        rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    if rules.is_empty() {
        return Err(FORM.to_owned());
    }
    let (options, reason) = rest.split_once(" --").ok_or("an ignore has a reason, behind two hyphens")?;
    let reason = ["-->", "*/}}", "*/ -}}", "*/", "#}"]
        .iter()
        .fold(reason.trim(), |reason, end| reason.strip_suffix(end).unwrap_or(reason).trim_end());
    if reason.is_empty() {
        return Err("an ignore has a reason, behind two hyphens".to_owned());
    }
    let mut ignore = Ignore {
        rules,
        reach,
        reason: reason.to_owned(),
        until: None,
        approved_by: None,
        spki_sha256: None,
        fingerprint: None,
        span,
    };
    for option in options.split_whitespace() {
        let value = || option.split_once('=').map(|(_, value)| value.to_owned()).filter(|value| !value.is_empty());
        match option.split_once('=').map(|(name, _)| name) {
            Some("until") => ignore.until = Some(value().unwrap_or_default().parse()?),
            Some("approved-by") => ignore.approved_by = value(),
            Some("spki-sha256") => {
                let pin = value().unwrap_or_default().to_ascii_lowercase();
                if let Some(problem) = problem_of_key_pin(&pin) {
                    return Err(format!("{problem}; {PIN_HELP}"));
                }
                ignore.spki_sha256 = Some(pin);
            }
            Some("fingerprint") => {
                let pin = value().unwrap_or_default();
                if let Some(problem) = problem_of_fingerprint(&pin) {
                    return Err(problem);
                }
                ignore.fingerprint = Some(pin);
            }
            _ => {
                return Err(format!(
                    "{option:?} is no option of an ignore; these are: until=2027-03-31, approved-by, spki-sha256, fingerprint"
                ));
            }
        }
    }
    Ok(ignore)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_are_read() {
        let day = "2026-11-23".parse().expect("a day");
        let text = b"# csrlint: ignore[key/x, san] until=2027-01-01 approved-by=pki@acme.example -- old printer\nx";
        let (found, defects) = ignores(text, day);
        assert_eq!(found.len(), 1, "{defects:?}");
        assert_eq!(found[0].rules, ["key/x", "san"]);
        assert_eq!(found[0].reason, "old printer");
        assert_eq!(found[0].approved_by.as_deref(), Some("pki@acme.example"));
        for (text, reach) in [
            ("bits = 1024 ; csrlint: ignore[key/x] -- why", Reach::Line),
            ("  # csrlint: ignore[key/x] -- why", Reach::Request),
            ("/* csrlint: ignore-file[key/x] -- why */", Reach::File),
            ("{{- /* csrlint: ignore-next-line[key/x] -- why */}}", Reach::NextLine),
            ("<!-- csrlint: ignore[key/x] -- why -->", Reach::Request),
        ] {
            let (found, defects) = ignores(text.as_bytes(), day);
            assert_eq!(
                found.first().map(|ignore| (ignore.reach, ignore.reason.as_str())),
                Some((reach, "why")),
                "{defects:?}"
            );
        }
        for bad in [
            "csrlint: ignore",
            "csrlint: ignore[a/b]",
            "csrlint: ignore[] -- x",
            "csrlint: ignore[a/b] --",
            "csrlint: ignore[a/b] sometime -- x",
            "csrlint: ignore[a/b] spki-sha256=12 -- x",
            "csrlint: ignore[a/b] spki-sha256=0123456789abcdef0123456789abcde -- x",
            "csrlint: ignore[a/b] spki-sha256=0123456789abcdef0123456789abcdeg -- x",
            "csrlint: ignore[a/b] fingerprint=0123456789abcdef -- x",
            "csrlint: ignore-line[a/b] -- x",
            "csrlint: ignore[a/b] until=2020-01-01 -- x",
        ] {
            let (found, defects) = ignores(bad.as_bytes(), day);
            assert_eq!((found.len(), defects.len()), (0, 1), "{bad}");
        }
    }

    #[test]
    fn an_ignore_that_is_not_utf_8_ends_with_its_line() {
        let text = b"# csrlint: ignore[key/x] -- f\xFCr Ger\xE4te \r\n";
        let (found, _) = ignores(text, "2026-11-23".parse().expect("a day"));
        let span = found.first().map(|ignore| ignore.span.range()).expect("an ignore");
        assert_eq!(text.get(span), Some(b"csrlint: ignore[key/x] -- f\xFCr Ger\xE4te".as_slice()));
    }

    #[test]
    fn a_value_is_no_comment() {
        let day = "2026-11-23".parse().expect("a day");
        for text in ["CN = csrlint: ignore[key/x] -- why", "{\"a\": \"csrlint: ignore[key/x] -- why\"}"] {
            assert_eq!(ignores(text.as_bytes(), day), (vec![], vec![]), "{text}");
        }
    }
}
