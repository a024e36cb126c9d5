//! Where a value of a YAML file stands: keys and values by their path, in bytes.
//! Values come from serde_yaml; this only finds places, and never fails: an unknown path is the start of the file.

use std::ops::Range;

use saphyr::{LoadableYamlNode as _, MarkedYaml, YamlData};

/// Places in a YAML text.
#[derive(Debug)]
pub struct Locator {
    entries: Vec<(Vec<String>, Range<usize>, Range<usize>)>,
}

impl Locator {
    /// Reads the first document of the text.
    pub fn new(text: &str) -> Self {
        let mut entries = Vec::new();
        if let Ok(documents) = MarkedYaml::load_from_str(text)
            && let Some(document) = documents.first()
        {
            // saphyr counts code points.
            let offsets: Vec<usize> = text.char_indices().map(|(offset, _)| offset).chain(std::iter::once(text.len())).collect();
            let range = |node: &MarkedYaml<'_>| {
                let at = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
                at(node.span.start.index())..at(node.span.end.index())
            };
            let mut path = Vec::new();
            collect(document, range(document), &range, &mut path, &mut entries);
        }
        Self { entries }
    }

    /// The value at a path.
    pub fn value(&self, path: &[&str]) -> Range<usize> {
        self.find(path).map_or(0..0, |(_, _, value)| value.clone())
    }

    /// The key at a path; in a list, the member.
    pub fn key(&self, path: &[&str]) -> Range<usize> {
        self.find(path).map_or(0..0, |(_, key, _)| key.clone())
    }

    /// Whether there is something at a path.
    pub fn has(&self, path: &[&str]) -> bool {
        self.find(path).is_some()
    }

    fn find(&self, path: &[&str]) -> Option<&(Vec<String>, Range<usize>, Range<usize>)> {
        self.entries.iter().find(|(entry, _, _)| entry.len() == path.len() && entry.iter().zip(path).all(|(a, b)| a == b))
    }
}

fn collect(
    node: &MarkedYaml<'_>,
    key: Range<usize>,
    range: &impl Fn(&MarkedYaml<'_>) -> Range<usize>,
    path: &mut Vec<String>,
    entries: &mut Vec<(Vec<String>, Range<usize>, Range<usize>)>,
) {
    entries.push((path.clone(), key, range(node)));
    if path.len() > 32 || entries.len() > 100_000 {
        return;
    }
    match &node.data {
        YamlData::Mapping(mapping) => {
            for (name, value) in mapping {
                path.push(name.data.as_str().map_or_else(String::new, str::to_owned));
                collect(value, range(name), range, path, entries);
                path.pop();
            }
        }
        YamlData::Sequence(members) => {
            for (number, member) in members.iter().enumerate() {
                path.push(number.to_string());
                collect(member, range(member), range, path, entries);
                path.pop();
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_keys_and_values_in_bytes() {
        let text = "\u{e9}: 1\nrules:\n  key/x: { with: { min: 20 } }\nwaivers:\n  - rule: a/b\n";
        let locator = Locator::new(text);
        assert_eq!(&text[locator.value(&["rules", "key/x", "with", "min"])], "20");
        assert_eq!(&text[locator.key(&["rules", "key/x"])], "key/x");
        assert_eq!(&text[locator.value(&["waivers", "0", "rule"])], "a/b");
        assert!(!locator.has(&["nothing"]));
    }
}
