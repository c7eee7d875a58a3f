//! The plan of telework: drafting, proposing and approving it, holding use against it, and closing the
//! cases that follow.

mod approve;
mod case;
mod draft;

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::event::{BlobRef, Event};
use crate::id::{CaseId, PlanId};
use crate::name::Line;
use crate::plan::{
    CaseScope, Figure, PlanContent, PlanEvaluated, PlanProposed, PlanSentBack, PlanWork,
    Reassessment, Trigger,
};
use crate::time::Timestamp;
use crate::world::World;

/// What can be done about the plan and its cases.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum PlanCommand {
    /// Write a draft, or write it anew.
    Write {
        /// The draft that is being worked on, or the fresh id of a new one.
        plan: PlanId,
        /// What it says.
        content: Box<PlanContent>,
        /// The revision it was written on; 0 where there is none.
        expected: Option<u64>,
    },
    /// Throw a draft away.
    Drop {
        /// Which.
        plan: PlanId,
    },
    /// Propose a draft for approval.
    Propose {
        /// Which.
        plan: PlanId,
        /// The revision that is meant.
        expected: Option<u64>,
    },
    /// Send a proposal back to be worked on.
    SendBack {
        /// Which.
        plan: PlanId,
        /// Why.
        reason: Line,
    },
    /// Approve a proposal.
    Approve {
        /// Which.
        plan: PlanId,
        /// The revision that was read.
        expected: Option<u64>,
        /// The first instant at which it is no longer in force; after twelve months unless said.
        until: Option<Timestamp>,
        /// The baseline that is frozen with it.
        baseline: BlobRef,
        /// The answer to an objection of the promotion body.
        answer: Option<Line>,
    },
    /// Record that use was held against the plan, and what came of it.
    Evaluate(Box<Evaluated>),
    /// Close a case by a reassessment.
    Reassess {
        /// Which.
        case: CaseId,
        /// Its scope, which the gate is asked about.
        scope: CaseScope,
        /// What was found.
        reassessment: Box<Reassessment>,
        /// The case's version as its author saw it.
        expected: Option<u64>,
    },
}

/// What came of holding use against the plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evaluated {
    /// The version of the plan that use was held against.
    pub version: u32,
    /// What was measured; none where the cases come in several parts and this is not the last.
    pub day: Option<PlanEvaluated>,
    /// What fires and has no open case.
    pub found: Vec<CaseFound>,
    /// Open cases to which more came: all their figures, and whether the risk may be high.
    pub grown: Vec<(CaseId, Vec<Figure>, bool)>,
    /// Open cases of which numbers moved by less than is news: all their figures.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<(CaseId, Vec<Figure>)>,
    /// Open cases of which what fired is gone again.
    pub subsided: Vec<(CaseId, Vec<Figure>)>,
}

/// Something that fires.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaseFound {
    /// The fresh id of its case.
    pub case: CaseId,
    /// What fires.
    pub trigger: Trigger,
    /// For whom.
    pub scope: CaseScope,
    /// What was measured.
    pub figures: Vec<Figure>,
    /// Whether the risk may be high.
    pub high: bool,
}

impl PlanCommand {
    /// The action and what it is about.
    pub(super) fn action(&self) -> (Action, Subject) {
        match self {
            Self::Write { .. } | Self::Drop { .. } | Self::Propose { .. } => {
                (Action::DraftPlan, Subject::Body)
            }
            Self::SendBack { .. } | Self::Approve { .. } => (Action::ApprovePlan, Subject::Body),
            Self::Evaluate(_) => (Action::RecordEvaluation, Subject::Body),
            Self::Reassess { scope, .. } => (Action::ReassessCase, about(*scope)),
        }
    }
}

/// What the gate is asked about for a scope.
#[must_use]
pub fn about(scope: CaseScope) -> Subject {
    scope.unit().map_or(Subject::Body, Subject::Unit)
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &PlanCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        PlanCommand::Write {
            plan,
            content,
            expected,
        } => draft::write(world, *plan, content, *expected, now),
        PlanCommand::Drop { plan } => {
            work(world, *plan)?;
            Ok(vec![Event::PlanDropped { plan: *plan }])
        }
        PlanCommand::Propose { plan, expected } => {
            let work = unproposed(world, *plan)?;
            current(work.revision, *expected)?;
            draft::check(world, &work.content, now)?;
            if work.content.lines.is_empty() {
                return Err(Refusal::new("plan.no-lines"));
            }
            let proposed = PlanProposed { plan: *plan };
            Ok(vec![Event::PlanProposed { proposed }])
        }
        PlanCommand::SendBack { plan, reason } => {
            approve::proposal(world, *plan)?;
            let step = PlanSentBack {
                plan: *plan,
                reason: reason.clone(),
            };
            Ok(vec![Event::PlanSentBack { step }])
        }
        PlanCommand::Approve {
            plan,
            expected,
            until,
            baseline,
            answer,
        } => {
            let term = (*expected, *until, answer.as_ref());
            approve::approve(world, actor, *plan, term, baseline, now)
        }
        PlanCommand::Evaluate(evaluated) => case::evaluate(world, evaluated, now),
        PlanCommand::Reassess {
            case,
            scope,
            reassessment,
            expected,
        } => case::reassess(world, (*case, *scope), reassessment, *expected),
    }
}

/// What is being worked on, where it is this plan.
fn work(world: &World, plan: PlanId) -> Result<&PlanWork, Refusal> {
    let work = world.plan.work.as_ref().filter(|work| work.plan == plan);
    work.ok_or_else(|| Refusal::new("plan.not-in-work"))
}

/// The same, where it does not wait for approval.
fn unproposed(world: &World, plan: PlanId) -> Result<&PlanWork, Refusal> {
    let work = work(world, plan)?;
    if work.proposed.is_some() {
        return Err(Refusal::new("plan.is-proposed"));
    }
    Ok(work)
}
