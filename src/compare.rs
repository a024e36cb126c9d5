//! Two states of a tree, side by side: which requests were added, removed, renewed or changed, and what became of findings.
//! Requests are compared as `inspect --format json` has them: what people can see is what is compared.
//! How two requests were taken for one and the same is always told. Nothing is judged here; both reports come in.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::report::{Finding, Report};
use crate::request::Oid;
use crate::source::{Changes, FilePath};

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// There was none like it.
    Added,
    /// A PKCS#10 request took the place of another one.
    Renewed,
    /// A template says something else.
    Changed,
    /// It is not there any more.
    Removed,
    /// It is the same, and stands elsewhere.
    Moved,
}

impl Fate {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Renewed => "renewed",
            Self::Changed => "changed",
            Self::Removed => "removed",
            Self::Moved => "moved",
        }
    }
}

/// Why two requests were taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Pairing {
    /// They stand in the same file under the same name; renamed files are followed.
    SameOrigin,
    /// They are the same, byte for byte.
    SameBytes,
    /// They ask for the same subject alternative names.
    SameNames,
    /// They have the same common name.
    SameCommonName,
}

impl Pairing {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Self::SameOrigin => "same file and name",
            Self::SameBytes => "same bytes",
            Self::SameNames => "same subject alternative names",
            Self::SameCommonName => "same common name",
        }
    }
}

/// What became of the key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum KeyFate {
    /// The same key is kept.
    Same,
    /// It is another one.
    New,
    /// It is one that another request had before.
    Known,
}

/// A part of a request before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Difference {
    /// `subject`, `key`, `signature`, `names`, an extension or attribute by name, `template.hash` ...
    pub part: String,
    /// What it was; nothing where there was none.
    pub before: Option<String>,
    /// What it is; nothing where there is none.
    pub after: Option<String>,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Place {
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: usize,
    /// Its name in the file.
    pub name: String,
}

/// A request that is not what it was.
#[derive(Debug, Clone, Serialize)]
pub struct Compared {
    /// What became of it.
    pub fate: Fate,
    /// Why the two are taken for one.
    pub pairing: Option<Pairing>,
    /// What became of its key; nothing for templates, which have none.
    pub key: Option<KeyFate>,
    /// The other request that had the key before.
    pub key_of: Option<Place>,
    /// Where it stood.
    pub before: Option<Place>,
    /// Where it stands.
    pub after: Option<Place>,
    /// What is different; of one that was added or removed, all it says.
    pub differences: Vec<Difference>,
    /// Findings that were not there before.
    pub appeared: Vec<Told>,
    /// Findings that are not there any more.
    pub gone: Vec<Told>,
    /// How many are there still.
    pub stayed: usize,
}

/// A finding, as far as a comparison tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Told {
    /// The rule.
    pub rule: String,
    /// `error`, `warning` or `info`.
    pub severity: String,
    /// What is wrong.
    pub message: String,
    /// The file.
    pub path: String,
    /// 1-based.
    pub line: usize,
    /// The logical place.
    pub place: String,
    /// Whether it counts for the exit code.
    pub fails: bool,
}

/// What a comparison is of.
#[derive(Debug, Default, Clone, Serialize)]
pub struct Comparison {
    /// What is compared, in words.
    pub from: String,
    /// With what.
    pub to: String,
    /// Requests that are not what they were, in order of their place.
    pub requests: Vec<Compared>,
    /// How many are.
    pub unchanged: usize,
    /// Findings about no request that changed: those that were not there before.
    pub appeared: Vec<Told>,
    /// Those that are not there any more.
    pub gone: Vec<Told>,
    /// How many are there still, all requests included.
    pub stayed: usize,
}

impl Comparison {
    /// How many requests had this fate.
    pub fn count(&self, fate: Fate) -> usize {
        self.requests.iter().filter(|request| request.fate == fate).count()
    }

    /// All findings that were not there before.
    pub fn all_appeared(&self) -> impl Iterator<Item = &Told> {
        self.requests.iter().flat_map(|request| &request.appeared).chain(&self.appeared)
    }

    /// All findings that are not there any more.
    pub fn all_gone(&self) -> impl Iterator<Item = &Told> {
        self.requests.iter().flat_map(|request| &request.gone).chain(&self.gone)
    }
}

/// A request as it is compared.
struct Side<'r> {
    value: &'r Value,
    place: Place,
    /// Where it would stand after renames.
    origin: (String, String),
    bytes: Option<&'r str>,
    key: Option<&'r str>,
    names: BTreeSet<String>,
    common_name: Option<String>,
}

/// Compares two reports that hold their requests.
pub fn compare(from: &str, to: &str, before: &Report, after: &Report, changes: &Changes) -> Comparison {
    let renames = changes.renames();
    let now = |path: &str| {
        renames.get(&FilePath::from_shown(path)).map_or_else(|| path.to_owned(), |new| new.as_str().to_owned())
    };
    let old: Vec<Side<'_>> = before.requests.iter().map(|value| side(value, &now)).collect();
    let new: Vec<Side<'_>> = after.requests.iter().map(|value| side(value, &str::to_owned)).collect();
    let pairs = pair(&old, &new);
    let mut left = Findings::of(before, &now);
    let mut right = Findings::of(after, &str::to_owned);
    let mut comparison = Comparison { from: from.to_owned(), to: to.to_owned(), ..Comparison::default() };
    let paired: BTreeSet<usize> = pairs.values().map(|(number, _)| *number).collect();
    for (number, one) in new.iter().enumerate() {
        let met = pairs.get(&number).and_then(|(old_number, pairing)| Some((old.get(*old_number)?, *pairing)));
        let was = met.map(|(was, _)| left.take(&was.origin)).unwrap_or_default();
        let (appeared, gone, stayed) = settle(was, right.take(&one.origin));
        comparison.stayed += stayed;
        // A key that another request had: a renewal that swaps keys, or a new request for an old key.
        let known = one.key.filter(|key| met.is_none_or(|(was, _)| was.key != Some(key)));
        let known = known.and_then(|key| old.iter().find(|other| other.key == Some(key)));
        let differences = differences(met.map(|(was, _)| was.value), Some(one.value));
        let moved = met.is_some_and(|(was, _)| was.place.path != one.place.path || was.place.name != one.place.name);
        let fate = match met {
            None => Fate::Added,
            Some((was, _)) if was.bytes != one.bytes => Fate::Renewed,
            Some(_) if !differences.is_empty() => Fate::Changed,
            Some(_) if moved => Fate::Moved,
            Some(_) if appeared.is_empty() && gone.is_empty() => {
                comparison.unchanged += 1;
                continue;
            }
            // A file beside it, the policy's day or another request made the difference.
            Some(_) => Fate::Changed,
        };
        comparison.requests.push(Compared {
            fate,
            pairing: met.map(|(_, pairing)| pairing),
            key: match (met.and_then(|(was, _)| was.key), one.key) {
                (Some(was), Some(now)) if was == now => Some(KeyFate::Same),
                (_, Some(_)) if known.is_some() => Some(KeyFate::Known),
                (Some(_), Some(_)) => Some(KeyFate::New),
                _ => None,
            },
            key_of: known.map(|other| other.place.clone()),
            before: met.map(|(was, _)| was.place.clone()),
            after: Some(one.place.clone()),
            differences,
            appeared,
            gone,
            stayed,
        });
    }
    for (_, was) in old.iter().enumerate().filter(|(number, _)| !paired.contains(number)) {
        let (_, gone, _) = settle(left.take(&was.origin), Vec::new());
        comparison.requests.push(Compared {
            fate: Fate::Removed,
            pairing: None,
            key: None,
            key_of: None,
            before: Some(was.place.clone()),
            after: None,
            differences: differences(Some(was.value), None),
            appeared: Vec::new(),
            gone,
            stayed: 0,
        });
    }
    comparison.requests.sort_by_cached_key(|request| {
        let place = request.after.as_ref().or(request.before.as_ref());
        (place.map(|place| (place.path.clone(), place.line)), request.fate)
    });
    let (appeared, gone, stayed) = settle(left.rest(), right.rest());
    comparison.stayed += stayed;
    (comparison.appeared, comparison.gone) = (appeared, gone);
    comparison
}

fn text(value: &Value, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn side<'r>(value: &'r Value, now: &dyn Fn(&str) -> String) -> Side<'r> {
    let (path, name) = (text(value, "path"), text(value, "name"));
    let line = value.pointer("/span/line").and_then(Value::as_u64).and_then(|line| usize::try_from(line).ok());
    let attributes =
        value.get("rdns").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_array).flatten();
    let common_name = attributes
        .filter(|attribute| attribute.get("oid").and_then(Value::as_str) == Some("2.5.4.3"))
        .find_map(|attribute| attribute.get("value")?.as_str().map(str::to_lowercase));
    Side {
        value,
        origin: (now(&path), name.clone()),
        place: Place { path, line: line.unwrap_or(1), name },
        bytes: value.get("der_sha256").and_then(Value::as_str),
        key: value.get("spki_sha256").and_then(Value::as_str),
        names: names(value).map(|name| name.to_lowercase()).collect(),
        common_name,
    }
}

fn names(value: &Value) -> impl Iterator<Item = String> {
    let sans = value.get("sans").and_then(Value::as_array).into_iter().flatten();
    sans.map(|name| format!("{}:{}", text(name, "type"), text(name, "value")))
}

/// New request → old one, and why: the same place first, then the same content, then the same names.
fn pair(old: &[Side<'_>], new: &[Side<'_>]) -> HashMap<usize, (usize, Pairing)> {
    let mut pairs = HashMap::new();
    let mut taken = BTreeSet::new();
    let mut meet = |pairing: Pairing, same: &dyn Fn(&Side<'_>, &Side<'_>) -> bool| {
        for (number, one) in new.iter().enumerate() {
            if pairs.contains_key(&number) {
                continue;
            }
            let partner = old.iter().enumerate().find(|(other, was)| !taken.contains(other) && same(was, one));
            if let Some((other, _)) = partner {
                taken.insert(other);
                pairs.insert(number, (other, pairing));
            }
        }
    };
    // In a file to which a request was added in front, names are one off: what is the same in it goes first.
    meet(Pairing::SameOrigin, &|was, one| was.origin == one.origin && was.bytes == one.bytes && was.bytes.is_some());
    meet(Pairing::SameBytes, &|was, one| was.origin.0 == one.origin.0 && was.bytes == one.bytes && was.bytes.is_some());
    meet(Pairing::SameBytes, &|was, one| was.bytes == one.bytes && was.bytes.is_some());
    meet(Pairing::SameOrigin, &|was, one| was.origin == one.origin);
    meet(Pairing::SameNames, &|was, one| was.names == one.names && !was.names.is_empty());
    meet(Pairing::SameCommonName, &|was, one| was.common_name == one.common_name && was.common_name.is_some());
    pairs
}

/// Findings by the request they are about: path after renames, and name.
struct Findings {
    by_request: BTreeMap<(String, String), Vec<Told>>,
}

impl Findings {
    fn of(report: &Report, now: &dyn Fn(&str) -> String) -> Self {
        let mut by_request: BTreeMap<_, Vec<Told>> = BTreeMap::new();
        for finding in report.open_findings() {
            let name = finding.request.as_ref().map(|request| request.name.clone()).unwrap_or_default();
            let shown = shown(finding);
            by_request.entry((now(&shown.path), name)).or_default().push(shown);
        }
        Self { by_request }
    }

    fn take(&mut self, origin: &(String, String)) -> Vec<Told> {
        self.by_request.remove(origin).unwrap_or_default()
    }

    /// What is about no request.
    fn rest(self) -> Vec<Told> {
        let with_path = |((path, _), findings): ((String, String), Vec<Told>)| {
            findings.into_iter().map(move |finding| Told { path: path.clone(), ..finding })
        };
        self.by_request.into_iter().flat_map(with_path).collect()
    }
}

fn shown(finding: &Finding) -> Told {
    Told {
        rule: finding.rule.id.clone(),
        severity: finding.severity.name().to_owned(),
        message: finding.message.clone(),
        path: finding.path.as_str().to_owned(),
        line: finding.start.line,
        place: format!("{}\0{}", finding.place, finding.value),
        fails: finding.fails,
    }
}

/// Those that appeared, those that are gone, how many stayed: the same rule at the same place with the same value.
fn settle(before: Vec<Told>, after: Vec<Told>) -> (Vec<Told>, Vec<Told>, usize) {
    let mut gone = before;
    let mut appeared = Vec::new();
    let mut stayed = 0;
    let with_place = |finding: Told| {
        let place = finding.place.split('\0').next().unwrap_or_default().to_owned();
        Told { place, ..finding }
    };
    for finding in after {
        let same = gone.iter().position(|other| other.rule == finding.rule && other.place == finding.place);
        match same {
            Some(number) => {
                gone.remove(number);
                stayed += 1;
            }
            None => appeared.push(with_place(finding)),
        }
    }
    (appeared, gone.into_iter().map(with_place).collect(), stayed)
}

/// What a request says, part by part, in the order of a listing.
fn parts(value: &Value) -> Vec<(String, String)> {
    let mut parts = Vec::new();
    let mut add = |part: &str, text: String| {
        if !text.is_empty() {
            parts.push((part.to_owned(), text));
        }
    };
    add("subject", text(value, "subject"));
    add("key", key(value));
    if let Some(signature) = value.get("signature").filter(|signature| signature.is_object()) {
        let hash = text(signature, "hash");
        let status = text(signature, "status");
        let algorithm = || {
            let oid = text(signature, "algorithm_oid");
            Oid::from_dotted(&oid).map_or(oid, |oid| oid.label())
        };
        let how = if hash.is_empty() { algorithm() } else { hash };
        add("signature", if status == "valid" { how } else { format!("{how} ({status})") });
    }
    add("names", names(value).collect::<Vec<_>>().join(", "));
    for extension in value.get("extensions").and_then(Value::as_array).into_iter().flatten() {
        add(&named(extension), extension_text(extension));
    }
    for attribute in value.get("attributes").and_then(Value::as_array).into_iter().flatten() {
        let name = named(attribute);
        // What is requested is told extension by extension.
        if name == "extensionRequest" {
            continue;
        }
        let values = attribute.get("values").and_then(Value::as_array).into_iter().flatten();
        add(&name, values.filter_map(Value::as_str).collect::<Vec<_>>().join("; "));
    }
    let template = value.get("template").and_then(Value::as_object).into_iter().flatten();
    for (key, value) in template.filter(|(key, _)| !matches!(key.as_str(), "unknown" | "notes")) {
        add(&format!("template.{key}"), plain(value));
    }
    for unknown in value.pointer("/template/unknown").and_then(Value::as_array).into_iter().flatten() {
        add(&format!("{} (expression)", text(unknown, "place")), text(unknown, "expression"));
    }
    parts
}

fn named(value: &Value) -> String {
    value.get("name").and_then(Value::as_str).map_or_else(|| text(value, "oid"), str::to_owned)
}

fn key(value: &Value) -> String {
    let Some(key) = value.get("key").filter(|key| key.is_object()) else { return String::new() };
    let size = key.get("curve").and_then(Value::as_str).map(str::to_owned);
    let size = size.or_else(|| key.get("bits")?.as_u64().map(|bits| format!("{bits} bits")));
    let words = [key.get("algorithm").and_then(Value::as_str).map(str::to_owned), size];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// What an extension holds; names are told by themselves.
fn extension_text(extension: &Value) -> String {
    let critical = extension.get("critical").and_then(Value::as_bool) == Some(true);
    let members = extension.as_object().into_iter().flatten();
    let values = members
        .filter(|(key, value)| !matches!(key.as_str(), "oid" | "name" | "critical" | "names") && !value.is_null())
        .map(|(key, value)| match key.as_str() {
            "ca" => format!("CA {}", plain(value)),
            "path_length" => format!("path length {}", plain(value)),
            _ => plain(value),
        });
    let words: Vec<String> = critical.then(|| "critical".to_owned()).into_iter().chain(values).collect();
    words.join("; ")
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(list) => list.iter().map(plain).collect::<Vec<_>>().join(", "),
        Value::Object(map) => {
            map.iter().map(|(key, value)| format!("{key}: {}", plain(value))).collect::<Vec<_>>().join("; ")
        }
        other => other.to_string(),
    }
}

/// What is different, in the order of the newer one.
fn differences(before: Option<&Value>, after: Option<&Value>) -> Vec<Difference> {
    let mut old = before.map(parts).unwrap_or_default();
    let mut found = Vec::new();
    for (part, now) in after.map(parts).unwrap_or_default() {
        let was = old.iter().position(|(other, _)| *other == part).map(|number| old.remove(number).1);
        if was.as_ref() != Some(&now) {
            found.push(Difference { part, before: was, after: Some(now) });
        }
    }
    found.extend(old.into_iter().map(|(part, was)| Difference { part, before: Some(was), after: None }));
    found
}
