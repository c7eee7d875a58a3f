//! The newest checkpoint that this folder has acknowledged, beside the ledger.
//!
//! SQLite drops the tail of a damaged write-ahead log without a word, and an emptied database is a
//! valid one. So the writer leaves each checkpoint in `sekisho.head` after it is durable; a ledger
//! that no longer contains it stops the start. The file is written without waiting for the disk:
//! after a power cut it may be older than the ledger, which proves nothing, and never newer. It is
//! no evidence against the folder's owner; for that, checkpoints leave the machine.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use sekisho_ledger::keys::{CheckpointKeys as _, KeyHistory};
use sekisho_store::DataFolder;
use sekisho_store::sqlite::ledger::LedgerStore;

use super::open::OpenError;

fn path(folder: &DataFolder) -> PathBuf {
    folder.root().join("sekisho.head")
}

/// Leaves a checkpoint that has become durable.
pub(super) fn write(folder: &DataFolder, checkpoint: &str) {
    let target = path(folder);
    let draft = target.with_extension("head-draft");
    let written = fs::File::create(&draft)
        .and_then(|mut file| file.write_all(checkpoint.as_bytes()))
        .and_then(|()| fs::rename(&draft, &target));
    if let Err(error) = written {
        // The ledger itself is durable; only the next start is less sure of it.
        tracing::warn!(code = "ledger.head-unwritten", %error, "the newest checkpoint is not kept");
    }
}

/// Refuses a ledger that does not contain what was acknowledged here.
///
/// # Errors
/// `ledger.rolled-back` where it does not, and the codes of reading.
pub fn check(
    folder: &DataFolder,
    ledger: &LedgerStore,
    keys: &KeyHistory,
) -> Result<(), OpenError> {
    // In this order: a writer beside this reader makes the ledger durable first.
    let text = fs::read(path(folder));
    let view = ledger.view()?;
    let found = view.size();
    let Ok(text) = text else {
        return nothing_else_lives_here(folder, found);
    };
    // Torn by a power cut, or not ours: it proves nothing then.
    let Ok(opened) = keys.opened(&text) else {
        return Ok(());
    };
    let known = opened.checkpoint;
    let same = known.size <= found && sekisho_ledger::tree::root(&view, known.size)? == known.root;
    if same {
        Ok(())
    } else {
        Err(OpenError::RolledBack {
            known: known.size,
            found,
        })
    }
}

/// An empty ledger beside a snapshot of a fuller one has lost its records.
fn nothing_else_lives_here(folder: &DataFolder, found: u64) -> Result<(), OpenError> {
    let known = super::snapshot::size(folder).unwrap_or(0);
    if known > found {
        Err(OpenError::RolledBack { known, found })
    } else {
        Ok(())
    }
}
