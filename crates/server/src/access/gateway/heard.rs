//! When gateways were last heard, for those who judge.
//!
//! Whoever makes a table holds the desk and looks at the World meanwhile; whoever judges holds the World.
//! So what judging asks of gateways lies under a lock of its own, which nobody holds while he waits.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use sekisho_domain::id::GatewayId;
use sekisho_domain::time::Timestamp;
use sekisho_protocol::gateway::GatewayReport;
use sekisho_rules::access::GatewaySeen;

/// Whether a gateway says that it does not do what its tables say: it cannot carry out the last one, or refuses
/// what it is sent.
pub(super) const fn fails(report: &GatewayReport) -> bool {
    report.failing.is_some() || report.refused.is_some()
}

/// What was heard.
#[derive(Default)]
pub(super) struct Heard(Mutex<HashMap<GatewayId, GatewaySeen>>);

impl Heard {
    /// Notes that a gateway was heard.
    pub(super) fn note(&self, gateway: GatewayId, at: Timestamp) {
        self.change(gateway, |known| known.heard_at = Some(at));
    }

    /// Notes what a gateway said of itself.
    pub(super) fn said(&self, gateway: GatewayId, report: &GatewayReport, at: Timestamp) {
        self.change(gateway, |known| {
            known.heard_at = Some(at);
            known.reported_at = Some(at);
            known.failing = fails(report);
            known.forwards_others = report.forwards_others;
        });
    }

    /// Notes whether there is a table for a gateway.
    pub(super) fn listed(&self, gateway: GatewayId, listed: bool) {
        self.change(gateway, |known| known.listed = listed);
    }

    fn change(&self, gateway: GatewayId, change: impl FnOnce(&mut GatewaySeen)) {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        change(heard.entry(gateway).or_default());
    }

    /// What was heard of a gateway.
    pub(super) fn of(&self, gateway: GatewayId) -> GatewaySeen {
        let heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        heard.get(&gateway).copied().unwrap_or_default()
    }
}
