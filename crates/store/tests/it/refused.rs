//! What was refused, summed by the hour.

use sekisho_store::observations::{NewDecision, Refused, Retention};

use crate::support::{NOW, Place};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;

fn refusal(at: i64, person: &str, device: Option<&str>) -> NewDecision {
    NewDecision {
        at,
        person: person.to_owned(),
        device: device.map(str::to_owned),
        resource: "sys_1".to_owned(),
        allowed: false,
        times: 2,
        question: format!("\"{person} at {at}\""),
        rules: "[\"a\"]".to_owned(),
        asker: None,
    }
}

fn refused(person: &str, device: Option<&str>, times: u64, last_at: i64) -> Refused {
    Refused {
        person: person.to_owned(),
        device: device.map(str::to_owned),
        resource: "sys_1".to_owned(),
        rules: "[\"a\"]".to_owned(),
        times,
        last_at,
    }
}

#[test]
fn one_who_asks_in_vain_without_end_crowds_nobody_out() {
    let place = Place::new();
    let store = place.open().observations;
    let yesterday = NOW - DAY;
    let mut all = vec![
        refusal(yesterday, "psn_quiet", None),
        // A shared device at a line, in nobody's name.
        refusal(yesterday + 1, "", Some("dev_shared")),
        // Allowed, which is no refusal.
        NewDecision {
            allowed: true,
            ..refusal(NOW, "psn_quiet", None)
        },
    ];
    all.extend((0..20_000).map(|n| refusal(NOW - n * 1000, "psn_noisy", Some("dev_1"))));
    store.add_decisions(&all).unwrap();
    let expected = [
        refused("", Some("dev_shared"), 2, yesterday + 1),
        refused("psn_noisy", Some("dev_1"), 40_000, NOW),
        refused("psn_quiet", None, 2, yesterday),
    ];
    assert_eq!(store.refused(NOW - 2 * DAY).unwrap(), expected);
    // What ended before is not told, and what came in the same hour as the first that counts is.
    let later = store.refused(yesterday + 2).unwrap();
    assert_eq!(later, expected[1..2]);
    // They are kept as long as the answers.
    let removed = store.retain(NOW + 93 * DAY, Retention::default()).unwrap();
    assert_eq!(removed.decisions, all.len());
    assert!(store.refused(0).unwrap().is_empty());
}

#[test]
fn refusals_are_told_apart_by_what_was_wanted_and_by_the_rules() {
    let place = Place::new();
    let store = place.open().observations;
    let one = refusal(NOW, "psn_1", None);
    let elsewhere = NewDecision {
        resource: "sys_2".to_owned(),
        ..one.clone()
    };
    let otherwise = NewDecision {
        rules: "[\"b\"]".to_owned(),
        ..one.clone()
    };
    let all = [one.clone(), elsewhere, otherwise, one];
    store.add_decisions(&all).unwrap();
    let found = store.refused(NOW).unwrap();
    let told: Vec<_> = found
        .iter()
        .map(|it| (it.resource.as_str(), it.rules.as_str(), it.times))
        .collect();
    assert_eq!(
        told,
        [
            ("sys_1", "[\"a\"]", 4),
            ("sys_1", "[\"b\"]", 2),
            ("sys_2", "[\"a\"]", 2)
        ]
    );
}
