//! Triggers of single units of a simulated organisation: what changes in one of them is found there, and not in the whole.

use std::collections::BTreeSet;

use sekisho_domain::check::DeviceCheck;
use sekisho_domain::plan::{CaseScope, FailingUnits, Measure, Trigger};
use sekisho_domain::time::Timestamp;
use sekisho_rules::trigger::{CheckCounts, Evaluation, Failing, PersonUse, Usage, evaluate};
use sekisho_sim::random::SplitMix64;
use sekisho_sim::usage::Habits;

use crate::triggers::{Held, SMALL, days};

/// 400 sections of 15 people in bureaus of 20 sections.
const LARGE: Habits = Habits {
    people: 6_000,
    section: 15,
    bureau: 20,
    ..SMALL
};
/// 40 sections of 50 people.
const SECTIONS_OF_FIFTY: Habits = Habits {
    people: 2_000,
    section: 50,
    bureau: 10,
    ..SMALL
};

/// Puts in a device for each person, which fails a check where `fails` says so.
fn devices(usage: &mut Usage, fails: impl Fn(usize, DeviceCheck) -> bool) {
    usage.unit_checks = vec![CheckCounts::default(); usage.units.len()];
    for (number, person) in usage.people.iter().enumerate() {
        let counts = &mut usage.unit_checks[person.unit as usize];
        for check in DeviceCheck::ALL {
            let count = &mut counts[check.column()];
            count.known += 1;
            count.failing += u32::from(fails(number, check));
        }
    }
}

/// An evaluation after another.
fn after(held: &Held, usage: &Usage, before: &[FailingUnits]) -> Evaluation {
    let before = Failing {
        whole: &[],
        units: before,
    };
    evaluate(usage, held.against(), before)
}

fn of_units(evaluation: &Evaluation) -> BTreeSet<(Trigger, CaseScope)> {
    let fired = evaluation.fired.iter();
    fired.map(|it| (it.trigger, it.scope)).collect()
}

/// One device in twenty fails any check, and half of those are others from week to week.
#[test]
fn where_one_device_in_twenty_fails_a_check_hardly_any_unit_fires_within_a_quarter() {
    let held = Held::new(LARGE);
    let fails = |week: u32, person: usize, check: DeviceCheck| {
        let number = (person * DeviceCheck::COUNT + check.column()) as u64;
        let mut always = SplitMix64::fork(1, "fails", number);
        let mut now = SplitMix64::fork(u64::from(week), "fails-now", number);
        always.chance(25) || now.chance(25)
    };
    let mut before: Vec<FailingUnits> = Vec::new();
    let mut cases = BTreeSet::new();
    for week in 1..=13 {
        let mut usage = LARGE.usage(days(week * 7));
        devices(&mut usage, |person, check| fails(week, person, check));
        let evaluation = after(&held, &usage, &before);
        cases.extend(of_units(&evaluation));
        before = evaluation.failing_units;
    }
    assert!(cases.len() <= 1, "{cases:?}");
}

/// They are one in forty of all devices, which fires nothing in the whole.
#[test]
fn fifty_devices_of_one_section_that_fail_a_check_for_a_week_are_found_there_and_nowhere_else() {
    let held = Held::new(SECTIONS_OF_FIFTY);
    let place = SECTIONS_OF_FIFTY.usage(days(1)).people[0].unit as usize;
    let measured = |at: Timestamp, is_mended: bool| {
        let mut usage = SECTIONS_OF_FIFTY.usage(at);
        let fails = |person: usize, check| {
            person < 50 && check == DeviceCheck::DiskEncryption && !is_mended
        };
        devices(&mut usage, fails);
        usage
    };
    let mut before: Vec<FailingUnits> = Vec::new();
    for day in 1..=9 {
        let usage = measured(days(day), day == 9);
        let unit = CaseScope::Unit(usage.units[place].id);
        let evaluation = after(&held, &usage, &before);
        let found: Vec<_> = of_units(&evaluation).into_iter().collect();
        if day == 8 {
            assert_eq!(found, [(Trigger::Unease, unit)]);
        } else {
            assert!(found.is_empty(), "{day}: {found:?}");
        }
        before = evaluation.failing_units;
    }
    assert!(before.is_empty());
}

/// A change within the unit of a place, the trigger that has to find it, and the measure by which it does.
type Injected = (&'static str, Trigger, Measure, fn(&mut Usage, usize));

const CHANGES: [Injected; 3] = [
    (
        "a section's permits for a task trebled",
        Trigger::Volume,
        Measure::TaskPermits,
        |usage, place| {
            let key = (SMALL.task(), place);
            let part = usage.task_units.get_mut(&key).unwrap();
            part.permits *= 3;
        },
    ),
    (
        "a section works on a task three times as much",
        Trigger::Volume,
        Measure::TaskDays,
        |usage, place| {
            let key = (SMALL.task(), place);
            let part = usage.task_units.get_mut(&key).unwrap();
            part.newest_days *= 3;
            part.person_days.iter_mut().for_each(|it| *it *= 3);
        },
    ),
    (
        "forty people more in a section",
        Trigger::Users,
        Measure::People,
        |usage, place| {
            let more = (0..40).map(|key| PersonUse {
                unit: u32::try_from(place).unwrap(),
                key,
                days: 1,
                refused: 0,
                admitted: true,
            });
            usage.people.extend(more);
        },
    ),
];

fn found(held: &Held, usage: &Usage, measure: Measure) -> Vec<(Trigger, CaseScope)> {
    let fired = held.evaluate(usage).fired;
    let of = fired
        .iter()
        .filter(|it| it.figures.iter().any(|it| it.measure == measure));
    of.map(|it| (it.trigger, it.scope)).collect()
}

/// The one line of the plan is for everyone: it says nothing of a section.
#[test]
fn a_change_in_one_section_is_found_there_and_was_not_before_and_not_against_a_baseline_of_before()
{
    let mut held = Held::new(SMALL);
    for (name, trigger, measure, inject) in CHANGES {
        let quiet = SMALL.usage(days(8));
        assert!(found(&held, &quiet, measure).is_empty(), "{name}");
        let place = quiet.people[0].unit as usize;
        let unit = CaseScope::Unit(quiet.units[place].id);
        let mut changed = quiet;
        inject(&mut changed, place);
        let told = found(&held, &changed, measure);
        assert_eq!(told, [(trigger, unit)], "{name}");
        // Frozen before units were held to such things: an update opens no cases.
        let known = held.baseline.clone();
        held.baseline.parts = None;
        assert!(found(&held, &changed, measure).is_empty(), "{name}");
        held.baseline = known;
    }
}
