//! The plan of telework as the World keeps it, with the cases that call for a reassessment.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Documents, World, WorldError};
use crate::actor::{Actor, earlier};
use crate::event::{BlobRef, Event, StoredEvent};
use crate::id::{CaseId, PersonId, PlanId, RiskId, TaskId, UnitId};
use crate::plan::{
    Baseline, Case, CaseAssessed, CaseClosed, CaseGrown, CaseOpened, CaseScope, CaseState, Cause,
    Conclusion, DAYS_KEPT, Figure, Measure, PlanApproved, PlanDrafted, PlanEvaluated, PlanLine,
    PlanVersion, PlanWork, Proposed, Trigger, decode_baseline, stood_for,
};
use crate::time::Timestamp;

/// What a reassessment took as it was: use is held against it from then on, until another reassessment of the
/// same trigger and scope takes the same thing as it is then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Accepted {
    /// For whom.
    pub scope: CaseScope,
    /// Of which trigger.
    pub trigger: Trigger,
    /// When.
    pub at: Timestamp,
    /// What was accepted.
    pub figures: Vec<Figure>,
}

/// The plan of telework, and the cases.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TeleworkPlan {
    /// What is being worked on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub work: Option<PlanWork>,
    /// Every version, the oldest first.
    #[serde(default)]
    pub versions: Vec<PlanVersion>,
    /// What the newest version was frozen with. What its plan widened against the plan before without
    /// citing a reassessment is not in it.
    #[serde(
        default,
        skip_serializing_if = "Option::is_none",
        with = "shared_option"
    )]
    pub baseline: Option<Arc<Baseline>>,
    /// What reassessments have taken as it was, since the plan was approved, the oldest first. Of a trigger and
    /// scope nothing stands in it twice.
    #[serde(default)]
    pub accepted: Vec<Accepted>,
    /// Cases by id.
    #[serde(default)]
    pub cases: BTreeMap<CaseId, Case>,
    /// Evaluations, the oldest first, one a day.
    #[serde(default)]
    pub days: Vec<(Timestamp, PlanEvaluated)>,
}

impl TeleworkPlan {
    /// The newest version, in force or over.
    #[must_use]
    pub fn current(&self) -> Option<&PlanVersion> {
        self.versions.last()
    }

    /// The version in force at an instant.
    #[must_use]
    pub fn in_force(&self, at: Timestamp) -> Option<&PlanVersion> {
        self.current().filter(|version| at < version.until)
    }

    /// What the newest version says of a task. A plan whose time is over goes on refusing and limiting:
    /// that nobody renewed it widens nothing.
    #[must_use]
    pub fn line(&self, task: TaskId) -> Option<&PlanLine> {
        self.current()?.content.line(task)
    }

    /// The cases that wait for a reassessment.
    pub fn open(&self) -> impl Iterator<Item = &Case> {
        self.cases.values().filter(|case| case.is_open())
    }

    /// The open case of a trigger and scope, where there is one.
    #[must_use]
    pub fn open_case(&self, trigger: Trigger, scope: CaseScope) -> Option<&Case> {
        self.open()
            .find(|case| case.opened.trigger == trigger && case.opened.scope == scope)
    }

    /// The cases that are late at an instant.
    pub fn overdue(&self, at: Timestamp) -> impl Iterator<Item = &Case> {
        self.open().filter(move |case| case.is_overdue(at))
    }

    /// What was accepted of a trigger and scope, the oldest first.
    pub fn accepted(&self, trigger: Trigger, scope: CaseScope) -> impl Iterator<Item = &Accepted> {
        self.accepted
            .iter()
            .filter(move |it| it.trigger == trigger && it.scope == scope)
    }

    /// The newest evaluation and when it was made.
    #[must_use]
    pub fn evaluated(&self) -> Option<&(Timestamp, PlanEvaluated)> {
        self.days.last()
    }

    /// The reassessments that ask for a change of the plan which no approved plan has carried out.
    pub fn to_reflect(&self) -> impl Iterator<Item = &Case> {
        self.cases.values().filter(|case| {
            let asks = case
                .reassessed()
                .is_some_and(|(_, found)| found.conclusion == Conclusion::PlanChange);
            asks && !self.is_cited(case.opened.case)
        })
    }

    /// Whether a version carries a reassessment out.
    #[must_use]
    pub fn is_cited(&self, case: CaseId) -> bool {
        let mut approved = self
            .versions
            .iter()
            .filter(|it| it.cause == Cause::Approved);
        approved.any(|version| version.cites.contains(&case))
    }

    /// Whether an event is about the plan or a case.
    pub(super) const fn folds(event: &Event) -> bool {
        matches!(
            event,
            Event::PlanDrafted { .. }
                | Event::PlanDropped { .. }
                | Event::PlanProposed { .. }
                | Event::PlanSentBack { .. }
                | Event::PlanApproved { .. }
                | Event::PlanEvaluated { .. }
                | Event::CaseOpened { .. }
                | Event::CaseGrown { .. }
                | Event::CaseSubsided { .. }
                | Event::CaseClosed { .. }
                | Event::CaseAssessed { .. }
        )
    }

    /// Folds one event.
    pub(super) fn apply(
        &mut self,
        stored: &StoredEvent,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let (at, by) = (stored.recorded_at, &stored.actor);
        match &stored.event {
            Event::PlanDrafted { drafted } => self.drafted(drafted, by, at),
            Event::PlanDropped { plan } => {
                self.work_on(*plan, "plan.dropped")?;
                self.work = None;
            }
            Event::PlanProposed { proposed } => {
                let work = self.work_on(proposed.plan, "plan.proposed")?;
                work.proposed = Some(Proposed { at, by: by.clone() });
                work.revision += 1;
                work.sent_back = None;
            }
            Event::PlanSentBack { step } => {
                let work = self.work_on(step.plan, "plan.sent-back")?;
                work.proposed = None;
                work.revision += 1;
                work.sent_back = Some(step.reason.clone());
            }
            Event::PlanApproved { approved } => self.approved(approved, by, at, docs)?,
            Event::PlanEvaluated { evaluated } => self.take_day(evaluated, at),
            Event::CaseOpened { opened } => self.case_opened(opened, at)?,
            Event::CaseGrown { grown } => self.case_grown(grown, at)?,
            Event::CaseSubsided { subsided } => {
                let case = self.open_by_id(subsided.case, "case.subsided")?;
                case.state = CaseState::Subsided { at };
                case.changed_at = at;
                case.version += 1;
            }
            Event::CaseClosed { closed } => self.case_closed(closed, None, by, at)?,
            Event::CaseAssessed { closed } => {
                let CaseAssessed {
                    case,
                    risk,
                    reassessment,
                    version,
                    accepted,
                } = closed.as_ref().clone();
                let closed = CaseClosed {
                    case,
                    reassessment,
                    version,
                    accepted,
                };
                self.case_closed(&closed, Some(risk), by, at)?;
            }
            other => {
                return Err(WorldError::Misplaced {
                    kind: other.kind().0,
                    subject: String::new(),
                });
            }
        }
        Ok(())
    }

    fn drafted(&mut self, drafted: &PlanDrafted, by: &Actor, at: Timestamp) {
        let before = self.work.take().filter(|work| work.plan == drafted.plan);
        let (revision, sent_back, authors) = before.map_or((0, None, Vec::new()), |it| {
            let authors = earlier(it.authors, it.by, by);
            (it.revision, it.sent_back, authors)
        });
        self.work = Some(PlanWork {
            plan: drafted.plan,
            content: Arc::new(drafted.content.clone()),
            revision: revision + 1,
            changed_at: at,
            by: by.clone(),
            authors,
            proposed: None,
            sent_back,
        });
    }

    fn work_on(&mut self, plan: PlanId, kind: &'static str) -> Result<&mut PlanWork, WorldError> {
        let work = self.work.as_mut().filter(|work| work.plan == plan);
        work.ok_or_else(|| unknown(kind, plan.to_string()))
    }

    fn approved(
        &mut self,
        approved: &PlanApproved,
        by: &Actor,
        at: Timestamp,
        docs: &dyn Documents,
    ) -> Result<(), WorldError> {
        let kind = "plan.approved";
        let work = self.work_on(approved.plan, kind)?.clone();
        let proposed = work
            .proposed
            .ok_or_else(|| misplaced(kind, &approved.plan))?;
        self.is_next(approved.version, kind)?;
        let baseline = read_baseline(&approved.baseline, docs)?;
        self.versions.push(PlanVersion {
            version: approved.version,
            plan: approved.plan,
            content: work.content,
            cause: Cause::Approved,
            proposed_by: proposed.by,
            by: by.clone(),
            at,
            approved_at: at,
            until: approved.until,
            cites: approved.cites.clone(),
            baseline: approved.baseline.clone(),
        });
        self.baseline = Some(Arc::new(baseline));
        // Numbers are frozen anew. What happened stays looked at.
        for accepted in &mut self.accepted {
            accepted.figures.retain(|figure| figure.level.is_none());
        }
        self.accepted
            .retain(|accepted| !accepted.figures.is_empty());
        self.work = None;
        Ok(())
    }

    fn is_next(&self, version: u32, kind: &'static str) -> Result<(), WorldError> {
        if usize::try_from(version) == Ok(self.versions.len() + 1) {
            Ok(())
        } else {
            Err(misplaced(kind, &version))
        }
    }

    /// One a day: what was found later that day stands in the place of what was found earlier.
    fn take_day(&mut self, evaluated: &PlanEvaluated, at: Timestamp) {
        if self
            .days
            .last()
            .is_some_and(|(_, last)| last.day == evaluated.day)
        {
            self.days.pop();
        }
        // Only what follows the newest day asks for it, and a bad year of two thousand units is much to remember.
        if let Some((_, before)) = self.days.last_mut() {
            before.failing_units = Vec::new();
        }
        self.days.push((at, evaluated.clone()));
        let beyond = self.days.len().saturating_sub(DAYS_KEPT);
        self.days.drain(..beyond);
    }

    fn case_opened(&mut self, opened: &CaseOpened, at: Timestamp) -> Result<(), WorldError> {
        let kind = "case.opened";
        if self.cases.contains_key(&opened.case) {
            return Err(WorldError::Duplicate {
                kind,
                subject: opened.case.to_string(),
            });
        }
        if self.open_case(opened.trigger, opened.scope).is_some() {
            return Err(misplaced(kind, &opened.case));
        }
        let case = Case {
            opened: opened.clone(),
            latest: Vec::new(),
            opened_at: at,
            changed_at: at,
            version: 1,
            state: CaseState::Open,
        };
        self.cases.insert(opened.case, case);
        Ok(())
    }

    fn open_by_id(&mut self, case: CaseId, kind: &'static str) -> Result<&mut Case, WorldError> {
        let known = self.cases.get_mut(&case);
        let known = known.ok_or_else(|| unknown(kind, case.to_string()))?;
        if known.is_open() {
            Ok(known)
        } else {
            Err(misplaced(kind, &case))
        }
    }

    fn case_grown(&mut self, grown: &CaseGrown, at: Timestamp) -> Result<(), WorldError> {
        let case = self.open_by_id(grown.case, "case.grown")?;
        if grown.quiet {
            case.latest.clone_from(&grown.figures);
            return Ok(());
        }
        case.opened.figures.clone_from(&grown.figures);
        case.latest.clear();
        case.opened.high = grown.high;
        case.opened.due = grown.due;
        case.changed_at = at;
        case.version += 1;
        Ok(())
    }

    fn case_closed(
        &mut self,
        closed: &CaseClosed,
        risk: Option<RiskId>,
        by: &Actor,
        at: Timestamp,
    ) -> Result<(), WorldError> {
        let kind = "case.closed";
        self.is_next(closed.version, kind)?;
        let case = self.open_by_id(closed.case, kind)?;
        let (scope, trigger) = (case.opened.scope, case.opened.trigger);
        case.state = CaseState::Closed {
            at,
            by: by.clone(),
            reassessment: closed.reassessment.clone(),
            risk,
        };
        case.changed_at = at;
        case.version += 1;
        let Some(current) = self.current().cloned() else {
            return Err(misplaced(kind, &closed.case));
        };
        self.versions.push(PlanVersion {
            version: closed.version,
            cause: Cause::Reassessed(closed.case),
            by: by.clone(),
            at,
            cites: vec![closed.case],
            ..current
        });
        self.accept(Accepted {
            scope,
            trigger,
            at,
            figures: closed.accepted.clone(),
        });
        Ok(())
    }

    /// Takes what a reassessment accepted. What earlier ones accepted stands, and each thing is as it was
    /// accepted last. Of a figure that names a plan all is accepted that the plan says, and not what a later one does.
    pub fn accept(&mut self, mut accepted: Accepted) {
        let named = accepted.figures.iter();
        let all = named.flat_map(|it| stood_for(it, &self.versions));
        let own = accepted.scope.unit().map(|unit| unit.to_string());
        let counts = |it: &Figure| {
            let subject = it.subject.as_deref().unwrap_or_default();
            let of_unit = own.as_deref().is_none_or(|own| subject.ends_with(own));
            it.measure != Measure::Admitted || of_unit
        };
        let all: Vec<Figure> = all.filter(counts).collect();
        accepted.figures.extend(all);
        let new: HashSet<_> = accepted.figures.iter().map(Figure::about).collect();
        for earlier in &mut self.accepted {
            if earlier.scope == accepted.scope && earlier.trigger == accepted.trigger {
                earlier.figures.retain(|it| !new.contains(&it.about()));
            }
        }
        self.accepted.retain(|it| !it.figures.is_empty());
        self.accepted.push(accepted);
    }
}

impl World {
    /// Whether a line of the plan admits a person: everyone where it names no unit.
    #[must_use]
    pub fn plan_admits(&self, line: &PlanLine, person: PersonId, at: Timestamp) -> bool {
        let unit = self.unit_of(person, at);
        let within =
            |above: &UnitId| unit.is_some_and(|unit| self.unit_is_within(unit, *above, at));
        line.units.is_empty() || line.units.iter().any(within)
    }

    /// The case, late at an instant, by which new permits to telework of a person are held.
    #[must_use]
    pub fn case_holding(&self, person: PersonId, at: Timestamp) -> Option<&Case> {
        let unit = self.unit_of(person, at);
        self.plan.overdue(at).find(|case| {
            let above = case.opened.scope.unit();
            above.is_none_or(|above| unit.is_some_and(|unit| self.unit_is_within(unit, above, at)))
        })
    }
}

fn read_baseline(document: &BlobRef, docs: &dyn Documents) -> Result<Baseline, WorldError> {
    let found = docs.document(&document.blob);
    found
        .as_deref()
        .and_then(decode_baseline)
        .ok_or_else(|| WorldError::Document {
            digest: document.blob.clone(),
        })
}

fn unknown(kind: &'static str, subject: String) -> WorldError {
    WorldError::UnknownSubject { kind, subject }
}

fn misplaced(kind: &'static str, subject: &dyn std::fmt::Display) -> WorldError {
    WorldError::Misplaced {
        kind,
        subject: subject.to_string(),
    }
}

/// What is shared in memory and may not be there, as if it were not shared.
mod shared_option {
    use std::sync::Arc;

    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::plan::Baseline;

    pub(super) fn serialize<S: Serializer>(
        shared: &Option<Arc<Baseline>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        shared.as_deref().serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Arc<Baseline>>, D::Error> {
        Ok(Option::<Baseline>::deserialize(deserializer)?.map(Arc::new))
    }
}
