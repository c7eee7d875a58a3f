//! Snapshots of the World: a disposable cache that makes the next start quick.
//!
//! A snapshot names the program that wrote it and the ledger's root at its size. Where either
//! differs it is thrown away and the ledger replayed; it is never asked what is true.

mod beside;

use std::fs;
use std::io::{BufReader, BufWriter, Write};
use std::path::PathBuf;

use sekisho_domain::world::World;
use sekisho_ledger::digest::Digest;
use sekisho_store::DataFolder;
use sekisho_store::sqlite::ledger::LedgerStore;
use serde::{Deserialize, Serialize};

pub(super) use beside::Beside;

/// Changed whenever the World's form changes without a new version of the program.
const FORM: &str = concat!(env!("CARGO_PKG_VERSION"), "/16");

#[derive(Serialize, Deserialize)]
struct Header {
    form: String,
    size: u64,
    root: Digest,
}

/// Why there is no snapshot. The next start replays the ledger instead.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] std::io::Error),
    /// It is not a snapshot of this program.
    #[error(transparent)]
    Form(#[from] serde_json::Error),
    /// The ledger could not be asked for its root.
    #[error(transparent)]
    Store(#[from] sekisho_store::StoreError),
}

fn root_at(ledger: &LedgerStore, size: u64) -> Result<Digest, sekisho_store::StoreError> {
    sekisho_ledger::tree::root(&ledger.view()?, size)
}

fn path(folder: &DataFolder) -> PathBuf {
    folder.snapshots().join("world.json")
}

/// Writes a snapshot beside the old one and puts it in its place.
pub(super) fn write(
    folder: &DataFolder,
    world: &World,
    ledger: &LedgerStore,
) -> Result<(), SnapshotError> {
    let root = root_at(ledger, world.events)?;
    let header = Header {
        form: FORM.to_owned(),
        size: world.events,
        root,
    };
    let target = path(folder);
    let draft = target.with_extension("draft");
    let mut out = BufWriter::new(fs::File::create(&draft)?);
    serde_json::to_writer(&mut out, &header)?;
    out.write_all(b"\n")?;
    serde_json::to_writer(&mut out, world)?;
    out.into_inner()
        .map_err(std::io::IntoInnerError::into_error)?
        .sync_all()?;
    fs::rename(&draft, &target)?;
    Ok(())
}

/// How many records the snapshot had folded; none when there is no readable one.
pub(super) fn size(folder: &DataFolder) -> Option<u64> {
    let file = fs::File::open(path(folder)).ok()?;
    let mut first = String::new();
    std::io::BufRead::read_line(&mut BufReader::new(file), &mut first).ok()?;
    serde_json::from_str::<Header>(&first)
        .ok()
        .map(|header| header.size)
}

/// Reads the snapshot, if there is one that this program wrote for this very ledger.
pub(super) fn read(folder: &DataFolder, ledger: &LedgerStore) -> Option<World> {
    let file = fs::File::open(path(folder)).ok()?;
    let mut input = BufReader::new(file);
    let mut first = String::new();
    std::io::BufRead::read_line(&mut input, &mut first).ok()?;
    let header: Header = serde_json::from_str(&first).ok()?;
    if header.form != FORM || root_at(ledger, header.size).ok()? != header.root {
        return None;
    }
    // Read as a whole: a parser that is fed byte by byte takes several times as long.
    let mut text = Vec::new();
    std::io::Read::read_to_end(&mut input, &mut text).ok()?;
    let world: World = serde_json::from_slice(&text).ok()?;
    (world.events == header.size).then_some(world)
}
