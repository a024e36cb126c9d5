//! stub
use clap::Args;
use super::{Outcome, Output, workspace::Workspace};
#[derive(Debug, Args)]
pub(super) struct ForecastArguments {}
pub(super) fn run(_: &ForecastArguments, _: &Workspace, _: &mut Output) -> Outcome { Ok(0) }
