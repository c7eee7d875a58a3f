//! The registers of the demonstration.

use sekisho_domain::moves::MoveState;
use sekisho_domain::register::Register;
use sekisho_rules::catalogue::Catalogue;
use sekisho_server::app::App;
use sekisho_server::app::clock::MachineTime;
use sekisho_sim::demo::fill;
use sekisho_sim::organisation::{Ministry, Size};
use sekisho_store::DataFolder;
use sekisho_store::keyring::MasterSource;

/// Which entry comes first differs from seed to seed; the last is the demonstration's.
#[test]
fn registers_are_filled_once_and_a_list_of_moves_waits() {
    for seed in [3, 11, 20_200_611] {
        fills_once(seed);
    }
}

fn fills_once(seed: u64) {
    let place = tempfile::tempdir().unwrap();
    let folder = DataFolder::create_or_open(place.path()).unwrap();
    let master = MasterSource::standard(&folder, None);
    let app = App::open(folder, &master, Box::new(MachineTime::default())).unwrap();
    let catalogue = Catalogue::builtin().unwrap();
    let size = Size {
        people: 160,
        issued: 20,
        byod: 6,
    };
    let ministry = Ministry::seeded(seed, size);
    fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    {
        let world = app.world();
        for register in Register::ALL {
            // What people tell and what happens to them is not made up.
            // Nor are the texts of a checklist, which are another's.
            let told = matches!(
                register,
                Register::Incident | Register::Concern | Register::ChecklistItem
            );
            assert_eq!(world.registers.is_empty(*register), told, "{register:?}");
        }
        assert_eq!(world.registers.len(Register::IssuedDevice), 20);
        assert_eq!(world.registers.len(Register::ByodDevice), 6);
        let lists = world.moves.all();
        assert_eq!(lists.len(), 1);
        assert_eq!(lists[0].state, MoveState::Accepted);
        assert!(lists[0].count > 3);
    }
    let before = app.head().size;
    fill(&app, &catalogue, &ministry, &|| false, &mut |_, _, _| {}).unwrap();
    assert_eq!(
        app.head().size,
        before,
        "a second filling finds nothing to do"
    );
    app.stop();
}
