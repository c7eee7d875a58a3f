//! `sekisho agent tunnel up|down|status`: asks the agent that runs on this device.

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_agent::tunnel::{Quiet, TunnelAct, TunnelSight, ask};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Arg, Lang, error_text};
use sekisho_protocol::tunnel::TunnelSystem;

use crate::fault::Fault;
use crate::output::{Format, Output};

/// `sekisho agent tunnel …`: exit code 1 where the tunnel is not as it was asked to be.
pub fn run(matches: &ArgMatches, state: &Path, output: &Output) -> Result<ExitCode, Fault> {
    let asked = matches
        .subcommand()
        .and_then(|(_, below)| below.subcommand_name());
    let act = match asked {
        Some("up") => TunnelAct::Up,
        Some("down") => TunnelAct::Down,
        _ => TunnelAct::Status,
    };
    let mut last = None;
    for sight in ask(state, act)? {
        match output.format {
            Format::Text => output.line(words(&sight, output)),
            Format::Json => output.json(&sight),
        }
        last = Some(sight);
    }
    let went = match (act, &last) {
        (_, None) => return Err(Fault::new("agent.not_running")),
        (TunnelAct::Up, Some(TunnelSight::Up { .. })) | (TunnelAct::Status, Some(_)) => true,
        (TunnelAct::Down, Some(TunnelSight::Down { .. })) => true,
        _ => false,
    };
    Ok(if went {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How the tunnel stands, in the words of a language.
pub fn words(sight: &TunnelSight, output: &Output) -> String {
    let text = |key: &str, said: &[(&str, Arg<'_>)]| output.text(key, said);
    match sight {
        TunnelSight::Down { why: None } => text("tunnel.down", &[]),
        TunnelSight::Down { why: Some(why) } => {
            let why = text(&format!("tunnel.ended.{why}"), &[]);
            text("tunnel.down_why", &[("why", Arg::from(why))])
        }
        TunnelSight::Failed { code, detail } => failed("tunnel.not_up", code, detail, output),
        TunnelSight::Held { code, detail } => failed("tunnel.held", code, detail, output),
        TunnelSight::Waiting {
            user_code,
            url,
            until,
        } => text(
            "tunnel.waiting",
            &[
                ("code", Arg::from(user_code)),
                ("url", Arg::from(url)),
                ("until", Arg::from(clock(*until))),
            ],
        ),
        TunnelSight::Up {
            until,
            address,
            endpoint,
            systems,
            quiet,
            ..
        } => {
            let said = [
                ("until", Arg::from(clock(*until))),
                ("address", Arg::from(address)),
                ("endpoint", Arg::from(endpoint)),
            ];
            let mut lines = vec![text("tunnel.up", &said)];
            if let Some(Quiet { ports, over }) = quiet {
                let key = if *over {
                    "tunnel.quiet_over"
                } else {
                    "tunnel.quiet"
                };
                let n = [("n", Arg::from(*ports))];
                lines.push(format!("  {}", text(key, &n)));
            }
            if systems.is_empty() {
                lines.push(format!("  {}", text("tunnel.no_systems", &[])));
            }
            lines.extend(systems.iter().flat_map(|it| system_lines(it, output)));
            lines.join("\n")
        }
    }
}

fn clock(at: Timestamp) -> String {
    at.to_rfc3339_jst()
}

fn failed(key: &str, code: &str, detail: &str, output: &Output) -> String {
    let error = error_text(output.lang, code, &[("detail", Arg::from(detail))]);
    let what = output.text(key, &[("what", Arg::from(error.what))]);
    format!("{what}\n  → {}", error.todo)
}

/// A system, and what is missing where it is not reached.
fn system_lines(system: &TunnelSystem, output: &Output) -> Vec<String> {
    let name = [("name", Arg::from(&system.name))];
    if system.reached {
        return vec![format!("  {}", output.text("tunnel.reached", &name))];
    }
    let mut lines = vec![format!("  {}", output.text("tunnel.not_reached", &name))];
    lines.extend(system.why.iter().map(|why| match output.lang {
        Lang::Ja => format!("    {}", why.ja),
        Lang::En => format!("    {}", why.en),
    }));
    if system.why.is_empty() {
        lines.push(format!("    {}", output.text("tunnel.unaddressed", &[])));
    }
    lines
}
