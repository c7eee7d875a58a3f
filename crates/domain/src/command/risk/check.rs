//! Whether what an assessment says holds together, and with the World.

use std::collections::BTreeSet;

use super::{Refusal, narrow};
use crate::grade::Grade;
use crate::id::PermitId;
use crate::plan::{CaseScope, Conclusion, RiskLevel};
use crate::register::{EntryId, Task, is_in_force};
use crate::risk::{
    ACCEPTED_DAYS, Question, RiskContent, RiskResult, RiskSubject, TREATMENTS_MAX, Treatment,
};
use crate::time::{Span, Timestamp};
use crate::world::World;

/// What is proposed, and approved after whatever has changed meanwhile: it holds together, something is done about it
/// where that is needed, and what is done about it changes something.
pub(super) fn to_decide(
    world: &World,
    found: &RiskContent,
    result: &RiskResult,
    now: Timestamp,
) -> Result<(), Refusal> {
    content(world, found, now)?;
    acted_on(found, result)?;
    narrow::narrows(world, found, now)
}

/// A high risk is proposed and approved with something done about it, and measures with what they are; never
/// without.
fn acted_on(content: &RiskContent, result: &RiskResult) -> Result<(), Refusal> {
    if result.level == RiskLevel::High && content.treatments.is_empty() {
        return Err(Refusal::new("risk.high-without-treatment").at("treatments"));
    }
    // Measures that nobody names stand in no rule (GOV-2-b).
    let named = |it: &Treatment| matches!(it, Treatment::Measure { .. } | Treatment::Condition(_));
    if content.conclusion == Conclusion::Measures && !content.treatments.iter().any(named) {
        return Err(Refusal::new("risk.measures-unnamed").at("treatments"));
    }
    Ok(())
}

/// Everything that is said makes sense, and what it names is there.
pub(super) fn content(world: &World, content: &RiskContent, now: Timestamp) -> Result<(), Refusal> {
    subject(world, content, now)?;
    if content.places.is_empty() {
        return Err(Refusal::new("risk.no-place").at("places"));
    }
    for question in Question::ALL {
        if !content.answers.contains_key(question) {
            return Err(Refusal::new("risk.unanswered").at(question.code()));
        }
    }
    let raised: BTreeSet<_> = content.raised.iter().map(|it| it.scenario).collect();
    let lowered: BTreeSet<_> = content.lowered.iter().map(|it| it.scenario).collect();
    if raised.len() < content.raised.len() || lowered.len() < content.lowered.len() {
        return Err(Refusal::new("risk.scenario-twice").at("raised"));
    }
    for it in &content.lowered {
        exception(world, content.subject, it.permit, now)?;
    }
    cases(world, content)?;
    treatments(content, now)
}

/// What is assessed is in use, and the grade is no lower than the register says.
fn subject(world: &World, content: &RiskContent, now: Timestamp) -> Result<(), Refusal> {
    let unknown = || Refusal::new("risk.subject-unknown").at("subject");
    match content.subject {
        RiskSubject::Task(task) if !is_in_force(world, &task.to_string(), now) => {
            return Err(unknown());
        }
        RiskSubject::Tasks(CaseScope::Unit(unit)) if !world.unit_in_force(unit, now) => {
            return Err(unknown());
        }
        _ => {}
    }
    let Some(declared) = world.risk_grade(content.subject, now) else {
        // Nothing is done there that could be assessed.
        return Err(Refusal::new("risk.no-task").at("subject"));
    };
    if content.grade.join(declared) == content.grade {
        return Ok(());
    }
    let mut refusal = Refusal::new("risk.grade-too-low").at("grade");
    refusal.reason = refusal.reason.with("grade", declared.to_string());
    Err(refusal)
}

/// A weakness is lowered by an exception that is in force and speaks of all that is assessed.
fn exception(
    world: &World,
    subject: RiskSubject,
    permit: PermitId,
    now: Timestamp,
) -> Result<(), Refusal> {
    if world.exception_lowers(permit, subject, now) {
        Ok(())
    } else {
        Err(Refusal::new("risk.lowered-without-exception").at("lowered"))
    }
}

/// The cases wait, or were closed by a word alone, are about what is assessed, and nothing came to them since.
fn cases(world: &World, content: &RiskContent) -> Result<(), Refusal> {
    let waiting = world.cases_to_assess(content.subject);
    let mut seen = BTreeSet::new();
    for answered in &content.cases {
        let case = waiting.iter().find(|it| it.opened.case == answered.case);
        let Some(case) = case.filter(|_| seen.insert(answered.case)) else {
            return Err(Refusal::new("risk.case-not-answered").at("cases"));
        };
        if case.version != answered.version {
            return Err(Refusal::new("risk.case-grown").at("cases"));
        }
    }
    Ok(())
}

fn treatments(content: &RiskContent, now: Timestamp) -> Result<(), Refusal> {
    if content.treatments.len() > TREATMENTS_MAX {
        return Err(Refusal::new("risk.too-many-treatments").at("treatments"));
    }
    for treatment in &content.treatments {
        if let Some((code, field)) = treatment.fault() {
            return Err(Refusal::new(code).at(field));
        }
        if let Treatment::Accept { until } = treatment {
            let longest = now.after(Span::days(ACCEPTED_DAYS));
            if *until <= now || longest < *until {
                let mut refusal = Refusal::new("risk.acceptance-term").at("accept_until");
                refusal.reason = refusal.reason.with("days", ACCEPTED_DAYS);
                return Err(refusal);
            }
        }
    }
    Ok(())
}

impl World {
    /// The grade of what is handled in what is assessed, by the register: the highest of its tasks, also of
    /// those that are stopped for now. None where there is no task.
    #[must_use]
    pub fn risk_grade(&self, subject: RiskSubject, at: Timestamp) -> Option<Grade> {
        let tasks = self.registers.nouns::<Task>().filter(|(entry, _)| {
            let EntryId::Task(id) = entry.id else {
                return false;
            };
            entry.is_active() && self.risk_speaks_of(subject, id, at)
        });
        tasks.map(|(_, task)| task.grade).reduce(Grade::join)
    }
}
