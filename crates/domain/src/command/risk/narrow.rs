//! Whether limits and conditions take anything away from what may be done by telework today (GOV-1-i, -k). One that
//! does not would stand against a high risk for ever, past the days for which the CISO may accept it, and change
//! neither a permit nor a decision.

use std::collections::BTreeMap;

use super::Refusal;
use crate::grade::Grade;
use crate::id::TaskId;
use crate::permit::particulars::TeleworkPlace;
use crate::permit::{Particulars, PermitKind};
use crate::plan::PlanLine;
use crate::register::{EntryId, Task};
use crate::risk::{ACCEPTED_DAYS, RiskContent, RiskSubject, Treatment};
use crate::time::Timestamp;
use crate::world::World;

/// What of a task may be done by telework today.
struct Today {
    /// Up to which grade.
    grade: Grade,
    /// Where.
    places: Vec<TeleworkPlace>,
}

impl Today {
    /// By the line of the plan in force: permits and decisions go no further than it. Where the plan is silent, or
    /// refuses the task for now and so limits it in nothing else, it is what is handled, anywhere.
    fn of(line: Option<&PlanLine>, handled: Grade) -> Self {
        let line = line.filter(|line| line.admits());
        let places = line.map_or(&[][..], |line| line.places.as_slice());
        Self {
            grade: line.and_then(|line| line.highest).unwrap_or(handled),
            places: if places.is_empty() {
                TeleworkPlace::ALL.to_vec()
            } else {
                places.to_vec()
            },
        }
    }
}

/// Task by task the grade of what is handled: as the register declares it, or higher by a permit in force. What the
/// author of the assessment says of the grade limits nothing, and so is not asked.
fn handled(world: &World, subject: RiskSubject, now: Timestamp) -> BTreeMap<TaskId, Grade> {
    let tasks = world.registers.nouns::<Task>();
    let tasks = tasks.filter_map(|(entry, task)| match entry.id {
        EntryId::Task(id) if world.risk_speaks_of(subject, id, now) => Some((id, task.grade)),
        _ => None,
    });
    let mut grades: BTreeMap<TaskId, Grade> = tasks.collect();
    let permits = world.permits.of_kind(PermitKind::Telework);
    for permit in permits.filter(|permit| permit.is_in_force(now)) {
        if let Particulars::Telework(it) = permit.particulars.as_ref()
            && let Some(known) = grades.get_mut(&it.task)
            && let Some(grade) = permit.grade
        {
            *known = known.join(grade);
        }
    }
    grades
}

/// Each limit and each condition takes something away from at least one of the tasks that are assessed.
pub(super) fn narrows(world: &World, content: &RiskContent, now: Timestamp) -> Result<(), Refusal> {
    let tasks = handled(world, content.subject, now);
    let tasks = tasks.into_iter();
    let today: Vec<Today> = tasks
        .map(|(task, grade)| Today::of(world.plan.line(task), grade))
        .collect();
    for treatment in &content.treatments {
        let (code, field) = match treatment {
            Treatment::Limit(_) => ("risk.limit-not-narrower", "limit"),
            Treatment::Condition(_) => ("risk.condition-not-narrower", "condition"),
            Treatment::Stop | Treatment::Measure { .. } | Treatment::Accept { .. } => continue,
        };
        let mut tasks = today.iter();
        if tasks.any(|it| treatment.narrows(it.grade, &it.places)) {
            continue;
        }
        let highest = today.iter().map(|it| it.grade).reduce(Grade::join);
        let highest = highest.unwrap_or(content.grade).to_string();
        let mut refusal = Refusal::new(code).at(field);
        refusal.reason = refusal.reason.with("grade", highest);
        refusal.reason = refusal.reason.with("days", ACCEPTED_DAYS);
        return Err(refusal);
    }
    Ok(())
}
