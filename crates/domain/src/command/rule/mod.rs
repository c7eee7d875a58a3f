//! Rules: drafting, proposing and approving them, saying that one has read them, and looking whether they
//! work.

mod approve;
mod draft;

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::actor::Actor;
use crate::authorise::{Action, Subject};
use crate::event::{BlobRef, Event};
use crate::id::{PersonId, RuleId};
use crate::name::Line;
use crate::rule::{
    Finding, RULE_REVISE_DAYS, RuleAcknowledged, RuleChecked, RuleContent, RuleDocument,
    RuleProposed, RuleSentBack, RuleWork,
};
use crate::time::{Span, Timestamp};
use crate::world::World;

/// What can be done about rules.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "act", rename_all = "snake_case")]
pub enum RuleCommand {
    /// Write the draft of the next version, or of a new rule.
    Write {
        /// The rule, or the fresh id of a new one.
        rule: RuleId,
        /// What it says.
        content: Box<RuleContent>,
        /// The revision it was written on; 0 where there is none.
        expected: Option<u64>,
    },
    /// Throw a draft away.
    Drop {
        /// Which.
        rule: RuleId,
    },
    /// Propose a draft for approval.
    Propose {
        /// Which.
        rule: RuleId,
        /// The revision that is meant.
        expected: Option<u64>,
    },
    /// Send a proposal back to be worked on.
    SendBack {
        /// Which.
        rule: RuleId,
        /// Why.
        reason: Line,
    },
    /// Approve a proposal.
    Approve {
        /// Which.
        rule: RuleId,
        /// The revision that was read.
        expected: Option<u64>,
        /// From when it is in force; at once unless said.
        from: Option<Timestamp>,
        /// The answer to an objection of the promotion body.
        answer: Option<Line>,
    },
    /// Say that one has read a version.
    Acknowledge {
        /// Which rule.
        rule: RuleId,
        /// Its version.
        version: u32,
        /// Who: the actor.
        person: PersonId,
    },
    /// Record what was found in looking whether a rule works.
    Check {
        /// Which.
        rule: RuleId,
        /// The version in force that was looked at.
        version: u32,
        /// What was found.
        finding: Finding,
        /// In one sentence.
        note: Line,
        /// What was counted.
        report: BlobRef,
    },
}

impl RuleCommand {
    /// The action and what it is about.
    pub(super) fn action(&self) -> (Action, Subject) {
        match self {
            Self::Write { .. } | Self::Drop { .. } | Self::Propose { .. } => {
                (Action::DraftRule, Subject::Body)
            }
            Self::SendBack { .. } | Self::Approve { .. } => (Action::ApproveRule, Subject::Body),
            Self::Acknowledge { person, .. } => (Action::AcknowledgeRule, Subject::Person(*person)),
            Self::Check { .. } => (Action::CheckRule, Subject::Body),
        }
    }
}

pub(super) fn decide(
    world: &World,
    actor: &Actor,
    command: &RuleCommand,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    match command {
        RuleCommand::Write {
            rule,
            content,
            expected,
        } => draft::write(world, *rule, content, *expected, now),
        RuleCommand::Drop { rule } => {
            work(world, *rule)?;
            Ok(vec![Event::RuleDropped { rule: *rule }])
        }
        RuleCommand::Propose { rule, expected } => propose(world, *rule, *expected, now),
        RuleCommand::SendBack { rule, reason } => {
            approve::proposal(world, *rule)?;
            let step = RuleSentBack {
                rule: *rule,
                reason: reason.clone(),
            };
            Ok(vec![Event::RuleSentBack { step }])
        }
        RuleCommand::Approve {
            rule,
            expected,
            from,
            answer,
        } => {
            let terms = (*expected, *from, answer.as_ref());
            approve::approve(world, actor, *rule, terms, now)
        }
        RuleCommand::Acknowledge {
            rule,
            version,
            person,
        } => acknowledge(world, (*rule, *version), *person, now),
        RuleCommand::Check { .. } => check(world, command, now),
    }
}

fn propose(
    world: &World,
    rule: RuleId,
    expected: Option<u64>,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let (document, work) = unproposed(world, rule)?;
    current(document.revision, expected)?;
    draft::check(world, document, &work.content, now)?;
    // A version without clauses takes a rule out of force; there has to be one.
    if work.content.clauses.is_empty() && document.versions.is_empty() {
        return Err(Refusal::new("rule.no-clauses"));
    }
    let newest = document.newest().map(|newest| &newest.content);
    if newest.is_some_and(|newest| *newest == work.content) {
        return Err(Refusal::new("rule.unchanged"));
    }
    let proposed = RuleProposed { rule };
    Ok(vec![Event::RuleProposed { proposed }])
}

fn acknowledge(
    world: &World,
    (rule, version): (RuleId, u32),
    person: PersonId,
    now: Timestamp,
) -> Result<Vec<Event>, Refusal> {
    let document = world.rules.documents.get(&rule);
    let in_force = document.and_then(|it| Some((it, it.in_force(now)?)));
    let (document, known) = in_force.ok_or_else(|| Refusal::new("rule.not-in-force"))?;
    current(u64::from(known.version), Some(u64::from(version)))?;
    if !known.content.head.acknowledge {
        return Err(Refusal::new("rule.not-to-acknowledge"));
    }
    if !world.rule_concerns(known, person, now) {
        return Err(Refusal::new("rule.concerns-others"));
    }
    if document.is_acknowledged(person, version) {
        return Err(Refusal::new("rule.acknowledged"));
    }
    let step = RuleAcknowledged {
        rule,
        version,
        person,
    };
    Ok(vec![Event::RuleAcknowledged { step }])
}

fn check(world: &World, command: &RuleCommand, now: Timestamp) -> Result<Vec<Event>, Refusal> {
    let RuleCommand::Check {
        rule,
        version,
        finding,
        note,
        report,
    } = command
    else {
        return Ok(Vec::new());
    };
    let document = world.rules.documents.get(rule);
    let in_force = document.and_then(|it| it.in_force(now));
    let known = in_force.ok_or_else(|| Refusal::new("rule.not-in-force"))?;
    current(u64::from(known.version), Some(u64::from(*version)))?;
    let wanting = *finding == Finding::Wanting;
    let checked = Box::new(RuleChecked {
        rule: *rule,
        version: *version,
        finding: *finding,
        note: note.clone(),
        report: report.clone(),
        due: wanting.then(|| now.after(Span::days(RULE_REVISE_DAYS))),
    });
    Ok(vec![Event::RuleChecked { checked }])
}

/// What is being worked on of a rule.
fn work(world: &World, rule: RuleId) -> Result<(&RuleDocument, &RuleWork), Refusal> {
    let document = world.rules.documents.get(&rule);
    let found = document.and_then(|it| Some((it, it.work.as_ref()?)));
    found.ok_or_else(|| Refusal::new("rule.not-in-work"))
}

/// The same, where it does not wait for approval.
fn unproposed(world: &World, rule: RuleId) -> Result<(&RuleDocument, &RuleWork), Refusal> {
    let (document, work) = work(world, rule)?;
    if work.proposed.is_some() {
        return Err(Refusal::new("rule.is-proposed"));
    }
    Ok((document, work))
}
