//! What a decision on a permit would bring about, for its page.

use maud::{Markup, html as markup};
use sekisho_domain::permit::{Permit, Status};
use sekisho_messages::{t, text};

use super::super::super::ctx::Ctx;
use super::super::super::fault::Fault;
use super::answered::answered;
use super::{device_name, entry_name};
use crate::access::{Effect, EffectOn, Target};
use crate::console::access::{EffectView, Road, effect};

/// The section beside the decision: what approval would open and what would still be missing; of a
/// permit that holds, what its end would close. None where neither lies ahead.
pub(in crate::http) fn section(ctx: &Ctx, permit: &Permit) -> Result<Option<Markup>, Fault> {
    let lang = ctx.lang;
    let app = &ctx.site.app;
    let (approval, found) = match permit.status(ctx.now) {
        Status::Applied | Status::SentBack | Status::Approved | Status::Suspended => {
            (true, app.effect_of_approval(permit)?)
        }
        Status::Active => (false, app.effect_of_end(permit)?),
        _ => return Ok(None),
    };
    let view = view(ctx, permit, approval, &found);
    let title = if approval {
        t!(lang, "access-page.effect")
    } else {
        t!(lang, "access-page.effect_end")
    };
    Ok(Some(markup! {
        h2 id="effect" { (title) }
        (effect(lang, &view))
    }))
}

fn view(ctx: &Ctx, permit: &Permit, approval: bool, found: &Effect) -> EffectView {
    let road = |it: &EffectOn| {
        let target = match it.target {
            Target::System(id) => entry_name(ctx, id.into()),
            Target::Line(id) => entry_name(ctx, id.into()),
        };
        let why = it.closed.1.as_deref().filter(|_| it.after.is_allowed());
        Road {
            about: markup! { strong { (target) } " – " (device_name(ctx, it.device)) },
            before: it.is_open(),
            opens: it.would_be_open(),
            after: answered(ctx, permit.applicant, &it.after),
            closed: why.map(|key| text(ctx.lang, key, &[]).into_owned()),
            tunnels: it.tunnels.len(),
        }
    };
    EffectView {
        approval,
        roads: found.roads.iter().map(road).collect(),
        more: found.more,
    }
}
