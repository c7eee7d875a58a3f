//! Permits: applying, deciding, the life after, and who may decide for whom.
//!
//! A command on a permit says which version it means, where its author has seen one; another version
//! is refused. What time has ended is recorded as ended before anything else is done with it.

mod apply;
mod decide;
mod deciders;
mod life;
mod settle;

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::delegation::Delegation;
use crate::event::{Event, Sealed};
use crate::id::{DelegationId, PermitId, PersonId, StandInId};
use crate::permit::event::Ended;
use crate::permit::{
    ActKind, Conditions, Decision, HoldCause, Obligation, Particulars, Permit, PermitKind, Proof,
    Route, RouteFault, Stage, Term,
};
use crate::role::Role;
use crate::stand_in::StandIn;
use crate::time::Timestamp;
use crate::world::World;

/// What an application says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Application {
    /// The particulars of its kind.
    pub particulars: Particulars,
    /// From when to when it is wanted.
    pub wanted: Term,
    /// What for, under the applicant's key.
    pub purpose: Sealed,
}

/// Commands about permits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum PermitCommand {
    /// Apply for a permit.
    Apply {
        /// The fresh id.
        permit: PermitId,
        /// Who applies: the actor.
        applicant: PersonId,
        /// What for.
        application: Application,
    },
    /// Do something with a permit.
    Act {
        /// Which.
        permit: PermitId,
        /// The version meant; any where none is named.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        expected: Option<u64>,
        /// What.
        act: PermitAct,
    },
    /// Record the ends that time has brought.
    RecordEnds {
        /// Of which permits; others whose time has not come are left out.
        permits: Vec<PermitId>,
    },
    /// Let what waits wait at the posts that decide now.
    Reroute {
        /// Which permits.
        permits: Vec<PermitId>,
    },
    /// Choose how numbers run, and who decides where the notices name no one.
    SetRules {
        /// Whether numbers run by half-year.
        by_half: bool,
        /// The roles that decide, by kind; a kind that is not named takes its default.
        approvers: std::collections::BTreeMap<PermitKind, Role>,
    },
    /// Name a stand-in for the holder of a post.
    NameStandIn(StandIn),
    /// End a stand-in.
    EndStandIn {
        /// Which.
        stand_in: StandInId,
    },
    /// Delegate decisions to another post.
    Delegate(Delegation),
    /// End a delegation.
    EndDelegation {
        /// Which.
        delegation: DelegationId,
        /// The first instant at which it no longer holds.
        until: Timestamp,
    },
}

/// What can be done with a permit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum PermitAct {
    /// The applicant hands it in again, changed.
    Resubmit {
        /// What is asked for now; of the same kind.
        application: Box<Application>,
    },
    /// The applicant takes it back, or does without it before taking it up.
    Withdraw,
    /// Send it back to the applicant.
    SendBack {
        /// Why, sealed.
        reason: Sealed,
    },
    /// Refuse it.
    Refuse {
        /// Why, sealed.
        reason: Sealed,
    },
    /// Approve it.
    Approve {
        /// From when to when; as wanted where none is named. Never beyond what was wanted.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        term: Option<Term>,
        /// On what conditions.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        conditions: Option<Box<Conditions>>,
        /// A remark, sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<Sealed>,
    },
    /// The applicant takes it up, with its conditions and the procedure that goes with it.
    Activate,
    /// Hold it for the time being.
    Suspend {
        /// Why.
        cause: HoldCause,
        /// A remark, sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<Sealed>,
    },
    /// Let it hold again; after a move this is the new section officer's confirmation.
    Resume {
        /// A remark, sealed.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        remark: Option<Sealed>,
    },
    /// The program lets it hold again, because the cause for which it held it is gone.
    Release,
    /// The applicant asks for a later end.
    AskExtension {
        /// The end asked for.
        until: Timestamp,
        /// Why, sealed.
        reason: Sealed,
    },
    /// Put its end off.
    Extend {
        /// The end from now on; as asked where none is named. Never beyond what was asked.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        until: Option<Timestamp>,
    },
    /// Refuse a later end.
    RefuseExtension {
        /// Why, sealed.
        reason: Sealed,
    },
    /// The applicant gives it back before its end.
    Return,
    /// Revoke it.
    Revoke {
        /// Why, sealed.
        reason: Sealed,
    },
    /// End it because its holder moved or left.
    Transfer,
    /// Record that something owed was done.
    Meet {
        /// What was owed.
        obligation: Obligation,
        /// On what it rests.
        proof: Proof,
        /// What is said, sealed; a signed statement is nothing without it.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        statement: Option<Sealed>,
    },
    /// The holder of the post views what a stand-in decided (後閲).
    View,
}

impl PermitAct {
    /// Of which kind.
    #[must_use]
    pub const fn kind(&self) -> ActKind {
        match self {
            Self::Resubmit { .. } => ActKind::Resubmit,
            Self::Withdraw => ActKind::Withdraw,
            Self::SendBack { .. } => ActKind::SendBack,
            Self::Refuse { .. } => ActKind::Refuse,
            Self::Approve { .. } => ActKind::Approve,
            Self::Activate => ActKind::Activate,
            Self::Suspend { .. } => ActKind::Suspend,
            Self::Resume { .. } | Self::Release => ActKind::Resume,
            Self::AskExtension { .. } => ActKind::AskExtension,
            Self::Extend { .. } => ActKind::Extend,
            Self::RefuseExtension { .. } => ActKind::RefuseExtension,
            Self::Return => ActKind::Return,
            Self::Revoke { .. } => ActKind::Revoke,
            Self::Transfer => ActKind::Transfer,
            Self::Meet { .. } => ActKind::Meet,
            Self::View => ActKind::View,
        }
    }

    /// The action that the gate is asked for.
    #[must_use]
    pub const fn action(&self) -> Action {
        match self {
            Self::Resubmit { .. }
            | Self::Withdraw
            | Self::Activate
            | Self::AskExtension { .. }
            | Self::Return => Action::ApplyPermit,
            Self::SendBack { .. }
            | Self::Refuse { .. }
            | Self::Approve { .. }
            | Self::Resume { .. }
            | Self::Extend { .. }
            | Self::RefuseExtension { .. }
            | Self::Revoke { .. }
            | Self::View => Action::DecidePermit,
            Self::Suspend { .. } | Self::Release => Action::HoldPermit,
            Self::Transfer => Action::SettlePermit,
            Self::Meet { obligation, .. } => {
                if obligation.is_stated_by_the_applicant() {
                    Action::ApplyPermit
                } else {
                    Action::ReceivePermit
                }
            }
        }
    }
}

impl PermitCommand {
    /// The action the gate is asked for, and about what.
    #[must_use]
    pub const fn action(&self) -> (Action, Subject) {
        match self {
            Self::Apply { applicant, .. } => (Action::ApplyPermit, Subject::Person(*applicant)),
            Self::Act { permit, act, .. } => (act.action(), Subject::Permit(*permit)),
            Self::RecordEnds { .. } | Self::Reroute { .. } => (Action::SettlePermit, Subject::Body),
            Self::SetRules { .. } => (Action::SetPermitRules, Subject::Body),
            Self::NameStandIn(stand_in) => (Action::NameStandIn, Subject::Post(stand_in.post)),
            Self::EndStandIn { stand_in } => (Action::NameStandIn, Subject::StandIn(*stand_in)),
            Self::Delegate(delegation) => (Action::Delegate, Subject::Post(delegation.post)),
            Self::EndDelegation { delegation, .. } => {
                (Action::Delegate, Subject::Delegation(*delegation))
            }
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &PermitCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        PermitCommand::Apply {
            permit,
            applicant,
            application,
        } => apply::apply(world, *permit, *applicant, application, now),
        PermitCommand::Act {
            permit,
            expected,
            act,
        } => on_permit(world, actor, (*permit, *expected), act, now),
        PermitCommand::RecordEnds { permits } => Ok(settle::record_ends(world, permits, now)),
        PermitCommand::Reroute { permits } => Ok(settle::reroute(world, permits, now)),
        PermitCommand::SetRules { by_half, approvers } => {
            deciders::set_rules(world, *by_half, approvers)
        }
        PermitCommand::NameStandIn(stand_in) => deciders::name_stand_in(world, stand_in, now),
        PermitCommand::EndStandIn { stand_in } => deciders::end_stand_in(world, *stand_in, now),
        PermitCommand::Delegate(delegation) => deciders::delegate(world, delegation, now),
        PermitCommand::EndDelegation { delegation, until } => {
            deciders::end_delegation(world, *delegation, *until, now)
        }
    }
}

/// A permit under a command: who acts on it, and when.
struct Case<'a> {
    world: &'a World,
    permit: &'a Permit,
    actor: &'a Actor,
    now: Timestamp,
}

fn on_permit(
    world: &World,
    actor: &Actor,
    (permit, expected): (PermitId, Option<u64>),
    act: &PermitAct,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let permit = world
        .permits
        .get(permit)
        .ok_or_else(|| Refusal::new("permit.unknown").at("permit"))?;
    current(permit.version(), expected)?;
    let status = permit.status(now);
    if !status.allows(act.kind()) {
        let mut refusal = Refusal::new("permit.not-now");
        refusal.reason = refusal
            .reason
            .with("status", status.code())
            .with("act", act.kind().code());
        return Err(refusal);
    }
    let case = Case {
        world,
        permit,
        actor,
        now,
    };
    let mut events = Vec::new();
    // The end that time has brought is recorded before what comes after it.
    events.extend(settle::expiry(permit, now));
    events.extend(match act {
        PermitAct::SendBack { .. }
        | PermitAct::Refuse { .. }
        | PermitAct::Approve { .. }
        | PermitAct::Extend { .. }
        | PermitAct::RefuseExtension { .. }
        | PermitAct::Revoke { .. }
        | PermitAct::View => decide::decide(&case, act)?,
        _ => life::act(&case, act)?,
    });
    Ok(events)
}

impl Case<'_> {
    fn person(&self) -> Result<PersonId, Refusal> {
        match self.actor {
            Actor::Person { person, .. } => Ok(*person),
            _ => Err(Refusal::new("authorise.no-authority")),
        }
    }

    /// The decision that the actor takes, by the route as it is now.
    fn decision(&self) -> Result<Decision, Refusal> {
        let by = self.person()?;
        let route = self
            .world
            .route_of(self.permit, self.now)
            .map_err(unrouted)?;
        let capacity = self.world.capacity(
            by,
            route.post,
            self.permit.kind(),
            self.permit.grade,
            self.now,
        );
        let capacity = capacity.ok_or_else(|| Refusal::new("authorise.not-on-route"))?;
        Ok(Decision {
            by,
            capacity,
            route,
        })
    }

    /// Free text stands under the key of the applicant or of its author, so that it can be forgotten.
    fn sealed(&self, text: &Sealed, field: &str) -> Result<Sealed, Refusal> {
        let author = matches!(self.actor, Actor::Person { person, .. } if *person == text.person);
        if author || text.person == self.permit.applicant {
            Ok(text.clone())
        } else {
            Err(Refusal::new("permit.text-of-another").at(field))
        }
    }

    fn remark(&self, text: &Option<Sealed>) -> Result<Option<Sealed>, Refusal> {
        text.as_ref()
            .map(|text| self.sealed(text, "remark"))
            .transpose()
    }

    /// The end, and the close where nothing is owed.
    fn end(&self, ended: Ended) -> Vec<Event> {
        settle::ended(self.permit, ended)
    }
}

/// The stage of a permit that can still hold.
fn held(permit: &Permit) -> Option<HoldCause> {
    match permit.grant()?.stage {
        Stage::Live { held, .. } => held,
        _ => None,
    }
}

/// Why no post can decide, with the post or role that is missing.
fn unrouted(fault: RouteFault) -> Refusal {
    let mut refusal = Refusal::new(fault.code());
    let reason = refusal.reason;
    refusal.reason = match fault {
        RouteFault::NoPost(role) | RouteFault::NoSuperior(role) => reason.with("role", role.code()),
        RouteFault::Vacant(post, role) => reason
            .with("post", post.to_string())
            .with("role", role.code()),
        RouteFault::NoOfficer(of) => reason.with("of", of),
    };
    refusal
}

/// The post that decides on an application.
fn routed(
    world: &World,
    applicant: PersonId,
    particulars: &Particulars,
    grade: Option<crate::grade::Grade>,
    now: Timestamp,
) -> Result<(crate::id::UnitId, Route), Refusal> {
    let unit = world
        .unit_of(applicant, now)
        .filter(|_| world.is_member(applicant, now))
        .ok_or_else(|| Refusal::new("person.unknown").at("applicant"))?;
    let route = crate::permit::route(world, applicant, unit, particulars, grade, now);
    Ok((unit, route.map_err(unrouted)?))
}
