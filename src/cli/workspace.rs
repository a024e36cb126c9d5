//! Where a command stands: the working directory, the repository around it, the tree that paths are relative to, and the policy.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use super::{Failure, PolicyArguments};
use crate::catalogue::Catalogue;
use crate::check::Date;
use crate::policy::{ListError, OpenList, Policy, PolicyError, PolicySource, Selection};
use crate::source::FilePath;

/// Names of a policy, in the order they are looked for in each directory.
const POLICY_NAMES: [&str; 3] = ["csrlint.yaml", ".csrlint.yaml", ".github/csrlint.yaml"];
/// A policy larger than this is refused.
const POLICY_LIMIT: u64 = 1024 * 1024;

/// The place of a command.
pub(super) struct Workspace {
    /// The working directory, canonical.
    pub(super) directory: PathBuf,
    /// The root of the repository around it, if there is one.
    pub(super) repository: Option<PathBuf>,
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
        Ok(Self { directory, repository })
    }

    /// The tree for these paths: the repository, or what is above all of them where some are outside of it.
    pub(super) fn tree(&self, paths: &[PathBuf]) -> Result<(PathBuf, Vec<FilePath>), Failure> {
        let mut resolved = Vec::with_capacity(paths.len());
        for path in paths {
            resolved.push(self.resolve(path)?);
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

    /// The path with its directory made canonical; a link to a file stays a link, so that the tree can refuse it.
    fn resolve(&self, path: &Path) -> Result<PathBuf, Failure> {
        let full = self.directory.join(path);
        let missing = |error: std::io::Error| Failure::Usage(format!("{}: {error}", path.display()));
        let metadata = std::fs::symlink_metadata(&full).map_err(missing)?;
        if metadata.is_dir() || full.is_dir() {
            return full.canonicalize().map_err(missing);
        }
        let parent = full.parent().unwrap_or(&self.directory).canonicalize().map_err(missing)?;
        Ok(parent.join(full.file_name().unwrap_or_default()))
    }

    /// The policy of a run, with all that it names.
    pub(super) fn policy(&self, root: &Path, arguments: &PolicyArguments) -> Result<Policy, Failure> {
        self.policy_on(root, arguments, arguments.as_of.unwrap_or_else(today))
    }

    /// The same, as of another day.
    pub(super) fn policy_on(&self, root: &Path, arguments: &PolicyArguments, as_of: Date) -> Result<Policy, Failure> {
        let selection = Selection {
            profiles: arguments.profile.clone(),
            select: arguments.select.clone(),
            ignore: arguments.ignore.clone(),
            fail_on: arguments.fail_on,
            deep: arguments.deep,
        };
        let catalogue = Catalogue::shipped();
        let found = match (&arguments.config, arguments.isolated) {
            (_, true) => None,
            (Some(path), _) => Some((self.directory.join(path), self.directory.clone())),
            (None, false) => self.find_policy(),
        };
        let Some((path, base)) = found else {
            let mut policy = Policy::isolated(catalogue, selection, as_of).map_err(Failure::Usage)?;
            self.named_lists(arguments, &mut policy)?;
            return Ok(policy);
        };
        let text =
            read_text(&path, POLICY_LIMIT).map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
        let shown = |path: &Path| FilePath::new(path.strip_prefix(root).unwrap_or(path)).as_str().to_owned();
        let base_in_tree = match base.strip_prefix(root) {
            Ok(relative) if relative.as_os_str().is_empty() => String::new(),
            Ok(relative) => FilePath::new(relative).as_str().to_owned(),
            Err(_) => String::new(),
        };
        let load = |pattern: &str| load_rules(&base, pattern, &shown);
        // Patterns are relative to where one stands; a list lies with the policy that names it.
        let open = |file: &str| open_list(&path.parent().unwrap_or(&base).join(file));
        let source = PolicySource { path: &shown(&path), text: &text, base: &base_in_tree, load: &load, open: &open };
        let mut policy = Policy::load(&source, catalogue, selection, as_of).map_err(Failure::Policy)?;
        self.named_lists(arguments, &mut policy)?;
        Ok(policy)
    }

    /// The lists of the command line.
    fn named_lists(&self, arguments: &PolicyArguments, policy: &mut Policy) -> Result<(), Failure> {
        for path in &arguments.blocklist {
            let list = open_list(&self.directory.join(path));
            let whole = |message: String| Failure::Usage(format!("{}: {message}", path.display()));
            let list = list.map_err(whole)?;
            policy.add_list(FilePath::new(path).as_str(), list, None).map_err(|error| match error {
                ListError::Whole(message) => whole(message),
                ListError::Lines(errors) => Failure::Policy(errors),
            })?;
        }
        Ok(())
    }

    /// The first policy from the working directory up to the repository's root.
    fn find_policy(&self) -> Option<(PathBuf, PathBuf)> {
        let top = self.repository.as_deref().unwrap_or(&self.directory);
        self.directory.ancestors().take_while(|part| part.starts_with(top)).find_map(|part| {
            let path = POLICY_NAMES.iter().map(|name| part.join(name)).find(|path| path.is_file())?;
            Some((path, part.to_path_buf()))
        })
    }
}

/// The only clock.
#[allow(clippy::disallowed_methods, reason = "today comes in from here and nowhere else")]
pub(super) fn today() -> Date {
    Date::of(SystemTime::now())
}

fn read_text(path: &Path, limit: u64) -> Result<String, String> {
    let metadata = std::fs::metadata(path).map_err(|error| error.to_string())?;
    if !metadata.is_file() {
        return Err("not a regular file".to_owned());
    }
    if metadata.len() > limit {
        return Err(format!("larger than {limit} bytes"));
    }
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    let text =
        String::from_utf8(bytes).map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))?;
    // Editors of Windows write a byte order mark; YAML allows it (YAML 1.2.2 section 5.2).
    Ok(text.strip_prefix('\u{FEFF}').map_or_else(|| text.clone(), str::to_owned))
}

/// A list of keys, and the text beside it that names badkeys' lists.
fn open_list(path: &Path) -> Result<OpenList, String> {
    let file = std::fs::File::open(path).map_err(|error| format!("the list cannot be read: {error}"))?;
    if !file.metadata().is_ok_and(|metadata| metadata.is_file()) {
        return Err("the list is no regular file".to_owned());
    }
    let metadata = read_text(&path.with_file_name("badkeysdata.json"), POLICY_LIMIT).ok();
    Ok(OpenList { data: Box::new(file), metadata })
}

/// The rule files a pattern of `custom-rules` stands for, in order.
fn load_rules(base: &Path, pattern: &str, shown: &dyn Fn(&Path) -> String) -> Result<Vec<(String, String)>, String> {
    let full = format!("{}/{pattern}", glob::Pattern::escape(&base.to_string_lossy()));
    let options = glob::MatchOptions {
        case_sensitive: true,
        require_literal_separator: true,
        require_literal_leading_dot: false,
    };
    let paths =
        glob::glob_with(&full, options).map_err(|error| format!("{pattern:?} is no path pattern: {}", error.msg))?;
    let mut files = Vec::new();
    for path in paths {
        let path = path.map_err(|error| error.to_string())?;
        let text = read_text(&path, POLICY_LIMIT).map_err(|error| format!("{}: {error}", shown(&path)))?;
        files.push((shown(&path), text));
    }
    Ok(files)
}

/// Rule files named on the command line.
pub(super) fn rule_files(place: &Workspace, paths: &[PathBuf]) -> Result<Vec<(String, String)>, Failure> {
    paths
        .iter()
        .map(|path| {
            let full = place.directory.join(path);
            let text = read_text(&full, POLICY_LIMIT)
                .map_err(|error| Failure::Usage(format!("{}: {error}", path.display())))?;
            Ok((FilePath::new(path).as_str().to_owned(), text))
        })
        .collect()
}

impl From<PolicyError> for Failure {
    fn from(error: PolicyError) -> Self {
        Self::Policy(vec![error])
    }
}
