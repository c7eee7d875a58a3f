//! World + what is recorded of permits, stand-ins and delegations → World.

use super::{World, WorldError};
use crate::event::Event;
use crate::id::PermitId;
use crate::permit::event::Applied;
use crate::permit::{Misplaced, Permit, Recorded};
use crate::time::Timestamp;

impl World {
    pub(super) fn apply_permit(&mut self, event: &Event, at: Timestamp) -> Result<(), WorldError> {
        let sequence = self.events;
        let recorded = Recorded { sequence, at };
        match event {
            Event::PermitApplied { applied } => self.add_permit(event, applied, recorded),
            Event::PermitResubmitted { step } => {
                self.step(event, step.permit, recorded, |it| it.resubmitted(step))
            }
            Event::PermitSentBack { step } => {
                self.step(event, step.permit, recorded, |it| it.sent_back(step, at))
            }
            Event::PermitWithdrawn { permit } => {
                self.step(event, *permit, recorded, Permit::withdrawn)
            }
            Event::PermitRefused { step } => {
                self.step(event, step.permit, recorded, |it| it.refused(step, at))
            }
            Event::PermitApproved { step } => {
                self.step(event, step.permit, recorded, |it| it.approved(step, at))?;
                self.follow_exception(event);
                Ok(())
            }
            Event::PermitActivated { permit } => {
                self.step(event, *permit, recorded, Permit::activated)
            }
            Event::PermitSuspended { step } => {
                self.step(event, step.permit, recorded, |it| it.suspended(step))
            }
            Event::PermitResumed { step } => self.step(event, step.permit, recorded, |it| {
                it.resumed(step.decision.as_ref(), at)
            }),
            Event::PermitExtensionAsked { step } => {
                self.step(event, step.permit, recorded, |it| it.extension_asked(step))
            }
            Event::PermitExtended { step } => {
                self.step(event, step.permit, recorded, |it| it.extended(step, at))?;
                self.count_renewal(event);
                Ok(())
            }
            Event::PermitExtensionRefused { step } => {
                self.step(event, step.permit, recorded, |it| {
                    it.extension_refused(step, at)
                })
            }
            Event::PermitEnded { step } => {
                self.step(event, step.permit, recorded, |it| it.ended(step, at))
            }
            Event::PermitObligationMet { step } => self.step(event, step.permit, recorded, |it| {
                it.obligation_met(step, at)
            }),
            Event::PermitClosed { permit } => self.step(event, *permit, recorded, Permit::closed),
            Event::PermitViewed { step } => {
                self.step(event, step.permit, recorded, |it| it.viewed(*step))
            }
            Event::PermitRerouted { step } => {
                self.step(event, step.permit, recorded, |it| it.rerouted(step))
            }
            _ => self.apply_deciders(event),
        }
    }

    fn add_permit(
        &mut self,
        event: &Event,
        applied: &Applied,
        recorded: Recorded,
    ) -> Result<(), WorldError> {
        if self.permits.add(Permit::applied(applied, recorded)) {
            Ok(())
        } else {
            Err(WorldError::Duplicate {
                kind: event.kind().0,
                subject: applied.permit.to_string(),
            })
        }
    }

    fn step(
        &mut self,
        event: &Event,
        permit: PermitId,
        recorded: Recorded,
        step: impl FnOnce(&mut Permit) -> Result<(), Misplaced>,
    ) -> Result<(), WorldError> {
        let stepped = self.permits.change(permit, |known| {
            step(known)?;
            known.stamp(recorded);
            Ok(())
        });
        match stepped {
            Some(Ok(())) => Ok(()),
            Some(Err(Misplaced)) => Err(WorldError::Misplaced {
                kind: event.kind().0,
                subject: permit.to_string(),
            }),
            None => Err(WorldError::UnknownSubject {
                kind: event.kind().0,
                subject: permit.to_string(),
            }),
        }
    }

    fn apply_deciders(&mut self, event: &Event) -> Result<(), WorldError> {
        let unknown = |subject: String| WorldError::UnknownSubject {
            kind: event.kind().0,
            subject,
        };
        match event {
            Event::PermitRulesSet { rules } => *self.permits.rules_mut() = rules.clone(),
            Event::StandInNamed { stand_in } => {
                self.stand_ins.add(stand_in.clone());
            }
            Event::StandInEnded { stand_in, until } => {
                let known = self.stand_ins.get_mut(*stand_in);
                let known = known.ok_or_else(|| unknown(stand_in.to_string()))?;
                // A recorded end is final: it can come closer and never go back.
                known.valid.until = known.valid.until.min(*until);
            }
            Event::DelegationMade { delegation } => {
                self.delegations.add(delegation.clone());
            }
            Event::DelegationEnded { delegation, until } => {
                let known = self.delegations.get_mut(*delegation);
                let known = known.ok_or_else(|| unknown(delegation.to_string()))?;
                let end = known.valid.until.map_or(*until, |end| end.min(*until));
                known.valid.until = Some(end);
            }
            _ => {
                return Err(WorldError::Misplaced {
                    kind: event.kind().0,
                    subject: "permits".to_owned(),
                });
            }
        }
        Ok(())
    }
}
