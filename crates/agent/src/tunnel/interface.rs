//! The interface of a granted tunnel: made once, then brought in step with what is granted.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, ToSocketAddrs, UdpSocket};

use base64ct::{Base64, Encoding};
use sekisho_domain::time::Timestamp;
use sekisho_protocol::network::IpNetwork;
use sekisho_protocol::tunnel::TunnelPlace;
use sekisho_tunnel::{Config, InterfaceName, Peer, PrivateKey, PublicKey, Tunnel};

use crate::error::AgentError;
use crate::run::of_system;

/// Seconds between packets that keep the line open through address translation, as WireGuard
/// recommends.
pub(super) const KEEPALIVE: u16 = 25;
/// Most networks that are sent into the tunnel.
const NETWORKS_MAX: usize = 4096;

/// The shortest prefix that is sent into the tunnel, as the register takes no shorter one for a system.
const SHORTEST_PREFIX: u8 = 8;
/// Blocks that are never sent into the tunnel: "this network", loopback, link-local, multicast, and the reserved
/// ones with the broadcast address (RFC 6890).
const KEPT_OUT: [&str; 8] = [
    "0.0.0.0/8",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "::/127",
    "fe80::/10",
    "ff00::/8",
];

/// A tunnel that is up.
pub(super) struct Interface {
    tunnel: Tunnel,
    place: TunnelPlace,
}

impl Interface {
    /// Brings it up, on a local UDP port where one is given.
    pub fn up(
        name: &InterfaceName,
        key: &PrivateKey,
        place: &TunnelPlace,
        port: Option<u16>,
    ) -> Result<Self, AgentError> {
        let peer = peer_of(place)?;
        let config = Config {
            name: name.clone(),
            address: place.address,
            prefix: if place.address.is_ipv4() { 32 } else { 128 },
            listen_port: port,
            mtu: Config::MTU,
        };
        let tunnel = Tunnel::open(&config, key)?;
        tunnel.sync(std::slice::from_ref(&peer))?;
        tunnel.route(std::slice::from_ref(&peer))?;
        Ok(Self {
            tunnel,
            place: place.clone(),
        })
    }

    /// Brings it in step with what is granted now. `false` where it has to be made anew: its address is
    /// another one, or networks have gone, whose routes go with the interface.
    pub fn follow(&mut self, place: &TunnelPlace) -> Result<bool, AgentError> {
        if *place == self.place {
            return Ok(true);
        }
        let gone = |network: &String| !carried(place).contains(network);
        if place.address != self.place.address || carried(&self.place).iter().any(gone) {
            return Ok(false);
        }
        let peer = peer_of(place)?;
        self.tunnel.sync(std::slice::from_ref(&peer))?;
        self.tunnel.route(std::slice::from_ref(&peer))?;
        self.place = place.clone();
        Ok(true)
    }

    /// The last handshake with the gateway, by this device's clock; none before the first.
    pub fn handshake_at(&self) -> Result<Option<Timestamp>, AgentError> {
        let peers = self.tunnel.peers()?;
        let last = peers.iter().filter_map(|peer| peer.handshake_at).max();
        Ok(last.map(of_system))
    }
}

/// A local UDP port that nothing uses; none where none can be found, and then any will do.
pub(super) fn free_port() -> Option<u16> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    Some(socket.local_addr().ok()?.port())
}

fn unusable(detail: &str) -> AgentError {
    AgentError::Grant {
        detail: detail.to_owned(),
    }
}

fn peer_of(place: &TunnelPlace) -> Result<Peer, AgentError> {
    let mut key = [0; 32];
    let read = Base64::decode(&place.public_key, &mut key).map_err(|_| unusable("public_key"))?;
    if read.len() != 32 {
        return Err(unusable("public_key"));
    }
    let endpoint = endpoint(&place.endpoint)?;
    Ok(Peer {
        key: PublicKey::new(key),
        networks: networks(carried(place), endpoint.ip()),
        endpoint: Some(endpoint),
        keepalive_seconds: Some(KEEPALIVE),
    })
}

fn endpoint(text: &str) -> Result<SocketAddr, AgentError> {
    let mut found = text.to_socket_addrs().map_err(|_| unusable(text))?;
    found.next().ok_or_else(|| unusable(text))
}

/// What of a grant is sent into the tunnel at most: the first of its networks.
fn carried(place: &TunnelPlace) -> &[String] {
    let most = place.networks.len().min(NETWORKS_MAX);
    &place.networks[..most]
}

/// How many networks of a grant are too many and left out, where any are. The rest is carried out.
pub(super) fn beyond(place: &TunnelPlace) -> Option<usize> {
    let beyond = place.networks.len() - carried(place).len();
    (beyond > 0).then_some(beyond)
}

/// The networks, without those in which the gateway's own outer address lies: their packets would
/// enter the tunnel that they carry. One that no system can have is left out, and the others are carried out.
fn networks(texts: &[String], outer: IpAddr) -> Vec<(IpAddr, u8)> {
    let networks = texts.iter().filter_map(|text| usable(text));
    let networks = networks.filter(|network| !network.contains(outer));
    networks.map(|it| (it.address(), it.prefix())).collect()
}

/// A network whose packets may be sent into the tunnel: neither all addresses at once nor so many that the
/// device's own way to the internet would go with them, and none of the device itself or of its link, whoever
/// grants it.
fn usable(text: &str) -> Option<IpNetwork> {
    let network: IpNetwork = text.parse().ok()?;
    let overlaps = |block: &str| {
        let block = block.parse::<IpNetwork>();
        block.is_ok_and(|it| it.overlaps(network))
    };
    let taken = network.prefix() >= SHORTEST_PREFIX && !KEPT_OUT.into_iter().any(overlaps);
    taken.then_some(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_can_be_carried_out_is_taken() {
        let outer = "192.0.2.1".parse().unwrap();
        let taken = |texts: &[&str]| {
            let texts: Vec<String> = texts.iter().map(|it| (*it).to_owned()).collect();
            networks(&texts, outer)
        };
        let inner = ("198.51.100.0".parse().unwrap(), 24);
        assert_eq!(taken(&["198.51.100.0/24", "192.0.2.0/24"]), [inner]);
        // Such a one is left out, and the rest of the grant is carried out.
        for wrong in [
            "0.0.0.0/0",
            "128.0.0.0/1",
            "0.0.0.0",
            "127.0.0.1",
            "169.254.0.0/16",
            "224.0.0.1",
            "255.255.255.255",
            "::/0",
            "::1",
            "fe80::1",
            "nonsense",
            "198.51.100.0/33",
        ] {
            let grant = ["198.51.100.0/24", wrong];
            assert_eq!(taken(&grant), [inner], "{wrong}");
        }
        for wrong in ["192.0.2.1", "192.0.2.1:x", ""] {
            assert!(endpoint(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_grant_of_too_many_networks_is_carried_out_but_for_the_last_and_tells_how_many() {
        let place = |count: u32| TunnelPlace {
            address: "10.90.0.7".parse().unwrap(),
            endpoint: "192.0.2.1:51820".to_owned(),
            public_key: Base64::encode_string(&[1; 32]),
            networks: (0..count)
                .map(|it| format!("{}/32", Ipv4Addr::from_bits(0x0a01_0000 + it)))
                .collect(),
        };
        let most = u32::try_from(NETWORKS_MAX).unwrap();
        for (count, expected) in [(1, None), (most, None), (most + 3, Some(3))] {
            let place = place(count);
            assert_eq!(beyond(&place), expected);
            let peer = peer_of(&place).expect("no grant ends a session by how much it names");
            let last = place.networks[peer.networks.len() - 1].clone();
            assert_eq!(peer.networks.len(), count.min(most) as usize);
            assert_eq!(format!("{}/32", peer.networks.last().unwrap().0), last);
        }
    }
}
