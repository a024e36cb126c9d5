//! Answers of git: raw differences, listings of commits and of the index, blame. The first byte says which.
#![no_main]

use std::path::Component;

use csrlint::source::{ChangeKind, Changes, Git, ObjectTree, Tree, line_times};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Some((which, answer)) = input.split_first() else { return };
    match which % 4 {
        0 => differences(answer),
        1 => listing(answer, ObjectTree::of_commit),
        2 => listing(answer, ObjectTree::of_index),
        _ => {
            let lines = answer.split(|byte| *byte == b'\n').filter(|line| line.first() == Some(&b'\t'));
            assert_eq!(line_times(answer).len(), lines.count());
        }
    }
});

fn differences(answer: &[u8]) {
    let changes = Changes::parse(answer);
    for (path, change) in &changes.files {
        assert!(changes.touch(path) != (change.kind == ChangeKind::Deleted) || change.submodule, "{path}");
        assert!(changes.touch_around(path), "{path}");
        match &change.kind {
            ChangeKind::Added => assert_eq!(changes.before(path), None),
            ChangeKind::Renamed { from } => assert_eq!(changes.before(path).as_ref(), Some(from)),
            ChangeKind::Modified | ChangeKind::Deleted => assert_eq!(changes.before(path).as_ref(), Some(path)),
        }
    }
    assert!(changes.renames().values().all(|to| changes.files.contains_key(to)));
    assert_eq!(Changes::merged([changes.clone(), changes.clone()]).files, changes.files);
}

fn listing(answer: &[u8], parse: impl Fn(Git, &[u8]) -> ObjectTree) {
    let tree = parse(Git::new("/nowhere/at/all"), answer);
    for path in tree.paths() {
        let stays = path.native().components().all(|part| matches!(part, Component::Normal(_)));
        assert!(stays && !path.native().as_os_str().is_empty(), "{path} leads out of the tree");
        assert!(tree.has(path), "{path}");
        // A link would have to be read.
        if !answer.windows(6).any(|mode| mode == b"120000") {
            let folder = path.native().parent().expect("a file has a folder");
            assert!(tree.list(&csrlint::source::FilePath::new(folder)).contains(path), "{path}");
        }
    }
}
