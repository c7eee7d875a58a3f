//! Documents on their way to the ledger: hashed, read and laid out by whoever brings them, so that
//! the writer, for which everybody waits, does none of it.

use std::sync::Arc;

use sekisho_domain::arrival::{ARRIVALS_MAX, Arrival, decode_arrivals};
use sekisho_domain::command::{
    Command, PersonRow, Refusal, RegisterCommand, RosterCommand, arrivals,
};
use sekisho_domain::id::PersonId;
use sekisho_domain::register::{ImportRows, decode_rows};
use sekisho_ledger::digest::Digest;
use sekisho_store::keyring::PeopleKeys;

use super::directory::{PersonProfile, opened};
use super::shelves::{Parcel, parcel, parcel_of_people};

/// A document.
pub(super) struct Coming {
    pub(super) digest: Digest,
    pub(super) bytes: Vec<u8>,
    /// What is in it, where it is that of an import.
    pub(super) import: Option<Import>,
    /// Who is in it, where it is one of people who come.
    pub(super) people: Option<People>,
}

/// Who is in a document of people who come.
pub(super) struct People {
    pub(super) arrivals: Arc<[Arrival]>,
    /// What is said of each, until the directory has it.
    pub(super) named: Option<Vec<(PersonId, PersonProfile)>>,
    /// They as list pages look through them, until they are put on their shelf.
    pub(super) parcel: Option<Parcel>,
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
    pub(super) fn of(
        command: &Command,
        documents: Vec<Vec<u8>>,
        keys: &PeopleKeys,
    ) -> Result<Vec<Self>, Refusal> {
        if let Command::SetAccessRules(command) = command {
            crate::access::own::are_brought(command, &documents)?;
        }
        if let Command::Plan(command) = command {
            crate::plan::is_brought(command, &documents)?;
        }
        if let Command::Risk(command) = command {
            crate::risk::is_brought(command, &documents)?;
        }
        if let Command::Rule(command) = command {
            crate::rule::is_brought(command, &documents)?;
        }
        if let Command::Opinion(command) = command {
            crate::rule::are_brought(command, &documents)?;
        }
        if let Command::Exception(command) = command {
            crate::exception::is_brought(command, &documents)?;
        }
        if let Some(rows) = rows_of_people(command) {
            return people(&arrivals(rows), documents, keys);
        }
        documents
            .into_iter()
            .map(|bytes| {
                let digest = Digest::of(&bytes);
                let import = import(command, digest, &bytes)?;
                Ok(Self {
                    digest,
                    bytes,
                    import,
                    people: None,
                })
            })
            .collect()
    }
}

fn rows_of_people(command: &Command) -> Option<&[PersonRow]> {
    let Command::Roster(roster) = command else {
        return None;
    };
    match roster.as_ref() {
        RosterCommand::People { rows, .. } => Some(rows),
        _ => None,
    }
}

/// The documents of people who come: what is decided must be what is stored.
fn people(
    decided: &[Arrival],
    documents: Vec<Vec<u8>>,
    keys: &PeopleKeys,
) -> Result<Vec<Coming>, Refusal> {
    let refused = || Refusal::new("record.refused");
    let mut parts = decided.chunks(ARRIVALS_MAX);
    let coming = documents.into_iter().map(|bytes| {
        let read = decode_arrivals(&bytes).ok_or_else(refused)?;
        if parts.next() != Some(&read) {
            return Err(refused());
        }
        let opened = opened(&read, keys);
        let parcel = parcel_of_people(&opened);
        let named = opened.into_iter();
        let named = named.map(|(arrival, profile)| (arrival.person, profile));
        let named = named.collect();
        Ok(Coming {
            digest: Digest::of(&bytes),
            bytes,
            import: None,
            people: Some(People {
                arrivals: read.into(),
                named: Some(named),
                parcel: Some(parcel),
            }),
        })
    });
    let coming = coming.collect::<Result<Vec<_>, _>>()?;
    match parts.next() {
        None => Ok(coming),
        Some(_) => Err(refused()),
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
