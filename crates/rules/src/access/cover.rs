//! Whether a permit stood behind a use when it happened.

use sekisho_domain::device::DeviceClass;
use sekisho_domain::grade::{Availability, Confidentiality, Grade, Integrity};
use sekisho_domain::permit::{EndKind, Need, Particulars, Permit, PermitKind, Setting, Stage};
use sekisho_domain::register::System;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::uses::Use;
use crate::decide::{grade_of, speaks_of};

const LOWEST: Grade = Grade {
    confidentiality: Confidentiality::C1,
    integrity: Integrity::I1,
    availability: Availability::A1,
};

/// What stood behind a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cover {
    /// A permit.
    Held,
    /// An exception to the clause (例外措置).
    Excepted,
    /// Nobody can tell any more: the permit is held, or what the register says of the system was
    /// changed since.
    Unsure,
    /// Nothing.
    Without,
}

/// Whether the permit stood that (h) asks for such a use; none where (h) asks for none.
pub(super) fn by_clause(world: &World, used: &Use) -> Option<Cover> {
    let device = world.device(used.question.device?)?;
    let kind = match device.class {
        DeviceClass::Issued => PermitKind::OffSite,
        DeviceClass::Byod => PermitKind::Byod,
    };
    let grade = grade_of(world, &used.question);
    let setting = Setting {
        grade,
        place: used.question.origin.place,
        device: Some(device.class),
    };
    match kind.need(setting).0 {
        Need::None => None,
        // What (h) asks for can always be permitted.
        Need::Permit | Need::Forbidden => Some(cover(world, used, kind, grade)),
    }
}

/// Whether traffic passed for which no permit for remote access stood.
pub(super) fn is_stray(world: &World, used: &Use) -> bool {
    // Which grade passed a tunnel nobody sees; the permits of (h) are held against that of the system.
    of_kind(world, used, PermitKind::RemoteAccess) == Cover::Without
}

/// What permission of a kind that states no grade stood.
pub(super) fn of_kind(world: &World, used: &Use, kind: PermitKind) -> Cover {
    cover(world, used, kind, LOWEST)
}

fn cover(world: &World, used: &Use, kind: PermitKind, grade: Grade) -> Cover {
    let mut best = Cover::Without;
    let permits = &world.permits;
    let person = used.question.person;
    let of_device = used.question.device.into_iter();
    let of_device = of_device.flat_map(|device| permits.of_device(device));
    let exceptions = of_device.filter(|permit| permit.kind() == PermitKind::Exception);
    let asks = person.into_iter();
    let naming = asks.flat_map(|person| permits.naming(person));
    let exceptions = exceptions.chain(naming).chain(permits.open_exceptions());
    let of_others = exceptions.filter(|permit| Some(permit.applicant) != person);
    let own = person.into_iter();
    let own = own.flat_map(|person| permits.of_person(person));
    for permit in own.chain(of_others) {
        let found = match permit.particulars.as_ref() {
            _ if permit.kind() == kind => Cover::Held,
            Particulars::Exception(it) if it.requirement.as_str() == kind.clause().code() => {
                Cover::Excepted
            }
            _ => continue,
        };
        let (since, until) = used.within;
        let speaks = |at| speaks_of(world, permit, &used.question, grade, at);
        // Hours may begin or end within the stretch.
        if !speaks(since) && !speaks(until) {
            continue;
        }
        best = match (stood(permit, used.within), best) {
            (Some(true), _) if found == Cover::Held => return Cover::Held,
            (Some(true), _) => Cover::Excepted,
            (None, Cover::Without) => Cover::Unsure,
            (_, best) => best,
        };
    }
    if best == Cover::Without && was_otherwise(world, used) {
        return Cover::Unsure;
    }
    best
}

/// Whether a permit stood at any instant of a stretch; none where that can no longer be told.
fn stood(permit: &Permit, (since, at): (Timestamp, Timestamp)) -> Option<bool> {
    let Some(grant) = permit.grant() else {
        return Some(false);
    };
    let within = grant.term.from <= at && since < grant.term.until;
    match grant.stage {
        Stage::Ended(end) | Stage::Closed(end) => {
            Some(end.how != EndKind::Withdrawn && within && since < end.at)
        }
        Stage::Live {
            taken_up: false, ..
        } => Some(false),
        // Since when it is held is not kept beside it.
        Stage::Live { held: Some(_), .. } => (!within).then_some(false),
        Stage::Live { .. } => Some(within),
    }
}

/// Whether the register's entry of the system was written after the use: its grade may have been
/// another one then.
fn was_otherwise(world: &World, used: &Use) -> bool {
    let system = used.system();
    let known = system.and_then(|system| world.registers.get::<System>(system));
    known.is_some_and(|(entry, _)| used.within.1 < entry.changed_at)
}
