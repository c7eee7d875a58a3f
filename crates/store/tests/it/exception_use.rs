//! What was allowed to those whom an exception covers.

use sekisho_store::observations::{
    AllowedOf, AllowedTimes, NewAnswer, NewDecision, NewFacts, Observations, Retention,
};

use crate::support::{NOW, Place};

const DAY: i64 = 86_400_000;
const OFF_SITE: &str = "permit.off-site";
const BYOD: &str = "permit.byod";
/// Facts, and the same as a store holds them that was damaged.
const FACTS: &str = r#"{"v":3}"#;
const DAMAGED: &str = "";

/// Somebody was let through, by the excuse of some rules; none where nobody needed any.
fn answer(at: i64, person: &str, excused: &[&str]) -> NewAnswer {
    let rules = excused.iter().map(|rule| (*rule).to_owned());
    NewAnswer {
        decision: NewDecision {
            at,
            person: person.to_owned(),
            device: Some(person.replace("psn", "dev")),
            resource: "sys_1".to_owned(),
            allowed: true,
            times: 2,
            question: format!("\"{person}\""),
            rules: "[]".to_owned(),
            asker: None,
        },
        facts: Some(NewFacts {
            facts: FACTS.to_owned(),
            built_in: true,
        }),
        excused: (!excused.is_empty()).then(|| rules.collect()),
    }
}

/// When, whose answers, how often and on which facts.
fn told(found: &[AllowedTimes]) -> Vec<(i64, &str, i64, Option<&str>)> {
    let found = found.iter();
    found
        .map(|it| (it.at, it.question.as_str(), it.times, it.facts.as_deref()))
        .collect()
}

/// Answers of three people; one was refused, and one needed no exception.
fn answered(store: &Observations) {
    let mut all = vec![
        answer(1, "psn_1", &[OFF_SITE]),
        answer(2, "psn_2", &[OFF_SITE]),
        answer(3, "psn_1", &[]),
        answer(4, "psn_2", &[OFF_SITE, BYOD]),
        answer(5, "psn_3", &[BYOD]),
        answer(6, "psn_1", &[OFF_SITE]),
    ];
    all[1].decision.resource = "sys_2".to_owned();
    if let Some(facts) = &mut all[5].facts {
        facts.facts = DAMAGED.to_owned();
    }
    let mut refused = answer(7, "psn_1", &[OFF_SITE]);
    refused.decision.allowed = false;
    all.push(refused);
    store.add_answers(&all).unwrap();
    // What nobody knows anything of may have rested on any, and of refusals there is nothing to know.
    let mut unknown = [
        answer(8, "psn_3", &[]).decision,
        answer(9, "psn_3", &[]).decision,
    ];
    unknown[1].allowed = false;
    store.add_decisions(&unknown).unwrap();
}

fn texts(all: &[&str]) -> Vec<String> {
    all.iter().map(|it| (*it).to_owned()).collect()
}

#[test]
fn answers_are_found_by_whom_what_and_the_rules_that_were_excused() {
    let place = Place::new();
    let store = place.open().observations;
    answered(&store);
    let [unknown, byod, both, off_site] = [
        "",
        r#"["permit.byod"]"#,
        r#"["permit.off-site","permit.byod"]"#,
        r#"["permit.off-site"]"#,
    ];
    assert_eq!(store.excused().unwrap(), [unknown, byod, both, off_site]);
    let of = |kinds: &[&str], people: &[&str], devices: &[&str], resource, within| {
        let (people, devices, excused) = (texts(people), texts(devices), texts(kinds));
        let of = AllowedOf {
            people: &people,
            devices: &devices,
            resource,
            excused: &excused,
        };
        let mut found = Vec::new();
        let whole = store.each_allowed(within, of, 9, |it| found.push(it));
        assert!(whole.unwrap());
        found
    };
    let (one, two, three) = ("\"psn_1\"", "\"psn_2\"", "\"psn_3\"");
    let ever = (0, 100);
    let known = Some(FACTS);
    let of_off_site = [
        (6, one, 2, Some(DAMAGED)),
        (2, two, 2, known),
        (1, one, 2, known),
    ];
    // The newest comes first; what rested on no exception, was refused or excused otherwise is not among them.
    let found = of(&[off_site], &[], &[], None, ever);
    assert_eq!(told(&found), of_off_site);
    let found = of(&[unknown, both], &[], &[], None, ever);
    assert_eq!(told(&found), [(8, three, 2, None), (4, two, 2, known)]);
    assert!(of(&[], &[], &[], None, ever).is_empty());
    // From a moment on, and before another one.
    let found = of(&[off_site], &[], &[], None, (2, 6));
    assert_eq!(told(&found), [of_off_site[1]]);
    // To some people or with some devices; about one system.
    let found = of(&[off_site], &["psn_2"], &[], None, ever);
    assert_eq!(told(&found), [of_off_site[1]]);
    let found = of(&[off_site, byod], &["psn_2"], &["dev_3"], None, ever);
    assert_eq!(told(&found), [of_off_site[1], (5, three, 2, known)]);
    let found = of(&[off_site], &[], &[], Some("sys_2"), ever);
    assert_eq!(told(&found), [of_off_site[1]]);
}

/// However many answers rested on exceptions from another row, and however many on none.
#[test]
fn no_more_than_the_newest_are_looked_at_of_each_that_was_excused_and_it_is_said() {
    let place = Place::new();
    let store = place.open().observations;
    let many = (10..40).map(|at| answer(at, "psn_9", if at % 2 == 0 { &[BYOD] } else { &[] }));
    let many: Vec<NewAnswer> = many.collect();
    store.add_answers(&many).unwrap();
    store
        .add_answers(&[1, 2, 3].map(|at| answer(at, "psn_1", &[OFF_SITE])))
        .unwrap();
    let within = |kinds: &[&str], most| {
        let excused = texts(kinds);
        let of = AllowedOf {
            people: &[],
            devices: &[],
            resource: None,
            excused: &excused,
        };
        let mut found = Vec::new();
        let whole = store.each_allowed((0, 100), of, most, |it| found.push(it.at));
        (found, whole.unwrap())
    };
    let (byod, off_site) = (r#"["permit.byod"]"#, r#"["permit.off-site"]"#);
    assert_eq!(within(&[off_site], 3), (vec![3, 2, 1], true));
    assert_eq!(within(&[off_site], 2), (vec![3, 2], false));
    assert_eq!(
        within(&[byod, off_site], 3),
        (vec![38, 36, 34, 3, 2, 1], false)
    );
}

#[test]
fn marks_go_with_the_answers_they_are_of() {
    let place = Place::new();
    let store = place.open().observations;
    let at = |age: i64| NOW - age * DAY;
    let all = [
        answer(at(93), "psn_1", &[BYOD]),
        answer(at(93), "psn_1", &[OFF_SITE]),
        answer(at(91), "psn_2", &[OFF_SITE]),
    ];
    store.add_answers(&all).unwrap();
    let removed = store.retain(NOW, Retention::default()).unwrap();
    assert_eq!(removed.decisions, 2);
    assert_eq!(store.excused().unwrap(), [r#"["permit.off-site"]"#]);
}
