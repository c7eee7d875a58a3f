//! Drafts.

use std::collections::BTreeSet;

use super::Refusal;
use crate::command::current;
use crate::event::Event;
use crate::id::PlanId;
use crate::opinion::Subject;
use crate::plan::{LINES_MAX, PlanContent, PlanDrafted, PlanLine};
use crate::register::is_in_force;
use crate::time::Timestamp;
use crate::world::World;

pub(super) fn write(
    world: &World,
    plan: PlanId,
    content: &PlanContent,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match &world.plan.work {
        None if world.plan.versions.iter().any(|it| it.plan == plan) => {
            return Err(Refusal::new("plan.not-in-work"));
        }
        // An opinion on a draft that was dropped says nothing of another under its id.
        None if world.opinions.about(Subject::Plan(plan)).next().is_some() => {
            return Err(Refusal::new("plan.not-in-work"));
        }
        None => current(0, expected)?,
        Some(_) => {
            let work = super::unproposed(world, plan)?;
            current(work.revision, expected)?;
            if *work.content == *content {
                return Ok(Vec::new());
            }
        }
    }
    check(world, content, now)?;
    let drafted = Box::new(PlanDrafted {
        plan,
        content: content.clone(),
    });
    Ok(vec![Event::PlanDrafted { drafted }])
}

/// Everything it names is in use, and no task stands twice.
pub(super) fn check(world: &World, content: &PlanContent, now: Timestamp) -> Result<(), Refusal> {
    if content.lines.len() > LINES_MAX {
        return Err(Refusal::new("plan.too-long").at("lines"));
    }
    if let Some(fault) = content.head.fault() {
        return Err(Refusal::new(fault.code).at(fault.field));
    }
    let mut seen = BTreeSet::new();
    for (number, line) in content.lines.iter().enumerate() {
        let refused = |code, field: &str| {
            let mut refusal = Refusal::new(code).at(field);
            refusal.reason = refusal.reason.with("line", number + 1);
            refusal
        };
        if let Some(fault) = line.fault() {
            return Err(refused(fault.code, fault.field));
        }
        if !seen.insert(line.task) {
            return Err(refused("plan.task-twice", "task"));
        }
        if let Some((field, id)) = unknown(world, line, now) {
            let mut refusal = refused("plan.reference-unknown", field);
            refusal.reason = refusal.reason.with("id", id);
            return Err(refusal);
        }
    }
    Ok(())
}

/// The first thing that a line names and that is not in use. A task that is refused may be gone.
fn unknown(world: &World, line: &PlanLine, now: Timestamp) -> Option<(&'static str, String)> {
    let named = [("task", line.task.to_string())].into_iter();
    let named = named.filter(|_| line.admits());
    let units = line.units.iter().map(|id| ("units", id.to_string()));
    let systems = line.systems.iter().map(|id| ("systems", id.to_string()));
    let services = line.services.iter().map(|id| ("services", id.to_string()));
    let tools = line.tools.iter().map(|id| ("tools", id.to_string()));
    named
        .chain(units)
        .chain(systems)
        .chain(services)
        .chain(tools)
        .find(|(_, id)| !is_in_force(world, id, now))
}
