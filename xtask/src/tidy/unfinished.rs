//! Nothing unfinished is committed, and no test is switched off.

use super::Finding;
use super::tree::Tree;

const MARKS: &[&str] = &["todo!", "unimplemented!", "dbg!", "#[ignore"];

/// Finds the marks in code; in comments and strings they are only talk.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, scanned) in tree.rust() {
        for (line, code) in scanned.lines() {
            for mark in MARKS.iter().filter(|mark| code.contains(**mark)) {
                findings.push(Finding::new(&file.path, line, format!("`{mark}`")));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_in_code_and_not_in_talk() {
        let text =
            "// todo!()\nlet a = \"dbg!\";\nfn b() { todo!() }\n#[ignore = \"slow\"]\nfn c() {}";
        let findings = check(&Tree::of(&[("a.rs", text)]));
        assert_eq!(
            findings.iter().map(|it| it.line).collect::<Vec<_>>(),
            [3, 4]
        );
    }
}
