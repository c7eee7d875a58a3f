//! Lists of personnel moves: accepted as a whole, withdrawn, carried out in slices on their day.

mod check;

use std::collections::HashSet;

use serde::{Deserialize, Serialize};

use super::{Refusal, people, permit};
use crate::actor::Actor;
use crate::appointment::{Appointment, AppointmentKind};
use crate::authorise::{Action, Subject};
use crate::event::{BlobRef, Event};
use crate::id::{MoveListId, PersonId};
use crate::moves::{MoveKind, MoveLine, MoveList, MoveState, Skipped};
use crate::time::{Interval, Timestamp};
use crate::world::World;

pub use check::{LineFault, Vacated, check_moves, vacated};

/// Most lines of one list.
pub const MOVES_MAX: usize = 50_000;
/// Lines that are carried out by one command.
pub const SLICE: u32 = 100;

/// What can be asked about lists of moves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum MovesCommand {
    /// Accept a list.
    Accept {
        /// The fresh id.
        list: MoveListId,
        /// The instant from which it holds.
        at: Timestamp,
        /// Its lines.
        lines: Vec<MoveLine>,
        /// The document made of the lines by [`encode_lines`](crate::moves::encode_lines); it is
        /// handed over with the command.
        document: BlobRef,
    },
    /// Take a list back before its day.
    Withdraw {
        /// Which.
        list: MoveListId,
    },
    /// Carry out the next lines of a list whose day has come.
    CarryOut {
        /// Which.
        list: MoveListId,
    },
}

impl MovesCommand {
    pub(super) const fn action(&self) -> (Action, Subject) {
        match self {
            Self::Accept { .. } | Self::Withdraw { .. } => (Action::AcceptMoves, Subject::Body),
            Self::CarryOut { .. } => (Action::CarryOutMoves, Subject::Body),
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &MovesCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        MovesCommand::Accept {
            list,
            at,
            lines,
            document,
        } => {
            if world.moves.list(*list).is_some() {
                return Err(Refusal::new("moves.exists").at("list"));
            }
            if let Some(fault) = check_moves(world, actor, *at, lines, now)
                .into_iter()
                .next()
            {
                return Err(fault.into_refusal());
            }
            Ok(vec![Event::MovesAccepted {
                list: *list,
                at: *at,
                document: document.clone(),
                lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            }])
        }
        MovesCommand::Withdraw { list } => {
            let known = waiting(world, *list)?;
            if known.at <= now {
                return Err(Refusal::new("moves.day-has-come").at("list"));
            }
            Ok(vec![Event::MovesWithdrawn { list: *list }])
        }
        MovesCommand::CarryOut { list } => {
            let known = waiting(world, *list)?;
            if now < known.at {
                return Err(Refusal::new("moves.not-yet").at("list"));
            }
            Ok(carry_out(world, known))
        }
    }
}

fn waiting(world: &World, list: MoveListId) -> Result<&MoveList, Refusal> {
    let known = world.moves.list(list);
    let known = known.ok_or_else(|| Refusal::new("moves.unknown").at("list"))?;
    match known.state {
        MoveState::Accepted => Ok(known),
        MoveState::Withdrawn => Err(Refusal::new("moves.withdrawn").at("list")),
        MoveState::Done => Err(Refusal::new("moves.done").at("list")),
    }
}

/// The next slice. A line that does not fit any more is skipped and named; it never holds the others
/// up.
fn carry_out(world: &World, list: &MoveList) -> Vec<Event> {
    let through = list.count.min(list.done.saturating_add(SLICE));
    let mut events = Vec::new();
    let mut skipped = Vec::new();
    // A person may have several lines; permits follow once.
    let mut followed = HashSet::new();
    let slice = list.lines.get(list.done as usize..through as usize);
    for (place, line) in (list.done..).zip(slice.unwrap_or_default()) {
        match still_fits(world, line, list.at) {
            Ok(()) => events.extend(follow(world, line, list.at, &mut followed)),
            Err(refusal) => skipped.push(Skipped {
                line: place,
                code: refusal.reason.code.into_owned(),
            }),
        }
    }
    // Last, so that what is taken away stays taken until its ends are recorded.
    events.push(Event::MovesCarriedOut {
        list: list.id,
        through,
        skipped,
    });
    events
}

/// What was checked when the list was accepted and may have changed since.
fn still_fits(world: &World, line: &MoveLine, at: Timestamp) -> Result<(), Refusal> {
    // What this very list takes away is not recorded yet, so the World is asked for what is.
    if world.left.get(&line.person).is_some_and(|from| *from <= at) {
        return Err(Refusal::new("person.left"));
    }
    if line.to.is_some_and(|post| !world.post_in_force(post, at)) {
        return Err(Refusal::new("post.abolished"));
    }
    if line.unit.is_some_and(|unit| !world.unit_in_force(unit, at)) {
        return Err(Refusal::new("unit.unknown"));
    }
    if line
        .appointment
        .is_some_and(|id| world.appointments.contains_key(&id))
    {
        return Err(Refusal::new("appointment.exists"));
    }
    Ok(())
}

/// What follows from a line, each thing an event of its own.
fn follow(
    world: &World,
    line: &MoveLine,
    at: Timestamp,
    followed: &mut HashSet<PersonId>,
) -> Vec<Event> {
    let person = line.person;
    let mut events = Vec::new();
    if line.kind == MoveKind::Leave {
        if followed.insert(person) {
            events.extend(permit::follow_person(world, person, true, at));
        }
        events.extend(people::ended_appointments(world, person, at));
        events.push(Event::PersonLeft { person, from: at });
        events.extend(people::closed_accounts(world, person));
        return events;
    }
    if let Some(from) = line.from {
        let held = appointments(world, person).filter(|it| {
            it.post == from && it.valid.from < at && it.valid.until.is_none_or(|until| at < until)
        });
        events.extend(held.map(|it| Event::AppointmentEnded {
            appointment: it.id,
            until: at,
        }));
    }
    if let (Some(post), Some(id)) = (line.to, line.appointment) {
        let kind = match line.kind {
            MoveKind::Concurrent => AppointmentKind::Concurrent,
            MoveKind::Acting => AppointmentKind::Acting,
            _ => AppointmentKind::Regular,
        };
        let valid = Interval::starting(at);
        events.push(Event::AppointmentMade {
            appointment: Appointment {
                id,
                person,
                post,
                valid,
                kind,
            },
        });
    }
    let unit = new_unit(world, line);
    if unit.is_some_and(|unit| world.unit_of(person, at) != Some(unit)) {
        if followed.insert(person) {
            events.extend(permit::follow_person(world, person, false, at));
        }
        events.push(Event::PersonChanged {
            person,
            unit,
            profile: None,
        });
    }
    events
}

/// The unit that a person belongs to after a line; none where it stays.
fn new_unit(world: &World, line: &MoveLine) -> Option<crate::id::UnitId> {
    let of_post = || Some(world.posts.get(&line.to?)?.unit);
    line.unit
        .or_else(|| (line.kind == MoveKind::Transfer).then(of_post).flatten())
}

fn appointments(world: &World, person: PersonId) -> impl Iterator<Item = &Appointment> {
    world
        .appointments_of
        .get(&person)
        .into_iter()
        .flatten()
        .filter_map(|id| world.appointments.get(id))
}
