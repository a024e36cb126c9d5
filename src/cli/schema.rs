//! `csrlint schema`: the JSON Schemas of everything people and programs write or read, from the types themselves.

use clap::Args;
use serde_json::{Value, json};

use super::{Failure, Outcome, Output};
use crate::catalogue::{Profile, RuleFile};
use crate::policy::{RawBaseline, RawPolicy};
use crate::report::{diff, evidence, inspect, json as report_json, ndjson};

#[derive(Debug, Args)]
pub(super) struct SchemaArguments {
    /// config, rule, profile, report, ndjson, evidence, inspect, diff, baseline, or the parameters of a check as
    /// `check/NAME`.
    #[arg(value_name = "NAME")]
    name: String,
}

/// The schemas that are kept in `schemas/`.
pub fn schemas() -> Vec<(&'static str, Value)> {
    vec![
        ("config", json!(schemars::schema_for!(RawPolicy))),
        ("rule", json!(schemars::schema_for!(RuleFile))),
        ("profile", json!(schemars::schema_for!(Profile))),
        ("report", report_json::schema()),
        ("ndjson", ndjson::schema()),
        ("evidence", evidence::schema()),
        ("inspect", inspect::schema()),
        ("diff", diff::schema()),
        ("baseline", json!(schemars::schema_for!(RawBaseline))),
    ]
}

pub(super) fn run(arguments: &SchemaArguments, out: &mut Output) -> Outcome {
    if let Some(check) = arguments.name.strip_prefix("check/") {
        let definition =
            crate::check::definition(check).ok_or_else(|| Failure::Usage(format!("there is no check {check:?}")))?;
        out.text(&report_json::pretty(&(definition.schema)()));
        return Ok(0);
    }
    let found = schemas().into_iter().find(|(name, _)| *name == arguments.name);
    let (_, schema) = found.ok_or_else(|| {
        Failure::Usage(format!(
            "there is no schema {:?}; there are {} and check/NAME",
            arguments.name,
            schemas().iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
        ))
    })?;
    out.text(&report_json::pretty(&schema));
    Ok(0)
}
