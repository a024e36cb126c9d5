//! The formats of reports: their names on the command line, what of a run they need, and who renders each.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::catalogue::frameworks;
use crate::engine::Keep;
use crate::report::{
    Report, azure, checkstyle, concise, csv, evidence, github, gitlab, html, human, json, junit, markdown, ndjson,
    rdjson, sarif,
};

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Annotated diagnostics for people.
    Human,
    /// One line a finding.
    Concise,
    /// One JSON object.
    Json,
    /// JSON objects, one a line, each with its type.
    Ndjson,
    /// SARIF 2.1.0 for code scanning.
    Sarif,
    /// Markdown for a job summary or a comment.
    Markdown,
    /// GitHub workflow commands.
    Github,
    /// GitLab code quality.
    Gitlab,
    /// Azure Pipelines logging commands.
    Azure,
    /// JUnit XML: tests.
    Junit,
    /// Checkstyle XML.
    Checkstyle,
    /// reviewdog's diagnostics.
    Rdjson,
    /// A table for spreadsheets.
    Csv,
    /// One page with charts and every request, decoded.
    Html,
    /// What an auditor asks for, by control, as JSON.
    Evidence,
    /// The same as Markdown.
    EvidenceMarkdown,
}

/// What these formats need a run to keep.
pub(super) fn keep(formats: &[Format]) -> Keep {
    let any = |wanted: &[Format]| formats.iter().any(|format| wanted.contains(format));
    Keep {
        requests: any(&[Format::Json, Format::Ndjson, Format::Markdown]),
        shown: any(&[Format::Human, Format::Html]),
        outcomes: any(&[Format::Evidence, Format::EvidenceMarkdown]),
        sheets: any(&[Format::Junit, Format::Html]),
    }
}

pub(super) fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write it as FORMAT=FILE")?;
    let format = Format::from_str(format, true).map_err(|_| format!("{format:?} is no format"))?;
    if path.is_empty() {
        return Err("write it as FORMAT=FILE".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}

/// A report as text, and what the user should know of it: what the format has no room for.
pub(super) fn render(report: &Report, format: Format, style: &human::Style) -> (String, Vec<String>) {
    let text = match format {
        Format::Human => human::render(report, style),
        Format::Concise => concise::render(report, style.suppressed),
        Format::Json => json::render(report),
        Format::Ndjson => ndjson::render(report),
        Format::Sarif => {
            let rendered = sarif::render(report, &sarif::Options { suppressed: style.suppressed });
            return (rendered.text, rendered.notices);
        }
        Format::Markdown => markdown::render(report),
        Format::Github => github::render(report),
        Format::Gitlab => gitlab::render(report),
        Format::Azure => azure::render(report),
        Format::Junit => junit::render(report),
        Format::Checkstyle => checkstyle::render(report),
        Format::Rdjson => rdjson::render(report),
        Format::Csv => csv::render(report),
        Format::Html => {
            let page = html::render(report);
            return (page.text, page.notices);
        }
        Format::Evidence => evidence::render(report, &frameworks()),
        Format::EvidenceMarkdown => evidence::markdown(report, &frameworks()),
    };
    (text, Vec::new())
}
