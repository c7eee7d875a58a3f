//! Approval: the plan comes into force, and its baseline is frozen.

use super::{Refusal, draft, work};
use crate::actor::Actor;
use crate::command::{behind, current};
use crate::event::{BlobRef, Event};
use crate::id::PlanId;
use crate::name::Line;
use crate::opinion;
use crate::plan::{Cause, PlanApproved, PlanWork, Proposed, default_until, in_months};
use crate::time::Timestamp;
use crate::world::World;

/// Most months that a plan is approved for.
const MONTHS_MAX: u32 = 24;

/// What is being worked on, where it waits for approval.
pub(super) fn proposal(world: &World, plan: PlanId) -> Result<(&PlanWork, &Proposed), Refusal> {
    let work = work(world, plan)?;
    let proposed = work.proposed.as_ref();
    let proposed = proposed.ok_or_else(|| Refusal::new("plan.not-proposed"))?;
    Ok((work, proposed))
}

pub(super) fn approve(
    world: &World,
    actor: &Actor,
    plan: PlanId,
    (expected, until, answer): (Option<u64>, Option<Timestamp>, Option<&Line>),
    baseline: &BlobRef,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (work, _) = proposal(world, plan)?;
    current(work.revision, expected)?;
    // Nobody approves what is their own; one whose author is not known is nobody's.
    let own = behind(world, actor);
    if own.is_none() || work.hands().any(|by| behind(world, by) == own) {
        return Err(Refusal::new("plan.own-proposal"));
    }
    draft::check(world, &work.content, now)?;
    let until = until.or_else(|| default_until(now));
    let longest = in_months(now, MONTHS_MAX);
    let until = until.filter(|until| now < *until && longest.is_some_and(|most| *until <= most));
    let until = until.ok_or_else(|| Refusal::new("plan.until").at("until"))?;
    let versions = &world.plan.versions;
    let last = versions.iter().rev().find(|it| it.cause == Cause::Approved);
    let since = last.map(|it| it.at);
    let reassessed = world.plan.cases.values().filter(|case| {
        let at = case.reassessed().map(|(at, _)| at);
        at.is_some_and(|at| since.is_none_or(|since| since <= at))
            && !world.plan.is_cited(case.opened.case)
    });
    let approved = Box::new(PlanApproved {
        plan,
        version: u32::try_from(versions.len())
            .unwrap_or(u32::MAX)
            .saturating_add(1),
        until,
        cites: reassessed.map(|case| case.opened.case).collect(),
        baseline: baseline.clone(),
    });
    let proposal = opinion::Proposal {
        subject: opinion::Subject::Plan(plan),
        state: work.revision,
    };
    let weighed = world.weigh(proposal, answer, now)?;
    Ok(vec![weighed, Event::PlanApproved { approved }])
}
