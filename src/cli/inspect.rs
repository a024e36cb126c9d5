//! `csrlint inspect`: the requests in files, decoded; or taken out as canonical PEM.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::{Args, ValueEnum};

use super::{Failure, Outcome, Output, tell, workspace::Workspace};
use crate::engine::SIZE_LIMIT;
use crate::read::{self, Artifact, Surroundings};
use crate::redact;
use crate::report::{Listing, inspect, json, sanitise};
use crate::request::Request;
use crate::source::{Content, DiskTree, FilePath, SourceFile, Tree as _};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A listing for people.
    Human,
    /// An array with one object a request.
    Json,
    /// PEM as RFC 7468 has it.
    Pem,
}

#[derive(Debug, Args)]
pub(super) struct InspectArguments {
    /// Files; `-` is standard input.
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    format: Format,
    /// For `git diff`: the decoded requests of one file, without places; a file without requests as it is.
    #[arg(long, conflicts_with = "format")]
    textconv: bool,
}

pub(super) fn run(arguments: &InspectArguments, place: &Workspace, out: &mut Output) -> Outcome {
    if arguments.textconv {
        return textconv(&arguments.files, place, out);
    }
    let mut code = 0;
    let mut values = Vec::new();
    for path in &arguments.files {
        let facts = match open(path, place)? {
            Ok((file, None)) => read::read(Arc::new(file)),
            Ok((file, Some(tree))) => read::read_within(Arc::new(file), &Surroundings::new(&tree, &BTreeMap::new())),
            Err(problem) => {
                tell(&format!("error: {}: {problem}", path.display()));
                code = 3;
                continue;
            }
        };
        let mut found = false;
        for artifact in &facts.artifacts {
            match artifact {
                Artifact::Request(request) => {
                    found = true;
                    match arguments.format {
                        Format::Human => {
                            let start = request
                                .origin
                                .sources
                                .locate(request.origin.span)
                                .first()
                                .map_or(0, |range| range.start);
                            let line = facts.sources.file.position(start).line;
                            out.lines(&format!(
                                "{}:{line}: {} ({})\n",
                                sanitise::line(facts.sources.file.path.as_str()),
                                facts.sources.file.secrets().out_of(&request.origin.name),
                                request.origin.format.name()
                            ));
                            out.lines(&Listing::of(request).text);
                            defects(request, out);
                            out.text("\n");
                        }
                        Format::Json => values.push(inspect::request(request)),
                        Format::Pem => {
                            if let Some(pkcs10) = &request.pkcs10 {
                                let block = pem::Pem::new("CERTIFICATE REQUEST", pkcs10.der.clone());
                                out.text(&pem::encode_config(
                                    &block,
                                    pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF),
                                ));
                            }
                        }
                    }
                }
                Artifact::Claim(claim) => {
                    for defect in &claim.defects {
                        tell(&format!(
                            "error: {}: {}",
                            facts.sources.file.path,
                            sanitise::shortened(&facts.sources.file.secrets().out_of(&defect.detail), 400)
                        ));
                    }
                    code = 3;
                }
                Artifact::PrivateKey(_) | Artifact::Certificate(_) => {}
            }
        }
        if !found && code == 0 {
            tell(&format!("error: {}: no certificate signing request in it", path.display()));
            code = 3;
        }
    }
    if arguments.format == Format::Json {
        out.text(&json::pretty(&values));
    }
    Ok(code)
}

/// What git compares instead of the file. git gives the path of a temporary file, so nothing around it is looked at, and
/// its name says nothing. Whatever it is, there has to be some text: without it, git shows no difference at all.
fn textconv(files: &[PathBuf], place: &Workspace, out: &mut Output) -> Outcome {
    for path in files {
        let file = match open(path, place)? {
            Ok((file, _)) => Arc::new(file),
            Err(problem) => return Err(Failure::Io(format!("{}: {problem}", path.display()))),
        };
        let facts = read::read(file.clone());
        let mut requests = facts.requests().peekable();
        if requests.peek().is_none() {
            out.lines(&sanitise::lines(&redact::masked(&file.bytes, file.secrets().ranges())));
        }
        for request in requests {
            let name = file.secrets().out_of(&request.origin.name);
            out.lines(&format!("{} ({})\n", sanitise::line(&name), request.origin.format.name()));
            out.lines(&Listing::of(request).text);
            defects(request, out);
        }
    }
    Ok(0)
}

/// What readers recorded of a request, a line each.
fn defects(request: &Request, out: &mut Output) {
    let secrets = request.origin.sources.file.secrets();
    for defect in &request.defects {
        let (place, detail) = (secrets.out_of(&defect.place), secrets.out_of(&defect.detail));
        let detail = sanitise::line(&detail);
        out.lines(&format!("    ! {}: {}\n", sanitise::line(&place), sanitise::shortened(&detail, 400)));
    }
}

/// The file and the tree it stands in, or why it cannot be read; a path that does not exist is wrong use.
fn open(path: &Path, place: &Workspace) -> Result<Result<(SourceFile, Option<DiskTree>), String>, Failure> {
    if path == Path::new("-") {
        let mut bytes = Vec::new();
        std::io::stdin().lock().take(SIZE_LIMIT + 1).read_to_end(&mut bytes)?;
        return Ok(Ok((SourceFile::new(Arc::new(FilePath::new("<stdin>")), bytes), None)));
    }
    let (root, paths) = place.tree(std::slice::from_ref(&path.to_path_buf()))?;
    let tree = place.disk(&root, &paths);
    let Some(file) = paths.into_iter().next() else { return Ok(Err("no such file".to_owned())) };
    let mut bytes = Vec::new();
    Ok(match tree.read(&file, SIZE_LIMIT, &mut bytes) {
        Ok(Content::Whole) => Ok((SourceFile::new(Arc::new(file), bytes), Some(tree))),
        Ok(Content::TooLarge { len, .. }) => Err(format!("{len} bytes are too many")),
        Err(error) => Err(error.to_string()),
    })
}
