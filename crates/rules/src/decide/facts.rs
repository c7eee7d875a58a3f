//! What is true about one question: the facts that policies combine. Computed here, by the grade
//! lattice, the register, the permits and the posture; nothing here decides.

use sekisho_domain::device::{Device, DeviceClass, DeviceState, StateSource};
use sekisho_domain::grade::{Availability, Confidentiality, Grade, Integrity};
use sekisho_domain::id::{PersonId, SystemId};
use sekisho_domain::permit::PermitKind;
use sekisho_domain::plan::PlanLine;
use sekisho_domain::posture::Posture;
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{NetworkLine, System, Task};
use sekisho_domain::restriction::Restriction;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::checks::{CheckSets, Put};
use super::held::HeldPermits;
use super::lack::CheckSet;
use super::question::{Act, Outing, Question};
use super::supposed::Supposed;

/// What decisions rest on besides the question.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    /// What the ledger says.
    pub world: &'a World,
    /// What is known of devices.
    pub posture: &'a Posture,
    /// The trusted time.
    pub now: Timestamp,
    /// Whether that time is sure: no step of the clock waits for an operator's word.
    pub clock_sure: bool,
    /// What is supposed of one permit, by whoever looks at what would be; none where it is decided.
    pub supposed: Option<Supposed<'a>>,
}

/// The facts about one question.
#[derive(Clone, Debug)]
#[allow(clippy::struct_excessive_bools)] // They are facts, one by one, and no states of anything.
pub struct Facts {
    /// Whether the time is sure.
    pub clock_sure: bool,
    /// Whether the person is a member with an open account. Nobody has to be where a shared device joins a
    /// line by itself.
    pub person_active: bool,
    /// The device.
    pub device: DeviceFacts,
    /// Whether it is outside the controlled area.
    pub off_site: bool,
    /// Whether it is outside the organisation.
    pub outside_organisation: bool,
    /// The grade of what is handled.
    pub grade: Grade,
    /// Whether the system is in use by the register.
    pub system_in_use: bool,
    /// Whether it may be reached from outside.
    pub system_remote: bool,
    /// The line.
    pub line: LineFacts,
    /// The task.
    pub task: TaskFacts,
    /// Whether the device was outside since it was last let in.
    pub was_outside: bool,
    /// Whether the checks of each set pass, in the order of [`CheckSet`].
    pub passes: [bool; CheckSet::ALL.len()],
    /// The permits.
    pub held: HeldPermits,
}

/// What is true of the device.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct DeviceFacts {
    /// Whether one is named.
    pub stated: bool,
    /// Whether it is enrolled and in use.
    pub active: bool,
    /// Whether it is suspended.
    pub suspended: bool,
    /// Whether it is given up.
    pub retired: bool,
    /// Whether it is issued.
    pub issued: bool,
    /// Whether the person may use it; of a shared device that joins a line by itself, that it may do so.
    pub theirs: bool,
    /// Who tells of its state.
    pub source: StateSource,
}

impl DeviceFacts {
    /// Whether the device that is named is known at all, whatever has become of it.
    #[must_use]
    pub const fn is_enrolled(&self) -> bool {
        self.active || self.suspended || self.retired
    }
}

/// What is true of the line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct LineFacts {
    /// Whether it stands in the register and is in use.
    pub in_use: bool,
    /// Whether it is an internal line.
    pub internal: bool,
    /// Whether it stands there with its officer.
    pub listed: bool,
}

/// What is true of the task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct TaskFacts {
    /// Whether one is named.
    pub stated: bool,
    /// Whether it stands in the register and is in use.
    pub in_use: bool,
    /// Whether it may not be done by telework.
    pub stopped: bool,
    /// Whether its grade covers what is handled.
    pub covers: bool,
    /// Whether the plan of telework refuses it.
    pub refused: bool,
    /// Whether what the plan of telework limits it to covers who asks and what is handled.
    pub within: bool,
    /// Whether a risk assessment in force stops it.
    pub risk_stopped: bool,
    /// Whether the limits that risk assessments set cover what is handled and the place.
    pub risk_covered: bool,
    /// Whether the measures that risk assessments ask for are in effect on the device.
    pub risk_measured: bool,
    /// Whether the conditions that risk assessments set are kept: what is handled, the place and the hour.
    pub risk_within: bool,
}

/// Of a system without a known grade, and of a line: nothing is assumed to be harmless.
pub(super) const HIGHEST: Grade = Grade {
    confidentiality: Confidentiality::C3,
    integrity: Integrity::I2,
    availability: Availability::A2,
};

impl Facts {
    /// Computes them.
    #[must_use]
    pub fn of(ground: Ground<'_>, sets: &CheckSets, question: &Question) -> Self {
        let Ground { world, now, .. } = ground;
        let grade = grade_of(world, question);
        let (system_in_use, system_remote) = system(world, question);
        let place = question.origin.place;
        let device = device(world, question, now);
        Self {
            clock_sure: ground.clock_sure,
            person_active: question.person.map_or(device.theirs, |person| {
                world.is_member(person, now) && world.has_open_account(person)
            }),
            device,
            off_site: place.is_off_site(),
            outside_organisation: place == sekisho_domain::permit::Place::OutsideOrganisation,
            grade,
            system_in_use,
            system_remote,
            line: line(world, question),
            task: task(ground, question, grade),
            was_outside: matches!(
                question.act,
                Act::Join {
                    outing: Outing::Back { .. },
                    ..
                }
            ),
            passes: passes(ground, sets, question, device),
            held: HeldPermits::of(ground, question, grade),
        }
    }

    /// Whether a permit of a kind covers what is asked.
    #[must_use]
    pub fn holds(&self, kind: PermitKind) -> bool {
        self.held.covers(kind)
    }
}

/// The grade of what is handled: of the named part, else of the whole system; an enforcement point
/// can raise it and never lower it.
pub(crate) fn grade_of(world: &World, question: &Question) -> Grade {
    let declared = match &question.act {
        Act::Reach { system, part } => {
            known_system(world, *system).map_or(HIGHEST, |(_, known)| {
                let named = part.as_deref().and_then(|part| known.part(part));
                named.unwrap_or(known.highest)
            })
        }
        Act::Join { .. } => return question.grade.unwrap_or(HIGHEST),
    };
    question
        .grade
        .map_or(declared, |grade| grade.join(declared))
}

/// A system with whether it is in use. What a retired entry says still counts: so a refusal names
/// everything that stands in the way, and not one thing after the other.
fn known_system(world: &World, system: SystemId) -> Option<(bool, &System)> {
    let (entry, known) = world.registers.get::<System>(system)?;
    Some((entry.is_active(), known))
}

/// The handling restrictions that the register names for the system, whatever part of it is reached.
pub(super) fn restrictions_of_system<'a>(
    world: &'a World,
    question: &Question,
) -> &'a [Restriction] {
    let known = match question.act {
        Act::Reach { system, .. } => known_system(world, system),
        Act::Join { .. } => None,
    };
    match known {
        Some((_, known)) => &known.restrictions,
        None => &[],
    }
}

fn system(world: &World, question: &Question) -> (bool, bool) {
    let known = match question.act {
        Act::Reach { system, .. } => known_system(world, system),
        Act::Join { .. } => None,
    };
    known.map_or((false, false), |(in_use, known)| (in_use, known.remote))
}

fn line(world: &World, question: &Question) -> LineFacts {
    let named = match question.act {
        Act::Join { line, .. } => Some(line),
        Act::Reach { .. } => question.origin.line,
    };
    let known = named.and_then(|line| world.registers.get::<NetworkLine>(line));
    known.map_or_else(LineFacts::default, |(entry, line)| LineFacts {
        in_use: entry.is_active(),
        internal: line.kind.is_internal(),
        // A line that stands in the register with its officer is permitted by that.
        listed: entry.is_active() && line.officer.is_some(),
    })
}

fn task(ground: Ground<'_>, question: &Question, grade: Grade) -> TaskFacts {
    let Ground { world, now, .. } = ground;
    let Some(task) = question.task else {
        return TaskFacts::default();
    };
    let bars = super::risk::of_question(ground, question, grade);
    let barred = |bar: fn(&super::Bar) -> bool| bars.iter().any(|it| bar(&it.bar));
    let stated = TaskFacts {
        stated: true,
        covers: true,
        within: true,
        risk_stopped: barred(|bar| matches!(bar, super::Bar::Stopped)),
        risk_measured: !barred(|bar| matches!(bar, super::Bar::Measure(_))),
        risk_covered: !barred(|bar| matches!(bar, super::Bar::Limited)),
        risk_within: !barred(|bar| matches!(bar, super::Bar::Condition)),
        ..TaskFacts::default()
    };
    let planned = world.plan.line(task);
    let known = world.registers.get::<Task>(task);
    known.map_or(stated, |(entry, task)| TaskFacts {
        stated: true,
        in_use: entry.is_active(),
        stopped: task.state == TaskState::Stopped,
        covers: task.grade.join(grade) == task.grade,
        refused: planned.is_some_and(|line| !line.admits()),
        within: planned.is_none_or(|line| {
            let asks = question.person;
            asks.is_some_and(|person| is_within(world, line, (person, grade), now))
        }),
        ..stated
    })
}

/// Whether what the plan limits a task to covers a person and a grade. What it refuses has no limits.
pub(super) fn is_within(
    world: &World,
    line: &PlanLine,
    (person, grade): (PersonId, Grade),
    now: Timestamp,
) -> bool {
    let covers = line
        .highest
        .is_none_or(|highest| highest.join(grade) == highest);
    !line.admits() || (covers && world.plan_admits(line, person, now))
}

fn device(world: &World, question: &Question, now: Timestamp) -> DeviceFacts {
    let Some(id) = question.device else {
        return DeviceFacts::default();
    };
    let Some(known) = world.device(id) else {
        return DeviceFacts {
            stated: true,
            ..DeviceFacts::default()
        };
    };
    DeviceFacts {
        stated: true,
        active: known.state == DeviceState::Active,
        suspended: known.state == DeviceState::Suspended,
        retired: known.state == DeviceState::Retired,
        issued: known.class == DeviceClass::Issued,
        theirs: is_theirs(world, known, question, now),
        source: known.source,
    }
}

/// Whether a person may use a device: it is theirs, or a shared one of a unit that theirs is in. A
/// person's own device is never shared. In nobody's name a shared one joins lines and reaches nothing.
fn is_theirs(world: &World, device: &Device, question: &Question, now: Timestamp) -> bool {
    match (device.user, question.person) {
        (Some(user), asks) => asks == Some(user),
        (None, _) if device.class == DeviceClass::Byod => false,
        (None, None) => matches!(question.act, Act::Join { .. }),
        (None, Some(person)) => world
            .unit_of(person, now)
            .is_some_and(|unit| world.unit_is_within(unit, device.unit, now)),
    }
}

fn passes(
    ground: Ground<'_>,
    sets: &CheckSets,
    question: &Question,
    device: DeviceFacts,
) -> [bool; CheckSet::ALL.len()] {
    let Some(id) = question.device.filter(|_| device.is_enrolled()) else {
        // Nothing is known of a device that is not there: no alarm, and nothing proven.
        return [false, false, true, false];
    };
    let pass = |set, since| {
        let put = Put {
            device: id,
            source: device.source,
            since,
        };
        sets.pass(set, ground.posture, put, ground.now)
    };
    match question.act {
        Act::Reach { .. } => [
            pass(CheckSet::Baseline, None),
            pass(CheckSet::Safeguards, None),
            pass(CheckSet::Alarm, None),
            false,
        ],
        Act::Join { outing, .. } => {
            let inspected = pass(CheckSet::Inspection, outing.back_since());
            [false, pass(CheckSet::Safeguards, None), true, inspected]
        }
    }
}
