//! cert-manager: Certificates, annotations it makes Certificates of, and volumes of its CSI driver.
//! Defaults, limits and spellings are those of cert-manager (pkg/apis/certmanager/v1, pkg/util/pki/csr.go,
//! internal/apis/certmanager/validation), its csi-driver and openshift-routes (internal/controller/sync.go); what differs by
//! version says so.
//! Go encodes the subject in an order of its own: C, ST, L, street, postal code, O, OU, CN, serial number (crypto/x509/pkix).

mod annotations;
mod certificate;
mod removed;
mod volumes;

use std::ops::Range;
use std::sync::Arc;

use super::kubernetes::{Manifest, is_literal};
use super::structure::{Entry, Node};
use super::template::{Draft, nearest};
use super::{Artifact, Surroundings, distinguished_name, go, helm, usage};
use crate::crypto::{Curve, Hash};
use crate::encoding::DefectKind;
use crate::request::{
    Field, Inherited, KeyAlgorithm, KeyUsageBit, Knob, Oid, Renewal, Request, State, Text, Validity, Wanted, oids,
};
use crate::source::{FilePath, Span};

pub(super) use annotations::read as annotated;
pub(super) use certificate::read as certificate;
pub(super) use removed::{is_removed, version_edit};
pub(super) use volumes::read as volumes;

const TOOL: &str = "cert-manager";
/// Where nothing tells the version, one is assumed in which today's defaults hold.
const ASSUMED: &str = "1.18+";

/// Go's order of a subject, with the keys of `spec.subject`; the common name stands before the last.
const SUBJECT: [(&str, &str); 8] = [
    ("countries", "2.5.4.6"),
    ("provinces", "2.5.4.8"),
    ("localities", "2.5.4.7"),
    ("streetAddresses", "2.5.4.9"),
    ("postalCodes", "2.5.4.17"),
    ("organizations", "2.5.4.10"),
    ("organizationalUnits", "2.5.4.11"),
    ("serialNumber", "2.5.4.5"),
];

/// The usages cert-manager and Kubernetes know.
pub(super) const USAGES: [&str; 23] = [
    "signing",
    "digital signature",
    "content commitment",
    "key encipherment",
    "key agreement",
    "data encipherment",
    "cert sign",
    "crl sign",
    "encipher only",
    "decipher only",
    "any",
    "server auth",
    "client auth",
    "code signing",
    "email protection",
    "s/mime",
    "ipsec end system",
    "ipsec tunnel",
    "ipsec user",
    "timestamping",
    "ocsp signing",
    "microsoft sgc",
    "netscape sgc",
];

/// A version of cert-manager.
struct Version {
    /// As messages name it.
    text: String,
    /// A key is kept at renewal unless the policy says otherwise: so it was before 1.18.
    keeps_key: bool,
    /// A file that may say the version is there and was not read; why.
    unread: Option<Arc<str>>,
}

impl Version {
    /// By the policy's tools, else by the nearest chart that depends on cert-manager.
    fn of(path: &FilePath, around: &Surroundings<'_>) -> Self {
        let depends = || helm::dependency(path, around, TOOL);
        let (named, unread) = match around.tool(TOOL).map_or_else(depends, |version| Ok(Some(version.to_owned()))) {
            Ok(named) => (named, None),
            Err(reason) => (None, Some(reason)),
        };
        let Some(text) = named else { return Self { text: ASSUMED.to_owned(), keeps_key: false, unread } };
        let mut numbers = text.trim_start_matches('v').split('.').map(|part| part.parse::<u32>().ok());
        let keeps_key = match (numbers.next().flatten(), numbers.next().flatten()) {
            (Some(0), _) => true,
            (Some(1), Some(minor)) => minor < 18,
            _ => false,
        };
        Self { text, keeps_key, unread }
    }
}

/// What holds where nothing is written.
#[derive(Clone)]
enum Missing {
    /// The tool's default.
    Default,
    /// Something that stands elsewhere, or in an expression.
    Unknown(Span, String),
}

impl Missing {
    fn value<T>(&self, at: Span, value: T, version: &Version) -> Field<T> {
        match self {
            Self::Default => Field::default(at, value, TOOL, version.text.clone()),
            Self::Unknown(span, expression) => Field::unknown(*span, expression.clone()),
        }
    }
}

/// Where the parts of a key are written.
struct KeyParts<'n> {
    /// Where they would be.
    at: Span,
    algorithm: Option<&'n Node>,
    size: Option<&'n Node>,
    signature: Option<&'n Node>,
    /// What the parts are called: for messages.
    names: [&'n str; 2],
    missing: &'n Missing,
    version: &'n Version,
}

/// Key and hash. Spellings are exact: the API takes no others.
fn key(draft: &mut Draft, parts: &KeyParts<'_>) {
    let [algorithm_name, size_name] = parts.names;
    let algorithm = parts.algorithm.map_or_else(
        || parts.missing.value(parts.at, KeyAlgorithm::Rsa, parts.version),
        |node| {
            node.string().try_map(|name| match name.as_str() {
                "RSA" => Ok(KeyAlgorithm::Rsa),
                "ECDSA" => Ok(KeyAlgorithm::Ec),
                "Ed25519" => Ok(KeyAlgorithm::Ed25519),
                _ => Err(format!("cert-manager knows RSA, ECDSA and Ed25519, no {name:?}")),
            })
        },
    );
    if let State::Malformed(reason) = &algorithm.state {
        draft.defect(DefectKind::TemplateInvalid, algorithm.span, algorithm_name, reason.to_string());
    }
    let known = algorithm.effective().copied();
    let size = match (parts.size, known) {
        (_, Some(KeyAlgorithm::Ed25519)) => Field::absent(parts.at),
        (Some(node), _) => node.integer().bits(),
        (None, Some(KeyAlgorithm::Rsa)) => parts.missing.value(parts.at, 2048, parts.version),
        (None, Some(_)) => parts.missing.value(parts.at, 256, parts.version),
        (None, None) => Field::unknown(parts.at, format!("{size_name} is not written: it depends on the algorithm")),
    };
    let problem = match (known, &size.state, size.effective()) {
        (_, State::Malformed(reason), _) => Some(reason.to_string()),
        (Some(KeyAlgorithm::Rsa), _, Some(bits)) if !(2048..=8192).contains(bits) => {
            Some(format!("cert-manager takes RSA keys of 2048 to 8192 bits, none of {bits}"))
        }
        (Some(KeyAlgorithm::Ec), _, Some(bits)) if ![256, 384, 521].contains(bits) => {
            Some(format!("cert-manager takes ECDSA keys of 256, 384 or 521 bits, none of {bits}"))
        }
        _ => None,
    };
    if let Some(problem) = problem {
        draft.defect(DefectKind::TemplateInvalid, size.span, size_name, problem);
    }
    let hash = match parts.signature {
        Some(node) => node.string().try_map(|name| signature_hash(&name)),
        None => default_hash(parts, known, size.effective().copied()),
    };
    if let State::Malformed(reason) = &hash.state {
        draft.defect(DefectKind::TemplateInvalid, hash.span, "signature.hash", reason.to_string());
    }
    draft.hash_is(hash);
    let curve = match known {
        Some(KeyAlgorithm::Ec) => size
            .clone()
            .try_map(|bits| Curve::from_name(&format!("P-{bits}")).ok_or_else(|| format!("no curve has {bits} bits"))),
        _ => Field::absent(parts.at),
    };
    let bits = if known == Some(KeyAlgorithm::Ec) { Field::absent(parts.at) } else { size };
    draft.key_is(parts.at, algorithm, bits, curve);
}

fn signature_hash(name: &str) -> Result<Hash, String> {
    match name {
        "SHA256WithRSA" | "ECDSAWithSHA256" => Ok(Hash::Sha256),
        "SHA384WithRSA" | "ECDSAWithSHA384" => Ok(Hash::Sha384),
        "SHA512WithRSA" | "ECDSAWithSHA512" | "PureEd25519" => Ok(Hash::Sha512),
        _ => Err(format!("cert-manager knows no signature algorithm {name:?}")),
    }
}

/// cert-manager chooses the hash by the size of the key, with SHA-256 where no algorithm is written.
fn default_hash(parts: &KeyParts<'_>, algorithm: Option<KeyAlgorithm>, size: Option<u32>) -> Field<Hash> {
    let hash = match (algorithm, size) {
        (Some(KeyAlgorithm::Rsa), _) if parts.algorithm.is_none() => Hash::Sha256,
        (Some(KeyAlgorithm::Rsa), Some(4096..)) => Hash::Sha512,
        (Some(KeyAlgorithm::Rsa), Some(3072..)) => Hash::Sha384,
        (Some(KeyAlgorithm::Rsa), Some(_)) => Hash::Sha256,
        (Some(KeyAlgorithm::Ec), Some(521)) => Hash::Sha512,
        (Some(KeyAlgorithm::Ec), Some(384)) => Hash::Sha384,
        (Some(KeyAlgorithm::Ec), Some(_)) => Hash::Sha256,
        (Some(KeyAlgorithm::Ed25519), _) => return Field::absent(parts.at),
        _ => return Field::unknown(parts.at, "the hash follows the key, which is not known"),
    };
    Field::default(parts.at, hash, TOOL, parts.version.text.clone())
}

/// What cert-manager makes of a policy of rotation. `inherited` is where the word stands, else the default.
fn renewal(draft: &mut Draft, policy: Option<&Node>, at: Span, key: &str, missing: &Missing, version: &Version) {
    let renewal = |key_is_kept: bool, knob: String| Renewal { key_is_kept, knob: knob.into() };
    let field = match policy {
        Some(node) => node.string().try_map(|policy| match policy.as_str() {
            "Never" => Ok(renewal(true, format!("{key} is Never; Always makes a new key each time"))),
            "Always" => Ok(renewal(false, format!("{key} is Always"))),
            _ => Err(format!("cert-manager knows the policies Always and Never, no {policy:?}")),
        }),
        None if version.unread.is_some() => {
            let reason = version.unread.as_deref().unwrap_or_default();
            Field::unknown(at, format!("the default of {key} depends on the version of cert-manager ({reason})"))
        }
        None => {
            let knob = if version.keeps_key {
                format!("before cert-manager 1.18 {key} is Never by default; write Always for a new key each time")
            } else {
                format!("since cert-manager 1.18 {key} is Always by default")
            };
            missing.value(at, renewal(version.keeps_key, knob), version)
        }
    };
    if let State::Malformed(reason) = &field.state {
        draft.defect(DefectKind::TemplateInvalid, field.span, key, reason.to_string());
    }
    draft.renewal_is(field);
}

/// One usage, by the exact name cert-manager and Kubernetes have for it.
pub(super) enum Usage {
    /// A bit of keyUsage.
    Bit(KeyUsageBit),
    /// A purpose of extendedKeyUsage.
    Purpose(Oid),
}

impl Usage {
    /// By name.
    pub(super) fn named(name: &str) -> Result<Self, String> {
        if USAGES.contains(&name) {
            let bit = usage::key_usage(name).map(Self::Bit);
            if let Some(usage) = bit.or_else(|| usage::purpose(name).map(Self::Purpose)) {
                return Ok(usage);
            }
        }
        Err(match nearest(name, USAGES).or_else(|| same_words(name)) {
            Some(near) => format!("there is no usage {name:?}; {near:?} is meant"),
            None => format!("there is no usage {name:?}"),
        })
    }
}

/// `serverAuth` and `server_auth` for `server auth`.
fn same_words(name: &str) -> Option<&'static str> {
    let plain = |name: &str| name.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    USAGES.into_iter().find(|known| plain(known) == plain(name))
}

/// keyUsage and extendedKeyUsage. A CA's certificate gets `cert sign` by itself.
fn usages(draft: &mut Draft, at: Span, usages: Vec<Field<String>>, is_open: bool, is_ca: &Field<bool>, place: &str) {
    let mut bits = Vec::new();
    let mut purposes = Vec::new();
    for usage in usages {
        let span = usage.span;
        let from = usage.clone().map(|_| ());
        match &usage.state {
            State::Unknown(expression) => {
                bits.push(Field::unknown(span, expression.clone()));
                purposes.push(Field::unknown(span, expression.clone()));
            }
            State::Malformed(reason) => {
                draft.defect(DefectKind::TemplateInvalid, span, place, reason.to_string());
            }
            State::Absent => {}
            _ => match usage.effective().map(|name| Usage::named(name)) {
                Some(Ok(Usage::Bit(bit))) => bits.push(from.map(|()| bit)),
                Some(Ok(Usage::Purpose(oid))) => purposes.push(from.map(|()| oid)),
                Some(Err(problem)) => draft.defect(DefectKind::TemplateInvalid, span, place, problem),
                None => {}
            },
        }
    }
    if is_open {
        bits.push(Field::unknown(at, "further usages"));
        purposes.push(Field::unknown(at, "further usages"));
    }
    match is_ca.effective() {
        // Beside defaults it is none that is written, either.
        Some(true) => bits.push(match bits.first().cloned() {
            Some(first) => Field { span: is_ca.span, ..first.map(|_| KeyUsageBit::KeyCertSign) },
            None => Field::known(is_ca.span, KeyUsageBit::KeyCertSign),
        }),
        Some(false) => {}
        None => bits.extend(is_ca.unknown_expression().map(|e| Field::unknown(is_ca.span, e.to_owned()))),
    }
    draft.key_usage(at, true, &bits);
    draft.purposes(at, false, purposes);
}

/// Lifetime and renewal window; what the webhook refuses is told.
fn window(
    draft: &mut Draft,
    duration: Option<&Node>,
    before: Option<&Node>,
    places: [&str; 2],
    at: Span,
    rest: (&Missing, &Version),
) {
    const DAY: u64 = 86_400;
    let (missing, version) = rest;
    let [duration_place, before_place] = places;
    let lifetime = duration.map_or_else(|| missing.value(at, Validity { seconds: 90 * DAY }, version), go::duration);
    match (&lifetime.state, lifetime.effective()) {
        (State::Malformed(reason), _) => {
            let detail = format!("{reason}: cert-manager knows h, m and s, no days");
            draft.defect(DefectKind::TemplateInvalid, lifetime.span, duration_place, detail);
        }
        (_, Some(Validity { seconds })) if *seconds < 3600 => {
            let detail = "cert-manager takes no duration below 1h".to_owned();
            draft.defect(DefectKind::TemplateInvalid, lifetime.span, duration_place, detail);
        }
        _ => {}
    }
    let before = before.map(go::duration);
    if let Some(before) = &before {
        match (&before.state, before.effective(), lifetime.effective()) {
            (State::Malformed(reason), ..) => {
                let detail = format!("{reason}: cert-manager knows h, m and s, no days");
                draft.defect(DefectKind::TemplateInvalid, before.span, before_place, detail);
            }
            (_, Some(before_value), Some(lifetime)) if before_value.seconds >= lifetime.seconds => {
                let detail = format!(
                    "the certificate is to be renewed {before_value} before its end, and is valid for {lifetime}: \
                     cert-manager refuses this"
                );
                draft.defect(DefectKind::RenewalWindow, before.span, before_place, detail);
            }
            (_, Some(value), _) if value.seconds < 300 => {
                let detail = "cert-manager refuses to renew less than 5 minutes before the end".to_owned();
                draft.defect(DefectKind::RenewalWindow, before.span, before_place, detail);
            }
            _ => {}
        }
    }
    draft.validity = lifetime;
}

/// A text in which `$NAME` stays unknown: envsubst replaces it, and the CSI driver does so itself.
fn expanded(field: Field<Text>) -> Field<Text> {
    let Some(Text::Whole(text)) = field.effective() else { return field };
    let is_name = |rest: &str| rest.starts_with(|first: char| first.is_ascii_uppercase() || first == '_');
    let starts: Vec<usize> =
        text.match_indices('$').map(|(at, _)| at).filter(|at| text.get(at + 1..).is_some_and(is_name)).collect();
    let (Some(first), Some(last)) = (starts.first(), starts.last()) else { return field };
    let rest = text.get(last + 1..).unwrap_or_default();
    let suffix = rest.trim_start_matches(|character: char| character.is_ascii_alphanumeric() || character == '_');
    let prefix = text.get(..*first).unwrap_or_default();
    if prefix.is_empty() && suffix.is_empty() {
        return Field::unknown(field.span, text.clone());
    }
    let partial = Text::Partial { prefix: prefix.to_owned(), suffix: suffix.to_owned() };
    field.map(|_| partial)
}

/// One value of a comma-separated string, at its own place where the string is written as it is.
fn split(manifest: &Manifest<'_>, node: &Node) -> Vec<Field<Text>> {
    let field = node.text();
    let Some(Text::Whole(text)) = field.effective() else {
        return if field.state == State::Absent { Vec::new() } else { split_partial(manifest, node, field) };
    };
    let origin = origin(manifest, node, text);
    let mut at = 0;
    let mut values = Vec::new();
    for part in text.split(',') {
        let start = at + (part.len() - part.trim_start().len());
        at += part.len() + 1;
        let value = part.trim();
        if value.is_empty() {
            continue;
        }
        let span = origin.map_or(field.span, |origin| Span::text(origin + start, origin + start + value.len()));
        values.push(expanded(Field { span, ..field.clone().map(|_| Text::Whole(value.to_owned())) }));
    }
    values
}

/// The same of a string with expressions in it: commas inside of them separate nothing.
fn split_partial(manifest: &Manifest<'_>, node: &Node, field: Field<Text>) -> Vec<Field<Text>> {
    let written = manifest.written(node);
    let inner = written.trim_matches(['"', '\'']);
    if field.effective().is_none() || inner.contains(['\\', '\n']) {
        return vec![field];
    }
    let start = node.span.start + written.find(inner).unwrap_or(0);
    let mut values = Vec::new();
    let (mut depth, mut from) = (0_usize, 0);
    let ends = inner.char_indices().filter_map(|(at, character)| {
        match character {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        (character == ',' && depth == 0).then_some(at)
    });
    for end in ends.chain([inner.len()]) {
        let part = inner.get(from..end).unwrap_or_default();
        let at = start + from + (part.len() - part.trim_start().len());
        let span = Span::text(at, at + part.trim().len());
        from = end + 1;
        values.extend(partial(part.trim()).map(|text| match text {
            Text::Partial { prefix, suffix } if prefix.is_empty() && suffix.is_empty() => {
                Field::unknown(span, part.trim().to_owned())
            }
            text => expanded(Field::known(span, text)),
        }));
    }
    values
}

/// What is known of a text that may have expressions in it.
fn partial(part: &str) -> Option<Text> {
    let first = ["${", "{{", "$("].iter().filter_map(|open| part.find(open)).min();
    let Some(first) = first else { return (!part.is_empty()).then(|| Text::Whole(part.to_owned())) };
    let last = part.rfind(['}', ')']).map_or(part.len(), |at| at + 1);
    let suffix = part.get(last.max(first)..).unwrap_or_default();
    Some(Text::Partial { prefix: part.get(..first).unwrap_or_default().to_owned(), suffix: suffix.to_owned() })
}

/// Where the text of a scalar begins, if it stands there without escapes.
fn origin(manifest: &Manifest<'_>, node: &Node, text: &str) -> Option<usize> {
    let is_here = matches!(node.text().state, State::Known(_));
    let offset = manifest.written(node).find(text).filter(|_| is_here && !text.is_empty())?;
    Some(node.span.start + offset)
}

/// A name as a string: RFC 4514, whose first RDN is the last one of the name (pkg/util/pki/subject.go).
fn literal_subject(draft: &mut Draft, manifest: &Manifest<'_>, node: &Node, place: &str) {
    /// The types cert-manager knows, in this spelling only.
    const TYPES: [&str; 10] = ["C", "O", "OU", "CN", "SERIALNUMBER", "L", "ST", "STREET", "DC", "UID"];
    let field = node.text();
    let Some(Text::Whole(text)) = field.effective() else {
        let expression = field.unseen().unwrap_or("part of the subject").to_owned();
        return draft.subject_is(Field::unknown(node.place(), expression));
    };
    draft.subject_at(node.place());
    let origin = origin(manifest, node, text);
    let at =
        |range: &Range<usize>| origin.map_or(field.span, |origin| Span::text(origin + range.start, origin + range.end));
    let (parts, problem) = distinguished_name::parse(text);
    if let Some(problem) = problem {
        let shown = text.get(problem.clone()).unwrap_or_default();
        let detail = format!("{shown:?} is no attribute of a name: cert-manager refuses the subject");
        draft.defect(DefectKind::TemplateInvalid, at(&problem), place, detail);
    }
    let mut rdns: Vec<Vec<&distinguished_name::Part>> = Vec::new();
    for part in &parts {
        match rdns.last_mut().filter(|_| part.joined) {
            Some(rdn) => rdn.push(part),
            None => rdns.push(vec![part]),
        }
    }
    for rdn in rdns.iter().rev() {
        for (number, part) in rdn.iter().enumerate() {
            let Some(oid) = part.oid.clone().filter(|_| TYPES.contains(&part.kind.as_str())) else {
                let detail = format!("cert-manager knows no attribute {:?} in {place}", part.kind);
                draft.defect(DefectKind::TemplateInvalid, at(&part.whole), place, detail);
                continue;
            };
            let text = Text::Whole(part.text.clone());
            let value = Field { span: at(&part.value), ..field.clone().map(|_| text) };
            if number == 0 {
                draft.attribute(oid, at(&part.whole), value);
            } else {
                draft.attribute_of_same_rdn(oid, at(&part.whole), value);
            }
        }
    }
    go::string_types(draft);
}

/// A value, and the place of all that is written for it.
type Written = (Span, Field<Text>);

/// The subject by its parts: lists of values under the keys of [`SUBJECT`], and the common name.
fn subject(draft: &mut Draft, parts: &[(&str, Vec<Written>)], common_name: Option<Written>) {
    let add = |draft: &mut Draft, dotted: &str, values: &[Written]| {
        let Some(oid) = Oid::from_dotted(dotted) else { return };
        let is_empty = |value: &Field<Text>| value.effective().and_then(Text::whole) == Some("");
        for (number, (span, value)) in values.iter().filter(|(_, value)| !is_empty(value)).enumerate() {
            // Go puts all values of one type into one RDN.
            if number == 0 {
                draft.attribute(oid.clone(), *span, value.clone());
            } else {
                draft.attribute_of_same_rdn(oid.clone(), *span, value.clone());
            }
        }
    };
    for (key, dotted) in SUBJECT {
        if key == "serialNumber" {
            add(draft, "2.5.4.3", common_name.as_slice());
        }
        let values = parts.iter().find(|(name, _)| *name == key).map(|(_, values)| values.as_slice());
        add(draft, dotted, values.unwrap_or_default());
    }
    go::string_types(draft);
}

/// basicConstraints, where a CA is asked for: nothing else is encoded in the request.
fn authority(draft: &mut Draft, entry: Option<&Entry>) -> Field<bool> {
    let at = draft.span();
    let Some(entry) = entry else { return Field::known(at, false) };
    let is_ca = entry.value.boolean();
    if is_ca.effective() != Some(&false) && is_ca.state != State::Absent {
        draft.basic_constraints(is_ca.span, true, is_ca.clone(), None);
    }
    is_ca
}

/// The common name is no longer than the webhook takes.
fn common_name_fits(draft: &mut Draft, place: &str) {
    let long = draft
        .attributes_of_subject()
        .filter(|attribute| attribute.oid == oids::COMMON_NAME)
        .find_map(|attribute| Some((attribute.value.span, attribute.value.effective()?.whole()?.len())))
        .filter(|(_, length)| *length > 64);
    if let Some((span, length)) = long {
        let detail = format!("cert-manager takes no common name above 64 characters, and this has {length}");
        draft.defect(DefectKind::TemplateInvalid, span, place, detail);
    }
}

/// A word as a field that says where it comes from, as another field does.
fn like<T, U>(field: &Field<T>, value: U) -> Field<U> {
    let state = match &field.state {
        State::Inherited(inherited) => State::Inherited(Inherited { value, from: inherited.from.clone() }),
        _ => State::Known(value),
    };
    Field { span: field.span, state }
}

/// How sizes, curves and policies are written.
fn spell_bits(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Bits(bits) if (2048..=8192).contains(bits) => Some(bits.to_string()),
        _ => None,
    }
}

fn spell_curve(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::Curve(curve) => {
            curve.name().strip_prefix("P-").filter(|bits| ["256", "384", "521"].contains(bits)).map(str::to_owned)
        }
        _ => None,
    }
}

fn spell_policy(wanted: &Wanted) -> Option<String> {
    (*wanted == Wanted::NewKey).then(|| "Always".to_owned())
}

fn spell_name(wanted: &Wanted) -> Option<String> {
    match wanted {
        // A wildcard is an alias in YAML unless it is quoted.
        Wanted::DnsName(name) if name.starts_with('*') => Some(format!("\"{name}\"")),
        Wanted::DnsName(name) => Some(name.clone()),
        _ => None,
    }
}

/// The same, where quotes stand around it.
fn spell_bare(wanted: &Wanted) -> Option<String> {
    match wanted {
        Wanted::DnsName(name) => Some(name.clone()),
        _ => None,
    }
}

fn knob(draft: &mut Draft, place: &'static str, at: (Span, String, String), spell: fn(&Wanted) -> Option<String>) {
    let (at, before, after) = at;
    draft.knob(Knob { place, at, before, after, spell });
}

/// The same of a value that has to be a string; `insertion` says where it may be written while it is not.
fn quoted_knob(
    draft: &mut Draft,
    place: &'static str,
    value: Option<&Node>,
    insertion: impl FnOnce() -> Option<(Span, String, String)>,
    spell: fn(&Wanted) -> Option<String>,
) {
    let at = match value {
        Some(value) => is_literal(value).then(|| (value.place(), String::new(), String::new())),
        None => insertion(),
    };
    if let Some((at, before, after)) = at {
        knob(draft, place, (at, format!("{before}\""), format!("\"{after}")), spell);
    }
}

/// The usages of a text, with commas between them.
fn split_usages(manifest: &Manifest<'_>, node: &Node) -> Vec<Field<String>> {
    let whole = |usage: Field<Text>| match usage.text() {
        Some(text) => usage.map(|_| text),
        None => Field::unknown(usage.span, usage.unseen().unwrap_or("some of the usages").to_owned()),
    };
    split(manifest, node).into_iter().map(whole).collect()
}

/// The usages of a certificate that names none.
fn default_usages(at: Span, names: &[&str], version: &Version) -> Vec<Field<String>> {
    names.iter().map(|name| Field::default(at, (*name).to_owned(), TOOL, version.text.clone())).collect()
}

/// The usages cert-manager uses where none are named.
const DEFAULT_USAGES: &[&str] = &["digital signature", "key encipherment"];

/// A request as an artifact.
fn artifact(request: Request) -> Artifact {
    Artifact::Request(Box::new(request))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usage_has_a_meaning() {
        for name in USAGES {
            assert!(Usage::named(name).is_ok(), "{name}");
        }
        let problem = |name: &str| Usage::named(name).err().unwrap_or_default();
        assert!(problem("serverAuth").ends_with("\"server auth\" is meant"));
        assert!(problem("digital signatures").ends_with("\"digital signature\" is meant"));
        assert_eq!(problem("logon"), "there is no usage \"logon\"");
    }

    #[test]
    fn variables_stay_unknown() {
        let of = |text: &str| expanded(Field::known(Span::text(0, 0), Text::Whole(text.to_owned())));
        assert_eq!(of("www.$DOMAIN").effective().map(Text::to_string).as_deref(), Some("www.\u{2026}"));
        assert_eq!(of("$A.$B.acme.example").effective().map(Text::to_string).as_deref(), Some("\u{2026}.acme.example"));
        assert_eq!(of("$HOST").unknown_expression(), Some("$HOST"));
        assert_eq!(of("a$1").text().as_deref(), Some("a$1"));
    }

    #[test]
    fn what_is_known_of_a_part() {
        let of = |part: &str| partial(part).map(|text| text.to_string());
        assert_eq!(of("${POD_NAME}.acme.example").as_deref(), Some("\u{2026}.acme.example"));
        assert_eq!(of("spiffe://a/{{ .ns }}/b").as_deref(), Some("spiffe://a/\u{2026}/b"));
        assert_eq!(of("acme.example").as_deref(), Some("acme.example"));
        assert_eq!(of(""), None);
    }

    #[test]
    fn keys_are_kept_before_1_18() {
        let version = |text: &str| {
            let tools = [(TOOL.to_owned(), text.to_owned())].into();
            let tree = crate::source::MemoryTree::new();
            Version::of(&FilePath::new("a.yaml"), &Surroundings::new(&tree, &tools)).keeps_key
        };
        assert!(version("1.17.2") && version("v1.5") && version("0.11.0"));
        assert!(!version("1.18.0") && !version("1.20"));
        assert!(!Version::of(&FilePath::new("a.yaml"), &Surroundings::none()).keeps_key);
    }
}
