//! Who had applied for services under terms, of many uses by many people.

use sekisho_domain::id::PersonId;
use sekisho_domain::profile::Profile;
use sekisho_domain::register::EntryId;
use sekisho_domain::time::{Span, Timestamp};
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::{Applications, ServiceUse, ServicesSeen};

use crate::fixture::{NOW, Scene, fresh};
use crate::permits::{give, person, said, until};
use crate::services::{ago, is, permit, read_logs, service, under_terms};

#[test]
fn users_beyond_what_is_held_leave_the_row_of_applications_unknown() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    read_logs(&mut scene, 1);
    let applied = "US-4.1.2-2-a-ii";
    assert_eq!(
        said(&scene, applied),
        is(Verdict::Met, "services.none-used")
    );
    give(&mut scene, 1, permit(1, &[]), 5, until(30));
    let world = scene.world.clone();
    let mut seen = ServicesSeen::of_at_most(1);
    seen.read("dns", ago(1));
    let used = |seen: &mut ServicesSeen, n, days| {
        let used = ServiceUse {
            entry: EntryId::from(service(1)),
            person: Some(PersonId::new(fresh(6, n))),
            within: (ago(days), ago(days)),
        };
        seen.take(&world, &used);
    };
    used(&mut seen, 900, 3);
    // However often one person used it, that is one.
    used(&mut seen, 900, 2);
    assert!(seen.is_whole());
    *scene.access.services_mut() = seen.clone();
    assert_eq!(
        said(&scene, applied),
        is(Verdict::Met, "services.all-applied")
    );
    used(&mut seen, 901, 2);
    assert!(!seen.is_whole());
    *scene.access.services_mut() = seen.clone();
    assert_eq!(
        said(&scene, applied),
        is(Verdict::Unknown, "services.uses-cut")
    );
    // What is held without a permit fails all the same.
    seen.forget_people(NOW);
    used(&mut seen, 902, 2);
    *scene.access.services_mut() = seen;
    assert_eq!(
        said(&scene, applied),
        is(Verdict::NotMet, "services.not-applied")
    );
    // Those of whom nothing is held count no longer than the others.
    scene.access.forget(NOW.after(Span::days(25)));
    assert!(!scene.access.services_mut().is_whole());
    scene.access.forget(NOW.after(Span::days(27)));
    assert!(scene.access.services_mut().is_whole());
}

/// A permit between two days of use is none for the first of them, however the two are read.
#[test]
fn applications_that_are_looked_up_once_are_held_against_each_stretch_of_use() {
    let mut scene = Scene::new(Profile::Gov);
    under_terms(&mut scene, 1, &[]);
    under_terms(&mut scene, 2, &[]);
    let mut term = until(30);
    term.from = ago(10);
    give(&mut scene, 1, permit(1, &[]), 10, term);
    let (day_before, day_with) = ((ago(20), ago(19)), (ago(3), ago(2)));
    let of = |n, within: &[(Timestamp, Timestamp)]| {
        let applications = Applications::of(&scene.world, person(), service(n));
        let mut seen = ServicesSeen::default();
        for within in within {
            seen.take_of(&applications, *within);
        }
        let (with, without, _) = seen.applied(NOW);
        (with, without.len())
    };
    assert_eq!(of(1, &[day_with]), (1, 0));
    assert_eq!(of(1, &[day_before, day_with]), (0, 1));
    assert_eq!(of(1, &[day_with, day_before]), (0, 1));
    assert_eq!(of(2, &[day_with]), (0, 1), "of another service");
}
