//! The person's side of a tunnel: enter the code that the device shows, see which device it is,
//! say yes or no.

use axum::http::StatusCode;

use super::super::ctx::{Answer, Ctx, html};
use super::super::fault::Fault;
use super::super::form::Form;
use super::{devices, sentence, unit_name};
use crate::console::connect::{self, Asked, Said};
use crate::console::layout::Place;
use crate::identity::tunnel_session::{self as sessions, DeskError, UserCode, Waiting};

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    ctx.live()?;
    let entered = ctx.query("code").unwrap_or_default();
    if entered.trim().is_empty() {
        return Ok(enter(ctx, "", None));
    }
    match find(ctx, &entered)? {
        Ok((code, waits)) => ask(ctx, &code, &waits),
        Err(error) => again(ctx, &entered, error),
    }
}

pub(in crate::http) fn answer(ctx: &Ctx, form: &Form) -> Answer {
    let live = ctx.live()?;
    let entered = form.get("code");
    let code = match find(ctx, entered)? {
        Ok((code, _)) => code,
        Err(error) => return again(ctx, entered, error),
    };
    let app = &ctx.site.app;
    let (done, said) = match form.get("answer") {
        "yes" => {
            let who = (live.account, live.person);
            (sessions::confirm(app, &code, who, live.token), Said::Yes)
        }
        "no" => (sessions::refuse(app, &code, live.person), Said::No),
        _ => return Err(Fault::bad("form.choose")),
    };
    match done {
        Ok(waits) => {
            let name = devices::name(ctx, waits.device);
            let frame = ctx.frame(Place::Devices);
            Ok(html(connect::said(&frame, said, &name)))
        }
        Err(error) => again(ctx, entered, error),
    }
}

/// What waits under a code that was entered; so many tries for one person.
fn find(ctx: &Ctx, entered: &str) -> Result<Result<(UserCode, Waiting), DeskError>, Fault> {
    let person = ctx.live()?.person;
    let taken = ctx.site.tunnel_codes.take(person, ctx.now.as_millis());
    taken.map_err(|wait| Fault::too_many("tunnel.too-many", wait))?;
    let Some(code) = UserCode::parse(entered) else {
        return Ok(Err(DeskError::NoSuchCode));
    };
    let found = sessions::waiting(&ctx.site.app, &code, person);
    Ok(found.map(|waits| (code, waits)))
}

fn ask(ctx: &Ctx, code: &UserCode, waits: &Waiting) -> Answer {
    let (unit, class) = {
        let world = ctx.site.app.world();
        let known = world.device(waits.device).ok_or_else(Fault::not_found)?;
        (unit_name(&world, known.unit), known.class)
    };
    let asked = Asked {
        csrf: ctx.live()?.csrf(),
        code: code.text(),
        device: devices::name(ctx, waits.device),
        id: waits.device.to_string(),
        class,
        unit,
        requested_at: waits.requested_at,
    };
    Ok(html(connect::ask(&ctx.frame(Place::Devices), &asked)))
}

fn enter(ctx: &Ctx, entered: &str, wrong: Option<String>) -> axum::response::Response {
    let shown = UserCode::parse(entered).map_or_else(String::new, |code| code.text());
    let frame = ctx.frame(Place::Devices);
    html(connect::enter(&frame, &shown, wrong.as_deref()))
}

/// The form once more, with what is wrong. A fault of ours is a page of its own.
fn again(ctx: &Ctx, entered: &str, error: DeskError) -> Answer {
    let status = match error {
        DeskError::NoSuchCode | DeskError::NotYours => StatusCode::UNPROCESSABLE_ENTITY,
        error => return Err(error.into()),
    };
    let wrong = sentence(ctx.lang, error.code(), &[]);
    let mut response = enter(ctx, entered, Some(wrong));
    *response.status_mut() = status;
    Ok(response)
}
