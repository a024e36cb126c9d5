//! Runs the built binary in a directory of its own: scrubbed environment, a time limit, output that can be compared.
//! Nothing here knows what csrlint should say.
//! A run that does not end within the limit is killed and reported as such: a hang is a failure, not a stuck test.

#![allow(dead_code, unreachable_pub, reason = "a tool box: no single test needs all of it")]

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long a run may take before it counts as a hang.
pub const LIMIT: Duration = Duration::from_secs(120);

/// A directory with files, in which csrlint runs.
pub struct Sandbox {
    directory: TempDir,
}

/// How a run went.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The exit code; -1 for a run that was killed.
    pub code: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error, with times and paths normalised.
    pub stderr: String,
}

impl Ran {
    /// Standard output as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).expect("output in UTF-8")
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| {
            panic!("no JSON ({error}): {}\n{}", String::from_utf8_lossy(&self.stdout), self.stderr)
        })
    }

    /// The ids of rules with findings in a JSON report, waived ones too.
    pub fn rules(&self) -> Vec<String> {
        findings(&self.json()).iter().map(|finding| text_of(&finding["rule"])).collect()
    }

    /// What it says, short enough for a failure: of a JSON report the findings and failures only.
    pub fn brief(&self) -> String {
        let out = match serde_json::from_slice::<Value>(&self.stdout) {
            Ok(report) if report["findings"].is_array() => {
                let waived = |finding: &Value| if finding["waived"].is_null() { "" } else { " (waived)" };
                let line = |finding: &Value| {
                    format!(
                        "{}:{} {} {} at {}{}\n",
                        finding["path"],
                        finding["line"],
                        finding["rule"],
                        finding["message"],
                        finding["place"],
                        waived(finding)
                    )
                };
                findings(&report).iter().map(line).chain([format!("errors: {}\n", report["errors"])]).collect()
            }
            _ => String::from_utf8_lossy(&self.stdout).chars().take(4000).collect::<String>(),
        };
        format!(
            "exit code {}\n--- stdout\n{out}\n--- stderr\n{}",
            self.code,
            self.stderr.chars().take(4000).collect::<String>()
        )
    }

    /// Panics unless the run ended with this code.
    #[track_caller]
    pub fn exits(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{}", self.brief());
        self
    }

    /// Panics unless standard error has this in it.
    #[track_caller]
    pub fn complains(&self, part: &str) -> &Self {
        assert!(self.stderr.contains(part), "no {part:?} on standard error:\n{}", self.stderr);
        self
    }

    /// Panics unless standard output has this in it.
    #[track_caller]
    pub fn says(&self, part: &str) -> &Self {
        assert!(self.text().contains(part), "no {part:?} on standard output:\n{}", self.brief());
        self
    }
}

/// The findings of a JSON report.
pub fn findings(report: &Value) -> Vec<Value> {
    report["findings"].as_array().cloned().unwrap_or_else(|| panic!("no findings in {report}"))
}

/// A JSON string as a string.
pub fn text_of(value: &Value) -> String {
    value.as_str().unwrap_or_else(|| panic!("no text: {value}")).to_owned()
}

impl Sandbox {
    /// An empty directory.
    pub fn new() -> Self {
        Self { directory: tempfile::Builder::new().prefix("csrlint-test-").tempdir().expect("a directory") }
    }

    /// A directory with one file.
    pub fn with(path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> Self {
        let sandbox = Self::new();
        sandbox.file(path, content);
        sandbox
    }

    /// Where it is, with symbolic links resolved.
    pub fn path(&self) -> PathBuf {
        self.directory.path().canonicalize().expect("a directory")
    }

    /// The place of a path in it.
    pub fn at(&self, path: impl AsRef<Path>) -> PathBuf {
        self.path().join(path)
    }

    /// Writes a file, with the directories above it.
    pub fn file(&self, path: impl AsRef<Path>, content: impl AsRef<[u8]>) -> &Self {
        let full = self.at(path);
        std::fs::create_dir_all(full.parent().expect("a parent")).expect("directories");
        std::fs::write(full, content).expect("a file");
        self
    }

    /// Makes a directory.
    pub fn directory(&self, path: impl AsRef<Path>) -> &Self {
        std::fs::create_dir_all(self.at(path)).expect("directories");
        self
    }

    /// The content of a file.
    pub fn read(&self, path: impl AsRef<Path>) -> String {
        std::fs::read_to_string(self.at(path)).expect("a text file")
    }

    /// Makes it a git repository.
    pub fn git_init(&self) -> &Self {
        self.git(&["init", "--quiet", "--initial-branch=main"])
    }

    /// Runs git.
    pub fn git(&self, arguments: &[&str]) -> &Self {
        let mut command = Command::new("git");
        self.scrub(&mut command).arg("-C").arg(self.path()).args(arguments);
        let output = command.output().expect("git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        self
    }

    /// Runs git, whether it succeeds or not.
    pub fn git_unchecked(&self, arguments: &[&str]) -> &Self {
        let mut command = Command::new("git");
        self.scrub(&mut command).arg("-C").arg(self.path()).args(arguments);
        let _ = command.output().expect("git");
        self
    }

    /// What git prints, without the line feed at its end.
    pub fn git_says(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        self.scrub(&mut command).arg("-C").arg(self.path()).args(arguments);
        let output = command.output().expect("git");
        assert!(output.status.success(), "git {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8_lossy(&output.stdout).trim_end().to_owned()
    }

    /// Runs csrlint.
    pub fn run<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        self.run_with(arguments, b"", &[])
    }

    /// Runs csrlint with something on its standard input.
    pub fn run_stdin<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8]) -> Ran {
        self.run_with(arguments, input, &[])
    }

    /// Runs csrlint with input and more environment variables.
    pub fn run_with<A: AsRef<OsStr>>(&self, arguments: &[A], input: &[u8], variables: &[(&str, &str)]) -> Ran {
        let mut command = Command::new(env!("CARGO_BIN_EXE_csrlint"));
        self.scrub(&mut command).args(arguments).envs(variables.iter().copied());
        let ran = finish(command, input, LIMIT);
        Ran { stderr: self.normalised(&ran.stderr), ..ran }
    }

    /// `check --format json --as-of 2026-06-01` with more arguments, and what it found.
    pub fn check(&self, arguments: &[&str]) -> Ran {
        let fixed = ["check", "--format", "json", "--as-of", "2026-06-01"];
        self.run(&fixed.iter().chain(arguments).collect::<Vec<_>>())
    }

    fn scrub<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        let path = std::env::var_os("PATH").unwrap_or_else(|| OsString::from("/usr/bin:/bin"));
        command
            .current_dir(self.path())
            .env_clear()
            .env("PATH", path)
            .env("HOME", self.path())
            .env("LC_ALL", "C.UTF-8")
            .env("COLUMNS", "100")
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_AUTHOR_NAME", "a")
            .env("GIT_AUTHOR_EMAIL", "a@acme.example")
            .env("GIT_COMMITTER_NAME", "a")
            .env("GIT_COMMITTER_EMAIL", "a@acme.example");
        // A panic is the test's business to see, with its place.
        command.env("RUST_BACKTRACE", "0")
    }

    /// Without times and without the place of the directory.
    fn normalised(&self, text: &str) -> String {
        let text = text.replace(&*self.path().to_string_lossy(), "DIR");
        text.lines().map(|line| format!("{}\n", without_time(line))).collect()
    }
}

impl Default for Sandbox {
    fn default() -> Self {
        Self::new()
    }
}

fn without_time(line: &str) -> String {
    match line.rsplit_once(" files in ").or_else(|| line.rsplit_once(" file in ")) {
        Some((before, _)) if line.starts_with("csrlint ") => format!("{before} files in TIME"),
        _ => line.to_owned(),
    }
}

/// Runs a command to its end, or kills it at the limit.
pub fn finish(mut command: Command, input: &[u8], limit: Duration) -> Ran {
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program");
    let stdin = child.stdin.take().expect("standard input");
    let stdout = child.stdout.take().expect("standard output");
    let stderr = child.stderr.take().expect("standard error");
    std::thread::scope(|scope| {
        scope.spawn(move || feed(stdin, input));
        let out = scope.spawn(move || drain(stdout));
        let err = scope.spawn(move || drain(stderr));
        let code = wait(&mut child, limit);
        let stdout = out.join().expect("standard output");
        let mut stderr = String::from_utf8_lossy(&err.join().expect("standard error")).into_owned();
        if code.is_none() {
            stderr.push_str(&format!("(killed after {limit:?})\n"));
        }
        Ran { code: code.unwrap_or(-1), stdout, stderr }
    })
}

fn feed(mut to: impl Write, input: &[u8]) {
    // A program that does not read its input closes the pipe early.
    let _ = to.write_all(input);
}

fn drain(mut from: impl Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    let _ = from.read_to_end(&mut bytes);
    bytes
}

fn wait(child: &mut Child, limit: Duration) -> Option<i32> {
    let started = Instant::now();
    loop {
        if let Some(status) = child.try_wait().expect("the program") {
            // Killed by a signal (a stack overflow, out of memory) is no exit code.
            return Some(status.code().unwrap_or(-2));
        }
        if started.elapsed() > limit {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}
