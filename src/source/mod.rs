//! Where bytes come from and where they stand: the Tree, files, spans, line index and the maps between layers.
//! Nothing here knows what a request is; nothing outside computes an offset.
//! A span is in the coordinates of one layer (the DER, the text around it) and becomes file bytes only in `Sources`.

mod disk;
pub(crate) mod door;
mod git;
mod hidden;
mod lines;
mod map;
mod owners;
mod path;
mod text;
mod tree;
pub(crate) mod write;

pub use disk::DiskTree;
#[doc(hidden)]
pub use git::line_times;
pub use git::{Change, ChangeKind, Changes, Git, GitError, LineTime, ObjectId, ObjectTree, Side};
pub use lines::{LineIndex, Position, line_at};
pub use map::{Layer, Map, Run, Runs};
pub use owners::Owners;
pub use path::FilePath;
pub use text::{Encoding, decode_damaged, decode_utf16, detect_encoding};
pub use tree::{Content, Listing, MemoryTree, OverlayTree, Tree, WalkNotice, WalkOptions};

use std::ops::Range;
use std::sync::{Arc, OnceLock};

use crate::redact::Secrets;

/// Which layer of an artifact a [`Span`] counts in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SourceId(pub u16);

impl SourceId {
    /// The decoded bytes of the artifact itself (the DER of a PKCS#10 request).
    pub const CONTENT: Self = Self(0);
    /// The text the artifact was found in (the PEM file, or the text inside one layer of base64).
    pub const TEXT: Self = Self(1);
    /// The file itself: what stands around an artifact that was found in one layer of base64 or more.
    pub const FILE: Self = Self(2);
}

/// A half-open byte range in one layer of an artifact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// The layer that is counted in.
    pub source: SourceId,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// A span in the decoded content of the artifact.
    pub fn content(start: usize, end: usize) -> Self {
        Self::new(SourceId::CONTENT, start, end)
    }

    /// A span in the text the artifact stands in.
    pub fn text(start: usize, end: usize) -> Self {
        Self::new(SourceId::TEXT, start, end)
    }

    /// A span of the file's bytes.
    pub fn file(start: usize, end: usize) -> Self {
        Self::new(SourceId::FILE, start, end)
    }

    fn new(source: SourceId, start: usize, end: usize) -> Self {
        let clamp = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        Self { source, start: clamp(start), end: clamp(end.max(start)) }
    }

    /// The range as indices.
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Whether `other` lies inside this span, in the same layer.
    pub fn contains(self, other: Self) -> bool {
        self.source == other.source && self.start <= other.start && other.end <= self.end
    }
}

/// A file that was read: its path in the tree and its bytes as they are on disk.
#[derive(Debug)]
pub struct SourceFile {
    /// Where it stands in the tree.
    pub path: Arc<FilePath>,
    /// Its bytes, unchanged.
    pub bytes: Vec<u8>,
    encoding: Encoding,
    lines: OnceLock<LineIndex>,
    secrets: OnceLock<Secrets>,
    others: OnceLock<Vec<Arc<Secrets>>>,
}

impl SourceFile {
    /// Wraps bytes that were read from `path`.
    pub fn new(path: Arc<FilePath>, bytes: Vec<u8>) -> Self {
        let encoding = detect_encoding(&bytes);
        Self { path, bytes, encoding, lines: OnceLock::new(), secrets: OnceLock::new(), others: OnceLock::new() }
    }

    /// How the bytes are to be read as text.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The line and columns of a byte offset.
    pub fn position(&self, offset: usize) -> Position {
        self.lines.get_or_init(|| LineIndex::new(&self.bytes, self.encoding)).position(&self.bytes, offset)
    }

    /// What of it must not be shown: ranges of its bytes, and their values. Whatever is said of a file goes through this.
    pub fn secrets(&self) -> &Secrets {
        self.secrets.get_or_init(|| secrets_of(&self.bytes).with(self.others.get().cloned().unwrap_or_default()))
    }

    /// Takes note of the secrets of other files, from which values of this one come. It counts the first time, and before
    /// anything is said of the file.
    pub fn takes_from(&self, others: Vec<Arc<Secrets>>) {
        let _ = self.others.set(others);
    }
}

/// What of a file's bytes must not be shown; of one that is no text nothing is shown as it is.
pub fn secrets_of(bytes: &[u8]) -> Secrets {
    match detect_encoding(bytes) {
        Encoding::Utf8 => Secrets::of(bytes),
        Encoding::Utf16 { big_endian } => {
            let (text, map) = decode_utf16(bytes, big_endian);
            Secrets::of(text.as_bytes()).placed(|range| map.locate(range.clone()))
        }
        Encoding::Binary => Secrets::default(),
    }
}

/// The layers of one artifact, each with its way down to the bytes on disk.
#[derive(Debug, Clone)]
pub struct Sources {
    /// The file all layers end in.
    pub file: Arc<SourceFile>,
    maps: Vec<Map>,
}

impl Sources {
    /// `content` maps the artifact's own bytes, `text` the text it stands in.
    pub fn new(file: Arc<SourceFile>, content: Map, text: Map) -> Self {
        Self { file, maps: vec![content, text, Map::identity()] }
    }

    /// The file byte ranges that carry `span`, in order and merged where they touch. Never empty.
    pub fn locate(&self, span: Span) -> Vec<Range<usize>> {
        let length = self.file.bytes.len();
        let mut ranges =
            self.maps.get(usize::from(span.source.0)).map(|map| map.locate(span.range())).unwrap_or_default();
        for range in &mut ranges {
            range.start = range.start.min(length);
            range.end = range.end.clamp(range.start, length);
        }
        if ranges.is_empty() {
            ranges.push(0..0);
        }
        ranges
    }
}
