//! The list that comes with csrlint: `lists/known-keys.txt`, which build.rs turns into sorted records of 64 bits of the hash
//! and the number of the source. Two million keys would be hit by a random one once in 10^13 times.

use super::{KeyHashes, ListKind, Listed};

include!(concat!(env!("OUT_DIR"), "/known_keys.rs"));

/// Records of ten octets: eight of the hash, two of the number of the source, all big-endian and sorted.
static RECORDS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/known_keys.bin"));

pub(super) fn find(key: &KeyHashes) -> Option<Listed> {
    let wanted = key.number_sha256.get(..8)?;
    let (records, _) = RECORDS.as_chunks::<10>();
    let found = records.binary_search_by(|record| record.get(..8).unwrap_or_default().cmp(wanted)).ok()?;
    let [.., high, low] = *records.get(found)?;
    let (category, source) = *SOURCES.get(usize::from(u16::from_be_bytes([high, low])))?;
    let kind = if category == "weak-generator" { ListKind::WeakGenerator } else { ListKind::Published };
    Some(Listed { kind, list: String::new(), reason: source.to_owned(), date: None })
}

pub(super) fn count() -> (usize, usize) {
    (RECORDS.len() / 10, SOURCES.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::sha256;

    #[test]
    fn records_are_sorted_and_have_a_source() {
        let (records, rest) = RECORDS.as_chunks::<10>();
        assert!(rest.is_empty() && !records.is_empty());
        assert!(records.windows(2).all(|pair| pair[0][..8] < pair[1][..8]));
        assert!(records.iter().all(|record| usize::from(u16::from_be_bytes([record[8], record[9]])) < SOURCES.len()));
    }

    /// RFC 6979 A.2.5: the P-256 key of the examples, by its x coordinate.
    #[test]
    fn a_key_of_an_rfc_is_known() {
        let x = [
            0x60, 0xFE, 0xD4, 0xBA, 0x25, 0x5A, 0x9D, 0x31, 0xC9, 0x61, 0xEB, 0x74, 0xC6, 0x35, 0x6D, 0x68, 0xC0, 0x49,
            0xB8, 0x92, 0x3B, 0x61, 0xFA, 0x6C, 0xE6, 0x69, 0x62, 0x2E, 0x60, 0xF2, 0x9F, 0xB6,
        ];
        let listed = find(&KeyHashes { spki_sha256: [0; 32], number_sha256: sha256(&x) }).expect("known");
        assert_eq!(listed.kind, ListKind::Published);
        assert!(listed.reason.contains("RFC 6979"), "{}", listed.reason);
        assert_eq!(find(&KeyHashes { spki_sha256: [0; 32], number_sha256: sha256(b"none") }), None);
    }
}
