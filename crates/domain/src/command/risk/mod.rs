//! Risk assessments: drafting, proposing and approving them. An approval closes the cases that it answers.

mod approve;
mod check;
mod narrow;

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::event::{BlobRef, Event};
use crate::id::{RiskId, UnitId};
use crate::name::Line;
use crate::plan::RiskLevel;
use crate::risk::{
    RiskContent, RiskDrafted, RiskProposed, RiskResult, RiskSentBack, RiskWork, Treatment,
};
use crate::time::Timestamp;
use crate::world::World;

crate::choice! {
    /// Whose decision an approval is (requirements.md 2.2: defaults of ours, since the notices name no one).
    pub enum Weight {
        /// The section's chief or officer above.
        Ordinary = "ordinary",
        /// A high risk, or one that is less by an exception: CISO or HISO.
        High = "high",
        /// A risk that is accepted: the CISO.
        Accepted = "accepted",
    }
}

impl Weight {
    /// Whose decision it is, by what was found and what is to be done.
    #[must_use]
    pub fn of(content: &RiskContent, result: &RiskResult) -> Self {
        let accepts = |it: &Treatment| matches!(it, Treatment::Accept { .. });
        if content.treatments.iter().any(accepts) {
            Self::Accepted
        } else if result.level == RiskLevel::High || !content.lowered.is_empty() {
            Self::High
        } else {
            Self::Ordinary
        }
    }

    /// The action that the gate is asked for.
    #[must_use]
    pub const fn action(self) -> Action {
        match self {
            Self::Ordinary => Action::ApproveRisk,
            Self::High => Action::ApproveHighRisk,
            Self::Accepted => Action::AcceptRisk,
        }
    }
}

/// What can be done about a risk assessment. `unit` is what the gate is asked about: it has to be what
/// [`World::risk_unit`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum RiskCommand {
    /// Write a draft, or write it anew.
    Write {
        /// The draft that is being worked on, or the fresh id of a new one.
        risk: RiskId,
        /// The unit.
        unit: Option<UnitId>,
        /// What it says.
        content: Box<RiskContent>,
        /// The inputs that are frozen with it.
        frozen: BlobRef,
        /// What the method finds on them.
        result: Box<RiskResult>,
        /// The revision it was written on; 0 where there is none.
        expected: Option<u64>,
    },
    /// Throw a draft away.
    Drop {
        /// Which.
        risk: RiskId,
        /// The unit.
        unit: Option<UnitId>,
    },
    /// Propose a draft for approval.
    Propose {
        /// Which.
        risk: RiskId,
        /// The unit.
        unit: Option<UnitId>,
        /// The revision that is meant.
        expected: Option<u64>,
    },
    /// Send a proposal back to be worked on.
    SendBack {
        /// Which.
        risk: RiskId,
        /// The unit.
        unit: Option<UnitId>,
        /// Whose decision it is.
        weight: Weight,
        /// Why.
        reason: Line,
    },
    /// Approve a proposal.
    Approve {
        /// Which.
        risk: RiskId,
        /// The unit.
        unit: Option<UnitId>,
        /// Whose decision it is.
        weight: Weight,
        /// The revision that was read.
        expected: Option<u64>,
        /// The approver's answer to an objection of the promotion body.
        answer: Option<Line>,
    },
}

/// What the gate is asked about for a unit.
#[must_use]
pub fn about(unit: Option<UnitId>) -> Subject {
    unit.map_or(Subject::Body, Subject::Unit)
}

impl RiskCommand {
    /// The action and what it is about.
    pub(super) fn action(&self) -> (Action, Subject) {
        match self {
            Self::Write { unit, .. } | Self::Drop { unit, .. } | Self::Propose { unit, .. } => {
                (Action::DraftRisk, about(*unit))
            }
            Self::SendBack { unit, weight, .. } | Self::Approve { unit, weight, .. } => {
                (weight.action(), about(*unit))
            }
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &RiskCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        RiskCommand::Write {
            risk,
            unit,
            content,
            frozen,
            result,
            expected,
        } => {
            let drafted = RiskDrafted {
                risk: *risk,
                content: content.as_ref().clone(),
                frozen: frozen.clone(),
                result: result.as_ref().clone(),
            };
            write(world, *unit, drafted, *expected, now)
        }
        RiskCommand::Drop { risk, unit } => {
            work(world, *risk, *unit, now)?;
            Ok(vec![Event::RiskDropped { risk: *risk }])
        }
        RiskCommand::Propose {
            risk,
            unit,
            expected,
        } => {
            let work = unproposed(world, *risk, *unit, now)?;
            current(work.revision, *expected)?;
            check::to_decide(world, &work.content, &work.result, now)?;
            let proposed = RiskProposed { risk: *risk };
            Ok(vec![Event::RiskProposed { proposed }])
        }
        RiskCommand::SendBack {
            risk,
            unit,
            weight,
            reason,
        } => {
            approve::proposal(world, (*risk, *unit, *weight), now)?;
            let step = RiskSentBack {
                risk: *risk,
                reason: reason.clone(),
            };
            Ok(vec![Event::RiskSentBack { step }])
        }
        RiskCommand::Approve {
            risk,
            unit,
            weight,
            expected,
            answer,
        } => {
            let asked = (*risk, *unit, *weight);
            approve::approve(world, actor, asked, (*expected, answer.as_ref()), now)
        }
    }
}

/// What is being worked on, where the gate was asked about its unit.
fn work(
    world: &World,
    risk: RiskId,
    unit: Option<UnitId>,
    now: Timestamp,
) -> Result<&RiskWork, Refusal> {
    let work = world.risks.work.get(&risk);
    let work = work.filter(|work| world.risk_unit(&work.content, now) == unit);
    work.ok_or_else(|| Refusal::new("risk.not-in-work"))
}

/// The same, where it does not wait for approval.
fn unproposed(
    world: &World,
    risk: RiskId,
    unit: Option<UnitId>,
    now: Timestamp,
) -> Result<&RiskWork, Refusal> {
    let work = work(world, risk, unit, now)?;
    if work.proposed.is_some() {
        return Err(Refusal::new("risk.is-proposed"));
    }
    Ok(work)
}

fn write(
    world: &World,
    unit: Option<UnitId>,
    drafted: RiskDrafted,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let risk = drafted.risk;
    if world.risks.approved.contains_key(&risk) {
        return Err(Refusal::new("risk.not-in-work"));
    }
    match world.risks.work.get(&risk) {
        // An opinion on a draft that was dropped says nothing of another under its id.
        None if world
            .opinions
            .about(crate::opinion::Subject::Risk(risk))
            .next()
            .is_some() =>
        {
            return Err(Refusal::new("risk.not-in-work"));
        }
        None => current(0, expected)?,
        Some(known) => {
            // Whoever moves a draft from one unit to another needs to be in charge of both.
            let work = unproposed(world, risk, world.risk_unit(&known.content, now), now)?;
            if world.risk_unit(&work.content, now) != unit {
                return Err(Refusal::new("risk.other-unit").at("subject"));
            }
            current(work.revision, expected)?;
        }
    }
    check::content(world, &drafted.content, now)?;
    if world.risk_unit(&drafted.content, now) != unit {
        return Err(Refusal::new("risk.other-unit").at("subject"));
    }
    Ok(vec![Event::RiskDrafted {
        drafted: Box::new(drafted),
    }])
}
