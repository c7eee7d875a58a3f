//! Days of telework summed from answers, a batch at a time, say what counting answer by answer says.

use std::collections::BTreeMap;

use sekisho_store::Observations;
use sekisho_store::observations::{
    CountsFor, DecisionsOf, NewDecision, Retention, TeleworkDay, Unsummed,
};

use crate::support::{Draw, Place};

const DAY: i64 = 86_400_000;
/// A midnight in Japan.
const UNTIL: i64 = 20_600 * DAY - 9 * 3_600_000;
const DAYS: i64 = 40;
const FROM: i64 = UNTIL - DAYS * DAY;

/// Whether it was allowed, the day, the person and the task.
type Key = (bool, i64, String, Option<String>);
/// When first and last on that day.
type Days = BTreeMap<Key, (i64, i64)>;

fn day(at: i64) -> i64 {
    FROM + (at - FROM).div_euclid(DAY) * DAY
}

/// What is telework here: what the question names a task for, or none; all else is not.
fn counts(answer: Unsummed<'_>) -> Option<CountsFor> {
    let task = match answer.question {
        "other" => return None,
        "none" => None,
        task => Some(task.to_owned()),
    };
    // What one asker is answered is no use yet.
    (answer.asker != Some("gateway")).then(|| CountsFor {
        day: day(answer.at),
        task,
    })
}

fn answer(at: i64, person: &str, question: &str, allowed: bool) -> NewDecision {
    NewDecision {
        at,
        person: person.to_owned(),
        device: None,
        resource: "sys_1".to_owned(),
        allowed,
        times: 1,
        question: question.to_owned(),
        rules: "[]".to_owned(),
        asker: None,
    }
}

fn told(store: &Observations, from: i64) -> Days {
    let mut found = Days::new();
    for allowed in [true, false] {
        let mut each = |it: TeleworkDay<'_>| {
            let key = (
                allowed,
                it.day,
                it.person.to_owned(),
                it.task.map(str::to_owned),
            );
            let twice = found.insert(key, (it.first_at, it.last_at));
            assert_eq!(twice, None, "a day is told once");
        };
        store.each_telework_day(allowed, from, &mut each).unwrap();
    }
    found
}

/// The same of the answers that are in the store, one by one.
fn counted(store: &Observations, from: i64) -> Days {
    let mut found = Days::new();
    let rows = store.decisions(DecisionsOf::Anyone, false, i64::MIN, usize::MAX);
    for row in rows.unwrap() {
        let it = row.decision;
        let answer = Unsummed {
            question: &it.question,
            asker: it.asker.as_deref(),
            allowed: it.allowed,
            at: it.at,
        };
        if let Some(for_what) = counts(answer).filter(|it| it.day >= from) {
            let key = (it.allowed, for_what.day, it.person, for_what.task);
            let (first, last) = found.entry(key).or_insert((it.at, it.at));
            (*first, *last) = (it.at.min(*first), it.at.max(*last));
        }
    }
    found
}

fn sum_all(store: &Observations, most: usize) {
    while !store.sum_telework(most, counts).unwrap() {}
}

#[test]
fn answers_summed_up_as_they_come_are_those_counted_one_by_one() {
    let place = Place::new();
    let store = place.open().observations;
    let mut draw = Draw::new(3);
    for _ in 0..60 {
        let many = draw.below(120);
        let answers: Vec<NewDecision> = (0..many)
            .map(|_| {
                let at = match draw.below(8) {
                    // At the very edges of days.
                    0 => FROM + draw.below(DAYS) * DAY,
                    1 => FROM + draw.below(DAYS) * DAY - 1,
                    _ => FROM - DAY + draw.below((DAYS + 2) * DAY),
                };
                let question = ["other", "none", "tsk_1", "tsk_2"][draw.below(4) as usize];
                let person = format!("psn_{}", draw.below(6));
                let asker = (draw.below(4) == 0).then(|| "gateway".to_owned());
                NewDecision {
                    asker,
                    ..answer(at, &person, question, draw.below(3) > 0)
                }
            })
            .collect();
        store.add_decisions(&answers).unwrap();
        match draw.below(3) {
            0 => sum_all(&store, 1 + draw.below(90) as usize),
            // Some of it is left for the next time.
            1 => drop(
                store
                    .sum_telework(1 + draw.below(50) as usize, counts)
                    .unwrap(),
            ),
            _ => {}
        }
    }
    sum_all(&store, 50);
    let all = counted(&store, i64::MIN);
    assert!(all.len() > 500, "{}", all.len());
    assert_eq!(told(&store, i64::MIN), all);
    let some = counted(&store, UNTIL - 9 * DAY);
    assert!(!some.is_empty() && some.len() < all.len() / 2);
    assert_eq!(told(&store, UNTIL - 9 * DAY), some);
    // Nothing of it is looked at again.
    let never = |_: Unsummed<'_>| -> Option<CountsFor> { panic!("it was summed up") };
    assert!(store.sum_telework(7, never).unwrap());
}

#[test]
fn answers_that_get_the_numbers_of_removed_ones_are_summed_up_as_well() {
    let place = Place::new();
    let store = place.open().observations;
    let keeps = Retention::default().decisions * DAY;
    let before: Vec<_> = (0..20)
        .map(|n| answer(FROM + n, "psn_1", "none", true))
        .collect();
    store.add_decisions(&before).unwrap();
    sum_all(&store, 50);
    // Nobody asked for months: all of them go, and numbers begin anew.
    store.retain(UNTIL + keeps, Retention::default()).unwrap();
    assert_eq!(told(&store, i64::MIN), Days::new());
    let after: Vec<_> = (0..30)
        .map(|n| answer(UNTIL + n, "psn_2", "tsk_1", true))
        .collect();
    store.add_decisions(&after).unwrap();
    let rows = store
        .decisions(DecisionsOf::Anyone, false, i64::MIN, 1)
        .unwrap();
    assert_eq!(rows[0].id, 30, "the numbers are those of before");
    sum_all(&store, 50);
    let key = (true, UNTIL, "psn_2".to_owned(), Some("tsk_1".to_owned()));
    assert_eq!(
        told(&store, i64::MIN),
        Days::from([(key, (UNTIL, UNTIL + 29))])
    );
}

#[test]
fn days_go_with_the_last_answers_of_them() {
    let place = Place::new();
    let store = place.open().observations;
    let keeps = Retention::default().decisions * DAY;
    let days = [FROM, FROM + DAY, FROM + 2 * DAY];
    let answers: Vec<_> = days
        .iter()
        .flat_map(|at| [true, false].map(|allowed| answer(at + 7, "psn_1", "none", allowed)))
        .collect();
    store.add_decisions(&answers).unwrap();
    sum_all(&store, 50);
    let left = |it: &Days| it.keys().map(|(_, day, ..)| *day).collect::<Vec<_>>();
    assert_eq!(left(&told(&store, i64::MIN)).len(), 6);
    // In the middle of the second day: of that some answers could be left.
    store
        .retain(FROM + DAY + DAY / 2 + keeps, Retention::default())
        .unwrap();
    assert_eq!(
        left(&told(&store, i64::MIN)),
        [days[1], days[2], days[1], days[2]]
    );
    store
        .retain(FROM + 2 * DAY + keeps, Retention::default())
        .unwrap();
    assert_eq!(left(&told(&store, i64::MIN)), [days[2], days[2]]);
}
