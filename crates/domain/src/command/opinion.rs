//! Opinions of the promotion body, and whether approvals wait for them.

use serde::{Deserialize, Serialize};

use super::{Refusal, behind, current};
use crate::actor::Actor;
use crate::authorise::{Action, Subject as About};
use crate::event::Event;
use crate::id::PersonId;
use crate::name::Line;
use crate::opinion::{GateSet, Opinion, Subject};
use crate::permit::Capacity;
use crate::plan::PlanWork;
use crate::risk::RiskWork;
use crate::rule::RuleWork;
use crate::time::Timestamp;
use crate::world::World;

/// What can be done about opinions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum OpinionCommand {
    /// Give an opinion.
    Give {
        /// What is said, with its documents.
        opinion: Box<Opinion>,
    },
    /// Settle whether approvals wait for an opinion.
    SetGate {
        /// Whether they do.
        required: bool,
        /// Why.
        note: Line,
    },
}

impl OpinionCommand {
    /// The action and what it is about.
    pub(super) const fn action(&self) -> (Action, About) {
        match self {
            Self::Give { .. } => (Action::GiveOpinion, About::Body),
            Self::SetGate { .. } => (Action::SetOpinionGate, About::Body),
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &OpinionCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        OpinionCommand::Give { opinion } => give(world, actor, opinion, now),
        OpinionCommand::SetGate { required, note } => {
            if world.opinions.are_required() == *required {
                return Err(Refusal::new("opinion.gate-unchanged"));
            }
            let gate = GateSet {
                required: *required,
                note: note.clone(),
            };
            Ok(vec![Event::OpinionGateSet { gate }])
        }
    }
}

fn give(
    world: &World,
    actor: &Actor,
    opinion: &Opinion,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let proposal = opinion.proposal;
    let state = world.proposed_state(proposal.subject, now);
    let state = state.ok_or_else(|| Refusal::new("opinion.nothing-proposed"))?;
    current(state, Some(proposal.state))?;
    let own = behind(world, actor).ok_or_else(|| Refusal::new("opinion.own-proposal"))?;
    may_speak(world, proposal.subject, own, now)?;
    let opinion = Box::new(opinion.clone());
    Ok(vec![Event::OpinionGiven { opinion }])
}

/// Whether somebody of the promotion body may speak for it on a thing: not on what is their own.
///
/// # Errors
/// `opinion.own-proposal`, `opinion.own-exception`, `opinion.decides-exception`.
pub fn may_speak(
    world: &World,
    subject: Subject,
    person: PersonId,
    now: Timestamp,
) -> Result<(), Refusal> {
    // What its author thinks of it is known already.
    if authors(world, subject).contains(&Some(person)) {
        return Err(Refusal::new("opinion.own-proposal"));
    }
    apart_from_exception(world, subject, person, now)
}

/// Who wrote and proposed a thing.
fn authors(world: &World, subject: Subject) -> Vec<Option<PersonId>> {
    match subject {
        Subject::Plan(_) => world
            .plan
            .work
            .iter()
            .flat_map(PlanWork::hands)
            .map(|by| behind(world, by))
            .collect(),
        Subject::Rule(rule) => {
            let work = world
                .rules
                .documents
                .get(&rule)
                .and_then(|it| it.work.as_ref());
            work.into_iter()
                .flat_map(RuleWork::hands)
                .map(|by| behind(world, by))
                .collect()
        }
        // Whose an exception is has its own say: see `apart_from_exception`.
        Subject::Exception(_) => Vec::new(),
        Subject::Risk(risk) => {
            let work = world.risks.work.get(&risk);
            work.into_iter()
                .flat_map(RiskWork::hands)
                .map(|by| behind(world, by))
                .collect()
        }
        // Who entered it, and who wrote it since the body was heard on what stood before.
        Subject::Conference(tool) => {
            let entry = world.registers.entry(tool);
            let hands = world.opinions.tool_hands.get(&tool).into_iter().flatten();
            let hands = hands.map(|by| behind(world, by));
            entry.into_iter().map(|it| it.author).chain(hands).collect()
        }
    }
}

/// Nobody speaks for the body on an exception that is for themselves, nor on one that they decide on. Who only
/// stands in for the decider may speak, and does not decide then.
fn apart_from_exception(
    world: &World,
    subject: Subject,
    own: PersonId,
    now: Timestamp,
) -> Result<(), Refusal> {
    let Subject::Exception(permit) = subject else {
        return Ok(());
    };
    let permit = world.permits.get(permit);
    let permit = permit.ok_or_else(|| Refusal::new("permit.unknown"))?;
    if world.is_own_permit(permit, own) {
        return Err(Refusal::new("opinion.own-exception"));
    }
    let route = world.route_of(permit, now).unwrap_or(permit.route);
    let capacity = world.capacity(own, route.post, permit.kind(), permit.grade, now);
    match capacity {
        Some(Capacity::Holder | Capacity::Delegate { .. }) => {
            Err(Refusal::new("opinion.decides-exception"))
        }
        Some(Capacity::StandIn { .. }) | None => Ok(()),
    }
}
