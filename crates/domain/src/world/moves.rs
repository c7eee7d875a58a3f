//! Accepted lists of personnel moves in the World.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::apply::{duplicate, unknown};
use super::{Documents, World, WorldError};
use crate::appointment::Appointment;
use crate::event::{Event, StoredEvent};
use crate::id::{MoveListId, PersonId, PostId};
use crate::moves::{MoveKind, MoveLine, MoveList, MoveState, decode_lines};
use crate::register::{Entry, Register};
use crate::time::Timestamp;

/// The lists, and what those that wait take away.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<MoveList>", into = "Vec<MoveList>")]
pub struct Moves {
    lists: HashMap<MoveListId, MoveList>,
    /// For each person the posts that lists not yet carried out take away, and from when; no post
    /// stands for all of them.
    taken: HashMap<PersonId, Vec<(Option<PostId>, Timestamp)>>,
}

impl From<Vec<MoveList>> for Moves {
    fn from(lists: Vec<MoveList>) -> Self {
        let lists = lists.into_iter().map(|list| (list.id, list)).collect();
        let taken = HashMap::new();
        let mut moves = Self { lists, taken };
        moves.look_again();
        moves
    }
}

impl From<Moves> for Vec<MoveList> {
    fn from(moves: Moves) -> Self {
        let mut lists: Self = moves.lists.into_values().collect();
        lists.sort_unstable_by_key(|list| (list.at, list.id));
        lists
    }
}

/// What a line takes away, if anything.
fn takes(line: &MoveLine) -> Option<Option<PostId>> {
    match line.kind {
        MoveKind::Leave => Some(None),
        MoveKind::Transfer | MoveKind::ConcurrentEnd => line.from.map(Some),
        MoveKind::Concurrent | MoveKind::Acting => None,
    }
}

impl Moves {
    /// A list by id.
    #[must_use]
    pub fn list(&self, id: MoveListId) -> Option<&MoveList> {
        self.lists.get(&id)
    }

    /// Every list, the one whose day comes first before the others.
    #[must_use]
    pub fn all(&self) -> Vec<&MoveList> {
        let mut lists: Vec<&MoveList> = self.lists.values().collect();
        lists.sort_unstable_by_key(|list| (list.at, list.id));
        lists
    }

    /// The list that is to be carried out at an instant: of several the one whose day came first.
    #[must_use]
    pub fn due(&self, now: Timestamp) -> Option<&MoveList> {
        let waiting = self.waiting().filter(|list| list.at <= now);
        waiting.min_by_key(|list| (list.at, list.id))
    }

    /// When the next list is to be carried out.
    #[must_use]
    pub fn next(&self) -> Option<Timestamp> {
        self.waiting().map(|list| list.at).min()
    }

    /// Lists that are accepted and not wholly carried out.
    pub fn waiting(&self) -> impl Iterator<Item = &MoveList> {
        self.lists
            .values()
            .filter(|list| list.state == MoveState::Accepted)
    }

    /// Whether a list whose instant has come takes an appointment away, although that was not recorded
    /// yet.
    pub(super) fn takes_away(&self, appointment: &Appointment, at: Timestamp) -> bool {
        self.taken
            .get(&appointment.person)
            .into_iter()
            .flatten()
            .any(|(post, from)| {
                *from <= at
                    && appointment.valid.from < *from
                    && post.is_none_or(|post| post == appointment.post)
            })
    }

    /// Whether a list whose instant has come says that a person leaves, although that was not recorded
    /// yet.
    pub(super) fn leaves(&self, person: PersonId, at: Timestamp) -> bool {
        let mut taken = self.taken.get(&person).into_iter().flatten();
        taken.any(|(post, from)| post.is_none() && *from <= at)
    }

    /// When a list that was not carried out yet says that a person leaves; of several, the first.
    pub(super) fn leaving_of(&self, person: PersonId) -> Option<Timestamp> {
        let taken = self.taken.get(&person).into_iter().flatten();
        let leaving = taken.filter(|(post, _)| post.is_none());
        leaving.map(|(_, from)| *from).min()
    }

    fn look_again(&mut self) {
        self.taken.clear();
        let waiting = self
            .lists
            .values()
            .filter(|list| list.state == MoveState::Accepted);
        for list in waiting {
            for line in list.lines.iter().skip(list.done as usize) {
                if let Some(post) = takes(line) {
                    let taken = self.taken.entry(line.person).or_default();
                    taken.push((post, list.at));
                }
            }
        }
    }

    /// A line was carried out or skipped: what it took away is recorded now.
    fn settled(&mut self, line: &MoveLine, at: Timestamp) {
        let Some(post) = takes(line) else { return };
        if let Some(taken) = self.taken.get_mut(&line.person) {
            if let Some(place) = taken.iter().position(|it| *it == (post, at)) {
                taken.swap_remove(place);
            }
            if taken.is_empty() {
                self.taken.remove(&line.person);
            }
        }
    }
}

impl World {
    pub(super) fn apply_moves(
        &mut self,
        stored: &StoredEvent,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let kind = stored.event.kind().0;
        match &stored.event {
            Event::MovesAccepted {
                list, at, document, ..
            } => {
                let damaged = || WorldError::Document {
                    digest: document.blob.clone(),
                };
                let bytes = docs.document(&document.blob).ok_or_else(damaged)?;
                let lines = decode_lines(&bytes).ok_or_else(damaged)?;
                if self.moves.lists.contains_key(list) {
                    return Err(duplicate(kind, list));
                }
                let accepted = MoveList {
                    id: *list,
                    at: *at,
                    accepted_at: stored.recorded_at,
                    document: document.clone(),
                    count: u32::try_from(lines.len()).unwrap_or(u32::MAX),
                    lines,
                    done: 0,
                    skipped: Vec::new(),
                    state: MoveState::Accepted,
                };
                self.moves.lists.insert(*list, accepted);
                self.moves.look_again();
            }
            Event::MovesWithdrawn { list } => {
                let known = self.moves.lists.get_mut(list);
                let known = known.ok_or_else(|| unknown(kind, list))?;
                known.state = MoveState::Withdrawn;
                known.lines.clear();
                self.moves.look_again();
            }
            Event::MovesCarriedOut {
                list,
                through,
                skipped,
            } => {
                let known = self.moves.lists.get_mut(list);
                let known = known.ok_or_else(|| unknown(kind, list))?;
                let (from, at) = (known.done as usize, known.at);
                known.done = *through;
                known.skipped.extend(skipped.iter().cloned());
                let slice = known.lines.get(from..*through as usize);
                let slice = slice.map(<[MoveLine]>::to_vec).unwrap_or_default();
                if known.done >= known.count {
                    known.state = MoveState::Done;
                    known.lines = Vec::new();
                }
                for line in &slice {
                    self.moves.settled(line, at);
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Issued devices and media that are due back at an instant: whoever has them has left, or belongs
    /// to a unit outside the one that answers for them.
    pub fn due_back(&self, at: Timestamp) -> impl Iterator<Item = &Entry> {
        [Register::IssuedDevice, Register::Medium]
            .into_iter()
            .flat_map(|register| self.registers.active(register))
            .filter(move |entry| self.is_due_back(entry, at))
    }

    /// Whether an issued device or medium is due back at an instant.
    #[must_use]
    pub fn is_due_back(&self, entry: &Entry, at: Timestamp) -> bool {
        let Some(person) = entry.particulars.person() else {
            return false;
        };
        if entry.register() == Register::ByodDevice {
            return false;
        }
        if !self.is_member(person, at) {
            return true;
        }
        let (of_person, of_entry) = (self.unit_of(person, at), self.unit_of_entry(entry.id, at));
        match (of_person, of_entry) {
            // A device of the bureau goes with whoever moves within the bureau.
            (Some(of_person), Some(of_entry)) => !self.unit_is_within(of_person, of_entry, at),
            _ => false,
        }
    }

    /// What a person has that is due back at an instant.
    pub fn due_back_of(&self, person: PersonId, at: Timestamp) -> impl Iterator<Item = &Entry> {
        self.registers
            .of_person(person)
            .filter(move |entry| entry.is_active() && self.is_due_back(entry, at))
    }
}
