//! The list of devices.

use sekisho_domain::authorise::{Action, Denied, Subject};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::device::{Device, DeviceState};
use sekisho_domain::fact::{FactKind, FactValue, Seen};
use sekisho_domain::id::DeviceId;
use sekisho_domain::time::Timestamp;

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
    let visible = visible(ctx)?;
    let filter = Filter::from_code(&ctx.query("state").unwrap_or_default());
    let mut totals = [0_u32; 4];
    let mut chosen: Vec<(Device, Standing)> = Vec::new();
    for device in visible {
        let standing = Standing::of(ctx, device.id);
        totals[0] += 1;
        totals[standing.filter() as usize] += 1;
        if filter == Filter::All || standing.filter() == filter {
            chosen.push((device, standing));
        }
    }
    // What fails comes first; within that the order of enrolment.
    chosen.sort_by_key(|(device, standing)| (standing.grade(), device.ordinal));
    let total = chosen.len();
    let page_number: usize = ctx
        .query("page")
        .and_then(|n| n.parse().ok())
        .unwrap_or(1)
        .max(1);
    let first = (page_number - 1).saturating_mul(PER_PAGE).min(total);
    let shown = chosen.into_iter().skip(first).take(PER_PAGE);
    let items = shown
        .map(|(device, standing)| item(ctx, &device, standing))
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

/// The devices in use that the reader may see: all, those of the reader's units, or the own ones.
fn visible(ctx: &Ctx) -> Result<Vec<Device>, Fault> {
    let actor = ctx.actor()?;
    let app = &ctx.site.app;
    let in_use: Vec<Device> = {
        let world = app.world();
        world
            .devices
            .iter()
            .filter(|d| d.state != DeviceState::Retired)
            .cloned()
            .collect()
    };
    match app.authorise(&actor, Action::ReadDevice, Subject::Body) {
        Ok(_) => Ok(in_use),
        Err(Denied::OutOfReach) => {
            let may = |device: &Device| ctx.may(Action::ReadDevice, Subject::Device(device.id));
            Ok(in_use.into_iter().filter(may).collect())
        }
        Err(denied) => Err(Fault::denied(denied, Action::ReadDevice)),
    }
}

/// The results of a device that matter for the list.
struct Standing {
    failing: Vec<DeviceCheck>,
    unknown: Vec<DeviceCheck>,
    received_at: Option<Timestamp>,
}

impl Standing {
    fn of(ctx: &Ctx, device: DeviceId) -> Self {
        use sekisho_domain::posture::Standing as Known;
        let posture = ctx.site.app.posture();
        let mut standing = Self {
            failing: Vec::new(),
            unknown: Vec::new(),
            received_at: None,
        };
        for check in DeviceCheck::ALL {
            let known = posture.standing(device, check, ctx.now);
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

    fn grade(&self) -> u8 {
        self.filter() as u8
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
    let Ok(facts) = super::device::facts(ctx, device) else {
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
