//! Permits: applying, deciding, the life after, and who may decide for whom.
//!
//! A command on a permit says which version it means, where its author has seen one; another version
//! is refused. What time has ended is recorded as ended before anything else is done with it.

mod act;
mod apply;
mod decide;
mod deciders;
mod exception;
mod life;
mod listed;
mod planned;
mod risky;
mod settle;

pub use act::PermitAct;
pub(super) use exception::decide_exception;
pub use exception::{ExceptionAct, ExceptionCommand, ExceptionStep, Measured};
use listed::Step;
use serde::{Deserialize, Serialize};
pub(super) use settle::follow_person;

use super::{Refusal, current};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::delegation::Delegation;
use crate::event::{Event, Sealed};
use crate::id::{DelegationId, PermitId, PersonId, StandInId};
use crate::permit::event::Ended;
use crate::permit::{
    Decision, HoldCause, Particulars, Permit, PermitKind, Route, RouteFault, Stage, Term,
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
#[allow(clippy::large_enum_variant)] // One of them at a time, boxed where commands are kept.
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
    events.extend(settle::expiry(world, permit, now));
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

    /// Whether what the permit is for may be permitted, as things stand now.
    fn permissible(&self, step: Step) -> Result<(), Refusal> {
        let asked = apply::Asked {
            applicant: self.permit.applicant,
            particulars: &self.permit.particulars,
            grade: self.permit.grade,
        };
        asked.permissible(self.world, step, self.now)
    }

    /// The decision that the actor takes, by the route as it is now.
    fn decision(&self) -> Result<Decision, Refusal> {
        let by = self.person()?;
        if self.world.is_own_permit(self.permit, by) {
            return Err(Refusal::new("authorise.own-application"));
        }
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
        settle::ended(self.world, self.permit, ended)
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
