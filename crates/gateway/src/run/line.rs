//! What carries a plan out: packet filter, tunnel, and the memory of connections.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_tunnel::{Peer, PeerState, PublicKey, Tunnel};

use crate::conntrack::Conntrack;
use crate::error::GatewayError;
use crate::filter::{Filter, Timeouts};
use crate::plan::{Element, PlannedPeer};

/// What has to go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Cut {
    /// Elements of the filter.
    pub elements: Vec<Element>,
    /// Addresses that have no reach any more.
    pub unreached: Vec<IpAddr>,
    /// Peers that are no peers any more.
    pub peers: Vec<(WireGuardKey, IpAddr)>,
}

impl Cut {
    /// Whether nothing has to go.
    pub fn is_empty(&self) -> bool {
        self.elements.is_empty() && self.unreached.is_empty() && self.peers.is_empty()
    }

    /// Whose flows have all ended.
    fn without_reach(&self) -> BTreeSet<IpAddr> {
        let gone = self.peers.iter().map(|(_, address)| *address);
        gone.chain(self.unreached.iter().copied()).collect()
    }
}

/// What carries a plan out.
pub(crate) trait Line {
    /// Takes away, the packet filter first.
    fn cut(&mut self, cut: &Cut) -> Result<(), GatewayError>;

    /// Lets through for so long each, then makes the peers those given: none stands before what holds it off does.
    fn carry(
        &mut self,
        peers: &[(WireGuardKey, PlannedPeer)],
        elements: &Timeouts<Element>,
        addresses: &Timeouts<IpAddr>,
    ) -> Result<(), GatewayError>;

    /// Closes everything, by whatever means still work.
    fn close(&mut self) -> Result<(), GatewayError>;

    /// Puts the closed filter in place again, where it is gone. Where that cannot be done, no peer stands.
    fn restore(&mut self) -> Result<(), GatewayError>;
}

/// The real one.
pub(crate) struct SystemLine {
    pub filter: Arc<Filter>,
    pub tunnel: Arc<Tunnel>,
    pub conntrack: Conntrack,
    /// What the tunnel had counted when peers were last taken away.
    pub last_states: Option<Vec<PeerState>>,
    /// Whether peers may stand that no plan has: of before it was closed.
    pub unsettled: bool,
}

impl SystemLine {
    /// Takes all peers away.
    fn without_peers(&mut self) -> Result<(), GatewayError> {
        self.unsettled = true;
        self.tunnel.sync(&[])?;
        self.unsettled = false;
        Ok(())
    }

    /// Takes the peers away that are not these, before anybody's address is let through.
    fn settle(&mut self, peers: &[Peer]) -> Result<(), GatewayError> {
        if !self.unsettled {
            return Ok(());
        }
        let wanted: BTreeMap<PublicKey, &Peer> = peers.iter().map(|it| (it.key, it)).collect();
        let standing = self.tunnel.peers()?;
        let surplus = standing.iter().filter(|it| {
            let peer = wanted.get(&it.key);
            peer.is_none_or(|peer| peer.networks != it.networks)
        });
        let surplus: Vec<PublicKey> = surplus.map(|it| it.key).collect();
        // This is what the sessions of those that go came to.
        self.last_states = Some(standing);
        self.tunnel.remove(&surplus)?;
        self.unsettled = false;
        Ok(())
    }
}

fn tunnel_key(key: WireGuardKey) -> PublicKey {
    PublicKey::new(key.to_bytes())
}

impl Line for SystemLine {
    fn cut(&mut self, cut: &Cut) -> Result<(), GatewayError> {
        let keys: Vec<_> = cut.peers.iter().map(|(key, _)| tunnel_key(*key)).collect();
        // Whatever fails, the other still closes.
        let filtered = self.filter.cut(&cut.elements, &cut.unreached);
        if !keys.is_empty() {
            // Nothing passes any more: this is what their sessions came to.
            self.last_states = self.tunnel.peers().ok();
        }
        let removed = self.tunnel.remove(&keys);
        self.conntrack.forget(&cut.without_reach(), &cut.elements);
        filtered?;
        Ok(removed?)
    }

    fn carry(
        &mut self,
        peers: &[(WireGuardKey, PlannedPeer)],
        elements: &Timeouts<Element>,
        addresses: &Timeouts<IpAddr>,
    ) -> Result<(), GatewayError> {
        let peers: Vec<_> = peers
            .iter()
            .map(|(key, peer)| Peer {
                key: tunnel_key(*key),
                networks: vec![(peer.address, if peer.address.is_ipv4() { 32 } else { 128 })],
                endpoint: None,
                keepalive_seconds: None,
            })
            .collect();
        self.settle(&peers)?;
        self.filter.carry(elements, addresses)?;
        self.tunnel.sync(&peers)?;
        Ok(())
    }

    fn close(&mut self) -> Result<(), GatewayError> {
        let filtered = self.filter.close();
        let removed = self.without_peers();
        self.conntrack.forget_all();
        filtered?;
        removed
    }

    fn restore(&mut self) -> Result<(), GatewayError> {
        // With it everything is closed at once. Peers may stay then, so that their tunnels need not begin anew; the
        // next table says who does.
        self.unsettled = true;
        let restored = self.filter.restore();
        if restored.is_err() {
            // The first failure is the one to tell.
            let _ = self.without_peers();
        }
        // Without the filter anything may have passed.
        self.conntrack.forget_all();
        restored
    }
}
