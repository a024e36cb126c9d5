//! Helm: the values a chart brings along, for the expressions of its templates that only name one.
//! No template is run. A value that is empty in the chart is left to whoever installs it, and so is everything that is computed.
//! What is found is marked as coming from `values.yaml`: an installation may set another.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use super::Surroundings;
use super::structure::{Document, Node, Resolved, Value, yaml};
use super::surroundings::Sibling;
use super::template::TemplateText;
use crate::source::{FilePath, line_at};

/// Folders above a file in which its chart is looked for.
const MOST_FOLDERS: usize = 12;

/// The chart around a template, read when the first expression asks for it.
pub(super) struct Chart<'a> {
    path: &'a FilePath,
    around: &'a Surroundings<'a>,
    files: OnceCell<Option<Files>>,
}

/// What of a chart is read.
struct Files {
    values: Option<(Arc<str>, Node)>,
    name: Option<Resolved>,
}

impl<'a> Chart<'a> {
    /// Of the chart a text is a template of, if it is one.
    pub(super) fn of(text: &TemplateText<'a>, around: &'a Surroundings<'a>) -> Self {
        Self { path: text.path, around, files: OnceCell::new() }
    }

    /// The value of an expression, without its braces.
    pub(super) fn resolve(&self, expression: &str) -> Option<Resolved> {
        let reference = reference(expression)?;
        let files = self.files.get_or_init(|| self.read()).as_ref()?;
        match reference {
            Reference::Name => files.name.clone(),
            Reference::Value(keys) => {
                let (text, root) = files.values.as_ref()?;
                let keys: Vec<&str> = keys.split('.').collect();
                let node = root.at(&keys)?;
                let value = node.str().filter(|value| !value.is_empty())?;
                let written = matches!(&node.value, Value::Scalar(scalar) if scalar.expression.is_none());
                let line = line_at(text, node.span.start);
                written.then(|| Resolved { text: value.to_owned(), from: format!("values.yaml:{line}") })
            }
        }
    }

    fn read(&self) -> Option<Files> {
        // Templates stand in `templates` or below it.
        let mut folder = self.path.native().parent()?.to_path_buf();
        for _ in 0..MOST_FOLDERS {
            let is_templates = folder.file_name().is_some_and(|name| name == "templates");
            let above = folder.parent()?.to_path_buf();
            if is_templates && let Some(chart) = self.around.text(&FilePath::new(above.join("Chart.yaml"))) {
                let values = self.around.text(&FilePath::new(above.join("values.yaml")));
                let values = values.and_then(|text| Some((text.clone(), first(&text)?)));
                let name = first(&chart).and_then(|root| root.str_at(&["name"]).map(str::to_owned));
                let name = name.map(|text| Resolved { text, from: "Chart.yaml".to_owned() });
                return Some(Files { values, name });
            }
            folder = above;
        }
        None
    }
}

/// The first document of a file that is not templated itself.
fn first(text: &str) -> Option<Node> {
    yaml::read(text, &|_| None).into_iter().next().map(|Document { root, .. }| root)
}

enum Reference<'e> {
    /// `.Values.a.b`
    Value(&'e str),
    /// `.Chart.Name`
    Name,
}

/// What an expression names, if it does nothing else: quoting it and a default for it do not change what is there.
fn reference(expression: &str) -> Option<Reference<'_>> {
    let mut stages = expression.split('|').map(str::trim);
    let first = stages.next()?;
    let first = ["quote ", "squote ", "toString "]
        .iter()
        .find_map(|function| first.strip_prefix(function))
        .map_or(first, str::trim_start);
    let plain = |stage: &str| {
        let mut words = stage.split_whitespace();
        let function = words.next().unwrap_or_default();
        let arguments = words.count();
        match function {
            "quote" | "squote" | "toString" | "trim" => arguments == 0,
            "default" => arguments == 1 || stage.get("default".len()..).is_some_and(is_one_string),
            _ => false,
        }
    };
    if !stages.all(plain) {
        return None;
    }
    let name = first.strip_prefix('$').unwrap_or(first);
    if name == ".Chart.Name" {
        return Some(Reference::Name);
    }
    let keys = name.strip_prefix(".Values.")?;
    let is_key = |key: &str| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    keys.split('.').all(is_key).then_some(Reference::Value(keys))
}

fn is_one_string(argument: &str) -> bool {
    let argument = argument.trim();
    argument.len() > 1 && argument.starts_with('"') && argument.ends_with('"') && argument.matches('"').count() == 2
}

/// The version of a dependency, by the nearest lock file of a chart around the file, else by the chart's own constraint
/// where it allows no other.
///
/// # Errors
/// The nearest of these files is there and was not read; why.
pub(super) fn dependency(path: &FilePath, around: &Surroundings<'_>, name: &str) -> Result<Option<String>, Arc<str>> {
    let Some(mut folder) = path.native().parent().map(PathBuf::from) else { return Ok(None) };
    for _ in 0..MOST_FOLDERS {
        for file in ["Chart.lock", "Chart.yaml"] {
            let text = match around.sibling(&FilePath::new(folder.join(file))) {
                Sibling::Text(text) => Some(text),
                Sibling::Absent => None,
                Sibling::Unread(unread) => return Err(unread.reason),
            };
            let root = text.filter(|text| text.contains(name)).and_then(|text| first(&text));
            let found = root.as_ref().and_then(|root| {
                let dependencies = root.get("dependencies").map(Node::members).unwrap_or_default();
                dependencies.iter().find(|one| one.str_at(&["name"]) == Some(name))?.str_at(&["version"])
            });
            if let Some(version) = found {
                return Ok(exact(version));
            }
        }
        if !folder.pop() {
            break;
        }
    }
    Ok(None)
}

/// `v1.17.2`, `1.17`, `~1.17.0`: constraints that hold for one minor version only.
fn exact(version: &str) -> Option<String> {
    let number = version.trim().trim_start_matches(['~', '=']).trim().trim_start_matches('v');
    let mut parts = number.split('.');
    let is_number = |part: Option<&str>| part.is_some_and(|part| part.parse::<u32>().is_ok());
    let one = is_number(parts.next()) && is_number(parts.next());
    let rest_is_fine = !number.contains([' ', '|', '<', '>', ',']);
    (one && rest_is_fine).then(|| number.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_names_are_looked_up() {
        let keys = |expression: &'static str| match reference(expression) {
            Some(Reference::Value(keys)) => Some(keys),
            Some(Reference::Name) => Some("Chart.Name"),
            None => None,
        };
        assert_eq!(keys(".Values.tls.host"), Some("tls.host"));
        assert_eq!(keys("$.Values.tls.host | quote"), Some("tls.host"));
        assert_eq!(keys("quote .Values.host"), Some("host"));
        assert_eq!(keys(".Values.host | default \"shop acme\" | quote"), Some("host"));
        assert_eq!(keys(".Chart.Name"), Some("Chart.Name"));
        for other in [
            ".Values.host | upper",
            "default .Values.a .Values.b",
            "printf \"%s\" .Values.host",
            ".Release.Name",
            ".Values",
            "(.Values.host)",
            ".Values.a.b | default (include \"x\" .)",
            "index .Values.hosts 0",
            ".root.Values.host",
        ] {
            assert_eq!(keys(other), None, "{other}");
        }
    }

    #[test]
    fn constraints_of_one_version() {
        assert_eq!(exact("v1.17.2").as_deref(), Some("1.17.2"));
        assert_eq!(exact("~1.17").as_deref(), Some("1.17"));
        for range in ["^1.17.0", ">=1.15", "1.x", ">=1.2 <1.9", "*", "1"] {
            assert_eq!(exact(range), None, "{range}");
        }
    }
}
