//! One device.

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::{DeviceCheck, Outcome};
use sekisho_domain::code::Reason;
use sekisho_domain::device::{Device, DeviceClass, DeviceState};
use sekisho_domain::fact::Fact;
use sekisho_domain::id::DeviceId;
use sekisho_domain::posture::Standing;
use sekisho_domain::register::Register;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{next_step, text};
use sekisho_rules::assess::checks_of;
use sekisho_rules::catalogue::{Row, Subjects};
use sekisho_rules::check::lacking;
use sekisho_rules::reason::next_step as step_of;

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::personal::{self, Disclosure};
use super::{device_inside, device_life, person_name, unit_name};
use crate::console::device::{CheckItem, DeviceView, page};
use crate::console::layout::Place;
use crate::console::words;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let device = asked(ctx)?;
    render(ctx, &device, &Disclosure::Kept, Vec::new())
}

/// The device that is asked for, where the reader may see it.
pub(super) fn asked(ctx: &Ctx) -> Result<Device, Fault> {
    let id: DeviceId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    // The gate comes first, so that nobody learns which ids exist.
    ctx.gate(Action::ReadDevice, Subject::Device(id))?;
    let known = ctx.site.app.world().device(id).cloned();
    known.ok_or_else(Fault::not_found)
}

/// The page, with or without the personal observations, and with what is wrong in the forms of
/// the device's state.
pub(super) fn render(
    ctx: &Ctx,
    known: &Device,
    disclosure: &Disclosure,
    wrong: device_life::Wrong,
) -> Answer {
    let (app, id) = (&ctx.site.app, known.id);
    let user = known.user.filter(|user| {
        let own = ctx
            .session
            .as_ref()
            .is_some_and(|live| live.person == *user);
        own || ctx.may(Action::ReadDirectory, Subject::Person(*user))
    });
    let not_active = match known.state {
        DeviceState::Active => None,
        DeviceState::Suspended => Some(text(ctx.lang, "device.suspended", &[]).into_owned()),
        DeviceState::Retired => Some(text(ctx.lang, "device.retired", &[]).into_owned()),
    };
    let reported = app.observations().last_report(&id.to_string())?;
    let unit = unit_name(&app.world(), known.unit);
    let personal = personal::part(ctx, known, disclosure)?;
    let mut facts = facts(ctx, id)?;
    facts.retain(|fact| !(personal.hidden && fact.observation.seen.kind().is_personal()));
    let view = DeviceView {
        id: id.to_string(),
        name: super::devices::name(ctx, id),
        class: known.class,
        unit,
        user: user.and_then(|user| person_name(ctx, user)),
        not_active,
        enrolled_at: known.enrolled_at,
        reported_at: reported.map(|report| Timestamp::from_millis(report.received_at)),
        key: sekisho_ledger::Digest::of(known.key.as_str().as_bytes()).to_string(),
        source: known.source,
        checks: DeviceCheck::ALL
            .into_iter()
            .filter(|check| check.is_told_by(known.source))
            .map(|check| check_item(ctx, known, check))
            .collect(),
        inside: device_inside::view(ctx, id)?,
        facts,
        personal,
        life: device_life::forms(ctx, known, wrong)?,
        register: register(ctx, known),
        all_packages: ctx.query("packages").as_deref() == Some("all"),
    };
    let mut frame = ctx.frame(Place::Devices);
    // What was disclosed to this very request must not be asked for again behind the reader's
    // back, and what is being written must not be swept away.
    let writes = view.personal.form.is_some() || view.life.is_some();
    frame.live = !writes && matches!(disclosure, Disclosure::Kept);
    // Forms answer under paths of their own, which cannot be asked for.
    if ctx.path.trim_start_matches("/devices/").contains('/') {
        frame.path = format!("/devices/{id}");
    }
    Ok(html(page(&frame, &view)))
}

/// The device's entry in its register, or the way to enter it.
fn register(ctx: &Ctx, known: &Device) -> Option<(String, String)> {
    let register = match known.class {
        DeviceClass::Issued => Register::IssuedDevice,
        DeviceClass::Byod => Register::ByodDevice,
    };
    let code = register.code();
    if ctx.site.app.world().registers.entry(known.id).is_some() {
        let label = text(ctx.lang, "register.of_device", &[]);
        return Some((
            label.into_owned(),
            format!("/registers/{code}/{}", known.id),
        ));
    }
    let may = ctx.may(register.enter(), Subject::Unit(known.unit));
    let label = text(ctx.lang, "register.enter_device", &[]);
    may.then(|| {
        let href = format!("/registers/{code}/new?device={}", known.id);
        (label.into_owned(), href)
    })
}

/// Whether a row's subjects include devices of a class.
fn speaks_of(row: &Row, class: DeviceClass) -> bool {
    match row.scope {
        Subjects::Devices => true,
        Subjects::IssuedDevices => class == DeviceClass::Issued,
        Subjects::ByodDevices => class == DeviceClass::Byod,
        Subjects::Body | Subjects::Units => false,
    }
}

/// The rows in force that rest on a check of a device of a class.
fn requirements(ctx: &Ctx, check: DeviceCheck, class: DeviceClass) -> Vec<String> {
    let Some((profile, opted)) = ctx
        .site
        .app
        .world()
        .organisation
        .as_ref()
        .map(|known| (known.profile, known.clauses_opted_in))
    else {
        return Vec::new();
    };
    let rests_on = |row: &&Row| {
        let mut checks = row.checks().filter_map(checks_of);
        checks.any(|checks| checks.contains(&check))
    };
    ctx.site
        .catalogue
        .rows()
        .iter()
        .filter(|row| speaks_of(row, class) && row.judged_by(profile, opted))
        .filter(rests_on)
        .map(|row| row.id.to_string())
        .collect()
}

fn check_item(ctx: &Ctx, device: &Device, check: DeviceCheck) -> CheckItem {
    let posture = ctx.site.app.posture();
    let standing = posture.standing(device.id, check, ctx.now);
    let (why, times) = match standing {
        Standing::Fresh(_, why, times) => (why.clone(), Some(times)),
        Standing::Stale(times) => (
            Reason::new(lacking(check, device.source, true)),
            Some(times),
        ),
        Standing::Absent => (Reason::new(lacking(check, device.source, false)), None),
    };
    let outcome = standing.outcome();
    let step = step_of(&why);
    CheckItem {
        check,
        outcome,
        reason: words::reason(ctx.lang, &why),
        next_step: (outcome != Outcome::Pass && step.code != "nothing")
            .then(|| next_step(ctx.lang, &step)),
        received_at: times.map(|times| times.received_at),
        fresh_until: times.map(|times| times.fresh_until),
        requirements: requirements(ctx, check, device.class),
    }
}

/// The newest facts of a device.
pub(in crate::http) fn facts(ctx: &Ctx, device: DeviceId) -> Result<Vec<Fact>, Fault> {
    Ok(crate::assessor::facts_of(&ctx.site.app, device)?)
}
