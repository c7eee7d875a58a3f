//! Documents on their way to the ledger: hashed and read by whoever brings them, so that the writer,
//! for which everybody waits, does neither.

use std::sync::Arc;

use sekisho_domain::command::{Command, Refusal, RegisterCommand};
use sekisho_domain::register::{ImportRow, decode_rows};
use sekisho_ledger::digest::Digest;

/// A document.
pub(super) struct Coming {
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
    /// The rows in it, where it is that of an import.
    pub(super) rows: Option<Arc<Vec<ImportRow>>>,
}

impl Coming {
    /// The documents of a command.
    ///
    /// # Errors
    /// [`Refusal`] where the rows of an import are not those of its document: what is decided must be
    /// what is stored.
    pub(super) fn of(command: &Command, documents: Vec<Vec<u8>>) -> Result<Vec<Self>, Refusal> {
        documents
            .into_iter()
            .map(|bytes| {
                let digest = Digest::of(&bytes);
                let rows = rows(command, digest, &bytes)?;
                Ok(Self {
                    digest,
                    bytes,
                    rows,
                })
            })
            .collect()
    }
}

fn rows(
    command: &Command,
    digest: Digest,
    bytes: &[u8],
) -> Result<Option<Arc<Vec<ImportRow>>>, Refusal> {
    let Command::Register(command) = command else {
        return Ok(None);
    };
    let RegisterCommand::Import { rows, document, .. } = command.as_ref() else {
        return Ok(None);
    };
    if document.blob != digest.to_string() {
        return Ok(None);
    }
    match decode_rows(bytes) {
        Some(read) if read == *rows => Ok(Some(Arc::new(read))),
        _ => Err(Refusal::new("record.refused")),
    }
}
