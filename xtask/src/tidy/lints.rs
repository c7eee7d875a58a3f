//! The workspace's lints hold in every package: documented public items, no `unsafe`, and so on.
//! Clippy with `-D warnings` does the work; this rule sees that nobody steps out of it.

use super::Finding;
use super::tree::Tree;

const NEVER_ALLOWED: &[&str] = &[
    "missing_docs",
    "unsafe_code",
    "clippy::all",
    "warnings",
    "unused_must_use",
];

/// Finds packages without the workspace's lints and attributes that switch the lasting ones off.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for member in tree.members.values() {
        let path = member.folder.join("Cargo.toml");
        let manifest = tree
            .file(&path)
            .and_then(|file| file.text.parse::<toml::Table>().ok());
        let inherits = manifest
            .as_ref()
            .and_then(|it| it.get("lints")?.get("workspace")?.as_bool())
            .unwrap_or(false);
        if !inherits {
            findings.push(Finding::new(path, 0, "has no `[lints] workspace = true`"));
        }
    }
    for (file, scanned) in tree.rust() {
        for (line, code) in scanned.lines().filter(|(_, code)| code.contains("allow(")) {
            for lint in NEVER_ALLOWED.iter().filter(|lint| code.contains(**lint)) {
                // Nobody reads the documentation of a test binary's helpers.
                if file.is_test_file() && *lint == "missing_docs" {
                    continue;
                }
                findings.push(Finding::new(
                    &file.path,
                    line,
                    format!("`{lint}` must stay on"),
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Member;

    #[test]
    fn a_package_without_the_lints_is_found() {
        for (text, expected) in [
            ("[lints]\nworkspace = true", 0),
            ("[package]\nname = \"a\"", 1),
        ] {
            let mut tree = Tree::of(&[("a/Cargo.toml", text)]);
            let member = Member {
                folder: "a".into(),
                dependencies: Vec::new(),
            };
            tree.members.insert("a".to_owned(), member);
            assert_eq!(check(&tree).len(), expected, "{text}");
        }
    }

    #[test]
    fn switching_documentation_off_is_found() {
        let tree = Tree::of(&[(
            "a.rs",
            "#![allow(missing_docs)]\n#[allow(dead_code)]\nfn a() {}",
        )]);
        assert_eq!(check(&tree).len(), 1);
        let tree = Tree::of(&[
            ("crates/x/tests/it/a.rs", "#![allow(missing_docs)]"),
            ("crates/x/tests/it/b.rs", "#![allow(unsafe_code)]"),
        ]);
        assert_eq!(check(&tree).len(), 1);
    }
}
