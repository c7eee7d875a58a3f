//! The versions of a plan, and the one that is being worked on.

use std::sync::Arc;

use jiff::ToSpan as _;
use serde::{Deserialize, Serialize};

use super::content::PlanContent;
use crate::actor::Actor;
use crate::event::BlobRef;
use crate::id::{CaseId, PlanId};
use crate::name::Line;
use crate::time::Timestamp;

/// For how many months a plan is good unless its approver says otherwise.
pub const DEFAULT_MONTHS: u32 = 12;

/// The first instant after so many months from an instant's day in Japan; none past the calendar's end.
#[must_use]
pub fn in_months(now: Timestamp, months: u32) -> Option<Timestamp> {
    let day = now
        .jst_date()
        .checked_add(i64::from(months).months())
        .ok()?;
    Timestamp::start_of_jst_day(day).ok()
}

/// Until when a plan is good that is approved at an instant, unless its approver says otherwise.
#[must_use]
pub fn default_until(now: Timestamp) -> Option<Timestamp> {
    in_months(now, DEFAULT_MONTHS)
}

/// A draft was written, or written anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDrafted {
    /// Which.
    pub plan: PlanId,
    /// What it says.
    pub content: PlanContent,
}

/// A draft was proposed for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanProposed {
    /// Which.
    pub plan: PlanId,
}

/// A proposal was sent back to be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanSentBack {
    /// Which.
    pub plan: PlanId,
    /// Why. It stands in the ledger as it is, and names nobody.
    pub reason: Line,
}

/// A proposal was approved: the plan is in force, and its baseline frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanApproved {
    /// Which.
    pub plan: PlanId,
    /// Its number, from 1 without gaps.
    pub version: u32,
    /// The first instant at which it is no longer in force.
    pub until: Timestamp,
    /// The reassessments that it carries out.
    pub cites: Vec<CaseId>,
    /// The [`Baseline`](super::Baseline).
    pub baseline: BlobRef,
}

/// What is being worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanWork {
    /// Its id.
    pub plan: PlanId,
    /// What it says. Never changed in place, so that every World shares it.
    #[serde(with = "crate::register::shared")]
    pub content: Arc<PlanContent>,
    /// Counts what has happened to it.
    pub revision: u64,
    /// When it was last written.
    pub changed_at: Timestamp,
    /// By whom.
    pub by: Actor,
    /// Who else wrote it since it was begun, each once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub authors: Vec<Actor>,
    /// That it waits for approval, since when and by whom it was proposed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proposed: Option<Proposed>,
    /// Why it was sent back last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_back: Option<Line>,
}

impl PlanWork {
    /// Everybody whose work it is: who wrote any of it, and who proposed it. None of them approves it.
    pub fn hands(&self) -> impl Iterator<Item = &Actor> {
        let proposed = self.proposed.iter().map(|it| &it.by);
        proposed.chain([&self.by]).chain(&self.authors)
    }
}

/// That a plan waits for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposed {
    /// Since when.
    pub at: Timestamp,
    /// Who proposed it.
    pub by: Actor,
}

/// Why there is a version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// A plan was approved.
    Approved,
    /// A reassessment found that the plan stands as it is; it is held to a new baseline.
    Reassessed(CaseId),
}

/// A version that is or was in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanVersion {
    /// Its number.
    pub version: u32,
    /// The plan that it is of.
    pub plan: PlanId,
    /// What it says.
    #[serde(with = "crate::register::shared")]
    pub content: Arc<PlanContent>,
    /// Why there is one.
    pub cause: Cause,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// Who approved it, or reassessed.
    pub by: Actor,
    /// Since when.
    pub at: Timestamp,
    /// When the plan itself was approved.
    pub approved_at: Timestamp,
    /// The first instant at which it is no longer in force.
    pub until: Timestamp,
    /// The reassessments that it carries out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cites: Vec<CaseId>,
    /// The baseline that was frozen with the plan.
    pub baseline: BlobRef,
}
