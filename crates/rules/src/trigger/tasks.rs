//! Which tasks (対象業務の制限範囲): one more, a higher grade, another system reached.

use sekisho_domain::grade::Grade;
use sekisho_domain::plan::{Figure, Measure, Trigger};

use super::{Found, Ground};

/// A grade as a number whose digits are its levels, so that figures can hold it.
fn number(grade: Grade) -> u64 {
    u64::from(grade.confidentiality.level()) * 100
        + (1 + u64::from(grade.needs_integrity())) * 10
        + (1 + u64::from(grade.needs_availability()))
}

/// Whether each level of one grade is covered by another's, as numbers.
const fn covers(known: u64, now: u64) -> bool {
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
    let raised = |task: &str| {
        let figures = ground.against.accepted.iter().flat_map(|it| &it.figures);
        let figures = figures.filter(|it| it.subject.as_deref() == Some(task));
        let of_grade =
            |it: &&Figure| matches!(it.measure, Measure::GradeRaised | Measure::TaskAdded);
        figures.filter(of_grade).map(|it| it.value).fold(0, join)
    };
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
        if before.is_none() && !added.contains(subject.as_str()) {
            let figure = figure(Measure::TaskAdded, None);
            found.add_for(Trigger::Tasks, now.unit, &figure, high);
            continue;
        }
        let base = join(before.map_or(0, |it| number(it.grade)), raised(&subject));
        if !covers(base, grade) {
            let figure = figure(Measure::GradeRaised, Some(base));
            found.add_for(Trigger::Tasks, now.unit, &figure, high);
        }
        for system in &now.systems {
            let reach = format!("{subject}/{system}");
            let known = before.is_some_and(|it| it.systems.contains(system));
            if !known && before.is_some() && !reached.contains(reach.as_str()) {
                let figure = Figure::found(Measure::SystemReached, reach);
                found.add_for(Trigger::Tasks, now.unit, &figure, false);
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
            }
        }
    }
}
