//! People, with the posts to which they are appointed.

use std::collections::{HashMap, HashSet};

use super::{PersonRow, Weighed, once};
use crate::actor::Actor;
use crate::appointment::Appointment;
use crate::arrival::{ARRIVALS_MAX, Arrival};
use crate::authorise::{Action, Denied, Subject, authorise};
use crate::command::people::{barred_beside, may_hold};
use crate::command::person::{self, PersonCommand};
use crate::command::{Refusal, people};
use crate::event::{BlobRef, Event};
use crate::id::{AppointmentId, UnitId};
use crate::role::Role;
use crate::time::Timestamp;
use crate::world::World;

impl PersonRow {
    /// Whether nothing but appointments is asked for.
    pub(super) const fn is_appointment_only(&self) -> bool {
        self.expected.is_some() && self.profile.is_none() && !self.posts.is_empty()
    }
}

/// Who is new in a file, as the documents hold them; a row without a profile, which is refused, is
/// left out.
#[must_use]
pub fn arrivals(rows: &[PersonRow]) -> Vec<Arrival> {
    let new = rows.iter().filter(|row| row.expected.is_none());
    new.filter_map(|row| {
        Some(Arrival {
            person: row.id,
            unit: row.unit,
            profile: row.profile.clone()?,
            posts: row.posts.clone(),
        })
    })
    .collect()
}

/// The records of those who are new.
pub(super) fn imported(rows: &[PersonRow], documents: &[BlobRef]) -> Result<Vec<Event>, Refusal> {
    let mut left = rows.iter().filter(|row| row.expected.is_none()).count();
    if documents.len() != left.div_ceil(ARRIVALS_MAX) {
        return Err(Refusal::new("record.refused"));
    }
    let event = |document: &BlobRef| {
        let here = left.min(ARRIVALS_MAX);
        left -= here;
        Event::PeopleImported {
            document: document.clone(),
            entered: u32::try_from(here).unwrap_or(u32::MAX),
        }
    };
    Ok(documents.iter().map(event).collect())
}

/// What the gate says of people in a unit: the same for all of them, and asked once.
struct Gate<'a> {
    world: &'a World,
    actor: &'a Actor,
    now: Timestamp,
    asked: HashMap<(Action, UnitId), Result<(), Denied>>,
}

impl Gate<'_> {
    fn ask(&mut self, action: Action, unit: UnitId) -> Result<(), Denied> {
        let (world, actor, now) = (self.world, self.actor, self.now);
        let asked = || authorise(world, actor, action, Subject::Unit(unit), now).map(|_| ());
        *self.asked.entry((action, unit)).or_insert_with(asked)
    }
}

pub(super) fn weigh(world: &World, actor: &Actor, rows: &[PersonRow], now: Timestamp) -> Weighed {
    let mut weighed = Weighed::default();
    let mut seen = HashSet::new();
    let mut appointments = HashSet::new();
    let mut gate = Gate {
        world,
        actor,
        now,
        asked: HashMap::new(),
    };
    for (place, row) in rows.iter().enumerate() {
        let found = once(&mut seen, row.id).and_then(|()| {
            let Some(expected) = row.expected else {
                // The record of all this is that of a document.
                may_register(&mut gate, row)?;
                appointed(&mut gate, row, &mut appointments)?;
                return Ok(Vec::new());
            };
            let mut events = changed(world, actor, (row, expected), now)?;
            let made = appointed(&mut gate, row, &mut appointments)?.into_iter();
            events.extend(made.map(|appointment| Event::AppointmentMade { appointment }));
            Ok(events)
        });
        weighed.take(place, found);
    }
    weighed
}

/// A new person can be registered.
fn may_register(gate: &mut Gate<'_>, row: &PersonRow) -> Result<(), Refusal> {
    gate.ask(Action::RegisterPerson, row.unit)?;
    let profile = row.profile.as_ref();
    let profile = profile.ok_or_else(|| Refusal::new("person.no-profile").at("profile"))?;
    if profile.person != row.id {
        return Err(Refusal::new("person.key-of-another").at("profile"));
    }
    people::may_register(gate.world, row.id, row.unit, gate.now)
}

fn changed(
    world: &World,
    actor: &Actor,
    (row, expected): (&PersonRow, u64),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let unit = (world.unit_of(row.id, now) != Some(row.unit)).then_some(row.unit);
    let about = Subject::Person(row.id);
    let stays_as_is = unit.is_none() && row.profile.is_none();
    // Nothing but posts is asked for at the gate of appointing. A row that changes nothing at all is
    // asked for as well: who may not change it is not told that it is right.
    if !stays_as_is || row.posts.is_empty() {
        authorise(world, actor, Action::ChangePerson, about, now)?;
    }
    if stays_as_is {
        return stays(world, row, expected, now);
    }
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

/// The appointments of a row, where each may be made.
fn appointed(
    gate: &mut Gate<'_>,
    row: &PersonRow,
    ids: &mut HashSet<AppointmentId>,
) -> Result<Vec<Appointment>, Refusal> {
    let (world, actor, now) = (gate.world, gate.actor, gate.now);
    let mut made = Vec::with_capacity(row.posts.len());
    let mut roles: Vec<Role> = Vec::new();
    for (place, (id, post)) in row.posts.iter().enumerate() {
        // A new person is in nobody's unit yet but the one of the row.
        match row.expected {
            Some(_) => {
                authorise(world, actor, Action::Appoint, Subject::Person(row.id), now)?;
            }
            None => gate.ask(Action::Appoint, row.unit)?,
        }
        let new = Appointment::regular(*id, row.id, *post, now);
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
        made.push(new);
    }
    Ok(made)
}
