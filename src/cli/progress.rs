//! What a run is doing while it does it, and what it did: files counted as the tree lists and reads them.
//! The tree is wrapped rather than the engine asked: what is counted is what was listed and read.
//! The one line on a terminal comes after a second of work, goes before anything else is written, and is never in a report.

use std::io::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::terminal;
use crate::source::{Content, FilePath, Listing, Tree, WalkOptions};

/// A run shorter than this shows nothing.
const PATIENCE: Duration = Duration::from_secs(1);
/// Time between two drawings.
const PACE: Duration = Duration::from_millis(100);

/// What was listed and read.
#[derive(Debug, Default)]
pub(super) struct Counts {
    listed: AtomicU64,
    excluded: AtomicU64,
    bytes: AtomicU64,
    /// How long the walk took in microseconds, 0 until it has ended. Files are read and judged while it goes on.
    walked: AtomicU64,
}

impl Counts {
    /// Files that were listed.
    pub(super) fn listed(&self) -> u64 {
        self.listed.load(Ordering::Relaxed)
    }

    /// Files and directories that the policy leaves out; what is below such a directory is not looked at, nor counted.
    pub(super) fn excluded(&self) -> u64 {
        self.excluded.load(Ordering::Relaxed)
    }

    /// Bytes that were read.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// How long the last walk took.
    pub(super) fn walked(&self) -> Duration {
        Duration::from_micros(self.walked.load(Ordering::Relaxed))
    }
}

/// A tree that counts what is asked of it. With several walks it counts the last one.
pub(super) struct CountedTree<'a> {
    tree: &'a dyn Tree,
    counts: &'a Counts,
}

impl<'a> CountedTree<'a> {
    pub(super) fn new(tree: &'a dyn Tree, counts: &'a Counts) -> Self {
        Self { tree, counts }
    }
}

impl Tree for CountedTree<'_> {
    fn walk(&self, roots: &[FilePath], options: &WalkOptions<'_>, visit: &(dyn Fn(Listing) + Sync)) {
        let counts = self.counts;
        for count in [&counts.listed, &counts.excluded, &counts.bytes, &counts.walked] {
            count.store(0, Ordering::Relaxed);
        }
        let started = Instant::now();
        let excluded = |path: &FilePath| {
            let left_out = (options.excluded)(path);
            counts.excluded.fetch_add(u64::from(left_out), Ordering::Relaxed);
            left_out
        };
        let counted = |listing: Listing| {
            if matches!(listing, Listing::File(_)) {
                counts.listed.fetch_add(1, Ordering::Relaxed);
            }
            visit(listing);
        };
        self.tree.walk(roots, &WalkOptions { excluded: &excluded, ..*options }, &counted);
        let took = u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX);
        counts.walked.store(took.max(1), Ordering::Relaxed);
    }

    fn read(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        let content = self.tree.read(path, limit, buffer)?;
        let read = match &content {
            Content::Whole => buffer.len() as u64,
            Content::TooLarge { len, .. } => *len,
        };
        self.counts.bytes.fetch_add(read, Ordering::Relaxed);
        Ok(content)
    }

    fn read_sibling(&self, path: &FilePath, limit: u64, buffer: &mut Vec<u8>) -> io::Result<Content> {
        self.tree.read_sibling(path, limit, buffer)
    }

    fn list(&self, folder: &FilePath) -> Vec<FilePath> {
        self.tree.list(folder)
    }

    fn resolve(&self, path: &FilePath) -> FilePath {
        self.tree.resolve(path)
    }
}

/// Does the work; where `shown`, a line on standard error says how far it is.
pub(super) fn during<T>(counts: &Counts, shown: bool, work: impl FnOnce() -> T) -> T {
    if !shown {
        return work();
    }
    std::thread::scope(|scope| {
        let (working, end) = channel::<()>();
        scope.spawn(move || draw(counts, &end));
        let done = work();
        // Whoever draws sees the end and wipes the line; the scope waits for that.
        drop(working);
        done
    })
}

fn draw(counts: &Counts, end: &Receiver<()>) {
    const WIPE: &str = "\r\x1b[2K";
    let started = Instant::now();
    let mut pause = PATIENCE;
    let mut drawn = false;
    while let Err(RecvTimeoutError::Timeout) = end.recv_timeout(pause) {
        let line: String = said(counts, started.elapsed()).chars().take(terminal::width().saturating_sub(1)).collect();
        // At once, so that nothing comes between wiping and writing.
        drawn |= io::stderr().write_all(format!("{WIPE}{line}").as_bytes()).is_ok();
        pause = PACE;
    }
    if drawn {
        let _ = io::stderr().write_all(WIPE.as_bytes());
    }
}

fn said(counts: &Counts, elapsed: Duration) -> String {
    let doing = if counts.walked().is_zero() { "reading and judging" } else { "comparing, and judging costly keys" };
    format!("csrlint: {doing}: {} files, {}, {} s", counts.listed(), size(counts.bytes()), elapsed.as_secs())
}

/// `12.3 MB`.
pub(super) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} bytes");
    }
    let mut tenths = bytes / 100;
    let mut units = UNITS.iter();
    let mut unit = units.next();
    while tenths >= 10_000
        && let Some(next) = units.next()
    {
        tenths /= 1000;
        unit = Some(next);
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, unit.unwrap_or(&"TB"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_for_people() {
        for (bytes, shown) in
            [(0, "0 bytes"), (999, "999 bytes"), (1000, "1.0 kB"), (999_999, "999.9 kB"), (12_345_678, "12.3 MB")]
        {
            assert_eq!(size(bytes), shown);
        }
        assert_eq!(size(u64::MAX), "18446744.0 TB");
    }
}
