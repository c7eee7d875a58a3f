//! What an exception did: uses, incidents, and how the measures stand that compensate for it. Pure; what was
//! answered at the decision point is an argument.

use std::collections::BTreeSet;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{Device, DeviceState};
use sekisho_domain::exception::{
    CheckEffect, Effect, ExceptionRecord, MeasureEffect, MeasureStanding, Uses,
};
use sekisho_domain::id::{DeviceId, IncidentId, SystemId, TaskId};
use sekisho_domain::permit::Permit;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::register::{EntryId, Incident};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use crate::decide::{Question, grade_of, speaks_of};

/// Equal questions that were answered with yes on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub question: Question,
    /// When it was answered first on that day.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// How often.
    pub times: u64,
    /// Whether it would have been refused without an exception from the row; none where that cannot be told.
    pub rested: Option<bool>,
}

/// What the decision point answered with yes in the time of an exception.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers {
    /// From when on answers are still kept.
    pub since: Timestamp,
    /// They, day by day.
    pub answers: Vec<Answered>,
}

/// Measures an exception as things stand; none where the permit is no exception or was never given. Without
/// `answers` nobody asked the decision point anything in its time, which is not the same as no use.
#[must_use]
pub fn measure(
    world: &World,
    posture: &Posture,
    permit: &Permit,
    answers: Option<&Answers>,
    now: Timestamp,
) -> Option<Effect> {
    let exception = permit.exception()?;
    let (from, until) = permit.life_until(now)?;
    let record = world.exception_record(permit.id);
    let devices = devices(world, permit, exception, now);
    Some(Effect {
        permit: permit.id,
        at: now,
        from,
        until,
        renewed: record.renewed,
        devices: number(devices.len()),
        uses: answers.map(|it| uses(world, permit, it, (from, until))),
        incidents: incidents(world, permit, exception, (from, until), now),
        checks: bound(exception)
            .into_iter()
            .map(|check| check_effect(world, posture, (check, from), &devices, now))
            .collect(),
        measures: standings(posture, exception, &record, &devices, now),
    })
}

/// How the measures of an exception stand; none of other permits.
#[must_use]
pub fn measures(
    world: &World,
    posture: &Posture,
    permit: &Permit,
    now: Timestamp,
) -> Vec<MeasureEffect> {
    let Some(exception) = permit.exception() else {
        return Vec::new();
    };
    let devices = devices(world, permit, exception, now);
    let record = world.exception_record(permit.id);
    standings(posture, exception, &record, &devices, now)
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

/// The devices on which measures are looked at: those that are named; else those of the applicant and the people
/// that are named, or of the applicant alone where it counts for nobody else; else those of the unit; else all, since
/// it is for everybody.
fn devices<'a>(
    world: &'a World,
    permit: &Permit,
    exception: &Exception,
    now: Timestamp,
) -> Vec<&'a Device> {
    let named: BTreeSet<DeviceId> = exception.named_devices().collect();
    let concerned = |device: &&Device| {
        if !named.is_empty() {
            named.contains(&device.id)
        } else if !permit.is_for_everybody() {
            device.user.is_some_and(|user| permit.excepts(user))
        } else if let Some(above) = exception.unit {
            let unit = world.unit_of_entry(device.id.into(), now);
            unit.is_some_and(|unit| world.unit_is_within(unit, above, now))
        } else {
            true
        }
    };
    let used = world.devices.iter();
    let used = used.filter(|device| device.state != DeviceState::Retired);
    used.filter(concerned).collect()
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

fn standings(
    posture: &Posture,
    exception: &Exception,
    record: &ExceptionRecord,
    devices: &[&Device],
    now: Timestamp,
) -> Vec<MeasureEffect> {
    let measures = exception.measures.iter().zip(0_u32..);
    let standing = |(measure, place): (&_, u32)| -> MeasureEffect {
        let measure: &sekisho_domain::exception::CompensatingMeasure = measure;
        let word_at = record.word(place, now).filter(|_| measure.needs_a_word());
        let standing = if measure.needs_a_word() {
            word_at.map_or(MeasureStanding::Unknown, |_| MeasureStanding::Holds)
        } else {
            on_devices(posture, &measure.checks, devices, now)
        };
        MeasureEffect {
            measure: place,
            standing,
            word_at,
        }
    };
    measures.map(standing).collect()
}

/// How a measure stands that devices show. Without a device nothing shows it.
fn on_devices(
    posture: &Posture,
    checks: &[DeviceCheck],
    devices: &[&Device],
    now: Timestamp,
) -> MeasureStanding {
    let outcomes = devices.iter().flat_map(|device| {
        let checks = checks.iter();
        checks.map(move |check| outcome(posture, device.id, *check, now))
    });
    let mut standing = if devices.is_empty() {
        MeasureStanding::Unknown
    } else {
        MeasureStanding::Holds
    };
    for outcome in outcomes {
        match outcome {
            Outcome::Fail => return MeasureStanding::Fails,
            Outcome::Unknown => standing = MeasureStanding::Unknown,
            Outcome::Pass => {}
        }
    }
    standing
}

fn uses(
    world: &World,
    permit: &Permit,
    asked: &Answers,
    (from, until): (Timestamp, Timestamp),
) -> Uses {
    let mut found = Uses {
        since: asked.since.max(from),
        answers: 0,
        days: 0,
        people: 0,
    };
    let mut days = BTreeSet::new();
    let mut people = BTreeSet::new();
    for answered in &asked.answers {
        // What ordinary permits allowed is no use of it, whomever it names.
        if answered.rested == Some(false) {
            continue;
        }
        let question = &answered.question;
        let within = from <= answered.last && answered.first < until;
        let grade = grade_of(world, question);
        if !within || !speaks_of(world, permit, question, grade, answered.last) {
            continue;
        }
        found.answers = found.answers.saturating_add(answered.times);
        days.extend([answered.first, answered.last].map(Timestamp::jst_date));
        people.extend(question.person);
    }
    found.days = number(days.len());
    found.people = number(people.len());
    found
}

/// Incidents in its time that touch what it names; of one that names nothing, those that touch the devices on
/// which its measures are looked at.
fn incidents(
    world: &World,
    permit: &Permit,
    exception: &Exception,
    (from, until): (Timestamp, Timestamp),
    now: Timestamp,
) -> Vec<IncidentId> {
    let named: BTreeSet<DeviceId> = match exception.named_devices().next() {
        Some(_) => exception.named_devices().collect(),
        None => devices(world, permit, exception, now)
            .iter()
            .map(|device| device.id)
            .collect(),
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
