//! Days summed by the database say what counting row by row says.

use std::collections::BTreeMap;

use sekisho_store::Observations;
use sekisho_store::observations::{DecisionsOf, NewDecision, TunnelReport, TunnelsOf};

use crate::support::Place;

const DAY: i64 = 86_400_000;
const MINUTE: i64 = 60_000;
/// A midnight in Japan.
const UNTIL: i64 = 20_600 * DAY - 9 * 3_600_000;
const DAYS: i64 = 56;
const FROM: i64 = UNTIL - DAYS * DAY;

/// Numbers without a pattern, the same in each run.
struct Draw(u64);

impl Draw {
    fn below(&mut self, most: i64) -> i64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        i64::try_from(self.0 >> 20).unwrap() % most
    }
}

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
    let mut draw = Draw(1);
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

type Refused = BTreeMap<(String, String), u64>;

fn marked(found: &mut Refused, person: &str, question: &str, at: i64) {
    if let Some(days) = days_back(at) {
        let key = (person.to_owned(), question.to_owned());
        *found.entry(key).or_default() |= 1 << days;
    }
}

#[test]
fn refusals_told_by_day_are_of_the_same_days_as_one_by_one() {
    let place = Place::new();
    let store = place.open().observations;
    let mut draw = Draw(2);
    let all: Vec<NewDecision> = (0..3_000)
        .map(|_| NewDecision {
            asker: None,
            at: FROM - DAY + draw.below((DAYS + 2) * DAY),
            person: format!("psn_{}", draw.below(8)),
            device: None,
            resource: "sys_1".to_owned(),
            allowed: draw.below(4) == 0,
            times: 1,
            question: format!("{{\"n\":{}}}", draw.below(3)),
            rules: "[]".to_owned(),
        })
        .collect();
    store.add_decisions(&all).unwrap();
    let (mut counted, mut told) = (Refused::new(), Refused::new());
    let rows = store.decisions(DecisionsOf::Anyone, true, FROM, usize::MAX);
    for row in rows.unwrap() {
        let it = row.decision;
        marked(&mut counted, &it.person, &it.question, it.at);
    }
    let days = store.refused_by_day(FROM).unwrap();
    for it in &days {
        marked(&mut told, &it.person, &it.question, it.first_at);
        marked(&mut told, &it.person, &it.question, it.last_at);
    }
    assert_eq!(told, counted);
    assert_eq!(counted.len(), 24);
    let refused = all.iter().filter(|it| !it.allowed && it.at >= FROM).count();
    assert!(days.len() < refused, "{} {refused}", days.len());
}

#[test]
fn answers_that_allowed_are_handed_one_by_one_and_nothing_of_the_others() {
    let place = Place::new();
    let store = place.open().observations;
    let answer = |at: i64, allowed, asker: Option<&str>| NewDecision {
        at,
        person: "psn_1".to_owned(),
        device: None,
        resource: "sys_1".to_owned(),
        allowed,
        times: 1,
        question: format!("\"{at}\""),
        rules: "[]".to_owned(),
        asker: asker.map(str::to_owned),
    };
    let all = [
        answer(4, true, None),
        answer(5, true, Some("forward_auth")),
        answer(6, false, Some("forward_auth")),
        answer(7, true, None),
    ];
    store.add_decisions(&all).unwrap();
    let mut handed = Vec::new();
    let each = |question: &str, asker: Option<&str>, at: i64| {
        handed.push((question.to_owned(), asker.map(str::to_owned), at));
    };
    store.each_allowed_since(5, each).unwrap();
    handed.sort_by_key(|(_, _, at)| *at);
    let [_, five, _, seven] = all;
    let told = |it: NewDecision| (it.question, it.asker, it.at);
    assert_eq!(handed, [told(five), told(seven)]);
}
