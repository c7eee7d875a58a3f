//! A stationary organisation under a plan that limits who may, in which some people are transferred: nothing changes but
//! where they are, and those outside the plan do not telework.

use std::collections::BTreeSet;

use sekisho_domain::plan::{CaseScope, PlanContent, Trigger};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::TeleworkPlan;
use sekisho_rules::trigger::{DAYS, EarlierUnit, Usage, freeze};
use sekisho_sim::usage::Habits;

use crate::triggers::{BEGAN, Held, SMALL, version};

/// The bureaus of [`SMALL`], of which the last is outside the plan, and their sections.
const BUREAUS: u32 = 4;
const SECTIONS: u32 = 20;
/// When people move, after the plan began.
const MOVED: Span = Span::days(30);

/// Where a section stands in the list of units, and whether its bureau is outside.
fn section(number: u32) -> (u32, bool) {
    let outside = number / SMALL.bureau == BUREAUS - 1;
    (1 + BUREAUS + number, outside)
}

/// Who moves, and to which section: six out of the plan, five into it.
fn movers() -> Vec<(u32, u32)> {
    let first = SECTIONS - SMALL.bureau;
    let out = (0..6).map(|it| (2 * it, first + it % SMALL.bureau));
    let into = (0..5).map(|it| (first + it, 2 * it + 1));
    let all = out.chain(into);
    all.map(|(from, to)| (from * SMALL.section + 7, to))
        .collect()
}

fn plan(habits: Habits) -> PlanContent {
    let mut content = habits.plan(100).unwrap();
    let units = habits.usage(BEGAN).units;
    let admitted = 1..BUREAUS as usize;
    content.lines[0].units = units[admitted].iter().map(|it| it.id).collect();
    content
}

/// Use as it is measured, where people moved when it was time.
fn usage(habits: Habits, began: Timestamp, at: Timestamp) -> Usage {
    let mut usage = habits.usage(at);
    let moved = began.after(MOVED);
    let since = if at >= moved {
        usage.days_since(moved)
    } else {
        0
    };
    let movers = movers();
    for number in 0..habits.people {
        let (before, was_outside) = section(number / habits.section);
        let to = movers.iter().find(|(who, _)| *who == number);
        let to = to.filter(|_| at >= moved).map(|(_, to)| section(*to));
        let (now, is_outside) = to.unwrap_or((before, was_outside));
        let person = &mut usage.people[number as usize];
        let outside = |it: bool| if it { u64::MAX } else { 0 };
        person.days &= !((outside(is_outside) & since) | (outside(was_outside) & !since));
        (person.unit, person.admitted) = (now, !is_outside);
        if now != before && at.since(moved) <= Span::days(DAYS as u32) {
            let earlier = EarlierUnit {
                unit: before,
                days: !since,
                admitted: !was_outside,
            };
            usage.earlier.insert(person.key, vec![earlier]);
        }
    }
    usage
}

#[test]
fn transfers_under_a_plan_with_limited_lines_raise_hardly_any_false_case_within_a_quarter() {
    for seed in 1..=4 {
        let habits = Habits { seed, ..SMALL };
        let content = plan(habits);
        let held = Held {
            baseline: freeze(&usage(habits, BEGAN, BEGAN), &content, None),
            version: version(content),
            plan: TeleworkPlan::default(),
        };
        let fired = |usage: &Usage| -> BTreeSet<(Trigger, CaseScope)> {
            let fired = held.evaluate(usage).fired.into_iter();
            fired.map(|it| (it.trigger, it.scope)).collect()
        };
        let mut cases = BTreeSet::new();
        for day in 1..=91 {
            let at = BEGAN.after(Span::days(day));
            cases.extend(fired(&usage(habits, BEGAN, at)));
        }
        assert!(cases.len() <= 1, "seed {seed}: {cases:?}");
        // By the unit of today alone they would all have been outside.
        let mut today = usage(habits, BEGAN, BEGAN.after(Span::days(31)));
        assert!(!today.earlier.is_empty());
        today.earlier.clear();
        let whole = (Trigger::Eligible, CaseScope::Body);
        assert!(fired(&today).contains(&whole), "seed {seed}");
    }
}

/// A section of a bureau inside the plan is put below the one outside; the next is abolished, and its people are in the
/// first section there.
fn reorganised(habits: Habits, at: Timestamp) -> Usage {
    let mut usage = habits.usage(at);
    let since = usage.days_since(BEGAN.after(MOVED));
    let (heir, _) = section(SECTIONS - SMALL.bureau);
    usage.units[section(0).0 as usize].parent = Some(BUREAUS);
    for number in 0..habits.people {
        let (before, was_outside) = section(number / habits.section);
        let is_reorganised = number / habits.section < 2;
        let person = &mut usage.people[number as usize];
        person.admitted = !was_outside && !is_reorganised;
        if was_outside {
            person.days = 0;
        }
        if is_reorganised {
            person.days &= !since;
            person.unit = if before == section(0).0 { before } else { heir };
            let earlier = EarlierUnit {
                unit: person.unit,
                days: !since,
                admitted: true,
            };
            usage.earlier.insert(person.key, vec![earlier]);
        }
    }
    usage
}

#[test]
fn what_was_done_before_a_reorganisation_is_not_outside_the_plan_and_what_is_done_after_it_is() {
    let content = plan(SMALL);
    let held = Held {
        baseline: freeze(&usage(SMALL, BEGAN, BEGAN), &content, None),
        version: version(content),
        plan: TeleworkPlan::default(),
    };
    let eligible = |usage: &Usage| -> Vec<CaseScope> {
        let fired = held.evaluate(usage).fired.into_iter();
        let of = fired.filter(|it| it.trigger == Trigger::Eligible);
        of.map(|it| it.scope).collect()
    };
    for days in 31..=60 {
        let mut usage = reorganised(SMALL, BEGAN.after(Span::days(days)));
        assert_eq!(eligible(&usage), Vec::new(), "{days}");
        usage.people[0].days |= 1;
        let own = CaseScope::Unit(usage.units[section(0).0 as usize].id);
        assert_eq!(eligible(&usage), [CaseScope::Body, own], "{days}");
    }
}
