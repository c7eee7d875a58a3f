//! What can be done with a permit, and what the gate is asked for it.

use serde::{Deserialize, Serialize};

use super::Application;
use crate::authorise::Action;
use crate::event::Sealed;
use crate::name::Line;
use crate::permit::{ActKind, Conditions, HoldCause, Obligation, Proof, Term};
use crate::time::Timestamp;

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
        /// What is answered to an objection of the promotion body to an exception. It names nobody.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Line>,
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
        /// What is answered to an objection of the promotion body.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        answer: Option<Line>,
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
