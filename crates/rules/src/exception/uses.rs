//! How an exception was used, counted answer by answer: however many there are, what is kept grows with the days and the
//! people alone.

use std::collections::BTreeSet;

use jiff::civil::Date;
use sekisho_domain::exception::Uses;
use sekisho_domain::id::PersonId;
use sekisho_domain::permit::Permit;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::number;
use crate::decide::{Question, grade_of, speaks_of};

/// Equal questions that were answered with yes on one day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// The question.
    pub question: Question,
    /// When it was answered first on that day.
    pub first: Timestamp,
    /// When last.
    pub last: Timestamp,
    /// How often.
    pub times: u64,
    /// Whether it would have been refused without an exception from the row; none where that cannot be told.
    pub rested: Option<bool>,
}

/// The uses of an exception as far as they are counted.
#[derive(Clone, Debug)]
pub struct Counting {
    life: (Timestamp, Timestamp),
    since: Timestamp,
    answers: u64,
    days: BTreeSet<Date>,
    people: BTreeSet<PersonId>,
    cut: bool,
}

impl Counting {
    /// Nothing is counted yet of an exception that was given; answers are kept from `since` on.
    #[must_use]
    pub fn new(permit: &Permit, since: Timestamp, now: Timestamp) -> Option<Self> {
        let life = permit.life_until(now)?;
        Some(Self {
            life,
            since: since.max(life.0),
            answers: 0,
            days: BTreeSet::new(),
            people: BTreeSet::new(),
            cut: false,
        })
    }

    /// Counts what the decision point answered with yes where it is a use of the exception: `permit`, as it is known now.
    pub fn take(&mut self, world: &World, permit: &Permit, answered: &Answered) {
        // What ordinary permits allowed is no use of it, whomever it names.
        if answered.rested == Some(false) {
            return;
        }
        let question = &answered.question;
        let (from, until) = self.life;
        let within = from <= answered.last && answered.first < until;
        let grade = grade_of(world, question);
        if !within || !speaks_of(world, permit, question, grade, answered.last) {
            return;
        }
        self.answers = self.answers.saturating_add(answered.times);
        let days = [answered.first, answered.last];
        self.days.extend(days.map(Timestamp::jst_date));
        self.people.extend(question.person);
    }

    /// Notes that there is more than is looked at.
    pub fn cut(&mut self) {
        self.cut = true;
    }

    /// What was counted.
    #[must_use]
    pub fn uses(&self) -> Uses {
        Uses {
            since: self.since,
            answers: self.answers,
            days: number(self.days.len()),
            people: number(self.people.len()),
            cut: self.cut,
        }
    }
}
