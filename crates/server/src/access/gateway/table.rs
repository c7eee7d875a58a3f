//! The access table of one gateway.

use std::collections::{BTreeMap, HashSet};
use std::net::IpAddr;

use sekisho_domain::id::{GatewayId, TunnelSessionId};
use sekisho_domain::net::{Network, Port, Transport};
use sekisho_domain::register::{Gateway, NetworkLine, System};
use sekisho_domain::time::Span;
use sekisho_domain::world::World;
use sekisho_protocol::access_table::{Protocol, REACH_MAX, Reach, TableContent, TablePeer};
use sekisho_protocol::gateway::CODE_HELLO_WANTED;
use sekisho_protocol::network::IpNetwork;
use sekisho_rules::decide::{Ground, Rulebook};

use super::reach::{Asked, Reached, asked};
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
    let reach = |tunnel: &Tunnelled| reach_of(&asked(book, ground, tunnel.person, tunnel.device));
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
                reach: reach(tunnel),
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
        network: wire(known.network),
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

/// A tunnel network that another gateway, a line or a system uses would lead packets astray.
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
    let systems = world
        .registers
        .nouns::<System>()
        .filter_map(|(_, it)| it.address.as_ref()?.as_str().parse().ok());
    let mut others = gateways.chain(lines).chain(systems);
    match others.find(|other| other.overlaps(network)) {
        Some(other) => Err(Unlisted::Overlaps(other)),
        None => Ok(()),
    }
}

/// What is reached by answers, in the form of a table.
pub(super) fn reach_of(asked: &[Asked]) -> Vec<Reach> {
    let reached = asked.iter().filter_map(Asked::reached);
    let mut reach: Vec<Reach> = reached.flat_map(lines_of).collect();
    reach.truncate(REACH_MAX);
    reach
}

fn lines_of(reached: Reached) -> impl Iterator<Item = Reach> {
    reached.ports.into_iter().map(move |port: Port| Reach {
        address: wire(reached.address),
        ends_at: reached.until,
        port: Some(port.number),
        protocol: match port.transport {
            Transport::Tcp => Protocol::Tcp,
            Transport::Udp => Protocol::Udp,
        },
        system: reached.system,
    })
}
