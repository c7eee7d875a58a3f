//! What the limit of a clause speaks of.

use sekisho_domain::grade::Grade;
use sekisho_domain::rule::ClauseTerms;

/// Whether two lists have something in common; one that names nothing means everything.
fn meet<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    one.is_empty() || other.is_empty() || one.iter().any(|it| other.contains(it))
}

/// Whether the first list lies within the second; one that names nothing means everything.
fn lies_in<T: PartialEq>(one: &[T], other: &[T]) -> bool {
    other.is_empty() || (!one.is_empty() && one.iter().all(|it| other.contains(it)))
}

/// Whether there is something that both clauses speak of.
#[must_use]
pub fn overlap(one: &ClauseTerms, other: &ClauseTerms) -> bool {
    let tasks = one.task.is_none() || other.task.is_none() || one.task == other.task;
    tasks && meet(&one.permits, &other.permits) && meet(&one.places, &other.places)
}

/// Whether all that the first clause speaks of, the second speaks of too.
#[must_use]
pub fn within(one: &ClauseTerms, other: &ClauseTerms) -> bool {
    let tasks = other.task.is_none() || one.task == other.task;
    tasks && lies_in(&one.permits, &other.permits) && lies_in(&one.places, &other.places)
}

/// Whether a grade goes beyond the highest that is allowed, in any dimension.
#[must_use]
pub fn exceeds(grade: Grade, highest: Grade) -> bool {
    grade.confidentiality > highest.confidentiality
        || grade.integrity > highest.integrity
        || grade.availability > highest.availability
}
