//! What registers, permits and checks say of use: tasks, functions, unease, exceptions, editions.

use std::collections::{BTreeMap, BTreeSet};

use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{Device, DeviceState, StateSource};
use sekisho_domain::feed::FeedKind;
use sekisho_domain::id::{PersonId, TaskId};
use sekisho_domain::permit::{Particulars, PermitKind};
use sekisho_domain::plan::{Feed, PlanContent};
use sekisho_domain::posture::{Posture, Standing};
use sekisho_domain::register::incident::Severity;
use sekisho_domain::register::line::LineKind;
use sekisho_domain::register::task::TaskState;
use sekisho_domain::register::{
    Concern, ConferenceTool, Entry, EntryId, Gateway, Incident, Medium, NetworkLine, Service,
    System, Task,
};
use sekisho_domain::role::Role;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::world::World;
use sekisho_rules::trigger::{
    CheckShare, ConcernSeen, ExceptionSeen, IncidentSeen, Suppression, TaskNow, Usage,
};

use super::platforms::major;
use crate::app::App;

/// How far back reports of unease and incidents are looked at.
const UNEASE_WITHIN: Span = Span::days(90);
/// The roles whose word alone calls for a reassessment.
const OFFICERS: [Role; 4] = [Role::Diso, Role::Isso, Role::PromotionBody, Role::Csirt];
/// The reason of a result where a vulnerability is being exploited.
const EXPLOITED: &str = "advisory.exploited";
/// Of at most so many per thousand devices nothing may be seen for checks to be measured.
const UNSEEN: u64 = 100;

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

/// Checks over all devices, and what runs remote access with a vulnerability that is being exploited.
pub(super) fn read_devices(app: &App, usage: &mut Usage) {
    let world = app.world();
    let posture = app.posture();
    checks(&world, &posture, usage);
    exploited(&world, &posture, usage);
}

/// What a fresh result of a check of a device says: that it fails, or that it was seen to pass. A word that all is
/// well is no measurement, and thins out nothing that was seen to fail.
fn measured<'a>(
    posture: &'a Posture,
    device: &Device,
    check: DeviceCheck,
    now: Timestamp,
) -> Option<(Outcome, &'a Reason)> {
    let Standing::Fresh(outcome, reason, _) = posture.standing(device.id, check, now) else {
        return None;
    };
    let is_measured = match outcome {
        Outcome::Fail => true,
        Outcome::Pass => device.source == StateSource::Observed,
        Outcome::Unknown => false,
    };
    is_measured.then_some((outcome, reason))
}

fn checks(world: &World, posture: &Posture, usage: &mut Usage) {
    let active = world.devices.iter();
    let active = active.filter(|it| it.state == DeviceState::Active);
    let mut counts = [(0u64, 0u64); DeviceCheck::COUNT];
    let (mut devices, mut unseen) = (0u64, 0u64);
    for device in active {
        devices += 1;
        let mut is_seen = false;
        for check in DeviceCheck::ALL {
            if let Some((outcome, _)) = measured(posture, device, check, usage.at) {
                let (failing, known) = &mut counts[check.column()];
                *failing += u64::from(outcome == Outcome::Fail);
                *known += 1;
                is_seen = true;
            }
        }
        unseen += u64::from(!is_seen);
    }
    let known = DeviceCheck::ALL
        .iter()
        .map(|check| (*check, counts[check.column()]));
    let shares = known.filter(|(_, (_, known))| *known > 0);
    usage.checks = shares
        .map(|(check, (failing, known))| CheckShare {
            check,
            share: failing * 1000 / known,
        })
        .collect();
    // A tenth of all devices that fail is told: so many of which nothing is seen may be that tenth.
    if unseen * 1000 > devices * UNSEEN {
        usage.missing.insert(Feed::Checks);
    }
}

fn exploited(world: &World, posture: &Posture, usage: &mut Usage) {
    let now = usage.at;
    let mut fresh = world.feeds.values().filter(|it| it.kind == FeedKind::Kev);
    if !fresh.any(|feed| feed.is_fresh(now)) {
        usage.missing.insert(Feed::Exploited);
    }
    for (entry, gateway) in world.registers.nouns::<Gateway>() {
        let device = gateway.device.and_then(|id| world.device(id));
        let device = device.filter(|it| it.state == DeviceState::Active);
        let looked =
            device.and_then(|device| measured(posture, device, DeviceCheck::Advisories, now));
        match looked {
            // Of a gateway that nobody looks at nobody knows.
            None => {
                usage.missing.insert(Feed::Exploited);
            }
            Some((Outcome::Fail, reason)) if reason.code == EXPLOITED => {
                usage.exploited.insert(entry.id.to_string());
            }
            Some(_) => {}
        }
    }
}
