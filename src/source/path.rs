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
                            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(*byte)),
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

fn shown(native: &Path) -> String {
    use std::fmt::Write as _;
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
                    out.push_str(chunk.valid());
                    for byte in chunk.invalid() {
                        let _ = write!(out, "\\x{byte:02X}");
                    }
                }
            }
        }
    }
    if out.is_empty() { ".".to_owned() } else { out }
}
