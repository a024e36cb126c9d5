//! Where a value of a YAML file stands: keys and values by their path, in bytes.
//! Values come from serde_yaml; this finds places, and refuses what is not worth reading. An unknown path is the start of the file.

use std::collections::HashMap;
use std::ops::Range;

use saphyr::{LoadableYamlNode as _, MarkedYaml, YamlData};

/// Deeper nesting than any policy needs; the time of a YAML reader may grow with its square.
const MOST_NESTING: usize = 64;
/// Characters that aliases may stand for in all, at most.
const MOST_ALIASED: usize = 1 << 20;

/// Places in a YAML text.
#[derive(Debug, Clone, Default)]
pub struct Locator {
    places: HashMap<Vec<String>, (Range<usize>, Range<usize>)>,
}

impl Locator {
    /// Reads the first document of the text.
    ///
    /// # Errors
    /// What makes the text unfit to be read at all, with the byte it stands at: bad YAML, a key that is written twice,
    /// nesting and aliases beyond any policy's need.
    pub fn new(text: &str) -> Result<Self, (usize, String)> {
        refuse_bombs(text)?;
        // saphyr counts code points.
        let offsets: Vec<usize> =
            text.char_indices().map(|(offset, _)| offset).chain(std::iter::once(text.len())).collect();
        let at = |index: usize| offsets.get(index).copied().unwrap_or(text.len());
        let documents =
            MarkedYaml::load_from_str(text).map_err(|error| (at(error.marker().index()), error.info().to_owned()))?;
        let mut places = HashMap::new();
        if let Some(document) = documents.first() {
            let range = |node: &MarkedYaml<'_>| at(node.span.start.index())..at(node.span.end.index());
            collect(document, range(document), &range, &mut Vec::new(), &mut places);
        }
        Ok(Self { places })
    }

    /// The value at a path.
    pub fn value(&self, path: &[&str]) -> Range<usize> {
        self.find(path).map_or(0..0, |(_, value)| value.clone())
    }

    /// The key at a path; in a list, the member.
    pub fn key(&self, path: &[&str]) -> Range<usize> {
        self.find(path).map_or(0..0, |(key, _)| key.clone())
    }

    /// The value at a path, else at the nearest path above it.
    pub fn nearest(&self, path: &[&str]) -> Range<usize> {
        (0..=path.len())
            .rev()
            .find_map(|length| self.find(path.get(..length)?))
            .map_or(0..0, |(_, value)| value.clone())
    }

    /// Whether there is something at a path.
    pub fn has(&self, path: &[&str]) -> bool {
        self.find(path).is_some()
    }

    fn find(&self, path: &[&str]) -> Option<&(Range<usize>, Range<usize>)> {
        let path: Vec<String> = path.iter().map(|part| (*part).to_owned()).collect();
        self.places.get(&path)
    }
}

/// YAML whose reading would take time, memory or stack out of proportion to its length.
/// Brackets and stars count only where they mean something: not in comments and quoted strings.
fn refuse_bombs(text: &str) -> Result<(), (usize, String)> {
    let mut depth = 0_usize;
    let mut aliases = 0_usize;
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        // `- - - x` nests as deep as it has dashes.
        let dashes = line.split_whitespace().take_while(|word| matches!(*word, "-" | "?")).count();
        let mut quote = None;
        let mut before = '\n';
        let mut characters = line.char_indices().peekable();
        while let Some((at, character)) = characters.next() {
            match (quote, character) {
                (Some('"'), '\\') => {
                    characters.next();
                }
                (Some(open), _) if open == character => quote = None,
                (Some(_), _) => {}
                (None, '"' | '\'') if !before.is_alphanumeric() => quote = Some(character),
                (None, '#') if before.is_whitespace() => break,
                (None, '[' | '{') => depth += 1,
                (None, ']' | '}') => depth = depth.saturating_sub(1),
                (None, '*') if matches!(before, ' ' | '[' | ',' | '{') => {
                    let name = characters.peek().is_some_and(|(_, next)| next.is_alphanumeric() || *next == '_');
                    let lead = line.get(..at).unwrap_or_default().trim_end();
                    aliases += usize::from(name && (lead.is_empty() || lead.ends_with([':', '-', '[', ',', '{'])));
                }
                _ => {}
            }
            before = character;
            if depth > MOST_NESTING || dashes > MOST_NESTING {
                return Err((start + at, format!("nested more than {MOST_NESTING} levels deep")));
            }
            if aliases.saturating_mul(text.len()) > MOST_ALIASED.max(text.len() * 8) {
                return Err((start + at, "too many aliases".to_owned()));
            }
        }
        start += line.len();
    }
    Ok(())
}

fn collect(
    node: &MarkedYaml<'_>,
    key: Range<usize>,
    range: &impl Fn(&MarkedYaml<'_>) -> Range<usize>,
    path: &mut Vec<String>,
    places: &mut HashMap<Vec<String>, (Range<usize>, Range<usize>)>,
) {
    places.insert(path.clone(), (key, range(node)));
    if path.len() > 32 || places.len() > 100_000 {
        return;
    }
    match &node.data {
        YamlData::Mapping(mapping) => {
            for (name, value) in mapping {
                path.push(name.data.as_str().map_or_else(String::new, str::to_owned));
                collect(value, range(name), range, path, places);
                path.pop();
            }
        }
        YamlData::Sequence(members) => {
            for (number, member) in members.iter().enumerate() {
                path.push(number.to_string());
                collect(member, range(member), range, path, places);
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
        let locator = Locator::new(text).expect("YAML");
        assert_eq!(&text[locator.value(&["rules", "key/x", "with", "min"])], "20");
        assert_eq!(&text[locator.key(&["rules", "key/x"])], "key/x");
        assert_eq!(&text[locator.value(&["waivers", "0", "rule"])], "a/b");
        assert!(!locator.has(&["nothing"]));
        assert_eq!(locator.nearest(&["rules", "key/x", "with", "max"]), locator.value(&["rules", "key/x", "with"]));
    }

    #[test]
    fn refuses_what_is_not_worth_reading() {
        assert!(Locator::new("a: 1\na: 2\n").is_err(), "a key twice");
        assert!(Locator::new(&"[".repeat(1000)).is_err());
        let aliases: String = (0..5000).map(|number| format!("y{number}: *x\n")).collect();
        assert!(Locator::new(&format!("x: &x [{}]\n{aliases}", "a, ".repeat(5000))).is_err());
        assert!(Locator::new("x: &x [a]\ny: *x\nz: *x\n").is_ok());
    }
}
