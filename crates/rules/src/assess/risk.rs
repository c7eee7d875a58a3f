//! Rows of section 1 that risk assessments answer: that reassessments are carried out, that a high risk is
//! acted on, and that conditions are kept while tasks are done under them.

use std::collections::BTreeSet;

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Reason;
use sekisho_domain::id::{RiskId, TaskId};
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::plan::{Case, CaseState, Figure, Measure};
use sekisho_domain::risk::{RiskVersion, Treatment};
use sekisho_domain::verdict::{Counts, Evidence, Verdict};

use super::Ground;
use super::access;
use super::concerned::{CONCERNED, Concerned, Thing};
use super::part::Part;
use super::plan::{
    counted, evaluated_lately, in_time, named, not_measured, number, suppressed_until, unmeasured,
};

/// Each case has an approved, frozen assessment by its date.
const DONE: &str = "CK-RISK-DONE";
/// Every high risk is acted on.
const ACTED: &str = "CK-HIGH-ACTED";
/// Conditions of permits are kept while they are used.
const KEPT: &str = "CK-COND-MET";

/// Whether risk assessments answer a carrier.
pub(super) fn answers(carrier: &str) -> bool {
    matches!(carrier, DONE | ACTED | KEPT)
}

/// What they say; none where they do not answer the carrier.
pub(super) fn judge(carrier: &str, ground: &Ground<'_>) -> Option<Part> {
    let mut part = match carrier {
        DONE => done(ground),
        ACTED => acted(ground),
        KEPT => kept(ground),
        _ => return None,
    };
    let newest = ground
        .world
        .risks
        .in_force()
        .max_by_key(|it| it.approved_at);
    part.evidence.extend(newest.map(|it| Evidence {
        source: "risk:inputs".to_owned(),
        at: it.approved_at,
        digest: Some(it.frozen.blob.clone()),
    }));
    Some(part)
}

/// Whether an approved assessment with frozen inputs stands behind a case.
fn is_assessed(ground: &Ground<'_>, case: &Case) -> bool {
    let by_record = ground.world.risks.answered.contains_key(&case.opened.case);
    case.assessed_by().is_some() || by_record
}

/// Whether a case asks for an assessment: not what is gone again by itself, nor what told only that
/// something is not measured and was answered by a word, since there was nothing to assess.
fn asks_for_assessment(ground: &Ground<'_>, case: &Case) -> bool {
    let measured = |it: &Figure| it.measure != Measure::Unmeasured;
    match case.state {
        CaseState::Subsided { .. } => false,
        CaseState::Open => true,
        CaseState::Closed { .. } => {
            is_assessed(ground, case) || case.opened.figures.iter().any(measured)
        }
    }
}

fn done(ground: &Ground<'_>) -> Part {
    let plan = &ground.world.plan;
    if plan.current().is_none() {
        return Part::of(Verdict::Unknown, Reason::new("plan.none"));
    }
    if evaluated_lately(ground).is_none() {
        return Part::of(Verdict::Unknown, Reason::new("plan.not-evaluated"));
    }
    let asks = |case: &&Case| asks_for_assessment(ground, case);
    let cases: Vec<&Case> = plan.cases.values().filter(asks).collect();
    let (assessed, rest): (Vec<&Case>, Vec<&Case>) = cases
        .iter()
        .copied()
        .partition(|case| is_assessed(ground, case));
    let (open, by_word): (Vec<&Case>, Vec<&Case>) =
        rest.iter().copied().partition(|case| case.is_open());
    let late = open.iter().copied().filter(|it| it.is_overdue(ground.now));
    let late: Vec<&Case> = late.collect();
    let mut counts = Counts {
        fail: number(late.len() + by_word.len()),
        pass: number(assessed.len() + open.len() - late.len()),
        ..Counts::default()
    };
    if !late.is_empty() {
        let reason = Reason::new("risk.overdue").with("n", late.len());
        let mut part = counted(counts, reason);
        part.concerned = named(&late, Outcome::Fail, "case.late");
        return part;
    }
    if !by_word.is_empty() {
        let reason = Reason::new("risk.by-word").with("n", by_word.len());
        let mut part = counted(counts, reason);
        part.concerned = named(&by_word, Outcome::Fail, "risk.word-alone");
        return part;
    }
    let feeds = unmeasured(ground, |_| true);
    if !feeds.is_empty() {
        // What would call for an assessment was not seen, whatever was said of that.
        counts.unknown += 1;
        return not_measured(ground, counts, &feeds, &open);
    }
    if let Some(until) = suppressed_until(ground, |_| true) {
        counts.unknown += 1;
        return counted(counts, Reason::new("plan.suppressed").with("until", until));
    }
    if cases.is_empty() {
        return Part::of(Verdict::Met, Reason::new("risk.nothing-to-assess"));
    }
    if let Some(due) = open.iter().map(|case| case.opened.due).min() {
        return in_time(counts, "risk.in-time", &open, due);
    }
    counted(
        counts,
        Reason::new("risk.all-assessed").with("n", assessed.len()),
    )
}

fn risks_named(risks: impl Iterator<Item = RiskId>, code: &'static str) -> Vec<Concerned> {
    risks
        .take(CONCERNED)
        .map(|risk| Concerned {
            what: Thing::Risk(risk),
            person: None,
            outcome: Outcome::Fail,
            reason: Reason::new(code),
        })
        .collect()
}

/// The newest assessments, where somebody has assessed anything.
fn in_force<'a>(ground: &Ground<'a>) -> Result<Vec<&'a RiskVersion>, Box<Part>> {
    let all: Vec<&RiskVersion> = ground.world.risks.in_force().collect();
    if all.is_empty() {
        let none = Reason::new("risk.none");
        return Err(Box::new(Part::of(Verdict::Unknown, none)));
    }
    Ok(all)
}

/// The tasks that are done by telework: the plan admits them, or somebody holds a permit for them.
fn tasks(ground: &Ground<'_>) -> BTreeSet<TaskId> {
    let (world, now) = (ground.world, ground.now);
    let plan = world.plan.current();
    let lines = plan.map_or(&[][..], |it| it.content.lines.as_slice());
    let admitted = lines.iter().filter(|line| line.admits());
    let mut tasks: BTreeSet<TaskId> = admitted.map(|line| line.task).collect();
    let permits = world.permits.of_kind(PermitKind::Telework);
    let permits = permits.filter(|permit| permit.is_in_force(now));
    tasks.extend(
        permits.filter_map(|permit| match permit.particulars.as_ref() {
            Particulars::Telework(it) => Some(it.task),
            _ => None,
        }),
    );
    tasks
}

/// That no assessment in force speaks of some tasks which are done by telework, each named: whether their risk is high
/// nobody knows. One of the whole speaks of all. None where all are assessed.
fn unassessed(ground: &Ground<'_>, all: &[&RiskVersion], mut counts: Counts) -> Option<Part> {
    let tasks = tasks(ground);
    let (world, now) = (ground.world, ground.now);
    let speaks = |task: TaskId| {
        let mut risks = all.iter();
        risks.any(|it| world.risk_speaks_of(it.content.subject, task, now))
    };
    let left: Vec<TaskId> = tasks.iter().copied().filter(|it| !speaks(*it)).collect();
    if left.is_empty() {
        return None;
    }
    counts.unknown += number(left.len());
    let reason = Reason::new("risk.tasks-unassessed").with("n", left.len());
    let mut part = counted(counts, reason.with("all", tasks.len()));
    let named = left.into_iter().take(CONCERNED).map(|task| Concerned {
        what: Thing::Entry(task.into()),
        person: None,
        outcome: Outcome::Unknown,
        reason: Reason::new("risk.task-unassessed"),
    });
    part.concerned = named.collect();
    Some(part)
}

/// Every high risk has something done about it that stands now. What stands is in the decisions about
/// access from the moment of approval, so that the consideration is not only on paper.
fn acted(ground: &Ground<'_>) -> Part {
    let all = match in_force(ground) {
        Ok(all) => all,
        Err(part) => return *part,
    };
    let is_high = |it: &&&RiskVersion| it.is_high(ground.world, ground.now);
    let high: Vec<&RiskVersion> = all.iter().filter(is_high).copied().collect();
    let open: Vec<&RiskVersion> = high
        .iter()
        .copied()
        .filter(|it| !it.is_acted_on(ground.world, ground.now))
        .collect();
    let counts = Counts {
        fail: number(open.len()),
        pass: number(high.len() - open.len()),
        ..Counts::default()
    };
    if open.is_empty() {
        if let Some(part) = unassessed(ground, &all, counts) {
            return part;
        }
        if high.is_empty() {
            let reason = Reason::new("risk.nothing-high").with("n", all.len());
            return Part::of(Verdict::Met, reason);
        }
        return counted(counts, Reason::new("risk.high-acted").with("n", high.len()));
    }
    let reason = Reason::new("risk.high-open").with("n", open.len());
    let mut part = counted(counts, reason.with("all", high.len()));
    let lowers = |it: &&RiskVersion| it.lowering_stands(ground.world, ground.now);
    let (over, lapsed): (Vec<&RiskVersion>, Vec<&RiskVersion>) = open.into_iter().partition(lowers);
    part.concerned = risks_named(over.iter().map(|it| it.risk), "risk.acceptance-over");
    let lapsed = risks_named(lapsed.iter().map(|it| it.risk), "risk.lowering-over");
    part.concerned.extend(lapsed);
    part.concerned.truncate(CONCERNED);
    part
}

/// Conditions that the decision point asks (place, hours, grade) are kept by its refusals, where something asks
/// it: else nobody knows. Those that no program sees have to stand on every permit to telework that they speak
/// of, for its holder to keep.
fn kept(ground: &Ground<'_>) -> Part {
    let all = match in_force(ground) {
        Ok(all) => all,
        Err(part) => return *part,
    };
    let asks = access::asks(ground);
    let mut unasked = false;
    let mut counts = Counts::default();
    let mut conditions = 0usize;
    let mut lacking: Vec<RiskId> = Vec::new();
    for risk in &all {
        for treatment in risk.treatments(ground.now) {
            let Treatment::Condition(condition) = treatment else {
                continue;
            };
            conditions += 1;
            let on_permits = condition.two_persons || condition.closed_room;
            if asks.is_err() && is_asked(condition) {
                unasked = true;
                counts.unknown += 1;
            } else if !on_permits {
                counts.pass += 1;
            }
            if !on_permits {
                continue;
            }
            for borne in permits_bear(ground, risk, condition) {
                if borne {
                    counts.pass += 1;
                } else {
                    counts.fail += 1;
                    lacking.push(risk.risk);
                }
            }
        }
    }
    if counts.fail > 0 {
        lacking.dedup();
        let reason = Reason::new("risk.conditions-not-on-permits").with("n", counts.fail);
        let mut part = counted(counts, reason);
        part.concerned = risks_named(lacking.into_iter(), "risk.condition-missing");
        return part;
    }
    if let Some(why) = asks.err().filter(|_| unasked) {
        return counted(counts, why);
    }
    if let Some(part) = unassessed(ground, &all, counts) {
        return part;
    }
    if conditions == 0 {
        return Part::of(Verdict::Met, Reason::new("risk.no-conditions"));
    }
    let code = if counts.total() == 0 {
        "risk.conditions-on-no-permit"
    } else {
        "risk.conditions-kept"
    };
    counted(counts, Reason::new(code).with("n", conditions))
}

/// Whether the decision point asks anything of what a condition says.
fn is_asked(condition: &sekisho_domain::risk::Condition) -> bool {
    let unseen = condition.two_persons || condition.closed_room;
    let hours = condition.from_hour.is_some() || condition.until_hour.is_some();
    let seen = hours || condition.working_days_only || condition.ceiling.is_some();
    !unseen || seen || !condition.places.is_empty()
}

/// Of each permit to telework in force that a condition speaks of: whether it bears what no program sees.
fn permits_bear(
    ground: &Ground<'_>,
    risk: &RiskVersion,
    condition: &sekisho_domain::risk::Condition,
) -> Vec<bool> {
    let (world, now) = (ground.world, ground.now);
    let permits = world.permits.of_kind(PermitKind::Telework);
    permits
        .filter(|permit| permit.is_in_force(now))
        .filter_map(|permit| {
            let Particulars::Telework(it) = permit.particulars.as_ref() else {
                return None;
            };
            if !world.risk_speaks_of(risk.content.subject, it.task, now) {
                return None;
            }
            let borne = permit.grant().and_then(|grant| grant.conditions.as_deref());
            Some(borne.is_some_and(|borne| {
                (!condition.two_persons || borne.two_persons)
                    && (!condition.closed_room || borne.closed_room)
            }))
        })
        .collect()
}
