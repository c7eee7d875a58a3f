//! A large organisation some time after its plan was approved: thousands of acceptances and closed cases, tasks and
//! functions of every unit, people who moved, people outside the plan.

use std::collections::BTreeSet;
use std::sync::Arc;

use sekisho_domain::actor::Actor;
use sekisho_domain::check::DeviceCheck;
use sekisho_domain::grade::Grade;
use sekisho_domain::id::{CaseId, ConcernId, Fresh, IncidentId, PermitId, SystemId, TaskId};
use sekisho_domain::name::Line;
use sekisho_domain::plan::{
    Baseline, Case, CaseOpened, CaseScope, CaseState, Conclusion, FIGURES_MAX, Figure, Measure,
    PlanVersion, Reassessment, RiskLevel, Trigger,
};
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::{Accepted, TeleworkPlan};
use sekisho_rules::trigger::{
    Against, CheckCount, CheckShare, ConcernSeen, EarlierUnit, ExceptionSeen, Failing, Fired,
    IncidentSeen, OutsideTask, Suppression, TaskNow, Unlisted, Usage, evaluate,
};

/// Acceptances since the plan was approved, and as many closed cases.
pub(crate) const ACCEPTED: usize = 5_000;
/// Tasks; the plan has a line for each.
pub(crate) const TASKS: u16 = 300;
/// Functions.
const FUNCTIONS: u16 = 500;
/// Open cases of which nothing is left.
const OVER: u32 = 500;
/// The days within the newest four weeks.
const NEWEST: u64 = (1 << 28) - 1;

/// The task of a number.
pub(crate) fn task(number: u16) -> TaskId {
    TaskId::new(fresh(1, number.into()))
}

fn fresh(kind: u8, number: u32) -> Fresh {
    let mut id = [kind; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    Fresh(id)
}

/// The tasks and functions that there were when the plan was approved: nine of ten of those that there are now.
pub(crate) fn before(usage: &mut Usage) {
    add_tasks(usage, TASKS / 10 * 9, "C1I1A1");
    add_functions(usage, FUNCTIONS / 10 * 9);
}

/// What happened since: a tenth of the tasks and functions are new, all tasks handle more; one person in twenty moved,
/// one in fifty is outside the plan, one in two hundred outside the units of a task.
pub(crate) fn since(usage: &mut Usage) {
    add_tasks(usage, TASKS, "C2I2A2");
    add_functions(usage, FUNCTIONS);
    add_people(usage);
    add_incidents(usage);
    let units = usage.units.len();
    for number in 0..300_u32 {
        usage.exceptions.push(ExceptionSeen {
            permit: PermitId::new(fresh(2, number)),
            unit: Some(usage.units[number as usize % units].id),
            days: u64::from(number),
            renewed: u64::from(number % 4),
        });
    }
    for number in 0..10_usize {
        usage.suppressed.push(Suppression {
            permit: PermitId::new(fresh(3, 0)),
            trigger: Trigger::ALL[number % Trigger::ALL.len()],
            unit: Some(usage.units[1 + number].id),
        });
    }
    usage.checks = DeviceCheck::ALL
        .iter()
        .zip(0..)
        .map(|(check, nth)| CheckShare {
            check: *check,
            share: 50 + nth * 10,
        })
        .collect();
    // Of 52 devices of a unit some more than a tenth, and in every tenth unit many.
    let of_unit = |place: usize| CheckCount {
        failing: if place.is_multiple_of(10) { 30 } else { 6 },
        known: 52,
    };
    let units = (0..usage.units.len()).map(|place| [of_unit(place); DeviceCheck::COUNT]);
    usage.unit_checks = units.collect();
    usage.exploited = ["nginx", "openvpn"].map(str::to_owned).into();
}

fn add_tasks(usage: &mut Usage, count: u16, grade: &str) {
    let is_raised = grade != "C1I1A1";
    let grade: Grade = grade.parse().expect("a grade");
    for number in 0..count {
        let systems = (0..3).map(|nth| SystemId::new(fresh(4, u32::from(number) * 3 + nth)));
        let unit = usage.units[usize::from(number) % usage.units.len()].id;
        let now = TaskNow {
            grade,
            systems: systems.collect(),
            permits: 50,
            person_days: 400,
            unit: Some(unit),
        };
        usage.tasks.insert(task(number), now);
        add_parts(usage, number, is_raised);
    }
}

/// A task that the people of fifty units do, of every seventh of which more do it where it is raised.
fn add_parts(usage: &mut Usage, number: u16, is_raised: bool) {
    let units = usage.units.len();
    for nth in 0..50 {
        let place = (usize::from(number) * 50 + nth) % units;
        let part = usage.task_units.entry((task(number), place)).or_default();
        let days = if is_raised && nth.is_multiple_of(7) {
            300
        } else {
            40
        };
        part.permits += days / 8;
        part.newest_days += days;
        part.person_days.iter_mut().for_each(|sum| *sum += days);
    }
}

fn add_functions(usage: &mut Usage, count: u16) {
    for number in 0..count {
        let name = format!("system:{}", SystemId::new(fresh(5, number.into())));
        let unit = usage.units[usize::from(number) % usage.units.len()].id;
        usage.units_of.insert(name.clone(), BTreeSet::from([unit]));
        usage.functions.insert(name);
    }
}

fn add_people(usage: &mut Usage) {
    let units = u32::try_from(usage.units.len()).unwrap_or(u32::MAX);
    for (person, number) in usage.people.iter_mut().zip(0_u32..) {
        if number.is_multiple_of(50) {
            person.admitted = false;
            person.refused = 0b1_0001_0001;
        }
        if number % 20 == 1 {
            let there = EarlierUnit {
                unit: 1 + number % (units - 1),
                days: NEWEST & !0xFF,
                admitted: number % 40 == 1,
            };
            usage.earlier.insert(person.key, vec![there]);
        }
        if number % 200 == 2 {
            usage.outside.push(OutsideTask {
                task: task(u16::try_from(number % u32::from(TASKS)).unwrap_or_default()),
                unit: person.unit,
                days: person.days & 0xFF,
                refused: 0b1110,
            });
        }
    }
}

fn add_incidents(usage: &mut Usage) {
    let (at, units) = (usage.at, usage.units.len());
    let unit_of = |number: u32| Some(usage.units[number as usize % units].id);
    let told = (0..200_u32).map(|number| ConcernSeen {
        id: ConcernId::new(fresh(6, number)),
        task: Some(task(u16::try_from(number / 5).unwrap_or_default())),
        unit: unit_of(number),
        officer: number.is_multiple_of(7),
        at: at.before(Span::days(number % 28)),
    });
    let told: Vec<ConcernSeen> = told.collect();
    let happened = (0..50_u32).map(|number| IncidentSeen {
        id: IncidentId::new(fresh(7, number)),
        unit: unit_of(number),
        grave: number.is_multiple_of(5),
        at: at.before(Span::days(number % 28)),
    });
    let happened: Vec<IncidentSeen> = happened.collect();
    let unlisted = (0..40_u32).map(|number| Unlisted {
        name: format!("service:host{number}.example"),
        days: u64::from(number),
        units: unit_of(number).into_iter().collect(),
    });
    let unlisted: Vec<Unlisted> = unlisted.collect();
    usage.concerns = told;
    usage.incidents = happened;
    usage.unlisted = unlisted;
}

/// The plan with everything that was accepted and every case: the closed ones; open ones for every other thing that
/// fires, as it was found; and open ones of which nothing is left.
pub(crate) fn plan(version: PlanVersion, baseline: Baseline, usage: &Usage) -> TeleworkPlan {
    let first_at = version.approved_at;
    let mut plan = TeleworkPlan {
        versions: vec![version],
        baseline: Some(Arc::new(baseline)),
        accepted: accepted(usage, first_at),
        ..TeleworkPlan::default()
    };
    let against = Against::of(&plan).expect("a plan");
    let fired: Vec<Fired> = evaluate(usage, against, Failing::default()).fired;
    let mut all = Vec::new();
    for it in &plan.accepted {
        let closed = CaseState::Closed {
            at: it.at,
            by: Actor::Operator,
            reassessment: Reassessment {
                level: RiskLevel::Low,
                conclusion: Conclusion::Unchanged,
                note: Line::parse("変わりない").expect("a line"),
            },
            risk: None,
        };
        all.push((it.trigger, it.scope, it.figures.clone(), closed));
    }
    // A case names no more than that.
    for it in fired.iter().step_by(2) {
        let told = it.figures.iter().take(FIGURES_MAX).cloned().collect();
        all.push((it.trigger, it.scope, told, CaseState::Open));
    }
    // No line says how many people of a unit there may be, and there are no more than there were, so that none of these
    // fires.
    let gone = usage.units.iter().skip(1).take(OVER as usize);
    for unit in gone {
        let figure = figure(Measure::People, 2_000_000, Some(1_000_000));
        let scope = CaseScope::Unit(unit.id);
        all.push((Trigger::Users, scope, vec![figure], CaseState::Open));
    }
    for ((trigger, scope, figures, state), number) in all.into_iter().zip(0_u32..) {
        let case = CaseId::new(fresh(8, number));
        let opened = CaseOpened {
            case,
            trigger,
            scope,
            version: 1,
            figures,
            high: false,
            due: usage.at.after(Span::days(14)),
        };
        let case_now = Case {
            opened,
            latest: Vec::new(),
            opened_at: first_at,
            changed_at: first_at,
            version: 1,
            state,
        };
        plan.cases.insert(case, case_now);
    }
    plan
}

/// What was accepted of unit after unit: its volume, who is outside, how many there are.
fn accepted(usage: &Usage, first_at: Timestamp) -> Vec<Accepted> {
    let of_unit = |scope| {
        [
            (
                Trigger::Volume,
                vec![
                    figure(Measure::PersonDays, 300, None),
                    figure(Measure::GatewayHours, 2_000, None),
                ],
            ),
            (
                Trigger::Eligible,
                vec![
                    figure(Measure::OutsideUse, 1, None),
                    figure(Measure::OutsideAttempts, 3, None),
                ],
            ),
            (Trigger::Other, vec![figure(Measure::Turnover, 350, None)]),
        ]
        .map(|(trigger, figures)| Accepted {
            scope,
            trigger,
            at: first_at.after(Span::days(7)),
            figures,
        })
    };
    let units = usage.units.iter();
    let all = units.flat_map(|unit| of_unit(CaseScope::Unit(unit.id)));
    all.take(ACCEPTED).collect()
}

const fn figure(measure: Measure, value: u64, level: Option<u64>) -> Figure {
    Figure {
        measure,
        subject: None,
        value,
        base: None,
        level,
    }
}
