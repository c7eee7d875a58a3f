//! World + event → World.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use roaring::RoaringBitmap;

use super::opinion::is_opinion;
use super::{
    CatalogueInForce, Concerns, Documents, RecordedVerdict, Risks, Rules, TeleworkPlan, World,
    WorldError,
};
use crate::access_rules::{AccessRules, AccessRulesVersion};
use crate::account::Account;
use crate::appointment::Appointment;
use crate::break_glass::BreakGlass;
use crate::check::Outcome;
use crate::device::{Device, DeviceState, StateSource};
use crate::event::{BlobRef, CheckChange, DeviceSet, Event, StoredEvent};
use crate::time::Timestamp;
use crate::token::KnownToken;

/// Whether an event is kept for the record alone: nothing in the World may depend on it. That forgetting
/// a person leaves the World unchanged is decision 6.
const fn is_for_the_record(event: &Event) -> bool {
    matches!(
        event,
        Event::PersonForgotten { .. }
            | Event::PersonalRead { .. }
            | Event::AccessRecorded { .. }
            | Event::AdmissionRecorded { .. }
            | Event::ClockConfirmed { .. }
    )
}

/// Whether an event bears on access besides permits, or tells of the use of outside services.
const fn bears_on_access(event: &Event) -> bool {
    matches!(
        event,
        Event::AccessRulesSet { .. }
            | Event::AccessCut { .. }
            | Event::ServiceSighted { .. }
            | Event::ServiceDisowned { .. }
            | Event::LogSourceRetired { .. }
    )
}

impl World {
    /// Folds one event.
    ///
    /// # Errors
    /// [`WorldError`] when the event does not fit what came before. Callers stop: a World in
    /// which an event is missing must not answer.
    pub fn apply(&mut self, stored: &StoredEvent, docs: &dyn Documents) -> Result<(), WorldError> {
        let (event, at) = (&stored.event, stored.recorded_at);
        match event {
            Event::OrganisationFounded { .. }
            | Event::ProfileChanged { .. }
            | Event::CatalogueAdopted { .. }
            | Event::UnitFounded { .. }
            | Event::PostCreated { .. } => self.apply_structure(event, at)?,
            Event::PersonRegistered { .. }
            | Event::BootstrapOpened { .. }
            | Event::AppointmentMade { .. }
            | Event::AppointmentEnded { .. }
            | Event::AccountIssued { .. }
            | Event::AccountClosed { .. } => self.apply_people(event)?,
            Event::PeopleImported { document, .. } => {
                self.apply_arrivals(stored.event.kind().0, document, at, docs)?;
            }
            Event::PersonChanged { .. }
            | Event::PersonLeft { .. }
            | Event::PersonReturned { .. }
            | Event::UnitRenamed { .. }
            | Event::UnitMoved { .. }
            | Event::UnitAbolished { .. }
            | Event::PostChanged { .. }
            | Event::PostAbolished { .. } => self.apply_change(event, at)?,
            Event::MovesAccepted { .. }
            | Event::MovesWithdrawn { .. }
            | Event::MovesCarriedOut { .. } => self.apply_moves(stored, docs)?,
            Event::RegisterEntered { .. }
            | Event::RegisterChanged { .. }
            | Event::RegisterRetired { .. }
            | Event::RegisterRestored { .. }
            | Event::RegisterDeclaredEmpty { .. }
            | Event::RegisterImported { .. } => self.apply_register(stored, docs)?,
            Event::DeviceEnrolled { .. }
            | Event::DeviceDeclares { .. }
            | Event::DeviceStateChanged { .. } => self.apply_device(event, at)?,
            Event::CheckChanged { change } => self.apply_check(change, at, docs)?,
            Event::VerdictChanged { .. }
            | Event::AssessmentHeld { .. }
            | Event::AttestationMade { .. }
            | Event::FeedImported { .. }
            | Event::HolidaysReplaced { .. } => self.apply_knowledge(event, at),
            _ if bears_on_access(event) => self.apply_access(stored)?,
            _ if governs(event) => self.apply_governance(stored, docs)?,
            Event::CheckpointTargetsSet { targets } => self.checkpoint_targets.clone_from(targets),
            Event::TokenIssued { .. } | Event::TokenRevoked { .. } => {
                self.apply_token(event, at)?
            }
            Event::BreakGlassOpened { .. } | Event::BreakGlassClosed { .. } => {
                self.apply_break_glass(event, at)?;
            }
            _ if is_for_the_record(event) => {}
            // Permits, and who decides on them; what is none of these does not fit there.
            _ => self.apply_permit(event, at)?,
        }
        self.events += 1;
        self.recorded_at = at;
        Ok(())
    }

    /// The plan and what follows from it: risks, rules, opinions, exceptions, unease and checklists.
    fn apply_governance(
        &mut self,
        stored: &StoredEvent,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        match &stored.event {
            it if TeleworkPlan::folds(it) => self.plan.apply(stored, docs),
            it if Risks::folds(it) => self.risks.apply(stored),
            it if Rules::folds(it) => self.rules.apply(stored),
            it if is_opinion(it) => self.apply_opinion(stored),
            it if Self::folds_exception(it) => self.apply_exception(stored),
            it if Concerns::folds(it) => self.apply_concern(stored),
            _ => self.apply_checklist(stored),
        }
    }

    /// What bears on access besides permits: the organisation's own rules, and cuts; and use of outside
    /// services.
    fn apply_access(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        match &stored.event {
            Event::AccessRulesSet { rules } => self.apply_access_rules(rules, stored),
            Event::AccessCut { cut } => {
                self.cuts.take(cut, stored.recorded_at);
                Ok(())
            }
            _ => self.apply_sighting(stored),
        }
    }

    fn apply_access_rules(
        &mut self,
        rules: &AccessRules,
        stored: &StoredEvent,
    ) -> Result<(), WorldError> {
        let next = self.access_rules.len() + 1;
        if usize::try_from(rules.version) != Ok(next) {
            return Err(WorldError::Misplaced {
                kind: stored.event.kind().0,
                subject: rules.version.to_string(),
            });
        }
        self.access_rules.push(AccessRulesVersion {
            rules: rules.clone(),
            at: stored.recorded_at,
            by: stored.actor.clone(),
        });
        Ok(())
    }

    fn apply_knowledge(&mut self, event: &Event, at: Timestamp) {
        match event {
            Event::VerdictChanged { change } => {
                let recorded = RecordedVerdict {
                    verdict: change.verdict.clone(),
                    since: at,
                };
                self.verdicts
                    .insert((change.row.clone(), change.scope), recorded);
            }
            Event::AssessmentHeld { held } => self.assessed = Some((at, held.clone())),
            Event::AttestationMade { attestation, .. } => {
                let row = (attestation.row.clone(), attestation.scope);
                let recorded = self.verdicts.get(&row);
                if recorded.is_some_and(RecordedVerdict::is_machine_part_in_order) {
                    self.confirming_words.insert(attestation.id);
                }
                self.attestations
                    .insert(attestation.id, attestation.clone());
            }
            Event::FeedImported { feed } => {
                let most = self.feed_most.entry(feed.key()).or_default();
                *most = feed.most_after(*most);
                self.feeds.insert(feed.key(), feed.clone());
            }
            Event::HolidaysReplaced { holidays, .. } => self.holidays = Some(holidays.clone()),
            _ => {}
        }
    }

    fn apply_structure(&mut self, event: &Event, at: Timestamp) -> Result<(), WorldError> {
        let kind = event.kind().0;
        match event {
            Event::OrganisationFounded { organisation } => {
                if self.organisation.is_some() {
                    return Err(duplicate(kind, &organisation.id));
                }
                self.organisation = Some(organisation.clone());
            }
            Event::ProfileChanged {
                profile,
                clauses_opted_in,
            } => {
                let organisation = self
                    .organisation
                    .as_mut()
                    .ok_or_else(|| unknown(kind, &"organisation"))?;
                organisation.profile = *profile;
                organisation.clauses_opted_in = *clauses_opted_in;
            }
            Event::CatalogueAdopted { catalogue, digest } => {
                self.catalogue = Some(CatalogueInForce {
                    version: catalogue.clone(),
                    digest: digest.clone(),
                    since: at,
                });
            }
            Event::UnitFounded { unit } => {
                insert_new(&mut self.units, kind, unit.id, unit.clone())?;
            }
            Event::PostCreated { post } => {
                insert_new(&mut self.posts, kind, post.id, post.clone())?;
                self.posts_in.entry(post.unit).or_default().push(post.id);
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_people(&mut self, event: &Event) -> Result<(), WorldError> {
        let kind = event.kind().0;
        match event {
            Event::PersonRegistered { person, unit, .. } => {
                insert_new(&mut self.people, kind, *person, *unit)?;
                self.people_in.entry(*unit).or_default().insert(*person);
            }
            Event::BootstrapOpened { person } => self.bootstrap = Some(*person),
            Event::AppointmentMade { appointment } => self.add_appointment(kind, appointment)?,
            Event::AppointmentEnded { appointment, until } => {
                let known = self
                    .appointments
                    .get_mut(appointment)
                    .ok_or_else(|| unknown(kind, appointment))?;
                // A recorded end is final: it can come closer and never go back.
                if known.valid.until.is_none_or(|end| *until < end) {
                    known.valid.until = Some(*until);
                }
            }
            Event::AccountIssued { account, person } => {
                let issued = Account {
                    id: *account,
                    person: *person,
                    closed: false,
                };
                insert_new(&mut self.accounts, kind, *account, issued)?;
                self.accounts_of.entry(*person).or_default().push(*account);
            }
            Event::AccountClosed { account } => {
                let known = self
                    .accounts
                    .get_mut(account)
                    .ok_or_else(|| unknown(kind, account))?;
                known.closed = true;
            }
            _ => {}
        }
        Ok(())
    }

    /// Everybody of a document comes, as if each had been registered and appointed alone.
    fn apply_arrivals(
        &mut self,
        kind: &'static str,
        document: &BlobRef,
        at: Timestamp,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let damaged = || WorldError::Document {
            digest: document.blob.clone(),
        };
        let arrivals = docs.arrivals(&document.blob).ok_or_else(damaged)?;
        self.people.reserve(arrivals.len());
        for arrival in arrivals.iter() {
            let (person, unit) = (arrival.person, arrival.unit);
            insert_new(&mut self.people, kind, person, unit)?;
            self.people_in.entry(unit).or_default().insert(person);
            for appointment in arrival.appointments(at) {
                self.add_appointment(kind, &appointment)?;
            }
        }
        Ok(())
    }

    fn add_appointment(
        &mut self,
        kind: &'static str,
        appointment: &Appointment,
    ) -> Result<(), WorldError> {
        if !self.posts.contains_key(&appointment.post) {
            return Err(unknown(kind, &appointment.post));
        }
        if self
            .appointments
            .insert(appointment.id, appointment.clone())
            .is_some()
        {
            return Err(duplicate(kind, &appointment.id));
        }
        self.appointments_of
            .entry(appointment.person)
            .or_default()
            .push(appointment.id);
        self.appointments_to
            .entry(appointment.post)
            .or_default()
            .push(appointment.id);
        Ok(())
    }

    fn apply_token(&mut self, event: &Event, at: Timestamp) -> Result<(), WorldError> {
        let kind = event.kind().0;
        match event {
            Event::TokenIssued { token } => {
                let known = KnownToken {
                    token: token.clone(),
                    revoked_at: None,
                };
                insert_new(&mut self.tokens, kind, token.id, known)?;
            }
            Event::TokenRevoked { token } => {
                let known = self.tokens.get_mut(token);
                let known = known.ok_or_else(|| unknown(kind, token))?;
                // The first revocation stands.
                known.revoked_at.get_or_insert(at);
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_break_glass(&mut self, event: &Event, at: Timestamp) -> Result<(), WorldError> {
        let kind = event.kind().0;
        match event {
            Event::BreakGlassOpened {
                first,
                second,
                until,
                ..
            } => {
                self.break_glass = Some(BreakGlass {
                    first: *first,
                    second: *second,
                    opened_at: at,
                    until: *until,
                    closed_at: None,
                });
            }
            Event::BreakGlassClosed { opened_at } => {
                let open = self.break_glass.as_mut();
                let open = open.filter(|known| known.opened_at == *opened_at);
                let open = open.ok_or_else(|| unknown(kind, opened_at))?;
                // The first closing stands.
                open.closed_at.get_or_insert(at);
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_device(&mut self, event: &Event, at: Timestamp) -> Result<(), WorldError> {
        let kind = event.kind().0;
        match event {
            Event::DeviceEnrolled {
                device,
                ordinal,
                key,
                class,
                unit,
                user,
            } => {
                let in_order = usize::try_from(*ordinal) == Ok(self.devices.len());
                if !in_order || self.device_ordinals.insert(*device, *ordinal).is_some() {
                    return Err(duplicate(kind, device));
                }
                self.device_keys.insert(key.clone());
                self.devices.push(Device {
                    id: *device,
                    ordinal: *ordinal,
                    key: key.clone(),
                    class: *class,
                    unit: *unit,
                    user: *user,
                    enrolled_at: at,
                    state: DeviceState::Active,
                    source: StateSource::Observed,
                });
            }
            Event::DeviceDeclares { device } => {
                let ordinal = self.device_ordinals.get(device);
                let ordinal = ordinal.ok_or_else(|| unknown(kind, device))?;
                self.devices[*ordinal as usize].source = StateSource::Declared;
            }
            Event::DeviceStateChanged { device, state, .. } => {
                let ordinal = self
                    .device_ordinals
                    .get(device)
                    .ok_or_else(|| unknown(kind, device))?;
                self.devices[*ordinal as usize].state = *state;
            }
            _ => {}
        }
        Ok(())
    }

    fn apply_check(
        &mut self,
        change: &CheckChange,
        at: Timestamp,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let devices = match &change.devices {
            DeviceSet::Listed(ordinals) => ordinals.iter().copied().collect(),
            DeviceSet::Stored { document, .. } => {
                let damaged = || WorldError::Document {
                    digest: document.blob.clone(),
                };
                let bytes = docs.document(&document.blob).ok_or_else(damaged)?;
                decode_set(&bytes).ok_or_else(damaged)?
            }
        };
        let outcomes = self.checks.entry(change.check).or_default();
        if change.to != Outcome::Fail
            && let Some(failing) = outcomes.get(&Outcome::Fail)
        {
            self.past_failures
                .ended(change.check, &(failing & &devices), at);
        }
        for set in outcomes.values_mut() {
            *set -= &devices;
        }
        *outcomes.entry(change.to).or_default() |= &devices;
        Ok(())
    }
}

/// The bytes of a stored device set: sorted big-endian 32-bit ordinals.
#[must_use]
pub fn encode_set(devices: &RoaringBitmap) -> Vec<u8> {
    devices.iter().flat_map(u32::to_be_bytes).collect()
}

fn decode_set(bytes: &[u8]) -> Option<RoaringBitmap> {
    let (chunks, rest) = bytes.as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    RoaringBitmap::from_sorted_iter(chunks.iter().map(|chunk| u32::from_be_bytes(*chunk))).ok()
}

fn insert_new<K, V>(
    map: &mut HashMap<K, V>,
    kind: &'static str,
    key: K,
    value: V,
) -> Result<(), WorldError>
where
    K: std::hash::Hash + Eq + std::fmt::Display,
{
    match map.entry(key) {
        Entry::Occupied(there) => Err(duplicate(kind, there.key())),
        Entry::Vacant(free) => {
            free.insert(value);
            Ok(())
        }
    }
}

pub(super) fn unknown(kind: &'static str, subject: &dyn std::fmt::Display) -> WorldError {
    WorldError::UnknownSubject {
        kind,
        subject: subject.to_string(),
    }
}

pub(super) fn duplicate(kind: &'static str, subject: &dyn std::fmt::Display) -> WorldError {
    WorldError::Duplicate {
        kind,
        subject: subject.to_string(),
    }
}

/// Whether an event is about the plan, or what follows from it.
fn governs(event: &Event) -> bool {
    TeleworkPlan::folds(event)
        || Risks::folds(event)
        || Rules::folds(event)
        || is_opinion(event)
        || World::folds_exception(event)
        || Concerns::folds(event)
        || matches!(event, Event::ChecklistAnswered { .. })
}
