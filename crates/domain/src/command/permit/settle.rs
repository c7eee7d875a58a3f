//! What the program records by itself: ends that time has brought, and posts that decide now.

use crate::event::Event;
use crate::id::{PermitId, PersonId};
use crate::permit::event::{Ended, Rerouted, Suspended};
use crate::permit::{ActKind, Deadlines, EndKind, HoldCause, Obligations, Permit, Stage, Status};
use crate::time::Timestamp;
use crate::world::World;

/// What becomes of a person's permits when the person moves to another unit or leaves: what waits is
/// taken back from a leaver and goes to the posts that decide now from a mover; what holds ends with a
/// leaver, and waits for the new section officer's word with a mover.
pub(in crate::command) fn follow_person(
    world: &World,
    person: PersonId,
    leaves: bool,
    at: Timestamp,
) -> Vec<Event> {
    let mut events = Vec::new();
    for permit in world.permits.of_person(person) {
        let status = permit.status(at);
        let id = permit.id;
        if leaves && matches!(status, Status::Applied | Status::SentBack) {
            events.push(Event::PermitWithdrawn { permit: id });
        } else if leaves && status.allows(ActKind::Transfer) {
            events.extend(ended(
                world,
                permit,
                Ended {
                    permit: id,
                    how: EndKind::Transferred,
                    at,
                    deadlines: Deadlines::default(),
                    decision: None,
                    remark: None,
                },
            ));
        } else if !leaves && status.allows(ActKind::Suspend) {
            events.push(Event::PermitSuspended {
                step: Suspended {
                    permit: id,
                    cause: HoldCause::Move,
                    remark: None,
                },
            });
        }
    }
    events
}

/// The end that time has brought and nobody recorded, with the close where nothing is owed.
pub(super) fn expiry(world: &World, permit: &Permit, now: Timestamp) -> Vec<Event> {
    let live = permit
        .grant()
        .filter(|grant| matches!(grant.stage, Stage::Live { .. }));
    let Some(end) = live.and_then(|grant| grant.end(now)) else {
        return Vec::new();
    };
    ended(
        world,
        permit,
        Ended {
            permit: permit.id,
            how: end.how,
            at: end.at,
            deadlines: Deadlines::default(),
            decision: None,
            remark: None,
        },
    )
}

/// An end, and the close where nothing is owed. What was never taken up leaves nothing to be done.
pub(super) fn ended(world: &World, permit: &Permit, mut step: Ended) -> Vec<Event> {
    let owed = permit
        .grant()
        .map_or(Obligations::default(), |grant| match grant.stage {
            Stage::Live {
                taken_up: false, ..
            } => Obligations::default(),
            _ => grant.owed,
        });
    // What ends with its term has its deadlines already.
    if permit.grant().is_some_and(|it| step.at != it.term.until) {
        step.deadlines = Deadlines::from_end(owed, step.at, &world.calendar());
    }
    let id = permit.id;
    let mut events = vec![Event::PermitEnded {
        step: Box::new(step),
    }];
    if owed.is_empty() {
        events.push(Event::PermitClosed { permit: id });
    }
    events
}

pub(super) fn record_ends(world: &World, permits: &[PermitId], now: Timestamp) -> Vec<Event> {
    let mut permits = permits.to_vec();
    permits.sort_unstable();
    permits.dedup();
    let known = permits.iter().filter_map(|id| world.permits.get(*id));
    known
        .flat_map(|permit| expiry(world, permit, now))
        .collect()
}

pub(super) fn reroute(world: &World, permits: &[PermitId], now: Timestamp) -> Vec<Event> {
    let mut permits = permits.to_vec();
    permits.sort_unstable();
    permits.dedup();
    let known = permits.iter().filter_map(|id| world.permits.get(*id));
    let waiting = known.filter(|permit| permit.waits(now));
    let rerouted = waiting.filter_map(|permit| {
        let route = world.route_of(permit, now).ok()?;
        let unit = world.unit_of_permit(permit, now);
        let changed = route != permit.route || unit != permit.unit;
        changed.then_some(Event::PermitRerouted {
            step: Rerouted {
                permit: permit.id,
                unit,
                route,
            },
        })
    });
    rerouted.collect()
}
