//! `sekisho serve`: the server alone, for a service manager.

use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_messages::Arg;
use sekisho_store::DataFolder;

use super::discover::watch::Watch;
use crate::fault::Fault;
use crate::output::Output;
use crate::service::{Door, Service};
use crate::signals::Signals;
use crate::{config, desk, log, place};

/// `sekisho serve`
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let signals = Signals::listen()?;
    let settings = config::settings(arguments)?;
    log::start(settings.file.log.as_deref(), "info");
    let door = Door::open(&settings)?;
    let folder = DataFolder::create_or_open(&place::data(arguments, false))?;
    let app = desk::open(folder)?;
    let service = match Service::start(app.clone(), &settings, door) {
        Ok(service) => service,
        Err(fault) => {
            app.stop();
            return Err(fault);
        }
    };
    service.tell_alarms(*output);
    let said = [("url", Arg::from(&service.url))];
    output.line(output.text("cli.up.listening", &said));
    service.tell_authority(output);
    if app.world().organisation.is_none() {
        super::up::print_link(&service, output, false);
    }
    let logs = &settings.file.discovery.logs;
    let watch = Watch::start(&service.app, &service.desk, logs)?;
    service.run_until_signal_then(signals, || {
        if let Some(watch) = watch {
            watch.stop();
        }
    })?;
    output.line(output.text("cli.up.stopped", &[]));
    Ok(ExitCode::SUCCESS)
}
