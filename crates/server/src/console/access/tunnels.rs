//! Tunnels that stand: whose, where to, since when, and how much passed.

use maud::{Markup, html};
use sekisho_domain::time::Timestamp;
use sekisho_messages::{Lang, date, t};

use super::super::components::{Column, age, cell, row_header, table};

/// A system that is reached through a tunnel.
#[derive(Clone, Debug)]
pub struct Reaching {
    /// Its name, with where more is said of it.
    pub system: Markup,
    /// That only some of it is, and why, where that is so.
    pub in_part: Option<String>,
    /// What passed, in bytes, where something did.
    pub bytes: Option<u64>,
}

/// A tunnel.
#[derive(Clone, Debug)]
pub struct TunnelView {
    /// Whose.
    pub person: Markup,
    /// On which device.
    pub device: Markup,
    /// The gateway and the line behind it; none while there is no gateway.
    pub gateway: Option<(String, String)>,
    /// The registered line over which the device comes.
    pub over: Option<String>,
    /// What is reached now.
    pub reaches: Vec<Reaching>,
    /// Why its gateway's newest table leaves it out, or cuts short what it reaches.
    pub left_out: Option<String>,
    /// What passed at places that several systems share, in bytes: for which of them nobody can tell.
    pub shared: Option<u64>,
    /// When the person said yes.
    pub since: Timestamp,
    /// When it ends, whatever happens.
    pub until: Timestamp,
    /// The last handshake that the gateway saw.
    pub handshake_at: Option<Timestamp>,
    /// Bytes in a second from and to the device, between the last two reports.
    pub rate: Option<(u64, u64)>,
    /// Bytes from and to the device.
    pub bytes: Option<(u64, u64)>,
    /// The button or link that ends it.
    pub end: Markup,
}

/// A number of bytes in the unit that fits, in powers of 1,000.
#[must_use]
pub fn size(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // Tenths, so that no float is needed.
    let mut tenths = bytes / 100;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths /= 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

fn reaching(lang: Lang, it: &TunnelView) -> Markup {
    let list = &it.reaches;
    html! {
        @if let Some(why) = &it.left_out { div class="todo" { (why) } }
        @if list.is_empty() { span class="muted" { (t!(lang, "access-page.reaches_nothing")) } }
        @else {
            ul class="values" {
                @for it in list {
                    li {
                        (it.system)
                        @if let Some(bytes) = it.bytes { " " span class="muted small" { (size(bytes)) } }
                        @if let Some(why) = &it.in_part { span class="todo" { (why) } }
                    }
                }
                @if let Some(bytes) = it.shared {
                    li { (t!(lang, "access-page.shared_traffic")) " " span class="muted small" { (size(bytes)) } }
                }
            }
        }
    }
}

fn traffic(lang: Lang, now: Timestamp, it: &TunnelView) -> Markup {
    html! {
        @match it.handshake_at {
            Some(at) => { (t!(lang, "access-page.handshake")) " " (age(lang, at, now)) },
            None => span class="muted" { (t!(lang, "access-page.no_handshake")) },
        }
        @if let Some((up, down)) = it.bytes {
            span class="todo" { (t!(lang, "access-page.bytes", up = size(up), down = size(down))) }
        }
        @if let Some((up, down)) = it.rate {
            span class="todo" { (t!(lang, "access-page.rate", up = size(up), down = size(down))) }
        }
    }
}

/// The table of tunnels. `own`: they are all the reader's.
#[must_use]
pub fn tunnels(lang: Lang, now: Timestamp, list: &[TunnelView], own: bool) -> Markup {
    let columns = [
        Column::text(if own {
            t!(lang, "access-page.device")
        } else {
            t!(lang, "access-page.person")
        }),
        Column::text(t!(lang, "access-page.way")),
        Column::text(t!(lang, "access-page.reaches")),
        Column::text(t!(lang, "access-page.since")),
        Column::text(t!(lang, "access-page.traffic")),
        Column::text(t!(lang, "access-page.act")),
    ];
    let [who, way, reaches, since, passed, act] = &columns;
    let row = |it: &TunnelView| {
        vec![
            row_header(
                who,
                &html! { @if own { (it.device) } @else { (it.person) span class="todo" { (it.device) } } },
            ),
            cell(
                way,
                &html! {
                    @match &it.gateway {
                        Some((gateway, line)) => { (gateway) span class="todo" { (t!(lang, "access-page.leads_to", line = line.as_str())) } },
                        None => span class="muted" { (t!(lang, "access-page.no_gateway")) },
                    }
                    @if let Some(over) = &it.over { span class="todo" { (t!(lang, "access-page.over", line = over.as_str())) } }
                },
            ),
            cell(reaches, &reaching(lang, it)),
            cell(
                since,
                &html! {
                    time datetime=(it.since.to_rfc3339()) { (date(lang, it.since)) }
                    span class="todo" { (t!(lang, "access-page.until_line", at = date(lang, it.until))) }
                },
            ),
            cell(passed, &traffic(lang, now, it)),
            cell(act, &it.end),
        ]
    };
    let rows: Vec<Vec<Markup>> = list.iter().map(row).collect();
    table(&t!(lang, "access-page.live"), &columns, &rows)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn bytes_are_told_in_the_unit_that_fits() {
        for (bytes, told) in [
            (0, "0 B"),
            (999, "999 B"),
            (1_000, "1.0 kB"),
            (1_550, "1.5 kB"),
            (999_999, "999.9 kB"),
            (1_000_000, "1.0 MB"),
            (12_345_678_901, "12.3 GB"),
            (u64::MAX, "18446.7 PB"),
        ] {
            assert_eq!(size(bytes), told);
        }
    }
}
