//! Answering the items of checklists.

use serde::{Deserialize, Serialize};

use super::{Refusal, current};
use crate::authorise::{Action, Subject};
use crate::checklist::{Answer, ChecklistAnswered, EvidenceLink, LINKS_MAX};
use crate::event::Event;
use crate::id::ChecklistItemId;
use crate::name::Line;
use crate::world::World;

/// How an item is to be answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerChecklist {
    /// Which.
    pub item: ChecklistItemId,
    /// How.
    pub answer: Answer,
    /// In one sentence.
    pub note: Option<Line>,
    /// What shows it.
    pub evidence: Vec<EvidenceLink>,
    /// The version of the item as its author read it.
    pub expected: Option<u64>,
}

impl AnswerChecklist {
    pub(super) const fn action() -> (Action, Subject) {
        (Action::AnswerChecklist, Subject::Body)
    }
}

pub(super) fn decide(world: &World, command: &AnswerChecklist) -> Result<Vec<Event>, Refusal> {
    let known = world.registers.entry(command.item);
    let known = known.filter(|entry| entry.is_active());
    let entry = known.ok_or_else(|| Refusal::new("checklist.unknown-item"))?;
    current(entry.version, command.expected)?;
    if command.evidence.len() > LINKS_MAX {
        return Err(Refusal::new("checklist.too-many-links").at("evidence"));
    }
    if let Some(unknown) = command.evidence.iter().find(|link| !link.is_known(world)) {
        let mut refusal = Refusal::new("checklist.unknown-link").at("evidence");
        refusal.reason = refusal.reason.with("link", unknown.to_string());
        return Err(refusal);
    }
    // What is not done, or does not concern the organisation, has a reason.
    if command.note.is_none() && !command.answer.needs_evidence() {
        return Err(Refusal::new("checklist.no-reason").at("note"));
    }
    if command.evidence.is_empty() && command.answer.needs_evidence() {
        return Err(Refusal::new("checklist.no-evidence").at("evidence"));
    }
    let answered = ChecklistAnswered {
        item: command.item,
        version: entry.version,
        answer: command.answer,
        note: command.note.clone(),
        evidence: command.evidence.clone(),
    };
    Ok(vec![Event::ChecklistAnswered {
        answered: Box::new(answered),
    }])
}
