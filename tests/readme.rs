//! The console blocks of the README are what the program prints.
//! A line `...` stands for any lines; `# exit N` for the exit code, which is 0 without it.

use std::path::Path;
use std::process::Command;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

struct Block {
    arguments: Vec<String>,
    expected: Vec<String>,
    code: i32,
}

/// The commands of all console blocks, each with the lines below it.
fn blocks(text: &str) -> Vec<Block> {
    let mut found: Vec<Block> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match line {
            "```console" => inside = true,
            "```" => inside = false,
            _ if !inside => {}
            _ => match (line.strip_prefix("$ "), found.last_mut()) {
                (Some(command), _) => {
                    // Built from this very source: the same program without building it again.
                    let command = command
                        .strip_prefix("cargo run --release --locked -- ")
                        .or_else(|| command.strip_prefix("csrlint "))
                        .expect("a csrlint command");
                    found.push(Block {
                        arguments: command.split_whitespace().map(str::to_owned).collect(),
                        expected: Vec::new(),
                        code: 0,
                    });
                }
                (None, Some(block)) => match line.strip_prefix("# exit ") {
                    Some(code) => block.code = code.parse().expect("an exit code"),
                    None => block.expected.push(line.to_owned()),
                },
                (None, None) => panic!("output before a command"),
            },
        }
    }
    found
}

/// `...` matches any number of lines, also at the start of a line's rest.
fn matches(expected: &[String], actual: &[&str]) -> bool {
    match expected.split_first() {
        None => actual.is_empty(),
        Some((first, rest)) if first == "..." => (0..=actual.len()).any(|skipped| matches(rest, &actual[skipped..])),
        Some((first, rest)) => actual.split_first().is_some_and(|(line, lines)| {
            let same = match first.strip_suffix("...") {
                Some(start) => line.starts_with(start),
                None => line == first,
            };
            same && matches(rest, lines)
        }),
    }
}

#[test]
fn console_blocks_are_true() {
    let read = |file: &str| std::fs::read_to_string(root().join(file)).expect("a page");
    let pages = ["README.md", "docs/templates.md", "docs/outputs.md"];
    let blocks: Vec<Block> = pages.iter().flat_map(|page| blocks(&read(page))).collect();
    assert!(blocks.len() >= 7, "only {} commands", blocks.len());
    for block in blocks {
        let output = Command::new(env!("CARGO_BIN_EXE_csrlint"))
            .args(&block.arguments)
            .current_dir(root())
            .env("NO_COLOR", "1")
            .env("COLUMNS", "100")
            .env("LANG", "C.UTF-8")
            .output()
            .expect("it runs");
        let command = block.arguments.join(" ");
        assert_eq!(output.status.code(), Some(block.code), "csrlint {command}");
        let printed = String::from_utf8(output.stdout).expect("UTF-8");
        // Errors of use go to standard error; what is printed for them there is part of the block.
        let printed = if printed.is_empty() { String::from_utf8(output.stderr).expect("UTF-8") } else { printed };
        let actual: Vec<&str> = printed.lines().collect();
        let expected: Vec<String> = block.expected.clone();
        assert!(
            matches(&expected, &actual),
            "csrlint {command}\nexpected:\n{}\nprinted:\n{printed}",
            expected.join("\n")
        );
    }
}
