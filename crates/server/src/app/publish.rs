//! What is durable becomes visible: the World, the names, what list pages look through, and where in
//! the ledger it stands.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use sekisho_domain::event::Event;
use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;
use sekisho_domain::world::Documents;
use sekisho_ledger::digest::Digest;

use super::coming::Coming;
use super::directory::PersonProfile;
use super::lists::{bears_on_lists, bears_on_services};
use super::shelves::Parcel;
use super::stored::LedgerDocuments;
use super::writer::{Batch, Writer};
use super::{App, Head};
use crate::access::Move;

impl Writer {
    /// Makes a batch visible that stands in the ledger.
    pub(super) fn publish(&mut self, batch: &mut Batch, size: u64, checkpoint: String) {
        self.show_in_world(batch);
        // Roads close at once; lists and names may follow.
        let moves = batch.events.iter();
        let moves = moves.filter_map(|it| Move::of_event(&it.event));
        self.inner.access.moves().add(moves);
        if batch.events.iter().any(bears_on_services) {
            self.inner.access.services_changed();
        }
        if batch.events.iter().any(bears_on_lists) {
            self.inner.lists.note();
            self.inner.news.tell(|news| news.lists = true);
        }
        self.put_rules_in_force(batch);
        self.show_names(batch);
        self.fill_shelves(batch);
        self.follow_in_index(batch, size);
        if batch
            .events
            .iter()
            .any(|e| e.event.kind().0 == "clock.confirmed")
        {
            self.inner.clock.confirm();
            self.inner.access.touch();
        }
        super::known_head::write(&self.inner.folder, &checkpoint);
        self.inner.head.send_replace(Head { size, checkpoint });
        let records = batch.events.len() as u64;
        self.snapshots.follow(&self.inner, records);
    }

    /// The organisation's own rules of access count from the moment they are visible.
    fn put_rules_in_force(&self, batch: &Batch) {
        let newest = batch
            .events
            .iter()
            .rev()
            .find_map(|stored| match &stored.event {
                Event::AccessRulesSet { rules } => Some(rules),
                _ => None,
            });
        let Some(rules) = newest else { return };
        let found = LedgerDocuments {
            ledger: &self.ledger,
            coming: &batch.documents,
        };
        let text = match &rules.document {
            None => Some(Vec::new()),
            Some(document) => found.document(&document.blob),
        };
        App(Arc::clone(&self.inner)).put_rules_in_force(text.as_deref());
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

    /// Names as events tell them; those of people who come many at once are opened already.
    fn show_names(&self, batch: &mut Batch) {
        let coming = batch.documents.iter_mut();
        let mut named: HashMap<Digest, Vec<(PersonId, PersonProfile)>> = coming
            .filter_map(|it| Some((it.digest, it.people.as_mut()?.named.take()?)))
            .collect();
        let found = LedgerDocuments {
            ledger: &self.ledger,
            coming: &batch.documents,
        };
        let names = self.inner.directory.write();
        let mut names = names.unwrap_or_else(PoisonError::into_inner);
        for stored in &batch.events {
            let document = match &stored.event {
                Event::PeopleImported { document, .. } => document.blob.parse().ok(),
                _ => None,
            };
            match document.and_then(|digest: Digest| named.remove(&digest)) {
                Some(people) => names.come(people),
                None => names.follow(&stored.event, &self.inner.people, &found),
            }
        }
    }

    /// What list pages look through follows the World and the directory.
    fn fill_shelves(&self, batch: &mut Batch) {
        let world = self.inner.world.read();
        let world = world.unwrap_or_else(PoisonError::into_inner);
        let names = self.inner.directory.read();
        let names = names.unwrap_or_else(PoisonError::into_inner);
        let shelves = self.inner.shelves.write();
        let mut shelves = shelves.unwrap_or_else(PoisonError::into_inner);
        for event in &batch.events {
            match laid_out(&event.event, &mut batch.documents) {
                Some(LaidOut::Entries(register, parcel)) => {
                    shelves.import(register, parcel, event.recorded_at);
                }
                Some(LaidOut::People(parcel)) => shelves.people_come(parcel),
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

/// What came many at once, as it was laid out by whoever brought it.
enum LaidOut {
    Entries(Register, Parcel),
    People(Parcel),
}

fn laid_out(event: &Event, documents: &mut [Coming]) -> Option<LaidOut> {
    let document = match event {
        Event::RegisterImported { document, .. } | Event::PeopleImported { document, .. } => {
            document
        }
        _ => return None,
    };
    let digest: Digest = document.blob.parse().ok()?;
    let mut coming = documents.iter_mut().filter(|it| it.digest == digest);
    match event {
        Event::RegisterImported { register, .. } => {
            let parcel = coming.find_map(|it| it.import.as_mut()?.parcel.take())?;
            Some(LaidOut::Entries(*register, parcel))
        }
        _ => {
            let parcel = coming.find_map(|it| it.people.as_mut()?.parcel.take())?;
            Some(LaidOut::People(parcel))
        }
    }
}
