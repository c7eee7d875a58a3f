//! What has to change so that the peers that are there become those that should be.

use std::collections::BTreeMap;

use crate::key::PublicKey;
use crate::peer::{Peer, PeerState};

/// The peers that were removed and added. One that was changed stands in both: implementations
/// do not all change a peer that is there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Removed.
    pub removed: Vec<PublicKey>,
    /// Added.
    pub added: Vec<PublicKey>,
}

/// The keys to remove, then the peers to add.
pub(crate) fn reconcile<'a>(
    is: &[PeerState],
    should_be: &'a [Peer],
) -> (Vec<PublicKey>, Vec<&'a Peer>) {
    // Of two with one key the later counts.
    let wished: BTreeMap<PublicKey, &Peer> = should_be.iter().map(|it| (it.key, it)).collect();
    let mut missing = wished.clone();
    let mut remove = Vec::new();
    for state in is {
        match wished.get(&state.key) {
            Some(peer) if peer.is_met_by(state) => {
                missing.remove(&state.key);
            }
            _ => remove.push(state.key),
        }
    }
    (remove, missing.into_values().collect())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use super::*;

    fn peer(number: u8, address: u8) -> Peer {
        Peer {
            key: PublicKey::new([number; 32]),
            networks: vec![(IpAddr::from([10, 9, 0, address]), 32)],
            endpoint: None,
            keepalive_seconds: None,
        }
    }

    fn state(peer: &Peer) -> PeerState {
        PeerState {
            key: peer.key,
            networks: peer.networks.clone(),
            endpoint: "192.0.2.1:9".parse().ok(),
            keepalive_seconds: Some(0),
            handshake_at: None,
            received_bytes: 1,
            sent_bytes: 1,
        }
    }

    #[test]
    fn only_what_differs_changes() {
        let is = [state(&peer(1, 1)), state(&peer(2, 2)), state(&peer(3, 3))];
        let should_be = [peer(1, 1), peer(2, 9), peer(4, 3)];
        let (remove, add) = reconcile(&is, &should_be);
        assert_eq!(remove, [peer(2, 2).key, peer(3, 3).key]);
        assert_eq!(add, [&peer(2, 9), &peer(4, 3)]);
        let now: Vec<_> = should_be.iter().map(state).collect();
        assert_eq!(reconcile(&now, &should_be), (vec![], vec![]));
    }
}
