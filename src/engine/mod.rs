//! The engine: read a file, check what is in it, settle everything into a report. No disk, no clock, no globals.
//! The Tree it is given lists and reads; the day to judge as of is in the policy.
//! Files come in any order from any number of threads; the report does not depend on it.

mod accepted;
mod attributes;
mod estate;
mod finding;
mod gate;
mod uncertain;

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};

use rayon::prelude::*;
use serde_json::Value;

use self::estate::{relate_private_keys, relations};
use self::finding::{About, fingerprint, supersede, title};
pub use self::gate::Base;
use crate::catalogue::{ActiveRule, Outcome, RuleSet, Severity};
use crate::check::{Context, Findings, Subject, SubjectKind, Verdict};
use crate::encoding::DefectKind;
use crate::estate::{Estate, Record};
use crate::policy::{Facet, Policy};
use crate::read::{self, Artifact, FileFacts, Surroundings};
use crate::redact;
use crate::report::{
    Expiring, Finding, IgnoreUse, Judged, NotJudged, Report, RunError, RunInfo, Sheet, Summary, UnreadSubmodule,
    inspect, sanitise,
};
use crate::request::Request;
use crate::source::{Content, FilePath, Listing as Listed, SourceFile, Sources, Tree, WalkNotice, WalkOptions};

/// Files larger than this are only searched for requests (10 MiB).
pub const SIZE_LIMIT: u64 = 10 * 1024 * 1024;
/// Verification work of one file that is done at once, in limb multiplications (about 10 ms).
const CHEAP: u64 = 1 << 22;
/// Verification work of one run beyond that (a few seconds).
const BUDGET: u64 = 1 << 31;
/// Work of costly computations (`--deep`) of one run: some ten thousand RSA keys of 2048 bits, a few minutes.
const DEEP_BUDGET: u64 = 1 << 38;

/// What a report is to hold besides findings.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keep {
    /// Every request, as `inspect` has it.
    pub requests: bool,
    /// What people are shown of findings.
    pub shown: bool,
    /// What every rule made of every request.
    pub outcomes: bool,
    /// Every request with its listing, for reports that have a page or a test case for each.
    pub sheets: bool,
}

/// How a run goes.
#[derive(Debug, Clone)]
pub struct RunOptions {
    /// Worker threads.
    pub threads: usize,
    /// The run covers all the policy is about, so that a waiver nothing needed is superfluous.
    pub whole_tree: bool,
    /// Files larger than this many bytes are only searched.
    pub size_limit: u64,
}

impl Default for RunOptions {
    fn default() -> Self {
        Self { threads: 1, whole_tree: false, size_limit: SIZE_LIMIT }
    }
}

/// What came out of one file.
#[derive(Debug, Default)]
pub struct FileOutcome {
    findings: Vec<Finding>,
    not_judged: Vec<NotJudged>,
    records: Vec<Record>,
    requests: Vec<(usize, Value)>,
    errors: Vec<RunError>,
    judged: Vec<Judged>,
    expiring: Vec<Expiring>,
    ignores: Vec<IgnoreUse>,
    /// It is of the state before a change: nothing of it is counted, and comments count that are not of the change.
    before: bool,
    /// Which files what was found in a file depends on, where it does on others.
    depends: Vec<(String, Vec<FilePath>)>,
    sheets: Vec<Sheet>,
    /// Files whose arithmetic would cost this much; nothing of them was checked.
    postponed: Vec<(FilePath, Cost)>,
}

/// What the arithmetic on keys costs, in limb multiplications.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    verification: u64,
    deep: u64,
}

impl Cost {
    const UNLIMITED: Self = Self { verification: u64::MAX, deep: u64::MAX };
    /// What is spent on what only helps to judge something else.
    const LITTLE: Self = Self { verification: CHEAP, deep: 0 };

    fn of(request: &Request, deep: bool) -> Self {
        Self { verification: request.verification_cost(), deep: if deep { request.costly_cost() } else { 0 } }
    }

    fn plus(self, other: Self) -> Self {
        Self {
            verification: self.verification.saturating_add(other.verification),
            deep: self.deep.saturating_add(other.deep),
        }
    }

    fn less(self, other: Self) -> Self {
        Self {
            verification: self.verification.saturating_sub(other.verification),
            deep: self.deep.saturating_sub(other.deep),
        }
    }
}

/// Reads, checks and settles.
pub struct Engine {
    policy: Policy,
    keep: Keep,
    base: Option<Base>,
}

impl Engine {
    /// With a policy.
    pub fn new(policy: Policy, keep: Keep) -> Self {
        Self { policy, keep, base: None }
    }

    /// The same; the policy is of this state, and what was changed since has no say in what is accepted.
    #[must_use]
    pub fn with_base(self, base: Base) -> Self {
        Self { base: Some(base), ..self }
    }

    /// The policy.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Finds and reads everything in a file that stands by itself.
    pub fn read(&self, file: Arc<SourceFile>) -> FileFacts {
        read::read(file)
    }

    /// What the files of a tree may refer to, with the policy's tools.
    pub fn surroundings<'t>(&self, tree: &'t dyn Tree) -> Surroundings<'t> {
        Surroundings::new(tree, &self.policy.tools)
    }

    /// Runs every rule that holds for a file and what is in it.
    pub fn check(&self, facts: &FileFacts) -> FileOutcome {
        let before = self.surroundings_before();
        self.check_within(facts, Cost::UNLIMITED, before.as_ref())
    }

    /// What the files of the state before the change may refer to: the policy's tools are the same, the files around are not.
    fn surroundings_before(&self) -> Option<Surroundings<'_>> {
        self.base.as_ref().map(|base| self.surroundings(&*base.tree))
    }

    /// The same; requests whose arithmetic goes beyond the allowance are spared it.
    fn check_within(&self, facts: &FileFacts, allowance: Cost, before: Option<&Surroundings<'_>>) -> FileOutcome {
        let mut out = FileOutcome::default();
        self.check_into(facts, allowance, before, &mut out);
        out
    }

    fn check_into(
        &self,
        facts: &FileFacts,
        mut allowance: Cost,
        before: Option<&Surroundings<'_>>,
        out: &mut FileOutcome,
    ) {
        const SPENT: &str = "the run's budget for costly keys is spent";
        let path = facts.sources.file.path.as_str();
        let (mut refused, mut refused_deep) = (0, 0);
        for artifact in &facts.artifacts {
            match artifact {
                Artifact::Request(request) => {
                    let cost = Cost::of(request, self.policy.is_deep());
                    if cost.verification > allowance.verification {
                        request.refuse_verification(SPENT);
                        refused += 1;
                    }
                    if cost.deep > allowance.deep {
                        request.refuse_costly(SPENT);
                        refused_deep += 1;
                    }
                    allowance = allowance.less(cost);
                    let rules = self.policy.rules_for(path, Some(Facet::of(request)));
                    if rules.verifies {
                        // A fault of ours is told by the rule that meets it again.
                        let _ = catch_unwind(AssertUnwindSafe(|| request.verification().is_some()));
                    }
                    if self.keep.outcomes {
                        out.judged.push(judged(request, path));
                    }
                    let since = (out.findings.len(), out.not_judged.len());
                    self.run_rules(&rules, &Subject::Request(request), &request.origin.sources, Some(request), out);
                    self.judge_uncertain(request, &rules, since, out);
                    let record = Record::of(request);
                    if self.keep.sheets {
                        out.sheets.push(Sheet::of(request));
                    }
                    if self.keep.requests {
                        out.requests.push((record.start.offset, inspect::request(request)));
                    }
                    out.records.push(record);
                }
                Artifact::Claim(claim) => {
                    let rules = self.policy.rules_for(path, None);
                    self.run_rules(&rules, &Subject::Claim(claim), &claim.sources, None, out);
                }
                Artifact::PrivateKey(key) => {
                    let rules = self.policy.rules_for(path, None);
                    self.run_rules(&rules, &Subject::PrivateKey(key), &key.sources, None, out);
                    out.records.push(Record::of_private_key(key));
                }
                Artifact::Certificate(certificate) => out.records.push(Record::of_certificate(certificate)),
            }
        }
        if refused_deep > 0 {
            let message =
                format!("costly tests were left out for {refused_deep} keys: the run's budget for them is spent");
            out.errors.push(RunError { path: path.to_owned(), message });
        }
        if refused > 0 {
            let message = format!(
                "{refused} signatures were not verified: their keys are so large that the run's budget is spent"
            );
            out.errors.push(RunError { path: path.to_owned(), message });
        }
        if !facts.defects.is_empty() {
            let rules = self.policy.rules_for(path, None);
            self.run_rules(&rules, &Subject::File(facts), &facts.sources, None, out);
        }
        self.apply_ignores(facts, before, out);
        if let Some(unread) = facts.unread.first() {
            let of_file = out.not_judged.iter_mut().filter(|left| left.path == path);
            for left in
                of_file.filter(|left| left.reason.contains("not known") && !left.reason.contains(&*unread.reason))
            {
                left.reason.push_str(&format!("; {}", sanitise::line(&unread.reason)));
            }
        }
        // Else a file that nobody may read would be a way to have nothing judged.
        for unread in facts.unread.iter().filter(|unread| unread.is_refused && !out.before) {
            let message = format!("it refers to what is not read: {}", sanitise::line(&unread.reason));
            out.errors.push(RunError { path: path.to_owned(), message });
        }
        let tells = !out.findings.is_empty() || !out.not_judged.is_empty();
        if tells && !facts.depends.is_empty() {
            out.depends.push((path.to_owned(), facts.depends.clone()));
        }
    }

    /// The findings of a file as it was, with what comments set aside there. It is not part of the run, and not counted.
    fn checked_before(&self, facts: &FileFacts, allowance: Cost) -> Vec<Finding> {
        let mut out = FileOutcome { before: true, ..FileOutcome::default() };
        self.check_into(facts, allowance, None, &mut out);
        out.findings
    }

    /// What the rules say of each request, by its name in the file: rule and severity. Costly keys are not verified.
    pub fn judge(&self, facts: &FileFacts) -> Vec<(String, String, Severity)> {
        let outcome = self.check_within(facts, Cost::LITTLE, self.surroundings_before().as_ref());
        let named = |finding: &Finding| Some(finding.request.as_ref()?.name.clone());
        let mut findings = outcome.findings;
        supersede(&mut findings);
        findings
            .iter()
            .filter(|finding| finding.is_open())
            .filter_map(|finding| Some((named(finding)?, finding.rule.id.clone(), finding.severity)))
            .collect()
    }

    fn run_rules(
        &self,
        rules: &RuleSet,
        subject: &Subject<'_>,
        sources: &Sources,
        request: Option<&Request>,
        out: &mut FileOutcome,
    ) {
        self.run_rules_in(rules, None, subject, sources, request, out);
    }

    /// The same as if these scopes held.
    fn run_rules_in(
        &self,
        rules: &RuleSet,
        scopes: Option<&[usize]>,
        subject: &Subject<'_>,
        sources: &Sources,
        request: Option<&Request>,
        out: &mut FileOutcome,
    ) {
        let embedded = match subject {
            Subject::Request(request) => request.origin.embedded,
            Subject::PrivateKey(key) => key.embedded,
            _ => false,
        };
        let mut about =
            About { engine: self, sources, request, unseen: None, embedded, scopes, reference: None, listing: None };
        for active in &rules.rules {
            match (active.rule.definition.subject, subject) {
                (SubjectKind::Request, Subject::Request(_)) | (SubjectKind::PrivateKey, Subject::PrivateKey(_)) => {}
                (SubjectKind::Recorded, Subject::PrivateKey(_)) => continue,
                (SubjectKind::Recorded, _) => {}
                _ => continue,
            }
            self.run_rule(active, subject, &mut about, out);
        }
    }

    fn run_rule(&self, active: &ActiveRule, subject: &Subject<'_>, about: &mut About<'_>, out: &mut FileOutcome) {
        let context = self.context();
        let mut outcome = Outcome::NotApplicable;
        let first = out.findings.len();
        for (demand, check) in &active.demands {
            let mut findings = Findings::default();
            let verdict = catch_unwind(AssertUnwindSafe(|| check.run(subject, &context, &mut findings)));
            let verdict = match verdict {
                Ok(verdict) => verdict,
                Err(_) => {
                    let message = format!(
                        "csrlint's own fault: the check {} panicked for rule {}; please report it",
                        active.rule.check, active.rule.id
                    );
                    out.errors.push(RunError { path: about.sources.file.path.as_str().to_owned(), message });
                    continue;
                }
            };
            // What was not found may be in what is an expression.
            let verdict = match verdict {
                Verdict::Judged | Verdict::NotApplicable if findings.broken.is_empty() => about
                    .unseen(active.rule.definition.reads)
                    .map_or(verdict, |reason| Verdict::NotJudged(reason.into())),
                verdict => verdict,
            };
            match verdict {
                Verdict::Judged if findings.broken.is_empty() && outcome == Outcome::NotApplicable => {
                    outcome = Outcome::Pass
                }
                Verdict::NotJudged(reason) => {
                    outcome = Outcome::NotJudged;
                    out.not_judged.push(about.not_judged(&active.rule, &reason));
                }
                _ => {}
            }
            let more = findings.more;
            let count = findings.broken.len();
            for (number, mut broken) in findings.broken.into_iter().enumerate() {
                if more > 0 && number + 1 == count {
                    broken.message.push_str(&format!(" {more} more places like this are not listed."));
                }
                let severity = demand.severity_on(self.policy.as_of);
                let mut finding = about.finding(&active.rule, severity, broken);
                finding.profiles.clone_from(&demand.profiles);
                finding.clause.clone_from(&demand.clause);
                // Another demand of the same rule at the same place is the same finding.
                match out.findings.iter_mut().skip(first).find(|other| {
                    other.place == finding.place
                        && other.start == finding.start
                        && other.value == finding.value
                        && !demand_is_first(active, demand)
                }) {
                    Some(same) => {
                        same.severity = same.severity.max(severity);
                        same.fails |= finding.fails;
                        same.profiles.extend(finding.profiles);
                    }
                    None => out.findings.push(finding),
                }
                outcome = Outcome::Fail;
            }
        }
        // What a rule did not find in a request that is cut off may be in the part that is missing.
        let cut_off = about
            .request
            .is_some_and(|request| request.defects.iter().any(|defect| defect.kind == DefectKind::Truncated));
        if cut_off && outcome != Outcome::Fail {
            outcome = Outcome::NotJudged;
        }
        if !out.before {
            self.policy.tallies.count(active.number, outcome);
        }
        if let Some(judged) = out.judged.last_mut().filter(|_| about.request.is_some()) {
            judged.outcomes.push((active.rule.id.clone(), outcome));
        }
    }

    fn context(&self) -> Context<'_> {
        Context { as_of: self.policy.as_of, lists: &self.policy.lists, deep: self.policy.is_deep() }
    }

    /// Reads and checks one file; a file whose verification is costly is put off.
    fn lint(&self, file: SourceFile, around: &Surroundings<'_>, before: Option<&Surroundings<'_>>) -> FileOutcome {
        let native = file.path.native().to_owned();
        let facts = read::read_within(Arc::new(file), around);
        if facts.is_empty() {
            return FileOutcome::default();
        }
        let deep = self.policy.is_deep();
        let cost = facts.requests().map(|request| Cost::of(request, deep)).fold(Cost::default(), Cost::plus);
        if cost.verification.saturating_add(cost.deep) > CHEAP {
            return FileOutcome { postponed: vec![(FilePath::new(native), cost)], ..FileOutcome::default() };
        }
        self.check_within(&facts, Cost::UNLIMITED, before)
    }

    /// Lints everything under `roots`.
    pub fn run(&self, tree: &dyn Tree, roots: &[FilePath], options: &RunOptions) -> Report {
        let collected: Mutex<Collected> = Mutex::default();
        let collect = |outcome: FileOutcome| {
            if let Ok(mut collected) = collected.lock() {
                collected.outcome.append(outcome);
            }
        };
        let excluded = |path: &FilePath| self.policy.excludes(path.as_str());
        let apart = |here: &FilePath, there: &FilePath| self.policy.treats_apart(here.as_str(), there.as_str());
        let around = self.surroundings(tree);
        let before = self.surroundings_before();
        let before = before.as_ref();
        // Which files there are is of interest only where a change may have git read them otherwise.
        let paths: Option<Mutex<Vec<FilePath>>> = self.changes_attributes().then(Mutex::default);
        let counted = std::sync::atomic::AtomicUsize::new(0);
        let look = |path: FilePath, counts_once_more: bool| {
            counted.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if let Some(mut paths) = paths.as_ref().and_then(|paths| paths.lock().ok()) {
                paths.push(path.clone());
            }
            if self.is_other_policy(&path)
                && let Ok(mut collected) = collected.lock()
            {
                collected.notices.push(format!("{} is not used: a run has one policy", sanitise::line(path.as_str())));
            }
            let mut outcome = self.lint_path(tree, (&around, before), path.clone(), options.size_limit);
            if !counts_once_more {
                // It is one request, wherever links lead to it.
                outcome.records.clear();
            }
            let has_something = !outcome.is_empty();
            if has_something {
                collect(outcome);
                let real = tree.resolve(&path);
                if real != path
                    && let Ok(mut collected) = collected.lock()
                {
                    // What is found behind a link is another one when the link is, or what it leads to.
                    collected.links.insert(path.as_str().to_owned(), vec![path, real]);
                }
            }
            has_something
        };
        let visit = |listed: Listed| match listed {
            Listed::File(path) => {
                look(path, true);
            }
            Listed::Linked(path) => {
                look(path, false);
            }
            Listed::Recoded { path, encoding } => {
                // What git has is judged; what is used is on disk, and nobody knows what that decodes to.
                if look(path.clone(), true) || read::is_named_request(&path) {
                    let reason = format!(
                        "could not be read as it is on disk, where git writes it as {encoding} (working-tree-encoding)"
                    );
                    collect(FileOutcome::error(path.as_str(), &reason));
                }
            }
            Listed::Unreadable { path, reason } => collect(FileOutcome::error(path.as_str(), &reason)),
            Listed::Notice(WalkNotice::GitUnavailable(reason)) => {
                if let Ok(mut collected) = collected.lock() {
                    let reason = sanitise::line(&reason).into_owned();
                    collected.notices.push(format!(
                        ".gitignore is not heeded, since git does not say which files it tracks: {reason}"
                    ));
                }
            }
            Listed::Notice(WalkNotice::SubmoduleUnavailable(path)) => {
                if let Ok(mut collected) = collected.lock() {
                    let shown = sanitise::line(path.as_str()).into_owned();
                    collected.notices.push(format!(
                        "nothing of the submodule {shown} was looked at: its commit is not in this clone"
                    ));
                    collected.submodules.push(UnreadSubmodule {
                        path: path.as_str().to_owned(),
                        message: "nothing of this submodule was looked at: its commit is not in this clone".to_owned(),
                    });
                }
            }
        };
        let work = || {
            tree.walk(
                roots,
                &WalkOptions { threads: options.threads, excluded: &excluded, heed_gitignore: true, apart: &apart },
                &visit,
            );
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(options.threads).build();
        match &pool {
            Ok(pool) => pool.install(work),
            Err(_) => work(),
        }
        let mut collected = collected.into_inner().unwrap_or_default();
        let mut finish = || self.finish_postponed(tree, (&around, before), &mut collected.outcome, options.size_limit);
        match &pool {
            Ok(pool) => pool.install(finish),
            Err(_) => finish(),
        }
        for (_, others) in &mut collected.outcome.depends {
            let real: Vec<FilePath> = others.iter().map(|other| tree.resolve(other)).collect();
            others.extend(real);
        }
        for (path, others) in &mut collected.outcome.depends {
            others.extend(collected.links.remove(path).unwrap_or_default());
        }
        collected.outcome.depends.extend(collected.links);
        let paths = paths.and_then(|paths| paths.into_inner().ok()).unwrap_or_default();
        self.judge_gate(tree, paths, &mut collected.outcome);
        let mut report = self.settle_within([collected.outcome], options.whole_tree, before);
        report.summary.files = counted.into_inner();
        collected.submodules.sort();
        collected.submodules.dedup();
        report.summary.unread_submodules = collected.submodules.len();
        report.submodules = collected.submodules;
        if let Some(base) = &self.base {
            report.miss_changed(&base.changes);
        }
        if self.policy.requires_submodules() {
            report.miss(|_| true);
        }
        collected.notices.sort();
        report.notices.extend(collected.notices);
        report
    }

    /// A policy below the one in use must not carve a hole by being there; it is only told of.
    fn is_other_policy(&self, path: &FilePath) -> bool {
        let name = path.as_str().rsplit('/').next().unwrap_or_default();
        matches!(name, "csrlint.yaml" | ".csrlint.yaml") && self.policy.path.as_deref() != Some(path.as_str())
    }

    fn lint_path(&self, tree: &dyn Tree, states: States<'_>, path: FilePath, size_limit: u64) -> FileOutcome {
        thread_local! {
            // Most files hold nothing; one buffer a thread serves them all.
            static BUFFER: std::cell::RefCell<Vec<u8>> = const { std::cell::RefCell::new(Vec::new()) };
        }
        BUFFER.with(|buffer| {
            let mut own = Vec::new();
            let mut borrowed = buffer.try_borrow_mut().ok();
            let buffer = borrowed.as_deref_mut().unwrap_or(&mut own);
            match tree.read(&path, size_limit, buffer) {
                Err(error) => FileOutcome::error(path.as_str(), &error.to_string()),
                Ok(Content::TooLarge { len, mut reader }) => read::problem_of_large(len, &mut *reader)
                    .map_or_else(FileOutcome::default, |problem| FileOutcome::error(path.as_str(), &problem)),
                Ok(Content::Whole) if read::is_pointer(&path, buffer) => {
                    let reason = "could not be read: it is a pointer of Git LFS, and the request itself is not here";
                    FileOutcome::error(path.as_str(), reason)
                }
                Ok(Content::Whole) if !read::may_hold_request(&path, buffer) => FileOutcome::default(),
                Ok(Content::Whole) => {
                    self.lint(SourceFile::new(Arc::new(path), std::mem::take(buffer)), states.0, states.1)
                }
            }
        })
    }

    /// Verifies costly keys file by file in order of path, until the budget is spent: the same files whatever the threads.
    fn finish_postponed(&self, tree: &dyn Tree, states: States<'_>, outcome: &mut FileOutcome, size_limit: u64) {
        let (around, before) = states;
        let mut postponed = std::mem::take(&mut outcome.postponed);
        postponed.sort();
        let mut left = Cost { verification: BUDGET, deep: DEEP_BUDGET };
        let allowed: Vec<(FilePath, Cost)> = postponed
            .into_iter()
            .map(|(path, cost)| {
                let allowance = left;
                left = left.less(cost);
                (path, allowance)
            })
            .collect();
        let finished: Vec<FileOutcome> = allowed
            .into_par_iter()
            .map(|(path, allowance)| {
                let mut bytes = Vec::new();
                match tree.read(&path, size_limit, &mut bytes) {
                    Ok(Content::Whole) => {
                        let file = Arc::new(SourceFile::new(Arc::new(path), bytes));
                        self.check_within(&read::read_within(file, around), allowance, before)
                    }
                    Ok(Content::TooLarge { .. }) => {
                        FileOutcome::error(path.as_str(), "the file grew while csrlint was running")
                    }
                    Err(error) => FileOutcome::error(path.as_str(), &error.to_string()),
                }
            })
            .collect();
        for other in finished {
            outcome.append(other);
        }
    }

    /// Puts outcomes in order, judges the estate and the configuration, gives fingerprints, applies waivers.
    pub fn settle(&self, outcomes: impl IntoIterator<Item = FileOutcome>, whole_tree: bool) -> Report {
        self.settle_within(outcomes, whole_tree, self.surroundings_before().as_ref())
    }

    fn settle_within(
        &self,
        outcomes: impl IntoIterator<Item = FileOutcome>,
        whole_tree: bool,
        before: Option<&Surroundings<'_>>,
    ) -> Report {
        let mut all = FileOutcome::default();
        for outcome in outcomes {
            all.append(outcome);
        }
        let mut requests = std::mem::take(&mut all.requests);
        requests.sort_by_cached_key(|(offset, value)| {
            (value.get("path").and_then(Value::as_str).unwrap_or_default().to_owned(), *offset)
        });
        let estate = Estate::new(std::mem::take(&mut all.records));
        self.judge_estate(&estate, &mut all);
        relate_private_keys(&estate, &mut all.findings);
        all.findings.sort_by(|a, b| {
            let key = |finding: &Finding| {
                (
                    finding.path.as_str().to_owned(),
                    finding.start.offset,
                    finding.rule.id.clone(),
                    finding.place.clone(),
                    finding.value.clone(),
                )
            };
            key(a).cmp(&key(b))
        });
        fingerprint(&mut all.findings);
        let covered = self.apply_waivers(&mut all.findings);
        supersede(&mut all.findings);
        self.judge_covered(covered, before, &mut all);
        self.judge_configuration(whole_tree, &mut all);
        all.expiring.extend(self.expiring_waivers());
        all.expiring.sort();
        all.ignores.sort();
        all.not_judged.sort();
        all.errors.sort();
        all.judged.sort();
        all.sheets.sort_by(|a, b| (&a.path, a.start).cmp(&(&b.path, b.start)));
        // How many files there were is known to whoever walked them.
        let summary = Summary::of(&all.findings, 0, estate.requests().count(), all.not_judged.len());
        let run = RunInfo {
            version: env!("CARGO_PKG_VERSION"),
            as_of: self.policy.as_of,
            policy: self.policy.path.clone(),
            policy_revision: self.base.as_ref().map(|base| base.name.clone()),
            layers: self.policy.layers.iter().map(|layer| layer.path.clone()).collect(),
            profiles: self.policy.profiles(),
            root: ".".to_owned(),
            links: None,
        };
        let mut rules = self.policy.all_rules();
        rules.extend(all.findings.iter().map(|finding| (finding.rule.id.clone(), finding.rule.clone())));
        let outcomes = self.policy.outcomes().map(|(id, counts)| (id.to_owned(), counts)).collect();
        Report {
            run,
            summary,
            relations: relations(&estate),
            findings: all.findings,
            not_judged: all.not_judged,
            errors: all.errors,
            submodules: Vec::new(),
            requests: requests.into_iter().map(|(_, value)| value).collect(),
            rules: rules.into_values().collect(),
            outcomes,
            judged: all.judged,
            notices: self
                .policy
                .notices
                .iter()
                .chain(self.base.iter().flat_map(|base| &base.changes.notices))
                .cloned()
                .chain(all.expiring.iter().map(ToString::to_string))
                .collect(),
            comparison: None,
            expiring: all.expiring,
            ignores: all.ignores,
            depends: all.depends.into_iter().collect(),
            sheets: all.sheets,
        }
    }
}

/// What the files of a tree may refer to, and those of the state before the change that is judged.
type States<'a> = (&'a Surroundings<'a>, Option<&'a Surroundings<'a>>);

fn demand_is_first(active: &ActiveRule, demand: &crate::catalogue::Demand) -> bool {
    active.demands.first().is_some_and(|(first, _)| std::ptr::eq(first, demand))
}

/// A request of which it is yet to be told what the rules make of it.
fn judged(request: &Request, path: &str) -> Judged {
    let sources = &request.origin.sources;
    let offset = sources.locate(request.origin.span).first().map_or(0, |range| range.start);
    Judged {
        path: path.to_owned(),
        line: sources.file.position(offset).line,
        offset,
        request: title(request),
        spki_sha256: request.spki_sha256(),
        outcomes: Vec::new(),
    }
}

/// What the threads of a run found so far.
#[derive(Default)]
struct Collected {
    outcome: FileOutcome,
    notices: Vec<String>,
    submodules: Vec<UnreadSubmodule>,
    /// Files with something in them that were listed behind links: those that they depend on.
    links: HashMap<String, Vec<FilePath>>,
}

impl FileOutcome {
    fn error(path: &str, message: &str) -> Self {
        Self {
            errors: vec![RunError {
                path: path.to_owned(),
                message: sanitise::line(&redact::message(message)).into_owned(),
            }],
            ..Self::default()
        }
    }

    fn append(&mut self, other: Self) {
        self.findings.extend(other.findings);
        self.not_judged.extend(other.not_judged);
        self.records.extend(other.records);
        self.requests.extend(other.requests);
        self.errors.extend(other.errors);
        self.judged.extend(other.judged);
        self.expiring.extend(other.expiring);
        self.ignores.extend(other.ignores);
        self.depends.extend(other.depends);
        self.sheets.extend(other.sheets);
        self.postponed.extend(other.postponed);
    }

    fn is_empty(&self) -> bool {
        self.findings.is_empty()
            && self.not_judged.is_empty()
            && self.records.is_empty()
            && self.errors.is_empty()
            && self.postponed.is_empty()
    }
}
