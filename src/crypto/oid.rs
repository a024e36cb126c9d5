//! What this room is for: comparing object identifiers as DER carries them with dotted ones as people write them.
//! What must not be in it: names; each table keeps its own.
//! What would surprise: comparison works arc by arc and allocates nothing, so tables can stay readable.

/// Longest content that is written out in a message; real identifiers are far shorter.
const LONGEST: usize = 64;

/// Whether OID content octets (X.690 §8.19, without tag and length) mean this dotted identifier.
pub(super) fn matches(content: &[u8], dotted: &str) -> bool {
    arcs(content).eq(dotted.split('.').map(|arc| arc.parse().ok()))
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
