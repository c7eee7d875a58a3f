//! References: whether the thing that an id speaks of is there, and in force.

use std::str::FromStr;

use super::EntryId;
use crate::authorise::Action;
use crate::device::DeviceState;
use crate::id::{ApiTokenId, PermitId, PersonId, PostId, UnitId};
use crate::time::Timestamp;
use crate::world::World;

/// Whether an id speaks of anything known: a person, unit, post, permit, API token, device or entry
/// of a register.
#[must_use]
pub fn is_known(world: &World, id: &str) -> bool {
    match id.split_once('_').map_or("", |(prefix, _)| prefix) {
        PersonId::PREFIX => parsed(id).is_some_and(|id| world.people.contains_key(&id)),
        UnitId::PREFIX => parsed(id).is_some_and(|id| world.units.contains_key(&id)),
        PostId::PREFIX => parsed(id).is_some_and(|id| world.posts.contains_key(&id)),
        PermitId::PREFIX => parsed(id).is_some_and(|id| world.permits.get(id).is_some()),
        ApiTokenId::PREFIX => {
            parsed::<ApiTokenId>(id).is_some_and(|id| world.tokens.contains_key(&id))
        }
        _ => match parsed::<EntryId>(id) {
            Some(EntryId::Device(device)) if world.device(device).is_some() => true,
            Some(id) => world.registers.entry(id).is_some(),
            None => false,
        },
    }
}

/// Whether what an id speaks of is in force at an instant: a person who has not left, a unit or post
/// that exists, an API token that may ask the decision point, a device or entry that is in use.
#[must_use]
pub fn is_in_force(world: &World, id: &str, at: Timestamp) -> bool {
    match id.split_once('_').map_or("", |(prefix, _)| prefix) {
        PersonId::PREFIX => parsed(id).is_some_and(|id| world.is_member(id, at)),
        UnitId::PREFIX => parsed(id).is_some_and(|id| world.unit_in_force(id, at)),
        PostId::PREFIX => parsed(id).is_some_and(|id| world.post_in_force(id, at)),
        // What is over is named all the same: something happened under it.
        PermitId::PREFIX => is_known(world, id),
        // Registers name tokens as what asks the decision point, and no others.
        ApiTokenId::PREFIX => parsed::<ApiTokenId>(id).is_some_and(|id| {
            let known = world.tokens.get(&id);
            known.is_some_and(|it| it.in_force(at) && it.token.allows(Action::AskAccess))
        }),
        _ => match parsed::<EntryId>(id) {
            Some(id @ EntryId::Device(device)) => {
                let enrolled = world.device(device);
                let entry = world.registers.entry(id);
                (enrolled.is_some() || entry.is_some())
                    && enrolled.is_none_or(|known| known.state != DeviceState::Retired)
                    && entry.is_none_or(super::Entry::is_active)
            }
            Some(id) => world
                .registers
                .entry(id)
                .is_some_and(super::Entry::is_active),
            None => false,
        },
    }
}

fn parsed<T: FromStr>(id: &str) -> Option<T> {
    id.parse().ok()
}
