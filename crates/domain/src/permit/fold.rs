//! Permit + what is recorded of it → permit. A step that does not fit is not folded.

use super::event::{
    Answer, Applied, Approved, Ended, Extended, ExtensionAsked, ObligationMet, Request, Rerouted,
    Resubmitted, Suspended, Viewed,
};
use super::{
    Capacity, Decision, End, Grant, Life, Obligation, Obligations, Permit, Stage, Unviewed,
};
use crate::id::PostId;
use crate::time::Timestamp;

/// A step that does not fit where the permit stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Misplaced;

/// Where and when a step was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The number of its record.
    pub sequence: u64,
    /// When.
    pub at: Timestamp,
}

impl Permit {
    /// The permit that an application makes.
    #[must_use]
    pub fn applied(applied: &Applied, recorded: Recorded) -> Self {
        let Request {
            particulars,
            grade,
            wanted,
            unit,
            route,
            ..
        } = &applied.request;
        Self {
            id: applied.permit,
            applicant: applied.applicant,
            unit: *unit,
            particulars: Box::new(particulars.clone()),
            grade: *grade,
            wanted: *wanted,
            route: *route,
            applied_at: recorded.at,
            changed_at: recorded.at,
            life: Life::Applied,
            to_view: Vec::new(),
            records: vec![recorded.sequence],
        }
    }

    pub(crate) fn stamp(&mut self, recorded: Recorded) {
        self.changed_at = recorded.at;
        self.records.push(recorded.sequence);
    }

    pub(crate) fn resubmitted(&mut self, step: &Resubmitted) -> Result<(), Misplaced> {
        if self.life != Life::SentBack {
            return Err(Misplaced);
        }
        let request = &step.request;
        *self.particulars = request.particulars.clone();
        self.grade = request.grade;
        self.wanted = request.wanted;
        self.unit = request.unit;
        self.route = request.route;
        self.life = Life::Applied;
        Ok(())
    }

    pub(crate) fn sent_back(&mut self, step: &Answer, at: Timestamp) -> Result<(), Misplaced> {
        self.decided(&step.decision, at, Life::SentBack)
    }

    pub(crate) fn refused(&mut self, step: &Answer, at: Timestamp) -> Result<(), Misplaced> {
        self.decided(&step.decision, at, Life::Refused(step.decision))
    }

    pub(crate) fn approved(&mut self, step: &Approved, at: Timestamp) -> Result<(), Misplaced> {
        let grant = Grant {
            number: step.number,
            decision: step.decision,
            term: step.term,
            conditions: step.conditions.clone().map(Box::new),
            owed: Obligations::of(self.kind(), self.grade),
            returned_at: None,
            deadlines: step.deadlines.clone(),
            stage: Stage::Live {
                taken_up: false,
                held: None,
                asked: None,
            },
            for_everybody: step.for_everybody,
        };
        self.decided(&step.decision, at, Life::Granted(Box::new(grant)))
    }

    /// An exception was decided again, as one for everybody.
    pub(crate) fn given_to_everybody(&mut self) {
        if let Some(grant) = self.life.grant_mut() {
            grant.for_everybody = true;
        }
    }

    fn decided(&mut self, decision: &Decision, at: Timestamp, life: Life) -> Result<(), Misplaced> {
        if self.life != Life::Applied {
            return Err(Misplaced);
        }
        self.life = life;
        self.note(decision, at);
        Ok(())
    }

    /// What a stand-in decides waits to be viewed by the holder of the post.
    pub(crate) fn note(&mut self, decision: &Decision, at: Timestamp) {
        let post = decision.route.post;
        let stood_in = matches!(decision.capacity, Capacity::StandIn { .. });
        if stood_in && self.place_to_view(post).is_none() {
            self.to_view.push(Unviewed { post, since: at });
        }
    }

    pub(crate) fn withdrawn(&mut self) -> Result<(), Misplaced> {
        match self.life {
            Life::Applied | Life::SentBack => {
                self.life = Life::Withdrawn;
                Ok(())
            }
            _ => Err(Misplaced),
        }
    }

    fn live(&mut self) -> Result<&mut Grant, Misplaced> {
        let grant = self.life.grant_mut().ok_or(Misplaced)?;
        match grant.stage {
            Stage::Live { .. } => Ok(grant),
            _ => Err(Misplaced),
        }
    }

    pub(crate) fn activated(&mut self) -> Result<(), Misplaced> {
        match &mut self.live()?.stage {
            Stage::Live {
                taken_up: taken_up @ false,
                held: None,
                ..
            } => {
                *taken_up = true;
                Ok(())
            }
            _ => Err(Misplaced),
        }
    }

    pub(crate) fn suspended(&mut self, step: &Suspended) -> Result<(), Misplaced> {
        match &mut self.live()?.stage {
            Stage::Live {
                held: held @ None, ..
            } => {
                *held = Some(step.cause);
                Ok(())
            }
            _ => Err(Misplaced),
        }
    }

    pub(crate) fn resumed(
        &mut self,
        decision: Option<&Decision>,
        at: Timestamp,
    ) -> Result<(), Misplaced> {
        match &mut self.live()?.stage {
            Stage::Live { held, .. } if held.is_some() => *held = None,
            _ => return Err(Misplaced),
        }
        decision.into_iter().for_each(|it| self.note(it, at));
        Ok(())
    }

    pub(crate) fn extension_asked(&mut self, step: &ExtensionAsked) -> Result<(), Misplaced> {
        let Stage::Live { asked, .. } = &mut self.live()?.stage else {
            return Err(Misplaced);
        };
        *asked = Some(step.until);
        self.route = step.route;
        Ok(())
    }

    pub(crate) fn extended(&mut self, step: &Extended, at: Timestamp) -> Result<(), Misplaced> {
        let grant = self.live()?;
        let Stage::Live { asked, .. } = &mut grant.stage else {
            return Err(Misplaced);
        };
        asked.take().ok_or(Misplaced)?;
        if step.until <= grant.term.until {
            return Err(Misplaced);
        }
        grant.term.until = step.until;
        grant.deadlines = step.deadlines.clone();
        self.note(&step.decision, at);
        Ok(())
    }

    pub(crate) fn extension_refused(
        &mut self,
        step: &Answer,
        at: Timestamp,
    ) -> Result<(), Misplaced> {
        match &mut self.live()?.stage {
            Stage::Live { asked, .. } => asked.take().ok_or(Misplaced)?,
            _ => return Err(Misplaced),
        };
        self.note(&step.decision, at);
        Ok(())
    }

    pub(crate) fn ended(&mut self, step: &Ended, at: Timestamp) -> Result<(), Misplaced> {
        let grant = self.live()?;
        // What was never taken up leaves nothing to be done.
        if let Stage::Live {
            taken_up: false, ..
        } = grant.stage
        {
            grant.owed = Obligations::default();
        }
        if !step.deadlines.is_empty() || step.at != grant.term.until {
            grant.deadlines = step.deadlines.clone();
        }
        let end = End {
            how: step.how,
            at: step.at,
        };
        grant.stage = Stage::Ended(end);
        step.decision.iter().for_each(|it| self.note(it, at));
        Ok(())
    }

    pub(crate) fn obligation_met(
        &mut self,
        step: &ObligationMet,
        at: Timestamp,
    ) -> Result<(), Misplaced> {
        let grant = self.life.grant_mut().ok_or(Misplaced)?;
        if !grant.owed.contains(step.obligation) {
            return Err(Misplaced);
        }
        grant.owed = grant.owed.without(step.obligation);
        if step.obligation == Obligation::DeviceReturned {
            grant.returned_at = Some(at);
        }
        Ok(())
    }

    pub(crate) fn closed(&mut self) -> Result<(), Misplaced> {
        let grant = self.life.grant_mut().ok_or(Misplaced)?;
        match grant.stage {
            Stage::Ended(end) if grant.owed.is_empty() => {
                grant.stage = Stage::Closed(end);
                Ok(())
            }
            _ => Err(Misplaced),
        }
    }

    pub(crate) fn viewed(&mut self, step: Viewed) -> Result<(), Misplaced> {
        let at = self.place_to_view(step.post).ok_or(Misplaced)?;
        self.to_view.remove(at);
        Ok(())
    }

    fn place_to_view(&self, post: PostId) -> Option<usize> {
        self.to_view.iter().position(|waiting| waiting.post == post)
    }

    pub(crate) fn rerouted(&mut self, step: &Rerouted) -> Result<(), Misplaced> {
        self.route = step.route;
        self.unit = step.unit;
        Ok(())
    }
}
