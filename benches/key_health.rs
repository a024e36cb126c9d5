//! The health of keys: what it costs beside verifying a signature, how a batch GCD grows, what a large list takes.
//! `cargo bench --bench key_health` prints ratios within one run and what each should be; it asserts nothing.
//! `cargo bench --bench key_health -- FOLDER` prints keys per second over the requests in a folder; `benches/beside_badkeys.py`
//! compares them with those of badkeys.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks and stops at the first surprise")]

#[path = "../tests/support/forge/mod.rs"]
mod forge;

use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use csrlint::catalogue::Catalogue;
use csrlint::crypto::Verification;
use csrlint::engine::{Engine, Keep};
use csrlint::estate::common_factors;
use csrlint::policy::{Policy, Selection};
use csrlint::read::{self, FileFacts};
use csrlint::source::{FilePath, SourceFile};
use dashu_int::UBig;
use forge::csr::Csr;
use rayon::prelude::*;

const ROUNDS: usize = 7;
/// Distinct keys: each takes a tenth of a second to make.
const KEYS: usize = 60;
const REQUESTS: usize = 10_000;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if arguments.iter().any(|argument| argument == "--test") {
        return;
    }
    if let Some(folder) = arguments.first() {
        return of_folder(Path::new(folder));
    }
    beside_verification();
    whole_run();
    batch_gcd();
    large_list();
}

fn engine(select: &[&str]) -> Engine {
    let selection = Selection { select: select.iter().map(|&word| word.to_owned()).collect(), ..Selection::default() };
    Engine::new(
        Policy::isolated(Catalogue::shipped(), selection, "2026-06-01".parse().unwrap()).unwrap(),
        Keep::default(),
    )
}

/// One rule that asks next to nothing: what is left is the engine's own.
const NOTHING: &[&str] = &["pem/headers"];

fn facts(path: &str, bytes: Vec<u8>) -> FileFacts {
    read::read(Arc::new(SourceFile::new(Arc::new(FilePath::new(path)), bytes)))
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn timed(mut work: impl FnMut()) -> Duration {
    let started = Instant::now();
    work();
    started.elapsed()
}

/// Time of `engine` over all facts, for each of them.
fn checks(engine: &Engine, facts: &[FileFacts]) -> Duration {
    let rounds = (0..ROUNDS).map(|_| {
        timed(|| {
            for facts in facts {
                std::hint::black_box(engine.check(facts));
            }
        })
    });
    median(rounds.collect()) / facts.len() as u32
}

/// Processor time in user mode of the processes this one has waited for, as proc(5) has it in field 16, in ticks of 1/100 s.
fn user_time_of_children() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
    Duration::from_millis(fields[13].parse::<u64>().unwrap() * 10)
}

fn verified(facts: &[FileFacts]) -> Duration {
    let requests: Vec<_> = facts.iter().flat_map(FileFacts::requests).collect();
    let time = timed(|| {
        assert!(requests.iter().all(|request| request.verification() == Some(&Verification::Valid)));
    });
    time / requests.len() as u32
}

fn told(what: &str, ratio: f64, wanted: &str, detail: &str) {
    println!("{what}: {ratio:.2} ({wanted}); {detail}");
}

fn beside_verification() {
    let pems: Vec<Vec<u8>> = (0..KEYS).map(|_| Csr::new(forge::keys::fresh_rsa2048()).pem().into_bytes()).collect();
    let read = || -> Vec<FileFacts> {
        (0..10)
            .flat_map(|_| pems.iter().enumerate().map(|(number, pem)| facts(&format!("{number}.csr"), pem.clone())))
            .collect()
    };
    let verification = median((0..ROUNDS).map(|_| verified(&read())).collect());
    let all = read();
    verified(&all);
    let (health, nothing) = (checks(&engine(&["key"]), &all), checks(&engine(NOTHING), &all));
    told(
        "health of an RSA-2048 key / verifying its signature",
        (health - nothing.min(health)).as_secs_f64() / verification.as_secs_f64(),
        "at most 4",
        &format!("{:.1?} and {verification:.1?}", health - nothing.min(health)),
    );
}

fn whole_run() {
    let folder = tempfile::tempdir().unwrap();
    let keys = [forge::keys::rsa2048(), forge::keys::p256(), forge::keys::ed25519()];
    let mut all = Vec::with_capacity(REQUESTS);
    for number in 0..REQUESTS {
        let name = format!("host{number}.example.com");
        let subject = forge::der::name(&[("C", "DE"), ("O", "Example Org"), ("CN", &name)]);
        let pem = Csr::new(keys[number % 3]).subject(subject).pem();
        let part = folder.path().join(format!("{:02}", number % 100));
        std::fs::create_dir_all(&part).unwrap();
        std::fs::write(part.join(format!("{number}.csr")), &pem).unwrap();
        all.push(facts(&format!("{number}.csr"), pem.into_bytes()));
    }
    let verification = verified(&all) * REQUESTS as u32;
    let arithmetic = (checks(&engine(&["key"]), &all) - checks(&engine(NOTHING), &all)) * REQUESTS as u32;
    drop(all);
    // The whole process, as users have it.
    let run = || {
        let started = user_time_of_children();
        let mut command = Command::new(env!("CARGO_BIN_EXE_csrlint"));
        command.args(["check", "--isolated", "-q", "--threads", "1", "--fail-on", "never"]).arg(folder.path());
        assert!(command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap().success());
        user_time_of_children() - started
    };
    run();
    let whole = median((0..ROUNDS).map(|_| run()).collect());
    told(
        "10,000 requests, user time / verification and key arithmetic alone",
        whole.as_secs_f64() / (verification + arithmetic).as_secs_f64(),
        "at most 1.5",
        &format!("{whole:.0?}, {verification:.0?} and {arithmetic:.0?} on one thread"),
    );
}

/// Numbers of 2048 bits in place of moduli: the arithmetic is the same.
fn moduli(count: usize) -> Vec<UBig> {
    let mut random = forge::rsa::Xorshift::new(4711);
    (0..count)
        .map(|_| {
            let mut octets: Vec<u8> = (0..32).flat_map(|_| random.next_u64().to_be_bytes()).collect();
            octets[0] |= 0x80;
            octets[255] |= 1;
            UBig::from_be_bytes(&octets)
        })
        .collect()
}

fn batch_gcd() {
    let time = |count: usize| {
        let moduli = moduli(count);
        let round = || {
            timed(|| {
                std::hint::black_box(common_factors(&moduli));
            })
        };
        median((0..3).map(|_| round()).collect())
    };
    let (thousand, two, four) = (time(1000), time(2000), time(4000));
    let exponent = (four.as_secs_f64() / thousand.as_secs_f64()).log(4.0);
    told(
        "batch GCD, exponent of growth from 1,000 to 4,000 moduli",
        exponent,
        "below 1.5",
        &format!("{thousand:.2?} for 1,000, {two:.2?} for 2,000, {four:.2?} for 4,000 (at most 10 s)"),
    );
}

/// Peak memory of a run that looks keys up in a list of 60 MB.
fn large_list() {
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("blocklist.dat");
    let mut random = forge::rsa::Xorshift::new(815);
    let mut records: Vec<[u8; 16]> = (0..3_900_000)
        .map(|_| {
            let (high, low) = (random.next_u64(), random.next_u64());
            let mut record = [0; 16];
            record[..8].copy_from_slice(&high.to_be_bytes());
            record[8..].copy_from_slice(&low.to_be_bytes());
            record
        })
        .collect();
    records.sort_unstable();
    std::fs::write(&list, records.concat()).unwrap();
    drop(records);
    let tree = folder.path().join("tree");
    std::fs::create_dir_all(&tree).unwrap();
    for number in 0..1000_u64 {
        let pem = Csr::new(forge::keys::fresh_ed25519(number)).pem();
        std::fs::write(tree.join(format!("{number}.csr")), pem).unwrap();
    }
    let peak = |list: Option<&Path>| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_csrlint"));
        command.args(["check", "--isolated", "-q", "--format", "concise"]).arg(&tree);
        if let Some(list) = list {
            command.arg("--blocklist").arg(list);
        }
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let started = Instant::now();
        let mut peak = 0_u64;
        while child.try_wait().unwrap().is_none() {
            let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            peak = peak.max(line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0));
            std::thread::sleep(Duration::from_micros(500));
        }
        (peak, started.elapsed())
    };
    let ((without, quick), (with, slow)) = (peak(None), peak(Some(&list)));
    told(
        "peak memory with a list of 62 MB / without",
        with as f64 / without as f64,
        "about 1, and below 200 MB",
        &format!("{with} kB and {without} kB; {slow:.0?} and {quick:.0?} for 1,000 requests"),
    );
}

/// Keys per second over the requests of a folder, on one thread: their health alone, and everything from bytes to findings.
fn of_folder(folder: &Path) {
    let files: Vec<(String, Vec<u8>)> = ignore::Walk::new(folder)
        .map(|entry| entry.unwrap().into_path())
        .filter(|path| path.is_file())
        .map(|path| (path.display().to_string(), std::fs::read(&path).unwrap()))
        .collect();
    let count = files.iter().flat_map(|(path, bytes)| facts(path, bytes.clone()).artifacts).count();
    let told = |what: &str, requests: usize, work: &dyn Fn()| {
        let time = median((0..ROUNDS).map(|_| timed(work)).collect());
        println!("{what}: {:.0}", requests as f64 / time.as_secs_f64());
    };
    // Reading counts.
    let check = |engine: &Engine, (path, bytes): &(String, Vec<u8>)| {
        std::hint::black_box(engine.check(&facts(path, bytes.clone())));
    };
    let (health, all) = (engine(&["key"]), engine(&[]));
    told("keys, one thread", count, &|| files.iter().for_each(|file| check(&health, file)));
    // Twenty times over: two hundred requests are too few to share out.
    told("keys, all threads", 20 * count, &|| {
        (0..20).into_par_iter().for_each(|_| files.par_iter().for_each(|file| check(&health, file)));
    });
    told("keys, signatures and all else, one thread", count, &|| files.iter().for_each(|file| check(&all, file)));
}
