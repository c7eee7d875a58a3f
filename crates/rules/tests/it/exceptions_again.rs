//! An exception that was found to work and is applied for anew: it runs on as an exception, under another number.

use sekisho_domain::check::Outcome;
use sekisho_domain::code::Param;
use sekisho_domain::exception::Judgement::{self, Effective, NotClear, NotEffective};
use sekisho_domain::permit::{Permit, Term};
use sekisho_domain::profile::Profile;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::assess::Thing;
use sekisho_rules::exit::sets_exit_code;

use crate::exceptions::{ROWS, exception, id, regularised, reviewed, row_force, stopped};
use crate::fixture::{NOW, Scene, row};
use crate::permits::{give, said};

/// What happens, in order. Days are so many before now.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// The one of this number is given on a day, until a day.
    Given(u32, u32, u32),
    /// The one of this number runs until far beyond now.
    Runs(u32, u32),
    /// What is found of it, on a day.
    Found(u32, Judgement, u32),
    /// It is stopped yesterday.
    Stopped(u32),
    /// It becomes ordinary operation yesterday.
    Regularised(u32),
}
use Step::{Found, Given, Regularised, Runs, Stopped};

fn ago(days: u32) -> Timestamp {
    NOW.before(Span::days(days))
}

fn given(scene: &mut Scene, n: u32, from: u32, until: Timestamp) {
    let term = Term {
        from: ago(from),
        until,
    };
    give(scene, n, exception(None, 10, &[]), from, term);
}

fn lived(profile: Profile, steps: &[Step]) -> Scene {
    let mut scene = Scene::new(profile);
    for step in steps {
        match *step {
            Given(n, from, until) => given(&mut scene, n, from, ago(until)),
            Runs(n, from) => given(&mut scene, n, from, NOW.after(Span::days(30))),
            Found(n, judgement, at) => reviewed(&mut scene, n, judgement, &[], ago(at)),
            Stopped(n) => stopped(&mut scene, n),
            Regularised(n) => regularised(&mut scene, n),
        }
    }
    scene
}

/// The number that a permit bears.
fn number(scene: &Scene, n: u32) -> String {
    let permit = scene.world.permits.get(id(n));
    permit.and_then(Permit::grant).unwrap().number.to_string()
}

/// By which exception's review the one of this number is said to be left as one; none where it is not.
fn left_by(scene: &Scene, row_id: &str, n: u32) -> Option<u32> {
    let assessment = scene.assess();
    let mut concerned = row(&assessment, row_id).concerned.iter();
    let it = concerned.find(|it| it.what == Thing::Permit(id(n)))?;
    assert_eq!(it.outcome, Outcome::Fail, "{it:?}");
    match &*it.reason.code {
        "exception.effective-left" => Some(n),
        "exception.runs-on" => {
            let named = &it.reason.params["number"];
            let mut all = 1..n;
            all.find(|earlier| *named == Param::from(number(scene, *earlier)))
        }
        other => panic!("{other}"),
    }
}

#[test]
fn what_works_and_is_given_anew_the_next_day_does_not_stay_an_exception() {
    for (profile, _, row_id) in ROWS {
        let mut scene = lived(
            profile,
            &[Given(1, 40, 10), Found(1, Effective, 20), Runs(2, 9)],
        );
        let left = (Verdict::NotMet, "exception.not-regular".to_owned());
        assert_eq!(said(&scene, row_id), left);
        assert_eq!(left_by(&scene, row_id, 2), Some(1));
        let force = row_force(&scene, row_id);
        let fails = sets_exit_code(force, Verdict::NotMet, false);
        assert_eq!(fails, profile == Profile::Ci);
        // Somebody looks at it and finds that it no longer does.
        reviewed(&mut scene, 2, NotEffective, &[], ago(1));
        assert_eq!(said(&scene, row_id).1, "attestation.missing");
    }
}

/// What happened, of which exception it is asked, and by which one's review it is said to be left as one.
const SETTLED: &[(&[Step], u32, Option<u32>)] = &[
    // Nobody found anything, or not that it works.
    (&[Given(1, 40, 10), Runs(2, 9)], 2, None),
    (
        &[Given(1, 40, 10), Found(1, NotClear, 20), Runs(2, 9)],
        2,
        None,
    ),
    (
        &[Given(1, 40, 10), Found(1, NotEffective, 20), Runs(2, 9)],
        2,
        None,
    ),
    // Of each the newest review counts, also one after its end.
    (
        &[
            Given(1, 40, 10),
            Found(1, Effective, 20),
            Found(1, NotEffective, 12),
            Runs(2, 9),
        ],
        2,
        None,
    ),
    (
        &[Given(1, 40, 10), Runs(2, 9), Found(1, Effective, 5)],
        2,
        Some(1),
    ),
    (
        &[
            Given(1, 40, 10),
            Found(1, Effective, 20),
            Runs(2, 9),
            Found(1, NotEffective, 5),
        ],
        2,
        None,
    ),
    // That it cannot be told yet of the later one takes nothing back; that it does not work does, whatever is
    // found of the earlier one's days after that.
    (
        &[
            Given(1, 40, 10),
            Found(1, Effective, 20),
            Runs(2, 9),
            Found(2, NotClear, 1),
        ],
        2,
        Some(1),
    ),
    (
        &[
            Given(1, 40, 10),
            Runs(2, 9),
            Found(2, NotEffective, 5),
            Found(1, Effective, 2),
        ],
        2,
        None,
    ),
    // Its own review goes first.
    (
        &[
            Given(1, 40, 10),
            Found(1, Effective, 20),
            Runs(2, 9),
            Found(2, Effective, 1),
        ],
        2,
        Some(2),
    ),
    // The line is as long as it is.
    (
        &[
            Given(1, 60, 40),
            Found(1, Effective, 50),
            Given(2, 39, 10),
            Runs(3, 9),
        ],
        3,
        Some(1),
    ),
    (
        &[
            Given(1, 60, 40),
            Found(1, Effective, 50),
            Given(2, 39, 10),
            Found(2, NotEffective, 20),
            Runs(3, 9),
        ],
        3,
        None,
    ),
    // An end does not settle it where another goes on with it. Ordinary operation does, looked at again or not.
    (
        &[Runs(1, 40), Found(1, Effective, 20), Stopped(1), Runs(2, 0)],
        2,
        Some(1),
    ),
    (
        &[
            Runs(1, 40),
            Found(1, Effective, 20),
            Regularised(1),
            Runs(2, 0),
        ],
        2,
        None,
    ),
    (
        &[
            Runs(1, 40),
            Found(1, Effective, 20),
            Regularised(1),
            Found(1, Effective, 0),
            Runs(2, 0),
        ],
        2,
        None,
    ),
    // More than a week later it is another one.
    (
        &[Given(1, 40, 10), Found(1, Effective, 20), Runs(2, 2)],
        2,
        None,
    ),
];

#[test]
fn what_was_found_of_an_earlier_one_stands_until_it_is_settled() {
    for (profile, _, row_id) in ROWS {
        for (steps, n, expected) in SETTLED {
            let scene = lived(profile, steps);
            assert_eq!(left_by(&scene, row_id, *n), *expected, "{steps:?}");
        }
    }
}
