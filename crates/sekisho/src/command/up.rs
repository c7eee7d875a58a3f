//! `sekisho up`: everything on one machine with one command.

mod this_machine;

use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use clap::ArgMatches;
use sekisho_messages::Arg;
use sekisho_protocol::admin::{Answer, Request};
use sekisho_store::DataFolder;

use crate::fault::Fault;
use crate::output::Output;
use crate::service::{Door, Service};
use crate::signals::Signals;
use crate::{config, desk, log, place};

use super::demo::Machines;
use super::discover::watch::Watch;
use this_machine::ThisMachine;

/// The folder of this machine's own agent, below the data folder.
pub const AGENT_FOLDER: &str = "agent";

/// Seconds between inspections of this machine unless told otherwise.
const REPORT_EVERY: u32 = 900;

/// `sekisho up`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let begun = Instant::now();
    // Before anything else: filling a demonstration takes seconds, and must end in order too.
    let signals = Signals::listen()?;
    let settings = config::settings(arguments)?;
    log::start(settings.file.log.as_deref(), "warn");
    let door = Door::open(&settings)?;
    let demo = arguments.get_flag("demo");
    let data = place::data(arguments, demo);
    let said = [("folder", Arg::from(data.display().to_string()))];
    output.note(output.text("cli.up.opening", &said));
    let app = desk::open(DataFolder::create_or_open(&data)?)?;
    let service = match Service::start(app.clone(), &settings, door) {
        Ok(service) => service,
        Err(fault) => {
            app.stop();
            return Err(fault);
        }
    };
    let filled = demo && super::demo::is_filled(&service);
    let prepared = prepare(&service, demo, &signals, output);
    if prepared.is_err() || signals.told() {
        service.stop();
        return prepared.map(|()| stopped(output));
    }
    let every = arguments.get_one::<u32>("report-every").copied();
    let every = every.or(settings.file.report_every).unwrap_or(REPORT_EVERY);
    welcome(&service, output, begun);
    service.tell_alarms(*output);
    let machine = match demo {
        true => None,
        false => Some(ThisMachine::start(
            &service,
            &data.join(AGENT_FOLDER),
            every,
            *output,
        )?),
    };
    let logs = &settings.file.discovery.logs;
    let watch = Watch::start(&service.app, &service.desk, logs)?;
    let made_up = match demo {
        true => Some(Machines::start(&service, filled, *output)?),
        false => None,
    };
    let ended = service.run_until_signal_then(signals, || {
        if let Some(watch) = watch {
            watch.stop();
        }
        if let Some(machines) = made_up {
            machines.stop();
        }
        if let Some(machine) = machine {
            machine.stop();
        }
    });
    let code = stopped(output);
    ended.map(|()| code)
}

/// The last line of an orderly end.
fn stopped(output: &Output) -> ExitCode {
    output.note(output.text("cli.up.stopped", &[]));
    ExitCode::SUCCESS
}

/// A demonstration folder holds a made-up organisation and nothing else; a real one never does.
fn prepare(service: &Service, demo: bool, signals: &Signals, output: &Output) -> Result<(), Fault> {
    let founded = service
        .app
        .world()
        .organisation
        .as_ref()
        .map(|organisation| organisation.demo);
    match (founded, demo) {
        (Some(true), true) if super::demo::is_filled(service) => Ok(()),
        // A filling that was cut off goes on where it stopped.
        (None | Some(true), true) => super::demo::fill(service, signals, output),
        (Some(true), false) => Err(Fault::new("up.is-a-demo")),
        (Some(false), true) => Err(Fault::new("up.is-no-demo")),
        _ => Ok(()),
    }
}

fn welcome(service: &Service, output: &Output, begun: Instant) {
    let founded = service.app.world().organisation.is_some();
    let took = i64::try_from(begun.elapsed().as_millis()).unwrap_or(i64::MAX);
    let said = [("url", Arg::from(&service.url)), ("ms", Arg::from(took))];
    output.line(output.text("cli.up.ready", &said));
    service.tell_authority(output);
    print_link(service, output, founded);
    output.line(output.text("cli.up.stop", &[]));
}

/// A one-time link for whoever started the program: to set up, or to sign in.
pub fn print_link(service: &Service, output: &Output, founded: bool) {
    // Where everyone who could use such a link has gone, accounts still work.
    if let Answer::Secret(link) = service.desk.answer(&Request::Link, &[]) {
        let key = if founded {
            "cli.up.sign-in"
        } else {
            "cli.up.set-up"
        };
        output.line(output.text(key, &[]));
        output.line(format!("    {link}"));
    }
}

/// The folder of this machine's own agent.
pub fn agent_folder(data: &Path) -> std::path::PathBuf {
    data.join(AGENT_FOLDER)
}
