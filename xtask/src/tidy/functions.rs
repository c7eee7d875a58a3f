//! Functions of at most 60 lines of code, counted as clippy counts: no blank and comment lines.

use super::Finding;
use super::scan::{Scanned, close_of, words};
use super::tree::Tree;

const MOST: usize = 60;

/// Finds long functions. One under `#[expect(clippy::too_many_lines, reason = …)]` is let be:
/// a long table is sometimes clearest in one piece, and then says why.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, scanned) in tree.rust() {
        for function in functions(scanned).filter(|it| it.lines > MOST && !it.excused) {
            let text = format!("function of {} lines, at most {MOST}", function.lines);
            findings.push(Finding::new(&file.path, function.line, text));
        }
    }
    findings
}

struct Function {
    line: usize,
    lines: usize,
    excused: bool,
}

fn functions(scanned: &Scanned) -> impl Iterator<Item = Function> {
    words(&scanned.code, "fn").filter_map(|at| {
        let code = &scanned.code;
        let open = body_start(code, at)?;
        let end = close_of(code, open)?;
        let body = &code[open + 1..end - 1];
        let line = scanned.line_of(at);
        Some(Function {
            line,
            lines: body.lines().filter(|line| !line.trim().is_empty()).count(),
            excused: is_excused(code, line),
        })
    })
}

/// The brace that opens the body; none for a function type or a declaration without body.
fn body_start(code: &str, at: usize) -> Option<usize> {
    let after = code[at + 2..].trim_start();
    if !after.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_') {
        return None;
    }
    let mut depth = 0i32;
    for (index, byte) in code.bytes().enumerate().skip(at) {
        match byte {
            b'(' | b'[' => depth += 1,
            b')' | b']' => depth -= 1,
            b'{' if depth == 0 => return Some(index),
            b';' if depth == 0 => return None,
            _ => {}
        }
    }
    None
}

fn is_excused(code: &str, line: usize) -> bool {
    let above: Vec<&str> = code.lines().take(line.saturating_sub(1)).collect();
    above
        .iter()
        .rev()
        .take_while(|line| !line.trim_end().ends_with(['}', ';']))
        .any(|line| line.contains("expect(clippy::too_many_lines"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_lines(count: usize, before: &str) -> Tree {
        let body = "    call();\n\n    // said\n".repeat(count);
        let text =
            format!("trait T {{ fn none(&self, a: [u8; 2]); }}\n{before}fn long() {{\n{body}}}\n");
        Tree::of(&[("crates/x/src/a.rs", &text)])
    }

    #[test]
    fn only_lines_of_code_count() {
        assert_eq!(check(&with_lines(60, "")), []);
        let findings = check(&with_lines(61, ""));
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].line, 2);
    }

    #[test]
    fn a_stated_reason_excuses() {
        let before = "#[expect(clippy::too_many_lines, reason = \"one table\")]\npub ";
        assert_eq!(check(&with_lines(90, before)), []);
    }
}
