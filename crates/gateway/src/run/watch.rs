//! What is to be told of the run: kept by the loop, read by whoever reports.

use std::collections::{BTreeMap, HashSet};

use sekisho_domain::id::TunnelSessionId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::gateway::{GatewayReport, SessionReport};
use sekisho_protocol::wireguard_key::WireGuardKey;
use sekisho_tunnel::PeerState;

use super::keeper::InForce;
use crate::clock::of_system;
use crate::filter::Counters;
use crate::lease::Reading;
use crate::plan::{Plan, PlannedPeer};
use crate::usage::Usage;

/// Most ended sessions that wait for a report; the oldest go first.
const ENDED_MAX: usize = 65_536;

/// What is known of the run.
pub(crate) struct Watched {
    run_began_at: Timestamp,
    sequence: Option<u64>,
    closes_at: Option<Timestamp>,
    refused: Option<String>,
    failing: Option<String>,
    forwards_others: bool,
    plan: Plan,
    usage: Usage,
    ended: Vec<SessionReport>,
    states: BTreeMap<WireGuardKey, PeerState>,
}

impl Watched {
    /// Of a run that begins now; `forwards_others` where the machine may forward past the tunnel.
    pub fn begin(now: Timestamp, forwards_others: bool) -> Self {
        Self {
            run_began_at: now,
            sequence: None,
            closes_at: None,
            refused: None,
            failing: None,
            forwards_others,
            plan: Plan::default(),
            usage: Usage::default(),
            ended: Vec::new(),
            states: BTreeMap::new(),
        }
    }

    /// A table was refused.
    pub fn refused(&mut self, code: &str) {
        self.refused = Some(code.to_owned());
    }

    /// Something could not be carried out.
    pub fn failing(&mut self, code: &str) {
        self.failing = Some(code.to_owned());
    }

    /// A table was taken and carried out.
    pub fn taken(&mut self) {
        self.refused = None;
        self.failing = None;
    }

    /// What is in force now, or nothing. Sessions that are no longer in it have ended.
    pub fn in_force(&mut self, in_force: Option<&InForce>, at: Reading) {
        self.sequence = in_force.map(|it| it.sequence);
        self.closes_at = in_force.map(|it| it.lease.ends_at(at));
        let none = Plan::default();
        let next = in_force.map_or(&none, |it| &it.plan);
        for (key, peer) in &self.plan.peers {
            if next.peers.get(key) != Some(peer) {
                let mut told = self.session(*key, *peer);
                told.ended_at = Some(at.wall);
                // Should it begin again, it counts from nothing, as its tunnel does.
                self.usage.forget(peer.session);
                self.ended.push(told);
            }
        }
        let surplus = self.ended.len().saturating_sub(ENDED_MAX);
        self.ended.drain(..surplus);
        self.plan.clone_from(next);
    }

    /// Takes in what tunnel and filter have counted.
    pub fn counted(&mut self, states: Vec<PeerState>, counters: &Counters) {
        self.usage.take(&counters.elements, &self.plan.elements);
        self.states_read(states);
    }

    /// Takes in what the tunnel has counted.
    pub fn states_read(&mut self, states: Vec<PeerState>) {
        let key = |state: PeerState| {
            let key = WireGuardKey::new(state.key.to_bytes()).ok()?;
            Some((key, state))
        };
        self.states = states.into_iter().filter_map(key).collect();
    }

    fn session(&self, key: WireGuardKey, peer: PlannedPeer) -> SessionReport {
        let state = self.states.get(&key);
        SessionReport {
            session: peer.session,
            ended_at: None,
            handshake_at: state.and_then(|it| it.handshake_at).map(of_system),
            endpoint: state.and_then(|it| it.endpoint),
            received_bytes: state.map_or(0, |it| it.received_bytes),
            sent_bytes: state.map_or(0, |it| it.sent_bytes),
            systems: self.usage.of(peer.session),
        }
    }

    /// The report of now.
    pub fn report(&self, now: Timestamp, dropped: u64) -> GatewayReport {
        let mut sessions = self.ended.clone();
        let standing = self.plan.peers.iter();
        sessions.extend(standing.map(|(key, peer)| self.session(*key, *peer)));
        GatewayReport {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            run_began_at: self.run_began_at,
            observed_at: now,
            sequence: self.sequence,
            closes_at: self.closes_at,
            refused: self.refused.clone(),
            failing: self.failing.clone(),
            forwards_others: Some(self.forwards_others),
            dropped_packets: dropped,
            sessions,
        }
    }

    /// A report was received: what it said of ended sessions need not be said again.
    pub fn received(&mut self, report: &GatewayReport) {
        let told: HashSet<(TunnelSessionId, Option<Timestamp>)> = report
            .sessions
            .iter()
            .map(|it| (it.session, it.ended_at))
            .collect();
        self.ended
            .retain(|it| !told.contains(&(it.session, it.ended_at)));
    }
}
