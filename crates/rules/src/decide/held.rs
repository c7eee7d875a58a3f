//! Which permits a person holds that cover what is asked, and what the nearest of the others lacks.

use sekisho_domain::grade::Grade;
use sekisho_domain::id::{DeviceId, LineId, PermitId, PersonId, SystemId, TaskId};
use sekisho_domain::permit::particulars::{Exception, RemoteAccess};
use sekisho_domain::permit::{Conditions, Mark, Particulars, Permit, PermitKind, Place, Status};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::facts::Ground;
use super::question::{Act, Outing, Question};

/// How near the best permit of one kind comes to what is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Held {
    /// There is none that speaks of this at all.
    None,
    /// One is in force and covers it.
    Covering(PermitId),
    /// One speaks of it and does not hold, or not for all of it.
    Short(PermitId, Shortfall),
}

/// What a permit lacks that speaks of what is asked. The order is that of nearness: those before
/// [`Self::Hours`] would cover it once they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Shortfall {
    /// It holds, and the plan of telework refuses its task, or limits it to others or a lower grade.
    Plan,
    /// It holds, and a risk assessment stops its task, limits it, or asks for a measure that is not in effect.
    Risk,
    /// It is approved and its holder has not taken it up.
    NotTakenUp,
    /// It does not hold for the time being.
    Suspended,
    /// It waits for the decision.
    Waiting,
    /// It is with the applicant again.
    SentBack,
    /// It holds at other hours or on other days only; from this instant on it does.
    Hours(Timestamp),
    /// It begins later.
    NotBegun(Timestamp),
    /// It covers a lower grade only.
    Grade,
    /// It is for a named part of the system, and what is asked is the whole of it or another part.
    Part,
    /// It was refused: as it is supposed to become, since decisions look at none that is refused already.
    Refused,
    /// It has ended: by time, or as it is supposed to become; at those recorded as ended no decision looks.
    Ended,
}

/// The nearest permit of each kind.
#[derive(Clone, Debug)]
pub struct HeldPermits {
    nearest: [Held; PermitKind::ALL.len()],
    /// Where the nearest of each kind stands in the World.
    places: [u32; PermitKind::ALL.len()],
    exceptions: Vec<PermitId>,
}

/// What a permit has to cover.
struct Sought<'a> {
    person: Option<PersonId>,
    device: Option<DeviceId>,
    system: Option<SystemId>,
    part: Option<&'a str>,
    line: Option<LineId>,
    join: Option<(LineId, Outing)>,
    task: Option<TaskId>,
    place: Place,
    grade: Grade,
}

impl HeldPermits {
    /// Looks at every permit of the person that is not for another device or system alone, at those of others for lines
    /// and exceptions that name the device, and at the exceptions of others that name the person, or neither people nor
    /// devices; of all of them at those that can come to hold yet, whatever else there was over the years.
    #[must_use]
    pub fn of(ground: Ground<'_>, question: &Question, grade: Grade) -> Self {
        let sought = Sought::of(question, grade);
        let mut found = Self {
            nearest: [Held::None; PermitKind::ALL.len()],
            places: [0; PermitKind::ALL.len()],
            exceptions: Vec::new(),
        };
        // All of them are touched before the first is looked at, which asks for all at the same time: permits lie
        // about in memory, and going from one to the next would wait for each.
        let (device, system) = (sought.device, sought.system);
        let wanted = |mark: Mark| opens(mark.kind()) && mark.may_concern(device, system);
        let own = question.person.into_iter();
        let own = own.flat_map(|person| ground.placed_of_person(person, wanted));
        let own: Vec<(u32, &Permit)> = own.collect();
        let kinds: Vec<PermitKind> = own.iter().map(|(_, permit)| permit.kind()).collect();
        for ((place, permit), _) in own.iter().zip(kinds).filter(|(_, kind)| opens(*kind)) {
            found.consider(ground, (*place, permit), &sought);
        }
        for (place, permit) in of_others(ground, &sought) {
            if Some(permit.applicant) != question.person {
                found.consider(ground, (place, permit), &sought);
            }
        }
        found
    }

    /// The nearest permit of a kind.
    #[must_use]
    pub fn nearest(&self, kind: PermitKind) -> Held {
        self.nearest[kind as usize]
    }

    /// Whether one of a kind is in force and covers what is asked.
    #[must_use]
    pub fn covers(&self, kind: PermitKind) -> bool {
        matches!(self.nearest(kind), Held::Covering(_))
    }

    /// The same as they stand in the World by which they were found.
    pub(super) fn covering_in<'a>(
        &'a self,
        ground: Ground<'a>,
    ) -> impl Iterator<Item = &'a Permit> {
        let all = self.nearest.iter().zip(self.places);
        let covering = all.filter(|(held, _)| matches!(held, Held::Covering(_)));
        covering.filter_map(move |(_, place)| ground.placed(place))
    }

    /// The permits in force that cover what is asked.
    pub fn covering(&self) -> impl Iterator<Item = PermitId> {
        self.nearest.iter().filter_map(|held| match held {
            Held::Covering(id) => Some(*id),
            _ => None,
        })
    }

    /// The exceptions in force that speak of what is asked.
    #[must_use]
    pub fn exceptions(&self) -> &[PermitId] {
        &self.exceptions
    }

    fn consider(
        &mut self,
        ground: Ground<'_>,
        (place, permit): (u32, &Permit),
        sought: &Sought<'_>,
    ) {
        let Ground { world, now, .. } = ground;
        // Nothing comes nearer than one that covers it. Exceptions are counted one by one and never stand there.
        if matches!(self.nearest(permit.kind()), Held::Covering(_)) {
            return;
        }
        let spoken = sought.is_spoken_of(permit);
        let asks = (sought.person, sought.device);
        if !(spoken || sought.is_beside(permit)) || !is_of_unit(world, permit, asks, now) {
            return;
        }
        let held = match nearness(ground, permit, sought) {
            held if spoken => held,
            // One for another part is told of while it is there, or may come to be.
            Held::None | Held::Short(_, Shortfall::Refused | Shortfall::Ended) => return,
            _ => Held::Short(permit.id, Shortfall::Part),
        };
        if permit.kind() == PermitKind::Exception {
            if let Held::Covering(id) = held {
                self.exceptions.push(id);
            }
            return;
        }
        let known = &mut self.nearest[permit.kind() as usize];
        if rank(&held) < rank(known) {
            *known = held;
            self.places[permit.kind() as usize] = place;
        }
    }
}

/// Permits that may count for others than their applicants: those for lines that name the device, and exceptions,
/// each once: under the people whom it names, else under its devices, else among those for everybody.
fn of_others<'a>(
    ground: Ground<'a>,
    sought: &Sought<'_>,
) -> impl Iterator<Item = (u32, &'a Permit)> {
    let Sought {
        person,
        device,
        system,
        place,
        ..
    } = *sought;
    let device = device.into_iter();
    let of_device = device.flat_map(move |device| ground.placed_of_device(device, may_be_shared));
    let shared = of_device.filter(|(_, permit)| match permit.particulars.as_ref() {
        Particulars::Line(_) => true,
        Particulars::Exception(it) => it.people.is_empty(),
        _ => false,
    });
    let asks = person.into_iter();
    let naming = asks.flat_map(move |person| ground.placed_naming(person));
    // What joins in nobody's name is not excepted with everybody.
    let asks = person.into_iter();
    let open = asks.flat_map(move |person| ground.placed_open(person, place, system));
    shared.chain(naming).chain(open)
}

/// Whether a permit may count for others than its applicant by the device that it names.
fn may_be_shared(mark: Mark) -> bool {
    matches!(mark.kind(), PermitKind::Line | PermitKind::Exception)
}

/// Whether permits of a kind speak of reaching or joining anything at all.
const fn opens(kind: PermitKind) -> bool {
    use PermitKind as K;
    match kind {
        K::Telework
        | K::TakeOut
        | K::OffSite
        | K::Byod
        | K::RemoteAccess
        | K::Line
        | K::Reconnection
        | K::Connection
        | K::Exception => true,
        K::Media | K::Software | K::Peripheral | K::Service | K::Conference => false,
    }
}

fn rank(held: &Held) -> (u8, Option<Shortfall>) {
    match held {
        Held::Covering(_) => (0, None),
        Held::Short(_, shortfall) => (1, Some(*shortfall)),
        Held::None => (2, None),
    }
}

/// What a permit that speaks of something lacks for it now.
fn nearness(ground: Ground<'_>, permit: &Permit, sought: &Sought<'_>) -> Held {
    let Ground { world, now, .. } = ground;
    let would_hold = match permit.status(now) {
        Status::Active => None,
        Status::Approved => Some(Shortfall::NotTakenUp),
        Status::Suspended => Some(Shortfall::Suspended),
        Status::Applied => Some(Shortfall::Waiting),
        Status::SentBack => Some(Shortfall::SentBack),
        Status::Refused => return Held::Short(permit.id, Shortfall::Refused),
        _ => return Held::Short(permit.id, Shortfall::Ended),
    };
    // What would not cover it even if it held is no way to it.
    let never = if !covers_grade(permit, sought.grade) {
        Some(Shortfall::Grade)
    } else {
        not_yet(world, permit, now)
    };
    let planned = beyond_plan(world, permit, sought.grade, now).map(|_| Shortfall::Plan);
    let risky = || {
        let bars = super::risk::of_permit(ground, permit, sought.grade, sought.device);
        (!bars.is_empty()).then_some(Shortfall::Risk)
    };
    match never.or(would_hold).or(planned).or_else(risky) {
        None => Held::Covering(permit.id),
        Some(shortfall) => Held::Short(permit.id, shortfall),
    }
}

/// The task of a permit to telework that the plan, as it is now, refuses or limits to others or less.
pub(super) fn beyond_plan(
    world: &World,
    permit: &Permit,
    grade: Grade,
    now: Timestamp,
) -> Option<TaskId> {
    let Particulars::Telework(it) = permit.particulars.as_ref() else {
        return None;
    };
    let line = world.plan.line(it.task)?;
    let place = line.places.is_empty() || line.places.contains(&it.place);
    let within = place && super::facts::is_within(world, line, (permit.applicant, grade), now);
    (!line.admits() || !within).then_some(it.task)
}

/// Whether its term or its hours begin later.
fn not_yet(world: &World, permit: &Permit, now: Timestamp) -> Option<Shortfall> {
    let term = permit.grant().map_or(permit.wanted, |grant| grant.term);
    if now < term.from {
        return Some(Shortfall::NotBegun(term.from));
    }
    if term.until <= now {
        return Some(Shortfall::Ended);
    }
    super::hours::opens(world, permit, now).map(Shortfall::Hours)
}

/// Whether the grade of a permit and its conditions is as high as what is handled. Kinds that state
/// no grade are not about one; what lies on a device says nothing of what is looked at through it.
fn covers_grade(permit: &Permit, grade: Grade) -> bool {
    let as_high = |ceiling: Grade| ceiling.join(grade) == ceiling;
    let conditions: Option<&Conditions> =
        permit.grant().and_then(|grant| grant.conditions.as_deref());
    let by_conditions = conditions
        .and_then(|it| it.grade_ceiling)
        .is_none_or(as_high);
    let by_itself = match permit.kind() {
        PermitKind::Telework
        | PermitKind::OffSite
        | PermitKind::Byod
        | PermitKind::RemoteAccess
        | PermitKind::Exception => permit.grade.is_some_and(as_high),
        _ => true,
    };
    by_conditions && by_itself
}

/// Whether a permit speaks of what is asked and covers its grade and the hour, wherever it stands.
pub(crate) fn speaks_of(
    world: &World,
    permit: &Permit,
    question: &Question,
    grade: Grade,
    at: Timestamp,
) -> bool {
    Sought::of(question, grade).is_spoken_of(permit)
        && is_of_unit(world, permit, (question.person, question.device), at)
        && covers_grade(permit, grade)
        && super::hours::opens(world, permit, at).is_none()
}

/// Whether whoever asks belongs to the unit for which an exception is. Other permits, and exceptions that name
/// none, are for no unit. What joins in nobody's name belongs to the unit that has the device.
fn is_of_unit(
    world: &World,
    permit: &Permit,
    (person, device): (Option<PersonId>, Option<DeviceId>),
    at: Timestamp,
) -> bool {
    let Some(above) = permit.exception().and_then(|it| it.unit) else {
        return true;
    };
    let unit = match person {
        Some(person) => world.unit_of(person, at),
        None => device
            .and_then(|device| world.device(device))
            .map(|device| world.unit_now(device.unit, at)),
    };
    unit.is_some_and(|unit| world.unit_is_within(unit, above, at))
}

impl<'a> Sought<'a> {
    fn of(question: &'a Question, grade: Grade) -> Self {
        // Internal lines are joined inside; from elsewhere that is what is refused, and not permits.
        let (system, part, join, place) = match &question.act {
            Act::Reach { system, part } => {
                (Some(*system), part.as_deref(), None, question.origin.place)
            }
            Act::Join { line, outing } => {
                (None, None, Some((*line, *outing)), Place::ControlledArea)
            }
        };
        Self {
            person: question.person,
            device: question.device,
            system,
            part,
            line: question.origin.line,
            join,
            task: question.task,
            place,
            grade,
        }
    }

    /// Whether a permit is for the way that is asked, to the whole of the system or to any part of it.
    fn is_way(&self, it: &RemoteAccess) -> bool {
        let task = it.task.is_none() || self.task.is_none() || it.task == self.task;
        Some(it.device) == self.device && Some(it.system) == self.system && task
    }

    /// Whether a permit, which does not speak of what is asked, would do so but for the part that it names.
    fn is_beside(&self, permit: &Permit) -> bool {
        match permit.particulars.as_ref() {
            Particulars::RemoteAccess(it) => it.part.is_some() && self.is_way(it),
            _ => false,
        }
    }

    /// Whether an exception is for whoever asks. Nobody is covered by one for the device and no people alone: who
    /// uses it does not matter to that.
    fn is_excepted(&self, permit: &Permit, it: &Exception) -> bool {
        match self.person {
            Some(person) => permit.excepts(person),
            None => it.people.is_empty() && !it.is_open(),
        }
    }

    /// Whether a permit speaks of what is asked, whatever its grade and term.
    fn is_spoken_of(&self, permit: &Permit) -> bool {
        // What is left open covers whatever is asked; what is asked without saying is covered too.
        let open = |named: Option<DeviceId>| named.is_none() || named == self.device;
        let task =
            |named: Option<TaskId>| named.is_none() || self.task.is_none() || named == self.task;
        match permit.particulars.as_ref() {
            Particulars::Telework(it) => {
                open(it.device) && task(Some(it.task)) && it.place.place() == self.place
            }
            Particulars::TakeOut(it) => Some(it.device) == self.device,
            Particulars::OffSite(it) => {
                Some(it.device) == self.device && it.place == self.place && task(it.task)
            }
            Particulars::Byod(it) => {
                let tasks = |asked| it.tasks.is_empty() || it.tasks.contains(&asked);
                Some(it.device) == self.device
                    && self.task.is_none_or(tasks)
                    && self
                        .system
                        .is_none_or(|system| it.systems.contains(&system))
                    && self.join.is_none_or(|(line, _)| it.lines.contains(&line))
            }
            Particulars::RemoteAccess(it) => {
                let part = it.part.as_ref().map(sekisho_domain::name::Line::as_str);
                self.is_way(it) && (part.is_none() || part == self.part)
            }
            // One for a system is decided by that system's officer, who has no say over others.
            Particulars::Line(it) => {
                open(it.device)
                    && (it.line.is_none() || it.line == self.line)
                    && (it.system.is_none() || it.system == self.system)
            }
            Particulars::Reconnection(it) => self.join.is_some_and(|(line, outing)| {
                Some(it.device) == self.device
                    && it.line.is_none_or(|named| named == line)
                    && is_of_this_outing(it.outside_since, outing)
            }),
            Particulars::Connection(it) => {
                it.device.is_some()
                    && it.device == self.device
                    && self.join.is_some_and(|(line, _)| it.line == line)
            }
            Particulars::Exception(it) => {
                it.covers_device(self.device)
                    && self.is_excepted(permit, it)
                    && (it.system.is_none() || it.system == self.system)
                    && task(it.task)
                    && it.place == self.place
            }
            _ => false,
        }
    }
}

/// A permit to join again speaks of one outing: it names the day on which that began, which is not
/// before the device was last inside.
fn is_of_this_outing(outside_since: jiff::civil::Date, outing: Outing) -> bool {
    match outing {
        Outing::Back {
            last_inside: Some(inside),
            ..
        } => outside_since >= inside.jst_date(),
        _ => true,
    }
}
