//! The results of all active devices, read once from the posture for every row that needs them.

use std::collections::HashMap;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Counts;
use sekisho_domain::world::World;

use crate::reason::cause;

/// The reasons for what did not pass and how many devices have each, by identity: the posture
/// keeps each reason once.
type Tally<'a> = HashMap<(Outcome, *const Reason), (&'a Reason, u32)>;

/// The devices of one class.
#[derive(Default)]
pub(super) struct Fleet<'a> {
    outcomes: Vec<[Outcome; DeviceCheck::COUNT]>,
    oldest: [Option<Timestamp>; DeviceCheck::COUNT],
    reasons: [Tally<'a>; DeviceCheck::COUNT],
    stale: [u32; DeviceCheck::COUNT],
    absent: [u32; DeviceCheck::COUNT],
}

/// What came of some checks over the devices of some classes.
#[derive(Default)]
pub(super) struct Sum {
    /// Devices by their worst result.
    pub(super) counts: Counts,
    /// Devices of which every result is known, good or bad.
    pub(super) confirmed: u32,
    /// The most frequent reason among failures.
    pub(super) failing: Option<Reason>,
    /// The most frequent reason among what is unknown.
    pub(super) unknown: Option<Reason>,
}

/// The results of all active devices.
pub(super) struct DeviceTable<'a> {
    issued: Fleet<'a>,
    byod: Fleet<'a>,
}

impl<'a> DeviceTable<'a> {
    pub(super) fn new(world: &World, posture: &'a Posture, now: Timestamp) -> Self {
        let mut table = Self {
            issued: Fleet::default(),
            byod: Fleet::default(),
        };
        for device in &world.devices {
            if device.state != DeviceState::Active {
                continue;
            }
            let standings = DeviceCheck::ALL.map(|check| posture.standing(device.id, check, now));
            match device.class {
                DeviceClass::Issued => table.issued.add(standings),
                DeviceClass::Byod => table.byod.add(standings),
            }
        }
        table
    }

    /// The fleets of some classes.
    pub(super) fn fleets(&self, issued: bool, byod: bool) -> Vec<&Fleet<'a>> {
        let mut fleets = Vec::new();
        if issued {
            fleets.push(&self.issued);
        }
        if byod {
            fleets.push(&self.byod);
        }
        fleets
    }
}

impl<'a> Fleet<'a> {
    fn add(&mut self, standings: [Standing<'a>; DeviceCheck::COUNT]) {
        let mut outcomes = [Outcome::Unknown; DeviceCheck::COUNT];
        for (column, standing) in standings.into_iter().enumerate() {
            outcomes[column] = standing.outcome();
            match standing {
                Standing::Fresh(outcome, reason, times) => {
                    let oldest = &mut self.oldest[column];
                    *oldest = Some(oldest.map_or(times.received_at, |t| t.min(times.received_at)));
                    if outcome != Outcome::Pass {
                        let key = (outcome, std::ptr::from_ref(reason));
                        self.reasons[column].entry(key).or_insert((reason, 0)).1 += 1;
                    }
                }
                Standing::Stale(_) => self.stale[column] += 1,
                Standing::Absent => self.absent[column] += 1,
            }
        }
        self.outcomes.push(outcomes);
    }

    /// When the oldest fresh result of a check was received.
    pub(super) fn oldest(&self, check: DeviceCheck) -> Option<Timestamp> {
        self.oldest[check.column()]
    }
}

/// Sums up some checks over some fleets.
pub(super) fn sum(fleets: &[&Fleet<'_>], checks: &[DeviceCheck]) -> Sum {
    let mut sum = Sum::default();
    for outcomes in fleets.iter().flat_map(|fleet| &fleet.outcomes) {
        let has = |wanted: Outcome| {
            checks
                .iter()
                .any(|check| outcomes[check.column()] == wanted)
        };
        let unknown = has(Outcome::Unknown);
        if has(Outcome::Fail) {
            sum.counts.fail += 1;
        } else if unknown {
            sum.counts.unknown += 1;
        } else {
            sum.counts.pass += 1;
        }
        sum.confirmed += u32::from(!unknown);
    }
    sum.failing = gravest(fleets, checks, Outcome::Fail);
    sum.unknown = gravest(fleets, checks, Outcome::Unknown);
    sum
}

/// The most frequent cause of an outcome; of equals the first by code. Where only one device has
/// it, with all its parameters.
fn gravest(fleets: &[&Fleet<'_>], checks: &[DeviceCheck], wanted: Outcome) -> Option<Reason> {
    let mut causes: HashMap<Reason, (u32, Reason)> = HashMap::new();
    let mut count = |reason: &Reason, n: u32| {
        if n > 0 {
            let entry = causes
                .entry(cause(reason))
                .or_insert_with(|| (0, reason.clone()));
            entry.0 += n;
            if *reason < entry.1 {
                entry.1 = reason.clone();
            }
        }
    };
    for fleet in fleets {
        for column in checks.iter().map(|check| check.column()) {
            for ((outcome, _), (reason, n)) in &fleet.reasons[column] {
                count(reason, if *outcome == wanted { *n } else { 0 });
            }
            if wanted == Outcome::Unknown {
                count(&Reason::new("check.stale"), fleet.stale[column]);
                count(&Reason::new("check.never"), fleet.absent[column]);
            }
        }
    }
    causes
        .into_iter()
        .max_by(|a, b| a.1.0.cmp(&b.1.0).then_with(|| b.0.cmp(&a.0)))
        .map(|(shared, (n, whole))| if n == 1 { whole } else { shared })
}
