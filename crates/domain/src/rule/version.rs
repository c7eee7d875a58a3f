//! The versions of a rule, the one that is being worked on, and who has read which.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{CheckedRule, ClauseNumber, RuleContent};
use crate::actor::Actor;
use crate::id::{PersonId, RuleId};
use crate::name::Line;
use crate::plan::Proposed;
use crate::time::Timestamp;

/// Within how many working days staff have to say that they have read a version. Our own choice.
pub const ACKNOWLEDGE_DAYS: u32 = 10;

/// A draft was written, or written anew.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleDrafted {
    /// Which.
    pub rule: RuleId,
    /// What it says.
    pub content: RuleContent,
}

/// A draft was proposed for approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleProposed {
    /// Which.
    pub rule: RuleId,
}

/// A proposal was sent back to be worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleSentBack {
    /// Which.
    pub rule: RuleId,
    /// Why. It stands in the ledger as it is, and names nobody.
    pub reason: Line,
}

/// A proposal was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleApproved {
    /// Which.
    pub rule: RuleId,
    /// Its number, from 1 without gaps.
    pub version: u32,
    /// The first instant at which it is in force.
    pub from: Timestamp,
}

/// A person said to have read a version.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleAcknowledged {
    /// Which.
    pub rule: RuleId,
    /// Its version.
    pub version: u32,
    /// Who.
    pub person: PersonId,
}

/// What is being worked on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleWork {
    /// What it says. Never changed in place, so that every World shares it.
    #[serde(with = "crate::register::shared")]
    pub content: Arc<RuleContent>,
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

impl RuleWork {
    /// Everybody whose work it is: who wrote any of it, and who proposed it. None of them approves it.
    pub fn hands(&self) -> impl Iterator<Item = &Actor> {
        let proposed = self.proposed.iter().map(|it| &it.by);
        proposed.chain([&self.by]).chain(&self.authors)
    }
}

/// A version that was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleVersion {
    /// Its number.
    pub version: u32,
    /// What it says.
    #[serde(with = "crate::register::shared")]
    pub content: Arc<RuleContent>,
    /// The revision of the draft that was approved: what an opinion was given on.
    pub revision: u64,
    /// Who proposed it.
    pub proposed_by: Actor,
    /// Who approved it.
    pub by: Actor,
    /// When.
    pub at: Timestamp,
    /// The first instant at which it is in force.
    pub from: Timestamp,
}

/// Which version a person last said to have read, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acknowledged {
    /// The version.
    pub version: u32,
    /// When.
    pub at: Timestamp,
}

/// A rule with all that happened to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleDocument {
    /// Its id.
    pub rule: RuleId,
    /// What is being worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<RuleWork>,
    /// Counts what has happened to its drafts. It never goes back, so that it tells every state apart.
    pub revision: u64,
    /// Its versions, the oldest first.
    #[serde(default)]
    pub versions: Vec<RuleVersion>,
    /// The highest number that a clause was ever adopted under.
    #[serde(default)]
    pub last_clause: u32,
    /// Who has read which version last. Shared with a snapshot that is being written.
    #[serde(default, with = "crate::register::shared")]
    pub acknowledged: Arc<BTreeMap<PersonId, Acknowledged>>,
    /// What was found in looking whether it works, the oldest first.
    #[serde(default)]
    pub checked: Vec<CheckedRule>,
}

impl RuleDocument {
    /// A rule of which nothing is known yet.
    #[must_use]
    pub fn begun(rule: RuleId) -> Self {
        Self {
            rule,
            work: None,
            revision: 0,
            versions: Vec::new(),
            last_clause: 0,
            acknowledged: Arc::default(),
            checked: Vec::new(),
        }
    }

    /// The newest version, in force or to come.
    #[must_use]
    pub fn newest(&self) -> Option<&RuleVersion> {
        self.versions.last()
    }

    /// The version in force at an instant; none before the first, and where its clauses were taken away.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&RuleVersion> {
        let begun = self.versions.iter().rev().find(|it| it.from <= at);
        begun.filter(|version| !version.content.clauses.is_empty())
    }

    /// Whether a clause was ever adopted under a number.
    #[must_use]
    pub fn has_adopted(&self, number: ClauseNumber) -> bool {
        number.0.get() <= self.last_clause
    }

    /// Whether a person has read a version, or a later one.
    #[must_use]
    pub fn is_acknowledged(&self, person: PersonId, version: u32) -> bool {
        let known = self.acknowledged.get(&person);
        known.is_some_and(|known| known.version >= version)
    }

    /// What the rule is called, from the newest version or the draft.
    #[must_use]
    pub fn content(&self) -> Option<&Arc<RuleContent>> {
        let newest = self.newest().map(|it| &it.content);
        newest.or_else(|| self.work.as_ref().map(|work| &work.content))
    }

    /// When it was last looked at whether it works.
    #[must_use]
    pub fn last_checked(&self) -> Option<&CheckedRule> {
        self.checked.last()
    }

    /// The findings that ask for a revision which no later version has brought at an instant: by being in
    /// force, or by coming into force before the revision is late.
    pub fn to_revise(&self, at: Timestamp) -> impl Iterator<Item = &CheckedRule> {
        self.checked.iter().filter(move |it| {
            let Some(due) = it.checked.due else {
                return false;
            };
            let brings = |version: &RuleVersion| {
                version.at > it.at && (version.from <= at || version.from <= due)
            };
            !self.versions.iter().any(brings)
        })
    }
}
