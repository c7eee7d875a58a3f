//! `sekisho agent enrol|run|check|tunnel`.

use std::io::Read;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_agent::collect;
use sekisho_agent::error::AgentError;
use sekisho_agent::host::Host;
use sekisho_agent::run::{Agent, Stop, Told, device_clock};
use sekisho_agent::tunnel::{InterfaceName, TunnelSight, beside};
use sekisho_messages::Arg;

use super::after_renewal::AfterRenewal;
use super::first_trust::first_trust;
use super::tunnel;
use crate::fault::Fault;
use crate::output::{Format, Output, deepest};
use crate::signals::Signals;
use crate::{log, place};

/// Longest enrolment secret read from standard input.
const SECRET_MAX: u64 = 4096;

/// `sekisho agent …`
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    match matches.subcommand_name() {
        Some("enrol") => enrol(arguments, output),
        Some("run") => keep_running(arguments, output),
        Some("tunnel") => tunnel::run(matches, &state(arguments), output),
        _ => check(output),
    }
}

fn state(arguments: &ArgMatches) -> PathBuf {
    let given = arguments.get_one::<String>("state").map(PathBuf::from);
    given.unwrap_or_else(|| place::data(arguments, false).join(super::up::AGENT_FOLDER))
}

fn enrol(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let server = arguments
        .get_one::<String>("server")
        .map(String::as_str)
        .unwrap_or_default();
    let first = first_trust(arguments)?;
    // Never an argument: those are seen by every user of the machine.
    let mut secret = String::new();
    std::io::stdin()
        .take(SECRET_MAX)
        .read_to_string(&mut secret)?;
    let secret = secret.trim();
    if secret.is_empty() {
        return Err(Fault::new("agent.no-secret"));
    }
    let agent = Agent::enrol(server, secret, &first, &state(arguments))?;
    let device = agent.device();
    match output.format {
        Format::Text => {
            let said = [("device", Arg::from(device.to_string()))];
            output.line(output.text("cli.agent.enrolled", &said));
        }
        Format::Json => output.json(&serde_json::json!({"device": device})),
    }
    Ok(ExitCode::SUCCESS)
}

fn keep_running(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    log::start_beside(output);
    let state = state(arguments);
    let agent = Agent::open(&state)?;
    let host = Host::this_machine();
    if arguments.get_flag("once") {
        let receipt = agent.report_once(&host)?;
        match output.format {
            Format::Text => output.line(output.text("cli.agent.reported", &[])),
            Format::Json => output.json(&receipt),
        }
        return Ok(ExitCode::SUCCESS);
    }
    let stop = Stop::default();
    Signals::listen()?.then({
        let stop = stop.clone();
        move || stop.stop()
    })?;
    let mut retired = false;
    let mut begun = false;
    let interface = arguments.get_one::<String>("interface");
    let interface = InterfaceName::parse(interface.map(String::as_str).unwrap_or_default())
        .map_err(AgentError::from)?;
    let after_renewal = AfterRenewal::of(arguments, &state);
    let tell = |told: Told<'_>| match told {
        Told::Certificate(Ok(until)) => {
            let until = until.to_rfc3339_jst();
            output.note(output.text("cli.agent.certificate", &[("until", Arg::from(until))]));
            // The certificate is there all the same, and reports go on.
            if let Some(Err(fault)) = after_renewal.as_ref().map(AfterRenewal::run) {
                output.fault(&fault);
            }
        }
        Told::Report(Ok(_)) if !begun => {
            begun = true;
            output.note(output.text("cli.agent.reported", &[]));
        }
        Told::Report(Ok(_)) => {}
        Told::Report(Err(error)) | Told::Certificate(Err(error)) => {
            retired |= matches!(error, AgentError::Retired);
            output.fault(&Fault::new(error.code()).about(error));
        }
    };
    let said = |sight: &TunnelSight| output.note(tunnel::words(sight, output));
    beside(&agent, &interface, said, || {
        agent.run(&host, None, &stop, tell);
    })?;
    output.note(output.text("cli.agent.stopped", &[]));
    Ok(if retired {
        ExitCode::FAILURE
    } else {
        ExitCode::SUCCESS
    })
}

fn check(output: &Output) -> Result<ExitCode, Fault> {
    let observations = collect::all(&Host::this_machine(), device_clock());
    // What the collectors see is a form for machines; people read it on the device's page.
    output.json(&observations);
    Ok(ExitCode::SUCCESS)
}
