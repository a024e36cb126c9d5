//! Texts people write, parsed: with serde, and where that fails once more with the schema, which finds every error.
//! Each error gets its place in the text and the nearest valid name.

use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::{Locator, PolicyError, RawPolicy};
use crate::catalogue::{RuleFile, nearest};
use crate::check::ParameterError;

/// Errors of one policy that are told; a policy with more has been mistaken for one.
const MOST_ERRORS: usize = 50;

pub(super) fn capped(mut errors: Vec<PolicyError>) -> Vec<PolicyError> {
    let more = errors.len().saturating_sub(MOST_ERRORS);
    errors.truncate(MOST_ERRORS);
    if let Some(last) = errors.last_mut().filter(|_| more > 0) {
        last.help = Some(format!("{more} more errors are not listed"));
    }
    errors
}

/// Parses with serde; only when that fails is the schema asked for every error at its place.
pub(super) fn parse(
    text: &str,
    locator: &Locator,
    error: &dyn Fn(std::ops::Range<usize>, String, Option<String>) -> PolicyError,
) -> Result<RawPolicy, Vec<PolicyError>> {
    let value: Value = match serde_yaml::from_str(text) {
        Ok(value) => value,
        Err(problem) => {
            let at = problem.location().map_or(0, |location| location.index());
            return Err(vec![error(at..at, format!("the policy is no YAML: {problem}"), None)]);
        }
    };
    if value.is_null() {
        return Err(vec![error(0..0, "the policy is empty".to_owned(), Some("start with `version: 1`".to_owned()))]);
    }
    let problem = match serde_path_to_error::deserialize::<_, RawPolicy>(value.clone()) {
        Ok(raw) if raw.version == 1 => return Ok(raw),
        Ok(raw) => {
            return Err(vec![error(
                locator.value(&["version"]),
                format!("policy version {} is not known to csrlint {}", raw.version, env!("CARGO_PKG_VERSION")),
                Some("this csrlint reads version 1".to_owned()),
            )]);
        }
        Err(problem) => problem,
    };
    let schema = serde_json::to_value(schemars::schema_for!(RawPolicy)).unwrap_or_default();
    let found = schema_errors(&schema, &value, locator);
    // A value of its type's own making (a date) is told better by the type than by its pattern.
    let path: Vec<String> = problem.path().iter().filter_map(crate::check::segment).collect();
    let here: Vec<&str> = path.iter().map(String::as_str).collect();
    let message = problem.inner().to_string();
    if let Some(field) = message.split('`').nth(1).filter(|_| problem_is_deeper(&found, locator, &here)) {
        let full: Vec<&str> =
            here.iter().copied().chain(Some(field).filter(|field| here.last() != Some(field))).collect();
        let help = nearest(field, message.split('`').skip(3).step_by(2)).map(|near| format!("did you mean {near:?}?"));
        return Err(vec![match message.strip_prefix("unknown field") {
            Some(_) => {
                error(locator.key(&full), format!("unknown key {field:?}"), help.or_else(|| Some(message.clone())))
            }
            None => error(locator.nearest(&here), message.clone(), help),
        }]);
    }
    if message.contains("is no date") || found.is_empty() {
        return Err(vec![error(locator.nearest(&here), message, None)]);
    }
    Err(capped(found.into_iter().map(|(span, message, help)| error(span, message, help)).collect()))
}

/// Whether the schema only says that something around the place fits none of its alternatives.
fn problem_is_deeper(found: &[Located], locator: &Locator, here: &[&str]) -> bool {
    let place = locator.nearest(here);
    found.iter().any(|(span, message, _)| {
        *span != place
            && span.start <= place.start
            && place.end <= span.end
            && message.contains("no value that can stand here")
    })
}

type Located = (std::ops::Range<usize>, String, Option<String>);

/// Every violation of a schema, at its place in the YAML.
fn schema_errors(schema: &Value, value: &Value, locator: &Locator) -> Vec<Located> {
    let Ok(validator) = jsonschema::validator_for(schema) else { return Vec::new() };
    let mut errors: Vec<Located> = validator
        .iter_errors(value)
        .flat_map(|error| {
            let pointer = error.instance_path().to_string();
            let path: Vec<String> =
                pointer.split('/').skip(1).map(|part| part.replace("~1", "/").replace("~0", "~")).collect();
            let here: Vec<&str> = path.iter().map(String::as_str).collect();
            match error.kind() {
                ValidationErrorKind::AdditionalProperties { unexpected } => unexpected
                    .iter()
                    .map(|name| {
                        let full: Vec<&str> = here.iter().copied().chain([name.as_str()]).collect();
                        let known = properties_at(schema, error.schema_path().as_str());
                        let help = nearest(name, known.iter().map(String::as_str))
                            .map(|near| format!("did you mean {near:?}?"))
                            .or_else(|| Some(format!("known keys: {}", known.join(", "))));
                        (locator.key(&full), format!("unknown key {name:?}"), help)
                    })
                    .collect(),
                ValidationErrorKind::Enum { .. }
                | ValidationErrorKind::AnyOf { .. }
                | ValidationErrorKind::OneOfNotValid { .. } => {
                    let known = alternatives_at(schema, error.schema_path().as_str());
                    let found = error.instance().as_str().unwrap_or_default();
                    let help = nearest(found, known.iter().map(String::as_str))
                        .map(|near| format!("did you mean {near:?}?"))
                        .or_else(|| (!known.is_empty()).then(|| format!("known values: {}", known.join(", "))));
                    vec![(
                        locator.nearest(&here),
                        format!("{} is no value that can stand here", error.instance()),
                        help,
                    )]
                }
                _ => vec![(locator.nearest(&here), error.to_string(), None)],
            }
        })
        .collect();
    errors.sort_by_key(|(span, _, _)| span.start);
    errors
}

/// The schema that holds the keyword at a schema path, references followed.
fn schema_at<'s>(schema: &'s Value, path: &str) -> &'s Value {
    let follow = |mut node: &'s Value| {
        while let Some(reference) = node.get("$ref").and_then(Value::as_str) {
            node = schema.pointer(reference.trim_start_matches('#')).unwrap_or(&Value::Null);
        }
        node
    };
    let parent = path.rsplit_once('/').map_or("", |(parent, _)| parent);
    let mut node = schema;
    for part in parent.split('/').skip(1) {
        // The path goes through references; each is followed where it stands.
        node = follow(node);
        if part == "$ref" {
            continue;
        }
        node = node.get(part).or_else(|| node.get(part.parse::<usize>().unwrap_or(usize::MAX))).unwrap_or(&Value::Null);
    }
    follow(node)
}

/// The properties of the object schema that holds the keyword at a schema path.
fn properties_at(schema: &Value, path: &str) -> Vec<String> {
    schema_at(schema, path)
        .get("properties")
        .and_then(Value::as_object)
        .map(|properties| properties.keys().cloned().collect())
        .unwrap_or_default()
}

/// The words an `enum`, or the constants of an `anyOf` or `oneOf`, leave to choose from.
fn alternatives_at(schema: &Value, path: &str) -> Vec<String> {
    fn words(schema: &Value, node: &Value, found: &mut Vec<String>) {
        let node = node
            .get("$ref")
            .and_then(Value::as_str)
            .and_then(|reference| schema.pointer(reference.trim_start_matches('#')))
            .unwrap_or(node);
        found.extend(node.get("const").and_then(Value::as_str).map(str::to_owned));
        found.extend(
            node.get("enum")
                .and_then(Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(|word| word.as_str().map(str::to_owned)),
        );
        for keyword in ["anyOf", "oneOf"] {
            for part in node.get(keyword).and_then(Value::as_array).into_iter().flatten() {
                words(schema, part, found);
            }
        }
    }
    let mut found = Vec::new();
    words(schema, schema_at(schema, path), &mut found);
    found
}

/// An error of a rule's own validation, at its place.
pub(crate) fn located(path: &str, text: &str, problem: &ParameterError) -> PolicyError {
    let locator = Locator::new(text).unwrap_or_default();
    let here: Vec<&str> = problem.path.iter().map(String::as_str).collect();
    let field = problem.message.split('`').nth(1).filter(|_| problem.message.contains("unknown field"));
    let inside: Vec<&str> = here.iter().copied().chain(field).collect();
    let span = if field.is_some() && locator.has(&inside) { locator.key(&inside) } else { locator.nearest(&here) };
    PolicyError { path: path.to_owned(), text: text.into(), span, message: problem.message.clone(), help: None }
}

/// Reads one rule file.
///
/// # Errors
/// What is wrong, at its place.
pub(crate) fn parse_rule(path: &str, text: &str) -> Result<RuleFile, PolicyError> {
    let error = |span: std::ops::Range<usize>, message: String, help: Option<String>| PolicyError {
        path: path.to_owned(),
        text: text.into(),
        span,
        message,
        help,
    };
    let locator = Locator::new(text).map_err(|(at, problem)| {
        error(at..at, format!("the rule file is no YAML that can be used: {problem}"), None)
    })?;
    let value: Value = serde_yaml::from_str(text).map_err(|problem| {
        let at = problem.location().map_or(0, |location| location.index());
        error(at..at, format!("the rule file is no YAML: {problem}"), None)
    })?;
    serde_json::from_value(value.clone()).map_err(|problem| {
        let schema = serde_json::to_value(schemars::schema_for!(RuleFile)).unwrap_or_default();
        // A misspelt key is the reason why another is missing.
        let mut found = schema_errors(&schema, &value, &locator);
        found.sort_by_key(|(_, message, _)| !message.starts_with("unknown key"));
        match found.into_iter().next() {
            Some((span, message, help)) => error(span, message, help),
            None => error(0..0, problem.to_string(), None),
        }
    })
}

/// `>=0.1, <1`: every comparison has to hold.
pub(super) fn version_satisfies(requirement: &str, version: &str) -> Result<(), String> {
    let parts = |text: &str| -> Option<Vec<u64>> { text.trim().split('.').map(|part| part.parse().ok()).collect() };
    let current = parts(version).unwrap_or_default();
    for comparison in requirement.split(',').map(str::trim) {
        let operator_len = comparison.find(|character: char| character.is_ascii_digit()).unwrap_or(comparison.len());
        let (operator, wanted) = comparison.split_at(operator_len);
        let Some(wanted) = parts(wanted).filter(|wanted| !wanted.is_empty()) else {
            return Err(format!("{requirement:?} is no version requirement; write it as \">=0.1, <1\""));
        };
        let padded = |list: &[u64]| list.iter().copied().chain(std::iter::repeat(0)).take(4).collect::<Vec<_>>();
        let order = padded(&current).cmp(&padded(&wanted));
        let holds = match operator.trim() {
            ">=" => order.is_ge(),
            ">" => order.is_gt(),
            "<=" => order.is_le(),
            "<" => order.is_lt(),
            "=" | "==" => current.starts_with(&wanted),
            _ => return Err(format!("{requirement:?} is no version requirement; write it as \">=0.1, <1\"")),
        };
        if !holds {
            return Err(format!("this policy needs csrlint {requirement}; this is {version}"));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn version_requirements() {
        assert!(version_satisfies(">=0.1", "0.1.0").is_ok());
        assert!(version_satisfies(">=0.1, <1", "0.9.3").is_ok());
        assert!(version_satisfies("=0.1", "0.1.7").is_ok());
        for bad in [">=0.3", "<0.1", "latest", "~0.1", ""] {
            assert!(version_satisfies(bad, "0.1.0").is_err(), "{bad}");
        }
    }
}
