//! The formats of reports: their names on the command line, and who renders each.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::catalogue::frameworks;
use crate::report::{Report, concise, evidence, github, human, json, markdown, sarif};

/// Output formats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Annotated diagnostics for people.
    Human,
    /// One line a finding.
    Concise,
    /// One JSON object.
    Json,
    /// SARIF 2.1.0 for code scanning.
    Sarif,
    /// Markdown for a job summary or a comment.
    Markdown,
    /// GitHub workflow commands.
    Github,
    /// What an auditor asks for, by control, as JSON.
    Evidence,
    /// The same as Markdown.
    EvidenceMarkdown,
}

pub(super) fn output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, path) = text.split_once('=').ok_or("write it as FORMAT=FILE")?;
    let format = Format::from_str(format, true).map_err(|_| format!("{format:?} is no format"))?;
    if path.is_empty() {
        return Err("write it as FORMAT=FILE".to_owned());
    }
    Ok((format, PathBuf::from(path)))
}

/// A report as text.
pub(super) fn render(report: &Report, format: Format, style: &human::Style) -> String {
    match format {
        Format::Human => human::render(report, style),
        Format::Concise => concise::render(report, style.suppressed),
        Format::Json => json::render(report),
        Format::Sarif => sarif::render(report),
        Format::Markdown => markdown::render(report),
        Format::Github => github::render(report),
        Format::Evidence => evidence::render(report, &frameworks()),
        Format::EvidenceMarkdown => evidence::markdown(report, &frameworks()),
    }
}
