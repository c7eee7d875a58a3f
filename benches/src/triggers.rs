//! Triggers: 100,000 people in 2,000 units over 28 days, held against a plan for the whole and each unit, and what
//! follows from it for the cases that are open; beside summing the person-days of every unit alone, set by set, as a
//! first program would. That is in memory, and what the target of a second is for: once for a quiet organisation, and
//! once some time after the approval of its plan, with thousands of acceptances and cases, tasks and functions of every
//! unit, people who moved and people outside the plan. It is the latter that counts.
//!
//! Apart from it, by [`stored`], the whole way from a filled store, where use is read first from the days that answers
//! are summed to as they come: for a tenth of the people with the registers of a ministry, as far as what is recorded, and
//! for all of them.

use std::collections::{HashMap, HashSet};
use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use sekisho_domain::actor::Actor;
use sekisho_domain::event::BlobRef;
use sekisho_domain::id::{Fresh, PlanId};
use sekisho_domain::plan::{Baseline, Cause, PlanContent, PlanLine, PlanVersion};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::TeleworkPlan;
use sekisho_rules::trigger::{
    Against, Evaluation, Failing, Settled, Usage, WINDOW, evaluate, freeze, settle,
};
use sekisho_sim::usage::Habits;

use crate::stored_use::StoredUse;
use crate::{Outcome, Target, stirred};

const HABITS: Habits = Habits {
    people: 100_000,
    section: 52,
    bureau: 26,
    telework: 700,
    seed: 2026,
};

/// 2026-11-23T00:00:00Z.
const NOW: Timestamp = Timestamp::from_millis(1_795_392_000_000);
/// Seconds.
const MOST: Target = Target::AtMost(1.0);

/// Freezing a baseline, and an evaluation four weeks later, in memory.
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
    outcome.figure("freeze a baseline", took, "s", MOST);
    stirred_up(&usage, &later, &plan, &mut outcome);
    let quiet = held(version(plan), baseline);
    let (took, _) = evaluated(&later, &quiet);
    outcome.figure(
        "all triggers of a quiet organisation, the whole and each unit",
        took,
        "s",
        MOST,
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
        "times as long as all triggers of a quiet organisation",
        plain / took,
        "",
        Target::None,
    );
    outcome
}

/// Some time after the approval: a plan of 300 lines, each of 200 units of which half are new.
fn stirred_up(usage: &Usage, later: &Usage, plan: &PlanContent, outcome: &mut Outcome) {
    let (mut before, mut now) = (usage.clone(), later.clone());
    stirred::before(&mut before);
    stirred::since(&mut now);
    let known = freeze(&before, &limited(plan, usage, 100), None);
    let revised = version(limited(plan, usage, 200));
    let plan = stirred::plan(revised, known, &now);
    let (took, (evaluation, settled)) = evaluated(&now, &plan);
    let what = format!(
        "{} acceptances, {} cases",
        plan.accepted.len(),
        plan.cases.len()
    );
    let mut count = |name: &str, number: usize, least: f64| {
        outcome.figure(name, number as f64, "", Target::AtLeast(least));
    };
    // What is measured is there.
    count("acceptances", plan.accepted.len(), stirred::ACCEPTED as f64);
    count("what fires", evaluation.fired.len(), 1_000.0);
    count("cases to be opened", settled.found.len(), 100.0);
    count(
        "open cases of which nothing is left",
        settled.subsided.len(),
        100.0,
    );
    let name = format!("all triggers and what follows, {what}, 300 lines of 200 units");
    outcome.figure(&name, took, "s", MOST);
}

/// The whole way from a filled store: `cargo xtask bench triggers-stored`. Filling the larger store takes minutes.
///
/// # Panics
/// Where a store cannot be filled or read.
pub fn stored() -> Outcome {
    let mut outcome = Outcome::new();
    let plan = HABITS.plan(100).expect("its texts are lines");
    let version = version(plan);
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let stored = StoredUse::of_a_tenth(place.path());
    from_store(&version, &stored, MOST, &mut outcome);
    let (took, done) = stored.evaluated();
    let name = "the same as the server makes it, recorded";
    outcome.figure(name, took, "s", MOST);
    let opened = done.opened as f64;
    outcome.figure("cases that it opened", opened, "", Target::None);
    let place = tempfile::TempDir::new().expect("a temporary folder");
    let stored = StoredUse::of_all(place.path(), &mut outcome);
    from_store(&version, &stored, MOST, &mut outcome);
    outcome
}

/// A plan of 300 lines, each of so many units.
fn limited(plan: &PlanContent, usage: &Usage, units: usize) -> PlanContent {
    let lines = (0..stirred::TASKS).map(|number| {
        let named = usage.units.iter().skip(usize::from(number) * 5);
        PlanLine {
            task: stirred::task(number),
            units: named.take(units).map(|it| it.id).collect(),
            ..plan.lines[0].clone()
        }
    });
    PlanContent {
        lines: lines.collect(),
        ..plan.clone()
    }
}

/// A plan of which nothing was reassessed yet.
fn held(version: PlanVersion, baseline: Baseline) -> TeleworkPlan {
    TeleworkPlan {
        versions: vec![version],
        baseline: Some(Arc::new(baseline)),
        ..TeleworkPlan::default()
    }
}

/// Seconds that all triggers take with what follows from them, and what that is.
fn evaluated(usage: &Usage, plan: &TeleworkPlan) -> (f64, (Evaluation, Settled)) {
    let against = Against::of(plan).expect("a plan and what was frozen with it");
    let began = Instant::now();
    let evaluation = black_box(evaluate(usage, against, Failing::default()));
    let settled = black_box(settle(plan, &evaluation, usage, against));
    (began.elapsed().as_secs_f64(), (evaluation, settled))
}

/// The daily evaluation: use is read from the store, all triggers are held against it, and cases follow.
fn from_store(version: &PlanVersion, stored: &StoredUse, target: Target, outcome: &mut Outcome) {
    // The server sums answers up a minute's at a time; here it has all of them before it.
    let (_, first) = stored.measured();
    let (usage, read) = stored.measured();
    let baseline = freeze(&usage, &version.content, None);
    let (took, _) = evaluated(&usage, &held(version.clone(), baseline));
    let (people, units, answers) = (stored.people, usage.units.len(), stored.answers);
    let what = format!("store of {people} people, {units} units, {answers} answers");
    let mut figure = |name: &str, seconds, target| {
        outcome.figure(&format!("{what}: {name}"), seconds, "s", target);
    };
    figure(
        "all answers summed up for the first time, and use read",
        first,
        Target::None,
    );
    figure("use read from the store", read, Target::None);
    figure("all triggers and what follows", took, MOST);
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
