//! Gateways as they stand, and until when the road may be open where one cannot be reached.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, date, number, t, text};

use super::super::components::{Column, age, cell, instant, row_header, table};
use crate::access::gateway::Standing;

/// A gateway.
#[derive(Clone, Debug)]
pub struct GatewayView {
    /// Its name, with where its entry is.
    pub name: Markup,
    /// The line that it leads to.
    pub line: String,
    /// Whether it is heard.
    pub standing: Standing,
    /// When it was heard last.
    pub heard_at: Option<Timestamp>,
    /// How many tunnels its newest table names.
    pub tunnels: usize,
    /// Packets that its filter dropped in this run.
    pub dropped: Option<u64>,
    /// The length of its lease in seconds.
    pub lease: u32,
    /// Whether its machine may forward past its tunnels, as it said.
    pub forwards_others: bool,
    /// When something else took its packet filter away or changed it, as it said.
    pub filter_gone_at: Option<Timestamp>,
    /// The UDP port on which it listens, and the one that devices are told, where these differ.
    pub ports: Option<(u16, u16)>,
    /// Why its newest table leaves tunnels out or cuts short what they reach, and how many.
    pub left_out: Vec<(String, usize)>,
    /// The worst case, where it is not heard or does not follow.
    pub open_until: Option<Timestamp>,
    /// Where all its tunnels are cut, for those who may.
    pub cut: Option<String>,
}

fn badge(lang: Lang, standing: Standing) -> Markup {
    let (tone, word) = match standing {
        Standing::Heard => ("good", t!(lang, "access-page.heard")),
        Standing::NoKey => ("wait", t!(lang, "access-page.no_key")),
        Standing::NotHeard => ("warn", t!(lang, "access-page.not_heard")),
        Standing::Unlisted(_) => ("bad", t!(lang, "access-page.unlisted")),
        Standing::Failing => ("bad", t!(lang, "access-page.failing")),
        Standing::Unreported => ("bad", t!(lang, "access-page.unreported")),
        Standing::Lost => ("bad", t!(lang, "access-page.lost")),
        Standing::Retired => ("wait", t!(lang, "access-page.retired")),
    };
    html! { span class={ "state state--" (tone) } { (word) } }
}

/// What follows from where it stands.
fn road(lang: Lang, it: &GatewayView) -> Markup {
    html! {
        @match (it.standing, it.open_until) {
            (Standing::NoKey, None) => span class="muted" { (t!(lang, "access-page.no_key_how")) },
            (Standing::Unlisted(code), until) => {
                (text(lang, format!("error.{code}.what"), &[]))
                (open_until(lang, until))
            }
            (Standing::Failing, until) => {
                (t!(lang, "access-page.failing_how"))
                (open_until(lang, until))
            }
            (Standing::Unreported, _) => (t!(lang, "access-page.unreported_how")),
            (Standing::Heard, _) => (t!(lang, "access-page.closes_within", n = it.lease)),
            (_, Some(until)) => (open_until(lang, Some(until))),
            (_, None) => (t!(lang, "access-page.closed")),
        }
        @for (why, count) in &it.left_out {
            div class="todo" { (why) " " (t!(lang, "access-page.left_out", n = *count)) }
        }
        @if it.forwards_others {
            div class="todo" { (t!(lang, "access-page.forwards_others")) }
        }
        @if let Some(at) = it.filter_gone_at {
            div class="todo" {
                (t!(lang, "access-page.filter_gone"))
                " " time datetime=(at.to_rfc3339()) { (date(lang, at)) }
            }
        }
        @if let Some((own, told)) = it.ports {
            div class="todo" { (t!(lang, "access-page.other_port", own = own.to_string(), told = told.to_string())) }
        }
    }
}

/// The worst case.
fn open_until(lang: Lang, until: Option<Timestamp>) -> Markup {
    html! {
        @if let Some(until) = until {
            div {
                strong { (t!(lang, "access-page.open_until")) }
                " " time datetime=(until.to_rfc3339()) { (date(lang, until)) }
            }
            div class="todo" { (t!(lang, "access-page.open_until_how")) }
        }
    }
}

/// The table of gateways.
#[must_use]
pub fn gateways(lang: Lang, now: Timestamp, list: &[GatewayView]) -> Markup {
    let columns = [
        Column::text(t!(lang, "access-page.gateway")),
        Column::text(t!(lang, "access-page.state")),
        Column::text(t!(lang, "access-page.heard_at")),
        Column::number(t!(lang, "access-page.tunnels")),
        Column::text(t!(lang, "access-page.road")),
        Column::text(t!(lang, "access-page.act")),
    ];
    let [name, state, heard, tunnels, road_is, act] = &columns;
    let row = |it: &GatewayView| {
        vec![
            row_header(
                name,
                &html! { (it.name) div class="todo" { (t!(lang, "access-page.leads_to", line = it.line.as_str())) } },
            ),
            cell(state, &badge(lang, it.standing)),
            cell(
                heard,
                &html! { @match it.heard_at { Some(at) => { (instant(lang, at)) " " div class="todo" { (age(lang, at, now)) } }, None => span class="muted" { (t!(lang, "access-page.never")) } } },
            ),
            cell(
                tunnels,
                &html! {
                    (number(i64::try_from(it.tunnels).unwrap_or(i64::MAX)))
                    @if let Some(dropped) = it.dropped.filter(|it| *it > 0) {
                        div class="todo" { (t!(lang, "access-page.dropped", n = dropped)) }
                    }
                },
            ),
            cell(road_is, &road(lang, it)),
            cell(
                act,
                &html! { @match &it.cut { Some(href) => a href=(href) { (t!(lang, "access-page.cut_all")) }, None => span class="muted" { "–" } } },
            ),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    table(&t!(lang, "access-page.gateways"), &columns, &rows)
}
