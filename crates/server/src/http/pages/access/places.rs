//! What is to be put right of where systems stand: those that no gateway opens, and those that share a place.

use maud::{Markup, html as markup};
use sekisho_domain::id::SystemId;
use sekisho_domain::register::places::{Places, SharedPlace, Unopened};
use sekisho_messages::{t, text};

use super::super::super::ctx::Ctx;
use super::{entry_name, system};
use crate::console::components::{Tone, alert};

/// Most that one list names.
const NAMED: usize = 20;

/// What is to be put right of one system.
pub(in crate::http::pages) fn note(ctx: &Ctx, id: SystemId) -> Markup {
    let lang = ctx.lang;
    let (unopened, shared) = {
        let world = ctx.site.app.world();
        let places = Places::of(&world);
        (places.why_unopened(id), places.shared(id))
    };
    markup! {
        @if let Some(why) = unopened {
            (alert(Tone::Warning, &t!(lang, "access-page.unopened_one"), &markup! { p { (reason(ctx, why)) } }))
        }
        @if !shared.is_empty() {
            (alert(Tone::Warning, &t!(lang, "access-page.shared_one"), &with_others(ctx, &shared)))
        }
    }
}

/// With which others, at which places, and what follows.
pub(in crate::http::pages) fn with_others(ctx: &Ctx, shared: &[SharedPlace]) -> Markup {
    let lang = ctx.lang;
    markup! {
        ul {
            @for it in shared.iter().take(NAMED) {
                li { (entry_name(ctx, it.other.into())) " – " (it.network) " " (it.port) }
            }
            @if shared.len() > NAMED { li { (t!(lang, "access-page.places_more", n = shared.len() - NAMED)) } }
        }
        p { (t!(lang, "access-page.shared_how")) }
    }
}

/// Why no gateway opens a system.
fn reason(ctx: &Ctx, why: Unopened) -> String {
    let lang = ctx.lang;
    match why {
        Unopened::Address(_) | Unopened::Parted => {
            text(lang, format!("error.{}.what", why.code()), &[]).into_owned()
        }
        Unopened::Tunnels(gateway) => {
            let gateway = entry_name(ctx, gateway.into());
            t!(lang, "access-page.in_tunnels", gateway = gateway).into_owned()
        }
    }
}

/// What is to be put right of all systems; nothing where nothing is.
pub(super) fn warnings(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let (unopened, sharing): (Vec<(SystemId, Unopened)>, Vec<SystemId>) = {
        let world = ctx.site.app.world();
        let places = Places::of(&world);
        (places.unopened().collect(), places.sharing().collect())
    };
    let rest = |all: usize| {
        markup! { @if all > NAMED { li { (t!(lang, "access-page.places_more", n = all - NAMED)) } } }
    };
    let closed = markup! {
        ul {
            @for (id, why) in unopened.iter().take(NAMED) { li { (system(ctx, *id, true)) ": " (reason(ctx, *why)) } }
            (rest(unopened.len()))
        }
        p { (t!(lang, "access-page.unopened_how")) }
    };
    let together = markup! {
        ul {
            @for id in sharing.iter().take(NAMED) { li { (system(ctx, *id, true)) } }
            (rest(sharing.len()))
        }
        p { (t!(lang, "access-page.shared_how")) }
    };
    markup! {
        @if !unopened.is_empty() { (alert(Tone::Warning, &t!(lang, "access-page.unopened"), &closed)) }
        @if !sharing.is_empty() { (alert(Tone::Warning, &t!(lang, "access-page.shared"), &together)) }
    }
}
