//! A path in the tree: the bytes the system knows it by, and the one way it is written in reports.
//! Reports use `/` and are relative to the root of the tree on every system.
//! A path need not be UTF-8; its other bytes are written `\xNN`, so that two paths never look alike.

use std::path::{Component, Path, PathBuf};

/// A file's path relative to the root of its tree.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FilePath {
    shown: String,
    native: PathBuf,
}

impl FilePath {
    /// From a path that is relative to the root of the tree (or absolute, for a file outside of it).
    pub fn new(native: impl Into<PathBuf>) -> Self {
        let native = native.into();
        Self { shown: shown(&native), native }
    }

    /// From the way a report writes it.
    pub fn from_shown(shown: &str) -> Self {
        if !has_escape(shown.as_bytes()) {
            return Self::new(shown);
        }
        let mut bytes = Vec::with_capacity(shown.len());
        let mut rest = shown.as_bytes();
        while let Some((first, after)) = rest.split_first() {
            let hex =
                |digits: &[u8]| std::str::from_utf8(digits).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok());
            match (first, after) {
                (b'\\', [b'\\', after @ ..]) => {
                    bytes.push(b'\\');
                    rest = after;
                }
                (b'\\', [b'x', digits @ ..])
                    if digits.len() >= 2 && hex(digits.get(..2).unwrap_or_default()).is_some() =>
                {
                    bytes.extend(hex(digits.get(..2).unwrap_or_default()));
                    rest = digits.get(2..).unwrap_or_default();
                }
                _ => {
                    bytes.push(*first);
                    rest = after;
                }
            }
        }
        Self::new(native(&bytes))
    }

    /// As reports, patterns and fingerprints have it.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// As the system has it.
    pub fn native(&self) -> &Path {
        &self.native
    }

    /// As a relative URI reference (RFC 3986 section 4.2), every byte outside `pchar` percent-encoded.
    pub fn to_uri(&self) -> String {
        use std::fmt::Write as _;
        let mut uri = String::with_capacity(self.shown.len());
        for part in self.native.components() {
            match part {
                Component::CurDir => continue,
                Component::RootDir => uri.push('/'),
                Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {
                    if !uri.is_empty() && !uri.ends_with('/') {
                        uri.push('/');
                    }
                    for byte in part.as_os_str().as_encoded_bytes() {
                        match byte {
                            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                                uri.push(char::from(*byte))
                            }
                            _ => {
                                let _ = write!(uri, "%{byte:02X}");
                            }
                        }
                    }
                }
            }
        }
        uri
    }
}

impl std::fmt::Display for FilePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.shown)
    }
}

/// Names that are not UTF-8, or look like one that is written with escapes, are written with escapes: `\xNN` for a byte,
/// a double backslash for one. All others are written as they are, so that no two paths are written alike.
fn shown(native: &Path) -> String {
    use std::fmt::Write as _;
    let bytes = native.as_os_str().as_encoded_bytes();
    let escaped = cfg!(unix) && (std::str::from_utf8(bytes).is_err() || has_escape(bytes));
    let mut out = String::new();
    for part in native.components() {
        match part {
            Component::CurDir => continue,
            Component::RootDir => out.push('/'),
            Component::Prefix(_) | Component::ParentDir | Component::Normal(_) => {
                if !out.is_empty() && !out.ends_with('/') {
                    out.push('/');
                }
                for chunk in part.as_os_str().as_encoded_bytes().utf8_chunks() {
                    if escaped {
                        out.push_str(&chunk.valid().replace('\\', "\\\\"));
                    } else {
                        out.push_str(chunk.valid());
                    }
                    for byte in chunk.invalid() {
                        let _ = write!(out, "\\x{byte:02X}");
                    }
                }
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}

/// Whether there is a `\xNN` in a name.
fn has_escape(bytes: &[u8]) -> bool {
    bytes
        .windows(4)
        .any(|window| matches!(window, [b'\\', b'x', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit()))
}

/// A path from its bytes, where the system's paths are bytes.
#[cfg(unix)]
pub(super) fn native(bytes: &[u8]) -> PathBuf {
    use std::os::unix::ffi::OsStrExt as _;
    PathBuf::from(std::ffi::OsStr::from_bytes(bytes))
}

#[cfg(not(unix))]
pub(super) fn native(bytes: &[u8]) -> PathBuf {
    PathBuf::from(String::from_utf8_lossy(bytes).into_owned())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_is_read_back_and_never_ambiguous() {
        for bytes in [b"a/b.csr".as_slice(), b"a\xFF.csr", b"a\\xFF.csr", b"a\\\xC3.csr", b"a\\n\\\\x.csr"] {
            let path = FilePath::new(native(bytes));
            assert_eq!(FilePath::from_shown(path.as_str()), path);
        }
        assert_ne!(FilePath::new(native(b"a\xFF")).as_str(), FilePath::new(native(b"a\\xFF")).as_str());
    }
}
