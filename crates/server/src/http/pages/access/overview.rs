//! The overview: gateways, tunnels that stand, and what was refused lately.

use std::collections::BTreeMap;

use maud::{Markup, html as markup};
use sekisho_domain::authorise::{Action, Subject};
use sekisho_messages::{number, t, text};

use super::super::super::ctx::{Answer, Ctx, html, redirect};
use super::super::super::fault::Fault;
use super::tunnels::{Shown, view};
use super::{Sight, entry_name, paged, places, refusals, refused};
use crate::access::LiveTunnel;
use crate::access::gateway::{GatewayStanding, Standing};
use crate::console::access::{AccessPage, GatewayView, Tab, TunnelView, gateways, page, tunnels};
use crate::console::components::{Tile, Tone, alert, empty_state, pagination, tiles};
use crate::console::layout::Place;

/// Tunnels on one page.
const PER_PAGE: usize = 25;

pub(in crate::http) fn show(ctx: &Ctx) -> Answer {
    let Ok(sight) = Sight::of(ctx) else {
        ctx.live()?;
        // Whoever sees only his own has a page for that.
        return Ok(redirect("/access/mine"));
    };
    let lang = ctx.lang;
    let standings = ctx.site.app.gateway_standings();
    let live = seen(ctx, &sight)?;
    let rows = refusals::rows(ctx, &sight)?;
    let body = markup! {
        (tiles(&counts(ctx, &standings, &live, refusals::times(&rows))))
        @for it in standings.iter().filter(|it| it.open_until.is_some()) { (warning(ctx, it)) }
        (places::warnings(ctx))
        section aria-labelledby="gateways" {
            h2 id="gateways" { (t!(lang, "access-page.gateways")) }
            (gateway_part(ctx, &standings))
        }
        section aria-labelledby="live" {
            h2 id="live" { (t!(lang, "access-page.live")) }
            (tunnel_part(ctx, &live)?)
        }
        section aria-labelledby="refusals" {
            h2 id="refusals" { (t!(lang, "access-page.refusals")) }
            @if rows.is_empty() { (empty_state(&t!(lang, "access-page.no_refusals"), &t!(lang, "access-page.no_refusals_how"))) }
            @else {
                p class="small" { (t!(lang, "access-page.refusals_lead")) }
                (refusals::by_reason(ctx, &rows))
                (refused::form(ctx, "", None)?)
            }
        }
    };
    let view = AccessPage {
        trail: Vec::new(),
        title: t!(lang, "access-page.title").into_owned(),
        lead: markup! { (t!(lang, "access-page.lead")) },
        tab: Some(Tab::Overview),
        body,
    };
    Ok(html(page(&ctx.live_frame(Place::Access), &view)))
}

/// The tunnels that the reader may see.
fn seen(ctx: &Ctx, sight: &Sight) -> Result<Vec<LiveTunnel>, Fault> {
    let mut live = ctx.site.app.live_tunnels()?;
    let world = ctx.site.app.world();
    live.retain(|it| sight.sees(&world, it.open.person, ctx.now));
    Ok(live)
}

fn counts(
    ctx: &Ctx,
    standings: &[GatewayStanding],
    live: &[LiveTunnel],
    refused: usize,
) -> Vec<Tile> {
    let lang = ctx.lang;
    let whole = |n: usize| number(i64::try_from(n).unwrap_or(i64::MAX));
    let heard = standings.iter().filter(|it| it.standing == Standing::Heard);
    let in_use = standings
        .iter()
        .filter(|it| it.standing != Standing::Retired);
    let people: std::collections::BTreeSet<_> = live.iter().map(|it| it.open.person).collect();
    let tile = |label: Markup, value: usize, unit: String, note: Markup, href: &str| Tile {
        label,
        value: whole(value),
        unit,
        note,
        href: Some(href.to_owned()),
    };
    vec![
        tile(
            markup! { (t!(lang, "access-page.live")) },
            live.len(),
            t!(lang, "access-page.tile_tunnels").into_owned(),
            markup! { (t!(lang, "access-page.tile_people", n = people.len())) },
            "#live",
        ),
        tile(
            markup! { (t!(lang, "access-page.gateways")) },
            heard.count(),
            t!(lang, "access-page.tile_of", n = in_use.count()).into_owned(),
            markup! { (t!(lang, "access-page.tile_heard")) },
            "#gateways",
        ),
        tile(
            markup! { (t!(lang, "access-page.tile_refused")) },
            refused,
            t!(lang, "access-page.tile_cases").into_owned(),
            markup! { (t!(lang, "access-page.tile_week")) },
            "#refusals",
        ),
    ]
}

/// A gateway at which the road may be open although nobody can tell it anything, or it does not listen.
fn warning(ctx: &Ctx, it: &GatewayStanding) -> Markup {
    let lang = ctx.lang;
    let Some(until) = it.open_until else {
        return markup! {};
    };
    let (gateway, at) = (it.entry.name.as_str(), sekisho_messages::date(lang, until));
    let heading = match it.standing {
        Standing::Unlisted(_) | Standing::Failing | Standing::NoKey | Standing::Retired => {
            t!(lang, "access-page.untold_until", gateway = gateway, at = at)
        }
        _ => t!(lang, "access-page.lost_until", gateway = gateway, at = at),
    };
    let body = markup! { p { (t!(lang, "access-page.lost_how")) } };
    alert(Tone::Warning, &heading, &body)
}

fn gateway_part(ctx: &Ctx, standings: &[GatewayStanding]) -> Markup {
    let lang = ctx.lang;
    if standings.is_empty() {
        let keeps = ctx.may(Action::KeepLines, Subject::Body);
        return markup! {
            (empty_state(&t!(lang, "access-page.no_gateways"), &t!(lang, "access-page.no_gateways_how")))
            @if keeps {
                p class="actions" { a class="button" href="/registers/gateway/new" { (t!(lang, "access-page.register_gateway")) } }
            }
        };
    }
    let cuts = ctx.may(Action::CutAccess, Subject::Body);
    let view = |it: &GatewayStanding| GatewayView {
        name: markup! { a href={ "/registers/gateway/" (it.gateway) } { (it.entry.name.as_str()) } },
        line: entry_name(ctx, it.entry.line.into()),
        standing: it.standing,
        heard_at: it.sight.heard_at,
        tunnels: it.sight.tunnels,
        dropped: it.sight.report.as_ref().map(|it| it.dropped_packets),
        lease: it.entry.lease(),
        forwards_others: {
            let report = it.sight.report.as_ref();
            report.is_some_and(|it| it.forwards_others == Some(true))
        },
        filter_gone_at: it.sight.report.as_ref().and_then(|it| it.filter_gone_at),
        ports: ports(it),
        left_out: left_out(ctx, it),
        open_until: it.open_until,
        cut: (cuts && it.sight.tunnels > 0).then(|| format!("/access/cut/gateway/{}", it.gateway)),
    };
    let list: Vec<GatewayView> = standings.iter().map(view).collect();
    gateways(lang, ctx.now, &list)
}

/// The UDP port of a gateway and the one that devices are told, where the gateway goes by the register and these differ.
fn ports(it: &GatewayStanding) -> Option<(u16, u16)> {
    let own = it.sight.report.as_ref()?.listen_port?;
    let told = it.entry.endpoint.port();
    (own != told).then_some((own, told))
}

/// Why tunnels are left out of the newest table, and how many. Which those are stands with the tunnels.
fn left_out(ctx: &Ctx, it: &GatewayStanding) -> Vec<(String, usize)> {
    let mut counts: BTreeMap<&'static str, usize> = BTreeMap::new();
    for one in &it.sight.left_out {
        *counts.entry(one.code).or_default() += 1;
    }
    let said = |code| text(ctx.lang, format!("error.{code}.what"), &[]).into_owned();
    let counts = counts.into_iter();
    counts.map(|(code, count)| (said(code), count)).collect()
}

fn tunnel_part(ctx: &Ctx, live: &[LiveTunnel]) -> Result<Markup, Fault> {
    let lang = ctx.lang;
    if live.is_empty() {
        return Ok(empty_state(
            &t!(lang, "access-page.no_tunnels"),
            &t!(lang, "access-page.no_tunnels_how"),
        ));
    }
    let sizes = (live.len(), PER_PAGE);
    let (shown, pages) = paged(ctx, ("/access", ""), ("page", &["kinds"]), sizes);
    let views: Result<Vec<TunnelView>, Fault> = live[shown]
        .iter()
        .map(|it| view(ctx, it, Shown::Among))
        .collect();
    Ok(markup! {
        (tunnels(lang, ctx.now, &views?, false))
        @if let Some(pages) = &pages { (pagination(lang, pages)) }
    })
}
