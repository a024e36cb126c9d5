//! What this room is for: reading the two small DER structures that signatures bring along.
//! What must not be in it: recovery from errors and positions; the TLV walker of the reader does that.
//! What would surprise: it is strict, because OpenSSL, BoringSSL and Go refuse BER in an ECDSA signature too.

pub(super) const INTEGER: u8 = 0x02;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OBJECT_IDENTIFIER: u8 = 0x06;
pub(super) const SEQUENCE: u8 = 0x30;

/// Reads DER elements with low tag numbers (X.690 §8.1, §10.1) one after the other.
pub(super) struct Reader<'a>(&'a [u8]);

/// The bytes are not the DER that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Malformed;

impl<'a> Reader<'a> {
    pub(super) fn new(input: &'a [u8]) -> Self {
        Self(input)
    }

    /// The content of the only element of `input`, which has this tag and nothing after it.
    pub(super) fn only(input: &'a [u8], tag: u8) -> Result<&'a [u8], Malformed> {
        let mut reader = Self::new(input);
        let content = reader.element(tag)?;
        reader.end()?;
        Ok(content)
    }

    /// The content of the next element, which has this tag.
    pub(super) fn element(&mut self, tag: u8) -> Result<&'a [u8], Malformed> {
        let (&found, rest) = self.0.split_first().ok_or(Malformed)?;
        if found != tag {
            return Err(Malformed);
        }
        let (length, rest) = length(rest)?;
        let (content, rest) = rest.split_at_checked(length).ok_or(Malformed)?;
        self.0 = rest;
        Ok(content)
    }

    /// The content of the next element if it has this tag; nothing is consumed when it has another.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<&'a [u8]>, Malformed> {
        if self.0.first() == Some(&tag) { self.element(tag).map(Some) } else { Ok(None) }
    }

    /// The magnitude of the next element, a non-negative INTEGER in its shortest form (X.690 §8.3.2), big-endian.
    pub(super) fn unsigned(&mut self) -> Result<&'a [u8], Malformed> {
        match self.element(INTEGER)? {
            [0] => Ok(&[]),
            [0, rest @ ..] if rest.first().is_some_and(|b| b & 0x80 != 0) => Ok(rest),
            content @ [1..=0x7f, ..] => Ok(content),
            _ => Err(Malformed),
        }
    }

    /// What has not been read.
    pub(super) fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), Malformed> {
        if self.0.is_empty() { Ok(()) } else { Err(Malformed) }
    }
}

/// The length octets (X.690 §10.1: definite and shortest) and what follows them.
fn length(input: &[u8]) -> Result<(usize, &[u8]), Malformed> {
    let (&first, rest) = input.split_first().ok_or(Malformed)?;
    if first < 0x80 {
        return Ok((usize::from(first), rest));
    }
    let (octets, rest) = rest.split_at_checked(usize::from(first & 0x7f)).ok_or(Malformed)?;
    if octets.len() > 4 || octets.first().is_none_or(|&b| b == 0) {
        return Err(Malformed);
    }
    let value = octets.iter().fold(0, |value: usize, &b| value << 8 | usize::from(b));
    if value < 0x80 { Err(Malformed) } else { Ok((value, rest)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_shortest_forms_only() {
        let unsigned = |bytes: &'static [u8]| Reader::new(bytes).unsigned();
        assert_eq!(unsigned(&[2, 1, 0]), Ok(&[][..]));
        assert_eq!(unsigned(&[2, 2, 0, 0x80]), Ok(&[0x80][..]));
        for bad in [&[][..], &[2], &[2, 0], &[2, 1], &[2, 1, 0x80], &[2, 2, 0, 1], &[2, 0x81, 1, 5], &[2, 0x80, 0, 0]] {
            assert_eq!(unsigned(bad), Err(Malformed), "{bad:x?}");
        }
    }

    #[test]
    fn refuses_trailing_bytes_and_wild_lengths() {
        assert_eq!(Reader::only(&[0x30, 0, 0], SEQUENCE), Err(Malformed));
        assert_eq!(Reader::only(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff], SEQUENCE), Err(Malformed));
        assert_eq!(Reader::only(&[0x30, 0x85, 1, 0, 0, 0, 0], SEQUENCE), Err(Malformed));
    }
}
