//! A walk over DER that keeps the place of every element and goes on after errors (X.690).
//! It reads tags, lengths and the form of universal primitive values; what they mean is read elsewhere.
//! BER is accepted and recorded: a request that some tool accepts must be seen, not refused.

use crate::encoding::{Defect, DefectKind};
use crate::source::Span;

/// Universal tag numbers (X.680 section 8.4).
pub mod tag {
    #![allow(missing_docs, reason = "the names are the standard's")]
    pub const BOOLEAN: u8 = 0x01;
    pub const INTEGER: u8 = 0x02;
    pub const BIT_STRING: u8 = 0x03;
    pub const OCTET_STRING: u8 = 0x04;
    pub const NULL: u8 = 0x05;
    pub const OID: u8 = 0x06;
    pub const UTF8_STRING: u8 = 0x0C;
    pub const SEQUENCE: u8 = 0x30;
    pub const SET: u8 = 0x31;
    pub const PRINTABLE_STRING: u8 = 0x13;
    pub const TELETEX_STRING: u8 = 0x14;
    pub const IA5_STRING: u8 = 0x16;
    pub const UTC_TIME: u8 = 0x17;
    pub const GENERALIZED_TIME: u8 = 0x18;
    pub const UNIVERSAL_STRING: u8 = 0x1C;
    pub const BMP_STRING: u8 = 0x1E;
    /// `[n]`, constructed.
    pub const fn context(number: u8) -> u8 {
        0xA0 | number
    }
}

/// Elements nested deeper than this are not entered; no certification request needs a tenth of it.
pub const MAX_DEPTH: u32 = 48;
/// Elements beyond this number are not read.
pub const MAX_ELEMENTS: usize = 200_000;

const CONSTRUCTED: u8 = 0x20;

/// One element: identifier, length, content.
#[derive(Debug, Clone, Copy)]
pub struct Element {
    /// Class, form and number in one octet, however many it took; the number is 31 where it does not fit.
    pub tag: u8,
    /// Offset of the identifier octet.
    pub start: u32,
    /// Offset of the content.
    pub content: u32,
    /// One past the content.
    pub end: u32,
    /// One past the element; differs from `end` by the end-of-contents octets of an indefinite length.
    pub stop: u32,
    /// Index one past the last element below this one.
    after: u32,
    /// The length reached past the container and was cut.
    pub truncated: bool,
}

impl Element {
    /// The whole element.
    pub fn span(&self) -> Span {
        Span::content(self.start as usize, self.stop as usize)
    }

    /// The content alone.
    pub fn content_span(&self) -> Span {
        Span::content(self.content as usize, self.end as usize)
    }

    /// Whether the content is elements.
    pub fn is_constructed(&self) -> bool {
        self.tag & CONSTRUCTED != 0
    }
}

/// An element of a [`Dom`], by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Id(u32);

/// What one [`Dom::walk`] added.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Roots {
    first: u32,
    end: u32,
}

/// All elements of an input in the order of their first octets.
#[derive(Debug)]
pub struct Dom<'a> {
    /// The bytes that were walked.
    pub bytes: &'a [u8],
    elements: Vec<Element>,
}

/// What the walk records of the form of primitive values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Primitives {
    /// All defects.
    Checked,
    /// All but the form of INTEGERs: the numbers of a key are judged as a key.
    IntegersUnchecked,
}

impl<'a> Dom<'a> {
    /// An empty walk over `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, elements: Vec::with_capacity(96) }
    }

    /// Walks the elements that stand side by side in `range`, and all that is in them.
    pub fn walk(&mut self, range: std::ops::Range<usize>, primitives: Primitives, defects: &mut Vec<Defect>) -> Roots {
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        let first = number(self.elements.len());
        let mut walker = Walker { dom: self, defects, primitives, full: false, cut: false };
        walker.elements(range.start, range.end, 0, false);
        Roots { first, end: number(self.elements.len()) }
    }

    /// The element; `Id`s only come from this `Dom`.
    pub fn get(&self, id: Id) -> Element {
        // An Id is only made for an element that was pushed; the fallback keeps a foreign one from panicking.
        self.elements.get(id.0 as usize).copied().unwrap_or(Element {
            tag: 0,
            start: 0,
            content: 0,
            end: 0,
            stop: 0,
            after: 0,
            truncated: true,
        })
    }

    /// The elements directly inside.
    pub fn children(&self, id: Id) -> Siblings<'_, 'a> {
        Siblings { dom: self, next: id.0 + 1, end: self.get(id).after }
    }

    /// The elements a walk found side by side.
    pub fn roots(&self, roots: Roots) -> Siblings<'_, 'a> {
        Siblings { dom: self, next: roots.first, end: roots.end }
    }

    /// The content octets.
    pub fn content(&self, id: Id) -> &'a [u8] {
        self.bytes.get(self.get(id).content_span().range()).unwrap_or_default()
    }

    /// All octets of the element.
    pub fn raw(&self, id: Id) -> &'a [u8] {
        self.bytes.get(self.get(id).span().range()).unwrap_or_default()
    }

    /// The octets of a string, whatever its form: those of its parts where it is constructed (X.690 section 8.21).
    pub fn string(&self, id: Id) -> std::borrow::Cow<'a, [u8]> {
        if self.get(id).is_constructed() && is_string(self.tag(id) & !CONSTRUCTED) {
            self.children(id).flat_map(|part| self.string(part).into_owned()).collect()
        } else {
            self.content(id).into()
        }
    }

    /// The tag octet of a string type, without the bit that says it is constructed.
    pub fn string_tag(&self, id: Id) -> u8 {
        let primitive = self.tag(id) & !CONSTRUCTED;
        if is_string(primitive) { primitive } else { self.tag(id) }
    }

    /// The tag octet.
    pub fn tag(&self, id: Id) -> u8 {
        self.get(id).tag
    }

    /// The span of the whole element.
    pub fn span(&self, id: Id) -> Span {
        self.get(id).span()
    }
}

/// Iterator over elements side by side.
#[derive(Debug, Clone)]
pub struct Siblings<'d, 'a> {
    dom: &'d Dom<'a>,
    next: u32,
    end: u32,
}

impl Iterator for Siblings<'_, '_> {
    type Item = Id;

    fn next(&mut self) -> Option<Id> {
        if self.next >= self.end {
            return None;
        }
        let id = Id(self.next);
        self.next = self.dom.get(id).after.max(self.next + 1);
        Some(id)
    }
}

struct Walker<'w, 'a> {
    dom: &'w mut Dom<'a>,
    defects: &'w mut Vec<Defect>,
    primitives: Primitives,
    /// The limit of elements is reached.
    full: bool,
    /// Inside of an element that was cut: that its parts are cut too is no news.
    cut: bool,
}

impl Walker<'_, '_> {
    /// Reads elements from `at` up to `end`; `None` as the end of an indefinite length. Returns where it stopped.
    fn elements(&mut self, mut at: usize, end: usize, depth: u32, until_end_of_contents: bool) -> usize {
        while at < end {
            if until_end_of_contents && self.dom.bytes.get(at..at + 2) == Some(&[0, 0]) {
                return at;
            }
            if self.full {
                return end;
            }
            if self.dom.elements.len() >= MAX_ELEMENTS {
                self.full = true;
                self.record(
                    DefectKind::TooDeep,
                    at,
                    end,
                    format!("more than {MAX_ELEMENTS} elements; the rest was not read"),
                );
                return end;
            }
            match self.element(at, end, depth) {
                Some(next) => at = next,
                None => return end,
            }
        }
        end
    }

    /// Reads one element and what is in it. `None` when there is no telling where the next one starts.
    fn element(&mut self, start: usize, limit: usize, depth: u32) -> Option<usize> {
        let bytes = self.dom.bytes;
        let mut tag = *bytes.get(start)?;
        let mut at = start + 1;
        if tag & 0x1F == 0x1F {
            let (number, after) = self.long_tag(start, at, limit)?;
            at = after;
            if let Some(number) = u8::try_from(number).ok().filter(|number| *number < 31) {
                tag = tag & 0xE0 | number;
            }
        }
        let Some(length) = self.length(start, at, limit) else {
            self.truncated(start, limit, "the data ends inside a tag or length");
            return None;
        };
        let content = length.content;
        let (mut end, truncated) = match length.value {
            Some(value) if value <= limit - content => (content + value, false),
            Some(value) => {
                let missing = value - (limit - content);
                self.truncated(start, limit, format!("the length says {value} bytes, {missing} more than there are"));
                (limit, true)
            }
            None => (limit, false),
        };
        let index = self.dom.elements.len();
        let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
        self.dom.elements.push(Element {
            tag,
            start: number(start),
            content: number(content),
            end: number(end),
            stop: number(end),
            after: 0,
            truncated,
        });
        let mut stop = end;
        if tag & CONSTRUCTED != 0 {
            if is_string(tag & !CONSTRUCTED) {
                self.record(
                    DefectKind::ConstructedString,
                    start,
                    end,
                    "a string type in constructed form, which DER forbids",
                );
            }
            if depth + 1 >= MAX_DEPTH {
                self.record(
                    DefectKind::TooDeep,
                    start,
                    end,
                    format!("nested more than {MAX_DEPTH} levels deep; not entered"),
                );
            } else {
                let outer = self.cut;
                self.cut = outer || truncated;
                let stopped = self.elements(content, end, depth + 1, length.value.is_none());
                self.cut = outer;
                if length.value.is_none() {
                    end = stopped;
                    if bytes.get(end..end + 2) == Some(&[0, 0]) && end + 2 <= limit {
                        stop = end + 2;
                    } else {
                        self.record(
                            DefectKind::Truncated,
                            start,
                            limit,
                            "an indefinite length without its end-of-contents octets",
                        );
                        stop = limit;
                    }
                }
            }
        } else if length.value.is_none() {
            // X.690 8.1.3.2: a primitive element has a definite length. There is no telling where it ends.
            self.record(DefectKind::ValueMalformed, start, limit, "a primitive value with an indefinite length");
        } else if !truncated {
            self.primitive(tag, start, content, end);
        }
        let after = number(self.dom.elements.len());
        if let Some(element) = self.dom.elements.get_mut(index) {
            element.end = number(end);
            element.stop = number(stop);
            element.after = after;
        }
        Some(stop)
    }

    /// X.690 8.1.2.4: the number in base 128, most significant first.
    fn long_tag(&mut self, start: usize, mut at: usize, limit: usize) -> Option<(u64, usize)> {
        let mut value: u64 = 0;
        let first = at;
        loop {
            let Some(octet) = self.dom.bytes.get(at).filter(|_| at < limit) else {
                self.truncated(start, limit, "the data ends inside a tag");
                return None;
            };
            value = value.saturating_mul(128).saturating_add(u64::from(octet & 0x7F));
            at += 1;
            if octet & 0x80 == 0 {
                break;
            }
        }
        if value < 31 || self.dom.bytes.get(first) == Some(&0x80) {
            self.record(DefectKind::TagNotMinimal, start, at, "a tag in more octets than needed");
        }
        Some((value, at))
    }

    fn length(&mut self, start: usize, at: usize, limit: usize) -> Option<Length> {
        let bytes = self.dom.bytes.get(..limit)?;
        let first = *bytes.get(at)?;
        if first < 0x80 {
            return Some(Length { content: at + 1, value: Some(usize::from(first)) });
        }
        if first == 0x80 {
            self.record(DefectKind::IndefiniteLength, start, at + 1, "an indefinite length, which DER forbids");
            return Some(Length { content: at + 1, value: None });
        }
        let octets = bytes.get(at + 1..at + 1 + usize::from(first & 0x7F))?;
        let value =
            octets.iter().fold(0usize, |value, octet| value.saturating_mul(256).saturating_add(usize::from(*octet)));
        let content = at + 1 + octets.len();
        if octets.first() == Some(&0) || value < 0x80 {
            self.record(
                DefectKind::LengthNotMinimal,
                start,
                content,
                format!("the length {value} in {} octets", octets.len() + 1),
            );
        }
        Some(Length { content, value: Some(value) })
    }

    /// The form of universal primitive values (X.690 sections 8 and 11).
    fn primitive(&mut self, tag: u8, start: usize, content: usize, end: usize) {
        let value = self.dom.bytes.get(content..end).unwrap_or_default();
        match tag {
            tag::BOOLEAN => match value {
                [0 | 0xFF] => {}
                [other] => self.record(
                    DefectKind::BooleanNotDer,
                    start,
                    end,
                    format!("TRUE encoded as {other:#04x}; DER has 0xff"),
                ),
                _ => self.record(DefectKind::ValueMalformed, start, end, "a BOOLEAN that is not one octet"),
            },
            tag::INTEGER => {
                if value.is_empty() {
                    self.record(DefectKind::ValueMalformed, start, end, "an INTEGER without content");
                } else if self.primitives == Primitives::Checked && is_padded_integer(value) {
                    self.record(
                        DefectKind::IntegerNotMinimal,
                        start,
                        end,
                        "an INTEGER with superfluous leading octets",
                    );
                }
            }
            tag::BIT_STRING => match value.split_first() {
                None => {
                    self.record(DefectKind::ValueMalformed, start, end, "a BIT STRING without its unused-bits octet")
                }
                Some((unused, rest)) if *unused > 7 || (*unused > 0 && rest.is_empty()) => {
                    self.record(
                        DefectKind::ValueMalformed,
                        start,
                        end,
                        format!("a BIT STRING that says {unused} unused bits"),
                    );
                }
                Some((unused, rest)) => {
                    if rest.last().is_some_and(|last| *unused > 0 && last & ((1 << unused) - 1) != 0) {
                        self.record(
                            DefectKind::BitStringNotDer,
                            start,
                            end,
                            "unused bits of a BIT STRING that are not zero",
                        );
                    }
                }
            },
            tag::NULL if !value.is_empty() => {
                self.record(DefectKind::ValueMalformed, start, end, "a NULL with content")
            }
            tag::UTC_TIME if !is_time(value, 2) => {
                self.record(DefectKind::ValueMalformed, start, end, "a UTCTime that is not YYMMDDHHMMSSZ")
            }
            tag::GENERALIZED_TIME if !is_time(value, 4) => {
                self.record(DefectKind::ValueMalformed, start, end, "a GeneralizedTime that is not YYYYMMDDHHMMSSZ")
            }
            tag::OID if !is_oid(value) => {
                self.record(DefectKind::OidMalformed, start, end, "an OBJECT IDENTIFIER that is cut off or padded")
            }
            _ => {}
        }
    }

    fn truncated(&mut self, start: usize, end: usize, detail: impl Into<std::borrow::Cow<'static, str>>) {
        if !self.cut {
            self.record(DefectKind::Truncated, start, end, detail);
        }
    }

    fn record(
        &mut self,
        kind: DefectKind,
        start: usize,
        end: usize,
        detail: impl Into<std::borrow::Cow<'static, str>>,
    ) {
        self.defects.push(Defect::new(kind, Span::content(start, end), format!("der@{start}"), detail));
    }
}

struct Length {
    content: usize,
    value: Option<usize>,
}

fn is_string(primitive_tag: u8) -> bool {
    // SEQUENCE and SET without their constructed bit are 0x10 and 0x11.
    matches!(primitive_tag, tag::BIT_STRING | tag::OCTET_STRING | 0x07 | 0x0C | 0x12..=0x1E)
}

/// X.690 8.3.2: the first nine bits are neither all zero nor all one.
pub fn is_padded_integer(value: &[u8]) -> bool {
    matches!(value, [0, second, ..] if second & 0x80 == 0) || matches!(value, [0xFF, second, ..] if second & 0x80 != 0)
}

/// X.690 11.7 and 11.8: seconds are there, the zone is Z, a fraction does not end in 0.
fn is_time(value: &[u8], year_digits: usize) -> bool {
    let Some((digits, rest)) = value.split_at_checked(year_digits + 10) else { return false };
    let fraction = match rest {
        [b'Z'] => true,
        [b'.', fraction @ .., b'Z'] => {
            year_digits == 4
                && fraction.iter().all(u8::is_ascii_digit)
                && fraction.last().is_some_and(|last| *last != b'0')
        }
        _ => false,
    };
    let pair = |at: usize| {
        digits
            .get(at..at + 2)
            .and_then(|pair| std::str::from_utf8(pair).ok())
            .and_then(|pair| pair.parse::<u8>().ok())
            .unwrap_or(99)
    };
    let ranges = [(1, 12), (1, 31), (0, 23), (0, 59), (0, 59)];
    fraction
        && digits.iter().all(u8::is_ascii_digit)
        && ranges
            .iter()
            .enumerate()
            .all(|(number, (least, most))| (*least..=*most).contains(&pair(year_digits + 2 * number)))
}

/// X.690 8.19: base-128 numbers, none of them padded, the last one complete.
pub fn is_oid(value: &[u8]) -> bool {
    let complete = value.last().is_some_and(|last| last & 0x80 == 0);
    let mut at_start = true;
    let minimal = value.iter().all(|octet| {
        let padded = at_start && *octet == 0x80;
        at_start = octet & 0x80 == 0;
        !padded
    });
    complete && minimal
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(bytes: &[u8]) -> (usize, Vec<DefectKind>) {
        let mut defects = Vec::new();
        let mut dom = Dom::new(bytes);
        dom.walk(0..bytes.len(), Primitives::Checked, &mut defects);
        (dom.elements.len(), defects.into_iter().map(|defect| defect.kind).collect())
    }

    #[test]
    fn forms_are_recorded_and_reading_goes_on() {
        assert_eq!(walk(&[0x30, 0x03, 0x02, 0x01, 0x05]), (2, vec![]));
        assert_eq!(walk(&[0x30, 0x81, 0x03, 0x02, 0x01, 0x05]), (2, vec![DefectKind::LengthNotMinimal]));
        assert_eq!(walk(&[0x30, 0x80, 0x02, 0x01, 0x05, 0, 0]), (2, vec![DefectKind::IndefiniteLength]));
        assert_eq!(
            walk(&[0x30, 0x08, 0x01, 0x01, 0x01, 0x02, 0x02, 0x00, 0x05]),
            (3, vec![DefectKind::Truncated, DefectKind::BooleanNotDer, DefectKind::IntegerNotMinimal])
        );
        assert_eq!(walk(&[0x1F, 0x80, 0x0C, 0x00]), (1, vec![DefectKind::TagNotMinimal]));
        assert_eq!(walk(&[0x06, 0x02, 0x2A, 0x80]), (1, vec![DefectKind::OidMalformed]));
    }

    #[test]
    fn depth_and_number_are_bounded() {
        let deep: Vec<u8> = [0x30, 0x80].repeat(100_000);
        assert!(walk(&deep).1.contains(&DefectKind::TooDeep));
        let many = [0x05, 0x00].repeat(MAX_ELEMENTS + 10);
        let (count, defects) = walk(&many);
        assert_eq!((count, defects), (MAX_ELEMENTS, vec![DefectKind::TooDeep]));
    }

    #[test]
    fn children_are_found() {
        let bytes = [0x30, 0x07, 0x30, 0x02, 0x05, 0x00, 0x01, 0x01, 0xFF];
        let mut dom = Dom::new(&bytes);
        let roots = dom.walk(0..bytes.len(), Primitives::Checked, &mut Vec::new());
        let first = dom.roots(roots).next().expect("an element");
        let tags: Vec<u8> = dom.children(first).map(|id| dom.tag(id)).collect();
        assert_eq!(tags, [0x30, 0x01]);
    }
}
