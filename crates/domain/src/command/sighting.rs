//! Outside services that logs show to be used: findings are opened by what was read, and settled by an
//! entry of a register or by the word of who keeps it.

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::authorise::{Action, Subject};
use crate::event::{Event, Sealed};
use crate::id::UnitId;
use crate::name::Line;
use crate::sighting::{NotOurs, SIGHTINGS_MAX, Sighting};
use crate::time::Timestamp;
use crate::world::World;

/// What can be asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "sighting", rename_all = "snake_case")]
pub enum SightingCommand {
    /// Open findings, or open them again where something of a new kind was seen. What adds nothing to
    /// what is known is passed over, except of what was said to have ended.
    See(Vec<Sighting>),
    /// Say that use of a service is not the organisation's.
    Disown {
        /// Which service.
        service: Line,
        /// Whether it is one for meetings: who keeps that register says so.
        conference: bool,
        /// The unit that all the use belongs to; none for the whole.
        unit: Option<UnitId>,
        /// Why.
        why: NotOurs,
        /// What was said beside, under its author's key.
        note: Option<Sealed>,
        /// The version that this was decided on.
        expected: Option<u64>,
    },
    /// Settle findings that came back when their entry was retired, of which the logs show no use within the
    /// period looked back. Those that are open for another reason by now are passed over.
    Unused(Vec<Line>),
    /// Say that a source of logs is none any more, so that its silence hides nothing. What it showed stays;
    /// read again, it counts again.
    RetireSource {
        /// Which source.
        source: Line,
    },
}

impl SightingCommand {
    /// The action the gate is asked for, and about what.
    #[must_use]
    pub fn action(&self) -> (Action, Subject) {
        match self {
            Self::See(_) | Self::Unused(_) => (Action::RecordVerdict, Subject::Body),
            Self::Disown {
                conference, unit, ..
            } => (keeps(*conference), about(*unit)),
            Self::RetireSource { .. } => (Action::KeepServices, Subject::Body),
        }
    }
}

/// What whoever says whose the use of a service is must be allowed to do.
#[must_use]
pub const fn keeps(conference: bool) -> Action {
    if conference {
        Action::KeepConferenceTools
    } else {
        Action::KeepServices
    }
}

/// What the gate is asked about of a finding: the unit that all the use belongs to, else the whole.
#[must_use]
pub fn about(unit: Option<UnitId>) -> Subject {
    unit.map_or(Subject::Body, Subject::Unit)
}

pub(super) fn decide(
    world: &World,
    command: &SightingCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        SightingCommand::See(sightings) => see(world, sightings, now),
        SightingCommand::Unused(services) => unused(world, services),
        SightingCommand::RetireSource { source } => Ok(vec![Event::LogSourceRetired {
            source: source.clone(),
        }]),
        SightingCommand::Disown {
            service,
            conference,
            unit,
            why,
            note,
            expected,
        } => {
            let known = world.sightings.get(service.as_str());
            let known = known.ok_or_else(|| Refusal::new("sighting.unknown").at("service"))?;
            // The gate was asked for the register that the command names.
            if known.sighting.is_conference() != *conference {
                return Err(Refusal::new("sighting.unknown").at("service"));
            }
            current(known.version, *expected)?;
            // Nor does the word of one unit settle what another one uses.
            let of_all = world.sighting_unit(&known.sighting, now);
            let within = |above| of_all.is_some_and(|it| world.unit_is_within(it, above, now));
            if !unit.is_none_or(within) {
                return Err(Refusal::new("sighting.unknown").at("service"));
            }
            if known.disowned.is_some() {
                return Err(Refusal::new("sighting.settled").at("service"));
            }
            if NotOurs::said(why.code()).is_none() {
                return Err(Refusal::new("sighting.not-said").at("why"));
            }
            if *why == NotOurs::Other && note.is_none() {
                return Err(Refusal::new("sighting.no-note").at("note"));
            }
            Ok(vec![Event::ServiceDisowned {
                service: service.clone(),
                why: *why,
                note: note.clone(),
            }])
        }
    }
}

fn see(world: &World, sightings: &[Sighting], now: Timestamp) -> Result<Vec<Event>, Refusal> {
    if sightings.len() > SIGHTINGS_MAX {
        return Err(Refusal::new("sighting.too-many"));
    }
    let mut events = Vec::new();
    for sighting in sightings {
        if world.lack_of(sighting, now).is_none() {
            continue;
        }
        let known = world.sightings.get(sighting.service.as_str());
        let sighting = match known {
            Some(known)
                if !sighting.adds_to(&known.sighting) && !known.is_outlived_by(sighting) =>
            {
                continue;
            }
            Some(known) => sighting.clone().with(&known.sighting),
            None => sighting.clone(),
        };
        events.push(Event::ServiceSighted {
            sighting: Box::new(sighting),
        });
    }
    Ok(events)
}

fn unused(world: &World, services: &[Line]) -> Result<Vec<Event>, Refusal> {
    if services.len() > SIGHTINGS_MAX {
        return Err(Refusal::new("sighting.too-many"));
    }
    let lapsed = |service: &&Line| {
        let known = world.sightings.get(service.as_str());
        known.is_some_and(|it| it.lapsed && it.disowned.is_none())
    };
    let settled = |service: &Line| Event::ServiceDisowned {
        service: service.clone(),
        why: NotOurs::Unused,
        note: None,
    };
    Ok(services.iter().filter(lapsed).map(settled).collect())
}
