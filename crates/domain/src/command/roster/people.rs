//! People, with the posts to which they are appointed.

use std::collections::HashSet;

use super::{PersonRow, Weighed, once};
use crate::actor::Actor;
use crate::appointment::{Appointment, AppointmentKind};
use crate::authorise::{Action, Subject, authorise};
use crate::command::people::{barred_beside, may_hold};
use crate::command::person::{self, PersonCommand};
use crate::command::{Command, NewPerson, Refusal, people};
use crate::event::Event;
use crate::id::AppointmentId;
use crate::role::Role;
use crate::time::{Interval, Timestamp};
use crate::world::World;

impl PersonRow {
    /// Whether nothing but appointments is asked for.
    pub(super) const fn is_appointment_only(&self) -> bool {
        self.expected.is_some() && self.profile.is_none() && !self.posts.is_empty()
    }
}

pub(super) fn weigh(world: &World, actor: &Actor, rows: &[PersonRow], now: Timestamp) -> Weighed {
    let mut weighed = Weighed::default();
    let mut seen = HashSet::new();
    let mut appointments = HashSet::new();
    for (place, row) in rows.iter().enumerate() {
        let found = once(&mut seen, row.id).and_then(|()| {
            let mut events = one(world, actor, row, now)?;
            events.extend(appointed(world, actor, row, &mut appointments, now)?);
            Ok(events)
        });
        weighed.take(place, found);
    }
    weighed
}

fn one(
    world: &World,
    actor: &Actor,
    row: &PersonRow,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let Some(expected) = row.expected else {
        let unit = Subject::Unit(row.unit);
        authorise(world, actor, Action::RegisterPerson, unit, now)?;
        let profile = row.profile.clone();
        let profile = profile.ok_or_else(|| Refusal::new("person.no-profile").at("profile"))?;
        if profile.person != row.id {
            return Err(Refusal::new("person.key-of-another").at("profile"));
        }
        let person = NewPerson {
            id: row.id,
            profile,
        };
        let unit = row.unit;
        let command = Command::RegisterPerson { person, unit };
        return people::decide(world, actor, &command, now);
    };
    let unit = (world.unit_of(row.id, now) != Some(row.unit)).then_some(row.unit);
    if unit.is_none() && row.profile.is_none() {
        return stays(world, row, expected, now);
    }
    let about = Subject::Person(row.id);
    authorise(world, actor, Action::ChangePerson, about, now)?;
    let command = PersonCommand::Change {
        person: row.id,
        unit,
        profile: row.profile.clone(),
        expected: Some(expected),
    };
    person::decide(world, actor, &command, now)
}

/// What is known of the person does not change, and is as it was.
fn stays(
    world: &World,
    row: &PersonRow,
    expected: u64,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    people::known_person(world, row.id)?;
    let version = world.person_versions.get(&row.id).copied();
    crate::command::current(version.unwrap_or(0), Some(expected))?;
    if world.is_member(row.id, now) {
        Ok(Vec::new())
    } else {
        Err(Refusal::new("person.left").at("person"))
    }
}

fn appointed(
    world: &World,
    actor: &Actor,
    row: &PersonRow,
    ids: &mut HashSet<AppointmentId>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let mut events = Vec::with_capacity(row.posts.len());
    let mut roles: Vec<Role> = Vec::new();
    for (place, (id, post)) in row.posts.iter().enumerate() {
        // A new person is in nobody's unit yet but the one of the row.
        let about = match row.expected {
            Some(_) => Subject::Person(row.id),
            None => Subject::Unit(row.unit),
        };
        authorise(world, actor, Action::Appoint, about, now)?;
        let new = Appointment {
            id: *id,
            person: row.id,
            post: *post,
            valid: Interval::starting(now),
            kind: AppointmentKind::Regular,
        };
        let earlier = &row.posts[..place];
        if earlier.iter().any(|(_, other)| other == post) {
            return Err(Refusal::new("appointment.overlaps").at("posts"));
        }
        if !ids.insert(*id) {
            return Err(Refusal::new("appointment.exists").at("posts"));
        }
        may_hold(world, actor, &new).map_err(|refusal| refusal.at("posts"))?;
        let known = world.posts.get(post);
        roles.extend(
            known
                .into_iter()
                .flat_map(|post| post.roles.iter().copied()),
        );
        // With all that the row gives, not each post by itself.
        if let Some(refusal) = barred_beside(world, &new, &roles) {
            return Err(refusal.at("posts"));
        }
        events.push(Event::AppointmentMade { appointment: new });
    }
    Ok(events)
}
