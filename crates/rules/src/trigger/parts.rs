//! What the people of units do for each task: against what a line names where it speaks of one unit, and against what was
//! frozen of it.
//!
//! A line names one number for all whom it admits. That is a number of one unit where everything that it names lies
//! within it; of those below nobody said how many. They are held to the baseline, as in everything else: permits one by
//! one, and days as many at a time as somebody adds who takes a task up, since people change tasks where nothing else
//! changes. What is planned to grow does so in its parts too ([`planned_part`]).

use std::collections::BTreeMap;

use sekisho_domain::id::TaskId;
use sekisho_domain::plan::{
    CaseScope, Feed, Figure, FrozenParts, FrozenTaskUse, Measure, PlanLine, Trigger,
};

use super::level::{beyond, grown, planned_part};
use super::usage::{TaskUse, UnitNode, Usage};
use super::volume::{Measured, judge};
use super::{Found, Ground};

/// Days that somebody who takes a task up adds to it within four weeks, at two or three a week.
const DAYS_A_PERSON: u64 = 10;

/// What is done for each task by the people of each unit with those below it.
pub(super) fn sum(usage: &Usage) -> BTreeMap<(TaskId, usize), TaskUse> {
    let mut sums: BTreeMap<(TaskId, usize), TaskUse> = BTreeMap::new();
    for ((task, place), own) in &usage.task_units {
        let parent = |place: &usize| usage.units.get(*place)?.parent.map(|above| above as usize);
        for place in std::iter::successors(Some(*place), parent) {
            sums.entry((*task, place)).or_default().add(own);
        }
    }
    sums
}

/// The lowest unit that two are or stand below. Those above stand before those below.
fn common(units: &[UnitNode], (mut one, mut other): (usize, usize)) -> Option<usize> {
    while one != other {
        let lower = if one > other { &mut one } else { &mut other };
        *lower = units.get(*lower)?.parent? as usize;
    }
    Some(one)
}

/// The one unit of which a line speaks, and what is done there for its task: the lowest within which all lies that it
/// names. None where it names nothing, and so speaks of everyone, or nothing less than the whole.
pub(super) fn of_line(ground: &Ground<'_>, line: &PlanLine) -> Option<(CaseScope, TaskUse)> {
    let mut places = line.units.iter().map(|it| ground.sums.places.get(it));
    let first = *places.next()??;
    let units = &ground.usage.units;
    let place = places.try_fold(first, |all, it| common(units, (all, *it?)))?;
    let unit = units.get(place)?.id;
    let is_whole = ground.whole == Some(place);
    (!is_whole).then(|| (CaseScope::Unit(unit), ground.sums.part(line.task, unit)))
}

/// A number of a task in a scope, where it lies beyond what its line names, or beyond what was accepted of it for the
/// scope or the whole: the line names one number for both.
pub(super) fn over_line(
    ground: &Ground<'_>,
    (trigger, scope): (Trigger, CaseScope),
    (measure, task): (Measure, TaskId),
    (value, base, most): (u64, Option<u64>, u32),
) -> Option<Figure> {
    let subject = task.to_string();
    let about = (measure, Some(subject.as_str()));
    let accepted = |scope| ground.accepted.value((trigger, scope), about);
    let accepted = accepted(scope).max(accepted(CaseScope::Body));
    beyond(Figure {
        measure,
        value,
        base,
        level: Some(u64::from(most).max(accepted.unwrap_or_default())),
        subject: Some(subject),
    })
}

/// One task in one unit.
struct Part<'a> {
    task: TaskId,
    line: Option<&'a PlanLine>,
    frozen: &'a FrozenParts,
    base: FrozenTaskUse,
    now: &'a TaskUse,
}

impl Part<'_> {
    /// Permits, where they are more than were frozen, and more than what is planned makes of that.
    fn permits(&self, ground: &Ground<'_>, scope: CaseScope) -> Option<Figure> {
        let planned = self.line.and_then(|line| line.people).unwrap_or_default();
        let whole = (self.frozen.whole.permits, planned.into());
        let part = planned_part(self.base.permits, whole)?;
        if self.now.permits <= part {
            return None;
        }
        let subject = self.task.to_string();
        let about = (Measure::TaskPermits, Some(subject.as_str()));
        let accepted = ground.accepted.value((Trigger::Volume, scope), about);
        beyond(Figure {
            measure: Measure::TaskPermits,
            value: self.now.permits,
            base: Some(self.base.permits),
            level: Some(grown(part.max(accepted.unwrap_or_default()), 1)),
            subject: Some(subject),
        })
    }

    /// Days, likewise.
    fn days(&self, ground: &Ground<'_>, scope: CaseScope) -> Option<Figure> {
        let planned = self.line.and_then(|line| line.person_days);
        let whole = (
            self.frozen.whole.person_days,
            planned.unwrap_or_default().into(),
        );
        let part = planned_part(self.base.person_days, whole)?;
        if self.now.person_days.iter().all(|days| *days <= part) {
            return None;
        }
        let days = Measured {
            measure: Measure::TaskDays,
            subject: Some(self.task.to_string()),
            grain: DAYS_A_PERSON,
            newest: self.now.newest_days,
            days: self.now.person_days,
            base: self.base.person_days,
            held: part,
            ceiling: None,
        };
        judge(ground, scope, &days)
    }
}

/// Whether use was measured when it was frozen. Growth against what was not seen says nothing.
pub(super) fn use_was_seen(ground: &Ground<'_>) -> bool {
    let unmeasured = &ground.against.baseline.unmeasured;
    !unmeasured.contains(Feed::Use.code())
}

/// Growth of tasks in units, against what was frozen. A task that was not there is told as one that is new, and a unit
/// that is the whole by itself as the whole.
pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    let baseline = ground.against.baseline;
    let Some(parts) = &baseline.parts else {
        return;
    };
    let lines = ground.against.version.content.lines.iter();
    let lines: BTreeMap<TaskId, &PlanLine> = lines.map(|line| (line.task, line)).collect();
    let use_was_seen = use_was_seen(ground);
    for ((task, place), now) in &ground.sums.parts {
        let node = ground.usage.units.get(*place);
        let node = node.filter(|it| ground.whole != Some(*place) && baseline.knows(it.id));
        let (Some(frozen), Some(node)) = (parts.get(task), node) else {
            continue;
        };
        let scope = CaseScope::Unit(node.id);
        let part = Part {
            task: *task,
            line: lines.get(task).copied(),
            frozen,
            base: frozen.units.get(&node.id).copied().unwrap_or_default(),
            now,
        };
        let days = use_was_seen.then(|| part.days(ground, scope)).flatten();
        let both = [part.permits(ground, scope), days];
        for figure in both.into_iter().flatten() {
            // More days than a line names may have been told already.
            if !found.has((Trigger::Volume, scope), &figure) {
                found.add(Trigger::Volume, scope, figure);
            }
        }
    }
}
