//! `sekisho gateway enrol|run`.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_gateway::{Event, Gateway, GatewayError, InterfaceName, Options, Stop};
use sekisho_messages::Arg;

use super::first_trust::first_trust;
use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::signals::Signals;
use crate::{log, place};

/// The gateway's folder in the data folder.
const FOLDER: &str = "gateway";

/// `sekisho gateway …`
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    match matches.subcommand_name() {
        Some("enrol") => enrol(arguments, output),
        _ => keep_running(arguments, output),
    }
}

fn folder(arguments: &ArgMatches) -> PathBuf {
    place::data(arguments, false).join(FOLDER)
}

fn text<'a>(arguments: &'a ArgMatches, name: &str) -> Option<&'a str> {
    arguments.get_one::<String>(name).map(String::as_str)
}

fn enrol(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let server = text(arguments, "server").unwrap_or_default();
    let first = first_trust(arguments)?;
    let folder = folder(arguments);
    // Said before the server is asked: an officer needs it where the register does not know it yet.
    let key = Gateway::public_key(&folder)?;
    if output.format == Format::Text {
        let said = [("key", Arg::from(key.as_str()))];
        output.line(output.text("cli.gateway.key", &said));
    }
    let gateway = Gateway::enrol(server, &first, &folder)?.id();
    match output.format {
        Format::Text => {
            let said = [("gateway", Arg::from(gateway.to_string()))];
            output.line(output.text("cli.gateway.enrolled", &said));
        }
        Format::Json => output.json(&serde_json::json!({"gateway": gateway, "key": key})),
    }
    Ok(ExitCode::SUCCESS)
}

fn keep_running(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    log::start_beside(output);
    let name = text(arguments, "interface").unwrap_or_default();
    let options = Options {
        interface: InterfaceName::parse(name).map_err(GatewayError::from)?,
        listen_port: arguments.get_one::<u16>("listen-port").copied(),
        report_every: Options::REPORT_EVERY,
        forwards_others: arguments.get_flag("forward-others"),
    };
    let gateway = Gateway::open_closed(&folder(arguments), &options)?;
    let stop = Stop::default();
    Signals::listen()?.then({
        let stop = stop.clone();
        move || stop.stop()
    })?;
    let server = text(arguments, "server");
    gateway.run(server, &options, &stop, |event| tell(event, output))?;
    Ok(ExitCode::SUCCESS)
}

fn tell(event: Event, output: &Output) {
    match event {
        Event::Started { .. } => output.line(output.text("cli.gateway.started", &[])),
        Event::Carried { sequence, peers } => {
            let said = [
                ("sequence", Arg::from(sequence.to_string())),
                ("peers", Arg::from(peers)),
            ];
            output.line(output.text("cli.gateway.carried", &said));
        }
        Event::Closed => output.line(output.text("cli.gateway.closed", &[])),
        Event::Trouble(error) => output.fault(&Fault::from(error)),
    }
}
