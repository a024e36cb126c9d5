//! Whole runs, each as a ratio to something measured beside it in the same run, since machines are noisy.
//! `cargo bench --bench whole_run` prints the ratios and what each should be; it asserts nothing.
//! Trees are made in a temporary directory and read once before they are timed: the file cache is warm.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and stops at the first surprise")]

#[path = "../tests/support/forge/mod.rs"]
mod forge;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use csrlint::catalogue::Catalogue;
use csrlint::engine::{Engine, Keep, RunOptions};
use csrlint::policy::{Policy, PolicySource, Selection};
use csrlint::read;
use csrlint::source::{DiskTree, FilePath, SourceFile};
use rayon::prelude::*;

const REQUESTS: usize = 10_000;
const SOURCES: usize = 50_000;
const ROUNDS: usize = 5;

fn main() {
    // `cargo test --benches` runs this too; it has nothing to test.
    if std::env::args().any(|argument| argument == "--test") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    one_request(folder.path());
    many_requests(folder.path());
    all_checks();
    no_requests(folder.path());
    memory(folder.path());
}

fn engine() -> Engine {
    let policy = Policy::isolated(Catalogue::shipped(), Selection::default(), "2026-06-01".parse().unwrap()).unwrap();
    Engine::new(policy, Keep::default())
}

fn run(folder: &Path, threads: usize) -> Duration {
    let engine = engine();
    let tree = DiskTree::new(folder.canonicalize().unwrap());
    let started = Instant::now();
    let report = engine.run(&tree, &[FilePath::new(".")], &RunOptions { threads, ..RunOptions::default() });
    assert!(report.errors.is_empty());
    started.elapsed()
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Processor time of this process in user mode.
fn user_time() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    // Field 14 of proc(5), in ticks of 1/100 s.
    Duration::from_millis(fields[11].parse::<u64>().unwrap() * 10)
}

fn told(what: &str, ratio: f64, wanted: &str, detail: &str) {
    println!("{what}: {ratio:.2} ({wanted}); {detail}");
}

fn one_request(folder: &Path) {
    let file = folder.join("one.csr");
    std::fs::write(&file, forge::csr::good().pem()).unwrap();
    let time = |program: &str, arguments: &[&str]| {
        median(
            (0..101)
                .map(|_| {
                    let started = Instant::now();
                    Command::new(program)
                        .args(arguments)
                        .stdin(Stdio::null())
                        .stdout(Stdio::null())
                        .stderr(Stdio::null())
                        .status()
                        .unwrap();
                    started.elapsed()
                })
                .collect(),
        )
    };
    let path = file.to_str().unwrap();
    let openssl = time("openssl", &["req", "-in", path, "-noout", "-verify"]);
    let csrlint = time(env!("CARGO_BIN_EXE_csrlint"), &["check", "--isolated", path]);
    told(
        "one request, whole process / openssl req -verify",
        csrlint.as_secs_f64() / openssl.as_secs_f64(),
        "at most 2",
        &format!("{csrlint:.1?} and {openssl:.1?}, medians of 101"),
    );
    std::fs::remove_file(file).unwrap();
}

fn many_requests(folder: &Path) {
    use forge::csr::Csr;
    let tree = folder.join("requests");
    let keys = [forge::keys::rsa2048(), forge::keys::p256(), forge::keys::ed25519()];
    for number in 0..REQUESTS {
        let name = format!("host{number}.example.com");
        let subject = forge::der::name(&[("C", "DE"), ("O", "Example Org"), ("CN", &name)]);
        let pem = Csr::new(keys[number % 3]).subject(subject).pem();
        let part = tree.join(format!("{:02}", number % 100));
        std::fs::create_dir_all(&part).unwrap();
        std::fs::write(part.join(format!("{number}.csr")), pem).unwrap();
    }
    let facts: Vec<_> = walk(&tree)
        .into_iter()
        .map(|path| {
            read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(&path)), std::fs::read(&path).unwrap())))
        })
        .collect();
    let started = user_time();
    let valid = facts
        .iter()
        .flat_map(|facts| facts.requests())
        .filter(|request| request.verification() == Some(&csrlint::crypto::Verification::Valid))
        .count();
    let verification = user_time() - started;
    assert_eq!(valid, REQUESTS);
    drop(facts);
    let alone = |threads: usize| {
        let facts: Vec<_> = walk(&tree)
            .into_iter()
            .map(|path| {
                read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(&path)), std::fs::read(&path).unwrap())))
            })
            .collect();
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let started = Instant::now();
        let valid = pool.install(|| {
            facts
                .par_iter()
                .flat_map_iter(|facts| facts.requests())
                .filter(|request| request.verification() == Some(&csrlint::crypto::Verification::Valid))
                .count()
        });
        assert_eq!(valid, REQUESTS);
        started.elapsed()
    };
    let (one, two) = (median((0..ROUNDS).map(|_| alone(1)).collect()), median((0..ROUNDS).map(|_| alone(2)).collect()));
    told(
        "for comparison, verifications alone, one thread / two threads",
        one.as_secs_f64() / two.as_secs_f64(),
        "what this machine gives",
        &format!("{one:.0?} and {two:.0?}"),
    );
    run(&tree, 1);
    let mut users = Vec::new();
    let mut singles = Vec::new();
    let mut doubles = Vec::new();
    for _ in 0..ROUNDS {
        let started = user_time();
        singles.push(run(&tree, 1));
        users.push(user_time() - started);
        doubles.push(run(&tree, 2));
    }
    let user = median(users);
    told(
        "10,000 requests, user time / verifications alone",
        user.as_secs_f64() / verification.as_secs_f64(),
        "at most 1.5",
        &format!("{user:.0?} and {verification:.0?} on one thread"),
    );
    let (single, double) = (median(singles), median(doubles));
    told(
        "10,000 requests, one thread / two threads",
        single.as_secs_f64() / double.as_secs_f64(),
        "at least 1.8",
        &format!("{single:.0?} and {double:.0?}"),
    );
}

/// Every rule, and the profile `webpki-ov`, over requests as a public CA gets them. Signatures are verified beforehand.
fn all_checks() {
    use forge::der;
    const CHECKED: usize = 3_000;
    let catalogue = Catalogue::shipped();
    let rules: String = catalogue.ids().map(|id| format!("  {id}: {{}}\n")).collect();
    let text = format!("version: 1\nprofiles: [webpki-ov]\nrules:\n{rules}");
    let policy = |text: &str| {
        let source = PolicySource::of_text(text);
        Policy::load(&source, Catalogue::shipped(), Selection::default(), "2026-06-01".parse().unwrap())
            .unwrap_or_else(|errors| panic!("{:?}", errors.iter().map(|error| &error.message).collect::<Vec<_>>()))
    };
    let with_all = Engine::new(policy(&text), Keep::default());
    let with_none = Engine::new(policy("version: 1\nprofiles: []\n"), Keep::default());
    let facts: Vec<_> = (0..CHECKED)
        .map(|number| {
            let name = format!("host{number}.acme-trading.com");
            let subject = der::name(&[
                ("C", "DE"),
                ("ST", "Hessen"),
                ("L", "Frankfurt"),
                ("O", "Acme Trading GmbH"),
                ("CN", &name),
            ]);
            let names = [der::dns(&name), der::dns(&format!("www.{name}"))];
            let pem = forge::csr::Csr::new(forge::keys::p256()).subject(subject).san_extension(der::san(&names)).pem();
            read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(format!("{number}.csr"))), pem.into_bytes())))
        })
        .collect();
    let requests = || facts.iter().flat_map(|facts| facts.requests());
    let started = user_time();
    assert!(requests().all(|request| request.verification() == Some(&csrlint::crypto::Verification::Valid)));
    let verification = (user_time() - started) / CHECKED as u32;
    let time = |engine: &Engine| {
        let rounds = (0..ROUNDS).map(|_| {
            let started = Instant::now();
            for facts in &facts {
                std::hint::black_box(engine.check(facts));
            }
            started.elapsed()
        });
        median(rounds.collect()) / CHECKED as u32
    };
    let (all, none) = (time(&with_all), time(&with_none));
    told(
        "all rules and webpki-ov over one request / one P-256 verification",
        (all - none.min(all)).as_secs_f64() / verification.as_secs_f64(),
        "at most 0.4",
        &format!("{all:.1?} less {none:.1?} without rules, and {verification:.1?}"),
    );
}

fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = ignore::Walk::new(folder)
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| entry.into_path())
        .collect();
    files.sort();
    files
}

/// Source code of a kind: words, numbers, a few long identifiers, no request.
fn source_text(number: usize) -> String {
    let mut text = String::new();
    let lines = 40 + number % 160;
    for line in 0..lines {
        text.push_str(&format!(
            "    let value_{line} = compute(Kind::Some{number}, \"key-{line}\", {}); // see RFC {}\n",
            line * number % 9973,
            2000 + line
        ));
    }
    text
}

fn no_requests(folder: &Path) {
    let tree = folder.join("sources");
    for number in 0..SOURCES {
        let part = tree.join(format!("{:03}", number % 500));
        if number < 500 {
            std::fs::create_dir_all(&part).unwrap();
        }
        std::fs::write(part.join(format!("file{number}.rs")), source_text(number)).unwrap();
    }
    let plain = || {
        let started = Instant::now();
        let total = std::sync::atomic::AtomicUsize::new(0);
        ignore::WalkBuilder::new(&tree).standard_filters(false).threads(2).build_parallel().run(|| {
            Box::new(|entry| {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_file() {
                    total.fetch_add(std::fs::read(entry.path()).unwrap().len(), std::sync::atomic::Ordering::Relaxed);
                }
                ignore::WalkState::Continue
            })
        });
        assert!(total.into_inner() > SOURCES);
        started.elapsed()
    };
    plain();
    let mut reads = Vec::new();
    let mut runs = Vec::new();
    for _ in 0..ROUNDS {
        reads.push(plain());
        runs.push(run(&tree, 2));
    }
    let (read, run) = (median(reads), median(runs));
    told(
        "50,000 sources without a request / a plain parallel read",
        run.as_secs_f64() / read.as_secs_f64(),
        "at most 1.5",
        &format!("{run:.0?} and {read:.0?} on two threads"),
    );
}

/// Peak memory of the process, by asking the system until it ends.
fn peak(folder: &Path) -> u64 {
    let mut child = Command::new(env!("CARGO_BIN_EXE_csrlint"))
        .args(["check", "--isolated", "-q", "--format", "concise"])
        .arg(folder)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut peak = 0;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        peak = peak.max(line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
        std::thread::sleep(Duration::from_millis(2));
    }
    peak
}

fn memory(folder: &Path) {
    let few = peak(&folder.join("sources/000"));
    let sources = peak(&folder.join("sources"));
    told(
        "peak memory, 50,000 sources / 100 sources",
        sources as f64 / few as f64,
        "about 1",
        &format!("{sources} kB and {few} kB"),
    );
    let one = peak(&folder.join("requests/00"));
    let all = peak(&folder.join("requests"));
    let each = (all.saturating_sub(one)) as f64 * 1024.0 / (REQUESTS - REQUESTS / 100) as f64;
    told(
        "peak memory for each further request",
        each,
        "a few hundred bytes",
        &format!("{all} kB for {REQUESTS}, {one} kB for {}", REQUESTS / 100),
    );
}
