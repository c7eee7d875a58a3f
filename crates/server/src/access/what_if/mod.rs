//! What other rules would have changed in the answers of the last days.
//!
//! Each answer is stored with what rules could see when it was given, so that the rules are put to the
//! facts of that very moment and not to what holds today. What was answered before facts were kept, and
//! what could not be evaluated then, is counted and not guessed at. The built-in rules are not asked
//! again: whether they allowed it stands beside the answer, and own rules change nothing about it.

mod desk;
mod tally;

use std::collections::HashMap;

use sekisho_domain::time::{Span, Timestamp};
use sekisho_protocol::access_rules::{WHAT_IF_DAYS_MAX, WhatIfReport};
use sekisho_rules::decide::{OwnAnswer, Question, Rulebook, Seen, Then};
use sekisho_store::StoreError;
use sekisho_store::observations::GivenAnswer;

pub use desk::{Trial, TrialId, TrialState, Trials};
pub use tally::{Example, Side, WhatIf};

use crate::app::App;

/// Rows that are read at once: short enough that nobody waits for the reader.
const ROWS: usize = 5_000;
/// Most rows that are looked at.
const ROWS_MAX: u64 = 3_000_000;
/// Answers of the rules that are remembered: most questions are asked again and again.
const REMEMBERED_MAX: usize = 200_000;
/// In milliseconds.
const HOUR: i64 = 3_600_000;

/// How far it has come: rows done, of how many.
pub type Tell<'a> = &'a mut dyn FnMut(u64, u64);

/// An answer is remembered by its facts, its question and the hour of the week.
type Same = (i64, String, i64);

struct Replay<'a> {
    book: &'a Rulebook,
    facts: HashMap<i64, Option<Seen>>,
    remembered: HashMap<Same, OwnAnswer>,
}

/// Puts rules to the answers of the last days, the newest first. None where the program stops
/// meanwhile.
///
/// # Errors
/// The store's codes.
pub fn what_if(
    app: &App,
    book: &Rulebook,
    days: u32,
    tell: Tell<'_>,
) -> Result<Option<WhatIf>, StoreError> {
    let until = app.now();
    let from = until.before(Span::days(days.clamp(1, WHAT_IF_DAYS_MAX)));
    let store = app.observations();
    let all = store.count_answers(from.as_millis())?;
    let mut found = WhatIf::new(from, until);
    let mut replay = Replay {
        book,
        facts: HashMap::new(),
        remembered: HashMap::new(),
    };
    let (mut below, mut done) = (i64::MAX, 0_u64);
    tell(0, all);
    while done < ROWS_MAX {
        if app.is_stopping() {
            return Ok(None);
        }
        let rows = store.answers_below(below, from.as_millis(), ROWS)?;
        let Some(last) = rows.last() else { break };
        below = last.id;
        done += rows.len() as u64;
        for row in &rows {
            replay.put(row, &mut found);
        }
        tell(done, all);
    }
    found.beyond = all.saturating_sub(done);
    Ok(Some(found))
}

impl Replay<'_> {
    fn put(&mut self, row: &GivenAnswer, found: &mut WhatIf) {
        // One about a road that stands has a count of nothing: it is one answer of its hour.
        let times = u64::from(row.times.max(1));
        found.answers += times;
        let question = serde_json::from_str::<Question>(&row.question).ok();
        let (Some(question), Some((number, facts))) = (question, &row.facts) else {
            found.without(row, times);
            return;
        };
        if self.facts.len() >= REMEMBERED_MAX {
            self.facts.clear();
        }
        let seen = self
            .facts
            .entry(*number)
            .or_insert_with(|| serde_json::from_str(facts).ok())
            .clone()
            .filter(Seen::is_known);
        let (Some(seen), Some(built_in)) = (seen, row.built_in) else {
            found.without(row, times);
            return;
        };
        found.replayed += times;
        // What clauses forbid, own rules neither give back nor need to forbid again.
        if !built_in {
            return;
        }
        let then = Then {
            question: &question,
            seen: &seen,
            at: Timestamp::from_millis(row.at),
        };
        let answer = self.answer(*number, row, then);
        match (row.allowed, answer) {
            (true, OwnAnswer::Allowed)
            | (false, OwnAnswer::Forbidden(_) | OwnAnswer::Failed(_)) => {}
            (true, OwnAnswer::Forbidden(rules)) => found.refused.add(then, times, rules),
            (true, OwnAnswer::Failed(_)) => {
                found
                    .refused
                    .add(then, times, vec![super::FAILED.to_owned()]);
            }
            (false, OwnAnswer::Allowed) => {
                // The array was written by ourselves.
                let rules = serde_json::from_str(&row.rules).unwrap_or_default();
                found.allowed.add(then, times, rules);
            }
        }
    }

    fn answer(&mut self, facts: i64, row: &GivenAnswer, then: Then<'_>) -> OwnAnswer {
        let hour = row.at.div_euclid(HOUR).rem_euclid(24 * 7);
        let same = (facts, row.question.clone(), hour);
        if let Some(known) = self.remembered.get(&same) {
            return known.clone();
        }
        if self.remembered.len() >= REMEMBERED_MAX {
            self.remembered.clear();
        }
        let answer = self.book.own_answer(then);
        self.remembered.insert(same, answer.clone());
        answer
    }
}

impl WhatIf {
    /// An answer to which nothing can be put: it was refused because no rule could be evaluated, or
    /// its facts are not known.
    fn without(&mut self, row: &GivenAnswer, times: u64) {
        let failed = serde_json::from_str::<Vec<String>>(&row.rules)
            .is_ok_and(|rules| rules.iter().any(|rule| rule == super::FAILED));
        if failed {
            self.failed += times;
        } else {
            self.without_facts += times;
        }
    }

    /// As shell and API tell it: without the people.
    #[must_use]
    pub fn report(&self) -> WhatIfReport {
        WhatIfReport {
            from: self.from,
            until: self.until,
            answers: self.answers,
            replayed: self.replayed,
            without_facts: self.without_facts,
            failed: self.failed,
            beyond: self.beyond,
            refused: self.refused.told(),
            allowed: self.allowed.told(),
        }
    }
}
