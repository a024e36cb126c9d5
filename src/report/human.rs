//! For people: ariadne's annotated diagnostics on the decoded request, with the place in the file as the head.
//! ariadne trusts its input. Here it gets sanitised copies, byte ranges on character boundaries within the text,
//! and one report at a time behind `catch_unwind`, with one plain line as the fallback (see `facts/crates.md` 2).

use std::fmt::Write as _;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use ariadne::{CharSet, Color, Config, IndexType, Label, ReportKind, Source};

use super::{Finding, Report, Shown, concise, sanitise};
use crate::catalogue::{Rule, Severity};
use crate::fix::Applicability;
use crate::policy::PolicyError;
use crate::redact::Secrets;

/// How to draw.
#[derive(Debug, Clone, Copy)]
pub struct Style {
    /// With colours.
    pub color: bool,
    /// With links (OSC 8) from the rules csrlint ships to their pages.
    pub links: bool,
    /// With box-drawing characters.
    pub unicode: bool,
    /// Columns to wrap texts at.
    pub width: usize,
    /// Also what could not be judged.
    pub verbose: bool,
    /// Without the texts below each finding.
    pub quiet: bool,
    /// Also findings that are waived, ignored or in the baseline.
    pub suppressed: bool,
}

impl Default for Style {
    fn default() -> Self {
        Self { color: false, links: false, unicode: true, width: 100, verbose: false, quiet: false, suppressed: false }
    }
}

/// All open findings, what could not be judged, and the summary.
pub fn render(report: &Report, style: &Style) -> String {
    let mut out = String::new();
    for finding in report.open_findings() {
        out.push_str(&one(finding, style));
        out.push('\n');
    }
    for error in &report.errors {
        let _ = writeln!(out, "failure: {}: {}\n", sanitise::line(&error.path), error.message);
    }
    for submodule in report.missed_submodules() {
        let _ = writeln!(out, "not read: {}: {}\n", sanitise::line(&submodule.path), submodule.message);
    }
    if style.verbose {
        for not_judged in &report.not_judged {
            let _ = writeln!(
                out,
                "not judged: {}:{} {} ({}): {}",
                sanitise::line(&not_judged.path),
                not_judged.line,
                not_judged.rule,
                not_judged.request,
                not_judged.reason
            );
        }
    }
    if style.verbose || style.suppressed {
        out.push_str(&concise::suppressed(report));
        let something = (style.verbose && !report.not_judged.is_empty())
            || report.findings.iter().any(|finding| finding.waived.is_some());
        if something {
            out.push('\n');
        }
    }
    let _ = writeln!(out, "{}", counts(report));
    sanitise::log(&out)
}

/// `3 files, 2 requests: 1 error, 2 warnings; 1 waived, 4 not judged`.
pub fn counts(report: &Report) -> String {
    let summary = &report.summary;
    let mut findings: Vec<String> = [(summary.errors, "error"), (summary.warnings, "warning")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| super::several(count, name))
        .collect();
    if summary.infos > 0 {
        findings.push(format!("{} info", summary.infos));
    }
    let found = if findings.is_empty() { "no findings".to_owned() } else { findings.join(", ") };
    let mut rest: Vec<String> = [
        (summary.waived, "waived"),
        (summary.baselined, "in the baseline"),
        (summary.untouched, "not of this change"),
        (summary.not_judged, "not judged"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, name)| format!("{count} {name}"))
    .collect();
    if summary.unread_submodules > 0 {
        rest.push(format!("{} not read", super::several(summary.unread_submodules, "submodule")));
    }
    if !report.errors.is_empty() {
        rest.push(super::several(report.errors.len(), "failure"));
    }
    let rest = if rest.is_empty() { String::new() } else { format!("; {}", rest.join(", ")) };
    format!("{}, {}: {found}{rest}", super::several(summary.files, "file"), super::several(summary.requests, "request"))
}

/// One finding.
pub fn one(finding: &Finding, style: &Style) -> String {
    let head = format!("{}:{}:{}", sanitise::line(finding.path.as_str()), finding.start.line, finding.start.column);
    let drawn = match &finding.shown {
        Some(Shown::Listing(listing, range)) => {
            let name = match &finding.request {
                // ariadne adds line and column of the listing.
                Some(request) => format!("{head} ({}), decoded", request.title),
                None => format!("{head}, decoded"),
            };
            Some(Drawing { name, text: &listing.text, first_line: 1, range: range.clone() })
        }
        Some(Shown::Excerpt(excerpt)) => {
            let name = name_over(excerpt, finding.path.as_str(), finding.start.column).unwrap_or_else(|| head.clone());
            Some(Drawing { name, text: &excerpt.text, first_line: excerpt.first_line, range: excerpt.range.clone() })
        }
        None => None,
    };
    let title = sanitise::line(&finding.rule.title);
    let mut notes = vec![sanitise::lines(finding.rule.why.trim())];
    notes.extend(
        finding.related.iter().map(|related| {
            format!("{} is also at {}:{}", related.message, sanitise::line(&related.path), related.line)
        }),
    );
    // ariadne does not wrap; a message that is too long for its label stands below.
    let column = drawn.as_ref().map_or(0, |drawing| {
        drawing
            .text
            .get(..drawing.range.end)
            .and_then(|before| before.rsplit('\n').next())
            .map_or(0, |line| line.chars().count())
    });
    let below = column + finding.message.chars().count() + 12 > style.width.max(80);
    let code = linked(&finding.rule, style);
    let label = if below { "here" } else { finding.message.as_str() };
    let mut text = drawn
        .and_then(|drawing| {
            catch_unwind(AssertUnwindSafe(|| draw(&drawing, finding.severity, &code, &title, label, style))).ok()
        })
        .unwrap_or_else(|| {
            format!("{}[{}] {}\n  at {head}: {}\n", finding.severity.name(), finding.rule.id, title, finding.message)
        });
    if below {
        paragraph(&mut text, "what", &finding.message, style.width);
    }
    if let Some(fix) = &finding.fix {
        let flag = match fix.applicability {
            Applicability::Safe => "--fix",
            Applicability::Unsafe => "--fix --unsafe-fixes",
        };
        paragraph(&mut text, "edit", &format!("{} ({flag})", sanitise::line(&fix.title)), style.width);
    }
    if style.quiet {
        return text;
    }
    for note in notes.iter().filter(|note| !note.is_empty()) {
        paragraph(&mut text, "why", note, style.width);
    }
    if !finding.rule.fix.trim().is_empty() {
        paragraph(&mut text, "fix", &sanitise::lines(finding.rule.fix.trim_end()), style.width);
    }
    if let Some(reference) = finding.rule.references.first() {
        let clause = finding.clause.as_ref().map(|clause| format!("; {}", sanitise::line(clause))).unwrap_or_default();
        let _ = writeln!(
            text,
            "  see:  {}{clause}; csrlint explain {}",
            sanitise::line(&reference.to_string()),
            finding.rule.id
        );
    }
    text
}

/// The id of a rule; where the terminal takes it, with a link to the page of this very version.
fn linked(rule: &Rule, style: &Style) -> String {
    // An organisation's rule has no page.
    if !style.links || rule.origin.is_some() {
        return rule.id.clone();
    }
    let page = concat!("https://github.com/csrlint/csrlint/blob/v", env!("CARGO_PKG_VERSION"), "/docs/rules");
    format!("\x1b]8;;{page}/{id}.md\x1b\\{id}\x1b]8;;\x1b\\", id = rule.id)
}

/// The name over a drawing, where the excerpt is the line: ariadne's numbers are then the file's.
fn name_over(excerpt: &super::Excerpt, path: &str, column: usize) -> Option<String> {
    let shown = excerpt.text.get(..excerpt.range.start).map_or(0, |before| before.chars().count()) + 1;
    (shown == column && excerpt.first_line <= MOST_PADDING).then(|| sanitise::line(path).into_owned())
}

/// Errors of a policy, drawn as findings are.
pub fn policy_error(error: &PolicyError, style: &Style) -> String {
    policy_errors([error], style)
}

/// The same of several; the text of a file is looked through for secrets once.
pub fn policy_errors<'e>(errors: impl IntoIterator<Item = &'e PolicyError>, style: &Style) -> String {
    let mut known: Option<(&Arc<str>, Secrets)> = None;
    let mut out = String::new();
    for error in errors {
        let secrets = match known.take() {
            Some((text, secrets)) if Arc::ptr_eq(text, &error.text) => secrets,
            _ if is_of_csrlint(&error.text) => Secrets::of(error.text.as_bytes()),
            // A policy may name any file, and this one is none of csrlint's: it may be a secret as a whole.
            _ => Secrets::all_of(error.text.as_bytes()),
        };
        out.push_str(&drawn_error(error, &secrets, style));
        known = Some((&error.text, secrets));
    }
    out
}

/// Whether a text has lines as a policy, a rule, a baseline or a list of keys has them: a name and a colon, or a digest.
fn is_of_csrlint(text: &str) -> bool {
    text.lines().any(|line| {
        let line = line.trim_start_matches([' ', '-', '"', '\'', '{']);
        let name = line.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-./".contains(byte)).count();
        let after = line.get(name..).unwrap_or_default().trim_start_matches(['"', '\'']);
        let digits = line.bytes().take_while(u8::is_ascii_hexdigit).count();
        name > 0
            && after.starts_with(':')
            && after.get(1..).is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '"']))
            || digits >= 32
    })
}

fn drawn_error(error: &PolicyError, secrets: &Secrets, style: &Style) -> String {
    let (line, column) = error.position();
    let excerpt = super::Excerpt::of(error.text.as_bytes(), &error.span, line, secrets.ranges(), false);
    let name = name_over(&excerpt, &error.path, column)
        .unwrap_or_else(|| format!("{}:{line}:{column}", sanitise::line(&error.path)));
    let drawing = Drawing {
        name: name.clone(),
        text: &excerpt.text,
        first_line: excerpt.first_line,
        range: excerpt.range.clone(),
    };
    let message = secrets.out_of(&error.message);
    let message = sanitise::line(&message);
    let mut text = catch_unwind(AssertUnwindSafe(|| {
        draw(&drawing, Severity::Error, "policy", "the policy cannot be used", &message, style)
    }))
    .unwrap_or_else(|_| format!("error: {name}: {message}\n"));
    if let Some(help) = &error.help {
        let _ = writeln!(text, "  help: {}", sanitise::line(&secrets.out_of(help)));
    }
    sanitise::log(&text)
}

/// Lines before an excerpt that are made up in order to get its numbers right.
const MOST_PADDING: usize = 10_000;

struct Drawing<'a> {
    name: String,
    text: &'a str,
    first_line: usize,
    range: Range<usize>,
}

fn draw(drawing: &Drawing<'_>, severity: Severity, code: &str, title: &str, message: &str, style: &Style) -> String {
    // Only the lines around the place: a listing may be long.
    // ariadne cannot point into an empty line.
    let whole = if drawing.text.is_empty() { " " } else { drawing.text };
    let (text, range, first_line) = around(whole, &drawing.range, drawing.first_line);
    // ariadne's line offset reaches its heads, but not its margins; empty lines reach both. Far down in a file they would cost too much.
    let padding = if first_line <= MOST_PADDING { first_line - 1 } else { 0 };
    let text = format!("{}{text}", "\n".repeat(padding));
    let range = snapped(&text, &(range.start + padding..range.end + padding));
    let kind = match severity {
        Severity::Error => ReportKind::Error,
        Severity::Warning => ReportKind::Warning,
        Severity::Info => ReportKind::Advice,
    };
    let color = match severity {
        Severity::Error => Color::Red,
        Severity::Warning => Color::Yellow,
        Severity::Info => Color::Blue,
    };
    let config = Config::default()
        .with_index_type(IndexType::Byte)
        .with_color(style.color)
        .with_char_set(if style.unicode { CharSet::Unicode } else { CharSet::Ascii });
    let span = (drawing.name.as_str(), range);
    let label = Label::new(span.clone()).with_color(color).with_message(sanitise::shortened(message, 400));
    let report = ariadne::Report::build(kind, span)
        .with_config(config)
        .with_code(code)
        .with_message(title)
        .with_label(label)
        .finish();
    let source = Source::from(text).with_display_line_offset(first_line.saturating_sub(1 + padding));
    let mut bytes = Vec::new();
    if report.write((drawing.name.as_str(), source), &mut bytes).is_err() {
        bytes.clear();
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    // Advice is ariadne's word for what we call info.
    let text = if severity == Severity::Info { text.replacen("Advice", "Info", 1) } else { text };
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
}

/// The line of a place with one before and one after it.
fn around(text: &str, range: &Range<usize>, first_line: usize) -> (String, Range<usize>, usize) {
    let start = range.start.min(text.len());
    let end = range.end.clamp(start, text.len());
    let floor = |at: usize| text.get(..at).unwrap_or_default().rfind('\n').map_or(0, |at| at + 1);
    let line_start = floor(start);
    let from = if line_start > 0 { floor(line_start - 1) } else { 0 };
    let line_end = text.get(end..).unwrap_or_default().find('\n').map_or(text.len(), |at| end + at);
    let to =
        text.get(line_end + 1..).map_or(text.len(), |rest| rest.find('\n').map_or(text.len(), |at| line_end + 1 + at));
    let skipped = text.get(..from).unwrap_or_default().matches('\n').count();
    (text.get(from..to).unwrap_or_default().to_owned(), start - from..end - from, first_line + skipped)
}

/// A range within the text, on character boundaries, never backwards.
fn snapped(text: &str, range: &Range<usize>) -> Range<usize> {
    let start = (0..=range.start.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let end = (range.end.min(text.len())..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    start..end.max(start)
}

/// A text below a finding, wrapped; lines with code keep their form.
fn paragraph(out: &mut String, label: &str, text: &str, width: usize) {
    let indent = "        ";
    let mut lead = format!("  {:6}", format!("{label}:"));
    let mut words: Vec<&str> = Vec::new();
    let flush = |words: &mut Vec<&str>, lead: &mut String, out: &mut String| {
        let mut line = std::mem::replace(lead, indent.to_owned());
        let mut used = 0;
        for word in words.drain(..) {
            if used > 0 && line.chars().count() + word.chars().count() >= width.max(40) {
                out.push_str(line.trim_end());
                out.push('\n');
                line = indent.to_owned();
                used = 0;
            }
            line.push_str(word);
            line.push(' ');
            used += 1;
        }
        if used > 0 {
            out.push_str(line.trim_end());
            out.push('\n');
        }
    };
    for line in text.lines() {
        if line.starts_with("    ") {
            if lead != indent {
                out.push_str(lead.trim_end());
                out.push('\n');
                lead = indent.to_owned();
            }
            out.push_str(indent);
            out.push_str(line.trim_end());
            out.push('\n');
        } else if line.trim().is_empty() {
            flush(&mut words, &mut lead, out);
        } else {
            words.extend(line.split_whitespace());
            flush(&mut words, &mut lead, out);
        }
    }
}
