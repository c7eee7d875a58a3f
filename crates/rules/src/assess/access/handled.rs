//! Graded information on devices: each access for which (h) asks a permit rested on one.
//!
//! Subjects are the devices of the row. One that used a system without a permit fails. The others pass
//! only where everything that they could have used is guarded: what nobody asked about, nobody saw.

use sekisho_domain::code::Reason;
use sekisho_domain::device::{Device, DeviceClass, DeviceState};
use sekisho_domain::id::SystemId;
use sekisho_domain::permit::{Need, PermitKind, Place, Setting};
use sekisho_domain::register::System;

use super::guards::Guards;
use super::tally::{Judged, Tally};
use super::{name, none_of, period};
use crate::assess::concerned::Thing;
use crate::assess::part::Part;
use crate::catalogue::{Row, Subjects};

pub(super) fn judge(row: &Row, guards: &Guards<'_, '_>) -> Part {
    let class = match row.scope {
        Subjects::ByodDevices => DeviceClass::Byod,
        _ => DeviceClass::Issued,
    };
    let mut tally = Tally::default();
    let bar = guards
        .not_whole()
        .or_else(|| unguarded(class, guards, &mut tally));
    let own = |it: &&Device| it.class == class && it.state == DeviceState::Active;
    for device in guards.ground.world.devices.iter().filter(own) {
        let judged = of_device(device, bar.is_some(), guards);
        tally.add(Thing::Device(device.id), judged);
    }
    tally.bar(bar);
    tally.part(Reason::new("row.no-subjects"))
}

fn of_device(device: &Device, barred: bool, guards: &Guards<'_, '_>) -> Judged {
    let ground = guards.ground;
    let from = period(ground);
    let mut judged = Judged::Pass;
    for (system, uses) in ground.access.uses_of(device.id) {
        let of = |code, at| {
            let reason = Reason::new(code).with("system", name(ground, system));
            reason.with("at", at)
        };
        let of_system = if let Some((at, person)) = uses.without(from) {
            Judged::Fail(of("reach.without-permit", at), Some(person))
        } else if let Some(at) = uses.unsure(from) {
            Judged::Unknown(of("reach.permit-unsure", at))
        } else if uses.excepted(from).is_some() {
            Judged::Excepted
        } else {
            Judged::Pass
        };
        judged = judged.or(of_system);
    }
    let judged = judged.or(permitted(device, guards));
    if barred {
        judged.or(Judged::Barred)
    } else {
        judged
    }
}

/// A person's own device that stands in use without a permit for it: whether it handles anything that
/// lies on it nobody sees.
fn permitted(device: &Device, guards: &Guards<'_, '_>) -> Judged {
    let ground = guards.ground;
    let mut permits = ground.world.in_force_on(device.id, ground.now);
    let needs = device.class == DeviceClass::Byod;
    if needs && !permits.any(|permit| permit.kind() == PermitKind::Byod) {
        return Judged::Unknown(Reason::new("reach.byod-unpermitted"));
    }
    Judged::Pass
}

/// Why not all access to systems of such a grade was seen; each that is not guarded is named.
fn unguarded(class: DeviceClass, guards: &Guards<'_, '_>, tally: &mut Tally) -> Option<Reason> {
    let graded: Vec<(SystemId, &System)> = guards
        .systems
        .iter()
        .copied()
        .filter(|(_, system)| asks(class, system))
        .collect();
    if graded.is_empty() {
        return Some(none_of::<System>(guards.ground, "access.none-graded"));
    }
    let open = graded
        .into_iter()
        .filter(|(id, system)| !is_seen(class, *id, system, guards));
    let mut names = Vec::new();
    for (id, system) in open {
        names.push(name(guards.ground, id));
        tally.name(Thing::Entry(id.into()), guards.unguarded(id, system));
    }
    let first = names.first()?.clone();
    let reason = Reason::new("access.unguarded").with("n", names.len());
    Some(reason.with("first", first))
}

/// Whether (h) asks a permit for what such a device does with a system.
fn asks(class: DeviceClass, system: &System) -> bool {
    let kind = match class {
        DeviceClass::Issued => PermitKind::OffSite,
        DeviceClass::Byod => PermitKind::Byod,
    };
    let setting = Setting {
        grade: system.highest,
        place: Place::OutsideOrganisation,
        device: Some(class),
    };
    kind.need(setting).0 != Need::None
}

/// Whether what such a device does with a system would be seen: of an issued device what it does from
/// outside, of a person's own what it does anywhere. A system that may not be reached from outside is used
/// there by nobody whom the decision point lets.
fn is_seen(class: DeviceClass, id: SystemId, system: &System, guards: &Guards<'_, '_>) -> bool {
    let nowhere_inside = system.lines.is_empty();
    let outside = !system.remote || guards.of(id, system).is_some();
    match class {
        DeviceClass::Issued => outside,
        DeviceClass::Byod if nowhere_inside => guards.of(id, system).is_some(),
        DeviceClass::Byod => outside && guards.inside(id, system),
    }
}
