//! Files that hold one idea: at most 400 lines, and never above 600.

use super::Finding;
use super::tree::Tree;

const AIM: usize = 400;
const MOST: usize = 600;

/// Warns above the aim and fails above the limit, in Rust and in the tests' scripts.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in &tree.files {
        let is_code = file
            .path
            .extension()
            .is_some_and(|it| it == "rs" || it == "mjs" || it == "js");
        let lines = file.text.lines().count();
        if is_code && lines > MOST {
            findings.push(Finding::new(
                &file.path,
                0,
                format!("{lines} lines, at most {MOST}"),
            ));
        } else if is_code && lines > AIM {
            findings.push(Finding::warning(
                &file.path,
                0,
                format!("{lines} lines, aim {AIM}"),
            ));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warns_first_and_fails_later() {
        let of = |lines: usize| check(&Tree::of(&[("a.rs", &"x\n".repeat(lines))]));
        assert_eq!(of(400), []);
        assert!(of(401)[0].warning && of(600)[0].warning);
        assert!(!of(601)[0].warning);
    }
}
