//! The tree from what a YAML or JSON reader sees, in order of place: values, beginnings and ends of lists and mappings.
//! Limits are kept here, expressions set aside find the list or mapping they stand in, and keys written twice are told.
//! No syntax is read here beyond columns.

use std::collections::HashMap;
use std::mem;
use std::ops::Range;

use super::placeholder::{Kind, Mark, Masked, within};
use super::{Document, Entry, Members, Node, Problem, Resolved, Value};
use crate::encoding::DefectKind;
use crate::request::Text;

/// Deeper nesting than any request needs.
const MOST_NESTING: usize = 64;
/// Values of one text, aliases included.
const MOST_NODES: usize = 200_000;
/// Bytes of text that aliases stand for, in all.
const MOST_ALIASED: usize = 4 << 20;
/// Mappings with more keys are searched for keys written twice with an index.
const FEW_KEYS: usize = 16;

/// Why a text is not read further.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Stop;

/// What kind of collection begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Collection {
    /// A list.
    List,
    /// A mapping.
    Mapping,
}

/// What is written before a value.
#[derive(Debug, Clone, Default)]
pub(super) struct Properties {
    /// An anchor's number.
    pub anchor: Option<usize>,
    /// Where a tag begins that only the tool can interpret.
    pub custom_tag: Option<usize>,
}

/// A scalar as the reader sees it.
pub(super) struct Seen<'s> {
    /// Where it is written.
    pub span: Range<usize>,
    /// Its text in the masked text, with escapes undone.
    pub decoded: &'s str,
    /// Without quotes.
    pub plain: bool,
    /// Its text has no escapes.
    pub verbatim: bool,
    /// A literal or folded block: what follows it begins here. Expressions up to there may be part of it.
    pub block: Option<usize>,
    /// Nothing is written, or `null`.
    pub null: bool,
}

/// Members so far; of a mapping also the key whose value comes next.
enum Filling {
    List(Members<Node>),
    Mapping(Members<Entry>, Option<(String, Range<usize>)>),
}

/// A list or mapping that has begun.
struct Frame {
    filling: Filling,
    start: usize,
    end: usize,
    /// Nothing in flow style and JSON, where columns mean nothing.
    column: Option<usize>,
    properties: Properties,
}

/// What aliases of an anchor stand for, and what that costs.
struct Anchored {
    node: Node,
    height: usize,
    nodes: usize,
    bytes: usize,
}

/// Documents that are being built.
pub(super) struct Builder<'b> {
    masked: &'b Masked<'b>,
    resolve: &'b dyn Fn(&str) -> Option<Resolved>,
    merges: bool,
    stack: Vec<Frame>,
    root: Option<Node>,
    /// Where the document begins.
    start: usize,
    problems: Vec<Problem>,
    documents: Vec<Document>,
    nodes: usize,
    aliased: usize,
    anchors: Option<HashMap<usize, Anchored>>,
    /// The first expression set aside that is not placed yet.
    aside: usize,
    /// Branches and loops (these with their place) before what comes next.
    branches: Vec<Option<Range<usize>>>,
    /// Expressions that belong to the collection which begins next.
    next_open: Vec<Range<usize>>,
    /// The end of the last value or key.
    last: usize,
}

/// What comes next, where an expression was set aside.
enum Next {
    Value,
    Begin(Collection, Option<usize>),
    End,
}

impl<'b> Builder<'b> {
    /// A tree to be built of a text, with or without YAML's merge keys.
    pub(super) fn new(masked: &'b Masked<'b>, resolve: &'b dyn Fn(&str) -> Option<Resolved>, merges: bool) -> Self {
        let aliases = memchr::memchr(b'*', masked.text.as_bytes()).is_some();
        Self {
            masked,
            resolve,
            merges,
            stack: Vec::new(),
            root: None,
            start: 0,
            problems: Vec::new(),
            documents: Vec::new(),
            nodes: 0,
            aliased: 0,
            anchors: aliases.then(HashMap::new),
            aside: 0,
            branches: Vec::new(),
            next_open: Vec::new(),
            last: 0,
        }
    }

    /// The end of the last value or key.
    pub(super) fn last(&self) -> usize {
        self.last
    }

    /// Whether a key of a mapping comes next.
    pub(super) fn wants_key(&self) -> bool {
        matches!(self.stack.last(), Some(Frame { filling: Filling::Mapping(_, None), .. }))
    }

    /// Something is wrong.
    pub(super) fn problem(&mut self, span: Range<usize>, problem: impl Into<String>) {
        self.problems.push(Problem::invalid(span, problem));
    }

    /// The problems of a document. Where expressions were masked, they may be the reason of them.
    fn told(&mut self) -> Vec<Problem> {
        let mut problems = mem::take(&mut self.problems);
        if self.masked.is_templated() {
            problems.retain(|problem| problem.kind == DefectKind::ShadowedValue);
        }
        problems
    }

    /// A document begins, with `---` or without.
    pub(super) fn begin_document(&mut self, at: usize, explicit: bool) {
        self.start = at;
        self.last = at;
        if explicit {
            self.aside_before(at);
            self.branches.clear();
        }
    }

    /// A document ends, whatever is still open in it.
    pub(super) fn end_document(&mut self, at: usize) {
        // What an error kept from being read is not known; the line it begins in stands for it.
        let rest = self.masked.written.get(self.last..).unwrap_or_default();
        let unread = rest.trim_start_matches(|character: char| character.is_whitespace() || ":,".contains(character));
        let from = self.last + rest.len() - unread.len();
        let unread = from..from + unread.lines().next().map_or(0, str::len);
        self.stack.iter_mut().for_each(|frame| frame.open(unread.clone()));
        while !self.stack.is_empty() {
            self.end(at, None);
        }
        let marks = self.aside_before(at);
        let mut root = self.root.take().unwrap_or_else(|| Node::null(self.start..self.start));
        if root.value == Value::Null {
            let texts: Vec<Mark> = marks.iter().filter(|mark| mark.kind == Kind::Text).cloned().collect();
            if let (Some(first), Some(last)) = (texts.first(), texts.last()) {
                root = Node { span: first.span.start..last.span.end, value: self.masked.alone(&texts, self.resolve) };
            }
        }
        self.branches.clear();
        self.next_open.clear();
        if let Some(anchors) = &mut self.anchors {
            anchors.clear();
        }
        let problems = self.told();
        // Between the parts of a template there is often nothing.
        if root.value == Value::Null && problems.is_empty() && self.masked.is_templated() {
            return;
        }
        let written = self.masked.written.get(self.start..at).unwrap_or_default();
        let span = self.start..self.start + written.trim_end().len();
        self.documents.push(Document { root, span, problems });
    }

    /// Whether no document was read.
    pub(super) fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// The documents that were read.
    pub(super) fn finish(self) -> Vec<Document> {
        self.documents
    }

    /// A list or mapping begins at a place, and at a column in block style.
    pub(super) fn begin(
        &mut self,
        collection: Collection,
        start: usize,
        column: Option<usize>,
        properties: Properties,
    ) -> Result<(), Stop> {
        self.place(start, &Next::Begin(collection, column));
        self.count(start, 1)?;
        if self.stack.len() >= MOST_NESTING {
            self.problem(start..start, format!("nested more than {MOST_NESTING} levels deep"));
            return Err(Stop);
        }
        let open = mem::take(&mut self.next_open);
        let filling = match collection {
            Collection::List => Filling::List(Members { seen: Vec::new(), open }),
            Collection::Mapping => Filling::Mapping(Members { seen: Vec::new(), open }, None),
        };
        self.stack.push(Frame { filling, start, end: start, column, properties });
        Ok(())
    }

    /// The innermost list or mapping ends before `at`, or with a bracket that ends there.
    pub(super) fn end(&mut self, at: usize, bracket: Option<usize>) {
        self.place(at, &Next::End);
        let Some(mut frame) = self.stack.pop() else { return };
        let end = bracket.unwrap_or(frame.end).max(frame.end);
        if matches!(&frame.filling, Filling::Mapping(_, Some(_))) {
            self.stack.push(frame);
            self.deliver(Node::null(self.last..self.last));
            let Some(popped) = self.stack.pop() else { return };
            frame = popped;
        }
        let value = match frame.filling {
            Filling::List(members) => Value::Sequence(members),
            Filling::Mapping(mut members, _) => {
                self.tell_twice(&members.seen);
                self.merge(&mut members);
                Value::Mapping(members)
            }
        };
        self.last = self.last.max(end);
        let node = Node { span: frame.start..end, value };
        let node = self.finished(node, &frame.properties);
        self.deliver(node);
    }

    /// A scalar.
    pub(super) fn scalar(&mut self, seen: &Seen<'_>, properties: &Properties) -> Result<(), Stop> {
        let region = if seen.block.is_some() { self.last.min(seen.span.start) } else { seen.span.start };
        self.place(region, &Next::Value);
        self.count(seen.span.start, 1)?;
        if self.wants_key() {
            let key = self.masked.as_written(&seen.span, seen.decoded);
            if properties.anchor.is_some() {
                let value = Value::Scalar(super::Scalar::whole(key.clone(), seen.plain));
                self.finished(Node { span: seen.span.clone(), value }, properties);
            }
            self.key(key, seen.span.clone());
            return Ok(());
        }
        let inner = self.inner(seen);
        let value = if seen.null && inner.is_empty() {
            Value::Null
        } else {
            let masked = self.masked;
            masked.scalar(&seen.span, seen.decoded, seen.plain, &inner, seen.verbatim, self.resolve)
        };
        self.last = self.last.max(seen.span.end);
        // `key:{{ ... }}`: the first byte of the expression was read as the white space that is missing.
        let first = self.masked.inline_in(&seen.span).first();
        let start = first.map_or(seen.span.start, |mark| mark.span.start.min(seen.span.start));
        let node = self.finished(Node { span: start..seen.span.end, value }, properties);
        self.deliver(node);
        Ok(())
    }

    /// The value of an anchor, at another place.
    pub(super) fn alias(&mut self, span: Range<usize>, anchor: usize) -> Result<(), Stop> {
        self.place(span.start, &Next::Value);
        let depth = self.stack.len();
        let anchored = self.anchors.as_ref().and_then(|anchors| anchors.get(&anchor));
        let fits = |anchored: &&Anchored| {
            depth + anchored.height <= MOST_NESTING && self.aliased + anchored.bytes <= MOST_ALIASED
        };
        let (mut node, nodes, bytes) = match anchored.filter(fits) {
            Some(anchored) => (anchored.node.clone(), anchored.nodes, anchored.bytes),
            None => {
                let written = self.masked.written.get(span.clone()).unwrap_or_default().to_owned();
                self.problem(span.clone(), "an alias of nothing that is complete in this document, or of too much");
                (Node { span: span.clone(), value: Value::Unknown(written) }, 1, 0)
            }
        };
        self.count(span.start, nodes)?;
        self.aliased += bytes;
        node.span = span.clone();
        self.last = self.last.max(span.end);
        if self.wants_key() {
            self.key(node.str().unwrap_or_default().to_owned(), span);
        } else {
            self.deliver(node);
        }
        Ok(())
    }

    /// An expression that stands where members of the innermost collection stand.
    pub(super) fn open(&mut self, span: Range<usize>) {
        self.last = self.last.max(span.end);
        if let Some(frame) = self.stack.last_mut() {
            frame.end = frame.end.max(span.end);
            frame.open(span);
        }
    }

    /// A second value where there is one already: it belongs to another branch, or the two are one text.
    pub(super) fn more(&mut self, span: Range<usize>) {
        let written = self.masked.written;
        let last = match self.stack.last_mut() {
            Some(Frame { filling: Filling::Mapping(members, None), .. }) => {
                members.seen.last_mut().map(|entry| &mut entry.value)
            }
            Some(Frame { filling: Filling::List(members), .. }) => members.seen.last_mut(),
            _ => None,
        };
        if let Some(node) = last {
            node.span.end = span.end.max(node.span.end);
            node.value = Value::Unknown(written.get(node.span.clone()).unwrap_or_default().to_owned());
        }
        self.last = self.last.max(span.end);
    }

    fn count(&mut self, at: usize, nodes: usize) -> Result<(), Stop> {
        self.nodes += nodes;
        if self.nodes > MOST_NODES {
            self.problem(at..at, format!("more than {MOST_NODES} values"));
            return Err(Stop);
        }
        Ok(())
    }

    /// Whether no more values are read of this text.
    pub(super) fn is_full(&self) -> bool {
        self.nodes > MOST_NODES
    }

    /// Drops what a custom tag hides, and keeps what an anchor names.
    fn finished(&mut self, mut node: Node, properties: &Properties) -> Node {
        if let Some(tag) = properties.custom_tag {
            let span = tag..node.span.end.max(tag);
            let written = self.masked.written.get(span.clone()).unwrap_or_default().trim_end();
            node = Node { span: tag..tag + written.len(), value: Value::Unknown(written.to_owned()) };
        }
        if let (Some(anchor), Some(anchors)) = (properties.anchor, &mut self.anchors) {
            let (height, nodes, bytes) = size(&node);
            // What no alias could stand for is not copied.
            if self.aliased + bytes <= MOST_ALIASED && self.nodes + nodes <= MOST_NODES {
                self.aliased += bytes;
                self.nodes += nodes;
                anchors.insert(anchor, Anchored { node: node.clone(), height, nodes, bytes });
            }
        }
        node
    }

    fn key(&mut self, key: String, span: Range<usize>) {
        self.last = self.last.max(span.end);
        let document = self.stack.len() == 1;
        let Some(Frame { filling: Filling::Mapping(members, pending), start, end, .. }) = self.stack.last_mut() else {
            return;
        };
        // The first key again, in another branch: another document stands there instead of this one.
        let again = document && members.seen.first().is_some_and(|first| first.key == key);
        if again && self.masked.branches_in(&(*end..span.start)) {
            let members = mem::take(members);
            let root = Node { span: *start..*end, value: Value::Mapping(members.clone()) };
            let from = mem::replace(&mut self.start, span.start);
            let until = *end;
            (*start, *end) = (span.start, span.end);
            *pending = Some((key, span));
            self.tell_twice(&members.seen);
            let problems = self.told();
            self.documents.push(Document { root, span: from..until, problems });
            return;
        }
        *end = (*end).max(span.end);
        *pending = Some((key, span));
    }

    fn deliver(&mut self, node: Node) {
        let Some(frame) = self.stack.last_mut() else {
            self.root.get_or_insert(node);
            return;
        };
        frame.end = frame.end.max(node.span.end);
        match &mut frame.filling {
            Filling::List(members) => members.seen.push(node),
            Filling::Mapping(members, pending) => match pending.take() {
                Some((key, key_span)) => members.seen.push(Entry { key, key_span, value: node }),
                // A list or mapping as a key: its text is the key.
                None => {
                    let key = self.masked.written.get(node.span.clone()).unwrap_or_default().to_owned();
                    *pending = Some((key, node.span));
                }
            },
        }
    }

    fn aside_before(&mut self, at: usize) -> &'b [Mark] {
        let rest = self.masked.aside.get(self.aside..).unwrap_or_default();
        let count = rest.partition_point(|mark| mark.span.start < at);
        self.aside += count;
        rest.get(..count).unwrap_or_default()
    }

    /// Finds the places of expressions that were set aside before `at`.
    fn place(&mut self, at: usize, next: &Next) {
        if self.aside >= self.masked.aside.len() && self.branches.is_empty() {
            return;
        }
        for mark in self.aside_before(at) {
            match mark.kind {
                Kind::Text => self.place_text(mark, next),
                Kind::Loop => self.branches.push(Some(mark.span.clone())),
                Kind::Opens => self.branches.push(None),
                Kind::End => {
                    self.branches.pop();
                }
                Kind::Else | Kind::Silent => {}
            }
        }
        if matches!(next, Next::End) || self.branches.is_empty() {
            return;
        }
        // What a loop repeats comes next: members of the collection that begins, or of the one that has begun.
        let loops = mem::take(&mut self.branches).into_iter().flatten();
        match (self.stack.last_mut(), next) {
            (Some(Frame { filling: Filling::Mapping(_, Some(_)), .. }), Next::Begin(..)) => {
                self.next_open.extend(loops)
            }
            (Some(Frame { filling: Filling::Mapping(_, Some(_)), .. }), _) => {}
            (Some(frame), _) => loops.for_each(|span| frame.open(span)),
            (None, Next::Begin(Collection::List, _)) => self.next_open.extend(loops),
            // A loop around documents.
            (None, _) => {}
        }
    }

    fn place_text(&mut self, mark: &Mark, next: &Next) {
        let pending = match self.stack.last() {
            Some(frame) => matches!(frame.filling, Filling::Mapping(_, Some(_))),
            None => self.root.is_none(),
        };
        if pending
            && let Next::Begin(_, column) = next
            && column.is_none_or(|column| column <= mark.column)
        {
            self.next_open.push(mark.span.clone());
            return;
        }
        // A key or dash without a value, and this deeper, or at the column of the key as lists may be: it is the value.
        let written = self.masked.written;
        let (column, last) = match self.stack.last_mut() {
            Some(Frame { filling: Filling::Mapping(members, None), column: Some(column), .. }) => {
                let last = members.seen.last_mut().map(|entry| &mut entry.value);
                let empty = last.as_ref().is_some_and(|last| last.value == Value::Null);
                if *column == mark.column && empty && !self.masked.is_data(mark) {
                    // It may also bring further keys.
                    members.open.push(mark.span.clone());
                }
                (*column, last)
            }
            Some(Frame { filling: Filling::List(members), column: Some(column), .. }) => {
                (*column + 1, members.seen.last_mut())
            }
            _ => (usize::MAX, None),
        };
        if let Some(last) = last.filter(|_| column <= mark.column) {
            let before = within(&self.masked.aside, &last.span);
            match &mut last.value {
                Value::Null => {
                    let value = self.masked.alone(std::slice::from_ref(mark), self.resolve);
                    *last = Node { span: mark.span.clone(), value };
                    self.extend(mark.span.end);
                    return;
                }
                Value::Unknown(expression) if !before.is_empty() && column < mark.column => {
                    last.span.end = mark.span.end;
                    *expression = written.get(last.span.clone()).unwrap_or_default().to_owned();
                    self.extend(mark.span.end);
                    return;
                }
                _ => {}
            }
        }
        let inner = self.stack.iter().rposition(|frame| frame.column.is_none_or(|column| column <= mark.column));
        let Some(inner) = inner else {
            if let Some(frame) = self.stack.first_mut() {
                frame.open(mark.span.clone());
            }
            return;
        };
        let column = self.stack.get(inner).and_then(|frame| frame.column);
        if let Some(frame) = self.stack.get_mut(inner) {
            frame.open(mark.span.clone());
        }
        // A list at the column of its key: the expression may be the list's or the mapping's.
        if let Some(outer) = inner.checked_sub(1).and_then(|outer| self.stack.get_mut(outer))
            && column.is_some()
            && outer.column == column
        {
            outer.open(mark.span.clone());
        }
    }

    fn extend(&mut self, end: usize) {
        self.last = self.last.max(end);
        if let Some(frame) = self.stack.last_mut() {
            frame.end = frame.end.max(end);
        }
    }

    /// The expressions set aside that are part of a scalar.
    fn inner(&mut self, seen: &Seen<'_>) -> Vec<Mark> {
        let rest = self.masked.aside.get(self.aside..).unwrap_or_default();
        let mut count = rest.partition_point(|mark| mark.span.start < seen.span.end);
        if let Some(until) = seen.block {
            // Behind the last line of a block, or where there is none, only what is deeper than the key can be its text.
            let column = self.stack.last().and_then(|frame| frame.column);
            let is_deeper = |mark: &Mark| mark.kind == Kind::Text && column.is_none_or(|column| column < mark.column);
            let behind = rest.get(count..).unwrap_or_default().iter().take_while(|mark| mark.span.start < until);
            let shallow = |mark: &&Mark| mark.kind != Kind::Text || is_deeper(mark);
            count += behind
                .take_while(shallow)
                .collect::<Vec<_>>()
                .iter()
                .rposition(|mark| is_deeper(mark))
                .map_or(0, |at| at + 1);
        }
        self.aside += count;
        rest.get(..count).unwrap_or_default().to_vec()
    }

    /// Tells of keys that are written twice, unless a branch lies between.
    fn tell_twice(&mut self, entries: &[Entry]) {
        let mut twice = Vec::new();
        if entries.len() <= FEW_KEYS {
            for (index, entry) in entries.iter().enumerate() {
                let before = entries.get(..index).unwrap_or_default();
                if let Some(first) = before.iter().rev().find(|other| other.key == entry.key) {
                    twice.push((first, entry));
                }
            }
        } else {
            let mut seen: HashMap<&str, &Entry> = HashMap::with_capacity(entries.len());
            for entry in entries {
                if let Some(first) = seen.insert(&entry.key, entry) {
                    twice.push((first, entry));
                }
            }
        }
        for (first, second) in twice {
            let expression = !self.masked.inline_in(&second.key_span).is_empty();
            let merge = self.merges && second.key == "<<";
            if !expression && !merge && !self.masked.branches_in(&(first.key_span.end..second.key_span.start)) {
                self.problems.push(Problem {
                    span: second.key_span.clone(),
                    kind: DefectKind::ShadowedValue,
                    text: format!("the key {:?} is written twice", second.key),
                });
            }
        }
    }

    /// Applies merge keys (https://yaml.org/type/merge.html): keys written in the mapping win, then earlier merges.
    fn merge(&mut self, members: &mut Members<Entry>) {
        if !self.merges || !members.seen.iter().any(|entry| entry.key == "<<") {
            return;
        }
        let (merges, own): (Vec<Entry>, Vec<Entry>) =
            mem::take(&mut members.seen).into_iter().partition(|entry| entry.key == "<<");
        let mut sources = Vec::new();
        for merge in merges {
            match merge.value.value {
                Value::Sequence(list) => {
                    sources.extend(list.seen);
                    members.open.extend(list.open);
                }
                _ => sources.push(merge.value),
            }
        }
        let mut names: std::collections::HashSet<String> = own.iter().map(|entry| entry.key.clone()).collect();
        for source in sources {
            match source.value {
                Value::Mapping(mapping) => {
                    members.open.extend(mapping.open);
                    let new: Vec<Entry> =
                        mapping.seen.into_iter().filter(|entry| !names.contains(&entry.key)).collect();
                    names.extend(new.iter().map(|entry| entry.key.clone()));
                    members.seen.extend(new);
                }
                Value::Null => {}
                _ => members.open.push(source.span),
            }
        }
        members.seen.extend(own);
    }
}

impl Frame {
    fn open(&mut self, span: Range<usize>) {
        match &mut self.filling {
            Filling::List(members) => members.open.push(span),
            Filling::Mapping(members, _) => members.open.push(span),
        }
    }
}

/// Height, values and bytes of text.
fn size(node: &Node) -> (usize, usize, usize) {
    match &node.value {
        Value::Null => (0, 1, 0),
        Value::Scalar(scalar) => {
            let text = match &scalar.text {
                Text::Whole(text) => text.len(),
                Text::Partial { prefix, suffix } => prefix.len() + suffix.len(),
            };
            (0, 1, text + scalar.expression.as_ref().map_or(0, String::len))
        }
        Value::Unknown(expression) => (0, 1, expression.len()),
        Value::Sequence(members) => members.seen.iter().map(size).fold((1, 1, 0), add),
        Value::Mapping(members) => members
            .seen
            .iter()
            .map(|entry| {
                let (height, nodes, text) = size(&entry.value);
                (height, nodes, text + entry.key.len())
            })
            .fold((1, 1, 0), add),
    }
}

fn add(sum: (usize, usize, usize), one: (usize, usize, usize)) -> (usize, usize, usize) {
    (sum.0.max(one.0 + 1), sum.1 + one.1, sum.2 + one.2)
}
