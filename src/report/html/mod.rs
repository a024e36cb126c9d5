//! One page for people who did not run csrlint: a file without anything outside of it, read with or without its script.
//! Everything from files is text: no link, no attribute but numbers and words of ours is made of it, and the policy in the
//! head allows nothing but the style and the script below, by their hashes. No clock: the same report, the same bytes.

mod chart;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

use super::{Finding, Report, Sheet, Shown, markup, sheet};
use crate::catalogue::Severity;
use crate::fix::Applicability;
use crate::policy::WaiverUse;

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");
/// Findings that are shown; a page with more of them opens nowhere.
const MOST_FINDINGS: usize = 5_000;
/// Requests that are shown, those with findings first.
const MOST_REQUESTS: usize = 2_000;
/// Lines of what was not judged, and of what was accepted.
const MOST_LINES: usize = 2_000;

/// The page, and what the user should know of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// The page.
    pub text: String,
    /// What it leaves out.
    pub notices: Vec<String>,
}

/// What is shown of a report, by numbers.
struct Page<'r> {
    report: &'r Report,
    /// Open findings in order of place: number in the report.
    findings: Vec<usize>,
    /// Requests in order of place: number in the report.
    sheets: Vec<usize>,
    /// By number of finding.
    sheet_of: Vec<Option<usize>>,
    /// By number of request: its open findings.
    of_sheet: Vec<Vec<usize>>,
    /// By number of request: what was accepted of it.
    accepted_of_sheet: Vec<Vec<usize>>,
    /// By number of request: how many rules could not tell.
    unknown_of_sheet: Vec<usize>,
    /// What is left out.
    left_out: Vec<String>,
}

impl<'r> Page<'r> {
    fn of(report: &'r Report) -> Self {
        let sheet_of = sheet::sheets_of_findings(report);
        let mut of_sheet = vec![Vec::new(); report.sheets.len()];
        let mut accepted_of_sheet = vec![Vec::new(); report.sheets.len()];
        let mut findings = Vec::new();
        for (number, finding) in report.findings.iter().enumerate() {
            let sheet = sheet_of.get(number).copied().flatten();
            if finding.is_open() {
                findings.push(number);
                if let Some(list) = sheet.and_then(|sheet| of_sheet.get_mut(sheet)) {
                    list.push(number);
                }
            } else if finding.waived.is_some()
                && let Some(list) = sheet.and_then(|sheet| accepted_of_sheet.get_mut(sheet))
            {
                list.push(number);
            }
        }
        let mut by_place: BTreeMap<(&str, usize, &str), usize> = BTreeMap::new();
        for not_judged in &report.not_judged {
            *by_place.entry((&not_judged.path, not_judged.line, &not_judged.request)).or_default() += 1;
        }
        let unknown = |sheet: &Sheet| {
            by_place.get(&(sheet.path.as_str(), sheet.start.line, sheet.title.as_str())).copied().unwrap_or(0)
        };
        let unknown_of_sheet = report.sheets.iter().map(unknown).collect();
        let mut left_out = Vec::new();
        let severity = |number: &usize| report.findings.get(*number).map(|finding| std::cmp::Reverse(finding.severity));
        cut(&mut findings, MOST_FINDINGS, severity, "findings", &mut left_out);
        let mut sheets: Vec<usize> = (0..report.sheets.len()).collect();
        let clean = |number: &usize| of_sheet.get(*number).is_none_or(Vec::is_empty);
        cut(&mut sheets, MOST_REQUESTS, clean, "requests", &mut left_out);
        Self { report, findings, sheets, sheet_of, of_sheet, accepted_of_sheet, unknown_of_sheet, left_out }
    }

    fn finding(&self, number: usize) -> Option<&'r Finding> {
        self.report.findings.get(number)
    }
}

/// Keeps the first of them by some measure, in the order they had, and says how many are gone.
fn cut<K: Ord>(
    numbers: &mut Vec<usize>,
    most: usize,
    measure: impl Fn(&usize) -> K,
    what: &str,
    left_out: &mut Vec<String>,
) {
    if numbers.len() <= most {
        return;
    }
    left_out.push(format!(
        "{} of {} {what} are not on the page; the JSON report has them",
        numbers.len() - most,
        numbers.len()
    ));
    numbers.sort_by_key(measure);
    numbers.truncate(most);
    numbers.sort_unstable();
}

/// The report as a page.
pub fn render(report: &Report) -> Rendered {
    let page = Page::of(report);
    let mut out = String::new();
    head(&mut out);
    banner(&mut out, report);
    tiles(&mut out, report);
    for notice in &page.left_out {
        let _ = writeln!(out, "<p class=\"note\">{}</p>", markup::line(notice));
    }
    failures(&mut out, report);
    submodules(&mut out, report);
    out.push_str("<section aria-labelledby=\"charts\"><h2 id=\"charts\">At a glance</h2>\n<div class=\"charts\">\n");
    out.push_str(&chart::all(report));
    out.push_str("</div></section>\n");
    table_of_findings(&mut out, &page);
    table_of_requests(&mut out, &page);
    accepted(&mut out, report);
    not_judged(&mut out, report);
    pages(&mut out, &page);
    other_findings(&mut out, &page);
    foot(&mut out, report);
    Rendered { text: out, notices: page.left_out }
}

fn head(out: &mut String) {
    let (style, script) = (source_hash(STYLE), source_hash(SCRIPT));
    let _ = write!(
        out,
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src '{style}'; script-src '{script}'; \
         base-uri 'none'; form-action 'none'\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>csrlint report</title>\n<style>{STYLE}</style>\n</head>\n<body>\n"
    );
}

/// A source expression of Content Security Policy (CSP 3, section 2.3.1).
fn source_hash(text: &str) -> String {
    let mut base64 = [0; 44];
    data_encoding::BASE64.encode_mut(&crate::request::sha256(text.as_bytes()), &mut base64);
    format!("sha256-{}", String::from_utf8_lossy(&base64))
}

fn banner(out: &mut String, report: &Report) {
    let (class, verdict, why) = match report.exit_code() {
        3 => {
            ("incomplete", "Incomplete", "something could not be read or judged; nobody should take this for approval")
        }
        1 => ("fails", "Fails", "findings at or above the threshold"),
        _ if report.summary.findings > 0 => ("passes", "Passes", "all findings are below the threshold"),
        _ if report.summary.requests == 0 => ("unjudged", "Nothing to judge", "no certificate request was found"),
        _ if report.summary.untouched > 0 => ("passes", "Passes", "no findings in what changed"),
        _ => ("passes", "Passes", "no findings"),
    };
    let run = &report.run;
    let policy = run.policy.as_ref().map_or_else(|| "none".to_owned(), |path| path_of(path));
    let _ = write!(
        out,
        "<header class=\"{class}\">\n<p class=\"brand\">csrlint</p>\n<h1><span class=\"verdict\">{verdict}</span> <small>{why}</small></h1>\n\
         <dl class=\"run\"><div><dt>Judged as of</dt><dd>{}</dd></div><div><dt>Policy</dt><dd><code>{policy}</code></dd></div>\
         <div><dt>Profiles</dt><dd>{}</dd></div><div><dt>Version</dt><dd>{}</dd></div></dl>\n</header>\n<main>\n",
        run.as_of,
        markup::line(&run.profiles.join(", ")),
        run.version,
    );
}

fn tiles(out: &mut String, report: &Report) {
    let summary = &report.summary;
    let tiles = [
        ("files", "files", summary.files),
        ("requests", "requests", summary.requests),
        ("error", "errors", summary.errors),
        ("warning", "warnings", summary.warnings),
        ("info", "infos", summary.infos),
        ("failure", "could not be judged", report.errors.len()),
        ("unknown", "rules could not tell", summary.not_judged),
        ("unknown", "submodules not read", summary.unread_submodules),
        ("accepted", "accepted", summary.waived),
        ("accepted", "in the baseline", summary.baselined),
        ("accepted", "superseded", summary.superseded),
        ("accepted", "not in the change", summary.untouched),
    ];
    // What was not asked for is not counted.
    let tiles = tiles.into_iter().filter(|(_, name, count)| {
        *count > 0 || !["in the baseline", "not in the change", "submodules not read"].contains(name)
    });
    out.push_str("<ul class=\"tiles\" aria-label=\"Counts\">\n");
    for (class, name, count) in tiles {
        let zero = if count == 0 { " zero" } else { "" };
        let _ = writeln!(out, "<li class=\"{class}{zero}\"><b>{count}</b> <span>{name}</span></li>");
    }
    out.push_str("</ul>\n");
}

fn submodules(out: &mut String, report: &Report) {
    let mut missed = report.missed_submodules().peekable();
    if missed.peek().is_none() {
        return;
    }
    out.push_str("<section aria-labelledby=\"submodules\"><h2 id=\"submodules\">Submodules that were not read</h2>\n<ul class=\"failures\">\n");
    for submodule in missed {
        let _ =
            writeln!(out, "<li><code>{}</code> {}</li>", path_of(&submodule.path), markup::line(&submodule.message));
    }
    out.push_str("</ul></section>\n");
}

fn failures(out: &mut String, report: &Report) {
    if report.errors.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"failures\"><h2 id=\"failures\">Could not be read or judged</h2>\n<ul class=\"failures\">\n");
    for error in &report.errors {
        let _ = writeln!(out, "<li><code>{}</code> {}</li>", path_of(&error.path), markup::line(&error.message));
    }
    out.push_str("</ul></section>\n");
}

/// A path, which may be broken after its slashes.
fn path_of(path: &str) -> String {
    markup::line(path).replace('/', "/<wbr>")
}

/// The box in which the script puts what filters a table; without it nothing is there to be used.
const FILTER: &str = "<form class=\"filter\" hidden><label>Filter <input type=\"search\" autocomplete=\"off\"></label><span class=\"choices\"></span><output></output></form>\n";

fn table_of_findings(out: &mut String, page: &Page<'_>) {
    out.push_str("<section aria-labelledby=\"findings\"><h2 id=\"findings\">Findings</h2>\n");
    if page.findings.is_empty() {
        out.push_str("<p class=\"nothing\">No findings.</p></section>\n");
        return;
    }
    out.push_str(FILTER);
    out.push_str("<div class=\"wide\"><table class=\"list findings\" data-choices=\"severity\"><thead><tr><th scope=\"col\">Severity</th><th scope=\"col\">Rule</th><th scope=\"col\">Place</th><th scope=\"col\">Request</th><th scope=\"col\">What is wrong</th></tr></thead><tbody>\n");
    for &number in &page.findings {
        let Some(finding) = page.finding(number) else { continue };
        let request = match (&finding.request, page.sheet_of.get(number).copied().flatten()) {
            (Some(request), Some(sheet)) if page.sheets.binary_search(&sheet).is_ok() => {
                format!("<a href=\"#r{sheet}\">{}</a>", markup::line(&request.title))
            }
            (Some(request), _) => markup::line(&request.title),
            (None, _) => String::new(),
        };
        let severity = finding.severity.name();
        let _ = writeln!(
            out,
            "<tr data-severity=\"{severity}\"><td data-order=\"{}\">{}</td><td><code>{}</code></td><td data-order=\"{number}\"><code>{}:{}:{}</code></td><td>{request}</td><td><a href=\"#f{number}\">{}</a></td></tr>",
            rank(finding.severity),
            badge(finding.severity),
            markup::line(&finding.rule.id),
            path_of(finding.path.as_str()),
            finding.start.line,
            finding.start.column,
            markup::line(&finding.message),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

fn rank(severity: Severity) -> u8 {
    match severity {
        Severity::Error => 0,
        Severity::Warning => 1,
        Severity::Info => 2,
    }
}

fn badge(severity: Severity) -> String {
    let name = severity.name();
    format!("<span class=\"badge {name}\">{name}</span>")
}

fn table_of_requests(out: &mut String, page: &Page<'_>) {
    out.push_str("<section aria-labelledby=\"requests\"><h2 id=\"requests\">Requests</h2>\n");
    if page.sheets.is_empty() {
        out.push_str("<p class=\"nothing\">No certificate request, and no template of one.</p></section>\n");
        return;
    }
    out.push_str(FILTER);
    out.push_str("<div class=\"wide\"><table class=\"list requests\"><thead><tr><th scope=\"col\">Request</th><th scope=\"col\">Place</th><th scope=\"col\">Format</th><th scope=\"col\">Key</th><th scope=\"col\">Findings</th></tr></thead><tbody>\n");
    for &number in &page.sheets {
        let Some(sheet) = page.report.sheets.get(number) else { continue };
        let mut counts = [0_usize; 3];
        for finding in page.of_sheet.get(number).into_iter().flatten().filter_map(|number| page.finding(*number)) {
            counts[usize::from(rank(finding.severity))] += 1;
        }
        let shown: Vec<String> = [Severity::Error, Severity::Warning, Severity::Info]
            .into_iter()
            .zip(counts)
            .filter(|(_, count)| *count > 0)
            .map(|(severity, count)| {
                let (name, several) = (severity.name(), if count > 1 && severity != Severity::Info { "s" } else { "" });
                format!("<span class=\"badge {name}\">{count} {name}{several}</span>")
            })
            .collect();
        let unknown = match page.unknown_of_sheet.get(number) {
            None | Some(0) => String::new(),
            Some(count) => format!(" <span class=\"badge unknown\">{count} not judged</span>"),
        };
        let shown =
            if shown.is_empty() { "<span class=\"badge clean\">none</span>".to_owned() } else { shown.join(" ") };
        // The worst first: an error outweighs any number of warnings.
        let order = u64::MAX - counts.iter().fold(0, |all, count| all * 100_000 + (*count as u64).min(99_999));
        let _ = writeln!(
            out,
            "<tr><td><a href=\"#r{number}\">{}</a></td><td data-order=\"{number}\"><code>{}:{}</code></td><td>{}</td><td>{}</td><td data-order=\"{order}\">{shown}{unknown}</td></tr>",
            markup::line(&sheet.title),
            path_of(&sheet.path),
            sheet.start.line,
            sheet.format,
            markup::line(&sheet.key),
        );
    }
    out.push_str("</tbody></table></div></section>\n");
}

/// What was accepted, and why: a reviewer decides whether it still is.
fn accepted(out: &mut String, report: &Report) {
    let waived = report.findings.iter().filter_map(|finding| Some((finding, finding.waived.as_ref()?)));
    let waived: Vec<(&Finding, &WaiverUse)> = waived.collect();
    if waived.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"accepted\"><h2 id=\"accepted\">Accepted</h2>\n<div class=\"wide\"><table class=\"list accepted\"><thead><tr><th scope=\"col\">Rule</th><th scope=\"col\">Place</th><th scope=\"col\">Reason</th><th scope=\"col\">Approved by</th><th scope=\"col\">Until</th></tr></thead><tbody>\n");
    for (finding, waived) in waived.iter().take(MOST_LINES) {
        let _ = writeln!(
            out,
            "<tr><td><code>{}</code></td><td><code>{}:{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>",
            markup::line(&finding.rule.id),
            path_of(finding.path.as_str()),
            finding.start.line,
            markup::line(&waived.reason),
            waived.approved_by.as_deref().map(markup::line).unwrap_or_default(),
            waived.expires.map_or_else(|| "no end".to_owned(), |day| day.to_string()),
        );
    }
    out.push_str("</tbody></table></div>\n");
    rest(out, waived.len());
    out.push_str("</section>\n");
}

fn rest(out: &mut String, count: usize) {
    if count > MOST_LINES {
        let _ = writeln!(
            out,
            "<p class=\"note\">{} more are not on the page; the JSON report has them</p>",
            count - MOST_LINES
        );
    }
}

fn not_judged(out: &mut String, report: &Report) {
    if report.not_judged.is_empty() {
        return;
    }
    // The same reason holds for many rules.
    let mut grouped: BTreeMap<(&str, usize, &str, &str), Vec<&str>> = BTreeMap::new();
    for not_judged in &report.not_judged {
        grouped
            .entry((&not_judged.path, not_judged.line, &not_judged.request, &not_judged.reason))
            .or_default()
            .push(&not_judged.rule);
    }
    out.push_str("<section aria-labelledby=\"unknown\"><h2 id=\"unknown\">Rules that could not tell</h2>\n<p>What is an expression, or lies outside of what csrlint verifies, is not judged. Nobody should take silence for approval.</p>\n<div class=\"wide\"><table class=\"list\"><thead><tr><th scope=\"col\">Place</th><th scope=\"col\">Request</th><th scope=\"col\">Why</th><th scope=\"col\">Rules</th></tr></thead><tbody>\n");
    for ((path, line, request, reason), rules) in grouped.iter().take(MOST_LINES) {
        let names: Vec<String> = rules.iter().map(|rule| format!("<code>{}</code>", markup::line(rule))).collect();
        let names = match names.len() {
            0..=4 => names.join(", "),
            count => format!("<details><summary>{count} rules</summary>{}</details>", names.join(", ")),
        };
        let _ = writeln!(
            out,
            "<tr><td><code>{}:{line}</code></td><td>{}</td><td>{}</td><td>{names}</td></tr>",
            path_of(path),
            markup::line(request),
            markup::line(reason),
        );
    }
    out.push_str("</tbody></table></div>\n");
    rest(out, grouped.len());
    out.push_str("</section>\n");
}

fn pages(out: &mut String, page: &Page<'_>) {
    if page.sheets.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"decoded\"><h2 id=\"decoded\">Every request, decoded</h2>\n");
    for &number in &page.sheets {
        let Some(sheet) = page.report.sheets.get(number) else { continue };
        let findings: Vec<(usize, &Finding)> = page
            .of_sheet
            .get(number)
            .into_iter()
            .flatten()
            .filter(|number| page.findings.binary_search(number).is_ok())
            .filter_map(|number| Some((*number, page.finding(*number)?)))
            .collect();
        let _ = write!(
            out,
            "<article class=\"request\" id=\"r{number}\"><h3>{}</h3>\n<p class=\"where\"><code>{}:{}</code> · {} · {}{}</p>\n<pre class=\"listing\" tabindex=\"0\">{}</pre>\n",
            markup::line(&sheet.title),
            path_of(&sheet.path),
            sheet.start.line,
            sheet.format,
            markup::line(&sheet.key),
            sheet.validity.map(|validity| format!(" · lives {validity}")).unwrap_or_default(),
            listing(sheet, &findings),
        );
        for (number, finding) in &findings {
            one(out, *number, finding);
        }
        if findings.is_empty() {
            out.push_str("<p class=\"nothing\">No findings.</p>\n");
        }
        match page.unknown_of_sheet.get(number) {
            None | Some(0) => {}
            Some(1) => {
                out.push_str("<p class=\"note\">1 rule could not tell, see <a href=\"#unknown\">above</a></p>\n")
            }
            Some(count) => {
                let _ = writeln!(
                    out,
                    "<p class=\"note\">{count} rules could not tell, see <a href=\"#unknown\">above</a></p>"
                );
            }
        }
        let accepted = page.accepted_of_sheet.get(number).map_or(0, Vec::len);
        if accepted > 0 {
            let _ = writeln!(out, "<p class=\"note\">{accepted} accepted, see <a href=\"#accepted\">above</a></p>");
        }
        out.push_str("</article>\n");
    }
    out.push_str("</section>\n");
}

/// What is said of a file, a private key or the policy.
fn other_findings(out: &mut String, page: &Page<'_>) {
    let on_a_page = |number: usize| {
        page.sheet_of.get(number).copied().flatten().is_some_and(|sheet| page.sheets.binary_search(&sheet).is_ok())
    };
    let mut files: BTreeMap<&str, Vec<(usize, &Finding)>> = BTreeMap::new();
    for &number in page.findings.iter().filter(|number| !on_a_page(**number)) {
        if let Some(finding) = page.finding(number) {
            files.entry(finding.path.as_str()).or_default().push((number, finding));
        }
    }
    if files.is_empty() {
        return;
    }
    out.push_str("<section aria-labelledby=\"others\"><h2 id=\"others\">Of files, keys and the policy</h2>\n");
    for (path, findings) in files {
        let _ = writeln!(out, "<article class=\"request\"><h3><code>{}</code></h3>", path_of(path));
        for (number, finding) in findings {
            one(out, number, finding);
        }
        out.push_str("</article>\n");
    }
    out.push_str("</section>\n");
}

/// A finding with all that is to be said of it.
fn one(out: &mut String, number: usize, finding: &Finding) {
    let rule = &finding.rule;
    let _ = write!(
        out,
        "<div class=\"finding {}\" id=\"f{number}\"><h4>{} {} <code>{}</code></h4>\n<p class=\"message\">{}</p>\n",
        finding.severity.name(),
        badge(finding.severity),
        markup::line(&rule.title),
        markup::line(&rule.id),
        markup::line(&finding.message),
    );
    if let Some(Shown::Excerpt(excerpt)) = &finding.shown {
        let _ = writeln!(
            out,
            "<pre class=\"excerpt\" tabindex=\"0\">{}</pre>",
            marked(&excerpt.text, &[(excerpt.range.clone(), finding.severity)])
        );
    }
    for related in &finding.related {
        let _ = writeln!(
            out,
            "<p class=\"related\">{} is also at <code>{}:{}</code></p>",
            markup::line(&related.message),
            path_of(&related.path),
            related.line
        );
    }
    if let Some(fix) = &finding.fix {
        let flag = match fix.applicability {
            Applicability::Safe => "--fix",
            Applicability::Unsafe => "--fix --unsafe-fixes",
        };
        let _ = writeln!(
            out,
            "<p class=\"edit\">csrlint can do this: {} (<code>{flag}</code>)</p>",
            markup::line(&fix.title)
        );
    }
    out.push_str("<dl>");
    let mut entry = |name: &str, text: String| {
        if !text.is_empty() {
            let _ = writeln!(out, "<dt>{name}</dt><dd>{text}</dd>");
        }
    };
    entry("Why", markup::line(&rule.why.split_whitespace().collect::<Vec<_>>().join(" ")));
    let fix = rule.fix.trim_end();
    entry("What to do", if fix.is_empty() { String::new() } else { format!("<pre>{}</pre>", markup::lines(fix)) });
    let references: Vec<String> =
        rule.references.iter().map(|reference| markup::line(&reference.to_string())).collect();
    entry("Sources", references.join("<br>"));
    let clause = finding.clause.as_deref().map(|clause| format!(": {}", markup::line(clause))).unwrap_or_default();
    entry("Demanded by", format!("{}{clause}", markup::line(&finding.profiles.join(", "))));
    let place = format!("{}:{}:{}", path_of(finding.path.as_str()), finding.start.line, finding.start.column);
    entry("Place", format!("<code>{place}</code> <code>{}</code>", markup::line(&finding.place)));
    entry("Fingerprint", format!("<code>{}</code>", markup::line(&finding.fingerprint)));
    out.push_str("</dl></div>\n");
}

/// The listing with the places of its findings.
fn listing(sheet: &Sheet, findings: &[(usize, &Finding)]) -> String {
    let ranges: Vec<(Range<usize>, Severity)> = findings
        .iter()
        .filter_map(|(_, finding)| match &finding.shown {
            Some(Shown::Listing(_, range)) => Some((range.clone(), finding.severity)),
            _ => None,
        })
        .collect();
    marked(sheet.listing.text.trim_end(), &ranges)
}

/// Text with places in it; where several lie upon each other, the worst shows.
fn marked(text: &str, ranges: &[(Range<usize>, Severity)]) -> String {
    let mut edges: Vec<usize> = ranges.iter().flat_map(|(range, _)| [range.start, range.end]).collect();
    edges.extend([0, text.len()]);
    edges.retain(|edge| text.is_char_boundary(*edge));
    edges.sort_unstable();
    edges.dedup();
    let mut out = String::new();
    for (from, to) in edges.iter().zip(edges.iter().skip(1)) {
        let piece = markup::lines(text.get(*from..*to).unwrap_or_default());
        let covering = ranges.iter().filter(|(range, _)| range.start <= *from && range.end >= *to);
        match covering.map(|(_, severity)| *severity).max() {
            Some(severity) => {
                let _ = write!(out, "<mark class=\"{}\">{piece}</mark>", severity.name());
            }
            None => out.push_str(&piece),
        }
    }
    out
}

fn foot(out: &mut String, report: &Report) {
    let _ = write!(
        out,
        "</main>\n<script>{SCRIPT}</script>\n<footer><p>csrlint {} · judged as of {} · requests are read, never sent anywhere</p></footer>\n</body>\n</html>\n",
        report.run.version, report.run.as_of
    );
}
