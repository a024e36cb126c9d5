//! Markdown for a job summary or a comment: what a security reviewer reads in a minute, within GitHub's limits.
//! The verdict first, then the requests that changed, the findings, who must look, what was accepted, what is not known.
//! Everything that was not compiled in is inert: no markup, link, mention or HTML comes out of it.

use std::fmt::Write as _;

use super::{Finding, Report, diff, sanitise};
use crate::catalogue::Severity;
use crate::compare::{Compared, Comparison, KeyFate};

/// Characters of a comment that GitHub takes; a job summary may be longer.
const MOST: usize = 65_536;
/// What is kept free for headings and for saying what is left out.
const RESERVE: usize = 4_096;
/// The rule that tells what a change does to the gate; it has a section of its own.
const GATE: &str = "config/gate-changed";

/// A list of rows under a heading. What does not fit is counted.
struct Section {
    heading: String,
    /// Lines above the rows: a sentence, the head of a table.
    head: String,
    rows: Vec<String>,
    /// How much of the whole it may take at most, in parts of a hundred; what others leave is added.
    share: usize,
}

/// The report of a run.
pub fn render(report: &Report) -> String {
    let mut sections = Vec::new();
    if let Some(comparison) = &report.comparison {
        sections.push(requests(comparison, report));
    }
    sections.push(gate(report));
    for (severity, name, share) in
        [(Severity::Error, "Errors", 45), (Severity::Warning, "Warnings", 30), (Severity::Info, "Notes", 10)]
    {
        let found: Vec<&Finding> =
            report.open_findings().filter(|finding| finding.severity == severity && finding.rule.id != GATE).collect();
        let rows = found.iter().map(|finding| row_of(finding, report)).collect();
        sections.push(Section { heading: format!("{name} ({})", found.len()), head: String::new(), rows, share });
    }
    sections.push(failures(report));
    sections.push(submodules(report));
    sections.push(accepted(report));
    sections.push(expiring(report));
    sections.push(not_judged(report));
    assemble(&head(report), sections)
}

/// What changed in the requests, by itself.
pub fn render_diff(comparison: &Comparison) -> String {
    let head = format!(
        "## csrlint: what changed in the requests\n\n{} → {}: {}\n",
        sanitise::markdown(&comparison.from),
        sanitise::markdown(&comparison.to),
        diff::counts(comparison)
    );
    let mut sections = vec![table(comparison, None)];
    sections.extend(comparison.requests.iter().map(|request| Section {
        heading: format!("{}: {}", request.fate.name(), sanitise::markdown(&diff::heading(request))),
        head: "| part | before | after |\n| --- | --- | --- |\n".to_owned(),
        rows: differences(request),
        share: 20,
    }));
    let told = |sign: &str, finding: &crate::compare::Told| {
        format!(
            "- {sign} {}:{} **{}** `{}` {}\n",
            sanitise::markdown(&finding.path),
            finding.line,
            finding.severity,
            finding.rule,
            sanitise::markdown(&finding.message)
        )
    };
    let appeared: Vec<String> = comparison.all_appeared().map(|finding| told("new:", finding)).collect();
    let gone: Vec<String> = comparison.all_gone().map(|finding| told("gone:", finding)).collect();
    for (name, rows) in [("Findings that appeared", appeared), ("Findings that are gone", gone)] {
        sections.push(Section { heading: format!("{name} ({})", rows.len()), head: String::new(), rows, share: 30 });
    }
    assemble(&head, sections)
}

fn head(report: &Report) -> String {
    let fails = report.open_findings().filter(|finding| finding.fails).count();
    let verdict = if !report.errors.is_empty() {
        format!(
            "**Not everything could be judged** ({}), so this is no pass",
            super::several(report.errors.len(), "failure")
        )
    } else if fails > 0 {
        format!("**Does not pass**: {} at or above the threshold", super::several(fails, "finding"))
    } else {
        "**Passes**".to_owned()
    };
    let mut out = format!("## csrlint\n\n{verdict}. {}.\n\n", super::human::counts(report));
    let policy = match (&report.run.policy, &report.run.policy_revision) {
        (Some(policy), Some(revision)) => {
            format!("the policy `{}` of {}", code(policy), sanitise::markdown(revision))
        }
        (Some(policy), None) => format!("the policy `{}`", code(policy)),
        (None, _) => "no policy".to_owned(),
    };
    let profiles: Vec<String> = report.run.profiles.iter().map(|name| format!("`{}`", code(name))).collect();
    let _ = writeln!(
        out,
        "Judged as of {} by {policy}, profiles {}, csrlint {}.",
        report.run.as_of,
        profiles.join(", "),
        report.run.version
    );
    out
}

/// Text for a code span: nothing in it can end the span.
fn code(text: &str) -> String {
    sanitise::line(text).replace('`', "'").replace('|', "\\|")
}

fn link(path: &str, line: usize, report: &Report) -> String {
    let shown = format!("{}:{line}", sanitise::markdown(path));
    match &report.run.links {
        Some(base) => {
            let uri = crate::source::FilePath::from_shown(path).to_uri();
            format!("[{shown}]({base}/{uri}#L{line})")
        }
        None => shown,
    }
}

fn row_of(finding: &Finding, report: &Report) -> String {
    let mut row = format!(
        "- {} `{}` {}",
        link(finding.path.as_str(), finding.start.line, report),
        finding.rule.id,
        sanitise::markdown(&finding.message)
    );
    if let Some(request) = finding.request.as_ref().filter(|request| !request.title.is_empty()) {
        let _ = write!(row, " ({})", sanitise::markdown(&request.title));
    }
    if let Some(fix) = finding.rule.fix.lines().next().filter(|line| !line.is_empty()) {
        // What follows a colon is a command, which a row has no room for.
        let fix = fix.strip_suffix(':').map_or_else(|| fix.to_owned(), |fix| format!("{fix}."));
        let _ = write!(row, "<br>{}", sanitise::markdown(&fix));
    }
    row.push('\n');
    row
}

/// The table of requests that changed.
fn requests(comparison: &Comparison, report: &Report) -> Section {
    Section { heading: format!("Requests: {}", diff::counts(comparison)), ..table(comparison, Some(report)) }
}

fn table(comparison: &Comparison, report: Option<&Report>) -> Section {
    let rows = comparison.requests.iter().map(|request| {
        let place = request.after.as_ref().or(request.before.as_ref());
        let shown = place.map_or_else(String::new, |place| {
            let linked = match report.filter(|_| request.after.is_some()) {
                Some(report) => link(&place.path, place.line, report),
                None => format!("{}:{}", sanitise::markdown(&place.path), place.line),
            };
            format!("{linked} {}", sanitise::markdown(&place.name))
        });
        let paired = request.pairing.map(|pairing| format!(" ({})", pairing.name())).unwrap_or_default();
        let key = diff::key_of(request).map(|told| sanitise::markdown(&told)).unwrap_or_default();
        let key = if matches!(request.key, Some(KeyFate::Same | KeyFate::Known)) { format!("**{key}**") } else { key };
        let lines: Vec<String> = diff::lines_of(request)
            .into_iter()
            .filter(|(label, _)| label != "key" || request.key.is_none() || request.before.is_none())
            .take(8)
            .map(|(label, text)| {
                format!("{}: {}", sanitise::markdown(&label), sanitise::markdown(&sanitise::shortened(&text, 160)))
            })
            .collect();
        let findings = match (request.appeared.len(), request.gone.len(), request.stayed) {
            (0, 0, 0) => "none".to_owned(),
            (new, gone, stayed) => [(new, "new"), (gone, "gone"), (stayed, "stay")]
                .into_iter()
                .filter(|(count, _)| *count > 0)
                .map(|(count, what)| format!("{count} {what}"))
                .collect::<Vec<_>>()
                .join(", "),
        };
        format!("| {}{paired} | {shown} | {key} | {} | {findings} |\n", request.fate.name(), lines.join("<br>"))
    });
    Section {
        heading: "Requests".to_owned(),
        head: "| | request | key | what is different | findings |\n| --- | --- | --- | --- | --- |\n".to_owned(),
        rows: rows.collect(),
        share: 40,
    }
}

/// The parts of a request before and after.
fn differences(request: &Compared) -> Vec<String> {
    let cell = |text: &Option<String>| {
        text.as_ref().map(|text| sanitise::markdown(&sanitise::shortened(text, 400))).unwrap_or_default()
    };
    let key = match request.key {
        Some(KeyFate::Same) => Some("| key | | **the same key is kept** |\n".to_owned()),
        Some(KeyFate::Known) => {
            let told = diff::key_of(request).unwrap_or_default();
            Some(format!("| key | | **{}** |\n", sanitise::markdown(&told)))
        }
        Some(KeyFate::New) => Some("| key | | a new key |\n".to_owned()),
        None => None,
    };
    let rows = request.differences.iter().map(|difference| {
        format!(
            "| {} | {} | {} |\n",
            sanitise::markdown(&difference.part),
            cell(&difference.before),
            cell(&difference.after)
        )
    });
    key.into_iter().chain(rows).collect()
}

fn gate(report: &Report) -> Section {
    let found = report.open_findings().filter(|finding| finding.rule.id == GATE);
    let rows: Vec<String> = found
        .map(|finding| {
            let place = link(finding.path.as_str(), finding.start.line, report);
            format!("- {place}: {}\n", sanitise::markdown(&finding.message))
        })
        .collect();
    Section {
        heading: format!("Who else must look ({})", rows.len()),
        head: "This change is about how requests are judged. It has no say in this run, and will have one in the next.\n\n"
            .to_owned(),
        rows,
        share: 15,
    }
}

fn failures(report: &Report) -> Section {
    let rows: Vec<String> = report
        .errors
        .iter()
        .map(|error| format!("- {}: {}\n", sanitise::markdown(&error.path), sanitise::markdown(&error.message)))
        .collect();
    Section {
        heading: format!("Could not be judged as it should ({})", rows.len()),
        head: String::new(),
        rows,
        share: 15,
    }
}

fn submodules(report: &Report) -> Section {
    let told = report.missed_submodules();
    let rows: Vec<String> = told
        .map(|one| format!("- {}: {}\n", sanitise::markdown(&one.path), sanitise::markdown(&one.message)))
        .collect();
    Section { heading: format!("Submodules that were not read ({})", rows.len()), head: String::new(), rows, share: 5 }
}

fn accepted(report: &Report) -> Section {
    let mut rows = Vec::new();
    for finding in &report.findings {
        let Some(usage) = finding.waived.as_ref().filter(|usage| usage.kind != "baseline") else { continue };
        let by = usage.approved_by.as_ref().map(|name| format!(", accepted by {}", sanitise::markdown(name)));
        let until = usage.expires.map(|day| format!(", until {day}"));
        rows.push(format!(
            "- {} `{}` {}{}{}\n",
            link(finding.path.as_str(), finding.start.line, report),
            finding.rule.id,
            sanitise::markdown(&usage.reason),
            by.unwrap_or_default(),
            until.unwrap_or_default()
        ));
    }
    Section { heading: format!("Waived and ignored ({})", rows.len()), head: String::new(), rows, share: 15 }
}

fn expiring(report: &Report) -> Section {
    let rows: Vec<String> =
        report.expiring.iter().map(|soon| format!("- {}\n", sanitise::markdown(&soon.to_string()))).collect();
    Section { heading: format!("Ends soon ({})", rows.len()), head: String::new(), rows, share: 10 }
}

/// What could not be judged: a row for each request and reason.
fn not_judged(report: &Report) -> Section {
    let mut by_reason: Vec<(String, Vec<&str>)> = Vec::new();
    for left in &report.not_judged {
        let place = if left.path.is_empty() { left.request.clone() } else { link(&left.path, left.line, report) };
        let what = format!("{place}: {}", sanitise::markdown(&left.reason));
        match by_reason.iter_mut().find(|(other, _)| *other == what) {
            Some((_, rules)) => rules.push(&left.rule),
            None => by_reason.push((what, vec![&left.rule])),
        }
    }
    let rows = by_reason.into_iter().map(|(what, rules)| {
        let named = rules.iter().take(3).map(|rule| format!("`{rule}`")).collect::<Vec<_>>().join(", ");
        let more = rules.len().saturating_sub(3);
        let more = if more > 0 { format!(" and {more} more rules") } else { String::new() };
        format!("- {what} ({named}{more})\n")
    });
    Section {
        heading: format!("Not judged ({})", report.not_judged.len()),
        head: "No finding here is no approval.\n\n".to_owned(),
        rows: rows.collect(),
        share: 10,
    }
}

/// Puts sections together so that the whole is short enough; what is left out is said where it is.
fn assemble(head: &str, sections: Vec<Section>) -> String {
    let length = |text: &str| text.chars().count();
    let frame = |section: &Section| length(&section.heading) + length(&section.head) + 200;
    let mut out = head.to_owned();
    let mut sections: Vec<Section> = sections.into_iter().filter(|section| !section.rows.is_empty()).collect();
    // Of very many sections the first are kept, as many as leave room for what is in them.
    let room = MOST.saturating_sub(RESERVE + length(&out));
    let mut frames = 0;
    let kept = sections.iter().take_while(|section| {
        frames += frame(section);
        frames <= room / 2
    });
    let kept = kept.count();
    let dropped = sections.split_off(kept).len();
    let available = room.saturating_sub(sections.iter().map(frame).sum());
    let mut left = available;
    for (number, section) in sections.into_iter().enumerate() {
        // The last one may have all that is left.
        let most = if number + 1 == kept { left } else { left.min(available * section.share / 100) };
        let _ = write!(out, "\n### {}\n\n{}", section.heading, section.head);
        let (mut used, mut shown) = (0, 0);
        for row in &section.rows {
            let length = length(row);
            if used + length > most {
                break;
            }
            out.push_str(row);
            used += length;
            shown += 1;
        }
        left = left.saturating_sub(used);
        left_out(&mut out, section.rows.len() - shown);
    }
    left_out(&mut out, dropped);
    out
}

fn left_out(out: &mut String, count: usize) {
    if count > 0 {
        let _ =
            write!(out, "\n{count} more are not shown here, since GitHub takes no longer text; see the full report.\n");
    }
}
