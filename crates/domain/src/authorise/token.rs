//! What a program may do by its token: what both the scope and the post allow.

use super::{Action, Basis, Denied, GRANTS, Reach, Subject, by_post, reaches, route};
use crate::id::{ApiTokenId, PersonId, PostId};
use crate::time::Timestamp;
use crate::token::{Token, TokenHolder};
use crate::world::World;

/// The token, where it can be used now and its scope allows the action.
fn usable(
    world: &World,
    id: ApiTokenId,
    holder: TokenHolder,
    action: Action,
    now: Timestamp,
) -> Result<&Token, Denied> {
    let known = world.tokens.get(&id);
    let known = known.filter(|known| known.in_force(now) && known.token.holder == holder);
    let token = &known.ok_or(Denied::NoAuthority)?.token;
    if token.allows(action) {
        Ok(token)
    } else {
        Err(Denied::OutOfScope)
    }
}

/// In the name of the one who issued it, in that post alone. Neither the bootstrap officer's power
/// nor break-glass is ever a program's.
pub(super) fn as_person(
    world: &World,
    token: ApiTokenId,
    person: PersonId,
    (action, subject): (Action, Subject),
    now: Timestamp,
) -> Result<Basis, Denied> {
    let token = usable(world, token, TokenHolder::Post, action, now)?;
    if token.issuer != person {
        return Err(Denied::NoAuthority);
    }
    let by_post = by_post(world, person, Some(token.post), (action, subject), now);
    match (action, subject) {
        (Action::DecidePermit, Subject::Permit(permit)) => {
            let basis = route::decides(world, person, permit, now)?;
            of_post(world, basis, token.post).ok_or(Denied::OutOfReach)
        }
        (Action::ReadPermit, Subject::Permit(permit)) => by_post.or_else(|denied| {
            let basis = route::reads(world, person, permit, now);
            let basis = basis.and_then(|basis| of_post(world, basis, token.post));
            basis.ok_or(denied)
        }),
        _ => by_post,
    }
}

/// The ground, where it is an appointment to that very post: a program stands in for nobody.
fn of_post(world: &World, basis: Basis, post: PostId) -> Option<Basis> {
    let Basis::Appointment(id) = basis else {
        return None;
    };
    let held = world.appointments.get(&id)?;
    (held.post == post).then_some(basis)
}

/// In its own name, on the ground of the appointment of whoever holds the post now. It has nothing
/// of its own to reach.
pub(super) fn as_service(
    world: &World,
    token: ApiTokenId,
    (action, subject): (Action, Subject),
    now: Timestamp,
) -> Result<Basis, Denied> {
    let token = usable(world, token, TokenHolder::Service, action, now)?;
    let post = world.posts.get(&token.post).ok_or(Denied::NoAuthority)?;
    let appointment = world.token_appointment(token, now);
    let appointment = appointment.ok_or(Denied::NoAuthority)?;
    let mut denied = Denied::NoAuthority;
    for grant in GRANTS.iter().filter(|grant| {
        grant.action == action && grant.reach != Reach::Own && post.roles.contains(&grant.role)
    }) {
        let holder = (post.unit, appointment.person);
        if reaches(world, grant.reach, holder, subject, now) {
            return Ok(Basis::Appointment(appointment.id));
        }
        denied = Denied::OutOfReach;
    }
    Err(denied)
}
