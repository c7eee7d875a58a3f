//! The bounds of the desk on which table files lie.

use std::sync::Arc;

use sekisho_domain::id::PersonId;
use sekisho_domain::register::Register;
use sekisho_server::app::fresh;
use sekisho_server::tables::desk::{Desk, DeskError, FILE_MAX, NewUpload, Upload};
use sekisho_server::tables::{Given, TableOf};

use super::house::House;

fn brought(owner: PersonId, bytes: usize) -> NewUpload {
    NewUpload {
        owner,
        of: TableOf::Register(Register::IssuedDevice),
        name: "台帳.xlsx".to_owned(),
        bytes: vec![0; bytes],
        given: Given::default(),
    }
}

fn someone() -> PersonId {
    PersonId::new(fresh().unwrap())
}

/// Waits until a file is looked through.
fn rests(upload: &Arc<Upload>) {
    let begun = std::time::Instant::now();
    while upload.is_at_work() {
        assert!(begun.elapsed().as_secs() < 60, "it is worked on for ever");
        std::thread::yield_now();
    }
}

#[test]
fn no_more_bytes_lie_on_the_desk_than_it_bears_and_what_goes_makes_room() {
    let house = House::new();
    let desk = Arc::new(Desk::default());
    let now = house.app.now();
    // Four of the largest are all that it bears: one byte more is too much, whoever brings it.
    let largest: Vec<_> = (0..4)
        .map(|_| desk.take(&house.app, brought(someone(), FILE_MAX)).unwrap())
        .collect();
    largest.iter().for_each(rests);
    let late = someone();
    let full = desk.take(&house.app, brought(late, 1));
    assert!(matches!(full, Err(DeskError::Full)));
    assert!(
        desk.of(late, TableOf::Register(Register::IssuedDevice), now)
            .is_empty()
    );
    for upload in &largest {
        assert!(desk.find(&upload.id, upload.owner, now).is_some());
    }
    desk.discard(&largest[0].id, largest[0].owner);
    let taken = desk.take(&house.app, brought(late, FILE_MAX)).unwrap();
    rests(&taken);
    assert!(matches!(
        desk.take(&house.app, brought(someone(), 1)),
        Err(DeskError::Full)
    ));
}

/// An early version took a person's oldest file away before it found that there was no room all the
/// same.
#[test]
fn a_file_that_is_not_taken_takes_no_other_away() {
    let house = House::new();
    let desk = Arc::new(Desk::default());
    let now = house.app.now();
    let own = someone();
    let small: Vec<_> = (0..3)
        .map(|_| desk.take(&house.app, brought(own, 10)).unwrap())
        .collect();
    let others: Vec<_> = (0..3)
        .map(|_| desk.take(&house.app, brought(someone(), FILE_MAX)).unwrap())
        .collect();
    small.iter().chain(&others).for_each(rests);
    assert!(desk.take(&house.app, brought(own, FILE_MAX)).is_err());
    assert_eq!(
        desk.of(own, TableOf::Register(Register::IssuedDevice), now)
            .len(),
        3
    );
    // With room, the oldest goes.
    let taken = desk.take(&house.app, brought(own, 10)).unwrap();
    rests(&taken);
    let left = desk.of(own, TableOf::Register(Register::IssuedDevice), now);
    let ids: Vec<&str> = left.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids, [&*taken.id, &*small[2].id, &*small[1].id]);
}
