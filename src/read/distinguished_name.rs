//! Distinguished names as strings: RFC 4514 (and RFC 2253), and the form of Windows (CertStrToName), which is nearly the same.
//! Every attribute keeps its place in the string. What is no `type=value` is told, and the rest is read.

use std::ops::Range;

use crate::request::Oid;

/// One attribute of a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    /// Its type; `None` where no attribute has that name.
    pub(super) oid: Option<Oid>,
    /// The type as it is written.
    pub(super) kind: String,
    /// Type and value in the string.
    pub(super) whole: Range<usize>,
    /// The value in the string, quotes included.
    pub(super) value: Range<usize>,
    /// The value with quotes and escapes undone.
    pub(super) text: String,
    /// It belongs to the RDN of the attribute before it.
    pub(super) joined: bool,
}

/// Takes a name apart, in the order it is written in. The second answer is the first thing that is no attribute.
pub(super) fn parse(text: &str) -> (Vec<Part>, Option<Range<usize>>) {
    let mut parts = Vec::new();
    let mut problem = None;
    let mut at = 0;
    let mut joined = false;
    while at < text.len() {
        let (end, separator) = end_of(text, at);
        let piece = text.get(at..end).unwrap_or_default();
        let start = at + (piece.len() - piece.trim_start().len());
        let whole = start..start + piece.trim().len();
        match part(text, whole.clone(), joined) {
            Some(part) => parts.push(part),
            None if whole.is_empty() => {}
            None => problem = problem.or(Some(whole)),
        }
        joined = separator == Some('+');
        at = end + 1;
    }
    (parts, problem)
}

/// The end of the attribute that starts at `at`: a separator outside of quotes and escapes.
fn end_of(text: &str, at: usize) -> (usize, Option<char>) {
    let mut quoted = false;
    let mut escaped = false;
    for (offset, character) in text.get(at..).unwrap_or_default().char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            ',' | ';' | '+' | '\n' if !quoted => return (at + offset, Some(character)),
            _ => {}
        }
    }
    (text.len(), None)
}

fn part(text: &str, whole: Range<usize>, joined: bool) -> Option<Part> {
    let piece = text.get(whole.clone())?;
    let equals = piece.find('=')?;
    let kind = piece.get(..equals)?.trim();
    let raw = piece.get(equals + 1..)?;
    let value_start = whole.end - raw.trim_start().len();
    let dotted = kind.strip_prefix("OID.").or_else(|| kind.strip_prefix("oid.")).unwrap_or(kind);
    // Windows writes S for the state, E for the address, T for the title, G and I for names.
    let oid = match kind.to_ascii_uppercase().as_str() {
        "S" => Oid::from_name("ST"),
        "T" => Oid::from_name("title"),
        "G" => Oid::from_name("GN"),
        "I" => Oid::from_name("initials"),
        _ => Oid::from_name(dotted),
    };
    let value = value_start..whole.end;
    let text = plain(text.get(value.clone())?);
    Some(Part { oid, kind: kind.to_owned(), whole, value, text, joined })
}

/// A value without quotes and escapes.
fn plain(raw: &str) -> String {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).filter(|_| raw.len() > 1);
    let raw = inner.unwrap_or(raw);
    if !raw.contains('\\') {
        return raw.replace("\"\"", "\"");
    }
    let mut bytes = Vec::with_capacity(raw.len());
    let mut rest = raw.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        match (first, after) {
            (b'\\', [high, low, others @ ..]) if digit(*high).is_some() && digit(*low).is_some() => {
                bytes.push(digit(*high).unwrap_or(0) << 4 | digit(*low).unwrap_or(0));
                rest = others;
            }
            (b'\\', [escaped, others @ ..]) => {
                bytes.push(*escaped);
                rest = others;
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_taken_apart_at_their_places() {
        let text = r#"CN=shop.acme.example, O="Acme, Inc.";OU=a\,b+OU=\C3\BC,1.2.3.4=x,OID.2.5.4.6=DE,S=Bavaria"#;
        let (parts, problem) = parse(text);
        let values: Vec<&str> = parts.iter().map(|part| part.text.as_str()).collect();
        assert_eq!(values, ["shop.acme.example", "Acme, Inc.", "a,b", "\u{fc}", "x", "DE", "Bavaria"]);
        assert_eq!(problem, None);
        assert!(parts[3].joined && !parts[4].joined);
        assert_eq!(parts[5].oid, Oid::from_name("C"));
        assert_eq!(parts[6].oid, Oid::from_name("ST"));
        assert_eq!(&text[parts[1].whole.clone()], r#"O="Acme, Inc.""#);
        assert_eq!(&text[parts[2].value.clone()], r"a\,b");
    }

    #[test]
    fn what_is_no_attribute_is_told() {
        let (parts, problem) = parse("CN=a,nothing,O=b");
        assert_eq!((parts.len(), problem), (2, Some(5..12)));
        assert_eq!(parse(""), (vec![], None));
    }
}
