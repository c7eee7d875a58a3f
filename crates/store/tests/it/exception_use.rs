//! What was allowed to those whom an exception covers.

use sekisho_store::observations::{
    AllowedOf, AllowedTimes, NewAnswer, NewDecision, NewFacts, Observations,
};

use crate::support::{NOW, Place};

const DAY: i64 = 86_400_000;
/// Facts that hold something at the path that is asked for, facts that do not, and a text that is no JSON.
const HOLDING: &str = r#"{"v":3,"x":["permit.off-site"]}"#;
const NOT: &str = r#"{"v":3}"#;
const DAMAGED: &str = "";

fn answer(at: i64, person: &str, facts: Option<&str>) -> NewAnswer {
    NewAnswer {
        decision: NewDecision {
            at,
            person: person.to_owned(),
            device: Some(person.replace("psn", "dev")),
            resource: "sys_1".to_owned(),
            allowed: true,
            times: 1,
            question: format!("\"{person}\""),
            rules: "[]".to_owned(),
            asker: None,
        },
        facts: facts.map(|facts| NewFacts {
            facts: facts.to_owned(),
            built_in: true,
        }),
    }
}

/// Whose answers, how often, and on which facts.
fn told(found: &[AllowedTimes]) -> Vec<(&str, i64, Option<&str>)> {
    let found = found.iter();
    found
        .map(|it| (it.question.as_str(), it.times, it.facts.as_deref()))
        .collect()
}

const DAY_BEGUN: i64 = NOW / DAY * DAY;

/// Answers of three people, on two days; one was refused.
fn answered(store: &Observations) {
    let day = DAY_BEGUN;
    let mut all = vec![
        answer(day + 1, "psn_1", Some(HOLDING)),
        answer(day + 2, "psn_1", Some(HOLDING)),
        answer(day + 3, "psn_1", Some(NOT)),
        answer(day + 4, "psn_2", None),
        answer(day + 5, "psn_3", Some(DAMAGED)),
        answer(day + DAY + 6, "psn_1", Some(HOLDING)),
    ];
    all[3].decision.resource = "sys_2".to_owned();
    let mut refused = answer(day + 7, "psn_1", Some(HOLDING));
    refused.decision.allowed = false;
    all.push(refused);
    store.add_answers(&all).unwrap();
}

#[test]
fn answers_are_found_by_whom_what_and_the_facts_they_rested_on() {
    let place = Place::new();
    let store = place.open().observations;
    answered(&store);
    let day = DAY_BEGUN;
    let (one, two, three) = ("\"psn_1\"", "\"psn_2\"", "\"psn_3\"");
    let anybody = AllowedOf {
        people: &[],
        devices: &[],
        resource: None,
        holding: None,
    };
    let within = |(from, until), of, most| {
        let mut found = Vec::new();
        let whole = store.each_allowed((from, until), of, most, |it| found.push(it));
        // They come in no order.
        found.sort_by_key(|it: &AllowedTimes| it.first_at);
        (found, whole.unwrap())
    };
    let of = |of| {
        let (found, whole) = within((day, day + DAY), of, 5);
        assert!(whole);
        found
    };
    // Equal questions on other facts are told apart, and so are those of another day.
    let whole = [
        (one, 2, Some(HOLDING)),
        (one, 1, Some(NOT)),
        (two, 1, None),
        (three, 1, Some(DAMAGED)),
    ];
    assert_eq!(told(&of(anybody)), whole);
    let (later, _) = within((day, day + 2 * DAY), anybody, 9);
    assert_eq!(told(&later)[4..], [(one, 1, Some(HOLDING))]);
    // What is not known of an answer does not hide it.
    let holding = AllowedOf {
        holding: Some("$.x"),
        ..anybody
    };
    assert_eq!(told(&of(holding)), [whole[0], whole[2], whole[3]]);
    let people = ["psn_2".to_owned()];
    let named = AllowedOf {
        people: &people,
        ..anybody
    };
    assert_eq!(told(&of(named)), [whole[2]]);
    let devices = ["dev_3".to_owned()];
    let with = AllowedOf {
        devices: &devices,
        ..named
    };
    assert_eq!(told(&of(with)), [whole[2], whole[3]]);
    let system = AllowedOf {
        resource: Some("sys_2"),
        ..anybody
    };
    assert_eq!(told(&of(system)), [whole[2]]);
    // No more than so many are looked at, the newest of them, and it is said.
    let (newest, all) = within((day, day + DAY), anybody, 3);
    assert!(!all);
    assert!(newest.len() <= 4);
    assert_eq!(told(&newest)[1..], whole[1..]);
    assert!(!within((day, day + DAY), anybody, 4).1);
}
