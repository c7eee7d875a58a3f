//! Where exceptions are found that are for others than their applicants: under the people whom they name, and
//! those that name neither people nor devices in a list of their own.

use std::collections::HashMap;

use super::permits::{can_hold, put, take};
use crate::id::PersonId;
use crate::permit::{Permit, Status};
use crate::time::Timestamp;

/// Exceptions by whom they cover beside their applicants, by their places among all permits. Those that name
/// devices and no people are found under their devices, as other permits are.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Excepted {
    /// By each person whom they name.
    named: HashMap<PersonId, Vec<u32>>,
    /// The same, those alone that can come to hold yet.
    named_yet: HashMap<PersonId, Vec<u32>>,
    /// Those that name neither people nor devices, whatever has become of them.
    open: Vec<u32>,
    /// Those of them that were given for everybody, were taken up and are neither held nor recorded as ended. Each
    /// decision looks at all of these, so that nothing else stands among them.
    open_now: Vec<u32>,
}

impl Excepted {
    /// Those that name a person, whatever has become of them.
    pub(super) fn naming(&self, person: PersonId) -> &[u32] {
        self.named.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Those that name a person and can come to hold yet.
    pub(super) fn naming_yet(&self, person: PersonId) -> &[u32] {
        self.named_yet.get(&person).map_or(&[], Vec::as_slice)
    }

    /// Those that name neither people nor devices, whatever has become of them.
    pub(super) fn open(&self) -> &[u32] {
        &self.open
    }

    /// Those of them that are in force, but for their terms.
    pub(super) fn open_now(&self) -> &[u32] {
        &self.open_now
    }

    pub(super) fn index(&mut self, permit: &Permit, ordinal: u32) {
        let Some(exception) = permit.exception() else {
            return;
        };
        for person in &exception.people {
            put(self.named.entry(*person).or_default(), ordinal);
            if can_hold(permit) {
                put(self.named_yet.entry(*person).or_default(), ordinal);
            }
        }
        if exception.is_open() {
            put(&mut self.open, ordinal);
            let everybody = permit.is_for_everybody();
            if everybody && permit.status(Timestamp::from_millis(i64::MIN)) == Status::Active {
                put(&mut self.open_now, ordinal);
            }
        }
    }

    pub(super) fn unindex(&mut self, permit: &Permit, ordinal: u32) {
        let Some(exception) = permit.exception() else {
            return;
        };
        for person in &exception.people {
            take(&mut self.named, person, ordinal);
            take(&mut self.named_yet, person, ordinal);
        }
        for list in [&mut self.open, &mut self.open_now] {
            if let Ok(place) = list.binary_search(&ordinal) {
                list.remove(place);
            }
        }
    }
}
