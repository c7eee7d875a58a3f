//! Two clauses that limit the same thing.

use sekisho_domain::rule::ClauseTerms;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::scope::{exceeds, overlap, within};
use super::{Conflict, ConflictCode, Found, Placed, Side};

/// How the scopes of two clauses lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lie {
    /// Both speak of the same.
    Same,
    /// The first is narrower.
    FirstWithin,
    /// The second is narrower.
    SecondWithin,
    /// Each speaks of something that the other does not.
    Across,
}

fn lie((world, now): (&World, Timestamp), one: Placed<'_>, other: Placed<'_>) -> Lie {
    let is_within = |one: Placed<'_>, other: Placed<'_>| {
        within(&one.clause.terms, &other.clause.terms) && one.whom.lies_in(other.whom, world, now)
    };
    match (is_within(one, other), is_within(other, one)) {
        (true, true) => Lie::Same,
        (true, false) => Lie::FirstWithin,
        (false, true) => Lie::SecondWithin,
        (false, false) => Lie::Across,
    }
}

/// Whether a limit of one clause can be followed together with that of another, by how strict each is.
struct Limits {
    code: ConflictCode,
    differ: bool,
    /// The first asks no less than the second.
    first_stricter: bool,
    second_stricter: bool,
    values: [String; 2],
}

/// What cannot be followed together. Rules for different people are never in each other's way.
pub(super) fn between(
    at: (&World, Timestamp),
    one: Placed<'_>,
    other: Placed<'_>,
    found: &mut Found,
) {
    let (first, second) = (&one.clause.terms, &other.clause.terms);
    if !overlap(first, second) || !one.whom.meets(other.whom, at.0, at.1) {
        return;
    }
    let lie = lie(at, one, other);
    let same_rule = one.of.rule == other.of.rule;
    for limits in compared(first, second) {
        if !limits.differ {
            continue;
        }
        let compatible = match lie {
            Lie::FirstWithin => limits.first_stricter,
            Lie::SecondWithin => limits.second_stricter,
            Lie::Same | Lie::Across => false,
        };
        if compatible {
            continue;
        }
        let nested = matches!(lie, Lie::FirstWithin | Lie::SecondWithin);
        let code = if nested && same_rule {
            ConflictCode::Special
        } else {
            limits.code
        };
        let [a, b] = limits.values;
        let sides = (Side::Clause(one.of), Side::Clause(other.of));
        found.push(Conflict::new(code, sides.0, sides.1).of(a, b));
    }
}

fn compared(first: &ClauseTerms, second: &ClauseTerms) -> Vec<Limits> {
    let mut all = Vec::new();
    if first.forbids != second.forbids {
        all.push(Limits {
            code: ConflictCode::ForbidsAndAllows,
            differ: true,
            first_stricter: first.forbids,
            second_stricter: second.forbids,
            values: [first, second].map(|it| if it.forbids { "forbids" } else { "allows" }.into()),
        });
    }
    if let (Some(a), Some(b)) = (first.highest, second.highest) {
        all.push(Limits {
            code: ConflictCode::Ceilings,
            differ: a != b,
            first_stricter: !exceeds(a, b),
            second_stricter: !exceeds(b, a),
            values: [a.to_string(), b.to_string()],
        });
    }
    if let (Some(a), Some(b)) = (first.days, second.days) {
        all.push(Limits {
            code: ConflictCode::Terms,
            differ: a != b,
            first_stricter: a <= b,
            second_stricter: b <= a,
            values: [a.to_string(), b.to_string()],
        });
    }
    if let (Some(a), Some(b)) = (first.approver, second.approver) {
        all.push(Limits {
            code: ConflictCode::Approvers,
            differ: a != b,
            first_stricter: false,
            second_stricter: false,
            values: [a.code().to_owned(), b.code().to_owned()],
        });
    }
    all
}
