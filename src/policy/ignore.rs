//! Inline ignores: `csrlint: ignore[rule, ...] until=2027-03-31 -- reason` in a comment.
//! One counts for findings on its own line, and for the next request that starts below it.
//! What is wrong with an ignore is recorded as a defect of the file; it then ignores nothing.

use memchr::memmem;

use crate::check::Date;
use crate::encoding::{Defect, DefectKind};
use crate::source::Span;

/// An ignore comment that can be honoured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ignore {
    /// Rule ids and families.
    pub rules: Vec<String>,
    /// Why.
    pub reason: String,
    /// The last day it holds.
    pub until: Option<Date>,
    /// Where it stands in the file.
    pub span: Span,
}

const MARK: &[u8] = b"csrlint: ignore";

/// The ignores of a text and what is wrong with others.
pub fn ignores(text: &[u8], day: Date) -> (Vec<Ignore>, Vec<Defect>) {
    let mut found = Vec::new();
    let mut defects = Vec::new();
    for at in memmem::find_iter(text, MARK) {
        let rest = text.get(at..).unwrap_or_default();
        let line = rest.get(..memchr::memchr(b'\n', rest).unwrap_or(rest.len())).unwrap_or_default();
        let line = String::from_utf8_lossy(line);
        let span = Span::text(at, at + line.trim_end().len());
        let place = "ignore";
        match parse(&line) {
            Ok((rules, until, reason)) => {
                if let Some(until) = until.filter(|until| *until < day) {
                    defects.push(Defect::new(
                        DefectKind::IgnoreExpired,
                        span,
                        place,
                        format!("the ignore expired on {until}"),
                    ));
                } else {
                    found.push(Ignore { rules, reason, until, span });
                }
            }
            Err(problem) => defects.push(Defect::new(DefectKind::IgnoreWithoutReason, span, place, problem)),
        }
    }
    (found, defects)
}

fn parse(line: &str) -> Result<(Vec<String>, Option<Date>, String), String> {
    let rest = line.get(MARK.len()..).unwrap_or_default();
    let (rules, rest) = rest
        .strip_prefix('[')
        .and_then(|rest| rest.split_once(']'))
        .ok_or("an ignore names its rules: csrlint: ignore[key/rsa-too-small] -- reason")?;
    let rules: Vec<String> =
        rules.split(',').map(|rule| rule.trim().to_owned()).filter(|rule| !rule.is_empty()).collect();
    if rules.is_empty() {
        return Err("an ignore names its rules: csrlint: ignore[key/rsa-too-small] -- reason".to_owned());
    }
    let (options, reason) = rest.split_once("--").ok_or("an ignore has a reason, behind two hyphens")?;
    let reason = reason.trim().trim_end_matches("-->").trim_end_matches("*/").trim();
    if reason.is_empty() {
        return Err("an ignore has a reason, behind two hyphens".to_owned());
    }
    let mut until = None;
    for option in options.split_whitespace() {
        let date = option
            .strip_prefix("until=")
            .ok_or_else(|| format!("{option:?} is no option of an ignore; until=2027-03-31 is"))?;
        until = Some(date.parse()?);
    }
    Ok((rules, until, reason.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignores_are_read() {
        let day = "2026-11-23".parse().expect("a day");
        let (found, defects) = ignores(b"# csrlint: ignore[key/x, san] until=2027-01-01 -- old printer\nx", day);
        assert_eq!(found.len(), 1, "{defects:?}");
        assert_eq!(found[0].rules, ["key/x", "san"]);
        assert_eq!(found[0].reason, "old printer");
        for bad in [
            "csrlint: ignore",
            "csrlint: ignore[a/b]",
            "csrlint: ignore[] -- x",
            "csrlint: ignore[a/b] --",
            "csrlint: ignore[a/b] sometime -- x",
            "csrlint: ignore[a/b] until=2020-01-01 -- x",
        ] {
            let (found, defects) = ignores(bad.as_bytes(), day);
            assert_eq!((found.len(), defects.len()), (0, 1), "{bad}");
        }
    }
}
