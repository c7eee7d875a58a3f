//! A plan that widens a line: who may, or where. Found at the next evaluation, and not before.

use sekisho_domain::permit::particulars::TeleworkPlace;
use sekisho_domain::plan::{CaseScope, Measure, PlanContent, PlanLine, Trigger};
use sekisho_domain::world::TeleworkPlan;
use sekisho_rules::trigger::{Fired, freeze};

use crate::triggers::{BEGAN, Held, SMALL, days, version};

/// A plan by which one bureau does the task, at home.
fn limited() -> PlanContent {
    let mut content = SMALL.plan(100).unwrap();
    content.lines[0].units = vec![SMALL.usage(BEGAN).units[1].id];
    content.lines[0].places = vec![TeleworkPlace::Home];
    content
}

/// What the next plan widens of it, the measure by which it is found, and what is told beside the task.
type Widened = (&'static str, Measure, &'static str, fn(&mut PlanLine));

const WIDENED: &[Widened] = &[
    (
        "from one bureau to everyone",
        Measure::Admitted,
        "everyone",
        |line| line.units = Vec::new(),
    ),
    ("a unit more", Measure::Admitted, "unt_", |line| {
        line.units.push(SMALL.usage(BEGAN).units[2].id);
    }),
    (
        "a place more",
        Measure::PlaceAdmitted,
        "travelling",
        |line| line.places.push(TeleworkPlace::Travelling),
    ),
    ("anywhere", Measure::PlaceAdmitted, "anywhere", |line| {
        line.places = Vec::new();
    }),
];

fn eligible(fired: Vec<Fired>) -> Vec<Fired> {
    let of = fired.into_iter();
    of.filter(|it| it.trigger == Trigger::Eligible).collect()
}

/// The baseline of the next plan is frozen after the one before: its approval makes nothing known.
#[test]
fn every_widening_of_a_line_is_found_at_the_next_evaluation_and_was_not_before() {
    let held = Held {
        version: version(limited()),
        baseline: freeze(&SMALL.usage(BEGAN), &limited(), None),
        plan: TeleworkPlan::default(),
    };
    for day in [8, 36, 91] {
        let fired = held.evaluate(&SMALL.usage(days(day))).fired;
        assert_eq!(eligible(fired), Vec::new(), "{day}");
    }
    let task = SMALL.task();
    let usage = SMALL.usage(days(8));
    for (name, measure, what, widen) in WIDENED {
        let mut content = limited();
        widen(&mut content.lines[0]);
        let next = Held {
            baseline: freeze(&usage, &content, Some((&held.baseline, &[]))),
            version: version(content),
            plan: TeleworkPlan::default(),
        };
        let found = eligible(next.evaluate(&usage).fired);
        let whole = found.iter().find(|it| it.scope == CaseScope::Body);
        let whole = whole.unwrap_or_else(|| panic!("{name}: {found:?}"));
        assert_eq!(whole.figures.len(), 1, "{name}: {whole:?}");
        let figure = &whole.figures[0];
        let subject = figure.subject.as_deref().unwrap_or_default();
        assert_eq!(figure.measure, *measure, "{name}");
        assert!(
            subject.starts_with(&format!("{task}/{what}")),
            "{name}: {subject}"
        );
    }
}
