//! Reports, facts, posture, feeds, sign-ins, trend, outbox, retention.

use sekisho_store::Observations;
use sekisho_store::observations::{
    ClientsRow, DecisionsOf, FactRow, Feed, FeedState, Ingest, NewDecision, Parcel, PostureResult,
    Removed, Report, Retention, SignIn, TrendPoint,
};
use serde_json::json;

use crate::support::{NOW, Place};

const DAY: i64 = 86_400_000;

fn report(device: &str, sequence: i64, received_at: i64) -> Report<'_> {
    let body = b"{\"facts\":[]}";
    Report {
        device,
        sequence,
        observed_at: received_at - 5,
        received_at,
        digest: [1; 32],
        body,
    }
}

fn fact(kind: &str, value: i64) -> FactRow {
    FactRow {
        kind: kind.to_owned(),
        json: json!({ "value": value }),
        source: "/etc/os-release".to_owned(),
        observed_at: NOW,
        received_at: NOW + 1,
    }
}

fn result<'a>(device: &'a str, check: &'a str, result: &'a str) -> PostureResult<'a> {
    let reason = r#"{"code":"ok"}"#;
    let (observed_at, received_at, fresh_until) = (NOW, NOW + 1, NOW + DAY);
    PostureResult {
        device,
        check,
        result,
        reason,
        observed_at,
        received_at,
        fresh_until,
        continuity: "{}",
        knowledge: "k-1",
    }
}

fn take(store: &Observations, report: Report<'_>, facts: &[FactRow], outcome: &str) -> Option<i64> {
    let results = [result(report.device, "disk", outcome)];
    let ingest = Ingest {
        report,
        origin: "agent",
        facts,
        results: &results,
        clients: None,
    };
    match store.ingest(&ingest) {
        Ok(sequence) => Some(sequence),
        Err(error) => {
            assert_eq!(error.code(), "exists");
            None
        }
    }
}

#[test]
fn a_report_replaces_the_facts_of_its_origin_and_a_replay_changes_nothing() {
    let place = Place::new();
    let store = place.open().observations;
    store
        .replace_facts("d-1", "declared", &[fact("owner", 0)])
        .unwrap();
    assert_eq!(store.last_sequence("d-1").unwrap(), None);
    assert_eq!(
        take(
            &store,
            report("d-1", 7, NOW),
            &[fact("os", 1), fact("os", 2)],
            "pass"
        ),
        Some(1)
    );
    assert_eq!(
        take(&store, report("d-1", 8, NOW), &[fact("kernel", 3)], "fail"),
        Some(2)
    );
    let before = store.facts("d-1").unwrap();
    let kinds: Vec<_> = before
        .iter()
        .map(|(o, f)| (o.as_str(), f.kind.as_str()))
        .collect();
    assert_eq!(kinds, [("agent", "kernel"), ("declared", "owner")]);
    assert_eq!(before[0].1, fact("kernel", 3));

    for replayed in [7, 8, -1] {
        assert_eq!(
            take(
                &store,
                report("d-1", replayed, NOW),
                &[fact("os", 9)],
                "pass"
            ),
            None
        );
    }
    assert_eq!(store.facts("d-1").unwrap(), before);
    assert_eq!(store.posture_of("d-1").unwrap()[0].result, "fail");
    let last = store.last_report("d-1").unwrap().unwrap();
    assert_eq!(
        (last.sequence, last.body.as_slice()),
        (8, b"{\"facts\":[]}".as_slice())
    );
    assert_eq!(store.devices_with_facts().unwrap(), ["d-1"]);
}

#[test]
fn clients_are_kept_with_their_report_and_older_ones_never_take_their_place() {
    let place = Place::new();
    let store = place.open().observations;
    let row = |device: &str, received_at, knowledge: &str| ClientsRow {
        device: device.to_owned(),
        received_at,
        knowledge: knowledge.to_owned(),
        stored: format!("{{\"at\":{received_at}}}"),
    };
    let shown = row("d-1", NOW, "k-1");
    let take = |sequence, clients| {
        store.ingest(&Ingest {
            report: report("d-1", sequence, NOW),
            origin: "agent",
            facts: &[fact("packages", 1)],
            results: &[],
            clients: Some(clients),
        })
    };
    take(1, &shown).unwrap();
    assert_eq!(store.clients().unwrap(), std::slice::from_ref(&shown));
    // A replay is taken in with nothing of what came with it.
    take(1, &row("d-1", NOW + 9, "k-9")).unwrap_err();
    store.put_clients(&[row("d-1", NOW - 1, "k-2")]).unwrap();
    assert_eq!(store.clients().unwrap(), [shown]);
    store
        .replace_facts("d-2", "agent", &[fact("packages", 2)])
        .unwrap();
    store
        .replace_facts("d-3", "agent", &[fact("kernel", 3)])
        .unwrap();
    let otherwise = |knowledge| {
        store
            .clients_judged_otherwise(knowledge, "packages")
            .unwrap()
    };
    assert_eq!(otherwise("k-1"), ["d-2"]);
    assert_eq!(otherwise("k-3"), ["d-1", "d-2"]);
    store
        .put_clients(&[row("d-1", NOW, "k-3"), row("d-2", NOW, "k-3")])
        .unwrap();
    assert!(otherwise("k-3").is_empty());
    store.remove_device("d-1").unwrap();
    assert_eq!(store.clients().unwrap(), [row("d-2", NOW, "k-3")]);
}

#[test]
fn the_posture_is_followed_by_its_own_sequence() {
    let place = Place::new();
    let open = place.open();
    let store = &open.observations;
    assert_eq!(store.posture_sequence().unwrap(), 0);
    let first = [result("d-1", "disk", "pass"), result("d-1", "lock", "fail")];
    assert_eq!(store.put_results(first).unwrap(), 2);
    assert_eq!(
        store.put_results([result("d-2", "disk", "pass")]).unwrap(),
        3
    );
    assert_eq!(
        store.put_results([result("d-1", "disk", "fail")]).unwrap(),
        4
    );

    let since = |after, limit| -> Vec<(i64, String, String)> {
        let rows = store.posture_since(after, limit).unwrap();
        rows.into_iter()
            .map(|r| (r.sequence, r.device, r.result))
            .collect()
    };
    let row = |n, device: &str, result: &str| (n, device.to_owned(), result.to_owned());
    let all = [
        row(2, "d-1", "fail"),
        row(3, "d-2", "pass"),
        row(4, "d-1", "fail"),
    ];
    assert_eq!(since(0, 10), all);
    assert_eq!(since(3, 10), all[2..]);
    assert_eq!(since(0, 2), all[..2]);
    assert!(since(4, 10).is_empty());

    let mut seen = Vec::new();
    let at = store
        .for_each_result(|n, r| seen.push(row(n, r.device, r.result)))
        .unwrap();
    assert_eq!((at, seen.as_slice()), (4, all.as_slice()));

    store.remove_device("d-1").unwrap();
    let again = Observations::open(&open.folder.observations()).unwrap();
    let next = again.put_results([result("d-2", "disk", "pass")]).unwrap();
    assert_eq!(next, 5, "a number never returns");
}

#[test]
fn a_result_that_was_overtaken_on_its_way_is_left_aside() {
    let place = Place::new();
    let store = place.open().observations;
    let newer = PostureResult {
        received_at: NOW + 9,
        continuity: r#"{"known_at":9}"#,
        ..result("d-1", "disk", "fail")
    };
    store.put_results([newer]).unwrap();
    store.put_results([result("d-1", "disk", "pass")]).unwrap();
    let rows = store.posture_of("d-1").unwrap();
    assert_eq!(rows.len(), 1);
    assert_eq!(
        (rows[0].result.as_str(), rows[0].received_at),
        ("fail", NOW + 9)
    );
    assert_eq!(rows[0].continuity, r#"{"known_at":9}"#);
}

#[test]
fn the_first_fact_of_a_kind_is_found_whichever_kinds_stand_before_it() {
    let place = Place::new();
    let store = place.open().observations;
    let facts = [fact("kernel", 1), fact("os", 2), fact("os", 3)];
    store.replace_facts("d-1", "agent", &facts).unwrap();
    assert_eq!(store.first_fact("d-1", "os").unwrap(), Some(fact("os", 2)));
    assert_eq!(store.first_fact("d-1", "packages").unwrap(), None);
    assert_eq!(store.first_fact("d-2", "os").unwrap(), None);
}

#[test]
fn devices_judged_with_other_knowledge_are_found_by_check() {
    let place = Place::new();
    let store = place.open().observations;
    for device in ["d-1", "d-2"] {
        store
            .replace_facts(device, "agent", &[fact("os", 1)])
            .unwrap();
    }
    let otherwise = |check: &str, knowledge: &str| {
        let kinds = ["os", "packages"];
        let found = store.judged_otherwise(check, knowledge, &kinds).unwrap();
        let told = |(device, known): (String, Option<String>)| {
            format!("{device} {}", known.as_deref().unwrap_or("never"))
        };
        found.into_iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(otherwise("disk", "k-1"), ["d-1 never", "d-2 never"]);
    store
        .put_results([
            result("d-1", "disk", "pass"),
            result("d-2", "disk", "pass"),
            result("d-2", "lock", "pass"),
        ])
        .unwrap();
    assert_eq!(otherwise("disk", "k-1"), [""; 0]);
    assert_eq!(otherwise("lock", "k-1"), ["d-1 never"]);
    assert_eq!(otherwise("disk", "k-2"), ["d-1 k-1", "d-2 k-1"]);
    // Without a fact that the check rests on there is nothing to judge.
    let without = store.judged_otherwise("disk", "k-2", &["kernel"]);
    assert_eq!(without.unwrap(), []);
}

#[test]
fn retention_keeps_the_newest_report_of_each_device() {
    let place = Place::new();
    let store = place.open().observations;
    for (device, sequence, age) in [
        ("d-1", 1, 90),
        ("d-1", 2, 60),
        ("d-2", 1, 60),
        ("d-2", 2, 34),
        ("d-3", 1, 36),
        ("d-3", 2, 0),
    ] {
        take(
            &store,
            report(device, sequence, NOW - age * DAY),
            &[],
            "pass",
        )
        .unwrap();
    }
    for age in [0, 399, 401] {
        let sign_in = SignIn {
            at: NOW - age * DAY,
            account: Some("a-1".to_owned()),
            outcome: "ok".to_owned(),
            address: vec![1],
        };
        store.add_sign_in(&sign_in).unwrap();
        let point = TrendPoint {
            at: NOW - age * 3 * DAY,
            section: "1".to_owned(),
            counts: json!({"met": 3}),
        };
        store.put_trend("gov", &[point]).unwrap();
        store.add_decisions(&[answer(NOW - age * DAY)]).unwrap();
    }
    let removed = store.retain(NOW, Retention::default()).unwrap();
    assert_eq!(
        removed,
        Removed {
            reports: 3,
            sign_ins: 1,
            trend: 2,
            letters: 0,
            decisions: 2,
            tunnels: 0,
            admissions: 0,
        }
    );
    for device in ["d-1", "d-2", "d-3"] {
        assert_eq!(store.last_sequence(device).unwrap(), Some(2), "{device}");
    }
    assert_eq!(store.sign_ins("a-1", 10).unwrap().len(), 2);
    assert_eq!(store.trend("gov", 0).unwrap().len(), 1);
    assert_eq!(
        store.retain(NOW, Retention::default()).unwrap(),
        Removed::default()
    );
    assert_eq!(store.forget_sign_ins("a-1").unwrap(), 2);
}

#[test]
fn an_older_feed_never_replaces_a_newer_one() {
    let place = Place::new();
    let store = place.open().observations;
    let feed = |as_of, content: &[u8]| Feed {
        state: FeedState {
            name: "kev".to_owned(),
            as_of,
            imported_at: NOW,
            digest: [3; 32],
            entries: 2,
        },
        content: content.to_vec(),
    };
    assert_eq!(store.feed("kev").unwrap(), None);
    store.put_feed(&feed(NOW, b"one")).unwrap();
    store.put_feed(&feed(NOW, b"two")).unwrap();
    assert_eq!(
        store.put_feed(&feed(NOW - 1, b"old")).unwrap_err().code(),
        "exists"
    );
    assert_eq!(store.feed("kev").unwrap(), Some(feed(NOW, b"two")));
    assert_eq!(store.feed_states().unwrap(), [feed(NOW, b"").state]);
}

#[test]
fn a_parcel_waits_until_it_was_delivered() {
    let place = Place::new();
    let store = place.open().observations;
    let parcel = |due_at| Parcel {
        kind: "mail".to_owned(),
        payload: json!({"checkpoint": "…"}),
        due_at,
    };
    let (late, early) = (
        store.send(&parcel(20)).unwrap(),
        store.send(&parcel(10)).unwrap(),
    );
    let due = |now| {
        store
            .due(now, 10)
            .unwrap()
            .into_iter()
            .map(|i| i.id)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (due(9), due(10), due(20)),
        (vec![], vec![early], vec![early, late])
    );
    assert_eq!(store.waiting().unwrap(), (2, Some(10)));
    store.not_delivered(early, &"é".repeat(9_999), 30).unwrap();
    assert_eq!(due(20), [late]);
    let item = store.due(30, 10).unwrap().pop().unwrap();
    assert_eq!((item.id, item.attempts), (early, 1));
    assert_eq!(item.last_error.unwrap().chars().count(), 500);
    store.delivered(early).unwrap();
    store.delivered(early).unwrap();
    assert_eq!(
        store.not_delivered(early, "x", 1).unwrap_err().code(),
        "unknown"
    );
    store.delivered(late).unwrap();
    assert!(
        store.send(&parcel(1)).unwrap() > early.max(late),
        "a number never returns"
    );
}

#[test]
fn readers_do_not_wait_for_the_writer() {
    let place = Place::new();
    let store = place.open().observations;
    store.put_results([result("d-1", "disk", "pass")]).unwrap();
    let results = (0..3).map(|_| {
        // In the middle of the writing transaction: another thread reads the state before it.
        let rows = std::thread::scope(|s| {
            s.spawn(|| store.posture_since(0, 10).unwrap().len())
                .join()
                .unwrap()
        });
        assert_eq!(rows, 1);
        result("d-2", "disk", "pass")
    });
    assert_eq!(store.put_results(results).unwrap(), 4);
}

#[test]
fn a_hundred_thousand_devices_are_loaded_quickly() {
    let place = Place::new();
    let store = place.open().observations;
    let devices: Vec<String> = (0..100_000).map(|n| format!("device-{n:08x}")).collect();
    let checks: Vec<String> = (0..12).map(|n| format!("check-{n}")).collect();
    let all = || {
        devices
            .iter()
            .flat_map(|d| checks.iter().map(move |c| result(d, c, "pass")))
    };
    for round in ["first load", "every result anew"] {
        let start = std::time::Instant::now();
        store.put_results(all()).unwrap();
        println!("1,200,000 posture rows, {round}: {:?}", start.elapsed());
    }
    let start = std::time::Instant::now();
    let mut rows = 0;
    let at = store.for_each_result(|_, _| rows += 1).unwrap();
    println!(
        "1,200,000 posture rows, read at the start: {:?}",
        start.elapsed()
    );
    assert_eq!((at, rows), (2_400_000, 1_200_000));
}

fn answer(at: i64) -> NewDecision {
    NewDecision {
        at,
        person: "psn_1".to_owned(),
        device: Some("dev_1".to_owned()),
        resource: "sys_1".to_owned(),
        allowed: true,
        times: 3,
        question: "{}".to_owned(),
        rules: "[]".to_owned(),
        asker: Some("forward_auth".to_owned()),
    }
}

#[test]
fn answers_are_found_by_person_and_resource_the_newest_first() {
    let place = Place::new();
    let store = place.open().observations;
    let (first, second) = (
        answer(NOW),
        NewDecision {
            resource: "sys_2".to_owned(),
            allowed: false,
            ..answer(NOW + 1)
        },
    );
    store
        .add_decisions(&[first.clone(), second.clone()])
        .unwrap();
    let found = |of, refused, from| -> Vec<NewDecision> {
        let rows = store.decisions(of, refused, from, 10).unwrap();
        rows.into_iter().map(|row| row.decision).collect()
    };
    let both = vec![second.clone(), first.clone()];
    assert_eq!(found(DecisionsOf::Anyone, false, 0), both);
    assert_eq!(found(DecisionsOf::Person("psn_1"), false, 0), both);
    assert_eq!(found(DecisionsOf::Resource("sys_1"), false, 0), [first]);
    assert_eq!(found(DecisionsOf::Anyone, true, NOW + 1), [second]);
    assert!(found(DecisionsOf::Person("psn_2"), false, 0).is_empty());
}

#[test]
fn answers_of_a_day_are_told_together_and_what_was_asked_whatever_came_of_it() {
    let place = Place::new();
    let store = place.open().observations;
    let day = NOW / DAY * DAY;
    let refused = |at| NewDecision {
        resource: "sys_2".to_owned(),
        allowed: false,
        ..answer(at)
    };
    let by = |at, asker: Option<&str>| NewDecision {
        asker: asker.map(str::to_owned),
        ..answer(at)
    };
    let all = [
        answer(day + 5),
        answer(day + 8),
        by(day + 9, Some("tok_1")),
        by(day + 6, None),
        answer(day - 1),
        refused(day + 7),
    ];
    store.add_decisions(&all).unwrap();
    let question = all[0].question.clone();
    let told = |from| {
        let days = store.allowed_by_day(from).unwrap();
        let days = days.into_iter();
        days.map(|it| (it.question, it.asker, it.first_at, it.last_at))
            .collect::<Vec<_>>()
    };
    let of = |asker: Option<&str>, first, last| {
        (question.clone(), asker.map(str::to_owned), first, last)
    };
    let proxy = Some("forward_auth");
    let today = [
        of(proxy, day + 5, day + 8),
        of(None, day + 6, day + 6),
        of(Some("tok_1"), day + 9, day + 9),
    ];
    assert_eq!(told(0)[0], of(proxy, day - 1, day - 1));
    assert_eq!(told(0)[1..], today);
    assert_eq!(told(day), today);
    // Whoever asks is told apart, and so is what was kept of nobody.
    let asked = store.asked_about(day).unwrap();
    let asked = asked
        .iter()
        .map(|it| (it.resource.as_str(), it.asker.as_deref(), it.at));
    let expected = [
        ("sys_1", None, day + 6),
        ("sys_1", Some("forward_auth"), day + 8),
        ("sys_1", Some("tok_1"), day + 9),
        ("sys_2", Some("forward_auth"), day + 7),
    ];
    assert_eq!(asked.collect::<Vec<_>>(), expected);
    assert!(store.asked_about(day + 10).unwrap().is_empty());
}

#[test]
fn refusals_are_summed_by_their_rules_however_many_rows_they_are() {
    let place = Place::new();
    let store = place.open().observations;
    let refused = |at, rules: &str| NewDecision {
        allowed: false,
        rules: rules.to_owned(),
        ..answer(at)
    };
    let (one, both) = ("[\"a\"]", "[\"a\",\"b\"]");
    let mut all = vec![
        answer(NOW),
        refused(NOW - 1, one),
        refused(NOW + 50, both),
        refused(NOW + 100, one),
    ];
    all.extend((0..20).map(|n| refused(NOW + n, one)));
    store.add_decisions(&all).unwrap();
    let found = |from, until| store.refusals_by_rules((from, until)).unwrap();
    let expected = [(both.to_owned(), 3), (one.to_owned(), 60)];
    let mut within = found(NOW, NOW + 100);
    within.sort();
    let mut expected = expected.to_vec();
    expected.sort();
    assert_eq!(within, expected);
    assert_eq!(found(NOW + 100, NOW + 101), [(one.to_owned(), 3)]);
    assert!(found(NOW + 101, NOW + 200).is_empty());
}
