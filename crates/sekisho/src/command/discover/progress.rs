//! How far a log has been read, on a terminal only and only when it takes its time.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use sekisho_messages::Arg;

use crate::output::Output;

/// Nothing is shown before this.
const PATIENCE: Duration = Duration::from_secs(1);
/// Between two lines.
const EVERY: Duration = Duration::from_millis(250);

/// A line on standard error that is written over itself.
pub struct Progress<'o> {
    output: Option<&'o Output>,
    name: String,
    size: Option<u64>,
    terminal: bool,
    next: Instant,
    shown: bool,
}

impl<'o> Progress<'o> {
    /// Progress through a log of so many bytes, where that is known; where nobody is told, nothing is shown.
    pub fn new(output: Option<&'o Output>, path: &Path, size: Option<u64>) -> Self {
        Self {
            output,
            name: path.display().to_string(),
            size: size.filter(|size| *size > 0),
            terminal: std::io::stderr().is_terminal(),
            next: Instant::now() + PATIENCE,
            shown: false,
        }
    }

    /// Tells how far it is, now and then.
    pub fn at(&mut self, bytes: u64, lines: u64) {
        let Some(output) = self.output.filter(|_| self.terminal) else {
            return;
        };
        if Instant::now() < self.next {
            return;
        }
        self.next = Instant::now() + EVERY;
        self.shown = true;
        let mut args = vec![
            ("log", Arg::from(self.name.as_str())),
            ("lines", lines.into()),
        ];
        let key = match self.size {
            Some(size) => {
                let share = bytes.saturating_mul(100) / size;
                args.push(("share", share.min(100).into()));
                "cli.discover.progress"
            }
            None => "cli.discover.progress-open",
        };
        let text = output.text(key, &args);
        let mut out = std::io::stderr().lock();
        let _ = write!(out, "\r\x1b[K{text}").and_then(|()| out.flush());
    }
}

impl Drop for Progress<'_> {
    fn drop(&mut self) {
        if self.shown {
            let mut out = std::io::stderr().lock();
            let _ = write!(out, "\r\x1b[K").and_then(|()| out.flush());
        }
    }
}
