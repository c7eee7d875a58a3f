//! The access table of one gateway.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use sekisho_domain::id::{GatewayId, TunnelSessionId};
use sekisho_domain::net::{Network, Transport};
use sekisho_domain::register::places::Places;
use sekisho_domain::register::{Gateway, NetworkLine};
use sekisho_domain::time::Span;
use sekisho_domain::world::World;
use sekisho_protocol::access_table::{Protocol, Reach, SHARED_PLACE, TableContent, TablePeer};
use sekisho_protocol::gateway::CODE_HELLO_WANTED;
use sekisho_protocol::network::IpNetwork;
use sekisho_rules::decide::{Ground, Rulebook};

use super::reach::{Asked, Reached, asked, reached_by};
use super::tunnels::{Addresses, Tunnelled};

/// Why a gateway gets no table.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unlisted {
    /// The register names no such gateway in use.
    #[error("the register names no such gateway in use")]
    Unknown,
    /// It has not said since the server's start which key its tunnels have.
    #[error("it has not said hello")]
    NotGreeted,
    /// Its network of tunnels overlaps one that the register knows.
    #[error("the network of tunnels overlaps {0}")]
    Overlaps(Network),
}

impl Unlisted {
    /// The stable code.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unknown => "gateway.unknown",
            Self::NotGreeted => CODE_HELLO_WANTED,
            Self::Overlaps(_) => "gateway.network-overlaps",
        }
    }
}

/// The table of a gateway for the tunnels that stand, without its sequence: made from nothing.
///
/// # Errors
/// [`Unlisted`]; the gateway then hears nothing, and closes when its lease is over.
pub fn table_of(
    book: &Rulebook,
    ground: Ground<'_>,
    gateway: GatewayId,
    tunnels: &[Tunnelled],
    addresses: &mut Addresses,
) -> Result<TableContent, Unlisted> {
    let places = Places::of(ground.world);
    let reach = |tunnel: &Tunnelled| {
        let who = (tunnel.person, tunnel.device);
        reach_of(&places, &asked(book, ground, &places, who))
    };
    table_with(ground, gateway, tunnels, addresses, reach)
}

/// The same, of what the tunnels are known to reach.
///
/// # Errors
/// As [`table_of`].
pub fn table_with(
    ground: Ground<'_>,
    gateway: GatewayId,
    tunnels: &[Tunnelled],
    addresses: &mut Addresses,
    reach: impl Fn(&Tunnelled) -> Vec<Reach>,
) -> Result<TableContent, Unlisted> {
    let known = ground.world.registers.get::<Gateway>(gateway);
    let (_, known) = known
        .filter(|(entry, _)| entry.is_active())
        .ok_or(Unlisted::Unknown)?;
    refuse_overlaps(ground.world, gateway, known.network)?;
    let sessions: HashSet<TunnelSessionId> = tunnels.iter().map(|it| it.session).collect();
    addresses.keep(&sessions);
    let network = wire(known.network);
    // What was answered before the register moved may lie where the tunnels are now.
    let apart = |it: &Reach| !it.address.overlaps(network);
    let mut peers = BTreeMap::new();
    for tunnel in tunnels {
        // A network that is full leaves out who comes last; the others go on.
        let Ok(address) = addresses.of(known.network, tunnel.session) else {
            continue;
        };
        peers.insert(
            address,
            TablePeer {
                address: IpAddr::V4(address),
                key: tunnel.key,
                reach: reach(tunnel).into_iter().filter(apart).collect(),
                session: tunnel.session,
            },
        );
    }
    let lease = known.lease();
    Ok(TableContent {
        expires_at: ground.now.after(Span::seconds(lease)),
        gateway,
        gateway_address: IpAddr::V4(own_address(known.network)),
        issued_at: ground.now,
        lease_seconds: lease,
        network,
        peers: peers.into_values().collect(),
        sequence: 0,
    })
}

/// The gateway's own address inside its tunnels.
#[must_use]
pub fn own_address(network: Network) -> std::net::Ipv4Addr {
    // The register takes no network as small as that.
    network.at(1).unwrap_or_else(|| network.first())
}

/// The network in the form of the wire.
#[must_use]
pub fn wire(network: Network) -> IpNetwork {
    let text = network.to_string();
    text.parse()
        .unwrap_or_else(|_| unreachable!("{text} is a network in both forms"))
}

/// A tunnel network that another gateway or a line uses would lead packets astray. A system there is left out by
/// itself ([`Places`]).
fn refuse_overlaps(world: &World, gateway: GatewayId, network: Network) -> Result<(), Unlisted> {
    let gateways = world
        .registers
        .nouns::<Gateway>()
        .filter(|(entry, _)| entry.id != gateway.into())
        .map(|(_, it)| it.network);
    let lines = world
        .registers
        .nouns::<NetworkLine>()
        .flat_map(|(_, line)| {
            // What a remote access line is seen as may well be the tunnels themselves.
            let seen = line
                .seen_as
                .iter()
                .filter(|_| line.kind != sekisho_domain::register::line::LineKind::RemoteAccess);
            seen.filter_map(|seen| seen.as_str().parse().ok())
        });
    let mut others = gateways.chain(lines);
    match others.find(|other| other.overlaps(network)) {
        Some(other) => Err(Unlisted::Overlaps(other)),
        None => Ok(()),
    }
}

/// What is reached by answers, in the form of a table, and all of it: what is too much is cut where a table is
/// brought within its bounds.
pub(super) fn reach_of(places: &Places, asked: &[Asked]) -> Vec<Reach> {
    reached_by(places, asked).iter().map(line_of).collect()
}

/// A place that is reached, as an entry of a table.
pub(super) fn line_of(reached: &Reached) -> Reach {
    Reach {
        address: wire(reached.address),
        ends_at: reached.until,
        port: Some(reached.port.number),
        protocol: match reached.port.transport {
            Transport::Tcp => Protocol::Tcp,
            Transport::Udp => Protocol::Udp,
        },
        system: match reached.systems[..] {
            [system] => system,
            // What passes there is counted for none of them.
            _ => SHARED_PLACE,
        },
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::field::{Noun, Value, Values};
    use sekisho_domain::id::{DeviceId, Fresh, PersonId, PostId, SystemId};
    use sekisho_domain::register::System;
    use sekisho_domain::time::Timestamp;
    use sekisho_rules::decide::{Allowed, Decision, Denied};

    use super::super::reach::through_a_tunnel;
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_800_000_000_000);

    fn system(address: &str) -> System {
        let text = |text: &str| Value::Text(text.to_owned());
        let values = [
            ("name", text("s")),
            ("officer", text(&PostId::new(Fresh([9; 16])).to_string())),
            ("highest", text("C2I2A2")),
            ("host", text("own_premises")),
            ("address", text(address)),
            ("ports", Value::Many(vec!["443/tcp".to_owned()])),
        ];
        let values: Values = values.map(|(code, it)| (code.to_owned(), it)).into();
        System::read(&values).unwrap()
    }

    fn id(number: u8) -> SystemId {
        SystemId::new(Fresh([number; 16]))
    }

    /// An answer about a system: until so many seconds from now, or refused.
    fn answer(number: u8, seconds: Option<u32>) -> Asked {
        let (person, device) = (PersonId::new(Fresh([3; 16])), DeviceId::new(Fresh([4; 16])));
        let allowed = seconds.map(|seconds| Allowed {
            permits: Vec::new(),
            restrictions: Vec::new(),
            until: Some(NOW.after(Span::seconds(seconds))),
            permits_until: None,
            declared: false,
        });
        Asked {
            system: id(number),
            question: through_a_tunnel(person, device, id(number)),
            decision: allowed.map_or_else(
                || Decision::Deny(Denied::Missing(Vec::new())),
                Decision::Allow,
            ),
        }
    }

    #[test]
    fn a_shared_place_is_in_the_table_while_all_that_stand_there_are_allowed_and_for_none_of_them()
    {
        let all = [system("192.0.2.10"), system("192.0.2.0/24")];
        let places = Places::among((1..).map(id).zip(&all), &[]);
        let there = "192.0.2.10".parse().unwrap();
        let at = |asked: &[Asked]| {
            let reach = reach_of(&places, asked);
            let mut at = reach.into_iter().filter(|it| it.address.overlaps(there));
            let found = at.next().map(|it| (it.system, it.ends_at));
            assert!(at.next().is_none());
            found
        };
        for asked in [
            vec![answer(1, Some(60))],
            vec![answer(2, Some(60))],
            vec![answer(1, Some(60)), answer(2, None)],
            vec![answer(1, None), answer(2, Some(60))],
        ] {
            assert_eq!(at(&asked), None, "{asked:?}");
        }
        let both = [answer(1, Some(60)), answer(2, Some(20))];
        let until = NOW.after(Span::seconds(20));
        assert_eq!(at(&both), Some((SHARED_PLACE, Some(until))));
        // What else the wide one has is its own, whatever becomes of the other.
        for asked in [&both[..], &both[1..]] {
            let reach = reach_of(&places, asked);
            let own = reach.iter().filter(|it| it.system == id(2));
            let size = |it: &Reach| 1_u32 << (32 - it.address.prefix());
            assert_eq!(own.map(size).sum::<u32>(), 255);
        }
    }
}
