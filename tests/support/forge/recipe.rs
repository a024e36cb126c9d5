//! Requests from a description: the key `request` of the examples in rule files.
//! What a description does not name is that of a sound TLS server request; every part of it may be odd.
//! The same description always yields the same bytes, but for keys that only aws-lc-rs can make (ML-DSA).

use csrlint::request::{KeyUsageBit, Oid};
use num_bigint::BigUint;
use serde_json::Value;

use super::csr::{Csr, HOST, labelled};
use super::der::{
    self, attribute, atv, bits, bmp, boolean, cat, context, extension, ia5, implicit, int, name, named_bits, null,
    octets, oid, printable, rdn, seq, spki, tlv, utf8,
};
use super::keys::{self, Key};
use super::sign::{Hash, Sig};

/// The request file that a description stands for.
///
/// # Panics
/// Where the description is none.
pub fn pem(recipe: &Value) -> String {
    let known = [
        "key",
        "spki",
        "modulus",
        "exponent",
        "signature",
        "subject",
        "san",
        "san-critical",
        "key-usage",
        "key-usage-critical",
        "extended-key-usage",
        "extended-key-usage-critical",
        "basic-constraints",
        "extensions",
        "attributes",
        "label",
    ];
    for field in recipe.as_object().expect("a mapping").keys() {
        assert!(known.contains(&field.as_str()), "{field:?} is no key of a request; these are: {known:?}");
    }
    let der = csr(recipe).der();
    labelled(&der, recipe["label"].as_str().unwrap_or("CERTIFICATE REQUEST"))
}

/// The request that a description stands for.
pub fn csr(recipe: &Value) -> Csr {
    let key = key(recipe["key"].as_str().unwrap_or("p256"));
    let signature = match recipe["signature"].as_str() {
        None => key.usual(),
        Some(hash) => match key.usual() {
            Sig::Pkcs1(_) => Sig::Pkcs1(hash_of(hash)),
            _ => Sig::Ecdsa(hash_of(hash)),
        },
    };
    let mut csr = Csr::signed(key, signature);
    if let Some(modulus) = recipe["modulus"].as_str() {
        let number = |text: &str, radix| BigUint::parse_bytes(text.as_bytes(), radix).expect("a number");
        let digits: String = modulus.split_whitespace().collect();
        let exponent = match &recipe["exponent"] {
            Value::Null => BigUint::from(65537_u32),
            Value::String(text) => number(text, 10),
            other => number(&other.to_string(), 10),
        };
        csr.spki =
            spki(&der::algorithm(keys::RSA_ENCRYPTION, &null()), &keys::rsa_public(&number(&digits, 16), &exponent));
        csr.sig = Sig::Pkcs1(Hash::Sha256);
        csr.sig_alg = csr.sig.algorithm();
        csr.sig_bits = Some(bits(&[0x5A; 128]));
    }
    if !recipe["spki"].is_null() {
        csr.spki = value(&recipe["spki"], key);
    }
    if let Some(rdns) = recipe["subject"].as_array() {
        csr.subject = subject(rdns);
    }
    let usual = Value::Array(vec![format!("dns:{HOST}").into(), "dns:www.example.com".into()]);
    let mut extensions = Vec::new();
    let flag = |name: &str, otherwise: bool| recipe[name].as_bool().unwrap_or(otherwise);
    let names = list(if recipe["san"].is_null() { &usual } else { &recipe["san"] });
    if !names.is_empty() {
        let names: Vec<Vec<u8>> = names.iter().map(|name| general_name(name, key)).collect();
        extensions.push(extension(der::SAN, flag("san-critical", false), &der::general_names(&names)));
    }
    let usages = recipe["key-usage"].as_array().cloned().unwrap_or_else(|| vec!["digitalSignature".into()]);
    if !usages.is_empty() {
        let numbers: Vec<u8> = usages.iter().map(usage).collect();
        extensions.push(extension(der::KEY_USAGE, flag("key-usage-critical", true), &named_bits(&numbers)));
    }
    let purposes = recipe["extended-key-usage"].as_array().cloned().unwrap_or_else(|| vec!["serverAuth".into()]);
    if !purposes.is_empty() {
        let list = purposes.iter().flat_map(|purpose| oid(&dotted(text(purpose)))).collect::<Vec<u8>>();
        extensions.push(extension(der::EXT_KEY_USAGE, flag("extended-key-usage-critical", false), &tlv(0x30, &list)));
    }
    if let Value::Object(constraints) = &recipe["basic-constraints"] {
        let get = |name: &str| constraints.get(name);
        let ca = if get("ca").and_then(Value::as_bool).unwrap_or(false) { boolean(true) } else { Vec::new() };
        let length = get("path-length").and_then(Value::as_i64).map(int).unwrap_or_default();
        let critical = get("critical").and_then(Value::as_bool).unwrap_or(true);
        extensions.push(extension(der::BASIC_CONSTRAINTS, critical, &seq(&[&ca, &length])));
    }
    for more in list(&recipe["extensions"]) {
        let critical = more["critical"].as_bool().unwrap_or(false);
        extensions.push(extension(&dotted(text(&more["oid"])), critical, &value(&more["value"], key)));
    }
    let mut attributes = Vec::new();
    if !extensions.is_empty() {
        attributes.push(der::extension_request(&extensions));
    }
    for more in list(&recipe["attributes"]) {
        attributes.push(attribute(&dotted(text(&more["oid"])), &[&value(&more["value"], key)]));
    }
    csr.attribute_list(&attributes)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

/// The OID of a name that csrlint knows, or of an OID.
fn dotted(name: &str) -> String {
    Oid::from_name(name).unwrap_or_else(|| panic!("{name:?} is no name and no OID")).to_string()
}

fn hash_of(name: &str) -> Hash {
    match name {
        "md5" => Hash::Md5,
        "sha1" => Hash::Sha1,
        "sha224" => Hash::Sha224,
        "sha256" => Hash::Sha256,
        "sha384" => Hash::Sha384,
        "sha512" => Hash::Sha512,
        _ => panic!("{name:?} is no hash"),
    }
}

fn key(name: &str) -> &'static Key {
    match name {
        "p256" => keys::ec("P-256"),
        "p384" => keys::ec("P-384"),
        "p521" => keys::ec("P-521"),
        "p224" => keys::ec("P-224"),
        "ed25519" => keys::ed25519(),
        "ml-dsa-44" => keys::ml_dsa(44),
        "ml-dsa-65" => keys::ml_dsa(65),
        "ml-dsa-87" => keys::ml_dsa(87),
        _ => match name.strip_prefix("rsa-").and_then(|bits| bits.parse().ok()) {
            Some(bits) => keys::rsa(bits, 65537),
            None => keys::ec(name),
        },
    }
}

fn usage(name: &Value) -> u8 {
    let wanted = text(name);
    let found = KeyUsageBit::ALL.iter().position(|bit| bit.name().eq_ignore_ascii_case(wanted));
    found.unwrap_or_else(|| panic!("{wanted:?} is no bit of keyUsage")) as u8
}

/// RDNs in order: `CN=shop.example.com`, `O:bmp=Example`, or a list of such for a multi-valued RDN.
fn subject(rdns: &[Value]) -> Vec<u8> {
    let one = |part: &Value| {
        let (head, value) = text(part).split_once('=').unwrap_or_else(|| panic!("{part} has no ="));
        let (kind, string_type) = head.split_once(':').unwrap_or((head, ""));
        let dotted = dotted(kind);
        let usual = match dotted.as_str() {
            "2.5.4.6" | "2.5.4.5" | "2.5.4.46" | "1.3.6.1.4.1.311.60.2.1.3" => "printable",
            "1.2.840.113549.1.9.1" | "0.9.2342.19200300.100.1.25" => "ia5",
            _ => "utf8",
        };
        let encoded = string(if string_type.is_empty() { usual } else { string_type }, value);
        atv(&dotted, &encoded)
    };
    let rdns: Vec<Vec<u8>> = rdns
        .iter()
        .map(|item| match item {
            Value::Array(parts) => {
                let parts: Vec<Vec<u8>> = parts.iter().map(one).collect();
                rdn(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
            }
            single => rdn(&[&one(single)]),
        })
        .collect();
    tlv(0x30, &rdns.concat())
}

fn string(kind: &str, text: &str) -> Vec<u8> {
    match kind {
        "utf8" => utf8(text),
        "printable" => printable(text),
        "ia5" => ia5(text),
        "bmp" => bmp(text),
        // Teletex takes Latin-1 in practice.
        "teletex" => tlv(0x14, &text.chars().map(|character| u32::from(character) as u8).collect::<Vec<u8>>()),
        "numeric" => tlv(0x12, text.as_bytes()),
        _ => panic!("{kind:?} is no string type"),
    }
}

fn general_name(item: &Value, key: &Key) -> Vec<u8> {
    let Some(item) = item.as_str() else { return value(item, key) };
    let (kind, rest) = item.split_once(':').unwrap_or_else(|| panic!("{item:?} has no form"));
    match kind {
        "dns" => der::dns(rest),
        "email" => der::email(rest),
        "uri" => der::uri(rest),
        "rid" => der::registered_id(rest),
        "upn" => der::other_name("1.3.6.1.4.1.311.20.2.3", &utf8(rest)),
        "smtp-utf8" => der::other_name("1.3.6.1.5.5.7.8.9", &utf8(rest)),
        "dirname" => {
            let (kind, value) = rest.split_once('=').expect("an attribute");
            der::directory_name(&name(&[(kind, value)]))
        }
        "ip" => match rest.parse::<std::net::IpAddr>().expect("an address") {
            std::net::IpAddr::V4(address) => der::ip(&address.octets()),
            std::net::IpAddr::V6(address) => der::ip(&address.octets()),
        },
        _ => panic!("{kind:?} is no form of a name"),
    }
}

fn hex(digits: &str) -> Vec<u8> {
    let digits: Vec<u8> = digits.bytes().filter(|digit| !digit.is_ascii_whitespace()).collect();
    digits
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).expect("ASCII"), 16).expect("hexadecimal digits"))
        .collect()
}

/// DER as a nested list: the kind first, then what is in it.
fn value(item: &Value, key: &Key) -> Vec<u8> {
    let items = list(item);
    // `[null]` is YAML's null.
    let kind = items.first().map_or_else(|| panic!("{item} is no value"), |kind| kind.as_str().unwrap_or("null"));
    let rest = &items[1..];
    let all = || rest.iter().map(|item| value(item, key)).collect::<Vec<_>>();
    let one = || rest.first().unwrap_or_else(|| panic!("{item} is empty"));
    let plain = || match one() {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    match kind {
        "seq" => tlv(0x30, &all().concat()),
        "set" => {
            let parts = all();
            der::set(&parts.iter().map(Vec::as_slice).collect::<Vec<_>>())
        }
        "oid" => oid(&dotted(&plain())),
        "int" => int(one().as_i64().expect("an integer")),
        "enum" => cat(&[&[0x0A], &int(one().as_i64().expect("an integer"))[1..]]),
        "bool" => boolean(one().as_bool().expect("true or false")),
        "null" => null(),
        "octets" if one().is_array() => octets(&value(one(), key)),
        "octets" => octets(&hex(&plain())),
        "bits" => bits(&hex(&plain())),
        "utc-time" => tlv(0x17, plain().as_bytes()),
        "generalized-time" => tlv(0x18, plain().as_bytes()),
        "certificate" => certificate(if plain() == "same-key" { &key.spki } else { &keys::ec("P-384").spki }),
        "der" => hex(&plain()),
        _ => {
            let number = |prefix: &str| kind.strip_prefix(prefix).and_then(|number| number.parse::<u8>().ok());
            match (number("ctx"), number("primhex"), number("prim")) {
                (Some(number), _, _) => context(number, &all().concat()),
                (_, Some(number), _) => implicit(number, &hex(&plain())),
                (_, _, Some(number)) => implicit(number, plain().as_bytes()),
                _ => string(kind, &plain()),
            }
        }
    }
}

/// A certificate for a key (RFC 5280 section 4.1), whose signature nobody checks.
fn certificate(spki: &[u8]) -> Vec<u8> {
    let algorithm = seq(&[&oid("1.2.840.10045.4.3.2")]);
    let issuer = name(&[("CN", "Example CA")]);
    let validity = seq(&[&tlv(0x17, b"250101000000Z"), &tlv(0x17, b"260101000000Z")]);
    let tbs =
        seq(&[&context(0, &int(2)), &int(0x0102_0304), &algorithm, &issuer, &validity, &name(&[("CN", HOST)]), spki]);
    seq(&[&tbs, &algorithm, &bits(&seq(&[&int(1), &int(1)]))])
}
