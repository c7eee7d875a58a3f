//! Rules as the World keeps them.

use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{World, WorldError};
use crate::actor::earlier;
use crate::event::{Event, StoredEvent};
use crate::id::{PersonId, RuleId};
use crate::plan::{Conclusion, Proposed};
use crate::requirement::RequirementId;
use crate::risk::Treatment;
use crate::rule::{
    ACKNOWLEDGE_DAYS, Acknowledged, CheckedRule, Clause, ClauseRef, DecidedMeasure, MeasureRef,
    RuleApproved, RuleDocument, RuleDrafted, RuleVersion, RuleWork,
};
use crate::time::Timestamp;

/// All rules.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rules {
    /// By id.
    #[serde(default)]
    pub documents: BTreeMap<RuleId, RuleDocument>,
}

/// How many people have read a version of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readers {
    /// Whom it concerns.
    pub concerned: u32,
    /// Who has read it.
    pub read: u32,
}

impl Rules {
    /// The versions in force at an instant, with their rules.
    pub fn in_force(&self, at: Timestamp) -> impl Iterator<Item = (&RuleDocument, &RuleVersion)> {
        let documents = self.documents.values();
        documents.filter_map(move |it| Some((it, it.in_force(at)?)))
    }

    /// The clauses in force at an instant.
    pub fn clauses(&self, at: Timestamp) -> impl Iterator<Item = (ClauseRef, &Clause)> {
        self.in_force(at).flat_map(|(document, version)| {
            version.content.clauses.iter().map(move |clause| {
                let of = ClauseRef {
                    rule: document.rule,
                    clause: clause.number,
                };
                (of, clause)
            })
        })
    }

    /// A clause in force.
    #[must_use]
    pub fn clause(&self, of: ClauseRef, at: Timestamp) -> Option<&Clause> {
        let document = self.documents.get(&of.rule)?;
        document.in_force(at)?.content.clause(of.clause)
    }

    /// The clauses in force that answer a row.
    pub fn answering<'a>(
        &'a self,
        row: &'a RequirementId,
        at: Timestamp,
    ) -> impl Iterator<Item = (ClauseRef, &'a Clause)> {
        let clauses = self.clauses(at);
        clauses.filter(move |(_, clause)| clause.terms.rows.contains(row))
    }

    /// Whether an event is about a rule.
    pub(super) const fn folds(event: &Event) -> bool {
        matches!(
            event,
            Event::RuleDrafted { .. }
                | Event::RuleDropped { .. }
                | Event::RuleProposed { .. }
                | Event::RuleSentBack { .. }
                | Event::RuleApproved { .. }
                | Event::RuleAcknowledged { .. }
                | Event::RuleChecked { .. }
        )
    }

    /// Folds one event.
    pub(super) fn apply(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let (at, kind) = (stored.recorded_at, stored.event.kind().0);
        match &stored.event {
            Event::RuleDrafted { drafted } => self.drafted(drafted, stored),
            Event::RuleDropped { rule } => {
                let document = self.worked_on(*rule, kind)?;
                document.work = None;
                document.revision += 1;
                if document.versions.is_empty() {
                    self.documents.remove(rule);
                }
            }
            Event::RuleProposed { proposed } => {
                let by = stored.actor.clone();
                let document = self.worked_on(proposed.rule, kind)?;
                document.revision += 1;
                if let Some(work) = &mut document.work {
                    work.proposed = Some(Proposed { at, by });
                    work.sent_back = None;
                }
            }
            Event::RuleSentBack { step } => {
                let document = self.worked_on(step.rule, kind)?;
                document.revision += 1;
                if let Some(work) = &mut document.work {
                    work.proposed = None;
                    work.sent_back = Some(step.reason.clone());
                }
            }
            Event::RuleApproved { approved } => self.approved(approved, stored)?,
            Event::RuleAcknowledged { step } => {
                let known = self.known(step.rule, kind)?;
                let read = Acknowledged {
                    version: step.version,
                    at,
                };
                Arc::make_mut(&mut known.acknowledged).insert(step.person, read);
            }
            Event::RuleChecked { checked } => {
                let by = stored.actor.clone();
                let checked = checked.as_ref().clone();
                let known = self.known(checked.rule, kind)?;
                known.checked.push(CheckedRule { checked, at, by });
            }
            _ => return Err(misplaced(kind, &"")),
        }
        Ok(())
    }

    fn known(&mut self, rule: RuleId, kind: &'static str) -> Result<&mut RuleDocument, WorldError> {
        let known = self.documents.get_mut(&rule);
        known.ok_or_else(|| WorldError::UnknownSubject {
            kind,
            subject: rule.to_string(),
        })
    }

    fn worked_on(
        &mut self,
        rule: RuleId,
        kind: &'static str,
    ) -> Result<&mut RuleDocument, WorldError> {
        let known = self.known(rule, kind)?;
        match known.work {
            Some(_) => Ok(known),
            None => Err(misplaced(kind, &rule)),
        }
    }

    fn drafted(&mut self, drafted: &RuleDrafted, stored: &StoredEvent) {
        let begun = || RuleDocument::begun(drafted.rule);
        let document = self.documents.entry(drafted.rule).or_insert_with(begun);
        let before = document.work.take();
        let (sent_back, authors) = before.map_or((None, Vec::new()), |it| {
            (it.sent_back, earlier(it.authors, it.by, &stored.actor))
        });
        document.revision += 1;
        document.work = Some(RuleWork {
            content: Arc::new(drafted.content.clone()),
            changed_at: stored.recorded_at,
            by: stored.actor.clone(),
            authors,
            proposed: None,
            sent_back,
        });
    }

    fn approved(
        &mut self,
        approved: &RuleApproved,
        stored: &StoredEvent,
    ) -> Result<(), WorldError> {
        let kind = stored.event.kind().0;
        let document = self.worked_on(approved.rule, kind)?;
        let is_next = usize::try_from(approved.version) == Ok(document.versions.len() + 1);
        let work = document.work.take().filter(|_| is_next);
        let work = work.and_then(|work| Some((work.content, work.proposed?)));
        let (content, proposed) = work.ok_or_else(|| misplaced(kind, &approved.rule))?;
        document.last_clause = document.last_clause.max(content.last_number());
        document.versions.push(RuleVersion {
            version: approved.version,
            content,
            revision: document.revision,
            proposed_by: proposed.by,
            by: stored.actor.clone(),
            at: stored.recorded_at,
            from: approved.from,
        });
        document.revision += 1;
        Ok(())
    }
}

impl World {
    /// Whether a version of a rule concerns a person: everyone where it names no unit.
    #[must_use]
    pub fn rule_concerns(&self, version: &RuleVersion, person: PersonId, at: Timestamp) -> bool {
        let units = &version.content.head.units;
        let unit = self.unit_of(person, at);
        let within = |above| unit.is_some_and(|unit| self.unit_is_within(unit, above, at));
        self.is_member(person, at) && (units.is_empty() || units.iter().any(|it| within(*it)))
    }

    /// The people whom a version of a rule concerns.
    pub fn rule_readers<'a>(
        &'a self,
        version: &RuleVersion,
        at: Timestamp,
    ) -> Box<dyn Iterator<Item = PersonId> + 'a> {
        let units = &version.content.head.units;
        if units.is_empty() {
            let people = self.people.keys().copied();
            return Box::new(people.filter(move |it| self.is_member(*it, at)));
        }
        let within: std::collections::HashSet<_> = units
            .iter()
            .flat_map(|unit| self.units_within(*unit, at))
            .collect();
        let people = self.people.keys().copied();
        Box::new(people.filter(move |person| {
            self.is_member(*person, at)
                && self
                    .unit_of(*person, at)
                    .is_some_and(|it| within.contains(&it))
        }))
    }

    /// How many people have read a version of a rule.
    #[must_use]
    pub fn rule_read(
        &self,
        document: &RuleDocument,
        version: &RuleVersion,
        at: Timestamp,
    ) -> Readers {
        let mut readers = Readers::default();
        for person in self.rule_readers(version, at) {
            readers.concerned += 1;
            readers.read += u32::from(document.is_acknowledged(person, version.version));
        }
        readers
    }

    /// The first instant at which it is late to say that one has read a version.
    #[must_use]
    pub fn rule_read_by(&self, version: &RuleVersion) -> Timestamp {
        let from = version.from.max(version.at);
        self.calendar().deadline(from, ACKNOWLEDGE_DAYS)
    }

    /// The rules that a person has still to read, with the version.
    #[must_use]
    pub fn rules_to_read(&self, person: PersonId, at: Timestamp) -> Vec<(RuleId, u32)> {
        let in_force = self.rules.in_force(at);
        let asked = in_force.filter(|(document, version)| {
            version.content.head.acknowledge
                && !document.is_acknowledged(person, version.version)
                && self.rule_concerns(version, person, at)
        });
        asked
            .map(|(it, version)| (it.rule, version.version))
            .collect()
    }

    /// The measures that were decided in assessing risks, which clauses have to carry: technical measures and
    /// conditions of the assessments in force, and reassessments of cases that concluded with measures where no
    /// assessment says which.
    #[must_use]
    pub fn measures_in_force(&self) -> Vec<DecidedMeasure> {
        let cases = self.plan.cases.values();
        let cases = cases.filter(|case| !self.risks.answered.contains_key(&case.opened.case));
        let decided = cases.filter_map(|case| {
            let (at, found) = case.reassessed()?;
            (found.conclusion == Conclusion::Measures).then(|| DecidedMeasure {
                measure: MeasureRef::Case(case.opened.case),
                at,
                note: found.note.clone(),
            })
        });
        let assessed = self.risks.in_force().flat_map(|version| {
            let numbered = (1..).zip(&version.content.treatments);
            numbered.filter_map(|(number, treatment)| {
                let measure = matches!(
                    treatment,
                    Treatment::Measure { .. } | Treatment::Condition(_)
                );
                Some(DecidedMeasure {
                    measure: MeasureRef::Treatment(
                        version.risk,
                        NonZeroU32::new(number).filter(|_| measure)?,
                    ),
                    at: version.approved_at,
                    note: version.content.reason.clone(),
                })
            })
        });
        decided.chain(assessed).collect()
    }

    /// Whether a measure that a clause names was decided.
    #[must_use]
    pub fn knows_measure(&self, measure: MeasureRef) -> bool {
        self.measures_in_force()
            .iter()
            .any(|it| it.measure == measure)
    }
}

fn misplaced(kind: &'static str, subject: &dyn std::fmt::Display) -> WorldError {
    WorldError::Misplaced {
        kind,
        subject: subject.to_string(),
    }
}
