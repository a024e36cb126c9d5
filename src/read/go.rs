//! What programs written in Go have in common: durations, and the string types of names.
//! The standard library of Go 1.22 is meant (time.ParseDuration, encoding/asn1).

use super::structure::Node;
use super::template::Draft;
use crate::request::{Field, StringType, Text, Validity};

/// A duration: `8760h`, `720h30m`.
pub(super) fn duration(node: &Node) -> Field<Validity> {
    node.string().try_map(|text| {
        seconds(&text)
            .map(|seconds| Validity { seconds })
            .ok_or_else(|| format!("{text:?} is no duration, as in 8760h"))
    })
}

/// The seconds of a duration; what is no duration has none.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let mut total = 0u64;
    let mut rest = text.trim();
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(|byte| byte.is_ascii_digit() || *byte == b'.').count();
        let number: f64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?;
        let unit = rest.bytes().take_while(u8::is_ascii_alphabetic).count();
        let factor = match rest.get(..unit)? {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" | "us" | "ns" => 0.0,
            _ => return None,
        };
        rest = rest.get(unit..)?;
        total = total.saturating_add((number * factor) as u64);
    }
    Some(total)
}

/// PrintableString where the value allows it, else UTF8String.
pub(super) fn string_types(draft: &mut Draft) {
    draft.with_attributes(|attribute| {
        let Some(text) = attribute.value.effective().and_then(Text::whole) else { return };
        let printable = text.bytes().all(super::value::is_printable);
        attribute.string_type = Some(if printable { StringType::Printable } else { StringType::Utf8 });
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_gos() {
        assert_eq!(seconds("8760h"), Some(8760 * 3600));
        assert_eq!(seconds("1h30m"), Some(5400));
        assert_eq!(seconds("1.5h"), Some(5400));
        assert_eq!(seconds("365d"), None);
    }
}
