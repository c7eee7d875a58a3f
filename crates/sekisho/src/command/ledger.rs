//! `sekisho ledger`: verify, prove, export and hand out checkpoints.
//!
//! All of it reads `ledger.sqlite` itself, beside a running server or without one; only choosing
//! where checkpoints leave to is a command and goes through the writer.

mod checkpoint;
mod export;
mod place_text;
mod progress;
mod prove;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_ledger::checkpoint::CHECKPOINT_MAX;
use sekisho_ledger::{SignerKey, VerifierKey};
use sekisho_server::app::open::LEDGER_NAME;
use sekisho_store::keyring::{Keyring, Purpose};
use sekisho_store::{Access, DataFolder, LedgerStore, StoreError};

use crate::fault::Fault;
use crate::output::{Output, deepest};
use crate::{desk, place};

/// `sekisho ledger …`
pub fn run(matches: &ArgMatches, output: &Output) -> Result<ExitCode, Fault> {
    let arguments = deepest(matches);
    match matches.subcommand_name() {
        Some("verify") => verify::run(arguments, output),
        Some("prove") => prove::run(arguments, output),
        Some("export") => export::run(arguments, output),
        Some("checkpoint") => checkpoint::run(arguments, output),
        _ => Err(Fault::new("cli.unknown-command")),
    }
}

/// The data folder, which must be there.
fn folder(arguments: &ArgMatches) -> Result<DataFolder, Fault> {
    Ok(DataFolder::open_existing(&place::data(arguments, false))?)
}

/// The ledger of a folder, for reading.
fn store(folder: &DataFolder) -> Result<LedgerStore, Fault> {
    Ok(LedgerStore::open(&folder.ledger(), Access::Read)?)
}

/// The verifier key that was given with `--key`.
fn given_key(arguments: &ArgMatches) -> Result<Option<VerifierKey>, Fault> {
    let Some(text) = arguments.get_one::<String>("key") else {
        return Ok(None);
    };
    let key = text.trim().parse();
    key.map(Some)
        .map_err(|_| Fault::new("ledger.key-malformed").about(text))
}

/// The verifier key by the folder's own keyring, which needs the master key.
fn own_key(folder: &DataFolder) -> Result<VerifierKey, Fault> {
    // Without a ledger the keyring would take this for a first start and make new keys.
    if !folder.ledger().exists() {
        return Err(StoreError::at(sekisho_store::StoreCode::NotFound, folder.ledger()).into());
    }
    let unavailable = |error: StoreError| {
        let mut fault = Fault::new("ledger.key-unavailable");
        fault.reason = fault
            .reason
            .with("place", error.subject())
            .with("cause", error.code().to_owned());
        fault
    };
    let keyring = Keyring::open(folder, &desk::master(folder), 0).map_err(unavailable)?;
    let key = keyring
        .active(Purpose::LedgerSigning)
        .map_err(unavailable)?;
    let signer = SignerKey::new(LEDGER_NAME, key.secret())
        .map_err(|error| Fault::new("ledger.key-unusable").about(error.code()))?;
    Ok(signer.verifier().clone())
}

/// The bytes of a checkpoint that was kept outside.
fn outside(arguments: &ArgMatches) -> Result<Option<Vec<u8>>, Fault> {
    let path = arguments.get_one::<String>("checkpoint");
    path.map(|path| read(Path::new(path), CHECKPOINT_MAX as u64))
        .transpose()
}

/// A file of at most `limit` bytes.
fn read(path: &Path, limit: u64) -> Result<Vec<u8>, Fault> {
    use std::io::Read;
    let mut bytes = Vec::new();
    std::fs::File::open(path)
        .and_then(|file| file.take(limit + 1).read_to_end(&mut bytes))
        .map_err(|error| StoreError::io(path, error))?;
    if bytes.len() as u64 > limit {
        return Err(Fault::new("ledger.file-too-long").about(path.display()));
    }
    Ok(bytes)
}
