//! Rows that permits answer by themselves, or can at least show to fail.
//!
//! A permit shows what was asked for and given; it does not show what is done without one. Where a
//! row asks for that too, permits can prove a failure and never a pass.

use sekisho_domain::code::Reason;
use sekisho_domain::device::{Device, DeviceClass, DeviceState};
use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{Life, Obligation, Particulars, Permit, PermitKind};
use sekisho_domain::time::Span;
use sekisho_domain::verdict::{Counts, Evidence, Finding, Verdict};

use super::Ground;
use super::part::Part;
use super::period::start;
use crate::catalogue::Row;

/// Take-out was administered smoothly: nothing waits too long.
const FLOW: &str = "CK-TAKEOUT-FLOW";
/// …and properly. What is outside without a permit nothing sees yet.
const TAKE_OUT: &str = "CK-TAKEOUT-VALID";
/// What is done with devices not issued is known: grade, restrictions, tasks.
const BYOD_STATUS: &str = "CK-BYOD-STATUS";
/// Information is erased once the use of a device not issued is over.
const ERASED: &str = "CK-ERASE-END";
/// Media come back. What leaves without a permit nothing sees yet.
const MEDIA: &str = "CK-MEDIA";
/// Exception procedures were followed where needed. Use beyond a permit nothing sees yet.
const BYOD_EXCEPTIONS: &str = "CK-BYOD-EXC";

/// How long an application may wait. Our own choice.
const WAIT: Span = Span::days(5);

/// Whether permits say anything of a check.
pub(super) fn answers(check: &str) -> bool {
    answers_whole(check) || matches!(check, TAKE_OUT | MEDIA | BYOD_EXCEPTIONS)
}

/// Whether permits answer a check by themselves.
pub(super) fn answers_whole(check: &str) -> bool {
    matches!(check, FLOW | BYOD_STATUS | ERASED)
}

/// What permits say; none where they say nothing of the check.
pub(super) fn judge(row: &Row, check: &str, ground: &Ground<'_>) -> Option<Part> {
    let part = match check {
        FLOW => flow(row, ground),
        TAKE_OUT => overdue(row, ground, PermitKind::TakeOut),
        MEDIA => overdue(row, ground, PermitKind::Media),
        BYOD_EXCEPTIONS => byod_exceptions(ground),
        BYOD_STATUS => byod(row, ground),
        ERASED => erased(ground),
        _ => return None,
    };
    Some(part)
}

/// A part over counted permits, with the register of permits as evidence.
fn counted(counts: Counts, reason: Reason, ground: &Ground<'_>) -> Part {
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    part.evidence.push(evidence(ground));
    part
}

fn evidence(ground: &Ground<'_>) -> Evidence {
    Evidence {
        source: "register:permits".to_owned(),
        at: ground.world.recorded_at,
        digest: None,
    }
}

fn none(kind: PermitKind) -> Part {
    let reason = Reason::new("permit.none").with("kind", kind.code());
    Part::of(Verdict::Unknown, reason)
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// Looked through are the applications of the period; what waits too long is found.
fn flow(row: &Row, ground: &Ground<'_>) -> Part {
    let from = start(row, ground).from(ground.now);
    let all = ground.world.permits.of_kind(PermitKind::TakeOut);
    let within = |permit: &&Permit| permit.applied_at >= from || permit.life == Life::Applied;
    let (mut found, mut all_of_them) = (Counts::default(), 0);
    for permit in all.filter(within) {
        all_of_them += 1;
        let waits = permit.life == Life::Applied && permit.applied_at.after(WAIT) <= ground.now;
        if waits {
            found.fail += 1;
        } else {
            found.pass += 1;
        }
    }
    if all_of_them == 0 {
        return none(PermitKind::TakeOut);
    }
    let reason = Reason::new("permit.takeout-looked-through").with("n", all_of_them);
    let wait = Reason::new("permit.applications-wait")
        .with("n", found.fail)
        .with("all", all_of_them)
        .with("days", WAIT.whole_days());
    let looked = Counts {
        pass: all_of_them,
        ..Counts::default()
    };
    let mut part = counted(looked, reason, ground);
    part.finding = Some(Finding {
        counts: found,
        reason: (found.fail > 0).then_some(wait),
        period: None,
    });
    part
}

/// What is overdue fails; that nothing is taken out without a permit nothing can see yet.
fn overdue(row: &Row, ground: &Ground<'_>, kind: PermitKind) -> Part {
    let overdue = ground.world.permits.overdue(ground.now);
    let overdue = number(overdue.filter(|permit| permit.kind() == kind).count());
    let unseen = Reason::new("permit.sightings-missing").with("kind", kind.code());
    if overdue == 0 {
        return Part::of(Verdict::Unknown, unseen);
    }
    let reason = Reason::new("permit.return-overdue")
        .with("n", overdue)
        .with("kind", kind.code());
    let counts = Counts {
        fail: overdue,
        ..Counts::default()
    };
    if !row.confirm {
        return counted(counts, reason, ground);
    }
    found(unseen, counts, reason, ground)
}

/// Not confirmed as a whole, and what was found stands all the same.
fn found(unseen: Reason, counts: Counts, found: Reason, ground: &Ground<'_>) -> Part {
    let mut part = Part::of(Verdict::Unknown, unseen);
    part.evidence.push(evidence(ground));
    part.finding = Some(Finding {
        counts,
        reason: (counts.fail > 0).then_some(found),
        period: None,
    });
    part
}

/// Devices not issued that report although neither a permit nor an exception is in force for them.
/// Whether use keeps within a permit nothing can see yet.
fn byod_exceptions(ground: &Ground<'_>) -> Part {
    let own =
        |device: &&Device| device.class == DeviceClass::Byod && device.state == DeviceState::Active;
    let mut counts = Counts::default();
    for device in ground.world.devices.iter().filter(own) {
        let mut permits = ground.world.in_force_on(device.id, ground.now);
        let covered =
            permits.any(|permit| matches!(permit.kind(), PermitKind::Byod | PermitKind::Exception));
        if covered {
            counts.unknown += 1;
        } else {
            counts.fail += 1;
        }
    }
    let all = counts.total();
    if all == 0 {
        return Part::of(Verdict::Unknown, Reason::new("row.no-subjects"));
    }
    let without = Reason::new("permit.byod-without")
        .with("n", counts.fail)
        .with("all", all);
    let unseen = if counts.unknown > 0 {
        Reason::new("permit.byod-use-unseen").with("n", counts.unknown)
    } else {
        without.clone()
    };
    found(unseen, counts, without, ground)
}

/// Each device not issued and in use: a permit in force says what is done with it.
fn byod(row: &Row, ground: &Ground<'_>) -> Part {
    let asks_tasks = row.carried_by.iter().any(|carrier| carrier == "TASK");
    let devices = ground.world.devices.iter();
    let own = devices
        .filter(|device| device.class == DeviceClass::Byod && device.state != DeviceState::Retired);
    let mut counts = Counts::default();
    for device in own {
        let mut permits = ground.world.in_force_on(device.id, ground.now);
        let known = permits.any(|permit| match permit.particulars.as_ref() {
            Particulars::Byod(use_of_it) => !asks_tasks || !use_of_it.tasks.is_empty(),
            _ => false,
        });
        if known {
            counts.pass += 1;
        } else {
            counts.unknown += 1;
        }
    }
    let all = counts.total();
    if all == 0 {
        return Part::of(Verdict::Unknown, Reason::new("row.no-subjects"));
    }
    let reason = if counts.unknown > 0 {
        Reason::new("permit.byod-unknown")
            .with("n", counts.unknown)
            .with("all", all)
    } else {
        Reason::new("permit.byod-known").with("n", all)
    };
    counted(counts, reason, ground)
}

/// Ended uses of devices not issued for C2 or C3; what is not due yet is not counted.
fn erased(ground: &Ground<'_>) -> Part {
    let now = ground.now;
    let mut counts = Counts::default();
    for permit in ground.world.permits.of_kind(PermitKind::Byod) {
        let secret = permit.grade.is_some_and(Grade::is_confidential);
        let Some(grant) = permit
            .grant()
            .filter(|grant| secret && grant.end(now).is_some())
        else {
            continue;
        };
        if permit.is_overdue(now) {
            counts.fail += 1;
        } else if !grant.owed.contains(Obligation::InformationErased) {
            counts.pass += 1;
        }
    }
    let all = counts.total();
    if all == 0 {
        return none(PermitKind::Byod);
    }
    let reason = if counts.fail > 0 {
        Reason::new("permit.erasure-overdue")
            .with("n", counts.fail)
            .with("all", all)
    } else {
        Reason::new("permit.erased").with("n", all)
    };
    counted(counts, reason, ground)
}
