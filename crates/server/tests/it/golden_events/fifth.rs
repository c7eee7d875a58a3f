//! Personnel moves: a list accepted, one taken back, one carried out with a line left out; another
//! table of holidays; a token of a program, issued and revoked.

use sekisho_domain::event::{BlobRef, Event, StoredEvent};
use sekisho_domain::id::{ApiTokenId, Fresh, MoveListId};
use sekisho_domain::moves::Skipped;
use sekisho_domain::name::Line;
use sekisho_domain::time::Interval;
use sekisho_domain::token::{Token, TokenHolder, TokenScope};
use sekisho_domain::working_day::Holidays;
use sekisho_ledger::digest::Digest;

use super::first::{at, founding, in_order, officer, people};

/// The kinds that came with moves, holidays and tokens.
pub const KINDS: &[(&str, u32)] = &[
    ("moves.accepted", 1),
    ("moves.withdrawn", 1),
    ("moves.carried-out", 1),
    ("holidays.replaced", 1),
    ("token.issued", 1),
    ("token.revoked", 1),
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

/// The national holidays of 2031.
const HOLIDAYS: &str = "2031-01-01\n2031-01-13\n2031-02-11\n2031-02-23\n2031-02-24\n2031-03-21\n\
2031-04-29\n2031-05-03\n2031-05-04\n2031-05-05\n2031-05-06\n2031-07-21\n2031-08-11\n2031-09-15\n\
2031-09-23\n2031-10-13\n2031-11-03\n2031-11-23\n2031-11-24\n";

fn holidays() -> Event {
    Event::HolidaysReplaced {
        holidays: Holidays::read(HOLIDAYS.as_bytes()).unwrap(),
        digest: Digest::of(HOLIDAYS.as_bytes()).to_string(),
    }
}

fn tokens() -> Vec<Event> {
    let id = ApiTokenId::new(Fresh([60; 16]));
    let token = Token {
        id,
        label: Line::parse("人事システム連携").unwrap(),
        holder: TokenHolder::Service,
        post: "pst_030c1g60r30c1g60r30c1g60r3".parse().unwrap(),
        issuer: officer(),
        scope: [TokenScope::Read, TokenScope::Organisation].into(),
        valid: Interval {
            from: at(0),
            until: Some(at(40_000)),
        },
    };
    vec![
        Event::TokenIssued { token },
        Event::TokenRevoked { token: id },
    ]
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
    let all = [founding(), people(), moves, vec![holidays()], tokens()].concat();
    in_order(all)
}
