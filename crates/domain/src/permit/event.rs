//! What is recorded of a permit, step by step. Texts are sealed, under the key of the applicant or
//! of their author.

use serde::{Deserialize, Serialize};

use super::conditions::Conditions;
use super::deadline::Deadlines;
use super::decision::Decision;
use super::life::{EndKind, HoldCause};
use super::number::PermitNumber;
use super::obligation::{Obligation, Proof};
use super::particulars::Particulars;
use super::route::Route;
use super::term::Term;
use crate::event::Sealed;
use crate::grade::Grade;
use crate::id::{PermitId, PersonId, PostId, UnitId};
use crate::time::Timestamp;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The particulars of its kind.
    pub particulars: Particulars,
    /// The grade that counts: the declared one of the task or system, raised by the stated one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<Grade>,
    /// From when to when it is wanted.
    pub wanted: Term,
    /// The unit of the applicant.
    pub unit: UnitId,
    /// Which post decides.
    pub route: Route,
    /// What for, sealed.
    pub purpose: Sealed,
}

/// A permit was applied for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The permit.
    pub permit: PermitId,
    /// By whom.
    pub applicant: PersonId,
    /// What for.
    #[serde(flatten)]
    pub request: Request,
}

/// What was sent back was changed and handed in again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resubmitted {
    /// The permit.
    pub permit: PermitId,
    /// What is asked for now.
    #[serde(flatten)]
    pub request: Request,
}

/// A decision with its reason: sent back, refused, no extension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// The permit.
    pub permit: PermitId,
    /// Who decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// Why, sealed.
    pub reason: Sealed,
}

/// A permit was given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approved {
    /// The permit.
    pub permit: PermitId,
    /// Its number.
    pub number: PermitNumber,
    /// Who decided.
    #[serde(flatten)]
    pub decision: Decision,
    /// From when to when it holds.
    pub term: Term,
    /// Until when what is owed at its end may take.
    #[serde(default, skip_serializing_if = "Deadlines::is_empty")]
    pub deadlines: Deadlines,
    /// On what conditions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conditions: Option<Conditions>,
    /// A remark, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Sealed>,
    /// Of an exception that names neither people nor devices: that it was given for everybody who meets its other
    /// conditions. One that was given before this was recorded counts for its applicant alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub for_everybody: bool,
}

/// A permit does not hold for the time being.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspended {
    /// The permit.
    pub permit: PermitId,
    /// Why.
    pub cause: HoldCause,
    /// A remark, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Sealed>,
}

/// It holds again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resumed {
    /// The permit.
    pub permit: PermitId,
    /// Who decided; none where the cause was gone and the program saw it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// A remark, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Sealed>,
}

/// A later end was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtensionAsked {
    /// The permit.
    pub permit: PermitId,
    /// The end asked for.
    pub until: Timestamp,
    /// Which post decides now.
    pub route: Route,
    /// Why, sealed.
    pub reason: Sealed,
}

/// The end was put off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Extended {
    /// The permit.
    pub permit: PermitId,
    /// Its end from now on.
    pub until: Timestamp,
    /// Until when what is owed then may take.
    #[serde(default, skip_serializing_if = "Deadlines::is_empty")]
    pub deadlines: Deadlines,
    /// Who decided.
    #[serde(flatten)]
    pub decision: Decision,
}

/// A permit ended for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// The permit.
    pub permit: PermitId,
    /// How.
    pub how: EndKind,
    /// The first instant at which it no longer held.
    pub at: Timestamp,
    /// Until when what is owed now may take, where it ended before its term did.
    #[serde(default, skip_serializing_if = "Deadlines::is_empty")]
    pub deadlines: Deadlines,
    /// Who decided, where someone did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// Why, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remark: Option<Sealed>,
}

/// Something owed was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObligationMet {
    /// The permit.
    pub permit: PermitId,
    /// What was owed.
    pub obligation: Obligation,
    /// On what it rests.
    pub proof: Proof,
    /// What was said, sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statement: Option<Sealed>,
}

/// A decision of a stand-in was viewed by the holder of the post (後閲).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewed {
    /// The permit.
    pub permit: PermitId,
    /// The post.
    pub post: PostId,
}

/// Another post decides from now on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rerouted {
    /// The permit.
    pub permit: PermitId,
    /// The unit of the applicant.
    pub unit: UnitId,
    /// Which post decides.
    pub route: Route,
}
