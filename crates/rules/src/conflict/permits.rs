//! Clauses against what is allowed: permits in force, the plan, and who decides.

use sekisho_domain::grade::Grade;
use sekisho_domain::permit::{Particulars, Permit, PermitKind};
use sekisho_domain::plan::{PlanContent, PlanLine};
use sekisho_domain::register::service::ServiceKind;
use sekisho_domain::register::{ConferenceTool, EntryId, Service};
use sekisho_domain::rule::ClauseTerms;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::scope::exceeds;
use super::whom::Whom;
use super::{Conflict, ConflictCode, Found, Placed, Side};

const DAY: i64 = 86_400_000;

/// Whether the limit of a clause speaks of a permit. One that names places speaks of telework alone, since
/// no other permit says so closely where.
fn speaks_of(terms: &ClauseTerms, permit: &Permit) -> bool {
    let kind = terms.permits.is_empty() || terms.permits.contains(&permit.kind());
    let task = |it| permit.particulars.tasks().contains(&it);
    let place = match permit.particulars.as_ref() {
        Particulars::Telework(it) => terms.places.is_empty() || terms.places.contains(&it.place),
        _ => terms.places.is_empty(),
    };
    kind && place && terms.task.is_none_or(task)
}

/// Permits in force against the clauses that limit them, of rules that are for whoever holds the permit.
pub(super) fn in_force(world: &World, limits: &[Placed<'_>], now: Timestamp, found: &mut Found) {
    let limits: Vec<&Placed<'_>> = limits
        .iter()
        .filter(|it| {
            let terms = &it.clause.terms;
            terms.forbids || terms.highest.is_some() || terms.days.is_some()
        })
        .collect();
    if limits.is_empty() {
        return;
    }
    let live = world.permits.by_end().map(|(_, permit)| permit);
    for permit in live.filter(|permit| permit.is_in_force(now)) {
        // An exception departs from rules by its nature; it is looked at again by its own date.
        if permit.kind() == PermitKind::Exception {
            continue;
        }
        for limit in &limits {
            let holder = || world.unit_of_permit(permit, now);
            let concerns =
                |whom: &Whom| *whom == Whom::Everyone || whom.holds(world, holder(), now);
            if speaks_of(&limit.clause.terms, permit) && concerns(limit.whom) {
                against(limit, permit, found);
            }
        }
    }
}

fn against(limit: &Placed<'_>, permit: &Permit, found: &mut Found) {
    let terms = &limit.clause.terms;
    let conflict = |code| Conflict::new(code, Side::Clause(limit.of), Side::Permit(permit.id));
    if terms.forbids {
        let code = ConflictCode::PermitForbidden;
        found.push(conflict(code).of("forbids", permit.kind().code()));
        return;
    }
    if let (Some(highest), Some(grade)) = (terms.highest, permit.grade)
        && exceeds(grade, highest)
    {
        found.push(conflict(ConflictCode::PermitBeyond).of(highest, grade));
    }
    if let (Some(days), Some(grant)) = (terms.days, permit.grant()) {
        let term = grant.term;
        let millis = term.until.as_millis() - term.from.as_millis();
        if millis > i64::from(days) * DAY {
            let runs = millis.div_euclid(DAY);
            found.push(conflict(ConflictCode::PermitTooLong).of(days, runs));
        }
    }
}

/// What the plan allows against the clauses that speak of telework.
pub(super) fn of_plan(
    (world, now): (&World, Timestamp),
    plan: Option<&PlanContent>,
    limits: &[Placed<'_>],
    found: &mut Found,
) {
    let lines = plan.into_iter().flat_map(|plan| &plan.lines);
    for line in lines.filter(|line| line.admits()) {
        let whom = Whom::named(world, &line.units, now);
        for limit in limits.iter().filter(|it| it.whom.meets(&whom, world, now)) {
            let terms = &limit.clause.terms;
            let telework =
                terms.permits.is_empty() || terms.permits.contains(&PermitKind::Telework);
            if telework && terms.task.is_none_or(|task| task == line.task) && places(terms, line) {
                plan_line(limit, line, found);
            }
        }
    }
}

/// Whether a line of the plan admits a place of which a clause speaks.
fn places(terms: &ClauseTerms, line: &PlanLine) -> bool {
    terms.places.is_empty()
        || line.places.is_empty()
        || terms.places.iter().any(|it| line.places.contains(it))
}

fn plan_line(limit: &Placed<'_>, line: &PlanLine, found: &mut Found) {
    let terms = &limit.clause.terms;
    let conflict = |code| Conflict::new(code, Side::Clause(limit.of), Side::PlanTask(line.task));
    if terms.forbids {
        let code = ConflictCode::PlanForbidden;
        found.push(conflict(code).of("forbids", line.decision.code()));
        return;
    }
    let beyond = |highest: Grade| line.highest.filter(|grade| exceeds(*grade, highest));
    if let Some(highest) = terms.highest
        && let Some(grade) = beyond(highest)
    {
        found.push(conflict(ConflictCode::PlanBeyond).of(highest, grade));
    }
}

/// Work with confidential information that the plan has use services on their providers' terms (4.1.2(1)(a)):
/// nothing of C2 or C3 may be put there, so the task must do without it, or the line be of C1.
pub(super) fn on_terms(world: &World, plan: Option<&PlanContent>, found: &mut Found) {
    let lines = plan.into_iter().flat_map(|plan| &plan.lines);
    let secret =
        lines.filter(|line| line.admits() && line.highest.is_none_or(Grade::is_confidential));
    for line in secret {
        let services = line.services.iter().filter(|id| {
            let known = world.registers.get::<Service>(**id);
            known.is_some_and(|(_, service)| service.kind == ServiceKind::Terms)
        });
        let tools = line.tools.iter().filter(|id| {
            let known = world.registers.get::<ConferenceTool>(**id);
            known.is_some_and(|(_, tool)| world.is_under_terms(tool))
        });
        let entries = services.map(|id| EntryId::from(*id));
        for entry in entries.chain(tools.map(|id| EntryId::from(*id))) {
            let sides = (Side::PlanTask(line.task), Side::Entry(entry));
            let conflict = Conflict::new(ConflictCode::PlanOnTerms, sides.0, sides.1);
            let grade = line.highest.map(|grade| grade.to_string());
            found.push(conflict.of(grade.unwrap_or_default(), ""));
        }
    }
}

/// Who decides by a clause against who decides by the settings. A clause that speaks of one task or place
/// alone, or of a rule for some units, says nothing of all permits of the kind.
pub(super) fn of_settings(world: &World, limits: &[Placed<'_>], found: &mut Found) {
    for limit in limits {
        let terms = &limit.clause.terms;
        let Some(approver) = terms.approver else {
            continue;
        };
        let of_some = terms.task.is_some() || !terms.places.is_empty();
        if of_some || *limit.whom != Whom::Everyone {
            continue;
        }
        for kind in &terms.permits {
            let settled = world.permits.approver(*kind);
            if settled != approver.role() {
                let sides = (Side::Clause(limit.of), Side::Kind(*kind));
                let conflict = Conflict::new(ConflictCode::ApproverSettled, sides.0, sides.1);
                found.push(conflict.of(approver.code(), settled.code()));
            }
        }
    }
}
