//! Lists of keys that are not secret: published test keys (shipped), known compromised ones (the user's), known primes.
//! A list answers whether a key is in it and why; what that means is for rules. Nothing here judges.
//! Large lists stay on disk: a look-up reads a few kilobytes, wherever the file is.

mod badkeys;
mod primes;
mod shipped;
mod spki;

use std::io;

pub use badkeys::{BadkeysList, ReadAt};
pub use primes::parse as parse_primes;
pub use spki::SpkiList;

use crate::check::Date;
use crate::request::{Key, KeyAlgorithm, PublicKey, sha256};
use dashu_int::UBig;

/// What a key is looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyHashes {
    /// SHA-256 of the SubjectPublicKeyInfo.
    pub spki_sha256: [u8; 32],
    /// SHA-256 of the number that is the key, as badkeys has it: see [`number_hash`].
    pub number_sha256: [u8; 32],
}

impl KeyHashes {
    /// Of a key; `None` where there is no number in it.
    pub fn of(key: &Key) -> Option<Self> {
        let public = key.public.as_ref()?;
        let number_sha256 = number_hash(key.algorithm.effective().copied()?, public)?;
        Some(Self { spki_sha256: public.spki_sha256, number_sha256 })
    }
}

/// SHA-256 over the number of a public key, big-endian and without leading zero octets: the modulus of RSA, x of an EC
/// point, y of DSA and DH, the octets of EdDSA and X25519 keys; of post-quantum keys, over all octets. It is badkeys'
/// BKHASH before it is cut to 120 bits, and the same whatever the SubjectPublicKeyInfo around the number looks like.
pub fn number_hash(algorithm: KeyAlgorithm, public: &PublicKey) -> Option<[u8; 32]> {
    let number = match algorithm {
        KeyAlgorithm::Rsa | KeyAlgorithm::RsaPss | KeyAlgorithm::RsaOaep => public.rsa_numbers()?.0,
        KeyAlgorithm::Ec | KeyAlgorithm::EcDh => match public.bytes.split_first()? {
            (2 | 3, x) => x,
            (4 | 6 | 7, point) => point.get(..point.len() / 2)?,
            _ => return None,
        },
        KeyAlgorithm::Dsa | KeyAlgorithm::Dh => integer(&public.bytes)?,
        KeyAlgorithm::Ed25519 | KeyAlgorithm::Ed448 | KeyAlgorithm::X25519 | KeyAlgorithm::X448 => &public.bytes,
        _ => return (!public.bytes.is_empty()).then(|| sha256(&public.bytes)),
    };
    let significant = number.iter().position(|octet| *octet != 0)?;
    Some(sha256(number.get(significant..)?))
}

/// The content of a DER INTEGER that is all there is.
fn integer(der: &[u8]) -> Option<&[u8]> {
    let (2, rest) = der.split_first().map(|(tag, rest)| (*tag, rest))? else { return None };
    let (&first, rest) = rest.split_first()?;
    let (octets, rest) = if first < 0x80 { (usize::from(first), rest) } else { long(first, rest)? };
    (rest.len() == octets).then_some(rest)
}

fn long(first: u8, rest: &[u8]) -> Option<(usize, &[u8])> {
    let (length, rest) = rest.split_at_checked(usize::from(first & 0x7F))?;
    (length.len() <= 4).then(|| (length.iter().fold(0, |value, octet| value << 8 | usize::from(*octet)), rest))
}

/// Why a key is in a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// What kind of list.
    pub kind: ListKind,
    /// The list: the path of a file.
    pub list: String,
    /// The source or the reason that the list gives.
    pub reason: String,
    /// The day the list gives.
    pub date: Option<Date>,
}

/// Kinds of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListKind {
    /// A list of the user's.
    Compromised,
    /// The private key is published: in an RFC, or in the tests of a library.
    Published,
    /// The key comes from a generator that makes few different ones.
    WeakGenerator,
}

/// A list of keys.
pub trait KeyList: Send + Sync {
    /// Looks a key up.
    ///
    /// # Errors
    /// Whatever reading the list says.
    fn find(&self, key: &KeyHashes) -> io::Result<Option<Listed>>;
}

/// All lists of a run.
#[derive(Default)]
pub struct Lists {
    files: Vec<Box<dyn KeyList>>,
    primes: Vec<(String, UBig)>,
}

impl Lists {
    /// Adds a list of the user's.
    pub fn add(&mut self, list: Box<dyn KeyList>) {
        self.files.push(list);
    }

    /// Adds a product of primes that several keys are known to share, with the name of its list.
    pub fn add_primes(&mut self, list: String, product: UBig) {
        self.primes.push((list, product));
    }

    /// The products of known primes, each with the name of its list.
    pub fn primes(&self) -> &[(String, UBig)] {
        &self.primes
    }

    /// Looks a key up in the lists of these kinds; the first entry counts.
    ///
    /// # Errors
    /// Whatever reading a list says.
    pub fn find(&self, key: &KeyHashes, kinds: &[ListKind]) -> io::Result<Option<Listed>> {
        if kinds.contains(&ListKind::Compromised) {
            for list in &self.files {
                if let Some(listed) = list.find(key)? {
                    return Ok(Some(listed));
                }
            }
        }
        Ok(shipped::find(key).filter(|listed| kinds.contains(&listed.kind)))
    }
}

impl std::fmt::Debug for Lists {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Lists({} of keys, {} of primes)", self.files.len(), self.primes.len())
    }
}

/// Keys in the shipped list, and its sources.
pub fn shipped_count() -> (usize, usize) {
    shipped::count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers() {
        assert_eq!(integer(&[2, 2, 0, 0x81]), Some(&[0, 0x81][..]));
        assert_eq!(integer(&[2, 0x81, 1, 5]), Some(&[5][..]));
        for broken in [&[][..], &[2], &[2, 2, 1], &[2, 1, 1, 1], &[4, 1, 1], &[2, 0x85, 0, 0, 0, 0, 1, 1]] {
            assert_eq!(integer(broken), None, "{broken:?}");
        }
    }
}
