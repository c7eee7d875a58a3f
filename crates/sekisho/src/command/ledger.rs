//! `sekisho ledger`: verify, prove, export and hand out checkpoints.
//!
//! All of it reads `ledger.sqlite` itself, beside a running server or without one; only choosing
//! where checkpoints leave to is a command and goes through the writer.

mod checkpoint;
mod export;
mod keys;
mod place_text;
mod progress;
mod prove;
mod verify;

use std::path::Path;
use std::process::ExitCode;

use clap::ArgMatches;
use sekisho_ledger::checkpoint::CHECKPOINT_MAX;
use sekisho_ledger::{KeyHistory, VerifierKey};
use sekisho_server::app::keys::history;
use sekisho_store::keyring::Keyring;
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
        Some("keys") => keys::run(arguments, output),
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

/// The longest file of keys that is read, in bytes.
const KEYS_MAX: u64 = 1 << 20;

/// The verifier keys that were given with `--key`: one as text, or a file with one a line.
fn given_keys(arguments: &ArgMatches) -> Result<Option<KeyHistory>, Fault> {
    let Some(given) = arguments.get_one::<String>("key") else {
        return Ok(None);
    };
    let malformed = || Fault::new("ledger.key-malformed").about(given);
    if let Ok(key) = given.trim().parse::<VerifierKey>() {
        return Ok(Some(key.into()));
    }
    let path = Path::new(given);
    if !path.is_file() {
        return Err(malformed());
    }
    let bytes = read(path, KEYS_MAX)?;
    let text = String::from_utf8(bytes).map_err(|_| malformed())?;
    KeyHistory::parse(&text).map(Some).map_err(|_| malformed())
}

/// The verifier keys by the folder's own keyring, which needs the master key.
fn own_keys(folder: &DataFolder) -> Result<KeyHistory, Fault> {
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
    Ok(history(&keyring)?)
}

/// The verifier key of the folder that is in force.
fn own_key(folder: &DataFolder) -> Result<VerifierKey, Fault> {
    own_keys(folder).map(|keys| keys.newest().clone())
}

/// The keys given, else the folder's own; whether they are its own.
fn keys(arguments: &ArgMatches, folder: &DataFolder) -> Result<(KeyHistory, bool), Fault> {
    match given_keys(arguments)? {
        Some(keys) => Ok((keys, false)),
        None => Ok((own_keys(folder)?, true)),
    }
}

/// The bytes of a checkpoint that was kept outside.
fn outside(arguments: &ArgMatches) -> Result<Option<Vec<u8>>, Fault> {
    let path = arguments.get_one::<String>("checkpoint");
    let Some(path) = path.map(Path::new) else {
        return Ok(None);
    };
    if matches!(path.try_exists(), Ok(false)) {
        return Err(Fault::new("ledger.checkpoint-missing").about(path.display()));
    }
    read(path, CHECKPOINT_MAX as u64).map(Some)
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
