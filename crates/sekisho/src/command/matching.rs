//! `sekisho match`: advisories against a package list, offline. One JSON object a line.

use std::process::ExitCode;

use clap::ArgMatches;

use crate::fault::Fault;
use crate::output::Output;

/// `sekisho match`
pub fn run(_arguments: &ArgMatches, _output: &Output) -> Result<ExitCode, Fault> {
    Err(Fault::new("cli.unknown-command"))
}
