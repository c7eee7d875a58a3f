//! The device's side of a tunnel's session: it asks, asks again, and ends.

use axum::body::Bytes;
use axum::http::StatusCode;
use sekisho_domain::code::Param;
use sekisho_domain::id::TunnelSessionId;
use sekisho_protocol::tunnel::{
    PATH_TUNNEL, TunnelGrant, TunnelQuestion, TunnelRequest, TunnelResponse, TunnelState,
};
use serde::Serialize;

use super::super::ctx::{Answer, Ctx, json};
use super::super::fault::Fault;
use super::signed;
use crate::access::gateway::{bounded, told};
use crate::identity::tunnel_session::{
    self as sessions, Ended, POLL_EVERY, State, Unplaced, WireGuardKey,
};

/// `POST /agent/v1/tunnel`
pub(super) fn request(ctx: &Ctx, body: &Bytes) -> Answer {
    let asked: TunnelRequest =
        serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let key = WireGuardKey::parse(&asked.wireguard_key);
    let key = key.ok_or_else(|| Fault::bad("tunnel.key"))?;
    let speaker = signed::active(ctx, body)?;
    let wishes = &ctx.site.tunnel_wishes;
    let taken = wishes.take(speaker.device, ctx.now.as_millis());
    taken.map_err(|wait| Fault::too_many("tunnel.too-many", wait))?;
    let wish = sessions::request(&ctx.site.app, speaker.device, &key)?;
    let code = wish.code.text();
    answer(&TunnelResponse {
        session: wish.session,
        url: format!("{}/access/connect?code={code}", ctx.site.options.url()),
        user_code: code,
        code_until: wish.until,
        poll_every_seconds: POLL_EVERY,
    })
}

/// `POST /agent/v1/tunnel/{id}`
pub(super) fn state(ctx: &Ctx, body: &Bytes) -> Answer {
    let _: TunnelQuestion = serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let session = session(ctx, "")?;
    let speaker = signed::speaker(ctx, body)?;
    let (state, open) = sessions::state(&ctx.site.app, speaker.device, session)?;
    let ended = |why: Ended| TunnelState::Ended {
        why: why.code().to_owned(),
    };
    answer(&match (state, open) {
        (State::Waiting { until }, _) => TunnelState::Waiting {
            code_until: until,
            poll_every_seconds: POLL_EVERY,
        },
        (State::Ended(why), _) => ended(why),
        (State::Open { .. }, None) => ended(Ended::Over),
        (State::Open { until, .. }, Some(open)) => {
            let place = ctx.site.tunnel_places().place(&open)?;
            let app = &ctx.site.app;
            let book = app.access().rulebook();
            let who = (open.person, open.device);
            let left_out = app.left_out_now(open.session);
            let all = app.with_ground(|ground| told(&book, ground, who, left_out.as_ref()));
            let (systems, more_systems) = bounded(all);
            TunnelState::Open(TunnelGrant {
                expires_at: until,
                poll_every_seconds: POLL_EVERY,
                place,
                systems,
                more_systems,
            })
        }
    })
}

/// `POST /agent/v1/tunnel/{id}/end`
pub(super) fn end(ctx: &Ctx, body: &Bytes) -> Answer {
    let _: TunnelQuestion = serde_json::from_slice(body).map_err(|_| Fault::bad("agent.form"))?;
    let session = session(ctx, "/end")?;
    let speaker = signed::speaker(ctx, body)?;
    sessions::end(&ctx.site.app, speaker.device, session)?;
    answer(&TunnelState::Ended {
        why: Ended::ByDevice.code().to_owned(),
    })
}

/// The session that the path names.
fn session(ctx: &Ctx, end: &str) -> Result<TunnelSessionId, Fault> {
    let id = ctx
        .path
        .strip_prefix(PATH_TUNNEL)
        .and_then(|rest| rest.strip_prefix('/'))
        .and_then(|rest| rest.strip_suffix(end))
        .and_then(|id| id.parse().ok());
    id.ok_or_else(Fault::not_found)
}

fn answer(value: &impl Serialize) -> Answer {
    Ok(json(&serde_json::to_value(value).map_err(Fault::internal)?))
}

impl From<sessions::DeskError> for Fault {
    fn from(error: sessions::DeskError) -> Self {
        use sessions::DeskError::{Clock, KeyInUse, NoSuchCode, NoSuchSession, NotYours, Store};
        let status = match error {
            Store(error) => return error.into(),
            KeyInUse => StatusCode::CONFLICT,
            NoSuchCode | NoSuchSession => StatusCode::NOT_FOUND,
            NotYours => StatusCode::FORBIDDEN,
            Clock => StatusCode::SERVICE_UNAVAILABLE,
        };
        Self::new(status, error.code())
    }
}

impl From<Unplaced> for Fault {
    fn from(Unplaced(reason): Unplaced) -> Self {
        let mut fault = Self::new(StatusCode::SERVICE_UNAVAILABLE, &reason.code);
        for (name, value) in &reason.params {
            if let Param::Text(text) = value {
                fault = fault.with(name, text);
            }
        }
        fault
    }
}
