//! What this room is for: comparing object identifiers as DER carries them with dotted ones as people write them.
//! What must not be in it: names; each table keeps its own.
//! What would surprise: tables are kept as dotted text and indexed by octets when they are first used.

use std::collections::HashMap;

/// Longest content that is written out in a message; real identifiers are far shorter.
const LONGEST: usize = 64;

/// Whether OID content octets (X.690 §8.19, without tag and length) mean this dotted identifier.
pub(super) fn matches(content: &[u8], dotted: &str) -> bool {
    arcs(content).eq(dotted.split('.').map(|arc| arc.parse().ok()))
}

/// Rows of a table by the octets of their OIDs: looked up for every request, read by people as dotted text.
pub(super) fn index<T>(table: &'static [T], dotted: fn(&T) -> &'static str) -> HashMap<Vec<u8>, &'static T> {
    let mut index = HashMap::with_capacity(table.len());
    for row in table {
        // Where a table names an OID twice, its first row counts.
        index.entry(octets(dotted(row))).or_insert(row);
    }
    index
}

/// Content octets of a dotted identifier out of one of our tables (X.690 §8.19).
pub(super) fn octets(dotted: &str) -> Vec<u8> {
    let mut arcs = dotted.split('.').filter_map(|arc| arc.parse::<u64>().ok());
    let (root, second) = (arcs.next().unwrap_or(0), arcs.next().unwrap_or(0));
    let mut octets = Vec::new();
    for arc in std::iter::once(root * 40 + second).chain(arcs) {
        let groups = (64 - arc.leading_zeros()).div_ceil(7).max(1);
        octets.extend((0..groups).rev().map(|group| {
            let more = if group > 0 { 0x80 } else { 0 };
            (arc >> (7 * group)) as u8 & 0x7F | more
        }));
    }
    octets
}

/// The dotted form for a message. None when the octets are no OID, have an arc over 64 bits or are absurdly long.
pub(super) fn dotted(content: &[u8]) -> Option<String> {
    if content.is_empty() || content.len() > LONGEST {
        return None;
    }
    let written = arcs(content).map(|arc| Some(arc?.to_string())).collect::<Option<Vec<_>>>()?;
    Some(written.join("."))
}

/// The arcs; None in the place of one that is malformed or needs more than 64 bits. The first group of octets holds the
/// first two arcs.
fn arcs(content: &[u8]) -> impl Iterator<Item = Option<u64>> {
    let mut groups = content.split_inclusive(|b| b & 0x80 == 0).map(base128);
    let first_two = groups.next().map(|group| {
        let root = group.map(|group| (group / 40).min(2));
        [root, group.zip(root).map(|(group, root)| group - 40 * root)]
    });
    first_two.into_iter().flatten().chain(groups)
}

/// A number in as few groups of seven bits as possible, the last one without the top bit (X.690 §8.19.2).
fn base128(group: &[u8]) -> Option<u64> {
    if group.first() == Some(&0x80) || group.last()? & 0x80 != 0 {
        return None;
    }
    group.iter().try_fold(0u64, |value, &b| Some(value.checked_mul(128)? | u64::from(b & 0x7f)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dotted_and_octets_agree() {
        let p256 = [0x2a, 0x86, 0x48, 0xce, 0x3d, 3, 1, 7];
        assert_eq!(dotted(&p256).as_deref(), Some("1.2.840.10045.3.1.7"));
        assert!(matches(&p256, "1.2.840.10045.3.1.7"));
        assert!(!matches(&p256, "1.2.840.10045.3.1"));
        assert!(!matches(&p256[..7], "1.2.840.10045.3.1.7"));
        assert_eq!(dotted(&[0x88, 0x37, 3]).as_deref(), Some("2.999.3"));
    }

    #[test]
    fn octets_are_read_back() {
        for dotted in ["1.2.840.10045.3.1.7", "2.999.3", "0.9.2342.19200300.100.1.25", "1.3.101.112"] {
            assert_eq!(super::dotted(&octets(dotted)).as_deref(), Some(dotted));
        }
    }

    #[test]
    fn refuses_what_is_no_oid() {
        for bad in [
            &[][..],
            &[0x80],
            &[0x2a, 0x86],
            &[0xff; 65],
            &[0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],
        ] {
            assert_eq!(dotted(bad), None, "{bad:x?}");
            assert!(!matches(bad, "1.2"), "{bad:x?}");
        }
    }
}
