//! Filling a demonstration folder, through the same commands and reports as real life.

use std::io::{IsTerminal, Write};

use sekisho_messages::Arg;
use sekisho_sim::demo::{self, Stage};
use sekisho_sim::organisation::{Ministry, Size};

use crate::desk;
use crate::fault::Fault;
use crate::output::Output;
use crate::service::Service;

/// The same ministry every time.
const SEED: u64 = 20_200_611;

/// Fills the folder with a made-up ministry.
///
/// # Errors
/// The codes of commands and store. What was done before stays; the next start goes on from there.
pub fn fill(service: &Service, output: &Output) -> Result<(), Fault> {
    let ministry = Ministry::seeded(SEED, Size::DEMO);
    let catalogue = desk::catalogue()?;
    let terminal = std::io::stderr().is_terminal();
    let mut last = None;
    let mut tell = |stage: Stage, done: usize, all: usize| {
        progress(output, terminal, &mut last, (stage, done, all));
    };
    let filled = demo::fill(&service.app, &catalogue, &ministry, &mut tell);
    if terminal {
        eprintln!();
    }
    let summary = filled.map_err(|error| Fault::new(error.code()).about(error))?;
    let said = [
        ("people", Arg::from(summary.people)),
        ("devices", Arg::from(summary.devices)),
    ];
    output.note(output.text("cli.demo.filled", &said));
    Ok(())
}

/// One line that moves on a terminal; elsewhere one line for each stage.
fn progress(
    output: &Output,
    terminal: bool,
    last: &mut Option<Stage>,
    (stage, done, all): (Stage, usize, usize),
) {
    let name = sekisho_messages::text(output.lang, format!("cli.demo.{}", stage.code()), &[]);
    if terminal {
        let mut line = std::io::stderr().lock();
        let _ = write!(line, "\r\x1b[K{name} {done}/{all}");
        let _ = line.flush();
    } else if *last != Some(stage) {
        output.note(&name);
    }
    *last = Some(stage);
}
