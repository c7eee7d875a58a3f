//! Letters: asked for once, tried until they end, and told by state.

use sekisho_store::Observations;
use sekisho_store::observations::{LetterEnd, LetterTally, LettersIn, NewLetter, Retention};
use serde_json::json;

use crate::support::{NOW, Place};

const DAY: i64 = 86_400_000;

fn letter(key: &str) -> NewLetter {
    NewLetter {
        key: key.to_owned(),
        person: "psn_1".to_owned(),
        payload: json!({ "letter": "to-decide" }),
        due_at: NOW,
    }
}

fn due(store: &Observations) -> Vec<String> {
    let rows = store.letters_due(NOW, 10).unwrap();
    rows.into_iter().map(|row| row.key).collect()
}

#[test]
fn a_letter_is_asked_for_once_and_the_mark_goes_with_it() {
    let place = Place::new();
    let store = place.open().observations;
    assert_eq!(store.letters_mark("ledger").unwrap(), None);
    let asked = |letters: &[NewLetter], mark| {
        store
            .ask_for_letters(letters, Some(("ledger", mark)), NOW)
            .unwrap()
    };
    assert_eq!(asked(&[letter("a"), letter("b")], 5), 2);
    assert_eq!(asked(&[letter("b"), letter("c")], 9), 1);
    assert_eq!(store.letters_mark("ledger").unwrap(), Some(9));
    assert_eq!(due(&store), ["a", "b", "c"]);
    // Sent, it is still known, and asking for it again makes none.
    let id = store.letters_due(NOW, 1).unwrap()[0].id;
    store.letter_ended(id, LetterEnd::Sent, None, NOW).unwrap();
    assert_eq!(asked(&[letter("a")], 9), 0);
    assert_eq!(due(&store), ["b", "c"]);
}

#[test]
fn failures_are_counted_and_ends_are_final() {
    let place = Place::new();
    let store = place.open().observations;
    store
        .ask_for_letters(&[letter("a"), letter("b")], None, NOW)
        .unwrap();
    let rows = store.letters_due(NOW, 10).unwrap();
    let (a, b) = (rows[0].id, rows[1].id);
    store.letter_failed(a, "mail.busy later", NOW + 50).unwrap();
    assert_eq!(due(&store), ["b"]);
    assert_eq!(store.next_letter().unwrap(), Some(NOW));
    store
        .letter_ended(b, LetterEnd::GivenUp, Some("mail.refused no"), NOW)
        .unwrap();
    assert_eq!(store.next_letter().unwrap(), Some(NOW + 50));
    assert_eq!(
        store.letter_failed(b, "x", NOW).unwrap_err().code(),
        "unknown"
    );
    let tally = LetterTally {
        failing: 1,
        ended: [0, 1, 0, 0],
        oldest: Some(NOW),
        ..LetterTally::default()
    };
    assert_eq!(store.letter_tally().unwrap(), tally);
    let failing = store.letters(LettersIn::Failing, i64::MAX, 10).unwrap();
    assert_eq!((failing[0].id, failing[0].attempts), (a, 1));
    let given_up = LettersIn::Ended(LetterEnd::GivenUp);
    let given_up = store.letters(given_up, i64::MAX, 10).unwrap();
    assert_eq!(given_up[0].last_error.as_deref(), Some("mail.refused no"));
    assert_eq!(given_up[0].ended, Some((NOW, LetterEnd::GivenUp)));
    // By hand it is tried again; what was sent stays sent.
    store.letter_again(b, NOW).unwrap();
    assert_eq!(due(&store), ["b"]);
    store.letter_ended(b, LetterEnd::Sent, None, NOW).unwrap();
    assert_eq!(store.letter_again(b, NOW).unwrap_err().code(), "unknown");
    // Pages go by number.
    let all = store.letters(LettersIn::All, i64::MAX, 1).unwrap();
    assert_eq!(all[0].id, b);
    assert_eq!(store.letters(LettersIn::All, b, 10).unwrap().len(), 1);
}

#[test]
fn letters_that_ended_long_ago_are_removed_and_waiting_ones_never() {
    let place = Place::new();
    let store = place.open().observations;
    store
        .ask_for_letters(&[letter("a"), letter("b")], None, NOW - 500 * DAY)
        .unwrap();
    let id = store.letters_due(NOW, 1).unwrap()[0].id;
    store
        .letter_ended(id, LetterEnd::Sent, None, NOW - 401 * DAY)
        .unwrap();
    assert_eq!(store.retain(NOW, Retention::default()).unwrap().letters, 1);
    assert_eq!(due(&store), ["b"]);
}
