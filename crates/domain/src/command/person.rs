//! What is known of people changes; people leave and return.

use serde::{Deserialize, Serialize};

use super::Refusal;
use crate::actor::Actor;
use crate::authorise::{Action, Subject, authorise};
use crate::event::{Event, Sealed};
use crate::id::{PersonId, UnitId};
use crate::time::Timestamp;
use crate::world::World;

/// What can be asked about a person who is known.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum PersonCommand {
    /// Change unit, name or mail.
    Change {
        /// Who.
        person: PersonId,
        /// The unit from now on, where it changes.
        unit: Option<UnitId>,
        /// Name and mail from now on, under the person's key, where they change.
        profile: Option<Sealed>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Change one's own mail address. The profile is sealed whole: the caller takes the name from what
    /// is known.
    ChangeOwnMail {
        /// Who.
        person: PersonId,
        /// The profile with the new address, under the person's key.
        profile: Sealed,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Record that a person has left, from now on: posts end and accounts close.
    Leave {
        /// Who.
        person: PersonId,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Record that a person who had left is back.
    Return {
        /// Who.
        person: PersonId,
        /// In which unit.
        unit: UnitId,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
}

impl PersonCommand {
    pub(super) const fn action(&self) -> (Action, Subject) {
        match self {
            Self::Change { person, .. }
            | Self::Leave { person, .. }
            | Self::Return { person, .. } => (Action::ChangePerson, Subject::Person(*person)),
            Self::ChangeOwnMail { person, .. } => (Action::ChangeOwnMail, Subject::Person(*person)),
        }
    }

    const fn about(&self) -> (PersonId, Option<u64>) {
        match self {
            Self::Change {
                person, expected, ..
            }
            | Self::ChangeOwnMail {
                person, expected, ..
            }
            | Self::Leave { person, expected }
            | Self::Return {
                person, expected, ..
            } => (*person, *expected),
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &PersonCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (person, expected) = command.about();
    super::people::known_person(world, person)?;
    let version = world.person_versions.get(&person).copied().unwrap_or(0);
    super::current(version, expected)?;
    let gone = !world.is_member(person, now);
    match command {
        PersonCommand::Return { unit, .. } => {
            if !gone {
                return Err(Refusal::new("person.not-left").at("person"));
            }
            in_force(world, actor, *unit, now)?;
            return Ok(vec![Event::PersonReturned {
                person,
                unit: *unit,
            }]);
        }
        _ if gone => return Err(Refusal::new("person.left").at("person")),
        _ => {}
    }
    match command {
        PersonCommand::Change { unit, profile, .. } => {
            if unit.is_none() && profile.is_none() {
                return Err(Refusal::new("person.unchanged"));
            }
            if let Some(unit) = unit {
                in_force(world, actor, *unit, now)?;
            }
            own_key(person, profile.as_ref())?;
            let moves = unit.is_some_and(|unit| world.unit_of(person, now) != Some(unit));
            let mut events = Vec::new();
            if moves {
                events = super::permit::follow_person(world, person, false, now);
            }
            events.push(Event::PersonChanged {
                person,
                unit: *unit,
                profile: profile.clone(),
            });
            Ok(events)
        }
        PersonCommand::ChangeOwnMail { profile, .. } => {
            let oneself = matches!(actor, Actor::Person { person: who, .. } if *who == person);
            if !oneself {
                return Err(Refusal::new("person.not-oneself").at("person"));
            }
            own_key(person, Some(profile))?;
            Ok(vec![Event::PersonChanged {
                person,
                unit: None,
                profile: Some(profile.clone()),
            }])
        }
        _ => Ok(leave(world, person, now)),
    }
}

/// A person leaves: posts end, appointments that have not begun never do, accounts close.
fn leave(world: &World, person: PersonId, now: Timestamp) -> Vec<Event> {
    let mut events = super::permit::follow_person(world, person, true, now);
    events.push(Event::PersonLeft { person, from: now });
    events.extend(super::people::ended_appointments(world, person, now));
    events.extend(super::people::closed_accounts(world, person));
    events
}

fn own_key(person: PersonId, profile: Option<&Sealed>) -> Result<(), Refusal> {
    if profile.is_none_or(|sealed| sealed.person == person) {
        Ok(())
    } else {
        Err(Refusal::new("person.key-of-another").at("profile"))
    }
}

/// The unit exists, and the actor may put people into it.
fn in_force(world: &World, actor: &Actor, unit: UnitId, now: Timestamp) -> Result<(), Refusal> {
    if !world.unit_in_force(unit, now) {
        return Err(Refusal::new("unit.unknown").at("unit"));
    }
    authorise(world, actor, Action::ChangePerson, Subject::Unit(unit), now)?;
    Ok(())
}
