//! Terraform's functions, as far as they compute something from values that are known.
//! A function that is not here, or is given what it cannot judge, has no outcome; its call stays an expression.
//! Names and meanings are those of the function reference of Terraform 1.9.

use std::net::Ipv4Addr;
use std::ops::Range;

use super::evaluate::{MAX_STRING, Pieces, number_text};
use crate::read::structure::{Entry, Members, Node, Scalar, Value};
use crate::request::Text;

/// What a function or operator makes.
pub(super) enum Outcome {
    /// Something new.
    Value(Value),
    /// One of the things it was given.
    Node(Node),
}

type Function = fn(&[Node], &Range<usize>) -> Option<Outcome>;

/// The functions, by name.
const FUNCTIONS: &[(&str, Function)] = &[
    ("abs", |a, _| compute(a, f64::abs)),
    ("ceil", |a, _| compute(a, f64::ceil)),
    ("chomp", |a, _| edit(a, |text| text.trim_end_matches(['\n', '\r']).to_owned())),
    ("cidrhost", |a, _| cidrhost(a)),
    ("coalesce", |a, _| coalesce(a)),
    ("coalescelist", |a, _| coalesce_list(a)),
    ("compact", |a, _| filtered(a, |text| !text.is_empty())),
    ("concat", |a, _| concat(a)),
    ("contains", |a, _| contains(a)),
    ("distinct", |a, _| list(a).map(distinct)),
    ("element", |a, _| element(a)),
    ("endswith", |a, _| test(a, |text, end| text.ends_with(end))),
    ("flatten", |a, _| flatten(a)),
    ("floor", |a, _| compute(a, f64::floor)),
    ("format", |a, _| string(format(a.split_first()?)?)),
    ("formatlist", |a, at| formatlist(a, at)),
    ("join", |a, _| join(a)),
    ("keys", |a, _| keys(a)),
    ("length", |a, _| length(a)),
    ("lookup", |a, _| lookup(a)),
    ("lower", |a, _| case(a, str::to_lowercase)),
    ("max", |a, _| fold(a, f64::max)),
    ("merge", |a, _| merge(a)),
    ("min", |a, _| fold(a, f64::min)),
    ("nonsensitive", |a, _| same(a)),
    ("one", |a, _| one(a)),
    ("replace", |a, _| replace(a)),
    ("reverse", |a, _| reverse(a)),
    ("sensitive", |a, _| same(a)),
    ("setunion", |a, _| match concat(a)? {
        Outcome::Value(Value::Sequence(members)) => Some(set(&members)),
        _ => None,
    }),
    ("sort", |a, _| list(a).filter(|members| members.open.is_empty()).map(sorted)),
    ("split", |a, at| split(a, at)),
    ("startswith", |a, _| test(a, |text, start| text.starts_with(start))),
    ("tobool", |a, _| truth(one_of(a)?).map(|value| plain(value.to_string()))),
    ("tolist", |a, _| list(a).map(|members| Outcome::Value(Value::Sequence(members.clone())))),
    ("tomap", |a, _| same(a)),
    ("tonumber", |a, _| number(one_of(a)?).and_then(number_text).map(plain)),
    ("toset", |a, _| list(a).map(set)),
    ("tostring", |a, _| tostring(a)),
    ("trim", |a, _| edit_with(a, |text, set| text.trim_matches(|c| set.contains(c)).to_owned())),
    ("trimprefix", |a, _| edit_with(a, |text, start| text.strip_prefix(start).unwrap_or(text).to_owned())),
    ("trimspace", |a, _| edit(a, |text| text.trim().to_owned())),
    ("trimsuffix", |a, _| edit_with(a, |text, end| text.strip_suffix(end).unwrap_or(text).to_owned())),
    ("upper", |a, _| case(a, str::to_uppercase)),
    ("values", |a, _| values(a)),
];

/// The outcome of a call that stands at `at`.
pub(super) fn call(name: &str, arguments: &[Node], at: &Range<usize>) -> Option<Outcome> {
    let index = FUNCTIONS.binary_search_by(|(known, _)| known.cmp(&name)).ok()?;
    FUNCTIONS.get(index).and_then(|(_, function)| function(arguments, at))
}

/// A known boolean.
pub(super) fn truth(node: &Node) -> Option<bool> {
    node.str()?.parse().ok()
}

/// A known number.
pub(super) fn number(node: &Node) -> Option<f64> {
    node.str()?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// Whether two values are equal, where that is certain.
pub(super) fn equal(left: &Node, right: &Node) -> Option<bool> {
    match (&left.value, &right.value) {
        (Value::Null, Value::Null) => Some(true),
        (Value::Null, Value::Scalar(other)) | (Value::Scalar(other), Value::Null) => other.text.whole().map(|_| false),
        (Value::Null, Value::Sequence(_) | Value::Mapping(_)) => Some(false),
        (Value::Sequence(_) | Value::Mapping(_), Value::Null) => Some(false),
        (Value::Scalar(one), Value::Scalar(other)) => {
            let (one_text, other_text) = (one.text.whole()?, other.text.whole()?);
            match (one.plain && other.plain, number(left), number(right)) {
                (true, Some(one), Some(other)) => Some((one - other).abs() < f64::EPSILON),
                _ => Some(one.plain == other.plain && one_text == other_text),
            }
        }
        (Value::Sequence(list), Value::Sequence(other)) if list.open.is_empty() && other.open.is_empty() => {
            match (list.seen.is_empty(), other.seen.is_empty()) {
                (true, true) => Some(true),
                _ if list.seen.len() != other.seen.len() => Some(false),
                _ => None,
            }
        }
        _ => None,
    }
}

// --- what arguments are

fn one_of(arguments: &[Node]) -> Option<&Node> {
    match arguments {
        [argument] => Some(argument),
        _ => None,
    }
}

fn list(arguments: &[Node]) -> Option<&Members<Node>> {
    members(one_of(arguments)?)
}

fn members(node: &Node) -> Option<&Members<Node>> {
    match &node.value {
        Value::Sequence(members) => Some(members),
        _ => None,
    }
}

fn mapping(node: &Node) -> Option<&Members<Entry>> {
    match &node.value {
        Value::Mapping(members) => Some(members),
        _ => None,
    }
}

fn closed(node: &Node) -> Option<&[Node]> {
    members(node).filter(|members| members.open.is_empty()).map(|members| members.seen.as_slice())
}

fn plain(text: String) -> Outcome {
    Outcome::Value(Value::Scalar(Scalar::whole(text, true)))
}

fn string(text: Text) -> Option<Outcome> {
    let short = match &text {
        Text::Whole(text) => text.len() <= MAX_STRING,
        Text::Partial { prefix, suffix } => prefix.len() + suffix.len() <= MAX_STRING,
    };
    let scalar = Scalar { text, plain: false, expression: None, from: None };
    short.then_some(Outcome::Value(Value::Scalar(scalar)))
}

fn sequence(seen: Vec<Node>, open: Vec<Range<usize>>) -> Outcome {
    Outcome::Value(Value::Sequence(Members { seen, open }))
}

// --- strings

fn edit(arguments: &[Node], edit: impl Fn(&str) -> String) -> Option<Outcome> {
    string(Text::Whole(edit(one_of(arguments)?.str()?)))
}

fn edit_with(arguments: &[Node], edit: impl Fn(&str, &str) -> String) -> Option<Outcome> {
    match arguments {
        [text, with] => string(Text::Whole(edit(text.str()?, with.str()?))),
        _ => None,
    }
}

fn test(arguments: &[Node], test: impl Fn(&str, &str) -> bool) -> Option<Outcome> {
    match arguments {
        [text, with] => Some(plain(test(text.str()?, with.str()?).to_string())),
        _ => None,
    }
}

/// Letters are changed one by one, so that what is known stays known.
fn case(arguments: &[Node], change: impl Fn(&str) -> String) -> Option<Outcome> {
    match &one_of(arguments)?.value {
        Value::Scalar(Scalar { text: Text::Whole(text), .. }) => string(Text::Whole(change(text))),
        Value::Scalar(Scalar { text: Text::Partial { prefix, suffix }, .. }) => {
            string(Text::Partial { prefix: change(prefix), suffix: change(suffix) })
        }
        _ => None,
    }
}

fn tostring(arguments: &[Node]) -> Option<Outcome> {
    match &one_of(arguments)?.value {
        Value::Scalar(scalar) => string(scalar.text.clone()),
        Value::Null => Some(Outcome::Value(Value::Null)),
        _ => None,
    }
}

/// A pattern between slashes is a regular expression.
fn replace(arguments: &[Node]) -> Option<Outcome> {
    let [text, pattern, with] = arguments else { return None };
    let (text, pattern, with) = (text.str()?, pattern.str()?, with.str()?);
    let is_regex = pattern.len() > 1 && pattern.starts_with('/') && pattern.ends_with('/');
    let size = text.len() + text.matches(pattern).count() * with.len();
    if is_regex || pattern.is_empty() || size > MAX_STRING {
        return None;
    }
    string(Text::Whole(text.replace(pattern, with)))
}

fn split(arguments: &[Node], at: &Range<usize>) -> Option<Outcome> {
    let [separator, text] = arguments else { return None };
    let (separator, source) = (separator.str()?, text.str()?);
    if separator.is_empty() || source.matches(separator).count() > 1_000 {
        return None;
    }
    let from = match &text.value {
        Value::Scalar(scalar) => scalar.from.clone(),
        _ => None,
    };
    let part = |part: &str| {
        let scalar = Scalar { expression: Some(source.to_owned()), from: from.clone(), ..Scalar::whole(part, false) };
        Node { span: at.clone(), value: Value::Scalar(scalar) }
    };
    Some(sequence(source.split(separator).map(part).collect(), Vec::new()))
}

fn join(arguments: &[Node]) -> Option<Outcome> {
    let (separator, lists) = arguments.split_first()?;
    let separator = separator.str()?;
    let mut pieces = Pieces::default();
    let mut first = true;
    for list in lists {
        let list = members(list)?;
        for member in &list.seen {
            if !std::mem::take(&mut first) {
                pieces.text(separator);
            }
            pieces.node(member);
            if pieces.text_len() > MAX_STRING {
                return None;
            }
        }
        if !list.open.is_empty() {
            pieces.unknown();
        }
    }
    string(pieces.finish())
}

/// The verbs `%s`, `%d`, `%v`, `%q`, `%0Nd` and `%%`.
fn format((template, arguments): (&Node, &[Node])) -> Option<Text> {
    let template = template.str()?;
    let mut arguments = arguments.iter();
    let mut pieces = Pieces::default();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('%') {
        pieces.text(before);
        let end = after.find(|c: char| !c.is_ascii_digit())?;
        let (width, verb) = (after.get(..end)?, after.get(end..)?.chars().next()?);
        rest = after.get(end + verb.len_utf8()..)?;
        match (verb, width) {
            ('%', "") => pieces.text("%"),
            ('s' | 'v' | 'd', "") => pieces.node(arguments.next()?),
            ('d', width) if width.starts_with('0') && width.len() < 4 => match arguments.next()?.str() {
                Some(number) => {
                    let number: i64 = number.parse().ok()?;
                    pieces.text(&format!("{number:0width$}", width = width.parse().ok()?));
                }
                None => pieces.unknown(),
            },
            ('q', "") => {
                pieces.text("\"");
                match arguments.next()?.str() {
                    Some(text) if !text.contains(['"', '\\']) && !text.contains(char::is_control) => pieces.text(text),
                    _ => pieces.unknown(),
                }
                pieces.text("\"");
            }
            _ => return None,
        }
        if pieces.text_len() > MAX_STRING {
            return None;
        }
    }
    pieces.text(rest);
    arguments.next().is_none().then(|| pieces.finish())
}

fn formatlist(arguments: &[Node], at: &Range<usize>) -> Option<Outcome> {
    let (template, rest) = arguments.split_first()?;
    let mut lengths = rest.iter().filter_map(members).map(|list| list.seen.len());
    let length = lengths.next()?;
    if lengths.any(|other| other != length) {
        return None;
    }
    let open = rest.iter().filter(|argument| members(argument).is_some()).flat_map(Node::open).cloned().collect();
    let mut seen = Vec::new();
    for index in 0..length {
        let row: Option<Vec<Node>> = rest
            .iter()
            .map(|argument| match members(argument) {
                Some(list) => list.seen.get(index).cloned(),
                None => Some(argument.clone()),
            })
            .collect();
        let row = row?;
        let from = row.iter().find_map(|node| match &node.value {
            Value::Scalar(scalar) => scalar.from.clone(),
            _ => None,
        });
        let text = format((template, &row))?;
        let scalar = Scalar { text, plain: false, expression: template.str().map(str::to_owned), from };
        seen.push(Node { span: at.clone(), value: Value::Scalar(scalar) });
    }
    Some(sequence(seen, open))
}

/// The address of a host of an IPv4 network.
fn cidrhost(arguments: &[Node]) -> Option<Outcome> {
    let [network, host] = arguments else { return None };
    let (address, bits) = network.str()?.split_once('/')?;
    let address = u32::from(address.parse::<Ipv4Addr>().ok()?);
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    let mask = u32::MAX.checked_shl(32 - bits).unwrap_or(0);
    let size = i64::from(!mask) + 1;
    let host: i64 = host.str()?.parse().ok()?;
    let host = if host < 0 { size.checked_add(host)? } else { host };
    let host = u32::try_from(host).ok().filter(|host| i64::from(*host) < size)?;
    string(Text::Whole(Ipv4Addr::from((address & mask) + host).to_string()))
}

// --- numbers

fn compute(arguments: &[Node], compute: fn(f64) -> f64) -> Option<Outcome> {
    number_text(compute(number(one_of(arguments)?)?)).map(plain)
}

fn fold(arguments: &[Node], fold: fn(f64, f64) -> f64) -> Option<Outcome> {
    let numbers: Option<Vec<f64>> = arguments.iter().map(number).collect();
    numbers?.into_iter().reduce(fold).and_then(number_text).map(plain)
}

// --- lists and objects

fn same(arguments: &[Node]) -> Option<Outcome> {
    match one_of(arguments)? {
        Node { value: Value::Unknown(_), .. } => None,
        known => Some(Outcome::Node(known.clone())),
    }
}

/// The first that is neither null nor the empty string.
fn coalesce(arguments: &[Node]) -> Option<Outcome> {
    for argument in arguments {
        match &argument.value {
            Value::Null => {}
            Value::Scalar(scalar) if scalar.text.whole() == Some("") => {}
            Value::Scalar(scalar) if scalar.is_unknown() => return None,
            Value::Unknown(_) => return None,
            _ => return Some(Outcome::Node(argument.clone())),
        }
    }
    None
}

fn coalesce_list(arguments: &[Node]) -> Option<Outcome> {
    for argument in arguments {
        let list = members(argument)?;
        if !list.seen.is_empty() {
            return Some(Outcome::Node(argument.clone()));
        }
        if !list.open.is_empty() {
            return None;
        }
    }
    None
}

fn concat(arguments: &[Node]) -> Option<Outcome> {
    let mut seen = Vec::new();
    let mut open = Vec::new();
    for argument in arguments {
        match &argument.value {
            Value::Sequence(members) => {
                seen.extend(members.seen.iter().cloned());
                open.extend(members.open.iter().cloned());
            }
            Value::Unknown(_) => open.push(argument.span.clone()),
            _ => return None,
        }
    }
    Some(sequence(seen, open))
}

/// What is seen before an argument nobody sees may be replaced by it.
fn merge(arguments: &[Node]) -> Option<Outcome> {
    let mut merged: Members<Entry> = Members::default();
    let hide = |merged: &mut Members<Entry>, expression: &str, span: &Range<usize>| {
        merged.seen.iter_mut().for_each(|entry| entry.value.value = Value::Unknown(expression.to_owned()));
        merged.open.push(span.clone());
    };
    let mut indices = std::collections::HashMap::new();
    for argument in arguments {
        match &argument.value {
            Value::Mapping(members) => {
                if let Some(span) = members.open.first() {
                    hide(&mut merged, "merge", span);
                }
                for entry in &members.seen {
                    let index = *indices.entry(entry.key.as_str()).or_insert(merged.seen.len());
                    match merged.seen.get_mut(index) {
                        Some(known) => *known = entry.clone(),
                        None => merged.seen.push(entry.clone()),
                    }
                }
            }
            Value::Unknown(expression) => hide(&mut merged, expression, &argument.span),
            Value::Null => {}
            _ => return None,
        }
    }
    Some(Outcome::Value(Value::Mapping(merged)))
}

fn flatten(arguments: &[Node]) -> Option<Outcome> {
    let mut result = Members::default();
    flatten_into(list(arguments)?, &mut result, 0)?;
    Some(Outcome::Value(Value::Sequence(result)))
}

fn flatten_into(list: &Members<Node>, result: &mut Members<Node>, level: u32) -> Option<()> {
    if level > 50 {
        return None;
    }
    for member in &list.seen {
        match &member.value {
            Value::Sequence(inner) => flatten_into(inner, result, level + 1)?,
            // A list, perhaps, of any length.
            Value::Unknown(_) => result.open.push(member.span.clone()),
            _ => result.seen.push(member.clone()),
        }
    }
    result.open.extend(list.open.iter().cloned());
    Some(())
}

fn distinct(list: &Members<Node>) -> Outcome {
    let mut known = std::collections::HashSet::new();
    let seen = list.seen.iter().filter(|member| member.str().is_none_or(|text| known.insert(text)));
    sequence(seen.cloned().collect(), list.open.clone())
}

fn filtered(arguments: &[Node], keep: impl Fn(&str) -> bool) -> Option<Outcome> {
    let list = list(arguments)?;
    let kept = |member: &&Node| member.value != Value::Null && member.str().is_none_or(&keep);
    Some(sequence(list.seen.iter().filter(kept).cloned().collect(), list.open.clone()))
}

fn sorted(list: &Members<Node>) -> Outcome {
    let mut seen = list.seen.clone();
    if seen.iter().all(|member| member.str().is_some()) {
        seen.sort_by(|left, right| left.str().cmp(&right.str()));
    }
    sequence(seen, list.open.clone())
}

/// Members once, in the order Terraform gives to sets of strings.
fn set(list: &Members<Node>) -> Outcome {
    match distinct(list) {
        Outcome::Value(Value::Sequence(members)) => sorted(&members),
        other => other,
    }
}

fn reverse(arguments: &[Node]) -> Option<Outcome> {
    let seen = closed(one_of(arguments)?)?;
    Some(sequence(seen.iter().rev().cloned().collect(), Vec::new()))
}

fn one(arguments: &[Node]) -> Option<Outcome> {
    match closed(one_of(arguments)?)? {
        [] => Some(Outcome::Value(Value::Null)),
        [member] => Some(Outcome::Node(member.clone())),
        _ => None,
    }
}

fn element(arguments: &[Node]) -> Option<Outcome> {
    let [list, index] = arguments else { return None };
    let (list, index) = (closed(list)?, index.str()?.parse::<usize>().ok()?);
    list.get(index.checked_rem(list.len())?).cloned().map(Outcome::Node)
}

fn length(arguments: &[Node]) -> Option<Outcome> {
    let argument = one_of(arguments)?;
    let length = match &argument.value {
        Value::Sequence(members) if members.open.is_empty() => members.seen.len(),
        Value::Mapping(members) if members.open.is_empty() => members.seen.len(),
        Value::Scalar(scalar) => scalar.text.whole()?.chars().count(),
        _ => return None,
    };
    Some(plain(length.to_string()))
}

fn contains(arguments: &[Node]) -> Option<Outcome> {
    let [list, wanted] = arguments else { return None };
    let list = members(list)?;
    let answers: Vec<Option<bool>> = list.seen.iter().map(|member| equal(member, wanted)).collect();
    if answers.contains(&Some(true)) {
        return Some(plain("true".into()));
    }
    (list.open.is_empty() && !answers.contains(&None)).then(|| plain("false".into()))
}

fn lookup(arguments: &[Node]) -> Option<Outcome> {
    let (object, key, default) = match arguments {
        [object, key] => (object, key, None),
        [object, key, default] => (object, key, Some(default)),
        _ => return None,
    };
    let members = mapping(object)?;
    match object.entry(key.str()?) {
        Some(entry) => Some(Outcome::Node(entry.value.clone())),
        None if members.open.is_empty() => default.cloned().map(Outcome::Node),
        None => None,
    }
}

fn ordered(object: &Members<Entry>) -> Vec<&Entry> {
    let mut entries: Vec<&Entry> = object.seen.iter().collect();
    entries.sort_by(|left, right| left.key.cmp(&right.key));
    entries
}

fn keys(arguments: &[Node]) -> Option<Outcome> {
    let object = mapping(one_of(arguments)?)?;
    let key = |entry: &&Entry| {
        let value = Value::Scalar(Scalar::whole(entry.key.as_str(), false));
        Node { span: entry.key_span.clone(), value }
    };
    Some(sequence(ordered(object).iter().map(key).collect(), object.open.clone()))
}

fn values(arguments: &[Node]) -> Option<Outcome> {
    let object = mapping(one_of(arguments)?)?;
    Some(sequence(ordered(object).iter().map(|entry| entry.value.clone()).collect(), object.open.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_in_order() {
        assert!(FUNCTIONS.is_sorted_by(|(left, _), (right, _)| left < right));
    }
}
