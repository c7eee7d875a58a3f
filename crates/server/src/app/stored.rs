//! Between the domain's events and the ledger's records.

use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::arrival::{Arrival, decode_arrivals};
use sekisho_domain::event::{Event, EventError, StoredEvent};
use sekisho_domain::register::{ImportRows, decode_rows};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::Documents;
use sekisho_ledger::digest::Digest;
use sekisho_ledger::record::{Record, RecordError};
use sekisho_store::sqlite::ledger::LedgerStore;

use super::coming::Coming;

/// Why a record cannot become an event.
#[derive(Debug, thiserror::Error)]
pub enum StoredError {
    /// The bytes are no record.
    #[error(transparent)]
    Record(#[from] RecordError),
    /// The record is no event that this program knows.
    #[error(transparent)]
    Event(#[from] EventError),
}

/// The canonical record of an event.
///
/// # Errors
/// [`RecordError`] when the event has no canonical form: a number too large, a text too long.
pub fn record(stored: &StoredEvent) -> Result<Vec<u8>, RecordError> {
    let (kind, version) = stored.event.kind();
    Record {
        kind: kind.to_owned(),
        version,
        // Plain data with text keys always serialises.
        actor: serde_json::to_value(&stored.actor).unwrap_or_default(),
        recorded_at: stored.recorded_at.as_millis(),
        effective_from: stored.effective_from.map(Timestamp::as_millis),
        payload: stored.event.payload(),
    }
    .to_bytes()
}

/// The event of a record.
///
/// # Errors
/// [`StoredError`]; each stops the start.
pub fn event(bytes: &[u8]) -> Result<StoredEvent, StoredError> {
    let record = Record::parse(bytes)?;
    let actor: Actor =
        serde_json::from_value(record.actor).map_err(|error| EventError::Payload {
            kind: record.kind.clone(),
            detail: error.to_string(),
        })?;
    Ok(StoredEvent {
        actor,
        recorded_at: Timestamp::from_millis(record.recorded_at),
        effective_from: record.effective_from.map(Timestamp::from_millis),
        event: Event::decode(&record.kind, record.version, record.payload)?,
    })
}

/// The documents of a ledger, with those that a batch is about to bring.
pub(super) struct LedgerDocuments<'a> {
    pub(super) ledger: &'a LedgerStore,
    pub(super) coming: &'a [Coming],
}

impl LedgerDocuments<'_> {
    fn coming(&self, digest: Digest) -> Option<&Coming> {
        self.coming.iter().find(|it| it.digest == digest)
    }
}

impl Documents for LedgerDocuments<'_> {
    fn document(&self, digest: &str) -> Option<Vec<u8>> {
        let digest: Digest = digest.parse().ok()?;
        if let Some(coming) = self.coming(digest) {
            return Some(coming.bytes.clone());
        }
        self.ledger.blob(&digest).ok().flatten()
    }

    fn import_rows(&self, digest: &str) -> Option<ImportRows> {
        let coming = digest.parse().ok().and_then(|digest| self.coming(digest));
        if let Some(import) = coming.and_then(|it| it.import.as_ref()) {
            return Some(import.rows.clone());
        }
        decode_rows(&self.document(digest)?).map(ImportRows::from)
    }

    fn arrivals(&self, digest: &str) -> Option<Arc<[Arrival]>> {
        let coming = digest.parse().ok().and_then(|digest| self.coming(digest));
        if let Some(people) = coming.and_then(|it| it.people.as_ref()) {
            return Some(Arc::clone(&people.arrivals));
        }
        decode_arrivals(&self.document(digest)?).map(Arc::from)
    }
}
