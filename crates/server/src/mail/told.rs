//! Letters about what people told: unease and incidents. None ever says who told of it.

use sekisho_domain::event::Event;
use sekisho_domain::id::{ConcernId, IncidentId, PersonId};
use sekisho_domain::register::concern::ConcernState;
use sekisho_domain::register::{Concern, EntryId, Incident, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_messages::{Lang, deadline, text};

use super::derive::Wanted;
use super::letter::{Letter, Words, organisation};

/// What a letter is about.
#[derive(Clone, Copy)]
pub(super) enum Told {
    Concern(ConcernId),
    Incident(IncidentId),
}

impl Told {
    /// Where on the console it stands.
    pub(super) fn path(self) -> String {
        match self {
            Self::Concern(id) => format!("/concerns/{id}"),
            Self::Incident(id) => format!("/incidents/{id}"),
        }
    }

    /// Whether it still waits, and for this reader.
    pub(super) fn waits_for(self, world: &World, reader: PersonId, now: Timestamp) -> bool {
        match self {
            Self::Concern(id) => world
                .registers
                .get::<Concern>(id)
                .is_some_and(|(entry, it)| {
                    it.state != ConcernState::Answered
                        && world.answerers(entry, now).contains(&reader)
                }),
            Self::Incident(id) => world
                .registers
                .get::<Incident>(id)
                .is_some_and(|(entry, _)| {
                    world.incident_due(entry).is_some()
                        && world.incident_followers(entry, now).contains(&reader)
                }),
        }
    }

    /// What a letter says of it: what it is about, and until when.
    pub(super) fn words(self, world: &World, lang: Lang, now: Timestamp) -> Option<Words> {
        let (register, kind, due) = match self {
            Self::Concern(id) => {
                let (entry, concern) = world.registers.get::<Concern>(id)?;
                (
                    Register::Concern,
                    concern.kind.code(),
                    world.concern_due(entry),
                )
            }
            Self::Incident(id) => {
                let (entry, incident) = world.registers.get::<Incident>(id)?;
                (
                    Register::Incident,
                    incident.kind.code(),
                    world.incident_due(entry),
                )
            }
        };
        let due = due.map_or_else(
            || "–".to_owned(),
            |due| deadline(lang, due, now, &world.calendar()),
        );
        let kind = text(lang, register.choice_key("kind", kind), &[]).into_owned();
        Some(vec![
            ("organisation", organisation(world, lang)),
            ("kind", kind),
            ("due", due),
        ])
    }
}

/// Whether an event may call for a letter of these.
pub(super) const fn speaks_of(event: &Event) -> bool {
    matches!(
        event,
        Event::ConcernTold { .. } | Event::ConcernAnswered { .. } | Event::RegisterEntered { .. }
    )
}

/// The letters that follow from a record.
pub(super) fn from_event(world: &World, event: &Event, at: Timestamp) -> Vec<(PersonId, Letter)> {
    match event {
        Event::ConcernTold { told } => to_answer(world, told.concern, at),
        Event::ConcernAnswered { answered } => {
            let entry = world.registers.entry(answered.concern);
            // Whoever told it without a name has the code.
            let author = entry.and_then(|entry| entry.author);
            let letter = Letter::ConcernAnswered {
                concern: answered.concern,
            };
            let spoke = answered.words.is_some() || answered.state == ConcernState::Answered;
            author
                .filter(|_| spoke)
                .map(|person| (person, letter))
                .into_iter()
                .collect()
        }
        Event::RegisterEntered {
            id: EntryId::Incident(incident),
            ..
        } => {
            let Some(entry) = world.registers.entry(*incident) else {
                return Vec::new();
            };
            let followers = world.incident_followers(entry, at).into_iter();
            followers
                .filter(|person| entry.author != Some(*person))
                .map(|person| {
                    let incident = *incident;
                    (person, Letter::IncidentReported { incident })
                })
                .collect()
        }
        Event::RegisterEntered {
            id: EntryId::Concern(concern),
            ..
        } => to_answer(world, *concern, at),
        _ => Vec::new(),
    }
}

/// Who is told that words were added to a report.
pub(super) fn added(world: &World, concern: ConcernId, at: Timestamp) -> Vec<PersonId> {
    let entry = world.registers.entry(concern);
    entry.map_or_else(Vec::new, |entry| world.answerers(entry, at))
}

fn to_answer(world: &World, concern: ConcernId, at: Timestamp) -> Vec<(PersonId, Letter)> {
    let Some(entry) = world.registers.entry(concern) else {
        return Vec::new();
    };
    let answering = world.answerers(entry, at).into_iter();
    answering
        .map(|person| (person, Letter::ConcernToAnswer { concern }))
        .collect()
}

/// The letters that time brings: what was not answered, or not dealt with, in time.
pub(super) fn from_time(world: &World, now: Timestamp) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    for (concern, entry, _) in world.open_concerns() {
        let Some(due) = world.concern_due(entry).filter(|due| *due <= now) else {
            continue;
        };
        for person in world.answerers(entry, now) {
            let key = format!("concern/{concern}/{}/{person}", due.as_millis());
            wanted.push((key, person, Letter::ConcernLate { concern, due }));
        }
    }
    for (entry, _) in world.open_incidents() {
        let (EntryId::Incident(incident), Some(due)) = (entry.id, world.incident_due(entry)) else {
            continue;
        };
        if due > now {
            continue;
        }
        for person in world.incident_followers(entry, now) {
            let key = format!("incident/{incident}/{}/{person}", due.as_millis());
            wanted.push((key, person, Letter::IncidentLate { incident, due }));
        }
    }
    wanted
}
