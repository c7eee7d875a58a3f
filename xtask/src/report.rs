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
        let processor_before = processor_seconds();
        let count = work().unwrap_or_else(|message| {
            println!("error: {message}");
            Count::failure()
        });
        let seconds = began.elapsed().as_secs_f64();
        let processor = processor_seconds() - processor_before;
        println!("-- {title}: {count} ({seconds:.1} s, processor {processor:.1} s)");
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

/// Processor time of all children that have ended, from fields 16 and 17 of `/proc/self/stat`
/// (user and system, in hundredths of a second on Linux). Zero where there is no such file.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    // The second field is the program's name in brackets and may hold blanks.
    let fields = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks = fields
        .split_whitespace()
        .skip(13)
        .take(2)
        .filter_map(|it| it.parse::<f64>().ok());
    ticks.sum::<f64>() / 100.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_processor_time_of_ended_children_is_counted() {
        let before = processor_seconds();
        let script = "i=0; while [ $i -lt 300000 ]; do i=$((i+1)); done";
        let status = std::process::Command::new("sh")
            .args(["-c", script])
            .status()
            .unwrap();
        assert!(status.success());
        assert!(processor_seconds() > before);
    }
}
