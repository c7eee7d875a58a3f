//! Tunnels for the page.

use std::collections::HashMap;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_domain::id::{LineId, SystemId};
use sekisho_domain::register::Gateway;
use sekisho_domain::time::Timestamp;
use sekisho_messages::{t, text};
use sekisho_protocol::access_table::SHARED_PLACE;
use sekisho_store::observations::{TunnelSession, TunnelsOf};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::{device, entry_name, person, system};
use crate::access::LiveTunnel;
use crate::access::gateway::Openness;
use crate::console::access::{Reaching, TunnelView};
use crate::console::components::csrf_field;

/// How a tunnel can be ended from where it is shown.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Among those of others.
    Among,
    /// On the page of whose it is.
    Own,
}

/// What the observations hold of a session: over which line, how much, when last.
#[derive(Default)]
struct Used {
    session: Option<TunnelSession>,
    systems: HashMap<String, u64>,
}

fn used(ctx: &Ctx, tunnel: &LiveTunnel) -> Result<Used, Fault> {
    let observations = ctx.site.app.observations();
    let id = tunnel.open.session.to_string();
    let of = TunnelsOf::Session(&id);
    let period = (tunnel.open.confirmed_at.as_millis(), i64::MAX);
    let session = observations.tunnel_sessions(of, period, 1)?.pop();
    let mut systems = HashMap::new();
    for it in observations.tunnel_uses(of, period, 500)? {
        *systems.entry(it.system).or_default() += it.bytes;
    }
    Ok(Used { session, systems })
}

/// The view of a tunnel.
pub(super) fn view(ctx: &Ctx, tunnel: &LiveTunnel, shown: Shown) -> Result<TunnelView, Fault> {
    let open = &tunnel.open;
    let used = used(ctx, tunnel)?;
    let gateway = tunnel.gateway.and_then(|id| {
        let known = ctx
            .site
            .app
            .world()
            .registers
            .get::<Gateway>(id)
            .map(|(_, it)| it.clone());
        known.map(|it| (it.name.as_str().to_owned(), entry_name(ctx, it.line.into())))
    });
    let others = shown == Shown::Among;
    let left_out = tunnel.left_out.as_ref();
    let reaches = ctx.site.app.reached_now(open.person, open.device, left_out);
    let reaches = reaches.into_iter().map(|(id, openness)| Reaching {
        system: system(ctx, id, others),
        in_part: in_part(ctx, &openness),
        bytes: bytes_of(&used, id),
    });
    let over = used.session.as_ref().and_then(|it| it.line.as_ref());
    let over = over.and_then(|it| it.parse::<LineId>().ok());
    let stored = used.session.as_ref();
    Ok(TunnelView {
        person: person(ctx, open.person),
        device: device(ctx, open.device),
        gateway,
        over: over.map(|line| entry_name(ctx, line.into())),
        reaches: reaches.collect(),
        left_out: left_out
            .map(|it| text(ctx.lang, format!("error.{}.what", it.code), &[]).into_owned()),
        shared: bytes_of(&used, SHARED_PLACE),
        since: open.confirmed_at,
        until: open.until,
        handshake_at: tunnel
            .path
            .handshake_at
            .or_else(|| stored?.handshake_at.map(Timestamp::from_millis)),
        rate: tunnel.path.rate,
        bytes: stored.map(|it| (it.received_bytes, it.sent_bytes)),
        end: end(ctx, tunnel, shown)?,
    })
}

/// That a system is open in part only, and why.
pub(super) fn in_part(ctx: &Ctx, openness: &Openness) -> Option<String> {
    let Openness::InPart(why) = openness else {
        return None;
    };
    let said = t!(ctx.lang, "access-page.in_part");
    Some(format!("{said} {}", text(ctx.lang, why, &[])))
}

fn bytes_of(used: &Used, system: SystemId) -> Option<u64> {
    used.systems.get(&system.to_string()).copied()
}

/// What ends it: the person's own button, or the way to the question of the cut.
fn end(ctx: &Ctx, tunnel: &LiveTunnel, shown: Shown) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let session = tunnel.open.session;
    Ok(match shown {
        Shown::Own => markup! {
            form method="post" action="/access/mine/end" {
                (csrf_field(&ctx.live()?.csrf()))
                input type="hidden" name="session" value=(session);
                button class="button button--secondary" type="submit" { (t!(lang, "access-page.end_own")) }
            }
        },
        Shown::Among => {
            let may = ctx.may(Action::CutAccess, Subject::Person(tunnel.open.person));
            markup! {
                @if may { a href={ "/access/cut/session/" (session) } { (t!(lang, "access-page.cut")) } }
                @else { span class="muted" { "–" } }
            }
        }
    })
}
