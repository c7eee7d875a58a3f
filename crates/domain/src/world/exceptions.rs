//! World + what is recorded of exceptions → World; and what is asked of them.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{World, WorldError};
use crate::check::DeviceCheck;
use crate::event::{Event, StoredEvent};
use crate::exception::{ExceptionRecord, GAP, LONG, RENEWALS};
use crate::id::{PermitId, PersonId};
use crate::permit::particulars::Exception;
use crate::permit::{Decision, EndKind, Particulars, Permit, PermitKind, Recorded, Stage};
use crate::plan::{CaseScope, Trigger};
use crate::rule::ClauseRef;
use crate::time::{Span, Timestamp};

/// Exceptions by their permits; none of those to which nothing but the steps of all permits has happened.
pub type Exceptions = BTreeMap<PermitId, ExceptionRecord>;

impl World {
    /// Whether an event is one of an exception alone.
    pub(super) const fn folds_exception(event: &Event) -> bool {
        matches!(
            event,
            Event::ExceptionReviewed { .. }
                | Event::ExceptionRegularised { .. }
                | Event::ExceptionStopped { .. }
                | Event::ExceptionDecidedAgain { .. }
        )
    }

    pub(super) fn apply_exception(&mut self, stored: &StoredEvent) -> Result<(), WorldError> {
        let (event, at) = (&stored.event, stored.recorded_at);
        match event {
            Event::ExceptionReviewed { step } => {
                self.exception_step(event, step.permit, &step.decision, at)?
                    .reviewed(step, at);
            }
            Event::ExceptionRegularised { step } => {
                self.exception_step(event, step.permit, &step.decision, at)?
                    .regularised(step, at);
            }
            Event::ExceptionStopped { step } => {
                self.exception_step(event, step.permit, &step.decision, at)?
                    .stopped(step, at);
            }
            Event::ExceptionDecidedAgain { step } => {
                self.exception_step(event, step.permit, &step.decision, at)?
                    .decided_again(step, at);
                if step.for_everybody {
                    self.permits.change(step.permit, Permit::given_to_everybody);
                }
            }
            _ => {
                return Err(WorldError::Misplaced {
                    kind: event.kind().0,
                    subject: "exceptions".to_owned(),
                });
            }
        }
        Ok(())
    }

    /// A step of an exception is a step of its permit: it counts in its version, stands in its history, and
    /// what a stand-in decides waits to be viewed.
    fn exception_step(
        &mut self,
        event: &Event,
        permit: PermitId,
        decision: &Decision,
        at: Timestamp,
    ) -> Result<&mut ExceptionRecord, WorldError> {
        let (kind, subject) = (event.kind().0, permit.to_string());
        let Some(known) = self.permits.get(permit) else {
            return Err(WorldError::UnknownSubject { kind, subject });
        };
        if known.kind() != PermitKind::Exception || known.grant().is_none() {
            return Err(WorldError::Misplaced { kind, subject });
        }
        let sequence = self.events;
        self.permits.change(permit, |known| {
            known.note(decision, at);
            known.stamp(Recorded { sequence, at });
        });
        Ok(self.exceptions.entry(permit).or_default())
    }

    /// Counts that the end of an exception was put off.
    pub(super) fn count_renewal(&mut self, event: &Event) {
        let Event::PermitExtended { step } = event else {
            return;
        };
        let known = self.permits.get(step.permit);
        if known.is_some_and(|permit| permit.kind() == PermitKind::Exception) {
            self.exceptions.entry(step.permit).or_default().renewed += 1;
        }
    }

    /// An exception that is given where the same one ran until a few days ago, or runs still, goes on with it: it
    /// counts as put off once more, and has run since the first of them began.
    pub(super) fn follow_exception(&mut self, event: &Event) {
        let Event::PermitApproved { step } = event else {
            return;
        };
        let Some((known, exception)) = self
            .permits
            .get(step.permit)
            .and_then(|known| Some((known, known.exception()?)))
        else {
            return;
        };
        // Whoever applies: the same departure for the same things and people is the same exception.
        let all = self.permits.of_kind(PermitKind::Exception);
        let before = all.filter(|it| {
            let same = it.exception().is_some_and(|other| {
                other.is_of_the_same(exception)
                    && shares_people((it.applicant, other), (known.applicant, exception))
            });
            it.id != known.id && same && !it.was_done_without()
        });
        let ended = before.filter_map(|it| Some((it.last_instant()?, it)));
        let near = ended.filter(|(end, _)| step.term.from <= end.after(GAP));
        let Some((_, before)) = near.max_by_key(|(end, it)| (*end, it.id)) else {
            return;
        };
        let (id, record) = (before.id, self.exception_record(before.id));
        let began = before.grant().map(|grant| grant.term.from);
        let here = self.exceptions.entry(step.permit).or_default();
        here.follows = Some(id);
        here.renewed = record.renewed.saturating_add(1);
        here.since = record.since.or(began);
    }

    /// Since when an exception runs, those that it goes on with included; none where it was never given.
    #[must_use]
    pub fn exception_began(&self, permit: &Permit) -> Option<Timestamp> {
        let since = self.exceptions.get(&permit.id).and_then(|it| it.since);
        since.or(permit.grant().map(|grant| grant.term.from))
    }

    /// Whether an exception that has not ended was put off twice or has run for more than 90 days: it is to be
    /// made ordinary operation or stopped. Our own choice.
    #[must_use]
    pub fn is_exception_to_settle(&self, permit: &Permit, at: Timestamp) -> bool {
        let live = permit.grant().is_some_and(|grant| grant.end(at).is_none());
        let began = self.exception_began(permit);
        let long = began.is_some_and(|began| at.since(began) > LONG);
        live && (long || self.exception_renewals(permit.id) >= RENEWALS)
    }

    /// What was recorded of an exception beside its permit; nothing yet where nothing was.
    #[must_use]
    pub fn exception_record(&self, permit: PermitId) -> ExceptionRecord {
        self.exceptions.get(&permit).cloned().unwrap_or_default()
    }

    /// How often the end of an exception was put off.
    #[must_use]
    pub fn exception_renewals(&self, permit: PermitId) -> u32 {
        self.exceptions.get(&permit).map_or(0, |it| it.renewed)
    }

    /// The day by which an exception is to be looked at again; none of other permits.
    #[must_use]
    pub fn exception_review_on(&self, permit: &Permit) -> Option<Date> {
        let said = self.exceptions.get(&permit.id).and_then(|it| it.next);
        said.or(permit.exception().map(|it| it.review_on))
    }

    /// The first instant at which it is late: after that day.
    #[must_use]
    pub fn exception_review_late(&self, permit: &Permit) -> Option<Timestamp> {
        let day = self.exception_review_on(permit)?;
        let begun = Timestamp::start_of_jst_day(day).ok()?;
        Some(begun.after(Span::days(1)))
    }

    /// Whether an exception was given, has not ended, and was not looked at again by its date.
    #[must_use]
    pub fn is_exception_past_review(&self, permit: &Permit, at: Timestamp) -> bool {
        let live = permit.grant().is_some_and(|grant| grant.end(at).is_none());
        let late = self.exception_review_late(permit);
        live && late.is_some_and(|late| late <= at)
    }

    /// Exceptions that were given and have not ended, those held and those not taken up included.
    pub fn live_exceptions(&self, at: Timestamp) -> impl Iterator<Item = &Permit> {
        let all = self.permits.of_kind(PermitKind::Exception);
        all.filter(move |permit| permit.grant().is_some_and(|grant| grant.end(at).is_none()))
    }

    /// The exceptions that a person is to look at again by an instant, the most urgent first: for the post that
    /// decides now, and never those that are for themselves.
    #[must_use]
    pub fn reviews_for(&self, person: PersonId, by: Timestamp, at: Timestamp) -> Vec<&Permit> {
        let decides = |permit: &&Permit| {
            let route = self.route_of(permit, at).ok();
            let capacity = route.and_then(|route| {
                self.capacity(person, route.post, permit.kind(), permit.grade, at)
            });
            capacity.is_some() && !self.is_own_permit(permit, person)
        };
        let near = |permit: &&Permit| {
            let late = self.exception_review_late(permit);
            late.is_some_and(|late| late <= by)
        };
        let mut found: Vec<&Permit> = self
            .live_exceptions(at)
            .filter(near)
            .filter(decides)
            .collect();
        found.sort_by_key(|permit| self.exception_review_late(permit));
        found
    }

    /// The exception in force by which a trigger is suppressed for a scope at an instant; the one that lasts
    /// longest. One for the whole suppresses it for every unit, one for a unit for those below it too.
    #[must_use]
    pub fn suppressing(
        &self,
        trigger: Trigger,
        scope: CaseScope,
        at: Timestamp,
    ) -> Option<&Permit> {
        let covers = |permit: &&Permit| {
            let Some(exception) = permit.exception() else {
                return false;
            };
            let within = match (exception.unit, scope) {
                (None, _) => true,
                (Some(_), CaseScope::Body) => false,
                (Some(above), CaseScope::Unit(unit)) => self.unit_is_within(unit, above, at),
            };
            permit.is_in_force(at) && exception.suppresses == Some(trigger) && within
        };
        let all = self.permits.of_kind(PermitKind::Exception).filter(covers);
        all.max_by_key(|permit| permit.grant().map(|grant| grant.term.until))
    }

    /// Whether a clause stands in the rules in force.
    #[must_use]
    pub fn clause_stands(&self, clause: ClauseRef, at: Timestamp) -> bool {
        self.rules.clause(clause, at).is_some()
    }

    /// Whether a clause in force says what an exception allowed: it answers the row from which the exception
    /// departs, or is bound to every check of the exception's measures.
    #[must_use]
    pub fn clause_answers(&self, exception: &Exception, clause: ClauseRef, at: Timestamp) -> bool {
        let Some(clause) = self.rules.clause(clause, at) else {
            return false;
        };
        let requirement = exception.requirement.as_str();
        let mut rows = clause.terms.rows.iter();
        let mut checks = exception.measures.iter().flat_map(|it| &it.checks);
        let bound = |check: &DeviceCheck| {
            let of = check.catalogued();
            let mut bound = clause.terms.checks.iter();
            bound.any(|it| of.contains(&it.as_str()))
        };
        rows.any(|row| row.as_str() == requirement)
            || (checks.clone().next().is_some() && checks.all(bound))
    }
}

/// Whether two exceptions, each with its applicant, are for one person at least: one that names no people is
/// for anybody.
fn shares_people(one: (PersonId, &Exception), other: (PersonId, &Exception)) -> bool {
    let mut people = one.1.people.iter().chain([&one.0]);
    one.1.people.is_empty() || people.any(|it| other.1.covers_person(other.0, *it))
}

impl Permit {
    /// What an exception says; none of other permits.
    #[must_use]
    pub fn exception(&self) -> Option<&Exception> {
        match self.particulars.as_ref() {
            Particulars::Exception(exception) => Some(exception),
            _ => None,
        }
    }

    /// Whether it is an exception for everybody who meets its other conditions: it names neither people nor
    /// devices, and where it was given, it was given so.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        let open = self.exception().is_some_and(Exception::is_open);
        open && self.grant().is_none_or(|grant| grant.for_everybody)
    }

    /// Whether it is an exception that names neither people nor devices and counts for its applicant alone: it was
    /// given when nobody was told that such a one is for everybody. It becomes one for everybody
    /// where it is decided again as such a one.
    #[must_use]
    pub fn is_for_its_applicant_alone(&self) -> bool {
        let open = self.exception().is_some_and(Exception::is_open);
        open && !self.is_for_everybody()
    }

    /// Whether it is an exception that is for a person, whatever else it asks for.
    #[must_use]
    pub fn excepts(&self, person: PersonId) -> bool {
        let of = |it: &Exception| it.covers_person(self.applicant, person);
        let named = !self.is_for_its_applicant_alone() && self.exception().is_some_and(of);
        named || (person == self.applicant && self.exception().is_some())
    }

    /// The first instant at which what was given no longer held, or will not; none where nothing was.
    fn last_instant(&self) -> Option<Timestamp> {
        let grant = self.grant()?;
        Some(match grant.stage {
            Stage::Live { .. } => grant.term.until,
            Stage::Ended(end) | Stage::Closed(end) => end.at,
        })
    }

    /// Whether its holder did without it before it began.
    #[must_use]
    pub fn was_done_without(&self) -> bool {
        let end = self.grant().map(|grant| grant.stage);
        matches!(end, Some(Stage::Ended(end) | Stage::Closed(end)) if end.how == EndKind::Withdrawn)
    }

    /// Since when it was taken up or would be, and until when it held at the latest, at an instant.
    #[must_use]
    pub fn life_until(&self, at: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let grant = self.grant()?;
        let end = self.last_instant()?;
        Some((grant.term.from, end.min(at).max(grant.term.from)))
    }
}
