//! Where a command stands: the working directory, the repository around it, the tree that paths are relative to, and the policy.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;

use super::policy::{Files, PolicyRevision, read_file};
use super::{Failure, PolicyArguments};
use crate::catalogue::Catalogue;
use crate::check::Date;
use crate::engine::Base;
use crate::policy::{ListError, Policy, PolicyError, PolicySource, Selection};
use crate::source::{DiskTree, FilePath, Git, GitError, ObjectTree, Side, write};

/// The place of a command.
pub(super) struct Workspace {
    /// The working directory, canonical.
    pub(super) directory: PathBuf,
    /// The root of the repository around it, if there is one.
    pub(super) repository: Option<PathBuf>,
    policy_revision: OnceCell<PolicyRevision>,
}

impl Workspace {
    pub(super) fn new(directory: Option<&Path>) -> Result<Self, Failure> {
        let shown = directory.unwrap_or(Path::new("."));
        let directory =
            shown.canonicalize().map_err(|error| Failure::Usage(format!("{}: {error}", shown.display())))?;
        if !directory.is_dir() {
            return Err(Failure::Usage(format!("{}: not a directory", shown.display())));
        }
        let repository = directory.ancestors().find(|part| part.join(".git").exists()).map(Path::to_path_buf);
        Ok(Self { directory, repository, policy_revision: OnceCell::new() })
    }

    /// The tree for these paths: the repository, or what is above all of them where some are outside of it.
    pub(super) fn tree(&self, paths: &[PathBuf]) -> Result<(PathBuf, Vec<FilePath>), Failure> {
        self.tree_with(paths, None)
    }

    /// The same; a path may also be one of the index, whatever is on disk.
    pub(super) fn tree_with(
        &self,
        paths: &[PathBuf],
        index: Option<&ObjectTree>,
    ) -> Result<(PathBuf, Vec<FilePath>), Failure> {
        let mut resolved = Vec::with_capacity(paths.len());
        for path in paths {
            let in_index = || {
                let full = clean(&self.directory.join(path));
                let below = full.strip_prefix(self.repository.as_deref()?).ok()?;
                index?.has(&FilePath::new(below)).then_some(full.clone())
            };
            resolved.push(self.resolve(path).or_else(|failure| in_index().ok_or(failure))?);
        }
        let mut root = self.repository.clone().unwrap_or_else(|| self.directory.clone());
        while let Some(outside) = resolved.iter().find(|path| !path.starts_with(&root)) {
            root = root.ancestors().find(|part| outside.starts_with(part)).unwrap_or(Path::new("/")).to_path_buf();
        }
        // With nothing but the file system's root above all of them, paths are shown as they are.
        let shown = |path: &Path| {
            if root.parent().is_none() {
                path.to_path_buf()
            } else {
                path.strip_prefix(&root).unwrap_or(path).to_path_buf()
            }
        };
        let inside = resolved.iter().map(|path| FilePath::new(shown(path))).collect();
        Ok((root, inside))
    }

    /// The files on disk below the root of a tree for these paths. What lies between a path outside of the repository and
    /// the repository is nobody's: files may refer to each other within the repository, and within the checkout or folder
    /// that a path stands in.
    pub(super) fn disk(&self, root: &Path, paths: &[FilePath]) -> DiskTree {
        let home = self.repository.as_deref().unwrap_or(&self.directory);
        if root == home {
            return DiskTree::new(root);
        }
        let outside =
            paths.iter().map(|path| root.join(path.native())).filter(|path| !path.starts_with(home)).map(|path| {
                let folder = if path.is_dir() { path.as_path() } else { path.parent().unwrap_or(root) };
                folder.ancestors().find(|part| part.join(".git").exists()).unwrap_or(folder).to_path_buf()
            });
        DiskTree::within(root, &outside.chain([home.to_path_buf()]).collect::<Vec<_>>())
    }

    /// The path with its directory made canonical; a link to a file stays a link, so that the tree can refuse it. What is
    /// named in the repository stays there: where a link of it leads the tree says, not the command line.
    fn resolve(&self, path: &Path) -> Result<PathBuf, Failure> {
        let full = self.directory.join(path);
        let missing = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
        let metadata = std::fs::symlink_metadata(&full).map_err(missing)?;
        let home = self.repository.as_deref().unwrap_or(&self.directory);
        let plain = clean(&full);
        let above = plain.ancestors().find(|part| part.canonicalize().is_ok_and(|real| real == home));
        if let Some(rest) = above.and_then(|above| plain.strip_prefix(above).ok()) {
            let inside = home.join(rest);
            inside.symlink_metadata().map_err(missing)?;
            return Ok(inside);
        }
        if metadata.is_dir() || full.is_dir() {
            return full.canonicalize().map_err(missing);
        }
        let parent = full.parent().unwrap_or(&self.directory).canonicalize().map_err(missing)?;
        Ok(parent.join(full.file_name().unwrap_or_default()))
    }

    /// The revision the policy is taken from, if one is named.
    pub(super) fn policy_revision(&self, arguments: &PolicyArguments) -> Result<Option<&PolicyRevision>, Failure> {
        let Some(name) = &arguments.policy_rev else { return Ok(None) };
        if let Some(revision) = self.policy_revision.get() {
            return Ok(Some(revision));
        }
        let git = self.git()?;
        let told = |error: GitError| Failure::from(error.about("--policy-rev"));
        let commit = git.resolve(name).map_err(told)?;
        let tree = git.tree(&commit).map_err(told)?;
        let tree = Arc::new(tree);
        Ok(Some(self.policy_revision.get_or_init(|| PolicyRevision { name: name.clone(), commit, tree })))
    }

    /// The state before the change that is being judged, for an engine: that of the policy's revision.
    pub(super) fn base(&self, root: &Path, arguments: &PolicyArguments, side: &Side) -> Result<Option<Base>, Failure> {
        let Some(revision) = self.policy_revision(arguments)? else { return Ok(None) };
        self.must_be_repository(root, "--policy-rev")?;
        let changes = self.git()?.changes(&revision.commit, side)?;
        Ok(Some(Base { name: revision.name.clone(), tree: revision.tree.clone(), changes }))
    }

    /// Writes a file that the command line names.
    pub(super) fn write(&self, path: &Path, bytes: &[u8]) -> Result<(), Failure> {
        let root = self.repository.as_deref().unwrap_or(&self.directory);
        let told = |error| Failure::Io(format!("{}: {error}", path.display()));
        write::write(&self.directory.join(path), root, bytes).map_err(told)
    }

    /// git speaks of paths in its repository only.
    pub(super) fn must_be_repository(&self, root: &Path, flag: &str) -> Result<(), Failure> {
        match self.repository.as_deref() {
            Some(repository) if repository == root => Ok(()),
            Some(_) => Err(Failure::Usage(format!("{flag} is about the repository; no path may lie outside of it"))),
            None => Err(Failure::Usage(format!("{flag} needs a git repository, and this is none"))),
        }
    }

    /// The repository around the working directory.
    pub(super) fn git(&self) -> Result<Git, Failure> {
        let missing = || Failure::Usage("this is no git repository".to_owned());
        self.repository.as_ref().map(Git::new).ok_or_else(missing)
    }

    /// The policy of a run, with all that it names.
    pub(super) fn policy(&self, root: &Path, arguments: &PolicyArguments) -> Result<Policy, Failure> {
        self.policy_on(root, arguments, arguments.as_of.unwrap_or_else(today))
    }

    /// The same; the baseline that it names need not be there.
    pub(super) fn policy_without_baseline(&self, root: &Path, arguments: &PolicyArguments) -> Result<Policy, Failure> {
        let arguments = PolicyArguments { baseline: None, ..arguments.clone() };
        self.load(root, &arguments, arguments.as_of.unwrap_or_else(today), false)
    }

    /// The same, as of another day.
    pub(super) fn policy_on(&self, root: &Path, arguments: &PolicyArguments, as_of: Date) -> Result<Policy, Failure> {
        self.load(root, arguments, as_of, true)
    }

    fn load(
        &self,
        root: &Path,
        arguments: &PolicyArguments,
        as_of: Date,
        with_baseline: bool,
    ) -> Result<Policy, Failure> {
        let selection = Selection {
            profiles: arguments.profile.clone(),
            select: arguments.select.clone(),
            ignore: arguments.ignore.clone(),
            fail_on: arguments.fail_on,
            deep: arguments.deep,
            no_ignores: arguments.no_ignores,
            without_baseline: !with_baseline || arguments.baseline.is_some(),
        };
        let catalogue = Catalogue::shipped();
        let revision = self.policy_revision(arguments)?;
        let mut files = Files { root, repository: self.repository.as_deref(), revision, main: None };
        let named = |path: &Path| {
            let told = |error| Failure::Usage(format!("{}: {error}", path.display()));
            files.read(&self.named_path(path, &files)).map_err(told)
        };
        let below = arguments.extends.iter().map(|path| named(path)).collect::<Result<Vec<_>, _>>()?;
        let found = match (&arguments.config, arguments.isolated) {
            (_, true) => None,
            (Some(path), _) => Some((named(path)?, self.directory.clone())),
            (None, false) => match files.find(&self.directory) {
                Some((path, base)) => {
                    let told = |error| Failure::Usage(format!("{}: {error}", path.display()));
                    Some((files.read_found(&path, &base).map_err(told)?, base))
                }
                None => None,
            },
        };
        let mut notices = Vec::new();
        if let (None, Some(revision), false) = (&found, revision, arguments.isolated) {
            let instead = if below.is_empty() { "the profile recommended" } else { "what --extends names" };
            notices.push(format!("there is no policy at {}; {instead} holds", revision.name));
        }
        let mut policy = match (found, below.is_empty()) {
            (None, true) => Policy::isolated(catalogue, selection, as_of).map_err(Failure::Usage)?,
            (found, _) => {
                let mut below = below;
                let (file, base) = match found {
                    Some(found) => found,
                    // The uppermost of the layers is the policy.
                    None => {
                        (below.pop().unwrap_or_default(), self.repository.clone().unwrap_or(self.directory.clone()))
                    }
                };
                let base_in_tree = match base.strip_prefix(root) {
                    Ok(relative) if !relative.as_os_str().is_empty() => FilePath::new(relative).as_str().to_owned(),
                    Ok(_) | Err(_) => String::new(),
                };
                // A file in `.github` speaks of the folder above it.
                files.main = arguments.config.is_none().then(|| (file.path.clone(), base.clone()));
                let source = PolicySource { file, base: &base_in_tree, below, files: &files };
                Policy::load(&source, catalogue, selection, as_of).map_err(Failure::Policy)?
            }
        };
        if let Some(path) = &arguments.baseline {
            let told = |error| Failure::Usage(format!("{}: {error}", path.display()));
            let file = files.read(&self.named_path(path, &files)).map_err(told)?;
            policy.use_baseline(&file)?;
        }
        policy.notices = notices;
        self.named_lists(arguments, &files, &mut policy)?;
        Ok(policy)
    }

    /// The lists of the command line.
    fn named_lists(&self, arguments: &PolicyArguments, files: &Files<'_>, policy: &mut Policy) -> Result<(), Failure> {
        for path in &arguments.blocklist {
            let whole = |message: String| Failure::Usage(format!("{}: {message}", path.display()));
            let list = files.open(&self.named_path(path, files)).map_err(whole)?;
            policy.add_list(FilePath::new(path).as_str(), list, None).map_err(|error| match error {
                ListError::Whole(message) => whole(message),
                ListError::Lines(errors) => Failure::Policy(errors),
            })?;
        }
        Ok(())
    }

    /// A path of the command line. What is in the repository is of its revision, however it is written.
    fn named_path(&self, path: &Path, files: &Files<'_>) -> PathBuf {
        let full = self.directory.join(path);
        if files.revision.is_some() { clean(&full) } else { full }
    }
}

/// How many worker threads: those that are named, or one a core.
pub(super) fn threads(named: Option<u16>) -> usize {
    named.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from)
}

/// The only clock.
#[allow(clippy::disallowed_methods, reason = "today comes in from here and nowhere else")]
pub(super) fn today() -> Date {
    Date::of(SystemTime::now())
}

/// A path without `.` and `..`.
fn clean(path: &Path) -> PathBuf {
    super::policy::plain(path).unwrap_or_else(|| path.to_path_buf())
}

/// Rule files named on the command line.
pub(super) fn rule_files(place: &Workspace, paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    paths
        .iter()
        .map(|path| {
            let full = place.directory.join(path);
            let told = |error| Failure::Usage(format!("{}: {error}", path.display()));
            let file = read_file(&full, FilePath::new(path).as_str().to_owned()).map_err(told)?;
            let text = file.text().map_err(told)?.to_owned();
            Ok((file.path, text))
        })
        .collect()
}

impl From<GitError> for Failure {
    /// What is not in this clone could not be read; all else is wrong use.
    fn from(error: GitError) -> Self {
        if error.is_missing { Self::Io(error.message) } else { Self::Usage(error.message) }
    }
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::Policy(vec![error])
    }
}
