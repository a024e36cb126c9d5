//! `csrlint blocklist`: lists of keys that must not be used, made from a folder of keys, certificates or requests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use clap::{Args, Subcommand, ValueEnum};

use super::{Failure, Outcome, Output, tell, workspace::Workspace};
use crate::check::Date;
use crate::lists::{KeyHashes, SpkiList};
use crate::read::{self, Artifact};
use crate::source::{Content, FilePath, Listing, SourceFile, Tree as _, WalkOptions};

/// Larger files hold no keys.
const LIMIT: u64 = 10 * 1024 * 1024;

#[derive(Debug, Args)]
pub(super) struct BlocklistArguments {
    #[command(subcommand)]
    command: BlocklistCommand,
}

#[derive(Debug, Subcommand)]
enum BlocklistCommand {
    /// Make a list of all keys in a folder.
    Build(BuildArguments),
}

/// Formats of lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// One key a line: the SHA-256 of its SubjectPublicKeyInfo, the day, the reason.
    SpkiSha256,
    /// badkeys' binary records, which also match other encodings of the same key.
    Badkeys,
}

#[derive(Debug, Args)]
struct BuildArguments {
    /// Folders and files with keys, certificates or requests.
    #[arg(value_name = "PATH", required = true)]
    paths: Vec<PathBuf>,
    /// The format.
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "spki-sha256")]
    format: Format,
    /// Write to this file instead of standard output.
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Why the keys must not be used; the same for all.
    #[arg(long, value_name = "TEXT", default_value = "")]
    reason: String,
    /// Since when; today without this.
    #[arg(long, value_name = "DATE")]
    date: Option<Date>,
    /// The number of the list in badkeys' records.
    #[arg(long, value_name = "N", default_value = "255")]
    list_id: u8,
}

pub(super) fn run(arguments: &BlocklistArguments, place: &Workspace, out: &mut Output) -> Outcome {
    let BlocklistCommand::Build(build) = &arguments.command;
    let (root, roots) = place.tree(&build.paths)?;
    let collected = Mutex::new(Collected::default());
    let tree = place.disk(&root, &roots);
    let visit = |listed: Listing| match listed {
        Listing::File(path) | Listing::Recoded { path, .. } => {
            let mut bytes = Vec::new();
            match tree.read(&path, LIMIT, &mut bytes) {
                Ok(Content::Whole) => Collected::file(&collected, path, bytes),
                Ok(Content::TooLarge { len, mut reader }) => {
                    if let Some(problem) = read::problem_of_large(len, &mut *reader) {
                        Collected::problem(&collected, &path, &problem);
                    }
                }
                Err(error) => Collected::problem(&collected, &path, &error.to_string()),
            }
        }
        Listing::Unreadable { path, reason } => Collected::problem(&collected, &path, &reason),
        Listing::Notice(_) | Listing::Linked(_) => {}
    };
    tree.walk(
        &roots,
        &WalkOptions { threads: 1, excluded: &|_| false, heed_gitignore: false, apart: &|_, _| false },
        &visit,
    );
    let mut collected = collected.into_inner().unwrap_or_default();
    collected.problems.sort();
    for problem in &collected.problems {
        tell(&format!("error: {problem}"));
    }
    let bytes = match build.format {
        Format::SpkiSha256 => {
            let date = build.date.unwrap_or_else(super::workspace::today);
            collected
                .by_spki
                .iter()
                .map(|(spki, path)| {
                    let reason = if build.reason.is_empty() { path } else { &build.reason };
                    SpkiList::line(spki, Some(date), reason)
                })
                .collect::<String>()
                .into_bytes()
        }
        Format::Badkeys => collected
            .by_number
            .iter()
            .flat_map(|number| number.iter().take(15).copied().chain([build.list_id]).collect::<Vec<u8>>())
            .collect(),
    };
    let keys = match build.format {
        Format::SpkiSha256 => collected.by_spki.len(),
        Format::Badkeys => collected.by_number.len(),
    };
    match &build.output {
        Some(path) => place.write(path, &bytes)?,
        None if build.format == Format::Badkeys => {
            return Err(Failure::Usage("a list of badkeys is binary; name a file with --output".to_owned()));
        }
        None => out.text(&String::from_utf8_lossy(&bytes)),
    }
    tell(&format!("csrlint: {keys} {}", if keys == 1 { "key" } else { "keys" }));
    Ok(if collected.problems.is_empty() { 0 } else { 3 })
}

#[derive(Debug, Default)]
struct Collected {
    /// SHA-256 of the SubjectPublicKeyInfo → the first file with it, by path: files come in any order.
    by_spki: BTreeMap<[u8; 32], String>,
    /// SHA-256 of the number.
    by_number: BTreeSet<[u8; 32]>,
    problems: Vec<String>,
}

impl Collected {
    fn problem(this: &Mutex<Self>, path: &FilePath, problem: &str) {
        if let Ok(mut this) = this.lock() {
            this.problems.push(format!("{}: {problem}", path.as_str()));
        }
    }

    fn file(this: &Mutex<Self>, path: FilePath, bytes: Vec<u8>) {
        let name = path.as_str().to_owned();
        let mut found: Vec<KeyHashes> = read::public_keys(&bytes).iter().filter_map(KeyHashes::of).collect();
        let facts = read::read(Arc::new(SourceFile::new(Arc::new(path), bytes)));
        found.extend(facts.artifacts.iter().filter_map(|artifact| match artifact {
            Artifact::Request(request) => KeyHashes::of(request.key.effective()?),
            Artifact::Certificate(certificate) => KeyHashes::of(certificate.key.effective()?),
            Artifact::PrivateKey(key) => {
                let public = key.public.as_ref()?;
                Some(KeyHashes { spki_sha256: public.spki_sha256, number_sha256: public.number_sha256 })
            }
            Artifact::Claim(_) => None,
        }));
        let closed = |artifact: &Artifact| matches!(artifact, Artifact::PrivateKey(key) if key.public.is_none());
        let Ok(mut this) = this.lock() else { return };
        if facts.artifacts.iter().any(closed) {
            let problem = "a private key in it is not in the list: its public half cannot be told, as with a password";
            this.problems.push(format!("{name}: {problem}"));
        }
        for hashes in found {
            this.by_number.insert(hashes.number_sha256);
            let first = this.by_spki.entry(hashes.spki_sha256).or_insert_with(|| name.clone());
            if name < *first {
                first.clone_from(&name);
            }
        }
    }
}
