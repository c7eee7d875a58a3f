//! Systems: those that remote access leads to (7.3.1(4)) and those on internal lines (notices, 3 (3)).
//!
//! What of a system can be checked are the devices that it runs on: those with which it was permitted to
//! join its line (PX), and which report.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::id::{DeviceId, SystemId};
use sekisho_domain::permit::{Particulars, PermitKind, Status};
use sekisho_domain::register::System;

use super::guards::Guards;
use super::tally::{Judged, Tally};
use super::{name, none_of};
use crate::assess::concerned::Thing;
use crate::assess::part::Part;

/// What is asked of the devices of a system. Our own choice: no notice names the checks.
const CHECKS: [DeviceCheck; 6] = [
    DeviceCheck::OsSupported,
    DeviceCheck::SecurityUpdates,
    DeviceCheck::Advisories,
    DeviceCheck::Firewall,
    DeviceCheck::Accounts,
    DeviceCheck::TimeSync,
];

/// Each system that may be reached from outside: something stands before it, nothing passed without a
/// permit, and its devices are in order.
pub(super) fn destinations(guards: &Guards<'_, '_>) -> Part {
    let mut tally = Tally::barred(guards.not_whole());
    for (id, system) in guards.remote() {
        let guarded = match guards.of(id, system) {
            Some(_) => Judged::Pass,
            None => Judged::Unknown(guards.unguarded(id, system)),
        };
        let judged = guards.strays(id).or(guarded).or(devices(id, guards));
        tally.add(Thing::Entry(id.into()), judged);
    }
    tally.part(none_of::<System>(guards.ground, "access.none-remote"))
}

/// Each system that stands on an internal line: its devices are in order.
pub(super) fn on_lines(guards: &Guards<'_, '_>) -> Part {
    let mut tally = Tally::barred(guards.not_whole());
    let internal = |system: &System| {
        let mut lines = guards.lines.iter();
        lines.any(|(id, line)| line.kind.is_internal() && system.lines.contains(id))
    };
    for (id, _) in guards.systems.iter().filter(|(_, it)| internal(it)) {
        tally.add(Thing::Entry((*id).into()), devices(*id, guards));
    }
    tally.part(none_of::<System>(guards.ground, "access.none-on-lines"))
}

/// The devices that a system runs on.
fn hosts(system: SystemId, guards: &Guards<'_, '_>) -> Vec<DeviceId> {
    let now = guards.ground.now;
    let permits = guards.ground.world.permits.of_system(system);
    permits
        .filter(|permit| {
            permit.kind() == PermitKind::Connection && permit.status(now) == Status::Active
        })
        .filter_map(|permit| match permit.particulars.as_ref() {
            Particulars::Connection(it) => it.device,
            _ => None,
        })
        .collect()
}

fn devices(system: SystemId, guards: &Guards<'_, '_>) -> Judged {
    let ground = guards.ground;
    let of = |code| Reason::new(code).with("system", name(ground, system));
    let hosts = hosts(system, guards);
    if hosts.is_empty() {
        return Judged::Unknown(of("reach.system-no-host"));
    }
    let mut judged = Judged::Pass;
    for host in hosts {
        let outcomes =
            CHECKS.map(|check| ground.posture.standing(host, check, ground.now).outcome());
        judged = judged.or(if outcomes.contains(&Outcome::Fail) {
            Judged::Fail(of("reach.system-host-failing"), None)
        } else if outcomes.contains(&Outcome::Unknown) {
            Judged::Unknown(of("reach.system-host-unknown"))
        } else {
            Judged::Pass
        });
    }
    judged
}
