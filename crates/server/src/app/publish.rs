//! What is durable becomes visible: the World, the names, what list pages look through, and where in
//! the ledger it stands.

use std::collections::HashMap;
use std::sync::PoisonError;

use sekisho_domain::arrival::Arrival;
use sekisho_domain::event::Event;
use sekisho_domain::register::Register;
use sekisho_ledger::digest::Digest;

use super::Head;
use super::coming::Coming;
use super::directory::PersonProfile;
use super::shelves::Parcel;
use super::stored::LedgerDocuments;
use super::writer::{Batch, Writer};

/// People who come with a document, as whoever brought it has opened and laid them out.
type Named = (Vec<(Arrival, PersonProfile)>, Parcel);

impl Writer {
    /// Makes a batch visible that stands in the ledger.
    pub(super) fn publish(&mut self, batch: &mut Batch, size: u64, checkpoint: String) {
        self.show_in_world(batch);
        let parcels = self.show_names(batch);
        self.fill_shelves(batch, parcels);
        self.follow_in_index(batch, size);
        if batch
            .events
            .iter()
            .any(|e| e.event.kind().0 == "clock.confirmed")
        {
            self.inner.clock.confirm();
        }
        super::known_head::write(&self.inner.folder, &checkpoint);
        self.inner.head.send_replace(Head { size, checkpoint });
        let records = batch.events.len() as u64;
        self.snapshots.follow(&self.inner, records);
    }

    fn show_in_world(&self, batch: &Batch) {
        let found = LedgerDocuments {
            ledger: &self.ledger,
            coming: &batch.documents,
        };
        let world = self.inner.world.write();
        let mut world = world.unwrap_or_else(PoisonError::into_inner);
        for event in &batch.events {
            // The same events have just been folded into the writer's own World.
            if let Err(error) = world.apply(event, &found) {
                tracing::error!(code = "world.refused", %error, "the visible World differs");
            }
        }
    }

    /// Names as events tell them. Of people who come many at once, what belongs on their shelf.
    fn show_names(&self, batch: &mut Batch) -> Vec<Parcel> {
        let coming = batch.documents.iter_mut();
        let mut named: HashMap<Digest, Named> = coming
            .filter_map(|it| Some((it.digest, it.people.as_mut()?.named.take()?)))
            .collect();
        let found = LedgerDocuments {
            ledger: &self.ledger,
            coming: &batch.documents,
        };
        let names = self.inner.directory.write();
        let mut names = names.unwrap_or_else(PoisonError::into_inner);
        let mut parcels = Vec::new();
        for stored in &batch.events {
            let document = match &stored.event {
                Event::PeopleImported { document, .. } => document.blob.parse().ok(),
                _ => None,
            };
            match document.and_then(|digest: Digest| named.remove(&digest)) {
                Some((people, parcel)) => {
                    names.come(people);
                    parcels.push(parcel);
                }
                None => names.follow(&stored.event, &self.inner.people, &found),
            }
        }
        parcels
    }

    /// What list pages look through follows the World and the directory.
    fn fill_shelves(&self, batch: &mut Batch, parcels: Vec<Parcel>) {
        let world = self.inner.world.read();
        let world = world.unwrap_or_else(PoisonError::into_inner);
        let names = self.inner.directory.read();
        let names = names.unwrap_or_else(PoisonError::into_inner);
        let shelves = self.inner.shelves.write();
        let mut shelves = shelves.unwrap_or_else(PoisonError::into_inner);
        let laid_out = !parcels.is_empty();
        for parcel in parcels {
            shelves.people_come(parcel);
        }
        for event in &batch.events {
            match parcel_of(&event.event, &mut batch.documents) {
                Some((register, parcel)) => shelves.import(register, parcel, event.recorded_at),
                None if laid_out && matches!(event.event, Event::PeopleImported { .. }) => {}
                None => shelves.follow(&event.event, &world, &names),
            }
        }
    }

    fn follow_in_index(&self, batch: &Batch, size: u64) {
        let found = LedgerDocuments {
            ledger: &self.ledger,
            coming: &batch.documents,
        };
        let index = self.inner.index.write();
        let mut index = index.unwrap_or_else(PoisonError::into_inner);
        let first = size - batch.events.len() as u64;
        for (sequence, event) in (first..).zip(&batch.events) {
            index.follow(sequence, &event.event, &found);
        }
    }
}

/// The rows of an import as they were laid out by whoever brought them.
fn parcel_of(event: &Event, documents: &mut [Coming]) -> Option<(Register, Parcel)> {
    let Event::RegisterImported {
        register, document, ..
    } = event
    else {
        return None;
    };
    let digest = document.blob.parse().ok()?;
    let mut coming = documents.iter_mut().filter(|it| it.digest == digest);
    let parcel = coming.find_map(|it| it.import.as_mut()?.parcel.take())?;
    Some((*register, parcel))
}
