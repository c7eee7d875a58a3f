//! What people did, summed up for every unit with those below it.

use std::collections::BTreeMap;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::{TaskId, UnitId};
use sekisho_domain::plan::{CaseScope, FrozenUse, Measure, Trigger};
use sekisho_domain::time::Span;

use super::accepted::AcceptedBy;
use super::usage::{CheckCount, CheckCounts, DAYS, TaskUse, Usage, WINDOW, WORKING_DAYS};
use super::{Against, failing, parts};

/// Minutes of an hour.
const HOUR: u64 = 60;

/// Use of one scope.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ScopeUse {
    /// Different people who are there: a successor is one more in the days, and no growth.
    pub people: u64,
    /// Person-days within the window that ended on each of the last five working days.
    pub person_days: [u64; WORKING_DAYS],
    /// Person-days within the newest window.
    pub newest_days: u64,
    /// Minutes at gateways, likewise.
    pub minutes: [u64; WORKING_DAYS],
    /// Minutes within the newest window.
    pub newest_minutes: u64,
    /// People whom the plan does not admit and who got in.
    pub outside_use: u64,
    /// Days on which such people were refused.
    pub outside_attempts: u64,
}

impl ScopeUse {
    /// As a baseline holds it.
    #[must_use]
    pub const fn frozen(&self) -> FrozenUse {
        FrozenUse {
            people: self.people,
            person_days: self.newest_days,
            gateway_hours: self.newest_minutes / HOUR,
        }
    }

    /// Hours within the window that ended on each of the last five working days.
    #[must_use]
    pub fn hours(&self) -> [u64; WORKING_DAYS] {
        self.minutes.map(|minutes| minutes / HOUR)
    }

    fn add(&mut self, other: &Self) {
        self.people += other.people;
        self.newest_days += other.newest_days;
        self.newest_minutes += other.newest_minutes;
        for (mine, theirs) in self.person_days.iter_mut().zip(other.person_days) {
            *mine += theirs;
        }
        for (mine, theirs) in self.minutes.iter_mut().zip(other.minutes) {
            *mine += theirs;
        }
        self.outside_use += other.outside_use;
        self.outside_attempts += other.outside_attempts;
    }
}

/// People outside the units that the plan admits to a task, and inside those that it admits to another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OutsideOfTask {
    /// How many were let in for it.
    pub used: u64,
    /// Days on which they were refused for it.
    pub refused: u64,
}

/// Which days count of people whom the plan does not admit, as bits.
#[derive(Clone, Copy, Debug)]
struct Counted {
    /// Days on which they got in.
    used: u64,
    /// Days on which they were refused.
    refused: u64,
}

impl Counted {
    /// Days count again from when just this was accepted: what was accepted of other things says nothing of it.
    fn of(
        usage: &Usage,
        accepted: &AcceptedBy<'_>,
        (scope, subject): (CaseScope, Option<&str>),
    ) -> Self {
        let since = |measure| {
            let accepted = accepted.last((Trigger::Eligible, scope), (measure, subject));
            accepted.map_or(u64::MAX, |(at, _)| usage.days_since(at))
        };
        Self {
            used: since(Measure::OutsideUse),
            refused: since(Measure::OutsideAttempts),
        }
    }

    /// The same of the whole of a plan, from the day after its approval on: what was done before was done under another
    /// plan, or before there was one. Days have no hours, so that of the day itself nothing is known.
    fn since_approval(
        usage: &Usage,
        (against, accepted): (Against<'_>, &AcceptedBy<'_>),
        scope: CaseScope,
    ) -> Self {
        let next = against.version.approved_at.after(Span::days(1));
        let under_it = usage.days_since(next);
        let counted = Self::of(usage, accepted, (scope, None));
        Self {
            used: counted.used & under_it,
            refused: counted.refused & under_it,
        }
    }
}

/// All of them.
const ALL_DAYS: Counted = Counted {
    used: u64::MAX,
    refused: u64::MAX,
};

/// The sums of every scope.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of the whole.
    pub body: ScopeUse,
    /// Of each unit with those below it, by place.
    pub units: Vec<ScopeUse>,
    /// The place of each unit.
    pub places: BTreeMap<UnitId, usize>,
    /// People outside the units of a task: of the whole, and of each unit itself.
    pub tasks: BTreeMap<(TaskId, CaseScope), OutsideOfTask>,
    /// What is done for each task by the people of each unit with those below it, by task and place.
    pub parts: BTreeMap<(TaskId, usize), TaskUse>,
    /// Checks of the devices of each unit with those below it, by place.
    pub checks: Vec<CheckCounts>,
}

impl Sums {
    /// Sums up.
    #[must_use]
    pub fn of(usage: &Usage, against: Against<'_>) -> Self {
        let accepted = AcceptedBy::of(against.accepted);
        let counted = |scope| Counted::since_approval(usage, (against, &accepted), scope);
        Self {
            tasks: of_tasks(usage, &accepted),
            ..Self::since(usage, &counted)
        }
    }

    /// The same where nothing was ever accepted.
    #[must_use]
    pub(super) fn plain(usage: &Usage) -> Self {
        Self::since(usage, &|_| ALL_DAYS)
    }

    /// `counted` says which days of people outside the plan still count in a scope.
    fn since(usage: &Usage, counted: &dyn Fn(CaseScope) -> Counted) -> Self {
        let mut units = vec![ScopeUse::default(); usage.units.len()];
        let own: Vec<Counted> = usage
            .units
            .iter()
            .map(|it| counted(CaseScope::Unit(it.id)))
            .collect();
        let whole = counted(CaseScope::Body);
        let newest = Usage::window(0);
        let shifts = usage.working.map(|shift| Usage::window(shift.into()));
        for person in &usage.people {
            let place = person.unit as usize;
            let Some(unit) = units.get_mut(place) else {
                continue;
            };
            let is_there = !usage.left.contains(&person.key);
            unit.people += u64::from(is_there && person.days & newest != 0);
            for (place, days, _) in usage.stays(person) {
                let Some(unit) = units.get_mut(place) else {
                    continue;
                };
                let days = person.days & days;
                unit.newest_days += u64::from((days & newest).count_ones());
                for (sum, window) in unit.person_days.iter_mut().zip(shifts) {
                    *sum += u64::from((days & window).count_ones());
                }
            }
        }
        let outside_body = add_outside(usage, &mut units, (&own, whole));
        add_minutes(usage, &mut units);
        // Those above stand before those below: from the end on, each adds to the one above it.
        for place in (0..units.len()).rev() {
            if let Some(parent) = usage.units[place].parent
                && let Ok([below, above]) = units.get_disjoint_mut([place, parent as usize])
            {
                // People outside the plan count where they are: their own unit is asked, and the whole.
                let outside = (above.outside_use, above.outside_attempts);
                above.add(below);
                (above.outside_use, above.outside_attempts) = outside;
            }
        }
        let mut body = ScopeUse::default();
        let roots = usage.units.iter().zip(&units);
        for (_, root) in roots.filter(|(node, _)| node.parent.is_none()) {
            body.add(root);
        }
        (body.outside_use, body.outside_attempts) = outside_body;
        let places = usage
            .units
            .iter()
            .enumerate()
            .map(|(place, it)| (it.id, place));
        Self {
            body,
            units,
            places: places.collect(),
            tasks: BTreeMap::new(),
            parts: parts::sum(usage),
            checks: failing::sum(usage),
        }
    }

    /// What is done for a task in a unit with those below it.
    #[must_use]
    pub fn part(&self, task: TaskId, unit: UnitId) -> TaskUse {
        let place = self.places.get(&unit);
        let part = place.and_then(|place| self.parts.get(&(task, *place)));
        part.copied().unwrap_or_default()
    }

    /// A check of the devices of a unit with those below it; none of a unit of which no devices were counted.
    #[must_use]
    pub fn check(&self, unit: UnitId, check: DeviceCheck) -> Option<CheckCount> {
        let counts = self.checks.get(*self.places.get(&unit)?)?;
        Some(counts[check.column()])
    }

    /// Use of a scope.
    #[must_use]
    pub fn scope(&self, scope: CaseScope) -> ScopeUse {
        match scope {
            CaseScope::Body => self.body,
            CaseScope::Unit(unit) => {
                let place = self.places.get(&unit);
                place.map_or_else(ScopeUse::default, |place| self.units[*place])
            }
        }
    }
}

/// People outside the plan, where they were outside it; of the whole how many got in, and on how many days they were
/// refused.
fn add_outside(
    usage: &Usage,
    units: &mut [ScopeUse],
    (own, whole): (&[Counted], Counted),
) -> (u64, u64) {
    let newest = Usage::window(0);
    let mut body = (0, 0);
    for person in &usage.people {
        let (mut all_used, mut all_refused) = (0, 0);
        for (place, days, _) in usage.stays(person).filter(|(.., admitted)| !admitted) {
            let (Some(unit), Some(own)) = (units.get_mut(place), own.get(place)) else {
                continue;
            };
            let days = days & newest;
            let (used, refused) = (person.days & days, person.refused & days);
            unit.outside_use += u64::from(used & own.used != 0);
            unit.outside_attempts += u64::from((refused & own.refused).count_ones());
            all_used |= used;
            all_refused |= refused;
        }
        body.0 += u64::from(all_used & whole.used != 0);
        body.1 += u64::from((all_refused & whole.refused).count_ones());
    }
    body
}

/// People outside the units of each task, where they are: their own unit is asked, and the whole.
fn of_tasks(
    usage: &Usage,
    accepted: &AcceptedBy<'_>,
) -> BTreeMap<(TaskId, CaseScope), OutsideOfTask> {
    let newest = Usage::window(0);
    let mut counted: BTreeMap<(TaskId, CaseScope), Counted> = BTreeMap::new();
    let mut sums: BTreeMap<(TaskId, CaseScope), OutsideOfTask> = BTreeMap::new();
    for it in &usage.outside {
        let Some(node) = usage.units.get(it.unit as usize) else {
            continue;
        };
        for scope in [CaseScope::Body, CaseScope::Unit(node.id)] {
            let key = (it.task, scope);
            let counted = *counted.entry(key).or_insert_with(|| {
                let subject = it.task.to_string();
                Counted::of(usage, accepted, (scope, Some(&subject)))
            });
            let sum = sums.entry(key).or_default();
            sum.used += u64::from(it.days & newest & counted.used != 0);
            let refused = it.refused & newest & counted.refused;
            sum.refused += u64::from(refused.count_ones());
        }
    }
    sums
}

/// Minutes at gateways of each unit itself.
fn add_minutes(usage: &Usage, units: &mut [ScopeUse]) {
    for (unit, minutes) in units.iter_mut().zip(&usage.minutes) {
        unit.newest_minutes = within(minutes, 0);
        for (sum, shift) in unit.minutes.iter_mut().zip(usage.working) {
            *sum = within(minutes, shift);
        }
    }
}

fn within(minutes: &[u32; DAYS], shift: u8) -> u64 {
    let days = minutes.iter().skip(shift.into()).take(WINDOW as usize);
    days.map(|it| u64::from(*it)).sum()
}
