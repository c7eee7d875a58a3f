//! Permits to telework in force against the plan: they stand, and the plan refuses what they allow, or limits it to less.
//! Such a permit opens nothing (planned work is asked at each decision), so that its holder learns of it at the door.

use std::collections::{BTreeMap, HashMap};

use sekisho_domain::grade::Grade;
use sekisho_domain::id::{TaskId, UnitId};
use sekisho_domain::permit::particulars::Telework;
use sekisho_domain::permit::{Particulars, Permit};
use sekisho_domain::plan::{PlanContent, PlanLine};
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::scope::exceeds;
use super::{Conflict, ConflictCode, Found, Side};

/// How many permits are listed of one task and one thing that the plan says of it; what is beyond is counted. A plan
/// that refuses a task of hundreds must not crowd out what else is in conflict.
pub const EXAMPLES: u32 = 10;

/// What the plan says of a task that a permit does not keep to, and what the permit says.
type Departure = (String, String);

/// The highest grade that a permit allows, by itself and by its conditions.
fn allows_beyond(permit: &Permit, highest: Grade) -> Option<Grade> {
    let grade = permit.grade.filter(|grade| exceeds(*grade, highest))?;
    let conditions = permit.grant().and_then(|it| it.conditions.as_deref());
    let ceiling = conditions.and_then(|it| it.grade_ceiling);
    let kept = ceiling.is_some_and(|ceiling| !exceeds(ceiling, highest));
    (!kept).then_some(grade)
}

/// Whether lines of the plan admit the people of units, each looked up once: many permits are of people of one unit,
/// and for every unit of a line the tree is climbed.
struct Admitting<'w> {
    world: &'w World,
    now: Timestamp,
    known: HashMap<(TaskId, Option<UnitId>), bool>,
}

impl Admitting<'_> {
    fn admits(&mut self, line: &PlanLine, permit: &Permit) -> bool {
        if line.units.is_empty() {
            return true;
        }
        let (world, now) = (self.world, self.now);
        let unit = world.unit_of(permit.applicant, now);
        let known = self.known.entry((line.task, unit));
        *known.or_insert_with(|| world.plan_admits(line, permit.applicant, now))
    }
}

/// In what a permit departs from its task's line.
fn departures(
    admitting: &mut Admitting<'_>,
    (line, permit, telework): (&PlanLine, &Permit, &Telework),
) -> Vec<(&'static str, Departure)> {
    if !line.admits() {
        let said = line.decision.code().to_owned();
        return vec![("decision", (said, String::new()))];
    }
    let mut found = Vec::new();
    if !line.places.is_empty() && !line.places.contains(&telework.place) {
        let place = telework.place.code().to_owned();
        found.push(("places", ("places".to_owned(), place)));
    }
    let beyond = line
        .highest
        .and_then(|highest| Some((highest, allows_beyond(permit, highest)?)));
    if let Some((highest, grade)) = beyond {
        found.push(("highest", (highest.to_string(), grade.to_string())));
    }
    if !admitting.admits(line, permit) {
        found.push(("units", ("units".to_owned(), String::new())));
    }
    found
}

/// Permits to telework in force that the plan refuses, or limits to less than they allow.
pub(super) fn against_plan(
    world: &World,
    plan: Option<&PlanContent>,
    now: Timestamp,
    found: &mut Found,
) {
    let lines = plan.into_iter().flat_map(|plan| &plan.lines);
    let lines: BTreeMap<TaskId, &PlanLine> = lines.map(|line| (line.task, line)).collect();
    if lines.is_empty() {
        return;
    }
    let mut listed: BTreeMap<(TaskId, &str), u32> = BTreeMap::new();
    let mut admitting = Admitting {
        world,
        now,
        known: HashMap::new(),
    };
    // Those that can still hold, the first to end first: there are far more that ended years ago.
    let live = world.permits.by_end().map(|(_, permit)| permit);
    for permit in live.filter(|permit| permit.is_in_force(now)) {
        let Particulars::Telework(telework) = permit.particulars.as_ref() else {
            continue;
        };
        let Some(line) = lines.get(&telework.task).copied() else {
            continue;
        };
        for (field, (plan, held)) in departures(&mut admitting, (line, permit, telework)) {
            let listed = listed.entry((line.task, field)).or_default();
            if *listed == EXAMPLES {
                found.count(ConflictCode::PlanPermit);
                continue;
            }
            *listed += 1;
            let sides = (Side::PlanTask(line.task), Side::Permit(permit.id));
            let conflict = Conflict::new(ConflictCode::PlanPermit, sides.0, sides.1);
            found.push(conflict.of(plan, held));
        }
    }
}
