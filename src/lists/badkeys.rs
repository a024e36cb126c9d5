//! badkeys' blocklist.dat (docs/BLOCKLISTFORMAT.md of badkeys): sorted records of 16 octets, the first 15 of a SHA-256 and the
//! number of the list a key comes from. Some four million records, 60 MB: they are searched where they lie.

use std::io;

use super::{KeyHashes, KeyList, ListKind, Listed};

const RECORD: u64 = 16;
/// Records that are read at once.
const WINDOW: u64 = 256;

/// Something that can be read from at any place: a file, or bytes in memory.
pub trait ReadAt: Send + Sync {
    /// Fills the buffer from an offset.
    ///
    /// # Errors
    /// Whatever reading says; also that there is less.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Octets in all.
    ///
    /// # Errors
    /// Whatever asking says.
    fn size(&self) -> io::Result<u64>;
}

impl ReadAt for Vec<u8> {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let end = start.checked_add(buffer.len()).ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(self.get(start..end).ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.len() as u64)
    }
}

#[cfg(unix)]
impl ReadAt for std::fs::File {
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        std::os::unix::fs::FileExt::read_exact_at(self, buffer, offset)
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

#[cfg(windows)]
impl ReadAt for std::fs::File {
    fn read_exact_at(&self, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
        while !buffer.is_empty() {
            let read = std::os::windows::fs::FileExt::seek_read(self, buffer, offset)?;
            if read == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            buffer = buffer.get_mut(read..).unwrap_or_default();
            offset += read as u64;
        }
        Ok(())
    }

    fn size(&self) -> io::Result<u64> {
        Ok(self.metadata()?.len())
    }
}

/// A list in badkeys' format.
pub struct BadkeysList {
    name: String,
    data: Box<dyn ReadAt>,
    records: u64,
    /// Names of the lists by their numbers, where a badkeysdata.json says them.
    names: Vec<(u8, String)>,
}

impl BadkeysList {
    /// `name` is for messages. `metadata` is the text of the badkeysdata.json that belongs to it, if there is one.
    ///
    /// # Errors
    /// Why the data is no such list: its size, or records out of order.
    pub fn new(name: String, data: Box<dyn ReadAt>, metadata: Option<&str>) -> Result<Self, String> {
        let size = data.size().map_err(|error| error.to_string())?;
        if size == 0 || !size.is_multiple_of(RECORD) {
            return Err(format!("{size} bytes are no list of badkeys: its records have 16 bytes each"));
        }
        let this = Self { name, data, records: size / RECORD, names: metadata.map(names).unwrap_or_default() };
        // A list that is not sorted would be searched in vain: a few hundred places tell.
        let probes = this.records.min(512);
        let mut last = [0; 15];
        for probe in 0..probes {
            let record = this.record(probe * this.records / probes).map_err(|error| error.to_string())?;
            let hash: [u8; 15] = *record.first_chunk().ok_or("a record is short")?;
            if hash < last {
                return Err("the records are not sorted, as those of a list of badkeys are".to_owned());
            }
            last = hash;
        }
        Ok(this)
    }

    fn record(&self, number: u64) -> io::Result<[u8; 16]> {
        let mut record = [0; 16];
        self.data.read_exact_at(&mut record, number * RECORD)?;
        Ok(record)
    }

    /// The number behind a hash. Hashes are spread evenly, so that the place of one is known but for a little; each round
    /// reads the records around the likeliest place and goes on to one side of them.
    fn search(&self, wanted: &[u8; 15]) -> io::Result<Option<u8>> {
        let head = |hash: &[u8]| hash.iter().take(8).fold(0_u64, |value, octet| value << 8 | u64::from(*octet));
        let target = u128::from(head(wanted));
        let (mut low, mut high) = (0, self.records);
        let (mut least, mut most) = (0_u128, 1_u128 << 64);
        let mut buffer = vec![0; (WINDOW * RECORD) as usize];
        let mut rounds = 0;
        while low < high {
            rounds += 1;
            let span = u128::from(high - low);
            // Made-up lists need not be even: after a few rounds the middle is as good a guess.
            let guess = match (most - least, rounds) {
                (0, _) | (_, 8..) => low + (high - low) / 2,
                (width, _) => low + (span * (target.clamp(least, most) - least) / width).min(span - 1) as u64,
            };
            let start = guess.saturating_sub(WINDOW / 2).max(low);
            let count = WINDOW.min(high - start);
            let window = buffer.get_mut(..(count * RECORD) as usize).unwrap_or_default();
            self.data.read_exact_at(window, start * RECORD)?;
            let records: Vec<&[u8]> = window.chunks_exact(RECORD as usize).collect();
            let hash = |record: &&[u8]| record.get(..15).unwrap_or_default().to_vec();
            let (Some(first), Some(last)) = (records.first().map(hash), records.last().map(hash)) else { break };
            if wanted.as_slice() < first.as_slice() {
                high = start;
                most = u128::from(head(&first));
            } else if wanted.as_slice() > last.as_slice() {
                low = start + count;
                least = u128::from(head(&last));
            } else {
                let found = records.binary_search_by(|record| record.get(..15).unwrap_or_default().cmp(wanted)).ok();
                return Ok(found.and_then(|number| records.get(number)?.get(15).copied()));
            }
        }
        Ok(None)
    }
}

/// Numbers and names out of badkeysdata.json; what is not as expected is left out.
fn names(metadata: &str) -> Vec<(u8, String)> {
    let document: serde_json::Value = serde_json::from_str(metadata).unwrap_or_default();
    let lists = document.get("blocklists").and_then(serde_json::Value::as_array);
    let number = |id: &serde_json::Value| id.as_u64().or_else(|| id.as_str()?.parse().ok());
    lists
        .into_iter()
        .flatten()
        .filter_map(|list| {
            let id = u8::try_from(number(list.get("id")?)?).ok()?;
            Some((id, list.get("name")?.as_str()?.to_owned()))
        })
        .collect()
}

impl KeyList for BadkeysList {
    fn find(&self, key: &KeyHashes) -> io::Result<Option<Listed>> {
        let Some(wanted) = key.number_sha256.first_chunk::<15>() else { return Ok(None) };
        Ok(self.search(wanted)?.map(|id| {
            let name = self.names.iter().find(|(other, _)| *other == id).map(|(_, name)| name.clone());
            Listed {
                kind: ListKind::Compromised,
                list: self.name.clone(),
                reason: name.unwrap_or_else(|| format!("list {id}")),
                date: None,
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::sha256;

    fn hashes(number: u32) -> KeyHashes {
        KeyHashes { spki_sha256: [0; 32], number_sha256: sha256(&number.to_be_bytes()) }
    }

    fn list(numbers: std::ops::Range<u32>) -> Vec<u8> {
        let mut records: Vec<Vec<u8>> =
            numbers.map(|number| [&hashes(number).number_sha256[..15], &[(number % 7) as u8]].concat()).collect();
        records.sort();
        records.concat()
    }

    #[test]
    fn what_is_in_is_found_and_nothing_else() {
        for count in [1, 2, 255, 256, 257, 1000, 20_000] {
            let metadata = r#"{ "blocklists": [{ "id": 3, "name": "debianssl" }, { "id": "x" }, 5] }"#;
            let list = BadkeysList::new("b.dat".into(), Box::new(list(0..count)), Some(metadata)).expect("a list");
            for number in (0..count).step_by(1 + count as usize / 300) {
                let listed = list.find(&hashes(number)).expect("readable").expect("listed");
                let reason = if number % 7 == 3 { "debianssl".to_owned() } else { format!("list {}", number % 7) };
                assert_eq!((listed.reason, listed.list.as_str()), (reason, "b.dat"));
            }
            for number in count..count + 300 {
                assert_eq!(list.find(&hashes(number)).expect("readable"), None);
            }
        }
    }

    #[test]
    fn lists_that_are_not_spread_evenly() {
        let mut records: Vec<Vec<u8>> =
            (0..5000_u32).map(|n| [&[0; 8][..], &n.to_be_bytes(), &[0; 3], &[1]].concat()).collect();
        records.push(vec![0xFF; 16]);
        let list = BadkeysList::new("b".into(), Box::new(records.concat()), None).expect("a list");
        for number in [0_u32, 1, 2500, 4999] {
            let mut wanted = [0; 15];
            wanted[8..12].copy_from_slice(&number.to_be_bytes());
            assert_eq!(list.search(&wanted).expect("readable"), Some(1));
        }
        assert_eq!(list.search(&[0xFF; 15]).expect("readable"), Some(0xFF));
        assert_eq!(list.search(&[0x7F; 15]).expect("readable"), None);
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let refused = |data: Vec<u8>| BadkeysList::new("b".into(), Box::new(data), None).err().expect("refused");
        assert!(refused(Vec::new()).contains("0 bytes"));
        assert!(refused(vec![0; 17]).contains("17 bytes"));
        assert!(refused([[9; 16], [3; 16]].concat()).contains("sorted"));
    }
}
