//! A tunnel that an officer cut off.

use sekisho_domain::access::{Cut, CutScope, CutTunnel};
use sekisho_domain::event::{Event, Sealed, StoredEvent};
use sekisho_domain::id::{DeviceId, Fresh, SystemId, TunnelSessionId};

use super::first::{founding, in_order, officer};

pub const KINDS: &[(&str, u32)] = &[("access.cut", 1)];

pub fn events() -> Vec<StoredEvent> {
    let tunnel = |n: u8| CutTunnel {
        session: TunnelSessionId::new(Fresh([n; 16])),
        person: officer(),
        device: DeviceId::new(Fresh([2; 16])),
    };
    let cut = |scope: CutScope, tunnels: Vec<CutTunnel>| Event::AccessCut {
        cut: Cut {
            scope,
            tunnels,
            reason: Sealed {
                person: officer(),
                key: "key".to_owned(),
                nonce: "nonce".to_owned(),
                ciphertext: "ciphertext".to_owned(),
            },
        },
    };
    let one = tunnel(5);
    let recorded = vec![
        cut(CutScope::Session(one.session), vec![one]),
        cut(CutScope::Person(officer()), vec![tunnel(6), tunnel(7)]),
        cut(
            CutScope::System(SystemId::new(Fresh([3; 16]))),
            vec![tunnel(8)],
        ),
    ];
    in_order([founding(), recorded].concat())
}
