//! What was found of an exception stands for the one that goes on with it.

use sekisho_domain::exception::Judgement;
use sekisho_domain::time::Span;

use super::exceptions::{HOLD, enacted, err, ok, on, regularise, review, running};
use super::scene::{EXCEPTIONS, Scene, day, permit};

#[test]
fn what_was_found_of_the_one_before_stands_and_makes_no_ordinary_operation_of_one_unseen() {
    let mut scene = Scene::new();
    enacted(&mut scene);
    running(&mut scene, 1);
    assert_eq!(scene.world.exception_confirmed(permit(1)), None);
    let works = review(Judgement::Effective, Some(day(20)));
    ok(on(&mut scene, (1, EXCEPTIONS), &HOLD, works));
    assert_eq!(scene.world.exception_confirmed(permit(1)), Some(permit(1)));
    scene.now = day(33);
    running(&mut scene, 2);
    assert_eq!(scene.world.exception_confirmed(permit(2)), Some(permit(1)));
    // Its measures may be others: whoever decides has to look at this one.
    let by = (2, EXCEPTIONS);
    err(
        on(&mut scene, by, &HOLD, regularise()),
        "exception.effect-not-confirmed",
    );
    let next = Some(scene.now.after(Span::days(10)));
    let works = review(Judgement::Effective, next);
    ok(on(&mut scene, by, &HOLD, works));
    ok(on(&mut scene, by, &HOLD, regularise()));
    assert_eq!(scene.world.exception_confirmed(permit(2)), None);
    // A third one goes on with what became ordinary operation: of it nothing was found yet.
    scene.now = scene.now.after(Span::days(1));
    running(&mut scene, 3);
    assert_eq!(scene.world.exception_confirmed(permit(3)), None);
}
