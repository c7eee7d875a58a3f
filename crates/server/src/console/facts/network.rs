//! What the machine listens on and what it has joined.

use maud::{Markup, html};
use sekisho_domain::fact::{Listening, NetworkMedium, Networks, Transport};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, t};

use super::{judged, stated};
use crate::console::components::{Column, cell, instant_with_age, lang_text, row_header, table};

pub(super) fn listening(lang: Lang, fact: &Listening) -> Markup {
    let port = Column::text(t!(lang, "fact.port"));
    let address = Column::text(t!(lang, "fact.address"));
    let process = Column::text(t!(lang, "fact.process"));
    let reach = Column::text(t!(lang, "fact.reach"));
    if fact.ports.is_empty() {
        return html! { p { (t!(lang, "fact.no_ports")) } };
    }
    let rows: Vec<Vec<Markup>> = fact
        .ports
        .iter()
        .map(|entry| {
            let transport = match entry.transport {
                Transport::Tcp => "TCP",
                Transport::Udp => "UDP",
            };
            let who = match &entry.process {
                Some(name) => html! { (name) },
                None => html! { span class="muted" { (t!(lang, "console.not_seen")) } },
            };
            let from = if entry.loopback {
                html! { (t!(lang, "fact.reach_self")) }
            } else {
                html! { strong { (t!(lang, "fact.reach_outside")) } }
            };
            vec![
                row_header(&port, &html! { (transport) " " (entry.port.to_string()) }),
                cell(&address, &html! { code { (entry.address) } }),
                cell(&process, &who),
                cell(&reach, &from),
            ]
        })
        .collect();
    table(
        &t!(lang, "fact.kind.listening"),
        &[port, address, process, reach],
        &rows,
    )
}

pub(super) fn networks(lang: Lang, fact: &Networks, now: Timestamp) -> Markup {
    let name = Column::text(t!(lang, "fact.network"));
    let medium = Column::text(t!(lang, "fact.medium"));
    let key = Column::text(t!(lang, "fact.wifi_key"));
    let gateway = Column::text(t!(lang, "fact.gateway"));
    let last = Column::text(t!(lang, "fact.last_joined"));
    if fact.networks.is_empty() {
        return html! { p { (t!(lang, "fact.no_networks")) } };
    }
    let rows: Vec<Vec<Markup>> = fact
        .networks
        .iter()
        .map(|network| {
            let carried = match network.medium {
                NetworkMedium::Wired => "fact.carried.wired",
                NetworkMedium::Wifi => "fact.carried.wifi",
                NetworkMedium::Mobile => "fact.carried.mobile",
                NetworkMedium::Vpn => "fact.carried.vpn",
            };
            let open = match network.open {
                Some(true) => judged(false, &t!(lang, "fact.wifi_open")),
                Some(false) => html! { (t!(lang, "fact.wifi_keyed")) },
                None => html! { span class="muted" { "–" } },
            };
            let when = match (network.joined, network.last_joined) {
                (true, _) => html! { strong { (t!(lang, "fact.joined_now")) } },
                (false, Some(at)) => instant_with_age(lang, at, now),
                (false, None) => html! { span class="muted" { (t!(lang, "console.not_seen")) } },
            };
            vec![
                row_header(&name, &html! { (network.name) }),
                cell(&medium, &lang_text(lang, carried)),
                cell(&key, &open),
                cell(&gateway, &stated(network.gateway_mac.as_deref())),
                cell(&last, &when),
            ]
        })
        .collect();
    table(
        &t!(lang, "fact.kind.networks"),
        &[name, medium, key, gateway, last],
        &rows,
    )
}
