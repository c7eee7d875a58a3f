//! Whatever is seen, less of it never makes a row good that was not.

use proptest::prelude::*;
use sekisho_domain::check::Outcome;
use sekisho_domain::verdict::Verdict;
use sekisho_rules::access::{AccessEvidence, Admission};

use super::*;
use crate::permits::{give, until};

/// One thing that was seen or stands in a register.
#[derive(Clone, Copy, Debug)]
enum Piece {
    Asked(Option<Asker>),
    Heard(bool),
    Watched,
    Allowed(u32),
    Traffic(u32),
    Admitted(bool, bool),
    Stranger,
    Lost,
}

fn piece() -> impl Strategy<Value = Piece> {
    prop_oneof![
        Just(Piece::Asked(PROXY)),
        Just(Piece::Asked(Some(Asker::Proxy(ProxyDoor::ExtAuthz)))),
        Just(Piece::Asked(None)),
        any::<bool>().prop_map(Piece::Heard),
        Just(Piece::Watched),
        (1_u32..900).prop_map(Piece::Allowed),
        (1_u32..900).prop_map(Piece::Traffic),
        any::<(bool, bool)>().prop_map(|(a, b)| Piece::Admitted(a, b)),
        Just(Piece::Stranger),
        Just(Piece::Lost),
    ]
}

fn put(scene: &mut Scene, device: DeviceId, piece: Piece) {
    match piece {
        Piece::Asked(by) => scene.access.asked(system_id(), by, hours(5)),
        Piece::Heard(failing) => heard(scene, hours(0), failing),
        Piece::Watched => scene.access.watch(line_id(), hours(5)),
        Piece::Allowed(at) => allowed(scene, device, hours(at)),
        Piece::Traffic(at) => traffic(scene, device, hours(at)),
        Piece::Admitted(returned, inspected) => {
            let it = Admission {
                device: Some(device),
                person: Some(person()),
                line: line_id(),
                at: hours(4),
                returned,
                inspected,
            };
            scene.access.admit(&scene.world, &it);
        }
        Piece::Stranger => {
            let it = Admission {
                device: None,
                person: None,
                line: line_id(),
                at: hours(4),
                returned: false,
                inspected: true,
            };
            scene.access.admit(&scene.world, &it);
        }
        Piece::Lost => scene.access.lost(1),
    }
}

fn is_good(verdict: Verdict) -> bool {
    !verdict.is_open()
}

proptest! {
    #[test]
    fn without_a_guard_nothing_passes_and_a_failure_stays_one(
        pieces in proptest::collection::vec(piece(), 0..8),
        permitted in any::<bool>(),
        healthy in any::<bool>(),
    ) {
        let (mut scene, device) = office("C3I2A2");
        gateway(&mut scene, Some(device));
        if permitted {
            give(&mut scene, 1, off_site(device, "C3I2A2"), 41, until(9));
            give(&mut scene, 2, remote_access(device), 41, until(9));
            give(&mut scene, 3, connection(device), 41, until(9));
        }
        if healthy {
            scene.all_results(device, Outcome::Pass);
        }
        let mut failing: Vec<&str> = Vec::new();
        for piece in &pieces {
            put(&mut scene, device, *piece);
            let assessment = scene.assess();
            let of = |id: &str| row(&assessment, id).verdict.verdict;
            // What failed within the period goes on failing, whatever is seen besides.
            for id in &failing {
                prop_assert_eq!(of(id), Verdict::NotMet, "{} after {:?}", id, piece);
            }
            failing = ALL.into_iter().filter(|id| of(id) == Verdict::NotMet).collect();
            let seen = |wanted: fn(&Piece) -> bool| pieces.iter().any(wanted);
            if !seen(|it| matches!(it, Piece::Watched | Piece::Admitted(..) | Piece::Stranger)) {
                for id in [JOINED, SAFE, AGAIN] {
                    prop_assert!(!is_good(of(id)), "{}", id);
                }
            }
            if !seen(|it| matches!(it, Piece::Heard(false))) {
                prop_assert!(!is_good(of(PATH)));
                // Whoever asks and is not named guards nothing.
                let named = |it: &Piece| match it {
                    Piece::Asked(by) => *by == PROXY,
                    Piece::Allowed(_) => true,
                    _ => false,
                };
                if !seen(named) {
                    for id in [HANDLED, DESTINATION, LINES] {
                        prop_assert!(!is_good(of(id)), "{}", id);
                    }
                }
            }
            if !healthy || !permitted {
                prop_assert!(!is_good(of(DESTINATION)));
            }
        }
        // Nothing read: nothing passes.
        scene.access = AccessEvidence::default();
        for piece in &pieces {
            put(&mut scene, device, *piece);
        }
        for id in ALL {
            prop_assert!(!is_good(verdict(&scene, id).0), "{}", id);
        }
    }
}
