//! Opinions as they are given and weighed.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Proposal, Subject};
use crate::actor::Actor;
use crate::event::BlobRef;
use crate::id::ConferenceToolId;
use crate::name::Line;
use crate::time::Timestamp;

crate::choice! {
    /// What the promotion body thinks.
    pub enum Stance {
        /// It agrees.
        Agree = "agree",
        /// It agrees, with remarks.
        Remarks = "remarks",
        /// It objects.
        Object = "object",
    }
}

crate::choice! {
    /// What an approval rested on.
    pub enum Heard {
        /// An opinion on precisely what was approved.
        Opinion = "opinion",
        /// None, since the organisation does not insist on one.
        None = "none",
        /// None, since nobody holds a post of the promotion body.
        NoBody = "no_body",
    }
}

/// An opinion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinion {
    /// On what, at which state.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// What the body thinks.
    pub stance: Stance,
    /// Why, in one sentence. It stands in the ledger as it is, and names nobody.
    pub sentence: Line,
    /// The [`Conflicts`](super::Conflicts) that were found.
    pub consistency: BlobRef,
    /// How many of them are contradictions.
    pub contradictions: u32,
    /// What checks said: a [`Technical`](super::Technical).
    pub technical: BlobRef,
    /// How many results it holds.
    pub results: u32,
}

/// The same, as the World keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// What was said.
    #[serde(flatten)]
    pub opinion: Opinion,
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: Actor,
}

/// That an opinion was weighed in approving something, recorded together with the approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weighed {
    /// What was approved, at which state.
    #[serde(flatten)]
    pub proposal: Proposal,
    /// On what the approval rested.
    pub heard: Heard,
    /// What was answered to an objection. It stands in the ledger as it is, and names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<Line>,
}

/// The same, as the World keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct WeighedAt {
    /// What was weighed.
    #[serde(flatten)]
    pub weighed: Weighed,
    /// When.
    pub at: Timestamp,
}

/// Whether approvals wait for an opinion was settled.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateSet {
    /// Whether they do.
    pub required: bool,
    /// Why. It stands in the ledger as it is, and names nobody.
    pub note: Line,
}

/// All opinions, in the order given.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Opinions {
    /// Opinions.
    #[serde(default)]
    pub given: Vec<Given>,
    /// What was weighed in approvals.
    #[serde(default)]
    pub weighed: Vec<WeighedAt>,
    /// What was settled last about the gate, when and by whom; none where nothing was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<(GateSet, Timestamp)>,
    /// Who wrote the entry of a conference tool as it stands, beginning with the first who did after the body
    /// was heard on what stood before, each once: none of them is the one to be heard.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tool_hands: BTreeMap<ConferenceToolId, Vec<Actor>>,
}

impl Opinions {
    /// Notes who wrote the entry of a conference tool.
    pub(crate) fn note_tool_hand(&mut self, tool: ConferenceToolId, by: &Actor) {
        let hands = self.tool_hands.entry(tool).or_default();
        if !hands.contains(by) {
            hands.push(by.clone());
        }
    }

    /// The newest opinion on a thing at a state.
    #[must_use]
    pub fn on(&self, proposal: Proposal) -> Option<&Given> {
        let mut given = self.given.iter().rev();
        given.find(|it| it.opinion.proposal == proposal)
    }

    /// All opinions on a thing at whatever state, the newest first.
    pub fn about(&self, subject: Subject) -> impl Iterator<Item = &Given> {
        let given = self.given.iter().rev();
        given.filter(move |it| it.opinion.proposal.subject == subject)
    }

    /// What an approval of a thing at a state rested on.
    #[must_use]
    pub fn weighed(&self, proposal: Proposal) -> Option<&WeighedAt> {
        let mut weighed = self.weighed.iter().rev();
        weighed.find(|it| it.weighed.proposal == proposal)
    }

    /// Whether approvals wait for an opinion, where the promotion body has a holder. They do unless it was
    /// settled otherwise.
    #[must_use]
    pub fn are_required(&self) -> bool {
        self.gate.as_ref().is_none_or(|(gate, _)| gate.required)
    }
}
