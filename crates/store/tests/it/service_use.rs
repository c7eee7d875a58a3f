//! Use of outside services: counted once, and told of persons only for so long.

use std::ops::ControlFlow;

use sekisho_store::Observations;
use sekisho_store::observations::{NewServiceUse, ServiceSource, ServiceUser};

use crate::support::Place;

/// The last day that can have been.
const TO: &str = "2026-12-02";

fn one(day: &str, unit: &str, who: &str, times: u64) -> NewServiceUse {
    NewServiceUse {
        day: day.to_owned(),
        service: "zoom".to_owned(),
        unit: unit.to_owned(),
        who: who.to_owned(),
        people: 1,
        times,
        bytes: 10 * times,
        first_at: 5,
        last_at: 9,
    }
}

fn source(batch: u64) -> ServiceSource {
    ServiceSource {
        source: "dns".to_owned(),
        batch,
        marks: format!("{{\"at\":{batch}}}"),
        taken_at: 100,
        through_at: Some(90),
        since_at: (batch > 1).then_some(80),
        lines: 7,
        matched: 3,
        skipped: 1,
    }
}

fn add(store: &Observations, batch: u64, uses: &[NewServiceUse]) -> bool {
    let services = [("zoom".to_owned(), "{}".to_owned())];
    store
        .add_service_use(&source(batch), &services, uses)
        .unwrap()
}

#[test]
fn a_run_that_comes_twice_counts_once() {
    let place = Place::new();
    let store = Observations::open(&place.path("observations.sqlite")).unwrap();
    let uses = [one("2026-11-29", "unt_1", "psn_1", 2)];
    assert!(add(&store, 1, &uses));
    assert!(!add(&store, 1, &uses), "the same run again");
    assert!(!add(&store, 3, &uses), "a run is missing in between");
    assert!(add(&store, 2, &uses));
    let sums = store.service_sums(("2026-11-01", TO)).unwrap();
    assert_eq!(sums.len(), 1);
    assert_eq!((sums[0].times, sums[0].bytes, sums[0].people), (4, 40, 1));
    let sources = store.service_sources().unwrap();
    assert_eq!((sources[0].batch, sources[0].lines), (2, 14));
    assert_eq!(sources[0].marks, "{\"at\":2}");
    assert_eq!(sources[0].since_at, Some(80), "what the newest run says");
    assert_eq!(store.known_services().unwrap().len(), 1);
}

#[test]
fn who_it_was_is_forgotten_and_how_much_it_was_is_kept() {
    let place = Place::new();
    let store = Observations::open(&place.path("observations.sqlite")).unwrap();
    assert!(add(
        &store,
        1,
        &[
            one("2026-11-01", "unt_1", "psn_1", 2),
            one("2026-11-01", "unt_1", "psn_2", 3),
            one("2026-11-01", "unt_1", "", 4),
            one("2026-11-01", "", "client:192.0.2.7", 5),
            one("2026-11-20", "unt_1", "psn_1", 6),
            one("2025-01-01", "unt_1", "psn_1", 7),
        ],
    ));
    let before: u64 = times(&store);
    assert_eq!(
        store
            .service_users(Some("zoom"), ("2026-11-01", TO), 9)
            .unwrap()
            .len(),
        3
    );
    assert_eq!(
        store
            .forget_service_users(("2026-11-10", TO), "2025-06-01")
            .unwrap(),
        (4, 1)
    );
    assert_eq!(
        times(&store),
        before - 7,
        "only what is too old altogether is gone"
    );
    let users: Vec<ServiceUser> = store.service_users(None, ("2000-01-01", TO), 9).unwrap();
    let who: Vec<&str> = users.iter().map(|it| it.who.as_str()).collect();
    assert_eq!(who, ["psn_1"]);
    assert_eq!(users[0].times, 6);
    // Two people and the one of the sum that was there.
    let sums = store.service_sums(("2026-11-01", TO)).unwrap();
    let of_unit = sums.iter().find(|it| it.unit == "unt_1").unwrap();
    assert_eq!((of_unit.times, of_unit.people), (15, 3));
    assert_eq!(
        store
            .forget_service_users(("2026-11-10", TO), "2025-06-01")
            .unwrap(),
        (0, 0)
    );
}

/// The clock of one device was wrong.
#[test]
fn who_it_was_on_a_day_that_has_not_come_is_forgotten_too_and_counts_meanwhile_for_nothing() {
    let place = Place::new();
    let store = Observations::open(&place.path("observations.sqlite")).unwrap();
    let uses = [
        one("2026-12-02", "unt_1", "psn_1", 2),
        one("2026-12-03", "unt_1", "psn_1", 3),
        one("2030-01-01", "unt_1", "psn_1", 4),
        one("2030-01-01", "unt_1", "psn_2", 5),
    ];
    assert!(add(&store, 1, &uses));
    let users = |to| store.service_users(None, ("2000-01-01", to), 9).unwrap();
    let all = "9999-12-31";
    assert_eq!(
        (times(&store), users(TO).len(), users(all).len()),
        (2, 1, 2)
    );
    let forget = || store.forget_service_users(("2026-11-10", TO), "2025-06-01");
    assert_eq!(forget().unwrap(), (3, 0));
    assert_eq!((users(all).len(), users(all)[0].times), (1, 2));
    let sums = store.service_sums(("2000-01-01", all)).unwrap();
    assert_eq!((sums[0].times, sums[0].people), (14, 2));
    assert_eq!(forget().unwrap(), (0, 0));
    assert_eq!(times(&store), 2);
}

fn times(store: &Observations) -> u64 {
    let sums = store.service_sums(("2000-01-01", TO)).unwrap();
    sums.iter().map(|it| it.times).sum()
}

/// Days that were put together reached over a permit that was given between them.
#[test]
fn who_used_a_service_is_told_day_by_day() {
    let place = Place::new();
    let store = Observations::open(&place.path("observations.sqlite")).unwrap();
    let then = NewServiceUse {
        first_at: 50,
        last_at: 60,
        ..one("2026-11-20", "unt_1", "psn_1", 1)
    };
    assert!(add(
        &store,
        1,
        &[
            one("2026-11-01", "unt_1", "psn_1", 2),
            one("2026-11-01", "unt_1", "", 4),
            then
        ],
    ));
    let days = |service: &str, from: &str| {
        let mut days = Vec::new();
        let each = |who: &str, within| {
            days.push((within, who.to_owned()));
            ControlFlow::Continue(())
        };
        let read = store.each_service_user_day(service, (from, TO), each);
        assert!(read.unwrap(), "all of them");
        days.sort();
        days
    };
    let (first, then) = (((5, 9), "psn_1".to_owned()), ((50, 60), "psn_1".to_owned()));
    assert_eq!(days("zoom", "2026-11-01"), [first, then.clone()]);
    assert_eq!(days("zoom", "2026-11-02"), [then]);
    assert!(days("webex", "2026-11-01").is_empty());
    // Whoever has enough is handed no more, and is told so.
    let mut handed = 0;
    let enough = |_: &str, _| {
        handed += 1;
        ControlFlow::Break(())
    };
    let read = store.each_service_user_day("zoom", ("2026-11-01", TO), enough);
    assert!(!read.unwrap());
    assert_eq!(handed, 1);
}

#[test]
fn sums_of_one_service_are_those_among_the_sums_of_all() {
    let place = Place::new();
    let store = Observations::open(&place.path("observations.sqlite")).unwrap();
    let webex = |day, who, last_at| NewServiceUse {
        service: "webex".to_owned(),
        last_at,
        ..one(day, "unt_1", who, 1)
    };
    let uses = [
        one("2026-11-29", "unt_1", "psn_1", 2),
        one("2026-11-29", "unt_2", "psn_2", 4),
        webex("2026-11-28", "psn_1", 30),
        webex("2026-11-29", "psn_2", 20),
        webex("2026-10-01", "psn_1", 90),
    ];
    assert!(add(&store, 1, &uses));
    let days = ("2026-11-01", TO);
    let all = store.service_sums(days).unwrap();
    assert_eq!(all.len(), 3);
    for (service, units) in [("zoom", 2), ("webex", 1), ("teams", 0)] {
        let of_service = all.iter().filter(|it| it.service == service);
        let of_service: Vec<_> = of_service.cloned().collect();
        assert_eq!(of_service.len(), units, "{service}");
        assert_eq!(store.service_sums_of(service, days).unwrap(), of_service);
    }
    let last = store.services_last_used(days).unwrap();
    let at = |service: &str, at| (service.to_owned(), at);
    assert_eq!(last, [at("webex", 30), at("zoom", 9)]);
}
