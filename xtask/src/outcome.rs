//! What a step of the run found: how many held, and the words of those that did not.
//!
//! A run of a quarter of an hour prints ten thousand lines, and who reads it later often has its end
//! alone: so each failure is said again there, with its own last words.

use crate::count::Count;

/// Lines kept of one failure: an assertion with both of its sides and the stack of a browser test.
const LINES_OF_ONE: usize = 40;
/// Lines kept of one step: when everything fails, the first failures tell why.
const LINES_OF_ALL: usize = 240;

/// What a step found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// How many held, did not, and were left out.
    pub count: Count,
    /// What the failures said, line by line.
    pub words: Vec<String>,
}

impl From<Count> for Outcome {
    fn from(count: Count) -> Self {
        Self {
            count,
            words: Vec::new(),
        }
    }
}

impl Outcome {
    /// Reads what libtest or our browser runner printed. `held` is the runner's own verdict: a test
    /// program that died or did not compile prints no result line, and yet is a failure.
    pub fn read(held: bool, output: &str) -> Self {
        let mut count = Count::read(output);
        let mut words = words_of_failures(output);
        if !held && count.failed == 0 {
            count += Count::failure();
            words.extend(last_lines(output));
        }
        Self { count, words }
    }
}

/// The blocks that tell of a failure: from a line that begins one to the next line of the runner.
fn words_of_failures(output: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut room = 0;
    for line in output.lines() {
        if begins_failure(line) {
            room = LINES_OF_ONE;
        } else if is_of_runner(line) {
            room = 0;
        }
        if room > 0 && words.len() < LINES_OF_ALL {
            words.push(line.to_owned());
            room -= 1;
        }
    }
    words
}

/// `test name ... FAILED`, after which our browser runner prints the reason at once, or the heading
/// under which libtest prints it at the end.
fn begins_failure(line: &str) -> bool {
    (line.starts_with("test ") && line.ends_with("... FAILED"))
        || (line.starts_with("---- ") && line.ends_with(" ----"))
}

fn is_of_runner(line: &str) -> bool {
    line.starts_with("test ") || line.starts_with("failures:") || line.starts_with("running ")
}

fn last_lines(output: &str) -> Vec<String> {
    let lines: Vec<&str> = output.lines().collect();
    let from = lines.len().saturating_sub(LINES_OF_ONE);
    lines[from..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_of_a_failed_browser_test_follow_its_name() {
        let output = "\
test one: fine ... ok
test two: a page ... FAILED
Error: no such button
    at press
test three: fine ... ok
test result: FAILED. 2 passed; 1 failed; 0 ignored
";
        let found = Outcome::read(false, output);
        assert_eq!((found.count.passed, found.count.failed), (2, 1));
        assert_eq!(
            found.words,
            [
                "test two: a page ... FAILED",
                "Error: no such button",
                "    at press"
            ]
        );
    }

    #[test]
    fn the_words_of_a_failed_rust_test_stand_under_its_heading() {
        let output = "\
running 2 tests
test a ... ok
test b ... FAILED

failures:

---- b stdout ----
thread 'b' panicked at src/b.rs:1:
left is not right

failures:
    b

test result: FAILED. 1 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out
";
        let words = Outcome::read(false, output).words.join("\n");
        assert!(words.contains("test b ... FAILED"), "{words}");
        assert!(words.contains("left is not right"), "{words}");
        assert!(!words.contains("test a"), "{words}");
    }

    #[test]
    fn a_program_that_died_is_told_by_its_last_lines_and_a_flood_is_cut() {
        let died = Outcome::read(false, "running 1 test\nsignal: 11, SIGSEGV\n");
        assert_eq!(died.count.failed, 1);
        assert!(died.words.iter().any(|line| line.contains("SIGSEGV")));
        assert!(
            Outcome::read(true, "test result: ok. 1 passed; 0 failed\n")
                .words
                .is_empty()
        );

        let mut flood: String = (0..1_000)
            .map(|n| format!("test t{n} ... FAILED\nwhy\n"))
            .collect();
        flood.push_str("test result: FAILED. 0 passed; 1000 failed; 0 ignored\n");
        assert_eq!(Outcome::read(false, &flood).words.len(), LINES_OF_ALL);
        let long = format!("test t ... FAILED\n{}", "line\n".repeat(1_000));
        assert_eq!(words_of_failures(&long).len(), LINES_OF_ONE);
    }
}
