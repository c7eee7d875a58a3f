//! Deciding on permits: by the route, and not by the role alone.

use super::{Action, Basis, Denied, GRANTS, Grant};
use crate::id::{AppointmentId, PermitId, PersonId, PostId};
use crate::permit::{Capacity, Permit};
use crate::time::Timestamp;
use crate::world::World;

/// Whether a person decides on a permit: for the post that the route finds now, as its holder,
/// delegate or stand-in; never on what is for themselves. The role as which that post was found must
/// be one that decides.
pub(super) fn decides(
    world: &World,
    person: PersonId,
    permit: PermitId,
    now: Timestamp,
) -> Result<Basis, Denied> {
    let permit = world.permits.get(permit).ok_or(Denied::NoAuthority)?;
    if world.is_own_permit(permit, person) {
        return Err(Denied::OwnApplication);
    }
    // Viewing what was decided in one's stead needs the post held, whatever the route is now.
    if let Some(basis) = views(world, person, permit, now) {
        return Ok(basis);
    }
    let route = world
        .route_of(permit, now)
        .map_err(|_| Denied::NotOnRoute)?;
    let decides = |grant: &Grant| grant.role == route.role && grant.action == Action::DecidePermit;
    if !GRANTS.iter().any(decides) {
        return Err(Denied::NotOnRoute);
    }
    let (kind, grade) = (permit.kind(), permit.grade);
    match world.capacity(person, route.post, kind, grade, now) {
        None => Err(Denied::NotOnRoute),
        Some(Capacity::Holder) => appointment(world, person, route.post, now),
        Some(Capacity::Delegate { delegation }) => {
            let to = world.delegation(delegation).map(|it| it.to);
            to.map_or(Err(Denied::NotOnRoute), |to| {
                appointment(world, person, to, now)
            })
        }
        Some(Capacity::StandIn { stand_in }) => Ok(Basis::StandIn(stand_in)),
    }
}

fn views(world: &World, person: PersonId, permit: &Permit, now: Timestamp) -> Option<Basis> {
    let mut held = world.posts_held(person, now);
    held.find(|(_, post)| permit.to_view.iter().any(|it| it.post == post.id))
        .map(|(appointment, _)| Basis::Appointment(appointment.id))
}

/// Whether someone whose reach does not cover a permit reads it all the same: who decides on it.
pub(super) fn reads(
    world: &World,
    person: PersonId,
    permit: PermitId,
    now: Timestamp,
) -> Option<Basis> {
    decides(world, person, permit, now).ok()
}

fn appointment(
    world: &World,
    person: PersonId,
    post: PostId,
    now: Timestamp,
) -> Result<Basis, Denied> {
    let id = held(world, person, post, now);
    id.map(Basis::Appointment).ok_or(Denied::NotOnRoute)
}

fn held(world: &World, person: PersonId, post: PostId, now: Timestamp) -> Option<AppointmentId> {
    let mut held = world.posts_held(person, now);
    held.find(|(_, known)| known.id == post)
        .map(|(appointment, _)| appointment.id)
}
