//! Internal lines and the devices that come back to them (8.1.1(3)(c), (i), (j)).
//!
//! What joins a line is seen where something at it asks the decision point whom to let on. A line at which
//! nothing does keeps all three rows unknown.

use std::collections::BTreeSet;

use sekisho_domain::code::Reason;
use sekisho_domain::device::DeviceState;
use sekisho_domain::id::{DeviceId, LineId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::register::NetworkLine;
use sekisho_domain::register::line::LineKind;

use super::guards::Guards;
use super::tally::{Judged, Tally};
use super::{name, none_of, period};
use crate::access::Joined;
use crate::assess::concerned::Thing;
use crate::assess::part::Part;

/// Each internal line: nothing joined it that does not belong there or lacks permission.
pub(super) fn lines(guards: &Guards<'_, '_>) -> Part {
    let mut tally = Tally::barred(guards.not_whole());
    for id in internal(guards) {
        let judged = unwatched(id, guards).map_or(Judged::Pass, Judged::Unknown);
        tally.add(Thing::Entry(id.into()), judged.or(strangers(id, guards)));
    }
    tally.part(none_of::<NetworkLine>(
        guards.ground,
        "access.none-internal",
    ))
}

fn internal(guards: &Guards<'_, '_>) -> impl Iterator<Item = LineId> {
    let all = guards.lines.iter();
    let internal =
        all.filter(|(_, line): &&(LineId, &NetworkLine)| line.kind == LineKind::Internal);
    internal.map(|(id, _)| *id)
}

/// Why nothing is seen of what joins a line.
fn unwatched(line: LineId, guards: &Guards<'_, '_>) -> Option<Reason> {
    let reason = Reason::new("reach.line-unwatched").with("line", name(guards.ground, line));
    (!guards.watched(line)).then_some(reason)
}

fn strangers(line: LineId, guards: &Guards<'_, '_>) -> Judged {
    let ground = guards.ground;
    let of = |code| Reason::new(code).with("line", name(ground, line));
    ground
        .access
        .unpermitted_at(line, ground.now)
        .map_or(Judged::Pass, |at| {
            Judged::Fail(of("reach.joined-without-permit").with("at", at), None)
        })
}

/// Each device: whenever it came back, its inspection had passed, and what a permit makes due is done.
pub(super) fn safe(guards: &Guards<'_, '_>) -> Part {
    let overdue = overdue(guards);
    over_devices(guards, |device, joined| {
        let from = period(guards.ground);
        if overdue.contains(&device) {
            return Judged::Fail(Reason::new("reach.safeguards-overdue"), None);
        }
        let uninspected = joined.uninspected.filter(|at| from <= *at);
        uninspected.map_or(Judged::Pass, |at| {
            Judged::Fail(Reason::new("reach.joined-uninspected").with("at", at), None)
        })
    })
}

/// Each device: whenever it came back, the permission to join again was held.
pub(super) fn permitted(guards: &Guards<'_, '_>) -> Part {
    over_devices(guards, |_, joined| {
        let from = period(guards.ground);
        if let Some((at, person)) = joined.without.filter(|(at, _)| from <= *at) {
            return Judged::Fail(
                Reason::new("reach.back-without-permit").with("at", at),
                person,
            );
        }
        let unsure = joined.unsure.filter(|at| from <= *at);
        unsure.map_or(Judged::Pass, |at| {
            Judged::Unknown(Reason::new("reach.back-unsure").with("at", at))
        })
    })
}

/// Judges every device in use; those that do not fail are known only where every internal line is
/// watched.
fn over_devices(guards: &Guards<'_, '_>, judge: impl Fn(DeviceId, &Joined) -> Judged) -> Part {
    let mut tally = Tally::default();
    let bar = guards.not_whole().or_else(|| unseen(guards, &mut tally));
    let ground = guards.ground;
    let active = ground.world.devices.iter();
    for device in active.filter(|it| it.state == DeviceState::Active) {
        let judged = judge(device.id, &ground.access.joined(device.id));
        let judged = if bar.is_some() {
            judged.or(Judged::Barred)
        } else {
            judged
        };
        tally.add(Thing::Device(device.id), judged);
    }
    tally.bar(bar);
    tally.part(Reason::new("row.no-subjects"))
}

/// Why not all that joins is seen; each line at which nothing looks is named.
fn unseen(guards: &Guards<'_, '_>, tally: &mut Tally) -> Option<Reason> {
    let mut any = false;
    let mut names = Vec::new();
    for id in internal(guards) {
        any = true;
        if let Some(reason) = unwatched(id, guards) {
            names.push(name(guards.ground, id));
            tally.name(Thing::Entry(id.into()), reason);
        }
    }
    if !any {
        return Some(none_of::<NetworkLine>(
            guards.ground,
            "access.none-internal",
        ));
    }
    let first = names.first()?.clone();
    let reason = Reason::new("access.lines-unwatched").with("n", names.len());
    Some(reason.with("first", first))
}

/// The devices of permits to join again whose safeguards are overdue.
fn overdue(guards: &Guards<'_, '_>) -> BTreeSet<DeviceId> {
    let permits = &guards.ground.world.permits;
    let all = permits.overdue(guards.ground.now);
    let again = all.filter(|permit| permit.kind() == PermitKind::Reconnection);
    again.flat_map(|it| it.particulars.devices()).collect()
}
