//! Inputs to a number: the first edition of the method.
//!
//! Records rest on it: it stays as it is, and another method is another edition beside it.

use sekisho_domain::grade::{Availability, Confidentiality, Grade, Integrity};
use sekisho_domain::risk::{
    Answer, Bound, Inputs, Rank, RiskResult, RiskTable, ScenarioResult, ScenarioRow,
};

/// The importance of what is handled, by the clauses' own classes of permission (8.1.1(3)(h)): 3 for C3, I2
/// and A2, 2 for C2, else 1.
#[must_use]
pub fn importance(grade: Grade) -> Rank {
    let highest = grade.confidentiality == Confidentiality::C3
        || grade.integrity == Integrity::I2
        || grade.availability == Availability::A2;
    if highest {
        Rank::Three
    } else if grade.confidentiality == Confidentiality::C2 {
        Rank::Two
    } else {
        Rank::One
    }
}

/// A threat: its default, one step up where anything was measured that raises it.
#[must_use]
pub fn threat(default: Rank, facts: usize) -> Rank {
    if facts == 0 {
        default
    } else {
        default.raised()
    }
}

/// What one check says of a weakness.
fn of_check(table: &RiskTable, bound: &Bound, importance: Rank) -> Rank {
    let subjects = u64::from(bound.subjects());
    let passing = u64::from(bound.pass);
    if subjects == 0 {
        return Rank::Three;
    }
    let lacking = subjects - passing;
    if lacking == 0 {
        Rank::One
    } else if bound.unknown == 0
        && lacking * 1000 <= subjects * u64::from(table.few)
        && importance != Rank::Three
    {
        Rank::Two
    } else {
        Rank::Three
    }
}

/// A weakness by what was measured alone: the worst of its checks; 3 where nothing is bound to it.
#[must_use]
pub fn weakness(table: &RiskTable, bound: &[Bound], importance: Rank) -> Rank {
    let all = bound.iter().map(|it| of_check(table, it, importance));
    all.max().unwrap_or(Rank::Three)
}

/// A weakness after what a person said: raised by hand or by an answer, and lowered by an exception alone.
fn judged(inputs: &Inputs, row: &ScenarioRow, measured: Rank) -> Rank {
    let asked = row.questions.iter().any(|question| {
        // What is not answered is not known, which counts like what is so.
        inputs.answers.get(question) != Some(&Answer::No)
    });
    let answered = if asked { Rank::Three } else { measured };
    let raised = inputs.raised.iter().filter(|it| it.scenario == row.code);
    let raised = raised.fold(answered, |known, it| known.max(it.to));
    let lowered = inputs.lowered.iter().filter(|it| it.scenario == row.code);
    lowered.fold(raised, |known, it| known.min(it.to))
}

/// Puts inputs to the first edition.
pub(super) fn first(inputs: &Inputs) -> RiskResult {
    let table = &inputs.table;
    let importance = importance(inputs.grade);
    let scenarios: Vec<ScenarioResult> = table
        .scenario
        .iter()
        .map(|row| {
            let facts = inputs.facts.get(&row.code).map_or(0, Vec::len);
            let bound = inputs.bound.get(&row.code).map_or(&[][..], Vec::as_slice);
            let threat = threat(row.threat, facts);
            let weakness = judged(inputs, row, weakness(table, bound, importance));
            let likelihood = table.likelihood(threat, weakness);
            ScenarioResult {
                scenario: row.code,
                threat,
                weakness,
                likelihood,
                risk: importance.number() * likelihood.number(),
            }
        })
        .collect();
    // A table without scenarios is refused when it is read; it would pass everything.
    let risk = scenarios.iter().map(|it| it.risk).max().unwrap_or(9);
    RiskResult {
        importance,
        risk,
        level: table.level(risk),
        scenarios,
    }
}
