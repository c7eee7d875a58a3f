//! Use as it was measured, compact: a word of days for each person.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{ConcernId, IncidentId, PermitId, SystemId, TaskId, UnitId};
use sekisho_domain::plan::{CaseScope, Feed, FrozenTaskUse, Trigger};
use sekisho_domain::time::{Span, Timestamp};

/// How many days a measure looks back.
pub const WINDOW: u32 = 28;
/// How many days are known: the window of each of the last five working days, over the longest row of days
/// off that there is.
pub const DAYS: usize = 56;
/// How many working days growth is looked at.
pub const WORKING_DAYS: usize = 5;

/// A unit, and where the unit above it stands in the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UnitNode {
    /// Its id.
    pub id: UnitId,
    /// The place of the unit above; none of the whole.
    pub parent: Option<u32>,
}

/// What one person did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PersonUse {
    /// The place of the person's unit.
    pub unit: u32,
    /// Half of the person's id.
    pub key: u64,
    /// The days of telework: the lowest bit is the day before [`Usage::day`].
    pub days: u64,
    /// The days on which the person was refused.
    pub refused: u64,
    /// Whether the plan admits the person to any task.
    pub admitted: bool,
}

/// A unit in which somebody was before, within the days that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EarlierUnit {
    /// The place of the unit, or of the one that has succeeded it.
    pub unit: u32,
    /// The days that count for it, as [`PersonUse::days`]; none counts for two units.
    pub days: u64,
    /// Whether the plan admits its people to any task.
    pub admitted: bool,
}

/// What one person did for a task to which the plan does not admit the person, while it does to others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OutsideTask {
    /// Which task.
    pub task: TaskId,
    /// The place of the unit in which the person was then.
    pub unit: u32,
    /// The days on which the person was let in for it since the plan was approved, as [`PersonUse::days`].
    pub days: u64,
    /// The days on which the person was refused for it, likewise.
    pub refused: u64,
}

/// A task that may be done by telework now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TaskNow {
    /// The highest grade handled.
    pub grade: Grade,
    /// The systems it reaches.
    pub systems: BTreeSet<SystemId>,
    /// How many people hold a permit to telework for it.
    pub permits: u64,
    /// Person-days of telework for it within the newest window. A day on which no task was named counts for every
    /// task for which the person held a permit on it.
    pub person_days: u64,
    /// The unit that answers for it.
    pub unit: Option<UnitId>,
}

/// What the people of one unit do for a task.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TaskUse {
    /// How many of them hold a permit to telework for it.
    pub permits: u64,
    /// Person-days of telework for it within the newest window.
    pub newest_days: u64,
    /// The same within the window that ended on each of the last five working days.
    pub person_days: [u64; WORKING_DAYS],
}

impl TaskUse {
    /// As a baseline holds it.
    #[must_use]
    pub const fn frozen(&self) -> FrozenTaskUse {
        FrozenTaskUse {
            permits: self.permits,
            person_days: self.newest_days,
        }
    }

    /// Adds the days of one person, as [`PersonUse::days`]. `working` is [`Usage::working`].
    pub fn add_days(&mut self, days: u64, working: [u8; WORKING_DAYS]) {
        let within = |window: u64| u64::from((days & window).count_ones());
        self.newest_days += within(Usage::window(0));
        for (sum, shift) in self.person_days.iter_mut().zip(working) {
            *sum += within(Usage::window(shift.into()));
        }
    }

    /// Adds what others do for it.
    pub fn add(&mut self, other: &Self) {
        self.permits += other.permits;
        self.newest_days += other.newest_days;
        for (mine, theirs) in self.person_days.iter_mut().zip(other.person_days) {
            *mine += theirs;
        }
    }
}

/// Something that is used and stands in no register.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unlisted {
    /// What, by kind and name.
    pub name: String,
    /// For how many days.
    pub days: u64,
    /// By which units, as far as they are known.
    pub units: BTreeSet<UnitId>,
}

/// A report of unease.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ConcernSeen {
    /// Its id.
    pub id: ConcernId,
    /// The task at which it arose.
    pub task: Option<TaskId>,
    /// The unit that answers for it.
    pub unit: Option<UnitId>,
    /// Whether an officer told it: DISO, ISSO, promotion body or CSIRT.
    pub officer: bool,
    /// When it was told.
    pub at: Timestamp,
}

/// An incident.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IncidentSeen {
    /// Its id.
    pub id: IncidentId,
    /// The unit that answers for it.
    pub unit: Option<UnitId>,
    /// Whether it is grave, or information got out.
    pub grave: bool,
    /// When it was entered.
    pub at: Timestamp,
}

/// How many devices fail a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CheckShare {
    /// Which check.
    pub check: DeviceCheck,
    /// So many per thousand of the devices of which it is known.
    pub share: u64,
}

/// How many devices of a unit show a check, and how many of them fail it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CheckCount {
    /// That fail it.
    pub failing: u32,
    /// Of which it is known.
    pub known: u32,
}

impl CheckCount {
    /// So many fail it per thousand of which it is known; none where it is known of none.
    #[must_use]
    pub fn share(self) -> Option<u64> {
        (u64::from(self.failing) * 1000).checked_div(self.known.into())
    }
}

/// All checks of the devices of a unit, by [`DeviceCheck::column`].
pub type CheckCounts = [CheckCount; DeviceCheck::COUNT];

/// An exception in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExceptionSeen {
    /// The permit.
    pub permit: PermitId,
    /// The unit it runs under.
    pub unit: Option<UnitId>,
    /// For how many days it has run.
    pub days: u64,
    /// How often it was made longer.
    pub renewed: u64,
}

/// A kind of change that an exception in force suppresses (requirements.md 3.2: only by PE).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suppression {
    /// The exception.
    pub permit: PermitId,
    /// The kind of change.
    pub trigger: Trigger,
    /// For which unit and those below it; for the whole and every unit where it names none.
    pub unit: Option<UnitId>,
}

/// Use, as it was measured.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// When it was measured.
    pub at: Timestamp,
    /// The beginning of that day in Japan: days are counted back from it.
    pub day: Timestamp,
    /// The units, the whole among them; those above before those below.
    pub units: Vec<UnitNode>,
    /// The people: those who are there, and who left within the days that are known.
    pub people: Vec<PersonUse>,
    /// Those of them who have left, by [`PersonUse::key`]. What they did counts where they did it; they themselves are
    /// none of the people of a unit any more.
    pub left: BTreeSet<u64>,
    /// Where people were who moved, by [`PersonUse::key`]: what they did there they did under the limits of then.
    pub earlier: BTreeMap<u64, Vec<EarlierUnit>>,
    /// What people did for tasks to which the plan does not admit them; one for each person, task and unit.
    pub outside: Vec<OutsideTask>,
    /// Minutes at gateways by the people of a unit, day by day as [`PersonUse::days`]; by place of the unit.
    pub minutes: Vec<[u32; DAYS]>,
    /// How many days before [`Self::day`] the last five working days ended, the newest first.
    pub working: [u8; WORKING_DAYS],
    /// The working days, as bits: the lowest is the day before [`Self::day`].
    pub calendar: u64,
    /// The tasks.
    pub tasks: BTreeMap<TaskId, TaskNow>,
    /// What people do for tasks that may be done by telework, by task and place of their unit itself. Days are those of
    /// the unit in which they were then.
    pub task_units: BTreeMap<(TaskId, usize), TaskUse>,
    /// The functions, by kind and id.
    pub functions: BTreeSet<String>,
    /// The units that answer for a function, where some do.
    pub units_of: BTreeMap<String, BTreeSet<UnitId>>,
    /// What is used and stands in no register.
    pub unlisted: Vec<Unlisted>,
    /// Reports of unease within 90 days.
    pub concerns: Vec<ConcernSeen>,
    /// Incidents within 90 days.
    pub incidents: Vec<IncidentSeen>,
    /// Detections that nobody has judged, by what they name.
    pub detections: Vec<String>,
    /// Checks, over all devices.
    pub checks: Vec<CheckShare>,
    /// The same of the devices of each unit itself, by place of the unit.
    pub unit_checks: Vec<CheckCounts>,
    /// Exceptions in force.
    pub exceptions: Vec<ExceptionSeen>,
    /// What exceptions in force suppress.
    pub suppressed: Vec<Suppression>,
    /// Components of remote access with a vulnerability that is being exploited.
    pub exploited: BTreeSet<String>,
    /// Editions of what all of it rests on.
    pub editions: BTreeMap<String, String>,
    /// What could not be measured.
    pub missing: BTreeSet<Feed>,
}

impl Usage {
    /// The days of a window that ended so many days before [`Self::day`].
    #[must_use]
    pub const fn window(shift: u32) -> u64 {
        ((1 << WINDOW) - 1) << shift
    }

    /// How many working days a window has.
    #[must_use]
    pub const fn working_days(&self, shift: u32) -> u32 {
        (self.calendar & Self::window(shift)).count_ones()
    }

    /// The days since an instant, as bits.
    #[must_use]
    pub fn days_since(&self, at: Timestamp) -> u64 {
        let days = self.day.since(at.day_begun()).whole_days().clamp(0, 63);
        (1 << days) - 1
    }

    /// The days of which some part lies between two instants, the second not counted with, as bits.
    #[must_use]
    pub fn days_within(&self, from: Timestamp, until: Timestamp) -> u64 {
        if until <= from {
            return 0;
        }
        let last = until.before(Span::millis(1)).day_begun();
        self.days_since(from) & !self.days_since(last.after(Span::days(1)))
    }

    /// Whether an exception in force keeps a kind of change from opening a case, or adding to one.
    #[must_use]
    pub fn is_suppressed(&self, trigger: Trigger, scope: CaseScope) -> bool {
        let place = |id: UnitId| self.units.iter().position(|it| it.id == id);
        let covers = |it: &Suppression| match (it.unit, scope) {
            (None, _) => true,
            (Some(_), CaseScope::Body) => false,
            (Some(above), CaseScope::Unit(unit)) => {
                let both = place(unit).zip(place(above));
                both.is_some_and(|(unit, above)| self.is_within(unit, above))
            }
        };
        let mut of_kind = self.suppressed.iter().filter(|it| it.trigger == trigger);
        of_kind.any(covers)
    }

    /// The people who are there.
    pub fn members(&self) -> impl Iterator<Item = &PersonUse> {
        let people = self.people.iter();
        people.filter(|it| !self.left.contains(&it.key))
    }

    /// The units in which somebody was, by place, with the days there and whether the plan admits their people: of who
    /// moved each with the days of its own.
    pub fn stays(&self, person: &PersonUse) -> impl Iterator<Item = (usize, u64, bool)> {
        let earlier = self.earlier.get(&person.key);
        let earlier = earlier.map_or(&[][..], Vec::as_slice);
        let before = earlier.iter().fold(0_u64, |days, it| days | it.days);
        let now = (person.unit as usize, !before, person.admitted);
        let then = earlier.iter();
        let then = then.map(|it| (it.unit as usize, it.days, it.admitted));
        std::iter::once(now).chain(then)
    }

    /// The place of the unit that is the whole by itself; none where several stand at the top.
    #[must_use]
    pub fn whole(&self) -> Option<usize> {
        let units = self.units.iter().enumerate();
        let mut tops = units.filter(|(_, it)| it.parent.is_none());
        let (place, _) = tops.next()?;
        tops.next().is_none().then_some(place)
    }

    /// The place of the unit in which somebody was on a day, so many days before the day before [`Self::day`].
    #[must_use]
    pub fn unit_on(&self, person: &PersonUse, back: u32) -> u32 {
        let mut earlier = self.earlier.get(&person.key).into_iter().flatten();
        let there = earlier.find(|it| it.days >> back & 1 == 1);
        there.map_or(person.unit, |it| it.unit)
    }

    /// Whether one unit is another or stands below it, by their places.
    #[must_use]
    pub fn is_within(&self, mut unit: usize, above: usize) -> bool {
        loop {
            if unit == above {
                return true;
            }
            match self.units.get(unit).and_then(|it| it.parent) {
                Some(parent) => unit = parent as usize,
                None => return false,
            }
        }
    }
}
