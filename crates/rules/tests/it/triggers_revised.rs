//! A plan that is revised: what it says for the first time of a task that was there, how much one case takes, and people
//! who move while it is in force.

use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{
    Baseline, CaseScope, FIGURES_MAX, Figure, FrozenLine, Measure, PlanDecision, PlanLine, Trigger,
};
use sekisho_domain::time::Span;
use sekisho_domain::world::{Accepted, TeleworkPlan};
use sekisho_rules::trigger::{EarlierUnit, Settled, Usage, freeze};

use crate::fixture::NOW;
use crate::triggers::{line, quiet, settled, task, unit, version, world};
use crate::triggers_limits::{Told, limited, narrow, next, place, told, usage, who, with};

const BODY: CaseScope = CaseScope::Body;
const HOME: TeleworkPlace = TeleworkPlace::Home;

#[test]
fn the_first_line_for_a_task_that_was_there_widens_nothing_and_what_comes_after_it_does() {
    let usage = usage();
    let silent = freeze(&usage, &with(vec![limited(1, &[], &[])]), None);
    assert!(silent.tasks.contains_key(&task(0)));
    assert_eq!(told(&usage, (&silent, &[]), &narrow()), Told::new());
    let (second, known) = next(&silent, &[], &narrow());
    let as_said = FrozenLine {
        units: Some([unit(1)].into()),
        places: Some([HOME].into()),
    };
    assert_eq!(known, as_said);
    let open = with(vec![limited(0, &[], &[HOME]), limited(1, &[], &[])]);
    assert_eq!(
        told(&usage, (&second, &[]), &open),
        [who(BODY, 0, "everyone")].into()
    );
}

/// The server hands in the plan in force, which may have widened what nobody accepted.
#[test]
fn of_a_baseline_of_before_no_more_is_known_than_the_units_of_the_whole_were() {
    let usage = usage();
    let old = Baseline {
        lines: None,
        ..freeze(&usage, &with(vec![limited(0, &[1], &[HOME])]), None)
    };
    let current = with(vec![limited(0, &[1, 2], &[HOME]), limited(1, &[], &[HOME])]);
    let known = old.with_lines_of(&current);
    let (second, line) = next(&known, &[], &current);
    assert_eq!(line.units, Some([unit(1)].into()));
    assert_eq!(second.admitted, Some([unit(1)].into()));
    let two = unit(2).to_string();
    let widened: Told = [
        who(BODY, 0, &two),
        who(CaseScope::Unit(unit(2)), 0, &two),
        who(BODY, 1, "everyone"),
    ]
    .into();
    assert_eq!(told(&usage, (&second, &[]), &current), widened);
    // What was accepted in the words of then is known.
    let word = Accepted {
        scope: BODY,
        trigger: Trigger::Eligible,
        at: NOW,
        figures: vec![Figure::found(Measure::Admitted, two)],
    };
    let (_, line) = next(&known, &[word], &current);
    assert_eq!(line.units, Some([unit(1), unit(2)].into()));
}

/// Many units for some tasks, and some units for very many tasks.
#[test]
fn a_revision_that_widens_more_than_a_case_names_is_one_case_and_closing_it_accepts_all() {
    let usage = usage();
    let baseline = freeze(&usage, &narrow(), None);
    let all: Vec<u32> = (0..7).collect();
    for (tasks, units) in [(40, all.as_slice()), (150, &all[1..3])] {
        let pairs = u64::from(tasks) * units.len() as u64;
        assert!(pairs > FIGURES_MAX as u64);
        let mut content = narrow();
        let new = (2..2 + tasks).map(|number| limited(number, units, &[HOME]));
        content.lines.extend(new);
        let mut plan = world(version(content.clone()), baseline.clone());
        let found = settled(&plan, &usage).found;
        assert!(found.iter().all(|it| it.figures.len() <= FIGURES_MAX));
        let whole: Vec<_> = found.iter().filter(|it| it.scope == BODY).collect();
        assert_eq!(whole.len(), 1);
        let admitted = whole[0].figures.iter();
        let admitted = admitted.filter(|it| it.measure == Measure::Admitted);
        assert_eq!(admitted.map(|it| it.value).sum::<u64>(), pairs);
        // A section that closes its own accepts nothing for the whole.
        for (own, closed) in [(true, false), (false, true)] {
            for it in found.iter().filter(|it| (it.scope != BODY) == own) {
                plan.accept(Accepted {
                    scope: it.scope,
                    trigger: it.trigger,
                    at: NOW,
                    figures: it.figures.clone(),
                });
            }
            let left = settled(&plan, &usage);
            assert_eq!(left == Settled::default(), closed, "{left:?}");
            assert!(left.found.iter().all(|it| it.scope == BODY), "{left:?}");
        }
        // It is known to the next plan, and what that widens is not accepted with it.
        let mut wider = content;
        wider.lines[2].places.push(TeleworkPlace::Travelling);
        let next = freeze(&usage, &wider, Some((&baseline, &plan.accepted)));
        let expected: Told = [place(2, "travelling")].into();
        assert_eq!(told(&usage, (&next, &plan.accepted), &wider), expected);
        assert_eq!(told(&usage, (&next, &[]), &wider), expected);
    }
}

/// Somebody of unit 2, to which the plan admits nobody, who was in unit 3 until yesterday.
fn moved(days: u64, admitted: bool) -> Usage {
    let (mut usage, ..) = quiet();
    let person = &mut usage.people[2];
    (person.unit, person.days, person.admitted) = (2, days, false);
    let earlier = EarlierUnit {
        unit: 3,
        days: !1,
        admitted,
    };
    usage.earlier.insert(person.key, vec![earlier]);
    usage
}

#[test]
fn people_who_moved_are_outside_the_plan_by_the_unit_of_the_day() {
    let baseline = freeze(&usage(), &narrow(), None);
    let plan = world(version(narrow()), baseline);
    let scopes = |usage: &Usage| -> Vec<CaseScope> {
        let found = settled(&plan, usage).found;
        let of = found.iter().filter(|it| it.trigger == Trigger::Eligible);
        of.map(|it| it.scope).collect()
    };
    let own = |number| CaseScope::Unit(unit(number));
    assert_eq!(scopes(&moved(0b110, true)), Vec::new());
    assert_eq!(scopes(&moved(0b111, true)), [BODY, own(2)]);
    // Days before the move are of the unit of then.
    assert_eq!(scopes(&moved(0b110, false)), [BODY, own(3)]);
    // Whoever is in both is one person of the whole.
    let found = settled(&plan, &moved(0b111, false)).found;
    let whole = found.iter().find(|it| it.scope == BODY).unwrap();
    assert_eq!(whole.figures.iter().map(|it| it.value).sum::<u64>(), 1);
    assert_eq!(found.len(), 3);
}

/// A plan that leaves out whom the one before admitted.
#[test]
fn use_before_a_plan_was_approved_is_not_held_against_it_and_a_day_after_it_is() {
    let baseline = freeze(&usage(), &narrow(), None);
    let mut usage = moved(0, false);
    let approved = |days_ago| {
        let mut narrower = version(narrow());
        narrower.approved_at = NOW.before(Span::days(days_ago));
        world(narrower, baseline.clone())
    };
    let found = |plan: &TeleworkPlan, usage: &Usage| settled(plan, usage).found;
    usage.earlier.clear();
    usage.people[2].days = (1 << 28) - 1;
    usage.people[2].refused = (1 << 28) - 1;
    // Yesterday it was approved: of that day nothing is known.
    for days_ago in [0, 1] {
        let of_who: Vec<_> = found(&approved(days_ago), &usage)
            .into_iter()
            .filter(|it| it.trigger == Trigger::Eligible)
            .collect();
        assert_eq!(of_who, Vec::new(), "{days_ago}");
    }
    let of_who: Vec<_> = found(&approved(2), &usage)
        .into_iter()
        .filter(|it| it.trigger == Trigger::Eligible)
        .map(|it| (it.scope, it.high, it.figures.len()))
        .collect();
    let own = CaseScope::Unit(unit(2));
    assert_eq!(of_who, [(BODY, true, 1), (own, true, 1)]);
    // What was accepted under the plan before says nothing of the days of that one either.
    let mut plan = approved(1);
    plan.accepted = vec![Accepted {
        scope: BODY,
        trigger: Trigger::Eligible,
        at: NOW.before(Span::days(20)),
        figures: vec![Figure {
            measure: Measure::OutsideUse,
            subject: None,
            value: 1,
            base: None,
            level: None,
        }],
    }];
    let left = found(&plan, &usage);
    assert!(left.iter().all(|it| it.trigger != Trigger::Eligible));
}

/// Of unit 3 and of unit 2, which has 5 and 6 below it, too few are planned; of unit 4 enough.
#[test]
fn people_are_held_to_what_lines_say_where_those_that_reach_into_a_unit_name_nothing_outside_it() {
    let (usage, ..) = quiet();
    let baseline = freeze(&usage, &narrow(), None);
    let beyond = |lines: &[PlanLine]| -> Vec<CaseScope> {
        let plan = world(version(with(lines.to_vec())), baseline.clone());
        let found = settled(&plan, &usage).found;
        let of = found.iter().filter(|it| it.trigger == Trigger::Users);
        of.map(|it| it.scope).collect()
    };
    let of = |number, units: &[u32], people| {
        let units = units.iter().map(|it| unit(*it)).collect();
        line(number, units, people)
    };
    let mut lines = vec![
        of(0, &[3], Some(5)),
        of(1, &[4], Some(100)),
        of(2, &[2], Some(1)),
    ];
    let both = [2, 3].map(|it| CaseScope::Unit(unit(it)));
    assert_eq!(beyond(&lines), both);
    // Lines that nobody may do say nothing; one that reaches out of both, or says no number, makes it unknown.
    lines.push(of(3, &[3, 5], Some(1)));
    assert_eq!(beyond(&lines), Vec::new());
    lines[3].decision = PlanDecision::Refuse;
    assert_eq!(beyond(&lines), both);
    lines[3] = of(3, &[3], None);
    assert_eq!(beyond(&lines), both[..1]);
    lines[3] = of(3, &[], Some(1));
    assert_eq!(beyond(&lines), Vec::new());
}
