//! Matchers of policies: exact text, glob, `regex:`, DNS patterns, CIDR. Allow and deny lists made of them.
//! What is allowed has to match as it is written; what is denied is also matched in its disguises.
//! A value that cannot be read matches nothing, so allow lists refuse it; deny lists refuse it too.

use std::net::IpAddr;
use std::str::FromStr;

use regex::Regex;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer};

use crate::names::script;
use crate::request::{Inherited, State, Text};

/// What to do with what is not listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Let it be.
    Allow,
    /// Make it a finding.
    Deny,
}

impl Decision {
    /// For serde defaults.
    pub fn deny() -> Self {
        Self::Deny
    }

    /// For serde defaults.
    pub fn allow() -> Self {
        Self::Allow
    }
}

/// A pattern over values of type `V`.
pub trait Pattern: Sized {
    /// What the pattern is held against.
    type Value: ?Sized;

    /// Parses the pattern.
    ///
    /// # Errors
    /// A sentence for the author of the policy.
    fn parse(text: &str) -> Result<Self, String>;

    /// Whether the value matches as it is written.
    fn allows(&self, value: &Self::Value) -> bool;

    /// Whether the value matches in any disguise (case, blanks, trailing dots).
    fn denies(&self, value: &Self::Value) -> bool;
}

/// A pattern as policies write it: a string.
#[derive(Debug, Clone)]
pub struct Matcher<P> {
    pattern: P,
    source: String,
}

impl<P> Matcher<P> {
    /// What it matches.
    pub fn pattern(&self) -> &P {
        &self.pattern
    }

    /// As it was written.
    pub fn source(&self) -> &str {
        &self.source
    }
}

impl<'de, P: Pattern> Deserialize<'de> for Matcher<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let source = String::deserialize(deserializer)?;
        let pattern = P::parse(&source).map_err(serde::de::Error::custom)?;
        Ok(Self { pattern, source })
    }
}

impl<P> JsonSchema for Matcher<P> {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Matcher".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "minLength": 1, "description": "Exact value, glob with * and ?, or regex: for the whole value. In DNS patterns * is one label and ** one or more; for addresses a CIDR block." })
    }
}

/// What is denied: everything, or a list.
#[derive(Debug, Clone)]
pub enum Deny<P: Pattern> {
    /// `true`: everything of this kind.
    All(bool),
    /// What matches one of these.
    Listed(Vec<Matcher<P>>),
}

impl<'de, P: Pattern> Deserialize<'de> for Deny<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        // Not serde's untagged: that loses what is wrong with a pattern.
        match serde_json::Value::deserialize(deserializer)? {
            serde_json::Value::Bool(all) => Ok(Self::All(all)),
            list @ serde_json::Value::Array(_) => {
                serde_json::from_value(list).map(Self::Listed).map_err(serde::de::Error::custom)
            }
            _ => Err(serde::de::Error::custom("expected true, false or a list of patterns")),
        }
    }
}

impl<P: Pattern> Default for Deny<P> {
    fn default() -> Self {
        Self::All(false)
    }
}

impl<P: Pattern> Deny<P> {
    /// The matcher that denies the value, as it was written; an empty string for all of them.
    pub fn find(&self, value: &P::Value) -> Option<&str> {
        match self {
            Self::All(all) => all.then_some(""),
            Self::Listed(matchers) => {
                matchers.iter().find(|matcher| matcher.pattern.denies(value)).map(Matcher::source)
            }
        }
    }

    /// Whether anything is denied at all.
    pub fn denies_anything(&self) -> bool {
        match self {
            Self::All(all) => *all,
            Self::Listed(matchers) => !matchers.is_empty(),
        }
    }
}

/// Whether a list of matchers has one that allows the value.
pub fn allowed<P: Pattern>(matchers: &[Matcher<P>], value: &P::Value) -> bool {
    matchers.iter().any(|matcher| matcher.pattern.allows(value))
}

/// The patterns as one line for messages.
pub fn listed<P>(matchers: &[Matcher<P>]) -> String {
    const SHOWN: usize = 6;
    let mut names: Vec<&str> = matchers.iter().take(SHOWN).map(Matcher::source).collect();
    if matchers.len() > SHOWN {
        names.push("...");
    }
    if names.is_empty() { "none".to_owned() } else { names.join(", ") }
}

/// Text: exact, glob (`*` any characters, `?` one), or `regex:` for the whole value.
#[derive(Debug, Clone)]
pub struct TextPattern {
    exact: Option<String>,
    strict: Regex,
    loose: Regex,
    /// Over the looks of a value; only for values that are not ASCII.
    alike: Option<Regex>,
}

impl Pattern for TextPattern {
    type Value = str;

    fn parse(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("an empty pattern matches nothing".to_owned());
        }
        let glob = |text: &str| -> String {
            text.chars()
                .map(|character| match character {
                    '*' => ".*".to_owned(),
                    '?' => ".".to_owned(),
                    other => regex::escape(other.encode_utf8(&mut [0; 4])),
                })
                .collect()
        };
        let (expression, exact, alike) = match text.strip_prefix("regex:") {
            Some(expression) => (expression.to_owned(), None, None),
            None => {
                (glob(text), (!text.contains(['*', '?'])).then(|| text.to_owned()), Some(glob(&script::looks(text))))
            }
        };
        // (?s): a line break in a value must not end the match early.
        let compile = |flags: &str, expression: &str| {
            regex::RegexBuilder::new(&format!("(?{flags})\\A(?:{expression})\\z"))
                .size_limit(1 << 20)
                .build()
                .map_err(|error| format!("{text:?} is no regular expression: {error}"))
        };
        Ok(Self {
            exact,
            strict: compile("s", &expression)?,
            loose: compile("si", &expression)?,
            alike: alike.map(|alike| compile("s", &alike)).transpose()?,
        })
    }

    fn allows(&self, value: &str) -> bool {
        match &self.exact {
            Some(exact) => exact == value,
            None => self.strict.is_match(value),
        }
    }

    fn denies(&self, value: &str) -> bool {
        if self.loose.is_match(value) {
            return true;
        }
        let folded = folded(value);
        self.loose.is_match(&folded)
            || (!value.is_ascii() && self.alike.as_ref().is_some_and(|alike| alike.is_match(&script::looks(&folded))))
    }
}

/// The value as it looks: compatibility forms made plain (NFKC), blanks folded, what is not seen dropped.
/// X.520 caseIgnoreMatch and human eyes do the same.
fn folded(value: &str) -> String {
    use unicode_normalization::UnicodeNormalization as _;
    let seen: String = value
        .nfkc()
        .filter_map(|character| match character {
            _ if character.is_whitespace() => Some(' '),
            _ if character.is_control() || super::text::is_invisible(character) => None,
            _ => Some(character),
        })
        .collect();
    seen.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// DNS names: `*` is one label, `**` one or more; compared without regard to case, in A-label form.
#[derive(Debug, Clone)]
pub struct DnsPattern {
    labels: Vec<LabelPattern>,
    regex: Option<TextPattern>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum LabelPattern {
    One,
    OneOrMore,
    Exact(String),
}

impl Pattern for DnsPattern {
    type Value = str;

    fn parse(text: &str) -> Result<Self, String> {
        if text.starts_with("regex:") {
            return Ok(Self { labels: Vec::new(), regex: Some(TextPattern::parse(text)?) });
        }
        let labels = text
            .split('.')
            .map(|label| match label {
                "" => Err(format!("{text:?} has an empty label")),
                "*" => Ok(LabelPattern::One),
                "**" => Ok(LabelPattern::OneOrMore),
                _ if label.contains('*') => {
                    Err(format!("{text:?}: a star stands for whole labels; for parts of one use regex:"))
                }
                _ => a_label(label)
                    .map(LabelPattern::Exact)
                    .ok_or_else(|| format!("{text:?}: {label:?} is no label of a domain name")),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { labels, regex: None })
    }

    fn allows(&self, value: &str) -> bool {
        match &self.regex {
            Some(regex) => regex.allows(value),
            None => !value.ends_with('.') && matches_labels(&self.labels, &labels_of(value), is_same),
        }
    }

    fn denies(&self, value: &str) -> bool {
        let plain = value.trim().trim_end_matches('.');
        match &self.regex {
            // There is no telling which of the names a wildcard covers an expression matches; one of each kind is tried.
            Some(regex) => {
                regex.denies(plain)
                    || regex.denies(value)
                    || (plain.contains('*')
                        && ["a", "", "www"].iter().any(|part| regex.denies(&plain.replace('*', part))))
            }
            None => matches_labels(&self.labels, &labels_of(plain), covers),
        }
    }
}

impl DnsPattern {
    /// Whether any name that ends like this can match. Only whole labels of the end can tell.
    pub fn may_end_with(&self, end: &str) -> bool {
        if self.regex.is_some() {
            return true;
        }
        let ends = labels_of(end);
        // The first label may be cut in the middle.
        let whole = ends.get(1..).unwrap_or_default();
        let mut patterns = self.labels.iter().rev();
        for label in whole.iter().rev() {
            match patterns.next() {
                Some(LabelPattern::OneOrMore) => return true,
                Some(pattern) if is_same(pattern, label) => {}
                Some(_) | None => return false,
            }
        }
        // What is left of the pattern has to take in the cut label.
        match (patterns.next(), ends.first()) {
            (Some(LabelPattern::Exact(exact)), Some(cut)) => exact.ends_with(cut.as_str()),
            (Some(LabelPattern::One | LabelPattern::OneOrMore), _) => true,
            (None, cut) => cut.is_none_or(String::is_empty) && whole.is_empty(),
            (Some(_), None) => true,
        }
    }
}

/// Whether a label of a name is, or as a wildcard covers, a label of a pattern: `*` covers any, `s*` those that start with s.
fn covers(pattern: &LabelPattern, label: &str) -> bool {
    match (pattern, label.split_once('*')) {
        (LabelPattern::Exact(exact), None) => exact == label,
        (LabelPattern::Exact(exact), Some((start, end))) => {
            exact.len() + 1 >= label.len() && exact.starts_with(start) && exact.ends_with(end.trim_start_matches('*'))
        }
        (LabelPattern::One | LabelPattern::OneOrMore, _) => !label.is_empty(),
    }
}

/// Whether a label matches as it is written: a star stands for a whole label, or for the wildcard label itself.
fn is_same(pattern: &LabelPattern, label: &str) -> bool {
    match pattern {
        LabelPattern::Exact(exact) => exact == label,
        LabelPattern::One | LabelPattern::OneOrMore => is_whole_label(label),
    }
}

/// The A-label (RFC 5890 section 2.3.2.1) of one label, in lower case.
fn a_label(label: &str) -> Option<String> {
    if label.is_ascii() {
        return label
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
            .then(|| label.to_ascii_lowercase());
    }
    idna::domain_to_ascii(label).ok()
}

/// Labels in A-label form; one that has no such form stays as it is and so matches no exact label.
fn labels_of(name: &str) -> Vec<String> {
    name.split('.')
        .map(|label| {
            if label.is_ascii() {
                label.to_ascii_lowercase()
            } else {
                idna::domain_to_ascii(label).unwrap_or_else(|_| label.to_owned())
            }
        })
        .collect()
}

fn matches_labels(pattern: &[LabelPattern], labels: &[String], same: fn(&LabelPattern, &str) -> bool) -> bool {
    match (pattern.split_first(), labels.split_first()) {
        (None, None) => true,
        (Some((first, rest)), Some((label, labels))) => {
            same(first, label)
                && (matches_labels(rest, labels, same)
                    || (*first == LabelPattern::OneOrMore && matches_labels(pattern, labels, same)))
        }
        _ => false,
    }
}

/// A star matches a label, or the wildcard label itself; never an empty, partial or odd one.
fn is_whole_label(label: &str) -> bool {
    label == "*"
        || (!label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_'))
}

/// A CIDR block, or one address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CidrPattern {
    address: IpAddr,
    prefix: u32,
}

impl Pattern for CidrPattern {
    type Value = IpAddr;

    fn parse(text: &str) -> Result<Self, String> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
        let address = IpAddr::from_str(address).map_err(|_| format!("{text:?} is no address and no CIDR block"))?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = match prefix {
            None => longest,
            Some(prefix) => prefix
                .parse::<u32>()
                .ok()
                .filter(|prefix| *prefix <= longest)
                .ok_or_else(|| format!("{text:?}: the prefix length is 0 to {longest}"))?,
        };
        Ok(Self { address, prefix })
    }

    fn allows(&self, value: &IpAddr) -> bool {
        self.contains(*value)
    }

    fn denies(&self, value: &IpAddr) -> bool {
        // ::ffff:10.0.0.1 is 10.0.0.1 to most programs (RFC 4291 section 2.5.5.2).
        self.contains(*value) || self.contains(value.to_canonical())
    }
}

impl CidrPattern {
    fn contains(&self, value: IpAddr) -> bool {
        let bits = |address: IpAddr| match address {
            IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
            IpAddr::V6(address) => u128::from(address),
        };
        if self.address.is_ipv4() != value.is_ipv4() {
            return false;
        }
        let mask = if self.prefix == 0 { 0 } else { u128::MAX << (128 - self.prefix) };
        bits(self.address) & mask == bits(value) & mask
    }
}

/// How a text of a request is held against an allow list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextState<'a> {
    /// It is this.
    Text(&'a str),
    /// Part of it is not known.
    Unknown,
    /// It cannot be decoded.
    Malformed,
    /// There is none.
    Absent,
}

impl<'a> TextState<'a> {
    /// From a field.
    pub fn of(state: &'a State<Text>) -> Self {
        match state {
            State::Known(text)
            | State::Default(crate::request::Default { value: text, .. })
            | State::Inherited(Inherited { value: text, .. }) => text.whole().map_or(Self::Unknown, Self::Text),
            State::Unknown(_) => Self::Unknown,
            State::Malformed(_) => Self::Malformed,
            State::Absent => Self::Absent,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dns(pattern: &str) -> DnsPattern {
        DnsPattern::parse(pattern).expect("a pattern")
    }

    #[test]
    fn dns_stars_are_labels() {
        assert!(dns("*.acme.example").allows("www.acme.example"));
        assert!(!dns("*.acme.example").allows("a.b.acme.example"));
        assert!(!dns("*.acme.example").allows("acme.example"));
        assert!(dns("**.acme.example").allows("a.b.acme.example"));
        assert!(dns("www.acme.example").allows("WWW.Acme.Example"));
        for slip in [
            "www.acme.example.",
            "wwwacme.example",
            "evil.example/.acme.example",
            "w*w.acme.example",
            ".acme.example",
            "a..acme.example",
            "a b.acme.example",
            "x\0.acme.example",
            "www.acme.example.evil.example",
        ] {
            assert!(!dns("**.acme.example").allows(slip), "{slip:?}");
        }
    }

    #[test]
    fn dns_names_compare_as_a_labels() {
        assert!(dns("m\u{fc}nchen.example").allows("xn--mnchen-3ya.example"));
        assert!(dns("xn--mnchen-3ya.example").allows("XN--MNCHEN-3YA.example"));
        // Cyrillic a
        assert!(!dns("acme.example").allows("\u{430}cme.example"));
    }

    #[test]
    fn denial_sees_through_disguise() {
        let pattern = dns("*.corp.example");
        for disguise in ["WWW.corp.example", "www.corp.example.", " www.corp.example", "*.corp.example"] {
            assert!(pattern.denies(disguise), "{disguise:?}");
        }
        assert!(dns("secret.corp.example").denies("*.corp.example"));
        let text = TextPattern::parse("Evil Corp").expect("a pattern");
        for disguise in ["EVIL CORP", " Evil  Corp ", "Evil\u{200b} Corp", "evil\tcorp"] {
            assert!(text.denies(disguise), "{disguise:?}");
        }
        assert!(!text.allows("EVIL CORP"));
    }

    #[test]
    fn text_is_matched_whole() {
        let pattern = TextPattern::parse("regex:Acme|Beta").expect("a pattern");
        assert!(pattern.allows("Acme") && pattern.allows("Beta"));
        assert!(!pattern.allows("Acme Corp") && !pattern.allows("xBeta") && !pattern.allows("Acme\nEvil"));
        assert!(TextPattern::parse("Acme *").expect("a glob").allows("Acme Corp\n"));
        assert!(TextPattern::parse("regex:(").is_err());
    }

    #[test]
    fn cidr() {
        let block = CidrPattern::parse("10.0.0.0/8").expect("a block");
        assert!(block.allows(&"10.1.2.3".parse().expect("an address")));
        assert!(!block.allows(&"::ffff:10.1.2.3".parse().expect("an address")));
        assert!(block.denies(&"::ffff:10.1.2.3".parse().expect("an address")));
        assert!(CidrPattern::parse("0.0.0.0/0").expect("all").allows(&"8.8.8.8".parse().expect("an address")));
        for bad in ["10.0.0.0/33", "10.0.0/8", "x", "10.0.0.0/-1"] {
            assert!(CidrPattern::parse(bad).is_err(), "{bad}");
        }
    }
}
