//! The running account of a whole test run: headings, times, totals.

use std::time::Instant;

use crate::count::Count;

/// Collects what every step found.
pub struct Report {
    started: Instant,
    total: Count,
    failures: Vec<String>,
}

impl Report {
    /// Starts the clock.
    pub fn new() -> Self {
        Self {
            started: Instant::now(),
            total: Count::default(),
            failures: Vec::new(),
        }
    }

    /// Runs one step under its heading. An `Err` is one failure; so is a count with failures.
    pub fn step(&mut self, title: &str, work: impl FnOnce() -> Result<Count, String>) -> bool {
        println!("\n== {title}");
        let began = Instant::now();
        let count = work().unwrap_or_else(|message| {
            println!("error: {message}");
            Count::failure()
        });
        let seconds = began.elapsed().as_secs_f64();
        println!("-- {title}: {count} ({seconds:.1} s)");
        if count.failed > 0 {
            self.failures.push(title.to_owned());
        }
        self.total += count;
        count.failed == 0
    }

    /// Prints the closing lines. True where nothing failed.
    pub fn close(self) -> bool {
        println!(
            "\n== Result after {:.0} s",
            self.started.elapsed().as_secs_f64()
        );
        if !self.failures.is_empty() {
            println!("failed: {}", self.failures.join("; "));
        }
        let Count {
            passed,
            failed,
            skipped,
        } = self.total;
        println!("{passed} passed, {failed} failed, {skipped} skipped");
        failed == 0
    }
}
