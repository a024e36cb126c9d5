//! A forecast for people and programs: a table, JSON, and a picture that needs nothing but itself.

use std::fmt::Write as _;

use serde_json::json;

use super::{json as report_json, sanitise};
use crate::catalogue::Severity;
use crate::check::Date;
use crate::forecast::{Forecast, Group, Prospect, Step};

/// The version of the JSON.
const SCHEMA_VERSION: u32 = 1;

/// JSON.
pub fn render_json(forecast: &Forecast) -> String {
    report_json::pretty(&json!({ "schema_version": SCHEMA_VERSION, "forecast": forecast }))
}

/// A table; with `every`, each request is named.
pub fn render_table(forecast: &Forecast, threshold: Severity, every: bool) -> String {
    let mut out = format!(
        "As of {}, {}. A request stops passing with the first finding that is {} or worse.\n",
        forecast.as_of,
        counted(forecast.requests),
        article(threshold),
    );
    for prospect in &forecast.prospects {
        let _ = write!(out, "\n{}: {}\n", prospect.profile, sanitise::line(&prospect.title));
        let width = prospect.groups.iter().map(|group| group.key.chars().count()).max().unwrap_or(0).min(40);
        for group in &prospect.groups {
            let _ = writeln!(
                out,
                "  {:>6}  {:width$}  {}",
                group.requests.len(),
                group.key,
                sentence(group, forecast.as_of, threshold)
            );
            if every {
                for place in &group.requests {
                    let _ = writeln!(out, "            {}:{} {}", place.path, place.line, place.request);
                }
            }
        }
        if prospect.groups.is_empty() {
            out.push_str("  no requests\n");
        }
    }
    for (path, reason) in &forecast.errors {
        let _ = writeln!(out, "\n{path}: {reason}");
    }
    out
}

fn counted(requests: usize) -> String {
    if requests == 1 { "1 request".to_owned() } else { format!("{requests} requests") }
}

fn article(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "an error",
        Severity::Warning => "a warning",
        Severity::Info => "an info",
    }
}

fn rules(step: &Step) -> String {
    step.rules.iter().map(String::as_str).collect::<Vec<_>>().join(", ")
}

/// What becomes of a group, in words.
fn sentence(group: &Group, today: Date, threshold: Severity) -> String {
    let Some(first) = group.first(threshold) else { return "passes, with no end in sight".to_owned() };
    let name = first.worst.map_or("", Severity::name);
    let mut text = if first.from == today {
        format!("does not pass today ({name}: {})", rules(first))
    } else {
        format!("passes until {}; from {} {name}: {}", first.from.previous(), first.from, rules(first))
    };
    // What follows, where it gets worse.
    let mut worst = first.worst;
    for step in group.steps.iter().filter(|step| step.from > first.from) {
        if step.worst > worst {
            worst = step.worst;
            let _ = write!(text, "; from {} {}: {}", step.from, step.worst.map_or("", Severity::name), rules(step));
        }
    }
    text
}

/// Colours of the bars: passing, info, warning, error. The words beside them say the same.
fn class(worst: Option<Severity>) -> &'static str {
    match worst {
        None => "pass",
        Some(Severity::Info) => "info",
        Some(Severity::Warning) => "warning",
        Some(Severity::Error) => "error",
    }
}

const LEFT: f64 = 250.0;
const WIDTH: f64 = 1000.0;
const RIGHT: f64 = 24.0;
const ROW: f64 = 22.0;
const HEAD: f64 = 64.0;

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#1f2328}.title{font-size:15px;font-weight:600}.profile{font-weight:600}.dim{fill:#59636e}.back{fill:#fff}.grid{stroke:#d1d9e0}.today{stroke:#1f2328;stroke-width:1.5}.pass{fill:#4ac26b}.info{fill:#80ccff}.warning{fill:#eac54f}.error{fill:#ff8182}.on{fill:#1f2328;font-size:11px}@media(prefers-color-scheme:dark){text{fill:#e6edf3}.dim{fill:#9198a1}.back{fill:#0d1117}.grid{stroke:#3d444d}.today{stroke:#e6edf3}.on{fill:#0d1117}}";

/// A timeline as SVG: one bar a group, from today to a year after the last change.
pub fn render_svg(forecast: &Forecast) -> String {
    let today = year_of(forecast.as_of);
    let last = forecast
        .prospects
        .iter()
        .flat_map(|prospect| &prospect.groups)
        .flat_map(|group| &group.steps)
        .map(|step| year_of(step.from))
        .fold(today + 4.0, f64::max);
    let end = last.ceil() + 1.0;
    let x = |year: f64| LEFT + (year - today) / (end - today) * (WIDTH - LEFT - RIGHT);
    let rows: usize = forecast.prospects.iter().map(|prospect| prospect.groups.len().max(1) + 1).sum();
    let height = HEAD + rows as f64 * ROW + 56.0;
    let bottom = height - 40.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" width=\"{WIDTH}\" height=\"{height}\" role=\"img\">\n<title>When today's requests stop passing</title>\n<style>{STYLE}</style>\n<rect class=\"back\" width=\"100%\" height=\"100%\"/>\n<text class=\"title\" x=\"16\" y=\"26\">When today's requests stop passing</text>\n<text class=\"dim\" x=\"16\" y=\"44\">{}, as of {}</text>\n",
        counted(forecast.requests),
        forecast.as_of
    );
    let every = if end - today > 14.0 { 2 } else { 1 };
    for year in (today.ceil() as i32..=end as i32).filter(|year| year % every == 0) {
        let at = x(f64::from(year));
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"{HEAD}\" y2=\"{bottom}\"/><text class=\"dim\" x=\"{at:.1}\" y=\"{}\" text-anchor=\"middle\">{year}</text>",
            HEAD - 6.0
        );
    }
    let mut y = HEAD + 4.0;
    for prospect in &forecast.prospects {
        draw(&mut out, prospect, &mut y, &x, end);
    }
    let _ = writeln!(out, "<line class=\"today\" x1=\"{LEFT}\" x2=\"{LEFT}\" y1=\"{HEAD}\" y2=\"{bottom}\"/>");
    let legend = [("pass", "passes"), ("info", "info"), ("warning", "warning"), ("error", "error")];
    for (number, (class, word)) in legend.into_iter().enumerate() {
        let at = LEFT + number as f64 * 100.0;
        let _ = writeln!(
            out,
            "<rect class=\"{class}\" x=\"{at}\" y=\"{}\" width=\"14\" height=\"12\" rx=\"2\"/><text class=\"dim\" x=\"{}\" y=\"{}\">{word}</text>",
            height - 28.0,
            at + 20.0,
            height - 18.0
        );
    }
    out.push_str("</svg>\n");
    out
}

fn draw(out: &mut String, prospect: &Prospect, y: &mut f64, x: &dyn Fn(f64) -> f64, end: f64) {
    let _ = writeln!(
        out,
        "<text class=\"profile\" x=\"16\" y=\"{:.1}\">{}</text>",
        *y + 15.0,
        escape(&prospect.profile, 34)
    );
    *y += ROW;
    if prospect.groups.is_empty() {
        let _ = writeln!(out, "<text class=\"dim\" x=\"28\" y=\"{:.1}\">no requests</text>", *y + 15.0);
        *y += ROW;
    }
    for group in &prospect.groups {
        let label = format!("{} × {}", group.requests.len(), group.key);
        let _ = writeln!(out, "<text x=\"28\" y=\"{:.1}\">{}</text>", *y + 15.0, escape(&label, 34));
        let ends = group.steps.iter().skip(1).map(|step| year_of(step.from)).chain([end]);
        for (number, (step, until)) in group.steps.iter().zip(ends).enumerate() {
            let (start, stop) = (if number == 0 { LEFT } else { x(year_of(step.from)) }, x(until));
            let words = match (step.worst, number) {
                (None, _) => String::new(),
                (Some(severity), 0) => format!("{}: {}", severity.name(), rules(step)),
                (Some(_), _) => format!("{}: {}", step.from, rules(step)),
            };
            let _ = writeln!(
                out,
                "<g><title>{}</title><rect class=\"{}\" x=\"{start:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{}\" rx=\"3\"/>",
                escape(
                    &format!(
                        "{label}: from {} {}",
                        step.from,
                        if words.is_empty() {
                            "passes".to_owned()
                        } else {
                            format!("{}: {}", class(step.worst), rules(step))
                        }
                    ),
                    300
                ),
                class(step.worst),
                *y + 2.0,
                (stop - start - 1.0).max(1.0),
                ROW - 4.0
            );
            // Six units a character at this size.
            let room = ((stop - start - 10.0) / 6.0).max(0.0) as usize;
            // Where there is room for the day only, the day is what matters; the rest is in the title.
            let words =
                if number > 0 && words.chars().count() > room && room < 20 { step.from.to_string() } else { words };
            if room >= 10 {
                let _ = write!(
                    out,
                    "<text class=\"on\" x=\"{:.1}\" y=\"{:.1}\">{}</text>",
                    start + 5.0,
                    *y + 15.0,
                    escape(&words, room)
                );
            }
            out.push_str("</g>\n");
        }
        *y += ROW;
    }
}

/// A day as a year with a fraction.
fn year_of(day: Date) -> f64 {
    let (passed, all) = day.day_of_year();
    f64::from(day.year()) + f64::from(passed) / f64::from(all)
}

/// Text that is neither markup nor longer than this.
fn escape(text: &str, most: usize) -> String {
    let line = sanitise::line(text);
    let mut cut: String = line.chars().take(most).collect();
    if cut.len() < line.len() {
        cut.pop();
        cut.push('…');
    }
    cut.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
