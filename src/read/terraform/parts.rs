//! What the resources of all providers have in common: subjects, lists of names, durations, defaults by version, and the
//! places where a value is written or would be.
//! An edit is offered only where the text holds the value itself; values of variables and other files are not touched.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::folder::File;
use super::read::Versions;
use super::{Module, Reference, Resource, blocks};
use crate::crypto::Curve;
use crate::encoding::DefectKind;
use crate::read::Surroundings;
use crate::read::structure::{Entry, Node, Value};
use crate::read::template::{Draft, TemplateText};
use crate::read::usage;
use crate::request::{
    Field, Format, KeyAlgorithm, Knob, Makes, Oid, PartialName, Renewal, Text, Validity, Wanted, oids,
};
use crate::source::Span;

/// A file that is being read, and its module.
pub(super) struct Reading<'a> {
    pub(super) text: &'a TemplateText<'a>,
    pub(super) module: &'a Module,
    pub(super) around: &'a Surroundings<'a>,
    pub(super) lock: Option<Arc<File>>,
    /// Addresses of requests that are read with the certificate made of them.
    pub(super) taken: BTreeSet<String>,
    pub(super) versions: Versions,
    /// Who in this file has which key.
    pub(super) users: OnceCell<Vec<super::tls::User>>,
    /// What was told already, where it concerns more than one request.
    pub(super) told: RefCell<HashSet<String>>,
}

/// A provider, and the version its defaults were read in.
pub(super) struct Provider {
    /// As `required_providers` and the policy's `tools` name it.
    pub(super) source: &'static str,
    pub(super) verified: &'static str,
}

/// Arguments for attributes of a subject, in the order the certificate has them in.
pub(super) type Attributes = [(&'static str, &'static str)];

impl<'a> Reading<'a> {
    /// The draft of a resource.
    pub(super) fn draft(&self, resource: &Resource, makes: Makes) -> Draft {
        let span = place(&resource.header_span);
        Draft::new(self.text, Format::Terraform, resource.address(), span, makes)
    }

    /// What a provider uses where nothing is written.
    pub(super) fn default<T>(&self, span: Span, value: T, provider: &Provider) -> Field<T> {
        Field::default(span, value, provider.source, self.version(provider))
    }

    /// The version of a provider: the policy's, the module's, or the one that was read.
    pub(super) fn version(&self, provider: &Provider) -> Cow<'static, str> {
        if let Some(version) = self.versions.borrow().get(provider.source) {
            return version.clone().into();
        }
        let found = || self.module.provider_version(self.lock.as_deref(), provider.source).map(|found| found.version);
        let version = self.around.tool(provider.source).map(str::to_owned).or_else(found);
        let version = version.unwrap_or_else(|| provider.verified.to_owned());
        self.versions.borrow_mut().insert(provider.source, version.clone());
        version.into()
    }

    /// Whether something is told for the first time.
    pub(super) fn is_new(&self, what: String) -> bool {
        self.told.borrow_mut().insert(what)
    }

    /// What a value refers to, and whether it stands in this file.
    pub(super) fn target(&self, node: &Node) -> Option<(Reference, Resource, bool)> {
        self.module.target(node)
    }

    // --- the subject and the names

    /// The subject out of a block or object.
    pub(super) fn subject(&self, draft: &mut Draft, node: &Node, attributes: &Attributes) {
        if let Some(open) = node.open().first() {
            return draft.subject_is(Field::unknown(node.place(), self.expression(node, open)));
        }
        draft.subject_at(node.place());
        self.attributes(draft, node, attributes);
    }

    /// Attributes of the subject that are arguments of their own: text, or lists of it. Empty ones are left out.
    pub(super) fn attributes(&self, draft: &mut Draft, body: &Node, attributes: &Attributes) {
        for (key, label) in attributes {
            let (Some(entry), Some(oid)) = (body.entry(key), Oid::from_name(label)) else { continue };
            let mut add = |span: Span, value: Field<Text>| {
                if value.effective().and_then(Text::whole) != Some("") {
                    draft.attribute(oid.clone(), span, value);
                }
            };
            match &entry.value.value {
                Value::Sequence(members) => {
                    members.seen.iter().for_each(|member| add(member.place(), member.text()));
                    for open in &members.open {
                        add(place(open), Field::unknown(place(open), self.expression(&entry.value, open)));
                    }
                }
                _ => add(whole(entry), entry.value.text()),
            }
        }
    }

    /// Names of a form out of a list.
    pub(super) fn names(&self, draft: &mut Draft, list: Option<&Node>, form: PartialName) {
        let Some(list) = list else { return };
        match &list.value {
            Value::Sequence(members) => {
                if !members.seen.is_empty() || !members.open.is_empty() {
                    draft.san_at(list.place(), false);
                }
                for member in members.seen.iter().filter(|member| member.value != Value::Null) {
                    draft.named(form, member.text());
                }
                for open in &members.open {
                    draft.open_names(place(open), self.expression(list, open));
                }
            }
            Value::Unknown(expression) => draft.open_names(list.place(), expression.clone()),
            Value::Scalar(_) => draft.named(form, list.text()),
            Value::Null | Value::Mapping(_) => {}
        }
    }

    /// The common name among the names, as tools do that add it: unless it is there already, and where it can be a name.
    pub(super) fn common_name_as_name(&self, draft: &mut Draft, common_name: Option<&Node>, lists: &[Option<&Node>]) {
        let Some(name) = common_name else { return };
        let text = name.text();
        let written = text.effective().and_then(Text::whole).unwrap_or_default();
        let is_listed = lists
            .iter()
            .flatten()
            .flat_map(|list| list.members())
            .any(|member| member.str().is_some_and(|member| member.eq_ignore_ascii_case(written)));
        let can_be = !written.contains(char::is_whitespace) && !written.is_empty();
        if !is_listed && (can_be || text.unseen().is_some()) {
            draft.named(PartialName::Dns, text);
        }
    }

    /// The expression that a list or mapping is open for.
    fn expression(&self, node: &Node, open: &std::ops::Range<usize>) -> String {
        match &node.value {
            Value::Unknown(expression) => expression.clone(),
            _ => self.text.text.get(open.clone()).unwrap_or_default().chars().take(200).collect(),
        }
    }

    // --- usages

    /// Words for key usages and purposes in one list, as `hashicorp/tls` and Vault write them.
    pub(super) fn usages(&self, draft: &mut Draft, entry: &Entry, provider: &Provider) {
        let span = whole(entry);
        let mut bits = Vec::new();
        let mut purposes = Vec::new();
        let mut open: Vec<String> = entry.value.open().iter().map(|open| self.expression(&entry.value, open)).collect();
        for member in entry.value.members() {
            let word = member.text();
            match word.effective().and_then(Text::whole) {
                None => open.push(word.unseen().unwrap_or_default().to_owned()),
                Some(name) => match (usage::key_usage(name), usage::purpose(name)) {
                    (Some(bit), _) => bits.push(word.map(|_| bit)),
                    (None, Some(purpose)) => purposes.push(word.map(|_| purpose)),
                    (None, None) => {
                        let detail = format!("{name:?} is no usage {} knows", provider.source);
                        draft.defect(DefectKind::TemplateInvalid, member.place(), entry.key.clone(), detail);
                    }
                },
            }
        }
        for expression in open {
            draft.open_extensions(span);
            if !bits.is_empty() {
                bits.push(Field::unknown(span, expression.clone()));
            }
            if !purposes.is_empty() {
                purposes.push(Field::unknown(span, expression));
            }
        }
        draft.key_usage(span, true, &bits);
        draft.purposes(span, false, purposes);
    }

    // --- keys

    /// A key by a name such as `RSA_2048`, `EC_prime256v1`, `P256`, `4096`.
    pub(super) fn named_key(&self, draft: &mut Draft, span: Span, name: Field<String>) {
        let parsed = name
            .clone()
            .try_map(|name| key_by_name(&name).ok_or_else(|| format!("{name:?} is no kind of key csrlint knows")));
        let algorithm = parsed.clone().map(|(algorithm, ..)| algorithm);
        let bits = match parsed.effective() {
            Some((_, None, _)) => Field::absent(span),
            _ => parsed.clone().map(|(_, bits, _)| bits.unwrap_or(0)),
        };
        let curve = match parsed.effective() {
            Some((_, _, None)) => Field::absent(span),
            _ => parsed.try_map(|(.., curve)| curve.ok_or_else(|| "no curve".to_owned())),
        };
        draft.key_is(span, algorithm, bits, curve);
    }

    /// The key is something nobody sees from here.
    pub(super) fn unknown_key(&self, draft: &mut Draft, node: &Node) {
        draft.key = Field::unknown(node.place(), expression_of(node));
    }

    /// The request a certificate is made of.
    pub(super) fn request(&self, draft: &mut Draft, node: &Node) {
        match self.target(node) {
            Some((_, request, _)) if request.type_name == "tls_cert_request" => {
                super::tls::request_parts(self, draft, &request.body);
            }
            _ => {
                let expression = expression_of(node);
                draft.subject_is(Field::unknown(node.place(), expression.clone()));
                draft.open_names(node.place(), expression);
                draft.open_extensions(node.place());
                self.unknown_key(draft, node);
            }
        }
    }

    /// The private key ends up in the state.
    pub(super) fn key_in_state(&self, draft: &mut Draft, resource: &Resource, span: Span) {
        let address = resource.address();
        if self.is_new(format!("state {address}")) {
            let detail = format!("the private key of {address} lies in the state, which nothing encrypts by itself");
            draft.defect(DefectKind::KeyInState, span, "key", detail);
        }
    }

    /// What happens to the key where nothing is written about it.
    pub(super) fn renewal(&self, draft: &mut Draft, is_kept: bool, knob: &'static str, provider: &Provider) {
        let renewal = Renewal { key_is_kept: is_kept, knob: knob.into() };
        let span = draft.span();
        draft.renewal_is(self.default(span, renewal, provider));
    }

    // --- places

    /// The knob for an argument: where its value is written, or after another argument where it is not.
    pub(super) fn knob(
        &self,
        draft: &mut Draft,
        knob: &'static str,
        body: &Node,
        key: &str,
        after: Option<&str>,
        spell: fn(&Wanted) -> Option<String>,
    ) {
        if let Some(node) = body.get(key) {
            if self.is_literal(node) {
                let (before, after) = (String::new(), String::new());
                draft.knob(Knob { place: knob, at: node.place(), before, after, spell });
            }
        } else if let Some((at, line)) = after.and_then(|after| self.after(body.entry(after)?)) {
            draft.knob(Knob { place: knob, at, before: format!("{line}{key} = "), after: String::new(), spell });
        }
    }

    /// The knob for one more DNS name.
    pub(super) fn name_knob(&self, draft: &mut Draft, body: &Node, key: &str, after: &str) {
        let written = body.get(key);
        let text = written.and_then(|list| self.text.text.get(list.span.clone())).unwrap_or_default();
        let (at, before, after) = match (written, written.map(Node::members)) {
            (Some(list), _) if !list.open().is_empty() || !text.starts_with('[') || !text.ends_with(']') => return,
            (Some(list), Some([])) => {
                let at = list.span.start + 1;
                (Span::text(at, at), String::new(), String::new())
            }
            (Some(list), Some([.., last])) => {
                let inside = last.span.start > list.span.start && last.span.end < list.span.end;
                if !inside || !self.is_literal(last) {
                    return;
                }
                (Span::text(last.span.end, last.span.end), ", ".to_owned(), String::new())
            }
            _ => match body.entry(after).and_then(|entry| self.after(entry)) {
                Some((at, line)) => (at, format!("{line}{key} = ["), "]".to_owned()),
                None => return,
            },
        };
        draft.knob(Knob { place: "san", at, before, after, spell: spell_name });
    }

    /// Whether the value stands here, and is no expression.
    pub(super) fn is_literal(&self, node: &Node) -> bool {
        let written = self.text.text.get(node.span.clone());
        let (Some(value), Some(written)) = (node.str(), written) else { return false };
        let unquoted = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(written);
        unquoted == value
    }

    /// The end of an argument's line, and what begins another one after it; none where the line holds more than that.
    fn after(&self, entry: &Entry) -> Option<(Span, String)> {
        let text = self.text.text;
        if text.get(entry.key_span.clone())? != entry.key {
            return None;
        }
        let start = text.get(..entry.key_span.start)?.rfind('\n').map_or(0, |at| at + 1);
        let indent = text.get(start..entry.key_span.start)?;
        let rest = text.get(entry.value.span.end..)?;
        let line = rest.split('\n').next()?;
        let visible = line.trim();
        let is_alone = visible.is_empty() || visible.starts_with('#') || visible.starts_with("//");
        if !is_alone || !indent.chars().all(|character| matches!(character, ' ' | '\t')) {
            return None;
        }
        let newline = if line.ends_with('\r') { "\r\n" } else { "\n" };
        let at = entry.value.span.end + line.trim_end_matches('\r').len();
        Some((Span::text(at, at), format!("{newline}{indent}")))
    }
}

/// A nested block that is written once.
pub(super) fn block<'n>(body: &'n Node, name: &str) -> Option<&'n Node> {
    blocks(body, name).into_iter().next()
}

/// The end of a path of nested blocks.
pub(super) fn block_at<'n>(body: &'n Node, path: &[&str]) -> Option<&'n Node> {
    path.iter().try_fold(body, |node, name| block(node, name))
}

/// A boolean argument, if it is known.
pub(super) fn is(body: &Node, key: &str) -> Option<bool> {
    body.get(key)?.boolean().effective().copied()
}

/// A whole number of units as a lifetime.
pub(super) fn lifetime(node: &Node, unit: u64) -> Field<Validity> {
    node.integer().try_map(|count| {
        let count = u64::try_from(count).map_err(|_| format!("{count} is no lifetime"))?;
        Ok(Validity { seconds: count.saturating_mul(unit) })
    })
}

/// A duration in Vault's and Go's spelling (`3600`, `72h`, `1h30m`, `30d`), and Google's (`860s`, `3.5s`).
pub(super) fn duration(node: &Node) -> Field<Validity> {
    node.string().try_map(|text| {
        seconds(&text).map(|seconds| Validity { seconds }).ok_or_else(|| format!("{text:?} is no duration"))
    })
}

fn seconds(text: &str) -> Option<u64> {
    let mut rest = text.trim();
    let mut total: u64 = 0;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(rest.len());
        let (number, after) = rest.split_at(end);
        let number: u64 = number.split('.').next()?.parse().ok()?;
        let unit_end = after.find(|character: char| character.is_ascii_digit()).unwrap_or(after.len());
        let (unit, after) = after.split_at(unit_end);
        let unit = match unit {
            "" if after.is_empty() => 1,
            "s" => 1,
            "m" => 60,
            "h" => 3_600,
            "d" => 86_400,
            "ms" | "us" | "ns" => 0,
            _ => return None,
        };
        total = total.saturating_add(number.saturating_mul(unit));
        rest = after;
    }
    Some(total)
}

/// What of a value is shown in place of it; never text that may be a key.
pub(super) fn expression_of(node: &Node) -> String {
    match &node.value {
        Value::Unknown(expression) if !expression.contains("PRIVATE KEY") => expression.clone(),
        Value::Scalar(scalar) => match &scalar.expression {
            Some(expression) if !expression.contains("PRIVATE KEY") => expression.clone(),
            _ => "what stands there as PEM".to_owned(),
        },
        _ => "what stands there as PEM".to_owned(),
    }
}

/// The bytes of a range as a place.
pub(super) fn place(range: &std::ops::Range<usize>) -> Span {
    Span::text(range.start, range.end)
}

/// Key and value of an argument; of one from another file, where it is named.
pub(super) fn whole(entry: &Entry) -> Span {
    if entry.key_span.end <= entry.value.span.start {
        Span::text(entry.key_span.start, entry.value.span.end)
    } else {
        entry.value.place()
    }
}

/// A secret in the clear, unless it is an expression; `what` says what it is good for.
pub(super) fn password(reading: &Reading<'_>, draft: &mut Draft, entry: &Entry, what: &str) {
    let Some(value) = entry.value.str().filter(|value| !value.is_empty() && reading.is_literal(&entry.value)) else {
        return;
    };
    draft.secret(entry.value.place());
    let detail = format!("{} holds {what} of {} characters in the clear", entry.key, value.chars().count());
    draft.defect(DefectKind::InlinePassword, place(&entry.key_span), entry.key.clone(), detail);
}

/// A policy that leaves something to the requester.
pub(super) fn passthrough(draft: &mut Draft, span: Span, key: &str, detail: impl Into<String>) {
    draft.defect(DefectKind::Passthrough, span, key, detail);
}

/// basicConstraints of a CA, marked critical as all tools here do.
pub(super) fn authority(draft: &mut Draft, span: Span, path_length: Option<i64>) {
    draft.basic_constraints(span, true, Field::known(span, true), path_length);
}

/// The purposes of a certificate that a provider sets by itself.
pub(super) fn default_purposes(
    reading: &Reading<'_>,
    draft: &mut Draft,
    span: Span,
    names: &[&str],
    provider: &Provider,
) {
    let purposes = names.iter().filter_map(|name| usage::purpose(name));
    let purposes = purposes.map(|purpose| reading.default(span, purpose, provider)).collect();
    draft.purposes(span, false, purposes);
}

/// The common name alone.
pub(super) fn common_name(draft: &mut Draft, entry: Option<&Entry>) {
    if let Some(entry) = entry {
        draft.attribute(oids::COMMON_NAME.clone(), whole(entry), entry.value.text());
    }
}

/// The requester chooses names and common name.
pub(super) fn requesters_names(draft: &mut Draft) {
    let span = draft.span();
    draft.attribute(oids::COMMON_NAME.clone(), span, Field::unknown(span, "the requester's"));
    draft.open_names(span, "the requester's");
    draft.open_extensions(span);
}

fn key_by_name(name: &str) -> Option<(KeyAlgorithm, Option<u32>, Option<Curve>)> {
    let upper = name.to_ascii_uppercase();
    let rsa = upper.strip_prefix("RSA").map_or(upper.as_str(), |rest| rest.trim_start_matches(['_', '-']));
    if let Ok(bits) = rsa.parse() {
        return Some((KeyAlgorithm::Rsa, Some(bits), None));
    }
    let curve = name.strip_prefix("EC_").or_else(|| name.strip_prefix("EC")).unwrap_or(name);
    Curve::from_name(curve).map(|curve| (KeyAlgorithm::Ec, None, Some(curve)))
}

/// A number.
pub(super) fn spell_bits(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Bits(bits) => Some(bits.to_string()),
        _ => None,
    }
}

/// `"P256"`
pub(super) fn spell_curve(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Curve(curve) => curve.name().strip_prefix("P-").map(|size| format!("\"P{size}\"")),
        _ => None,
    }
}

/// `false`, to an argument that keeps the key.
pub(super) fn spell_false(wanted: &Wanted) -> Option<String> {
    (*wanted == Wanted::NewKey).then(|| "false".to_owned())
}

/// A name in quotes; one that would have to be escaped is none.
pub(super) fn spell_name(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::DnsName(name)
            if name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '*')) =>
        {
            Some(format!("\"{name}\""))
        }
        _ => None,
    }
}

/// Whether a key is too weak for anything it may be for.
pub(super) fn is_weak(draft: &Draft) -> bool {
    let Some(key) = draft.key.effective() else { return false };
    let least = match key.algorithm.effective() {
        Some(KeyAlgorithm::Rsa) => 2048,
        Some(KeyAlgorithm::Ec) => 256,
        _ => return false,
    };
    key.bits.effective().is_some_and(|bits| *bits < least)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_seconds() {
        for (text, expected) in [
            ("3600", Some(3600)),
            ("72h", Some(259_200)),
            ("1h30m", Some(5400)),
            ("30d", Some(2_592_000)),
            ("3.5s", Some(3)),
            ("", None),
            ("h", None),
            ("1y", None),
            ("99999999999999999999h", None),
        ] {
            assert_eq!(seconds(text), expected, "{text}");
        }
    }

    #[test]
    fn kinds_of_key_by_name() {
        let curve = |name: &str| Some((KeyAlgorithm::Ec, None, Curve::from_name(name)));
        for (name, expected) in [
            ("RSA_2048", Some((KeyAlgorithm::Rsa, Some(2048), None))),
            ("4096", Some((KeyAlgorithm::Rsa, Some(4096), None))),
            ("P384", curve("P-384")),
            ("EC_prime256v1", curve("P-256")),
            ("EC_secp521r1", curve("P-521")),
            ("LARGE", None),
        ] {
            let found = key_by_name(name);
            assert_eq!(found.is_some(), expected.is_some(), "{name}");
            assert_eq!(
                found.map(|(algorithm, bits, curve)| (algorithm, bits, curve.map(Curve::name))),
                expected.map(|(algorithm, bits, curve)| (algorithm, bits, curve.map(Curve::name))),
                "{name}"
            );
        }
    }
}
