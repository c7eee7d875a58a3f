//! Reports of unease in the World: what happened to each, who answers it and until when.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::apply::{duplicate, unknown};
use super::{World, WorldError};
use crate::actor::Actor;
use crate::concern::{ConcernAnswered, ConcernTold, ReceiptHash, Thread};
use crate::event::{Event, StoredEvent};
use crate::id::{ConcernId, PersonId, PostId, UnitId};
use crate::register::concern::{ConcernKind, ConcernState};
use crate::register::incident::{IncidentState, Severity};
use crate::register::{Concern, Entry, EntryId, EntryKeys, EntryState, Incident, Particulars};
use crate::role::Role;
use crate::time::Timestamp;

/// Within how many working days an incident is contained, and dealt with.
const INCIDENT_DAYS: (u32, u32) = (3, 20);
/// The same where it is grave or information got out.
const INCIDENT_DAYS_GRAVE: (u32, u32) = (1, 10);

/// What happened to reports of unease, and whether they are taken without a name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Concerns {
    /// Whether reports without a name are turned away. They are taken unless somebody said otherwise.
    #[serde(default)]
    named_only: bool,
    /// What happened to each. Those told by the form of the register alone have none yet.
    #[serde(default)]
    threads: BTreeMap<ConcernId, Thread>,
}

impl Concerns {
    /// Whether nothing is stored.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        !self.named_only && self.threads.is_empty()
    }

    /// Whether reports without a name are taken.
    #[must_use]
    pub const fn takes_nameless(&self) -> bool {
        !self.named_only
    }

    /// What happened to a report.
    #[must_use]
    pub fn thread(&self, concern: ConcernId) -> Option<&Thread> {
        self.threads.get(&concern)
    }

    /// The report that is followed by the code with this hash.
    #[must_use]
    pub fn by_receipt(&self, receipt: &ReceiptHash) -> Option<ConcernId> {
        let mut all = self.threads.iter();
        all.find(|(_, it)| it.receipt.as_ref() == Some(receipt))
            .map(|(concern, _)| *concern)
    }

    /// Whether an event is about a report.
    pub(super) const fn folds(event: &Event) -> bool {
        matches!(
            event,
            Event::ConcernTold { .. }
                | Event::ConcernSaid { .. }
                | Event::ConcernAnswered { .. }
                | Event::ConcernTurned { .. }
                | Event::ConcernErased { .. }
                | Event::ConcernRulesSet { .. }
        )
    }
}

/// The concern of an entry, where it is one.
fn concern_of(entry: &Entry) -> Option<(ConcernId, &Concern)> {
    match (entry.id, entry.particulars.as_ref()) {
        (EntryId::Concern(id), Particulars::Concern(concern)) => Some((id, concern)),
        _ => None,
    }
}

impl World {
    /// Until when a report is to be answered that is told, or gone on with, at an instant.
    fn due_again(&self, concern: ConcernId, at: Timestamp) -> Option<Timestamp> {
        let (_, noun) = self.registers.get::<Concern>(concern)?;
        Some(self.calendar().deadline(at, noun.kind.due_days()))
    }

    /// The first instant at which the answer to a report is late.
    #[must_use]
    pub fn concern_due(&self, entry: &Entry) -> Option<Timestamp> {
        let (id, concern) = concern_of(entry)?;
        let told = self.concerns.thread(id).map(|it| it.due);
        Some(told.unwrap_or_else(|| {
            let days = concern.kind.due_days();
            self.calendar().deadline(entry.entered_at, days)
        }))
    }

    /// The reports that wait for an answer.
    pub fn open_concerns(&self) -> impl Iterator<Item = (ConcernId, &Entry, &Concern)> {
        self.registers
            .nouns::<Concern>()
            .filter(|(_, concern)| concern.state != ConcernState::Answered)
            .filter_map(|(entry, concern)| Some((concern_of(entry)?.0, entry, concern)))
    }

    /// The posts whose holders answer a report: of the role that answers for what it is about, from its
    /// unit upwards; where nobody holds such a post the promotion body's, then the head officer's. Nobody
    /// answers their own: a post that only who told it holds is passed over.
    #[must_use]
    pub fn concern_posts(&self, entry: &Entry, at: Timestamp) -> Vec<PostId> {
        let Some((_, concern)) = concern_of(entry) else {
            return Vec::new();
        };
        let unit = self.unit_of_entry(entry.id, at);
        self.answering_posts((concern.kind, unit), entry.author, at)
    }

    fn answering_posts(
        &self,
        (kind, unit): (ConcernKind, Option<UnitId>),
        author: Option<PersonId>,
        at: Timestamp,
    ) -> Vec<PostId> {
        let first = match kind.answered_by() {
            Role::Diso => self.nearest_held(Role::Diso, unit, (author, at)),
            role => self.held_anywhere(role, (author, at)),
        };
        for posts in [
            first,
            self.held_anywhere(Role::PromotionBody, (author, at)),
            self.held_anywhere(Role::Hiso, (author, at)),
        ] {
            if !posts.is_empty() {
                return posts;
            }
        }
        Vec::new()
    }

    /// Whether somebody holds a post, besides whoever is left out.
    fn is_held_by_another(&self, post: PostId, but: Option<PersonId>, at: Timestamp) -> bool {
        let mut holders = self.holders(post, at);
        holders.any(|person| but != Some(person))
    }

    /// Posts of a role that somebody holds, besides whoever is left out, in the unit or the nearest one above it.
    fn nearest_held(
        &self,
        role: Role,
        unit: Option<UnitId>,
        (but, at): (Option<PersonId>, Timestamp),
    ) -> Vec<PostId> {
        let mut here = unit.map(|unit| self.unit_now(unit, at));
        // Cycles are refused on entry; this guards a damaged World all the same.
        for _ in 0..200 {
            let Some(unit) = here else {
                break;
            };
            let mut posts = self.posts_with(role, unit, at);
            posts.retain(|post| self.is_held_by_another(*post, but, at));
            if !posts.is_empty() {
                return posts;
            }
            let above = self.units.get(&unit).and_then(|it| it.parent_at(at));
            here = above.map(|above| self.unit_now(above, at));
        }
        Vec::new()
    }

    fn held_anywhere(&self, role: Role, (but, at): (Option<PersonId>, Timestamp)) -> Vec<PostId> {
        let with_role = self.posts.values().filter(|post| {
            post.roles.contains(&role)
                && self.post_in_force(post.id, at)
                && self.is_held_by_another(post.id, but, at)
        });
        let mut posts: Vec<PostId> = with_role.map(|post| post.id).collect();
        posts.sort_unstable();
        posts
    }

    /// The people who answer a report: never who told it.
    #[must_use]
    pub fn answerers(&self, entry: &Entry, at: Timestamp) -> Vec<PersonId> {
        let posts = self.concern_posts(entry, at).into_iter();
        let people = posts.flat_map(|post| self.holders(post, at));
        let mut people: Vec<PersonId> = people
            .filter(|person| entry.author != Some(*person))
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// The first instant at which the next step of an incident is late; none once it is closed.
    #[must_use]
    pub fn incident_due(&self, entry: &Entry) -> Option<Timestamp> {
        let Particulars::Incident(incident) = entry.particulars.as_ref() else {
            return None;
        };
        let grave = incident.leaked || incident.severity == Severity::High;
        let (contain, close) = if grave {
            INCIDENT_DAYS_GRAVE
        } else {
            INCIDENT_DAYS
        };
        let days = match incident.state {
            IncidentState::Open => contain,
            IncidentState::Contained => close,
            IncidentState::Closed => return None,
        };
        Some(self.calendar().deadline(entry.entered_at, days))
    }

    /// The incidents that are not dealt with.
    pub fn open_incidents(&self) -> impl Iterator<Item = (&Entry, &Incident)> {
        self.registers
            .nouns::<Incident>()
            .filter(|(_, incident)| incident.state != IncidentState::Closed)
    }

    /// The people who follow an incident: those of the CSIRT, the officers of the systems, and its unit's
    /// officer; the head officer where there is none of these.
    #[must_use]
    pub fn incident_followers(&self, entry: &Entry, at: Timestamp) -> Vec<PersonId> {
        let unit = self.unit_of_entry(entry.id, at);
        let mut posts = self.held_anywhere(Role::Csirt, (None, at));
        posts.extend(self.held_anywhere(Role::Isso, (None, at)));
        posts.extend(self.nearest_held(Role::Diso, unit, (None, at)));
        if posts.is_empty() {
            posts = self.held_anywhere(Role::Hiso, (None, at));
        }
        let mut people: Vec<PersonId> = posts
            .into_iter()
            .flat_map(|post| self.holders(post, at))
            .collect();
        people.sort_unstable();
        people.dedup();
        people
    }

    /// Folds what happened to a report.
    pub(super) fn apply_concern(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let (kind, at, record) = (stored.event.kind().0, stored.recorded_at, self.events);
        match &stored.event {
            Event::ConcernTold { told } => self.concern_told(told, stored)?,
            Event::ConcernSaid { said } => {
                let state = self.concern_state(said.concern, kind)?;
                let again = self.due_again(said.concern, at);
                let thread = self.thread_of(said.concern, kind)?;
                thread.answered_at = None;
                // Whoever says more after an answer asks again, and is answered in the same time.
                if state == ConcernState::Answered {
                    thread.due = again.unwrap_or(thread.due);
                    self.set_concern_state(said.concern, ConcernState::Examined, at, kind)?;
                }
            }
            Event::ConcernAnswered { answered } => self.concern_answered(answered, at, kind)?,
            Event::ConcernTurned { turned } => {
                self.thread_of(turned.concern, kind)?.incident = Some(turned.incident);
            }
            Event::ConcernErased { erased } => {
                self.thread_of(erased.concern, kind)?.erased = true;
            }
            Event::ConcernRulesSet { nameless } => self.concerns.named_only = !nameless,
            _ => {}
        }
        if let Some(concern) = concern_named(&stored.event) {
            self.thread_of(concern, kind)?.records.push(record);
        }
        Ok(())
    }

    fn concern_told(&mut self, told: &ConcernTold, stored: &StoredEvent) -> Result<(), WorldError> {
        let kind = stored.event.kind().0;
        let id = EntryId::Concern(told.concern);
        if self.registers.entry(id).is_some() {
            return Err(duplicate(kind, &id));
        }
        let author = match stored.actor {
            Actor::Person { person, .. } => Some(person),
            _ => None,
        };
        let particulars = Particulars::Concern(Concern {
            kind: told.kind,
            task: told.task,
            anonymous: told.hidden,
            state: ConcernState::Open,
        });
        let keys = EntryKeys::of(&particulars);
        let entry = Entry {
            id,
            unit: told.unit,
            particulars: std::sync::Arc::new(particulars),
            version: 1,
            state: EntryState::Active,
            author,
            entered_at: stored.recorded_at,
            changed_at: stored.recorded_at,
        };
        self.registers.put(entry, keys);
        let thread = Thread {
            due: told.due,
            pseudonym: told.pseudonym,
            receipt: told.receipt.clone(),
            answered_at: None,
            incident: None,
            erased: false,
            records: Vec::new(),
        };
        self.concerns.threads.insert(told.concern, thread);
        Ok(())
    }

    fn concern_answered(
        &mut self,
        answered: &ConcernAnswered,
        at: Timestamp,
        kind: &'static str,
    ) -> Result<(), WorldError> {
        let thread = self.thread_of(answered.concern, kind)?;
        thread.answered_at = (answered.state == ConcernState::Answered).then_some(at);
        self.set_concern_state(answered.concern, answered.state, at, kind)
    }

    /// What happened to a report; begun for one that was told by the register's form.
    fn thread_of(
        &mut self,
        concern: ConcernId,
        kind: &'static str,
    ) -> Result<&mut Thread, WorldError> {
        let entry = self.registers.entry(concern);
        let due = entry.and_then(|entry| self.concern_due(entry));
        let due = due.ok_or_else(|| unknown(kind, &concern))?;
        Ok(self.concerns.threads.entry(concern).or_insert(Thread {
            due,
            pseudonym: None,
            receipt: None,
            answered_at: None,
            incident: None,
            erased: false,
            records: Vec::new(),
        }))
    }

    fn concern_state(
        &self,
        concern: ConcernId,
        kind: &'static str,
    ) -> Result<ConcernState, WorldError> {
        let known = self.registers.get::<Concern>(concern);
        let (_, known) = known.ok_or_else(|| unknown(kind, &concern))?;
        Ok(known.state)
    }

    fn set_concern_state(
        &mut self,
        concern: ConcernId,
        state: ConcernState,
        at: Timestamp,
        kind: &'static str,
    ) -> Result<(), WorldError> {
        let known = self.registers.get::<Concern>(concern);
        let (entry, known) = known.ok_or_else(|| unknown(kind, &concern))?;
        let particulars = Particulars::Concern(Concern {
            state,
            ..known.clone()
        });
        let mut entry = entry.clone();
        let keys = EntryKeys::of(&particulars);
        entry.particulars = std::sync::Arc::new(particulars);
        entry.version += 1;
        entry.changed_at = at;
        self.registers.put(entry, keys);
        Ok(())
    }
}

/// The report that an event is about.
fn concern_named(event: &Event) -> Option<ConcernId> {
    match event {
        Event::ConcernTold { told } => Some(told.concern),
        Event::ConcernSaid { said } => Some(said.concern),
        Event::ConcernAnswered { answered } => Some(answered.concern),
        Event::ConcernTurned { turned } => Some(turned.concern),
        Event::ConcernErased { erased } => Some(erased.concern),
        _ => None,
    }
}
