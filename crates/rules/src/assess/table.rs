//! The results of all active devices, read once from the posture for every row that needs them.

use std::collections::{BTreeMap, HashMap};

use roaring::RoaringBitmap;
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::continuity::{Continuity, Gap};
use sekisho_domain::device::{Device, DeviceClass, DeviceState, StateSource};
use sekisho_domain::posture::{DevicePosture, Posture, Standing};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Counts;
use sekisho_domain::world::World;

use super::period::Looked;
use crate::check::{NOT_DECLARABLE, WORD_NOT_ENOUGH, lacking, put_to};
use crate::reason::cause;

/// The reasons for what did not pass and how many devices have each, by identity: the posture
/// keeps each reason once.
type Tally<'a> = HashMap<(Outcome, *const Reason), (&'a Reason, u32)>;

/// The devices of one class.
#[derive(Default)]
pub(super) struct Fleet<'a> {
    ordinals: Vec<u32>,
    /// Stretches without evidence, by check: the device's place in this fleet, and when.
    gaps: [Vec<(usize, Gap)>; DeviceCheck::COUNT],
    outcomes: Vec<[Outcome; DeviceCheck::COUNT]>,
    /// Who tells of each device.
    sources: Vec<StateSource>,
    oldest: [BTreeMap<StateSource, Timestamp>; DeviceCheck::COUNT],
    reasons: [Tally<'a>; DeviceCheck::COUNT],
    /// Why nothing fresh is known, by who tells and by code, and of how many devices.
    lacking: [BTreeMap<(StateSource, &'static str), u32>; DeviceCheck::COUNT],
}

/// What a row asks of devices.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'c> {
    /// These checks.
    pub(super) checks: &'c [DeviceCheck],
    /// Whether the word of the person who uses a device is enough, where no program looks.
    pub(super) word: bool,
}

impl Asked<'_> {
    /// Whether a declaration, which could be given, is not enough. What it admits counts all the same.
    fn wants_more_than(self, source: StateSource) -> bool {
        let declared = source == StateSource::Declared && !self.word;
        declared && self.checks.iter().any(|check| check.is_declarable())
    }
}

/// What came of some checks over the devices of some classes.
#[derive(Default)]
pub(super) struct Sum {
    /// Devices by their worst result.
    pub(super) counts: Counts,
    /// Devices of which every result is known, good or bad.
    pub(super) confirmed: u32,
    /// Devices that do not fail now and failed within the period.
    pub(super) failed_within: u32,
    /// The causes of failures, the most frequent first.
    pub(super) failing: Vec<Seen>,
    /// The causes of what is unknown, the most frequent first.
    pub(super) unknown: Vec<Seen>,
}

/// A cause as it was seen over some checks of some devices.
pub(super) struct Seen {
    /// What all of them share.
    pub(super) shared: Reason,
    /// One of them with all its parameters: whole only where it speaks of one device.
    pub(super) whole: Reason,
    /// How many results have it.
    pub(super) results: u32,
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
            let fleet = match device.class {
                DeviceClass::Issued => &mut table.issued,
                DeviceClass::Byod => &mut table.byod,
            };
            fleet.add(device, posture.device(device.id), now);
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
    fn add(&mut self, device: &Device, posture: Option<DevicePosture<'a>>, now: Timestamp) {
        let place = self.ordinals.len();
        let source = device.source;
        self.ordinals.push(device.ordinal);
        self.sources.push(source);
        let never = Continuity::default();
        let mut outcomes = [Outcome::Unknown; DeviceCheck::COUNT];
        for check in DeviceCheck::ALL {
            let column = check.column();
            let standing = posture.map_or(Standing::Absent, |known| known.standing(check, now));
            let continuity = posture.and_then(|known| known.continuity(check));
            let gaps = continuity.unwrap_or(&never);
            let gaps = gaps.gaps_until(now, device.enrolled_at, check.freshness_of(source));
            // What nobody can tell has no stretches: it stays unknown by itself.
            let told = gaps.filter(|_| check.is_told_by(source));
            self.gaps[column].extend(told.map(|gap| (place, gap)));
            outcomes[column] = standing.outcome();
            match standing {
                Standing::Fresh(outcome, reason, times) => {
                    let oldest = self.oldest[column].entry(source);
                    let oldest = oldest.or_insert(times.received_at);
                    *oldest = (*oldest).min(times.received_at);
                    if outcome != Outcome::Pass {
                        let key = (outcome, std::ptr::from_ref(reason));
                        self.reasons[column].entry(key).or_insert((reason, 0)).1 += 1;
                    }
                }
                Standing::Stale(_) | Standing::Absent => {
                    let was_known = matches!(standing, Standing::Stale(_));
                    let code = lacking(check, source, was_known);
                    *self.lacking[column].entry((source, code)).or_default() += 1;
                }
            }
        }
        self.outcomes.push(outcomes);
    }

    /// When the oldest fresh result of a check was received that is told in this way.
    pub(super) fn oldest(&self, check: DeviceCheck, source: StateSource) -> Option<Timestamp> {
        self.oldest[check.column()].get(&source).copied()
    }
}

impl Fleet<'_> {
    /// The stretches of a check that reach into a period.
    pub(super) fn gaps_after(
        &self,
        check: DeviceCheck,
        from: Timestamp,
    ) -> impl Iterator<Item = (usize, Gap)> {
        let all = self.gaps[check.column()].iter();
        all.filter_map(move |(place, gap)| Some((*place, gap.after(from)?)))
            .filter(move |(place, gap)| gap.length() > check.freshness_of(self.sources[*place]))
    }
}

/// Sums up some checks over some fleets. `looked` is what looking back over a period adds, by
/// fleet; none where only now counts.
pub(super) fn sum(fleets: &[&Fleet<'_>], asked: Asked<'_>, looked: Option<&Looked>) -> Sum {
    let mut sum = Sum::default();
    let mut not_enough = 0;
    let nothing = (RoaringBitmap::new(), RoaringBitmap::new());
    for (number, fleet) in fleets.iter().enumerate() {
        let (failed, in_the_dark) = looked.map_or((&nothing.0, &nothing.1), |looked| {
            (&looked.failed, &looked.in_the_dark[number])
        });
        for (place, outcomes) in fleet.outcomes.iter().enumerate() {
            let source = fleet.sources[place];
            let more = asked.wants_more_than(source);
            let put = put_to(asked.checks, source);
            let has = |wanted: Outcome| {
                let mut put = put.clone();
                put.any(|check| outcomes[check.column()] == wanted)
            };
            let dark = u32::try_from(place).is_ok_and(|place| in_the_dark.contains(place));
            let unknown = has(Outcome::Unknown) || dark || more;
            not_enough += u32::from(more);
            if has(Outcome::Fail) {
                sum.counts.fail += 1;
            } else {
                sum.failed_within += u32::from(failed.contains(fleet.ordinals[place]));
                if unknown {
                    sum.counts.unknown += 1;
                } else {
                    sum.counts.pass += 1;
                }
            }
            sum.confirmed += u32::from(!unknown);
        }
    }
    sum.failing = causes(fleets, asked, Outcome::Fail, 0);
    sum.unknown = causes(fleets, asked, Outcome::Unknown, not_enough);
    sum
}

/// The causes of an outcome, the most frequent first; of equals the first by code. Of so many devices
/// `not_enough` is that a word is.
fn causes(fleets: &[&Fleet<'_>], asked: Asked<'_>, wanted: Outcome, not_enough: u32) -> Vec<Seen> {
    let checks = asked.checks;
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
    count(&Reason::new(WORD_NOT_ENOUGH), not_enough);
    let declarable = checks.iter().any(|check| check.is_declarable());
    for fleet in fleets {
        for column in checks.iter().map(|check| check.column()) {
            for ((outcome, _), (reason, n)) in &fleet.reasons[column] {
                count(reason, if *outcome == wanted { *n } else { 0 });
            }
            if wanted == Outcome::Unknown {
                for ((source, code), n) in &fleet.lacking[column] {
                    // Beside what can be told, the rest is not asked of the device; and where no word is
                    // enough, none is asked for.
                    let beside = *code == NOT_DECLARABLE && declarable;
                    let spared = beside || asked.wants_more_than(*source);
                    count(&Reason::new(code), if spared { 0 } else { *n });
                }
            }
        }
    }
    let mut seen: Vec<Seen> = causes
        .into_iter()
        .map(|(shared, (results, whole))| Seen {
            shared,
            whole,
            results,
        })
        .collect();
    seen.sort_by(|a, b| {
        let frequent = b.results.cmp(&a.results);
        frequent.then_with(|| a.shared.cmp(&b.shared))
    });
    seen
}
