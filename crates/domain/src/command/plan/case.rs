//! What came of holding use against the plan, and the closing of cases.

use super::{Evaluated, Refusal};
use crate::command::current;
use crate::event::Event;
use crate::id::CaseId;
use crate::plan::{
    CaseClosed, CaseGrown, CaseOpened, CaseScope, CaseSubsided, DUE_DAYS, DUE_DAYS_HIGH,
    FIGURES_MAX, Reassessment, RiskLevel,
};
use crate::time::Timestamp;
use crate::world::World;

fn due(world: &World, high: bool, now: Timestamp) -> Timestamp {
    let days = if high { DUE_DAYS_HIGH } else { DUE_DAYS };
    world.calendar().deadline(now, days)
}

pub(super) fn evaluate(
    world: &World,
    evaluated: &Evaluated,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let version = world.plan.current().map(|it| it.version);
    let of_day = evaluated.day.as_ref().map(|day| day.version);
    if version != Some(evaluated.version) || of_day.is_some_and(|of| Some(of) != version) {
        // Another plan came into force meanwhile: what was measured against the one before says nothing.
        return Err(Refusal::new("plan.evaluation-stale"));
    }
    let day = evaluated.day.iter().map(|day| Event::PlanEvaluated {
        evaluated: Box::new(day.clone()),
    });
    let mut events: Vec<Event> = day.collect();
    for found in &evaluated.found {
        // Somebody had it evaluated at the same time: one open case of a trigger and scope.
        if world.plan.open_case(found.trigger, found.scope).is_some() {
            continue;
        }
        let mut figures = found.figures.clone();
        figures.truncate(FIGURES_MAX);
        let opened = Box::new(CaseOpened {
            case: found.case,
            trigger: found.trigger,
            scope: found.scope,
            version: evaluated.version,
            figures,
            high: found.high,
            due: due(world, found.high, now),
        });
        events.push(Event::CaseOpened { opened });
    }
    grown(world, evaluated, now, &mut events);
    moved(world, evaluated, &mut events);
    for (case, figures) in &evaluated.subsided {
        if world
            .plan
            .cases
            .get(case)
            .is_some_and(crate::plan::Case::is_open)
        {
            let subsided = Box::new(CaseSubsided {
                case: *case,
                figures: figures.clone(),
            });
            events.push(Event::CaseSubsided { subsided });
        }
    }
    Ok(events)
}

/// What came to open cases. What was told is never due later than it was.
fn grown(world: &World, evaluated: &Evaluated, now: Timestamp, events: &mut Vec<Event>) {
    for (case, figures, high) in &evaluated.grown {
        let Some(known) = world.plan.cases.get(case).filter(|known| known.is_open()) else {
            continue;
        };
        let mut figures = figures.clone();
        figures.truncate(FIGURES_MAX);
        let high = *high || known.opened.high;
        let grown = Box::new(CaseGrown {
            case: *case,
            figures,
            high,
            due: known.opened.due.min(due(world, high, now)),
            quiet: false,
        });
        events.push(Event::CaseGrown { grown });
    }
}

/// Numbers of open cases that moved by less than is news.
fn moved(world: &World, evaluated: &Evaluated, events: &mut Vec<Event>) {
    for (case, figures) in &evaluated.moved {
        let Some(known) = world.plan.cases.get(case).filter(|known| known.is_open()) else {
            continue;
        };
        let mut figures = figures.clone();
        figures.truncate(FIGURES_MAX);
        let grown = Box::new(CaseGrown {
            case: *case,
            figures,
            high: known.opened.high,
            due: known.opened.due,
            quiet: true,
        });
        events.push(Event::CaseGrown { grown });
    }
}

pub(super) fn reassess(
    world: &World,
    (case, scope): (CaseId, CaseScope),
    reassessment: &Reassessment,
    expected: Option<u64>,
) -> Result<Vec<Event>, Refusal> {
    let known = world.plan.cases.get(&case);
    let known = known.filter(|known| known.opened.scope == scope);
    let known = known.ok_or_else(|| Refusal::new("case.unknown"))?;
    if !known.is_open() {
        return Err(Refusal::new("case.closed"));
    }
    // A high risk is limited, measured, conditioned or accepted, which a word alone cannot do.
    if known.opened.high || reassessment.level == RiskLevel::High {
        return Err(Refusal::new("case.needs-assessment").at("level"));
    }
    // What came to it meanwhile was not looked at: closing would accept it unseen.
    current(known.version, expected)?;
    let version = u32::try_from(world.plan.versions.len()).unwrap_or(u32::MAX);
    let closed = Box::new(CaseClosed {
        case,
        reassessment: reassessment.clone(),
        version: version.saturating_add(1),
        accepted: known.figures().to_vec(),
    });
    Ok(vec![Event::CaseClosed { closed }])
}
