//! The decision point in process: 100,000 people and devices, a tenth and the whole of 1,000,000
//! permits, questions of random people about random systems, on one core.
//!
//! The baseline is plain Cedar: the same policies and the same request, made beforehand, so that what
//! finding the facts costs is seen.

use std::hint::black_box;
use std::time::Instant;

use cedar_policy::{Authorizer, Entities, PolicySet};
use sekisho_domain::id::{DeviceId, PersonId, SystemId};
use sekisho_domain::permit::{Particulars, Place};
use sekisho_domain::posture::Posture;
use sekisho_domain::register::{EntryId, Register};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;
use sekisho_rules::decide::{
    Act, Ground, Origin, Question, Rulebook, built_in_policies, cedar_request, decide,
};
use sekisho_sim::population::Population;

use crate::measure::Times;
use crate::{Outcome, Target};

const PEOPLE: u32 = 100_000;
const PERMITS: [u32; 2] = [100_000, 1_000_000];
const SEED: u64 = 2026;
const QUESTIONS: usize = 20_000;
/// The most that one decision may take, in microseconds.
const MOST: f64 = 25.0;

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

/// Measures decisions.
///
/// # Panics
/// Where the World refuses the simulated events or the rulebook does not hold.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let book = Rulebook::built_in().expect("the rulebook holds");
    let mut before = f64::NAN;
    for permits in PERMITS {
        let population = Population {
            people: PEOPLE,
            devices: PEOPLE,
            permits,
        };
        let world = population.world(SEED, NOW).expect("the events fit");
        let posture = population.posture(SEED, NOW);
        let questions = questions(&world);
        let ground = ground(&world, &posture);
        let (times, allowed) = decided(&book, ground, &questions);
        let name = |what: &str| format!("{permits} permits: {what}");
        let micros = |per_cent| times.at(per_cent) * 1_000.0;
        outcome.figure(&name("decide, p50"), micros(50), "µs", Target::None);
        outcome.figure(&name("decide, p99"), micros(99), "µs", Target::AtMost(MOST));
        let share = allowed as f64 / questions.len() as f64;
        outcome.figure(&name("allowed"), share * 100.0, "%", Target::None);
        if before.is_finite() {
            // Three times as many as before may lie about for one person; nothing else may count.
            let growth = micros(99) / before;
            outcome.figure(
                "p99, ten times the permits",
                growth,
                "of before",
                Target::AtMost(1.5),
            );
        }
        before = micros(99);
        let plain = plain(&book, ground, &questions);
        outcome.figure(
            &name("plain Cedar, p99"),
            plain.at(99) * 1_000.0,
            "µs",
            Target::None,
        );
        outcome.figure(
            &name("decide to plain Cedar, p50"),
            times.at(50) / plain.at(50),
            "",
            Target::None,
        );
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

/// Half of what permits for remote access name, half anybody about anything.
fn questions(world: &World) -> Vec<Question> {
    let systems: Vec<SystemId> = world
        .registers
        .active(Register::System)
        .filter_map(|entry| match entry.id {
            EntryId::System(id) => Some(id),
            _ => None,
        })
        .collect();
    let mut named = world
        .permits
        .iter()
        .filter_map(|permit| match permit.particulars.as_ref() {
            Particulars::RemoteAccess(it) => Some((permit.applicant, it.device, it.system)),
            _ => None,
        });
    let mut dice = SEED;
    let mut roll = |sides: usize| {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        usize::try_from(dice % sides as u64).unwrap_or_default()
    };
    let mut people: Vec<PersonId> = world.people.keys().copied().collect();
    people.sort_unstable();
    let mut all = Vec::with_capacity(QUESTIONS);
    while all.len() < QUESTIONS {
        let anybody = || {
            let device = &world.devices[roll(world.devices.len())];
            let person = device.user.unwrap_or(people[roll(people.len())]);
            (person, device.id, systems[roll(systems.len())])
        };
        let asked = if all.len() % 2 == 0 {
            named.next()
        } else {
            None
        };
        let (person, device, system) = asked.unwrap_or_else(anybody);
        all.push(question(person, device, system));
    }
    all
}

fn question(person: PersonId, device: DeviceId, system: SystemId) -> Question {
    Question {
        person,
        device: Some(device),
        act: Act::Reach { system, part: None },
        origin: Origin {
            place: Place::OutsideOrganisation,
            line: None,
        },
        task: None,
        grade: None,
    }
}

fn decided(book: &Rulebook, ground: Ground<'_>, questions: &[Question]) -> (Times, usize) {
    for question in &questions[..questions.len() / 10] {
        black_box(decide(book, ground, question));
    }
    let (mut times, mut allowed) = (Times::default(), 0);
    for question in questions {
        let begun = Instant::now();
        let decision = black_box(decide(book, ground, black_box(question)));
        times.add(begun.elapsed().as_secs_f64());
        allowed += usize::from(decision.is_allowed());
    }
    (times, allowed)
}

fn plain(book: &Rulebook, ground: Ground<'_>, questions: &[Question]) -> Times {
    let text: String = built_in_policies().map(|(_, text)| text).collect();
    let policies: PolicySet = text.parse().expect("the policies are read");
    let (authorizer, nothing) = (Authorizer::new(), Entities::empty());
    let made = questions
        .iter()
        .map(|question| cedar_request(book, ground, question).expect("a request can be made"));
    let requests: Vec<_> = made.collect();
    let once = |request| {
        let begun = Instant::now();
        black_box(authorizer.is_authorized(black_box(request), &policies, &nothing));
        begun.elapsed().as_secs_f64()
    };
    requests.iter().map(once).collect()
}
