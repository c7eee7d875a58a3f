//! A device at internal lines, on its page.

use sekisho_domain::id::{DeviceId, PermitId};

use super::super::ctx::Ctx;
use super::super::fault::Fault;
use super::access::answered::answered;
use super::access::entry_name;
use crate::access::inside::AtLines;
use crate::console::device_inside::{InsideView, NowView};

/// How it stands; none where no line asks before it lets devices on.
pub(super) fn view(ctx: &Ctx, device: DeviceId) -> Result<Option<InsideView>, Fault> {
    let found = ctx.site.app.at_lines(device, ctx.now)?;
    Ok(found.map(|it| {
        let last = it.last.as_ref();
        InsideView {
            last: last.map(|last| (last.outcome, last.at)),
            line: last
                .and_then(|last| last.line)
                .map(|id| entry_name(ctx, id.into())),
            place: last.and_then(|last| {
                let place = last.place.as_ref()?;
                Some((place.switch.to_string(), place.port.clone()))
            }),
            answer: now(ctx, &it),
            taken_out: it.taken_out.and_then(|permit| number(ctx, permit)),
            outing: it.outing,
            inspection: it.inspection,
        }
    }))
}

/// The number of a permit that was given.
fn number(ctx: &Ctx, permit: PermitId) -> Option<String> {
    let world = ctx.site.app.world();
    let grant = world.permits.get(permit)?.grant()?;
    Some(grant.number.to_string())
}

fn now(ctx: &Ctx, it: &AtLines) -> NowView {
    match (&it.now, &it.last) {
        (Some((person, decision)), _) => NowView::Answer(answered(ctx, *person, decision)),
        (None, None) => NowView::Unasked,
        (None, Some(last)) if last.line.is_none() => NowView::NoLine,
        (None, Some(_)) => NowView::NoPerson,
    }
}
