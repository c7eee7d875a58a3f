//! No `unsafe` anywhere in our own Rust.

use super::Finding;
use super::scan::words;
use super::tree::Tree;

/// Finds the keyword in code.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, scanned) in tree.rust() {
        for at in words(&scanned.code, "unsafe") {
            findings.push(Finding::new(&file.path, scanned.line_of(at), "`unsafe`"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_keyword_is_found_and_the_lint_name_is_not() {
        let text = "#![deny(unsafe_code)]\n// unsafe\nunsafe fn a() {}";
        assert_eq!(check(&Tree::of(&[("a.rs", text)])).len(), 1);
    }
}
