//! Certificate policies of Azure Key Vault in JSON: as the command line prints and takes them (`keyProperties`), as the API
//! has them (`key_props`), and inside of ARM templates. Keys are read in any case, as Azure reads them.
//! Key Vault makes the key and renews it by itself: `reuseKey` decides whether a renewal brings a new one.

use super::structure::{Node, Value, json};
use super::template::{Draft, TemplateText, other_name, parts_of, tell_problems};
use super::{Artifact, Surroundings, distinguished_name, usage};
use crate::crypto::Curve;
use crate::encoding::DefectKind;
use crate::request::{
    Field, Format, KeyAlgorithm, Knob, Makes, PartialName, Renewal, Request, Text, Validity, Wanted, oids,
};
use crate::source::Span;

/// What one of these stands in every such text.
pub(super) const MARKS: &[&str] = &["x509CertificateProperties", "\"x509_props\""];

/// A month, as lifetimes are counted in.
const MONTH: u64 = 365 * 86_400 / 12;

/// Reads every policy of a text, however deep it lies.
pub(super) fn read(text: &TemplateText<'_>, _: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    if text.text.trim_start_matches('\u{FEFF}').trim_start().starts_with('{') {
        let document = json::read(text.text, &|_| None);
        let since = found.len();
        policies(text, &document.root, "", found);
        tell_problems(text, &document.problems, &parts_of(found, since), found);
    }
}

fn policies(text: &TemplateText<'_>, node: &Node, name: &str, found: &mut Vec<Artifact>) {
    if any(node, &["x509CertificateProperties", "x509_props"]).is_some_and(|inner| !inner.entries().is_empty()) {
        let shown = if name.is_empty() { "certificate policy" } else { name };
        return found.push(Artifact::Request(Box::new(policy(text, node, shown))));
    }
    for entry in node.entries() {
        policies(text, &entry.value, if entry.key == "properties" { name } else { &entry.key }, found);
    }
    for member in node.members() {
        let named = any(member, &["name"]).and_then(Node::str).unwrap_or(name);
        policies(text, member, named, found);
    }
}

/// The value under the first of these keys that is there.
fn any<'a>(node: &'a Node, keys: &[&str]) -> Option<&'a Node> {
    keys.iter().find_map(|key| node.entry_of_any_case(key)).map(|entry| &entry.value)
}

/// A value that is an expression of ARM: `[parameters('name')]`.
fn text(node: &Node) -> Field<Text> {
    match node.str().filter(|text| text.starts_with('[') && text.ends_with(']') && !text.starts_with("[[")) {
        Some(expression) => Field::unknown(node.place(), expression.to_owned()),
        None => node.text(),
    }
}

fn policy(source: &TemplateText<'_>, node: &Node, name: &str) -> Request {
    let mut draft = Draft::new(source, Format::AzureKeyVault, name, node.place(), Makes::Certificate);
    if let Some(key) = any(node, &["keyProperties", "key_props"]) {
        key_properties(key, &mut draft);
    }
    if let Some(issuer) = any(node, &["issuerParameters", "issuer"]).and_then(|issuer| any(issuer, &["name"])) {
        draft.template.issuer = text(issuer);
    }
    let Some(properties) = any(node, &["x509CertificateProperties", "x509_props"]) else { return draft.finish() };
    if let Some(subject) = any(properties, &["subject"]) {
        name_of_subject(subject, &mut draft);
    }
    if let Some(months) = any(properties, &["validityInMonths", "validity_months"]) {
        let months =
            months.integer().try_map(|months| u64::try_from(months).map_err(|_| "a negative number".to_owned()));
        draft.validity = months.map(|months| Validity { seconds: months.saturating_mul(MONTH) });
    }
    if let Some(usages) = any(properties, &["keyUsage", "key_usage"]) {
        let bit = |member: &Node| {
            text(member).try_map(|text| {
                let text = text.whole().unwrap_or_default();
                usage::key_usage(text).ok_or_else(|| format!("{text:?} is no key usage"))
            })
        };
        let bits: Vec<_> = usages.members().iter().map(bit).collect();
        draft.key_usage(usages.place(), true, &bits);
    }
    if let Some(purposes) = any(properties, &["ekus"]) {
        let purpose = |member: &Node| {
            text(member).try_map(|text| {
                let text = text.whole().unwrap_or_default();
                usage::purpose(text).ok_or_else(|| format!("{text:?} is no OID"))
            })
        };
        draft.purposes(purposes.place(), false, purposes.members().iter().map(purpose).collect());
    }
    if let Some(names) = any(properties, &["subjectAlternativeNames", "sans"]) {
        alternative_names(names, &mut draft);
    }
    draft.finish()
}

fn key_properties(key: &Node, draft: &mut Draft) {
    let algorithm = any(key, &["keyType", "kty"]).map_or_else(|| Field::absent(key.place()), text).try_map(|name| {
        match name.whole().unwrap_or_default().to_ascii_uppercase().trim_end_matches("-HSM") {
            "RSA" => Ok(KeyAlgorithm::Rsa),
            "EC" => Ok(KeyAlgorithm::Ec),
            other => Err(format!("{other:?} is no type of key")),
        }
    });
    let bits = any(key, &["keySize", "key_size"]).map_or_else(|| Field::absent(key.place()), Node::integer);
    let bits = bits.bits();
    let curve = any(key, &["curve", "crv"]).map_or_else(|| Field::absent(key.place()), text).try_map(|name| {
        let name = name.whole().unwrap_or_default();
        Curve::from_name(name)
            .or_else(|| Curve::from_name(&name.replace("P-256K", "secp256k1")))
            .ok_or(format!("{name:?} is no curve"))
    });
    let literal = |keys: &[&str]| any(key, keys).filter(|node| node.is_literal()).map(Node::place);
    let spell_bits = |wanted: &Wanted| match wanted {
        Wanted::Bits(bits) => Some(bits.to_string()),
        _ => None,
    };
    let spell_curve = |wanted: &Wanted| match wanted {
        Wanted::Curve(curve) => Some(format!("\"{}\"", curve.name())),
        _ => None,
    };
    let spell_renewal = |wanted: &Wanted| (*wanted == Wanted::NewKey).then(|| "false".to_owned());
    let mut knob = |place, at: Option<Span>, spell: fn(&Wanted) -> Option<String>| {
        if let Some(at) = at {
            draft.knob(Knob { place, at, before: String::new(), after: String::new(), spell });
        }
    };
    knob("key.bits", literal(&["keySize", "key_size"]), spell_bits);
    knob("key.curve", literal(&["curve", "crv"]), spell_curve);
    knob("renewal", literal(&["reuseKey", "reuse_key"]), spell_renewal);
    draft.key_is(key.place(), algorithm, bits, curve);
    if let Some(reuse) = any(key, &["reuseKey", "reuse_key"]) {
        let kept = |key_is_kept| Renewal { key_is_kept, knob: "reuseKey true keeps it, false makes a new one".into() };
        draft.renewal_is(reuse.boolean().map(kept));
    }
    let exportable = any(key, &["exportable"]).filter(|node| node.boolean().effective() == Some(&true));
    if let Some(exportable) = exportable {
        let detail = "the private key may be downloaded from the vault";
        draft.defect(DefectKind::KeyExportable, exportable.place(), "key.exportable", detail);
    }
}

/// An X.500 name; of one that is partly an expression the attributes before it are not guessed at.
fn name_of_subject(node: &Node, draft: &mut Draft) {
    draft.subject_at(node.place());
    let value = text(node);
    let Some(whole) = value.effective().and_then(Text::whole) else {
        let expression = value.unseen().unwrap_or("an expression").to_owned();
        return draft.subject_is(Field::unknown(node.place(), expression));
    };
    let (parts, problem) = distinguished_name::parse(whole);
    // An escape in the string moves what is behind it; then the whole value is the place of every part.
    let start = node.span.start + 1;
    let plain = node.span.len() == whole.len() + 2;
    let place = |range: &std::ops::Range<usize>| {
        if plain { Span::text(start + range.start, start + range.end) } else { node.place() }
    };
    for part in &parts {
        match part.oid.clone() {
            Some(oid) if !part.text.is_empty() => {
                let value = Field::known(place(&part.value), Text::Whole(part.text.clone()));
                if part.joined {
                    draft.attribute_of_same_rdn(oid, place(&part.whole), value);
                } else {
                    draft.attribute(oid, place(&part.whole), value);
                }
            }
            Some(_) => {}
            None => {
                let detail = format!("{:?} is no attribute of a name", part.kind);
                draft.defect(DefectKind::TemplateInvalid, place(&part.whole), "subject", detail);
            }
        }
    }
    if let Some(problem) = problem {
        let detail = format!("{:?} is no attribute of a name", whole.get(problem.clone()).unwrap_or_default());
        draft.defect(DefectKind::TemplateInvalid, place(&problem), "subject", detail);
    }
}

fn alternative_names(names: &Node, draft: &mut Draft) {
    let lists = [
        (&["dnsNames", "dns_names"][..], PartialName::Dns),
        (&["emails"], PartialName::Email),
        (&["uris"], PartialName::Uri),
    ];
    for (keys, form) in lists {
        let Some(list) = any(names, keys) else { continue };
        for member in list.members() {
            draft.named(form, text(member));
        }
        for open in list.open() {
            draft.open_names(Span::text(open.start, open.end), "further names");
        }
        let last = list.members().last().filter(|last| form == PartialName::Dns && last.is_literal());
        if let Some(last) = last {
            let at = Span::text(last.span.end, last.span.end);
            let spell = |wanted: &Wanted| match wanted {
                Wanted::DnsName(name) => Some(name.clone()),
                _ => None,
            };
            draft.knob(Knob { place: "san", at, before: ", \"".to_owned(), after: "\"".to_owned(), spell });
        }
    }
    for member in any(names, &["upns"]).map(Node::members).unwrap_or_default() {
        let name = text(member).try_map(|text| {
            let text = text.whole().unwrap_or_default().to_owned();
            Ok(other_name(oids::UPN.clone(), text))
        });
        draft.name(name);
    }
    if let Value::Unknown(expression) = &names.value {
        draft.open_names(names.place(), expression.clone());
    }
}
