//! The list of devices.

use std::collections::{BTreeSet, HashSet};

use sekisho_domain::authorise::{Action, Denied, Subject, reached};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{Device, DeviceState};
use sekisho_domain::fact::{FactKind, FactValue, Seen};
use sekisho_domain::id::{DeviceId, UnitId};
use sekisho_domain::register::EntryId;
use sekisho_domain::time::Timestamp;
use sekisho_domain::world::World;

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::organisation::somewhere;
use super::{person_name, unit_name};
use crate::console::components::Pages;
use crate::console::devices::{DeviceItem, Devices, Filter, page};
use crate::console::layout::Place;

/// Devices on one page of the list.
const PER_PAGE: usize = 50;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let filter = Filter::from_code(&ctx.query("state").unwrap_or_default());
    let graded = graded(ctx)?;
    let mut totals = [0_u32; 4];
    for (grade, _) in &graded {
        totals[0] += 1;
        totals[*grade as usize] += 1;
    }
    // What fails comes first; within that the order of enrolment, which is that of the list.
    let order = [Filter::Failing, Filter::Unknown, Filter::Sound];
    let wanted = order.into_iter();
    let wanted = wanted.filter(|grade| filter == Filter::All || *grade == filter);
    let total = totals[filter as usize] as usize;
    let chosen = wanted.flat_map(|grade| graded.iter().filter(move |(it, _)| *it == grade));
    let page_number: usize = ctx
        .query("page")
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
        .max(1);
    let first = (page_number - 1).saturating_mul(PER_PAGE).min(total);
    let shown: Vec<Device> = {
        let world = ctx.site.app.world();
        let shown = chosen.skip(first).take(PER_PAGE);
        let shown = shown.filter_map(|(_, ordinal)| world.devices.get(*ordinal as usize));
        shown.cloned().collect()
    };
    let items = shown
        .iter()
        .map(|device| item(ctx, device, Standing::of(ctx, device)))
        .collect::<Result<Vec<_>, _>>()?;
    let pages = pages(filter, page_number, first, items.len(), total);
    Ok(html(page(
        &ctx.live_frame(Place::Devices),
        &Devices {
            filter,
            totals,
            items,
            pages,
            may_invite: somewhere(ctx, Action::EnrolDevice),
        },
    )))
}

fn pages(filter: Filter, number: usize, first: usize, shown: usize, total: usize) -> Option<Pages> {
    let href = |page: usize| format!("/devices?state={}&page={page}", filter.code());
    (total > PER_PAGE).then(|| Pages {
        previous: (number > 1).then(|| href(number - 1)),
        next: (first + shown < total).then(|| href(number + 1)),
        first: first as u64 + 1,
        last: (first + shown) as u64,
        total: total as u64,
    })
}

/// How each device in use stands that the reader may see (all, those of the reader's units, the own
/// ones), with its place in the order of enrolment. The gate's table is asked once for all of them.
fn graded(ctx: &Ctx) -> Result<Vec<(Filter, u32)>, Fault> {
    let actor = ctx.actor()?;
    let denied = match ctx
        .site
        .app
        .authorise(&actor, Action::ReadDevice, Subject::Body)
    {
        Err(denied @ Denied::OutOfReach) => Some(denied),
        Err(denied) => return Err(Fault::denied(denied, Action::ReadDevice)),
        Ok(_) => None,
    };
    let person = ctx.session.as_ref().map(|live| live.person);
    let (world, posture) = (ctx.site.app.world(), ctx.site.app.posture());
    let reached = reached(&world, &actor, Action::ReadDevice, ctx.now);
    let in_use = |device: &&Device| device.state != DeviceState::Retired;
    let graded = |device: &Device| {
        let outcome = posture.gravest(device.id, ctx.now);
        (graded_as(outcome), device.ordinal)
    };
    if denied.is_none() {
        return Ok(world.devices.iter().filter(in_use).map(graded).collect());
    }
    let mut units = HashSet::new();
    for unit in &reached.units {
        units.extend(world.units_within(*unit, ctx.now));
    }
    let mut seen = devices_in(&world, &units, ctx.now);
    if reached.own {
        let own = world.devices.iter();
        let own = own.filter(|device| device.user.is_some() && device.user == person);
        seen.extend(own.map(|device| device.ordinal));
    }
    let seen = seen.into_iter();
    let seen = seen.filter_map(|ordinal| world.devices.get(ordinal as usize));
    Ok(seen.filter(in_use).map(graded).collect())
}

/// The devices for which some units answer, by their places in the order of enrolment.
fn devices_in(world: &World, units: &HashSet<UnitId>, now: Timestamp) -> BTreeSet<u32> {
    // What was put into a unit that was abolished may have followed anywhere.
    let gone = world.units.keys().copied();
    let gone = gone.filter(|unit| !world.unit_in_force(*unit, now));
    let asked: HashSet<UnitId> = units.iter().copied().chain(gone).collect();
    if asked.is_empty() {
        return BTreeSet::new();
    }
    let entered = asked.iter().flat_map(|unit| world.registers.of_unit(*unit));
    let entered = entered.filter_map(|entry| match entry.id {
        EntryId::Device(device) => world.device(device),
        _ => None,
    });
    let enrolled = world.devices.iter();
    let enrolled = enrolled.filter(|device| asked.contains(&device.unit));
    let answers = |device: &&Device| {
        let unit = world.unit_of_entry(device.id.into(), now);
        unit.is_some_and(|unit| units.contains(&unit))
    };
    let all = entered.chain(enrolled).filter(answers);
    all.map(|device| device.ordinal).collect()
}

const fn graded_as(gravest: Outcome) -> Filter {
    match gravest {
        Outcome::Fail => Filter::Failing,
        Outcome::Unknown => Filter::Unknown,
        Outcome::Pass => Filter::Sound,
    }
}

/// The results of a device that matter for the list.
struct Standing {
    failing: Vec<DeviceCheck>,
    unknown: Vec<DeviceCheck>,
    received_at: Option<Timestamp>,
}

impl Standing {
    fn of(ctx: &Ctx, device: &Device) -> Self {
        use sekisho_domain::posture::Standing as Known;
        let posture = ctx.site.app.posture();
        let mut standing = Self {
            failing: Vec::new(),
            unknown: Vec::new(),
            received_at: None,
        };
        let all = DeviceCheck::ALL.into_iter();
        for check in all.filter(|check| check.is_told_by(device.source)) {
            let known = posture.standing(device.id, check, ctx.now);
            match known.outcome() {
                Outcome::Fail => standing.failing.push(check),
                Outcome::Unknown => standing.unknown.push(check),
                Outcome::Pass => {}
            }
            if let Known::Fresh(_, _, times) | Known::Stale(times) = known {
                standing.received_at = standing.received_at.max(Some(times.received_at));
            }
        }
        standing
    }

    fn filter(&self) -> Filter {
        match (self.failing.is_empty(), self.unknown.is_empty()) {
            (false, _) => Filter::Failing,
            (true, false) => Filter::Unknown,
            (true, true) => Filter::Sound,
        }
    }
}

fn item(ctx: &Ctx, device: &Device, standing: Standing) -> Result<DeviceItem, Fault> {
    let app = &ctx.site.app;
    let stated = stated(ctx, device.id);
    let reported = app.observations().last_report(&device.id.to_string())?;
    let user = device
        .user
        .filter(|user| ctx.may(Action::ReadDirectory, Subject::Person(*user)));
    let unit = unit_name(&app.world(), device.unit);
    Ok(DeviceItem {
        id: device.id.to_string(),
        name: stated.0.unwrap_or_else(|| device.id.to_string()),
        class: device.class,
        source: device.source,
        unit,
        user: user.and_then(|user| person_name(ctx, user)),
        system: stated.1,
        outcome: match standing.filter() {
            Filter::Failing => Outcome::Fail,
            Filter::Unknown => Outcome::Unknown,
            Filter::All | Filter::Sound => Outcome::Pass,
        },
        failing: standing.failing,
        unknown: standing.unknown,
        reported_at: reported
            .map(|report| Timestamp::from_millis(report.received_at))
            .max(standing.received_at),
    })
}

/// A device's name as it states it; else its id.
pub(in crate::http) fn name(ctx: &Ctx, device: DeviceId) -> String {
    stated(ctx, device).0.unwrap_or_else(|| device.to_string())
}

/// Host name and operating system as the device states them.
fn stated(ctx: &Ctx, device: DeviceId) -> (Option<String>, Option<String>) {
    let (mut name, mut system) = (None, None);
    // Two kinds alone: the packages of a device are thousands.
    let kinds = [FactKind::MachineIdentity, FactKind::OsRelease];
    let Ok(facts) = crate::assessor::facts_of_kinds(&ctx.site.app, device, kinds) else {
        return (name, system);
    };
    for fact in facts {
        match (fact.observation.seen.kind(), fact.observation.seen) {
            (FactKind::MachineIdentity, Seen::Value(FactValue::MachineIdentity(identity))) => {
                name = Some(identity.host_name);
            }
            (FactKind::OsRelease, Seen::Value(FactValue::OsRelease(os))) => {
                system = Some(os.pretty)
            }
            _ => {}
        }
    }
    (name, system)
}
