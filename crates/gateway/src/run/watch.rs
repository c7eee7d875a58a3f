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
use crate::usage::{Usage, grown};

/// Most ended sessions that wait for a report; the oldest go first.
const ENDED_MAX: usize = 65_536;

/// What a run is told of its machine, and tells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Machine {
    /// Whether it may forward past the tunnel.
    pub forwards_others: bool,
    /// The UDP port of its tunnels where that is the one that the server named; none where another was asked for.
    pub listen_port: Option<u16>,
}

/// What is known of the run.
pub(crate) struct Watched {
    run_began_at: Timestamp,
    sequence: Option<u64>,
    closes_at: Option<Timestamp>,
    refused: Option<String>,
    failing: Option<String>,
    /// When the filter was last found gone.
    filter_gone_at: Option<Timestamp>,
    machine: Machine,
    plan: Plan,
    usage: Usage,
    /// Packets dropped: as the counter said last, and in all.
    dropped: (u64, u64),
    ended: Vec<SessionReport>,
    states: BTreeMap<WireGuardKey, PeerState>,
    /// The number of the reading that is taken in next. One that began under another is of before.
    reading: u64,
}

impl Watched {
    /// Of a run that begins now.
    pub fn begin(now: Timestamp, machine: Machine) -> Self {
        Self {
            run_began_at: now,
            sequence: None,
            closes_at: None,
            refused: None,
            failing: None,
            filter_gone_at: None,
            machine,
            plan: Plan::default(),
            usage: Usage::default(),
            dropped: (0, 0),
            ended: Vec::new(),
            states: BTreeMap::new(),
            reading: 0,
        }
    }

    /// A table was refused.
    pub fn refused(&mut self, code: &str) {
        self.refused = Some(code.to_owned());
    }

    /// Something could not be carried out. Whether that is news.
    pub fn failing(&mut self, code: &str) -> bool {
        let news = self.failing.as_deref() != Some(code);
        self.failing = Some(code.to_owned());
        news
    }

    /// The filter was found gone. Where it is put back, its counters begin anew.
    pub fn filter_gone(&mut self, now: Timestamp) {
        self.filter_gone_at = Some(now);
        self.elements_replaced();
        self.dropped.0 = 0;
    }

    /// All elements of the filter were replaced: their counters have begun anew.
    pub fn elements_replaced(&mut self) {
        self.usage.begin_anew();
        self.reading += 1;
    }

    /// A table was taken and carried out. Whether that is news.
    pub fn taken(&mut self) -> bool {
        self.refused = None;
        self.failing.take().is_some()
    }

    /// What is in force now, or nothing. Sessions that are no longer in it have ended. Where nothing is and the peers
    /// stay in the tunnel all the same, their sessions stand, as their tunnels do and count on: who of them ends, the
    /// next table says.
    pub fn in_force(&mut self, in_force: Option<&InForce>, peers_stay: bool, at: Reading) {
        self.sequence = in_force.map(|it| it.sequence);
        self.closes_at = in_force.map(|it| it.lease.ends_at(at));
        let next = match in_force {
            Some(it) => it.plan.clone(),
            None if peers_stay => Plan {
                peers: self.plan.peers.clone(),
                elements: BTreeMap::new(),
            },
            None => Plan::default(),
        };
        for (key, peer) in &self.plan.peers {
            if next.peers.get(key) != Some(peer) {
                let mut told = self.session(*key, *peer);
                told.ended_at = Some(at.wall);
                // Should it begin again, it counts from nothing, as its tunnel does.
                self.usage.forget(peer.session);
                self.states.remove(key);
                self.ended.push(told);
            }
        }
        let surplus = self.ended.len().saturating_sub(ENDED_MAX);
        self.ended.drain(..surplus);
        self.plan = next;
    }

    /// The number under which a reading of what tunnel and filter have counted begins.
    pub const fn reading(&self) -> u64 {
        self.reading
    }

    /// Takes in what tunnel and filter have counted, as it was read since the reading began under that number. Where
    /// another was taken in or counters began anew meanwhile, it may be of before, and would be added once more: it is
    /// left alone, and the next one tells.
    pub fn counted(&mut self, begun: u64, states: Vec<PeerState>, counters: &Counters) {
        if begun != self.reading {
            return;
        }
        self.reading += 1;
        self.usage.take(&counters.elements, &self.plan.elements);
        self.dropped.1 += grown(self.dropped.0, counters.dropped);
        self.dropped.0 = counters.dropped;
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

    /// The report of now. `uncounted` is the code of what keeps it from being counted what passes: then it says what
    /// was counted last, and that it fails.
    pub fn report(&self, now: Timestamp, uncounted: Option<&str>) -> GatewayReport {
        let failing = self.failing.as_deref().or(uncounted);
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
            failing: failing.map(str::to_owned),
            filter_gone_at: self.filter_gone_at,
            forwards_others: Some(self.machine.forwards_others),
            listen_port: self.machine.listen_port,
            dropped_packets: self.dropped.1,
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

#[cfg(test)]
mod tests;
