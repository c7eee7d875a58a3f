//! Services that logs show to be used, and what the registers say of them.

use super::{World, WorldError};
use crate::event::{Event, StoredEvent};
use crate::id::UnitId;
use crate::name::Line;
use crate::register::conference_tool::ConferenceScope;
use crate::register::{ConferenceTool, Entry, EntryId, Register, Service};
use crate::sighting::{Disowned, Lack, SIGHTED_UNITS_MAX, Sighted, Sighting, is_within};
use crate::time::Timestamp;

/// An entry in use that carries a service, and for which unit it does where not for all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Carrier {
    /// The entry.
    pub id: EntryId,
    /// The unit that keeps it for itself; none where it is for the whole.
    pub only: Option<UnitId>,
}

impl World {
    /// The entries in use that carry a service of these domains: of the conference tools where it is
    /// one, of either register else. A domain that lies above those of a service names no service: an entry
    /// for `us` would carry whatever ends so. A tool carries what is no conference service only by the same
    /// domain.
    #[must_use]
    pub fn carriers(&self, domains: &[Line], conference: bool) -> Vec<Carrier> {
        let any = |known: &[Line], names: fn(&str, &str) -> bool| {
            known.iter().any(|own| {
                let mut all = domains.iter();
                all.any(|of_service| names(own.as_str(), of_service.as_str()))
            })
        };
        let of_tools = if conference { is_within } else { is_same };
        let tools = self.registers.nouns::<ConferenceTool>();
        let tools = tools.filter(|(_, tool)| any(&tool.domains, of_tools));
        let mut carriers: Vec<Carrier> = tools
            .map(|(entry, tool)| Carrier {
                id: entry.id,
                only: self
                    .below_the_whole(entry.unit)
                    .filter(|_| tool.scope == ConferenceScope::Unit),
            })
            .collect();
        if !conference {
            let services = self.registers.nouns::<Service>();
            // An address of one's own at a service (`ministry.zoom.us`) names the service.
            let services = services.filter(|(_, service)| any(&service.domains, is_within));
            // Whoever keeps the register of a unit answers for what that unit uses.
            carriers.extend(services.map(|(entry, _)| Carrier {
                id: entry.id,
                only: self.below_the_whole(entry.unit),
            }));
        }
        carriers
    }

    /// The unit of an entry, where that is not the whole.
    fn below_the_whole(&self, unit: Option<UnitId>) -> Option<UnitId> {
        let root = self.organisation.as_ref().map(|it| it.root);
        unit.filter(|unit| Some(*unit) != root)
    }

    /// What is lacking for use by a unit; nothing where an entry carries it. Use that no unit is known
    /// for is carried by an entry for the whole alone: nothing shows it to be of one unit.
    #[must_use]
    pub fn lack_for(
        &self,
        carriers: &[Carrier],
        unit: Option<UnitId>,
        now: Timestamp,
    ) -> Option<Lack> {
        if carriers.is_empty() {
            return Some(Lack::Unregistered);
        }
        let carried = carriers.iter().any(|carrier| match (carrier.only, unit) {
            (Some(above), Some(unit)) => self.unit_is_within(unit, above, now),
            (Some(_), None) => false,
            (None, _) => true,
        });
        (!carried).then_some(Lack::OutsideUnit)
    }

    /// What is lacking of a sighting as the registers stand; nothing where they carry all of it.
    #[must_use]
    pub fn lack_of(&self, sighting: &Sighting, now: Timestamp) -> Option<Lack> {
        let carriers = self.carriers(&sighting.domains, sighting.is_conference());
        if carriers.is_empty() {
            return Some(Lack::Unregistered);
        }
        let nobodys = sighting.unattributed.then_some(None);
        let units = sighting.units.iter().map(|unit| Some(*unit));
        units
            .chain(nobodys)
            .find_map(|unit| self.lack_for(&carriers, unit, now))
    }

    /// The lowest unit to which all the use belongs that a sighting shows; none where some of it could be put
    /// down to no unit, or to more units than it names.
    #[must_use]
    pub fn sighting_unit(&self, sighting: &Sighting, now: Timestamp) -> Option<UnitId> {
        let whole = sighting.unattributed || sighting.units.len() >= SIGHTED_UNITS_MAX;
        if whole {
            return None;
        }
        self.lowest_above(&sighting.units, now)
    }

    /// The same of what is known of a service; none where nothing is.
    #[must_use]
    pub fn finding_unit(&self, service: &str, now: Timestamp) -> Option<UnitId> {
        let known = self.sightings.get(service)?;
        self.sighting_unit(&known.sighting, now)
    }

    /// Findings that wait: nobody said whose the use is, and no register carries it.
    pub fn open_sightings(&self, now: Timestamp) -> impl Iterator<Item = (&Sighted, Lack)> {
        let waiting = self.sightings.values().filter(|it| it.disowned.is_none());
        waiting.filter_map(move |it| Some((it, self.lack_of(&it.sighting, now)?)))
    }

    /// The entry of a service or tool, where it stands in use.
    #[must_use]
    pub fn carrier_entry(&self, carrier: &Carrier) -> Option<&Entry> {
        let entry = self.registers.entry(carrier.id)?;
        let of_both = matches!(
            entry.register(),
            Register::Service | Register::ConferenceTool
        );
        of_both.then_some(entry)
    }

    /// Findings that entries carry, before an event by which one of them may carry less.
    pub(super) fn carried_before(&self, event: &Event, at: Timestamp) -> Vec<String> {
        let takes = match event {
            Event::RegisterChanged { id, .. } | Event::RegisterRetired { id, .. } => {
                matches!(id, EntryId::Service(_) | EntryId::ConferenceTool(_))
            }
            Event::RegisterImported { register, .. } => {
                matches!(register, Register::Service | Register::ConferenceTool)
            }
            _ => false,
        };
        if !takes {
            return Vec::new();
        }
        let carried = |it: &Sighted| self.lack_of(&it.sighting, at).is_none();
        let all = self.sightings.iter().filter(|(_, it)| carried(it));
        all.map(|(key, _)| key.clone()).collect()
    }

    /// Opens those of these findings again that no entry carries any more.
    pub(super) fn let_lapse(&mut self, carried: Vec<String>, at: Timestamp) {
        for key in carried {
            let known = self.sightings.get(&key);
            let lacks = known.is_some_and(|it| self.lack_of(&it.sighting, at).is_some());
            if let Some(known) = self.sightings.get_mut(&key).filter(|_| lacks) {
                known.lapse(at);
            }
        }
    }

    pub(super) fn apply_sighting(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let at = stored.recorded_at;
        match &stored.event {
            Event::ServiceSighted { sighting } => {
                let key = sighting.service.as_str().to_owned();
                let known = self.sightings.get(&key);
                // What an entry carried until now had been settled by that.
                let waits = |known: &&Sighted| {
                    known.disowned.is_none() && self.lack_of(&known.sighting, at).is_some()
                };
                let still_open = known.filter(waits);
                let sighted = Sighted {
                    sighting: (**sighting).clone(),
                    opened_at: still_open.map_or(at, |known| known.opened_at),
                    disowned: None,
                    lapsed: false,
                    version: known.map_or(1, |known| known.version + 1),
                };
                self.sightings.insert(key, sighted);
                Ok(())
            }
            Event::ServiceDisowned { service, why, note } => {
                let known = self.sightings.get_mut(service.as_str());
                let known = known.ok_or_else(|| misplaced(stored, service.as_str()))?;
                known.disowned = Some(Disowned {
                    why: *why,
                    note: note.clone(),
                    at,
                    by: stored.actor.clone(),
                });
                known.lapsed = false;
                known.version += 1;
                Ok(())
            }
            Event::LogSourceRetired { source } => {
                let source = source.as_str().to_owned();
                self.retired_sources.insert(source, at);
                Ok(())
            }
            other => Err(misplaced(stored, other.kind().0)),
        }
    }
}

/// Whether two domains are the same.
fn is_same(one: &str, other: &str) -> bool {
    is_within(one, other) && is_within(other, one)
}

fn misplaced(stored: &StoredEvent, subject: &str) -> WorldError {
    WorldError::Misplaced {
        kind: stored.event.kind().0,
        subject: subject.to_owned(),
    }
}
