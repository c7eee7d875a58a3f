//! Suspending, resuming and retiring a device.

use axum::http::StatusCode;
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::code::Reason;
use sekisho_domain::command::Command;
use sekisho_domain::device::{Device, DeviceState};
use sekisho_domain::id::DeviceId;

use super::super::ctx::{Answer, Ctx, redirect};
use super::super::fault::Fault;
use super::super::form::Form;
use super::device::render;
use super::personal::Disclosure;
use super::{devices, sentence};
use crate::console::device_life::{LifeForms, reason_field, reasons};

/// What is wrong with what was entered, by field, as a sentence.
pub(super) type Wrong = Vec<(&'static str, String)>;

/// What the reader can do about the state of a device; none for whoever may not, and none once
/// it is retired.
pub(super) fn forms(ctx: &Ctx, device: &Device, wrong: Wrong) -> Result<Option<LifeForms>, Fault> {
    let retired = device.state == DeviceState::Retired;
    if retired || !ctx.may(Action::ChangeDevice, Subject::Device(device.id)) {
        return Ok(None);
    }
    Ok(Some(LifeForms {
        csrf: ctx.live()?.csrf(),
        id: device.id.to_string(),
        name: devices::name(ctx, device.id),
        state: device.state,
        wrong,
    }))
}

pub(in crate::http) fn suspend(ctx: &Ctx, form: &Form) -> Answer {
    change(ctx, form, DeviceState::Suspended)
}

pub(in crate::http) fn resume(ctx: &Ctx, form: &Form) -> Answer {
    change(ctx, form, DeviceState::Active)
}

pub(in crate::http) fn retire(ctx: &Ctx, form: &Form) -> Answer {
    change(ctx, form, DeviceState::Retired)
}

fn change(ctx: &Ctx, form: &Form, to: DeviceState) -> Answer {
    let id: DeviceId = ctx
        .parameter("id")
        .parse()
        .map_err(|_| Fault::not_found())?;
    // The gate comes first, so that nobody learns which ids exist.
    ctx.gate(Action::ChangeDevice, Subject::Device(id))?;
    let known = ctx.site.app.world().device(id).cloned();
    let known = known.ok_or_else(Fault::not_found)?;
    let reason = match entered(ctx, form, &known, to) {
        Ok(reason) => reason,
        Err(wrong) => {
            let mut response = render(ctx, &known, &Disclosure::Kept, wrong)?;
            *response.status_mut() = StatusCode::UNPROCESSABLE_ENTITY;
            return Ok(response);
        }
    };
    let command = Command::ChangeDevice {
        device: id,
        state: to,
        reason,
    };
    let app = &ctx.site.app;
    app.command_blocking(ctx.actor()?, command, Vec::new())?;
    app.judge_anew();
    Ok(redirect(&format!("/devices/{id}")))
}

/// The reason that goes into the record, or what is wrong.
fn entered(ctx: &Ctx, form: &Form, device: &Device, to: DeviceState) -> Result<Reason, Wrong> {
    let say = |code: &str| sentence(ctx.lang, code, &[]);
    let field = reason_field(to);
    let why = reasons(to).iter().find(|code| **code == form.get(field));
    let mut wrong = Vec::new();
    if why.is_none() {
        wrong.push((field, say("form.choose")));
    }
    if to == DeviceState::Retired {
        let typed = form.get("name").trim();
        if typed != devices::name(ctx, device.id) && typed != device.id.to_string() {
            wrong.push(("name", say("device.name-differs")));
        }
        if form.get("confirmed") != "yes" {
            wrong.push(("confirmed", say("form.confirm")));
        }
    }
    match why {
        Some(why) if wrong.is_empty() => Ok(Reason::new("device.by-officer").with("why", *why)),
        _ => Err(wrong),
    }
}
