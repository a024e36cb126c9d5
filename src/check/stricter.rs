//! In which direction parameters become stricter, so that one layer of policy can be held against another.
//! A parameter without a direction cannot be compared: where a rule is locked, it cannot be changed.
//! `*` in the name of a parameter stands for one key: `*.min` is `rsa.min` and `ec.min`.

use serde_json::{Map, Value};

/// In which direction a parameter becomes stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stricter {
    /// A higher number.
    Higher,
    /// A lower number.
    Lower,
    /// Fewer members; a pattern of names covers those that it matches.
    Subset,
    /// More members; `true` is all of them.
    Superset,
    /// An earlier date.
    Earlier,
    /// Fewer members, of which one has to be there; none demand nothing.
    AnyOf,
    /// `true`.
    True,
    /// `false`.
    False,
    /// `deny`.
    Deny,
}

impl Stricter {
    /// Whether going from `old` to `new` demands less; `None` if they cannot be compared.
    pub fn is_looser(self, old: &Value, new: &Value) -> Option<bool> {
        match self {
            Self::Higher => Some(new.as_f64()? < old.as_f64()?),
            Self::Lower => Some(new.as_f64()? > old.as_f64()?),
            Self::Subset => {
                let old = old.as_array()?;
                let mut outside =
                    new.as_array()?.iter().filter(|member| !old.iter().any(|wider| covers(wider, member)));
                match outside.next() {
                    None => Some(false),
                    // A pattern may cover it in a way that is not known here.
                    Some(_) if old.iter().any(is_pattern) => None,
                    Some(_) => Some(true),
                }
            }
            Self::AnyOf => match (old.as_array()?.as_slice(), new.as_array()?.as_slice()) {
                ([], _) => Some(false),
                (_, []) => Some(true),
                (old, new) => Some(!new.iter().all(|member| old.contains(member))),
            },
            Self::Superset => match (old, new) {
                (_, Value::Bool(true)) | (Value::Bool(false), _) => Some(false),
                (Value::Bool(true), _) => Some(true),
                (Value::Array(old), Value::Array(new)) => Some(!old.iter().all(|member| new.contains(member))),
                (Value::Array(old), Value::Bool(false)) => Some(!old.is_empty()),
                _ => None,
            },
            Self::Earlier => Some(new.as_str()? > old.as_str()?),
            Self::True => Some(old.as_bool()? && !new.as_bool()?),
            Self::False => Some(!old.as_bool()? && new.as_bool()?),
            Self::Deny => Some(old.as_str()? == "deny" && new.as_str()? != "deny"),
        }
    }
}

/// Whether a value stands for others.
fn is_pattern(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.contains(['*', '?', '[', '/']) || text.starts_with("regex:"))
}

/// Whether all that `narrower` stands for is among what `wider` does. Between patterns only what is certain counts:
/// `**.acme.example` covers `shop.acme.example`, `*.shop.acme.example` and `**.shop.acme.example`.
fn covers(wider: &Value, narrower: &Value) -> bool {
    if wider == narrower {
        return true;
    }
    let (Some(wider), Some(narrower)) = (wider.as_str(), narrower.as_str()) else { return false };
    if narrower.starts_with("regex:") {
        return false;
    }
    let (wider, narrower) = (wider.to_ascii_lowercase(), narrower.to_ascii_lowercase());
    let many = wider.strip_prefix("**.").is_some_and(|suffix| {
        !suffix.contains('*') && narrower.strip_suffix(suffix).is_some_and(|rest| rest.len() > 1 && rest.ends_with('.'))
    });
    let one = wider.strip_prefix("*.").is_some_and(|suffix| {
        let label = narrower.strip_suffix(suffix).and_then(|rest| rest.strip_suffix('.'));
        !suffix.contains('*') && label.is_some_and(|label| !label.is_empty() && !label.contains(['.', '*']))
    });
    many || one || within(&wider, &narrower).unwrap_or(false)
}

/// Whether a block of addresses, or an address, lies in a block (RFC 4632 section 3.1).
fn within(wider: &str, narrower: &str) -> Option<bool> {
    let parts = |text: &str| -> Option<(std::net::IpAddr, u32)> {
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: std::net::IpAddr = address.parse().ok()?;
        let all = if address.is_ipv4() { 32 } else { 128 };
        Some((address, length.map_or(Some(all), |length| length.parse().ok())?.min(all)))
    };
    let ((outer, short), (inner, long)) = (parts(wider)?, parts(narrower)?);
    let bits = |address: std::net::IpAddr| match address {
        std::net::IpAddr::V4(address) => u128::from(u32::from(address)) << 96,
        std::net::IpAddr::V6(address) => u128::from(address),
    };
    let mask = if short == 0 { 0 } else { u128::MAX << (128 - short) };
    Some(outer.is_ipv4() == inner.is_ipv4() && long >= short && bits(outer) & mask == bits(inner) & mask)
}

/// A parameter that demands less than it did, or that cannot be compared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Looser {
    /// The keys on the way to it.
    pub path: Vec<String>,
    /// What it was.
    pub old: Value,
    /// What it is; null where it is missing.
    pub new: Value,
    /// No direction is known.
    pub incomparable: bool,
}

/// The direction of a parameter.
pub(super) fn direction(directions: &[(&str, Stricter)], path: &[&str]) -> Option<Stricter> {
    let is_meant = |name: &str| {
        name.split('.').count() == path.len()
            && name.split('.').zip(path).all(|(part, key)| part == "*" || part == *key)
    };
    directions.iter().find(|(name, _)| is_meant(name)).map(|(_, direction)| *direction)
}

/// The first parameter of `new` that demands less than in `old`, by the directions of a check. What `old` does not name
/// has the value of `defaults`; where that is none, nothing was demanded, and anything demands more.
pub fn looser(
    directions: &[(&str, Stricter)],
    defaults: &Map<String, Value>,
    old: &Value,
    new: &Value,
) -> Option<Looser> {
    let empty = Map::new();
    let (old, new) = (old.as_object().unwrap_or(&empty), new.as_object().unwrap_or(&empty));
    let mut path = Vec::new();
    // What is not listed is denied: whoever lists more allows more.
    let closed = old.get("other").or_else(|| defaults.get("other")).and_then(Value::as_str) == Some("deny");
    object(directions, defaults, closed, old, new, &mut path)
}

fn object(
    directions: &[(&str, Stricter)],
    defaults: &Map<String, Value>,
    closed: bool,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    path: &mut Vec<String>,
) -> Option<Looser> {
    let keys = old.keys().chain(new.keys().filter(|key| !old.contains_key(*key)));
    for key in keys {
        path.push(key.clone());
        let found = member(directions, defaults, closed, old.get(key), new.get(key), path);
        if found.is_some() {
            return found;
        }
        path.pop();
    }
    None
}

fn member(
    directions: &[(&str, Stricter)],
    defaults: &Map<String, Value>,
    closed: bool,
    old: Option<&Value>,
    new: Option<&Value>,
    path: &mut Vec<String>,
) -> Option<Looser> {
    let top = (path.len() == 1).then(|| path.first().and_then(|key| defaults.get(key))).flatten();
    let default = top.filter(|value| !value.is_null());
    let written = |value: Option<&Value>| value.filter(|value| !value.is_null()).or(default).cloned();
    let (old, new) = (written(old), written(new));
    if old == new {
        return None;
    }
    let names: Vec<&str> = path.iter().map(String::as_str).collect();
    let at = |incomparable| {
        Some(Looser {
            path: path.clone(),
            old: old.clone().unwrap_or_default(),
            new: new.clone().unwrap_or_default(),
            incomparable,
        })
    };
    match (direction(directions, &names), &old, &new) {
        (Some(direction), Some(old), Some(new)) => match direction.is_looser(old, new) {
            Some(false) => None,
            Some(true) => at(false),
            None => at(true),
        },
        (Some(_), None, _) => None,
        (Some(_), Some(_), None) => at(false),
        (None, Some(Value::Object(old)), Some(Value::Object(new))) => {
            let (old, new) = (old.clone(), new.clone());
            object(directions, defaults, closed, &old, &new, path)
        }
        // A part of its own, such as `ed25519: {}`, whose members have directions.
        (None, None, Some(Value::Object(_))) if directions.iter().any(|(name, _)| name.starts_with("*.")) => {
            if closed {
                at(false)
            } else {
                None
            }
        }
        (None, Some(_), None) if path.len() == 1 && !closed => at(false),
        // Without it, it is not listed, and denied.
        (None, Some(Value::Object(_)), None) => None,
        (None, ..) => at(true),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const DIRECTIONS: &[(&str, Stricter)] = &[
        ("min", Stricter::Higher),
        ("except", Stricter::Subset),
        ("allow", Stricter::Subset),
        ("any", Stricter::AnyOf),
        ("other", Stricter::Deny),
        ("*.min", Stricter::Higher),
        ("*.allow", Stricter::Subset),
        ("*.deny", Stricter::Superset),
        ("*.require", Stricter::True),
    ];

    fn compared(old: Value, new: Value) -> Option<(String, bool)> {
        let defaults = json!({ "except": [], "min": 1, "any": [] });
        let found = looser(DIRECTIONS, defaults.as_object().expect("an object"), &old, &new)?;
        Some((found.path.join("."), found.incomparable))
    }

    #[test]
    fn what_demands_more_or_the_same_may_stand() {
        for (old, new) in [
            (json!({ "min": 2048 }), json!({ "min": 3072 })),
            (json!({ "min": 2048 }), json!({ "min": 2048, "allow": ["a"] })),
            (json!({}), json!({ "min": 2 })),
            (json!({ "except": ["a"] }), json!({})),
            (json!({ "allow": ["**.acme.example"] }), json!({ "allow": ["*.shop.acme.example", "x.acme.example"] })),
            (json!({ "allow": ["*.acme.example"] }), json!({ "allow": ["pay.acme.example"] })),
            (
                json!({ "allow": ["10.0.0.0/8", "2001:db8::/32"] }),
                json!({ "allow": ["10.1.0.0/16", "10.2.3.4", "2001:db8:1::/48"] }),
            ),
            (json!({ "any": [] }), json!({ "any": ["a"] })),
            (json!({ "any": ["a", "b"] }), json!({ "any": ["a"] })),
            (json!({ "rsa": { "min": 2048 } }), json!({ "rsa": { "min": 3072 }, "ec": {} })),
            (json!({ "rsa": { "min": 2048 }, "other": "deny" }), json!({ "other": "deny" })),
            (json!({ "dns": { "deny": ["a"] } }), json!({ "dns": { "deny": true, "require": true } })),
        ] {
            assert_eq!(compared(old.clone(), new.clone()), None, "{old} {new}");
        }
    }

    #[test]
    fn what_demands_less_is_found() {
        for (old, new, at) in [
            (json!({ "min": 2048 }), json!({ "min": 1024 }), "min"),
            (json!({ "min": 2048 }), json!({}), "min"),
            (json!({}), json!({ "except": ["a"] }), "except"),
            (json!({ "allow": ["a"] }), json!({}), "allow"),
            (json!({ "any": ["a"] }), json!({ "any": [] }), "any"),
            (json!({ "allow": ["a"] }), json!({ "allow": ["b"] }), "allow"),
            (json!({ "rsa": { "min": 2048 } }), json!({ "rsa": { "min": 1024 } }), "rsa.min"),
            (json!({ "rsa": { "min": 2048 } }), json!({}), "rsa"),
            (json!({ "rsa": {}, "other": "deny" }), json!({ "rsa": {}, "ec": {}, "other": "deny" }), "ec"),
            (json!({ "other": "deny" }), json!({ "other": "allow" }), "other"),
            (json!({ "dns": { "deny": true } }), json!({ "dns": { "deny": ["a"] } }), "dns.deny"),
        ] {
            assert_eq!(compared(old.clone(), new.clone()), Some((at.to_owned(), false)), "{old} {new}");
        }
        for (old, new, at) in [
            (json!({ "odd": 1 }), json!({ "odd": 2 }), "odd"),
            (json!({ "allow": ["**.acme.example"] }), json!({ "allow": ["acme.example"] }), "allow"),
            (json!({ "allow": ["**.acme.example"] }), json!({ "allow": ["evilacme.example"] }), "allow"),
            (json!({ "allow": ["*.acme.example"] }), json!({ "allow": ["a.b.acme.example"] }), "allow"),
            (json!({ "allow": ["10.0.0.0/8"] }), json!({ "allow": ["11.0.0.1"] }), "allow"),
        ] {
            assert_eq!(compared(old.clone(), new.clone()), Some((at.to_owned(), true)), "{old} {new}");
        }
    }
}
