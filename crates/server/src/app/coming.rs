//! Documents on their way to the ledger: hashed, read and laid out by whoever brings them, so that
//! the writer, for which everybody waits, does none of it.

use sekisho_domain::command::{Command, Refusal, RegisterCommand};
use sekisho_domain::register::{ImportRows, decode_rows};
use sekisho_ledger::digest::Digest;

use super::shelves::{Parcel, parcel};

/// A document.
pub(super) struct Coming {
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
    /// What is in it, where it is that of an import.
    pub(super) import: Option<Import>,
}

/// What is in the document of an import.
pub(super) struct Import {
    pub(super) rows: ImportRows,
    /// The rows as list pages look through them, until they are put on their shelf.
    pub(super) parcel: Option<Parcel>,
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
                let import = import(command, digest, &bytes)?;
                Ok(Self {
                    digest,
                    bytes,
                    import,
                })
            })
            .collect()
    }
}

fn import(command: &Command, digest: Digest, bytes: &[u8]) -> Result<Option<Import>, Refusal> {
    let Command::Register(command) = command else {
        return Ok(None);
    };
    let RegisterCommand::Import {
        register,
        rows,
        document,
    } = command.as_ref()
    else {
        return Ok(None);
    };
    if document.blob != digest.to_string() {
        return Ok(None);
    }
    let read = decode_rows(bytes).ok_or_else(|| Refusal::new("record.refused"))?;
    if !read.iter().eq(rows.iter()) {
        return Err(Refusal::new("record.refused"));
    }
    Ok(Some(Import {
        rows: rows.clone(),
        parcel: Some(parcel(*register, rows)),
    }))
}
