//! Approval: a version is in force from a day.

use super::{Refusal, draft, work};
use crate::actor::Actor;
use crate::command::{behind, current};
use crate::event::Event;
use crate::id::RuleId;
use crate::name::Line;
use crate::opinion;
use crate::plan::Proposed;
use crate::rule::{RuleApproved, RuleDocument, RuleWork};
use crate::time::{Span, Timestamp};
use crate::world::World;

/// How far ahead a version may come into force.
const AHEAD: Span = Span::days(366);

/// What is being worked on, where it waits for approval.
pub(super) fn proposal(
    world: &World,
    rule: RuleId,
) -> Result<(&RuleDocument, &RuleWork, &Proposed), Refusal> {
    let (document, work) = work(world, rule)?;
    let proposed = work.proposed.as_ref();
    let proposed = proposed.ok_or_else(|| Refusal::new("rule.not-proposed"))?;
    Ok((document, work, proposed))
}

pub(super) fn approve(
    world: &World,
    actor: &Actor,
    rule: RuleId,
    (expected, from, answer): (Option<u64>, Option<Timestamp>, Option<&Line>),
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (document, work, _) = proposal(world, rule)?;
    current(document.revision, expected)?;
    // Nobody approves what is their own; one whose author is not known is nobody's.
    let own = behind(world, actor);
    if own.is_none() || work.hands().any(|by| behind(world, by) == own) {
        return Err(Refusal::new("rule.own-proposal"));
    }
    draft::check(world, document, &work.content, now)?;
    let from = from_when(document, from, now)?;
    let weighed = world.weigh(
        opinion::Proposal {
            subject: opinion::Subject::Rule(rule),
            state: document.revision,
        },
        answer,
        now,
    )?;
    let version = u32::try_from(document.versions.len()).unwrap_or(u32::MAX);
    let approved = RuleApproved {
        rule,
        version: version.saturating_add(1),
        from,
    };
    Ok(vec![weighed, Event::RuleApproved { approved }])
}

/// From when: not before the day that it is, not before the version before it, and within a year.
fn from_when(
    document: &RuleDocument,
    from: Option<Timestamp>,
    now: Timestamp,
) -> Result<Timestamp, Refusal> {
    let wrong = || Refusal::new("rule.from").at("from");
    let from = from.unwrap_or(now);
    if from < now.day_begun() || now.after(AHEAD) < from {
        return Err(wrong());
    }
    let from = from.max(now);
    match document.newest() {
        Some(newest) if from < newest.from => Err(wrong()),
        _ => Ok(from),
    }
}
