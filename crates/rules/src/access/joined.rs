//! Devices that were let onto internal lines (8.1.1(3)(c), (i), (j)).

use sekisho_domain::device::{DeviceClass, DeviceState};
use sekisho_domain::id::{DeviceId, LineId, PersonId};
use sekisho_domain::permit::{PermitKind, Place};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::cover::{self, Cover};
use super::uses::{Door, Use};
use crate::decide::{Act, Origin, Outing, Question};

/// That a device was let onto an internal line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Which device; none where it could not be told.
    pub device: Option<DeviceId>,
    /// In whose name it joined, where that is known.
    pub person: Option<PersonId>,
    /// Which line.
    pub line: LineId,
    /// When.
    pub at: Timestamp,
    /// Whether whoever let it on took it for one that had been outside.
    pub returned: bool,
    /// Whether its inspection had passed.
    pub inspected: bool,
}

/// What came of the admissions of one device: the newest instant of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Joined {
    /// When it was last let on.
    pub last: Option<Timestamp>,
    /// When it came back from outside without the permission to join again (j), and whose it was.
    pub without: Option<(Timestamp, Option<PersonId>)>,
    /// When it came back without having passed the inspection (i).
    pub uninspected: Option<Timestamp>,
    /// When it came back and nobody can tell any more what it rested on.
    pub unsure: Option<Timestamp>,
}

impl Joined {
    pub(super) fn note(&mut self, world: &World, device: DeviceId, it: &Admission, was_out: bool) {
        if it.returned || was_out {
            match again(world, device, it) {
                Cover::Held | Cover::Excepted => {}
                Cover::Unsure => self.unsure = self.unsure.max(Some(it.at)),
                Cover::Without => self.without = self.without.max(Some((it.at, it.person))),
            }
            if !it.inspected {
                self.uninspected = self.uninspected.max(Some(it.at));
            }
        }
        self.last = self.last.max(Some(it.at));
    }

    /// Whether anything of it is from an instant on.
    pub(super) fn counts(&self, from: Timestamp) -> bool {
        self.last.is_some_and(|at| from <= at)
    }
}

/// Whether a device belongs onto internal lines: an issued one in use does; a person's own needs
/// permission (PX).
pub(super) fn may_join(world: &World, device: DeviceId, it: &Admission) -> bool {
    let Some(known) = world.device(device) else {
        return false;
    };
    match known.class {
        DeviceClass::Issued => known.state != DeviceState::Retired,
        DeviceClass::Byod => {
            let person = it.person.or(known.user);
            let used = person.map(|person| joining(person, device, it));
            used.is_some_and(|used| {
                cover::of_kind(world, &used, PermitKind::Connection) != Cover::Without
            })
        }
    }
}

/// What permission to join again stood.
fn again(world: &World, device: DeviceId, it: &Admission) -> Cover {
    let person = it.person.or_else(|| world.device(device)?.user);
    person.map_or(Cover::Without, |person| {
        cover::of_kind(
            world,
            &joining(person, device, it),
            PermitKind::Reconnection,
        )
    })
}

fn joining(person: PersonId, device: DeviceId, it: &Admission) -> Use {
    let outing = Outing::Back {
        last_inside: None,
        since: it.at,
    };
    Use {
        question: Question {
            person: Some(person),
            device: Some(device),
            act: Act::Join {
                line: it.line,
                outing,
            },
            origin: Origin {
                place: Place::ControlledArea,
                line: Some(it.line),
            },
            task: None,
            grade: None,
        },
        within: (it.at, it.at),
        door: Door::Line(it.line),
    }
}
