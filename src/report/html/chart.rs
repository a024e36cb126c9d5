//! The charts of the page: bars with their numbers written beside them, as inline SVG.
//! Nothing is told by colour alone, and no chart is empty: where there is nothing to draw, a sentence says so.
//! Colours and fonts come from the page's style; positions are attributes, since styles in attributes are not allowed.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::catalogue::Severity;
use crate::report::{Finding, Report, markup, sanitise};

const WIDTH: usize = 360;
const ROW: usize = 24;
const LABEL: usize = 185;
/// Bars end here; their numbers follow.
const BARS: usize = 128;
/// Characters of a label that fit.
const LABEL_CHARACTERS: usize = 30;
/// Bars of one chart.
const MOST_ROWS: usize = 8;
/// Months of the chart of ends.
const MONTHS: usize = 12;

/// What the parts of bars are, in the order of their parts.
const LEGEND: [(&str, &str); 5] = [
    ("error", "errors"),
    ("warning", "warnings"),
    ("info", "infos"),
    ("found", "with findings"),
    ("clean", "without findings"),
];

/// One bar: its label, and its parts with their classes.
struct Bar {
    label: String,
    parts: Vec<(&'static str, usize)>,
}

impl Bar {
    fn total(&self) -> usize {
        self.parts.iter().map(|(_, count)| count).sum()
    }
}

/// All charts.
pub(super) fn all(report: &Report) -> String {
    [severities(report), rules(report), folders(report), keys(report), ends(report), lifetimes(report)].concat()
}

fn severities(report: &Report) -> String {
    let summary = &report.summary;
    let bars = [
        ("errors", "error", summary.errors),
        ("warnings", "warning", summary.warnings),
        ("infos", "info", summary.infos),
        ("accepted", "accepted", summary.waived),
        ("in the baseline", "accepted", summary.baselined),
    ];
    let bars = bars
        .into_iter()
        .filter(|(_, _, count)| *count > 0)
        .map(|(label, class, count)| Bar { label: label.to_owned(), parts: vec![(class, count)] })
        .collect();
    figure("Findings by severity", bars, "No findings.", "")
}

/// Open findings by some name, each bar in parts by severity; the longest first.
fn by<'r>(report: &'r Report, name: impl Fn(&'r Finding) -> String) -> Vec<Bar> {
    let mut counts: BTreeMap<String, [usize; 3]> = BTreeMap::new();
    for finding in report.open_findings() {
        let part = match finding.severity {
            Severity::Error => 0,
            Severity::Warning => 1,
            Severity::Info => 2,
        };
        counts.entry(name(finding)).or_default()[part] += 1;
    }
    let bars = counts.into_iter().map(|(label, [errors, warnings, infos])| Bar {
        label,
        parts: vec![("error", errors), ("warning", warnings), ("info", infos)],
    });
    longest_first(bars.collect())
}

fn longest_first(mut bars: Vec<Bar>) -> Vec<Bar> {
    bars.sort_by(|a, b| b.total().cmp(&a.total()).then_with(|| a.label.cmp(&b.label)));
    bars
}

fn rules(report: &Report) -> String {
    figure("Findings by rule", by(report, |finding| finding.rule.id.clone()), "No findings.", "rules")
}

fn folders(report: &Report) -> String {
    let folder = |finding: &Finding| match finding.path.as_str().rsplit_once('/') {
        Some((folder, _)) => format!("{folder}/"),
        None => "./".to_owned(),
    };
    figure("Findings by folder", by(report, folder), "No findings.", "folders")
}

fn keys(report: &Report) -> String {
    let sheets = crate::report::sheet::sheets_of_findings(report);
    let open = report.findings.iter().zip(&sheets).filter(|(finding, _)| finding.is_open());
    let with_findings: std::collections::HashSet<usize> = open.filter_map(|(_, sheet)| *sheet).collect();
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for (number, sheet) in report.sheets.iter().enumerate() {
        counts.entry(&sheet.key).or_default()[usize::from(!with_findings.contains(&number))] += 1;
    }
    let bars = counts.into_iter().map(|(label, [found, clean])| Bar {
        label: label.to_owned(),
        parts: vec![("found", found), ("clean", clean)],
    });
    figure("Requests by key", longest_first(bars.collect()), "No requests.", "kinds of keys")
}

/// What comes back as a finding, and when.
fn ends(report: &Report) -> String {
    let mut months: BTreeMap<String, usize> = BTreeMap::new();
    let mut endless = 0;
    let accepted = report.findings.iter().filter_map(|finding| finding.waived.as_ref());
    // A baseline has no end; what is in it is told by its own count.
    for waived in accepted.filter(|waived| waived.kind != "baseline") {
        match waived.expires {
            // 2027-03-31 → 2027-03.
            Some(day) => *months.entry(day.to_string().chars().take(7).collect()).or_default() += 1,
            None => endless += 1,
        }
    }
    let later: usize = months.values().skip(MONTHS).sum();
    let mut bars: Vec<Bar> =
        months.into_iter().take(MONTHS).map(|(label, count)| Bar { label, parts: vec![("accepted", count)] }).collect();
    for (label, count) in [("later", later), ("no end", endless)] {
        if count > 0 {
            bars.push(Bar { label: label.to_owned(), parts: vec![("accepted", count)] });
        }
    }
    figure("Accepted findings by the month they come back", bars, "Nothing expires: no waiver is in use.", "")
}

/// How long certificates of templates are to live, along the limits of public CAs.
fn lifetimes(report: &Report) -> String {
    const DAY: u64 = 86_400;
    // Short-lived since 2026; the limits from 2029, 2027, 2026 and 2020 on, and the one before (CA/Browser Forum, SC-081v3).
    const LIMITS: [(u64, &str); 7] = [
        (7, "up to 7 days"),
        (47, "up to 47 days"),
        (100, "up to 100 days"),
        (200, "up to 200 days"),
        (398, "up to 398 days"),
        (825, "up to 825 days"),
        (u64::MAX, "longer"),
    ];
    let mut counts = [0_usize; LIMITS.len()];
    for validity in report.sheets.iter().filter_map(|sheet| sheet.validity) {
        let fitting = LIMITS.iter().position(|(days, _)| validity.seconds <= days.saturating_mul(DAY));
        if let Some(count) = fitting.and_then(|place| counts.get_mut(place)) {
            *count += 1;
        }
    }
    let bars = LIMITS
        .iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|((_, label), count)| Bar { label: (*label).to_owned(), parts: vec![("lives", count)] })
        .collect();
    figure("Lifetimes that templates ask for", bars, "No template says how long its certificate is to live.", "")
}

/// A chart; bars beyond the first few are counted.
fn figure(title: &str, mut bars: Vec<Bar>, nothing: &str, others: &str) -> String {
    let mut out = format!("<figure><figcaption>{title}</figcaption>\n");
    if bars.is_empty() {
        let _ = writeln!(out, "<p class=\"nothing\">{nothing}</p></figure>");
        return out;
    }
    let mut more = String::new();
    if bars.len() > MOST_ROWS && !others.is_empty() {
        let rest = bars.split_off(MOST_ROWS);
        let total: usize = rest.iter().map(Bar::total).sum();
        more = format!("<p class=\"more\">and {} more {others}: {total}</p>\n", rest.len());
    }
    let parts = || bars.iter().flat_map(|bar| &bar.parts).filter(|(_, count)| *count > 0);
    let kinds: Vec<&str> =
        LEGEND.iter().map(|(class, _)| *class).filter(|class| parts().any(|(c, _)| c == class)).collect();
    let legend: String = LEGEND
        .iter()
        .filter(|(class, _)| kinds.len() > 1 && bars.iter().any(|bar| bar.parts.len() > 1) && kinds.contains(class))
        .map(|(class, name)| format!("<span class=\"{class}\">{name}</span> "))
        .collect();
    if !legend.is_empty() {
        let _ = writeln!(out, "<p class=\"legend\">{}</p>", legend.trim_end());
    }
    let longest = bars.iter().map(Bar::total).max().unwrap_or(0).max(1);
    let height = bars.len() * ROW;
    let summary: Vec<String> = bars.iter().map(|bar| format!("{}: {}", bar.label, bar.total())).collect();
    let _ = writeln!(
        out,
        "<svg viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}. {}\">",
        markup::line(&summary.join("; "))
    );
    for (number, bar) in bars.iter().enumerate() {
        let top = number * ROW;
        let clean = sanitise::line(&bar.label);
        let _ = writeln!(
            out,
            "<text x=\"{LABEL}\" y=\"{}\" text-anchor=\"end\">{}<title>{}</title></text>",
            top + 16,
            markup::line(&fitted(&clean)),
            markup::line(&bar.label)
        );
        let mut left = LABEL + 10;
        for (class, count) in bar.parts.iter().filter(|(_, count)| *count > 0) {
            // Whatever there is can be seen.
            let width = (BARS * count / longest).max(2);
            let _ = writeln!(
                out,
                "<rect class=\"{class}\" x=\"{left}\" y=\"{}\" width=\"{width}\" height=\"14\"><title>{count} {}</title></rect>",
                top + 5,
                LEGEND.iter().find(|(known, _)| known == class).map_or(*class, |(_, name)| *name),
            );
            left += width + 1;
        }
        let _ = writeln!(out, "<text class=\"count\" x=\"{}\" y=\"{}\">{}</text>", left + 5, top + 16, bar.total());
    }
    let _ = writeln!(out, "</svg>\n{more}</figure>");
    out
}

/// The end of a label tells more than its beginning.
fn fitted(label: &str) -> String {
    let count = label.chars().count();
    if count <= LABEL_CHARACTERS {
        return label.to_owned();
    }
    let end: String = label.chars().skip(count + 1 - LABEL_CHARACTERS).collect();
    format!("…{end}")
}
