//! Opinions of the promotion body in the World: what waits for one, and the gate before approvals.

use super::{World, WorldError};
use crate::actor::Actor;
use crate::command::Refusal;
use crate::event::{Event, StoredEvent};
use crate::id::ConferenceToolId;
use crate::name::Line;
use crate::opinion::{Given, Heard, Proposal, Stance, Subject, Weighed, WeighedAt};
use crate::permit::PermitKind;
use crate::register::conference_tool::ConferenceScope;
use crate::register::{ConferenceTool, EntryId};
use crate::role::Role;
use crate::time::Timestamp;

impl World {
    /// Whether anybody holds a post of the promotion body.
    #[must_use]
    pub fn has_promotion_body(&self, at: Timestamp) -> bool {
        self.role_is_held(Role::PromotionBody, at)
    }

    /// The newest opinion on a thing at a state.
    #[must_use]
    pub fn opinion_on(&self, proposal: Proposal) -> Option<&Given> {
        self.opinions.on(proposal)
    }

    /// The gate before an approval: what is to be recorded together with it. Called by every command that
    /// approves a plan, risk assessment, rule, exception or use of a conference tool, with the state that is
    /// approved and the approver's answer to an objection.
    ///
    /// # Errors
    /// `opinion.lacking` where the promotion body has a holder and has given no opinion on precisely this
    /// state, unless the organisation does not insist; `opinion.unanswered` where it objects and no answer is
    /// given.
    pub fn weigh(
        &self,
        proposal: Proposal,
        answer: Option<&Line>,
        at: Timestamp,
    ) -> Result<Event, Refusal> {
        let heard = match self.opinion_on(proposal) {
            Some(given) => {
                if given.opinion.stance == Stance::Object && answer.is_none() {
                    return Err(Refusal::new("opinion.unanswered").at("answer"));
                }
                Heard::Opinion
            }
            None if !self.has_promotion_body(at) => Heard::NoBody,
            None if self.opinions.are_required() => return Err(Refusal::new("opinion.lacking")),
            None => Heard::None,
        };
        let weighed = Weighed {
            proposal,
            heard,
            answer: answer.cloned(),
        };
        Ok(Event::OpinionWeighed { weighed })
    }

    /// The state at which a thing waits for an opinion; none where it does not. What a branch of work adds
    /// that can be proposed has its line here.
    #[must_use]
    pub fn proposed_state(&self, subject: Subject, at: Timestamp) -> Option<u64> {
        match subject {
            Subject::Plan(plan) => {
                let work = self.plan.work.as_ref().filter(|work| work.plan == plan)?;
                work.proposed.as_ref().map(|_| work.revision)
            }
            Subject::Rule(rule) => {
                let document = self.rules.documents.get(&rule)?;
                let work = document.work.as_ref()?;
                work.proposed.as_ref().map(|_| document.revision)
            }
            Subject::Exception(permit) => {
                let permit = self.permits.get(permit)?;
                let waits = permit.kind() == PermitKind::Exception && permit.waits(at);
                waits.then(|| permit.version())
            }
            Subject::Conference(tool) => {
                let (entry, known) = self.registers.get::<ConferenceTool>(tool)?;
                let ours = known.scope != ConferenceScope::Others;
                (entry.is_active() && ours).then_some(entry.version)
            }
            Subject::Risk(risk) => {
                let work = self.risks.work.get(&risk)?;
                work.proposed.as_ref().map(|_| work.revision)
            }
        }
    }

    /// Everything that could have an opinion now, at its state. Exceptions are found among the permits that
    /// wait.
    #[must_use]
    pub fn proposals(&self, at: Timestamp) -> Vec<Proposal> {
        let plan = self.plan.work.iter().map(|work| Subject::Plan(work.plan));
        let rules = self.rules.documents.keys().map(|rule| Subject::Rule(*rule));
        let exceptions = self.permits.of_kind(PermitKind::Exception);
        let exceptions = exceptions.map(|permit| Subject::Exception(permit.id));
        let tools = self.registers.nouns::<ConferenceTool>();
        let tools = tools.filter_map(|(entry, _)| match entry.id {
            EntryId::ConferenceTool(tool) => Some(Subject::Conference(tool)),
            _ => None,
        });
        let risks = self.risks.work.keys().map(|risk| Subject::Risk(*risk));
        let all = plan
            .chain(risks)
            .chain(rules)
            .chain(exceptions)
            .chain(tools);
        all.filter_map(|subject| {
            let state = self.proposed_state(subject, at)?;
            Some(Proposal { subject, state })
        })
        .collect()
    }

    /// What waits for an opinion that nobody has given yet.
    #[must_use]
    pub fn awaiting_opinion(&self, at: Timestamp) -> Vec<Proposal> {
        let mut proposals = self.proposals(at);
        proposals.retain(|proposal| self.opinion_on(*proposal).is_none());
        proposals
    }

    /// The gate before the use of a conference tool is permitted, and its end put off. A register is kept and
    /// not approved, so that what waits for the opinion on a tool as it is now is the first thing that lets
    /// people use it. What is to be recorded together with it is the answer to an objection; none where there
    /// was nothing to answer.
    ///
    /// # Errors
    /// `opinion.tool-lacking` and `opinion.unanswered` as for [`World::weigh`]; `opinion.nothing-to-answer` for an
    /// answer to no objection. Tools that only others host are theirs.
    pub fn weigh_tool(
        &self,
        tool: ConferenceToolId,
        answer: Option<&Line>,
        at: Timestamp,
    ) -> Result<Option<Event>, Refusal> {
        if let Some(proposal) = self.tool_waiting(tool, at) {
            match self.opinion_on(proposal).map(|it| it.opinion.stance) {
                Some(Stance::Object) => return self.weigh(proposal, answer, at).map(Some),
                None if self.opinions.are_required() && self.has_promotion_body(at) => {
                    return Err(Refusal::new("opinion.tool-lacking").at("tool"));
                }
                _ => {}
            }
        }
        match answer {
            Some(_) => Err(Refusal::new("opinion.nothing-to-answer").at("answer")),
            None => Ok(None),
        }
    }

    /// A conference tool at the state on which the body is heard; none where it is not.
    #[must_use]
    pub fn tool_waiting(&self, tool: ConferenceToolId, at: Timestamp) -> Option<Proposal> {
        let subject = Subject::Conference(tool);
        let state = self.proposed_state(subject, at)?;
        Some(Proposal { subject, state })
    }

    /// A conference tool at its state as it is now.
    #[must_use]
    pub fn tool_proposal(&self, tool: ConferenceToolId) -> Option<Proposal> {
        let entry = self.registers.entry(tool)?;
        let subject = Subject::Conference(tool);
        Some(Proposal {
            subject,
            state: entry.version,
        })
    }

    /// Notes who wrote an entry, where it is of a conference tool, before it is put in its place. The first
    /// write after the body was heard begins anew; until then those who wrote what it was heard on stay
    /// barred, since another opinion can be given on the same state.
    pub(super) fn note_tool_hand(&mut self, id: EntryId, by: &Actor) {
        if let EntryId::ConferenceTool(tool) = id {
            let before = self.tool_proposal(tool);
            if before.is_some_and(|it| self.opinion_on(it).is_some()) {
                self.opinions.tool_hands.remove(&tool);
            }
            self.opinions.note_tool_hand(tool, by);
        }
    }

    /// Folds what was said about proposals.
    pub(super) fn apply_opinion(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let at = stored.recorded_at;
        match &stored.event {
            Event::OpinionGiven { opinion } => {
                self.opinions.given.push(Given {
                    opinion: opinion.as_ref().clone(),
                    at,
                    by: stored.actor.clone(),
                });
            }
            Event::OpinionWeighed { weighed } => self.opinions.weighed.push(WeighedAt {
                weighed: weighed.clone(),
                at,
            }),
            Event::OpinionGateSet { gate } => self.opinions.gate = Some((gate.clone(), at)),
            other => {
                return Err(WorldError::Misplaced {
                    kind: other.kind().0,
                    subject: String::new(),
                });
            }
        }
        Ok(())
    }
}

/// Whether an event is about an opinion.
pub(super) const fn is_opinion(event: &Event) -> bool {
    matches!(
        event,
        Event::OpinionGiven { .. } | Event::OpinionWeighed { .. } | Event::OpinionGateSet { .. }
    )
}
