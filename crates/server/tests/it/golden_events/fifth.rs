//! Personnel moves: a list accepted, one taken back, one carried out with a line left out.

use sekisho_domain::actor::Actor;
use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::{Fresh, MoveListId};
use sekisho_domain::moves::Skipped;
use sekisho_ledger::digest::Digest;

use super::first::{at, founding, officer, people};

/// The kinds that came with the moves.
pub const KINDS: &[(&str, u32)] = &[
    ("moves.accepted", 1),
    ("moves.withdrawn", 1),
    ("moves.carried-out", 1),
];

/// The lines of both lists.
pub const LINES: &str = "{\"kind\":\"acting\",\"person\":\"psn_01040g2081040g2081040g2081\",\
\"to\":\"pst_030c1g60r30c1g60r30c1g60r3\",\"appointment\":\"apt_0z3rfhy7wzhz3zky7wzhz3zky7\"}\n\
{\"kind\":\"leave\",\"person\":\"psn_01040g2081040g2081040g2081\"}\n";

fn list(byte: u8) -> MoveListId {
    MoveListId::new(Fresh([byte; 16]))
}

fn accepted(byte: u8) -> Event {
    Event::MovesAccepted {
        list: list(byte),
        at: at(40),
        document: BlobRef {
            blob: Digest::of(LINES.as_bytes()).to_string(),
            size: LINES.len() as u64,
        },
        lines: 2,
    }
}

/// The golden events, in order.
pub fn events() -> Vec<StoredEvent> {
    let skipped = Skipped {
        line: 1,
        code: "person.left".to_owned(),
    };
    let moves = vec![
        accepted(50),
        accepted(51),
        Event::MovesWithdrawn { list: list(50) },
        Event::MovesCarriedOut {
            list: list(51),
            through: 2,
            skipped: vec![skipped],
        },
    ];
    let all = [founding(), people(), moves].concat();
    all.into_iter()
        .enumerate()
        .map(|(place, event)| StoredEvent {
            actor: Actor::person(officer()),
            recorded_at: at(i64::try_from(place).unwrap()),
            effective_from: None,
            event,
        })
        .collect()
}
