//! The formats of templates: what has to stand in a text for it to be one of them, and who reads it then.
//! The marks are scanned for in every file of a tree, so that each is rare elsewhere and there are few of them.
//! A mark is no proof: each reader looks for itself, and takes nothing where the rest does not fit.

use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind};

use super::template::TemplateText;
use super::{Artifact, Surroundings};

/// One format.
struct Format {
    /// One of these stands in every text of the format.
    marks: &'static [&'static str],
    /// Reads all templates of the text.
    read: fn(&TemplateText<'_>, &Surroundings<'_>, &mut Vec<Artifact>),
}

/// Every format of templates.
const FORMATS: &[Format] = &[
    Format { marks: super::openssl::MARKS, read: super::openssl::read },
    Format { marks: super::certreq::MARKS, read: super::certreq::read },
    Format { marks: super::cfssl::MARKS, read: super::cfssl::read },
    Format { marks: super::azure::MARKS, read: super::azure::read },
    Format { marks: super::ansible::MARKS, read: super::ansible::read },
    Format { marks: super::cloudformation::MARKS, read: super::cloudformation::read },
    Format { marks: super::terraform::MARKS, read: super::terraform::read },
    Format { marks: super::kubernetes::MARKS, read: super::kubernetes::read },
];

/// All marks, in the order of the formats.
pub(super) fn marks() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().flat_map(|format| format.marks.iter().copied())
}

/// Marks that stand in many large files of other things (lists of hosts, inventories), too.
const COMMON: [&str; 4] = ["\"CN\"", "\"signing\"", "\"usages\"", "\"hosts\""];

static SEARCH_FOR_TELLING: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(marks().filter(|mark| !COMMON.contains(mark))).ok());

/// Where something stands in a text that hardly anything but a template has.
pub(super) fn first_mark(text: &[u8]) -> Option<usize> {
    SEARCH_FOR_TELLING.as_ref()?.find(text).map(|hit| hit.start())
}

static SEARCH: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(marks()).ok());

/// Reads the templates of a text, format by format.
pub(super) fn read(text: &TemplateText<'_>, around: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    let Some(search) = SEARCH.as_ref() else { return };
    let mut is_marked = [false; FORMATS.len()];
    let numbered = FORMATS.iter().enumerate();
    let formats: Vec<usize> = numbered.flat_map(|(number, format)| format.marks.iter().map(move |_| number)).collect();
    for hit in search.find_iter(text.text) {
        if let Some(marked) = formats.get(hit.pattern().as_usize()).and_then(|number| is_marked.get_mut(*number)) {
            *marked = true;
        }
    }
    for (format, _) in FORMATS.iter().zip(is_marked).filter(|(_, marked)| *marked) {
        (format.read)(text, around, found);
    }
}
