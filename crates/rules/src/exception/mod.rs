//! What an exception did: uses, incidents, and how the measures stand that compensate for it. Pure; what was
//! answered at the decision point is an argument.

mod standing;
mod uses;

use std::collections::BTreeSet;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::Device;
use sekisho_domain::exception::{CheckEffect, Effect, MeasureEffect, MeasureStanding, Uses};
use sekisho_domain::id::{DeviceId, IncidentId, SystemId, TaskId};
use sekisho_domain::permit::Permit;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::register::{EntryId, Incident};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

pub use standing::Standings;
pub use uses::{Answered, Counting};

/// Measures an exception as things stand; none where the permit is no exception or was never given. Without
/// `uses` nobody can tell how it was used, which is not the same as no use.
#[must_use]
pub fn measure(
    world: &World,
    posture: &Posture,
    permit: &Permit,
    uses: Option<Uses>,
    now: Timestamp,
) -> Option<Effect> {
    let exception = permit.exception()?;
    let (from, until) = permit.life_until(now)?;
    let mut looked_at = Standings::new(world, posture, now);
    let devices = looked_at.devices(permit, exception);
    Some(Effect {
        permit: permit.id,
        at: now,
        from,
        until,
        renewed: world.exception_record(permit.id).renewed,
        devices: number(devices.len()),
        uses,
        incidents: incidents(world, (exception, &devices[..]), (from, until)),
        checks: bound(exception)
            .into_iter()
            .map(|check| check_effect(world, posture, (check, from), &devices, now))
            .collect(),
        measures: looked_at.measures(permit),
    })
}

/// How the measures of one exception stand; none of other permits. Of several, [`Standings`] tells it.
#[must_use]
pub fn measures(
    world: &World,
    posture: &Posture,
    permit: &Permit,
    now: Timestamp,
) -> Vec<MeasureEffect> {
    Standings::new(world, posture, now).measures(permit)
}

/// The gravest of how measures stand: what fails before what is not known. Not known where there are none.
#[must_use]
pub fn gravest(measures: &[MeasureEffect]) -> MeasureStanding {
    let any = |standing| measures.iter().any(|it| it.standing == standing);
    if any(MeasureStanding::Fails) {
        MeasureStanding::Fails
    } else if measures.is_empty() || any(MeasureStanding::Unknown) {
        MeasureStanding::Unknown
    } else {
        MeasureStanding::Holds
    }
}

/// The checks to which measures are bound, each once.
fn bound(exception: &Exception) -> BTreeSet<DeviceCheck> {
    let measures = exception.measures.iter();
    measures.flat_map(|it| it.checks.iter().copied()).collect()
}

fn outcome(posture: &Posture, device: DeviceId, check: DeviceCheck, now: Timestamp) -> Outcome {
    match posture.standing(device, check, now) {
        Standing::Fresh(outcome, ..) => outcome,
        Standing::Stale(_) | Standing::Absent => Outcome::Unknown,
    }
}

fn check_effect(
    world: &World,
    posture: &Posture,
    (check, from): (DeviceCheck, Timestamp),
    devices: &[&Device],
    now: Timestamp,
) -> CheckEffect {
    let count = |wanted| {
        let all = devices.iter();
        number(
            all.filter(|it| outcome(posture, it.id, check, now) == wanted)
                .count(),
        )
    };
    let failed = world.failed_since(check, from);
    CheckEffect {
        check,
        pass: count(Outcome::Pass),
        fail: count(Outcome::Fail),
        unknown: count(Outcome::Unknown),
        failed: number(
            devices
                .iter()
                .filter(|it| failed.contains(it.ordinal))
                .count(),
        ),
    }
}

/// Incidents in its time that touch what it names; of one that names nothing, those that touch the devices on
/// which its measures are looked at.
fn incidents(
    world: &World,
    (exception, devices): (&Exception, &[&Device]),
    (from, until): (Timestamp, Timestamp),
) -> Vec<IncidentId> {
    let named: BTreeSet<DeviceId> = match exception.named_devices().next() {
        Some(_) => exception.named_devices().collect(),
        None => devices.iter().map(|device| device.id).collect(),
    };
    let touches = |incident: &Incident| {
        let by_device = incident.devices.iter().any(|it| named.contains(it));
        let by_task = |task: TaskId| incident.tasks.contains(&task);
        let by_system = |system: SystemId| incident.systems.contains(&system);
        by_device || exception.task.is_some_and(by_task) || exception.system.is_some_and(by_system)
    };
    let (first, last) = (from.jst_date(), until.jst_date());
    let mut found = Vec::new();
    for (entry, incident) in world.registers.nouns::<Incident>() {
        let day = incident.happened.unwrap_or(incident.found);
        if let EntryId::Incident(id) = entry.id
            && first <= day
            && day <= last
            && touches(incident)
        {
            found.push(id);
        }
    }
    found
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
