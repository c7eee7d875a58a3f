//! Stores with 28 days of telework in them: what the daily evaluation has to read before it can compare.

use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use sekisho_domain::id::{Fresh, PersonId, SystemId};
use sekisho_domain::permit::Place;
use sekisho_rules::decide::{Act, Origin, Question};
use sekisho_rules::trigger::Usage;
use sekisho_server::app::App;
use sekisho_server::plan::{Done, evaluate_now, measure};
use sekisho_sim::organisation::Size;
use sekisho_sim::population::Population;
use sekisho_store::observations::NewDecision;

use crate::Outcome;
use crate::ministry::{Ministry, SEED};
use crate::office::Office;

/// A tenth of the people of the largest organisation, with registers of every kind: they are written by the
/// commands that people would give, which takes too long for all of them.
const TENTH: u32 = 10_000;
/// All of them, forty to a section: 2,626 units. Their records are written as the program's writer writes them.
const ALL: u32 = 100_000;
/// How far back triggers look.
const DAYS: i64 = 28;
const DAY: i64 = 86_400_000;
/// People whose answers are kept in one transaction.
const AT_ONCE: usize = 1_000;
/// Days after each of which it is told how far it is.
const TOLD: i64 = 7;

/// An office whose people worked elsewhere on three days of seven.
pub struct StoredUse {
    app: App,
    /// How many people they are.
    pub people: usize,
    /// Answers that were kept.
    pub answers: usize,
}

impl StoredUse {
    /// Fills a folder with a tenth of the people, and registers as of a ministry.
    ///
    /// # Panics
    /// Where the application does not open or the answers cannot be kept.
    #[must_use]
    pub fn of_a_tenth(data: &Path) -> Self {
        let size = Size {
            people: TENTH,
            issued: 50,
            byod: 10,
        };
        println!("   filling a store of {TENTH} people by commands …");
        let Office { app, ministry } = Office::filled(data, 12, size);
        let people: Vec<PersonId> = ministry.people.iter().map(|it| it.id).collect();
        Self::of(app, &people)
    }

    /// Fills a folder with all of the people, who have posts and accounts and neither devices nor permits.
    ///
    /// # Panics
    /// As [`StoredUse::of_a_tenth`].
    #[must_use]
    pub fn of_all(data: &Path, outcome: &mut Outcome) -> Self {
        let population = Population {
            people: ALL,
            devices: 0,
            permits: 0,
            ready: 0,
        };
        println!("   filling a store of {ALL} people …");
        let Ministry { app, .. } = Ministry::open(data, population, outcome);
        let people = (0..ALL).map(|number| population.person(SEED, number));
        let people: Vec<PersonId> = people.collect();
        Self::of(app, &people)
    }

    /// Keeps the answers in the order of time, as a server does.
    fn of(app: App, people: &[PersonId]) -> Self {
        let began = Instant::now();
        let mut kept = 0_usize;
        for back in (1..=DAYS).rev() {
            for (part, first) in people.chunks(AT_ONCE).zip((0_i64..).step_by(AT_ONCE)) {
                let answers = answers(&app, part, (first, back));
                app.observations()
                    .add_decisions(&answers)
                    .expect("they are kept");
                kept += answers.len();
            }
            if back % TOLD == 0 {
                let seconds = began.elapsed().as_secs();
                println!("   … {kept} answers, up to {back} days ago, after {seconds} s");
            }
        }
        Self {
            app,
            people: people.len(),
            answers: kept,
        }
    }

    /// Evaluates as the server does once a day, as far as what is recorded of it; with the seconds that it took.
    ///
    /// # Panics
    /// Where there is no plan, or it cannot be recorded.
    #[must_use]
    pub fn evaluated(&self) -> (f64, Done) {
        let began = Instant::now();
        let done = evaluate_now(&self.app).expect("it is recorded");
        let took = began.elapsed().as_secs_f64();
        (took, done.expect("the ministry has a plan"))
    }

    /// Measures use as the daily evaluation does; with the seconds that it took.
    ///
    /// # Panics
    /// Where the store does not answer, or not everybody's use is found.
    #[must_use]
    pub fn measured(&self) -> (Usage, f64) {
        let began = Instant::now();
        let usage = black_box(measure(&self.app, None)).expect("it is measured");
        let took = began.elapsed().as_secs_f64();
        let seen = usage.people.iter().filter(|it| it.days != 0).count();
        assert_eq!(seen, self.people, "everybody's use");
        (usage, took)
    }
}

/// One answer of the decision point for each person who teleworked so many days ago, at noon in Japan; the first of
/// them is the person of that number.
fn answers(app: &App, people: &[PersonId], (first, back): (i64, i64)) -> Vec<NewDecision> {
    let at = app.now().day_begun().as_millis() - back * DAY + DAY / 2;
    let system = SystemId::new(Fresh([7; 16]));
    let those = people.iter().zip(first..);
    let those = those.filter(|(_, number)| (number + back) % 7 < 3);
    let answer = |(person, _): (&PersonId, i64)| {
        let question = Question {
            person: Some(*person),
            device: None,
            act: Act::Reach { system, part: None },
            origin: Origin {
                place: Place::OutsideOrganisation,
                line: None,
            },
            task: None,
            grade: None,
        };
        NewDecision {
            at,
            person: person.to_string(),
            device: None,
            resource: system.to_string(),
            allowed: true,
            times: 1,
            question: serde_json::to_string(&question).expect("it is plain data"),
            rules: "[]".to_owned(),
            asker: None,
        }
    };
    those.map(answer).collect()
}
