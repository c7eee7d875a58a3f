//! What the plan of telework says of a permit to telework: whether the task may be done, where, by whom
//! and up to which grade; and that nothing new is given where a reassessment is late.

use crate::command::Refusal;
use crate::grade::Grade;
use crate::id::PersonId;
use crate::permit::Particulars;
use crate::plan::{CaseScope, PlanDecision, PlanLine};
use crate::time::Timestamp;
use crate::world::World;

/// What the plan says of the task; none where it is silent, or the permit is of another kind.
fn line<'a>(world: &'a World, particulars: &Particulars) -> Option<&'a PlanLine> {
    match particulars {
        Particulars::Telework(asked) => world.plan.line(asked.task),
        _ => None,
    }
}

fn refused(world: &World, code: &'static str, field: &str, line: &PlanLine) -> Refusal {
    let version = world.plan.current().map_or(0, |it| it.version);
    let mut refusal = Refusal::new(code).at(field);
    refusal.reason = refusal.reason.with("version", version);
    refusal.reason = refusal.reason.with("reason", line.reason.as_str());
    refusal
}

/// What the plan rules out whoever asks.
pub(super) fn admitted(
    world: &World,
    particulars: &Particulars,
    grade: Option<Grade>,
) -> Result<(), Refusal> {
    let (Some(line), Particulars::Telework(asked)) = (line(world, particulars), particulars) else {
        return Ok(());
    };
    if line.decision == PlanDecision::Refuse {
        return Err(refused(world, "permit.plan-refuses", "task", line));
    }
    if !line.places.is_empty() && !line.places.contains(&asked.place) {
        return Err(refused(world, "permit.plan-place", "place", line));
    }
    let beyond = |highest: Grade| grade.is_some_and(|grade| grade.join(highest) != highest);
    if line.highest.is_some_and(beyond) {
        return Err(refused(world, "permit.plan-grade", "grade", line));
    }
    Ok(())
}

/// Whether the plan admits the applicant's unit.
pub(super) fn eligible(
    world: &World,
    applicant: PersonId,
    particulars: &Particulars,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Some(line) = line(world, particulars) else {
        return Ok(());
    };
    if world.plan_admits(line, applicant, now) {
        Ok(())
    } else {
        Err(refused(world, "permit.plan-who", "task", line))
    }
}

/// Nothing new where a reassessment is late: of the whole, or of a unit that the applicant is in.
pub(super) fn not_held(
    world: &World,
    applicant: PersonId,
    particulars: &Particulars,
    now: Timestamp,
) -> Result<(), Refusal> {
    if !matches!(particulars, Particulars::Telework(_)) {
        return Ok(());
    }
    let Some(case) = world.case_holding(applicant, now) else {
        return Ok(());
    };
    let mut refusal = Refusal::new("permit.reassessment-late");
    let scope = match case.opened.scope {
        CaseScope::Body => "body".to_owned(),
        CaseScope::Unit(unit) => unit.to_string(),
    };
    refusal.reason = refusal
        .reason
        .with("case", case.opened.case.to_string())
        .with("trigger", case.opened.trigger.code())
        .with("scope", scope)
        .with("due", case.opened.due);
    Err(refusal)
}
