//! Where in the ledger appointments stand, and by which list of moves: the history of a person and of
//! a post tells of them.

use std::collections::{BTreeMap, HashMap};

use sekisho_domain::event::Event;
use sekisho_domain::id::{AppointmentId, MoveListId};
use serde::Deserialize;

/// Numbers of records by the appointment of which they tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Appointed {
    made: HashMap<AppointmentId, u64>,
    ended: HashMap<AppointmentId, Vec<u64>>,
    /// The record in which a list of moves was accepted.
    accepted: HashMap<MoveListId, u64>,
    /// The records that close a slice of a list, which comes right before them.
    carried: BTreeMap<u64, MoveListId>,
}

/// The list of moves by which something was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ByMoves {
    /// Which.
    pub list: MoveListId,
    /// The record that closes the slice.
    pub carried: u64,
    /// The record in which the list was accepted.
    pub accepted: u64,
}

#[derive(Deserialize)]
struct Peek {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    appointment: Option<Which>,
    #[serde(default)]
    list: Option<MoveListId>,
}

/// An appointment as a whole, or its id.
#[derive(Deserialize)]
#[serde(untagged)]
enum Which {
    Id(AppointmentId),
    Whole { id: AppointmentId },
}

impl Appointed {
    pub(super) fn follow(&mut self, sequence: u64, event: &Event) {
        match event {
            Event::AppointmentMade { appointment } => {
                self.made.insert(appointment.id, sequence);
            }
            Event::AppointmentEnded { appointment, .. } => {
                self.ended.entry(*appointment).or_default().push(sequence);
            }
            Event::MovesAccepted { list, .. } => {
                self.accepted.insert(*list, sequence);
            }
            Event::MovesCarriedOut { list, .. } => {
                self.carried.insert(sequence, *list);
            }
            _ => {}
        }
    }

    /// The same from a record, of a kind as its head says.
    ///
    /// # Errors
    /// The record is not of the form its kind promises.
    pub(super) fn peek(
        &mut self,
        sequence: u64,
        kind: &str,
        bytes: &[u8],
    ) -> Result<(), serde_json::Error> {
        let ours = [
            "appointment.made",
            "appointment.ended",
            "moves.accepted",
            "moves.carried-out",
        ];
        if !ours.contains(&kind) {
            return Ok(());
        }
        let Payload { appointment, list } = serde_json::from_slice::<Peek>(bytes)?.payload;
        match (kind, appointment, list) {
            ("appointment.made", Some(Which::Whole { id }), _) => {
                self.made.insert(id, sequence);
            }
            ("appointment.ended", Some(Which::Id(id)), _) => {
                self.ended.entry(id).or_default().push(sequence);
            }
            ("moves.accepted", _, Some(list)) => {
                self.accepted.insert(list, sequence);
            }
            ("moves.carried-out", _, Some(list)) => {
                self.carried.insert(sequence, list);
            }
            _ => {}
        }
        Ok(())
    }

    /// The record in which an appointment was made by itself.
    pub(super) fn made(&self, id: AppointmentId) -> Option<u64> {
        self.made.get(&id).copied()
    }

    /// The records in which an appointment was ended.
    pub(super) fn ended(&self, id: AppointmentId) -> impl Iterator<Item = u64> {
        self.ended.get(&id).into_iter().flatten().copied()
    }

    /// The list of moves whose slice may hold a record: the next that was closed. Whether it does hold
    /// it is known by the moment, which is one for all records of a command.
    #[must_use]
    pub fn moves_around(&self, record: u64) -> Option<ByMoves> {
        let (carried, list) = self.carried.range(record..).next()?;
        Some(ByMoves {
            list: *list,
            carried: *carried,
            accepted: self.accepted.get(list).copied()?,
        })
    }
}
