//! Roads whose permit has ended: told of for a week, and not asked about after that.

use sekisho_protocol::tunnel::TunnelSystem;
use sekisho_server::access::gateway::{candidates_now, told};

use super::gateways::Road;
use super::permit_section::went;

const DAY: i64 = 86_400_000;

fn systems(road: &Road) -> Vec<TunnelSystem> {
    let app = &road.house().app;
    let book = app.access().rulebook();
    let (person, device) = (road.section.staff.0, road.section.issued);
    app.with_ground(|ground| told(&book, ground, (person, device), None))
}

fn asked_about(road: &Road) -> usize {
    let who = (road.section.staff.0, road.section.issued);
    let app = &road.house().app;
    app.with_ground(|ground| candidates_now(ground.world, who, ground.now).len())
}

#[tokio::test]
async fn the_end_of_a_permit_is_told_for_a_week_and_nothing_is_asked_after_that() {
    let road = Road::new().await;
    let access = road.opened().await;
    assert!(systems(&road)[0].reached);
    let section = &road.section;
    went(&section.done(&access, section.staff, "return", &[]).await);
    let all = systems(&road);
    assert_eq!((all.len(), asked_about(&road)), (1, 1));
    assert!(!all[0].reached);
    let why = |words: &str| all[0].why.iter().any(|it| it.ja.contains(words));
    assert!(why("リモートアクセスの許可がない"), "{all:?}");
    road.house().pass(8 * DAY);
    road.house().app.clock().confirm();
    assert_eq!((systems(&road).len(), asked_about(&road)), (0, 0));
    // It is still there for whoever looks for what was.
    let id = section.permit(&access).id;
    let world = road.house().app.world();
    let mut all = world.permits.of_person(section.staff.0);
    assert!(all.any(|it| it.id == id));
    assert!(
        world
            .permits
            .open_of_person(section.staff.0)
            .all(|it| it.id != id)
    );
}
