//! The decision point in process: 100,000 people and devices with 1,000,000 permits, on one core. About
//! half of what is asked is allowed. Beside it an organisation a tenth as large, in which each person has
//! as many permits: what a decision takes must not grow with their number. And the large one with a
//! tenth of the permits, which shows what ten times as many of one person and in memory cost; and the smaller one after
//! nine more years, in which everybody has ten times the permits, all of the others ended: those must cost
//! nothing. The smaller one with ten times the permits in force of each person, for other systems, tasks and devices:
//! these must cost little. And with a thousand exceptions for everybody in force.
//!
//! Every figure is that of the round in the middle of several, where it does not name the quietest. `decide` is the
//! answer alone; the server asks `decide_seen`, which finds out what is kept with an answer as well, and has to do it in
//! the same time. What it costs to keep the answer is measured where there is a server: by `authzen`.
//!
//! Beside it the same rules in plain Cedar and in Rego, to which the facts are given ready-made: what
//! finding the facts and explaining a refusal costs is in `decide` alone. All three have to agree.

mod beside;
mod questions;
mod rivals;

use std::hint::black_box;
use std::time::Instant;

use cedar_policy::Request;
use sekisho_domain::posture::Posture;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{
    Decision, Denied, Facts, Ground, Question, Rulebook, cedar_request, decide, decide_seen,
};
use sekisho_sim::population::Population;

use crate::measure::Times;
use crate::{Outcome, Target};
use beside::Beside;
use questions::Sources;
use rivals::Rules;

/// An organisation: as many devices as people; of the permits five belong to each of those who are ready
/// to work from elsewhere.
#[derive(Clone, Copy)]
struct Size {
    people: u32,
    permits: u32,
    ready: u32,
    beside: Beside,
}

const WHOLE: Size = Size {
    people: 100_000,
    permits: 1_000_000,
    ready: 50_000,
    beside: Beside::Nothing,
};
/// As many permits for each person.
const SMALLER: Size = Size {
    people: 10_000,
    permits: 100_000,
    ready: 5_000,
    beside: Beside::Nothing,
};
/// Ten times the permits for each person, the others ended.
const OLDER: Size = Size {
    beside: Beside::Ended(9),
    ..SMALLER
};
/// Ten times the permits in force of each person.
const FULLER: Size = Size {
    beside: Beside::InForce(9),
    ..SMALLER
};
/// More exceptions for everybody than an organisation takes that has to review each of them within 90 days.
const EXCEPTED: Size = Size {
    beside: Beside::Excepted(1_000),
    ..SMALLER
};
/// A tenth of the permits for each person.
const SPARSER: Size = Size {
    people: 100_000,
    permits: 100_000,
    ready: 5_000,
    beside: Beside::Nothing,
};
const SEED: u64 = 2026;
const QUESTIONS: usize = 20_000;
/// Questions that are asked before it is measured: a server that has been at work for a moment.
const BEFORE: usize = 50_000;
/// Rounds of all questions.
const ROUNDS: usize = 9;
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
    let smaller = of(SMALLER, &mut outcome);
    let older = of(OLDER, &mut outcome);
    let fuller = of(FULLER, &mut outcome);
    let excepted = of(EXCEPTED, &mut outcome);
    let sparser = of(SPARSER, &mut outcome);
    let whole = of(WHOLE, &mut outcome);
    let name = "decide, p99, ten times the permits and people, quietest rounds";
    outcome.figure(name, whole / smaller, "of before", Target::AtMost(1.5));
    let name =
        "decide, p99, ten times the permits of each person, the others ended, quietest rounds";
    outcome.figure(name, older / smaller, "of before", Target::AtMost(1.5));
    // Those of the same kind for any system and device, and marks, are looked at one by one; and so are exceptions that
    // apply. How much that is against so little depends on what else the machine does: the bar is that of any decision.
    let name = "decide, p99, ten times the permits in force of each person, quietest rounds";
    outcome.figure(name, fuller / smaller, "of before", Target::None);
    let name = "decide, p99, 1000 exceptions for everybody in force, quietest rounds";
    outcome.figure(name, excepted / smaller, "of before", Target::None);
    // Most of it is that memory is ten times as large as well.
    let name = "decide, p99, ten times the permits of each person and in memory, quietest rounds";
    outcome.figure(name, whole / sparser, "of before", Target::None);
    outcome
}

/// What a decision takes in an organisation of a size: the 99th of a hundred in the quietest round, in microseconds.
/// Sizes are held against each other by these: what else the machine does costs the larger memory more.
fn of(size: Size, outcome: &mut Outcome) -> f64 {
    let population = Population {
        people: size.people,
        devices: size.people,
        permits: size.permits - 5 * size.ready,
        ready: size.ready,
    };
    let mut world = population.world(SEED, NOW).expect("the events fit");
    assert_eq!(world.permits.len(), size.permits as usize);
    // What is asked is drawn from what there is without what stands beside it: the same questions.
    let sources = Sources::of(&world, population);
    size.beside.add(&mut world, NOW);
    let posture = population.posture(SEED, NOW);
    measure(size, &sources, ground(&world, &posture), outcome)
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

/// The figures of one size.
struct Figures<'a> {
    size: Size,
    outcome: &'a mut Outcome,
}

impl Figures<'_> {
    fn put(&mut self, what: &str, value: f64, unit: &'static str, target: Target) {
        let Size {
            people,
            permits,
            beside,
            ..
        } = self.size;
        let beside = beside.text();
        let name = format!("{people} people, {permits} permits{beside}: {what}");
        self.outcome.figure(&name, value, unit, target);
    }

    fn show(&mut self, what: &str, value: f64, unit: &'static str) {
        self.put(what, value, unit, Target::None);
    }
}

fn measure(size: Size, sources: &Sources, ground: Ground<'_>, outcome: &mut Outcome) -> f64 {
    let mut figures = Figures { size, outcome };
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
    let Rounds {
        middle: (times, found),
        quietest,
    } = rounds(|| decided(&book, ground, &questions));
    let p99 = micros(&times, 99);
    let bar = Target::AtMost(MOST);
    figures.show("decide, p50", micros(&times, 50), "µs");
    figures.put("decide, p99", p99, "µs", bar);
    figures.show("decide, p99 of the quietest round", quietest, "µs");
    let seen = rounds(|| (seen(&book, ground, &questions), ()));
    let (middle, ()) = &seen.middle;
    let name = "decide with what is kept of an answer";
    figures.show(&format!("{name}, p50"), micros(middle, 50), "µs");
    figures.show(&format!("{name}, p99"), micros(middle, 99), "µs");
    let name = format!("{name}, p99 of the quietest round");
    figures.put(&name, seen.quietest, "µs", bar);
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
    quietest
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

/// Several rounds of the same.
struct Rounds<T> {
    /// The one in the middle, by what its slowest answers took.
    middle: (Times, T),
    /// The least of what the slowest answers took, in microseconds: with the least of what else the machine does.
    quietest: f64,
}

/// What one round touches is far more than the processor's memory holds for the next.
fn rounds<T>(round: impl Fn() -> (Times, T)) -> Rounds<T> {
    let mut rounds: Vec<(Times, T)> = (0..ROUNDS).map(|_| round()).collect();
    rounds.sort_by(|(one, _), (other, _)| one.at(99).total_cmp(&other.at(99)));
    let quietest = micros(&rounds[0].0, 99);
    Rounds {
        middle: rounds.swap_remove(ROUNDS / 2),
        quietest,
    }
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

/// The times of answers with what is kept of them.
fn seen(book: &Rulebook, ground: Ground<'_>, questions: &[Question]) -> Times {
    let mut times = Times::default();
    for question in questions {
        let begun = Instant::now();
        black_box(decide_seen(book, ground, black_box(question)));
        times.add(begun.elapsed().as_secs_f64());
    }
    times
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
