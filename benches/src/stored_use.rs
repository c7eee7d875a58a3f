//! A store with 28 days of telework in it: what the daily evaluation has to read before it can compare.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use sekisho_domain::id::{Fresh, SystemId};
use sekisho_domain::permit::Place;
use sekisho_rules::decide::{Act, Origin, Question};
use sekisho_rules::trigger::Usage;
use sekisho_server::app::App;
use sekisho_server::plan::measure;
use sekisho_sim::organisation::{Ministry, Size};
use sekisho_store::observations::NewDecision;

use crate::office::Office;

/// A tenth of the people of the largest organisation: its registers are written by the commands that people
/// would give, which takes minutes for all of them.
pub const PEOPLE: u32 = 10_000;
/// How far back triggers look.
const DAYS: i64 = 28;
const DAY: i64 = 86_400_000;
/// Answers of one transaction.
const AT_ONCE: usize = 10_000;

/// An office whose people worked elsewhere on three days of seven.
pub struct StoredUse {
    office: Office,
    /// Answers that were kept.
    pub answers: usize,
}

impl StoredUse {
    /// Fills a folder.
    ///
    /// # Panics
    /// Where the application does not open or the answers cannot be kept.
    #[must_use]
    pub fn filled(data: &Path) -> Self {
        let size = Size {
            people: PEOPLE,
            issued: 50,
            byod: 10,
        };
        let office = Office::filled(data, 12, size);
        let answers = answers(&office.app, &office.ministry);
        for part in answers.chunks(AT_ONCE) {
            let observations = office.app.observations();
            observations.add_decisions(part).expect("they are kept");
        }
        Self {
            answers: answers.len(),
            office,
        }
    }

    /// Measures use as the daily evaluation does; with the seconds that it took.
    ///
    /// # Panics
    /// Where the store does not answer, or not everybody's use is found.
    #[must_use]
    pub fn measured(&self) -> (Usage, f64) {
        let began = Instant::now();
        let usage = black_box(measure(&self.office.app, None)).expect("it is measured");
        let took = began.elapsed().as_secs_f64();
        let seen = usage.people.iter().filter(|it| it.days != 0).count();
        assert_eq!(seen, self.office.ministry.people.len(), "everybody's use");
        (usage, took)
    }
}

/// One answer of the decision point for each person and day of telework, at noon in Japan.
fn answers(app: &App, ministry: &Ministry) -> Vec<NewDecision> {
    let today = app.now().day_begun().as_millis();
    let system = SystemId::new(Fresh([7; 16]));
    let mut answers = Vec::new();
    for (member, number) in ministry.people.iter().zip(0_i64..) {
        let question = Question {
            person: Some(member.id),
            device: None,
            act: Act::Reach { system, part: None },
            origin: Origin {
                place: Place::OutsideOrganisation,
                line: None,
            },
            task: None,
            grade: None,
        };
        let question = serde_json::to_string(&question).expect("it is plain data");
        for back in (1..=DAYS).filter(|back| (number + back) % 7 < 3) {
            answers.push(NewDecision {
                at: today - back * DAY + DAY / 2,
                person: member.id.to_string(),
                device: None,
                resource: system.to_string(),
                allowed: true,
                times: 1,
                question: question.clone(),
                rules: "[]".to_owned(),
                asker: None,
            });
        }
    }
    answers
}
