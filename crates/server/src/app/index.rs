//! Where in the ledger stands what pages look up by subject: a projection in memory, so that no page
//! reads the whole ledger.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sekisho_domain::event::Event;
use sekisho_domain::id::{AppointmentId, AttestationId, ConcernId, PersonId};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::requirement::RequirementId;
use sekisho_domain::world::Documents;
use serde::Deserialize;

use super::appointed::{Appointed, ByMoves};

/// Numbers of records by what they speak of.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct LedgerIndex {
    verdicts: HashMap<RequirementId, Vec<u64>>,
    attestations: HashMap<AttestationId, u64>,
    readings: HashMap<String, Vec<u64>>,
    all_readings: Vec<u64>,
    entries: HashMap<EntryId, Vec<u64>>,
    imports: BTreeMap<Register, Vec<u64>>,
    about: HashMap<String, Vec<u64>>,
    /// Where those came who came many at once; nobody comes twice.
    arrived: HashMap<PersonId, u64>,
    forgotten: BTreeSet<PersonId>,
    appointed: Appointed,
}

/// The part of a record that the index needs; the rest is passed over, since a start reads every
/// record.
#[derive(Deserialize)]
struct Peek {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    #[serde(default)]
    change: Option<RowOf>,
    #[serde(default)]
    attestation: Option<IdOf>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    person: Option<PersonId>,
    #[serde(default)]
    id: Option<EntryId>,
    #[serde(default)]
    register: Option<Register>,
}

#[derive(Deserialize)]
struct RowOf {
    row: RequirementId,
}

#[derive(Deserialize)]
struct IdOf {
    id: AttestationId,
}

/// The part of a record about a person, unit or post.
#[derive(Deserialize)]
struct Told {
    payload: Whom,
}

#[derive(Deserialize)]
struct Whom {
    #[serde(default)]
    person: Option<PersonId>,
    #[serde(default)]
    unit: Option<serde_json::Value>,
    #[serde(default)]
    post: Option<serde_json::Value>,
}

/// The part of a record about a report of unease.
#[derive(Deserialize)]
struct OfConcern {
    payload: BTreeMap<String, serde_json::Value>,
}

#[derive(Deserialize)]
struct About {
    concern: ConcernId,
    #[serde(default)]
    pseudonym: Option<PersonId>,
}

impl About {
    /// None for what is about no report: whether those without a name are taken.
    fn read(value: serde_json::Value) -> Option<Self> {
        serde_json::from_value(value).ok()
    }
}

impl Whom {
    fn id(self) -> Option<String> {
        if let Some(person) = self.person {
            return Some(person.to_string());
        }
        match self.post.or(self.unit)? {
            serde_json::Value::String(id) => Some(id),
            thing => Some(thing.get("id")?.as_str()?.to_owned()),
        }
    }
}

/// The person, unit or post that an event tells of.
fn told_of(event: &Event) -> Option<String> {
    match event {
        Event::UnitFounded { unit } => Some(unit.id.to_string()),
        Event::UnitRenamed { unit, .. }
        | Event::UnitMoved { unit, .. }
        | Event::UnitAbolished { unit, .. } => Some(unit.to_string()),
        Event::PostCreated { post } | Event::PostChanged { post } => Some(post.id.to_string()),
        Event::PostAbolished { post, .. } => Some(post.to_string()),
        Event::PersonRegistered { person, .. }
        | Event::PersonChanged { person, .. }
        | Event::PersonLeft { person, .. }
        | Event::PersonReturned { person, .. }
        | Event::PersonForgotten { person } => Some(person.to_string()),
        _ => None,
    }
}

impl LedgerIndex {
    /// Takes in an event that stands at a number.
    pub(super) fn follow(&mut self, sequence: u64, event: &Event, docs: &dyn Documents) {
        match event {
            Event::VerdictChanged { change } => self.verdict(sequence, change.row.clone()),
            Event::AttestationMade { attestation, .. } => {
                self.attestations.insert(attestation.id, sequence);
            }
            Event::PersonalRead { subject, .. } => self.reading(sequence, subject.clone()),
            Event::PersonForgotten { person } => {
                self.forgotten.insert(*person);
            }
            Event::RegisterEntered { id, .. }
            | Event::RegisterChanged { id, .. }
            | Event::RegisterRetired { id, .. }
            | Event::RegisterRestored { id, .. } => {
                self.entries.entry(*id).or_default().push(sequence);
            }
            Event::ConcernErased { erased } => {
                self.forgotten.insert(erased.pseudonym);
                self.concern(sequence, erased.concern);
            }
            Event::ConcernTold { told } => self.concern(sequence, told.concern),
            Event::ConcernSaid { said } => self.concern(sequence, said.concern),
            Event::ConcernAnswered { answered } => self.concern(sequence, answered.concern),
            Event::ConcernTurned { turned } => self.concern(sequence, turned.concern),
            Event::PeopleImported { document, .. } => {
                let arrivals = docs.arrivals(&document.blob);
                let people = arrivals.iter().flat_map(|it| it.iter());
                self.arrived
                    .extend(people.map(|arrival| (arrival.person, sequence)));
            }
            Event::RegisterImported { register, .. } => {
                self.imports.entry(*register).or_default().push(sequence);
            }
            _ => {}
        }
        self.appointed.follow(sequence, event);
        if let Some(id) = told_of(event) {
            self.about.entry(id).or_default().push(sequence);
        }
    }

    /// Takes in a record that a snapshot has folded already, of a kind as its head says.
    ///
    /// # Errors
    /// The record is not of the form its kind promises.
    pub(super) fn peek(
        &mut self,
        sequence: u64,
        kind: &str,
        bytes: &[u8],
    ) -> Result<(), serde_json::Error> {
        let ours = [
            "verdict.changed",
            "attestation.made",
            "personal.read",
            "person.forgotten",
            "register.entered",
            "register.changed",
            "register.retired",
            "register.restored",
            "register.imported",
        ];
        if ["unit.", "post.", "person."]
            .iter()
            .any(|area| kind.starts_with(area))
        {
            let told = serde_json::from_slice::<Told>(bytes)?.payload;
            if let Some(id) = told.id() {
                self.about.entry(id).or_default().push(sequence);
            }
        }
        if kind.starts_with("concern.") {
            return self.peek_concern(sequence, kind, bytes);
        }
        if !ours.contains(&kind) {
            return self.appointed.peek(sequence, kind, bytes);
        }
        let Payload {
            change,
            attestation,
            subject,
            person,
            id,
            register,
        } = serde_json::from_slice::<Peek>(bytes)?.payload;
        if let Some(RowOf { row }) = change {
            self.verdict(sequence, row);
        }
        if let Some(IdOf { id }) = attestation {
            self.attestations.insert(id, sequence);
        }
        if let Some(subject) = subject {
            self.reading(sequence, subject);
        }
        if kind == "person.forgotten" {
            self.forgotten.extend(person);
        }
        if let Some(id) = id {
            self.entries.entry(id).or_default().push(sequence);
        }
        if let Some(register) = register {
            self.imports.entry(register).or_default().push(sequence);
        }
        Ok(())
    }

    fn peek_concern(
        &mut self,
        sequence: u64,
        kind: &str,
        bytes: &[u8],
    ) -> Result<(), serde_json::Error> {
        let told = serde_json::from_slice::<OfConcern>(bytes)?.payload;
        for about in told.into_values().filter_map(About::read) {
            self.concern(sequence, about.concern);
            if kind == "concern.erased" {
                self.forgotten.extend(about.pseudonym);
            }
        }
        Ok(())
    }

    fn concern(&mut self, sequence: u64, concern: ConcernId) {
        let entries = self.entries.entry(EntryId::Concern(concern));
        entries.or_default().push(sequence);
    }

    fn verdict(&mut self, sequence: u64, row: RequirementId) {
        self.verdicts.entry(row).or_default().push(sequence);
    }

    fn reading(&mut self, sequence: u64, subject: String) {
        self.readings.entry(subject).or_default().push(sequence);
        self.all_readings.push(sequence);
    }

    /// The newest records in which the verdict on a row changed, oldest of them first.
    #[must_use]
    pub fn verdicts(&self, row: &RequirementId, most: usize) -> Vec<u64> {
        newest(self.verdicts.get(row), most)
    }

    /// The record in which an attestation was made.
    #[must_use]
    pub fn attestation(&self, id: AttestationId) -> Option<u64> {
        self.attestations.get(&id).copied()
    }

    /// The newest records in which personal observations of a subject were read, oldest first.
    #[must_use]
    pub fn readings(&self, subject: &str, most: usize) -> Vec<u64> {
        newest(self.readings.get(subject), most)
    }

    /// The newest records that speak of an entry of a register, with those of imports that may,
    /// oldest first.
    #[must_use]
    pub fn entry(&self, register: Register, id: EntryId, most: usize) -> Vec<u64> {
        let own = self.entries.get(&id).into_iter().flatten();
        let imports = self.imports.get(&register).into_iter().flatten();
        let mut all: Vec<u64> = own.chain(imports).copied().collect();
        all.sort_unstable();
        newest(Some(&all), most)
    }

    /// The newest records that tell of a person, unit or post by its id, oldest first; with those of
    /// its `appointments`, each with the person whose it is.
    #[must_use]
    pub fn about(
        &self,
        id: &str,
        appointments: &[(AppointmentId, PersonId)],
        most: usize,
    ) -> Vec<u64> {
        let arrived = id.parse().ok().and_then(|id| self.arrived.get(&id));
        let since = self.about.get(id).into_iter().flatten();
        let mut all: Vec<u64> = arrived.into_iter().chain(since).copied().collect();
        for (appointment, person) in appointments {
            // What was not made by itself came with the person.
            let made = self.appointed.made(*appointment);
            all.extend(made.or_else(|| self.arrived.get(person).copied()));
            all.extend(self.appointed.ended(*appointment));
        }
        all.sort_unstable();
        all.dedup();
        newest(Some(&all), most)
    }

    /// The list of moves whose slice may hold a record.
    #[must_use]
    pub fn moves_around(&self, record: u64) -> Option<ByMoves> {
        self.appointed.moves_around(record)
    }

    /// The newest readings of any subject, oldest first.
    #[must_use]
    pub fn all_readings(&self, most: usize) -> Vec<u64> {
        newest(Some(&self.all_readings), most)
    }

    /// Everyone whose forgetting is recorded.
    pub fn forgotten(&self) -> impl Iterator<Item = PersonId> {
        self.forgotten.iter().copied()
    }
}

fn newest(list: Option<&Vec<u64>>, most: usize) -> Vec<u64> {
    let list = list.map_or(&[][..], Vec::as_slice);
    list[list.len().saturating_sub(most)..].to_vec()
}
