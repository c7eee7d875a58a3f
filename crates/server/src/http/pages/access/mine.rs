//! One's own access: what is reached now, what is missing, and one's own tunnels with a button that
//! ends them.

use maud::{Markup, html as markup};
use sekisho_domain::access::KnownCut;
use sekisho_domain::id::{PersonId, TunnelSessionId};
use sekisho_messages::{date, t};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::super::super::form::Form;
use super::people::{of_person, reach};
use super::tunnels::{Shown, view};
use super::{device_name, sees_others};
use crate::access::CUT_PURPOSE;
use crate::console::access::{AccessPage, Tab, TunnelView, page, tunnels};
use crate::console::components::{Tone, alert, empty_state};
use crate::console::layout::Place;
use crate::identity::tunnel_session as sessions;

/// So many cuts of late are told.
const CUTS_SHOWN: usize = 5;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let lang = ctx.lang;
    let person = ctx.live()?.person;
    let live = of_person(ctx, person)?;
    let views: Result<Vec<TunnelView>, Fault> =
        live.iter().map(|it| view(ctx, it, Shown::Own)).collect();
    let body = markup! {
        @for cut in cuts(ctx, person) { (told(ctx, &cut)?) }
        section aria-labelledby="live" {
            h2 id="live" { (t!(lang, "access-page.own_live")) }
            @if live.is_empty() {
                (empty_state(&t!(lang, "access-page.no_own"), &t!(lang, "access-page.no_own_how")))
            } @else { (tunnels(lang, ctx.now, &views?, true)) }
            p class="actions" { a class="button button--secondary" href="/access/connect" { (t!(lang, "access-page.connect")) } }
        }
        (reach(ctx, person, "/access/mine")?)
    };
    let view = AccessPage {
        trail: Vec::new(),
        title: t!(lang, "access-page.mine").into_owned(),
        lead: markup! { (t!(lang, "access-page.mine_lead")) },
        tab: sees_others(ctx).then_some(Tab::Mine),
        body,
    };
    Ok(html(page(&ctx.live_frame(Place::MyAccess), &view)))
}

/// The cuts of one's own tunnels, the newest first.
fn cuts(ctx: &Ctx, person: PersonId) -> Vec<KnownCut> {
    let world = ctx.site.app.world();
    let own = world.cuts.iter().filter(|(_, cut)| cut.person == person);
    let mut own: Vec<KnownCut> = own.map(|(_, cut)| cut.clone()).collect();
    own.sort_by_key(|cut| std::cmp::Reverse(cut.at));
    own.truncate(CUTS_SHOWN);
    own
}

/// That an officer cut a tunnel off, why, and what to do.
fn told(ctx: &Ctx, cut: &KnownCut) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    let reason = ctx.site.app.unseal(CUT_PURPOSE, &cut.reason)?;
    let heading = t!(
        lang,
        "access-page.was_cut",
        device = device_name(ctx, cut.device),
        at = date(lang, cut.at)
    );
    let body = markup! {
        @if let Some(reason) = reason { p { (t!(lang, "access-page.reason")) (t!(lang, "console.colon")) (reason) } }
        p { (t!(lang, "access-page.was_cut_how")) }
    };
    Ok(alert(Tone::Warning, &heading, &body))
}

/// Ends one of one's own.
pub(in crate::http) fn end(ctx: &Ctx, form: &Form) -> Answer {
    let person = ctx.live()?.person;
    let session: TunnelSessionId = form
        .get("session")
        .parse()
        .map_err(|_| Fault::not_found())?;
    match sessions::end_own(&ctx.site.app, person, session) {
        // One that has ended meanwhile is what was wanted.
        Ok(()) | Err(sessions::DeskError::NoSuchSession) => Ok(redirect("/access/mine")),
        Err(error) => Err(error.into()),
    }
}
