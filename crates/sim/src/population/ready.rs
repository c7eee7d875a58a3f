//! People of a population who are ready to work from elsewhere: each with every permit that reaching the
//! system of the section takes, and with a device that is in order or fails one check.

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::DeviceClass;
use sekisho_domain::id::PermitId;
use sekisho_domain::permit::{Particulars, PermitKind, Term};
use sekisho_domain::time::{Span, Timestamp};

use super::mix::State;
use super::office::{OFFICERS, Office, PER_SECTION, id};
use super::permits::Plan;
use crate::demo::asked::particulars;
use crate::random::SplitMix64;

/// The permits of one person.
pub(super) const EACH: u32 = 5;
/// One device in so many fails a check.
const FAILING: u32 = 8;

/// What reaching a system with an issued device takes.
const ISSUED: [PermitKind; EACH as usize] = [
    PermitKind::Telework,
    PermitKind::TakeOut,
    PermitKind::OffSite,
    PermitKind::RemoteAccess,
    PermitKind::Line,
];
/// What it takes with one's own, and what people have besides.
const OWN: [PermitKind; EACH as usize] = [
    PermitKind::Telework,
    PermitKind::Byod,
    PermitKind::RemoteAccess,
    PermitKind::Connection,
    PermitKind::Reconnection,
];

/// The number of the person who is ready as the `nth`: of every section those without posts, in turn.
pub(super) const fn person(nth: u32) -> u32 {
    let each = PER_SECTION - OFFICERS;
    nth / each * PER_SECTION + OFFICERS + nth % each
}

/// Whether the person of a number is among the first `ready`.
pub(super) const fn is_ready(ready: u32, number: u32) -> bool {
    let each = PER_SECTION - OFFICERS;
    let place = number % PER_SECTION;
    place >= OFFICERS && number / PER_SECTION * each + place - OFFICERS < ready
}

/// What the `nth` of the permits of those who are ready is to be.
pub(super) fn plan(office: Office, now: Timestamp, nth: u32) -> Plan {
    let applicant = person(nth / EACH);
    let section = applicant / PER_SECTION;
    let device = applicant % office.size.devices.max(1);
    let kinds = match Office::class(device) {
        DeviceClass::Issued => ISSUED,
        DeviceClass::Byod => OWN,
    };
    let mut random = SplitMix64::fork(office.seed, "ready", u64::from(nth));
    let things = office.things(&mut random, section);
    let applied = now.before(Span::hours(5 * 24 + random.below(160 * 24)));
    let until = now.after(Span::hours(24 + random.below(180 * 24)));
    // The first of the places, home, and of the gradings.
    let mut particulars = particulars(
        kinds[(nth % EACH) as usize],
        office.device(device),
        &things,
        applied,
        0,
    )
    .expect("every register of a population has entries");
    if let Particulars::RemoteAccess(it) = &mut particulars {
        // At every hour: what is measured must not depend on when.
        (it.from_hour, it.until_hour) = (None, None);
    }
    Plan {
        id: PermitId::new(id(office.seed, "ready", nth)),
        number: nth,
        applicant,
        section,
        grade: Some("C2I2A2".parse().expect("a grade")),
        particulars,
        state: State::Active,
        applied,
        term: Term {
            from: applied.after(Span::days(3)),
            until,
        },
        ended: until,
    }
}

/// The check that a device fails of those who are ready, where it is one of those.
pub(super) fn failing(random: &mut SplitMix64) -> Option<DeviceCheck> {
    let which = random.below(u32::try_from(DeviceCheck::ALL.len()).unwrap_or(1));
    (random.below(FAILING) == 0).then(|| DeviceCheck::ALL[which as usize])
}

/// The outcome of a check of a device of theirs.
pub(super) fn outcome(failing: Option<DeviceCheck>, check: DeviceCheck) -> Outcome {
    if failing == Some(check) {
        Outcome::Fail
    } else {
        Outcome::Pass
    }
}
