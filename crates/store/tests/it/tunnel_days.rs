//! Days summed by the database say what counting row by row says.

use std::collections::BTreeMap;

use sekisho_store::Observations;
use sekisho_store::observations::{TunnelReport, TunnelsOf};

use crate::support::{Draw, Place};

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
/// A midnight in Japan.
const UNTIL: i64 = 20_600 * DAY - 9 * 3_600_000;
const DAYS: i64 = 56;
const FROM: i64 = UNTIL - DAYS * DAY;

/// How many days before the end of the period an instant lies; none outside of it.
fn days_back(at: i64) -> Option<i64> {
    let days = (UNTIL - 1 - at).div_euclid(DAY);
    (0..DAYS).contains(&days).then_some(days)
}

fn session(number: usize, person: i64, at: i64, ended_at: Option<i64>) -> TunnelReport {
    TunnelReport {
        gateway: "gwy_1".to_owned(),
        session: format!("tun_{number}"),
        person: format!("psn_{person}"),
        device: "dev_1".to_owned(),
        line: None,
        endpoint: None,
        run: 7,
        at,
        handshake_at: None,
        ended_at,
        tunnel: (1, 1),
        systems: Vec::new(),
    }
}

type Minutes = BTreeMap<(String, i64), i64>;

/// Minutes by person and day, of one tunnel after the other.
fn walked(found: &mut Minutes, person: &str, first: i64, last: i64) {
    let mut at = first;
    while at <= last {
        // Midnights of the period lie at whole days before its end.
        let next = UNTIL - (UNTIL - 1 - at).div_euclid(DAY) * DAY;
        if let Some(days) = days_back(at) {
            *found.entry((person.to_owned(), days)).or_default() += (last.min(next) - at) / MINUTE;
        }
        at = next;
    }
}

fn row_by_row(store: &Observations) -> Minutes {
    let mut found = Minutes::new();
    let all = store.tunnel_sessions(TunnelsOf::Anyone, (FROM, UNTIL), usize::MAX);
    for it in all.unwrap() {
        let last = it.ended_at.map_or(it.last_at, |end| end.min(it.last_at));
        walked(&mut found, &it.person, it.first_at, last);
    }
    found
}

fn summed(store: &Observations) -> Minutes {
    let mut found = Minutes::new();
    for it in store.tunnel_days((FROM, UNTIL)).unwrap() {
        if (0..DAYS).contains(&it.days_back) {
            *found.entry((it.person, it.days_back)).or_default() += it.minutes;
        }
    }
    for it in store.tunnels_over_days((FROM, UNTIL), usize::MAX).unwrap() {
        walked(&mut found, &it.person, it.first_at, it.last_at);
    }
    found
}

#[test]
fn tunnels_summed_by_day_are_those_counted_one_by_one() {
    let place = Place::new();
    let store = place.open().observations;
    let mut draw = Draw::new(1);
    let mut reports = Vec::new();
    // At the very edges of days and of the period, and anywhere.
    let edges = [
        (UNTIL - DAY, UNTIL - 1),
        (UNTIL - DAY, UNTIL),
        (UNTIL - 1, UNTIL + DAY),
        (UNTIL, UNTIL + 1),
        (FROM, FROM),
        (FROM - DAY, FROM),
        (FROM - 1, FROM),
        (UNTIL - 2 * DAY, UNTIL - DAY),
    ];
    let drawn = (0..600).map(|_| {
        let first = FROM - 2 * DAY + draw.below((DAYS + 4) * DAY);
        let long = if draw.below(3) == 0 { 2 * DAY } else { DAY / 4 };
        (first, first + draw.below(long))
    });
    let all: Vec<(i64, i64)> = edges.into_iter().chain(drawn).collect();
    for (number, (first, last)) in all.into_iter().enumerate() {
        let person = draw.below(20);
        reports.push(session(number, person, first, None));
        // Some are cut off: before they were reported last, later, or even before they were seen.
        let ended = (draw.below(2) == 0).then(|| first - DAY / 8 + draw.below(DAY));
        reports.push(session(number, person, last, ended));
    }
    store.add_tunnel_reports(&reports).unwrap();
    let counted = row_by_row(&store);
    assert!(counted.len() > 300, "{}", counted.len());
    assert_eq!(summed(&store), counted);
    let days = store.tunnel_days((FROM, UNTIL)).unwrap();
    let over = store.tunnels_over_days((FROM, UNTIL), usize::MAX).unwrap();
    assert!(!days.is_empty() && !over.is_empty());
}
