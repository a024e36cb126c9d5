//! From what a check found to a finding: its place in the file, what people are shown, its repair, its fingerprint.
//! What the findings of one subject have in common is made once, when the first of them needs it.

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use super::Engine;
use crate::catalogue::{Rule, Severity};
use crate::check::Broken;
use crate::fix;
use crate::policy::Facet;
use crate::redact;
use crate::report::{Excerpt, Finding, Listing, NotJudged, RequestRef, Shown, sanitise};
use crate::request::{Part, Request, Unseen};
use crate::source::{Encoding, SourceId, Sources, Span};

/// What the findings of one subject have in common, made when the first of them needs it.
pub(super) struct About<'a> {
    pub(super) engine: &'a Engine,
    pub(super) sources: &'a Sources,
    pub(super) request: Option<&'a Request>,
    pub(super) unseen: Option<Vec<Unseen>>,
    pub(super) embedded: bool,
    /// The scopes that count; those of the request without this.
    pub(super) scopes: Option<&'a [usize]>,
    pub(super) reference: Option<RequestRef>,
    pub(super) listing: Option<Arc<Listing>>,
}

impl About<'_> {
    /// The first of these parts of a template that is an expression.
    pub(super) fn unseen(&mut self, parts: &[Part]) -> Option<String> {
        let request = self.request.filter(|request| request.template.is_some() && !parts.is_empty())?;
        let unseen = self.unseen.get_or_insert_with(|| request.unknowns());
        let first = unseen.iter().find(|unseen| parts.contains(&unseen.part))?;
        Some(format!("{} is not known: {}", first.place, first.expression))
    }

    pub(super) fn finding(&mut self, rule: &Arc<Rule>, severity: Severity, broken: Broken) -> Finding {
        let ranges = self.sources.locate(broken.span);
        let file = &self.sources.file;
        let secrets = file.secrets();
        let legible = |text: &str| secrets.out_of(text).into_owned();
        let range = ranges.first().map_or(0, |range| range.start)..ranges.last().map_or(0, |range| range.end);
        let reference = self.reference();
        let shown = self.engine.keep.shown.then(|| self.shown(broken.span, &range)).flatten();
        let path = file.path.as_str();
        let wanted = |request| fix::repair(request, broken.wanted.as_ref()?);
        let repair = broken.fix.map(|fix| *fix).or_else(|| self.request.and_then(wanted));
        let fix = repair.and_then(|fix| fix.in_file(self.sources));
        let message = match self.request.and_then(|request| request.note(&broken.place)) {
            Some(note) => format!("{} ({note}).", broken.message.trim_end_matches('.')),
            None => broken.message,
        };
        let policy = &self.engine.policy;
        let fails = match self.scopes {
            Some(scopes) => policy.fails_in(&rule.id, severity, scopes),
            None => policy.fails(&rule.id, severity, path, self.request.map(Facet::of)),
        };
        Finding {
            rule: rule.clone(),
            severity,
            profiles: Vec::new(),
            clause: None,
            message: sanitise::shortened(&sanitise::line(&legible(&message)), 1000).into_owned(),
            path: file.path.clone(),
            start: file.position(range.start),
            end: file.position(range.end),
            place: legible(&broken.place),
            shown_value: legible(&broken.value),
            value: broken.value,
            request: reference,
            embedded: self.embedded,
            fingerprint: String::new(),
            waived: None,
            superseded_by: None,
            fails,
            fix,
            shown,
            related: Vec::new(),
            key: broken.key,
        }
    }

    fn reference(&mut self) -> Option<RequestRef> {
        let request = self.request?;
        let reference = self.reference.get_or_insert_with(|| RequestRef {
            title: title(request),
            spki_sha256: request.spki_sha256(),
            name: request.origin.sources.file.secrets().out_of(&request.origin.name).into_owned(),
            identity: request.identity(),
            embedded: request.origin.embedded,
        });
        Some(reference.clone())
    }

    fn shown(&mut self, span: Span, range: &Range<usize>) -> Option<Shown> {
        if span.source == SourceId::CONTENT
            && let Some(request) = self.request
        {
            let listing = self.listing.get_or_insert_with(|| Arc::new(Listing::of(request))).clone();
            let range = listing.range_of(span);
            return Some(Shown::Listing(listing, range));
        }
        let file = &self.sources.file;
        // Of a template, which people write, everything is shown but its secrets; of other files no long base64.
        if file.encoding() != Encoding::Utf8 {
            return None;
        }
        let template =
            self.request.filter(|request| request.is_described()).and_then(|request| request.template.as_ref());
        // What a reader knows for a secret, and what looks like one.
        let read =
            template.into_iter().flat_map(|template| &template.secrets).flat_map(|span| self.sources.locate(*span));
        let hidden = redact::merged(read.chain(file.secrets().ranges().iter().cloned()).collect());
        let line = file.position(range.start).line;
        Some(Shown::Excerpt(Excerpt::of(&file.bytes, range, line, &hidden, template.is_some())))
    }

    pub(super) fn not_judged(&self, rule: &Rule, reason: &str) -> NotJudged {
        let start = self
            .request
            .map_or(0, |request| self.sources.locate(request.origin.span).first().map_or(0, |range| range.start));
        NotJudged {
            path: self.sources.file.path.as_str().to_owned(),
            line: self.sources.file.position(start).line,
            rule: rule.id.clone(),
            request: self.request.map(title).unwrap_or_default(),
            reason: sanitise::line(&self.sources.file.secrets().out_of(reason)).into_owned(),
        }
    }
}

/// A few words on a request, for people.
pub(super) fn title(request: &Request) -> String {
    let title = request.title();
    let legible = request.origin.sources.file.secrets().out_of(&title);
    sanitise::shortened(&sanitise::line(&legible), 100).into_owned()
}

/// Marks findings about which another rule says more at the same place. What is waived, or weaker, supersedes nothing:
/// else a waiver for one rule would silence two.
pub(super) fn supersede(findings: &mut [Finding]) {
    let mut by_place: HashMap<(String, usize, String), Vec<usize>> = HashMap::new();
    for (number, finding) in findings.iter().enumerate() {
        let request = finding.request.as_ref().map_or_else(String::new, |request| request.identity.clone());
        // The same value: one place, such as keyUsage, can be wrong in several ways.
        let place = format!("{request}\0{}\0{}", finding.place, finding.value);
        by_place.entry((finding.path.as_str().to_owned(), finding.start.offset, place)).or_default().push(number);
    }
    for group in by_place.into_values().filter(|group| group.len() > 1) {
        for &number in &group {
            let finding = &findings[number];
            let superseder = group.iter().map(|other| &findings[*other]).find(|other| {
                // One that is superseded itself says nothing any more: rules in a circle must not silence each other.
                other.is_open()
                    && other.rule.id != finding.rule.id
                    && other.rule.supersedes.contains(&finding.rule.id)
                    && other.severity >= finding.severity
                    && other.fails >= finding.fails
            });
            let by = superseder.map(|other| other.rule.id.clone());
            findings[number].superseded_by = by;
        }
    }
}

/// Equal ones get `:2`, `:3` ... in order, so that no two are alike.
pub(super) fn fingerprint(findings: &mut [Finding]) {
    let mut seen: HashMap<String, usize> = HashMap::new();
    for finding in findings {
        let base = finding.unnumbered();
        let count = seen.entry(base.clone()).and_modify(|count| *count += 1).or_insert(1);
        finding.fingerprint = format!("{base}:{count}");
    }
}
