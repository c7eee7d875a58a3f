//! What is to be put right of where systems stand: those that no gateway opens, and those that share a place; and of
//! the own addresses of gateways.

use maud::{Markup, html as markup};
use sekisho_domain::id::{GatewayId, SystemId};
use sekisho_domain::net::Port;
use sekisho_domain::register::inside::{InsideFault, inside_fault};
use sekisho_domain::register::places::{PARTED, Places, SharedPlace, Unopened};
use sekisho_domain::register::{EntryId, Gateway};
use sekisho_messages::{t, text};

use super::super::super::ctx::Ctx;
use super::{entry_name, system};
use crate::console::components::{Tone, alert};

/// Most that one list names.
const NAMED: usize = 20;

/// What is to be put right of one system.
pub(in crate::http::pages) fn note(ctx: &Ctx, id: SystemId) -> Markup {
    let lang = ctx.lang;
    let (unopened, shared, parted) = {
        let world = ctx.site.app.world();
        let places = Places::of(&world);
        let parted = places.parted(id).to_vec();
        (places.why_unopened(id), places.shared(id), parted)
    };
    markup! {
        @if let Some(why) = unopened {
            (alert(Tone::Warning, &t!(lang, "access-page.unopened_one"), &markup! { p { (reason(ctx, why)) } }))
        }
        @if !parted.is_empty() {
            (alert(Tone::Warning, &t!(lang, "access-page.parted_one"), &markup! { p { (parted_at(ctx, &parted)) } }))
        }
        @if !shared.is_empty() {
            (alert(Tone::Warning, &t!(lang, "access-page.shared_one"), &with_others(ctx, &shared)))
        }
    }
}

/// What is to be put right of one gateway's own addresses at the inside.
pub(in crate::http::pages) fn gateway_note(ctx: &Ctx, id: GatewayId) -> Markup {
    let fault = {
        let world = ctx.site.app.world();
        let known = world.registers.get::<Gateway>(id);
        known.and_then(|(_, gateway)| inside_fault(&world, gateway))
    };
    let lang = ctx.lang;
    markup! {
        @if let Some(why) = fault {
            @let body = markup! { p { (inside_reason(ctx, why)) } p { (t!(lang, "access-page.inside_void_how")) } };
            (alert(Tone::Warning, &t!(lang, "access-page.inside_void_one"), &body))
        }
    }
}

/// Why a gateway's own addresses at the inside are not counted.
fn inside_reason(ctx: &Ctx, why: InsideFault) -> String {
    match why {
        InsideFault::Wide => t!(ctx.lang, "access-page.inside_wide").into_owned(),
        InsideFault::HasLine(line, network) => {
            let line = entry_name(ctx, line.into());
            t!(
                ctx.lang,
                "access-page.inside_has_line",
                line = line,
                network = network.to_string()
            )
            .into_owned()
        }
    }
}

/// The gateways in use whose own addresses at the inside are not counted; nothing where there are none.
fn inside_warning(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let void: Vec<(EntryId, InsideFault)> = {
        let world = ctx.site.app.world();
        let gateways = world.registers.nouns::<Gateway>();
        gateways
            .filter_map(|(entry, it)| Some((entry.id, inside_fault(&world, it)?)))
            .collect()
    };
    let body = markup! {
        ul {
            @for (id, why) in void.iter().take(NAMED) { li { (entry_name(ctx, *id)) ": " (inside_reason(ctx, *why)) } }
            @if void.len() > NAMED { li { (t!(lang, "access-page.places_more", n = void.len() - NAMED)) } }
        }
        p { (t!(lang, "access-page.inside_void_how")) }
    };
    markup! {
        @if !void.is_empty() { (alert(Tone::Warning, &t!(lang, "access-page.inside_void"), &body)) }
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
        Unopened::Address(_) => text(lang, format!("error.{}.what", why.code()), &[]).into_owned(),
        Unopened::Tunnels(gateway) => {
            let gateway = entry_name(ctx, gateway.into());
            t!(lang, "access-page.in_tunnels", gateway = gateway).into_owned()
        }
    }
}

/// At which ports too many others part a system, and what follows.
fn parted_at(ctx: &Ctx, ports: &[Port]) -> String {
    let named: Vec<String> = ports.iter().take(NAMED).map(Port::to_string).collect();
    let more = if ports.len() > NAMED { " …" } else { "" };
    let why = text(ctx.lang, format!("error.{PARTED}.what"), &[]);
    format!("{}{more} – {why}", named.join(" "))
}

/// Which ports of others an entry would close.
pub(in crate::http::pages) fn parting(ctx: &Ctx, parted: &[(SystemId, Port)]) -> Markup {
    let lang = ctx.lang;
    markup! {
        p { (t!(lang, "access-page.parted_ask")) }
        ul {
            @for (id, port) in parted.iter().take(NAMED) { li { (entry_name(ctx, (*id).into())) " – " (port) } }
            @if parted.len() > NAMED { li { (t!(lang, "access-page.places_more", n = parted.len() - NAMED)) } }
        }
    }
}

/// What is to be put right of all systems; nothing where nothing is.
pub(super) fn warnings(ctx: &Ctx) -> Markup {
    let lang = ctx.lang;
    let places = Places::of(&ctx.site.app.world());
    let unopened: Vec<(SystemId, Unopened)> = places.unopened().collect();
    let parted: Vec<(SystemId, &[Port])> = places.all_parted().collect();
    let sharing: Vec<SystemId> = places.sharing().collect();
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
    let too_many = markup! {
        ul {
            @for (id, ports) in parted.iter().take(NAMED) { li { (system(ctx, *id, true)) ": " (parted_at(ctx, ports)) } }
            (rest(parted.len()))
        }
        p { (text(lang, format!("error.{PARTED}.todo"), &[])) }
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
        @if !parted.is_empty() { (alert(Tone::Warning, &t!(lang, "access-page.parted"), &too_many)) }
        @if !sharing.is_empty() { (alert(Tone::Warning, &t!(lang, "access-page.shared"), &together)) }
        (inside_warning(ctx))
    }
}
