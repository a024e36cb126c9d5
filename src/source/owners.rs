//! CODEOWNERS: who is asked about a change of a file, as GitHub and GitLab read it. The last pattern that matches wins.
//! Patterns are those of .gitignore without `!` and `[ ]`; sections of GitLab are read as if they were not there.

use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::{Content, FilePath, Tree};

/// Where the file may be, in the order it is looked for.
const PLACES: [&str; 4] = [".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS", ".gitlab/CODEOWNERS"];
/// A larger one is not read by GitHub either (3 MiB).
const LIMIT: u64 = 3 << 20;

/// The owners of files.
#[derive(Debug, Default)]
pub struct Owners {
    /// Each line by itself, the last first.
    lines: Vec<(Gitignore, Vec<String>)>,
}

impl Owners {
    /// Those of a tree; nobody where it has no such file.
    pub fn of(tree: &dyn Tree) -> Self {
        let mut bytes = Vec::new();
        let found = PLACES
            .iter()
            .find(|place| matches!(tree.read_sibling(&FilePath::new(**place), LIMIT, &mut bytes), Ok(Content::Whole)));
        if found.is_some() { Self::parse(&String::from_utf8_lossy(&bytes)) } else { Self::default() }
    }

    fn parse(text: &str) -> Self {
        let mut lines = Vec::new();
        for line in text.lines().map(str::trim) {
            if line.is_empty() || line.starts_with(['#', '[', '^', '!']) {
                continue;
            }
            let line = line.split_once(" #").map_or(line, |(before, _)| before);
            // A blank in a name is written with a backslash before it.
            let end = line
                .char_indices()
                .find(|(at, c)| c.is_whitespace() && !line.get(..*at).unwrap_or_default().ends_with('\\'))
                .map_or(line.len(), |(at, _)| at);
            let (pattern, owners) = line.split_at(end);
            let mut builder = GitignoreBuilder::new("");
            if builder.add_line(None, pattern).is_err() {
                continue;
            }
            if let Ok(pattern) = builder.build() {
                lines.push((pattern, owners.split_whitespace().map(str::to_owned).collect()));
            }
        }
        lines.reverse();
        Self { lines }
    }

    /// The owners of a file; none where nobody is named.
    pub fn of_file(&self, path: &FilePath) -> &[String] {
        let found = self
            .lines
            .iter()
            .find(|(pattern, _)| pattern.matched_path_or_any_parents(path.native(), false).is_ignore());
        found.map_or(&[], |(_, owners)| owners)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_that_matches_wins() {
        let owners = Owners::parse(
            "# all\n* @acme/all\n/services/ @acme/services # ours\n*.csr @acme/pki pki@acme.example\n/services/free/\na\\ b.csr @x\n[Section]\n",
        );
        let of = |path: &str| owners.of_file(&FilePath::new(path)).join(" ");
        assert_eq!(of("README.md"), "@acme/all");
        assert_eq!(of("services/web/deploy.yaml"), "@acme/services");
        assert_eq!(of("services/web/web.csr"), "@acme/pki pki@acme.example");
        assert_eq!(of("services/free/deploy.yaml"), "");
        assert_eq!(of("a b.csr"), "@x");
        assert_eq!(Owners::default().of_file(&FilePath::new("x")), &[] as &[String]);
    }
}
