//! The one way git is started. The repository it is asked about is hostile: its configuration, its hooks and its attributes
//! name commands, and its remotes may be commands, too. None of them is run here, nothing is fetched, nothing is written.
//! Whose repository it is git asks itself, but for what looks at objects and names only (`Owner::Anybody`).

use std::ffi::OsString;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{GitError, ObjectId};

/// Whose repository may be asked about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// Anybody's: containers of CI systems often run as somebody else. Only for commands that read objects, names and the
    /// index, and compare none of it with files on disk.
    Anybody,
    /// That of whoever runs csrlint, or whom git's own configuration trusts.
    Trusted,
}

/// Where hooks are looked for: nowhere.
const NOWHERE: &str = if cfg!(windows) { "NUL" } else { "/dev/null" };

/// What of a repository's configuration would start a program, open a connection, write, or read a file of its choosing.
const SETTINGS: [(&str, &str); 16] = [
    ("core.hooksPath", NOWHERE),
    ("core.fsmonitor", "false"),
    ("core.pager", "cat"),
    ("core.askPass", ""),
    ("core.sshCommand", ""),
    ("core.gitProxy", ""),
    ("core.alternateRefsCommand", ""),
    ("core.quotePath", "false"),
    ("credential.helper", ""),
    ("diff.autoRefreshIndex", "false"),
    ("diff.external", ""),
    ("diff.orderFile", NOWHERE),
    ("blame.ignoreRevsFile", ""),
    ("protocol.allow", "never"),
    ("safe.bareRepository", "explicit"),
    ("submodule.recurse", "false"),
];

/// Variables by which hooks and users name another repository, index or working tree than the one at hand, or a program.
const FORGOTTEN: [&str; 14] = [
    "GIT_DIR",
    "GIT_WORK_TREE",
    "GIT_INDEX_FILE",
    "GIT_COMMON_DIR",
    "GIT_NAMESPACE",
    "GIT_PREFIX",
    "GIT_EXTERNAL_DIFF",
    "GIT_DIFF_OPTS",
    "GIT_PAGER",
    "GIT_ASKPASS",
    "GIT_SSH",
    "GIT_SSH_COMMAND",
    "GIT_PROXY_COMMAND",
    "GIT_ATTR_SOURCE",
];

/// git at a place, with nothing of the repository's own that could act. Objects that are quarantined until a push is
/// accepted are still to be seen.
pub(super) fn command(at: &Path, owner: Owner) -> Command {
    let mut command = Command::new("git");
    command.arg("-C").arg(at).arg("--no-pager");
    for (key, value) in SETTINGS {
        command.arg("-c").arg(format!("{key}={value}"));
    }
    if owner == Owner::Anybody {
        command.args(["-c", "safe.directory=*"]);
    }
    for variable in FORGOTTEN {
        command.env_remove(variable);
    }
    if owner == Owner::Trusted {
        // Files on disk are those of this place, wherever `core.worktree` says they are.
        command.env("GIT_WORK_TREE", at);
    }
    command
        // A partial clone must not make csrlint open a connection: either of the two is enough, and a git that does not
        // know the first knows the second.
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_ALLOW_PROTOCOL", "")
        .env("GIT_NO_REPLACE_OBJECTS", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("LC_ALL", "C")
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .stdout(Stdio::piped());
    command
}

/// The same for what compares files on disk: git runs the `filter` drivers of the configuration over them, so each of
/// these that there is does nothing. Conversions of git's own stay, so that nothing honest looks changed.
///
/// # Errors
/// The repository is somebody else's ([`GitError::is_foreign`]), or a filter cannot be switched off.
pub(super) fn comparing(at: &Path) -> Result<Command, GitError> {
    // Some commands take a repository that git does not trust for none.
    let mut known = command(at, Owner::Trusted);
    known.args(["rev-parse", "--git-dir"]);
    output(known)?;
    let mut asked = command(at, Owner::Trusted);
    asked.args(["config", "--null", "--name-only", "--get-regexp", r"^filter\."]);
    let done = run(asked)?;
    // 1: there are none.
    if !done.status.success() && done.status.code() != Some(1) {
        return Err(GitError::of(&done));
    }
    let mut names: Vec<&[u8]> = done
        .stdout
        .split(|byte| *byte == 0)
        .filter_map(|key| key.strip_prefix(b"filter."))
        .filter_map(|key| Some(&key[..key.iter().rposition(|byte| *byte == b'.')?]))
        .collect();
    names.sort_unstable();
    names.dedup();
    let mut overridden: Vec<OsString> = Vec::new();
    for name in names {
        if name.contains(&b'=') {
            // `-c` takes what stands before the first `=` for the key.
            let name = String::from_utf8_lossy(name);
            return Err(GitError::refused(format!(
                "the filter {name:?} of git's configuration cannot be switched off"
            )));
        }
        for (key, value) in [("clean", ""), ("smudge", ""), ("process", ""), ("required", "false")] {
            let mut setting = OsString::from("filter.");
            setting.push(super::super::path::native(name));
            setting.push(format!(".{key}={value}"));
            overridden.extend([OsString::from("-c"), setting]);
        }
    }
    let mut command = command(at, Owner::Trusted);
    command.args(overridden);
    Ok(command)
}

/// Runs it to its end.
pub(super) fn run(mut command: Command) -> Result<Output, GitError> {
    command.output().map_err(|error| GitError::refused(format!("git cannot be run: {error}")))
}

/// What it answers to what it is asked on its standard input.
pub(super) fn answer(mut command: Command, asked: Vec<u8>) -> Result<Vec<u8>, GitError> {
    let told = |error: io::Error| GitError::refused(format!("git cannot be run: {error}"));
    let mut child = command.stdin(Stdio::piped()).spawn().map_err(told)?;
    let mut asks = child.stdin.take();
    let done = std::thread::scope(|scope| {
        // git answers while it is still being asked.
        scope.spawn(move || asks.as_mut().map(|asks| asks.write_all(&asked)));
        child.wait_with_output().map_err(told)
    })?;
    if done.status.success() { Ok(done.stdout) } else { Err(GitError::of(&done)) }
}

/// What it prints, where it succeeds.
pub(super) fn output(command: Command) -> Result<Vec<u8>, GitError> {
    let done = run(command)?;
    if done.status.success() { Ok(done.stdout) } else { Err(GitError::of(&done)) }
}

/// The folders in which git keeps a repository: its own and, of a worktree, the one it shares; canonical. Nothing is run.
pub(crate) fn folders(root: &Path) -> Vec<PathBuf> {
    let Some(mark) = root.ancestors().map(|part| part.join(".git")).find(|mark| mark.symlink_metadata().is_ok()) else {
        return Vec::new();
    };
    let own = match mark.is_file() {
        // `gitdir: PATH`, relative to where it stands.
        true => first_line(&mark)
            .and_then(|line| line.strip_prefix("gitdir:").map(|path| path.trim().to_owned()))
            .and_then(|path| mark.parent()?.join(path).canonicalize().ok()),
        false => mark.canonicalize().ok(),
    };
    let common = own.as_ref().and_then(|own| own.join(first_line(&own.join("commondir"))?.trim()).canonicalize().ok());
    own.into_iter().chain(common).collect()
}

/// The first line of a small file, which must be a regular one.
fn first_line(path: &Path) -> Option<String> {
    use std::io::Read as _;
    let mut text = String::new();
    std::fs::metadata(path).ok().filter(std::fs::Metadata::is_file)?;
    std::fs::File::open(path).ok()?.take(4096).read_to_string(&mut text).ok()?;
    text.lines().next().map(str::to_owned)
}

/// What git says of itself. Behind a colon and in quotes it says what stands in files, and any file of a repository may be a
/// link to one outside of it: `bad shallow line: X`, `bad boolean config value 'X'`.
pub(super) fn own_words(said: &str) -> Option<String> {
    let words = said.lines().find_map(|line| line.strip_prefix("fatal: "))?.split(':').next()?;
    Some(words.split('\'').enumerate().map(|(number, part)| if number % 2 == 0 { part } else { "'…'" }).collect())
}

impl GitError {
    /// Something that git, or csrlint on its behalf, will not do.
    pub(super) fn refused(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_missing: false }
    }

    /// Of a command that failed.
    pub(super) fn of(done: &Output) -> Self {
        let said = String::from_utf8_lossy(&done.stderr);
        let is_missing = ["promisor", "lazy fetching", "unable to read", "missing", "could not fetch"]
            .iter()
            .any(|word| said.contains(word));
        Self {
            message: format!("git does not answer: {}", own_words(&said).unwrap_or_else(|| done.status.to_string())),
            is_missing,
        }
    }

    /// git does not trust whoever owns the repository.
    pub fn is_foreign(&self) -> bool {
        self.message.contains("dubious ownership")
    }

    /// The same, said of something.
    #[must_use]
    pub fn about(self, what: &str) -> Self {
        Self { message: format!("{what}: {}", self.message), ..self }
    }
}

impl ObjectId {
    pub(super) fn of(text: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(text).ok()?.trim();
        let is_id = matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_id.then(|| Self(text.to_owned()))
    }
}
