//! Risk assessments as the World keeps them, and which of them stand in the way of what.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{World, WorldError};
use crate::actor::{Actor, earlier};
use crate::event::{Event, StoredEvent};
use crate::id::{CaseId, PermitId, RiskId, TaskId, UnitId};
use crate::permit::Permit;
use crate::plan::{Case, CaseScope, Proposed, RiskLevel};
use crate::register::EntryId;
use crate::risk::{RiskApproved, RiskContent, RiskDrafted, RiskSubject, RiskVersion, RiskWork};
use crate::time::Timestamp;

/// Risk assessments.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Risks {
    /// What is being worked on or waits for approval.
    #[serde(default)]
    pub work: BTreeMap<RiskId, RiskWork>,
    /// Everything that was ever approved.
    #[serde(default)]
    pub approved: BTreeMap<RiskId, RiskVersion>,
    /// The newest approved assessment of each subject.
    #[serde(default)]
    pub current: BTreeMap<RiskSubject, RiskId>,
    /// Those of them that limit anything, or may come to: decisions about access look at no others.
    #[serde(default)]
    pub limiting: BTreeMap<RiskSubject, RiskId>,
    /// The cases that an approved assessment answers, and which.
    #[serde(default)]
    pub answered: BTreeMap<CaseId, RiskId>,
}

impl Risks {
    /// Whether nobody has ever assessed anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.work.is_empty() && self.approved.is_empty()
    }

    /// The newest approved assessment of each subject.
    pub fn in_force(&self) -> impl Iterator<Item = &RiskVersion> {
        self.current.values().filter_map(|id| self.approved.get(id))
    }

    /// The newest approved assessment of a subject.
    #[must_use]
    pub fn of(&self, subject: RiskSubject) -> Option<&RiskVersion> {
        self.approved.get(self.current.get(&subject)?)
    }

    /// The assessment that limits a subject, where one does.
    #[must_use]
    pub fn limiting(&self, subject: RiskSubject) -> Option<&RiskVersion> {
        self.approved.get(self.limiting.get(&subject)?)
    }

    /// Whether an event is about a risk assessment.
    pub(super) const fn folds(event: &Event) -> bool {
        matches!(
            event,
            Event::RiskDrafted { .. }
                | Event::RiskDropped { .. }
                | Event::RiskProposed { .. }
                | Event::RiskSentBack { .. }
                | Event::RiskApproved { .. }
        )
    }

    /// Folds one event.
    pub(super) fn apply(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let (at, by) = (stored.recorded_at, &stored.actor);
        match &stored.event {
            Event::RiskDrafted { drafted } => self.drafted(drafted, by, at)?,
            Event::RiskDropped { risk } => {
                self.work_on(*risk, "risk.dropped")?;
                self.work.remove(risk);
            }
            Event::RiskProposed { proposed } => {
                let work = self.work_on(proposed.risk, "risk.proposed")?;
                work.proposed = Some(Proposed { at, by: by.clone() });
                work.revision += 1;
                work.sent_back = None;
            }
            Event::RiskSentBack { step } => {
                let work = self.work_on(step.risk, "risk.sent-back")?;
                work.proposed = None;
                work.revision += 1;
                work.sent_back = Some(step.reason.clone());
            }
            Event::RiskApproved { approved } => self.take(approved, by, at)?,
            other => {
                return Err(WorldError::Misplaced {
                    kind: other.kind().0,
                    subject: String::new(),
                });
            }
        }
        Ok(())
    }

    fn drafted(
        &mut self,
        drafted: &RiskDrafted,
        by: &Actor,
        at: Timestamp,
    ) -> Result<(), WorldError> {
        if self.approved.contains_key(&drafted.risk) {
            return Err(WorldError::Duplicate {
                kind: "risk.drafted",
                subject: drafted.risk.to_string(),
            });
        }
        let before = self.work.remove(&drafted.risk);
        let (revision, sent_back, authors) = before.map_or((0, None, Vec::new()), |it| {
            let authors = earlier(it.authors, it.by, by);
            (it.revision, it.sent_back, authors)
        });
        let work = RiskWork {
            content: drafted.content.clone(),
            frozen: drafted.frozen.clone(),
            result: drafted.result.clone(),
            revision: revision + 1,
            frozen_at: at,
            by: by.clone(),
            authors,
            proposed: None,
            sent_back,
        };
        self.work.insert(drafted.risk, work);
        Ok(())
    }

    fn work_on(&mut self, risk: RiskId, kind: &'static str) -> Result<&mut RiskWork, WorldError> {
        let work = self.work.get_mut(&risk);
        work.ok_or_else(|| WorldError::UnknownSubject {
            kind,
            subject: risk.to_string(),
        })
    }

    fn take(
        &mut self,
        approved: &RiskApproved,
        by: &Actor,
        at: Timestamp,
    ) -> Result<(), WorldError> {
        let (kind, risk) = ("risk.approved", approved.risk);
        self.work_on(risk, kind)?;
        let misplaced = || WorldError::Misplaced {
            kind,
            subject: risk.to_string(),
        };
        let work = self.work.remove(&risk).ok_or_else(misplaced)?;
        let proposed = work.proposed.ok_or_else(misplaced)?;
        let subject = work.content.subject;
        let before = self.current.insert(subject, risk);
        if before != approved.supersedes {
            return Err(misplaced());
        }
        if let Some(before) = before.and_then(|id| self.approved.get_mut(&id)) {
            before.superseded_at = Some(at);
        }
        for answered in &work.content.cases {
            self.answered.insert(answered.case, risk);
        }
        // What an exception lowered comes to limit when the exception is over.
        let limits = work.result.level == RiskLevel::High
            || !work.content.treatments.is_empty()
            || !work.content.lowered.is_empty();
        if limits {
            self.limiting.insert(subject, risk);
        } else {
            self.limiting.remove(&subject);
        }
        let version = RiskVersion {
            risk,
            content: work.content,
            frozen: work.frozen,
            result: work.result,
            frozen_at: work.frozen_at,
            by: work.by,
            proposed_by: proposed.by,
            approved_by: by.clone(),
            approved_at: at,
            supersedes: approved.supersedes,
            superseded_at: None,
        };
        self.approved.insert(risk, version);
        Ok(())
    }
}

impl World {
    /// The assessments that may limit a task: its own, those of the units that it belongs to, and that of
    /// the whole. Without a task, that of the whole alone.
    #[must_use]
    pub fn risks_limiting(&self, task: Option<TaskId>, at: Timestamp) -> Vec<&RiskVersion> {
        if self.risks.limiting.is_empty() {
            return Vec::new();
        }
        let body = RiskSubject::Tasks(CaseScope::Body);
        let mut found: Vec<&RiskVersion> = self.risks.limiting(body).into_iter().collect();
        let Some(task) = task else {
            return found;
        };
        found.extend(self.risks.limiting(RiskSubject::Task(task)));
        if let Some(unit) = self.unit_of_entry(EntryId::Task(task), at) {
            let units = self
                .risks
                .limiting
                .iter()
                .filter(|(subject, _)| match subject {
                    RiskSubject::Tasks(CaseScope::Unit(above)) => {
                        self.unit_is_within(unit, *above, at)
                    }
                    _ => false,
                });
            found.extend(units.filter_map(|(_, id)| self.risks.approved.get(id)));
        }
        found
    }

    /// Whether an assessment speaks of a task at an instant.
    #[must_use]
    pub fn risk_speaks_of(&self, subject: RiskSubject, task: TaskId, at: Timestamp) -> bool {
        match subject {
            RiskSubject::Task(of) => of == task,
            RiskSubject::Tasks(CaseScope::Body) => true,
            RiskSubject::Tasks(CaseScope::Unit(above)) => self
                .unit_of_entry(EntryId::Task(task), at)
                .is_some_and(|unit| self.unit_is_within(unit, above, at)),
        }
    }

    /// The unit that the gate is asked about for an assessment: that of its task or scope; none for the
    /// whole, also where it answers a case of the whole or speaks of a task that belongs to no unit.
    #[must_use]
    pub fn risk_unit(&self, content: &RiskContent, at: Timestamp) -> Option<UnitId> {
        let of_whole = |answered: &crate::risk::Answered| {
            let case = self.plan.cases.get(&answered.case);
            case.is_some_and(|case| case.opened.scope == CaseScope::Body)
        };
        if content.cases.iter().any(of_whole) {
            return None;
        }
        self.risk_subject_unit(content.subject, at)
    }

    /// The unit of what is assessed; none for the whole.
    #[must_use]
    pub fn risk_subject_unit(&self, subject: RiskSubject, at: Timestamp) -> Option<UnitId> {
        match subject {
            RiskSubject::Tasks(scope) => scope.unit(),
            RiskSubject::Task(task) => self.unit_of_entry(EntryId::Task(task), at),
        }
    }

    /// Whether an exception lowers a weakness of what is assessed: it is in force, names nobody and nothing by
    /// which it would speak of a part alone, and is of the very task or of no task, and of a unit that all of
    /// it belongs to or of no unit.
    #[must_use]
    pub fn exception_lowers(&self, permit: PermitId, subject: RiskSubject, at: Timestamp) -> bool {
        let known = self.permits.get(permit).filter(|it| it.is_in_force(at));
        let Some(exception) = known.and_then(Permit::exception) else {
            return false;
        };
        let of_task = match (exception.task, subject) {
            (None, _) => true,
            (Some(task), RiskSubject::Task(of)) => task == of,
            (Some(_), RiskSubject::Tasks(_)) => false,
        };
        let of_unit = exception.unit.is_none_or(|above| {
            let unit = self.risk_subject_unit(subject, at);
            unit.is_some_and(|unit| self.unit_is_within(unit, above, at))
        });
        exception.is_broad() && of_task && of_unit
    }

    /// The cases that an assessment of something can answer: those that wait, and those that were closed by
    /// a word alone.
    #[must_use]
    pub fn cases_to_assess(&self, subject: RiskSubject) -> Vec<&Case> {
        let waits = |case: &&Case| {
            let by_word = case.reassessed().is_some() && case.assessed_by().is_none();
            (case.is_open() || by_word) && subject.answers(case)
        };
        let answered = |case: &&Case| self.risks.answered.contains_key(&case.opened.case);
        let cases = self.plan.cases.values().filter(waits);
        cases
            .filter(|case| case.is_open() || !answered(case))
            .collect()
    }
}
