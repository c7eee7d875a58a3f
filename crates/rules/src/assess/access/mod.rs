//! Rows that rest on what enforcement points saw: permits behind access (8.1.1(3)(h)), what joins internal
//! lines and comes back to them ((c), (i), (j)), the path of remote access and where it ends (7.3.1(4)),
//! the internal lines and the systems on them (notices, 3 (3)).
//!
//! Two things are needed for any of them to pass: that nothing wrong was seen, and that whatever could
//! have been wrong would have been seen ([`guards`]). The first without the second is unknown.

mod guards;
mod handled;
mod joining;
mod lines;
mod paths;
mod systems;
mod tally;

use sekisho_domain::code::Reason;
use sekisho_domain::field::Value;
use sekisho_domain::id::SystemId;
use sekisho_domain::posture::Posture;
use sekisho_domain::register::{EntryId, Particulars, Registered};
use sekisho_domain::time::Timestamp;
use sekisho_domain::verdict::Evidence;
use sekisho_domain::world::World;

use super::Ground;
use super::part::Part;
use crate::access::{AccessEvidence, LOOKED_BACK};
use crate::catalogue::Row;
use guards::Guards;

/// C3, I2 or A2 on issued devices off-site: permission is held.
const HANDLED_ISSUED: &str = "CK-PERM-H-A";
/// Protected information on devices not issued: permission is held.
const HANDLED_BYOD: &str = "CK-PERM-H-I";
/// The path of remote access is protected.
const PATH: &str = "CK-PATH";
/// The systems it leads to are protected.
const DESTINATION: &str = "CK-DEST";
/// The internal lines reached from outside are secured.
const LINES: &str = "CK-LINE-SEC";
/// The systems on those lines are secured.
const SYSTEMS: &str = "CK-SYS-SEC";
/// Nothing joins an internal line without permission.
const JOINED: &str = "CK-SYS-OK";
/// Devices that come back are safe.
const SAFE: &str = "CK-RECONNECT-SAFE";
/// Devices that come back are permitted.
const AGAIN: &str = "CK-RECONNECT-PERM";

/// What access is judged from.
#[derive(Clone, Copy)]
pub(super) struct Sight<'a> {
    world: &'a World,
    posture: &'a Posture,
    access: &'a AccessEvidence,
    now: Timestamp,
}

impl<'a> Sight<'a> {
    pub(super) const fn of(ground: &Ground<'a>) -> Self {
        Self {
            world: ground.world,
            posture: ground.posture,
            access: ground.access,
            now: ground.now,
        }
    }
}

/// Why not all use from outside is seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unseen {
    /// The system that may be reached from outside and before which nothing asks; none where it is not for one
    /// system.
    pub system: Option<SystemId>,
    /// Why.
    pub why: Reason,
}

/// Whether access answers a check.
pub(super) fn answers(check: &str) -> bool {
    matches!(
        check,
        HANDLED_ISSUED
            | HANDLED_BYOD
            | PATH
            | DESTINATION
            | LINES
            | SYSTEMS
            | JOINED
            | SAFE
            | AGAIN
    )
}

/// What access says; none where it does not answer the check.
pub(super) fn judge(row: &Row, check: &str, ground: &Ground<'_>) -> Option<Part> {
    let sight = Sight::of(ground);
    let guards = Guards::new(&sight);
    let mut part = match check {
        HANDLED_ISSUED | HANDLED_BYOD => handled::judge(row, &guards),
        PATH => paths::judge(&guards),
        DESTINATION => systems::destinations(&guards),
        LINES => lines::judge(&guards),
        SYSTEMS => systems::on_lines(&guards),
        JOINED => joining::lines(&guards),
        SAFE => joining::safe(&guards),
        AGAIN => joining::permitted(&guards),
        _ => return None,
    };
    part.evidence = evidence(check, ground);
    Some(part)
}

/// Whether refusals of the decision point reach whoever uses a system from outside: all of that use is seen
/// ([`unseen_use`]). What is said only in its answers is kept by nobody who does not ask it.
pub(super) fn asks(ground: &Ground<'_>) -> Result<(), Reason> {
    let first = unseen(ground).into_iter().next();
    first.map_or(Ok(()), |it| Err(it.why))
}

/// The same as [`unseen_use`], of what rows are judged from.
pub(super) fn unseen(ground: &Ground<'_>) -> Vec<Unseen> {
    look(&Sight::of(ground))
}

/// Why not all use of systems from outside is seen; empty where it is: what was seen is all there was, every system
/// in use that may be reached from outside is guarded, and something guards at least one. Each system that is not is
/// told.
#[must_use]
pub fn unseen_use(
    world: &World,
    posture: &Posture,
    access: &AccessEvidence,
    now: Timestamp,
) -> Vec<Unseen> {
    look(&Sight {
        world,
        posture,
        access,
        now,
    })
}

fn look(sight: &Sight<'_>) -> Vec<Unseen> {
    let guards = Guards::new(sight);
    let at_all = |why| vec![Unseen { system: None, why }];
    if let Some(reason) = guards.not_whole() {
        return at_all(reason);
    }
    let remote = guards.remote();
    let open = remote.filter(|(id, it)| guards.of(*id, it).is_none());
    let open = open.map(|(id, it)| Unseen {
        system: Some(id),
        why: guards.unguarded(id, it),
    });
    let open: Vec<Unseen> = open.collect();
    let mut systems = guards.systems.iter();
    let mut gateways = guards.gateways.iter();
    if !open.is_empty()
        || systems.any(|(id, it)| guards.of(*id, it).is_some())
        || gateways.any(|(id, _)| guards.at_work(*id).is_ok())
    {
        return open;
    }
    at_all(Reason::new("risk.nothing-asks"))
}

/// The answers and reports that were looked through, from the day of the first instant that counts.
fn evidence(check: &str, ground: &Ground<'_>) -> Vec<Evidence> {
    let Some(read_from) = ground.access.whole_from() else {
        return Vec::new();
    };
    // By its day: which second it was says nothing, and would make every assessment another one.
    let at = read_from.max(ground.now.before(LOOKED_BACK)).day_begun();
    let of = |source: &str| Evidence {
        source: source.to_owned(),
        at,
        digest: None,
    };
    let admissions = matches!(check, JOINED | SAFE | AGAIN);
    if admissions {
        return vec![of("access:admissions")];
    }
    vec![of("access:decisions"), of("access:gateways")]
}

/// The first instant that counts.
fn period(ground: &Sight<'_>) -> Timestamp {
    ground.now.before(LOOKED_BACK)
}

/// The name of an entry; its id where it has none.
pub(super) fn name(ground: &Sight<'_>, id: impl Into<EntryId>) -> String {
    let id = id.into();
    let title = ground.world.registers.entry(id).map(|entry| {
        let field = Particulars::title_field(entry.register());
        entry.particulars.value(field)
    });
    match title {
        Some(Value::Text(name)) => name,
        _ => id.to_string(),
    }
}

/// Why nothing can be said where a register holds nothing that the row speaks of.
fn none_of<N: Registered + 'static>(ground: &Sight<'_>, otherwise: &'static str) -> Reason {
    if ground.world.registers.nouns::<N>().next().is_some() {
        return Reason::new(otherwise);
    }
    Reason::new("register.nothing-entered").with("register", N::REGISTER.code())
}
