//! The decision point in process: 100,000 people and devices, a tenth and the whole of 1,000,000
//! permits, on one core. About half of what is asked is allowed.
//!
//! Beside it the same rules in plain Cedar and in Rego, to which the facts are given ready-made: what
//! finding the facts and explaining a refusal costs is in `decide` alone. All three have to agree.

mod questions;
mod rivals;

use std::hint::black_box;
use std::time::Instant;

use cedar_policy::Request;
use sekisho_domain::posture::Posture;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{
    Decision, Denied, Facts, Ground, Question, Rulebook, cedar_request, decide,
};
use sekisho_sim::population::Population;

use crate::measure::Times;
use crate::{Outcome, Target};
use questions::Sources;
use rivals::Rules;

const PEOPLE: u32 = 100_000;
/// Permits, and how many people are ready to work from elsewhere, each by five of them.
const PERMITS: [(u32, u32); 2] = [(100_000, 5_000), (1_000_000, 50_000)];
const SEED: u64 = 2026;
const QUESTIONS: usize = 20_000;
/// Questions that are asked before it is measured: a server that has been at work for a moment.
const BEFORE: usize = 50_000;
/// Rounds of all questions.
const ROUNDS: usize = 5;
/// The most that one decision may take, in microseconds.
const MOST: f64 = 25.0;

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

/// Measures decisions.
///
/// # Panics
/// Where the World refuses the simulated events, the rulebook does not hold, or the same rules say
/// something else elsewhere.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let mut before = f64::NAN;
    for (permits, ready) in PERMITS {
        let population = Population {
            people: PEOPLE,
            devices: PEOPLE,
            permits: permits - 5 * ready,
            ready,
        };
        let world = population.world(SEED, NOW).expect("the events fit");
        assert_eq!(world.permits.len(), permits as usize);
        let posture = population.posture(SEED, NOW);
        let sources = Sources::of(&world, population);
        let p99 = measure(permits, &sources, ground(&world, &posture), &mut outcome);
        if before.is_finite() {
            // Ten times as many may lie about for one person; nothing else may count.
            let name = "decide, p99, ten times the permits";
            outcome.figure(name, p99 / before, "of before", Target::AtMost(1.5));
        }
        before = p99;
    }
    outcome
}

fn ground<'a>(world: &'a World, posture: &'a Posture) -> Ground<'a> {
    Ground {
        supposed: None,
        world,
        posture,
        now: NOW,
        clock_sure: true,
    }
}

/// The figures of one number of permits.
struct Figures<'a> {
    permits: u32,
    outcome: &'a mut Outcome,
}

impl Figures<'_> {
    fn put(&mut self, what: &str, value: f64, unit: &'static str, target: Target) {
        let name = format!("{} permits: {what}", self.permits);
        self.outcome.figure(&name, value, unit, target);
    }

    fn show(&mut self, what: &str, value: f64, unit: &'static str) {
        self.put(what, value, unit, Target::None);
    }
}

fn measure(permits: u32, sources: &Sources, ground: Ground<'_>, outcome: &mut Outcome) -> f64 {
    let mut figures = Figures { permits, outcome };
    let book = Rulebook::built_in().expect("the rulebook holds");
    let questions = sources.questions("questions", QUESTIONS);
    let (first, _) = decided(&book, ground, &questions);
    let first = micros(&first, 99);
    figures.show("decide with nothing remembered, p99", first, "µs");
    let book = Rulebook::built_in().expect("the rulebook holds");
    for question in sources.questions("before", BEFORE) {
        black_box(decide(&book, ground, &question));
    }
    let remembered = book.remembered();
    let (times, found) = quietest(&book, ground, &questions);
    let p99 = micros(&times, 99);
    figures.show("decide, p50", micros(&times, 50), "µs");
    figures.put("decide, p99", p99, "µs", Target::AtMost(MOST));
    let facts = facts(&book, ground, &questions);
    figures.show("facts alone, p50", micros(&facts, 50), "µs");
    figures.show("facts alone, p99", micros(&facts, 99), "µs");
    let allowed = found.iter().filter(|rules| rules.is_empty()).count();
    figures.put("allowed", share(allowed), "%", Target::AtLeast(40.0));
    let forbidding: Rules = found.iter().flatten().cloned().collect();
    let forbidding = forbidding.len() as f64;
    let name = "different rules that forbade";
    figures.put(name, forbidding, "", Target::AtLeast(12.0));
    figures.show("combinations of facts remembered", remembered as f64, "");
    let newly = share(book.remembered() - remembered);
    figures.show("questions with a combination never asked", newly, "%");
    let request = |question| cedar_request(&book, ground, question).expect("it can be made");
    let requests: Vec<Request> = questions.iter().map(request).collect();
    compare(&mut figures, &requests, &times, &found);
    p99
}

/// The same rules elsewhere.
fn compare(figures: &mut Figures<'_>, requests: &[Request], times: &Times, found: &[Rules]) {
    for (name, (rival, said)) in [
        ("plain Cedar", rivals::cedar(requests)),
        ("Rego by regorus", rivals::rego(requests)),
    ] {
        assert_eq!(said, found, "{name} says something else");
        for per_cent in [50, 99] {
            let what = format!("{name}, p{per_cent}");
            figures.show(&what, micros(&rival, per_cent), "µs");
            let ratio = rival.at(per_cent) / times.at(per_cent);
            figures.show(&format!("{name} to decide, p{per_cent}"), ratio, "");
        }
    }
}

fn micros(times: &Times, per_cent: usize) -> f64 {
    times.at(per_cent) * 1_000.0
}

fn share(count: usize) -> f64 {
    count as f64 / QUESTIONS as f64 * 100.0
}

/// The round of several in which most was answered soonest: other programs of the machine only add. What
/// one round touches is far more than the processor's memory holds for the next.
fn quietest(book: &Rulebook, ground: Ground<'_>, questions: &[Question]) -> (Times, Vec<Rules>) {
    let rounds = (0..ROUNDS).map(|_| decided(book, ground, questions));
    rounds
        .min_by(|(one, _), (other, _)| one.at(99).total_cmp(&other.at(99)))
        .expect("there are rounds")
}

/// The times, and which rules forbade.
fn decided(book: &Rulebook, ground: Ground<'_>, questions: &[Question]) -> (Times, Vec<Rules>) {
    let (mut times, mut found) = (Times::default(), Vec::with_capacity(questions.len()));
    for question in questions {
        let begun = Instant::now();
        let decision = black_box(decide(book, ground, black_box(question)));
        times.add(begun.elapsed().as_secs_f64());
        found.push(match decision {
            Decision::Allow(_) => Rules::new(),
            Decision::Deny(Denied::Missing(missing)) => {
                missing.iter().map(|it| it.rule.id.clone()).collect()
            }
            Decision::Deny(Denied::Failed(error)) => panic!("{error}"),
        });
    }
    (times, found)
}

fn facts(book: &Rulebook, ground: Ground<'_>, questions: &[Question]) -> Times {
    let mut times = Times::default();
    for question in questions {
        let begun = Instant::now();
        black_box(Facts::of(ground, book.sets(), black_box(question)));
        times.add(begun.elapsed().as_secs_f64());
    }
    times
}
