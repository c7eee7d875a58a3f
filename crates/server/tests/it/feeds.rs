//! Feeds brought in again: unchanged, smaller, older.

use sekisho_domain::actor::Actor;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_server::app::{App, CommandError};
use sekisho_server::knowledge::{
    ImportError, ImportHints, ImportedFeed, KnowledgeBase, import, lines,
};

use crate::assessor::{Passing, house};

const TRACKER: &str = include_str!("../../../../fixtures/feeds/tracker.json");
const ENDED: &str = include_str!("../../../../fixtures/feeds/support-ended.txt");
const PACKAGES: &str = include_str!("../../../../fixtures/feeds/security-packages.tsv");

fn hints(as_of: Timestamp) -> ImportHints {
    ImportHints {
        as_of: Some(as_of),
        release: Some("bookworm".to_owned()),
        smaller: false,
    }
}

fn bring(app: &App, text: &str, hints: &ImportHints) -> Result<ImportedFeed, ImportError> {
    import(app, Actor::Operator, text.as_bytes(), hints)
}

fn refused(outcome: Result<ImportedFeed, ImportError>) -> String {
    match outcome {
        Err(ImportError::Command(CommandError::Refused(refusal))) => refusal.reason.code.into(),
        other => panic!("not refused: {other:?}"),
    }
}

/// A list of ended support that the publisher has not changed since spring once made every
/// verdict that rests on it unknown, however often it was fetched.
#[test]
fn a_list_that_changes_seldom_is_as_young_as_the_day_on_which_it_was_checked() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let first = bring(&app, ENDED, &hints(app.now())).unwrap();
    assert!(!first.known);
    time.days(30);
    let now = app.now();
    assert!(!first.state.is_fresh(now));
    let again = bring(&app, ENDED, &hints(now)).unwrap();
    assert!(!again.known && again.state.is_fresh(now));
    let held = app.world().feeds.values().next().cloned().unwrap();
    assert_eq!((held.as_of, &held.digest), (now, &first.state.digest));
    // And said once more, nothing is recorded.
    assert!(bring(&app, ENDED, &hints(now)).unwrap().known);
}

#[test]
fn what_changes_daily_is_made_no_younger_by_naming_it_again() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    for text in [TRACKER, PACKAGES] {
        let first = bring(&app, text, &hints(app.now())).unwrap();
        time.days(30);
        let again = bring(&app, text, &hints(app.now())).unwrap();
        assert!(again.known);
        assert_eq!(again.state, first.state);
        assert!(!again.state.is_fresh(app.now()));
    }
}

/// A tracker that had lost a part was once taken without a word.
#[test]
fn a_tracker_that_lost_a_part_says_of_which_releases() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let part = TRACKER.replace("\"zlib\"", "\"other\"");
    let brought = bring(&app, &part, &hints(app.now())).unwrap();
    assert_eq!(brought.in_part, ["bookworm", "trixie"]);
    let recorded = app.world().feeds.clone();
    let read = KnowledgeBase::load(app.observations(), &recorded, app.now()).unwrap();
    app.set_knowledge(read);
    let told = lines(&app).into_iter().find(|line| line.as_of.is_some());
    let both = ["bookworm", "trixie"].map(str::to_owned);
    assert_eq!(told.unwrap().in_part, Some(both.to_vec()));
    let whole = bring(&app, TRACKER, &hints(app.now().after(Span::seconds(1)))).unwrap();
    assert!(whole.in_part.is_empty());
    let told = lines(&app).into_iter().find(|line| line.as_of.is_some());
    assert_eq!(told.unwrap().in_part, None, "not read yet");
}

/// An index cut to 20 of its 3,016 lines once took the place of the whole one.
#[test]
fn a_feed_that_lost_most_of_its_entries_is_taken_only_when_insisted_on() {
    let (place, time) = (tempfile::tempdir().unwrap(), Passing::default());
    let app = house(place.path(), &time);
    let whole = bring(&app, PACKAGES, &hints(app.now())).unwrap().state;
    assert!(whole.entries >= 4, "{} entries", whole.entries);
    let first = |lines: usize| -> String { PACKAGES.split_inclusive('\n').take(lines).collect() };
    let now = app.now().after(Span::seconds(1));
    assert_eq!(refused(bring(&app, &first(1), &hints(now))), "feed.shrunk");
    let held = |app: &App| app.world().feeds.values().next().cloned().unwrap();
    assert_eq!(held(&app), whole);
    let stored = app.observations().feed_states().unwrap();
    assert_eq!(stored[0].entries, i64::from(whole.entries));
    // Half of it may be a clearing-out.
    let half = first(whole.entries.div_ceil(2) as usize);
    bring(&app, &half, &hints(now)).unwrap();
    // A second halving is measured by what there was before the first.
    assert_eq!(refused(bring(&app, &first(2), &hints(now))), "feed.shrunk");
    let insisted = ImportHints {
        smaller: true,
        ..hints(now)
    };
    bring(&app, &first(1), &insisted).unwrap();
    assert_eq!(held(&app).entries, 1);
}
