//! No path of a developer's machine and no package registry host is named in the repository, so
//! that a checkout works anywhere and behind any mirror.

use super::Finding;
use super::tree::Tree;

// Taken apart so that this file does not break its own rule.
const BANNED: &[[&str; 3]] = &[
    ["/wo", "rk/", ""],
    ["/roo", "t/.", "cargo"],
    ["crates", ".", "io"],
    ["py", "pi.", "org"],
    ["python", "hosted.", "org"],
    ["registry.", "npmjs", ".org"],
    ["registry.", "yarnpkg", ".com"],
    ["deb.", "debian", ".org"],
    ["security.", "debian", ".org"],
    ["proxy.", "golang", ".org"],
];

/// Cargo itself writes its index into every lock file.
const LOCK: &str = "Cargo.lock";

/// Looks through names and texts of all files.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let banned: Vec<String> = BANNED.iter().map(|parts| parts.concat()).collect();
    let mut findings = Vec::new();
    for path in &tree.paths {
        let name = path.to_string_lossy();
        for word in banned.iter().filter(|word| name.contains(word.as_str())) {
            findings.push(Finding::new(path, 0, format!("its name contains {word}")));
        }
    }
    for file in tree.files.iter().filter(|file| !file.path.ends_with(LOCK)) {
        for (index, line) in file.text.lines().enumerate() {
            for word in banned.iter().filter(|word| line.contains(word.as_str())) {
                findings.push(Finding::new(&file.path, index + 1, format!("names {word}")));
            }
            let is_npm_lock = file.path.ends_with("package-lock.json");
            if is_npm_lock && line.contains("\"resolved\"") {
                findings.push(Finding::new(
                    &file.path,
                    index + 1,
                    "a lock without addresses, please",
                ));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_banned_word_is_found_in_text_and_name() {
        for parts in BANNED {
            let word = parts.concat();
            let tree = Tree::of(&[("README.md", &format!("see {word}x"))]);
            assert_eq!(check(&tree).len(), 1, "{word}");
            let tree = Tree::of(&[(&format!("a_{word}_b"), "")]);
            assert_eq!(check(&tree).len(), 1, "{word}");
        }
    }

    #[test]
    fn addresses_in_an_npm_lock_are_found() {
        let text = "{\n \"resolved\": \"https://mirror.example/a.tgz\"\n}";
        assert_eq!(
            check(&Tree::of(&[("tests/browser/package-lock.json", text)])).len(),
            1
        );
        assert_eq!(check(&Tree::of(&[("other.json", text)])), []);
    }
}
