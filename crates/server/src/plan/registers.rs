//! What registers and permits say of use: tasks, functions, unease, exceptions, editions.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use sekisho_domain::id::{PersonId, TaskId, UnitId};
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::plan::PlanContent;
use sekisho_domain::register::incident::Severity;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{
    Concern, ConferenceTool, Entry, EntryId, Gateway, Incident, Medium, NetworkLine, Service,
    System, Task,
};
use sekisho_domain::role::Role;
use sekisho_domain::time::Span;
use sekisho_domain::world::World;
use sekisho_rules::trigger::{
    ConcernSeen, ExceptionSeen, IncidentSeen, Suppression, TaskNow, Usage,
};

use super::platforms::major;

/// How far back reports of unease and incidents are looked at.
const UNEASE_WITHIN: Span = Span::days(90);
/// The roles whose word alone calls for a reassessment.
const OFFICERS: [Role; 4] = [Role::Diso, Role::Isso, Role::PromotionBody, Role::Csirt];

pub(super) fn read(world: &World, content: Option<&PlanContent>, usage: &mut Usage) {
    tasks(world, content, usage);
    functions(world, usage);
    unease(world, usage);
    exceptions(world, usage);
    editions(world, usage);
}

/// Tasks that may be done by telework: by the register, by the plan, or by a permit that holds.
fn tasks(world: &World, content: Option<&PlanContent>, usage: &mut Usage) {
    let now = usage.at;
    let mut holders: BTreeMap<TaskId, BTreeSet<PersonId>> = BTreeMap::new();
    let permits = world.permits.of_kind(PermitKind::Telework);
    for permit in permits.filter(|permit| permit.is_in_force(now)) {
        if let Particulars::Telework(it) = permit.particulars.as_ref() {
            holders.entry(it.task).or_default().insert(permit.applicant);
        }
    }
    for (entry, task) in world.registers.nouns::<Task>() {
        let EntryId::Task(id) = entry.id else {
            continue;
        };
        let line = content.and_then(|content| content.line(id));
        let permits = holders.get(&id).map_or(0, |people| people.len() as u64);
        let by_register = entry.is_active() && task.state != TaskState::Stopped;
        let by_plan = line.is_some_and(sekisho_domain::plan::PlanLine::admits);
        if !by_register && !by_plan && permits == 0 {
            continue;
        }
        let highest = line.and_then(|line| line.highest);
        let mut systems: BTreeSet<_> = task.systems.iter().copied().collect();
        systems.extend(line.iter().flat_map(|line| line.systems.iter().copied()));
        let seen = TaskNow {
            grade: highest.map_or(task.grade, |highest| highest.join(task.grade)),
            systems,
            permits,
            person_days: 0,
            unit: world.unit_of_entry(entry.id, now),
        };
        usage.tasks.insert(id, seen);
    }
    holders.retain(|task, _| usage.tasks.contains_key(task));
    holders_of_units(world, &holders, usage);
}

/// How many of each unit hold a permit for each task, where they are now.
fn holders_of_units(
    world: &World,
    holders: &BTreeMap<TaskId, BTreeSet<PersonId>>,
    usage: &mut Usage,
) {
    let now = usage.at;
    let units = usage.units.iter().enumerate();
    let places: HashMap<UnitId, usize> = units.map(|(place, it)| (it.id, place)).collect();
    for (task, people) in holders {
        for person in people {
            let unit = world.unit_of(*person, now);
            let unit = unit.map(|unit| world.unit_now(unit, now));
            if let Some(place) = unit.and_then(|unit| places.get(&unit)) {
                usage.task_units.entry((*task, *place)).or_default().permits += 1;
            }
        }
    }
}

/// Functions that registers name, each with the units that answer for it. Platforms are read from devices.
fn functions(world: &World, usage: &mut Usage) {
    let now = usage.at;
    let registers = &world.registers;
    let mut put = |kind: &str, name: &str, entry: &Entry| {
        let function = format!("{kind}:{name}");
        usage.functions.insert(function.clone());
        if let Some(unit) = world.unit_of_entry(entry.id, now) {
            usage.units_of.entry(function).or_default().insert(unit);
        }
    };
    for (entry, system) in registers.nouns::<System>() {
        if entry.is_active() && system.remote {
            put("system", &entry.id.to_string(), entry);
        }
    }
    for (entry, _) in registers
        .nouns::<Service>()
        .filter(|(it, _)| it.is_active())
    {
        put("service", &entry.id.to_string(), entry);
    }
    for (entry, tool) in registers
        .nouns::<ConferenceTool>()
        .filter(|(it, _)| it.is_active())
    {
        let id = entry.id.to_string();
        put("tool", &id, entry);
        let version = tool.version.as_ref();
        if let Some(major) = version.and_then(|it| major(it.as_str())) {
            put("major", &format!("{id}={major}"), entry);
        }
    }
    for (entry, _) in registers
        .nouns::<Gateway>()
        .filter(|(it, _)| it.is_active())
    {
        put("gateway", &entry.id.to_string(), entry);
    }
    for (entry, line) in registers.nouns::<NetworkLine>() {
        if entry.is_active() && line.kind != LineKind::Internal {
            put("line", &entry.id.to_string(), entry);
        }
    }
    for (entry, medium) in registers.nouns::<Medium>().filter(|(it, _)| it.is_active()) {
        put("medium", medium.kind.code(), entry);
    }
}

fn unease(world: &World, usage: &mut Usage) {
    let (now, from) = (usage.at, usage.at.before(UNEASE_WITHIN));
    for (entry, concern) in world.registers.nouns::<Concern>() {
        let EntryId::Concern(id) = entry.id else {
            continue;
        };
        if entry.entered_at < from {
            continue;
        }
        let officer = entry.author.is_some_and(|author| {
            let mut posts = world.posts_held(author, entry.entered_at);
            posts.any(|(_, post)| post.roles.iter().any(|role| OFFICERS.contains(role)))
        });
        usage.concerns.push(ConcernSeen {
            id,
            task: concern.task,
            unit: world.unit_of_entry(entry.id, now),
            officer,
            at: entry.entered_at,
        });
    }
    for (entry, incident) in world.registers.nouns::<Incident>() {
        let EntryId::Incident(id) = entry.id else {
            continue;
        };
        if entry.entered_at < from {
            continue;
        }
        usage.incidents.push(IncidentSeen {
            id,
            unit: world.unit_of_entry(entry.id, now),
            grave: incident.leaked || incident.severity == Severity::High,
            at: entry.entered_at,
        });
    }
}

fn exceptions(world: &World, usage: &mut Usage) {
    let now = usage.at;
    let permits = world.permits.of_kind(PermitKind::Exception);
    for permit in permits.filter(|permit| permit.is_in_force(now)) {
        let from = world.exception_began(permit).unwrap_or(now);
        usage.exceptions.push(ExceptionSeen {
            permit: permit.id,
            unit: Some(world.unit_of_permit(permit, now)),
            days: u64::try_from(now.since(from).whole_days()).unwrap_or_default(),
            renewed: u64::from(world.exception_renewals(permit.id)),
        });
        let suppresses = permit
            .exception()
            .and_then(|it| Some((it.suppresses?, it.unit)));
        usage
            .suppressed
            .extend(suppresses.map(|(trigger, unit)| Suppression {
                permit: permit.id,
                trigger,
                unit,
            }));
    }
}

fn editions(world: &World, usage: &mut Usage) {
    if let Some(catalogue) = &world.catalogue {
        let edition = catalogue.version.clone();
        usage.editions.insert("catalogue".to_owned(), edition);
    }
    let rules = world.access_rules.last().map_or(0, |it| it.rules.version);
    usage
        .editions
        .insert("access-rules".to_owned(), rules.to_string());
}
