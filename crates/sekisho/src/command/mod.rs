//! One file for each command.

mod access_rules;
mod admin;
mod after_renewal;
mod agent;
mod assess;
mod backup;
mod break_glass;
mod catalog;
mod certificate;
mod demo;
mod discover;
mod feeds;
mod first_trust;
mod gateway;
mod ledger;
mod matching;
mod serve;
mod tables;
mod tunnel;
mod up;

use std::process::ExitCode;

use clap::ArgMatches;

use crate::fault::Fault;
use crate::output::Output;

/// Carries out what was said on the command line.
///
/// # Errors
/// [`Fault`]: refused or failed, with a stable code.
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    match matches.subcommand() {
        Some(("up", arguments)) => up::run(arguments, output),
        Some(("serve", arguments)) => serve::run(arguments, output),
        Some(("agent", arguments)) => agent::run(arguments, output),
        Some(("gateway", arguments)) => gateway::run(arguments, output),
        Some(("assess", arguments)) => assess::run(arguments, output),
        Some(("catalog", arguments)) => catalog::run(arguments, output),
        Some(("ledger", arguments)) => ledger::run(arguments, output),
        Some(("feeds", arguments)) => feeds::run(arguments, output),
        Some(("import", arguments)) => tables::import(arguments, output),
        Some(("export", arguments)) => tables::export(arguments, output),
        Some(("access", arguments)) => access_rules::run(arguments, output),
        Some(("match", arguments)) => matching::run(arguments, output),
        Some(("discover", arguments)) => discover::run(arguments, output),
        Some(("certificate", arguments)) => certificate::run(arguments, output),
        Some(("clock", arguments)) => admin::clock(arguments, output),
        Some(("device", arguments)) => admin::device(arguments, output),
        Some(("break-glass", arguments)) => break_glass::run(arguments, output),
        Some(("backup", arguments)) => backup::backup(arguments, output),
        Some(("restore", arguments)) => backup::restore(arguments, output),
        _ => Err(Fault::new("cli.unknown-command")),
    }
}
