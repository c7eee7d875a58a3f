//! Where exceptions are found that are for others than their applicants: under the people whom they name, and
//! those that name neither people nor devices in a list of their own.

use std::collections::HashMap;

use super::permits::{can_hold, put, take};
use crate::id::{PersonId, SystemId, UnitId};
use crate::permit::particulars::Exception;
use crate::permit::{Permit, Place, Status};
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
    /// Those of them that were given for everybody, were taken up and are neither held nor recorded as ended, by what
    /// they are for: a decision looks at those alone that are for what is asked.
    open_now: HashMap<Scope, Vec<u32>>,
}

/// What an exception for everybody is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Scope {
    place: Place,
    system: Option<SystemId>,
    unit: Option<UnitId>,
}

impl Scope {
    const fn of(exception: &Exception) -> Self {
        Self {
            place: exception.place,
            system: exception.system,
            unit: exception.unit,
        }
    }
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

    /// Whether any of them is in force, but for its term.
    pub(super) fn has_open(&self) -> bool {
        !self.open_now.is_empty()
    }

    /// Those of them that are in force, but for their terms, at a place, for a system or any, and for one of some
    /// units or all; the newest first.
    pub(super) fn open_now(
        &self,
        place: Place,
        system: Option<SystemId>,
        units: &[UnitId],
    ) -> Vec<u32> {
        let mut found = Vec::new();
        if self.open_now.is_empty() {
            return found;
        }
        for system in std::iter::once(None).chain(system.map(Some)) {
            for unit in std::iter::once(None).chain(units.iter().copied().map(Some)) {
                let scope = Scope {
                    place,
                    system,
                    unit,
                };
                found.extend(self.open_now.get(&scope).into_iter().flatten());
            }
        }
        found.sort_unstable_by(|one, other| other.cmp(one));
        found.dedup();
        found
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
                let scope = Scope::of(exception);
                put(self.open_now.entry(scope).or_default(), ordinal);
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
        take(&mut self.open_now, &Scope::of(exception), ordinal);
        if let Ok(place) = self.open.binary_search(&ordinal) {
            self.open.remove(place);
        }
    }
}
