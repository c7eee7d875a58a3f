//! Approval: treatments hold, and the cases that were answered are closed.

use super::{Refusal, Weight, check, work};
use crate::actor::Actor;
use crate::command::behind;
use crate::command::current;
use crate::event::Event;
use crate::id::{RiskId, UnitId};
use crate::name::Line;
use crate::opinion;
use crate::plan::{CaseAssessed, Proposed, Reassessment};
use crate::risk::{INPUTS_DAYS, RiskApproved, RiskWork};
use crate::time::{Span, Timestamp};
use crate::world::World;

/// Which assessment, and what the gate was asked about.
pub(super) type Asked = (RiskId, Option<UnitId>, Weight);

/// What waits for approval, where the gate was asked for the decision that it is.
pub(super) fn proposal(
    world: &World,
    (risk, unit, weight): Asked,
    now: Timestamp,
) -> Result<(&RiskWork, &Proposed), Refusal> {
    let work = work(world, risk, unit, now)?;
    let proposed = work.proposed.as_ref();
    let proposed = proposed.ok_or_else(|| Refusal::new("risk.not-proposed"))?;
    if Weight::of(&work.content, &work.result) != weight {
        return Err(Refusal::new("risk.other-weight"));
    }
    Ok((work, proposed))
}

pub(super) fn approve(
    world: &World,
    actor: &Actor,
    asked: Asked,
    (expected, answer): (Option<u64>, Option<&Line>),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (risk, ..) = asked;
    let (work, _) = proposal(world, asked, now)?;
    current(work.revision, expected)?;
    // Nobody approves what is their own; one whose author is not known is nobody's.
    let own = behind(world, actor);
    if own.is_none() || work.hands().any(|by| behind(world, by) == own) {
        return Err(Refusal::new("risk.own-proposal"));
    }
    if now.since(work.frozen_at) > Span::days(INPUTS_DAYS) {
        let mut refusal = Refusal::new("risk.inputs-old");
        refusal.reason = refusal.reason.with("days", INPUTS_DAYS);
        return Err(refusal);
    }
    check::to_decide(world, &work.content, &work.result, now)?;
    let proposal = opinion::Proposal {
        subject: opinion::Subject::Risk(risk),
        state: work.revision,
    };
    let weighed = world.weigh(proposal, answer, now)?;
    let approved = RiskApproved {
        risk,
        supersedes: world.risks.current.get(&work.content.subject).copied(),
    };
    let mut events = vec![weighed, Event::RiskApproved { approved }];
    events.extend(closed(world, risk, work));
    Ok(events)
}

/// The cases that it answers and that still wait, closed one by one: each bumps the plan's version.
fn closed(world: &World, risk: RiskId, work: &RiskWork) -> Vec<Event> {
    let cases = work.content.cases.iter();
    let open = cases.filter_map(|answered| {
        let case = world.plan.cases.get(&answered.case)?;
        case.is_open().then_some(case)
    });
    let last = u32::try_from(world.plan.versions.len()).unwrap_or(u32::MAX);
    open.zip(1u32..)
        .map(|(case, number)| Event::CaseAssessed {
            closed: Box::new(CaseAssessed {
                case: case.opened.case,
                risk,
                reassessment: Reassessment {
                    level: work.result.level,
                    conclusion: work.content.conclusion,
                    note: work.content.reason.clone(),
                },
                version: last.saturating_add(number),
                accepted: case.figures().to_vec(),
            }),
        })
        .collect()
}
