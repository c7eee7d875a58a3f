//! An assessment from its draft to its approval.

use serde::{Deserialize, Serialize};

use super::content::RiskContent;
use super::result::RiskResult;
use super::treatment::Treatment;
use crate::actor::Actor;
use crate::event::BlobRef;
use crate::id::RiskId;
use crate::name::Line;
use crate::permit::Permit;
use crate::plan::{Proposed, RiskLevel};
use crate::time::Timestamp;
use crate::world::World;

/// For how many days frozen inputs may wait for approval: after that the state they speak of is another.
pub const INPUTS_DAYS: u32 = 30;

/// An assessment was drafted, or its draft written anew; its inputs were frozen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskDrafted {
    /// Which.
    pub risk: RiskId,
    /// What its author says.
    pub content: RiskContent,
    /// The [`Inputs`](super::Inputs).
    pub frozen: BlobRef,
    /// What the method found on them.
    pub result: RiskResult,
}

/// A draft was proposed for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskProposed {
    /// Which.
    pub risk: RiskId,
}

/// A proposal was sent back to be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskSentBack {
    /// Which.
    pub risk: RiskId,
    /// Why. It stands in the ledger as it is, and names nobody.
    pub reason: Line,
}

/// An assessment was approved: its treatments hold from now on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskApproved {
    /// Which.
    pub risk: RiskId,
    /// The assessment of the same subject in whose place it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<RiskId>,
}

/// An assessment that is being worked on, or waits for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskWork {
    /// What its author says.
    pub content: RiskContent,
    /// Its frozen inputs.
    pub frozen: BlobRef,
    /// What the method found on them.
    pub result: RiskResult,
    /// Counts what has happened to it.
    pub revision: u64,
    /// When it was last written, and its inputs frozen.
    pub frozen_at: Timestamp,
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

impl RiskWork {
    /// Everybody whose work it is: who wrote any of it, and who proposed it. None of them approves it.
    pub fn hands(&self) -> impl Iterator<Item = &Actor> {
        let proposed = self.proposed.iter().map(|it| &it.by);
        proposed.chain([&self.by]).chain(&self.authors)
    }
}

/// An assessment that was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskVersion {
    /// Which.
    pub risk: RiskId,
    /// What its author says.
    pub content: RiskContent,
    /// Its frozen inputs.
    pub frozen: BlobRef,
    /// What the method found on them.
    pub result: RiskResult,
    /// When its inputs were frozen.
    pub frozen_at: Timestamp,
    /// Who wrote it.
    pub by: Actor,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// Who approved it.
    pub approved_by: Actor,
    /// When.
    pub approved_at: Timestamp,
    /// The assessment in whose place it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supersedes: Option<RiskId>,
    /// When another took its place, where one did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded_at: Option<Timestamp>,
}

impl RiskVersion {
    /// Its treatments that stand at an instant.
    pub fn treatments(&self, at: Timestamp) -> impl Iterator<Item = &Treatment> {
        self.content
            .treatments
            .iter()
            .filter(move |it| it.stands(at))
    }

    /// Whether every exception that lowered a weakness of it is in force at an instant.
    #[must_use]
    pub fn lowering_stands(&self, world: &World, at: Timestamp) -> bool {
        self.content.lowered.iter().all(|it| {
            let permit = world.permits.get(it.permit);
            permit.is_some_and(|permit| permit.is_in_force(at))
        })
    }

    /// Whether it counts as high at an instant: it was found so, or an exception that made it less is over.
    /// What it would come to without that one nobody has looked at.
    #[must_use]
    pub fn is_high(&self, world: &World, at: Timestamp) -> bool {
        self.result.level == RiskLevel::High || !self.lowering_stands(world, at)
    }

    /// Whether something is done about it at an instant, where it counts as high.
    #[must_use]
    pub fn is_acted_on(&self, world: &World, at: Timestamp) -> bool {
        !self.is_high(world, at) || self.treatments(at).next().is_some()
    }

    /// Whether the task is not to be done by telework: it was stopped, or the risk counts as high and what was
    /// accepted for a time is accepted no longer.
    #[must_use]
    pub fn stops(&self, world: &World, at: Timestamp) -> bool {
        let stopped = self.content.treatments.contains(&Treatment::Stop);
        stopped || !self.is_acted_on(world, at)
    }

    /// The first end of an exception in force that lowered a weakness of it; none where none did.
    #[must_use]
    pub fn lowered_until(&self, world: &World, at: Timestamp) -> Option<Timestamp> {
        let permits = self.content.lowered.iter();
        let permits = permits.filter_map(|it| world.permits.get(it.permit));
        let grants = permits.filter_map(Permit::grant);
        let grants = grants.filter(|grant| grant.is_in_force(at));
        grants.map(|grant| grant.term.until).min()
    }

    /// The end of an acceptance that stands at an instant.
    #[must_use]
    pub fn accepted_until(&self, at: Timestamp) -> Option<Timestamp> {
        self.treatments(at).find_map(|it| match it {
            Treatment::Accept { until } => Some(*until),
            _ => None,
        })
    }
}
