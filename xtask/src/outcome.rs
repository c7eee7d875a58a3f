//! What a step of the run found: how many held, and the words of those that did not.
//!
//! A run of a quarter of an hour prints ten thousand lines, and who reads it later often has its end
//! alone: so each failure is said again there, with its own last words.

use crate::count::Count;

/// First lines kept of one failure: an assertion with both of its sides and the stack of a browser test.
const FIRST_OF_ONE: usize = 20;
/// Last lines kept of it: what the program under test said when it was waited for in vain.
const LAST_OF_ONE: usize = 30;
/// In place of the lines between them.
const CUT: &str = "[…]";
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
    let mut block: Option<Vec<&str>> = None;
    let mut in_stack = false;
    for line in output.lines() {
        if begins_failure(line) || is_of_runner(line) {
            words.extend(block.take().into_iter().flat_map(|it| shortened(&it)));
            block = begins_failure(line).then(Vec::new);
            in_stack = false;
        }
        in_stack = line == BEGINS_STACK || (in_stack && !line.starts_with(ENDS_STACK));
        if let Some(block) = block.as_mut().filter(|_| !in_stack) {
            block.push(line);
        }
    }
    words.extend(block.into_iter().flat_map(|it| shortened(&it)));
    words.truncate(LINES_OF_ALL);
    words
}

/// What a stack of Rust begins and ends with. It names the runner and hardly the test, and takes the place of what
/// the programs said.
const BEGINS_STACK: &str = "stack backtrace:";
const ENDS_STACK: &str = "note: Some details are omitted";

/// The first and the last lines of a block.
fn shortened(block: &[&str]) -> Vec<String> {
    let owned = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    if block.len() <= FIRST_OF_ONE + LAST_OF_ONE {
        return owned(block);
    }
    let mut kept: Vec<String> = owned(&block[..FIRST_OF_ONE]);
    kept.push(CUT.to_owned());
    kept.extend(owned(&block[block.len() - LAST_OF_ONE..]));
    kept
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
    let from = lines.len().saturating_sub(FIRST_OF_ONE + LAST_OF_ONE);
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
        let long: String = (0..1_000).map(|n| format!("line {n}\n")).collect();
        let words = words_of_failures(&format!("test t ... FAILED\n{long}"));
        assert_eq!(words.len(), FIRST_OF_ONE + 1 + LAST_OF_ONE);
        let ends = [&words[1], &words[FIRST_OF_ONE], &words[words.len() - 1]];
        assert_eq!(ends, ["line 0", CUT, "line 999"]);
    }

    #[test]
    fn the_stack_of_a_failure_is_left_out_and_what_its_programs_said_is_not() {
        let output = "\
---- b stdout ----
thread 'b' panicked at src/b.rs:1:
stack backtrace:
   0: __rustc::rust_begin_unwind
             at /rustc/library/std/src/panicking.rs:689:5
note: Some details are omitted, run with `RUST_BACKTRACE=full` for a verbose backtrace.
log of the program under test:
it was told so

failures:
    b
";
        let words = words_of_failures(output).join("\n");
        assert!(!words.contains("rust_begin_unwind"), "{words}");
        assert!(words.contains("it was told so"), "{words}");
    }
}
