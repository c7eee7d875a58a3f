//! Filling a demonstration folder, through the same commands and reports as real life, and keeping
//! its evidence fresh.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;

use sekisho_agent::run::Stop;
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_server::admin::Desk;
use sekisho_sim::demo::{self, Stage};
use sekisho_sim::organisation::{Ministry, Size};

use crate::desk;
use crate::fault::Fault;
use crate::output::Output;
use crate::service::Service;
use crate::signals::Signals;

/// The same ministry every time.
const SEED: u64 = 20_200_611;
/// How often the machines report while the demonstration runs.
const EVERY: Duration = Duration::from_secs(12 * 3600);

/// Whether a filling came as far as reports. One that was cut off goes on where it stopped.
pub fn is_filled(service: &Service) -> bool {
    !service.app.posture().is_empty()
}

/// Fills the folder with a made-up ministry and brings in feeds of our own making, until asked to
/// stop.
///
/// # Errors
/// The codes of commands and store. What was done before stays; the next start goes on from there.
pub fn fill(service: &Service, signals: &Signals, output: &Output) -> Result<(), Fault> {
    let ministry = Ministry::seeded(SEED, Size::DEMO);
    let catalogue = desk::catalogue()?;
    let terminal = std::io::stderr().is_terminal();
    let mut last = None;
    let mut tell = |stage: Stage, done: usize, all: usize| {
        progress(output, terminal, &mut last, (stage, done, all));
    };
    let stop = || signals.told();
    let filled = demo::fill(&service.app, &catalogue, &ministry, &stop, &mut tell);
    if terminal {
        eprintln!();
    }
    let summary = filled.map_err(|error| Fault::new(error.code()).about(error))?;
    if signals.told() {
        return Ok(());
    }
    import(&service.desk)?;
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

/// Brings the feeds of today in, as `feeds import` does.
fn import(desk: &Desk) -> Result<(), Fault> {
    for feed in demo::feeds(desk.app().now()) {
        let request = Request::ImportFeed {
            name: feed.name.to_owned(),
            size: feed.document.len() as u64,
            as_of: feed.as_of,
            release: None,
            smaller: false,
        };
        if let Answer::Failed(failure) = desk.answer(&request, &feed.document) {
            return Err(failure.into());
        }
    }
    Ok(())
}

/// The made-up machines, which go on reporting, on a thread of their own.
pub struct Machines {
    stop: Stop,
    thread: JoinHandle<()>,
}

impl Machines {
    /// Starts them: `at_once` where evidence of an earlier run may have grown old.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub fn start(service: &Service, at_once: bool, output: Output) -> Result<Self, Fault> {
        let stop = Stop::default();
        let (desk, stopped) = (Arc::clone(&service.desk), stop.clone());
        let named = std::thread::Builder::new().name("demo-machines".to_owned());
        let thread = named.spawn(move || {
            if !at_once && stopped.wait(EVERY) {
                return;
            }
            let ministry = Ministry::seeded(SEED, Size::DEMO);
            loop {
                if let Err(fault) = report(&desk, &ministry, &stopped, output) {
                    output.fault(&fault);
                }
                if stopped.wait(EVERY) {
                    return;
                }
            }
        })?;
        Ok(Self { stop, thread })
    }

    /// Stops them.
    pub fn stop(self) {
        self.stop.stop();
        if self.thread.join().is_err() {
            tracing::error!(code = "demo.panicked", "the demonstration ended abnormally");
        }
    }
}

fn report(desk: &Desk, ministry: &Ministry, stop: &Stop, output: Output) -> Result<(), Fault> {
    output.note(output.text("cli.demo.reporting", &[]));
    import(desk)?;
    let stopping = || stop.wait(Duration::ZERO);
    let told = demo::report_again(desk.app(), ministry, &stopping, &mut |_, _, _| {});
    let summary = told.map_err(|error| Fault::new(error.code()).about(error))?;
    let said = [("n", Arg::from(summary.reports))];
    output.note(output.text("cli.demo.reported", &said));
    Ok(())
}
