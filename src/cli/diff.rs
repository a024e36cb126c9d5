//! `csrlint diff`: what changed in the requests between two states of the repository, and what that does to findings.

use std::path::{Path, PathBuf};

use clap::Args;

use super::format::Prose;
use super::workspace::{Workspace, threads};
use super::{Failure, Outcome, Output, PolicyArguments, tell};
use crate::compare::{Comparison, compare};
use crate::engine::{Engine, Keep, RunOptions, SIZE_LIMIT};
use crate::report::{Report, diff, markdown};
use crate::source::{FilePath, Git, GitError, ObjectId, Side, Tree};

#[derive(Debug, Args)]
pub(super) struct DiffArguments {
    /// The older state [default: HEAD]. What is compared is where the history parted from it, unless --direct is given.
    #[arg(value_name = "BASE")]
    base: Option<String>,
    /// The newer state [default: the files on disk].
    #[arg(value_name = "HEAD", requires = "base")]
    head: Option<String>,
    /// Compare with BASE itself.
    #[arg(long, requires = "base")]
    direct: bool,
    /// The newer state is the index: what would be committed.
    #[arg(long, conflicts_with = "head")]
    staged: bool,
    /// Where to look [default: the working directory]; repeatable.
    #[arg(long = "path", value_name = "PATH")]
    paths: Vec<PathBuf>,
    #[command(flatten)]
    policy: PolicyArguments,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human", help_heading = "Output")]
    format: Prose,
    /// Worker threads [default: one a core].
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256))]
    threads: Option<u16>,
}

fn told(error: GitError) -> Failure {
    error.into()
}

pub(super) fn run(arguments: &DiffArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let here = [PathBuf::from(".")];
    let paths = if arguments.paths.is_empty() { &here[..] } else { &arguments.paths };
    let (root, roots) = place.tree(paths)?;
    place.must_be_repository(&root, "diff")?;
    let git = place.git()?;
    let newer = match &arguments.head {
        Some(revision) => Some(git.resolve(revision).map_err(told)?),
        None => None,
    };
    let (from, from_told) = older(arguments, &git, newer.as_ref())?;
    let (side, to_told) = match (&newer, arguments.staged) {
        (Some(commit), _) => {
            (Side::Revision(commit.clone()), arguments.head.clone().unwrap_or_else(|| commit.short().to_owned()))
        }
        (None, true) => (Side::Index, "the index".to_owned()),
        (None, false) => (Side::WorkingTree, "the working tree".to_owned()),
    };
    let compared = States { place, root: &root, roots: &roots, git: &git, threads: threads(arguments.threads) };
    let before = compared.report(&Side::Revision(from.clone()), &arguments.policy, &side)?;
    let after = compared.report(&side, &arguments.policy, &side)?;
    let changes = git.changes(&from, &side).map_err(told)?;
    let comparison = compare(&from_told, &to_told, &before, &after, &changes);
    match arguments.format {
        Prose::Human => out.lines(&diff::render(&comparison)),
        Prose::Json => out.text(&diff::render_json(&comparison)),
        Prose::Markdown => out.text(&markdown::render_diff(&comparison)),
    }
    for notice in &after.notices {
        tell(&format!("notice: {notice}"));
    }
    for error in before.errors.iter().chain(&after.errors) {
        tell(&format!("error: {}: {}", error.path, error.message));
    }
    Ok(match () {
        () if !after.errors.is_empty() => 3,
        () if comparison.all_appeared().any(|finding| finding.fails) => 1,
        () => 0,
    })
}

/// The older state, and what it is called.
fn older(arguments: &DiffArguments, git: &Git, newer: Option<&ObjectId>) -> Result<(ObjectId, String), Failure> {
    let Some(name) = &arguments.base else {
        return Ok((git.resolve("HEAD").map_err(told)?, "HEAD".to_owned()));
    };
    let base = git.resolve(name).map_err(told)?;
    if arguments.direct {
        return Ok((base, name.clone()));
    }
    let head = match newer {
        Some(commit) => commit.clone(),
        None => git.resolve("HEAD").map_err(told)?,
    };
    let all = git
        .merge_bases(&base, &head)
        .map_err(|error| Failure::Usage(format!("{error}; --direct compares with {name} itself")))?;
    let Some(parted) = all.first().cloned() else { return Ok((base, name.clone())) };
    if all.len() > 1 {
        let others = all.iter().map(ObjectId::short).collect::<Vec<_>>().join(", ");
        tell(&format!(
            "notice: the histories parted {} times ({others}); compared with the first, so --direct may show more",
            all.len()
        ));
    }
    let called = if parted == base { name.clone() } else { format!("{name} (at {})", parted.short()) };
    Ok((parted, called))
}

/// What it takes to judge a state of the repository.
pub(super) struct States<'a> {
    pub(super) place: &'a Workspace,
    pub(super) root: &'a Path,
    pub(super) roots: &'a [FilePath],
    pub(super) git: &'a Git,
    pub(super) threads: usize,
}

impl States<'_> {
    /// The report of a state. What the newer one may not do is asked of the newer one only.
    pub(super) fn report(&self, state: &Side, arguments: &PolicyArguments, newer: &Side) -> Result<Report, Failure> {
        let policy = self.place.policy(self.root, arguments)?;
        let mut engine = Engine::new(policy, Keep { requests: true, ..Keep::default() });
        if state == newer
            && let Some(base) = self.place.base(self.root, arguments, newer)?
        {
            engine = engine.with_base(base);
        }
        let options = RunOptions { threads: self.threads, whole_tree: false, size_limit: SIZE_LIMIT };
        let run = |tree: &dyn Tree| engine.run(tree, self.roots, &options);
        Ok(match state {
            Side::WorkingTree => run(&self.place.disk(self.root, self.roots)),
            Side::Index => run(&self.git.index().map_err(told)?),
            Side::Revision(commit) => run(&self.git.tree(commit).map_err(told)?),
        })
    }

    /// How a report that was made already differs from the state before.
    pub(super) fn compared_with(
        &self,
        from: &ObjectId,
        names: (&str, &str),
        arguments: &PolicyArguments,
        newer: &Side,
        after: &Report,
    ) -> Result<Comparison, Failure> {
        let before = self.report(&Side::Revision(from.clone()), arguments, newer)?;
        let changes = self.git.changes(from, newer).map_err(told)?;
        Ok(compare(names.0, names.1, &before, after, &changes))
    }
}
