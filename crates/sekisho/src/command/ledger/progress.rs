//! How far a verification has come, on a terminal only and only when it takes its time.

use std::cell::Cell;
use std::io::{IsTerminal, Write};
use std::time::{Duration, Instant};

use crate::output::Output;

/// Nothing is shown before this.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two lines.
const EVERY: Duration = Duration::from_millis(250);
/// Entries between two looks at the clock.
const STRIDE: u64 = 1024;

/// A line on standard error that is written over itself.
pub struct Progress<'o> {
    output: &'o Output,
    of: u64,
    terminal: bool,
    done: Cell<u64>,
    looked: Cell<u64>,
    next: Cell<Instant>,
    shown: Cell<bool>,
}

impl<'o> Progress<'o> {
    /// Progress over `of` records.
    pub fn new(output: &'o Output, of: u64) -> Self {
        Self {
            output,
            of,
            terminal: std::io::stderr().is_terminal(),
            done: Cell::new(0),
            looked: Cell::new(0),
            next: Cell::new(Instant::now() + PATIENCE),
            shown: Cell::new(false),
        }
    }

    /// Counts entries that were read.
    pub fn read(&self, count: u64) {
        let done = self.done.get() + count;
        self.done.set(done);
        if !self.terminal || done - self.looked.get() < STRIDE {
            return;
        }
        self.looked.set(done);
        let now = Instant::now();
        if now >= self.next.get() {
            self.next.set(now + EVERY);
            self.show(done);
        }
    }

    fn show(&self, done: u64) {
        self.shown.set(true);
        let text = self.output.text(
            "ledger.running_how",
            &[("done", done.into()), ("of", self.of.into())],
        );
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.shown.get() {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}
