//! What templates cost: trees that hold none, as a ratio to a plain read of them; and reading and judging one, on average.
//! `cargo bench --bench templates` prints the figures and what each should be; it asserts nothing.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and stops at the first surprise")]

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, Selection};
use csrlint::read::{self, Surroundings};
use csrlint::source::{DiskTree, FilePath, SourceFile};

const MANIFESTS: usize = 20_000;
const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` runs this too; it has nothing to test.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    manifests();
    for folder in ["tests/templates", "../shared/corpus/open/templates"] {
        templates(Path::new(folder));
    }
}

fn engine() -> Engine {
    let policy = Policy::isolated(Catalogue::shipped(), Selection::default(), "2026-06-01".parse().unwrap()).unwrap();
    Engine::new(policy, Keep::default())
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A Deployment with its Service and ConfigMap, as repositories are full of.
fn manifest(number: usize) -> String {
    let mut text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: service-{number}\n  namespace: team-{}\n  labels: {{ app: service-{number} }}\nspec:\n  replicas: 3\n  template:\n    spec:\n      containers:\n        - name: main\n          image: registry.acme.example/service-{number}:1.{}.0\n          env:\n",
        number % 40,
        number % 90
    );
    for line in 0..20 + number % 30 {
        text.push_str(&format!(
            "            - name: SETTING_{line}\n              value: \"{}\"\n",
            line * number % 9973
        ));
    }
    text.push_str(&format!(
        "---\napiVersion: v1\nkind: Service\nmetadata:\n  name: service-{number}\nspec:\n  ports: [{{ port: 8443, name: https }}]\n"
    ));
    text
}

fn manifests() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..MANIFESTS {
        let part = folder.path().join(format!("{:03}", number % 200));
        if number < 200 {
            std::fs::create_dir_all(&part).unwrap();
        }
        std::fs::write(part.join(format!("manifest{number}.yaml")), manifest(number)).unwrap();
    }
    let plain = || {
        let started = Instant::now();
        let total = AtomicUsize::new(0);
        ignore::WalkBuilder::new(folder.path()).standard_filters(false).threads(2).build_parallel().run(|| {
            Box::new(|entry| {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    total.fetch_add(std::fs::read(entry.path()).unwrap().len(), Ordering::Relaxed);
                }
                ignore::WalkState::Continue
            })
        });
        assert!(total.into_inner() > MANIFESTS);
        started.elapsed()
    };
    let whole = || {
        let engine = engine();
        let tree = DiskTree::new(folder.path().canonicalize().unwrap());
        let started = Instant::now();
        let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions { threads: 2, ..RunOptions::default() });
        assert!(report.errors.is_empty() && report.summary.requests == 0);
        started.elapsed()
    };
    plain();
    let (mut reads, mut runs) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        reads.push(plain());
        runs.push(whole());
    }
    let (read, run) = (median(reads), median(runs));
    let ratio = run.as_secs_f64() / read.as_secs_f64();
    println!(
        "20,000 manifests without certificates / a plain parallel read: {ratio:.2} (at most 2); {run:.0?} and {read:.0?} on two threads"
    );
}

fn files(folder: &Path) -> Vec<PathBuf> {
    ignore::Walk::new(folder)
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_some_and(|kind| kind.is_file()))
        .map(|entry| entry.into_path())
        .filter(|path| path.extension().is_none_or(|extension| extension != "expected"))
        .collect()
}

fn templates(folder: &Path) {
    let files = files(folder);
    if files.is_empty() {
        return println!("{} is not here", folder.display());
    }
    let tree = DiskTree::new(std::env::current_dir().unwrap().join(folder).canonicalize().unwrap());
    let engine = engine();
    let mut requests = 0;
    let mut rounds = Vec::new();
    let contents: Vec<(FilePath, Vec<u8>)> = files
        .iter()
        .map(|path| (FilePath::new(path.strip_prefix(folder).unwrap()), std::fs::read(path).unwrap()))
        .collect();
    for _ in 0..ROUNDS {
        let around = Surroundings::new(&tree, &std::collections::BTreeMap::new());
        requests = 0;
        let started = Instant::now();
        for (path, bytes) in &contents {
            let file = Arc::new(SourceFile::new(Arc::new(path.clone()), bytes.clone()));
            let facts = read::read_within(file, &around);
            requests += facts.requests().count();
            std::hint::black_box(engine.check(&facts));
        }
        rounds.push(started.elapsed());
    }
    let time = median(rounds);
    let (a_file, a_request) = (time / contents.len() as u32, time / requests.max(1) as u32);
    println!(
        "{}: {a_file:.1?} a file, {a_request:.1?} a request (a file at most 200 µs); {} files, {requests} requests",
        folder.display(),
        contents.len()
    );
}
