//! The life of a permit: applied → sent back / withdrawn / refused / approved → active ⇄ suspended →
//! ended → closed.
//!
//! What has happened is [`Life`]; what that means at an instant is [`Status`], found by comparing
//! times. So no timer can be late: an active permit whose term is over has ended, whether or not
//! its end is recorded yet. A recorded end is final whatever the clock says later.

use serde::{Deserialize, Serialize};

use super::conditions::Conditions;
use super::deadline::Deadlines;
use super::decision::Decision;
use super::number::PermitNumber;
use super::obligation::{Obligation, Obligations};
use super::term::Term;
use crate::time::Timestamp;

crate::choice! {
    /// How a permit ended.
    pub enum EndKind {
        /// Its term was over.
        Expired = "expired",
        /// The applicant gave it back.
        Returned = "returned",
        /// It was taken back by decision.
        Revoked = "revoked",
        /// Its holder moved to another unit or left.
        Transferred = "transferred",
        /// The applicant did without it before it began.
        Withdrawn = "withdrawn",
        /// An exception became ordinary operation.
        Regularised = "regularised",
    }
}

crate::choice! {
    /// Why a permit does not hold for the time being.
    pub enum HoldCause {
        /// A check of the device fails or is not known.
        Posture = "posture",
        /// A condition is not kept.
        Condition = "condition",
        /// An incident is looked into.
        Incident = "incident",
        /// Its holder moved; the new section officer has to confirm it.
        Move = "move",
        /// An officer holds it.
        Officer = "officer",
    }
}

/// What has happened to an application.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Life {
    /// It waits for the decision.
    Applied,
    /// It is with the applicant again.
    SentBack,
    /// The applicant took it back. Final.
    Withdrawn,
    /// It was refused. Final.
    Refused(Decision),
    /// It was approved.
    Granted(Box<Grant>),
}

/// What was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Grant {
    /// Its number.
    pub number: PermitNumber,
    /// The decision.
    pub decision: Decision,
    /// From when to when it holds.
    pub term: Term,
    /// On what conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Box<Conditions>>,
    /// What is owed and not done.
    pub owed: Obligations,
    /// When it was recorded that the device was given back, where that is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub returned_at: Option<Timestamp>,
    /// Until when, by the end as it is known.
    #[serde(default, skip_serializing_if = "Deadlines::is_empty")]
    pub deadlines: Deadlines,
    /// Where it stands.
    pub stage: Stage,
    /// Whether an exception that names neither people nor devices was given for everybody; see
    /// [`Approved`](super::event::Approved).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_everybody: bool,
}

/// Where a grant stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// It can still hold.
    Live {
        /// Whether the applicant has taken it up, with its conditions.
        taken_up: bool,
        /// Why it does not hold for the time being, where it does not.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        held: Option<HoldCause>,
        /// The later end that is asked for.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        asked: Option<Timestamp>,
    },
    /// It holds no longer, ever.
    Ended(End),
    /// Nothing is owed any more either. Final.
    Closed(End),
}

impl Stage {
    /// Whether it asks for a decision: on a later end, or after its holder moved.
    #[must_use]
    pub const fn asks(self) -> bool {
        matches!(
            self,
            Self::Live { asked: Some(_), .. }
                | Self::Live {
                    held: Some(HoldCause::Move),
                    ..
                }
        )
    }
}

/// The end of a grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// How.
    pub how: EndKind,
    /// The first instant at which it no longer held.
    pub at: Timestamp,
}

crate::choice! {
    /// Where a permit stands at an instant.
    pub enum Status {
        /// It waits for the decision.
        Applied = "applied",
        /// It is with the applicant again.
        SentBack = "sent_back",
        /// The applicant took it back.
        Withdrawn = "withdrawn",
        /// It was refused.
        Refused = "refused",
        /// It was approved and not taken up yet.
        Approved = "approved",
        /// It was taken up; it holds within its term.
        Active = "active",
        /// It does not hold for the time being.
        Suspended = "suspended",
        /// It has ended; something is owed.
        Ended = "ended",
        /// It has ended and nothing is owed.
        Closed = "closed",
    }
}

crate::choice! {
    /// What can be done with a permit.
    pub enum ActKind {
        /// Hand it in again.
        Resubmit = "resubmit",
        /// Take it back.
        Withdraw = "withdraw",
        /// Send it back to the applicant.
        SendBack = "send_back",
        /// Refuse it.
        Refuse = "refuse",
        /// Approve it.
        Approve = "approve",
        /// Take it up.
        Activate = "activate",
        /// Hold it.
        Suspend = "suspend",
        /// Let it hold again.
        Resume = "resume",
        /// Ask for a later end.
        AskExtension = "ask_extension",
        /// Put the end off.
        Extend = "extend",
        /// Refuse a later end.
        RefuseExtension = "refuse_extension",
        /// Give it back.
        Return = "return",
        /// Revoke it.
        Revoke = "revoke",
        /// End it because its holder moved.
        Transfer = "transfer",
        /// Do what is owed.
        Meet = "meet",
        /// View what a stand-in decided.
        View = "view",
    }
}

impl Status {
    /// Whether something can be done with a permit that stands so.
    #[must_use]
    pub fn allows(self, act: ActKind) -> bool {
        use Status as S;
        let from: &[Self] = match act {
            ActKind::Resubmit => &[S::SentBack],
            ActKind::Withdraw => &[S::Applied, S::SentBack, S::Approved],
            ActKind::SendBack | ActKind::Refuse | ActKind::Approve => &[S::Applied],
            ActKind::Activate => &[S::Approved],
            ActKind::Suspend => &[S::Approved, S::Active],
            ActKind::Resume => &[S::Suspended],
            ActKind::AskExtension | ActKind::Extend | ActKind::RefuseExtension => {
                &[S::Active, S::Suspended]
            }
            ActKind::Return => &[S::Active, S::Suspended],
            ActKind::Revoke | ActKind::Transfer => &[S::Approved, S::Active, S::Suspended],
            ActKind::Meet => &[S::Active, S::Suspended, S::Ended],
            ActKind::View => Self::ALL,
        };
        from.contains(&self)
    }

    /// Whether nothing can become of it any more.
    #[must_use]
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Refused | Self::Closed)
    }
}

impl Grant {
    /// The end, recorded or brought by time; none while it can still hold.
    #[must_use]
    pub fn end(&self, at: Timestamp) -> Option<End> {
        match self.stage {
            Stage::Ended(end) | Stage::Closed(end) => Some(end),
            Stage::Live { .. } if self.term.until <= at => Some(End {
                how: EndKind::Expired,
                at: self.term.until,
            }),
            Stage::Live { .. } => None,
        }
    }

    /// When the first thing owed is due, by the end as it is known now; none where nothing is owed.
    #[must_use]
    pub fn due(&self) -> Option<Timestamp> {
        let end = match self.stage {
            Stage::Closed(_) => return None,
            Stage::Ended(end) => end.at,
            // Nothing is owed of what was never taken up.
            Stage::Live {
                taken_up: false, ..
            } => return None,
            Stage::Live { .. } => self.term.until,
        };
        let owed = self.owed.iter();
        owed.map(|owed| self.deadlines.of(owed, end)).min()
    }

    /// When one thing owed is late, by the end as it is known at an instant.
    #[must_use]
    pub fn late(&self, owed: Obligation, at: Timestamp) -> Timestamp {
        let end = self.end(at).map_or(self.term.until, |end| end.at);
        self.deadlines.of(owed, end)
    }

    /// Whether it holds at an instant: taken up, not held, within its term, not ended.
    #[must_use]
    pub fn is_in_force(&self, at: Timestamp) -> bool {
        let taken_up = matches!(
            self.stage,
            Stage::Live {
                taken_up: true,
                held: None,
                ..
            }
        );
        taken_up && self.term.holds(at)
    }

    fn status(&self, at: Timestamp) -> Status {
        match self.stage {
            Stage::Closed(_) => Status::Closed,
            Stage::Ended(_) => Status::Ended,
            // What was never taken up leaves nothing to be done.
            Stage::Live { taken_up, .. } if self.term.until <= at => {
                if taken_up && !self.owed.is_empty() {
                    Status::Ended
                } else {
                    Status::Closed
                }
            }
            Stage::Live { held: Some(_), .. } => Status::Suspended,
            Stage::Live { taken_up: true, .. } => Status::Active,
            Stage::Live { .. } => Status::Approved,
        }
    }
}

impl Life {
    /// Where it stands at an instant.
    #[must_use]
    pub fn status(&self, at: Timestamp) -> Status {
        match self {
            Self::Applied => Status::Applied,
            Self::SentBack => Status::SentBack,
            Self::Withdrawn => Status::Withdrawn,
            Self::Refused(_) => Status::Refused,
            Self::Granted(grant) => grant.status(at),
        }
    }

    /// What was given, where it was.
    #[must_use]
    pub fn grant(&self) -> Option<&Grant> {
        match self {
            Self::Granted(grant) => Some(grant),
            _ => None,
        }
    }

    pub(super) fn grant_mut(&mut self) -> Option<&mut Grant> {
        match self {
            Self::Granted(grant) => Some(grant),
            _ => None,
        }
    }
}
