//! Which tasks (対象業務の制限範囲): one more, a higher grade, another system reached.

use sekisho_domain::grade::Grade;
use sekisho_domain::plan::{CaseScope, Figure, FrozenTask, Measure, Trigger};
use sekisho_domain::world::Accepted;

use super::{Found, Ground, scopes, speaks_for};

/// A grade as a number whose digits are its levels, so that figures can hold it.
fn number(grade: Grade) -> u64 {
    u64::from(grade.confidentiality.level()) * 100
        + (1 + u64::from(grade.needs_integrity())) * 10
        + (1 + u64::from(grade.needs_availability()))
}

/// The grade of a number; none where it is no grade's.
fn grade_of(numbered: u64) -> Option<Grade> {
    Grade::all().into_iter().find(|it| number(*it) == numbered)
}

/// The grade up to which reassessments accepted a task for a scope, as a number; 0 where none did.
fn accepted_grade(accepted: &[Accepted], scope: CaseScope, task: &str) -> u64 {
    let spoken = accepted.iter().filter(|it| speaks_for(it.scope, scope));
    let figures = spoken.flat_map(|it| &it.figures);
    let figures = figures.filter(|it| it.subject.as_deref() == Some(task));
    let of_grade = |it: &&Figure| matches!(it.measure, Measure::GradeRaised | Measure::TaskAdded);
    figures.filter(of_grade).map(|it| it.value).fold(0, join)
}

/// The highest grade of a task that is known, by what was frozen of it and what reassessments accepted for the
/// whole; none where nothing is known of it.
pub(super) fn known_grade(
    before: Option<&FrozenTask>,
    accepted: &[Accepted],
    task: &str,
) -> Option<Grade> {
    let before = before.map_or(0, |it| number(it.grade));
    grade_of(join(
        before,
        accepted_grade(accepted, CaseScope::Body, task),
    ))
}

/// Whether each level of one grade is covered by another's, as numbers.
pub(super) const fn covers(known: u64, now: u64) -> bool {
    known / 100 >= now / 100 && known / 10 % 10 >= now / 10 % 10 && known % 10 >= now % 10
}

/// What both cover, level by level.
fn join(one: u64, other: u64) -> u64 {
    let digit = |by: u64| (one / by % 10).max(other / by % 10) * by;
    digit(100) + digit(10) + digit(1)
}

pub(super) fn find(ground: &Ground<'_>, found: &mut Found) {
    let known = &ground.against.baseline.tasks;
    let accepted = |measure| ground.against.accepted_subjects(measure);
    let (added, reached) = (
        accepted(Measure::TaskAdded),
        accepted(Measure::SystemReached),
    );
    let raised = |scope, task: &str| accepted_grade(ground.against.accepted, scope, task);
    for (task, now) in &ground.usage.tasks {
        let subject = task.to_string();
        let grade = number(now.grade);
        let figure = |measure, base| Figure {
            value: grade,
            base,
            ..Figure::found(measure, subject.clone())
        };
        let high = grade / 100 >= 3;
        let before = known.get(task);
        for scope in scopes(now.unit) {
            let is_new = before.is_none() && !added.has(scope, &subject);
            let base = before.map_or(0, |it| number(it.grade));
            let base = join(base, raised(scope, &subject));
            let figure = if is_new {
                figure(Measure::TaskAdded, None)
            } else if !covers(base, grade) {
                figure(Measure::GradeRaised, Some(base))
            } else {
                continue;
            };
            if high {
                found.add_high(Trigger::Tasks, scope, figure);
            } else {
                found.add(Trigger::Tasks, scope, figure);
            }
        }
        // Of a task that is new as well: what is accepted with it are these systems, and not those to come.
        for system in &now.systems {
            let reach = format!("{subject}/{system}");
            let known = before.is_some_and(|it| it.systems.contains(system));
            if !known {
                let figure = Figure::found(Measure::SystemReached, reach.clone());
                let of = (Trigger::Tasks, now.unit);
                found.add_where(of, &figure, false, |scope| !reached.has(scope, &reach));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grades_as_numbers_join_and_cover_as_grades_do() {
        for one in Grade::all() {
            for other in Grade::all() {
                assert_eq!(join(number(one), number(other)), number(one.join(other)));
                assert_eq!(covers(number(one), number(other)), one.join(other) == one);
                assert_eq!(grade_of(number(one)), Some(one));
            }
        }
    }
}
