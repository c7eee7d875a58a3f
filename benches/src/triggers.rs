//! Triggers: 100,000 people in 2,000 units over 28 days, held against a plan for the whole and each unit;
//! beside summing the person-days of every unit alone, set by set, as a first program would. That is in memory, and
//! what the target of a second is for. Apart from it the whole way from a filled store, where use has to be read
//! first: for a tenth of the people with the registers of a ministry, and for all of them.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::time::Instant;

use sekisho_domain::actor::Actor;
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{Fresh, PlanId, TaskId};
use sekisho_domain::plan::{Baseline, Cause, PlanContent, PlanLine, PlanVersion};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_rules::trigger::{Against, Usage, WINDOW, evaluate, freeze};
use sekisho_sim::usage::Habits;

use crate::stored_use::StoredUse;
use crate::{Outcome, Target};

const HABITS: Habits = Habits {
    people: 100_000,
    section: 52,
    bureau: 26,
    telework: 700,
    seed: 2026,
};

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);

/// Freezing a baseline, and an evaluation four weeks later.
///
/// # Panics
/// Where the texts of the simulated plan are no lines any more.
pub fn run() -> Outcome {
    let mut outcome = Outcome::new();
    let usage = HABITS.usage(NOW);
    let later = HABITS.usage(NOW.after(Span::days(28)));
    outcome.figure(
        "units",
        f64::from(HABITS.units()),
        "",
        Target::AtLeast(1_990.0),
    );
    let plan = HABITS.plan(100).expect("its texts are lines");
    let began = Instant::now();
    let baseline = black_box(freeze(&usage, &plan, None));
    let took = began.elapsed().as_secs_f64();
    outcome.figure("freeze a baseline", took, "s", Target::AtMost(1.0));
    let known = freeze(&usage, &limited(&plan, &usage, 100), None);
    let revised = version(limited(&plan, &usage, 200));
    outcome.figure(
        "all triggers in memory, 300 lines of 200 units, half of them new",
        evaluated(&later, &revised, &known),
        "s",
        Target::AtMost(1.0),
    );
    let version = version(plan);
    let took = evaluated(&later, &version, &baseline);
    outcome.figure(
        "all triggers in memory, the whole and each unit",
        took,
        "s",
        Target::AtMost(1.0),
    );
    let began = Instant::now();
    black_box(set_by_set(&later));
    let plain = began.elapsed().as_secs_f64();
    outcome.figure(
        "person-days of each unit alone, by sets",
        plain,
        "s",
        Target::None,
    );
    outcome.figure(
        "times as long as all triggers in memory",
        plain / took,
        "",
        Target::None,
    );
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let stored = StoredUse::of_a_tenth(place.path());
    from_store(&version, &stored, Target::AtMost(1.0), &mut outcome);
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let stored = StoredUse::of_all(place.path(), &mut outcome);
    // Nobody waits for it: it runs once a day.
    from_store(&version, &stored, Target::None, &mut outcome);
    outcome
}

/// A plan of 300 lines, each of so many units.
fn limited(plan: &PlanContent, usage: &Usage, units: usize) -> PlanContent {
    let lines = (0..300_u16).map(|number| {
        let mut id = [0; 16];
        id[..2].copy_from_slice(&number.to_be_bytes());
        let named = usage.units.iter().skip(usize::from(number) * 5);
        PlanLine {
            task: TaskId::new(Fresh(id)),
            units: named.take(units).map(|it| it.id).collect(),
            ..plan.lines[0].clone()
        }
    });
    PlanContent {
        lines: lines.collect(),
        ..plan.clone()
    }
}

/// Seconds that all triggers take.
fn evaluated(usage: &Usage, version: &PlanVersion, baseline: &Baseline) -> f64 {
    let against = Against {
        version,
        baseline,
        accepted: &[],
        first_at: NOW,
    };
    let began = Instant::now();
    black_box(evaluate(usage, against, &[]));
    began.elapsed().as_secs_f64()
}

/// The daily evaluation as it is made: use is read from the store, and all triggers are held against it.
fn from_store(version: &PlanVersion, stored: &StoredUse, target: Target, outcome: &mut Outcome) {
    let (usage, read) = stored.measured();
    let baseline = freeze(&usage, &version.content, None);
    let took = evaluated(&usage, version, &baseline);
    let (people, units, answers) = (stored.people, usage.units.len(), stored.answers);
    let what = format!("store of {people} people, {units} units, {answers} answers");
    let mut figure = |name: &str, seconds, target| {
        outcome.figure(&format!("{what}: {name}"), seconds, "s", target);
    };
    figure("use read from the store", read, Target::None);
    figure("all triggers", took, Target::None);
    figure("the daily evaluation", read + took, target);
}

fn version(plan: PlanContent) -> PlanVersion {
    PlanVersion {
        version: 1,
        plan: PlanId::new(Fresh([1; 16])),
        content: std::sync::Arc::new(plan),
        cause: Cause::Approved,
        proposed_by: Actor::Operator,
        by: Actor::Operator,
        at: NOW,
        approved_at: NOW,
        until: NOW.after(Span::days(365)),
        cites: Vec::new(),
        baseline: BlobRef {
            blob: String::new(),
            size: 0,
        },
    }
}

/// Person-days and people of every unit with those above it, by sets of what happened.
fn set_by_set(usage: &Usage) -> HashMap<u32, (usize, usize)> {
    let mut days: HashMap<u32, HashSet<(u64, u32)>> = HashMap::new();
    let mut people: HashMap<u32, HashSet<u64>> = HashMap::new();
    for person in &usage.people {
        let mut unit = Some(person.unit);
        while let Some(here) = unit {
            for day in (0..WINDOW).filter(|day| person.days >> day & 1 == 1) {
                days.entry(here).or_default().insert((person.key, day));
                people.entry(here).or_default().insert(person.key);
            }
            unit = usage.units.get(here as usize).and_then(|it| it.parent);
        }
    }
    let counted = days.into_iter().map(|(unit, days)| {
        let people = people.get(&unit).map_or(0, HashSet::len);
        (unit, (days.len(), people))
    });
    counted.collect()
}
