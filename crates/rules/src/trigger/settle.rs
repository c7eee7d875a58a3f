//! What follows from an evaluation: cases to be opened, cases that grew, cases that are over.

use sekisho_domain::id::CaseId;
use sekisho_domain::plan::{Case, CaseScope, Figure, Measure, Trigger};
use sekisho_domain::world::TeleworkPlan;

use super::level::subsides;
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
    let open = |fired: &Fired| plan.open_case(fired.trigger, fired.scope);
    let fired = evaluation.fired.iter();
    let counting: Vec<Fired> = fired.filter_map(|it| counts(it, usage)).collect();
    for fired in &counting {
        match open(fired) {
            None => settled.found.push(fired.clone()),
            Some(case) => settled.grown.extend(more(case, fired)),
        }
    }
    let sums = Sums::of(usage, against);
    for case in plan.open() {
        let key = (case.opened.trigger, case.opened.scope);
        let fires = counting.iter().any(|it| (it.trigger, it.scope) == key);
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

/// All figures of a case where something new came to it, or a number grew by a tenth; none otherwise.
fn more(case: &Case, fired: &Fired) -> Option<(CaseId, Vec<Figure>, bool)> {
    let known = &case.opened.figures;
    let of = |about| known.iter().position(|it| it.about() == about);
    let mut figures = known.clone();
    let mut news = fired.high && !case.opened.high;
    for figure in &fired.figures {
        match of(figure.about()) {
            None => {
                figures.push(figure.clone());
                news = true;
            }
            Some(place) => {
                let before = figures[place].value;
                let counts =
                    !matches!(figure.measure, Measure::PlanAge | Measure::FunctionUnlisted);
                if counts && figure.value * 10 > before.saturating_mul(NEWS) {
                    figures[place] = figure.clone();
                    news = true;
                }
            }
        }
    }
    news.then_some((case.opened.case, figures, fired.high || case.opened.high))
}

/// The figures as they are now where all that fired is over; none where something of it is not, or is
/// something that happened and does not go away.
fn over(case: &Case, usage: &Usage, sums: &Sums) -> Option<Vec<Figure>> {
    let (trigger, scope) = (case.opened.trigger, case.opened.scope);
    let figures = case.opened.figures.iter().map(|figure| {
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
        (_, Measure::OutsideAttempts) => Some(use_now.outside_attempts),
        (_, Measure::TaskPermits) => {
            let task = figure.subject.as_ref()?.parse().ok()?;
            Some(usage.tasks.get(&task).map_or(0, |it| it.permits))
        }
        (_, Measure::CheckFailing) => {
            let of = |it: &&super::CheckShare| Some(it.check.code()) == figure.subject.as_deref();
            usage.checks.iter().find(of).map(|it| it.share)
        }
        _ => None,
    }
}
