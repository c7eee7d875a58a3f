//! What is counted of answers that would have been other ones.

use std::collections::HashMap;
use std::hash::Hash;

use sekisho_domain::id::{DeviceId, PersonId};
use sekisho_domain::permit::Place;
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::access_rules::{AnswersOf, Changed, ChangedAnswer};
use sekisho_rules::decide::{Act, Then};

/// Examples that are kept, the newest.
const EXAMPLES: usize = 20;
/// Most lines of one count that are told; the rest is in the whole.
pub const LINES: usize = 50;

/// What other rules would have changed.
#[derive(Clone, Debug)]
pub struct WhatIf {
    /// From when on answers were looked at.
    pub from: Timestamp,
    /// Until when.
    pub until: Timestamp,
    /// How many answers were looked at.
    pub answers: u64,
    /// How many of them were put to the rules, on the facts of their own moment.
    pub replayed: u64,
    /// How many were given before facts were kept, or by facts that this program does not know.
    pub without_facts: u64,
    /// How many were refused because the rules could not be evaluated.
    pub failed: u64,
    /// How many rows were not looked at, since there are too many.
    pub beyond: u64,
    /// Allowed then, and refused by these rules.
    pub refused: Side,
    /// Refused then by an own rule alone, and allowed by these rules.
    pub allowed: Side,
}

impl WhatIf {
    pub(super) fn new(from: Timestamp, until: Timestamp) -> Self {
        Self {
            from,
            until,
            answers: 0,
            replayed: 0,
            without_facts: 0,
            failed: 0,
            beyond: 0,
            refused: Side::default(),
            allowed: Side::default(),
        }
    }

    /// Whether nothing would have been another answer.
    #[must_use]
    pub const fn changes_nothing(&self) -> bool {
        self.refused.answers == 0 && self.allowed.answers == 0
    }
}

/// Answers that would have been other ones, one way.
#[derive(Clone, Debug, Default)]
pub struct Side {
    /// How many.
    pub answers: u64,
    resources: HashMap<EntryId, u64>,
    units: HashMap<String, u64>,
    people: HashMap<PersonId, u64>,
    rules: HashMap<String, u64>,
    /// The newest of them, each question once.
    pub examples: Vec<Example>,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Example {
    /// When it was given.
    pub at: Timestamp,
    /// Who asked; none where a shared device joined by itself.
    pub person: Option<PersonId>,
    /// With which device.
    pub device: Option<DeviceId>,
    /// The system or line.
    pub resource: EntryId,
    /// The unit of whoever asked, at that time.
    pub unit: Option<String>,
    /// From where.
    pub place: Place,
    /// The rules that forbid, or forbade.
    pub rules: Vec<String>,
}

impl Side {
    pub(super) fn add(&mut self, then: Then<'_>, times: u64, rules: Vec<String>) {
        let question = then.question;
        let resource: EntryId = match &question.act {
            Act::Reach { system, .. } => (*system).into(),
            Act::Join { line, .. } => (*line).into(),
        };
        self.answers += times;
        *self.resources.entry(resource).or_default() += times;
        if let Some(unit) = then.seen.unit() {
            *self.units.entry(unit.to_string()).or_default() += times;
        }
        if let Some(person) = question.person {
            *self.people.entry(person).or_default() += times;
        }
        for rule in &rules {
            *self.rules.entry(rule.clone()).or_default() += times;
        }
        let example = Example {
            at: then.at,
            person: question.person,
            device: question.device,
            resource,
            unit: then.seen.unit().map(|it| it.to_string()),
            place: question.origin.place,
            rules,
        };
        let told = |it: &Example| {
            it.person == example.person && it.resource == resource && it.rules == example.rules
        };
        if self.examples.len() < EXAMPLES && !self.examples.iter().any(told) {
            self.examples.push(example);
        }
    }

    /// To how many people.
    #[must_use]
    pub fn people_count(&self) -> u64 {
        self.people.len() as u64
    }

    /// By system or line, the most first.
    #[must_use]
    pub fn resources(&self) -> Vec<(EntryId, u64)> {
        most(&self.resources)
    }

    /// By unit.
    #[must_use]
    pub fn units(&self) -> Vec<(String, u64)> {
        most(&self.units)
    }

    /// By person. Who reads them states a purpose.
    #[must_use]
    pub fn people(&self) -> Vec<(PersonId, u64)> {
        most(&self.people)
    }

    /// By rule.
    #[must_use]
    pub fn rules(&self) -> Vec<(String, u64)> {
        most(&self.rules)
    }

    pub(super) fn told(&self) -> Changed {
        Changed {
            answers: self.answers,
            people: self.people_count(),
            resources: lines(self.resources()),
            units: lines(self.units()),
            rules: lines(self.rules()),
            examples: self
                .examples
                .iter()
                .map(|it| ChangedAnswer {
                    at: it.at,
                    resource: it.resource.to_string(),
                    unit: it.unit.clone(),
                    place: it.place.code().to_owned(),
                    rules: it.rules.clone(),
                })
                .collect(),
        }
    }
}

fn lines<T: ToString>(counts: Vec<(T, u64)>) -> Vec<AnswersOf> {
    let lines = counts.into_iter().map(|(id, answers)| AnswersOf {
        id: id.to_string(),
        answers,
    });
    lines.collect()
}

fn most<T: Clone + Eq + Hash + Ord>(counts: &HashMap<T, u64>) -> Vec<(T, u64)> {
    let mut all: Vec<(T, u64)> = counts.iter().map(|(it, n)| (it.clone(), *n)).collect();
    all.sort_unstable_by(|(a, n), (b, m)| m.cmp(n).then_with(|| a.cmp(b)));
    all.truncate(LINES);
    all
}
