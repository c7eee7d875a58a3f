//! What stands beside the permits of an organisation: those of years that lie behind it, which have ended; more in force
//! of everybody, for something else; exceptions for everybody.

use std::collections::BTreeMap;

use sekisho_domain::actor::Actor;
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::id::{PermitId, SystemId, UnitId};
use sekisho_domain::name::Line;
use sekisho_domain::permit::event::{Applied, Approved, Ended, Request};
use sekisho_domain::permit::particulars::Exception;
use sekisho_domain::permit::{
    Capacity, Deadlines, Decision, EndKind, Particulars, Permit, PermitKind, Place, Term,
};
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{NoDocuments, World};
use sekisho_sim::random::SplitMix64;

use super::SEED;

/// What stands beside the permits.
#[derive(Clone, Copy)]
pub(super) enum Beside {
    /// Nothing.
    Nothing,
    /// So many times each permit that is there, of earlier years: they were given back.
    Ended(u32),
    /// So many times each permit that is in force: other ones of the same kind and person that are in force too.
    InForce(u32),
    /// So many exceptions for everybody that are in force.
    Excepted(u32),
}

impl Beside {
    /// As it stands in the name of a figure.
    pub(super) fn text(self) -> String {
        match self {
            Self::Nothing => String::new(),
            Self::Ended(times) => format!(" and {times} times as many ended"),
            Self::InForce(times) => {
                format!(" and {times} times as many in force for other systems, tasks and devices")
            }
            Self::Excepted(count) => format!(" and {count} exceptions for everybody in force"),
        }
    }

    /// Puts it into a World.
    pub(super) fn add(self, world: &mut World, now: Timestamp) {
        match self {
            Self::Nothing => {}
            Self::Ended(times) => ended(world, times, now),
            Self::InForce(times) => in_force(world, times, now),
            Self::Excepted(count) => excepted(world, count, now),
        }
    }
}

/// The same permits in earlier years.
fn ended(world: &mut World, times: u32, now: Timestamp) {
    let known: Vec<Permit> = world.permits.iter().cloned().collect();
    let mut random = SplitMix64::fork(SEED, "past", 0);
    for year in 1..=times {
        let at = now.before(Span::days(365 * year));
        let given = at.after(Span::days(1));
        let over = at.after(Span::days(30));
        let term = Term {
            from: given,
            until: over.after(Span::days(1)),
        };
        for permit in &known {
            let id = PermitId::new(random.fresh());
            let particulars = (*permit.particulars).clone();
            give(world, (permit, id), particulars, (at, term));
            let ended = Ended {
                permit: id,
                how: EndKind::Returned,
                at: over,
                deadlines: Deadlines::default(),
                decision: None,
                remark: None,
            };
            let step = Box::new(ended);
            apply(world, over, Event::PermitEnded { step });
        }
    }
}

/// More in force of everybody who has some: each as somebody else's of the same kind is, so that it is for another
/// system, task or device. Where they can, they are for the person's own device all the same.
fn in_force(world: &mut World, times: u32, now: Timestamp) {
    let (at, term) = in_force_now(now);
    let active = world.permits.iter().filter(|it| it.is_in_force(now));
    let mut by_kind: BTreeMap<PermitKind, Vec<Permit>> = BTreeMap::new();
    for permit in active {
        by_kind
            .entry(permit.kind())
            .or_default()
            .push(permit.clone());
    }
    let mut random = SplitMix64::fork(SEED, "in-force", 0);
    for permits in by_kind.values() {
        for permit in permits {
            for _ in 0..times {
                let other = random.pick(permits).expect("there is one");
                let mut particulars = (*other.particulars).clone();
                with_device_of(permit, &mut particulars);
                let id = PermitId::new(random.fresh());
                give(world, (permit, id), particulars, (at, term));
            }
        }
    }
}

/// Puts the device of a permit into what is for another system or task. Otherwise it stays for another device.
fn with_device_of(permit: &Permit, particulars: &mut Particulars) {
    match (permit.particulars.as_ref(), particulars) {
        (Particulars::RemoteAccess(own), Particulars::RemoteAccess(it)) => it.device = own.device,
        (Particulars::Telework(own), Particulars::Telework(it)) => it.device = own.device,
        _ => {}
    }
}

/// Exceptions for everybody: most for one unit, some of them in one system; one in a hundred for all of it. They
/// depart from a row on which no rule of the decision point rests, so that answers stay as they are.
fn excepted(world: &mut World, count: u32, now: Timestamp) {
    let (at, term) = in_force_now(now);
    let mut units: Vec<UnitId> = world.units.keys().copied().collect();
    units.sort_unstable();
    let systems = world.registers.active(Register::System);
    let systems = systems.filter_map(|entry| match entry.id {
        EntryId::System(id) => Some(id),
        _ => None,
    });
    let systems: Vec<SystemId> = systems.collect();
    let model = world.permits.iter().next().expect("there is one").clone();
    let grade = "C3I2A2".parse().expect("a grade");
    let model = Permit {
        grade: Some(grade),
        ..model
    };
    let row = Line::parse("US-8.1.1-3-e").expect("a line");
    let mut random = SplitMix64::fork(SEED, "excepted", 0);
    for number in 0..count {
        let place = Place::ALL[number as usize % Place::ALL.len()];
        let (unit, system) = match number % 100 {
            0 => (None, None),
            1..50 => (random.pick(&units), None),
            _ => (random.pick(&units), random.pick(&systems)),
        };
        let exception = Exception {
            unit: unit.copied(),
            system: system.copied(),
            ..Exception::bare(row.clone(), grade, place, term.until.jst_date())
        };
        let id = PermitId::new(random.fresh());
        let particulars = Particulars::Exception(exception);
        give(world, (&model, id), particulars, (at, term));
    }
}

/// When it is applied for, and its term.
fn in_force_now(now: Timestamp) -> (Timestamp, Term) {
    let term = Term {
        from: now.before(Span::days(2)),
        until: now.after(Span::days(60)),
    };
    (now.before(Span::days(3)), term)
}

/// A permit as another one is, from the application to its taking up.
fn give(
    world: &mut World,
    (known, permit): (&Permit, PermitId),
    particulars: Particulars,
    (at, term): (Timestamp, Term),
) {
    let number = world.permits.next_number(particulars.kind(), term.from);
    let for_everybody = matches!(&particulars, Particulars::Exception(it) if it.is_open());
    let applied = Applied {
        permit,
        applicant: known.applicant,
        request: Request {
            particulars,
            grade: known.grade,
            wanted: term,
            unit: known.unit,
            route: known.route,
            purpose: Sealed {
                person: known.applicant,
                key: String::new(),
                nonce: String::new(),
                ciphertext: String::new(),
            },
        },
    };
    let approved = Approved {
        permit,
        number,
        decision: Decision {
            by: known.applicant,
            capacity: Capacity::Holder,
            route: known.route,
        },
        term,
        deadlines: Deadlines::default(),
        conditions: None,
        remark: None,
        for_everybody,
    };
    let applied = Box::new(applied);
    let step = Box::new(approved);
    apply(world, at, Event::PermitApplied { applied });
    apply(world, term.from, Event::PermitApproved { step });
    apply(world, term.from, Event::PermitActivated { permit });
}

fn apply(world: &mut World, recorded_at: Timestamp, event: Event) {
    let stored = StoredEvent {
        actor: Actor::System,
        recorded_at,
        effective_from: None,
        event,
    };
    world.apply(&stored, &NoDocuments).expect("the events fit");
}
