//! What follows from an evaluation: cases to be opened, cases that grew, cases that are over.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::id::{CaseId, TaskId};
use sekisho_domain::plan::{Case, CaseScope, FIGURES_MAX, Figure, FrozenTaskUse, Measure, Trigger};
use sekisho_domain::world::TeleworkPlan;

use super::level::subsides;
use super::tasks::covers;
use super::{Against, Evaluation, Fired, Sums, Usage};

/// By how many tenths a number has to exceed what a case says for the case to be told anew.
const NEWS: u64 = 11;

/// What follows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Settled {
    /// What fires and has no open case.
    pub found: Vec<Fired>,
    /// Open cases to which more came.
    pub grown: Vec<(CaseId, Vec<Figure>, bool)>,
    /// Open cases of which numbers moved by less: all their figures, which closing is to accept.
    pub moved: Vec<(CaseId, Vec<Figure>)>,
    /// Open cases of which what fired is gone again.
    pub subsided: Vec<(CaseId, Vec<Figure>)>,
}

/// Follows from an evaluation and the cases that are open. What an exception in force suppresses opens no case
/// and adds to none; what is open stays open, and once the exception is over it fires as it would have. That
/// something is not measured is never suppressed.
#[must_use]
pub fn settle(
    plan: &TeleworkPlan,
    evaluation: &Evaluation,
    usage: &Usage,
    against: Against<'_>,
) -> Settled {
    let mut settled = Settled::default();
    // Looked for once for all that fires: cases of years stand among them.
    let mut open: BTreeMap<(Trigger, CaseScope), &Case> = BTreeMap::new();
    for case in plan.open() {
        let key = (case.opened.trigger, case.opened.scope);
        open.entry(key).or_insert(case);
    }
    let fired = evaluation.fired.iter();
    let counting: Vec<Fired> = fired.filter_map(|it| counts(it, usage)).collect();
    for fired in &counting {
        match open.get(&(fired.trigger, fired.scope)) {
            None => settled.found.push(fired.clone()),
            Some(case) => more(case, fired, &mut settled),
        }
    }
    let firing = counting.iter().map(|it| (it.trigger, it.scope));
    let firing: BTreeSet<(Trigger, CaseScope)> = firing.collect();
    let sums = Sums::of(usage, against);
    for case in plan.open() {
        let key = (case.opened.trigger, case.opened.scope);
        let fires = firing.contains(&key);
        if let Some(figures) = (!fires).then(|| over(case, usage, &sums)).flatten() {
            settled.subsided.push((case.opened.case, figures));
        }
    }
    settled
}

/// What counts of something that fires: all of it, and where an exception suppresses it, that something is not
/// measured. An exception says that a change is accepted, and not that nobody need look.
fn counts(fired: &Fired, usage: &Usage) -> Option<Fired> {
    let mut fired = fired.clone();
    if usage.is_suppressed(fired.trigger, fired.scope) {
        fired.figures.retain(|it| it.measure == Measure::Unmeasured);
        fired.high = false;
    }
    (!fired.figures.is_empty()).then_some(fired)
}

/// What became of a figure that a case names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    /// It grew, by less than is news.
    Moved,
    News,
}

fn change(known: &Figure, now: &Figure) -> Change {
    match now.measure {
        // They grow by themselves from day to day.
        Measure::PlanAge | Measure::FunctionUnlisted => Change::None,
        // Their numbers are grades, of which a tenth says nothing.
        Measure::TaskAdded | Measure::GradeRaised if covers(known.value, now.value) => Change::None,
        Measure::TaskAdded | Measure::GradeRaised => Change::News,
        _ if now.value.saturating_mul(10) > known.value.saturating_mul(NEWS) => Change::News,
        // What is accepted of these is the very level from then on: closed at what they were when the case
        // opened, they would open it anew on the same day.
        Measure::People
        | Measure::PersonDays
        | Measure::GatewayHours
        | Measure::TaskPermits
        | Measure::TaskDays
        | Measure::CheckFailing
            if now.value > known.value =>
        {
            Change::Moved
        }
        _ => Change::None,
    }
}

/// What came to an open case: told anew where something is new or a number grew by a tenth of what was told, and
/// taken down where a number grew by less. A case that names as much as it can takes no more: what is beyond fires again
/// once that is dealt with, and would be news every day until then.
fn more(case: &Case, fired: &Fired, settled: &mut Settled) {
    let mut figures = case.figures().to_vec();
    let mut news = fired.high && !case.opened.high;
    let mut moved = false;
    for figure in &fired.figures {
        let place = figures.iter().position(|it| it.about() == figure.about());
        let Some(place) = place else {
            if figures.len() < FIGURES_MAX {
                figures.push(figure.clone());
                news = true;
            }
            continue;
        };
        if change(&figures[place], figure) != Change::None {
            figures[place] = figure.clone();
            moved = true;
        }
        // Against what was told, and not against where it stood yesterday: small steps add up.
        let mut told = case.opened.figures.iter();
        let told = told.find(|it| it.about() == figure.about());
        news |= told.is_some_and(|told| change(told, figure) == Change::News);
    }
    let id = case.opened.case;
    if news {
        let high = fired.high || case.opened.high;
        settled.grown.push((id, figures, high));
    } else if moved {
        settled.moved.push((id, figures));
    }
}

/// The figures as they are now where all that fired is over; none where something of it is not, or is
/// something that happened and does not go away.
fn over(case: &Case, usage: &Usage, sums: &Sums) -> Option<Vec<Figure>> {
    let (trigger, scope) = (case.opened.trigger, case.opened.scope);
    let figures = case.figures().iter().map(|figure| {
        if figure.measure == Measure::Unmeasured {
            let missing = usage
                .missing
                .iter()
                .any(|it| Some(it.code()) == figure.subject.as_deref());
            return (!missing).then(|| figure.clone());
        }
        let value = now(figure, trigger, scope, usage, sums)?;
        subsides(value, figure.level?).then(|| Figure {
            value,
            ..figure.clone()
        })
    });
    figures.collect()
}

/// What is measured now of what a figure speaks of; none of what does not go away by itself.
fn now(
    figure: &Figure,
    trigger: Trigger,
    scope: CaseScope,
    usage: &Usage,
    sums: &Sums,
) -> Option<u64> {
    let use_now = sums.scope(scope);
    match (trigger, figure.measure) {
        (_, Measure::PersonDays) => Some(use_now.newest_days),
        (_, Measure::GatewayHours) => Some(use_now.frozen().gateway_hours),
        (_, Measure::People) => Some(use_now.people),
        (_, Measure::OutsideAttempts) => match &figure.subject {
            None => Some(use_now.outside_attempts),
            Some(task) => {
                let task: TaskId = task.parse().ok()?;
                let of = sums.tasks.get(&(task, scope));
                Some(of.map_or(0, |it| it.refused))
            }
        },
        (_, Measure::TaskPermits) => of_task(figure, scope, usage, sums).map(|it| it.permits),
        (_, Measure::TaskDays) => of_task(figure, scope, usage, sums).map(|it| it.person_days),
        (_, Measure::CheckFailing) => {
            let check = DeviceCheck::from_code(figure.subject.as_deref()?)?;
            match scope {
                CaseScope::Body => {
                    let of = usage.checks.iter().find(|it| it.check == check);
                    of.map(|it| it.share)
                }
                CaseScope::Unit(unit) => sums.check(unit, check)?.share(),
            }
        }
        _ => None,
    }
}

/// What is done now for the task of which a figure speaks.
fn of_task(figure: &Figure, scope: CaseScope, usage: &Usage, sums: &Sums) -> Option<FrozenTaskUse> {
    let task: TaskId = figure.subject.as_ref()?.parse().ok()?;
    Some(match scope {
        CaseScope::Unit(unit) => sums.part(task, unit).frozen(),
        CaseScope::Body => {
            let now = usage.tasks.get(&task);
            now.map_or_else(FrozenTaskUse::default, |it| FrozenTaskUse {
                permits: it.permits,
                person_days: it.person_days,
            })
        }
    })
}
