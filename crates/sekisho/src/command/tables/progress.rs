//! How far an import has come, as a bar in one line of the terminal.

use std::io::{IsTerminal, Write};

use sekisho_messages::Arg;
use sekisho_protocol::admin::Progress;

use crate::output::{Format, Output};

/// Width of the bar, in characters.
const WIDTH: u64 = 30;

/// A bar; nothing where standard error is no terminal.
pub struct Bar {
    output: Output,
    shown: bool,
    active: bool,
}

impl Bar {
    /// A bar that is not shown yet.
    pub fn new(output: Output) -> Self {
        let active = std::io::stderr().is_terminal() && output.format == Format::Text;
        Self {
            output,
            shown: false,
            active,
        }
    }

    /// Shows how far it has come.
    pub fn show(&mut self, progress: &Progress) {
        if !self.active {
            return;
        }
        let stage = self
            .output
            .text(&format!("import.stage.{}", progress.stage), &[]);
        // Of a stage that has no count there is nothing to draw a bar of.
        let done = progress.done.min(progress.of) * WIDTH;
        let line = if let Some(full) = done.checked_div(progress.of) {
            let bar: String = (0..WIDTH)
                .map(|at| if at < full { '#' } else { '.' })
                .collect();
            let counts = [
                ("done", Arg::from(progress.done)),
                ("of", Arg::from(progress.of)),
            ];
            let counts = self.output.text("import.stage.counts", &counts);
            format!("[{bar}] {stage} {counts}")
        } else {
            stage
        };
        self.put(&line);
        self.shown = true;
    }

    /// Takes the bar away.
    pub fn clear(&mut self) {
        if self.shown {
            self.put("");
        }
    }

    fn put(&self, line: &str) {
        let mut terminal = std::io::stderr().lock();
        // Back to the beginning of the line, and clear it.
        let _ = write!(terminal, "\r\u{1b}[K{line}");
        let _ = terminal.flush();
    }
}
