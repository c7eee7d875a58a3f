//! Opening and closing break-glass. That both officers proved themselves is the caller's part.

use super::{Command, Refusal};
use crate::actor::Actor;
use crate::authorise::{Action, Subject, authorise};
use crate::break_glass::LASTS;
use crate::event::{Event, Sealed};
use crate::id::PersonId;
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &Command,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        Command::OpenBreakGlass { second, reason } => open(world, actor, *second, reason, now),
        Command::CloseBreakGlass => close(world, actor, now),
        _ => Err(Refusal::new("command.misrouted")),
    }
}

/// Whether two people may open it together: asked again when the command is decided, and before
/// any code is mailed.
///
/// # Errors
/// [`Refusal`] with the field of the person at fault.
pub fn may_open(
    world: &World,
    first: PersonId,
    second: PersonId,
    now: Timestamp,
) -> Result<(), Refusal> {
    if world.break_glass_open(now).is_some() {
        return Err(Refusal::new("break-glass.open-already"));
    }
    if first == second {
        return Err(Refusal::new("break-glass.same-person").at("second"));
    }
    for (person, field) in [(first, "first"), (second, "second")] {
        if !world.people.contains_key(&person) {
            return Err(Refusal::new("person.unknown").at(field));
        }
        if !world.has_open_account(person) {
            return Err(Refusal::new("break-glass.no-account").at(field));
        }
        let actor = Actor::person(person);
        authorise(world, &actor, Action::OpenBreakGlass, Subject::Body, now)
            .map_err(|_| Refusal::new("break-glass.no-post").at(field))?;
    }
    Ok(())
}

fn open(
    world: &World,
    actor: &Actor,
    second: PersonId,
    reason: &Sealed,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let Actor::Person { person: first, .. } = actor else {
        return Err(Refusal::new("authorise.no-authority"));
    };
    may_open(world, *first, second, now)?;
    // Under any other key the reason would outlive the one who gave it.
    if reason.person != *first {
        return Err(Refusal::new("break-glass.reason-of-another").at("reason"));
    }
    Ok(vec![Event::BreakGlassOpened {
        first: *first,
        second,
        until: now.after(LASTS),
        reason: reason.clone(),
    }])
}

/// The program records the end once time has brought it; everyone else only ends what is open.
fn close(world: &World, actor: &Actor, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let not_open = || Refusal::new("break-glass.not-open");
    let known = world.break_glass.as_ref().ok_or_else(not_open)?;
    let due = match actor {
        Actor::System => known.closed_at.is_none() && known.until <= now,
        _ => known.is_open(now),
    };
    if !due {
        return Err(not_open());
    }
    Ok(vec![Event::BreakGlassClosed {
        opened_at: known.opened_at,
    }])
}
