//! Units, posts and people by a whole file: every row or none.
//!
//! What happens is stored as if each row had been asked for alone, by the same checks, so that the
//! history of each unit, post and person says it. Only people who are new stand in documents.

mod people;
mod posts;
mod units;

pub use people::arrivals;

use std::collections::HashSet;
use std::hash::Hash;

use serde::{Deserialize, Serialize};

use super::{IMPORT_MAX, LineFault, Refusal};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::event::{BlobRef, Event, Sealed};
use crate::id::{AppointmentId, PersonId, PostId, UnitId};
use crate::name::Name;
use crate::post::Post;
use crate::time::Timestamp;
use crate::world::World;

/// Most units or posts, and most people who are known already, of one file.
pub const ROSTER_MAX: usize = 10_000;

/// A unit as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnitRow {
    /// Which, or the fresh id.
    pub id: UnitId,
    /// The unit above, which may be new in an earlier row.
    pub parent: UnitId,
    /// Its name.
    pub name: Name,
    /// The version that this was decided on; none where the unit is new.
    pub expected: Option<u64>,
}

/// A post as it is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostRow {
    /// The post; its end and version are left as they are.
    pub post: Post,
    /// The version that this was decided on; none where the post is new.
    pub expected: Option<u64>,
}

/// A person as she or he is to be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonRow {
    /// Who, or the fresh id.
    pub id: PersonId,
    /// The unit.
    pub unit: UnitId,
    /// Name and mail, under the person's key, where they are new or change.
    pub profile: Option<Sealed>,
    /// The posts to which the person is appointed from now on, with the fresh ids.
    pub posts: Vec<(AppointmentId, PostId)>,
    /// The version that this was decided on; none where the person is new.
    pub expected: Option<u64>,
}

/// What can be asked for many at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum RosterCommand {
    /// Found units, rename and move them.
    Units {
        /// The rows, those of new units after the units above them.
        rows: Vec<UnitRow>,
    },
    /// Create posts and change them.
    Posts {
        /// The rows.
        rows: Vec<PostRow>,
    },
    /// Register people, change what is known of them and appoint them.
    People {
        /// The rows.
        rows: Vec<PersonRow>,
        /// The documents of those who are new, in their order: see [`arrivals`].
        documents: Vec<BlobRef>,
    },
}

impl RosterCommand {
    /// Of the first row; deciding asks the gate for every row.
    pub(super) fn action(&self) -> (Action, Subject) {
        let of_unit = |action: Action, unit: Option<UnitId>| {
            (action, unit.map_or(Subject::Body, Subject::Unit))
        };
        match self {
            Self::Units { rows } => match rows.first() {
                Some(row) if row.expected.is_some() => (Action::Reorganise, Subject::Unit(row.id)),
                first => of_unit(Action::FoundUnit, first.map(|row| row.parent)),
            },
            Self::Posts { rows } => match rows.first() {
                Some(row) if row.expected.is_some() => {
                    (Action::ChangePost, Subject::Unit(row.post.unit))
                }
                first => of_unit(Action::CreatePost, first.map(|row| row.post.unit)),
            },
            Self::People { rows, .. } => match rows.first() {
                Some(row) if row.is_appointment_only() => {
                    (Action::Appoint, Subject::Person(row.id))
                }
                Some(row) if row.expected.is_some() => {
                    (Action::ChangePerson, Subject::Person(row.id))
                }
                first => of_unit(Action::RegisterPerson, first.map(|row| row.unit)),
            },
        }
    }

    fn rows(&self) -> usize {
        match self {
            Self::Units { rows } => rows.len(),
            Self::Posts { rows } => rows.len(),
            Self::People { rows, .. } => rows.len(),
        }
    }
}

/// What rows come to.
#[derive(Default)]
struct Weighed {
    faults: Vec<LineFault>,
    events: Vec<Event>,
}

impl Weighed {
    fn take(&mut self, place: usize, found: Result<Vec<Event>, Refusal>) {
        match found {
            Ok(events) => self.events.extend(events),
            Err(refusal) => self.faults.push(LineFault {
                line: Some(place),
                refusal,
            }),
        }
    }
}

/// What is wrong with a file whatever its rows say: everybody else waits while it is carried out, and
/// what becomes a record of its own takes longer than what stands in a document.
fn as_a_whole(command: &RosterCommand) -> Option<Refusal> {
    let too_many = |code: &'static str, most: usize| {
        let mut refusal = Refusal::new(code);
        refusal.reason = refusal.reason.with("most", most);
        Some(refusal)
    };
    let recorded = match command {
        RosterCommand::People { rows, .. } => {
            rows.iter().filter(|row| row.expected.is_some()).count()
        }
        other => other.rows(),
    };
    match command.rows() {
        0 => Some(Refusal::new("import.empty")),
        rows if rows > IMPORT_MAX => too_many("import.too-many", IMPORT_MAX),
        _ if recorded > ROSTER_MAX => match command {
            RosterCommand::People { .. } => too_many("import.too-many-changes", ROSTER_MAX),
            _ => too_many("import.too-many", ROSTER_MAX),
        },
        _ => None,
    }
}

fn weigh(world: &World, actor: &Actor, command: &RosterCommand, now: Timestamp) -> Weighed {
    if let Some(refusal) = as_a_whole(command) {
        return Weighed {
            faults: vec![LineFault {
                line: None,
                refusal,
            }],
            events: Vec::new(),
        };
    }
    let mut weighed = match command {
        RosterCommand::Units { rows } => units::weigh(world, actor, rows, now),
        RosterCommand::Posts { rows } => posts::weigh(world, actor, rows, now),
        RosterCommand::People { rows, .. } => people::weigh(world, actor, rows, now),
    };
    weighed.faults.sort_by_key(|fault| fault.line);
    weighed
}

/// Every fault of a file: what a dry run shows, and what carrying it out asks.
#[must_use]
pub fn check_roster(
    world: &World,
    actor: &Actor,
    command: &RosterCommand,
    now: Timestamp,
) -> Vec<LineFault> {
    weigh(world, actor, command, now).faults
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &RosterCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let weighed = weigh(world, actor, command, now);
    if let Some(fault) = weighed.faults.into_iter().next() {
        return Err(fault.into_refusal());
    }
    let mut events = match command {
        RosterCommand::People { rows, documents } => people::imported(rows, documents)?,
        _ => Vec::new(),
    };
    events.extend(weighed.events);
    Ok(events)
}

/// No two rows speak of the same thing.
fn once<T: Eq + Hash>(seen: &mut HashSet<T>, id: T) -> Result<(), Refusal> {
    if seen.insert(id) {
        Ok(())
    } else {
        Err(Refusal::new("roster.twice").at("id"))
    }
}
