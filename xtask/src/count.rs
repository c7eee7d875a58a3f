//! Counting tests from what the runners print.

use std::fmt;
use std::ops::AddAssign;

/// How many tests passed, failed and were left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Count {
    /// Ran and held.
    pub passed: u64,
    /// Ran and did not hold, or could not run though it had to.
    pub failed: u64,
    /// Left out for a stated reason.
    pub skipped: u64,
}

impl Count {
    /// One thing that held or did not.
    pub fn one(held: bool) -> Self {
        if held {
            Self {
                passed: 1,
                ..Self::default()
            }
        } else {
            Self::failure()
        }
    }

    /// One thing that did not hold.
    pub fn failure() -> Self {
        Self {
            failed: 1,
            ..Self::default()
        }
    }

    /// One thing left out.
    pub fn skip() -> Self {
        Self {
            skipped: 1,
            ..Self::default()
        }
    }

    /// Reads the `test result:` lines of libtest and of our browser runner.
    ///
    /// libtest cannot leave a test out while it runs, so our tests say it on a line
    /// `SKIPPED name: reason` and return; such a test is moved from passed to skipped.
    pub fn read(output: &str) -> Self {
        let mut count = Self::default();
        for line in output.lines() {
            if let Some(result) = line.trim_start().strip_prefix("test result: ") {
                count += Self::read_result(result);
            }
        }
        let said = output.lines().filter(|line| is_skip_line(line)).count() as u64;
        let moved = said.min(count.passed);
        count.passed -= moved;
        count.skipped += moved;
        count
    }

    fn read_result(result: &str) -> Self {
        let number = |label: &str| {
            result
                .split([';', '.'])
                .filter_map(|part| part.trim().strip_suffix(label))
                .find_map(|number| number.trim().parse().ok())
                .unwrap_or(0)
        };
        Self {
            passed: number("passed"),
            failed: number("failed"),
            skipped: number("ignored"),
        }
    }
}

/// Recognises the line by which a test says that it left itself out.
pub fn is_skip_line(line: &str) -> bool {
    // The harness writes around libtest's capture, so the line may follow `test name ... `.
    line.find("SKIPPED ").is_some_and(|at| {
        let before = &line[..at];
        before.is_empty() || before.ends_with("... ")
    })
}

impl AddAssign for Count {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Count {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} ok, {} not, {} left out",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn adds_up_several_test_binaries() {
        let output = "\
test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
noise
test result: FAILED. 2 passed; 4 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s
";
        assert_eq!(
            Count::read(output),
            Count {
                passed: 5,
                failed: 4,
                skipped: 1
            }
        );
    }

    #[test]
    fn a_test_that_leaves_itself_out_does_not_count_as_passed() {
        let output = "\
test a ... SKIPPED a: no such tool
ok
SKIPPED b: no data
a line that talks of SKIPPED things
test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out
";
        assert_eq!(
            Count::read(output),
            Count {
                passed: 1,
                failed: 0,
                skipped: 2
            }
        );
    }

    #[test]
    fn no_result_line_counts_nothing() {
        assert_eq!(Count::read("error: could not compile"), Count::default());
    }
}
