//! `csrlint config`: every effective value, with the layer, file and line it came from.

use clap::{Args, ValueEnum};
use serde_json::Value;

use super::{Outcome, Output, PolicyArguments, workspace::Workspace};
use crate::redact::message;
use crate::report::{json, sanitise};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One line a value.
    Human,
    /// An array.
    Json,
}

#[derive(Debug, Args)]
pub(super) struct ConfigArguments {
    #[command(flatten)]
    policy: PolicyArguments,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Format,
}

/// Takes secrets out of the texts of a value.
fn redact(value: &mut Value) {
    match value {
        Value::String(text) => *text = message(text).into_owned(),
        Value::Array(list) => list.iter_mut().for_each(redact),
        Value::Object(map) => map.values_mut().for_each(redact),
        _ => {}
    }
}

pub(super) fn run(arguments: &ConfigArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let (root, _) = place.tree(&[])?;
    let policy = place.policy(&root, &arguments.policy)?;
    let mut values = policy.effective();
    values.iter_mut().for_each(|value| redact(&mut value.value));
    if arguments.format == Format::Json {
        out.text(&json::pretty(&values));
        return Ok(0);
    }
    for value in &values {
        let origin = match (&value.file, value.line) {
            (Some(file), Some(line)) => format!("{} ({}:{line})", value.layer, sanitise::line(file)),
            _ => value.layer.clone(),
        };
        let note = value.note.as_ref().map(|note| format!("; {note}")).unwrap_or_default();
        out.lines(&format!(
            "{} = {}  # {origin}{note}\n",
            sanitise::line(&value.key),
            sanitise::line(&value.value.to_string())
        ));
    }
    Ok(0)
}
