//! When today's requests stop passing: the same requests, judged on every day on which something changes.
//! Nothing here knows a clock or a disk; policies come in, one for each day. Drawing is for `report`.
//! Requests are taken together by key and fate: thousands of RSA-2048 requests are one line.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use serde::Serialize;

use crate::catalogue::Severity;
use crate::check::Date;
use crate::engine::{Engine, Keep, SIZE_LIMIT};
use crate::policy::Policy;
use crate::read::{self, FileFacts};
use crate::report::sanitise;
use crate::request::Request;
use crate::source::{Content, FilePath, Listing, SourceFile, Tree, WalkOptions};

/// What is asked: a profile, or the organisation's policy, on each day from which something else holds.
pub struct Outlook {
    /// The name of the profile, or `policy`.
    pub name: String,
    /// In a few words.
    pub title: String,
    /// The first is today's; in order.
    pub policies: Vec<Policy>,
}

/// What holds from a day on.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Step {
    /// The first day.
    pub from: Date,
    /// The worst finding; none where the request passes.
    pub worst: Option<Severity>,
    /// The rules behind it.
    pub rules: BTreeSet<String>,
}

/// A request.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Place {
    /// The file.
    pub path: String,
    /// The line.
    pub line: usize,
    /// In a few words.
    pub request: String,
}

/// Requests with the same kind of key and the same fate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// `RSA 2048`, `EC P-256`.
    pub key: String,
    /// What holds from when on; the first step is today's. Steps that change nothing are left out.
    pub steps: Vec<Step>,
    /// The requests, in order.
    pub requests: Vec<Place>,
}

impl Group {
    /// The first step that is as bad as this, if there is one.
    pub fn first(&self, threshold: Severity) -> Option<&Step> {
        self.steps.iter().find(|step| step.worst >= Some(threshold))
    }
}

/// What becomes of the requests under one profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Prospect {
    /// The name of the profile, or `policy`.
    pub profile: String,
    /// In a few words.
    pub title: String,
    /// Requests by key and fate, in order of key.
    pub groups: Vec<Group>,
}

/// The whole forecast.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Forecast {
    /// Today.
    pub as_of: Date,
    /// Requests in the tree.
    pub requests: usize,
    /// By profile, in the order they were asked for.
    pub prospects: Vec<Prospect>,
    /// What could not be read: path and reason.
    pub errors: Vec<(String, String)>,
}

/// What the walk has found so far.
#[derive(Default)]
struct Collected {
    requests: usize,
    /// For each outlook.
    fates: Vec<Fates>,
    errors: Vec<(String, String)>,
}

type Fates = BTreeMap<(String, Vec<Step>), Vec<Place>>;

/// Judges every request under `roots` on every day of every outlook.
pub fn forecast(tree: &dyn Tree, roots: &[FilePath], options: &WalkOptions<'_>, outlooks: Vec<Outlook>) -> Forecast {
    let as_of = outlooks.iter().find_map(|outlook| outlook.policies.first()).map(|policy| policy.as_of);
    let engines: Vec<(String, String, Vec<Engine>)> = outlooks
        .into_iter()
        .map(|outlook| {
            let engines = outlook.policies.into_iter().map(|policy| Engine::new(policy, Keep::default())).collect();
            (outlook.name, outlook.title, engines)
        })
        .collect();
    let collected = Mutex::new(Collected { requests: 0, fates: vec![Fates::new(); engines.len()], errors: Vec::new() });
    let failed = |path: &FilePath, reason: &str| {
        if let Ok(mut collected) = collected.lock() {
            collected.errors.push((path.as_str().to_owned(), sanitise::line(reason).into_owned()));
        }
    };
    // The defaults of tools hold as they are: a forecast is of what is written.
    let around = read::Surroundings::new(tree, &BTreeMap::new());
    let visit = |listed: Listing| match listed {
        Listing::File(path) | Listing::Recoded { path, .. } => {
            let mut bytes = Vec::new();
            match tree.read(&path, SIZE_LIMIT, &mut bytes) {
                Err(error) => failed(&path, &error.to_string()),
                Ok(Content::TooLarge { len, mut reader }) => {
                    if let Some(problem) = read::problem_of_large(len, &mut *reader) {
                        failed(&path, &problem);
                    }
                }
                Ok(Content::Whole) if !read::may_hold_request(&path, &bytes) => {}
                Ok(Content::Whole) => {
                    let facts = read::read_within(Arc::new(SourceFile::new(Arc::new(path), bytes)), &around);
                    let fates: Vec<Vec<(String, Vec<Step>, Place)>> =
                        engines.iter().map(|(_, _, engines)| fates(&facts, engines)).collect();
                    if let Ok(mut collected) = collected.lock() {
                        collected.requests += facts.requests().count();
                        for (all, of_file) in collected.fates.iter_mut().zip(fates) {
                            for (key, steps, place) in of_file {
                                all.entry((key, steps)).or_default().push(place);
                            }
                        }
                    }
                }
            }
        }
        Listing::Unreadable { path, reason } => failed(&path, &reason),
        Listing::Notice(_) | Listing::Linked(_) => {}
    };
    tree.walk(roots, options, &visit);
    let Collected { requests, fates: all, mut errors } = collected.into_inner().unwrap_or_default();
    errors.sort();
    let prospects = engines
        .into_iter()
        .zip(all)
        .map(|((profile, title, _), fates)| {
            let groups = fates.into_iter().map(|((key, steps), mut requests)| {
                requests.sort();
                Group { key, steps, requests }
            });
            Prospect { profile, title, groups: groups.collect() }
        })
        .collect();
    Forecast { as_of: as_of.unwrap_or(Date::MIN), requests, prospects, errors }
}

/// What becomes of each request of a file.
fn fates(facts: &FileFacts, engines: &[Engine]) -> Vec<(String, Vec<Step>, Place)> {
    // The rules of each day, by the name of the request in its file.
    let days: Vec<(Date, BTreeMap<String, Step>)> = engines
        .iter()
        .map(|engine| {
            let day = engine.policy().as_of;
            let mut steps: BTreeMap<String, Step> = BTreeMap::new();
            for (request, rule, severity) in engine.judge(facts) {
                let step =
                    steps.entry(request).or_insert_with(|| Step { from: day, worst: None, rules: BTreeSet::new() });
                match Some(severity).cmp(&step.worst) {
                    std::cmp::Ordering::Greater => {
                        step.worst = Some(severity);
                        step.rules = [rule].into();
                    }
                    std::cmp::Ordering::Equal => {
                        step.rules.insert(rule);
                    }
                    std::cmp::Ordering::Less => {}
                }
            }
            (day, steps)
        })
        .collect();
    facts
        .requests()
        .map(|request| {
            let mut steps: Vec<Step> = Vec::new();
            for (day, of_day) in &days {
                let step = of_day.get(&request.origin.name).cloned().unwrap_or_else(|| Step {
                    from: *day,
                    worst: None,
                    rules: BTreeSet::new(),
                });
                if steps.last().is_none_or(|last| (last.worst, &last.rules) != (step.worst, &step.rules)) {
                    steps.push(step);
                }
            }
            (key_of(request), steps, place_of(request))
        })
        .collect()
}

fn key_of(request: &Request) -> String {
    let summary = request.key.effective().map_or_else(|| "no readable key".to_owned(), crate::request::Key::summary);
    sanitise::shortened(&sanitise::line(&summary), 60).into_owned()
}

fn place_of(request: &Request) -> Place {
    let sources = &request.origin.sources;
    let offset = sources.locate(request.origin.span).first().map_or(0, |range| range.start);
    Place {
        path: sources.file.path.as_str().to_owned(),
        line: sources.file.position(offset).line,
        request: sanitise::shortened(&sanitise::line(&request.title()), 80).into_owned(),
    }
}
