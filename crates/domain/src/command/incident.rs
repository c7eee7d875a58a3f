//! Reporting incidents, and the steps by which they are dealt with, each with dated words.

use serde::{Deserialize, Serialize};

use super::{Refusal, current, register};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::event::{Event, Sealed};
use crate::id::{IncidentId, UnitId};
use crate::register::incident::IncidentState;
use crate::register::{EntryId, Incident, Particulars};
use crate::time::Timestamp;
use crate::world::World;

/// What can be done about incidents.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum IncidentCommand {
    /// Report one.
    Report {
        /// The fresh id.
        incident: IncidentId,
        /// The unit where it happened.
        unit: Option<UnitId>,
        /// What the register holds of it.
        particulars: Box<Incident>,
        /// What happened, in words.
        words: Sealed,
    },
    /// Say how far it is dealt with.
    Step {
        /// Which.
        incident: IncidentId,
        /// How far.
        to: IncidentState,
        /// What was done, in words.
        words: Sealed,
        /// The entry's version as its author saw it.
        expected: Option<u64>,
    },
}

impl IncidentCommand {
    pub(super) fn action(&self) -> (Action, Subject) {
        match self {
            Self::Report { unit, .. } => {
                let subject = unit.map_or(Subject::Body, Subject::Unit);
                (Action::ReportIncident, subject)
            }
            Self::Step { incident, .. } => {
                let subject = Subject::Entry(EntryId::Incident(*incident));
                (Action::KeepIncidents, subject)
            }
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &IncidentCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        IncidentCommand::Report {
            incident,
            unit,
            particulars,
            words,
        } => {
            register::own_words(actor, Some(words))?;
            if particulars.state != IncidentState::Open {
                return Err(Refusal::new("incident.not-open").at("state"));
            }
            let id = EntryId::Incident(*incident);
            let particulars = Particulars::Incident((**particulars).clone());
            register::may_enter(world, id, *unit, &particulars, now)?;
            Ok(vec![Event::RegisterEntered {
                id,
                unit: *unit,
                particulars,
                remark: Some(words.clone()),
            }])
        }
        IncidentCommand::Step {
            incident,
            to,
            words,
            expected,
        } => {
            register::own_words(actor, Some(words))?;
            let known = world.registers.get::<Incident>(*incident);
            let known = known.filter(|(entry, _)| entry.is_active());
            let (entry, before) = known.ok_or_else(|| Refusal::new("incident.unknown"))?;
            current(entry.version, *expected)?;
            let particulars = Incident {
                state: *to,
                ..before.clone()
            };
            Ok(vec![Event::RegisterChanged {
                id: entry.id,
                unit: entry.unit,
                particulars: Particulars::Incident(particulars),
                remark: Some(words.clone()),
            }])
        }
    }
}
