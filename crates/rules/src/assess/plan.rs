//! Rows of section 1 and the front page that the plan of telework answers: that there is one, that changes
//! against it are reassessed in time, and that reassessments find their way into it.

use std::collections::BTreeSet;

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::permit::PermitKind;
use sekisho_domain::plan::{Case, CaseScope, Feed, Measure, Trigger};
use sekisho_domain::register::Register;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::access;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use crate::catalogue::Row;
use crate::trigger::{not_watched, resting_on};

/// A plan is in force.
const CURRENT: &str = "CK-PLAN-CURRENT";
/// What reassessments asked of the plan stands in it.
const REFLECTS: &str = "CK-PLAN-REFLECTS";
/// The decision table itself, of rows that no check carries.
const TABLE: &str = "PLAN";

/// How old the last evaluation may be: it is made every day.
const FRESH: Span = Span::hours(48);

fn trigger(check: &str) -> Option<Trigger> {
    Some(match check {
        "CK-TRG-VOLUME" => Trigger::Volume,
        "CK-TRG-USERS" => Trigger::Users,
        "CK-TRG-ELIGIBLE" => Trigger::Eligible,
        "CK-TRG-TASKS" => Trigger::Tasks,
        "CK-TRG-FUNCTIONS" => Trigger::Functions,
        "CK-TRG-UNEASE" => Trigger::Unease,
        "CK-TRG-OTHER" => Trigger::Other,
        _ => return None,
    })
}

/// Whether the plan answers a carrier of a row. A table shows something by itself where no check does.
pub(super) fn answers(row: &Row, carrier: &str) -> bool {
    matches!(carrier, CURRENT | REFLECTS)
        || trigger(carrier).is_some()
        || (carrier == TABLE && row.checks().next().is_none())
}

/// What the plan says; none where it does not answer the carrier.
pub(super) fn judge(row: &Row, carrier: &str, ground: &Ground<'_>) -> Option<Part> {
    if !answers(row, carrier) {
        return None;
    }
    let plan = &ground.world.plan;
    let Some(current) = plan.current() else {
        return Some(Part::of(Verdict::Unknown, Reason::new("plan.none")));
    };
    let mut part = match carrier {
        CURRENT => is_current(ground),
        REFLECTS => reflects(ground),
        TABLE => table(ground),
        check => reassessed(trigger(check)?, ground),
    };
    part.evidence.push(Evidence {
        source: "plan:baseline".to_owned(),
        at: current.at,
        digest: Some(current.baseline.blob.clone()),
    });
    if let (Some(trigger), Some((at, _))) = (trigger(carrier), plan.evaluated()) {
        // By its day: each evaluation would make every assessment another one.
        let at = at.day_begun();
        // Named with what it did not look at, whatever else the row rests on and whoever speaks for it.
        let source = match beside(trigger) {
            Some(feeds) => format!("plan:evaluation/{feeds}"),
            None => "plan:evaluation".to_owned(),
        };
        part.evidence.push(Evidence {
            source,
            at,
            digest: None,
        });
    }
    Some(part)
}

fn is_current(ground: &Ground<'_>) -> Part {
    let plan = &ground.world.plan;
    let version = plan.current().map_or(0, |it| it.version);
    let until = plan.current().map_or(ground.now, |it| it.until);
    let (code, counts) = if ground.now < until {
        (
            "plan.in-force",
            Counts {
                pass: 1,
                ..Counts::default()
            },
        )
    } else {
        (
            "plan.over",
            Counts {
                fail: 1,
                ..Counts::default()
            },
        )
    };
    let reason = Reason::new(code)
        .with("version", version)
        .with("until", until);
    counted(counts, reason)
}

/// Whether the term of the newest plan has ended.
fn is_over(ground: &Ground<'_>) -> bool {
    let current = ground.world.plan.current();
    current.is_none_or(|plan| plan.until <= ground.now)
}

/// When use was last held against the plan, where that was lately enough to say anything.
pub(super) fn evaluated_lately(ground: &Ground<'_>) -> Option<Timestamp> {
    let at = ground.world.plan.evaluated()?.0;
    (ground.now.since(at) <= FRESH).then_some(at)
}

pub(super) fn counted(counts: Counts, reason: Reason) -> Part {
    let mut part = Part::of(counts.verdict(), reason);
    part.counts = counts;
    part
}

/// The reassessments that asked for a change of the plan are cited by it.
fn reflects(ground: &Ground<'_>) -> Part {
    let plan = &ground.world.plan;
    if is_over(ground) {
        return is_current(ground);
    }
    let waiting: Vec<&Case> = plan.to_reflect().collect();
    let asked = |case: &&Case| {
        let found = case.reassessed().map(|(_, found)| found.conclusion);
        found == Some(sekisho_domain::plan::Conclusion::PlanChange)
    };
    let all = plan.cases.values().filter(asked).count();
    let counts = Counts {
        fail: number(waiting.len()),
        pass: number(all - waiting.len()),
        ..Counts::default()
    };
    if all == 0 {
        // Where nobody looked, nothing was found that would ask for a change.
        return match evaluated_lately(ground) {
            Some(_) => Part::of(Verdict::Met, Reason::new("plan.nothing-to-reflect")),
            None => Part::of(Verdict::Unknown, Reason::new("plan.not-evaluated")),
        };
    }
    if waiting.is_empty() {
        return counted(counts, Reason::new("plan.reflects").with("n", all));
    }
    let reason = Reason::new("plan.not-reflected").with("n", waiting.len());
    let mut part = counted(counts, reason.with("all", all));
    part.concerned = named(&waiting, Outcome::Fail, "plan.not-in-plan");
    part
}

/// Every task of the register stands in the decision table.
fn table(ground: &Ground<'_>) -> Part {
    let plan = &ground.world.plan;
    let tasks: Vec<_> = ground.world.registers.active(Register::Task).collect();
    let undecided: Vec<_> = tasks
        .iter()
        .filter(|entry| match entry.id {
            sekisho_domain::register::EntryId::Task(task) => plan.line(task).is_none(),
            _ => false,
        })
        .collect();
    let counts = Counts {
        fail: number(undecided.len()),
        pass: number(tasks.len() - undecided.len()),
        ..Counts::default()
    };
    if tasks.is_empty() {
        let none = Reason::new("register.nothing-entered");
        return Part::of(
            Verdict::Unknown,
            none.with("register", Register::Task.code()),
        );
    }
    if is_over(ground) {
        return Part {
            counts,
            ..is_current(ground)
        };
    }
    let reason = if undecided.is_empty() {
        Reason::new("plan.tasks-decided").with("n", tasks.len())
    } else {
        let reason = Reason::new("plan.tasks-undecided").with("n", undecided.len());
        reason.with("all", tasks.len())
    };
    let mut part = counted(counts, reason);
    let concerned = undecided.iter().take(CONCERNED).map(|entry| Concerned {
        what: Thing::Entry(entry.id),
        person: None,
        outcome: Outcome::Fail,
        reason: Reason::new("plan.task-undecided"),
    });
    part.concerned = concerned.collect();
    part
}

/// The feeds that a trigger rests on and that are not yet part of what is watched; none where all of them are. No
/// case can be opened on them, and that none was says nothing of them.
fn beside(trigger: Trigger) -> Option<String> {
    let feeds: Vec<&str> = not_watched(trigger).map(Feed::code).collect();
    (!feeds.is_empty()).then(|| feeds.join(", "))
}

/// Nothing that fired goes without a reassessment in time, and all of it was measured: of what is watched. What is
/// not is named.
fn reassessed(trigger: Trigger, ground: &Ground<'_>) -> Part {
    let plan = &ground.world.plan;
    let Some(at) = evaluated_lately(ground) else {
        return Part::of(Verdict::Unknown, Reason::new("plan.not-evaluated"));
    };
    let of_trigger = || {
        plan.cases
            .values()
            .filter(|it| it.opened.trigger == trigger)
    };
    let open: Vec<&Case> = of_trigger().filter(|case| case.is_open()).collect();
    let overdue: Vec<&Case> = open
        .iter()
        .copied()
        .filter(|it| it.is_overdue(ground.now))
        .collect();
    let unmeasured = unmeasured(ground, |it| it == trigger);
    let waiting = open.len() - overdue.len();
    let closed = of_trigger().filter(|case| !case.is_open()).count();
    let mut counts = Counts {
        fail: number(overdue.len()),
        pass: number(waiting + closed),
        ..Counts::default()
    };
    if !overdue.is_empty() {
        let reason = Reason::new("case.overdue").with("n", overdue.len());
        let mut part = counted(counts, reason.with("all", open.len()));
        part.concerned = named(&overdue, Outcome::Fail, "case.late");
        return part;
    }
    if !unmeasured.is_empty() {
        counts.unknown += 1;
        counts.pass = counts.pass.saturating_sub(1);
        return not_measured(ground, counts, &unmeasured, &open);
    }
    if let Some(until) = suppressed_until(ground, |it| it == trigger) {
        // What fires while it is suppressed opens no case: that there is none says nothing.
        counts.unknown += 1;
        return counted(counts, Reason::new("plan.suppressed").with("until", until));
    }
    if counts.total() == 0 {
        let at = at.day_begun();
        let none = match beside(trigger) {
            Some(feeds) => Reason::new("plan.nothing-fired-watched").with("feeds", feeds),
            None => Reason::new("plan.nothing-fired"),
        };
        return Part::of(Verdict::Met, none.with("at", at));
    }
    if let Some(due) = open.iter().map(|case| case.opened.due).min() {
        return in_time(counts, "case.in-time", &open, due);
    }
    counted(counts, Reason::new("case.all-reassessed").with("n", closed))
}

/// Cases that wait, none of them late: the duty is known and not due yet, so that nothing is broken; each is
/// named with its day, on which it fails by itself.
pub(super) fn in_time(counts: Counts, code: &'static str, open: &[&Case], due: Timestamp) -> Part {
    let reason = Reason::new(code).with("n", open.len());
    let mut part = counted(counts, reason.with("due", due));
    let mut first: Vec<&Case> = open.to_vec();
    first.sort_by_key(|case| (case.opened.due, case.opened.case));
    part.concerned = named(&first, Outcome::Pass, "case.open");
    part
}

/// The feeds that some triggers rest on and that could not be measured when use was last held against the plan, or
/// that open cases of the whole name as missing. Whatever became of the cases: a word ends what they hold, and lets
/// nobody see more.
pub(super) fn unmeasured<'a>(
    ground: &Ground<'a>,
    of: impl Fn(Trigger) -> bool,
) -> BTreeSet<&'a str> {
    let plan = &ground.world.plan;
    let missing = plan.evaluated().into_iter();
    let missing = missing.flat_map(|(_, day)| &day.unmeasured);
    let missing = missing.filter(|feed| resting_on(**feed).iter().any(|it| of(*it)));
    let mut feeds: BTreeSet<&str> = missing.map(|feed| feed.code()).collect();
    let whole = plan.open().filter(|case| {
        let opened = &case.opened;
        opened.scope == CaseScope::Body && of(opened.trigger)
    });
    let told = whole
        .flat_map(|case| &case.opened.figures)
        .filter(|figure| figure.measure == Measure::Unmeasured);
    feeds.extend(told.filter_map(|figure| figure.subject.as_deref()));
    feeds
}

/// That feeds are missing: the systems of whose use nothing is seen are named, where it is use that is, and the cases
/// that wait.
pub(super) fn not_measured(
    ground: &Ground<'_>,
    counts: Counts,
    feeds: &BTreeSet<&str>,
    open: &[&Case],
) -> Part {
    let all: Vec<&str> = feeds.iter().copied().collect();
    let reason = Reason::new("plan.unmeasured").with("feeds", all.join(", "));
    let mut part = counted(counts, reason);
    if feeds.contains(Feed::Use.code()) {
        let unseen = access::unseen(ground).into_iter();
        let systems = unseen.filter_map(|it| {
            Some(Concerned {
                what: Thing::Entry(it.system?.into()),
                person: None,
                outcome: Outcome::Unknown,
                reason: it.why,
            })
        });
        part.concerned = systems.collect();
    }
    let waiting = named(open, Outcome::Unknown, "case.open");
    part.concerned.extend(waiting);
    part.concerned.truncate(CONCERNED);
    part
}

/// Until when the last exception in force suppresses one of some triggers, for the whole or any unit; none where
/// none does.
pub(super) fn suppressed_until(
    ground: &Ground<'_>,
    of: impl Fn(Trigger) -> bool,
) -> Option<Timestamp> {
    let permits = ground.world.permits.of_kind(PermitKind::Exception);
    let suppressing = permits.filter(|permit| {
        let suppresses = permit.exception().and_then(|it| it.suppresses);
        suppresses.is_some_and(&of) && permit.is_in_force(ground.now)
    });
    suppressing
        .filter_map(|permit| permit.grant().map(|grant| grant.term.until))
        .max()
}

pub(super) fn named(cases: &[&Case], outcome: Outcome, code: &'static str) -> Vec<Concerned> {
    let cases = cases.iter().take(CONCERNED);
    cases
        .map(|case| Concerned {
            what: Thing::Case(case.opened.case),
            person: None,
            outcome,
            reason: Reason::new(code).with("due", case.opened.due),
        })
        .collect()
}

pub(super) fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
