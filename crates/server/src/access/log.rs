//! What the decision point answered, kept beside the decisions and not in their way.
//!
//! Answers gather in memory, equal ones as one with a count, and a thread of its own stores them a few
//! times a second, within seconds where there are very many: every one in the observations, refusals and
//! privileged access in the ledger besides. Of devices at internal lines the ledger holds admissions, and not
//! the answers as well.
//! What is answered again about a road that stands and stays open is kept besides, once an hour and with a count of
//! nothing: nobody has asked anything, and rules that see the hour can be put to it all the same.
//! Should the store not keep up, equal answers go on being counted; of different ones so many are held
//! at most, and what is beyond that is counted as lost and shown.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use sekisho_domain::access::{ACCESS_RECORDS_MAX, AccessRecord, Asker};
use sekisho_domain::actor::Actor;
use sekisho_domain::command::Command;
use sekisho_domain::register::EntryId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::decide::{Act, Decision, Denied, Question, Rule, Rulebook, Seen};
use sekisho_store::StoreError;
use sekisho_store::observations::{NewAnswer, NewDecision, NewFacts};

use super::FAILED;
use super::applications::ApplicationLog;
use super::gathering::Gathering;
use crate::app::{App, CommandError};

/// Most different answers held.
pub(super) const HELD_MAX: usize = 65_536;
/// The same refusal goes into the ledger once in so long, with how often it was asked.
const QUIET: Span = Span::minutes(10);
/// In milliseconds.
const HOUR: i64 = 3_600_000;
/// Most answers about what stands that are made at once: each takes a tenth of a millisecond.
const STANDING_AT_ONCE: usize = 256;

/// The hour of an instant, counted from 1970. Hours, days and weekdays of rules begin with one of these: Japan is nine
/// whole hours ahead.
pub(super) fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR)
}

/// What answers are told apart by.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    question: Question,
    allowed: bool,
    privileged: bool,
    forbade: Forbade,
}

/// What forbade it. Rules are shared with the rulebook: nothing is copied for an answer.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Forbade {
    Rules(Vec<Arc<Rule>>),
    Failed,
}

impl Forbade {
    fn of(decision: &Decision) -> Self {
        match decision {
            Decision::Allow(_) => Self::Rules(Vec::new()),
            Decision::Deny(Denied::Missing(missing)) => {
                Self::Rules(missing.iter().map(|it| Arc::clone(&it.rule)).collect())
            }
            Decision::Deny(Denied::Failed(_)) => Self::Failed,
        }
    }

    fn ids(&self) -> Vec<String> {
        match self {
            Self::Rules(rules) => rules.iter().map(|it| it.id.clone()).collect(),
            Self::Failed => vec![FAILED.to_owned()],
        }
    }
}

/// What is stored as one: equal answers on equal facts to the same asker. The ledger tells answers apart
/// by their key alone, so that neither an hour that strikes nor another asker makes a new record of a
/// refusal.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Given {
    key: Key,
    seen: Seen,
    built_in: Option<bool>,
    asker: Option<Asker>,
    /// Rules see hour and weekday, which are stored as the time alone.
    hour: i64,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Tally {
    pub(super) times: u32,
    first_at: Timestamp,
    pub(super) last_at: Timestamp,
}

impl Tally {
    pub(super) const fn once(at: Timestamp) -> Self {
        Self {
            times: 1,
            first_at: at,
            last_at: at,
        }
    }

    /// Of what stands: nobody has asked for it.
    pub(super) const fn standing(at: Timestamp) -> Self {
        Self {
            times: 0,
            first_at: at,
            last_at: at,
        }
    }

    pub(super) const fn is_standing(self) -> bool {
        self.times == 0
    }

    pub(super) fn joined(self, later: Self) -> Self {
        // That something stands says nothing besides what was asked.
        if later.is_standing() && !self.is_standing() {
            return self;
        }
        if self.is_standing() {
            return later;
        }
        Self {
            times: self.times.saturating_add(later.times),
            first_at: self.first_at,
            last_at: later.last_at,
        }
    }
}

/// When the same was last recorded in the ledger, and what has come since.
#[derive(Default)]
struct Recorded {
    at: Timestamp,
    waiting: Option<Tally>,
}

/// How much has been answered and kept since the start.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LogCounts {
    /// Answers that allowed.
    pub allowed: u64,
    /// Answers that refused.
    pub refused: u64,
    /// Answers that could not be kept.
    pub lost: u64,
}

/// The log of decisions.
#[derive(Default)]
pub struct DecisionLog {
    held: Gathering<Given>,
    allowed: AtomicU64,
    refused: AtomicU64,
    lost: AtomicU64,
    /// What was taken out to be stored, and is not yet.
    storing: Mutex<Vec<(Given, Tally)>>,
    /// What stands in the ledger or waits for it. Only the thread that stores looks there, so that
    /// nobody who asks waits while it is looked through.
    recorded: Mutex<HashMap<Key, Recorded>>,
    pub(super) applications: ApplicationLog,
}

impl DecisionLog {
    /// Keeps an answer. `false` where there was no room for it: then it is counted as lost.
    pub(super) fn put(
        &self,
        (question, asker): (&Question, Option<Asker>),
        decision: &Decision,
        (seen, built_in): (Seen, Option<bool>),
        privileged: bool,
        tally: Tally,
    ) -> bool {
        let key = Key::of(question, decision, privileged);
        let counted = if key.allowed {
            &self.allowed
        } else {
            &self.refused
        };
        counted.fetch_add(u64::from(tally.times), Ordering::Relaxed);
        // Answers to one person about one device are told apart there; so few come at once.
        let place = (question.person, question.device);
        let given = Given {
            key,
            seen,
            built_in,
            asker,
            hour: hour_of(tally.last_at),
        };
        let kept = self.held.put(place, given, tally);
        // What stands is told again later.
        if !kept && !tally.is_standing() {
            self.lost.fetch_add(1, Ordering::Relaxed);
        }
        kept
    }

    /// How much has been answered.
    #[must_use]
    pub fn counts(&self) -> LogCounts {
        LogCounts {
            allowed: self.allowed.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            lost: self.lost.load(Ordering::Relaxed) + self.applications.lost(),
        }
    }

    /// Whether so many different answers are held that they had better be stored now.
    pub(super) fn fills_up(&self) -> bool {
        self.held.len() >= HELD_MAX / 4
    }

    /// How many answers about what stands may be added now at most: so few that those to questions find room, and
    /// that whoever makes them keeps nobody waiting.
    pub(super) fn standing_room(&self) -> usize {
        let room = (HELD_MAX / 4).saturating_sub(self.held.len());
        room.min(STANDING_AT_ONCE)
    }

    fn in_ledger(&self) -> MutexGuard<'_, HashMap<Key, Recorded>> {
        self.recorded.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes what has to go into the ledger.
    fn note(&self, answers: &[(Given, Tally)]) {
        let mut recorded = self.in_ledger();
        let of_record = answers.iter();
        let of_record =
            of_record.filter(|(given, tally)| given.is_of_record() && !tally.is_standing());
        for (Given { key, .. }, tally) in of_record {
            let known = recorded.entry(key.clone()).or_default();
            known.waiting = Some(known.waiting.map_or(*tally, |it| it.joined(*tally)));
        }
    }

    /// What is due in the ledger at an instant; all that waits, where there is no later one.
    fn due(&self, now: Timestamp, last: bool) -> Vec<(Key, Tally)> {
        let mut recorded = self.in_ledger();
        recorded.retain(|_, it| it.waiting.is_some() || it.at.after(QUIET) > now);
        let due = recorded.iter();
        let due = due.filter(|(_, it)| last || it.at.after(QUIET) <= now);
        due.filter_map(|(key, it)| Some((key.clone(), it.waiting?)))
            .take(ACCESS_RECORDS_MAX)
            .collect()
    }

    /// Notes that it stands there.
    fn recorded(&self, due: &[(Key, Tally)], now: Timestamp) {
        let mut recorded = self.in_ledger();
        for (key, _) in due {
            if let Some(known) = recorded.get_mut(key) {
                *known = Recorded {
                    at: now,
                    waiting: None,
                };
            }
        }
    }
}

impl Key {
    pub(super) fn of(question: &Question, decision: &Decision, privileged: bool) -> Self {
        Self {
            question: question.clone(),
            allowed: decision.is_allowed(),
            privileged,
            forbade: Forbade::of(decision),
        }
    }

    /// What joins a line in nobody's name stands there as an admission alone.
    fn is_of_record(&self) -> bool {
        self.question.person.is_some() && (!self.allowed || self.privileged)
    }

    fn resource(&self) -> EntryId {
        match &self.question.act {
            Act::Reach { system, .. } => (*system).into(),
            Act::Join { line, .. } => (*line).into(),
        }
    }

    /// What goes into the ledger; nothing where nobody asked.
    fn record(&self, tally: Tally) -> Option<AccessRecord> {
        Some(AccessRecord {
            person: self.question.person?,
            device: self.question.device,
            resource: self.resource(),
            place: self.question.origin.place,
            allowed: self.allowed,
            rules: self.forbade.ids(),
            times: tally.times,
            first_at: tally.first_at,
            last_at: tally.last_at,
        })
    }

    fn row(&self, tally: Tally, asker: Option<Asker>) -> NewDecision {
        // Neither holds anything that could not be written.
        let json = |value: Result<String, serde_json::Error>| value.unwrap_or_default();
        let person = self.question.person.map(|person| person.to_string());
        NewDecision {
            at: tally.last_at.as_millis(),
            person: person.unwrap_or_default(),
            device: self.question.device.map(|device| device.to_string()),
            resource: self.resource().to_string(),
            allowed: self.allowed,
            times: tally.times,
            question: json(serde_json::to_string(&self.question)),
            rules: json(serde_json::to_string(&self.forbade.ids())),
            asker: asker.map(|it| it.to_string()),
        }
    }
}

impl Given {
    fn is_of_record(&self) -> bool {
        self.key.is_of_record() && !matches!(self.asker, Some(Asker::Line(_)))
    }

    /// What rested on an exception is told by the built-in rules, which are the same in every rulebook.
    fn row(&self, tally: Tally, book: &Rulebook) -> NewAnswer {
        let allowed = Some(&self.seen).filter(|_| self.key.allowed);
        let rested = allowed.and_then(|seen| book.rested(&self.key.question, seen));
        let facts = self.built_in.map(|built_in| NewFacts {
            // It holds nothing that could not be written.
            facts: serde_json::to_string(&self.seen).unwrap_or_default(),
            built_in,
        });
        NewAnswer {
            decision: self.key.row(tally, self.asker),
            facts,
            excused: rested.map(<[_]>::to_vec),
        }
    }
}

/// Why answers could not be stored. They are held and tried again.
#[derive(Debug, thiserror::Error)]
pub enum LogError {
    /// The observations.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The ledger.
    #[error(transparent)]
    Command(#[from] CommandError),
}

impl App {
    /// Stores what was answered since the last time.
    ///
    /// # Errors
    /// [`LogError`]; refusals that wait for the ledger go on waiting.
    pub fn keep_decisions(&self) -> Result<(), LogError> {
        // What an earlier piece left, then what has come since.
        for _ in 0..2 {
            while self.keep_some_decisions(HELD_MAX)? {}
        }
        Ok(())
    }

    /// Stores so many answers at most of those that were held when the last of the earlier ones was stored,
    /// and whether there are more of them. Called again and again by a thread of its own.
    ///
    /// # Errors
    /// [`LogError`]; what could not be stored is tried again.
    pub fn keep_some_decisions(&self, at_most: usize) -> Result<bool, LogError> {
        let log = self.access().log();
        let mut storing = log.storing.lock().unwrap_or_else(PoisonError::into_inner);
        if storing.is_empty() {
            self.keep_application_decisions()?;
            log.held.take_into(&mut storing);
        }
        let first = storing.len().saturating_sub(at_most);
        let answers = &storing[first..];
        if !answers.is_empty() {
            let book = self.access().rulebook();
            let rows = answers.iter();
            let rows = rows.map(|(given, tally)| given.row(*tally, &book));
            let rows: Vec<NewAnswer> = rows.collect();
            self.observations().add_answers(&rows)?;
            log.note(answers);
            self.follow_answers(answers.iter().map(|(given, tally)| {
                let times = [tally.first_at, tally.last_at];
                (&given.key.question, given.asker, given.key.allowed, times)
            }));
            storing.truncate(first);
        }
        let more = !storing.is_empty();
        drop(storing);
        if !more {
            self.record_decisions(false)?;
        }
        Ok(more)
    }

    /// Stores what was answered, and records in the ledger all that waits for it however lately the same was
    /// recorded: before the program ends, since nobody remembers it afterwards.
    ///
    /// # Errors
    /// [`LogError`]; what could not be stored is lost with the program.
    pub fn keep_last_decisions(&self) -> Result<(), LogError> {
        self.keep_decisions()?;
        while self.record_decisions(true)? {}
        Ok(())
    }

    /// Records in the ledger what is due there, or all that waits: so much as it takes at once. Whether there was
    /// anything.
    fn record_decisions(&self, last: bool) -> Result<bool, LogError> {
        let log = self.access().log();
        let now = self.now();
        let due = log.due(now, last);
        if due.is_empty() {
            return Ok(false);
        }
        let records = due.iter().filter_map(|(key, tally)| key.record(*tally));
        let records = records.collect();
        self.command_blocking(Actor::System, Command::RecordAccess { records }, Vec::new())?;
        log.recorded(&due, now);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::{Fresh, PersonId, SystemId};
    use sekisho_domain::permit::Place;
    use sekisho_rules::decide::Origin;

    use super::*;

    /// The excuse was needed where the built-in rules forbid on these facts.
    const EXCUSED: &str = r#"{"v":3,"b":0,"g":"C1I1A1","x":["permit.off-site"]}"#;
    const ORDINARY: &str = r#"{"v":3,"b":0,"g":"C1I1A1"}"#;

    #[test]
    fn what_is_kept_of_an_answer_tells_what_exceptions_it_rested_on() {
        let book = Rulebook::built_in().unwrap();
        let question = Question {
            person: Some(PersonId::new(Fresh([1; 16]))),
            device: None,
            act: Act::Reach {
                system: SystemId::new(Fresh([2; 16])),
                part: None,
            },
            origin: Origin {
                place: Place::OutsideOrganisation,
                line: None,
            },
            task: None,
            grade: None,
        };
        let excused = |facts: &str, allowed| {
            let given = Given {
                key: Key {
                    question: question.clone(),
                    allowed,
                    privileged: false,
                    forbade: Forbade::Rules(Vec::new()),
                },
                seen: serde_json::from_str(facts).unwrap(),
                built_in: Some(allowed),
                asker: None,
                hour: 0,
            };
            given.row(Tally::once(Timestamp::default()), &book).excused
        };
        let off_site = vec!["permit.off-site".to_owned()];
        assert_eq!(excused(EXCUSED, true), Some(off_site));
        assert_eq!(excused(EXCUSED, false), None);
        assert_eq!(excused(ORDINARY, true), None);
    }
}
