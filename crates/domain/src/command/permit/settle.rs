//! What the program records by itself: ends that time has brought, and posts that decide now.

use crate::event::Event;
use crate::id::PermitId;
use crate::permit::event::{Ended, Rerouted};
use crate::permit::{Obligations, Permit, Stage};
use crate::time::Timestamp;
use crate::world::World;

/// The end that time has brought and nobody recorded, with the close where nothing is owed.
pub(super) fn expiry(permit: &Permit, now: Timestamp) -> Vec<Event> {
    let live = permit
        .grant()
        .filter(|grant| matches!(grant.stage, Stage::Live { .. }));
    let Some(end) = live.and_then(|grant| grant.end(now)) else {
        return Vec::new();
    };
    ended(
        permit,
        Ended {
            permit: permit.id,
            how: end.how,
            at: end.at,
            decision: None,
            remark: None,
        },
    )
}

/// An end, and the close where nothing is owed. What was never taken up leaves nothing to be done.
pub(super) fn ended(permit: &Permit, step: Ended) -> Vec<Event> {
    let owed = permit
        .grant()
        .map_or(Obligations::default(), |grant| match grant.stage {
            Stage::Live {
                taken_up: false, ..
            } => Obligations::default(),
            _ => grant.owed,
        });
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
    known.flat_map(|permit| expiry(permit, now)).collect()
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
