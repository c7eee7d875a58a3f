//! `sekisho ledger keys`: the public keys of the ledger, and the rotation of the one that signs.

use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_protocol::admin::Request;
use serde_json::json;

use crate::fault::Fault;
use crate::output::{Format, Output};
use crate::{desk, place};

/// `sekisho ledger keys`: what it prints can be given to `--key` as a file.
pub fn run(arguments: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let rotate = arguments.get_flag("rotate");
    if rotate {
        desk::ask(
            &place::data(arguments, false),
            &Request::RotateLedgerKey,
            &[],
        )?;
    }
    let folder = super::folder(arguments)?;
    let keys = super::own_keys(&folder)?;
    match output.format {
        Format::Json => {
            let list = keys
                .keys()
                .iter()
                .map(|known| json!({"key": known.key.to_string(), "retired_at": known.retired_at}));
            output.json(&json!({"rotated": rotate, "keys": list.collect::<Vec<_>>()}));
        }
        Format::Text => {
            if rotate {
                output.note(output.text("ledger.cli.rotated", &[]));
            }
            output.line(keys.to_string().trim_end_matches('\n'));
        }
    }
    Ok(ExitCode::SUCCESS)
}
