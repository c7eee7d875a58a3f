//! Devices over the API.

use std::collections::BTreeSet;

use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::check::{DeviceCheck, Outcome as Found};
use sekisho_domain::code::Reason;
use sekisho_domain::command::Command;
use sekisho_domain::device::{Device, DeviceClass, DeviceState, StateSource};
use sekisho_domain::id::{DeviceId, PersonId, UnitId};
use sekisho_domain::posture::Standing;
use sekisho_rules::check::lacking;
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::schema::{Schema, id, instant, list, object, one_of, or_null, text};
use crate::console::device_life::reasons;
use crate::http::fault::Fault;

const STATES: [(DeviceState, &str); 3] = [
    (DeviceState::Active, "active"),
    (DeviceState::Suspended, "suspended"),
    (DeviceState::Retired, "retired"),
];

fn state(of: DeviceState) -> &'static str {
    let found = STATES.iter().find(|(state, _)| *state == of);
    found.map_or("", |(_, code)| code)
}

pub(super) fn device_schema() -> Schema {
    object([
        ("id", id(DeviceId::PREFIX)),
        (
            "class",
            one_of([DeviceClass::Issued, DeviceClass::Byod].map(DeviceClass::code)),
        ),
        ("state", one_of(STATES.map(|(_, code)| code))),
        (
            "source",
            one_of([StateSource::Observed, StateSource::Declared].map(StateSource::code)),
        ),
        ("unit", id(UnitId::PREFIX)),
        ("user", or_null(id(PersonId::PREFIX))),
    ])
}

fn device(known: &Device) -> Value {
    json!({
        "id": known.id,
        "class": known.class.code(),
        "state": state(known.state),
        "source": known.source.code(),
        "unit": known.unit,
        "user": known.user,
    })
}

pub(super) fn devices(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<Device> = ctx.site.app.world().devices.clone();
    let may = |one: &Device| ctx.may(Action::ReadDevice, Subject::Device(one.id));
    let seen: Vec<_> = all.into_iter().filter(may).map(|it| (it.id, it)).collect();
    if seen.is_empty() {
        ctx.gate(Action::ReadDevice, Subject::Body)?;
    }
    let (items, next) = call.page()?.of(seen)?;
    let items: Vec<Value> = items.iter().map(device).collect();
    Ok(Outcome::found(json!({ "items": items, "next": next })))
}

pub(super) fn device_with_checks_schema() -> Schema {
    let check = object([
        ("check", one_of(DeviceCheck::ALL.map(DeviceCheck::code))),
        ("outcome", text()),
        ("reason", text()),
        ("observed_at", or_null(instant())),
        ("fresh_until", or_null(instant())),
    ]);
    object([
        ("device", super::schema::component("Device")),
        ("checks", list(check)),
    ])
}

pub(super) fn one_device(call: &Call<'_>) -> Done {
    let wanted: DeviceId = call.in_path("id")?;
    call.ctx.gate(Action::ReadDevice, Subject::Device(wanted))?;
    let app = &call.ctx.site.app;
    let known = app.world().device(wanted).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    let posture = app.posture();
    let check = |check: DeviceCheck| {
        let (outcome, reason, times) = match posture.standing(wanted, check, call.ctx.now) {
            Standing::Fresh(outcome, reason, times) => (outcome, reason.clone(), Some(times)),
            Standing::Stale(times) => {
                let why = Reason::new(lacking(check, known.source, true));
                (Found::Unknown, why, Some(times))
            }
            Standing::Absent => {
                let why = Reason::new(lacking(check, known.source, false));
                (Found::Unknown, why, None)
            }
        };
        json!({
            "check": check.code(),
            "outcome": outcome,
            "reason": reason.code,
            "observed_at": times.map(|times| times.observed_at.to_rfc3339()),
            "fresh_until": times.map(|times| times.fresh_until.to_rfc3339()),
        })
    };
    let told = DeviceCheck::ALL.into_iter();
    let told = told.filter(|check| check.is_told_by(known.source));
    let checks: Vec<Value> = told.map(check).collect();
    Ok(Outcome::found(
        json!({ "device": device(&known), "checks": checks }),
    ))
}

pub(super) fn change_schema() -> Schema {
    let reasons = STATES.map(|(state, _)| reasons(state)).concat();
    object([
        ("state", one_of(STATES.map(|(_, code)| code))),
        ("reason", one_of(BTreeSet::from_iter(reasons))),
    ])
}

/// Suspends, resumes or retires a device.
pub(super) fn change(call: &Call<'_>) -> Done {
    let wanted: DeviceId = call.in_path("id")?;
    let mut members = call.members()?;
    let to = members.choice("state", |code| {
        STATES
            .iter()
            .find(|(_, known)| *known == code)
            .map(|(state, _)| *state)
    });
    let why = members.choice("reason", |code| {
        let known = to.map(reasons).unwrap_or_default();
        known.iter().find(|known| **known == code).copied()
    });
    members.end()?;
    call.ctx
        .gate(Action::ChangeDevice, Subject::Device(wanted))?;
    let (Some(to), Some(why)) = (to, why) else {
        return Err(Fault::internal("members"));
    };
    call.command(Command::ChangeDevice {
        device: wanted,
        state: to,
        reason: Reason::new("device.by-officer").with("why", why),
    })?;
    call.ctx.site.app.judge_anew();
    let known = call.ctx.site.app.world().device(wanted).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    Ok(Outcome::found(device(&known)))
}
