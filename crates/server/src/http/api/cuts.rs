//! Cutting tunnels off over the API, and what was cut lately. A cut is an end and no ban, so that there is
//! nothing to lift: whoever still holds the permits connects again.

use sekisho_domain::access::{CutScope, KnownCut};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::{DeviceId, PersonId, TunnelSessionId};
use serde_json::{Value, json};

use super::call::Call;
use super::operation::{Done, Outcome};
use super::organisation::page;
use super::schema::{Schema, count, id, instant, object, one_of, text};
use crate::access::{CUT_REASON_MAX, CutFault};
use crate::http::fault::Fault;

pub(super) fn cut_schema() -> Schema {
    object([
        ("session", id(TunnelSessionId::PREFIX)),
        ("person", id(PersonId::PREFIX)),
        ("device", id(DeviceId::PREFIX)),
        ("scope", one_of(CutScope::CODES)),
        ("id", text()),
        ("at", instant()),
    ])
}

fn cut((session, known): &(TunnelSessionId, KnownCut)) -> Value {
    json!({
        "session": session,
        "person": known.person,
        "device": known.device,
        "scope": known.scope.code(),
        "id": known.scope.id(),
        "at": known.at.to_rfc3339(),
    })
}

/// The tunnels that were cut within eight days, as far as one may cut those of the person. Why, stands
/// on the pages.
pub(super) fn all(call: &Call<'_>) -> Done {
    let ctx = call.ctx;
    let all: Vec<(TunnelSessionId, KnownCut)> = {
        let world = ctx.site.app.world();
        let all = world.cuts.iter();
        all.map(|(session, known)| (session, known.clone()))
            .collect()
    };
    let may = |it: &KnownCut| ctx.may(Action::CutAccess, Subject::Person(it.person));
    let seen = all.into_iter().filter(|(_, known)| may(known));
    let seen: Vec<_> = seen.map(|it| (it.0, it)).collect();
    if seen.is_empty() {
        // Whoever may see nothing at all is told so, rather than that there is nothing.
        ctx.gate(Action::CutAccess, Subject::Body)?;
    }
    page(call, seen, cut)
}

pub(super) fn wanted_schema() -> Schema {
    object([
        ("scope", one_of(CutScope::CODES)),
        ("id", text()),
        (
            "reason",
            json!({ "type": "string", "minLength": 1, "maxLength": CUT_REASON_MAX }),
        ),
    ])
}

pub(super) fn done_schema() -> Schema {
    object([
        ("scope", one_of(CutScope::CODES)),
        ("id", text()),
        ("tunnels", count()),
    ])
}

/// Cuts off. Where nothing stands within the scope nothing is recorded, and that is no fault: what was
/// asked for is so.
pub(super) fn carry_out(call: &Call<'_>) -> Done {
    let mut members = call.members()?;
    let code = members.choice("scope", |code| {
        CutScope::CODES.into_iter().find(|it| *it == code)
    });
    let id = members.text("id");
    let scope = code.zip(id).and_then(|(code, id)| {
        let scope = CutScope::named(code, id);
        if scope.is_none() {
            members.wrong("id", "field.not-an-id");
        }
        scope
    });
    let reason = members.text("reason").map(str::trim);
    if reason.is_some_and(str::is_empty) {
        members.wrong("reason", "field.missing");
    }
    if reason.is_some_and(|it| it.chars().count() > CUT_REASON_MAX) {
        members.wrong("reason", "field.too-long");
    }
    members.end()?;
    let (Some(scope), Some(reason)) = (scope, reason) else {
        return Err(Fault::internal("members"));
    };
    let ctx = call.ctx;
    let app = &ctx.site.app;
    ctx.gate(Action::CutAccess, app.cut_subject(scope)?)?;
    let tunnels = match app.cut_off(&ctx.actor()?, scope, (call.person()?, reason)) {
        Ok(tunnels) => tunnels,
        Err(CutFault::Command(error)) if error.code() == "access.nothing-to-cut" => 0,
        Err(CutFault::Command(error)) => return Err(Fault::from(error).doing(Action::CutAccess)),
        Err(CutFault::Store(error)) => return Err(error.into()),
    };
    Ok(Outcome::found(json!({
        "scope": scope.code(),
        "id": scope.id(),
        "tunnels": tunnels,
    })))
}
