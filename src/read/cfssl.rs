//! cfssl: requests in JSON (`cfssl genkey`, `gencert`), signing configurations, and the same request in the YAML of fabric-ca.
//! Defaults and the guessing of `hosts` are those of cfssl 1.6 (csr/csr.go, config/config.go). Go reads keys in any case.
//! The order of the subject is cfssl's, not the file's: C, ST, L, O, OU, CN, all values of one type in one RDN.

use super::structure::{Entry, Node, Value, json, yaml};
use super::template::{Draft, TemplateText, nearest, parts_of, tell_problems};
use super::{Artifact, Surroundings, go, usage};
use crate::crypto::{Curve, Hash};
use crate::encoding::{Defect, DefectKind};
use crate::request::{
    ExtensionValue, Field, Format, KeyAlgorithm, Knob, Makes, Oid, PartialName, Request, Text, Wanted,
};
use crate::source::Span;

/// What one of these stands in every such text.
pub(super) const MARKS: &[&str] =
    &["\"algo\"", "\"CN\"", "\"signing\"", "\"usages\"", "\"hosts\"", "keyrequest:", "\ncsr:\n", "\ncsr:\r\n"];

const TOOL: &str = "cfssl";
const VERSION: &str = "1.6";

/// Keys of a request.
const REQUEST_KEYS: [&str; 9] =
    ["CN", "names", "hosts", "key", "ca", "serialnumber", "delegation_enabled", "extensions", "crl_url"];

/// Keys of the request of fabric-ca, one of which is there.
const FABRIC: [&str; 4] = ["cn", "names", "hosts", "keyrequest"];

/// Attributes of `names`, in the order they are encoded in; CN and serialNumber come after them.
const NAMES: [(&str, &str); 5] =
    [("C", "2.5.4.6"), ("ST", "2.5.4.8"), ("L", "2.5.4.7"), ("O", "2.5.4.10"), ("OU", "2.5.4.11")];

/// Reads every request and signing profile of a text.
pub(super) fn read(text: &TemplateText<'_>, _: &Surroundings<'_>, found: &mut Vec<Artifact>) {
    let start = text.text.trim_start_matches('\u{FEFF}').trim_start();
    let since = found.len();
    let mut push = |request: Request| found.push(Artifact::Request(Box::new(request)));
    if start.starts_with('{') {
        // A template of Jinja or Helm begins with braces, too.
        let document = json::read(text.text, &|_| None);
        if is_request(&document.root) {
            push(request(text, &document.root, Format::Cfssl, "request"));
        } else if let Some(inner) = lookup(&document.root, "request").filter(|inner| is_request(inner)) {
            push(request(text, inner, Format::Cfssl, "request.request"));
        }
        if let Some(signing) = lookup(&document.root, "signing") {
            signing_profiles(text, signing, Format::Cfssl, &mut push);
            auth_keys(&document.root, found);
        }
        tell_problems(text, &document.problems, &parts_of(found, since), found);
    } else if is_yaml(text) && (text.text.starts_with("csr:") || text.text.contains("\ncsr:")) {
        for document in yaml::read(text.text, &|_| None) {
            let Some(csr) = document.root.get("csr").filter(|csr| FABRIC.iter().any(|key| csr.get(key).is_some()))
            else {
                continue;
            };
            push(request(text, csr, Format::FabricCa, "csr"));
            if let Some(signing) = document.root.get("signing") {
                signing_profiles(text, signing, Format::FabricCa, &mut push);
            }
            identities(&document.root, found);
            return tell_problems(text, &document.problems, &parts_of(found, since), found);
        }
    }
}

fn is_yaml(text: &TemplateText<'_>) -> bool {
    let path = text.path.as_str();
    path.ends_with(".yaml") || path.ends_with(".yml")
}

/// A value under a key of any case, as Go's decoder finds it.
fn lookup<'a>(node: &'a Node, key: &str) -> Option<&'a Node> {
    lookup_entry(node, key).map(|entry| &entry.value)
}

fn lookup_entry<'a>(node: &'a Node, key: &str) -> Option<&'a Entry> {
    node.entry_of_any_case(key)
}

/// An object with a name or a key, and with names or hosts of the right kind.
fn is_request(node: &Node) -> bool {
    let is_list = |key: &str| lookup(node, key).is_some_and(|value| matches!(value.value, Value::Sequence(_)));
    let has_key =
        ["key", "keyrequest"].iter().any(|key| lookup(node, key).is_some_and(|key| lookup(key, "algo").is_some()));
    let has_name = lookup(node, "CN").is_some_and(|name| matches!(name.value, Value::Scalar(_) | Value::Unknown(_)));
    has_key && (has_name || is_list("hosts") || is_list("names")) || has_name && (is_list("hosts") || is_list("names"))
}

fn request(text: &TemplateText<'_>, node: &Node, format: Format, name: &str) -> Request {
    let mut draft = Draft::new(text, format, name, node.place(), Makes::Request);
    subject(node, &mut draft);
    key(node, &mut draft);
    hosts(node, &mut draft);
    if let Some(ca) = lookup(node, "ca") {
        authority(ca, &mut draft);
    }
    extensions(node, &mut draft);
    if format == Format::Cfssl {
        unknown_keys(node, &mut draft);
    }
    draft.finish()
}

fn entry_span(entry: &Entry) -> Span {
    Span::text(entry.key_span.start, entry.value.span.end)
}

fn subject(node: &Node, draft: &mut Draft) {
    let names: Vec<&Node> = lookup(node, "names").map(|names| names.members().iter().collect()).unwrap_or_default();
    if let Some(list) = lookup(node, "names") {
        draft.subject_at(list.place());
        if let Value::Unknown(expression) = &list.value {
            return draft.subject_is(Field::unknown(list.place(), expression.clone()));
        }
    }
    for (key, dotted) in NAMES {
        let Some(oid) = Oid::from_dotted(dotted) else { continue };
        let entries =
            names.iter().filter_map(|name| lookup_entry(name, key)).filter(|entry| entry.value.str() != Some(""));
        for (number, entry) in entries.enumerate() {
            // All values of one type are in one RDN.
            if number == 0 {
                draft.attribute(oid.clone(), entry_span(entry), entry.value.text());
            } else {
                draft.attribute_of_same_rdn(oid.clone(), entry_span(entry), entry.value.text());
            }
        }
    }
    for (key, dotted) in [("CN", "2.5.4.3"), ("serialnumber", "2.5.4.5")] {
        let entry = lookup_entry(node, key).filter(|entry| entry.value.str() != Some(""));
        if let Some((entry, oid)) = entry.zip(Oid::from_dotted(dotted)) {
            draft.attribute(oid, entry_span(entry), entry.value.text());
        }
    }
    go::string_types(draft);
}

fn key(node: &Node, draft: &mut Draft) {
    let at = draft.span();
    let Some(key) = lookup(node, "key").or_else(|| lookup(node, "keyrequest")) else {
        let curve = Curve::from_name("P-256");
        let algorithm = Field::default(at, KeyAlgorithm::Ec, TOOL, VERSION);
        let curve = curve.map_or_else(|| Field::absent(at), |curve| Field::default(at, curve, TOOL, VERSION));
        draft.key_is(at, algorithm, Field::absent(at), curve);
        return draft.hash_is(Field::default(at, Hash::Sha256, TOOL, VERSION));
    };
    let algorithm_node = lookup(key, "algo");
    let algorithm = algorithm_node.map_or_else(|| Field::absent(key.place()), Node::string).try_map(|name| match name
        .to_ascii_lowercase()
        .as_str()
    {
        "rsa" => Ok(KeyAlgorithm::Rsa),
        "ecdsa" => Ok(KeyAlgorithm::Ec),
        "ed25519" => Ok(KeyAlgorithm::Ed25519),
        _ => Err(format!("{name:?} is no algorithm cfssl knows")),
    });
    let size = lookup(key, "size").map_or_else(|| Field::absent(key.place()), Node::integer);
    let size = size.bits();
    let is_ec = algorithm.effective() == Some(&KeyAlgorithm::Ec);
    let is_rsa = algorithm.effective() == Some(&KeyAlgorithm::Rsa);
    let curve = if is_ec {
        size.clone()
            .try_map(|size| Curve::from_name(&format!("P-{size}")).ok_or(format!("{size} is no curve cfssl knows")))
    } else {
        Field::absent(key.place())
    };
    let hash = match (is_rsa, is_ec, size.effective()) {
        (true, _, Some(4096..)) => Some(Hash::Sha512),
        (true, _, Some(3072..)) => Some(Hash::Sha384),
        (true, _, Some(2048..)) => Some(Hash::Sha256),
        (_, true, Some(521)) => Some(Hash::Sha512),
        (_, true, Some(384)) => Some(Hash::Sha384),
        (_, true, Some(256)) => Some(Hash::Sha256),
        _ => None,
    };
    draft.hash_is(hash.map_or_else(|| Field::absent(at), |hash| Field::default(at, hash, TOOL, VERSION)));
    let problem = match (is_rsa, is_ec, size.effective()) {
        (true, _, Some(bits @ ..2048)) => Some(format!("cfssl refuses RSA keys of {bits} bits")),
        (true, _, Some(bits @ 8193..)) => Some(format!("cfssl refuses RSA keys of {bits} bits")),
        (true, _, None) if size.unknown_expression().is_none() => {
            Some("cfssl refuses an RSA key without its size".to_owned())
        }
        (_, true, Some(bits)) if ![256, 384, 521].contains(bits) => {
            Some(format!("cfssl knows no curve of {bits} bits"))
        }
        _ => None,
    };
    if let Some(problem) = problem {
        draft.defect(DefectKind::TemplateInvalid, size.span, "key.size", problem);
    }
    if let Some(node) = lookup(key, "size").filter(|node| node.is_literal()) {
        let bits = |wanted: &Wanted| match wanted {
            Wanted::Bits(bits) => Some(bits.to_string()),
            _ => None,
        };
        let curve = |wanted: &Wanted| match wanted {
            Wanted::Curve(curve) => curve.name().strip_prefix("P-").map(str::to_owned),
            _ => None,
        };
        let (place, spell): (_, fn(&Wanted) -> Option<String>) =
            if is_ec { ("key.curve", curve) } else { ("key.bits", bits) };
        draft.knob(Knob { place, at: node.place(), before: String::new(), after: String::new(), spell });
    }
    let bits = if is_ec { Field::absent(key.place()) } else { size };
    draft.key_is(key.place(), algorithm, bits, curve);
}

/// `hosts`: cfssl takes each for an address, a mailbox, a URI or a DNS name, in this order.
fn hosts(node: &Node, draft: &mut Draft) {
    let Some(hosts) = lookup(node, "hosts") else { return };
    if let Value::Unknown(expression) = &hosts.value {
        return draft.open_names(hosts.place(), expression.clone());
    }
    if hosts.members().is_empty() && hosts.open().is_empty() {
        return;
    }
    draft.san_at(hosts.place(), false);
    for host in hosts.members() {
        let name = host.text();
        let form = name.effective().and_then(Text::whole).map_or(PartialName::Dns, form);
        draft.named(form, name);
    }
    for open in hosts.open() {
        draft.open_names(Span::text(open.start, open.end), "further hosts");
    }
    let last = hosts.members().last().filter(|last| last.is_literal() && last.str() != Some(""));
    if let Some(last) = last {
        let end = Span::text(last.span.end, last.span.end);
        let spell = |wanted: &Wanted| match wanted {
            Wanted::DnsName(name) => Some(name.clone()),
            _ => None,
        };
        draft.knob(Knob { place: "san", at: end, before: ", \"".to_owned(), after: "\"".to_owned(), spell });
    }
}

/// What Go's net.ParseIP, mail.ParseAddress and url.ParseRequestURI make of it, in this order.
fn form(host: &str) -> PartialName {
    if host.parse::<std::net::IpAddr>().is_ok() {
        return PartialName::Ip;
    }
    let mailbox = host.split_once('@');
    if mailbox.is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'))
        && !host.contains([':', '/', ' '])
    {
        return PartialName::Email;
    }
    let scheme = host.split_once(':').map(|(scheme, _)| scheme);
    let is_scheme = scheme.is_some_and(|scheme| {
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
    });
    if is_scheme || host.starts_with('/') { PartialName::Uri } else { PartialName::Dns }
}

/// `ca`: the request asks to be a CA's.
fn authority(ca: &Node, draft: &mut Draft) {
    if matches!(&ca.value, Value::Mapping(_)) {
        let length = lookup(ca, "pathlen").and_then(|node| node.integer().effective().copied()).unwrap_or(0);
        let zero = lookup(ca, "pathlenzero").is_some_and(|node| node.boolean().effective() == Some(&true));
        let length = (length != 0 || zero).then_some(length);
        draft.basic_constraints(ca.place(), true, Field::known(ca.place(), true), length);
        if let Some(expiry) = lookup(ca, "expiry") {
            draft.validity = go::duration(expiry);
        }
    }
}

/// Extensions with their values in hexadecimal or base64; what is in them is not read.
fn extensions(node: &Node, draft: &mut Draft) {
    for member in lookup(node, "extensions").map(Node::members).unwrap_or_default() {
        let oid = lookup(member, "id").and_then(Node::str).and_then(Oid::from_dotted);
        let critical = lookup(member, "critical").is_some_and(|node| node.boolean().effective() == Some(&true));
        if let Some(oid) = oid {
            draft.extension(oid, member.place(), critical, Field::known(member.place(), ExtensionValue::Opaque));
        }
    }
}

fn unknown_keys(node: &Node, draft: &mut Draft) {
    for entry in node.entries() {
        if REQUEST_KEYS.iter().any(|key| key.eq_ignore_ascii_case(&entry.key)) || entry.key.starts_with('_') {
            continue;
        }
        let at = Span::text(entry.key_span.start, entry.key_span.end);
        match nearest(&entry.key, REQUEST_KEYS) {
            Some(near) => {
                let detail = format!("cfssl does not know {} and reads past it; {near} is meant", entry.key);
                draft.defect(DefectKind::MisspeltKey, at, entry.key.clone(), detail);
            }
            None => {
                let detail = format!("cfssl does not know {} in a request and reads past it", entry.key);
                draft.defect(DefectKind::UnknownKey, at, entry.key.clone(), detail);
            }
        }
    }
}

/// Each profile says what a CA makes of the requests it gets.
fn signing_profiles(text: &TemplateText<'_>, signing: &Node, format: Format, push: &mut dyn FnMut(Request)) {
    if let Some(default) = lookup(signing, "default").filter(|default| matches!(default.value, Value::Mapping(_))) {
        push(profile(text, default, format, "signing.default"));
    }
    for entry in lookup(signing, "profiles").map(Node::entries).unwrap_or_default() {
        if matches!(entry.value.value, Value::Mapping(_)) {
            push(profile(text, &entry.value, format, &format!("signing.profiles.{}", entry.key)));
        }
    }
}

fn profile(text: &TemplateText<'_>, node: &Node, format: Format, name: &str) -> Request {
    let at = node.place();
    let mut draft = Draft::new(text, format, name, at, Makes::Permission);
    // Subject, key and names are those of the request that is signed.
    draft.subject_is(Field::absent(at));
    if let Some(expiry) = lookup(node, "expiry") {
        draft.validity = go::duration(expiry);
    }
    if let Some(usages) = lookup(node, "usages").or_else(|| lookup(node, "usage")) {
        let (mut bits, mut purposes) = (Vec::new(), Vec::new());
        for member in usages.members() {
            let name = member.string();
            match name.effective().map(|name| (usage::key_usage(name), usage::purpose(name))) {
                Some((Some(bit), _)) => bits.push(Field::known(member.place(), bit)),
                Some((None, Some(purpose))) => purposes.push(Field::known(member.place(), purpose)),
                Some((None, None)) => {
                    let detail = format!("{:?} is no usage cfssl knows", name.effective().map_or("", String::as_str));
                    draft.defect(DefectKind::TemplateInvalid, member.place(), "extensions.keyUsage", detail);
                }
                None => {
                    bits.push(Field::unknown(member.place(), name.unknown_expression().unwrap_or_default().to_owned()))
                }
            }
        }
        draft.key_usage(usages.place(), true, &bits);
        draft.purposes(usages.place(), false, purposes);
    }
    if let Some(constraint) = lookup(node, "ca_constraint").or_else(|| lookup(node, "caconstraint")) {
        let ca = lookup(constraint, "is_ca").or_else(|| lookup(constraint, "isca"));
        let length = lookup(constraint, "max_path_len").or_else(|| lookup(constraint, "maxpathlen"));
        if let Some(ca) = ca {
            draft.basic_constraints(
                constraint.place(),
                true,
                ca.boolean(),
                length.and_then(|node| node.integer().effective().copied()),
            );
        }
    }
    if let Some(copy) =
        lookup_entry(node, "copy_extensions").filter(|entry| entry.value.boolean().effective() == Some(&true))
    {
        let detail = "copy_extensions takes every extension of the request as it is, usages and CA rights among them";
        draft.defect(DefectKind::Passthrough, entry_span(copy), format!("{name}.copy_extensions"), detail);
    }
    draft.finish()
}

/// Passwords of fabric-ca's registry: whoever knows one enrols.
fn identities(root: &Node, found: &mut [Artifact]) {
    let Some(Artifact::Request(request)) = found.last_mut() else { return };
    for identity in root.at(&["registry", "identities"]).map(Node::members).unwrap_or_default() {
        let pass = identity.entry("pass").filter(|pass| pass.value.str().is_some_and(|text| !text.is_empty()));
        if let Some(pass) = pass {
            tell_of_secret(request, pass, "registry.identities.pass", "the password of an identity");
        }
    }
}

/// `auth_keys`: whoever knows one has the CA sign. The last profile of the file tells of them.
fn auth_keys(root: &Node, found: &mut [Artifact]) {
    let Some(Artifact::Request(request)) = found.last_mut() else { return };
    for entry in lookup(root, "auth_keys").map(Node::entries).unwrap_or_default() {
        let Some(key) = lookup_entry(&entry.value, "key") else { continue };
        let is_written = |value: &str| !value.is_empty() && !value.starts_with("env:") && !value.starts_with("file:");
        if key.value.str().is_some_and(is_written) {
            let what = format!("the authentication key {}", entry.key);
            tell_of_secret(request, key, &format!("auth_keys.{}", entry.key), &what);
        }
    }
}

/// A secret that stands in the clear beside a request.
fn tell_of_secret(request: &mut Request, entry: &Entry, place: &str, what: &str) {
    let count = entry.value.str().map_or(0, |text| text.chars().count());
    let detail = format!("{what} is written in the clear ({count} characters)");
    let at = Span::text(entry.key_span.start, entry.key_span.end);
    request.defects.push(Defect::new(DefectKind::InlinePassword, at, place.to_owned(), detail));
    if let Some(template) = request.template.as_mut() {
        template.secrets.push(entry.value.place());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_guessed_as_cfssl_guesses() {
        for (host, wanted) in [
            ("shop.acme.example", PartialName::Dns),
            ("*.acme.example", PartialName::Dns),
            ("", PartialName::Dns),
            ("192.0.2.1", PartialName::Ip),
            ("2001:db8::1", PartialName::Ip),
            ("10.136.0.0/16", PartialName::Dns),
            ("pki@acme.example", PartialName::Email),
            ("https://acme.example/", PartialName::Uri),
            ("shop.acme.example:443", PartialName::Uri),
            ("192.0.2.1:443", PartialName::Dns),
            ("/path", PartialName::Uri),
        ] {
            assert_eq!(form(host), wanted, "{host}");
        }
    }
}
