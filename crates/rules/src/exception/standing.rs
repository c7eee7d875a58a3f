//! How the measures of exceptions stand. Of several exceptions, what they look at in common is looked at once: those
//! for everybody look at every device there is.

use std::collections::{BTreeSet, HashMap};

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{Device, DeviceState};
use sekisho_domain::exception::{
    CompensatingMeasure, ExceptionRecord, MeasureEffect, MeasureStanding,
};
use sekisho_domain::id::{DeviceId, PersonId, UnitId};
use sekisho_domain::permit::Permit;
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::posture::Posture;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::{gravest, outcome};

/// The measures of exceptions as they stand at one moment.
pub struct Standings<'a> {
    world: &'a World,
    posture: &'a Posture,
    now: Timestamp,
    /// On the devices of a unit and of those below it, or on all.
    known: HashMap<(DeviceCheck, Option<UnitId>), MeasureStanding>,
    /// The devices that are in use, by who uses them, once they are asked for.
    used_by: Option<HashMap<PersonId, Vec<&'a Device>>>,
}

impl<'a> Standings<'a> {
    /// Looks at nothing yet.
    #[must_use]
    pub fn new(world: &'a World, posture: &'a Posture, now: Timestamp) -> Self {
        Self {
            world,
            posture,
            now,
            known: HashMap::new(),
            used_by: None,
        }
    }

    /// How the measures of an exception stand; none of other permits.
    #[must_use]
    pub fn measures(&mut self, permit: &Permit) -> Vec<MeasureEffect> {
        let Some(exception) = permit.exception() else {
            return Vec::new();
        };
        let record = self.world.exception_record(permit.id);
        let own = self.own_devices(permit, exception);
        let (posture, now) = (self.posture, self.now);
        standings(exception, &record, now, |checks| match &own {
            Some(own) => on_devices(posture, checks, own.iter().copied(), now),
            None => self.in_common(checks, exception.unit),
        })
    }

    /// The gravest of how the measures of an exception stand.
    #[must_use]
    pub fn gravest(&mut self, permit: &Permit) -> MeasureStanding {
        gravest(&self.measures(permit))
    }

    /// The devices on which measures are looked at: those that are named; else those of the applicant and the people
    /// that are named, or of the applicant alone where it counts for nobody else; else those of the unit; else all,
    /// since it is for everybody.
    pub(super) fn devices(&mut self, permit: &Permit, exception: &Exception) -> Vec<&'a Device> {
        match self.own_devices(permit, exception) {
            Some(own) => own,
            None => of_unit(self.world, exception.unit, self.now).collect(),
        }
    }

    /// Those of them that it does not look at in common with others; none where it does so with all.
    fn own_devices(&mut self, permit: &Permit, exception: &Exception) -> Option<Vec<&'a Device>> {
        let world = self.world;
        let named: BTreeSet<DeviceId> = exception.named_devices().collect();
        if !named.is_empty() {
            let known = named.into_iter().filter_map(|id| world.device(id));
            return Some(known.filter(|device| is_in_use(device)).collect());
        }
        if permit.is_for_everybody() {
            return None;
        }
        let used_by = self.used_by.get_or_insert_with(|| used_by(world));
        let named = exception.people.iter().copied();
        let people: BTreeSet<PersonId> = named.chain([permit.applicant]).collect();
        let people = people.iter().filter(|person| permit.excepts(**person));
        let devices = people.filter_map(|person| used_by.get(person)).flatten();
        Some(devices.copied().collect())
    }

    /// How a measure stands that every device of a unit shows, or every device.
    fn in_common(&mut self, checks: &[DeviceCheck], unit: Option<UnitId>) -> MeasureStanding {
        let mut standing = MeasureStanding::Holds;
        for check in checks {
            match self.of_check(*check, unit) {
                MeasureStanding::Fails => return MeasureStanding::Fails,
                MeasureStanding::Unknown => standing = MeasureStanding::Unknown,
                MeasureStanding::Holds => {}
            }
        }
        standing
    }

    fn of_check(&mut self, check: DeviceCheck, unit: Option<UnitId>) -> MeasureStanding {
        let (world, posture, now) = (self.world, self.posture, self.now);
        let known = self.known.entry((check, unit));
        *known.or_insert_with(|| on_devices(posture, &[check], of_unit(world, unit, now), now))
    }
}

fn is_in_use(device: &Device) -> bool {
    device.state != DeviceState::Retired
}

fn used_by(world: &World) -> HashMap<PersonId, Vec<&Device>> {
    let mut used_by: HashMap<PersonId, Vec<&Device>> = HashMap::new();
    for device in world.devices.iter().filter(|device| is_in_use(device)) {
        if let Some(user) = device.user {
            used_by.entry(user).or_default().push(device);
        }
    }
    used_by
}

/// The devices in use of a unit and of those below it; all where none is named.
fn of_unit(world: &World, unit: Option<UnitId>, now: Timestamp) -> impl Iterator<Item = &Device> {
    let in_use = world.devices.iter().filter(|device| is_in_use(device));
    in_use.filter(move |device| {
        unit.is_none_or(|above| {
            let unit = world.unit_of_entry(device.id.into(), now);
            unit.is_some_and(|unit| world.unit_is_within(unit, above, now))
        })
    })
}

/// How measures stand: by a word, or by what devices show of their checks.
fn standings(
    exception: &Exception,
    record: &ExceptionRecord,
    now: Timestamp,
    mut shown: impl FnMut(&[DeviceCheck]) -> MeasureStanding,
) -> Vec<MeasureEffect> {
    let measures = exception.measures.iter().zip(0_u32..);
    let standing = |(measure, place): (&CompensatingMeasure, u32)| {
        let word_at = record.word(place, now).filter(|_| measure.needs_a_word());
        let standing = if measure.needs_a_word() {
            word_at.map_or(MeasureStanding::Unknown, |_| MeasureStanding::Holds)
        } else {
            shown(&measure.checks)
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
fn on_devices<'a>(
    posture: &Posture,
    checks: &[DeviceCheck],
    devices: impl Iterator<Item = &'a Device>,
    now: Timestamp,
) -> MeasureStanding {
    let mut standing = None;
    for device in devices {
        standing = standing.or(Some(MeasureStanding::Holds));
        for check in checks {
            match outcome(posture, device.id, *check, now) {
                Outcome::Fail => return MeasureStanding::Fails,
                Outcome::Unknown => standing = Some(MeasureStanding::Unknown),
                Outcome::Pass => {}
            }
        }
    }
    standing.unwrap_or(MeasureStanding::Unknown)
}
