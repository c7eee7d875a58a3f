//! The addresses of tunnels: each session has one for as long as it lasts, and no two the same.

use std::collections::{HashMap, HashSet};
use std::net::Ipv4Addr;

use sekisho_domain::id::{DeviceId, PersonId, TunnelSessionId};
use sekisho_domain::net::Network;
use sekisho_protocol::wireguard_key::WireGuardKey;

/// A tunnel in which device and person are together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tunnelled {
    /// The session.
    pub session: TunnelSessionId,
    /// The device.
    pub device: DeviceId,
    /// The person.
    pub person: PersonId,
    /// The device's key of WireGuard.
    pub key: WireGuardKey,
}

/// Every address of the network is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("every address of the tunnel network is taken")]
pub struct AddressesFull;

/// The addresses of one gateway's tunnels.
#[derive(Debug, Default)]
pub struct Addresses {
    of: HashMap<TunnelSessionId, Ipv4Addr>,
    taken: HashSet<Ipv4Addr>,
}

impl Addresses {
    /// The address of a session: the one that it has, else the first free one from a place that
    /// follows from its id, so that after a restart most get theirs again.
    ///
    /// # Errors
    /// [`AddressesFull`].
    pub fn of(
        &mut self,
        network: Network,
        session: TunnelSessionId,
    ) -> Result<Ipv4Addr, AddressesFull> {
        if let Some(known) = self.of.get(&session).filter(|it| network.contains(**it)) {
            return Ok(*known);
        }
        // Without the network's own address, the gateway's and the last one.
        let room = u32::try_from(network.size().saturating_sub(3)).unwrap_or(u32::MAX);
        let bytes = session.to_bytes();
        let start = u32::from_be_bytes([bytes[12], bytes[13], bytes[14], bytes[15]]);
        for step in 0..room {
            let place = 2 + start.wrapping_add(step) % room;
            if let Some(address) = network.at(place).filter(|it| !self.taken.contains(it)) {
                self.give(session, address);
                return Ok(address);
            }
        }
        Err(AddressesFull)
    }

    fn give(&mut self, session: TunnelSessionId, address: Ipv4Addr) {
        if let Some(before) = self.of.insert(session, address) {
            self.taken.remove(&before);
        }
        self.taken.insert(address);
    }

    /// Frees the addresses of sessions that are no longer there.
    pub fn keep(&mut self, sessions: &HashSet<TunnelSessionId>) {
        let taken = &mut self.taken;
        self.of.retain(|session, address| {
            let stays = sessions.contains(session);
            if !stays {
                taken.remove(address);
            }
            stays
        });
    }
}

#[cfg(test)]
mod tests {
    use sekisho_domain::id::Fresh;

    use super::*;

    fn session(n: u32) -> TunnelSessionId {
        let mut bytes = [7; 16];
        bytes[12..].copy_from_slice(&n.to_be_bytes());
        TunnelSessionId::new(Fresh(bytes))
    }

    #[test]
    fn addresses_are_kept_unique_and_come_free_again() {
        let network: Network = "10.90.0.0/28".parse().unwrap();
        let mut addresses = Addresses::default();
        let given: Vec<_> = (0..13)
            .map(|n| addresses.of(network, session(n * 13)).unwrap())
            .collect();
        let distinct: HashSet<_> = given.iter().collect();
        assert_eq!(distinct.len(), 13);
        // Neither the network's own, nor the gateway's, nor the last.
        for reserved in [0, 1, 15] {
            assert!(!given.contains(&network.at(reserved).unwrap()));
        }
        assert_eq!(addresses.of(network, session(99)), Err(AddressesFull));
        assert_eq!(addresses.of(network, session(13)), Ok(given[1]));
        addresses.keep(&HashSet::from([session(13)]));
        assert_eq!(addresses.of(network, session(13)), Ok(given[1]));
        assert!(addresses.of(network, session(99)).is_ok());
    }
}
