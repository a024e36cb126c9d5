//! What `.gitattributes` make of files: which of the attributes that change what a checkout holds are set (gitattributes(5)).
//! A request that a filter, an encoding or an identifier rewrites is another one on disk than in the repository, and in the review.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use crate::source::{Content, FilePath, Tree};

/// The name of the files.
pub(super) const NAME: &str = ".gitattributes";
/// The attributes that change what a checkout holds.
const REWRITING: [&str; 3] = ["working-tree-encoding", "filter", "ident"];
/// Larger files are not read (1 MiB); git reads them up to 100 MiB.
const SIZE_LIMIT: u64 = 1 << 20;
/// Longer lines are not read by git either (`ATTR_MAX_LINE_LENGTH`).
const LONGEST_LINE: usize = 2048;
/// Lines with such attributes of one file, and macros, at most: each is held against every file that is asked for.
const MOST_LINES: usize = 1000;

/// The value an attribute is given: set, unset or unspecified (`None`), or a text.
type Value = Option<String>;

/// A line of a file.
struct Line {
    pattern: Gitignore,
    /// In the order they are written.
    given: Vec<(String, Value)>,
}

/// What macros stand for, by name.
type Macros = HashMap<String, Vec<(String, Value)>>;

/// The attributes of a tree.
pub(super) struct Attributes<'t> {
    tree: &'t dyn Tree,
    /// From the file at the root: only there they count.
    macros: Macros,
    /// By folder.
    files: HashMap<PathBuf, Option<Vec<Line>>>,
    ignore_case: bool,
}

impl<'t> Attributes<'t> {
    /// Of a tree; some disks do not tell cases apart.
    pub(super) fn of(tree: &'t dyn Tree, ignore_case: bool) -> Self {
        let mut macros = Macros::new();
        for line in text_of(tree, Path::new("")).lines().filter(|line| line.len() <= LONGEST_LINE) {
            if let Some((name, given)) = line.trim().strip_prefix("[attr]").and_then(|rest| rest.split_once(is_blank)) {
                macros.insert(name.to_owned(), parsed(given));
            }
        }
        Self { tree, macros, files: HashMap::new(), ignore_case }
    }

    /// The attributes of a file that change what a checkout holds of it. None where there are too many lines to tell.
    pub(super) fn of_file(&mut self, path: &FilePath) -> Option<BTreeMap<&'static str, String>> {
        if self.macros.len() > MOST_LINES {
            return None;
        }
        let mut settled: HashMap<String, Value> = HashMap::new();
        // The nearest file goes before those above it, and in a file the last line before the others.
        for folder in path.native().ancestors().skip(1) {
            let (tree, ignore_case) = (self.tree, self.ignore_case);
            let macros = &self.macros;
            let lines =
                self.files.entry(folder.to_owned()).or_insert_with(|| lines_of(tree, folder, macros, ignore_case));
            let below = path.native().strip_prefix(folder).unwrap_or(path.native());
            for line in lines.as_ref()?.iter().rev().filter(|line| line.pattern.matched(below, false).is_ignore()) {
                settle(&line.given, &self.macros, &mut settled);
            }
        }
        Some(REWRITING.into_iter().filter_map(|name| Some((name, settled.remove(name)??))).collect())
    }
}

/// Gives attributes what they were not given before, the last one first. A macro that is set stands for its attributes.
fn settle(given: &[(String, Value)], macros: &Macros, settled: &mut HashMap<String, Value>) {
    let mut open = vec![given.iter().rev()];
    while let Some(given) = open.last_mut() {
        let Some((name, value)) = given.next() else {
            open.pop();
            continue;
        };
        if settled.contains_key(name) {
            continue;
        }
        settled.insert(name.clone(), value.clone());
        if let Some(inside) = macros.get(name).filter(|_| value.as_deref() == Some("true")) {
            open.push(inside.iter().rev());
        }
    }
}

fn text_of(tree: &dyn Tree, folder: &Path) -> String {
    let mut bytes = Vec::new();
    let path = FilePath::new(folder.join(NAME));
    let whole = matches!(tree.read(&path, SIZE_LIMIT, &mut bytes), Ok(Content::Whole));
    let text = if whole { String::from_utf8_lossy(&bytes).into_owned() } else { String::new() };
    text.strip_prefix('\u{FEFF}').map(str::to_owned).unwrap_or(text)
}

/// The lines that say something of these attributes; none where there are too many.
fn lines_of(tree: &dyn Tree, folder: &Path, macros: &Macros, ignore_case: bool) -> Option<Vec<Line>> {
    let mut found = Vec::new();
    for line in text_of(tree, folder).lines().filter(|line| line.len() <= LONGEST_LINE) {
        let Some((pattern, given)) = split(line) else { continue };
        let given = parsed(given);
        if !given.iter().any(|(name, _)| REWRITING.contains(&name.as_str()) || macros.contains_key(name)) {
            continue;
        }
        if found.len() == MOST_LINES {
            return None;
        }
        let mut builder = GitignoreBuilder::new("");
        let built = builder.case_insensitive(ignore_case).and_then(|builder| builder.add_line(None, &pattern)).is_ok();
        if let Some(pattern) = built.then(|| builder.build().ok()).flatten() {
            found.push(Line { pattern, given });
        }
    }
    Some(found)
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r')
}

/// The pattern of a line and what stands behind it; none for comments, macros and what git does not take.
fn split(line: &str) -> Option<(String, &str)> {
    let line = line.trim_start_matches(is_blank);
    if line.is_empty() || line.starts_with('#') || line.starts_with("[attr]") {
        return None;
    }
    let (pattern, rest) = match line.strip_prefix('"') {
        // A string as in C, so that it can hold blanks.
        Some(quoted) => unquoted(quoted)?,
        None => {
            let (pattern, rest) = line.split_once(is_blank)?;
            (pattern.to_owned(), rest)
        }
    };
    // Unlike those of .gitignore, patterns cannot be negated.
    (!pattern.starts_with('!')).then_some((pattern, rest))
}

/// A string up to its closing quote, escapes undone, and the rest of the line.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut out: Vec<u8> = Vec::new();
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return Some((String::from_utf8_lossy(&out).into_owned(), text.get(at + 1..)?)),
            b'\\' => {
                let (_, escaped) = bytes.next()?;
                out.push(match escaped {
                    b'a' => 7,
                    b'b' => 8,
                    b'f' => 12,
                    b'n' => b'\n',
                    b'r' => b'\r',
                    b't' => b'\t',
                    b'v' => 11,
                    b'0'..=b'3' => {
                        let digits = [escaped, bytes.next()?.1, bytes.next()?.1];
                        let octal = std::str::from_utf8(&digits).ok()?;
                        u8::from_str_radix(octal, 8).ok()?
                    }
                    other => other,
                });
            }
            other => out.push(other),
        }
    }
    None
}

/// `name`, `-name`, `!name`, `name=value`.
fn parsed(given: &str) -> Vec<(String, Value)> {
    let one = |word: &str| match (word.strip_prefix(['-', '!']), word.split_once('=')) {
        (Some(name), _) => (name.to_owned(), None),
        (None, Some((name, value))) => (name.to_owned(), Some(value.to_owned())),
        (None, None) => (word.to_owned(), Some("true".to_owned())),
    };
    given.split(is_blank).filter(|word| !word.is_empty()).map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::MemoryTree;

    /// What git 2.39 says (`git check-attr filter ident working-tree-encoding -- PATH`).
    #[test]
    fn attributes_are_those_of_git() {
        let long = format!("*.csr {}filter=long\n", " ".repeat(LONGEST_LINE));
        for (files, path, expected) in [
            (&[("", "*.csr filter=lfs\n")][..], "a/web.csr", "filter=lfs"),
            (&[("", "/web.csr filter=lfs\n")], "a/web.csr", ""),
            (&[("", "a/web.csr filter=lfs\n")], "a/web.csr", "filter=lfs"),
            (&[("", "a/*.csr filter=lfs\n")], "b/a/web.csr", ""),
            (&[("", "**/a/*.csr filter=lfs\n")], "b/a/web.csr", "filter=lfs"),
            (&[("", "a/ filter=lfs\na filter=lfs\n")], "a/web.csr", ""),
            (&[("", "a/** filter=lfs\n")], "a/b/web.csr", "filter=lfs"),
            // The last line, and the nearest file.
            (&[("", "*.csr filter=a\n*.csr filter=b\n")], "web.csr", "filter=b"),
            (&[("", "*.csr filter=a\nweb.csr -filter ident\n")], "web.csr", "ident=true"),
            (&[("", "*.csr filter=a\n"), ("a", "web.csr !filter\n")], "a/web.csr", ""),
            (&[("", "*.csr filter=a\n"), ("a", "*.txt !filter\n")], "a/web.csr", "filter=a"),
            (&[("a", "*.csr filter=a\n")], "b/web.csr", ""),
            // Macros, at the root only.
            (&[("", "[attr]odd filter=x ident\n*.csr odd\n")], "web.csr", "filter=x ident=true"),
            (&[("", "*.csr odd\n[attr]odd even\n[attr]even filter=x\n")], "web.csr", "filter=x"),
            (&[("", "[attr]odd filter=x\n*.csr odd\n*.csr -odd\n")], "web.csr", ""),
            (&[("", "[attr]odd filter=x\n*.csr odd -filter\n")], "web.csr", ""),
            (&[("a", "[attr]odd filter=x\n*.csr odd\n")], "a/web.csr", ""),
            (&[("", "[attr]odd filter=x\n"), ("a", "*.csr odd\n")], "a/web.csr", "filter=x"),
            (&[("", "[attr]a b\n[attr]b a filter=x\n*.csr a\n")], "web.csr", "filter=x"),
            // How lines are written.
            (&[("", "\"a b.csr\" filter=x\n\"\\167eb.csr\" ident\n")], "a b.csr", "filter=x"),
            (&[("", "\"\\167eb.csr\" ident\n")], "web.csr", "ident=true"),
            (&[("", "  *.csr\tfilter=x\r\n")], "web.csr", "filter=x"),
            (&[("", "\u{FEFF}*.csr filter=x\n")], "web.csr", "filter=x"),
            (&[("", "# *.csr filter=x\n!*.csr filter=x\n*.csr\n")], "web.csr", ""),
            (&[("", &long)], "web.csr", ""),
            (&[("", "*.csr working-tree-encoding=UTF-16LE text\n")], "web.csr", "working-tree-encoding=UTF-16LE"),
            (&[("", "*.csr binary diff=csr text eol=lf\n")], "web.csr", ""),
            (&[("", "*.CSR filter=x\n")], "web.csr", ""),
        ] {
            let tree = files.iter().fold(MemoryTree::new(), |tree, (folder, text)| {
                tree.with_file(FilePath::new(Path::new(folder).join(NAME)), text.as_bytes().to_vec())
            });
            let found = Attributes::of(&tree, false).of_file(&FilePath::new(path)).expect("few lines");
            let told: Vec<String> = found.iter().map(|(name, value)| format!("{name}={value}")).collect();
            assert_eq!(told.join(" "), expected, "{files:?} {path}");
        }
        let tree = MemoryTree::new().with_file(FilePath::new(NAME), b"*.CSR filter=x\n".to_vec());
        assert_eq!(Attributes::of(&tree, true).of_file(&FilePath::new("web.csr")).map(|found| found.len()), Some(1));
        let many = "x filter=y\n".repeat(MOST_LINES + 1);
        let tree = MemoryTree::new().with_file(FilePath::new(NAME), many.into_bytes());
        assert_eq!(Attributes::of(&tree, false).of_file(&FilePath::new("web.csr")), None);
    }
}
