//! What checks of devices say: how many fail, of all and by unit, and what is being exploited.

use std::collections::HashMap;

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{Device, DeviceState, StateSource};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::id::UnitId;
use sekisho_domain::plan::Feed;
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::register::{EntryId, Gateway};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::trigger::{CheckCounts, CheckShare, Usage};

use crate::app::App;

/// The reason of a result where a vulnerability is being exploited.
const EXPLOITED: &str = "advisory.exploited";
/// Of at most so many per thousand devices nothing may be seen for checks to be measured.
const UNSEEN: u64 = 100;

/// Checks over devices, and what runs remote access with a vulnerability that is being exploited.
pub(super) fn read(app: &App, usage: &mut Usage) {
    let world = app.world();
    let posture = app.posture();
    checks(&world, &posture, usage);
    exploited(&world, &posture, usage);
}

/// What a fresh result of a check of a device says, and when that was received: that it fails, or that it was seen to
/// pass. A word that all is well is no measurement, and thins out nothing that was seen to fail.
fn measured<'a>(
    posture: &'a Posture,
    device: &Device,
    check: DeviceCheck,
    now: Timestamp,
) -> Option<(Outcome, &'a Reason, Timestamp)> {
    let Standing::Fresh(outcome, reason, times) = posture.standing(device.id, check, now) else {
        return None;
    };
    let is_measured = match outcome {
        Outcome::Fail => true,
        Outcome::Pass => device.source == StateSource::Observed,
        Outcome::Unknown => false,
    };
    is_measured.then_some((outcome, reason, times.received_at))
}

/// The place of the unit of each device in use; none of one that no unit in force answers for.
struct Places(HashMap<UnitId, usize>);

impl Places {
    fn of(usage: &Usage) -> Self {
        let units = usage.units.iter().enumerate();
        Self(units.map(|(place, it)| (it.id, place)).collect())
    }

    fn find(&self, world: &World, device: &Device, now: Timestamp) -> Option<usize> {
        let unit = world.unit_of_entry(EntryId::Device(device.id), now)?;
        self.0.get(&world.unit_now(unit, now)).copied()
    }
}

/// Checks of all devices, and of those of each unit itself.
fn checks(world: &World, posture: &Posture, usage: &mut Usage) {
    let places = Places::of(usage);
    let mut units = vec![CheckCounts::default(); usage.units.len()];
    let active = world.devices.iter();
    let active = active.filter(|it| it.state == DeviceState::Active);
    let mut all = CheckCounts::default();
    let (mut devices, mut unseen) = (0u64, 0u64);
    for device in active {
        devices += 1;
        let mut is_seen = false;
        let place = places.find(world, device, usage.at);
        let mut unit = place.and_then(|place| units.get_mut(place));
        for check in DeviceCheck::ALL {
            if let Some((outcome, ..)) = measured(posture, device, check, usage.at) {
                let failing = u32::from(outcome == Outcome::Fail);
                let own = unit.as_deref_mut();
                for counts in std::iter::once(&mut all).chain(own) {
                    let count = &mut counts[check.column()];
                    count.failing += failing;
                    count.known += 1;
                }
                is_seen = true;
            }
        }
        unseen += u64::from(!is_seen);
    }
    let shares = DeviceCheck::ALL.iter().filter_map(|check| {
        let share = all[check.column()].share()?;
        Some(CheckShare {
            check: *check,
            share,
        })
    });
    usage.checks = shares.collect();
    usage.unit_checks = units;
    // A tenth of all devices that fail is told: so many of which nothing is seen may be that tenth.
    if unseen * 1000 > devices * UNSEEN {
        usage.missing.insert(Feed::Checks);
    }
}

fn exploited(world: &World, posture: &Posture, usage: &mut Usage) {
    let now = usage.at;
    let mut fresh = world.feeds.values().filter(|it| it.kind == FeedKind::Kev);
    if !fresh.any(|feed| feed.is_fresh(now)) {
        usage.missing.insert(Feed::Exploited);
    }
    for (gateway, machine) in gateway_machines(world, posture, now) {
        match machine {
            Machine::Unseen => {
                usage.missing.insert(Feed::Exploited);
            }
            Machine::Exploited(_) => {
                usage.exploited.insert(gateway.to_string());
            }
            Machine::Clear => {}
        }
    }
}

/// What is known of the machine that a gateway runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Machine {
    /// Of a gateway that nobody looks at nobody knows.
    Unseen,
    /// A vulnerability that is being exploited is on it, as was received then.
    Exploited(Timestamp),
    /// None of these is on it.
    Clear,
}

/// The gateways in use, each with what is known of its machine now.
pub(crate) fn gateway_machines(
    world: &World,
    posture: &Posture,
    now: Timestamp,
) -> impl Iterator<Item = (EntryId, Machine)> {
    let gateways = world.registers.nouns::<Gateway>();
    gateways.map(move |(entry, gateway)| {
        let device = gateway.device.and_then(|id| world.device(id));
        let device = device.filter(|it| it.state == DeviceState::Active);
        let looked =
            device.and_then(|device| measured(posture, device, DeviceCheck::Advisories, now));
        let machine = match looked {
            None => Machine::Unseen,
            Some((Outcome::Fail, reason, at)) if reason.code == EXPLOITED => Machine::Exploited(at),
            Some(_) => Machine::Clear,
        };
        (entry.id, machine)
    })
}
