//! The running account of a whole test run: headings, times, totals.

use std::time::Instant;

use crate::count::Count;
use crate::outcome::Outcome;

/// Collects what every step found.
pub struct Report {
    started: Instant,
    total: Count,
    failures: Vec<Failure>,
}

/// A step that did not hold, and what it said.
struct Failure {
    title: String,
    words: Vec<String>,
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
    pub fn step<Found: Into<Outcome>>(
        &mut self,
        title: &str,
        work: impl FnOnce() -> Result<Found, String>,
    ) -> bool {
        println!("\n== {title}");
        let began = Began::now();
        let outcome = outcome_of(work());
        self.close_step(title, outcome, &began)
    }

    /// Runs two steps at once: both wait more than they reckon. Their lines come as they are said, those of
    /// one between those of the other; the processor's time is that of both.
    pub fn both(
        &mut self,
        one: (&str, impl FnOnce() -> Result<Outcome, String> + Send),
        other: (&str, impl FnOnce() -> Result<Outcome, String>),
    ) -> bool {
        println!("\n== {}, and beside it: {}", one.0, other.0);
        let began = Began::now();
        let (first, second) = std::thread::scope(|scope| {
            let beside = scope.spawn(one.1);
            let second = outcome_of(other.1());
            let died = || Err(format!("the step \"{}\" died", one.0));
            (outcome_of(beside.join().unwrap_or_else(|_| died())), second)
        });
        let held = self.close_step(one.0, first, &began);
        self.close_step(other.0, second, &began) && held
    }

    fn close_step(&mut self, title: &str, outcome: Outcome, began: &Began) -> bool {
        let Outcome { count, words } = outcome;
        println!("-- {title}: {count} ({began})");
        if count.failed > 0 {
            self.failures.push(Failure {
                title: title.to_owned(),
                words,
            });
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
        for Failure { title, words } in &self.failures {
            println!("failed: {title}");
            for line in words {
                println!("   {line}");
            }
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

/// When a step began.
struct Began {
    at: Instant,
    processor: f64,
}

impl Began {
    fn now() -> Self {
        Self {
            at: Instant::now(),
            processor: processor_seconds(),
        }
    }
}

impl std::fmt::Display for Began {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.at.elapsed().as_secs_f64();
        let processor = processor_seconds() - self.processor;
        write!(out, "{seconds:.1} s, processor {processor:.1} s")
    }
}

fn outcome_of<Found: Into<Outcome>>(found: Result<Found, String>) -> Outcome {
    match found {
        Ok(found) => found.into(),
        Err(message) => {
            println!("error: {message}");
            Outcome {
                count: Count::failure(),
                words: vec![message],
            }
        }
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
    fn two_steps_at_once_both_count_and_a_failure_of_either_is_one() {
        let mut report = Report::new();
        let passed = || Ok(Outcome::from(Count::one(true)));
        assert!(report.both(("one", passed), ("other", passed)));
        assert!(!report.both(("one", || Err("no".to_owned())), ("other", passed)));
        assert!(!report.both(("one", passed), ("other", || Err("no".to_owned()))));
        assert!(!report.both(("one", || panic!("died")), ("other", passed)));
        assert_eq!((report.total.passed, report.total.failed), (5, 3));
        let titles: Vec<&str> = report.failures.iter().map(|it| it.title.as_str()).collect();
        assert_eq!(titles, ["one", "other", "one"]);
        assert_eq!(report.failures[0].words, ["no"]);
    }

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
